//! What the nodes of a group are made of: image, capacity, volume, and what their role and interfaces carry.

use crate::blueprint::path::key;
use crate::demand::{self, Limit};
use crate::diagnostic::Diagnostic;
use crate::facts::quotas::{GROUPS_OF_AN_INTERFACE, POLICIES_OF_A_ROLE};
use crate::facts::{ebs, eks, ids, node_config, ports};
use crate::graph;
use crate::intent::equipment::{Capacity, Image, Volume};
use crate::intent::{Cluster, Intent, NodeGroup};
use crate::rules::{
    NG_20, NG_21, NG_22, NG_23, NG_26, NG_27, NG_28, NG_29, NG_30, NG_31, NG_33, NG_34, NG_36,
    NG_37, VOL_01, VOL_02, VOL_03, VOL_04, VOL_05,
};

use super::arn;

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for group in &cluster.node_groups {
        findings.extend(image(group));
        findings.extend(release(cluster, group));
        findings.extend(reserved(intent, group));
        findings.extend(volume_size(group));
        findings.extend(operations(group));
        findings.extend(throughput(group));
        findings.extend(volume_key(intent, group));
        findings.extend(metadata(intent, group));
        findings.extend(cap(cluster, group));
        findings.extend(policies(intent, cluster, group));
        findings.extend(security_groups(intent, group));
        findings.extend(user_data(intent, cluster, group));
    }
    findings.extend(shared_policies(cluster));
    findings
}

fn image(group: &NodeGroup) -> Vec<Diagnostic> {
    let place = key(&group.path, "ami");
    let form = match group.ami.image.as_ref() {
        Some(Image::Id(id)) if !ids::is("ami-", id) => Some(
            NG_21
                .at(key(&place, "id"), format!("`{id}` is not the id of an image"))
                .hint("such as `ami-0123456789abcdef0`"),
        ),
        Some(Image::Parameter(name)) if !is_parameter(name) => Some(
            NG_21
                .at(key(&place, "ssmParameter"), format!("`{name}` is not the name of a parameter"))
                .hint("letters, digits and `._-/`, such as `/platform/ami/al2023`; `:3` behind it names a version"),
        ),
        _ => None,
    };
    let release = group.ami.release.as_ref().filter(|_| group.ami.image.is_some()).map(|_| {
        NG_20
            .at(key(&place, "releaseVersion"), "a custom AMI has no release of EKS")
            .hint("remove it, or the image")
    });
    form.into_iter().chain(release).collect()
}

/// Source: Systems Manager API reference, PutParameter.
fn is_parameter(name: &str) -> bool {
    let (name, version) = name.split_once(':').unwrap_or((name, "1"));
    let letter = |one: char| one.is_ascii_alphanumeric() || "._-/".contains(one);
    !name.is_empty()
        && name.len() <= PARAMETER_NAME
        && name.chars().all(letter)
        && version.parse::<u32>().is_ok_and(|version| 0 < version)
}

const PARAMETER_NAME: usize = 1011;

fn release(cluster: &Cluster, group: &NodeGroup) -> Option<Diagnostic> {
    let release = group.ami.release.as_ref().filter(|_| group.ami.image.is_none())?;
    let place = key(&key(&group.path, "ami"), "releaseVersion");
    let letter = |one: char| one.is_ascii_alphanumeric() || ".-".contains(one);
    let form = release.starts_with(|one: char| one.is_ascii_digit())
        && release.contains('-')
        && release.chars().all(letter);
    if !form {
        let finding = NG_21.at(place, format!("`{release}` is not a release of an AMI"));
        return Some(finding.hint("such as `1.34.2-20260101`, `1.44.0-abcdef12` for Bottlerocket, `1.34-2026.01.14` for Windows"));
    }
    // Bottlerocket counts its own versions.
    let of_kubernetes = group.ami.boots() != Some(eks::Boot::Settings);
    let minor: Vec<&str> = release.split(['.', '-']).take(2).collect();
    (of_kubernetes && minor.join(".") != cluster.version).then(|| {
        let message = format!("`{release}` is not a release for Kubernetes {}", cluster.version);
        NG_21.at(place, message).also("cluster.version", "the group has the cluster's").hint(
            format!(
                "a release that begins with `{}.`; or leave it out for the newest",
                cluster.version
            ),
        )
    })
}

