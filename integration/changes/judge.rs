//! A second opinion on an update, which shares nothing with the preview: what CloudFormation's schemas replace, what holds a physical key
//! meanwhile, and how many of a kind exist in between.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::{Map, Value};

pub type Resources = Map<String, Value>;

/// CloudFormation registry schemas of us-west-2 (the package that `integration/emulator/requirements.txt` pins), cut to what replaces.
pub fn schemas() -> &'static Value {
    static SCHEMAS: OnceLock<Value> = OnceLock::new();
    SCHEMAS.get_or_init(|| serde_json::from_str(include_str!("schemas.json")).unwrap())
}

fn kind(resource: &Value) -> &str {
    resource["Type"].as_str().unwrap()
}

/// Values at a schema's path: `*` is every element of a list.
fn at<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    let step = |values: Vec<&'v Value>, part: &str| -> Vec<&'v Value> {
        match part {
            "*" => {
                values.into_iter().flat_map(|one| one.as_array().into_iter().flatten()).collect()
            }
            name => values.into_iter().map(|one| &one[name]).collect(),
        }
    };
    path.split('/').fold(vec![value], step)
}

/// Logical ids in a value.
pub fn refers(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    walk(value, &mut |name, inner| match (name, inner) {
        ("Ref", Value::String(id)) => _ = found.insert(id.clone()),
        ("Fn::GetAtt", Value::Array(parts)) => _ = found.insert(parts[0].as_str().unwrap().into()),
        ("Fn::Sub", Value::String(text)) => found.extend(filled_in(text, &Value::Null)),
        ("Fn::Sub", Value::Array(parts)) => {
            found.extend(filled_in(parts[0].as_str().unwrap(), &parts[1]))
        }
        _ => {}
    });
    found
}

/// What a text takes from elsewhere than its own values.
fn filled_in(text: &str, own: &Value) -> BTreeSet<String> {
    let names = text.split("${").skip(1).map(|piece| &piece[..piece.find(['}', '.']).unwrap()]);
    names.filter(|name| own[*name].is_null()).map(str::to_string).collect()
}

fn walk(value: &Value, see: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, see)),
        Value::Object(map) => map.iter().for_each(|(name, inner)| {
            see(name, inner);
            walk(inner, see);
        }),
        _ => {}
    }
}

