//! What only the account tells: each rule against a state that breaks it and one that does not, and the reads against an emulated AWS.

use std::collections::BTreeSet;

use eksnet::aws::observe::{Scope, observe};
use eksnet::aws::port::Refusal;
use eksnet::check::account::{
    AccountState, Deployment, Gateways, OwnAddress, PublicAccess, StandingVpc,
};
use eksnet::check::{offered, preflight as check};
use eksnet::facts::quotas::{Counted, QUOTAS};

use eksnet::ledger::{KeptRange, Ledger};
use eksnet::line::Compiled;
use eksnet::observed::{EndpointService, LivePool, LiveTransitGateway, LiveVpnGateway, Stack};

use crate::doubles::{Paused, Script};
use crate::support::{CLEAN, build, build_over};

/// An account with room for everything that `built` wants.
fn generous(built: &Compiled) -> AccountState {
    let zones =
        [("euw1-az1", "eu-west-1a"), ("euw1-az2", "eu-west-1b"), ("euw1-az3", "eu-west-1c")]
            .map(|(id, name)| (id.to_string(), name.to_string()));
    let types = built
        .intent
        .cluster
        .iter()
        .flat_map(|cluster| &cluster.node_groups)
        .flat_map(|group| &group.instances);
    AccountState {
        offered: Some(
            types
                .flat_map(|one| zones.iter().map(|(id, _)| (one.name.to_string(), id.clone())))
                .collect(),
        ),
        zones: Some(zones.to_vec()),
        quotas: QUOTAS.iter().map(|quota| (quota.code, 100)).collect(),
        vcpus: Some(Default::default()),
        nat_gateways: Some(Default::default()),
        prefix_lists: Default::default(),
        endpoint_services: None,
        counts: [
            Counted::Vpcs,
            Counted::ElasticIps,
            Counted::InternetGateways,
            Counted::EgressOnlyGateways,
        ]
        .map(|what| (what, 0))
        .into(),
        public_access: Some(PublicAccess::Open),
        addons: ["vpc-cni", "coredns", "kube-proxy", "eks-pod-identity-agent"]
            .map(|name| (name.to_string(), vec!["v1.21.1-eksbuild.1".to_string()]))
            .into(),
        addresses: Some(vec![OwnAddress {
            allocation: "eipalloc-00000000000000001".into(),
            interface: None,
        }]),
        vpc: None,
        misfits: Vec::new(),
        gateways: Gateways::default(),
        pools: Default::default(),
    }
}

/// (rule, place) of what is found.
fn found(text: &str, edit: impl FnOnce(&mut AccountState)) -> Vec<(&'static str, String)> {
    found_over(text, edit, false)
}

fn found_over(
    text: &str,
    edit: impl FnOnce(&mut AccountState),
    stands: bool,
) -> Vec<(&'static str, String)> {
    let built = build(text);
    let mut state = generous(&built);
    edit(&mut state);
    let stands = |_: &str| stands;
    let exceeding = eksnet::check::exceeding(&built.intent, &built.plan, &built.capacity);
    let deployment = Deployment {
        intent: &built.intent,
        plan: &built.plan,
        graph: &built.graph,
        stands: &stands,
        exceeding: &exceeding,
    };
    let findings = check(&deployment, &state);
    for finding in &findings {
        assert!(
            finding.hint.is_some() && finding.label.contains(':'),
            "{}: no way out, or no read that proves it",
            finding.rule.id
        );
    }
    findings.iter().map(|finding| (finding.rule.id, finding.path.clone())).collect()
}

const NOTHING: [(&str, String); 0] = [];

fn one(rule: &'static str, path: &str) -> Vec<(&'static str, String)> {
    vec![(rule, path.to_string())]
}

#[test]
fn an_account_with_room_is_in_nobodys_way() {
    assert_eq!(found(CLEAN, |_| {}), NOTHING);
    assert_eq!(
        found(CLEAN, |state| *state = AccountState::default()),
        NOTHING,
        "what was not read is not judged"
    );
}

#[test]
fn zones_and_types_are_the_accounts() {
    assert_eq!(
        found(CLEAN, |state| _ = state.zones.as_mut().unwrap().remove(1)),
        one("ZON-06", "zones[1]")
    );
    let gone = |state: &mut AccountState| {
        state.offered.as_mut().unwrap().retain(|(_, zone)| zone != "euw1-az2")
    };
    assert_eq!(found(CLEAN, gone), one("NG-09", "nodeGroups[0].instanceTypes"));
    let two = CLEAN.replace("[m6i.large]", "[m6i.large, m6a.large]");
    assert_eq!(
        found(&two, |state| state
            .offered
            .as_mut()
            .unwrap()
            .retain(|(name, zone)| zone != "euw1-az2" || name == "m6a.large")),
        NOTHING,
        "one of them is enough"
    );
}

