//! What a node is told at its first start, in the words of its AMI's family. EKS adds its own part to that of its own images; for an image
//! of the author's it adds nothing, so the whole stands here.

use serde_json::{Map, Value, json};

use crate::blueprint::model::TaintEffect;
use crate::facts::eks::Boot;
use crate::facts::node_config::{API_VERSION, KIND};
use crate::intent::equipment::OwnWords;
use crate::intent::{Cluster, Intent, NodeGroup};
use crate::template::to_yaml;

/// Attributes of the cluster in the stack.
pub const ENDPOINT: &str = "${Cluster.Endpoint}";
pub const AUTHORITY: &str = "${Cluster.CertificateAuthorityData}";
const SERVICES_IPV6: &str = "${Cluster.KubernetesNetworkConfig.ServiceIpv6Cidr}";

/// Which of the cluster's services have their addresses, as nodeadm asks for it.
pub fn services(cluster: &Cluster) -> String {
    if cluster.ipv6 { SERVICES_IPV6.to_string() } else { cluster.service_cidr.to_string() }
}

/// `None`: its image needs to be told nothing.
pub fn of(intent: &Intent, cluster: &Cluster, group: &NodeGroup, max_pods: u64) -> Option<Value> {
    let node = Told { intent, cluster, group, max_pods };
    match (group.ami.boots().unwrap_or(Boot::Settings), group.ami.image.is_some()) {
        (Boot::PowerShell, false) => None,
        (boot, false) => Some(json!(node.text(boot, &group.config_as_written()))),
        (boot, true) => {
            let text = node.text(boot, &group.config_as_written().escaped());
            Some(json!({ "Fn::Sub": text }))
        }
    }
}

/// As a file beside the template: with all of it, whatever the image.
pub fn file(intent: &Intent, cluster: &Cluster, group: &NodeGroup, max_pods: u64) -> String {
    let node = Told { intent, cluster, group, max_pods };
    match group.ami.boots().unwrap_or(Boot::Settings) {
        Boot::PowerShell => node.script(),
        _ => node.settings(&group.config_as_written(), true),
    }
}

/// What the author adds to nodes' own configuration.
struct Own {
    node_config: Map<String, Value>,
    settings: Map<String, Value>,
}

impl NodeGroup {
    fn config_as_written(&self) -> Own {
        let words = |own: Option<&OwnWords>| own.map(|own| own.words.clone()).unwrap_or_default();
        Own {
            node_config: words(self.config.node_config.as_ref()),
            settings: words(self.config.bottlerocket.as_ref()),
        }
    }
}

impl Own {
    /// So that `Fn::Sub` leaves it as it is.
    fn escaped(&self) -> Self {
        Self { node_config: escape(&self.node_config), settings: escape(&self.settings) }
    }
}

fn escape(map: &Map<String, Value>) -> Map<String, Value> {
    fn of(value: &Value) -> Value {
        match value {
            Value::String(text) => json!(text.replace("${", "${!")),
            Value::Array(items) => items.iter().map(of).collect(),
            Value::Object(map) => Value::Object(escape(map)),
            other => other.clone(),
        }
    }
    map.iter().map(|(key, value)| (key.replace("${", "${!"), of(value))).collect()
}

struct Told<'a> {
    intent: &'a Intent,
    cluster: &'a Cluster,
    group: &'a NodeGroup,
    max_pods: u64,
}

