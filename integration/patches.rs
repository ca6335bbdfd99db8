//! Patches of the template: what they do, what they may not do, and how a change of one is shown.

use eksnet::line::{self, Compiled, Request, Stopped};
use eksnet::preview::{self, ChangeKind, Preview};
use eksnet::report::iam;
use serde_json::{Value, json};

use crate::designs::stack;
use crate::support::{CLEAN, build, build_over, document, findings, root, run};

fn with(patches: &str) -> String {
    format!("{CLEAN}patches:\n{patches}")
}

fn rules(text: &str) -> Vec<&'static str> {
    findings(text).iter().map(|finding| finding.rule.id).collect()
}

fn properties<'c>(compiled: &'c Compiled, id: &str) -> &'c Value {
    &compiled.template.resource(id).unwrap()["Properties"]
}

fn between(before: &Compiled, after: &Compiled) -> Preview {
    preview::compare(&after.intent.stack(), &before.template, &after.template, &after.graph)
}

/// Before and after an edit of the patches alone, over the same ledger.
fn edited(before: &str, after: &str) -> (Compiled, Compiled) {
    let old = build(before);
    let new = build_over(after, Some(&old.plan.ledger));
    (old, new)
}

#[test]
fn maps_are_merged_and_lists_and_values_are_replaced() {
    let text = with(
        r#"  - resource: LaunchTemplateGeneral
    set: { LaunchTemplateData: { MetadataOptions: { HttpTokens: optional, InstanceMetadataTags: enabled }, KeyName: ops } }
    remove: [LaunchTemplateData/UserData, LaunchTemplateData/BlockDeviceMappings/0/Ebs/VolumeType]
"#,
    );
    let (plain, patched) = (build(CLEAN), build(&text));
    let of = |compiled| properties(compiled, "LaunchTemplateGeneral")["LaunchTemplateData"].clone();
    let (old, new) = (of(&plain), of(&patched));
    assert_eq!(new["MetadataOptions"]["HttpTokens"], "optional");
    assert_eq!(new["MetadataOptions"]["InstanceMetadataTags"], "enabled");
    let hops = "HttpPutResponseHopLimit";
    assert_eq!(new["MetadataOptions"][hops], old["MetadataOptions"][hops]);
    assert_eq!(new["KeyName"], "ops");
    assert!(old["UserData"].is_object() && new["UserData"].is_null());
    let disk = |data: &Value| data["BlockDeviceMappings"][0]["Ebs"].clone();
    assert!(disk(&old)["VolumeType"].is_string() && disk(&new)["VolumeType"].is_null());
    assert_eq!(disk(&old)["VolumeSize"], disk(&new)["VolumeSize"]);
    assert_eq!(new["TagSpecifications"], old["TagSpecifications"]);
}

#[test]
fn a_type_means_each_of_its_resources_and_the_last_patch_counts() {
    let text = with(
        "  - { type: AWS::EC2::RouteTable, set: { Tags: [] } }\n\
         \x20 - { type: AWS::IAM::Role, set: { MaxSessionDuration: 7200 } }\n\
         \x20 - { resource: NodeRole, set: { MaxSessionDuration: 3600 } }\n",
    );
    assert_eq!(rules(&text), ["PAT-05"], "the tags of route tables are eksnet's");
    let patched =
        build(&text.replace("  - { type: AWS::EC2::RouteTable, set: { Tags: [] } }\n", ""));
    let roles = patched.template.resources().filter(|(_, one)| one["Type"] == "AWS::IAM::Role");
    for (id, role) in roles {
        let wanted = if id == "NodeRole" { 3600 } else { 7200 };
        assert_eq!(role["Properties"]["MaxSessionDuration"], wanted, "{id}");
    }
}

#[test]
fn a_patch_touches_nothing_beside_its_properties() {
    let text = with("  - { resource: Cluster, set: { ZonalShiftConfig: { Enabled: true } } }\n");
    let (plain, mut patched) = (build(CLEAN), build(&text));
    let cluster = &mut patched.template.value["Resources"]["Cluster"]["Properties"];
    let set = cluster.as_object_mut().unwrap().remove("ZonalShiftConfig");
    assert_eq!(set, Some(json!({ "Enabled": true })));
    assert_eq!(patched.template, plain.template);
    assert_eq!(patched.plan.ledger, plain.plan.ledger);
}

