//! The variables of aws-node, one row each: those that people set. Not here: what wires it to its node and its cluster, which EKS fills in
//! (ENABLE_IPv4, ENABLE_IPv6, CLUSTER_NAME, VPC_CNI_VERSION, MY_NODE_NAME, MY_POD_NAME). What a change means for running nodes is read off where the code reads the variable: at its start,
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

impl Effect {
    /// What a change is for, in the table of settings; everything else keeps the former value.
    pub fn word(self) -> &'static str {
        match self {
            Effect::AtOnce => "all",
            Effect::NewPods => "new pods",
            Effect::NewInterfaces => "new interfaces",
            Effect::NewNodes => "new nodes",
        }
    }
}

/// Which of aws-node's containers reads a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    Main,
    /// Prepares the node, before the main one.
    Init,
    Both,
}

/// Whether the configuration schema of the add-on has a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// From this release on, as far as schemas were seen (1.15.1 in whole, 1.18 in parts).
    Since(Release),
    /// Younger than any schema that was seen: EKS says it when asked (rule SET-36).
    Unseen,
    /// Not in any: only a self-managed aws-node takes it.
    Never,
}

/// One variable.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    pub variable: &'static str,
    /// What it does, as one sentence without its subject.
    pub meaning: &'static str,
    pub kind: Kind,
    /// The blueprint key that sets it, where there is one.
    pub key: Option<&'static str>,
    /// What aws-node's own manifest sets, or else what its code falls back to.
    pub default: &'static str,
    /// The first release that knows it, where one that EKS still offers does not.
    pub since: Option<Release>,
    pub container: Container,
    pub schema: Schema,
    pub effect: Effect,
}

/// A release of aws-node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release(pub u32, pub u32, pub u32);

