//! EC2, EKS and Service Quotas behind the [`Accounts`] port. Everything here reads.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::VpcBlockPublicAccessExclusionState as Exclusion;
use aws_sdk_ec2::types::{
    InternetGatewayBlockMode, LocationType, TransitGateway, VpcBlockPublicAccessExclusion,
    VpcCidrBlockAssociation, VpcCidrBlockStateCode, VpcPeeringConnection, VpnGateway,
};
use aws_sdk_servicequotas::config::Region;
use ipnet::Ipv4Net;

use super::filter::filter;
use super::port::{Accounts, Answer, Refusal};
use super::room;
use super::session::{Account, refusal};
use crate::facts::quotas::{self, Counted};
use crate::facts::regions;
use crate::observed::{
    AddonVersions, EndpointService, LiveTransitGateway, LiveVpnGateway, Offer, OwnAddress, Peer,
    PublicAccess, RouteEntry,
};

impl Accounts for Account {
    async fn offered(&self, types: &[String]) -> Answer<BTreeSet<Offer>> {
        let wanted = types
            .iter()
            .fold(aws_sdk_ec2::types::Filter::builder().name("instance-type"), |filter, one| {
                filter.values(one)
            });
        let call = self
            .ec2
            .describe_instance_type_offerings()
            .location_type(LocationType::AvailabilityZoneId)
            .filters(wanted.build());
        let mut pages = call.into_paginator().send();
        let mut offered = BTreeSet::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(refusal)?;
            let row = |one: &aws_sdk_ec2::types::InstanceTypeOffering| {
                let instance_type = one.instance_type()?.as_str().to_string();
                Some(Offer { instance_type, zone_id: one.location()?.to_string() })
            };
            offered.extend(page.instance_type_offerings().iter().filter_map(row));
        }
        Ok(offered)
    }

    async fn quota(&self, service: &str, code: &str) -> Answer<u64> {
        let call = self.quotas.get_service_quota().service_code(service).quota_code(code);
        let partition = regions::find(&self.region).map_or("", |region| region.partition.name);
        let home = quotas::home(service, partition).unwrap_or(&self.region).to_string();
        let there = aws_sdk_servicequotas::config::Builder::default().region(Region::new(home));
        let answer = call.customize().config_override(there).send().await.map_err(refusal)?;
        let value = answer
            .quota()
            .and_then(|quota| quota.value())
            .ok_or_else(|| Refusal::new("", "the answer holds no value"))?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "quotas of the VPC are small whole numbers"
        )]
        Ok(value as u64)
    }

    async fn count(&self, what: Counted) -> Answer<u64> {
        let count = match what {
            Counted::Vpcs => self.ec2.describe_vpcs().send().await.map_err(refusal)?.vpcs().len(),
            Counted::ElasticIps => {
                self.ec2.describe_addresses().send().await.map_err(refusal)?.addresses().len()
            }
            Counted::InternetGateways => self
                .ec2
                .describe_internet_gateways()
                .send()
                .await
                .map_err(refusal)?
                .internet_gateways()
                .len(),
            Counted::EgressOnlyGateways => self
                .ec2
                .describe_egress_only_internet_gateways()
                .send()
                .await
                .map_err(refusal)?
                .egress_only_internet_gateways()
                .len(),
            Counted::Interfaces => {
                let pages = self.ec2.describe_network_interfaces().into_paginator().items().send();
                pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?.len()
            }
        };
        Ok(count as u64)
    }

    async fn vcpus(&self) -> Answer<BTreeMap<String, u64>> {
        room::vcpus(self).await
    }

    async fn nat_gateways(&self) -> Answer<BTreeMap<String, u64>> {
        room::nat_gateways(self).await
    }

    async fn prefix_lists(&self, ids: &[String]) -> Answer<BTreeMap<String, u64>> {
        room::prefix_lists(self, ids).await
    }

    async fn endpoint_services(&self, names: &[String]) -> Answer<BTreeSet<EndpointService>> {
        room::endpoint_services(self, names).await
    }

    async fn public_access(&self) -> Answer<PublicAccess> {
        let answer =
            self.ec2.describe_vpc_block_public_access_options().send().await.map_err(refusal)?;
        let mode = answer
            .vpc_block_public_access_options()
            .and_then(|options| options.internet_gateway_block_mode());
        Ok(match mode {
            Some(InternetGatewayBlockMode::BlockBidirectional) => PublicAccess::BlockBoth,
            Some(InternetGatewayBlockMode::BlockIngress) => PublicAccess::BlockIngress,
            _ => PublicAccess::Open,
        })
    }

    async fn excluded(&self, vpc: &str) -> Answer<bool> {
        let answer =
            self.ec2.describe_vpc_block_public_access_exclusions().send().await.map_err(refusal)?;
        // Exclusions that were taken back are listed for a while.
        let stands = |one: &&VpcBlockPublicAccessExclusion| {
            matches!(one.state(), Some(Exclusion::CreateComplete | Exclusion::UpdateComplete))
        };
        let of = format!("/{vpc}");
        Ok(answer
            .vpc_block_public_access_exclusions()
            .iter()
            .filter(stands)
            .any(|one| one.resource_arn().is_some_and(|arn| arn.ends_with(&of))))
    }

    async fn addon_versions(&self, addon: &str, kubernetes: &str) -> Answer<AddonVersions> {
        let call =
            self.eks.describe_addon_versions().addon_name(addon).kubernetes_version(kubernetes);
        let mut pages = call.into_paginator().send();
        let mut versions = AddonVersions::default();
        while let Some(page) = pages.next().await {
            let page = page.map_err(refusal)?;
            for one in page.addons().iter().flat_map(|one| one.addon_versions()) {
                let chosen = one
                    .compatibilities()
                    .iter()
                    .any(|one| one.cluster_version() == Some(kubernetes) && one.default_version());
                let version = one.addon_version().unwrap_or_default().to_string();
                versions.default = versions.default.or(chosen.then(|| version.clone()));
                versions.newest_first.push(version);
            }
        }
        Ok(versions)
    }

    async fn addon_schema(&self, addon: &str, version: &str) -> Answer<String> {
        let answer = self
            .eks
            .describe_addon_configuration()
            .addon_name(addon)
            .addon_version(version)
            .send()
            .await
            .map_err(refusal)?;
        Ok(answer.configuration_schema().unwrap_or_default().to_string())
    }

    async fn addresses(&self) -> Answer<Vec<OwnAddress>> {
        let answer = self.ec2.describe_addresses().send().await.map_err(refusal)?;
        let own = |one: &aws_sdk_ec2::types::Address| {
            let interface = one.network_interface_id().or(one.association_id()).map(str::to_string);
            Some(OwnAddress { allocation: one.allocation_id()?.to_string(), interface })
        };
        Ok(answer.addresses().iter().filter_map(own).collect())
    }

    async fn identity(&self) -> Answer<String> {
        self.owner().await
    }

    async fn transit_gateway(&self, id: &str) -> Answer<Option<LiveTransitGateway>> {
        let answer = self.ec2.describe_transit_gateways().transit_gateway_ids(id).send().await;
        match answer.map_err(refusal) {
            Ok(answer) => Ok(answer.transit_gateways().first().map(transit_gateway)),
            Err(refusal) if absent(&refusal) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    async fn vpn_gateway(&self, id: &str) -> Answer<Option<LiveVpnGateway>> {
        let answer = self.ec2.describe_vpn_gateways().vpn_gateway_ids(id).send().await;
        match answer.map_err(refusal) {
            Ok(answer) => Ok(answer.vpn_gateways().first().map(vpn_gateway)),
            Err(refusal) if absent(&refusal) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    async fn routes(&self, vpc: &str) -> Answer<Vec<RouteEntry>> {
        let mut pages =
            self.ec2.describe_route_tables().filters(filter("vpc-id", vpc)).into_paginator().send();
        let mut routes = Vec::new();
        while let Some(page) = pages.next().await {
            for table in page.map_err(refusal)?.route_tables() {
                let elsewhere =
                    table.routes().iter().filter(|route| route.gateway_id() != Some("local"));
                let ranges =
                    elsewhere.filter_map(|route| route.destination_cidr_block()?.parse().ok());
                let id = table.route_table_id().unwrap_or_default();
                routes.extend(
                    ranges.map(|destination| RouteEntry { table: id.to_string(), destination }),
                );
            }
        }
        Ok(routes)
    }

    async fn peers(&self, vpc: &str) -> Answer<Vec<Peer>> {
        let mut pages = self.ec2.describe_vpc_peering_connections().into_paginator().send();
        let mut peers = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(refusal)?;
            peers.extend(
                page.vpc_peering_connections().iter().flat_map(|peering| other_side(peering, vpc)),
            );
        }
        Ok(peers)
    }

    async fn cidrs(&self, vpc: &str) -> Answer<Vec<Ipv4Net>> {
        let answer = self.ec2.describe_vpcs().vpc_ids(vpc).send().await.map_err(refusal)?;
        let blocks = answer.vpcs().iter().flat_map(|vpc| vpc.cidr_block_association_set());
        let gone = |block: &VpcCidrBlockAssociation| {
            let state = block.cidr_block_state().and_then(|state| state.state());
            matches!(
                state,
                Some(
                    VpcCidrBlockStateCode::Disassociated
                        | VpcCidrBlockStateCode::Disassociating
                        | VpcCidrBlockStateCode::Failed
                )
            )
        };
        Ok(blocks
            .filter(|block| !gone(block))
            .filter_map(|block| block.cidr_block()?.parse().ok())
            .collect())
    }
}

/// CIDRs of whoever is at the other end of a connection that is not over.
fn other_side(peering: &VpcPeeringConnection, vpc: &str) -> Vec<Peer> {
    let sides = [peering.requester_vpc_info(), peering.accepter_vpc_info()];
    let ours = sides.iter().flatten().any(|side| side.vpc_id() == Some(vpc));
    let status = peering.status().and_then(|status| status.code());
    let ended = status.is_some_and(|code| {
        !matches!(code.as_str(), "active" | "pending-acceptance" | "provisioning")
    });
    let others =
        sides.into_iter().flatten().filter(|side| ours && !ended && side.vpc_id() != Some(vpc));
    let ranges = others
        .flat_map(|side| side.cidr_block_set())
        .filter_map(|block| block.cidr_block()?.parse().ok());
    let connection = peering.vpc_peering_connection_id().unwrap_or_default();
    ranges.map(|cidr| Peer { connection: connection.to_string(), cidr }).collect()
}

/// An id that this account does not see, or that is none.
fn absent(refusal: &Refusal) -> bool {
    refusal.code.ends_with(".NotFound") || refusal.code.ends_with(".Malformed")
}

fn transit_gateway(one: &TransitGateway) -> LiveTransitGateway {
    let options = one.options();
    let enabled = options
        .and_then(|options| options.default_route_table_association())
        .is_some_and(|value| value.as_str() == "enable");
    let table = options.and_then(|options| options.association_default_route_table_id());
    let accepts = options.and_then(|options| options.auto_accept_shared_attachments());
    LiveTransitGateway {
        state: one.state().map_or(String::new(), |state| state.as_str().to_string()),
        owner: one.owner_id().unwrap_or_default().to_string(),
        default_table: enabled.then(|| table.unwrap_or_default().to_string()),
        accepts: accepts.is_some_and(|value| value.as_str() == "enable"),
    }
}

fn vpn_gateway(one: &VpnGateway) -> LiveVpnGateway {
    let attached = one.vpc_attachments().iter().find(|one| {
        one.state().is_some_and(|state| ["attaching", "attached"].contains(&state.as_str()))
    });
    LiveVpnGateway {
        state: one.state().map_or(String::new(), |state| state.as_str().to_string()),
        vpc: attached.and_then(|one| one.vpc_id()).map(str::to_string),
    }
}