#[test]
fn rendered_again_it_is_the_same_and_over_its_own_stack_nothing_changes() {
    let text = std::fs::read_to_string(root().join("blueprints/patches.yaml")).unwrap();
    let first = build(&text);
    let again = build_over(&text, Some(&first.plan.ledger));
    assert_eq!(first.template.to_json(), again.template.to_json());
    let observed = eksnet::observed::Observed::template(first.template.clone());
    let ledger = first.plan.ledger.clone();
    let request = Request { observed, ledger, ..Request::new(document(&text)) };
    let over = line::compile(request).unwrap();
    assert_eq!(over.template.to_json(), first.template.to_json());
    assert!(between(&first, &over).is_empty());
}

#[test]
fn the_preview_names_the_line_of_the_patch() {
    let text = with(
        "  - { resource: Cluster, set: { ZonalShiftConfig: { Enabled: true } } }\n\
         \x20 - { resource: LaunchTemplateGeneral, set: { LaunchTemplateData: { KeyName: ops } } }\n",
    );
    let (before, after) = edited(CLEAN, &text);
    let preview = between(&before, &after);
    let place = |id: &str| preview.change(id).unwrap().path.clone();
    assert_eq!(place("Cluster"), "patches[0].set.ZonalShiftConfig.Enabled");
    assert_eq!(place("LaunchTemplateGeneral"), "patches[1].set.LaunchTemplateData.KeyName");
    let line = after.place(&place("Cluster")).unwrap();
    let line: usize = line.rsplit(':').next().unwrap().parse().unwrap();
    assert!(text.lines().nth(line - 1).unwrap().contains("ZonalShiftConfig"));
    // What follows from it is the launch template's.
    let group = preview.change("NodeGroupGeneral").unwrap();
    assert_eq!(group.because[0].cause.as_deref(), Some("LaunchTemplateGeneral"));
    let nested =
        with("  - { type: AWS::EC2::LaunchTemplate, remove: [LaunchTemplateData/UserData] }\n");
    let (before, after) = edited(CLEAN, &nested);
    let removed = between(&before, &after);
    assert_eq!(removed.change("LaunchTemplateGeneral").unwrap().path, "patches[0].remove[0]");
}

#[test]
fn diff_shows_the_patch_as_the_cause() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        with("  - { type: AWS::EKS::Cluster, set: { ZonalShiftConfig: { Enabled: true } } }\n");
    std::fs::write(folder.path().join("old.yaml"), CLEAN).unwrap();
    std::fs::write(folder.path().join("new.yaml"), text).unwrap();
    let done =
        run(folder.path(), &["diff", "new.yaml", "--against", "old.yaml", "-o", "json"], &[]);
    assert_eq!(done.code, 0, "{}", done.err);
    let json = done.json();
    let changes = json["changes"].as_array().unwrap();
    let cluster = changes.iter().find(|change| change["logicalId"] == "Cluster").unwrap();
    assert_eq!(cluster["action"], "Modify");
    assert_eq!(cluster["because"][0]["property"], "ZonalShiftConfig");
    assert!(cluster.to_string().contains("patches[0]"), "{cluster:#}");
}

