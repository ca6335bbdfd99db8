//! What applying the settings would change of the aws-node that runs, and whose settings these are. Nothing is changed here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::aws::port::{Answer, Applied, Apply, Conflict, Kubernetes};
use crate::facts::aws_node::{self, Release, Schema};
use crate::facts::eks;
use crate::facts::kubernetes::{
    AWS_NODE, AWS_NODE_INIT, BOOTSTRAP_MANAGERS, DAEMON_SET, EKS_MANAGER, ENI_CONFIG, Kind,
    MANAGED_BY,
};
use crate::intent::AwsNode;
use crate::render::kubernetes::Manifest;

use super::super::setting::{Difference, Nodes};

/// aws-node as it runs.
#[derive(Clone, Debug)]
pub struct Live {
    pub(super) daemon_set: Value,
}

impl Live {
    /// `None`: the cluster has no aws-node.
    pub async fn read(api: &impl Kubernetes) -> Answer<Option<Self>> {
        Ok(api.read(&DAEMON_SET, eks::AWS_NODE).await?.map(|daemon_set| Self { daemon_set }))
    }

    /// Variables with a value of their own, by container and name.
    pub fn variables(&self) -> BTreeMap<(String, String), String> {
        variables_of(&self.daemon_set)
    }

    /// `v1.20.4-eksbuild.1`, of the image.
    pub fn version(&self) -> Option<String> {
        let main = containers(&self.daemon_set).find(|container| container["name"] == AWS_NODE)?;
        let version = main["image"].as_str()?.split('@').next()?.rsplit_once(':')?.1;
        crate::intent::aws_node::is_addon_version(version).then(|| version.to_string())
    }

    pub(super) fn nodes(&self) -> Nodes {
        let status = &self.daemon_set["status"];
        let count = |name: &str| status[name].as_u64().unwrap_or(0);
        let seen = status["observedGeneration"] == self.daemon_set["metadata"]["generation"];
        Nodes {
            updated: if seen { count("updatedNumberScheduled") } else { 0 },
            all: count("desiredNumberScheduled"),
        }
    }

    /// Nodes on which it is not ready; none where the API does not tell.
    pub(super) fn unready(&self) -> u64 {
        let ready = self.daemon_set["status"]["numberReady"].as_u64();
        ready.map_or(0, |ready| self.nodes().all.saturating_sub(ready))
    }

    /// What the add-on would take away when it overwrites this aws-node: variables that have neither its value nor, where the blueprint says
    /// nothing, aws-node's default; a newer version; network policies that are on.
    pub fn lost(&self, wanted: &AwsNode) -> Vec<Difference> {
        let default = |name: &str| aws_node::find(name).map(|row| row.default.to_string());
        let then = |name: &str| {
            wanted.settings.get(name).map(ToString::to_string).or_else(|| default(name))
        };
        // What no schema of the add-on has is set by nobody then.
        let settable =
            |name: &str| aws_node::find(name).is_some_and(|row| row.schema != Schema::Never);
        let own = |(_, name): &(String, String)| !aws_node::WIRING.contains(&name.as_str());
        let live = self.variables().into_iter().filter(|(key, _)| own(key));
        let changed = live.filter(|((_, name), live)| then(name).as_ref() != Some(live));
        let of = object(&DAEMON_SET, eks::AWS_NODE);
        let row = |((container, name), live): ((String, String), String)| Difference {
            wanted: then(&name).filter(|_| settable(&name)),
            live: Some(live),
            ..Difference::of(word(&container, &name), of.clone())
        };
        let version = self
            .version()
            .zip(wanted.version.known().map(str::to_string))
            .filter(|(live, wanted)| Release::of(wanted) < Release::of(live));
        let version = version.map(|(live, wanted)| Difference {
            live: Some(live),
            wanted: Some(wanted),
            ..Difference::of("version".into(), of.clone())
        });
        let policies = (self.has_policies() && !wanted.network_policy).then(|| Difference {
            live: Some("on".into()),
            wanted: Some("off".into()),
            ..Difference::of("network policies".into(), of.clone())
        });
        changed.map(row).chain(version).chain(policies).collect()
    }

