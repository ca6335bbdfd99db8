//! The variables of aws-node, as rows.

use serde_json::{Value, json};

use crate::facts::aws_node::{Container, Kind, SETTINGS, Schema, Setting};

use super::View;
use super::table::{Align::Left, fitted};
use super::view::width;

/// For people: a row for each variable in the order of the table.
pub fn list(view: View) -> String {
    let columns = [
        "variable",
        "blueprint",
        "accepts",
        "default",
        "since",
        "container",
        "add-on",
        "a change is for",
    ]
    .map(|name| (name, Left));
    let rows: Vec<Vec<String>> = SETTINGS.iter().map(|row| cells(row).to_vec()).collect();
    fitted(view, 0, &columns, &rows)
}

/// One variable.
pub fn one(row: &Setting, view: View) -> String {
    let names =
        ["blueprint", "accepts", "default", "since", "container", "add-on", "a change is for"];
    let cells = cells(row);
    let lines = names.iter().zip(cells.iter().skip(1)).filter(|(_, cell)| !cell.is_empty());
    let line = |(name, cell): (&&str, &String)| {
        let whole = format!("  {name:<16} {cell}");
        match width(&whole) <= view.columns {
            true => whole + "\n",
            false => format!("  {name}\n{}", view.hanging("    ", cell, 4)),
        }
    };
    let lines: String = lines.map(line).collect();
    format!("{}\n{}{lines}", super::bold(row.variable), view.hanging("  ", row.meaning, 2))
}

/// One variable, for programs.
pub fn one_json(row: &Setting) -> String {
    super::json(&json!({ "schemaVersion": 1, "settings": [value(row)] }))
}

/// For programs: each variable with its key in the blueprint and the release that it exists since.
pub fn list_json() -> String {
    super::json(
        &json!({ "schemaVersion": 1, "settings": SETTINGS.iter().map(value).collect::<Vec<_>>() }),
    )
}

/// The page `blueprints/SETTINGS.md`.
pub fn markdown() -> String {
    let row = |row: &Setting| {
        let [variable, rest @ ..] = cells(row);
        let all = [vec![variable, row.meaning.to_string()], rest.to_vec()].concat();
        let all: Vec<String> = all.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |\n", all.join(" | "))
    };
    let head = "# Settings of aws-node\n\nEvery variable that a blueprint can set; source: amazon-vpc-cni-k8s v1.23.1, read 2026-11-20. This page is written by \
        `eksnet explain settings -o markdown`.\n\n| variable | meaning | blueprint | accepts | default | since | container | add-on | a change is for |\n\
        | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
    format!("{head}{}", SETTINGS.iter().map(row).collect::<String>())
}

fn cells(row: &Setting) -> [String; 8] {
    [
        row.variable.to_string(),
        row.key.map_or(format!("awsNode.env.{}", row.variable), str::to_string),
        takes(row.kind),
        row.default.to_string(),
        row.since.map_or(String::new(), |release| release.to_string()),
        container(row.container).to_string(),
        schema(row.schema),
        row.effect.word().to_string(),
    ]
}

fn value(row: &Setting) -> Value {
    let [variable, key, takes, default, ..] = cells(row);
    json!({
        "variable": variable, "meaning": row.meaning, "key": key, "takes": takes, "default": default, "since": row.since.map(|release| release.to_string()),
        "container": container(row.container), "addon": schema(row.schema), "effect": row.effect.word(),
    })
}

fn takes(kind: Kind) -> String {
    match kind {
        Kind::Bool => "true, false".to_string(),
        Kind::Whole(low, high) => format!("{low} to {high}"),
        Kind::Words(words) => words.join(", "),
        Kind::Cidrs => "IPv4 CIDRs".to_string(),
        Kind::VethPrefix => "1 to 4 letters".to_string(),
        Kind::File => "a file".to_string(),
        Kind::Tags => "a JSON object".to_string(),
        Kind::Text => "text".to_string(),
    }
}

fn container(container: Container) -> &'static str {
    match container {
        Container::Main => "main",
        Container::Init => "init",
        Container::Both => "both",
    }
}

fn schema(schema: Schema) -> String {
    match schema {
        Schema::Since(release) => format!("{release} or before"),
        Schema::Unseen => "asked online".to_string(),
        Schema::Never => "no: selfManaged only".to_string(),
    }
}