/// (patch, the rule that refuses it, a word of its message or hint)
const REFUSED: &[(&str, &str, &str)] = &[
    ("{ resource: Vpc, set: { CidrBlock: 10.0.0.0/16 } }", "PAT-05", "range"),
    ("{ type: AWS::EC2::Subnet, set: { AvailabilityZone: eu-west-1a } }", "PAT-05", "place"),
    ("{ type: AWS::EC2::Subnet, set: { AssignIpv6AddressOnCreation: true } }", "PAT-05", "place"),
    ("{ type: AWS::EC2::Subnet, set: { Ipv6CidrBlock: \"2001:db8::/64\" } }", "PAT-05", "place"),
    (
        "{ type: AWS::EC2::SubnetRouteTableAssociation, set: { RouteTableId: rtb-1 } }",
        "PAT-05",
        "route table",
    ),
    ("{ type: AWS::EC2::VPCGatewayAttachment, remove: [InternetGatewayId] }", "PAT-05", "gateway"),
    (
        "{ resource: Cluster, set: { ResourcesVpcConfig: { SubnetIds: [subnet-0123456789abcdef0] } } }",
        "PAT-05",
        "control plane",
    ),
    (
        "{ resource: NodeGroupGeneral, set: { Subnets: [subnet-0123456789abcdef0] } }",
        "PAT-05",
        "tier",
    ),
    ("{ type: AWS::EC2::NatGateway, remove: [SubnetId] }", "PAT-05", "place"),
    ("{ resource: Cluster, set: { Name: other } }", "PAT-05", "what identifies it"),
    ("{ resource: NodeRole, set: { RoleName: other } }", "PAT-05", "what identifies it"),
    (
        "{ resource: NodeGroupGeneral, set: { NodegroupName: other } }",
        "PAT-05",
        "what identifies it",
    ),
    ("{ resource: Vpc, remove: [Tags] }", "PAT-05", "tag `Name`"),
    ("{ resource: Vpc, set: { Tags: [{ Key: Name, Value: other }] } }", "PAT-05", "tag `Name`"),
    (
        "{ resource: LaunchTemplateGeneral, set: { LaunchTemplateData: { TagSpecifications: [] } } }",
        "PAT-05",
        "tag `Name`",
    ),
    ("{ resource: Cluster, set: { Endpoint: x } }", "PAT-03", "itself"),
    ("{ resource: Cluster, set: { ZonalShiftConfig: { Enable: true } } }", "PAT-03", "`Enabled`"),
    ("{ resource: Cluster, remove: [ZonalShiftConfg] }", "PAT-03", "`ZonalShiftConfig`"),
    ("{ resource: Cluster, set: { ZonalShiftConfig: true } }", "PAT-04", "a mapping"),
    ("{ resource: Cluster, set: { ZonalShiftConfig: { Enabled: maybe } } }", "PAT-04", "true or"),
    ("{ resource: Cluster, set: { ZonalShiftConfig: ~ } }", "PAT-04", "remove"),
    (
        "{ resource: Cluster, set: { UpgradePolicy: { SupportType: EXTENDD } } }",
        "PAT-04",
        "EXTENDED",
    ),
    ("{ resource: Cluster, remove: [ResourcesVpcConfig] }", "PAT-04", "ResourcesVpcConfig"),
    (
        "{ resource: FlowLog, set: { MaxAggregationInterval: 60 } }",
        "PAT-02",
        "no resource `FlowLog`",
    ),
    ("{ type: AWS::EC2::FlowLog, set: { LogFormat: x } }", "PAT-02", "AWS::EC2::FlowLog"),
    ("{ type: AWS::S3::Bucket, set: { BucketName: x } }", "PAT-02", "exports: true"),
    ("{ resource: Cluster, remove: [OutpostConfig] }", "PAT-02", "OutpostConfig"),
    ("{ resource: NodeRole, set: { Description: { Ref: Clustre } } }", "PAT-06", "`Cluster`"),
    ("{ resource: NodeRole, set: { Description: { Fn::GetAtt: Cluster.Ar } } }", "PAT-06", "`Arn`"),
    (
        "{ resource: NodeRole, set: { Description: { Fn::Sub: \"${Vpc.VpcIdd}\" } } }",
        "PAT-06",
        "`VpcId`",
    ),
    (
        "{ resource: NodeRole, set: { Description: { Fn::Sub: [\"${A} ${B}\", { A: x }] } } }",
        "PAT-06",
        "`B`",
    ),
    ("{ resource: NodeRole, set: { Description: { Fn::If: [A, b, c] } } }", "PAT-06", "conditions"),
    ("{ resource: NodeRole, set: { Description: { Ref: NodeRole } } }", "PAT-07", "`NodeRole` → "),
    (
        "{ resource: NodeGroupGeneral, set: { RemoteAccess: { Ec2SshKey: ops } } }",
        "PAT-11",
        "KeyName",
    ),
    (
        "{ resource: LaunchTemplateGeneral, set: { LaunchTemplateData: { IamInstanceProfile: { Name: ops } } } }",
        "PAT-11",
        "iam.roles.nodes",
    ),
    (
        "{ resource: LaunchTemplateGeneral, set: { LaunchTemplateData: { NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: subnet-0123456789abcdef0 }] } } }",
        "PAT-11",
        "SubnetId",
    ),
    (
        "{ resource: ClusterRole, set: { Description: { Fn::GetAtt: Cluster.Arn } } }",
        "PAT-07",
        "`Cluster` → ",
    ),
    ("{ resource: Vpc, set: { EnableDnsSupport: false } }", "PAT-12", "EnableDnsSupport"),
    ("{ type: AWS::EC2::VPC, remove: [EnableDnsHostnames] }", "PAT-12", "EnableDnsHostnames"),
    ("{ resource: AddonVpcCni, set: { ConfigurationValues: \"{}\" } }", "PAT-12", "awsNode"),
    ("{ resource: AddonVpcCni, remove: [PodIdentityAssociations] }", "PAT-12", "awsNode"),
    (
        "{ resource: NodeRole, set: { AssumeRolePolicyDocument: { Statement: [] } } }",
        "PAT-12",
        "Statement",
    ),
    ("{ resource: ClusterRole, set: { ManagedPolicyArns: [] } }", "PAT-12", "repeat"),
    ("{ resource: ClusterRole, remove: [ManagedPolicyArns/0] }", "PAT-12", "repeat"),
    ("{ resource: Cluster, set: { BootstrapSelfManagedAddons: true } }", "PAT-12", "Bootstrap"),
    (
        "{ resource: Cluster, set: { OutpostConfig: { OutpostArns: [a], ControlPlaneInstanceType: m5.large } } }",
        "PAT-12",
        "OutpostConfig",
    ),
    (
        "{ resource: Cluster, set: { KubernetesNetworkConfig: { ServiceIpv4Cidr: 10.9.0.0/16 } } }",
        "PAT-05",
        "services",
    ),
    (
        "{ resource: NodeGroupGeneral, set: { LaunchTemplate: { Version: \"1\" } } }",
        "PAT-12",
        "launch template",
    ),
    (
        r#"{ resource: NodeRole, set: { Description: { "Fn::Join": ["", ["{{resolve", ":ssm:x}}"]] } } }"#,
        "BP-07",
        "secret",
    ),
    (
        r#"{ resource: NodeRole, set: { Description: { "Fn::Sub": ["{{${a}:ssm:x}}", { a: resolve }] } } }"#,
        "BP-07",
        "secret",
    ),
];

