//! Another CNI than aws-node, with addresses of its own for pods.

use ipnet::Ipv4Net;

use crate::blueprint::model::{self, Management};
use crate::diagnostic::Diagnostic;
use crate::facts::overlays::{self, Encapsulation, OtherCni, Row};
use crate::facts::vpc;

use super::Choices;
use super::parse::{self, keep};
use crate::rules::ALT_02;

/// A CNI in the place of aws-node; the VPC does not route the addresses that it gives pods.
#[derive(Clone, Debug)]
pub struct Overlay {
    pub cni: OtherCni,
    pub encapsulation: Encapsulation,
    pub pod_cidr: Ipv4Net,
    /// The MTU of pods, in bytes.
    pub mtu: u32,
}

const PLACE: &str = "awsNode.overlay";

/// `None`: aws-node gives pods their addresses.
pub fn resolve(
    written: &model::AwsNode,
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> Option<Overlay> {
    if written.management != Some(Management::None) {
        findings.extend(written.overlay.as_ref().map(|_| {
            ALT_02
                .at(PLACE, "an overlay beside aws-node")
                .hint("set `management: none`, or remove the overlay")
        }));
        return None;
    }
    findings.extend(settings(written).map(|key| {
        let message = format!("`{key}` is for aws-node, and `management: none` has none");
        ALT_02
            .at(format!("awsNode.{key}"), message)
            .also("awsNode.management", "here")
            .hint("leave it out; the other CNI has settings of its own")
    }));
    let overlay = written.overlay.clone().unwrap_or_default();
    let cni = overlay.cni.unwrap_or(OtherCni::Cilium);
    let row = overlays::find(cni, overlay.encapsulation).or_else(|| {
        findings.push(unknown(cni, overlay.encapsulation));
        overlays::find(cni, None)
    })?;
    let pod_cidr = overlay
        .pod_cidr
        .as_ref()
        .and_then(|text| keep(parse::cidr(&format!("{PLACE}.podCidr"), text), findings));
    note(&overlay, row, choices);
    Some(Overlay {
        cni,
        encapsulation: row.encapsulation,
        pod_cidr: pod_cidr.unwrap_or_else(|| vpc::net(overlays::POD_CIDR)),
        mtu: overlays::MTU - row.overhead,
    })
}

/// Keys of aws-node's that are written all the same.
fn settings(written: &model::AwsNode) -> impl Iterator<Item = &'static str> {
    let rows = [
        ("version", written.version.is_some()),
        ("prefixDelegation", written.prefix_delegation.is_some()),
        ("customNetworking", written.custom_networking.is_some()),
        ("role", written.role.is_some()),
        ("rights", written.rights.is_some()),
        ("warm", written.warm.is_some()),
        ("snat", written.snat.is_some()),
        ("securityGroupsForPods", written.security_groups_for_pods.is_some()),
        ("networkPolicy", written.network_policy.is_some()),
        ("subnetDiscovery", written.subnet_discovery.is_some()),
        ("windows", written.windows.is_some()),
        ("env", written.env.is_some()),
    ];
    rows.into_iter().filter(|(_, there)| *there).map(|(key, _)| key)
}

fn unknown(cni: OtherCni, encapsulation: Option<Encapsulation>) -> Diagnostic {
    let known: Vec<String> = overlays::ROWS
        .iter()
        .filter(|row| row.cni == cni)
        .map(|row| format!("`{}`", row.encapsulation.word()))
        .collect();
    let word = encapsulation.map_or("", Encapsulation::word);
    ALT_02
        .at(
            format!("{PLACE}.encapsulation"),
            format!("{} does not encapsulate packets as `{word}`", cni.word()),
        )
        .hint(format!("one of {}", known.join(", ")))
}

fn note(written: &model::Overlay, row: &Row, choices: &mut Choices) {
    if written.cni.is_none() {
        choices.note(
            "awsNode.overlay.cni",
            row.cni.word(),
            "for the ports and MTU that are planned here; eksnet installs none",
        );
    }
    if written.pod_cidr.is_none() {
        choices.note(
            "awsNode.overlay.podCidr",
            overlays::POD_CIDR,
            "pods' own range: inside the cluster only",
        );
    }
    let nodes = format!(
        "{} (VPC {} less {} for {})",
        overlays::MTU - row.overhead,
        overlays::MTU,
        row.overhead,
        row.encapsulation.word()
    );
    choices.note(
        "the pods' MTU",
        nodes,
        "set it in the CNI: larger packets would be cut or dropped",
    );
    choices.note(
        "between nodes",
        row.passes,
        "allowed by the nodes' security group, whose members reach each other",
    );
    choices.note(
        "nodes",
        format!("ready once {} runs", row.cni.word()),
        "install it as soon as the cluster exists: a node group waits about 15 minutes for its nodes, then fails",
    );
}
