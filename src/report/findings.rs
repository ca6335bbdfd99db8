//! Findings, with the line they stand on.

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use serde::Serialize;

use crate::diagnostic::{Diagnostic, Elsewhere, Failure, Severity, Span, capped};
use crate::fleet::Member;
use crate::fleet::judged::Judged;
use crate::rules::ALW_02;
use crate::source::Source;

use super::counted;
use super::escape::{annotation as command, excerpt, plain, property};
use super::view::{width, wrapped};

/// A file and what was found in it.
pub struct Checked<'a> {
    pub source: &'a Source,
    pub findings: &'a [Diagnostic],
}

/// `2 blueprints checked: 1 error, 0 warnings`
pub fn counts(checked: &[Judged]) -> String {
    let blueprints = checked.iter().filter(|judged| judged.is_blueprint).count();
    let findings = || checked.iter().flat_map(|judged| &judged.findings);
    let errors = findings().filter(|finding| finding.is_error()).count();
    let warnings = findings().count() - errors;
    let idle = findings().filter(|finding| finding.rule == &ALW_02).count();
    let members = checked.iter().filter_map(|judged| judged.member.as_ref());
    let accepted = members.map(Member::allowances).sum::<usize>().saturating_sub(idle);
    let accepted = if 0 < accepted { format!(", {accepted} accepted") } else { String::new() };
    format!(
        "{} checked: {}, {}{accepted}",
        counted(blueprints, "blueprint"),
        counted(errors, "error"),
        counted(warnings, "warning")
    )
}

/// A blank at which no line is broken. What is shown has a plain one in its place: people copy it.
pub const UNBROKEN: &str = "\u{a0}";

/// How to learn why a finding is one, and how to accept it; at most a line each.
pub fn ways<'f>(findings: impl Iterator<Item = &'f Diagnostic> + Clone) -> Vec<String> {
    let error = findings.clone().find(|finding| finding.is_error());
    let first = error.or(findings.clone().next());
    let why = first.map(|first| format!("Why: eksnet explain {}", first.rule));
    let warning = findings.clone().find(|finding| !finding.is_error());
    let accepted = warning.map(|warning| {
        let comment = format!("# eksnet:allow {} <reason>", warning.rule);
        format!("To accept a warning, add to its line:  {}", comment.replace(' ', UNBROKEN))
    });
    why.into_iter().chain(accepted).collect()
}

/// For people, as rustc prints them.
pub fn human(checked: &Checked<'_>) -> String {
    within(checked, None)
}

/// The same in a terminal: messages are folded, and lines of the blueprint cut where they are longer.
pub fn within(checked: &Checked<'_>, columns: Option<usize>) -> String {
    capped(checked.findings)
        .iter()
        .map(|finding| one(columns, checked.source, finding) + "\n\n")
        .collect()
}

/// `lead` is what stands before the text on its first line.
fn folded(text: &str, columns: Option<usize>, lead: usize) -> String {
    let text = plain(text);
    let Some(columns) = columns else { return text };
    wrapped(columns.saturating_sub(lead).max(FEWEST), "", &text, "").join("\n")
}

/// Columns of a message at least.
const FEWEST: usize = 24;
/// Before a hint: a line's number and `= help: `.
const BEFORE_HELP: usize = 13;

/// Labels stand at their places; where one is too long for that, all are folded below.
fn one(columns: Option<usize>, source: &Source, finding: &Diagnostic) -> String {
    let beside = drawn(columns, source, finding, true);
    let is_wide = |columns: usize| beside.lines().any(|line| columns < width(line));
    if columns.is_some_and(is_wide) { drawn(columns, source, finding, false) } else { beside }
}

