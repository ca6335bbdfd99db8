//! A cluster that others made, as it is counted, named and given rights; and the ladder of what could not be read.

use std::collections::BTreeMap;

use eksnet::observed::survey::{
    AddonSurvey, Address, Attachment, CidrAssociation, EniConfig, Instance, Interface, KubeNode,
    PodIdentity, Subnet, Survey, TransitAttachment, VpcEndpoint,
};
use eksnet::observed::{Part, Unread};
use eksnet::rescue::{self, Rung, Wanted, starter};

use crate::existing::{TEXT, compiled, edited, exhausted, found, ids};

fn subnets(survey: &mut Survey) -> &mut Vec<Subnet> {
    let Part::Read(subnets) = &mut survey.vpc.subnets else { unreachable!() };
    subnets
}

/// One node in each subnet that holds thirty addresses.
fn running() -> Survey {
    let mut survey = exhausted();
    let instance = |at: usize| Instance {
        id: format!("i-{at:017x}"),
        instance_type: "m6i.xlarge".into(),
        subnet: format!("subnet-{at:017x}"),
        ..Instance::default()
    };
    let interface = |at: usize| Interface {
        id: format!("eni-{at:017x}"),
        status: "in-use".into(),
        subnet: format!("subnet-{at:017x}"),
        addresses: (10..39)
            .map(|last| Address {
                private: format!("10.0.{}.{last}", at * 16).parse().unwrap(),
                public: None,
            })
            .collect(),
        attachment: Some(Attachment {
            instance: Some(format!("i-{at:017x}")),
            ..Attachment::default()
        }),
        ..Interface::default()
    };
    survey.eks.instances = Part::Read((0..3).map(instance).collect());
    survey.vpc.interfaces = Part::Read((0..3).map(interface).collect());
    let node = |at: usize| KubeNode { name: format!("n{at}"), ..KubeNode::default() };
    survey.kubernetes.nodes = Part::Read((0..3).map(node).collect());
    survey
}

