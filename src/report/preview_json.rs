//! What would change, for programs.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::drift::DriftRow;
use super::preview_parts::PartRow;
use crate::diagnostic::Diagnostic;
use crate::preview::{
    AddonChange, Change, ChangeKind, Disagreement, OutputChange, Preview, PropertyChange, TagChange,
};

/// What would change: `eksnet diff -o json`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: u32,
    stack: &'a str,
    summary: Summary,
    changes: Vec<Row<'a>>,
    /// The updates that it takes, in order; absent where one is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<Vec<PartRow<'a>>>,
    /// The same in a network engineer's words.
    network: NetworkRow<'a>,
    /// What people and running nodes would notice.
    impact: Vec<String>,
    /// What no later deployment brings back.
    irreversible: Vec<String>,
    /// Outputs of the stack that come, change or go.
    outputs: Vec<OutputRow<'a>>,
    /// What AWS refuses of the change, or advises against.
    findings: Vec<Finding<'a>>,
    /// Where CloudFormation's change set says something else than the comparison of the templates; empty without a change set.
    disagreements: Vec<DisagreementRow<'a>>,
    /// Drift; only where it was asked for (`--drift`).
    #[serde(skip_serializing_if = "Option::is_none")]
    drift: Option<Vec<DriftRow<'a>>>,
    /// What changes of aws-node through the Kubernetes API, setting by setting.
    kubernetes: Vec<String>,
    /// Whether settings of another field manager are among them: `--take-over`.
    takes_over: bool,
    /// Why nothing is known of that; null where it is known.
    kubernetes_unread: Option<&'a str>,
    /// Values of an add-on that others created.
    #[serde(skip_serializing_if = "Option::is_none")]
    addon: Option<AddonRow<'a>>,
}

