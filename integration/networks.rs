//! Rules of networks on both sides of their bounds: what AWS refuses, and what it accepts a step away from it.

use eksnet::address::Ledger;
use eksnet::diagnostic::Diagnostic;

use crate::support::{CLEAN, build, findings, findings_with};

const NOTHING: [&str; 0] = [];

/// One thing replaced in the clean blueprint.
fn edited(from: &str, to: &str) -> String {
    assert!(CLEAN.contains(from), "the clean blueprint has no `{from}`");
    CLEAN.replacen(from, to, 1)
}

fn ids(found: &[Diagnostic]) -> Vec<&'static str> {
    found.iter().map(|finding| finding.rule.id).collect()
}

fn rules(text: &str) -> Vec<&'static str> {
    ids(&findings(text))
}

fn errors(text: &str) -> Vec<&'static str> {
    let found = findings(text);
    found.iter().filter(|finding| finding.is_error()).map(|finding| finding.rule.id).collect()
}

/// A network alone in a Region.
fn network(region: &str, rest: &str) -> String {
    format!(
        "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: net, region: {region} }}\n{rest}\n"
    )
}

fn node(settings: &str) -> String {
    edited("nodeGroups:", &format!("awsNode: {settings}\nnodeGroups:"))
}

#[test]
fn reserved_ranges_are_told_by_their_purpose() {
    for (cidr, word) in [
        ("198.18.0.0/16", "benchmarks"),
        ("203.0.113.0/24", "documentation"),
        ("192.0.0.0/24", "IETF protocols"),
        ("198.20.0.0/16", "publicly routable"),
    ] {
        let tiers = "tiers: [{ name: a, size: /28, egress: none }]";
        let text = network("eu-west-1", &format!("vpc: {{ cidr: {cidr} }}\nzones: 2\n{tiers}"));
        let found = findings(&text);
        assert_eq!(ids(&found), ["VPC-03"], "{cidr}");
        assert!(found[0].message.contains(word), "{cidr}: {}", found[0].message);
    }
}

#[test]
fn the_range_for_benchmarks_joins_no_other_and_may_grow() {
    let with = |primary: &str| {
        let rest = "zones: 2\ntiers: [{ name: a, size: /28, egress: none, from: 198.19.16.0/20 }]";
        let vpc = format!("vpc: {{ cidr: {primary}, secondaryCidrs: [198.19.16.0/20] }}\n{rest}");
        errors(&network("eu-west-1", &vpc))
    };
    assert_eq!(with("10.40.0.0/16"), ["VPC-22"]);
    assert_eq!(with("198.19.0.0/20"), NOTHING);
}

#[test]
fn a_further_cidr_is_used_by_a_tier_a_pin_or_kept_free() {
    let second = "cidr: 10.40.0.0/16\n  secondaryCidrs: [100.64.0.0/16]";
    let text = edited("cidr: 10.40.0.0/16", second);
    assert_eq!(rules(&text), ["VPC-34"]);
    assert_eq!(rules(&text.replace("size: /20,", "size: /20, from: 100.64.0.0/16,")), NOTHING);
    assert_eq!(
        rules(&text.replace(second, &format!("{second}\n  keepFree: [100.64.0.0/18]"))),
        NOTHING
    );
}

#[test]
fn keeping_all_of_a_cidr_free_leaves_its_tiers_nothing() {
    let with = |kept: &str| {
        rules(&edited("cidr: 10.40.0.0/16", &format!("cidr: 10.40.0.0/16\n  keepFree: [{kept}]")))
    };
    assert_eq!(with("10.40.0.0/17, 10.40.128.0/17"), ["VPC-33"], "in halves");
    assert_eq!(with("10.40.128.0/17"), NOTHING);
}

#[test]
fn zones_without_a_cluster_are_all_that_the_region_has() {
    let with = |region: &str, zones: u8| {
        rules(&network(region, &format!("zones: {zones}\negress: {{ nat: single }}")))
    };
    assert_eq!(with("us-east-1", 6), NOTHING);
    assert_eq!(with("us-east-1", 7), ["ZON-02"]);
    assert_eq!(with("us-west-1", 3), ["ZON-02"], "a third one only old accounts see");
    let six = build(&network("us-east-1", "zones: 6\negress: { nat: single }"));
    let five = build(&network("us-east-1", "zones: 5\negress: { nat: single }"));
    assert_eq!(six.intent.zones[..5], five.intent.zones[..], "the sixth is the one EKS refuses");
    let cluster = edited("eu-west-1\nzones: 2", "us-east-1\nzones: 6");
    assert!(rules(&cluster).contains(&"ZON-02"));
}

