//! The gates: what AWS would refuse, or what fails at 3 a.m., found before anything is done. One file per topic: rows and functions.

pub mod account;
mod addons;
mod addresses;
mod allowance;
mod arn;
mod auto;
mod aws_node;
pub mod book;
mod balancers;
mod capacity;
mod changes;
mod cluster;
mod egress;
mod endpoints;
mod fargate;
mod flow_logs;
mod guards;
mod hybrid;
mod modes;
mod nodes;
mod overlay;
pub mod profiles;
mod reader;
mod routing;
mod rule;
mod self_managed;
mod tags;
mod tiers;
mod transit;
mod versions;
mod vpc;
mod zones;

use crate::address::AddressPlan;
use crate::diagnostic::Diagnostic;
use crate::spec::Spec;

pub use allowance::judged;
pub use profiles::{Profile, Profiles};
pub use rule::Rule;

/// Everything wrong with what is wanted.
pub fn spec(spec: &Spec) -> Vec<Diagnostic> {
    let topics = [
        vpc::check,
        zones::check,
        tiers::check,
        tags::check,
        balancers::check,
        egress::check,
        transit::check,
        hybrid::check,
        flow_logs::check,
        routing::check,
        endpoints::check,
        guards::check,
        cluster::check,
        aws_node::check,
        addons::check,
        modes::check,
        self_managed::check,
        overlay::check,
        nodes::check,
        fargate::check,
        auto::check,
        versions::check,
    ];
    topics.iter().flat_map(|topic| topic(spec)).collect()
}

/// Everything wrong with how it would be laid out.
pub fn plan(spec: &Spec, plan: &AddressPlan) -> Vec<Diagnostic> {
    let mut findings = plan.notes.clone();
    findings.extend(addresses::check(spec, plan));
    findings.extend(capacity::check(spec, plan));
    findings
}
