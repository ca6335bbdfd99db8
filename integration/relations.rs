//! Rules that hold between parts of a blueprint and want more than one edit to break.

use crate::support::{CLEAN, build, findings, root};

fn blueprint(name: &str) -> String {
    std::fs::read_to_string(root().join(format!("blueprints/{name}.yaml"))).unwrap()
}

fn rules(text: &str) -> Vec<&'static str> {
    findings(text).iter().map(|finding| finding.rule.id).collect()
}

const NOTHING: [&str; 0] = [];

fn edited(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}\n{text}");
    text.replacen(from, to, 1)
}

/// A cluster without any way out but endpoints.
fn shut() -> String {
    let text = edited(CLEAN, "egress: internet, serves: [externalLoadBalancers]", "egress: none");
    edited(
        &edited(&text, "egress: nat, serves: [nodes]", "egress: none, serves: [nodes]"),
        "cluster:\n",
        "endpoints: auto\ncluster:\n",
    )
}

#[test]
fn repeated_addresses_are_translated_before_they_leave() {
    let text = blueprint("cgnat-on-prem");
    assert_eq!(rules(&text), NOTHING);
    let line = text.lines().find(|line| line.contains("privateNat:")).unwrap();
    assert_eq!(rules(&text.replace(&format!("{line}\n"), "")), ["SNAT-03"]);
    // Ranges that the node leaves alone are no other case.
    let excluded = text.replace("snat: { external: true }", "snat: { excludeCidrs: [10.0.0.0/8] }");
    assert_ne!(excluded, text);
    assert_eq!(rules(&excluded), NOTHING);
    assert_eq!(rules(&excluded.replace(&format!("{line}\n"), "")), ["SNAT-03"]);
    let nowhere = text.lines().find(|line| line.contains("destinations:")).unwrap();
    assert!(
        rules(&text.replace(nowhere, &nowhere.replace("destinations: [10.0.0.0/8], ", "")))
            .contains(&"TGW-03")
            || !nowhere.contains("[10.0.0.0/8], ")
    );
    let host = text.replace("privateNat: { tier: nodes,", "privateNat: { tier: transit,");
    assert_eq!(rules(&host), ["NAT-08"]);
}

/// S3 has two kinds of endpoints under one name: together, alone, and what nodes without a way out find there.
#[test]
fn the_interface_of_s3_stands_beside_its_gateway_or_by_itself() {
    let with = |list: &str| edited(&shut(), "endpoints: auto", &format!("endpoints: {list}"));
    let both = build(&with("{ include: [s3.interface] }"));
    let interface = both.template.resource("EndpointS3Interface").unwrap();
    assert_eq!(interface["DependsOn"], serde_json::json!(["EndpointS3"]));
    let properties = &interface["Properties"];
    assert_eq!(properties["ServiceName"], "com.amazonaws.eu-west-1.s3");
    let who = |properties: &serde_json::Value| {
        properties["DnsOptions"]["PrivateDnsOnlyForInboundResolverEndpoint"].clone()
    };
    assert_eq!(who(properties), "OnlyInboundResolver");
    let gateway = both.template.resource("EndpointS3").unwrap();
    assert_eq!(gateway["Properties"]["VpcEndpointType"], "Gateway");
    let text = with("{ include: [s3.interface], exclude: [s3] }");
    assert_eq!(rules(&text), rules(&shut()), "nodes reach S3 through its interface");
    let alone = build(&text);
    let interface = alone.template.resource("EndpointS3Interface").unwrap();
    assert_eq!(who(&interface["Properties"]), "AllResolvers");
    assert!(interface.get("DependsOn").is_none());
    assert!(rules(&with("{ exclude: [s3] }")).contains(&"PE-02"));
}

#[test]
fn tags_are_counted_where_they_are_merged() {
    let many = |prefix: &str, count: usize| {
        (0..count).map(|at| format!("{prefix}{at}: x")).collect::<Vec<_>>().join(", ")
    };
    let with = |own: usize, shared: usize| {
        let text = edited(
            CLEAN,
            "  region: eu-west-1",
            &format!("  region: eu-west-1\n  tags: {{ {} }}", many("a", shared)),
        );
        rules(&edited(
            &text,
            "serves: [controlPlane] }",
            &format!("serves: [controlPlane], tags: {{ {} }} }}", many("b", own)),
        ))
    };
    assert_eq!(with(20, 29), NOTHING, "49, and the name");
    assert_eq!(with(20, 30), ["TAG-18"]);
    assert_eq!(with(1, 48), NOTHING, "48, one and the name");
    assert_eq!(with(10, 50), ["TAG-15"], "50 and the name, on every resource: one finding");
}

