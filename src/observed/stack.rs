//! The one typed reading of a template that eksnet rendered, deployed or not: other stages ask it instead of looking properties up by
//! name.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::{IpNet, Ipv4Net};
use serde_json::Value;

use crate::facts::{eks, endpoints, nat};
use crate::ledger::{
    self, Deployed, Entry, Kept, KeptAddon, KeptGroup, KeptSettings, Ledger, Unreadable,
};
use crate::template::{self, Template};

/// What a template says of a stack.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stack {
    /// There is nothing in it: a stack that does not exist.
    pub is_empty: bool,
    /// In order of their logical ids.
    pub subnets: Vec<Subnet>,
    /// The VPC's primary CIDR.
    pub vpc_cidr: Option<Ipv4Net>,
    /// `None`: a network alone.
    pub cluster: Option<Cluster>,
    /// By logical id.
    pub addons: BTreeMap<String, Addon>,
    /// By logical id.
    pub node_groups: BTreeMap<String, NodeGroup>,
    /// Allocation ids of the author's own addresses on its NAT gateways.
    pub allocations: BTreeSet<String>,
    /// Services of endpoints that eksnet 0.1.0 derived and later ones do not; empty for the stacks of later ones, whose ledger says it.
    former_endpoints: Vec<String>,
    /// The ledger in its metadata; `None` where it has none.
    /// The Kubernetes version that add-ons were chosen for, where the control plane is upgraded before them.
    addons_for: Option<String>,
    ledger: Option<Result<Ledger, Unreadable>>,
    region: String,
}

/// A subnet of the template.
#[derive(Clone, Debug, PartialEq)]
pub struct Subnet {
    /// Logical id.
    pub id: String,
    /// Its IPv4 range.
    pub cidr: Ipv4Net,
    /// The zone's id, or its name where the template asks AWS for that.
    pub zone: String,
    /// From its tag `Name`.
    pub name: String,
    /// A part of it is kept for prefixes through EC2.
    pub reserved: bool,
}

/// The cluster of the template.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cluster {
    /// Its name in EKS.
    pub name: String,
    /// Of Kubernetes.
    pub version: String,
    /// Of services; `None`: IPv6, or EKS chose.
    pub service_cidr: Option<Ipv4Net>,
    /// Whether EKS put its own add-ons there at creation; `None`: the template does not say.
    pub bootstrap: Option<bool>,
    /// Whether Auto Mode is on, or was once.
    pub auto: bool,
    /// Who reaches its public endpoint, as far as the template says it word for word; empty: everybody.
    pub public_cidrs: Vec<IpNet>,
    /// Whether EKS refuses to delete it.
    pub protected: bool,
    /// Whether the control plane writes logs.
    pub logs: bool,
    /// Its aws-node is set up through the cluster's own API.
    pub self_managed: bool,
}

/// An add-on of the template.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Addon {
    /// Such as `vpc-cni`.
    pub name: String,
    /// `None`: left to EKS.
    pub version: Option<String>,
    /// Configuration values as text: literal, or a pattern that CloudFormation fills in.
    pub configuration: Option<String>,
}

/// A managed node group of the template.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeGroup {
    /// Such as `AL2023_x86_64_STANDARD`.
    pub ami_type: Option<String>,
    /// Of its scaling.
    pub max: Option<u64>,
}

