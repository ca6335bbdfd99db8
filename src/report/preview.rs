//! What would change.

use crate::diagnostic::Diagnostic;
use crate::preview::{Change, ChangeKind, Disagreement, Preview, PropertyChange};

use super::escape::plain;
use super::preview_values::{before_after, lines};
use super::style::{bold, dim, green, red, yellow};
use super::table::{Align::Left, table};

/// For people. `line` gives the blueprint's line of a place.
pub fn human(preview: &Preview, line: &dyn Fn(&str) -> Option<String>) -> String {
    if preview.is_empty() {
        return format!(
            "stack {}: no change\n{}{}{}",
            bold(&preview.stack),
            listed("aws-node, through the Kubernetes API", &preview.beside.told()),
            drift(preview),
            findings(preview, line)
        );
    }
    let mut out = format!("stack {}\n\n", bold(&preview.stack));
    out.push_str(&network(preview));
    let (alike, others): (Vec<&Change>, Vec<&Change>) = preview
        .changes
        .iter()
        .filter(|change| change.change_kind() != ChangeKind::Add)
        .partition(|change| is_tags_only(change));
    groups(&others).iter().for_each(|group| out.push_str(&group_lines(preview, group, line)));
    out.push_str(&tag_lines(&alike));
    out.push_str(&additions(preview));
    out.push_str(&super::preview_parts::human(preview));
    out.push_str(&listed("what people and nodes notice", &preview.impact));
    out.push_str(&listed("what cannot be undone", &preview.irreversible));
    out.push_str(&listed("aws-node, through the Kubernetes API", &preview.beside.told()));
    out.push_str(&disagreements(preview));
    out.push_str(&drift(preview));
    out.push_str(&findings(preview, line));
    out.push_str(&format!("\n{}\n", summary(preview)));
    out
}

/// What was changed by hand, which is nobody's wish in the blueprint.
fn drift(preview: &Preview) -> String {
    match preview.drift.as_deref() {
        None => String::new(),
        Some([]) => "\n  nothing was changed by hand\n".to_string(),
        Some(found) => listed(
            "changed by hand since the last deployment (`--revert-drift` puts it back)",
            &super::drift::lines(found),
        ),
    }
}

fn listed(title: &str, items: &[String]) -> String {
    if items.is_empty() {
        String::new()
    } else {
        let items: Vec<String> = items.iter().map(|item| plain(item)).collect();
        format!("\n  {title}\n    {}\n", items.join("\n    "))
    }
}

/// Where the change set and the comparison of the templates differ.
fn disagreements(preview: &Preview) -> String {
    if preview.disagreements.is_empty() {
        return String::new();
    }
    let word = |sort: Option<ChangeKind>| sort.map_or("nothing", ChangeKind::word).to_string();
    let mut alike: Vec<(&Disagreement, Vec<&str>)> = Vec::new();
    for one in &preview.disagreements {
        let same = |other: &Disagreement| {
            (other.change_set, other.compared, other.words)
                == (one.change_set, one.compared, one.words)
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
            one.words.into(),
        ]
    };
    let rows: Vec<Vec<String>> = alike.iter().map(row).collect();
    let columns = [("", Left), ("change set", Left), ("templates", Left), ("", Left)];
    format!(
        "\n  {}\n{}",
        yellow("where the change set and the templates differ"),
        table(4, &columns, &rows)
    )
}

/// What AWS refuses of the change, with its place and the way out.
fn findings(preview: &Preview, line: &dyn Fn(&str) -> Option<String>) -> String {
    let one = |finding: &Diagnostic| {
        let head = format!("{}[{}]", finding.severity().word(), finding.rule);
        let head = if finding.is_error() { red(&head) } else { yellow(&head) };
        let place = line(&finding.path).map_or(String::new(), |place| dim(&format!("  {place}")));
        let hint = finding
            .hint
            .as_ref()
            .map_or(String::new(), |hint| format!("    help: {}\n", plain(hint)));
        format!("\n  {head}: {}{place}\n{hint}", plain(&finding.message))
    };
    preview.findings.iter().map(one).collect()
}

/// `12 to add, 1 to modify, 0 to replace, 0 to remove`
pub fn summary(preview: &Preview) -> String {
    let sorts = [ChangeKind::Add, ChangeKind::Modify, ChangeKind::Replace, ChangeKind::Remove];
    sorts.map(|sort| format!("{} to {}", preview.count(sort), sort.word())).join(", ")
}

fn sign(sort: ChangeKind) -> String {
    match sort {
        ChangeKind::Add => green("+ add"),
        ChangeKind::Modify => yellow("~ modify"),
        ChangeKind::Replace => red("± replace"),
        ChangeKind::Remove => red("- remove"),
    }
}

fn network(preview: &Preview) -> String {
    let network = &preview.network;
    let mut rows: Vec<Vec<String>> = Vec::new();
    for subnet in &network.subnets {
        let (sign, cidr) = match (&subnet.before, &subnet.after) {
            (None, Some(after)) => ("+", after.clone()),
            (Some(before), None) => ("-", before.clone()),
            (before, after) => (
                "±",
                format!(
                    "{} → {}",
                    before.as_deref().unwrap_or("-"),
                    after.as_deref().unwrap_or("-")
                ),
            ),
        };
        rows.push(vec![format!("{sign} subnet"), subnet.zone.clone(), cidr, subnet.id.clone()]);
    }
    for route in
        network.routes.iter().filter(|route| route.before.is_some() && route.after.is_some())
    {
        let way = |side: &Option<String>| side.clone().unwrap_or_default();
        rows.push(vec![
            "~ route".into(),
            String::new(),
            format!("{}, was {}", way(&route.after), way(&route.before)),
            route.id.clone(),
        ]);
    }
    rows.extend(
        counts(preview)
            .into_iter()
            .map(|(what, numbers)| vec![what.into(), String::new(), numbers, String::new()]),
    );
    if rows.is_empty() {
        return String::new();
    }
    format!("  network\n{}\n", table(4, &[("", Left), ("", Left), ("", Left), ("", Left)], &rows))
}

