//! What a survey could not read: every use of it fails or is said, and nothing takes it for absent.

use eksnet::diagnostic::Diagnostic;
use eksnet::observed::survey::Survey;
use eksnet::observed::{Part, Unread};

use crate::existing::{TEXT, compiled, edited, exhausted, found, ids};

fn refused<T>(action: &str) -> Part<T> {
    Part::Unread(Unread { action: action.into(), why: "AccessDenied".into() })
}

/// The survey without one part, and the blueprint with the words that use it.
fn without(part: &str, words: (&str, &str)) -> (Survey, String) {
    let mut survey = exhausted();
    let (vpc, eks) = (&mut survey.vpc, &mut survey.eks);
    match part {
        "ec2:DescribeVpcs" => vpc.vpc = refused(part),
        "ec2:DescribeSubnets" => vpc.subnets = refused(part),
        "ec2:DescribeRouteTables" => vpc.route_tables = refused(part),
        "ec2:DescribeVpcPeeringConnections" => vpc.peerings = refused(part),
        "ec2:DescribeInternetGateways" => vpc.internet_gateways = refused(part),
        "ec2:DescribeVpcEndpoints" => vpc.endpoints = refused(part),
        "ec2:DescribeSecurityGroups" => vpc.security_groups = refused(part),
        "ec2:DescribeNetworkAcls" => vpc.network_acls = refused(part),
        "ec2:DescribeManagedPrefixLists" => vpc.prefix_lists = refused(part),
        "ec2:DescribeNetworkInterfaces" => vpc.interfaces = refused(part),
        "ec2:GetSubnetCidrReservations" => vpc.reservations = refused(part),
        "eks:DescribeCluster" => eks.cluster = refused(part),
        "eks:DescribeNodegroup" => eks.node_groups = refused(part),
        "eks:DescribeFargateProfile" => eks.fargate_profiles = refused(part),
        "eks:DescribeAddon" => eks.addons = refused(part),
        "eks:DescribeAccessEntry" => eks.access_entries = refused(part),
        "ec2:DescribeInstances" => eks.instances = refused(part),
        "get daemonsets/aws-node" => survey.kubernetes.aws_node = refused(part),
        other => panic!("{other}"),
    }
    (survey, edited(words.0, words.1))
}

const AS_IT_IS: (&str, &str) = ("cluster: {", "cluster: {");

fn said(finding: &Diagnostic, action: &str) -> bool {
    finding.message.contains(action)
        && finding.message.contains("AccessDenied")
        && finding.hint.as_ref().is_some_and(|hint| hint.contains(action))
}

#[test]
fn a_part_that_a_plan_needs_fails_with_its_action_and_reason() {
    let internet = ("tiers:\n", "tiers:\n  - { name: dmz, size: /24, egress: internet }\n");
    let endpoints = ("cluster: {", "endpoints: { include: [ecr.api], tier: pods }\ncluster: {");
    let fargate =
        ("nodeGroups:", "fargate: [{ name: f, tier: pods, namespaces: [a] }]\nnodeGroups:");
    let access = (
        "existing: prod }",
        "existing: prod, access: [{ principal: \"arn:aws:iam::111122223333:role/a\", policies: [AmazonEKSViewPolicy] }] }",
    );
    for (action, words) in [
        ("ec2:DescribeVpcs", AS_IT_IS),
        ("ec2:DescribeSubnets", AS_IT_IS),
        ("ec2:DescribeRouteTables", AS_IT_IS),
        ("ec2:DescribeVpcPeeringConnections", AS_IT_IS),
        ("ec2:DescribeInternetGateways", internet),
        ("ec2:DescribeVpcEndpoints", endpoints),
        ("eks:DescribeCluster", AS_IT_IS),
        ("eks:DescribeNodegroup", AS_IT_IS),
        ("eks:DescribeFargateProfile", fargate),
        ("eks:DescribeAddon", AS_IT_IS),
        ("eks:DescribeAccessEntry", access),
        ("ec2:DescribeInstances", AS_IT_IS),
    ] {
        let (survey, text) = without(action, words);
        assert!(compiled(&text, Some(&survey), None).is_err(), "{action}");
        let found = found(&text, &survey);
        let errors: Vec<&Diagnostic> = found.iter().filter(|one| one.is_error()).collect();
        let told = errors.iter().any(|one| one.rule.id == "EXI-19" && said(one, action));
        assert!(told, "{action}: {found:?}");
        // What follows from the hole alone is not said as if it were known.
        let others = errors.iter().filter(|one| one.rule.id != "EXI-19");
        let own: Vec<_> = others.map(|one| (one.rule.id, &one.message)).collect();
        assert!(action != "ec2:DescribeSubnets" || own.is_empty(), "{action}: {own:?}");
        assert!(action != "ec2:DescribeRouteTables" || own.is_empty(), "{action}: {own:?}");
    }
}

