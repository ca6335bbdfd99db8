//! The settings of aws-node, where each comes from and when a change of it takes effect; and every default that was filled in.

use maud::{Markup, html};
use serde_json::Value;

use super::{Anchors, captioned, prose, scrolling};
use crate::blueprint::Document;
use crate::facts::aws_node::{Effect, SETTINGS, Setting};
use crate::intent::Cluster;
use crate::report::escape::plain;
use crate::report::layout::Layout;

pub fn section(layout: &Layout<'_>, written: &Document, anchors: &Anchors) -> Markup {
    html! {
        section {
            h2 #(anchors.id("settings")) { "VPC CNI settings" }
            @match &layout.intent.cluster {
                None => { p { "There is no cluster." } }
                Some(cluster) if !cluster.aws_node.runs() => { p { "aws-node does not run here: another CNI, or EKS Auto Mode, gives pods their addresses." } }
                Some(cluster) => (of_cluster(layout, cluster, written, anchors)),
            }
        }
    }
}

fn of_cluster(
    layout: &Layout<'_>,
    cluster: &Cluster,
    written: &Document,
    anchors: &Anchors,
) -> Markup {
    let written = written.value();
    let node = &cluster.aws_node;
    let set = |row: &&Setting| node.settings.has(row.variable);
    let (own, rest): (Vec<&Setting>, Vec<&Setting>) = SETTINGS.iter().partition(set);
    let managed = if node.is_addon() {
        "EKS add-on vpc-cni"
    } else {
        "self-managed, set through the Kubernetes API"
    };
    let version = node.version.known().map_or("as EKS installs it".to_string(), plain);
    let source = |row: &Setting| {
        let key = row.key.map_or(format!("awsNode.env.{}", row.variable), str::to_string);
        let chosen = layout.intent.choices.0.iter().any(|choice| choice.what == key);
        let plain_default =
            node.settings.get(row.variable).is_some_and(|value| value.to_string() == row.default);
        let said =
            !written.pointer(&format!("/{}", key.replace('.', "/"))).is_none_or(Value::is_null);
        if !said && (chosen || plain_default) { format!("default ({key})") } else { key }
    };
    let table = html! {
        table {
            thead { tr { th scope="col" { "variable" } th scope="col" { "value" } th scope="col" { "from" } th scope="col" { "a change takes effect on" } } }
            tbody { @for row in own { tr {
                th scope="row" { code { (broken(row.variable)) } }
                td { code { (node.settings.get(row.variable).map_or(String::new(), |value| plain(&value.to_string()))) } }
                td { (source(row)) } td { (reach(row.effect)) }
            } } }
        }
    };
    html! {
        p { (managed) ", version " (version) "." }
        (captioned(&anchors.name("Variables of aws-node that are set"), "Variables that are set", &table))
        details {
            summary { "Variables at aws-node's own defaults" }
            (scrolling(&anchors.name("Variables of aws-node at their defaults"), &defaults_of(&rest)))
        }
    }
}

/// Whom a change of a setting reaches.
fn reach(effect: Effect) -> &'static str {
    match effect {
        Effect::AtOnce => "running nodes",
        other => other.word(),
    }
}

fn defaults_of(rows: &[&Setting]) -> Markup {
    html! {
        table {
            thead { tr { th scope="col" { "variable" } th scope="col" { "default" } th scope="col" { "a change takes effect on" } } }
            tbody { @for row in rows { tr {
                th scope="row" { code { (broken(row.variable)) } } td { (plain(row.default)) } td { (reach(row.effect)) }
            } } }
        }
    }
}

/// What was filled in where the blueprint is silent, and why; then what the words mean.
pub fn defaults(layout: &Layout<'_>, anchors: &Anchors) -> Markup {
    let table = html! {
        table {
            thead { tr { th scope="col" { "key" } th scope="col" { "value" } th scope="col" { "why" } } }
            tbody { @for choice in &layout.intent.choices.0 { tr {
                th scope="row" { code { (broken(&plain(&choice.what))) } } td { (plain(&choice.value)) } td { (prose(choice.why)) }
            } } }
        }
    };
    html! {
        section {
            h2 #(anchors.id("defaults")) { "Defaults" }
            @if layout.intent.choices.0.is_empty() { p { "The blueprint sets everything itself." } }
            @else { (captioned(&anchors.name("Defaults"), "What the blueprint leaves open, and what eksnet chose", &table)) }
            h3 #(anchors.id("words")) { "Words" }
            dl {
                @for (word, meaning) in WORDS { dt { strong { (word) } } dd { (meaning) } }
            }
        }
    }
}

const WORDS: [(&str, &str); 5] = [
    ("tier", "the subnets of one purpose, one in each zone"),
    ("usable", "addresses of a subnet without the five that AWS keeps"),
    (
        "at max",
        "with every node group at its maximum and a rolling update under way, in the worst order of placement",
    ),
    ("prefix delegation", "nodes get addresses in blocks of 16 (/28) instead of one by one"),
    ("NAU", "Network Address Usage: how AWS counts what is in a VPC, against its quota"),
];

/// A key or a variable, which a narrow column breaks behind a dot or an underscore, and not within a word.
fn broken(name: &str) -> Markup {
    html! { @for part in name.split_inclusive(['.', '_']) { (part) wbr; } }
}
