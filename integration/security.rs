//! Security groups, network ACLs and alarms: what is let through, computed from the rendered template.

use eksnet::blueprint::model::Use;
use eksnet::graph::subnet_id;
use eksnet::render::reach::{self, Api};
use eksnet::template::Template;
use serde_json::Value;

use eksnet::line::Compiled;

use crate::support::{CLEAN, blueprints, build, findings, root};

fn least() -> String {
    std::fs::read_to_string(root().join("blueprints/least-privilege.yaml")).unwrap()
}

fn rules_of(text: &str) -> Vec<&'static str> {
    findings(text).iter().map(|finding| finding.rule.id).collect()
}

fn of_type<'t>(
    template: &'t Template,
    kind: &'static str,
) -> impl Iterator<Item = (&'t String, &'t Value)> {
    template
        .resources()
        .filter(move |(_, resource)| resource["Type"] == kind)
        .map(|(id, resource)| (id, &resource["Properties"]))
}

#[test]
fn nodes_and_pods_of_every_blueprint_reach_the_api_where_it_says_so() {
    for (name, path) in blueprints() {
        let built = build(&std::fs::read_to_string(path).unwrap());
        let Some(cluster) = &built.intent.cluster else {
            continue;
        };
        for subnet in &built.plan.subnets {
            let tier = built.intent.tier(&subnet.tier).unwrap();
            // Of what others made the template says nothing.
            let others = tier.existing.is_some() || cluster.existing.is_some();
            if others || !tier.serves(Use::Nodes) && !tier.serves(Use::Pods) {
                continue;
            }
            let api = reach::api(&reach::Reach::of(&built.template), &subnet_id(subnet)).unwrap();
            match cluster.endpoint.private {
                true => assert_eq!(api, Api::Inside, "{name}: {}", subnet.tier),
                false => assert!(matches!(api, Api::Public(_)), "{name}: {}: {api:?}", subnet.tier),
            }
        }
    }
}

/// The same computation sees a group that was forgotten.
#[test]
fn a_node_group_that_the_control_plane_does_not_let_in_is_told() {
    let mut built = build(&least());
    let nodes = built.plan.of_tier("nodes").map(subnet_id).next().unwrap();
    assert!(
        built.template.value["Resources"]
            .as_object_mut()
            .unwrap()
            .remove("ClusterFromNode")
            .is_some()
    );
    assert!(matches!(reach::api(&reach::Reach::of(&built.template), &nodes), Some(Api::Shut(_))));
}

#[test]
fn a_public_endpoint_whose_list_lacks_the_gateways_is_told() {
    let text = CLEAN.replace(
        "private: true, public: false",
        "private: false, public: true, publicCidrs: [203.0.113.0/24, natGateways]",
    );
    let mut built = build(&text);
    let nodes = built.plan.of_tier("nodes").map(subnet_id).next().unwrap();
    assert!(matches!(reach::api(&reach::Reach::of(&built.template), &nodes), Some(Api::Public(_))));
    built.template.value["Resources"]["Cluster"]["Properties"]["ResourcesVpcConfig"]["PublicAccessCidrs"].as_array_mut().unwrap().truncate(1);
    assert!(matches!(reach::api(&reach::Reach::of(&built.template), &nodes), Some(Api::Shut(_))));
}

/// Groups that name each other do so in resources of their own, or CloudFormation finds a circle.
#[test]
fn no_resource_waits_for_itself() {
    fn walk(
        built: &Compiled,
        id: &str,
        path: &mut Vec<String>,
        done: &mut std::collections::BTreeSet<String>,
    ) {
        assert!(!path.contains(&id.to_string()), "a circle: {path:?} → {id}");
        if !done.contains(id) {
            path.push(id.to_string());
            built.graph.needs(id).iter().for_each(|need| walk(built, need, path, done));
            path.pop();
            done.insert(id.to_string());
        }
    }
    for (_, path) in blueprints() {
        let built = build(&std::fs::read_to_string(path).unwrap());
        let mut done = std::collections::BTreeSet::new();
        built.graph.resources.keys().for_each(|id| walk(&built, id, &mut Vec::new(), &mut done));
    }
}

