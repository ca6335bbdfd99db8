//! How many pods the nodes of an instance type take, in every mode of aws-node.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::blueprint::nearest;
use crate::demand::{Machine, System};
use crate::facts::instances::{self, Instance};
use crate::intent::AwsNode;
use crate::intent::aws_node::{CustomNetworking, Enforcing};

use super::style::dim;
use super::table::{Align::Left, Align::Right, table};
use super::view::{View, width};

/// (name in JSON, column, whether the node's own subnet is closed to pods)
const MODES: [(&str, &str, bool); 8] = [
    ("secondaryIp", "secondary", false),
    ("prefixDelegation", "prefixes", false),
    ("customNetworking", "custom", false),
    ("customNetworkingAndPrefixes", "custom + prefixes", false),
    ("ipv6", "IPv6", false),
    ("securityGroupsForPods", "with trunk", false),
    ("securityGroupsForPodsAndPrefixes", "trunk + prefixes", false),
    ("excludedNodeSubnet", "node subnet excluded", true),
];

/// A table with a column for each mode where it fits the view, else a block for each type.
pub fn human(types: &[&Instance], view: View) -> String {
    let columns: Vec<_> = FACTS.into_iter().chain(MODES.map(|(_, column, _)| column)).collect();
    let aligned =
        |(at, column): (usize, &&'static str)| (*column, if at == 0 { Left } else { Right });
    let aligned: Vec<_> = columns.iter().enumerate().map(aligned).collect();
    let rows: Vec<Vec<String>> = types.iter().map(|instance| row(instance)).collect();
    let whole = table(2, &aligned, &rows);
    let fits = whole.lines().all(|line| width(line) <= view.columns);
    let whole = if fits { whole } else { blocks(&columns, &rows, view) };
    let note =
        format!("  max pods of a managed node group in each mode; table of {}", instances::as_of());
    let note = view.hanging("  ", note.trim_start(), 2);
    let lines: String = note.lines().map(|line| format!("{}\n", dim(line))).collect();
    format!("{whole}\n{lines}")
}

const FACTS: [&str; 5] = ["type", "interfaces", "IPv4 each", "vCPUs", "branches"];

/// Each type by itself, where the screen is too narrow for the table.
fn blocks(columns: &[&str], rows: &[Vec<String>], view: View) -> String {
    let block = |row: &Vec<String>| {
        let cells = row.iter().zip(columns).map(|(cell, column)| format!("{column} {cell}"));
        let cells: Vec<String> = cells.collect();
        let (facts, modes) = cells.split_at(FACTS.len());
        let name = format!("  {}  ", row[0]);
        view.hanging(&name, &facts[1..].join(" · "), 6)
            + &view.hanging("    max pods  ", &modes.join(" · "), 6)
    };
    rows.iter().map(block).collect()
}

fn row(instance: &Instance) -> Vec<String> {
    let count = |number: Option<u64>| number.map_or("-".to_string(), |number| number.to_string());
    let mut cells = vec![
        instance.name.to_string(),
        instance.interfaces.to_string(),
        instance.addresses.to_string(),
        count(instance.vcpus),
        count(instance.branches),
    ];
    cells.extend(settings().iter().zip(MODES).map(|(node, (_, _, primary_excluded))| {
        let machine =
            Machine { instance, node, primary_excluded, system: System::Linux, most: None };
        if is_possible(&machine) { machine.density().max_pods.to_string() } else { "-".to_string() }
    }));
    cells
}

/// Whether the type has the prefixes, the trunk and the interfaces that the mode asks for.
fn is_possible(machine: &Machine<'_>) -> bool {
    let prefixes = !machine.node.prefix_delegation || machine.instance.prefixes;
    let trunk = machine.node.pod_security_groups.is_none() || machine.has_trunk();
    prefixes && trunk && 0 < machine.pod_interfaces()
}

/// Every mode of each type, with the sum behind it; a mode that the type cannot have says so.
pub fn json(types: &[&Instance]) -> String {
    let rows: Vec<Value> = types.iter().map(|instance| value(instance)).collect();
    super::json(&json!({ "schemaVersion": 1, "asOf": instances::as_of(), "instanceTypes": rows }))
}

fn value(instance: &Instance) -> Value {
    let modes: Map<String, Value> = settings()
        .iter()
        .zip(MODES)
        .map(|(node, (name, _, primary_excluded))| {
            let machine = Machine { instance, node, primary_excluded, system: System::Linux, most: None };
            let density = machine.density();
            (name.to_string(), json!({ "possible": is_possible(&machine), "raw": density.raw, "maxPods": density.max_pods, "limit": density.limit.word(), "why": density.why }))
        })
        .collect();
    json!({
        "name": instance.name,
        "interfaces": instance.interfaces,
        "addressesPerInterface": instance.addresses,
        "vcpus": instance.vcpus,
        "prefixes": instance.prefixes,
        "branchInterfaces": instance.branches,
        "modes": modes,
    })
}

/// In the order of [`MODES`].
fn settings() -> [AwsNode; 8] {
    let plain = AwsNode::default();
    let prefixes = AwsNode { prefix_delegation: true, ..plain.clone() };
    let custom = |node: &AwsNode| AwsNode {
        custom_networking: Some(CustomNetworking::default()),
        ..node.clone()
    };
    let trunk =
        |node: &AwsNode| AwsNode { pod_security_groups: Some(Enforcing::Standard), ..node.clone() };
    [
        plain.clone(),
        prefixes.clone(),
        custom(&plain),
        custom(&prefixes),
        AwsNode { ipv6: true, ..prefixes.clone() },
        trunk(&plain),
        trunk(&prefixes),
        plain,
    ]
}

/// Types, families, or beginnings of families (`m6`) that are named, all where none is; what to say of a word that names none.
pub fn named(words: &[String]) -> Result<Vec<&'static Instance>, String> {
    let all = instances::all();
    let families: BTreeSet<&str> = all.iter().map(|instance| family(instance.name)).collect();
    let is = |word: &str, name: &str| {
        let own = family(name);
        let begins = !families.contains(word) && !word.contains('.') && own.starts_with(word);
        name == word || own == word || begins
    };
    let strange = words.iter().find(|word| !all.iter().any(|instance| is(word, instance.name)));
    if let Some(word) = strange {
        let near = nearest(word, instances::names().into_iter());
        let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
        let as_of = instances::as_of();
        return Err(format!("no instance type of {as_of} is called `{word}`{near}"));
    }
    let asked = |name: &str| words.is_empty() || words.iter().any(|word| is(word, name));
    Ok(all.iter().copied().filter(|instance| asked(instance.name)).collect())
}

/// `m6i` of `m6i.xlarge`.
fn family(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}
