//! The cluster, as its own API tells of it: what of its objects the network depends on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ApiService, CniNode, Condition, Disruption, Ingress, NetworkPolicy, Part, Revision,
    SecurityGroupPolicy, Tags, Unread, Webhook,
};

/// The cluster, as its own API tells of it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct KubernetesSurvey {
    /// Every node.
    pub nodes: Part<Vec<KubeNode>>,
    /// `kube-system/aws-node`; `Read(None)` where it does not exist.
    pub aws_node: Part<Option<DaemonSet>>,
    /// Templates that aws-node had before, and its own, by number.
    pub aws_node_revisions: Part<Vec<Revision>>,
    /// `kube-system/kube-proxy`
    pub kube_proxy: Part<Option<DaemonSet>>,
    /// `kube-system/node-local-dns`
    pub node_local_dns: Part<Option<DaemonSet>>,
    /// `kube-system/coredns`
    pub coredns: Part<Option<Deployment>>,
    /// `kube-system/aws-load-balancer-controller`
    pub load_balancer_controller: Part<Option<Deployment>>,
    /// Every service.
    pub services: Part<Vec<Service>>,
    /// Every Ingress.
    pub ingresses: Part<Vec<Ingress>>,
    /// Every EndpointSlice.
    pub endpoint_slices: Part<Vec<EndpointSlice>>,
    /// `crd.k8s.amazonaws.com/v1alpha1`
    pub eni_configs: Part<Vec<EniConfig>>,
    /// `vpcresources.k8s.aws/v1alpha1`
    pub cni_nodes: Part<Vec<CniNode>>,
    /// `vpcresources.k8s.aws/v1beta1`
    pub security_group_policies: Part<Vec<SecurityGroupPolicy>>,
    /// Of every namespace.
    pub network_policies: Part<Vec<NetworkPolicy>>,
    /// Budgets of every namespace.
    pub disruption_budgets: Part<Vec<Disruption>>,
    /// Every pod.
    pub pods: Part<Vec<Pod>>,
    /// Those whose reason or reporter concerns the network.
    pub events: Part<Vec<Event>>,
    /// Validating and mutating.
    pub webhooks: Part<Vec<Webhook>>,
    /// Aggregated APIs that a service serves.
    pub api_services: Part<Vec<ApiService>>,
    /// Roles that the ConfigMap `kube-system/aws-auth` maps; `Read(None)` where it does not exist.
    pub aws_auth: Part<Option<Vec<String>>>,
}

/// A node.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct KubeNode {
    /// Its name.
    pub name: String,
    /// The instance, `i-…`, from its provider id.
    pub instance: Option<String>,
    /// Label `topology.kubernetes.io/zone`.
    pub zone_name: Option<String>,
    /// Label `topology.k8s.aws/zone-id`.
    pub zone_id: Option<String>,
    /// Pods that the kubelet accepts.
    pub pods: Option<u64>,
    /// What can be used, as Kubernetes writes it, such as `vpc.amazonaws.com/pod-eni: "9"`.
    pub allocatable: Tags,
    /// Of each type the last.
    pub conditions: Vec<Condition>,
    /// Its internal address.
    pub address: Option<String>,
    /// New pods do not go there.
    pub unschedulable: bool,
    /// What keeps pods away.
    pub taints: Vec<Taint>,
    /// By key.
    pub labels: Tags,
    /// When it joined.
    pub created: Option<String>,
}

/// A taint of a node.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Taint {
    /// Such as `node.cilium.io/agent-not-ready`.
    pub key: String,
    /// May be empty.
    pub value: String,
    /// Such as `NoSchedule`.
    pub effect: String,
}

/// A DaemonSet of `kube-system`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct DaemonSet {
    /// Its name.
    pub name: String,
    /// Nodes that it should run on.
    pub desired: u64,
    /// Nodes where it is ready.
    pub ready: u64,
    /// Nodes that run the current template.
    pub updated: u64,
    /// Of the template; changes count it up.
    pub generation: u64,
    /// Init containers first.
    pub containers: Vec<Container>,
    /// Field managers, in the order of the object.
    pub managers: Vec<String>,
    /// By key.
    pub labels: Tags,
    /// Annotations by key, without what kubectl keeps of the whole object.
    pub annotations: Tags,
}

/// A container of a pod template.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Whether it runs before the others.
    pub init: bool,
    /// With registry and tag.
    pub image: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables with plain values; what comes from secrets or fields is left out.
    pub env: Tags,
}

