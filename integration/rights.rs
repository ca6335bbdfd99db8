//! What `eksnet iam` prints, held against an evaluator of IAM policies: everything that a deployment calls is allowed, and nothing that makes
//! more of a deployer than he is.

use std::collections::{BTreeMap, BTreeSet};

use eksnet::facts::permissions::{self, CHANGE_SETS, READS, STACK, TEMPLATES};
use eksnet::facts::survey::ACTIONS;
use eksnet::intent::Intent;
use eksnet::report::iam;
use eksnet::template::Template;
use serde_json::{Value, json};

use crate::support::{CLEAN, blueprints, build};

const ACCOUNT: &str = "111122223333";

/// What the code calls, of every client that a survey has, and what it names where a read is refused: `iam survey` allows all of it.
#[test]
fn the_rights_of_a_survey_are_its_calls() {
    let folder = crate::support::root().join("src/aws/survey");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let text: String = files.map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let pascal = |word: &str| -> String {
        let parts = word.split('_').map(|part| part[..1].to_uppercase() + &part[1..]);
        parts.collect()
    };
    let mut called = BTreeSet::new();
    for service in ["ec2", "eks", "iam", "cloudwatch"] {
        let joined: String = text.split_whitespace().collect();
        for rest in joined.split(&format!("account.{service}.")).skip(1) {
            let verb = rest.split('(').next().unwrap();
            let is_verb = ["describe_", "list_", "get_", "search_"]
                .iter()
                .any(|start| verb.starts_with(start));
            called.extend(is_verb.then(|| format!("{service}:{}", pascal(verb))));
        }
    }
    let all: BTreeSet<String> = ACTIONS.iter().map(|one| one.to_string()).collect();
    assert!(40 <= called.len() + 5 && called.is_subset(&all), "{:?}", called.difference(&all));
    // What other clients and ports call.
    let others = [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeScalingActivities",
        "eks:AccessKubernetesApi",
        "servicequotas:GetServiceQuota",
        "sts:GetCallerIdentity",
    ];
    let left: Vec<&String> =
        all.difference(&called).filter(|one| !others.contains(&one.as_str())).collect();
    assert!(left.is_empty(), "allowed and called by nobody: {left:?}");
    let quoted = text.split('"').skip(1).step_by(2);
    let named = quoted.filter(|one| {
        one.split_once(':').is_some_and(|(service, verb)| {
            !service.is_empty() && verb.starts_with(|letter: char| letter.is_ascii_uppercase())
        })
    });
    let strange: Vec<&str> = named.filter(|one| !all.contains(*one)).collect();
    assert!(strange.is_empty(), "{strange:?}");
}

/// One call as IAM sees it.
#[derive(Clone, Debug)]
struct Call {
    action: String,
    resource: String,
    context: BTreeMap<String, Vec<String>>,
}

impl Call {
    fn new(action: &str, resource: impl Into<String>, context: &[(&str, &str)]) -> Self {
        let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (key, value) in context {
            keys.entry(key.to_lowercase()).or_default().push((*value).to_string());
        }
        Self { action: action.to_string(), resource: resource.into(), context: keys }
    }
}

/// `*` and `?`, as IAM has them.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    for letter in pattern {
        let mut next = vec![false; text.len() + 1];
        next[0] = row[0] && letter == '*';
        for at in 0..text.len() {
            next[at + 1] = match letter {
                '*' => row[at + 1] || next[at],
                '?' => row[at],
                other => row[at] && other == text[at],
            };
        }
        row = next;
    }
    row[text.len()]
}

/// An ARN, part by part: no `*` reaches over a colon but in the last part.
fn arn_matches(pattern: &str, arn: &str) -> bool {
    let (pattern, arn): (Vec<&str>, Vec<&str>) =
        (pattern.splitn(6, ':').collect(), arn.splitn(6, ':').collect());
    pattern.len() == arn.len()
        && pattern.iter().zip(arn).all(|(pattern, part)| matches(pattern, part))
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(many) => many.iter().map(|one| one.as_str().unwrap()).collect(),
        one => vec![one.as_str().unwrap()],
    }
}

fn holds(operator: &str, values: &[&str], found: Option<&Vec<String>>) -> bool {
    let (set, operator) = match operator.split_once(':') {
        Some((set, rest)) => (Some(set), rest),
        None => (None, operator),
    };
    if let Some(operator) = operator.strip_suffix("IfExists") {
        return found.is_none() || holds(operator, values, found);
    }
    if operator == "Null" {
        return values == [if found.is_none() { "true" } else { "false" }];
    }
    let one = |found: &String| {
        values.iter().any(|value| match operator {
            "StringEquals" | "Bool" => value == found,
            "StringLike" => matches(value, found),
            "ArnEquals" | "ArnLike" => arn_matches(value, found),
            other => panic!("{other} is not known"),
        })
    };
    match (set, found) {
        (Some("ForAllValues"), found) => found.is_none_or(|all| all.iter().all(one)),
        (Some("ForAnyValue") | None, Some(found)) => found.iter().any(one),
        (_, None) => false,
        (Some(other), _) => panic!("{other} is not known"),
    }
}

fn applies(statement: &Value, call: &Call) -> bool {
    let action = texts(&statement["Action"])
        .iter()
        .any(|pattern| matches(&pattern.to_lowercase(), &call.action.to_lowercase()));
    let resource = texts(&statement["Resource"])
        .iter()
        .any(|pattern| *pattern == "*" || arn_matches(pattern, &call.resource));
    let conditions = statement["Condition"].as_object().into_iter().flatten();
    let mut conditions = conditions.flat_map(|(operator, keys)| {
        keys.as_object().unwrap().iter().map(move |(key, values)| (operator, key, values))
    });
    action
        && resource
        && conditions.all(|(operator, key, values)| {
            holds(operator, &texts(values), call.context.get(&key.to_lowercase()))
        })
}