#[test]
fn no_security_group_of_any_blueprint_lets_everybody_in() {
    for (name, path) in blueprints() {
        let template = build(&std::fs::read_to_string(path).unwrap()).template;
        let inside = of_type(&template, "AWS::EC2::SecurityGroup")
            .flat_map(|(_, group)| group["SecurityGroupIngress"].as_array().into_iter().flatten());
        let own = of_type(&template, "AWS::EC2::SecurityGroupIngress").map(|(_, rule)| rule);
        for rule in inside.chain(own) {
            assert!(rule["CidrIp"] != "0.0.0.0/0" && rule["CidrIpv6"] != "::/0", "{name}: {rule}");
        }
    }
}

/// A group without a rule for what leaves would let everything out.
#[test]
fn groups_of_their_own_say_what_leaves() {
    let template = build(&least()).template;
    for (id, group) in of_type(&template, "AWS::EC2::SecurityGroup") {
        let egress = group["SecurityGroupEgress"].as_array().unwrap();
        assert!(
            !egress.is_empty() && egress.iter().all(|rule| rule["IpProtocol"] != "-1"),
            "{id}: {egress:?}"
        );
    }
    let launch = template.resource("LaunchTemplateGeneral").unwrap();
    assert_eq!(
        launch["Properties"]["LaunchTemplateData"]["SecurityGroupIds"][0]["Ref"],
        "NodeSecurityGroup"
    );
    let settings =
        template.resource("AddonVpcCni").unwrap()["Properties"]["ConfigurationValues"]["Fn::Sub"]
            .to_string();
    assert!(settings.contains("${PodSecurityGroup}"), "{settings}");
}

/// An ACL that is not whole yet shuts its subnets off.
#[test]
fn subnets_come_under_their_acl_once_it_is_whole() {
    let template = build(&least()).template;
    for (id, association) in template
        .resources()
        .filter(|(_, resource)| resource["Type"] == "AWS::EC2::SubnetNetworkAclAssociation")
    {
        let acl = association["Properties"]["NetworkAclId"]["Ref"].as_str().unwrap();
        let mut entries: Vec<&str> = of_type(&template, "AWS::EC2::NetworkAclEntry")
            .filter(|(_, entry)| entry["NetworkAclId"]["Ref"] == acl)
            .map(|(id, _)| id.as_str())
            .collect();
        let waits_of = |association: &Value| -> Vec<String> {
            let list = association["DependsOn"].as_array().unwrap().iter();
            list.filter_map(Value::as_str).map(str::to_string).collect()
        };
        // The tier's others wait for its first, which waits for the whole.
        let mut waits = waits_of(association);
        if let [other] = &waits[..]
            && let Some(first) = template.resource(other)
            && first["Type"] == association["Type"]
        {
            assert_eq!(first["Properties"]["NetworkAclId"]["Ref"], acl);
            waits = waits_of(first);
        }
        entries.sort_unstable();
        waits.sort_unstable();
        assert_eq!(entries, waits, "{id}");
        assert!(!entries.is_empty());
    }
}

/// Whether an ACL lets a packet through: the lowest number that matches decides.
fn passes(
    template: &Template,
    acl: &str,
    egress: bool,
    (address, protocol, port): (&str, i64, u64),
) -> bool {
    let address: std::net::IpAddr = address.parse().unwrap();
    let matching = of_type(template, "AWS::EC2::NetworkAclEntry").filter(|(_, entry)| {
        let range: Option<ipnet::IpNet> = entry["CidrBlock"]
            .as_str()
            .or(entry["Ipv6CidrBlock"].as_str())
            .and_then(|range| range.parse().ok());
        let ports = &entry["PortRange"];
        let open = entry["Protocol"] == -1
            || entry["Protocol"] == protocol
                && ports["From"].as_u64().is_none_or(|from| from <= port)
                && ports["To"].as_u64().is_none_or(|to| port <= to);
        entry["NetworkAclId"]["Ref"] == acl
            && entry["Egress"] == egress
            && open
            && range.is_some_and(|range| range.contains(&address))
    });
    let first = matching.min_by_key(|(_, entry)| entry["RuleNumber"].as_u64());
    first.is_some_and(|(_, entry)| entry["RuleAction"] == "allow")
}

