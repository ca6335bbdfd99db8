//! The ledger: which prefix every `(tier, zone id)` was given, the prefixes of removed tiers that may still be in use, and the choices
//! that stay. It is committed beside the blueprint as `<stem>.lock.yaml` and echoed in the template's metadata.

#![warn(missing_docs)]

pub mod acl_rules;
mod digest;
mod first;
mod given_up;
mod kept;
pub mod news;
mod occupied;
pub mod overlap;
mod reconcile;
pub mod settings;
mod text;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

pub use acl_rules::AclRules;
pub use kept::{Kept, KeptAddon, KeptGroup, KeptRange};
pub use occupied::{
    Beyond, HeldAddon, HeldCluster, HeldGroup, HeldRoute, HeldSubnet, HeldUnread, HeldVpc,
    HeldZone, Occupant, Occupied,
};
use overlap::overlaps;
pub use reconcile::{Deployed, Reconciled, reconcile};
pub use settings::KeptSettings;
pub use text::{Unreadable, read};

/// Of locks and of the ledger in a template's metadata. Version 1 is read for ever, a newer one is refused.
pub const SCHEMA_VERSION: u32 = 2;

/// Everything that was given out for one blueprint.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ledger {
    /// The version that it is written in: [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The blueprint's name.
    pub name: String,
    /// The blueprint's Region.
    pub region: String,
    /// Counts how often prefixes were given out or taken back; `since` is a value of it.
    pub generation: u32,
    /// The VPC's primary CIDR, which never changes (rule VPC-08).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_cidr: Option<Ipv4Net>,
    /// Where the VPC's IPv6 block comes from, and its length: the subnets' /64s are numbers in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<String>,
    /// Prefixes of the tiers that there are.
    pub subnets: Vec<Entry>,
    /// Tombstones: prefixes of removed tiers and zones, not given out again before the next deployment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Entry>,
    /// Earlier choices that stay.
    #[serde(default, skip_serializing_if = "Kept::is_empty")]
    pub kept: Kept,
    /// Ranges that others hold in the VPC, as they were read last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupied: Option<Occupied>,
}

/// One prefix given out.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// The tier's name in the blueprint.
    pub tier: String,
    /// Zone id.
    pub zone: String,
    /// The prefix, without host bits.
    pub cidr: Ipv4Net,
    /// Number of its /64 in the VPC's IPv6 block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6_slot: Option<u32>,
    /// Generation in which it was given out.
    pub since: u32,
    /// The name under which the subnet stands in the stack, where the tier was renamed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands_as: Option<String>,
    /// The tier's name before it was renamed: a `renamedFrom` that still says so is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formerly: Option<String>,
    /// The zone's name, where the template asks AWS for the name instead of the id: the two never change places on a standing subnet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone_name: Option<String>,
}

