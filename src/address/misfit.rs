//! Why a tier does not fit, what is free, and the smallest change that would make it fit.

use crate::diagnostic::{Diagnostic, thousands};
use crate::facts::subnets;
use crate::facts::subnets::Use;
use crate::facts::vpc;
use crate::intent::{Intent, Size, Tier};

use super::foreign;
use super::pool::{Block, Pool};
use crate::rules::{ADR_04, V6_02, V6_07};

/// A tier that found no place.
pub struct Misfit<'a> {
    pub intent: &'a Intent,
    /// By position of the tier.
    pub sizes: &'a [u8],
    /// What is left of the tier's range.
    pub pool: &'a Pool,
    pub at: usize,
    /// Zones in which it has no subnet yet.
    pub open: Vec<&'a str>,
    /// The range again, without what goes with the next deployment.
    pub settled: Pool,
}

impl Misfit<'_> {
    fn tier(&self) -> &Tier {
        &self.intent.tiers[self.at]
    }

    fn size(&self) -> u8 {
        self.sizes[self.at]
    }

    pub fn explain(&self) -> Diagnostic {
        let tier = self.tier();
        let (name, range) = (&tier.name, tier.pool);
        let found = places(self.pool, self.size());
        let left = match found {
            0 => "which has no block of that size left".to_string(),
            some => format!("which has {some} of that size left"),
        };
        let sized = if matches!(tier.size, Size::Auto { .. }) { " (`size: auto`)" } else { "" };
        let message = format!(
            "tier `{name}` requires {} × /{}{sized} from `{range}`, {left}",
            self.open.len(),
            self.size()
        );
        ADR_04.at(tier.size_path(), message).label(self.asked()).hint(format!(
            "free: {}{}; {}",
            free(self.pool),
            self.foreign(),
            self.way_out()
        ))
    }

    /// What others hold of the range.
    fn foreign(&self) -> String {
        let range = self.tier().pool;
        let held = foreign::ranges(self.intent).into_iter();
        match held.filter(|one| vpc::overlap(*one, range)).count() {
            0 => String::new(),
            1 => " (others hold 1 range of it)".to_string(),
            many => format!(" (others hold {many} ranges of it)"),
        }
    }

    /// What all tiers together want of the range.
    fn asked(&self) -> String {
        let range = self.tier().pool;
        let here = self.intent.tiers.iter().zip(self.sizes).filter(|(tier, _)| tier.pool == range);
        let asked: u64 =
            here.map(|(tier, size)| tier.zones.len() as u64 * (1u64 << (32 - size))).sum();
        format!(
            "all tiers of this range: {} of its {} addresses",
            thousands(asked),
            thousands(1u64 << (32 - range.prefix_len()))
        )
    }

    /// The removal of others first; or what fits beside what the tier has already; or another size or range for all of it.
    fn way_out(&self) -> String {
        if self.open.len() <= places(&self.settled, self.size()) {
            return "deploy the removal first: what was removed holds its range until then; if nothing was deployed yet, delete the lock"
                .to_string();
        }
        if self.open.len() < self.tier().zones.len() {
            return self.beside();
        }
        let fixed = self.tier().size.fixed().is_some();
        let smaller = (self.size() + 1..=subnets::SMALLEST)
            .find(|len| places(self.pool, *len) >= self.open.len())
            .filter(|_| fixed)
            .map(|len| format!("`size: /{len}` fits"));
        let secondary = self
            .legal_secondary()
            .filter(|_| !self.is_routed())
            .map(|cidr| format!("add `{cidr}` to `vpc.secondaryCidrs` and set `from: {cidr}`"));
        let routable = self.is_routed().then(|| {
            "give the VPC a larger `cidr` or a second range that your network routes".to_string()
        });
        let ways: Vec<String> = smaller.into_iter().chain(secondary).chain(routable).collect();
        match (ways.is_empty(), fixed) {
            (false, _) => ways.join(", or "),
            (true, true) => "make other tiers smaller".to_string(),
            (true, false) => "a smaller `growth`, `podsPerNode` or `scaling.max`".to_string(),
        }
    }

    /// The tier has subnets, which neither move nor change their size.
    fn beside(&self) -> String {
        let second = "a second tier for the new zone";
        let Some(range) = self.legal_secondary() else { return second.to_string() };
        let cuts = range.subnets(self.size()).into_iter().flatten();
        let pins: Vec<String> =
            self.open.iter().zip(cuts).map(|(zone, cidr)| format!("{zone}: {cidr}")).collect();
        format!(
            "add `{range}` to `vpc.secondaryCidrs` and pin the new subnet there, `cidrs: {{ {} }}`, or use {second}",
            pins.join(", ")
        )
    }

    /// Whether others reach the tier by its addresses, which carrier-grade ranges would hide from them or repeat.
    fn is_routed(&self) -> bool {
        let tier = self.tier();
        let reached = tier.serves(Use::Nodes) || tier.serves(Use::InternalLoadBalancers);
        reached && !self.intent.connected().is_empty()
    }

    /// The smallest range that holds the tier and that AWS would let the VPC add (rules VPC-20 to VPC-23).
    fn legal_secondary(&self) -> Option<ipnet::Ipv4Net> {
        let wanted = (self.open.len() as u64).max(1).next_power_of_two().trailing_zeros() as u8;
        let len = self.size().checked_sub(wanted).filter(|len| vpc::LARGEST <= *len)?;
        let free = legal_secondary(self.intent)?;
        ipnet::Ipv4Net::new(free.network(), len).ok()
    }
}

