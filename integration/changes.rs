//! Changes: generated edits of every example blueprint, judged by [`judge`] without the preview's help; and the pairs that went wrong
//! once, by name.

mod edits;
mod judge;
mod parts;
mod standing;
mod told;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use eksnet::address::{self, AddressPlan};
use eksnet::blueprint;
use eksnet::diagnostic::any_error;
use eksnet::facts::kinds::{self, ChangeKind, Impact, Order};
use eksnet::graph::{self, Graph};
use eksnet::intent;
use eksnet::ledger::Ledger;
use eksnet::line::{self, Compiled, Request};
use eksnet::observed::Observed;
use eksnet::preview::{self, Preview};
use eksnet::render::{self, keys::Known};
use eksnet::template::Template;
use serde_json::Value;

use crate::support::{blueprints, document};
use edits::EDITS;

/// What a preview compares.
struct Built {
    plan: AddressPlan,
    graph: Graph,
    template: Template,
}

impl From<Compiled> for Built {
    fn from(Compiled { plan, graph, template, .. }: Compiled) -> Self {
        Self { plan, graph, template }
    }
}

fn observed(deployed: Option<&Built>) -> Observed {
    Observed::template(deployed.map_or(Template::nothing(), |built| built.template.clone()))
}

/// The line over what is deployed; nothing where the blueprint is refused.
fn attempt(text: &str, deployed: Option<&Built>) -> Option<Built> {
    let reading = blueprint::read("test.yaml", text.as_bytes().to_vec());
    let document = reading.document.filter(|_| !any_error(&reading.findings))?;
    let mut request = Request { observed: observed(deployed), ..Request::new(document) };
    let tiers = request.document.blueprint.tiers.iter().flatten();
    request.profiles.moves = tiers.map(|tier| tier.name.clone()).collect();
    let beside = crate::support::ledger_beside(&request.document);
    let first = beside.unwrap_or(request.ledger.clone());
    let ledger = deployed.map_or(first, |built| built.plan.ledger.settled());
    line::compile(Request { ledger, ..request }).ok().map(Built::from)
}

/// The same whatever the gates say: a pair is about the change, and rules come and go.
fn build_over(text: &str, deployed: Option<&Built>) -> Built {
    let blueprint = document(text).blueprint;
    let empty = Ledger::empty(&blueprint.metadata.name, &blueprint.metadata.region);
    let ledger = deployed.map_or(empty, |built| built.plan.ledger.settled());
    let observed = observed(deployed);
    let (intent, found) = intent::resolve(&blueprint, &observed, &ledger.kept);
    let intent = intent.unwrap_or_else(|| panic!("{found:?}\n{text}"));
    let plan = address::allocate(&intent, &ledger).unwrap_or_else(|found| panic!("{found:?}"));
    let graph = graph::build(&intent, &plan);
    let rendered = |graph: &Graph| render::template(graph, &plan.ledger, &intent.name).unwrap();
    let template = rendered(&graph);
    let deployed = observed.deployed_template();
    let known = Known { deployed: &deployed, written: &ledger.kept.logical_ids };
    let graph = known.keep(&graph, &template).map_or(graph, |(graph, _)| graph);
    let template = rendered(&graph);
    Built { plan, graph, template }
}

/// Where an edit of one key is the only one, everything leads to it; else the head names edits alone.
#[test]
fn a_change_leads_to_the_edit_that_made_it() {
    let mut tried = 0;
    for (name, path) in blueprints() {
        let text: Value = serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let before = attempt(&text.to_string(), None).unwrap();
        for (edit, apply) in EDITS.iter().filter(|(edit, _)| !edit.starts_with("acl")) {
            let mut next = text.clone();
            apply(&mut next, 1);
            let edits = blueprint::edits::between(&text, &next);
            let Some(after) = attempt(&next.to_string(), Some(&before)) else { continue };
            let [only] = edits.as_slice() else { continue };
            let preview = compared(&before, &after).edited(edits.clone());
            let because = preview.changes.iter().flat_map(|change| &change.because);
            for one in because.filter(|one| one.cause.is_none()) {
                assert_eq!(one.path, only.path, "{name}: {edit}: {}", one.property);
                tried += 1;
            }
        }
    }
    assert!(500 < tried, "only {tried} properties");
}

fn compared(before: &Built, after: &Built) -> Preview {
    preview::compare("x", &before.template, &after.template, &after.graph)
}

fn resources(template: &Template) -> judge::Resources {
    template.value["Resources"].as_object().unwrap().clone()
}

