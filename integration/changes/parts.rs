//! Deployments in parts: every part of every edit, judged as an update of its own.

use std::collections::BTreeSet;

use eksnet::preview::{Part, Title};

use super::*;

/// Each part is an update that AWS carries out, and the last one's template is the target.
pub fn judged(label: &str, text: &str, (before, after): (&Built, &Built)) {
    let preview = compared(before, after);
    let parts = &preview.parts;
    assert!(parts.len() != 1, "{label}: a single part is no part");
    let said = |rule: &str| preview.findings.iter().any(|one| one.rule.id == rule);
    let refused = !errors(&preview).is_empty();
    let single = [after.template.clone()];
    let templates: Vec<&Template> = match parts.is_empty() {
        true => single.iter().collect(),
        false => parts.iter().map(|part| &part.template).collect(),
    };
    assert_eq!(**templates.last().unwrap(), after.template, "{label}: the last part is the target");
    let titles = titles(&preview);
    let apart: BTreeSet<&String> = titles.iter().collect();
    assert_eq!(apart.len(), titles.len(), "{label}: {titles:?}");
    let ends = [&before.template, &after.template].map(resources);
    let mut old = &before.template;
    for (at, new) in templates.into_iter().enumerate() {
        let label = format!("{label}, part {} of {}", at + 1, parts.len().max(1));
        whole(&label, (&before.template, new, &after.template));
        let (was, is) = (resources(old), resources(new));
        assert!(!parts.is_empty() || !preview.is_empty() || was == is, "{label}: unseen");
        assert!(parts.is_empty() || was != is, "{label}: empty");
        let collisions = judge::collisions(&was, &is);
        assert!(collisions.is_empty() || refused, "{label}: not refused: {collisions:#?}");
        let passed = judge::passed(&was, &is, [&ends[0], &ends[1]]);
        assert!(passed.is_empty() || said("UPD-02") || said("UPD-03"), "{label}: {passed:?}");
        let mixed = judge::mixed(&was, &is);
        assert!(mixed.is_empty(), "{label}: two kinds of update of {mixed:?}");
        let untrusted = judge::untrusted(&was, &is);
        assert!(untrusted.is_empty(), "{label}: {untrusted:?}");
        assert!(judge::upgrades_alone(&was, &is), "{label}: an upgrade beside something else");
        old = new;
    }
    if !refused {
        parts
            .iter()
            .enumerate()
            .for_each(|(at, part)| resumed(label, text, (at, part), after, parts));
    }
}

/// What is referred to exists, and a subnet of both sides is in every part.
fn whole(label: &str, (before, part, after): (&Template, &Template, &Template)) {
    let all = resources(part);
    for (id, resource) in all.iter().chain(part.value["Outputs"].as_object().into_iter().flatten())
    {
        let waits = resource["DependsOn"].as_array().into_iter().flatten();
        let waits = waits.map(|one| one.as_str().unwrap().to_string());
        for other in judge::refers(resource).into_iter().chain(waits) {
            let known = other.starts_with("AWS::") || all.contains_key(&other);
            assert!(known, "{label}: {id} refers to {other}, which does not exist");
        }
    }
    for (id, subnet) in before.resources().filter(|(_, one)| one["Type"] == "AWS::EC2::Subnet") {
        let stays = after.resource(id).is_some_and(|own| own["Properties"] == subnet["Properties"]);
        assert!(!stays || part.resource(id) == after.resource(id), "{label}: subnet {id}");
    }
}

/// A deployment that stopped after a part goes on from there: the target is the same, and what is left is fewer parts.
fn resumed(label: &str, text: &str, (at, part): (usize, &Part), after: &Built, parts: &[Part]) {
    let standing = Built {
        plan: after.plan.clone(),
        graph: Graph::default(),
        template: part.template.clone(),
    };
    let Some(again) = over(text, &standing) else { return };
    assert_eq!(again.template, after.template, "{label}: another target after part {}", at + 1);
    let rest = compared(&standing, &again);
    let left = parts.len() - at - 1;
    let count = if rest.is_empty() { 0 } else { rest.parts.len().max(1) };
    assert_eq!(count, left, "{label}: parts left after part {}: {:#?}", at + 1, titles(&rest));
}

/// The line over what a part left, with the lock as it was written before.
fn over(text: &str, standing: &Built) -> Option<Built> {
    let document = blueprint::read("test.yaml", text.as_bytes().to_vec()).document?;
    let request = Request { observed: observed(Some(standing)), ..Request::new(document) };
    line::compile(Request { ledger: standing.plan.ledger.clone(), ..request }).ok().map(Built::from)
}

pub fn titles(preview: &Preview) -> Vec<String> {
    preview.parts.iter().map(|part| part.title.words()).collect()
}