#[test]
fn a_reservation_is_a_part_of_its_subnet_that_somebody_uses() {
    let with = |len: &str, node: &str| {
        let text = edited(
            CLEAN,
            "size: /20, egress: nat",
            &format!("size: /20, reservation: {{ prefixes: {len} }}, egress: nat"),
        );
        rules(&edited(&text, "nodeGroups:", &format!("{node}nodeGroups:")))
    };
    for (len, found) in [
        ("/21", None),
        ("/28", None),
        ("/20", Some("SUB-09")),
        ("/19", Some("SUB-09")),
        ("/29", Some("SUB-09")),
        ("21", Some("NET-02")),
    ] {
        assert_eq!(with(len, ""), found.into_iter().collect::<Vec<_>>(), "{len}");
    }
    assert_eq!(with("/21", "awsNode: { prefixDelegation: false }\n"), ["SUB-15"]);
    let auto = edited(
        CLEAN,
        "size: /20, egress: nat",
        "size: auto, reservation: { prefixes: /21 }, egress: nat",
    );
    assert_eq!(rules(&auto), ["SUB-09"]);
}

#[test]
fn a_reservation_may_be_written_by_zone() {
    let with = |part: &str| {
        edited(
            CLEAN,
            "size: /20, egress: nat",
            &format!(
                "cidrs: [10.40.16.0/20, 10.40.32.0/20], reservation: {{ {part} }}, egress: nat"
            ),
        )
    };
    for part in [
        "cidrs: [10.40.20.0/22, 10.40.40.0/21]",
        "cidrs: { euw1-az1: 10.40.20.0/22, euw1-az2: 10.40.40.0/21 }",
    ] {
        assert_eq!(rules(&with(part)), NOTHING, "{part}");
        let plan = build(&with(part)).plan;
        let kept: Vec<String> =
            plan.of_tier("nodes").map(|subnet| subnet.reserved.unwrap().to_string()).collect();
        assert_eq!(kept, ["10.40.20.0/22", "10.40.40.0/21"]);
    }
    for (part, rule) in [
        ("cidrs: [10.40.48.0/22, 10.40.40.0/21]", "SUB-09"),
        ("cidrs: [10.40.36.0/22, 10.40.40.0/21]", "SUB-09"),
        ("cidrs: [10.40.16.0/20, 10.40.40.0/21]", "SUB-09"),
        ("cidrs: [10.40.16.0/29, 10.40.40.0/21]", "SUB-09"),
        ("cidrs: [10.40.20.0/22]", "TIER-09"),
        ("prefixes: /21, cidrs: [10.40.20.0/22, 10.40.40.0/21]", "SUB-09"),
        ("", "SUB-09"),
    ] {
        assert_eq!(rules(&with(part)), [rule], "{part}");
    }
}

/// No aws-node, no role for it, no address of the VPC for pods.
#[test]
fn another_cni_leaves_the_vpc_to_the_nodes() {
    let built = build(&blueprint("other-cni"));
    for id in ["AddonVpcCni", "CniRole"] {
        assert!(built.template.resource(id).is_none(), "{id}");
    }
    let group = &built.capacity.groups[0];
    assert_eq!(
        (
            group.density.max_pods,
            group.planned.node_subnet.addresses,
            group.planned.pod_subnet.addresses
        ),
        (110, 1, 0)
    );
    let files = eksnet::render::files::all(&built.intent, &built.plan, &built.template).unwrap();
    assert!(!files.contains_key("kubernetes/aws-node.yaml"));
    assert!(
        rules(&edited(
            &blueprint("other-cni"),
            "tiers:\n",
            "tiers:\n  - { name: pods, size: /26, egress: nat, serves: [pods] }\n"
        )) == ["CN-09"]
    );
}

