//! Kubernetes' objects as a survey keeps them.

use serde_json::Value;

use crate::observed::survey::{
    ApiService, CniNode, Condition, Container, DaemonSet, Deployment, Disruption, Endpoint,
    EndpointSlice, EniConfig, Event, Ingress, KubeNode, NetworkPolicy, OwnerRef, Pod, Port,
    Revision, SecurityGroupPolicy, Selector, Service, Tags, Taint, Webhook,
};

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}

fn some(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_string)
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

fn port_number(value: &Value) -> u16 {
    value.as_u64().and_then(|port| u16::try_from(port).ok()).unwrap_or(0)
}

fn each<'v>(value: &'v Value) -> impl Iterator<Item = &'v Value> + 'v {
    value.as_array().into_iter().flatten()
}

fn map(value: &Value) -> Tags {
    let pairs = value.as_object().into_iter().flatten();
    pairs.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_string()))).collect()
}

fn texts(value: &Value) -> Vec<String> {
    each(value).filter_map(some).collect()
}

fn managers(object: &Value) -> Vec<String> {
    let mut names: Vec<String> = each(&object["metadata"]["managedFields"])
        .filter_map(|one| some(&one["manager"]))
        .collect();
    names.dedup();
    names
}

fn condition(one: &Value) -> Condition {
    Condition {
        kind: text(&one["type"]),
        status: text(&one["status"]),
        reason: text(&one["reason"]),
        message: text(&one["message"]),
        since: some(&one["lastTransitionTime"]),
    }
}

pub fn node(object: &Value) -> KubeNode {
    let labels = map(&object["metadata"]["labels"]);
    let provider = text(&object["spec"]["providerID"]);
    let instance = provider.rsplit('/').next().filter(|id| id.starts_with("i-"));
    let allocatable = map(&object["status"]["allocatable"]);
    let addresses = each(&object["status"]["addresses"]);
    let internal = addresses.filter(|one| one["type"] == "InternalIP");
    KubeNode {
        name: text(&object["metadata"]["name"]),
        instance: instance.map(str::to_string),
        zone_name: labels.get("topology.kubernetes.io/zone").cloned(),
        zone_id: labels.get("topology.k8s.aws/zone-id").cloned(),
        pods: allocatable.get("pods").and_then(|pods| pods.parse().ok()),
        conditions: each(&object["status"]["conditions"]).map(condition).collect(),
        address: internal.filter_map(|one| some(&one["address"])).next(),
        unschedulable: object["spec"]["unschedulable"].as_bool().unwrap_or(false),
        taints: each(&object["spec"]["taints"])
            .map(|one| Taint {
                key: text(&one["key"]),
                value: text(&one["value"]),
                effect: text(&one["effect"]),
            })
            .collect(),
        created: some(&object["metadata"]["creationTimestamp"]),
        allocatable,
        labels,
    }
}

/// What kubectl keeps of a whole object is no annotation of its own.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

pub fn daemon_set(object: &Value) -> DaemonSet {
    let mut annotations = map(&object["metadata"]["annotations"]);
    annotations.remove(LAST_APPLIED);
    let status = &object["status"];
    DaemonSet {
        name: text(&object["metadata"]["name"]),
        desired: number(&status["desiredNumberScheduled"]),
        ready: number(&status["numberReady"]),
        updated: number(&status["updatedNumberScheduled"]),
        generation: number(&object["metadata"]["generation"]),
        containers: containers(&object["spec"]["template"]["spec"]),
        managers: managers(object),
        labels: map(&object["metadata"]["labels"]),
        annotations,
    }
}

/// Those of one DaemonSet, in the order of their numbers.
pub fn revisions(found: &[Value], of: &str) -> Vec<Revision> {
    let own = |object: &&Value| {
        each(&object["metadata"]["ownerReferences"])
            .any(|owner| owner["kind"] == "DaemonSet" && owner["name"] == of)
    };
    let one = |object: &Value| {
        let containers = containers(&object["data"]["spec"]["template"]["spec"]);
        let named = containers.into_iter().find(|container| container.name == of);
        Revision {
            number: number(&object["revision"]),
            created: some(&object["metadata"]["creationTimestamp"]),
            env: named.map(|container| container.env).unwrap_or_default(),
        }
    };
    let mut revisions: Vec<Revision> = found.iter().filter(own).map(one).collect();
    revisions.sort_by_key(|one| one.number);
    revisions
}

