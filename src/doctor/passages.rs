//! Who has to reach whom, and which security group or network ACL refuses it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::facts::ports::{DNS, HTTPS, KUBELET};
use crate::observed::Unread;
use crate::observed::survey::{Interface, Survey};
use crate::survey::allows::knows;
use crate::survey::select::selects;
use crate::survey::{Passage, Side, allows};

use super::cast::{
    INTERFACES, PODS, SECURITY, SLICES, cluster, groups_of_cluster, interface_of, is_custom, is_on,
    settings,
};
use super::dns::ready;
use super::verdict::{Judged, Proof, Sick, known};

const INSTANCES: &str = "ec2:DescribeInstances";
pub const ACLS: &str = "ec2:DescribeNetworkAcls";

/// A call that has to work.
struct Call {
    /// Such as `nodes to the API`.
    what: String,
    from: Side,
    to: Side,
    port: (&'static str, u16),
}

/// NJ-12
pub fn groups_refuse(survey: &Survey) -> Judged {
    by_groups(survey, calls_of_nodes(survey)?, "the nodes and the cluster", &[])
}

/// NJ-13
pub fn acl_refuses(survey: &Survey) -> Judged {
    by_acls(survey, calls_of_nodes(survey)?)
}

/// DNS-02
pub fn names_refused(survey: &Survey) -> Judged {
    by_groups(survey, lookups(survey)?, "pods", &shut_between_nodes(survey))
}

/// DNS-03
pub fn acl_refuses_names(survey: &Survey) -> Judged {
    by_acls(survey, lookups(survey)?)
}

/// WH-01
pub fn api_refused(survey: &Survey) -> Judged {
    let told = shut_between_nodes(survey);
    by_groups(survey, calls_of_webhooks(survey)?, "the cluster and the webhook's pods", &told)
}

/// Kubelets call the API, and the API calls them.
fn calls_of_nodes(survey: &Survey) -> Result<Vec<Call>, Unread> {
    let apis = apis(survey)?;
    let mut calls = Vec::new();
    for node in nodes(survey)? {
        for api in &apis {
            let (node, api) = (|| node.clone(), || api.clone());
            let to_api = Call {
                what: "nodes to the API".into(),
                from: node(),
                to: api(),
                port: ("tcp", HTTPS),
            };
            let back = Call {
                what: "the API to kubelets".into(),
                from: api(),
                to: node(),
                port: ("tcp", KUBELET),
            };
            calls.extend([to_api, back]);
        }
    }
    Ok(calls)
}

/// Every interface with pods asks every pod of CoreDNS.
fn lookups(survey: &Survey) -> Result<Vec<Call>, Unread> {
    let endpoints = ready(survey, "kube-system/kube-dns")?;
    let interfaces = known(&survey.vpc.interfaces, INTERFACES)?;
    let instances = known(&survey.eks.instances, INSTANCES)?;
    let custom = is_custom(settings(survey)?);
    let of_node = |one: &&Interface| {
        let attachment = one.attachment.as_ref();
        let first = attachment.is_some_and(|one| one.device_index == Some(0));
        let own = one.instance().is_some_and(|id| instances.iter().any(|node| node.id == id));
        own && !(custom && first)
    };
    // On a single node packets between pods do not leave it.
    let on: BTreeSet<Option<&String>> = endpoints.iter().map(|one| one.node.as_ref()).collect();
    if instances.len() < 2 && on.len() < 2 {
        return Ok(Vec::new());
    }
    let mut from = each(interfaces.iter().filter(of_node).map(side));
    from.extend(with_own_groups(survey)?);
    let addresses = endpoints.iter().flat_map(|one| &one.addresses);
    let to = each(addresses.filter_map(|address| pod(survey, address)));
    let mut calls = Vec::new();
    for (from, to) in from.iter().flat_map(|from| to.iter().map(move |to| (from, to))) {
        for protocol in ["udp", "tcp"] {
            let what = "lookups of pods to CoreDNS".to_string();
            calls.push(Call { what, from: from.clone(), to: to.clone(), port: (protocol, DNS) });
        }
    }
    Ok(calls)
}

/// Running pods whose groups a SecurityGroupPolicy names, one of each set of groups: their lookups leave by an interface of their own.
fn with_own_groups(survey: &Survey) -> Result<Vec<Side>, Unread> {
    let cached = survey.kubernetes.node_local_dns.read().is_some_and(Option::is_some);
    if !is_on(settings(survey)?, "ENABLE_POD_ENI") || cached {
        return Ok(Vec::new());
    }
    let policies =
        known(&survey.kubernetes.security_group_policies, "k8s:list securitygrouppolicies")?;
    let pods = known(&survey.kubernetes.pods, PODS)?;
    let sides = policies.iter().filter(|policy| !policy.groups.is_empty()).filter_map(|policy| {
        let selector = policy.pods.as_ref()?;
        let mut own = pods.iter().filter(|pod| {
            pod.namespace == policy.namespace && pod.phase == "Running" && !pod.host_network
        });
        let pod = own.find(|pod| selects(selector, &pod.labels))?;
        let address = pod.ip.as_ref().and_then(|text| text.parse().ok());
        Some(Side { address, groups: policy.groups.clone(), ..Side::default() })
    });
    Ok(each(sides))
}

/// The API calls the port of the pods, not that of the service.
fn calls_of_webhooks(survey: &Survey) -> Result<Vec<Call>, Unread> {
    let apis = apis(survey)?;
    let webhooks = known(&survey.kubernetes.webhooks, "k8s:list webhookconfigurations")?;
    let slices = known(&survey.kubernetes.endpoint_slices, SLICES)?;
    let mut calls = Vec::new();
    for webhook in webhooks {
        let Some(service) = &webhook.service else { continue };
        let own = slices.iter().filter(|one| {
            one.service.as_ref().is_some_and(|name| format!("{}/{name}", one.namespace) == *service)
        });
        let targets = own.flat_map(|slice| {
            let addresses = slice.endpoints.iter().flat_map(|one| &one.addresses);
            addresses.flat_map(|address| slice.ports.iter().map(move |port| (address, port.port)))
        });
        for (address, port) in targets {
            let Some(to) = pod(survey, address) else { continue };
            let what = format!("the API to the webhook {}", webhook.name);
            calls.extend(apis.iter().map(|api| Call {
                what: what.clone(),
                from: api.clone(),
                to: to.clone(),
                port: ("tcp", port),
            }));
        }
    }
    Ok(calls)
}

/// The cluster's own interfaces; its groups alone where it has none.
fn apis(survey: &Survey) -> Result<Vec<Side>, Unread> {
    let Some(found) = cluster(survey)? else { return Ok(Vec::new()) };
    let description = format!("Amazon EKS {}", found.name);
    let interfaces = known(&survey.vpc.interfaces, INTERFACES)?;
    let groups = groups_of_cluster(found);
    let own = interfaces.iter().filter(|one| one.description == description);
    let found = each(own.map(|one| Side { groups: groups.clone(), ..side(one) }));
    Ok(if found.is_empty() { vec![Side { groups, ..Side::default() }] } else { found })
}

/// One node for each set of security groups in each subnet.
pub fn nodes(survey: &Survey) -> Result<Vec<Side>, Unread> {
    let instances = known(&survey.eks.instances, INSTANCES)?;
    let interfaces = known(&survey.vpc.interfaces, INTERFACES)?;
    let of = |id: &str, subnet: &str| {
        interfaces.iter().find(|one| one.instance() == Some(id) && one.subnet == subnet).map(side)
    };
    let own = instances.iter().filter(|one| !one.groups.is_empty()).map(|one| Side {
        groups: one.groups.clone(),
        subnet: Some(one.subnet.clone()),
        ..of(&one.id, &one.subnet).unwrap_or_default()
    });
    Ok(each(own))
}

fn side(interface: &Interface) -> Side {
    Side {
        address: interface.addresses.first().map(|one| one.private),
        ipv6: interface.ipv6.first().copied(),
        groups: interface.groups.clone(),
        subnet: Some(interface.subnet.clone()),
    }
}

/// The interface behind a pod's address.
fn pod(survey: &Survey, address: &str) -> Option<Side> {
    let side = side(interface_of(survey, address)?);
    Some(match address.parse().ok()? {
        IpAddr::V4(own) => Side { address: Some(own), ipv6: None, ..side },
        IpAddr::V6(own) => Side { address: None, ipv6: Some(own), ..side },
    })
}

/// One of each set of security groups and subnet.
fn each(sides: impl Iterator<Item = Side>) -> Vec<Side> {
    let mut kinds: BTreeMap<(Vec<String>, Option<String>), Side> = BTreeMap::new();
    for mut side in sides {
        side.groups.sort();
        kinds.entry((side.groups.clone(), side.subnet.clone())).or_insert(side);
    }
    kinds.into_values().collect()
}

/// Security groups that let nothing at all of somebody pass, in one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shut {
    by: Vec<String>,
    peer: String,
    egress: bool,
}

