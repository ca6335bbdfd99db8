//! Rules: what exists already and is named instead of made.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &EXI_01, &EXI_02, &EXI_03, &EXI_04, &EXI_05, &EXI_06, &EXI_07, &EXI_08, &EXI_09, &EXI_10,
    &EXI_11, &EXI_12, &EXI_13, &EXI_14, &EXI_15, &EXI_16, &EXI_17, &EXI_18, &EXI_19, &EXI_20,
    &EXI_21, &EXI_22, &EXI_23, &EXI_24, &EXI_25,
];

pub static EXI_01: Rule = error(
    "EXI-01",
    "a tier that exists must have only a name, its subnets and its uses",
    NotBuilt("eksnet changes nothing that others created"),
)
.why("subnets that others created keep their size, addresses, tags, routes and network ACL: their owner changes them")
.sources(&[&HOUSE])
.example(
    "{ name: nodes, existing: { ids: [subnet-0123456789abcdef0] }, size: /20 }",
    "{ name: nodes, existing: { ids: [subnet-0123456789abcdef0] } }",
);

pub static EXI_02: Rule = error(
    "EXI-02",
    "what exists must be named inside a VPC that exists",
    NotBuilt("a new VPC has no subnets and no cluster yet"),
)
.why("subnets, egress and clusters that exist are in a VPC that exists")
.sources(&[&HOUSE])
.example(
    "tiers: [{ name: nodes, existing: { ids: [subnet-0123456789abcdef0] } }]",
    "vpc: { id: vpc-0123456789abcdef0 }\ntiers: [{ name: nodes, existing: { ids: [subnet-0123456789abcdef0] } }]",
);

pub static EXI_03: Rule = error(
    "EXI-03",
    "existing subnets must be selected by ids or by tags",
    NotBuilt("it is not said which subnets are meant"),
)
.why("a selection is one or the other, and not empty; ids look like `subnet-0123456789abcdef0`")
.sources(&[&HOUSE])
.example("existing: {}", "existing: { tags: { Name: \"*private*\" } }");

pub static EXI_04: Rule =
    error("EXI-04", "the selected subnets must be in the VPC", NotBuilt("the tier has no subnets"))
        .why("an id of another VPC, or tags that no subnet has, name nothing here")
        .sources(&[&HOUSE])
        .example(
            "existing: { tags: { Name: \"*privte*\" } }",
            "existing: { tags: { Name: \"*private*\" } }",
        );

pub static EXI_05: Rule = error(
    "EXI-05",
    "a tier that exists must name none of this stack's subnets",
    NotBuilt("the subnet would be created and named as existing at once"),
)
.why("what this blueprint creates is a tier with a size; naming it as existing would delete it with the next deployment")
.sources(&[&HOUSE])
.example(
    "existing: { ids: [subnet-0aaaaaaaaaaaaaaaa] }   # of stack eksnet-shop",
    "{ name: nodes, size: /20 }",
);

pub static EXI_06: Rule = error(
    "EXI-06",
    "a tier that this stack created must not become existing",
    NotBuilt("its subnets would be deleted"),
)
.why("what the stack created is removed with the tier, even if it is in use by then")
.sources(&[&HOUSE])
.example(
    "{ name: nodes, existing: { … } }   # the lock gave `nodes` its addresses",
    "{ name: old-nodes, existing: { … } }",
);

pub static EXI_07: Rule = error(
    "EXI-07",
    "`like` must name a tier that exists, with a subnet in each zone",
    NotBuilt("there is no egress path to take over"),
)
.why("the new subnet uses the egress path of the existing one in its zone")
.sources(&[&HOUSE])
.example("egress: { like: nodse }", "egress: { like: nodes }");

pub static EXI_08: Rule = error(
    "EXI-08",
    "pods must have one existing subnet per zone",
    NotBuilt("an ENIConfig names one subnet"),
)
.why("an ENIConfig stands for a zone and names one subnet")
.sources(&[&EKS_CUSTOM_NETWORKING])
.example(
    "{ name: pods, serves: [pods], existing: { ids: [two subnets of one zone] } }",
    "{ name: pods, serves: [pods], existing: { ids: [one subnet a zone] } }",
);

