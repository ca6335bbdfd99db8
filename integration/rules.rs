//! Every rule, broken once in a clean blueprint: exactly that finding, on that line.

use std::collections::BTreeSet;

use eksnet::address::{Entry, Ledger};
use eksnet::diagnostic::{Diagnostic, Severity};
use eksnet::report::findings::{Checked, human};
use eksnet::rules;
use eksnet::source::Source;

use crate::support::{CLEAN, findings, findings_with, snapshot};

/// Sixteen ranges of remote nodes.
const REMOTE_MANY: &str = "egress: { vpnGateway: { id: vgw-00000000000000001 } }\ncluster:\n  remoteNetworks: { nodes: [10.80.0.0/24, 10.80.1.0/24, 10.80.2.0/24, 10.80.3.0/24, 10.80.4.0/24, 10.80.5.0/24, 10.80.6.0/24, 10.80.7.0/24, 10.80.8.0/24, 10.80.9.0/24, 10.80.10.0/24, 10.80.11.0/24, 10.80.12.0/24, 10.80.13.0/24, 10.80.14.0/24, 10.80.15.0/24] }\n";

/// Types whose nodes take 110 pods each.
const TYPES_21: &str = "[m5.large, m5a.large, m5d.large, m5ad.large, m5n.large, m5dn.large, m6i.large, m6a.large, m6id.large, m6in.large, m6idn.large, m7i.large, m7a.large, c5.large, c5a.large, c5d.large, c5ad.large, c5n.large, c6i.large, c6a.large, c6id.large]";

