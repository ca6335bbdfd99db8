//! Rules: security groups, network ACLs, alarms.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &SEC_03, &SG_01, &SG_02, &SG_03, &SG_04, &SG_05, &EP_10, &SGP_06, &NACL_01, &NACL_05, &NACL_02,
    &NACL_03, &NACL_04, &NACL_06, &NACL_07, &NACL_08, &MON_03,
];

pub static SEC_03: Rule = warning("SEC-03", "security groups should not admit the whole internet")
    .why("what listens on a node or in a pod is found within minutes; load balancers get rules of their own from their controller")
    .sources(&[&HUB_EC2])
    .example(
        "nodes: { ingress: [{ from: 0.0.0.0/0, ports: 22 }] }",
        "nodes: { ingress: [{ from: 10.0.0.0/8, ports: 22 }] }",
    );

pub static SG_01: Rule = error(
    "SG-01",
    "security group rules must belong to a group",
    NotBuilt("there is no group to put the rules in"),
)
.why("with `mode: shared` nodes and pods use the cluster security group, which allows all traffic among them")
.sources(&[&EKS_SECURITY_GROUPS])
.example(
    "securityGroups: { nodes: { ingress: [{ from: 10.0.0.0/8 }] } }",
    "securityGroups: { mode: leastPrivilege, nodes: { ingress: [{ from: 10.0.0.0/8 }] } }",
);

pub static SG_02: Rule = error(
    "SG-02",
    "pods with interfaces of their own must have security groups",
    Fails("no packet is ever compared with these rules"),
)
.why("without custom networking a pod's packets come through its node's interface, and so through the node's groups")
.sources(&[&EKS_CUSTOM_NETWORKING])
.example(
    "securityGroups: { mode: leastPrivilege, pods: { ingress: [ … ] } }",
    "awsNode: { customNetworking: { tier: pods } }\nsecurityGroups: { mode: leastPrivilege, pods: { ingress: [ … ] } }",
);

pub static SG_03: Rule = error(
    "SG-03",
    "a security group rule must name its peer and its ports",
    Refused("EC2 AuthorizeSecurityGroupIngress: InvalidParameterValue, InvalidGroupId.Malformed"),
)
.why("EC2 accepts a CIDR, a security group or a prefix list (ids with 8 or 17 hexadecimal digits), and ports of tcp and udp only")
.sources(&[&AUTHORIZE_INGRESS])
.example(
    "ingress: [{ from: office, ports: https }]",
    "ingress: [{ from: 10.80.0.0/16, ports: 443 }]",
);

pub static SG_04: Rule = error(
    "SG-04",
    "a security group rule must be given once",
    Refused("EC2 AuthorizeSecurityGroupIngress: InvalidPermission.Duplicate"),
)
.why("EC2 refuses the second with InvalidPermission.Duplicate")
.sources(&[&AUTHORIZE_INGRESS])
.example(
    "ingress: [{ from: 10.0.0.0/8, ports: 443 }, { from: 10.0.0.0/8, ports: 443 }]",
    "ingress: [{ from: 10.0.0.0/8, ports: 443 }]",
);

pub static SG_05: Rule = warning("SG-05", "a security group should have at most 60 rules per address family and direction")
    .why("more need a raised quota (L-0EA8095F); IPv4 and IPv6 are counted apart, a group as a peer in both, a prefix list as often as it may have entries")
    .sources(&[&VPC_QUOTAS])
    .example("ingress: [ 61 of them ]", "ingress: [ fewer, summarized ]");

pub static EP_10: Rule = warning("EP-10", "a private API should admit at least one caller")
    .why("the group of the control plane admits nodes and pods only: kubectl and pipelines time out, from inside of the VPC, too")
    .sources(&[&EKS_ENDPOINT])
    .example(
        "endpointAccess: { private: true, public: false }",
        "endpointAccess: { private: true, public: false }\nsecurityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8 }] } }",
    );

pub static SGP_06: Rule =
    warning("SGP-06", "pods with security groups of their own should be admitted by the cluster's DNS over TCP and UDP")
        .why("their packets carry their own groups, which the nodes' group knows nothing of; their groups exist only after the VPC, their range from the beginning")
        .sources(&[&EKS_POD_GROUPS])
        .example(
            "mode: leastPrivilege   # and securityGroupsForPods",
            "nodes: { ingress: [{ from: 10.40.0.0/16, ports: 53, protocol: udp }, { from: 10.40.0.0/16, ports: 53 }] }",
        );

