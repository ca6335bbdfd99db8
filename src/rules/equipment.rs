//! Rules: what the nodes of a group are made of, and how they are looked after.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &NG_18, &NG_19, &NG_20, &NG_21, &NG_22, &NG_23, &NG_33, &NG_24, &NG_25, &NG_34, &NG_26, &NG_27,
    &NG_28, &NG_29, &NG_30, &NG_31, &NG_32, &NG_35, &NG_36, &NG_37, &VOL_01, &VOL_02, &VOL_03,
    &VOL_04, &VOL_05, &WIN_01, &WIN_02, &WIN_03, &WIN_04, &WIN_05,
];

pub static NG_18: Rule = error(
    "NG-18",
    "a short form must stand alone",
    NotBuilt("the two forms may say different things"),
)
.why("`amiType` is short for `ami: { type }`, `diskSize` for `volume: { size }`")
.sources(&[&HOUSE])
.example("diskSize: 80\nvolume: { type: gp3 }", "volume: { size: 80, type: gp3 }");

pub static NG_19: Rule = error(
    "NG-19",
    "a node group's zones must be zones of its tier",
    NotBuilt("the tier has no subnet in any other zone"),
)
.why("a node group is given subnets, and a tier has one in each of its zones")
.sources(&[&CREATE_NODEGROUP])
.example(
    "zones: [eu-west-1a, eu-west-1b]\nnodeGroups: [{ name: a, zones: [eu-west-1c] }]",
    "zones: [eu-west-1a, eu-west-1b]\nnodeGroups: [{ name: a, zones: [eu-west-1b] }]",
);

pub static NG_20: Rule = error(
    "NG-20",
    "an image must be named once, with the AMI type that it was built from",
    NotBuilt("EKS adds nothing to the user data of such an image, and eksnet writes it in the words of the type"),
)
.why("AL2023 images expect a NodeConfig, Bottlerocket settings, Windows a script; and EKS accepts no release version for a custom AMI")
.sources(&[&EKS_LAUNCH_TEMPLATES])
.example(
    "ami: { id: ami-0123456789abcdef0 }",
    "ami: { id: ami-0123456789abcdef0, type: AL2023_x86_64_STANDARD }",
);

pub static NG_21: Rule = error(
    "NG-21",
    "images and releases must have the right form",
    Refused("EKS CreateNodegroup: InvalidParameterException"),
)
.why("an image is `ami-…`, a parameter has a name, and a release of an AL2023 or Windows AMI begins with the cluster's Kubernetes version")
.sources(&[&CREATE_NODEGROUP, &EKS_LAUNCH_TEMPLATES])
.example("ami: { id: my-image, type: AL2023_x86_64_STANDARD }", "ami: { id: ami-0123456789abcdef0, type: AL2023_x86_64_STANDARD }");

pub static NG_22: Rule = error(
    "NG-22",
    "capacity must be on demand, spot, or one reservation",
    Refused("EC2 CreateLaunchTemplate: InvalidParameterValue"),
)
.why("a reservation is named by its id, and a group draws on one kind of capacity: Spot instances run in no reservation")
.sources(&[&EKS_CAPACITY_BLOCKS, &EC2_RESERVATIONS])
.example("capacity: { reservation: cr-00000000000000001, block: cr-00000000000000002 }", "capacity: { block: cr-0123456789abcdef0 }");

pub static NG_23: Rule = error(
    "NG-23",
    "a group of a Capacity Block must have one accelerated instance type and one zone",
    Refused("EKS CreateNodegroup: InvalidParameterException"),
)
.why("a block is of one type of the families P and Trn in one zone: the type goes into the launch template, and the group gets the subnet of that zone only")
.sources(&[&EKS_CAPACITY_BLOCKS])
.example(
    "instanceTypes: [p5.48xlarge, p5e.48xlarge]\ncapacity: { block: cr-0123456789abcdef0 }",
    "instanceTypes: [p5.48xlarge]\nzones: [eu-west-1a]\ncapacity: { block: cr-0123456789abcdef0 }",
);