/// What `us-east-1e` is only the account knows.
#[test]
fn a_zone_that_eks_refuses_is_known_by_its_name_here() {
    let text = CLEAN.replace("eu-west-1\nzones: 2", "us-east-1\nzones: [us-east-1a, us-east-1e]");
    let named = |e: &'static str| {
        move |state: &mut AccountState| {
            state.zones = Some(vec![
                ("use1-az1".into(), "us-east-1a".into()),
                (e.into(), "us-east-1e".into()),
            ])
        }
    };
    let rules = |e: &'static str| {
        found(&text, |state| {
            named(e)(state);
            state.offered = None;
        })
    };
    assert_eq!(rules("use1-az3"), one("CLU-04", "zones[1]"));
    assert_eq!(rules("use1-az5"), NOTHING);
}

#[test]
fn quotas_are_held_against_what_is_there_and_what_is_wanted() {
    let eips = |used: u64, quota: u64| {
        move |state: &mut AccountState| {
            state.counts.insert(Counted::ElasticIps, used);
            state.quotas.insert("L-0263D0A3", quota);
        }
    };
    assert_eq!(found(CLEAN, eips(2, 5)), NOTHING);
    assert_eq!(found(CLEAN, eips(3, 5)), one("QUO-04", "egress.nat"));
    assert_eq!(found(CLEAN, eips(4, 5)), one("QUO-03", "egress.nat"));
    assert_eq!(found_over(CLEAN, eips(4, 5), true), NOTHING, "what stands is counted already");
    let five = |more: &str| {
        CLEAN.replace("cidr: 10.40.0.0/16", &format!("cidr: 10.40.0.0/16\n  secondaryCidrs: [10.41.0.0/16, 10.42.0.0/16, 10.43.0.0/16{more}]"))
    };
    let cidrs = |state: &mut AccountState| _ = state.quotas.insert("L-83CA0A9D", 5);
    assert_eq!(found(&five(""), cidrs), NOTHING, "four of five");
    assert_eq!(
        found(&five(", 10.44.0.0/16"), cidrs),
        one("QUO-04", "vpc.secondaryCidrs[0]"),
        "the primary CIDR counts"
    );
    assert_eq!(
        found(&five(", 10.44.0.0/16, 10.45.0.0/16"), cidrs),
        one("QUO-03", "vpc.secondaryCidrs[0]")
    );
}

/// What the design alone calls more than the default is refused where the account's own value is known to be lower.
#[test]
fn what_exceeds_a_default_is_held_against_the_accounts_own_value() {
    let lines = |count: usize, line: &dyn Fn(usize) -> String| -> String {
        (0..count).map(line).collect::<Vec<_>>().join(", ")
    };
    let profiles = lines(11, &|at| {
        format!("{{ name: p{at}, tier: nodes, selectors: [{{ namespace: n{at} }}] }}")
    });
    let profiles = format!("{CLEAN}\nfargate: [{profiles}]\n");
    let rules = lines(61, &|at| format!("{{ from: 10.{at}.0.0/24, ports: {} }}", 1000 + at));
    let rules = CLEAN.replace("[{ from: 10.0.0.0/8 }]", &format!("[{rules}]"));
    let groups = lines(5, &|at| format!("sg-0123456789abcdef{at}"));
    let groups =
        CLEAN.replace("tier: nodes,", &format!("tier: nodes, securityGroups: [{groups}],"));
    let more = (0..30).map(|at| format!("  - {{ name: more{at}, tier: nodes }}\n"));
    let many =
        CLEAN.replace("nodeGroups:\n", &format!("nodeGroups:\n{}", more.collect::<String>()));
    let large = format!(
        "{}{}",
        CLEAN.replace("tier: nodes,", "tier: nodes, podsPerNode: 1, scaling: { max: 460 },"),
        "awsNode: { prefixDelegation: false, warm: { ips: 1, minimumIps: 1 } }\n"
    );
    let policies = lines(8, &|at| format!("\"arn:aws:iam::aws:policy/P{at}\""));
    let policies = CLEAN.replace("tier: nodes,", &format!("tier: nodes, policies: [{policies}],"));
    let cases = [
        (large, "L-BD136A63", 460, "nodeGroups[0].scaling"),
        (policies, "L-0DA4ABF3", 11, "nodeGroups[0].policies"),
        (many, "L-6D54EA21", 31, "nodeGroups"),
        (profiles, "L-33415657", 11, "fargate"),
        (rules, "L-0EA8095F", 61, "securityGroups.controlPlane"),
        (groups, "L-2AFB9258", 6, "nodeGroups[0].securityGroups"),
    ];
    for (text, code, count, place) in &cases {
        let of = |most: u64| move |state: &mut AccountState| _ = state.quotas.insert(code, most);
        let unread = |state: &mut AccountState| _ = state.quotas.remove(code);
        assert_eq!(found(text, unread), NOTHING, "{code} could not be read");
        assert_eq!(found(text, of(*count)), NOTHING, "{code} was raised");
        assert_eq!(found(text, of(count - 1)), one("QUO-03", place), "{code} was not raised");
        assert_eq!(found(CLEAN, of(0)), NOTHING, "{code} concerns nothing that is planned");
    }
}

