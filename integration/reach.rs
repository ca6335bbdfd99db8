//! Reachability, computed from the rendered template alone, is what the blueprint says of each tier.

use std::net::IpAddr;

use eksnet::blueprint::model::{NatMode, TierEgress};
use eksnet::facts::endpoints::Kind;
use eksnet::graph::subnet_id;
use eksnet::line::Compiled;
use eksnet::render::reach::{self, SOMEBODY, SOMEBODY_IPV6, Way};

use crate::support::{blueprints, build};

fn held(name: &str, built: &Compiled) {
    let (there, there6): (IpAddr, IpAddr) =
        (SOMEBODY.parse().unwrap(), SOMEBODY_IPV6.parse().unwrap());
    for subnet in &built.plan.subnets {
        let tier = built.intent.tier(&subnet.tier).unwrap();
        let (id, word) =
            (subnet_id(subnet), format!("{name}: {} in {}", subnet.tier, subnet.zone.id));
        let way = |address| reach::way(&reach::Reach::of(&built.template), &id, address);
        match tier.egress {
            TierEgress::Internet => assert_eq!(way(there), Way::InternetGateway, "{word}"),
            TierEgress::None => assert_eq!(way(there), Way::Nowhere, "{word}"),
            TierEgress::Nat => {
                let Way::Nat(gateway) = way(there) else { panic!("{word}: {:?}", way(there)) };
                let own =
                    built.template.resource(&gateway).unwrap()["Properties"]["SubnetId"]["Ref"]
                        .as_str()
                        .unwrap_or_default()
                        .to_string();
                let host = built.plan.subnets.iter().find(|other| subnet_id(other) == own);
                assert!(
                    built.intent.nat.mode != NatMode::PerZone
                        || host.is_some_and(|host| host.zone.id == subnet.zone.id),
                    "{word}: {gateway}"
                );
            }
        }
        let six = match (built.intent.vpc.ipv6.is_some(), tier.egress) {
            (false, _) | (_, TierEgress::None) => Way::Nowhere,
            (true, TierEgress::Internet) => Way::InternetGateway,
            (true, TierEgress::Nat) => Way::EgressOnly,
        };
        assert_eq!(way(there6), six, "{word}");
        for other in &built.plan.subnets {
            assert_eq!(
                way(IpAddr::V4(other.cidr.network())),
                Way::Local,
                "{word} to {}",
                other.cidr
            );
        }
        beyond(built, &id, &word);
    }
}

/// What is behind the transit gateway is reached through it from everywhere, and every endpoint by whoever runs nodes or pods.
fn beyond(built: &Compiled, subnet: &str, word: &str) {
    let own = built
        .plan
        .subnets
        .iter()
        .find(|own| subnet_id(own) == subnet)
        .and_then(|own| built.intent.tier(&own.tier))
        .unwrap();
    let transit = own.serves == [eksnet::facts::subnets::Use::Transit];
    for (gateway, to) in built
        .intent
        .transit
        .gateway
        .iter()
        .filter(|_| !transit)
        .flat_map(|gateway| gateway.destinations.iter().map(move |to| (gateway, to)))
    {
        // The last address of a range: its first may be the VPC's own.
        assert_eq!(
            reach::way(&reach::Reach::of(&built.template), subnet, IpAddr::V4(to.broadcast())),
            Way::Outside(gateway.id.clone()),
            "{word} to {to}"
        );
    }
    let services = built.intent.endpoints.of(Kind::Interface).count()
        + built.intent.endpoints.of(Kind::Gateway).count();
    let plan = built.plan.subnets.iter().find(|own| subnet_id(own) == subnet).unwrap();
    let calls = built.intent.tier(&plan.tier).unwrap().serves.iter().any(|one| {
        matches!(one, eksnet::facts::subnets::Use::Nodes | eksnet::facts::subnets::Use::Pods)
    });
    if calls {
        assert_eq!(
            reach::endpoints(&reach::Reach::of(&built.template), subnet).len(),
            services,
            "{word}"
        );
    }
}

#[test]
fn every_tier_of_every_blueprint_goes_where_it_says() {
    for (name, path) in blueprints() {
        let built = build(&std::fs::read_to_string(path).unwrap());
        // What others made is in no template.
        if built.intent.vpc.existing.is_none() {
            held(&name, &built);
        }
    }
}

#[test]
fn every_nat_mode_leads_out_and_none_leads_nowhere() {
    let text = std::fs::read_to_string(crate::support::root().join("blueprints/three-tiers.yaml"))
        .unwrap();
    for nat in [
        "single",
        "perZone",
        "regional",
        "{ perZone: { connections: 100000 } }",
        "{ single: { elasticIps: [eipalloc-00000000000000001] } }",
    ] {
        let text = if text.contains("\negress:") {
            text.replace("nat: perZone", &format!("nat: {nat}"))
        } else {
            text.replace("\ncluster:\n", &format!("\negress: {{ nat: {nat} }}\ncluster:\n"))
        };
        held(nat, &build(&text));
    }
}

/// A gateway without a way of its own is told from one that leads out.
#[test]
fn a_nat_gateway_in_a_shut_subnet_is_a_dead_end() {
    let mut built = build(
        &std::fs::read_to_string(crate::support::root().join("blueprints/dev-single-nat.yaml"))
            .unwrap(),
    );
    let public: Vec<String> = built.plan.of_tier("public").map(subnet_id).collect();
    let tables: Vec<String> = built
        .plan
        .of_tier("public")
        .map(|subnet| {
            format!("RouteTable{}Default", subnet_id(subnet).trim_start_matches("Subnet"))
        })
        .collect();
    let resources = built.template.value["Resources"].as_object_mut().unwrap();
    tables.iter().for_each(|route| assert!(resources.remove(route).is_some(), "{route}"));
    let there: IpAddr = SOMEBODY.parse().unwrap();
    assert_eq!(reach::way(&reach::Reach::of(&built.template), &public[0], there), Way::Nowhere);
    let nodes = built.plan.of_tier("nodes").map(subnet_id).next().unwrap();
    assert!(matches!(
        reach::way(&reach::Reach::of(&built.template), &nodes, there),
        Way::DeadEnd(_)
    ));
}