pub fn deployment(object: &Value) -> Deployment {
    Deployment {
        name: text(&object["metadata"]["name"]),
        replicas: object["spec"]["replicas"].as_u64().unwrap_or(1),
        ready: number(&object["status"]["readyReplicas"]),
        containers: containers(&object["spec"]["template"]["spec"]),
        labels: map(&object["metadata"]["labels"]),
    }
}

fn containers(spec: &Value) -> Vec<Container> {
    let of = |list: &Value, init: bool| -> Vec<Container> {
        each(list).map(|one| container(one, init)).collect()
    };
    [of(&spec["initContainers"], true), of(&spec["containers"], false)].concat()
}

fn container(one: &Value, init: bool) -> Container {
    let plain = each(&one["env"]).filter_map(|own| {
        // A name without a value is set to nothing; what comes from elsewhere is left out.
        let from = own.get("valueFrom").is_some();
        (!from).then(|| (text(&own["name"]), text(&own["value"])))
    });
    Container {
        name: text(&one["name"]),
        init,
        image: text(&one["image"]),
        args: texts(&one["args"]),
        env: plain.collect(),
    }
}

pub fn service(object: &Value) -> Service {
    let spec = &object["spec"];
    let mut annotations = map(&object["metadata"]["annotations"]);
    annotations.retain(|key, _| key.contains("load-balancer"));
    let port = |one: &Value| Port {
        name: text(&one["name"]),
        protocol: some(&one["protocol"]).unwrap_or_else(|| "TCP".to_string()),
        port: port_number(&one["port"]),
        target: match &one["targetPort"] {
            Value::Number(number) => Some(number.to_string()),
            other => some(other),
        },
    };
    Service {
        namespace: text(&object["metadata"]["namespace"]),
        name: text(&object["metadata"]["name"]),
        kind: text(&spec["type"]),
        cluster_ip: some(&spec["clusterIP"]),
        ingress: balancers(object),
        ports: each(&spec["ports"]).map(port).collect(),
        selector: map(&spec["selector"]),
        annotations,
        load_balancer_class: some(&spec["loadBalancerClass"]),
    }
}

/// Names or addresses of the load balancers that serve an object.
fn balancers(object: &Value) -> Vec<String> {
    let all = each(&object["status"]["loadBalancer"]["ingress"]);
    all.filter_map(|one| some(&one["hostname"]).or(some(&one["ip"]))).collect()
}

pub fn ingress(object: &Value) -> Ingress {
    let mut annotations = map(&object["metadata"]["annotations"]);
    let former = annotations.get("kubernetes.io/ingress.class").cloned();
    annotations.retain(|key, _| key.starts_with("alb.ingress.kubernetes.io/"));
    Ingress {
        namespace: text(&object["metadata"]["namespace"]),
        name: text(&object["metadata"]["name"]),
        class: some(&object["spec"]["ingressClassName"]).or(former),
        ingress: balancers(object),
        annotations,
    }
}

pub fn slice(object: &Value) -> EndpointSlice {
    let port = |one: &Value| Port {
        name: text(&one["name"]),
        protocol: some(&one["protocol"]).unwrap_or_else(|| "TCP".to_string()),
        port: port_number(&one["port"]),
        target: None,
    };
    let endpoint = |one: &Value| {
        let target = &one["targetRef"];
        let pod = (target["kind"] == "Pod")
            .then(|| format!("{}/{}", text(&target["namespace"]), text(&target["name"])));
        Endpoint {
            addresses: texts(&one["addresses"]),
            ready: one["conditions"]["ready"].as_bool().unwrap_or(true),
            node: some(&one["nodeName"]),
            pod,
        }
    };
    EndpointSlice {
        namespace: text(&object["metadata"]["namespace"]),
        name: text(&object["metadata"]["name"]),
        service: some(&object["metadata"]["labels"]["kubernetes.io/service-name"]),
        ports: each(&object["ports"]).map(port).collect(),
        endpoints: each(&object["endpoints"]).map(endpoint).collect(),
    }
}

