//! What reaches what: where packets of a tier leave the VPC, who runs pods and in which tier, and which networks are connected.

use ipnet::{IpNet, Ipv4Net};

use crate::blueprint::model::{TierEgress, Use};
use crate::facts::vpc::{covers_everything, overlap};

use super::auto::Auto;
use super::remote::RemoteNetworks;
use super::route::Destination;
use super::{FargateProfile, Intent, NodeGroup, Tier, Transit, Ways};

/// Where packets of a tier go that are not for the VPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayOut {
    /// A default route: the internet, or whatever is behind it.
    Open,
    /// Other networks only. They may offer what is called (endpoints in a hub VPC, a proxy), or a default route that a gateway
    /// learns: nothing here tells. The gateway or target, as the blueprint names it.
    Elsewhere(String),
    /// No route leaves the VPC.
    Closed,
}

/// What runs pods.
#[derive(Clone, Copy, Debug)]
pub enum Runner<'i> {
    Group(&'i NodeGroup),
    Auto(&'i Auto),
    Fargate(&'i FargateProfile),
    /// Nodes outside of AWS.
    Hybrid(&'i RemoteNetworks),
}

impl Runner<'_> {
    /// As the subject of a sentence.
    pub fn word(&self) -> String {
        match self {
            Runner::Group(group) => format!("nodes of `{}`", group.name),
            Runner::Auto(_) => "nodes of Auto Mode".to_string(),
            Runner::Fargate(profile) => format!("pods of the Fargate profile `{}`", profile.name),
            Runner::Hybrid(_) => "hybrid nodes".to_string(),
        }
    }

    /// The name of the tier; hybrid nodes have none.
    fn tier(&self) -> Option<&str> {
        match self {
            Runner::Group(group) => Some(&group.tier),
            Runner::Auto(auto) => Some(&auto.tier),
            Runner::Fargate(profile) => Some(&profile.tier),
            Runner::Hybrid(_) => None,
        }
    }
}

/// A range that routes, or remote nodes, make part of the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Connected {
    pub range: Ipv4Net,
    /// Where the blueprint names it.
    pub path: String,
}

impl Connected {
    /// A default route, or a half of one, is no network.
    pub fn is_network(&self) -> bool {
        1 < self.range.prefix_len()
    }
}

impl Intent {
    /// Everything that runs pods: node groups, Auto Mode, Fargate profiles, hybrid nodes.
    pub fn runners(&self) -> Vec<Runner<'_>> {
        let Some(cluster) = &self.cluster else {
            return Vec::new();
        };
        let remote = Some(&cluster.remote).filter(|remote| !remote.nodes.is_empty());
        let groups = cluster.node_groups.iter().map(Runner::Group);
        groups
            .chain(cluster.auto.iter().map(Runner::Auto))
            .chain(cluster.fargate.iter().map(Runner::Fargate))
            .chain(remote.map(Runner::Hybrid))
            .collect()
    }

    /// The runners that are in tiers of the VPC, each with its tier.
    pub fn placed_runners(&self) -> Vec<(Runner<'_>, &Tier)> {
        let placed = |runner: Runner<'_>| self.tier(runner.tier()?);
        self.runners().into_iter().filter_map(|runner| Some((runner, placed(runner)?))).collect()
    }

    /// Where packets of a tier leave.
    pub fn way_out(&self, tier: &Tier) -> WayOut {
        if tier.leaves() != TierEgress::None {
            return WayOut::Open;
        }
        if let Ways::Live(zones) = &tier.ways
            && let Some(route) = zones.values().flatten().next()
        {
            return WayOut::Elsewhere(route.via.clone());
        }
        let gateway = self.transit.gateway.as_ref().filter(|_| tier.serves != [Use::Transit]);
        let mut ranges: Vec<Ipv4Net> =
            gateway.iter().flat_map(|gateway| gateway.destinations.iter().copied()).collect();
        // A peering connection passes nothing on to a third network (NAT-07).
        let onward = tier.routes.iter().filter(|route| !route.via.starts_with("pcx-"));
        ranges.extend(onward.filter_map(|route| match route.to {
            Destination::Range(IpNet::V4(range)) => Some(range),
            _ => None,
        }));
        if covers_everything(&ranges) {
            return WayOut::Open;
        }
        let attached = gateway
            .filter(|gateway| !gateway.destinations.is_empty())
            .map(|gateway| gateway.id.clone());
        let learned =
            self.transit.vpn.as_ref().filter(|vpn| vpn.propagate).map(|vpn| vpn.id.clone());
        let own = tier
            .routes
            .iter()
            .find(|route| !matches!(route.to, Destination::Range(IpNet::V6(_))))
            .map(|route| route.via.clone());
        attached.or(learned).or(own).map_or(WayOut::Closed, WayOut::Elsewhere)
    }

    /// Services of interface endpoints that others made in the VPC, by the names that AWS has for them.
    pub fn endpoints_of_others(&self) -> &[String] {
        self.vpc.existing.as_ref().map_or(&[], |vpc| vpc.endpoints.as_slice())
    }

    /// Whether a service has an endpoint in the VPC, of this stack or of others.
    pub fn is_served(&self, service: &str) -> bool {
        let ends = format!(".{service}");
        self.endpoints.has(service)
            || self.endpoints_of_others().iter().any(|one| one.ends_with(&ends))
    }

    /// Whether a tier's packets have a default route.
    pub fn has_way_out(&self, tier: &Tier) -> bool {
        self.way_out(tier) == WayOut::Open
    }

    /// Whether anything outside the VPC may answer a tier's packets: a default route, or a network that may offer what is called.
    pub fn may_have_way_out(&self, tier: &Tier) -> bool {
        self.way_out(tier) != WayOut::Closed
    }

    /// IPv4 networks beside the VPC that its routes or its remote nodes name.
    pub fn connected(&self) -> Vec<Connected> {
        let remote = self.cluster.iter().flat_map(|cluster| cluster.remote.all());
        let remote =
            remote.map(|range| Connected { range, path: "cluster.remoteNetworks".to_string() });
        beyond(&self.transit, &self.tiers).chain(remote).filter(Connected::is_network).collect()
    }

    /// Whether a route leads to a part of `range`, or a gateway may: one that learns its routes, or has no destinations yet.
    pub fn may_reach(&self, range: Ipv4Net) -> bool {
        let learned = self.transit.vpn.as_ref().is_some_and(|vpn| vpn.propagate);
        let gateway = self.transit.gateway.as_ref();
        let attached = gateway.is_some_and(|gateway| {
            gateway.destinations.is_empty()
                || gateway.destinations.iter().any(|to| overlap(*to, range))
        });
        let routed = self.tiers.iter().flat_map(|tier| &tier.routes).any(|route| match route.to {
            Destination::Range(IpNet::V4(to)) => overlap(to, range),
            Destination::Range(IpNet::V6(_)) => false,
            // What is in a prefix list only the account knows.
            Destination::PrefixList(_) => true,
        });
        learned || attached || routed
    }
}

