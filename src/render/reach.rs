//! Where a packet of a subnet goes, computed from a rendered template alone: the longest prefix of its route table, then the gateway
//! behind it; and which endpoints it reaches through their security groups.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use serde_json::Value;

use crate::facts::nat;
use crate::template::{Template, texts};

/// The end of a way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// Inside the VPC.
    Local,
    /// Straight to the internet gateway.
    InternetGateway,
    /// To a NAT gateway that reaches the internet gateway.
    Nat(String),
    EgressOnly,
    /// To something outside the stack, such as `tgw-…`.
    Outside(String),
    /// To a NAT gateway whose own subnet leads nowhere.
    DeadEnd(String),
    /// No route.
    Nowhere,
}

/// Somebody on the internet.
pub const SOMEBODY: &str = "192.0.2.1";
pub const SOMEBODY_IPV6: &str = "2001:db8::1";

/// What a template says of ways, read once for many questions.
pub struct Reach<'t> {
    template: &'t Template,
    /// Properties by type, in the order of the template.
    by_type: BTreeMap<&'t str, Vec<(&'t String, &'t Value)>>,
    /// Route table by subnet.
    tables: BTreeMap<String, String>,
    /// Routes by route table.
    routes: BTreeMap<String, Vec<&'t Value>>,
    local: Vec<IpNet>,
}

impl<'t> Reach<'t> {
    /// Reads a rendered template once. What is not in it, such as routes of others, is outside of every answer.
    pub fn of(template: &'t Template) -> Self {
        let mut by_type: BTreeMap<&str, Vec<(&String, &Value)>> = BTreeMap::new();
        for (id, resource) in template.resources() {
            let kind = resource["Type"].as_str().unwrap_or_default();
            by_type.entry(kind).or_default().push((id, &resource["Properties"]));
        }
        let of = |kind: &str| by_type.get(kind).into_iter().flatten();
        let mut tables = BTreeMap::new();
        for (_, association) in of("AWS::EC2::SubnetRouteTableAssociation") {
            let table = name(&association["RouteTableId"]);
            tables.entry(name(&association["SubnetId"])).or_insert(table);
        }
        let mut routes: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
        for (_, route) in of("AWS::EC2::Route") {
            routes.entry(name(&route["RouteTableId"])).or_default().push(route);
        }
        let local = template.resources().filter_map(|(_, resource)| local(resource)).collect();
        Self { template, by_type, tables, routes, local }
    }

    fn of_type(&self, kind: &str) -> impl Iterator<Item = (&'t String, &'t Value)> + '_ {
        self.by_type.get(kind).into_iter().flatten().copied()
    }

    /// Routes of a subnet's own table.
    fn routes_of(&self, subnet: &str) -> impl Iterator<Item = &'t Value> + '_ {
        let table = self.tables.get(subnet);
        table.and_then(|table| self.routes.get(table)).into_iter().flatten().copied()
    }
}

/// Where a packet from `subnet` (a logical id) to `address` goes.
pub fn way(reach: &Reach<'_>, subnet: &str, address: IpAddr) -> Way {
    let own = reach.local.iter().find(|range| range.contains(&address));
    let routes = routes(reach, subnet);
    let through =
        routes.iter().filter(|(to, _)| to.contains(&address)).max_by_key(|(to, _)| to.prefix_len());
    match (own, through) {
        (Some(own), Some((to, _))) if to.prefix_len() <= own.prefix_len() => Way::Local,
        (Some(_), None) => Way::Local,
        (_, None) => Way::Nowhere,
        (_, Some((_, target))) => end(reach, target, address),
    }
}

/// Every destination of a subnet's table beside the VPC's own, with its target as the template names it.
pub fn routes(reach: &Reach<'_>, subnet: &str) -> Vec<(IpNet, String)> {
    let row = |route: &Value| {
        let to = ["DestinationCidrBlock", "DestinationIpv6CidrBlock"]
            .iter()
            .find_map(|key| route[*key].as_str())?;
        let target =
            TARGETS.iter().map(|key| name(&route[*key])).find(|target| !target.is_empty())?;
        Some((to.parse().ok()?, target))
    };
    reach.routes_of(subnet).filter_map(row).collect()
}

