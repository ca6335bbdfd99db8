//! Windows nodes: what they need beside Linux ones, and what they do not support.

use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::intent::{Cluster, Intent, NodeGroup};
use crate::rules::{WIN_01, WIN_02, WIN_03, WIN_04, WIN_05};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let windows = cluster.node_groups.iter().filter(|group| group.ami.is_windows());
    let of_groups = windows.flat_map(|group| {
        let found = [
            support(cluster, group),
            modes(cluster, group),
            role(cluster, group),
            cap(group),
            volume(group),
        ];
        found.into_iter().flatten()
    });
    of_groups.chain(unheard(cluster)).collect()
}

/// Support is a value of the add-on: nothing passes it to a self-managed aws-node.
fn unheard(cluster: &Cluster) -> Option<Diagnostic> {
    let node = &cluster.aws_node;
    let told = cluster.node_groups.iter().any(|group| group.ami.is_windows());
    (node.windows && !node.is_addon() && !told).then(|| {
        WIN_01
            .at("awsNode.windows", "Windows support is turned on by the vpc-cni add-on, which is not used here")
            .also("awsNode.management", "self-managed here")
            .hint("set `management: addon`; or turn it on in the ConfigMap `amazon-vpc-cni`, and remove this")
    })
}

fn support(cluster: &Cluster, group: &NodeGroup) -> Option<Diagnostic> {
    let node = &cluster.aws_node;
    if node.windows && node.is_addon() {
        return None;
    }
    let message =
        format!("`{}` is of Windows, and the vpc-cni add-on does not support it here", group.name);
    let hint = if node.is_addon() {
        "set `awsNode: { windows: true }`"
    } else {
        "set `awsNode: { management: addon, windows: true }`"
    };
    Some(WIN_01.at(&group.ami.place, message).hint(hint))
}

fn modes(cluster: &Cluster, group: &NodeGroup) -> Option<Diagnostic> {
    let custom = cluster.aws_node.custom_networking.is_some();
    let (place, mode, hint) = match (cluster.ipv6, custom) {
        (true, _) => ("cluster.ipFamily", "IPv6", "set `ipFamily: ipv4`, or use a Linux AMI type"),
        (false, true) => (
            "awsNode.customNetworking",
            "custom networking",
            "remove `customNetworking`, or use a Linux AMI type",
        ),
        (false, false) => return None,
    };
    let message = format!("Windows nodes do not support {mode}");
    Some(WIN_02.at(&group.ami.place, message).also(place, "here").hint(hint))
}

fn role(cluster: &Cluster, group: &NodeGroup) -> Option<Diagnostic> {
    let shares = |other: &&NodeGroup| !other.has_own_role() && !other.ami.is_windows();
    let linux = cluster.node_groups.iter().find(shares).filter(|_| !group.has_own_role())?;
    let message =
        format!("`{}` shares its role with `{}`, which is of Linux", group.name, linux.name);
    Some(
        WIN_03
            .at(&group.ami.place, message)
            .also(key(&linux.path, "name"), "the Linux group")
            .hint("set `role: own` on the Windows group"),
    )
}

fn cap(group: &NodeGroup) -> Option<Diagnostic> {
    (group.max_pods.is_some() && group.ami.image.is_none()).then(|| {
        WIN_04
            .at(
                key(&group.path, "maxPods"),
                "EKS's script starts the kubelet, and has no setting for a cap",
            )
            .hint("remove it, or name an image with `ami.id`")
    })
}

fn volume(group: &NodeGroup) -> Option<Diagnostic> {
    let size = group.volume.size;
    (size < eks::WINDOWS_DISK).then(|| {
        WIN_05
            .at(
                &group.volume.size_place,
                format!("{size} GiB for an image of {}", eks::WINDOWS_DISK),
            )
            .hint(format!("{} or more", eks::WINDOWS_DISK))
    })
}
