//! What a resource is called among people: as the blueprint has it, or as the console shows it.

use serde_json::Value;

use crate::facts::kinds::noun;
use crate::template::Template;

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