#[test]
fn new_node_groups_need_vcpus_of_their_quota() {
    let text =
        CLEAN.replace("tier: nodes,", "tier: nodes, scaling: { min: 1, desired: 4, max: 8 },");
    let vcpus = |code: &'static str, used: u64, quota: u64| {
        move |state: &mut AccountState| {
            state.vcpus.as_mut().unwrap().insert(code.to_string(), used);
            state.quotas.insert(code, quota);
        }
    };
    let standard = "L-1216C47A";
    // Four nodes of two vCPUs each.
    assert_eq!(found(&text, vcpus(standard, 23, 32)), NOTHING);
    assert_eq!(found(&text, vcpus(standard, 24, 32)), one("QUO-04", "nodeGroups[0].scaling"));
    assert_eq!(found(&text, vcpus(standard, 25, 32)), one("QUO-03", "nodeGroups[0].scaling"));
    assert_eq!(found_over(&text, vcpus(standard, 32, 32), true), NOTHING);
    let spot = text.replace("tier: nodes,", "tier: nodes, capacity: spot,");
    assert_eq!(found(&spot, vcpus(standard, 32, 32)), NOTHING);
    assert_eq!(found(&spot, vcpus("L-34B43A08", 0, 0)), one("QUO-03", "nodeGroups[0].scaling"));
}

#[test]
fn a_zone_takes_so_many_nat_gateways_those_of_other_vpcs_included() {
    let gateways = |zone: &str, used: u64| {
        let zone = zone.to_string();
        move |state: &mut AccountState| {
            state.nat_gateways.as_mut().unwrap().insert(zone, used);
            state.quotas.insert("L-FE5A380F", 5);
        }
    };
    assert_eq!(found(CLEAN, gateways("euw1-az2", 3)), NOTHING);
    assert_eq!(found(CLEAN, gateways("euw1-az2", 4)), one("QUO-04", "egress.nat"));
    assert_eq!(found(CLEAN, gateways("euw1-az2", 5)), one("QUO-03", "egress.nat"));
    assert_eq!(found(CLEAN, gateways("euw1-az3", 5)), NOTHING, "none is made there");
    assert_eq!(found_over(CLEAN, gateways("euw1-az2", 5), true), NOTHING);
}

#[test]
fn prefix_lists_weigh_what_they_may_hold() {
    let list = "pl-0123456789abcdef0";
    let of = |most: u64| {
        move |state: &mut AccountState| {
            state.prefix_lists.insert(list.to_string(), most);
            state.quotas.insert("L-0EA8095F", 60);
            state.quotas.insert("L-93826ACB", 500);
        }
    };
    let group = CLEAN.replace("[{ from: 10.0.0.0/8 }]", &format!("[{{ from: {list} }}]"));
    assert_eq!(found(&group, of(59)), NOTHING);
    assert_eq!(found(&group, of(61)), one("QUO-03", "securityGroups.controlPlane.ingress[0]"));
    let route = CLEAN.replace(
        "serves: [nodes] }",
        &format!("serves: [nodes], routes: [{{ to: {list}, via: tgw-0123456789abcdef0 }}] }}"),
    );
    assert_eq!(found(&route, of(400)), NOTHING);
    assert_eq!(found(&route, of(501)), one("QUO-03", "tiers[1].routes[0].to"));
}

const INTERFACES: &str = "zones: 2\nendpoints: [s3, sts, ssm]";

/// A service of another account.
const SHARED: &str = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0";

