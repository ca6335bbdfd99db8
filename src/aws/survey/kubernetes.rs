//! What a survey reads of the cluster's own API. Values of variables that come from secrets are never read.

use serde_json::Value;

use crate::aws::port::{Answer, Kubernetes};
use crate::facts::kubernetes::{API_SERVICE, DAEMON_SET, ENDPOINT_SLICE, ENI_CONFIG, Kind};
use crate::observed::survey::{KubernetesSurvey, Revision, Webhook};
use crate::observed::{Part, Unread};

use super::objects;

const fn everywhere(
    group: &'static str,
    kind: (&'static str, &'static str),
    version: &'static str,
) -> Kind {
    Kind { group, version, kind: kind.0, plural: kind.1, namespace: None }
}

const NODES: Kind = everywhere("", ("Node", "nodes"), "v1");
const PODS: Kind = everywhere("", ("Pod", "pods"), "v1");
const SERVICES: Kind = everywhere("", ("Service", "services"), "v1");
const EVENTS: Kind = everywhere("", ("Event", "events"), "v1");
const SLICES: Kind = ENDPOINT_SLICE;
const POLICIES: Kind = everywhere("networking.k8s.io", ("NetworkPolicy", "networkpolicies"), "v1");
const INGRESSES: Kind = everywhere("networking.k8s.io", ("Ingress", "ingresses"), "v1");
const BUDGETS: Kind = everywhere("policy", ("PodDisruptionBudget", "poddisruptionbudgets"), "v1");
const CNI_NODES: Kind = everywhere("vpcresources.k8s.aws", ("CNINode", "cninodes"), "v1alpha1");
const GROUP_POLICIES: Kind =
    everywhere("vpcresources.k8s.aws", ("SecurityGroupPolicy", "securitygrouppolicies"), "v1beta1");
const APIS: Kind = API_SERVICE;
const ADMISSION: &str = "admissionregistration.k8s.io";
const VALIDATING: Kind = everywhere(
    ADMISSION,
    ("ValidatingWebhookConfiguration", "validatingwebhookconfigurations"),
    "v1",
);
const MUTATING: Kind =
    everywhere(ADMISSION, ("MutatingWebhookConfiguration", "mutatingwebhookconfigurations"), "v1");
const DEPLOYMENT: Kind = Kind {
    group: "apps",
    version: "v1",
    kind: "Deployment",
    plural: "deployments",
    namespace: Some("kube-system"),
};
const REVISIONS: Kind = Kind {
    group: "apps",
    version: "v1",
    kind: "ControllerRevision",
    plural: "controllerrevisions",
    namespace: Some("kube-system"),
};
const CONFIG_MAP: Kind = crate::facts::kubernetes::CONFIG_MAP;

/// Everything, of an API that answers.
pub async fn read(api: &impl Kubernetes) -> KubernetesSurvey {
    // Where nobody answers, that is said once.
    if let Err(refusal) = api.read(&DAEMON_SET, "aws-node").await
        && refusal.code.is_empty()
    {
        return closed(&refusal.to_string());
    }
    let (nodes, pods, services, slices, eni_configs, cni_nodes, group_policies) = tokio::join!(
        list(api, &NODES, objects::node),
        list(api, &PODS, objects::pod),
        list(api, &SERVICES, objects::service),
        list(api, &SLICES, objects::slice),
        list(api, &ENI_CONFIG, objects::eni_config),
        list(api, &CNI_NODES, objects::cni_node),
        list(api, &GROUP_POLICIES, objects::group_policy),
    );
    let (ingresses, policies, budgets, events, webhooks, apis, revisions) = tokio::join!(
        list(api, &INGRESSES, objects::ingress),
        list(api, &POLICIES, objects::policy),
        list(api, &BUDGETS, objects::budget),
        api.list(&EVENTS),
        webhooks(api),
        list(api, &APIS, objects::api_service),
        revisions(api),
    );
    let (aws_node, kube_proxy, local_dns, coredns, controller, auth) = tokio::join!(
        one(api, (&DAEMON_SET, "aws-node"), objects::daemon_set),
        one(api, (&DAEMON_SET, "kube-proxy"), objects::daemon_set),
        one(api, (&DAEMON_SET, "node-local-dns"), objects::daemon_set),
        one(api, (&DEPLOYMENT, "coredns"), objects::deployment),
        one(api, (&DEPLOYMENT, "aws-load-balancer-controller"), objects::deployment),
        one(api, (&CONFIG_MAP, "aws-auth"), objects::mapped_roles),
    );
    KubernetesSurvey {
        nodes,
        aws_node,
        aws_node_revisions: revisions,
        kube_proxy,
        node_local_dns: local_dns,
        coredns,
        load_balancer_controller: controller,
        services,
        ingresses,
        endpoint_slices: slices,
        eni_configs,
        cni_nodes,
        security_group_policies: group_policies,
        network_policies: policies,
        disruption_budgets: budgets,
        pods,
        events: part(&EVENTS, events.map(|found| objects::events(&found))),
        webhooks,
        api_services: apis,
        aws_auth: auth,
    }
}

