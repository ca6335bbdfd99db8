//! What exists already: named, planned around, never changed.

use std::cell::Cell;
use std::collections::BTreeSet;

use eksnet::address::Ledger;
use eksnet::diagnostic::Diagnostic;
use eksnet::line::{self, Compiled, Request, Stopped};
use eksnet::observed::survey::{
    AddonSurvey, CidrAssociation, EksCluster, Header, Instance, NodeGroupSurvey, Route, RouteTable,
    SecurityGroup, SecurityRule, Subnet, Survey, Vpc, VpcEndpoint,
};
use eksnet::observed::{Observed, Part};
use eksnet::rescue::{self, Rung, Wanted};
use eksnet::{blueprint, survey};
use ipnet::Ipv4Net;
use proptest::prelude::*;

use crate::support::document;

const VPC: &str = "vpc-0123456789abcdef0";
const ZONES: [(&str, &str); 3] =
    [("euw1-az1", "eu-west-1a"), ("euw1-az2", "eu-west-1b"), ("euw1-az3", "eu-west-1c")];

fn net(text: &str) -> Ipv4Net {
    text.parse().unwrap()
}

fn subnet(id: &str, cidr: Ipv4Net, zone: usize) -> Subnet {
    Subnet {
        id: id.to_string(),
        cidr: Some(cidr),
        zone_id: ZONES[zone].0.to_string(),
        zone_name: ZONES[zone].1.to_string(),
        available: 4000,
        tags: [("Name".to_string(), format!("prod-private-{zone}"))].into(),
        ..Subnet::default()
    }
}

/// Three private subnets behind NAT, in a VPC with a cluster.
pub fn exhausted() -> Survey {
    let header = Header {
        read: "2026-11-28T05:00:00Z".into(),
        vpc: VPC.into(),
        region: "eu-west-1".into(),
        cluster: Some("prod".into()),
        ..Header::default()
    };
    let mut survey = Survey::new(header);
    let association = CidrAssociation { cidr: net("10.0.0.0/16"), ..CidrAssociation::default() };
    let vpc = Vpc { id: VPC.into(), cidrs: vec![association], ..Vpc::default() };
    let own: Vec<Subnet> = (0..3)
        .map(|zone| {
            subnet(&format!("subnet-{zone:017x}"), net(&format!("10.0.{}.0/20", zone * 16)), zone)
        })
        .collect();
    let tables = own.iter().enumerate().map(|(at, subnet)| RouteTable {
        id: format!("rtb-{at:017x}"),
        subnets: vec![subnet.id.clone()],
        routes: vec![
            Route {
                destination: "0.0.0.0/0".into(),
                target: format!("nat-{at:017x}"),
                ..Route::default()
            },
            Route { destination: "10.0.0.0/16".into(), target: "local".into(), ..Route::default() },
        ],
        ..RouteTable::default()
    });
    survey.vpc.route_tables = Part::Read(tables.collect());
    let ids = own.iter().map(|one| one.id.clone()).collect();
    survey.vpc.subnets = Part::Read(own);
    survey.vpc.vpc = Part::Read(Some(vpc));
    survey.eks.cluster = Part::Read(Some(EksCluster {
        name: "prod".into(),
        version: "1.33".into(),
        ip_family: "ipv4".into(),
        service_cidr: Some(net("172.20.0.0/16")),
        cluster_security_group: Some("sg-0123456789abcdef0".into()),
        endpoint: "https://0123456789ABCDEF0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com".into(),
        authority: "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t".into(),
        authentication_mode: "API".into(),
        endpoint_private: true,
        ..EksCluster::default()
    }));
    let tags = [("Terraform".to_string(), "true".to_string())].into();
    survey.eks.node_groups = Part::Read(vec![NodeGroupSurvey {
        name: "general".into(),
        instance_types: vec!["m6i.xlarge".into()],
        subnets: ids,
        min: 1,
        desired: 3,
        max: 6,
        tags,
        ..NodeGroupSurvey::default()
    }]);
    survey.eks.addons = Part::Read(vec![
        AddonSurvey {
            name: "vpc-cni".into(),
            version: "v1.20.4-eksbuild.1".into(),
            configuration: Some(
                serde_json::json!({ "env": { "AWS_VPC_K8S_CNI_LOGLEVEL": "INFO" } }),
            ),
            ..AddonSurvey::default()
        },
        AddonSurvey {
            name: "coredns".into(),
            version: "v1.12.1-eksbuild.2".into(),
            ..AddonSurvey::default()
        },
    ]);
    read_empty(&mut survey);
    survey
}

