//! Fargate profiles.

use super::rule::{Rule, error};
use crate::blueprint::model::TierEgress;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::graph::pascal;
use crate::spec::{Cluster, FargateProfile, Spec};

const GUIDE: &str = "EKS user guide, AWS Fargate";

pub const RULES: &[Rule] = &[
    error(
        "FG-01",
        "Fargate pods live in private subnets with a way out",
        "EKS refuses subnets with a route to an internet gateway, and pods without a way to ECR never start; GovCloud has no Fargate on EKS",
        GUIDE,
        ("fargate: [{ name: jobs, tier: public, … }]", "fargate: [{ name: jobs, tier: nodes, … }]"),
    ),
    error(
        "FG-02",
        "ten profiles, five selectors each, five labels each",
        "EKS takes no more",
        "EKS service quotas",
        ("selectors: [ 6 of them ]", "selectors: [ 5 of them ]"),
    ),
    error(
        "FG-03",
        "profile names are unique words",
        "the name is part of a logical id, and EKS takes none that begins with `eks-`",
        GUIDE,
        ("fargate: [{ name: eks-jobs, … }]", "fargate: [{ name: jobs, … }]"),
    ),
    error(
        "FG-05",
        "a cluster without nodes has a profile for CoreDNS",
        "its pods stay pending, and with them the add-on and the stack",
        "EKS user guide, AWS Fargate, get started; aws/containers-roadmap issues 1687 and 1813",
        (
            "fargate: [{ name: jobs, selectors: [{ namespace: jobs }] }]   # and no node group",
            "selectors: [{ namespace: jobs }, { namespace: kube-system }]",
        ),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let Some(cluster) = &spec.cluster else { return Vec::new() };
    let mut findings = Vec::new();
    if eks::FARGATE_PROFILES < cluster.fargate.len() {
        let message = format!(
            "{} profiles; a cluster takes {}",
            cluster.fargate.len(),
            eks::FARGATE_PROFILES
        );
        findings.push(
            Diagnostic::error("FG-02", "fargate", message)
                .hint("join some: a profile takes five selectors"),
        );
    }
    for (at, profile) in cluster.fargate.iter().enumerate() {
        findings.extend(name(profile, &cluster.fargate[..at]));
        findings.extend(place(spec, profile));
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
    let system = |selector: &crate::spec::fargate::Selector| {
        selector.namespace == eks::SYSTEM_NAMESPACE || selector.namespace == "*"
    };
    let covered = cluster.fargate.iter().flat_map(|profile| &profile.selectors).any(system);
    (wanted && !covered).then(|| {
        Diagnostic::error(
            "FG-05",
            key(&first.path, "selectors"),
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
            Diagnostic::error("FG-03", place, format!("`{}` is no profile name", profile.name))
                .hint("a letter first, then lower-case letters, digits and `-`, not `eks-…`"),
        );
    }
    let same = earlier.iter().find(|other| pascal(&other.name) == pascal(&profile.name))?;
    Some(
        Diagnostic::error("FG-03", place, format!("`{}` is there already", same.name))
            .also(key(&same.path, "name"), "the first one")
            .hint("give it a name of its own"),
    )
}

fn place(spec: &Spec, profile: &FargateProfile) -> Option<Diagnostic> {
    let place = key(&profile.path, "tier");
    if spec.region.partition() == "aws-us-gov" {
        return Some(
            Diagnostic::error(
                "FG-01",
                &profile.path,
                format!("there is no Fargate on EKS in {}", spec.region.name),
            )
            .hint("use node groups"),
        );
    }
    let Some(tier) = spec.tier(&profile.tier) else {
        let known: Vec<_> = spec.tiers.iter().map(|tier| format!("`{}`", tier.name)).collect();
        return Some(
            Diagnostic::error("FG-01", place, format!("there is no tier `{}`", profile.tier))
                .hint(format!("the tiers are {}", known.join(", "))),
        );
    };
    if tier.egress == TierEgress::Internet {
        let finding = Diagnostic::error(
            "FG-01",
            place,
            format!("`{}` has a route to the internet gateway", tier.name),
        );
        return Some(
            finding.also(key(&tier.path, "egress"), "here").hint("name a tier with `egress: nat`"),
        );
    }
    (!spec.has_way_out(tier) && spec.endpoints.services.is_empty()).then(|| {
        let finding = Diagnostic::error(
            "FG-01",
            place,
            format!("pods in `{}` have no way out, not even to ECR", tier.name),
        );
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
            Diagnostic::error(
                "FG-02",
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
        findings.push(
            Diagnostic::error("FG-02", format!("{place}[{at}]"), message).hint("leave some out"),
        );
    }
    findings
}