pub static NG_33: Rule =
    warning("NG-33", "a group of a Capacity Reservation should have one instance type and one zone")
        .why("a reservation is of one type in one zone: instances of other types, or in other zones, do not start")
        .sources(&[&EC2_RESERVATIONS])
        .example(
            "zones: 3\ncapacity: { reservation: cr-0123456789abcdef0 }",
            "zones: 3\nnodeGroups: [{ name: a, zones: [euw1-az1], capacity: { reservation: cr-0123456789abcdef0 } }]",
        );

pub static NG_24: Rule = error(
    "NG-24",
    "`nodeConfig` must be a NodeConfig without what eksnet computes",
    Fails("nodeadm stops on a word that it does not know, and the node never joins"),
)
.why("nodeadm merges the author's part with EKS's, and the later value of a key wins: a value for the cluster, max pods or DNS would be lost; only AL2023 images have nodeadm")
.sources(&[&NODEADM, &EKS_LAUNCH_TEMPLATES])
.example(
    "nodeConfig: { kubelet: { config: { maxPods: 58 } } }",
    "maxPods: 58\nnodeConfig: { kubelet: { config: { shutdownGracePeriod: 30s } } }",
);

pub static NG_25: Rule = error(
    "NG-25",
    "`bottlerocket` must be settings without what eksnet computes",
    Refused("EKS CreateNodegroup: Ec2LaunchTemplateInvalidConfiguration"),
)
.why("EKS merges the settings with its own and reads a part of TOML only; other images than Bottlerocket's do not read them at all")
.sources(&[&EKS_LAUNCH_TEMPLATES])
.example(
    "bottlerocket: { kubernetes: { max-pods: 58 } }",
    "maxPods: 58\nbottlerocket: { kubernetes: { image-gc-high-threshold-percent: 80 } }",
);

pub static NG_34: Rule = error(
    "NG-34",
    "user data must have at most 16 KiB",
    Refused("EC2 CreateLaunchTemplate: InvalidUserData.Malformed"),
)
.why("a node's own configuration travels in the instance's user data")
.sources(&[&EC2_USER_DATA])
.example(
    "nodeConfig: { … 20 KiB … }",
    "nodeConfig: { kubelet: { config: { shutdownGracePeriod: 30s } } }",
);

pub static NG_26: Rule =
    warning("NG-26", "the metadata service should have an IPv6 address only in subnets with IPv6")
        .why("the IPv6 endpoint answers in subnets with IPv6 only")
        .sources(&[&EC2_IMDS])
        .example(
            "imds: { ipv6: true }",
            "vpc: { ipv6: amazon }\nnodeGroups: [{ name: a, imds: { ipv6: true } }]",
        );

pub static NG_27: Rule = warning("NG-27", "a cap of pods should be below what a node holds")
    .why("`maxPods` is a cap: a node holds no more than its interfaces carry and EKS allows, whatever is written")
    .sources(&[&EKS_INSTANCE_TYPES])
    .example("instanceTypes: [m6i.large]\nmaxPods: 200", "instanceTypes: [m6i.large]\nmaxPods: 58");

pub static NG_28: Rule = error(
    "NG-28",
    "nodes must hold more pods than their DaemonSets",
    Fails("aws-node and kube-proxy use all of it: no other pod is ever scheduled"),
)
.why("aws-node and kube-proxy run on every node and count")
.sources(&[&EKS_INSTANCE_TYPES])
.example("maxPods: 2", "maxPods: 20");

pub static NG_29: Rule = error(
    "NG-29",
    "`policies` must be ARNs of managed policies, 25 on a role at most",
    Refused("IAM AttachRolePolicy: InvalidInput or LimitExceeded"),
)
.why("a role accepts policies of its partition by their ARNs, and its quota can be raised to 25, those that every node needs included")
.sources(&[&IAM_QUOTAS])
.example(
    "policies: [AmazonS3ReadOnlyAccess]",
    "policies: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]",
);

