//! What tells of exhaustion, and how it is read.
//! Source: VPC user guide, CloudWatch metrics of NAT gateways and of VPCs; amazon-vpc-cni-k8s v1.23.1, cni-metrics-helper; read 2026-11-21.

/// Of NAT gateways; the metric counts connections for which no port was left.
pub const NAT_NAMESPACE: &str = "AWS/NATGateway";
pub const NAT_DIMENSION: &str = "NatGatewayId";
pub const NAT_METRIC: &str = "ErrorPortAllocation";
/// Packets that a gateway dropped, and those that it sent; the gateway is at fault where the first are more than this share of the second.
pub const NAT_DROPPED: &str = "PacketsDropCount";
pub const NAT_SENT: &str = "PacketsOutToDestination";
pub const NAT_DROPPED_SHARE: f64 = 0.000_1;
/// Figures that one `GetMetricData` gives at most. CloudWatch API reference, read 2026-11-28.
pub const FIGURES_A_CALL: usize = 500;
pub const HOUR: u32 = 3_600;

/// Address units of a VPC, told once a day. Rule MON-03.
pub const UNITS_NAMESPACE: &str = "AWS/EC2";
pub const UNITS_DIMENSION: &str = "Per-VPC Metrics";
pub const UNITS_METRIC: &str = "NetworkAddressUsage";
pub const DAY: u32 = 86_400;

/// What cni-metrics-helper counts over all nodes.
pub const CNI_NAMESPACE: &str = "Kubernetes";
pub const CNI_DIMENSION: &str = "CLUSTER_ID";
pub const CNI_ASSIGNED: &str = "assignIPAddresses";
pub const CNI_MOST: &str = "maxIPAddresses";
pub const CNI_HELPER: &str = "cni-metrics-helper";
pub const CNI_HELPER_ACTIONS: &[&str] = &["cloudwatch:PutMetricData"];

/// Per cent, where the author names no other. Rules MON-03, SIZ-02.
pub const THRESHOLD: u32 = 80;
/// Seconds.
pub const PERIOD: u32 = 300;
