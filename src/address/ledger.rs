//! The ledger: which prefix every `(tier, zone id)` was given, and the prefixes of removed tiers that may still be in use.
//! It is committed beside the blueprint as `<stem>.lock.yaml` and echoed in the template's metadata.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::diagnostic::Failure;
use crate::source::expands_within;

use super::overlap::overlaps;

pub const SCHEMA_VERSION: u32 = 1;

/// Bytes of a lock once its aliases are written out; eksnet writes none.
const MOST_EXPANDED: usize = 8 << 20;

#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ledger {
    pub schema_version: u32,
    pub name: String,
    pub region: String,
    /// Counts the changes of this ledger; `since` and `removed` are values of it.
    pub generation: u32,
    /// The VPC's primary CIDR, which never changes (rule VPC-08).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_cidr: Option<Ipv4Net>,
    /// Where the VPC's IPv6 block comes from, and its length: the subnets' /64s are numbers in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<String>,
    pub subnets: Vec<Entry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Entry>,
    /// Zones in which the cluster was given subnets when it was made: EKS keeps that set (rule CLU-06).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cluster_zones: Vec<String>,
    /// Zones of each node group when it was made: EKS replaces a group whose subnets change.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub node_group_zones: BTreeMap<String, Vec<String>>,
}

/// One prefix given out.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    pub tier: String,
    /// Zone id.
    pub zone: String,
    pub cidr: Ipv4Net,
    /// Number of its /64 in the VPC's IPv6 block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6_slot: Option<u32>,
    /// Generation in which it was given out.
    pub since: u32,
    /// The name under which the subnet stands in the stack, where the tier was renamed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands_as: Option<String>,
    /// The zone's name, where the template asks AWS for the name instead of the id: the two never change places on a standing subnet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone_name: Option<String>,
}

#[derive(Deserialize)]
struct Locked {
    digest: String,
    #[serde(flatten)]
    ledger: serde_yaml::Value,
}

