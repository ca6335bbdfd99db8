//! The lock and the deployed stack: what both know has to be the same, what only the stack knows is taken over.

use crate::facts::vpc::overlap;

use super::{Entry, Ledger};

/// What is known of the deployed stack.
#[expect(clippy::large_enum_variant, reason = "one value a run")]
#[derive(Clone, Debug, PartialEq)]
pub enum Deployed {
    /// Nobody asked.
    Unread,
    /// There is no stack.
    Absent,
    /// What the stack says, or what its subnets are where it says nothing. Tombstones: what it has given up and the VPC still has.
    Ledger(Ledger),
}

/// The ledger that allocation starts from.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconciled {
    /// To allocate over.
    pub ledger: Ledger,
    /// What the stack has and the lock did not know, such as ``10.40.0.0/20 of `nodes` in euw1-az1``.
    pub taken_over: Vec<String>,
}

/// `lock` as the file says it, or empty. An error lists all contradictions.
pub fn reconcile(
    lock: &Ledger,
    found: bool,
    deployed: Deployed,
) -> Result<Reconciled, Vec<String>> {
    let plain = |ledger: Ledger| Ok(Reconciled { ledger, taken_over: Vec::new() });
    let stack = match deployed {
        Deployed::Unread => return plain(lock.clone()),
        Deployed::Absent => return plain(Ledger { removed: Vec::new(), ..lock.unplaced() }),
        Deployed::Ledger(stack) => stack,
    };
    if !found {
        let (name, region) = (lock.name.clone(), lock.region.clone());
        return plain(Ledger { name, region, ..stack });
    }
    let contradictions: Vec<String> =
        stack.subnets.iter().filter_map(|entry| contradiction(lock, entry)).collect();
    if !contradictions.is_empty() {
        return Err(contradictions);
    }
    let unknown: Vec<Entry> =
        stack.subnets.iter().filter(|entry| !knows(lock, entry)).cloned().collect();
    let taken_over = unknown.iter().map(words).collect();
    let exists = |entry: &Entry| stack.standing().any(|own| own.cidr == entry.cidr);
    let mut subnets = lock.subnets.clone();
    subnets.extend(unknown);
    subnets.sort_by(|one, other| (&one.tier, &one.zone).cmp(&(&other.tier, &other.zone)));
    let ledger = Ledger {
        subnets,
        removed: lock.removed.iter().filter(|entry| exists(entry)).cloned().collect(),
        generation: lock.generation.max(stack.generation),
        vpc_cidr: lock.vpc_cidr.or(stack.vpc_cidr),
        ipv6: lock.ipv6.clone().or(stack.ipv6.clone()),
        kept: lock.kept.under(&stack.kept),
        ..lock.clone()
    };
    Ok(Reconciled { ledger, taken_over })
}

fn words(entry: &Entry) -> String {
    format!("{} of `{}` in {}", entry.cidr, entry.tier, entry.zone)
}

fn in_place_of<'l>(lock: &'l Ledger, entry: &Entry) -> impl Iterator<Item = &'l Entry> {
    let (stem, zone) = (entry.stem().to_string(), entry.zone.clone());
    lock.standing().filter(move |own| own.stem() == stem && own.zone == zone)
}

fn knows(lock: &Ledger, entry: &Entry) -> bool {
    in_place_of(lock, entry).any(|own| own.cidr == entry.cidr)
}

/// Another prefix for one place, or one prefix for two places.
fn contradiction(lock: &Ledger, entry: &Entry) -> Option<String> {
    let place = format!("{} in {}", entry.tier, entry.zone);
    if let Some(own) = in_place_of(lock, entry).find(|own| own.cidr == entry.cidr) {
        let slot = entry.ipv6_slot.filter(|slot| own.ipv6_slot != Some(*slot))?;
        return Some(format!(
            "{place}: the stack has the /64 number {slot}, the lock another or none"
        ));
    }
    if let Some(own) = in_place_of(lock, entry).next() {
        return Some(format!("{place}: the lock has {}, the stack has {}", own.cidr, entry.cidr));
    }
    let other = lock.standing().find(|own| overlap(own.cidr, entry.cidr))?;
    Some(format!("{place}: the stack has {}, which the lock has for {}", entry.cidr, words(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(tier: &str, cidr: &str) -> Entry {
        Entry {
            tier: tier.into(),
            zone: "euw1-az1".into(),
            cidr: cidr.parse().unwrap(),
            ipv6_slot: None,
            since: 1,
            stands_as: None,
            formerly: None,
            zone_name: None,
        }
    }

    fn ledger(subnets: &[(&str, &str)], removed: &[(&str, &str)]) -> Ledger {
        let entries =
            |rows: &[(&str, &str)]| rows.iter().map(|(tier, cidr)| entry(tier, cidr)).collect();
        Ledger {
            subnets: entries(subnets),
            removed: entries(removed),
            ..Ledger::empty("shop", "eu-west-1")
        }
    }

    #[test]
    fn what_only_the_stack_knows_is_taken_over() {
        let lock = ledger(&[("nodes", "10.0.0.0/20")], &[]);
        let stack = ledger(&[("nodes", "10.0.0.0/20"), ("pods", "10.0.16.0/20")], &[]);
        let both = reconcile(&lock, true, Deployed::Ledger(stack.clone())).unwrap();
        assert_eq!(both.ledger.subnets, stack.subnets);
        assert_eq!(both.taken_over, ["10.0.16.0/20 of `pods` in euw1-az1"]);
    }

    #[test]
    fn another_prefix_for_one_place_and_one_prefix_for_two_are_contradictions() {
        let lock = ledger(&[("nodes", "10.0.0.0/20")], &[]);
        for stack in [
            &[("nodes", "10.0.32.0/20")][..],
            &[("pods", "10.0.0.0/20")],
            &[("pods", "10.0.0.0/24")],
        ] {
            let told = reconcile(&lock, true, Deployed::Ledger(ledger(stack, &[]))).unwrap_err();
            assert_eq!(told.len(), 1, "{stack:?}: {told:?}");
        }
    }

    #[test]
    fn tombstones_of_what_the_stack_does_not_have_are_dropped_by_whoever_reads_it() {
        let lock = ledger(
            &[("nodes", "10.0.0.0/20")],
            &[("old", "10.0.16.0/20"), ("older", "10.0.32.0/20")],
        );
        let stack = ledger(&[("nodes", "10.0.0.0/20"), ("old", "10.0.16.0/20")], &[]);
        let read = reconcile(&lock, true, Deployed::Ledger(stack)).unwrap();
        assert_eq!(read.ledger.removed.len(), 1);
        assert_eq!(reconcile(&lock, true, Deployed::Unread).unwrap().ledger.removed.len(), 2);
        assert_eq!(reconcile(&lock, true, Deployed::Absent).unwrap().ledger.removed.len(), 0);
    }

    #[test]
    fn a_size_that_was_let_move_knows_its_former_prefix() {
        let lock = ledger(&[("nodes", "10.0.64.0/19")], &[("nodes", "10.0.0.0/20")]);
        let stack = ledger(&[("nodes", "10.0.0.0/20")], &[]);
        assert!(reconcile(&lock, true, Deployed::Ledger(stack)).is_ok());
    }
}