/// The account decides which zone a name is; EKS refuses one of them.
#[test]
fn names_of_zones_may_be_the_one_that_eks_refuses() {
    let with = |region: &str, count: u8| {
        let names: Vec<String> =
            (0..count).map(|at| format!("{region}{}", char::from(b'a' + at))).collect();
        let zones = format!("{region}\nzones: [{}]\negress: {{ nat: single }}", names.join(", "));
        rules(&edited("eu-west-1\nzones: 2", &zones))
    };
    assert_eq!(with("us-east-1", 5), ["ZON-07"]);
    assert_eq!(with("us-east-1", 6), ["CLU-04"], "one of six is it for certain");
    assert_eq!(with("us-west-1", 2), ["ZON-07"], "two of the three that an old account has");
    assert_eq!(with("ca-central-1", 2), ["ZON-07"]);
    assert_eq!(with("eu-central-1", 3), NOTHING);
    let kept_out =
        edited("eu-west-1\nzones: 2", "us-east-1\nzones: [use1-az1, use1-az2, use1-az3]")
            .replace("size: /28,", "size: /28, zones: [use1-az1, use1-az2],");
    assert_eq!(rules(&kept_out), NOTHING);
}

/// Deployed by ids in three zones, now two names: which of the three they are, nobody knows.
#[test]
fn names_do_not_take_over_from_ids_while_zones_come_or_go() {
    let first = build(&edited("zones: 2", "zones: 3"));
    let over = |zones: &str| {
        let ledger = first.plan.ledger.clone();
        ids(&findings_with(&edited("zones: 2", zones), &move |own: &mut Ledger| {
            *own = ledger.clone()
        }))
    };
    assert!(over("zones: [eu-west-1b, eu-west-1c]").contains(&"ZON-04"));
    assert!(over("zones: [eu-west-1a, eu-west-1b, eu-west-1c, eu-west-1d]").contains(&"ZON-04"));
    assert!(!over("zones: [eu-west-1a, eu-west-1b, eu-west-1c]").contains(&"ZON-04"));
}

#[test]
fn a_tier_in_an_unread_zone_is_not_a_second_finding() {
    let text = edited("zones: 2", "zones: [euw1-az1, euw9-az2]")
        .replace("size: /20,", "size: /20, zones: [euw1-az1, euw9-az2],");
    assert_eq!(rules(&text), ["ZON-01"]);
}

#[test]
fn load_balancers_in_a_small_subnet_are_a_question_and_no_error() {
    let with = |size: &str, serves: &str| {
        edited(
            "tiers:\n",
            &format!("tiers:\n  - {{ name: lb, size: {size}, egress: none, {serves} }}\n"),
        )
    };
    let served = with("/28", "serves: [internalLoadBalancers]");
    assert_eq!((rules(&served), errors(&served)), (vec!["SUB-08"], vec![]));
    assert_eq!(rules(&with("/27", "serves: [internalLoadBalancers]")), NOTHING);
    let tagged = with("/28", "tags: { kubernetes.io/role/internal-elb: \"1\" }");
    assert_eq!(rules(&tagged), ["SUB-08"], "by hand, too");
    assert_eq!(rules(&with("/28", "tags: { team: a }")), NOTHING);
}

#[test]
fn tags_have_the_letters_of_the_services_that_take_them() {
    let shared = |tags: &str| {
        edited("  region: eu-west-1", &format!("  region: eu-west-1\n  tags: {{ {tags} }}"))
    };
    assert_eq!(rules(&shared("note: \"batch, nightly\"")), ["TAG-15"], "IAM refuses a comma");
    let tier = edited("serves: [nodes] }", "serves: [nodes], tags: { Ref: x } }");
    assert_eq!(rules(&tier), NOTHING, "a list of keys and values holds no function");
    let alone = network("eu-west-1", "zones: 2\ntiers: [{ name: a, size: /28, egress: none }]");
    let alone =
        alone.replace("region: eu-west-1", "region: eu-west-1, tags: { Ref: x, Env: a, env: b }");
    assert_eq!(rules(&alone), NOTHING, "no role, and no mapping");
}

