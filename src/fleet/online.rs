//! What the accounts of a fleet have: VPCs that no member owns (rule FLT-20), and what IPAM says of the members' own (rule FLT-21). An
//! account that cannot be read is a row of its own, and stops no other.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;

use crate::aws::port::{Answer, AnyVpc, Monitored, Refusal, Vpcs};
use crate::diagnostic::{Diagnostic, Failure};
use crate::facts::vpc;
use crate::rules::{FLT_20, FLT_21};

use super::export::Job;
use super::ground::{Ground, Supernet};
use super::member::Member;
use super::relate::Related;

/// An account in a Region, and how its credentials are had.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// `None`: whatever account the credentials belong to.
    pub account: Option<String>,
    pub region: String,
    /// An ARN.
    pub role: Option<String>,
    /// Of the AWS configuration; it comes before the role.
    pub profile: Option<String>,
}

impl Place {
    /// Where a member is deployed.
    pub fn of(member: &Member, ground: &Ground) -> Self {
        let job = Job::of(&member.name, &member.region, &member.file, ground);
        let role = job.role.filter(|_| job.profile.is_none());
        Self { account: job.account, region: job.region, role, profile: job.profile }
    }
}

/// Every place of the members, once each.
pub fn places(members: &[Member], ground: &Ground) -> Vec<Place> {
    let mut places: Vec<Place> = members.iter().map(|member| Place::of(member, ground)).collect();
    places.sort();
    places.dedup();
    places
}

/// What a place has.
#[derive(Debug)]
pub struct Seen {
    /// Whom the credentials belong to.
    pub account: String,
    pub vpcs: Vec<AnyVpc>,
    /// Of the IPAM that the account has, if it has one.
    pub ipam: Answer<Vec<Monitored>>,
}

/// A place, and what it has or why that is not known.
#[derive(Debug)]
pub struct Asked {
    pub place: Place,
    pub seen: Result<Seen, Failure>,
}

/// How many places are asked at once.
const AT_ONCE: usize = 16;

/// Asks every place, several at once.
pub async fn ask<W: Vpcs>(
    places: Vec<Place>,
    connect: impl AsyncFn(&Place) -> Result<W, Failure>,
) -> Vec<Asked> {
    let mut asked = Vec::new();
    for some in places.chunks(AT_ONCE) {
        let each = some
            .iter()
            .map(async |place| Asked { place: place.clone(), seen: look(place, &connect).await });
        asked.extend(futures_util::future::join_all(each).await);
    }
    asked
}

async fn look<W: Vpcs>(
    place: &Place,
    connect: impl AsyncFn(&Place) -> Result<W, Failure>,
) -> Result<Seen, Failure> {
    let world = connect(place).await?;
    let unread =
        |what: &str, refusal: Refusal| Failure::new(format!("cannot read {what}")).because(refusal);
    let account = world.owner().await.map_err(|why| unread("the caller's identity", why))?;
    if let Some(wanted) = place.account.as_ref().filter(|wanted| **wanted != account) {
        let why = format!("the credentials are of account {account}, not of {wanted}");
        return Err(Failure::new("this is another account").because(why).hint(
            "name a `role` or a `profile` of the account under `accounts` in the fleet's file",
        ));
    }
    let vpcs = world.vpcs().await.map_err(|why| unread("the VPCs", why))?;
    Ok(Seen { account, vpcs, ipam: world.monitored().await })
}

/// What is wrong by what the accounts have: of each member, and of the fleet's own file.
pub fn judge(members: &[Member], ground: &Ground, asked: &[Asked]) -> Related {
    let mut related = Related { members: vec![Vec::new(); members.len()], fleet: Vec::new() };
    let mut read = BTreeSet::new();
    for (place, seen) in asked.iter().filter_map(|one| Some((&one.place, one.seen.as_ref().ok()?)))
    {
        // Two roles may lead to one account.
        if !read.insert((&seen.account, &place.region)) {
            continue;
        }
        let is_here = |member: &Member| {
            let own = Place::of(member, ground);
            own.region == place.region && account(&own, asked) == Some(&seen.account)
        };
        let own: Vec<usize> = (0..members.len()).filter(|at| is_here(&members[*at])).collect();
        for vpc in &seen.vpcs {
            match own.iter().find(|at| owns(&members[**at], vpc)) {
                None => related.fleet.extend(strange(vpc, (seen, place), members, ground)),
                Some(at) => {
                    let told = told(vpc, (seen, place), asked);
                    related.members[*at].extend(told.filter_map(|one| bad(&members[*at], one)));
                }
            }
        }
    }
    for (member, findings) in members.iter().zip(&mut related.members) {
        let line = member.range_spot.line.line;
        findings.retain(|one| !member.allows(one, line));
    }
    related
}

