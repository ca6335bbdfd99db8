//! A self-managed aws-node through the Kubernetes API: its variables and its ENIConfigs, by server-side apply. What somebody else set is
//! shown, and taken over only where that was asked for; what runs in the end is read back.

mod addon;
mod back;
mod moved;
pub mod objects;
pub mod proofs;
mod review;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::aws::port::{Answer, Applied, Apply, Kubernetes, Refusal};
use crate::diagnostic::Failure;
use crate::facts::eks;
use crate::facts::kubernetes::{DAEMON_SET, ENI_CONFIG, SERVICE_ACCOUNT};
use crate::render::kubernetes::Manifest;

pub mod run;
pub use back::{give_back, pods_inside};
pub use moved::{Moved, moved};
pub use objects::open;
pub use proofs::{Whose, proven};
pub use review::{Live, Reviewed, review};
use review::{object, others, variables_of, word};

use super::setting::{Difference, Nodes};

/// What came of setting aws-node up.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// Everything runs as wanted; `changed` is empty where it did before. `left`: ENIConfigs that go once all nodes have the new settings.
    Done { changed: Vec<Difference>, left: Vec<String>, nodes: Nodes },
    /// Nothing was changed: these are somebody's own.
    Contested(Vec<Difference>),
}

/// Logical ids that the manifests speak of.
pub fn needs(manifests: &[Manifest]) -> BTreeSet<String> {
    let texts = manifests
        .iter()
        .filter(|manifest| manifest.kind != DAEMON_SET)
        .flat_map(|manifest| crate::template::texts(&manifest.value));
    texts
        .into_iter()
        .filter_map(placeholder)
        .map(|name| name.split('.').next().unwrap_or_default().to_string())
        .collect()
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

/// Sets aws-node up as `manifests` say, other objects first. Nothing is changed where somebody's own settings are in the way and `take_over`
/// does not say so. It may be done again at any moment. `former`: see [`review`].
pub async fn settle(
    api: &impl Kubernetes,
    manifests: &[Manifest],
    former: &BTreeMap<String, String>,
    take_over: bool,
) -> Result<Settled, Failure> {
    let live = Live::read(api)
        .await
        .map_err(|refusal| {
            failed("aws-node could not be read through the Kubernetes API", refusal)
        })?
        .ok_or_else(absent)?;
    let Reviewed { manifests, differences } = review(api, &live, manifests, former)
        .await
        .map_err(|refusal| failed("aws-node's settings were not accepted", refusal))?;
    let (mine, theirs): (Vec<Difference>, Vec<Difference>) =
        differences.into_iter().partition(|one| one.manager.is_none() || one.unchosen || take_over);
    if !theirs.is_empty() {
        return Ok(Settled::Contested(theirs));
    }
    for manifest in &manifests {
        // Only objects that were seen to be somebody's are forced.
        let name =
            object(&manifest.kind, manifest.value["metadata"]["name"].as_str().unwrap_or_default());
        let force = mine.iter().any(|one| one.manager.is_some() && one.object == name);
        let applied =
            api.apply(&manifest.kind, &manifest.value, Apply { force, dry_run: false }).await;
        if let Applied::Conflicts(_) =
            applied.map_err(|refusal| failed("aws-node's settings were not accepted", refusal))?
        {
            return Err(Failure::new("aws-node was changed by another client at the same moment")
                .hint("deploy again: the remaining steps run then"));
        }
    }
    let live = verified(api, &manifests).await?;
    let left = remove_others(api, &manifests, live.nodes()).await;
    let left = left
        .map_err(|refusal| failed("ENIConfigs that are no longer needed still exist", refusal))?;
    Ok(Settled::Done { changed: mine, left, nodes: live.nodes() })
}

/// Makes what new nodes need beside the settings, where nobody is in the way: what is left is done by [`settle`].
pub async fn prepare(api: &impl Kubernetes, manifests: &[Manifest]) -> Answer<()> {
    for manifest in manifests.iter().filter(|manifest| manifest.kind == ENI_CONFIG) {
        api.apply(&manifest.kind, &manifest.value, Apply::default()).await?;
    }
    Ok(())
}

/// Takes eksnet's annotation of the service account away: whoever adopts aws-node brings a role of its own.
pub async fn release(api: &impl Kubernetes) -> Answer<()> {
    if api.read(&SERVICE_ACCOUNT, eks::AWS_NODE).await?.is_none() {
        return Ok(());
    }
    let bare = json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": eks::AWS_NODE, "namespace": "kube-system" } });
    api.apply(&SERVICE_ACCOUNT, &bare, Apply::default()).await.map(|_| ())
}

fn failed(what: &str, refusal: Refusal) -> Failure {
    Failure::new(what.to_string()).because(refusal).hint(REACH)
}

/// What it takes to be let in.
pub const REACH: &str = "the deploying principal needs `AmazonEKSClusterAdminPolicy` under `cluster.access`, and a route to the endpoint: inside the VPC where it is private. \
    Deploy again then, or apply kubernetes/*.yaml of `eksnet render` manually";

pub(super) fn absent() -> Failure {
    Failure::new("the cluster has no aws-node to configure")
        .hint("EKS installs it in new clusters with `management: selfManaged`; in others, its own chart does; or set `management: addon`")
}

/// Removes ENIConfigs of eksnet's own that the blueprint names no more, once no node reads them; the names of those that stay until then.
async fn remove_others(
    api: &impl Kubernetes,
    manifests: &[Manifest],
    nodes: Nodes,
) -> Answer<Vec<String>> {
    let name = |object: &Value| object["metadata"]["name"].as_str().unwrap_or_default().to_string();
    let others: Vec<String> = others(api, manifests).await?.iter().map(name).collect();
    if nodes.updated < nodes.all {
        return Ok(others);
    }
    for name in &others {
        api.delete(&ENI_CONFIG, name).await?;
    }
    Ok(Vec::new())
}

/// What runs, read back: an admission webhook or another controller may have the last word.
async fn verified(api: &impl Kubernetes, manifests: &[Manifest]) -> Result<Live, Failure> {
    let unread = |refusal| Failure::new("aws-node could not be read again").because(refusal);
    let live = Live::read(api).await.map_err(unread)?.ok_or_else(absent)?;
    let mut wrong: Vec<String> = Vec::new();
    for manifest in manifests {
        if manifest.kind == DAEMON_SET {
            let there = live.variables();
            let other = variables_of(&manifest.value)
                .into_iter()
                .filter(|(key, value)| there.get(key) != Some(value));
            wrong.extend(other.map(|(key, _)| {
                format!(
                    "{} is {}",
                    word(&key.0, &key.1),
                    there.get(&key).map_or("unset".to_string(), |live| format!("`{live}`"))
                )
            }));
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
    let failure = Failure::new(
        "aws-node does not run as the blueprint says, although the Kubernetes API accepted its settings",
    );
    Err(failure
        .because(wrong.join("; "))
        .hint("look for an admission webhook or a controller that reverts them"))
}

/// Whether everything in `wanted` is in `there` too.
fn contains(there: &Value, wanted: &Value) -> bool {
    match (there, wanted) {
        (Value::Object(there), Value::Object(wanted)) => {
            wanted.iter().all(|(key, value)| there.get(key).is_some_and(|own| contains(own, value)))
        }
        (there, wanted) => there == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::port::{Probe, Probed};
    use crate::facts::kubernetes::Kind;

    /// Takes everything, and keeps what it had.
    struct Stubborn(Value);

    impl Kubernetes for Stubborn {
        async fn read(&self, _: &Kind, _: &str) -> Answer<Option<Value>> {
            Ok(Some(self.0.clone()))
        }

        async fn list(&self, _: &Kind) -> Answer<Vec<Value>> {
            Err(Refusal::new("Forbidden", "not for you"))
        }

        async fn probe(&self, _: &Probe) -> Answer<Probed> {
            Err(Refusal::new("Forbidden", "not for you"))
        }

        async fn apply(&self, _: &Kind, _: &Value, _: Apply) -> Answer<Applied> {
            Ok(Applied::Done(self.0.clone()))
        }

        async fn delete(&self, _: &Kind, _: &str) -> Answer<()> {
            Ok(())
        }
    }

    pub fn daemon_set(target: &str) -> Value {
        let env = json!([{ "name": "WARM_IP_TARGET", "value": target }, { "name": "MY_NODE_NAME", "valueFrom": {} }]);
        json!({ "metadata": { "name": "aws-node" }, "spec": { "template": { "spec": { "containers": [{ "name": "aws-node", "image": "r/amazon-k8s-cni:v1.20.4-eksbuild.1@sha256:ab", "env": env }] } } } })
    }

    fn manifest(target: &str) -> Manifest {
        Manifest { file: "aws-node".into(), kind: DAEMON_SET, value: daemon_set(target) }
    }

    #[test]
    fn settings_that_something_puts_back_are_a_failure() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let verified =
            |target| runtime.block_on(verified(&Stubborn(daemon_set("5")), &[manifest(target)]));
        assert!(verified("5").is_ok());
        assert!(verified("6").unwrap_err().chain().contains("WARM_IP_TARGET is `5`"));
        let settled = runtime.block_on(settle(
            &Stubborn(daemon_set("5")),
            &[manifest("5")],
            &BTreeMap::new(),
            false,
        ));
        assert!(
            settled.unwrap_err().chain().contains("not for you"),
            "ENIConfigs that may not be listed are said to be so"
        );
    }
}
