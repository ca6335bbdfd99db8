//! Surveys that were edited, cut or written by another version: whatever a document says, nobody panics over it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use eksnet::doctor as judging;
use eksnet::observed::survey::Survey;
use eksnet::report::View as Screen;
use eksnet::report::doctor::{self as written, View};
use eksnet::rescue::{self, Wanted, starter};
use eksnet::survey::{document, redact};
use serde_json::{Value, json};

use crate::broken_clusters::of;
use crate::doctor::healthy;

/// Every place of a document.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_string());
    let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, own)| places(own, &format!("{at}/{}", escaped(key)), found));
        }
        // One of each list stands for the others.
        Value::Array(items) => {
            items.iter().enumerate().take(1).for_each(|(number, own)| {
                places(own, &format!("{at}/{number}"), found);
            });
        }
        _ => {}
    }
}

/// What may stand there instead.
fn instead(was: &Value) -> Vec<Value> {
    let unread = json!({"unread": {"action": "", "why": ""}});
    match was {
        Value::String(_) => [
            "",
            "::/0",
            "0.0.0.0/0",
            "ü\u{202e}\n$(id)",
            "-",
            "999999999999999999999999",
            "2026-13-99T99:99:99Z",
        ]
        .map(|text| json!(text))
        .to_vec(),
        Value::Number(_) => vec![json!(0), json!(u32::MAX), json!(u64::MAX)],
        Value::Bool(is) => vec![json!(!is)],
        Value::Array(items) => {
            let twice: Vec<Value> = items.iter().chain(items).cloned().collect();
            vec![json!([]), json!(twice), unread]
        }
        Value::Object(_) => vec![json!({}), unread, json!("unasked")],
        Value::Null => vec![json!({}), json!("")],
    }
}

/// Everything that is a pure function of a survey.
fn all_of_it(survey: &Survey) {
    let diagnosis = judging::judge(survey, &[]);
    let view = View { diagnosis: &diagnosis, survey, lines: None, file: Some("s.json") };
    written::human(&view, Screen::of(80));
    written::json(&view);
    written::markdown(&view);
    rescue::of(survey, Wanted { nodes: Some(u64::from(u32::MAX)), pods: None });
    redact::redacted(survey);
}

/// Places where it panics.
fn panics(world: &Value, work: impl Fn(&Survey)) -> Vec<String> {
    let mut all = Vec::new();
    places(world, "", &mut all);
    let mut wrong = Vec::new();
    let mut tried = 0;
    for place in all {
        let was = world.pointer(&place).unwrap();
        for value in instead(was) {
            let mut odd = world.clone();
            *odd.pointer_mut(&place).unwrap() = value.clone();
            let Ok(survey) = document::parse(&odd.to_string()) else { continue };
            tried += 1;
            if catch_unwind(AssertUnwindSafe(|| work(&survey))).is_err() {
                wrong.push(format!("{place} = {value}"));
            }
        }
    }
    assert!(300 < tried, "{tried}");
    wrong
}

#[test]
fn nobody_panics_over_a_survey_of_odd_parts() {
    let wrong = panics(&healthy(), all_of_it);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nobody_panics_over_a_survey_of_odd_parts_with_pods_of_their_own() {
    let wrong = panics(&of("security-groups-for-pods"), all_of_it);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What names it panics over nothing either.
#[test]
fn nobody_panics_who_names_odd_parts() {
    let mut world = healthy();
    world["kubernetes"] = json!({ "eniConfigs": world["kubernetes"]["eniConfigs"] });
    world["account"] = json!({});
    let work = |survey: &Survey| {
        let range = rescue::range(survey);
        let _ = starter::text(survey, Some(rescue::Rung::CustomNetworking), range.as_deref());
    };
    let wrong = panics(&world, work);
    assert!(wrong.is_empty(), "{wrong:#?}");
}
