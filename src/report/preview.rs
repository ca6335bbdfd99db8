//! What would change.

pub(super) mod additions;
pub(super) mod head;
mod resources;

use crate::diagnostic::Diagnostic;
use crate::line::Compiled;
use crate::preview::{Change, ChangeKind, Disagreement, OutputChange, Preview};

use super::View;
use super::escape::plain;
use super::style::{bold, dim, green, red, yellow};
use super::table::{Align::Left, fitted};

/// What a preview is shown with.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// The blueprint's line of a place.
    pub line: &'a dyn Fn(&str) -> Option<String>,
    /// What was compiled; `None` where only the change is known.
    pub compiled: Option<&'a Compiled>,
    /// How the lock stands; empty where it is not said.
    pub lock: &'a str,
    pub view: View,
}

/// How aws-node gets what is not in the stack.
pub(super) fn door(compiled: Option<&Compiled>) -> &'static str {
    let cluster = compiled.and_then(|compiled| compiled.intent.cluster.as_ref());
    match cluster {
        Some(cluster) if cluster.aws_node.is_addon() => "aws-node, through its add-on",
        _ => "aws-node, through the Kubernetes API",
    }
}

/// For people: which edit it is, the counts, what it means for what runs, what to know before it is deployed, then the resources.
pub fn human(preview: &Preview, shown: &Shown<'_>) -> String {
    let view = shown.view;
    let beside = listed(door(shown.compiled), &preview.beside.told(), view);
    let mut out = head::write(preview, shown);
    if preview.is_empty() {
        out.push_str(&view.paragraph(&format!("stack {}: no change", bold(&preview.stack)), 2));
    } else {
        out.push_str(&view.paragraph(&summary(preview), 0));
        out.push_str(&view.paragraph(&head::workloads(preview), 0));
    }
    out.push_str(&super::preview_parts::human(preview, view));
    out.push_str(&findings(preview, shown));
    out.push_str(&head::know(preview, shown));
    out.push_str(&head::numbers(preview, view));
    out.push_str(&beside);
    if !preview.changes.is_empty() {
        out.push('\n');
        out.push_str(&resources::write(preview, shown));
    }
    out.push_str(&listed("Outputs of the stack", &outputs(preview), view));
    out.push_str(&disagreements(preview, view));
    out.push_str(&drift(preview, view));
    if !shown.lock.is_empty() {
        out.push('\n');
        out.push_str(&super::layout::labelled("Lock", shown.lock, view));
    }
    out
}

/// Names of outputs by what happens to them, and under which names others import them.
pub(super) fn outputs(preview: &Preview) -> Vec<String> {
    let kinds = [ChangeKind::Add, ChangeKind::Modify, ChangeKind::Remove];
    let line = |kind: ChangeKind| {
        let own: Vec<&str> = preview
            .outputs
            .iter()
            .filter(|one| one.kind == kind)
            .map(|one| one.name.as_str())
            .collect();
        (!own.is_empty()).then(|| format!("{} {}", kind.word(), own.join(", ")))
    };
    let names = |named: &dyn Fn(&OutputChange) -> Option<&String>| -> Vec<String> {
        preview.outputs.iter().filter_map(named).cloned().collect()
    };
    let more = names(&|one| one.exported.as_ref().filter(|_| one.export.is_none()));
    let fewer = names(&|one| one.export.as_ref().filter(|_| one.exported.is_none()));
    let exports = [("export", more), ("no longer export", fewer)];
    let exports = exports.into_iter().filter(|(_, names)| !names.is_empty());
    let exports = exports.map(|(word, names)| format!("{word} {}", names.join(", ")));
    kinds.into_iter().filter_map(line).chain(exports).collect()
}

/// Drift: what was changed outside of the stack, which the blueprint does not ask for.
fn drift(preview: &Preview, view: View) -> String {
    match preview.drift.as_deref() {
        None => String::new(),
        Some([]) => "\nNo drift: nothing was changed manually.\n".to_string(),
        Some(found) => listed(
            "Drift: changed manually since the last deployment (`--revert-drift` reverts it)",
            &super::drift::lines(found),
            view,
        ),
    }
}

fn listed(title: &str, items: &[String], view: View) -> String {
    if items.is_empty() {
        return String::new();
    }
    let items: String = items.iter().map(|item| view.hanging("  ", &plain(item), 4)).collect();
    format!("\n{}{items}", view.paragraph(&bold(title), 2))
}