#[test]
fn tag_keys_of_roles_differ_in_more_than_case() {
    let with = |tags: &str| {
        rules(&edited("  region: eu-west-1", &format!("  region: eu-west-1\n  tags: {{ {tags} }}")))
    };
    assert_eq!(with("name: x"), ["TAG-20"], "eksnet's own is Name");
    assert_eq!(with("Name: x, env: a"), NOTHING);
    let logs = "vpc: { flowLogs: { destination: cloudWatchLogs } }\nzones: 2\ntiers: [{ name: a, size: /28, egress: none }]";
    let logged = network("eu-west-1", logs)
        .replace("region: eu-west-1", "region: eu-west-1, tags: { name: x }");
    assert_eq!(rules(&logged), ["TAG-20"], "flow logs have a role");
}

#[test]
fn load_balancers_beside_nodes_are_no_matter_of_what_is_written() {
    let nodes = "serves: [nodes, internalLoadBalancers]";
    let text = edited("serves: [nodes]", nodes);
    assert_eq!(rules(&text), NOTHING);
    let chosen = text.replace(
        "  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }\n",
        "",
    );
    assert_eq!(rules(&chosen), NOTHING);
    let written = chosen.replace(nodes, "serves: [nodes, controlPlane, internalLoadBalancers]");
    assert_eq!(rules(&written), NOTHING);
}

#[test]
fn pods_are_not_let_into_the_control_planes_subnets() {
    let with = |node: &str| {
        let tag = "serves: [controlPlane], tags: { kubernetes.io/role/cni: \"1\" } }";
        let text = edited("serves: [controlPlane] }", tag);
        rules(&text.replace("nodeGroups:", &format!("awsNode: {node}\nnodeGroups:")))
    };
    assert_eq!(with("{ prefixDelegation: false }"), ["SD-07"]);
    let tag = "serves: [externalLoadBalancers], tags: { kubernetes.io/role/cni: \"1\" } }";
    let public = edited("serves: [externalLoadBalancers] }", tag);
    let public = public.replace("nodeGroups:", "awsNode: { prefixDelegation: false }\nnodeGroups:");
    assert_eq!(
        rules(&public),
        ["SNAT-05", "SD-07"],
        "no way out for pods, and the balancers' addresses"
    );
    assert!(!with("{ prefixDelegation: false, subnetDiscovery: false }").contains(&"SD-07"));
}

#[test]
fn a_route_inside_the_vpc_covers_a_subnet_through_an_appliance() {
    let with = |to: &str, via: &str| {
        let text = edited(
            "size: /20,",
            "size: /20, cidrs: { euw1-az1: 10.40.32.0/20, euw1-az2: 10.40.48.0/20 },",
        );
        rules(&text.replace(
            "serves: [controlPlane] }",
            &format!("serves: [controlPlane], routes: [{{ to: {to}, via: {via} }}] }}"),
        ))
    };
    // EXT-01: all of these are of a VPC that exists already.
    assert_eq!(with("10.40.32.0/20", "eni-01234567"), ["EXT-01"]);
    assert_eq!(with("10.40.32.0/20", "nat-01234567"), ["EXT-01"]);
    assert_eq!(with("10.40.32.0/21", "eni-01234567"), ["RT-03", "EXT-01"]);
    assert_eq!(with("10.40.32.0/20", "pcx-01234567"), ["RT-03"]);
}

#[test]
fn targets_of_routes_are_told_by_their_ids() {
    let with = |via: &str| {
        let text = edited(
            "serves: [controlPlane] }",
            &format!("serves: [controlPlane], routes: [{{ to: 10.99.0.0/16, via: \"{via}\" }}] }}"),
        );
        findings(&text)
    };
    for via in ["office", "pcx-", "pcx-xyz", "tgw-{{x}}", "i-01234567", "lgw-01234567"] {
        assert_eq!(ids(&with(via)), ["RT-04"], "{via}");
    }
    let cloud = with("arn:aws:networkmanager::111122223333:core-network/core-network-01234567");
    assert!(cloud[0].message.contains("Cloud WAN"), "{cloud:?}");
    assert_eq!(ids(&with("tgw-01234567")), ["RT-05"]);
    assert!(!with("tgw-01234567")[0].is_error(), "something else may attach it");
}

