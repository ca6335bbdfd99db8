//! Alarms on what runs out: ports of NAT gateways, address units of the VPC, addresses of the nodes as cni-metrics-helper counts them.

use serde::Serialize;
use serde_json::{Value, json};

use crate::address::AddressPlan;
use crate::facts::{alarms, eks, nat as nat_facts};
use crate::intent::security::Alarms;
use crate::intent::{Cluster, Intent, Tags};

use super::role::{Account, OwnPolicy, PodIdentityAssociation, PodRole, RoleTerms};
use super::value::{GetAtt, Ref, Tag, tags};
use super::{Graph, Kind, nat, transit};

const PATH: &str = "alarms";
const HELPER_ROLE: &str = "CniMetricsHelperRole";

#[derive(Serialize)]
struct Alarm {
    description: String,
    namespace: &'static str,
    metric: &'static str,
    dimensions: [Dimension; 1],
    statistic: &'static str,
    period: u32,
    periods: u32,
    threshold: u64,
    actions: Option<Vec<String>>,
    tags: Vec<Tag>,
}

impl Kind for Alarm {
    const TEMPLATE: &'static str = "cloudwatch/alarm";
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Dimension {
    name: &'static str,
    value: Value,
}

#[derive(Serialize)]
struct RatioAlarm {
    description: String,
    metrics: Vec<Value>,
    periods: u32,
    threshold: u32,
    actions: Option<Vec<String>>,
    tags: Vec<Tag>,
}

impl Kind for RatioAlarm {
    const TEMPLATE: &'static str = "cloudwatch/alarm-ratio";
}

pub fn build(intent: &Intent, plan: &AddressPlan, graph: &mut Graph) {
    let Some(alarms) = &intent.security.alarms else {
        return;
    };
    for gateway in nat::Gateways::of(intent, plan)
        .ids()
        .into_iter()
        .chain(transit::private_gateway_ids(intent, plan))
    {
        let watched = (
            alarms::NAT_NAMESPACE,
            alarms::NAT_METRIC,
            Dimension { name: alarms::NAT_DIMENSION, value: json!(Ref(gateway.clone())) },
        );
        let why = format!(
            "no port was left for a new connection: {},000 fit on an address for each destination",
            nat_facts::CONNECTIONS / 1_000
        );
        let facts = Alarm {
            threshold: 0,
            statistic: "Sum",
            period: alarms::PERIOD,
            tags: tags(intent, &gateway, &Tags::new()),
            ..alarm(intent, alarms, &why, watched)
        };
        graph.add(format!("Alarm{gateway}"), PATH, &facts);
    }
    let units = u64::from(alarms.threshold) * eks::ADDRESS_UNITS / 100;
    let why = format!(
        "{} per cent of the {} address units of a VPC are used (quota L-BB24F6E5)",
        alarms.threshold,
        eks::ADDRESS_UNITS
    );
    let watched = (
        alarms::UNITS_NAMESPACE,
        alarms::UNITS_METRIC,
        Dimension { name: alarms::UNITS_DIMENSION, value: json!(super::network::vpc_ref(intent)) },
    );
    graph.add(
        "AlarmAddressUnits",
        PATH,
        &Alarm { threshold: units, ..alarm(intent, alarms, &why, watched) },
    );
    if let Some(cluster) = intent.cluster.as_ref().filter(|_| alarms.metrics_helper) {
        metrics_helper(intent, cluster, alarms, graph);
    }
}

fn actions(alarms: &Alarms) -> Option<Vec<String>> {
    alarms.notify.clone().map(|topic| vec![topic])
}

/// Once a day, until somebody says otherwise.
fn alarm(
    intent: &Intent,
    alarms: &Alarms,
    why: &str,
    (namespace, metric, dimension): (&'static str, &'static str, Dimension),
) -> Alarm {
    Alarm {
        description: format!("{}: {why}", intent.name),
        namespace,
        metric,
        dimensions: [dimension],
        statistic: "Maximum",
        period: alarms::DAY,
        periods: 1,
        threshold: 0,
        actions: actions(alarms),
        tags: tags(intent, metric, &Tags::new()),
    }
}

/// A role for the helper through Pod Identity, and an alarm on what it counts.
fn metrics_helper(intent: &Intent, cluster: &Cluster, alarms: &Alarms, graph: &mut Graph) {
    let own = |name: &str| tags(intent, name, &Tags::new());
    let only = json!({ "StringEquals": { "cloudwatch:namespace": alarms::CNI_NAMESPACE } });
    // PutMetricData knows no resources; the namespace is what it can be held to.
    let statement = json!({ "Effect": "Allow", "Action": alarms::CNI_HELPER_ACTIONS, "Resource": "*", "Condition": only });
    let policy_document = json!({ "Version": "2012-10-17", "Statement": [statement] });
    let own_policies = Some(vec![OwnPolicy { policy_name: alarms::CNI_HELPER, policy_document }]);
    graph.add(
        HELPER_ROLE,
        PATH,
        &PodRole {
            policies: json!([]),
            own_policies,
            tags: own(alarms::CNI_HELPER),
            terms: RoleTerms::of(intent, HELPER_ROLE),
        },
    );
    graph.add(
        "CniMetricsHelperIdentity",
        PATH,
        &PodIdentityAssociation::of(
            intent,
            Account::system(alarms::CNI_HELPER),
            json!(GetAtt(HELPER_ROLE.into(), "Arn")),
        ),
    );
    if cluster.ipv6 {
        // With IPv6 a node's own prefix is more than it can use.
        return;
    }
    let metric = |name: &str| {
        let metric = json!({ "Namespace": alarms::CNI_NAMESPACE, "MetricName": name, "Dimensions": [{ "Name": alarms::CNI_DIMENSION, "Value": intent.cluster_name() }] });
        json!({ "Metric": metric, "Period": alarms::PERIOD, "Stat": "Maximum" })
    };
    let row =
        |id: &str, name: &str| json!({ "Id": id, "MetricStat": metric(name), "ReturnData": false });
    let ratio = json!({ "Id": "used", "Expression": "100 * assigned / most", "Label": "per cent", "ReturnData": true });
    let facts = RatioAlarm {
        description: format!(
            "{}: {} per cent of the addresses that the nodes can take are assigned to pods",
            intent.name, alarms.threshold
        ),
        metrics: vec![row("assigned", alarms::CNI_ASSIGNED), row("most", alarms::CNI_MOST), ratio],
        periods: 3,
        threshold: alarms.threshold,
        actions: actions(alarms),
        tags: own("pod-addresses"),
    };
    graph.add("AlarmPodAddresses", PATH, &facts);
}
