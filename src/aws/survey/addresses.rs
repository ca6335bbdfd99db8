//! Who holds which addresses: interfaces and reservations.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt};

use crate::aws::port::Answer;
use crate::aws::session::{Account, refusal, written};
use crate::facts::subnets;
use crate::observed::survey::{
    Address, Attachment, CidrReservation, EksSurvey, Interface, ReservationKind, Subnet,
};
use crate::survey::items;

use super::text::{parsed, some, tags, text};

/// Of one page of interfaces; AWS advises to page.
const PAGE: i32 = 1000;

/// Reads at the same time.
const AT_ONCE: usize = 8;

/// Interfaces of a VPC, and how many the whole Region has: a quota is of these.
pub struct Held {
    pub of_vpc: Vec<Interface>,
    pub in_region: u64,
}

/// Both by the same reading.
pub async fn interfaces(account: &Account, vpc: &str) -> Answer<Held> {
    let call =
        account.ec2.describe_network_interfaces().include_managed_resources(true).max_results(PAGE);
    let pages = call.into_paginator().items().send();
    let found = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let own = found.iter().filter(|one| one.vpc_id() == Some(vpc));
    Ok(Held { of_vpc: own.map(interface).collect(), in_region: found.len() as u64 })
}

fn interface(one: &aws_sdk_ec2::types::NetworkInterface) -> Interface {
    let attachment = one.attachment().map(|own| Attachment {
        instance: some(own.instance_id()),
        device_index: own.device_index().and_then(|index| u32::try_from(index).ok()),
        owner: text(own.instance_owner_id()),
        state: text(own.status().map(|status| status.as_str())),
        since: own.attach_time().map(written),
    });
    let mut private: Vec<_> = one.private_ip_addresses().iter().collect();
    private.sort_by_key(|own| !own.primary().unwrap_or(false));
    let addresses = private.into_iter().filter_map(|own| {
        let public = own.association().and_then(|association| association.public_ip());
        Some(Address {
            private: own.private_ip_address()?.parse().ok()?,
            public: public.and_then(|address| address.parse().ok()),
        })
    });
    Interface {
        id: text(one.network_interface_id()),
        subnet: text(one.subnet_id()),
        status: text(one.status().map(|status| status.as_str())),
        kind: text(one.interface_type().map(|kind| kind.as_str())),
        description: text(one.description()),
        requester: text(one.requester_id()),
        requester_managed: one.requester_managed().unwrap_or(false),
        operator: one.operator().and_then(|operator| some(operator.principal())),
        attachment,
        addresses: addresses.collect(),
        prefixes: parsed(one.ipv4_prefixes().iter().map(|own| own.ipv4_prefix())),
        ipv6: parsed(one.ipv6_addresses().iter().map(|own| own.ipv6_address())),
        ipv6_prefixes: parsed(one.ipv6_prefixes().iter().map(|own| own.ipv6_prefix())),
        groups: one.groups().iter().filter_map(|group| some(group.group_id())).collect(),
        tags: tags(one.tag_set()),
    }
}

/// Subnets whose reservations are asked for, a call each: those that nodes and their pods may use, and those whose free addresses the
/// interfaces do not explain. Elsewhere a reservation decides nothing.
pub fn to_ask(all: &[Subnet], interfaces: &Answer<Vec<Interface>>, eks: &EksSurvey) -> Vec<String> {
    let Ok(interfaces) = interfaces else {
        return all.iter().map(|subnet| subnet.id.clone()).collect();
    };
    let of_cluster: BTreeSet<&String> = items(&eks.node_groups)
        .iter()
        .flat_map(|group| &group.subnets)
        .chain(items(&eks.fargate_profiles).iter().flat_map(|profile| &profile.subnets))
        .collect();
    let is_asked = |subnet: &&Subnet| {
        let own: Vec<&Interface> =
            interfaces.iter().filter(|one| one.subnet == subnet.id).collect();
        own.is_empty()
            || of_cluster.contains(&subnet.id)
            || subnet.tags.contains_key(subnets::DISCOVERY_TAG)
            || own.iter().any(|one| is_of_node(one))
            || !is_explained(subnet, &own)
    };
    all.iter().filter(is_asked).map(|subnet| subnet.id.clone()).collect()
}

