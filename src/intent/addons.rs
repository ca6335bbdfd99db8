//! EKS add-ons with every default filled in: versions, roles, and the settings that follow from the rest of the blueprint.

use serde_json::{Map, Value, json};

use crate::blueprint::Blueprint;
use crate::blueprint::model::{self, AddonRoleBy, ResolveConflicts, TaintEffect};
use crate::facts::addons::{self, COREDNS_LABELS, CRITICAL_TAINT, HYBRID_AGENT, Identity};
use crate::facts::eks;

use super::aws_node::{Cni, Version};
use super::fargate::Selector;
use super::{Choices, FargateProfile, NodeGroup};

/// One EKS add-on that the stack makes; vpc-cni is not among them, it belongs to [`super::AwsNode`].
#[derive(Clone, Debug)]
pub struct Addon {
    pub name: String,
    pub version: Version,
    /// Its settings, the author's over those that follow from the blueprint.
    pub configuration: Map<String, Value>,
    pub role: AddonRole,
    pub resolve_conflicts: ResolveConflicts,
    pub path: String,
}

/// Where the pods of an add-on have their rights from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AddonRole {
    #[default]
    None,
    /// A role for each service account, through EKS Pod Identity.
    PodIdentity(&'static [Identity]),
    /// One role for all of them, through the OIDC provider.
    WebIdentity(&'static [Identity]),
    /// A role that exists, for all of them; none known: EKS binds it to whatever the add-on has.
    Existing(String, &'static [Identity]),
    /// A role is asked for, and nobody knows with which policies.
    Unknown,
    /// It calls AWS, AWS keeps no policy for it, and nothing is said.
    Undecided,
}

/// Which pods CoreDNS, and whatever else is a Deployment, would run on.
#[derive(Clone, Debug, PartialEq)]
pub enum Home {
    /// Nodes that take any pod, or EKS Auto Mode.
    Nodes,
    /// Only nodes that keep pods off, by these taints.
    Tainted(Vec<Value>),
    /// No node, and a profile of Fargate that takes CoreDNS.
    Fargate,
    Nowhere,
}

/// What decides about add-ons.
pub struct AddonContext<'s> {
    pub groups: &'s [NodeGroup],
    pub fargate: &'s [FargateProfile],
    pub auto: bool,
    pub cni: &'s Cni,
    pub hybrid: bool,
}

/// The author's list, else what a cluster of this kind needs, with the settings that follow from the blueprint under the author's own.
pub fn resolve(
    blueprint: &Blueprint,
    context: &AddonContext<'_>,
    choices: &mut Choices,
) -> Vec<Addon> {
    let home = home(context);
    let mut addons = match &blueprint.addons {
        Some(written) => written.iter().enumerate().map(|(at, addon)| one(at, addon)).collect(),
        None if matches!(context.cni, Cni::AutoMode) => beside_auto(context, choices),
        None => defaults(context, &home, choices),
    };
    for addon in &mut addons {
        let computed = follows(addon, &home, context);
        let own = std::mem::take(&mut addon.configuration);
        addon.configuration = computed.into_iter().chain(own).collect();
    }
    addons
}

/// Without a node that CoreDNS can use its add-on never becomes active: it is left out, and said (rules FG-05, FG-06).
fn defaults(context: &AddonContext<'_>, home: &Home, choices: &mut Choices) -> Vec<Addon> {
    let left_out = *home == Home::Nowhere && context.fargate.is_empty();
    let names: Vec<&str> =
        eks::ADDONS.iter().copied().filter(|name| !(left_out && *name == eks::COREDNS)).collect();
    choices.note(
        "addons",
        names.join(", "),
        "name resolution, service addresses, and the agent that gives aws-node its role",
    );
    names.into_iter().map(|name| plain(name, "addons".to_string())).collect()
}

/// Nodes of Auto Mode resolve names for their own pods alone: those on Fargate ask the cluster's CoreDNS.
fn beside_auto(context: &AddonContext<'_>, choices: &mut Choices) -> Vec<Addon> {
    if context.fargate.is_empty() {
        return Vec::new();
    }
    choices.note("addons", eks::COREDNS, "name resolution for pods on Fargate");
    vec![plain(eks::COREDNS, "addons".to_string())]
}

fn plain(name: &str, path: String) -> Addon {
    Addon {
        name: name.to_string(),
        version: Version::default(),
        configuration: Map::new(),
        role: by_default(name),
        resolve_conflicts: ResolveConflicts::Overwrite,
        path,
    }
}

/// A role of its own, where its policies are known.
fn by_default(name: &str) -> AddonRole {
    match identities(name) {
        [] => AddonRole::None,
        known if known.iter().any(|one| !one.policies.is_empty()) => AddonRole::PodIdentity(known),
        _ => AddonRole::Undecided,
    }
}

fn identities(name: &str) -> &'static [Identity] {
    addons::find(name).map_or(&[], |row| row.identities)
}