/// A start script of 16 KiB is one byte from too long; EC2 counts what it decodes.
#[test]
fn user_data_of_a_patch_has_a_limit() {
    let rules = |value: String| {
        let data = format!("LaunchTemplateData: {{ UserData: {value} }}");
        rules(&with(&format!("  - {{ resource: LaunchTemplateGeneral, set: {{ {data} }} }}\n")))
    };
    let script = |bytes: usize| format!("{{ \"Fn::Base64\": \"{}\" }}", "x".repeat(bytes));
    assert_eq!(rules(script(16_384)), ["PAT-10"]);
    assert_eq!(rules(script(16_385)), ["PAT-10", "NG-34"]);
    assert_eq!(rules(format!("\"{}\"", "eHh4".repeat(5_461))), ["PAT-10"]);
    assert_eq!(rules(format!("\"{}\"", "eHh4".repeat(5_462))), ["PAT-10", "NG-34"]);
}

#[test]
fn what_a_patch_adds_to_a_role_is_accepted() {
    let text = with(
        "  - { resource: NodeRole, set: { Policies: [{ PolicyName: own, PolicyDocument: { Version: \"2012-10-17\", Statement: [] } }] } }\n",
    );
    assert!(rules(&text).is_empty(), "{:?}", findings(&text));
}

