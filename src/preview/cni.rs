//! What a change of aws-node's settings means for nodes that run, and which orders strand their pods.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Diagnostic;
use crate::facts::cni::{self, Effect};
use crate::graph::{VPC_CNI as ADDON, references};
use crate::render::Template;

use super::{Action, Because, Change, Sort};

const VALUES: &str = "ConfigurationValues";

fn words(effect: Effect) -> &'static str {
    match effect {
        Effect::AtOnce => "takes effect at once, as aws-node restarts on one node after the other",
        Effect::NewPods => "for pods that start afterwards: restart the others when it suits",
        Effect::NewInterfaces => "for interfaces attached afterwards: those that nodes have stay as they are",
        Effect::NewNodes => "running nodes keep the old mode: replace the node groups after this, one after the other",
    }
}

/// In words, setting by setting; nothing for a change of something else than vpc-cni.
pub fn impact(change: &Change) -> Option<String> {
    let found = effects(change);
    let one = |(effect, settings): (Effect, BTreeSet<String>)| format!("{}: {}", settings.into_iter().collect::<Vec<_>>().join(", "), words(effect));
    (!found.is_empty()).then(|| found.into_iter().map(one).collect::<Vec<_>>().join("; "))
}

/// Whether running nodes keep what they have.
pub fn for_new_nodes(change: &Change) -> bool {
    effects(change).contains_key(&Effect::NewNodes)
}

fn effects(change: &Change) -> BTreeMap<Effect, BTreeSet<String>> {
    let mut found: BTreeMap<Effect, BTreeSet<String>> = BTreeMap::new();
    if change.id != ADDON || change.action != Action::Modify {
        return found;
    }
    for because in &change.because {
        let (setting, effect) = effect(because);
        found.entry(effect).or_default().insert(setting);
    }
    found
}

fn effect(because: &Because) -> (String, Effect) {
    let Some(place) = because.property.strip_prefix(VALUES) else { return (because.property.clone(), Effect::AtOnce) };
    let parts: Vec<&str> = place.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        // The pods' subnets are others, though the text is the same.
        [] => ("eniConfig".to_string(), Effect::NewNodes),
        ["env", name] => (name.to_string(), cni::find(name).map_or(Effect::AtOnce, |setting| setting.effect)),
        ["eniConfig", .., "securityGroups"] => ("eniConfig.securityGroups".to_string(), Effect::NewInterfaces),
        ["eniConfig", ..] => ("eniConfig".to_string(), Effect::NewNodes),
        [first, ..] => (first.to_string(), Effect::AtOnce),
    }
}

/// Node groups whose nodes are the same before and after: EKS neither makes them anew nor rolls them.
pub fn staying(changes: &[Change], before: &Template, after: &Template) -> Vec<String> {
    let group = |template: &Template, id: &str| template.resource(id).is_some_and(|resource| resource["Type"] == "AWS::EKS::Nodegroup");
    let both = before.resources().map(|(id, _)| id).filter(|id| group(before, id) && group(after, id));
    both.filter(|id| !changes.iter().any(|change| change.id == **id && change.rolls_nodes())).cloned().collect()
}

/// Orders that leave running pods without addresses (rules CN-06, PD-03).
pub fn stranded(changes: &[Change], before: &Template, after: &Template) -> Vec<Diagnostic> {
    let staying = staying(changes, before, after);
    if staying.is_empty() {
        return Vec::new();
    }
    let nodes = staying.join(", ");
    let addon = |template: &Template| template.resource(ADDON).map(|addon| addon["Properties"][VALUES].clone()).unwrap_or_default();
    let gone = |id: &String| changes.iter().any(|change| change.id == *id && matches!(change.sort(), Sort::Remove | Sort::Replace));
    let subnets: Vec<String> = references(&addon(before)).into_iter().filter(gone).collect();
    let used = (!subnets.is_empty()).then(|| {
        let message = format!("{} would go while pods on {nodes} have their addresses there", subnets.join(", "));
        Diagnostic::error("CN-06", "awsNode.customNetworking", message)
            .hint("deploy the new pod tier beside the old one first, exchange the nodes, and take the old tier away in a later deployment")
    });
    let prefixes = |template: &Template| super::properties::inside(&addon(template)).is_some_and(|values| values["env"]["ENABLE_PREFIX_DELEGATION"] == "true");
    let taken = (prefixes(before) && !prefixes(after) && after.resource(ADDON).is_some()).then(|| {
        let message = format!("{nodes} took as many pods as prefixes have room for, and get no prefix any more: new pods would wait for addresses for ever");
        Diagnostic::error("PD-03", "awsNode.prefixDelegation", message)
            .hint("let new node groups take their place in the same deployment: give them other names")
    });
    used.into_iter().chain(taken).collect()
}