#[test]
fn what_is_denied_is_denied_before_everything_else() {
    let acl = |rules: &str| {
        let tier = "size: /24, egress: internet, serves: [externalLoadBalancers]";
        let own = format!("{tier}, networkAcl: {{ {rules} }}");
        CLEAN.replace("zones: 2", "zones: 2\nnetworkAcls: perTier").replace(tier, &own)
    };
    let deny = "ingress: [{ from: 198.51.100.0/24, protocol: all, action: deny }, { from: 0.0.0.0/0, ports: 22, action: deny }, { from: 203.0.113.0/24, ports: 20-25 }], \
                egress: [{ to: 198.51.100.0/24, protocol: all, action: deny }]";
    assert_eq!(rules_of(&acl(deny)), [] as [&str; 0]);
    let (plain, denied) = (build(&acl("")).template, build(&acl(deny)).template);
    let public = "NetworkAclPublic";
    for (egress, packet, before, after) in [
        (false, ("198.51.100.7", 6, 443), true, false),
        (false, ("192.0.2.1", 6, 443), true, true),
        (false, ("203.0.113.9", 6, 22), false, false),
        (false, ("203.0.113.9", 6, 25), false, true),
        (false, ("10.40.1.1", 6, 22), true, false),
        (false, ("10.40.1.1", 6, 443), true, true),
        (true, ("198.51.100.7", 6, 443), true, false),
    ] {
        assert_eq!(passes(&plain, public, egress, packet), before, "{packet:?}");
        assert_eq!(passes(&denied, public, egress, packet), after, "{packet:?}");
    }
    // What there was keeps its number.
    let entries = |template| -> std::collections::BTreeMap<String, Value> {
        let all = of_type(template, "AWS::EC2::NetworkAclEntry");
        all.map(|(id, entry)| (id.to_string(), entry.clone())).collect()
    };
    let after = entries(&denied);
    assert!(entries(&plain).iter().all(|(id, entry)| after.get(id) == Some(entry)));
}

#[test]
fn denials_leave_the_vpc_alone_and_answers_too() {
    let acl = |rule: &str| {
        let own = format!("serves: [nodes], networkAcl: {{ ingress: [{rule}] }} }}");
        CLEAN
            .replace("zones: 2", "zones: 2\nnetworkAcls: perTier")
            .replace("serves: [nodes] }", &own)
    };
    for (rule, found) in [
        ("{ from: 10.40.0.0/16, protocol: all, action: deny }", Some("NACL-06")),
        ("{ from: 10.40.9.0/24, protocol: udp, action: deny }", Some("NACL-06")),
        ("{ from: 0.0.0.0/0, ports: 443, action: deny }", Some("NACL-06")),
        ("{ from: 0.0.0.0/0, ports: 10250, action: deny }", Some("NACL-06")),
        ("{ from: 0.0.0.0/0, protocol: icmp, action: deny }", None),
        ("{ from: 0.0.0.0/0, ports: 0-50, action: deny }", None),
        ("{ from: 198.51.100.0/24, action: deny }", None),
        ("{ from: 198.51.100.0/24, ports: 3306, action: deny }", Some("NACL-07")),
        ("{ from: sg-0123456789abcdef0, ports: 22, action: deny }", Some("NACL-03")),
        (
            "{ from: 198.51.100.0/24, ports: 22, action: deny }, { from: 198.51.100.0/24, ports: 22 }",
            Some("NACL-08"),
        ),
        (
            "{ from: 198.51.100.0/24, ports: 22, action: deny }, { from: 198.51.100.0/24, ports: 22, action: deny }",
            Some("SG-04"),
        ),
        ("{ from: 198.51.100.0/24, ports: 22, action: deny }, { from: 198.51.100.0/24 }", None),
    ] {
        assert_eq!(rules_of(&acl(rule)), found.into_iter().collect::<Vec<_>>(), "{rule}");
    }
}

#[test]
fn network_acls_let_through_what_goes_out_and_its_answers_and_no_more() {
    let template = build(&least()).template;
    let somebody = "192.0.2.1";
    for acl in ["NetworkAclNodes", "NetworkAclPods", "NetworkAclPublic"] {
        assert!(
            passes(&template, acl, true, (somebody, 6, 443))
                && passes(&template, acl, true, (somebody, 17, 123)),
            "{acl} goes out"
        );
        assert!(
            passes(&template, acl, false, (somebody, 6, 1024))
                && passes(&template, acl, false, (somebody, 17, 65535)),
            "{acl} hears answers"
        );
        assert!(
            !passes(&template, acl, false, (somebody, 6, 22))
                && !passes(&template, acl, false, (somebody, 17, 53)),
            "{acl}"
        );
        assert!(
            passes(&template, acl, false, ("10.176.200.1", 17, 53))
                && passes(&template, acl, true, ("100.64.1.1", 6, 22)),
            "{acl} inside the VPC"
        );
    }
    assert!(
        passes(&template, "NetworkAclPublic", false, (somebody, 6, 443)),
        "visitors of load balancers"
    );
    assert!(!passes(&template, "NetworkAclNodes", false, (somebody, 6, 443)));
    assert!(
        passes(&template, "NetworkAclPods", false, ("203.0.113.9", 6, 8080))
            && !passes(&template, "NetworkAclNodes", false, ("203.0.113.9", 6, 443))
    );
    // S3 answers through its gateway endpoint from public addresses.
    assert!(
        passes(&template, "NetworkAclControlPlane", true, (somebody, 6, 443))
            && passes(&template, "NetworkAclControlPlane", false, (somebody, 6, 40_000))
    );
    assert!(
        !passes(&template, "NetworkAclControlPlane", true, (somebody, 6, 80))
            && !passes(&template, "NetworkAclControlPlane", false, (somebody, 17, 40_000))
    );
}

