//! Findings as SARIF 2.1.0, which code-scanning services read.

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Elsewhere, Severity, Span};
use crate::rules;
use crate::source::Source;

use super::escape::{plain, sarif};
use super::findings::Checked;

/// One run over all files; every rule is described, found or not, and columns count code points.
pub fn write(all: &[Checked<'_>]) -> String {
    let rules: Vec<Value> = rules::all().map(rule).collect();
    let results: Vec<Value> = all
        .iter()
        .flat_map(|checked| checked.findings.iter().map(|finding| result(checked.source, finding)))
        .collect();
    let driver = json!({ "name": "eksnet", "version": env!("CARGO_PKG_VERSION"), "rules": rules });
    super::json(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": driver }, "columnKind": "unicodeCodePoints", "results": results }],
    }))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn rule(rule: &crate::rules::Rule) -> Value {
    let sources: String =
        rule.sources.iter().map(|one| format!("\nsource: {} ({})", one.name, one.url)).collect();
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.why },
        "help": { "text": format!("fails:\n{}\n\npasses:\n{}\n{sources}", rule.breaks, rule.holds) },
        "helpUri": rule.sources.first().map(|source| source.url),
        "defaultConfiguration": { "level": level(rule.severity()) },
    })
}

fn result(source: &Source, finding: &Diagnostic) -> Value {
    let hint = finding.hint.as_ref().map_or(String::new(), |hint| format!("\n{}", plain(hint)));
    let related = finding.also.iter().enumerate().map(|(at, mark)| {
        let mut place = match &mark.elsewhere {
            Some(other) => line(other),
            None => location(source, mark.at.clone()),
        };
        place["id"] = json!(at);
        place["message"] = json!({ "text": sarif(&plain(&mark.label)) });
        place
    });
    json!({
        "ruleId": finding.rule.id,
        "ruleIndex": rules::all().position(|rule| rule == finding.rule),
        "level": level(finding.severity()),
        "message": { "text": sarif(&format!("{}{hint}", plain(&finding.message))) },
        "locations": [location(source, finding.at.clone())],
        "relatedLocations": related.collect::<Vec<_>>(),
    })
}

fn location(source: &Source, at: Option<Span>) -> Value {
    let span = source.widen(at.unwrap_or(0..0));
    let (start, end) = (source.place(span.start), source.place(span.end));
    let region = json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column });
    json!({ "physicalLocation": { "artifactLocation": { "uri": uri(&source.name) }, "region": region } })
}

/// A line of another file.
fn line(other: &Elsewhere) -> Value {
    let region = json!({ "startLine": other.line, "startColumn": other.column });
    json!({ "physicalLocation": { "artifactLocation": { "uri": uri(&other.file) }, "region": region } })
}

/// A path as a relative reference.
fn uri(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    name.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_path_is_a_reference() {
        assert_eq!(super::uri("prod/été 1.yaml"), "prod/%C3%A9t%C3%A9%201.yaml");
    }
}
