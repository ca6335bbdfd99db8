//! The first lines of a preview: which edit it is, what it means for what runs, and what to know before it is deployed.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::blueprint::edits::Edit;
use crate::blueprint::path;
use crate::facts::kinds::Impact;
use crate::intent::Tier;
use crate::line::Compiled;
use crate::preview::{
    self, Change, Consequence, Noticed, Preview, PropertyChange, Weight, Workloads,
};

use super::super::escape::plain;
use super::super::preview_values::short;
use super::super::style::{bold, red, yellow};
use super::super::table::{Align::Left, Align::Right, fitted};
use super::super::thousands;
use super::{Shown, additions};
use crate::report::View;

/// The stack, its Region, and the edit that brings the change about.
pub(super) fn write(preview: &Preview, shown: &Shown<'_>) -> String {
    if preview.is_empty() {
        return String::new();
    }
    let region =
        shown.compiled.map_or(String::new(), |own| format!("  {}", own.intent.region.name));
    let stack = format!("stack {}{region}", bold(&preview.stack));
    shown.view.apart(&stack, &plain(&edit(preview, shown).unwrap_or_default())) + "\n"
}

/// `shop.yaml:10 zones 3 → 4`, where it can be told.
pub(in crate::report) fn edit(preview: &Preview, shown: &Shown<'_>) -> Option<String> {
    let zones = shown.compiled.and_then(|own| of_zones(preview, own));
    zones.or_else(|| {
        let edits = roots(preview, shown);
        let more = edits.len().saturating_sub(1);
        let first = edits.into_iter().next()?;
        Some(if more == 0 { first } else { format!("{first} and {more} more") })
    })
}

fn of_zones(preview: &Preview, compiled: &Compiled) -> Option<String> {
    let new = additions::new_zones(preview, compiled).len();
    let planned: BTreeSet<&str> = compiled.plan.zones.iter().map(|zone| zone.word()).collect();
    let gone: BTreeSet<&str> = preview
        .network
        .subnets
        .iter()
        .filter(|subnet| subnet.after.is_none() && !planned.contains(subnet.zone.as_str()))
        .map(|subnet| subnet.zone.as_str())
        .collect();
    let before = (planned.len() + gone.len()).saturating_sub(new);
    let place = compiled.place("zones").map_or(String::new(), |place| format!("{place} "));
    (before != planned.len() && 0 < before)
        .then(|| format!("{place}zones {before} → {}", planned.len()))
}

const LONGEST_VALUE: usize = 24;

/// Every place of the blueprint whose value decides a change, with its value before and after.
fn roots(preview: &Preview, shown: &Shown<'_>) -> Vec<String> {
    if !preview.edits.is_empty() {
        let line = |one: &Edit| {
            let is_item = |side: &Side| side.as_ref().is_some_and(Value::is_object);
            let sign = match (&one.before, &one.after) {
                (None, after) if is_item(after) => "+ ",
                (before, None) if is_item(before) => "- ",
                _ => "",
            };
            let key = format!("{sign}{}", one.key);
            root(&one.path, &key, (&one.before, &one.after), shown)
        };
        return preview.edits.iter().filter_map(line).collect();
    }
    let renamed = renamed(preview, shown);
    if !renamed.is_empty() {
        return renamed;
    }
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let own = preview
        .changes
        .iter()
        .flat_map(|change| change.because.iter().map(move |one| (change, one)));
    let own = own.filter(|(_, one)| one.cause.is_none() && !one.path.is_empty());
    let first: Vec<_> = own.filter(|(_, one)| seen.insert(&one.path)).collect();
    let document = shown.compiled.map_or(Value::Null, |own| own.document.value());
    let line = |(change, one): (&Change, &PropertyChange)| {
        // The values are the property's, however deep the patch reaches.
        if one.path.starts_with("patches[") {
            return root(&one.path, &one.property, (&one.before, &one.after), shown);
        }
        let (key, value) = path::called(&one.path, &document);
        if change.kind == "AWS::EC2::Route" {
            let [before, after] = ways(change);
            let [before, after] = if before == after { [None, None] } else { [before, after] };
            return root(&one.path, &key, (&before, &after), shown);
        }
        let is_own = !value.is_object() && !value.is_array();
        let plain = [&one.before, &one.after].into_iter().flatten().all(|side| !side.is_object());
        let values = if is_own && plain { (&one.before, &one.after) } else { (&None, &None) };
        root(&one.path, &key, values, shown)
    };
    first.into_iter().filter_map(line).collect()
}