/// What is kept for prefixes is not spoilt by single addresses.
#[test]
fn a_reserved_part_holds_for_certain() {
    let text = blueprint("reservations");
    let nodes = |text: &str| {
        let capacity = build(text).capacity;
        (capacity.nodes().at_best, capacity.nodes().certain)
    };
    let (packed, scattered) = nodes(&text);
    let (bare_packed, bare_scattered) =
        nodes(&edited(&text, ", reservation: { prefixes: /21 }", ""));
    assert!(
        bare_scattered <= scattered && scattered <= packed && packed <= bare_packed,
        "{bare_scattered} {scattered} {packed} {bare_packed}"
    );
}

#[test]
fn regional_nat_gateways_are_where_they_are_offered() {
    let gov = CLEAN
        .replace("eu-west-1\nzones: 2", "us-gov-west-1\nzones: 2\negress: { nat: regional }")
        .replace("arn:aws:iam", "arn:aws-us-gov:iam");
    assert_eq!(rules(&gov), ["NAT-05"]);
    assert_eq!(
        rules(&gov.replace("arn:aws-us-gov:iam", "arn:aws:iam")),
        ["NAT-05", "ACC-01", "ACC-01"],
        "principals of another partition"
    );
}

/// Only their owner knows the policies; a role from anywhere will do.
/// CoreDNS is given the tolerations; others keep theirs, which no taint of one's own is among.
#[test]
fn add_ons_tolerate_the_taints_of_all_node_groups() {
    let with = |taints: &str, addon: &str| {
        let addons = format!("addons: [coredns, kube-proxy, eks-pod-identity-agent, {addon}]");
        let group = format!("nodeGroups:\n  - {{ taints: [{taints}], name: general,");
        edited(CLEAN, "nodeGroups:\n  - { name: general,", &format!("{addons}\n{group}"))
    };
    let taint = "{ key: team, value: a, effect: NoSchedule }";
    for addon in ["metrics-server", "aws-ebs-csi-driver", "cert-manager", "snapshot-controller"] {
        assert_eq!(rules(&with(taint, addon)), ["ADD-10"], "{addon}");
    }
    for effect in
        ["{ key: CriticalAddonsOnly, effect: NoSchedule }", "{ key: a, effect: PreferNoSchedule }"]
    {
        assert_eq!(rules(&with(effect, "metrics-server")), NOTHING, "{effect}");
    }
    let told = "{ name: aws-ebs-csi-driver, configuration: { controller: { tolerations: [{ operator: Exists }] } } }";
    assert_eq!(rules(&with(taint, told)), NOTHING);
    let two = with(taint, "metrics-server")
        + "  - { name: open, tier: nodes, instanceTypes: [m6i.large] }\n";
    assert_eq!(rules(&two), NOTHING);
    // What the author says himself is held against the groups.
    let dns = |configuration: &str| {
        with(taint, "metrics-server").replace(
            "[coredns, kube-proxy, eks-pod-identity-agent, metrics-server]",
            &format!("[kube-proxy, eks-pod-identity-agent, {{ name: coredns, configuration: {{ {configuration} }} }}]"),
        )
    };
    for (configuration, expected) in [
        ("tolerations: [{ operator: Exists }]", NOTHING.to_vec()),
        ("tolerations: [{ key: team, value: a }]", NOTHING.to_vec()),
        ("tolerations: [{ key: team, value: b }]", vec!["ADD-10"]),
        ("nodeSelector: { team: a }", vec!["ADD-10"]),
        ("nodeSelector: { kubernetes.io/os: linux }", NOTHING.to_vec()),
        ("nodeSelector: { eks.amazonaws.com/nodegroup: general }", NOTHING.to_vec()),
        ("nodeSelector: { eks.amazonaws.com/nodegroup: other }", vec!["ADD-10"]),
    ] {
        assert_eq!(rules(&dns(configuration)), expected, "{configuration}");
    }
}

