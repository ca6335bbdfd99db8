//! Which change of which property makes CloudFormation replace a resource.
//! Source: `replacement.json` beside this file, from the CloudFormation registry schemas of 2026-10-20.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

#[derive(Deserialize)]
struct Table {
    types: BTreeMap<String, Row>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Row {
    /// No update handler: any change replaces.
    immutable: bool,
    create_only: Vec<String>,
    conditional: Vec<String>,
}

/// CloudFormation's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Replacement {
    Never,
    Conditional,
    Always,
}

impl Replacement {
    pub fn word(self) -> &'static str {
        match self {
            Replacement::Never => "Never",
            Replacement::Conditional => "Conditional",
            Replacement::Always => "Always",
        }
    }
}

/// What a change of `property` (`ResourcesVpcConfig/SubnetIds/*`) of a resource of `kind` does to the resource.
/// A type that is not in the table may be replaced.
pub fn of(kind: &str, property: &str) -> Replacement {
    let Some(row) = table().types.get(kind) else {
        return Replacement::Conditional;
    };
    let touches = |paths: &[String]| {
        paths.iter().any(|path| within(path, property) || within(property, path))
    };
    let tags = property == "Tags" || property.starts_with("Tags/");
    if touches(&row.create_only) || (row.immutable && !tags) {
        Replacement::Always
    } else if touches(&row.conditional) {
        Replacement::Conditional
    } else {
        Replacement::Never
    }
}

/// What replaces when it changes, but is simply put where nothing was: EC2 associates a subnet's IPv6 block with the standing subnet
/// (the type's update handler asks for ec2:AssociateSubnetCidrBlock).
const ADDED_IN_PLACE: &[(&str, &str)] = &[("AWS::EC2::Subnet", "Ipv6CidrBlock")];

/// What it does to the resource that `property` comes where there was none.
pub fn of_added(kind: &str, property: &str) -> Replacement {
    if ADDED_IN_PLACE.contains(&(kind, property)) { Replacement::Never } else { of(kind, property) }
}

/// Whether `inner` is `outer` or stands below it.
fn within(outer: &str, inner: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        serde_json::from_str(include_str!("replacement.json"))
            .expect("the table is JSON, as a test holds")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn create_only_properties_replace_and_others_do_not() {
        assert_eq!(of("AWS::EC2::Subnet", "CidrBlock"), Replacement::Always);
        assert_eq!(of("AWS::EC2::Subnet", "Tags/0/Value"), Replacement::Never);
        assert_eq!(of("AWS::EC2::VPC", "InstanceTenancy"), Replacement::Conditional);
        assert_eq!(
            of("AWS::EKS::Cluster", "KubernetesNetworkConfig/ServiceIpv4Cidr"),
            Replacement::Always
        );
        assert_eq!(of("AWS::EKS::Cluster", "ResourcesVpcConfig/SubnetIds/0"), Replacement::Never);
        assert_eq!(
            of("AWS::EC2::SubnetRouteTableAssociation", "RouteTableId"),
            Replacement::Always
        );
        assert_eq!(of("Custom::Thing", "Any"), Replacement::Conditional);
    }
}
