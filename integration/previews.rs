//! Previews of what people do to blueprints: the change, and what it leads to.

use eksnet::facts::kinds::Loss;
use eksnet::preview::{self, ChangeKind, Preview};
use eksnet::report::View;
use eksnet::report::preview::Shown;
use eksnet::template::Template;

use eksnet::line::Compiled;

use crate::support::{build, build_over, root, snapshot};

fn blueprint(name: &str) -> String {
    std::fs::read_to_string(root().join(format!("blueprints/{name}.yaml"))).unwrap()
}

fn between(before: &Compiled, after: &Compiled) -> Preview {
    preview::compare(&after.intent.stack(), &before.template, &after.template, &after.graph)
}

fn change(name: &str, from: &str, to: &str) -> Preview {
    let text = blueprint(name);
    assert!(text.contains(from), "{from}");
    let before = build(&text);
    // Without a stack that was read, the lock itself refuses another service CIDR; here the preview is asked.
    let mut ledger = before.plan.ledger.clone();
    ledger.kept.service_cidr = None;
    let after = build_over(&text.replacen(from, to, 1), Some(&ledger));
    between(&before, &after)
}

fn shown(preview: &Preview) -> String {
    anstream::adapter::strip_str(&eksnet::report::preview::human(preview, &bare(&|_| None)))
        .to_string()
}

/// Of the change alone, without the plan that it leads to.
fn bare<'a>(line: &'a dyn Fn(&str) -> Option<String>) -> Shown<'a> {
    Shown { line, compiled: None, lock: "", view: View::default() }
}

#[test]
fn nothing_changes_where_nothing_was_changed() {
    let built = build(&blueprint("three-tiers"));
    assert!(between(&built, &built).is_empty());
    let read = Template::parse(&built.template.to_yaml()).unwrap();
    assert!(
        preview::compare("x", &read, &built.template, &built.graph).is_empty(),
        "YAML and back"
    );
}

#[test]
fn a_new_stack_only_adds() {
    let built = build(&blueprint("secondary-pods"));
    let preview = preview::compare("x", &Template::nothing(), &built.template, &built.graph);
    assert_eq!(preview.count(ChangeKind::Add), preview.changes.len());
    snapshot("preview-new", &shown(&preview));
}

#[test]
fn a_tag_modifies_in_place() {
    let preview = change("three-tiers", "team: platform", "team: shop");
    assert!(preview.count(ChangeKind::Replace) + preview.count(ChangeKind::Remove) == 0);
    snapshot("preview-tag", &shown(&preview));
}

#[test]
fn a_new_tier_adds_and_touches_no_other() {
    let preview = change(
        "three-tiers",
        "tiers:",
        "tiers:\n  - { name: databases, size: /26, egress: none }\n#",
    );
    assert_eq!(
        preview.count(ChangeKind::Replace)
            + preview.count(ChangeKind::Remove)
            + preview.count(ChangeKind::Modify),
        0,
        "{}",
        shown(&preview)
    );
    snapshot("preview-tier", &shown(&preview));
}

#[test]
fn a_nat_mode_is_changed_by_routes_and_no_subnet_loses_its_table() {
    let preview = change("three-tiers", "nat: perZone", "nat: single");
    assert!(preview.network.subnets.is_empty());
    assert!(
        !preview
            .changes
            .iter()
            .any(|change| change.kind == "AWS::EC2::SubnetRouteTableAssociation")
    );
    snapshot("preview-nat", &shown(&preview));
}

#[test]
fn a_zone_more_adds_its_subnets_and_moves_none() {
    let preview = change("dev-single-nat", "zones: 2", "zones: 3");
    assert!(preview.network.subnets.iter().all(|subnet| subnet.before.is_none()));
    assert!(
        preview.count(ChangeKind::Replace) + preview.count(ChangeKind::Remove) == 0
            && !preview.changes.iter().any(|change| change.id == "Cluster"),
        "{}",
        shown(&preview)
    );
    assert!(
        preview.changes.iter().any(|change| change.id == "NodeGroupSpotInEuw1Az3"
            && change.change_kind() == ChangeKind::Add)
    );
    snapshot("preview-zone", &shown(&preview));
}

#[test]
fn a_size_replaces_its_tier_and_says_what_follows() {
    let preview =
        change("three-tiers", "name: public,        size: /24", "name: public, size: /25");
    let count = |kind: &str, sort| {
        preview
            .changes
            .iter()
            .filter(|change| change.kind == kind && change.change_kind() == sort)
            .count()
    };
    assert_eq!(count("AWS::EC2::Subnet", ChangeKind::Replace), 3);
    // AWS lets no two gateways share an address: the new ones stand beside the old ones, with addresses of their own.
    assert_eq!(
        (
            count("AWS::EC2::NatGateway", ChangeKind::Add),
            count("AWS::EC2::NatGateway", ChangeKind::Remove)
        ),
        (3, 3)
    );
    assert_eq!(count("AWS::EC2::Route", ChangeKind::Modify), 3);
    snapshot("preview-size", &shown(&preview));
}

