//! Where a packet of a subnet goes, computed from a rendered template alone: the longest prefix of its route table, then the gateway
//! behind it; and which endpoints it reaches through their security groups.

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

/// Where a packet from `subnet` (a logical id) to `address` goes.
pub fn way(template: &Template, subnet: &str, address: IpAddr) -> Way {
    let own = template
        .resources()
        .filter_map(|(_, resource)| local(resource))
        .find(|range| range.contains(&address));
    let routes = routes(template, subnet);
    let through =
        routes.iter().filter(|(to, _)| to.contains(&address)).max_by_key(|(to, _)| to.prefix_len());
    match (own, through) {
        (Some(own), Some((to, _))) if to.prefix_len() <= own.prefix_len() => Way::Local,
        (Some(_), None) => Way::Local,
        (_, None) => Way::Nowhere,
        (_, Some((_, target))) => end(template, target, address),
    }
}

/// Every destination of a subnet's table beside the VPC's own, with its target as the template names it.
pub fn routes(template: &Template, subnet: &str) -> Vec<(IpNet, String)> {
    let Some(table) = table(template, subnet) else {
        return Vec::new();
    };
    let own = of_type(template, "AWS::EC2::Route")
        .filter(|(_, route)| name(&route["RouteTableId"]) == table);
    let row = |(_, route): (&String, &Value)| {
        let to = ["DestinationCidrBlock", "DestinationIpv6CidrBlock"]
            .iter()
            .find_map(|key| route[*key].as_str())?;
        let target =
            TARGETS.iter().map(|key| name(&route[*key])).find(|target| !target.is_empty())?;
        Some((to.parse().ok()?, target))
    };
    own.filter_map(row).collect()
}

/// Destinations that no template knows the ranges of: prefix lists, and what a VPN gateway's other side announces.
pub fn elsewhere(template: &Template, subnet: &str) -> Vec<(String, String)> {
    let Some(table) = table(template, subnet) else {
        return Vec::new();
    };
    let own = of_type(template, "AWS::EC2::Route")
        .filter(|(_, route)| name(&route["RouteTableId"]) == table);
    let lists = own.filter_map(|(_, route)| {
        let target =
            TARGETS.iter().map(|key| name(&route[*key])).find(|target| !target.is_empty())?;
        Some((route["DestinationPrefixListId"].as_str()?.to_string(), target))
    });
    let learns = |propagation: &Value| {
        propagation["RouteTableIds"].as_array().into_iter().flatten().any(|id| name(id) == table)
    };
    let learned = of_type(template, "AWS::EC2::VPNGatewayRoutePropagation")
        .filter(|(_, propagation)| learns(propagation));
    lists
        .chain(learned.map(|(_, propagation)| {
            ("routes learned".to_string(), name(&propagation["VpnGatewayId"]))
        }))
        .collect()
}