/// (rule, what is replaced, by what, a word on the line where it is found)
const BROKEN: &[(&str, &str, &str, &str)] = &[
    (
        "TIER-10",
        "cidr: 10.40.0.0/16\ntiers:\n  - { name: public, size: /24,",
        "cidr: 10.40.0.0/16\n  secondaryCidrs: [10.41.0.0/16]\ntiers:\n  - { name: public, size: /24, from: 10.41.0.0/16, cidrs: { euw1-az1: 10.40.64.0/24 },",
        "10.40.64.0/24",
    ),
    ("BP-05", "nodeGroups:", "awsNode: { warm: { ips: 40000 } }\nnodeGroups:", "40000"),
    (
        "PAT-12",
        "nodeGroups:",
        "patches: [{ resource: Vpc, set: { EnableDnsSupport: false } }]\nnodeGroups:",
        "EnableDnsSupport",
    ),
    (
        "PAT-01",
        "nodeGroups:",
        "patches: [{ set: { InstanceTenancy: dedicated } }]\nnodeGroups:",
        "InstanceTenancy",
    ),
    (
        "PAT-02",
        "nodeGroups:",
        "patches: [{ resource: VPC, set: { InstanceTenancy: dedicated } }]\nnodeGroups:",
        "resource: VPC",
    ),
    (
        "PAT-03",
        "nodeGroups:",
        "patches: [{ type: AWS::EKS::Cluster, set: { ZonalShift: { Enabled: true } } }]\nnodeGroups:",
        "ZonalShift",
    ),
    (
        "PAT-04",
        "nodeGroups:",
        "patches: [{ type: AWS::EC2::LaunchTemplate, set: { LaunchTemplateData: { Placement: { Tenancy: own } } } }]\nnodeGroups:",
        "own",
    ),
    (
        "PAT-05",
        "nodeGroups:",
        "patches: [{ resource: Vpc, set: { CidrBlock: 10.0.0.0/16 } }]\nnodeGroups:",
        "CidrBlock",
    ),
    (
        "PAT-06",
        "nodeGroups:",
        "patches: [{ resource: NodeRole, set: { Description: { Ref: Nowhere } } }]\nnodeGroups:",
        "Nowhere",
    ),
    (
        "PAT-11",
        "nodeGroups:",
        "patches: [{ type: AWS::EKS::Nodegroup, set: { RemoteAccess: { Ec2SshKey: ops } } }]\nnodeGroups:",
        "RemoteAccess",
    ),
    (
        "PAT-11",
        "nodeGroups:",
        "patches: [{ type: AWS::EC2::Route, set: { GatewayId: igw-0123456789abcdef0 } }]\nnodeGroups:",
        "GatewayId",
    ),
    (
        "PAT-12",
        "nodeGroups:",
        "patches: [{ resource: RouteTableNodesEuw1Az1Default, set: { GatewayId: { Ref: InternetGateway } }, remove: [NatGatewayId] }]\nnodeGroups:",
        "GatewayId",
    ),
    (
        "PAT-11",
        "nodeGroups:",
        "patches: [{ resource: RouteTableNodesEuw1Az1Default, remove: [NatGatewayId] }]\nnodeGroups:",
        "NatGatewayId",
    ),
    (
        "PAT-04",
        "nodeGroups:",
        "patches: [{ resource: NodeRole, set: { Description: 1.30 } }]\nnodeGroups:",
        "1.30",
    ),
    (
        "PAT-05",
        "nodeGroups:",
        "patches: [{ resource: LaunchTemplateGeneral, remove: [LaunchTemplateData/TagSpecifications/0/Tags/0] }]\nnodeGroups:",
        "TagSpecifications",
    ),
    (
        "PAT-07",
        "nodeGroups:",
        "patches: [{ resource: ClusterRole, set: { Description: { Ref: Cluster } } }]\nnodeGroups:",
        "ClusterRole",
    ),
    (
        "PAT-09",
        "nodeGroups:",
        "patches: [{ type: AWS::EKS::Cluster, unchecked: true, set: { NewConfig: { Enabled: true } } }]\nnodeGroups:",
        "NewConfig",
    ),
    (
        "PAT-10",
        "nodeGroups:",
        "patches: [{ type: AWS::EKS::Nodegroup, set: { UpdateConfig: { MaxUnavailable: 2 } } }]\nnodeGroups:",
        "UpdateConfig",
    ),
    (
        "VPC-38",
        "cidr: 10.40.0.0/16",
        "cidr: { class: small, ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 }",
        "class: small",
    ),
    (
        "IPAM-02",
        "cidr: 10.40.0.0/16",
        "cidr: { ipamPool: ipam-pool-0123456789abcdef0, netmask: 8 }",
        "netmask: 8",
    ),
    (
        "IPAM-08",
        "cidr: 10.40.0.0/16",
        "cidr: 10.40.0.0/16\n  secondaryCidrs: [{ ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 }]",
        "secondaryCidrs",
    ),
    (
        "IPAM-09",
        "cidr: 10.40.0.0/16",
        "cidr: { ipamPool: shared, netmask: 16 }",
        "ipamPool: shared",
    ),
    ("YAML-01", "cidr: 10.40.0.0/16", "cidr: [10.40.0.0/16", "tiers"),
    ("YAML-02", "zones: 2", "? [zones]\n: 2", "? [zones]"),
    ("YAML-03", "zones: 2", "zones: 2\nzones: 3", "zones: 3"),
    ("YAML-04", "cidr: 10.40.0.0/16", "cidr: !Ref Cidr", "!Ref"),
    ("YAML-06", "zones: 2", "zones: 2\n---\nzones: 3", "---"),
    ("YAML-08", "  region: eu-west-1", "  region: eu-west-1\n  tags: { debug: no }", "debug"),
    ("YAML-10", "zones: 2", "zones: 2 # two\u{2028}zones: 3", "two"),
    ("BP-01", "size: /24", "sise: /24", "sise"),
    ("BP-02", "  region: eu-west-1\n", "", "name: shop"),
    ("BP-03", "cidr: 10.40.0.0/16", "cidr: [10.40.0.0/16]", "cidr"),
    ("BP-04", "egress: nat,", "egress: natt,", "natt"),
    (
        "BP-08",
        "serves: [externalLoadBalancers]",
        "serves: [externalLoadBalancers, externalLoadBalancers]",
        "externalLoadBalancers, externalLoadBalancers",
    ),
    ("BP-05", "zones: 2", "zones: 300", "zones"),
    ("SEC-05", "nodeGroups:", "awsNode: { role: nodeRole }\nnodeGroups:", "role: nodeRole"),
    (
        "SELF-01",
        "nodeGroups:",
        "awsNode: { management: selfManaged }\nnodeGroups:",
        "management: selfManaged",
    ),
    (
        "SELF-02",
        "AmazonEKSViewPolicy }]\nnodeGroups:",
        "AmazonEKSClusterAdminPolicy }]\nawsNode: { management: selfManaged, version: latest }\nnodeGroups:",
        "version: latest",
    ),
    (
        "SELF-04",
        "AmazonEKSViewPolicy }]\nnodeGroups:",
        "AmazonEKSClusterAdminPolicy }]\nawsNode: { management: selfManaged, networkPolicy: { enabled: true } }\nnodeGroups:",
        "networkPolicy",
    ),
    (
        "SET-22",
        "nodeGroups:",
        "awsNode: { env: { HTTP_TIMEOUT: \"20\" } }\nnodeGroups:",
        "HTTP_TIMEOUT",
    ),
    (
        "SET-37",
        "nodeGroups:",
        "awsNode: { env: { ENABLE_IMDS_ONLY_MODE: \"true\" } }\nnodeGroups:",
        "ENABLE_IMDS_ONLY_MODE",
    ),
    (
        "SET-14",
        "nodeGroups:",
        "awsNode: { securityGroupsForPods: { enforcing: strict }, env: { DISABLE_TCP_EARLY_DEMUX: \"false\" } }\nnodeGroups:",
        "DISABLE_TCP_EARLY_DEMUX",
    ),
    (
        "SET-22",
        "nodeGroups:",
        "awsNode: { env: { ENABLE_IPv4: \"true\" } }\nnodeGroups:",
        "ENABLE_IPv4",
    ),
    (
        "SET-24",
        "nodeGroups:",
        "awsNode: { snat: { external: true, randomize: prng } }\nnodeGroups:",
        "randomize",
    ),
    (
        "FG-05",
        "nodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large] }",
        "fargate: [{ name: jobs, tier: nodes, selectors: [{ namespace: jobs }] }]",
        "namespace: jobs",
    ),
    (
        "WIN-01",
        "instanceTypes: [m6i.large] }",
        "instanceTypes: [m6i.large] }\n  - { name: win, tier: nodes, instanceTypes: [m6i.large], amiType: WINDOWS_CORE_2022_x86_64, role: own }",
        "WINDOWS",
    ),
    (
        "WIN-03",
        "nodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large] }",
        "awsNode: { windows: true }\nnodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large] }\n  - { name: win, tier: nodes, instanceTypes: [m6i.large], amiType: WINDOWS_CORE_2022_x86_64 }",
        "WINDOWS",
    ),
    (
        "WIN-04",
        "nodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large] }",
        "awsNode: { windows: true }\nnodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large] }\n  - { name: win, tier: nodes, instanceTypes: [m6i.large], amiType: WINDOWS_CORE_2022_x86_64, role: own, maxPods: 5 }",
        "WINDOWS",
    ),
    (
        "WIN-05",
        "nodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large] }",
        "awsNode: { windows: true }\nnodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large] }\n  - { name: win, tier: nodes, instanceTypes: [m6i.large], amiType: WINDOWS_CORE_2022_x86_64, role: own, diskSize: 30 }",
        "WINDOWS",
    ),
    (
        "NG-30",
        "instanceTypes: [m6i.large] }",
        "instanceTypes: [m6i.large], policies: [\"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess\"] }\n  - { name: other, tier: nodes, instanceTypes: [m6i.large] }",
        "AmazonS3",
    ),
    (
        "NG-35",
        "nodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large] }",
        "nodeGroupDefaults: { capacity: spot }\nfargate: [{ name: system, tier: nodes, selectors: [{ namespace: kube-system }] }]",
        "nodeGroupDefaults",
    ),
    (
        "NG-23",
        "[m6i.large]",
        "[p4d.24xlarge, p5.48xlarge], zones: [euw1-az1], capacity: { block: cr-0123456789abcdef0 }",
        "p5.48xlarge",
    ),
    (
        "NG-23",
        "[m6i.large]",
        "[m6i.large], zones: [euw1-az1], capacity: { block: cr-0123456789abcdef0 }",
        "m6i.large",
    ),
    ("NG-18", "tier: nodes,", "tier: nodes, diskSize: 80, volume: { type: gp3 },", "diskSize"),
    (
        "NG-18",
        "tier: nodes,",
        "tier: nodes, amiType: AL2023_x86_64_STANDARD, ami: { releaseVersion: 1.35.0-20260101 },",
        "amiType",
    ),
    ("NG-19", "tier: nodes,", "tier: nodes, zones: [euw1-az3],", "euw1-az3"),
    ("NG-19", "tier: nodes,", "tier: nodes, zones: [],", "zones"),
    ("NG-20", "tier: nodes,", "tier: nodes, ami: { id: ami-0123456789abcdef0 },", "ami:"),
    (
        "NG-20",
        "tier: nodes,",
        "tier: nodes, ami: { id: ami-0123456789abcdef0, ssmParameter: /a, type: AL2023_x86_64_STANDARD },",
        "ssmParameter",
    ),
    (
        "NG-20",
        "tier: nodes,",
        "tier: nodes, ami: { id: ami-0123456789abcdef0, releaseVersion: 1.35.0-20260101, type: AL2023_x86_64_STANDARD },",
        "releaseVersion",
    ),
    (
        "NG-21",
        "tier: nodes,",
        "tier: nodes, ami: { id: my-image, type: AL2023_x86_64_STANDARD },",
        "my-image",
    ),
    (
        "NG-21",
        "tier: nodes,",
        "tier: nodes, ami: { ssmParameter: \"/a b\", type: AL2023_x86_64_STANDARD },",
        "/a b",
    ),
    ("NG-21", "tier: nodes,", "tier: nodes, ami: { releaseVersion: 1.30.0-20260101 },", "1.30.0"),
    ("NG-21", "tier: nodes,", "tier: nodes, ami: { releaseVersion: latest },", "latest"),
    (
        "NG-22",
        "tier: nodes,",
        "tier: nodes, capacity: { reservation: cr-0123456789abcdef0, block: cr-0123456789abcdef1 },",
        "capacity",
    ),
    ("NG-22", "tier: nodes,", "tier: nodes, capacity: {},", "capacity"),
    (
        "NG-22",
        "tier: nodes,",
        "tier: nodes, capacity: { block: my-block }, zones: [euw1-az1],",
        "my-block",
    ),
    (
        "NG-23",
        "tier: nodes, instanceTypes: [m6i.large]",
        "tier: nodes, capacity: { block: cr-0123456789abcdef0 }, instanceTypes: [p5.48xlarge]",
        "capacity",
    ),
    (
        "NG-33",
        "tier: nodes,",
        "tier: nodes, capacity: { reservation: cr-0123456789abcdef0 },",
        "capacity",
    ),
    (
        "NG-24",
        "tier: nodes,",
        "tier: nodes, nodeConfig: { kubelet: { config: { maxPods: 58 } } },",
        "nodeConfig",
    ),
    (
        "NG-24",
        "tier: nodes,",
        "tier: nodes, nodeConfig: { cluster: { name: other } },",
        "nodeConfig",
    ),
    ("NG-24", "tier: nodes,", "tier: nodes, nodeConfig: { kubelets: {} },", "kubelets"),
    (
        "NG-24",
        "tier: nodes,",
        "tier: nodes, nodeConfig: { kubelet: { flags: [\"--max-pods=58\"] } },",
        "max-pods",
    ),
    ("NG-24", "tier: nodes,", "tier: nodes, nodeConfig: { kind: Other, spec: {} },", "Other"),
    (
        "NG-24",
        "tier: nodes,",
        "tier: nodes, amiType: BOTTLEROCKET_x86_64, nodeConfig: { kubelet: {} },",
        "nodeConfig",
    ),
    ("NG-25", "tier: nodes,", "tier: nodes, bottlerocket: { kubernetes: {} },", "bottlerocket"),
    (
        "NG-25",
        "tier: nodes,",
        "tier: nodes, amiType: BOTTLEROCKET_x86_64, bottlerocket: { kubernetes: { max-pods: 58 } },",
        "max-pods",
    ),
    (
        "NG-25",
        "tier: nodes,",
        "tier: nodes, amiType: BOTTLEROCKET_x86_64, bottlerocket: { settings: { motd: ~ } },",
        "motd",
    ),
    ("NG-26", "tier: nodes,", "tier: nodes, imds: { ipv6: true },", "imds"),
    ("NG-27", "tier: nodes,", "tier: nodes, maxPods: 200,", "maxPods"),
    ("NG-28", "tier: nodes,", "tier: nodes, maxPods: 2,", "maxPods"),
    ("NG-29", "tier: nodes,", "tier: nodes, policies: [AmazonS3ReadOnlyAccess],", "AmazonS3"),
    (
        "NG-29",
        "tier: nodes,",
        "tier: nodes, policies: [\"arn:aws-cn:iam::aws:policy/AmazonS3ReadOnlyAccess\"],",
        "aws-cn",
    ),
    (
        "NG-36",
        "tier: nodes,",
        "tier: nodes, policies: [\"arn:aws:iam::aws:policy/A\", \"arn:aws:iam::aws:policy/B\", \"arn:aws:iam::aws:policy/C\", \"arn:aws:iam::aws:policy/D\", \"arn:aws:iam::aws:policy/E\", \"arn:aws:iam::aws:policy/F\", \"arn:aws:iam::aws:policy/G\", \"arn:aws:iam::aws:policy/H\", \"arn:aws:iam::aws:policy/I\", \"arn:aws:iam::aws:policy/J\"],",
        "policies",
    ),
    ("NG-31", "tier: nodes,", "tier: nodes, securityGroups: [web],", "web"),
    (
        "NG-31",
        "tier: nodes,",
        "tier: nodes, securityGroups: [sg-00000001, sg-00000002, sg-00000003, sg-00000004, sg-00000005, sg-00000006, sg-00000007, sg-00000008, sg-00000009, sg-0000000a, sg-0000000b, sg-0000000c, sg-0000000d, sg-0000000e, sg-0000000f, sg-00000010],",
        "sg-00000005",
    ),
    (
        "NG-37",
        "tier: nodes,",
        "tier: nodes, securityGroups: [sg-00000001, sg-00000002, sg-00000003, sg-00000004, sg-00000005],",
        "sg-00000005",
    ),
    ("NG-32", "tier: nodes,", "tier: nodes, update: { maxUnavailable: 0 },", "maxUnavailable"),
    ("NG-32", "tier: nodes,", "tier: nodes, update: { maxUnavailable: 133% },", "133%"),
    ("VOL-01", "tier: nodes,", "tier: nodes, volume: { type: io2 },", "io2"),
    ("VOL-01", "tier: nodes,", "tier: nodes, volume: { type: gp2, iops: 3000 },", "iops"),
    (
        "VOL-01",
        "tier: nodes,",
        "tier: nodes, volume: { type: io1, iops: 2000, throughput: 200 },",
        "throughput",
    ),
    ("VOL-02", "tier: nodes,", "tier: nodes, volume: { size: 20, iops: 16000 },", "iops"),
    ("VOL-02", "tier: nodes,", "tier: nodes, volume: { size: 500, iops: 90000 },", "90000"),
    ("VOL-02", "tier: nodes,", "tier: nodes, volume: { type: io1, iops: 5000 },", "5000"),
    ("VOL-03", "tier: nodes,", "tier: nodes, volume: { throughput: 1000 },", "1000"),
    ("VOL-03", "tier: nodes,", "tier: nodes, volume: { throughput: 100 },", "100"),
    ("VOL-04", "tier: nodes,", "tier: nodes, volume: { kmsKey: my-key },", "my-key"),
    (
        "VOL-04",
        "tier: nodes,",
        "tier: nodes, volume: { kmsKey: \"arn:aws:kms:us-east-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef\" },",
        "us-east-1",
    ),
    (
        "CN-11",
        "instanceTypes: [m6i.large] }",
        "instanceTypes: [m6i.large], podTier: nodes }",
        "podTier",
    ),
    (
        "NP-03",
        "nodeGroups:",
        "awsNode: { networkPolicy: { metricsPort: 10250 } }\nnodeGroups:",
        "metricsPort",
    ),
    ("NET-01", "10.40.0.0/16", "010.40.0.0/16", "cidr"),
    ("NET-02", "size: /24", "size: 24", "size: 24"),
    ("REG-01", "eu-west-1", "eu-west-9", "region"),
    ("ZON-01", "zones: 2", "zones: [euw1-az1, use1-az2]", "use1"),
    ("ZON-02", "zones: 2", "zones: 9", "zones"),
    ("ZON-03", "zones: 2", "zones: [euw1-az1, euw1-az2, euw1-az1]", "zones"),
    ("ZON-04", "zones: 2", "zones: [eu-west-1a, euw1-az2]", "zones"),
    ("ZON-05", "size: /24,", "size: /24, zones: [euw1-az1, euw1-az2, euw1-az3],", "euw1-az3"),
    ("CLU-04", "eu-west-1\nzones: 2", "us-east-1\nzones: [use1-az3, use1-az1]", "use1-az3"),
    ("VPC-01", "10.40.0.0/16", "10.32.0.0/12", "cidr"),
    ("VPC-02", "10.40.0.0/16", "10.40.0.1/16", "cidr"),
    ("VPC-03", "10.40.0.0/16", "52.10.0.0/16", "cidr"),
    (
        "VPC-04",
        "cidr: 10.40.0.0/16",
        "cidr: 10.40.0.0/16\n  secondaryCidrs: [169.254.0.0/16]",
        "169.254",
    ),
    (
        "VPC-05",
        "cidr: 10.40.0.0/16",
        "cidr: 10.40.0.0/16\n  secondaryCidrs: [127.0.0.0/16]",
        "127.0",
    ),
    ("VPC-06", "10.40.0.0/16", "172.17.0.0/16", "cidr"),
    (
        "VPC-20",
        "cidr: 10.40.0.0/16",
        "cidr: 10.40.0.0/16\n  secondaryCidrs: [192.168.0.0/16]",
        "192.168",
    ),
    (
        "VPC-21",
        "cidr: 10.40.0.0/16",
        "cidr: 10.1.0.0/16\n  secondaryCidrs: [10.0.0.0/20]",
        "10.0.0.0/20",
    ),
    (
        "VPC-22",
        "cidr: 10.40.0.0/16",
        "cidr: 10.40.0.0/16\n  secondaryCidrs: [198.19.0.0/16]",
        "198.19",
    ),
    (
        "VPC-28",
        "cidr: 10.40.0.0/16",
        "cidr: 10.40.0.0/16\n  secondaryCidrs: [10.41.0.0/24, 10.42.0.0/24, 10.43.0.0/24, 10.44.0.0/24, 10.45.0.0/24]",
        "secondaryCidrs",
    ),
    (
        "VPC-30",
        "cidr: 10.40.0.0/16",
        "cidr: 10.40.0.0/16\n  secondaryCidrs: [10.40.16.0/20]",
        "10.40.16.0/20",
    ),
    ("VPC-31", "cidr: 10.40.0.0/16", "cidr: 10.40.0.0/16\n  keepFree: [10.41.0.0/20]", "keepFree"),
    ("TIER-01", "name: control-plane", "name: public", "controlPlane"),
    ("TIER-02", "name: public", "name: Public", "Public"),
    ("TIER-03", "size: /24,", "size: /24, from: 100.64.0.0/16,", "from"),
    (
        "TIER-05",
        "tiers:\n",
        "tiers:\n  - { name: a-1, egress: none }\n  - { name: a1, egress: none }\n",
        "name: a1",
    ),
    ("TIER-07", "size: /24,", "size: /24, growth: 50,", "growth"),
    ("TIER-06", "name: control-plane", "name: control-plane, renamedFrom: nodes", "renamedFrom"),
    ("SUB-01", "tiers:\n", "tiers:\n  - { name: data, size: /29, egress: none }\n", "/29"),
    ("SUB-08", "size: /24", "size: /28", "public"),
    ("SUB-12", "size: /24,", "size: /24, cidrs: { euw1-az1: 10.99.0.0/24 },", "10.99"),
    (
        "SUB-13",
        "size: /24,",
        "size: /24, cidrs: { euw1-az1: 10.40.0.0/24, euw1-az2: 10.40.0.0/24 },",
        "public",
    ),
    ("SUB-14", "size: /24,", "size: /24, cidrs: { euw1-az1: 10.40.0.0/25 },", "10.40.0.0/25"),
    ("TAG-11", "serves: [nodes]", "serves: [nodes, externalLoadBalancers]", "nodes"),
    ("TAG-15", "  region: eu-west-1", "  region: eu-west-1\n  tags: { \"aws:x\": z }", "aws:x"),
    (
        "TAG-22",
        "size: /28, egress: none, serves: [controlPlane]",
        "size: /26, egress: none, serves: [controlPlane, internalLoadBalancers]",
        "control-plane",
    ),
    ("TAG-17", "  region: eu-west-1", "  region: eu-west-1\n  tags: { Ref: Vpc }", "Ref"),
    ("ADR-04", "size: /24", "size: /16", "public"),
    ("CAP-01", "size: /20, egress: nat", "size: /25, egress: nat", "nodeGroups"),
    (
        "CAP-03",
        "tier: nodes, instanceTypes: [m6i.large]",
        "tier: nodes, instanceTypes: [m6i.large], podsPerNode: 1, scaling: { max: 164 }",
        "nodeGroups",
    ),
    (
        "SIZ-02",
        "tier: nodes, instanceTypes: [m6i.large]",
        "tier: nodes, instanceTypes: [m6i.large], scaling: { max: 44 }",
        "nodeGroups",
    ),
    ("NAT-01", "egress: internet, serves: [externalLoadBalancers]", "egress: none", "name: nodes"),
    ("NAT-02", "zones: 2", "zones: 2\negress: { nat: none }", "name: nodes"),
    (
        "NAT-03",
        "zones: 2",
        "zones: 2\negress: { nat: { perZone: { elasticIps: [eipalloc-00000000000000001] } } }",
        "elasticIps",
    ),
    (
        "NAT-06",
        "zones: 2",
        "zones: 2\negress: { nat: { perZone: { connections: 200000 } } }",
        "connections",
    ),
    ("NAT-10", "zones: 2", "zones: 2\negress: { nat: { single: {}, perZone: {} } }", "nat"),
    ("CLU-01", "size: /28,", "size: /28, zones: [euw1-az1],", "control-plane"),
    ("CLU-09", "name: shop", "name: my_shop", "my_shop"),
    (
        "CLU-20",
        "securityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8 }] } }\ncluster:\n  endpointAccess: { private: true, public: false }\n  access: [{ principal: \"arn:aws:iam::111122223333:role/hybrid\", type: hybridLinux }, { principal: \"arn:aws:iam::111122223333:role/ops\", policy: AmazonEKSViewPolicy }]\n",
        "",
        "nodeGroups",
    ),
    (
        "CLU-21",
        "  access: [{ principal: \"arn:aws:iam::111122223333:role/hybrid\", type: hybridLinux }, { principal: \"arn:aws:iam::111122223333:role/ops\", policy: AmazonEKSViewPolicy }]\n",
        "",
        "cluster",
    ),
    ("ACC-01", "AmazonEKSViewPolicy", "Admin", "Admin"),
    ("ACC-02", "AmazonEKSViewPolicy", "AmazonEKSVewPolicy", "AmazonEKSVewPolicy"),
    (
        "ACC-03",
        "AmazonEKSViewPolicy }]",
        "AmazonEKSViewPolicy }, { principal: \"arn:aws:iam::111122223333:role/ops\", policy: AmazonEKSViewPolicy, namespaces: [dev] }]",
        "access",
    ),
    ("SVC-01", "cluster:\n", "cluster:\n  serviceCidr: 100.64.0.0/16\n", "serviceCidr"),
    ("SVC-02", "cluster:\n", "cluster:\n  serviceCidr: 10.40.128.0/20\n", "serviceCidr"),
    ("EP-04", "private: true", "private: false", "endpointAccess"),
    ("EP-05", "public: false", "public: true, publicCidrs: [10.0.0.0/8]", "10.0.0.0/8"),
    ("EP-06", "public: false", "public: true, publicCidrs: [\"2001:db8::/32\"]", "2001:db8"),
    ("EP-07", "public: false", "public: true", "endpointAccess"),
    (
        "EP-07",
        "public: false",
        "public: true, publicCidrs: [0.0.0.0/1, 128.0.0.0/1]",
        "publicCidrs",
    ),
    ("EP-07", "public: false", "public: true, publicCidrs: [8.8.8.0/24, 0.0.0.0/0]", "0.0.0.0/0"),
    ("EP-17", "public: false", "public: false, publicCidrs: [10.0.0.0/8]", "publicCidrs"),
    (
        "EP-08",
        "private: true, public: false",
        "private: false, public: true, publicCidrs: [203.0.113.0/24]",
        "publicCidrs",
    ),
    (
        "SET-04",
        "nodeGroups:",
        "awsNode: { snat: { external: true, excludeCidrs: [10.0.0.0/8] } }\nnodeGroups:",
        "excludeCidrs",
    ),
    ("SET-08", "nodeGroups:", "awsNode: { warm: { minimumIps: 20 } }\nnodeGroups:", "minimumIps"),
    (
        "SET-22",
        "nodeGroups:",
        "awsNode: { env: { WARM_PREFIX: \"1\" } }\nnodeGroups:",
        "WARM_PREFIX",
    ),
    (
        "SET-23",
        "nodeGroups:",
        "awsNode: { env: { AWS_VPC_ENI_MTU: \"99999\" } }\nnodeGroups:",
        "MTU",
    ),
    (
        "SET-24",
        "nodeGroups:",
        "awsNode: { warm: { ips: 5, prefixes: 1 } }\nnodeGroups:",
        "prefixes",
    ),
    ("SET-34", "nodeGroups:", "awsNode: { version: \"1.21\" }\nnodeGroups:", "1.21"),
    (
        "CN-02",
        "nodeGroups:",
        "awsNode: { customNetworking: { tier: pods } }\nnodeGroups:",
        "tier: pods",
    ),
    ("CN-09", "tiers:\n", "tiers:\n  - { name: pods, size: /20, serves: [pods] }\n", "name: pods"),
    (
        "SD-02",
        "nodeGroups:",
        "awsNode: { subnetDiscovery: true, customNetworking: { tier: nodes } }\nnodeGroups:",
        "subnetDiscovery",
    ),
    (
        "NP-02",
        "nodeGroups:",
        "awsNode: { networkPolicy: { enabled: true }, env: { ENABLE_BANDWIDTH_PLUGIN: \"true\" } }\nnodeGroups:",
        "BANDWIDTH",
    ),
    (
        "ADD-02",
        "nodeGroups:",
        "addons: [coredns, coredns, kube-proxy, eks-pod-identity-agent]\nnodeGroups:",
        "addons",
    ),
    (
        "CN-10",
        "nodeGroups:",
        "awsNode: { customNetworking: { tier: nodes, securityGroups: [pods] } }\nnodeGroups:",
        "securityGroups",
    ),
    ("ADD-01", "nodeGroups:", "addons: [coredns, kube-proxy]\nnodeGroups:", "addons"),
    ("ADD-07", "nodeGroups:", "addons: [coredns, eks-pod-identity-agent]\nnodeGroups:", "addons"),
    ("ADD-08", "nodeGroups:", "addons: [eks-pod-identity-agent]\nnodeGroups:", "addons"),
    (
        "ADD-10",
        "nodeGroups:\n  - { name: general,",
        "addons: [coredns, kube-proxy, eks-pod-identity-agent, metrics-server]\nnodeGroups:\n  - { taints: [{ key: team, value: a, effect: NoSchedule }], name: general,",
        "metrics-server",
    ),
    (
        "ADD-09",
        "nodeGroups:",
        "addons: [coredns, kube-proxy, eks-pod-identity-agent, cluster-autoscaler]\nnodeGroups:",
        "addons",
    ),
    (
        "V6-01",
        "cidr: 10.40.0.0/16",
        "cidr: 10.40.0.0/16\n  ipv6: { ipamPool: ipam-pool-00000000000000001, netmask: 58 }",
        "netmask",
    ),
    (
        "V6-04",
        "cidr: 10.40.0.0/16",
        "cidr: 10.40.0.0/16\n  ipv6: { pool: ipv6pool-ec2-00000000000000001, cidr: \"fd00:1200::/56\" }",
        "fd00",
    ),
    (
        "V6-03",
        "cidr: 10.40.0.0/16",
        "cidr: 10.40.0.0/16\n  ipv6: { cidr: \"2001:db8::/56\" }",
        "ipv6",
    ),
    ("IP6-01", "cluster:\n", "cluster:\n  ipFamily: ipv6\n", "ipFamily"),
    ("SGP-01", "[m6i.large] }", "[t3.large] }\nawsNode: { securityGroupsForPods: {} }", "t3.large"),
    (
        "SD-03",
        "serves: [nodes] }",
        "serves: [nodes], tags: { kubernetes.io/role/cni: \"0\" } }",
        "role/cni",
    ),
    (
        "PE-30",
        "zones: 2",
        "zones: 2\nendpoints: { include: [com.amazonaws.eu-west-1.ecr] }",
        "include",
    ),
    ("PE-30", "zones: 2", "zones: 2\nendpoints: { include: [ecr] }", "include"),
    ("PE-33", "zones: 2", "zones: 2\nendpoints: { include: [quantum-telegraph] }", "include"),
    ("PE-35", "zones: 2", "zones: 2\nendpoints: { only: [s3], include: [kms] }", "include"),
    ("PE-35", "zones: 2", "zones: 2\nendpoints: { exclude: [sts], only: [s3] }", "exclude"),
    ("PE-32", "zones: 2", "zones: 2\nendpoints: { tier: edge }", "tier: edge"),
    (
        "TGW-01",
        "zones: 2",
        "zones: 2\negress: { transitGateway: { id: tgw-00000000000000001, destinations: [10.0.0.0/9] } }",
        "transitGateway",
    ),
    (
        "RT-02",
        "egress: none, serves: [controlPlane]",
        "egress: none, serves: [controlPlane], routes: [{ to: 10.0.0.0/9, via: pcx-00000000000000001 }, { to: 10.0.0.0/9, via: pcx-00000000000000002 }]",
        "pcx-00000000000000002",
    ),
    (
        "RT-03",
        "egress: none, serves: [controlPlane]",
        "egress: none, serves: [controlPlane], routes: [{ to: 10.40.8.0/24, via: pcx-00000000000000001 }]",
        "10.40.8.0/24",
    ),
    (
        "RT-03",
        "egress: none, serves: [controlPlane]",
        "egress: none, serves: [controlPlane], routes: [{ to: 169.254.169.254/32, via: pcx-00000000000000001 }]",
        "169.254.169.254",
    ),
    (
        "RT-05",
        "egress: none, serves: [controlPlane]",
        "egress: none, serves: [controlPlane], routes: [{ to: 10.0.0.0/9, via: tgw-00000000000000001 }]",
        "tgw-00000000000000001",
    ),
    (
        "HYB-06",
        "cluster:\n",
        "cluster:\n  remoteNetworks: { nodes: [10.80.0.0/16] }\n",
        "remoteNetworks",
    ),
    ("HYB-02", "cluster:\n", REMOTE_MANY, "remoteNetworks"),
    (
        "HYB-03",
        "cluster:\n",
        "egress: { vpnGateway: { id: vgw-00000000000000001 } }\ncluster:\n  remoteNetworks: { nodes: [52.10.0.0/16] }\n",
        "remoteNetworks",
    ),
    (
        "HYB-04",
        "cluster:\n",
        "egress: { vpnGateway: { id: vgw-00000000000000001 } }\ncluster:\n  remoteNetworks: { nodes: [10.40.0.0/16] }\n",
        "remoteNetworks",
    ),
    (
        "HYB-05",
        "cluster:\n",
        "egress: { vpnGateway: { id: vgw-00000000000000001 } }\ncluster:\n  remoteNetworks: { pods: [10.80.0.0/16] }\n",
        "remoteNetworks",
    ),
    ("CPE-03", "cluster:\n", "cluster:\n  controlPlaneEgress: customerRouted\n", "control-plane"),
    (
        "FL-01",
        "cidr: 10.40.0.0/16",
        "cidr: 10.40.0.0/16\n  flowLogs: { destination: cloudWatchLogs, retentionDays: 31 }",
        "retentionDays",
    ),
    (
        "FG-01",
        "nodeGroups:",
        "fargate: [{ name: jobs, tier: public, selectors: [{ namespace: a }] }]\nnodeGroups:",
        "fargate",
    ),
    (
        "FG-02",
        "nodeGroups:",
        "fargate: [{ name: jobs, tier: nodes, selectors: [{ namespace: a }, { namespace: b }, { namespace: c }, { namespace: d }, { namespace: e }, { namespace: f }] }]\nnodeGroups:",
        "fargate",
    ),
    (
        "FG-02",
        "nodeGroups:",
        "fargate: [{ name: jobs, tier: nodes, selectors: [{ namespace: a, labels: { a: x, b: x, c: x, d: x, e: x, f: x } }] }]\nnodeGroups:",
        "fargate",
    ),
    (
        "FG-07",
        "nodeGroups:",
        "fargate: [{ name: jobs, tier: nodes, selectors: [] }]\nnodeGroups:",
        "fargate",
    ),
    (
        "FG-07",
        "nodeGroups:",
        "fargate: [{ name: jobs, tier: nodes, selectors: [{ namespace: \"\" }] }]\nnodeGroups:",
        "fargate",
    ),
    (
        "FG-07",
        "nodeGroups:",
        "fargate: [{ name: jobs, tier: nodes, selectors: [{ namespace: a, labels: { team: \"\" } }] }]\nnodeGroups:",
        "fargate",
    ),
    (
        "FG-03",
        "nodeGroups:",
        "fargate: [{ name: eks-jobs, tier: nodes, selectors: [{ namespace: a }] }]\nnodeGroups:",
        "eks-jobs",
    ),
    ("NG-01", "name: general", "name: General", "General"),
    ("NG-02", "m6i.large", "m6i.lrge", "m6i.lrge"),
    ("NG-03", "tier: nodes,", "tier: nodes, scaling: { min: 5, max: 3 },", "scaling"),
    ("NG-04", "tier: nodes", "tier: public", "general"),
    ("NG-05", "tier: nodes,", "tier: nodes, podsPerNode: 500,", "podsPerNode"),
    ("NG-06", "[m6i.large]", "[m6i.large, m7g.large]", "m7g"),
    ("NG-06", "[m6i.large]", "[m6i.large], amiType: AL2023_x86_64_NVIDIA", "amiType"),
    ("NG-06", "[m6i.large]", "[mac2.metal]", "mac2"),
    ("NG-07", "tier: nodes,", "tier: nodes, amiType: AL2_x86_64,", "amiType"),
    ("NG-10", "[m6i.large]", "[r9g.large]", "r9g"),
    (
        "NG-11",
        "tier: nodes,",
        "tier: nodes, labels: { node-role.kubernetes.io/worker: ok },",
        "worker",
    ),
    ("NG-11", "tier: nodes,", "tier: nodes, labels: { team: \"\" },", "team"),
    ("NG-11", "tier: nodes,", "tier: nodes, taints: [{ key: a b, effect: NoSchedule }],", "taints"),
    (
        "NG-11",
        "tier: nodes,",
        "tier: nodes, taints: [{ key: a, value: b, effect: NoExecute }, { key: a, effect: NoExecute }],",
        "taints",
    ),
    ("VOL-05", "tier: nodes,", "tier: nodes, volume: { size: 19 },", "size"),
    ("VOL-05", "tier: nodes,", "tier: nodes, volume: { size: 16385, type: gp2 },", "size"),
    ("NG-12", "[m6i.large]", "[g5.xlarge], amiType: AL2023_x86_64_STANDARD", "amiType"),
    ("NG-13", "[m6i.large]", TYPES_21, "m6i.large"),
    ("NG-14", "[m6i.large]", "[t3.small], amiType: BOTTLEROCKET_x86_64", "t3.small"),
    ("NG-15", "[m6i.large]", "[t3.nano], amiType: BOTTLEROCKET_x86_64", "t3.nano"),
    ("NODE-03", "egress: nat,", "egress: internet,", "name: nodes"),
    ("NODE-04", "egress: nat,", "egress: none,", "name: nodes"),
    ("PD-01", "m6i.large", "m4.large", "m4.large"),
    (
        "RT-02",
        "tiers:\n",
        "egress: { transitGateway: { id: tgw-00000000000000001, destinations: [0.0.0.0/0] } }\ntiers:\n  - { name: transit, size: /28, egress: none, serves: [transit] }\n",
        "0.0.0.0/0",
    ),
    (
        "RT-02",
        "cidr: 10.40.0.0/16\ntiers:\n  - { name: public, size: /24,",
        "cidr: 10.40.0.0/16\n  ipv6: amazon\ntiers:\n  - { name: public, size: /24, routes: [{ to: \"::/0\", via: eni-00000000000000001 }],",
        "::/0",
    ),
    (
        "SVC-03",
        "serves: [controlPlane] }\nsecurityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8 }] } }\ncluster:\n",
        "serves: [controlPlane], routes: [{ to: 172.20.0.0/16, via: vgw-00000000000000001 }] }\negress: { vpnGateway: { id: vgw-00000000000000001 } }\nsecurityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8 }] } }\ncluster:\n  serviceCidr: 172.20.0.0/16\n",
        "serviceCidr",
    ),
    ("TAG-11", "serves: [externalLoadBalancers]", "serves: [internalLoadBalancers]", "public"),
    (
        "TAG-11",
        "serves: [nodes] }",
        "serves: [nodes], tags: { kubernetes.io/role/elb: \"1\" } }",
        "role/elb",
    ),
    (
        "TAG-11",
        "serves: [externalLoadBalancers] }",
        "serves: [externalLoadBalancers], tags: { kubernetes.io/role/elb: \"0\" } }",
        "role/elb",
    ),
    (
        "TAG-22",
        "size: /28, egress: none, serves: [controlPlane] }",
        "size: /26, egress: none, serves: [controlPlane], tags: { kubernetes.io/role/internal-elb: \"1\" } }",
        "internal-elb",
    ),
    (
        "TAG-16",
        "tiers:\n",
        "awsNode: { customNetworking: { tier: extra } }\ntiers:\n  - { name: extra, size: /24, egress: nat, serves: [pods, internalLoadBalancers] }\n",
        "extra",
    ),
    ("ZON-08", "zones: 2", "zones: [euw1-az1, euw1-az9]", "euw1-az9"),
    (
        "FG-09",
        "nodeGroups:",
        "fargate: [{ name: jobs, tier: nodes, selectors: [{ namespace: Jobs }] }]\nnodeGroups:",
        "Jobs",
    ),
    (
        "FG-09",
        "nodeGroups:",
        "fargate: [{ name: jobs, tier: nodes, selectors: [{ namespace: jobs, labels: { team: \"a b\" } }] }]\nnodeGroups:",
        "a b",
    ),
    (
        "ACC-07",
        "AmazonEKSViewPolicy }]",
        "AmazonEKSViewPolicy }, { principal: \"arn:aws:iam::111122223333:role/a\", type: ec2Linux }, { principal: \"arn:aws:iam::444455556666:role/b\", type: ec2Linux }]",
        "444455556666",
    ),
    (
        "IAM-06",
        "nodeGroups:",
        "iam: { roles: { cluster: { arn: \"arn:aws:iam::111122223333:role/eks\" }, nodes: { arn: \"arn:aws:iam::111122223333:role/eks\" } } }\nnodeGroups:",
        "nodes: { arn",
    ),
    (
        "TAG-12",
        "tiers:\n",
        "tiers:\n  - { name: edge, size: /24, egress: internet, serves: [externalLoadBalancers] }\n",
        "name: public",
    ),
    (
        "TGW-04",
        "tiers:\n",
        "egress: { transitGateway: { id: tgw-00000000000000001, destinations: [10.0.0.0/9] } }\ntiers:\n  - { name: transit, size: /28, egress: none, zones: [euw1-az1], serves: [transit] }\n",
        "name: transit",
    ),
    (
        "TAG-14",
        "tiers:\n",
        "tiers:\n  - { name: internal, size: /24, egress: none, zones: [euw1-az1], serves: [internalLoadBalancers] }\n",
        "name: internal",
    ),
    ("NG-08", "[m6i.large]", "[m6i.large, m6i.16xlarge]", "m6i.16xlarge"),
    (
        "VPC-03",
        "cidr: 10.40.0.0/16",
        "cidr: 10.40.0.0/16\n  secondaryCidrs: [100.128.0.0/16]",
        "100.128",
    ),
    (
        "SET-15",
        "nodeGroups:",
        "awsNode: { networkPolicy: { mode: strict } }\nnodeGroups:",
        "strict",
    ),
    (
        "SET-24",
        "nodeGroups:",
        "awsNode: { networkPolicy: { enabled: false, mode: strict } }\nnodeGroups:",
        "mode",
    ),
    (
        "NAT-12",
        "zones: 2",
        "zones: 3\negress: { nat: { perZone: { connections: 110000 } } }",
        "connections",
    ),
    (
        "SET-35",
        "nodeGroups:",
        "awsNode: { version: v1.17.1-eksbuild.1, subnetDiscovery: true }\nnodeGroups:",
        "subnetDiscovery",
    ),
    (
        "NP-01",
        "nodeGroups:",
        "awsNode: { version: v1.13.4-eksbuild.1, networkPolicy: {} }\nnodeGroups:",
        "networkPolicy",
    ),
    (
        "FG-04",
        "nodeGroups:",
        "awsNode: { networkPolicy: {} }\nfargate: [{ name: jobs, tier: nodes, selectors: [{ namespace: a }] }]\nnodeGroups:",
        "fargate",
    ),
    (
        "TGW-03",
        "tiers:\n",
        "egress: { transitGateway: { id: tgw-00000000000000001 } }\ntiers:\n  - { name: transit, size: /28, egress: none, serves: [transit] }\n",
        "transitGateway",
    ),
    (
        "CLU-08",
        "egress: none, serves: [controlPlane]",
        "egress: internet, serves: [controlPlane]",
        "control-plane",
    ),
    (
        "TAG-03",
        "serves: [externalLoadBalancers] }",
        "serves: [externalLoadBalancers], tags: { kubernetes.io/cluster/old: shared } }",
        "cluster/old",
    ),
    (
        "NAT-07",
        "egress: none, serves: [controlPlane]",
        "egress: none, serves: [controlPlane], routes: [{ to: 0.0.0.0/0, via: pcx-00000000000000001 }]",
        "pcx-00000000000000001",
    ),
    (
        "NODE-04",
        "egress: nat, serves: [nodes] }",
        "egress: none, serves: [nodes], routes: [{ to: \"::/0\", via: eni-00000000000000001 }] }",
        "name: nodes",
    ),
    (
        "TGW-02",
        "tiers:\n",
        "egress: { transitGateway: { id: tgw-00000000000000001, destinations: [10.0.0.0/9], advertise: [10.40.0.0/16] } }\ntiers:\n  - { name: transit, size: /28, egress: none, serves: [transit] }\n",
        "advertise",
    ),
    (
        "TGW-02",
        "tiers:\n",
        "egress: { transitGateway: { id: tgw-00000000000000001, destinations: [10.0.0.0/9], routeTable: tgw-rtb-00000000000000001, advertise: [10.99.0.0/16] } }\ntiers:\n  - { name: transit, size: /28, egress: none, serves: [transit] }\n",
        "10.99",
    ),
    (
        "SET-11",
        "nodeGroups:",
        "awsNode: { env: { ENABLE_V6_EGRESS: \"true\" } }\nnodeGroups:",
        "V6_EGRESS",
    ),
    (
        "SET-24",
        "nodeGroups:",
        "awsNode: { env: { ENABLE_V4_EGRESS: \"false\" } }\nnodeGroups:",
        "V4_EGRESS",
    ),
    (
        "SET-23",
        "nodeGroups:",
        "awsNode: { env: { ADDITIONAL_ENI_TAGS: '{\"k8s.amazonaws.com/team\": \"a\"}' } }\nnodeGroups:",
        "ENI_TAGS",
    ),
    (
        "SD-06",
        "serves: [nodes] }",
        "serves: [nodes], tags: { kubernetes.io/role/cni: \"\" } }",
        "role/cni",
    ),
    ("SIZ-01", "serves: [controlPlane]", "serves: [controlPlane, transit]", "control-plane"),
    (
        "SET-26",
        "tier: nodes, instanceTypes: [m6i.large] }",
        "tier: nodes, podsPerNode: 8, scaling: { max: 60 }, instanceTypes: [m6i.large] }\nawsNode: { prefixDelegation: false, warm: { ips: 2 } }",
        "ips: 2",
    ),
    (
        "VPC-06",
        "cidr: 10.40.0.0/16",
        "cidr: 172.18.0.0/16\n  secondaryCidrs: [172.17.0.0/16]",
        "172.17",
    ),
    (
        "HYB-11",
        "cluster:\n",
        "egress: { vpnGateway: { id: vgw-00000000000000001 } }\ncluster:\n  remoteNetworks: { nodes: [100.64.0.0/16] }\n",
        "remoteNetworks",
    ),
    ("RT-04", "zones: 2", "zones: 2\negress: { vpnGateway: { id: vpn-1 } }", "vpn-1"),
    (
        "SUB-09",
        "size: /20, egress: nat",
        "size: /20, reservation: { prefixes: /20 }, egress: nat",
        "reservation",
    ),
    (
        "ALT-02",
        "nodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large]",
        "awsNode: { management: none, prefixDelegation: true }\nnodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large], podsPerNode: 29",
        "prefixDelegation",
    ),
    (
        "ALT-02",
        "nodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large]",
        "awsNode: { management: none, overlay: { podCidr: 10.40.0.0/16 } }\nnodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large], podsPerNode: 29",
        "podCidr",
    ),
    (
        "ALT-02",
        "nodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large] }",
        "awsNode: { management: none, overlay: { podCidr: 10.244.0.0/24 } }\nnodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.4xlarge], podsPerNode: 100 }",
        "podCidr",
    ),
    ("ALT-02", "nodeGroups:", "awsNode: { overlay: { cni: cilium } }\nnodeGroups:", "overlay"),
    (
        "ALT-02",
        "nodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large]",
        "awsNode: { management: none, overlay: { cni: flannel, encapsulation: ipip } }\nnodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large], podsPerNode: 29",
        "ipip",
    ),
    (
        "ALT-05",
        "nodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large]",
        "awsNode: { management: none }\nfargate: [{ name: jobs, tier: nodes, selectors: [{ namespace: a }] }]\nnodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large], podsPerNode: 29",
        "management",
    ),
    ("CLU-22", "cluster:\n", "cluster:\n  secretsKey: eks\n", "secretsKey"),
    ("CLU-22", "cluster:\n", "cluster:\n  secretsKey: alias/aws/ebs\n", "secretsKey"),
    (
        "NACL-04",
        "zones: 2",
        "zones: 2\nnetworkAcls: perTier\negress: { vpnGateway: { id: vgw-00000000000000001 } }",
        "vpnGateway",
    ),
    (
        "EP-10",
        "securityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8 }] } }\n",
        "",
        "endpointAccess",
    ),
    ("SEC-03", "[{ from: 10.0.0.0/8 }]", "[{ from: 0.0.0.0/0 }]", "0.0.0.0/0"),
    (
        "SG-01",
        "controlPlane: {",
        "nodes: { egress: [{ to: 10.0.0.0/8 }] }, controlPlane: {",
        "securityGroups",
    ),
    (
        "SG-02",
        "controlPlane: {",
        "mode: leastPrivilege, pods: { egress: [{ to: 10.0.0.0/8 }] }, controlPlane: {",
        "securityGroups",
    ),
    ("SG-03", "from: 10.0.0.0/8", "from: 10.0.0.0/8, ports: https", "https"),
    (
        "SG-04",
        "[{ from: 10.0.0.0/8 }]",
        "[{ from: 10.0.0.0/8 }, { from: 10.0.0.0/8, ports: 443 }]",
        "securityGroups",
    ),
    (
        "NACL-02",
        "serves: [nodes]",
        "serves: [nodes], networkAcl: { ingress: [{ from: 10.0.0.0/8 }] }",
        "networkAcl",
    ),
    (
        "NACL-06",
        "serves: [nodes] }\n  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }\n",
        "serves: [nodes], networkAcl: { ingress: [{ from: 10.0.0.0/8, protocol: all, action: deny }] } }\n  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }\nnetworkAcls: perTier\n",
        "deny",
    ),
    (
        "NACL-07",
        "serves: [nodes] }\n  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }\n",
        "serves: [nodes], networkAcl: { ingress: [{ from: 0.0.0.0/0, ports: 3389, action: deny }] } }\n  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }\nnetworkAcls: perTier\n",
        "3389",
    ),
    (
        "NACL-08",
        "serves: [nodes] }\n  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }\n",
        "serves: [nodes], networkAcl: { ingress: [{ from: 198.51.100.0/24, protocol: all, action: deny }, { from: 198.51.100.7/32 }] } }\n  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }\nnetworkAcls: perTier\n",
        "networkAcl: { ingress",
    ),
    (
        "HYB-14",
        "serves: [nodes] }\n  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }\nsecurityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8 }] } }\ncluster:\n",
        "serves: [nodes], routes: [{ to: 10.80.0.0/16, via: pcx-0123456789abcdef0 }] }\n  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }\nsecurityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8 }] } }\ncluster:\n  remoteNetworks: { nodes: [10.80.0.0/16], routes: external }\n",
        "routes: external",
    ),
    (
        "VPC-35",
        "  cidr: 10.40.0.0/16\ntiers:\n  - { name: public, size: /24, egress: internet, serves: [externalLoadBalancers] }\n  - { name: nodes, size: /20, egress: nat, serves: [nodes] }\n  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }\n",
        "  cidr: 10.40.0.0/26\n",
        "10.40.0.0/26",
    ),
    ("VPC-33", "cidr: 10.40.0.0/16", "cidr: 10.40.0.0/16\n  keepFree: [10.40.0.0/16]", "keepFree"),
    (
        "VPC-34",
        "cidr: 10.40.0.0/16",
        "cidr: 10.40.0.0/16\n  secondaryCidrs: [100.64.0.0/16]",
        "100.64",
    ),
    ("ZON-07", "eu-west-1\nzones: 2", "us-east-1\nzones: [us-east-1a, us-east-1b]", "us-east-1a"),
    (
        "TAG-19",
        "serves: [nodes] }",
        "serves: [nodes], tags: { note: \"batch, nightly\" } }",
        "batch",
    ),
    (
        "TAG-20",
        "  region: eu-west-1",
        "  region: eu-west-1\n  tags: { Env: prod, env: prod }",
        "Env",
    ),
    (
        "FL-02",
        "cidr: 10.40.0.0/16",
        "cidr: 10.40.0.0/16\n  flowLogs: { destination: s3, bucket: \"arn:aws:s3:::logs\", retentionDays: 30 }",
        "retentionDays",
    ),
    (
        "SET-38",
        "nodeGroups:",
        "awsNode: { prefixDelegation: false, customNetworking: { tier: nodes }, warm: { enis: 0 } }\nnodeGroups:",
        "enis",
    ),
    (
        "SET-39",
        "nodeGroups:",
        "awsNode: { env: { AWS_VPC_ENI_MTU: \"1500\", POD_MTU: \"9001\" } }\nnodeGroups:",
        "POD_MTU",
    ),
    ("BP-07", "from: 10.0.0.0/8 }", "from: 10.0.0.0/8, why: \"{{resolve:ssm:owner}}\" }", "why"),
    ("MON-03", "nodeGroups:", "alarms: { notify: on-call }\nnodeGroups:", "on-call"),
    (
        "ACC-04",
        "type: hybridLinux }",
        "type: hybridLinux, policy: AmazonEKSViewPolicy }",
        "hybridLinux",
    ),
    ("ACC-05", ", policy: AmazonEKSViewPolicy }]", " }]", "role/ops"),
    (
        "ACC-06",
        "zones: 2",
        "zones: 2\niam: { roles: { nodes: { arn: \"arn:aws:iam::111122223333:role/ops\" } } }",
        "role/ops",
    ),
    (
        "HYB-12",
        "cluster:\n  endpointAccess: { private: true, public: false }\n  access: [{ principal: \"arn:aws:iam::111122223333:role/hybrid\", type: hybridLinux }, ",
        "egress: { vpnGateway: { id: vgw-00000000000000001 } }\ncluster:\n  endpointAccess: { private: true, public: false }\n  remoteNetworks: { nodes: [10.80.0.0/16] }\n  access: [",
        "remoteNetworks",
    ),
    (
        "ADD-04",
        "nodeGroups:",
        "addons: [coredns, kube-proxy, eks-pod-identity-agent, { name: aws-mountpoint-s3-csi-driver, role: podIdentity }]\nnodeGroups:",
        "mountpoint",
    ),
    (
        "ADD-05",
        "nodeGroups:",
        "addons: [coredns, kube-proxy, eks-pod-identity-agent, aws-mountpoint-s3-csi-driver]\nnodeGroups:",
        "mountpoint",
    ),
    (
        "ADD-06",
        "nodeGroups:",
        "awsNode: { role: irsa }\naddons: [coredns, kube-proxy, aws-ebs-csi-driver]\nnodeGroups:",
        "aws-ebs-csi-driver",
    ),
    (
        "VER-05",
        "nodeGroups:",
        "addons: [coredns, { name: kube-proxy, version: v1.31.0-eksbuild.1 }, eks-pod-identity-agent]\nnodeGroups:",
        "v1.31.0",
    ),
    (
        "FG-06",
        "nodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large] }\n",
        "",
        "cluster:",
    ),
    ("PE-23", "zones: 2", "zones: 2\nendpoints: { ingress: [192.168.0.0/24] }", "ingress"),
    ("VER-03", "cluster:\n", "cluster:\n  version: \"1.21\"\n", "1.21"),
    ("IAM-01", "zones: 2", "zones: 2\niam: { path: eks }", "path"),
    ("IAM-01", "zones: 2", "zones: 2\niam: { permissionsBoundary: limits }", "limits"),
    (
        "IAM-01",
        "zones: 2",
        "zones: 2\niam: { roles: { nodes: { arn: \"arn:aws-cn:iam::111122223333:role/a\" } } }",
        "aws-cn",
    ),
    ("IAM-01", "zones: 2", "zones: 2\niam: { roles: { cluster: { name: a/b } } }", "a/b"),
    (
        "IAM-02",
        "zones: 2",
        "zones: 2\niam: { roles: { cluster: { name: eks }, nodes: { name: EKS } } }",
        "EKS",
    ),
    (
        "IAM-02",
        "zones: 2",
        "zones: 2\niam: { roles: { cluster: { name: eks, arn: \"arn:aws:iam::111122223333:role/a\" } } }",
        "cluster",
    ),
    ("IAM-02", "zones: 2", "zones: 2\niam: { roles: { cluster: {} } }", "cluster"),
    (
        "IAM-05",
        "zones: 2",
        "zones: 2\niam: { permissionsBoundary: \"arn:aws:iam::444455556666:policy/limits\", roles: { cluster: { arn: \"arn:aws:iam::111122223333:role/eks\" } } }",
        "444455556666",
    ),
    (
        "POD-01",
        "nodeGroups:",
        "podIdentities: [{ namespace: apps, serviceAccount: s3 }]\nnodeGroups:",
        "s3",
    ),
    (
        "POD-01",
        "nodeGroups:",
        "podIdentities: [{ namespace: apps, serviceAccount: s3, policies: [] }]\nnodeGroups:",
        "s3",
    ),
    (
        "POD-02",
        "nodeGroups:",
        "podIdentities: [{ namespace: kube-system, serviceAccount: aws-node, policies: [\"arn:aws:iam::aws:policy/X\"] }]\nnodeGroups:",
        "aws-node",
    ),
    (
        "POD-03",
        "nodeGroups:",
        "awsNode: { role: irsa }\naddons: [coredns, kube-proxy]\npodIdentities: [{ namespace: apps, serviceAccount: s3, policies: [\"arn:aws:iam::aws:policy/X\"] }]\nnodeGroups:",
        "s3",
    ),
    ("KAR-01", "nodeGroups:", "karpenter: { namespace: Karpenter }\nnodeGroups:", "Karpenter"),
    ("CLU-23", "cluster:\n", "cluster:\n  securityGroups: [default]\n", "default"),
    ("CLU-24", "cluster:\n", "cluster:\n  logRetentionDays: 100\n", "100"),
    ("CLU-27", "cluster:\n", "cluster:\n  logging: []\n  logRetentionDays: 90\n", "90"),
    (
        "CLU-25",
        "cluster:\n",
        "awsNode: { role: irsa }\ncluster:\n  oidcProvider: false\n",
        "oidcProvider",
    ),
    ("TAG-21", "serves: [nodes] }", "serves: [nodes], tags: { owner: \"${clustr}\" } }", "clustr"),
    ("TIER-09", "size: /24,", "size: /24, cidrs: [10.40.0.0/24],", "cidrs"),
    ("PUB-01", "serves: [nodes] }", "serves: [nodes], mapPublicIp: true }", "mapPublicIp"),
    ("VER-04", "cluster:\n", "cluster:\n  version: \"1.33\"\n", "1.33"),
];