/// How security groups answer a call.
enum Answer {
    Passes,
    /// Whom a rule is for was not read.
    Unknown,
    /// These groups have rules for the other side, and none for the port.
    RefusedAt(Vec<String>),
    Shut(Shut),
}

fn answer(survey: &Survey, call: &Call) -> Answer {
    let bare = |side: &Side| Side { subnet: None, ..side.clone() };
    let (from, to) = (bare(&call.from), bare(&call.to));
    let (by, egress) = match allows(&survey.vpc, &from, &to, call.port) {
        Passage::NotIn(by) => (by, false),
        Passage::NotOut(by) => (by, true),
        Passage::Open | Passage::Acl(_) => return Answer::Passes,
        Passage::Unknown => return Answer::Unknown,
    };
    let (own, peer) = if egress { (&from, &to) } else { (&to, &from) };
    if knows(&survey.vpc, own, peer, egress) {
        return Answer::RefusedAt(by);
    }
    Answer::Shut(Shut { by, peer: who(peer), egress })
}

/// Groups of somebody, or the address.
fn who(side: &Side) -> String {
    match (side.groups.as_slice(), side.address, side.ipv6) {
        ([], Some(address), _) => address.to_string(),
        ([], None, Some(address)) => address.to_string(),
        (groups, ..) => groups.join(", "),
    }
}