impl Ledger {
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
            cluster_zones: Vec::new(),
            node_group_zones: BTreeMap::new(),
        }
    }

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

    /// The same without the tombstones of what does not stand any more.
    pub fn settled_but(&self, stands: impl Fn(Ipv4Net) -> bool) -> Self {
        Self {
            removed: self.removed.iter().filter(|entry| stands(entry.cidr)).cloned().collect(),
            ..self.clone()
        }
    }

    /// The same with the cluster and its node groups where `stack` has them.
    pub fn placed_as(&self, stack: &Ledger) -> Self {
        Self {
            cluster_zones: stack.cluster_zones.clone(),
            node_group_zones: stack.node_group_zones.clone(),
            ..self.clone()
        }
    }

    /// Without what a standing cluster holds on to: nothing stands.
    pub fn unplaced(&self) -> Self {
        Self { cluster_zones: Vec::new(), node_group_zones: BTreeMap::new(), ..self.clone() }
    }

    /// Whether two ledgers give out the same prefixes, whenever they did.
    pub fn says_the_same(&self, other: &Ledger) -> bool {
        let placed = self.cluster_zones == other.cluster_zones
            && self.node_group_zones == other.node_group_zones;
        // A ledger of an earlier eksnet says nothing of the VPC.
        let unsaid = self.vpc_cidr.is_none() || other.vpc_cidr.is_none();
        placed
            && self.ipv6 == other.ipv6
            && (unsaid || self.vpc_cidr == other.vpc_cidr)
            && same(&self.subnets, &other.subnets)
            && same(&self.removed, &other.removed)
    }

    /// What `stack` (the ledger of the deployed stack) holds and this one contradicts or has never heard of.
    pub fn contradictions(&self, stack: &Ledger) -> Vec<String> {
        let known = |entry: &Entry| {
            self.subnets
                .iter()
                .chain(&self.removed)
                .find(|own| own.stem() == entry.stem() && own.zone == entry.zone)
        };
        let lines = stack.subnets.iter().filter_map(|entry| match known(entry) {
            Some(own)
                if own.cidr == entry.cidr
                    && entry.ipv6_slot.is_some_and(|slot| own.ipv6_slot != Some(slot)) =>
            {
                Some(format!(
                    "{} in {}: the stack has the /64 number {}, the lock another or none",
                    entry.tier,
                    entry.zone,
                    entry.ipv6_slot.unwrap_or(0)
                ))
            }
            Some(own) if own.cidr == entry.cidr => None,
            Some(_)
                if self
                    .subnets
                    .iter()
                    .chain(&self.removed)
                    .any(|own| own.cidr == entry.cidr && own.zone == entry.zone) =>
            {
                None
            }
            Some(own) => Some(format!(
                "{} in {}: the lock says {}, the stack has {}",
                entry.tier, entry.zone, own.cidr, entry.cidr
            )),
            None => Some(format!(
                "{} in {}: the stack has {}, the lock does not know it",
                entry.tier, entry.zone, entry.cidr
            )),
        });
        lines.collect()
    }

    /// The lock file's text.
    pub fn to_text(&self) -> String {
        let mut text = String::from(
            "# The addresses eksnet has given out. Commit this file; do not edit it.\n",
        );
        text.push_str(&format!("schemaVersion: {}\n", self.schema_version));
        text.push_str(&format!("digest: {}\n", self.digest()));
        text.push_str(&format!(
            "name: {}\nregion: {}\ngeneration: {}\n",
            quoted(&self.name),
            quoted(&self.region),
            self.generation
        ));
        if let Some(cidr) = self.vpc_cidr {
            text.push_str(&format!("vpcCidr: {cidr}\n"));
        }
        if let Some(block) = &self.ipv6 {
            text.push_str(&format!("ipv6: {}\n", quoted(block)));
        }
        text.push_str(&section("subnets", &self.subnets));
        if !self.removed.is_empty() {
            text.push_str(
                "# Still in the stack until the next deployment; not given out again before.\n",
            );
            text.push_str(&section("removed", &self.removed));
        }
        if !self.cluster_zones.is_empty() {
            text.push_str(&format!("clusterZones: {}\n", list(&self.cluster_zones)));
        }
        if !self.node_group_zones.is_empty() {
            text.push_str("nodeGroupZones:\n");
            self.node_group_zones.iter().for_each(|(group, zones)| {
                text.push_str(&format!("  {}: {}\n", quoted(group), list(zones)))
            });
        }
        text
    }

    /// Reads a lock file's text. Everything that is not exactly what `to_text` writes is refused.
    pub fn from_text(text: &str, file: &str) -> Result<Self, Failure> {
        let refused =
            |why: String| Failure::new(format!("cannot use the lock `{file}`")).because(why);
        if text.lines().any(|line| line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>")) {
            return Err(refused("it holds a merge conflict".to_string())
                .hint("take one side whole (`git checkout --ours` or `--theirs`), then run `eksnet layout --write-lock`"));
        }
        let recover = format!(
            "restore it from version control (`git checkout -- {file}`); it is never overwritten while it cannot be read"
        );
        if !expands_within(text, MOST_EXPANDED) {
            return Err(refused("its aliases make it too large".to_string()).hint(recover));
        }
        let locked: Locked = serde_yaml::from_str(text)
            .map_err(|error| refused(error.to_string()).hint(recover.clone()))?;
        let ledger: Ledger = serde_yaml::from_value(locked.ledger)
            .map_err(|error| refused(error.to_string()).hint(recover.clone()))?;
        if ledger.schema_version != SCHEMA_VERSION {
            let why = format!(
                "it has schema version {}, this eksnet reads {SCHEMA_VERSION}",
                ledger.schema_version
            );
            return Err(refused(why).hint("use the eksnet that wrote it, or a newer one"));
        }
        if ledger.digest() != locked.digest {
            return Err(refused(
                "it was edited: its digest does not match its content".to_string(),
            )
            .hint(recover));
        }
        if let Some(clash) = ledger.clash() {
            return Err(refused(clash).hint(recover));
        }
        Ok(ledger)
    }

    /// Two prefixes of it that overlap, which no eksnet gives out.
    pub fn clash(&self) -> Option<String> {
        let entries: Vec<&Entry> = self.standing().collect();
        let ranges: Vec<Ipv4Net> = entries.iter().map(|entry| entry.cidr).collect();
        let (one, other) = overlaps(&ranges).first().copied()?;
        let word = |at: usize| {
            format!("{} of `{}` in {}", entries[at].cidr, entries[at].tier, entries[at].zone)
        };
        Some(format!("it gives out {} and {}, which overlap", word(one), word(other)))
    }

    fn digest(&self) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        format!("{:x}", Sha256::digest(json.as_bytes()))[..16].to_string()
    }
}

