//! What Karpenter needs in AWS: nothing of it runs because of this.

use serde::Serialize;
use serde_json::{Value, json};

use crate::blueprint::model::ControllerRoleBy;
use crate::facts::eks;
use crate::facts::karpenter::{
    CLAIM_TAG, CLASS_TAG, CLUSTER_NAME_TAG, EVENTS, POOL_TAG, PROFILE_CHANGES, QUEUE, READS,
    RETENTION, SERVICE_ACCOUNT, STARTS, STARTS_AS, STARTS_FROM,
};
use crate::facts::ports::CLUSTER_TAG;
use crate::intent::aws_node::RoleBy;
use crate::intent::iam::Karpenter;
use crate::intent::{Cluster, Intent, Tags};

use super::role::{
    self, Account, OwnPolicy, PodIdentityAssociation, PodRole, RoleTerms, ServiceRole,
    WebIdentityRole,
};
use super::value::{GetAtt, Ref, Sub, Tag, managed_policies, tags};
use super::{Graph, Kind, access, aws_node_role};

const PATH: &str = "karpenter";
const CONTROLLER: &str = "KarpenterControllerRole";
const NODES: &str = "KarpenterNodeRole";
const INTERRUPTIONS: &str = "KarpenterQueue";

#[derive(Serialize)]
struct Queue {
    name: String,
    retention: u32,
    tags: Vec<Tag>,
}

impl Kind for Queue {
    const TEMPLATE: &'static str = "sqs/queue";
}

#[derive(Serialize)]
struct QueuePolicy {
    queues: [Ref; 1],
    policy: Value,
}

impl Kind for QueuePolicy {
    const TEMPLATE: &'static str = "sqs/queue-policy";
}