#[test]
fn what_a_patch_may_not_do_is_refused_with_the_way_out() {
    for (patch, rule, word) in REFUSED {
        let text = with(&format!("  - {patch}\n"));
        let found = findings(&text);
        let [only] = found.as_slice() else { panic!("{patch}: {found:#?}") };
        let said = format!("{} {}", only.message, only.hint.as_deref().unwrap_or_default());
        assert_eq!((only.rule.id, said.contains(word)), (*rule, true), "{patch}: {said}");
        assert!(only.path.starts_with("patches[0]") && only.is_error(), "{patch}: {}", only.path);
    }
}

#[test]
fn groups_are_on_the_interfaces_or_on_the_instance() {
    let with_groups = |tail: &str| {
        let group = CLEAN.replace(
            "tier: nodes, instanceTypes",
            "tier: nodes, securityGroups: [sg-0123456789abcdef0], instanceTypes",
        );
        let patch = "set: { LaunchTemplateData: { NetworkInterfaces: [{ DeviceIndex: 0 }] } }";
        format!("{group}patches: [{{ resource: LaunchTemplateGeneral, {patch}{tail} }}]\n")
    };
    assert_eq!(rules(&with_groups("")), ["PAT-11"]);
    let removed = rules(&with_groups(", remove: [LaunchTemplateData/SecurityGroupIds]"));
    assert!(!removed.contains(&"PAT-11"), "{removed:?}");
}

#[test]
fn references_that_lead_somewhere_are_accepted() {
    for value in [
        "{ Ref: \"AWS::StackName\" }",
        "{ Fn::GetAtt: Vpc.VpcId }",
        "{ Fn::GetAtt: [Vpc, VpcId] }",
        "{ Fn::Sub: \"${AWS::Region} ${Vpc} ${Vpc.VpcId} ${!Literal}\" }",
        "{ Fn::Sub: [\"${A} ${Vpc}\", { A: { Fn::ImportValue: shared-a } }] }",
        "{ Fn::Join: [\"-\", [a, { Ref: Vpc }]] }",
    ] {
        let text =
            with(&format!("  - {{ resource: NodeRole, set: {{ Description: {value} }} }}\n"));
        assert_eq!(rules(&text), Vec::<&str>::new(), "{value}");
        let built = build(&text);
        let sent = &properties(&built, "NodeRole")["Description"];
        // CloudFormation reads the short form of an attribute in YAML only.
        assert!(!sent["Fn::GetAtt"].is_string(), "{sent}");
    }
}

#[test]
fn a_refused_patch_hides_no_other() {
    let text = with(
        "  - { resource: Vpcc, set: { InstanceTenancy: dedicated } }\n\
         \x20 - { resource: Cluster, set: { ZonalShiftConfig: { Enabled: true } } }\n\
         \x20 - { resource: Cluster, set: { ZonalShift: { Enabled: true } } }\n",
    );
    assert_eq!(rules(&text), ["PAT-02", "PAT-03"]);
}

#[test]
fn what_this_version_does_not_know_is_a_warning_where_it_is_meant() {
    let patch =
        "  - { resource: Cluster, unchecked: true, set: { Tomorrow: { Enabled: true } } }\n";
    let text = with(patch);
    assert_eq!(rules(&text), ["PAT-09"]);
    assert_eq!(properties(&build(&text), "Cluster")["Tomorrow"]["Enabled"], true);
    assert_eq!(rules(&text.replace(" unchecked: true,", "")), ["PAT-03"]);
    // Only what is not known: addresses stay guarded, and values keep their types.
    assert_eq!(rules(&text.replace("Tomorrow: { Enabled: true }", "Name: x")), ["PAT-05"]);
    assert_eq!(rules(&text.replace("Tomorrow: { Enabled: true }", "Logging: x")), ["PAT-04"]);
}

