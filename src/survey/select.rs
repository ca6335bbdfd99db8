//! Which pods a label selector selects.

use serde_json::Value;

use crate::observed::survey::{Selector, Tags};

/// Whether labels satisfy a selector; an empty one selects everything.
pub fn selects(selector: &Selector, labels: &Tags) -> bool {
    let named = selector.labels.iter().all(|(key, value)| labels.get(key) == Some(value));
    named && selector.expressions.iter().all(|one| holds(one, labels))
}

/// The same of a selector as Kubernetes writes it.
pub fn selects_raw(selector: &Value, labels: &Tags) -> bool {
    let wanted = selector["matchLabels"].as_object().into_iter().flatten();
    let named = wanted
        .into_iter()
        .all(|(key, value)| labels.get(key).map(String::as_str) == value.as_str());
    let expressions = selector["matchExpressions"].as_array();
    named && expressions.into_iter().flatten().all(|one| holds(one, labels))
}

/// One of `matchExpressions`; an operator that nobody knows holds.
fn holds(expression: &Value, labels: &Tags) -> bool {
    let found = expression["key"].as_str().and_then(|key| labels.get(key));
    let mut values = expression["values"].as_array().into_iter().flatten();
    let mut named = || values.any(|one| one.as_str() == found.map(String::as_str));
    match expression["operator"].as_str() {
        Some("In") => found.is_some() && named(),
        Some("NotIn") => found.is_none() || !named(),
        Some("Exists") => found.is_some(),
        Some("DoesNotExist") => found.is_none(),
        _ => true,
    }
}