fn free(pool: &Pool) -> String {
    let blocks: Vec<_> = pool.free().map(|block| block.to_v4().to_string()).collect();
    match blocks.len() {
        0 => "nothing".to_string(),
        1..=6 => blocks.join(", "),
        more => format!("{} and {} smaller or later", blocks[..6].join(", "), more - 6),
    }
}

/// How many blocks of a prefix length the free blocks hold.
fn places(pool: &Pool, len: u8) -> usize {
    let bits = 32 - len;
    pool.free()
        .filter(|block| bits <= block.bits)
        .map(|block: Block| 1usize << (block.bits - bits))
        .sum()
}

/// More subnets than /64s.
pub fn no_slot(intent: &Intent, (subnets, gone): (usize, usize)) -> Diagnostic {
    let (len, most) =
        intent.vpc.ipv6.as_ref().map_or((0, 0), |ipv6| (ipv6.len, 1u32 << ipv6.slot_bits()));
    let held = if gone == 0 {
        String::new()
    } else {
        format!(", and {gone} are held by subnets that are removed")
    };
    let hint = if gone == 0 {
        "use a larger block (`netmask`, `cidr`), or fewer tiers"
    } else {
        "deploy the removal first; if nothing was deployed yet, delete the lock"
    };
    V6_02
        .at(
            "vpc.ipv6",
            format!("{subnets} subnets require a /64 each, the VPC's /{len} has {most}{held}"),
        )
        .hint(hint)
}

/// A standing subnet's /64 is outside the VPC's block.
pub fn lost_slot(intent: &Intent, tier: &Tier, slot: u32) -> Diagnostic {
    let len = intent.vpc.ipv6.as_ref().map_or(0, |ipv6| ipv6.len);
    V6_07
        .at(
            "vpc.ipv6",
            format!(
                "a subnet of `{}` has the /64 number {slot}, which a /{len} does not hold",
                tier.name
            ),
        )
        .hint("a subnet never moves: keep the block's size")
}

/// A /16 that AWS would let the VPC add: carrier-grade ranges join any other (rules VPC-20 to VPC-23).
pub fn legal_secondary(intent: &Intent) -> Option<ipnet::Ipv4Net> {
    let mut candidates = vpc::net(vpc::CARRIER_GRADE).subnets(vpc::LARGEST).ok()?;
    let beyond = intent.occupied.iter().filter_map(|occupied| occupied.vpc.as_ref());
    let beyond: Vec<_> = beyond.flat_map(|vpc| vpc.routes.iter().chain(&vpc.peers)).collect();
    let held = intent.cluster.as_ref().and_then(|cluster| cluster.existing.as_ref());
    let services = held.and_then(|held| held.service_cidr);
    candidates.find(|cidr| {
        services.is_none_or(|services| !vpc::overlap(services, *cidr))
            && intent.vpc.cidrs().all(|own| !vpc::overlap(own, *cidr))
            && !beyond.iter().any(|one| vpc::overlap(one.cidr, *cidr))
    })
}
