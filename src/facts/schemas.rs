//! The properties that CloudFormation's types have: what a patch of the author's is held against.
//! Source: `schemas.json` beside this file, from the CloudFormation registry schemas of 2026-10-20.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

/// Property → its type: `string`, `[Tag]`, `LaunchTemplateData`, `any`; with `!` behind it where the property is required.
pub type Properties = BTreeMap<String, String>;

#[derive(Deserialize)]
struct Table {
    types: BTreeMap<String, Schema>,
}

/// A type of CloudFormation's. Paths have slashes, and `*` for each member of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schema {
    pub properties: Properties,
    #[serde(default)]
    definitions: BTreeMap<String, Properties>,
    /// A change of these replaces the resource.
    #[serde(default)]
    pub create_only: Vec<String>,
    /// A change of these may replace it.
    #[serde(default)]
    pub conditional: Vec<String>,
    /// AWS sets them.
    #[serde(default)]
    read_only: Vec<String>,
    /// What CloudFormation tells resources of the type apart by.
    #[serde(default)]
    pub identifier: Vec<String>,
    #[serde(default)]
    enums: BTreeMap<String, Vec<String>>,
    /// What `Fn::GetAtt` gives.
    #[serde(default)]
    pub attributes: Vec<String>,
}

/// What a property accepts.
#[derive(Clone, Copy, Debug)]
pub enum Shape<'s> {
    /// A document without a schema.
    Anything,
    /// `string`, `integer`, `number` or `boolean`.
    Scalar(&'s str),
    List(&'s str),
    Map(&'s Properties),
}

/// The type of a name; `None`: no template of eksnet has it.
pub fn find(name: &str) -> Option<&'static Schema> {
    table().get(name)
}

/// Every type of the table.
pub fn names() -> impl Iterator<Item = &'static str> {
    table().keys().map(String::as_str)
}

fn table() -> &'static BTreeMap<String, Schema> {
    static TABLE: OnceLock<Table> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        serde_json::from_str(include_str!("schemas.json"))
            .expect("the table is JSON, as a test holds")
    });
    &table.types
}

/// Whether a property is required.
pub fn is_required(written: &str) -> bool {
    written.ends_with('!')
}

impl Schema {
    /// What a type such as `[Tag]!` accepts.
    pub fn shape<'s>(&'s self, written: &'s str) -> Shape<'s> {
        let name = written.trim_end_matches('!');
        if let Some(inner) = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return Shape::List(inner);
        }
        match self.definitions.get(name) {
            Some(properties) => Shape::Map(properties),
            None if name == "any" => Shape::Anything,
            None => Shape::Scalar(name),
        }
    }

    /// Whether AWS sets a property itself.
    pub fn is_read_only(&self, path: &str) -> bool {
        self.read_only.iter().any(|own| own == path)
    }

    /// The values that a property may have; `None`: any.
    pub fn values(&self, path: &str) -> Option<&[String]> {
        self.enums.get(path).map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_that_a_property_names_is_known() {
        for name in names() {
            let schema = find(name).unwrap();
            for written in schema
                .properties
                .values()
                .chain(schema.definitions.values().flat_map(|one| one.values()))
            {
                let mut shape = schema.shape(written);
                while let Shape::List(inner) = shape {
                    shape = schema.shape(inner);
                }
                if let Shape::Scalar(scalar) = shape {
                    let known = ["string", "integer", "number", "boolean"].contains(&scalar);
                    assert!(known, "{name}: {written}");
                }
            }
        }
    }

    #[test]
    fn every_type_of_the_templates_has_its_properties() {
        for kind in crate::facts::kinds::all() {
            assert!(find(kind.name).is_some(), "{}", kind.name);
        }
    }
}
