//! Every example blueprint as a cluster that runs: the doctor has nothing to say of it.

use std::collections::BTreeSet;

use eksnet::doctor::{self, Diagnosis};
use eksnet::facts::aws_node::Container;
use eksnet::facts::instances;
use eksnet::graph;
use eksnet::line::Compiled;
use eksnet::observed::Part;
use eksnet::observed::survey::{SecurityGroup, Survey};
use eksnet::survey::{document, redact};
use ipnet::Ipv4Net;
use serde_json::{Map, Value, json};

use crate::support::{blueprints, build};

/// A deployed template with its names as ids: what EC2 and EKS would tell of it.
struct World<'c> {
    compiled: &'c Compiled,
    cluster: String,
    /// What others made, where the blueprint names it.
    others: Value,
}

/// A healthy survey of a compiled blueprint: two nodes of every group, CoreDNS on two nodes, one webhook.
pub fn healthy(compiled: &Compiled) -> Survey {
    let cluster = compiled.intent.cluster_name().to_string();
    let others = compiled.intent.vpc.existing.as_ref().map(|_| others()).unwrap_or_default();
    let world = World { compiled, cluster, others };
    let mut value = world.survey();
    without_nothing(&mut value);
    document::parse(&value.to_string()).unwrap()
}

/// A survey leaves out what there is not; what was read and does not exist stays.
fn without_nothing(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, value| key == "read" || !value.is_null());
            map.values_mut().for_each(without_nothing);
        }
        Value::Array(rows) => rows.iter_mut().for_each(without_nothing),
        _ => {}
    }
}

fn read(value: Value) -> Value {
    json!({ "read": value })
}

/// EKS offers the versions that run.
fn offered(addons: &[Value]) -> Value {
    let row = |one: &Value| json!({"name": one["name"], "versions": [one["version"]], "preferred": one["version"]});
    addons.iter().map(row).collect()
}

/// The VPC of the examples that name what exists, with a way out in each zone, and its cluster.
fn others() -> Value {
    let mut world = serde_json::to_value(crate::existing::exhausted()).unwrap();
    let zones = world["vpc"]["subnets"]["read"].clone();
    let rows = |world: &mut Value, list: &str, more: Vec<Value>| {
        if !world["vpc"][list]["read"].is_array() {
            world["vpc"][list] = read(json!([]));
        }
        world["vpc"][list]["read"].as_array_mut().unwrap().extend(more);
    };
    for (at, private) in zones.as_array().unwrap().iter().enumerate() {
        let (id, nat) = (format!("subnet-public{at}"), format!("nat-{at:017x}"));
        let cidr = format!("10.0.{}.0/24", 224 + at);
        let zone = json!({"id": id, "cidr": cidr, "zoneId": private["zoneId"], "zoneName": private["zoneName"], "state": "available", "available": 250});
        let routes = json!([{"destination": "0.0.0.0/0", "target": "igw-others"}, {"destination": "10.0.0.0/16", "target": "local"}]);
        rows(&mut world, "subnets", vec![zone]);
        rows(
            &mut world,
            "routeTables",
            vec![json!({"id": format!("rtb-public{at}"), "subnets": [id], "routes": routes})],
        );
        rows(
            &mut world,
            "natGateways",
            vec![
                json!({"id": nat, "subnet": id, "state": "available", "addresses": [{"public": format!("203.0.113.{}", 50 + at)}]}),
            ],
        );
    }
    rows(&mut world, "internetGateways", vec![json!({"id": "igw-others", "state": "available"})]);
    for subnet in world["vpc"]["subnets"]["read"].as_array_mut().unwrap() {
        let cidr: Ipv4Net = subnet["cidr"].as_str().unwrap().parse().unwrap();
        subnet["available"] = json!((1u64 << (32 - cidr.prefix_len())) - 7);
        subnet["state"] = json!("available");
    }
    let ids: Vec<Value> = zones.as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    let cluster = &mut world["eks"]["cluster"]["read"];
    for (key, value) in [
        ("status", json!("ACTIVE")),
        ("clusterSecurityGroup", json!("sg-cluster")),
        ("subnets", json!(ids)),
        ("endpointPublic", json!(true)),
        ("publicCidrs", json!(["0.0.0.0/0"])),
    ] {
        cluster[key] = value;
    }
    let role = json!("arn:aws:iam::111122223333:role/others");
    let group = &mut world["eks"]["nodeGroups"]["read"][0];
    (group["status"], group["nodeRole"], group["desired"]) =
        (json!("ACTIVE"), role.clone(), json!(0));
    world["eks"]["accessEntries"] = read(json!([{"principal": role, "kind": "EC2_LINUX"}]));
    for addon in world["eks"]["addons"]["read"].as_array_mut().unwrap() {
        addon["status"] = json!("ACTIVE");
    }
    world
}

