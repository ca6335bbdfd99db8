//! Endpoint services that the Region and its zones have.

use super::account::{AccountState, Deployment, proven};
use crate::address::Subnet;
use crate::diagnostic::Diagnostic;
use crate::facts::endpoints::{Kind, Owner, Service};
use crate::graph::endpoint_id;
use crate::intent::Intent;
use crate::intent::endpoints::Endpoint;
use crate::observed::EndpointService;
use crate::rules::PE_34;

const READ: &str = "ec2:DescribeVpcEndpointServices";

/// Whole names of the services that the blueprint has endpoints of.
pub fn endpoint_services(intent: &Intent) -> Vec<String> {
    let services = intent.endpoints.services.iter().map(|endpoint| endpoint.service);
    // The Region lists its own.
    let services = services.filter(|service| service.elsewhere(intent.region).is_none());
    let mut names: Vec<String> = services.map(|service| service.full_name(intent.region)).collect();
    names.sort();
    names.dedup();
    names
}

/// Rule PE-34, for services of the own Region. Nothing where the services could not be read.
pub fn check(deployment: &Deployment<'_>, state: &AccountState) -> Vec<Diagnostic> {
    let Some(known) = &state.endpoint_services else { return Vec::new() };
    let finding = |endpoint: &Endpoint| {
        let service = endpoint.service;
        if service.elsewhere(deployment.intent.region).is_some() {
            return None;
        }
        let name = service.full_name(deployment.intent.region);
        let is_gateway = service.kind == Kind::Gateway;
        let there = known.iter().find(|one| one.name == name && one.is_gateway == is_gateway);
        match there {
            None if (deployment.stands)(&endpoint_id(service.name)) => None,
            None => Some(absent(deployment.intent, service)),
            Some(_) if is_gateway => None,
            Some(offered) => out_of_reach(deployment, state, (service, offered)),
        }
    };
    let findings = deployment.intent.endpoints.services.iter().filter_map(finding);
    findings.map(|finding| proven(finding, READ)).collect()
}

fn absent(intent: &Intent, service: &Service) -> Diagnostic {
    let (region, name) = (intent.region.name, service.name);
    if let Owner::Another { whole, .. } = service.owner {
        let message =
            format!("{region} has no endpoint service `{whole}` that this account may use");
        return PE_34.at("endpoints", message).hint(
            "ask its owner to allow this account (`aws ec2 modify-vpce-service-permissions`) and to confirm the name; or leave it out",
        );
    }
    PE_34
        .at("endpoints", format!("{region} has no endpoint service `{name}`"))
        .hint(format!("leave it out (`endpoints: {{ exclude: [{name}] }}`), or give its callers another egress path"))
}

/// A zone of the interfaces' tier that the service does not have. What is deployed in it already shows that it does.
fn out_of_reach(
    deployment: &Deployment<'_>,
    state: &AccountState,
    (service, offered): (&Service, &EndpointService),
) -> Option<Diagnostic> {
    let Deployment { intent, plan, stands, .. } = deployment;
    let has_endpoint = stands(&endpoint_id(service.name));
    let zones = state.zones.as_ref()?;
    let named = |subnet: &Subnet| match &subnet.zone.name {
        Some(name) => Some(name.clone()),
        None => zones.iter().find(|(id, _)| *id == subnet.zone.id).map(|(_, name)| name.clone()),
    };
    let is_deployed = |subnet: &Subnet| has_endpoint && stands(&crate::graph::subnet_id(subnet));
    let subnet = plan
        .of_tier(&intent.endpoints.tier)
        .filter(|subnet| !is_deployed(subnet))
        .find(|subnet| named(subnet).is_some_and(|name| !offered.zones.contains(&name)))?;
    let message = format!("`{}` has no endpoints in {}", service.name, subnet.zone.word());
    // As the blueprint speaks of zones.
    let spelled =
        |name: &String| match (&subnet.zone.name, zones.iter().find(|(_, own)| own == name)) {
            (None, Some((id, _))) => id.clone(),
            _ => name.clone(),
        };
    let there: Vec<String> = offered.zones.iter().map(spelled).collect();
    Some(PE_34.at("endpoints", message).hint(format!(
        "it has them in {}: use a tier of these zones (`endpoints: {{ tier: … }}`), or leave it out (`exclude: [{}]`)",
        there.join(", "), service.name
    )))
}