/// The services whose endpoints a subnet reaches: a gateway's through its own table, an interface's through a security group that lets it
/// in on 443.
pub fn endpoints(template: &Template, subnet: &str) -> Vec<String> {
    let table = table(template, subnet);
    let range: Option<Ipv4Net> = template
        .resource(subnet)
        .and_then(|subnet| subnet["Properties"]["CidrBlock"].as_str()?.parse().ok());
    let reached = |endpoint: &Value| match endpoint["VpcEndpointType"].as_str() {
        Some("Gateway") => endpoint["RouteTableIds"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|id| Some(name(id)) == table),
        _ => endpoint["SecurityGroupIds"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|group| range.is_some_and(|range| lets_in(template, &name(group), range))),
    };
    let services =
        of_type(template, "AWS::EC2::VPCEndpoint").filter(|(_, endpoint)| reached(endpoint));
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
pub fn api(template: &Template, subnet: &str) -> Option<Api> {
    let (_, cluster) = of_type(template, "AWS::EKS::Cluster").next()?;
    let access = &cluster["ResourcesVpcConfig"];
    if access["EndpointPrivateAccess"] == true {
        let groups = groups(template);
        let let_in = groups.iter().all(|group| lets_group_in(template, group));
        return Some(if let_in {
            Api::Inside
        } else {
            Api::Shut("the control plane's group does not let nodes or pods in")
        });
    }
    let somebody = SOMEBODY.parse().expect("an address of this file");
    let way = way(template, subnet, somebody);
    let listed = access["PublicAccessCidrs"].as_array();
    Some(match way {
        Way::Nowhere | Way::DeadEnd(_) => {
            Api::Shut("the endpoint is public, and there is no way out")
        }
        way if listed.is_some() && has_addresses_of_others(template, &way) => Api::Listed(way),
        way if listed.is_none_or(|listed| {
            listed.iter().any(|cidr| is_everybody(cidr) || is_own_address(cidr))
        }) =>
        {
            Api::Public(way)
        }
        _ => Api::Shut("the endpoint's list lacks the address this leaves with"),
    })
}

/// Allocation ids that no resource of the template made.
fn has_addresses_of_others(template: &Template, way: &Way) -> bool {
    let Way::Nat(id) = way else { return false };
    template.resource(id).is_some_and(|gateway| {
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
fn groups(template: &Template) -> Vec<String> {
    let templates = of_type(template, "AWS::EC2::LaunchTemplate");
    let nodes = templates.flat_map(|(_, one)| {
        one["LaunchTemplateData"]["SecurityGroupIds"].as_array().into_iter().flatten().map(name)
    });
    let settings = of_type(template, "AWS::EKS::Addon")
        .filter_map(|(_, addon)| addon["ConfigurationValues"]["Fn::Sub"].as_str());
    let own =
        of_type(template, "AWS::EC2::SecurityGroup").map(|(id, _)| id.clone()).collect::<Vec<_>>();
    let pods = settings.flat_map(|text| {
        own.iter().filter(move |id| text.contains(&format!("${{{id}}}"))).cloned()
    });
    let texts = of_type(template, "AWS::EKS::Addon")
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
fn lets_group_in(template: &Template, group: &str) -> bool {
    of_type(template, "AWS::EC2::SecurityGroupIngress").any(|(_, rule)| {
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

fn of_type<'t>(
    template: &'t Template,
    kind: &'t str,
) -> impl Iterator<Item = (&'t String, &'t Value)> {
    template
        .resources()
        .filter(move |(_, resource)| resource["Type"] == kind)
        .map(|(id, resource)| (id, &resource["Properties"]))
}

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

fn table(template: &Template, subnet: &str) -> Option<String> {
    let mut own = of_type(template, "AWS::EC2::SubnetRouteTableAssociation")
        .filter(|(_, association)| name(&association["SubnetId"]) == subnet);
    own.next().map(|(_, association)| name(&association["RouteTableId"]))
}

fn end(template: &Template, target: &str, address: IpAddr) -> Way {
    let Some(resource) = template.resource(target) else {
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
            way(template, &name(&resource["Properties"]["SubnetId"]), address)
        }
        Some("AWS::EC2::NatGateway") => {
            match way(template, &name(&resource["Properties"]["SubnetId"]), address) {
                Way::InternetGateway => Way::Nat(target.to_string()),
                _ => Way::DeadEnd(target.to_string()),
            }
        }
        _ => Way::Outside(target.to_string()),
    }
}

fn lets_in(template: &Template, group: &str, from: Ipv4Net) -> bool {
    let rules = template.resource(group).map(|group| &group["Properties"]["SecurityGroupIngress"]);
    rules.and_then(Value::as_array).into_iter().flatten().any(|rule| {
        let range: Option<Ipv4Net> = rule["CidrIp"].as_str().and_then(|range| range.parse().ok());
        rule["FromPort"] == crate::facts::endpoints::PORT
            && range.is_some_and(|range| range.contains(&from))
    })
}
