//! A VPC and the network around it.

use ipnet::{Ipv4Net, Ipv6Net};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Interface, NetworkAcl, Part, PrefixList, SecurityGroup, Tags, TransitAttachment,
    TransitGateway, Unread, items,
};

/// The VPC and what is in it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct VpcSurvey {
    /// `Read(None)` where it does not exist (`ec2:DescribeVpcs`).
    pub vpc: Part<Option<Vpc>>,
    /// `ec2:DescribeVpcAttribute`
    pub attributes: Part<VpcAttributes>,
    /// `ec2:DescribeDhcpOptions`
    pub dhcp: Part<Option<DhcpOptions>>,
    /// `ec2:DescribeSubnets`
    pub subnets: Part<Vec<Subnet>>,
    /// Of all its subnets (`ec2:GetSubnetCidrReservations`).
    pub reservations: Part<Vec<CidrReservation>>,
    /// `ec2:DescribeRouteTables`
    pub route_tables: Part<Vec<RouteTable>>,
    /// `ec2:DescribeNatGateways`
    pub nat_gateways: Part<Vec<NatGateway>>,
    /// `ec2:DescribeInternetGateways`
    pub internet_gateways: Part<Vec<InternetGateway>>,
    /// Those that routes lead to (`ec2:DescribeEgressOnlyInternetGateways`).
    pub egress_only_gateways: Part<Vec<EgressOnlyGateway>>,
    /// Those that routes lead to or are learned from (`ec2:DescribeVpnGateways`).
    pub vpn_gateways: Part<Vec<VpnGateway>>,
    /// `ec2:DescribeVpcEndpoints`
    pub endpoints: Part<Vec<Endpoint>>,
    /// `ec2:DescribeNetworkAcls`
    pub network_acls: Part<Vec<NetworkAcl>>,
    /// With their rules (`ec2:DescribeSecurityGroups`, `ec2:DescribeSecurityGroupRules`).
    pub security_groups: Part<Vec<SecurityGroup>>,
    /// Those that routes and rules name, with their entries (`ec2:DescribeManagedPrefixLists`, `ec2:GetManagedPrefixListEntries`).
    pub prefix_lists: Part<Vec<PrefixList>>,
    /// `ec2:DescribeVpcPeeringConnections`
    pub peerings: Part<Vec<Peering>>,
    /// `ec2:DescribeTransitGatewayVpcAttachments`
    pub transit_attachments: Part<Vec<TransitAttachment>>,
    /// Those that routes lead to (`ec2:DescribeTransitGatewayRouteTables`, `ec2:SearchTransitGatewayRoutes`).
    pub transit_gateways: Part<Vec<TransitGateway>>,
    /// Every interface of the VPC (`ec2:DescribeNetworkInterfaces`).
    pub interfaces: Part<Vec<Interface>>,
    /// VPC Block Public Access of the account (`ec2:DescribeVpcBlockPublicAccessOptions`).
    pub public_access: Part<PublicAccessBlock>,
    /// What is excluded from it, where it blocks something (`ec2:DescribeVpcBlockPublicAccessExclusions`).
    pub exclusions: Part<Vec<Exclusion>>,
}

/// The VPC itself.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Vpc {
    /// `vpc-…`
    pub id: String,
    /// The account that owns it.
    pub owner: String,
    /// Such as `available`.
    pub state: String,
    /// Whether it is the account's default VPC.
    pub is_default: bool,
    /// `default` or `dedicated`.
    pub tenancy: String,
    /// `dopt-…`
    pub dhcp_options: Option<String>,
    /// IPv4 ranges, the primary one first; those that are going or failed stay listed with their state.
    pub cidrs: Vec<CidrAssociation>,
    /// IPv6 blocks.
    pub ipv6: Vec<Ipv6Association>,
    /// By key.
    pub tags: Tags,
}

/// An IPv4 range of the VPC.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct CidrAssociation {
    /// `vpc-cidr-assoc-…`
    pub id: String,
    /// The range.
    #[schemars(with = "String")]
    pub cidr: Ipv4Net,
    /// `associated`, `associating`, `disassociating`, `disassociated`, `failing` or `failed`.
    pub state: String,
    /// Why, of one that failed.
    pub message: Option<String>,
}

impl CidrAssociation {
    /// Whether addresses of it are in use, or may be.
    pub fn holds(&self) -> bool {
        matches!(self.state.as_str(), "" | "associated" | "associating" | "disassociating")
    }
}

/// An IPv6 block of the VPC.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Ipv6Association {
    /// `vpc-cidr-assoc-…`
    pub id: String,
    /// The block.
    #[schemars(with = "String")]
    pub cidr: Ipv6Net,
    /// As of an IPv4 range.
    pub state: String,
    /// `Amazon`, or the id of a pool.
    pub pool: Option<String>,
}

/// What the VPC is switched to.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct VpcAttributes {
    /// The resolver at the range's base plus two answers.
    pub dns_support: bool,
    /// Instances get names; private endpoints' names resolve.
    pub dns_hostnames: bool,
}