/// Everything else was read, and nothing is there.
fn read_empty(survey: &mut Survey) {
    let vpc = &mut survey.vpc;
    vpc.reservations = Part::Read(Vec::new());
    vpc.internet_gateways = Part::Read(Vec::new());
    vpc.endpoints = Part::Read(Vec::new());
    vpc.network_acls = Part::Read(Vec::new());
    vpc.security_groups = Part::Read(Vec::new());
    vpc.prefix_lists = Part::Read(Vec::new());
    vpc.peerings = Part::Read(Vec::new());
    vpc.interfaces = Part::Read(Vec::new());
    survey.eks.fargate_profiles = Part::Read(Vec::new());
    survey.eks.access_entries = Part::Read(Vec::new());
    survey.eks.pod_identities = Part::Read(Vec::new());
    survey.eks.instances = Part::Read(Vec::new());
    survey.kubernetes.aws_node = Part::Read(None);
}

pub const TEXT: &str = r#"apiVersion: eksnet/v1
kind: Blueprint
metadata: { name: prod-pods, region: eu-west-1 }
vpc: { id: vpc-0123456789abcdef0, secondaryCidrs: [100.64.0.0/16] }
tiers:
  - { name: nodes, existing: { tags: { Name: "*private*" } }, serves: [nodes] }
  - { name: pods, size: /18, from: 100.64.0.0/16, serves: [pods], egress: { like: nodes } }
cluster: { existing: prod }
awsNode: { prefixDelegation: false, customNetworking: { tier: pods } }
nodeGroups: [{ name: general-2, tier: nodes, instanceTypes: [m6i.xlarge], scaling: { min: 1, desired: 1, max: 6 } }]
"#;

pub fn compiled(
    text: &str,
    survey: Option<&Survey>,
    ledger: Option<&Ledger>,
) -> Result<Compiled, Stopped> {
    let reading = blueprint::read("test.yaml", text.as_bytes().to_vec());
    let Some(read) = reading.document else {
        return Err(Stopped::Findings(reading.source, reading.findings));
    };
    let request = Request { found: reading.findings, ..Request::new(read) };
    let survey = survey.cloned().map(Box::new);
    let observed = Observed { survey, ..Observed::default() };
    let ledger = ledger.cloned().unwrap_or(request.ledger.clone());
    line::compile(Request { observed, ledger, ..request })
}

pub fn found(text: &str, survey: &Survey) -> Vec<Diagnostic> {
    match compiled(text, Some(survey), None) {
        Ok(compiled) => compiled.warnings,
        Err(Stopped::Findings(_, findings)) => findings,
        Err(Stopped::Failure(failure)) => panic!("{}", failure.chain()),
    }
}

pub fn ids(findings: &[Diagnostic]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.rule.id).collect()
}

pub fn edited(from: &str, to: &str) -> String {
    assert!(TEXT.contains(from), "{from}");
    TEXT.replace(from, to)
}

