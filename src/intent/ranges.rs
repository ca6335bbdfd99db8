//! The VPC's IPv4 ranges: written, or given by a fleet or by IPAM. What is not given yet has a stand-in of the same size, in which the plan
//! is made: offsets, sizes and capacity hold, addresses do not.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use crate::blueprint::model::{Allocation, GivenRange, Vpc as Words, VpcRange};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::{ids, vpc};
use crate::ledger::{Kept, KeptRange};
use crate::rules::{FLT_15, IPAM_02, IPAM_07, IPAM_08, IPAM_09, VPC_38};

use super::parse::{self, keep};
use super::{Choices, Written};

/// A range that the blueprint does not write.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// `vpc` for the primary range, else its name.
    pub name: String,
    /// Where it is asked for.
    pub path: String,
    /// The range, or its stand-in.
    pub cidr: Ipv4Net,
    /// Who gives it.
    pub by: Giver,
    /// Whether it was given; otherwise `cidr` is a stand-in.
    pub known: bool,
}

impl Given {
    /// Whether the VPC itself takes it from its pool.
    pub fn comes_with_the_vpc(&self) -> bool {
        matches!(self.by, Giver::Pool { allocation: Allocation::Vpc, .. })
    }
}

/// Who gives a range.
#[derive(Clone, Debug, PartialEq)]
pub enum Giver {
    /// The fleet, by the name of a size.
    Class(String),
    /// A pool of VPC IPAM.
    Pool { id: String, len: u8, allocation: Allocation },
}

impl Giver {
    /// The pool that a kept range was taken from; `None`: a fleet gave it.
    fn of_pool(kept: &KeptRange) -> Option<Self> {
        let (id, len) = kept.from.rsplit_once('/')?;
        let allocation =
            if kept.allocation.is_some() { Allocation::Custom } else { Allocation::Vpc };
        Some(Giver::Pool { id: id.to_string(), len: len.parse().ok()?, allocation })
    }

    /// As the lock keeps it.
    pub fn word(&self) -> String {
        match self {
            Giver::Class(class) => format!("class {class}"),
            Giver::Pool { id, len, .. } => format!("{id}/{len}"),
        }
    }
}

/// Name of the primary range among those that are given.
pub const PRIMARY: &str = "vpc";

const DEFAULT_CIDR: &str = "10.40.0.0/16";

/// The primary range, the secondary ones, and which of them others give.
pub struct Ranges {
    pub primary: Option<Ipv4Net>,
    pub secondary: Vec<Written>,
    pub given: Vec<Given>,
}

