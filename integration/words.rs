//! What stands around the network of a real cluster: each word and what it becomes.

use eksnet::preview;
use eksnet::report::iam;
use serde_json::{Value, json};

use crate::support::{CLEAN, build, findings};

/// The clean blueprint with a line of its own on the top level.
fn with(line: &str) -> String {
    CLEAN.replace("nodeGroups:", &format!("{line}\nnodeGroups:"))
}

/// The same with a line of the cluster's.
fn clustered(line: &str) -> String {
    CLEAN.replace("cluster:\n", &format!("cluster:\n  {line}\n"))
}

/// On Auto Mode, without node groups.
fn auto(line: &str) -> String {
    let text = CLEAN[..CLEAN.find("nodeGroups:").unwrap()].to_string();
    text.replace("cluster:\n", &format!("{line}\ncluster:\n  autoMode: {{}}\n"))
}

fn rules(text: &str) -> Vec<&'static str> {
    findings(text).into_iter().map(|finding| finding.rule.id).collect()
}

/// Of what is about Auto Mode's own node pools nothing.
fn apart_from_pools(text: &str) -> Vec<&'static str> {
    rules(text).into_iter().filter(|rule| *rule != "AUTO-08").collect()
}

fn properties(text: &str, id: &str) -> Value {
    assert_eq!(apart_from_pools(text), Vec::<&str>::new(), "{text}");
    build(text).template.resource(id).unwrap_or_else(|| panic!("no {id}"))["Properties"].clone()
}

fn absent(text: &str, id: &str) -> bool {
    build(text).template.resource(id).is_none()
}

const ROLE: &str = "arn:aws:iam::111122223333:role/eks/own";

#[test]
fn every_role_of_the_stack_has_the_boundary_and_the_path() {
    let boundary = "arn:aws:iam::111122223333:policy/limits";
    let text = with(&format!(
        "iam: {{ permissionsBoundary: \"{boundary}\", path: /a/b/ }}\nkarpenter: {{}}\nalarms: {{}}\nfargate: [{{ name: jobs, tier: nodes, selectors: [{{ namespace: jobs }}] }}]\naddons: [coredns, kube-proxy, eks-pod-identity-agent, aws-ebs-csi-driver, {{ name: aws-efs-csi-driver, role: irsa }}]"
    ))
    .replace("  cidr: 10.40.0.0/16\n", "  cidr: 10.40.0.0/16\n  flowLogs: { destination: cloudWatchLogs }\n");
    let template = build(&text).template;
    let roles: Vec<_> =
        template.resources().filter(|(_, one)| one["Type"] == "AWS::IAM::Role").collect();
    assert!(8 < roles.len(), "{}", roles.len());
    for (id, role) in roles {
        assert_eq!(role["Properties"]["PermissionsBoundary"], boundary, "{id}");
        assert_eq!(role["Properties"]["Path"], "/a/b/", "{id}");
    }
    let plain = build(CLEAN).template;
    assert!(plain.resource("ClusterRole").unwrap()["Properties"]["Path"].is_null());
}

#[test]
fn a_role_has_a_name_or_exists() {
    let text = with(&format!(
        "iam: {{ roles: {{ cluster: {{ name: own-cluster }}, nodes: {{ arn: \"{ROLE}\" }}, awsNode: {{ arn: \"{ROLE}\" }} }} }}"
    ));
    assert_eq!(properties(&text, "ClusterRole")["RoleName"], "own-cluster");
    assert_eq!(properties(&text, "NodeGroupGeneral")["NodeRole"], ROLE);
    let add_on = properties(&text, "AddonVpcCni");
    assert_eq!(add_on["PodIdentityAssociations"][0]["RoleArn"], ROLE);
    assert!(absent(&text, "NodeRole") && absent(&text, "CniRole"));
    assert_eq!(build(&text).template.value["Outputs"]["NodeRoleArn"]["Value"], ROLE);
    let own = format!("iam: {{ roles: {{ cluster: {{ arn: \"{ROLE}\" }} }} }}");
    assert_eq!(properties(&with(&own), "Cluster")["RoleArn"], ROLE);
    assert!(absent(&with(&own), "ClusterRole"));
}