/// Rules that need more than one edit, or another ledger, and have a test of their own below or in `reader.rs`.
const ELSEWHERE: &[&str] = &[
    "CLU-28", // In `contract.rs`.
    // In `existing.rs`.
    "EXI-01", "EXI-02", "EXI-03", "EXI-04", "EXI-05", "EXI-06", "EXI-07", "EXI-08", "EXI-09",
    "EXI-10", "EXI-11", "EXI-12", "EXI-13", "EXI-14", "EXI-15", "EXI-16", "EXI-17", "EXI-18",
    "EXI-19", "EXI-20", "EXI-21", "EXI-22", "EXI-23", "EXI-24", "EXI-25", "YAML-05", "YAML-07",
    "YAML-09", "MORE-01", "SUB-06", "SUB-11", "ADR-01", "ADR-06", "ADR-02", "ADR-03", "ADR-05",
    "CLU-02", "CLU-06", "CN-04", "CN-05", "V6-02", "V6-07", "TIER-08", "TIER-11", "VPC-08",
    "NAT-08", "NAT-11", "CAP-02", "QUO-01", "SNAT-02", "TGW-02", "HYB-01", "EP-11", "SD-05",
    "IP6-02", "IP6-03", "SEC-06", "SGP-03", "QUO-02", "PE-01", "PE-02", "PE-03", "PE-04", "PE-05",
    "PE-06", "PE-07", "PE-08", "PE-09", "PE-10", "SG-05", "SGP-06", "NACL-01", "NACL-03", "PE-14",
    "EP-09", "NODE-09", "PE-22", "PE-31", "ALT-06", "HYB-13", "FG-08", // In `relations.rs`.
    "CFN-01", "CFN-02", "CFN-03", "CFN-04", "SUB-15", "NAT-05", "EP-16", "NACL-05", "SGP-08",
    "VPC-32", "NAT-14", "SNAT-03", "TAG-18", "PE-24", "IP6-05", "EP-15", // In `preflight.rs`.
    "ZON-06", "NG-09", "QUO-03", "QUO-04", "BPA-01", "BPA-02", "ADD-03", "SET-36", "NAT-13",
    "VPC-25", "VPC-26", "CLU-03", "IPAM-01", "IPAM-03", "IPAM-04", "IPAM-05", "IPAM-06",
    "PE-34", // In `previews.rs`.
    "SVC-05", "CLU-10", "CPE-02", "VER-01", "SET-32", "NAT-04", "SG-06", "VPC-23", "CN-06",
    "PD-03", "VER-02", "VER-06", "CN-12", "SELF-03", "SELF-05", "SELF-06", // In `changes.rs`.
    "UPD-01", "UPD-02", "UPD-03", "UPD-04", "UPD-05", "UPD-06", "UPD-07", "UPD-08", "UPD-09",
    "UPD-10", "UPD-11", "UPD-12", "UPD-13", "UPD-14",
    "VPC-39", // In `in_the_way.rs`; then `auto.rs`.
    "AUTO-01", "AUTO-03", "AUTO-04", "AUTO-07", "AUTO-08", "AUTO-09",
    "AUTO-10", // In `around.rs`.
    "AUTO-11", "WIN-02", "NG-34", // In `node_groups.rs`.
    "NG-16", "NG-17", "SNAT-04", "SNAT-05", // In `networks.rs`.
    "CN-13", "CN-14", "EXT-01", "EXT-02", "DOC-02", "TGW-10", "TGW-11", "TGW-12", "TGW-13",
    "DOC-01", "SD-07", "CN-15", // In `reader.rs`.
    "YAML-10", "MORE-01", // In `fleet.rs`.
    "FLT-01", "FLT-02", "FLT-03", "FLT-04", "FLT-05", "FLT-06", "FLT-07", "FLT-08", "FLT-09",
    "FLT-10", "FLT-11", "FLT-12", "FLT-13", "FLT-14", "FLT-15", "FLT-16",
    "IPAM-07", // In `fleet_online.rs`.
    "FLT-20", "FLT-21", // In `judgement.rs`.
    "ALW-01", "ALW-02", "ALW-03", "ALW-04", "ALW-05", "CIS-01", "CIS-02", "CIS-03", "CIS-04",
    "CIS-05", "CIS-06", "HA-01", "HA-02", // In `words.rs`.
    "IAM-03", "IAM-04", "CLU-26", "POD-04", "KAR-02", "PUB-02", // In `patches.rs`.
    "PAT-08",
];

