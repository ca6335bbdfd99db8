//! What a change means by its values: more addresses on a list take nothing from anybody, fewer do.

use std::collections::BTreeSet;

use ipnet::IpNet;
use serde_json::Value;

use crate::facts::kinds::Impact;
use crate::template::Template;

use super::redundancy;

/// A resource on both sides.
pub struct Sides<'t> {
    /// The stacks.
    pub templates: [&'t Template; 2],
    /// Its properties.
    pub own: [&'t Value; 2],
}

impl Sides<'_> {
    /// The impact that fits what differs.
    pub fn refine(&self, impact: Impact) -> Impact {
        let [old, new] = self.own;
        match impact {
            // Nobody is let in by the list of an endpoint that is closed.
            Impact::ApiListChanges if is_closed(new) => Impact::Unnoticed,
            Impact::ApiListChanges if self.covers(api_list) || self.lists_more() => {
                Impact::ApiListWidened
            }
            Impact::RemoteNetworksChange if self.covers(remote) => Impact::RemoteNetworksAdded,
            Impact::RulesChange if self.allows_as_much() => Impact::RulesWidened,
            Impact::LogsKeptOtherwise if keeps_longer(old, new) => Impact::Unnoticed,
            Impact::GroupScaled if !shrinks(old, new) => Impact::GroupBounds,
            Impact::AutoModeChanges => match [old, new].map(auto) {
                [false, true] => Impact::AutoModeOn,
                [true, false] => Impact::AutoModeChanges,
                _ => Impact::AutoModePools,
            },
            Impact::ControlPlaneUpgraded if goes_back(old, new) => Impact::ControlPlaneRolledBack,
            Impact::NodesExchanged if goes_back(old, new) => Impact::NodesRolledBack,
            Impact::AuthenticationChanges if takes_config_map(new) => Impact::AuthenticationWidened,
            Impact::TransitSubnetsExchanged if self.only_adds("SubnetIds") => {
                Impact::TransitZonesAdded
            }
            Impact::EndpointSubnetsExchanged if self.only_adds("SubnetIds") => {
                Impact::EndpointZonesAdded
            }
            Impact::EndpointGroupsExchanged if self.only_adds("SecurityGroupIds") => {
                Impact::Unnoticed
            }
            Impact::TransitSubnetsExchanged if self.leaves_a_zone() => Impact::TransitZonesLost,
            Impact::EndpointSubnetsExchanged if self.has_fewer_zones() => Impact::EndpointZonesLost,
            Impact::OtherEgressAddresses if self.gives_zones_up() => Impact::NatZonesLost,
            Impact::EndpointRemoved if new["PrivateDnsEnabled"] == true => Impact::EndpointAdded,
            Impact::ApiEndpointChanges if only_opens(old, new) => Impact::ApiListWidened,
            Impact::EndpointTablesRemoved => self.of_tables(),
            Impact::AddonUpdated => match new["ResolveConflicts"].as_str() {
                Some("PRESERVE") => Impact::AddonUpdatedPreserving,
                Some("OVERWRITE") => Impact::AddonUpdated,
                // EKS's own default.
                _ => Impact::AddonUpdatedUnlessInConflict,
            },
            other => other,
        }
    }

    fn covers(&self, ranges: impl Fn(&Value) -> Option<Vec<IpNet>>) -> bool {
        let [old, new] = self.own.map(ranges);
        old.zip(new).is_some_and(|(old, new)| old.iter().all(|range| within(range, &new)))
    }

    /// Whether the public endpoint's list has all that it had, addresses of the stack's own gateways included.
    fn lists_more(&self) -> bool {
        let [old, new] = self.own.map(|own| items(&own["ResourcesVpcConfig"]["PublicAccessCidrs"]));
        !old.is_empty() && old.iter().all(|one| new.contains(one))
    }

    /// Whether what a group's rules let through is let through afterwards.
    fn allows_as_much(&self) -> bool {
        let [old, new] = self.own;
        ["SecurityGroupIngress", "SecurityGroupEgress"].iter().all(|list| {
            let rules = |own: &Value| own[*list].as_array().cloned().unwrap_or_default();
            let new = rules(new);
            rules(old).iter().all(|rule| allowed(rule, &new))
        })
    }

    fn only_adds(&self, list: &str) -> bool {
        let [old, new] = self.own.map(|own| items(&own[list]));
        old.iter().all(|one| new.contains(one))
    }

    /// What it means for subnets that a gateway endpoint is in other tables; a table that is new has no traffic yet.
    fn of_tables(&self) -> Impact {
        let [old, new] = self.own.map(|own| items(&own["RouteTableIds"]));
        let stands = |table: &Value, at: usize| {
            table["Ref"].as_str().is_none_or(|id| self.templates[at].resource(id).is_some())
        };
        let mut left = old.iter().filter(|table| !new.contains(table) && stands(table, 1));
        let mut added = new.iter().filter(|table| !old.contains(table) && stands(table, 0));
        match (left.next(), added.next()) {
            (Some(_), _) => Impact::EndpointTablesRemoved,
            (None, Some(_)) => Impact::EndpointTablesAdded,
            (None, None) => Impact::Unnoticed,
        }
    }

    /// Whether a zone that had a subnet has none.
    fn leaves_a_zone(&self) -> bool {
        !self.zones(0).is_subset(&self.zones(1))
    }

    /// Whether a regional NAT gateway has no address any more where it had some; without a list AWS gives it its addresses.
    fn gives_zones_up(&self) -> bool {
        let [old, new] = self.own.map(|own| {
            let all = items(&own["AvailabilityZoneAddresses"]).iter();
            let zone = |one: &Value| {
                let name = one["AvailabilityZoneId"].as_str().or(one["AvailabilityZone"].as_str());
                name.map(str::to_string)
            };
            all.filter_map(zone).collect::<BTreeSet<_>>()
        });
        !new.is_empty() && !old.is_subset(&new)
    }

    fn has_fewer_zones(&self) -> bool {
        self.zones(1).len() < self.zones(0).len()
    }

    fn zones(&self, at: usize) -> BTreeSet<&str> {
        redundancy::zones(self.templates[at], &self.own[at]["SubnetIds"])
    }
}

