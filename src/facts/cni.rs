//! The variables of aws-node, one row each. What a change means for running nodes is read off where the code reads the variable: at its start,
//! per pod, per interface, or when a node joins.
//! Source: amazon-vpc-cni-k8s v1.23.1 (2026-08-20) and the vpc-cni add-on's configuration schema, read 2026-11-20.

/// What a value must look like. In the add-on every value is a string.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Bool,
    /// Bounds inclusive.
    Whole(i64, i64),
    Words(&'static [&'static str]),
    /// Comma-separated IPv4 CIDRs.
    Cidrs,
    /// Four letters at most, and none that the node has interfaces of.
    VethPrefix,
    /// A file; aws-node exits over `stdout`.
    File,
    /// A JSON object of text.
    Tags,
    Text,
}

/// What a change of a variable means for nodes that run. aws-node restarts on each of them, one after the other, whatever it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// As soon as aws-node has restarted.
    AtOnce,
    /// For pods that start after that.
    NewPods,
    /// For interfaces that are attached after that: those that a node has stay in their subnets.
    NewInterfaces,
    /// For nodes that join after that (rule R29 of the VPC CNI facts).
    NewNodes,
}

/// One variable.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    pub variable: &'static str,
    pub kind: Kind,
    /// The blueprint key that sets it, where there is one.
    pub key: Option<&'static str>,
    /// The first release that knows it, where one that EKS still offers does not.
    pub since: Option<Release>,
    pub effect: Effect,
}

/// A release of aws-node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release(pub u32, pub u32, pub u32);

impl Release {
    /// `v1.21.1-eksbuild.1`
    pub fn of(version: &str) -> Option<Self> {
        let mut numbers = version.strip_prefix('v')?.split('-').next()?.split('.').map(|part| part.parse().ok());
        Some(Self(numbers.next()??, numbers.next()??, numbers.next()??))
    }
}

impl std::fmt::Display for Release {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl Setting {
    const fn since(self, major: u32, minor: u32, patch: u32) -> Self {
        Self { since: Some(Release(major, minor, patch)), ..self }
    }

