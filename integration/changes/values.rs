//! What a change means depends on its values: more of something takes nothing from anybody.

use eksnet::preview::{Preview, Workloads, workloads};

use super::named::{pair, says};

const CLUSTER: &str = "nodeGroups: [{ name: g, scaling: { min: 1, max: 3 } }]\ncluster: { endpointAccess: { private: true, public: true, publicCidrs: [203.0.113.0/24] }, remoteNetworks: { nodes: [10.80.0.0/16] }, authenticationMode: apiAndConfigMap }\n";

#[test]
fn a_node_group_that_may_grow_loses_no_node() {
    let (more, ..) = pair(CLUSTER, &CLUSTER.replace("max: 3", "max: 30"));
    assert_eq!(workloads(&more), Workloads::Untouched, "{:?}", more.impact);
    assert!(
        says(&more, "none is terminated") && !says(&more, "nodes above the new size"),
        "{:?}",
        more.impact
    );
    let (fewer, ..) = pair(CLUSTER, &CLUSTER.replace("max: 3", "max: 2"));
    assert_eq!(workloads(&fewer), Workloads::Fewer(vec!["NodeGroupG".to_string()]));
    assert!(says(&fewer, "nodes above the new size are terminated"), "{:?}", fewer.impact);
    let (gone, ..) = pair(&CLUSTER.replace("[{ name: g", "[{ name: h }, { name: g"), CLUSTER);
    assert_eq!(workloads(&gone), Workloads::Fewer(vec!["NodeGroupH".to_string()]));
}

#[test]
fn lists_that_grow_cut_nobody_off() {
    let cases = [
        (
            "publicCidrs: [203.0.113.0/24]",
            "publicCidrs: [203.0.112.0/23, 198.51.100.0/24]",
            "lose access to the Kubernetes API",
        ),
        ("nodes: [10.80.0.0/16]", "nodes: [10.80.0.0/16, 10.81.0.0/16]", "are cut off"),
    ];
    for (less, more, loss) in cases {
        let wide = CLUSTER.replace(less, more);
        assert_ne!(wide, CLUSTER);
        let (wider, ..) = pair(CLUSTER, &wide);
        assert!(!says(&wider, loss), "{more}: {:?}", wider.impact);
        assert_ne!(workloads(&wider), Workloads::Interrupted, "{more}");
        let (narrower, ..) = pair(&wide, CLUSTER);
        assert!(says(&narrower, loss), "{less}: {:?}", narrower.impact);
    }
}

/// Each consequence of one resource is told, not only the gravest.
#[test]
fn an_upgrade_hides_no_other_consequence() {
    let at = |version: &str, list: &str| {
        let cluster = format!("cluster: {{ version: \"{version}\", endpointAccess");
        CLUSTER.replace("cluster: { endpointAccess", &cluster).replace("203.0.113.0/24", list)
    };
    let (both, ..) = pair(&at("1.34", "203.0.113.0/24"), &at("1.35", "198.51.100.0/24"));
    assert!(says(&both, "the control plane is upgraded"), "{:?}", both.impact);
    assert!(says(&both, "lose access to the Kubernetes API"), "{:?}", both.impact);
}

#[test]
fn the_config_map_goes_for_good() {
    let api = CLUSTER.replace(", authenticationMode: apiAndConfigMap", "");
    let (gone, ..) = pair(CLUSTER, &api);
    assert_eq!(workloads(&gone), Workloads::Interrupted, "{:?}", gone.impact);
    assert!(says(&gone, "aws-auth"), "{:?}", gone.impact);
    assert!(
        gone.irreversible
            .iter()
            .any(|lost| lost.contains("does not switch a cluster's authentication mode back"))
    );
}

#[test]
fn a_gateway_endpoint_has_no_name() {
    let none = "vpc: { cidr: 10.20.0.0/16 }\ntiers:\n  - { name: a, size: /24, egress: none }\n";
    let (added, ..) = pair(none, &format!("{none}endpoints: {{ include: [s3, sts], tier: a }}\n"));
    let told = |id: &str, words: &str| added.change(id).unwrap().impact.contains(words);
    assert!(
        told("EndpointS3", "uses the endpoint's routes") && !told("EndpointS3", "name resolves")
    );
    assert!(told("EndpointSts", "name resolves"));
}

