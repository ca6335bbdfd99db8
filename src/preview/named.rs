//! What a resource is called among people: as the blueprint has it, or as the console shows it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::facts::kinds::noun;
use crate::template::Template;

use super::notice::every;

/// What findings call resources of a change: by the side that it leads to, else by the one that it comes from.
#[derive(Clone, Copy)]
pub struct Names<'t> {
    pub after: &'t Template,
    pub before: &'t Template,
}

impl Names<'_> {
    /// By what people know it as, else by what it is and its logical id.
    pub fn one(&self, id: &str) -> String {
        let sides = [self.after, self.before];
        let kind = || sides.into_iter().find_map(|side| side.resource(id)?["Type"].as_str());
        let bare = || kind().map_or_else(|| id.to_string(), |kind| format!("{} {id}", noun(kind)));
        of(id, sides).unwrap_or_else(bare)
    }

    /// Two resources that may be called the same: then with their logical ids.
    pub fn two(&self, ids: [&str; 2]) -> [String; 2] {
        let names = ids.map(|id| self.one(id));
        match names[0] == names[1] && ids[0] != ids[1] {
            true => ids.map(|id| format!("{} ({id})", self.one(id))),
            false => names,
        }
    }

    /// `node groups batch, general`
    pub fn all(&self, ids: &[String]) -> String {
        every(ids, &|id| self.one(id))
    }

    /// Subnets by their tiers: `tier nodes`, and with the zones where the tier has others, too.
    pub fn tiers(&self, subnets: &[String]) -> String {
        let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for id in subnets {
            match self.place(id) {
                Some((tier, zone)) => _ = found.entry(tier).or_default().insert(zone),
                None => return self.all(subnets),
            }
        }
        let zones_of = |tier: &str| -> BTreeSet<&str> {
            let all = [self.before, self.after].into_iter().flat_map(ledger);
            all.filter(|(own, ..)| *own == tier).map(|(_, zone, _)| zone).collect()
        };
        let one = |(tier, zones): (&str, BTreeSet<&str>)| match zones == zones_of(tier) {
            true => format!("tier {tier}"),
            false => format!("tier {tier} in {}", zones.into_iter().collect::<Vec<_>>().join(", ")),
        };
        found.into_iter().map(one).collect::<Vec<_>>().join("; ")
    }

    /// Tier and zone of a subnet, as the ledgers have them.
    fn place(&self, id: &str) -> Option<(&str, &str)> {
        let own = [self.before, self.after].into_iter().find_map(|side| side.resource(id))?;
        let cidr = own["Properties"]["CidrBlock"].as_str()?;
        let mut all = [self.before, self.after].into_iter().flat_map(ledger);
        all.find(|(.., own)| *own == cidr).map(|(tier, zone, _)| (tier, zone))
    }
}

/// Tier, zone and CIDR of every subnet that a template's ledger has.
fn ledger(template: &Template) -> impl Iterator<Item = (&str, &str, &str)> {
    let all = template.value["Metadata"]["Eksnet"]["Ledger"]["subnets"].as_array();
    all.into_iter().flatten().filter_map(|own| {
        Some((own["tier"].as_str()?, own["zone"].as_str()?, own["cidr"].as_str()?))
    })
}

/// `node group general`, `NAT gateway shop-nat-euw1-az2`; `None`: its logical id is all there is.
pub fn of(id: &str, templates: [&Template; 2]) -> Option<String> {
    let (template, resource) =
        templates.into_iter().find_map(|own| Some((own, own.resource(id)?)))?;
    let properties = &resource["Properties"];
    let name = match resource["Type"].as_str()? {
        "AWS::EKS::Cluster" => return Some("the cluster".to_string()),
        "AWS::EC2::VPC" => return Some("the VPC".to_string()),
        "AWS::EKS::Addon" => properties["AddonName"].as_str()?.to_string(),
        "AWS::EKS::FargateProfile" => properties["FargateProfileName"].as_str()?.to_string(),
        "AWS::EKS::Nodegroup" => in_its_cluster(&tagged(properties)?, properties, template),
        "AWS::EC2::VPCCidrBlock" => properties["CidrBlock"].as_str()?.to_string(),
        "AWS::EC2::Route" => route(properties, template)?,
        _ => tagged(properties)?,
    };
    Some(format!("{} {name}", noun(resource["Type"].as_str()?)))
}

/// The tag `Name`, from a list or a map of tags.
fn tagged(properties: &Value) -> Option<String> {
    let tags = &properties["Tags"];
    let listed = tags.as_array().into_iter().flatten().find(|tag| tag["Key"] == "Name");
    let name = listed.map_or(&tags["Name"], |tag| &tag["Value"]);
    Some(name.as_str()?.to_string())
}

/// `shop-general` of the cluster `shop` is `general`.
fn in_its_cluster(name: &str, properties: &Value, template: &Template) -> String {
    let cluster = &properties["ClusterName"];
    let made = cluster["Ref"].as_str().and_then(|id| template.resource(id));
    let cluster = made.map_or(cluster, |own| &own["Properties"]["Name"]);
    let rest = cluster.as_str().and_then(|own| name.strip_prefix(own)?.strip_prefix('-'));
    rest.unwrap_or(name).to_string()
}

/// `0.0.0.0/0 of shop-nodes-euw1-az2`
fn route(properties: &Value, template: &Template) -> Option<String> {
    const DESTINATIONS: [&str; 3] =
        ["DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"];
    let destination = DESTINATIONS.iter().find_map(|name| properties[name].as_str())?;
    let table = template.resource(properties["RouteTableId"]["Ref"].as_str()?)?;
    Some(format!("{destination} of {}", tagged(&table["Properties"])?))
}