pub static EXI_09: Rule = error(
    "EXI-09",
    "the survey must be of the VPC and cluster that the blueprint names",
    NotBuilt("what exists elsewhere says nothing of this network"),
)
.why("a plan over another network's survey would overlap what is really there")
.sources(&[&HOUSE])
.example(
    "vpc: { id: vpc-0aaaaaaaaaaaaaaaa }   # survey of vpc-0bbbbbbbbbbbbbbbb",
    "vpc: { id: vpc-0bbbbbbbbbbbbbbbb }",
);

pub static EXI_10: Rule = warning("EXI-10", "a VPC that exists should be planned over a survey")
    .why("without one, and without a lock that remembers one, only the words of the blueprint can be judged")
    .sources(&[&HOUSE])
    .example("eksnet check shop.yaml", "eksnet check shop.yaml --survey survey.json");

pub static EXI_11: Rule = error(
    "EXI-11",
    "only `access` may be set of a cluster that exists",
    NotBuilt("eksnet changes nothing that others created"),
)
.why("version, endpoint, logs and everything else are its owner's")
.sources(&[&HOUSE])
.example("cluster: { existing: prod, version: \"1.34\" }", "cluster: { existing: prod }");

pub static EXI_12: Rule = error(
    "EXI-12",
    "the primary CIDR and IPv6 block of a VPC that exists must not be set",
    NotBuilt("eksnet changes nothing that others created"),
)
.why("`vpc.id` names the VPC; its primary CIDR is read, and an IPv6 block is its owner's")
.sources(&[&HOUSE])
.example(
    "vpc: { id: vpc-0123456789abcdef0, cidr: 10.0.0.0/16 }",
    "vpc: { id: vpc-0123456789abcdef0 }",
);

pub static EXI_13: Rule = warning(
    "EXI-13",
    "planned addresses that others use by now should be released",
)
.why("others created a subnet where the lock had planned one that is not deployed: another range is allocated")
.sources(&[&CREATE_SUBNET])
.example(
    "(another tool makes 10.0.64.0/20 after `layout --write-lock`)",
    "(deploy first)",
);

pub static EXI_14: Rule = error(
    "EXI-14",
    "existing subnets must be in the blueprint's zones",
    NotBuilt("nothing would be put there"),
)
.why("a subnet that is named by id is meant to be used")
.sources(&[&HOUSE])
.example(
    "zones: [euw1-az1]\nexisting: { ids: [a subnet in euw1-az2] }",
    "zones: [euw1-az1, euw1-az2]",
);

pub static EXI_15: Rule = warning(
    "EXI-15",
    "rules that admit the nodes' range should admit the pods' new one",
)
.why("with custom networking, packets inside the VPC carry the pods' addresses: a rule that names the nodes' range alone refuses them")
.sources(&[&EKS_CUSTOM_NETWORKING])
.example(
    "(a database's group admits 10.0.0.0/16, pods come from 100.64.0.0/16)",
    "(it admits both)",
);

pub static EXI_16: Rule = error(
    "EXI-16",
    "what the cluster has must not be created once more",
    Refused("EKS CreateNodegroup, CreateFargateProfile, CreateAddon: ResourceInUseException"),
)
.why("a node group, Fargate profile, add-on, access entry or Pod Identity association of this name exists, and its owner keeps it")
.sources(&[&HOUSE])
.example(
    "nodeGroups: [{ name: general }]   # the cluster has it",
    "nodeGroups: [{ name: general-2 }]",
);

pub static EXI_17: Rule = error(
    "EXI-17",
    "every zone with nodes must have a subnet for their pods",
    Fails("new nodes of the zone stay NotReady: no ENIConfig matches"),
)
.why("since aws-node 1.13 a node without a matching ENIConfig never becomes ready")
.sources(&[&EKS_CUSTOM_NETWORKING])
.example(
    "zones: [euw1-az1]   # the cluster has nodes in euw1-az2 too",
    "zones: [euw1-az1, euw1-az2]",
);