/// A zone more takes nothing from the others: not of an endpoint, not of a transit gateway.
#[test]
fn another_zone_breaks_no_connection_of_the_others() {
    let zones = |zones: u8| {
        format!(
            "vpc: {{ cidr: 10.20.0.0/16 }}\nzones: {zones}\ntiers:\n  - {{ name: a, size: /24, egress: none }}\n  - {{ name: t, size: /28, egress: none, serves: [transit] }}\nendpoints: {{ include: [s3, sts], tier: a }}\negress: {{ transitGateway: {{ id: tgw-0a1b2c3d4e5f60718, destinations: [10.0.0.0/9], tier: t }} }}\n"
        )
    };
    let (more, ..) = pair(&zones(2), &zones(3));
    let told = |id: &str| more.change(id).map(|change| change.impact.to_string());
    assert_eq!(told("EndpointS3").as_deref(), Some(""), "new tables have no traffic yet");
    assert!(told("EndpointSts").unwrap().contains("in one more zone"), "{:?}", more.impact);
    assert!(told("TransitGatewayAttachment").unwrap().contains("one more zone"), "{more:#?}");
    assert!(!says(&more, "break"), "{:?}", more.impact);
    let (fewer, ..) = pair(&zones(3), &zones(2));
    assert!(
        says(&fewer, "open connections through the removed subnets break"),
        "{:?}",
        fewer.impact
    );
}

#[test]
fn a_public_endpoint_that_is_opened_takes_nothing_from_anybody() {
    let closed = CLUSTER.replace("public: true, publicCidrs: [203.0.113.0/24]", "public: false");
    let (opened, ..) = pair(&closed, CLUSTER);
    assert!(says(&opened, "none loses access"), "{:?}", opened.impact);
    assert!(!says(&opened, "lose it"), "{:?}", opened.impact);
    let (shut, ..) = pair(CLUSTER, &closed);
    assert!(says(&shut, "lose it"), "{:?}", shut.impact);
}

/// CloudFormation leaves a resource with `DeletionPolicy: Retain` alone: nothing of it is lost.
#[test]
fn what_is_retained_is_not_lost() {
    let logs =
        |more: &str| CLUSTER.replace("cluster: {", &format!("cluster: {{ logging: [api]{more},"));
    let (gone, ..) = pair(&logs(", logRetentionDays: 90"), &logs(""));
    assert!(gone.change("ControlPlaneLogGroup").is_some(), "{gone:#?}");
    assert!(gone.irreversible.is_empty(), "{:?}", gone.irreversible);
    assert!(says(&gone, "it stays as it is") && !says(&gone, "logged"), "{:?}", gone.impact);
}

/// Between parts a zone has no subnet in the attachment.
#[test]
fn zones_that_lose_their_attachment_between_parts_are_cut_off() {
    let text = |tier: &str| {
        format!(
            "vpc: {{ cidr: 10.20.0.0/16 }}\ntiers:\n  - {{ name: a, size: /24, egress: none }}\n  - {{ name: t, size: /28, egress: none, serves: [transit] }}\n  - {{ name: u, size: /28, egress: none, serves: [transit] }}\negress: {{ transitGateway: {{ id: tgw-0a1b2c3d4e5f60718, destinations: [10.0.0.0/9], tier: {tier} }} }}\n"
        )
    };
    let (moved, ..) = pair(&text("t"), &text("u"));
    assert!(1 < moved.parts.len() && says(&moved, "zones without a subnet"), "{:?}", moved.impact);
    assert_eq!(workloads(&moved), Workloads::Interrupted);
    let titles: std::collections::BTreeSet<String> =
        moved.parts.iter().map(|part| part.title.words()).collect();
    assert!(!titles.contains("everything else"), "{titles:?}");
}

#[test]
fn outputs_and_exports_are_changes() {
    let text = "vpc: { cidr: 10.20.0.0/16 }\ntiers:\n  - { name: a, size: /24, egress: none }\n  - { name: z, size: /24, egress: none }\n";
    let exported = format!("{text}exports: true\n");
    let (named, ..) = pair(text, &exported);
    assert!(!named.is_empty() && named.changes.is_empty() && named.impact.is_empty(), "{named:#?}");
    let (back, ..) = pair(&exported, text);
    assert!(says(&back, "another stack imports"), "{:?}", back.impact);
    let fewer = exported.replace("  - { name: z, size: /24, egress: none }\n", "");
    let (gone, ..) = pair(&exported, &fewer);
    assert!(says(&gone, "export eksnet-min-"), "{:?}", gone.impact);
    let (same, ..) = pair(&exported, &exported);
    assert!(same.is_empty(), "{same:#?}");
}

/// The places of what changes, apart from what follows from something else.
fn places(before: &str, after: &str) -> std::collections::BTreeSet<String> {
    let (preview, ..) = pair(before, after);
    let because = preview.changes.into_iter().flat_map(|change| change.because);
    because.filter(|one| one.cause.is_none()).map(|one| one.path).collect()
}