#[test]
fn add_ons_that_call_aws_are_asked_for_a_role() {
    let with = |text: &str, addon: &str| {
        let addons =
            format!("addons: [coredns, kube-proxy, eks-pod-identity-agent, {addon}]\nnodeGroups:");
        edited(text, "nodeGroups:", &addons)
    };
    for name in ["external-dns", "aws-mountpoint-s3-csi-driver"] {
        assert_eq!(rules(&with(CLEAN, name)), ["ADD-05"]);
        let none = format!("{{ name: {name}, role: none }}");
        assert_eq!(rules(&with(CLEAN, &none)), NOTHING);
    }
    let irsa = "{ name: external-dns, configuration: { serviceAccount: { annotations: { eks.amazonaws.com/role-arn: \"arn:aws:iam::111122223333:role/records\" } } } }";
    assert_eq!(rules(&with(CLEAN, irsa)), NOTHING);
    let bound = |account: &str| {
        let role = "arn:aws:iam::111122223333:role/records";
        let own = format!(
            "podIdentities: [{{ namespace: external-dns, serviceAccount: {account}, role: \"{role}\" }}]\nnodeGroups:"
        );
        edited(&with(CLEAN, "external-dns"), "nodeGroups:", &own)
    };
    assert_eq!(rules(&bound("external-dns")), NOTHING);
    assert_eq!(rules(&bound("records")), ["ADD-05"]);
    // Their policies are AWS's own.
    assert_eq!(
        rules(&with(CLEAN, "cert-manager, aws-privateca-connector-for-kubernetes")),
        NOTHING
    );
}

#[test]
fn add_ons_find_their_service() {
    let with = |text: &str, addon: &str| {
        edited(
            text,
            "nodeGroups:",
            &format!("addons: [coredns, kube-proxy, eks-pod-identity-agent, {addon}]\nnodeGroups:"),
        )
    };
    let dns = "{ name: external-dns, role: \"arn:aws:iam::111122223333:role/records\" }";
    assert_eq!(rules(&with(&shut(), dns)), ["PE-24"]);
    assert_eq!(rules(&with(CLEAN, dns)), NOTHING);
    let six = edited(
        &edited(CLEAN, "cidr: 10.40.0.0/16", "cidr: 10.40.0.0/16\n  ipv6: amazon"),
        "cluster:\n",
        "cluster:\n  ipFamily: ipv6\n",
    );
    assert_eq!(rules(&with(&six, "aws-fsx-csi-driver")), ["IP6-05"]);
    assert_eq!(rules(&six), NOTHING);
}

#[test]
fn an_ipv6_cluster_is_told_of_what_it_does_not_read() {
    let six = edited(
        &edited(CLEAN, "cidr: 10.40.0.0/16", "cidr: 10.40.0.0/16\n  ipv6: amazon"),
        "cluster:\n",
        "cluster:\n  ipFamily: ipv6\n",
    );
    let with =
        |node: &str| rules(&edited(&six, "nodeGroups:", &format!("awsNode: {node}\nnodeGroups:")));
    assert_eq!(with("{ env: { AWS_VPC_ENI_MTU: \"1000\" } }"), ["SET-23"]);
    assert_eq!(with("{ env: { AWS_VPC_ENI_MTU: \"1280\" } }"), NOTHING);
    assert_eq!(with("{ snat: { external: true } }"), ["SET-24"]);
    assert_eq!(with("{ version: v1.9.0-eksbuild.1 }"), ["SET-35"]);
    assert_eq!(
        with("{ version: v1.15.1-eksbuild.1, securityGroupsForPods: {} }"),
        ["IP6-03", "SET-35"]
    );
    assert_eq!(with("{ version: v1.16.0-eksbuild.1, securityGroupsForPods: {} }"), ["IP6-03"]);
}

#[test]
fn aws_node_calls_the_api_inside_the_vpc() {
    let text = edited(
        CLEAN,
        "private: true, public: false",
        "private: false, public: true, publicCidrs: [natGateways]",
    );
    let with = |text: &str| {
        rules(&edited(
            text,
            "nodeGroups:",
            "awsNode: { env: { CLUSTER_ENDPOINT: \"https://x\" } }\nnodeGroups:",
        ))
    };
    assert_eq!(with(&text), ["EP-15"]);
    assert_eq!(with(CLEAN), NOTHING);
}

