//! The node CNI: typed keys and free variables become one set of aws-node variables.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use crate::blueprint::Blueprint;
use crate::blueprint::model::{self, IpFamily, Management, Rights};
pub use crate::blueprint::model::{Enforcing, RoleBy};
use crate::diagnostic::Diagnostic;
use crate::facts::aws_node::{self, ENI_CONFIG_LABEL, Schema, names};
use crate::facts::vpc::covers_everything;

pub use super::cni::{Cni, Version};
pub use super::settings::{Settings, Value};
use super::{Choices, Overlay, Tier, overlay, prefixes};
use crate::rules::{SELF_02, SET_22, SET_23, SET_34};

/// How aws-node is to run.
#[derive(Clone, Debug, Default)]
pub struct AwsNode {
    pub cni: Cni,
    pub version: Version,
    pub role: RoleBy,
    /// Its rights are held to the cluster.
    pub scoped: bool,
    pub prefix_delegation: bool,
    pub custom_networking: Option<CustomNetworking>,
    pub warm: Warm,
    pub network_policy: bool,
    /// What the agent of network policies is told, in the add-on's words.
    pub policy_agent: BTreeMap<&'static str, String>,
    /// Pods with security groups of their own, and how these are enforced.
    pub pod_security_groups: Option<Enforcing>,
    /// aws-node picks subnets by tag: on unless it is switched off, or custom networking decides (rule SD-02).
    pub discovery: bool,
    /// The cluster's pods have IPv6 addresses.
    pub ipv6: bool,
    /// Most interfaces aws-node may use (`MAX_ENI`).
    pub max_interfaces: Option<u64>,
    /// Windows nodes get addresses for their pods.
    pub windows: bool,
    pub settings: Settings,
}

impl AwsNode {
    /// Whether aws-node runs at all.
    pub fn runs(&self) -> bool {
        matches!(self.cni, Cni::Addon | Cni::SelfManaged | Cni::External)
    }

    /// The CNI in its place.
    pub fn overlay(&self) -> Option<&Overlay> {
        match &self.cni {
            Cni::Other(overlay) => Some(overlay),
            _ => None,
        }
    }

    /// Whether the agent sends its lines to CloudWatch Logs.
    pub fn policy_logs(&self) -> bool {
        self.policy_agent.get("enableCloudWatchLogs").is_some_and(|value| value == "true")
    }

    /// Whether what leaves the VPC leaves by the node's first interface and with its address, in every mode of IPv4: then the nodes'
    /// subnets and groups decide, not the pods' (rules SNAT-04, SNAT-05).
    pub fn translates(&self) -> bool {
        self.runs() && !self.ipv6 && self.sends_as_it_is().is_none()
    }

    /// Where the blueprint keeps nodes from translating what pods send to the internet: it leaves by the pods' own interfaces then.
    pub fn sends_as_it_is(&self) -> Option<&'static str> {
        if self.settings.is_on(names::EXTERNAL_SNAT) {
            return Some("awsNode.snat.external");
        }
        covers_everything(self.untranslated()).then_some("awsNode.snat.excludeCidrs")
    }

    /// What in the blueprint makes nodes translate again, where it keeps them from it.
    pub fn way_to_translate(&self) -> &'static str {
        match self.settings.is_on(names::EXTERNAL_SNAT) {
            true => "`snat: { external: false }`",
            false => "fewer ranges in `snat.excludeCidrs`",
        }
    }

    /// Destinations outside of the VPC that see the pod's own address even so.
    pub fn untranslated(&self) -> &[Ipv4Net] {
        self.settings.ranges(names::EXCLUDE_SNAT_CIDRS)
    }

    /// Whether it runs as EKS's add-on.
    pub fn is_addon(&self) -> bool {
        matches!(self.cni, Cni::Addon | Cni::External)
    }

    /// Whether it runs without the add-on.
    pub fn is_self_managed(&self) -> bool {
        matches!(self.cni, Cni::SelfManaged)
    }
}

/// Pods in subnets of their own by ENIConfigs (rules of CN).
#[derive(Clone, Debug, Default)]
pub struct CustomNetworking {
    /// Of every node group that names no other.
    pub tier: String,
    pub security_groups: Vec<String>,
    /// Node groups have pods in tiers of their own: a label of each group names the ENIConfig of its nodes, no longer their zone.
    pub by_group: bool,
    /// Each node has the label, whether it is read yet or not.
    pub labelled: bool,
}