fn drawn(columns: Option<usize>, source: &Source, finding: &Diagnostic, beside: bool) -> String {
    let renderer = Renderer::styled();
    let renderer = columns.map_or(renderer.clone(), |columns| renderer.term_width(columns));
    let level = match finding.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let lead = finding.severity().word().len() + finding.rule.id.len() + "[]: ".len();
    let message = folded(&finding.message, columns, lead);
    let title = level.primary_title(message).id(finding.rule.id);
    let hint = finding.hint.as_deref();
    let hint = hint.map(|hint| Level::HELP.message(folded(hint, columns, BEFORE_HELP)));
    if source.text.is_empty() {
        return renderer.render(&[annotate_snippets::Group::with_title(title).elements(hint)]);
    }
    let lines = Excerpt::of(source, finding);
    let Some(text) = lines.text().filter(|_| !is_of_the_whole(source, finding)) else {
        let place = source.place(finding.at.clone().unwrap_or(0..0).start);
        let origin = Origin::path(plain(&source.name)).line(place.line).char_column(place.column);
        return renderer.render(&[title.element(origin).elements(hint)]);
    };
    let span = lines.span(finding.at.as_ref());
    let label = |text: &str| if beside { plain(text) } else { String::new() };
    let primary = AnnotationKind::Primary.span(span).label(label(&finding.label));
    let also = finding.marks().map(|mark| {
        let span = lines.span(mark.at.as_ref());
        AnnotationKind::Context.span(span).label(label(&mark.label))
    });
    let below = std::iter::once(&finding.label).chain(finding.marks().map(|mark| &mark.label));
    let below = below.filter(|text| !beside && !text.is_empty());
    let below = below.map(|text| Level::NOTE.message(folded(text, columns, BEFORE_HELP)));
    let snippet = Snippet::source(excerpt(text))
        .line_start(lines.first)
        .path(plain(&source.name))
        .annotation(primary)
        .annotations(also);
    let others = finding.elsewhere().filter_map(|(place, label)| other(place, label));
    renderer.render(&[title.element(snippet).elements(others).elements(below).elements(hint)])
}

/// Whether it is about a key that the file does not have: the first line of the file is not wrong, and is not shown as if it were.
fn is_of_the_whole(source: &Source, finding: &Diagnostic) -> bool {
    let at = shown(source, finding.at.as_ref());
    let begins = at.start == 0 || source.text[..at.start].ends_with('\n');
    let marked = source.text[at].split_once(':').map(|(key, _)| key);
    let asked = finding.path.split(['.', '[']).next().filter(|key| !key.is_empty());
    let is_elsewhere = asked.zip(marked).is_some_and(|(asked, marked)| asked != marked);
    begins && is_elsewhere && finding.label.is_empty() && finding.also.is_empty()
}

/// A line of another text.
fn other<'s>(
    elsewhere: &'s Elsewhere,
    label: &'s str,
) -> Option<Snippet<'s, annotate_snippets::Annotation<'s>>> {
    let context = AnnotationKind::Context.span(elsewhere.span.clone()).label(plain(label));
    let short = elsewhere.text.len() <= LONGEST_LINE;
    let text = short.then(|| Snippet::source(excerpt(&elsewhere.text)))?;
    Some(text.line_start(elsewhere.line).path(plain(&elsewhere.file)).annotation(context))
}

/// The lines from the first place of a finding to its last: a file of a megabyte is not looked through for each finding.
struct Excerpt<'s> {
    source: &'s Source,
    /// Bytes.
    start: usize,
    end: usize,
    /// 1-based number of the first line.
    first: usize,
}

/// Bytes of text that are shown around a finding, and of one line of it: one line may be a whole file.
const MOST_SHOWN: usize = 32 << 10;
const LONGEST_LINE: usize = 2 << 10;

impl<'s> Excerpt<'s> {
    fn of(source: &'s Source, finding: &Diagnostic) -> Self {
        let marks = finding.marks().map(|mark| &mark.at);
        let spans = std::iter::once(&finding.at).chain(marks);
        Self::around(source, spans.map(|at| shown(source, at.as_ref())).collect())
    }

