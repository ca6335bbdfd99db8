//! References in a patch: to resources of the template, to their attributes, and to what CloudFormation knows by itself.

use serde_json::{Map, Value};

use crate::blueprint::{nearest, path};
use crate::diagnostic::Diagnostic;
use crate::facts::cloudformation::{FUNCTIONS, PSEUDO_PARAMETERS};
use crate::facts::schemas;
use crate::graph::{is_intrinsic, placeholders};
use crate::intent::Patch;
use crate::rules::PAT_06;
use crate::template::Template;

/// Every reference of a patch that leads nowhere.
pub(super) fn check(patch: &Patch, template: &Template) -> Vec<Diagnostic> {
    let mut walk = Walk { template, found: Vec::new() };
    let place = format!("{}.set", patch.path);
    patch.set.iter().for_each(|(name, value)| walk.value(value, &path::key(&place, name)));
    walk.found
}

struct Walk<'t> {
    template: &'t Template,
    found: Vec<Diagnostic>,
}

impl Walk<'_> {
    fn value(&mut self, value: &Value, place: &str) {
        match value {
            Value::Array(items) => {
                let items = items.iter().enumerate();
                items.for_each(|(at, item)| self.value(item, &format!("{place}[{at}]")));
            }
            Value::Object(map) if is_intrinsic(value) => self.function(map, place),
            Value::Object(map) => {
                map.iter().for_each(|(name, inner)| self.value(inner, &path::key(place, name)))
            }
            _ => {}
        }
    }

    fn function(&mut self, map: &Map<String, Value>, place: &str) {
        for (name, value) in map {
            let place = path::key(place, name);
            match (name.as_str(), value) {
                ("Ref", Value::String(id)) => self.named(id, &place),
                ("Fn::GetAtt", Value::Array(parts)) => self.attribute(parts, &place),
                ("Fn::Sub", Value::String(text)) => self.text(text, None, &place),
                ("Fn::Sub", Value::Array(parts)) => self.text_with_names(parts, &place),
                ("Ref" | "Fn::GetAtt" | "Fn::Sub", _) => {
                    self.say(&place, format!("`{name}` needs a name"), "write a logical id")
                }
                (other, inner) if FUNCTIONS.contains(&other) => self.value(inner, &place),
                (other, _) => {
                    let message = format!("`{other}` cannot be used in a patch");
                    let hint = "use `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Fn::Join` or `Fn::ImportValue`: the template has no conditions, mappings and macros";
                    self.say(&place, message, hint);
                }
            }
        }
    }

    fn named(&mut self, id: &str, place: &str) {
        if self.template.resource(id).is_none() && !PSEUDO_PARAMETERS.contains(&id) {
            let ids = self.template.resources().map(|(own, _)| own.as_str());
            let near = nearest(id, ids.chain(PSEUDO_PARAMETERS.iter().copied()));
            let hint = near.map_or(NO_ID.to_string(), |near| format!("did you mean `{near}`?"));
            self.say(place, format!("the template has no resource `{id}`"), hint);
        }
    }

    fn attribute(&mut self, parts: &[Value], place: &str) {
        let [Value::String(id), Value::String(attribute)] = parts else {
            let message = "`Fn::GetAtt` needs a logical id and an attribute";
            return self.say(place, message, "set `[Cluster, Arn]`");
        };
        self.of_resource(id, attribute, place);
    }

    fn of_resource(&mut self, id: &str, attribute: &str, place: &str) {
        let Some(resource) = self.template.resource(id) else {
            return self.named(id, place);
        };
        let kind = resource["Type"].as_str().unwrap_or_default();
        let Some(schema) = schemas::find(kind) else { return };
        let attributes = schema.attributes.iter().map(String::as_str);
        if attributes.clone().any(|own| own == attribute) {
            return;
        }
        let hint = match nearest(attribute, attributes.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if schema.attributes.is_empty() => format!("use `Ref: {id}`"),
            None => format!("it has {}", attributes.take(8).collect::<Vec<_>>().join(", ")),
        };
        self.say(place, format!("`{id}` ({kind}) has no attribute `{attribute}`"), hint);
    }

    fn text(&mut self, text: &str, own: Option<&Map<String, Value>>, place: &str) {
        for name in placeholders(text) {
            if own.is_some_and(|own| own.contains_key(name)) || PSEUDO_PARAMETERS.contains(&name) {
                continue;
            }
            match name.split_once('.') {
                Some((id, attribute)) => self.of_resource(id, attribute, place),
                None => self.named(name, place),
            }
        }
    }

    fn text_with_names(&mut self, parts: &[Value], place: &str) {
        let [Value::String(text), Value::Object(own)] = parts else {
            let message = "`Fn::Sub` needs a text, or a text and its names";
            return self.say(place, message, "set `[text, { Name: value }]`");
        };
        self.text(text, Some(own), place);
        own.iter().for_each(|(name, value)| self.value(value, &path::key(place, name)));
    }

    fn say(&mut self, place: &str, message: impl Into<String>, hint: impl Into<String>) {
        self.found.push(PAT_06.at(place, message).hint(hint));
    }
}

const NO_ID: &str = "`eksnet render` prints the template with its logical ids; what another stack exports comes by `Fn::ImportValue`";
