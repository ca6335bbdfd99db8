//! Previews of what people do to blueprints: the change, and what it leads to.

use eksnet::preview::{self, Preview, Sort};
use eksnet::render::Template;

use crate::support::{Built, build, build_over, root, snapshot};

fn blueprint(name: &str) -> String {
    std::fs::read_to_string(root().join(format!("blueprints/{name}.yaml"))).unwrap()
}

fn between(before: &Built, after: &Built) -> Preview {
    preview::compare(&after.spec.stack(), &before.template, &after.template, &after.graph)
}

fn change(name: &str, from: &str, to: &str) -> Preview {
    let text = blueprint(name);
    assert!(text.contains(from), "{from}");
    let before = build(&text);
    let after = build_over(&text.replacen(from, to, 1), Some(&before.plan.ledger));
    between(&before, &after)
}

fn shown(preview: &Preview) -> String {
    anstream::adapter::strip_str(&eksnet::report::preview::human(preview, &|_| None)).to_string()
}

#[test]
fn nothing_changes_where_nothing_was_changed() {
    let built = build(&blueprint("three-tiers"));
    assert!(between(&built, &built).is_empty());
    let read = Template::parse(&built.template.to_yaml()).unwrap();
    assert!(preview::compare("x", &read, &built.template, &built.graph).is_empty(), "YAML and back");
}

#[test]
fn a_new_stack_only_adds() {
    let built = build(&blueprint("secondary-pods"));
    let preview = preview::compare("x", &Template::nothing(), &built.template, &built.graph);
    assert_eq!(preview.count(Sort::Add), preview.changes.len());
    snapshot("preview-new", &shown(&preview));
}

#[test]
fn a_tag_modifies_in_place() {
    let preview = change("three-tiers", "team: platform", "team: shop");
    assert!(preview.count(Sort::Replace) + preview.count(Sort::Remove) == 0);
    snapshot("preview-tag", &shown(&preview));
}

#[test]
fn a_new_tier_adds_and_touches_no_other() {
    let preview = change("three-tiers", "tiers:", "tiers:\n  - { name: databases, size: /26, egress: none }\n#");
    assert_eq!(preview.count(Sort::Replace) + preview.count(Sort::Remove) + preview.count(Sort::Modify), 0, "{}", shown(&preview));
    snapshot("preview-tier", &shown(&preview));
}

#[test]
fn a_nat_mode_is_changed_by_routes_and_no_subnet_loses_its_table() {
    let preview = change("three-tiers", "nat: perZone", "nat: single");
    assert!(preview.network.subnets.is_empty());
    assert!(!preview.changes.iter().any(|change| change.kind == "AWS::EC2::SubnetRouteTableAssociation"));
    snapshot("preview-nat", &shown(&preview));
}

#[test]
fn a_zone_more_adds_its_subnets_and_moves_none() {
    let preview = change("dev-single-nat", "zones: 2", "zones: 3");
    assert!(preview.network.subnets.iter().all(|subnet| subnet.before.is_none()));
    assert!(
        preview.count(Sort::Replace) + preview.count(Sort::Remove) == 0 && !preview.changes.iter().any(|change| change.id == "Cluster"),
        "{}",
        shown(&preview)
    );
    assert!(preview.changes.iter().any(|change| change.id == "NodeGroupSpotInEuw1Az3" && change.sort() == Sort::Add));
    snapshot("preview-zone", &shown(&preview));
}

#[test]
fn a_size_replaces_its_tier_and_says_what_follows() {
    let preview = change("three-tiers", "name: public,        size: /24", "name: public, size: /25");
    let count = |kind: &str, sort| preview.changes.iter().filter(|change| change.kind == kind && change.sort() == sort).count();
    assert_eq!(count("AWS::EC2::Subnet", Sort::Replace), 3);
    // AWS lets no two gateways share an address: the new ones stand beside the old ones, with addresses of their own.
    assert_eq!((count("AWS::EC2::NatGateway", Sort::Add), count("AWS::EC2::NatGateway", Sort::Remove)), (3, 3));
    assert_eq!(count("AWS::EC2::Route", Sort::Modify), 3);
    snapshot("preview-size", &shown(&preview));
}

#[test]
fn another_mode_of_the_cni_is_for_new_nodes() {
    let text = blueprint("prefix-delegation");
    let before = build(&text);
    let after =
        build_over(&text.replace("prefixDelegation: true", "prefixDelegation: false").replace("  warm: { prefixes: 1 }", ""), Some(&before.plan.ledger));
    let preview = between(&before, &after);
    assert!(preview.impact.iter().any(|line| line.contains("replace the node groups")), "{:?}", preview.impact);
    snapshot("preview-cni", &shown(&preview));
}

#[test]
fn a_change_set_that_disagrees_wins_and_keeps_our_values() {
    use eksnet::facts::replacement::Replacement;
    let text = blueprint("dev-single-nat");
    let before = build(&text);
    let after = build_over(&text.replace("environment: dev", "environment: test"), Some(&before.plan.ledger));
    let own = between(&before, &after);
    let said = |replacement| {
        let mut change = own.changes.iter().find(|change| change.id == "Vpc").unwrap().clone();
        change.because.clear();
        change.replacement = replacement;
        preview::fold(&own, &[change], &before.template, &after.template)
    };
    let replaced = said(Replacement::Always);
    assert_eq!((replaced.changes.len(), replaced.changes[0].sort()), (1, Sort::Replace));
    assert_eq!(replaced.changes[0].because[0].property, "Tags/environment");
    let conditional = said(Replacement::Conditional);
    assert_eq!(conditional.changes[0].sort(), Sort::Modify);
    assert!(conditional.impact.iter().any(|line| line.contains("CloudFormation says it may replace")), "{:?}", conditional.impact);
}

#[test]
fn previews_for_programs_follow_the_contract() {
    let preview = change("three-tiers", "nat: perZone", "nat: single");
    snapshot("preview-json", &eksnet::report::preview_json::write(&preview));
}
