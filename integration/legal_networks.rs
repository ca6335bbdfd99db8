//! Networks that AWS accepts and that people build: no error on any of them, and a template for each.

use crate::support::{build, findings};

const HEAD: &str =
    "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: legal, region: eu-west-1 }\n";

const CLUSTER: &str = "securityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8 }] } }\ncluster:\n  endpointAccess: { private: true, public: false }\n  access: [{ principal: \"arn:aws:iam::111122223333:role/ops\", policy: AmazonEKSClusterAdminPolicy }]\n";

const GROUP: &str = "nodeGroups: [{ name: general, tier: nodes, instanceTypes: [m6i.large] }]\n";

const THREE: &str = "tiers:\n  - { name: public, size: /24, egress: internet, serves: [externalLoadBalancers] }\n  - { name: nodes, size: /20, egress: nat, serves: [nodes] }\n  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }\n";

/// (what it is, the blueprint behind its head)
fn designs() -> Vec<(&'static str, String)> {
    vec![
        (
            "a spoke whose endpoints are in a hub VPC",
            format!(
                "zones: 3\negress: {{ transitGateway: {{ id: tgw-0123456789abcdef0, destinations: [10.0.0.0/8] }} }}\nendpoints: {{ include: [s3], exclude: [ecr.api, ecr.dkr, ec2, sts, eks, eks-auth, elasticloadbalancing, ssm, ssmmessages, autoscaling] }}\ntiers:\n  - {{ name: nodes, size: /20, egress: none, serves: [nodes] }}\n  - {{ name: control-plane, size: /28, egress: none, serves: [controlPlane] }}\n  - {{ name: transit, size: /28, egress: none, serves: [transit] }}\n{CLUSTER}  serviceCidr: 172.20.0.0/16\n{GROUP}"
            ),
        ),
        (
            "egress through a firewall VPC",
            format!(
                "zones: 3\negress: {{ transitGateway: {{ id: tgw-0123456789abcdef0, destinations: [0.0.0.0/0] }} }}\ntiers:\n  - {{ name: nodes, size: /20, egress: none, serves: [nodes] }}\n  - {{ name: control-plane, size: /28, egress: none, serves: [controlPlane] }}\n  - {{ name: transit, size: /28, egress: none, serves: [transit] }}\n{CLUSTER}{GROUP}"
            ),
        ),
        (
            "the egress VPC itself, announcing a default route",
            "zones: 3\nvpc: { cidr: 10.200.0.0/20 }\negress: { nat: perZone, transitGateway: { id: tgw-0123456789abcdef0, destinations: [10.0.0.0/8], routeTable: tgw-rtb-0123456789abcdef0, advertise: [0.0.0.0/0] } }\ntiers:\n  - { name: public, size: /26, egress: internet }\n  - { name: transit, size: /28, egress: nat, serves: [transit] }\n".to_string(),
        ),
        (
            "summary routes to everything private",
            format!(
                "zones: 3\negress: {{ nat: perZone, transitGateway: {{ id: tgw-0123456789abcdef0, destinations: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16], tier: control-plane }} }}\n{THREE}{CLUSTER}{GROUP}"
            ),
        ),
        (
            "Network Load Balancers in a /28",
            format!(
                "zones: 3\n{THREE}  - {{ name: nlb, size: /28, egress: none, serves: [internalLoadBalancers] }}\n{CLUSTER}{GROUP}"
            ),
        ),
        (
            "a firewall's endpoint in front of a public subnet, on a later deployment",
            "zones: 1\ntiers:\n  - { name: web, size: /24, egress: internet, cidrs: { euw1-az1: 10.40.1.0/24 } }\n  - { name: data, size: /24, egress: none, routes: [{ to: 10.40.1.0/24, via: vpce-0123456789abcdef0 }] }\n".to_string(),
        ),
        (
            "a gateway that something else attaches",
            format!(
                "zones: 3\n{}{CLUSTER}{GROUP}",
                THREE.replace("serves: [nodes] }", "serves: [nodes], routes: [{ to: 10.99.0.0/16, via: tgw-0123456789abcdef0 }] }")
            ),
        ),
        (
            "a comma in a tier's tags",
            format!(
                "zones: 3\n{}{CLUSTER}{GROUP}",
                THREE.replace("serves: [nodes] }", "serves: [nodes], tags: { note: \"batch, nightly (team A)\" } }")
            ),
        ),
        (
            "security groups for pods, strict, towards a database in the VPC",
            format!(
                "zones: 3\n{}{CLUSTER}awsNode: {{ securityGroupsForPods: {{ enforcing: strict }} }}\n{GROUP}",
                THREE.replace("egress: nat, serves: [nodes]", "egress: internet, serves: [nodes]")
            ),
        ),
        (
            "security groups for pods on one type of two",
            format!(
                "zones: 3\n{THREE}{CLUSTER}awsNode: {{ securityGroupsForPods: {{}} }}\nnodeGroups: [{{ name: mixed, tier: nodes, instanceTypes: [t3.large, m6i.large] }}]\n"
            ),
        ),
        (
            "own addresses of pods towards a peer, from public subnets",
            format!(
                "zones: 3\n{}{CLUSTER}awsNode: {{ snat: {{ external: true }} }}\n{GROUP}",
                THREE.replace("egress: nat, serves: [nodes]", "egress: internet, serves: [nodes]")
            ),
        ),
        (
            "a fixed pool of addresses",
            format!(
                "zones: 3\n{THREE}{CLUSTER}awsNode: {{ prefixDelegation: false, warm: {{ minimumIps: 29 }} }}\n{GROUP}"
            ),
        ),
        (
            "private NAT to a virtual private gateway",
            format!(
                "zones: 3\nvpc: {{ cidr: 10.40.0.0/20, secondaryCidrs: [100.64.0.0/16] }}\negress: {{ nat: regional, vpnGateway: {{ id: vgw-0123456789abcdef0 }}, privateNat: {{ tier: nodes, serves: [pods] }} }}\ntiers:\n  - {{ name: nodes, size: /23, egress: nat, serves: [nodes] }}\n  - {{ name: pods, size: /18, from: 100.64.0.0/16, egress: nat, serves: [pods] }}\n  - {{ name: control-plane, size: /28, egress: none, serves: [controlPlane] }}\n{CLUSTER}awsNode: {{ customNetworking: {{ tier: pods }}, snat: {{ external: true }} }}\nnodeGroups: [{{ name: general, tier: nodes, instanceTypes: [m6i.large], scaling: {{ max: 9 }} }}]\n"
            ),
        ),
        (
            "nodes, the control plane and load balancers in one tier",
            format!(
                "zones: 3\negress: {{ nat: regional }}\ntiers: [{{ name: nodes, size: /20, egress: nat, serves: [nodes, controlPlane, internalLoadBalancers] }}]\n{CLUSTER}{GROUP}"
            ),
        ),
        (
            "shared space as the only range",
            format!(
                "zones: 3\nvpc: {{ cidr: 100.64.0.0/16 }}\n{THREE}{CLUSTER}{GROUP}"
            ),
        ),
        (
            "forty rules of each family in one group",
            {
                let rules: Vec<String> = (0..40)
                    .map(|at| format!("{{ from: 10.21.{at}.0/24 }}, {{ from: \"2a05:d018:{at}::/48\" }}"))
                    .collect();
                format!("zones: 3\n{THREE}{}{GROUP}", CLUSTER.replace("{ from: 10.0.0.0/8 }", &rules.join(", ")))
            },
        ),
    ]
}

