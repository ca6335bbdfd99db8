//! A rung written into a blueprint that is there: lines are added, and none of its author's is changed but by what it says more. What the
//! edit comes to is read again, and given up where it is not what was meant.

use crate::blueprint::model::{self, Use, VpcRange};
use crate::blueprint::{self, Blueprint, Document};
use crate::diagnostic::any_error;
use crate::observed::Survey;

use super::{Rung, starter};

/// A rung to be written.
#[derive(Clone, Copy, Debug)]
pub struct Wording<'r> {
    pub rung: Rung,
    /// A range that is free.
    pub range: Option<&'r str>,
    /// By what aws-node is set up, where it is not by its add-on.
    pub management: Option<&'static str>,
}

impl<'r> Wording<'r> {
    pub fn of(survey: &Survey, rung: Rung, range: Option<&'r str>) -> Self {
        let management = starter::is_without_addon(survey).then_some("selfManaged");
        Self { rung, range, management }
    }
}

/// What is added.
struct Addition {
    range: Option<String>,
    tier: Option<(String, &'static str)>,
    aws_node: Vec<(&'static str, &'static str)>,
    node_group: Option<String>,
}

/// The text with a rung in it; `None` where no line can be added that says it, or the blueprint says it already.
pub fn edited(document: &Document, wording: &Wording<'_>) -> Option<String> {
    let own = &document.blueprint;
    let addition = addition(own, wording)?;
    let mut lines: Vec<String> = document.source.text.lines().map(str::to_string).collect();
    if let Some(range) = addition.range.as_ref().filter(|range| !has_range(own, range)) {
        add_range(&mut lines, range)?;
    }
    if let Some(item) = tier_item(own, &addition) {
        add_item(&mut lines, "tiers", &item)?;
    }
    for (key, value) in addition.settings() {
        set(&mut lines, "awsNode", (key, &value))?;
    }
    if let Some(item) = &addition.node_group {
        add_item(&mut lines, "nodeGroups", item)?;
    }
    let text = lines.join("\n") + "\n";
    is_meant(document, &text, &addition).then_some(text)
}

/// What the rung adds, for an author who writes it; `None` for a rung that no blueprint says.
pub fn words(document: &Document, wording: &Wording<'_>) -> Option<String> {
    let own = &document.blueprint;
    let addition = addition(own, wording)?;
    let mut words = Vec::new();
    if let Some(range) = addition.range.as_ref().filter(|range| !has_range(own, range)) {
        words.push(format!("`{range}` in `vpc.secondaryCidrs`"));
    }
    if let Some(item) = tier_item(own, &addition) {
        words.push(format!("`{item}` in `tiers`"));
    }
    words.extend(addition.settings().map(|(key, value)| format!("`{key}: {value}` in `awsNode`")));
    words.extend(addition.node_group.iter().map(|item| format!("`{item}` in `nodeGroups`")));
    Some(words.join(", "))
}

fn tier_item(own: &Blueprint, addition: &Addition) -> Option<String> {
    let (name, serves) = addition.tier.as_ref()?;
    let from = addition.range.as_deref()?;
    let way = node_tier(own).map_or("nat".to_string(), |name| format!("{{ like: {name} }}"));
    Some(format!("{{ name: {name}, size: /18, from: {from}, serves: [{serves}], egress: {way} }}"))
}

impl Addition {
    /// Keys of `awsNode` with their values.
    fn settings(&self) -> impl Iterator<Item = (&'static str, String)> {
        let tier = self.tier.as_ref().map_or("", |(name, _)| name);
        self.aws_node.iter().map(move |(key, value)| (*key, value.replace("TIER", tier)))
    }
}

fn addition(own: &Blueprint, wording: &Wording<'_>) -> Option<Addition> {
    let Wording { rung, range, management } = *wording;
    let mut addition = Addition { range: None, tier: None, aws_node: Vec::new(), node_group: None };
    let moves = [Rung::SubnetDiscovery, Rung::CustomNetworking, Rung::NodesInNewSubnets];
    if moves.contains(&rung) {
        addition.range = Some(range?.to_string());
        let (stem, serves) = match rung {
            Rung::NodesInNewSubnets => ("new-nodes", "nodes"),
            _ => ("new-pods", "pods"),
        };
        let tiers = || own.tiers.iter().flatten();
        let is_free = |name: &str| tiers().all(|tier| tier.name != name);
        let numbered = (2..).map(|number| format!("{stem}-{number}"));
        let name = std::iter::once(stem.to_string()).chain(numbered).find(|name| is_free(name))?;
        addition.tier = Some((name, serves));
    }
    match rung {
        Rung::WarmPool => addition.aws_node = vec![("warm", "{ ips: 2 }")],
        Rung::PrefixDelegation => addition.aws_node = vec![("prefixDelegation", "true")],
        Rung::SubnetDiscovery => addition.aws_node = vec![("subnetDiscovery", "true")],
        Rung::CustomNetworking => addition.aws_node = vec![("customNetworking", "{ tier: TIER }")],
        Rung::NodesInNewSubnets => {
            let (name, _) = addition.tier.as_ref()?;
            addition.node_group = Some(format!(
                "{{ name: rescue, tier: {name}, instanceTypes: [m6i.xlarge], scaling: {{ min: 1, desired: 1, max: 10 }} }}"
            ));
        }
        Rung::LeakedInterfaces | Rung::NewCluster => return None,
    }
    let is_open = own.aws_node.as_ref().is_none_or(|own| own.management.is_none());
    if let Some(management) = management.filter(|_| is_open && !addition.aws_node.is_empty()) {
        addition.aws_node.insert(0, ("management", management));
    }
    Some(addition)
}

fn has_range(own: &Blueprint, range: &str) -> bool {
    let ranges = own.vpc.iter().flat_map(|vpc| vpc.secondary_cidrs.iter().flatten());
    ranges.filter_map(VpcRange::written).any(|one| one == range)
}

/// The tier that exists and has the nodes.
fn node_tier(own: &Blueprint) -> Option<&str> {
    let serves = |tier: &&model::Tier| {
        tier.existing.is_some() && tier.serves.iter().flatten().any(|one| *one == Use::Nodes)
    };
    own.tiers.iter().flatten().find(serves).map(|tier| tier.name.as_str())
}

/// The lines of a key of the document, the last with content included.
fn section(lines: &[String], key: &str) -> Option<(usize, usize)> {
    let first = lines.iter().position(|line| line.starts_with(&format!("{key}:")))?;
    let is_inside =
        |line: &&String| line.is_empty() || line.starts_with([' ', '#']) || line.starts_with("- ");
    let length = lines[first + 1..].iter().take_while(is_inside).count();
    let has_content =
        |line: &String| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let last = lines[first..=first + length].iter().rposition(has_content)?;
    Some((first, first + last))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The value that begins on a key's own line, such as `{ id: vpc-0 }`.
fn own_value<'l>(line: &'l str, key: &str) -> &'l str {
    line.trim_start().strip_prefix(key).and_then(|rest| rest.strip_prefix(':')).unwrap_or("").trim()
}