/// Destinations that no template knows the ranges of: prefix lists, and what a VPN gateway's other side announces.
pub fn elsewhere(reach: &Reach<'_>, subnet: &str) -> Vec<(String, String)> {
    let Some(table) = reach.tables.get(subnet) else {
        return Vec::new();
    };
    let lists = reach.routes_of(subnet).filter_map(|route| {
        let target =
            TARGETS.iter().map(|key| name(&route[*key])).find(|target| !target.is_empty())?;
        Some((route["DestinationPrefixListId"].as_str()?.to_string(), target))
    });
    let learns = |propagation: &Value| {
        propagation["RouteTableIds"].as_array().into_iter().flatten().any(|id| name(id) == *table)
    };
    let learned = reach
        .of_type("AWS::EC2::VPNGatewayRoutePropagation")
        .filter(|(_, propagation)| learns(propagation));
    lists
        .chain(learned.map(|(_, propagation)| {
            ("routes learned".to_string(), name(&propagation["VpnGatewayId"]))
        }))
        .collect()
}

/// The services whose endpoints a subnet reaches: a gateway's through its own table, an interface's through a security group that lets it
/// in on 443.
pub fn endpoints(reach: &Reach<'_>, subnet: &str) -> Vec<String> {
    let table = reach.tables.get(subnet);
    let range: Option<Ipv4Net> = reach
        .template
        .resource(subnet)
        .and_then(|subnet| subnet["Properties"]["CidrBlock"].as_str()?.parse().ok());
    let reached = |endpoint: &Value| match endpoint["VpcEndpointType"].as_str() {
        Some("Gateway") => endpoint["RouteTableIds"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|id| Some(&name(id)) == table),
        _ => endpoint["SecurityGroupIds"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|group| range.is_some_and(|range| lets_in(reach, &name(group), range))),
    };
    let services = reach.of_type("AWS::EC2::VPCEndpoint").filter(|(_, endpoint)| reached(endpoint));
    let mut names: Vec<String> =
        services.filter_map(|(_, endpoint)| endpoint["ServiceName"].as_str().map(short)).collect();
    names.sort();
    names
}

/// How whoever lives in a subnet reaches the Kubernetes API.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Api {
    /// By the control plane's own interfaces in the VPC.
    Inside,
    /// By the public endpoint, this way.
    Public(Way),
    /// By the public endpoint, if the addresses that the gateway was given from outside are on its list.
    Listed(Way),
    /// Not at all, and why.
    Shut(&'static str),
}

/// `None`: the template has no cluster.
pub fn api(reach: &Reach<'_>, subnet: &str) -> Option<Api> {
    let (_, cluster) = reach.of_type("AWS::EKS::Cluster").next()?;
    let access = &cluster["ResourcesVpcConfig"];
    if access["EndpointPrivateAccess"] == true {
        let groups = groups(reach);
        let let_in = groups.iter().all(|group| lets_group_in(reach, group));
        return Some(if let_in {
            Api::Inside
        } else {
            Api::Shut("the control plane's group does not admit nodes or pods")
        });
    }
    let somebody = SOMEBODY.parse().expect("an address of this file");
    let way = way(reach, subnet, somebody);
    let listed = access["PublicAccessCidrs"].as_array();
    Some(match way {
        Way::Nowhere | Way::DeadEnd(_) => {
            Api::Shut("the endpoint is public, and there is no egress path")
        }
        way if listed.is_some() && has_addresses_of_others(reach, &way) => Api::Listed(way),
        way if listed.is_none_or(|listed| {
            listed.iter().any(|cidr| is_everybody(cidr) || is_own_address(cidr))
        }) =>
        {
            Api::Public(way)
        }
        _ => Api::Shut("the endpoint's list is missing the address this leaves with"),
    })
}

/// Allocation ids that no resource of the template made.
fn has_addresses_of_others(reach: &Reach<'_>, way: &Way) -> bool {
    let Way::Nat(id) = way else { return false };
    reach.template.resource(id).is_some_and(|gateway| {
        texts(&gateway["Properties"]).iter().any(|text| text.starts_with(nat::ALLOCATION))
    })
}

fn is_everybody(cidr: &Value) -> bool {
    cidr.as_str()
        .and_then(|cidr| cidr.parse::<IpNet>().ok())
        .is_some_and(|range| range.prefix_len() == 0)
}

/// `${ElasticIp….PublicIp}/32`
fn is_own_address(cidr: &Value) -> bool {
    cidr["Fn::Sub"].as_str().is_some_and(|text| text.contains(".PublicIp}"))
}