impl Release {
    /// `v1.21.1-eksbuild.1`
    pub fn of(version: &str) -> Option<Self> {
        let mut numbers =
            version.strip_prefix('v')?.split('-').next()?.split('.').map(|part| part.parse().ok());
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

    const fn means(self, meaning: &'static str) -> Self {
        Self { meaning, ..self }
    }

    const fn on(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }

    const fn within(self, container: Container) -> Self {
        Self { container, ..self }
    }

    const fn schema(self, schema: Schema) -> Self {
        Self { schema, ..self }
    }

    /// Whether a container of the add-on's reads it.
    pub fn is_in(&self, container: Container) -> bool {
        self.container == Container::Both || self.container == container
    }
}

const SEEN: Schema = Schema::Since(Release(1, 15, 1));

const fn setting(variable: &'static str, kind: Kind, default: &'static str) -> Setting {
    Setting {
        variable,
        meaning: "",
        kind,
        key: None,
        default,
        since: None,
        container: Container::Main,
        schema: SEEN,
        effect: Effect::AtOnce,
    }
}

const fn typed(
    variable: &'static str,
    kind: Kind,
    default: &'static str,
    key: &'static str,
) -> Setting {
    Setting { key: Some(key), ..setting(variable, kind, default) }
}

const COUNT: Kind = Kind::Whole(0, 32_767);

/// Variables that rules and settings ask for by name.
pub mod names {
    pub const ANNOTATE_POD_IP: &str = "ANNOTATE_POD_IP";
    pub const BANDWIDTH_PLUGIN: &str = "ENABLE_BANDWIDTH_PLUGIN";
    pub const CLUSTER_ENDPOINT: &str = "CLUSTER_ENDPOINT";
    pub const ENI_MTU: &str = "AWS_VPC_ENI_MTU";
    pub const EXCLUDE_SNAT_CIDRS: &str = "AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS";
    pub const EXTERNAL_SNAT: &str = "AWS_VPC_K8S_CNI_EXTERNALSNAT";
    pub const MAX_ENI: &str = "MAX_ENI";
    pub const MULTI_NIC: &str = "ENABLE_MULTI_NIC";
    pub const POD_MTU: &str = "POD_MTU";
    pub const POLICY_MODE: &str = "NETWORK_POLICY_ENFORCING_MODE";
    pub const PREFIX_DELEGATION: &str = "ENABLE_PREFIX_DELEGATION";
    pub const RANDOMIZE_SNAT: &str = "AWS_VPC_K8S_CNI_RANDOMIZESNAT";
    pub const SUBNET_DISCOVERY: &str = "ENABLE_SUBNET_DISCOVERY";
    pub const TCP_EARLY_DEMUX: &str = "DISABLE_TCP_EARLY_DEMUX";
    pub const V4_EGRESS: &str = "ENABLE_V4_EGRESS";
    pub const V6_EGRESS: &str = "ENABLE_V6_EGRESS";
}

pub const SETTINGS: &[Setting] = &[
    setting("ADDITIONAL_ENI_TAGS", Kind::Tags, "{}").means("additional tags of the network interfaces that aws-node creates").on(Effect::NewInterfaces),
    setting("ANNOTATE_POD_IP", Kind::Bool, "false").means("writes a pod's address into its annotation `vpc.amazonaws.com/pod-ips`, before the kubelet reports it").since(1, 9, 3).on(Effect::NewPods),
    setting("AWS_EC2_ENDPOINT", Kind::Text, "").means("the address of the EC2 API that aws-node calls, instead of the Region's").since(1, 13, 0),
    setting("AWS_EXTERNAL_SERVICE_CIDRS", Kind::Cidrs, "").means("ranges whose packets use the node's main route table, as load balancers in another VPC need").since(1, 12, 6),
    setting("AWS_MANAGE_ENIS_NON_SCHEDULABLE", Kind::Bool, "false").means("attaches and detaches interfaces on cordoned nodes too").since(1, 12, 6),
    setting("AWS_VPC_CNI_NODE_PORT_SUPPORT", Kind::Bool, "true").means("marks connections to node ports, so that replies leave through the interface that the request arrived on"),
    setting("AWS_VPC_ENI_MTU", Kind::Whole(576, 9_001), "9001").means("the largest packet of the node's interfaces, in bytes").on(Effect::NewPods),
    setting("AWS_VPC_K8S_CNI_BACKING_STORE", Kind::Text, "/var/run/aws-node/ipam.json").means("the file in which aws-node keeps which pod has which address")
        .schema(Schema::Never),
    setting("AWS_VPC_K8S_CNI_CONNMARK", Kind::Text, "0x80").means("the mark of connections that aws-node's rules use").schema(Schema::Never),
    typed("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", Kind::Bool, "false", "awsNode.customNetworking").means("custom networking: pods get addresses of the subnet that an ENIConfig names, and not of the node's")
        .on(Effect::NewNodes),
    typed("AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS", Kind::Cidrs, "", "awsNode.snat.excludeCidrs").means("ranges that pods reach with their own addresses, beside those of the VPC"),
    typed("AWS_VPC_K8S_CNI_EXTERNALSNAT", Kind::Bool, "false", "awsNode.snat.external").means("leaves source NAT to a gateway: pods leave the VPC with their own addresses"),
    setting(
        "AWS_VPC_K8S_CNI_LOGLEVEL",
        Kind::Words(&["DEBUG", "INFO", "WARN", "ERROR", "FATAL"]),
        "DEBUG",
    ).means("how much the address manager of aws-node logs"),
    setting("AWS_VPC_K8S_CNI_LOG_FILE", Kind::Text, "/host/var/log/aws-routed-eni/ipamd.log").means("where the address manager of aws-node logs"),
    typed(
        "AWS_VPC_K8S_CNI_RANDOMIZESNAT",
        Kind::Words(&["prng", "hashrandom", "none"]),
        "prng",
        "awsNode.snat.randomize",
    ).means("how the ports of translated connections are chosen"),
    setting("AWS_VPC_K8S_CNI_VETHPREFIX", Kind::VethPrefix, "eni").means("how the names of pods' interfaces on the node begin").on(Effect::NewPods),
    setting(
        "AWS_VPC_K8S_EGRESS_V4_PLUGIN_LOG_FILE",
        Kind::Text,
        "/var/log/aws-routed-eni/egress-v4-plugin.log",
    ).means("where the plugin for IPv4 egress of IPv6 pods logs")
    .since(1, 10, 0)
    .schema(Schema::Never),
    setting(
        "AWS_VPC_K8S_EGRESS_V6_PLUGIN_LOG_FILE",
        Kind::Text,
        "/var/log/aws-routed-eni/egress-v6-plugin.log",
    ).means("where the plugin for IPv6 egress of IPv4 pods logs")
    .since(1, 13, 0)
    .schema(Schema::Never),
    setting("AWS_VPC_K8S_PLUGIN_LOG_FILE", Kind::File, "/var/log/aws-routed-eni/plugin.log").means("where the plugin that wires each pod logs"),
    setting(
        "AWS_VPC_K8S_PLUGIN_LOG_LEVEL",
        Kind::Words(&["DEBUG", "INFO", "WARN", "ERROR", "FATAL"]),
        "DEBUG",
    ).means("how much the plugin that wires each pod logs"),
    setting("CLUSTER_ENDPOINT", Kind::Text, "").means("the address of the Kubernetes API, so that aws-node does not wait for kube-proxy").since(1, 12, 1),
    setting("DISABLE_INTROSPECTION", Kind::Bool, "false").means("closes the port at which aws-node serves its state"),
    setting("DISABLE_LEAKED_ENI_CLEANUP", Kind::Bool, "false").means("does not delete interfaces that a terminated node left behind").since(1, 13, 0),
    setting("DISABLE_METRICS", Kind::Bool, "false").means("closes the port where aws-node serves Prometheus metrics"),
    setting("DISABLE_NETWORK_RESOURCE_PROVISIONING", Kind::Bool, "false").means("attaches no interfaces and addresses: pods use what the node has"),
    setting("DISABLE_POD_V6", Kind::Bool, "false").means("turns IPv6 off inside of pods").since(1, 15, 0).on(Effect::NewPods),
    setting("DISABLE_TCP_EARLY_DEMUX", Kind::Bool, "false").means("lets the kubelet reach pods that have security groups of their own in strict mode, for probes over TCP")
        .within(Container::Init)
        .on(Effect::NewNodes),
    setting("ENABLE_BANDWIDTH_PLUGIN", Kind::Bool, "false").means("limits pods to the bandwidth in their annotations; not beside network policies").since(1, 10, 0).on(Effect::NewPods),
    setting("ENABLE_IMDS_ONLY_MODE", Kind::Bool, "false").means("calls the instance metadata service and never EC2: interfaces and addresses are attached by others")
        .since(1, 19, 6)
        .on(Effect::NewNodes)
        .schema(Schema::Unseen),
    setting("ENABLE_MULTI_NIC", Kind::Bool, "false").means("manages every network card of types that have several")
        .since(1, 20, 0)
        .on(Effect::NewNodes)
        .schema(Schema::Unseen),
    typed("ENABLE_POD_ENI", Kind::Bool, "false", "awsNode.securityGroupsForPods").means("security groups for pods: reserves an interface whose branches such pods get")
        .since(1, 7, 7)
        .on(Effect::NewNodes),
    typed("ENABLE_PREFIX_DELEGATION", Kind::Bool, "false", "awsNode.prefixDelegation").means("prefixes of 16 addresses on interfaces instead of single ones, so that more pods fit on a node")
        .since(1, 9, 0)
        .on(Effect::NewNodes),
    typed("ENABLE_SUBNET_DISCOVERY", Kind::Bool, "true", "awsNode.subnetDiscovery").means("uses addresses of every subnet in the node's zone that is tagged for it, the one with the most free addresses first")
        .since(1, 18, 0)
        .on(Effect::NewInterfaces)
        .schema(Schema::Since(Release(1, 18, 0))),
    setting("ENABLE_V4_EGRESS", Kind::Bool, "true").means("lets pods of an IPv6 cluster reach IPv4 through the node's address").since(1, 15, 1).on(Effect::NewPods),
    setting("ENABLE_V6_EGRESS", Kind::Bool, "false").means("lets pods of an IPv4 cluster reach IPv6 through the node's address")
        .since(1, 13, 0)
        .on(Effect::NewPods)
        .within(Container::Both),
    setting("ENI_CONFIG_ANNOTATION_DEF", Kind::Text, "k8s.amazonaws.com/eniConfig").means("the node annotation that names its ENIConfig; it has priority over the label")
        .on(Effect::NewNodes),
    typed(
        "ENI_CONFIG_LABEL_DEF",
        Kind::Text,
        "k8s.amazonaws.com/eniConfig",
        "awsNode.customNetworking",
    ).means("the node label that names its ENIConfig")
    .on(Effect::NewNodes),
    setting("HOST_CNI_BIN_PATH", Kind::Text, "/host/opt/cni/bin").means("the folder of the node for the plugins' programs")
        .within(Container::Both)
        .schema(Schema::Never),
    setting("HOST_CNI_CONFDIR_PATH", Kind::Text, "/host/etc/cni/net.d").means("the folder of the node for the plugins' configuration").schema(Schema::Never),
    setting("HTTP_TIMEOUT", Kind::Whole(10, 32_767), "10").means("seconds that aws-node waits for an answer of AWS").schema(Schema::Never),
    setting("INTROSPECTION_BIND_ADDRESS", Kind::Text, "127.0.0.1:61679").means("the address at which aws-node serves its state"),
    setting("IP_COOLDOWN_PERIOD", COUNT, "30").means("seconds before the address of a deleted pod is assigned to another one").since(1, 15, 0),
    setting("MANAGE_UNTAGGED_ENI", Kind::Bool, "true").means("manages interfaces too that do not have aws-node's tags").schema(Schema::Never),
    setting("MAX_ENI", Kind::Whole(1, 32_767), "").means("how many interfaces of a node are used at most, the first one included"),
    typed("MINIMUM_IP_TARGET", COUNT, "0", "awsNode.warm.minimumIps").means("how many addresses a node has at least"),
    typed(
        "NETWORK_POLICY_ENFORCING_MODE",
        Kind::Words(&["standard", "strict"]),
        "standard",
        "awsNode.networkPolicy.mode",
    ).means("whether new pods are open until their network policies apply (standard), or closed (strict)")
    .since(1, 17, 1)
    .on(Effect::NewPods)
    .schema(Schema::Unseen),
    setting("POD_MTU", Kind::Whole(576, 9_001), "").means("the largest packet of pods, in bytes; that of the node's interfaces, where it is not set")
        .since(1, 16, 4)
        .on(Effect::NewPods)
        .schema(Schema::Unseen),
    typed(
        "POD_SECURITY_GROUP_ENFORCING_MODE",
        Kind::Words(&["standard", "strict"]),
        "strict",
        "awsNode.securityGroupsForPods.enforcing",
    ).means("whether all packets of pods with security groups of their own obey these groups (strict), or what leaves the VPC and what comes from the node use the node's (standard)")
    .since(1, 11, 0)
    .on(Effect::NewPods),
    typed("WARM_ENI_TARGET", COUNT, "1", "awsNode.warm.enis").means("how many whole interfaces a node keeps spare; not read beside targets of addresses or prefixes"),
    typed("WARM_IP_TARGET", COUNT, "0", "awsNode.warm.ips").means("how many single addresses a node keeps spare"),
    typed("WARM_PREFIX_TARGET", COUNT, "1", "awsNode.warm.prefixes").means("how many whole prefixes a node keeps spare, with prefix delegation").since(1, 9, 0),
];

/// What ties aws-node to its node and its cluster, and is no setting: EKS and the manifest fill it in.
pub const WIRING: &[&str] = &[
    "CLUSTER_NAME",
    "ENABLE_IPv4",
    "ENABLE_IPv6",
    "MY_NODE_NAME",
    "MY_POD_NAME",
    "VPC_CNI_VERSION",
    "VPC_ID",
];

/// The node label that names a node's ENIConfig when there is one per zone.
pub const ENI_CONFIG_LABEL: &str = "topology.kubernetes.io/zone";

/// The node label that names a node's ENIConfig when node groups have pods in tiers of their own: aws-node's own default.
pub const ENI_CONFIG_GROUP_LABEL: &str = "k8s.amazonaws.com/eniConfig";

/// What aws-node keeps warm when nothing is set. Rule SET-08.
pub const WARM_ENIS: u64 = 1;
pub const WARM_PREFIXES: u64 = 1;

/// The first release with network policies, and the first Kubernetes. Rule NP-01.
pub const POLICY_SINCE: Release = Release(1, 14, 0);
pub const POLICY_KUBERNETES: u32 = 25;

/// Ports of the agent of network policies, on the node. Rule NP-03.
pub const POLICY_METRICS: u16 = 8_162;
pub const POLICY_HEALTH: u16 = 8_163;

/// The smallest MTU of IPv6. Rule SET-39.
pub const MTU_IPV6: u64 = 1_280;

/// Nodes up to which spare addresses alone do not ask EC2 too often; AWS names no number. Rule SET-08.
pub const NODES_WITHOUT_FLOOR: u64 = 50;

/// By its exact name; `None` for variables that EKS sets itself, and for those that this version does not know.
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
            Kind::Cidrs
                if value.split(',').all(|cidr| {
                    cidr.trim().parse::<ipnet::Ipv4Net>().is_ok_and(|net| net == net.trunc())
                }) =>
            {
                Ok(())
            }
            Kind::Cidrs => {
                Err("IPv4 CIDRs without host bits, with commas between them".to_string())
            }
            Kind::VethPrefix
                if (1..=4).contains(&value.len()) && !["eth", "lo", "vlan"].contains(&value) =>
            {
                Ok(())
            }
            Kind::VethPrefix => {
                Err("one to four letters, other than `eth`, `lo` and `vlan`".to_string())
            }
            Kind::File if value != "stdout" => Ok(()),
            Kind::File => Err("a file".to_string()),
            Kind::Tags
                if serde_json::from_str::<std::collections::BTreeMap<String, String>>(value)
                    .is_ok() =>
            {
                Ok(())
            }
            Kind::Tags => {
                Err("a JSON object of text, such as `{\"team\": \"platform\"}`".to_string())
            }
            Kind::Text => Ok(()),
        }
    }
}