fn allowed(policy: &Value, call: &Call) -> bool {
    let statements = policy["Statement"].as_array().unwrap();
    let any =
        |effect: &str| statements.iter().any(|one| one["Effect"] == effect && applies(one, call));
    any("Allow") && !any("Deny")
}

fn deploy(intent: &Intent, template: &Template) -> Value {
    serde_json::from_str(&iam::deploy(intent, template, Some("templates"))).unwrap()
}

/// (type, what its handler calls to create, read and delete it). Read off the handlers of the CloudFormation registry, apart from the
/// table that the policy is made from.
const HANDLERS: &[(&str, &[&str])] = &[
    (
        "AWS::CloudWatch::Alarm",
        &["PutMetricAlarm", "DescribeAlarms", "DeleteAlarms", "TagResource"],
    ),
    ("AWS::EC2::EIP", &["AllocateAddress", "DescribeAddresses", "ReleaseAddress", "CreateTags"]),
    (
        "AWS::EC2::EgressOnlyInternetGateway",
        &[
            "CreateEgressOnlyInternetGateway",
            "DescribeEgressOnlyInternetGateways",
            "DeleteEgressOnlyInternetGateway",
        ],
    ),
    ("AWS::EC2::FlowLog", &["CreateFlowLogs", "DescribeFlowLogs", "DeleteFlowLogs", "CreateTags"]),
    (
        "AWS::EC2::InternetGateway",
        &["CreateInternetGateway", "DescribeInternetGateways", "DeleteInternetGateway"],
    ),
    (
        "AWS::EC2::LaunchTemplate",
        &[
            "CreateLaunchTemplate",
            "CreateLaunchTemplateVersion",
            "DescribeLaunchTemplates",
            "DeleteLaunchTemplate",
        ],
    ),
    (
        "AWS::EC2::NatGateway",
        &["CreateNatGateway", "DescribeNatGateways", "DeleteNatGateway", "CreateTags"],
    ),
    ("AWS::EC2::NetworkAcl", &["CreateNetworkAcl", "DescribeNetworkAcls", "DeleteNetworkAcl"]),
    (
        "AWS::EC2::NetworkAclEntry",
        &["CreateNetworkAclEntry", "ReplaceNetworkAclEntry", "DeleteNetworkAclEntry"],
    ),
    ("AWS::EC2::Route", &["CreateRoute", "ReplaceRoute", "DescribeRouteTables", "DeleteRoute"]),
    ("AWS::EC2::RouteTable", &["CreateRouteTable", "DescribeRouteTables", "DeleteRouteTable"]),
    (
        "AWS::EC2::SecurityGroup",
        &[
            "CreateSecurityGroup",
            "AuthorizeSecurityGroupEgress",
            "RevokeSecurityGroupEgress",
            "DescribeSecurityGroups",
            "DeleteSecurityGroup",
        ],
    ),
    (
        "AWS::EC2::SecurityGroupEgress",
        &["AuthorizeSecurityGroupEgress", "RevokeSecurityGroupEgress"],
    ),
    (
        "AWS::EC2::SecurityGroupIngress",
        &["AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"],
    ),
    (
        "AWS::EC2::Subnet",
        &[
            "CreateSubnet",
            "ModifySubnetAttribute",
            "DescribeSubnets",
            "DeleteSubnet",
            "CreateTags",
            "DeleteTags",
        ],
    ),
    (
        "AWS::EC2::SubnetCidrReservation",
        &[
            "CreateSubnetCidrReservation",
            "GetSubnetCidrReservations",
            "DeleteSubnetCidrReservation",
        ],
    ),
    (
        "AWS::EC2::SubnetNetworkAclAssociation",
        &["ReplaceNetworkAclAssociation", "DescribeNetworkAcls"],
    ),
    (
        "AWS::EC2::SubnetRouteTableAssociation",
        &["AssociateRouteTable", "DisassociateRouteTable", "ReplaceRouteTableAssociation"],
    ),
    (
        "AWS::EC2::TransitGatewayAttachment",
        &[
            "CreateTransitGatewayVpcAttachment",
            "ModifyTransitGatewayVpcAttachment",
            "DescribeTransitGatewayVpcAttachments",
            "DeleteTransitGatewayVpcAttachment",
        ],
    ),
    (
        "AWS::EC2::TransitGatewayRoute",
        &["CreateTransitGatewayRoute", "SearchTransitGatewayRoutes", "DeleteTransitGatewayRoute"],
    ),
    (
        "AWS::EC2::TransitGatewayRouteTableAssociation",
        &[
            "AssociateTransitGatewayRouteTable",
            "GetTransitGatewayRouteTableAssociations",
            "DisassociateTransitGatewayRouteTable",
        ],
    ),
    (
        "AWS::EC2::VPC",
        &[
            "CreateVpc",
            "ModifyVpcAttribute",
            "DescribeVpcs",
            "DescribeVpcAttribute",
            "DeleteVpc",
            "CreateTags",
        ],
    ),
    (
        "AWS::EC2::VPCCidrBlock",
        &["AssociateVpcCidrBlock", "DescribeVpcs", "DisassociateVpcCidrBlock"],
    ),
    (
        "AWS::EC2::VPCEndpoint",
        &["CreateVpcEndpoint", "ModifyVpcEndpoint", "DescribeVpcEndpoints", "DeleteVpcEndpoints"],
    ),
    ("AWS::EC2::VPCGatewayAttachment", &["DescribeInternetGateways"]),
    (
        "AWS::EC2::VPNGatewayRoutePropagation",
        &["EnableVgwRoutePropagation", "DisableVgwRoutePropagation"],
    ),
    (
        "AWS::EKS::AccessEntry",
        &[
            "DescribeAccessEntry",
            "DeleteAccessEntry",
            "ListAssociatedAccessPolicies",
            "DisassociateAccessPolicy",
            "TagResource",
        ],
    ),
    (
        "AWS::EKS::Addon",
        &[
            "CreateAddon",
            "DescribeAddon",
            "UpdateAddon",
            "DescribeUpdate",
            "DeleteAddon",
            "TagResource",
        ],
    ),
    (
        "AWS::EKS::Cluster",
        &[
            "CreateCluster",
            "DescribeCluster",
            "UpdateClusterConfig",
            "UpdateClusterVersion",
            "DescribeUpdate",
            "DeleteCluster",
            "TagResource",
        ],
    ),
    (
        "AWS::EKS::FargateProfile",
        &["CreateFargateProfile", "DescribeFargateProfile", "DeleteFargateProfile"],
    ),
    (
        "AWS::EKS::Nodegroup",
        &[
            "CreateNodegroup",
            "DescribeNodegroup",
            "UpdateNodegroupConfig",
            "UpdateNodegroupVersion",
            "DeleteNodegroup",
        ],
    ),
    (
        "AWS::EKS::PodIdentityAssociation",
        &[
            "CreatePodIdentityAssociation",
            "DescribePodIdentityAssociation",
            "DeletePodIdentityAssociation",
        ],
    ),
    (
        "AWS::Events::Rule",
        &[
            "PutRule",
            "PutTargets",
            "DescribeRule",
            "ListTargetsByRule",
            "RemoveTargets",
            "DeleteRule",
        ],
    ),
    (
        "AWS::KMS::Key",
        &[
            "CreateKey",
            "TagResource",
            "EnableKeyRotation",
            "DescribeKey",
            "GetKeyPolicy",
            "GetKeyRotationStatus",
            "ListResourceTags",
            "PutKeyPolicy",
            "ScheduleKeyDeletion",
            "CreateGrant",
        ],
    ),
    ("AWS::SQS::Queue", &["CreateQueue", "GetQueueAttributes", "TagQueue", "DeleteQueue"]),
    ("AWS::SQS::QueuePolicy", &["SetQueueAttributes"]),
    ("AWS::CloudFormation::WaitConditionHandle", &[]),
    (
        "AWS::IAM::OIDCProvider",
        &[
            "CreateOpenIDConnectProvider",
            "GetOpenIDConnectProvider",
            "DeleteOpenIDConnectProvider",
            "TagOpenIDConnectProvider",
        ],
    ),
    (
        "AWS::IAM::Role",
        &[
            "CreateRole",
            "GetRole",
            "ListAttachedRolePolicies",
            "ListRolePolicies",
            "TagRole",
            "DeleteRole",
        ],
    ),
    (
        "AWS::Logs::LogGroup",
        &[
            "CreateLogGroup",
            "DescribeLogGroups",
            "PutRetentionPolicy",
            "ListTagsForResource",
            "TagResource",
            "DeleteLogGroup",
        ],
    ),
];

