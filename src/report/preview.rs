//! What would change.

use serde_json::Value;

use crate::diagnostic::Diagnostic;
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
    let (alike, others): (Vec<&Change>, Vec<&Change>) =
        preview.changes.iter().filter(|change| change.sort() != Sort::Add).partition(|change| is_tags_only(change));
    others.iter().for_each(|change| out.push_str(&change_lines(change, line)));
    out.push_str(&tag_lines(&alike));
    out.push_str(&additions(preview));
    if !preview.impact.is_empty() {
        out.push_str("\n  what people and nodes notice\n");
        preview.impact.iter().for_each(|words| out.push_str(&format!("    {words}\n")));
    }
    out.push_str(&findings(preview, line));
    out.push_str(&format!("\n{}\n", summary(preview)));
    out
}

/// What AWS refuses of the change, with its place and the way out.
fn findings(preview: &Preview, line: &dyn Fn(&str) -> Option<String>) -> String {
    let one = |finding: &Diagnostic| {
        let head = format!("{}[{}]", finding.severity.word(), finding.rule);
        let head = if finding.is_error() { red(&head) } else { yellow(&head) };
        let place = line(&finding.path).map_or(String::new(), |place| dim(&format!("  {place}")));
        let hint = finding.hint.as_ref().map_or(String::new(), |hint| format!("    help: {hint}\n"));
        format!("\n  {head}: {}{place}\n{hint}", finding.message)
    };
    preview.findings.iter().map(one).collect()
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
    for (what, counts) in [
        ("NAT gateways", network.nat_gateways),
        ("route tables", network.route_tables),
        ("secondary CIDRs", network.vpc_cidrs),
        ("VPC endpoints", network.endpoints),
    ] {
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

pub(super) fn before_after(because: &Because) -> String {
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

fn is_tags_only(change: &Change) -> bool {
    change.sort() == Sort::Modify && !change.because.is_empty() && change.because.iter().all(|because| because.property.starts_with("Tags"))
}

/// The same tags on many resources are one line.
fn tag_lines(changes: &[&Change]) -> String {
    let mut groups: Vec<(&[Because], Vec<&str>)> = Vec::new();
    for change in changes {
        match groups.iter_mut().find(|(because, _)| *because == change.because) {
            Some((_, ids)) => ids.push(&change.id),
            None => groups.push((&change.because, vec![&change.id])),
        }
    }
    let group = |(because, ids): &(&[Because], Vec<&str>)| {
        let tags: Vec<_> = because.iter().map(|one| format!("{}: {}", one.property, before_after(one))).collect();
        format!("  {}  {} × tags only  {}\n      {}\n", sign(Sort::Modify), ids.len(), dim(&names(ids)), tags.join("\n      "))
    };
    groups.iter().map(group).collect()
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
