//! What would change.

use serde::Serialize;
use serde_json::Value;

use crate::preview::{Because, Change, Preview, Sort};

use super::style::{bold, dim, green, red, yellow};
use super::table::{Align::Left, table};

/// For people. `line` gives the blueprint's line of a place.
pub fn human(preview: &Preview, line: &dyn Fn(&str) -> Option<String>) -> String {
    if preview.is_empty() {
        return format!("stack {}: no change\n", bold(&preview.stack));
    }
    let mut out = format!("stack {}\n\n", bold(&preview.stack));
    out.push_str(&network(preview));
    for change in preview.changes.iter().filter(|change| change.sort() != Sort::Add) {
        out.push_str(&change_lines(change, line));
    }
    out.push_str(&additions(preview));
    if !preview.impact.is_empty() {
        out.push_str("\n  what people and nodes notice\n");
        preview.impact.iter().for_each(|words| out.push_str(&format!("    {words}\n")));
    }
    out.push_str(&format!("\n{}\n", summary(preview)));
    out
}

/// `12 to add, 1 to modify, 0 to replace, 0 to remove`
pub fn summary(preview: &Preview) -> String {
    let sorts = [Sort::Add, Sort::Modify, Sort::Replace, Sort::Remove];
    sorts.map(|sort| format!("{} to {}", preview.count(sort), sort.word())).join(", ")
}

fn sign(sort: Sort) -> String {
    match sort {
        Sort::Add => green("+ add"),
        Sort::Modify => yellow("~ modify"),
        Sort::Replace => red("± replace"),
        Sort::Remove => red("- remove"),
    }
}