/// Targets as aws-node reads them: `None` is unset.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Warm {
    pub enis: Option<u64>,
    pub prefixes: Option<u64>,
    pub ips: Option<u64>,
    pub minimum_ips: Option<u64>,
}

impl Warm {
    /// Whether targets of addresses decide; 0 is unset.
    pub fn by_ips(self) -> bool {
        [self.ips, self.minimum_ips].into_iter().flatten().any(|target| 0 < target)
    }
}

/// Written settings over derived ones. What contradicts itself becomes a finding, and the resolution goes on.
pub fn resolve(
    blueprint: &Blueprint,
    tiers: &[Tier],
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> AwsNode {
    let written = blueprint.aws_node.clone().unwrap_or_default();
    let ipv6 = matches!(
        blueprint.cluster.as_ref().and_then(|cluster| cluster.ip_family),
        Some(IpFamily::Ipv6)
    );
    if let Some(overlay) = overlay::resolve(&written, choices, findings) {
        return AwsNode { cni: Cni::Other(overlay), ipv6, ..AwsNode::default() };
    }
    let pod_security_groups = pod_security_groups(&written, choices);
    let self_managed = written.management == Some(Management::SelfManaged);
    let by_group = by_group(blueprint, &written);
    if by_group {
        let why = "pods in several tiers: node groups are created zone by zone, and other nodes need the label, too (CN-11)";
        let label = format!("label {}", aws_node::ENI_CONFIG_GROUP_LABEL);
        choices.note("awsNode.customNetworking", label, why);
    }
    let prefixes = written
        .prefix_delegation
        .unwrap_or_else(|| prefixes::fit(blueprint, &written, tiers, choices));
    let mut settings = Settings::default();
    let typed = typed(&written, prefixes, by_group);
    for (variable, text) in
        typed.into_iter().chain(pod_security_groups.into_iter().flat_map(of_branches))
    {
        keep_typed(variable, &text, &mut settings, findings);
    }
    free(&written, &mut settings, findings);
    AwsNode {
        cni: set_up_by(written.management),
        version: if self_managed {
            own_version(written.version.as_deref(), findings)
        } else {
            version(written.version.as_deref(), choices, findings)
        },
        prefix_delegation: settings.is_on(names::PREFIX_DELEGATION),
        custom_networking: custom_networking(&written, by_group),
        warm: warm(&settings),
        network_policy: written
            .network_policy
            .as_ref()
            .is_some_and(|policy| policy.enabled.unwrap_or(true)),
        policy_agent: policy_agent(&written.network_policy.clone().unwrap_or_default()),
        max_interfaces: settings.number(names::MAX_ENI),
        pod_security_groups,
        discovery: written.subnet_discovery.unwrap_or(true) && written.custom_networking.is_none(),
        ipv6,
        role: written.role.unwrap_or_default(),
        scoped: written.rights == Some(Rights::Cluster),
        windows: written.windows == Some(true),
        settings,
    }
}

/// aws-node's, whoever sets it up.
fn set_up_by(management: Option<Management>) -> Cni {
    match management {
        Some(Management::SelfManaged) => Cni::SelfManaged,
        Some(Management::External) => Cni::External,
        _ => Cni::Addon,
    }
}

fn custom_networking(written: &model::AwsNode, by_group: bool) -> Option<CustomNetworking> {
    let custom = written.custom_networking.as_ref()?;
    Some(CustomNetworking {
        tier: custom.tier.clone(),
        security_groups: custom.security_groups.clone().unwrap_or_default(),
        labelled: by_group || custom.label_groups == Some(true),
        by_group,
    })
}

/// The variables of security groups for pods.
fn of_branches(mode: Enforcing) -> Vec<(&'static str, String)> {
    let word = enforcing(mode).to_string();
    let mut set =
        vec![("ENABLE_POD_ENI", "true".to_string()), ("POD_SECURITY_GROUP_ENFORCING_MODE", word)];
    if mode == Enforcing::Strict {
        // Or else the kubelet's TCP probes do not reach pods on branch interfaces (rule SET-14).
        set.push(("DISABLE_TCP_EARLY_DEMUX", "true".to_string()));
    }
    set
}

/// Whether any node group's pods are in another tier than the others'.
fn by_group(blueprint: &Blueprint, written: &model::AwsNode) -> bool {
    let Some(custom) = &written.custom_networking else {
        return false;
    };
    blueprint
        .node_groups
        .iter()
        .flatten()
        .filter_map(|group| group.pod_tier.as_ref())
        .any(|tier| *tier != custom.tier)
}

fn pod_security_groups(written: &model::AwsNode, choices: &mut Choices) -> Option<Enforcing> {
    let groups = written.security_groups_for_pods.as_ref()?;
    if groups.enforcing.is_none() {
        choices.note(
            "awsNode.securityGroupsForPods.enforcing",
            "standard",
            "strict breaks IPVS, NodeLocal DNSCache and Calico",
        );
    }
    Some(groups.enforcing.unwrap_or(Enforcing::Standard))
}

fn enforcing(mode: Enforcing) -> &'static str {
    match mode {
        Enforcing::Strict => "strict",
        Enforcing::Standard => "standard",
    }
}

