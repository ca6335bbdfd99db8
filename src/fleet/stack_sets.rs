//! StackSets: members whose templates have the same shape become one template with parameters, and each member's values. Limits are
//! CloudFormation's. What eksnet reads back of its own stacks (`Metadata`) has no place in them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::facts::cloudformation::{INLINE_LIMIT, STACK_SETS, STACKS_OF_A_SET, UPLOAD_LIMIT};
use crate::template::Template;

use super::export::Job;

/// Parameters of a template; bytes of a parameter's value. Source: CloudFormation quotas, read 2026-11-27.
const MOST_PARAMETERS: usize = 200;
const LONGEST_VALUE: usize = 4_096;

/// A template with parameters, and where it is deployed with which values.
#[derive(Clone, Debug)]
pub struct StackSet {
    pub name: String,
    pub template: Value,
    pub instances: Vec<Instance>,
    /// Why CloudFormation refuses it as it is.
    pub limits: Vec<String>,
}

/// One stack of a set: a member with its account, its Region and its values of the parameters.
#[derive(Clone, Debug)]
pub struct Instance {
    pub member: String,
    pub account: String,
    pub region: String,
    pub overrides: BTreeMap<String, String>,
}

/// Sections of a template in which CloudFormation resolves parameters.
const RESOLVED: &[&str] = &["Resources", "Outputs"];

