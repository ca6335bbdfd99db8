//! What only the plan shows, beside errors that it does not hang on: a wrong tag hides no subnet that is too small.

use crate::address::AddressPlan;
use crate::capacity::Capacity;
use crate::diagnostic::Diagnostic;
use crate::intent::Intent;
use crate::rules::{CFN_04, PAT_02, PAT_06, Rule};

use super::{addresses, late_zones, plan, quotas};

/// How much of a plan can be judged beside errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Left {
    /// Another range, zone or tier is another plan.
    Nothing,
    /// Where subnets are, but not what lives in them.
    Addresses,
    All,
}

/// Keys that decide what lives in the subnets, and none of their addresses.
const INHABITANTS: &[&str] = &[
    "nodeGroups",
    "nodeGroupDefaults",
    "fargate",
    "awsNode",
    "endpoints.tier",
    "cluster.ipFamily",
    "cluster.autoMode",
    "cluster.existing",
];

/// Keys that no address and no figure hangs on.
const NEITHER: &[&str] = &[
    "metadata.name",
    "metadata.tags",
    "cluster",
    "egress",
    "endpoints",
    "iam",
    "karpenter",
    "addons",
    "podIdentities",
    "securityGroups",
    "networkAcls",
    "patches",
    "exports",
];

/// What is said of a tier and does not decide its subnets, and of a node group and does not decide its nodes' addresses.
const WORDS_OF_TIERS: &[&str] = &["tags", "routes", "networkAcl", "mapPublicIp", "egress"];
const WORDS_OF_GROUPS: &[&str] = &[
    "name",
    "labels",
    "taints",
    "tags",
    "policies",
    "imds",
    "update",
    "volume",
    "nodeConfig",
    "bottlerocket",
    "securityGroups",
    "role",
    "autoRepair",
    "detailedMonitoring",
];

/// Whether errors leave a plan to be made.
pub fn is_planned(intent: &Intent, findings: &[Diagnostic]) -> bool {
    let by_demand = intent.tiers.iter().any(|tier| tier.size.fixed().is_none());
    match left(findings) {
        Left::Nothing => false,
        Left::Addresses => intent.vpc.is_known() && !by_demand,
        Left::All => intent.vpc.is_known(),
    }
}

/// Findings of the plan that errors of the words leave as they are.
pub fn beside(
    intent: &Intent,
    planned: &AddressPlan,
    figures: &Capacity,
    findings: &[Diagnostic],
) -> Vec<Diagnostic> {
    // What belongs to another VPC is said of the words once they are right.
    let is_foreign = |finding: &Diagnostic| finding.rule.id.starts_with("EXT-");
    if left(findings) == Left::All {
        let mut found = plan(intent, planned, figures);
        found.retain(|finding| !is_foreign(finding));
        return found;
    }
    let mut found = planned.notes.clone();
    found.extend(addresses::check(intent, planned));
    found.extend(late_zones::check(intent, planned));
    // Of a group with an error, the error says what to do.
    let errors = findings.iter().filter(|finding| finding.is_error());
    let wrong: Vec<&str> = errors.map(|finding| item(&finding.path)).collect();
    let groups = intent.cluster.iter().flat_map(|cluster| quotas(intent, cluster));
    found.extend(groups.filter(|finding| !wrong.contains(&item(&finding.path))));
    found.retain(|finding| !is_foreign(finding));
    found
}

/// Whether a finding of the template may only follow from another error. What has a wrong name, or a value that was not read, is another
/// resource or none, which a patch then misses; and what is written twice has one logical id.
pub fn may_follow(finding: &Diagnostic, findings: &[Diagnostic]) -> bool {
    let misses = finding.rule == &PAT_02 || finding.rule == &PAT_06;
    let errors = findings.iter().filter(|finding| finding.is_error());
    let unread = |rule: &Rule| ["YAML-", "BP-", "NET-"].iter().any(|of| rule.id.starts_with(of));
    finding.rule == &CFN_04
        || misses && errors.into_iter().any(|one| unread(one.rule) || one.path.ends_with(".name"))
}

/// What is not judged because of errors, in words.
pub fn unjudged(findings: &[Diagnostic]) -> Option<String> {
    let judged = |finding: &&Diagnostic| {
        let figures = ["CAP-", "QUO-", "SIZ-", "CFN-", "PAT-"];
        finding.is_error() && !figures.iter().any(|topic| finding.rule.id.starts_with(topic))
    };
    let first = findings.iter().filter(judged).min_by_key(|finding| of(finding))?;
    let what = match of(first) {
        Left::All => return None,
        Left::Addresses => "how many nodes and pods fit is",
        Left::Nothing => "which subnets, nodes and pods fit is",
    };
    let place = match first.path.as_str() {
        "" => "what is wrong above".to_string(),
        path => format!("`{path}`"),
    };
    Some(format!("{what} not judged before {place} is fixed"))
}

fn left(findings: &[Diagnostic]) -> Left {
    let errors = findings.iter().filter(|finding| finding.is_error());
    errors.map(of).min().unwrap_or(Left::All)
}

fn of(finding: &Diagnostic) -> Left {
    let path = finding.path.as_str();
    let last = |words: &[&str]| words.iter().any(|word| key_of(path) == Some(*word));
    if within(path, "tiers") && last(WORDS_OF_TIERS) {
        return Left::All;
    }
    let groups = within(path, "nodeGroups") || within(path, "nodeGroupDefaults");
    if groups && last(WORDS_OF_GROUPS) {
        return Left::All;
    }
    if within(path, "fargate") && last(&["name", "selectors"]) {
        return Left::All;
    }
    if INHABITANTS.iter().any(|key| within(path, key)) {
        return Left::Addresses;
    }
    match NEITHER.iter().any(|key| within(path, key)) {
        true => Left::All,
        false => Left::Nothing,
    }
}

/// `nodeGroups[2].scaling.max` → `nodeGroups[2]`
fn item(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// The key of a list's item, or of the defaults: `tiers[2].tags.team` → `tags`.
fn key_of(path: &str) -> Option<&str> {
    let (_, rest) = path.split_once('.')?;
    rest.split(['.', '[']).next()
}

/// Whether `path` is `outer`, or below it.
fn within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer)
        .is_some_and(|rest| matches!(rest.bytes().next(), None | Some(b'.' | b'[')))
}
