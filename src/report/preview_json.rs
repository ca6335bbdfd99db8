//! What would change, for programs.

use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::preview::{Change, Preview, Sort};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: u32,
    stack: &'a str,
    summary: Summary,
    changes: Vec<Row<'a>>,
    network: NetworkRow<'a>,
    impact: &'a [String],
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    severity: &'static str,
    message: &'a str,
    path: &'a str,
    hint: Option<&'a str>,
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
    endpoints: CountsRow,
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
pub fn write(preview: &Preview) -> String {
    super::json(&document(preview))
}

/// As a value.
pub fn value(preview: &Preview) -> Value {
    serde_json::to_value(document(preview)).unwrap_or_default()
}

/// On one line, for a stream of events.
pub fn line(preview: &Preview) -> String {
    serde_json::json!({ "event": "preview", "preview": value(preview) }).to_string()
}

fn document(preview: &Preview) -> Document<'_> {
    let network = &preview.network;
    Document {
        schema_version: 1,
        stack: &preview.stack,
        summary: Summary {
            add: preview.count(Sort::Add),
            modify: preview.count(Sort::Modify),
            replace: preview.count(Sort::Replace),
            remove: preview.count(Sort::Remove),
        },
        changes: preview.changes.iter().map(row).collect(),
        network: NetworkRow {
            subnets: network.subnets.iter().map(|one| SubnetRow { logical_id: &one.id, zone: &one.zone, before: &one.before, after: &one.after }).collect(),
            routes: network.routes.iter().map(|one| RouteRow { logical_id: &one.id, before: &one.before, after: &one.after }).collect(),
            nat_gateways: network.nat_gateways.into(),
            route_tables: network.route_tables.into(),
            secondary_cidrs: network.vpc_cidrs.into(),
            endpoints: network.endpoints.into(),
        },
        impact: &preview.impact,
        findings: preview.findings.iter().map(finding).collect(),
    }
}

fn finding(one: &Diagnostic) -> Finding<'_> {
    Finding { rule: one.rule, severity: one.severity.word(), message: &one.message, path: &one.path, hint: one.hint.as_deref() }
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
