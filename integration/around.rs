//! What stands around the network, as AWS reads it: add-ons and their roles, access entries, endpoints, versions, outputs, eksctl's file.

use eksnet::line::Compiled;
use serde_json::{Value, json};

use crate::support::{CLEAN, blueprints, build, findings};

fn edited(from: &str, to: &str) -> String {
    assert!(CLEAN.contains(from), "the clean blueprint has no `{from}`");
    CLEAN.replacen(from, to, 1)
}

fn with(lines: &str) -> String {
    edited("nodeGroups:", &format!("{lines}\nnodeGroups:"))
}

fn rules(text: &str) -> Vec<&'static str> {
    findings(text).into_iter().map(|finding| finding.rule.id).collect()
}

fn properties<'b>(built: &'b Compiled, id: &str) -> &'b Value {
    &built.template.resource(id).unwrap_or_else(|| panic!("no `{id}`"))["Properties"]
}

/// The clean blueprint without node groups, and something else in their place.
fn without_groups(instead: &str) -> String {
    CLEAN[..CLEAN.find("nodeGroups:").unwrap()].to_string() + instead
}

/// EKS has one profile of a cluster in CREATING or DELETING at a time.
#[test]
fn fargate_profiles_wait_for_each_other() {
    let profiles = "fargate:\n  - { name: web, tier: nodes, selectors: [{ namespace: web }] }\n  - { name: jobs, tier: nodes, selectors: [{ namespace: jobs }] }\n  - { name: api, tier: nodes, selectors: [{ namespace: api }] }\n";
    let built = build(&(CLEAN.to_string() + profiles));
    let waits = |id: &str| built.template.resource(id).unwrap()["DependsOn"].to_string();
    assert!(!waits("FargateProfileApi").contains("FargateProfile"));
    assert!(waits("FargateProfileJobs").contains("FargateProfileApi"));
    assert!(waits("FargateProfileWeb").contains("FargateProfileJobs"));
    let turned = profiles.replace("name: web, tier: nodes, selectors: [{ namespace: web }]", "X");
    let turned = turned.replace(
        "name: api, tier: nodes, selectors: [{ namespace: api }]",
        "name: web, tier: nodes, selectors: [{ namespace: web }]",
    );
    let turned =
        turned.replace("{ X }", "{ name: api, tier: nodes, selectors: [{ namespace: api }] }");
    assert_eq!(build(&(CLEAN.to_string() + &turned)).template, built.template, "order in the file");
}

