//! What nodes of a group are: their types, their AMI, and how many pods they take.

use crate::blueprint::path::key;
use crate::demand::{self, Density, Limit};
use crate::diagnostic::Diagnostic;
use crate::facts::accelerators::{self, Accelerator};
use crate::facts::eks;
use crate::intent::{AwsNode, NodeGroup};
use crate::rules::{NG_05, NG_06, NG_07, NG_12, NG_13, NG_14, NG_15, PD_01};

pub fn check(group: &NodeGroup, node: &AwsNode) -> Vec<Diagnostic> {
    let density = demand::density_of(group, node);
    let found = [
        planned(group, density.as_ref()),
        too_many_types(group),
        architecture(group),
        accelerator(group),
        ami(group),
        without_prefixes(group, node, density.as_ref()),
        memory(group, density.as_ref()),
    ];
    found.into_iter().flatten().collect()
}

/// More pods than a node takes.
fn planned(group: &NodeGroup, density: Option<&Density>) -> Option<Diagnostic> {
    let density = density?;
    let planned = group.pods_per_node.filter(|planned| density.max_pods < *planned)?;
    let most = density.max_pods;
    let decides = if density.limit == Limit::Written { "maxPods" } else { "instanceTypes" };
    Some(
        NG_05
            .at(
                key(&group.path, "podsPerNode"),
                format!("{planned} pods planned, a node supports {most}"),
            )
            .also(key(&group.path, decides), "decides")
            .hint(format!("{most} at most ({}), or a larger type", density.why)),
    )
}

fn too_many_types(group: &NodeGroup) -> Option<Diagnostic> {
    let count = group.instances.len();
    (eks::INSTANCE_TYPES < count).then(|| {
        NG_13
            .at(
                key(&group.path, "instanceTypes"),
                format!("{count} instance types; a node group accepts {}", eks::INSTANCE_TYPES),
            )
            .hint("create a second group, or leave the rarest out")
    })
}

fn architecture(group: &NodeGroup) -> Option<Diagnostic> {
    let types = key(&group.path, "instanceTypes");
    let first = group.instances.first()?;
    let arm = group.instances.iter().filter(|instance| instance.arm).count();
    if 0 < arm && arm < group.instances.len() {
        let finding = NG_06.at(types, "x86 and Arm types in one group");
        return Some(finding.hint("make a group for each"));
    }
    // What is no AMI type has a finding of its own.
    let known = eks::AMI_TYPES.contains(&group.ami.kind.as_str());
    (known && group.ami.kind.contains("ARM_64") != (0 < arm)).then(|| {
        NG_06
            .at(&group.ami.place, format!("`{}` does not boot on `{}`", group.ami.kind, first.name))
            .hint("leave the AMI type out: it follows the types")
    })
}

/// Types with an accelerator, and the AMI that has its drivers.
fn accelerator(group: &NodeGroup) -> Option<Diagnostic> {
    let brought = accelerators::of_ami(&group.ami.kind);
    let place = &group.ami.place;
    if let Some(instance) = group.instances.iter().find(|one| accelerators::is_mac(one.name)) {
        let finding = NG_06
            .at(key(&group.path, "instanceTypes"), format!("`{}` runs macOS only", instance.name));
        return Some(finding.hint("EKS has no AMI for Mac instances: use another type"));
    }
    let refused = group.instances.iter().find(|one| accelerators::is_refused(one.name, brought));
    if let Some(instance) = refused {
        let finding = NG_06
            .at(place, format!("EKS does not support `{}` on `{}`", group.ami.kind, instance.name));
        return Some(finding.hint("leave the AMI type out: it follows the types"));
    }
    let odd = group.instances.iter().find(|one| accelerators::of_instance(one.name) != brought)?;
    let own = accelerators::of_instance(odd.name);
    let message = match (own, brought) {
        (Accelerator::None, _) => format!(
            "`{}` has {}, and `{}` brings drivers for {}",
            odd.name,
            own.word(),
            group.ami.kind,
            brought.word()
        ),
        _ => format!(
            "`{}` has {}, and `{}` no drivers for them",
            odd.name,
            own.word(),
            group.ami.kind
        ),
    };
    Some(NG_12.at(place, message).hint("leave the AMI type out: it follows the types"))
}

fn ami(group: &NodeGroup) -> Option<Diagnostic> {
    (!eks::AMI_TYPES.contains(&group.ami.kind.as_str())).then(|| {
        NG_07
            .at(&group.ami.place, format!("unknown AMI type `{}`", group.ami.kind))
            .hint(format!("one of {}", eks::AMI_TYPES.join(", ")))
    })
}

fn without_prefixes(
    group: &NodeGroup,
    node: &AwsNode,
    density: Option<&Density>,
) -> Option<Diagnostic> {
    let wanted = node.prefix_delegation && !node.ipv6 && !group.ami.is_windows();
    let xen = group.instances.iter().find(|instance| wanted && !instance.prefixes)?;
    let most = density.map_or(0, |density| density.max_pods);
    let message =
        format!("`{}` is not a Nitro type and has no prefixes: {most} pods per node", xen.name);
    Some(
        PD_01
            .at(key(&group.path, "instanceTypes"), message)
            .hint("use a Nitro type, such as `m6i.large`"),
    )
}

/// Bottlerocket's kubelet reserves memory by the pods that a node takes, whatever the type has.
fn memory(group: &NodeGroup, density: Option<&Density>) -> Option<Diagnostic> {
    let bottlerocket = group.ami.kind.starts_with("BOTTLEROCKET_");
    let pods = density.filter(|_| bottlerocket)?.max_pods;
    let reserved = eks::RESERVED_MIB + eks::RESERVED_MIB_PER_POD * pods;
    let with_memory = group.instances.iter().filter_map(|one| Some((one, one.memory_mib?)));
    let (least, memory) = with_memory.min_by_key(|(_, memory)| *memory)?;
    let place = key(&group.path, "instanceTypes");
    let message = format!(
        "the kubelet reserves {reserved} MiB for {pods} pods, and `{}` has {memory}",
        least.name
    );
    let hint = "use a larger type, or `awsNode: { prefixDelegation: false }` for fewer pods";
    if memory <= reserved {
        return Some(NG_15.at(place, message).hint(hint));
    }
    (memory * eks::RESERVED_AT_MOST_PER_CENT < reserved * 100)
        .then(|| NG_14.at(place, message).hint(hint))
}