/// What stands around a template in AWS.
struct World<'a> {
    intent: &'a Intent,
    template: &'a Template,
}

impl World<'_> {
    fn arn(&self, service: &str, resource: &str) -> String {
        let region = &self.intent.region;
        format!("arn:{}:{service}:{}:{ACCOUNT}:{resource}", region.partition(), region.name)
    }

    fn named(&self, id: &str) -> String {
        format!("{}-{id}-AB12CD34EF56", self.intent.stack())
    }

    fn role(&self, id: &str) -> String {
        let own = self.template.resource(id).map(|one| &one["Properties"]);
        let text = |name: &str| own.and_then(|own| own[name].as_str());
        let name = text("RoleName").map_or_else(|| self.named(id), str::to_string);
        let path = text("Path").unwrap_or("/");
        format!("arn:{}:iam::{ACCOUNT}:role{path}{name}", self.intent.region.partition())
    }

    fn resolved(&self, value: &Value) -> String {
        match value {
            Value::String(text) => text.clone(),
            function if function["Fn::GetAtt"].is_array() => {
                self.role(function["Fn::GetAtt"][0].as_str().unwrap())
            }
            function => {
                let partition = self.intent.region.partition();
                function["Fn::Sub"].as_str().unwrap().replace("${AWS::Partition}", partition)
            }
        }
    }

    /// The resource that a call on a resource of the template is about.
    fn about(&self, id: &str, kind: &str) -> String {
        let cluster = self.intent.cluster_name();
        match kind {
            "AWS::IAM::Role" => self.role(id),
            "AWS::IAM::OIDCProvider" => {
                let (partition, region) = (self.intent.region.partition(), self.intent.region.name);
                format!(
                    "arn:{partition}:iam::{ACCOUNT}:oidc-provider/oidc.eks.{region}.amazonaws.com/id/AB12"
                )
            }
            "AWS::EKS::Cluster" => self.arn("eks", &format!("cluster/{cluster}")),
            "AWS::EKS::AccessEntry" => {
                self.arn("eks", &format!("access-entry/{cluster}/role/{ACCOUNT}/ops/u"))
            }
            "AWS::EKS::Addon" => self.arn("eks", &format!("addon/{cluster}/vpc-cni/u")),
            "AWS::EKS::FargateProfile" => self.arn("eks", &format!("fargateprofile/{cluster}/f/u")),
            "AWS::EKS::Nodegroup" => self.arn("eks", &format!("nodegroup/{cluster}/n/u")),
            "AWS::EKS::PodIdentityAssociation" => {
                self.arn("eks", &format!("podidentityassociation/{cluster}/a-1"))
            }
            "AWS::Logs::LogGroup" => {
                let own = &self.template.resource(id).unwrap()["Properties"]["LogGroupName"];
                let name = own.as_str().map_or_else(|| self.named(id), str::to_string);
                self.arn("logs", &format!("log-group:{name}"))
            }
            "AWS::KMS::Key" => self.arn("kms", "key/0a1b2c3d"),
            "AWS::Events::Rule" => self.arn("events", &format!("rule/{}", self.named(id))),
            "AWS::SQS::Queue" | "AWS::SQS::QueuePolicy" => self.arn("sqs", &self.intent.name),
            "AWS::CloudWatch::Alarm" => {
                self.arn("cloudwatch", &format!("alarm:{}", self.named(id)))
            }
            _ => self.arn("ec2", &format!("thing/{id}")),
        }
    }

    /// Everything that CloudFormation asks for on the deployer's behalf.
    fn calls(&self) -> Vec<Call> {
        let region = [("aws:RequestedRegion", self.intent.region.name)];
        let mut calls = Vec::new();
        for (id, resource) in self.template.resources() {
            let kind = resource["Type"].as_str().unwrap();
            let row = HANDLERS.iter().find(|(own, _)| *own == kind);
            let (_, verbs) = row.unwrap_or_else(|| panic!("{kind} has no row"));
            let service = match kind.split("::").nth(1).unwrap() {
                "EC2" => "ec2",
                "EKS" => "eks",
                "IAM" => "iam",
                "Logs" => "logs",
                "KMS" => "kms",
                "SQS" => "sqs",
                "Events" => "events",
                _ => "cloudwatch",
            };
            for verb in *verbs {
                let about = if service == "eks" && verb.starts_with("Create") {
                    self.about("Cluster", "AWS::EKS::Cluster")
                } else {
                    self.about(id, kind)
                };
                calls.push(Call::new(
                    &format!("{service}:{verb}"),
                    about,
                    &self.with(resource, verb, &region),
                ));
            }
            calls.extend(self.by_properties(id, kind, &resource["Properties"]));
        }
        calls
    }

    fn with<'c>(
        &self,
        resource: &'c Value,
        verb: &str,
        region: &[(&'static str, &'c str)],
    ) -> Vec<(&'static str, &'c str)> {
        // Only what gives a role rights is told its boundary.
        let boundary = resource["Properties"]["PermissionsBoundary"].as_str();
        let boundary = boundary.filter(|_| verb == "CreateRole");
        let tags = resource["Properties"]["Tags"].as_array().into_iter().flatten();
        let name = tags.filter(|tag| tag["Key"] == "Name").find_map(|tag| tag["Value"].as_str());
        region
            .iter()
            .copied()
            .chain(boundary.map(|arn| ("iam:PermissionsBoundary", arn)))
            .chain(name.map(|name| ("aws:ResourceTag/Name", name)))
            .collect()
    }

    /// What the properties of a resource bring along.
    fn by_properties(&self, id: &str, kind: &str, properties: &Value) -> Vec<Call> {
        let list = |name: &str| properties[name].as_array().cloned().unwrap_or_default();
        let boundary = properties["PermissionsBoundary"].as_str();
        let bounded = |key: &'static str, value: &str| {
            let context =
                [Some((key, value)), boundary.map(|arn| ("iam:PermissionsBoundary", arn))];
            let context: Vec<(&str, &str)> = context.into_iter().flatten().collect();
            context
                .into_iter()
                .map(|(key, value)| (key.to_string(), vec![value.to_string()]))
                .collect::<Vec<_>>()
        };
        let on_role = |action: &str, key: &'static str, value: &str| {
            let context = bounded(key, value);
            let context =
                context.into_iter().map(|(key, value)| (key.to_lowercase(), value)).collect();
            Call { action: action.to_string(), resource: self.role(id), context }
        };
        let mut calls = Vec::new();
        for policy in list("ManagedPolicyArns") {
            let arn = self.resolved(&policy);
            calls.extend(
                ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
                    .map(|action| on_role(action, "iam:PolicyARN", &arn)),
            );
        }
        if !list("Policies").is_empty() && kind == "AWS::IAM::Role" {
            calls.extend(
                ["iam:PutRolePolicy", "iam:DeleteRolePolicy"]
                    .map(|action| on_role(action, "x", "y")),
            );
            calls.push(Call::new("iam:GetRolePolicy", self.role(id), &[]));
        }
        calls.extend(self.passed(kind, properties));
        if kind == "AWS::EKS::AccessEntry" {
            let principal = self.resolved(&properties["PrincipalArn"]);
            let (cluster, entry) =
                (self.about("Cluster", "AWS::EKS::Cluster"), self.about(id, kind));
            calls.push(Call::new(
                "eks:CreateAccessEntry",
                cluster,
                &[("eks:principalArn", &principal)],
            ));
            for policy in list("AccessPolicies") {
                let arn = self.resolved(&policy["PolicyArn"]);
                calls.push(Call::new(
                    "eks:AssociateAccessPolicy",
                    entry.clone(),
                    &[("eks:principalArn", &principal), ("eks:policyArn", &arn)],
                ));
            }
        }
        let linked = [
            ("AWS::EKS::Cluster", "eks.amazonaws.com"),
            ("AWS::EKS::Nodegroup", "eks-nodegroup.amazonaws.com"),
            ("AWS::EKS::FargateProfile", "eks-fargate.amazonaws.com"),
        ];
        for (_, service) in linked.iter().filter(|(own, _)| *own == kind) {
            let role = format!(
                "arn:{}:iam::{ACCOUNT}:role/aws-service-role/{service}/AWSServiceRole",
                self.intent.region.partition()
            );
            calls.push(Call::new(
                "iam:CreateServiceLinkedRole",
                role,
                &[("iam:AWSServiceName", service)],
            ));
        }
        calls
    }

    /// Roles that a resource hands to its service.
    fn passed(&self, kind: &str, properties: &Value) -> Vec<Call> {
        let to = |service: &'static str, role: &Value| {
            let id = role["Fn::GetAtt"][0].as_str()?;
            Some(Call::new("iam:PassRole", self.role(id), &[("iam:PassedToService", service)]))
        };
        let roles = match kind {
            "AWS::EKS::Cluster" => vec![
                to("eks.amazonaws.com", &properties["RoleArn"]),
                to("eks.amazonaws.com", &properties["ComputeConfig"]["NodeRoleArn"]),
            ],
            "AWS::EKS::Nodegroup" => vec![to("eks.amazonaws.com", &properties["NodeRole"])],
            "AWS::EKS::FargateProfile" => {
                vec![to("eks-fargate-pods.amazonaws.com", &properties["PodExecutionRoleArn"])]
            }
            "AWS::EKS::PodIdentityAssociation" => {
                vec![to("pods.eks.amazonaws.com", &properties["RoleArn"])]
            }
            "AWS::EKS::Addon" => {
                let pods =
                    properties["PodIdentityAssociations"].as_array().cloned().unwrap_or_default();
                let pods = pods
                    .iter()
                    .map(|one| to("pods.eks.amazonaws.com", &one["RoleArn"]))
                    .collect::<Vec<_>>();
                pods.into_iter()
                    .chain([to("eks.amazonaws.com", &properties["ServiceAccountRoleArn"])])
                    .collect()
            }
            "AWS::EC2::FlowLog" => {
                vec![to("vpc-flow-logs.amazonaws.com", &properties["DeliverLogsPermissionArn"])]
            }
            _ => Vec::new(),
        };
        roles.into_iter().flatten().collect()
    }

    /// What eksnet calls itself.
    fn own_calls(&self) -> Vec<Call> {
        let region = [("aws:RequestedRegion", self.intent.region.name)];
        let stack = self.arn("cloudformation", &format!("stack/{}/u", self.intent.stack()));
        let on_stack =
            CHANGE_SETS.iter().chain(STACK).map(|action| Call::new(action, stack.clone(), &region));
        let reads = READS.iter().map(|action| {
            let about = match *action {
                "eks:DescribeCluster"
                | "eks:ListAddons"
                | "eks:ListFargateProfiles"
                | "eks:DescribeUpdate"
                | "eks:ListNodegroups"
                | "eks:ListUpdates" => self.about("Cluster", "AWS::EKS::Cluster"),
                "eks:DescribeAddon" => self.about("VpcCni", "AWS::EKS::Addon"),
                "eks:DescribeNodegroup" => self.about("NodeGroupA", "AWS::EKS::Nodegroup"),
                _ => "*".to_string(),
            };
            (action, about)
        });
        let looked_at = |(action, _): &(&&str, String)| {
            let of_cluster = ["eks:DescribeAddon", "eks:DescribeNodegroup"].contains(*action);
            !of_cluster || self.intent.cluster.is_some()
        };
        let reads =
            reads.filter(looked_at).map(|(action, about)| Call::new(action, about, &region));
        let bucket = format!(
            "arn:{}:s3:::templates/eksnet/{}/t.json",
            self.intent.region.partition(),
            self.intent.stack()
        );
        let templates = TEMPLATES.iter().map(|action| Call::new(action, bucket.clone(), &region));
        let addon = self.intent.cluster.iter().filter(|cluster| cluster.sets_aws_node());
        let addon = addon.map(|_| {
            Call::new("eks:UpdateAddon", self.about("VpcCni", "AWS::EKS::Addon"), &region)
        });
        on_stack.chain(reads).chain(templates).chain(addon).collect()
    }
}

