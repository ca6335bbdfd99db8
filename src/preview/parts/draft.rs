//! How each resource gets from one side to the other, step by step, and which step waits for which.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::template::Template;

/// One step of one resource, the same however its way is split later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(usize);

/// What a resource is, one after another; `None` where it does not exist. A step leads from each to the next.
pub struct Course {
    pub states: Vec<Option<Value>>,
    pub steps: Vec<Step>,
}

pub struct Draft<'t> {
    pub before: &'t Template,
    pub after: &'t Template,
    /// Of everything that is not the same on both sides, by logical id.
    pub courses: BTreeMap<String, Course>,
    /// The first is in an earlier part than the second.
    pub apart: Vec<(Step, Step)>,
    /// The first is not in a later part than the second.
    pub not_after: Vec<(Step, Step)>,
    /// The part in which a step is made at the earliest.
    pub earliest: BTreeMap<Step, usize>,
    /// In a part of its own before everything, or after it.
    pub alone: Option<(Step, End)>,
    made: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    First,
    Last,
}

impl<'t> Draft<'t> {
    pub fn new(before: &'t Template, after: &'t Template) -> Self {
        let mut draft = Self {
            before,
            after,
            courses: BTreeMap::new(),
            apart: Vec::new(),
            not_after: Vec::new(),
            earliest: BTreeMap::new(),
            alone: None,
            made: 0,
        };
        for (id, _) in before.resources().chain(after.resources()) {
            let states = vec![before.resource(id).cloned(), after.resource(id).cloned()];
            if states[0] != states[1] && !draft.courses.contains_key(id) {
                let steps = vec![draft.step()];
                draft.courses.insert(id.clone(), Course { states, steps });
            }
        }
        draft
    }

    fn step(&mut self) -> Step {
        self.made += 1;
        Step(self.made)
    }

    /// The last step of a resource.
    pub fn last(&self, id: &str) -> Option<Step> {
        self.courses.get(id)?.steps.last().copied()
    }

    /// The last two states of a resource that exists in both.
    pub fn ends(&self, id: &str) -> Option<(Value, Value)> {
        let states = &self.courses.get(id)?.states;
        let [.., old, new] = states.as_slice() else { return None };
        Some((old.clone()?, new.clone()?))
    }

    /// Puts a state before the last one; the step that leads to it. The last step keeps its place.
    pub fn stop_at(&mut self, id: &str, state: Option<Value>) -> Option<Step> {
        let step = self.step();
        let course = self.courses.get_mut(id)?;
        let at = course.steps.len();
        course.states.insert(at, state);
        course.steps.insert(at - 1, step);
        Some(step)
    }

    /// A course for what is the same on both sides.
    pub fn hold(&mut self, id: &str) {
        let own = self.before.resource(id).cloned();
        let steps = vec![self.step()];
        self.courses.insert(id.to_string(), Course { states: vec![own.clone(), own], steps });
    }

    pub fn together(&mut self, one: Step, other: Step) {
        self.not_after.extend([(one, other), (other, one)]);
    }

    /// The step after which a resource exists, or exists no more.
    pub fn turns(&self, id: &str, exists: bool) -> Option<Step> {
        let course = self.courses.get(id)?;
        let at = course
            .states
            .windows(2)
            .position(|pair| pair[0].is_some() != exists && pair[1].is_some() == exists)?;
        course.steps.get(at).copied()
    }
}
