//! Rules: what one CloudFormation update cannot do, though both sides of it are legal.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &UPD_01, &UPD_02, &UPD_03, &UPD_04, &UPD_05, &UPD_06, &UPD_07, &UPD_08, &UPD_09, &UPD_10,
    &UPD_11, &UPD_12, &UPD_13, &UPD_14,
];

pub static UPD_01: Rule = error(
    "UPD-01",
    "two resources must not share a physical key during an update",
    Refused("EC2 CreateRoute: RouteAlreadyExists; EC2 AuthorizeSecurityGroupIngress: InvalidPermission.Duplicate; EKS CreateAccessEntry: ResourceInUseException"),
)
.why("CloudFormation creates first and deletes last, so the creation fails, or the clean-up deletes what both share: what AWS tells resources apart by (a route's table and destination, a rule, an entry's principal) is held until then")
.sources(&[&CFN_UPDATES])
.example(
    "access: [{ principal: arn:…, type: ec2Linux }]   # was standard",
    "access: []   # and the new entry in the next deployment",
);

pub static UPD_02: Rule = error(
    "UPD-02",
    "an update must be within quotas that AWS does not raise",
    Refused("EC2 CreateNetworkAclEntry: NetworkAclEntryLimitExceeded; EC2 AssociateVpcCidrBlock: VpcCidrBlockLimitExceeded"),
)
.why("what is removed still counts while its replacement is created")
.sources(&[&CFN_UPDATES, &VPC_QUOTAS])
.example(
    "(25 network ACL rules replaced by 25 others: 50 in between)",
    "(removed in one deployment, added in the next)",
);

pub static UPD_03: Rule = warning("UPD-03", "an update should be within quotas")
    .why("what is removed still counts while its replacement is created: at the quota the update fails and rolls back")
    .sources(&[&CFN_UPDATES, &VPC_QUOTAS, &EKS_QUOTAS])
    .example(
        "secondaryCidrs: [10.44.0.0/16, 10.45.0.0/16, 10.46.0.0/16]   # for three others",
        "secondaryCidrs: []   # and the new ones in the next deployment",
    );

pub static UPD_04: Rule = error(
    "UPD-04",
    "running nodes must keep an egress path",
    Fails("nodes without a public address reach nothing behind an internet gateway: no images, no tokens, no API"),
)
.why("a subnet gives public addresses to new interfaces only")
.sources(&[&VPC_INTERNET])
.example(
    "- { name: nodes, egress: internet }   # was nat, with node groups in it",
    "- { name: nodes-2, egress: internet }   # with a node group of its own, beside `nodes`",
);

pub static UPD_05: Rule = error(
    "UPD-05",
    "an attachment must leave its transit gateway route table before it joins another",
    Refused("EC2 AssociateTransitGatewayRouteTable: Resource.AlreadyAssociated"),
)
.why("CloudFormation cannot update the association")
.sources(&[&CFN_TRANSIT_TABLE])
.example(
    "transitGateway: { routeTable: tgw-rtb-0000000000000000b }   # was tgw-rtb-0000000000000000a",
    "transitGateway: { id: tgw-00000000000000001 }   # and `routeTable` in the next deployment",
);

pub static UPD_06: Rule = error(
    "UPD-06",
    "node groups must exist before Auto Mode is turned off",
    Fails("EKS terminates all nodes of Auto Mode as soon as it is off: nothing runs until the first node group is up"),
)
.why("the cluster is updated before a new node group is created")
.sources(&[&EKS_AUTO_DISABLE])
.example(
    "nodeGroups: [{ name: general }]   # was autoMode",
    "nodeGroups: [{ name: general }]   # beside autoMode, which goes in the next deployment",
);

pub static UPD_07: Rule = error(
    "UPD-07",
    "a protected cluster must not be removed",
    Refused("EKS DeleteCluster: InvalidRequestException"),
)
.why("CloudFormation would delete everything around the cluster first")
.sources(&[&EKS_PROTECTION])
.example("(no `cluster:` any more)", "cluster: { deletionProtection: false }   # deployed first");

pub static UPD_08: Rule = error(
    "UPD-08",
    "an endpoint or attachment must keep its subnet in a zone",
    Refused("EC2 ModifyVpcEndpoint: DuplicateSubnetsInSameZone"),
)
.why("EC2 accepts one subnet in a zone, and the new one is added before the old one is removed")
.sources(&[&MODIFY_ENDPOINT, &TRANSIT_GATEWAYS])
.example("endpoints: { tier: b }   # was a, in the same zones", "endpoints: { tier: a }");

pub static UPD_09: Rule = warning(
    "UPD-09",
    "Auto Mode should be turned on before node groups are removed",
)
.why("the clean-up deletes CoreDNS before it drains the old nodes: their pods have no cluster DNS")
.sources(&[&CFN_UPDATES])
.example(
    "autoMode: {}   # and no `nodeGroups` any more",
    "autoMode: {}   # beside `nodeGroups`, which go in the next deployment",
);

pub static UPD_10: Rule = error(
    "UPD-10",
    "new nodes of a node group must be an update of their own",
    Refused("EKS UpdateNodegroupVersion: Version and ReleaseVersion updates cannot be combined with other updates"),
)
.why("EKS changes the version or the launch template of a node group alone; `deploy` splits such an edit into two parts")
.sources(&[&CDK_16644])
.example(
    "metadata: { tags: { team: a } }   # new instances have them, too",
    "(the tags in one update, the new nodes in the next)",
);

pub static UPD_11: Rule = error(
    "UPD-11",
    "another Kubernetes version must be an update of its own",
    Fails("whatever fails beside it leaves the stack in UPDATE_ROLLBACK_FAILED: EKS does not revert the version in a rollback"),
)
.why("`deploy` upgrades the control plane in a part of its own before everything else, and rolls it back in one after everything else")
.sources(&[&EKS_ROLLBACK, &ROADMAP_497])
.example(
    "cluster: { version: \"1.34\" }   # was 1.33, and a tier is new",
    "cluster: { version: \"1.34\" }   # alone, and the tier in the next update",
);

pub static UPD_12: Rule = warning("UPD-12", "permissions should be removed after their last use")
    .why("CloudFormation updates a role before what refers to it; `deploy` narrows the role in a part of its own, after everything else")
    .sources(&[&CFN_UPDATES])
    .example(
        "awsNode: { role: podIdentity }   # was nodeRole",
        "(aws-node with a role of its own in one update, the node role without the policy in the next)",
    );

pub static UPD_13: Rule = warning("UPD-13", "former addresses of nodes should reach the API until routes have changed")
    .why("the cluster's list changes as soon as the new addresses exist, and the routes only with the new gateways: nodes that reach the API over the internet cannot reach it in between; `deploy` keeps both until then")
    .sources(&[&EKS_ENDPOINT, &CFN_UPDATES])
    .example(
        "publicCidrs: [natGateways]   # and the gateways move to other subnets",
        "(both sides' addresses in one update, the new ones alone in the next)",
    );

pub static UPD_14: Rule = warning("UPD-14", "a cluster should be protected once it exists")
    .why("an update that fails is rolled back, and no rollback deletes a cluster that EKS protects; `deploy` protects it in a part of its own")
    .sources(&[&CFN_UPDATES])
    .example(
        "cluster: { deletionProtection: true }   # new in a network that exists",
        "(the cluster in one update, its protection in the next)",
    );