#[test]
fn what_is_wrong_with_what_exists_is_exactly_that_finding() {
    let survey = exhausted();
    assert_eq!(ids(&found(TEXT, &survey)), Vec::<&str>::new());
    let tags = "existing: { tags: { Name: \"*private*\" } }";
    let first = "existing: { ids: [subnet-00000000000000000] }";
    for (rule, from, to) in [
        ("EXI-01", tags, "existing: { tags: { Name: \"*private*\" } }, size: /20"),
        ("EXI-01", tags, "existing: { tags: { Name: \"*private*\" } }, egress: nat"),
        ("EXI-03", tags, "existing: {}"),
        ("EXI-03", tags, "existing: { ids: [net-1] }"),
        ("EXI-04", tags, "existing: { tags: { Name: \"*privte*\" } }"),
        ("EXI-07", "like: nodes", "like: nodse"),
        ("EXI-07", "{ like: nodes }", "{ like: pods }"),
        ("EXI-09", "id: vpc-0123456789abcdef0", "id: vpc-0aaaaaaaaaaaaaaaa"),
        ("EXI-09", "existing: prod", "existing: staging"),
        ("EXI-11", "existing: prod", "existing: prod, version: \"1.34\""),
        ("EXI-11", "nodeGroups:", "securityGroups: { mode: leastPrivilege }\nnodeGroups:"),
        ("EXI-12", "vpc: {", "vpc: { cidr: 10.0.0.0/16,"),
        ("EXI-25", "nodeGroups:", "securityGroups: { defaultGroup: closed }\nnodeGroups:"),
        ("EXI-16", "name: general-2", "name: general"),
        ("EXI-16", "nodeGroups:", "addons: [coredns]\nnodeGroups:"),
        ("EXI-17", tags, first),
    ] {
        let text = edited(from, to);
        let found = found(&text, &survey);
        assert!(ids(&found).contains(&rule), "{rule}: {to}: {found:?}");
        let own =
            found.iter().filter(|one| one.is_error()).all(|one| one.rule.id.starts_with("EXI-"));
        assert!(own, "{rule}: {to}: {found:?}");
    }
}

/// Help for what others own is what they can do, and the way around them.
#[test]
fn help_beside_others_is_theirs_to_follow() {
    let mut full = exhausted();
    let Part::Read(Some(vpc)) = &mut full.vpc.vpc else { unreachable!() };
    let state = "associated".to_string();
    vpc.cidrs.push(CidrAssociation { cidr: net("100.64.0.0/16"), state, ..Default::default() });
    let Part::Read(subnets) = &mut full.vpc.subnets else { unreachable!() };
    for (at, block) in net("100.64.0.0/16").subnets(18).unwrap().enumerate() {
        let one = subnet(&format!("subnet-0000000000000100{at}"), block, at % 3);
        subnets.push(Subnet { tags: Default::default(), ..one });
    }
    let findings = found(TEXT, &full);
    let help = |rule: &str| {
        let own = findings.iter().find(|one| one.rule.id == rule);
        own.unwrap_or_else(|| panic!("{findings:?}")).hint.clone().unwrap_or_default()
    };
    let told = help("ADR-04");
    assert!(told.contains("others hold 4 ranges of it"), "{told}");
    assert!(!told.contains("removal"), "{told}");

    let mut shut = exhausted();
    let Part::Read(tables) = &mut shut.vpc.route_tables else { unreachable!() };
    tables.iter_mut().for_each(|table| table.routes.retain(|one| one.target == "local"));
    let findings = found(TEXT, &shut);
    let own = findings.iter().find(|one| one.rule.id == "NODE-04");
    let told = own.unwrap_or_else(|| panic!("{findings:?}")).hint.clone().unwrap_or_default();
    assert!(told.contains("subnet-00000000000000000") && !told.contains("egress:"), "{told}");
}

#[test]
fn existing_words_outside_of_a_vpc_that_exists_are_refused() {
    let text = edited("id: vpc-0123456789abcdef0, ", "cidr: 10.0.0.0/16, ");
    let found = found(&text, &exhausted());
    assert!(ids(&found).contains(&"EXI-02"), "{found:?}");
    let own = "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: shop, region: eu-west-1 }\ncluster: {}\nawsNode: { management: external }\n";
    let found = self::found(own, &exhausted());
    assert!(ids(&found).contains(&"EXI-18"), "{found:?}");
}

#[test]
fn zones_ids_and_pods_of_existing_subnets_are_judged() {
    let mut survey = exhausted();
    let text = edited("tiers:\n", "zones: [euw1-az1, euw1-az2]\ntiers:\n")
        .replace("existing: { tags: { Name: \"*private*\" } }", "existing: { ids: [subnet-00000000000000000, subnet-00000000000000001, subnet-00000000000000002] }");
    assert!(ids(&found(&text, &survey)).contains(&"EXI-14"));
    let Part::Read(subnets) = &mut survey.vpc.subnets else { unreachable!() };
    subnets.push(subnet("subnet-000000000000000aa", net("10.0.96.0/20"), 0));
    let pods = edited("serves: [nodes]", "serves: [nodes, pods]");
    assert!(ids(&found(&pods, &survey)).contains(&"EXI-08"));
    let Part::Read(subnets) = &mut survey.vpc.subnets else { unreachable!() };
    subnets[0].tags.insert("aws:cloudformation:stack-name".into(), "eksnet-prod-pods".into());
    let own = edited("tags: { Name: \"*private*\" }", "ids: [subnet-00000000000000000]");
    assert!(ids(&found(&own, &survey)).contains(&"EXI-05"));
}