fn warm(settings: &Settings) -> Warm {
    Warm {
        enis: settings.number("WARM_ENI_TARGET"),
        prefixes: settings.number("WARM_PREFIX_TARGET"),
        ips: settings.number("WARM_IP_TARGET"),
        minimum_ips: settings.number("MINIMUM_IP_TARGET"),
    }
}

/// `v1.21.1-eksbuild.1`
pub fn is_addon_version(version: &str) -> bool {
    let plain = |text: &str, dots: usize| {
        text.split('.').count() == dots && text.split('.').all(|part| part.parse::<u32>().is_ok())
    };
    let parts = version.strip_prefix('v').and_then(|rest| rest.split_once("-eksbuild."));
    parts.is_some_and(|(release, build)| plain(release, 3) && plain(build, 1))
}

fn version(
    written: Option<&str>,
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> Version {
    let Version::Exact(version) = Version::of(written) else {
        if written.is_none() {
            choices.note(
                "awsNode.version",
                "default",
                "EKS's own choice for the Kubernetes version, looked up when it is deployed and kept until that changes",
            );
        }
        return Version::of(written);
    };
    exact(
        &version,
        "set `default`, `latest` or an exact version, such as `v1.21.1-eksbuild.1`",
        findings,
    )
}

/// A self-managed aws-node has the version that somebody put there: written, it is what settings are held against (rule SELF-02).
fn own_version(written: Option<&str>, findings: &mut Vec<Diagnostic>) -> Version {
    let hint = "write the one that runs, such as `v1.21.1-eksbuild.1`, or leave it out: then it is read from the cluster";
    match written {
        None => Version::default(),
        Some(word @ ("default" | "latest")) => {
            let finding = SELF_02.at(
                "awsNode.version",
                format!(
                    "`{word}` is for the add-on: there is no default version of a self-managed aws-node"
                ),
            );
            findings.push(finding.also("awsNode.management", "self-managed here").hint(hint));
            Version::default()
        }
        Some(version) => exact(version, hint, findings),
    }
}

fn exact(version: &str, hint: &str, findings: &mut Vec<Diagnostic>) -> Version {
    if is_addon_version(version) {
        return Version::Exact(version.to_string());
    }
    findings.push(
        SET_34
            .at("awsNode.version", format!("`{version}` is not a version of the vpc-cni add-on"))
            .hint(hint),
    );
    Version::default()
}

/// The variables that typed keys stand for: as they are written, and what follows from them.
fn typed(
    written: &model::AwsNode,
    prefixes: bool,
    by_group: bool,
) -> BTreeMap<&'static str, String> {
    let mut set = said(written);
    set.insert(names::PREFIX_DELEGATION, prefixes.to_string());
    if written.custom_networking.is_some() {
        let label = if by_group { aws_node::ENI_CONFIG_GROUP_LABEL } else { ENI_CONFIG_LABEL };
        set.insert("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "true".to_string());
        set.insert("ENI_CONFIG_LABEL_DEF", label.to_string());
    }
    let by_addresses = ["WARM_IP_TARGET", "MINIMUM_IP_TARGET"];
    if prefixes && !by_addresses.iter().any(|target| set.contains_key(target)) {
        set.entry("WARM_PREFIX_TARGET").or_insert(aws_node::WARM_PREFIXES.to_string());
    }
    set
}

/// Every variable whose key is written with a value of its own, as the variable spells that.
fn said(written: &model::AwsNode) -> BTreeMap<&'static str, String> {
    let values = serde_json::json!({ "awsNode": written });
    let value = |key: &str| {
        let found = key.split('.').try_fold(&values, |inside, word| inside.get(word))?;
        spelled(found)
    };
    let rows = aws_node::SETTINGS.iter();
    rows.filter_map(|row| Some((row.variable, value(row.key?)?))).collect()
}

