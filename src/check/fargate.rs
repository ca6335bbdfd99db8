//! Fargate profiles.

use crate::blueprint::model::TierEgress;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::graph::pascal;
use crate::intent::{Cluster, FargateProfile, Intent};
use crate::rules::{FG_01, FG_02, FG_03, FG_05};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    if eks::FARGATE_PROFILES < cluster.fargate.len() {
        let message = format!(
            "{} profiles; a cluster takes {}",
            cluster.fargate.len(),
            eks::FARGATE_PROFILES
        );
        findings
            .push(FG_02.at("fargate", message).hint("join some: a profile takes five selectors"));
    }
    for (at, profile) in cluster.fargate.iter().enumerate() {
        findings.extend(name(profile, &cluster.fargate[..at]));
        findings.extend(place(intent, profile));
        findings.extend(selectors(profile));
    }
    findings.extend(resolved_nowhere(cluster));
    findings
}

/// Without nodes the cluster's name resolution runs on Fargate or nowhere.
fn resolved_nowhere(cluster: &Cluster) -> Option<Diagnostic> {
    let first = cluster
        .fargate
        .first()
        .filter(|_| cluster.node_groups.is_empty() && cluster.auto.is_none())?;
    let wanted = cluster.addons.iter().any(|addon| addon.name == eks::COREDNS);
    let system = |selector: &crate::intent::fargate::Selector| {
        selector.namespace == eks::SYSTEM_NAMESPACE || selector.namespace == "*"
    };
    let covered = cluster.fargate.iter().flat_map(|profile| &profile.selectors).any(system);
    (wanted && !covered).then(|| {
        FG_05.at(key(&first.path, "selectors"),
            "no profile takes CoreDNS: without nodes the add-on waits for its pods until it fails",
        )
        .hint(format!(
            "add a selector `{{ namespace: {} }}`, or a node group",
            eks::SYSTEM_NAMESPACE
        ))
    })
}

fn name(profile: &FargateProfile, earlier: &[FargateProfile]) -> Option<Diagnostic> {
    let place = key(&profile.path, "name");
    let letters =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    let form = profile.name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && profile.name.chars().all(letters)
        && profile.name.len() <= eks::FARGATE_NAME;
    if !form || profile.name.starts_with("eks-") {
        return Some(
            FG_03
                .at(place, format!("`{}` is no profile name", profile.name))
                .hint("a letter first, then lower-case letters, digits and `-`, not `eks-…`"),
        );
    }
    let same = earlier.iter().find(|other| pascal(&other.name) == pascal(&profile.name))?;
    Some(
        FG_03
            .at(place, format!("`{}` is there already", same.name))
            .also(key(&same.path, "name"), "the first one")
            .hint("give it a name of its own"),
    )
}

fn place(intent: &Intent, profile: &FargateProfile) -> Option<Diagnostic> {
    let place = key(&profile.path, "tier");
    if intent.region.partition() == "aws-us-gov" {
        return Some(
            FG_01
                .at(&profile.path, format!("there is no Fargate on EKS in {}", intent.region.name))
                .hint("use node groups"),
        );
    }
    let Some(tier) = intent.tier(&profile.tier) else {
        let known: Vec<_> = intent.tiers.iter().map(|tier| format!("`{}`", tier.name)).collect();
        return Some(
            FG_01
                .at(place, format!("there is no tier `{}`", profile.tier))
                .hint(format!("the tiers are {}", known.join(", "))),
        );
    };
    if tier.egress == TierEgress::Internet {
        let finding =
            FG_01.at(place, format!("`{}` has a route to the internet gateway", tier.name));
        return Some(
            finding.also(key(&tier.path, "egress"), "here").hint("name a tier with `egress: nat`"),
        );
    }
    (!intent.has_way_out(tier) && intent.endpoints.services.is_empty()).then(|| {
        let finding =
            FG_01.at(place, format!("pods in `{}` have no way out, not even to ECR", tier.name));
        finding
            .also(key(&tier.path, "egress"), "here")
            .hint("name a tier with `egress: nat`, or write `endpoints: auto`")
    })
}

fn selectors(profile: &FargateProfile) -> Vec<Diagnostic> {
    let place = key(&profile.path, "selectors");
    let count = profile.selectors.len();
    let mut findings = Vec::new();
    if count == 0 || eks::FARGATE_SELECTORS < count {
        findings.push(
            FG_02
                .at(
                    &place,
                    format!("{count} selectors; a profile takes 1 to {}", eks::FARGATE_SELECTORS),
                )
                .hint("name namespaces, or make two profiles"),
        );
    }
    for (at, selector) in profile
        .selectors
        .iter()
        .enumerate()
        .filter(|(_, selector)| eks::FARGATE_LABELS < selector.labels.len())
    {
        let message =
            format!("{} labels; a selector takes {}", selector.labels.len(), eks::FARGATE_LABELS);
        findings.push(FG_02.at(format!("{place}[{at}]"), message).hint("leave some out"));
    }
    findings
}