impl World<'_> {
    fn of_type(&self, kind: &'static str) -> impl Iterator<Item = (&String, &Value)> {
        let all = self.compiled.template.resources();
        all.filter(move |(_, one)| one["Type"] == kind).map(|(id, one)| (id, &one["Properties"]))
    }

    /// `nat-NatGatewayPublicEuw1Az1`: the kind of the id decides what a route leads to.
    fn id(&self, logical: &str) -> String {
        let kind = self.compiled.template.resource(logical).map(|one| one["Type"].clone());
        let kind = match kind.as_ref().and_then(Value::as_str) {
            Some("AWS::EC2::InternetGateway") => "igw",
            Some("AWS::EC2::NatGateway") => "nat",
            Some("AWS::EC2::EgressOnlyInternetGateway") => "eigw",
            Some("AWS::EC2::TransitGatewayAttachment") => "tgw-attach",
            Some("AWS::EC2::Subnet") => "subnet",
            Some("AWS::EC2::RouteTable") => "rtb",
            Some("AWS::EC2::NetworkAcl") => "acl",
            Some("AWS::EC2::SecurityGroup") => "sg",
            Some("AWS::EC2::VPCEndpoint") => "vpce",
            _ => return logical.to_string(),
        };
        format!("{kind}-{logical}")
    }

    fn text(&self, value: &Value) -> String {
        if let Some(text) = value.as_str() {
            return text.to_string();
        }
        if let Some(logical) = value["Ref"].as_str() {
            return self.id(logical);
        }
        match value["Fn::GetAtt"][1].as_str() {
            Some("ClusterSecurityGroupId") => "sg-cluster".into(),
            Some(_) => {
                format!(
                    "arn:aws:iam::111122223333:role/{}",
                    value["Fn::GetAtt"][0].as_str().unwrap()
                )
            }
            None => value["Fn::Sub"].as_str().map(|text| self.filled(text)).unwrap_or_default(),
        }
    }

    /// `${SubnetPods}` and `${SubnetPods.AvailabilityZone}` in a text.
    fn filled(&self, text: &str) -> String {
        let mut parts = text.split("${");
        let mut out = parts.next().unwrap_or_default().to_string();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap();
            match name.split_once('.') {
                None => out.push_str(&self.id(name)),
                Some((subnet, "AvailabilityZone")) => out.push_str(&self.zone(subnet).1),
                Some((_, "ClusterSecurityGroupId")) => out.push_str("sg-cluster"),
                Some((other, _)) => out.push_str(other),
            }
            out.push_str(rest);
        }
        out
    }

    fn texts(&self, value: &Value) -> Vec<String> {
        value.as_array().into_iter().flatten().map(|one| self.text(one)).collect()
    }

    /// Id and name of a subnet's zone.
    fn zone(&self, subnet: &str) -> (String, String) {
        let Some(own) = self.compiled.template.resource(subnet) else {
            let text = |key: &str| self.other(subnet)[key].as_str().unwrap().to_string();
            return (text("zoneId"), text("zoneName"));
        };
        let id = own["Properties"]["AvailabilityZoneId"].as_str().unwrap().to_string();
        let number: u8 = id.rsplit_once("az").unwrap().1.parse().unwrap();
        let letter = char::from(b'a' + number - 1);
        (id, format!("{}{letter}", self.compiled.intent.region.name))
    }

    fn cidr(&self, subnet: &str) -> Ipv4Net {
        let text = match self.compiled.template.resource(subnet) {
            Some(own) => own["Properties"]["CidrBlock"].as_str(),
            None => self.other(subnet)["cidr"].as_str(),
        };
        text.unwrap().parse().unwrap()
    }

    /// A subnet of others.
    fn other(&self, subnet: &str) -> &Value {
        let all = self.others["vpc"]["subnets"]["read"].as_array().unwrap();
        all.iter().find(|one| one["id"] == subnet).unwrap()
    }

    /// A list with what others have of it.
    fn with_others(&self, topic: &str, list: &str, own: Value) -> Value {
        let others = self.others[topic][list]["read"].as_array().into_iter().flatten();
        let own = own.as_array().cloned().unwrap_or_default();
        read(own.into_iter().chain(others.cloned()).collect())
    }

    /// Whether the cluster is one of others.
    fn is_others(&self) -> bool {
        self.compiled.intent.cluster.as_ref().is_some_and(|own| own.existing.is_some())
    }

    fn tags(&self, own: &Value) -> Value {
        let rows = own["Tags"].as_array().into_iter().flatten();
        let pairs = rows.map(|tag| (tag["Key"].as_str().unwrap().into(), self.text(&tag["Value"])));
        Value::Object(pairs.map(|(key, value)| (key, json!(value))).collect::<Map<_, _>>())
    }

    fn subnets(&self) -> Value {
        let rows = self.of_type("AWS::EC2::Subnet").map(|(id, own)| {
            let (zone, name) = self.zone(id);
            let cidr = self.cidr(id);
            let reserved: u64 = self
                .of_type("AWS::EC2::SubnetCidrReservation")
                .filter(|(_, one)| self.text(&one["SubnetId"]) == self.id(id))
                .map(|(_, one)| one["Cidr"].as_str().unwrap().parse::<Ipv4Net>().unwrap())
                .map(|cidr| 1u64 << (32 - cidr.prefix_len()))
                .sum();
            let available = (1u64 << (32 - cidr.prefix_len())).saturating_sub(7 + reserved);
            json!({"id": self.id(id), "cidr": cidr.to_string(), "zoneId": zone, "zoneName": name, "state": "available",
                "available": available, "mapPublicIp": own["MapPublicIpOnLaunch"] == true,
                "assignIpv6": own["AssignIpv6AddressOnCreation"] == true, "tags": self.tags(own)})
        });
        rows.collect()
    }

    fn tables(&self) -> Value {
        let rows = self.of_type("AWS::EC2::RouteTable").map(|(id, own)| {
            let id = self.id(id);
            let of = |one: &Value| self.text(&one["RouteTableId"]) == id;
            let subnets = self.of_type("AWS::EC2::SubnetRouteTableAssociation").filter(|(_, one)| of(one));
            let routes = self.of_type("AWS::EC2::Route").filter(|(_, one)| of(one)).map(|(_, one)| {
                let targets = ["NatGatewayId", "GatewayId", "TransitGatewayId", "EgressOnlyInternetGatewayId", "VpcPeeringConnectionId"];
                let target = targets.iter().find(|key| !one[**key].is_null()).unwrap();
                let to = if one["DestinationCidrBlock"].is_null() { &one["DestinationIpv6CidrBlock"] } else { &one["DestinationCidrBlock"] };
                json!({"destination": self.text(to), "target": self.text(&one[*target])})
            });
            let local = [json!({"destination": self.compiled.intent.vpc.cidr.to_string(), "target": "local"})];
            json!({"id": id, "subnets": subnets.map(|(_, one)| self.text(&one["SubnetId"])).collect::<Vec<_>>(),
                "routes": routes.chain(local).collect::<Vec<_>>(), "tags": self.tags(own)})
        });
        rows.chain([json!({"id": "rtb-main", "main": true})]).collect()
    }

    /// Gateways that know the whole VPC.
    fn transit(&self) -> Value {
        let tables = self.tables();
        let routes = tables
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|table| table["routes"].as_array())
            .flatten();
        let ids: BTreeSet<&str> = routes
            .filter_map(|route| route["target"].as_str())
            .filter(|id| id.starts_with("tgw-"))
            .collect();
        let back = json!({"read": [{"id": "tgw-rtb-1", "routes": [{"destination": "0.0.0.0/0"}]}]});
        ids.into_iter().map(|id| json!({"id": id, "routeTables": back})).collect()
    }

    fn nats(&self) -> Value {
        let rows = self.of_type("AWS::EC2::NatGateway").enumerate().map(|(at, (id, own))| {
            let subnet = (!own["SubnetId"].is_null()).then(|| self.text(&own["SubnetId"]));
            let private = own["ConnectivityType"] == "private";
            let public = (!private).then(|| format!("203.0.113.{}", at + 1));
            json!({"id": self.id(id), "regional": subnet.is_none(), "subnet": subnet, "state": "available", "private": private,
                "addresses": [{"public": public}]})
        });
        rows.collect()
    }

    fn endpoints(&self) -> Value {
        let rows = self.of_type("AWS::EC2::VPCEndpoint").map(|(id, own)| {
            json!({"id": self.id(id), "service": self.text(&own["ServiceName"]), "kind": self.text(&own["VpcEndpointType"]), "state": "available",
                "subnets": self.texts(&own["SubnetIds"]), "routeTables": self.texts(&own["RouteTableIds"]),
                "groups": self.texts(&own["SecurityGroupIds"]), "privateDns": own["PrivateDnsEnabled"] == true, "policy": own["PolicyDocument"]})
        });
        rows.collect()
    }

    fn rule(&self, own: &Value, egress: bool) -> Value {
        let protocol =
            own["IpProtocol"].as_str().map(str::to_string).unwrap_or(own["IpProtocol"].to_string());
        let ports =
            own["FromPort"].as_u64().zip(own["ToPort"].as_u64()).map(|(from, to)| [from, to]);
        let side = if egress { "Destination" } else { "Source" };
        let text = |key: String| (!own[&key].is_null()).then(|| self.text(&own[&key]));
        json!({"egress": egress, "protocol": protocol, "ports": ports, "cidr": text("CidrIp".into()), "ipv6Cidr": text("CidrIpv6".into()),
            "prefixList": text(format!("{side}PrefixListId")), "group": text(format!("{side}SecurityGroupId"))})
    }

    fn groups(&self) -> Value {
        let added = |group: &str| -> Vec<Value> {
            let of =
                |kind| self.of_type(kind).filter(|(_, own)| self.text(&own["GroupId"]) == group);
            let ingress =
                of("AWS::EC2::SecurityGroupIngress").map(|(_, own)| self.rule(own, false));
            ingress
                .chain(of("AWS::EC2::SecurityGroupEgress").map(|(_, own)| self.rule(own, true)))
                .collect()
        };
        let rows = self.of_type("AWS::EC2::SecurityGroup").map(|(id, own)| {
            let id = self.id(id);
            let inline = |key: &str, egress| {
                own[key]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|one| self.rule(one, egress))
                    .collect::<Vec<_>>()
            };
            let rules = [
                inline("SecurityGroupIngress", false),
                inline("SecurityGroupEgress", true),
                added(&id),
            ]
            .concat();
            json!({"id": id, "rules": rules, "tags": self.tags(own)})
        });
        // EKS makes this one: its members reach each other, and it lets everything out.
        let itself = json!({"egress": false, "protocol": "-1", "group": "sg-cluster"});
        let out = json!({"egress": true, "protocol": "-1", "cidr": "0.0.0.0/0"});
        let out6 = json!({"egress": true, "protocol": "-1", "ipv6Cidr": "::/0"});
        let own = [vec![itself, out, out6], added("sg-cluster")].concat();
        let tag = format!("kubernetes.io/cluster/{}", self.cluster);
        rows.chain([json!({"id": "sg-cluster", "rules": own, "tags": {tag: "owned"}})]).collect()
    }

    fn acls(&self) -> Value {
        let entry = |own: &Value| {
            let protocol = own["Protocol"].to_string();
            let ports = own["PortRange"]["From"].as_u64().zip(own["PortRange"]["To"].as_u64());
            json!({"number": own["RuleNumber"], "egress": own["Egress"] == true, "protocol": protocol, "allow": own["RuleAction"] == "allow",
                "cidr": own["CidrBlock"], "ipv6Cidr": own["Ipv6CidrBlock"], "ports": ports.map(|(from, to)| [from, to])})
        };
        let rows = self.of_type("AWS::EC2::NetworkAcl").map(|(id, _)| {
            let id = self.id(id);
            let of =
                |kind| self.of_type(kind).filter(|(_, own)| self.text(&own["NetworkAclId"]) == id);
            let mut entries: Vec<Value> =
                of("AWS::EC2::NetworkAclEntry").map(|(_, own)| entry(own)).collect();
            entries.sort_by_key(|one| (one["egress"] == true, one["number"].as_u64()));
            let subnets = of("AWS::EC2::SubnetNetworkAclAssociation")
                .map(|(_, own)| self.text(&own["SubnetId"]));
            json!({"id": id, "subnets": subnets.collect::<Vec<_>>(), "entries": entries})
        });
        rows.collect()
    }

    /// (id, subnet, zone name, instance type, groups, pods) of two nodes of every group, in its first subnets.
    fn nodes(&self) -> Vec<Node> {
        let groups = self
            .of_type("AWS::EKS::Nodegroup")
            .filter(|(_, own)| own["ScalingConfig"]["MaxSize"] != 0);
        let of = |(id, own): (&String, &Value)| {
            let template = own["LaunchTemplate"]["Id"]["Ref"]
                .as_str()
                .and_then(|id| self.compiled.template.resource(id));
            let data = template
                .map(|one| &one["Properties"]["LaunchTemplateData"])
                .cloned()
                .unwrap_or_default();
            let mut groups = self.texts(&data["SecurityGroupIds"]);
            if groups.is_empty() {
                groups.push("sg-cluster".into());
            }
            let user = data["UserData"].to_string();
            let written = ["maxPods: ", "max-pods = ", "max-pods\\\" = "]
                .iter()
                .find_map(|key| user.split_once(key))
                .map(|(_, rest)| {
                    rest.chars()
                        .skip_while(|letter| !letter.is_ascii_digit())
                        .take_while(char::is_ascii_digit)
                        .collect::<String>()
                });
            let kind = own["InstanceTypes"][0].as_str().unwrap_or("m6i.large").to_string();
            let by_eks = instances::find(&kind).unwrap().pods_by_eks();
            let pods = written.and_then(|text| text.parse().ok()).unwrap_or(by_eks);
            let windows = own["AmiType"].as_str().is_some_and(|kind| kind.starts_with("WINDOWS"));
            let tainted = own["Taints"].as_array().is_some_and(|all| !all.is_empty());
            let subnets: Vec<String> = own["Subnets"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["Ref"].as_str().or(one.as_str()).unwrap().to_string())
                .collect();
            let (id, kind, groups) = (id.clone(), kind.clone(), groups.clone());
            let node = move |(at, subnet): (usize, String)| Node {
                id: format!("i-{id}{at}"),
                subnet,
                kind: kind.clone(),
                groups: groups.clone(),
                pods,
                windows,
                tainted,
            };
            subnets.into_iter().take(2).enumerate().map(node).collect::<Vec<_>>()
        };
        groups.flat_map(of).collect()
    }
}

