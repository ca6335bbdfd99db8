//! The launch template of a node group: what its instances are.

use serde::Serialize;
use serde_json::{Value, json};

use crate::demand;
use crate::intent::equipment::{Capacity, Image};
use crate::intent::{Cluster, Intent, NodeGroup};

use super::value::{GetAtt, Tag, tags};
use super::{Kind, groups, user_data};

#[derive(Serialize)]
pub struct LaunchTemplate {
    image: Option<String>,
    instance_type: Option<&'static str>,
    market: Option<&'static str>,
    reservation: Option<String>,
    hop_limit: u32,
    metadata_ipv6: Option<&'static str>,
    monitoring: Option<bool>,
    device: &'static str,
    volume_size: u32,
    volume_type: &'static str,
    iops: Option<u32>,
    throughput: Option<u32>,
    kms_key: Option<String>,
    user_data: Option<Value>,
    security_groups: Option<Vec<Value>>,
    tags: Vec<Tag>,
}

impl Kind for LaunchTemplate {
    const TEMPLATE: &'static str = "ec2/launch-template";
}

pub fn of(intent: &Intent, cluster: &Cluster, group: &NodeGroup) -> LaunchTemplate {
    let max_pods = demand::max_pods(group, &cluster.aws_node);
    let is_block = matches!(group.capacity, Capacity::Block(_));
    LaunchTemplate {
        image: group.ami.image.as_ref().map(image),
        instance_type: group.instances.first().filter(|_| is_block).map(|one| one.name),
        market: is_block.then_some("capacity-block"),
        reservation: group.capacity.reserved().cloned(),
        hop_limit: group.imds.hop_limit,
        metadata_ipv6: group.imds.ipv6.then_some("enabled"),
        monitoring: group.detailed_monitoring,
        device: group.ami.family().map_or("/dev/xvda", |family| family.device),
        volume_size: group.volume.size,
        volume_type: group.volume.kind.word(),
        iops: group.volume.iops,
        throughput: group.volume.throughput,
        kms_key: group.volume.kms_key.clone(),
        user_data: user_data::of(intent, cluster, group, max_pods),
        security_groups: security_groups(intent, group),
        tags: tags(intent, &group.name, &group.tags),
    }
}

/// EKS resolves no parameter in a launch template, so CloudFormation does.
fn image(image: &Image) -> String {
    match image {
        Image::Id(id) => id.clone(),
        Image::Parameter(name) => format!("{{{{resolve:ssm:{name}}}}}"),
    }
}

/// `None`: EKS gives nodes its own group. Beside others it does not, so they are told of it.
fn security_groups(intent: &Intent, group: &NodeGroup) -> Option<Vec<Value>> {
    let own = groups::of_nodes(intent).map(|own| own.iter().map(|one| json!(one)).collect());
    if group.security_groups.is_empty() {
        return own;
    }
    let usual = || vec![json!(GetAtt("Cluster".into(), "ClusterSecurityGroupId"))];
    let mut all: Vec<Value> = own.unwrap_or_else(usual);
    all.extend(group.security_groups.iter().map(|id| json!(id)));
    Some(all)
}
