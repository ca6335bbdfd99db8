//! Rules: patches of the template.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &PAT_01, &PAT_02, &PAT_03, &PAT_04, &PAT_05, &PAT_06, &PAT_07, &PAT_09, &PAT_10, &PAT_11,
    &PAT_12,
];

pub static PAT_01: Rule = error(
    "PAT-01",
    "a patch must name what it is for and what it changes",
    NotBuilt("it is not clear which resource has which property"),
)
.why("a patch is for all resources of a type or for one by its logical id, and sets or removes properties")
.sources(&[&HOUSE])
.example(
    "patches: [{ set: { InstanceTenancy: dedicated } }]",
    "patches: [{ resource: Vpc, set: { InstanceTenancy: dedicated } }]",
);

pub static PAT_02: Rule = error(
    "PAT-02",
    "what a patch names must be in the template",
    NotBuilt("nothing would be patched"),
)
.why("a patch that matches nothing is a misspelling, or the resource is no longer created")
.sources(&[&HOUSE, &CFN_LOGICAL_IDS])
.example(
    "patches: [{ resource: VPC, set: { InstanceTenancy: dedicated } }]",
    "patches: [{ resource: Vpc, set: { InstanceTenancy: dedicated } }]",
);

pub static PAT_03: Rule = error(
    "PAT-03",
    "a patched property must be one that CloudFormation has and accepts",
    Refused("CloudFormation CreateChangeSet: ValidationError, Encountered unsupported property"),
)
.why("CloudFormation refuses properties that a type does not have, and those that AWS sets itself")
.sources(&[&CFN_TYPES])
.example(
    "patches: [{ type: AWS::EKS::Cluster, set: { ZonalShift: { Enabled: true } } }]",
    "patches: [{ type: AWS::EKS::Cluster, set: { ZonalShiftConfig: { Enabled: true } } }]",
);

pub static PAT_04: Rule = error(
    "PAT-04",
    "a patched value must have the property's type",
    Refused(
        "CloudFormation ExecuteChangeSet: Properties validation failed, Model validation failed",
    ),
)
.why("CloudFormation holds every property against the type's schema, once the update runs")
.sources(&[&CFN_TYPES])
.example(
    "set: { LaunchTemplateData: { Placement: { Tenancy: own } } }",
    "set: { LaunchTemplateData: { Placement: { Tenancy: dedicated } } }",
);

pub static PAT_05: Rule = error(
    "PAT-05",
    "a patch must leave addresses, identities and eksnet's tags alone",
    Fails("a subnet moves or a resource is recreated, and the lock says otherwise"),
)
.why("the lock and the allocator decide CIDRs, zones and associations, and resources are found again by their names and tags")
.sources(&[&HOUSE, &CFN_UPDATES])
.example(
    "patches: [{ resource: Vpc, set: { CidrBlock: 10.0.0.0/16 } }]",
    "vpc: { cidr: 10.0.0.0/16 }",
);

pub static PAT_06: Rule = error(
    "PAT-06",
    "a patch must refer to what is in the template",
    Refused("CloudFormation CreateChangeSet: ValidationError, Unresolved resource dependencies"),
)
.why("the template has no parameters, conditions and mappings: a reference is to a resource, its attributes, or CloudFormation's own names")
.sources(&[&CFN_FUNCTIONS])
.example(
    "set: { DestinationOptions: { Ref: Bucket } }",
    "set: { LogDestination: { \"Fn::ImportValue\": audit-bucket } }",
);

pub static PAT_07: Rule = error(
    "PAT-07",
    "a patch must not make resources wait for each other",
    Refused(
        "CloudFormation CreateChangeSet: ValidationError, Circular dependency between resources",
    ),
)
.why("a reference makes one resource wait for another, and none of a circle can be created first")
.sources(&[&CFN_DEPENDS_ON])
.example(
    "patches: [{ resource: ClusterRole, set: { Description: { Ref: Cluster } } }]",
    "patches: [{ resource: ClusterRole, set: { Description: { Ref: \"AWS::StackName\" } } }]",
);

pub static PAT_09: Rule = warning("PAT-09", "a patched property should be one that eksnet knows")
    .why("eksnet cannot tell what a change of an unknown property replaces, and whether CloudFormation has it")
    .sources(&[&CFN_TYPES])
    .example(
        "patches: [{ type: AWS::EKS::Cluster, unchecked: true, set: { NewConfig: { Enabled: true } } }]",
        "patches: [{ type: AWS::EKS::Cluster, set: { ZonalShiftConfig: { Enabled: true } } }]",
    );

pub static PAT_10: Rule = warning(
    "PAT-10",
    "a property should be set by the blueprint's word, where there is one",
)
.why("rules over settings judge words, and do not see patches")
.sources(&[&HOUSE])
.example(
    "patches: [{ type: AWS::EKS::Nodegroup, set: { UpdateConfig: { MaxUnavailable: 2 } } }]",
    "nodeGroups: [{ name: general, tier: nodes, update: { maxUnavailable: 2 } }]",
);

pub static PAT_11: Rule = error(
    "PAT-11",
    "a patched property must be one that AWS accepts beside the others",
    Refused("EKS CreateNodegroup: InvalidParameterException; EC2 CreateRoute: InvalidParameterCombination"),
)
.why("a node group with a launch template has its key pair, volumes, groups and role from elsewhere; a route has one target and one destination, a rule one source")
.sources(&[&EKS_LAUNCH_TEMPLATES, &CREATE_ROUTE])
.example(
    "patches: [{ type: AWS::EKS::Nodegroup, set: { RemoteAccess: { Ec2SshKey: operations } } }]",
    "patches: [{ type: AWS::EC2::LaunchTemplate, set: { LaunchTemplateData: { KeyName: operations } } }]",
);

pub static PAT_12: Rule = error(
    "PAT-12",
    "a patch must leave what cluster and nodes do not work without",
    Fails("nodes do not join, pods get no address, or a role loses its trust"),
)
.why("DNS of the VPC, the kind of gateway that a tier leaves through, trust and policies of the roles, and the settings of aws-node belong to what eksnet computes and judges")
.sources(&[&EKS_NETWORK, &HOUSE])
.example(
    "patches: [{ resource: Vpc, set: { EnableDnsSupport: false } }]",
    "patches: [{ resource: Vpc, set: { InstanceTenancy: dedicated } }]",
);
