//! Words of eksctl, Terraform, the CDK and CloudFormation, and ours for the same thing.

pub mod rarer;

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
    /// What a finding suggests where this word was written: our path, and how it is written.
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
    TABLE.iter().chain(rarer::TABLE).find(|row| row.word == folded)
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
        "`tier: nodes`, and the tier's `egress` decides how nodes leave the VPC",
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
        "`cluster: { secretsKey: create }`, or the ARN of a key",
    ),
    moved(
        "encryptionconfig",
        "cluster.secretsKey",
        "`cluster: { secretsKey: create }`, or the ARN of a key",
    ),
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
        "addons[].configuration",
        "`configuration: { … }`; settings of vpc-cni have keys of their own under `awsNode`",
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
    moved("withoidc", "cluster.oidcProvider", "`cluster: { oidcProvider: true }`"),
    moved("enableirsa", "cluster.oidcProvider", "`cluster: { oidcProvider: true }`"),
    moved(
        "podidentityassociations",
        "podIdentities",
        "`podIdentities: [{ namespace: apps, serviceAccount: reports, policies: [\"arn:…\"] }]`",
    ),
    moved(
        "serviceaccounts",
        "podIdentities",
        "`podIdentities: [{ namespace: apps, serviceAccount: reports, policies: [\"arn:…\"] }]`",
    ),
    moved(
        "podidentityassociation",
        "addons[].role",
        "`role: podIdentity`, with the policies that AWS names",
    ),
    moved(
        "serviceaccountrolearn",
        "addons[].role",
        "`role: \"arn:…\"`, or `podIdentity` for a role of the stack",
    ),
    moved("resolveconflictsonupdate", "addons[].resolveConflicts", "`resolveConflicts: preserve`"),
    moved("resolveconflictsoncreate", "addons[].resolveConflicts", "`resolveConflicts: overwrite`"),
    moved(
        "servicerolearn",
        "iam.roles.cluster.arn",
        "`iam: { roles: { cluster: { arn: \"arn:…\" } } }`",
    ),
    moved("rolearn", "iam.roles.cluster.arn", "`iam: { roles: { cluster: { arn: \"arn:…\" } } }`"),
    moved(
        "iamrolearn",
        "iam.roles.cluster.arn",
        "`iam: { roles: { cluster: { arn: \"arn:…\" } } }`",
    ),
    moved("iamrolename", "iam.roles.cluster.name", "`iam: { roles: { cluster: { name: … } } }`"),
    moved(
        "instancerolearn",
        "iam.roles.nodes.arn",
        "`iam: { roles: { nodes: { arn: \"arn:…\" } } }`",
    ),
    moved("instancerolename", "iam.roles.nodes.name", "`iam: { roles: { nodes: { name: … } } }`"),
    moved("iamrolepath", "iam.path", "`iam: { path: /eks/ }`"),
    moved(
        "iamrolepermissionsboundary",
        "iam.permissionsBoundary",
        "`iam: { permissionsBoundary: \"arn:…\" }`",
    ),
    moved(
        "servicerolepermissionsboundary",
        "iam.permissionsBoundary",
        "`iam: { permissionsBoundary: \"arn:…\" }`",
    ),
    moved(
        "instancerolepermissionsboundary",
        "iam.permissionsBoundary",
        "`iam: { permissionsBoundary: \"arn:…\" }`",
    ),
    moved("createkmskey", "cluster.secretsKey", "`cluster: { secretsKey: create }`"),
    moved(
        "clusterencryptionconfig",
        "cluster.secretsKey",
        "`cluster: { secretsKey: create }`, or the ARN of a key",
    ),
    moved(
        "secretsencryptionkey",
        "cluster.secretsKey",
        "`cluster: { secretsKey: create }`, or the ARN of a key",
    ),
    moved("logretentionindays", "cluster.logRetentionDays", "`cluster: { logRetentionDays: 90 }`"),
    moved(
        "cloudwatchloggroupretentionindays",
        "cluster.logRetentionDays",
        "`cluster: { logRetentionDays: 90 }`",
    ),
    moved(
        "flowlogcloudwatchloggroupretentionindays",
        "vpc.flowLogs.retentionDays",
        "`vpc: { flowLogs: { destination: cloudWatchLogs, retentionDays: 30 } }`",
    ),
    moved("clusterenabledlogtypes", "cluster.logging", "`cluster: { logging: [api, audit] }`"),
    moved("enabledlogtypes", "cluster.logging", "`cluster: { logging: [api, audit] }`"),
    moved("clusterlogging", "cluster.logging", "`cluster: { logging: [api, audit] }`"),
    moved("clusteraddons", "addons", "`addons: [coredns, kube-proxy]`, a list"),
    moved(
        "clusteradditionalsecuritygroupids",
        "cluster.securityGroups",
        "`cluster: { securityGroups: [sg-…] }`",
    ),
    moved(
        "additionalsecuritygroupids",
        "cluster.securityGroups",
        "`cluster: { securityGroups: [sg-…] }`",
    ),
    moved(
        "clustersecuritygroupadditionalrules",
        "securityGroups.controlPlane",
        "`securityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8 }] } }`",
    ),
    moved(
        "nodesecuritygroupadditionalrules",
        "securityGroups.nodes",
        "`securityGroups: { mode: leastPrivilege, nodes: { ingress: [{ from: 10.0.0.0/8, ports: 8080 }] } }`",
    ),
    moved(
        "nodesecuritygrouptags",
        "securityGroups.tags",
        "`securityGroups: { tags: { team: platform } }`",
    ),
    same(
        "mappubliciponlaunch",
        "tiers[].mapPublicIp",
        "mapPublicIp",
        "`mapPublicIp: true` on a tier",
    ),
    moved("publicsubnettags", "tiers[].tags", "`tags: { … }` on the tier"),
    moved("privatesubnettags", "tiers[].tags", "`tags: { … }` on the tier"),
    moved(
        "endpointpublicaccesscidrs",
        "cluster.endpointAccess.publicCidrs",
        "`endpointAccess: { publicCidrs: [203.0.113.0/24] }`",
    ),
    moved(
        "clusterendpointpublicaccesscidrs",
        "cluster.endpointAccess.publicCidrs",
        "`endpointAccess: { publicCidrs: [203.0.113.0/24] }`",
    ),
    moved(
        "clusterendpointprivateaccess",
        "cluster.endpointAccess.private",
        "`endpointAccess: { private: true }`",
    ),
    moved(
        "clusterserviceipv4cidr",
        "cluster.serviceCidr",
        "`cluster: { serviceCidr: 172.20.0.0/16 }`",
    ),
    moved("clusteripfamily", "cluster.ipFamily", "`cluster: { ipFamily: ipv6 }`"),
    moved(
        "enableclustercreatoradminpermissions",
        "cluster.access",
        "`cluster: { access: [{ principal: \"arn:…\", policy: AmazonEKSClusterAdminPolicy }] }`",
    ),
    moved(
        "bootstrapclustercreatoradminpermissions",
        "cluster.access",
        "`cluster: { access: [{ principal: \"arn:…\", policy: AmazonEKSClusterAdminPolicy }] }`",
    ),
    moved(
        "mastersrole",
        "cluster.access",
        "`cluster: { access: [{ principal: \"arn:…\", policy: AmazonEKSClusterAdminPolicy }] }`",
    ),
    moved(
        "identitymappings",
        "cluster.access",
        "`cluster: { access: [{ principal: \"arn:…\", kubernetesGroups: [ops] }] }`",
    ),
    moved(
        "iamidentitymappings",
        "cluster.access",
        "`cluster: { access: [{ principal: \"arn:…\", kubernetesGroups: [ops] }] }`",
    ),
    moved(
        "resourcesvpcconfig",
        "cluster.endpointAccess",
        "`cluster: { endpointAccess: { private: true, public: false } }`",
    ),
    moved(
        "externalnatipids",
        "egress.nat",
        "`egress: { nat: { perZone: { elasticIps: [eipalloc-…] } } }`",
    ),
    moved(
        "reusenatips",
        "egress.nat",
        "`egress: { nat: { perZone: { elasticIps: [eipalloc-…] } } }`",
    ),
    moved("gatewayendpoints", "endpoints", "`endpoints: [s3, dynamodb]`"),
    moved("maxazs", "zones", "`zones: 3`"),
    moved("ipaddresses", "vpc.cidr", "`vpc: { cidr: 10.40.0.0/16 }`"),
    moved("subnetconfiguration", "tiers", "`tiers: [{ name: nodes, size: /20, egress: nat }]`"),
    moved("vpcsubnets", "tiers", "`serves` of a tier decides what its subnets are for"),
    moved("cidrmask", "tiers[].size", "`size: /20`"),
    moved("subnettype", "tiers[].egress", "`egress: internet`, `nat` or `none`"),
    moved(
        "defaultcapacity",
        "nodeGroups",
        "`nodeGroups: [{ name: general, scaling: { min: 2 } }]`",
    ),
    moved("autoallocateipv6", "vpc.ipv6", "`vpc: { ipv6: amazon }`"),
    moved("extracidrs", "vpc.secondaryCidrs", "`vpc: { secondaryCidrs: [100.64.0.0/16] }`"),
    moved("enablewindowsipam", "awsNode.windows", "`awsNode: { windows: true }`"),
    moved("enablekarpenter", "karpenter", "`karpenter: { namespace: karpenter }`"),
    moved(
        "albcontroller",
        "podIdentities",
        "`podIdentities: [{ namespace: kube-system, serviceAccount: aws-load-balancer-controller, policies: [\"arn:…\"] }]`",
    ),
];
