//! Ports and bounds of security groups and network ACLs.
//! Source: EKS user guide, security group requirements; VPC user guide, network ACLs and quotas; read 2026-11-20.

pub const HTTP: u16 = 80;
pub const HTTPS: u16 = 443;
pub const DNS: u16 = 53;

/// What the control plane calls on nodes: the kubelet, and the usual ports of webhooks and of aggregated APIs.
pub const KUBELET: u16 = 10250;
pub const WEBHOOKS: &[u16] = &[443, 4443, 6443, 8443, 9443, 10251];

/// Where aws-node tells its metrics, which cni-metrics-helper reads through the API server.
pub const CNI_METRICS: u16 = 61678;

/// Where answers arrive: whatever port the caller picked. Rule NAT-06.
pub const EPHEMERAL: (u16, u16) = (1024, 65535);

/// Where answers to calls of Linux nodes arrive: `net.ipv4.ip_local_port_range` as the kernel sets it (VPC user guide, network ACLs,
/// ephemeral ports; read 2026-11-28).
pub const PORTS_OF_NODES: (u16, u16) = (32768, 60999);

/// "Fragmentation needed": without it a path with a smaller MTU swallows packets.
pub const ICMP_UNREACHABLE: i32 = 3;
/// The same in IPv6, where routers never cut packets up: "packet too big".
pub const ICMP_TOO_BIG_IPV6: i32 = 2;

/// Letters beside letters and digits in the description of a rule, and its length (EC2 API reference, IpRange).
pub const DESCRIPTION: &str = ". _-:/()#,@[]+=&;{}!$*";
pub const DESCRIPTION_LENGTH: usize = 255;

/// Rules of a security group in one direction and family, unless the quota was raised (L-0EA8095F).
pub const RULES_PER_GROUP: usize = 60;
/// Security groups on a network interface: quota, and its highest value (L-2AFB9258).
pub const GROUPS_PER_INTERFACE: usize = 5;
pub const GROUPS_PER_INTERFACE_AT_MOST: usize = 16;
/// Rules of a network ACL in one direction: quota, and its highest value (L-2AEEBF1A).
pub const RULES_PER_ACL: usize = 20;
pub const RULES_PER_ACL_AT_MOST: usize = 40;

pub const EVERYBODY: &str = "0.0.0.0/0";
pub const EVERYBODY_IPV6: &str = "::/0";

/// The tag by which the AWS Load Balancer Controller finds the one group of a node that it may add rules to.
pub const CLUSTER_TAG: &str = "kubernetes.io/cluster/";