fn errors(preview: &Preview) -> Vec<&str> {
    preview.findings.iter().filter(|one| one.is_error()).map(|one| one.rule.id).collect()
}

/// One number after another, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % below
    }
}

/// How many pairs; `EKSNET_CHANGES` asks for more.
fn cases() -> usize {
    std::env::var("EKSNET_CHANGES").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000)
}

#[test]
fn generated_edits_are_judged_as_an_independent_judge_does() {
    let texts: Vec<(String, Value)> = blueprints()
        .into_iter()
        .map(|(name, path)| {
            (name, serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
        })
        .collect();
    let mut numbers = Numbers(42);
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    let mut last: Option<(usize, Value, Built)> = None;
    for case in 0..cases() {
        let at = case / 8 % texts.len();
        let (name, start) = &texts[at];
        // Edits follow each other, so that what came can go again; each blueprint begins anew with every eighth.
        let (text, before) = match last.take().filter(|(of, ..)| *of == at && case % 8 != 0) {
            Some((_, text, built)) => (text, built),
            None => (start.clone(), attempt(&start.to_string(), None).unwrap()),
        };
        let mut next = text.clone();
        let count = 1 + numbers.next(2);
        let names: Vec<&str> = (0..count)
            .filter_map(|_| {
                let (edit, apply) = EDITS[numbers.next(EDITS.len())];
                let was = next.clone();
                apply(&mut next, numbers.next(1_000));
                (next != was).then_some(edit)
            })
            .collect();
        let Some(after) = attempt(&next.to_string(), Some(&before)) else {
            last = Some((at, text, before));
            continue;
        };
        names.iter().for_each(|name| *used.entry(name).or_default() += 1);
        let label = format!("{name}: {}", names.join(" + "));
        judged(&label, &before, &after);
        parts::judged(&label, &next.to_string(), (&before, &after));
        // What is refused is not deployed.
        let deployed = errors(&compared(&before, &after)).is_empty();
        last = Some(if deployed { (at, next, after) } else { (at, text, before) });
    }
    let tried: usize = used.values().sum();
    assert!(cases() / 3 < tried, "only {tried} edits passed `check`: {used:?}");
    let idle: Vec<&str> =
        EDITS.iter().map(|(name, _)| *name).filter(|name| !used.contains_key(name)).collect();
    assert!(cases() < 2_000 || idle.is_empty(), "edits that no blueprint takes: {idle:?}");
}

fn judged(label: &str, before: &Built, after: &Built) {
    let preview = compared(before, after);
    let (old, new) = (resources(&before.template), resources(&after.template));
    let replaced: BTreeSet<String> = preview
        .changes
        .iter()
        .filter(|change| change.change_kind() == ChangeKind::Replace)
        .map(|change| change.id.clone())
        .collect();
    assert_eq!(replaced, judge::replaced(&old, &new), "{label}: replaced, and by the schemas");
    one_id_for_one_thing(label, &old, &new);
    numbers_stay(label, &old, &new);
    for change in &preview.changes {
        assert!(kinds::find(&change.kind).is_some(), "{label}: {} has no row", change.kind);
    }
}

/// A rule of a network ACL that stays keeps its number: with another one it would be made anew, beside itself.
fn numbers_stay(label: &str, old: &judge::Resources, new: &judge::Resources) {
    let numbers = |of: &judge::Resources| -> BTreeMap<String, Value> {
        let entries = of.values().filter(|one| one["Type"] == "AWS::EC2::NetworkAclEntry");
        let numbered = |one: &Value| {
            let mut own = one["Properties"].as_object().unwrap().clone();
            let number = own.remove("RuleNumber").unwrap();
            (Value::Object(own).to_string(), number)
        };
        entries.map(numbered).collect()
    };
    let (was, is) = (numbers(old), numbers(new));
    for (rule, number) in is {
        assert!(was.get(&rule).is_none_or(|had| *had == number), "{label}: {rule} has {number}");
    }
}

/// No route, rule or association is the same thing under two logical ids, in one template or from one to the next.
fn one_id_for_one_thing(label: &str, old: &judge::Resources, new: &judge::Resources) {
    let ids = |of: &judge::Resources| -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for (id, resource) in of.iter().filter(|(_, one)| {
            let kind = one["Type"].as_str().unwrap();
            [
                "::Route",
                "::SecurityGroupIngress",
                "::SecurityGroupEgress",
                "RouteTableAssociation",
                "AclAssociation",
            ]
            .iter()
            .any(|end| kind.ends_with(end))
        }) {
            for key in judge::keys(id, resource) {
                let earlier = found.insert(key.clone(), id.clone());
                assert!(earlier.is_none(), "{label}: {key} is {id} and {earlier:?}");
            }
        }
        found
    };
    let (was, is) = (ids(old), ids(new));
    for (key, id) in was {
        assert!(
            is.get(&key).is_none_or(|now| *now == id),
            "{label}: {key} was {id}, is {}",
            is[&key]
        );
    }
}