/// `shop.yaml:36 nodeGroups general → workers`, where only the templates tell it.
fn renamed(preview: &Preview, shown: &Shown<'_>) -> Vec<String> {
    let own = |(new, old): (&String, &String)| {
        let path = &preview.change(new)?.path;
        let (list, _) = path.split_once('[')?;
        let [old, new] = [old, new].map(|id| preview.name(id).rsplit(' ').next().map(Value::from));
        root(path, list, (&old, &new), shown)
    };
    let tiers = shown.compiled.map_or(&[][..], |own| own.intent.tiers.as_slice());
    let tier = |tier: &Tier| {
        let former = tier.renamed_from.clone()?;
        let is_named = |change: &Change| {
            let name = change.because.iter().find(|one| one.property == "Tags/Name");
            let before = name.and_then(|one| one.before.as_ref()?.as_str());
            change.path.starts_with(&tier.path) && before.is_some_and(|name| name.contains(&former))
        };
        preview.changes.iter().find(|change| is_named(change))?;
        root(&tier.path, "tiers", (&Some(former.into()), &Some(tier.name.clone().into())), shown)
    };
    preview.renamed.iter().filter_map(own).chain(tiers.iter().filter_map(tier)).collect()
}

type Side = Option<Value>;

/// The ways out that a route leads to, before and after, in the words of `egress`.
fn ways(change: &Change) -> [Side; 2] {
    const WORDS: [(&str, &str); 3] = [
        ("NatGatewayId", "nat"),
        ("GatewayId", "internet"),
        ("EgressOnlyInternetGatewayId", "nat"),
    ];
    let word = |side: fn(&PropertyChange) -> &Side| {
        let target = |one: &&PropertyChange| side(one).is_some();
        let own = change.because.iter().find(target)?;
        WORDS.iter().find(|(name, _)| own.property == *name).map(|(_, word)| Value::from(*word))
    };
    [word(|one| &one.before), word(|one| &one.after)]
}

fn root(
    path: &str,
    key: &str,
    (before, after): (&Side, &Side),
    shown: &Shown<'_>,
) -> Option<String> {
    let place = (shown.line)(path)?;
    let value = |side: &Side| {
        let text = side.as_ref().map_or("–".to_string(), short);
        (text.chars().count() <= LONGEST_VALUE).then_some(text)
    };
    let values = match (value(before), value(after)) {
        _ if before == after => String::new(),
        (Some(before), Some(after)) => format!(" {before} → {after}"),
        _ => String::new(),
    };
    Some(format!("{place} {key}{values}"))
}

/// One sentence on what runs.
pub(super) fn workloads(preview: &Preview) -> String {
    match sentence(preview) {
        (Weight::End, words) => red(&words),
        (Weight::Outage, words) => yellow(&words),
        (_, words) => plain(&words),
    }
}

/// The same in plain letters, and how much it weighs.
pub(in crate::report) fn sentence(preview: &Preview) -> (Weight, String) {
    let cluster = preview.changes.iter().any(|change| change.kind == "AWS::EKS::Cluster");
    let plane = if cluster { "" } else { " The control plane is not touched." };
    let (weight, words) = match preview::workloads(preview) {
        Workloads::New => {
            (Weight::Note, "Nothing of it is deployed yet: nothing that runs is touched.")
        }
        Workloads::Untouched => (Weight::Note, "Running nodes and pods are not touched."),
        Workloads::Connections => {
            (Weight::Connections, "Running nodes and pods stay; open connections may break.")
        }
        Workloads::Restarts if leaves_nodes(preview) => (
            Weight::Change,
            "Running nodes and pods stay as they are until their node groups are replaced.",
        ),
        Workloads::Restarts if relabels(preview) => {
            (Weight::Change, "Running nodes and pods stay; labels or taints of nodes change.")
        }
        Workloads::Restarts if admits_others(preview) => {
            (Weight::Change, "Running nodes and pods stay; who reaches the Kubernetes API changes.")
        }
        Workloads::Restarts => {
            (Weight::Change, "Running nodes and pods stay; add-ons restart or permissions change.")
        }
        Workloads::Nodes(ids) => {
            let words =
                format!("Nodes of {} are replaced; pods move.{plane}", preview.called(&ids));
            return (Weight::Nodes, words);
        }
        Workloads::Fewer(ids) => {
            let words =
                format!("Nodes of {} are terminated; pods move.{plane}", preview.called(&ids));
            return (Weight::Nodes, words);
        }
        Workloads::Interrupted => {
            (Weight::Outage, "Something that runs is interrupted or cut off: see below.")
        }
        Workloads::Gone => {
            (Weight::End, "The cluster or its network is deleted, with everything that runs in it.")
        }
    };
    (weight, words.to_string())
}

