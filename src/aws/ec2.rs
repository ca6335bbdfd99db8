//! EC2 behind the [`Networks`] port. CloudFormation makes and changes; what stands here beside reads is what it cannot do.

use aws_sdk_ec2::types::{
    ArchitectureType, AttributeBooleanValue, InstanceTypeInfo, Subnet, SubnetCidrReservationType,
    Tag,
};

use super::filter::filter;
use super::orphans;
use super::port::{Answer, Networks, Orphan, Orphans};
use crate::facts::instances::Described;
use crate::facts::subnets::RESERVED_BY;
use crate::observed::{LiveSubnet, Reservation};

use super::session::{Account, refusal};

impl Networks for Account {
    async fn zones(&self) -> Answer<Vec<(String, String)>> {
        let answer = self
            .ec2
            .describe_availability_zones()
            .filters(filter("zone-type", "availability-zone"))
            .send()
            .await
            .map_err(refusal)?;
        let zone = |zone: &aws_sdk_ec2::types::AvailabilityZone| {
            (
                zone.zone_id().unwrap_or_default().to_string(),
                zone.zone_name().unwrap_or_default().to_string(),
            )
        };
        Ok(answer.availability_zones().iter().map(zone).collect())
    }

    async fn subnets(&self, vpc: &str) -> Answer<Vec<LiveSubnet>> {
        let mut pages =
            self.ec2.describe_subnets().filters(filter("vpc-id", vpc)).into_paginator().send();
        let mut subnets = Vec::new();
        while let Some(page) = pages.next().await {
            subnets.extend(page.map_err(refusal)?.subnets().iter().map(subnet));
        }
        Ok(subnets)
    }

    async fn instance_types(&self) -> Answer<Vec<Described>> {
        let mut pages = self.ec2.describe_instance_types().into_paginator().send();
        let mut types = Vec::new();
        while let Some(page) = pages.next().await {
            types.extend(page.map_err(refusal)?.instance_types().iter().map(instance_type));
        }
        Ok(types)
    }

    async fn orphans(&self, vpc: &str, cluster: &str) -> Orphans {
        orphans::find(self, vpc, cluster).await
    }

    async fn remove(&self, orphan: &Orphan) -> Answer<()> {
        match orphans::remove(self, orphan).await {
            Err(refusal) if refusal.code.contains("NotFound") => Ok(()),
            answer => answer,
        }
    }

    async fn close_default_group(&self, vpc: &str) -> Answer<usize> {
        let call = self
            .ec2
            .describe_security_groups()
            .filters(filter("vpc-id", vpc))
            .filters(filter("group-name", "default"));
        let groups = call.send().await.map_err(refusal)?;
        let mut taken = 0;
        for group in groups.security_groups() {
            let id = group.group_id().unwrap_or_default();
            if !group.ip_permissions().is_empty() {
                let rules = group.ip_permissions().to_vec();
                taken += rules.len();
                self.ec2
                    .revoke_security_group_ingress()
                    .group_id(id)
                    .set_ip_permissions(Some(rules))
                    .send()
                    .await
                    .map_err(refusal)?;
            }
            if !group.ip_permissions_egress().is_empty() {
                let rules = group.ip_permissions_egress().to_vec();
                taken += rules.len();
                self.ec2
                    .revoke_security_group_egress()
                    .group_id(id)
                    .set_ip_permissions(Some(rules))
                    .send()
                    .await
                    .map_err(refusal)?;
            }
        }
        Ok(taken)
    }

    async fn tag(&self, resource: &str, tags: &[(String, String)], gone: &[String]) -> Answer<()> {
        let tag = |key: &String| Tag::builder().key(key);
        if !gone.is_empty() {
            let gone = gone.iter().map(|key| tag(key).build()).collect();
            let call = self.ec2.delete_tags().resources(resource).set_tags(Some(gone));
            call.send().await.map_err(refusal)?;
        }
        if !tags.is_empty() {
            let tags = tags.iter().map(|(key, value)| tag(key).value(value).build()).collect();
            let call = self.ec2.create_tags().resources(resource).set_tags(Some(tags));
            call.send().await.map_err(refusal)?;
        }
        Ok(())
    }