/// Those of `INTERFACES`, as the Region has them; the interface of S3 has the gateway's name.
fn endpoint_services() -> BTreeSet<EndpointService> {
    let service = |(name, is_gateway): (&str, bool)| EndpointService {
        name: format!("com.amazonaws.eu-west-1.{name}"),
        is_gateway,
        zones: ["eu-west-1a", "eu-west-1b"].map(str::to_string).into(),
    };
    [("s3", true), ("s3", false), ("sts", false), ("ssm", false)].map(service).into()
}

#[test]
fn endpoint_services_are_the_regions_and_the_zones() {
    let text = CLEAN.replace("zones: 2", INTERFACES);
    let with = |keep: fn(&mut BTreeSet<EndpointService>)| {
        move |state: &mut AccountState| {
            let mut known = endpoint_services();
            keep(&mut known);
            state.endpoint_services = Some(known);
        }
    };
    assert_eq!(found(&text, with(|_| {})), NOTHING);
    let none = with(|known| known.retain(|one| !one.name.ends_with("ssm")));
    assert_eq!(found(&text, none), one("PE-34", "endpoints"));
    let none = with(|known| known.retain(|one| !one.name.ends_with("ssm")));
    assert_eq!(found_over(&text, none, true), NOTHING, "it is deployed");
    let other = text.replace("sts, ssm", SHARED);
    assert_eq!(found(&other, with(|_| {})), one("PE-34", "endpoints"), "its owner allows others");
    let allowed = with(|known| {
        let mut own = known.first().cloned().expect("one of AWS");
        (own.name, own.is_gateway) = (SHARED.to_string(), false);
        known.insert(own);
    });
    assert_eq!(found(&other, allowed), NOTHING);
    let gateway = with(|known| known.retain(|one| !one.is_gateway));
    assert_eq!(found(&text, gateway), one("PE-34", "endpoints"), "an interface is no gateway");
    let narrow = |known: &mut BTreeSet<EndpointService>| {
        let less = known.iter().cloned().map(|mut one| {
            one.zones.retain(|zone| {
                one.is_gateway || !one.name.ends_with("sts") || zone == "eu-west-1a"
            });
            one
        });
        *known = less.collect();
    };
    assert_eq!(found(&text, with(narrow)), one("PE-34", "endpoints"));
    assert_eq!(found_over(&text, with(narrow), true), NOTHING);
}

/// From the port to the finding: a service is told in words, with the read that proves it.
#[test]
fn endpoint_services_that_are_missing_are_read_before_a_deployment() {
    let built = build(&CLEAN.replace("zones: 2", INTERFACES));
    let clock = Paused::default();
    let world = Script::new(&clock, Vec::new());
    let mut known = endpoint_services();
    known.retain(|one| !one.name.ends_with("sts"));
    *world.endpoint_services.borrow_mut() = Some(known);
    let names = offered::endpoint_services(&built.intent);
    assert_eq!(names.len(), 3);
    let scope = Scope { endpoint_services: names, ..Scope::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let findings = |world: &Script<'_>| {
        let observed = runtime.block_on(observe(world, &scope));
        let state = AccountState::of(&observed, &Stack::default());
        let deployment = Deployment {
            intent: &built.intent,
            plan: &built.plan,
            graph: &built.graph,
            stands: &|_| false,
            exceeding: &[],
        };
        (check(&deployment, &state), observed.unread().into_iter().cloned().collect::<Vec<_>>())
    };
    let (missing, unread) = findings(&world);
    let [finding] = missing.as_slice() else { panic!("{missing:?}") };
    assert_eq!(finding.message, "eu-west-1 has no endpoint service `sts`");
    assert!(finding.label.ends_with("ec2:DescribeVpcEndpointServices"), "{}", finding.label);
    assert!(unread.is_empty(), "{unread:?}");
    let denied = Refusal::new("UnauthorizedOperation", "not authorized");
    world.refusals.borrow_mut().push_back(("endpoint_services", denied));
    let (none, unread) = findings(&world);
    assert!(none.is_empty(), "what was not read is not judged: {none:?}");
    assert_eq!(unread[0].action, "ec2:DescribeVpcEndpointServices");
}

/// The reads themselves, and the emulator's own refusal of what they would have found.
#[cfg(feature = "aws")]
#[test]
fn an_endpoint_service_that_a_zone_lacks_is_found_before_anything_is_made() {
    use crate::support::run;
    let Some(session) = crate::emulator::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let environment = session.environment();
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    for (service, words) in [
        ("no-0bad", "eu-west-1 has no endpoint service `no-0bad`"),
        ("narrow-0one", "`narrow-0one` has no endpoints in euw1-az1"),
    ] {
        let text = CLEAN.replace("zones: 2", &format!("zones: 2\nendpoints: [s3, {service}]"));
        std::fs::write(folder.path().join("shop.yaml"), text).unwrap();
        let refused = run(folder.path(), &["deploy", "shop.yaml", "--yes"], &environment);
        let said = format!("{}{}", refused.out, refused.err);
        assert!(refused.code == 1 && said.contains("PE-34") && said.contains(words), "{said}");
    }
}