/// The values of an add-on that eksnet updates without owning it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AddonRow<'a> {
    name: &'a str,
    before: &'a Value,
    after: &'a Value,
    /// Keys of others, which stay.
    kept: &'a [String],
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DisagreementRow<'a> {
    logical_id: &'a str,
    /// `add`, `modify`, `replace`, `remove`; null where the resource is not touched.
    change_set: Option<&'static str>,
    compared: Option<&'static str>,
    shown: &'static str,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OutputRow<'a> {
    name: &'a str,
    /// `add`, `modify`, `remove`.
    action: &'static str,
    /// The name under which other stacks may import what was there; null where none may.
    export: Option<&'a str>,
    /// The name under which they may import what is there afterwards; null where none may.
    export_after: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
struct Finding<'a> {
    /// Id for `eksnet explain`.
    rule: &'a str,
    /// `error` or `warning`.
    severity: &'static str,
    message: &'a str,
    /// Place in the blueprint.
    path: &'a str,
    hint: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
struct Summary {
    add: usize,
    modify: usize,
    replace: usize,
    remove: usize,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    logical_id: &'a str,
    r#type: &'a str,
    /// `Add`, `Modify`, `Remove` or `Import`.
    action: &'static str,
    /// `Never`, `Conditional` or `Always`.
    replacement: &'static str,
    because: Vec<BecauseRow<'a>>,
    /// What running things notice; empty where nothing does.
    impact: String,
    /// Place in the blueprint; empty where the resource is removed.
    path: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct BecauseRow<'a> {
    /// With slashes, such as `ScalingConfig/MaxSize` or `Tags/team`.
    property: &'a str,
    /// Null where the property does not exist.
    before: &'a Option<Value>,
    after: &'a Option<Value>,
    /// Whether it forces the replacement.
    forces: bool,
    /// Logical id of the resource whose own change brings this one about.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
    /// Place in the blueprint that decides it.
    path: &'a str,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct NetworkRow<'a> {
    subnets: Vec<SubnetRow<'a>>,
    routes: Vec<RouteRow<'a>>,
    nat_gateways: CountsRow,
    route_tables: CountsRow,
    secondary_cidrs: CountsRow,
    endpoints: CountsRow,
    /// Usable IPv4 addresses of all subnets.
    addresses: CountsRow,
    /// Tags of resources that stay.
    tags: Vec<TagRow<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct TagRow<'a> {
    key: &'a str,
    before: &'a Option<String>,
    after: &'a Option<String>,
    /// How many resources change so.
    resources: usize,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SubnetRow<'a> {
    logical_id: &'a str,
    zone: &'a str,
    before: &'a Option<String>,
    after: &'a Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RouteRow<'a> {
    logical_id: &'a str,
    before: &'a Option<String>,
    after: &'a Option<String>,
}

#[derive(Serialize, JsonSchema)]
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

/// The JSON Schema of it.
pub fn schema() -> Value {
    schemars::schema_for!(Document<'_>).to_value()
}

/// As a value.
pub fn value(preview: &Preview) -> Value {
    serde_json::to_value(document(preview)).unwrap_or_default()
}

/// On one line, for a stream of events.
pub fn line(preview: &Preview) -> String {
    super::escape::json(
        &serde_json::json!({ "event": "preview", "preview": value(preview) }).to_string(),
    )
}

fn document(preview: &Preview) -> Document<'_> {
    let network = &preview.network;
    Document {
        schema_version: 1,
        stack: &preview.stack,
        summary: Summary {
            add: preview.count(ChangeKind::Add),
            modify: preview.count(ChangeKind::Modify),
            replace: preview.count(ChangeKind::Replace),
            remove: preview.count(ChangeKind::Remove),
        },
        changes: preview.changes.iter().map(row).collect(),
        parts: super::preview_parts::rows(preview),
        network: NetworkRow {
            subnets: network
                .subnets
                .iter()
                .map(|one| SubnetRow {
                    logical_id: &one.id,
                    zone: &one.zone,
                    before: &one.before,
                    after: &one.after,
                })
                .collect(),
            routes: network
                .routes
                .iter()
                .map(|one| RouteRow { logical_id: &one.id, before: &one.before, after: &one.after })
                .collect(),
            nat_gateways: network.nat_gateways.into(),
            route_tables: network.route_tables.into(),
            secondary_cidrs: network.vpc_cidrs.into(),
            endpoints: network.endpoints.into(),
            addresses: network.addresses.into(),
            tags: network.tags.iter().map(tag).collect(),
        },
        impact: preview.noticed(),
        irreversible: preview.irreversible.iter().map(ToString::to_string).collect(),
        outputs: preview.outputs.iter().map(output).collect(),
        findings: preview.findings.iter().map(finding).collect(),
        disagreements: preview.disagreements.iter().map(disagreement).collect(),
        drift: preview.drift.as_deref().map(super::drift::rows),
        kubernetes: preview.beside.lines(),
        takes_over: preview.beside.takes_over,
        kubernetes_unread: preview.beside.unread.as_deref(),
        addon: preview.beside.addon.as_ref().map(addon),
    }
}

fn output(one: &OutputChange) -> OutputRow<'_> {
    OutputRow {
        name: &one.name,
        action: one.kind.word(),
        export: one.export.as_deref(),
        export_after: one.exported.as_deref(),
    }
}

fn addon(one: &AddonChange) -> AddonRow<'_> {
    AddonRow { name: &one.name, before: &one.before, after: &one.after, kept: &one.kept }
}

fn tag(one: &TagChange) -> TagRow<'_> {
    TagRow { key: &one.key, before: &one.before, after: &one.after, resources: one.resources }
}

fn disagreement(one: &Disagreement) -> DisagreementRow<'_> {
    DisagreementRow {
        logical_id: &one.id,
        change_set: one.change_set.map(ChangeKind::word),
        compared: one.compared.map(ChangeKind::word),
        shown: one.shown.words(),
    }
}

fn finding(one: &Diagnostic) -> Finding<'_> {
    Finding {
        rule: one.rule.id,
        severity: one.severity().word(),
        message: &one.message,
        path: &one.path,
        hint: one.hint.as_deref(),
    }
}

fn row(change: &Change) -> Row<'_> {
    Row {
        logical_id: &change.id,
        r#type: &change.kind,
        action: change.action.word(),
        replacement: change.replacement.word(),
        because: change.because.iter().map(|because| because_row(change, because)).collect(),
        impact: change.impact.to_string(),
        path: &change.path,
    }
}

fn because_row<'a>(change: &Change, because: &'a PropertyChange) -> BecauseRow<'a> {
    BecauseRow {
        property: &because.property,
        before: &because.before,
        after: &because.after,
        forces: change.forced_by(because),
        cause: because.cause.as_deref(),
        path: &because.path,
    }
}
