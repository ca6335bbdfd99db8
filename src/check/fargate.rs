//! Fargate profiles.

use crate::blueprint::model::TierEgress;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::quotas::{Code, FARGATE_LABELS, FARGATE_PROFILES, FARGATE_SELECTORS};
use crate::facts::{addons as facts, eks};
use crate::graph;
use crate::intent::addons::{self, AddonContext, Home};
use crate::intent::fargate::Selector;
use crate::intent::{Addon, Cluster, FargateProfile, Intent};
use crate::rules::{ADD_10, FG_01, FG_02, FG_03, FG_05, FG_06, FG_07, FG_08, FG_09};

use super::addons::names;
use super::astray;
use super::firsts::Firsts;
use super::labels;

/// A quota of EKS that can be raised.
struct Quota {
    what: &'static str,
    most: usize,
    code: &'static Code,
}

const PROFILES: Quota =
    Quota { what: "profiles in a cluster", most: eks::FARGATE_PROFILES, code: &FARGATE_PROFILES };
const SELECTORS: Quota = Quota {
    what: "selectors in a profile",
    most: eks::FARGATE_SELECTORS,
    code: &FARGATE_SELECTORS,
};
const LABELS: Quota =
    Quota { what: "labels in a selector", most: eks::FARGATE_LABELS, code: &FARGATE_LABELS };

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    findings.extend(quota("fargate", cluster.fargate.len(), &PROFILES));
    let mut names = Firsts::new();
    for profile in &cluster.fargate {
        let same = names.claim(graph::pascal(&profile.name), profile);
        findings.extend(name(profile, same));
        findings.extend(place(intent, profile));
        findings.extend(zones(intent, profile));
        findings.extend(selectors(profile));
    }
    findings.extend(homeless(cluster));
    findings.extend(astray::check(cluster));
    findings
}

/// Add-ons whose pods have nowhere to run never become active. What only the default list would have is left out instead.
fn homeless(cluster: &Cluster) -> Vec<Diagnostic> {
    let context = AddonContext {
        groups: &cluster.node_groups,
        fargate: &cluster.fargate,
        auto: cluster.auto.is_some(),
        cni: &cluster.aws_node.cni,
        hybrid: cluster.remote.all().next().is_some(),
    };
    let waits = |addon: &&Addon| facts::find(&addon.name).is_some_and(|row| row.deployed);
    let home = addons::home(&context);
    if matches!(home, Home::Tainted(_)) && cluster.fargate.is_empty() {
        return cluster.addons.iter().filter(waits).filter_map(kept_off).collect();
    }
    if home != Home::Nowhere {
        return Vec::new();
    }
    // With a profile other pods of the add-on list may well run on Fargate; CoreDNS is told to.
    let waiting = cluster
        .addons
        .iter()
        .filter(waits)
        .filter(|addon| cluster.fargate.is_empty() || addon.name == eks::COREDNS);
    let mut findings: Vec<Diagnostic> = waiting.map(|addon| unscheduled(cluster, addon)).collect();
    if !cluster.addons_written && !cluster.addons.iter().any(|addon| addon.name == eks::COREDNS) {
        findings.push(
            FG_06
                .at("cluster", "no node can run CoreDNS: it is left out, and names do not resolve")
                .hint("add a node group without taints whose `desired` is 1 or more; or a Fargate profile for kube-system"),
        );
    }
    findings
}

/// Rule ADD-10. What the author configures himself may have them wherever the add-on's schema does.
fn kept_off(addon: &Addon) -> Option<Diagnostic> {
    let configured = names(&addon.configuration, TOLERATIONS);
    let message = format!(
        "every node group is tainted, and the pods of `{}` tolerate none of it: they stay pending, and the add-on fails after 20 minutes",
        addon.name
    );
    let finding = ADD_10.at(&addon.path, message);
    (addon.name != eks::COREDNS && !configured).then(|| {
        finding.hint("add `tolerations` to its `configuration`, where the add-on's schema has them, or a node group without taints")
    })
}

const TOLERATIONS: &str = "tolerations";

fn unscheduled(cluster: &Cluster, addon: &Addon) -> Diagnostic {
    let namespace = eks::SYSTEM_NAMESPACE;
    let Some(profile) = cluster.fargate.first() else {
        return FG_05
            .at(
                &addon.path,
                format!(
                    "no node can run the pods of `{}`: its add-on waits until it fails",
                    addon.name
                ),
            )
            .hint("add a node group whose `desired` is 1 or more; or remove the add-on");
    };
    let near = cluster
        .fargate
        .iter()
        .find(|profile| profile.selectors.iter().any(|selector| selector.namespace == namespace));
    match near {
        Some(profile) => FG_05
            .at(key(&profile.path, "selectors"), "CoreDNS has none of these labels: without nodes the add-on waits for its pods until it fails")
            .hint(format!("set `{{ namespace: {namespace}, labels: {{ k8s-app: kube-dns }} }}`, or remove the labels")),
        None => FG_05
            .at(key(&profile.path, "selectors"), "no profile selects CoreDNS: without nodes the add-on waits for its pods until it fails")
            .hint(format!("add a selector `{{ namespace: {namespace} }}`, or a node group")),
    }
}

fn name(profile: &FargateProfile, same: Option<&FargateProfile>) -> Option<Diagnostic> {
    let place = key(&profile.path, "name");
    let letters =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    let form = profile.name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && profile.name.chars().all(letters)
        && profile.name.len() <= eks::FARGATE_NAME;
    if !form || profile.name.starts_with("eks-") {
        return Some(
            FG_03
                .at(place, format!("`{}` is not a profile name", profile.name))
                .hint("a letter first, then lower-case letters, digits and `-`, not `eks-…`"),
        );
    }
    let same = same?;
    Some(
        FG_03
            .at(place, format!("the name `{}` is used already", same.name))
            .also(key(&same.path, "name"), "the first one")
            .hint("give it a name of its own"),
    )
}