#[test]
fn rules_of_network_acls_are_ranges_and_not_too_many() {
    let with = |rule: &str| {
        least().replace(
            "[{ from: 203.0.113.0/24, ports: 8080, why: partners }] } # beside",
            &format!("[{rule}] }} # beside"),
        )
    };
    assert!(rules_of(&with("{ from: sg-01234567, ports: 8080 }")).contains(&"NACL-03"));
    let many: Vec<String> =
        (0..20).map(|number| format!("{{ from: 10.21.{number}.0/24, ports: 8080 }}")).collect();
    assert_eq!(rules_of(&with(&many.join(", "))), ["NACL-01"]);
    assert_eq!(
        rules_of(&with(&many[..15].join(", "))),
        [] as [&str; 0],
        "20 rules are what a quota allows"
    );
    assert_eq!(rules_of(&with(&many[..16].join(", "))), ["NACL-01"]);
}

#[test]
fn a_group_has_room_for_60_rules() {
    let with = |count: usize| {
        let rules: Vec<String> =
            (0..count).map(|number| format!("{{ from: 10.21.{number}.0/24 }}")).collect();
        rules_of(&CLEAN.replace("[{ from: 10.0.0.0/8 }]", &format!("[{}]", rules.join(", "))))
    };
    assert_eq!(with(60), [] as [&str; 0]);
    assert_eq!(with(61), ["SG-05"]);
}

#[test]
fn pods_with_groups_of_their_own_are_let_in_at_the_dns() {
    let text = CLEAN
        .replace("controlPlane: {", "mode: leastPrivilege, controlPlane: {")
        .replace("nodeGroups:", "awsNode: { securityGroupsForPods: {} }\nnodeGroups:");
    assert_eq!(rules_of(&text), ["SGP-06"]);
    let with = |rules: &str| {
        let nodes = format!("mode: leastPrivilege, nodes: {{ ingress: [{rules}] }},");
        rules_of(&text.replace("mode: leastPrivilege,", &nodes))
    };
    let both = |from: &str| {
        format!("{{ from: {from}, ports: 53, protocol: udp }}, {{ from: {from}, ports: 53 }}")
    };
    assert_eq!(with(&both("10.40.0.0/16")), [] as [&str; 0]);
    assert_eq!(with(&both("sg-0123456789abcdef0")), ["EXT-01"; 2], "a group of another VPC");
    assert_eq!(with("{ from: 10.40.0.0/16, ports: 53, protocol: udp }"), ["SGP-06"], "tcp too");
    assert_eq!(with(&both("10.80.0.0/16")), ["SGP-06"], "not the pods' range");
    assert_eq!(with("{ from: 10.0.0.0/8, protocol: all }"), [] as [&str; 0]);
}

#[test]
fn metrics_of_addresses_want_a_way_to_cloudwatch() {
    let text = CLEAN
        .replace("egress: internet, serves: [externalLoadBalancers]", "egress: none")
        .replace("egress: nat, serves: [nodes]", "egress: none, serves: [nodes]")
        .replace("cluster:\n", "endpoints: { exclude: [monitoring] }\nalarms: { notify: \"arn:aws:sns:eu-west-1:111122223333:x\" }\ncluster:\n");
    assert_eq!(rules_of(&text), ["PE-09"]);
    assert_eq!(
        rules_of(&text.replace("endpoints: { exclude: [monitoring] }", "endpoints: auto")),
        [] as [&str; 0]
    );
}

