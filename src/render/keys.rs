//! Physical keys: what AWS tells resources apart by, read off a template. Two logical ids with one key cannot exist side by side, and
//! CloudFormation creates before it deletes; so whatever exists keeps the logical id that it has.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use serde_json::Value;

use crate::facts::addons;
use crate::facts::eks::VPC_CNI;
use crate::facts::kinds::{self, Key as Spec, Part, RULE_LISTS, RULE_PEERS, RULE_PORTS};
use crate::facts::nat;
use crate::graph::{Graph, LogicalId, Resource, is_intrinsic, references};

use crate::template::Template;

/// `AWS::EC2::Route` of `{"Ref":"RouteTable…"}` to `0.0.0.0/0`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The resource type; of security group rules `rule`, wherever they are written.
    pub kind: String,
    /// As the template has them: texts, and references as JSON.
    pub parts: Vec<String>,
    /// Two keys whose ranges overlap are one.
    pub range: Option<IpNet>,
}

impl std::fmt::Display for Key {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let range = self.range.map(|range| range.to_string());
        let parts: Vec<&str> =
            self.parts.iter().map(String::as_str).chain(range.as_deref()).collect();
        write!(out, "{}({})", self.kind, parts.join(", "))
    }
}

impl Key {
    /// Whether the two cannot be held by two resources at once.
    pub fn meets(&self, other: &Key) -> bool {
        let overlap = match (&self.range, &other.range) {
            (Some(one), Some(other)) => one.contains(other) || other.contains(one),
            (one, other) => one.is_none() && other.is_none(),
        };
        self.kind == other.kind && self.parts == other.parts && overlap
    }

    /// The logical ids in it.
    pub fn refers_to(&self) -> BTreeSet<LogicalId> {
        let read = |part: &String| serde_json::from_str::<Value>(part).ok();
        self.parts.iter().filter_map(read).flat_map(|value| references(&value)).collect()
    }
}

/// The keys of a resource; most have one.
pub fn of(id: &str, resource: &Value) -> Vec<Key> {
    let name = resource["Type"].as_str().unwrap_or_default();
    let properties = &resource["Properties"];
    let Some(row) = kinds::find(name) else {
        return Vec::new();
    };
    match &row.key {
        Spec::None => Vec::new(),
        Spec::Of(parts) => from_parts(name, parts, properties).into_iter().collect(),
        Spec::AddonOf(parts) => from_parts(name, parts, properties)
            .into_iter()
            .chain(associations(properties))
            .collect(),
        Spec::EachAddress(names) => {
            let mut found = Vec::new();
            names.iter().for_each(|name| addresses(&properties[*name], &mut found));
            found.into_iter().map(|part| key(name, vec![part])).collect()
        }
        Spec::Rule(direction) => {
            vec![rule(direction, &properties["GroupId"], properties)]
        }
        Spec::RulesOf => RULE_LISTS
            .iter()
            .flat_map(|(list, direction)| {
                let rows = properties[*list].as_array().into_iter().flatten();
                let own = serde_json::json!({ "Ref": id });
                rows.map(move |row| rule(direction, &own, row))
            })
            .collect(),
    }
}

/// Those by which the resource itself is known; what it asks EKS for beside itself keeps no logical id.
fn own(id: &str, resource: &Value) -> Vec<Key> {
    let mut keys = of(id, resource);
    keys.retain(|key| key.kind != ASSOCIATION || resource["Type"] == ASSOCIATION);
    keys
}

const ASSOCIATION: &str = "AWS::EKS::PodIdentityAssociation";

/// Of an add-on's service accounts. That of aws-node has a rule of its own (SELF-05): no part may leave it without a role.
fn associations(addon: &Value) -> impl Iterator<Item = Key> {
    let rows = addon["PodIdentityAssociations"].as_array().into_iter().flatten();
    let rows = rows.filter(|_| addon["AddonName"] != VPC_CNI);
    rows.filter_map(|row| {
        let account = row["ServiceAccount"].as_str()?;
        let namespace = addons::namespace_of(account).to_string();
        Some(key(ASSOCIATION, vec![text(&addon["ClusterName"]), namespace, account.to_string()]))
    })
}

fn key(kind: &str, parts: Vec<String>) -> Key {
    Key { kind: kind.to_string(), parts, range: None }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}

fn from_parts(kind: &str, parts: &[Part], properties: &Value) -> Option<Key> {
    let set =
        |names: &[&'static str]| names.iter().copied().find(|name| !properties[*name].is_null());
    let mut found = key(kind, Vec::new());
    for part in parts {
        match part {
            Part::Of(names) => found.parts.push(text(&properties[set(names)?])),
            Part::Which(names) => found.parts.push(set(names)?.to_string()),
            Part::Range(names) => {
                let value = &properties[set(names)?];
                match value.as_str().and_then(|range| range.parse().ok()) {
                    Some(range) => found.range = Some(range),
                    None => found.parts.push(text(value)),
                }
            }
        }
    }
    Some(found)
}

/// Allocation ids, however deep: of the author's own, and of addresses that the stack makes.
fn addresses(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(own) if own.starts_with(nat::ALLOCATION) => found.push(own.clone()),
        value if is_intrinsic(value) => found.push(value.to_string()),
        Value::Array(items) => items.iter().for_each(|item| addresses(item, found)),
        Value::Object(map) => map.values().for_each(|item| addresses(item, found)),
        _ => {}
    }
}

