//! How fast a deployment notices, and how often it asks: every example blueprint with scripted durations against a paused clock.

use std::collections::BTreeMap;
use std::time::Duration;

use eksnet::aws::port::StackEvent;
use eksnet::deploy::{self, Event, Outcome};
use eksnet::facts::kinds::{self, Work};
use eksnet::preview::{self, forecast};
use eksnet::template::Template;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::doubles::{Paused, Scene, Script, event};
use crate::support::{blueprints, build, root, snapshot};

/// A stack's events when every resource starts as soon as what it refers to stands, and takes `takes`.
fn scenes(template: &Template, takes: &BTreeMap<String, Duration>) -> (Vec<Scene>, Duration) {
    let needs = forecast::needs(template);
    let mut ends: BTreeMap<String, Duration> = BTreeMap::new();
    while ends.len() < needs.len() {
        for (id, needed) in &needs {
            if !ends.contains_key(id)
                && needed.iter().all(|need| ends.contains_key(need) || !needs.contains_key(need))
            {
                let start = needed
                    .iter()
                    .filter_map(|need| ends.get(need))
                    .max()
                    .copied()
                    .unwrap_or_default();
                ends.insert(id.clone(), start + takes[id]);
            }
        }
    }
    let total = ends.values().max().copied().unwrap_or_default();
    let mut all: Vec<(Duration, StackEvent)> = Vec::new();
    for (id, end) in &ends {
        let start = *end - takes[id];
        all.push((start, event(0, id, "CREATE_IN_PROGRESS", "")));
        all.push((*end, event(0, id, "CREATE_COMPLETE", "")));
    }
    all.push((Duration::ZERO, event(0, "eksnet-shop", "CREATE_IN_PROGRESS", "")));
    all.push((total, event(0, "eksnet-shop", "CREATE_COMPLETE", "")));
    // The stack's own last event comes last.
    all.sort_by_key(|(at, one)| (*at, one.id == "eksnet-shop" && one.status == "CREATE_COMPLETE"));
    let scene = |(number, (at, one)): (usize, (Duration, StackEvent))| {
        let status = if one.id == "eksnet-shop" && one.status == "CREATE_COMPLETE" {
            "CREATE_COMPLETE"
        } else {
            "CREATE_IN_PROGRESS"
        };
        Scene { at, status, events: vec![StackEvent { event_id: format!("e{number}"), ..one }] }
    };
    (all.into_iter().enumerate().map(scene).collect(), total)
}