/// (what, how many before → after) of everything whose number changes.
pub(super) fn counts(preview: &Preview) -> Vec<(&'static str, String)> {
    let number = |count: usize| super::thousands(u64::try_from(count).unwrap_or(u64::MAX));
    let changed =
        preview.network.counted().into_iter().filter(|(_, counts)| counts.before != counts.after);
    changed
        .map(|(what, counts)| {
            (what, format!("{} → {}", number(counts.before), number(counts.after)))
        })
        .collect()
}

/// Changes of one sort and type in the same properties stand together, where the first of them would.
fn groups<'p>(changes: &[&'p Change]) -> Vec<Vec<&'p Change>> {
    let mut groups: Vec<Vec<&Change>> = Vec::new();
    for change in changes {
        let alike = |other: &Change| {
            let properties = |change: &Change| {
                change.because.iter().map(|because| because.property.clone()).collect::<Vec<_>>()
            };
            (other.change_kind(), &other.kind, properties(other))
                == (change.change_kind(), &change.kind, properties(change))
        };
        match groups.iter_mut().find(|group| alike(group[0])) {
            Some(group) => group.push(change),
            None => groups.push(vec![change]),
        }
    }
    groups
}

fn group_lines(
    preview: &Preview,
    group: &[&Change],
    line: &dyn Fn(&str) -> Option<String>,
) -> String {
    let first = group[0];
    let places: std::collections::BTreeSet<Option<String>> =
        group.iter().map(|change| line(&change.path)).collect();
    let place = places.into_iter().flatten().collect::<Vec<_>>();
    let place =
        if place.is_empty() { String::new() } else { dim(&format!("  {}", place.join(", "))) };
    let sign = sign(first.change_kind());
    if let [only] = group {
        let properties: String =
            only.because.iter().map(|because| property(preview, only, because, line)).collect();
        return format!("  {sign}  {}  {}{place}\n{properties}", bold(&only.id), plain(&only.kind));
    }
    let ids: Vec<&str> = group.iter().map(|change| change.id.as_str()).collect();
    let same = group.iter().all(|change| change.because == first.because);
    let body: String = match same {
        true => {
            first.because.iter().map(|because| property(preview, first, because, line)).collect()
        }
        false => group.iter().map(|change| row(preview, change, line)).collect(),
    };
    let ids = if same { format!("  {}", bold(&ids.join(", "))) } else { String::new() };
    format!("  {sign}  {} × {}{ids}{place}\n{body}", group.len(), plain(&first.kind))
}

/// One change of a group whose values differ.
fn row(preview: &Preview, change: &Change, line: &dyn Fn(&str) -> Option<String>) -> String {
    let properties: Vec<String> =
        change.because.iter().map(|because| property(preview, change, because, line)).collect();
    if let [only] = properties.as_slice() {
        return format!("      {}  {}", bold(&change.id), only.trim_start());
    }
    let properties: String = properties.iter().map(|property| format!("  {property}")).collect();
    format!("      {}\n{properties}", bold(&change.id))
}

/// One property, and why: its values, or what it follows from, back to the line that was edited.
fn property(
    preview: &Preview,
    change: &Change,
    because: &PropertyChange,
    line: &dyn Fn(&str) -> Option<String>,
) -> String {
    let forces = if change.forced_by(because) { "  (forces replacement)" } else { "" };
    let name = plain(&because.property);
    let chain = preview.chain(because);
    if !chain.is_empty() {
        return format!("      {name}: {}{forces}\n", plain(&follows(&chain, line)));
    }
    match lines(because) {
        Some(lines) => {
            format!("      {name}:{forces}\n        {}\n", lines.join("\n        "))
        }
        None => format!("      {name}: {}{forces}\n", before_after(because)),
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

fn is_tags_only(change: &Change) -> bool {
    change.change_kind() == ChangeKind::Modify
        && !change.because.is_empty()
        && change.because.iter().all(|because| because.property.starts_with("Tags"))
}

/// The same tags on many resources are one line.
fn tag_lines(changes: &[&Change]) -> String {
    let mut groups: Vec<(Vec<String>, Vec<&str>)> = Vec::new();
    for change in changes {
        let tags: Vec<String> = change
            .because
            .iter()
            .map(|one| format!("{}: {}", plain(&one.property), before_after(one)))
            .collect();
        match groups.iter_mut().find(|(same, _)| *same == tags) {
            Some((_, ids)) => ids.push(&change.id),
            None => groups.push((tags, vec![&change.id])),
        }
    }
    let group = |(tags, ids): &(Vec<String>, Vec<&str>)| {
        format!(
            "  {}  {} × tags only: {}  {}\n",
            sign(ChangeKind::Modify),
            ids.len(),
            tags.join(", "),
            dim(&names(ids))
        )
    };
    groups.iter().map(group).collect()
}

/// New resources by type: their names tell the rest.
fn additions(preview: &Preview) -> String {
    let mut by_kind: std::collections::BTreeMap<&str, Vec<&str>> =
        std::collections::BTreeMap::new();
    for change in preview.changes.iter().filter(|change| change.change_kind() == ChangeKind::Add) {
        by_kind.entry(&change.kind).or_default().push(&change.id);
    }
    let rows: Vec<Vec<String>> = by_kind
        .iter()
        .map(|(kind, ids)| vec![format!("{} × {kind}", ids.len()), names(ids)])
        .collect();
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
