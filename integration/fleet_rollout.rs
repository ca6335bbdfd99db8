//! Waves against doubles: clusters that a wave makes sick, pauses that are taken up, Ctrl-C and kills in the middle of a wave.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use eksnet::diagnostic::Failure;
use eksnet::fleet::rollout::{Hands, Outcome, Planned, Record, Roots, Stopped, Wave, roots, run};
use eksnet::fleet::waves::{Ended, Limits, Task};
use eksnet::observed::Part;
use eksnet::report::fleet_waves;
use serde_json::{Value, json};

use crate::support::{CLEAN, build};

/// A day of 2026.
const START: u64 = 1_795_824_000;

/// Clusters that do as they are told, and time that passes only for whoever waits.
#[derive(Default)]
struct Double {
    now: AtomicU64,
    interrupted: AtomicBool,
    /// Ctrl-C comes while this member is deployed, or once the pause has taken so long.
    interrupts: Option<&'static str>,
    interrupts_after: Option<u64>,
    /// Members whose deployment fails.
    failing: BTreeSet<&'static str>,
    /// The machine goes away before this member's deployment is remembered.
    killed: Option<&'static str>,
    /// Sick from the start, and once the member is deployed.
    sick: BTreeMap<&'static str, Vec<&'static str>>,
    sickens: BTreeMap<&'static str, Vec<&'static str>>,
    unread: BTreeSet<&'static str>,
    no_doctor: bool,
    deployed: Mutex<Vec<String>>,
    kept: Mutex<Option<Record>>,
    told: Mutex<Vec<String>>,
}

impl Double {
    fn new() -> Self {
        Self { now: AtomicU64::new(START), ..Self::default() }
    }

    fn deployed(&self) -> Vec<String> {
        let mut all = self.deployed.lock().unwrap().clone();
        all.sort();
        all
    }

    fn record(&self) -> Record {
        self.kept.lock().unwrap().clone().unwrap_or(empty())
    }
}

fn empty() -> Record {
    Record { schema_version: 1, ..Record::default() }
}

impl Hands for Double {
    fn now(&self) -> u64 {
        self.now.load(Ordering::SeqCst)
    }