/// Whether a Kubernetes version or a release of its AMI is lower than before.
pub fn goes_back(old: &Value, new: &Value) -> bool {
    let lower = |name: &str| {
        let [before, after] = [old, new].map(|own| own[name].as_str().map(numbers));
        before.zip(after).is_some_and(|(before, after)| after < before)
    };
    ["Version", "ReleaseVersion"].into_iter().any(lower)
}

/// `1.35.0-20260101` → 1, 35, 0, 20260101
fn numbers(version: &str) -> Vec<u64> {
    version.split(['.', '-']).map_while(|part| part.parse().ok()).collect()
}

/// Whether the ranges hold all of one, alone or together.
fn within(range: &IpNet, ranges: &[IpNet]) -> bool {
    IpNet::aggregate(&ranges.to_vec()).iter().any(|one| one.contains(range))
}

fn parsed(list: &Value) -> Option<Vec<IpNet>> {
    list.as_array()?.iter().map(|one| one.as_str()?.parse().ok()).collect()
}

fn is_closed(cluster: &Value) -> bool {
    cluster["ResourcesVpcConfig"]["EndpointPublicAccess"] == false
}

/// Who reaches the public endpoint: everybody where nothing is said, nobody where there is none.
fn api_list(cluster: &Value) -> Option<Vec<IpNet>> {
    let access = &cluster["ResourcesVpcConfig"];
    if access["EndpointPublicAccess"] == false {
        return Some(Vec::new());
    }
    match &access["PublicAccessCidrs"] {
        Value::Null => Some(vec!["0.0.0.0/0".parse().ok()?, "::/0".parse().ok()?]),
        list => parsed(list),
    }
}

fn items(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}

/// Whether the public endpoint comes to what there is.
fn only_opens(old: &Value, new: &Value) -> bool {
    let on = |own: &Value, name: &str, default| {
        own["ResourcesVpcConfig"][name].as_bool().unwrap_or(default)
    };
    let [before, after] = [old, new].map(|own| {
        (on(own, "EndpointPublicAccess", true), on(own, "EndpointPrivateAccess", false))
    });
    before.1 == after.1 && (!before.0 || after.0)
}

fn remote(cluster: &Value) -> Option<Vec<IpNet>> {
    let remote = &cluster["RemoteNetworkConfig"];
    let lists = [&remote["RemoteNodeNetworks"], &remote["RemotePodNetworks"]];
    let ranges = lists.into_iter().flat_map(|list| list.as_array().into_iter().flatten());
    ranges.map(|one| parsed(&one["Cidrs"])).collect::<Option<Vec<_>>>().map(|all| all.concat())
}

/// Whether logs are kept longer, or for good.
fn keeps_longer(old: &Value, new: &Value) -> bool {
    let [before, after] = [old, new].map(|own| own["RetentionInDays"].as_u64().unwrap_or(u64::MAX));
    before < after
}

fn auto(cluster: &Value) -> bool {
    cluster["ComputeConfig"]["Enabled"] == true
}

fn takes_config_map(cluster: &Value) -> bool {
    cluster["AccessConfig"]["AuthenticationMode"] != "API"
}

/// Whether nodes have to go: fewer are allowed, or asked for.
fn shrinks(old: &Value, new: &Value) -> bool {
    let size = |own: &Value, name: &str| own["ScalingConfig"][name].as_u64();
    ["MaxSize", "DesiredSize"].iter().any(|name| {
        size(old, name).zip(size(new, name)).is_some_and(|(before, after)| after < before)
    })
}

