//! The comparison: differences of properties first, then what follows from them along the references.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::facts::kinds::{self, Replacement};
use crate::facts::schemas;
use crate::graph::{Graph, references};
use crate::template::Template;

use super::{
    Action, Change, ChangeKind, Consequence, Disagreement, Network, Notice, Preview,
    PropertyChange, ShownAs, aws_node, hindered, impact, lost, named, origin, outputs, properties,
    redundancy, refused, renamed,
};

/// What one update from `before` to `after` would do. `graph` names the blueprint's place of each resource.
pub fn one_update(stack: &str, before: &Template, after: &Template, graph: &Graph) -> Preview {
    let mut changes: BTreeMap<String, Change> = BTreeMap::new();
    let order = in_dependency_order(after);
    for id in &order {
        let Some(new) = after.resource(id) else {
            continue;
        };
        let change = match before.resource(id) {
            None => Some(added(id, new)),
            Some(old) => modified(id, old, new, &changes),
        };
        if let Some(change) = change {
            let made =
                graph.resources.get(id).map(|resource| resource.path.clone()).unwrap_or_default();
            changes.insert(id.clone(), located(change, made, graph));
        }
    }
    let mut ordered: Vec<Change> = order.iter().filter_map(|id| changes.remove(id)).collect();
    let gone = before.resources().filter(|(id, _)| after.resource(id).is_none());
    ordered.extend(gone.map(|(id, old)| bare(id, old, Action::Remove)));
    finish(stack, ordered, before, after)
}

/// The change with its places in the blueprint, whose `made` makes the resource.
fn located(mut change: Change, made: String, graph: &Graph) -> Change {
    for because in change.because.iter_mut().filter(|because| because.cause.is_none()) {
        because.path = match graph.patch_of(&change.id, &because.property) {
            Some(patch) => patch.path.clone(),
            None => origin::of(&change.kind, &made, because, graph),
        };
    }
    change.path = change
        .deciding()
        .map(|because| because.path.clone())
        .filter(|path| !path.is_empty())
        .unwrap_or(made);
    change
}

/// Puts what CloudFormation's change set says into a preview: its action and replacement rule, our values fill its gaps.
/// Only its `Conditional` gives way, where the values say that nothing create-only changes: CloudFormation calls every resource
/// conditional that takes an attribute of one changing in place, a tag on a role included. Wherever the two differ it is said.
pub fn fold(preview: &Preview, said: &[Change], before: &Template, after: &Template) -> Preview {
    let own: BTreeMap<&str, &Change> =
        preview.changes.iter().map(|change| (change.id.as_str(), change)).collect();
    let mut changes: Vec<Change> =
        said.iter().filter(|change| !is_false_positive(change, &own)).cloned().collect();
    for change in &mut changes {
        let Some(known) = own.get(change.id.as_str()) else {
            continue;
        };
        change.path.clone_from(&known.path);
        if change.because.iter().all(|because| because.before.is_none() && because.after.is_none())
        {
            change.because.clone_from(&known.because);
        }
        for because in change.because.iter_mut().filter(|one| one.cause.is_none()) {
            because.path = place(&because.property, known);
        }
        if known.replacement == Replacement::Never && is_feared(change, &own) {
            change.replacement = Replacement::Never;
        }
    }
    let position =
        |id: &str| preview.changes.iter().position(|change| change.id == id).unwrap_or(usize::MAX);
    changes.sort_by_key(|change| {
        (change.action == Action::Remove, position(&change.id), change.id.clone())
    });
    let mut folded = finish(&preview.stack, changes, before, after);
    folded.disagreements = disagreements(&own, said);
    folded
}

/// Where a property stands that a change set names: its own place, else that of a part of it, else the resource's.
fn place(property: &str, known: &Change) -> String {
    let is_in = |outer: &str, inner: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let own = known.because.iter().filter(|one| one.cause.is_none());
    let exact = own.clone().find(|one| one.property == property);
    let near =
        |one: &&PropertyChange| is_in(&one.property, property) || is_in(property, &one.property);
    let found = exact.or_else(|| own.clone().find(near));
    found.map_or(&known.path, |one| &one.path).clone()
}