impl Told<'_> {
    fn text(&self, boot: Boot, own: &Own) -> String {
        let whole = self.group.ami.image.is_some();
        match boot {
            Boot::Nodeadm => in_parts(&self.node_config(&own.node_config, whole)),
            Boot::Settings => self.settings(own, whole),
            Boot::PowerShell => self.script(),
        }
    }

    /// A NodeConfig with the kubelet's limit, the author's part, and, of a whole one, the cluster.
    fn node_config(&self, own: &Map<String, Value>, whole: bool) -> String {
        let max_pods = self.max_pods;
        if own.is_empty() && !whole {
            return format!(
                "apiVersion: {API_VERSION}\nkind: {KIND}\nspec:\n  kubelet:\n    config:\n      maxPods: {max_pods}\n"
            );
        }
        let mut spec = json!({ "kubelet": { "config": { "maxPods": max_pods } } });
        if whole {
            spec["cluster"] = json!({
                "name": self.intent.cluster_name(),
                "apiServerEndpoint": ENDPOINT,
                "certificateAuthority": AUTHORITY,
                "cidr": services(self.cluster),
            });
            spec["kubelet"]["flags"] = json!(self.taint_flag().into_iter().collect::<Vec<_>>());
        }
        merge_node_config(&mut spec, own);
        if spec["kubelet"]["flags"].as_array().is_some_and(Vec::is_empty) {
            spec["kubelet"].as_object_mut().map(|kubelet| kubelet.remove("flags"));
        }
        to_yaml(&json!({ "apiVersion": API_VERSION, "kind": KIND, "spec": spec }))
    }

    /// EKS sets taints behind the back of a custom AMI, once pods may be on the node already.
    fn taint_flag(&self) -> Option<String> {
        let taint = |taint: &crate::blueprint::model::Taint| {
            let value = taint.value.as_deref().unwrap_or_default();
            format!("{}={value}:{}", taint.key, effect(taint.effect))
        };
        let all: Vec<String> = self.group.taints.iter().map(taint).collect();
        (!all.is_empty()).then(|| format!("--register-with-taints={}", all.join(",")))
    }

    fn settings(&self, own: &Own, whole: bool) -> String {
        let max_pods = self.max_pods;
        if own.settings.is_empty() && !whole {
            return format!("[settings.kubernetes]\nmax-pods = {max_pods}\n");
        }
        let mut settings = json!({ "kubernetes": { "max-pods": max_pods } });
        if whole {
            let kubernetes = &mut settings["kubernetes"];
            kubernetes["cluster-name"] = json!(self.intent.cluster_name());
            kubernetes["api-server"] = json!(ENDPOINT);
            kubernetes["cluster-certificate"] = json!(AUTHORITY);
            if let Some(dns) = self.dns() {
                kubernetes["cluster-dns-ip"] = json!(dns);
            }
            for taint in &self.group.taints {
                let value = taint.value.as_deref().unwrap_or_default();
                let value = json!([format!("{value}:{}", effect(taint.effect))]);
                kubernetes["node-taints"][&taint.key] = value;
            }
        }
        merge(&mut settings, &own.settings);
        toml::to_string(&json!({ "settings": settings })).unwrap_or_default()
    }

    fn script(&self) -> String {
        let services = services(self.cluster);
        let dns = self.dns().map(|dns| format!(" -DNSClusterIP \"{dns}\"")).unwrap_or_default();
        let taints = self.taint_flag().map(|flag| format!(" {flag}")).unwrap_or_default();
        format!(
            "<powershell>\n[string]$EKSBootstrapScriptFile = \"$env:ProgramFiles\\Amazon\\EKS\\Start-EKSBootstrap.ps1\"\n& $EKSBootstrapScriptFile -EKSClusterName \"{}\" -APIServerEndpoint \"{ENDPOINT}\" -Base64ClusterCA \"{AUTHORITY}\"{dns} -ServiceCIDR \"{services}\" -KubeletExtraArgs \"--max-pods={}{taints}\"\n</powershell>\n",
            self.intent.cluster_name(),
            self.max_pods
        )
    }

    /// The address of the cluster's DNS: the tenth of the services'.
    fn dns(&self) -> Option<String> {
        let first = u32::from(self.cluster.service_cidr.network());
        (!self.cluster.ipv6).then(|| std::net::Ipv4Addr::from(first + DNS_ADDRESS).to_string())
    }
}

/// Place of the cluster's DNS among its services. Source: EKS user guide, launch templates.
const DNS_ADDRESS: u32 = 10;

fn in_parts(config: &str) -> String {
    format!(
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"eksnet\"\n\n--eksnet\nContent-Type: application/node.eks.aws\n\n{config}\n--eksnet--\n"
    )
}

fn effect(effect: TaintEffect) -> &'static str {
    match effect {
        TaintEffect::NoSchedule => "NoSchedule",
        TaintEffect::PreferNoSchedule => "PreferNoSchedule",
        TaintEffect::NoExecute => "NoExecute",
    }
}

/// Puts the author's spec into one of eksnet's, as nodeadm merges two: mappings key by key, the kubelet's flags one after the other. What
/// both could say is not accepted from the author (rule NG-24).
pub fn merge_node_config(spec: &mut Value, own: &Map<String, Value>) {
    let computed = spec["kubelet"]["flags"].take();
    merge(spec, own);
    let flags = &mut spec["kubelet"]["flags"];
    let more = computed.as_array().into_iter().flatten().cloned();
    match flags.as_array_mut() {
        Some(flags) => flags.extend(more),
        None if computed.is_null() => {
            spec["kubelet"].as_object_mut().map(|kubelet| kubelet.remove("flags"));
        }
        None => *flags = computed,
    }
}

fn merge(own: &mut Value, more: &Map<String, Value>) {
    for (key, value) in more {
        match (own.get(key), value) {
            (Some(Value::Object(_)), Value::Object(inner)) => merge(&mut own[key.as_str()], inner),
            // Not its form: a finding says so.
            (Some(Value::Object(_)), _) => {}
            _ => own[key.as_str()] = value.clone(),
        }
    }
}