#[test]
fn blocked_public_access_is_in_the_way_of_whatever_is_public() {
    assert_eq!(
        found(CLEAN, |state| state.public_access = Some(PublicAccess::BlockBoth)),
        one("BPA-02", "tiers[1].egress")
    );
    let standing = |excluded| {
        move |state: &mut AccountState| {
            state.public_access = Some(PublicAccess::BlockBoth);
            state.vpc = Some(StandingVpc {
                cidrs: vec!["10.40.0.0/16".parse().unwrap()],
                excluded,
                ..StandingVpc::default()
            });
        }
    };
    assert_eq!(found(CLEAN, standing(false)), one("BPA-01", "tiers[1].egress"));
    assert_eq!(found(CLEAN, standing(true)), NOTHING, "the VPC is excluded");
    assert_eq!(
        found(CLEAN, |state| state.public_access = Some(PublicAccess::BlockIngress)),
        one("BPA-02", "tiers[0].egress")
    );
    let inside = CLEAN.replace(", serves: [externalLoadBalancers]", "");
    assert_eq!(
        found(&inside, |state| state.public_access = Some(PublicAccess::BlockIngress)),
        NOTHING,
        "NAT works"
    );
}

#[test]
fn add_ons_have_the_versions_that_eks_has() {
    let none = |state: &mut AccountState| _ = state.addons.insert("coredns".into(), Vec::new());
    assert_eq!(found(CLEAN, none), one("ADD-03", "addons"));
    let pinned =
        CLEAN.replace("nodeGroups:", "awsNode: { version: v1.20.0-eksbuild.1 }\nnodeGroups:");
    assert_eq!(found(&pinned, |_| {}), one("ADD-03", "awsNode.version"));
    assert_eq!(found(&pinned.replace("1.20.0", "1.21.1"), |_| {}), NOTHING);
}

#[test]
fn the_addons_own_schema_has_the_last_word_on_its_settings() {
    let refused = |place: &str| {
        let place = place.to_string();
        move |state: &mut AccountState| {
            state.misfits = vec![(place, "Additional properties are not allowed".to_string())]
        }
    };
    let text = CLEAN.replace(
        "nodeGroups:",
        "awsNode: { warm: { prefixes: 2 }, env: { POD_MTU: \"1500\" } }\nnodeGroups:",
    );
    assert_eq!(found(&text, refused("env/POD_MTU")), one("SET-36", "awsNode.env.POD_MTU"));
    assert_eq!(
        found(&text, refused("env/WARM_PREFIX_TARGET")),
        one("SET-36", "awsNode.warm.prefixes")
    );
    assert_eq!(found(&text, refused("enableNetworkPolicy")), one("SET-36", "awsNode"));
}

#[test]
fn addresses_of_ones_own_are_there_and_free() {
    let text = CLEAN.replace(
        "zones: 2",
        "zones: 2\negress: { nat: { single: { elasticIps: [eipalloc-00000000000000001] } } }",
    );
    assert_eq!(found(&text, |_| {}), NOTHING);
    assert_eq!(
        found(&text, |state| state.addresses = Some(Vec::new())),
        one("NAT-13", "egress.nat")
    );
    let attached = || {
        Some(vec![OwnAddress {
            allocation: "eipalloc-00000000000000001".into(),
            interface: Some("eni-1".into()),
        }])
    };
    assert_eq!(found(&text, |state| state.addresses = attached()), one("NAT-13", "egress.nat"));
    let ours = |state: &mut AccountState| {
        state.addresses = attached();
        state.vpc = Some(StandingVpc {
            cidrs: vec!["10.40.0.0/16".parse().unwrap()],
            attached: ["eipalloc-00000000000000001".to_string()].into(),
            ..StandingVpc::default()
        });
    };
    assert_eq!(found(&text, ours), NOTHING, "it is on the stack's own gateway");
}