#[test]
fn the_rows_say_what_the_schemas_say() {
    let schemas = judge::schemas();
    for kind in kinds::all() {
        let schema = &schemas[kind.name];
        let paths = |key: &str| -> BTreeSet<String> {
            let own = schema[key].as_array().unwrap().iter();
            own.map(|path| path.as_str().unwrap().replace("/*", "")).collect()
        };
        let row = |paths: &[&str]| paths.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        if schema["updates"] == true {
            assert_eq!(row(kind.replaced.create_only), paths("createOnly"), "{}", kind.name);
        }
        assert_eq!(row(kind.replaced.conditional), paths("conditional"), "{}", kind.name);
        assert_eq!(kind.replaced.by_any, schema["updates"] == false, "{}", kind.name);
        let deletes_first = schema["strategy"] == "delete_then_create";
        assert_eq!(kind.replaced.order == Order::DeleteFirst, deletes_first, "{}", kind.name);
    }
}

#[test]
fn every_template_has_its_row_and_every_row_its_template() {
    let written: BTreeSet<String> = render::fill::names()
        .into_iter()
        .filter_map(|name| {
            let text = render::fill::text(&name)?;
            let first = text.lines().next()?.strip_prefix("Type: AWS::")?;
            Some(format!("AWS::{first}"))
        })
        .collect();
    let rows: BTreeSet<String> = kinds::all().map(|kind| kind.name.to_string()).collect();
    assert_eq!(written, rows);
}

/// (type, change) that nobody notices, on purpose; everything else has words.
const UNNOTICED: &[(&str, &[ChangeKind])] = {
    use ChangeKind::*;
    &[
        ("AWS::CloudFormation::WaitConditionHandle", &[Add, Modify, Replace, Remove]),
        ("AWS::CloudWatch::Alarm", &[Add, Modify, Replace]),
        ("AWS::EC2::EIP", &[Add, Modify]),
        ("AWS::EC2::EgressOnlyInternetGateway", &[Add, Modify]),
        ("AWS::EC2::FlowLog", &[Add, Modify]),
        ("AWS::EC2::InternetGateway", &[Add, Modify]),
        ("AWS::EC2::LaunchTemplate", &[Add, Remove]),
        ("AWS::EC2::NetworkAcl", &[Add, Modify]),
        ("AWS::EC2::NetworkAclEntry", &[Add]),
        ("AWS::EC2::RouteTable", &[Add, Modify, Replace, Remove]),
        ("AWS::EC2::SecurityGroup", &[Add]),
        ("AWS::EC2::SecurityGroupEgress", &[Add, Modify]),
        ("AWS::EC2::SecurityGroupIngress", &[Add, Modify]),
        ("AWS::EC2::Subnet", &[Add]),
        ("AWS::EC2::SubnetCidrReservation", &[Add, Modify]),
        ("AWS::EC2::SubnetNetworkAclAssociation", &[Modify]),
        ("AWS::EC2::SubnetRouteTableAssociation", &[Add, Modify]),
        ("AWS::EC2::TransitGatewayAttachment", &[Add]),
        ("AWS::EC2::TransitGatewayRoute", &[Add, Modify]),
        ("AWS::EC2::TransitGatewayRouteTableAssociation", &[Add, Modify]),
        ("AWS::EC2::VPC", &[Add, Modify]),
        ("AWS::EC2::VPCCidrBlock", &[Modify]),
        ("AWS::EC2::VPCGatewayAttachment", &[Add]),
        ("AWS::EC2::VPNGatewayRoutePropagation", &[Add]),
        ("AWS::EKS::AccessEntry", &[Add]),
        ("AWS::EKS::Addon", &[Add]),
        ("AWS::EKS::Cluster", &[Add]),
        ("AWS::EKS::FargateProfile", &[Add, Modify]),
        ("AWS::EKS::Nodegroup", &[Add]),
        ("AWS::EKS::PodIdentityAssociation", &[Add]),
        ("AWS::Events::Rule", &[Add, Modify]),
        ("AWS::IAM::OIDCProvider", &[Add]),
        ("AWS::IAM::Role", &[Add]),
        ("AWS::KMS::Key", &[Add]),
        ("AWS::Logs::LogGroup", &[Add]),
        ("AWS::SQS::Queue", &[Add, Modify]),
        ("AWS::SQS::QueuePolicy", &[Add]),
    ]
};