#[test]
fn whatever_a_deployment_calls_is_allowed() {
    for (name, path) in blueprints() {
        let built = build(&std::fs::read_to_string(path).unwrap());
        let world = World { intent: &built.intent, template: &built.template };
        let policy = deploy(&built.intent, &built.template);
        for call in world.calls().iter().chain(&world.own_calls()) {
            assert!(allowed(&policy, call), "{name}: {call:?} is refused by\n{policy:#}");
        }
        let size = policy.to_string().chars().count();
        assert!(size <= permissions::POLICY_LIMIT, "{name}: {size} characters");
    }
}

#[test]
fn whoever_previews_reads_and_makes_change_sets_of_this_stack() {
    for (name, path) in blueprints() {
        let built = build(&std::fs::read_to_string(path).unwrap());
        let world = World { intent: &built.intent, template: &built.template };
        let policy: Value =
            serde_json::from_str(&iam::preview(&built.intent, &built.template, None)).unwrap();
        for call in world.calls().iter().chain(&world.own_calls()) {
            let harmless = permissions::only_reads(&call.action)
                || CHANGE_SETS.contains(&call.action.as_str());
            assert!(harmless || !allowed(&policy, call), "{name}: a preview may {call:?}");
        }
    }
}

/// Ways to more than the blueprint says, of a deployer of the stack `eksnet-shop`.
fn escalations() -> Vec<Call> {
    let role = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    let eks = |resource: &str| format!("arn:aws:eks:eu-west-1:{ACCOUNT}:{resource}");
    let stack = |name: &str| format!("arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/{name}/u");
    let (own, node) =
        (role("eksnet-shop-ClusterRole-AB12CD34EF56"), role("eksnet-shop-NodeRole-AB12CD34EF56"));
    let (other, admin) = (role("eksnet-shop-prod-ClusterRole-AB12CD34EF56"), role("admin"));
    let region = [("aws:RequestedRegion", "eu-west-1")];
    let everything = ("iam:PolicyARN", "arn:aws:iam::aws:policy/AdministratorAccess");
    let mallory = ("eks:principalArn", "arn:aws:iam::111122223333:user/mallory");
    let ops = ("eks:principalArn", "arn:aws:iam::111122223333:role/ops");
    let cluster_admin =
        ("eks:policyArn", "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy");
    let view = ("eks:policyArn", "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy");
    let to = |service: &'static str| [("iam:PassedToService", service)];
    let mut calls = vec![
        // Instances of other owners.
        Call::new(
            "ec2:TerminateInstances",
            "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
            &region,
        ),
        Call::new(
            "ec2:TerminateInstances",
            "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
            &[("aws:ResourceTag/kubernetes.io/cluster/other", "owned")],
        ),
        // More rights for its own roles.
        Call::new("iam:AttachRolePolicy", &own, &[everything]),
        Call::new(
            "iam:AttachRolePolicy",
            &own,
            &[("iam:PolicyARN", "arn:aws:iam::111122223333:policy/mine")],
        ),
        Call::new("iam:AttachRolePolicy", &own, &[]),
        Call::new(
            "iam:AttachRolePolicy",
            &node,
            &[("iam:PolicyARN", "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy")],
        ),
        Call::new("iam:PutRolePolicy", &own, &region),
        Call::new("iam:PutRolePolicy", &node, &region),
        // Its own roles for itself, or for services that run its code.
        Call::new("iam:UpdateAssumeRolePolicy", &own, &region),
        Call::new("iam:UpdateAssumeRolePolicy", &node, &region),
        Call::new("iam:PassRole", &node, &to("ec2.amazonaws.com")),
        Call::new("iam:PassRole", &node, &to("lambda.amazonaws.com")),
        Call::new("iam:PassRole", &own, &to("cloudformation.amazonaws.com")),
        Call::new("iam:PassRole", &own, &[]),
        Call::new("iam:DeleteRolePermissionsBoundary", &own, &region),
        Call::new(
            "iam:PutRolePermissionsBoundary",
            &own,
            &[("iam:PermissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess")],
        ),
        // Roles of others: of a stack whose name begins alike, and of anybody.
        Call::new("iam:CreateRole", &other, &region),
        Call::new("iam:DeleteRole", &other, &region),
        Call::new(
            "iam:AttachRolePolicy",
            &other,
            &[("iam:PolicyARN", "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy")],
        ),
        Call::new("iam:PassRole", &other, &to("eks.amazonaws.com")),
        Call::new("iam:CreateRole", &admin, &region),
        Call::new("iam:PassRole", &admin, &to("eks.amazonaws.com")),
        Call::new("iam:CreateRole", role("eksnet-shop-FargateRole-AB12CD34EF56"), &region),
        Call::new("iam:CreateRole", role("eksnet-shop"), &region),
        Call::new(
            "iam:CreateServiceLinkedRole",
            role("aws-service-role/ssm.amazonaws.com/x"),
            &[("iam:AWSServiceName", "ssm.amazonaws.com")],
        ),
        Call::new(
            "iam:CreateOpenIDConnectProvider",
            format!("arn:aws:iam::{ACCOUNT}:oidc-provider/evil.example"),
            &region,
        ),
        // Its own cluster for somebody else, and clusters of others.
        Call::new("eks:CreateAccessEntry", eks("cluster/shop"), &[mallory]),
        Call::new(
            "eks:CreateAccessEntry",
            eks("cluster/shop"),
            &[ops, ("eks:kubernetesGroups", "admins")],
        ),
        Call::new("eks:CreateAccessEntry", eks("cluster/shop-prod"), &[ops]),
        Call::new(
            "eks:AssociateAccessPolicy",
            eks("access-entry/shop/user/111122223333/mallory/u"),
            &[mallory, cluster_admin],
        ),
        Call::new(
            "eks:AssociateAccessPolicy",
            eks("access-entry/shop/role/111122223333/ops/u"),
            &[ops, cluster_admin],
        ),
        Call::new(
            "eks:AssociateAccessPolicy",
            eks("access-entry/shop-prod/role/111122223333/ops/u"),
            &[ops, view],
        ),
        Call::new(
            "eks:UpdateAccessEntry",
            eks("access-entry/shop/role/111122223333/ops/u"),
            &[ops],
        ),
        Call::new("eks:DeleteCluster", eks("cluster/shop-prod"), &region),
        Call::new("eks:UpdateNodegroupConfig", eks("nodegroup/shop-prod/general/u"), &region),
        Call::new("eks:DeleteNodegroup", eks("nodegroup/other/shop/u"), &region),
        Call::new("eks:CreatePodIdentityAssociation", eks("cluster/shop-prod"), &region),
        Call::new("eks:DeleteFargateProfile", eks("fargateprofile/shop/f/u"), &region),
        // Stacks of others.
        Call::new("cloudformation:CreateChangeSet", stack("eksnet-shop-prod"), &region),
        Call::new("cloudformation:ExecuteChangeSet", stack("admin"), &region),
        Call::new("cloudformation:DeleteStack", stack("eksnet-shop-prod"), &region),
        Call::new("cloudformation:CreateStack", stack("eksnet-shop"), &region),
        Call::new("cloudformation:UpdateStack", stack("eksnet-shop"), &region),
        Call::new("cloudformation:SetStackPolicy", stack("eksnet-shop"), &region),
        // Another Region, and things of others.
        Call::new("ec2:RunInstances", "*", &[("aws:RequestedRegion", "us-east-1")]),
        Call::new("ec2:DeleteVpc", "*", &[("aws:RequestedRegion", "us-east-1")]),
        Call::new(
            "elasticloadbalancing:DeleteLoadBalancer",
            "*",
            &[
                ("aws:RequestedRegion", "eu-west-1"),
                ("aws:ResourceTag/elbv2.k8s.aws/cluster", "shop-prod"),
            ],
        ),
        Call::new(
            "elasticloadbalancing:DeleteTargetGroup",
            "*",
            &[("aws:ResourceTag/kubernetes.io/cluster/shop", "shared")],
        ),
        Call::new(
            "logs:DeleteLogGroup",
            format!("arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:audit"),
            &region,
        ),
        Call::new(
            "cloudwatch:DeleteAlarms",
            format!("arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:billing"),
            &region,
        ),
        Call::new("kms:CreateGrant", format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/other"), &region),
        Call::new("s3:PutBucketPolicy", "arn:aws:s3:::others", &region),
        Call::new("s3:PutObject", "arn:aws:s3:::templates/eksnet/eksnet-shop-prod/t.json", &region),
        Call::new("ec2:AttachVpnGateway", "*", &region),
        Call::new("ec2:CreateTransitGatewayRoute", "*", &region),
        Call::new("ec2:ModifyInstanceAttribute", "*", &region),
        Call::new("sts:AssumeRole", &admin, &region),
        Call::new("secretsmanager:GetSecretValue", "*", &region),
        Call::new("ssm:SendCommand", "*", &region),
        Call::new("lambda:CreateFunction", "*", &region),
    ];
    let on_people = [
        "CreateUser",
        "CreateAccessKey",
        "CreateLoginProfile",
        "UpdateLoginProfile",
        "AttachUserPolicy",
        "PutUserPolicy",
        "AddUserToGroup",
        "AttachGroupPolicy",
        "PutGroupPolicy",
        "CreatePolicy",
        "CreatePolicyVersion",
        "SetDefaultPolicyVersion",
        "CreateInstanceProfile",
        "AddRoleToInstanceProfile",
        "DeleteUserPermissionsBoundary",
        "UpdateRole",
        "CreateSAMLProvider",
    ];
    calls.extend(on_people.map(|verb| Call::new(&format!("iam:{verb}"), "*", &region)));
    calls
}

#[test]
fn a_deployer_gets_nothing_that_the_blueprint_does_not_say() {
    let built = build(CLEAN);
    let policy = deploy(&built.intent, &built.template);
    let calls = escalations();
    assert!(15 <= calls.len());
    for call in &calls {
        assert!(!allowed(&policy, call), "{call:?} is allowed by\n{policy:#}");
    }
    // The list is about this policy: what it must allow beside it.
    let own = World { intent: &built.intent, template: &built.template };
    assert!(own.calls().iter().all(|call| allowed(&policy, call)));
}

/// With a boundary nothing gets rights outside of it, inline policies included.
#[test]
fn a_boundary_holds_whatever_gives_rights() {
    let boundary = "arn:aws:iam::111122223333:policy/eks-boundary";
    for name in ["least-privilege", "flow-logs", "self-managed", "security-groups-for-pods"] {
        let text =
            std::fs::read_to_string(crate::support::root().join(format!("blueprints/{name}.yaml")))
                .unwrap();
        let mut built = build(&text);
        let resources = built.template.value["Resources"].as_object_mut().unwrap();
        for resource in resources.values_mut().filter(|one| one["Type"] == "AWS::IAM::Role") {
            resource["Properties"]["PermissionsBoundary"] = json!(boundary);
        }
        let world = World { intent: &built.intent, template: &built.template };
        let policy = deploy(&built.intent, &built.template);
        let gives = ["iam:CreateRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"];
        let mut seen = BTreeSet::new();
        for call in world.calls() {
            assert!(allowed(&policy, &call), "{name}: {call:?} is refused by\n{policy:#}");
            if !gives.contains(&call.action.as_str()) {
                continue;
            }
            seen.insert(call.action.clone());
            for foreign in [None, Some("arn:aws:iam::aws:policy/AdministratorAccess")] {
                let mut call = call.clone();
                call.context.remove("iam:permissionsboundary");
                let foreign = foreign
                    .map(|arn| ("iam:permissionsboundary".to_string(), vec![arn.to_string()]));
                call.context.extend(foreign);
                assert!(!allowed(&policy, &call), "{name}: {call:?} is allowed by\n{policy:#}");
            }
        }
        assert!(seen.len() >= 2, "{name}: {seen:?}");
        let taken_off = Call::new(
            "iam:DeleteRolePermissionsBoundary",
            world.role("ClusterRole"),
            &[("iam:PermissionsBoundary", boundary)],
        );
        assert!(!allowed(&policy, &taken_off), "{name}");
    }
}

/// Rights come and go with what the blueprint has.
#[test]
fn rights_are_by_use() {
    let actions = |name: &str| -> BTreeSet<String> {
        let text =
            std::fs::read_to_string(crate::support::root().join(format!("blueprints/{name}.yaml")))
                .unwrap();
        let built = build(&text);
        let policy = deploy(&built.intent, &built.template);
        let statements = policy["Statement"].as_array().unwrap().clone();
        statements.iter().flat_map(|one| texts(&one["Action"])).map(str::to_string).collect()
    };
    let network = actions("network-only");
    assert!(
        !network.iter().any(|action| action.starts_with("iam:")
            || action == "ec2:RunInstances"
            || action.starts_with("eks:Create")),
        "{network:?}"
    );
    for name in ["three-tiers", "fargate", "private-only"] {
        assert!(!actions(name).contains("iam:UpdateAssumeRolePolicy"), "{name}");
        assert!(!actions(name).contains("ec2:AttachVpnGateway"), "{name}");
    }
    assert!(actions("auto-mode").contains("iam:UpdateAssumeRolePolicy"));
    // Between Pod Identity and IRSA a role stays, and its trust changes: by the policy of the blueprint that has IRSA, both ways.
    let irsa = CLEAN.replace(
        "\nnodeGroups:",
        "\naddons: [coredns, kube-proxy, eks-pod-identity-agent, { name: aws-ebs-csi-driver, role: irsa }]\nnodeGroups:",
    );
    assert_ne!(irsa, CLEAN);
    let built = build(&irsa);
    let policy = deploy(&built.intent, &built.template);
    let id = "AddonRoleAwsEbsCsiDriver";
    let trust = |role: &str| {
        let arn = format!("arn:aws:iam::111122223333:role/eksnet-shop-{role}-ABC");
        allowed(&policy, &Call::new("iam:UpdateAssumeRolePolicy", &arn, &[]))
    };
    assert!(trust(id) && !trust("NodeRole") && !trust("ClusterRole"), "{policy:#}");
    let profiles =
        |name: &str| actions(name).iter().any(|action| matches(action, "eks:CreateFargateProfile"));
    assert!(profiles("fargate") && !profiles("three-tiers"));
}

/// What services ask for with the caller's rights and no handler's list names. Sources: VPC user guide, service-linked role of NAT gateways;
/// KMS user guide, keys in IAM policy statements; service authorization reference, CreateVpcEndpoint; EventBridge, names of rules.
#[test]
fn services_get_the_rights_that_they_borrow() {
    let named = |name: &str| {
        let path = crate::support::root().join(format!("blueprints/{name}.yaml"));
        std::fs::read_to_string(path).unwrap()
    };
    let policy = |text: &str| {
        let built = build(text);
        deploy(&built.intent, &built.template)
    };
    let role = "arn:aws:iam::111122223333:role/aws-service-role/ec2-nat-gateway.amazonaws.com/AWSServiceRoleForNATGateway";
    let linked = ("iam:AWSServiceName", "ec2-nat-gateway.amazonaws.com");
    let call = Call::new("iam:CreateServiceLinkedRole", role, &[linked]);
    assert!(allowed(&policy(&named("regional-nat")), &call));
    assert!(!allowed(&policy(&named("three-tiers")), &call));

    let region = ("aws:RequestedRegion", "eu-central-1");
    let call = Call::new("route53:AssociateVPCWithHostedZone", "*", &[region]);
    assert!(allowed(&policy(&named("private-only")), &call));

    let organization = named("organization");
    assert!(organization.contains("secretsKey: alias/eks"));
    let policy_of_organization = policy(&organization);
    let key = format!("arn:aws:kms:eu-central-1:{ACCOUNT}:key/1");
    for action in ["kms:CreateGrant", "kms:DescribeKey"] {
        let grant =
            |alias| Call::new(action, key.as_str(), &[region, ("kms:ResourceAliases", alias)]);
        assert!(allowed(&policy_of_organization, &grant("alias/eks")), "{action}");
        assert!(!allowed(&policy_of_organization, &grant("alias/payments")), "{action}");
    }
    let statements = policy_of_organization.to_string();
    assert!(statements.contains("iam:ListAttachedRolePolicies"), "of roles that exist");

    let long = named("karpenter").replace("name: burst", "name: platform-production-europe");
    let rule = format!(
        "arn:aws:events:us-east-2:{ACCOUNT}:rule/eksnet-platform-producti-KarpenterOnRebalance-ABCDEFGHIJKL"
    );
    let region = ("aws:RequestedRegion", "us-east-2");
    assert!(allowed(&policy(&long), &Call::new("events:PutRule", rule, &[region])));
}

/// Who may tag a key that has another name could make it the stack's own.
#[test]
fn keys_of_others_stay_theirs() {
    let path = crate::support::root().join("blueprints/ebs-and-kms.yaml");
    let built = build(&std::fs::read_to_string(path).unwrap());
    let policy = deploy(&built.intent, &built.template);
    let key = format!("arn:aws:kms:{}:{ACCOUNT}:key/1", built.intent.region.name);
    let tag = |name: &[(&str, &str)]| {
        let region = [("aws:RequestedRegion", built.intent.region.name)];
        Call::new("kms:TagResource", key.as_str(), &[&region[..], name].concat())
    };
    assert!(allowed(&policy, &tag(&[])));
    assert!(!allowed(&policy, &tag(&[("aws:ResourceTag/Name", "payments")])));
    let keys = built.template.resources().filter(|(_, one)| one["Type"] == "AWS::KMS::Key");
    let tags = keys.flat_map(|(_, one)| one["Properties"]["Tags"].as_array().unwrap());
    let own = tags.into_iter().find(|tag| tag["Key"] == "Name").unwrap()["Value"].as_str().unwrap();
    for action in ["kms:CreateGrant", "kms:DescribeKey"] {
        let call = |name: &[(&str, &str)]| Call { action: action.into(), ..tag(name) };
        assert!(
            allowed(&policy, &call(&[])),
            "{action}: a new key's tag counts some minutes later"
        );
        assert!(allowed(&policy, &call(&[("aws:ResourceTag/Name", own)])), "{action}");
        assert!(!allowed(&policy, &call(&[("aws:ResourceTag/Name", "payments")])), "{action}");
    }
}

/// IAM accepts no empty list in a condition.
#[test]
fn no_condition_is_empty() {
    let groups = CLEAN.replace("policy: AmazonEKSViewPolicy", "kubernetesGroups: [viewers]");
    assert_ne!(groups, CLEAN);
    let texts = blueprints().into_iter().map(|(_, path)| std::fs::read_to_string(path).unwrap());
    for text in texts.chain([groups]) {
        let built = build(&text);
        let policy = deploy(&built.intent, &built.template).to_string();
        assert!(!policy.contains(":[]"), "{policy}");
    }
}

#[test]
fn the_evaluator_reads_policies_as_iam_does() {
    assert!(
        matches("ec2:Describe*", "ec2:DescribeVpcs") && !matches("a?c", "ac") && matches("*", "")
    );
    assert!(
        arn_matches("arn:aws:iam::*:role/a-*", "arn:aws:iam::1:role/a-b")
            && !arn_matches("arn:aws:iam::*:role/a", "arn:aws:iam::1:x:role/a")
    );
    let policy = json!({ "Statement": [
        { "Effect": "Allow", "Action": "a:*", "Resource": "*", "Condition": { "ForAllValues:StringEquals": { "k": ["x"] } } },
        { "Effect": "Deny", "Action": ["a:No"], "Resource": "*" },
    ] });
    let call = |action: &str, context: &[(&str, &str)]| {
        allowed(&policy, &Call::new(action, "arn:aws:s3:::b", context))
    };
    assert!(call("a:Yes", &[]) && call("a:Yes", &[("K", "x")]));
    assert!(!call("a:Yes", &[("k", "x"), ("k", "y")]) && !call("a:No", &[]) && !call("b:Yes", &[]));
}