/// Ids that a part changes.
fn ids(part: &Part) -> BTreeSet<&str> {
    part.preview.changes.iter().map(|change| change.id.as_str()).collect()
}

mod named {
    use super::super::named::pair;
    use super::*;

    const GROUP: &str = "nodeGroups: [{ name: g }]\ncluster: {}\n";

    #[test]
    fn tags_first_and_new_nodes_for_them_last() {
        let tags = "metadata: { name: min, region: eu-west-1, tags: { team: a } }\n";
        let (preview, ..) = pair(GROUP, &format!("{tags}{GROUP}"));
        let [rest, nodes] = preview.parts.as_slice() else { panic!("{:?}", titles(&preview)) };
        assert_eq!(rest.title, Title::Rest);
        assert!(matches!(&nodes.title, Title::Nodes { tags: true, .. }), "{:?}", nodes.title);
        assert_eq!(ids(nodes), BTreeSet::from(["LaunchTemplateG", "NodeGroupG"]));
        assert!(ids(rest).contains("NodeGroupG") && !ids(rest).contains("LaunchTemplateG"));
        assert!(nodes.title.why().contains("may be left"), "{}", nodes.title.why());
        assert!(preview.findings.is_empty(), "{:?}", preview.findings);
    }

    #[test]
    fn one_kind_of_update_is_one_part() {
        let disk = GROUP.replace("name: g", "name: g, diskSize: 64");
        let labels = GROUP.replace("name: g", "name: g, labels: { a: b }");
        let both = GROUP.replace("name: g", "name: g, diskSize: 64, labels: { a: b }");
        let tier = "vpc: { cidr: 10.40.0.0/16, flowLogs: { destination: cloudWatchLogs, retentionDays: 30 } }\n";
        for one in [&disk, &labels, &format!("{disk}{tier}")] {
            assert!(pair(GROUP, one).0.parts.is_empty(), "{one}");
        }
        let (preview, ..) = pair(GROUP, &both);
        assert_eq!(preview.parts.len(), 2, "{:?}", titles(&preview));
        assert!(matches!(&preview.parts[1].title, Title::Nodes { tags: false, .. }));
    }

    #[test]
    fn an_upgrade_comes_alone_and_first() {
        let at = |version: &str| {
            GROUP.replace("cluster: {}", &format!("cluster: {{ version: \"{version}\" }}"))
        };
        let (preview, ..) = pair(&at("1.34"), &at("1.35"));
        assert_eq!(preview.parts[0].title, Title::ControlPlane("1.35".to_string()));
        assert_eq!(ids(&preview.parts[0]), BTreeSet::from(["Cluster"]));
        assert_eq!(preview.parts.len(), 2, "{:?}", titles(&preview));
        let more = at("1.35").replace("name: g", "name: g, labels: { a: b }");
        assert_eq!(pair(&at("1.34"), &more).0.parts.len(), 3);
        let logging = at("1.35").replace("version:", "logging: [api], version:");
        let (edited, ..) = pair(&at("1.34"), &logging);
        let [_, cluster, nodes] = edited.parts.as_slice() else { panic!("{:?}", titles(&edited)) };
        assert!(matches!(nodes.title, Title::Nodes { tags: false, .. }), "{:?}", titles(&edited));
        assert_eq!((ids(cluster), ids(nodes)), (["Cluster"].into(), ["NodeGroupG"].into()));
        let network = "cluster: { version: \"1.34\" }\nfargate: [{ name: f, selectors: [{ namespace: a }] }]\n";
        let (alone, ..) = pair(network, &network.replace("1.34", "1.35"));
        assert!(alone.parts.len() < 3, "{:?}", titles(&alone));
        // Down, nodes come first.
        let (down, ..) = pair(&at("1.35"), &at("1.34"));
        let last = down.parts.last().unwrap();
        assert_eq!(last.title, Title::ControlPlaneBack("1.34".to_string()), "{:?}", titles(&down));
        assert!(down.irreversible.is_empty(), "{:?}", down.irreversible);
        let said = down.noticed().join("\n");
        assert!(
            !said.contains("upgraded")
                && said.contains("is rolled back to the previous minor version"),
            "{said}"
        );
        assert!(said.contains("with nodes of an earlier version"), "{said}");
    }

