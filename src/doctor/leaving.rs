//! What nodes send to the internet, and its answers, on their way through security groups and network ACLs.

use std::net::Ipv4Addr;

use crate::facts::ports::{EPHEMERAL, HTTPS, PORTS_OF_NODES};
use crate::observed::Unread;
use crate::observed::survey::{NetworkAcl, Subnet, Survey};
use crate::survey::allows::passes;
use crate::survey::way::SOMEBODY_IPV4;
use crate::survey::{Passage, Side, Way, allows};

use super::cast::{PODS, SECURITY, SUBNETS, cluster, named, way};
use super::nodes::{NATS, are_reached_inside, inside};
use super::passages::{ACLS, nodes};
use super::public::not_joined;
use super::verdict::{Judged, Proof, Sick, known};

/// NJ-28
pub fn not_let_out(survey: &Survey) -> Judged {
    let Some(found) = cluster(survey)? else { return Ok(Vec::new()) };
    // Nodes of an IPv6 cluster may use either family.
    if found.ip_family == "ipv6" || found.endpoint_private && are_reached_inside(survey)? {
        return Ok(Vec::new());
    }
    // A proxy may be the way that is meant; only what fails tells that it is not.
    let Some(symptom) = symptom(survey)? else { return Ok(Vec::new()) };
    known(&survey.vpc.security_groups, SECURITY)?;
    let acls = known(&survey.vpc.network_acls, ACLS)?;
    known(&survey.vpc.subnets, SUBNETS)?;
    known(&survey.vpc.nat_gateways, NATS)?;
    let mut sick: Vec<Sick> = Vec::new();
    for node in nodes(survey)? {
        let own = node.subnet.as_deref().and_then(|id| survey.vpc.subnet(id));
        let Some(subnet) = own.filter(|one| one.cidr.is_some()) else { continue };
        let way = way(survey, &subnet.id)?;
        if !way.is_open() {
            continue;
        }
        let found =
            by_groups(survey, &node).or_else(|| by_acls(survey, (subnet, &node, &way), acls));
        let one = found.map(|one| one.and(symptom.clone()));
        sick.extend(one.filter(|one| !sick.iter().any(|other| other.cause() == one.cause())));
    }
    Ok(sick)
}

/// What fails where nodes do not reach the internet.
fn symptom(survey: &Survey) -> Result<Option<Proof>, Unread> {
    let pods = known(&survey.kubernetes.pods, PODS)?;
    let waits = |reason: &Option<String>| {
        matches!(reason.as_deref(), Some("ImagePullBackOff" | "ErrImagePull"))
    };
    if let Some(pod) = pods.iter().find(|pod| waits(&pod.waiting)) {
        return Ok(Some(Proof {
            read: PODS,
            resource: format!("{}/{}", pod.namespace, pod.name),
            field: "status.containerStatuses.state.waiting.reason",
            seen: format!("{}: {}", pod.waiting.clone().unwrap_or_default(), pod.images.join(", ")),
            wanted: "running".into(),
        }));
    }
    not_joined(survey)
}

fn by_groups(survey: &Survey, node: &Side) -> Option<Sick> {
    let from = Side { subnet: None, ..node.clone() };
    let to = Side { address: Some(SOMEBODY_IPV4), ..Side::default() };
    let Passage::NotOut(groups) = allows(&survey.vpc, &from, &to, ("tcp", HTTPS)) else {
        return None;
    };
    let names = groups.join(", ");
    let proof = Proof {
        read: SECURITY,
        resource: names.clone(),
        field: "IpPermissionsEgress",
        seen: format!("no rule for tcp {HTTPS} to the internet"),
        wanted: format!("tcp {HTTPS} to 0.0.0.0/0, or endpoints for what nodes call"),
    };
    let fix = format!(
        "aws ec2 authorize-security-group-egress --group-id {} --ip-permissions IpProtocol=tcp,FromPort={HTTPS},ToPort={HTTPS},IpRanges=[{{CidrIp=0.0.0.0/0}}]",
        groups.first().map_or("…", String::as_str)
    );
    Some(Sick::proven(
        format!("the security groups {names} allow nodes no connection to the internet"),
        proof,
        fix,
    ))
}

/// A packet at one network ACL: of which subnet, in which direction, from or to whom, to which ports.
struct Step<'s> {
    subnet: &'s str,
    egress: bool,
    peer: &'s Side,
    ports: (u16, u16),
    what: &'static str,
}

fn by_acls(
    survey: &Survey,
    (subnet, node, way): (&Subnet, &Side, &Way),
    acls: &[NetworkAcl],
) -> Option<Sick> {
    let outside = Side { address: Some(SOMEBODY_IPV4), ..Side::default() };
    let own: Option<Ipv4Addr> = node.address.or(subnet.cidr.map(inside));
    let node = Side { address: own, ..Side::default() };
    let nat = match way {
        Way::Nat(id) => survey.vpc.nat_gateways.read()?.iter().find(|nat| nat.id == *id),
        _ => None,
    };
    let gate = nat.and_then(|nat| nat.subnet.as_deref()).filter(|gate| *gate != subnet.id);
    let at = |subnet, egress, peer, ports, what| Step { subnet, egress, peer, ports, what };
    let https = (HTTPS, HTTPS);
    let mut steps = vec![
        at(&subnet.id, true, &outside, https, "calls of nodes to the internet"),
        at(&subnet.id, false, &outside, PORTS_OF_NODES, "answers of the internet to nodes"),
    ];
    steps.extend(gate.into_iter().flat_map(|gate| {
        [
            at(gate, false, &node, https, "calls of nodes to the NAT gateway"),
            at(gate, true, &outside, https, "calls of the NAT gateway to the internet"),
            at(gate, false, &outside, EPHEMERAL, "answers of the internet to the NAT gateway"),
            at(gate, true, &node, PORTS_OF_NODES, "answers of the NAT gateway to nodes"),
        ]
    }));
    let stops = |step: &Step<'_>| {
        let acl = acls.iter().find(|acl| acl.subnets.iter().any(|one| one == step.subnet))?;
        let passes = passes(acl, step.egress, (step.peer, "tcp", step.ports));
        (!passes).then(|| acl.id.clone())
    };
    let (step, acl) = steps.iter().find_map(|step| Some((step, stops(step)?)))?;
    Some(refused(step, &acl, subnet))
}

fn refused(step: &Step<'_>, acl: &str, nodes: &Subnet) -> Sick {
    let (first, last) = step.ports;
    let ports = if first == last { first.to_string() } else { format!("{first}-{last}") };
    let (direction, way) = if step.egress { ("out", "to") } else { ("in", "from") };
    let peer = step.peer.address.map_or(String::new(), |one| match one == SOMEBODY_IPV4 {
        true => "0.0.0.0/0".to_string(),
        false => nodes.cidr.map(|cidr| cidr.to_string()).unwrap_or_default(),
    });
    let wanted = format!("tcp {ports} {way} {peer} {direction}");
    let proof = Proof {
        read: ACLS,
        resource: format!("{acl} of {}", step.subnet),
        field: "Entries",
        seen: format!("no entry allows all of {wanted}"),
        wanted: wanted.clone(),
    };
    Sick::proven(
        format!("the network ACL {acl} stops {}: nodes in {} pull no images", step.what, named(nodes)),
        proof,
        format!("allow {wanted} in {acl} (`networkAcls: perTier` does)"),
    )
    .or(format!("allow {wanted} in {acl}: aws ec2 create-network-acl-entry, with a number below those that deny it"))
}