/// Groups that keep nodes and the cluster apart altogether: what else they stop follows from it.
fn shut_between_nodes(survey: &Survey) -> Vec<Shut> {
    let calls = calls_of_nodes(survey).unwrap_or_default();
    let answers = calls.iter().map(|call| answer(survey, call));
    let shut =
        answers.filter_map(|one| if let Answer::Shut(shut) = one { Some(shut) } else { None });
    shut.collect()
}

/// Calls that security groups refuse; network ACLs are left out. What is not known counts where nothing is refused.
fn by_groups(survey: &Survey, calls: Vec<Call>, between: &str, told: &[Shut]) -> Judged {
    known(&survey.vpc.security_groups, SECURITY)?;
    let (mut sick, mut unknown): (Vec<Sick>, Option<Unread>) = (Vec::new(), None);
    let mut shut: Vec<(Shut, Vec<Call>)> = Vec::new();
    for call in calls {
        match answer(survey, &call) {
            Answer::Passes => {}
            Answer::Unknown => {
                unknown.get_or_insert_with(entries_unread);
            }
            Answer::RefusedAt(by) => {
                let one = refused_at(&call, &by.join(", "), between);
                if !sick.contains(&one) {
                    sick.push(one);
                }
            }
            Answer::Shut(own) => match shut.iter_mut().find(|(other, _)| *other == own) {
                Some((_, calls)) => calls.push(call),
                None => shut.push((own, vec![call])),
            },
        }
    }
    sick.extend(shut.iter().filter_map(|(own, calls)| {
        let one = let_nothing(own, calls, between)?;
        Some(if told.contains(own) { one.after(&["NJ-12"]) } else { one })
    }));
    match unknown {
        Some(unread) if sick.is_empty() => Err(unread),
        _ => Ok(sick),
    }
}