async fn webhooks(api: &impl Kubernetes) -> Part<Vec<Webhook>> {
    let (validating, mutating) = tokio::join!(api.list(&VALIDATING), api.list(&MUTATING));
    let found = validating.and_then(|validating| Ok(objects::webhooks(&validating, &mutating?)));
    part(&VALIDATING, found)
}

async fn revisions(api: &impl Kubernetes) -> Part<Vec<Revision>> {
    let found = api.list(&REVISIONS).await;
    part(&REVISIONS, found.map(|found| objects::revisions(&found, "aws-node")))
}

/// The API did not answer: nothing of it is known.
pub fn closed(why: &str) -> KubernetesSurvey {
    let unread = || Unread { action: "eks:AccessKubernetesApi".to_string(), why: why.to_string() };
    KubernetesSurvey {
        nodes: Part::Unread(unread()),
        aws_node: Part::Unread(unread()),
        aws_node_revisions: Part::Unread(unread()),
        kube_proxy: Part::Unread(unread()),
        node_local_dns: Part::Unread(unread()),
        coredns: Part::Unread(unread()),
        load_balancer_controller: Part::Unread(unread()),
        services: Part::Unread(unread()),
        ingresses: Part::Unread(unread()),
        endpoint_slices: Part::Unread(unread()),
        eni_configs: Part::Unread(unread()),
        cni_nodes: Part::Unread(unread()),
        security_group_policies: Part::Unread(unread()),
        network_policies: Part::Unread(unread()),
        disruption_budgets: Part::Unread(unread()),
        pods: Part::Unread(unread()),
        events: Part::Unread(unread()),
        webhooks: Part::Unread(unread()),
        api_services: Part::Unread(unread()),
        aws_auth: Part::Unread(unread()),
    }
}

/// Kubernetes' own word for the right.
fn part<T>(kind: &Kind, answer: Answer<T>) -> Part<T> {
    Part::of(&format!("list {}", kind.plural), answer)
}

async fn list<T>(api: &impl Kubernetes, kind: &Kind, of: fn(&Value) -> T) -> Part<Vec<T>> {
    let answer = api.list(kind).await.map(|found| {
        let mut found = found;
        found.sort_by_key(|object| {
            let of = |key: &str| object["metadata"][key].as_str().unwrap_or_default().to_string();
            (of("namespace"), of("name"))
        });
        found.iter().map(of).collect()
    });
    part(kind, answer)
}

async fn one<T>(
    api: &impl Kubernetes,
    (kind, name): (&Kind, &str),
    of: fn(&Value) -> T,
) -> Part<Option<T>> {
    let answer = api.read(kind, name).await.map(|found| found.as_ref().map(of));
    Part::of(&format!("get {}/{name}", kind.plural), answer)
}