/// A Deployment of `kube-system`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Deployment {
    /// Its name.
    pub name: String,
    /// Wanted.
    pub replicas: u64,
    /// Ready.
    pub ready: u64,
    /// Init containers first.
    pub containers: Vec<Container>,
    /// By key.
    pub labels: Tags,
}

/// A Service.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Service {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// `ClusterIP`, `LoadBalancer` …
    pub kind: String,
    /// Its address inside the cluster.
    pub cluster_ip: Option<String>,
    /// Of a load balancer: names or addresses.
    pub ingress: Vec<String>,
    /// In its order.
    pub ports: Vec<Port>,
    /// What its pods are labelled with.
    pub selector: Tags,
    /// Annotations of load-balancer controllers.
    pub annotations: Tags,
    /// `spec.loadBalancerClass`
    pub load_balancer_class: Option<String>,
}

/// A port of a Service or an EndpointSlice.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Port {
    /// May be empty.
    pub name: String,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
    /// The number.
    pub port: u16,
    /// Of a Service: the port's number or name at the pods.
    pub target: Option<String>,
}

/// An EndpointSlice.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct EndpointSlice {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The service it belongs to.
    pub service: Option<String>,
    /// Ports at the endpoints.
    pub ports: Vec<Port>,
    /// In its order.
    pub endpoints: Vec<Endpoint>,
}

/// One endpoint of a service.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Endpoint {
    /// Its addresses.
    pub addresses: Vec<String>,
    /// Kubernetes sends traffic to it.
    pub ready: bool,
    /// The node it runs on.
    pub node: Option<String>,
    /// `namespace/name` of the pod.
    pub pod: Option<String>,
}

/// An ENIConfig of the VPC CNI.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct EniConfig {
    /// What the nodes' label has to say.
    pub name: String,
    /// `subnet-…`
    pub subnet: String,
    /// Security groups; none: those of the node's primary interface.
    pub security_groups: Vec<String>,
    /// Field managers.
    pub managers: Vec<String>,
}

/// A pod.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Pod {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The node it runs on.
    pub node: Option<String>,
    /// Its address.
    pub ip: Option<String>,
    /// It uses its node's network.
    pub host_network: bool,
    /// Such as `Running`, `Pending`.
    pub phase: String,
    /// Why its first container that waits does so, such as `ImagePullBackOff`.
    pub waiting: Option<String>,
    /// Images of its containers.
    pub images: Vec<String>,
    /// The controller that made it.
    pub owner: Option<OwnerRef>,
    /// By key.
    pub labels: Tags,
    /// Annotation `vpc.amazonaws.com/pod-eni` is set: it has an interface of its own.
    pub own_interface: bool,
    /// When it was created.
    pub created: Option<String>,
}

/// Who made an object.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct OwnerRef {
    /// Such as `DaemonSet`.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// An event.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Event {
    /// Its namespace.
    pub namespace: String,
    /// Kind and name of what it is about, such as `Pod shop/web-1`.
    pub about: String,
    /// Such as `FailedCreatePodSandBox`.
    pub reason: String,
    /// In the reporter's words.
    pub message: String,
    /// Who reports it.
    pub reporter: String,
    /// The node it came from.
    pub node: Option<String>,
    /// How often.
    pub count: u64,
    /// First time.
    pub first: Option<String>,
    /// Last time.
    pub last: Option<String>,
}

impl KubernetesSurvey {
    pub(super) fn unread(&self) -> Vec<&Unread> {
        let parts = [
            self.nodes.unread(),
            self.aws_node.unread(),
            self.aws_node_revisions.unread(),
            self.kube_proxy.unread(),
            self.node_local_dns.unread(),
            self.coredns.unread(),
            self.load_balancer_controller.unread(),
            self.services.unread(),
            self.ingresses.unread(),
            self.endpoint_slices.unread(),
            self.eni_configs.unread(),
            self.cni_nodes.unread(),
            self.security_group_policies.unread(),
            self.network_policies.unread(),
            self.disruption_budgets.unread(),
            self.pods.unread(),
            self.events.unread(),
            self.webhooks.unread(),
            self.api_services.unread(),
            self.aws_auth.unread(),
        ];
        parts.into_iter().flatten().collect()
    }
}

impl DaemonSet {
    /// The container of a name.
    pub fn container(&self, name: &str) -> Option<&Container> {
        self.containers.iter().find(|container| container.name == name)
    }
}