fn broken(from: &str, to: &str) -> String {
    assert!(CLEAN.contains(from), "the clean blueprint has no `{from}`");
    CLEAN.replacen(from, to, 1)
}

fn only(found: &[Diagnostic], rule: &str, text: &str, word: &str) {
    let own: Vec<&str> = found.iter().map(|finding| finding.rule.id).collect();
    assert_eq!(own, [rule], "{found:#?}\n{text}");
    let source = Source::new("test.yaml", text);
    let line = source.place(found[0].at.clone().unwrap().start).line;
    assert!(
        text.lines().nth(line - 1).unwrap_or_default().contains(word),
        "{rule} is found on line {line}\n{text}"
    );
    assert!(found[0].hint.is_some(), "{rule} shows no way out");
}

#[test]
fn the_clean_blueprint_is_clean() {
    assert_eq!(findings(CLEAN), []);
}

#[test]
fn each_rule_is_found_where_it_is_broken_and_nothing_else_is() {
    let wrong = BROKEN.iter().filter_map(|(rule, from, to, word)| {
        let text = broken(from, to);
        std::panic::catch_unwind(|| only(&findings(&text), rule, &text, word)).err().map(|_| *rule)
    });
    let wrong: Vec<&str> = wrong.collect();
    assert!(wrong.is_empty(), "see above: {wrong:?}");
}