#[test]
fn a_role_of_nodes_is_auto_modes_where_there_are_no_groups() {
    let text = auto(&format!("iam: {{ roles: {{ nodes: {{ arn: \"{ROLE}\" }} }} }}"));
    assert_eq!(properties(&text, "Cluster")["ComputeConfig"]["NodeRoleArn"], ROLE);
    assert!(absent(&text, "AutoNodeRole"));
    let named = auto("iam: { roles: { nodes: { name: nodes } } }");
    assert_eq!(properties(&named, "AutoNodeRole")["RoleName"], "nodes");
}

#[test]
fn a_role_that_nothing_has_is_said() {
    let idle = with("iam: { roles: { awsNode: { name: cni } } }\nawsNode: { role: nodeRole }");
    assert_eq!(rules(&idle), ["IAM-03", "SEC-05"]);
    assert_eq!(apart_from_pools(&auto("iam: { roles: { awsNode: { name: cni } } }")), ["IAM-03"]);
}

#[test]
fn what_a_role_is_called_stays() {
    let before = build(CLEAN);
    for line in [
        "iam: { path: /eks/ }",
        "iam: { permissionsBoundary: \"arn:aws:iam::111122223333:policy/limits\" }",
        "iam: { roles: { nodes: { name: nodes } } }",
    ] {
        let after = build(&with(line));
        let preview = preview::compare(
            &after.intent.stack(),
            &before.template,
            &after.template,
            &after.graph,
        );
        let found: Vec<_> = preview.findings.iter().map(|finding| finding.rule.id).collect();
        assert!(found.contains(&"IAM-04"), "{line}: {found:?}");
    }
}

#[test]
fn a_cluster_does_not_go_back_to_the_config_map() {
    let both = build(&clustered("authenticationMode: apiAndConfigMap"));
    let alone = build(CLEAN);
    let mode = |one: &eksnet::line::Compiled| {
        one.template.resource("Cluster").unwrap()["Properties"]["AccessConfig"]["AuthenticationMode"].clone()
    };
    assert_eq!((mode(&both), mode(&alone)), (json!("API_AND_CONFIG_MAP"), json!("API")));
    let found = |before: &eksnet::line::Compiled, after: &eksnet::line::Compiled| {
        let preview = preview::compare(
            &after.intent.stack(),
            &before.template,
            &after.template,
            &after.graph,
        );
        preview.findings.iter().map(|finding| finding.rule.id).collect::<Vec<_>>()
    };
    assert_eq!(found(&both, &alone), Vec::<&str>::new());
    assert_eq!(found(&alone, &both), ["CLU-26"]);
}

#[test]
fn a_key_of_the_stack_rotates_and_is_for_the_cluster() {
    let text = clustered("secretsKey: create");
    let key = json!({ "Fn::GetAtt": ["SecretsKey", "Arn"] });
    let cluster = properties(&text, "Cluster");
    assert_eq!(cluster["EncryptionConfig"][0]["Provider"]["KeyArn"], key);
    let made = properties(&text, "SecretsKey");
    assert_eq!(
        (&made["EnableKeyRotation"], &made["PendingWindowInDays"]),
        (&json!(true), &json!(30))
    );
    assert!(!made["KeyPolicy"].to_string().contains("kms:*"));
    let role = properties(&text, "ClusterRole");
    assert_eq!(role["Policies"][0]["PolicyDocument"]["Statement"][0]["Resource"], key);
    assert_eq!(build(&text).template.value["Outputs"]["SecretsKeyArn"]["Value"], key);
    // A role that exists has its rights from the key's policy.
    let foreign = text.replace(
        "cluster:\n",
        &format!("iam: {{ roles: {{ cluster: {{ arn: \"{ROLE}\" }} }} }}\ncluster:\n"),
    );
    assert!(properties(&foreign, "SecretsKey")["KeyPolicy"].to_string().contains(ROLE));
    assert!(absent(CLEAN, "SecretsKey"));
}

