//! Configuration values of an add-on against its own JSON Schema, which knows its version better than any table.

use serde_json::Value;

/// (place in the values, with slashes; what is wrong with it).
pub fn misfits(schema: &Value, written: &str, region: &str) -> Vec<(String, String)> {
    let (Some(values), Ok(validator)) =
        (values(written, region), jsonschema::validator_for(schema))
    else {
        return Vec::new();
    };
    validator
        .iter_errors(&values)
        .flat_map(|error| places(&error).into_iter().map(move |place| (place, error.to_string())))
        .collect()
}

/// What an error is about: a key that is not known stands below the place that does not know it.
fn places(error: &jsonschema::ValidationError<'_>) -> Vec<String> {
    let place = error.instance_path().to_string().trim_start_matches('/').to_string();
    match error.kind() {
        jsonschema::error::ValidationErrorKind::AdditionalProperties { unexpected } => {
            unexpected.iter().map(|name| format!("{place}/{name}")).collect()
        }
        _ => vec![place],
    }
}

/// The configuration as EKS gets it: what CloudFormation fills in has a form, and no value yet.
fn values(text: &str, region: &str) -> Option<Value> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, tail) = after.split_once('}')?;
        filled.push_str(before);
        match name {
            literal if literal.starts_with('!') => {
                filled.push_str(&format!("${{{}}}", &literal[1..]))
            }
            zone if zone.ends_with(".AvailabilityZone") => filled.push_str(&format!("{region}a")),
            "AWS::Region" => filled.push_str(region),
            group if group.contains("Group") => filled.push_str("sg-0123456789abcdef0"),
            _ => filled.push_str("subnet-0123456789abcdef0"),
        }
        rest = tail;
    }
    filled.push_str(rest);
    serde_json::from_str(&filled).ok()
}