/// Without a gateway the list would be empty, and an empty list lets everybody in.
#[test]
fn nat_gateways_in_a_list_are_gateways_that_there_are() {
    let open = |text: &str| {
        edited(
            text,
            "private: true, public: false",
            "private: true, public: true, publicCidrs: [natGateways]",
        )
    };
    let none =
        edited(&open(&shut()), "endpoints: auto\n", "endpoints: auto\negress: { nat: single }\n");
    assert_eq!(rules(&none), ["EP-08"]);
    assert_eq!(rules(&open(CLEAN)), NOTHING);
    let public = edited(CLEAN, "egress: nat, serves: [nodes]", "egress: internet, serves: [nodes]");
    let public = edited(
        &edited(
            &public,
            "private: true, public: false",
            "private: false, public: true, publicCidrs: [natGateways, 203.0.113.0/24]",
        ),
        "tiers:\n",
        "tiers:\n  - { name: jobs, size: /24, egress: nat }\n",
    );
    assert_eq!(rules(&public), ["NODE-03", "EP-08"]);
}

#[test]
fn an_unreadable_list_is_not_called_open() {
    let text = edited(
        CLEAN,
        "private: true, public: false",
        "private: true, public: true, publicCidrs: [203.0.113.0]",
    );
    assert_eq!(rules(&text), ["NET-01"]);
}

#[test]
fn a_list_holds_40_ranges_with_the_gateways() {
    let with = |count: usize, more: &str| {
        let ranges: Vec<String> = (0..count).map(|at| format!("203.0.{at}.0/24")).collect();
        rules(&edited(
            CLEAN,
            "private: true, public: false",
            &format!("private: true, public: true, publicCidrs: [{}{more}]", ranges.join(", ")),
        ))
    };
    assert_eq!(with(40, ""), NOTHING);
    assert_eq!(with(41, ""), ["EP-05"]);
    assert_eq!(with(38, ", natGateways"), NOTHING);
    assert_eq!(with(39, ", natGateways"), ["EP-05"]);
}

#[test]
fn pods_on_fargate_are_let_in_at_the_endpoints() {
    let text = edited(
        &shut(),
        "tiers:\n",
        "fargate: [{ name: jobs, tier: jobs, selectors: [{ namespace: a }] }]\ntiers:\n  - { name: jobs, size: /24, egress: none }\n",
    );
    assert_eq!(rules(&text), NOTHING);
    let built = build(&text);
    for subnet in built.plan.of_tier("jobs").map(eksnet::graph::subnet_id) {
        let services = built.intent.endpoints.services.len();
        assert_eq!(
            eksnet::render::reach::endpoints(
                &eksnet::render::reach::Reach::of(&built.template),
                &subnet
            )
            .len(),
            services,
            "{subnet}"
        );
    }
    let only = edited(&text, "endpoints: auto", "endpoints: { exclude: [ecr.api] }");
    assert!(rules(&only).contains(&"PE-01"));
}

#[test]
fn hybrid_nodes_are_let_in_at_the_endpoints() {
    let built = build(&edited(
        &blueprint("hybrid-nodes"),
        "\ncluster:\n",
        "\nendpoints: auto\n\ncluster:\n",
    ));
    let group = built.template.resource("EndpointSecurityGroup").unwrap()["Properties"]["SecurityGroupIngress"].to_string();
    assert!(group.contains("10.80.0.0/16") && group.contains("10.85.0.0/16"), "{group}");
}

/// Whoever routes elsewhere routes everything: the stack has no route of its own to these networks.
#[test]
fn others_may_route_hybrid_nodes() {
    let with = |more: &str, routes: &str| {
        CLEAN.replace(
            "cluster:\n",
            &format!("{more}cluster:\n  remoteNetworks: {{ nodes: [10.80.0.0/16]{routes} }}\n"),
        )
    };
    let external = ", routes: external";
    assert_eq!(rules(&with("", "")), ["HYB-06"]);
    assert_eq!(rules(&with("", external)), NOTHING);
    let gateway = "egress: { transitGateway: { id: tgw-0123456789abcdef0 } }\n";
    let routes = |text: &str| {
        let built = build(text);
        let to =
            |one: &serde_json::Value| one["Properties"]["DestinationCidrBlock"] == "10.80.0.0/16";
        built.template.resources().filter(|(_, one)| to(one)).count()
    };
    assert_ne!(routes(&with(gateway, "")), 0);
    assert_eq!(routes(&with(gateway, external)), 0);
    assert_eq!(routes(&with("", external)), 0);
}

