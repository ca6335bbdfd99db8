//! The ground that members are held against: a fleet's words as ranges, patterns and sizes, each with its place.

use std::collections::BTreeMap;
use std::time::Duration;

use ipnet::Ipv4Net;

use crate::blueprint::path::key;
use crate::blueprint::{Document, nearest};
use crate::diagnostic::Diagnostic;
use crate::facts::{iam, regions, vpc};
use crate::intent::parse::{self, keep};
use crate::rules::{FLT_11, FLT_12, FLT_14, FLT_16, REG_01};

use super::member::Spot;
use super::model::{self, Fleet};
use super::pattern;

/// What members are held against.
#[derive(Clone, Debug)]
pub struct Ground {
    /// In the file's order.
    pub supernets: Vec<Supernet>,
    /// In the file's order.
    pub reserved: Vec<Reserved>,
    /// Ranges that may repeat.
    pub shared: Vec<Ipv4Net>,
    /// `None`: all members of a Region.
    pub connected: Option<Vec<Group>>,
    /// (name or pattern, account).
    pub accounts: Vec<(Named, Account)>,
    /// In their order.
    pub waves: Vec<Wave>,
}

/// A range that VPCs are part of.
#[derive(Clone, Debug)]
pub struct Supernet {
    pub cidr: Ipv4Net,
    /// Empty: every Region.
    pub regions: Vec<String>,
    /// Prefix lengths by the names of sizes.
    pub classes: BTreeMap<String, u8>,
    pub spot: Spot,
}

impl Supernet {
    /// Whether members of a Region are part of it.
    pub fn is_in(&self, region: &str) -> bool {
        self.regions.is_empty() || self.regions.iter().any(|own| own == region)
    }
}

/// A range that no member may have.
#[derive(Clone, Debug)]
pub struct Reserved {
    pub cidr: Ipv4Net,
    pub why: Option<String>,
    pub spot: Spot,
}

/// A name or a pattern of names, and where it is written.
#[derive(Clone, Debug)]
pub struct Named {
    pub pattern: String,
    pub spot: Spot,
}

impl Named {
    fn of(document: &Document<Fleet>, path: &str, texts: &[String]) -> Vec<Self> {
        let one = |(at, text): (usize, &String)| Named {
            pattern: text.clone(),
            spot: Spot::of(document, &format!("{path}[{at}]")),
        };
        texts.iter().enumerate().map(one).collect()
    }
}

/// Whether one of several names or patterns names a member.
pub fn names(patterns: &[Named], name: &str) -> bool {
    patterns.iter().any(|one| pattern::matches(&one.pattern, name))
}

/// Members that reach each other.
#[derive(Clone, Debug)]
pub struct Group {
    pub members: Vec<Named>,
    /// And everything that is reserved.
    pub on_prem: bool,
}

/// Where a member is deployed.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub id: String,
    pub role: Option<String>,
    /// Of the AWS configuration.
    pub profile: Option<String>,
}

/// Members that are deployed together.
#[derive(Clone, Debug)]
pub struct Wave {
    pub name: String,
    pub members: Vec<Named>,
    /// At once in one account and Region.
    pub parallel: u32,
    /// How many may fail.
    pub tolerate: u32,
    /// Before it begins.
    pub after: Duration,
}

/// What several files without a fleet are held against: those of a Region are connected, and 100.64.0.0/10 may repeat.
impl Default for Ground {
    fn default() -> Self {
        Self {
            supernets: Vec::new(),
            reserved: Vec::new(),
            shared: vec![vpc::net(vpc::CARRIER_GRADE)],
            connected: None,
            accounts: Vec::new(),
            waves: Vec::new(),
        }
    }
}

impl Ground {
    /// The account of a member: by its name, else by the longest pattern.
    pub fn account(&self, name: &str) -> Option<&Account> {
        let own = self.accounts.iter().filter(|(named, _)| pattern::matches(&named.pattern, name));
        let rank = |named: &Named| (pattern::is_plain(&named.pattern), named.pattern.len());
        own.max_by_key(|(named, _)| rank(named)).map(|(_, account)| account)
    }

    /// The wave of a member: the first that names it.
    pub fn wave(&self, name: &str) -> Option<usize> {
        self.waves.iter().position(|wave| names(&wave.members, name))
    }

    /// Whether a range may repeat.
    pub fn is_shared(&self, cidr: Ipv4Net) -> bool {
        self.shared.iter().any(|shared| shared.contains(&cidr))
    }

    /// The size of a class in a Region, by its first supernet that has one.
    pub fn class(&self, region: &str, class: &str) -> Option<u8> {
        let own = self.supernets.iter().filter(|supernet| supernet.is_in(region));
        own.filter_map(|supernet| supernet.classes.get(class).copied()).next()
    }