#[test]
fn a_new_cidr_meets_no_route_and_no_peer() {
    let text =
        CLEAN.replace("cidr: 10.40.0.0/16", "cidr: 10.40.0.0/16\n  secondaryCidrs: [10.41.0.0/16]");
    let vpc = |routes: &'static str, peers: &'static str, cidrs: &'static [&'static str]| {
        move |state: &mut AccountState| {
            let pair = |range: &str| vec![("x-1".to_string(), range.parse().unwrap())];
            state.vpc = Some(StandingVpc {
                cidrs: cidrs.iter().map(|cidr| cidr.parse().unwrap()).collect(),
                routes: pair(routes),
                peers: pair(peers),
                ..StandingVpc::default()
            });
        }
    };
    let primary = &["10.40.0.0/16"];
    assert_eq!(
        found(&text, vpc("10.41.8.0/24", "10.99.0.0/16", primary)),
        one("VPC-25", "vpc.secondaryCidrs[0]")
    );
    assert_eq!(
        found(&text, vpc("10.41.0.0/16", "10.99.0.0/16", primary)),
        one("VPC-25", "vpc.secondaryCidrs[0]")
    );
    assert_eq!(
        found(&text, vpc("10.0.0.0/8", "10.99.0.0/16", primary)),
        NOTHING,
        "a larger destination is no hindrance"
    );
    assert_eq!(
        found(&text, vpc("0.0.0.0/0", "10.41.128.0/20", primary)),
        one("VPC-26", "vpc.secondaryCidrs[0]")
    );
    assert_eq!(
        found(&text, vpc("10.41.8.0/24", "10.41.0.0/16", &["10.40.0.0/16", "10.41.0.0/16"])),
        NOTHING,
        "it is there already"
    );
}

/// Until the VPC exists, whatever exists is of another one.
#[test]
fn a_first_deployment_names_nothing_inside_its_own_vpc() {
    let text = CLEAN.replace(
        "serves: [controlPlane] }",
        "serves: [controlPlane], routes: [{ to: 10.99.0.0/16, via: pcx-0123456789abcdef0 }] }",
    );
    assert_eq!(found(&text, |_| {}), one("EXT-02", "tiers[2].routes[0].via"));
    assert_eq!(found_over(&text, |_| {}, true), NOTHING, "the peering is of this VPC then");
    let group = CLEAN.replace(
        "nodeGroups:",
        "awsNode: { customNetworking: { tier: nodes, securityGroups: [sg-0123456789abcdef0] } }\nnodeGroups:",
    );
    assert_eq!(found(&group, |_| {}), one("EXT-02", "awsNode.customNetworking.securityGroups[0]"));
}

#[test]
fn ranges_of_examples_are_not_deployed_without_a_word() {
    let text = CLEAN.replace("public: false", "public: true, publicCidrs: [203.0.113.0/24]");
    assert_eq!(found(&text, |_| {}), one("DOC-01", "cluster.endpointAccess.publicCidrs[0]"));
    let own = text.replace("203.0.113.0/24", "52.95.110.0/24");
    assert_eq!(found(&own, |_| {}), NOTHING);
    let partner = CLEAN.replace("from: 10.0.0.0/8 }", "from: 198.51.100.0/24 }");
    assert_eq!(found(&partner, |_| {})[0].0, "DOC-01");
}

#[test]
fn an_upgrade_has_addresses() {
    let text = CLEAN.replace("cluster:\n", "cluster:\n  version: \"1.35\"\n");
    let with = |free: u64, version: &'static str| {
        move |state: &mut AccountState| {
            let subnets = build(CLEAN)
                .plan
                .of_tier("control-plane")
                .map(|subnet| (subnet.cidr, free))
                .collect();
            state.vpc = Some(StandingVpc {
                cidrs: vec!["10.40.0.0/16".parse().unwrap()],
                free: subnets,
                version: Some(version.into()),
                ..StandingVpc::default()
            });
        }
    };
    assert_eq!(found(&text, with(4, "1.34")), one("CLU-03", "cluster.version"));
    assert_eq!(found(&text, with(5, "1.34")), NOTHING);
    assert_eq!(found(&text, with(4, "1.35")), NOTHING, "no upgrade");
}