#[test]
fn rules_for_hybrid_nodes_fill_a_group_too() {
    let ranges = |count: usize, second: u8| {
        (0..count).map(|at| format!("10.{second}.{at}.0/24")).collect::<Vec<_>>().join(", ")
    };
    let with = |count: usize| {
        rules(&edited(
            CLEAN,
            "cluster:\n",
            &format!(
                "egress: {{ vpnGateway: {{ id: vgw-00000000000000001 }} }}\ncluster:\n  remoteNetworks: {{ nodes: [{}], pods: [{}] }}\n",
                ranges(count, 80),
                ranges(count, 81)
            ),
        ))
    };
    assert_eq!(with(9), NOTHING);
    assert_eq!(with(15), ["SG-05"]);
}

#[test]
fn an_acl_of_more_than_40_rules_is_no_matter_of_quotas() {
    let rules_of: Vec<String> = (0..40).map(|at| format!("{{ from: 10.21.{at}.0/24 }}")).collect();
    let text = edited(
        &edited(
            CLEAN,
            "serves: [nodes] }",
            &format!("serves: [nodes], networkAcl: {{ ingress: [{}] }} }}", rules_of.join(", ")),
        ),
        "zones: 2",
        "zones: 2\nnetworkAcls: perTier",
    );
    let found = findings(&text);
    assert!(found.len() == 1 && found[0].rule == "NACL-05", "{found:?}");
}

#[test]
fn what_is_legal_though_unusual_is_not_refused() {
    // A node tier open to discovery as AWS writes it, a service named twice.
    assert_eq!(
        rules(&edited(
            CLEAN,
            "egress: none, serves: [controlPlane]",
            "egress: none, serves: [controlPlane], routes: [{ to: 10.40.0.0/24, via: eni-00000000000000001 }]"
        )),
        ["RT-03", "EXT-01"],
        "no subnet is there"
    );
    assert_eq!(
        rules(&edited(
            CLEAN,
            "serves: [nodes] }",
            "serves: [nodes], tags: { kubernetes.io/role/cni: \"1\" } }"
        )),
        NOTHING
    );
    let twice = edited(CLEAN, "zones: 2", "zones: 2\nendpoints: { include: [kms, kms] }");
    assert_eq!(rules(&twice), ["BP-08"]);
    assert_eq!(
        build(&twice)
            .intent
            .endpoints
            .services
            .iter()
            .filter(|one| one.service.name == "kms")
            .count(),
        1
    );
    // CloudFormation adds secondary CIDRs from the lowest up.
    for order in ["[10.1.0.0/16, 10.0.0.0/20]", "[10.0.0.0/20, 10.1.0.0/16]"] {
        assert_eq!(
            rules(&edited(
                CLEAN,
                "cidr: 10.40.0.0/16",
                &format!("cidr: 10.40.0.0/16\n  secondaryCidrs: {order}\n  keepFree: {order}")
            )),
            NOTHING,
            "{order}"
        );
    }
    // Pods without translation that leave through a transit gateway.
    let central = edited(
        CLEAN,
        "tiers:\n",
        "egress: { transitGateway: { id: tgw-00000000000000001, destinations: [10.0.0.0/9] } }\nawsNode: { customNetworking: { tier: pods }, snat: { external: true } }\ntiers:\n  - { name: transit, size: /28, egress: none, serves: [transit] }\n  - { name: pods, size: /20, egress: none, serves: [pods], routes: [{ to: 0.0.0.0/0, via: tgw-00000000000000001 }] }\n",
    );
    assert_eq!(rules(&central), NOTHING);
    assert_eq!(
        rules(&edited(&central, ", routes: [{ to: 0.0.0.0/0, via: tgw-00000000000000001 }]", "")),
        ["CN-15"],
        "only what is behind the transit gateway"
    );
}