/// IPv4 networks that routes name: behind the transit gateway, and by routes of tiers.
pub fn beyond<'i>(transit: &'i Transit, tiers: &'i [Tier]) -> impl Iterator<Item = Connected> + 'i {
    let behind = transit.gateway.iter().flat_map(|gateway| {
        let places = gateway.destinations.iter().enumerate();
        places.map(|(at, range)| Connected {
            range: *range,
            path: format!("egress.transitGateway.destinations[{at}]"),
        })
    });
    let routed = tiers.iter().flat_map(|tier| &tier.routes).filter_map(|route| match route.to {
        Destination::Range(IpNet::V4(range)) => Some(Connected { range, path: route.path.clone() }),
        _ => None,
    });
    behind.chain(routed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: shop, region: eu-west-1 }\n";

    fn intent(rest: &str) -> Intent {
        let reading = crate::blueprint::read("test.yaml", format!("{HEAD}{rest}").into_bytes());
        let document = reading.document.unwrap_or_else(|| panic!("{:?}", reading.findings));
        crate::intent::resolve(&document.blueprint, &Default::default(), &Default::default())
            .0
            .unwrap()
    }

    fn closed(egress: &str, routes: &str) -> WayOut {
        let text = format!(
            "egress: {egress}\ntiers: [{{ name: nodes, size: /20, egress: none, serves: [nodes], routes: {routes} }}]\n"
        );
        let intent = intent(&text);
        intent.way_out(intent.tier("nodes").unwrap())
    }

    #[test]
    fn a_default_route_is_a_way_out_whole_or_in_halves() {
        for (egress, routes) in [
            ("{ transitGateway: { id: tgw-1, destinations: [0.0.0.0/0] } }", "[]"),
            ("{ transitGateway: { id: tgw-1, destinations: [0.0.0.0/1, 128.0.0.0/1] } }", "[]"),
            (
                "{ transitGateway: { id: tgw-1, destinations: [0.0.0.0/1] } }",
                "[{ to: 128.0.0.0/1, via: tgw-1 }]",
            ),
            ("{}", "[{ to: 0.0.0.0/0, via: eni-1 }]"),
            ("{}", "[{ to: 0.0.0.0/0, via: vpce-1 }]"),
        ] {
            assert_eq!(closed(egress, routes), WayOut::Open, "{egress} {routes}");
        }
    }

    #[test]
    fn other_networks_may_be_one() {
        for (egress, routes, via) in [
            ("{ transitGateway: { id: tgw-1, destinations: [10.0.0.0/8] } }", "[]", "tgw-1"),
            ("{ transitGateway: { id: tgw-1, destinations: [0.0.0.0/1] } }", "[]", "tgw-1"),
            ("{ vpnGateway: { id: vgw-1 } }", "[]", "vgw-1"),
            ("{}", "[{ to: 10.9.0.0/16, via: pcx-1 }]", "pcx-1"),
            ("{}", "[{ to: pl-1, via: eni-1 }]", "eni-1"),
        ] {
            assert_eq!(closed(egress, routes), WayOut::Elsewhere(via.into()), "{egress} {routes}");
        }
    }

    #[test]
    fn without_a_route_there_is_none() {
        for (egress, routes) in [
            ("{}", "[]"),
            ("{ transitGateway: { id: tgw-1 } }", "[]"),
            ("{ vpnGateway: { id: vgw-1, propagate: false } }", "[]"),
            ("{}", "[{ to: \"::/0\", via: eni-1 }]"),
        ] {
            assert_eq!(closed(egress, routes), WayOut::Closed, "{egress} {routes}");
        }
    }

    #[test]
    fn whatever_runs_pods_is_a_runner() {
        let intent = intent(
            "egress: { vpnGateway: { id: vgw-1 } }\ncluster: { autoMode: {}, remoteNetworks: { nodes: [10.80.0.0/16] } }\n\
             nodeGroups: [{ name: a }]\nfargate: [{ name: jobs, selectors: [{ namespace: jobs }] }]\n",
        );
        let words: Vec<String> = intent.runners().iter().map(Runner::word).collect();
        let all = [
            "nodes of `a`",
            "nodes of Auto Mode",
            "pods of the Fargate profile `jobs`",
            "hybrid nodes",
        ];
        assert_eq!(words, all);
        assert_eq!(intent.placed_runners().len(), 3);
    }

    #[test]
    fn networks_are_connected_by_routes_and_by_remote_nodes() {
        let intent = intent(
            "egress: { transitGateway: { id: tgw-1, destinations: [10.80.0.0/16] } }\n\
             tiers: [{ name: nodes, size: /20, serves: [nodes], routes: [{ to: 192.168.0.0/16, via: pcx-1 }] }]\n\
             cluster: { remoteNetworks: { nodes: [10.90.0.0/16] } }\n",
        );
        let ranges: Vec<String> =
            intent.connected().iter().map(|one| one.range.to_string()).collect();
        assert_eq!(ranges, ["10.80.0.0/16", "192.168.0.0/16", "10.90.0.0/16"]);
        let reach = |text: &str| intent.may_reach(text.parse().unwrap());
        assert!(reach("10.80.4.0/24") && reach("192.168.0.0/24") && !reach("10.90.0.0/16"));
    }
}