/// Where the change set and the comparison of the templates differ.
fn disagreements(preview: &Preview, view: View) -> String {
    if preview.disagreements.is_empty() {
        return String::new();
    }
    let word = |sort: Option<ChangeKind>| sort.map_or("nothing", ChangeKind::word).to_string();
    let mut alike: Vec<(&Disagreement, Vec<&str>)> = Vec::new();
    for one in &preview.disagreements {
        let same = |other: &Disagreement| {
            (other.change_set, other.compared, other.shown)
                == (one.change_set, one.compared, one.shown)
        };
        match alike.iter_mut().find(|(other, _)| same(other)) {
            Some((_, ids)) => ids.push(&one.id),
            None => alike.push((one, vec![&one.id])),
        }
    }
    let row = |(one, ids): &(&Disagreement, Vec<&str>)| {
        vec![
            format!("{} × {}", ids.len(), names(ids)),
            word(one.change_set),
            word(one.compared),
            one.shown.words().into(),
        ]
    };
    let rows: Vec<Vec<String>> = alike.iter().map(row).collect();
    let columns = [("", Left), ("change set", Left), ("templates", Left), ("", Left)];
    format!(
        "\n{}{}",
        view.paragraph(&yellow("Where the change set and the templates differ"), 2),
        fitted(view, 2, &columns, &rows)
    )
}

/// What AWS refuses of the change, with its place and the way out.
fn findings(preview: &Preview, shown: &Shown<'_>) -> String {
    let view = shown.view;
    let one = |finding: &Diagnostic| {
        let head = format!("{}[{}]", finding.severity().word(), finding.rule);
        let head = if finding.is_error() { red(&head) } else { yellow(&head) };
        let place =
            (shown.line)(&finding.path).map_or(String::new(), |place| dim(&format!("  {place}")));
        let hint = finding
            .hint
            .as_ref()
            .map_or(String::new(), |hint| view.hanging("  help: ", &plain(hint), 8));
        let text = view.paragraph(&format!("{head}: {}{place}", plain(&finding.message)), 2);
        format!("\n{text}{hint}")
    };
    let text: String = preview.findings.iter().map(one).collect();
    match preview.findings.first() {
        None => text,
        Some(first) => {
            text + &view.hanging("  why: ", &format!("eksnet explain {}", first.rule), 8)
        }
    }
}

/// `12 to add, 1 to modify, 0 to replace, 0 to remove`
pub fn summary(preview: &Preview) -> String {
    super::preview_parts::counted(preview)
}

pub(super) fn sign(sort: ChangeKind) -> String {
    match sort {
        ChangeKind::Add => green("+ add"),
        ChangeKind::Modify => yellow("~ modify"),
        ChangeKind::Replace => red("-/+ replace"),
        ChangeKind::Remove => red("- remove"),
    }
}

/// `NatGatewayA is replaced ← ElasticIpA is replaced ← Domain, shop.yaml:18`
pub(super) fn follows(chain: &[&Change], line: &dyn Fn(&str) -> Option<String>) -> String {
    let link = |change: &&Change| match change.change_kind() {
        ChangeKind::Replace => format!("{} is replaced", change.id),
        ChangeKind::Remove => format!("{} is removed", change.id),
        _ => format!("{} changes", change.id),
    };
    let links: Vec<String> = chain.iter().map(link).collect();
    let root = chain.last().and_then(|root| root.deciding().map(|because| (root, because)));
    let root = root.map_or(String::new(), |(root, because)| {
        let place = line(&root.path).map_or(String::new(), |place| format!(", {place}"));
        format!(" ← {}{place}", because.property)
    });
    format!("{}{root}", links.join(" ← "))
}

/// One sentence on what runs, without colors.
pub(super) fn workloads(preview: &Preview) -> String {
    head::sentence(preview).1
}

/// Changes of one kind.
fn of_kind(preview: &Preview, sort: ChangeKind) -> Vec<&Change> {
    preview.changes.iter().filter(|change| change.change_kind() == sort).collect()
}

/// The first ones of a list and the last.
pub(super) fn names(ids: &[&str]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| plain(id)).collect();
    match ids.len() {
        0..=3 => ids.join(", "),
        more => format!("{}, {} … {}", ids[0], ids[1], ids[more - 1]),
    }
}