/// A tier that goes out through the transit gateway, beside a public one with its own way.
#[test]
fn a_transit_gateway_may_be_the_way_to_everything() {
    let text = edited(
        CLEAN,
        "tiers:\n",
        "egress: { transitGateway: { id: tgw-00000000000000001, destinations: [0.0.0.0/0] } }\ntiers:\n  - { name: transit, size: /28, egress: none, serves: [transit] }\n",
    );
    let text = edited(&text, "egress: nat, serves: [nodes]", "egress: none, serves: [nodes]");
    assert_eq!(rules(&text), NOTHING);
    let built = build(&text);
    let way = |tier: &str| {
        eksnet::render::reach::way(
            &eksnet::render::reach::Reach::of(&built.template),
            &built.plan.of_tier(tier).map(eksnet::graph::subnet_id).next().unwrap(),
            "192.0.2.1".parse().unwrap(),
        )
    };
    assert_eq!(way("public"), eksnet::render::reach::Way::InternetGateway);
    assert_eq!(way("nodes"), eksnet::render::reach::Way::Outside("tgw-00000000000000001".into()));
}

#[test]
fn discovery_leaves_other_clusters_subnets_alone() {
    let text = edited(
        CLEAN,
        "tiers:\n",
        "awsNode: { prefixDelegation: false, subnetDiscovery: true }\ntiers:\n  - { name: pods, size: /20, egress: nat, serves: [pods], tags: { cni.networking.k8s.aws/cluster/other: \"1\" } }\n",
    );
    assert!(rules(&text).contains(&"SD-06"), "{:?}", rules(&text));
    let built = build(&text);
    assert!(matches!(built.intent.cluster.unwrap().pods_in, eksnet::intent::PodSubnets::OfNode));
}

/// (what it is, a blueprint that AWS takes although few write it)
const UNUSUAL: &[(&str, &str)] = &[
    (
        "a /28 VPC without a cluster",
        "vpc: { cidr: 10.40.0.0/28 }\nzones: 1\ntiers: [{ name: one, size: /28, egress: none }]",
    ),
    (
        "eight zones by id",
        "zones: [euw1-az1, euw1-az2, euw1-az3, euw1-az4, euw1-az5, euw1-az6, euw1-az7, euw1-az8]\nsecurityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8 }] } }\negress: { nat: regional }\ncluster: { endpointAccess: { private: true, public: false }, access: [{ principal: \"arn:aws:iam::111122223333:role/ops\", policy: AmazonEKSViewPolicy }] }\nnodeGroups: [{ name: a }]",
    ),
    (
        "eight zones by name",
        "zones: [eu-west-1a, eu-west-1b, eu-west-1c, eu-west-1d, eu-west-1e, eu-west-1f, eu-west-1g, eu-west-1h]\negress: { nat: single }",
    ),
    ("a primary CIDR of shared space", "vpc: { cidr: 100.64.0.0/16 }"),
    (
        "two VPC CIDRs of the same family",
        "vpc: { cidr: 10.40.0.0/16, secondaryCidrs: [10.41.0.0/16], keepFree: [10.41.0.0/16] }",
    ),
    (
        "two VPC CIDRs of 172.16/12",
        "vpc: { cidr: 172.18.0.0/16, secondaryCidrs: [172.19.0.0/16, 100.64.0.0/16], keepFree: [172.19.0.0/16, 100.64.0.0/16] }",
    ),
    (
        "a private cluster without NAT or internet gateway",
        "tiers:\n  - { name: nodes, size: /20, egress: none, serves: [nodes] }\n  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }\nendpoints: auto\nsecurityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8 }] } }\ncluster: { endpointAccess: { private: true, public: false }, access: [{ principal: \"arn:aws:iam::111122223333:role/ops\", policy: AmazonEKSViewPolicy }] }\nnodeGroups: [{ name: a }]",
    ),
    (
        "one tier for everything",
        "tiers: [{ name: all, size: /20, egress: nat, serves: [nodes, internalLoadBalancers] }]\negress: { nat: regional }\nsecurityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8 }] } }\ncluster: { endpointAccess: { private: true, public: false }, access: [{ principal: \"arn:aws:iam::111122223333:role/ops\", policy: AmazonEKSViewPolicy }] }\nnodeGroups: [{ name: a }]",
    ),
    ("a name of one letter", "zones: 3"),
];

