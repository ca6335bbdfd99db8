//! The lock file's text, and the one reader of ledgers: of a lock, and of a deployed template's metadata.

use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::Failure;
use crate::source::expands_within;
use crate::template::to_yaml;

use super::digest::digest_of;
use super::{Entry, Ledger, SCHEMA_VERSION, first};

/// Why a ledger cannot be read.
#[derive(Clone, Debug, PartialEq)]
pub enum Unreadable {
    /// A later eksnet wrote it.
    Newer(u64),
    /// No eksnet wrote it like this; why.
    Malformed(String),
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unreadable::Newer(version) => {
                write!(
                    out,
                    "it has schema version {version}, this eksnet reads up to {SCHEMA_VERSION}"
                )
            }
            Unreadable::Malformed(why) => out.write_str(why),
        }
    }
}

/// Reads a ledger of any version so far.
pub fn read(value: &Value) -> Result<Ledger, Unreadable> {
    let malformed = |error: serde_json::Error| Unreadable::Malformed(error.to_string());
    let ledger = match value["schemaVersion"].as_u64() {
        Some(1) => first::read(value).map_err(malformed)?,
        Some(version) if u64::from(SCHEMA_VERSION) < version => {
            return Err(Unreadable::Newer(version));
        }
        _ => serde_json::from_value(value.clone()).map_err(malformed)?,
    };
    ledger.clash().map_or(Ok(ledger), |clash| Err(Unreadable::Malformed(clash)))
}

/// Bytes of a lock once its aliases are written out; eksnet writes none.
const MOST_EXPANDED: usize = 8 << 20;

impl Ledger {
    /// The lock file's text.
    pub fn to_text(&self) -> String {
        let mut text = String::from(
            "# The addresses eksnet has given out. Commit this file; do not edit it.\n",
        );
        text.push_str(&format!("schemaVersion: {}\n", self.schema_version));
        text.push_str(&format!("digest: {}\n", written(&self.digest())));
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
        if !self.kept.is_empty() {
            text.push_str(
                "# Chosen once: AWS does not let it change, or it must not change unasked.
kept:
",
            );
            text.push_str(&indented(&self.kept));
        }
        if let Some(occupied) = &self.occupied {
            text.push_str(
                "# Held by others in the VPC.
occupied:
",
            );
            text.push_str(&indented(occupied));
        }
        text
    }

    /// Reads a lock file's text. Everything that is not exactly what `to_text` writes is refused.
    pub fn from_text(text: &str, file: &str) -> Result<Self, Failure> {
        let refused =
            |why: String| Failure::new(format!("cannot use the lock `{file}`")).because(why);
        if text.lines().any(|line| line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>")) {
            return Err(refused("it holds a merge conflict".to_string())
                .hint("keep one side whole (`git checkout --ours` or `--theirs`), then run `eksnet layout --write-lock`"));
        }
        let recover = format!(
            "restore it from version control (`git checkout -- {file}`); it is never overwritten while it cannot be read"
        );
        if !expands_within(text, MOST_EXPANDED) {
            return Err(refused("its aliases make it too large".to_string()).hint(recover));
        }
        let mut value: Value = serde_yaml::from_str(text)
            .map_err(|error| refused(error.to_string()).hint(recover.clone()))?;
        if !value.is_object() {
            return Err(refused("it is not a lock as eksnet writes it".to_string()).hint(recover));
        }
        let digest = value.as_object_mut().and_then(|map| map.remove("digest"));
        let ledger = read(&value).map_err(|why| match why {
            Unreadable::Newer(_) => {
                refused(why.to_string()).hint("use the eksnet that wrote it, or a newer one")
            }
            Unreadable::Malformed(why) => refused(why).hint(recover.clone()),
        })?;
        let own = match value["schemaVersion"].as_u64() {
            Some(1) => first::digest(&value),
            _ => digest_of(&ledger),
        };
        let digest = digest.as_ref().and_then(Value::as_str).or_else(|| plain(text, "digest:"));
        if digest != Some(own.as_str()) {
            return Err(refused(
                "it was edited: its digest does not match its content".to_string(),
            )
            .hint(recover));
        }
        Ok(ledger)
    }