#[test]
fn every_rule_of_the_book_is_broken_by_a_test() {
    let tested: BTreeSet<&str> =
        BROKEN.iter().map(|(rule, ..)| *rule).chain(ELSEWHERE.iter().copied()).collect();
    let written: BTreeSet<&str> = rules::all().map(|rule| rule.id).collect();
    assert_eq!(tested, written);
}

#[test]
fn every_rule_has_an_id_of_its_own_a_reason_a_source_and_two_examples() {
    let mut ids = BTreeSet::new();
    for rule in rules::all() {
        assert!(ids.insert(rule.id), "{} is there twice", rule.id);
        for text in [rule.title, rule.why, rule.breaks, rule.holds] {
            assert!(!text.is_empty(), "{} is incomplete", rule.id);
        }
        assert!(!rule.sources.is_empty(), "{} has no source", rule.id);
    }
}

/// The API and its answer, or the mechanism; a rule without one is a warning by its type.
#[test]
fn every_error_names_what_refuses_it_or_what_breaks() {
    use rules::Consequence::Refused;
    const APIS: &[&str] =
        &["EC2 ", "EKS ", "CloudFormation ", "CloudWatch ", "Elastic Load Balancing ", "IAM "];
    for rule in rules::all() {
        let Some(consequence) = rule.consequence else {
            continue;
        };
        let text = consequence.text();
        assert!(3 <= text.len() && !text.ends_with('.'), "{}: {text:?}", rule.id);
        if let Refused(by) = consequence {
            let known = APIS.iter().any(|api| by.contains(api)) || rule.id == "QUO-03";
            assert!(known, "{}: {by:?} names no API", rule.id);
        }
    }
}

#[test]
fn every_source_stands_once_with_its_address_and_its_date() {
    let (mut names, mut urls) = (BTreeSet::new(), BTreeSet::new());
    for source in rules::sources() {
        assert!(names.insert(source.name), "{} is there twice", source.name);
        assert!(urls.insert(source.url), "{} is there twice", source.url);
        assert!(source.url.starts_with("https://") && !source.url.contains(' '), "{}", source.url);
        let date: Vec<&str> = source.read.split('-').collect();
        let [year, month, day] = date[..] else { panic!("{}: {}", source.name, source.read) };
        assert!((year.len(), month.len(), day.len()) == (4, 2, 2), "{}", source.read);
        let used = rules::all().any(|rule| rule.sources.iter().any(|one| one.url == source.url));
        assert!(used, "no rule comes from {}", source.name);
    }
}

#[test]
fn what_people_read_when_a_rule_is_broken() {
    let mut text = String::new();
    for (_, from, to, _) in BROKEN {
        let blueprint = broken(from, to);
        let found = findings(&blueprint);
        let source = Source::new("shop.yaml", blueprint);
        text.push_str(
            &anstream::adapter::strip_str(&human(&Checked { source: &source, findings: &found }))
                .to_string(),
        );
    }
    snapshot("findings", &text);
}

#[test]
fn bounds_hold_on_both_sides() {
    let with = |from: &str, to: &str| {
        findings(&broken(from, to)).iter().map(|finding| finding.rule.id).collect::<Vec<_>>()
    };
    assert!(
        with(
            "size: /24, egress: internet, serves: [externalLoadBalancers]",
            "size: /28, egress: internet"
        )
        .is_empty()
    );
    assert!(with("size: /24", "size: /27").is_empty());
    assert_eq!(with("cidr: 10.40.0.0/16", "cidr: 10.40.0.0/29"), ["VPC-01"]);
    assert!(with("cluster:\n", "cluster:\n  serviceCidr: 172.16.0.0/12\n").is_empty());
    assert_eq!(with("cluster:\n", "cluster:\n  serviceCidr: 172.20.0.0/25\n"), ["SVC-01"]);
    assert_eq!(
        with("cidr: 10.40.0.0/16", "cidr: 10.40.0.0/16\n  secondaryCidrs: [10.40.0.0/16]"),
        ["VPC-30"]
    );
    assert!(with("tier: nodes,", "tier: nodes, podsPerNode: 110,").is_empty());
    assert_eq!(with("tier: nodes,", "tier: nodes, podsPerNode: 111,"), ["NG-05"]);
}

#[test]
fn zones_at_the_edge_are_said_to_hold_no_cluster() {
    for word in ["eu-west-1-lon-1a", "euw1-lon1-az1", "eu-west-1-wl1-lon-wlz-1"] {
        let text = broken("zones: 2", &format!("zones: [euw1-az1, {word}]"));
        let found = findings(&text);
        only(&found, "ZON-01", &text, word);
        assert!(found[0].hint.as_ref().unwrap().contains("Local Zone"), "{found:?}");
    }
}

#[test]
fn prefixes_in_tiny_subnets_are_an_error() {
    let text = broken("size: /20", "size: /27") + "awsNode: { prefixDelegation: true }\n";
    let found = findings(&text);
    assert!(found.iter().any(|finding| finding.rule.id == "SUB-11"), "{found:?}");
}

