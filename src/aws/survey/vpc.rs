//! The VPC itself, its subnets and what is around it.

use aws_sdk_ec2::types::{VpcAttributeName, VpcCidrBlockAssociation, VpcIpv6CidrBlockAssociation};

use crate::aws::filter::filter;
use crate::aws::port::{Answer, Refusal};
use crate::aws::session::{Account, refusal};
use crate::observed::Part;
use crate::observed::survey::{
    CidrAssociation, DhcpOptions, EksSurvey, Exclusion, Ipv6Association, PublicAccessBlock, Subnet,
    Vpc, VpcAttributes, VpcSurvey,
};

use super::text::{count, parsed, some, tags, text};
use super::{addresses, routes, security, transit};

/// Everything of a VPC, which a cluster may be in.
pub async fn read(account: &Account, id: &str, eks: &EksSurvey) -> (VpcSurvey, Part<u64>) {
    let (vpc, attributes, subnets) =
        tokio::join!(vpc(account, id), attributes(account, id), subnets(account, id));
    let dhcp_id = dhcp_of(&vpc);
    let (dhcp, tables, nats, internet, endpoints) = tokio::join!(
        dhcp(account, dhcp_id),
        routes::tables(account, id),
        routes::nat_gateways(account, id),
        routes::internet_gateways(account, id),
        routes::endpoints(account, id),
    );
    let (acls, groups, peerings, attachments, interfaces, access) = tokio::join!(
        security::acls(account, id),
        security::groups(account, id),
        routes::peerings(account, id),
        routes::transit(account, id),
        addresses::interfaces(account, id),
        public_access(account),
    );
    let (interfaces, in_region) = match interfaces {
        Ok(held) => (Ok(held.of_vpc), Ok(held.in_region)),
        Err(refusal) => (Err(refusal.clone()), Err(refusal)),
    };
    let in_region = super::part("ec2:DescribeNetworkInterfaces", in_region);
    let named = security::named_lists(&tables, &groups, &endpoints);
    let reserved = addresses::to_ask(subnets.as_deref().unwrap_or_default(), &interfaces, eks);
    let (reservations, lists, egress_only, vpn, transit_gateways, exclusions) = tokio::join!(
        addresses::reservations(account, &reserved),
        security::lists(account, &named),
        routes::egress_only(account, id, &tables),
        routes::vpn_gateways(account, id, &tables),
        transit::gateways(account, &tables),
        exclusions(account, &access),
    );
    let survey = VpcSurvey {
        vpc: super::part("ec2:DescribeVpcs", vpc),
        attributes: super::part("ec2:DescribeVpcAttribute", attributes),
        dhcp: super::part("ec2:DescribeDhcpOptions", dhcp),
        subnets: super::part("ec2:DescribeSubnets", subnets),
        reservations: super::part("ec2:GetSubnetCidrReservations", reservations),
        route_tables: super::part("ec2:DescribeRouteTables", tables),
        nat_gateways: super::part("ec2:DescribeNatGateways", nats),
        internet_gateways: super::part("ec2:DescribeInternetGateways", internet),
        egress_only_gateways: super::part("ec2:DescribeEgressOnlyInternetGateways", egress_only),
        vpn_gateways: super::part("ec2:DescribeVpnGateways", vpn),
        endpoints: super::part("ec2:DescribeVpcEndpoints", endpoints),
        network_acls: super::part("ec2:DescribeNetworkAcls", acls),
        security_groups: super::part("ec2:DescribeSecurityGroups", groups),
        prefix_lists: super::part("ec2:DescribeManagedPrefixLists", lists),
        peerings: super::part("ec2:DescribeVpcPeeringConnections", peerings),
        transit_attachments: super::part("ec2:DescribeTransitGatewayVpcAttachments", attachments),
        transit_gateways: super::part("ec2:DescribeRouteTables", transit_gateways),
        interfaces: super::part("ec2:DescribeNetworkInterfaces", interfaces),
        public_access: super::part("ec2:DescribeVpcBlockPublicAccessOptions", access),
        exclusions,
    };
    (survey, in_region)
}

fn dhcp_of(vpc: &Answer<Option<Vpc>>) -> Option<String> {
    vpc.as_ref().ok()?.as_ref()?.dhcp_options.clone()
}

async fn vpc(account: &Account, id: &str) -> Answer<Option<Vpc>> {
    let answer = account.ec2.describe_vpcs().vpc_ids(id).send().await.map_err(refusal);
    let answer = match answer {
        Err(refusal) if refusal.code.contains("NotFound") => return Ok(None),
        answer => answer?,
    };
    Ok(answer.vpcs().first().map(one))
}

fn one(vpc: &aws_sdk_ec2::types::Vpc) -> Vpc {
    let primary = vpc.cidr_block().unwrap_or_default().to_string();
    let mut cidrs: Vec<CidrAssociation> =
        vpc.cidr_block_association_set().iter().filter_map(association).collect();
    cidrs.sort_by_key(|one| (one.cidr.to_string() != primary, one.cidr));
    let blocks = vpc.ipv6_cidr_block_association_set().iter();
    Vpc {
        id: text(vpc.vpc_id()),
        owner: text(vpc.owner_id()),
        state: text(vpc.state().map(|state| state.as_str())),
        is_default: vpc.is_default().unwrap_or(false),
        tenancy: text(vpc.instance_tenancy().map(|tenancy| tenancy.as_str())),
        dhcp_options: some(vpc.dhcp_options_id()),
        cidrs,
        ipv6: blocks.filter_map(block).collect(),
        tags: tags(vpc.tags()),
    }
}