    #[test]
    fn transit_gateway_tables_are_left_before_they_are_joined() {
        let text = |table: &str| {
            format!(
                "vpc: {{ cidr: 10.20.0.0/16 }}\negress: {{ transitGateway: {{ id: tgw-0000000000000000a, destinations: [10.0.0.0/9], routeTable: {table} }} }}\n"
            )
        };
        let (preview, ..) =
            pair(&text("tgw-rtb-0000000000000000a"), &text("tgw-rtb-0000000000000000b"));
        let [away, back] = preview.parts.as_slice() else { panic!("{:?}", titles(&preview)) };
        let of = |part: &Part, kind: ChangeKind| {
            let id = "TransitGatewayAssociation";
            part.preview.change(id).is_some_and(|change| change.change_kind() == kind)
        };
        assert!(of(away, ChangeKind::Remove) && of(back, ChangeKind::Add), "{preview:#?}");
        assert!(errors(&preview).is_empty());
    }

    #[test]
    fn auto_mode_goes_after_the_node_groups_have_come_and_rights_after_it() {
        let auto = "cluster: { autoMode: {} }\n";
        let (preview, _, after) = pair(auto, GROUP);
        let titles: Vec<&Title> = preview.parts.iter().map(|part| &part.title).collect();
        let [Title::Homes, Title::AutoModeOff, Title::Rights(roles)] = titles.as_slice() else {
            panic!("{titles:?}")
        };
        assert_eq!(*roles, ["ClusterRole"]);
        assert!(errors(&preview).is_empty(), "{:?}", preview.findings);
        let cluster = &after.template.resource("Cluster").unwrap()["Properties"];
        for block in [
            "/ComputeConfig",
            "/StorageConfig/BlockStorage",
            "/KubernetesNetworkConfig/ElasticLoadBalancing",
        ] {
            assert_eq!(cluster.pointer(block).unwrap()["Enabled"], false, "{block}");
        }
        let beside = GROUP.replace("cluster: {}", "cluster: { autoMode: {} }");
        let (preview, ..) = pair(&beside, GROUP);
        assert_eq!(preview.parts.len(), 2, "{:?}", super::titles(&preview));
    }

    #[test]
    fn auto_mode_comes_before_node_groups_go_and_dns_outlives_them() {
        let (preview, ..) = pair(GROUP, "cluster: { autoMode: {} }\n");
        let [on, gone] = preview.parts.as_slice() else { panic!("{:?}", titles(&preview)) };
        assert_eq!(on.title, Title::AutoModeOn);
        assert!(!ids(on).contains("NodeGroupG"), "{:?}", ids(on));
        assert!(ids(gone).contains("NodeGroupG") && ids(gone).contains("AddonCoredns"));
        let Title::Remove { ids: named, .. } = &gone.title else { panic!("{:?}", gone.title) };
        assert_eq!(named[0], "NodeGroupG", "what weighs most is named");
        let waits = |id: &str| on.template.resource(id).unwrap()["DependsOn"].to_string();
        assert!(waits("NodeGroupG").contains("AddonCoredns"), "{}", waits("NodeGroupG"));
        assert!(
            !on.template.resource("AddonCoredns").unwrap()["DependsOn"]
                .to_string()
                .contains("NodeGroupG")
        );
        assert!(preview.findings.is_empty(), "{:?}", preview.findings);
    }

    #[test]
    fn rights_go_after_their_use() {
        let text = |more: &str| format!("{GROUP}awsNode: {{ {more} }}\n");
        let (role, ..) = pair(&text("role: nodeRole"), &text("role: podIdentity"));
        let last = role.parts.last().unwrap_or_else(|| panic!("min/noderole: {:?}", role.changes));
        assert_eq!(last.title, Title::Rights(vec!["NodeRole".to_string()]), "{:?}", titles(&role));
        let (branch, ..) = pair(&text("securityGroupsForPods: {}"), &text(""));
        let last = branch.parts.last().expect("min/sgpoff");
        assert_eq!(
            last.title,
            Title::Rights(vec!["ClusterRole".to_string()]),
            "{:?}",
            titles(&branch)
        );
    }

    /// Both kinds of trust stand until nothing uses the first any more.
    #[test]
    fn trust_of_a_role_outlives_its_use() {
        let node = |role: &str| format!("{GROUP}awsNode: {{ role: {role} }}\n");
        let addon = |role: &str| {
            format!(
                "{GROUP}addons: [coredns, kube-proxy, eks-pod-identity-agent, {{ name: aws-ebs-csi-driver, role: {role} }}]\n"
            )
        };
        let own = |_: &str| format!("{GROUP}awsNode: {{ management: selfManaged }}\n");
        let pairs = [
            (node("irsa"), node("podIdentity")),
            (node("podIdentity"), node("irsa")),
            (addon("irsa"), addon("podIdentity")),
            (addon("podIdentity"), addon("irsa")),
            (node("irsa"), own("")),
        ];
        for (before, after) in pairs {
            let (preview, ..) = pair(&before, &after);
            let last = preview.parts.last().unwrap_or_else(|| panic!("{before}{after}"));
            assert!(
                matches!(&last.title, Title::Rights(roles) if roles.len() == 1),
                "{:?}",
                last.title
            );
            assert_eq!(preview.parts.len(), 2, "{:?}", titles(&preview));
            assert!(preview.findings.is_empty(), "{:?}", preview.findings);
        }
    }

