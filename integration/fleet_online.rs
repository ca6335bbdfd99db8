//! What the accounts of a fleet have, by accounts that answer as they are told: VPCs of nobody, IPAM's verdicts, and accounts that do not
//! answer at all.

use std::collections::BTreeMap;

use eksnet::aws::port::{Answer, AnyVpc, Monitored, Refusal, Vpcs};
use eksnet::diagnostic::{Diagnostic, Failure};
use eksnet::fleet::export::Job;
use eksnet::fleet::ground::{self, Ground};
use eksnet::fleet::online::{Asked, Place, ask, judge, places};
use eksnet::fleet::{Member, Related};
use eksnet::report::{fleet, fleet_json};
use serde_json::Value;

use crate::support::{build, root, run};

/// An account in a Region.
#[derive(Clone, Default)]
struct World {
    account: String,
    vpcs: Vec<AnyVpc>,
    monitored: Vec<Monitored>,
    /// What `vpcs` is refused with.
    refused: Option<Refusal>,
    no_ipam: Option<Refusal>,
}

impl Vpcs for World {
    async fn owner(&self) -> Answer<String> {
        Ok(self.account.clone())
    }

    async fn vpcs(&self) -> Answer<Vec<AnyVpc>> {
        self.refused.clone().map_or(Ok(self.vpcs.clone()), Err)
    }

    async fn monitored(&self) -> Answer<Vec<Monitored>> {
        self.no_ipam.clone().map_or(Ok(self.monitored.clone()), Err)
    }
}

const DEV: &str = "111122223333";
const PROD: &str = "444455556666";
const FLEET: &str = r#"apiVersion: eksnet/v1
kind: Fleet
supernets: [{ cidr: 10.64.0.0/11 }]
reserved: [{ cidr: 10.72.0.0/16, why: the old batch VPC }]
accounts:
  "dev-*": { account: "111122223333", role: deploy }
  "*": { account: "444455556666", role: team/deploy }
"#;

fn member(name: &str, region: &str, cidr: &str) -> Member {
    let text = format!(
        "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: {name}, region: {region} }}\nzones: 2\nvpc: {{ cidr: {cidr} }}\ntiers:\n  - {{ name: public, size: /26, egress: internet }}\n"
    );
    let compiled = build(&text);
    Member::of(&compiled.document, &compiled.intent)
}

fn members() -> Vec<Member> {
    vec![
        member("dev-a", "eu-west-1", "10.80.0.0/20"),
        member("shop", "eu-west-1", "10.81.0.0/20"),
        member("shop-us", "us-east-1", "10.82.0.0/20"),
    ]
}

fn ground_of(text: &str) -> Ground {
    let reading = eksnet::blueprint::read_as("fleet.yaml", text.as_bytes().to_vec());
    ground::resolve(&reading.document.unwrap()).0
}

fn vpc(id: &str, stack: Option<&str>, cidrs: &[&str]) -> AnyVpc {
    AnyVpc {
        id: id.into(),
        name: Some(format!("name of {id}")),
        stack: stack.map(str::to_string),
        cidrs: cidrs.iter().map(|cidr| cidr.parse().unwrap()).collect(),
    }
}

type Worlds = BTreeMap<(&'static str, &'static str), World>;

/// Every member deployed, and nothing beside them but the default VPCs.
fn worlds() -> Worlds {
    let world = |account: &str, vpcs: &[(&str, &str, &str)]| {
        let own = vpcs.iter().map(|(id, stack, cidr)| vpc(id, Some(*stack), &[cidr]));
        let default = vpc("vpc-default", None, &["172.31.0.0/16"]);
        World { account: account.into(), vpcs: own.chain([default]).collect(), ..World::default() }
    };
    BTreeMap::from([
        ((DEV, "eu-west-1"), world(DEV, &[("vpc-1", "eksnet-dev-a", "10.80.0.0/20")])),
        ((PROD, "eu-west-1"), world(PROD, &[("vpc-2", "eksnet-shop", "10.81.0.0/20")])),
        ((PROD, "us-east-1"), world(PROD, &[("vpc-3", "eksnet-shop-us", "10.82.0.0/20")])),
    ])
}