/// Puts text before the last closing letter of a line.
fn before_end(line: &mut String, end: char, text: &str) -> Option<()> {
    let at = line.rfind(end)?;
    let head = line[..at].trim_end();
    let comma = if head.ends_with(['{', '[', ',']) { "" } else { "," };
    let gap = if end == '}' { " " } else { "" };
    let space = if comma.is_empty() && end == ']' { "" } else { " " };
    *line = format!("{head}{comma}{space}{text}{gap}{}", &line[at..]);
    Some(())
}

fn add_range(lines: &mut Vec<String>, range: &str) -> Option<()> {
    let (first, last) = section(lines, "vpc")?;
    let key = "secondaryCidrs";
    if own_value(&lines[first], "vpc").starts_with('{') {
        return match lines[first].contains(key) {
            true => None,
            false => before_end(&mut lines[first], '}', &format!("{key}: [{range}]")),
        };
    }
    let is_key = |line: &String| line.trim_start().starts_with(&format!("{key}:"));
    if let Some(at) = (first..=last).find(|at| is_key(&lines[*at])) {
        return before_end(&mut lines[at], ']', range);
    }
    let id = (first..=last).find(|at| lines[*at].trim_start().starts_with("id:"))?;
    let line = format!("{}{key}: [{range}]", " ".repeat(indent(&lines[id])));
    lines.insert(id + 1, line);
    Some(())
}

/// One more item of a list that is written line by line, or the list itself.
fn add_item(lines: &mut Vec<String>, key: &str, item: &str) -> Option<()> {
    let Some((first, last)) = section(lines, key) else {
        lines.extend([String::new(), format!("{key}:"), format!("  - {item}")]);
        return Some(());
    };
    let value = own_value(&lines[first], key);
    if value.starts_with('[') {
        return before_end(&mut lines[first], ']', item);
    }
    let of_item = |line: &&String| line.trim_start().starts_with("- ");
    let spaces = lines[first + 1..=last].iter().find(of_item).map(|line| indent(line))?;
    lines.insert(last + 1, format!("{}- {item}", " ".repeat(spaces)));
    Some(())
}

/// One more key of a section, or the section itself.
fn set(lines: &mut Vec<String>, name: &str, (key, value): (&str, &str)) -> Option<()> {
    let Some((first, last)) = section(lines, name) else {
        lines.extend([String::new(), format!("{name}: {{ {key}: {value} }}")]);
        return Some(());
    };
    if own_value(&lines[first], name).starts_with('{') {
        return before_end(&mut lines[first], '}', &format!("{key}: {value}"));
    }
    let spaces = lines[first + 1..=last].iter().map(|line| indent(line)).find(|own| 0 < *own)?;
    lines.insert(last + 1, format!("{}{key}: {value}", " ".repeat(spaces)));
    Some(())
}

/// Whether the text reads as the blueprint and what was to be added.
fn is_meant(document: &Document, text: &str, addition: &Addition) -> bool {
    let reading = blueprint::read(&document.source.name, text.as_bytes().to_vec());
    let Some(read) = reading.document.filter(|_| !any_error(&reading.findings)) else {
        return false;
    };
    let (own, then) = (&document.blueprint, &read.blueprint);
    let names = |one: &Blueprint| -> Vec<String> {
        one.tiers.iter().flatten().map(|tier| tier.name.clone()).collect()
    };
    let mut tiers = names(own);
    tiers.extend(addition.tier.iter().map(|(name, _)| name.clone()));
    let groups = |one: &Blueprint| one.node_groups.as_ref().map_or(0, Vec::len);
    names(then) == tiers
        && groups(then) == groups(own) + usize::from(addition.node_group.is_some())
        && addition.range.as_ref().is_none_or(|range| has_range(then, range))
        && format!("{:?}", then.cluster) == format!("{:?}", own.cluster)
        && format!("{:?}", then.metadata) == format!("{:?}", own.metadata)
}
