//! Rules: what one CloudFormation update cannot do, though both sides of it are legal.

use super::{Rule, error, warning};

const ORDER: &str = "CloudFormation user guide, update behaviors of stack resources: new resources are created first, old ones deleted last";

pub(super) const RULES: &[&Rule] =
    &[&UPD_01, &UPD_02, &UPD_03, &UPD_04, &UPD_05, &UPD_06, &UPD_07, &UPD_08, &UPD_09];

pub static UPD_01: Rule = error(
    "UPD-01",
    "one resource at a time has a physical key",
    "what AWS tells resources apart by (a route's table and destination, a rule, an entry's principal) is held until the clean-up: the creation fails, or the clean-up deletes both",
    ORDER,
    (
        "access: [{ principal: arn:…, type: ec2Linux }]   # was standard",
        "access: []   # and the new entry in the next deployment",
    ),
);

pub static UPD_02: Rule = error(
    "UPD-02",
    "an update stays within quotas that AWS does not raise",
    "what goes still counts while what comes is created",
    ORDER,
    (
        "(25 network ACL rules exchanged for 25 others: 50 in between)",
        "(removed in one deployment, added in the next)",
    ),
);

pub static UPD_03: Rule = warning(
    "UPD-03",
    "an update stays within quotas",
    "what goes still counts while what comes is created: at the quota the update fails and rolls back",
    ORDER,
    (
        "secondaryCidrs: [10.44.0.0/16, 10.45.0.0/16, 10.46.0.0/16]   # for three others",
        "secondaryCidrs: []   # and the new ones in the next deployment",
    ),
);

pub static UPD_04: Rule = error(
    "UPD-04",
    "nodes that run keep a way out",
    "a subnet gives public addresses to new interfaces only, and behind an internet gateway a node without one reaches nothing",
    "VPC user guide, internet gateways; EC2, ModifySubnetAttribute",
    (
        "- { name: nodes, egress: internet }   # was nat, with node groups in it",
        "- { name: nodes-2, egress: internet }   # with a node group of its own, beside `nodes`",
    ),
);

pub static UPD_05: Rule = error(
    "UPD-05",
    "an attachment leaves a transit gateway route table before it joins another",
    "CloudFormation cannot update the association: Resource.AlreadyAssociated",
    "CloudFormation, AWS::EC2::TransitGatewayRouteTableAssociation",
    (
        "transitGateway: { routeTable: tgw-rtb-0b }   # was tgw-rtb-0a",
        "transitGateway: { id: tgw-1 }   # and `routeTable` in the next deployment",
    ),
);

pub static UPD_06: Rule = error(
    "UPD-06",
    "node groups exist before Auto Mode is switched off",
    "EKS terminates all nodes of Auto Mode as soon as it is off",
    "EKS user guide, disable EKS Auto Mode",
    (
        "nodeGroups: [{ name: general }]   # was autoMode",
        "nodeGroups: [{ name: general }]   # beside autoMode, which goes in the next deployment",
    ),
);

pub static UPD_07: Rule = error(
    "UPD-07",
    "a protected cluster is not removed",
    "EKS refuses to delete it, after CloudFormation has deleted everything around it",
    "EKS API reference, DeleteCluster; EKS user guide, deletion protection",
    ("(no `cluster:` any more)", "cluster: { deletionProtection: false }   # deployed first"),
);

pub static UPD_08: Rule = error(
    "UPD-08",
    "an endpoint or attachment keeps its subnet in a zone",
    "EC2 accepts one subnet in a zone: DuplicateSubnetsInSameZone while the new one is added before the old one is taken out",
    "EC2 API reference, ModifyVpcEndpoint, ModifyTransitGatewayVpcAttachment",
    ("endpoints: { tier: b }   # was a, in the same zones", "endpoints: { tier: a }"),
);

pub static UPD_09: Rule = warning(
    "UPD-09",
    "Auto Mode comes before node groups go",
    "the clean-up deletes CoreDNS before it drains the old nodes: their pods have no cluster DNS",
    ORDER,
    (
        "autoMode: {}   # and no `nodeGroups` any more",
        "autoMode: {}   # beside `nodeGroups`, which go in the next deployment",
    ),
);