    /// The size of a class for a range that was given out: a supernet may have one of its own.
    pub fn class_of(&self, region: &str, class: &str, given: Ipv4Net) -> Option<u8> {
        let around = self
            .supernets
            .iter()
            .filter(|supernet| supernet.is_in(region) && supernet.cidr.contains(&given));
        let own = around.filter_map(|supernet| supernet.classes.get(class).copied()).next();
        own.or_else(|| self.class(region, class))
    }
}

/// The ground of a fleet, and what is wrong with its words by themselves.
pub fn resolve(document: &Document<Fleet>) -> (Ground, Vec<Diagnostic>) {
    let fleet = &document.blueprint;
    let mut findings = Vec::new();
    let supernets = supernets(document, &mut findings);
    findings.extend(apart(&supernets));
    let reserved = reserved(document, &mut findings);
    let written = fleet.shared.as_ref().filter(|_| !document.is_refused("shared"));
    let shared = match written {
        None => Ground::default().shared,
        Some(texts) => {
            let places = texts.iter().enumerate();
            let parsed = places.filter_map(|(at, text)| {
                keep(parse::cidr(&format!("shared[{at}]"), text), &mut findings)
            });
            parsed.collect()
        }
    };
    let connected = fleet.connected.as_ref().map(|groups| {
        let group = |(at, group): (usize, &model::Connected)| Group {
            members: Named::of(document, &format!("connected[{at}].members"), &group.members),
            on_prem: group.with == Some(model::With::OnPrem),
        };
        groups.iter().enumerate().map(group).collect()
    });
    for (at, group) in fleet.connected.iter().flatten().enumerate() {
        if group.members.is_empty() {
            findings.push(nobody(&format!("connected[{at}].members"), "the group"));
        }
    }
    let accounts = accounts(document, &mut findings);
    let waves = waves(document, &mut findings);
    (Ground { supernets, reserved, shared, connected, accounts, waves }, findings)
}

fn supernets(document: &Document<Fleet>, findings: &mut Vec<Diagnostic>) -> Vec<Supernet> {
    let mut found = Vec::new();
    for (at, written) in document.blueprint.supernets.iter().flatten().enumerate() {
        let place = format!("supernets[{at}]");
        let path = key(&place, "cidr");
        let regions = written.regions.clone().unwrap_or_default();
        for (at, name) in regions.iter().enumerate() {
            findings.extend(unknown_region(&format!("{place}.regions[{at}]"), name));
        }
        let Some(cidr) = keep(parse::cidr(&path, &written.cidr), findings) else { continue };
        let mut classes = BTreeMap::new();
        for (name, text) in written.classes.iter().flatten() {
            let path = key(&key(&place, "classes"), name);
            match parse::size(&path, text) {
                Err(finding) => findings.push(finding),
                Ok(len)
                    if (vpc::LARGEST..=vpc::SMALLEST).contains(&len)
                        && cidr.prefix_len() <= len =>
                {
                    classes.insert(name.clone(), len);
                }
                Ok(len) => findings.push(
                    FLT_12
                        .at(path, format!("`{name}` is /{len}, which no VPC of `{cidr}` can have"))
                        .hint(format!(
                            "/{} to /{}",
                            cidr.prefix_len().max(vpc::LARGEST),
                            vpc::SMALLEST
                        )),
                ),
            }
        }
        found.push(Supernet { cidr, regions, classes, spot: Spot::of(document, &path) });
    }
    found
}

fn unknown_region(path: &str, name: &str) -> Option<Diagnostic> {
    if regions::find(name).is_some() {
        return None;
    }
    let finding = REG_01.at(path, format!("`{name}` is not a Region that this version knows"));
    let near = nearest(name, regions::REGIONS.iter().map(|region| region.name));
    Some(match near {
        Some(near) => finding.hint(format!("did you mean `{near}`?")),
        None => finding.hint("write a Region such as `eu-west-1`"),
    })
}

fn apart(supernets: &[Supernet]) -> Vec<Diagnostic> {
    let both = |one: &Supernet, other: &Supernet| {
        one.regions.is_empty()
            || other.regions.is_empty()
            || one.regions.iter().any(|own| other.is_in(own))
    };
    let clash = |(at, own): (usize, &Supernet)| {
        let other = supernets[..at]
            .iter()
            .find(|other| vpc::overlap(own.cidr, other.cidr) && both(own, other))?;
        let message = format!("`{}` overlaps the supernet `{}`", own.cidr, other.cidr);
        Some(
            own.spot
                .breaks(&FLT_14, message)
                .also_at(other.spot.at.clone(), format!("`{}` is here", other.cidr))
                .hint("separate the two ranges, or name other Regions"),
        )
    };
    supernets.iter().enumerate().filter_map(clash).collect()
}

