//! Managed node groups: what their nodes are, and how EKS looks after them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NodeGroup {
    /// Name of the node group: a new name is a new node group.
    pub name: String,
    /// The tier of the nodes. Default: the one tier that serves nodes.
    pub tier: Option<String>,
    /// Only in these of the tier's zones, by name or id (rule NG-19). A change replaces the group. Default: all of them, and a zone that the
    /// tier gets later has a group of its own.
    pub zones: Option<Vec<String>>,
    /// Instance types; the least one decides `maxPods`. Default: m6i.large.
    pub instance_types: Option<Vec<String>>,
    /// How many nodes the group has, in all zones together. Default: 1 to 3, at first 1.
    pub scaling: Option<Scaling>,
    /// Pods planned per node. Default: as many as a node takes.
    #[schemars(range(min = 1, max = 1000))]
    pub pods_per_node: Option<u32>,
    /// No node holds more pods than this, whatever it could (rules NG-27, NG-28). Default: as many as its interfaces carry and EKS allows.
    #[schemars(range(min = 1, max = 1000))]
    pub max_pods: Option<u32>,
    /// With custom networking: the tier of this group's pods. Default: that of `awsNode.customNetworking.tier`.
    pub pod_tier: Option<String>,
    /// onDemand, spot, `{ reservation: cr-… }` for On-Demand Capacity Reservations, or `{ block: cr-… }` for a Capacity Block. Default: onDemand.
    /// A change between the first two, or to or from a block, replaces the group (rules NG-22, NG-23).
    pub capacity: Option<Capacity>,
    /// The image of the nodes. Default: EKS's own for the instance types' architecture and accelerators, of the newest release.
    pub ami: Option<Ami>,
    /// Short for `ami: { type: … }`: an EKS AMI type, such as `AL2023_x86_64_STANDARD`. Default: none.
    pub ami_type: Option<String>,
    /// The volume with images and pods. Default: 50 GiB of gp3, encrypted with the account's default key.
    pub volume: Option<Volume>,
    /// Short for `volume: { size: … }`, in GiB. Default: none.
    #[schemars(range(min = 1, max = 65536))]
    pub disk_size: Option<u32>,
    /// The instance metadata service. Tokens (IMDSv2) are always required. Default: `hopLimit: 1`.
    pub imds: Option<Imds>,
    /// How EKS replaces nodes when the group's version, AMI or launch template changes. Default: `maxUnavailable: 33%`.
    pub update: Option<Update>,
    /// For AMIs with nodeadm (Amazon Linux 2023): a NodeConfig, or its `spec`, which nodeadm merges with EKS's own. What eksnet computes
    /// is not accepted: `cluster`, and the kubelet's `maxPods` and `clusterDNS` (rule NG-24). Default: none.
    pub node_config: Option<Map<String, Value>>,
    /// For Bottlerocket AMIs: its settings, without those that eksnet computes (rule NG-25). Default: none.
    pub bottlerocket: Option<Map<String, Value>>,
    /// Whose IAM role the nodes have. Default: shared. A change replaces the group.
    pub role: Option<NodeRole>,
    /// ARNs of managed policies on the nodes' role, beside those that nodes cannot do without (rules NG-29, NG-30). Default: none.
    pub policies: Option<Vec<String>>,
    /// Ids of further security groups on the nodes' interfaces (rule NG-31). Default: none.
    pub security_groups: Option<Vec<String>>,
    /// CloudWatch metrics of the instances every minute. Default: every five.
    pub detailed_monitoring: Option<bool>,
    /// EKS replaces, or restarts, nodes that the node monitoring agent or Kubernetes finds unhealthy. Default: EKS's own, off.
    pub auto_repair: Option<bool>,
    /// Kubernetes labels of the nodes, for node selectors and affinity. Default: none.
    pub labels: Option<BTreeMap<String, String>>,
    /// Kubernetes taints: only pods that tolerate them run on these nodes. Default: none.
    pub taints: Option<Vec<Taint>>,
    /// AWS tags of the node group, beside those of `metadata.tags`. Default: none.
    pub tags: Option<BTreeMap<String, String>>,
}

/// What node groups have unless they say otherwise: every key of a group but `name` and `tier`. Mappings are merged key by key; lists and
/// single values of the group replace these.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct NodeGroupDefaults(pub Map<String, Value>);

/// Keys that each group has to say itself.
const OF_EACH_GROUP: [&str; 2] = ["name", "tier"];

impl JsonSchema for NodeGroupDefaults {
    fn schema_name() -> Cow<'static, str> {
        "NodeGroupDefaults".into()
    }

    /// A group's own, so that every new word of a group is one of the defaults.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = NodeGroup::json_schema(generator);
        let map = schema.ensure_object();
        map.remove("required");
        if let Some(Value::Object(properties)) = map.get_mut("properties") {
            properties.retain(|key, _| !OF_EACH_GROUP.contains(&key.as_str()));
        }
        let what = "What node groups have unless they say otherwise: every key of a group but `name` and `tier`. Mappings are merged key by key; lists and single values of the group replace these.";
        map.insert("description".into(), Value::String(what.into()));
        schema
    }
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Capacity {
    Market(CapacityType),
    Reserved(Reserved),
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum CapacityType {
    OnDemand,
    Spot,
}

/// Capacity that was reserved before: one of the two.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reserved {
    /// Id of an On-Demand Capacity Reservation (`cr-…`), which is of one instance type and one zone. Default: none.
    pub reservation: Option<String>,
    /// Id of a Capacity Block for ML (`cr-…`), which is of one instance type, one zone and a time. Default: none.
    pub block: Option<String>,
}