    fn around(source: &'s Source, spans: Vec<Span>) -> Self {
        let low = spans.iter().map(|span| span.start).min().unwrap_or(0);
        let high = spans.iter().map(|span| span.end).max().unwrap_or(0);
        let start = source.text[..low].rfind('\n').map_or(0, |at| at + 1);
        let end = source.text[high..].find('\n').map_or(source.text.len(), |at| high + at + 1);
        Self { source, start, end, first: source.place(low).line }
    }

    fn text(&self) -> Option<&'s str> {
        let text = &self.source.text[self.start..self.end];
        let fits = text.len() <= MOST_SHOWN
            && (text.len() <= LONGEST_LINE || text.lines().all(|line| line.len() <= LONGEST_LINE));
        fits.then_some(text)
    }

    fn span(&self, at: Option<&Span>) -> Span {
        let span = shown(self.source, at);
        span.start - self.start..span.end - self.start
    }
}

fn shown(source: &Source, at: Option<&Span>) -> Span {
    first_line(source, source.widen(at.cloned().unwrap_or(0..0)))
}

/// A span of several lines is shown by its first.
fn first_line(source: &Source, span: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let end = source.text[span.clone()].find('\n').map_or(span.end, |at| span.start + at);
    if end == span.start { source.widen(span.start..span.start) } else { span.start..end }
}

/// Annotations of a GitHub workflow: one command a line.
pub fn github(all: &[Checked<'_>]) -> String {
    let of_file = |checked: &Checked<'_>| -> String {
        capped(checked.findings).iter().map(|one| annotation(checked.source, one)).collect()
    };
    all.iter().map(of_file).collect()
}

fn annotation(source: &Source, finding: &Diagnostic) -> String {
    let span = first_line(source, source.widen(finding.at.clone().unwrap_or(0..0)));
    let (start, end) = (source.place(span.start), source.place(span.end));
    let hint = finding.hint.as_ref().map(|hint| format!("\nhelp: {}", plain(hint)));
    let others: String = finding
        .elsewhere()
        .map(|(place, label)| format!("\n{}:{}: {}", plain(&place.file), place.line, plain(label)))
        .collect();
    let message = format!("{}{others}{}", plain(&finding.message), hint.unwrap_or_default());
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
    /// Why a file, or the account, could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Unread<'a>>,
}

#[derive(Serialize)]
struct Unread<'a> {
    message: String,
    hint: Option<&'a str>,
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
    /// Places in other files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Related<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    message: &'a str,
}

/// For programs: the findings of all files in one document.
pub fn json(all: &[Checked<'_>]) -> String {
    json_beside(all, None)
}

/// The same, with what could not be read.
pub fn json_beside(all: &[Checked<'_>], unread: Option<&Failure>) -> String {
    let rows = all
        .iter()
        .flat_map(|checked| checked.findings.iter().map(|finding| row(checked.source, finding)));
    let error =
        unread.map(|failure| Unread { message: failure.chain(), hint: failure.hint.as_deref() });
    super::json(&Document { schema_version: 1, findings: rows.collect(), error })
}

/// The findings of a file as a line of a stream.
pub fn event(checked: &Checked<'_>) -> String {
    let rows: Vec<Row<'_>> =
        checked.findings.iter().map(|finding| row(checked.source, finding)).collect();
    let line = serde_json::json!({ "event": "findings", "findings": rows });
    format!("{}\n", super::escape::json(&line.to_string()))
}

fn row<'a>(source: &'a Source, finding: &'a Diagnostic) -> Row<'a> {
    let place = source.place(finding.at.clone().unwrap_or(0..0).start);
    let related = finding.elsewhere().map(|(other, message)| Related {
        file: &other.file,
        line: other.line,
        column: other.column,
        message,
    });
    Row {
        rule: finding.rule.id,
        severity: finding.severity().word(),
        message: &finding.message,
        path: &finding.path,
        file: &source.name,
        line: place.line,
        column: place.column,
        hint: finding.hint.as_deref(),
        related: related.collect(),
    }
}