/// Whether CloudFormation only fears for a resource that the templates leave alone: it takes attributes of others, and these change in place.
/// What a resource is by (an id, an ARN, a URL) stays then, and CloudFormation finds at the execution that there is nothing to do.
fn is_false_positive(said: &Change, own: &BTreeMap<&str, &Change>) -> bool {
    !own.contains_key(said.id.as_str())
        && said.action == Action::Modify
        && !said.because.is_empty()
        && said
            .because
            .iter()
            .all(|because| is_afar(because, own) || is_of_the_stack(because, &said.kind))
}

/// The stack's own tags, which CloudFormation lists for every resource, though the type has none that could change.
fn is_of_the_stack(because: &PropertyChange, kind: &str) -> bool {
    let has_tags = schemas::find(kind).is_none_or(|schema| schema.properties.contains_key(TAGS));
    because.property == TAGS && because.cause.is_none() && !has_tags
}

const TAGS: &str = "Tags";

/// A property that takes an attribute of something that changes in place: what AWS gave it stays.
fn is_afar(because: &PropertyChange, own: &BTreeMap<&str, &Change>) -> bool {
    let in_place = |cause: &str| {
        own.get(cause).is_none_or(|change| change.change_kind() == ChangeKind::Modify)
    };
    because.cause.as_deref().is_some_and(in_place)
}

/// Whether CloudFormation replaces a resource only if an attribute of another one, which changes in place, were to change.
fn is_feared(said: &Change, own: &BTreeMap<&str, &Change>) -> bool {
    let forcing = |because: &&PropertyChange| {
        Replacement::Never < kinds::replacement(&said.kind, &because.property)
    };
    let mut forced = said.because.iter().filter(forcing).peekable();
    said.replacement == Replacement::Conditional
        || forced.peek().is_some() && forced.all(|because| is_afar(because, own))
}

/// Where the change set and the comparison of the templates differ, and which of the two is shown.
fn disagreements(own: &BTreeMap<&str, &Change>, said: &[Change]) -> Vec<Disagreement> {
    let theirs: BTreeMap<&str, &Change> =
        said.iter().map(|change| (change.id.as_str(), change)).collect();
    let ids: BTreeSet<&str> = own.keys().chain(theirs.keys()).copied().collect();
    let one = |id: &str| {
        let (compared, change_set) = (own.get(id).copied(), theirs.get(id).copied());
        let shown = match (compared, change_set) {
            (Some(own), Some(said)) if own.change_kind() == said.change_kind() => return None,
            (Some(compared), Some(said))
                if compared.replacement == Replacement::Never && is_feared(said, own) =>
            {
                ShownAs::Compared
            }
            (Some(_), Some(_)) => ShownAs::InChangeSet,
            (None, Some(said)) if is_false_positive(said, own) => ShownAs::FalsePositive,
            (None, Some(_)) => ShownAs::OnlyInChangeSet,
            (Some(_), None) => ShownAs::LeftAlone,
            (None, None) => return None,
        };
        Some(Disagreement {
            id: id.to_string(),
            compared: compared.map(Change::change_kind),
            change_set: change_set.map(Change::change_kind),
            shown,
        })
    };
    ids.into_iter().filter_map(one).collect()
}

fn finish(stack: &str, mut changes: Vec<Change>, before: &Template, after: &Template) -> Preview {
    let judge = impact::Judge::of(&changes, before, after);
    for change in &mut changes {
        change.impact = judge.notice(change);
    }
    let mut impact = impact::consequences(&changes);
    let switched = aws_node::switched(before, after);
    impact.extend(
        switched
            .iter()
            .map(aws_node::effects)
            .filter(|effects| !effects.is_empty())
            .map(Consequence::Switched),
    );
    let outputs = outputs::of(&changes, before, after);
    impact.extend(outputs::impact(&outputs));
    impact.extend(redundancy::of(before, after));
    impact.extend(impact::nodes(&changes, switched.as_ref(), (before, after)));
    let obstacles = hindered::of(&changes, before, after);
    let mut findings = refused::of(&changes, before, after);
    let called = named::Names { after, before };
    findings.extend(obstacles.iter().map(|one| one.finding(called)));
    findings.extend(aws_node::stranded(&changes, before, after));
    let network = Network::between(before, after);
    let ids = changes.iter().map(|change| change.id.clone());
    let ids = ids.chain(impact.iter().flat_map(|one| one.ids().to_vec()));
    let names = ids.filter_map(|id| Some((id.clone(), named::of(&id, [after, before])?)));
    Preview {
        stack: stack.to_string(),
        names: names.collect(),
        renamed: renamed::of(&changes, before, after),
        irreversible: lost::of(&changes, before, after),
        outputs,
        changes,
        network,
        impact,
        obstacles,
        findings,
        ..Preview::default()
    }
}