struct Node {
    id: String,
    subnet: String,
    kind: String,
    groups: Vec<String>,
    pods: u64,
    windows: bool,
    tainted: bool,
}

impl World<'_> {
    /// Zone name, subnet, groups of every ENIConfig.
    fn eni_configs(&self) -> Vec<(String, String, Vec<String>)> {
        let Some(cluster) = &self.compiled.intent.cluster else { return Vec::new() };
        let configs = graph::eni_configs(&self.compiled.intent, cluster, &self.compiled.plan);
        let rows = configs.into_iter().map(|one| {
            let subnet = graph::subnet_id(one.subnet).to_string();
            let groups = one.security_groups.iter().map(|group| self.filled(group)).collect();
            (one.name.unwrap_or_else(|| self.zone(&subnet).1), subnet, groups)
        });
        rows.collect()
    }

    /// Where a node's pods have their interface, and its groups.
    fn pods_of(&self, node: &Node) -> (String, Vec<String>) {
        let zone = self.zone(&node.subnet);
        let configs = self.eni_configs();
        let own = configs.iter().find(|(_, subnet, _)| self.zone(subnet) == zone);
        let groups = |groups: &Vec<String>| {
            if groups.is_empty() { node.groups.clone() } else { groups.clone() }
        };
        own.map_or((node.subnet.clone(), node.groups.clone()), |(_, subnet, own)| {
            (subnet.clone(), groups(own))
        })
    }

    fn at(&self, subnet: &str, offset: u32) -> String {
        let cidr = self.cidr(subnet);
        std::net::Ipv4Addr::from(u32::from(cidr.network()) + 4 + offset % 8).to_string()
    }

    fn interfaces(&self) -> Value {
        let mut rows: Vec<Value> = Vec::new();
        for (at, node) in self.nodes().iter().enumerate() {
            let attachment = |device: u32| json!({"instance": node.id, "deviceIndex": device});
            let (subnet, groups) = self.pods_of(node);
            rows.push(json!({"id": format!("eni-{at}first"), "subnet": self.id(&node.subnet), "status": "in-use", "attachment": attachment(0),
                "addresses": [{"private": self.at(&node.subnet, 2 * at as u32)}], "groups": node.groups}));
            rows.push(json!({"id": format!("eni-{at}pods"), "subnet": self.id(&subnet), "status": "in-use", "description": format!("aws-K8S-{}", node.id),
                "attachment": attachment(1), "addresses": [{"private": self.at(&subnet, 2 * at as u32 + 1)}], "groups": groups}));
        }
        for (at, subnet) in self.subnets_of_cluster().iter().take(4).enumerate() {
            rows.push(json!({"id": format!("eni-eks{at}"), "subnet": self.id(subnet), "status": "in-use", "description": format!("Amazon EKS {}", self.cluster),
                "addresses": [{"private": self.at(subnet, 7)}], "groups": self.groups_of_cluster()}));
        }
        rows.into_iter().collect()
    }

    fn subnets_of_cluster(&self) -> Vec<String> {
        let rows = self.of_type("AWS::EKS::Cluster").flat_map(|(_, own)| {
            own["ResourcesVpcConfig"]["SubnetIds"].as_array().into_iter().flatten()
        });
        if self.is_others() {
            let all = self.others["eks"]["cluster"]["read"]["subnets"].as_array().unwrap();
            return all.iter().map(|one| one.as_str().unwrap().to_string()).collect();
        }
        rows.filter_map(|one| one["Ref"].as_str()).map(str::to_string).collect()
    }

    fn groups_of_cluster(&self) -> Vec<String> {
        let more = self
            .of_type("AWS::EKS::Cluster")
            .flat_map(|(_, own)| self.texts(&own["ResourcesVpcConfig"]["SecurityGroupIds"]));
        ["sg-cluster".to_string()].into_iter().chain(more).collect()
    }

    fn eks_cluster(&self) -> Value {
        let found = self.of_type("AWS::EKS::Cluster").next();
        let of = |(_, own): (&String, &Value)| {
            let vpc = &own["ResourcesVpcConfig"];
            let auto = (own["ComputeConfig"]["Enabled"] == true)
                .then(|| json!({"nodePools": own["ComputeConfig"]["NodePools"]}));
            let groups = self.texts(&vpc["SecurityGroupIds"]);
            let subnets: Vec<String> =
                self.subnets_of_cluster().iter().map(|one| self.id(one)).collect();
            json!({"name": self.cluster, "status": "ACTIVE", "vpc": "vpc-1", "subnets": subnets, "securityGroups": groups,
                "clusterSecurityGroup": "sg-cluster", "endpointPrivate": vpc["EndpointPrivateAccess"], "endpointPublic": vpc["EndpointPublicAccess"],
                "publicCidrs": self.texts(&vpc["PublicAccessCidrs"]), "ipFamily": own["KubernetesNetworkConfig"]["IpFamily"].as_str().unwrap_or("ipv4"),
                "serviceCidr": own["KubernetesNetworkConfig"]["ServiceIpv4Cidr"], "authenticationMode": own["AccessConfig"]["AuthenticationMode"],
                "autoMode": auto, "version": own["Version"]})
        };
        if self.is_others() {
            return self.others["eks"]["cluster"]["read"].clone();
        }
        found.map(of).unwrap_or_default()
    }

    /// Add-ons of others, with what eksnet's settings come to in theirs.
    fn addons_of_others(&self) -> Vec<Value> {
        let mut all = self.others["eks"]["addons"]["read"].as_array().cloned().unwrap_or_default();
        let own = self.compiled.plan.ledger.kept.aws_node.as_ref();
        for addon in all.iter_mut().filter(|one| one["name"] == "vpc-cni") {
            let wanted = own.map(|own| own.wanted()).unwrap_or_default();
            addon["configuration"] =
                eksnet::ledger::settings::over(&addon["configuration"], &wanted);
        }
        all
    }

    fn eks(&self) -> Value {
        let groups = self.of_type("AWS::EKS::Nodegroup").map(|(id, own)| {
            json!({"name": id, "status": "ACTIVE", "subnets": self.texts(&own["Subnets"]), "nodeRole": self.text(&own["NodeRole"]), "amiType": own["AmiType"],
                "instanceTypes": own["InstanceTypes"], "min": own["ScalingConfig"]["MinSize"], "desired": own["ScalingConfig"]["DesiredSize"],
                "max": own["ScalingConfig"]["MaxSize"]})
        });
        // EKS makes an entry for the role of a managed node group.
        let entries = self
            .of_type("AWS::EKS::Nodegroup")
            .map(|(_, own)| json!({"principal": self.text(&own["NodeRole"]), "kind": "EC2_LINUX"}));
        let addons = self.of_type("AWS::EKS::Addon").map(|(_, own)| {
            let values: Option<Value> =
                serde_json::from_str(&self.text(&own["ConfigurationValues"])).ok();
            json!({"name": own["AddonName"], "status": "ACTIVE", "configuration": values})
        });
        let profiles = self.of_type("AWS::EKS::FargateProfile").map(|(id, own)| json!({"name": id, "status": "ACTIVE", "subnets": self.texts(&own["Subnets"])}));
        let identities = self.of_type("AWS::EKS::Addon").filter(|(_, own)| own["PodIdentityAssociations"].is_array()).map(|(id, own)| {
            json!({"id": format!("a-{id}"), "namespace": "kube-system", "serviceAccount": own["PodIdentityAssociations"][0]["ServiceAccount"]})
        });
        let nodes = self.nodes();
        let machines = nodes.iter().map(|node| {
            json!({"id": node.id, "instanceType": node.kind, "subnet": self.id(&node.subnet), "state": "running", "groups": node.groups, "metadataHopLimit": 1})
        });
        let mut kinds: Vec<&String> = nodes.iter().map(|node| &node.kind).collect();
        kinds.sort();
        kinds.dedup();
        let types = kinds.into_iter().map(|name| {
            let kind = instances::find(name).unwrap();
            json!({"name": name, "hypervisor": if kind.prefixes { "nitro" } else { "xen" }, "interfaces": kind.interfaces, "addressesPerInterface": kind.addresses})
        });
        let (groups, entries) = (groups.collect(), entries.collect());
        let (groups, entries, more) = match self.is_others() {
            true => (
                self.with_others("eks", "nodeGroups", groups),
                self.with_others("eks", "accessEntries", entries),
                self.addons_of_others(),
            ),
            false => (read(groups), read(entries), Vec::new()),
        };
        json!({"cluster": read(self.eks_cluster()), "nodeGroups": groups, "accessEntries": entries,
            "addonVersions": if self.is_others() { read(offered(&more)) } else { Value::Null }, "addons": read(addons.chain(more).collect()), "fargateProfiles": read(profiles.collect()), "podIdentities": read(identities.collect()),
            "updates": read(json!([])), "insights": read(json!([])), "instances": read(machines.collect()), "instanceTypes": read(types.collect()),
            "scalingGroups": read(json!([]))})
    }

    fn account(&self) -> Value {
        let roles = self.of_type("AWS::IAM::Role").map(|(id, own)| {
            let policies = self.texts(&own["ManagedPolicyArns"]);
            (
                format!("arn:aws:iam::111122223333:role/{id}"),
                read(json!({"name": id, "policies": policies})),
            )
        });
        // Roles that a blueprint names exist already, and may pull.
        let pull = read(
            json!({"name": "own", "policies": ["arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"]}),
        );
        let named = self
            .of_type("AWS::EKS::Nodegroup")
            .map(|(_, own)| (self.text(&own["NodeRole"]), pull.clone()));
        let others = self.others["eks"]["nodeGroups"]["read"].as_array().into_iter().flatten();
        let others =
            others.filter_map(|one| Some((one["nodeRole"].as_str()?.to_string(), pull.clone())));
        let roles: Map<String, Value> = others.chain(named).chain(roles).collect();
        let nats = self.with_others("vpc", "natGateways", self.nats());
        let figures =
            nats["read"].as_array().unwrap().iter().map(
                |one| json!({"name": "ErrorPortAllocation", "resource": one["id"], "value": 0.0}),
            );
        json!({"metrics": read(figures.collect()), "roles": roles,
            "quotas": {"L-DF5E4CA3": read(json!(5000)), "L-0EA8095F": read(json!(60))}, "counts": {"L-DF5E4CA3": read(json!(20))}})
    }

    fn kubernetes(&self) -> Value {
        let nodes = self.nodes();
        let rows = nodes.iter().map(|node| {
            let zone = self.zone(&node.subnet).1;
            let system = if node.windows { "windows" } else { "linux" };
            let taints = if node.tainted { json!([{"key": "own", "effect": "NoSchedule"}]) } else { json!([]) };
            json!({"name": format!("node-{}", node.id), "instance": node.id, "zoneName": zone, "pods": node.pods, "taints": taints,
                "conditions": [{"kind": "Ready", "status": "True"}],
                "labels": {"topology.kubernetes.io/zone": zone, "node.kubernetes.io/instance-type": node.kind, "kubernetes.io/os": system}})
        });
        let linux: Vec<&Node> = nodes.iter().filter(|node| !node.windows).collect();
        let cluster = self.compiled.intent.cluster.as_ref();
        let runs = cluster.filter(|cluster| cluster.aws_node.runs());
        let aws_node = runs.map(|cluster| {
            let mut env: Map<String, Value> = cluster.aws_node.settings.of(Container::Main).map(|(key, value)| (key.to_string(), json!(value))).collect();
            // EKS rolls out what others set beside it.
            let of_others = if self.is_others() { self.addons_of_others() } else { Vec::new() };
            let values = of_others.iter().filter_map(|one| one["configuration"]["env"].as_object()).flatten();
            env.extend(values.map(|(key, value)| (key.clone(), value.clone())));
            json!({"name": "aws-node", "desired": linux.len(), "ready": linux.len(), "updated": linux.len(), "containers": [{"name": "aws-node", "env": env}]})
        });
        let kube_proxy =
            json!({"name": "kube-proxy", "desired": linux.len(), "ready": linux.len()});
        let coredns = json!({"name": "coredns", "replicas": 2, "ready": 2});
        let address = |at: usize, node: &&&Node| self.at(&self.pods_of(node).0, 2 * at as u32 + 1);
        // Where the scheduler puts pods that tolerate nothing: on nodes without taints, and over zones.
        let mut places: Vec<(usize, &Node)> =
            nodes.iter().enumerate().filter(|(_, node)| !node.windows).collect();
        places.sort_by_key(|(_, node)| node.tainted);
        let zone = |node: &Node| self.zone(&node.subnet).1;
        let far = places
            .iter()
            .skip(1)
            .position(|(_, node)| !node.tainted && zone(node) != zone(places[0].1));
        if let Some(far) = far {
            places.swap(1, far + 1);
        }
        let endpoints: Vec<Value> = places.iter().copied().take(2)
            .map(|(at, node)| json!({"addresses": [address(at, &&node)], "ready": true, "node": format!("node-{}", node.id)})).collect();
        let slice = |namespace: &str, service: &str, port: u16| json!({"namespace": namespace, "name": service, "service": service, "ports": [{"port": port, "protocol": "TCP"}], "endpoints": endpoints});
        let configs = self.eni_configs();
        let configs = configs.iter().map(|(name, subnet, groups)| json!({"name": name, "subnet": self.id(subnet), "securityGroups": groups}));
        // Without nodes of its own, a cluster has no pods here: those of Auto Mode are EKS's.
        let exist = !linux.is_empty();
        let services = if exist {
            json!([{"namespace": "kube-system", "name": "kube-dns"}])
        } else {
            json!([])
        };
        let slices = if exist {
            vec![slice("kube-system", "kube-dns", 53), slice("shop", "guard", 9443)]
        } else {
            Vec::new()
        };
        let webhooks = if exist {
            json!([{"configuration": "guard", "name": "guard.shop", "failurePolicy": "Fail", "service": "shop/guard", "port": 443}])
        } else {
            json!([])
        };
        json!({"nodes": read(rows.collect()), "awsNode": read(aws_node.unwrap_or_default()), "awsNodeRevisions": read(json!([])), "kubeProxy": read(kube_proxy), "nodeLocalDns": read(json!(null)),
            "coredns": read(coredns), "loadBalancerController": read(json!(null)), "services": read(services), "ingresses": read(json!([])), "endpointSlices": read(json!(slices)),
            "eniConfigs": read(configs.collect()), "cniNodes": read(json!([])), "securityGroupPolicies": read(json!([])), "networkPolicies": read(json!([])),
            "disruptionBudgets": read(json!([])), "pods": read(json!([])), "events": read(json!([])), "webhooks": read(webhooks), "apiServices": read(json!([])),
            "awsAuth": read(json!(null))})
    }

    fn survey(&self) -> Value {
        let secondary = self
            .of_type("AWS::EC2::VPCCidrBlock")
            .filter_map(|(_, own)| own["CidrBlock"].as_str().map(str::to_string));
        let primary = self.compiled.intent.vpc.cidr.to_string();
        let cidrs: Vec<Value> = [primary]
            .into_iter()
            .chain(secondary)
            .map(|cidr| json!({"cidr": cidr, "state": "associated"}))
            .collect();
        let reservations = self.of_type("AWS::EC2::SubnetCidrReservation").map(|(id, own)| {
            json!({"id": id, "subnet": self.text(&own["SubnetId"]), "cidr": own["Cidr"], "kind": own["ReservationType"]})
        });
        let gateways = self
            .of_type("AWS::EC2::InternetGateway")
            .map(|(id, _)| json!({"id": self.id(id), "state": "available"}));
        json!({
            "schemaVersion": 1,
            "header": {"read": "2026-11-28T14:02:11Z", "region": self.compiled.intent.region.name, "cluster": self.compiled.intent.cluster.as_ref().map(|_| &self.cluster), "vpc": "vpc-1"},
            "account": self.account(),
            "vpc": {
                "vpc": read(json!({"id": "vpc-1", "cidrs": cidrs})),
                "attributes": read(json!({"dnsSupport": true, "dnsHostnames": true})),
                "dhcp": read(json!({"id": "dopt-1", "domainNameServers": ["AmazonProvidedDNS"]})),
                "subnets": self.with_others("vpc", "subnets", self.subnets()), "reservations": read(reservations.collect()),
                "routeTables": self.with_others("vpc", "routeTables", self.tables()), "natGateways": self.with_others("vpc", "natGateways", self.nats()),
                "internetGateways": self.with_others("vpc", "internetGateways", gateways.collect()), "egressOnlyGateways": read(json!([])),
                "vpnGateways": read(json!([])), "endpoints": read(self.endpoints()), "networkAcls": read(self.acls()),
                "securityGroups": read(self.groups()), "prefixLists": read(json!([])), "peerings": read(json!([])), "transitAttachments": read(json!([])), "transitGateways": read(self.transit()),
                "interfaces": read(self.interfaces()), "publicAccess": read(json!({"mode": "off"})), "exclusions": read(json!([])),
            },
            "eks": self.eks(),
            "kubernetes": self.kubernetes(),
        })
    }
}