fn reserved(intent: &Intent, group: &NodeGroup) -> Vec<Diagnostic> {
    let place = key(&group.path, "capacity");
    let Some(id) = group.capacity.reserved() else {
        return Vec::new();
    };
    if !ids::is("cr-", id) {
        let finding = NG_22.at(&place, format!("`{id}` is not the id of a reservation"));
        return vec![finding.hint("such as `cr-0123456789abcdef0`")];
    }
    let zones = group.zones.as_ref().map(Vec::len);
    let zones = zones.or(intent.tier(&group.tier).map(|tier| tier.zones.len())).unwrap_or(1);
    let (rule, what) = match group.capacity {
        Capacity::Block(_) => (&NG_23, "a Capacity Block"),
        _ => (&NG_33, "a Capacity Reservation"),
    };
    let mut findings: Vec<Diagnostic> = unblocked(group).into_iter().collect();
    if 1 < group.instances.len() {
        let message = format!("{} instance types, and {what} is of one", group.instances.len());
        let finding = rule.at(key(&group.path, "instanceTypes"), message);
        findings.push(
            finding.also(&place, "of this one").hint("name the type of the reservation only"),
        );
    }
    if 1 < zones {
        let place_of =
            if group.zones.is_some() { key(&group.path, "zones") } else { place.clone() };
        let finding = rule
            .at(place_of, format!("`{}` is in {zones} zones, and {what} is in one", group.name));
        findings.push(finding.hint("set `zones` of the group to the zone of the reservation"));
    }
    findings
}

/// Blocks are sold for machine learning only: of the families p and trn.
fn unblocked(group: &NodeGroup) -> Option<Diagnostic> {
    let accelerated = |name: &str| {
        let generation = name.strip_prefix("trn").or(name.strip_prefix('p'));
        generation.is_some_and(|rest| rest.starts_with(|one: char| one.is_ascii_digit()))
    };
    let types = group.instances.iter();
    let name = types.map(|one| one.name).find(|name| !accelerated(name))?;
    matches!(group.capacity, Capacity::Block(_)).then(|| {
        NG_23
            .at(key(&group.path, "instanceTypes"), format!("no Capacity Block is of `{name}`"))
            .also(key(&group.path, "capacity"), "of this one")
            .hint("blocks are of P and Trn types; set `capacity: { reservation: cr-… }` for an On-Demand Capacity Reservation")
    })
}

fn volume_place(group: &NodeGroup, word: &str) -> String {
    key(&key(&group.path, "volume"), word)
}

/// What the type can be, and what the image needs. An image of one's own has a snapshot of its own.
fn volume_size(group: &NodeGroup) -> Option<Diagnostic> {
    let (size, name) = (group.volume.size, group.volume.kind.word());
    let largest = ebs::find(name).largest;
    let (message, hint) = match () {
        () if largest < size => {
            (format!("{size} GiB; `{name}` has {largest} at most"), format!("{largest} or less"))
        }
        () if size < ebs::SNAPSHOT && group.ami.image.is_none() && !group.ami.is_windows() => (
            format!("{size} GiB for an image of {}", ebs::SNAPSHOT),
            format!("{} or more", ebs::SNAPSHOT),
        ),
        () => return None,
    };
    Some(VOL_05.at(&group.volume.size_place, message).hint(hint))
}

fn operations(group: &NodeGroup) -> Option<Diagnostic> {
    let Volume { size, kind, iops, .. } = group.volume;
    let (row, name) = (ebs::find(kind.word()), kind.word());
    let Some(bounds) = &row.iops else {
        return iops.map(|_| {
            VOL_01
                .at(
                    volume_place(group, "iops"),
                    format!("`{name}` accepts no number of operations"),
                )
                .hint("remove `iops`, or set `type: gp3`")
        });
    };
    let Some(iops) = iops else {
        return row.iops_required.then(|| {
            VOL_01.at(volume_place(group, "type"), format!("`{name}` without `iops`")).hint(
                format!("add `iops`, {} to {}; or set `type: gp3`", bounds.least, bounds.most),
            )
        });
    };
    let place = volume_place(group, "iops");
    if !(bounds.least..=bounds.most).contains(&iops) {
        let finding =
            VOL_02.at(place, format!("`{name}` does not accept {iops} operations a second"));
        return Some(finding.hint(format!("{} to {}", bounds.least, bounds.most)));
    }
    let most = bounds.per_gib.saturating_mul(size);
    (most < iops && bounds.least < iops).then(|| {
        let least = iops.div_ceil(bounds.per_gib);
        VOL_02
            .at(
                place,
                format!(
                    "{iops} operations a second on {size} GiB: `{name}` has {} a GiB, so {most}",
                    bounds.per_gib
                ),
            )
            .also(&group.volume.size_place, "the size")
            .hint(format!("{most} at most, or a size of {least} GiB"))
    })
}

