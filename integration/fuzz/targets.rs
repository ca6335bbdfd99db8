//! What a fuzzer and the corpus test do with bytes. A panic is a find.

use eksnet::blueprint;
use eksnet::deploy::plan::Plan;
use eksnet::diagnostic::{Diagnostic, any_error};
use eksnet::doctor;
use eksnet::ledger::Ledger;
use eksnet::line::{self, Request, Stopped};
use eksnet::report::findings::{Checked, human, json};
use eksnet::source::Source;
use eksnet::survey::{document, redact};
use eksnet::template::Template;

/// Whatever a blueprint holds is answered inside the text; whatever passes becomes a template.
pub fn blueprint(bytes: &[u8]) {
    let reading = blueprint::read("fuzz.yaml", bytes.to_vec());
    let (source, mut findings) = (reading.source, reading.findings);
    if let Some(document) = reading.document {
        let read_well = !any_error(&findings);
        let request = Request { found: findings.clone(), ..Request::new(document) };
        match line::compile(request) {
            Ok(compiled) => findings = compiled.warnings,
            Err(Stopped::Findings(_, found)) => {
                assert!(any_error(&found), "stopped without an error");
                findings = found;
            }
            // Nothing is known of what is in a VPC that exists.
            Err(Stopped::Failure(failure)) if failure.chain().contains("cannot plan inside") => {}
            Err(Stopped::Failure(failure)) => panic!("{}", failure.chain()),
        }
        assert!(read_well || any_error(&findings), "an error of the reading is lost");
    }
    inside(&source, &findings);
    let checked = Checked { source: &source, findings: &findings };
    assert_eq!(human(&checked).is_empty(), findings.is_empty());
    assert!(!json(&[checked]).is_empty());
}

fn inside(source: &Source, findings: &[Diagnostic]) {
    for finding in findings {
        let at = finding.at.clone().expect("every finding has a place");
        assert!(at.start <= source.text.len(), "{finding:?}");
    }
}

/// A lock that is accepted is written again as it was read.
pub fn lock(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(ledger) = Ledger::from_text(text, "fuzz.lock.yaml") {
        let again = Ledger::from_text(&ledger.to_text(), "again.lock.yaml");
        assert_eq!(again.expect("what eksnet writes it reads"), ledger);
    }
}

/// A template that is accepted is read again from what it is written as.
pub fn template(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(template) = Template::parse(text) {
        let again = Template::parse(&template.to_json()).expect("JSON is read again");
        assert_eq!(again.to_json(), template.to_json());
        let again = Template::parse(&template.to_yaml()).expect("YAML is read again");
        assert_eq!(again.to_json(), template.to_json());
    }
}

/// A survey that is accepted is written and read again as it is, judged, and redacted.
pub fn survey(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(survey) = document::parse(text) {
        let again = document::parse(&document::write(&survey));
        assert_eq!(again.expect("what eksnet writes it reads"), survey);
        doctor::judge(&survey, &[]);
        doctor::judge(&redact::redacted(&survey), &[]);
    }
}

/// A plan that was edited is refused; one that was not says the same once more.
pub fn plan(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(plan) = Plan::from_text(text, "fuzz.json", "2026-01-01T00:00:00Z") {
        let written = serde_json::to_string(&plan).expect("a plan is JSON");
        let again = Plan::from_text(&written, "again.json", "2026-01-01T00:00:00Z");
        assert_eq!(again.expect("what eksnet writes it reads"), plan);
    }
}
