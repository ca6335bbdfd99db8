//! The least that an IAM principal needs for a blueprint, by the resources of its template: actions by use, each on as little as IAM can
//! tell apart. What is left over is in `docs/guide/rights.md`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::blueprint::model::Allocation;
use crate::facts::permissions::{
    self, ADDON_VALUES, CHANGE_SETS, CLOSE_DEFAULT_GROUP, COUNT_ADDRESS_UNITS, EKS_ACCOUNT_WIDE,
    EKS_RESOURCES, LOGS_ACCOUNT_WIDE, NODE_GROUPS, ORPHANS, PARAMETERS, READS, RESERVATIONS, STACK,
    TAG_CLUSTER_GROUP, TEMPLATES, UNPROTECT,
};
use crate::facts::regions::WITH_RESERVATIONS;
use crate::facts::{orphans, survey};
use crate::intent::equipment::Image;
use crate::intent::{Giver, Intent};
use crate::template::{self, Template};

use super::iam_roles::{self, Detail, allow, when};

/// To look: `check --online`, `diff`, `diff --save`, `status`, with what CloudFormation reads to find drift.
pub fn preview(intent: &Intent, template: &Template, bucket: Option<&str>) -> String {
    let rights = Rights { intent, template };
    let mut actions: BTreeSet<&str> = READS.iter().copied().collect();
    actions.extend(rights.of_handlers().filter(|action| permissions::only_reads(action)));
    actions.extend(rights.of_survey());
    actions.extend(permissions::POOL_READS.iter().filter(|_| rights.pools().next().is_some()));
    // A change set resolves them too.
    actions.extend(PARAMETERS.iter().filter(|_| rights.names_parameters()));
    written(&|detail| {
        let mut statements = rights.scoped(&actions, detail);
        statements.push(rights.on_stack(CHANGE_SETS));
        statements.extend(bucket.map(|name| rights.in_bucket(name)));
        statements
    })
}

/// To change: `deploy` and `destroy`, with what CloudFormation asks for on their behalf.
pub fn deploy(intent: &Intent, template: &Template, bucket: Option<&str>) -> String {
    let rights = Rights { intent, template };
    written(&|detail| {
        let mut statements = rights.scoped(&rights.of_changes(), detail);
        statements.push(rights.on_stack(&[CHANGE_SETS, STACK].concat()));
        statements.extend(iam_roles::statements(intent, template, detail));
        statements.extend(bucket.map(|name| rights.in_bucket(name)));
        statements
    })
}

/// To read what exists: `survey`, and what judges a survey that it makes.
pub fn survey() -> String {
    let statement = json!({
        "Sid": "ReadWhatExists",
        "Effect": "Allow",
        "Action": survey::ACTIONS,
        "Resource": "*",
    });
    super::json(&json!({ "Version": "2012-10-17", "Statement": [statement] }))
}

/// To reach every account of a fleet: the roles, and what `fleet check --online` reads in each.
pub fn fleet(roles: &BTreeSet<String>) -> String {
    let assume = (!roles.is_empty()).then(|| {
        json!({
            "Sid": "AssumeMemberRoles",
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": roles,
        })
    });
    let read = json!({
        "Sid": "ReadRanges",
        "Effect": "Allow",
        "Action": permissions::FLEET,
        "Resource": "*",
    });
    let statements: Vec<Value> = assume.into_iter().chain([read]).collect();
    super::json(&json!({ "Version": "2012-10-17", "Statement": statements }))
}

/// One document. IAM accepts no longer one than `POLICY_LIMIT`: then it says the same in fewer letters.
fn written(statements: &dyn Fn(Detail) -> Vec<Value>) -> String {
    let document =
        |statements: Vec<Value>| json!({ "Version": "2012-10-17", "Statement": statements });
    let brief = |statements: Vec<Value>| statements.iter().map(shortened).collect::<Vec<_>>();
    let exact = document(statements(Detail::Exact));
    let reads_by_verb = || document(brief(statements(Detail::Exact)));
    let fits = |document: &Value| document.to_string().chars().count() <= permissions::POLICY_LIMIT;
    let of = |detail| document(brief(statements(detail)));
    let (verbs, short, least) = (reads_by_verb(), of(Detail::Brief), of(Detail::Least));
    super::json(&[exact, verbs, short].into_iter().find(fits).unwrap_or(least))
}