#[test]
fn a_control_plane_subnet_below_six_addresses_is_an_error() {
    let found = findings(&broken("size: /28", "size: /30"));
    assert!(found.iter().any(|finding| finding.rule.id == "CLU-02"), "{found:?}");
}

#[test]
fn custom_networking_needs_a_second_interface_and_a_way_out() {
    let pods =
        broken("tiers:\n", "tiers:\n  - { name: pods, size: /20, egress: none, serves: [pods] }\n");
    let custom = |more: &str| {
        pods.replace(
            "nodeGroups:",
            &format!("awsNode: {{ customNetworking: {{ tier: pods }}{more} }}\nnodeGroups:"),
        )
    };
    only(
        &findings(&custom(", snat: { external: true }")),
        "CN-04",
        &custom(", snat: { external: true }"),
        "name: pods",
    );
    // Every address together is what translating nothing is, too; some of them are not.
    let excluded = custom(", snat: { excludeCidrs: [0.0.0.0/1, 128.0.0.0/1] }");
    only(&findings(&excluded), "CN-04", &excluded, "name: pods");
    assert_eq!(findings(&custom(", snat: { excludeCidrs: [10.0.0.0/8] }")), []);
    let one = custom("").replace("m6i.large", "hpc6id.32xlarge");
    only(&findings(&one), "CN-05", &one, "hpc6id");
}

#[test]
fn more_subnets_than_the_quota_are_a_warning() {
    let tiers: String =
        (0..101).map(|at| format!("  - {{ name: t{at}, size: /28, egress: none }}\n")).collect();
    let text = broken("tiers:\n", &format!("tiers:\n{tiers}"));
    let found = findings(&text);
    let quota: Vec<&Diagnostic> = found.iter().filter(|one| one.rule.id == "SUB-06").collect();
    assert!(quota.len() == 1 && !quota[0].is_error(), "{found:?}");
    // With their tables and associations they are more than a stack holds.
    let ids: Vec<&str> = found.iter().map(|one| one.rule.id).collect();
    assert!(ids.iter().all(|id| *id == "SUB-06" || id.starts_with("CFN-0")), "{ids:?}");
}

fn given(tier: &str, cidr: &str) -> impl Fn(&mut Ledger) {
    let entry = Entry {
        tier: tier.into(),
        zone: "euw1-az1".into(),
        cidr: cidr.parse().unwrap(),
        ipv6_slot: None,
        since: 1,
        stands_as: None,
        formerly: None,
        zone_name: None,
    };
    move |ledger| ledger.subnets.push(entry.clone())
}

#[test]
fn a_tier_that_is_resized_is_said_to_be_replaced() {
    only(&findings_with(CLEAN, &given("public", "10.40.0.0/23")), "ADR-01", CLEAN, "public");
}

#[test]
fn a_pin_that_would_move_a_subnet_is_refused() {
    let text = broken("size: /24,", "size: /24, cidrs: { euw1-az1: 10.40.64.0/24 },");
    only(&findings_with(&text, &given("public", "10.40.0.0/24")), "ADR-02", &text, "public");
}

#[test]
fn a_subnet_whose_range_left_the_vpc_is_an_error() {
    only(&findings_with(CLEAN, &given("public", "100.64.0.0/24")), "ADR-03", CLEAN, "public");
}

#[test]
fn a_cluster_that_would_lose_a_zone_is_refused() {
    let three = |ledger: &mut Ledger| {
        ledger.kept.cluster_zones = ["euw1-az1", "euw1-az2", "euw1-az3"].map(String::from).to_vec()
    };
    only(&findings_with(CLEAN, &three), "CLU-06", CLEAN, "zones: 2");
}

#[test]
fn a_tier_sized_by_demand_that_was_outgrown_stays_and_is_said_to_be_too_small() {
    let text = broken("size: /20, egress: nat", "size: auto, egress: nat")
        .replace("tier: nodes, inst", "tier: nodes, scaling: { max: 6 }, inst");
    assert_eq!(findings(&text), []);
    let found = findings_with(&text, &given("nodes", "10.40.0.0/24"));
    assert_eq!(
        found.iter().map(|finding| finding.rule.id).collect::<Vec<_>>(),
        ["ADR-05", "CAP-01"],
        "{found:#?}"
    );
}

#[test]
fn a_block_of_sixteen_takes_no_seventeenth_subnet() {
    let tiers: String =
        (0..6).map(|at| format!("  - {{ name: t{at}, size: /28, egress: none }}\n")).collect();
    let text = broken(
        "10.40.0.0/16",
        "10.40.0.0/16\n  ipv6: { ipamPool: ipam-pool-00000000000000001, netmask: 60 }",
    )
    .replace("tiers:\n", &format!("tiers:\n{tiers}"));
    only(&findings(&text), "V6-02", &text, "ipv6");
}

#[test]
fn the_block_of_standing_64s_is_neither_taken_nor_exchanged() {
    let standing = |ledger: &mut Ledger| {
        given("public", "10.40.16.0/24")(ledger);
        ledger.subnets[0].ipv6_slot = Some(3);
        ledger.ipv6 = Some("amazon/56".to_string());
    };
    only(&findings_with(CLEAN, &standing), "V6-07", CLEAN, "vpc");
    let other =
        broken("10.40.0.0/16", "10.40.0.0/16\n  ipv6: { ipamPool: ipam-pool-00000000000000001 }");
    only(&findings_with(&other, &standing), "V6-07", &other, "ipv6");
    assert_eq!(
        findings_with(&broken("10.40.0.0/16", "10.40.0.0/16\n  ipv6: amazon"), &standing),
        []
    );
}

#[test]
fn the_pods_own_tier_is_not_closed_to_pods() {
    let pods = "tiers:\n  - { name: pods, size: /20, egress: nat, serves: [pods], tags: { kubernetes.io/role/cni: \"0\" } }\n";
    let text = broken("tiers:\n", pods)
        .replace("nodeGroups:", "awsNode: { customNetworking: { tier: pods } }\nnodeGroups:");
    only(&findings(&text), "SD-05", &text, "role/cni");
}

#[test]
fn an_ipv6_cluster_takes_nothing_that_is_ipv4s_alone() {
    let six = broken("10.40.0.0/16", "10.40.0.0/16\n  ipv6: amazon")
        .replace("cluster:\n", "cluster:\n  ipFamily: ipv6\n");
    assert_eq!(findings(&six), []);
    let service = six.replace("  ipFamily", "  serviceCidr: 172.20.0.0/16\n  ipFamily");
    only(&findings(&service), "IP6-02", &service, "serviceCidr");
    let custom =
        six.replace("nodeGroups:", "awsNode: { customNetworking: { tier: nodes } }\nnodeGroups:");
    only(&findings(&custom), "IP6-02", &custom, "customNetworking");
    let called = six
        .replace("public: false", "public: true, publicCidrs: [203.0.113.0/24, \"2001:db8::/32\"]");
    assert_eq!(findings(&called), []);
    assert!(crate::support::build(&called).template.to_yaml().contains("2001:db8::/32"));
    let scoped = six.replace("nodeGroups:", "awsNode: { rights: cluster }\nnodeGroups:");
    only(&findings(&scoped), "SEC-06", &scoped, "rights");
    let discovered = six.replace("nodeGroups:", "awsNode: { subnetDiscovery: true }\nnodeGroups:");
    only(&findings(&discovered), "IP6-02", &discovered, "subnetDiscovery");
    let branches = six.replace(
        "nodeGroups:",
        "awsNode: { securityGroupsForPods: { enforcing: standard } }\nnodeGroups:",
    );
    only(&findings(&branches), "IP6-03", &branches, "securityGroupsForPods");
    let without = six.replace("nodeGroups:", "awsNode: { prefixDelegation: false }\nnodeGroups:");
    only(&findings(&without), "IP6-01", &without, "prefixDelegation");
    let xen = six.replace("m6i.large", "m4.large");
    only(&findings(&xen), "IP6-01", &xen, "m4.large");
    let china = six.replace("eu-west-1", "cn-north-1").replace("arn:aws:iam", "arn:aws-cn:iam");
    only(&findings(&china), "IP6-02", &china, "ipFamily");
}

#[test]
fn what_cannot_work_of_pods_and_their_subnets_is_refused_and_what_can_is_not() {
    let rules = |text: &str| {
        findings(text)
            .iter()
            .map(|finding| (finding.rule.id, finding.is_error()))
            .collect::<Vec<_>>()
    };
    // A second group without a trunk: such pods run on the first.
    let branches = broken(
        "nodeGroups:",
        "awsNode: { securityGroupsForPods: { enforcing: standard } }\nnodeGroups:",
    );
    assert_eq!(
        rules(&format!(
            "{branches}  - {{ name: small, tier: nodes, instanceTypes: [t3.large] }}\n"
        )),
        [("SGP-08", false)]
    );
    assert_eq!(rules(&branches.replace("m6i.large", "t3.large")), [("SGP-01", true)]);
    // With `strict` packets leave by the pods' own tier.
    let custom =
        std::fs::read_to_string(crate::support::root().join("blueprints/pod-tiers.yaml")).unwrap();
    let with = |enforcing: &str| {
        custom.replace(
            "awsNode:\n",
            &format!("awsNode:\n  securityGroupsForPods: {{ enforcing: {enforcing} }}\n"),
        )
    };
    assert!(
        rules(&with("standard")).iter().all(|(_, error)| !error),
        "{:?}",
        rules(&with("standard"))
    );
    assert!(rules(&with("strict")).contains(&("SGP-03", false)), "{:?}", rules(&with("strict")));
    // Subnets that only another cluster's aws-node may use are closed.
    let closed = broken(
        "serves: [nodes] }",
        "serves: [nodes], tags: { kubernetes.io/role/cni: \"1\", cni.networking.k8s.aws/cluster/other: \"1\" } }",
    );
    assert!(rules(&closed).contains(&("SD-03", true)), "{:?}", rules(&closed));
    // Fargate alone is counted too.
    let fargate = "fargate: [{ name: jobs, tier: nodes, selectors: [{ namespace: kube-system }], pods: 100000 }]";
    let many = broken(
        "nodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large] }",
        fargate,
    );
    assert_eq!(rules(&many), [("CAP-02", true)]);
    let few = many.replace("100000", "100");
    assert_eq!(rules(&few), []);
    let template = crate::support::build(&few).template;
    let dns = template.resource("AddonCoredns").unwrap();
    assert_eq!(dns["Properties"]["ConfigurationValues"], "{\"computeType\":\"Fargate\"}");
    assert!(dns["DependsOn"].to_string().contains("FargateProfileJobs"));
    // Pods of groups that are made zone by zone: as many nodes as the author says, and one for each zone at least.
    let several =
        std::fs::read_to_string(crate::support::root().join("blueprints/pod-tiers.yaml")).unwrap();
    assert_eq!(
        rules(
            &several.replace("{ min: 2, desired: 2, max: 60 }", "{ min: 0, desired: 1, max: 1 }")
        ),
        [("CN-11", true)]
    );
    let odd = crate::support::build(
        &several.replace("{ min: 2, desired: 2, max: 60 }", "{ min: 1, desired: 2, max: 5 }"),
    )
    .template;
    let scaling = |zone: &str, what: &str| {
        odd.resource(&format!("NodeGroupBatchInEuw1Az{zone}"))
            .unwrap()["Properties"]["ScalingConfig"][what]
            .as_u64()
            .unwrap()
    };
    for (what, sum) in [("MinSize", 1), ("DesiredSize", 2), ("MaxSize", 5)] {
        assert_eq!(scaling("1", what) + scaling("2", what), sum, "{what}");
    }
}

#[test]
fn pods_with_security_groups_of_their_own_leave_no_public_subnet() {
    let with = |enforcing: &str| {
        let text = broken("egress: nat,", "egress: internet,").replace(
            "nodeGroups:",
            &format!(
                "awsNode: {{ securityGroupsForPods: {{ enforcing: {enforcing} }} }}\nnodeGroups:"
            ),
        );
        findings(&text).iter().map(|finding| finding.rule.id).collect::<Vec<_>>()
    };
    assert_eq!(with("strict"), ["SGP-03", "NODE-03"]);
    assert_eq!(with("standard"), ["NODE-03"], "the node translates");
}

#[test]
fn more_address_units_than_a_vpc_has_are_a_warning() {
    let many =
        "tier: nodes, podsPerNode: 200, scaling: { max: 300 }, instanceTypes: [m6i.32xlarge]";
    let text = broken("tier: nodes, instanceTypes: [m6i.large]", many)
        .replace("size: /20", "size: /17, from: 100.64.0.0/16")
        .replace("cidr: 10.40.0.0/16", "cidr: 10.40.0.0/16\n  secondaryCidrs: [100.64.0.0/16]")
        .replace("nodeGroups:", "awsNode: { prefixDelegation: false }\nnodeGroups:");
    let found: Vec<&str> = findings(&text).iter().map(|finding| finding.rule.id).collect();
    assert!(found.contains(&"QUO-02"), "{found:?}");
}

/// The clean blueprint without any way out but endpoints.
fn shut() -> String {
    broken("egress: nat,", "egress: none,")
        .replace("zones: 2", "zones: 2\nendpoints: auto")
        .replace("m6i.large]", "m6i.large], scaling: { max: 4 }")
}

#[test]
fn nodes_without_a_way_out_need_the_endpoint_of_each_service_they_call() {
    let text = shut()
        .replace("serves: [nodes]", "serves: [nodes, internalLoadBalancers]")
        .replace("nodeGroups:", "addons: [coredns, kube-proxy, eks-pod-identity-agent, amazon-cloudwatch-observability, aws-efs-csi-driver]\nnodeGroups:");
    assert_eq!(findings(&text), []);
    let rules = [
        ("ecr.api", "PE-01"),
        ("ecr.dkr", "PE-01"),
        ("s3", "PE-02"),
        ("ec2", "PE-03"),
        ("sts", "PE-31"),
        ("eks", "PE-05"),
        ("eks-auth", "PE-06"),
        ("elasticloadbalancing", "PE-07"),
        ("logs", "PE-08"),
        ("autoscaling", "PE-10"),
        ("elasticfilesystem", "PE-14"),
    ];
    for (service, rule) in rules {
        let text =
            text.replace("endpoints: auto", &format!("endpoints: {{ exclude: [{service}] }}"));
        only(&findings(&text), rule, &text, "exclude");
    }
    let irsa = text
        .replace("endpoints: auto", "endpoints: { exclude: [sts] }")
        .replace("nodeGroups:", "awsNode: { role: irsa }\nnodeGroups:");
    only(&findings(&irsa), "PE-04", &irsa, "exclude");
    let one_zone = text.replace("endpoints: auto", "endpoints: { tier: edge }").replace(
        "tiers:\n",
        "tiers:\n  - { name: edge, size: /24, egress: none, zones: [euw1-az1] }\n",
    );
    only(&findings(&one_zone), "PE-22", &one_zone, "endpoints");
}

