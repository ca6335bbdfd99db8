//! Both sides of every bound that AWS sets: the last value that it accepts has no finding of the rule, the first that it does not has an
//! error of it. Numbers are written here once more, from AWS's pages and not from the facts that they judge.

use std::fmt::Write;

use crate::support::{CLEAN, findings};

struct Bound {
    rule: &'static str,
    /// What of `write` is bounded.
    what: &'static str,
    write: fn(usize) -> String,
    legal: usize,
    illegal: usize,
}

const fn bound(
    rule: &'static str,
    what: &'static str,
    write: fn(usize) -> String,
    (legal, illegal): (usize, usize),
) -> Bound {
    Bound { rule, what, write, legal, illegal }
}

fn edit(from: &str, to: &str) -> String {
    assert!(CLEAN.contains(from), "{from}");
    CLEAN.replacen(from, to, 1)
}

/// A key of `cluster`.
fn cluster(text: &str) -> String {
    edit("cluster:\n", &format!("cluster:\n  {text}\n"))
}

/// A key of the node group.
fn group(text: &str) -> String {
    edit("tier: nodes,", &format!("tier: nodes, {text},"))
}

/// A key of the file.
fn whole(text: &str) -> String {
    edit("nodeGroups:", &format!("{text}\nnodeGroups:"))
}

fn metadata(text: &str) -> String {
    edit("  region: eu-west-1\n", &format!("  region: eu-west-1\n  {text}\n"))
}

fn vpc(text: &str) -> String {
    edit("cidr: 10.40.0.0/16", text)
}

fn network(text: &str) -> String {
    format!("{}{text}\n", &CLEAN[..CLEAN.find("zones:").unwrap()])
}

fn letters(count: usize) -> String {
    "a".repeat(count)
}

fn listed(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect::<Vec<_>>().join(", ")
}

fn groups(count: usize) -> String {
    listed(count, |at| format!("sg-0123456789abc{at:04x}"))
}

fn volume(text: &str) -> String {
    group(&format!("volume: {{ {text} }}"))
}

fn fargate(selector: &str) -> String {
    whole(&format!("fargate: [{{ name: jobs, tier: nodes, selectors: [{{ {selector} }}] }}]"))
}

fn acl(count: usize) -> String {
    let rules = listed(count, |at| format!("{{ from: 10.50.{at}.0/24, ports: 443 }}"));
    edit(
        "tiers:\n",
        &format!(
            "networkAcls: perTier\ntiers:\n  - {{ name: db, size: /26, egress: none, networkAcl: {{ ingress: [{rules}] }} }}\n"
        ),
    )
}

fn access(principal: &str, more: &str) -> String {
    edit(
        "role/ops\", policy: AmazonEKSViewPolicy }",
        &format!("{principal}\", policy: AmazonEKSViewPolicy{more} }}"),
    )
}

fn public(ranges: &str) -> String {
    edit(
        "private: true, public: false }",
        &format!("private: true, public: true, publicCidrs: [{ranges}] }}"),
    )
}

fn custom(more: &str) -> String {
    let pods =
        edit("tiers:\n", "tiers:\n  - { name: pods, size: /20, egress: nat, serves: [pods] }\n");
    let custom = format!("awsNode: {{ customNetworking: {{ tier: pods, {more} }} }}\nnodeGroups:");
    pods.replace("nodeGroups:", &custom)
}