/// What to do with a policy that no managed policy can hold.
pub fn excess(policy: &str) -> Option<String> {
    let compact: Value = serde_json::from_str(policy).unwrap_or_default();
    let length = compact.to_string().chars().count();
    (permissions::POLICY_LIMIT < length).then(|| {
        format!(
            "the policy has {length} characters, and a managed policy at most {}: attach it as an inline policy of the role (at most {}), or split its statements over two managed policies",
            permissions::POLICY_LIMIT,
            permissions::INLINE_POLICY_LIMIT
        )
    })
}

/// A statement whose reads stand by their verb, and whose changes by a pattern that stands for exactly them.
fn shortened(statement: &Value) -> Value {
    let mut statement = statement.clone();
    let Some(actions) = statement["Action"].as_array() else {
        return statement;
    };
    let mut actions: BTreeSet<&str> = actions.iter().filter_map(Value::as_str).collect();
    for (pattern, all) in permissions::SHORT {
        if all.iter().all(|action| actions.contains(action)) {
            actions.retain(|action| !all.contains(action));
            actions.insert(pattern);
        }
    }
    let short = |action: &str| match permissions::read_verb(action) {
        Some(verb) if !action.starts_with("iam:") => {
            format!("{}:{verb}*", action.split(':').next().unwrap_or_default())
        }
        _ => action.to_string(),
    };
    statement["Action"] = json!(actions.into_iter().map(short).collect::<BTreeSet<String>>());
    statement
}

/// Actions that let somebody into the cluster.
const ENTERING: &[&str] =
    &["eks:AssociateAccessPolicy", "eks:CreateAccessEntry", "eks:UpdateAccessEntry"];

const EVENT_RULE: &str = "AWS::Events::Rule";
/// What is encrypted for nodes, Auto Scaling encrypts with rights of its own.
const LAUNCH_TEMPLATE: &str = "AWS::EC2::LaunchTemplate";

/// On keys that have no tag that counts yet, and on those of the stack.
const NEW_KEYS: &[&str] = &["kms:CreateKey", "kms:EnableKeyRotation", "kms:TagResource"];
const OWN_KEYS: &[&str] = &[
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:UntagResource",
    "kms:UpdateKeyDescription",
];

/// What IAM can hold an action to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    Reads,
    /// Of services that know no resource at creation, or whose resources have ids of AWS's: the Region at least.
    Region,
    Cluster,
    /// Load balancers, target groups and instances that carry the cluster's tags.
    Tagged,
    LogGroups,
    Alarms,
    Keys,
    /// Keys that the stack makes, before anything tells them apart: their ids are AWS's.
    NewKeys,
    /// The stack's own, by their tag.
    OwnKeys,
    Queues,
    EventRules,
    FlowLogBucket,
    /// Roles and providers have statements of their own.
    Roles,
}

fn scope(action: &str) -> Scope {
    let reads = permissions::only_reads(action);
    match action.split(':').next().unwrap_or_default() {
        "iam" => Scope::Roles,
        "kms" if NEW_KEYS.contains(&action) => Scope::NewKeys,
        "kms" if OWN_KEYS.contains(&action) => Scope::OwnKeys,
        "kms" => Scope::Keys,
        "sqs" => Scope::Queues,
        "events" => Scope::EventRules,
        "s3" => Scope::FlowLogBucket,
        "eks" if !EKS_ACCOUNT_WIDE.contains(&action) => Scope::Cluster,
        "logs" if !LOGS_ACCOUNT_WIDE.contains(&action) => Scope::LogGroups,
        "cloudwatch" if !reads => Scope::Alarms,
        "elasticloadbalancing" if !reads => Scope::Tagged,
        _ if action == "ec2:TerminateInstances" => Scope::Tagged,
        _ if reads => Scope::Reads,
        _ => Scope::Region,
    }
}