    fn wait(&self, seconds: u64) {
        let now = self.now.fetch_add(seconds, Ordering::SeqCst) + seconds;
        if self.interrupts_after.is_some_and(|after| START + after <= now) {
            self.interrupted.store(true, Ordering::SeqCst);
        }
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    fn deploy(&self, task: &Task) -> Ended {
        let label = task.label.as_str();
        self.deployed.lock().unwrap().push(label.to_string());
        if self.interrupts == Some(label) {
            self.interrupted.store(true, Ordering::SeqCst);
        }
        match self.failing.contains(label) {
            true => Ended::Failed("no".into()),
            false => Ended::Done,
        }
    }

    fn examine(&self, task: &Task) -> Option<Result<Roots, String>> {
        let label = task.label.as_str();
        if self.no_doctor {
            return None;
        }
        if self.unread.contains(label) {
            return Some(Err("AccessDenied".into()));
        }
        let is_deployed = self.deployed.lock().unwrap().iter().any(|one| one == label);
        let new = self.sickens.get(label).filter(|_| is_deployed).into_iter().flatten();
        let all = self.sick.get(label).into_iter().flatten().chain(new);
        Some(Ok(all.map(|id| (id.to_string(), format!("cause of {id}"))).collect()))
    }

    fn keep(&self, record: &Record) -> Result<(), Failure> {
        if self.killed.is_some_and(|label| record.done.contains_key(label)) {
            return Err(Failure::new("the machine is gone"));
        }
        // What a later run reads is what the file says.
        let text = serde_json::to_string(record).unwrap();
        *self.kept.lock().unwrap() = Some(serde_json::from_str(&text).unwrap());
        Ok(())
    }

    fn tell(&self, words: &str) {
        self.told.lock().unwrap().push(words.to_string());
    }
}

/// Two waves of three, each one after the other.
fn planned() -> Vec<Planned> {
    let one = |(label, wave): (&str, usize)| Planned {
        task: Task { label: label.into(), lane: (Some("1".into()), "eu-west-1".into()) },
        wave: Some(wave),
        digest: format!("digest of {label}"),
    };
    [("a", 0), ("b", 0), ("c", 0), ("d", 1), ("e", 1), ("f", 1)].into_iter().map(one).collect()
}

fn waves(tolerate: usize, after: u64) -> Vec<Wave> {
    let wave = |(at, name): (usize, &str)| Wave {
        name: name.into(),
        position: Some(at),
        limits: Limits { parallel: 1, tolerate },
        after: Duration::from_secs(if at == 0 { 0 } else { after }),
    };
    ["first", "rest"].into_iter().enumerate().map(wave).collect()
}

fn go(double: &Double, record: Record) -> Outcome {
    run(double, (&planned(), &waves(0, 0)), None, record).unwrap()
}

fn rows(outcome: &Outcome, of: &Ended) -> Vec<String> {
    let own = outcome.all.iter().filter(|(_, ended)| ended == of);
    own.map(|(label, _)| label.clone()).collect()
}

#[test]
fn all_waves_run_one_after_the_other() {
    let double = Double::new();
    let outcome = go(&double, empty());
    assert_eq!((rows(&outcome, &Ended::Done).len(), &outcome.stopped), (6, &None));
    assert_eq!(*double.deployed.lock().unwrap(), ["a", "b", "c", "d", "e", "f"]);
    // Once more: there is nothing left.
    let again = go(&double, double.record());
    assert_eq!((again, double.deployed().len()), (Outcome::default(), 6));
}

#[test]
fn a_new_root_in_a_wave_stops_the_next() {
    let mut double = Double::new();
    // What was sick before the wave is not its doing.
    double.sick.insert("a", vec!["IP-02"]);
    double.sickens.insert("b", vec!["SN-06"]);
    let outcome = go(&double, empty());
    let root = ("b".to_string(), "SN-06".to_string(), "cause of SN-06".to_string());
    let stopped = Stopped::Sick { wave: "first".into(), roots: vec![root] };
    assert_eq!(outcome.stopped, Some(stopped));
    assert_eq!(rows(&outcome, &Ended::NotBegun), ["d", "e", "f"]);
    let people = fleet_waves::human(&outcome);
    assert!(people.contains("b: ") && people.contains("cause of SN-06"), "{people}");
    assert!(
        fleet_waves::way_on(&outcome, "eksnet fleet deploy")
            .contains("after wave first doctor found")
    );
    let json: Value = serde_json::from_str(&fleet_waves::json(&outcome)).unwrap();
    assert_eq!(json["stopped"]["roots"][0]["check"], "SN-06");
    // A later run looks again, and the next wave alone does too.
    let again = run(&double, (&planned(), &waves(0, 0)), Some(1), double.record()).unwrap();
    assert!(matches!(again.stopped, Some(Stopped::Sick { .. })));
    assert_eq!(double.deployed(), ["a", "b", "c"]);
    // Once it is mended the rest goes on, and nothing is deployed twice.
    double.sickens.clear();
    let mended = go(&double, double.record());
    assert_eq!((mended.stopped, double.deployed().len()), (None, 6));
}

#[test]
fn who_cannot_be_examined_is_told_and_whoever_wants_no_doctor_gets_none() {
    let mut double = Double::new();
    double.unread.insert("b");
    let outcome = go(&double, empty());
    assert_eq!(outcome.stopped, None);
    assert_eq!(outcome.unexamined, [("b".to_string(), "AccessDenied".to_string())]);
    let mut double = Double { no_doctor: true, ..Double::new() };
    double.sickens.insert("b", vec!["SN-06"]);
    let outcome = go(&double, empty());
    assert_eq!((rows(&outcome, &Ended::Done).len(), outcome.unexamined.len()), (6, 0));
}

#[test]
fn a_wave_waits_for_the_one_before_and_a_later_run_waits_for_what_is_left() {
    let soaked = waves(0, 1_800);
    let double = Double { interrupts_after: Some(600), ..Double::new() };
    let outcome = run(&double, (&planned(), &soaked), None, empty()).unwrap();
    assert_eq!(outcome.stopped, Some(Stopped::Interrupted));
    assert_eq!(
        (double.deployed(), double.now()),
        (vec!["a".into(), "b".into(), "c".into()], START + 600)
    );
    // The next day, or after ten more minutes: only what is left of the pause.
    for (later, waits) in [(600, 600), (86_400, 0)] {
        let again = Double::new();
        again.now.store(START + 600 + later, Ordering::SeqCst);
        let outcome = run(&again, (&planned(), &soaked), None, double.record()).unwrap();
        assert_eq!(
            (outcome.stopped, again.deployed()),
            (None, vec!["d".into(), "e".into(), "f".into()])
        );
        assert_eq!(again.now(), START + 600 + later + waits);
    }
    // The wave alone waits too.
    let alone = Double::new();
    alone.now.store(START + 900, Ordering::SeqCst);
    run(&alone, (&planned(), &soaked), Some(1), double.record()).unwrap();
    assert_eq!(alone.now(), START + 1_800);
}

#[test]
fn ctrl_c_in_a_wave_lets_what_runs_come_to_its_end_and_begins_nothing() {
    let double = Double { interrupts: Some("b"), ..Double::new() };
    let outcome = go(&double, empty());
    assert_eq!(outcome.stopped, Some(Stopped::Interrupted));
    assert_eq!(rows(&outcome, &Ended::Done), ["a", "b"]);
    assert_eq!(rows(&outcome, &Ended::NotBegun), ["c", "d", "e", "f"]);
    let record = double.record();
    assert_eq!(record.done.keys().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(record.waves["first"].ended, None);
    // The rest of the wave, then the next: what its first half made sick is still found.
    let mut again = Double::new();
    again.sick.insert("a", vec!["SN-06"]);
    let outcome = go(&again, record.clone());
    assert_eq!(again.deployed(), ["c"]);
    assert!(matches!(outcome.stopped, Some(Stopped::Sick { .. })), "{outcome:?}");
    let well = Double::new();
    assert_eq!(go(&well, record).stopped, None);
    assert_eq!(well.deployed(), ["c", "d", "e", "f"]);
}

/// Its deployment goes on without whoever watched: the plan of a member that nobody remembers is taken up, not made anew.
#[test]
fn a_run_that_was_killed_in_a_wave_goes_on_with_whom_it_does_not_remember() {
    let double = Double { killed: Some("b"), ..Double::new() };
    assert!(run(&double, (&planned(), &waves(0, 0)), None, empty()).is_err());
    let record = double.record();
    assert_eq!(record.done.keys().collect::<Vec<_>>(), ["a"]);
    let again = Double::new();
    let outcome = go(&again, record);
    assert_eq!((outcome.stopped, again.deployed().join(" ")), (None, "b c d e f".into()));
}

#[test]
fn a_wave_half_failed_goes_on_where_that_is_tolerated_and_tries_the_failed_again() {
    let double = Double { failing: BTreeSet::from(["a", "c"]), ..Double::new() };
    let strict = run(&double, (&planned(), &waves(1, 0)), None, empty()).unwrap();
    assert_eq!(strict.stopped, Some(Stopped::Failed { wave: "first".into() }));
    assert_eq!(double.deployed(), ["a", "b", "c"]);
    assert_eq!(double.record().done.keys().collect::<Vec<_>>(), ["b"]);
    let lenient = Double { failing: BTreeSet::from(["a", "c"]), ..Double::new() };
    let outcome = run(&lenient, (&planned(), &waves(2, 0)), None, empty()).unwrap();
    assert_eq!(
        (&outcome.stopped, rows(&outcome, &Ended::Done).join(" ")),
        (&None, "b d e f".into())
    );
    let mended = Double::new();
    let outcome = go(&mended, lenient.record());
    assert_eq!((outcome.stopped, mended.deployed()), (None, vec!["a".into(), "c".into()]));
}

/// Another plan of the same member is another deployment.
#[test]
fn new_plans_begin_their_waves_anew() {
    let double = Double::new();
    go(&double, empty());
    let mut planned = planned();
    planned[1].digest = "another".into();
    let mut again = Double::new();
    again.sick.insert("a", vec!["IP-02"]);
    again.sick.insert("b", vec!["IP-02"]);
    let outcome = run(&again, (&planned, &waves(0, 0)), None, double.record()).unwrap();
    assert_eq!((outcome.stopped, again.deployed()), (None, vec!["b".into()]));
}

/// A record that an earlier version wrote.
#[test]
fn a_record_without_waves_is_read() {
    let record: Record =
        serde_json::from_value(json!({ "schemaVersion": 1, "done": { "a": "digest of a" } }))
            .unwrap();
    let double = Double::new();
    go(&double, record);
    assert_eq!(double.deployed().join(" "), "b c d e f");
}

#[test]
fn what_doctor_writes_is_read() {
    use eksnet::report::doctor::{View, json as written};
    // Every gateway failed.
    let mut survey = crate::healthy::healthy(&build(CLEAN));
    let Part::Read(gateways) = &mut survey.vpc.nat_gateways else { panic!("they were read") };
    gateways.iter_mut().for_each(|gateway| gateway.state = "failed".into());
    let diagnosis = eksnet::doctor::judge(&survey, &[]);
    let view = View { diagnosis: &diagnosis, survey: &survey, lines: None, file: None };
    let document: Value = serde_json::from_str(&written(&view)).unwrap();
    let found = roots(&document).unwrap();
    let expected: BTreeSet<&str> = diagnosis.roots.iter().map(|one| one.check.id).collect();
    assert!(!expected.is_empty());
    assert_eq!(found.keys().map(String::as_str).collect::<BTreeSet<_>>(), expected);
    assert!(found.values().all(|cause| !cause.is_empty()));
    assert_eq!(roots(&serde_json::json!({ "error": {} })), None);
}
