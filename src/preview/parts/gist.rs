//! What a part is for, from the kinds of what changes in it: few things by their names, many by what they are.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::kinds::{self, Section, noun};
use crate::preview::notice::every;
use crate::preview::{Change, Preview};

/// As many as a title names one by one.
const NAMED: usize = 2;
/// As many of one type as it names.
const ALIKE: usize = 4;

/// `node groups batch, general`, or `the VPC, 9 subnets, routes, the cluster and roles`: in the order in which a deployment's picture
/// shows them.
pub fn of(ids: &[String], preview: &Preview) -> String {
    let names: Vec<String> = ids.iter().map(|id| preview.name(id)).collect();
    let changes: Vec<&Change> = ids.iter().filter_map(|id| preview.change(id)).collect();
    let types: BTreeSet<&str> = changes.iter().map(|change| change.kind.as_str()).collect();
    if ids.len() <= NAMED || changes.len() < ids.len() {
        return joined(&names);
    }
    if types.len() == 1 && ids.len() <= ALIKE {
        return every(ids, &|id| preview.name(id));
    }
    let mut sections: BTreeMap<Section, Vec<&Change>> = BTreeMap::new();
    for change in changes {
        sections.entry(kinds::section(&change.kind)).or_default().push(change);
    }
    let phrases: Vec<String> =
        sections.into_iter().map(|(section, own)| phrase(section, &own, preview)).collect();
    joined(&phrases)
}

/// What changes in one section.
fn phrase(section: Section, changes: &[&Change], preview: &Preview) -> String {
    let types: BTreeSet<&str> = changes.iter().map(|change| change.kind.as_str()).collect();
    if let [one] = changes {
        return preview.name(&one.id);
    }
    let mut types_in_order = types.iter();
    if let (Some(only), None) = (types_in_order.next(), types_in_order.next()) {
        return format!("{} {}", changes.len(), plural(&noun(only)));
    }
    let count = |name: &str| changes.iter().filter(|change| change.kind == name).count();
    match section {
        Section::Vpc if types.contains("AWS::EC2::VPC") => "the VPC".to_string(),
        Section::Vpc => "parts of the VPC".to_string(),
        Section::Subnets => match count("AWS::EC2::Subnet") {
            0 => "routes and associations of subnets".to_string(),
            1 => "a subnet with its routes and associations".to_string(),
            many => format!("{many} subnets"),
        },
        Section::Routes => "routes and gateways".to_string(),
        Section::RolesAndRules => "roles and rules".to_string(),
        Section::Cluster if types.contains("AWS::EKS::Cluster") => "the cluster".to_string(),
        Section::Cluster => "access to the cluster".to_string(),
        Section::Addons => "add-ons".to_string(),
        Section::NodeGroups => match count("AWS::EKS::Nodegroup") {
            0 => "launch templates of node groups".to_string(),
            1 => "a node group".to_string(),
            many => format!("{many} node groups"),
        },
        Section::Rest => "alarms and queues".to_string(),
    }
}

/// `a, b and c`
fn joined(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

fn plural(noun: &str) -> String {
    match noun.strip_suffix('y').filter(|rest| rest.ends_with(|letter| !"aeiou".contains(letter))) {
        Some(rest) => format!("{rest}ies"),
        None => format!("{noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_noun_has_its_plural() {
        assert_eq!(
            ["network ACL entry", "SQS policy", "gateway", "subnet"].map(plural),
            ["network ACL entries", "SQS policies", "gateways", "subnets"]
        );
    }
}