#[test]
fn nodes_without_a_way_out_do_not_reach_a_public_endpoint() {
    let text = shut().replace(
        "private: true, public: false",
        "private: false, public: true, publicCidrs: [0.0.0.0/0]",
    );
    let found: Vec<&str> = findings(&text).iter().map(|finding| finding.rule.id).collect();
    assert_eq!(found, ["EP-09", "EP-07"]);
    let elsewhere = broken("egress: nat,", "egress: none,")
        .replace("zones: 2", "zones: 2\negress: { vpnGateway: { id: vgw-00000000000000001 } }");
    only(&findings(&elsewhere), "NODE-09", &elsewhere, "name: nodes");
    let public = elsewhere.replace(
        "private: true, public: false",
        "private: false, public: true, publicCidrs: [203.0.113.0/24]",
    );
    only(&findings(&public), "NODE-09", &public, "name: nodes");
    assert!(findings(&public)[0].message.contains("the public endpoint of the API"));
}

#[test]
fn ranges_that_repeat_are_not_announced() {
    let text = broken(
        "10.40.0.0/16",
        "10.40.0.0/16\n  secondaryCidrs: [100.64.0.0/16]\n  keepFree: [100.64.0.0/16]",
    )
    .replace(
        "tiers:\n",
        "egress: { transitGateway: { id: tgw-00000000000000001, destinations: [10.0.0.0/9] } }\ntiers:\n  - { name: transit, size: /28, serves: [transit], egress: none }\n",
    );
    only(&findings(&text), "TGW-02", &text, "transitGateway");
    assert_eq!(
        findings(&text.replace(
            "id: tgw-00000000000000001",
            "id: tgw-00000000000000001, routeTable: tgw-rtb-00000000000000001"
        )),
        []
    );
}

#[test]
fn hybrid_nodes_want_ipv4_and_one_endpoint() {
    let text = broken(
        "cluster:\n",
        "egress: { vpnGateway: { id: vgw-00000000000000001 } }\ncluster:\n  remoteNetworks: { nodes: [10.80.0.0/16] }\n",
    );
    assert_eq!(findings(&text), []);
    let both = text.replace("public: false", "public: true, publicCidrs: [203.0.113.0/24]");
    only(&findings(&both), "EP-11", &both, "endpointAccess");
    for region in ["us-gov-west-1", "cn-northwest-1"] {
        let partition = if region.starts_with("cn") { "arn:aws-cn" } else { "arn:aws-us-gov" };
        let there = text.replace("eu-west-1", region).replace("arn:aws", partition);
        only(&findings(&there), "HYB-13", &there, "remoteNetworks");
    }
    let routed = broken("cluster:\n", "cluster:\n  remoteNetworks: { nodes: [10.80.0.0/16] }\n")
        .replace(
            "serves: [nodes] }",
            "serves: [nodes], routes: [{ to: 10.80.0.0/15, via: eni-00000000000000001 }] }",
        );
    // The route's target belongs to a VPC that does not exist yet.
    assert_eq!(ids(&routed), ["EXT-01"]);
    // A gateway of the blueprint gets the routes, whatever else is behind it.
    for gateway in [
        "vpnGateway: { id: vgw-00000000000000001, propagate: false }",
        "transitGateway: { id: tgw-00000000000000001, destinations: [192.168.0.0/16] }",
    ] {
        let through = text.replace("vpnGateway: { id: vgw-00000000000000001 }", gateway);
        assert!(!ids(&through).contains(&"HYB-06"), "{through}");
        let made = crate::support::build(&through).template.to_json();
        assert!(made.contains("\"DestinationCidrBlock\":\"10.80.0.0/16\""), "{made}");
    }
    let beside = routed.replace("10.80.0.0/15", "10.90.0.0/16");
    assert_eq!(ids(&beside), ["HYB-06"]);
    let six = text
        .replace("cidr: 10.40.0.0/16", "cidr: 10.40.0.0/16\n  ipv6: amazon")
        .replace("  remoteNetworks", "  ipFamily: ipv6\n  remoteNetworks");
    only(&findings(&six), "HYB-01", &six, "remoteNetworks");
}

#[test]
fn without_translation_on_the_node_pods_do_not_leave_a_public_subnet() {
    let text = broken("egress: nat,", "egress: internet,")
        .replace("nodeGroups:", "awsNode: { snat: { external: true } }\nnodeGroups:");
    let found: Vec<&str> = findings(&text).iter().map(|finding| finding.rule.id).collect();
    assert_eq!(found, ["SNAT-02", "NODE-03"]);
}

#[test]
fn a_former_name_that_nobody_has_is_an_error_and_so_is_one_that_two_claim() {
    let text = broken("name: nodes, size", "name: workers, renamedFrom: noeds, size")
        .replace("tier: nodes", "tier: workers");
    let found = findings_with(&text, &given("nodes", "10.40.16.0/20"));
    only(&found, "TIER-08", &text, "renamedFrom");
    assert!(found[0].hint.as_ref().unwrap().contains("`nodes`"));
    let both = broken(
        "tiers:\n",
        "tiers:\n  - { name: a, renamedFrom: x, size: /28, egress: none }\n  - { name: b, renamedFrom: x, size: /28, egress: none }\n",
    );
    only(&findings(&both), "TIER-06", &both, "name: b");
}

/// What others reach by its addresses is not sent into a range that they do not route.
#[test]
fn a_tier_that_is_reached_from_outside_is_not_sent_into_carrier_grade_ranges() {
    let hint = |tier: &str, egress: &str| {
        let text = format!(
            "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: a, region: eu-west-1 }}\nvpc: {{ cidr: 10.20.0.0/22 }}\ntiers:\n  - {{ name: a, size: /20, egress: none, serves: [{tier}] }}\n{egress}"
        );
        let found = findings(&text);
        let own = found.iter().find(|one| one.rule.id == "ADR-04").unwrap();
        own.hint.clone().unwrap()
    };
    let gateway =
        "egress: { transitGateway: { id: tgw-0123456789abcdef0, destinations: [10.0.0.0/9] } }\n";
    assert!(hint("nodes", "").contains("100.64.0.0"));
    for tier in ["nodes", "internalLoadBalancers"] {
        let own = hint(tier, gateway);
        assert!(!own.contains("100.64.") && own.contains("larger `cidr`"), "{tier}: {own}");
    }
}

#[test]
fn another_primary_cidr_is_another_vpc() {
    let stood = |ledger: &mut Ledger| {
        given("public", "10.40.16.0/24")(ledger);
        ledger.vpc_cidr = Some("10.40.0.0/15".parse().unwrap());
    };
    only(&findings_with(CLEAN, &stood), "VPC-08", CLEAN, "cidr");
    // The subnets of the VPC that goes are not told one by one.
    let planned = |ledger: &mut Ledger| {
        stood(ledger);
        ledger.subnets.clear();
        given("public", "10.41.16.0/24")(ledger);
    };
    only(&findings_with(CLEAN, &planned), "VPC-08", CLEAN, "cidr");
}

#[test]
fn a_zone_by_name_beside_standing_ids_may_be_one_of_them() {
    let text = broken("zones: 2", "zones: [eu-west-1a, eu-west-1b]");
    let one = |ledger: &mut Ledger| given("public", "10.40.16.0/24")(ledger);
    only(&findings_with(&text, &one), "ZON-04", &text, "zones");
}

#[test]
fn values_of_typed_keys_are_held_to_what_aws_node_takes() {
    let with = |node: &str| broken("nodeGroups:", &format!("awsNode: {node}\nnodeGroups:"));
    for (node, word) in [
        ("{ snat: { excludeCidrs: [10.0.0.1/8] } }", "10.0.0.1/8"),
        ("{ snat: { excludeCidrs: [10.0.0.0/8, foo] } }", "foo"),
        ("{ env: { AWS_VPC_K8S_CNI_VETHPREFIX: toolong } }", "toolong"),
        ("{ env: { AWS_VPC_K8S_PLUGIN_LOG_FILE: stdout } }", "stdout"),
        ("{ env: { ADDITIONAL_ENI_TAGS: not json } }", "not json"),
    ] {
        only(&findings(&with(node)), "SET-23", &with(node), word);
    }
}

#[test]
fn a_pin_of_a_tier_sized_by_demand_is_a_legal_subnet() {
    let pinned = |len: u8| {
        broken("size: /24,", &format!("size: auto, cidrs: {{ euw1-az1: 10.40.64.0/{len} }},"))
    };
    only(&findings(&pinned(29)), "SUB-01", &pinned(29), "public");
    only(&findings(&pinned(28)), "SUB-08", &pinned(28), "public");
    assert_eq!(findings(&pinned(26)), []);
}

#[test]
fn a_tier_that_discovery_never_reaches_is_said() {
    let text =
        broken("tiers:\n", "tiers:\n  - { name: pods, size: /20, egress: nat, serves: [pods] }\n")
            .replace("nodeGroups:", "awsNode: { subnetDiscovery: true }\nnodeGroups:");
    only(&findings(&text), "CN-09", &text, "name: pods");
    assert_eq!(
        findings(
            &text
                .replace("subnetDiscovery: true", "subnetDiscovery: true, prefixDelegation: false")
        ),
        []
    );
}

#[test]
fn an_endpoint_service_may_be_named_whole() {
    let of =
        |word: &str| broken("zones: 2", &format!("zones: 2\nendpoints: {{ include: [{word}] }}"));
    assert_eq!(findings(&of("com.amazonaws.eu-west-1.kms")), []);
    let template = |word: &str| crate::support::build(&of(word)).template.to_json();
    assert_eq!(template("com.amazonaws.eu-west-1.kms"), template("kms"));
    let named = |region: &str, word: &str| {
        of(word).replace("eu-west-1", region).replace("arn:aws:iam", "arn:aws-cn:iam")
    };
    let china = named("cn-north-1", "cn.com.amazonaws.cn-north-1.kms");
    assert_eq!(findings(&china), [], "China's services have a prefix of their own");
    let new = of("com.amazonaws.eu-west-1.some-news");
    only(&findings(&new), "PE-33", &new, "some-news");
    let other = of("com.amazonaws.eu-west-3.kms");
    only(&findings(&other), "PE-30", &other, "eu-west-3");
}

#[test]
fn nodes_that_are_wanted_at_once_have_room_and_groups_keep_to_their_quota() {
    let text = broken("size: /20, egress: nat", "size: /26, egress: nat")
        .replace("tier: nodes,", "tier: nodes, scaling: { desired: 200, max: 200 },");
    only(&findings(&text), "CAP-02", &text, "nodeGroups");
    // Each node gets its own address; what is refused are prefixes for its pods.
    let ready = text.replace("/26, egress", "/22, egress");
    only(&findings(&ready), "CAP-01", &ready, "nodeGroups");
    let many = broken("size: /20, egress: nat", "size: /17, from: 100.64.0.0/16, egress: nat")
        .replace("10.40.0.0/16", "10.40.0.0/16\n  secondaryCidrs: [100.64.0.0/16]")
        .replace("tier: nodes,", "tier: nodes, podsPerNode: 1, scaling: { max: 451 },");
    only(&findings(&many), "QUO-01", &many, "general");
}

#[test]
fn private_nat_stands_where_others_can_answer() {
    let text =
        std::fs::read_to_string(crate::support::root().join("blueprints/cgnat-on-prem.yaml"))
            .unwrap();
    assert_eq!(findings(&text), []);
    let pods = text.replace("privateNat: { tier: nodes,", "privateNat: { tier: pods,");
    only(&findings(&pods), "NAT-08", &pods, "privateNat");
    let idle = text.replace("  snat: { external: true }", "  snat: { external: false }");
    only(&findings(&idle), "NAT-11", &idle, "privateNat");
    let nowhere =
        text.replace("serves: [pods] }\n\nsecurityGroups", "serves: [pots] }\n\nsecurityGroups");
    only(&findings(&nowhere), "NAT-08", &nowhere, "privateNat");
}

/// What a VPN gateway learns goes past private NAT, and what the blueprint routes to any such gateway goes through it.
#[test]
fn private_nat_translates_what_the_blueprint_routes_to_gateways() {
    let with = |egress: &str, routes: &str| {
        let pods = "  - { name: pods, size: /18, from: 100.64.0.0/16, egress: nat, serves: [pods]ROUTES }\n";
        CLEAN
            .replace("cidr: 10.40.0.0/16", "cidr: 10.40.0.0/16\n  secondaryCidrs: [100.64.0.0/16]")
            .replace("tiers:\n", &format!("egress: {{ {egress} privateNat: {{ tier: nodes, serves: [pods] }} }}\nawsNode: {{ customNetworking: {{ tier: pods }}, snat: {{ external: true }} }}\ntiers:\n{pods}"))
            .replace("ROUTES", routes)
            .replace("serves: [nodes]", &format!("serves: [nodes]{routes}"))
    };
    const VPN: &str = "vgw-00000000000000001";
    let route = |via: &str| format!(", routes: [{{ to: 172.16.0.0/12, via: {via} }}]");
    let of = |text: &str| findings(text).iter().map(|one| one.rule.id).collect::<Vec<_>>();
    let learned = with(&format!("vpnGateway: {{ id: {VPN} }},"), "");
    only(&findings(&learned), "NAT-11", &learned, "privateNat");
    let written = with(&format!("vpnGateway: {{ id: {VPN}, propagate: false }},"), &route(VPN));
    assert_eq!(of(&written), [] as [&str; 0], "{written}");
    let attached_elsewhere = with("", &route("tgw-00000000000000001"));
    assert_eq!(of(&attached_elsewhere), ["RT-05", "RT-05"], "{attached_elsewhere}");
    assert_eq!(of(&with("", "")), ["NAT-08"]);
    let built = crate::support::build(&written);
    let target = |tier: &str, key: &str| {
        let id = format!("RouteTable{tier}Euw1Az117216001212");
        let found = built.template.resources().find(|(name, one)| {
            name.starts_with(&format!("RouteTable{tier}Euw1Az1"))
                && one["Properties"]["DestinationCidrBlock"] == "172.16.0.0/12"
        });
        found.unwrap_or_else(|| panic!("{id}")).1["Properties"][key].clone()
    };
    assert_eq!(target("Pods", "NatGatewayId")["Ref"], "NatGatewayPrivateEuw1Az1");
    assert_eq!(target("Nodes", "GatewayId"), VPN);
}