fn is_of_node(interface: &Interface) -> bool {
    let attached = interface.attachment.as_ref().is_some_and(|own| own.instance.is_some());
    attached || interface.description.starts_with("aws-K8S-") || !interface.prefixes.is_empty()
}

/// EC2's count is what the interfaces leave: a reservation of prefixes would lower it.
fn is_explained(subnet: &Subnet, interfaces: &[&Interface]) -> bool {
    let used: u64 = interfaces.iter().map(|one| one.addresses.len() as u64).sum();
    subnet.cidr.is_some_and(|cidr| {
        let all = 1u64 << (32 - cidr.prefix_len());
        all.checked_sub(subnets::RESERVED + used) == Some(subnet.available)
    })
}

pub async fn reservations(account: &Account, subnets: &[String]) -> Answer<Vec<CidrReservation>> {
    let reads = stream::iter(subnets).map(|subnet| of_subnet(account, subnet));
    let answers: Vec<Answer<Vec<CidrReservation>>> = reads.buffered(AT_ONCE).collect().await;
    let lists: Answer<Vec<Vec<CidrReservation>>> = answers.into_iter().collect();
    Ok(lists?.into_iter().flatten().collect())
}

async fn of_subnet(account: &Account, subnet: &str) -> Answer<Vec<CidrReservation>> {
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let call = account.ec2.get_subnet_cidr_reservations().subnet_id(subnet);
        let page = call.set_next_token(token).send().await.map_err(refusal)?;
        found.extend(page.subnet_ipv4_cidr_reservations().iter().filter_map(|one| {
            let kind = one.reservation_type().map(|kind| kind.as_str());
            Some(CidrReservation {
                id: text(one.subnet_cidr_reservation_id()),
                subnet: subnet.to_string(),
                cidr: one.cidr()?.parse().ok()?,
                kind: match kind {
                    Some("explicit") => ReservationKind::Explicit,
                    _ => ReservationKind::Prefix,
                },
                description: text(one.description()),
                tags: tags(one.tags()),
            })
        }));
        token = page.next_token().map(str::to_string);
        if token.is_none() {
            return Ok(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, Attachment, EksSurvey, Interface, Subnet, to_ask};
    use crate::aws::port::Refusal;
    use crate::observed::Part;
    use crate::observed::survey::NodeGroupSurvey;

    fn subnet(id: &str, available: u64) -> Subnet {
        let cidr = Some("10.0.0.0/24".parse().unwrap());
        Subnet { id: id.into(), cidr, available, ..Subnet::default() }
    }

    fn interface(subnet: &str, instance: Option<&str>) -> Interface {
        let address = Address { private: "10.0.0.9".parse().unwrap(), public: None };
        let attachment = instance
            .map(|id| Attachment { instance: Some(id.to_string()), ..Attachment::default() });
        Interface {
            subnet: subnet.into(),
            attachment,
            addresses: vec![address],
            ..Interface::default()
        }
    }

    #[test]
    fn reservations_are_asked_for_where_they_may_decide() {
        let all = [
            subnet("explained", 250),
            subnet("reserved", 122),
            subnet("empty", 251),
            subnet("node", 250),
            subnet("group", 250),
        ];
        let interfaces = || {
            let others = ["explained", "reserved", "group"].map(|id| interface(id, None));
            others.into_iter().chain([interface("node", Some("i-1"))]).collect::<Vec<_>>()
        };
        let group = NodeGroupSurvey { subnets: vec!["group".into()], ..Default::default() };
        let eks = EksSurvey { node_groups: Part::Read(vec![group]), ..EksSurvey::default() };
        assert_eq!(to_ask(&all, &Ok(interfaces()), &eks), ["reserved", "empty", "node", "group"]);
        let refused = Err(Refusal::new("UnauthorizedOperation", "no"));
        assert_eq!(to_ask(&all, &refused, &eks).len(), 5);
    }
}