#[test]
fn a_part_that_only_figures_need_is_said_to_be_unknown() {
    for action in [
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeManagedPrefixLists",
        "ec2:DescribeNetworkInterfaces",
        "ec2:GetSubnetCidrReservations",
        "get daemonsets/aws-node",
    ] {
        let (survey, text) = without(action, AS_IT_IS);
        let found = found(&text, &survey);
        let told = found.iter().any(|one| one.rule.id == "EXI-20" && said(one, action));
        assert!(told && !found.iter().any(Diagnostic::is_error), "{action}: {found:?}");
    }
}

#[test]
fn what_nobody_asked_for_is_no_less_unknown() {
    let mut survey = exhausted();
    survey.vpc.subnets = Part::Unasked;
    let found = found(TEXT, &survey);
    assert_eq!(ids(&found), ["EXI-19"], "{found:?}");
    assert!(found[0].message.contains("ec2:DescribeSubnets"), "{found:?}");
}

#[test]
fn a_lock_remembers_what_was_not_read() {
    let (survey, _) = without("ec2:DescribeVpcEndpoints", AS_IT_IS);
    let first = compiled(TEXT, Some(&survey), None).unwrap();
    let text = edited("cluster: {", "endpoints: { include: [ecr.api], tier: pods }\ncluster: {");
    assert!(compiled(&text, None, Some(&first.plan.ledger)).is_err());
    assert!(compiled(TEXT, None, Some(&first.plan.ledger)).is_ok());
}

#[test]
fn a_survey_of_another_region_is_refused() {
    let found = found(&edited("eu-west-1", "eu-west-2"), &exhausted());
    assert_eq!(ids(&found), ["EXI-09"], "{found:?}");
    assert!(found[0].message.contains("eu-west-1"), "{found:?}");
}

#[test]
fn new_ranges_keep_clear_of_the_services_of_a_cluster_that_exists() {
    let mut survey = exhausted();
    let Part::Read(Some(cluster)) = &mut survey.eks.cluster else { unreachable!() };
    cluster.service_cidr = Some("100.64.0.0/16".parse().unwrap());
    let found = found(TEXT, &survey);
    assert_eq!(ids(&found), ["SVC-02"], "{found:?}");
    assert_eq!(found[0].path, "vpc.secondaryCidrs[0]");
    assert!(!found[0].hint.as_ref().unwrap().contains("100.64.0.0"), "{found:?}");
}

#[test]
fn what_a_cluster_or_a_participant_cannot_have_is_refused() {
    let mut auto = exhausted();
    let Part::Read(Some(cluster)) = &mut auto.eks.cluster else { unreachable!() };
    cluster.auto_mode = Some(Default::default());
    auto.eks.node_groups = Part::Read(Vec::new());
    let groupless = TEXT.lines().filter(|line| !line.starts_with("nodeGroups")).collect::<Vec<_>>();
    let found = self::found(&groupless.join("\n"), &auto);
    assert!(ids(&found).contains(&"EXI-22"), "{found:?}");

    let mut bare = exhausted();
    bare.eks.addons = Part::Read(Vec::new());
    let found = self::found(TEXT, &bare);
    assert!(ids(&found).contains(&"EXI-22"), "{found:?}");
    let own = edited("awsNode: {", "awsNode: { management: selfManaged,");
    assert!(!ids(&self::found(&own, &bare)).contains(&"EXI-22"));

    let mut shared = exhausted();
    shared.header.account = "111122223333".into();
    let Part::Read(Some(vpc)) = &mut shared.vpc.vpc else { unreachable!() };
    vpc.owner = "444455556666".into();
    let found = self::found(TEXT, &shared);
    assert_eq!(ids(&found), ["EXI-21"], "{found:?}");
}

/// What is wrong with a survey is told with its place, and with nothing beside it.
#[test]
fn a_broken_survey_names_the_place() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.yaml"), crate::support::CLEAN).unwrap();
    for (text, said) in [
        (
            "{\n\"schemaVersion\": 1,\n\"vpc\": {\"subnets\": {\"read\": [{\"cidr\": \"10.0.0/24\"}]}}}",
            "line 3 column",
        ),
        ("{\"schemaVersion\": 1, \"vpc\": {\"subnets\": {\"read\": {}}}}", "line 1 column"),
        ("[1]", "not a JSON object"),
        ("{}", "schemaVersion"),
        ("", "not a JSON object"),
    ] {
        std::fs::write(folder.path().join("s.json"), text).unwrap();
        let ran =
            crate::support::run(folder.path(), &["check", "a.yaml", "--survey", "s.json"], &[]);
        assert!(ran.code == 1 && ran.err.contains(said), "{text}: {}", ran.err);
        assert!(!ran.err.contains("0 blueprints"), "{}", ran.err);
    }
}