fn network(preview: &Preview) -> String {
    let network = &preview.network;
    let mut rows: Vec<Vec<String>> = Vec::new();
    for subnet in &network.subnets {
        let (sign, cidr) = match (&subnet.before, &subnet.after) {
            (None, Some(after)) => ("+", after.clone()),
            (Some(before), None) => ("-", before.clone()),
            (before, after) => ("±", format!("{} → {}", before.as_deref().unwrap_or("-"), after.as_deref().unwrap_or("-"))),
        };
        rows.push(vec![format!("{sign} subnet"), subnet.zone.clone(), cidr, subnet.id.clone()]);
    }
    for route in network.routes.iter().filter(|route| route.before.is_some() && route.after.is_some()) {
        let way = |side: &Option<String>| side.clone().unwrap_or_default();
        rows.push(vec!["~ route".into(), String::new(), format!("{}, was {}", way(&route.after), way(&route.before)), route.id.clone()]);
    }
    for (what, counts) in [("NAT gateways", network.nat_gateways), ("route tables", network.route_tables), ("secondary CIDRs", network.vpc_cidrs)] {
        if counts.before != counts.after {
            rows.push(vec![what.into(), String::new(), format!("{} → {}", counts.before, counts.after), String::new()]);
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    format!("  network\n{}\n", table(4, &[("", Left), ("", Left), ("", Left), ("", Left)], &rows))
}

fn change_lines(change: &Change, line: &dyn Fn(&str) -> Option<String>) -> String {
    let place = line(&change.path).map_or(String::new(), |place| dim(&format!("  {place}")));
    let mut out = format!("  {}  {}  {}{place}\n", sign(change.sort()), bold(&change.id), change.kind);
    for because in &change.because {
        let replaces = change.sort() == Sort::Replace && crate::facts::replacement::of(&change.kind, &because.property) == change.replacement;
        out.push_str(&format!("      {}: {}{}\n", because.property, before_after(because), if replaces { "  (forces replacement)" } else { "" }));
    }
    out
}

fn before_after(because: &Because) -> String {
    match (&because.before, &because.after) {
        (None, Some(after)) => format!("+ {}", short(after)),
        (Some(before), None) => format!("- {}", short(before)),
        (before, after) => format!("{} → {}", before.as_ref().map_or("-".into(), short), after.as_ref().map_or("-".into(), short)),
    }
}

const LONGEST: usize = 160;

fn short(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Object(map) if map.contains_key("Ref") => map["Ref"].as_str().unwrap_or_default().to_string(),
        other => other.to_string(),
    };
    let text = text.replace('\n', " ");
    if text.chars().count() <= LONGEST { text } else { format!("{}…", text.chars().take(LONGEST).collect::<String>()) }
}

/// New resources by type: their names tell the rest.
fn additions(preview: &Preview) -> String {
    let mut by_kind: std::collections::BTreeMap<&str, Vec<&str>> = std::collections::BTreeMap::new();
    for change in preview.changes.iter().filter(|change| change.sort() == Sort::Add) {
        by_kind.entry(&change.kind).or_default().push(&change.id);
    }
    let rows: Vec<Vec<String>> = by_kind.iter().map(|(kind, ids)| vec![format!("{} × {kind}", ids.len()), names(ids)]).collect();
    if rows.is_empty() {
        return String::new();
    }
    format!("  {}\n{}", green("+ add"), table(4, &[("", Left), ("", Left)], &rows))
}

fn names(ids: &[&str]) -> String {
    match ids.len() {
        0..=3 => ids.join(", "),
        more => format!("{}, {} … {}", ids[0], ids[1], ids[more - 1]),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: u32,
    stack: &'a str,
    summary: Summary,
    changes: Vec<Row<'a>>,
    network: NetworkRow<'a>,
    impact: &'a [String],
}

#[derive(Serialize)]
struct Summary {
    add: usize,
    modify: usize,
    replace: usize,
    remove: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    logical_id: &'a str,
    r#type: &'a str,
    action: &'static str,
    replacement: &'static str,
    because: Vec<BecauseRow<'a>>,
    impact: &'a str,
    path: &'a str,
}

#[derive(Serialize)]
struct BecauseRow<'a> {
    property: &'a str,
    before: &'a Option<Value>,
    after: &'a Option<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NetworkRow<'a> {
    subnets: Vec<SubnetRow<'a>>,
    routes: Vec<RouteRow<'a>>,
    nat_gateways: CountsRow,
    route_tables: CountsRow,
    secondary_cidrs: CountsRow,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SubnetRow<'a> {
    logical_id: &'a str,
    zone: &'a str,
    before: &'a Option<String>,
    after: &'a Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RouteRow<'a> {
    logical_id: &'a str,
    before: &'a Option<String>,
    after: &'a Option<String>,
}

#[derive(Serialize)]
struct CountsRow {
    before: usize,
    after: usize,
}

impl From<crate::preview::Counts> for CountsRow {
    fn from(counts: crate::preview::Counts) -> Self {
        Self { before: counts.before, after: counts.after }
    }
}

/// For programs.
pub fn json(preview: &Preview) -> String {
    super::json(&document(preview))
}

/// On one line, for a stream of events.
pub fn json_line(preview: &Preview) -> String {
    serde_json::json!({ "event": "preview", "preview": serde_json::to_value(document(preview)).unwrap_or_default() }).to_string()
}

fn document(preview: &Preview) -> Document<'_> {
    let network = &preview.network;
    Document {
        schema_version: 1,
        stack: &preview.stack,
        summary: Summary { add: preview.count(Sort::Add), modify: preview.count(Sort::Modify), replace: preview.count(Sort::Replace), remove: preview.count(Sort::Remove) },
        changes: preview.changes.iter().map(row).collect(),
        network: NetworkRow {
            subnets: network.subnets.iter().map(|one| SubnetRow { logical_id: &one.id, zone: &one.zone, before: &one.before, after: &one.after }).collect(),
            routes: network.routes.iter().map(|one| RouteRow { logical_id: &one.id, before: &one.before, after: &one.after }).collect(),
            nat_gateways: network.nat_gateways.into(),
            route_tables: network.route_tables.into(),
            secondary_cidrs: network.vpc_cidrs.into(),
        },
        impact: &preview.impact,
    }
}

fn row(change: &Change) -> Row<'_> {
    Row {
        logical_id: &change.id,
        r#type: &change.kind,
        action: change.action.word(),
        replacement: change.replacement.word(),
        because: change.because.iter().map(|because| BecauseRow { property: &because.property, before: &because.before, after: &because.after }).collect(),
        impact: &change.impact,
        path: &change.path,
    }
}