/// Whether who reaches the Kubernetes API is all that is noticed.
fn admits_others(preview: &Preview) -> bool {
    const ENDPOINT: [&str; 3] =
        ["EndpointPublicAccess", "EndpointPrivateAccess", "PublicAccessCidrs"];
    let of_endpoint = |one: &PropertyChange| {
        let name = one.property.strip_prefix("ResourcesVpcConfig/");
        name.is_some_and(|name| ENDPOINT.iter().any(|own| name.starts_with(own)))
    };
    let mut noticed =
        preview.changes.iter().filter(|change| change.weight() == Weight::Change).peekable();
    noticed.peek().is_some()
        && noticed.all(|change| {
            change.kind == "AWS::EKS::Cluster" && change.because.iter().all(of_endpoint)
        })
}

/// Whether what changes is for nodes that come afterwards.
fn leaves_nodes(preview: &Preview) -> bool {
    preview.impact.iter().any(|one| matches!(one, Consequence::Left(_)))
}

/// Whether node groups in place are all that is noticed.
fn relabels(preview: &Preview) -> bool {
    let mut noticed =
        preview.changes.iter().filter(|change| change.weight() == Weight::Change).peekable();
    noticed.peek().is_some() && noticed.all(|change| change.kind == "AWS::EKS::Nodegroup")
}

/// What cannot be undone first, then the consequences, worst first, and what stays as it is.
pub(super) fn know(preview: &Preview, shown: &Shown<'_>) -> String {
    let row = |known: Known| {
        let sign = match known.weight {
            None => red("!!"),
            Some(Weight::Note) => "i ".to_string(),
            Some(Weight::Outage | Weight::End) => red("! "),
            Some(_) => yellow("! "),
        };
        shown.view.hanging(&format!("  {sign} "), &plain(&known.words), 5)
    };
    let out: String = known(preview, shown.compiled).into_iter().map(row).collect();
    if out.is_empty() { out } else { format!("\n{}\n{out}", bold(KNOW)) }
}

/// What the list of consequences is called, in every format.
pub(in crate::report) const KNOW: &str = "Know before you deploy";

/// One line of what to know before a change is deployed.
pub(in crate::report) struct Known<'p> {
    /// `None`: it cannot be undone.
    pub weight: Option<Weight>,
    pub words: String,
    /// Logical ids of the resources that it is about, where it is about some.
    pub ids: &'p [String],
}

/// Worst first; every format tells these lines and no others.
pub(in crate::report) fn known<'p>(
    preview: &'p Preview,
    compiled: Option<&Compiled>,
) -> Vec<Known<'p>> {
    let name = |id: &str| preview.name(id);
    let lost = preview.irreversible.iter().map(|lost| Known {
        weight: None,
        words: format!("irreversible: {}", lost.told(&name)),
        ids: &lost.ids,
    });
    // An address that goes for good is told as such.
    let is_lost = |ids: &[String]| preview.irreversible.iter().any(|lost| lost.ids == ids);
    let told = |one: &&Consequence| match one {
        // The sentence on what runs names these groups.
        Consequence::Rolled(_) => false,
        Consequence::Of { ids, what: Noticed::Kind(Impact::AddressRemoved) } => !is_lost(ids),
        _ => true,
    };
    let told = preview::consequences(preview).into_iter().filter(told).map(|one| Known {
        weight: Some(one.weight()),
        words: one.told(&name),
        ids: one.ids(),
    });
    let late = latecomers(preview, compiled).into_iter();
    let late = late.map(|words| Known { weight: Some(Weight::Note), words, ids: &[] });
    lost.chain(told).chain(late).collect()
}

/// What zones that come with this change are left out of.
fn latecomers(preview: &Preview, compiled: Option<&Compiled>) -> Vec<String> {
    let added = preview.network.subnets.iter().any(|subnet| subnet.before.is_none());
    compiled.filter(|_| added).map_or(Vec::new(), Compiled::latecomers)
}

/// What AWS bills for as long as it exists.
const HOURLY: [&str; 2] = ["NAT gateways", "VPC endpoints"];

/// Everything whose number changes.
pub(super) fn numbers(preview: &Preview, view: View) -> String {
    let rows: Vec<Vec<String>> = numbered(preview).into_iter().map(Vec::from).collect();
    if rows.is_empty() {
        return String::new();
    }
    let columns = [("", Left), ("now", Right), ("after", Right), ("", Left)];
    format!("\n{}", fitted(view, 2, &columns, &rows))
}

/// What, how many now and after, and a note.
pub(in crate::report) fn numbered(preview: &Preview) -> Vec<[String; 4]> {
    let number = |count: usize| thousands(u64::try_from(count).unwrap_or(u64::MAX));
    let changed =
        preview.network.counted().into_iter().filter(|(_, counts)| counts.before != counts.after);
    changed
        .map(|(what, counts)| {
            let grows = counts.before < counts.after && HOURLY.contains(&what);
            let note = if grows { "billed per hour" } else { "" };
            [what.to_string(), number(counts.before), number(counts.after), note.to_string()]
        })
        .collect()
}