#[test]
fn a_property_with_a_word_gets_a_note() {
    for (patch, word) in [
        (
            "{ type: AWS::EKS::Nodegroup, set: { UpdateConfig: { MaxUnavailable: 2 } } }",
            "nodeGroups[0].update",
        ),
        (
            "{ type: AWS::EKS::Nodegroup, set: { NodeRepairConfig: { Enabled: true } } }",
            "nodeGroups[0].autoRepair",
        ),
        (
            "{ type: AWS::EKS::Nodegroup, set: { ForceUpdateEnabled: true } }",
            "nodeGroups[0].update.force",
        ),
        (
            "{ resource: SubnetPublicEuw1Az1, set: { MapPublicIpOnLaunch: true } }",
            "tiers[0].mapPublicIp",
        ),
        ("{ resource: Cluster, set: { DeletionProtection: false } }", "cluster.deletionProtection"),
        (
            "{ resource: NodeRole, set: { PermissionsBoundary: \"arn:aws:iam::111122223333:policy/b\" } }",
            "iam.permissionsBoundary",
        ),
        (
            "{ resource: LaunchTemplateGeneral, set: { LaunchTemplateData: { Monitoring: { Enabled: true } } } }",
            "nodeGroups[0].detailedMonitoring",
        ),
    ] {
        let found = findings(&with(&format!("  - {patch}\n")));
        let [only] = found.as_slice() else { panic!("{patch}: {found:#?}") };
        assert_eq!(only.rule.id, "PAT-10");
        assert!(
            !only.is_error() && only.message.contains(&format!("`{word}`")),
            "{}",
            only.message
        );
    }
}

/// No key gives these another value, so none is named.
#[test]
fn a_patch_without_a_word_is_led_to_none() {
    for patch in [
        "{ type: AWS::EC2::LaunchTemplate, set: { LaunchTemplateData: { MetadataOptions: { HttpTokens: optional } } } }",
        "{ type: AWS::EC2::LaunchTemplate, set: { LaunchTemplateData: { MetadataOptions: { InstanceMetadataTags: enabled } } } }",
        "{ type: AWS::EC2::Subnet, set: { EnableDns64: false } }",
    ] {
        assert!(rules(&with(&format!("  - {patch}\n"))).is_empty(), "{patch}");
    }
}

/// Each side is legal; a VPC, a CIDR, a subnet or a cluster that exists is not recreated for a patch.
#[test]
fn a_patch_replaces_nothing_that_holds_addresses() {
    for patch in [
        "{ resource: Vpc, set: { InstanceTenancy: dedicated } }",
        "{ resource: Cluster, set: { RoleArn: \"arn:aws:iam::111122223333:role/other\" } }",
    ] {
        let (before, after) = edited(CLEAN, &with(&format!("  - {patch}\n")));
        let preview = between(&before, &after);
        let errors = preview.findings.iter().filter(|one| one.is_error());
        let errors: Vec<_> = errors.map(|one| (one.rule.id, one.path.clone())).collect();
        // What an exchanged VPC brings along is said beside it.
        let own: Vec<_> = errors.iter().filter(|(rule, _)| *rule == "PAT-08").collect();
        assert!(
            matches!(own.as_slice(), [(_, path)] if path.starts_with("patches[0].set.")),
            "{patch}: {errors:?}"
        );
        assert!(errors.iter().all(|(rule, _)| *rule != "CLU-10"), "{patch}: {errors:?}");
        let new = preview::compare(
            "x",
            &eksnet::template::Template::nothing(),
            &after.template,
            &after.graph,
        );
        assert!(new.findings.iter().all(|one| !one.is_error()), "{patch}: of a new stack");
    }
}

