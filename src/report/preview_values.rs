//! Values before and after, as people read them.

use serde_json::Value;

use crate::preview::PropertyChange;

use super::escape::plain;

const LONGEST: usize = 160;

/// On one line, shortened where it is long.
pub(in crate::report) fn before_after(because: &PropertyChange) -> String {
    match (&because.before, &because.after) {
        (None, Some(after)) => format!("+ {}", short(after)),
        (Some(before), None) => format!("- {}", short(before)),
        // A change set may name a property without its values.
        (None, None) => "changes".to_string(),
        (before, after) => format!(
            "{} → {}",
            before.as_ref().map_or("-".into(), short),
            after.as_ref().map_or("-".into(), short)
        ),
    }
}

pub(in crate::report) fn short(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Object(map) if map.contains_key("Ref") => {
            map["Ref"].as_str().unwrap_or_default().to_string()
        }
        other => other.to_string(),
    };
    let text = plain(&text.replace('\n', " "));
    if text.chars().count() <= LONGEST {
        text
    } else {
        format!("{}…", text.chars().take(LONGEST).collect::<String>())
    }
}

/// The lines that differ between two texts of several, such as user data: those that went, then those that came.
pub(in crate::report) fn lines(because: &PropertyChange) -> Option<Vec<String>> {
    let (before, after) = (text(because.before.as_ref()?)?, text(because.after.as_ref()?)?);
    if !before.contains('\n') || !after.contains('\n') {
        return None;
    }
    let only = |text: &str, other: &str, sign: &str| {
        let there: Vec<&str> = other.lines().collect();
        text.lines()
            .filter(|line| !there.contains(line))
            .map(|line| format!("{sign} {}", plain(line.trim())))
            .collect::<Vec<_>>()
    };
    let found = [only(before, after, "-"), only(after, before, "+")].concat();
    (!found.is_empty()).then_some(found)
}

fn text(value: &Value) -> Option<&str> {
    let inner = ["Fn::Base64", "Fn::Sub"].iter().find_map(|name| value.get(*name));
    value.as_str().or_else(|| text(inner?))
}