const BOUNDS: &[Bound] = &[
    bound("VPC-01", "largest VPC", |n| vpc(&format!("cidr: 10.40.0.0/{n}")), (16, 15)),
    bound(
        "VPC-01",
        "smallest VPC",
        |n| {
            network(&format!(
                "zones: 1\nvpc: {{ cidr: 10.40.0.0/{n} }}\ntiers: [{{ name: a, size: /28, egress: none }}]"
            ))
        },
        (28, 29),
    ),
    bound(
        "SUB-01",
        "largest subnet",
        |n| network(&format!("zones: 1\ntiers: [{{ name: a, size: /{n}, egress: none }}]")),
        (16, 15),
    ),
    bound(
        "SUB-01",
        "smallest subnet",
        |n| {
            edit(
                "size: /24, egress: internet, serves: [externalLoadBalancers]",
                &format!("size: /{n}, egress: internet"),
            )
        },
        (28, 29),
    ),
    bound(
        "SUB-11",
        "prefixes",
        |n| edit("size: /20", &format!("size: /{n}")) + "awsNode: { prefixDelegation: true }\n",
        (26, 27),
    ),
    bound(
        "VPC-32",
        "IPv4 CIDRs",
        |n| {
            vpc(&format!(
                "cidr: 10.40.0.0/16\n  secondaryCidrs: [{}]",
                listed(n - 1, |at| format!("10.{}.0.0/16", at + 41))
            ))
        },
        (50, 51),
    ),
    bound(
        "V6-01",
        "largest IPv6 block",
        |n| {
            vpc(&format!(
                "cidr: 10.40.0.0/16\n  ipv6: {{ ipamPool: ipam-pool-0123456789abcdef0, netmask: {n} }}"
            ))
        },
        (44, 40),
    ),
    bound(
        "V6-01",
        "smallest IPv6 block",
        |n| {
            vpc(&format!(
                "cidr: 10.40.0.0/16\n  ipv6: {{ ipamPool: ipam-pool-0123456789abcdef0, netmask: {n} }}"
            ))
        },
        (60, 64),
    ),
    bound(
        "TIER-02",
        "tier name",
        |n| edit("name: public", &format!("name: {}", letters(n))),
        (40, 41),
    ),
    bound(
        "CLU-09",
        "cluster name",
        |n| edit("name: shop", &format!("name: {}", letters(n))),
        (100, 101),
    ),
    bound("CLU-01", "zones of a cluster", |n| edit("zones: 2", &format!("zones: {n}")), (2, 1)),
    bound(
        "CLU-02",
        "control-plane subnet",
        |n| edit("size: /28", &format!("size: /{n}")),
        (28, 30),
    ),
    bound(
        "SVC-01",
        "largest service range",
        |n| cluster(&format!("serviceCidr: 10.96.0.0/{n}")),
        (12, 11),
    ),
    bound(
        "SVC-01",
        "smallest service range",
        |n| cluster(&format!("serviceCidr: 172.20.0.0/{n}")),
        (24, 25),
    ),
    bound(
        "EP-05",
        "public ranges",
        |n| public(&listed(n, |at| format!("52.94.{at}.0/24"))),
        (40, 41),
    ),
    bound(
        "CLU-23",
        "groups of the control plane",
        |n| cluster(&format!("securityGroups: [{}]", groups(n))),
        (4, 5),
    ),
    bound("CLU-24", "retention", |n| cluster(&format!("logRetentionDays: {n}")), (365, 366)),
    bound("ACC-01", "role name", |n| access(&format!("role/{}", letters(n)), ""), (64, 65)),
    bound(
        "ACC-01",
        "namespace",
        |n| access("role/ops", &format!(", namespaces: [{}]", letters(n))),
        (63, 64),
    ),
    bound(
        "AUTO-10",
        "version of Auto Mode",
        |n| cluster(&format!("version: \"1.{n}\"\n  autoMode: {{}}")),
        (30, 28),
    ),
    bound(
        "HYB-03",
        "remote range",
        |n| {
            whole("egress: { vpnGateway: { id: vgw-00000000000000001 } }").replace(
                "cluster:\n",
                &format!("cluster:\n  remoteNetworks: {{ nodes: [192.168.0.0/{n}] }}\n"),
            )
        },
        (16, 15),
    ),
    bound(
        "NAT-03",
        "addresses of a NAT gateway",
        |n| {
            whole(&format!(
                "egress: {{ nat: {{ single: {{ elasticIps: [{}] }} }} }}",
                listed(n, |at| format!("eipalloc-0123456789abc{at:04x}"))
            ))
        },
        (8, 9),
    ),
    bound(
        "NG-01",
        "node group name",
        |n| edit("name: general", &format!("name: {}", letters(n))),
        (40, 41),
    ),
    bound(
        "NG-03",
        "least of the most nodes",
        |n| group(&format!("scaling: {{ min: 0, desired: 0, max: {n} }}")),
        (1, 0),
    ),
    bound("NG-05", "pods planned of a node's", |n| group(&format!("podsPerNode: {n}")), (110, 111)),
    bound("NG-11", "label key", |n| group(&format!("labels: {{ {}: x }}", letters(n))), (63, 64)),
    bound(
        "NG-11",
        "label key with its prefix",
        |n| group(&format!("labels: {{ example.com/{}: x }}", letters(n - 12))),
        (63, 64),
    ),
    bound("NG-11", "label value", |n| group(&format!("labels: {{ x: {} }}", letters(n))), (63, 64)),
    bound(
        "NG-11",
        "least label value",
        |n| group(&format!("labels: {{ x: \"{}\" }}", letters(n))),
        (1, 0),
    ),
    bound(
        "NG-11",
        "taint key",
        |n| group(&format!("taints: [{{ key: {}, effect: PreferNoSchedule }}]", letters(n))),
        (63, 64),
    ),
    bound(
        "NG-11",
        "taint value",
        |n| {
            group(&format!(
                "taints: [{{ key: x, value: {}, effect: PreferNoSchedule }}]",
                letters(n)
            ))
        },
        (63, 64),
    ),
    bound(
        "NG-11",
        "taints",
        |n| {
            group(&format!(
                "taints: [{}]",
                listed(n, |at| format!("{{ key: t{at}, effect: PreferNoSchedule }}"))
            ))
        },
        (50, 51),
    ),
    bound(
        "NG-29",
        "policies of a role, three of them eksnet's",
        |n| {
            group(&format!(
                "policies: [{}]",
                listed(n - 3, |at| format!("\"arn:aws:iam::111122223333:policy/p{at}\""))
            ))
        },
        (25, 26),
    ),
    bound(
        "NG-31",
        "groups of a node's interface, one of them EKS's",
        |n| group(&format!("securityGroups: [{}]", groups(n - 1))),
        (16, 17),
    ),
    bound(
        "NG-32",
        "nodes of an update",
        |n| group(&format!("update: {{ maxUnavailable: {n}% }}")),
        (100, 101),
    ),
    bound(
        "NG-32",
        "least nodes of an update",
        |n| group(&format!("update: {{ maxUnavailable: {n} }}")),
        (1, 0),
    ),
    bound(
        "BP-05",
        "nodes of an update, as a number",
        |n| group(&format!("update: {{ maxUnavailable: {n} }}")),
        (100, 101),
    ),
    bound("NG-28", "pods of a node", |n| group(&format!("maxPods: {n}")), (5, 2)),
    bound(
        "NG-34",
        "user data",
        |n| {
            group(&format!(
                "nodeConfig: {{ spec: {{ kubelet: {{ flags: [\"--node-labels={}\"] }} }} }}",
                letters(n)
            ))
        },
        (12_000, 17_000),
    ),
    bound(
        "CN-14",
        "groups of pods' interfaces",
        |n| custom(&format!("securityGroups: [{}]", groups(n))),
        (16, 17),
    ),
    bound(
        "VOL-02",
        "least operations of gp3",
        |n| volume(&format!("type: gp3, size: 200, iops: {n}")),
        (3_000, 2_999),
    ),
    bound(
        "VOL-02",
        "operations of gp3",
        |n| volume(&format!("type: gp3, size: 200, iops: {n}")),
        (80_000, 80_001),
    ),
    bound(
        "VOL-02",
        "operations of gp3 by size",
        |n| volume(&format!("type: gp3, size: 20, iops: {n}")),
        (10_000, 10_001),
    ),
    bound(
        "VOL-02",
        "least operations of io2",
        |n| volume(&format!("type: io2, size: 50, iops: {n}")),
        (100, 99),
    ),
    bound(
        "VOL-02",
        "operations of io1",
        |n| volume(&format!("type: io1, size: 2000, iops: {n}")),
        (64_000, 64_001),
    ),
    bound(
        "VOL-02",
        "operations of io1 by size",
        |n| volume(&format!("type: io1, size: 20, iops: {n}")),
        (1_000, 1_001),
    ),
    bound(
        "VOL-03",
        "least throughput of gp3",
        |n| volume(&format!("type: gp3, size: 50, throughput: {n}")),
        (125, 124),
    ),
    bound(
        "BP-05",
        "throughput of gp3",
        |n| volume(&format!("type: gp3, size: 200, iops: 16000, throughput: {n}")),
        (2_000, 2_001),
    ),
    bound(
        "VOL-03",
        "throughput of gp3 by operations",
        |n| volume(&format!("type: gp3, size: 50, iops: 3000, throughput: {n}")),
        (750, 751),
    ),
    bound("VOL-05", "least volume", |n| volume(&format!("size: {n}")), (20, 19)),
    bound("BP-05", "size of gp3", |n| volume(&format!("type: gp3, size: {n}")), (65_536, 65_537)),
    bound("VOL-05", "size of gp2", |n| volume(&format!("type: gp2, size: {n}")), (16_384, 16_385)),
    bound(
        "FL-01",
        "retention of flow logs",
        |n| {
            vpc(&format!(
                "cidr: 10.40.0.0/16\n  flowLogs: {{ destination: cloudWatchLogs, retentionDays: {n} }}"
            ))
        },
        (365, 366),
    ),
    bound(
        "FL-01",
        "interval of flow logs",
        |n| {
            vpc(&format!(
                "cidr: 10.40.0.0/16\n  flowLogs: {{ destination: cloudWatchLogs, interval: {n} }}"
            ))
        },
        (60, 61),
    ),
    bound(
        "FG-03",
        "profile name",
        |n| fargate("namespace: jobs").replace("name: jobs", &format!("name: {}", letters(n))),
        (63, 64),
    ),
    bound(
        "FG-09",
        "namespace of a selector",
        |n| fargate(&format!("namespace: {}", letters(n))),
        (63, 64),
    ),
    bound(
        "FG-09",
        "label value of a selector",
        |n| fargate(&format!("namespace: jobs, labels: {{ x: {} }}", letters(n))),
        (63, 64),
    ),
    bound(
        "FG-07",
        "label key of a selector",
        |n| {
            fargate(&format!(
                "namespace: jobs, labels: {{ {}/x: x }}",
                format!("{}.", letters(30)).repeat(5)[..n - 2].trim_end_matches('.')
            ))
        },
        (110, 130),
    ),
    bound(
        "IAM-01",
        "role name",
        |n| whole(&format!("iam: {{ roles: {{ cluster: {{ name: {} }} }} }}", letters(n))),
        (64, 65),
    ),
    bound(
        "IAM-01",
        "path",
        |n| whole(&format!("iam: {{ path: /{}/ }}", letters(n - 2))),
        (512, 513),
    ),
    bound(
        "KAR-01",
        "namespace of Karpenter",
        |n| whole(&format!("karpenter: {{ namespace: {} }}", letters(n))),
        (63, 64),
    ),
    bound("TAG-15", "tag key", |n| metadata(&format!("tags: {{ {}: x }}", letters(n))), (128, 129)),
    bound(
        "TAG-15",
        "tag value",
        |n| metadata(&format!("tags: {{ x: {} }}", letters(n))),
        (256, 257),
    ),
    bound(
        "SG-03",
        "description of a rule",
        |n| edit("{ from: 10.0.0.0/8 }", &format!("{{ from: 10.0.0.0/8, why: {} }}", letters(n))),
        (255, 256),
    ),
    bound(
        "BP-05",
        "port",
        |n| edit("{ from: 10.0.0.0/8 }", &format!("{{ from: 10.0.0.0/8, ports: {n} }}")),
        (65_535, 65_536),
    ),
    bound("NACL-05", "rules of an ACL and direction", acl, (30, 41)),
    bound(
        "SET-23",
        "largest packet",
        |n| whole(&format!("awsNode: {{ env: {{ AWS_VPC_ENI_MTU: \"{n}\" }} }}")),
        (9_001, 9_002),
    ),
    bound(
        "SET-23",
        "smallest packet",
        |n| whole(&format!("awsNode: {{ env: {{ AWS_VPC_ENI_MTU: \"{n}\" }} }}")),
        (576, 575),
    ),
    bound(
        "SET-23",
        "prefix of interfaces",
        |n| whole(&format!("awsNode: {{ env: {{ AWS_VPC_K8S_CNI_VETHPREFIX: {} }} }}", letters(n))),
        (4, 5),
    ),
    bound(
        "IPAM-02",
        "largest range from a pool",
        |n| vpc(&format!("cidr: {{ ipamPool: ipam-pool-0123456789abcdef0, netmask: {n} }}")),
        (16, 15),
    ),
    bound(
        "SUB-09",
        "reserved part",
        |n| {
            edit(
                "size: /20, egress: nat",
                &format!("size: /20, reservation: {{ prefixes: /{n} }}, egress: nat"),
            )
        },
        (28, 29),
    ),
    bound(
        "SUB-09",
        "largest reserved part",
        |n| {
            edit(
                "size: /20, egress: nat",
                &format!("size: /20, reservation: {{ prefixes: /{n} }}, egress: nat"),
            )
        },
        (21, 20),
    ),
];

#[test]
fn the_last_legal_value_passes_and_the_first_illegal_one_is_an_error() {
    let mut wrong = String::new();
    for bound in BOUNDS {
        let errors = |at: usize| {
            let found = findings(&(bound.write)(at));
            let errors = found.into_iter().filter(|one| one.is_error());
            errors.map(|one| format!("{} {}", one.rule.id, one.message)).collect::<Vec<_>>()
        };
        let (legal, illegal) = (errors(bound.legal), errors(bound.illegal));
        if !legal.is_empty() {
            writeln!(wrong, "{} {} {}: {legal:?}", bound.rule, bound.what, bound.legal).unwrap();
        }
        if !illegal.iter().any(|one| one.starts_with(&format!("{} ", bound.rule))) {
            writeln!(wrong, "{} {} {}: {illegal:?}", bound.rule, bound.what, bound.illegal)
                .unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