pub static NACL_01: Rule = warning(
    "NACL-01",
    "a network ACL should have at most 20 rules in a direction, including eksnet's own",
)
.why("more need a raised quota, and 40 is its end")
.sources(&[&VPC_QUOTAS])
.example(
    "networkAcl: { ingress: [ 20 of them ] }",
    "networkAcl: { ingress: [{ from: 10.0.0.0/8 }] }",
);

pub static NACL_05: Rule = error(
    "NACL-05",
    "a network ACL must have at most 40 rules in a direction",
    Refused("EC2 CreateNetworkAclEntry: NetworkAclEntryLimitExceeded"),
)
.why("no raised quota goes beyond")
.sources(&[&VPC_QUOTAS])
.example(
    "networkAcl: { ingress: [ 40 of them ] }",
    "networkAcl: { ingress: [{ from: 10.0.0.0/8 }] }",
);

pub static NACL_02: Rule = error(
    "NACL-02",
    "ACL rules of a tier must have a network ACL",
    NotBuilt("there is no ACL to put the rules in"),
)
.why("without `networkAcls: perTier` its subnets keep the VPC's default ACL")
.sources(&[&VPC_ACLS])
.example("networkAcl: { ingress: [{ from: 10.0.0.0/8 }] }", "networkAcls: perTier");

pub static NACL_03: Rule = error(
    "NACL-03",
    "network ACL rules must name ranges",
    Refused("EC2 CreateNetworkAclEntry: InvalidParameterValue"),
)
.why("neither security groups nor prefix lists")
.sources(&[&CREATE_ACL_ENTRY])
.example(
    "networkAcl: { ingress: [{ from: sg-0123456789abcdef0 }] }",
    "networkAcl: { ingress: [{ from: 10.0.0.0/8 }] }",
);

pub static NACL_04: Rule = warning("NACL-04", "network ACLs should admit the ranges behind a tier's routes")
    .why("routes that a VPN gateway learns, and prefix lists, bring packets whose ranges are not in the blueprint")
    .sources(&[&VPC_ACLS])
    .example(
        "networkAcls: perTier\nvpnGateway: { id: vgw-00000000000000001 }",
        "networkAcl: { ingress: [{ from: 10.20.0.0/16, protocol: all }], egress: [{ to: 10.20.0.0/16, protocol: all }] }",
    );

pub static NACL_06: Rule = error(
    "NACL-06",
    "a deny rule must leave the VPC's own traffic alone",
    Fails("nodes reach neither the API nor DNS, or the control plane no kubelet"),
)
.why("rules that deny come first, and a network ACL judges traffic between subnets of the VPC, too")
.sources(&[&VPC_ACLS])
.example(
    "networkAcl: { ingress: [{ from: 10.0.0.0/8, protocol: all, action: deny }] }   # in a VPC of 10.40.0.0/16",
    "networkAcl: { ingress: [{ from: 198.51.100.0/24, protocol: all, action: deny }] }",
);

pub static NACL_07: Rule = warning(
    "NACL-07",
    "a deny rule should leave the ports of answers alone",
)
.why("a network ACL keeps no state, and a client chooses a port of 1024 to 65535 for the answers to its connection")
.sources(&[&VPC_ACLS])
.example(
    "networkAcl: { ingress: [{ from: 0.0.0.0/0, ports: 3389, action: deny }] }",
    "networkAcl: { ingress: [{ from: 0.0.0.0/0, ports: 22, action: deny }] }",
);

pub static NACL_08: Rule = warning("NACL-08", "an allow rule should not be within a deny rule")
    .why("rules that deny are judged first, wherever they are written")
    .sources(&[&VPC_ACLS])
    .example(
        "networkAcl: { ingress: [{ from: 198.51.100.0/24, protocol: all, action: deny }, { from: 198.51.100.7/32 }] }",
        "networkAcl: { ingress: [{ from: 198.51.100.0/25, protocol: all, action: deny }, { from: 198.51.100.200/32 }] }",
    );

pub static MON_03: Rule = error(
    "MON-03",
    "alarms must go to an SNS topic",
    Refused("CloudWatch PutMetricAlarm: ValidationError"),
)
.why("CloudWatch accepts an ARN")
.sources(&[&PUT_ALARM])
.example(
    "alarms: { notify: on-call }",
    "alarms: { notify: \"arn:aws:sns:eu-west-1:111122223333:on-call\" }",
);