fn throughput(group: &NodeGroup) -> Option<Diagnostic> {
    let throughput = group.volume.throughput?;
    let (name, place) = (group.volume.kind.word(), volume_place(group, "throughput"));
    let Some(bounds) = &ebs::find(name).throughput else {
        let finding = VOL_01.at(place, format!("`{name}` accepts no throughput"));
        return Some(finding.hint("remove `throughput`, or set `type: gp3`"));
    };
    if !(bounds.least..=bounds.most).contains(&throughput) {
        let finding =
            VOL_03.at(place, format!("`{name}` does not accept {throughput} MiB a second"));
        return Some(finding.hint(format!("{} to {}", bounds.least, bounds.most)));
    }
    let iops = group.volume.iops.unwrap_or(ebs::GP3_IOPS);
    let needed = throughput * bounds.operations_per_mib;
    (iops < needed).then(|| {
        VOL_03
            .at(place, format!("{throughput} MiB a second need {needed} operations a second, and the volume has {iops}"))
            .hint(format!("set `iops: {needed}`, or a throughput of {}", iops / bounds.operations_per_mib))
    })
}

fn volume_key(intent: &Intent, group: &NodeGroup) -> Option<Diagnostic> {
    let named = group.volume.kms_key.as_ref()?;
    let place = volume_place(group, "kmsKey");
    if named.starts_with("arn:") {
        let rest = "111122223333:key/…";
        return arn::misfit(intent, (&VOL_04, &place), named, ("kms", rest));
    }
    let letter = |one: char| one.is_ascii_alphanumeric() || "-_/".contains(one);
    let alias = named
        .strip_prefix("alias/")
        .is_some_and(|name| !name.is_empty() && name.chars().all(letter));
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let id = named.strip_prefix("mrk-").unwrap_or(named);
    let is_id = (32..=36).contains(&id.len()) && hex(id);
    (!alias && !is_id).then(|| {
        VOL_04
            .at(place, format!("`{named}` is not a KMS key"))
            .hint("its ARN, its id, or an alias such as `alias/nodes`")
    })
}

fn metadata(intent: &Intent, group: &NodeGroup) -> Option<Diagnostic> {
    (group.imds.ipv6 && intent.vpc.ipv6.is_none()).then(|| {
        NG_26
            .at(
                key(&key(&group.path, "imds"), "ipv6"),
                "the VPC has no IPv6: nothing answers there",
            )
            .hint("set `vpc: { ipv6: amazon }`, or remove it")
    })
}

/// A cap that does nothing, or leaves nothing.
fn cap(cluster: &Cluster, group: &NodeGroup) -> Option<Diagnostic> {
    let most = group.max_pods?;
    let place = key(&group.path, "maxPods");
    if most <= eks::HOST_NETWORK_PODS {
        let message = format!("nodes of {most} pods have room for aws-node and kube-proxy only");
        return Some(NG_28.at(place, message).hint("raise it, or leave it out"));
    }
    let density = demand::density_of(group, &cluster.aws_node)?;
    (density.limit != Limit::Written && density.max_pods < most).then(|| {
        NG_27
            .at(place, format!("no effect: a node holds {} pods at most", density.max_pods))
            .hint(format!("{}; a cap below that, or none", density.why))
    })
}