/// `check` knows what exists by the lock, which keeps what was patched from the start.
#[test]
fn check_refuses_by_the_lock_what_a_patch_would_recreate() {
    let folder = tempfile::tempdir().unwrap();
    let write = |text: &str| std::fs::write(folder.path().join("shop.yaml"), text).unwrap();
    let eksnet = |arguments: &[&str]| run(folder.path(), arguments, &[]);
    let patch = "  - { resource: Vpc, set: { InstanceTenancy: dedicated } }\n";
    let harmless = "  - { resource: Cluster, set: { ZonalShiftConfig: { Enabled: true } } }\n";
    write(&with(patch));
    assert_eq!(eksnet(&["check", "shop.yaml"]).code, 0, "nothing exists yet");
    write(CLEAN);
    assert_eq!(eksnet(&["layout", "shop.yaml", "--write-lock"]).code, 0);
    write(&with(patch));
    let told = eksnet(&["check", "shop.yaml"]);
    assert_eq!(told.code, 1);
    assert!(
        told.out.contains("error[PAT-08]") && told.out.contains("delete the lock"),
        "{}",
        told.out
    );
    assert_eq!(eksnet(&["layout", "shop.yaml", "--write-lock"]).code, 0);
    assert_eq!(
        eksnet(&["check", "shop.yaml"]).code,
        1,
        "a lock that is written anew learns nothing"
    );
    write(&with(harmless));
    assert_eq!(eksnet(&["check", "shop.yaml"]).code, 0);
    std::fs::remove_file(folder.path().join("shop.lock.yaml")).unwrap();
    write(&with(patch));
    assert_eq!(eksnet(&["layout", "shop.yaml", "--write-lock"]).code, 0);
    let lock = std::fs::read_to_string(folder.path().join("shop.lock.yaml")).unwrap();
    assert!(lock.contains("Vpc/InstanceTenancy"), "{lock}");
    assert_eq!(eksnet(&["check", "shop.yaml"]).code, 0, "it is there from the start");
    assert_eq!(eksnet(&["layout", "shop.yaml", "--locked"]).code, 0);
    write(&with(&patch.replace("dedicated", "host")));
    assert_eq!(eksnet(&["check", "shop.yaml"]).code, 1);
}

#[test]
fn other_replacements_are_shown_and_not_refused() {
    let text = with("  - { resource: NodeGroupGeneral, set: { CapacityType: SPOT } }\n");
    let (before, after) = edited(CLEAN, &text);
    let preview = between(&before, &after);
    let group = preview.change("NodeGroupGeneral").unwrap();
    assert_eq!(group.change_kind(), ChangeKind::Replace);
    assert!(group.path.starts_with("patches[0]"));
    assert!(preview.findings.iter().all(|one| one.rule.id != "PAT-08"));
}

#[test]
fn the_rights_of_patched_properties_are_printed() {
    let allows = |compiled: &Compiled, action: &str| {
        iam::deploy(&compiled.intent, &compiled.template, None).contains(action)
    };
    let plain = build(CLEAN);
    for (patch, action) in [
        ("{ resource: Vpc, set: { InstanceTenancy: dedicated } }", "ec2:ModifyVpcTenancy"),
        ("{ resource: NodeRole, set: { Description: nodes } }", "iam:UpdateRole"),
    ] {
        let patched = build(&with(&format!("  - {patch}\n")));
        assert!(!allows(&plain, action) && allows(&patched, action), "{action}");
    }
}

#[test]
fn what_hangs_on_an_address_that_is_not_known_waits_with_its_patch() {
    let pool = "cidr: { ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 }";
    let text = with(
        "  - { resource: Vpc, set: { InstanceTenancy: dedicated } }\n\
         \x20 - { resource: Cluster, set: { ZonalShiftConfig: { Enabled: true } } }\n",
    );
    let compiled = build(&text.replace("cidr: 10.40.0.0/16", pool));
    let first = compiled.addresses_first().unwrap().unwrap();
    assert_eq!(first.resource("Vpc").unwrap()["Properties"]["InstanceTenancy"], "dedicated");
    assert!(first.resource("Cluster").is_none());
}

/// A path of `remove` that is written otherwise than a property's is answered with the one that is meant.
#[test]
fn a_path_that_is_written_otherwise_is_answered() {
    for (path, word) in [
        ("/InstanceTenancy", "name it `InstanceTenancy`"),
        ("Properties/InstanceTenancy", "name it `InstanceTenancy`"),
        ("/Properties/Tags/0", "name it `Tags/0`"),
        ("Tags/-", "by its number"),
        ("InstanceTenancy/", "no properties of its own"),
    ] {
        let found = findings(&with(&format!("  - {{ resource: Vpc, remove: [{path}] }}\n")));
        let hint = found[0].hint.as_deref().unwrap_or_default();
        assert_eq!((found[0].rule.id, hint.contains(word)), ("PAT-03", true), "{path}: {hint}");
    }
}

