//! Templates that stand somewhere: JSON or YAML, with `!Ref` and its like written out.

use serde_json::{Map, Value, json};
use serde_yaml::Value as Yaml;

use crate::diagnostic::Failure;
use crate::source::expands_within;

/// Bytes of a template once its aliases are written out.
const MOST_EXPANDED: usize = 64 << 20;

pub fn parse(text: &str) -> Result<Value, Failure> {
    let not = || Failure::new("this is not a CloudFormation template");
    if !expands_within(text, MOST_EXPANDED) {
        return Err(not().because("its aliases make it too large"));
    }
    let yaml: Yaml = serde_yaml::from_str(text).map_err(|cause| not().because(cause))?;
    let value = plain(yaml)?;
    match value["Resources"].is_object() {
        true => Ok(value),
        false => Err(not().because("it has no `Resources`")),
    }
}

fn plain(yaml: Yaml) -> Result<Value, Failure> {
    Ok(match yaml {
        Yaml::Tagged(tagged) => short_form(&tagged.tag.to_string(), plain(tagged.value)?),
        Yaml::Sequence(items) => {
            Value::Array(items.into_iter().map(plain).collect::<Result<_, _>>()?)
        }
        Yaml::Mapping(entries) => {
            let entry = |(key, value): (Yaml, Yaml)| {
                let key = key
                    .as_str()
                    .map(str::to_string)
                    .ok_or_else(|| Failure::new("a key of the template is not text"))?;
                Ok((key, plain(value)?))
            };
            Value::Object(entries.into_iter().map(entry).collect::<Result<Map<_, _>, Failure>>()?)
        }
        scalar => serde_json::to_value(&scalar)
            .map_err(|cause| Failure::new("a value of the template is not JSON").because(cause))?,
    })
}

fn short_form(tag: &str, value: Value) -> Value {
    match (tag.trim_start_matches('!'), value) {
        ("Ref", value) => json!({ "Ref": value }),
        ("Condition", value) => json!({ "Condition": value }),
        ("GetAtt", Value::String(path)) => {
            let (id, attribute) = path.split_once('.').unwrap_or((&path, ""));
            json!({ "Fn::GetAtt": [id, attribute] })
        }
        (name, value) => json!({ format!("Fn::{name}"): value }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_are_written_out() {
        let value = parse("Resources:\n  A: { Ref: !Ref B, Att: !GetAtt C.D.E, Sub: !Sub 'x${Y}', Text: '012' }\n").unwrap();
        assert_eq!(
            value["Resources"]["A"],
            json!({ "Ref": { "Ref": "B" }, "Att": { "Fn::GetAtt": ["C", "D.E"] }, "Sub": { "Fn::Sub": "x${Y}" }, "Text": "012" })
        );
        assert!(parse("[]").is_err());
        assert!(parse("{").is_err());
    }
}
