//! EKS Auto Mode: what it may be written with, what the cluster becomes, and the NodeClass beside it.

use serde_json::{Value, json};

use crate::support::{CLEAN, build, findings, root, run};

/// The clean blueprint on Auto Mode, without node groups, and a tier for pods.
fn auto(mode: &str) -> String {
    let text = CLEAN[..CLEAN.find("nodeGroups:").unwrap()]
        .replace("cluster:\n", &format!("cluster:\n  autoMode: {mode}\n"));
    text.replace("tiers:\n", "tiers:\n  - { name: pods, size: /20, egress: nat, serves: [pods] }\n")
}

fn found(text: &str) -> Vec<(&'static str, String)> {
    findings(text).into_iter().map(|finding| (finding.rule.id, finding.path)).collect()
}

fn one(rule: &'static str, path: &str) -> Vec<(&'static str, String)> {
    vec![(rule, path.to_string())]
}

const OWN: &str = "{ podTier: pods }";

/// Their DNS is on each node of Auto Mode, for its own pods; a pod on Fargate is on none of these.
#[test]
fn pods_on_fargate_beside_auto_mode_have_a_dns() {
    let addons = |text: &str| -> Vec<String> {
        let template = build(text).template;
        let resources = template.value["Resources"].as_object().unwrap();
        resources.keys().filter(|id| id.starts_with("Addon")).cloned().collect()
    };
    let fargate = "fargate: [{ name: jobs, tier: nodes, selectors: [{ namespace: jobs }] }]\n";
    assert!(addons(&auto(OWN)).is_empty());
    assert_eq!(addons(&(auto(OWN) + fargate)), ["AddonCoredns"]);
    let own = "addons: [eks-pod-identity-agent]\n";
    assert_eq!(addons(&(auto(OWN) + fargate + own)), ["AddonEksPodIdentityAgent"]);
    assert_eq!(found(&(auto(OWN) + fargate)), []);
}

#[test]
fn auto_mode_is_refused_beside_what_it_has_no_place_for() {
    assert_eq!(found(&auto(OWN)), []);
    assert_eq!(found(&(auto(OWN) + "awsNode: { warm: { ips: 5 } }\n")), one("AUTO-01", "awsNode"));
    let rules: Vec<&str> = found(&(auto(OWN) + "awsNode: { management: none }\n"))
        .into_iter()
        .map(|(rule, _)| rule)
        .collect();
    assert!(rules.contains(&"AUTO-01") && rules.contains(&"AUTO-07"), "{rules:?}");
    let shut = auto("{ podTier: pods, snat: disabled }")
        .replace("name: pods, size: /20, egress: nat", "name: pods, size: /20, egress: none");
    assert_eq!(found(&shut), one("CN-04", "tiers[0].egress"));
    assert_eq!(found(&shut.replace("disabled", "random")), []);
    let both = auto(OWN)
        + "awsNode: { management: selfManaged }\nnodeGroups: [{ name: a, tier: nodes, instanceTypes: [m6i.large] }]\n";
    assert!(
        found(&both).contains(&("AUTO-07", "awsNode.management".to_string())),
        "{:?}",
        found(&both)
    );
    assert_eq!(
        found(&auto("{ podTier: pods, tier: public }")),
        one("AUTO-03", "cluster.autoMode.tier")
    );
    assert_eq!(
        found(&auto(OWN).replace(
            "name: nodes, size: /20, egress: nat",
            "name: nodes, size: /20, egress: none"
        )),
        one("AUTO-03", "tiers[2].egress")
    );
    assert_eq!(
        found(&auto(OWN).replace("name: pods, size: /20", "name: pods, size: /27")),
        one("AUTO-09", "tiers[0].size")
    );
    assert_eq!(found(&auto(OWN).replace("name: pods, size: /20", "name: pods, size: /26")), []);
    let single = auto("{ podTier: pods, prefixes: false }");
    assert_eq!(found(&single.replace("name: pods, size: /20", "name: pods, size: /27")), []);
    assert_eq!(found(&auto(OWN).replace("name: nodes, size: /20", "name: nodes, size: /27")), []);
    let version =
        |text: &str| auto(OWN).replace("cluster:\n", &format!("cluster:\n  version: \"{text}\"\n"));
    // Both are out of support by now, which is said apart.
    let aside = |text: &str| {
        let mut all = found(&version(text));
        all.retain(|(rule, _)| *rule != "VER-03");
        all
    };
    assert_eq!(aside("1.28"), one("AUTO-10", "cluster.version"));
    assert_eq!(aside("1.29"), []);
    let part = auto(OWN)
        .replace("name: pods, size: /20", "name: pods, size: /20, zones: [euw1-az1]")
        .replace("zones: 2", "zones: [euw1-az1, euw1-az2]");
    assert_eq!(found(&part), one("AUTO-04", "cluster.autoMode.podTier"));
    assert!(
        found(&auto("{ podTier: nodes }"))
            .contains(&("AUTO-04", "cluster.autoMode.podTier".to_string()))
    );
    let both = found(&auto("{ podTier: pods, nodePools: [system] }"));
    assert_eq!(
        both,
        [
            ("AUTO-08", "tiers[3]".to_string()),
            ("AUTO-08", "cluster.autoMode.nodePools".to_string())
        ]
    );
}