fn causes(diagnosis: &Diagnosis) -> Vec<String> {
    let all = diagnosis.roots.iter().chain(&diagnosis.consequences);
    let lines = all.flat_map(|found| {
        found
            .causes
            .iter()
            .map(|sick| format!("{}: {} {:?}", found.check.id, sick.cause(), sick.proof()))
    });
    lines.collect()
}

fn examples() -> impl Iterator<Item = (String, Compiled)> {
    let built =
        |(stem, path)| (stem, build(&std::fs::read_to_string::<std::path::PathBuf>(path).unwrap()));
    blueprints().into_iter().map(built)
}

#[test]
fn an_example_blueprint_that_runs_is_healthy() {
    let mut wrong = Vec::new();
    for (stem, built) in examples() {
        let survey = healthy(&built);
        for (how, survey) in [("plain", survey.clone()), ("redacted", redact::redacted(&survey))] {
            let diagnosis = doctor::judge(&survey, &[]);
            wrong.extend(
                causes(&diagnosis).into_iter().map(|cause| format!("{stem}, {how}: {cause}")),
            );
            let unknown = diagnosis
                .unknown
                .iter()
                .map(|(check, why)| format!("{stem}, {how}: {} is unknown: {why}", check.id));
            wrong.extend(unknown);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The worlds above are no empty ones: without their rules nothing of the nodes passes.
#[test]
fn an_example_blueprint_without_security_rules_is_sick() {
    let mut fine = Vec::new();
    for (stem, built) in examples() {
        let mut survey = healthy(&built);
        if survey.eks.instances.read().unwrap().is_empty() {
            continue;
        }
        let groups = survey.vpc.security_groups.read().unwrap().clone();
        let bare = groups.into_iter().map(|group| SecurityGroup { rules: Vec::new(), ..group });
        survey.vpc.security_groups = Part::Read(bare.collect());
        let diagnosis = doctor::judge(&survey, &[]);
        // What one group stops altogether is one root, and the rest follows from it.
        let found = diagnosis.roots.iter().chain(&diagnosis.consequences);
        let sick: Vec<&str> = found.map(|one| one.check.id).collect();
        if !["NJ-12", "DNS-02", "WH-01"].iter().all(|id| sick.contains(id)) {
            fine.push(format!("{stem}: {sick:?}"));
        }
    }
    assert!(fine.is_empty(), "{fine:#?}");
}