/// On a first deployment nothing can exist inside the VPC; later the lock knows that it does.
#[test]
fn what_is_inside_a_vpc_is_named_after_its_first_deployment() {
    let route = edited(
        "serves: [controlPlane] }",
        "serves: [controlPlane], routes: [{ to: 10.99.0.0/16, via: pcx-0123456789abcdef0 }] }",
    );
    let group =
        node("{ customNetworking: { tier: nodes, securityGroups: [sg-0123456789abcdef0] } }");
    let peer =
        edited("{ from: 10.0.0.0/8 }", "{ from: 10.0.0.0/8 }, { from: sg-0123456789abcdef0 }");
    for text in [&route, &group, &peer] {
        assert_eq!(rules(text), ["EXT-01"], "{text}");
        let ledger = build(text).plan.ledger;
        assert_eq!(
            ids(&findings_with(text, &move |own: &mut Ledger| *own = ledger.clone())),
            NOTHING
        );
    }
    // Behind a transit gateway a group may be another VPC's.
    let hub = peer.replace("zones: 2", "zones: 2\negress: { transitGateway: { id: tgw-01234567, destinations: [10.0.0.0/9], tier: control-plane } }");
    assert!(!rules(&hub).contains(&"EXT-01"));
}

#[test]
fn private_nat_goes_to_a_virtual_private_gateway_too() {
    let text =
        std::fs::read_to_string(crate::support::root().join("blueprints/cgnat-on-prem.yaml"))
            .unwrap();
    let gateway: Vec<&str> = text
        .lines()
        .filter(|line| {
            line.starts_with("    ")
                && ["id:", "destinations:", "routeTable:", "advertise:"]
                    .iter()
                    .any(|word| line.trim().starts_with(word))
        })
        .collect();
    let mut vpn =
        text.replace("  transitGateway:\n", "  vpnGateway: { id: vgw-0123456789abcdef0 }\n");
    for line in gateway {
        vpn = vpn.replace(&format!("{line}\n"), "");
    }
    assert!(!rules(&vpn).contains(&"NAT-08"), "{:?}", findings(&vpn));
    let nowhere = vpn.replace("  vpnGateway: { id: vgw-0123456789abcdef0 }\n", "");
    assert!(rules(&nowhere).contains(&"NAT-08"));
}

#[test]
fn services_hide_a_summary_that_holds_them_and_one_that_they_hold() {
    let with = |service: &str, to: &str| {
        let text = edited("cluster:\n", &format!("cluster:\n  serviceCidr: {service}\n"));
        rules(&text.replace("zones: 2", &format!("zones: 2\negress: {{ transitGateway: {{ id: tgw-01234567, destinations: [{to}], tier: control-plane }} }}"))).contains(&"SVC-03")
    };
    assert!(with("172.20.0.0/16", "172.16.0.0/12"));
    assert!(with("10.96.0.0/12", "10.100.0.0/16"));
    assert!(!with("172.20.0.0/16", "172.21.0.0/16"));
    assert!(with("10.100.0.0/16", "10.0.0.0/8"), "172.20.0.0/16 is free");
    assert!(
        !with("10.100.0.0/16", "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16"),
        "everything private"
    );
    assert!(!with("172.20.0.0/16", "0.0.0.0/0"));
    assert!(!with("172.20.0.0/16", "0.0.0.0/1, 128.0.0.0/1"), "in halves");
}

#[test]
fn only_what_is_excluded_towards_a_connected_network_leaves_untranslated() {
    let with = |excluded: &str| {
        let text = edited("cidr: 10.40.0.0/16", "cidr: 10.40.0.0/16\n  secondaryCidrs: [100.64.0.0/16]")
            .replace("tiers:\n", "tiers:\n  - { name: pods, size: /18, egress: nat, serves: [pods], from: 100.64.0.0/16 }\n")
            .replace("zones: 2", "zones: 2\negress: { transitGateway: { id: tgw-01234567, destinations: [10.0.0.0/9], tier: control-plane, routeTable: tgw-rtb-01234567 } }")
            .replace("nodeGroups:", &format!("awsNode: {{ customNetworking: {{ tier: pods }}, snat: {{ excludeCidrs: [{excluded}] }} }}\nnodeGroups:"));
        rules(&text).contains(&"SNAT-03")
    };
    assert!(with("10.20.0.0/16"));
    assert!(!with("192.168.7.0/24"));
}