fn rule(direction: &str, group: &Value, row: &Value) -> Key {
    let port = |name: &&str| text(&row[*name]);
    let peer = RULE_PEERS.iter().map(|name| &row[*name]).find(|peer| !peer.is_null());
    let ends = [direction.to_string(), text(group), text(&row["IpProtocol"])];
    let parts = ends.into_iter().chain(RULE_PORTS.iter().map(port)).chain(peer.map(text));
    key("rule", parts.collect())
}

/// Which logical id has which physical key. A network ACL has none of its own: it is the one that a subnet is under.
pub fn held(template: &Template) -> BTreeMap<Key, LogicalId> {
    let of_one = |(id, resource): (&LogicalId, &Value)| {
        own(id, resource).into_iter().map(|key| (key, id.clone())).collect::<Vec<_>>()
    };
    template.resources().flat_map(of_one).chain(acls(template)).collect()
}

fn acls(template: &Template) -> impl Iterator<Item = (Key, LogicalId)> {
    let associations = template
        .resources()
        .filter(|(_, one)| one["Type"] == "AWS::EC2::SubnetNetworkAclAssociation");
    associations.filter_map(|(_, one)| {
        let own = &one["Properties"];
        let acl = own["NetworkAclId"]["Ref"].as_str()?.to_string();
        Some((key("AWS::EC2::NetworkAcl", vec![text(&own["SubnetId"])]), acl))
    })
}

/// The logical ids that physical things have: those of a deployed template, and earlier ones that were written down by key.
pub struct Known<'a> {
    pub deployed: &'a Template,
    pub written: &'a BTreeMap<String, LogicalId>,
}

/// A logical id that gives way to the one that its physical thing has.
struct Rename {
    key: Key,
    from: LogicalId,
    to: LogicalId,
}

impl Known<'_> {
    /// The graph with the logical ids that its physical things have, and those of them, by key, that eksnet would not give by itself.
    /// `None` where nothing exists.
    pub fn keep(
        &self,
        graph: &Graph,
        new: &Template,
    ) -> Option<(Graph, BTreeMap<String, LogicalId>)> {
        if self.deployed.is_empty() && self.written.is_empty() {
            return None;
        }
        let graph = graph.clone();
        let renamed = self.renames(new);
        let names = by_name(&renamed);
        let other = |id: LogicalId| names.get(&id).cloned().unwrap_or(id);
        let resources = graph.resources.into_iter().map(|(id, mut resource)| {
            let id = other(id);
            if !names.is_empty() {
                resource.facts = with_names(&resource.facts, &names);
            }
            untouched_entry(self.deployed.resource(&id), &mut resource);
            (id, resource)
        });
        let outputs = graph.outputs.into_iter().map(|(name, mut output)| {
            output.value = with_names(&output.value, &names);
            (name, output)
        });
        let (resources, outputs) = (resources.collect(), outputs.collect());
        let graph = Graph {
            resources,
            outputs,
            collisions: graph.collisions.clone(),
            exported_as: graph.exported_as.clone(),
            patched: graph.patched.clone(),
            tags: graph.tags.clone(),
        };
        Some((graph, renamed.into_iter().map(|one| (one.key.to_string(), one.to)).collect()))
    }

    /// ACLs first: the keys of their entries name them.
    fn renames(&self, new: &Template) -> Vec<Rename> {
        let mut known = self.written.clone();
        known.extend(held(self.deployed).into_iter().map(|(key, id)| (key.to_string(), id)));
        let rename = |(key, from): (Key, LogicalId)| {
            let to = known.get(&key.to_string()).filter(|to| **to != from)?.clone();
            // Both ids are in use otherwise: then something moves, which is for the preview to judge.
            let free = self.deployed.resource(&from).is_none() && new.resource(&to).is_none();
            free.then_some(Rename { key, from, to })
        };
        let mut found: Vec<Rename> = acls(new).filter_map(rename).collect();
        let names = by_name(&found);
        let one = |(id, resource): (&LogicalId, &Value)| {
            let [key] = <[Key; 1]>::try_from(own(id, &with_names(resource, &names))).ok()?;
            rename((key, id.clone()))
        };
        let more: Vec<Rename> = new.resources().filter_map(one).collect();
        found.extend(more);
        found
    }
}

fn by_name(renames: &[Rename]) -> BTreeMap<LogicalId, LogicalId> {
    renames.iter().map(|one| (one.from.clone(), one.to.clone())).collect()
}