/// A refused range has a stand-in, so that the rest is judged too; ranges that are not given yet have one of the size that was asked for.
pub fn resolve(
    written: Option<&Words>,
    kept: &Kept,
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> Ranges {
    let mut given = Vec::new();
    let primary = match written.and_then(|vpc| vpc.cidr.as_ref()) {
        Some(VpcRange::Written(text)) => {
            let parsed = keep(parse::cidr("vpc.cidr", text), findings);
            // A refused range hides nothing else: judged on in what was meant, or in a stand-in.
            parsed.or_else(|| parse::meant(text).or(stand_in("10.40.0.0", vpc::LARGEST, 0)))
        }
        Some(VpcRange::Given(asked)) => {
            let found = primary(asked, kept, findings);
            given.extend(found);
            given.first().map(|given: &Given| given.cidr)
        }
        None => {
            choices.note(
                "vpc.cidr",
                DEFAULT_CIDR,
                "private, and outside 10.0.0.0/15, which cannot be extended freely (VPC-21)",
            );
            keep(parse::cidr("vpc.cidr", DEFAULT_CIDR), findings)
        }
    };
    if given.is_empty() {
        given.extend(primary.and_then(|cidr| written_out(cidr, "vpc.cidr", kept)));
    }
    let mut secondary = Vec::new();
    let list = written.and_then(|vpc| vpc.secondary_cidrs.as_ref());
    for (at, range) in list.into_iter().flatten().enumerate() {
        let path = format!("vpc.secondaryCidrs[{at}]");
        let cidr = match range {
            VpcRange::Written(text) => {
                let cidr = keep(parse::cidr(&path, text), findings);
                given.extend(cidr.and_then(|cidr| written_out(cidr, &path, kept)));
                cidr
            }
            VpcRange::Given(asked) => {
                let one = further(asked, &path, (kept, &given), findings);
                given.extend(one.clone());
                one.map(|given| given.cidr)
            }
        };
        secondary.extend(cidr.map(|cidr| Written { cidr, path }));
    }
    open(&given, choices);
    Ranges { primary, secondary, given }
}

/// A range that IPAM gave and that the blueprint now writes: the pool stays in the template, which cannot be changed.
fn written_out(cidr: Ipv4Net, path: &str, kept: &Kept) -> Option<Given> {
    let is_primary = path == "vpc.cidr";
    let own = |(name, range): &(&String, &KeptRange)| {
        range.cidr == cidr && (*name == PRIMARY) == is_primary
    };
    let (name, range) = kept.ranges.iter().find(own)?;
    let by = Giver::of_pool(range)?;
    Some(Given { name: name.clone(), path: path.to_string(), cidr, by, known: true })
}

/// What depends on the address itself.
pub const JUDGED_LATER: &str =
    "VPC-03, VPC-06, VPC-20 to VPC-22, SVC-02, SVC-03 and the rules of the fleet";

/// What is judged once the address is known.
fn open(given: &[Given], choices: &mut Choices) {
    for one in given.iter().filter(|given| !given.known) {
        if let Giver::Pool { .. } = one.by {
            choices.note(
                one.path.as_str(),
                format!("{} stands in", one.cidr),
                "IPAM chooses the range with the first deployment; VPC-03, VPC-06, VPC-20 to VPC-22, SVC-02, SVC-03 and the rules of the fleet are judged then",
            );
        }
    }
}

/// What the lock keeps of ranges that IPAM gave with the VPC: the primary one, and further ones by their names.
pub fn read_back(
    given: &[Given],
    primary: Ipv4Net,
    further: &BTreeMap<String, Ipv4Net>,
) -> BTreeMap<String, KeptRange> {
    let row = |one: &Given| {
        let own = (one.name == PRIMARY).then_some(primary);
        let cidr = own.or_else(|| further.get(&one.name).copied())?;
        let kept = KeptRange { cidr, from: one.by.word(), allocation: None };
        Some((one.name.clone(), kept))
    };
    given.iter().filter(|given| !given.known).filter_map(row).collect()
}

/// Other ranges that a pool might give in the place of those that stand in, as the lock would keep them.
pub fn elsewhere(given: &[Given]) -> BTreeMap<String, KeptRange> {
    let pooled = |given: &&Given| !given.known && matches!(given.by, Giver::Pool { .. });
    // A VPC accepts ranges of its primary one's kind, and carrier-grade ones.
    let all = given.iter().any(|one| one.name == PRIMARY && pooled(&one));
    let base = if all { "172.24.0.0" } else { "100.96.0.0" };
    let row = |(at, one): (usize, &Given)| {
        let custom =
            matches!(one.by, Giver::Pool { allocation: Allocation::Custom, .. }).then(String::new);
        let cidr = stand_in(base, one.cidr.prefix_len(), at as u32)?;
        Some((one.name.clone(), KeptRange { cidr, from: one.by.word(), allocation: custom }))
    };
    given.iter().filter(pooled).enumerate().filter_map(row).collect()
}

fn primary(asked: &GivenRange, kept: &Kept, findings: &mut Vec<Diagnostic>) -> Option<Given> {
    let path = "vpc.cidr";
    let by = keep(giver(asked, path), findings)?;
    if let Some(name) = &asked.name {
        findings.push(
            VPC_38
                .at(
                    key(path, "name"),
                    format!("the primary range has no name, and `{name}` is one"),
                )
                .hint("remove `name`; tiers are in the primary range without `from`"),
        );
    }
    let known = known(PRIMARY, &by, path, (kept, findings));
    let stand_in = match &by {
        Giver::Class(_) => stand_in("10.40.0.0", vpc::LARGEST, 0),
        Giver::Pool { len, .. } => stand_in("10.40.0.0", *len, 0),
    };
    if let (None, Giver::Class(class)) = (known, &by) {
        findings.push(
            FLT_15
                .at(path, format!("the member's own lock has no range of class `{class}`"))
                .hint("run `eksnet fleet layout --write-lock` where `fleet.yaml` is, and commit the locks"),
        );
    }
    let cidr = known.or(stand_in)?;
    Some(Given {
        name: PRIMARY.to_string(),
        path: path.to_string(),
        cidr,
        by,
        known: known.is_some(),
    })
}

fn further(
    asked: &GivenRange,
    path: &str,
    (kept, before): (&Kept, &[Given]),
    findings: &mut Vec<Diagnostic>,
) -> Option<Given> {
    let Some(name) = asked.name.clone().filter(|name| !name.is_empty()) else {
        findings.push(
            IPAM_08
                .at(path, "a further range from a pool has no name, so no tier can say `from` it")
                .hint("add `name: pods`, and `from: pods` on the tier"),
        );
        return None;
    };
    let taken = before.iter().any(|given| plain(&given.name) == plain(&name));
    if name == PRIMARY || taken || plain(&name).is_empty() || name.contains(['/', '.']) {
        findings.push(
            IPAM_08
                .at(key(path, "name"), format!("`{name}` is not a name of its own"))
                .hint("a word such as `pods`, once, other than `vpc`"),
        );
        return None;
    }
    if let Some(class) = &asked.class {
        findings.push(
            VPC_38
                .at(
                    key(path, "class"),
                    format!("only the primary range has a class, such as `{class}`"),
                )
                .hint("write the range, or name a pool with `ipamPool` and `netmask`"),
        );
        return None;
    }
    let by = keep(giver(asked, path), findings)?;
    let known = known(&name, &by, path, (kept, findings));
    let Giver::Pool { len, .. } = by else { return None };
    let cidr = known.or_else(|| stand_in("100.64.0.0", len, before.len() as u32))?;
    Some(Given { name, path: path.to_string(), cidr, by, known: known.is_some() })
}

/// What is left of a name in a logical id.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// What was given before: by the same giver, or it would be another range.
fn known(
    name: &str,
    by: &Giver,
    path: &str,
    (kept, findings): (&Kept, &mut Vec<Diagnostic>),
) -> Option<Ipv4Net> {
    let before = kept.ranges.get(name)?;
    let from = Giver::of_pool(before);
    if from.as_ref().map_or(before.from == by.word(), |from| from == by) {
        return Some(before.cidr);
    }
    if let (Giver::Class(class), None) = (by, &from) {
        // The size of a class is the fleet's to know.
        findings.push(
            FLT_15
                .at(path, format!("`{}` was allocated for {}, not for `{class}`", before.cidr, before.from))
                .hint("a VPC keeps its range: restore the class; if it is another name for the same size, run `eksnet fleet layout --write-lock`"),
        );
        return Some(before.cidr);
    }
    let is_same_pool = before.from == by.word();
    let message = match &by {
        Giver::Pool { allocation: Allocation::Custom, .. } if is_same_pool => {
            format!("the VPC itself got `{}` from {}", before.cidr, before.from)
        }
        Giver::Pool { .. } if is_same_pool => {
            format!(
                "`{}` was allocated from {} before the VPC was created",
                before.cidr, before.from
            )
        }
        _ => format!(
            "`{}` was allocated by {}, and {} would allocate another range",
            before.cidr,
            before.from,
            by.word()
        ),
    };
    findings.push(IPAM_07.at(path, message).hint(
        "keep pool, netmask and allocation as they were; for more room, add a range under `secondaryCidrs`",
    ));
    // What exists stays where it is, so that the rest is judged over it.
    Some(before.cidr)
}

fn giver(asked: &GivenRange, path: &str) -> Result<Giver, Diagnostic> {
    match (&asked.class, &asked.ipam_pool) {
        (Some(class), None) => match (&asked.netmask, asked.allocation) {
            (None, None) => Ok(Giver::Class(class.clone())),
            _ => Err(VPC_38
                .at(path, "a class has its size and its range from the fleet")
                .hint("remove `netmask` and `allocation`, or name a pool instead of the class")),
        },
        (None, Some(id)) => pool(asked, id, path),
        _ => Err(VPC_38.at(path, "neither a class of a fleet nor an IPAM pool, or both").hint(
            "write a range, `{ class: small }`, or `{ ipamPool: ipam-pool-…, netmask: 16 }`",
        )),
    }
}

fn pool(asked: &GivenRange, id: &str, path: &str) -> Result<Giver, Diagnostic> {
    if !ids::is("ipam-pool-", id) {
        return Err(IPAM_09
            .at(key(path, "ipamPool"), format!("invalid IPAM pool id `{id}`"))
            .hint("such as `ipam-pool-0123456789abcdef0`"));
    }
    let place = key(path, "netmask");
    let Some(netmask) = &asked.netmask else {
        return Err(IPAM_02.at(path, "the size of the range is missing").hint("add `netmask: 16`"));
    };
    let len = netmask.bits().filter(|len| vpc::LARGEST <= *len && *len <= vpc::SMALLEST);
    let len = len.ok_or_else(|| {
        IPAM_02.at(place, format!("`{netmask}` is not a size of a VPC's range")).hint(format!(
            "a number from {} to {}",
            vpc::LARGEST,
            vpc::SMALLEST
        ))
    })?;
    let allocation = asked.allocation.unwrap_or(Allocation::Vpc);
    Ok(Giver::Pool { id: id.to_string(), len, allocation })
}

/// The `at`th range of a length from `base` on.
fn stand_in(base: &str, len: u8, at: u32) -> Option<Ipv4Net> {
    let base: std::net::Ipv4Addr = base.parse().ok()?;
    // Each has a /16 to itself, so that none of them overlap.
    let start = u32::from(base).checked_add(at << (32 - vpc::LARGEST))?;
    Ipv4Net::new(start.into(), len).ok().map(|net| net.trunc())
}