/// Whoever is not of the account gets at nothing but what nodes cannot do without.
#[test]
fn endpoint_policies_name_the_account() {
    let template = build(&least()).template;
    for (id, endpoint) in of_type(&template, "AWS::EC2::VPCEndpoint") {
        let statements = endpoint["PolicyDocument"]["Statement"].as_array().unwrap();
        assert_eq!(
            statements[0]["Condition"]["StringEquals"]["aws:PrincipalAccount"]["Ref"],
            "AWS::AccountId",
            "{id}"
        );
        for open in &statements[1..] {
            assert_ne!(open["Action"], "*", "{id}");
        }
    }
    let layers =
        template.resource("EndpointS3").unwrap()["Properties"]["PolicyDocument"].to_string();
    assert!(layers.contains("starport-layer-bucket"), "{layers}");
}

/// CloudFormation starts whatever waits for nothing: the VPC's IPv6 block is an attribute only once it is there.
#[test]
fn whatever_reads_the_ipv6_block_waits_for_it() {
    let text = CLEAN
        .replace("cidr: 10.40.0.0/16", "cidr: 10.40.0.0/16\n  ipv6: amazon")
        .replace("zones: 2", "zones: 2\nnetworkAcls: perTier");
    let template = build(&text).template;
    let readers = template
        .resources()
        .filter(|(_, resource)| resource["Properties"].to_string().contains("Ipv6CidrBlocks"));
    let mut count = 0;
    for (id, resource) in readers {
        assert!(
            resource["DependsOn"]
                .as_array()
                .is_some_and(|waits| waits.contains(&Value::from("VpcIpv6"))),
            "{id}"
        );
        count += 1;
    }
    assert!(count > 6);
    assert!(passes(&template, "NetworkAclNodes", false, ("2001:db8::1", 58, 0)), "packet too big");
}

/// What an author writes that eksnet has itself stands once.
#[test]
fn no_rule_stands_twice_in_a_group() {
    let least = |rules: &str| {
        CLEAN
            .replace("controlPlane: {", &format!("mode: leastPrivilege, {rules}, controlPlane: {{"))
    };
    let hybrid = |text: &str| {
        text.replace("cluster:\n", "egress: { vpnGateway: { id: vgw-00000000000000001 } }\ncluster:\n  remoteNetworks: { nodes: [10.80.0.0/16] }\n")
    };
    for text in [
        least("nodes: { egress: [{ to: 0.0.0.0/0, ports: 443 }] }"),
        hybrid(&least(
            "nodes: { ingress: [{ from: 10.80.0.0/16, ports: 53, protocol: udp }], egress: [{ to: 10.80.0.0/16, ports: 53 }] }",
        )),
    ] {
        assert_eq!(rules_of(&text), [] as [&str; 0]);
        let template = build(&text).template;
        for (id, group) in of_type(&template, "AWS::EC2::SecurityGroup") {
            for list in ["SecurityGroupIngress", "SecurityGroupEgress"] {
                let mut seen = std::collections::BTreeSet::new();
                for rule in group[list].as_array().unwrap() {
                    let mut rule = rule.clone();
                    rule.as_object_mut().unwrap().remove("Description");
                    assert!(seen.insert(rule.to_string()), "{id}: {rule} twice");
                }
            }
        }
    }
    assert_eq!(
        rules_of(&least(
            "nodes: { ingress: [{ from: 10.9.0.0/16, protocol: udp }, { from: 10.9.0.0/16, protocol: udp, ports: 0-65535 }] }"
        )),
        ["SG-04"]
    );
}

/// Tiers whose names meet in the ids of rules.
#[test]
fn names_of_tiers_make_no_rule_of_an_acl() {
    let text = CLEAN
        .replace("zones: 2", "zones: 2\nnetworkAcls: perTier")
        .replace("tiers:\n", "tiers:\n  - { name: nodes-in100, size: /24, egress: none }\n  - { name: rule-in1, size: /24, egress: none }\n");
    build(&text);
}

/// A range that comes or goes leaves all other rules where they are.
#[test]
fn acl_rules_keep_their_numbers() {
    let with = |ranges: &str| {
        let text = CLEAN.replace("tiers:\n", &format!("networkAcls: perTier\negress: {{ transitGateway: {{ id: tgw-00000000000000001, destinations: [{ranges}] }} }}\ntiers:\n  - {{ name: transit, size: /28, egress: none, serves: [transit] }}\n"));
        let template = build(&text).template;
        of_type(&template, "AWS::EC2::NetworkAclEntry")
            .map(|(id, entry)| (id.clone(), entry.to_string()))
            .collect::<std::collections::BTreeMap<_, _>>()
    };
    let (few, more) = (
        with("172.16.0.0/12, 192.168.0.0/16"),
        with("10.200.0.0/16, 172.16.0.0/12, 192.168.0.0/16"),
    );
    assert!(few.len() < more.len());
    for (id, entry) in few {
        assert_eq!(more.get(&id), Some(&entry), "{id}");
    }
}

