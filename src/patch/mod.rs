//! Stage 6, `patch`: properties that no word of the blueprint's sets, put into the finished template in the order of the file. A patch that
//! is refused is left out, so that the next one is judged by itself.

mod edit;
mod excluded;
mod exists;
mod fit;
mod guard;
mod one_of;
mod promises;
mod references;
mod required;
mod target;
mod waits;

use crate::diagnostic::{Diagnostic, any_error};
use crate::facts::schemas;
use crate::graph::{Graph, LogicalId, Patched};
use crate::intent::Patch;
use crate::template::Template;

pub use exists::{KEPT, fixed, recreates, unknown};

/// The template with its patches.
pub struct Outcome {
    pub template: Template,
    /// Which property each patch decides.
    pub patched: Vec<Patched>,
    pub findings: Vec<Diagnostic>,
}

/// Puts patches into a template. `graph` knows which word makes each resource.
pub fn apply(patches: &[Patch], template: Template, graph: &Graph) -> Outcome {
    let mut outcome = Outcome { template, patched: Vec::new(), findings: Vec::new() };
    for patch in patches {
        let (next, found) = one(patch, &outcome.template, graph);
        if let Some((template, patched)) = next.filter(|_| !any_error(&found)) {
            outcome.template = template;
            outcome.patched.extend(patched);
        }
        outcome.findings.extend(found);
    }
    outcome
}

/// The resources of one type that a patch is for.
struct Aim<'t> {
    kind: &'t str,
    ids: Vec<&'t LogicalId>,
}

type Edited = (Template, Vec<Patched>);

fn one(patch: &Patch, template: &Template, graph: &Graph) -> (Option<Edited>, Vec<Diagnostic>) {
    let aim = match target::find(patch, template) {
        Ok(aim) => aim,
        Err(finding) => return (None, vec![finding]),
    };
    let mut found = references::check(patch, template);
    if let Some(schema) = schemas::find(aim.kind) {
        found.extend(fit::check(patch, schema, aim.kind));
    }
    found.extend(guard::properties(patch, &aim));
    if any_error(&found) {
        return (None, found);
    }
    let edited = edit::edit(patch, &aim, template);
    found.extend(edit::unmatched(patch, &aim, template));
    found.extend(guard::tags(patch, &aim, (template, &edited)));
    found.extend(required::check(patch, &aim, &edited));
    found.extend(excluded::check(patch, &aim, &edited));
    found.extend(one_of::check(patch, &aim, (template, &edited)));
    found.extend(waits::check(patch, &aim, &edited));
    found.extend(promises::check(patch, &aim, (template, &edited)));
    if !any_error(&found) {
        found.extend(guard::words(patch, &aim, graph));
    }
    let patched = edit::decided(patch, &aim);
    (Some((edited, patched)), found)
}