struct Rights<'a> {
    intent: &'a Intent,
    template: &'a Template,
}

impl<'a> Rights<'a> {
    fn of_handlers(&self) -> impl Iterator<Item = &'static str> {
        self.template.resources().flat_map(|(_, resource)| {
            permissions::of(resource["Type"].as_str().unwrap_or_default(), &resource["Properties"])
        })
    }

    /// Whether parts of subnets are reserved through EC2, where CloudFormation has no type for it.
    fn reserves_by_api(&self) -> bool {
        let reserved = |one: &Value| !one["Metadata"]["PrefixReservation"].is_null();
        !WITH_RESERVATIONS.contains(&self.intent.region.name)
            && self.template.resources().any(|(_, one)| reserved(one))
    }

    fn tags_cluster_group(&self) -> bool {
        self.has("AWS::EKS::Cluster") && !self.intent.security.tags.is_empty()
    }

    /// The pools of IPAM that give ranges, by the way in which they do.
    fn pools(&self) -> impl Iterator<Item = Allocation> {
        self.intent.vpc.given.iter().filter_map(|given| match given.by {
            Giver::Pool { allocation, .. } => Some(allocation),
            Giver::Class(_) => None,
        })
    }

    fn has(&self, kind: &str) -> bool {
        self.template.resources().any(|(_, one)| one["Type"] == kind)
    }

    /// Whether images are named by parameters.
    fn names_parameters(&self) -> bool {
        let groups = self.intent.cluster.iter().flat_map(|cluster| &cluster.node_groups);
        let mut images = groups.filter_map(|group| group.ami.image.as_ref());
        images.any(|image| matches!(image, Image::Parameter(_)))
    }

    /// Whether the add-on of a cluster that others made is told what the blueprint sets.
    fn sets_aws_node(&self) -> bool {
        let cluster = self.intent.cluster.as_ref();
        cluster.is_some_and(|cluster| cluster.sets_aws_node() && cluster.aws_node.is_addon())
    }

    /// What is read of a VPC and a cluster that others made.
    fn of_survey(&self) -> impl Iterator<Item = &'static str> {
        let exists = self.intent.vpc.existing.is_some();
        let reads =
            survey::ACTIONS.iter().copied().filter(|action| permissions::only_reads(action));
        reads.filter(move |_| exists)
    }

    fn of_changes(&self) -> BTreeSet<&'static str> {
        let intent = self.intent;
        let own = [
            (true, ORPHANS),
            (intent.security.default_closed, CLOSE_DEFAULT_GROUP),
            (intent.security.alarms.is_some(), COUNT_ADDRESS_UNITS),
            (self.tags_cluster_group(), TAG_CLUSTER_GROUP),
            (self.reserves_by_api(), RESERVATIONS),
            (self.has("AWS::EKS::Nodegroup"), NODE_GROUPS),
            (self.has("AWS::EKS::Cluster"), UNPROTECT),
            (self.names_parameters(), PARAMETERS),
            (self.sets_aws_node(), ADDON_VALUES),
            (self.pools().next().is_some(), permissions::POOL_READS),
            (self.pools().next().is_some(), permissions::POOL_TAKES),
            (self.pools().any(|way| way == Allocation::Custom), permissions::POOL_RELEASES),
        ];
        let own = own.iter().filter(|(used, _)| *used).flat_map(|(_, actions)| actions.iter());
        let read = READS.iter().chain(own).copied().chain(self.of_survey());
        read.chain(self.of_handlers()).collect()
    }

    /// The actions, each on what its scope is.
    fn scoped(&self, actions: &BTreeSet<&str>, detail: Detail) -> Vec<Value> {
        let mut scopes: BTreeMap<Scope, Vec<&str>> = BTreeMap::new();
        actions.iter().for_each(|action| scopes.entry(scope(action)).or_default().push(action));
        // EKS asks for a grant seconds after the stack's key is made, before KMS heeds its tag. CreateCluster does not support
        // `kms:GrantIsForAWSResource` (EKS user guide, enable secret encryption, as it is known; not read again).
        let on_key = scopes.get(&Scope::Keys).cloned().filter(|_| self.has("AWS::KMS::Key"));
        on_key.iter().for_each(|more| scopes.entry(Scope::NewKeys).or_default().extend(more));
        scopes.iter().flat_map(|(scope, actions)| self.on(*scope, actions, detail)).collect()
    }

    fn on(&self, scope: Scope, actions: &[&str], detail: Detail) -> Vec<Value> {
        let region = json!({ "StringEquals": { "aws:RequestedRegion": self.intent.region.name } });
        let resources = match scope {
            Scope::Roles => return Vec::new(),
            Scope::Cluster => return self.on_cluster(actions),
            Scope::Tagged => return self.on_tagged(actions),
            Scope::Reads => return vec![allow(actions, json!("*"))],
            Scope::Region => return vec![when(allow(actions, json!("*")), region)],
            Scope::NewKeys => return self.on_new_keys(actions, region),
            Scope::OwnKeys => return self.on_own_keys(actions),
            Scope::LogGroups => self.log_groups(detail),
            Scope::Queues => vec![self.arn("sqs", self.intent.cluster_name())],
            Scope::EventRules => self.named(EVENT_RULE, "rule/", "events", detail),
            Scope::Alarms => self.named("AWS::CloudWatch::Alarm", "alarm:", "cloudwatch", detail),
            Scope::Keys => return self.on_keys(actions),
            Scope::FlowLogBucket => self.flow_log_buckets(),
        };
        if resources.is_empty() { Vec::new() } else { vec![allow(actions, json!(resources))] }
    }

    fn arn(&self, service: &str, resource: &str) -> String {
        let region = &self.intent.region;
        format!("arn:{}:{service}:{}:*:{resource}", region.partition(), region.name)
    }

    /// By the names that CloudFormation gives: stack, logical id, letters of its own.
    fn named(&self, kind: &str, prefix: &str, service: &str, detail: Detail) -> Vec<String> {
        let own = self
            .template
            .resources()
            .filter(|(_, one)| one["Type"] == kind && one["Properties"]["LogGroupName"].is_null());
        let ids: Vec<&str> = own.map(|(id, _)| id.as_str()).collect();
        // Names of rules are cut, those of alarms and log groups have room.
        let stack = self.intent.stack();
        let whole = |id: &str| kind != EVENT_RULE || permissions::is_whole(&stack, id);
        let begin = |id: &str| self.arn(service, &format!("{prefix}{}-{id}", self.intent.stack()));
        match (detail, common_begin(&ids)) {
            (Detail::Brief | Detail::Least, common)
                if 1 < ids.len() && !common.is_empty() && ids.iter().all(|id| whole(id)) =>
            {
                vec![format!("{}*", begin(common))]
            }
            _ => {
                let name = |id: &&str| match whole(id) {
                    true => format!("{stack}-{id}-*"),
                    false => permissions::generated_names(&stack, id),
                };
                ids.iter().map(|id| self.arn(service, &format!("{prefix}{}", name(id)))).collect()
            }
        }
    }

    /// By their own names, or by those that CloudFormation gives.
    fn log_groups(&self, detail: Detail) -> Vec<String> {
        let own = self.template.resources().filter(|(_, one)| one["Type"] == "AWS::Logs::LogGroup");
        let name = |one: &Value| one["Properties"]["LogGroupName"].as_str().map(str::to_string);
        let named = own.filter_map(|(_, one)| name(one));
        let named: Vec<String> =
            named.map(|name| self.arn("logs", &format!("log-group:{name}*"))).collect();
        let mut all = self.named("AWS::Logs::LogGroup", "log-group:", "logs", detail);
        all.extend(named);
        all
    }

    /// Everything of this cluster's and of no other.
    fn on_cluster(&self, actions: &[&str]) -> Vec<Value> {
        let entering = |action: &&&str| ENTERING.contains(*action);
        let (entries, others): (Vec<&str>, Vec<&str>) =
            actions.iter().partition(|action| entering(action));
        let about = |word: &str| others.iter().any(|action| action.contains(word));
        let within = EKS_RESOURCES.iter().filter(|(word, _)| about(word));
        let within = within.map(|(_, resource)| self.of_cluster(resource));
        let resources: Vec<String> = [self.cluster()].into_iter().chain(within).collect();
        let entries = entries.into_iter().filter_map(|action| self.entering(action));
        [allow(&others, json!(resources))].into_iter().chain(entries).collect()
    }

    /// Who may enter the cluster, and with which policy, is what the blueprint says.
    fn entering(&self, action: &str) -> Option<Value> {
        let principals = json!({ "eks:principalArn": self.principals() });
        if action == "eks:AssociateAccessPolicy" {
            // An empty list is no condition that IAM accepts.
            let policies = Some(self.access_policies()).filter(|all| !all.is_empty())?;
            let policies = json!({ "eks:policyArn": policies });
            let only = json!({ "ArnLike": principals, "StringEquals": policies });
            return Some(when(allow(&[action], json!(self.of_cluster("access-entry"))), only));
        }
        let groups = json!({ "eks:kubernetesGroups": self.groups() });
        let only = json!({ "ArnLike": principals, "ForAllValues:StringEquals": groups });
        let created = action == "eks:CreateAccessEntry";
        let resource = if created { self.cluster() } else { self.of_cluster("access-entry") };
        Some(when(allow(&[action], json!(resource)), only))
    }

    fn cluster(&self) -> String {
        self.arn("eks", &format!("cluster/{}", self.intent.cluster_name()))
    }

    fn of_cluster(&self, resource: &str) -> String {
        self.arn("eks", &format!("{resource}/{}/*", self.intent.cluster_name()))
    }

    fn entries(&self) -> impl Iterator<Item = &'a Value> {
        let own = self.template.resources();
        own.filter(|(_, one)| one["Type"] == "AWS::EKS::AccessEntry")
            .map(|(_, one)| &one["Properties"])
    }

    fn principals(&self) -> BTreeSet<String> {
        let arn = |entry: &Value| match &entry["PrincipalArn"] {
            Value::String(arn) => Some(arn.clone()),
            function => {
                let role = function["Fn::GetAtt"][0].as_str()?;
                Some(iam_roles::arn(self.intent, role))
            }
        };
        self.entries().filter_map(arn).collect()
    }

    fn access_policies(&self) -> BTreeSet<String> {
        let policies = self.entries().filter_map(|entry| entry["AccessPolicies"].as_array());
        let arn = |policy: &Value| iam_roles::resolved(self.intent, &policy["PolicyArn"]);
        policies.flatten().filter_map(arn).collect()
    }

    /// Groups of the entries; none is an empty name, which no group has.
    fn groups(&self) -> BTreeSet<String> {
        let groups = self.entries().filter_map(|entry| entry["KubernetesGroups"].as_array());
        let names = groups.flatten().filter_map(Value::as_str).map(str::to_string);
        names.chain([String::new()]).collect()
    }

    /// IAM knows no "or" among keys: a statement for each tag that makes something the cluster's.
    fn on_tagged(&self, actions: &[&str]) -> Vec<Value> {
        let only = |(key, value): (String, String)| {
            let tag = json!({ format!("aws:ResourceTag/{key}"): value });
            when(allow(actions, json!("*")), json!({ "StringEquals": tag }))
        };
        let name = self.intent.cluster_name();
        let auto = self.intent.cluster.iter().filter(|cluster| cluster.auto.is_some());
        let auto = auto.map(|_| orphans::tag_of_auto_mode(name));
        orphans::tags_of_the_cluster(name).into_iter().chain(auto).map(only).collect()
    }

    /// KMS keys that the blueprint names; without one nobody needs any. An alias identifies no key in a policy: KMS user guide, keys in IAM
    /// policy statements.
    fn on_keys(&self, actions: &[&str]) -> Vec<Value> {
        let is_arn = |text: &str| text.starts_with("arn:") && text.contains(":kms:");
        let is_key = |text: &&str| is_arn(text) || text.starts_with("alias/");
        let used = self.template.resources().filter(|(_, one)| one["Type"] != LAUNCH_TEMPLATE);
        let texts = used.flat_map(|(_, one)| template::texts(one));
        let (aliases, keys): (Vec<&str>, Vec<&str>) =
            texts.filter(is_key).partition(|text| text.contains("alias/"));
        let keys: BTreeSet<String> = keys.into_iter().map(str::to_string).collect();
        let names: BTreeSet<String> = aliases
            .into_iter()
            .filter_map(|text| text.split_once("alias/"))
            .map(|(_, name)| format!("alias/{name}"))
            .collect();
        let only = json!({ "ForAnyValue:StringEquals": { "kms:ResourceAliases": names } });
        let by_arn = (!keys.is_empty()).then(|| allow(actions, json!(keys)));
        let key = self.arn("kms", "key/*");
        let by_alias = (!names.is_empty()).then(|| when(allow(actions, json!(key)), only));
        by_arn.into_iter().chain(by_alias).collect()
    }

    /// A key that has another name already is somebody's: who may tag it could make it the stack's own.
    fn on_new_keys(&self, actions: &[&str], mut only: Value) -> Vec<Value> {
        only["StringEqualsIfExists"] = json!({ "aws:ResourceTag/Name": self.key_names() });
        vec![when(allow(actions, json!("*")), only)]
    }

    fn key_names(&self) -> Vec<Value> {
        let keys = self.template.resources().filter(|(_, one)| one["Type"] == "AWS::KMS::Key");
        let tags = keys.filter_map(|(_, one)| one["Properties"]["Tags"].as_array()).flatten();
        tags.filter(|tag| tag["Key"] == "Name").map(|tag| tag["Value"].clone()).collect()
    }

    /// KMS heeds a tag some minutes after it was set, which is soon enough for these.
    fn on_own_keys(&self, actions: &[&str]) -> Vec<Value> {
        let only = json!({ "StringEquals": { "aws:ResourceTag/Name": self.key_names() } });
        vec![when(allow(actions, json!(self.arn("kms", "key/*"))), only)]
    }

    /// Buckets that the VPC's flow logs go to.
    fn flow_log_buckets(&self) -> Vec<String> {
        let own = self.template.resources().filter(|(_, one)| one["Type"] == "AWS::EC2::FlowLog");
        let bucket = |one: &Value| {
            let destination = one["Properties"]["LogDestination"].as_str()?;
            destination.split('/').next().map(str::to_string)
        };
        own.filter_map(|(_, one)| bucket(one)).collect()
    }

    fn on_stack(&self, actions: &[&str]) -> Value {
        let stack = format!("stack/{}/*", self.intent.stack());
        allow(actions, json!(self.arn("cloudformation", &stack)))
    }

    /// CloudFormation reads a template from a bucket with the rights of whoever names it.
    fn in_bucket(&self, bucket: &str) -> Value {
        let (partition, stack) = (self.intent.region.partition(), self.intent.stack());
        allow(TEMPLATES, json!(format!("arn:{partition}:s3:::{bucket}/eksnet/{stack}/*")))
    }
}

/// What all of the texts begin with.
fn common_begin<'t>(texts: &[&'t str]) -> &'t str {
    let [first, rest @ ..] = texts else {
        return "";
    };
    let shared = |text: &str| first.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count();
    let end = rest.iter().map(|text| shared(text)).min().unwrap_or(first.len());
    first.get(..end).unwrap_or_default()
}