impl Stack {
    /// Reads what a template says; what it does not say, or says by an intrinsic function, is absent.
    pub fn of(template: &Template) -> Self {
        let of_type = |kind: &'static str| {
            template.resources().filter(move |(_, resource)| resource["Type"] == kind)
        };
        let properties = |kind| of_type(kind).map(|(id, one)| (id.clone(), &one["Properties"]));
        let gateways = properties("AWS::EC2::NatGateway").flat_map(|(_, own)| template::texts(own));
        let written = &template.value["Metadata"]["Eksnet"]["Ledger"];
        Self {
            is_empty: template.is_empty(),
            subnets: of_type("AWS::EC2::Subnet").filter_map(|(id, one)| subnet(id, one)).collect(),
            vpc_cidr: properties("AWS::EC2::VPC").find_map(|(_, vpc)| net(&vpc["CidrBlock"])),
            cluster: of_type("AWS::EKS::Cluster").next().map(|(_, one)| cluster(one)),
            addons: properties("AWS::EKS::Addon").map(|(id, own)| (id, addon(own))).collect(),
            node_groups: properties("AWS::EKS::Nodegroup")
                .map(|(id, own)| (id, node_group(own)))
                .collect(),
            allocations: gateways
                .filter(|text| text.starts_with(nat::ALLOCATION))
                .map(str::to_string)
                .collect(),
            former_endpoints: properties("AWS::EC2::VPCEndpoint")
                .filter(|_| written["schemaVersion"] == 1)
                .filter_map(|(_, own)| endpoints::formerly_derived(own["ServiceName"].as_str()?))
                .map(str::to_string)
                .collect(),
            addons_for: text(&template.value["Metadata"]["Eksnet"]["AddonsFor"]),
            ledger: (!written.is_null()).then(|| ledger::read(written)),
            region: written["region"].as_str().unwrap_or_default().to_string(),
        }
    }

    /// What was set of an aws-node that others run, and what was there before.
    pub fn kept_settings(&self) -> Option<KeptSettings> {
        self.ledger.as_ref()?.as_ref().ok()?.kept.aws_node.clone()
    }

    /// The version of an add-on, by its own name.
    pub fn addon(&self, name: &str) -> Option<&Addon> {
        self.addons.values().find(|addon| addon.name == name)
    }

    /// What lock and allocation are held against. Subnets of a stack without a ledger are read from the template itself; a ledger that
    /// cannot be read is a failure, never an empty one.
    pub fn deployed(&self, name: &str) -> Result<Deployed, Unreadable> {
        if self.is_empty {
            return Ok(Deployed::Absent);
        }
        let ledger = match &self.ledger {
            Some(read) => read.clone()?,
            None => self.reconstructed(name),
        };
        let kept = ledger.kept.under(&self.kept(&ledger.kept));
        Ok(Deployed::Ledger(Ledger { kept, ..ledger }))
    }

    /// The choices that the template shows; zones stand in the ledger only.
    fn kept(&self, written: &Kept) -> Kept {
        let mut endpoints = [&written.endpoints[..], &self.former_endpoints].concat();
        endpoints.sort();
        endpoints.dedup();
        let group = |(name, group): (&String, &KeptGroup)| {
            let own = self.node_group_of(name, &group.zones);
            let ami_type = own.and_then(|own| own.ami_type.clone());
            (name.clone(), KeptGroup { ami_type, ..group.clone() })
        };
        let node_groups = written.node_groups.iter().map(group).collect();
        let Some(cluster) = &self.cluster else {
            // Of a cluster that others made the stack has node groups, profiles and settings at most.
            let (fargate, aws_node) = (written.fargate.clone(), written.aws_node.clone());
            return Kept { endpoints, node_groups, fargate, aws_node, ..Kept::default() };
        };
        let version = |addon: &Addon| {
            let (version, kubernetes) = (addon.version.clone(), cluster.version.clone());
            let chosen_for = self.addons_for.clone().unwrap_or(kubernetes);
            (addon.name.clone(), KeptAddon { version, kubernetes: chosen_for })
        };
        Kept {
            kubernetes_version: Some(cluster.version.clone()),
            service_cidr: cluster.service_cidr,
            bootstrap_self_managed_addons: cluster.bootstrap,
            auto_mode: cluster.auto.then_some(true),
            public_cidrs: cluster.public_cidrs.clone(),
            addons: self.addons.values().map(version).collect(),
            node_groups,
            endpoints,
            ..written.clone()
        }
    }

    /// A group's own EKS node group, or the first of those of its zones.
    fn node_group_of(&self, name: &str, zones: &[String]) -> Option<&NodeGroup> {
        let letters = |text: &str| -> String {
            text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
        };
        let own = format!("nodegroup{}", letters(name));
        let exact = self.node_groups.iter().find(|(id, _)| letters(id) == own);
        let zonal = || {
            let ids: BTreeSet<String> =
                zones.iter().map(|zone| format!("{own}in{}", letters(zone))).collect();
            self.node_groups.iter().find(move |(id, _)| ids.contains(&letters(id)))
        };
        exact.or_else(zonal).map(|(_, group)| group)
    }

    fn reconstructed(&self, name: &str) -> Ledger {
        let entry = |subnet: &Subnet| {
            let named = subnet.name.strip_prefix(&format!("{name}-"));
            let tier = named.and_then(|rest| rest.strip_suffix(&format!("-{}", subnet.zone)));
            let stem = stem(subnet);
            Entry {
                tier: tier.unwrap_or(&stem).to_string(),
                zone: subnet.zone.clone(),
                cidr: subnet.cidr,
                ipv6_slot: None,
                since: 1,
                stands_as: Some(stem.clone()).filter(|stem| Some(stem.as_str()) != tier),
                formerly: None,
                zone_name: None,
            }
        };
        let mut subnets: Vec<Entry> = self.subnets.iter().map(entry).collect();
        subnets.sort_by(|one, other| (&one.tier, &one.zone).cmp(&(&other.tier, &other.zone)));
        let ledger = Ledger::empty(name, &self.region);
        Ledger { generation: 1, vpc_cidr: self.vpc_cidr, subnets, ..ledger }
    }
}