/// A set of DHCP options.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct DhcpOptions {
    /// `dopt-…`
    pub id: String,
    /// `AmazonProvidedDNS`, or addresses.
    pub domain_name_servers: Vec<String>,
    /// Such as `eu-west-1.compute.internal`.
    pub domain_name: Option<String>,
    /// Addresses of time servers.
    pub ntp_servers: Vec<String>,
}

/// A subnet.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Subnet {
    /// `subnet-…`
    pub id: String,
    /// Its IPv4 range; none of one with IPv6 alone.
    #[schemars(with = "Option<String>")]
    pub cidr: Option<Ipv4Net>,
    /// Its IPv6 blocks.
    #[schemars(with = "Vec<String>")]
    pub ipv6: Vec<Ipv6Net>,
    /// Such as `euw1-az1`.
    pub zone_id: String,
    /// Such as `eu-west-1a`.
    pub zone_name: String,
    /// `available`, `pending`, `unavailable` or `failed…`.
    pub state: String,
    /// EC2's `AvailableIpAddressCount`: unused private IPv4 addresses, those in reservations left out. See `free_addresses`.
    pub available: u64,
    /// Instances get a public address.
    pub map_public_ip: bool,
    /// Interfaces get an IPv6 address.
    pub assign_ipv6: bool,
    /// The account that owns it: another one's where it is shared.
    pub owner: String,
    /// `InternetGatewayBlockMode` of VPC Block Public Access: `off`, `block-bidirectional` or `block-ingress`.
    pub blocked: Option<String>,
    /// By key.
    pub tags: Tags,
}

/// A part of a subnet that is reserved.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct CidrReservation {
    /// `scr-…`
    pub id: String,
    /// The subnet's id.
    pub subnet: String,
    /// The part that is reserved; an IPv6 one is left out of the document.
    #[schemars(with = "String")]
    pub cidr: Ipv4Net,
    /// What for.
    pub kind: ReservationKind,
    /// As its owner wrote it.
    pub description: String,
    /// By key.
    pub tags: Tags,
}

/// What a reservation is for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum ReservationKind {
    /// /28 prefixes of interfaces are taken from here.
    #[default]
    Prefix,
    /// AWS gives nothing out by itself; addresses are named one by one.
    Explicit,
}

/// A route table.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct RouteTable {
    /// `rtb-…`
    pub id: String,
    /// Whether it rules the subnets that have none of their own.
    pub main: bool,
    /// Subnets that are associated explicitly.
    pub subnets: Vec<String>,
    /// Gateways whose incoming traffic it routes.
    pub gateways: Vec<String>,
    /// Virtual private gateways that it learns routes of.
    pub propagating: Vec<String>,
    /// In the order of their destinations.
    pub routes: Vec<Route>,
    /// By key.
    pub tags: Tags,
}

/// One row of a route table.
#[derive(
    Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord,
)]
#[serde(rename_all = "camelCase", default)]
pub struct Route {
    /// An IPv4 or IPv6 range, or a prefix list (`pl-…`).
    pub destination: String,
    /// `local`, `igw-…`, `nat-…`, `eigw-…`, `tgw-…`, `pcx-…`, `vgw-…`, `eni-…`, `i-…`, `vpce-…`, `lgw-…`, `cagw-…`; empty where the target
    /// is gone.
    pub target: String,
    /// Whether the target is there.
    pub state: RouteState,
    /// Learned from a gateway, not written.
    pub propagated: bool,
}

/// Whether a route's target is there.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord,
)]
#[serde(rename_all = "camelCase")]
pub enum RouteState {
    /// It is.
    #[default]
    Active,
    /// Its target is gone.
    Blackhole,
}

/// A NAT gateway.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct NatGateway {
    /// `nat-…`
    pub id: String,
    /// The subnet it is in; none of a regional one.
    pub subnet: Option<String>,
    /// `pending`, `available`, `failed`, `deleting` or `deleted`.
    pub state: String,
    /// Private ones translate to an address of the VPC.
    pub private: bool,
    /// One for all zones, without a subnet.
    pub regional: bool,
    /// Of the gateway.
    pub addresses: Vec<NatAddress>,
    /// EC2's code and message of one that failed.
    pub failure: Option<String>,
    /// By key.
    pub tags: Tags,
}

/// An address of a NAT gateway.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct NatAddress {
    /// `eipalloc-…`
    pub allocation: Option<String>,
    /// `eni-…`
    pub interface: Option<String>,
    /// In the subnet.
    pub private: Option<String>,
    /// What others see.
    pub public: Option<String>,
    /// The zone that it serves, of a regional one.
    pub zone_id: Option<String>,
}

/// An internet gateway that is attached to the VPC.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct InternetGateway {
    /// `igw-…`
    pub id: String,
    /// Of its attachment: `available`, `attaching`, `detaching` …
    pub state: String,
    /// By key.
    pub tags: Tags,
}