/// The account of a place, where the fleet names it or its credentials say it.
fn account<'a>(place: &'a Place, asked: &'a [Asked]) -> Option<&'a String> {
    let own = asked.iter().find(|one| one.place == *place).and_then(|one| one.seen.as_ref().ok());
    place.account.as_ref().or(own.map(|seen| &seen.account))
}

/// A VPC of the member's stack, or the one that the blueprint names.
fn owns(member: &Member, vpc: &AnyVpc) -> bool {
    vpc.stack.as_ref() == Some(&member.stack) || member.vpc.as_ref() == Some(&vpc.id)
}

/// Rule FLT-20. What is reserved is known, and what is shared may repeat.
fn strange(
    vpc: &AnyVpc,
    (seen, place): (&Seen, &Place),
    members: &[Member],
    ground: &Ground,
) -> Option<Diagnostic> {
    let is_known = |cidr: Ipv4Net| {
        ground.is_shared(cidr) || ground.reserved.iter().any(|one| one.cidr.contains(&cidr))
    };
    let supernets = || ground.supernets.iter().filter(|one| one.is_in(&place.region));
    let clash = |cidr: Ipv4Net| -> Option<(Ipv4Net, &Supernet)> {
        Some((cidr, supernets().find(|one| vpc::overlap(one.cidr, cidr))?))
    };
    let all = vpc.cidrs.iter().copied().filter(|cidr| !is_known(*cidr));
    let clashes: Vec<_> = all.filter_map(clash).collect();
    let (cidr, supernet) = clashes.first()?;
    let name = vpc.name.as_ref().map_or(String::new(), |name| format!(" (`{name}`)"));
    let mut held =
        members.iter().flat_map(|member| member.ranges.iter().map(move |one| (member, one)));
    let held = held.find(|(_, range)| vpc::overlap(range.cidr, *cidr));
    let also = held.map_or(String::new(), |(member, range)| {
        format!(", and `{}` of `{}`", range.cidr, member.name)
    });
    let message = format!(
        "`{cidr}` of {}{name} in account {}, {}, which no member owns, is in the supernet `{}`{also}",
        vpc.id, seen.account, place.region, supernet.cidr
    );
    let finding = supernet.spot.breaks(&FLT_20, message);
    let finding = match held {
        Some((member, range)) => finding
            .also_in(range.spot.line.clone(), format!("`{}` of `{}`", range.cidr, member.name)),
        None => finding,
    };
    Some(finding.hint("list the range under `reserved`, or make the VPC's blueprint a member"))
}

/// What any account's IPAM says of a VPC.
fn told<'a>(
    vpc: &'a AnyVpc,
    (seen, place): (&'a Seen, &'a Place),
    asked: &'a [Asked],
) -> impl Iterator<Item = &'a Monitored> {
    let all = asked.iter().filter_map(|one| one.seen.as_ref().ok());
    let all = all.filter_map(|seen| seen.ipam.as_ref().ok()).flatten();
    let mut told: Vec<&Monitored> = all
        .filter(|one| one.vpc == vpc.id && one.owner == seen.account && one.region == place.region)
        .collect();
    // An IPAM answers in every Region that it works in.
    told.sort_by_key(|one| (one.cidr, one.overlapping, one.noncompliant));
    told.dedup();
    told.into_iter()
}

/// Rule FLT-21.
fn bad(member: &Member, one: &Monitored) -> Option<Diagnostic> {
    let cidr = one.cidr.map_or("a range".to_string(), |cidr| format!("`{cidr}`"));
    let (is, hint) = match (one.overlapping, one.noncompliant) {
        (false, false) => return None,
        (true, false) => ("overlaps another resource of the scope", OVERLAPS),
        (false, true) => ("does not comply with its pool", OUT_OF_RULES),
        (true, true) => {
            ("overlaps another resource of the scope, and does not comply with its pool", OVERLAPS)
        }
    };
    let spot = member.ranges.iter().find(|range| Some(range.cidr) == one.cidr);
    let spot = spot.map_or(&member.range_spot, |range| &range.spot);
    let message = format!("{cidr} of `{}` ({}) {is}, says IPAM", member.name, one.vpc);
    Some(spot.breaks(&FLT_21, message).hint(hint))
}

const OVERLAPS: &str = "`aws ec2 get-ipam-resource-cidrs --ipam-scope-id SCOPE --filters Name=overlap-status,Values=overlapping` names the other";
const OUT_OF_RULES: &str =
    "compare its size, tags and Region with the pool's rules: `aws ec2 describe-ipam-pools`";
