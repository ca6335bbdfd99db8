//! What the author hands to nodes' own configuration: a NodeConfig, or Bottlerocket's settings.

use serde_json::{Map, Value};

use crate::blueprint::{nearest, path::key};
use crate::diagnostic::Diagnostic;
use crate::facts::eks::Boot;
use crate::facts::node_config::{
    API_VERSION, COMPUTED, COMPUTED_FLAGS, COMPUTED_SETTINGS, CONTAINERD, KIND, KUBELET, SPEC,
};
use crate::intent::equipment::OwnWords;
use crate::intent::{Intent, NodeGroup};
use crate::rules::{NG_24, NG_25, Rule};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let groups = intent.cluster.iter().flat_map(|cluster| &cluster.node_groups);
    groups.flat_map(|group| [node_config(group), bottlerocket(group)].concat()).collect()
}

fn node_config(group: &NodeGroup) -> Vec<Diagnostic> {
    let Some(own) = &group.config.node_config else {
        return Vec::new();
    };
    if let Some(finding) = of_family(group, own, (&NG_24, Boot::Nodeadm)) {
        return vec![finding];
    }
    let mut findings = around(own, &[("apiVersion", API_VERSION), ("kind", KIND)], &NG_24);
    findings.extend(computed(own, COMPUTED, &NG_24));
    let parts: [(&[&str], &[&str]); 3] =
        [(&[], SPEC), (&["kubelet"], KUBELET), (&["containerd"], CONTAINERD)];
    for (path, known) in parts {
        findings.extend(unknown(own, path, known));
    }
    findings.extend(forms(own));
    findings.extend(flags(own));
    findings
}

/// Only images of one family read such words.
fn of_family(
    group: &NodeGroup,
    own: &OwnWords,
    (rule, boot): (&'static Rule, Boot),
) -> Option<Diagnostic> {
    let actual = group.ami.boots().filter(|actual| *actual != boot)?;
    let hint = match actual {
        Boot::Nodeadm => "its keys belong under `nodeConfig`",
        Boot::Settings => "its keys belong under `bottlerocket`",
        Boot::PowerShell => "remove it: Windows nodes are configured by a script that EKS writes",
    };
    let message = format!("`{}` does not read this", group.ami.kind);
    Some(rule.at(&own.place, message).on_key().also(&group.ami.place, "the image").hint(hint))
}

/// What a whole document has around the author's part.
fn around(own: &OwnWords, known: &[(&str, &str)], rule: &'static Rule) -> Vec<Diagnostic> {
    let outer = own.place.rsplit_once('.').map_or(own.place.as_str(), |(outer, _)| outer);
    let wrong = own.around.iter().filter(|(word, value)| {
        !known.iter().any(|(key, text)| key == word && value.as_str() == Some(text))
    });
    wrong
        .map(|(word, _)| {
            let finding = rule.at(key(outer, word), format!("`{word}` is not one of its keys"));
            let words: Vec<String> =
                known.iter().map(|(key, text)| format!("`{key}: {text}`")).collect();
            let hint = if words.is_empty() { "remove it".to_string() } else { words.join(", ") };
            finding.on_key().hint(hint)
        })
        .collect()
}

fn find<'v>(words: &'v Map<String, Value>, path: &[&str]) -> Option<&'v Value> {
    let (first, rest) = path.split_first()?;
    let value = words.get(*first)?;
    if rest.is_empty() { Some(value) } else { find(value.as_object()?, rest) }
}

fn place(own: &OwnWords, path: &[&str]) -> String {
    path.iter().fold(own.place.clone(), |place, step| key(&place, step))
}

fn computed(own: &OwnWords, rows: &[(&[&str], &str)], rule: &'static Rule) -> Vec<Diagnostic> {
    let written = rows.iter().filter(|(path, _)| find(&own.words, path).is_some());
    written
        .map(|(path, who)| {
            let name = path.last().copied().unwrap_or_default();
            let finding = rule.at(place(own, path), format!("eksnet computes `{name}`"));
            finding.on_key().hint(format!("remove it: {who}"))
        })
        .collect()
}

fn unknown(own: &OwnWords, path: &[&str], known: &[&str]) -> Vec<Diagnostic> {
    let part = match path {
        [] => Some(&own.words),
        path => find(&own.words, path).and_then(Value::as_object),
    };
    let told = |word: &&String| {
        let whole = [path, &[word.as_str()]].concat();
        known.contains(&word.as_str()) || COMPUTED.iter().any(|(own, _)| *own == whole.as_slice())
    };
    let words = part.into_iter().flat_map(Map::keys).filter(|word| !told(word));
    words
        .map(|word| {
            let finding =
                NG_24.at(key(&place(own, path), word), format!("nodeadm does not know `{word}`"));
            let hint = match nearest(word, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("one of {}", known.join(", ")),
            };
            finding.on_key().hint(hint)
        })
        .collect()
}