/// Logical ids that an update replaces, by the schemas alone: a create-only value differs, or refers to something replaced.
pub fn replaced(before: &Resources, after: &Resources) -> BTreeSet<String> {
    let schemas = schemas();
    let mut found: BTreeSet<String> = BTreeSet::new();
    loop {
        let more = after.iter().filter(|(id, new)| {
            let old = before.get(*id);
            !found.contains(*id) && old.is_some_and(|old| is_replaced(schemas, old, new, &found))
        });
        let more: BTreeSet<String> = more.map(|(id, _)| id.clone()).collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

fn is_replaced(schemas: &Value, old: &Value, new: &Value, known: &BTreeSet<String>) -> bool {
    let schema = &schemas[kind(new)];
    assert!(schema.is_object(), "{} is in no schema", kind(new));
    let (was, is) = (&old["Properties"], &new["Properties"]);
    let differs = |path: &str| {
        let (was, is) = (at(was, path), at(is, path));
        was != is || is.iter().any(|value| !refers(value).is_disjoint(known))
    };
    let without_tags = |value: &Value| {
        let mut value = value.clone();
        // A resource may have no properties at all.
        value.as_object_mut().and_then(|map| map.remove("Tags"));
        value
    };
    let paths = schema["createOnly"].as_array().unwrap().iter();
    // EC2 puts an IPv6 block where none was; another one in its place is another subnet.
    let conditional = schema["conditional"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|path| at(was, path.as_str().unwrap()).iter().any(|value| !value.is_null()));
    paths.chain(conditional).any(|path| differs(path.as_str().unwrap()))
        || schema["updates"] == false
            && (without_tags(was) != without_tags(is) || !refers(is).is_disjoint(known))
}

/// What a resource holds alone, as text; several for a group with rules of its own.
pub fn keys(id: &str, resource: &Value) -> Vec<String> {
    let own = &resource["Properties"];
    let words = |name: &str, parts: &[&Value]| {
        let set = parts.iter().all(|part| !part.is_null());
        set.then(|| {
            format!("{name} {}", Value::from_iter(parts.iter().map(|part| (*part).clone())))
        })
        .into_iter()
        .collect::<Vec<_>>()
    };
    let first = |names: &[&str]| -> Value {
        names
            .iter()
            .map(|name| own[*name].clone())
            .find(|value| !value.is_null())
            .unwrap_or_default()
    };
    match kind(resource).rsplit_once("::").unwrap().1 {
        "Route" => {
            let to = first(&[
                "DestinationCidrBlock",
                "DestinationIpv6CidrBlock",
                "DestinationPrefixListId",
            ]);
            words("route", &[&own["RouteTableId"], &to])
        }
        "SecurityGroupIngress" => vec![rule("in", &own["GroupId"], own)],
        "SecurityGroupEgress" => vec![rule("out", &own["GroupId"], own)],
        "SecurityGroup" => {
            let group = serde_json::json!({ "Ref": id });
            let rows = |list: &str, word: &str| -> Vec<String> {
                own[list]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|row| rule(word, &group, row))
                    .collect()
            };
            [rows("SecurityGroupIngress", "in"), rows("SecurityGroupEgress", "out")].concat()
        }
        "SubnetRouteTableAssociation" => words("table of", &[&own["SubnetId"]]),
        "SubnetNetworkAclAssociation" => words("acl of", &[&own["SubnetId"]]),
        "NetworkAclEntry" => {
            words("entry", &[&own["NetworkAclId"], &own["Egress"], &own["RuleNumber"]])
        }
        "VPCEndpoint" => {
            words("endpoint", &[&own["VpcId"], &own["ServiceName"], &own["VpcEndpointType"]])
        }
        "TransitGatewayAttachment" => {
            words("attachment", &[&own["TransitGatewayId"], &own["VpcId"]])
        }
        "TransitGatewayRouteTableAssociation" => {
            words("tgw table of", &[&own["TransitGatewayAttachmentId"]])
        }
        "TransitGatewayRoute" => {
            words("tgw route", &[&own["TransitGatewayRouteTableId"], &own["DestinationCidrBlock"]])
        }
        "VPCGatewayAttachment" if own["VpnGatewayId"].is_null() => {
            words("igw of", &[&own["VpcId"]])
        }
        "VPCGatewayAttachment" => words("vgw of", &[&own["VpcId"]]),
        "EgressOnlyInternetGateway" => words("eigw of", &[&own["VpcId"]]),
        "Subnet" => words("subnet", &[&own["VpcId"], &own["CidrBlock"]]),
        "VPCCidrBlock" => words("cidr", &[&own["VpcId"], &own["CidrBlock"]]),
        "SubnetCidrReservation" => words("reservation", &[&own["SubnetId"], &own["Cidr"]]),
        "FlowLog" => {
            words("flow log", &[&own["ResourceId"], &own["TrafficType"], &own["LogDestination"]])
        }
        "LogGroup" => words("log group", &[&own["LogGroupName"]]),
        "Role" => words("role", &[&own["RoleName"]]),
        "OIDCProvider" => words("issuer", &[&own["Url"]]),
        "Addon" => words("addon", &[&own["ClusterName"], &own["AddonName"]]),
        "AccessEntry" => words("entry of", &[&own["ClusterName"], &own["PrincipalArn"]]),
        "PodIdentityAssociation" => {
            words("identity", &[&own["ClusterName"], &own["Namespace"], &own["ServiceAccount"]])
        }
        "Cluster" => words("cluster", &[&own["Name"]]),
        "Nodegroup" => words("node group", &[&own["ClusterName"], &own["NodegroupName"]]),
        "FargateProfile" => words("profile", &[&own["ClusterName"], &own["FargateProfileName"]]),
        "NatGateway" => own["AllocationId"]
            .as_object()
            .map(|_| format!("address {}", own["AllocationId"]))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

fn rule(direction: &str, group: &Value, row: &Value) -> String {
    let peers = [
        "CidrIp",
        "CidrIpv6",
        "SourcePrefixListId",
        "DestinationPrefixListId",
        "SourceSecurityGroupId",
        "DestinationSecurityGroupId",
    ];
    let peer = peers.iter().map(|name| &row[*name]).find(|peer| !peer.is_null()).unwrap();
    format!(
        "rule {direction} {group} {} {} {} {peer}",
        row["IpProtocol"], row["FromPort"], row["ToPort"]
    )
}

/// What an update creates while something else, or its old self, holds the key: (new, holder, key).
pub fn collisions(before: &Resources, after: &Resources) -> Vec<(String, String, String)> {
    let schemas = schemas();
    let replaced = replaced(before, after);
    let made = |id: &str| !before.contains_key(id) || replaced.contains(id);
    let mut held: BTreeMap<String, &String> = BTreeMap::new();
    for (id, old) in before {
        held.extend(keys(id, old).into_iter().map(|key| (key, id)));
    }
    let mut found = Vec::new();
    for (id, new) in
        after.iter().filter(|(id, new)| made(id) || kind(new).ends_with("::SecurityGroup"))
    {
        let had = before.get(id).filter(|_| !made(id)).map(|old| keys(id, old)).unwrap_or_default();
        for key in keys(id, new).into_iter().filter(|key| !had.contains(key)) {
            let of_new = refers(&serde_json::json!(key_values(&key)))
                .iter()
                .any(|other| other != id && made(other));
            let Some(holder) = held.get(&key).filter(|_| !of_new) else { continue };
            let itself = *holder == id;
            let deletes_first = schemas[kind(new)]["strategy"] == "delete_then_create";
            // A group that lets a rule go before the rule of its own is created.
            let let_go = after.get(*holder).is_some_and(|own| !keys(holder, own).contains(&key))
                && refers(new).contains(*holder);
            if !(itself && (deletes_first || !made(id)) || let_go) {
                found.push((id.clone(), (*holder).clone(), key.clone()));
            }
        }
    }
    found
}

/// The JSON in a key, for the references in it.
fn key_values(key: &str) -> Vec<Value> {
    let mut found = Vec::new();
    for (start, _) in key.match_indices(['[', '{']) {
        let mut stream = serde_json::Deserializer::from_str(&key[start..]).into_iter::<Value>();
        found.extend(stream.next().and_then(Result::ok));
    }
    found
}

/// (type, property that must be there, properties that say what counts together, most, beside)
const QUOTAS: &[(&str, &str, &[&str], usize, usize)] = &[
    ("AWS::EC2::VPCCidrBlock", "CidrBlock", &["VpcId"], 5, 1),
    ("AWS::EC2::NetworkAclEntry", "RuleNumber", &["NetworkAclId", "Egress"], 20, 0),
    ("AWS::EC2::EIP", "Domain", &[], 5, 0),
    ("AWS::EKS::FargateProfile", "Selectors", &["ClusterName"], 10, 0),
    ("AWS::EC2::SecurityGroupIngress", "GroupId", &["GroupId"], 60, 0),
    ("AWS::EKS::Nodegroup", "Subnets", &["ClusterName"], 30, 0),
];

/// (type, how many exist in between) where more do than before, afterwards and by default.
pub fn passed(
    before: &Resources,
    after: &Resources,
    ends: [&Resources; 2],
) -> Vec<(&'static str, usize)> {
    let replaced = replaced(before, after);
    let mut found = Vec::new();
    for (name, with, within, most, beside) in QUOTAS {
        let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        let scope = |own: &Value| {
            format!("{:?}", within.iter().map(|part| &own["Properties"][*part]).collect::<Vec<_>>())
        };
        let counted = |own: &Value| kind(own) == *name && !own["Properties"][*with].is_null();
        for (_, own) in before.iter().filter(|(_, own)| counted(own)) {
            counts.entry(scope(own)).or_default().0 += 1;
        }
        for (id, own) in after.iter().filter(|(_, own)| counted(own)) {
            let count = counts.entry(scope(own)).or_default();
            count.1 += usize::from(!before.contains_key(id) || replaced.contains(id));
        }
        let at_ends = |place: &String| {
            let of = |end: &&Resources| {
                end.values().filter(|own| counted(own) && scope(own) == *place).count()
            };
            ends.iter().map(of).max().unwrap()
        };
        for (place, (was, new)) in counts {
            let between = was + new + beside;
            // Of a scope that is new, nothing existed.
            if 0 < was && most < &between && at_ends(&place) + beside < between {
                found.push((*name, between));
            }
        }
    }
    found
}

/// Node groups that one update gives new nodes and something else.
pub fn mixed(before: &Resources, after: &Resources) -> Vec<String> {
    let replaced = replaced(before, after);
    let rolling = ["Version", "ReleaseVersion", "LaunchTemplate"];
    let stays = |id: &str| before.contains_key(id) && !replaced.contains(id);
    let of = after.iter().filter(|(id, own)| kind(own).ends_with("Nodegroup") && stays(id));
    let both = of.filter(|(id, new)| {
        let (old, new) = (&before[*id]["Properties"], &new["Properties"]);
        let names: BTreeSet<&String> =
            [old, new].into_iter().flat_map(|own| own.as_object().unwrap().keys()).collect();
        let (rolls, others): (Vec<&String>, Vec<&String>) =
            names.into_iter().partition(|name| rolling.contains(&name.as_str()));
        let new_version = refers(&new["LaunchTemplate"]).iter().any(|template| {
            before.get(template).map(|own| &own["Properties"])
                != Some(&after[template]["Properties"])
                || !refers(&after[template]).is_disjoint(&replaced)
        });
        let differs = |names: &[&String]| names.iter().any(|name| old[*name] != new[*name]);
        (differs(&rolls) || new_version) && differs(&others)
    });
    both.map(|(id, _)| id.clone()).collect()
}

/// Users of a role that it does not trust while they use it: roles change before what refers to them, and trust goes with them.
pub fn untrusted(before: &Resources, after: &Resources) -> Vec<String> {
    let mut found = Vec::new();
    for (id, own) in before.iter().chain(after).filter(|(id, _)| after.contains_key(*id)) {
        let own = &own["Properties"];
        let by_pod = [own, &own["PodIdentityAssociations"][0]].map(|one| &one["RoleArn"]);
        let pods = by_pod.map(|role| (role, "pods.eks.amazonaws.com"));
        let web = (&own["ServiceAccountRoleArn"], "AssumeRoleWithWebIdentity");
        for (role, who) in pods.into_iter().chain([web]) {
            let role = role["Fn::GetAtt"][0].as_str().and_then(|role| after.get(role));
            let Some(role) = role.filter(|_| kind(&after[id]).starts_with("AWS::EKS::")) else {
                continue;
            };
            let trust = role["Properties"]["AssumeRolePolicyDocument"].to_string();
            let identity = ["Addon", "PodIdentityAssociation"]
                .iter()
                .any(|name| kind(&after[id]).ends_with(name));
            if identity && !trust.contains(who) {
                found.push(format!("{id} by {who}"));
            }
        }
    }
    found
}

/// Whether a control plane that changes its version changes alone.
pub fn upgrades_alone(before: &Resources, after: &Resources) -> bool {
    let cluster = |of: &Resources| {
        of.iter()
            .find(|(_, own)| kind(own).ends_with("::Cluster"))
            .map(|(id, own)| (id.clone(), own.clone()))
    };
    let (Some((id, old)), Some((_, new))) = (cluster(before), cluster(after)) else { return true };
    let version = |own: &Value| own["Properties"]["Version"].clone();
    if version(&old) == version(&new) || replaced(before, after).contains(&id) {
        return true;
    }
    let mut upgraded = before.clone();
    upgraded[&id]["Properties"]["Version"] = version(&new);
    let properties = |of: &Resources| -> BTreeMap<String, Value> {
        of.iter().map(|(id, own)| (id.clone(), own["Properties"].clone())).collect()
    };
    properties(&upgraded) == properties(after)
}
