//! The comparison: differences of properties first, then what follows from them along the references.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::facts::replacement::{self, Replacement};
use crate::graph::{Graph, references};
use crate::render::Template;

use super::{Action, Because, Change, Network, Preview, impact, properties, refused};

/// What deploying `after` over `before` would do. `graph` names the blueprint's place of each resource.
pub fn compare(stack: &str, before: &Template, after: &Template, graph: &Graph) -> Preview {
    let mut changes: BTreeMap<String, Change> = BTreeMap::new();
    for id in in_dependency_order(after) {
        let Some(new) = after.resource(&id) else { continue };
        let change = match before.resource(&id) {
            None => Some(added(&id, new)),
            Some(old) => modified(&id, old, new, &changes),
        };
        if let Some(mut change) = change {
            change.path = graph.resources.get(&id).map(|resource| resource.path.clone()).unwrap_or_default();
            changes.insert(id, change);
        }
    }
    let order = in_dependency_order(after);
    let mut ordered: Vec<Change> = order.iter().filter_map(|id| changes.remove(id)).collect();
    let gone = before.resources().filter(|(id, _)| after.resource(id).is_none());
    ordered.extend(gone.map(|(id, old)| bare(id, old, Action::Remove)));
    finish(stack, ordered, before, after)
}

/// Puts what CloudFormation's change set says into a preview: its action and replacement rule, our values fill its gaps.
/// Only its `Conditional` gives way, where the values say that nothing create-only changes: CloudFormation calls every resource
/// conditional that takes an attribute of one changing in place, a tag on a role included. What gave way is said.
pub fn fold(preview: &Preview, said: &[Change], before: &Template, after: &Template) -> Preview {
    let own: BTreeMap<&str, &Change> = preview.changes.iter().map(|change| (change.id.as_str(), change)).collect();
    let mut changes: Vec<Change> = said.to_vec();
    let mut settled = Vec::new();
    for change in &mut changes {
        let Some(known) = own.get(change.id.as_str()) else { continue };
        change.path.clone_from(&known.path);
        if change.because.iter().all(|because| because.before.is_none() && because.after.is_none()) {
            change.because.clone_from(&known.because);
        }
        if change.replacement == Replacement::Conditional && known.replacement == Replacement::Never {
            change.replacement = Replacement::Never;
            settled.push(change.id.clone());
        }
    }
    let position = |id: &str| preview.changes.iter().position(|change| change.id == id).unwrap_or(usize::MAX);
    changes.sort_by_key(|change| (change.action == Action::Remove, position(&change.id), change.id.clone()));
    let mut folded = finish(&preview.stack, changes, before, after);
    if let Some(first) = settled.first() {
        let others = settled.len() - 1;
        let which = if others == 0 { first.clone() } else { format!("{first} and {others} more") };
        folded.impact.push(format!(
            "{which}: CloudFormation says it may replace them, because something they refer to changes; none of their create-only properties does"
        ));
    }
    folded
}

fn finish(stack: &str, mut changes: Vec<Change>, before: &Template, after: &Template) -> Preview {
    // In a new stack nobody notices what was not there.
    let new = before.resources().next().is_none();
    for change in changes.iter_mut().filter(|change| !new || change.action != Action::Add) {
        change.impact = impact::of(change);
    }
    let impact = impact::summary(&changes);
    let findings = refused::of(&changes, before, after);
    Preview { stack: stack.to_string(), network: Network::between(before, after), changes, impact, findings }
}

fn bare(id: &str, resource: &Value, action: Action) -> Change {
    Change {
        id: id.to_string(),
        kind: resource["Type"].as_str().unwrap_or_default().to_string(),
        action,
        replacement: Replacement::Never,
        because: Vec::new(),
        impact: String::new(),
        path: String::new(),
    }
}

fn added(id: &str, new: &Value) -> Change {
    bare(id, new, Action::Add)
}

/// `earlier` holds the changes of everything `new` refers to.
fn modified(id: &str, old: &Value, new: &Value, earlier: &BTreeMap<String, Change>) -> Option<Change> {
    let mut change = bare(id, new, Action::Modify);
    if old["Type"] != new["Type"] {
        change.replacement = Replacement::Always;
        change.because.push(Because { property: "Type".into(), before: Some(old["Type"].clone()), after: Some(new["Type"].clone()) });
        return Some(change);
    }
    let differences = properties::differences(&old["Properties"], &new["Properties"]);
    let followed = new["Properties"].as_object().into_iter().flatten().flat_map(|(name, value)| follows(name, value, earlier));
    change.because = differences.into_iter().chain(followed).collect();
    let of = |because: &Because| if because.before.is_none() { replacement::of_added } else { replacement::of }(&change.kind, &because.property);
    change.replacement = change.because.iter().map(of).max()?;
    Some(change)
}

/// A property that refers to a replaced resource gets a new value although its text is the same; so does the version of a launch
/// template that changes.
fn follows(property: &str, value: &Value, earlier: &BTreeMap<String, Change>) -> Vec<Because> {
    let changed = |id: &String| earlier.get(id).filter(|change| change.action == Action::Modify);
    let versions = value.to_string().contains("LatestVersionNumber");
    let because = references(value).into_iter().filter_map(|id| match changed(&id) {
        Some(change) if Replacement::Never < change.replacement => Some((format!("{id} (old)"), format!("{id} (replaced)"))),
        Some(change) if versions && change.kind == "AWS::EC2::LaunchTemplate" => Some((format!("{id} (old version)"), format!("{id} (new version)"))),
        _ => None,
    });
    because.map(|(before, after)| Because { property: property.to_string(), before: Some(json!(before)), after: Some(json!(after)) }).collect()
}

/// Ids of a template so that what is referred to comes first; equals by name.
pub fn in_dependency_order(template: &Template) -> Vec<String> {
    let needs: BTreeMap<&String, BTreeSet<String>> = template.resources().map(|(id, resource)| (id, references(resource))).collect();
    let mut done = BTreeSet::new();
    let mut order = Vec::new();
    for id in needs.keys() {
        visit(id, &needs, &mut done, &mut order);
    }
    order
}

fn visit(id: &str, needs: &BTreeMap<&String, BTreeSet<String>>, done: &mut BTreeSet<String>, order: &mut Vec<String>) {
    if !done.insert(id.to_string()) {
        return;
    }
    let Some(needed) = needs.get(&id.to_string()) else { return };
    needed.iter().for_each(|need| visit(need, needs, done, order));
    order.push(id.to_string());
}