    #[test]
    fn what_holds_a_key_goes_first() {
        let logs = |interval: usize| {
            format!(
                "vpc: {{ cidr: 10.20.0.0/16, flowLogs: {{ destination: cloudWatchLogs, retentionDays: 30, interval: {interval} }} }}\n"
            )
        };
        let (preview, ..) = pair(&logs(60), &logs(600));
        assert_eq!(preview.parts.len(), 2, "{:?}", titles(&preview));
        assert!(
            matches!(preview.parts[0].title, Title::Remove { frees: true, .. }),
            "{:?}",
            titles(&preview)
        );
        assert!(
            matches!(preview.parts[1].title, Title::Add { freed: true, .. }),
            "{:?}",
            titles(&preview)
        );
        assert!(errors(&preview).is_empty(), "{:?}", preview.findings);
    }

    #[test]
    fn subnets_of_an_endpoint_change_zone_by_zone() {
        let tiers = "tiers:\n  - { name: a, size: /24, egress: none }\n  - { name: b, size: /24, egress: none }\n";
        let text = |tier: &str| {
            format!(
                "vpc: {{ cidr: 10.20.0.0/16 }}\n{tiers}endpoints: {{ include: [sts], tier: {tier} }}\n"
            )
        };
        let (preview, ..) = pair(&text("a"), &text("b"));
        assert_eq!(preview.parts.len(), 3, "{:?}", titles(&preview));
        assert!(errors(&preview).is_empty(), "{:?}", preview.findings);
    }

    #[test]
    fn quotas_that_are_passed_only_in_between_are_not_passed() {
        let cidrs =
            |list: &str| format!("vpc: {{ cidr: 10.20.0.0/16, secondaryCidrs: [{list}] }}\n");
        let (preview, ..) = pair(
            &cidrs("10.41.0.0/16, 10.42.0.0/16, 10.43.0.0/16"),
            &cidrs("10.44.0.0/16, 10.45.0.0/16, 10.46.0.0/16"),
        );
        assert_eq!(preview.parts.len(), 2, "min/cidrquota: {:?}", titles(&preview));
        assert!(preview.findings.is_empty(), "{:?}", preview.findings);
        let public = |name: &str| {
            format!(
                "vpc: {{ cidr: 10.20.0.0/16 }}\ntiers:\n  - {{ name: {name}, size: /24, egress: internet }}\n  - {{ name: b, size: /24, egress: nat }}\n"
            )
        };
        let (preview, ..) = pair(&public("a"), &public("z"));
        assert_eq!(preview.parts.len(), 2, "min/natrename: {:?}", titles(&preview));
    }

    /// Former addresses stay on the API's list while new ones come, so that no order keeps to the quota.
    #[test]
    fn addresses_that_a_list_holds_count_until_it_lets_them_go() {
        let text = |name: &str| {
            format!(
                "vpc: {{ cidr: 10.20.0.0/16 }}\ntiers:\n  - {{ name: {name}, size: /24, egress: internet, serves: [externalLoadBalancers] }}\n  - {{ name: nodes, size: /20, egress: nat, serves: [nodes] }}\n  - {{ name: cp, size: /28, egress: none, serves: [controlPlane] }}\ncluster: {{ endpointAccess: {{ private: false, public: true, publicCidrs: [natGateways, 203.0.113.0/24] }} }}\nnodeGroups: [{{ name: g, tier: nodes }}]\n"
            )
        };
        let (preview, ..) = pair(&text("a"), &text("z"));
        let told = preview.findings.iter().find(|one| one.rule.id == "UPD-03");
        assert!(told.is_some_and(|one| one.message.starts_with("6 ")), "{:?}", preview.findings);
    }

    #[test]
    fn parts_that_do_the_same_are_counted() {
        let tiers = "tiers:\n  - { name: a, size: /24, egress: none }\n  - { name: b, size: /24, egress: none }\n";
        let text = |tier: &str| {
            format!(
                "vpc: {{ cidr: 10.20.0.0/16 }}\n{tiers}endpoints: {{ include: [sts], tier: {tier} }}\n"
            )
        };
        let titles = titles(&pair(&text("a"), &text("b")).0);
        let apart: BTreeSet<&String> = titles.iter().collect();
        assert_eq!((titles.len(), apart.len()), (3, 3), "{titles:?}");
        assert!(titles.iter().all(|title| title.contains("EndpointSts")), "{titles:?}");
    }
}
