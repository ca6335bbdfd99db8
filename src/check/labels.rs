//! Labels and taints of nodes, as EKS bounds them.

use crate::blueprint::model::Taint;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::intent::NodeGroup;
use crate::rules::NG_11;

pub fn check(group: &NodeGroup) -> Vec<Diagnostic> {
    let labels = group.labels.iter().filter_map(|(name, value)| {
        let place = key(&key(&group.path, "labels"), name);
        reserved(&place, name)
            .or_else(|| misshapen(&place, "label", name))
            .or_else(|| misvalued(&place, "label", value, 1))
    });
    let taints = group.taints.iter().enumerate().filter_map(|(at, taint)| {
        let place = format!("{}[{at}]", key(&group.path, "taints"));
        let value = taint.value.as_deref().unwrap_or_default();
        misshapen(&place, "taint", &taint.key).or_else(|| misvalued(&place, "taint", value, 0))
    });
    let mut findings: Vec<Diagnostic> = labels.chain(taints).chain(twice(group)).collect();
    let count = group.taints.len();
    if eks::TAINTS < count {
        let message = format!("{count} taints; a node group accepts {}", eks::TAINTS);
        findings.push(NG_11.at(key(&group.path, "taints"), message).hint("leave some out"));
    }
    findings
}

/// Kubernetes tells the taints of a node apart by key and effect: a node with two alike is refused by the API.
fn twice(group: &NodeGroup) -> Option<Diagnostic> {
    let taints = &group.taints;
    let (at, first) = taints.iter().enumerate().find_map(|(at, taint)| {
        let alike = |other: &Taint| other.key == taint.key && other.effect == taint.effect;
        taints[..at].iter().position(alike).map(|first| (at, first))
    })?;
    let place = |at: usize| format!("{}[{at}]", key(&group.path, "taints"));
    Some(
        NG_11
            .at(place(at), format!("a second taint `{}` with this effect", taints[at].key))
            .also(place(first), "the first one")
            .hint("keep one of the two: a toleration may name several values, a taint has one"),
    )
}

/// Prefixes that only Kubernetes and EKS give to nodes.
fn reserved(place: &str, name: &str) -> Option<Diagnostic> {
    let (prefix, _) = name.split_once('/')?;
    let of = |domain: &str| prefix == domain || prefix.ends_with(&format!(".{domain}"));
    if eks::OPEN_LABELS.iter().any(|open| of(open)) {
        return None;
    }
    let owner = eks::RESERVED_LABELS.iter().find(|own| of(own))?;
    Some(
        NG_11
            .at(place, format!("`{name}`: nodes get no labels of {owner} from a node group"))
            .on_key()
            .hint("use a prefix of your own, such as `example.com/role`"),
    )
}

/// `[prefix/]name`, both together within EKS's bound.
fn misshapen(place: &str, what: &str, name: &str) -> Option<Diagnostic> {
    let (prefix, last) = name.split_once('/').map_or((None, name), |(one, rest)| (Some(one), rest));
    let fits = word(last) && prefix.is_none_or(is_domain) && name.len() <= eks::LABEL_KEY;
    (!fits).then(|| {
        NG_11
            .at(place, format!("invalid {what} key `{name}`"))
            .hint(format!(
                "letters, digits, `-`, `_` and `.`, a letter or digit at either end, after an optional domain and `/`, {} characters in all",
                eks::LABEL_KEY
            ))
    })
}

fn misvalued(place: &str, what: &str, value: &str, least: usize) -> Option<Diagnostic> {
    let length = (least..=eks::LABEL_VALUE).contains(&value.len());
    (!length || !value.is_empty() && !word(value)).then(|| {
        let message = match value {
            "" => format!("an empty {what} value"),
            _ => format!("invalid {what} value `{value}`"),
        };
        NG_11.at(place, message).hint(format!(
            "{least} to {} letters, digits, `-`, `_` and `.`, a letter or digit at either end",
            eks::LABEL_VALUE
        ))
    })
}

/// Whether pods may have a label of this key: a name, after a domain and a slash or by itself.
pub(super) fn is_key(name: &str) -> bool {
    match name.split_once('/') {
        Some((domain, last)) => is_domain(domain) && is_value(last) && !last.is_empty(),
        None => is_value(name) && !name.is_empty(),
    }
}

/// Whether pods may have a label of this value.
pub(super) fn is_value(value: &str) -> bool {
    value.len() <= eks::LABEL_VALUE && (value.is_empty() || word(value))
}

/// Whether there may be such a namespace.
pub(super) fn is_namespace(name: &str) -> bool {
    name.len() <= eks::NAMESPACE && !name.contains('.') && is_domain(name)
}

/// Words of lower-case letters, digits and `-`, with dots between them.
fn is_domain(text: &str) -> bool {
    let letter = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '-';
    text.split('.').all(|part| word(part) && part.chars().all(letter))
}

/// Kubernetes' own form of names and values.
fn word(text: &str) -> bool {
    let end = |letter: char| letter.is_ascii_alphanumeric();
    text.starts_with(end)
        && text.ends_with(end)
        && text.chars().all(|one| one.is_ascii_alphanumeric() || "-_.".contains(one))
}
