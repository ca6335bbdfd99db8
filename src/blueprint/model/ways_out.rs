//! Ways out and ways to AWS: NAT, transit, endpoints, flow logs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Egress {
    /// NAT gateways for tiers with `egress: nat`. Default: perZone.
    pub nat: Option<Nat>,
    /// The VPC's attachment to a transit gateway, and what is behind it. Default: none.
    pub transit_gateway: Option<TransitGateway>,
    /// Private NAT gateways: what is behind the transit gateway sees their addresses instead of those of repeated ranges (rule NAT-08).
    /// Default: none.
    pub private_nat: Option<PrivateNat>,
    /// A virtual private gateway that exists, for VPN and Direct Connect. Default: none.
    pub vpn_gateway: Option<VpnGateway>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PrivateNat {
    /// The tier, with addresses that are routable outside, whose subnets hold a gateway in each zone.
    pub tier: String,
    /// Names of the tiers whose traffic to the transit gateway goes through the private NAT gateways.
    pub serves: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransitGateway {
    /// Id of the transit gateway, `tgw-…`.
    pub id: String,
    /// Ranges behind it: every tier gets routes to them. Default: none.
    pub destinations: Option<Vec<String>>,
    /// The tier whose subnets hold the attachment. Default: the one that serves `transit` (rule TGW-01).
    pub tier: Option<String>,
    /// Its route table (`tgw-rtb-…`) to associate the attachment with; then only `advertise` is announced there, as static routes (rule
    /// TGW-02). Default: none.
    pub route_table: Option<String>,
    /// CIDRs of this VPC that are announced to the other networks, with `routeTable`. Default: its CIDRs outside 100.64.0.0/10.
    pub advertise: Option<Vec<String>>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VpnGateway {
    /// Id of the virtual private gateway, `vgw-…`.
    pub id: String,
    /// Every route table learns its routes. Default: true.
    pub propagate: Option<bool>,
}

/// `none`, `single`, `perZone`, `regional`, or one of them with addresses of your own, or with room for many connections.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Nat {
    Mode(NatMode),
    With(Box<NatOptions>),
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum NatMode {
    None,
    /// One gateway for all zones.
    Single,
    /// A gateway in each zone.
    PerZone,
    /// One gateway of the VPC, which AWS stretches over the zones in use; it needs no public subnet.
    Regional,
}

/// Exactly one of the three.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NatOptions {
    /// One NAT gateway for all zones, with options. Default: none.
    pub single: Option<SingleNat>,
    /// One NAT gateway per zone, with options. Default: none.
    pub per_zone: Option<PerZoneNat>,
    /// One regional NAT gateway, with options. Default: none.
    pub regional: Option<RegionalNat>,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SingleNat {
    /// Allocation ids of your own Elastic IPs. Default: none.
    pub elastic_ips: Option<Vec<String>>,
    /// Simultaneous connections to one destination; 55,000 fit on an address (rule NAT-06). Default: none.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub connections: Option<u64>,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PerZoneNat {
    /// Allocation ids, one per zone, in the order of the zones. Default: none.
    pub elastic_ips: Option<Vec<String>>,
    /// Allocation ids by zone: the first is the gateway's own, the others are secondary addresses. Default: none.
    pub addresses: Option<BTreeMap<String, Vec<String>>>,
    /// Simultaneous connections of a zone to one destination; 55,000 fit on an address (rule NAT-06). Default: none.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub connections: Option<u64>,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegionalNat {
    /// Allocation ids by zone. Then AWS adds none by itself, and every zone has to be there (rule NAT-03). Default: none.
    pub addresses: Option<BTreeMap<String, Vec<String>>>,
}

/// `none`, `auto` (what the blueprint uses), a list that is exactly it (`[s3, ecr.api]`), or a map: such a list with where it is and who may
/// use it, or `auto` with services added and left out.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Endpoints {
    Mode(EndpointsMode),
    Exactly(Vec<String>),
    These(EndpointList),
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum EndpointsMode {
    None,
    Auto,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndpointList {
    /// Exactly these services, in place of `auto` with `include` and `exclude` (rule PE-35). Default: none.
    pub only: Option<Vec<String>>,
    /// Services beside those that the blueprint uses, such as `kms`; `s3.interface` is the interface of S3 beside its gateway.
    /// Default: none.
    pub include: Option<Vec<String>>,
    /// Services of `auto` for which no endpoint is created. Default: none.
    pub exclude: Option<Vec<String>>,
    /// The tier whose subnets hold the interfaces. Default: the first tier that serves nodes, or pods.
    pub tier: Option<String>,
    /// Who may use them. Default: every caller that reaches them, as AWS creates them.
    pub policy: Option<EndpointPolicy>,
    /// Who may connect to the endpoints: `vpc`, or a list of CIDRs, in which `vpc` means every CIDR of the VPC. Default: vpc.
    pub ingress: Option<EndpointIngress>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum EndpointIngress {
    Word(EndpointIngressWord),
    Ranges(Vec<String>),
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum EndpointIngressWord {
    Vpc,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum EndpointPolicy {
    Open,
    /// Only principals of the stack's own account, and what nodes fetch from AWS's own buckets.
    OwnAccount,
}

/// A record of the packets of the VPC.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FlowLogs {
    /// Where the records are delivered: a log group of the stack, or an S3 bucket.
    pub destination: FlowLogDestination,
    /// Days that CloudWatch Logs keeps them. Default: 30.
    #[schemars(range(max = 3653))]
    pub retention_days: Option<u32>,
    /// ARN of the bucket, with `destination: s3`. Default: none.
    pub bucket: Option<String>,
    /// ARN of a KMS key for the log group. Default: none.
    pub key: Option<String>,
    /// Which packets are recorded. Default: all.
    pub traffic: Option<Traffic>,
    /// Seconds that a record covers, 60 or 600. Default: 600.
    #[schemars(range(max = 600))]
    pub interval: Option<u32>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum FlowLogDestination {
    CloudWatchLogs,
    S3,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Traffic {
    All,
    Accept,
    Reject,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TierRoute {
    /// An IPv4 or IPv6 CIDR, or a prefix list (`pl-…`).
    pub to: String,
    /// `tgw-…`, `pcx-…`, `vgw-…`, `eni-…`, `nat-…` or `vpce-…`
    pub via: String,
}