/// An AMI type of EKS, or a custom AMI and the family that it is of (rules NG-20, NG-21).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ami {
    /// An EKS AMI type, such as `AL2023_x86_64_STANDARD`: with `id` or `ssmParameter` what the image was built from. A change replaces the
    /// group. Default: by the instance types.
    pub r#type: Option<String>,
    /// A release of EKS's AMI, such as `1.34.2-20260101`. Default: the newest, which moves with each update of the group's version.
    pub release_version: Option<String>,
    /// An image: `ami-…`. EKS adds nothing to its user data then, so eksnet writes all of it. Default: none.
    pub id: Option<String>,
    /// Name of an SSM parameter with an image's id, which CloudFormation reads at each deployment. Default: none.
    pub ssm_parameter: Option<String>,
}

/// Rules VOL-01 to VOL-05.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Volume {
    /// Size of the root volume in GiB. Default: 50.
    #[schemars(range(min = 1, max = 65536))]
    pub size: Option<u32>,
    /// Type of the EBS root volume. Default: gp3.
    pub r#type: Option<VolumeType>,
    /// Input and output operations a second: for gp3, and always for io1 and io2. Default: EBS's own.
    #[schemars(range(max = 256_000))]
    pub iops: Option<u32>,
    /// Throughput of a gp3 volume in MiB/s, 125 to 2,000 and at most a quarter of its IOPS. Default: 125.
    #[schemars(range(max = 2000))]
    pub throughput: Option<u32>,
    /// ARN, alias (`alias/…`) or id of a KMS key. Its policy has to let the service-linked role of Auto Scaling use it, or no instance starts.
    /// Default: the account's default key.
    pub kms_key: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum VolumeType {
    #[default]
    Gp3,
    Gp2,
    Io1,
    Io2,
}

impl VolumeType {
    /// EC2's word.
    pub fn word(self) -> &'static str {
        match self {
            VolumeType::Gp3 => "gp3",
            VolumeType::Gp2 => "gp2",
            VolumeType::Io1 => "io1",
            VolumeType::Io2 => "io2",
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Imds {
    /// Network hops that an answer may take. With 1, pods without the host's network have no access to the node's role. Default: 1.
    #[schemars(range(min = 1, max = 64))]
    pub hop_limit: Option<u32>,
    /// Also at its IPv6 address (rule NG-26). Default: false.
    pub ipv6: Option<bool>,
}

/// How EKS exchanges nodes for a new version, AMI or launch template.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Update {
    /// Nodes that are replaced at once: a number, or a share such as `33%` (rule NG-32). Default: `33%`.
    pub max_unavailable: Option<MaxUnavailable>,
    /// Whether EKS adds new nodes before it drains old ones (`default`), or drains first (`minimal`, which requires no spare capacity). Default: default.
    pub strategy: Option<UpdateStrategy>,
    /// Nodes are replaced even where a disruption budget keeps their pods from leaving. Default: false, and the update fails.
    pub force: Option<bool>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum MaxUnavailable {
    Nodes(#[schemars(range(max = 100))] u32),
    /// Such as `33%`.
    Share(String),
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum UpdateStrategy {
    /// New nodes come first, then old ones go: twice as many as there are zones, or `maxUnavailable`, run beside the others.
    #[default]
    Default,
    /// Old nodes go first: no address and no instance more than the group has, and less capacity meanwhile.
    Minimal,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum NodeRole {
    /// The one role of all groups that say nothing else.
    #[default]
    Shared,
    /// A role of the group's own, made with it.
    Own,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scaling {
    /// Fewest nodes that the group keeps running, in all zones together. Default: 1.
    #[schemars(range(max = 100_000))]
    pub min: Option<u32>,
    /// Nodes when the group is created. Default: `min`.
    #[schemars(range(max = 100_000))]
    pub desired: Option<u32>,
    /// Most nodes that an autoscaler may run, in all zones together; the plan has to have addresses for them (rule CAP-01).
    /// Default: `desired`, and 3 at least.
    #[schemars(range(max = 100_000))]
    pub max: Option<u32>,
    /// How a zone that comes after the group has its share: `add`, as much as one of the others beside these numbers, or `within` them.
    /// Default: add (rule NG-17).
    pub new_zones: Option<NewZones>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum NewZones {
    /// The numbers grow with the zones.
    #[default]
    Add,
    /// The numbers hold for all zones together: the first group gives up what the new ones get.
    Within,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Taint {
    /// Key of the taint, such as `dedicated`: at most 63 characters after an optional `prefix/`.
    pub key: String,
    /// Value of the taint, at most 63 characters. Default: empty.
    pub value: Option<String>,
    /// What happens to pods that do not tolerate the taint: not scheduled, scheduled only if need be, or also evicted.
    pub effect: TaintEffect,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
pub enum TaintEffect {
    NoSchedule,
    PreferNoSchedule,
    NoExecute,
}
