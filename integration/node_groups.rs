//! Words of node groups: what they become, where findings about them point, and what a change of them leads to.

use eksnet::blueprint::model::VolumeType;
use eksnet::demand::Limit;
use eksnet::intent::NodeGroup;
use eksnet::intent::equipment::{Capacity, Unavailable};
use eksnet::line::{self, Request};
use eksnet::observed::{Observed, Part};
use eksnet::preview::{self, ChangeKind};
use eksnet::render::files;
use serde_json::{Value, json};

use crate::support::{CLEAN, build, build_over, document, findings, intent};

const GENERAL: &str = "  - { name: general, tier: nodes, instanceTypes: [m6i.large] }";

/// The clean blueprint with other words in its group.
fn with(words: &str) -> String {
    CLEAN.replace("tier: nodes,", &format!("tier: nodes, {words},"))
}

/// The clean blueprint with defaults and these groups.
fn defaulted(defaults: &str, groups: &str) -> String {
    let own = format!("nodeGroupDefaults: {defaults}\nnodeGroups:\n{groups}");
    CLEAN.replace(&format!("nodeGroups:\n{GENERAL}"), &own)
}

fn groups(text: &str) -> Vec<NodeGroup> {
    intent(text).cluster.unwrap().node_groups
}

fn resource(text: &str, id: &str) -> Value {
    let template = build(text).template;
    template.resource(id).unwrap_or_else(|| panic!("no {id}"))["Properties"].clone()
}

fn launch(text: &str) -> Value {
    resource(text, "LaunchTemplateGeneral")["LaunchTemplateData"].clone()
}

#[test]
fn defaults_are_merged_key_by_key_and_lists_are_replaced() {
    let text = defaulted(
        "{ instanceTypes: [m5.large], volume: { size: 80, type: gp2 }, labels: { a: x, b: x }, taints: [{ key: a, effect: NoSchedule }], capacity: { reservation: cr-0123456789abcdef0 }, zones: [euw1-az1], maxPods: 20 }",
        "  - { name: one, tier: nodes }\n  - { name: two, tier: nodes, instanceTypes: [m6i.large], volume: { size: 100 }, labels: { b: y }, taints: [], capacity: spot, zones: ~, maxPods: 30 }\n",
    );
    let groups = groups(&text);
    let (one, two) = (&groups[0], &groups[1]);
    let types = |group: &NodeGroup| group.instances.iter().map(|one| one.name).collect::<Vec<_>>();
    assert_eq!((types(one), types(two)), (vec!["m5.large"], vec!["m6i.large"]));
    assert_eq!((one.volume.size, two.volume.size), (80, 100));
    assert_eq!((one.volume.kind, two.volume.kind), (VolumeType::Gp2, VolumeType::Gp2));
    let labels: Vec<(&str, &str)> =
        two.labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(labels, [("a", "x"), ("b", "y")]);
    assert_eq!((one.taints.len(), two.taints.len()), (1, 0));
    assert_eq!(two.capacity, Capacity::Spot);
    assert_eq!(one.capacity, Capacity::Reservation("cr-0123456789abcdef0".into()));
    assert_eq!((one.zones.as_ref().map(Vec::len), two.zones.as_ref()), (Some(1), None));
    assert_eq!((one.max_pods, two.max_pods), (Some(20), Some(30)));
}

#[test]
fn a_short_form_and_what_it_is_short_for_meet_in_defaults() {
    let of = |defaults: &str, words: &str| {
        let group =
            format!("  - {{ name: one, tier: nodes, instanceTypes: [m6i.large], {words} }}\n");
        groups(&defaulted(defaults, &group)).remove(0)
    };
    let long = of("{ diskSize: 80 }", "volume: { type: gp2 }");
    assert_eq!((long.volume.size, long.volume.kind), (80, VolumeType::Gp2));
    let short = of("{ volume: { size: 80, type: gp2 } }", "diskSize: 100");
    assert_eq!((short.volume.size, short.volume.kind), (100, VolumeType::Gp2));
    let ami = of("{ amiType: BOTTLEROCKET_x86_64 }", "ami: { releaseVersion: 1.44.0-abcdef12 }");
    assert_eq!((ami.ami.kind.as_str(), ami.ami.release.is_some()), ("BOTTLEROCKET_x86_64", true));
    let image = of(
        "{ ami: { ssmParameter: /a, type: AL2023_x86_64_STANDARD } }",
        "ami: { id: ami-0123456789abcdef0 }",
    );
    assert_eq!(image.ami.kind, "AL2023_x86_64_STANDARD");
    assert!(matches!(image.ami.image, Some(eksnet::intent::equipment::Image::Id(_))));
}