#[test]
fn flow_logs_name_a_bucket_of_their_partition() {
    let with = |region: &str, bucket: &str| {
        let rest = format!(
            "vpc: {{ flowLogs: {{ destination: s3, bucket: \"{bucket}\" }} }}\nzones: 2\ntiers: [{{ name: a, size: /28, egress: none }}]"
        );
        rules(&network(region, &rest))
    };
    for (region, bucket, right) in [
        ("eu-west-1", "arn:aws:s3:::logs-of-the-company", true),
        ("eu-west-1", "arn:aws:s3:::logs/vpc/", true),
        ("cn-north-1", "arn:aws-cn:s3:::logs", true),
        ("eu-west-1", "arn:aws-cn:s3:::logs", false),
        ("eu-west-1", "arn:aws:s3:::logs/AWSLogs/", false),
        ("eu-west-1", "arn:aws:s3:::lo", false),
        ("eu-west-1", "arn:aws:s3:::Logs", false),
        ("eu-west-1", "logs", false),
    ] {
        let wanted: &[&str] = if right { &[] } else { &["FL-01"] };
        assert_eq!(with(region, bucket), wanted, "{bucket} in {region}");
    }
}

#[test]
fn rules_of_a_group_are_counted_by_family() {
    let with = |four: usize, six: usize| {
        let rules_of: Vec<String> = (0..four)
            .map(|at| format!("{{ from: 10.21.{at}.0/24 }}"))
            .chain((0..six).map(|at| format!("{{ from: \"2a05:d018:{at}::/48\" }}")))
            .collect();
        rules(&edited("{ from: 10.0.0.0/8 }", &rules_of.join(", ")))
    };
    assert_eq!(with(60, 60), NOTHING);
    assert_eq!(with(61, 1), ["SG-05"]);
    assert_eq!(with(1, 61), ["SG-05"]);
}

#[test]
fn whoever_calls_a_private_api_comes_on_443() {
    let with =
        |ports: &str| rules(&edited("from: 10.0.0.0/8 }", &format!("from: 10.0.0.0/8{ports} }}")));
    assert_eq!(with(", ports: 22"), ["EP-10"]);
    assert_eq!(with(", ports: 443, protocol: udp"), ["EP-10"]);
    assert_eq!(with(", ports: 400-500"), NOTHING);
    assert_eq!(with(", protocol: all"), NOTHING);
}

#[test]
fn ids_of_groups_have_eight_or_seventeen_digits() {
    let with = |id: &str| {
        rules(&node(&format!("{{ customNetworking: {{ tier: nodes, securityGroups: [{id}] }} }}")))
    };
    for id in ["sg-01", "sg-0123456789abcdef01", "sg-0123456G", "pods"] {
        assert!(with(id).contains(&"CN-10"), "{id}");
    }
    assert_eq!(with("sg-01234567"), ["EXT-01"]);
    let peer = |id: &str| rules(&edited("{ from: 10.0.0.0/8 }", &format!("{{ from: {id} }}")));
    assert_eq!(peer("sg-01"), ["SG-03"]);
    assert_eq!(peer("pl-0123456789abcdef0"), NOTHING);
}

#[test]
fn an_interface_has_five_groups_and_sixteen_with_a_raised_quota() {
    let with = |count: usize| {
        let groups: Vec<String> = (0..count).map(|at| format!("sg-{at:08x}")).collect();
        let text = node(&format!(
            "{{ customNetworking: {{ tier: nodes, securityGroups: [{}] }} }}",
            groups.join(", ")
        ));
        rules(&text).into_iter().filter(|id| *id != "EXT-01").collect::<Vec<_>>()
    };
    assert_eq!(with(5), NOTHING);
    assert_eq!(with(6), ["CN-13"]);
    assert_eq!(with(16), ["CN-13"]);
    assert_eq!(with(17), ["CN-14"]);
    let twice =
        node("{ customNetworking: { tier: nodes, securityGroups: [sg-01234567, sg-01234567] } }");
    assert!(rules(&twice).contains(&"CN-13"));
}

#[test]
fn a_floor_of_max_pods_is_a_fixed_pool() {
    let with = |floor: u32| {
        rules(&node(&format!("{{ prefixDelegation: false, warm: {{ minimumIps: {floor} }} }}")))
    };
    // m6i.large: 3 interfaces with 10 addresses, 29 pods.
    assert_eq!(with(28), ["SET-08"]);
    assert_eq!(with(29), NOTHING);
    assert_eq!(with(110), NOTHING);
}

