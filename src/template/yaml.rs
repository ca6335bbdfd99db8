//! YAML that every reader reads alike: words stay plain only where YAML 1.1 and 1.2 both take them for text, all else is quoted.

use serde_json::{Map, Value};

/// Keys that people want first; the rest follows by name.
const FIRST: &[&str] = &[
    "AWSTemplateFormatVersion",
    "apiVersion",
    "kind",
    "metadata",
    "Type",
    "Description",
    "Key",
    "name",
];

/// A value as YAML in blocks, whatever its texts contain.
pub fn to_yaml(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => write_map(map, 0, &mut out),
        Value::Array(items) if !items.is_empty() => write_list(items, 0, &mut out),
        scalar => {
            out.push_str(&inline(scalar));
            out.push('\n');
        }
    }
    out
}

fn write_map(map: &Map<String, Value>, indent: usize, out: &mut String) {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_by_key(|(key, _)| {
        (FIRST.iter().position(|first| first == key).unwrap_or(FIRST.len()), key.as_str())
    });
    for (at, (key, value)) in entries.into_iter().enumerate() {
        if at > 0 || indent == 0 {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str(&word(key));
        out.push(':');
        write_value(value, indent + 2, out);
    }
}

/// The cursor stands behind a colon.
fn write_value(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() && !is_short(map) => {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            write_map(map, indent, out);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            write_list(items, indent, out);
        }
        other => {
            out.push(' ');
            out.push_str(&inline(other));
            out.push('\n');
        }
    }
}

fn write_list(items: &[Value], indent: usize, out: &mut String) {
    for item in items {
        out.push_str(&" ".repeat(indent));
        out.push_str("- ");
        match item {
            Value::Object(map) if !map.is_empty() && !is_short(map) => {
                write_map(map, indent + 2, out)
            }
            other => {
                out.push_str(&inline(other));
                out.push('\n');
            }
        }
    }
}

/// References and tags read best on one line.
fn is_short(map: &Map<String, Value>) -> bool {
    let scalars = map.values().all(|value| {
        !value.is_object()
            && value
                .as_array()
                .is_none_or(|items| items.iter().all(|item| !item.is_object() && !item.is_array()))
    });
    let intrinsic = map.len() == 1 && map.keys().all(|key| key == "Ref" || key == "Fn::GetAtt");
    let tag = map.len() == 2 && map.contains_key("Key") && map.contains_key("Value");
    scalars && (intrinsic || tag)
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => word(text),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", "))
        }
        Value::Object(map) if map.is_empty() => "{}".to_string(),
        Value::Object(map) => {
            let entries =
                map.iter().map(|(key, value)| format!("{}: {}", word(key), inline(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Plain where nothing could be misread, else quoted as JSON.
pub fn word(text: &str) -> String {
    let starts = text.starts_with(|letter: char| letter.is_ascii_alphabetic());
    let plain =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | '/');
    let colons = text.replace("::", "");
    let trap = matches!(
        text.to_ascii_lowercase().as_str(),
        "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
    );
    if starts && colons.chars().all(plain) && !text.ends_with(':') && !trap {
        text.to_string()
    } else {
        Value::String(text.to_string()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_reads_back_the_same() {
        let value = json!({
            "Type": "AWS::EC2::VPC", "no": "no", "a": [1, true, null, "12:30:45", "2010-09-09", "012", "x: y", "", "- a", "#"],
            "nested": [{ "Key": "k", "Value": "v" }, { "deep": { "er": [] } }, {}, []], "é": "ü\n\t\u{1}", "Fn::Sub": "${A}",
        });
        let text = to_yaml(&value);
        assert_eq!(serde_yaml::from_str::<Value>(&text).unwrap(), value, "{text}");
    }
}