fn place(intent: &Intent, profile: &FargateProfile) -> Option<Diagnostic> {
    let place = key(&profile.path, "tier");
    if intent.region.partition() == "aws-us-gov" {
        return Some(
            FG_01
                .at(
                    &profile.path,
                    format!("EKS does not support Fargate in {}", intent.region.name),
                )
                .hint("use node groups"),
        );
    }
    let Some(tier) = intent.tier(&profile.tier) else {
        let known: Vec<_> = intent.tiers.iter().map(|tier| format!("`{}`", tier.name)).collect();
        return Some(
            FG_01
                .at(place, format!("unknown tier `{}`", profile.tier))
                .hint(format!("the tiers are {}", known.join(", "))),
        );
    };
    if tier.leaves() == TierEgress::Internet {
        let finding =
            FG_01.at(place, format!("`{}` has a route to the internet gateway", tier.name));
        return Some(
            finding.also(key(&tier.path, "egress"), "here").hint("name a tier with `egress: nat`"),
        );
    }
    (!intent.may_have_way_out(tier) && intent.endpoints.services.is_empty()).then(|| {
        let finding = FG_01
            .at(place, format!("pods in `{}` have no egress path, not even to ECR", tier.name));
        finding
            .also(key(&tier.path, "egress"), "here")
            .hint("name a tier with `egress: nat`, or set `endpoints: auto`")
    })
}

/// The zones of a profile's subnets have Fargate.
fn zones(intent: &Intent, profile: &FargateProfile) -> Option<Diagnostic> {
    let tier = intent.tier(&profile.tier)?;
    let zone = tier.zones.iter().find(|zone| {
        zone.name.is_none() && eks::ZONES_WITHOUT_FARGATE.contains(&zone.id.as_str())
    })?;
    let finding = FG_08.at(
        key(&profile.path, "tier"),
        format!("EKS refused Fargate in `{}`, where `{}` has a subnet", zone.id, tier.name),
    );
    Some(finding.hint("name a tier in other zones, or try it first"))
}

fn selectors(profile: &FargateProfile) -> Vec<Diagnostic> {
    let place = key(&profile.path, "selectors");
    let count = profile.selectors.len();
    let mut findings: Vec<Diagnostic> = quota(&place, count, &SELECTORS).into_iter().collect();
    if count == 0 {
        findings.push(
            FG_07.at(&place, "a profile without selectors").hint("name the namespaces of its pods"),
        );
    }
    for (at, selector) in profile.selectors.iter().enumerate() {
        let place = format!("{place}[{at}]");
        let labels = selector.labels.len();
        findings.extend(misshapen(&place, selector).or_else(|| matches_none(&place, selector)));
        findings.extend(quota(&place, labels, &LABELS));
    }
    findings
}

fn misshapen(place: &str, selector: &Selector) -> Option<Diagnostic> {
    if selector.namespace.is_empty() {
        let finding = FG_07.at(key(place, "namespace"), "an empty namespace");
        return Some(finding.hint("name it; `*` matches all"));
    }
    let within = |text: &str, most: usize| (1..=most).contains(&text.len());
    let (name, value) = selector.labels.iter().find(|(name, value)| {
        !within(name, eks::FARGATE_LABEL_KEY) || !within(value, eks::FARGATE_LABEL_VALUE)
    })?;
    Some(
        FG_07
            .at(key(&key(place, "labels"), name), format!("invalid label `{name}: {value}`"))
            .hint(format!(
                "keys of 1 to {} characters and values of 1 to {}; `*` matches any",
                eks::FARGATE_LABEL_KEY,
                eks::FARGATE_LABEL_VALUE
            )),
    )
}

/// What Kubernetes refuses on every pod. A wildcard stands for any letters, so that one that fits is enough.
fn matches_none(place: &str, selector: &Selector) -> Option<Diagnostic> {
    let one_of = |pattern: &str| pattern.replace('*', "").replace('?', "a");
    let alike = |pattern: &str, fits: fn(&str) -> bool| {
        fits(&one_of(pattern)) || fits(&pattern.replace(['*', '?'], "a"))
    };
    let namespace = &selector.namespace;
    if !alike(namespace, labels::is_namespace) {
        let message = format!("no namespace can be called `{namespace}`");
        return Some(FG_09.at(key(place, "namespace"), message).hint(format!(
            "lower-case letters, digits and `-`, a letter or digit at either end, {} at most",
            eks::NAMESPACE
        )));
    }
    let (name, value) = selector
        .labels
        .iter()
        .find(|(name, value)| !alike(name, labels::is_key) || !alike(value, labels::is_value))?;
    let message = format!("no pod can have the label `{name}: {value}`");
    Some(FG_09.at(key(&key(place, "labels"), name), message).hint(format!(
        "letters, digits, `-`, `_` and `.`, a letter or digit at either end, {} at most; before the name of a label a domain and `/`",
        eks::LABEL_VALUE
    )))
}

/// More than EKS accepts until the quota is raised.
fn quota(place: &str, count: usize, quota: &Quota) -> Option<Diagnostic> {
    let Quota { what, most, code } = quota;
    (*most < count).then(|| {
        let message = format!("{count} {what}; by default EKS accepts {most}");
        FG_02
            .at(place, message)
            .hint(format!("raise the quota {} before deploying, or join some", code.code))
            .exceeds(code.code, count)
    })
}