fn asked_of(worlds: &Worlds, ground: &Ground) -> Vec<Asked> {
    let connect = async |place: &Place| {
        let account = place.account.clone().unwrap_or(PROD.into());
        let all = worlds.iter();
        let mut own = all.filter(|((own, region), _)| *own == account && *region == place.region);
        own.next().map(|(_, world)| world.clone()).ok_or_else(|| {
            Failure::new(format!(
                "cannot assume the role `{}`",
                place.role.clone().unwrap_or_default()
            ))
            .because(Refusal::new("AccessDenied", "not authorized to perform sts:AssumeRole"))
        })
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(ask(places(&members(), ground), connect))
}

fn found(worlds: &Worlds) -> Related {
    let ground = ground_of(FLEET);
    judge(&members(), &ground, &asked_of(worlds, &ground))
}

fn told(findings: &[Diagnostic]) -> Vec<(&str, &str)> {
    findings.iter().map(|one| (one.rule.id, one.message.as_str())).collect()
}

fn is_clean(related: &Related) -> bool {
    related.fleet.is_empty() && related.members.iter().all(Vec::is_empty)
}

#[test]
fn every_account_and_region_is_asked_once_by_its_role() {
    let mut all = members();
    all.push(member("shop-b", "eu-west-1", "10.83.0.0/20"));
    let of = |ground: &Ground| -> Vec<(Option<String>, String, Option<String>)> {
        places(&all, ground).into_iter().map(|one| (one.account, one.region, one.role)).collect()
    };
    let row = |account: &str, region: &str, role: &str| {
        let role = format!("arn:aws:iam::{account}:role/{role}");
        (Some(account.to_string()), region.to_string(), Some(role))
    };
    let expected = [
        row(DEV, "eu-west-1", "deploy"),
        row(PROD, "eu-west-1", "team/deploy"),
        row(PROD, "us-east-1", "team/deploy"),
    ];
    assert_eq!(of(&ground_of(FLEET)), expected);
    // A profile says itself which role it is for; without accounts there is one place in each Region.
    let profile = FLEET.replace("role: team/deploy", "role: team/deploy, profile: prod");
    let places_of = places(&all, &ground_of(&profile));
    assert!(places_of.iter().all(|one| one.role.is_none() == one.profile.is_some()));
    let alone = ground_of(FLEET.split("accounts:").next().unwrap());
    assert_eq!(of(&alone).len(), 2);
}

#[test]
fn a_vpc_of_no_member_in_a_supernet_is_told() {
    assert!(is_clean(&found(&worlds())));
    let with = |place: (&'static str, &'static str), one: AnyVpc| {
        let mut worlds = worlds();
        worlds.get_mut(&place).unwrap().vpcs.push(one);
        found(&worlds)
    };
    let free = with((PROD, "eu-west-1"), vpc("vpc-9", None, &["10.65.0.0/16"]));
    let expected = "`10.65.0.0/16` of vpc-9 (`name of vpc-9`) in account 444455556666, eu-west-1, which no member owns, is in the supernet `10.64.0.0/11`";
    assert_eq!(told(&free.fleet), [("FLT-20", expected)]);
    // Whoever has a member's range is named with it, in another Region and of another stack too.
    let clash =
        with((DEV, "eu-west-1"), vpc("vpc-9", Some("other"), &["10.0.0.0/24", "10.82.0.0/24"]));
    assert!(clash.fleet[0].message.ends_with(", and `10.82.0.0/20` of `shop-us`"), "{clash:?}");
    // A secondary range of a member's own VPC is the member's; what is reserved is known; other ranges are no business of the fleet's.
    for one in [
        vpc("vpc-8", Some("eksnet-shop"), &["10.81.0.0/20", "10.90.0.0/16"]),
        vpc("vpc-8", None, &["10.72.4.0/24"]),
        vpc("vpc-8", None, &["100.64.0.0/16", "192.168.0.0/16"]),
    ] {
        assert!(is_clean(&with((PROD, "eu-west-1"), one)));
    }
    // The same stack name in another account is somebody else's.
    let other = with((DEV, "eu-west-1"), vpc("vpc-8", Some("eksnet-shop"), &["10.81.0.0/20"]));
    assert_eq!(other.fleet.len(), 1);
}

#[test]
fn what_ipam_says_of_a_members_vpc_is_told_of_the_member() {
    let one = |vpc: &str, owner: &str, overlapping: bool, noncompliant: bool| Monitored {
        vpc: vpc.into(),
        owner: owner.into(),
        region: "eu-west-1".into(),
        cidr: "10.81.0.0/20".parse().ok(),
        overlapping,
        noncompliant,
    };
    // The IPAM is in another account than the member, and answers in both of its Regions.
    let with = |rows: Vec<Monitored>| {
        let mut worlds = worlds();
        worlds.get_mut(&(DEV, "eu-west-1")).unwrap().monitored = rows.clone();
        worlds.get_mut(&(PROD, "us-east-1")).unwrap().monitored = rows;
        found(&worlds)
    };
    assert!(is_clean(&with(vec![one("vpc-2", PROD, false, false)])));
    assert!(is_clean(&with(vec![one("vpc-7", PROD, true, true), one("vpc-2", DEV, true, true)])));
    for (overlapping, noncompliant, words) in [
        (true, false, "overlaps another resource of the scope"),
        (false, true, "does not comply with its pool"),
        (true, true, "overlaps another resource of the scope, and does not comply with its pool"),
    ] {
        let found = with(vec![one("vpc-2", PROD, overlapping, noncompliant)]);
        let expected = format!("`10.81.0.0/20` of `shop` (vpc-2) {words}, says IPAM");
        assert_eq!(told(&found.members[1]), [("FLT-21", expected.as_str())]);
        assert!(found.fleet.is_empty() && found.members[0].is_empty());
    }
}

#[test]
fn an_account_that_does_not_answer_is_a_row_and_the_others_go_on() {
    let ground = ground_of(FLEET);
    let mut worlds = worlds();
    // One role cannot be assumed, one Region is throttled, and one account has what is wrong.
    worlds.remove(&(DEV, "eu-west-1"));
    worlds.get_mut(&(PROD, "us-east-1")).unwrap().refused =
        Some(Refusal::new("RequestLimitExceeded", "Request limit exceeded."));
    let last = worlds.get_mut(&(PROD, "eu-west-1")).unwrap();
    last.vpcs.push(vpc("vpc-9", None, &["10.65.0.0/16"]));
    last.no_ipam = Some(Refusal::new("UnauthorizedOperation", "not authorized"));
    let asked = asked_of(&worlds, &ground);
    assert_eq!(judge(&members(), &ground, &asked).fleet.len(), 1);
    let json: Value = serde_json::from_str(&fleet_json::check(&[], None, &asked)).unwrap();
    let rows = json["accounts"].as_array().unwrap();
    let errors: Vec<_> = rows.iter().map(|row| row["error"].as_str().unwrap_or_default()).collect();
    assert!(errors[0].contains("sts:AssumeRole") && errors[0].contains(DEV), "{json:#}");
    assert!(errors[1].is_empty() && errors[2].contains("RequestLimitExceeded"), "{json:#}");
    assert_eq!((&rows[1]["vpcs"], &rows[0]["vpcs"]), (&3.into(), &Value::Null));
    assert!(rows[1]["ipam"]["error"].as_str().unwrap().contains("UnauthorizedOperation"));
    let view = eksnet::report::View::of(80);
    let people = fleet::accounts(&asked, view);
    assert!(people.contains("not read: cannot assume") && people.contains("3 VPCs"), "{people}");
    assert!(people.lines().all(|line| line.chars().count() <= 80), "{people}");
}

/// Each of them sees the other's VPC, which has an owner all the same; what has none is told once.
#[test]
fn members_of_one_account_may_have_roles_of_their_own() {
    let own = FLEET
        .replace("\n  \"*\":", "\n  shop: { account: \"111122223333\", role: other }\n  \"*\":");
    let ground = ground_of(&own);
    let mut worlds = worlds();
    let all = worlds.get_mut(&(DEV, "eu-west-1")).unwrap();
    all.vpcs.push(vpc("vpc-2", Some("eksnet-shop"), &["10.81.0.0/20"]));
    all.vpcs.push(vpc("vpc-9", None, &["10.65.0.0/16"]));
    let asked = asked_of(&worlds, &ground);
    assert_eq!(asked.len(), 3);
    let found = judge(&members(), &ground, &asked);
    assert_eq!(told(&found.fleet).len(), 1, "{found:?}");
    assert!(found.fleet[0].message.contains("vpc-9"));
}

/// Credentials of another account would read, and later deploy to, the wrong one.
#[test]
fn credentials_of_another_account_are_no_answer() {
    let ground = ground_of(FLEET);
    let mut worlds = worlds();
    worlds.get_mut(&(DEV, "eu-west-1")).unwrap().account = "999988887777".into();
    let asked = asked_of(&worlds, &ground);
    let why = asked[0].seen.as_ref().unwrap_err().chain();
    assert!(why.contains("of account 999988887777, not of 111122223333"), "{why}");
    assert!(is_clean(&judge(&members(), &ground, &asked)));
}

#[test]
fn a_folder_of_plans_says_whose_each_is() {
    let ground = ground_of(FLEET);
    let jobs: Vec<Job> = members()
        .iter()
        .map(|one| Job::of(&one.name, &one.region, &format!("{}.yaml", one.name), &ground))
        .collect();
    let failed = [("shop.yaml".to_string(), Failure::new("cannot save a plan of `shop`"))];
    let index: Value = serde_json::from_str(&fleet_json::plans(&jobs, &failed)).unwrap();
    let rows = index["members"].as_array().unwrap();
    assert_eq!(
        (&rows[0]["plan"], &rows[0]["error"]),
        (&"dev-a-eu-west-1.plan".into(), &Value::Null)
    );
    assert_eq!((&rows[0]["account"], &rows[1]["plan"]), (&DEV.into(), &Value::Null));
    assert_eq!(rows[1]["error"], "cannot save a plan of `shop`");
}

#[test]
fn the_rights_of_a_fleet_are_its_roles_and_what_it_reads() {
    let run = run(root(), &["iam", "fleet", "blueprints/fleet"], &[]);
    assert_eq!(run.code, 0, "{}", run.err);
    let policy = run.json();
    let roles =
        ["111122223333", "444455556666"].map(|id| format!("arn:aws:iam::{id}:role/eksnet-deploy"));
    assert_eq!(policy["Statement"][0]["Resource"], serde_json::json!(roles));
    assert_eq!(policy["Statement"][0]["Action"], "sts:AssumeRole");
    let reads = policy["Statement"][1]["Action"].as_array().unwrap();
    assert!(reads.iter().all(|one| eksnet::facts::permissions::only_reads(one.as_str().unwrap())));
}