/// EKS updates no access entry of another type than STANDARD, its tags included: what one was made with stays.
fn untouched_entry(deployed: Option<&Value>, new: &mut Resource) {
    let Some(old) = deployed.map(|entry| &entry["Properties"]) else {
        return;
    };
    let typed = new.template == "eks/access-entry" && new.facts["type"].is_string();
    if typed && old["Type"] == new.facts["type"] && old["Tags"].is_array() {
        new.facts["tags"] = old["Tags"].clone();
    }
}

/// A value with other ids in its references and waits.
fn with_names(value: &Value, renames: &BTreeMap<LogicalId, LogicalId>) -> Value {
    let other = |id: &Value| {
        let known = id.as_str().and_then(|id| renames.get(id));
        known.map_or_else(|| id.clone(), |id| Value::String(id.clone()))
    };
    let all = |ids: &Value| Value::Array(ids.as_array().into_iter().flatten().map(other).collect());
    match value {
        Value::Array(items) => items.iter().map(|item| with_names(item, renames)).collect(),
        Value::Object(map) => {
            let one = |(name, inner): (&String, &Value)| {
                let inner = match (name.as_str(), inner) {
                    ("Ref", id) => other(id),
                    ("Fn::GetAtt" | "depends_on" | "DependsOn", Value::Array(_)) => all(inner),
                    ("Fn::Sub", Value::String(text)) => Value::String(substituted(text, renames)),
                    _ => with_names(inner, renames),
                };
                (name.clone(), inner)
            };
            Value::Object(map.iter().map(one).collect())
        }
        value => value.clone(),
    }
}

fn substituted(text: &str, renames: &BTreeMap<LogicalId, LogicalId>) -> String {
    let one = |text: String, (from, to): (&LogicalId, &LogicalId)| {
        let ends = ["}", "."];
        ends.iter().fold(text, |text, end| {
            text.replace(&format!("${{{from}{end}"), &format!("${{{to}{end}"))
        })
    };
    renames.iter().fold(text.to_string(), one)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn template(resources: Value) -> Template {
        Template { value: json!({ "Resources": resources }) }
    }

    fn route(to: &str) -> Value {
        json!({ "Type": "AWS::EC2::Route", "Properties": { "RouteTableId": { "Ref": "T" }, "DestinationCidrBlock": to } })
    }

    #[test]
    fn a_route_that_exists_keeps_its_logical_id() {
        let deployed = template(json!({ "TTo0x0x0x0x0": route("0.0.0.0/0") }));
        let new = template(json!({ "TDefault": route("0.0.0.0/0"), "TTo10": route("10.0.0.0/8") }));
        let known = Known { deployed: &deployed, written: &BTreeMap::new() };
        let names = by_name(&known.renames(&new));
        assert_eq!(names, BTreeMap::from([("TDefault".into(), "TTo0x0x0x0x0".into())]));
        let waits =
            json!({ "depends_on": ["TDefault"], "a": { "Fn::Sub": "${TDefault.X} ${TDefaults}" } });
        assert_eq!(
            with_names(&waits, &names),
            json!({ "depends_on": ["TTo0x0x0x0x0"], "a": { "Fn::Sub": "${TTo0x0x0x0x0.X} ${TDefaults}" } })
        );
    }

    #[test]
    fn a_rule_is_the_same_in_a_group_and_apart() {
        let row =
            json!({ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8" });
        let mut apart = row.clone();
        apart["GroupId"] = json!({ "Ref": "G" });
        let inside = json!({ "Type": "AWS::EC2::SecurityGroup", "Properties": { "SecurityGroupIngress": [row] } });
        let apart = json!({ "Type": "AWS::EC2::SecurityGroupIngress", "Properties": apart });
        assert_eq!(of("G", &inside), of("R", &apart));
    }

    #[test]
    fn an_association_is_the_same_in_an_add_on_and_apart() {
        let cluster = json!({ "Ref": "Cluster" });
        let rows = json!([{ "ServiceAccount": "ebs-csi-controller-sa", "RoleArn": "r" }]);
        let addon = json!({ "Type": "AWS::EKS::Addon", "Properties": { "ClusterName": cluster, "AddonName": "a", "PodIdentityAssociations": rows } });
        let apart = json!({ "Type": "AWS::EKS::PodIdentityAssociation", "Properties": { "ClusterName": cluster, "Namespace": "kube-system", "ServiceAccount": "ebs-csi-controller-sa" } });
        assert!(of("A", &addon).contains(&of("I", &apart)[0]));
        assert!(!held(&template(json!({ "A": addon }))).contains_key(&of("I", &apart)[0]));
    }

    #[test]
    fn ranges_that_overlap_are_one_key() {
        let subnet = |cidr: &str| json!({ "Type": "AWS::EC2::Subnet", "Properties": { "VpcId": { "Ref": "Vpc" }, "CidrBlock": cidr } });
        let key = |cidr| of("S", &subnet(cidr)).remove(0);
        assert!(key("10.0.0.0/24").meets(&key("10.0.0.128/25")));
        assert!(!key("10.0.0.0/24").meets(&key("10.0.1.0/24")));
    }
}