#[test]
fn what_a_default_breaks_is_told_once_at_the_default() {
    let text = defaulted(
        "\n  volume:\n    type: io2",
        &format!("{GENERAL}\n  - {{ name: other, tier: nodes, instanceTypes: [m6i.large] }}\n"),
    );
    let found = findings(&text);
    let told: Vec<(&str, &str)> =
        found.iter().map(|one| (one.rule.id, one.path.as_str())).collect();
    assert_eq!(told, [("VOL-01", "nodeGroupDefaults.volume.type")], "{found:#?}");
    let at = found[0].at.clone().unwrap();
    assert_eq!(&text[at], "io2");
    // Said by the group, it is the group's.
    let own = found_in(&defaulted(
        "{ volume: { iops: 4000 } }",
        "  - { name: a, tier: nodes, instanceTypes: [m6i.large], volume: { type: gp2 } }\n",
    ));
    assert_eq!(own, ["VOL-01 nodeGroupDefaults.volume.iops"]);
    let none = found_in(&defaulted("{ name: x }", GENERAL));
    assert_eq!(none, ["BP-01 nodeGroupDefaults.name"]);
    assert_eq!(found_in(&defaulted("{ tier: nodes }", GENERAL)), ["BP-01 nodeGroupDefaults.tier"]);
}

fn found_in(text: &str) -> Vec<String> {
    findings(text).iter().map(|one| format!("{} {}", one.rule.id, one.path)).collect()
}

#[test]
fn short_forms_are_the_same_template() {
    let template = |words: &str| build(&with(words)).template.to_json();
    assert_eq!(template("diskSize: 80"), template("volume: { size: 80 }"));
    let ami = "BOTTLEROCKET_x86_64";
    assert_eq!(template(&format!("amiType: {ami}")), template(&format!("ami: {{ type: {ami} }}")));
    // Nothing that is said as eksnet has it anyway changes anything.
    let said = "volume: { size: 50, type: gp3 }, capacity: onDemand, imds: { hopLimit: 1, ipv6: false }, update: { maxUnavailable: 33% }, role: shared, policies: [], securityGroups: []";
    assert_eq!(template(said), build(CLEAN).template.to_json());
}

#[test]
fn words_become_the_properties_that_cloudformation_has() {
    let text = with(
        "volume: { size: 100, type: io2, iops: 5000, kmsKey: alias/nodes }, imds: { hopLimit: 2 }, detailedMonitoring: true, autoRepair: true, securityGroups: [sg-0123456789abcdef0], update: { maxUnavailable: 2, strategy: minimal, force: true }, ami: { releaseVersion: 1.35.0-20260101 }",
    );
    let data = launch(&text);
    assert_eq!(
        data["BlockDeviceMappings"][0]["Ebs"],
        json!({ "VolumeSize": 100, "VolumeType": "io2", "Iops": 5000, "KmsKeyId": "alias/nodes", "Encrypted": true })
    );
    assert_eq!(data["MetadataOptions"]["HttpPutResponseHopLimit"], 2);
    assert_eq!(data["Monitoring"], json!({ "Enabled": true }));
    assert_eq!(
        data["SecurityGroupIds"],
        json!([{ "Fn::GetAtt": ["Cluster", "ClusterSecurityGroupId"] }, "sg-0123456789abcdef0"])
    );
    let group = resource(&text, "NodeGroupGeneral");
    assert_eq!(group["UpdateConfig"], json!({ "MaxUnavailable": 2, "UpdateStrategy": "MINIMAL" }));
    assert_eq!(group["ForceUpdateEnabled"], true);
    assert_eq!(group["NodeRepairConfig"], json!({ "Enabled": true }));
    assert_eq!(group["ReleaseVersion"], "1.35.0-20260101");
    assert_eq!(groups(&text)[0].update.unavailable, Unavailable::Nodes(2));
}