/// The reads themselves, through the real binary: what the account lacks is found on its line before anything is made, and what the
/// account does not let anybody read is named.
#[cfg(feature = "aws")]
#[test]
fn the_account_is_read_before_anything_is_made() {
    use crate::support::{run, run_with_input};
    let Some(session) = crate::emulator::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let environment = session.environment();
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let text = CLEAN.replace("zones: 2", "zones: 2\negress: { nat: { perZone: { elasticIps: [eipalloc-00000001, eipalloc-00000002] } } }");
    std::fs::write(folder.path().join("shop.yaml"), &text).unwrap();
    for arguments in [&["check", "--online", "shop.yaml"][..], &["deploy", "shop.yaml", "--yes"]] {
        let refused = run(folder.path(), arguments, &environment);
        let said = format!("{}{}", refused.out, refused.err);
        assert!(
            refused.code == 1
                && said.contains("NAT-13")
                && said.contains("`eipalloc-00000001`")
                && said.contains("shop.yaml:7"),
            "{said}"
        );
    }
    let json =
        run(folder.path(), &["check", "--online", "shop.yaml", "-o", "json"], &environment).json();
    let found = json["findings"].as_array().unwrap();
    let errors = found.iter().filter(|finding| finding["severity"] == "error");
    assert_eq!(errors.count(), 2, "{json}");
    // The emulator's Service Quotas knows five VPCs for a Region, and one is there from the beginning.
    std::fs::write(folder.path().join("shop.yaml"), CLEAN).unwrap();
    let fine = run(folder.path(), &["check", "--online", "shop.yaml"], &environment);
    assert!(
        fine.code == 0 && !fine.err.contains("GetServiceQuota L-F678F1CE"),
        "{}{}",
        fine.out,
        fine.err
    );
    let unread =
        "preflight: not checked, because it could not be read: servicequotas:GetServiceQuota";
    assert_eq!(fine.err.matches("preflight: not checked").count(), 2, "{}", fine.err);
    for quota in ["L-0263D0A3", "L-1216C47A"] {
        assert!(fine.err.contains(&format!("{unread} {quota}")), "{}", fine.err);
    }
    let piped = run_with_input(folder.path(), &["check", "--online", "-"], &environment, &text);
    assert!(piped.code == 1 && piped.out.contains("NAT-13"), "{}{}", piped.out, piped.err);
    let unknown = run(
        folder.path(),
        &["check", "--online", "shop.yaml"],
        &[("AWS_ACCESS_KEY_ID", ""), ("AWS_EC2_METADATA_DISABLED", "true")],
    );
    assert!(
        unknown.code == 1
            && unknown.err.contains("1 blueprint checked")
            && unknown.err.contains("credentials"),
        "{}{}",
        unknown.out,
        unknown.err
    );
    assert!(!session.plane_url().is_empty());
}

#[test]
fn gateways_of_others_are_there_and_take_the_attachment() {
    let transit = CLEAN.replace(
        "securityGroups:",
        "egress: { transitGateway: { id: tgw-0123456789abcdef0, routeTable: tgw-rtb-0123456789abcdef0, destinations: [10.99.0.0/16] } }\nsecurityGroups:",
    );
    let with = |live: Option<LiveTransitGateway>| {
        move |state: &mut AccountState| {
            state.gateways.owner = Some("111122223333".into());
            state.gateways.transit = Some(live);
        }
    };
    let live = LiveTransitGateway {
        state: "available".into(),
        owner: "111122223333".into(),
        default_table: None,
        accepts: false,
    };
    let id = "egress.transitGateway.id";
    let table = "egress.transitGateway.routeTable";
    assert_eq!(found(&transit, with(Some(live.clone()))), NOTHING);
    assert_eq!(found(&transit, with(None)), one("TGW-10", id));
    let pending = LiveTransitGateway { state: "pending".into(), ..live.clone() };
    assert_eq!(found(&transit, with(Some(pending))), one("TGW-10", id));
    for default in ["tgw-rtb-0123456789abcdef0", "tgw-rtb-other"] {
        let own = LiveTransitGateway { default_table: Some(default.into()), ..live.clone() };
        assert_eq!(found(&transit, with(Some(own.clone()))), one("TGW-11", table));
        assert_eq!(
            found_over(&transit, with(Some(own)), true),
            NOTHING,
            "it is associated already"
        );
    }
    let foreign =
        LiveTransitGateway { owner: "444455556666".into(), accepts: true, ..live.clone() };
    assert_eq!(found(&transit, with(Some(foreign.clone()))), one("TGW-11", table));
    let manual = transit.replace("routeTable: tgw-rtb-0123456789abcdef0, ", "");
    assert_eq!(found(&manual, with(Some(foreign.clone()))), NOTHING);
    let waits = LiveTransitGateway { accepts: false, ..foreign };
    assert_eq!(found(&manual, with(Some(waits))), one("TGW-12", id));
    let vpn = CLEAN.replace(
        "securityGroups:",
        "egress: { vpnGateway: { id: vgw-0123456789abcdef0 } }\nsecurityGroups:",
    );
    let with = |vpc: Option<&str>| {
        let live = LiveVpnGateway { state: "available".into(), vpc: vpc.map(str::to_string) };
        move |state: &mut AccountState| state.gateways.vpn = Some(Some(live))
    };
    assert_eq!(found(&vpn, with(None)), NOTHING);
    assert_eq!(found(&vpn, with(Some("vpc-other"))), one("TGW-13", "egress.vpnGateway.id"));
    assert_eq!(
        found(&vpn, |state| state.gateways.vpn = Some(None)),
        one("TGW-13", "egress.vpnGateway.id")
    );
}