fn spelled(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Bool(on) => Some(on.to_string()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Array(items) => {
            let texts: Option<Vec<String>> = items.iter().map(spelled).collect();
            Some(sorted(texts?))
        }
        _ => None,
    }
}

/// The order of ranges says nothing.
fn sorted(mut cidrs: Vec<String>) -> String {
    cidrs.sort();
    cidrs.join(",")
}

fn policy_agent(written: &model::NetworkPolicy) -> BTreeMap<&'static str, String> {
    let set = [
        (
            "enablePolicyEventLogs",
            written
                .event_logs
                .or(written.cloud_watch_logs.filter(|on| *on))
                .map(|on| on.to_string()),
        ),
        ("enableCloudWatchLogs", written.cloud_watch_logs.map(|on| on.to_string())),
        ("metricsBindAddr", written.metrics_port.map(|port| port.to_string())),
        ("healthProbeBindAddr", written.health_port.map(|port| port.to_string())),
    ];
    set.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))).collect()
}

/// A typed key's value, and what of it aws-node does not take (rules SET-04, SET-23).
fn keep_typed(
    variable: &'static str,
    text: &str,
    settings: &mut Settings,
    findings: &mut Vec<Diagnostic>,
) {
    let Some(setting) = aws_node::find(variable) else { return };
    settings.set(variable, Value::read(setting.kind, text));
    let Some(key) = setting.key else { return };
    let items: Vec<(String, &str)> = match setting.kind {
        aws_node::Kind::Cidrs => {
            text.split(',').enumerate().map(|(at, item)| (format!("{key}[{at}]"), item)).collect()
        }
        _ => vec![(key.to_string(), text)],
    };
    for (place, item) in items.into_iter().filter(|(_, item)| !item.is_empty()) {
        let wrong = setting.kind.check(item).err();
        findings.extend(wrong.map(|wanted| {
            SET_23
                .at(place, format!("invalid value `{item}` for `{key}`"))
                .hint(format!("expected {wanted}"))
        }));
    }
}

/// Variables under `env`: known, not said twice, with a value that aws-node takes (rules SET-22, SET-23).
fn free(written: &model::AwsNode, settings: &mut Settings, findings: &mut Vec<Diagnostic>) {
    for (name, value) in written.env.iter().flatten() {
        let place = format!("awsNode.env.{name}");
        let Some(setting) = aws_node::find(name) else {
            findings.push(unknown(&place, name));
            continue;
        };
        if let Some(key) = setting.key {
            findings.push(
                SET_22.at(&place, format!("`{name}` has a key of its own")).on_key().hint(format!(
                    "write it as `{key}`, where it is checked with what depends on it"
                )),
            );
        } else if setting.schema == Schema::Never
            && written.management != Some(Management::SelfManaged)
        {
            findings.push(
                SET_22
                    .at(&place, format!("the add-on cannot set `{name}`"))
                    .on_key()
                    .hint("remove it, or set `management: selfManaged`"),
            );
        } else if let Err(wanted) = setting.kind.check(value) {
            findings.push(
                SET_23
                    .at(&place, format!("invalid value `{value}` for `{name}`"))
                    .hint(format!("expected {wanted}")),
            );
        } else {
            settings.set(setting.variable, Value::read(setting.kind, value));
        }
    }
}

fn unknown(place: &str, name: &str) -> Diagnostic {
    if aws_node::WIRING.contains(&name) {
        return SET_22
            .at(place, format!("`{name}` is filled in by EKS, by the cluster and the node"))
            .on_key()
            .hint("remove it");
    }
    let finding = SET_22.at(place, format!("aws-node has no variable `{name}`")).on_key();
    match crate::blueprint::nearest(name, aws_node::SETTINGS.iter().map(|setting| setting.variable)) {
        Some(near) => finding.hint(format!("did you mean `{near}`?")),
        None => finding.hint("aws-node ignores what it does not know, so a misspelled variable would be lost silently"),
    }
}