fn bare(id: &str, resource: &Value, action: Action) -> Change {
    Change {
        id: id.to_string(),
        kind: resource["Type"].as_str().unwrap_or_default().to_string(),
        action,
        replacement: Replacement::Never,
        because: Vec::new(),
        impact: Notice::default(),
        path: String::new(),
    }
}

fn added(id: &str, new: &Value) -> Change {
    bare(id, new, Action::Add)
}

/// `earlier` holds the changes of everything `new` refers to.
fn modified(
    id: &str,
    old: &Value,
    new: &Value,
    earlier: &BTreeMap<String, Change>,
) -> Option<Change> {
    let mut change = bare(id, new, Action::Modify);
    if old["Type"] != new["Type"] {
        change.replacement = Replacement::Always;
        change.because.push(PropertyChange {
            property: "Type".into(),
            before: Some(old["Type"].clone()),
            after: Some(new["Type"].clone()),
            ..PropertyChange::default()
        });
        return Some(change);
    }
    let differences = properties::differences(&old["Properties"], &new["Properties"])
        .into_iter()
        .chain(kept_settings(old, new));
    let followed = new["Properties"]
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(name, value)| follows(name, value, earlier));
    change.because = differences.chain(followed).collect();
    let of = |because: &PropertyChange| match because.before {
        None => kinds::replacement_by_added(&change.kind, &because.property),
        Some(_) => kinds::replacement(&change.kind, &because.property),
    };
    change.replacement = change.because.iter().map(of).max()?;
    Some(change)
}

/// What eksnet keeps with a resource for itself: the settings of a self-managed aws-node, with the cluster.
fn kept_settings(old: &Value, new: &Value) -> Vec<PropertyChange> {
    let kept = |resource: &Value| {
        if resource["Metadata"].is_object() { resource["Metadata"].clone() } else { json!({}) }
    };
    let found = properties::differences(&kept(old), &kept(new));
    found
        .into_iter()
        .map(|because| PropertyChange {
            property: format!("Metadata/{}", because.property),
            ..because
        })
        .collect()
}

/// A property that refers to a replaced resource gets a new value although its text is the same; so does the version of a launch
/// template that changes.
fn follows(
    property: &str,
    value: &Value,
    earlier: &BTreeMap<String, Change>,
) -> Vec<PropertyChange> {
    let changed = |id: &String| earlier.get(id).filter(|change| change.action == Action::Modify);
    let versions = value.to_string().contains("LatestVersionNumber");
    let because = references(value).into_iter().filter_map(|id| match changed(&id) {
        Some(change) if Replacement::Never < change.replacement => {
            Some((format!("{id} (old)"), format!("{id} (replaced)"), id))
        }
        Some(change) if versions && change.kind == "AWS::EC2::LaunchTemplate" => {
            Some((format!("{id} (old version)"), format!("{id} (new version)"), id))
        }
        _ => None,
    });
    let one = |(before, after, id)| PropertyChange {
        property: property.to_string(),
        before: Some(json!(before)),
        after: Some(json!(after)),
        cause: Some(id),
        path: String::new(),
    };
    because.map(one).collect()
}

/// Ids of a template so that what is referred to comes first; equals by name.
pub fn in_dependency_order(template: &Template) -> Vec<String> {
    let needs: BTreeMap<&String, BTreeSet<String>> =
        template.resources().map(|(id, resource)| (id, references(resource))).collect();
    let mut done = BTreeSet::new();
    let mut order = Vec::new();
    for id in needs.keys() {
        visit(id, &needs, &mut done, &mut order);
    }
    order
}

fn visit(
    id: &str,
    needs: &BTreeMap<&String, BTreeSet<String>>,
    done: &mut BTreeSet<String>,
    order: &mut Vec<String>,
) {
    if !done.insert(id.to_string()) {
        return;
    }
    let Some(needed) = needs.get(&id.to_string()) else {
        return;
    };
    needed.iter().for_each(|need| visit(need, needs, done, order));
    order.push(id.to_string());
}
