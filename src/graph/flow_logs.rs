//! Flow logs of the VPC, and where they go.

use serde::Serialize;
use serde_json::{Value, json};

use crate::blueprint::model::Traffic;
use crate::facts::logs;
use crate::intent::flow_logs::FlowLogTarget;
use crate::intent::{FlowLogs, Intent, Tags};

use super::logs::LogGroup;
use super::role::{OwnPolicy, RoleTerms, ServiceRole};
use super::value::{GetAtt, Ref, Tag, tags};
use super::{Graph, Kind};

const PATH: &str = "vpc.flowLogs";
const GROUP: &str = "FlowLogGroup";
const ROLE: &str = "FlowLogRole";

#[derive(Serialize)]
struct FlowLog {
    vpc: Ref,
    traffic: &'static str,
    kind: &'static str,
    destination: Value,
    role: Option<GetAtt>,
    interval: u32,
    options: Option<Options>,
    tags: Vec<Tag>,
}

/// Files that Athena reads by the hour.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Options {
    file_format: &'static str,
    hive_compatible_partitions: bool,
    per_hour_partition: bool,
}

impl Kind for FlowLog {
    const TEMPLATE: &'static str = "ec2/flow-log";
}

pub fn build(intent: &Intent, graph: &mut Graph) {
    let Some(logs) = &intent.vpc.flow_logs else {
        return;
    };
    let own = |name: &str| tags(intent, name, &Tags::new());
    match &logs.to {
        FlowLogTarget::Bucket(bucket) => {
            let options = Options {
                file_format: "parquet",
                hive_compatible_partitions: true,
                per_hour_partition: true,
            };
            graph.add(
                "FlowLog",
                PATH,
                &flow_log(
                    (intent, logs),
                    ("s3", json!(bucket)),
                    (None, Some(options)),
                    own("flow-log"),
                ),
            );
        }
        FlowLogTarget::LogGroup { retention_days, key } => {
            graph.add(
                GROUP,
                PATH,
                &LogGroup {
                    name: None,
                    deletion: None,
                    retention_days: *retention_days,
                    key: key.clone(),
                    tags: own("flow-logs"),
                },
            );
            graph.add(ROLE, PATH, &role(intent, own("flow-logs")));
            let (arn, role) =
                (json!(GetAtt(GROUP.into(), "Arn")), Some(GetAtt(ROLE.into(), "Arn")));
            graph.add(
                "FlowLog",
                PATH,
                &flow_log((intent, logs), ("cloud-watch-logs", arn), (role, None), own("flow-log")),
            );
        }
    }
}

fn flow_log(
    (intent, logs): (&Intent, &FlowLogs),
    (kind, destination): (&'static str, Value),
    (role, options): (Option<GetAtt>, Option<Options>),
    tags: Vec<Tag>,
) -> FlowLog {
    let traffic = match logs.traffic {
        Traffic::All => "ALL",
        Traffic::Accept => "ACCEPT",
        Traffic::Reject => "REJECT",
    };
    FlowLog {
        vpc: super::network::vpc_ref(intent),
        traffic,
        kind,
        destination,
        role,
        interval: logs.interval,
        options,
        tags,
    }
}

/// Only flow logs of this account. VPC user guide, IAM role for publishing flow logs: confused deputy.
fn own_flow_logs() -> serde_json::Value {
    json!({ "StringEquals": { "aws:SourceAccount": Ref("AWS::AccountId".into()) } })
}

/// May write into its own log group, and into no other.
fn role(intent: &Intent, tags: Vec<Tag>) -> ServiceRole {
    let statement = json!({ "Effect": "Allow", "Action": logs::ACTIONS, "Resource": GetAtt(GROUP.into(), "Arn") });
    let policy_document = json!({ "Version": "2012-10-17", "Statement": [statement] });
    let own_policies = Some(vec![OwnPolicy { policy_name: "flow-logs", policy_document }]);
    ServiceRole {
        service: json!("vpc-flow-logs.amazonaws.com"),
        actions: json!("sts:AssumeRole"),
        policies: Vec::new(),
        own_policies,
        condition: Some(own_flow_logs()),
        tags,
        terms: RoleTerms::of(intent, ROLE),
    }
}