pub static NG_30: Rule = warning("NG-30", "a policy of one group should be on a role of its own")
    .why("groups share one role unless they say `role: own`: what is added to it for one of them, the nodes of all of them may do")
    .sources(&[&HOUSE])
    .example(
        "nodeGroups: [{ name: a, policies: [arn:…] }, { name: b }]",
        "nodeGroups: [{ name: a, policies: [arn:…], role: own }, { name: b }]",
    );

pub static NG_31: Rule = error(
    "NG-31",
    "further security groups must be ids, 16 groups on an interface at most",
    Refused("EC2 RunInstances: InvalidGroupId.Malformed, SecurityGroupsPerInterfaceLimitExceeded"),
)
.why("nodes keep the group that lets them reach the control plane, and no raised quota goes beyond 16")
.sources(&[&VPC_QUOTAS, &EKS_LAUNCH_TEMPLATES])
.example("securityGroups: [web]", "securityGroups: [sg-0123456789abcdef0]");

pub static NG_32: Rule = error(
    "NG-32",
    "an update must take down 1 to 100 nodes, or 1 % to 100 %",
    Refused("EKS CreateNodegroup: InvalidParameterException"),
)
.why("EKS accepts a number of nodes or a percentage, and replaces at most 100 at once")
.sources(&[&NODEGROUP_UPDATE])
.example("update: { maxUnavailable: 0 }", "update: { maxUnavailable: 33% }");

pub static NG_35: Rule = warning("NG-35", "defaults should have node groups")
    .why("without a node group nothing has them")
    .sources(&[&HOUSE])
    .example(
        "nodeGroupDefaults: { capacity: spot }",
        "nodeGroupDefaults: { capacity: spot }\nnodeGroups: [{ name: a }]",
    );

pub static NG_36: Rule = warning("NG-36", "a role should have ten managed policies at most")
    .why("IAM attaches ten to a role unless the account's quota L-0DA4ABF3 was raised, those that every node needs included")
    .sources(&[&IAM_QUOTAS])
    .example(
        "policies: [\"arn:aws:iam::111122223333:policy/a\"]   # and nine others",
        "policies: [\"arn:aws:iam::111122223333:policy/a\"]",
    );

pub static NG_37: Rule = warning("NG-37", "an interface of nodes should have at most five security groups")
    .why("more need a raised quota (L-2AFB9258): EC2 starts no instance otherwise, and the group that lets nodes reach the control plane is one of them")
    .sources(&[&VPC_QUOTAS, &EKS_LAUNCH_TEMPLATES])
    .example(
        "securityGroups: [sg-0123456789abcdef0]   # and four others",
        "securityGroups: [sg-0123456789abcdef0]",
    );

pub static VOL_01: Rule = error(
    "VOL-01",
    "operations and throughput must be set where the volume type accepts them",
    Refused("EC2 RunInstances: InvalidParameterCombination"),
)
.why("io1 and io2 have no number of operations of their own; gp2's follows from its size; only gp3 accepts a throughput")
.sources(&[&EBS_VOLUMES, &EBS_DEVICE])
.example("volume: { type: io2 }", "volume: { type: io2, iops: 10000 }");

pub static VOL_02: Rule = error(
    "VOL-02",
    "operations must keep to the volume type's bounds and to its size",
    Refused("EC2 RunInstances: InvalidParameterValue"),
)
.why("gp3: 3,000 to 80,000 and 500 a GiB; io1: 100 to 64,000 and 50 a GiB; io2: 100 to 256,000 and 1,000 a GiB")
.sources(&[&EBS_VOLUMES, &EBS_PROVISIONED])
.example("volume: { size: 20, iops: 16000 }", "volume: { size: 50, iops: 16000 }");

pub static VOL_03: Rule = error(
    "VOL-03",
    "throughput must keep to gp3's bounds and to its operations",
    Refused("EC2 RunInstances: InvalidParameterValue"),
)
.why("125 to 2,000 MiB a second, and 0.25 for each operation a second")
.sources(&[&EBS_VOLUMES])
.example("volume: { throughput: 1000 }", "volume: { throughput: 1000, iops: 4000 }");