#[test]
fn logs_are_kept_in_a_group_that_outlives_the_cluster() {
    let text = clustered("logRetentionDays: 90");
    let built = build(&text);
    let group = built.template.resource("ControlPlaneLogGroup").unwrap();
    assert_eq!(group["Properties"]["LogGroupName"], "/aws/eks/shop/cluster");
    assert_eq!(
        (&group["DeletionPolicy"], &group["UpdateReplacePolicy"]),
        (&json!("Retain"), &json!("Retain"))
    );
    let cluster = built.template.resource("Cluster").unwrap();
    assert_eq!(cluster["DependsOn"], json!(["ControlPlaneLogGroup"]));
}

#[test]
fn further_words_of_the_cluster() {
    let text = clustered("oidcProvider: true\n  securityGroups: [sg-0123456789abcdef0]");
    assert_eq!(
        properties(&text, "Cluster")["ResourcesVpcConfig"]["SecurityGroupIds"],
        json!(["sg-0123456789abcdef0"])
    );
    assert_eq!(properties(&text, "OidcProvider")["ClientIdList"], json!(["sts.amazonaws.com"]));
    assert!(absent(CLEAN, "OidcProvider"));
}

#[test]
fn a_service_account_has_a_role_of_the_stack_or_one_that_exists() {
    let policy = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    let text = with(&format!(
        "podIdentities:\n  - {{ namespace: apps, serviceAccount: reports, policies: [\"{policy}\"] }}\n  - {{ namespace: apps, serviceAccount: mails, role: \"{ROLE}\" }}"
    ));
    let own = properties(&text, "PodIdentityReportsInApps");
    assert_eq!(own["RoleArn"], json!({ "Fn::GetAtt": ["PodRoleReportsInApps", "Arn"] }));
    assert_eq!(properties(&text, "PodRoleReportsInApps")["ManagedPolicyArns"], json!([policy]));
    assert_eq!(properties(&text, "PodIdentityMailsInApps")["RoleArn"], ROLE);
    assert!(absent(&text, "PodRoleMailsInApps"));
    let other = text.replace("eu-west-1", "cn-north-1");
    let of_policies = |rule: &&&str| **rule == "POD-01";
    assert_eq!(rules(&other).iter().filter(of_policies).count(), 2);
    // Names that differ in where their words end.
    let alike = "podIdentities: [{ namespace: a-b, serviceAccount: c, policies: [\"arn:aws:iam::aws:policy/X\"] }, { namespace: a, serviceAccount: b-c, policies: [\"arn:aws:iam::aws:policy/X\"] }]";
    assert_eq!(rules(&with(alike)), Vec::<&str>::new());
}

#[test]
fn pods_on_fargate_alone_get_no_role() {
    let text = CLEAN[..CLEAN.find("nodeGroups:").unwrap()].to_string()
        + "fargate: [{ name: system, tier: nodes, selectors: [{ namespace: kube-system }] }]\npodIdentities: [{ namespace: a, serviceAccount: b, policies: [\"arn:aws:iam::aws:policy/X\"] }]\n";
    assert!(rules(&text).contains(&"POD-04"), "{:?}", rules(&text));
    assert!(!rules(&auto("podIdentities: [{ namespace: a, serviceAccount: b, policies: [\"arn:aws:iam::aws:policy/X\"] }]")).contains(&"POD-03"));
}