/// (path, whether a value has the form that nodeadm reads, its name)
type Form = (&'static [&'static str], fn(&Value) -> bool, &'static str);

const FORMS: &[Form] = &[
    (&["kubelet"], Value::is_object, "a mapping"),
    (&["kubelet", "config"], Value::is_object, "a mapping"),
    (&["kubelet", "flags"], Value::is_array, "a list of flags"),
    (&["containerd"], Value::is_object, "a mapping"),
    (&["containerd", "config"], Value::is_string, "a text of TOML"),
    (&["containerd", "baseRuntimeSpec"], Value::is_object, "a mapping"),
    (&["instance"], Value::is_object, "a mapping"),
    (&["featureGates"], Value::is_object, "a mapping of names to true or false"),
];

fn forms(own: &OwnWords) -> Vec<Diagnostic> {
    let wrong = FORMS.iter().filter(|(path, fits, _)| {
        find(&own.words, path).is_some_and(|value| !value.is_null() && !fits(value))
    });
    wrong
        .map(|(path, _, form)| {
            let name = path.last().copied().unwrap_or_default();
            NG_24
                .at(place(own, path), format!("`{name}` is not {form}"))
                .hint(format!("nodeadm reads {form} here"))
        })
        .collect()
}

fn flags(own: &OwnWords) -> Vec<Diagnostic> {
    let path = ["kubelet", "flags"];
    let flags = find(&own.words, &path).and_then(Value::as_array).into_iter().flatten();
    let mut findings = Vec::new();
    for (at, flag) in flags.enumerate() {
        let place = format!("{}[{at}]", place(own, &path));
        let Some(text) = flag.as_str().filter(|text| text.starts_with("--")) else {
            let finding = NG_24.at(place, "not a flag of the kubelet");
            findings.push(finding.hint("such as `--node-labels=example.com/role=worker`"));
            continue;
        };
        let name = text.split('=').next().unwrap_or(text);
        if let Some((flag, who)) = COMPUTED_FLAGS.iter().find(|(flag, _)| *flag == name) {
            let finding = NG_24.at(place, format!("eksnet computes `{flag}`"));
            findings.push(finding.hint(format!("remove it: {who}")));
        }
    }
    findings
}

fn bottlerocket(group: &NodeGroup) -> Vec<Diagnostic> {
    let Some(own) = &group.config.bottlerocket else {
        return Vec::new();
    };
    if let Some(finding) = of_family(group, own, (&NG_25, Boot::Settings)) {
        return vec![finding];
    }
    let mut findings = around(own, &[], &NG_25);
    findings.extend(computed(own, COMPUTED_SETTINGS, &NG_25));
    let tables = own.words.iter().filter(|(_, value)| !value.is_object() && !value.is_string());
    for (word, _) in
        tables.filter(|(word, value)| word.as_str() == "kubernetes" && !value.is_null())
    {
        let finding = NG_25.at(key(&own.place, word), format!("`{word}` is not a mapping"));
        findings.push(finding.hint("settings are mappings of keys to values"));
    }
    unsayable(&Value::Object(own.words.clone()), &own.place, &mut findings);
    findings
}

/// What TOML, or EKS's reader of it, cannot say.
fn unsayable(value: &Value, place: &str, findings: &mut Vec<Diagnostic>) {
    let mut refuse = |what: &str, hint: &str| {
        findings.push(NG_25.at(place, what).hint(hint));
    };
    match value {
        Value::Null => refuse("TOML has no empty value", "remove the key, or give it a value"),
        Value::String(text) if text.contains('"') && text.contains('\'') => {
            refuse(
                "EKS's reader does not accept both kinds of quotes in one value",
                "use one kind",
            );
        }
        Value::Array(items) => {
            let kind = |value: &Value| std::mem::discriminant(value);
            if items.iter().any(|item| kind(item) != kind(&items[0])) {
                refuse("EKS's reader does not accept a list of several types", "use one type");
            }
            for (at, item) in items.iter().enumerate() {
                unsayable(item, &format!("{place}[{at}]"), findings);
            }
        }
        Value::Object(map) => {
            for (word, inner) in map {
                if word.contains(['"', '\'']) {
                    let finding =
                        NG_25.at(key(place, word), "EKS's reader does not accept quotes in a key");
                    findings.push(finding.on_key().hint("use a key without quotes"));
                }
                unsayable(inner, &key(place, word), findings);
            }
        }
        _ => {}
    }
}