fn policies(intent: &Intent, cluster: &Cluster, group: &NodeGroup) -> Vec<Diagnostic> {
    let partition = intent.region.partition();
    let place = key(&group.path, "policies");
    let form = |arn: &str| {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let account = |text: &str| {
            text == "aws" || text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let letter = |one: char| one.is_ascii_alphanumeric() || "+=,.@_-/".contains(one);
        let name = |rest: &str| {
            rest.strip_prefix("policy/").is_some_and(|name| {
                !name.is_empty() && !name.ends_with('/') && name.chars().all(letter)
            })
        };
        matches!(parts.as_slice(), ["arn", own, "iam", "", of, rest] if *own == partition && account(of) && name(rest))
    };
    let wrong = group.policies.iter().enumerate().filter(|(_, arn)| !form(arn)).map(|(at, arn)| {
        let message =
            format!("`{arn}` is not the ARN of a managed policy of the partition {partition}");
        NG_29
            .at(format!("{place}[{at}]"), message)
            .hint(format!("such as `arn:{partition}:iam::aws:policy/AmazonS3ReadOnlyAccess`"))
    });
    let mut findings: Vec<Diagnostic> = wrong.collect();
    if group.policies.is_empty() {
        return findings;
    }
    let sharing = |other: &&NodeGroup| {
        other.path == group.path || !group.has_own_role() && !other.has_own_role()
    };
    let all: std::collections::BTreeSet<&String> =
        cluster.node_groups.iter().filter(sharing).flat_map(|other| &other.policies).collect();
    let count = eks::NODE_POLICIES.len() + all.len();
    if eks::POLICIES_PER_ROLE < count {
        let of_ours = eks::NODE_POLICIES.len();
        let message =
            format!("{count} managed policies on one role, which has {of_ours} of eksnet's");
        let fewer = "put several into one policy";
        let own = "set `role: own` on some of the groups";
        findings.push(match eks::MOST_POLICIES < count {
            true => NG_29
                .at(place, format!("{message}; IAM accepts {} at most", eks::MOST_POLICIES))
                .hint(format!("{fewer}, or {own}")),
            false => NG_36
                .at(
                    place,
                    format!(
                        "{message}; IAM accepts {} unless its quota was raised",
                        eks::POLICIES_PER_ROLE
                    ),
                )
                .hint(format!("{fewer}, {own}, or have the quota raised"))
                .exceeds(POLICIES_OF_A_ROLE.code, count),
        });
    }
    findings
}

/// What one group asks for, all with its role get.
fn shared_policies(cluster: &Cluster) -> Vec<Diagnostic> {
    let sharing: Vec<&NodeGroup> =
        cluster.node_groups.iter().filter(|group| !group.has_own_role()).collect();
    let mut findings = Vec::new();
    for group in &sharing {
        for (at, arn) in group.policies.iter().enumerate() {
            let others: Vec<String> = sharing
                .iter()
                .filter(|other| !other.policies.contains(arn))
                .map(|other| format!("`{}`", other.name))
                .collect();
            if others.is_empty() {
                continue;
            }
            let message = format!(
                "nodes of {} share the role of `{}` and get this policy too",
                others.join(", "),
                group.name
            );
            let place = format!("{}[{at}]", key(&group.path, "policies"));
            findings.push(NG_30.at(place, message).hint("set `role: own` on the group; or list it in `nodeGroupDefaults`, if all are to have it"));
        }
    }
    findings
}

fn security_groups(intent: &Intent, group: &NodeGroup) -> Vec<Diagnostic> {
    let place = key(&group.path, "securityGroups");
    let wrong = group.security_groups.iter().enumerate().filter(|(_, id)| !ids::is("sg-", id));
    let mut findings: Vec<Diagnostic> = wrong
        .map(|(at, id)| {
            NG_31
                .at(format!("{place}[{at}]"), format!("`{id}` is not the id of a security group"))
                .hint("such as `sg-0123456789abcdef0`")
        })
        .collect();
    let count = group.security_groups.len() + 1;
    let own = if intent.security.least_privilege { "eksnet's" } else { "EKS's" };
    let message = format!("{count} security groups on a node, with {own} own");
    let (default, most) = (ports::GROUPS_PER_INTERFACE, ports::GROUPS_PER_INTERFACE_AT_MOST);
    if most < count {
        let message = format!("{message}; an interface has {most} at most");
        findings.push(NG_31.at(place, message).hint("join their rules in fewer groups"));
    } else if default < count {
        let message = format!("{message}; an interface has {default} unless the quota was raised");
        let hint = "join their rules in fewer groups, or raise the quota L-2AFB9258";
        let finding = NG_37.at(place, message).hint(hint);
        findings.push(finding.exceeds(GROUPS_OF_AN_INTERFACE.code, count));
    }
    findings
}

fn user_data(intent: &Intent, cluster: &Cluster, group: &NodeGroup) -> Option<Diagnostic> {
    let own = group.config.node_config.as_ref().or(group.config.bottlerocket.as_ref())?;
    let max_pods = demand::max_pods(group, &cluster.aws_node);
    let data = graph::user_data(intent, cluster, group, max_pods)?;
    let bytes = data.as_str().or(data["Fn::Sub"].as_str()).map_or(0, str::len);
    (node_config::USER_DATA < bytes).then(|| {
        let message = format!(
            "the nodes' user data has {bytes} bytes; EC2 accepts {}",
            node_config::USER_DATA
        );
        NG_34
            .at(&own.place, message)
            .hint("put large files into the image, or fetch them at the start")
    })
}