#[test]
fn without_a_survey_only_words_are_judged_and_nothing_is_planned() {
    let Err(Stopped::Failure(failure)) = compiled(TEXT, None, None) else { panic!() };
    assert!(failure.hint.as_ref().is_some_and(|hint| hint.contains("eksnet survey --vpc")));
    let words = line::words(&Request::new(document(TEXT))).unwrap();
    assert_eq!(ids(&words), ["EXI-10"]);
}

#[test]
fn the_stack_is_additive_and_the_lock_does_without_the_survey() {
    let survey = exhausted();
    let first = compiled(TEXT, Some(&survey), None).unwrap();
    let json = first.template.to_json();
    for kind in [
        "AWS::EC2::VPC\"",
        "AWS::EKS::Cluster",
        "AWS::EKS::Addon",
        "InternetGateway",
        "AWS::EC2::NatGateway\"",
    ] {
        assert!(!json.contains(kind), "{kind}");
    }
    assert!(json.contains("\"NatGatewayId\":\"nat-00000000000000000\""), "{json}");
    assert!(json.contains("\"ClusterName\":\"prod\""), "{json}");
    assert_eq!(first.plan.ledger.subnets.len(), 3);
    let again = compiled(TEXT, None, Some(&first.plan.ledger)).unwrap();
    assert_eq!(again.template.to_json(), json);
    assert!(again.plan.ledger.says_the_same(&first.plan.ledger));
    let text = first.plan.ledger.to_text();
    assert_eq!(Ledger::from_text(&text, "x").unwrap(), first.plan.ledger);
}

/// What `eksnet` says of blueprints/existing-vpc.yaml after `edits`, beside the example's lock; `before` is what it is compared with.
fn example(arguments: &[&str], before: &[(&str, &str)], edits: &[(&str, &str)]) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    let own = |name: &str| {
        std::fs::read_to_string(crate::support::root().join("blueprints").join(name)).unwrap()
    };
    let edit = |text: String, edits: &[(&str, &str)]| {
        edits.iter().fold(text, |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replace(from, to)
        })
    };
    let before = edit(own("existing-vpc.yaml"), before);
    let after = edit(before.clone(), edits);
    for (name, text) in [("before", before), ("after", after)] {
        std::fs::write(folder.path().join(format!("{name}.yaml")), text).unwrap();
        let lock = folder.path().join(format!("{name}.lock.yaml"));
        std::fs::write(lock, own("existing-vpc.lock.yaml")).unwrap();
    }
    let done = crate::support::run(folder.path(), arguments, &[]);
    (done.code, done.out + &done.err)
}

/// Nodes in subnets of others, by their ids.
const BY_IDS: [(&str, &str); 3] = [
    (
        "existing: { tags: { Name: \"*private*\" } } }",
        "existing: { ids: [subnet-00000000000000000, subnet-00000000000000001, subnet-00000000000000002] }, serves: [nodes] }",
    ),
    ("tier: nodes, instanceTypes", "tier: private, instanceTypes"),
    ("  - { name: nodes, size: /22, egress: { like: private }, serves: [nodes] }\n", ""),
];