    async fn reservations(&self, subnets: &[String]) -> Answer<Vec<Reservation>> {
        let mut found = Vec::new();
        for subnet in subnets {
            let answer = self
                .ec2
                .get_subnet_cidr_reservations()
                .subnet_id(subnet)
                .send()
                .await
                .map_err(refusal)?;
            let own = answer
                .subnet_ipv4_cidr_reservations()
                .iter()
                .filter(|one| one.description() == Some(RESERVED_BY));
            found.extend(own.map(|one| Reservation {
                id: one.subnet_cidr_reservation_id().unwrap_or_default().to_string(),
                subnet: subnet.clone(),
                cidr: one.cidr().unwrap_or_default().to_string(),
            }));
        }
        Ok(found)
    }

    async fn reserve(&self, subnet: &str, cidr: &str) -> Answer<()> {
        let call = self
            .ec2
            .create_subnet_cidr_reservation()
            .subnet_id(subnet)
            .cidr(cidr)
            .description(RESERVED_BY);
        call.reservation_type(SubnetCidrReservationType::Prefix).send().await.map_err(refusal)?;
        Ok(())
    }

    async fn release(&self, reservation: &str) -> Answer<()> {
        self.ec2
            .delete_subnet_cidr_reservation()
            .subnet_cidr_reservation_id(reservation)
            .send()
            .await
            .map_err(refusal)?;
        Ok(())
    }

    async fn count_address_units(&self, vpc: &str) -> Answer<()> {
        let on = AttributeBooleanValue::builder().value(true).build();
        self.ec2
            .modify_vpc_attribute()
            .vpc_id(vpc)
            .enable_network_address_usage_metrics(on)
            .send()
            .await
            .map_err(refusal)?;
        Ok(())
    }
}

fn subnet(one: &Subnet) -> LiveSubnet {
    LiveSubnet {
        id: one.subnet_id().unwrap_or_default().to_string(),
        cidr: one.cidr_block().unwrap_or_default().to_string(),
        zone_id: one.availability_zone_id().unwrap_or_default().to_string(),
        zone_name: one.availability_zone().unwrap_or_default().to_string(),
        free: one
            .available_ip_address_count()
            .and_then(|count| u64::try_from(count).ok())
            .unwrap_or(0),
    }
}

fn instance_type(one: &InstanceTypeInfo) -> Described {
    let network = one.network_info();
    let cards = network.map(|network| network.network_cards()).unwrap_or_default();
    let architectures = one
        .processor_info()
        .map(|processor| processor.supported_architectures())
        .unwrap_or_default();
    let mut cards: Vec<(i32, i32)> = cards
        .iter()
        .map(|card| {
            (card.network_card_index().unwrap_or(0), card.maximum_network_interfaces().unwrap_or(0))
        })
        .collect();
    let most = network.and_then(|network| network.maximum_network_interfaces());
    cards.extend(most.filter(|_| cards.is_empty()).map(|most| (0, most)));
    Described {
        name: one.instance_type().map(|name| name.as_str().to_string()).unwrap_or_default(),
        hypervisor: one
            .hypervisor()
            .map(|hypervisor| hypervisor.as_str().to_string())
            .unwrap_or_default(),
        bare_metal: one.bare_metal().unwrap_or(false),
        cards,
        default_card: network.and_then(|network| network.default_network_card_index()).unwrap_or(0),
        addresses: network.and_then(|network| network.ipv4_addresses_per_interface()).unwrap_or(0),
        vcpus: one.v_cpu_info().and_then(|vcpus| vcpus.default_v_cpus()).unwrap_or(0),
        arm: architectures.contains(&ArchitectureType::Arm64),
        memory_mib: one.memory_info().and_then(|memory| memory.size_in_mib()).unwrap_or(0),
    }
}
