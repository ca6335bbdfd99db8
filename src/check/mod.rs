//! The gates: what AWS would refuse, or what fails at 3 a.m., found before anything is done. One file per topic: rows and functions.

pub mod account;
mod addons;
mod addresses;
mod access;
mod allowance;
mod arn;
mod astray;
mod api_access;
mod auto;
mod aws_node;
mod beside;
mod subnet_roles;
mod capacity;
mod changes;
mod cluster;
#[cfg(feature = "aws")]
mod configuration;
mod custom_networking;
mod denials;
mod egress;
mod endpoints;
mod entries;
mod equipment;
mod existing;
mod fargate;
mod firsts;
mod flow_logs;
mod security;
pub mod gateways;
mod hybrid;
mod iam;
mod pod_identities;
mod labels;
mod late_zones;
mod machines;
mod modes;
mod node_words;
mod nodes;
pub mod offered;
mod overlay;
mod placeholders;
mod pools;
pub mod profiles;
pub mod room;
mod routing;
mod self_managed;
mod snat;
mod stack;
mod tags;
mod texts;
mod tiers;
mod transit;
mod unread;
mod versions;
mod vpc;
mod windows;
mod zones;

use crate::address::AddressPlan;
use crate::capacity::Capacity;
use crate::diagnostic::Diagnostic;
use crate::intent::Intent;
use crate::ledger::Kept;
use crate::rules::SVC_05;

pub use allowance::{allowed, judged};
pub use beside::{beside, is_planned, may_follow, unjudged};
use capacity::quotas;
pub use profiles::{Profile, Profiles};
pub use stack::check as stack;

/// Everything wrong with what is wanted.
pub fn intent(intent: &Intent) -> Vec<Diagnostic> {
    let topics = [
        vpc::check,
        zones::check,
        tiers::check,
        tags::check,
        subnet_roles::check,
        egress::check,
        transit::check,
        hybrid::check,
        flow_logs::check,
        routing::check,
        endpoints::check,
        security::check,
        denials::check,
        cluster::check,
        api_access::check,
        access::check,
        entries::check,
        iam::check,
        pod_identities::check,
        aws_node::check,
        snat::check,
        addons::check,
        modes::check,
        self_managed::check,
        overlay::check,
        nodes::check,
        equipment::check,
        node_words::check,
        windows::check,
        fargate::check,
        auto::check,
        versions::check,
        existing::check,
        unread::check,
    ];
    topics.iter().flat_map(|topic| topic(intent)).collect()
}

/// Findings on more than a quota allows by default, accepted ones too.
pub fn exceeding(intent: &Intent, plan: &AddressPlan, figures: &Capacity) -> Vec<Diagnostic> {
    let mut findings = self::intent(intent);
    findings.extend(capacity::check(intent, plan, figures));
    findings.retain(|found| found.exceeds.is_some());
    findings
}

/// Everything in the account that is in the way of a deployment.
pub fn preflight(
    deployment: &account::Deployment<'_>,
    state: &account::AccountState,
) -> Vec<Diagnostic> {
    let mut findings = account::check(deployment, state);
    findings.extend(room::check(deployment, state));
    findings.extend(offered::check(deployment, state));
    findings
}

/// Whether a finding judges what a cluster that exists has from its owner.
pub fn is_of_the_cluster(finding: &Diagnostic) -> bool {
    let path = finding.path.as_str();
    let own = path.starts_with("cluster.access");
    let is_existing = finding.rule.id.starts_with("EXI-");
    let of_control_plane = finding.rule.id.starts_with("CLU-");
    !is_existing
        && (of_control_plane
            || path == "addons"
            || path == "cluster"
            || path.starts_with("cluster.") && !own)
}

/// Whether a finding judges addresses, which of a VPC that nothing is known of nobody can.
pub fn is_of_addresses(finding: &Diagnostic) -> bool {
    const TOPICS: [&str; 8] = ["VPC-", "SUB-", "ADR-", "SVC-", "CAP-", "SIZ-", "CN-02", "TIER-03"];
    TOPICS.iter().any(|topic| finding.rule.id.starts_with(topic))
}

/// What the lock says that the cluster has for ever, and the blueprint says otherwise.
pub fn kept(intent: &Intent, kept: &Kept) -> Option<Diagnostic> {
    let cluster = intent.cluster.as_ref()?;
    let own = cluster.existing.is_none() && !cluster.ipv6;
    let before = kept.service_cidr.filter(|before| own && *before != cluster.service_cidr)?;
    let message = format!(
        "the lock has `{before}` for the cluster, and `{}` would be another cluster",
        cluster.service_cidr
    );
    Some(
        SVC_05
            .at("cluster.serviceCidr", message)
            .hint(format!("keep `{before}`; if nothing was deployed yet, delete the lock")),
    )
}

/// Everything wrong with how it would be laid out.
pub fn plan(intent: &Intent, plan: &AddressPlan, figures: &Capacity) -> Vec<Diagnostic> {
    let mut findings = plan.notes.clone();
    findings.extend(addresses::check(intent, plan));
    findings.extend(capacity::check(intent, plan, figures));
    findings.extend(late_zones::check(intent, plan));
    findings.extend(existing::admits(intent));
    findings
}
