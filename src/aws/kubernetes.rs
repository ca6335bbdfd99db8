//! A cluster's own API behind the [`Kubernetes`] port.

use std::time::{Duration, SystemTime};

use aws_credential_types::provider::ProvideCredentials;
use hyper_util::client::proxy::matcher::Matcher;
use kube::api::{Api, ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::{Request, Status};
use serde_json::{Value, json};

use super::port::{
    Answer, Applied, Apply, Conflict, Connected, Kubernetes, Probe, Probed, Refusal,
};
use super::session::Account;
use super::token::token;
use crate::facts::kubernetes::{Kind, MANAGER};
use crate::observed::LiveCluster;

const CONNECT: Duration = Duration::from_secs(10);
const READ: Duration = Duration::from_secs(30);

/// The API of one cluster, with a token that lasts a quarter of an hour.
pub struct ClusterApi(kube::Client);

impl Connected for Account {
    type Api = ClusterApi;

    /// Opens the API of a cluster as the credentials' owner. Nothing is asked of it yet.
    async fn kubernetes(&self, name: &str, cluster: &LiveCluster) -> Answer<ClusterApi> {
        let provider = self
            .credentials
            .as_ref()
            .ok_or_else(|| Refusal::new("", "there are no credentials"))?;
        let credentials = provider
            .provide_credentials()
            .await
            .map_err(|cause| Refusal::new("", chain(&cause)))?;
        let region = crate::facts::regions::find(&self.region)
            .ok_or_else(|| Refusal::new("", format!("unknown Region `{}`", self.region)))?;
        #[expect(clippy::disallowed_methods, reason = "the token is signed for this moment")]
        let now = SystemTime::now();
        let token = token(credentials, region, name, now)?;
        let config = config(cluster, token).await.map_err(|cause| Refusal::new("", cause))?;
        let client =
            kube::Client::try_from(config).map_err(|cause| Refusal::new("", chain(&cause)))?;
        Ok(ClusterApi(client))
    }
}

async fn config(cluster: &LiveCluster, token: String) -> Result<kube::Config, String> {
    let written = json!({
        "clusters": [{ "name": "eks", "cluster": { "server": cluster.endpoint, "certificate-authority-data": cluster.authority } }],
        "users": [{ "name": "own", "user": { "token": token } }],
        "contexts": [{ "name": "own", "context": { "cluster": "eks", "user": "own" } }],
        "current-context": "own",
    });
    let kubeconfig: Kubeconfig =
        serde_json::from_value(written).map_err(|cause| cause.to_string())?;
    let mut config =
        kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
            .await
            .map_err(|cause| chain(&cause))?;
    // With NO_PROXY, which kube itself does not read.
    config.proxy_url =
        Matcher::from_env().intercept(&config.cluster_url).map(|proxy| proxy.uri().clone());
    config.connect_timeout = Some(CONNECT);
    config.read_timeout = Some(READ);
    Ok(config)
}

impl ClusterApi {
    fn of(&self, kind: &Kind) -> Api<DynamicObject> {
        let api_version = if kind.group.is_empty() {
            kind.version.to_string()
        } else {
            format!("{}/{}", kind.group, kind.version)
        };
        let resource = ApiResource {
            group: kind.group.to_string(),
            version: kind.version.to_string(),
            api_version,
            kind: kind.kind.to_string(),
            plural: kind.plural.to_string(),
        };
        match kind.namespace {
            Some(namespace) => Api::namespaced_with(self.0.clone(), namespace, &resource),
            None => Api::all_with(self.0.clone(), &resource),
        }
    }
}

impl Kubernetes for ClusterApi {
    async fn read(&self, kind: &Kind, name: &str) -> Answer<Option<Value>> {
        let found = self.of(kind).get_opt(name).await.map_err(|error| refusal(&error))?;
        Ok(found.map(|object| plain(&object)))
    }

    async fn list(&self, kind: &Kind) -> Answer<Vec<Value>> {
        match self.of(kind).list(&ListParams::default()).await {
            Ok(list) => Ok(list.items.iter().map(plain).collect()),
            Err(kube::Error::Api(status)) if status.is_not_found() => Ok(Vec::new()),
            Err(error) => Err(refusal(&error)),
        }
    }

    async fn probe(&self, probe: &Probe) -> Answer<Probed> {
        let scheme = if probe.https { "https:" } else { "" };
        let pods = Request::new(format!("/api/v1/namespaces/{}/pods", probe.namespace));
        let target = format!("{scheme}{}:{}", probe.pod, probe.port);
        let request = pods
            .get_subresource(&format!("proxy{}", probe.path), &target)
            .map_err(|error| Refusal::new("", chain(&error)))?;
        match self.0.request_text(request).await {
            Ok(_) | Err(kube::Error::FromUtf8(_)) => Ok(Probed::Answers),
            Err(kube::Error::Api(status)) => passed_on(&status),
            Err(error) => Err(refusal(&error)),
        }
    }

    async fn apply(&self, kind: &Kind, manifest: &Value, how: Apply) -> Answer<Applied> {
        let name = manifest["metadata"]["name"].as_str().unwrap_or_default();
        let how = PatchParams {
            force: how.force,
            dry_run: how.dry_run,
            ..PatchParams::apply(MANAGER).validation_strict()
        };
        match self.of(kind).patch(name, &how, &Patch::Apply(manifest)).await {
            Ok(object) => Ok(Applied::Done(plain(&object))),
            Err(kube::Error::Api(status))
                if status.code == 409 && !conflicts(&status).is_empty() =>
            {
                Ok(Applied::Conflicts(conflicts(&status)))
            }
            Err(error) => Err(refusal(&error)),
        }
    }

    async fn delete(&self, kind: &Kind, name: &str) -> Answer<()> {
        match self.of(kind).delete(name, &DeleteParams::default()).await {
            Ok(_) => Ok(()),
            Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
            Err(error) => Err(refusal(&error)),
        }
    }
}

/// An error of the API server about the connection, one about the request, or the pod's own.
fn passed_on(status: &Status) -> Answer<Probed> {
    const UNREACHED: &str = "error trying to reach service: ";
    match status.message.split_once(UNREACHED) {
        // The pod's host refused the port: it was reached.
        Some((_, why)) if why.contains("connection refused") => Ok(Probed::Answers),
        Some((_, why)) => Ok(Probed::Silent(why.to_string())),
        None if [401, 403, 404, 429].contains(&status.code) => {
            Err(Refusal::new(status.reason.clone(), status.message.clone()))
        }
        None => Ok(Probed::Answers),
    }
}

fn plain(object: &DynamicObject) -> Value {
    serde_json::to_value(object).unwrap_or_default()
}

/// `conflict with "kubectl-edit" using apps/v1`, field by field.
fn conflicts(status: &Status) -> Vec<Conflict> {
    let causes = status
        .details
        .iter()
        .flat_map(|details| &details.causes)
        .filter(|cause| cause.reason == "FieldManagerConflict");
    let manager = |message: &str| message.split('"').nth(1).unwrap_or(message).to_string();
    causes
        .map(|cause| Conflict { field: cause.field.clone(), manager: manager(&cause.message) })
        .collect()
}

fn refusal(error: &kube::Error) -> Refusal {
    match error {
        kube::Error::Api(status) => Refusal::new(status.reason.clone(), status.message.clone()),
        other => Refusal::new("", chain(other)),
    }
}

/// An error with its causes, each once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        if !words.contains(&inner.to_string()) {
            words = format!("{words}: {inner}");
        }
        cause = inner.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_that_was_reached_is_told_from_one_that_was_not() {
        let heard = |code: u16, message: &str| {
            let status = Status { code, message: message.to_string(), ..Status::default() };
            passed_on(&status)
        };
        let timeout = "error trying to reach service: dial tcp 100.64.0.9:8080: i/o timeout";
        let silent = "dial tcp 100.64.0.9:8080: i/o timeout".to_string();
        assert_eq!(heard(503, timeout).unwrap(), Probed::Silent(silent));
        let refused =
            "error trying to reach service: dial tcp 100.64.0.9:8080: connect: connection refused";
        assert_eq!(heard(503, refused).unwrap(), Probed::Answers);
        assert_eq!(heard(500, "not well").unwrap(), Probed::Answers);
        assert!(heard(403, "pods \"a\" is forbidden").is_err());
    }
}
