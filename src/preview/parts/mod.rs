//! One edit as an ordered list of updates, the fewest that work. Each part is a template between the two sides: what refers to something
//! finds it, no subnet is lost, and nothing stands in the way of the update from one to the next that another order could avoid.
//!
//! It begins with one part. What stands in the way of a part has a remedy: a resource changes in two steps, or one step waits for another.
//! A remedy that leads nowhere is banned, and its obstacle stays a finding.

mod assemble;
mod draft;
mod gist;
mod order;
mod remedy;
mod title;

use std::collections::BTreeSet;

use crate::graph::Graph;
use crate::template::Template;

use super::compare::one_update;
use super::named::Names;
use super::{Obstacle, Preview, kinds_of_update, passed};
use draft::Draft;
pub use title::Title;

/// More parts than anybody waits for.
const MOST: usize = 6;
const MOST_REMEDIES: usize = 64;

/// One update of an edit.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub title: Title,
    /// The stack once it is done.
    pub template: Template,
    /// What it changes of the part before it.
    pub preview: Preview,
}

impl Part {
    /// What it does, in words.
    pub fn heading(&self) -> String {
        self.title.called(&self.preview).words()
    }

    /// All of an edit as one update.
    pub fn all(whole: &Preview, after: &Template) -> Vec<Self> {
        title::of(vec![(after.clone(), whole.clone())])
    }
}

/// The parts of the way from `before` to `after`; the last one's template is `after`.
pub fn parts(before: &Template, after: &Template) -> Vec<Part> {
    let graph = Graph::default();
    of(&one_update("", before, after, &graph), (before, after), &graph)
}

/// The same for an edit that is compared already.
pub fn of(whole: &Preview, (before, after): (&Template, &Template), graph: &Graph) -> Vec<Part> {
    let edit = Edit { whole, before, after, graph };
    let single = || Part::all(whole, after);
    let beside = !before.is_empty() && !kinds_of_update::beside_cluster(&whole.changes).is_empty();
    let waits = beside || !remedy::nodes_that_wait(before, after).is_empty();
    let stands_in_the_way = || whole.obstacles.iter().any(remedy::is_known);
    if !waits && (before.is_empty() || !stands_in_the_way()) {
        return single();
    }
    let mut banned = BTreeSet::new();
    let mut nodes_last = beside;
    loop {
        match edit.attempt(&banned, nodes_last) {
            Ok(parts) => return parts,
            // What is only better is given up before what has to be.
            Err(_) if nodes_last => nodes_last = false,
            Err(Some(ban)) => _ = banned.insert(ban),
            Err(None) => return single(),
        }
    }
}

struct Edit<'e> {
    whole: &'e Preview,
    before: &'e Template,
    after: &'e Template,
    graph: &'e Graph,
}

/// The remedy that led nowhere.
type Ban = Option<String>;

impl Edit<'_> {
    fn attempt(&self, banned: &BTreeSet<String>, nodes_last: bool) -> Result<Vec<Part>, Ban> {
        let mut draft = Draft::new(self.before, self.after);
        remedy::wait_for_settings(&mut draft);
        if nodes_last {
            remedy::nodes_after_cluster(&mut draft, self.whole);
        }
        let mut last = None;
        for _ in 0..MOST_REMEDIES {
            let steps = self.steps(&draft).ok_or(last.clone())?;
            let Some((level, obstacle)) = next(&steps, banned) else {
                return if self.is_no_worse(&steps) { Ok(title::of(steps)) } else { Err(last) };
            };
            let name = remedy::name(obstacle);
            last = Some(name.clone());
            let (_, step) = &steps[level];
            remedy::apply(&mut draft, obstacle, (level, step)).ok_or(Some(name))?;
        }
        Err(last)
    }

    /// Whether parts have nothing in their way that all at once has not.
    fn is_no_worse(&self, steps: &[(Template, Preview)]) -> bool {
        let known: BTreeSet<String> = self.whole.obstacles.iter().map(remedy::name).collect();
        let left = steps.iter().flat_map(|(_, step)| &step.obstacles);
        steps.len() < 2 || left.map(remedy::name).all(|name| known.contains(&name))
    }

    /// The parts as the draft has them; none where their order is a circle, one of them is empty, or they are too many.
    fn steps(&self, draft: &Draft<'_>) -> Option<Vec<(Template, Preview)>> {
        let levels = order::levels(draft)?;
        let count = levels.values().copied().max().unwrap_or(1);
        if MOST < count {
            return None;
        }
        let mut steps: Vec<(Template, Preview)> = Vec::new();
        for level in 1..=count {
            let before = steps.last().map_or(self.before, |(template, _)| template);
            let template = match level == count {
                true => self.after.clone(),
                false => assemble::template(draft, &levels, level),
            };
            let mut preview = one_update(&self.whole.stack, before, &template, self.graph);
            let ends = (self.before, self.after);
            let passed = passed::of_part(&preview.changes, (before, &template), ends);
            preview.with_quotas(passed, Names { after: &template, before });
            steps.push((template, preview));
        }
        let idle = 1 < count && steps.iter().any(|(_, preview)| preview.changes.is_empty());
        (!idle).then_some(steps)
    }
}

/// The first obstacle that has a remedy, of the first part that has one.
fn next<'s>(
    steps: &'s [(Template, Preview)],
    banned: &BTreeSet<String>,
) -> Option<(usize, &'s Obstacle)> {
    let open = |obstacle: &&Obstacle| {
        remedy::is_known(obstacle) && !banned.contains(&remedy::name(obstacle))
    };
    let first = |(at, (_, step)): (usize, &'s (Template, Preview))| {
        step.obstacles.iter().find(open).map(|obstacle| (at, obstacle))
    };
    steps.iter().enumerate().find_map(first)
}