#[test]
fn what_a_change_of_each_type_means_is_decided() {
    for kind in kinds::all() {
        let silent =
            UNNOTICED.iter().find(|(name, _)| *name == kind.name).map_or(&[][..], |row| row.1);
        for change in ChangeKind::ALL {
            let mut said = vec![kind.impact.of(change)];
            if change == ChangeKind::Modify {
                said.extend(kind.impact.of.iter().map(|(_, impact)| *impact));
            }
            let noticed = said.iter().any(|impact| impact.is_noticed());
            assert_eq!(!noticed, silent.contains(&change), "{} {}", kind.name, change.word());
            for impact in said.into_iter().filter(|impact| impact.is_noticed()) {
                assert!(impact == Impact::Unnoticed || !impact.words().is_empty(), "{impact:?}");
            }
        }
    }
}

mod named {
    use super::*;

    pub fn whole(text: &str) -> String {
        let head = "apiVersion: eksnet/v1\nkind: Blueprint\n";
        match text.contains("metadata:") {
            true => format!("{head}{text}"),
            false => format!("{head}metadata: {{ name: min, region: eu-west-1 }}\n{text}"),
        }
    }

    /// A blueprint over another one that is deployed.
    pub fn pair(before: &str, after: &str) -> (Preview, Built, Built) {
        let old = build_over(&whole(before), None);
        let new = build_over(&whole(after), Some(&old));
        let preview = compared(&old, &new);
        (preview, old, new)
    }

    fn rules(preview: &Preview) -> Vec<&str> {
        preview.findings.iter().map(|one| one.rule.id).collect()
    }