fn blocks_of_the_page(first: &str) -> Vec<String> {
    let page = std::fs::read_to_string(root().join("docs/how-to/patches.md")).unwrap();
    let blocks = page.split("```yaml\n").skip(1).map(|block| block.split("```").next().unwrap());
    blocks.filter(|block| block.starts_with(first)).map(str::to_string).collect()
}

/// A blueprint that has what the page names.
fn of_the_page() -> String {
    CLEAN
        .replace("name: general", "name: training")
        .replace("vpc:\n", "endpoints: [s3, ecr.api, com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0]\nvpc:\n  flowLogs: { destination: cloudWatchLogs }\n  keepFree: [10.40.192.0/19]\n")
}

#[test]
fn the_patches_of_the_documentation_are_accepted() {
    let patches = blocks_of_the_page("patches:");
    assert!(6 <= patches.len());
    for block in patches {
        assert_eq!(rules(&format!("{}{block}", of_the_page())), Vec::<&str>::new(), "{block}");
    }
}

/// What a patch cannot do is a stack beside: each on the page is whole, and imports what the blueprint exports.
#[test]
fn the_stacks_of_the_documentation_stand_beside_the_blueprint() {
    let stacks = blocks_of_the_page("Resources:");
    assert!(3 <= stacks.len());
    let built = build(&format!("{}exports: true\n", of_the_page()));
    let mut exported = stack::exports(&built.template);
    let beside: Vec<_> = stacks.iter().map(|text| stack::read(text)).collect();
    exported.extend(beside.iter().flat_map(stack::exports));
    let patches = blocks_of_the_page("patches:");
    let patched = patches.iter().map(|text| stack::read(&format!("Resources: {{}}\n{text}")));
    for one in beside.iter().cloned().chain(patched) {
        let strange: Vec<_> = stack::imports(&one.value).difference(&exported).cloned().collect();
        assert!(strange.is_empty(), "{strange:?}");
    }
    stack::lint(&stacks);
}

/// The graph's gates see what is deployed.
#[test]
fn a_template_that_patches_make_too_long_is_refused() {
    let text = "x".repeat(1_000_000);
    let patch = format!(
        "  - {{ type: AWS::EC2::LaunchTemplate, set: {{ LaunchTemplateData: {{ UserData: {text} }} }} }}\n"
    );
    let request = Request::new(document(&with(&patch)));
    let Err(Stopped::Findings(_, found)) = line::compile(request) else {
        panic!("a megabyte is accepted")
    };
    assert!(found.iter().any(|one| one.rule.id == "CFN-02"), "{found:?}");
}

/// What is wrong with a patch is said beside other errors, unless it may only follow from them.
#[test]
fn a_patch_is_judged_beside_other_errors() {
    let patch = "patches:\n  - { resource: VPC, set: { InstanceTenancy: dedicated } }\n  - { type: AWS::EKS::Cluster, set: { ZonalShift: { Enabled: true } } }\n";
    let ids = |text: &str| {
        let mut ids = rules(&format!("{text}{patch}"));
        ids.sort();
        ids
    };
    let group = |more: &str| CLEAN.replace("tier: nodes,", &format!("tier: nodes, {more},"));
    assert_eq!(ids(&group("labels: { a: \"\" }")), ["NG-11", "PAT-02", "PAT-03"]);
    assert_eq!(ids(&group("maxPods: 2")), ["NG-28", "PAT-02", "PAT-03"]);
    assert_eq!(
        ids(&CLEAN.replace("cluster:\n", "cluster:\n  logRetentionDays: 100\n")),
        ["CLU-24", "PAT-02", "PAT-03"]
    );
    // Only the plan shows that nodes do not fit.
    let full = CLEAN
        .replace("size: /20, egress: nat", "size: /26, egress: nat")
        .replace("tier: nodes,", "tier: nodes, scaling: { desired: 200, max: 200 },");
    assert_eq!(ids(&full), ["CAP-02", "PAT-02", "PAT-03"]);
    // Another name is another resource, and other zones are other subnets.
    assert_eq!(ids(&CLEAN.replace("name: general", "name: General")), ["NG-01", "PAT-03"]);
    assert_eq!(ids(&CLEAN.replace("zones: 2", "zones: [euw1-az1, eu-west-1b]")), ["ZON-04"]);
}