pub static VOL_04: Rule = error(
    "VOL-04",
    "a volume's key must be a KMS key of the stack's Region",
    Fails("no instance starts: Client.InternalError, and the group fails"),
)
.why("EBS uses keys of its own Region and partition")
.sources(&[&EBS_ENCRYPTION])
.example("volume: { kmsKey: my-key }", "volume: { kmsKey: alias/nodes }");

pub static VOL_05: Rule = error(
    "VOL-05",
    "a volume must hold its image, within the size of its type",
    Refused("EC2 RunInstances: InvalidBlockDeviceMapping, InvalidParameterValue"),
)
.why("EKS's Linux images come with 20 GiB; gp3 and io2 have at most 65,536 GiB, gp2 and io1 16,384")
.sources(&[&EBS_VOLUMES, &EBS_DEVICE])
.example("volume: { size: 10 }", "volume: { size: 20 }");

pub static WIN_01: Rule = error(
    "WIN-01",
    "Windows nodes must have the add-on's Windows support",
    Fails("no pod on a Windows node gets an address"),
)
.why("addresses of Windows pods come from a controller in the control plane, which the vpc-cni add-on switches on")
.sources(&[&EKS_WINDOWS, &RESOURCE_CONTROLLER])
.example(
    "amiType: WINDOWS_CORE_2022_x86_64",
    "awsNode: { windows: true }\nnodeGroups: [{ name: a, ami: { type: WINDOWS_CORE_2022_x86_64 }, role: own }]",
);

pub static WIN_02: Rule = error(
    "WIN-02",
    "Windows nodes must be in a cluster of IPv4 without custom networking",
    Fails("pods on Windows nodes get no address"),
)
.why("Windows pods have IPv4 addresses of the node's own subnet, on its one interface")
.sources(&[&EKS_WINDOWS])
.example(
    "cluster: { ipFamily: ipv6 }\nnodeGroups: [{ name: a, amiType: WINDOWS_CORE_2022_x86_64 }]",
    "cluster: { ipFamily: ipv4 }\nnodeGroups: [{ name: a, amiType: WINDOWS_CORE_2022_x86_64 }]",
);

pub static WIN_03: Rule = error(
    "WIN-03",
    "Windows and Linux nodes must not share a role",
    Fails("EKS keeps one access entry for a role, and kube-proxy on Windows has no permissions with one of Linux nodes"),
)
.why("access entries are of Linux nodes or of Windows nodes, and a role has one")
.sources(&[&EKS_WINDOWS, &EKS_CREATE_ACCESS_ENTRY])
.example(
    "nodeGroups: [{ name: linux }, { name: win, amiType: WINDOWS_CORE_2022_x86_64 }]",
    "nodeGroups: [{ name: linux }, { name: win, amiType: WINDOWS_CORE_2022_x86_64, role: own }]",
);

pub static WIN_04: Rule = error(
    "WIN-04",
    "a cap of pods on Windows must come with an image",
    NotBuilt("EKS's own part of the script is the one that starts the kubelet"),
)
.why("only of a custom AMI eksnet writes the script that starts the kubelet")
.sources(&[&EKS_LAUNCH_TEMPLATES])
.example(
    "ami: { type: WINDOWS_CORE_2022_x86_64 }\nmaxPods: 5",
    "ami: { type: WINDOWS_CORE_2022_x86_64, id: ami-0123456789abcdef0 }\nmaxPods: 5",
);

pub static WIN_05: Rule = error(
    "WIN-05",
    "volumes of Windows nodes must have 50 GiB or more",
    Refused("EC2 RunInstances: InvalidBlockDeviceMapping, volume smaller than its snapshot"),
)
.why("EKS's Windows images are of 50 GiB")
.sources(&[&EKS_WINDOWS])
.example("diskSize: 30", "diskSize: 50");