/// A gateway that lets IPv6 out and nothing in.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct EgressOnlyGateway {
    /// `eigw-…`
    pub id: String,
    /// Of its attachment.
    pub state: String,
    /// By key.
    pub tags: Tags,
}

/// A virtual private gateway that is attached to the VPC.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct VpnGateway {
    /// `vgw-…`
    pub id: String,
    /// Of its attachment.
    pub state: String,
    /// By key.
    pub tags: Tags,
}

/// A VPC endpoint.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "VpcEndpoint")]
pub struct Endpoint {
    /// `vpce-…`
    pub id: String,
    /// Such as `com.amazonaws.eu-west-1.ecr.api`.
    pub service: String,
    /// `Interface`, `Gateway` or `GatewayLoadBalancer`.
    pub kind: String,
    /// Such as `available`.
    pub state: String,
    /// Subnets that hold its interfaces.
    pub subnets: Vec<String>,
    /// Tables that a gateway endpoint's routes are in.
    pub route_tables: Vec<String>,
    /// Security groups of its interfaces.
    pub groups: Vec<String>,
    /// `eni-…`
    pub interfaces: Vec<String>,
    /// The service's usual name leads to it.
    pub private_dns: bool,
    /// Who may use it, and for what.
    pub policy: Option<Value>,
    /// By key.
    pub tags: Tags,
}

/// A peering of the VPC.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Peering {
    /// `pcx-…`
    pub id: String,
    /// Such as `active`.
    pub state: String,
    /// Who asked for it.
    pub requester: PeeringSide,
    /// Who was asked.
    pub accepter: PeeringSide,
    /// By key.
    pub tags: Tags,
}

/// One side of a peering.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct PeeringSide {
    /// `vpc-…`
    pub vpc: String,
    /// The account.
    pub owner: String,
    /// Such as `eu-west-1`.
    pub region: String,
    /// Its IPv4 ranges.
    #[schemars(with = "Vec<String>")]
    pub cidrs: Vec<Ipv4Net>,
}

impl Peering {
    /// The side that is not this VPC.
    pub fn other(&self, vpc: &str) -> &PeeringSide {
        if self.requester.vpc == vpc { &self.accepter } else { &self.requester }
    }
}

/// VPC Block Public Access of the account in the Region.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct PublicAccessBlock {
    /// `off`, `block-bidirectional` or `block-ingress`.
    pub mode: String,
    /// Such as `update-complete`.
    pub state: String,
}

/// What is excluded from VPC Block Public Access.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Exclusion {
    /// `vpcbpa-exclude-…`
    pub id: String,
    /// ARN of the VPC or subnet.
    pub resource: String,
    /// `allow-bidirectional` or `allow-egress`.
    pub mode: String,
    /// Such as `create-complete`.
    pub state: String,
}

impl VpcSurvey {
    pub(super) fn unread(&self) -> Vec<&Unread> {
        let lists = items(&self.prefix_lists).iter().map(|list| list.entries.unread());
        let parts = [
            self.vpc.unread(),
            self.attributes.unread(),
            self.dhcp.unread(),
            self.subnets.unread(),
            self.reservations.unread(),
            self.route_tables.unread(),
            self.nat_gateways.unread(),
            self.internet_gateways.unread(),
            self.egress_only_gateways.unread(),
            self.vpn_gateways.unread(),
            self.endpoints.unread(),
            self.network_acls.unread(),
            self.security_groups.unread(),
            self.prefix_lists.unread(),
            self.peerings.unread(),
            self.transit_attachments.unread(),
            self.transit_gateways.unread(),
            self.interfaces.unread(),
            self.public_access.unread(),
            self.exclusions.unread(),
        ];
        let transit = items(&self.transit_gateways).iter().map(|one| one.route_tables.unread());
        parts.into_iter().chain(lists).chain(transit).flatten().collect()
    }

    /// Ranges of the VPC that are in use, the primary one first.
    pub fn cidrs(&self) -> Vec<Ipv4Net> {
        let vpc = self.vpc.read().and_then(Option::as_ref);
        let held = vpc.into_iter().flat_map(|vpc| &vpc.cidrs).filter(|one| one.holds());
        held.map(|one| one.cidr).collect()
    }

    /// Ranges that are being taken off the VPC.
    pub fn leaving(&self) -> Vec<Ipv4Net> {
        let vpc = self.vpc.read().and_then(Option::as_ref);
        let all = vpc.into_iter().flat_map(|vpc| &vpc.cidrs);
        all.filter(|one| one.state == "disassociating").map(|one| one.cidr).collect()
    }

    /// A subnet, by id.
    pub fn subnet(&self, id: &str) -> Option<&Subnet> {
        items(&self.subnets).iter().find(|subnet| subnet.id == id)
    }

    /// The table that rules a subnet: its own, else the main one.
    pub fn table_of(&self, subnet: &str) -> Option<&RouteTable> {
        let tables = items(&self.route_tables);
        let own = tables.iter().find(|table| table.subnets.iter().any(|one| one == subnet));
        own.or_else(|| tables.iter().find(|table| table.main))
    }
}