    /// Whether its agent enforces network policies.
    fn has_policies(&self) -> bool {
        containers(&self.daemon_set)
            .filter_map(|container| container["args"].as_array())
            .flatten()
            .any(|argument| argument == "--enable-network-policy=true")
    }
}

fn containers(daemon_set: &Value) -> impl Iterator<Item = &Value> {
    let pod = &daemon_set["spec"]["template"]["spec"];
    ["containers", "initContainers"]
        .into_iter()
        .flat_map(|list| pod[list].as_array().into_iter().flatten())
}

pub(super) fn variables_of(daemon_set: &Value) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    for container in containers(daemon_set)
        .filter(|container| container["name"] == AWS_NODE || container["name"] == AWS_NODE_INIT)
    {
        for variable in container["env"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|variable| variable.get("valueFrom").is_none())
        {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
            found.insert(
                (text(&container["name"]), text(&variable["name"])),
                text(&variable["value"]),
            );
        }
    }
    found
}

pub(super) fn word(container: &str, name: &str) -> String {
    if container == AWS_NODE_INIT { format!("init {name}") } else { name.to_string() }
}

/// What there is to apply, and what that changes.
#[derive(Clone, Debug)]
pub struct Reviewed {
    pub manifests: Vec<Manifest>,
    pub differences: Vec<Difference>,
}

/// What applying the manifests would change, and what somebody else has set otherwise. Nothing is changed. `former` is what the last
/// deployment set: whatever of it EKS holds by now is nobody else's choice.
pub async fn review(
    api: &impl Kubernetes,
    live: &Live,
    manifests: &[Manifest],
    former: &BTreeMap<String, String>,
) -> Answer<Reviewed> {
    let mut found: BTreeMap<String, Difference> = BTreeMap::new();
    let manifests = completed(api, live, manifests).await?;
    for manifest in &manifests {
        let there = fields(manifest, &there(api, live, manifest).await?);
        let forced = api
            .apply(&manifest.kind, &manifest.value, Apply { dry_run: true, force: true })
            .await?;
        if let Applied::Done(after) = &forced {
            found.extend(
                differences(manifest, &there, &fields(manifest, after))
                    .map(|one| (one.what.clone(), one)),
            );
        }
        if let Applied::Conflicts(conflicts) = api
            .apply(&manifest.kind, &manifest.value, Apply { dry_run: true, force: false })
            .await?
        {
            for conflict in conflicts {
                let one = contested(manifest, &there, &conflict, former);
                let joined = joined(found.remove(&one.what), one);
                found.insert(joined.what.clone(), joined);
            }
        }
    }
    for config in others(api, &manifests).await? {
        let name = config["metadata"]["name"].as_str().unwrap_or_default();
        let live = config["spec"]["subnet"].as_str().map(str::to_string);
        let one = Difference {
            live,
            ..Difference::of(
                format!("{} {name} .spec.subnet", ENI_CONFIG.kind),
                object(&ENI_CONFIG, name),
            )
        };
        found.insert(one.what.clone(), one);
    }
    Ok(Reviewed { manifests, differences: found.into_values().collect() })
}

/// ENIConfigs of eksnet's own that the blueprint names no more.
pub async fn others(api: &impl Kubernetes, manifests: &[Manifest]) -> Answer<Vec<Value>> {
    let name = |object: &Value| object["metadata"]["name"].as_str().unwrap_or_default().to_string();
    let wanted: BTreeSet<String> = manifests
        .iter()
        .filter(|manifest| manifest.kind == ENI_CONFIG)
        .map(|manifest| name(&manifest.value))
        .collect();
    let own = |object: &Value| object["metadata"]["labels"][MANAGED_BY.0] == MANAGED_BY.1;
    let there = api.list(&ENI_CONFIG).await?;
    Ok(there.into_iter().filter(own).filter(|object| !wanted.contains(&name(object))).collect())
}

