//! In which part each step is made: as early as what it waits for allows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::graph::references;

use super::draft::{Course, Draft, End, Step};

/// By step, the part that it is made in, from 1. None where steps wait for each other.
pub type Levels = BTreeMap<Step, usize>;

/// No order of steps is longer.
const CIRCLE: usize = 16;

pub fn levels(draft: &Draft<'_>) -> Option<Levels> {
    let steps = draft.courses.values().flat_map(|course| course.steps.iter().copied());
    let mut levels: Levels =
        steps.map(|step| (step, draft.earliest.get(&step).copied().unwrap_or(1))).collect();
    let waits = waits(draft)?;
    loop {
        let mut moved = false;
        for Wait { first, then, parts } in &waits {
            let least = levels.get(first)? + parts;
            let level = levels.get_mut(then)?;
            if *level < least {
                (*level, moved) = (least, true);
            }
            if CIRCLE < *level {
                return None;
            }
        }
        if !moved {
            return Some(levels);
        }
    }
}

/// `then` is made so many parts after `first`, or later.
struct Wait {
    first: Step,
    then: Step,
    parts: usize,
}

fn waits(draft: &Draft<'_>) -> Option<Vec<Wait>> {
    let wait = |parts: usize| {
        move |(first, then): &(Step, Step)| Wait { first: *first, then: *then, parts }
    };
    let mut found: Vec<Wait> = draft.apart.iter().map(wait(1)).collect();
    found.extend(draft.not_after.iter().map(wait(0)));
    for course in draft.courses.values() {
        let next = course.steps.windows(2).map(|pair| (pair[0], pair[1]));
        found.extend(next.map(|pair| wait(1)(&pair)));
    }
    if let Some((alone, end)) = draft.alone {
        let others = draft.courses.values().flat_map(|course| &course.steps);
        let others = others.filter(|step| **step != alone);
        found.extend(others.map(|step| match end {
            End::First => wait(1)(&(alone, *step)),
            End::Last => wait(1)(&(*step, alone)),
        }));
    }
    found.extend(referring(draft)?.iter().map(wait(0)));
    Some(found)
}

/// Whatever refers to something is there only while that exists.
fn referring(draft: &Draft<'_>) -> Option<Vec<(Step, Step)>> {
    // Only what comes or goes is waited for.
    let passing: BTreeSet<&str> = draft
        .courses
        .iter()
        .filter(|(_, course)| course.states.iter().any(Option::is_none))
        .map(|(id, _)| id.as_str())
        .collect();
    let mut found = Vec::new();
    for (id, resource) in draft.after.resources() {
        let constant = !draft.courses.contains_key(id);
        let gap = |id: &String| {
            draft
                .courses
                .get(id)
                .is_some_and(|course| passing.contains(id.as_str()) && is_gap(course))
        };
        // What does not change at all cannot step aside.
        if constant && needed(resource).iter().any(gap) {
            return None;
        }
    }
    for course in draft.courses.values() {
        for (at, state) in course.states.iter().enumerate() {
            let needed = state.as_ref().map(needed).unwrap_or_default();
            for other in needed.iter().filter_map(|id| draft.courses.get(id)) {
                found.extend(bounds(course, at, other));
            }
        }
    }
    Some(found)
}

/// What a resource refers to or waits for. A subnet that is under its network ACL waits for no rule of it any more.
fn needed(resource: &Value) -> BTreeSet<String> {
    match resource["Type"] == "AWS::EC2::SubnetNetworkAclAssociation" {
        true => references(&resource["Properties"]),
        false => references(resource),
    }
}

/// Whether something goes for a while.
fn is_gap(course: &Course) -> bool {
    let last = course.states.len() - 1;
    course.states[0].is_some()
        && course.states[last].is_some()
        && course.states.iter().any(Option::is_none)
}

/// The state of a course at `at` needs `other` to exist: which step is not after which.
fn bounds(course: &Course, at: usize, other: &Course) -> Vec<(Step, Step)> {
    let exists = |state: &Option<Value>| state.is_some();
    let mut found = Vec::new();
    for (index, pair) in other.states.windows(2).enumerate() {
        let step = other.steps[index];
        match (exists(&pair[0]), exists(&pair[1])) {
            // It comes before the state begins, unless it was there once and the state belongs to that time.
            (false, true) if 0 < at => found.push((step, course.steps[at - 1])),
            // It goes after the state ends.
            (true, false) if at < course.steps.len() => {
                let back = other.states[index + 1..].iter().any(exists);
                if !back || at == 0 {
                    found.push((course.steps[at], step));
                }
            }
            _ => {}
        }
    }
    found
}