/// A list that names a policy twice is a warning, and CloudFormation refuses it in a role.
#[test]
fn a_policy_that_is_named_twice_is_attached_once() {
    let policy = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    let text = with(&format!(
        "podIdentities: [{{ namespace: a, serviceAccount: b, policies: [\"{policy}\", \"{policy}\"] }}]"
    ));
    assert_eq!(rules(&text), ["BP-08"]);
    let role = build(&text).template.resource("PodRoleBInA").unwrap()["Properties"].clone();
    assert_eq!(role["ManagedPolicyArns"], json!([policy]));
}

/// Karpenter starts the first node: on Fargate its controller has no role.
#[test]
fn karpenter_on_fargate_alone_gets_no_role() {
    let text = CLEAN[..CLEAN.find("nodeGroups:").unwrap()].to_string()
        + "fargate: [{ name: system, tier: nodes, selectors: [{ namespace: kube-system }] }]\nkarpenter: {}\n";
    let found = findings(&text);
    assert!(
        found.iter().any(|one| one.rule.id == "POD-04" && one.path == "karpenter"),
        "{found:?}"
    );
    // A profile of another namespace leaves it to the nodes.
    let nodes = text.replace("namespace: kube-system", "namespace: jobs")
        + "nodeGroups: [{ name: general, tier: nodes }]\n";
    assert!(!rules(&nodes).contains(&"POD-04"), "{:?}", rules(&nodes));
}

/// A profile takes pods from the nodes, too: by the namespace, and by labels that the chart sets.
#[test]
fn what_a_profile_selects_gets_no_role_by_pod_identity() {
    let profile = |selector: &str| {
        format!("fargate: [{{ name: some, tier: nodes, selectors: [{{ {selector} }}] }}]\n")
    };
    let places = |text: &str| -> Vec<String> {
        let found = findings(&with(text)).into_iter();
        found.filter(|one| one.rule.id == "POD-04").map(|one| one.path).collect()
    };
    let karpenter = |selector: &str, role: &str| {
        places(&format!("{}karpenter: {{ namespace: karpenter{role} }}", profile(selector)))
    };
    assert_eq!(karpenter("namespace: karpenter", ""), ["karpenter"]);
    assert_eq!(karpenter("namespace: \"karp*\"", ""), ["karpenter"]);
    let labelled = "namespace: karpenter, labels: { app.kubernetes.io/name: ";
    assert_eq!(karpenter(&format!("{labelled}karpenter }}"), ""), ["karpenter"]);
    assert_eq!(karpenter(&format!("{labelled}other }}"), ""), [""; 0]);
    assert_eq!(karpenter("namespace: karpenter", ", role: irsa"), [""; 0]);
    let account = |selector: &str| {
        let line =
            format!("podIdentities: [{{ namespace: apps, serviceAccount: a, role: \"{ROLE}\" }}]");
        places(&format!("{}{line}", profile(selector)))
    };
    assert_eq!(account("namespace: apps"), ["podIdentities[0]"]);
    assert_eq!(account("namespace: apps, labels: { run: fargate }"), [""; 0]);
    assert_eq!(account("namespace: jobs"), [""; 0]);
    let addon = |role: &str| {
        let line = format!(
            "addons: [coredns, kube-proxy, eks-pod-identity-agent, {{ name: aws-ebs-csi-driver{role} }}]"
        );
        places(&format!("{}{line}", profile("namespace: kube-system")))
    };
    assert_eq!(addon(""), ["addons[3]"]);
    assert_eq!(addon(", role: irsa"), [""; 0]);
}

