//! Stage 3, `allocate`: Intent + Ledger → [`AddressPlan`]. Pins first, then what the ledger has given out, then free space:
//! aligned, tightest fit, the largest free blocks left whole. What stands never moves.

mod continuity;
mod draft;
mod foreign;
mod misfit;
pub mod newborn;
mod placement;
pub mod pool;
mod refusal;
mod sizing;
mod standing;
mod stems;

use ipnet::Ipv4Net;

use crate::demand;
use crate::diagnostic::{Diagnostic, any_error};
use crate::intent::{Intent, Zone};
use crate::ledger::HeldSubnet;

pub use crate::ledger::overlap;
pub use crate::ledger::{Entry, Ledger};
use draft::Draft;
pub use misfit::legal_secondary;
use sizing::Asked;
pub use sizing::Sizing;

/// Every subnet's prefix and what is left.
#[derive(Clone, Debug)]
pub struct AddressPlan {
    /// The blueprint's zones, each by the kind of word by which its subnets stand.
    pub zones: Vec<Zone>,
    /// In the order of the blueprint's tiers, then of its zones.
    pub subnets: Vec<Subnet>,
    /// Free blocks in address order, the VPC's primary CIDR first.
    pub free: Vec<Ipv4Net>,
    /// The ledger once this plan is accepted.
    pub ledger: Ledger,
    /// The tiers that were sized by demand, and how.
    pub sizing: Vec<Sizing>,
    /// What is worth saying about the plan.
    pub notes: Vec<Diagnostic>,
    /// Places of ranges that IPAM decides when they are deployed: until then the plan is made in stand-ins, and nothing of it is given out.
    pub provisional: Vec<String>,
}

/// One subnet of the plan: a tier in a zone, whether the stack makes it or it exists.
#[derive(Clone, Debug, PartialEq)]
pub struct Subnet {
    pub tier: String,
    pub zone: Zone,
    pub cidr: Ipv4Net,
    /// The VPC CIDR it lies in.
    pub pool: Ipv4Net,
    /// The upper part of it that is kept for /28 prefixes.
    pub reserved: Option<Ipv4Net>,
    /// Number of its /64 in the VPC's IPv6 block.
    pub ipv6_slot: Option<u32>,
    /// The tier's name in the stack's logical ids.
    pub stem: String,
    /// Where the blueprint asks for it.
    pub path: String,
    /// The subnet that others made; `None`: the stack makes it.
    pub existing: Option<HeldSubnet>,
}

impl AddressPlan {
    /// The tier's subnets in the order of the blueprint's zones, those that exist included.
    pub fn of_tier<'p>(&'p self, tier: &'p str) -> impl Iterator<Item = &'p Subnet> {
        self.subnets.iter().filter(move |subnet| subnet.tier == tier)
    }

    /// The subnets that the stack makes.
    pub fn made(&self) -> impl Iterator<Item = &Subnet> {
        self.subnets.iter().filter(|subnet| subnet.existing.is_none())
    }

    /// A tier's subnet by zone id; `None` where the tier has none in that zone.
    pub fn find(&self, tier: &str, zone: &str) -> Option<&Subnet> {
        self.subnets.iter().find(|subnet| subnet.tier == tier && subnet.zone.id == zone)
    }

    /// How many subnets of a prefix length the free blocks of a range hold.
    pub fn places(&self, range: Ipv4Net, len: u8) -> usize {
        let free =
            self.free.iter().filter(|block| range.contains(*block) && block.prefix_len() <= len);
        free.map(|block| 1usize << (len - block.prefix_len())).sum()
    }
}

/// Errors are about the blueprint: what does not fit, what overlaps, what would have to move.
pub fn allocate(intent: &Intent, ledger: &Ledger) -> Result<AddressPlan, Vec<Diagnostic>> {
    let kept = placement::kept(intent, ledger);
    let groups = demand::of_groups(intent, &kept.zones_of_groups());
    let asked = Asked { groups: &groups, fargate: &kept.fargate };
    let (sizes, sizing) = sizing::sizes(intent, ledger, &asked);
    let mut draft = Draft::new(intent, ledger, sizes);
    draft.pinned();
    draft.kept();
    draft.withheld();
    draft.new_ones();
    draft.ipv6_slots();
    if any_error(&draft.findings) {
        return Err(draft.findings);
    }
    Ok(draft.plan(sizing))
}