fn wanted(call: &Call) -> String {
    let (protocol, number) = call.port;
    format!("{protocol} {number} from {} to {}", who(&call.from), who(&call.to))
}

fn refused_at(call: &Call, by: &str, between: &str) -> Sick {
    let (Call { what, .. }, (protocol, number)) = (call, call.port);
    let proof = Proof {
        read: SECURITY,
        resource: by.to_string(),
        field: "IpPermissions, IpPermissionsEgress",
        seen: format!("no rule for {protocol} {number}"),
        wanted: wanted(call),
    };
    Sick::proven(
        format!("security groups stop {what} at {protocol} {number}"),
        proof,
        format!("allow {protocol} {number} between the groups of {between} in {by}"),
    )
}

/// One rule is missing, not one for every port.
fn let_nothing(shut: &Shut, calls: &[Call], between: &str) -> Option<Sick> {
    let Shut { by, peer, egress } = shut;
    let groups = by.join(", ");
    let (field, direction) = match egress {
        true => ("IpPermissionsEgress", "to"),
        false => ("IpPermissions", "from"),
    };
    let mut stopped: Vec<&str> = calls.iter().map(|call| call.what.as_str()).collect();
    stopped.dedup();
    let own = by.iter().find(|group| {
        calls.iter().any(|call| call.from.groups.contains(group) && call.to.groups.contains(group))
    });
    let fix = match (own, egress) {
        // EKS creates the cluster's group with these rules.
        (Some(group), true) => format!(
            "aws ec2 authorize-security-group-egress --group-id {group} --ip-permissions IpProtocol=-1,IpRanges=[{{CidrIp=0.0.0.0/0}}]"
        ),
        (Some(group), false) => format!(
            "aws ec2 authorize-security-group-ingress --group-id {group} --ip-permissions IpProtocol=-1,UserIdGroupPairs=[{{GroupId={group}}}]"
        ),
        (None, _) => {
            format!("allow what is called between the groups of {between} in {groups}")
        }
    };
    let proofs = calls.iter().map(|call| Proof {
        read: SECURITY,
        resource: groups.clone(),
        field,
        seen: format!("no rule {direction} {peer}"),
        wanted: wanted(call),
    });
    let cause = format!("{groups} allows nothing {direction} {peer}: {}", stopped.join(", "));
    let mut proofs = proofs.collect::<Vec<_>>().into_iter();
    let mut sick = Sick::proven(cause, proofs.next()?, fix);
    proofs.for_each(|proof| sick.add(proof));
    Some(sick)
}

fn entries_unread() -> Unread {
    Unread {
        action: "ec2:GetManagedPrefixListEntries".into(),
        why: "a rule names a range or a prefix list whose entries were not read".into(),
    }
}

/// Calls, or their answers, that network ACLs refuse, whatever security groups say.
fn by_acls(survey: &Survey, calls: Vec<Call>) -> Judged {
    known(&survey.vpc.network_acls, ACLS)?;
    known(&survey.vpc.security_groups, SECURITY)?;
    let mut sick: Vec<Sick> = Vec::new();
    for Call { what, from, to, port } in calls {
        let bare = |side: &Side| Side { groups: Vec::new(), ..side.clone() };
        let Passage::Acl(acl) = allows(&survey.vpc, &bare(&from), &bare(&to), port) else {
            continue;
        };
        let (here, there) = (from.subnet.unwrap_or_default(), to.subnet.unwrap_or_default());
        let (protocol, number) = port;
        let proof = Proof {
            read: ACLS,
            resource: acl.clone(),
            field: "Entries",
            seen: format!("no entry allows {protocol} {number} or its answer"),
            wanted: format!("{protocol} {number} from {here} to {there}, and 1024-65535 back"),
        };
        let one = Sick::proven(
            format!("the network ACL {acl} stops {what} at {protocol} {number}"),
            proof,
            format!(
                "admit {protocol} {number} and the ephemeral ports of its answers in {acl} (`networkAcls: perTier` does)"
            ),
        );
        if !sick.iter().any(|other| other.cause() == one.cause()) {
            sick.push(one);
        }
    }
    Ok(sick)
}