/// Without a group of the blueprint's own, and without custom networking.
fn beside() -> String {
    let text = TEXT
        .replace("awsNode: { prefixDelegation: false, customNetworking: { tier: pods } }\n", "");
    text.lines().filter(|line| !line.starts_with("nodeGroups")).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_group_that_exists_is_counted_once_and_not_in_every_zone() {
    let built = compiled(&beside(), Some(&running()), None).unwrap();
    let most = built.capacity.most.as_ref().unwrap();
    assert_eq!((most.nodes, most.surge), (6, 6), "{most:?}");
    let mut one_zone = running();
    let Part::Read(groups) = &mut one_zone.eks.node_groups else { unreachable!() };
    groups[0].subnets.truncate(1);
    let built = compiled(&beside(), Some(&one_zone), None).unwrap();
    assert_eq!(built.capacity.most.as_ref().unwrap().nodes, 6);
    let zones: Vec<_> = built.capacity.zones.iter().map(|one| one.zone.id.as_str()).collect();
    assert_eq!(zones, ["euw1-az1"]);
}

/// The case that a rescue is for: nodes that run in a full subnet are no nodes that start.
#[test]
fn what_is_added_to_a_full_cluster_is_not_refused_for_its_running_nodes() {
    let mut survey = running();
    for (at, subnet) in subnets(&mut survey).iter_mut().enumerate() {
        subnet.cidr = Some(format!("10.0.{}.0/25", at * 16).parse().unwrap());
        subnet.available = 2;
    }
    let Part::Read(groups) = &mut survey.eks.node_groups else { unreachable!() };
    (groups[0].min, groups[0].desired) = (3, 3);
    let range = rescue::range(&survey);
    let text = starter::text(&survey, Some(Rung::NodesInNewSubnets), range.as_deref()).unwrap();
    let built = compiled(&text, Some(&survey), None);
    assert!(built.is_ok(), "{:?}", built.err());
    // A node of the blueprint's own that starts there does not fit.
    let own = text.replace("tier: new-nodes, instanceTypes", "tier: nodes, instanceTypes");
    subnets(&mut survey).iter_mut().for_each(|subnet| subnet.available = 0);
    let told = ids(&found(&own, &survey));
    assert!(told.contains(&"CAP-02"), "{told:?}");
}

#[test]
fn targets_that_the_owner_set_are_not_judged() {
    let mut survey = exhausted();
    let Part::Read(addons) = &mut survey.eks.addons else { unreachable!() };
    let env = serde_json::json!({ "env": { "WARM_ENI_TARGET": "1", "WARM_PREFIX_TARGET": "1" } });
    addons[0].configuration = Some(env);
    let text = beside();
    assert!(!ids(&found(&text, &survey)).contains(&"SET-24"));
    let written =
        format!("{text}\nawsNode: {{ prefixDelegation: false, warm: {{ prefixes: 1 }} }}\n");
    assert!(ids(&found(&written, &survey)).contains(&"SET-24"));
}

#[test]
fn every_other_key_beside_what_exists_is_refused() {
    for key in [
        "oidcProvider: true",
        "logRetentionDays: 30",
        "authenticationMode: api",
        "securityGroups: [sg-0123456789abcdef0]",
    ] {
        let text = edited("existing: prod }", &format!("existing: prod, {key} }}"));
        assert!(ids(&found(&text, &exhausted())).contains(&"EXI-11"), "{key}");
    }
    let text = edited("serves: [nodes] }", "serves: [nodes], mapPublicIp: true }");
    assert_eq!(ids(&found(&text, &exhausted())), ["EXI-01"]);
    let nothing = edited("existing: { tags: { Name: \"*private*\" } }", "existing: {}");
    assert_eq!(ids(&found(&nothing, &exhausted())), ["EXI-03"]);
}

#[test]
fn karpenter_tags_no_tier_that_exists() {
    let text = format!("{TEXT}addons: [eks-pod-identity-agent]\nkarpenter: {{}}\n");
    let Ok(line) = compiled(&text, Some(&exhausted()), None) else { panic!("it does not compile") };
    let tag = "karpenter.sh/discovery";
    assert!(line.intent.tiers.iter().all(|tier| !tier.tags.contains_key(tag)));
    assert!(line.intent.choices.0.iter().all(|choice| !choice.what.contains(tag)));
}

/// Or else the provider's URL would be a reference to a cluster that the stack does not have.
#[test]
fn roles_by_the_oidc_provider_need_the_issuer_of_the_cluster() {
    let mut survey = exhausted();
    for line in ["karpenter: { role: irsa }", "addons: [{ name: aws-efs-csi-driver, role: irsa }]"]
    {
        assert!(ids(&found(&format!("{TEXT}{line}\n"), &survey)).contains(&"EXI-19"), "{line}");
    }
    let issuer = "https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
    let Part::Read(Some(cluster)) = &mut survey.eks.cluster else { unreachable!() };
    cluster.oidc_issuer = Some(issuer.to_string());
    let text = format!("{TEXT}karpenter: {{ role: irsa }}\n");
    let Ok(line) = compiled(&text, Some(&survey), None) else { panic!("it does not compile") };
    assert_eq!(line.template.resource("OidcProvider").unwrap()["Properties"]["Url"], issuer);
}

#[test]
fn a_range_that_is_leaving_is_not_taken_for_one_that_stays() {
    let mut survey = exhausted();
    let Part::Read(Some(vpc)) = &mut survey.vpc.vpc else { unreachable!() };
    vpc.cidrs.push(CidrAssociation {
        cidr: "100.64.0.0/16".parse().unwrap(),
        state: "disassociating".into(),
        ..CidrAssociation::default()
    });
    assert_eq!(ids(&found(TEXT, &survey)), ["EXI-23"]);
}

#[test]
fn the_clusters_name_is_its_own_and_not_the_blueprints() {
    let text = edited(
        "egress: { like: nodes } }",
        "egress: { like: nodes }, tags: { \"karpenter.sh/discovery\": \"${cluster}\", of: \"${name}\" } }",
    ) + "karpenter: { namespace: karpenter }\naddons: [eks-pod-identity-agent]\n";
    let json = compiled(&text, Some(&exhausted()), None).unwrap().template.to_json();
    assert!(json.contains("{\"Key\":\"karpenter.sh/discovery\",\"Value\":\"prod\"}"), "{json}");
    assert!(json.contains("{\"Key\":\"of\",\"Value\":\"prod-pods\"}"), "{json}");
    assert!(json.contains("kubernetes.io/cluster/prod\""), "{json}");
    for wrong in ["kubernetes.io/cluster/prod-pods", "cluster/prod-pods"] {
        assert!(!json.contains(wrong), "{wrong}: {json}");
    }
}

#[test]
fn new_nodes_may_do_what_aws_node_does_where_it_has_no_role() {
    let policy = "AmazonEKS_CNI_Policy";
    let json = |survey: &Survey| compiled(TEXT, Some(survey), None).unwrap().template.to_json();
    let mut survey = exhausted();
    survey.eks.pod_identities = Part::Read(Vec::new());
    assert!(json(&survey).contains(policy));
    let association = PodIdentity {
        namespace: "kube-system".into(),
        service_account: "aws-node".into(),
        ..PodIdentity::default()
    };
    survey.eks.pod_identities = Part::Read(vec![association]);
    assert!(!json(&survey).contains(policy));
    survey.eks.pod_identities = Part::Read(Vec::new());
    survey.eks.addons = Part::Read(vec![AddonSurvey {
        name: "vpc-cni".into(),
        service_account_role: Some("arn:aws:iam::111122223333:role/cni".into()),
        ..AddonSurvey::default()
    }]);
    assert!(!json(&survey).contains(policy));
}

#[test]
fn rights_are_for_the_cluster_that_exists() {
    let built = compiled(TEXT, Some(&exhausted()), None).unwrap();
    let policy =
        eksnet::report::iam::deploy(&built.intent, &built.template, None).replace([' ', '\n'], "");
    assert!(policy.contains("cluster/prod\""), "{policy}");
    assert!(policy.contains("addon/prod/*"), "{policy}");
    assert!(policy.contains("eks:UpdateAddon") || policy.contains("eks:????teAddon"), "{policy}");
    assert!(!policy.contains("/prod-pods/*\"") || !policy.contains("addon/prod-pods"), "{policy}");
    assert!(!policy.contains("eks:UpdateClusterConfig"), "{policy}");
    assert!(policy.contains("\"aws:ResourceTag/elbv2.k8s.aws/cluster\":\"prod\""), "{policy}");
}

fn refused<T>(action: &str) -> Part<T> {
    Part::Unread(Unread { action: action.into(), why: "AccessDenied".into() })
}

#[test]
fn figures_of_what_was_not_read_are_unknown_and_not_zero() {
    let action = "ec2:DescribeNetworkInterfaces";
    let mut survey = running();
    survey.vpc.interfaces = refused(action);
    let found = rescue::of(&survey, Wanted::default());
    assert!(found.subnets.iter().all(|one| one.held_by_nodes.is_none()), "{:?}", found.subnets);
    for rung in [
        Rung::LeakedInterfaces,
        Rung::PrefixDelegation,
        Rung::CustomNetworking,
        Rung::NodesInNewSubnets,
    ] {
        let step = found.rungs.iter().find(|one| one.rung == rung).unwrap();
        assert!(step.gain.is_none() && !step.enough, "{step:?}");
        assert!(step.blocked.iter().any(|one| one.contains(action)), "{step:?}");
        assert!(!step.how.contains('0') || rung != Rung::PrefixDelegation, "{step:?}");
    }
    survey.eks.instances = refused("ec2:DescribeInstances");
    let found = rescue::of(&survey, Wanted::default());
    assert!(found.demand.nodes.is_none() && found.demand.addresses_missing.is_none());
    let words = eksnet::report::rescue::write(&found);
    assert!(words.contains("unknown") && words.contains("? nodes run"), "{words}");
}

/// The ladder says what can be typed, what helps and what does not.
#[test]
fn the_ladder_fits_the_screen_and_names_its_rungs() {
    let found = rescue::of(&running(), Wanted::default());
    let text = eksnet::report::rescue::within(&found, eksnet::report::View::of(80));
    let wide: Vec<&str> =
        text.lines().filter(|line| 80 < textwrap::core::display_width(line)).collect();
    assert!(wide.is_empty(), "{wide:#?}");
    for step in &found.rungs {
        assert!(text.contains(step.rung.word()), "{text}");
        let word = rescue::starter::rung(step.rung.word());
        assert_eq!(word.is_ok(), !matches!(step.rung, Rung::LeakedInterfaces | Rung::NewCluster));
    }
    assert!(!text.contains("0 addresses:"), "{text}");
    for surge in &found.surge {
        let idle = found.rungs.iter().take(2).filter(|step| step.gain == Some(0));
        idle.for_each(|step| {
            assert!(!surge.advice.contains(&format!("rung {}", step.number)), "{}", surge.advice);
        });
    }
}

#[test]
fn one_figure_of_what_nodes_hold_is_used_everywhere() {
    let found = rescue::of(&running(), Wanted::default());
    let held: u64 = found.subnets.iter().filter_map(|one| one.held_by_nodes).sum();
    assert_eq!(held, 87);
    assert!(found.rungs[1].how.contains("hold 87 addresses"), "{}", found.rungs[1].how);
    assert!(found.rungs[4].how.contains("of 87 addresses"), "{}", found.rungs[4].how);
}

#[test]
fn an_interface_that_was_just_made_is_not_left_behind() {
    let made = |at: &str| {
        let mut survey = running();
        let Part::Read(interfaces) = &mut survey.vpc.interfaces else { unreachable!() };
        interfaces.push(Interface {
            id: "eni-0000000000000000f".into(),
            status: "available".into(),
            description: "aws-K8S-i-1".into(),
            subnet: "subnet-00000000000000000".into(),
            addresses: vec![Address { private: "10.0.0.99".parse().unwrap(), public: None }],
            tags: BTreeMap::from([("node.k8s.amazonaws.com/createdAt".into(), at.into())]),
            ..Interface::default()
        });
        rescue::of(&survey, Wanted::default()).leaked.len()
    };
    assert_eq!(made("2026-11-28T04:30:00Z"), 0);
    assert_eq!(made("2026-11-28T04:59:00Z"), 0);
    assert_eq!(made("2026-11-28T03:30:00Z"), 1);
}

/// As the live DaemonSet has it, with an ENIConfig for each zone.
fn custom() -> Survey {
    let mut survey = running();
    let Part::Read(Some(vpc)) = &mut survey.vpc.vpc else { unreachable!() };
    let cidr = "100.64.0.0/16".parse().unwrap();
    vpc.cidrs.push(CidrAssociation { cidr, ..CidrAssociation::default() });
    let pods: Vec<Subnet> = subnets(&mut survey)
        .iter()
        .enumerate()
        .map(|(at, own)| Subnet {
            id: format!("subnet-{:017x}", at + 16),
            cidr: Some(format!("100.64.{}.0/18", at * 64).parse().unwrap()),
            ..own.clone()
        })
        .collect();
    let config = |own: &Subnet| EniConfig {
        name: own.zone_name.clone(),
        subnet: own.id.clone(),
        ..EniConfig::default()
    };
    survey.kubernetes.eni_configs = Part::Read(pods.iter().map(config).collect());
    let Part::Read(tables) = &mut survey.vpc.route_tables else { unreachable!() };
    tables.iter_mut().zip(&pods).for_each(|(table, own)| table.subnets.push(own.id.clone()));
    subnets(&mut survey).extend(pods);
    let Part::Read(addons) = &mut survey.eks.addons else { unreachable!() };
    let env = serde_json::json!({ "env": { "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true", "ENI_CONFIG_LABEL_DEF": "topology.kubernetes.io/zone" } });
    addons[0].configuration = Some(env);
    survey
}

#[test]
fn custom_networking_that_is_on_is_written_into_the_blueprint() {
    let survey = custom();
    let text = starter::text(&survey, None, None).unwrap();
    assert!(text.contains("customNetworking: { tier: pods }"), "{text}");
    let built = compiled(&text, Some(&survey), None).unwrap();
    let found = ids(&built.warnings);
    assert!(!found.contains(&"CN-09"), "{found:?}: {text}");
    assert_eq!(built.intent.cluster.unwrap().pod_tiers(), ["pods"]);
}

#[test]
fn a_survey_puts_no_key_into_a_blueprint() {
    let mut survey = exhausted();
    let hostile = "x\nfoo: bar\u{2028}baz: 1";
    let Part::Read(Some(vpc)) = &mut survey.vpc.vpc else { unreachable!() };
    vpc.tags.insert("aws:cloudformation:stack-name".into(), hostile.into());
    subnets(&mut survey)[0].zone_name = hostile.into();
    survey.header.read = "2026\nfoo: b".into();
    let text = starter::text(&survey, None, None).unwrap();
    assert!(!text.lines().any(|line| line.starts_with("foo")), "{text}");
    let reading = eksnet::blueprint::read("a.yaml", text.clone().into_bytes());
    assert!(reading.findings.is_empty(), "{:?}: {text}", reading.findings);
    survey.vpc.subnets = refused("ec2:DescribeSubnets");
    let failure = starter::text(&survey, None, None).unwrap_err();
    assert!(failure.chain().contains("ec2:DescribeSubnets"), "{}", failure.chain());
}

/// Worlds that a rescue meets, each once more with interfaces that were not read.
pub fn worlds() -> Vec<(String, Survey)> {
    let mut full = running();
    for (at, subnet) in subnets(&mut full).iter_mut().enumerate() {
        subnet.cidr = Some(format!("10.0.{}.0/25", at * 16).parse().unwrap());
        subnet.available = 2;
    }
    let grown = |mut survey: Survey, (desired, max, subnets): (u32, u32, usize)| {
        let Part::Read(groups) = &mut survey.eks.node_groups else { unreachable!() };
        (groups[0].min, groups[0].desired, groups[0].max) = (desired, desired, max);
        groups[0].subnets.truncate(subnets);
        survey
    };
    let mut no_groups = running();
    no_groups.eks.node_groups = Part::Read(Vec::new());
    let mut prefixes = running();
    let Part::Read(addons) = &mut prefixes.eks.addons else { unreachable!() };
    addons[0].configuration =
        Some(serde_json::json!({ "env": { "ENABLE_PREFIX_DELEGATION": "true" } }));
    let worlds = [
        ("idle", exhausted()),
        ("running", running()),
        ("full", full.clone()),
        ("full, at its most", grown(full.clone(), (30, 30, 3))),
        ("full, in one zone", grown(full, (3, 6, 1))),
        ("custom networking", custom()),
        ("prefixes", prefixes),
        ("without node groups", no_groups),
    ];
    let unread = |(name, survey): &(&str, Survey)| {
        let mut blind = survey.clone();
        blind.vpc.interfaces = refused("ec2:DescribeNetworkInterfaces");
        [(name.to_string(), survey.clone()), (format!("{name}, blind"), blind)]
    };
    worlds.iter().flat_map(unread).collect()
}

#[test]
fn every_rung_of_every_world_compiles_in_a_new_file_and_in_one_that_is_there() {
    let rungs = [
        Rung::WarmPool,
        Rung::SubnetDiscovery,
        Rung::PrefixDelegation,
        Rung::CustomNetworking,
        Rung::NodesInNewSubnets,
    ];
    for (world, survey) in worlds() {
        let range = rescue::range(&survey);
        let bare = starter::text(&survey, None, None).unwrap();
        let document = eksnet::blueprint::read("b.yaml", bare.clone().into_bytes()).document;
        let document = document.unwrap();
        assert!(compiled(&bare, Some(&survey), None).is_ok(), "{world}: {bare}");
        for rung in rungs {
            let fresh = starter::text(&survey, Some(rung), range.as_deref()).unwrap();
            let edited = rescue::edit::edited(
                &document,
                &rescue::edit::Wording::of(&survey, rung, range.as_deref()),
            );
            for text in std::iter::once(fresh).chain(edited) {
                let built = compiled(&text, Some(&survey), None);
                assert!(built.is_ok(), "{world}, {rung:?}: {:?}\n{text}", built.err());
            }
        }
    }
}

#[test]
fn a_formula_is_told_from_what_was_read() {
    let how = |survey: &Survey| rescue::of(survey, Wanted::default()).rungs[1].how.clone();
    assert!(how(&running()).contains("3 nodes hold 87 addresses"), "{}", how(&running()));
    let mut blind = running();
    blind.vpc.interfaces = refused("ec2:DescribeNetworkInterfaces");
    assert!(how(&blind).contains("should hold, by formula, "), "{}", how(&blind));
}

#[test]
fn a_survey_of_something_else_is_refused_by_name() {
    let read = |text: &str| {
        eksnet::blueprint::read("b.yaml", text.as_bytes().to_vec()).document.unwrap().blueprint
    };
    let told = |text: &str, survey: &Survey| ids(&rescue::of_another(&read(text), survey));
    assert!(told(TEXT, &exhausted()).is_empty());
    for (from, to) in [
        ("existing: prod", "existing: staging"),
        ("eu-west-1", "eu-west-2"),
        ("vpc-0123456789abcdef0", "vpc-0aaaaaaaaaaaaaaaa"),
    ] {
        assert_eq!(told(&edited(from, to), &exhausted()), ["EXI-09"], "{to}");
    }
    let made = "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: shop, region: eu-west-1 }\ncluster: {}\n";
    assert_eq!(told(made, &exhausted()), ["EXI-09"]);
    let mut redacted = exhausted();
    redacted.header.redacted = true;
    assert!(told(made, &redacted).is_empty());
    let nothing = eksnet::survey::document::parse("{\"schemaVersion\":1}").unwrap_err();
    assert!(nothing.contains("neither a VPC nor a cluster"), "{nothing}");
}

#[test]
fn what_exists_once_is_not_created_beside_it() {
    let mut survey = exhausted();
    survey.vpc.endpoints = Part::Read(vec![VpcEndpoint {
        id: "vpce-0123456789abcdef0".into(),
        service: "com.amazonaws.eu-west-1.ecr.api".into(),
        private_dns: true,
        ..VpcEndpoint::default()
    }]);
    let endpoints = |names: &str| format!("{TEXT}endpoints: [{names}]\n");
    assert!(ids(&found(&endpoints("ecr.api"), &survey)).contains(&"EXI-24"));
    assert!(!ids(&found(&endpoints("sts"), &survey)).contains(&"EXI-24"));
    assert!(!ids(&found(&endpoints("ecr.api"), &exhausted())).contains(&"EXI-24"));
    let gateway = "tgw-0123456789abcdef0";
    let text = format!(
        "{TEXT}egress: {{ transitGateway: {{ id: {gateway}, destinations: [192.168.0.0/16], tier: nodes }} }}\n"
    );
    assert!(!ids(&found(&text, &survey)).contains(&"EXI-24"));
    survey.vpc.transit_attachments = Part::Read(vec![TransitAttachment {
        gateway: gateway.into(),
        state: "available".into(),
        ..TransitAttachment::default()
    }]);
    assert!(ids(&found(&text, &survey)).contains(&"EXI-24"));
    // A second cluster beside it is fine, if it has a name of its own.
    let new = "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: NAME, region: eu-west-1 }\nvpc: { id: vpc-0123456789abcdef0 }\ntiers: [{ name: own, size: /20, serves: [nodes, controlPlane], egress: none }]\ncluster: {}\n";
    let told = |name: &str| ids(&found(&new.replace("NAME", name), &survey));
    assert!(told("prod").contains(&"EXI-24"), "{:?}", told("prod"));
    assert!(!told("prod-2").contains(&"EXI-24"), "{:?}", told("prod-2"));
}

#[test]
fn subnets_of_others_count_towards_the_quota() {
    let with = |others: usize| {
        let mut survey = exhausted();
        let pattern = subnets(&mut survey)[0].clone();
        subnets(&mut survey).extend((0..others).map(|at| Subnet {
            id: format!("subnet-{:017x}", at + 100),
            cidr: Some(format!("10.0.{}.{}/28", 64 + at / 16, at % 16 * 16).parse().unwrap()),
            tags: BTreeMap::new(),
            ..pattern.clone()
        }));
        ids(&found(TEXT, &survey)).contains(&"SUB-06")
    };
    assert!(with(195) && !with(194));
}

#[test]
fn a_preview_shows_what_the_clusters_aws_node_is_told() {
    use eksnet::preview::{self, Workloads};
    use eksnet::template::Template;
    let nothing = Template::nothing();
    let told = |text: &str, survey: Option<&Survey>| {
        let built = compiled(text, survey, None).unwrap();
        let name = built.intent.stack();
        let preview = preview::compare(&name, &nothing, &built.template, &built.graph);
        preview.with_beside(preview::standing::of(&built, &nothing))
    };
    let shown = told(TEXT, Some(&running()));
    let addon = shown.beside.addon.as_ref().unwrap();
    assert_eq!(addon.before["env"]["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"], serde_json::Value::Null);
    assert_eq!(addon.after["env"]["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"], "true");
    assert_eq!(addon.kept, ["env.AWS_VPC_K8S_CNI_LOGLEVEL"]);
    let line = "vpc-cni env.AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: unset → true";
    assert!(shown.beside.lines().iter().any(|own| own == line), "{:?}", shown.beside.lines());
    assert!(shown.noticed().iter().any(|own| own.starts_with("vpc-cni: ")), "{:?}", shown.impact);
    assert!(shown.beside.is_for_new_nodes());
    assert_ne!(preview::workloads(&shown), Workloads::Untouched);
    let view = eksnet::report::View::default();
    let bare = eksnet::report::preview::Shown { line: &|_| None, compiled: None, lock: "", view };
    for text in [
        eksnet::report::preview_json::write(&shown),
        eksnet::report::preview_markdown::write(&shown, &bare),
    ] {
        let plain = text.replace('\\', "");
        assert!(plain.contains("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"), "{text}");
    }
    // A warm target restarts aws-node and nothing else.
    let warm = TEXT
        .replace("prefixDelegation: false, customNetworking: { tier: pods }", "warm: { ips: 2 }")
        .replace("serves: [pods]", "serves: []");
    let shown = told(&warm, Some(&running()));
    assert!(!shown.beside.is_for_new_nodes() && !shown.impact.is_empty(), "{:?}", shown.impact);
    // Where it runs so already, nothing changes.
    let mut there = running();
    let Part::Read(addons) = &mut there.eks.addons else { unreachable!() };
    addons[0].configuration = Some(addon.after.clone());
    let shown = told(TEXT, Some(&there));
    assert!(shown.beside.addon.is_none(), "{:?}", shown.beside.addon);
    let mut unread = running();
    unread.eks.addons = refused("eks:DescribeAddon");
    let text = beside() + "\nawsNode: { prefixDelegation: false }\n";
    if compiled(&text, Some(&unread), None).is_ok() {
        assert!(told(&text, Some(&unread)).beside.unread.unwrap().contains("eks:DescribeAddon"));
    }
}