impl Ledger {
    /// The ledger of a blueprint that was given nothing yet.
    pub fn empty(name: &str, region: &str) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            name: name.to_string(),
            region: region.to_string(),
            generation: 0,
            vpc_cidr: None,
            ipv6: None,
            subnets: Vec::new(),
            removed: Vec::new(),
            kept: Kept::default(),
            occupied: None,
        }
    }

    /// What a tier has in a zone, by the zone's id.
    pub fn find(&self, tier: &str, zone: &str) -> Option<&Entry> {
        find(&self.subnets, tier, zone)
    }

    /// Everything that stands or may still stand.
    pub fn standing(&self) -> impl Iterator<Item = &Entry> {
        self.subnets.iter().chain(&self.removed)
    }

    /// The same without tombstones: what stands once a deployment has succeeded.
    pub fn settled(&self) -> Self {
        self.settled_but(|_| false)
    }

    /// As the template's metadata hold it: an add-on whose version is left to EKS is one only once it exists, and the template says that
    /// itself; so it does with the numbers of network ACL rules, which would take a tenth of what may be sent without a bucket.
    pub fn held(&self) -> Self {
        let mut held = self.settled();
        held.kept.acl_rules.clear();
        held.kept.addons.retain(|_, addon| addon.version.is_some());
        held
    }

    /// The same without the tombstones of what does not stand any more.
    pub fn settled_but(&self, stands: impl Fn(Ipv4Net) -> bool) -> Self {
        Self {
            removed: self.removed.iter().filter(|entry| stands(entry.cidr)).cloned().collect(),
            ..self.clone()
        }
    }

    /// Without what an existing cluster holds on to, and without ranges that a VPC took itself: nothing is deployed.
    pub fn unplaced(&self) -> Self {
        let kept = self.kept.unplaced();
        let gone = self.kept.ranges.keys().filter(|name| !kept.ranges.contains_key(*name));
        let gone = gone.cloned().collect();
        Self { kept, ..self.without_ranges(&gone) }
    }

    /// Whether two ledgers give out the same prefixes and keep the same choices.
    pub fn says_the_same(&self, other: &Ledger) -> bool {
        self.kept.agrees_with(&other.kept)
            && self.gives_out_the_same(other)
            && self.occupied_alike(other)
    }

    /// Whether both saw others hold the same, whenever they looked.
    fn occupied_alike(&self, other: &Ledger) -> bool {
        match (&self.occupied, &other.occupied) {
            (Some(one), Some(other)) => one.says_the_same(other),
            (one, other) => one.is_none() == other.is_none(),
        }
    }

    /// Whether two ledgers give out the same prefixes, whenever they did.
    pub fn gives_out_the_same(&self, other: &Ledger) -> bool {
        // A ledger of an earlier eksnet says nothing of the VPC.
        let unsaid = self.vpc_cidr.is_none() || other.vpc_cidr.is_none();
        self.ipv6 == other.ipv6
            && (unsaid || self.vpc_cidr == other.vpc_cidr)
            && same(&self.subnets, &other.subnets)
            && same(&self.removed, &other.removed)
    }

    /// What no eksnet writes: two prefixes that overlap, host bits, a name that no logical id can have.
    pub fn clash(&self) -> Option<String> {
        if self.generation == u32::MAX {
            return Some(format!("its generation is {}, and none is left", self.generation));
        }
        let entries: Vec<&Entry> = self.standing().collect();
        if let Some(entry) = entries.iter().find(|entry| entry.cidr != entry.cidr.trunc()) {
            return Some(format!("`{}` of `{}` has host bits", entry.cidr, entry.tier));
        }
        if let Some(entry) = entries.iter().find(|entry| !is_stem(entry.stem())) {
            return Some(format!("`{}` is not a name for logical ids", entry.stem()));
        }
        let ranges: Vec<Ipv4Net> = entries.iter().map(|entry| entry.cidr).collect();
        let (one, other) = overlaps(&ranges).first().copied()?;
        let word = |at: usize| {
            format!("{} of `{}` in {}", entries[at].cidr, entries[at].tier, entries[at].zone)
        };
        Some(format!("it has {} and {}, which overlap", word(one), word(other)))
    }
}

impl Entry {
    /// The name in the stack's logical ids.
    pub fn stem(&self) -> &str {
        self.stands_as.as_deref().unwrap_or(&self.tier)
    }
}

/// Letters, digits and what separates them in names of tiers.
fn is_stem(name: &str) -> bool {
    let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    !name.is_empty() && name.len() <= 255 && name.chars().all(word)
}

fn find<'l>(entries: &'l [Entry], tier: &str, zone: &str) -> Option<&'l Entry> {
    entries.iter().find(|entry| entry.tier == tier && entry.zone == zone)
}

fn same(one: &[Entry], other: &[Entry]) -> bool {
    one.len() == other.len() && sorted(one) == sorted(other)
}

fn sorted(entries: &[Entry]) -> Vec<(&str, &str, Ipv4Net, Option<u32>, &str)> {
    let mut keys: Vec<_> = entries
        .iter()
        .map(|entry| {
            (entry.tier.as_str(), entry.zone.as_str(), entry.cidr, entry.ipv6_slot, entry.stem())
        })
        .collect();
    keys.sort_unstable();
    keys
}