pub fn eni_config(object: &Value) -> EniConfig {
    EniConfig {
        name: text(&object["metadata"]["name"]),
        subnet: text(&object["spec"]["subnet"]),
        security_groups: texts(&object["spec"]["securityGroups"]),
        managers: managers(object),
    }
}

pub fn cni_node(object: &Value) -> CniNode {
    let features = each(&object["spec"]["features"]);
    CniNode {
        name: text(&object["metadata"]["name"]),
        features: features.map(|one| (text(&one["name"]), text(&one["value"]))).collect(),
    }
}

fn selector(value: &Value) -> Selector {
    Selector {
        labels: map(&value["matchLabels"]),
        expressions: each(&value["matchExpressions"]).cloned().collect(),
    }
}

pub fn group_policy(object: &Value) -> SecurityGroupPolicy {
    let spec = &object["spec"];
    let of = |key: &str| spec.get(key).map(selector);
    SecurityGroupPolicy {
        namespace: text(&object["metadata"]["namespace"]),
        name: text(&object["metadata"]["name"]),
        groups: texts(&spec["securityGroups"]["groupIds"]),
        pods: of("podSelector"),
        service_accounts: of("serviceAccountSelector"),
    }
}

pub fn policy(object: &Value) -> NetworkPolicy {
    let spec = &object["spec"];
    NetworkPolicy {
        namespace: text(&object["metadata"]["namespace"]),
        name: text(&object["metadata"]["name"]),
        pods: selector(&spec["podSelector"]),
        types: texts(&spec["policyTypes"]),
        ingress: each(&spec["ingress"]).cloned().collect(),
        egress: each(&spec["egress"]).cloned().collect(),
    }
}

pub fn budget(object: &Value) -> Disruption {
    let of = |key: &str| object["status"][key].as_i64().unwrap_or(0);
    Disruption {
        namespace: text(&object["metadata"]["namespace"]),
        name: text(&object["metadata"]["name"]),
        allowed: of("disruptionsAllowed"),
        healthy: of("currentHealthy"),
        desired: of("desiredHealthy"),
        expected: of("expectedPods"),
    }
}

pub fn pod(object: &Value) -> Pod {
    let (spec, status) = (&object["spec"], &object["status"]);
    let states = each(&status["initContainerStatuses"]).chain(each(&status["containerStatuses"]));
    let owner = each(&object["metadata"]["ownerReferences"]).next();
    let annotations = &object["metadata"]["annotations"];
    Pod {
        namespace: text(&object["metadata"]["namespace"]),
        name: text(&object["metadata"]["name"]),
        node: some(&spec["nodeName"]),
        ip: some(&status["podIP"]),
        host_network: spec["hostNetwork"].as_bool().unwrap_or(false),
        phase: text(&status["phase"]),
        waiting: states.filter_map(|one| some(&one["state"]["waiting"]["reason"])).next(),
        images: each(&spec["containers"]).filter_map(|one| some(&one["image"])).collect(),
        owner: owner.map(|one| OwnerRef { kind: text(&one["kind"]), name: text(&one["name"]) }),
        labels: map(&object["metadata"]["labels"]),
        own_interface: annotations.get("vpc.amazonaws.com/pod-eni").is_some(),
        created: some(&object["metadata"]["creationTimestamp"]),
    }
}

/// Reasons that concern the network; of eks-node-monitoring-agent every one.
const REASONS: [&str; 14] = [
    "FailedCreatePodSandBox",
    "FailedCreatePodSandbox",
    "MissingIAMPermissions",
    "InsufficientFreeAddresses",
    "NodeNotReady",
    "FailedScheduling",
    "NetworkNotReady",
    "FailedBuildModel",
    "FailedDeployModel",
    "BackOff",
    "Failed",
    "SyncLoadBalancerFailed",
    "BranchAllocationFailed",
    "ResourceNotFound",
];