#[test]
fn principals_of_another_account_are_told() {
    let with = |owner: &'static str| {
        move |state: &mut AccountState| state.gateways.owner = Some(owner.to_string())
    };
    assert_eq!(found(CLEAN, with("111122223333")), NOTHING);
    let told = found(CLEAN, with("444455556666"));
    assert!(told.len() == 2 && told.iter().all(|(rule, _)| *rule == "DOC-02"), "{told:?}");
}

const POOLED: &str = "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: shop, region: eu-west-1, tags: { team: a } }\nzones: 2\nvpc: { cidr: { ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 } }\n";

/// A pool that gives what `POOLED` asks for.
fn pool() -> LivePool {
    let net = |text: &str| text.parse().unwrap();
    LivePool {
        state: "create-complete".into(),
        locale: "eu-west-1".into(),
        shortest: Some(12),
        longest: Some(24),
        tags: [("team".to_string(), "a".to_string())].into(),
        cidrs: vec![net("10.52.0.0/14")],
        taken: Some(vec![net("10.52.0.0/15"), net("10.54.0.0/17")]),
    }
}

#[test]
fn a_pool_that_cannot_give_the_range_is_told_before_anything_is_made() {
    let over = |edit: &dyn Fn(&mut LivePool)| {
        let mut live = pool();
        edit(&mut live);
        let id = "ipam-pool-0123456789abcdef0".to_string();
        found(POOLED, |state| _ = state.pools.insert(id, Some(live)))
    };
    assert_eq!(over(&|_| {}), [], "10.55.0.0/16 is free");
    type Edit = fn(&mut LivePool);
    let rows: [(&str, Edit); 6] = [
        ("IPAM-01", |live| live.locale = "us-east-1".into()),
        ("IPAM-02", |live| live.shortest = Some(18)),
        ("IPAM-02", |live| live.longest = Some(15)),
        ("IPAM-03", |live| _ = live.tags.insert("cost".into(), "1".into())),
        ("IPAM-04", |live| live.taken = Some(vec!["10.52.0.0/14".parse().unwrap()])),
        ("IPAM-05", |live| live.state = "create-in-progress".into()),
    ];
    for (rule, edit) in rows {
        assert_eq!(over(&edit), [(rule, "vpc.cidr".to_string())], "{rule}");
    }
    // What may not be read is not held against it.
    assert_eq!(over(&|live| (live.cidrs, live.taken) = (Vec::new(), None)), []);
    let unseen = found(POOLED, |state| {
        _ = state.pools.insert("ipam-pool-0123456789abcdef0".to_string(), None)
    });
    assert_eq!(unseen, [("IPAM-05", "vpc.cidr".to_string())]);
    // An allocation that eksnet makes has no tags.
    let custom = POOLED.replace("netmask: 16", "netmask: 16, allocation: custom");
    let mut live = pool();
    live.tags.insert("cost".into(), "1".into());
    let id = "ipam-pool-0123456789abcdef0".to_string();
    assert_eq!(found(&custom, |state| _ = state.pools.insert(id, Some(live))), []);
}

#[test]
fn the_lock_says_what_the_vpc_has() {
    let mut ledger = Ledger::empty("shop", "eu-west-1");
    let from = "ipam-pool-0123456789abcdef0/16".to_string();
    let cidr = "10.52.0.0/16".parse().unwrap();
    ledger.kept.ranges.insert("vpc".into(), KeptRange { cidr, from, allocation: None });
    let built = build_over(POOLED, Some(&ledger));
    for (has, rules) in [("10.52.0.0/16", &[][..]), ("10.53.0.0/16", &["IPAM-06"])] {
        let cidrs = vec![has.parse().unwrap()];
        let mut state = generous(&built);
        state.vpc = Some(StandingVpc { cidrs, ..StandingVpc::default() });
        let (intent, plan, graph) = (&built.intent, &built.plan, &built.graph);
        let deployment = Deployment { intent, plan, graph, stands: &|_| true, exceeding: &[] };
        let found: Vec<_> = check(&deployment, &state).iter().map(|one| one.rule.id).collect();
        assert_eq!(found, rules, "{has}");
    }
}