fn one(at: usize, written: &model::Addon) -> Addon {
    let path = format!("addons[{at}]");
    let pinned = match written {
        model::Addon::Name(name) => return plain(name, path),
        model::Addon::Pinned(pinned) => pinned,
    };
    Addon {
        version: Version::of(pinned.version.as_deref()),
        configuration: pinned.configuration.clone().unwrap_or_default(),
        role: pinned.role.as_ref().map_or_else(
            || by_default(&pinned.name),
            |role| written_role(role, identities(&pinned.name)),
        ),
        resolve_conflicts: pinned.resolve_conflicts.unwrap_or_default(),
        ..plain(&pinned.name, path)
    }
}

fn written_role(role: &model::AddonRole, known: &'static [Identity]) -> AddonRole {
    let policies = known.iter().any(|one| !one.policies.is_empty());
    match role {
        model::AddonRole::Existing(arn) => AddonRole::Existing(arn.clone(), known),
        model::AddonRole::By(AddonRoleBy::None) => AddonRole::None,
        model::AddonRole::By(_) if !policies => AddonRole::Unknown,
        model::AddonRole::By(AddonRoleBy::PodIdentity) => AddonRole::PodIdentity(known),
        model::AddonRole::By(AddonRoleBy::Irsa) => AddonRole::WebIdentity(known),
    }
}

/// Settings that an add-on needs where it is to run.
fn follows(addon: &Addon, home: &Home, context: &AddonContext<'_>) -> Map<String, Value> {
    let setting = |key: &str, value: Value| Map::from_iter([(key.to_string(), value)]);
    match (addon.name.as_str(), home) {
        // Or else its pods wait for nodes that never come.
        (eks::COREDNS, Home::Fargate) => setting("computeType", json!("Fargate")),
        (eks::COREDNS, Home::Tainted(tolerations)) => setting("tolerations", json!(tolerations)),
        (eks::POD_IDENTITY_AGENT, _) if context.hybrid => {
            let (sets, hybrid) = HYBRID_AGENT;
            setting(sets, json!({ hybrid: { "create": true } }))
        }
        _ => Map::new(),
    }
}

/// Where CoreDNS would run.
pub fn home(context: &AddonContext<'_>) -> Home {
    // They run on Linux.
    let there =
        || context.groups.iter().filter(|group| 0 < group.desired && !group.ami.is_windows());
    if context.auto || there().any(|group| blocking(group).next().is_none()) {
        return Home::Nodes;
    }
    if let Some(group) = there().next() {
        return Home::Tainted(tolerations(group));
    }
    let covered = context.fargate.iter().flat_map(|profile| &profile.selectors).any(takes_coredns);
    if covered { Home::Fargate } else { Home::Nowhere }
}

/// Taints that keep CoreDNS off.
fn blocking(group: &NodeGroup) -> impl Iterator<Item = &model::Taint> {
    group.taints.iter().filter(|taint| {
        taint.key != CRITICAL_TAINT && !matches!(taint.effect, TaintEffect::PreferNoSchedule)
    })
}

/// Of the group's taints, and those that CoreDNS has unless told otherwise.
fn tolerations(group: &NodeGroup) -> Vec<Value> {
    let mut taints: Vec<_> = blocking(group).collect();
    taints.sort_by(|one, other| (&one.key, &one.value).cmp(&(&other.key, &other.value)));
    let own = taints.into_iter().map(|taint| {
        let effect = match taint.effect {
            TaintEffect::NoSchedule => "NoSchedule",
            TaintEffect::PreferNoSchedule => "PreferNoSchedule",
            TaintEffect::NoExecute => "NoExecute",
        };
        match &taint.value {
            Some(value) => {
                json!({ "key": taint.key, "operator": "Equal", "value": value, "effect": effect })
            }
            None => json!({ "key": taint.key, "operator": "Exists", "effect": effect }),
        }
    });
    let usual = [
        json!({ "key": CRITICAL_TAINT, "operator": "Exists" }),
        json!({ "key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule" }),
    ];
    own.chain(usual).collect()
}

/// A selector takes pods of its namespace that have all of its labels; both may hold `*` and `?`.
pub fn takes_coredns(selector: &Selector) -> bool {
    let labelled = |(key, value): (&String, &String)| {
        COREDNS_LABELS.iter().any(|(own, text)| fits(key, own) && fits(value, text))
    };
    fits(&selector.namespace, eks::SYSTEM_NAMESPACE) && selector.labels.iter().all(labelled)
}

fn fits(pattern: &str, text: &str) -> bool {
    let mut letters = pattern.chars();
    match letters.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = letters.as_str();
            let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.any(|at| fits(rest, &text[at..]))
        }
        Some(letter) => text.chars().next().is_some_and(|first| {
            (letter == '?' || letter == first) && fits(letters.as_str(), &text[first.len_utf8()..])
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_takes_what_its_wildcards_say() {
        for (pattern, text, taken) in [
            ("kube-system", "kube-system", true),
            ("*", "kube-system", true),
            ("kube-*", "kube-system", true),
            ("kube-syste?", "kube-system", true),
            ("kube-", "kube-system", false),
            ("?", "kube-system", false),
            ("", "kube-system", false),
        ] {
            assert_eq!(fits(pattern, text), taken, "{pattern}");
        }
    }
}