fn association(one: &VpcCidrBlockAssociation) -> Option<CidrAssociation> {
    let state = one.cidr_block_state();
    Some(CidrAssociation {
        id: text(one.association_id()),
        cidr: one.cidr_block()?.parse().ok()?,
        state: text(state.and_then(|state| state.state()).map(|state| state.as_str())),
        message: some(state.and_then(|state| state.status_message())),
    })
}

fn block(one: &VpcIpv6CidrBlockAssociation) -> Option<Ipv6Association> {
    let state = one.ipv6_cidr_block_state().and_then(|state| state.state());
    Some(Ipv6Association {
        id: text(one.association_id()),
        cidr: one.ipv6_cidr_block()?.parse().ok()?,
        state: text(state.map(|state| state.as_str())),
        pool: some(one.ipv6_pool()),
    })
}

async fn attributes(account: &Account, id: &str) -> Answer<VpcAttributes> {
    let ask = |name: VpcAttributeName| async {
        let call = account.ec2.describe_vpc_attribute().vpc_id(id).attribute(name);
        call.send().await.map_err(refusal)
    };
    let (support, names) = tokio::join!(
        ask(VpcAttributeName::EnableDnsSupport),
        ask(VpcAttributeName::EnableDnsHostnames),
    );
    let on = |value: Option<&aws_sdk_ec2::types::AttributeBooleanValue>| {
        value.and_then(|value| value.value()).unwrap_or(false)
    };
    Ok(VpcAttributes {
        dns_support: on(support?.enable_dns_support()),
        dns_hostnames: on(names?.enable_dns_hostnames()),
    })
}

async fn dhcp(account: &Account, id: Option<String>) -> Answer<Option<DhcpOptions>> {
    let Some(id) = id.filter(|id| id != "default") else { return Ok(None) };
    let answer = account.ec2.describe_dhcp_options().dhcp_options_ids(&id).send().await;
    let answer = match answer.map_err(refusal) {
        Err(refusal) if refusal.code.contains("NotFound") => return Ok(None),
        answer => answer?,
    };
    let Some(options) = answer.dhcp_options().first() else { return Ok(None) };
    let values = |key: &str| -> Vec<String> {
        let rows = options.dhcp_configurations().iter().filter(|row| row.key() == Some(key));
        rows.flat_map(|row| row.values()).filter_map(|value| some(value.value())).collect()
    };
    Ok(Some(DhcpOptions {
        domain_name_servers: values("domain-name-servers"),
        domain_name: values("domain-name").into_iter().next(),
        ntp_servers: values("ntp-servers"),
        id,
    }))
}

async fn subnets(account: &Account, vpc: &str) -> Answer<Vec<Subnet>> {
    let pages = account.ec2.describe_subnets().filters(filter("vpc-id", vpc)).into_paginator();
    let found = pages.items().send().collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let subnet = |one: &aws_sdk_ec2::types::Subnet| Subnet {
        id: text(one.subnet_id()),
        cidr: one.cidr_block().and_then(|cidr| cidr.parse().ok()),
        ipv6: parsed(one.ipv6_cidr_block_association_set().iter().map(|one| one.ipv6_cidr_block())),
        zone_id: text(one.availability_zone_id()),
        zone_name: text(one.availability_zone()),
        state: text(one.state().map(|state| state.as_str())),
        available: u64::from(count(one.available_ip_address_count())),
        map_public_ip: one.map_public_ip_on_launch().unwrap_or(false),
        assign_ipv6: one.assign_ipv6_address_on_creation().unwrap_or(false),
        owner: text(one.owner_id()),
        blocked: some(
            one.block_public_access_states()
                .and_then(|states| states.internet_gateway_block_mode())
                .map(|mode| mode.as_str()),
        ),
        tags: tags(one.tags()),
    };
    Ok(found.iter().map(subnet).collect())
}

async fn public_access(account: &Account) -> Answer<PublicAccessBlock> {
    let call = account.ec2.describe_vpc_block_public_access_options();
    let answer = call.send().await.map_err(refusal)?;
    let options = answer
        .vpc_block_public_access_options()
        .ok_or_else(|| Refusal::new("", "the answer holds no options"))?;
    Ok(PublicAccessBlock {
        mode: text(options.internet_gateway_block_mode().map(|mode| mode.as_str())),
        state: text(options.state().map(|state| state.as_str())),
    })
}

/// Where nothing is blocked, nothing is excluded from it, and nobody is asked.
async fn exclusions(account: &Account, access: &Answer<PublicAccessBlock>) -> Part<Vec<Exclusion>> {
    if access.as_ref().is_ok_and(|block| block.mode == "off") {
        return Part::Unasked;
    }
    super::part("ec2:DescribeVpcBlockPublicAccessExclusions", all_exclusions(account).await)
}

async fn all_exclusions(account: &Account) -> Answer<Vec<Exclusion>> {
    let call = account.ec2.describe_vpc_block_public_access_exclusions();
    let answer = call.send().await.map_err(refusal)?;
    let row = |one: &aws_sdk_ec2::types::VpcBlockPublicAccessExclusion| Exclusion {
        id: text(one.exclusion_id()),
        resource: text(one.resource_arn()),
        mode: text(one.internet_gateway_exclusion_mode().map(|mode| mode.as_str())),
        state: text(one.state().map(|state| state.as_str())),
    };
    Ok(answer.vpc_block_public_access_exclusions().iter().map(row).collect())
}
