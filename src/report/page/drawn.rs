//! What a page is drawn from: a compiled blueprint, or its findings where it cannot be compiled.

use crate::diagnostic::Diagnostic;
use crate::line::Stopped;
use crate::observed::Observed;
use crate::opened::{Line, Opened};
use crate::preview::{self, Preview};
use crate::source::Source;
use crate::template::Template;

use super::{Plan, Sheet};

/// One blueprint of a page. It is drawn as far as it could be compiled.
pub enum Drawn {
    Whole { line: Box<Line>, lock: String, preview: Option<Box<Preview>> },
    Broken(Source, Vec<Diagnostic>),
}

impl Drawn {
    /// Over what exists, and compared with a template where there is one.
    pub fn of(
        opened: Opened,
        former: Option<Template>,
        observed: Observed,
    ) -> Result<Self, Stopped> {
        let compared = former.is_some();
        let observed = former.map_or(Observed::default(), Observed::template).and(observed);
        let before = observed.deployed_template();
        let line = opened.compile(observed)?;
        let preview = compared.then(|| {
            let stack = line.intent.stack();
            let preview = preview::compare(&stack, &before, &line.template, &line.graph);
            Box::new(preview.written(&line.document))
        });
        let lock = line.lock.state(&line.plan);
        Ok(Drawn::Whole { line: Box::new(line), lock, preview })
    }

    /// What the page is written from, borrowed from this.
    pub fn sheet(&self) -> Sheet<'_> {
        match self {
            Drawn::Whole { line, lock, preview } => {
                Sheet::Plan(Plan { compiled: line, lock, preview: preview.as_deref() })
            }
            Drawn::Broken(source, findings) => Sheet::Broken { source, findings },
        }
    }
}
