//! Words of eksctl, Terraform, the CDK and CloudFormation, and ours for the same thing.

/// A word of another tool.
pub struct Foreign {
    /// Lower case, without `_` and `-`.
    word: &'static str,
    /// Ours, as a path of the language.
    pub ours: &'static str,
    /// How it is written here.
    example: &'static str,
    /// Ours stands in the same mapping and holds the same value.
    pub same: Option<&'static str>,
}

impl Foreign {
    pub fn hint(&self) -> String {
        format!("here it is `{}`: {}", self.ours, self.example)
    }
}

pub fn find(key: &str) -> Option<&'static Foreign> {
    let folded: String = key
        .chars()
        .filter(|letter| !matches!(letter, '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect();
    TABLE.iter().find(|row| row.word == folded)
}

/// Ours has another form or another place.
const fn moved(word: &'static str, ours: &'static str, example: &'static str) -> Foreign {
    Foreign { word, ours, example, same: None }
}

/// Only the word is another one.
const fn same(
    word: &'static str,
    ours: &'static str,
    key: &'static str,
    example: &'static str,
) -> Foreign {
    Foreign { word, ours, example, same: Some(key) }
}

pub const TABLE: &[Foreign] = &[
    moved("spot", "nodeGroups[].capacity", "`capacity: spot`"),
    moved("capacitytype", "nodeGroups[].capacity", "`capacity: onDemand` or `spot`"),
    moved("minsize", "nodeGroups[].scaling.min", "`scaling: { min: 3, desired: 3, max: 60 }`"),
    moved("maxsize", "nodeGroups[].scaling.max", "`scaling: { min: 3, desired: 3, max: 60 }`"),
    moved(
        "desiredsize",
        "nodeGroups[].scaling.desired",
        "`scaling: { min: 3, desired: 3, max: 60 }`",
    ),
    moved(
        "desiredcapacity",
        "nodeGroups[].scaling.desired",
        "`scaling: { min: 3, desired: 3, max: 60 }`",
    ),
    moved("scalingconfig", "nodeGroups[].scaling", "`scaling: { min: 3, desired: 3, max: 60 }`"),
    moved("volumesize", "nodeGroups[].volume.size", "`volume: { size: 100 }`, in GiB"),
    moved("volumetype", "nodeGroups[].volume.type", "`volume: { type: gp3 }`"),
    moved("volumeiops", "nodeGroups[].volume.iops", "`volume: { iops: 4000 }`"),
    moved("volumethroughput", "nodeGroups[].volume.throughput", "`volume: { throughput: 250 }`"),
    moved("volumekmskeyid", "nodeGroups[].volume.kmsKey", "`volume: { kmsKey: alias/nodes }`"),
    moved("blockdevicemappings", "nodeGroups[].volume", "`volume: { size: 100, type: gp3 }`"),
    moved("amiid", "nodeGroups[].ami.id", "`ami: { id: ami-…, type: AL2023_x86_64_STANDARD }`"),
    moved(
        "amireleaseversion",
        "nodeGroups[].ami.releaseVersion",
        "`ami: { releaseVersion: 1.35.0-20260101 }`",
    ),
    moved(
        "releaseversion",
        "nodeGroups[].ami.releaseVersion",
        "`ami: { releaseVersion: 1.35.0-20260101 }`",
    ),
    moved("updateconfig", "nodeGroups[].update", "`update: { maxUnavailable: 33% }`"),
    moved(
        "maxunavailable",
        "nodeGroups[].update.maxUnavailable",
        "`update: { maxUnavailable: 2 }`",
    ),
    moved(
        "maxunavailablepercentage",
        "nodeGroups[].update.maxUnavailable",
        "`update: { maxUnavailable: 33% }`",
    ),
    moved("forceupdateversion", "nodeGroups[].update.force", "`update: { force: true }`"),
    same("noderepairconfig", "nodeGroups[].autoRepair", "autoRepair", "`autoRepair: true`"),
    same(
        "enabledetailedmonitoring",
        "nodeGroups[].detailedMonitoring",
        "detailedMonitoring",
        "`detailedMonitoring: true`",
    ),
    moved("metadataoptions", "nodeGroups[].imds", "`imds: { hopLimit: 2 }`"),
    moved("attachpolicyarns", "nodeGroups[].policies", "`policies: [arn:aws:iam::aws:policy/…]`"),
    moved(
        "iamroleadditionalpolicies",
        "nodeGroups[].policies",
        "`policies: [arn:aws:iam::aws:policy/…]`",
    ),
    same(
        "vpcsecuritygroupids",
        "nodeGroups[].securityGroups",
        "securityGroups",
        "`securityGroups: [sg-…]`",
    ),
    moved(
        "eksmanagednodegroupdefaults",
        "nodeGroupDefaults",
        "`nodeGroupDefaults: { capacity: spot }`",
    ),
    moved(
        "kubeletextraconfig",
        "nodeGroups[].nodeConfig",
        "`nodeConfig: { kubelet: { config: { … } } }`",
    ),
    moved("capacityreservation", "nodeGroups[].capacity", "`capacity: { reservation: cr-… }`"),
    moved("instancetype", "nodeGroups[].instanceTypes", "`instanceTypes: [m6i.large]`"),
    moved("amifamily", "nodeGroups[].ami.type", "`ami: { type: AL2023_x86_64_STANDARD }`"),
    moved(
        "privatenetworking",
        "nodeGroups[].tier",
        "`tier: nodes`, and the tier's `egress` says how nodes go out",
    ),
    moved(
        "maxpodspernode",
        "nodeGroups[].podsPerNode",
        "`podsPerNode: 40` is planned for; `maxPods: 58` is a cap",
    ),
    same("managednodegroups", "nodeGroups", "nodeGroups", "`nodeGroups: [{ name: general }]`"),
    moved("eksmanagednodegroups", "nodeGroups", "`nodeGroups: [{ name: general }]`, a list"),
    same(
        "fargateprofiles",
        "fargate",
        "fargate",
        "`fargate: [{ name: jobs, selectors: [{ namespace: jobs }] }]`",
    ),
    same("availabilityzones", "zones", "zones", "`zones: 3`, or `[eu-west-1a, eu-west-1b]`"),
    same("azs", "zones", "zones", "`zones: 3`, or `[eu-west-1a, eu-west-1b]`"),
    moved(
        "subnets",
        "tiers",
        "a tier is one subnet in each zone: `tiers: [{ name: nodes, size: /20 }]`",
    ),
    moved(
        "subnetids",
        "tiers",
        "a tier is one subnet in each zone, and is referred to by its name",
    ),
    moved("privatesubnets", "tiers", "`tiers: [{ name: nodes, size: /20, egress: nat }]`"),
    moved("publicsubnets", "tiers", "`tiers: [{ name: public, size: /24, egress: internet }]`"),
    moved("intrasubnets", "tiers", "`tiers: [{ name: inner, size: /24, egress: none }]`"),
    moved("vpccidr", "vpc.cidr", "`vpc: { cidr: 10.40.0.0/16 }`"),
    same("cidrblock", "vpc.cidr", "cidr", "`vpc: { cidr: 10.40.0.0/16 }`"),
    same(
        "secondarycidrblocks",
        "vpc.secondaryCidrs",
        "secondaryCidrs",
        "`vpc: { secondaryCidrs: [100.64.0.0/16] }`",
    ),
    moved("natgateway", "egress.nat", "`egress: { nat: perZone }`"),
    moved("natgateways", "egress.nat", "`egress: { nat: perZone }`"),
    moved("enablenatgateway", "egress.nat", "`egress: { nat: perZone }`"),
    moved("singlenatgateway", "egress.nat", "`egress: { nat: single }`"),
    moved("onenatgatewayperaz", "egress.nat", "`egress: { nat: perZone }`"),
    moved("enableflowlog", "vpc.flowLogs", "`vpc: { flowLogs: { destination: cloudWatchLogs } }`"),
    moved(
        "transitgatewayid",
        "egress.transitGateway.id",
        "`egress: { transitGateway: { id: tgw-… } }`",
    ),
    moved("vpcendpoints", "endpoints", "`endpoints: auto`"),
    same("kubernetesversion", "cluster.version", "version", "`cluster: { version: \"1.35\" }`"),
    moved("clusterversion", "cluster.version", "`cluster: { version: \"1.35\" }`"),
    moved("clustername", "metadata.name", "`metadata: { name: shop, region: eu-west-1 }`"),
    same(
        "serviceipv4cidr",
        "cluster.serviceCidr",
        "serviceCidr",
        "`cluster: { serviceCidr: 172.20.0.0/16 }`",
    ),
    moved(
        "kubernetesnetworkconfig",
        "cluster.serviceCidr",
        "`cluster: { ipFamily: ipv4, serviceCidr: 172.20.0.0/16 }`",
    ),
    moved(
        "clusterendpoints",
        "cluster.endpointAccess",
        "`cluster: { endpointAccess: { private: true, public: false } }`",
    ),
    same(
        "publicaccess",
        "cluster.endpointAccess.public",
        "public",
        "`endpointAccess: { public: true }`",
    ),
    same(
        "privateaccess",
        "cluster.endpointAccess.private",
        "private",
        "`endpointAccess: { private: true }`",
    ),
    moved(
        "endpointpublicaccess",
        "cluster.endpointAccess.public",
        "`endpointAccess: { public: true }`",
    ),
    moved(
        "endpointprivateaccess",
        "cluster.endpointAccess.private",
        "`endpointAccess: { private: true }`",
    ),
    moved(
        "clusterendpointpublicaccess",
        "cluster.endpointAccess.public",
        "`endpointAccess: { public: true }`",
    ),
    same(
        "publicaccesscidrs",
        "cluster.endpointAccess.publicCidrs",
        "publicCidrs",
        "`endpointAccess: { publicCidrs: [203.0.113.0/24] }`",
    ),
    moved("cloudwatch", "cluster.logging", "`cluster: { logging: [api, audit] }`"),
    same(
        "enabledclusterlogtypes",
        "cluster.logging",
        "logging",
        "`cluster: { logging: [api, audit] }`",
    ),
    moved(
        "secretsencryption",
        "cluster.secretsKey",
        "`cluster: { secretsKey: \"arn:aws:kms:…\" }`",
    ),
    moved("encryptionconfig", "cluster.secretsKey", "`cluster: { secretsKey: \"arn:aws:kms:…\" }`"),
    moved(
        "accessentries",
        "cluster.access",
        "`cluster: { access: [{ principal: \"arn:…\", policy: AmazonEKSViewPolicy }] }`",
    ),
    moved(
        "accessconfig",
        "cluster.access",
        "`cluster: { access: [{ principal: \"arn:…\", policy: AmazonEKSViewPolicy }] }`",
    ),
    same(
        "principalarn",
        "cluster.access[].principal",
        "principal",
        "`principal: \"arn:aws:iam::…:role/ops\"`",
    ),
    same("policyarn", "cluster.access[].policy", "policy", "`policy: AmazonEKSViewPolicy`"),
    same("automodeconfig", "cluster.autoMode", "autoMode", "`cluster: { autoMode: {} }`"),
    same(
        "addonversion",
        "addons[].version",
        "version",
        "`{ name: coredns, version: v1.12.1-eksbuild.1 }`",
    ),
    moved(
        "configurationvalues",
        "awsNode",
        "settings of vpc-cni have words of their own under `awsNode`",
    ),
    same("vpccni", "awsNode", "awsNode", "`awsNode: { prefixDelegation: true }`"),
    same(
        "enableprefixdelegation",
        "awsNode.prefixDelegation",
        "prefixDelegation",
        "`awsNode: { prefixDelegation: true }`",
    ),
    same(
        "securitygroupids",
        "awsNode.customNetworking.securityGroups",
        "securityGroups",
        "`securityGroups: [sg-…]`",
    ),
];