#[test]
fn a_target_that_nothing_reads_is_one_finding() {
    let text = "{ prefixDelegation: false, customNetworking: { tier: nodes }, warm: { enis: 0, ips: 5, minimumIps: 10 } }";
    assert_eq!(rules(&node(text)), ["SET-24"]);
}

#[test]
fn packets_of_pods_are_held_against_the_interface() {
    let with = |interface: u32, pods: u32| {
        rules(&node(&format!(
            "{{ env: {{ AWS_VPC_ENI_MTU: \"{interface}\", POD_MTU: \"{pods}\" }} }}"
        )))
    };
    assert_eq!(with(1500, 1501), ["SET-39"]);
    assert_eq!(with(1500, 1500), NOTHING);
    assert_eq!(rules(&node("{ env: { POD_MTU: \"9001\" } }")), NOTHING);
}

#[test]
fn further_network_cards_are_managed_where_there_are_some() {
    let with = |types: &str| {
        let text = node("{ env: { ENABLE_MULTI_NIC: \"true\" } }").replace("m6i.large", types);
        rules(&text).contains(&"SET-24")
    };
    assert!(with("m6i.large"));
    assert!(!with("c6in.32xlarge"));
}

#[test]
fn prefixes_come_from_an_open_tier_with_room_where_discovery_finds_one() {
    let with = |discovery: &str, zones: &str| {
        let pods = format!(
            "tiers:\n  - {{ name: pods, size: /18, from: 100.64.0.0/16, egress: nat, serves: [pods]{zones} }}\n"
        );
        let text = edited("size: /20", "size: /27")
            .replace("tiers:\n", &pods)
            .replace("cidr: 10.40.0.0/16", "cidr: 10.40.0.0/16\n  secondaryCidrs: [100.64.0.0/16]")
            .replace(
                "nodeGroups:",
                &format!("awsNode: {{ subnetDiscovery: {discovery} }}\nnodeGroups:"),
            );
        rules(&text).contains(&"SUB-11")
    };
    assert!(!with("true", ""));
    assert!(with("true", ", zones: [euw1-az1]"), "nodes of the other zone have none");
    assert!(with("false", ""));
}

#[test]
fn public_pods_without_translation_are_a_question() {
    let with = |snat: &str, more: &str| {
        let text = edited("egress: nat,", "egress: internet,")
            .replace("zones: 2", &format!("zones: 2{more}"))
            .replace("nodeGroups:", &format!("awsNode: {{ snat: {snat} }}\nnodeGroups:"));
        rules(&text).contains(&"SNAT-02")
    };
    assert!(with("{ external: true }", ""));
    assert!(with("{ excludeCidrs: [0.0.0.0/0] }", ""), "it is the same");
    assert!(with("{ excludeCidrs: [0.0.0.0/1, 128.0.0.0/1] }", ""));
    assert!(!with("{ excludeCidrs: [10.0.0.0/8] }", ""));
    assert!(!with("{ external: true }", "\nendpoints: auto"));
    let text = edited("egress: nat,", "egress: internet,")
        .replace("nodeGroups:", "awsNode: { snat: { external: true } }\nnodeGroups:");
    assert_eq!(errors(&text), NOTHING);
}

#[test]
fn pods_with_groups_of_their_own_run_where_a_trunk_is() {
    let with = |types: &str, more: &str| {
        let text = node("{ securityGroupsForPods: {} }").replace("m6i.large", types);
        rules(&format!("{text}{more}"))
    };
    assert_eq!(with("t3.large", ""), ["SGP-01"]);
    assert_eq!(with("t3.large, m6i.large", ""), ["SGP-08"], "one of the group's own types");
    let fargate = "fargate: [{ name: jobs, tier: nodes, selectors: [{ namespace: jobs }] }]\n";
    assert_eq!(with("t3.large", fargate), ["SGP-08"]);
}