pub static EXI_18: Rule = error(
    "EXI-18",
    "`external` must be set only for the aws-node of a cluster that exists",
    NotBuilt("aws-node would not be installed"),
)
.why("in a cluster that eksnet creates no other tool has installed the add-on")
.sources(&[&HOUSE])
.example(
    "cluster: {}\nawsNode: { management: external }",
    "cluster: { existing: prod }\nawsNode: { management: external }",
);

pub static EXI_19: Rule = error(
    "EXI-19",
    "a survey must have read what a plan uses",
    NotBuilt("what was not read would be treated as absent"),
)
.why("a subnet, route, peer or node group that the survey could not read exists all the same: the plan would overlap it or create it twice")
.sources(&[&HOUSE])
.example(
    "(the survey: subnets unread, ec2:DescribeSubnets: AccessDenied)",
    "(a survey made with the policy that `eksnet iam survey` prints)",
);

pub static EXI_20: Rule = warning("EXI-20", "a survey should have read everything that a figure uses")
    .why("the plan is the same without it; figures of free addresses, running nodes or admitting rules are incomplete")
    .sources(&[&HOUSE])
    .example(
        "(the survey: interfaces unread, ec2:DescribeNetworkInterfaces: AccessDenied)",
        "(a survey made with the policy that `eksnet iam survey` prints)",
    );

pub static EXI_21: Rule = error(
    "EXI-21",
    "subnets must be created by the account that owns the VPC",
    Refused("EC2 CreateSubnet, AssociateVpcCidrBlock: UnauthorizedOperation for a participant of a shared VPC"),
)
.why("in a VPC that another account shares, a participant uses subnets and creates none; ranges, route tables and gateways are its owner's too")
.sources(&[&VPC_SHARING])
.example(
    "tiers: [{ name: pods, size: /18 }]   # the VPC is another account's",
    "tiers: [{ name: nodes, existing: { ids: [subnet-0123456789abcdef0] } }]",
);

pub static EXI_22: Rule = error(
    "EXI-22",
    "settings of aws-node must be for an aws-node that the cluster runs",
    Fails("nothing applies the settings: the cluster's pods are not where the plan has them"),
)
.why("nodes of EKS Auto Mode have no aws-node and read no ENIConfig; an add-on that the cluster does not have cannot be updated")
.sources(&[&EKS_AUTO, &EKS_VPC_CNI])
.example(
    "awsNode: { management: addon }   # the cluster has no add-on vpc-cni",
    "awsNode: { management: selfManaged }",
);

pub static EXI_23: Rule = error(
    "EXI-23",
    "a range must be disassociated before it is added again",
    Refused("EC2 CreateSubnet: InvalidSubnet.Range; AssociateVpcCidrBlock: the block is still there"),
)
.why("while a CIDR block is `disassociating` no subnet is created in it, and it cannot be associated")
.sources(&[&VPC_CIDRS])
.example(
    "vpc: { id: vpc-0123456789abcdef0, secondaryCidrs: [100.64.0.0/16] }   # disassociating",
    "vpc: { id: vpc-0123456789abcdef0, secondaryCidrs: [100.65.0.0/16] }",
);

pub static EXI_24: Rule = error(
    "EXI-24",
    "what can exist once must not be created beside one that exists",
    Refused("EC2 CreateVpcEndpoint: InvalidParameter, a conflicting DNS domain; CreateTransitGatewayVpcAttachment: DuplicateTransitGatewayAttachment; EKS CreateCluster: ResourceInUseException"),
)
.why("a VPC has one endpoint with private DNS for a service and one attachment to a transit gateway, and a Region one cluster of a name")
.sources(&[&CREATE_ENDPOINT, &TRANSIT_GATEWAYS])
.example(
    "endpoints: [ecr.api, s3]   # the VPC has an endpoint for ecr.api with private DNS",
    "endpoints: [s3]",
);

pub static EXI_25: Rule = error(
    "EXI-25",
    "the default security group of a VPC that exists must be left to its owner",
    NotBuilt("eksnet changes nothing that others created"),
)
.why("closing it removes rules from whatever others run with it; eksnet closes it only in a VPC that it creates")
.sources(&[&HOUSE])
.example(
    "vpc: { id: vpc-0123456789abcdef0 }\nsecurityGroups: { defaultGroup: closed }",
    "vpc: { id: vpc-0123456789abcdef0 }",
);
