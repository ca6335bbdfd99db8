//! Who holds which addresses: interfaces and reservations.

use futures_util::stream::{self, StreamExt};

use crate::aws::port::Answer;
use crate::aws::session::{Account, refusal, written};
use crate::observed::survey::{Address, Attachment, CidrReservation, Interface, ReservationKind};

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