/// Where no agent runs the controller's role is the OIDC provider's, and its ARN is told.
#[test]
fn karpenter_on_fargate_has_a_role_by_the_oidc_provider() {
    let text = CLEAN[..CLEAN.find("nodeGroups:").unwrap()].to_string()
        + "addons: [coredns, kube-proxy]\nawsNode: { role: irsa }\nfargate: [{ name: system, tier: nodes, selectors: [{ namespace: karpenter }, { namespace: kube-system }] }]\nkarpenter: { namespace: karpenter, role: irsa }\n";
    let role = properties(&text, "KarpenterControllerRole");
    let trust = role["AssumeRolePolicyDocument"].to_string();
    assert!(trust.contains("system:serviceaccount:karpenter:karpenter"), "{trust}");
    assert!(role["Policies"].to_string().contains("ec2:CreateFleet"), "{role}");
    assert!(absent(&text, "KarpenterIdentity") && !absent(&text, "OidcProvider"));
    let template = build(&text).template;
    let output = &template.value["Outputs"]["KarpenterControllerRoleArn"]["Value"];
    assert_eq!(output, &json!({ "Fn::GetAtt": ["KarpenterControllerRole", "Arn"] }));
    let with_agent = build(&with("karpenter: {}")).template;
    assert!(with_agent.value["Outputs"]["KarpenterControllerRoleArn"].is_null());
    assert_eq!(
        with_agent.value["Outputs"]["KarpenterNodeRole"]["Value"],
        json!({ "Ref": "KarpenterNodeRole" })
    );
    let without = text.replace("cluster:\n", "cluster:\n  oidcProvider: false\n");
    assert!(rules(&without).contains(&"CLU-25"), "{:?}", rules(&without));
}

/// Entries of nodes are judged without a person's entry beside them, and names have letters.
#[test]
fn every_access_entry_is_judged() {
    let entries = |text: &str| {
        let line = CLEAN.lines().find(|line| line.starts_with("  access:")).unwrap();
        let found = findings(&CLEAN.replace(line, &format!("  access: [{text}]")));
        found.iter().map(|one| format!("{} {}", one.rule.id, one.path)).collect::<Vec<_>>()
    };
    assert_eq!(
        entries("{ principal: nodes, type: ec2Linux }"),
        ["CLU-21 cluster", "ACC-01 cluster.access[0].principal"]
    );
    let role = "principal: \"arn:aws:iam::111122223333:role/ops\", policy: AmazonEKSViewPolicy";
    assert_eq!(
        entries(&format!("{{ {role}, username: \"\" }}")),
        ["ACC-01 cluster.access[0].username"]
    );
    assert_eq!(
        entries(&format!("{{ {role}, kubernetesGroups: [viewers, \" \"] }}")),
        ["ACC-01 cluster.access[0].kubernetesGroups[1]"]
    );
}

/// A name for a role that no group shares goes nowhere.
#[test]
fn a_name_for_a_shared_role_that_no_group_has_is_told() {
    let text = with("iam: { roles: { nodes: { name: workers } } }");
    assert_eq!(rules(&text), Vec::<&str>::new());
    let own = text.replace("name: general, tier: nodes", "name: general, role: own, tier: nodes");
    assert_eq!(rules(&own), ["IAM-03"]);
}

/// Nothing passes the add-on's value to an aws-node that is no add-on.
#[test]
fn windows_support_needs_the_add_on() {
    let alone = with("awsNode: { management: selfManaged, windows: true }");
    let found = findings(&alone);
    assert!(
        found.iter().any(|one| one.rule.id == "WIN-01" && one.path == "awsNode.windows"),
        "{found:?}"
    );
    assert!(!rules(&with("awsNode: { windows: true }")).contains(&"WIN-01"));
}

/// What is missing is told once, and nothing is said of what stands in for it.
#[test]
fn what_stands_in_for_a_missing_name_is_never_told() {
    for (text, wanted) in [
        (
            "addons: [coredns, kube-proxy, eks-pod-identity-agent, { version: v1.0.0-eksbuild.1 }]",
            1,
        ),
        ("podIdentities: [{ policies: [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"] }]", 2),
        ("fargate: [{ tier: nodez, selectors: [{}] }]", 3),
    ] {
        let found = findings(&with(text));
        let said: Vec<_> =
            found.iter().map(|one| format!("{} {:?}", one.message, one.hint)).collect();
        assert_eq!(found.len(), wanted, "{said:?}");
        assert!(
            said.iter().all(|one| !one.contains("stand-in") && !one.contains("`missing`")),
            "{said:?}"
        );
    }
}