async fn there(api: &impl Kubernetes, live: &Live, manifest: &Manifest) -> Answer<Value> {
    if manifest.kind == DAEMON_SET {
        return Ok(live.daemon_set.clone());
    }
    let name = manifest.value["metadata"]["name"].as_str().unwrap_or_default();
    Ok(api.read(&manifest.kind, name).await?.unwrap_or_default())
}

/// In one word, such as `ENIConfig eu-west-1a`.
pub fn object(kind: &Kind, name: &str) -> String {
    format!("{} {name}", kind.kind)
}

/// The parts of an object that eksnet may set, by name: variables of the DaemonSet, fields of anything else as conflicts name them.
fn fields(manifest: &Manifest, there: &Value) -> BTreeMap<String, String> {
    if manifest.kind == DAEMON_SET {
        return variables_of(there)
            .into_iter()
            .map(|((container, name), value)| (word(&container, &name), value))
            .collect();
    }
    let of =
        object(&manifest.kind, manifest.value["metadata"]["name"].as_str().unwrap_or_default());
    let text = |value: &Value| value.as_str().map_or(value.to_string(), str::to_string);
    let part = |place: &'static str, map: &Value| -> Vec<(String, String)> {
        let entries = map.as_object().into_iter().flatten();
        entries.map(|(key, value)| (format!("{of} {place}.{key}"), text(value))).collect()
    };
    part(".spec", &there["spec"])
        .into_iter()
        .chain(part(".metadata.annotations", &there["metadata"]["annotations"]))
        .collect()
}

/// Everything that is another one afterwards, what goes included.
fn differences<'f>(
    manifest: &'f Manifest,
    before: &'f BTreeMap<String, String>,
    after: &'f BTreeMap<String, String>,
) -> impl Iterator<Item = Difference> + 'f {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = keys.into_iter().filter(|key| before.get(*key) != after.get(*key));
    changed.map(|key| Difference {
        live: before.get(key).cloned(),
        wanted: after.get(key).cloned(),
        ..Difference::of(key.clone(), of(manifest))
    })
}

fn of(manifest: &Manifest) -> String {
    object(&manifest.kind, manifest.value["metadata"]["name"].as_str().unwrap_or_default())
}

impl Difference {
    fn of(what: String, object: String) -> Self {
        Self { what, object, live: None, wanted: None, manager: None, unchosen: false }
    }
}

/// A conflict in words, with the values on both sides.
fn contested(
    manifest: &Manifest,
    there: &BTreeMap<String, String>,
    conflict: &Conflict,
    former: &BTreeMap<String, String>,
) -> Difference {
    let key = variable(&conflict.field).filter(|_| manifest.kind == DAEMON_SET);
    let what = key.as_ref().map_or_else(
        || format!("{} {}", of(manifest), conflict.field),
        |(container, name)| word(container, name),
    );
    let live = there.get(&what).cloned();
    let default = key
        .as_ref()
        .and_then(|(_, name)| aws_node::find(name))
        .map(|setting| setting.default.to_string());
    let shipped = BOOTSTRAP_MANAGERS.contains(&conflict.manager.as_str()) && live == default;
    let ours =
        conflict.manager == EKS_MANAGER && key.is_some() && live.as_ref() == former.get(&what);
    Difference {
        wanted: fields(manifest, &manifest.value).get(&what).cloned(),
        live,
        manager: Some(conflict.manager.clone()),
        unchosen: shipped || ours,
        ..Difference::of(what, of(manifest))
    }
}

/// (container, variable) of `.spec.template.spec.containers[name="aws-node"].env[name="WARM_IP_TARGET"].value`.
fn variable(field: &str) -> Option<(String, String)> {
    let mut names = field.split('"').skip(1).step_by(2);
    let found = (names.next()?.to_string(), names.next()?.to_string());
    field.contains(".env[").then_some(found)
}