fn reserved(document: &Document<Fleet>, findings: &mut Vec<Diagnostic>) -> Vec<Reserved> {
    let mut found = Vec::new();
    for (at, written) in document.blueprint.reserved.iter().flatten().enumerate() {
        let place = format!("reserved[{at}]");
        let (path, text, why) = match written {
            model::Reserved::Range(text) => (place, text, None),
            model::Reserved::For(one) => (key(&place, "cidr"), &one.cidr, one.why.clone()),
        };
        if let Some(cidr) = keep(parse::cidr(&path, text), findings) {
            found.push(Reserved { cidr, why, spot: Spot::of(document, &path) });
        }
    }
    found
}

fn accounts(document: &Document<Fleet>, findings: &mut Vec<Diagnostic>) -> Vec<(Named, Account)> {
    let mut found = Vec::new();
    for (name, written) in document.blueprint.accounts.iter().flatten() {
        let path = key("accounts", name);
        let id = &written.account;
        if id.len() != 12 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            findings.push(
                FLT_16
                    .at(key(&path, "account"), format!("`{id}` is not the id of an account"))
                    .hint("twelve digits in quotes, such as \"111122223333\""),
            );
        }
        if let Some(role) = &written.role {
            findings.extend(bad_role(&key(&path, "role"), role, id));
        }
        if written.profile.as_deref() == Some("") {
            findings.push(
                FLT_16
                    .at(key(&path, "profile"), "the profile has no name")
                    .hint("name a profile of the AWS configuration, or leave `profile` out"),
            );
        }
        let named = Named { pattern: name.clone(), spot: Spot::of(document, &path) };
        let (role, profile) = (written.role.clone(), written.profile.clone());
        found.push((named, Account { id: id.clone(), role, profile }));
    }
    found
}

/// Rule FLT-11.
fn nobody(path: &str, what: &str) -> Diagnostic {
    FLT_11
        .at(path, format!("{what} names no member"))
        .hint("name members, as in `members: [\"shop-*\"]`, or remove it")
}

/// A role that nobody can assume, or one of another account.
fn bad_role(path: &str, role: &str, account: &str) -> Option<Diagnostic> {
    let hint =
        "a name such as `eksnet-deploy`, one with its path such as `team/eksnet-deploy`, or an ARN";
    let name = match role.strip_prefix("arn:") {
        None => role,
        Some(rest) => {
            let parts: Vec<&str> = rest.splitn(5, ':').collect();
            let [
                "aws" | "aws-cn" | "aws-us-gov" | "aws-iso" | "aws-iso-b" | "aws-iso-e"
                | "aws-iso-f" | "aws-eusc",
                "iam",
                "",
                owner,
                name,
            ] = parts[..]
            else {
                let message = format!("`{role}` is not the ARN of a role");
                return Some(FLT_16.at(path, message).hint(hint));
            };
            if owner != account {
                let message = format!("`{role}` is a role of account {owner}, not of {account}");
                let hint = format!("name a role of {account}, or the account that is meant");
                return Some(FLT_16.at(path, message).hint(hint));
            }
            name.strip_prefix("role/").unwrap_or_default()
        }
    };
    let message = format!("`{role}` is not the name of a role");
    (!iam::is_role(name)).then(|| FLT_16.at(path, message).hint(hint))
}

fn waves(document: &Document<Fleet>, findings: &mut Vec<Diagnostic>) -> Vec<Wave> {
    let mut found: Vec<Wave> = Vec::new();
    for (at, written) in document.blueprint.waves.iter().flatten().enumerate() {
        let place = format!("waves[{at}]");
        if found.iter().any(|wave| wave.name == written.name) {
            findings.push(
                FLT_16
                    .at(key(&place, "name"), format!("there are two waves `{}`", written.name))
                    .hint("give each wave a name of its own"),
            );
        }
        if written.name.trim().is_empty() {
            findings.push(
                FLT_16
                    .at(key(&place, "name"), "the wave has no name")
                    .hint("name it, such as `canary`"),
            );
        }
        if written.members.is_empty() {
            findings.push(nobody(&key(&place, "members"), "the wave"));
        }
        let after = written.after.as_deref().map_or(Some(Duration::ZERO), pause);
        if after.is_none() {
            let text = written.after.as_deref().unwrap_or_default();
            findings.push(
                FLT_16
                    .at(key(&place, "after"), format!("`{text}` is not a time"))
                    .hint("a number with `s`, `m` or `h`, such as `30m`; at most `168h`"),
            );
        }
        found.push(Wave {
            name: written.name.clone(),
            members: Named::of(document, &key(&place, "members"), &written.members),
            parallel: written.parallel.unwrap_or(1),
            tolerate: written.tolerate.unwrap_or(0),
            after: after.unwrap_or_default(),
        });
    }
    found
}

/// `30m`; at most a week.
fn pause(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.len() - text.chars().next_back()?.len_utf8());
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => return None,
    };
    let number: u64 =
        number.parse().ok().filter(|_| number.bytes().all(|one| one.is_ascii_digit()))?;
    number.checked_mul(seconds).filter(|total| *total <= 168 * 3_600).map(Duration::from_secs)
}
