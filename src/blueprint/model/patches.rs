//! The way out where a word is missing: properties of CloudFormation, set on resources that eksnet makes.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Exactly one of `type` and `resource`; `set`, `remove`, or both.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Patch {
    /// Every resource of a type, such as `AWS::EKS::Cluster` (rule PAT-02). Default: none.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// One resource, by its logical id in the template. Default: none.
    pub resource: Option<String>,
    /// Properties: maps are merged key by key, lists and other values are replaced (rules PAT-03 to PAT-07). Default: none.
    pub set: Option<Map<String, Value>>,
    /// Properties that are removed, such as `LaunchTemplateData/MetadataOptions`. Default: none.
    pub remove: Option<Vec<String>>,
    /// Also properties that this version of eksnet does not know (rule PAT-09). Default: false.
    pub unchecked: Option<bool>,
}