#[test]
fn a_property_leads_to_the_key_that_was_edited() {
    let tags = |tags: &str| {
        format!("metadata: {{ name: min, region: eu-west-1, tags: {{ {tags} }} }}\n{CLUSTER}")
    };
    let team = places(&tags("team: a"), &tags("team: b"));
    assert_eq!(team, ["metadata.tags.team".to_string()].into());
    assert!(places(&tags(""), &tags("team: b")).contains("metadata.tags.team"));
    let network = "vpc: { cidr: 10.20.0.0/16 }\ntiers: [{ name: a, size: /24, egress: none }]\n";
    let ipv6 = network.replace("/16 }", "/16, ipv6: amazon }");
    let ipv6 = places(network, &ipv6);
    assert!(ipv6.contains("vpc.ipv6") && !ipv6.iter().any(|one| one == "tiers"), "{ipv6:?}");
    let karpenter = places(CLUSTER, &format!("{CLUSTER}karpenter: {{}}\n"));
    assert!(karpenter.contains("karpenter") && !karpenter.contains("tiers.tags"), "{karpenter:?}");
}

/// Over a template alone nobody knows the edit: the property leads to its key all the same.
#[test]
fn a_property_alone_leads_to_its_key_in_the_text() {
    let led = |before: &str, after: &str| {
        let (preview, ..) = pair(before, after);
        let preview = preview.written(&crate::support::document(&super::named::whole(after)));
        let because = preview.changes.into_iter().flat_map(|change| change.because);
        let paths = because.filter(|one| one.cause.is_none()).map(|one| one.path);
        paths.collect::<std::collections::BTreeSet<_>>()
    };
    let policy = "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy";
    let rows = [
        (
            "awsNode: { env: { AWS_VPC_K8S_CNI_LOGLEVEL: INFO } }\n",
            "awsNode: { env: { AWS_VPC_K8S_CNI_LOGLEVEL: WARN } }\n",
            "awsNode.env.AWS_VPC_K8S_CNI_LOGLEVEL",
        ),
        ("", "awsNode: { env: { ANNOTATE_POD_IP: \"true\" } }\n", "awsNode.env.ANNOTATE_POD_IP"),
        (
            "nodeGroups: [{ name: a, labels: { x: y } }]\n",
            "nodeGroups: [{ name: a, labels: { x: y, a.b: c } }]\n",
            "nodeGroups[0].labels[\"a.b\"]",
        ),
        (
            "nodeGroups: [{ name: a }]\n",
            "nodeGroups: [{ name: a, imds: { hopLimit: 2 } }]\n",
            "nodeGroups[0].imds.hopLimit",
        ),
        (
            "nodeGroups: [{ name: a }]\n",
            "nodeGroups: [{ name: a, volume: { iops: 4000 } }]\n",
            "nodeGroups[0].volume.iops",
        ),
        (
            "nodeGroups: [{ name: a }]\n",
            "nodeGroups: [{ name: a, diskSize: 64 }]\n",
            "nodeGroups[0].diskSize",
        ),
        (
            "nodeGroups: [{ name: a }]\n",
            "nodeGroups: [{ name: a }]\nnodeGroupDefaults: { diskSize: 64 }\n",
            "nodeGroupDefaults.diskSize",
        ),
        (
            "nodeGroups: [{ name: a }, { name: b }]\nnodeGroupDefaults: { labels: { x: y } }\n",
            "nodeGroups: [{ name: a }, { name: b }]\nnodeGroupDefaults: { labels: { x: y, a: b } }\n",
            "nodeGroupDefaults.labels.a",
        ),
        (
            "nodeGroups: [{ name: a }, { name: b }]\n",
            "nodeGroups: [{ name: a }, { name: b, policies: [POLICY] }]\n",
            "nodeGroups[1].policies",
        ),
        (
            "nodeGroups: [{ name: a, role: own }]\n",
            "nodeGroups: [{ name: a, role: own, policies: [POLICY] }]\n",
            "nodeGroups[0].policies",
        ),
    ];
    let text = |rest: &str| {
        let groups = if rest.contains("nodeGroups:") { "" } else { "nodeGroups: [{ name: a }]\n" };
        let cluster = "cluster: { endpointAccess: { private: true, public: false } }\n";
        format!("{cluster}{groups}{}", rest.replace("POLICY", policy))
    };
    let astray: Vec<_> = rows
        .into_iter()
        .map(|(before, after, place)| (place, led(&text(before), &text(after))))
        .filter(|(place, found)| !found.iter().eq([place]))
        .collect();
    assert!(astray.is_empty(), "{astray:#?}");
}

#[test]
fn a_tag_that_all_lose_leads_to_the_tags_of_all() {
    let text = |tags: &str| {
        format!(
            "metadata: {{ name: min, region: eu-west-1, tags: {{ {tags} }} }}\nnodeGroups: [{{ name: a, tags: {{ own: b }} }}]\n"
        )
    };
    let (preview, ..) = pair(&text("team: a, cost: b"), &text("cost: b"));
    let preview =
        preview.written(&crate::support::document(&super::named::whole(&text("cost: b"))));
    let because = preview.changes.iter().flat_map(|change| &change.because);
    let paths: std::collections::BTreeSet<&str> =
        because.filter(|one| one.cause.is_none()).map(|one| one.path.as_str()).collect();
    assert_eq!(paths, ["metadata.tags.team"].into());
}