#[test]
fn no_error_on_a_network_that_aws_accepts() {
    let wrong: Vec<String> = designs()
        .iter()
        .flat_map(|(what, rest)| {
            let found = findings(&format!("{HEAD}{rest}"));
            let errors = found.into_iter().filter(|finding| finding.is_error());
            errors
                .map(move |one| format!("{what}: {} {}", one.rule.id, one.message))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_of_them_is_a_template() {
    for (what, rest) in designs() {
        let built = build(&format!("{HEAD}{rest}"));
        assert!(!built.graph.resources.is_empty(), "{what}");
    }
}

#[test]
fn six_zones_without_a_cluster_are_a_network() {
    let text = HEAD.replace("eu-west-1", "us-east-1") + "zones: 6\negress: { nat: single }\n";
    let found = findings(&text);
    assert!(found.iter().all(|finding| !finding.is_error()), "{found:?}");
    assert_eq!(build(&text).intent.zones.len(), 6);
}

/// With a cluster and a node group, and nothing said of tiers.
fn by_default(len: u8, zones: usize) -> String {
    format!(
        "{}zones: {zones}\nvpc: {{ cidr: 10.0.0.0/{len} }}\n{CLUSTER}nodeGroups: [{{ name: general }}]\n",
        HEAD.replace("eu-west-1", "us-east-1")
    )
}

#[test]
fn defaults_pass_their_own_rules_in_every_vpc() {
    for len in 16..=24 {
        for zones in 2..=4 {
            let text = by_default(len, zones);
            let found = findings(&text);
            assert!(found.iter().all(|finding| !finding.is_error()), "/{len} {zones}: {found:#?}");
            let plan = build(&text).plan;
            assert_eq!(plan.subnets.len(), 3 * zones);
        }
    }
}

#[test]
fn a_vpc_too_small_for_the_defaults_is_told_once_with_the_size_that_works() {
    for (len, zones, works) in [(24, 5, 23), (25, 3, 24), (26, 2, 25), (28, 4, 24)] {
        let found = findings(&by_default(len, zones));
        let errors: Vec<_> = found.iter().filter(|finding| finding.is_error()).collect();
        let [error] = errors[..] else { panic!("/{len} {zones}: {found:#?}") };
        assert_eq!((error.rule.id, error.path.as_str()), ("VPC-35", "vpc.cidr"));
        assert!(error.hint.as_ref().unwrap().contains(&format!("/{works} ")), "{error:?}");
        assert!(findings(&by_default(works, zones)).iter().all(|finding| !finding.is_error()));
    }
}

/// Prefixes that were asked for are not dropped in silence.
#[test]
fn prefixes_that_are_asked_for_want_their_room() {
    let text = by_default(24, 3) + "awsNode: { prefixDelegation: true }\n";
    let found = findings(&text);
    let errors: Vec<_> = found.iter().filter(|finding| finding.is_error()).collect();
    assert_eq!(errors.iter().map(|error| error.rule.id).collect::<Vec<_>>(), ["VPC-35"]);
    let on = |text: &str| build(text).intent.cluster.unwrap().aws_node.prefix_delegation;
    assert!(!on(&by_default(24, 3)) && on(&by_default(23, 3)) && on(&by_default(24, 2)));
}
