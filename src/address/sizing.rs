//! `size: auto`: the smallest subnets that hold the node groups at their `max`, with one zone lost or all nodes being updated, and
//! room to grow. A tier that stands keeps its size whatever the demand has become: a subnet never moves.

use std::collections::BTreeMap;

use crate::blueprint::path;
use crate::demand::{self, AtMost, GroupDemand, Held, Other, Taker, room};
use crate::diagnostic::Diagnostic;
use crate::facts::subnets;
use crate::intent::default_tiers::default_size;
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
                format!("`{}` is deployed as a /{} and its node groups now require /{wanted}: {}", self.tier, self.len, self.how),
            )
            .hint("a subnet never moves or grows: add a second tier (`size: auto`) and put further node groups, or their pods, there"),
        )
    }
}

/// Who asks for room.
pub struct Asked<'a> {
    pub groups: &'a [GroupDemand],
    /// Zones of each profile.
    pub fargate: &'a BTreeMap<String, Vec<String>>,
}

/// The size of every tier, by position, and how those written `auto` came to theirs.
pub fn sizes(intent: &Intent, ledger: &Ledger, asked: &Asked<'_>) -> (Vec<u8>, Vec<Sizing>) {
    let mut sizings = Vec::new();
    let sizes = intent.tiers.iter().map(|tier| match tier.size {
        Size::Fixed(len) => len,
        Size::Auto { growth } => {
            let (wanted, how) = derive(intent, tier, growth, asked).unzip();
            let default = default_size(&tier.serves, tier.pool);
            let how = how.unwrap_or(format!(
                "/{default} by what it serves: no node group asks for room in it"
            ));
            let derived = wanted.unwrap_or(default);
            let (len, how) = match stands_at(intent, tier, ledger) {
                Some(len) if len != derived => {
                    (len, format!("{how}; deployed as a /{len}, which stays"))
                }
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

fn derive(intent: &Intent, tier: &Tier, growth: u32, asked: &Asked<'_>) -> Option<(u8, String)> {
    let asking: Vec<Asking<'_>> = intent
        .cluster
        .iter()
        .flat_map(|cluster| asked.groups.iter().filter_map(|group| asks(cluster, group, tier)))
        .collect();
    let others = demand::others(intent, asked.fargate, tier);
    if asking.is_empty() && others.iter().all(|other| other.taker != Taker::Fargate) {
        return None;
    }
    let smallest = subnets::smallest_for(&tier.serves);
    let sized = CASES.iter().map(|case| {
        let singles = others.iter().map(case.others).sum();
        let all = asking.iter().fold(AtMost::from(Held::singles(singles)), |sum, one| {
            sum.plus(one.each.times((case.nodes)(one.group)))
        });
        let wanted = all.grown(growth);
        let len = room::smallest(wanted).unwrap_or(subnets::LARGEST).min(smallest);
        (std::cmp::Reverse(len), wanted, case.in_words(&asking, &others))
    });
    let (len, wanted, how) =
        sized.max_by_key(|(len, wanted, _)| (*len, wanted.addresses)).expect("there are two cases");
    Some((len.0, format!("{how}, +{growth} % = {}", in_words(wanted))))
}

/// What a tier has to hold.
struct Case {
    when: &'static str,
    /// A group's nodes in one zone then.
    nodes: fn(&GroupDemand) -> u64,
    others: fn(&Other) -> u64,
}

const CASES: [Case; 2] = [
    Case {
        when: "with a zone lost",
        nodes: GroupDemand::after_a_loss,
        others: |other| other.without_a_zone,
    },
    Case {
        when: "during a rolling update",
        nodes: GroupDemand::in_a_zone,
        others: |other| other.planned,
    },
];

impl Case {
    fn in_words(&self, asking: &[Asking<'_>], others: &[Other]) -> String {
        let groups = asking.iter().map(|one| {
            format!("{} of `{}` × {}", (self.nodes)(one.group), one.group.name, in_words(one.each))
        });
        let others: Vec<String> = others
            .iter()
            .map(|other| format!("{} for the {}", (self.others)(other), other.taker.word()))
            .collect();
        let groups = groups.collect::<Vec<_>>().join(" and ");
        let all: Vec<String> =
            Some(groups).filter(|text| !text.is_empty()).into_iter().chain(others).collect();
        format!("{}: {}", self.when, all.join(" + "))
    }
}

/// One node group's part of a tier's demand, per node.
struct Asking<'a> {
    group: &'a GroupDemand,
    each: AtMost,
}

fn asks<'a>(cluster: &Cluster, group: &'a GroupDemand, tier: &Tier) -> Option<Asking<'a>> {
    let discovered =
        matches!(&cluster.pods_in, PodSubnets::Discovered(tiers) if tiers.contains(&tier.name));
    let own = group.planned.in_tier(group, &tier.name);
    let each = if discovered { own.plus(group.planned.pod_subnet) } else { own };
    (0 < each.addresses).then_some(Asking { group, each })
}

fn in_words(held: AtMost) -> String {
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