#[test]
fn a_deployment_ends_within_five_seconds_of_its_critical_path_and_asks_at_most_every_two() {
    let texts: Vec<String> =
        blueprints().iter().map(|(_, path)| std::fs::read_to_string(path).unwrap()).collect();
    let templates: Vec<Template> = texts.iter().map(|text| build(text).template).collect();
    let cases = (0..templates.len(), 1_u64..300, proptest::collection::vec(50_u64..200, 200));
    TestRunner::default()
        .run(&cases, |(which, slow, per_cent)| {
            let template = &templates[which];
            let typical = |kind: &str| kinds::usual_time(kind, Work::Create).as_millis() as u64;
            let takes: BTreeMap<String, Duration> = template
                .resources()
                .enumerate()
                .map(|(at, (id, resource))| {
                    (
                        id.clone(),
                        Duration::from_millis(
                            typical(resource["Type"].as_str().unwrap()) * per_cent[at % 200] * slow
                                / 10_000,
                        ),
                    )
                })
                .collect();
            let (scenes, total) = scenes(template, &takes);
            let clock = Paused::default();
            let script = Script::new(&clock, scenes);
            let mut said = 0;
            let operation =
                deploy::Operation { stack: "eksnet-shop".into(), after: None, deletes: false };
            let mut hear = |event| said += usize::from(matches!(event, Event::Resource { .. }));
            let outcome = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let outcome =
                outcome.block_on(deploy::follow(&script, &clock, operation, &mut hear)).unwrap();
            let Outcome::Done { elapsed, took, .. } = outcome else { panic!("{outcome:?}") };
            prop_assert!(elapsed <= total + Duration::from_secs(5), "{elapsed:?} for {total:?}");
            prop_assert!(
                script.calls.borrow().len() as u64 <= elapsed.as_secs() / 2 + 2,
                "{} calls in {elapsed:?}",
                script.calls.borrow().len()
            );
            prop_assert_eq!(said, 2 * takes.len() + 2, "every event is said, and once");
            prop_assert_eq!(took.len(), takes.len());
            let path = forecast::critical_path(&takes, &forecast::needs(template));
            prop_assert_eq!(
                path.iter().map(|step| step.takes).sum::<Duration>(),
                total,
                "the critical path is the whole time"
            );
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_is_expected_follows_the_longest_chain() {
    let built =
        build(&std::fs::read_to_string(root().join("blueprints/three-tiers.yaml")).unwrap());
    let nothing = Template::nothing();
    let new = forecast::of(
        &preview::compare("x", &nothing, &built.template, &built.graph),
        &nothing,
        &built.template,
    );
    let ids: Vec<&str> = new.path.iter().map(|step| step.id.as_str()).collect();
    assert!(
        ids.contains(&"Cluster")
            && ids
                .last()
                .is_some_and(|last| last.starts_with("NodeGroup") || last.starts_with("Addon")),
        "{ids:?}"
    );
    assert_eq!(new.path.iter().map(|step| step.takes).sum::<Duration>(), new.total);
    let removal = forecast::of_removal(&built.template, |_| true);
    let ids: Vec<&str> = removal.path.iter().map(|step| step.id.as_str()).collect();
    let at = |id: &str| ids.iter().position(|one| *one == id);
    assert!(at("Cluster") < at("Vpc") && at("Vpc") == Some(ids.len() - 1), "{ids:?}");
    assert_eq!(
        forecast::of(&preview::Preview::default(), &nothing, &nothing).total,
        Duration::ZERO
    );
}

/// What a terminal shows in the middle of a deployment, and when something failed.
#[test]
fn a_deployment_is_a_tree_that_fits_the_window() {
    use eksnet::report::progress_tree::{Moment, Window, frame};
    let built =
        build(&std::fs::read_to_string(root().join("blueprints/three-tiers.yaml")).unwrap());
    let nothing = Template::nothing();
    let expected = forecast::of(
        &preview::compare("x", &nothing, &built.template, &built.graph),
        &nothing,
        &built.template,
    );
    let takes = expected.rows.iter().map(|(id, row)| (id.clone(), row.typical)).collect();
    let (scenes, _) = scenes(&built.template, &takes);
    let mut progress = deploy::Progress::default();
    let now = Duration::from_secs(100);
    for scene in scenes.iter().filter(|scene| scene.at <= now) {
        for one in &scene.events {
            let kind =
                built.template.resource(&one.id).map_or(deploy::STACK.to_string(), |resource| {
                    resource["Type"].as_str().unwrap().to_string()
                });
            progress.take(&StackEvent { kind, ..one.clone() }, scene.at);
        }
    }
    let picture = |progress: &deploy::Progress, window: Window| {
        let moment =
            Moment { stack: "eksnet-shop", progress, forecast: &expected, elapsed: now, now };
        let lines = frame(&moment, window);
        assert!(lines.len() < window.height, "{} lines in {window:?}", lines.len());
        let plain: Vec<String> =
            lines.iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect();
        assert!(
            plain.iter().all(|line| line.chars().count() <= window.width),
            "{window:?}: {plain:#?}"
        );
        plain.join("\n")
    };
    let wide = Window { width: 100, height: 40 };
    let under_way = picture(&progress, wide);
    let failed = event(0, "NatGatewayPublicEuw1Az1", "CREATE_FAILED", "no address is left");
    progress.take(&failed, now);
    snapshot(
        "progress-tree",
        &format!("{under_way}\n\n--- one has failed ---\n\n{}", picture(&progress, wide)),
    );
    picture(&progress, Window { width: 40, height: 10 });
    picture(&progress, Window { width: 10, height: 3 });
}

/// A deletion may be over between two looks: its last events are read before it is said to be.
#[test]
fn a_deletion_is_told_to_its_end_whenever_it_is_noticed() {
    for last in 1..=30 {
        let clock = Paused::default();
        let scene = |at, status, events: Vec<StackEvent>| Scene {
            at: Duration::from_secs(at),
            status,
            events,
        };
        let begun = ["eksnet-shop", "Vpc"];
        let begun =
            (1..).zip(begun).map(|(number, id)| event(number, id, "DELETE_IN_PROGRESS", ""));
        let ended = ["Vpc", "eksnet-shop"];
        let ended = (3..).zip(ended).map(|(number, id)| event(number, id, "DELETE_COMPLETE", ""));
        let scenes = vec![
            scene(0, "DELETE_IN_PROGRESS", begun.collect()),
            scene(last, "DELETE_COMPLETE", ended.collect()),
        ];
        let script = Script::new(&clock, scenes);
        let mut told = Vec::new();
        let outcome = followed_away(&script, &clock, &mut |event| told.push(event));
        let Outcome::Done { took, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(took.len(), 1, "over after {last} s");
        let is_last = |event: &Event| matches!(event, Event::Resource { id, status, .. } if id == "Vpc" && status == "DELETE_COMPLETE");
        assert_eq!(told.iter().filter(|event| is_last(event)).count(), 1, "over after {last} s");
    }
}

fn followed_away(script: &Script<'_>, clock: &Paused, hear: &mut impl FnMut(Event)) -> Outcome {
    let operation = deploy::Operation { stack: "eksnet-shop".into(), after: None, deletes: true };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(deploy::follow(script, clock, operation, hear)).unwrap()
}

/// Where a stack does not exist any more its events cannot be read: the picture ends with everything done all the same.
#[test]
fn the_picture_of_a_deleted_stack_ends_with_all_of_it_done() {
    use eksnet::report::progress_tree::{Moment, Window, frame};
    let built =
        build(&std::fs::read_to_string(root().join("blueprints/three-tiers.yaml")).unwrap());
    let expected = forecast::of_removal(&built.template, |_| true);
    let clock = Paused::default();
    let script = Script::new(&clock, Vec::new()).refusing(
        "events",
        "ValidationError",
        "Stack [eksnet-shop] does not exist",
    );
    let mut last = None;
    followed_away(&script, &clock, &mut |event| {
        if let Event::Picture(progress) = event {
            last = Some(progress);
        }
    });
    let progress = last.expect("a last picture");
    let moment = Moment {
        stack: "eksnet-shop",
        progress: &progress,
        forecast: &expected,
        elapsed: Duration::ZERO,
        now: Duration::ZERO,
    };
    let lines = frame(&moment, Window { width: 100, height: 60 });
    let plain = |line: &String| anstream::adapter::strip_str(line).to_string();
    let lines: Vec<String> = lines.iter().map(plain).collect();
    assert!(lines[0].ends_with("DELETE_COMPLETE"), "{lines:#?}");
    assert!(4 < lines.len() && lines[1..].iter().all(|line| line.contains('✓')), "{lines:#?}");
    for line in &lines[1..] {
        let count = line.split_whitespace().find(|word| word.contains('/')).unwrap();
        let (done, all) = count.split_once('/').unwrap();
        assert_eq!(done, all, "{lines:#?}");
    }
}