#[test]
fn reserved_capacity_is_named_in_the_launch_template() {
    let reserved = with("zones: [euw1-az1], capacity: { reservation: cr-0123456789abcdef0 }");
    let target =
        json!({ "CapacityReservationTarget": { "CapacityReservationId": "cr-0123456789abcdef0" } });
    assert_eq!(launch(&reserved)["CapacityReservationSpecification"], target);
    assert_eq!(resource(&reserved, "NodeGroupGeneral")["CapacityType"], "ON_DEMAND");
    let block = reserved.replace("reservation", "block").replace("m6i.large", "p5.48xlarge");
    let data = launch(&block);
    assert_eq!(data["CapacityReservationSpecification"], target);
    assert_eq!(data["InstanceMarketOptions"], json!({ "MarketType": "capacity-block" }));
    assert_eq!(data["InstanceType"], "p5.48xlarge");
    let group = resource(&block, "NodeGroupGeneral");
    assert_eq!(group["CapacityType"], "CAPACITY_BLOCK");
    assert!(group["InstanceTypes"].is_null(), "EKS accepts a type in one place");
}

#[test]
fn an_image_of_ones_own_is_told_everything() {
    let image = "ami: { id: ami-0123456789abcdef0, type: AL2023_x86_64_STANDARD }, taints: [{ key: a, value: b, effect: NoSchedule }], nodeConfig: { kubelet: { config: { shutdownGracePeriod: \"${x}\" }, flags: [\"--v=2\"] } }";
    let data = launch(&with(image));
    assert_eq!(data["ImageId"], "ami-0123456789abcdef0");
    let text = data["UserData"]["Fn::Base64"]["Fn::Sub"].as_str().unwrap();
    for part in [
        "name: shop",
        "${Cluster.Endpoint}",
        "${Cluster.CertificateAuthorityData}",
        "cidr: \"172.20.0.0/16\"",
        "maxPods: 110",
        "${!x}",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let (own, taints) =
        (text.find("--v=2").unwrap(), text.find("--register-with-taints=a=b:NoSchedule").unwrap());
    assert!(own < taints, "nodeadm appends flags");
    let group = resource(&with(image), "NodeGroupGeneral");
    for refused in ["AmiType", "Version", "ReleaseVersion"] {
        assert!(group[refused].is_null(), "EKS refuses {refused} beside an image");
    }
    let parameter = with("ami: { ssmParameter: /platform/ami, type: BOTTLEROCKET_x86_64 }");
    let data = launch(&parameter);
    assert_eq!(data["ImageId"], "{{resolve:ssm:/platform/ami}}");
    let text = data["UserData"]["Fn::Base64"]["Fn::Sub"].as_str().unwrap();
    assert!(text.contains("api-server = \"${Cluster.Endpoint}\""), "{text}");
    let compiled = build(&parameter);
    let rights = eksnet::report::iam::deploy(&compiled.intent, &compiled.template, None);
    assert!(rights.contains("ssm:"), "CloudFormation reads the parameter as its caller");
}

#[test]
fn files_for_nodes_say_what_the_template_says() {
    let file = |text: &str, name: &str| {
        let compiled = build(text);
        files::all(&compiled.intent, &compiled.plan, &compiled.template).unwrap()[name].clone()
    };
    let own = with("maxPods: 58, nodeConfig: { spec: { containerd: { config: \"a = 1\" } } }");
    let text = file(&own, "nodes/general.yaml");
    assert!(
        text.contains("maxPods: 58") && text.contains("a = 1") && text.contains("name: shop"),
        "{text}"
    );
    let data = launch(&own)["UserData"]["Fn::Base64"].as_str().unwrap().to_string();
    assert!(data.contains("maxPods: 58") && data.contains("a = 1") && !data.contains("cluster"));
    let rocket = with(
        "amiType: BOTTLEROCKET_x86_64, bottlerocket: { kernel: { sysctl: { \"vm.max_map_count\": \"262144\" } } }",
    );
    let text = file(&rocket, "nodes/general.toml");
    assert!(
        text.contains("\"vm.max_map_count\" = \"262144\"") && text.contains("cluster-name"),
        "{text}"
    );
    let data = launch(&rocket)["UserData"]["Fn::Base64"].as_str().unwrap().to_string();
    assert!(
        data.contains("max-pods = 110")
            && data.contains("vm.max_map_count")
            && !data.contains("cluster-name")
    );
}

/// Create-only in EKS: the group is replaced, and the preview points at the key.
#[test]
fn what_eks_does_not_change_replaces_the_group_at_its_key() {
    let before = with(
        "zones: [euw1-az1, euw1-az2], capacity: onDemand, ami: { type: AL2023_x86_64_STANDARD }, role: shared",
    );
    let first = build(&before);
    for (from, to, key) in [
        ("zones: [euw1-az1, euw1-az2]", "zones: [euw1-az1]", "zones"),
        ("capacity: onDemand", "capacity: spot", "capacity"),
        ("{ type: AL2023_x86_64_STANDARD }", "{ type: BOTTLEROCKET_x86_64 }", "ami.type"),
        ("role: shared", "role: own", "role"),
        ("[m6i.large]", "[m5.large]", "instanceTypes"),
    ] {
        let after = build_over(&before.replace(from, to), Some(&first.plan.ledger));
        let preview = preview::compare("s", &first.template, &after.template, &after.graph);
        let change = preview.changes.iter().find(|one| one.id == "NodeGroupGeneral").unwrap();
        assert_eq!(change.change_kind(), ChangeKind::Replace, "{key}");
        let because = change.deciding().unwrap();
        assert_eq!(because.path, format!("nodeGroups[0].{key}"));
        assert!(change.impact.contains("new node group"), "{key}: {}", change.impact);
    }
    // In place, and no node is exchanged for it.
    let after = build_over(
        &before.replace(
            "role: shared",
            "role: shared, update: { maxUnavailable: 2 }, autoRepair: true",
        ),
        Some(&first.plan.ledger),
    );
    let preview = preview::compare("s", &first.template, &after.template, &after.graph);
    assert_eq!(preview.changes.len(), 1);
    assert_eq!(preview.changes[0].change_kind(), ChangeKind::Modify);
    assert!(!preview.changes[0].rolls_nodes());
}

#[test]
fn capacity_follows_zones_caps_and_updates() {
    let of = |words: &str| build(&with(words)).capacity;
    let all = of("podsPerNode: 20, scaling: { max: 12 }");
    let one = of("podsPerNode: 20, scaling: { max: 12 }, zones: [euw1-az1]");
    assert_eq!((all.zones.len(), one.zones.len()), (2, 1));
    assert_eq!((all.groups[0].in_a_zone(), one.groups[0].in_a_zone()), (8, 16));
    assert_eq!(all.most.as_ref().unwrap().nodes, one.most.as_ref().unwrap().nodes);
    assert!(one.most.as_ref().unwrap().loss.is_none());
    let minimal = of("scaling: { max: 12 }, update: { strategy: minimal }");
    assert_eq!((all.groups[0].surge, minimal.groups[0].surge), (4, 0));
    let many = of("scaling: { max: 12 }, update: { maxUnavailable: 9 }");
    assert_eq!(many.groups[0].surge, 9);
    let capped = of("maxPods: 58");
    let density = &capped.groups[0].density;
    assert_eq!((density.max_pods, density.limit, capped.groups[0].pods), (58, Limit::Written, 58));
    assert!(capped.groups[0].planned.units < of("scaling: { max: 3 }").groups[0].planned.units);
    assert_eq!(
        found_in(&with("maxPods: 58, podsPerNode: 60")),
        ["NG-05 nodeGroups[0].podsPerNode"]
    );
}

#[test]
fn a_zone_that_comes_later_leaves_groups_with_zones_alone() {
    let text = with("zones: [euw1-az1, euw1-az2]");
    let before = build(&text);
    let after = build_over(&text.replace("zones: 2\n", "zones: 3\n"), Some(&before.plan.ledger));
    let of = |built: &eksnet::line::Compiled| {
        built.template.resource("NodeGroupGeneral").unwrap()["Properties"]["Subnets"].clone()
    };
    assert_eq!(of(&before), of(&after));
    assert!(after.template.resource("NodeGroupGeneralInEuw1Az3").is_none());
    assert_eq!(after.plan.ledger.kept.node_groups["general"].zones, ["euw1-az1", "euw1-az2"]);
}

const WINDOWS: &str = "  - { name: win, tier: nodes, instanceTypes: [m6i.large], ami: { type: WINDOWS_CORE_2022_x86_64 }, role: own }";

fn windows() -> String {
    let text = CLEAN.replace("nodeGroups:", "awsNode: { windows: true }\nnodeGroups:");
    format!("{text}{WINDOWS}\n")
}

#[test]
fn windows_nodes_stand_beside_linux_ones() {
    let built = build(&windows());
    assert_eq!(built.warnings, []);
    let density = &built.capacity.groups[1].density;
    assert_eq!((density.max_pods, density.limit), (9, Limit::Interfaces));
    let properties = |id: &str| built.template.resource(id).unwrap()["Properties"].clone();
    let data = &properties("LaunchTemplateWin")["LaunchTemplateData"];
    assert!(data["UserData"].is_null(), "EKS writes the script");
    assert_eq!(data["BlockDeviceMappings"][0]["DeviceName"], "/dev/sda1");
    assert_eq!(
        properties("NodeGroupWin")["NodeRole"],
        json!({ "Fn::GetAtt": ["NodeRoleWin", "Arn"] })
    );
    assert!(built.template.resource("AccessNodeRoleWin").is_none(), "EKS makes the entry");
    let own = windows().replace("{ type: WINDOWS", "{ id: ami-0123456789abcdef0, type: WINDOWS");
    let built = build(&own);
    let entry = &built.template.resource("AccessNodeRoleWin").unwrap()["Properties"];
    assert_eq!(entry["Type"], "EC2_WINDOWS");
    let waits = built.template.resource("NodeGroupWin").unwrap()["DependsOn"].to_string();
    assert!(waits.contains("AccessNodeRoleWin"), "{waits}");
}

#[test]
fn windows_nodes_need_ipv4_without_custom_networking() {
    let six = windows()
        .replace("cidr: 10.40.0.0/16", "cidr: 10.40.0.0/16\n  ipv6: amazon")
        .replace("cluster:\n", "cluster:\n  ipFamily: ipv6\n");
    let ids: Vec<String> = found_in(&six);
    assert!(ids.contains(&"WIN-02 nodeGroups[1].ami.type".to_string()), "{ids:?}");
    let custom = windows()
        .replace("cidr: 10.40.0.0/16", "cidr: 10.40.0.0/16\n  secondaryCidrs: [100.64.0.0/16]")
        .replace("windows: true", "windows: true, customNetworking: { tier: pods }")
        .replace("tiers:\n", "tiers:\n  - { name: pods, size: /18, from: 100.64.0.0/16, egress: nat, serves: [pods] }\n");
    assert_eq!(found_in(&custom), ["WIN-02 nodeGroups[1].ami.type"]);
    // Alone they leave CoreDNS without a node.
    let alone = windows().replace(&format!("{GENERAL}\n"), "");
    assert!(found_in(&alone).iter().any(|one| one.starts_with("FG-06")), "{:?}", found_in(&alone));
}

#[test]
fn roles_carry_what_their_groups_ask_for() {
    let policy = "policies: [\"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess\"]";
    let text = format!(
        "{}  - {{ name: other, tier: nodes, instanceTypes: [m6i.large], role: own, {policy} }}\n",
        CLEAN
    );
    let built = build(&text);
    assert_eq!(built.warnings, []);
    let policies = |id: &str| {
        built.template.resource(id).unwrap()["Properties"]["ManagedPolicyArns"].to_string()
    };
    assert!(policies("NodeRoleOther").contains("AmazonS3ReadOnlyAccess"));
    assert!(!policies("NodeRole").contains("AmazonS3ReadOnlyAccess"));
    assert!(policies("NodeRoleOther").contains("AmazonEKSWorkerNodePolicy"));
    let all = defaulted(
        &format!("{{ {policy} }}"),
        &format!("{GENERAL}\n  - {{ name: other, tier: nodes, instanceTypes: [m6i.large] }}\n"),
    );
    assert_eq!(found_in(&all), [""; 0], "what all of them ask for reaches nobody by surprise");
    let china = with("policies: [\"arn:aws-cn:iam::aws:policy/AmazonS3ReadOnlyAccess\"]")
        .replace("eu-west-1", "cn-north-1")
        .replace("arn:aws:iam::1111", "arn:aws-cn:iam::1111");
    assert!(!found_in(&china).iter().any(|one| one.starts_with("NG-29")), "{:?}", found_in(&china));
}

#[test]
fn user_data_is_bounded_and_hostile_words_stay_words() {
    let large =
        with(&format!("nodeConfig: {{ containerd: {{ config: \"{}\" }} }}", "a".repeat(17_000)));
    assert_eq!(found_in(&large), ["NG-34 nodeGroups[0].nodeConfig"]);
    let wild = with(
        "nodeConfig: { kubelet: { config: { \"a\\nb: c\": \"--eksnet--\\n--eksnet\\nContent-Type: text/x-shellscript\\n\\nrm -rf /\" } } }",
    );
    let data = launch(&wild)["UserData"]["Fn::Base64"].as_str().unwrap().to_string();
    assert_eq!(data.lines().filter(|line| line.starts_with("--eksnet")).count(), 2, "{data}");
}

/// Every word in every form: a finding, or a stack; never a panic.
#[test]
fn no_form_of_a_word_stops_the_line() {
    let forms = ["~", "5", "true", "text", "[]", "[1]", "{}", "{ a: { b: [~] } }", "[{ a: b }]"];
    let words = [
        "nodeConfig: X",
        "nodeConfig: { spec: X }",
        "nodeConfig: { kubelet: X }",
        "nodeConfig: { kubelet: { flags: X } }",
        "nodeConfig: { kubelet: { config: X } }",
        "nodeConfig: { containerd: X, instance: X, featureGates: X }",
        "amiType: BOTTLEROCKET_x86_64, bottlerocket: X",
        "amiType: BOTTLEROCKET_x86_64, bottlerocket: { settings: X }",
        "amiType: BOTTLEROCKET_x86_64, bottlerocket: { kubernetes: X }",
        "amiType: BOTTLEROCKET_x86_64, bottlerocket: { kernel: { sysctl: X } }",
        "zones: X",
        "ami: X",
        "capacity: X",
        "volume: X",
        "imds: X",
        "update: X",
        "update: { maxUnavailable: X }",
        "role: X",
        "policies: X",
        "securityGroups: X",
    ];
    for word in words {
        for form in forms {
            let text = with(&word.replace('X', form));
            if !eksnet::diagnostic::any_error(&findings(&text)) {
                build(&text);
            }
            let word = word.replace("amiType: BOTTLEROCKET_x86_64, ", "").replace('X', form);
            findings(&defaulted(&format!("{{ {word} }}"), &format!("{GENERAL}\n")));
        }
    }
}

#[test]
fn very_many_groups_with_very_many_defaults_are_refused() {
    let labels: Vec<String> = (0..2_000).map(|at| format!("k{at}: v")).collect();
    let groups: String = (0..2_000).map(|at| format!("  - {{ name: g{at} }}\n")).collect();
    let found =
        findings(&defaulted(&format!("{{ labels: {{ {} }} }}", labels.join(", ")), &groups));
    assert!(found.iter().any(|one| one.rule.id == "YAML-07" && one.path == "nodeGroupDefaults"));
}

/// An autoscaler made 50 nodes of three: a change of the bounds keeps them, and the preview counts those that go.
#[test]
fn a_group_that_an_autoscaler_grew_keeps_its_nodes() {
    let scaled = |numbers: &str| with(&format!("scaling: {{ {numbers} }}"));
    let first = build(&scaled("min: 1, desired: 3, max: 60"));
    let sizes = std::collections::BTreeMap::from([("NodeGroupGeneral".to_string(), 50)]);
    let over = |text: &str| {
        let observed = Observed {
            sizes: Part::Read(sizes.clone()),
            ..Observed::template(first.template.clone())
        };
        let ledger = first.plan.ledger.clone();
        line::compile(Request { observed, ledger, ..Request::new(document(text)) }).unwrap()
    };
    let outcome = |numbers: &str| {
        let next = over(&scaled(numbers));
        let preview = preview::compare("s", &first.template, &next.template, &next.graph)
            .over(&next.template, next.observed.sizes.read());
        let group = next.template.resource("NodeGroupGeneral").unwrap();
        (group["Properties"]["ScalingConfig"]["DesiredSize"].clone(), preview.noticed().join("\n"))
    };
    let (size, impact) = outcome("min: 1, desired: 3, max: 80");
    assert_eq!(size, 50);
    assert!(!impact.contains("EKS terminates nodes"), "{impact}");
    let (size, impact) = outcome("min: 1, desired: 3, max: 20");
    assert_eq!(size, 20);
    assert!(impact.contains("EKS terminates nodes: 30 of the 50 of NodeGroupGeneral"), "{impact}");
    let (size, impact) = outcome("min: 1, desired: 4, max: 60");
    assert_eq!(size, 4);
    assert!(impact.contains("EKS terminates nodes: 46 of the 50 of NodeGroupGeneral"), "{impact}");
    assert_eq!(outcome("min: 1, desired: 3, max: 60").0, 3);
}
