//! Security groups: who reaches whom, on which ports. Read off the template, as AWS will.

use std::collections::BTreeMap;

use maud::{Markup, html};
use serde_json::Value;

use super::{Anchors, captioned};
use crate::report::escape::plain;
use crate::report::layout::Layout;
use crate::template::Template;

/// A rule that lets traffic in.
struct Allowed {
    from: String,
    to: String,
    ports: String,
    why: String,
}

pub fn section(layout: &Layout<'_>, anchors: &Anchors) -> Markup {
    let ingress = rules(layout.template, "Ingress");
    let egress = rules(layout.template, "Egress");
    let own = layout.intent.security.least_privilege;
    html! {
        section {
            h2 #(anchors.id("security")) { "Security groups" }
            @if layout.intent.cluster.is_some() {
                p {
                    @if own { "Nodes, and pods with custom networking, have security groups of their own." }
                    @else { "Nodes and pods use the cluster security group, which EKS creates: everything in it reaches everything else in it." }
                }
            }
            @if ingress.is_empty() && egress.is_empty() { p.soft { "The stack adds no rules." } }
            @if !ingress.is_empty() { (captioned(&anchors.name("Who reaches whom"), "From the row into the column", &matrix(&ingress))) }
            @if !ingress.is_empty() { (captioned(&anchors.name("Ingress rules"), "Ingress: what is allowed in", &list(&ingress))) }
            @if !egress.is_empty() { (captioned(&anchors.name("Egress rules"), "Egress: what is allowed out", &list(&egress))) }
        }
    }
}

/// Sources as rows, groups as columns.
fn matrix(rules: &[Allowed]) -> Markup {
    let mut cells: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for rule in rules {
        cells.entry((&rule.from, &rule.to)).or_default().push(&rule.ports);
    }
    let mut from: Vec<&str> = cells.keys().map(|(from, _)| *from).collect();
    let mut to: Vec<&str> = cells.keys().map(|(_, to)| *to).collect();
    for names in [&mut from, &mut to] {
        names.sort_unstable();
        names.dedup();
    }
    html! {
        table {
            thead { tr { th scope="col" { "from \\ to" } @for one in &to { th scope="col" { (plain(one)) } } } }
            tbody { @for source in &from { tr {
                th scope="row" { (plain(source)) }
                @for group in &to {
                    td { (cells.get(&(*source, *group)).map_or("–".to_string(), |ports| ports.join(", "))) }
                }
            } } }
        }
    }
}

fn list(rules: &[Allowed]) -> Markup {
    html! {
        table {
            thead { tr { th scope="col" { "from" } th scope="col" { "to" } th scope="col" { "ports" } th scope="col" { "for" } } }
            tbody { @for rule in rules { tr {
                td { (plain(&rule.from)) } td { (plain(&rule.to)) } td { (rule.ports) } td { (plain(&rule.why)) }
            } } }
        }
    }
}

/// Every rule in a direction: those inside of a group and those that stand alone.
fn rules(template: &Template, direction: &str) -> Vec<Allowed> {
    let (list, alone) =
        (format!("SecurityGroup{direction}"), format!("AWS::EC2::SecurityGroup{direction}"));
    let mut found = Vec::new();
    for (id, resource) in template.resources() {
        let properties = &resource["Properties"];
        if resource["Type"] == "AWS::EC2::SecurityGroup" {
            let own = properties[&list].as_array().into_iter().flatten();
            found.extend(own.map(|rule| allowed(rule, id.clone(), direction)));
        } else if resource["Type"] == *alone {
            found.push(allowed(properties, named(&properties["GroupId"]), direction));
        }
    }
    found
}

fn allowed(rule: &Value, group: String, direction: &str) -> Allowed {
    let peers = [
        "CidrIp",
        "CidrIpv6",
        "SourceSecurityGroupId",
        "DestinationSecurityGroupId",
        "SourcePrefixListId",
        "DestinationPrefixListId",
    ];
    let peer = peers
        .iter()
        .map(|key| &rule[*key])
        .find(|value| !value.is_null())
        .map_or("–".to_string(), named);
    let (from, to) = if direction == "Ingress" { (peer, group) } else { (group, peer) };
    let why = rule["Description"].as_str().unwrap_or_default().to_string();
    Allowed { from, to, ports: ports(rule), why }
}

/// A group by its logical id; the cluster's by what EKS calls it.
fn named(value: &Value) -> String {
    match (value["Ref"].as_str(), value["Fn::GetAtt"].as_array()) {
        (Some(id), _) => id.to_string(),
        (_, Some(parts)) if parts.last().is_some_and(|part| part == "ClusterSecurityGroupId") => {
            "cluster security group".to_string()
        }
        (_, Some(parts)) => parts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("."),
        _ => value.as_str().map_or(value.to_string(), str::to_string),
    }
}

fn ports(rule: &Value) -> String {
    let protocol =
        rule["IpProtocol"].as_str().map_or(rule["IpProtocol"].to_string(), str::to_string);
    let (from, to) = (rule["FromPort"].as_i64(), rule["ToPort"].as_i64());
    match (protocol.as_str(), from, to) {
        ("-1", ..) => "everything".to_string(),
        (_, Some(from), Some(to)) if from == to => format!("{} {from}", plain(&protocol)),
        (_, Some(from), Some(to)) => format!("{} {from}–{to}", plain(&protocol)),
        _ => plain(&protocol),
    }
}