impl Entry {
    /// The name in the stack's logical ids.
    pub fn stem(&self) -> &str {
        self.stands_as.as_deref().unwrap_or(&self.tier)
    }
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

fn section(name: &str, entries: &[Entry]) -> String {
    if entries.is_empty() {
        return format!("{name}: []\n");
    }
    let mut text = format!("{name}:\n");
    for entry in entries {
        let more = |key: &str, value: &Option<String>| {
            value.as_ref().map_or(String::new(), |text| format!(", {key}: {}", quoted(text)))
        };
        let (stands_as, zone_name) =
            (more("standsAs", &entry.stands_as), more("zoneName", &entry.zone_name));
        let six = entry.ipv6_slot.map_or(String::new(), |slot| format!(", ipv6Slot: {slot}"));
        text.push_str(&format!(
            "  - {{ tier: {}, zone: {}, cidr: {}{six}, since: {}{stands_as}{zone_name} }}\n",
            quoted(&entry.tier),
            quoted(&entry.zone),
            entry.cidr,
            entry.since
        ));
    }
    text
}

fn list(words: &[String]) -> String {
    format!("[{}]", words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", "))
}

/// Plain where every YAML reader takes it for the same text.
fn quoted(text: &str) -> String {
    let word = text.len() > 3
        && text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    let trap = matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "null");
    if word && !trap { text.to_string() } else { serde_json::to_string(text).unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> Ledger {
        let entry = |tier: &str, cidr: &str| Entry {
            tier: tier.into(),
            zone: "euw1-az1".into(),
            cidr: cidr.parse().unwrap(),
            ipv6_slot: (tier == "nodes").then_some(7),
            since: 1,
            stands_as: None,
            zone_name: None,
        };
        Ledger {
            generation: 2,
            vpc_cidr: Some("10.0.0.0/16".parse().unwrap()),
            ipv6: Some("amazon/56".into()),
            subnets: vec![entry("nodes", "10.0.0.0/20"), entry("no", "10.0.16.0/20")],
            removed: vec![entry("old", "10.0.32.0/20")],
            cluster_zones: vec!["euw1-az1".into()],
            node_group_zones: [("on".to_string(), vec!["euw1-az1".to_string()])].into(),
            ..Ledger::empty("shop", "eu-west-1")
        }
    }

    #[test]
    fn a_lock_reads_back_as_it_was_written() {
        let text = ledger().to_text();
        assert_eq!(Ledger::from_text(&text, "x").unwrap(), ledger(), "{text}");
    }

    #[test]
    fn a_lock_that_was_touched_is_refused_with_a_reason() {
        let text = ledger().to_text();
        let why = |text: &str| Ledger::from_text(text, "x.lock.yaml").unwrap_err().chain();
        assert!(why(&text.replace("10.0.0.0/20", "10.0.48.0/20")).contains("edited"));
        assert!(why(&format!("<<<<<<< HEAD\n{text}")).contains("merge conflict"));
        assert!(why(&text[..text.len() - 30]).contains("cannot use the lock"));
        assert!(
            why(&text.replace("schemaVersion: 1", "schemaVersion: 9")).contains("schema version 9")
        );
        assert!(why("").contains("cannot use the lock"));
        let mut twice = ledger();
        twice.removed[0].cidr = "10.0.4.0/22".parse().unwrap();
        assert!(why(&twice.to_text()).contains("overlap"));
    }

    #[test]
    fn a_stack_that_disagrees_is_told_apart_from_one_that_is_behind() {
        let stack =
            Ledger { subnets: vec![ledger().subnets[0].clone()], removed: vec![], ..ledger() };
        assert!(ledger().contradictions(&stack).is_empty());
        let mut other = stack.clone();
        other.subnets[0].cidr = "10.0.64.0/20".parse().unwrap();
        assert_eq!(ledger().contradictions(&other).len(), 1);
        assert!(stack.contradictions(&ledger()).iter().any(|line| line.contains("does not know")));
    }
}