#[test]
fn ipv6_egress_wants_a_route_of_the_node() {
    let six = edited("10.40.0.0/16", "10.40.0.0/16\n  ipv6: amazon")
        .replace("nodeGroups:", "awsNode: { env: { ENABLE_V6_EGRESS: \"true\" } }\nnodeGroups:");
    assert_eq!(rules(&six), NOTHING);
    let closed = six
        .replace("egress: nat,", "egress: none,")
        .replace("zones: 2", "zones: 2\nendpoints: auto");
    assert!(rules(&closed).contains(&"SET-11"), "{:?}", rules(&closed));
    let cluster = six.replace("cluster:\n", "cluster:\n  ipFamily: ipv6\n");
    assert_eq!(rules(&cluster), ["SET-24"], "there it is not read");
}

#[test]
fn nothing_is_said_of_prefixes_where_another_cni_runs() {
    let text = edited("10.40.0.0/16", "10.40.0.0/16\n  ipv6: amazon")
        .replace("cluster:\n", "cluster:\n  ipFamily: ipv6\n")
        .replace(
            "nodeGroups:",
            "awsNode: { management: none, overlay: { cni: cilium } }\nnodeGroups:",
        );
    assert!(!rules(&text).contains(&"IP6-01"), "{:?}", rules(&text));
}

#[test]
fn words_that_other_readers_take_for_numbers_and_dates_are_quoted() {
    let with = |value: &str| {
        rules(&edited(
            "  region: eu-west-1",
            &format!("  region: eu-west-1\n  tags: {{ a: {value} }}"),
        ))
    };
    for value in
        ["1_000", "0x1F", "0b11", "0o17", "012", "1e3", "2024-01-01", "12:30", "no", ".inf"]
    {
        assert_eq!(with(value), ["YAML-08"], "{value}");
        assert_eq!(with(&format!("\"{value}\"")), NOTHING, "{value}");
    }
    for value in ["v1.2.3", "inf", "nan", "2024-01", "a_b", "e3", "team-1"] {
        assert_eq!(with(value), NOTHING, "{value}");
    }
}

#[test]
fn a_dynamic_reference_is_refused_wherever_it_is() {
    for (from, to) in [
        ("  region: eu-west-1", "  region: eu-west-1\n  tags: { \"{{resolve:ssm:a}}\": x }"),
        ("tier: nodes,", "tier: nodes, labels: { a: \"{{resolve:secretsmanager:s}}\" },"),
        ("from: 10.0.0.0/8 }", "from: 10.0.0.0/8, why: \"{{resolve:ssm:x}}\" }"),
    ] {
        assert!(rules(&edited(from, to)).contains(&"BP-07"), "{to}");
    }
}

#[test]
fn an_add_on_that_calls_route_53_wants_a_way_there() {
    let text = edited(
        "nodeGroups:",
        "addons: [coredns, kube-proxy, eks-pod-identity-agent, external-dns]\nnodeGroups:",
    );
    assert!(!rules(&text).contains(&"PE-24"));
    let closed = text
        .replace("egress: nat,", "egress: none,")
        .replace("zones: 2", "zones: 2\nendpoints: auto");
    assert!(rules(&closed).contains(&"PE-24"));
}

/// Nobody chose them, and they stay for ever: they keep away from what is connected.
#[test]
fn services_are_chosen_apart_from_connected_networks() {
    let with = |to: &str| {
        let egress = format!(
            "zones: 2\negress: {{ transitGateway: {{ id: tgw-01234567, destinations: [{to}], tier: control-plane }} }}"
        );
        let text = edited("zones: 2", &egress);
        assert!(!rules(&text).contains(&"SVC-03"), "{to}");
        build(&text).intent.cluster.unwrap().service_cidr.to_string()
    };
    assert_eq!(with("10.0.0.0/8"), "172.20.0.0/16", "everything private");
    assert_eq!(with("172.16.0.0/12"), "10.100.0.0/16");
    assert_eq!(with("172.16.0.0/12, 10.100.0.0/14"), "192.168.0.0/20");
    assert_eq!(with("10.100.0.0/16, 172.16.0.0/12, 192.168.0.0/16"), "10.255.0.0/16");
    assert_eq!(with("172.16.0.0/12, 10.0.0.0/8"), "192.168.0.0/20");
    let all = edited(
        "zones: 2",
        "zones: 2\negress: { transitGateway: { id: tgw-01234567, destinations: [10.0.0.0/9, 10.128.0.0/9, 172.16.0.0/12, 192.168.0.0/16], tier: control-plane } }",
    );
    assert_eq!(
        rules(&all).iter().filter(|id| **id == "SVC-03").count(),
        1,
        "somewhere they have to be"
    );
}
