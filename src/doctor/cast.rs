//! Who is who in a survey: subnets of nodes and of pods, aws-node's settings, the groups of nodes.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::facts::subnets::DISCOVERY_TAG;
use crate::observed::Unread;
use crate::observed::survey::{EksCluster, Instance, Interface, RouteTable, Subnet, Survey, Tags};
use crate::survey::way::SOMEBODY;
use crate::survey::{Way, items, way_out};

use super::verdict::known;

pub const SUBNETS: &str = "ec2:DescribeSubnets";
pub const TABLES: &str = "ec2:DescribeRouteTables";
pub const CLUSTER: &str = "eks:DescribeCluster";
pub const GROUPS: &str = "eks:DescribeNodegroup";
pub const SECURITY: &str = "ec2:DescribeSecurityGroupRules";
pub const INTERFACES: &str = "ec2:DescribeNetworkInterfaces";
pub const METRICS: &str = "cloudwatch:GetMetricData";
pub const AWS_NODE: &str = "k8s:get daemonsets kube-system/aws-node";
pub const EVENTS: &str = "k8s:list events";
pub const PODS: &str = "k8s:list pods";
pub const SLICES: &str = "k8s:list endpointslices";

/// The cluster; none where it does not exist.
pub fn cluster(survey: &Survey) -> Result<Option<&EksCluster>, Unread> {
    Ok(known(&survey.eks.cluster, CLUSTER)?.as_ref())
}

/// Subnets where nodes are started, or run.
pub fn node_subnets(survey: &Survey) -> Result<Vec<&Subnet>, Unread> {
    let groups = known(&survey.eks.node_groups, GROUPS)?;
    let running = items(&survey.eks.instances).iter().map(|one| &one.subnet);
    let ids: BTreeSet<&String> =
        groups.iter().flat_map(|one| &one.subnets).chain(running).collect();
    let all = known(&survey.vpc.subnets, SUBNETS)?;
    Ok(all.iter().filter(|subnet| ids.contains(&subnet.id)).collect())
}

/// Variables of the container `aws-node`; none where it does not run.
pub fn settings(survey: &Survey) -> Result<Option<&Tags>, Unread> {
    let found = known(&survey.kubernetes.aws_node, AWS_NODE)?;
    Ok(found.as_ref().and_then(|set| set.container("aws-node")).map(|one| &one.env))
}

/// Whether a variable of aws-node is `true`.
pub fn is_on(settings: Option<&Tags>, name: &str) -> bool {
    settings.and_then(|env| env.get(name)).is_some_and(|value| value == "true")
}

/// Whether custom networking is on.
pub fn is_custom(settings: Option<&Tags>) -> bool {
    is_on(settings, "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG")
}

/// Subnets where pods get their addresses: those of ENIConfigs with custom networking, else those of nodes and of subnet discovery.
pub fn pod_subnets(survey: &Survey) -> Result<Vec<&Subnet>, Unread> {
    let env = settings(survey)?;
    if is_custom(env) {
        let configs = known(&survey.kubernetes.eni_configs, "k8s:list eniconfigs")?;
        let all = known(&survey.vpc.subnets, SUBNETS)?;
        let named = |subnet: &&Subnet| configs.iter().any(|config| config.subnet == subnet.id);
        return Ok(all.iter().filter(named).collect());
    }
    let nodes = node_subnets(survey)?;
    let is_node = |subnet: &Subnet| nodes.iter().any(|node| node.id == subnet.id);
    let tag = |subnet: &Subnet| subnet.tags.get(DISCOVERY_TAG).map(String::as_str) == Some("1");
    let excluded = |subnet: &Subnet| subnet.tags.get(DISCOVERY_TAG).is_some_and(|tag| tag == "0");
    let all = known(&survey.vpc.subnets, SUBNETS)?;
    let serves = |subnet: &&Subnet| tag(subnet) || is_node(subnet) && !excluded(subnet);
    Ok(all.iter().filter(serves).collect())
}

/// Where packets of a subnet to the internet leave.
pub fn way(survey: &Survey, subnet: &str) -> Result<Way, Unread> {
    known(&survey.vpc.route_tables, TABLES)?;
    Ok(way_out(&survey.vpc, subnet, SOMEBODY).unwrap_or(Way::Nowhere))
}

/// Node subnets without a way to the internet that a route offers.
pub fn closed(survey: &Survey) -> Result<Vec<&Subnet>, Unread> {
    let mut found = Vec::new();
    for subnet in node_subnets(survey)? {
        if !way(survey, &subnet.id)?.is_open() {
            found.push(subnet);
        }
    }
    Ok(found)
}

/// In words.
pub fn told(way: &Way) -> String {
    match way {
        Way::Local => "local".to_string(),
        Way::Nowhere => "no route".to_string(),
        Way::Blackhole(target) => format!("blackhole {target}").trim_end().to_string(),
        Way::InternetGateway(id) | Way::Nat(id) | Way::EgressOnly(id) | Way::Elsewhere(id) => {
            id.clone()
        }
    }
}

/// `pods subnet-0… (10.0.0.0/20, eu-west-1a)`
pub fn named(subnet: &Subnet) -> String {
    let cidr = subnet.cidr.map_or("IPv6 only".to_string(), |cidr| cidr.to_string());
    format!("{} ({cidr}, {})", subnet.id, subnet.zone_name)
}

/// Several of them.
pub fn all_named(subnets: &[&Subnet]) -> String {
    subnets.iter().map(|subnet| named(subnet)).collect::<Vec<_>>().join(", ")
}

/// Subnets by their route table: what is wrong in a table is mended in it once.
pub fn by_table<'s>(
    survey: &'s Survey,
    subnets: Vec<&'s Subnet>,
) -> Vec<(Option<&'s RouteTable>, Vec<&'s Subnet>)> {
    let mut tables: Vec<(Option<&RouteTable>, Vec<&Subnet>)> = Vec::new();
    for subnet in subnets {
        let table = survey.vpc.table_of(&subnet.id);
        let same = |(other, _): &&mut (Option<&RouteTable>, Vec<&Subnet>)| {
            other.map(|one| &one.id) == table.map(|one| &one.id)
        };
        match tables.iter_mut().find(same) {
            Some((_, rows)) => rows.push(subnet),
            None => tables.push((table, vec![subnet])),
        }
    }
    tables
}

/// Security groups of the cluster's own interfaces, each once.
pub fn groups_of_cluster(cluster: &EksCluster) -> Vec<String> {
    let all = cluster.cluster_security_group.iter().chain(&cluster.security_groups);
    all.cloned().collect::<BTreeSet<_>>().into_iter().collect()
}

/// The sets of security groups that running nodes use, each once.
pub fn groups_of_nodes(instances: &[Instance]) -> Vec<Vec<String>> {
    let sets = instances.iter().map(|one| {
        let mut groups = one.groups.clone();
        groups.sort();
        groups
    });
    sets.filter(|groups| !groups.is_empty()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The interface that holds an address, by itself or in a prefix.
pub fn interface_of<'s>(survey: &'s Survey, address: &str) -> Option<&'s Interface> {
    let address: IpAddr = address.parse().ok()?;
    let holds = |one: &&Interface| match address {
        IpAddr::V4(own) => {
            one.addresses.iter().any(|held| held.private == own)
                || one.prefixes.iter().any(|prefix| prefix.contains(&own))
        }
        IpAddr::V6(own) => {
            one.ipv6.contains(&own) || one.ipv6_prefixes.iter().any(|prefix| prefix.contains(&own))
        }
    };
    items(&survey.vpc.interfaces).iter().find(holds)
}