/// Whether one of the rules allows what a rule does.
pub fn allowed(rule: &Value, rules: &[Value]) -> bool {
    const RANGES: [&str; 2] = ["CidrIp", "CidrIpv6"];
    const PORTS: [&str; 2] = ["FromPort", "ToPort"];
    let peer = |one: &Value| -> Vec<(String, Value)> {
        let all = one.as_object().into_iter().flatten();
        let own = all.filter(|(name, _)| {
            ![&RANGES[..], &PORTS[..], &["IpProtocol", "Description"]]
                .concat()
                .contains(&name.as_str())
        });
        own.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    let range = |one: &Value| -> Option<IpNet> {
        RANGES.iter().find_map(|name| one[*name].as_str()).and_then(|text| text.parse().ok())
    };
    let ports = |one: &Value| PORTS.map(|name| one[name].as_i64());
    let opens = |other: &&Value| {
        let every = other["IpProtocol"] == "-1";
        let within = match (ports(rule), ports(other)) {
            _ if every => true,
            ([Some(low), Some(high)], [Some(least), Some(most)]) => least <= low && high <= most,
            (own, others) => own == others,
        };
        within
            && (every || other["IpProtocol"] == rule["IpProtocol"])
            && peer(rule) == peer(other)
            && range(rule).is_some() == range(other).is_some()
    };
    let open: Vec<&Value> = rules.iter().filter(opens).collect();
    match range(rule) {
        None => {
            let literal = |one: &&&Value| RANGES.iter().all(|name| one[*name] == rule[*name]);
            open.iter().any(|one| literal(&one))
        }
        Some(own) => within(&own, &open.into_iter().filter_map(range).collect::<Vec<_>>()),
    }
}

/// Where packets go that took a route which is gone: the same way by a wider one (`true`), another way (`false`), or none.
pub fn way(gone: &Value, routes: &[Value]) -> Option<bool> {
    const DESTINATIONS: [&str; 2] = ["DestinationCidrBlock", "DestinationIpv6CidrBlock"];
    const TABLES: [&str; 2] = ["RouteTableId", "TransitGatewayRouteTableId"];
    let range = |route: &Value| -> Option<IpNet> {
        DESTINATIONS
            .iter()
            .find_map(|name| route[*name].as_str())
            .and_then(|text| text.parse().ok())
    };
    let table = |route: &Value| TABLES.map(|name| route[name].clone());
    let target = |route: &Value| -> Vec<(String, Value)> {
        let all = route.as_object().into_iter().flatten();
        let known = [&DESTINATIONS[..], &TABLES[..]].concat();
        let own = all.filter(|(name, _)| !known.contains(&name.as_str()));
        own.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    let own = range(gone)?;
    let others = || routes.iter().filter(|one| table(one) == table(gone));
    let covers = |routes: Vec<&Value>| {
        within(&own, &routes.into_iter().filter_map(range).collect::<Vec<_>>())
    };
    if covers(others().filter(|one| target(one) == target(gone)).collect()) {
        return Some(true);
    }
    // What is only left to the default route does not reach a network of its own.
    let named = others().filter(|one| range(one).is_some_and(|range| 0 < range.prefix_len()));
    covers(named.collect()).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rule_is_allowed_by_wider_ones_together() {
        let rule = |range: &str, from: u16, to: u16| json!({ "CidrIp": range, "IpProtocol": "tcp", "FromPort": from, "ToPort": to });
        let old = rule("10.0.0.0/20", 443, 443);
        assert!(allowed(&old, &[rule("10.0.0.0/21", 443, 443), rule("10.0.8.0/21", 1, 9000)]));
        assert!(!allowed(&old, &[rule("10.0.0.0/21", 443, 443)]));
        assert!(!allowed(&old, &[rule("10.0.0.0/16", 444, 9000)]));
        let all = json!({ "CidrIp": "0.0.0.0/0", "IpProtocol": "-1" });
        assert!(allowed(&old, std::slice::from_ref(&all)) && !allowed(&all, &[old]));
        let group = json!({ "SourceSecurityGroupId": { "Ref": "A" }, "IpProtocol": "-1" });
        let other = json!({ "SourceSecurityGroupId": { "Ref": "B" }, "IpProtocol": "-1" });
        assert!(allowed(&group, std::slice::from_ref(&group)) && !allowed(&group, &[other, all]));
    }

    #[test]
    fn a_route_goes_the_same_way_by_a_wider_one() {
        let route = |range: &str, gateway: &str| json!({ "RouteTableId": { "Ref": "T" }, "DestinationCidrBlock": range, "TransitGatewayId": gateway });
        let gone = route("192.168.0.0/20", "tgw-1");
        assert_eq!(way(&gone, &[route("192.168.0.0/19", "tgw-1")]), Some(true));
        assert_eq!(
            way(&gone, &[route("192.168.0.0/21", "tgw-1"), route("192.168.8.0/21", "tgw-1")]),
            Some(true)
        );
        assert_eq!(way(&gone, &[route("0.0.0.0/0", "tgw-2")]), None);
        assert_eq!(way(&gone, &[route("192.168.0.0/16", "tgw-2")]), Some(false));
        assert_eq!(way(&gone, &[route("192.168.0.0/21", "tgw-1")]), None);
        let mut other = route("192.168.0.0/16", "tgw-1");
        other["RouteTableId"] = json!({ "Ref": "U" });
        assert_eq!(way(&gone, &[other]), None);
    }
}