/// The groups on the interfaces of nodes and pods that the template gives them; where it gives none, EKS gives its own, which lets
/// itself in.
fn groups(reach: &Reach<'_>) -> Vec<String> {
    let templates = reach.of_type("AWS::EC2::LaunchTemplate");
    let nodes = templates.flat_map(|(_, one)| {
        one["LaunchTemplateData"]["SecurityGroupIds"].as_array().into_iter().flatten().map(name)
    });
    let settings = reach
        .of_type("AWS::EKS::Addon")
        .filter_map(|(_, addon)| addon["ConfigurationValues"]["Fn::Sub"].as_str());
    let own =
        reach.of_type("AWS::EC2::SecurityGroup").map(|(id, _)| id.clone()).collect::<Vec<_>>();
    let pods = settings.flat_map(|text| {
        own.iter().filter(move |id| text.contains(&format!("${{{id}}}"))).cloned()
    });
    let texts = reach
        .of_type("AWS::EKS::Addon")
        .filter_map(|(_, addon)| addon["ConfigurationValues"]["Fn::Sub"].as_str());
    let outside = texts.flat_map(|text| {
        text.split('"').filter(|word| word.starts_with("sg-")).map(str::to_string)
    });
    let mut groups: Vec<String> = nodes.chain(pods).chain(outside).collect();
    groups.sort();
    groups.dedup();
    groups
}

/// A group's members come in at the control plane on 443.
fn lets_group_in(reach: &Reach<'_>, group: &str) -> bool {
    reach.of_type("AWS::EC2::SecurityGroupIngress").any(|(_, rule)| {
        let port = u64::from(crate::facts::endpoints::PORT);
        let open = rule["IpProtocol"] == "-1"
            || rule["FromPort"].as_u64() <= Some(port) && Some(port) <= rule["ToPort"].as_u64();
        rule["GroupId"]["Fn::GetAtt"][1] == "ClusterSecurityGroupId"
            && name(&rule["SourceSecurityGroupId"]) == group
            && open
    })
}

const TARGETS: [&str; 7] = [
    "GatewayId",
    "NatGatewayId",
    "EgressOnlyInternetGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "NetworkInterfaceId",
    "VpcEndpointId",
];

/// The logical id of a reference, or the text itself.
fn name(value: &Value) -> String {
    value["Ref"].as_str().or(value.as_str()).unwrap_or_default().to_string()
}

/// `com.amazonaws.eu-west-1.ecr.api` → `ecr.api`
fn short(service: &str) -> String {
    service
        .splitn(4, '.')
        .last()
        .map(|rest| rest.strip_prefix("amazonaws.").unwrap_or(rest))
        .unwrap_or_default()
        .to_string()
}

fn local(resource: &Value) -> Option<IpNet> {
    let holds = resource["Type"] == "AWS::EC2::VPC" || resource["Type"] == "AWS::EC2::VPCCidrBlock";
    resource["Properties"]["CidrBlock"].as_str().filter(|_| holds)?.parse().ok()
}

fn end(reach: &Reach<'_>, target: &str, address: IpAddr) -> Way {
    let Some(resource) = reach.template.resource(target) else {
        return Way::Outside(target.to_string());
    };
    match resource["Type"].as_str() {
        Some("AWS::EC2::InternetGateway") => Way::InternetGateway,
        Some("AWS::EC2::EgressOnlyInternetGateway") => Way::EgressOnly,
        Some("AWS::EC2::NatGateway")
            if resource["Properties"]["AvailabilityMode"] == "regional" =>
        {
            Way::Nat(target.to_string())
        }
        Some("AWS::EC2::NatGateway") if resource["Properties"]["ConnectivityType"] == "private" => {
            way(reach, &name(&resource["Properties"]["SubnetId"]), address)
        }
        Some("AWS::EC2::NatGateway") => {
            match way(reach, &name(&resource["Properties"]["SubnetId"]), address) {
                Way::InternetGateway => Way::Nat(target.to_string()),
                _ => Way::DeadEnd(target.to_string()),
            }
        }
        _ => Way::Outside(target.to_string()),
    }
}

fn lets_in(reach: &Reach<'_>, group: &str, from: Ipv4Net) -> bool {
    let rules =
        reach.template.resource(group).map(|group| &group["Properties"]["SecurityGroupIngress"]);
    rules.and_then(Value::as_array).into_iter().flatten().any(|rule| {
        let range: Option<Ipv4Net> = rule["CidrIp"].as_str().and_then(|range| range.parse().ok());
        rule["FromPort"] == crate::facts::endpoints::PORT
            && range.is_some_and(|range| range.contains(&from))
    })
}
