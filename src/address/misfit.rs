//! Why a tier does not fit, what is free, and the smallest change that would make it fit.

use crate::blueprint::path;
use crate::diagnostic::Diagnostic;
use crate::facts::subnets;
use crate::facts::vpc::{self, Class};
use crate::spec::{Spec, Tier};

use super::pool::{Block, Pool};

/// `pool` is what is left of the tier's range.
pub fn explain(spec: &Spec, tier: &Tier, pool: &Pool) -> Diagnostic {
    let count = tier.zones.len();
    let asked: u64 = spec.tiers.iter().filter(|other| other.pool == tier.pool).map(|other| other.zones.len() as u64 * (1 << (32 - other.size))).sum();
    let message = format!("tier `{}` wants {count} × /{} from `{}`, which has no block of that size left", tier.name, tier.size, tier.pool);
    // A tier that the author did not write is a consequence of the VPC's size.
    let place = if tier.path == "tiers" { "vpc.cidr".to_string() } else { path::key(&tier.path, "size") };
    let finding = Diagnostic::error("ADR-04", place, message)
        .label(format!("the tiers from this range ask for {asked} of its {} addresses", 1u64 << (32 - tier.pool.prefix_len())));
    finding.hint(format!("free: {}; {}", free(pool), way_out(spec, tier, pool)))
}

fn free(pool: &Pool) -> String {
    let blocks: Vec<_> = pool.free().map(|block| block.to_v4().to_string()).collect();
    match blocks.len() {
        0 => "nothing".to_string(),
        1..=6 => blocks.join(", "),
        more => format!("{} and {} smaller or later", blocks[..6].join(", "), more - 6),
    }
}

fn way_out(spec: &Spec, tier: &Tier, pool: &Pool) -> String {
    let smaller = (tier.size + 1..=subnets::SMALLEST).find(|len| places(pool, *len) >= tier.zones.len());
    let secondary = legal_secondary(spec).map(|cidr| format!("add `{cidr}` to `vpc.secondaryCidrs` and write `from: {cidr}`"));
    match (smaller, secondary) {
        (Some(len), Some(secondary)) => format!("`size: /{len}` fits, or {secondary}"),
        (Some(len), None) => format!("`size: /{len}` fits"),
        (None, Some(secondary)) => secondary,
        (None, None) => "make other tiers smaller".to_string(),
    }
}

/// How many blocks of a prefix length the free blocks hold.
fn places(pool: &Pool, len: u8) -> usize {
    let bits = 32 - len;
    pool.free().filter(|block| bits <= block.bits).map(|block: Block| 1usize << (block.bits - bits)).sum()
}

/// A /16 that AWS would let the VPC add (rules VPC-20 to VPC-24).
fn legal_secondary(spec: &Spec) -> Option<String> {
    let mut candidates = vpc::net(vpc::CARRIER_GRADE).subnets(vpc::LARGEST).ok()?;
    let free = candidates.find(|cidr| spec.vpc.cidrs().all(|own| !vpc::overlap(own, *cidr)))?;
    vpc::may_join(vpc::class(spec.vpc.cidr), Class::CarrierGrade).then(|| free.to_string())
}
