//! The author's words: what a blueprint file may say. A field is optional where the author may leave it out;
//! nothing is defaulted, looked up or judged here. The doc comments become the JSON Schema's descriptions.

mod aws_node;
mod cluster;
mod iam;
mod ranges;
mod nodes;
mod patches;
mod security;
mod ways_out;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

pub use aws_node::*;
pub use cluster::*;
pub use iam::*;
pub use nodes::*;
pub use patches::*;
pub use ranges::*;
pub use security::*;
pub use ways_out::*;

pub use crate::facts::subnets::{TierEgress, Use};

/// What network an Amazon EKS cluster needs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Blueprint {
    /// Version of the blueprint language: `eksnet/v1` is the only one.
    pub api_version: ApiVersion,
    /// What the file is: always `Blueprint`.
    pub kind: Kind,
    /// Name of the cluster, its Region, and tags for everything.
    pub metadata: Metadata,
    /// How many availability zones, or which: a count, zone names (`eu-west-1a`) or zone ids (`euw1-az1`). Default: 3.
    pub zones: Option<Zones>,
    /// The VPC: its IPv4 and IPv6 ranges, what is kept free in them, and flow logs. Or an existing VPC, by `id`. Default: a private /16.
    pub vpc: Option<Vpc>,
    /// One subnet per zone in each tier. Default: `public`, `nodes` and `control-plane`.
    pub tiers: Option<Vec<Tier>>,
    /// How private tiers reach other networks. Default: a NAT gateway in each zone, for tiers with `egress: nat`.
    pub egress: Option<Egress>,
    /// VPC endpoints, through which private subnets reach AWS services without a NAT gateway: `none`, `auto` (what the blueprint uses), or a list. Default: none.
    pub endpoints: Option<Endpoints>,
    /// Security groups of nodes, pods and the control plane. Default: the group that EKS creates.
    pub security_groups: Option<SecurityGroups>,
    /// Network ACLs of the tiers. Default: none.
    pub network_acls: Option<NetworkAcls>,
    /// CloudWatch alarms on errors of NAT gateways and on address use. Default: none.
    pub alarms: Option<Alarms>,
    /// Names, a path and a boundary for the roles of the stack, and roles that exist. Default: none.
    pub iam: Option<Iam>,
    /// The EKS cluster: its version, API, access and logs. Default: none, a network without a cluster.
    pub cluster: Option<Cluster>,
    /// The VPC CNI (aws-node): who installs it, how it gives addresses to pods, and its other settings.
    /// Default: the add-on, with prefix delegation.
    pub aws_node: Option<AwsNode>,
    /// What node groups have unless they say otherwise (every key but `name` and `tier`). Default: none.
    pub node_group_defaults: Option<NodeGroupDefaults>,
    /// EKS managed node groups: the nodes' tier, instance types, number, image and labels. Default: none.
    pub node_groups: Option<Vec<NodeGroup>>,
    /// Pods without nodes, by namespace and labels (rules FG-01, FG-02). Default: none.
    pub fargate: Option<Vec<FargateProfile>>,
    /// EKS add-ons beside `vpc-cni`. Default: `coredns`, `kube-proxy` and `eks-pod-identity-agent`.
    pub addons: Option<Vec<Addon>>,
    /// Roles of service accounts of your own, through EKS Pod Identity (rules POD-01 to POD-03). Default: none.
    pub pod_identities: Option<Vec<PodIdentity>>,
    /// What Karpenter needs in AWS. Default: nothing.
    pub karpenter: Option<Karpenter>,
    /// Exports the stack's outputs, for other stacks to import as `<stack>-<output>`. Default: false.
    pub exports: Option<bool>,
    /// Properties of CloudFormation that the blueprint has no word for, in the order of the file. Default: none.
    pub patches: Option<Vec<Patch>>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub enum ApiVersion {
    #[serde(rename = "eksnet/v1")]
    V1,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub enum Kind {
    Blueprint,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metadata {
    /// Name of the cluster; the stack is `eksnet-<name>` (rule CLU-09).
    pub name: String,
    /// AWS Region, such as `eu-west-1`.
    pub region: String,
    /// Tags on every resource that can carry them (rule TAG-15). Default: none.
    pub tags: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Zones {
    Count(#[schemars(range(max = 26))] u8),
    These(Vec<String>),
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Vpc {
    /// A VPC that exists, `vpc-…`: new ranges and subnets are fitted into its free space, and nothing of it is changed (rules EXI-01 to
    /// EXI-16). Default: none.
    pub id: Option<String>,
    /// Primary IPv4 CIDR, /16 to /28 (rule VPC-01): written, `{ class: small }` of a fleet (rule FLT-15), or `{ ipamPool: ipam-pool-…,
    /// netmask: 16 }` (rules IPAM-02 to IPAM-09). Default: a private /16 that can be extended freely (rule VPC-21).
    pub cidr: Option<VpcRange>,
    /// Further IPv4 CIDRs, such as 100.64.0.0/16 for pods (rules VPC-20 to VPC-28), or `{ name: pods, ipamPool: ipam-pool-…, netmask: 16 }`,
    /// which tiers name with `from: pods`. Default: none.
    pub secondary_cidrs: Option<Vec<VpcRange>>,
    /// CIDRs inside the VPC from which no subnet is ever allocated, for what others put there. Default: none.
    pub keep_free: Option<Vec<String>>,
    /// Dual-stack: `amazon`, `{ pool: ipv6pool-ec2-…, cidr: 2001:db8:1200::/56 }` of your own, or `{ ipamPool: ipam-pool-…,
    /// netmask: 56 }`. Every subnet gets a /64 of it (rules V6-01 to V6-03). Default: none.
    pub ipv6: Option<Ipv6>,
    /// VPC flow logs: records of the connections in the VPC, without their content. Default: none.
    pub flow_logs: Option<FlowLogs>,
}

impl Vpc {
    /// Ids of the IPAM pools that give its IPv4 ranges.
    pub fn ipam_pools(&self) -> Vec<String> {
        let further = self.secondary_cidrs.iter().flatten();
        let mut pools: Vec<String> = self
            .cidr
            .iter()
            .chain(further)
            .filter_map(|range| match range {
                VpcRange::Given(given) => given.ipam_pool.clone(),
                VpcRange::Written(_) => None,
            })
            .collect();
        pools.sort();
        pools.dedup();
        pools
    }
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Ipv6 {
    From(Ipv6Provider),
    Own(OwnIpv6),
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Ipv6Provider {
    /// A /56 of Amazon's.
    Amazon,
}

/// `pool` and `cidr` for addresses brought to AWS, `ipamPool` and `netmask` for a pool of VPC IPAM.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OwnIpv6 {
    /// Id of a pool of your own addresses. Default: none.
    pub pool: Option<String>,
    /// A range of the pool, /44 to /60 in steps of four. Default: none.
    pub cidr: Option<String>,
    /// Id of the IPAM pool that gives the IPv6 range. Default: none.
    pub ipam_pool: Option<String>,
    /// Prefix length that IPAM is asked for, `56` or `/56`. Default: 56.
    pub netmask: Option<Netmask>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tier {
    /// Part of every subnet's logical id: a new name is a new tier, unless `renamedFrom` says otherwise.
    pub name: String,
    /// Prefix length of each subnet, /16 to /28 (rule SUB-01), or `auto`: by the node groups' demand. Default: by what the tier serves.
    pub size: Option<String>,
    /// With `size: auto`: room beyond the node groups' demand, in percent of it. Default: 25, so that four fifths are planned (rule
    /// SIZ-02).
    #[schemars(range(max = 1000))]
    pub growth: Option<u32>,
    /// The subnets' default route: `internet` (internet gateway), `nat` (NAT gateway) or `none`. Default: by what the tier serves.
    pub egress: Option<TierWay>,
    /// Subnets that exist and stay as they are, instead of new ones; in a VPC that exists (rule EXI-02). Default: none.
    pub existing: Option<Existing>,
    /// What lives in the subnets: nodes, pods, load balancers, the control plane's interfaces. It decides tags and which rules hold.
    /// Default: none.
    pub serves: Option<Vec<Use>>,
    /// The VPC CIDR to allocate from, or the name of one. Default: the primary one.
    pub from: Option<String>,
    /// The zones with a subnet of this tier, by name or id. Default: all zones of the blueprint.
    pub zones: Option<Vec<String>>,
    /// Pinned subnet CIDRs: by zone name or id, or as a list in the order of the tier's zones. Default: none.
    pub cidrs: Option<PinnedCidrs>,
    /// Whether whatever starts in the subnets gets a public IPv4 address. Default: where nodes live and leave through the internet gateway.
    pub map_public_ip: Option<bool>,
    /// `${cluster}` and `${name}` stand for the blueprint's name, `${zone}` for the subnet's zone. Default: none.
    pub tags: Option<BTreeMap<String, String>>,
    /// A part of each subnet that only prefixes are taken from (rule SUB-09). Default: none.
    pub reservation: Option<Reservation>,
    /// Routes of the tier's route tables beside those of `egress`, such as to a peering connection. Default: none.
    pub routes: Option<Vec<TierRoute>>,
    /// With `networkAcls: perTier`: rules beside those that the tier's use gives. Default: none.
    pub network_acl: Option<AclRules>,
    /// The tier's former name: its subnets keep their addresses and their place in the stack. Default: none.
    pub renamed_from: Option<String>,
}

/// `internet`, `nat`, `none`, or `{ like: TIER }`: as a tier that exists.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum TierWay {
    Word(TierEgress),
    Like(LikeTier),
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LikeTier {
    /// A tier that exists: in each zone the new subnet's routes are those of its subnet there (rule EXI-07).
    pub like: String,
}

/// Subnets that exist, by `ids` or by `tags`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Existing {
    /// Ids of the subnets (`subnet-…`), which eksnet uses and never changes. Default: none.
    pub ids: Option<Vec<String>>,
    /// Tags that the subnets have, all of them; `*` matches any value. Resolved once, and kept in the lock. Default: none.
    pub tags: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PinnedCidrs {
    ByZone(BTreeMap<String, String>),
    InOrder(Vec<String>),
}

impl PinnedCidrs {
    /// The zones that it names.
    pub fn zones(&self) -> impl Iterator<Item = &String> {
        let by_zone = match self {
            PinnedCidrs::ByZone(by_zone) => Some(by_zone),
            PinnedCidrs::InOrder(_) => None,
        };
        by_zone.into_iter().flat_map(BTreeMap::keys)
    }
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reservation {
    /// Prefix length of the part that is kept for /28 prefixes, longer than the subnet's: `/19` in a /18 is its upper half. Default: none.
    pub prefixes: Option<String>,
    /// Or the parts themselves: by zone name or id, or as a list in the order of the tier's zones. Default: none.
    pub cidrs: Option<PinnedCidrs>,
}