/// (what stands in the place of the node groups, rules, whether CoreDNS is installed)
#[test]
fn core_dns_is_installed_where_it_can_run() {
    let group = |rest: &str| {
        format!("nodeGroups: [{{ name: a, tier: nodes, instanceTypes: [m6i.large]{rest} }}]\n")
    };
    let taint = ", taints: [{ key: team, value: data, effect: NoSchedule }]";
    let system = |labels: &str| {
        format!(
            "fargate: [{{ name: a, tier: nodes, selectors: [{{ namespace: kube-system{labels} }}] }}]\n"
        )
    };
    for (what, rest, wanted, there) in [
        ("no nodes", String::new(), vec!["FG-06"], false),
        ("none yet", group(", scaling: { min: 0, desired: 0, max: 3 }"), vec!["FG-06"], false),
        ("nodes", group(""), vec![], true),
        (
            "a taint that it tolerates",
            group(", taints: [{ key: CriticalAddonsOnly, effect: NoSchedule }]"),
            vec![],
            true,
        ),
        (
            "a preference",
            group(", taints: [{ key: team, effect: PreferNoSchedule }]"),
            vec![],
            true,
        ),
        ("taints", group(taint), vec![], true),
        ("a profile", system(""), vec![], true),
        ("its label", system(", labels: { k8s-app: kube-dns }"), vec![], true),
        ("another label", system(", labels: { k8s-app: metrics-server }"), vec!["FG-05"], true),
    ] {
        let text = without_groups(&rest);
        assert_eq!(rules(&text), wanted, "{what}");
        if wanted != ["FG-05"] {
            let addon = build(&text).template.resource("AddonCoredns").cloned();
            assert_eq!(addon.is_some(), there, "{what}");
        }
    }
    let written = without_groups("addons: [coredns, kube-proxy, eks-pod-identity-agent]\n");
    assert_eq!(rules(&written), ["FG-05"]);
    let storage =
        without_groups("addons: [kube-proxy, eks-pod-identity-agent, aws-ebs-csi-driver]\n");
    assert_eq!(rules(&storage), ["FG-05"], "a driver's controller is a Deployment too");
    let built = build(&without_groups(&group(taint)));
    let values: Value = serde_json::from_str(
        properties(&built, "AddonCoredns")["ConfigurationValues"].as_str().unwrap(),
    )
    .unwrap();
    assert_eq!(
        values["tolerations"][0],
        json!({ "key": "team", "operator": "Equal", "value": "data", "effect": "NoSchedule" })
    );
    let own = without_groups(
        &(group(taint)
            + "addons: [kube-proxy, eks-pod-identity-agent, { name: coredns, configuration: { tolerations: [], replicaCount: 3 } }]\n"),
    );
    let built = build(&own);
    let text = properties(&built, "AddonCoredns")["ConfigurationValues"].as_str().unwrap();
    assert_eq!(text, r#"{"replicaCount":3,"tolerations":[]}"#, "the author's own hold");
}

#[test]
fn add_ons_of_aws_have_a_role_unless_one_is_named() {
    let addons = |more: &str| {
        with(&format!("addons: [coredns, kube-proxy, eks-pod-identity-agent, {more}]"))
    };
    let built = build(&addons("aws-ebs-csi-driver, adot"));
    let ebs = properties(&built, "AddonAwsEbsCsiDriver");
    assert_eq!(
        ebs["PodIdentityAssociations"],
        json!([{ "ServiceAccount": "ebs-csi-controller-sa", "RoleArn": { "Fn::GetAtt": ["AddonRoleAwsEbsCsiDriver", "Arn"] } }])
    );
    assert_eq!(
        properties(&built, "AddonRoleAwsEbsCsiDriver")["ManagedPolicyArns"],
        json!([{ "Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy" }])
    );
    assert_eq!(
        properties(&built, "AddonAdot")["PodIdentityAssociations"].as_array().unwrap().len(),
        3
    );
    assert!(built.template.resource("AddonRoleAdotAdotColOtlpIngest").is_some());

    let built = build(&addons("{ name: aws-ebs-csi-driver, role: irsa }"));
    let ebs = properties(&built, "AddonAwsEbsCsiDriver");
    assert_eq!(ebs["ServiceAccountRoleArn"]["Fn::GetAtt"][0], "AddonRoleAwsEbsCsiDriver");
    assert_eq!(ebs["PodIdentityAssociations"], json!([]));
    let trust =
        properties(&built, "AddonRoleAwsEbsCsiDriver")["AssumeRolePolicyDocument"].to_string();
    assert!(trust.contains("system:serviceaccount:kube-system:ebs-csi-controller-sa"), "{trust}");
    assert!(built.template.resource("OidcProvider").is_some());

    let arn = "arn:aws:iam::111122223333:role/volumes";
    let built = build(&addons(&format!("{{ name: aws-ebs-csi-driver, role: \"{arn}\" }}")));
    assert_eq!(
        properties(&built, "AddonAwsEbsCsiDriver")["PodIdentityAssociations"][0]["RoleArn"],
        arn
    );
    assert!(built.template.resource("AddonRoleAwsEbsCsiDriver").is_none());
    let built = build(&addons(
        "{ name: aws-ebs-csi-driver, role: none, resolveConflicts: preserve, version: v1.50.0-eksbuild.1 }",
    ));
    let ebs = properties(&built, "AddonAwsEbsCsiDriver");
    assert_eq!(
        (&ebs["PodIdentityAssociations"], &ebs["ResolveConflicts"], &ebs["AddonVersion"]),
        (&json!([]), &json!("PRESERVE"), &json!("v1.50.0-eksbuild.1"))
    );

    let both = with(
        "awsNode: { role: irsa }\naddons: [coredns, kube-proxy, { name: aws-efs-csi-driver, role: irsa }]",
    );
    assert_eq!(rules(&both), [] as [&str; 0]);
    let providers = build(&both).template;
    assert_eq!(
        providers.resources().filter(|(_, one)| one["Type"] == "AWS::IAM::OIDCProvider").count(),
        1
    );
    assert_eq!(rules(&addons("{ name: aws-ebs-csi-driver, role: volumes }")), ["ADD-04"]);
}

#[test]
fn access_entries_say_what_their_type_accepts() {
    let entry = |more: &str| {
        edited(
            "type: hybridLinux }",
            &format!(
                "type: hybridLinux }}, {{ principal: \"arn:aws:iam::111122223333:role/x\", {more} }}"
            ),
        )
    };
    for (more, wanted) in [
        ("type: ec2Windows", vec![]),
        ("type: fargateLinux, username: a", vec!["ACC-04"]),
        ("type: ec2Linux, kubernetesGroups: [viewers]", vec!["ACC-04"]),
        ("kubernetesGroups: [viewers], username: ci", vec![]),
        ("kubernetesGroups: [\"system:masters\"]", vec!["ACC-04"]),
        ("username: \"aws:ci\", policy: AmazonEKSViewPolicy", vec!["ACC-04"]),
        ("username: ci", vec!["ACC-05"]),
    ] {
        assert_eq!(rules(&entry(more)), wanted, "{more}");
    }
    let built = build(&entry("kubernetesGroups: [viewers, builders], username: ci"));
    let of = |name: &str| {
        let found = built.template.resources().find(|(_, one)| {
            one["Properties"]["PrincipalArn"].as_str().is_some_and(|arn| arn.ends_with(name))
        });
        found.unwrap().1["Properties"].clone()
    };
    assert_eq!(of("role/x")["KubernetesGroups"], json!(["builders", "viewers"]));
    assert_eq!(of("role/x")["Username"], "ci");
    let hybrid = of("role/hybrid");
    assert_eq!(hybrid["Type"], "HYBRID_LINUX");
    assert!(hybrid.get("AccessPolicies").is_none(), "EKS refuses policies for nodes");
    assert!(of("role/ops").get("Type").is_none(), "a type that comes later replaces an entry");
}

/// The agent runs where the hybrid nodes' credentials come from.
#[test]
fn hybrid_nodes_have_the_agent_of_pod_identity() {
    let text = edited(
        "cluster:\n",
        "egress: { vpnGateway: { id: vgw-00000000000000001 } }\ncluster:\n  remoteNetworks: { nodes: [10.80.0.0/16] }\n",
    );
    let built = build(&text);
    assert_eq!(
        properties(&built, "AddonEksPodIdentityAgent")["ConfigurationValues"],
        r#"{"daemonsets":{"hybrid":{"create":true}}}"#
    );
}

#[test]
fn windows_nodes_made_beside_get_addresses() {
    let built = build(&with("awsNode: { windows: true }"));
    let values = properties(&built, "AddonVpcCni")["ConfigurationValues"].as_str().unwrap();
    assert!(values.contains(r#""enableWindowsIpam":"true""#), "{values}");
    assert!(
        properties(&built, "ClusterRole")["ManagedPolicyArns"]
            .to_string()
            .contains("AmazonEKSVPCResourceController")
    );
}

#[test]
fn endpoints_are_derived_for_who_calls_them() {
    let names = |text: &str| -> Vec<String> {
        build(text)
            .intent
            .endpoints
            .services
            .iter()
            .map(|one| one.service.name.to_string())
            .collect()
    };
    let own = names(&edited("zones: 2", "zones: 2\nendpoints: auto"));
    assert!(
        own.contains(&"ssmmessages".to_string()) && !own.contains(&"ec2messages".to_string()),
        "{own:?}"
    );
    assert!(
        names(&edited("zones: 2", "zones: 2\nendpoints: { include: [ec2messages] }"))
            .contains(&"ec2messages".to_string())
    );
    assert_eq!(
        names(&edited("zones: 2", "zones: 2\nendpoints: [s3, ecr.api, s3]")),
        ["ecr.api", "s3"]
    );
    let auto = without_groups("")
        .replace("cluster:\n", "endpoints: auto\ncluster:\n  autoMode: { nodePools: [] }\n");
    let auto = names(&auto);
    assert!(
        ["eks-auth", "ecr.api", "s3", "ec2"].iter().all(|name| auto.contains(&name.to_string())),
        "{auto:?}"
    );
    assert!(
        ["ssm", "ssmmessages", "elasticloadbalancing"]
            .iter()
            .all(|name| !auto.contains(&name.to_string())),
        "{auto:?}"
    );
}

/// Private DNS leads the whole VPC to the interfaces.
#[test]
fn endpoints_let_in_the_whole_vpc_unless_told_otherwise() {
    let ranges = |ingress: &str| -> Vec<String> {
        let text =
            edited("zones: 2", &format!("zones: 2\nendpoints: {{ include: [kms]{ingress} }}"))
                .replace(
                    "cidr: 10.40.0.0/16",
                    "cidr: 10.40.0.0/16\n  secondaryCidrs: [10.41.0.0/16]",
                );
        let built = build(&text);
        let rows = properties(&built, "EndpointSecurityGroup")["SecurityGroupIngress"]
            .as_array()
            .unwrap()
            .clone();
        rows.iter().map(|row| row["CidrIp"].as_str().unwrap().to_string()).collect()
    };
    assert_eq!(ranges(""), ["10.40.0.0/16", "10.41.0.0/16"]);
    assert_eq!(ranges(", ingress: vpc"), ranges(""));
    assert_eq!(
        ranges(", ingress: [vpc, 192.168.0.0/24, 10.40.1.0/24]"),
        ["10.40.0.0/16", "10.41.0.0/16", "192.168.0.0/24"]
    );
}

#[test]
fn the_list_of_the_public_endpoint_is_always_said() {
    let list = |access: &str| {
        let built = build(&edited("{ private: true, public: false }", access));
        properties(&built, "Cluster")["ResourcesVpcConfig"]["PublicAccessCidrs"].clone()
    };
    assert_eq!(list("{ private: true, public: false }"), json!(["0.0.0.0/0"]));
    assert_eq!(list("{ private: true, public: true }"), json!(["0.0.0.0/0"]));
    assert_eq!(
        list("{ private: true, public: false, publicCidrs: [203.0.113.0/24] }"),
        json!(["203.0.113.0/24"])
    );
}

#[test]
fn a_control_plane_that_is_routed_waits_for_its_routes() {
    let text = edited(
        "cluster:\n",
        "networkAcls: perTier\ncluster:\n  controlPlaneEgress: customerRouted\n",
    )
    .replace("size: /28, egress: none", "size: /28, egress: nat");
    let waits = build(&text).template.resource("Cluster").unwrap()["DependsOn"].to_string();
    for id in [
        "SubnetControlPlaneEuw1Az1RouteTable",
        "RouteTableControlPlaneEuw1Az2Default",
        "SubnetControlPlaneEuw1Az1NetworkAcl",
    ] {
        assert!(waits.contains(id), "{id} {waits}");
    }
    assert!(build(CLEAN).template.resource("Cluster").unwrap().get("DependsOn").is_none());
}

/// A role is taken on by the principals of its partition.
#[test]
fn roles_and_names_are_of_the_partition() {
    let china = build(&CLEAN.replace("eu-west-1", "cn-north-1").replace("arn:aws:", "arn:aws-cn:"));
    let trust = &properties(&china, "NodeRole")["AssumeRolePolicyDocument"]["Statement"][0];
    assert_eq!(trust["Principal"]["Service"], json!(["ec2.amazonaws.com", "ec2.amazonaws.com.cn"]));
    let plain = build(CLEAN);
    let trust = &properties(&plain, "NodeRole")["AssumeRolePolicyDocument"]["Statement"][0];
    assert_eq!(trust["Principal"]["Service"], "ec2.amazonaws.com");
    let sovereign = CLEAN
        .replace("eu-west-1", "eusc-de-east-1")
        .replace("arn:aws:", "arn:aws-eusc:")
        .replace("zones: 2", "zones: 2\nendpoints: auto");
    assert_eq!(rules(&sovereign), [] as [&str; 0]);
    let built = build(&sovereign);
    assert_eq!(
        properties(&built, "EndpointEcrApi")["ServiceName"],
        "eu.amazonaws.eusc-de-east-1.ecr.api"
    );
    let zones: Vec<&str> = built.plan.subnets.iter().map(|subnet| subnet.zone.word()).collect();
    assert!(
        zones.iter().all(|zone| zone.starts_with("eusc-de-east-1")),
        "no zone id is published: {zones:?}"
    );
}

/// The default is kept out of the way of what is connected.
#[test]
fn services_hide_nothing_that_is_connected() {
    let chosen = |lines: &str| {
        build(&edited("zones: 2", &format!("zones: 2\n{lines}")).replace(
            "tiers:\n",
            "tiers:\n  - { name: transit, size: /28, egress: none, serves: [transit] }\n",
        ))
        .intent
        .cluster
        .unwrap()
        .service_cidr
        .to_string()
    };
    let behind = |to: &str| {
        format!(
            "egress: {{ transitGateway: {{ id: tgw-00000000000000001, destinations: [{to}] }} }}"
        )
    };
    assert_eq!(chosen(&behind("10.0.0.0/8")), "172.20.0.0/16");
    assert_eq!(chosen(&behind("172.16.0.0/12")), "10.100.0.0/16");
    assert_eq!(chosen(&behind("172.16.0.0/12, 10.0.0.0/8")), "192.168.0.0/20");
    // Where everything private is connected, 10.0.0.0/8 is everybody's.
    assert_eq!(chosen(&behind("172.16.0.0/12, 10.0.0.0/8, 192.168.0.0/16")), "10.100.0.0/16");
}

const POD_TIERS: &str = "  - { name: pods, size: /18, egress: nat, serves: [pods] }\n";

fn custom(nodes: &str, pods: &str, snat: &str) -> String {
    edited("tiers:\n", &format!("tiers:\n{}", POD_TIERS.replace("egress: nat", pods)))
        .replace("name: nodes, size: /20, egress: nat", &format!("name: nodes, size: /20, {nodes}"))
        .replace(
            "nodeGroups:",
            &format!("awsNode: {{ customNetworking: {{ tier: pods }}{snat} }}\nnodeGroups:"),
        )
}

/// While the node translates, packets leave by its first interface.
#[test]
fn pods_leave_by_their_node() {
    let private = |text: String| text.replace("zones: 2", "zones: 2\nendpoints: auto");
    assert_eq!(rules(&custom("egress: nat", "egress: nat", "")), [] as [&str; 0]);
    assert_eq!(rules(&private(custom("egress: none", "egress: nat", ""))), ["SNAT-04"]);
    assert_eq!(
        rules(&private(custom("egress: none", "egress: nat", ", snat: { external: true }"))),
        [] as [&str; 0]
    );
    assert_eq!(rules(&custom("egress: nat", "egress: none", "")), [] as [&str; 0]);
    let route = "egress: nat, routes: [{ to: 10.99.0.0/16, via: pcx-00000000000000001 }]";
    let own = |snat: &str| {
        let mut found = rules(&custom("egress: nat", route, snat));
        found.retain(|rule| rule.starts_with("SNAT"));
        found
    };
    assert_eq!(own(""), ["SNAT-05"]);
    assert_eq!(own(", snat: { excludeCidrs: [10.99.0.0/16] }"), [] as [&str; 0]);
}

#[test]
fn what_pods_may_reach_outside_their_nodes_may_too() {
    let groups = "mode: leastPrivilege, pods: { egress: [{ to: 192.0.2.0/24, ports: 5432 }, { to: 10.40.0.0/20, ports: 6379 }] }, controlPlane: {";
    let of_nodes = |snat: &str| {
        let built =
            build(&custom("egress: nat", "egress: nat", snat).replace("controlPlane: {", groups));
        properties(&built, "NodeSecurityGroup")["SecurityGroupEgress"].to_string()
    };
    let translated = of_nodes("");
    assert!(
        translated.contains("192.0.2.0/24") && !translated.contains("10.40.0.0/20"),
        "{translated}"
    );
    assert!(!of_nodes(", snat: { external: true }").contains("192.0.2.0/24"));
}

#[test]
fn auto_mode_wears_the_stacks_groups_and_enforces_policies() {
    let files = |mode: &str, groups: &str| {
        let text = without_groups("")
            .replace("cluster:\n", &format!("cluster:\n  autoMode: {mode}\n"))
            .replace("controlPlane: {", &format!("{groups}controlPlane: {{"));
        let built = build(&text);
        eksnet::render::files::all(&built.intent, &built.plan, &built.template).unwrap()
    };
    let own = files("{ nodePools: [], networkPolicy: defaultDeny }", "mode: leastPrivilege, ");
    let class: Value = serde_yaml::from_str(&own["kubernetes/node-class.yaml"]).unwrap();
    assert_eq!(
        class["spec"]["securityGroupSelectorTerms"],
        json!([{ "id": "${NodeSecurityGroup}" }])
    );
    let map: Value = serde_yaml::from_str(&own["kubernetes/network-policy.yaml"]).unwrap();
    assert_eq!(map["data"]["enable-network-policy-controller"], "true");
    assert!(!files("{ nodePools: [] }", "").contains_key("kubernetes/network-policy.yaml"));
    let pools = without_groups("")
        .replace(
            "  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }\n",
            "",
        )
        .replace("cluster:\n", "cluster:\n  autoMode: {}\n")
        .replace("controlPlane: {", "mode: leastPrivilege, controlPlane: {");
    assert_eq!(rules(&pools), ["AUTO-11"]);
}

/// Another CNI's pods take no address of the VPC, and EKS counts these all the same.
#[test]
fn eks_holds_nodes_of_another_cni_to_its_own_figure() {
    let with =
        |pods: &str| {
            rules(&edited("nodeGroups:", "awsNode: { management: none }\nnodeGroups:").replace(
                "instanceTypes: [m6i.large]",
                &format!("instanceTypes: [m6i.large]{pods}"),
            ))
        };
    assert_eq!(with(", podsPerNode: 100"), ["NG-16"]);
    assert_eq!(with(""), ["NG-16"]);
    assert_eq!(with(", podsPerNode: 29"), [] as [&str; 0]);
}

#[test]
fn zones_that_come_later_share_the_numbers_or_add_to_them() {
    let text = |zones: u8, more: &str| {
        CLEAN.replace("zones: 2", &format!("zones: {zones}")).replace(
            "instanceTypes: [m6i.large]",
            &format!(
                "instanceTypes: [m6i.large], scaling: {{ min: 2, desired: 2, max: 20{more} }}"
            ),
        )
    };
    let first = build(&text(2, ""));
    let max = |more: &str| -> (u64, u64) {
        let later = crate::support::build_over(&text(3, more), Some(&first.plan.ledger));
        let said = later.warnings.iter().any(|finding| finding.rule.id == "NG-17");
        assert_eq!(said, more.is_empty(), "a group that grows by itself is said");
        let of = |id: &str| properties(&later, id)["ScalingConfig"]["MaxSize"].as_u64().unwrap();
        (of("NodeGroupGeneral"), of("NodeGroupGeneralInEuw1Az3"))
    };
    assert_eq!(max(""), (20, 10));
    assert_eq!(max(", newZones: within"), (14, 6));
}

/// Where the settings stand is not what they say.
#[test]
fn settings_that_move_between_the_add_on_and_the_cluster_replace_no_nodes() {
    let of = |management: &str| {
        let more = format!(", management: {management}, role: irsa");
        custom("egress: nat", "egress: nat", &more)
            .replace("AmazonEKSViewPolicy", "AmazonEKSClusterAdminPolicy")
    };
    let (addon, own) = (build(&of("addon")), build(&of("selfManaged")));
    for (before, after) in [(&addon, &own), (&own, &addon)] {
        let seen = eksnet::preview::compare("x", &before.template, &after.template, &after.graph);
        let impact = format!("{seen:?}");
        assert!(!impact.contains("replace the node groups"), "{impact}");
    }
}

/// Names that others rely on.
#[test]
fn outputs_have_names_that_never_change() {
    let text = CLEAN
        .replace("zones: 2", "zones: 2\nendpoints: [s3, ecr.api]")
        .replace("controlPlane: {", "mode: leastPrivilege, controlPlane: {")
        .replace("cluster:\n", "cluster:\n  secretsKey: \"arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9\"\n")
        .replace("nodeGroups:", "awsNode: { role: irsa }\nnodeGroups:");
    let built = build(&text);
    let outputs = built.template.value["Outputs"].as_object().unwrap().clone();
    for name in [
        "VpcId",
        "SubnetsNodes",
        "NatAddresses",
        "ClusterName",
        "ClusterEndpoint",
        "ClusterSecurityGroup",
        "ClusterCertificateAuthority",
        "OidcProviderArn",
        "OidcIssuer",
        "NodeRoleArn",
        "CniRoleArn",
        "NodeSecurityGroup",
        "RouteTablesControlPlane",
        "EndpointS3",
        "EndpointEcrApi",
        "ControlPlaneLogGroup",
        "SecretsKeyArn",
    ] {
        assert!(outputs.contains_key(name), "{name}: {:?}", outputs.keys());
    }
    assert_eq!(outputs["ControlPlaneLogGroup"]["Value"], "/aws/eks/shop/cluster");
    let pods = build(
        &custom("egress: nat", "egress: nat", "")
            .replace("controlPlane: {", "mode: leastPrivilege, controlPlane: {"),
    );
    assert!(pods.template.value["Outputs"].get("PodSecurityGroup").is_some());
}

/// eksctl's own schema takes the file of every blueprint, and nothing that narrows the cluster's access is lost.
#[test]
fn eksctl_accepts_its_file_and_is_told_what_is_left_out() {
    let schema: Value = serde_json::from_str(include_str!("eksctl/schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let file = |text: &str| {
        let built = build(text);
        let files =
            eksnet::render::files::all(&built.intent, &built.plan, &built.template).unwrap();
        files["eksctl.yaml"].clone()
    };
    let rich = CLEAN
        .replace("{ private: true, public: false }", "{ private: true, public: true, publicCidrs: [203.0.113.0/24] }")
        .replace("cluster:\n", "cluster:\n  controlPlaneEgress: customerRouted\n  logging: [audit, controllerManager]\n  secretsKey: \"arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9\"\n");
    let all =
        blueprints().into_iter().map(|(name, path)| (name, std::fs::read_to_string(path).unwrap()));
    for (name, text) in all.chain([("rich".to_string(), rich.clone())]) {
        let value: Value = serde_yaml::from_str(&file(&text)).unwrap();
        let wrong: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    }
    let text = file(&rich);
    let value: Value = serde_yaml::from_str(&text).unwrap();
    assert_eq!(value["vpc"]["publicAccessCIDRs"], json!(["203.0.113.0/24"]));
    assert_eq!(value["vpc"]["controlPlaneEgressMode"], "CUSTOMER_ROUTED");
    assert_eq!(
        value["secretsEncryption"]["keyARN"],
        "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
    );
    assert_eq!(
        value["cloudWatch"]["clusterLogging"]["enableTypes"],
        json!(["audit", "controllerManager"])
    );
    assert!(text.contains("# Not carried over: deletion protection\n"), "{text}");
    let auto: Value = serde_yaml::from_str(&file(
        &without_groups("").replace("cluster:\n", "cluster:\n  autoMode: { nodePools: [] }\n"),
    ))
    .unwrap();
    assert_eq!(auto["autoModeConfig"], json!({ "enabled": true, "nodePools": [] }));
}