/// Parts are previews of their own, and what a change set says of a property leads to the same place.
#[test]
fn parts_and_change_sets_lead_to_the_key_in_the_text_too() {
    let text = |disk: u32, label: &str| {
        format!(
            "cluster: {{ endpointAccess: {{ private: true, public: false }} }}\nnodeGroups: [{{ name: a }}, {{ name: b }}]\nnodeGroupDefaults: {{ diskSize: {disk}, labels: {{ x: {label} }} }}\n"
        )
    };
    let (preview, before, after) = pair(&text(50, "y"), &text(64, "z"));
    let document = crate::support::document(&super::named::whole(&text(64, "z")));
    let preview = preview.written(&document);
    assert_eq!(preview.parts.len(), 2);
    let own = |preview: &eksnet::preview::Preview| -> std::collections::BTreeSet<String> {
        let because = preview.changes.iter().flat_map(|change| &change.because);
        because.filter(|one| one.cause.is_none()).map(|one| one.path.clone()).collect()
    };
    let places: Vec<_> = preview.parts.iter().map(|part| own(&part.preview)).collect();
    let (disk, label) = ("nodeGroupDefaults.diskSize", "nodeGroupDefaults.labels.x");
    assert_eq!(places, [[label.to_string()].into(), [disk.to_string()].into()]);
    let mut said = preview.changes.clone();
    for change in &mut said {
        change.path.clear();
        change.because.iter_mut().for_each(|one| one.path.clear());
    }
    // CloudFormation names the map, not the key in it.
    let named = said.iter_mut().flat_map(|change| &mut change.because);
    named.filter(|one| one.property == "Labels/x").for_each(|one| one.property = "Labels".into());
    let folded = eksnet::preview::fold(&preview, &said, &before.template, &after.template);
    assert_eq!(own(&folded), [disk.to_string(), label.to_string()].into());
}

/// While both are on the list nobody leaves it; what the whole and a part have against a change is said once.
#[test]
fn gateways_that_move_say_each_thing_once() {
    let text = |name: &str| {
        format!(
            "cluster: {{ endpointAccess: {{ private: false, public: true, publicCidrs: [natGateways] }} }}\nvpc: {{ cidr: 10.40.0.0/16 }}\nnodeGroups: [{{ name: g }}]\ntiers:\n  - {{ name: {name}, size: /24, egress: internet, serves: [externalLoadBalancers] }}\n  - {{ name: nodes, size: /20, egress: nat, serves: [nodes, controlPlane] }}\n"
        )
    };
    let (moved, ..) = pair(&text("pub"), &text("edge"));
    let [first, last] = moved.parts.as_slice() else { panic!("{:?}", moved.parts) };
    let leaves = |preview: &Preview| says(preview, "addresses removed from the list");
    assert!(!leaves(&first.preview) && leaves(&last.preview), "{:?}", first.preview.impact);
    let mut messages: Vec<&str> = moved.findings.iter().map(|one| one.message.as_str()).collect();
    let all = messages.len();
    messages.sort_unstable();
    messages.dedup();
    assert_eq!(messages.len(), all, "{:?}", moved.findings);
}

/// Longer retention deletes no log, and a reservation that goes is not made again.
#[test]
fn what_is_said_of_a_change_fits_its_direction() {
    let logs = |days: u16| {
        format!(
            "vpc: {{ cidr: 10.40.0.0/16, flowLogs: {{ destination: cloudWatchLogs, retentionDays: {days} }} }}\ntiers: [{{ name: a, size: /24, egress: none }}]\n"
        )
    };
    assert!(says(&pair(&logs(90), &logs(30)).0, "older than the new retention"));
    let (longer, ..) = pair(&logs(30), &logs(90));
    assert!(longer.impact.is_empty(), "{:?}", longer.impact);
}

/// A change set that names a property without its values says that it changes.
#[test]
fn a_property_without_values_changes() {
    let (mut preview, ..) = pair(CLUSTER, &CLUSTER.replace("max: 3", "max: 30"));
    for because in preview.changes.iter_mut().flat_map(|change| &mut change.because) {
        (because.before, because.after, because.cause) = (None, None, None);
    }
    let shown = eksnet::report::preview::Shown {
        line: &|_| None,
        compiled: None,
        lock: "",
        view: eksnet::report::View::default(),
    };
    let text = eksnet::report::preview::human(&preview, &shown);
    assert!(text.contains("changes") && !text.contains("- → -"), "{text}");
}