/// Words of other tools for what has no key here lead to the patch, or to a stack beside.
#[test]
fn words_for_what_is_rarer_are_answered() {
    for (word, told) in [
        ("ssh", "KeyName"),
        ("enable_efa_support", "InterfaceType: efa"),
        ("placementGroup", "Placement"),
        ("remote_access", "KeyName"),
        ("cloudinit_pre_nodeadm", "nodeConfig"),
        ("disablePodIMDS", "hopLimit: 1"),
    ] {
        let text = CLEAN.replace("name: general,", &format!("name: general, {word}: x,"));
        let found = findings(&text);
        let hint = found[0].hint.as_deref().unwrap_or_default();
        assert_eq!((found[0].rule.id, hint.contains(told)), ("BP-01", true), "{word}: {hint}");
    }
    let found = findings(&with("identityProviders: []"));
    assert!(found[0].hint.as_deref().unwrap_or_default().contains("exports: true"), "{found:?}");
}

/// A name of an endpoint service that has no meaning here, and a name of another Region, are answered with what to do.
#[test]
fn endpoints_that_are_no_services_here_have_a_way_out() {
    for (service, word) in [
        ("vpce-svc-0123456789abcdef0", "name it whole"),
        ("com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789ABCDEF0", "name it whole"),
        ("com.amazonaws.vpce.eu-west-9.vpce-svc-0123456789abcdef0", "name it whole"),
        ("com.amazonaws.vpce.us-gov-east-1.vpce-svc-0123456789abcdef0", "own partition"),
        ("evil.vpce.eu-west-1.vpce-svc-0123456789abcdef0", "name it whole"),
        ("com.amazonaws.us-east-1.s3", "name it `s3`"),
        ("com.amazonaws.us-east-1.ecr.api", "name it `ecr.api`"),
    ] {
        let found = findings(&with(&format!("endpoints: [{service}]")));
        let told = |one: &&eksnet::diagnostic::Diagnostic| {
            one.rule.id == "PE-30" && one.hint.as_deref().is_some_and(|hint| hint.contains(word))
        };
        assert!(found.iter().any(|one| told(&one)), "{service}: {found:?}");
    }
}

/// Another account's service is said by its whole name: without private DNS, which only its owner can give a name, and without a policy.
#[test]
fn a_service_of_another_account_has_an_endpoint() {
    let name = |region: &str| format!("com.amazonaws.vpce.{region}.vpce-svc-0123456789abcdef0");
    let text =
        with(&format!("endpoints: {{ include: [\"{}\"], policy: ownAccount }}", name("eu-west-1")));
    let id = "EndpointVpceSvc0123456789abcdef0";
    let endpoint = properties(&text, id);
    assert_eq!(
        (&endpoint["ServiceName"], &endpoint["PrivateDnsEnabled"], &endpoint["VpcEndpointType"]),
        (&json!(name("eu-west-1")), &json!(false), &json!("Interface"))
    );
    assert_eq!(
        (&endpoint["ServiceRegion"], &endpoint["PolicyDocument"]),
        (&Value::Null, &Value::Null)
    );
    let template = build(&text).template;
    assert_eq!(template.value["Outputs"][id]["Value"], json!({ "Ref": id }));
    assert_eq!(
        template.resource("EndpointEcrApi").unwrap()["Properties"]["PrivateDnsEnabled"],
        true
    );
    let waits = template.resource("NodeGroupGeneral").unwrap()["DependsOn"].to_string();
    assert!(waits.contains("EndpointEcrApi") && !waits.contains(id), "{waits}");
    let far = with(&format!("endpoints: [{}]", name("us-east-1")));
    assert_eq!(properties(&far, id)["ServiceRegion"], "us-east-1");
    // Callers that its group keeps out have other names to call.
    let narrow = with(&format!(
        "endpoints: {{ include: [\"{}\"], ingress: [10.99.0.0/16] }}",
        name("eu-west-1")
    ));
    assert!(rules(&narrow).contains(&"PE-23"), "AWS's own names lead to the endpoints");
}

