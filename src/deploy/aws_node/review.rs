//! What applying the settings would change of the aws-node that runs, and whose settings these are. Nothing is changed here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::aws::port::{Answer, Applied, Apply, Conflict, Kubernetes};
use crate::facts::kubernetes::{AWS_NODE, AWS_NODE_INIT, DAEMON_SET, EKS_MANAGER};
use crate::facts::{cni, eks};
use crate::render::kubernetes::Manifest;
use crate::spec::AwsNode;

use super::Nodes;

/// aws-node as it runs.
#[derive(Clone, Debug)]
pub struct Live {
    pub(super) daemon_set: Value,
}

/// A setting that changes: of aws-node, or of another object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// `WARM_IP_TARGET`, `init DISABLE_TCP_EARLY_DEMUX`, `ENIConfig eu-west-1a .spec.subnet`
    pub what: String,
    /// `None`: unset.
    pub live: Option<String>,
    /// `None`: it goes.
    pub wanted: Option<String>,
    /// Who else set it.
    pub manager: Option<String>,
    /// Nobody chose what is there: EKS put it there, and it is aws-node's own default.
    pub unchosen: bool,
}

impl Live {
    /// `None`: the cluster has no aws-node.
    pub async fn read(api: &impl Kubernetes) -> Answer<Option<Self>> {
        Ok(api.read(&DAEMON_SET, eks::AWS_NODE).await?.map(|daemon_set| Self { daemon_set }))
    }

    fn containers(&self) -> impl Iterator<Item = &Value> {
        let pod = &self.daemon_set["spec"]["template"]["spec"];
        ["containers", "initContainers"].into_iter().flat_map(|list| pod[list].as_array().into_iter().flatten())
    }

    /// Variables with a value of their own, by container and name.
    pub fn variables(&self) -> BTreeMap<(String, String), String> {
        variables_of(&self.daemon_set)
    }

    /// `v1.20.4-eksbuild.1`, of the image.
    pub fn version(&self) -> Option<String> {
        let main = self.containers().find(|container| container["name"] == AWS_NODE)?;
        let version = main["image"].as_str()?.split('@').next()?.rsplit_once(':')?.1;
        crate::spec::aws_node::is_addon_version(version).then(|| version.to_string())
    }

    pub(super) fn nodes(&self) -> Nodes {
        let status = &self.daemon_set["status"];
        let count = |name: &str| status[name].as_u64().unwrap_or(0);
        let seen = status["observedGeneration"] == self.daemon_set["metadata"]["generation"];
        Nodes { updated: if seen { count("updatedNumberScheduled") } else { 0 }, all: count("desiredNumberScheduled") }
    }

    /// What the add-on would take away when it overwrites this aws-node: variables that have neither its value nor, where the blueprint says
    /// nothing, aws-node's default.
    pub fn lost(&self, wanted: &AwsNode) -> Vec<Difference> {
        let then = |name: &str| match wanted.variables.get(name) {
            Some(value) => Some(value.clone()),
            None => cni::find(name).map(|setting| setting.default.to_string()),
        };
        let own = |(_, name): &(String, String)| !cni::WIRING.contains(&name.as_str());
        let live = self.variables().into_iter().filter(|(key, _)| own(key));
        let changed = live.filter(|((_, name), live)| then(name).as_ref() != Some(live));
        let row = |((container, name), live): ((String, String), String)| Difference {
            wanted: then(&name),
            what: word(&container, &name),
            live: Some(live),
            manager: None,
            unchosen: false,
        };
        changed.map(row).collect()
    }
}

pub(super) fn variables_of(daemon_set: &Value) -> BTreeMap<(String, String), String> {
    let pod = &daemon_set["spec"]["template"]["spec"];
    let containers = ["containers", "initContainers"].into_iter().flat_map(|list| pod[list].as_array().into_iter().flatten());
    let mut found = BTreeMap::new();
    for container in containers.filter(|container| container["name"] == AWS_NODE || container["name"] == AWS_NODE_INIT) {
        for variable in container["env"].as_array().into_iter().flatten().filter(|variable| variable.get("valueFrom").is_none()) {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
            found.insert((text(&container["name"]), text(&variable["name"])), text(&variable["value"]));
        }
    }
    found
}

pub(super) fn word(container: &str, name: &str) -> String {
    if container == AWS_NODE_INIT { format!("init {name}") } else { name.to_string() }
}

/// What applying the manifests would change, and what somebody else has set otherwise. Nothing is changed.
pub async fn review(api: &impl Kubernetes, live: &Live, manifests: &[Manifest]) -> Answer<Vec<Difference>> {
    let mut found: BTreeMap<String, Difference> = BTreeMap::new();
    for manifest in &completed(api, live, manifests).await? {
        if manifest.kind == DAEMON_SET
            && let Applied::Done(after) = api.apply(&manifest.kind, &manifest.value, Apply { dry_run: true, force: true }).await?
        {
            found.extend(differences(live, &after).into_iter().map(|one| (one.what.clone(), one)));
        }
        if let Applied::Conflicts(conflicts) = api.apply(&manifest.kind, &manifest.value, Apply { dry_run: true, force: false }).await? {
            for conflict in conflicts {
                let one = contested(api, live, manifest, &conflict).await?;
                let joined = joined(found.remove(&one.what), one);
                found.insert(joined.what.clone(), joined);
            }
        }
    }
    Ok(found.into_values().collect())
}

