//! What CloudFormation tells of a stack.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A stack as CloudFormation describes it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct StackDescription {
    /// ARN, another one for each stack of a name.
    pub id: String,
    /// Such as `eksnet-shop`.
    pub name: String,
    /// CloudFormation's word, such as `CREATE_COMPLETE`.
    pub status: String,
    /// Why it has its status, in CloudFormation's words.
    pub reason: String,
    /// Against deletion.
    pub protected: bool,
    /// When it was last changed, such as `2026-11-21T16:00:00Z`.
    pub changed: String,
    /// Changes with every operation.
    pub last_operation: String,
    /// Id of the newest operation, where the service gives one.
    pub operation: Option<String>,
    /// (name, value)
    pub outputs: Vec<(String, String)>,
}

impl StackDescription {
    /// The VPC's id, once it exists.
    pub fn vpc(&self) -> Option<&str> {
        self.output("VpcId")
    }

    /// The value of an output.
    pub fn output(&self, name: &str) -> Option<&str> {
        self.outputs.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// A resource that is not as its template says.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Drift {
    /// Logical id.
    pub id: String,
    /// CloudFormation type.
    pub kind: String,
    /// The id of what exists.
    pub physical_id: String,
    /// `MODIFIED` or `DELETED`.
    pub status: String,
    /// Property by property.
    pub differences: Vec<Difference>,
}

/// One property of it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// With slashes.
    pub property: String,
    /// What the template says.
    pub expected: Option<Value>,
    /// What exists.
    pub actual: Option<Value>,
}