#[test]
fn another_mode_of_the_cni_is_for_new_nodes() {
    let text = blueprint("prefix-delegation");
    let before = build(&text);
    let after = build_over(
        &text
            .replace("prefixDelegation: true", "prefixDelegation: false")
            .replace("  warm: { prefixes: 1 }", ""),
        Some(&before.plan.ledger),
    );
    let preview = between(&before, &after);
    assert!(
        preview.noticed().iter().any(|line| line.contains("until they are replaced")),
        "{:?}",
        preview.impact
    );
    snapshot("preview-cni", &shown(&preview));
}

#[test]
fn a_change_set_that_disagrees_wins_and_keeps_our_values() {
    use eksnet::facts::kinds::Replacement;
    let text = blueprint("dev-single-nat");
    let before = build(&text);
    let after = build_over(
        &text.replace("environment: dev", "environment: test"),
        Some(&before.plan.ledger),
    );
    let own = between(&before, &after);
    let said = |replacement| {
        let mut change = own.changes.iter().find(|change| change.id == "Vpc").unwrap().clone();
        change.because.clear();
        change.replacement = replacement;
        preview::fold(&own, &[change], &before.template, &after.template)
    };
    let replaced = said(Replacement::Always);
    assert_eq!(
        (replaced.changes.len(), replaced.changes[0].change_kind()),
        (1, ChangeKind::Replace)
    );
    assert_eq!(replaced.changes[0].because[0].property, "Tags/environment");
    let conditional = said(Replacement::Conditional);
    assert_eq!(conditional.changes[0].change_kind(), ChangeKind::Modify);
    let about = |preview: &Preview, id: &str| {
        preview.disagreements.iter().find(|one| one.id == id).cloned().unwrap()
    };
    assert_eq!(
        (about(&conditional, "Vpc").compared, about(&conditional, "Vpc").change_set),
        (Some(ChangeKind::Modify), Some(ChangeKind::Replace))
    );
    assert_eq!(about(&replaced, "Vpc").shown.words(), "shown as in the change set");
    let left = about(&conditional, "SubnetNodesEuw1Az1");
    assert_eq!((left.compared, left.change_set), (Some(ChangeKind::Modify), None));
    snapshot("preview-disagreement", &shown(&replaced));
}

/// A rule takes the group of a cluster whose tags change: CloudFormation says replace, and the group stays (O12).
#[test]
fn an_attribute_of_what_changes_in_place_replaces_nothing() {
    use eksnet::facts::kinds::Replacement;
    let text = blueprint("least-privilege");
    let tagged = text.replace("  name: ledger\n", "  name: ledger\n  tags: { team: x }\n");
    let before = build(&text);
    let after = build_over(&tagged, Some(&before.plan.ledger));
    let own = between(&before, &after);
    let rule = |id: &str, cause: &str| preview::Change {
        id: id.into(),
        kind: "AWS::EC2::SecurityGroupIngress".into(),
        action: preview::Action::Modify,
        replacement: Replacement::Always,
        because: vec![preview::PropertyChange {
            property: "GroupId".into(),
            before: Some("sg-0a1b".into()),
            after: Some("{{changeSet:KNOWN_AFTER_APPLY}}".into()),
            cause: Some(cause.into()),
            path: String::new(),
        }],
        impact: preview::Notice::default(),
        path: String::new(),
    };
    let folded = |cause: &str| {
        let said = [rule("ClusterFromNode", cause)];
        preview::fold(&own, &said, &before.template, &after.template)
    };
    assert_eq!(own.change("Cluster").unwrap().change_kind(), ChangeKind::Modify);
    let feared = folded("Cluster");
    assert_eq!(feared.count(ChangeKind::Replace), 0, "{:?}", feared.changes);
    assert!(feared.disagreements.iter().any(|one| one.shown.words().ends_with("not shown")));
    // CloudFormation lists the stack's own tags for types that have none, beside such an attribute and alone.
    let tags = || preview::PropertyChange {
        property: "Tags".into(),
        before: None,
        after: None,
        cause: None,
        path: String::new(),
    };
    let mut rules = [rule("ClusterFromNode", "Cluster"), rule("NodeSecurityGroupFromNode", "")];
    rules[0].because.push(tags());
    rules[1].because = vec![tags()];
    rules[1].replacement = Replacement::Never;
    let folded = preview::fold(&own, &rules, &before.template, &after.template);
    assert_eq!(folded.changes, Vec::new());
}

