//! Which AMIs of managed node groups are for which instance families.
//! Source: EKS user guide, choosing an instance type ("accelerated AMIs don't support a, c, hpc, m, t", "Arm and non-accelerated AMIs
//! don't support g3, g4, inf, p", "all EKS AMIs don't support mac"); eksctl issues 4973 and 7794 for g5g; read 2026-11-27.

/// What a type has, or an AMI brings drivers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accelerator {
    None,
    Nvidia,
    Neuron,
}

impl Accelerator {
    /// For findings: the vendor with what it makes, such as `NVIDIA GPUs`.
    pub fn word(self) -> &'static str {
        match self {
            Accelerator::None => "no accelerator",
            Accelerator::Nvidia => "NVIDIA GPUs",
            Accelerator::Neuron => "AWS Neuron devices",
        }
    }
}

/// Families of types with accelerators, by the letters before their generation.
const FAMILIES: &[(&str, Accelerator)] = &[
    ("g", Accelerator::Nvidia),
    ("gr", Accelerator::Nvidia),
    ("p", Accelerator::Nvidia),
    ("inf", Accelerator::Neuron),
    ("trn", Accelerator::Neuron),
];

/// EKS refuses these families with an accelerated AMI.
const NEVER_ACCELERATED: &[&str] = &["a", "c", "hpc", "m", "t"];

/// EKS refuses types that begin so with an AMI without drivers.
const ALWAYS_ACCELERATED: &[&str] = &["g3", "g4", "g5g", "inf", "p"];

/// The letters before the generation: `g` of `g5.xlarge`.
fn family(instance: &str) -> &str {
    let end = instance.find(|letter: char| !letter.is_ascii_lowercase()).unwrap_or(instance.len());
    &instance[..end]
}

/// By the type's family; one that the table does not have counts as without an accelerator.
pub fn of_instance(instance: &str) -> Accelerator {
    let own = family(instance);
    FAMILIES.iter().find(|(name, _)| *name == own).map_or(Accelerator::None, |(_, one)| *one)
}

/// By the name of EKS's AMI type, which says what drivers are in it.
pub fn of_ami(ami_type: &str) -> Accelerator {
    match ami_type {
        ami if ami.contains("NVIDIA") => Accelerator::Nvidia,
        ami if ami.contains("NEURON") => Accelerator::Neuron,
        _ => Accelerator::None,
    }
}

/// Whether EKS refuses the type with an AMI of this kind.
pub fn is_refused(instance: &str, ami: Accelerator) -> bool {
    if is_mac(instance) {
        return true;
    }
    match ami {
        Accelerator::None => ALWAYS_ACCELERATED.iter().any(|head| {
            let rest = instance.strip_prefix(head);
            rest.is_some_and(|_| head.len() > 1 || family(instance) == *head)
        }),
        _ => NEVER_ACCELERATED.contains(&family(instance)),
    }
}

/// No EKS AMI runs on them.
pub fn is_mac(instance: &str) -> bool {
    family(instance) == "mac"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_have_the_accelerators_that_they_are_sold_for() {
        for (instance, accelerator) in [
            ("m6i.large", Accelerator::None),
            ("c7gn.large", Accelerator::None),
            ("g5.xlarge", Accelerator::Nvidia),
            ("gr6.4xlarge", Accelerator::Nvidia),
            ("p4d.24xlarge", Accelerator::Nvidia),
            ("inf2.xlarge", Accelerator::Neuron),
            ("trn1.2xlarge", Accelerator::Neuron),
            ("i4i.large", Accelerator::None),
        ] {
            assert_eq!(of_instance(instance), accelerator, "{instance}");
        }
    }

    #[test]
    fn what_the_guide_excludes_is_refused_and_nothing_else() {
        use Accelerator::{Neuron, None, Nvidia};
        for (instance, ami, refused) in [
            ("m6i.large", Nvidia, true),
            ("m6i.large", Neuron, true),
            ("t3.large", Nvidia, true),
            ("hpc7a.12xlarge", Nvidia, true),
            ("r6i.large", Nvidia, false),
            ("p4d.24xlarge", None, true),
            ("g4dn.xlarge", None, true),
            ("g5g.xlarge", None, true),
            ("g5.xlarge", None, false),
            ("inf2.xlarge", None, true),
            ("trn1.2xlarge", None, false),
            ("inf2.xlarge", Nvidia, false),
            ("m6i.large", None, false),
            ("mac2.metal", None, true),
            ("mac-m4.metal", Nvidia, true),
        ] {
            assert_eq!(is_refused(instance, ami), refused, "{instance} {ami:?}");
        }
    }
}
