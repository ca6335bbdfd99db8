//! Settings of an aws-node that others run: what the blueprint sets, what was there before, and the way there and back. Keys that the
//! blueprint never set are never touched.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a blueprint sets of an aws-node that others run, in the words of the add-on's configuration values.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeptSettings {
    /// What is set, as JSON.
    pub set: String,
    /// What the add-on was told under the same keys before, as JSON; a key that is missing was unset.
    pub former: String,
    /// The values of the same variables in the DaemonSet before.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ran: BTreeMap<String, String>,
}

impl KeptSettings {
    /// Over what is there without the blueprint: the add-on's values and the DaemonSet's variables.
    pub fn new(set: &Value, (values, running): (&Value, &BTreeMap<String, String>)) -> Self {
        let own = |(name, _): &(&String, &String)| set["env"].get(name.as_str()).is_some();
        let ran = running.iter().filter(own);
        Self {
            set: set.to_string(),
            former: same_keys(values, set).to_string(),
            ran: ran.map(|(name, value)| (name.clone(), value.clone())).collect(),
        }
    }

    /// What is set.
    pub fn wanted(&self) -> Value {
        value(&self.set)
    }

    /// The add-on's values without the blueprint's: what still is as it was set goes back to what it was, what others changed since
    /// stays.
    pub fn without(&self, now: &Value) -> Value {
        restored(now, &self.wanted(), &value(&self.former))
    }

    /// The DaemonSet's variables without the blueprint's.
    pub fn running_without(&self, now: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let wanted = self.wanted();
        let is_own = |name: &str, value: &str| wanted["env"][name] == value;
        let before = |(name, value): (&String, &String)| match is_own(name, value) {
            true => self.ran.get(name).map(|value| (name.clone(), value.clone())),
            false => Some((name.clone(), value.clone())),
        };
        now.iter().filter_map(before).collect()
    }
}

/// Configuration values as EKS keeps them, JSON or YAML; `None` where they are neither.
pub fn parse(text: &str) -> Option<Value> {
    let json = serde_json::from_str(text).ok();
    match json.or_else(|| serde_yaml::from_str(text).ok())? {
        Value::String(inner) if inner != text => parse(&inner),
        Value::Null => Some(Value::Object(Map::new())),
        value => Some(value).filter(Value::is_object),
    }
}

/// The same where nothing is changed by them: nothing for what cannot be read.
pub fn value(text: &str) -> Value {
    parse(text).unwrap_or_else(|| Value::Object(Map::new()))
}

/// `base`, with everything that `own` says.
pub fn over(base: &Value, own: &Value) -> Value {
    let (Value::Object(base), Value::Object(own)) = (base, own) else { return own.clone() };
    let mut merged = base.clone();
    for (key, value) in own {
        let there = base.get(key).cloned().unwrap_or_else(|| Value::Object(Map::new()));
        merged.insert(key.clone(), over(&there, value));
    }
    Value::Object(merged)
}

/// Whether everything that `own` says stands in `there`.
pub fn stands_in(own: &Value, there: &Value) -> bool {
    match (own, there) {
        (Value::Object(own), Value::Object(there)) => own
            .iter()
            .all(|(key, value)| there.get(key).is_some_and(|other| stands_in(value, other))),
        (own, there) => own == there,
    }
}

fn same_keys(values: &Value, own: &Value) -> Value {
    let (Value::Object(values), Value::Object(own)) = (values, own) else { return values.clone() };
    let kept = own.iter().filter_map(|(key, own)| {
        let there = same_keys(values.get(key)?, own);
        Some((key.clone(), there))
    });
    Value::Object(kept.collect())
}

fn restored(now: &Value, set: &Value, former: &Value) -> Value {
    let (Value::Object(now), Value::Object(set)) = (now, set) else { return now.clone() };
    let mut back = now.clone();
    for (key, set) in set {
        let (Some(there), before) = (now.get(key), former.get(key)) else { continue };
        let value = match (there.is_object() && set.is_object(), there == set) {
            (true, _) => {
                let nothing = Value::Object(Map::new());
                let inner = restored(there, set, before.unwrap_or(&nothing));
                Some(inner).filter(|inner| before.is_some() || *inner != nothing)
            }
            (false, true) => before.cloned(),
            (false, false) => Some(there.clone()),
        };
        match value {
            Some(value) => _ = back.insert(key.clone(), value),
            None => _ = back.remove(key),
        }
    }
    Value::Object(back)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings(set: &Value, values: &Value) -> KeptSettings {
        KeptSettings::new(set, (values, &BTreeMap::new()))
    }

    #[test]
    fn there_and_back_is_as_before() {
        let theirs = json!({ "env": { "A": "1", "B": "2" }, "tolerations": [1] });
        let own = json!({ "env": { "B": "3", "C": "4" }, "init": { "env": { "D": "5" } } });
        let kept = settings(&own, &theirs);
        let merged = over(&theirs, &own);
        assert_eq!(merged["env"], json!({ "A": "1", "B": "3", "C": "4" }));
        assert_eq!(merged["tolerations"], json!([1]));
        assert_eq!(kept.without(&merged), theirs);
        assert_eq!(kept.without(&theirs), theirs, "nothing was set yet");
        assert!(stands_in(&own, &merged) && !stands_in(&own, &theirs));
    }

    #[test]
    fn values_in_yaml_are_values_too() {
        let wanted = json!({ "env": { "A": "1" } });
        for text in ["env:\n  A: \"1\"\n", r#"{"env":{"A":"1"}}"#, r#""env: { A: \"1\" }""#] {
            assert_eq!(parse(text), Some(wanted.clone()), "{text}");
        }
        assert_eq!([parse(""), parse("a")], [Some(json!({})), None]);
    }

    #[test]
    fn what_others_change_meanwhile_stays() {
        let own = json!({ "env": { "B": "3", "C": "4" } });
        let kept = settings(&own, &json!({ "env": { "B": "2" } }));
        let now = json!({ "env": { "B": "9", "C": "4", "E": "6" } });
        assert_eq!(kept.without(&now), json!({ "env": { "B": "9", "E": "6" } }));
    }

    #[test]
    fn a_key_that_is_given_up_goes_back_to_its_former_value() {
        let theirs = json!({ "env": { "B": "2", "C": "3" } });
        let first = json!({ "env": { "B": "8", "C": "9" } });
        let kept = settings(&first, &theirs);
        let base = kept.without(&over(&theirs, &first));
        let then = json!({ "env": { "C": "9" } });
        assert_eq!(over(&base, &then), json!({ "env": { "B": "2", "C": "9" } }));
        assert_eq!(settings(&then, &base).former, r#"{"env":{"C":"3"}}"#);
    }

    #[test]
    fn variables_of_the_daemon_set_go_back_too() {
        let running = |value: &str| {
            BTreeMap::from([("A".to_string(), value.to_string()), ("Z".into(), "z".into())])
        };
        let own = json!({ "env": { "A": "2", "N": "1" } });
        let kept = KeptSettings::new(&own, (&json!({}), &running("1")));
        let mut now = running("2");
        now.insert("N".into(), "1".into());
        assert_eq!(kept.running_without(&now), running("1"));
    }
}