    const fn on(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }
}

const fn setting(variable: &'static str, kind: Kind) -> Setting {
    Setting { variable, kind, key: None, since: None, effect: Effect::AtOnce }
}

const fn typed(variable: &'static str, kind: Kind, key: &'static str) -> Setting {
    Setting { variable, kind, key: Some(key), since: None, effect: Effect::AtOnce }
}

const COUNT: Kind = Kind::Whole(0, 32_767);

pub const SETTINGS: &[Setting] = &[
    setting("ADDITIONAL_ENI_TAGS", Kind::Tags).on(Effect::NewInterfaces),
    setting("ANNOTATE_POD_IP", Kind::Bool).since(1, 9, 3).on(Effect::NewPods),
    setting("AWS_EC2_ENDPOINT", Kind::Text).since(1, 13, 0),
    setting("AWS_EXTERNAL_SERVICE_CIDRS", Kind::Cidrs).since(1, 12, 6),
    setting("AWS_MANAGE_ENIS_NON_SCHEDULABLE", Kind::Bool).since(1, 12, 6),
    setting("AWS_VPC_CNI_NODE_PORT_SUPPORT", Kind::Bool),
    setting("AWS_VPC_ENI_MTU", Kind::Whole(576, 9_001)).on(Effect::NewPods),
    typed("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", Kind::Bool, "awsNode.customNetworking").on(Effect::NewNodes),
    typed("AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS", Kind::Cidrs, "awsNode.snat.excludeCidrs"),
    typed("AWS_VPC_K8S_CNI_EXTERNALSNAT", Kind::Bool, "awsNode.snat.external"),
    setting("AWS_VPC_K8S_CNI_LOGLEVEL", Kind::Words(&["DEBUG", "INFO", "WARN", "ERROR", "FATAL"])),
    setting("AWS_VPC_K8S_CNI_LOG_FILE", Kind::Text),
    typed("AWS_VPC_K8S_CNI_RANDOMIZESNAT", Kind::Words(&["prng", "hashrandom", "none"]), "awsNode.snat.randomize"),
    setting("AWS_VPC_K8S_CNI_VETHPREFIX", Kind::VethPrefix).on(Effect::NewPods),
    setting("AWS_VPC_K8S_PLUGIN_LOG_FILE", Kind::File),
    setting("AWS_VPC_K8S_PLUGIN_LOG_LEVEL", Kind::Words(&["DEBUG", "INFO", "WARN", "ERROR", "FATAL"])),
    setting("CLUSTER_ENDPOINT", Kind::Text).since(1, 12, 1),
    setting("DISABLE_INTROSPECTION", Kind::Bool),
    setting("DISABLE_LEAKED_ENI_CLEANUP", Kind::Bool).since(1, 13, 0),
    setting("DISABLE_METRICS", Kind::Bool),
    setting("DISABLE_NETWORK_RESOURCE_PROVISIONING", Kind::Bool),
    setting("DISABLE_POD_V6", Kind::Bool).since(1, 15, 0).on(Effect::NewPods),
    setting("ENABLE_BANDWIDTH_PLUGIN", Kind::Bool).since(1, 10, 0).on(Effect::NewPods),
    setting("ENABLE_IMDS_ONLY_MODE", Kind::Bool).since(1, 19, 6).on(Effect::NewNodes),
    setting("ENABLE_MULTI_NIC", Kind::Bool).since(1, 20, 0).on(Effect::NewNodes),
    typed("ENABLE_POD_ENI", Kind::Bool, "awsNode.securityGroupsForPods").since(1, 7, 7).on(Effect::NewNodes),
    typed("ENABLE_PREFIX_DELEGATION", Kind::Bool, "awsNode.prefixDelegation").since(1, 9, 0).on(Effect::NewNodes),
    typed("ENABLE_SUBNET_DISCOVERY", Kind::Bool, "awsNode.subnetDiscovery").since(1, 18, 0).on(Effect::NewInterfaces),
    setting("ENABLE_V4_EGRESS", Kind::Bool).since(1, 15, 1).on(Effect::NewPods),
    setting("ENABLE_V6_EGRESS", Kind::Bool).since(1, 13, 0).on(Effect::NewPods),
    setting("ENI_CONFIG_ANNOTATION_DEF", Kind::Text).on(Effect::NewNodes),
    typed("ENI_CONFIG_LABEL_DEF", Kind::Text, "awsNode.customNetworking").on(Effect::NewNodes),
    setting("INTROSPECTION_BIND_ADDRESS", Kind::Text),
    setting("IP_COOLDOWN_PERIOD", COUNT).since(1, 15, 0),
    setting("MAX_ENI", Kind::Whole(1, 32_767)),
    typed("MINIMUM_IP_TARGET", COUNT, "awsNode.warm.minimumIps"),
    typed("NETWORK_POLICY_ENFORCING_MODE", Kind::Words(&["standard", "strict"]), "awsNode.networkPolicy.mode").since(1, 17, 1).on(Effect::NewPods),
    setting("POD_MTU", Kind::Whole(576, 9_001)).since(1, 16, 4).on(Effect::NewPods),
    typed("POD_SECURITY_GROUP_ENFORCING_MODE", Kind::Words(&["standard", "strict"]), "awsNode.securityGroupsForPods.enforcing")
        .since(1, 11, 0)
        .on(Effect::NewPods),
    typed("WARM_ENI_TARGET", COUNT, "awsNode.warm.enis"),
    typed("WARM_IP_TARGET", COUNT, "awsNode.warm.ips"),
    typed("WARM_PREFIX_TARGET", COUNT, "awsNode.warm.prefixes").since(1, 9, 0),
];

/// The node label that names a node's ENIConfig when there is one per zone. Rule SET-02.
pub const ENI_CONFIG_LABEL: &str = "topology.kubernetes.io/zone";

/// What aws-node keeps warm when nothing is set. Rule SET-08.
pub const WARM_ENIS: u64 = 1;
pub const WARM_PREFIXES: u64 = 1;

/// The first release with network policies, and the first Kubernetes. Rule NP-01.
pub const POLICY_SINCE: Release = Release(1, 14, 0);
pub const POLICY_KUBERNETES: u32 = 25;

/// The smallest MTU of IPv6. Rule SET-19.
pub const MTU_IPV6: u32 = 1_280;

/// Nodes up to which spare addresses alone do not ask EC2 too often; AWS names no number. Rule SET-08.
pub const NODES_WITHOUT_FLOOR: u64 = 50;

pub fn find(variable: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.variable == variable)
}

impl Kind {
    /// Whether `value` is one that aws-node takes; the error says what it takes instead.
    pub fn check(self, value: &str) -> Result<(), String> {
        match self {
            Kind::Bool if matches!(value, "true" | "false") => Ok(()),
            Kind::Bool => Err("`true` or `false`".to_string()),
            Kind::Whole(low, high) => match value.parse::<i64>() {
                Ok(number) if low <= number && number <= high => Ok(()),
                _ => Err(format!("a whole number from {low} to {high}")),
            },
            Kind::Words(words) if words.contains(&value) => Ok(()),
            Kind::Words(words) => Err(format!("one of {}", words.join(", "))),
            Kind::Cidrs if value.split(',').all(|cidr| cidr.trim().parse::<ipnet::Ipv4Net>().is_ok_and(|net| net == net.trunc())) => Ok(()),
            Kind::Cidrs => Err("IPv4 CIDRs without host bits, with commas between them".to_string()),
            Kind::VethPrefix if (1..=4).contains(&value.len()) && !["eth", "lo", "vlan"].contains(&value) => Ok(()),
            Kind::VethPrefix => Err("one to four letters, other than `eth`, `lo` and `vlan`".to_string()),
            Kind::File if value != "stdout" => Ok(()),
            Kind::File => Err("a file".to_string()),
            Kind::Tags if serde_json::from_str::<std::collections::BTreeMap<String, String>>(value).is_ok() => Ok(()),
            Kind::Tags => Err("a JSON object of text, such as `{\"team\": \"platform\"}`".to_string()),
            Kind::Text => Ok(()),
        }
    }
}