/// EKS's own pools: nodes are in the cluster's subnets, so these are the nodes' tier, and there is no aws-node and no add-on.
#[test]
fn eks_s_own_pools_live_in_the_cluster_s_subnets() {
    let built = build(
        "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: auto, region: eu-west-1 }\ncluster: { autoMode: {} }\n",
    );
    let cluster = &built.template.resource("Cluster").unwrap()["Properties"];
    assert_eq!(cluster["ComputeConfig"]["NodePools"], json!(["general-purpose", "system"]));
    assert_eq!(
        cluster["ComputeConfig"]["NodeRoleArn"],
        json!({ "Fn::GetAtt": ["AutoNodeRole", "Arn"] })
    );
    assert_eq!(
        (
            &cluster["StorageConfig"]["BlockStorage"]["Enabled"],
            &cluster["KubernetesNetworkConfig"]["ElasticLoadBalancing"]["Enabled"]
        ),
        (&json!(true), &json!(true))
    );
    let subnets: Vec<&str> = cluster["ResourcesVpcConfig"]["SubnetIds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["Ref"].as_str().unwrap())
        .collect();
    assert_eq!(subnets, ["SubnetNodesEuw1Az1", "SubnetNodesEuw1Az2", "SubnetNodesEuw1Az3"]);
    assert!(built.template.resources().all(
        |(id, resource)| resource["Type"] != "AWS::EKS::Addon" && !id.contains("ControlPlane")
    ));
    let trust = &built.template.resource("ClusterRole").unwrap()["Properties"]["AssumeRolePolicyDocument"]
        ["Statement"][0]["Action"];
    assert_eq!(trust, &json!(["sts:AssumeRole", "sts:TagSession"]));
}

/// A NodeClass of one's own: pods and nodes in their tiers, terms in pairs, nothing of aws-node's.
#[test]
fn a_node_class_names_the_tiers() {
    let folder = tempfile::tempdir().unwrap();
    let done = run(
        root(),
        &["render", "blueprints/auto-mode.yaml", "--out", folder.path().to_str().unwrap()],
        &[],
    );
    assert_eq!(done.code, 0, "{}", done.err);
    let read = |name: &str| -> Value {
        serde_yaml::from_str(
            &std::fs::read_to_string(folder.path().join("kubernetes").join(name)).unwrap(),
        )
        .unwrap()
    };
    let class = read("node-class.yaml");
    assert_eq!(
        (&class["apiVersion"], &class["kind"]),
        (&json!("eks.amazonaws.com/v1"), &json!("NodeClass"))
    );
    let ids = |key: &str| {
        class["spec"][key]
            .as_array()
            .unwrap()
            .iter()
            .map(|term| term["id"].as_str().unwrap().to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        ids("subnetSelectorTerms"),
        ["${SubnetNodesEuw1Az1}", "${SubnetNodesEuw1Az2}", "${SubnetNodesEuw1Az3}"]
    );
    assert_eq!(
        ids("podSubnetSelectorTerms"),
        ["${SubnetPodsEuw1Az1}", "${SubnetPodsEuw1Az2}", "${SubnetPodsEuw1Az3}"]
    );
    assert_eq!(ids("podSecurityGroupSelectorTerms"), ids("securityGroupSelectorTerms"));
    assert_eq!(class["spec"]["role"], "${AutoNodeRole}");
    let pool = read("node-pool.yaml");
    assert_eq!(pool["spec"]["template"]["spec"]["nodeClassRef"]["name"], class["metadata"]["name"]);
    assert!(!folder.path().join("kubernetes/aws-node.yaml").exists());
}