/// With aws-node's default for each variable that eksnet sets no more: without it Kubernetes leaves an empty one behind, where whoever
/// installed aws-node still holds its name.
async fn completed(
    api: &impl Kubernetes,
    live: &Live,
    manifests: &[Manifest],
) -> Answer<Vec<Manifest>> {
    let mut completed = manifests.to_vec();
    for manifest in completed.iter_mut().filter(|manifest| manifest.kind == DAEMON_SET) {
        let Applied::Done(after) = api
            .apply(&manifest.kind, &manifest.value, Apply { dry_run: true, force: true })
            .await?
        else {
            continue;
        };
        let left = variables_of(&after);
        let emptied = live.variables().into_iter().filter(|(key, value)| {
            !value.is_empty() && left.get(key).is_some_and(String::is_empty)
        });
        for ((container, name), _) in emptied {
            let default = aws_node::find(&name)
                .map(|setting| setting.default)
                .filter(|default| !default.is_empty());
            if let Some(default) = default {
                set(&mut manifest.value, &container, &name, default);
            }
        }
    }
    Ok(completed)
}

/// Puts a variable into a manifest of the DaemonSet, and its container if need be; one that is there stays.
fn set(daemon_set: &mut Value, container: &str, name: &str, value: &str) {
    let list = if container == AWS_NODE_INIT { "initContainers" } else { "containers" };
    let containers = &mut daemon_set["spec"]["template"]["spec"][list];
    if !containers.is_array() {
        *containers = json!([]);
    }
    let Some(containers) = containers.as_array_mut() else {
        return;
    };
    let at = containers.iter().position(|one| one["name"] == container).unwrap_or_else(|| {
        containers.push(json!({ "name": container, "env": [] }));
        containers.len() - 1
    });
    if let Some(env) =
        containers[at]["env"].as_array_mut().filter(|env| env.iter().all(|one| one["name"] != name))
    {
        env.push(json!({ "name": name, "value": value }));
    }
}

/// Several managers may hold one field: all of them are named, and one who chose it is enough.
fn joined(before: Option<Difference>, one: Difference) -> Difference {
    match before.and_then(|before| Some((before.manager?, before.unchosen))) {
        Some((manager, unchosen)) => Difference {
            manager: one.manager.as_ref().map(|own| format!("{manager} and {own}")),
            unchosen: unchosen && one.unchosen,
            ..one
        },
        None => one,
    }
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
        assert_eq!(
            lost.iter().map(|one| (one.what.as_str(), one.wanted.as_deref())).collect::<Vec<_>>(),
            [("WARM_IP_TARGET", Some("0"))]
        );
    }

    #[test]
    fn fields_of_conflicts_name_their_variable() {
        let field = |container: &str, rest: &str| {
            format!(".spec.template.spec.containers[name=\"{container}\"]{rest}")
        };
        let key = variable(&field("aws-node", ".env[name=\"WARM_IP_TARGET\"].value"));
        assert_eq!(key, Some(("aws-node".to_string(), "WARM_IP_TARGET".to_string())));
        assert_eq!(variable(&field("aws-node", ".image")), None);
    }

    #[test]
    fn two_managers_of_a_field_are_both_named() {
        let one = |manager: &str, unchosen| Difference {
            manager: Some(manager.into()),
            unchosen,
            ..Difference::of("A".into(), "B".into())
        };
        let both = joined(Some(one("eks", true)), one("helm", false));
        assert_eq!((both.manager.as_deref(), both.unchosen), (Some("eks and helm"), false));
    }

    #[test]
    fn what_eks_keeps_of_the_last_deployment_is_nobody_elses_choice() {
        let wanted = Manifest { file: String::new(), kind: DAEMON_SET, value: daemon_set("6") };
        let there = BTreeMap::from([("WARM_IP_TARGET".to_string(), "5".to_string())]);
        let of = |manager: &str, former: &str| {
            let field = ".spec.template.spec.containers[name=\"aws-node\"].env[name=\"WARM_IP_TARGET\"].value".to_string();
            let former = BTreeMap::from([("WARM_IP_TARGET".to_string(), former.to_string())]);
            contested(&wanted, &there, &Conflict { field, manager: manager.into() }, &former)
                .unchosen
        };
        assert_eq!([of("eks", "5"), of("eks", "4"), of("helm", "5")], [true, false, false]);
    }
}