#[test]
fn nodes_wait_for_the_rules_that_let_them_talk() {
    let template = build(&least()).template;
    let waits = template.resource("NodeGroupGeneral").unwrap()["DependsOn"].to_string();
    for rule in [
        "ClusterFromNode",
        "NodeSecurityGroupFromNode",
        "NodeSecurityGroupToNode",
        "NodeSecurityGroupFromCluster10250",
        "NodeSecurityGroupFromCluster61678",
        "PodSecurityGroupFromNode",
    ] {
        assert!(waits.contains(&format!("\"{rule}\"")), "{rule}: {waits}");
    }
}

#[test]
fn pods_with_groups_of_the_authors_reach_the_api() {
    let text = CLEAN.replace("nodeGroups:", "awsNode: { customNetworking: { tier: nodes, securityGroups: [sg-0123456789abcdef0] } }\nnodeGroups:");
    let mut built = build(&text);
    let nodes = built.plan.of_tier("nodes").map(subnet_id).next().unwrap();
    assert_eq!(reach::api(&reach::Reach::of(&built.template), &nodes), Some(Api::Inside));
    let resources = built.template.value["Resources"].as_object_mut().unwrap();
    let count = resources.len();
    resources.retain(|id, _| !id.starts_with("ClusterFromsgx0123456789abcdef0"));
    assert_eq!(resources.len(), count - 1);
    assert!(
        matches!(reach::api(&reach::Reach::of(&built.template), &nodes), Some(Api::Shut(_))),
        "{:?}",
        reach::api(&reach::Reach::of(&built.template), &nodes)
    );
}

#[test]
fn descriptions_and_ids_are_what_ec2_takes() {
    for rule in [
        "{ from: 10.9.0.0/16, why: \"the team's VPN\" }",
        "{ from: 10.9.0.0/16, why: Büro }",
        "{ from: sg-office }",
        "{ from: pl-x }",
    ] {
        assert_eq!(rules_of(&CLEAN.replace("{ from: 10.0.0.0/8 }", rule)), ["SG-03"], "{rule}");
    }
}

/// Old nodes wear EKS's group and new ones their own: nothing between them but 443, unless `joining` opens it.
#[test]
fn the_way_between_groups_is_said() {
    let mode = |mode: &str| {
        build(&CLEAN.replace("controlPlane: {", &format!("mode: {mode}, controlPlane: {{")))
    };
    let found = |before: &Compiled, after: &Compiled| {
        let preview =
            eksnet::preview::compare("x", &before.template, &after.template, &after.graph);
        preview.findings.iter().map(|finding| finding.rule.id).collect::<Vec<_>>()
    };
    let (shared, joining, least) = (mode("shared"), mode("joining"), mode("leastPrivilege"));
    assert_eq!(found(&shared, &least), ["SG-06"]);
    assert_eq!(found(&least, &shared), ["SG-06"]);
    assert_eq!(found(&shared, &joining), [] as [&str; 0]);
    assert_eq!(found(&joining, &least), [] as [&str; 0]);
    assert_eq!(found(&joining, &shared), [] as [&str; 0]);
}

#[test]
fn arns_are_of_the_stacks_region() {
    for (from, to, rule) in [
        (
            "nodeGroups:",
            "alarms: { notify: \"arn:aws:sns:us-east-1:111122223333:x\" }\nnodeGroups:",
            "MON-03",
        ),
        (
            "cluster:\n",
            "cluster:\n  secretsKey: \"arn:aws:kms:us-east-1:111122223333:key/x\"\n",
            "CLU-22",
        ),
        (
            "cidr: 10.40.0.0/16",
            "cidr: 10.40.0.0/16\n  flowLogs: { destination: cloudWatchLogs, key: nonsense }",
            "FL-01",
        ),
        (
            "cidr: 10.40.0.0/16",
            "cidr: 10.40.0.0/16\n  flowLogs: { destination: s3, bucket: \"arn:aws:s3:::\" }",
            "FL-01",
        ),
    ] {
        assert_eq!(rules_of(&CLEAN.replacen(from, to, 1)), [rule], "{to}");
    }
}
