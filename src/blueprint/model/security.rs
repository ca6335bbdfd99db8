//! What is let through, and what raises an alarm: security groups, network ACLs, CloudWatch alarms.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// Who may reach the control plane, the nodes and the pods.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecurityGroups {
    /// Which security groups nodes and pods have. Default: shared.
    pub mode: Option<GroupMode>,
    /// The VPC's own default group, which whatever names no group falls into. Default: open, as AWS makes it.
    pub default_group: Option<DefaultGroup>,
    /// Tags on the security groups of the stack, and on the cluster security group, which EKS creates and `deploy` tags through EC2. `${cluster}` and `${name}` stand for the blueprint's name.
    pub tags: Option<BTreeMap<String, String>>,
    /// Rules beside those that EKS gives its own group: who reaches the API inside the VPC (rule EP-10).
    pub control_plane: Option<ControlPlaneRules>,
    /// Rules beside those that nodes need; with `mode: leastPrivilege`.
    pub nodes: Option<GroupRules>,
    /// Rules beside those that pods need; with `mode: leastPrivilege` and custom networking.
    pub pods: Option<GroupRules>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum GroupMode {
    /// The group that EKS makes, for control plane and nodes alike: everything within it, everything out.
    Shared,
    /// Groups of their own for nodes, and for pods with custom networking: everything among them, from the control plane only the
    /// kubelet's and webhooks' ports, out to others only 443, and whatever is added here.
    LeastPrivilege,
    /// On the way from one of the two to the other, while nodes are exchanged: as `leastPrivilege`, with everything open between nodes
    /// that wear the new groups and those that wear EKS's.
    Joining,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum DefaultGroup {
    Open,
    /// Every rule is taken out of it after the deployment.
    Closed,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ControlPlaneRules {
    /// Who may reach the API's interfaces. Default port: 443.
    pub ingress: Option<Vec<IngressRule>>,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupRules {
    /// What may come in.
    pub ingress: Option<Vec<IngressRule>>,
    /// What may go out.
    pub egress: Option<Vec<EgressRule>>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IngressRule {
    /// An IPv4 or IPv6 CIDR, a security group (`sg-…`) or a prefix list (`pl-…`).
    pub from: String,
    /// A port, or a range such as `30000-32767`. Default: all ports.
    pub ports: Option<Ports>,
    /// The IP protocol. Default: tcp.
    pub protocol: Option<Protocol>,
    /// What it is for: the rule's description.
    pub why: Option<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EgressRule {
    /// An IPv4 or IPv6 CIDR, a security group (`sg-…`) or a prefix list (`pl-…`).
    pub to: String,
    /// A port, or a range such as `5432-5439`. Default: all ports.
    pub ports: Option<Ports>,
    /// The IP protocol. Default: tcp.
    pub protocol: Option<Protocol>,
    /// What it is for: the rule's description.
    pub why: Option<String>,
}

/// Rules of a tier's network ACL. Those that deny are judged before all others, eksnet's own included (rules NACL-06 to NACL-08).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AclRules {
    /// What may come in, or may not.
    pub ingress: Option<Vec<AclIngressRule>>,
    /// What may go out, or may not.
    pub egress: Option<Vec<AclEgressRule>>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AclIngressRule {
    /// An IPv4 or IPv6 CIDR (rule NACL-03).
    pub from: String,
    /// A port, or a range such as `30000-32767`. Default: all ports.
    pub ports: Option<Ports>,
    /// The IP protocol. Default: tcp.
    pub protocol: Option<Protocol>,
    /// Whether the rule allows or denies. Default: allow.
    pub action: Option<AclAction>,
    /// What it is for; a network ACL has no descriptions.
    pub why: Option<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AclEgressRule {
    /// An IPv4 or IPv6 CIDR (rule NACL-03).
    pub to: String,
    /// A port, or a range such as `5432-5439`. Default: all ports.
    pub ports: Option<Ports>,
    /// The IP protocol. Default: tcp.
    pub protocol: Option<Protocol>,
    /// Whether the rule allows or denies. Default: allow.
    pub action: Option<AclAction>,
    /// What it is for; a network ACL has no descriptions.
    pub why: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum AclAction {
    #[default]
    Allow,
    Deny,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Ports {
    One(u16),
    Range(String),
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Protocol {
    Tcp,
    Udp,
    Icmp,
    All,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum NetworkAcls {
    /// Subnets keep the VPC's default ACL, which lets everything through.
    None,
    /// An ACL for each tier, from what the tier serves and how it goes out.
    PerTier,
}

/// CloudWatch alarms on what runs out: addresses, ports of NAT gateways, address units.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Alarms {
    /// ARN of the SNS topic that is told.
    pub notify: Option<String>,
    /// Per cent of what there is, of addresses and of address units. Default: 80 (rule MON-03).
    #[schemars(range(min = 1, max = 100))]
    pub threshold: Option<u32>,
    /// A role for cni-metrics-helper, which counts the addresses of all nodes, and an alarm on its metrics. Default: true with
    /// node groups.
    pub cni_metrics_helper: Option<bool>,
}
