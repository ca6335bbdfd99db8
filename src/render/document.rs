//! A filled template as the text of a file.

use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::Failure;
use crate::template::to_yaml;

use super::fill;

/// Heads a file that has some.
pub const PLACEHOLDERS: &str =
    "# ${…} is what the stack creates: outputs and resources of that logical id.\n";

/// `templates/<name>.hbs`, filled.
pub fn document(name: &str, facts: &impl Serialize) -> Result<String, Failure> {
    Ok(text(&fill::filled(name, facts)?))
}

pub fn text(value: &Value) -> String {
    let text = to_yaml(value);
    if text.contains("${") { format!("{PLACEHOLDERS}{text}") } else { text }
}
