//! All findings at once: an error of the words does not hide what only the plan shows, and says where it does.

use std::collections::BTreeSet;

use eksnet::blueprint;
use eksnet::line::{self, Request, Stopped};

use crate::support::{CLEAN, run};

/// Subnets that hold few nodes, and a group that grows past a quota.
fn crowded() -> String {
    CLEAN.replace("size: /20", "size: /25").replace(
        "instanceTypes: [m6i.large] }",
        "instanceTypes: [m6i.large], scaling: { min: 2, desired: 2, max: 460 } }",
    )
}

/// Of a first deployment.
fn rules(text: &str) -> BTreeSet<&'static str> {
    let reading = blueprint::read("test.yaml", text.as_bytes().to_vec());
    let request = Request { found: reading.findings, ..Request::new(reading.document.unwrap()) };
    let findings = match line::compile(request) {
        Ok(compiled) => compiled.warnings,
        Err(Stopped::Findings(_, findings)) => findings,
        Err(Stopped::Failure(failure)) => panic!("{}\n{text}", failure.chain()),
    };
    findings.iter().map(|finding| finding.rule.id).collect()
}

/// (an edit, the rule that it breaks)
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("policy: AmazonEKSViewPolicy", "policy: Foo Bar", "ACC-01"),
    ("public: false }", "public: false, pubic: true }", "BP-01"),
    ("  name: shop\n", "  name: shop\n  tags: { 'aws:x': team }\n", "TAG-15"),
    ("egress: nat,", "egress: nat, tags: { 'aws:x': team },", "TAG-15"),
    ("tier: nodes,", "tier: nodes, labels: { kubernetes.io/x: team },", "NG-11"),
    (
        "nodeGroups:",
        "addons: [coredns, kube-proxy, eks-pod-identity-agent, coredns]\nnodeGroups:",
        "ADD-02",
    ),
];

#[test]
fn an_error_elsewhere_hides_no_crowd() {
    assert_eq!(rules(&crowded()), BTreeSet::from(["CAP-01", "QUO-01"]));
    for (from, to, rule) in ELSEWHERE {
        let text = crowded().replace(from, to);
        assert_eq!(rules(&text), BTreeSet::from(["CAP-01", "QUO-01", rule]), "{to}");
    }
}

/// The error of the plan itself, too.
#[test]
fn an_error_elsewhere_hides_no_subnet_that_finds_no_room() {
    for (from, to, rule) in ELSEWHERE {
        let text = CLEAN.replace("10.40.0.0/16", "10.40.0.0/20").replace(from, to);
        let found = rules(&text);
        assert!(found.contains("ADR-04") && found.contains(rule), "{to}: {found:?}");
    }
}

/// What hangs on the error is not judged, and `check` says so; what does not hang on it is.
#[test]
fn what_an_error_decides_is_not_judged_and_said() {
    let edits = [
        ("m6i.large", "m6i.lrge", &["NG-02"][..], "how many nodes and pods fit"),
        (
            "nodeGroups:",
            "awsNode: { env: { FOO: bar } }\nnodeGroups:",
            &["SET-22", "QUO-01"],
            "how many",
        ),
        ("size: /25", "size: /29", &["SUB-01"], "which subnets, nodes and pods fit"),
        ("10.40.0.0/16", "10.40.0.1/16", &["VPC-02"], "which subnets, nodes and pods fit"),
    ];
    for (from, to, wanted, said) in edits {
        let text = crowded().replace(from, to);
        assert_eq!(rules(&text), wanted.iter().copied().collect(), "{to}");
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("shop.yaml"), text).unwrap();
        let told = run(folder.path(), &["check", "shop.yaml"], &[]);
        assert!(told.err.contains(said) && told.err.contains("not judged"), "{}", told.err);
    }
}