#[test]
fn severities_have_an_order() {
    assert!(Severity::Warning < Severity::Error);
}

fn ids(text: &str) -> Vec<&'static str> {
    findings(text).iter().map(|finding| finding.rule.id).collect()
}

fn error_ids(text: &str) -> Vec<&'static str> {
    let found = findings(text);
    found.iter().filter(|finding| finding.is_error()).map(|finding| finding.rule.id).collect()
}

#[test]
fn bounds_of_eks_hold_on_both_sides() {
    let group = |rest: &str| ids(&broken("tier: nodes,", &format!("tier: nodes, {rest},")));
    let key = |len: usize| format!("labels: {{ example.com/{}: x }}", "k".repeat(len - 12));
    assert_eq!(group(&key(63)), [""; 0]);
    assert_eq!(group(&key(64)), ["NG-11"]);
    let value = |len: usize| format!("labels: {{ team: {} }}", "v".repeat(len));
    assert_eq!(group(&value(63)), [""; 0]);
    assert_eq!(group(&value(64)), ["NG-11"]);
    let taints = |count: usize| {
        let all: Vec<String> =
            (0..count).map(|at| format!("{{ key: k{at}, effect: PreferNoSchedule }}")).collect();
        format!("taints: [{}]", all.join(", "))
    };
    assert_eq!(group(&taints(50)), [""; 0]);
    assert_eq!(group(&taints(51)), ["NG-11"]);
    assert_eq!(
        group("labels: { node.kubernetes.io/pool: a, k8s.amazonaws.com/eniConfig: b }"),
        [""; 0]
    );
    for label in ["kubernetes.io/x", "x.k8s.io/y", "eks.amazonaws.com/z"] {
        assert_eq!(group(&format!("labels: {{ {label}: a }}")), ["NG-11"], "{label}");
    }
    let types = |count: usize| {
        let all: Vec<&str> = TYPES_21.trim_matches(['[', ']']).split(", ").take(count).collect();
        ids(&broken("[m6i.large]", &format!("[{}]", all.join(", "))))
    };
    assert_eq!((types(20), types(21)), (vec![], vec!["NG-13"]));
}

#[test]
fn quotas_that_can_be_raised_are_warnings() {
    let profiles = |count: usize| {
        let all: Vec<String> = (0..count)
            .map(|at| {
                format!("{{ name: p{at}, tier: nodes, selectors: [{{ namespace: n{at} }}] }}")
            })
            .collect();
        findings(&broken("nodeGroups:", &format!("fargate: [{}]\nnodeGroups:", all.join(", "))))
    };
    assert_eq!(profiles(10), []);
    let found = profiles(11);
    assert_eq!((found[0].rule.id, found[0].is_error()), ("FG-02", false));
    assert!(found[0].hint.as_ref().unwrap().contains("L-33415657"), "{found:?}");
    let remote = findings(&broken("cluster:\n", REMOTE_MANY));
    assert_eq!((remote[0].rule.id, remote[0].is_error()), ("HYB-02", false));
    let fifteen = REMOTE_MANY.replace(", 10.80.15.0/24", "");
    assert_eq!(findings(&broken("cluster:\n", &fifteen)), []);
}

#[test]
fn callers_of_the_public_endpoint_come_from_the_internet() {
    let list = |cidrs: &str| {
        ids(&broken("public: false", &format!("public: true, publicCidrs: [{cidrs}]")))
    };
    for reserved in [
        "10.1.0.0/16",
        "100.64.0.0/10",
        "100.127.0.0/16",
        "172.31.0.0/16",
        "0.0.0.0/8",
        "192.0.0.0/24",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "255.255.255.255/32",
        "169.254.0.0/16",
    ] {
        assert_eq!(list(reserved), ["EP-05"], "{reserved}");
    }
    // What only contains a reserved range is not known to be refused.
    for open in ["203.0.113.0/24", "100.128.0.0/16", "172.32.0.0/16", "8.0.0.0/6", "192.0.1.0/24"] {
        assert_eq!(list(open), [""; 0], "{open}");
    }
    let many = |count: usize| {
        let all: Vec<String> = (0..count).map(|at| format!("203.0.{at}.0/24")).collect();
        list(&all.join(", "))
    };
    assert_eq!((many(40), many(41)), (vec![], vec!["EP-05"]));
}

#[test]
fn callers_by_ipv6_come_from_the_internet_too() {
    let list = |cidr: &str| {
        ids(&broken(
            "public: false",
            &format!("public: true, publicCidrs: [203.0.113.0/24, \"{cidr}\"]"),
        )
        .replace("cidr: 10.40.0.0/16", "cidr: 10.40.0.0/16\n  ipv6: amazon")
        .replace("cluster:\n", "cluster:\n  ipFamily: ipv6\n"))
    };
    assert_eq!(list("2001:db8::/32"), [""; 0]);
    for reserved in ["fc00::/7", "fd00::/8", "fe80::/10", "::1/128"] {
        assert_eq!(list(reserved), ["EP-05"], "{reserved}");
    }
}

#[test]
fn a_cluster_of_ipv6_has_no_other_cni() {
    let text = broken("cidr: 10.40.0.0/16", "cidr: 10.40.0.0/16\n  ipv6: amazon")
        .replace("cluster:\n", "cluster:\n  ipFamily: ipv6\n")
        .replace("nodeGroups:", "awsNode: { management: none }\nnodeGroups:");
    assert!(ids(&text).contains(&"ALT-06"), "{:?}", ids(&text));
}

#[test]
fn access_entries_name_one_principal_one_policy_and_namespaces_that_can_be() {
    let entry = |rest: &str| ids(&broken("policy: AmazonEKSViewPolicy", rest));
    for legal in [
        "policy: AmazonEKSSecretReaderPolicy",
        "policy: AmazonAIOpsAssistantPolicy",
        "policy: \"arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy\"",
        "policy: AmazonEKSViewPolicy, namespaces: [dev-*, \"*\", kube-system]",
    ] {
        assert_eq!(entry(legal), [""; 0], "{legal}");
    }
    for wrong in [
        "policy: \"arn:aws-cn:eks::aws:cluster-access-policy/AmazonEKSViewPolicy\"",
        "policy: AmazonEKSViewPolicy, namespaces: [Foo_Bar]",
        "policy: AmazonEKSViewPolicy, namespaces: []",
        "policy: AmazonEKSViewPolicy, namespaces: [\"\"]",
    ] {
        assert_eq!(entry(wrong), ["ACC-01"], "{wrong}");
    }
    let role = |name: &str| ids(&broken("role/ops", &format!("role/{name}")));
    assert_eq!(role(&"r".repeat(64)), [""; 0]);
    assert_eq!(role("path/to/ops"), [""; 0]);
    for name in ["*", "a b", "", &"r".repeat(65)] {
        assert_eq!(role(name), ["ACC-01"], "{name}");
    }
    let policies = |count: usize| {
        let all: Vec<String> = (0..count)
            .map(|at| {
                let name: String = format!("{at:02}").chars().map(|one| if one == '0' { 'x' } else { one }).collect();
                format!("{{ principal: \"arn:aws:iam::111122223333:role/ops\", policy: AmazonEKS{name}Policy }}")
            })
            .collect();
        error_ids(&broken(
            "{ principal: \"arn:aws:iam::111122223333:role/ops\", policy: AmazonEKSViewPolicy }",
            &all.join(", "),
        ))
    };
    assert_eq!((policies(20), policies(21)), (vec![], vec!["ACC-01"]));
}

#[test]
fn selectors_match_coredns_by_namespace_and_labels() {
    let selector = |text: &str| {
        ids(&broken(
            "nodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large] }",
            &format!("fargate: [{{ name: jobs, tier: nodes, selectors: [{text}] }}]"),
        ))
    };
    for taken in [
        "{ namespace: kube-system }",
        "{ namespace: \"kube-*\" }",
        "{ namespace: \"?ube-system\" }",
        "{ namespace: k*m }",
        "{ namespace: \"**\" }",
        "{ namespace: kube-system, labels: { k8s-app: kube-dns } }",
    ] {
        assert_eq!(selector(taken), [""; 0], "{taken}");
    }
    for missed in [
        "{ namespace: kube-system, labels: { k8s-app: metrics-server } }",
        "{ namespace: kube-public }",
    ] {
        assert_eq!(selector(missed), ["FG-05"], "{missed}");
    }
}

#[test]
fn fargate_is_in_zones_that_have_it() {
    let with = |zones: &str| {
        ids(&broken(
            "nodeGroups:",
            "fargate: [{ name: jobs, tier: nodes, selectors: [{ namespace: jobs }] }]\nnodeGroups:",
        )
        .replace("eu-west-1", "ca-central-1")
        .replace("zones: 2", zones))
    };
    assert_eq!(with("zones: [cac1-az1, cac1-az4]"), ["FG-08"]);
    assert_eq!(with("zones: [cac1-az1, cac1-az2]"), [""; 0]);
}

#[test]
fn amis_follow_the_accelerators_of_their_types() {
    let group = |rest: &str| ids(&broken("[m6i.large]", rest));
    for legal in
        ["[p4d.24xlarge]", "[g5.xlarge]", "[g5g.xlarge]", "[inf2.xlarge]", "[trn1.2xlarge]"]
    {
        assert_eq!(group(legal), [""; 0], "{legal}");
    }
    for (refused, rule) in [
        ("[m6i.large], amiType: AL2023_x86_64_NEURON", "NG-06"),
        ("[p4d.24xlarge], amiType: AL2023_x86_64_STANDARD", "NG-06"),
        ("[inf2.xlarge], amiType: AL2023_x86_64_NVIDIA", "NG-12"),
        ("[r6i.large], amiType: AL2023_x86_64_NVIDIA", "NG-12"),
    ] {
        assert_eq!(group(refused), [rule], "{refused}");
    }
}

#[test]
fn kube_proxy_is_missed_where_nothing_else_brings_it() {
    let with = |rest: &str| ids(&broken("nodeGroups:", &format!("{rest}\nnodeGroups:")));
    assert_eq!(
        with("addons: [eks-pod-identity-agent]\nawsNode: { securityGroupsForPods: {} }"),
        ["ADD-07"]
    );
    assert_eq!(with("addons: [coredns]\nawsNode: { management: none }"), ["NG-16"]);
    let kept = broken("AmazonEKSViewPolicy", "AmazonEKSClusterAdminPolicy")
        .replace("nodeGroups:", "addons: [coredns, eks-pod-identity-agent]\nawsNode: { management: selfManaged }\nnodeGroups:");
    assert_eq!(ids(&kept), [""; 0]);
}

#[test]
fn auto_mode_has_nodes_like_any_other() {
    let auto = |rest: &str| {
        broken("nodeGroups:\n  - { name: general, tier: nodes, instanceTypes: [m6i.large] }\n", "")
            .replace(
                "  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }\n",
                "",
            )
            .replace("cluster:\n", "cluster:\n  autoMode: {}\n")
            .replace("private: true, public: false", rest)
    };
    let public = "private: false, public: true, publicCidrs: [203.0.113.0/24]";
    assert_eq!(ids(&auto(public)), ["EP-08"]);
    assert_eq!(
        ids(&auto("private: false, public: true, publicCidrs: [203.0.113.0/24, natGateways]")),
        [""; 0]
    );
    let shut = auto("private: false, public: true, publicCidrs: [203.0.113.0/24]")
        .replace("egress: nat,", "egress: none,")
        .replace("zones: 2", "zones: 2\nendpoints: auto");
    assert_eq!(ids(&shut), ["EP-09"]);
    let excluded = shut
        .replace("endpoints: auto", "endpoints: { exclude: [ecr.api, ecr.dkr, s3, ec2] }")
        .replace(public, "private: true, public: false");
    assert_eq!(ids(&excluded), ["PE-01", "PE-01", "PE-02", "PE-03"]);
}

#[test]
fn endpoints_are_for_any_service_that_has_them() {
    for service in ["bedrock-runtime", "ecs", "elasticache", "inspector2", "ec2-fips", "kms"] {
        let text = broken("zones: 2", &format!("zones: 2\nendpoints: {{ include: [{service}] }}"));
        assert_eq!(findings(&text), [], "{service}");
    }
}

#[test]
fn letters_that_end_a_line_for_some_readers_are_refused_outside_of_quotes() {
    let text = broken("  name: shop", "  name: shop # a\u{2028}b");
    let found = findings(&text);
    assert!(found.iter().any(|finding| finding.rule.id == "YAML-10"), "{found:?}");
}

#[test]
fn a_long_list_of_findings_ends_with_their_number() {
    let routes: Vec<String> =
        (0..150).map(|at| format!("{{ to: 10.99.{at}.0/24, via: office }}")).collect();
    let text = broken(
        "serves: [controlPlane] }",
        &format!("serves: [controlPlane], routes: [{}] }}", routes.join(", ")),
    );
    let all = findings(&text);
    let shown = eksnet::diagnostic::capped(&all);
    assert_eq!((all.len(), shown.len()), (150, 101));
    assert!(
        shown[100].rule.id == "MORE-01" && shown[100].message.contains("50"),
        "{:?}",
        shown[100]
    );
}

/// The words are the same as for a tier that comes while another goes: only the lock knows that one had these zones.
#[test]
fn a_tier_with_a_new_name_is_asked_for_its_former_one() {
    let ledger = crate::support::build(CLEAN).plan.ledger;
    let found = |text: &str| -> Vec<(&'static str, String)> {
        let built = crate::support::build_over(text, Some(&ledger));
        built.warnings.iter().map(|one| (one.rule.id, one.path.clone())).collect()
    };
    assert_eq!(found(CLEAN), []);
    let renamed =
        CLEAN.replace("name: nodes", "name: workers").replace("tier: nodes", "tier: workers");
    assert_eq!(found(&renamed), [("TIER-11", "tiers[1].name".to_string())]);
    assert_eq!(found(&renamed.replace("name: workers", "name: workers, renamedFrom: nodes")), []);
    let other = renamed.replace("name: workers, size: /20", "name: workers, size: /21");
    assert_eq!(found(&other), [], "another tier");
}