    fn of<'p>(preview: &'p Preview, kind: &str, change: ChangeKind) -> Vec<&'p str> {
        let own =
            preview.changes.iter().filter(|one| one.kind == kind && one.change_kind() == change);
        own.map(|one| one.id.as_str()).collect()
    }

    pub fn says(preview: &Preview, words: &str) -> bool {
        preview.noticed().iter().any(|line| line.contains(words))
    }

    const TIERS: &str = "vpc: { cidr: 10.20.0.0/16 }\n";
    const ROUTE: &str = "AWS::EC2::Route";

    #[test]
    fn min_route_and_min_central_change_the_default_route_in_place() {
        let tiers = |b: &str| {
            format!(
                "{TIERS}tiers:\n  - {{ name: a, size: /24, egress: internet }}\n  - {{ name: b, size: /24, {b} }}\n"
            )
        };
        let (nat, own) = (
            tiers("egress: nat"),
            tiers("egress: none, routes: [{ to: 0.0.0.0/0, via: tgw-0000000000000000a }]"),
        );
        let central = format!(
            "{}egress: {{ transitGateway: {{ id: tgw-0000000000000000a, destinations: [0.0.0.0/0], tier: b }} }}\n",
            tiers("egress: none")
        );
        for (before, after) in [(&nat, &own), (&own, &nat), (&nat, &central), (&central, &nat)] {
            let (preview, ..) = pair(before, after);
            assert!(
                of(&preview, ROUTE, ChangeKind::Add).is_empty()
                    && of(&preview, ROUTE, ChangeKind::Remove).is_empty(),
                "{preview:#?}"
            );
            assert_eq!(of(&preview, ROUTE, ChangeKind::Modify).len(), 3, "{:?}", preview.changes);
            assert!(
                says(&preview, "traffic shifts to the new route at once"),
                "{:?}",
                preview.impact
            );
        }
    }

    #[test]
    fn min_route6_too() {
        let text = |b: &str| {
            format!(
                "vpc: {{ cidr: 10.20.0.0/16, ipv6: amazon }}\ntiers:\n  - {{ name: a, size: /24, egress: internet }}\n  - {{ name: b, size: /24, {b} }}\n"
            )
        };
        let (preview, ..) = pair(
            &text("egress: nat"),
            &text(
                "egress: none, routes: [{ to: 0.0.0.0/0, via: tgw-0000000000000000a }, { to: \"::/0\", via: tgw-0000000000000000a }]",
            ),
        );
        assert!(
            of(&preview, ROUTE, ChangeKind::Add).is_empty()
                && of(&preview, ROUTE, ChangeKind::Remove).is_empty(),
            "{:?}",
            preview.changes
        );
    }

    /// 0.1.0 named such a route after its destination.
    #[test]
    fn a_default_route_of_an_earlier_version_keeps_its_name() {
        let text = format!(
            "{TIERS}tiers:\n  - {{ name: b, size: /24, egress: none, routes: [{{ to: 0.0.0.0/0, via: tgw-0000000000000000a }}] }}\n"
        );
        let (_, mut old, _) = pair(&text, &text);
        let all = old.template.value["Resources"].as_object_mut().unwrap();
        let ids: Vec<String> = all.keys().filter(|id| id.ends_with("Default")).cloned().collect();
        for id in &ids {
            let route = all.remove(id).unwrap();
            all.insert(id.replace("Default", "To0x0x0x0x0"), route);
        }
        let new = build_over(&whole(&text), Some(&old));
        assert!(compared(&old, &new).is_empty() && !ids.is_empty());
    }

    #[test]
    fn min_autooff_and_min_autoon_are_two_deployments() {
        let auto = "cluster: { autoMode: {} }\n";
        let groups = "cluster: {}\nnodeGroups: [{ name: g }]\n";
        let beside = "cluster: { autoMode: {} }\nnodeGroups: [{ name: g }]\n";
        let (off, ..) = pair(auto, groups);
        assert!(errors(&off).is_empty() && 1 < off.parts.len());
        assert!(
            says(&off, "terminates all its nodes")
                && off.irreversible.iter().any(|line| line.contains("terminates every node")),
            "{:?} {:?}",
            off.impact,
            off.irreversible
        );
        let (on, ..) = pair(groups, auto);
        assert!(on.findings.is_empty() && 1 < on.parts.len(), "{:?}", on.findings);
        assert!(!rules(&pair(beside, groups).0).contains(&"UPD-06"));
    }

    #[test]
    fn min_publicnodes_is_refused_and_min_igwpub_is_said() {
        let text = |egress: &str| {
            format!(
                "{TIERS}tiers:\n  - {{ name: public, size: /24, egress: internet, serves: [externalLoadBalancers] }}\n  - {{ name: nodes, size: /20, egress: {egress}, serves: [nodes] }}\n  - {{ name: cp, size: /28, egress: none, serves: [controlPlane] }}\ncluster: {{}}\nnodeGroups: [{{ name: g, tier: nodes }}]\n"
            )
        };
        let (preview, ..) = pair(&text("nat"), &text("internet"));
        assert_eq!(errors(&preview), ["UPD-04"], "{:?}", preview.findings);
        let network = |egress: &str| {
            format!("{TIERS}tiers:\n  - {{ name: a, size: /24, egress: {egress} }}\n")
        };
        let (gone, ..) = pair(&network("internet"), &network("none"));
        assert!(
            says(&gone, "nothing in the VPC reaches the internet") && says(&gone, "has no route"),
            "{:?}",
            gone.impact
        );
    }

    #[test]
    fn min_tgwtable_is_made_in_parts() {
        let text = |table: &str| {
            format!(
                "{TIERS}egress: {{ transitGateway: {{ id: tgw-0000000000000000a, destinations: [10.0.0.0/9]{table} }} }}\n"
            )
        };
        let (first, second) = (
            text(", routeTable: tgw-rtb-0000000000000000a"),
            text(", routeTable: tgw-rtb-0000000000000000b"),
        );
        assert_eq!(pair(&first, &second).0.parts.len(), 2);
        for (before, after) in [(&first, &text("")), (&text(""), &second)] {
            assert!(errors(&pair(before, after).0).is_empty());
        }
    }

    #[test]
    fn min_sgrule2_is_one_rule_under_one_name() {
        let text = |more: &str| {
            format!(
                "{TIERS}cluster: {{ endpointAccess: {{ private: true, public: false }} }}\nnodeGroups: [{{ name: g }}]\n{more}"
            )
        };
        let (rule, remote) = (
            "securityGroups: { controlPlane: { ingress: [{ from: 10.80.0.0/16, ports: 443 }] } }\n",
            "REMOTE",
        );
        let with = |more: &str| match more {
            "REMOTE" => text("").replace(
                "public: false }",
                "public: false }, remoteNetworks: { nodes: [10.80.0.0/16] }",
            ),
            more => text(more),
        };
        for (before, after) in [(rule, remote), (remote, rule)] {
            let (preview, old, new) = pair(&with(before), &with(after));
            let ids = |built: &Built| {
                resources(&built.template)
                    .iter()
                    .filter(|(_, one)| {
                        one["Properties"]["CidrIp"] == "10.80.0.0/16"
                            && one["Properties"]["FromPort"] == 443
                    })
                    .map(|(id, _)| id.clone())
                    .collect::<Vec<_>>()
            };
            assert_eq!(ids(&old), ids(&new), "{:?}", preview.changes);
            assert_eq!(ids(&old).len(), 1);
        }
        let groups = |more: &str| {
            format!(
                "{TIERS}tiers:\n  - {{ name: public, size: /24, egress: internet, serves: [externalLoadBalancers] }}\n  - {{ name: nodes, size: /20, egress: nat, serves: [nodes] }}\n  - {{ name: pods, size: /20, egress: nat, serves: [pods] }}\n  - {{ name: cp, size: /28, egress: none, serves: [controlPlane] }}\ncluster: {{ endpointAccess: {{ private: true, public: false }} }}\nnodeGroups: [{{ name: g, tier: nodes }}]\n{more}"
            )
        };
        let group = "sg-0a1b2c3d4e5f60718";
        let (preview, old, new) = pair(
            &groups(&format!(
                "securityGroups: {{ controlPlane: {{ ingress: [{{ from: {group} }}] }} }}\n"
            )),
            &groups(&format!(
                "awsNode: {{ customNetworking: {{ tier: pods, securityGroups: [{group}] }} }}\n"
            )),
        );
        let ids = |built: &Built| {
            resources(&built.template)
                .iter()
                .filter(|(_, one)| one["Properties"]["SourceSecurityGroupId"] == group)
                .map(|(id, _)| id.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!((ids(&old), ids(&old).len()), (ids(&new), 1), "{:?}", preview.changes);
    }

    #[test]
    fn min_endpoints_and_min_tgwtier_exchange_subnets_within_a_zone() {
        let tiers = "tiers:\n  - { name: a, size: /24, egress: none }\n  - { name: b, size: /24, egress: none }\n";
        let endpoints =
            |tier: &str| format!("{TIERS}{tiers}endpoints: {{ include: [sts], tier: {tier} }}\n");
        assert!(errors(&pair(&endpoints("a"), &endpoints("b")).0).is_empty());
        let transit = |tier: &str| {
            format!(
                "{TIERS}{tiers}egress: {{ transitGateway: {{ id: tgw-0000000000000000a, destinations: [10.0.0.0/9], tier: {tier} }} }}\n"
            )
        };
        assert!(errors(&pair(&transit("a"), &transit("b")).0).is_empty());
        let one = |text: String| text.replace("vpc:", "zones: 1\nvpc:");
        let (preview, ..) = pair(&one(transit("a")), &one(transit("b")));
        assert_eq!(errors(&preview), ["UPD-08"], "one zone has nothing to stand on");
    }

    #[test]
    fn quotas_are_counted_over_what_was_and_what_comes() {
        let cidrs =
            |list: &str| format!("vpc: {{ cidr: 10.20.0.0/16, secondaryCidrs: [{list}] }}\n");
        let (preview, ..) = pair(
            &cidrs("10.41.0.0/16, 10.42.0.0/16, 10.43.0.0/16"),
            &cidrs("10.44.0.0/16, 10.45.0.0/16, 10.46.0.0/16"),
        );
        assert!(preview.findings.is_empty() && preview.parts.len() == 2, "min/cidrquota");
        let acl = |start: usize, count: usize| {
            let rules: Vec<String> = (0..count)
                .map(|at| format!("{{ from: 198.51.{}.0/24, ports: 8080 }}", start + at))
                .collect();
            format!(
                "{TIERS}networkAcls: perTier\ntiers:\n  - {{ name: a, size: /24, egress: none, networkAcl: {{ ingress: [{}] }} }}\n",
                rules.join(", ")
            )
        };
        assert_eq!(pair(&acl(0, 12), &acl(100, 12)).0.parts.len(), 2, "min/nacl");
        let many = pair(&acl(0, 20), &acl(100, 20)).0;
        assert!(many.findings.is_empty() && many.parts.len() == 2, "{:?}", many.findings);
        let public = |name: &str| {
            format!(
                "{TIERS}tiers:\n  - {{ name: {name}, size: /24, egress: internet }}\n  - {{ name: b, size: /24, egress: nat }}\n"
            )
        };
        assert_eq!(pair(&public("a"), &public("z")).0.parts.len(), 2, "min/natrename");
        // Six zones have six addresses already, and no order gives a seventh.
        let six = |name: &str| {
            format!("metadata: {{ name: min, region: us-east-1 }}\nzones: 6\n{}", public(name))
        };
        let (preview, ..) = pair(&six("a"), &six("z"));
        let finding = preview.findings.iter().find(|one| one.rule.id == "UPD-03").expect("UPD-03");
        assert!(
            finding.message.starts_with("12 ")
                && finding.hint.as_ref().unwrap().contains("L-0263D0A3"),
            "{finding:?}"
        );
        let fargate = |namespace: &str| {
            let profiles: Vec<String> = (0..8)
                .map(|at| {
                    format!("{{ name: p{at}, selectors: [{{ namespace: {namespace}{at} }}] }}")
                })
                .collect();
            format!(
                "{TIERS}cluster: {{}}\nnodeGroups: [{{ name: g }}]\nfargate: [{}]\n",
                profiles.join(", ")
            )
        };
        let (preview, ..) = pair(&fargate("a"), &fargate("b"));
        assert!(1 < preview.parts.len(), "fargate-eight-tier: {:?}", preview.findings);
    }

    #[test]
    fn what_people_and_traffic_lose_has_words() {
        let cluster = |more: &str| {
            format!(
                "{TIERS}cluster: {{ endpointAccess: {{ private: true, public: true, publicCidrs: [203.0.113.0/24] }}{more} }}\nnodeGroups: [{{ name: g }}]\n"
            )
        };
        let plain = cluster("");
        let irsa = format!("{plain}awsNode: {{ role: irsa }}\n");
        let (oidc, ..) = pair(&irsa, &plain);
        assert!(
            says(&oidc, "OIDC provider stops working")
                && oidc.irreversible.iter().any(|line| line.contains("OIDC")),
            "min/oidc: {:?}",
            oidc.impact
        );
        let access = cluster(
            ", access: [{ principal: \"arn:aws:iam::111122223333:role/ci\", policy: AmazonEKSClusterAdminPolicy }]",
        );
        assert!(says(&pair(&access, &plain).0, "loses access to the cluster"), "min/accgone");
        let private = plain.replace("public: true, publicCidrs: [203.0.113.0/24]", "public: false");
        assert!(
            says(&pair(&plain, &private).0, "who reaches the Kubernetes API changes"),
            "min/private"
        );
        // The list went with the endpoint: it lets nobody in, and takes nothing from anybody.
        assert!(!says(&pair(&plain, &private).0, "removed from the list"), "min/private");
        let transit = format!(
            "{TIERS}egress: {{ transitGateway: {{ id: tgw-0000000000000000a, destinations: [10.0.0.0/9] }} }}\n"
        );
        let (gone, ..) = pair(&transit, TIERS);
        assert!(
            says(&gone, "is detached from the transit gateway")
                && says(&gone, "has no route from these subnets"),
            "min/tgwgone: {:?}",
            gone.impact
        );
        let wider = plain
            .replace("cidr: 10.20.0.0/16", "cidr: 10.20.0.0/16, secondaryCidrs: [10.41.0.0/16]");
        assert!(says(&pair(&plain, &wider).0, "learns a new CIDR within an hour"), "M13");
        assert!(
            !says(
                &pair(TIERS, "vpc: { cidr: 10.20.0.0/16, secondaryCidrs: [10.41.0.0/16] }\n").0,
                "learns a new CIDR"
            ),
            "without a cluster"
        );
        let versions =
            |version: &str| format!("{plain}addons: [{{ name: coredns, version: {version} }}]\n");
        assert!(
            says(
                &pair(&versions("v1.11.4-eksbuild.2"), &versions("v1.12.1-eksbuild.2")).0,
                "manual changes of its objects"
            ),
            "O13"
        );
    }

    #[test]
    fn min_delprot_is_refused_before_a_change_set() {
        let with = format!(
            "{TIERS}cluster: {{ deletionProtection: true }}\nnodeGroups: [{{ name: g }}]\n"
        );
        let without = with.replace("true", "false");
        assert_eq!(errors(&pair(&with, TIERS).0), ["UPD-07"]);
        assert!(errors(&pair(&without, TIERS).0).is_empty());
    }

    /// The schema's strategy deletes the old one first; another one that overlaps it under another name would be refused.
    #[test]
    fn min_reservation_is_replaced_after_its_deletion() {
        let text = |size: &str| {
            format!(
                "metadata: {{ name: min, region: us-west-2 }}\n{TIERS}tiers:\n  - {{ name: a, size: /24, egress: none, reservation: {{ prefixes: {size} }} }}\n"
            )
        };
        let (preview, ..) = pair(&text("/26"), &text("/25"));
        assert!(
            errors(&preview).is_empty() && says(&preview, "until it is reserved again"),
            "{preview:#?}"
        );
    }

    #[test]
    fn min_flowlog_and_an_entry_of_another_type_are_refused() {
        let logs = |interval: usize| {
            format!(
                "vpc: {{ cidr: 10.20.0.0/16, flowLogs: {{ destination: cloudWatchLogs, retentionDays: 30, interval: {interval} }} }}\n"
            )
        };
        let (preview, ..) = pair(&logs(60), &logs(600));
        assert!(errors(&preview).is_empty() && preview.parts.len() == 2, "{:?}", preview.findings);
    }

    #[test]
    fn acl_tier_renamed_changes_nothing_under_the_tier() {
        let text = |name: &str| {
            format!(
                "{TIERS}networkAcls: perTier\ntiers:\n  - {{ name: {name}, size: /24, egress: none }}\n"
            )
        };
        let (preview, ..) = pair(&text("a"), &text("b, renamedFrom: a"));
        assert!(
            preview
                .changes
                .iter()
                .all(|one| one.change_kind() == ChangeKind::Modify && one.is_of_tags()),
            "{:?}",
            preview.changes
        );
    }

    #[test]
    fn auto_tags_leave_the_entry_of_ec2_alone() {
        let text = |tags: &str| {
            let path = crate::support::root().join("blueprints/auto-mode.yaml");
            let text = std::fs::read_to_string(path).unwrap();
            text.replace("  region: eu-west-1\n", &format!("  region: eu-west-1\n{tags}"))
        };
        let old = build_over(&text(""), None);
        let new = build_over(&text("  tags: { team: x }\n"), Some(&old));
        assert!(compared(&old, &new).change("AccessAutoNodes").is_none());
        // 0.1.0 tagged it: the tags stay.
        let mut tagged = old.template.clone();
        tagged.value["Resources"]["AccessAutoNodes"]["Properties"]["Tags"] =
            serde_json::json!([{ "Key": "Name", "Value": "auto-auto-nodes" }]);
        let old = Built { template: tagged, ..old };
        let new = build_over(&text("  tags: { team: x }\n"), Some(&old));
        assert!(compared(&old, &new).change("AccessAutoNodes").is_none());
    }

    /// A control plane that goes back does so after its add-ons: what is deployed in between is not chosen for its version.
    #[test]
    fn addons_that_go_back_first_are_remembered_with_their_version() {
        let text = |minor: u32, names: &str| {
            format!(
                "{TIERS}cluster: {{ version: \"1.{minor}\" }}\naddons: [{{ name: kube-proxy, version: v1.{minor}.0-eksbuild.1 }}]\nnodeGroups: [{{ name: a, instanceTypes: [m6i.large]{names} }}]\n"
            )
        };
        for (from, to) in [(34, 33), (33, 34)] {
            let (preview, ..) = pair(&text(from, ""), &text(to, ", labels: { team: x }"));
            let between = |part: &preview::Part| {
                let resources = &part.template.value["Resources"];
                resources["Cluster"]["Properties"]["Version"]
                    != resources["AddonKubeProxy"]["Properties"]["AddonVersion"].as_str().unwrap()
                        [1..5]
            };
            let apart: Vec<_> = preview.parts.iter().filter(|part| between(part)).collect();
            assert!(!apart.is_empty(), "{:?}", preview.parts.len());
            for part in apart {
                let resources = &part.template.value["Resources"];
                let version = &resources["AddonKubeProxy"]["Properties"]["AddonVersion"];
                let chosen = part.template.value["Metadata"]["Eksnet"]["AddonsFor"].as_str();
                assert_eq!(chosen, version.as_str().map(|text| &text[1..5]), "{from} to {to}");
            }
        }
    }

    /// One line each, and a forecast of seconds.
    #[test]
    fn min_tags_alone_alarm_nobody_about_routes() {
        let text = |tags: &str| {
            format!(
                "metadata: {{ name: min, region: eu-west-1, tags: {{ team: {tags} }} }}\n{TIERS}"
            )
        };
        let (preview, old, new) = pair(&text("a"), &text("b"));
        assert!(
            of(&preview, ROUTE, ChangeKind::Modify).is_empty() && preview.impact.is_empty(),
            "{:?}",
            preview.impact
        );
        let forecast = preview::forecast::of(&preview, &old.template, &new.template);
        assert!(forecast.total.as_secs() < 120, "{:?}", forecast.path);
    }
}

/// What `integration/emulator/refusals.py` refuses, and what it does not.
#[test]
fn the_emulator_refuses_what_aws_refuses() {
    let Some(python) = crate::python::environment() else {
        return;
    };
    let output = std::process::Command::new(python.join("bin/python"))
        .args(["-B", "-m", "unittest", "-q", "test_refusals"])
        .current_dir(crate::support::root().join("integration/emulator"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