/// What was changed manually in an add-on's objects is lost, kept, or in the way.
#[test]
fn an_update_of_an_add_on_says_what_becomes_of_manual_changes() {
    let with = |version: &str, conflicts: &str| {
        crate::support::CLEAN.replace("nodeGroups:", &format!("addons: [{{ name: coredns, version: {version}{conflicts} }}, kube-proxy, eks-pod-identity-agent]\nnodeGroups:"))
    };
    for (conflicts, words) in [
        ("", "reset to EKS's defaults"),
        (", resolveConflicts: overwrite", "reset to EKS's defaults"),
        (", resolveConflicts: preserve", "are preserved"),
        (", resolveConflicts: none", "fail the update"),
    ] {
        let [before, after] = ["v1.11.4-eksbuild.2", "v1.12.1-eksbuild.2"]
            .map(|version| build(&with(version, conflicts)));
        let change = between(&before, &after).change("AddonCoredns").unwrap().clone();
        let said = change.impact.to_string();
        assert!(said.contains(words), "{conflicts}: {said}");
    }
}

#[test]
fn previews_for_programs_follow_the_contract() {
    let preview = change("three-tiers", "nat: perZone", "nat: single");
    snapshot("preview-json", &eksnet::report::preview_json::write(&preview));
    let schema = eksnet::report::preview_json::schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for preview in [
        preview,
        change("three-tiers", "size: /20", "size: /21"),
        change("three-tiers", "team: platform", "team: shop"),
    ] {
        let value = eksnet::report::preview_json::value(&preview);
        assert!(
            validator.is_valid(&value),
            "{:?}",
            validator.iter_errors(&value).map(|error| error.to_string()).collect::<Vec<_>>()
        );
    }
    let misspelled = serde_json::json!({ "schemaVersion": 1, "stack": "x", "changes": "none" });
    assert!(!validator.is_valid(&misspelled), "the schema refuses something");
}

/// A pod subnet of another size: the association follows the subnet, the add-on follows both, and the root is the line of the size.
#[test]
fn a_replacement_is_told_back_to_the_line_that_was_edited() {
    let preview = change("three-tiers", "size: /20", "size: /21");
    let association = preview.change("SubnetNodesEuw1Az1RouteTable").unwrap();
    let because = association.deciding().unwrap();
    let chain: Vec<&str> = preview.chain(because).iter().map(|change| change.id.as_str()).collect();
    assert_eq!(chain, ["SubnetNodesEuw1Az1"]);
    assert!(preview.change("SubnetNodesEuw1Az1").unwrap().path.ends_with("].size"));
    let line = |path: &str| path.ends_with(".size").then(|| "shop.yaml:18".to_string());
    let shown = Shown { line: &line, compiled: None, lock: "", view: View::of(200) };
    let shown = eksnet::report::preview::human(&preview, &shown);
    assert!(shown.contains("SubnetNodesEuw1Az1 is replaced ← CidrBlock, shop.yaml:18"), "{shown}");
    assert!(
        preview.noticed().contains(&"EKS replaces the nodes of: NodeGroupGeneral".to_string()),
        "{:?}",
        preview.impact
    );
}

#[test]
fn what_cannot_be_undone_is_said() {
    let gone = change("three-tiers", "nat: perZone", "nat: single");
    assert!(
        gone.irreversible
            .iter()
            .any(|line| line.contains("public addresses are released to Amazon")),
        "{:?}",
        gone.irreversible
    );
    let newer = change("private-only", "version: \"1.35\"", "version: \"1.36\"");
    assert!(
        newer
            .irreversible
            .iter()
            .any(|line| line.contains("rolls a Kubernetes version back within seven days")),
        "{:?}",
        newer.irreversible
    );
    assert!(change("three-tiers", "team: platform", "team: shop").irreversible.is_empty());
}

/// (what is changed, from, to, the rule that refuses it)
const REFUSED: &[(&str, &str, &str, &str)] = &[
    ("private-only", "cluster:\n", "cluster:\n  serviceCidr: 10.100.0.0/16\n", "SVC-05"),
    (
        "hybrid-nodes",
        "controlPlaneEgress: customerRouted",
        "controlPlaneEgress: awsManaged",
        "CPE-02",
    ),
    ("private-only", "version: \"1.35\"", "version: \"1.33\"", "VER-01"),
    ("private-only", "version: \"1.35\"", "version: \"1.37\"", "VER-01"),
];

#[test]
fn what_aws_refuses_of_a_change_is_said_before_it_is_tried() {
    for (name, from, to, rule) in REFUSED {
        let preview = change(name, from, to);
        let found: Vec<_> = preview.findings.iter().map(|finding| finding.rule.id).collect();
        assert_eq!(found, [*rule], "{name}: {from} → {to}");
        assert!(
            preview.findings.iter().all(|finding| finding.is_error() && finding.hint.is_some()),
            "{rule}"
        );
        assert!(shown(&preview).contains(&format!("error[{rule}]")), "{rule}");
    }
    assert!(
        change("private-only", "version: \"1.35\"", "version: \"1.36\"").findings.is_empty(),
        "one version up is the way"
    );
}