/// With aws-node's default for each variable that eksnet sets no more: without it Kubernetes leaves an empty one behind, where whoever
/// installed aws-node still holds its name.
pub(super) async fn completed(api: &impl Kubernetes, live: &Live, manifests: &[Manifest]) -> Answer<Vec<Manifest>> {
    let mut completed = manifests.to_vec();
    for manifest in completed.iter_mut().filter(|manifest| manifest.kind == DAEMON_SET) {
        let Applied::Done(after) = api.apply(&manifest.kind, &manifest.value, Apply { dry_run: true, force: true }).await? else { continue };
        let left = variables_of(&after);
        for ((container, name), _) in live.variables().into_iter().filter(|(key, value)| !value.is_empty() && left.get(key).is_none_or(String::is_empty)) {
            let default = cni::find(&name).map(|setting| setting.default).filter(|default| !default.is_empty());
            if let Some(default) = default {
                set(&mut manifest.value, &container, &name, default);
            }
        }
    }
    Ok(completed)
}

/// Puts a variable into a manifest of the DaemonSet, and its container if need be.
fn set(daemon_set: &mut Value, container: &str, name: &str, value: &str) {
    let list = if container == AWS_NODE_INIT { "initContainers" } else { "containers" };
    let containers = &mut daemon_set["spec"]["template"]["spec"][list];
    if !containers.is_array() {
        *containers = json!([]);
    }
    let Some(containers) = containers.as_array_mut() else { return };
    let at = containers.iter().position(|one| one["name"] == container).unwrap_or_else(|| {
        containers.push(json!({ "name": container, "env": [] }));
        containers.len() - 1
    });
    if let Some(env) = containers[at]["env"].as_array_mut() {
        env.push(json!({ "name": name, "value": value }));
    }
}

/// Several managers may hold one field: all of them are named, and one who chose it is enough.
fn joined(before: Option<Difference>, one: Difference) -> Difference {
    match before.and_then(|before| Some((before.manager?, before.unchosen))) {
        Some((manager, unchosen)) => {
            Difference { manager: one.manager.as_ref().map(|own| format!("{manager} and {own}")), unchosen: unchosen && one.unchosen, ..one }
        }
        None => one,
    }
}

/// Every variable that is another one afterwards, those that go included.
fn differences(live: &Live, after: &Value) -> Vec<Difference> {
    let (before, after) = (live.variables(), variables_of(after));
    let keys: BTreeSet<&(String, String)> = before.keys().chain(after.keys()).collect();
    let changed = keys.into_iter().filter(|key| before.get(*key) != after.get(*key));
    let row = |key: &(String, String)| Difference {
        what: word(&key.0, &key.1),
        live: before.get(key).cloned(),
        wanted: after.get(key).cloned(),
        manager: None,
        unchosen: false,
    };
    changed.map(row).collect()
}

/// A conflict in words, with the values on both sides.
async fn contested(api: &impl Kubernetes, live: &Live, manifest: &Manifest, conflict: &Conflict) -> Answer<Difference> {
    let manager = Some(conflict.manager.clone());
    if let Some(key) = variable(&conflict.field).filter(|_| manifest.kind == DAEMON_SET) {
        let there = live.variables().get(&key).cloned();
        let default = cni::find(&key.1).map(|setting| setting.default.to_string());
        return Ok(Difference {
            what: word(&key.0, &key.1),
            wanted: variables_of(&manifest.value).get(&key).cloned(),
            unchosen: conflict.manager == EKS_MANAGER && there == default,
            live: there,
            manager,
        });
    }
    let name = manifest.value["metadata"]["name"].as_str().unwrap_or_default();
    let pointer = conflict.field.replace('.', "/");
    let text = |value: &Value| value.pointer(&pointer).map(|value| value.as_str().map_or(value.to_string(), str::to_string));
    let there = api.read(&manifest.kind, name).await?.unwrap_or_default();
    let what = format!("{} {name} {}", manifest.kind.kind, conflict.field);
    Ok(Difference { what, live: text(&there), wanted: text(&manifest.value), manager, unchosen: false })
}

/// (container, variable) of `.spec.template.spec.containers[name="aws-node"].env[name="WARM_IP_TARGET"].value`.
fn variable(field: &str) -> Option<(String, String)> {
    let mut names = field.split('"').skip(1).step_by(2);
    let found = (names.next()?.to_string(), names.next()?.to_string());
    field.contains(".env[").then_some(found)
}

#[cfg(test)]
mod tests {
    use super::super::tests::daemon_set;
    use super::*;

    #[test]
    fn the_image_tells_the_version_and_unknown_settings_are_lost_to_the_add_on() {
        let live = Live { daemon_set: daemon_set("5") };
        assert_eq!(live.version().as_deref(), Some("v1.20.4-eksbuild.1"));
        let lost = live.lost(&AwsNode::default());
        assert_eq!(lost.iter().map(|one| (one.what.as_str(), one.wanted.as_deref())).collect::<Vec<_>>(), [("WARM_IP_TARGET", Some("0"))]);
    }

    #[test]
    fn fields_of_conflicts_name_their_variable() {
        let field = |container: &str, rest: &str| format!(".spec.template.spec.containers[name=\"{container}\"]{rest}");
        let key = variable(&field("aws-node", ".env[name=\"WARM_IP_TARGET\"].value"));
        assert_eq!(key, Some(("aws-node".to_string(), "WARM_IP_TARGET".to_string())));
        assert_eq!(variable(&field("aws-node", ".image")), None);
    }

    #[test]
    fn two_managers_of_a_field_are_both_named() {
        let one = |manager: &str, unchosen| Difference { what: "A".into(), live: None, wanted: None, manager: Some(manager.into()), unchosen };
        let both = joined(Some(one("eks", true)), one("helm", false));
        assert_eq!((both.manager.as_deref(), both.unchosen), (Some("eks and helm"), false));
    }
}
