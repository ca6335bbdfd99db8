//! `size: auto`: the smallest subnets that hold the node groups at their `max`, with one zone lost or all nodes being updated, and
//! room to grow. A tier that stands keeps its size whatever the demand has become: a subnet never moves.

use crate::blueprint::path;
use crate::demand::{self, GroupDemand, Held, room};
use crate::diagnostic::Diagnostic;
use crate::facts::subnets;
use crate::intent::tiers::default_size;
use crate::intent::{Cluster, Intent, PodSubnets, Size, Tier};

use super::{Ledger, standing};
use crate::rules::ADR_05;

/// How a tier came to its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sizing {
    pub tier: String,
    pub path: String,
    pub len: u8,
    /// The size that the demand asks for now; `None` where no node group asks.
    pub wanted: Option<u8>,
    pub how: String,
}

impl Sizing {
    /// The demand has outgrown what stands.
    pub fn outgrown(&self) -> Option<Diagnostic> {
        let wanted = self.wanted.filter(|wanted| *wanted < self.len)?;
        Some(
            ADR_05.at(path::key(&self.path, "size"),
                format!("`{}` stands at /{} and its node groups now ask for /{wanted}: {}", self.tier, self.len, self.how),
            )
            .hint("a subnet never moves or grows: add a second tier (`size: auto`) and put further node groups, or their pods, there"),
        )
    }
}

/// The size of every tier, by position, and how those written `auto` came to theirs.
pub fn sizes(intent: &Intent, ledger: &Ledger, groups: &[GroupDemand]) -> (Vec<u8>, Vec<Sizing>) {
    let mut sizings = Vec::new();
    let sizes = intent.tiers.iter().map(|tier| match tier.size {
        Size::Fixed(len) => len,
        Size::Auto { growth } => {
            let (wanted, how) = derive(intent, tier, growth, groups).unzip();
            let default = default_size(&tier.serves, tier.pool);
            let how = how.unwrap_or(format!(
                "/{default} by what it serves: no node group asks for room in it"
            ));
            let derived = wanted.unwrap_or(default);
            let (len, how) = match stands_at(intent, tier, ledger) {
                Some(len) if len != derived => (len, format!("{how}; stands at /{len} and stays")),
                Some(len) => (len, how),
                None => (derived, how),
            };
            sizings.push(Sizing {
                tier: tier.name.clone(),
                path: tier.path.clone(),
                len,
                wanted,
                how,
            });
            len
        }
    });
    (sizes.collect(), sizings)
}

/// The largest of what the tier has been given, or else of its pins.
fn stands_at(intent: &Intent, tier: &Tier, ledger: &Ledger) -> Option<u8> {
    let held = tier
        .zones
        .iter()
        .filter_map(|zone| standing::held(intent, ledger, tier, &zone.id).first().copied());
    held.map(|entry| entry.cidr.prefix_len())
        .min()
        .or_else(|| tier.pins.iter().map(|pin| pin.cidr.prefix_len()).min())
}

fn derive(
    intent: &Intent,
    tier: &Tier,
    growth: u32,
    groups: &[GroupDemand],
) -> Option<(u8, String)> {
    let asking: Vec<Asking<'_>> = intent
        .cluster
        .iter()
        .flat_map(|cluster| groups.iter().filter_map(|group| asks(cluster, group, tier)))
        .collect();
    if asking.is_empty() {
        return None;
    }
    let others = demand::others(intent, tier);
    let singles = others.iter().map(|(_, count)| count).sum();
    let smallest = subnets::smallest_for(&tier.serves);
    let sized = CASES.iter().map(|(when, nodes)| {
        let all = asking
            .iter()
            .fold(Held::default(), |sum, one| sum.plus(one.each.times(nodes(one.group))));
        let wanted = grown(all.plus(Held { singles, prefixes: 0 }), growth);
        let len = room::smallest(wanted).unwrap_or(subnets::LARGEST).min(smallest);
        let parts: Vec<String> = asking
            .iter()
            .map(|one| {
                format!("{} of `{}` × {}", nodes(one.group), one.group.name, in_words(one.each))
            })
            .collect();
        (std::cmp::Reverse(len), wanted, format!("{when}: {}", parts.join(" and ")))
    });
    let others: String =
        others.iter().map(|(what, count)| format!(" + {count} for the {what}")).collect();
    let (len, wanted, how) = sized
        .max_by_key(|(len, wanted, _)| (*len, wanted.addresses()))
        .expect("there are two cases");
    Some((len.0, format!("{how}{others}, +{growth} % = {}", in_words(wanted))))
}

type Case = (&'static str, fn(&GroupDemand) -> u64);

/// What a tier has to hold, and a group's nodes in one zone then.
const CASES: [Case; 2] = [
    ("with a zone lost", GroupDemand::after_a_loss),
    ("while all are updated", GroupDemand::in_a_zone),
];

/// One node group's part of a tier's demand, per node.
struct Asking<'a> {
    group: &'a GroupDemand,
    each: Held,
}

fn asks<'a>(cluster: &Cluster, group: &'a GroupDemand, tier: &Tier) -> Option<Asking<'a>> {
    let discovered =
        matches!(&cluster.pods_in, PodSubnets::Discovered(tiers) if tiers.contains(&tier.name));
    let each = demand::per_node(group, &group.planned, &tier.name).plus(if discovered {
        group.planned.pod_subnet
    } else {
        Held::default()
    });
    (each.addresses() > 0).then_some(Asking { group, each })
}

fn grown(held: Held, per_cent: u32) -> Held {
    let grow = |count: u64| (count * (100 + u64::from(per_cent))).div_ceil(100);
    Held { singles: grow(held.singles), prefixes: grow(held.prefixes) }
}

fn in_words(held: Held) -> String {
    let many = |count: u64, one: &str| {
        if count == 1 { format!("1 {one}") } else { format!("{count} {one}es") }
    };
    match (held.singles, held.prefixes) {
        (singles, 0) => many(singles, "address"),
        (0, prefixes) => many(prefixes, "prefix"),
        (singles, prefixes) => {
            format!("({} + {})", many(singles, "address"), many(prefixes, "prefix"))
        }
    }
}