#[test]
fn a_family_and_a_key_are_the_clusters_for_good() {
    let keyed = |key: &str| {
        blueprint("private-only").replace(
            "cluster:\n",
            &format!(
                "cluster:\n  secretsKey: \"arn:aws:kms:eu-central-1:111122223333:key/{key}\"\n"
            ),
        )
    };
    let (before, after) = (build(&keyed("one")), build(&keyed("two")));
    let found: Vec<_> =
        between(&before, &after).findings.iter().map(|finding| finding.rule.id).collect();
    assert_eq!(found, ["CLU-10"]);
}

#[test]
fn an_addon_takes_one_minor_version_at_a_time() {
    let pinned = |version: &str| {
        build(
            &blueprint("private-only")
                .replace("nodeGroups:", &format!("awsNode: {{ version: {version} }}\nnodeGroups:")),
        )
    };
    let rules = |from: &str, to: &str| {
        between(&pinned(from), &pinned(to))
            .findings
            .iter()
            .map(|finding| finding.rule.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(rules("v1.19.0-eksbuild.1", "v1.21.1-eksbuild.1"), ["SET-32"]);
    assert_eq!(rules("v1.20.0-eksbuild.1", "v1.21.1-eksbuild.1"), [] as [&str; 0]);
}

/// An address that moves from one gateway to another would be wanted twice.
#[test]
fn addresses_of_ones_own_are_not_wanted_twice() {
    let with =
        |nat: &str| blueprint("dev-single-nat").replace("nat: single", &format!("nat: {nat}"));
    let before = build(&with(
        "{ perZone: { elasticIps: [eipalloc-00000000000000001, eipalloc-00000000000000002] } }",
    ));
    let regional = with(
        "{ regional: { addresses: { euw1-az1: [eipalloc-00000000000000001], euw1-az2: [eipalloc-00000000000000003] } } }",
    );
    let after = build_over(&regional, Some(&before.plan.ledger));
    let findings = between(&before, &after).findings;
    assert_eq!(
        findings.iter().map(|finding| finding.rule.id).collect::<Vec<_>>(),
        ["NAT-04"],
        "{findings:#?}"
    );
    assert!(findings[0].message.contains("`eipalloc-00000000000000001`"));
    let others = regional.replace("[eipalloc-00000000000000001]", "[eipalloc-00000000000000004]");
    assert!(between(&before, &build_over(&others, Some(&before.plan.ledger))).findings.is_empty());
}

#[test]
fn a_cidr_joins_a_vpc_that_stands_by_other_rules() {
    let with = |primary: &str, list: &str| {
        format!(
            "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: p, region: us-west-2 }}\nvpc: {{ cidr: {primary}, secondaryCidrs: [{list}] }}\n"
        )
    };
    let rules = |before: &str, after: &str| {
        let before = build(before);
        between(&before, &build_over(after, Some(&before.plan.ledger)))
            .findings
            .iter()
            .map(|finding| finding.rule.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        rules(
            &with("10.40.0.0/16", "10.1.0.0/16"),
            &with("10.40.0.0/16", "10.0.0.0/20, 10.1.0.0/16")
        ),
        ["VPC-21"]
    );
    assert_eq!(
        rules(
            &with("10.40.0.0/16", "100.64.0.0/16"),
            &with("10.40.0.0/16", "10.41.0.0/16, 100.64.0.0/16")
        ),
        ["VPC-23"]
    );
    assert_eq!(
        rules(&with("10.40.0.0/16", "10.41.0.0/20"), &with("10.40.0.0/16", "10.41.0.0/16")),
        [""; 0],
        "nothing is in it: it goes in one part, and comes in the next"
    );
    assert_eq!(
        rules(
            &with("10.40.0.0/16", "10.41.0.0/16"),
            &with("10.40.0.0/16", "10.41.0.0/16, 100.64.0.0/16")
        ),
        [] as [&str; 0]
    );
}

#[test]
fn a_pull_request_reads_the_counts_first_and_never_more_than_a_comment_holds() {
    let preview = change("three-tiers", "size: /20", "size: /21");
    let place = |path: &str| Some(format!("shop.yaml:{}", path.len()));
    let text = eksnet::report::preview_markdown::write(&preview, &bare(&place));
    snapshot("preview-markdown", &text);
    let built = build(&blueprint("least-privilege"));
    let mut preview = preview::compare("x", &Template::nothing(), &built.template, &built.graph);
    for number in 0..40 {
        let more = preview
            .changes
            .clone()
            .into_iter()
            .map(|change| preview::Change { id: format!("{}{number}", change.id), ..change });
        preview.changes.extend(more.take(150).collect::<Vec<_>>());
    }
    let total = preview.changes.len();
    let finding = eksnet::rules::VPC_08.at("vpc.cidr", "x".repeat(300));
    preview.findings = vec![finding; 400];
    preview.network.subnets = vec![preview.network.subnets[0].clone(); 2_000];
    preview.impact = vec![preview::Consequence::Left(vec!["y".repeat(200)]); 400];
    let lost = preview::Lost { ids: vec!["y".repeat(200)], what: Loss::VpcId };
    preview.irreversible = vec![lost; 400];
    let text = eksnet::report::preview_markdown::write(&preview, &bare(&|_| None));
    assert!(text.len() <= 60_000, "{}", text.len());
    assert!(
        text.starts_with(&format!("### `x`: {total} to add"))
            && text.contains("more; `eksnet diff` shows all of them"),
        "{}",
        &text[..200]
    );
    for counted in
        ["more findings;", "more subnets;", "more lines;", &format!("Added: {total}</summary>")]
    {
        assert!(text.contains(counted), "{counted}");
    }
}

#[test]
fn a_workflow_is_shown_what_is_replaced_on_the_line_that_asks_for_it() {
    let preview = change("three-tiers", "size: /20", "size: /21");
    let text = eksnet::report::preview_github::write(&preview, &bare(&|_| None), &|path| {
        (!path.is_empty()).then(|| ("a,b.yaml".to_string(), 18))
    });
    assert!(
        text.contains(
            "::warning file=a%2Cb.yaml,line=18,title=replace SubnetNodesEuw1Az1::AWS::EC2::Subnet: "
        ),
        "{text}"
    );
    assert!(
        text.ends_with(&format!(
            "::notice title=eksnet-shop::{}%0ASomething that runs is interrupted or cut off: see below.\n",
            eksnet::report::preview::summary(&preview)
        )),
        "{text}"
    );
}

/// What each setting means for nodes that run: at once, for new pods, for new interfaces, for new nodes.
#[test]
fn every_setting_of_the_cni_says_when_it_takes_effect() {
    let text = blueprint("prefix-delegation");
    let between_settings = |from: &str, to: &str| {
        let (before, after) = (
            build(&text.replace("  warm: { prefixes: 1 }", from)),
            build(&text.replace("  warm: { prefixes: 1 }", to)),
        );
        let preview = between(&before, &after);
        preview.change("AddonVpcCni").unwrap().impact.to_string()
    };
    let impact = between_settings("  warm: { prefixes: 1 }", "  warm: { prefixes: 2 }");
    assert_eq!(
        impact,
        "WARM_PREFIX_TARGET: takes effect at once, as aws-node restarts on one node after the other"
    );
    assert!(
        between_settings("", "  networkPolicy: { enabled: true, mode: strict }")
            .contains("NETWORK_POLICY_ENFORCING_MODE: for pods that start afterwards")
    );
    assert!(
        between_settings("", "  subnetDiscovery: false")
            .contains("ENABLE_SUBNET_DISCOVERY: for interfaces attached afterwards")
    );
    assert!(
        between_settings("", "  securityGroupsForPods: { enforcing: standard }")
            .contains("ENABLE_POD_ENI: running nodes keep the old mode")
    );
}

/// Nodes that nobody exchanges are named, the fewest first.
#[test]
fn nodes_to_recycle_stand_in_an_order() {
    let text = blueprint("prefix-delegation");
    let before = build(&text);
    let after = build_over(
        &text.replace("env: {", "env: { ENABLE_MULTI_NIC: \"true\","),
        Some(&before.plan.ledger),
    );
    let preview = between(&before, &after);
    let left = |one: &preview::Consequence| match one {
        preview::Consequence::Left(ids) => Some(ids.clone()),
        _ => None,
    };
    let ids = preview.impact.iter().find_map(left).unwrap();
    let most = |id: &str| {
        after.template.resource(id).unwrap()["Properties"]["ScalingConfig"]["MaxSize"]
            .as_u64()
            .unwrap()
    };
    let sizes: Vec<u64> = ids.iter().map(|id| most(id)).collect();
    assert!(1 < sizes.len() && sizes.is_sorted(), "{ids:?}");
}

/// EKS takes a minor version back for a week, and only one.
#[test]
fn a_kubernetes_version_that_goes_back_is_warned_of() {
    let back = change("private-only", "version: \"1.35\"", "version: \"1.34\"");
    let found: Vec<_> = back.findings.iter().map(|one| (one.rule.id, one.is_error())).collect();
    assert_eq!(found, [("VER-02", false)]);
}

#[test]
fn an_ami_release_that_goes_back_is_warned_of() {
    let at = |day: &str| {
        let named = format!("name: general, ami: {{ releaseVersion: 1.35.0-{day} }},");
        blueprint("private-only").replace("name: general,", &named)
    };
    let rules = |from: &str, to: &str| -> Vec<&str> {
        let found = between(&build(&at(from)), &build(&at(to))).findings;
        found.iter().map(|one| one.rule.id).collect()
    };
    assert_eq!(rules("20260301", "20260101"), ["VER-06"]);
    assert_eq!(rules("20260101", "20260301"), [] as [&str; 0]);
}

#[test]
fn two_versions_back_is_refused_and_no_upgrade() {
    let back = change("private-only", "version: \"1.35\"", "version: \"1.33\"");
    let found: Vec<_> = back.findings.iter().map(|one| (one.rule.id, one.is_error())).collect();
    assert_eq!(found, [("VER-01", true)]);
    assert!(back.findings[0].hint.as_ref().unwrap().contains("within seven days"));
    assert!(!shown(&back).contains("upgraded") && back.irreversible.is_empty());
}

/// A new way out of a zone that hangs on another one is less than it had.
#[test]
fn what_hangs_on_fewer_zones_is_told() {
    let told =
        |preview: &Preview, words: &str| preview.noticed().iter().any(|line| line.contains(words));
    let egress = "if that zone fails, these subnets have no egress path";
    let single = change("three-tiers", "nat: perZone", "nat: single");
    assert!(told(&single, egress), "{:?}", single.impact);
    let regional = change("regional-nat", "nat: regional", "nat: single");
    assert!(told(&regional, egress), "{:?}", regional.impact);
    for (from, to) in [("nat: single", "nat: perZone"), ("zones: 2", "zones: 3")] {
        let more = change("dev-single-nat", from, to);
        assert!(!told(&more, "zone fails") && !told(&more, "fewer zones"), "{:?}", more.impact);
    }
    let group = change("three-tiers", "    tier: nodes", "    zones: [euw1-az1]\n    tier: nodes");
    assert!(told(&group, "all its nodes are in one zone"), "{:?}", group.impact);
    let two = change(
        "three-tiers",
        "    tier: nodes",
        "    zones: [euw1-az1, euw1-az2]\n    tier: nodes",
    );
    assert!(told(&two, "its nodes are in fewer zones"), "{:?}", two.impact);
}

/// Whose nodes are replaced, and how, is said once.
#[test]
fn new_nodes_are_told_once() {
    let mode = change("prefix-delegation", "prefixDelegation: true", "prefixDelegation: false");
    let text = shown(&mode).replace("\n     ", " ");
    assert_eq!(text.matches("EKS replaces all nodes").count(), 1, "{text}");
    assert!(text.contains("running nodes keep the old mode until they are replaced"), "{text}");
    assert!(!text.contains("a new version of the launch template"), "{text}");
    assert!(!text.contains("replace the node groups after"), "{text}");
}

#[test]
fn every_change_is_called_by_its_type_in_words() {
    for (name, from, to) in [
        ("three-tiers", "- name: general", "- name: workers"),
        ("three-tiers", "nat: perZone", "nat: single"),
        ("three-tiers", "version: \"1.35\"", "version: \"1.34\""),
    ] {
        let preview = change(name, from, to);
        let text = shown(&preview);
        assert!(!text.contains("AWS::"), "{text}");
    }
}

/// Pods' subnets may not go under running pods, and prefixes not under nodes that counted on them.
#[test]
fn orders_that_strand_pods_are_refused() {
    let rules = |preview: &Preview| {
        preview
            .findings
            .iter()
            .map(|finding| (finding.rule.id, finding.is_error()))
            .collect::<Vec<_>>()
    };
    let text = blueprint("secondary-pods");
    let before = build(&text);
    let gone = text
        .replace("  - { name: pods, ", "  - { name: pods-2, ")
        .replace("tier: pods }", "tier: pods-2 }")
        .replace("size: /18", "size: /20");
    let moved = build_over(&gone, Some(&before.plan.ledger));
    assert_eq!(
        rules(&between(&before, &moved)),
        [("CN-06", true)],
        "{}",
        shown(&between(&before, &moved))
    );
    let beside = gone.replace(
        "tiers:\n",
        "tiers:\n  - { name: pods, size: /18, egress: nat, from: 100.64.0.0/16 }\n",
    );
    let joined = build_over(&beside, Some(&before.plan.ledger));
    assert!(rules(&between(&before, &joined)).is_empty(), "{}", shown(&between(&before, &joined)));
    // Nor with nodes that go in the same deployment: they drain while the subnet's routes are removed.
    let renamed = gone.replace("name: general", "name: general-2");
    assert_ne!(renamed, gone);
    let exchanged = build_over(&renamed, Some(&before.plan.ledger));
    assert_eq!(rules(&between(&before, &exchanged)), [("CN-06", true)]);
    // Nodes that EKS replaces because fewer pods fit still take as many until then; those whose max pods stay keep their prefixes.
    let text = blueprint("prefix-delegation");
    let before = build(&text);
    let rolled = build_over(
        &text
            .replace("prefixDelegation: true", "prefixDelegation: false")
            .replace("  warm: { prefixes: 1 }", ""),
        Some(&before.plan.ledger),
    );
    assert_eq!(rules(&between(&before, &rolled)), [("PD-03", false)]);
    let mut template = rolled.template.clone();
    for id in ["LaunchTemplateGeneral", "LaunchTemplateBatch"] {
        template.value["Resources"][id] = before.template.resource(id).unwrap().clone();
    }
    let kept = preview::compare("x", &before.template, &template, &rolled.graph);
    assert_eq!(rules(&kept), []);
}

/// The first tier of a group's own changes the label that aws-node reads: nodes must have it by then.
#[test]
fn nodes_are_labelled_before_the_label_is_read() {
    let rules = |preview: &Preview| {
        preview
            .findings
            .iter()
            .map(|finding| (finding.rule.id, finding.is_error()))
            .collect::<Vec<_>>()
    };
    let several = blueprint("pod-tiers");
    let one = several.replace("    podTier: batch-pods\n", "");
    let labelled = one.replace("tier: pods }", "tier: pods, labelGroups: true }");
    let (before, after) = (build(&one), build(&several));
    assert_eq!(rules(&between(&before, &after)), [("CN-12", true)]);
    let without = build(&one.replace(
        "  customNetworking: { tier: pods } # every group that names no other\n",
        "  warm: { prefixes: 1 }\n",
    ));
    assert_eq!(
        rules(&between(&without, &build_over(&several, Some(&without.plan.ledger)))),
        [("CN-12", true)]
    );
    let between_both = build_over(&labelled, Some(&before.plan.ledger));
    assert!(rules(&between(&before, &between_both)).is_empty());
    assert!(
        rules(&between(&between_both, &build_over(&several, Some(&between_both.plan.ledger))))
            .is_empty()
    );
    // Both names of every subnet while nodes go by their zone and have the label already.
    let names = |built: &Compiled| {
        let text = built.template.resource("AddonVpcCni").unwrap()["Properties"]["ConfigurationValues"]["Fn::Sub"].as_str().unwrap().to_string();
        let values: serde_json::Value = serde_json::from_str(&text).unwrap();
        values["eniConfig"]["subnets"].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(
        names(&between_both),
        [
            "${SubnetPodsEuw1Az1.AvailabilityZone}",
            "${SubnetPodsEuw1Az2.AvailabilityZone}",
            "pods-euw1-az1",
            "pods-euw1-az2"
        ]
    );
    // A tier's new name is nobody's new label.
    let renamed = several
        .replace("name: batch-pods,", "name: heavy-pods, renamedFrom: batch-pods,")
        .replace("podTier: batch-pods", "podTier: heavy-pods");
    let renamed = build_over(&renamed, Some(&after.plan.ledger));
    assert!(
        between(&after, &renamed).changes.iter().all(|change| change.kind != "AWS::EKS::Nodegroup"),
        "{}",
        shown(&between(&after, &renamed))
    );
    assert_eq!(names(&renamed), names(&after));
    let zones = ["${SubnetPodsEuw1Az1.AvailabilityZone}", "${SubnetPodsEuw1Az2.AvailabilityZone}"];
    assert_eq!(
        names(&after),
        [
            &zones[..],
            &["batch-pods-euw1-az1", "batch-pods-euw1-az2", "pods-euw1-az1", "pods-euw1-az2"]
        ]
        .concat()
    );
}

/// What manages aws-node may change over a cluster that stands: its software stays, and so does the cluster.
#[test]
fn the_add_on_and_a_self_managed_aws_node_take_turns() {
    let rules = |preview: &Preview| {
        preview
            .findings
            .iter()
            .map(|finding| (finding.rule.id, finding.is_error()))
            .collect::<Vec<_>>()
    };
    let of = |management: &str, role: &str| {
        let text = blueprint("self-managed")
            .replace("role: irsa", &format!("role: {role}"))
            .replace("management: selfManaged", &format!("management: {management}"));
        build(&text.replace("HTTP_TIMEOUT: \"20\"", "MAX_ENI: \"3\""))
    };
    let (own, addon) = (of("selfManaged", "irsa"), of("addon", "irsa"));
    // As `keep_standing` has it: a cluster keeps what it was made with.
    let kept = |built: &Compiled, by: &Compiled| {
        let mut template = built.template.clone();
        let made =
            by.template.resource("Cluster").unwrap()["Properties"]["BootstrapSelfManagedAddons"]
                .clone();
        template.value["Resources"]["Cluster"]["Properties"]["BootstrapSelfManagedAddons"] = made;
        template
    };
    let away = preview::compare("x", &addon.template, &kept(&own, &addon), &own.graph);
    assert!(rules(&away).is_empty(), "{:?}", away.findings);
    assert!(
        away.change("AddonVpcCni").unwrap().impact.contains("its software stays"),
        "{:?}",
        away.changes
    );
    assert_eq!(away.change("Cluster").unwrap().change_kind(), ChangeKind::Modify);
    let mut taking = addon.template.clone();
    taking.value["Resources"]["AddonVpcCni"]["Properties"]
        .as_object_mut()
        .unwrap()
        .remove("PreserveOnDelete");
    assert_eq!(
        rules(&preview::compare("x", &taking, &kept(&own, &addon), &own.graph)),
        [("SELF-03", true)]
    );
    // Both by Pod Identity: EKS has one association for a service account.
    let (own_identity, addon_identity) =
        (of("selfManaged", "podIdentity"), of("addon", "podIdentity"));
    for (before, after) in [(&addon_identity, &own_identity), (&own_identity, &addon_identity)] {
        assert_eq!(
            rules(&preview::compare("x", &before.template, &kept(after, before), &after.graph)),
            [("SELF-05", true)]
        );
    }
    // Another CNI leaves aws-node behind.
    let other = build(&blueprint("other-cni"));
    let left = preview::compare("x", &addon.template, &other.template, &other.graph);
    assert!(
        left.findings.iter().any(|finding| finding.rule.id == "SELF-06"),
        "{:?}",
        left.findings
    );
    let back = preview::compare("x", &own.template, &kept(&addon, &own), &addon.graph);
    assert!(
        rules(&back).is_empty()
            && back.change("AddonVpcCni").unwrap().change_kind() == ChangeKind::Add,
        "{:?}",
        back.findings
    );
    // Settings of a self-managed one stand with the cluster, and say as much about running nodes.
    let mut warmer = own.template.clone();
    let text = warmer.value["Resources"]["Cluster"]["Metadata"]["AwsNode"]["Fn::Sub"]
        .as_str()
        .unwrap()
        .replace("\"MINIMUM_IP_TARGET\":\"20\"", "\"MINIMUM_IP_TARGET\":\"30\"");
    warmer.value["Resources"]["Cluster"]["Metadata"]["AwsNode"]["Fn::Sub"] = text.into();
    let change = preview::compare("x", &own.template, &warmer, &own.graph);
    let change = change.change("Cluster").unwrap();
    assert_eq!(
        change.impact.to_string(),
        "MINIMUM_IP_TARGET: takes effect at once, as aws-node restarts on one node after the other"
    );
    assert_eq!(change.because[0].property, "Metadata/AwsNode/env/MINIMUM_IP_TARGET");
}

#[test]
fn an_upgrade_of_kubernetes_says_that_nodes_are_exchanged() {
    let newer = change("private-only", "version: \"1.35\"", "version: \"1.36\"");
    assert!(
        newer.noticed().iter().any(|line| line.contains("the control plane is upgraded")),
        "{:?}",
        newer.impact
    );
    assert!(
        newer.noticed().iter().any(|line| line.contains("EKS replaces all nodes")),
        "{:?}",
        newer.impact
    );
    assert!(
        newer.noticed().iter().any(|line| line.starts_with("EKS replaces the nodes of")),
        "{:?}",
        newer.impact
    );
}

/// Karpenter's nodes joined by an entry of the stack: without it they are NotReady, whoever made them.
#[test]
fn an_entry_of_nodes_that_goes_is_told() {
    let text = blueprint("karpenter");
    let (start, end) = (text.find("\nkarpenter:").unwrap(), text.len());
    let section = &text[start + 1..end];
    let length = section.find("\n\n").map_or(section.len(), |at| at + 1);
    let without = text.replace(&section[..length], "");
    let preview = between(&build(&text), &build(&without));
    assert!(shown(&preview).contains("become NotReady"), "{}", shown(&preview));
}

/// EKS keeps one association for a service account, whether an add-on or the stack asked for it: the old one goes in a part before.
#[test]
fn an_association_passes_from_an_add_on_to_the_stack_in_two_parts() {
    let base = "coredns, kube-proxy, eks-pod-identity-agent";
    let list = |more: &str| {
        crate::support::CLEAN
            .replace("\nnodeGroups:", &format!("\naddons: [{base}{more}]\nnodeGroups:"))
    };
    let of = |account: &str| {
        format!(
            "\npodIdentities: [{{ namespace: kube-system, serviceAccount: {account}, policies: [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"] }}]\n"
        )
    };
    let own = |driver: &str, account: &str| {
        list(&format!(", {{ name: {driver}, role: none }}")) + &of(account)
    };
    for (driver, account) in [
        ("aws-ebs-csi-driver", "ebs-csi-controller-sa"),
        ("aws-efs-csi-driver", "efs-csi-controller-sa"),
    ] {
        let sides = [
            (list(&format!(", {driver}")), list("") + &of(account)),
            (list(&format!(", {driver}")), own(driver, account)),
        ];
        for (addon, stack) in sides.iter().flat_map(|(one, other)| [(one, other), (other, one)]) {
            let (before, after) = (build(addon).template, build(stack).template);
            let parts = preview::parts(&before, &after);
            assert_eq!(parts.len(), 2, "{driver}: {addon}{stack}");
        }
    }
}
