//! Findings, with the line they stand on.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::Serialize;

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Source;

use super::escape::{annotation as command, excerpt, plain, property};

/// A file and what was found in it.
pub struct Checked<'a> {
    pub source: &'a Source,
    pub findings: &'a [Diagnostic],
}

/// For people, as rustc prints them.
pub fn human(checked: &Checked<'_>) -> String {
    let renderer = Renderer::styled();
    checked
        .findings
        .iter()
        .map(|finding| one(&renderer, checked.source, finding) + "\n\n")
        .collect()
}

fn one(renderer: &Renderer, source: &Source, finding: &Diagnostic) -> String {
    let level = match finding.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(plain(&finding.message)).id(finding.rule.id);
    let hint = finding.hint.as_deref().map(|hint| Level::HELP.message(plain(hint)));
    if source.text.is_empty() {
        return renderer.render(&[annotate_snippets::Group::with_title(title).elements(hint)]);
    }
    let span = source.widen(finding.at.clone().unwrap_or(0..0));
    let primary =
        AnnotationKind::Primary.span(first_line(source, span)).label(plain(&finding.label));
    let also = finding.also.iter().map(|mark| {
        let span = source.widen(mark.at.clone().unwrap_or(0..0));
        AnnotationKind::Context.span(first_line(source, span)).label(plain(&mark.label))
    });
    let snippet = Snippet::source(excerpt(&source.text))
        .path(plain(&source.name))
        .annotation(primary)
        .annotations(also);
    renderer.render(&[title.element(snippet).elements(hint)])
}

/// A span of several lines is shown by its first.
fn first_line(source: &Source, span: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let end = source.text[span.clone()].find('\n').map_or(span.end, |at| span.start + at);
    if end == span.start { source.widen(span.start..span.start) } else { span.start..end }
}

/// Annotations of a GitHub workflow: one command a line.
pub fn github(all: &[Checked<'_>]) -> String {
    all.iter()
        .flat_map(|checked| {
            checked.findings.iter().map(|finding| annotation(checked.source, finding))
        })
        .collect()
}

fn annotation(source: &Source, finding: &Diagnostic) -> String {
    let span = first_line(source, source.widen(finding.at.clone().unwrap_or(0..0)));
    let (start, end) = (source.place(span.start), source.place(span.end));
    let hint = finding.hint.as_ref().map(|hint| format!("\nhelp: {}", plain(hint)));
    let message = format!("{}{}", plain(&finding.message), hint.unwrap_or_default());
    let message = command(&message);
    let (word, file) = (finding.severity().word(), property(&source.name));
    let (line, from, to) = (start.line, start.column, end.column);
    format!(
        "::{word} file={file},line={line},endLine={line},col={from},endColumn={to},title={}::{message}\n",
        finding.rule
    )
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: u32,
    findings: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    rule: &'a str,
    severity: &'static str,
    message: &'a str,
    path: &'a str,
    file: &'a str,
    line: usize,
    column: usize,
    hint: Option<&'a str>,
}

/// For programs: the findings of all files in one document.
pub fn json(all: &[Checked<'_>]) -> String {
    let rows = all
        .iter()
        .flat_map(|checked| checked.findings.iter().map(|finding| row(checked.source, finding)));
    super::json(&Document { schema_version: 1, findings: rows.collect() })
}

fn row<'a>(source: &'a Source, finding: &'a Diagnostic) -> Row<'a> {
    let place = source.place(finding.at.clone().unwrap_or(0..0).start);
    Row {
        rule: finding.rule.id,
        severity: finding.severity().word(),
        message: &finding.message,
        path: &finding.path,
        file: &source.name,
        line: place.line,
        column: place.column,
        hint: finding.hint.as_deref(),
    }
}