/// A lock was written for the subnets that were named then: those that are named today decide.
#[test]
fn ids_that_the_blueprint_names_decide_over_the_lock() {
    let without = "subnet-00000000000000001, subnet-00000000000000002]";
    let strange = "subnet-00000000000000001, subnet-0000000000000000f]";
    let (code, said) = example(&["check", "after.yaml"], &BY_IDS, &[(without, strange)]);
    assert_eq!(code, 1);
    assert!(
        said.contains("EXI-04") && said.contains("without the subnet `subnet-0000000000000000f`"),
        "{said}"
    );
    let fewer = [(without, "subnet-00000000000000001]")];
    // The zone of the subnet that is not named any more goes, and the control plane has a subnet there.
    let (code, said) = example(&["check", "after.yaml"], &BY_IDS, &fewer);
    assert!(code == 1 && said.contains("CLU-06") && said.contains("euw1-az3"), "{said}");
    let renamed = [
        ("name: private, existing", "name: theirs, existing"),
        ("tier: private", "tier: theirs"),
        ("like: private", "like: theirs"),
    ];
    let (code, said) =
        example(&["diff", "after.yaml", "--against", "before.yaml"], &BY_IDS, &renamed);
    assert!(
        code == 0 && said.contains("0 to add, 0 to modify, 0 to replace, 0 to remove"),
        "{said}"
    );
    let tags =
        [("name: private, existing", "name: theirs, existing"), ("like: private", "like: theirs")];
    let (code, said) = example(&["check", "after.yaml"], &[], &tags);
    assert!(code == 1 && said.contains("without subnets of `theirs`"), "{said}");
}

/// The headline and what people notice, where node groups are in subnets that the stack does not have.
#[test]
fn nodes_in_subnets_of_others_are_told_as_all_nodes_are() {
    let diff = ["diff", "after.yaml", "--against", "before.yaml"];
    let (_, fewer) = example(&diff, &BY_IDS, &[("desired: 3, max: 30", "desired: 3, max: 20")]);
    assert!(fewer.contains("0 to add, 1 to modify, 0 to replace, 0 to remove"), "{fewer}");
    assert!(fewer.contains("nodes above the new size are terminated"), "{fewer}");
    let moved = [
        ("tier: private, instanceTypes", "tier: nodes, instanceTypes"),
        (
            "  - { name: pods, size",
            "  - { name: nodes, size: /22, egress: { like: private }, serves: [nodes] }\n  - { name: pods, size",
        ),
    ];
    let (_, moved) = example(&diff, &BY_IDS, &moved);
    assert!(moved.contains("1 to replace") && moved.contains("(forces replacement)"), "{moved}");
    assert!(moved.contains("Nodes of node group general are replaced; pods move."), "{moved}");
    let fewer = [(", subnet-00000000000000002] }", "] }")];
    let (_, zones) = example(&diff, &BY_IDS, &fewer);
    assert!(!zones.contains("no change"), "{zones}");
}

#[test]
fn addresses_that_others_took_meanwhile_are_given_up_and_said() {
    let mut survey = exhausted();
    let first = compiled(TEXT, Some(&survey), None).unwrap();
    let Part::Read(subnets) = &mut survey.vpc.subnets else { unreachable!() };
    let taken = Subnet {
        tags: Default::default(),
        ..subnet("subnet-000000000000000bb", net("100.64.0.0/20"), 0)
    };
    subnets.push(taken);
    let then = compiled(TEXT, Some(&survey), Some(&first.plan.ledger)).unwrap();
    assert!(ids(&then.warnings).contains(&"EXI-13"), "{:?}", then.warnings);
    assert!(!then.plan.ledger.says_the_same(&first.plan.ledger));
    let made = then.plan.made().all(|own| !own.cidr.contains(&net("100.64.0.0/20")));
    assert!(made, "{:?}", then.plan.subnets);
}

#[test]
fn a_tier_does_not_turn_from_made_to_existing() {
    let survey = exhausted();
    let first = compiled(TEXT, Some(&survey), None).unwrap();
    let text = edited(
        "size: /18, from: 100.64.0.0/16, serves: [pods], egress: { like: nodes }",
        "existing: { ids: [subnet-00000000000000000] }, serves: [pods]",
    )
    .replace("secondaryCidrs: [100.64.0.0/16]", "secondaryCidrs: []")
    .replace("tags: { Name: \"*private*\" }", "ids: [subnet-00000000000000001]");
    let stopped = compiled(&text, Some(&survey), Some(&first.plan.ledger)).unwrap_err();
    let Stopped::Findings(_, findings) = stopped else { panic!() };
    assert!(ids(&findings).iter().any(|id| *id == "EXI-06" || *id == "EXI-17"), "{findings:?}");
}

