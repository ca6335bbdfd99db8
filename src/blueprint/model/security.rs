//! What is let through, and what raises an alarm: security groups, network ACLs, CloudWatch alarms.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// Who may reach the control plane, the nodes and the pods.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecurityGroups {
    /// Which security groups nodes and pods have: the one that EKS creates with the cluster, or groups of their own. Default: shared.
    pub mode: Option<GroupMode>,
    /// The VPC's own default group, which whatever names no group falls into. Default: open, as AWS creates it.
    pub default_group: Option<DefaultGroup>,
    /// Tags on the security groups of the stack, and on the cluster security group, which EKS creates and `deploy` tags through EC2. `${cluster}` and `${name}` stand for the blueprint's name.
    /// Default: none.
    pub tags: Option<BTreeMap<String, String>>,
    /// Rules beside those that EKS gives its own group: who reaches the API inside the VPC (rule EP-10). Default: none.
    pub control_plane: Option<ControlPlaneRules>,
    /// Rules beside those that nodes need; with `mode: leastPrivilege`. Default: none.
    pub nodes: Option<GroupRules>,
    /// Rules beside those that pods need; with `mode: leastPrivilege` and custom networking. Default: none.
    pub pods: Option<GroupRules>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum GroupMode {
    /// The group that EKS creates, for control plane and nodes alike: everything within it, everything out.
    Shared,
    /// Groups of their own for nodes, and for pods with custom networking: everything among them, from the control plane only the
    /// kubelet's and webhooks' ports, out to others only 443, and whatever is added here.
    LeastPrivilege,
    /// On the way from one of the two to the other, while nodes are replaced: as `leastPrivilege`, with everything open between nodes
    /// that use the new groups and those that use EKS's.
    Joining,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum DefaultGroup {
    Open,
    /// Every rule is removed from it after the deployment.
    Closed,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ControlPlaneRules {
    /// Who may reach the Kubernetes API inside the VPC. Default: any caller, on port 443.
    pub ingress: Option<Vec<IngressRule>>,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupRules {
    /// What may connect to them, beside what nodes and pods need anyway. Default: none.
    pub ingress: Option<Vec<IngressRule>>,
    /// What they may connect to, beside what nodes and pods need anyway. Default: none.
    pub egress: Option<Vec<EgressRule>>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IngressRule {
    /// An IPv4 or IPv6 CIDR, a security group (`sg-…`) or a prefix list (`pl-…`).
    pub from: String,
    /// A port, or a range such as `30000-32767`. Default: all ports.
    pub ports: Option<Ports>,
    /// IP protocol of the packets: tcp, udp, icmp or all. Default: tcp.
    pub protocol: Option<Protocol>,
    /// What the rule is for: its description in the security group. Default: none.
    pub why: Option<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EgressRule {
    /// An IPv4 or IPv6 CIDR, a security group (`sg-…`) or a prefix list (`pl-…`).
    pub to: String,
    /// A port, or a range such as `5432-5439`. Default: all ports.
    pub ports: Option<Ports>,
    /// IP protocol of the packets: tcp, udp, icmp or all. Default: tcp.
    pub protocol: Option<Protocol>,
    /// What the rule is for: its description in the security group. Default: none.
    pub why: Option<String>,
}

/// Rules of a tier's network ACL. Those that deny are judged before all others, eksnet's own included (rules NACL-06 to NACL-08).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AclRules {
    /// Inbound rules, in the order in which they are evaluated. Default: none.
    pub ingress: Option<Vec<AclIngressRule>>,
    /// Outbound rules, in the order in which they are evaluated. Default: none.
    pub egress: Option<Vec<AclEgressRule>>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AclIngressRule {
    /// An IPv4 or IPv6 CIDR (rule NACL-03).
    pub from: String,
    /// A port, or a range such as `30000-32767`. Default: all ports.
    pub ports: Option<Ports>,
    /// IP protocol of the packets: tcp, udp, icmp or all. Default: tcp.
    pub protocol: Option<Protocol>,
    /// Whether matching packets are allowed or denied. Default: allow.
    pub action: Option<AclAction>,
    /// What it is for; a network ACL has no descriptions. Default: none.
    pub why: Option<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AclEgressRule {
    /// An IPv4 or IPv6 CIDR (rule NACL-03).
    pub to: String,
    /// A port, or a range such as `5432-5439`. Default: all ports.
    pub ports: Option<Ports>,
    /// IP protocol of the packets: tcp, udp, icmp or all. Default: tcp.
    pub protocol: Option<Protocol>,
    /// Whether matching packets are allowed or denied. Default: allow.
    pub action: Option<AclAction>,
    /// What it is for; a network ACL has no descriptions. Default: none.
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

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
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

/// CloudWatch alarms on what runs out: addresses, ports of NAT gateways, Network Address Usage (NAU).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Alarms {
    /// ARN of the SNS topic that the alarms notify. Default: none.
    pub notify: Option<String>,
    /// Percent of the VPC's addresses, and of its Network Address Usage quota, at which an alarm fires. Default: 80 (rule MON-03).
    #[schemars(range(min = 1, max = 100))]
    pub threshold: Option<u32>,
    /// A role for cni-metrics-helper, which counts the addresses of all nodes, and an alarm on its metrics. Default: true with
    /// node groups.
    pub cni_metrics_helper: Option<bool>,
}
