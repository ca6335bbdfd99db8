//! Availability zones.

use crate::diagnostic::Diagnostic;
use crate::facts::regions::REFUSED_ZONES;
use crate::intent::{Intent, Zone};
use crate::rules::{CLU_04, ZON_07, ZON_08};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> = unheard_of(intent).into_iter().collect();
    if intent.cluster.is_none() {
        return findings;
    }
    let tiers = intent.control_plane_tiers();
    let used: Vec<(usize, &Zone)> = intent
        .zones
        .iter()
        .enumerate()
        .filter(|(_, zone)| tiers.iter().any(|tier| tier.zones.contains(zone)))
        .collect();
    let refused = used
        .iter()
        .filter(|(_, zone)| zone.name.is_none() && REFUSED_ZONES.contains(&zone.id.as_str()));
    findings.extend(refused.map(|(at, zone)| {
        let message = format!("EKS does not support control plane subnets in `{}`", zone.id);
        CLU_04.at(format!("zones[{at}]"), message).hint(AWAY)
    }));
    findings.extend(by_name(intent, &used));
    findings
}

/// A letter or a number beyond those that the Region is known to have. `id` counts the letters of names.
fn unheard_of(intent: &Intent) -> Option<Diagnostic> {
    let last = intent.region.last_zone();
    let beyond = |zone: &&Zone| {
        let number = zone.id.rsplit_once("-az").and_then(|(_, number)| number.parse::<u8>().ok());
        number.is_some_and(|number| last < number)
    };
    let zone = intent.zones.iter().find(beyond)?;
    let at = intent.zones.iter().position(|other| other == zone)?;
    let known = match &zone.name {
        Some(_) => format!("{}{}", intent.region.name, char::from(b'a' + last.max(1) - 1)),
        None => intent.region.zone_id(last),
    };
    let message = format!(
        "`{}`: no zone of {} beyond `{known}` is known to this version of eksnet",
        zone.word(),
        intent.region.name
    );
    Some(ZON_08.at(format!("zones[{at}]"), message).hint(
        "name one that `aws ec2 describe-availability-zones` lists, or let `check --online` look it up, and allow it",
    ))
}

const AWAY: &str =
    "use another zone, or keep this one out of the tiers that serve the control plane";

/// A name may be the zone that EKS refuses: which one, only the account tells; all names together hold it for certain.
fn by_name(intent: &Intent, used: &[(usize, &Zone)]) -> Option<Diagnostic> {
    let refused = REFUSED_ZONES.iter().find(|id| intent.region.number_of_id(id).is_some())?;
    let named: Vec<&(usize, &Zone)> = used.iter().filter(|(_, zone)| zone.name.is_some()).collect();
    let (at, zone) = named.first()?;
    // As many names as zones that EKS can use, and one more: the refused one is among them, however the account counts.
    let refused_number = intent.region.number_of_id(refused);
    let usable =
        intent.region.every_account_has().filter(|number| Some(*number) != refused_number).count();
    if usable < named.len() {
        let message = format!(
            "one of the {} names is `{refused}`, where EKS does not support control plane subnets",
            named.len()
        );
        return Some(CLU_04.at("zones", message).hint(
            "name the zones by their ids (`aws ec2 describe-availability-zones` shows both), without that one",
        ));
    }
    let message = format!(
        "`{}` may be `{refused}` in the account, where EKS does not support control plane subnets",
        zone.word()
    );
    Some(ZON_07.at(format!("zones[{at}]"), message).hint(
        "name zones by their ids, which are the same in every account; or let `check --online` look the names up, and allow it",
    ))
}