/// Places of a resource in which it does not.
const LITERAL: &[&str] =
    &["Type", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Condition", "Metadata"];

/// Whether CloudFormation accepts nothing but a literal at a key.
fn is_literal(section: &str, key: &str) -> bool {
    LITERAL.contains(&key) || (section == "Outputs" && key == "Description")
}

/// The sets of members that have an account. Members of one account and Region are in sets of their own: a set has one stack in each.
pub fn of(members: &[(Job, &Template)]) -> Vec<StackSet> {
    let mut shapes: BTreeMap<String, Vec<Vec<usize>>> = BTreeMap::new();
    for (at, (job, template)) in members.iter().enumerate() {
        let sets = shapes.entry(outline(&bare(template)).to_string()).or_default();
        let place = |at: &usize| {
            let other: &Job = &members[*at].0;
            (other.account.as_ref(), &other.region) == (job.account.as_ref(), &job.region)
        };
        match sets.iter_mut().find(|set| !set.iter().any(place)) {
            Some(set) => set.push(at),
            None => sets.push(vec![at]),
        }
    }
    let sets = shapes.into_values().flatten();
    let mut sets: Vec<Vec<usize>> = sets.collect();
    sets.sort();
    let mut made: Vec<StackSet> = sets.iter().map(|set| stack_set(members, set)).collect();
    let count = made.len();
    for set in made.iter_mut().skip(STACK_SETS) {
        set.limits.push(format!(
            "{count} StackSets, and an administrator account has {STACK_SETS} unless its quota was raised"
        ));
    }
    made
}

/// The template without what only eksnet reads, and without its description, which names the member and accepts no parameter.
fn bare(template: &Template) -> Value {
    let mut value = template.value.clone();
    if let Some(map) = value.as_object_mut() {
        map.remove("Metadata");
        map.remove("Description");
    }
    value
}

/// The template with every text and number left out where a parameter may stand.
fn outline(template: &Value) -> Value {
    let sections = template.as_object().into_iter().flatten();
    let outline = |(section, value): (&String, &Value)| {
        (section.clone(), shape(value, section, !RESOLVED.contains(&section.as_str())))
    };
    sections.map(outline).collect()
}

fn shape(value: &Value, section: &str, literal: bool) -> Value {
    match value {
        Value::String(_) | Value::Number(_) if !literal => json!("*"),
        Value::Array(items) => items.iter().map(|item| shape(item, section, literal)).collect(),
        Value::Object(map) => {
            let is_function = map.len() == 1 && map.keys().all(|key| is_function(key));
            map.iter()
                .map(|(key, value)| {
                    let literal = literal || is_function || is_literal(section, key);
                    (key.clone(), shape(value, section, literal))
                })
                .collect()
        }
        other => other.clone(),
    }
}

fn is_function(key: &str) -> bool {
    key == "Ref" || key.starts_with("Fn::")
}

fn stack_set(members: &[(Job, &Template)], set: &[usize]) -> StackSet {
    let templates: Vec<Value> = set.iter().map(|at| bare(members[*at].1)).collect();
    let mut parameters = Parameters::beside(&templates[0]);
    let views: Vec<&Value> = templates.iter().collect();
    let mut template = parameters.merge(&views, &mut Vec::new());
    template["Description"] = description(members, set);
    let declared: BTreeMap<&String, Value> =
        parameters.names.values().map(|name| (name, json!({ "Type": "String" }))).collect();
    if !declared.is_empty() {
        template["Parameters"] = json!(declared);
    }
    let instance = |(row, at): (usize, &usize)| {
        let job = &members[*at].0;
        let values = parameters.names.iter();
        Instance {
            member: job.name.clone(),
            account: job.account.clone().unwrap_or_default(),
            region: job.region.clone(),
            overrides: values.map(|(values, name)| (name.clone(), values[row].clone())).collect(),
        }
    };
    let instances: Vec<Instance> = set.iter().enumerate().map(instance).collect();
    let first = &members[set[0]].0;
    let name = match set.len() {
        1 => format!("eksnet-{}-{}", first.name, first.region),
        more => format!("eksnet-{}-and-{}-more", first.name, more - 1),
    };
    let limits = limits(&template, &parameters, &instances);
    StackSet { name, template, instances, limits }
}

/// A member's own, or one for all of them.
fn description(members: &[(Job, &Template)], set: &[usize]) -> Value {
    match set {
        [one] => members[*one].1.value["Description"].clone(),
        all => json!(format!("Networks of {} members of a fleet, made by eksnet", all.len())),
    }
}

fn limits(template: &Value, parameters: &Parameters, instances: &[Instance]) -> Vec<String> {
    let mut limits = Vec::new();
    let count = parameters.names.len();
    if MOST_PARAMETERS < count {
        limits.push(format!("{count} parameters, and a template has at most {MOST_PARAMETERS}"));
    }
    let bytes = template.to_string().len();
    if UPLOAD_LIMIT < bytes {
        limits.push(format!("{bytes} bytes, and a template has at most {UPLOAD_LIMIT}"));
    } else if INLINE_LIMIT < bytes {
        limits.push(format!("{bytes} bytes: pass it through S3 (`--template-url`)"));
    }
    let stacks = instances.len();
    if STACKS_OF_A_SET < stacks {
        limits.push(format!(
            "{stacks} stacks, and a set has {STACKS_OF_A_SET} unless its quota was raised"
        ));
    }
    let mut values = instances.iter().flat_map(|instance| &instance.overrides);
    if let Some((name, _)) = values.find(|(_, value)| LONGEST_VALUE < value.len()) {
        limits.push(format!("the value of {name} has more than {LONGEST_VALUE} bytes"));
    }
    limits
}

/// The values that differ: one parameter for each row of them, wherever it stands.
struct Parameters {
    names: BTreeMap<Vec<String>, String>,
    taken: BTreeSet<String>,
}

impl Parameters {
    /// Parameters and resources of a template share one set of names.
    fn beside(template: &Value) -> Self {
        let resources = template["Resources"].as_object().into_iter().flatten();
        Self { names: BTreeMap::new(), taken: resources.map(|(id, _)| id.clone()).collect() }
    }

    fn merge(&mut self, values: &[&Value], path: &mut Vec<String>) -> Value {
        if values.iter().all(|value| *value == values[0]) {
            return values[0].clone();
        }
        match values[0] {
            Value::Object(map) => map
                .keys()
                .map(|key| {
                    path.push(key.clone());
                    let inner: Vec<&Value> = values.iter().map(|value| &value[key]).collect();
                    let merged = self.merge(&inner, path);
                    path.pop();
                    (key.clone(), merged)
                })
                .collect(),
            Value::Array(items) => (0..items.len())
                .map(|at| {
                    path.push(at.to_string());
                    let inner: Vec<&Value> = values.iter().map(|value| &value[at]).collect();
                    let merged = self.merge(&inner, path);
                    path.pop();
                    merged
                })
                .collect(),
            _ => json!({ "Ref": self.name(values, path) }),
        }
    }

    fn name(&mut self, values: &[&Value], path: &[String]) -> String {
        let text = |value: &&Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let row: Vec<String> = values.iter().map(text).collect();
        if let Some(name) = self.names.get(&row) {
            return name.clone();
        }
        let letters =
            path.iter().filter(|step| !["Resources", "Properties"].contains(&step.as_str()));
        let stem: String = letters
            .flat_map(|step| step.chars().filter(char::is_ascii_alphanumeric))
            .take(200)
            .collect();
        let numbered = (2..).map(|number| format!("{stem}{number}"));
        let name = std::iter::once(stem.clone())
            .chain(numbered)
            .find(|name| self.taken.insert(name.clone()));
        let name = name.unwrap_or_default();
        self.names.insert(row, name.clone());
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Members of one account and Region are in sets of their own.
    #[test]
    fn sets_beyond_the_quota_of_an_account_say_so() {
        let template = Template::nothing();
        let job = |at: usize| Job {
            name: format!("m{at}"),
            region: "eu-west-1".into(),
            account: Some("111122223333".into()),
            ..Job::default()
        };
        let members: Vec<(Job, &Template)> =
            (0..=STACK_SETS).map(|at| (job(at), &template)).collect();
        let sets = of(&members);
        let (within, beyond) = sets.split_at(STACK_SETS);
        assert!(within.iter().all(|set| set.limits.is_empty()));
        assert_eq!(beyond.len(), 1);
        assert!(beyond[0].limits[0].contains("1001 StackSets"), "{:?}", beyond[0].limits);
    }
}