/// A list that is whole has a tier, a policy and callers as a derived one has.
#[test]
fn a_whole_list_of_endpoints_is_placed() {
    let plain = build(&with("endpoints: [s3, ecr.api, s3]")).template;
    assert_eq!(plain.value, build(&with("endpoints: { only: [s3, ecr.api] }")).template.value);
    let text = with(
        "endpoints: { only: [s3, ecr.api], tier: public, policy: ownAccount, ingress: [vpc, 192.168.0.0/16] }",
    );
    let endpoint = properties(&text, "EndpointEcrApi");
    assert_eq!(endpoint["SubnetIds"][0], json!({ "Ref": "SubnetPublicEuw1Az1" }));
    assert!(endpoint["PolicyDocument"].is_object() && absent(&text, "EndpointSts"));
    let group = properties(&text, "EndpointSecurityGroup").to_string();
    assert!(group.contains("192.168.0.0/16"), "{group}");
    let found = findings(&with("endpoints: { only: [s4] }"));
    assert_eq!((found[0].rule.id, found[0].path.as_str()), ("PE-30", "endpoints.only[0]"));
}

/// Route 53 has one endpoint service for all Regions, in one of them.
#[test]
fn a_service_without_a_region_has_its_endpoint() {
    for written in ["route53", "com.amazonaws.route53"] {
        let text = with(&format!("endpoints: [{written}]"));
        assert_eq!(rules(&text), [""; 0], "{written}");
        let endpoint = properties(&text, "EndpointRoute53");
        assert_eq!(
            (&endpoint["ServiceName"], &endpoint["ServiceRegion"]),
            (&json!("com.amazonaws.route53"), &json!("us-east-1"))
        );
        let rights = iam::deploy(&build(&text).intent, &build(&text).template, None);
        assert!(rights.contains("vpce:AllowMultiRegion"), "{written}");
        let home = text.replace("region: eu-west-1", "region: us-east-1");
        let home = home.replace("euw1", "use1");
        assert_eq!(properties(&home, "EndpointRoute53")["ServiceRegion"], Value::Null);
    }
}

#[test]
fn karpenter_finds_what_it_needs() {
    let text = with("karpenter: { namespace: karpenter }");
    let association = properties(&text, "KarpenterIdentity");
    assert_eq!(
        (&association["Namespace"], &association["ServiceAccount"]),
        (&json!("karpenter"), &json!("karpenter"))
    );
    assert_eq!(properties(&text, "KarpenterQueue")["QueueName"], "shop");
    assert_eq!(properties(&text, "AccessKarpenterNodes")["Type"], "EC2_LINUX");
    assert!(
        properties(&text, "SubnetNodesEuw1Az1")["Tags"]
            .to_string()
            .contains("karpenter.sh/discovery")
    );
    assert!(!properties(&text, "SubnetPublicEuw1Az1")["Tags"].to_string().contains("karpenter"));
    let controller = properties(&text, "KarpenterControllerRole");
    assert!(controller["Policies"].to_string().len() < 10_240, "IAM's bound of inline policies");
    let template = build(&text).template;
    let rules_of_events =
        template.resources().filter(|(_, one)| one["Type"] == "AWS::Events::Rule");
    assert_eq!(rules_of_events.count(), 5);
    assert_eq!(apart_from_pools(&auto("karpenter: {}")), ["KAR-02"]);
}

