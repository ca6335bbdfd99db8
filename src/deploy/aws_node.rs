//! A self-managed aws-node through the Kubernetes API: its variables and its ENIConfigs, by server-side apply. What somebody else set is
//! shown, and taken over only where that was asked for; what runs in the end is read back.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::aws::port::{Answer, Applied, Apply, Conflict, Kubernetes};
use crate::diagnostic::Failure;
use crate::facts::kubernetes::{AWS_NODE, AWS_NODE_INIT, DAEMON_SET, EKS_MANAGER, ENI_CONFIG, MANAGED_BY};
use crate::facts::{cni, eks};
use crate::render::kubernetes::Manifest;
use crate::spec::AwsNode;

/// aws-node as it runs.
#[derive(Clone, Debug)]
pub struct Live {
    daemon_set: Value,
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

/// What came of setting aws-node up.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// Everything runs as wanted; `changed` is empty where it did before.
    Done { changed: Vec<Difference>, removed: Vec<String>, nodes: Nodes },
    /// Nothing was changed: these are somebody's own.
    Contested(Vec<Difference>),
}

/// How far a DaemonSet's change has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nodes {
    pub updated: u64,
    pub all: u64,
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

    fn nodes(&self) -> Nodes {
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

fn variables_of(daemon_set: &Value) -> BTreeMap<(String, String), String> {
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

fn word(container: &str, name: &str) -> String {
    if container == AWS_NODE_INIT { format!("init {name}") } else { name.to_string() }
}

/// Logical ids that the manifests speak of.
pub fn needs(manifests: &[Manifest]) -> BTreeSet<String> {
    let texts = manifests.iter().filter(|manifest| manifest.kind != DAEMON_SET).flat_map(|manifest| crate::render::texts(&manifest.value));
    texts.into_iter().filter_map(placeholder).map(|name| name.split('.').next().unwrap_or_default().to_string()).collect()
}

/// `${Subnet.AvailabilityZone}` → `Subnet.AvailabilityZone`
fn placeholder(text: &str) -> Option<&str> {
    text.strip_prefix("${")?.strip_suffix('}')
}

/// The manifests with what the stack made in place of its logical ids; `None` for one that names something that is not there yet. Settings of
/// aws-node are as the author wrote them, whatever they look like.
pub fn filled(manifest: &Manifest, value_of: &dyn Fn(&str) -> Option<String>) -> Option<Manifest> {
    let mut value = manifest.value.clone();
    if manifest.kind != DAEMON_SET {
        fill(&mut value, value_of)?;
    }
    Some(Manifest { value, ..manifest.clone() })
}

fn fill(value: &mut Value, value_of: &dyn Fn(&str) -> Option<String>) -> Option<()> {
    match value {
        Value::String(text) => {
            if let Some(name) = placeholder(text) {
                *text = value_of(name)?;
            }
        }
        Value::Array(items) => items.iter_mut().try_for_each(|item| fill(item, value_of))?,
        Value::Object(map) => map.values_mut().try_for_each(|item| fill(item, value_of))?,
        _ => {}
    }
    Some(())
}

/// What applying the manifests would change, and what somebody else has set otherwise. Nothing is changed.
pub async fn review(api: &impl Kubernetes, live: &Live, manifests: &[Manifest]) -> Answer<Vec<Difference>> {
    let mut found: BTreeMap<String, Difference> = BTreeMap::new();
    for manifest in manifests {
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

/// Sets aws-node up as `manifests` say, other objects first. Nothing is changed where somebody's own settings are in the way and `take_over`
/// does not say so. It may be done again at any moment.
pub async fn settle(api: &impl Kubernetes, manifests: &[Manifest], take_over: bool) -> Result<Settled, Failure> {
    let failed = |what: &str, refusal| Failure::new(what.to_string()).because(refusal).hint(REACH);
    let live = Live::read(api).await.map_err(|refusal| failed("aws-node could not be read through the Kubernetes API", refusal))?.ok_or_else(absent)?;
    let found = review(api, &live, manifests).await.map_err(|refusal| failed("aws-node's settings were not taken", refusal))?;
    let (mine, theirs): (Vec<Difference>, Vec<Difference>) = found.into_iter().partition(|one| one.manager.is_none() || one.unchosen || take_over);
    if !theirs.is_empty() {
        return Ok(Settled::Contested(theirs));
    }
    // Only what was looked at just now is taken: a conflict that nobody was shown stops the second apply.
    let force = mine.iter().any(|one| one.manager.is_some());
    for manifest in manifests {
        let applied = api.apply(&manifest.kind, &manifest.value, Apply { force, dry_run: false }).await;
        if let Applied::Conflicts(_) = applied.map_err(|refusal| failed("aws-node's settings were not taken", refusal))? {
            return Err(Failure::new("somebody changed aws-node at the same moment").hint("deploy again: what is left to do is done then"));
        }
    }
    let removed = remove_others(api, manifests).await.map_err(|refusal| failed("ENIConfigs that nobody needs any more are still there", refusal))?;
    let live = verified(api, manifests).await?;
    Ok(Settled::Done { changed: mine, removed, nodes: live.nodes() })
}

const REACH: &str = "whoever deploys needs `AmazonEKSClusterAdminPolicy` under `cluster.access`, and a way to the endpoint: inside the VPC where it is private. \
    Deploy again then, or apply kubernetes/*.yaml of `eksnet render` by hand";

fn absent() -> Failure {
    Failure::new("the cluster has no aws-node to set up")
        .hint("EKS puts it into new clusters that are made with `management: selfManaged`; into others its own chart does; or write `management: addon`")
}

/// ENIConfigs of eksnet's own that the blueprint names no more.
async fn remove_others(api: &impl Kubernetes, manifests: &[Manifest]) -> Answer<Vec<String>> {
    let name = |object: &Value| object["metadata"]["name"].as_str().unwrap_or_default().to_string();
    let wanted: BTreeSet<String> = manifests.iter().filter(|manifest| manifest.kind == ENI_CONFIG).map(|manifest| name(&manifest.value)).collect();
    let own = |object: &&Value| object["metadata"]["labels"][MANAGED_BY.0] == MANAGED_BY.1;
    let there = api.list(&ENI_CONFIG).await?;
    let left: Vec<String> = there.iter().filter(own).map(name).filter(|name| !wanted.contains(name)).collect();
    for name in &left {
        api.delete(&ENI_CONFIG, name).await?;
    }
    Ok(left)
}

/// What runs, read back: an admission webhook or another controller may have the last word.
async fn verified(api: &impl Kubernetes, manifests: &[Manifest]) -> Result<Live, Failure> {
    let unread = |refusal| Failure::new("aws-node could not be read again").because(refusal);
    let live = Live::read(api).await.map_err(unread)?.ok_or_else(absent)?;
    let mut wrong: Vec<String> = Vec::new();
    for manifest in manifests {
        if manifest.kind == DAEMON_SET {
            let there = live.variables();
            let other = variables_of(&manifest.value).into_iter().filter(|(key, value)| there.get(key) != Some(value));
            wrong.extend(
                other.map(|(key, _)| format!("{} is {}", word(&key.0, &key.1), there.get(&key).map_or("unset".to_string(), |live| format!("`{live}`")))),
            );
            continue;
        }
        let name = manifest.value["metadata"]["name"].as_str().unwrap_or_default();
        let there = api.read(&manifest.kind, name).await.map_err(unread)?.unwrap_or_default();
        if !contains(&there, &manifest.value) {
            wrong.push(format!("{} {name} is another one", manifest.kind.kind));
        }
    }
    if wrong.is_empty() {
        return Ok(live);
    }
    let failure = Failure::new("aws-node does not run as the blueprint says, although the Kubernetes API took its settings");
    Err(failure.because(wrong.join("; ")).hint("look for an admission webhook or a controller that sets them back"))
}

/// Whether everything in `wanted` is in `there` too.
fn contains(there: &Value, wanted: &Value) -> bool {
    match (there, wanted) {
        (Value::Object(there), Value::Object(wanted)) => wanted.iter().all(|(key, value)| there.get(key).is_some_and(|own| contains(own, value))),
        (there, wanted) => there == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::port::Refusal;
    use crate::facts::kubernetes::Kind;
    use serde_json::json;

    /// Takes everything, and keeps what it had.
    struct Stubborn(Value);

    impl Kubernetes for Stubborn {
        async fn read(&self, _: &Kind, _: &str) -> Answer<Option<Value>> {
            Ok(Some(self.0.clone()))
        }

        async fn list(&self, _: &Kind) -> Answer<Vec<Value>> {
            Err(Refusal::new("Forbidden", "not for you"))
        }

        async fn apply(&self, _: &Kind, _: &Value, _: Apply) -> Answer<Applied> {
            Ok(Applied::Done(self.0.clone()))
        }

        async fn delete(&self, _: &Kind, _: &str) -> Answer<()> {
            Ok(())
        }
    }

    fn daemon_set(target: &str) -> Value {
        let env = json!([{ "name": "WARM_IP_TARGET", "value": target }, { "name": "MY_NODE_NAME", "valueFrom": {} }]);
        json!({ "metadata": { "name": "aws-node" }, "spec": { "template": { "spec": { "containers": [{ "name": "aws-node", "image": "r/amazon-k8s-cni:v1.20.4-eksbuild.1@sha256:ab", "env": env }] } } } })
    }

    fn manifest(target: &str) -> Manifest {
        Manifest { file: "aws-node".into(), kind: DAEMON_SET, value: daemon_set(target) }
    }

    #[test]
    fn settings_that_something_puts_back_are_a_failure() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let verified = |target| runtime.block_on(verified(&Stubborn(daemon_set("5")), &[manifest(target)]));
        assert!(verified("5").is_ok());
        assert!(verified("6").unwrap_err().chain().contains("WARM_IP_TARGET is `5`"));
        let settled = runtime.block_on(settle(&Stubborn(daemon_set("5")), &[manifest("5")], false));
        assert!(settled.unwrap_err().chain().contains("not for you"), "ENIConfigs that may not be listed are said to be so");
    }

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