/// Warnings that a public range has coming, and nothing else.
#[test]
fn legal_designs_compile() {
    for (what, rest) in UNUSUAL {
        let text = format!(
            "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: u, region: eu-west-1 }}\n{rest}\n"
        );
        // More than eu-west-1 has today.
        let zones: &[&str] = if what.starts_with("eight zones") { &["ZON-08"] } else { &NOTHING };
        assert_eq!(rules(&text), zones, "{what}");
        build(&text);
    }
    let public = "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: u, region: eu-west-1 }\nvpc: { cidr: 52.10.0.0/16 }\n";
    assert_eq!(rules(public), ["VPC-03"]);
    build(public);
}

/// aws-node's rights come one way: an agent, the cluster's OIDC provider for its service account alone, or the nodes' role.
#[test]
fn aws_node_has_its_rights_from_one_place() {
    let built = |role: &str| {
        build(&CLEAN.replace("nodeGroups:", &format!("awsNode: {{ role: {role} }}\nnodeGroups:")))
            .template
    };
    let properties = |template: &eksnet::template::Template, id: &str| {
        template.resource(id).map(|resource| resource["Properties"].clone())
    };
    let agent = built("podIdentity");
    let addon = properties(&agent, "AddonVpcCni").unwrap();
    assert!(
        addon["PodIdentityAssociations"][0]["ServiceAccount"] == "aws-node"
            && addon["ServiceAccountRoleArn"].is_null()
    );
    let web = built("irsa");
    let addon = properties(&web, "AddonVpcCni").unwrap();
    assert!(
        addon["PodIdentityAssociations"] == serde_json::json!([])
            && addon["ServiceAccountRoleArn"]["Fn::GetAtt"][0] == "CniRole"
    );
    let trust = properties(&web, "CniRole").unwrap()["AssumeRolePolicyDocument"].clone();
    let document: serde_json::Value =
        serde_json::from_str(trust["Fn::Sub"][0].as_str().unwrap()).unwrap();
    let only = &document["Statement"][0]["Condition"]["StringEquals"];
    assert_eq!(only["${Issuer}:sub"], "system:serviceaccount:kube-system:aws-node");
    assert_eq!(document["Statement"][0]["Principal"]["Federated"], "${OidcProvider}");
    assert!(
        properties(&web, "OidcProvider").is_some() && properties(&agent, "OidcProvider").is_none()
    );
    let node = built("nodeRole");
    let policies = properties(&node, "NodeRole").unwrap()["ManagedPolicyArns"].to_string();
    assert!(policies.contains("AmazonEKS_CNI_Policy") && properties(&node, "CniRole").is_none());
    assert!(
        !properties(&agent, "NodeRole").unwrap()["ManagedPolicyArns"]
            .to_string()
            .contains("AmazonEKS_CNI_Policy")
    );
    let without = CLEAN.replace(
        "nodeGroups:",
        "awsNode: { role: irsa }\naddons: [coredns, kube-proxy]\nnodeGroups:",
    );
    assert_eq!(findings(&without), [], "the agent is for Pod Identity");
}

#[test]
fn a_stack_has_500_resources_200_outputs_and_a_megabyte() {
    let many = |tiers: usize, zones: usize, tag: usize| {
        let rows: String = (0..tiers)
            .map(|at| {
                let tags = format!("tags: {{ a: {}, b: {0} }}", "x".repeat(tag));
                format!("  - {{ name: t{at}, size: /27, egress: none, {tags} }}\n")
            })
            .collect();
        format!(
            "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: shop, region: eu-west-1 }}\nzones: {zones}\nendpoints: none\ntiers:\n{rows}"
        )
    };
    let ids = |text: &str| -> Vec<&str> {
        let found = findings(text);
        let errors = found.iter().filter(|finding| finding.is_error());
        errors.map(|finding| finding.rule.id).collect()
    };
    assert_eq!(ids(&many(54, 3, 1)), [] as [&str; 0]);
    assert_eq!(ids(&many(60, 3, 1)), ["CFN-01"]);
    assert_eq!(ids(&many(90, 1, 1)), [] as [&str; 0]);
    assert_eq!(ids(&many(198, 1, 1)), ["CFN-01", "CFN-03"]);
}
