//! What a standing subnet would have to do for a blueprint, and must not.

use crate::blueprint::path;
use crate::diagnostic::Diagnostic;
use crate::facts::vpc::overlap;
use crate::intent::{Pin, Tier, Written};

use super::Entry;
use crate::rules::{ADR_02, ADR_03, ADR_06, VPC_39};

pub fn would_move(pin: &Pin, entry: &Entry) -> Diagnostic {
    ADR_02.at(&pin.path, format!("`{}` would move the subnet of `{}` in {} from `{}`", pin.cidr, entry.tier, entry.zone, entry.cidr))
        .hint(format!("a subnet never moves: pin `{}`, or add a second tier there, move the nodes, then remove this one", entry.cidr))
}

pub fn still_standing(pin: &Pin, other: &Entry) -> Diagnostic {
    ADR_02.at(&pin.path, format!("`{}` still exists in `{}`, as `{}` in {}", other.cidr, pin.cidr, other.tier, other.zone))
        .hint("AWS creates the new subnet before it deletes the old one: remove the old tier and deploy, then pin the new one")
}

pub fn resized(tier: &Tier, size: u8, entry: &Entry) -> Diagnostic {
    let place = tier.size_path();
    ADR_06.at(place, format!("/{size} instead of /{} replaces the subnets of `{}`", entry.cidr.prefix_len(), tier.name)).hint(
        "AWS cannot resize a subnet: everything in it has to leave. Instead, keep this tier, add a second one of the new size, move the workloads, then remove this one",
    )
}

pub fn elsewhere(tier: &Tier, entry: &Entry) -> Diagnostic {
    ADR_02
        .at(
            path::key(&tier.path, "from"),
            format!(
                "`{}` exists in `{}`, and `{}` would move it",
                tier.name, entry.cidr, tier.pool
            ),
        )
        .hint("a subnet never moves: add a second tier there, move the workloads, then remove this one")
}

/// A range that is to be kept free, and that holds what was given out before.
pub fn kept_free(keep_free: &[Written], tier: &Tier, entry: &Entry) -> Option<Diagnostic> {
    let kept = keep_free.iter().find(|kept| overlap(kept.cidr, entry.cidr))?;
    let message = format!(
        "`{}` is not free: the lock or the stack has `{}` for `{}` in {}",
        kept.cidr, entry.cidr, tier.name, entry.zone
    );
    Some(VPC_39.at(&kept.path, message).hint(
        "keep another range free; what was planned and never deployed moves once its lines are removed from the lock",
    ))
}

pub fn outside_vpc(tier: &Tier, entry: &Entry) -> Diagnostic {
    ADR_03
        .at(
            &tier.path,
            format!(
                "`{}` in {} has `{}`, which is no longer in any CIDR of the VPC",
                tier.name, entry.zone, entry.cidr
            ),
        )
        .hint("put the CIDR back into `vpc`, or remove the tier first and deploy, then the CIDR")
}

pub fn taken_from(tier: &Tier, entry: &Entry) -> Diagnostic {
    ADR_02
        .at(
            &tier.path,
            format!(
                "`{}` in {} has `{}`, which a pin or another tier now claims",
                tier.name, entry.zone, entry.cidr
            ),
        )
        .hint("a subnet never moves: pin a free range instead")
}
