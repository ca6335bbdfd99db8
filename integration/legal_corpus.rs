//! Designs from guides, workshops and public repositories that AWS accepts, and near relations that it refuses:
//! `legal/accepted.txt` has the warnings of each design, `legal/refused.txt` at least one error that has to be among the findings.

use std::collections::BTreeSet;

use crate::support::{build, findings, root};

const TIERS: &str = "tiers:
  - { name: public, size: /24, egress: internet, serves: [externalLoadBalancers] }
  - { name: nodes, size: /20, egress: nat, serves: [nodes, internalLoadBalancers] }
  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }
";
const CLUSTER: &str = "cluster:
  endpointAccess: { private: true, public: true, publicCidrs: [52.94.76.0/24] }
  access: [{ principal: \"arn:aws:iam::111122223333:role/ops\", policy: AmazonEKSClusterAdminPolicy }]
";
const GROUP: &str = "nodeGroups: [{ name: general, tier: nodes, instanceTypes: [m6i.large] }]\n";
const METADATA: &str = "metadata: { name: shop, region: eu-west-1 }";

struct Design {
    name: String,
    /// Rules, in order.
    rules: Vec<String>,
    blueprint: String,
}

/// `=== NAME :: RULES`, then the blueprint, whose usual parts are words in capitals; metadata of its own stands in a comment.
fn designs(file: &str) -> Vec<Design> {
    let text = std::fs::read_to_string(root().join("integration/legal").join(file)).unwrap();
    let designs = text.split("=== ").skip(1).map(|design| {
        let (title, rest) = design.split_once('\n').unwrap();
        let (name, rules) = title.split_once("::").unwrap();
        let (metadata, rest) = match rest.strip_prefix("# ").and_then(|own| own.split_once('\n')) {
            Some((metadata, rest)) => (metadata, rest),
            None => (METADATA, rest),
        };
        let rest =
            rest.replace("TIERS\n", TIERS).replace("CLUSTER\n", CLUSTER).replace("GROUP\n", GROUP);
        Design {
            name: name.trim().to_string(),
            rules: rules.split_whitespace().map(str::to_string).collect(),
            blueprint: format!("apiVersion: eksnet/v1\nkind: Blueprint\n{metadata}\n{rest}"),
        }
    });
    designs.collect()
}

#[test]
fn a_design_that_aws_accepts_has_its_warnings_and_no_error() {
    let designs = designs("accepted.txt");
    assert!(130 < designs.len(), "{}", designs.len());
    let mut wrong = Vec::new();
    for design in designs {
        let found = findings(&design.blueprint);
        let mut ids: Vec<&str> = found.iter().map(|finding| finding.rule.id).collect();
        ids.sort();
        ids.dedup();
        if ids != design.rules || found.iter().any(|finding| finding.is_error()) {
            let messages: Vec<_> =
                found.iter().map(|finding| (finding.rule.id, &finding.message)).collect();
            wrong.push(format!("{}: {messages:?}", design.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_design_that_aws_accepts_is_rendered() {
    for design in designs("accepted.txt") {
        let built = build(&design.blueprint);
        assert!(built.template.resource("Vpc").is_some(), "{}", design.name);
    }
}

#[test]
fn a_design_that_aws_refuses_has_its_error() {
    let designs = designs("refused.txt");
    assert!(200 < designs.len(), "{}", designs.len());
    let mut silent = Vec::new();
    for design in designs {
        let found = findings(&design.blueprint);
        let errors: Vec<&str> = found
            .iter()
            .filter(|finding| finding.is_error())
            .map(|finding| finding.rule.id)
            .collect();
        if design.rules.iter().any(|rule| !errors.contains(&rule.as_str())) {
            silent.push(format!("{}: {:?} expected, {errors:?} found", design.name, design.rules));
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
}

/// Patches are judged beside errors, on whatever can be rendered of the rest: nothing panics, and no error is lost.
#[test]
fn a_design_that_aws_refuses_keeps_its_errors_beside_a_patch() {
    const PATCH: &str = "patches: [{ resource: Vpc, set: { NoSuchProperty: true } }]\n";
    for design in designs("refused.txt") {
        if design.blueprint.contains("patches:") {
            continue;
        }
        let ids = |text: &str| -> BTreeSet<&str> {
            findings(text).iter().map(|finding| finding.rule.id).collect()
        };
        let (bare, patched) =
            (ids(&design.blueprint), ids(&format!("{}{PATCH}", design.blueprint)));
        assert!(bare.is_subset(&patched), "{}: {bare:?} {patched:?}", design.name);
        let more: Vec<&&str> = patched.difference(&bare).collect();
        assert!(more.iter().all(|id| **id == "PAT-03"), "{}: {more:?}", design.name);
    }
}