#[test]
fn tags_speak_of_the_blueprint_and_of_zones() {
    let text = CLEAN
        .replace("  region: eu-west-1\n", "  region: eu-west-1\n  tags: { owner: \"of-${name}\" }\n")
        .replace("serves: [nodes] }", "serves: [nodes], tags: { \"karpenter.sh/discovery\": \"${cluster}\", place: \"${cluster}-${zone}\" } }")
        .replace("securityGroups: {", "securityGroups: { tags: { team: \"${cluster}\" }, mode: leastPrivilege,");
    let subnet = properties(&text, "SubnetNodesEuw1Az1")["Tags"].to_string();
    assert!(subnet.contains("\"of-shop\"") && subnet.contains("\"shop-euw1-az1\""), "{subnet}");
    let group = properties(&text, "NodeSecurityGroup")["Tags"].to_string();
    assert!(group.contains("{\"Key\":\"team\",\"Value\":\"shop\"}"), "{group}");
    let wrong = CLEAN
        .replace("  region: eu-west-1\n", "  region: eu-west-1\n  tags: { owner: \"${zone}\" }\n");
    assert_eq!(rules(&wrong), ["TAG-21"]);
}

#[test]
fn pins_go_by_the_order_of_the_zones() {
    let text = CLEAN.replace("size: /20,", "size: /20, cidrs: [10.40.64.0/20, 10.40.16.0/20],");
    assert_eq!(properties(&text, "SubnetNodesEuw1Az1")["CidrBlock"], "10.40.64.0/20");
    assert_eq!(properties(&text, "SubnetNodesEuw1Az2")["CidrBlock"], "10.40.16.0/20");
}

#[test]
fn public_addresses_and_exports() {
    let text = CLEAN.replace(
        "serves: [externalLoadBalancers] }",
        "serves: [externalLoadBalancers], mapPublicIp: true }",
    );
    assert_eq!(properties(&text, "SubnetPublicEuw1Az1")["MapPublicIpOnLaunch"], true);
    assert_eq!(properties(CLEAN, "SubnetPublicEuw1Az1")["MapPublicIpOnLaunch"], false);
    let nodes = CLEAN.replace(
        "egress: nat, serves: [nodes] }",
        "egress: internet, serves: [nodes], mapPublicIp: false }",
    );
    assert_eq!(rules(&nodes), ["NODE-03", "PUB-02"]);
    let exported = build(&with("exports: true")).template;
    for (name, output) in exported.value["Outputs"].as_object().unwrap() {
        assert_eq!(output["Export"]["Name"], format!("eksnet-shop-{name}"));
    }
    assert!(build(CLEAN).template.value["Outputs"]["VpcId"]["Export"].is_null());
}

#[test]
fn words_of_a_cluster_need_one() {
    let network = CLEAN[..CLEAN.find("cluster:\n").unwrap()]
        .replace("securityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8 }] } }\n", "");
    for line in ["karpenter: {}", "podIdentities: []", "iam: { roles: { cluster: { name: a } } }"] {
        assert_eq!(rules(&format!("{network}{line}\n")), ["CLU-20"], "{line}");
    }
    assert_eq!(
        rules(&format!("{network}iam: {{ path: /eks/ }}\nexports: true\n")),
        Vec::<&str>::new()
    );
}

#[test]
fn a_deployer_may_make_what_the_words_ask_for() {
    let text = with(&format!(
        "iam: {{ path: /eks/, roles: {{ cluster: {{ name: control }}, nodes: {{ arn: \"{ROLE}\" }} }} }}\nkarpenter: {{}}"
    ))
    .replace("cluster:\n", "cluster:\n  secretsKey: create\n  logRetentionDays: 90\n");
    let built = build(&text);
    let policy = iam::deploy(&built.intent, &built.template, None);
    for word in [
        "kms:CreateKey",
        "kms:CreateGrant",
        "sqs:CreateQueue",
        "events:PutRule",
        ":role/eks/control\"",
        "log-group:/aws/eks/shop/cluster",
        ROLE,
        "arn:aws:sqs:eu-west-1:*:shop",
    ] {
        assert!(policy.contains(word), "{word}\n{policy}");
    }
}