    fn digest(&self) -> String {
        digest_of(self)
    }
}

/// A digest in quotes where a YAML reader would take it for a number.
fn written(digest: &str) -> String {
    if digest.parse::<f64>().is_ok() { format!("\"{digest}\"") } else { digest.to_string() }
}

/// A plain word as it is written: digits around an `e` are a number to a YAML reader, and no digest any more.
fn plain<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.strip_prefix(key)).map(str::trim)
}

/// A value as a block under a key.
fn indented(value: &impl Serialize) -> String {
    let yaml = to_yaml(&serde_json::to_value(value).unwrap_or_default());
    yaml.lines().map(|line| format!("  {line}\n")).collect()
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
        let names = [
            more("standsAs", &entry.stands_as),
            more("formerly", &entry.formerly),
            more("zoneName", &entry.zone_name),
        ]
        .concat();
        let six = entry.ipv6_slot.map_or(String::new(), |slot| format!(", ipv6Slot: {slot}"));
        text.push_str(&format!(
            "  - {{ tier: {}, zone: {}, cidr: {}{six}, since: {}{names} }}\n",
            quoted(&entry.tier),
            quoted(&entry.zone),
            entry.cidr,
            entry.since
        ));
    }
    text
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
    use crate::ledger::{Kept, KeptGroup, Occupant, Occupied};

    fn ledger() -> Ledger {
        let entry = |tier: &str, cidr: &str| Entry {
            tier: tier.into(),
            zone: "euw1-az1".into(),
            cidr: cidr.parse().unwrap(),
            ipv6_slot: (tier == "nodes").then_some(7),
            since: 1,
            stands_as: None,
            formerly: None,
            zone_name: None,
        };
        Ledger {
            generation: 2,
            vpc_cidr: Some("10.0.0.0/16".parse().unwrap()),
            ipv6: Some("amazon/56".into()),
            subnets: vec![entry("nodes", "10.0.0.0/20"), entry("no", "10.0.16.0/20")],
            removed: vec![entry("old", "10.0.32.0/20")],
            kept: Kept {
                service_cidr: Some("172.20.0.0/16".parse().unwrap()),
                bootstrap_self_managed_addons: Some(false),
                cluster_zones: vec!["euw1-az1".into()],
                node_groups: [(
                    "on".to_string(),
                    KeptGroup { zones: vec!["euw1-az1".into()], ..KeptGroup::default() },
                )]
                .into(),
                ..Kept::default()
            },
            occupied: Some(Occupied {
                read: "2026-11-28".into(),
                ranges: vec![Occupant {
                    cidr: "10.0.64.0/24".parse().unwrap(),
                    holder: "subnet-1".into(),
                }],
                ..Occupied::default()
            }),
            ..Ledger::empty("shop", "eu-west-1")
        }
    }

    /// A digest may look like a number: `12830298917065e0`, or digits alone.
    #[test]
    fn a_digest_that_looks_like_a_number_is_read() {
        let looks = |digest: &str| digest.parse::<f64>().is_ok();
        let mut numbers = 0;
        for generation in 1..60_000 {
            let ledger = Ledger { generation, ..ledger() };
            if !looks(&ledger.digest()) {
                continue;
            }
            numbers += 1;
            let text = ledger.to_text();
            assert_eq!(Ledger::from_text(&text, "a.lock.yaml").unwrap(), ledger, "{text}");
            // As former releases wrote it.
            let unquoted = text.replace(&format!("\"{}\"", ledger.digest()), &ledger.digest());
            assert!(
                unquoted != text && Ledger::from_text(&unquoted, "a.lock.yaml").is_ok(),
                "{text}"
            );
        }
        assert!(3 < numbers, "{numbers}");
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
            why(&text.replace("schemaVersion: 2", "schemaVersion: 9")).contains("schema version 9")
        );
        assert!(why("").contains("cannot use the lock"));
        let mut twice = ledger();
        twice.removed[0].cidr = "10.0.4.0/22".parse().unwrap();
        assert!(why(&twice.to_text()).contains("overlap"));
    }
}