#[test]
fn who_admits_only_the_old_range_is_named() {
    let mut survey = exhausted();
    let rule = SecurityRule {
        protocol: "tcp".into(),
        ports: Some((5432, 5432)),
        cidr: Some(net("10.0.0.0/16")),
        ..SecurityRule::default()
    };
    let group = SecurityGroup {
        id: "sg-5".into(),
        name: "orders-db".into(),
        rules: vec![rule],
        ..SecurityGroup::default()
    };
    survey.vpc.security_groups = Part::Read(vec![group]);
    let found = found(TEXT, &survey);
    assert_eq!(ids(&found), ["EXI-15"]);
    assert!(found[0].hint.as_ref().unwrap().contains("tcp 5432 from 100.64.0.0/16"));
}

#[test]
fn a_redacted_survey_plans_the_same_addresses() {
    let survey = exhausted();
    let redacted = survey::redact::redacted(&survey);
    let text = survey::document::write(&redacted);
    for secret in [VPC, "prod-private"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let Part::Read(Some(vpc)) = &redacted.vpc.vpc else { panic!() };
    let words = format!(
        "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: a, region: eu-west-1 }}\nvpc: {{ id: {} }}\ntiers: [{{ name: data, size: /22 }}]\n",
        vpc.id
    );
    let plain = words.replace(&vpc.id, VPC);
    let cidrs = |plan: &Compiled| plan.plan.subnets.iter().map(|one| one.cidr).collect::<Vec<_>>();
    let one = compiled(&words, Some(&redacted), None).unwrap();
    assert_eq!(cidrs(&one), cidrs(&compiled(&plain, Some(&survey), None).unwrap()));
    assert_eq!(survey::document::parse(&text).unwrap(), redacted);
}

/// m6i.xlarge with 20 pods: 3 interfaces hold 45 addresses; with WARM_IP_TARGET 2 it is 2 interfaces and 24.
#[test]
fn the_warm_pools_rung_gains_what_the_formula_says() {
    let mut survey = exhausted();
    let node = |at: usize| Instance {
        id: format!("i-{at:017x}"),
        instance_type: "m6i.xlarge".into(),
        subnet: format!("subnet-{:017x}", at % 3),
        ..Instance::default()
    };
    survey.eks.instances = Part::Read((0..60).map(node).collect());
    survey.vpc.interfaces = Part::Unasked;
    let found = rescue::of(&survey, Wanted::default());
    assert_eq!((found.rungs[1].rung, found.rungs[1].gain), (Rung::WarmPool, Some(1260)));
    assert_eq!(found.rungs.len(), 7);
    assert!(!found.rungs[0].blocked.is_empty());
}

#[test]
fn a_blueprint_from_a_survey_compiles_at_once_with_every_rung() {
    let survey = exhausted();
    let range = rescue::range(&survey);
    for rung in [
        None,
        Some(Rung::WarmPool),
        Some(Rung::SubnetDiscovery),
        Some(Rung::PrefixDelegation),
        Some(Rung::CustomNetworking),
        Some(Rung::NodesInNewSubnets),
    ] {
        let text = rescue::starter::text(&survey, rung, range.as_deref()).unwrap();
        assert!(compiled(&text, Some(&survey), None).is_ok(), "{rung:?}: {text}");
    }
}

/// Its settings reach aws-node through the Kubernetes API then.
#[test]
fn a_cluster_without_the_add_on_compiles_at_once_with_every_rung() {
    let mut survey = exhausted();
    let Part::Read(addons) = &mut survey.eks.addons else { panic!() };
    addons.retain(|addon| addon.name != "vpc-cni");
    let range = rescue::range(&survey);
    for rung in
        [None, Some(Rung::WarmPool), Some(Rung::SubnetDiscovery), Some(Rung::CustomNetworking)]
    {
        let text = rescue::starter::text(&survey, rung, range.as_deref()).unwrap();
        assert!(compiled(&text, Some(&survey), None).is_ok(), "{rung:?}: {text}");
        assert_eq!(text.contains("management: selfManaged"), rung.is_some(), "{text}");
    }
}

/// Nodes without egress are served by endpoints that others made; what these leave out is made beside them.
#[test]
fn a_private_cluster_compiles_at_once_with_the_endpoints_that_are_missing() {
    let mut survey = exhausted();
    let Part::Read(tables) = &mut survey.vpc.route_tables else { panic!() };
    tables.iter_mut().for_each(|table| table.routes.retain(|route| route.target == "local"));
    let endpoint = |name: &str| VpcEndpoint {
        id: format!("vpce-{name}"),
        service: format!("com.amazonaws.eu-west-1.{name}"),
        kind: "Interface".into(),
        state: "available".into(),
        private_dns: true,
        ..VpcEndpoint::default()
    };
    let all = ["ecr.api", "ecr.dkr", "ec2", "sts", "eks", "eks-auth"];
    for names in [&all[..], &all[1..], &all[3..], &[]] {
        survey.vpc.endpoints = Part::Read(names.iter().map(|name| endpoint(name)).collect());
        let text = rescue::starter::text(&survey, None, None).unwrap();
        let compiled = match compiled(&text, Some(&survey), None) {
            Ok(compiled) => compiled,
            Err(Stopped::Findings(_, findings)) => panic!("{names:?}: {findings:?}\n{text}"),
            Err(Stopped::Failure(failure)) => panic!("{}", failure.chain()),
        };
        assert!(text.contains("remove the line if another route exists"), "{text}");
        for name in all {
            let made = compiled.intent.endpoints.names(name);
            assert!(!(made && names.contains(&name)), "{name} is made again: {text}");
            // Without associations of Pod Identity nobody calls it.
            assert!(name == "eks-auth" || compiled.intent.is_served(name), "{name}: {text}");
        }
    }
}

#[test]
fn a_rung_is_written_into_a_blueprint_that_is_there() {
    let survey = exhausted();
    let range = rescue::range(&survey).unwrap();
    let starter = rescue::starter::text(&survey, None, None).unwrap();
    let flow = edited(", secondaryCidrs: [100.64.0.0/16]", "")
        .replace("  - { name: pods, size: /18, from: 100.64.0.0/16, serves: [pods], egress: { like: nodes } }\n", "")
        .replace("customNetworking: { tier: pods }", "windows: false");
    for text in [starter, flow] {
        let text = text.replace("tiers:", "# why these\ntiers:");
        for rung in [
            Rung::WarmPool,
            Rung::SubnetDiscovery,
            Rung::PrefixDelegation,
            Rung::CustomNetworking,
            Rung::NodesInNewSubnets,
        ] {
            let read = blueprint::read("b.yaml", text.clone().into_bytes()).document.unwrap();
            let written = rescue::edit::edited(
                &read,
                &rescue::edit::Wording::of(&survey, rung, Some(&range)),
            );
            // One says something of prefixes already.
            let said = rung == Rung::PrefixDelegation && text.contains("prefixDelegation");
            assert_eq!(written.is_none(), said, "{rung:?}:\n{text}");
            let Some(written) = written else { continue };
            assert!(written.contains("# why these"), "{written}");
            assert!(compiled(&written, Some(&survey), None).is_ok(), "{rung:?}:\n{written}");
            let again = blueprint::read("b.yaml", written.clone().into_bytes()).document.unwrap();
            if rung == Rung::WarmPool {
                assert_eq!(
                    rescue::edit::edited(&again, &rescue::edit::Wording::of(&survey, rung, None)),
                    None,
                    "{written}"
                );
            }
        }
    }
}

/// Foreign subnets that EC2 would let stand side by side, in the primary range or in those that were added.
fn inventories() -> impl Strategy<Value = Vec<(u32, u8, usize)>> {
    prop::collection::vec((any::<u32>(), 18u8..=28, 0..RANGES.len()), 0..40)
}

/// Two that tiers are made in, and two that only others use.
const RANGES: [&str; 4] = ["10.0.0.0/16", "100.64.0.0/16", "10.1.0.0/20", "172.31.4.0/24"];

fn placed(rows: &[(u32, u8, usize)]) -> Vec<Ipv4Net> {
    let mut taken: Vec<Ipv4Net> = Vec::new();
    for (at, len, range) in rows {
        let range = net(RANGES[*range]);
        let address = u32::from(range.network()) + at % (1 << (32 - range.prefix_len()));
        let cidr = Ipv4Net::new(address.into(), *len).unwrap().trunc();
        if range.contains(&cidr)
            && !taken.iter().any(|own| own.contains(&cidr) || cidr.contains(own))
        {
            taken.push(cidr);
        }
    }
    taken
}

/// What EC2 CreateSubnet asks for: /16 to /28, without host bits, whole inside one range of the VPC, and over no other subnet.
fn is_accepted(cidr: Ipv4Net, others: &[Ipv4Net]) -> bool {
    (16..=28).contains(&cidr.prefix_len())
        && cidr == cidr.trunc()
        && RANGES.iter().any(|range| net(range).contains(&cidr))
        && !others.iter().any(|one| one.contains(&cidr) || cidr.contains(one))
}

/// The VPC with these subnets, and with the ranges that they need.
fn inhabited(foreign: &[Ipv4Net]) -> Survey {
    let mut survey = exhausted();
    let own = foreign.iter().enumerate();
    let own = own.map(|(at, cidr)| subnet(&format!("subnet-{at:017x}"), *cidr, at % 3));
    survey.vpc.subnets = Part::Read(own.collect());
    let stands =
        |range: &Ipv4Net| *range == net(RANGES[0]) || foreign.iter().any(|own| range.contains(own));
    let ranges = RANGES.iter().map(|text| net(text)).filter(stands);
    let cidrs = ranges.map(|cidr| CidrAssociation { cidr, ..CidrAssociation::default() }).collect();
    survey.vpc.vpc = Part::Read(Some(Vpc { id: VPC.into(), cidrs, ..Vpc::default() }));
    survey
}

/// Whether a block of this size is free in a range, by trying each.
fn is_room(range: &str, len: u8, taken: &[Ipv4Net]) -> bool {
    let mut blocks = net(range).subnets(len).unwrap();
    blocks.any(|one| !taken.iter().any(|own| own.contains(&one) || one.contains(own)))
}

/// Of 500 random inventories: every new subnet is one that EC2 creates, none lies where the author wants it free, and a plan is
/// refused only where there is no room.
#[test]
fn new_subnets_fit_around_whatever_is_there() {
    let config =
        ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let (planned, refused) = (Cell::new(0), Cell::new(0));
    let tried = runner.run(&(inventories(), 20u8..=27), |(rows, len)| {
        let foreign = placed(&rows);
        let survey = inhabited(&foreign);
        let text = format!("apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: a, region: eu-west-1 }}\nvpc: {{ id: {VPC}, secondaryCidrs: [100.64.0.0/16], keepFree: [10.0.240.0/20] }}\ntiers: [{{ name: one, size: /{len} }}, {{ name: two, size: /28 }}, {{ name: three, size: /{len}, from: 100.64.0.0/16 }}]\n");
        let mut all: Vec<Ipv4Net> = foreign;
        all.push(net("10.0.240.0/20"));
        match compiled(&text, Some(&survey), None) {
            Ok(compiled) => {
                planned.set(planned.get() + 1);
                let made: Vec<Ipv4Net> = compiled.plan.made().map(|own| own.cidr).collect();
                prop_assert_eq!(made.len(), 9);
                for cidr in made {
                    prop_assert!(is_accepted(cidr, &all), "{} beside {:?}", cidr, all);
                    all.push(cidr);
                }
            }
            Err(Stopped::Findings(_, findings)) => {
                refused.set(refused.get() + 1);
                let ids: BTreeSet<&str> = findings.iter().map(|one| one.rule.id).collect();
                prop_assert!(ids.contains("ADR-04"), "{:?}", findings);
                // Where eight blocks of the size are free side by side, all of them fit.
                let small = |range| !is_room(range, len.saturating_sub(3).max(16), &all);
                prop_assert!(small(RANGES[0]) || small(RANGES[1]), "{:?}", findings);
            }
            Err(Stopped::Failure(failure)) => prop_assert!(false, "{}", failure.chain()),
        }
        Ok(())
    });
    assert!(tried.is_ok(), "{tried:?}");
    assert!(250 <= planned.get(), "{} of 500, {} refused", planned.get(), refused.get());
}
