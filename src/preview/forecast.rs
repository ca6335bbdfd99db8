//! How long a change will take: each resource starts when what it refers to stands, and the longest chain decides.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::facts::kinds::{self, QUICK, Work};
use crate::graph::references;
use crate::template::Template;

use super::{ChangeKind, Preview};

/// What is expected of a change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forecast {
    /// Everything that is touched, by logical id.
    pub rows: BTreeMap<String, Row>,
    /// The chain that decides how long it takes.
    pub path: Vec<Step>,
    pub total: Duration,
}

/// How long one resource usually takes; of a replacement this is its creation.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub kind: String,
    /// Zone of a subnet; empty for everything else.
    pub zone: String,
    pub typical: Duration,
}

/// One resource of the critical path.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub id: String,
    pub takes: Duration,
}

/// What a preview's changes will take. CloudFormation cleans up after everything new stands, dependents first.
pub fn of(preview: &Preview, before: &Template, after: &Template) -> Forecast {
    let mut rows = BTreeMap::new();
    let (mut makes, mut deletes) = (BTreeMap::new(), BTreeMap::new());
    for change in &preview.changes {
        let work = match change.change_kind() {
            ChangeKind::Add | ChangeKind::Replace => Work::Create,
            ChangeKind::Modify => Work::Update,
            ChangeKind::Remove => Work::Delete,
        };
        let typical = match change.is_of_tags() {
            true => QUICK.of(work),
            false => kinds::usual_time(&change.kind, work),
        };
        let into = if work == Work::Delete { &mut deletes } else { &mut makes };
        into.insert(change.id.clone(), typical);
        if change.change_kind() == ChangeKind::Replace {
            deletes.insert(change.id.clone(), kinds::usual_time(&change.kind, Work::Delete));
        }
        let zone = [after, before]
            .iter()
            .find_map(|template| zone(template, &change.id))
            .unwrap_or_default();
        rows.insert(change.id.clone(), Row { kind: change.kind.clone(), zone, typical });
    }
    let mut path = critical_path(&makes, &needs(after));
    path.extend(critical_path(&deletes, &reversed(&needs(before))));
    Forecast { rows, total: path.iter().map(|step| step.takes).sum(), path }
}

/// What taking down what is left of a stack will take.
pub fn of_removal(before: &Template, stands: impl Fn(&str) -> bool) -> Forecast {
    let row = |(id, resource): (&String, &serde_json::Value)| {
        let kind = resource["Type"].as_str().unwrap_or_default().to_string();
        let typical = kinds::usual_time(&kind, Work::Delete);
        (id.clone(), Row { zone: zone(before, id).unwrap_or_default(), typical, kind })
    };
    let rows: BTreeMap<String, Row> =
        before.resources().filter(|(id, _)| stands(id)).map(row).collect();
    let deletes = rows.iter().map(|(id, row)| (id.clone(), row.typical)).collect();
    let path = critical_path(&deletes, &reversed(&needs(before)));
    Forecast { rows, total: path.iter().map(|step| step.takes).sum(), path }
}

fn zone(template: &Template, id: &str) -> Option<String> {
    let properties = &template.resource(id)?["Properties"];
    ["AvailabilityZone", "AvailabilityZoneId"]
        .iter()
        .find_map(|key| properties[*key].as_str())
        .map(str::to_string)
}

/// By id, what has to stand first.
pub type Needs = BTreeMap<String, BTreeSet<String>>;

/// By what each resource refers to in the template, and what it is told to wait for.
pub fn needs(template: &Template) -> Needs {
    template.resources().map(|(id, resource)| (id.clone(), references(resource))).collect()
}

/// What is referred to goes after what refers to it.
pub fn reversed(needs: &Needs) -> Needs {
    let mut turned = Needs::new();
    for (id, needed) in needs {
        turned.entry(id.clone()).or_default();
        needed.iter().for_each(|one| _ = turned.entry(one.clone()).or_default().insert(id.clone()));
    }
    turned
}

/// The longest chain through what `takes` time; what takes none is looked through.
pub fn critical_path(takes: &BTreeMap<String, Duration>, needs: &Needs) -> Vec<Step> {
    let mut ends: BTreeMap<&str, (Duration, Option<&str>)> = BTreeMap::new();
    let mut last: Option<&str> = None;
    for id in needs.keys() {
        visit(id, takes, needs, &mut ends, &mut BTreeSet::new());
    }
    for (id, (end, _)) in &ends {
        if takes.contains_key(*id) && last.is_none_or(|last| ends[last].0 < *end) {
            last = Some(id);
        }
    }
    let mut path = Vec::new();
    while let Some(id) = last {
        path.extend(takes.get(id).map(|time| Step { id: id.to_string(), takes: *time }));
        last = ends[id].1;
    }
    path.reverse();
    path
}

/// When `id` ends, and what it waited for. A circle, which no template has, is cut.
fn visit<'n>(
    id: &'n str,
    takes: &BTreeMap<String, Duration>,
    needs: &'n Needs,
    ends: &mut BTreeMap<&'n str, (Duration, Option<&'n str>)>,
    above: &mut BTreeSet<&'n str>,
) -> Duration {
    if let Some((end, _)) = ends.get(id) {
        return *end;
    }
    if !above.insert(id) {
        return Duration::ZERO;
    }
    let mut start = (Duration::ZERO, None);
    for need in needs.get(id).into_iter().flatten() {
        let end = visit(need, takes, needs, ends, above);
        if start.0 < end {
            start = (end, Some(need.as_str()));
        }
    }
    above.remove(id);
    let end = start.0 + takes.get(id).copied().unwrap_or_default();
    ends.insert(id, (end, start.1));
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_chain_decides_and_not_the_longest_list() {
        let seconds = |number| Duration::from_secs(number);
        let takes = BTreeMap::from([
            ("Vpc".into(), seconds(10)),
            ("Subnet".into(), seconds(5)),
            ("Nat".into(), seconds(100)),
            ("Cluster".into(), seconds(90)),
        ]);
        let set = |ids: &[&str]| ids.iter().map(|id| (*id).to_string()).collect::<BTreeSet<_>>();
        let needs = Needs::from([
            ("Vpc".into(), set(&[])),
            ("Subnet".into(), set(&["Vpc"])),
            ("Nat".into(), set(&["Vpc"])),
            ("Cluster".into(), set(&["Vpc", "Subnet"])),
        ]);
        let ids = |path: Vec<Step>| path.into_iter().map(|step| step.id).collect::<Vec<_>>();
        assert_eq!(ids(critical_path(&takes, &needs)), ["Vpc", "Nat"]);
        let slower = BTreeMap::from([
            ("Cluster".to_string(), seconds(110)),
            ("Nat".to_string(), seconds(100)),
            ("Subnet".to_string(), seconds(5)),
        ]);
        assert_eq!(ids(critical_path(&slower, &needs)), ["Subnet", "Cluster"]);
        assert_eq!(ids(critical_path(&takes, &reversed(&needs))), ["Nat", "Vpc"]);
    }
}
