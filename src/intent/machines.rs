//! Instance types of a node group, and the AMI that follows from them.

use crate::blueprint::{model, path};
use crate::diagnostic::Diagnostic;
use crate::facts::accelerators::{self, Accelerator};
use crate::facts::eks;
use crate::facts::instances::{self, Instance};

use super::Choices;
use crate::rules::{NG_02, NG_10};

pub fn types(
    place: &str,
    group: &model::NodeGroup,
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> Vec<&'static Instance> {
    let Some(names) = group.instance_types.as_ref().filter(|names| !names.is_empty()) else {
        choices.note(
            format!("node group {}: instanceTypes", group.name),
            eks::INSTANCE_TYPE,
            "a general-purpose Nitro type",
        );
        return instances::find(eks::INSTANCE_TYPE).into_iter().collect();
    };
    let mut known = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let place = format!("{}[{at}]", path::key(place, "instanceTypes"));
        // The whole table is looked through for a relative: only where there is none of the name.
        if let Some(instance) = instances::find(name) {
            known.push(instance);
        } else if let Some(relative) = instances::like(name) {
            findings.push(younger(&place, name, relative));
            known.push(stand_in(name, relative));
        } else {
            findings.push(unknown_type(&place, name));
        }
    }
    known
}

/// A type of its own name with another's limits. It lives as long as the process, as the table's do; there are few of them.
fn stand_in(name: &str, relative: &Instance) -> &'static Instance {
    Box::leak(Box::new(Instance { name: name.to_string().leak(), ..*relative }))
}

fn younger(place: &str, name: &str, relative: &Instance) -> Diagnostic {
    NG_10
        .at(place, format!("`{name}` is not in the table of {}: planned as `{}`", instances::as_of(), relative.name))
        .hint("`eksnet instances --from-ec2` shows what EC2 says of it; a type that EC2 does not have fails the node group")
}

fn unknown_type(place: &str, name: &str) -> Diagnostic {
    let finding = NG_02.at(place, format!("`{name}` is not an instance type"));
    match crate::blueprint::nearest(name, instances::names().into_iter()) {
        Some(near) => finding.hint(format!("did you mean `{near}`?")),
        None => finding
            .hint("a type looks like `m6i.large`; `eksnet instances` lists those that are known"),
    }
}

pub fn ami_type(instances: &[&Instance]) -> &'static str {
    let Some(first) = instances.first() else {
        return eks::AMI_INTEL;
    };
    match (accelerators::of_instance(first.name), first.arm) {
        (Accelerator::Nvidia, true) => eks::AMI_ARM_NVIDIA,
        (Accelerator::Nvidia, false) => eks::AMI_INTEL_NVIDIA,
        (Accelerator::Neuron, _) => eks::AMI_INTEL_NEURON,
        (Accelerator::None, true) => eks::AMI_ARM,
        (Accelerator::None, false) => eks::AMI_INTEL,
    }
}