/// Why the API refuses an object; the reason is that of whoever wrote it.
const CALLS: &str = "failed calling webhook";

pub fn events(found: &[Value]) -> Vec<Event> {
    let mut events: Vec<Event> = found.iter().map(event).collect();
    events.retain(|one| {
        REASONS.contains(&one.reason.as_str())
            || one.reporter == "eks-node-monitoring-agent"
            || one.message.contains(CALLS)
    });
    events.sort_by(|one, other| {
        let key = |event: &Event| {
            (
                event.namespace.clone(),
                event.about.clone(),
                event.reason.clone(),
                event.first.clone(),
            )
        };
        key(one).cmp(&key(other))
    });
    events
}

fn event(object: &Value) -> Event {
    let about = &object["involvedObject"];
    let place = match some(&about["namespace"]) {
        Some(namespace) => format!("{namespace}/{}", text(&about["name"])),
        None => text(&about["name"]),
    };
    let reporter = some(&object["reportingComponent"]).or(some(&object["source"]["component"]));
    Event {
        namespace: text(&object["metadata"]["namespace"]),
        about: format!("{} {place}", text(&about["kind"])),
        reason: text(&object["reason"]),
        message: text(&object["message"]),
        reporter: reporter.unwrap_or_default(),
        node: some(&object["source"]["host"]),
        count: object["count"].as_u64().or(object["series"]["count"].as_u64()).unwrap_or(1),
        first: some(&object["firstTimestamp"]).or(some(&object["eventTime"])),
        last: some(&object["lastTimestamp"])
            .or(some(&object["series"]["lastObservedTime"]))
            .or(some(&object["eventTime"])),
    }
}

pub fn webhooks(validating: &[Value], mutating: &[Value]) -> Vec<Webhook> {
    let of = |objects: &[Value], mutating: bool| -> Vec<Webhook> {
        objects
            .iter()
            .flat_map(|object| each(&object["webhooks"]).map(move |one| (object, one)))
            .map(|(object, one)| webhook(object, one, mutating))
            .collect()
    };
    let mut all = [of(mutating, true), of(validating, false)].concat();
    all.sort_by_key(|one| (one.configuration.clone(), one.name.clone(), one.mutating));
    all
}

fn webhook(object: &Value, one: &Value, mutating: bool) -> Webhook {
    let client = &one["clientConfig"];
    let service = &client["service"];
    Webhook {
        configuration: text(&object["metadata"]["name"]),
        name: text(&one["name"]),
        mutating,
        failure_policy: some(&one["failurePolicy"]).unwrap_or_else(|| "Fail".to_string()),
        service: service
            .is_object()
            .then(|| format!("{}/{}", text(&service["namespace"]), text(&service["name"]))),
        port: service.is_object().then(|| match service["port"].as_u64() {
            Some(_) => port_number(&service["port"]),
            None => crate::facts::ports::HTTPS,
        }),
        url: some(&client["url"]),
        timeout: one["timeoutSeconds"].as_u64().and_then(|seconds| u32::try_from(seconds).ok()),
    }
}

pub fn api_service(object: &Value) -> ApiService {
    let service = &object["spec"]["service"];
    let mut states = each(&object["status"]["conditions"]).map(condition);
    ApiService {
        name: text(&object["metadata"]["name"]),
        service: service
            .is_object()
            .then(|| format!("{}/{}", text(&service["namespace"]), text(&service["name"]))),
        port: service.is_object().then(|| match service["port"].as_u64() {
            Some(_) => port_number(&service["port"]),
            None => crate::facts::ports::HTTPS,
        }),
        available: states.find(|one| one.kind == "Available"),
    }
}

/// ARNs of the roles that `aws-auth` lets in; nothing else of it is kept.
pub fn mapped_roles(object: &Value) -> Vec<String> {
    let rows = object["data"]["mapRoles"].as_str().unwrap_or_default();
    let arns = rows.lines().filter_map(|line| line.split_once("rolearn:"));
    arns.map(|(_, arn)| arn.trim().trim_matches(['"', '\'']).to_string()).collect()
}
