//! A survey in a file: one JSON document.

use std::path::Path;

use crate::diagnostic::Failure;
use crate::observed::Survey;
use crate::observed::survey::SURVEY_VERSION;
use crate::source::read_limited;

/// Bytes of a survey: some 100,000 interfaces.
const MOST_BYTES: u64 = 256 << 20;

/// Reads a survey. One that a later eksnet wrote is refused.
pub fn read(path: &Path) -> Result<Survey, Failure> {
    let shown = path.display().to_string();
    let attempt = || Failure::new(format!("cannot read the survey `{shown}`"));
    let text = read_limited(path, MOST_BYTES).map_err(|cause| {
        attempt().because(cause).hint("`eksnet survey --cluster NAME --out survey.json` writes one")
    })?;
    parse(&text).map_err(|why| {
        attempt()
            .because(why)
            .hint("`eksnet schema --of survey` prints the form; `eksnet survey` writes it")
    })
}

/// What a survey says of its form.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    schema_version: Option<serde_json::Value>,
}

/// The survey of a text.
pub fn parse(text: &str) -> Result<Survey, String> {
    // A list would do for a struct.
    if !text.trim_start().starts_with('{') {
        return Err("it is not a JSON object, so it is not a survey".to_string());
    }
    let version: Version = serde_json::from_str(text).map_err(|why| why.to_string())?;
    match version.schema_version.as_ref().and_then(serde_json::Value::as_u64) {
        Some(version) if version == u64::from(SURVEY_VERSION) => {}
        Some(version) => {
            return Err(format!(
                "it has schema version {version}, this eksnet reads {SURVEY_VERSION}"
            ));
        }
        None => return Err("it has no `schemaVersion`, so it is not a survey".to_string()),
    }
    // From the text again: what is wrong is told with its line and column.
    let survey: Survey = serde_json::from_str(text).map_err(|why| why.to_string())?;
    if survey.header.vpc.is_empty() && survey.header.cluster.is_none() {
        return Err("its `header` names neither a VPC nor a cluster: nothing was read".to_string());
    }
    Ok(survey)
}

/// The document's text.
pub fn write(survey: &Survey) -> String {
    serde_json::to_string_pretty(survey).unwrap_or_default() + "\n"
}
