//! EC2 behind the [`Networks`] port. Everything here reads; CloudFormation makes and changes.

use aws_sdk_ec2::types::{Filter, NetworkInterface, Subnet};

use super::port::{Answer, LeakedInterface, LiveSubnet, Networks};
use super::session::{Account, refusal};

impl Networks for Account {
    async fn zones(&self) -> Answer<Vec<(String, String)>> {
        let answer = self.ec2.describe_availability_zones().filters(filter("zone-type", "availability-zone")).send().await.map_err(refusal)?;
        let zone =
            |zone: &aws_sdk_ec2::types::AvailabilityZone| (zone.zone_id().unwrap_or_default().to_string(), zone.zone_name().unwrap_or_default().to_string());
        Ok(answer.availability_zones().iter().map(zone).collect())
    }

    async fn subnets(&self, vpc: &str) -> Answer<Vec<LiveSubnet>> {
        let mut pages = self.ec2.describe_subnets().filters(filter("vpc-id", vpc)).into_paginator().send();
        let mut subnets = Vec::new();
        while let Some(page) = pages.next().await {
            subnets.extend(page.map_err(refusal)?.subnets().iter().map(subnet));
        }
        Ok(subnets)
    }

    async fn leaked_interfaces(&self, vpc: &str) -> Answer<Vec<LeakedInterface>> {
        let call = self
            .ec2
            .describe_network_interfaces()
            .filters(filter("vpc-id", vpc))
            .filters(filter("status", "available"))
            .filters(filter("description", "aws-K8S-*"));
        let mut pages = call.into_paginator().send();
        let mut interfaces = Vec::new();
        while let Some(page) = pages.next().await {
            interfaces.extend(page.map_err(refusal)?.network_interfaces().iter().map(interface));
        }
        Ok(interfaces)
    }
}

fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

fn subnet(one: &Subnet) -> LiveSubnet {
    LiveSubnet {
        id: one.subnet_id().unwrap_or_default().to_string(),
        cidr: one.cidr_block().unwrap_or_default().to_string(),
        zone_id: one.availability_zone_id().unwrap_or_default().to_string(),
        zone_name: one.availability_zone().unwrap_or_default().to_string(),
        free: one.available_ip_address_count().and_then(|count| u64::try_from(count).ok()).unwrap_or(0),
    }
}

fn interface(one: &NetworkInterface) -> LeakedInterface {
    LeakedInterface {
        id: one.network_interface_id().unwrap_or_default().to_string(),
        subnet: one.subnet_id().unwrap_or_default().to_string(),
        description: one.description().unwrap_or_default().to_string(),
    }
}
