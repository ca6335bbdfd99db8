//! Updates that EKS carries out alone: new nodes of a node group, and an upgrade of the control plane.

use crate::facts::eks::NODES_ROLL_FOR;

use super::{Change, ChangeKind, Obstacle, PropertyChange};

pub fn of(changes: &[Change]) -> Vec<Obstacle> {
    let upgrade = changes.iter().find_map(|change| upgraded(change, changes));
    upgrade.into_iter().chain(changes.iter().filter_map(mixed)).collect()
}

/// Whether EKS exchanges the nodes of a group for a property.
pub fn rolls(because: &PropertyChange) -> bool {
    NODES_ROLL_FOR.iter().any(|name| because.property.starts_with(name))
}

fn mixed(change: &Change) -> Option<Obstacle> {
    let in_place =
        change.kind == "AWS::EKS::Nodegroup" && change.change_kind() == ChangeKind::Modify;
    let both = change.because.iter().any(rolls) && !change.because.iter().all(rolls);
    (in_place && both)
        .then(|| Obstacle::NodeGroupMixed { group: change.id.clone(), path: change.path.clone() })
}

/// Node groups that get nodes of another version while the cluster is edited: what fails of one is not to take the other back.
pub fn beside_cluster(changes: &[Change]) -> Vec<&Change> {
    let of = |kind: &'static str| {
        let own = changes.iter().filter(move |change| change.kind == kind);
        own.filter(|change| change.change_kind() == ChangeKind::Modify)
    };
    let version = |one: &PropertyChange| ["Version", "ReleaseVersion"].contains(&&*one.property);
    let edited = of("AWS::EKS::Cluster").any(|cluster| cluster.because.iter().any(edits));
    let groups = of("AWS::EKS::Nodegroup").filter(|group| group.because.iter().any(version));
    groups.filter(|_| edited).collect()
}

/// Whether a property of the cluster is neither its version nor a word of eksnet's own.
fn edits(because: &PropertyChange) -> bool {
    because.property != "Version"
        && !because.property.starts_with("Metadata/")
        && !crate::facts::kinds::is_tag(&because.property)
}

fn upgraded(change: &Change, changes: &[Change]) -> Option<Obstacle> {
    let in_place = change.kind == "AWS::EKS::Cluster" && change.change_kind() == ChangeKind::Modify;
    let is_version = |because: &&PropertyChange| because.property == "Version";
    let version = change.because.iter().filter(|_| in_place).find(is_version)?;
    let alone = changes.len() == 1 && change.because.len() == 1;
    (!alone).then(|| Obstacle::UpgradeBeside {
        cluster: change.id.clone(),
        back: minor(&version.after) < minor(&version.before),
        path: version.path.clone(),
    })
}

/// `"1.34"` → 34
pub fn minor(version: &Option<serde_json::Value>) -> Option<u32> {
    version.as_ref()?.as_str()?.split('.').nth(1)?.parse().ok()
}