#[derive(Serialize)]
struct EventRule {
    description: String,
    sources: [&'static str; 1],
    detail_types: [&'static str; 1],
    targets: Value,
    tags: Vec<Tag>,
}

impl Kind for EventRule {
    const TEMPLATE: &'static str = "events/rule";
}

fn queue_arn() -> GetAtt {
    GetAtt(INTERRUPTIONS.into(), "Arn")
}

pub fn build(intent: &Intent, cluster: &Cluster, graph: &mut Graph) {
    let Some(karpenter) = &cluster.karpenter else {
        return;
    };
    queue(intent, graph);
    nodes(intent, cluster, graph);
    controller(intent, karpenter, graph);
    let name = Ref(NODES.into());
    graph.output(NODES, "What `role` of an EC2NodeClass names", name);
}

/// The role of its pods, and what hands it to them.
fn controller(intent: &Intent, karpenter: &Karpenter, graph: &mut Graph) {
    let policy_document = json!({ "Version": "2012-10-17", "Statement": statements(intent) });
    let own_policies = Some(vec![OwnPolicy { policy_name: "karpenter", policy_document }]);
    let tags = tags(intent, "karpenter", &Tags::new());
    let terms = RoleTerms::of(intent, CONTROLLER);
    let arn = GetAtt(CONTROLLER.into(), "Arn");
    match karpenter.role {
        ControllerRoleBy::PodIdentity => {
            let role = PodRole { policies: json!([]), own_policies, tags, terms };
            graph.add(CONTROLLER, PATH, &role);
            let (namespace, name) = (karpenter.namespace.clone(), SERVICE_ACCOUNT.to_string());
            let account = Account { namespace, name };
            let identity = PodIdentityAssociation::of(intent, account, json!(arn));
            graph.add("KarpenterIdentity", PATH, &identity);
        }
        ControllerRoleBy::Irsa => {
            role::oidc_provider(intent, "karpenter.role", graph);
            let trust = role::trust(&[(karpenter.namespace.as_str(), SERVICE_ACCOUNT)]);
            let policies = Vec::new();
            let role = WebIdentityRole { trust, policies, own_policies, tags, terms };
            graph.add(CONTROLLER, PATH, &role);
            graph.output(
                "KarpenterControllerRoleArn",
                "What `eks.amazonaws.com/role-arn` of Karpenter's service account names",
                arn,
            );
        }
    }
}

/// A role as that of node groups, and the entry by which its nodes join.
fn nodes(intent: &Intent, cluster: &Cluster, graph: &mut Graph) {
    let services = intent.region.partition.ec2;
    let mut role = ServiceRole {
        service: if let [only] = services { json!(only) } else { json!(services) },
        actions: json!("sts:AssumeRole"),
        policies: managed_policies(eks::NODE_POLICIES),
        own_policies: None,
        condition: None,
        tags: tags(intent, "karpenter-nodes", &Tags::new()),
        terms: RoleTerms::of(intent, NODES),
    };
    if cluster.aws_node.runs() && cluster.aws_node.role == RoleBy::NodeRole {
        let (policies, own_policies) = aws_node_role::rights(intent, cluster);
        role.policies.extend(policies);
        role.own_policies = own_policies;
    }
    graph.add(NODES, PATH, &role);
    access::karpenter_nodes(json!(GetAtt(NODES.into(), "Arn")), graph);
}

/// Interruptions arrive in a queue of the cluster's name, from these rules only.
fn queue(intent: &Intent, graph: &mut Graph) {
    let tags = tags(intent, "karpenter", &Tags::new());
    graph.add(
        INTERRUPTIONS,
        PATH,
        &Queue {
            name: intent.cluster_name().to_string(),
            retention: RETENTION,
            tags: tags.clone(),
        },
    );
    let mut rules = Vec::new();
    for (word, source, detail_type) in EVENTS {
        let id = format!("KarpenterOn{word}");
        let rule = EventRule {
            description: format!("{}: {detail_type}, for Karpenter", intent.cluster_name()),
            sources: [source],
            detail_types: [detail_type],
            targets: json!([{ "Id": INTERRUPTIONS, "Arn": queue_arn() }]),
            tags: tags.clone(),
        };
        graph.add(&id, PATH, &rule);
        rules.push(GetAtt(id, "Arn"));
    }
    let sent = json!({ "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" }, "Action": "sqs:SendMessage", "Resource": queue_arn(), "Condition": { "ArnEquals": { "aws:SourceArn": rules } } });
    let plain = json!({ "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": queue_arn(), "Condition": { "Bool": { "aws:SecureTransport": "false" } } });
    let policy = json!({ "Version": "2012-10-17", "Statement": [sent, plain] });
    graph.add(
        format!("{INTERRUPTIONS}Policy"),
        PATH,
        &QueuePolicy { queues: [Ref(INTERRUPTIONS.into())], policy },
    );
}

/// ARNs of EC2's in this Region; of the account, or of anybody.
fn of_ec2(kinds: &[&str]) -> Vec<Sub> {
    let arn = |kind: &&str| Sub(format!("arn:${{AWS::Partition}}:ec2:${{AWS::Region}}:*:{kind}/*"));
    kinds.iter().map(arn).collect()
}

fn allow(actions: &[&str], resource: impl Serialize) -> Value {
    json!({ "Effect": "Allow", "Action": actions, "Resource": resource })
}

fn when(mut statement: Value, condition: Value) -> Value {
    statement["Condition"] = condition;
    statement
}

/// Held to what carries this cluster's tags, wherever IAM can hold it.
fn statements(intent: &Intent) -> Vec<Value> {
    let mut statements = instances(intent);
    statements.extend(profiles(intent));
    let region = json!({ "StringEquals": { "aws:RequestedRegion": Ref("AWS::Region".into()) } });
    let parameters =
        Sub("arn:${AWS::Partition}:ssm:${AWS::Region}::parameter/aws/service/*".into());
    let passed = json!({ "StringEquals": { "iam:PassedToService": intent.region.partition.ec2 } });
    let cluster = format!(
        "arn:${{AWS::Partition}}:eks:${{AWS::Region}}:${{AWS::AccountId}}:cluster/{}",
        intent.cluster_name()
    );
    statements.extend([
        when(allow(READS, "*"), region),
        allow(&["ssm:GetParameter"], parameters),
        allow(&["pricing:GetProducts"], "*"),
        allow(QUEUE, queue_arn()),
        when(allow(&["iam:PassRole"], GetAtt(NODES.into(), "Arn")), passed),
        allow(&["eks:DescribeCluster"], Sub(cluster)),
    ]);
    statements
}

fn instances(intent: &Intent) -> Vec<Value> {
    let owner = format!("{CLUSTER_TAG}{}", intent.cluster_name());
    let pool = |kind: &str| json!({ format!("aws:{kind}/{POOL_TAG}"): "*" });
    let owned = json!({ "StringEquals": { format!("aws:ResourceTag/{owner}"): "owned" }, "StringLike": pool("ResourceTag") });
    let asked = |more: Value| {
        let mut equals = json!({ format!("aws:RequestTag/{owner}"): "owned", format!("aws:RequestTag/{CLUSTER_NAME_TAG}"): intent.cluster_name() });
        for (key, value) in more.as_object().into_iter().flatten() {
            equals[key] = value.clone();
        }
        json!({ "StringEquals": equals, "StringLike": pool("RequestTag") })
    };
    let created =
        json!({ "ec2:CreateAction": ["RunInstances", "CreateFleet", "CreateLaunchTemplate"] });
    let retagged = json!({
        "StringEquals": { format!("aws:ResourceTag/{owner}"): "owned" },
        "StringLike": pool("ResourceTag"),
        "StringEqualsIfExists": { format!("aws:RequestTag/{CLUSTER_NAME_TAG}"): intent.cluster_name() },
        "ForAllValues:StringEquals": { "aws:TagKeys": [CLUSTER_NAME_TAG, CLAIM_TAG, "Name"] },
    });
    let (templates, both) =
        (of_ec2(&["launch-template"]), of_ec2(&["instance", "launch-template"]));
    let starts = [STARTS, &["ec2:CreateLaunchTemplate"]].concat();
    vec![
        allow(STARTS, of_ec2(STARTS_FROM)),
        when(allow(STARTS, &templates), owned.clone()),
        when(allow(&starts, of_ec2(STARTS_AS)), asked(json!({}))),
        when(allow(&["ec2:CreateTags"], of_ec2(STARTS_AS)), asked(created)),
        when(allow(&["ec2:CreateTags"], of_ec2(&["instance"])), retagged),
        when(allow(&["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"], both), owned),
    ]
}

/// Instance profiles that it makes for its node classes.
fn profiles(intent: &Intent) -> Vec<Value> {
    let all = Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:instance-profile/*".to_string());
    let tagged = |kind: &str| {
        let owner = format!("aws:{kind}/{CLUSTER_TAG}{}", intent.cluster_name());
        (owner, format!("aws:{kind}/topology.kubernetes.io/region"))
    };
    let only = |kinds: &[&str]| {
        let mut equals = json!({});
        let mut like = json!({});
        for kind in kinds {
            let (owner, region) = tagged(kind);
            equals[owner] = json!("owned");
            equals[region] = json!(Ref("AWS::Region".into()));
            like[format!("aws:{kind}/{CLASS_TAG}")] = json!("*");
        }
        json!({ "StringEquals": equals, "StringLike": like })
    };
    vec![
        when(allow(&["iam:CreateInstanceProfile"], &all), only(&["RequestTag"])),
        when(allow(&["iam:TagInstanceProfile"], &all), only(&["RequestTag", "ResourceTag"])),
        when(allow(PROFILE_CHANGES, &all), only(&["ResourceTag"])),
        allow(&["iam:GetInstanceProfile"], &all),
        allow(&["iam:ListInstanceProfiles"], "*"),
    ]
}