/// `SubnetNodesEuw1Az1` → `Nodes`.
fn stem(subnet: &Subnet) -> String {
    let zone: String = subnet.zone.chars().filter(char::is_ascii_alphanumeric).collect();
    let own = subnet.id.strip_prefix("Subnet").unwrap_or(&subnet.id);
    let cut = own.len().saturating_sub(zone.len());
    match own.get(cut..).is_some_and(|end| end.eq_ignore_ascii_case(&zone)) {
        true => own[..cut].to_string(),
        false => own.to_string(),
    }
}

fn net(value: &Value) -> Option<Ipv4Net> {
    value.as_str()?.parse().ok()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_string)
}

fn subnet(id: &str, resource: &Value) -> Option<Subnet> {
    let own = &resource["Properties"];
    let tags = own["Tags"].as_array().into_iter().flatten();
    let name = tags.filter(|tag| tag["Key"] == "Name").find_map(|tag| text(&tag["Value"]));
    Some(Subnet {
        id: id.to_string(),
        cidr: net(&own["CidrBlock"])?,
        zone: text(&own["AvailabilityZoneId"]).or_else(|| text(&own["AvailabilityZone"]))?,
        name: name.unwrap_or_default(),
        reserved: !resource["Metadata"]["PrefixReservation"].is_null(),
    })
}

/// Ranges of a list that is not everybody's.
fn listed(list: &Value) -> Vec<IpNet> {
    let texts = list.as_array().into_iter().flatten().filter_map(Value::as_str);
    let ranges: Vec<IpNet> = texts.filter_map(|text| text.parse().ok()).collect();
    let everybody = ranges.iter().any(|range| range.prefix_len() == 0);
    if everybody { Vec::new() } else { ranges }
}

fn cluster(resource: &Value) -> Cluster {
    let own = &resource["Properties"];
    Cluster {
        name: text(&own["Name"]).unwrap_or_default(),
        version: text(&own["Version"]).unwrap_or_default(),
        service_cidr: net(&own["KubernetesNetworkConfig"]["ServiceIpv4Cidr"]),
        bootstrap: own["BootstrapSelfManagedAddons"].as_bool(),
        auto: own["ComputeConfig"].is_object(),
        public_cidrs: listed(&own["ResourcesVpcConfig"]["PublicAccessCidrs"]),
        protected: own["DeletionProtection"] == true,
        logs: own["Logging"].is_object(),
        self_managed: !resource["Metadata"]["AwsNode"].is_null(),
    }
}

fn addon(own: &Value) -> Addon {
    let values = &own["ConfigurationValues"];
    Addon {
        name: text(&own["AddonName"]).unwrap_or_default(),
        version: text(&own["AddonVersion"]),
        configuration: text(values).or_else(|| text(&values["Fn::Sub"])),
    }
}

fn node_group(own: &Value) -> NodeGroup {
    NodeGroup { ami_type: text(&own["AmiType"]), max: own["ScalingConfig"]["MaxSize"].as_u64() }
}

impl Stack {
    /// aws-node's own add-on.
    pub fn vpc_cni(&self) -> Option<&Addon> {
        self.addon(eks::VPC_CNI)
    }
}
