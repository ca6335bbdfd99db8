//! What is to be deployed, over what, and how.

use crate::aws::port::OnFailure;
use crate::line::Compiled;
use crate::observed::StackDescription;
use crate::preview::{self, Forecast, Part, Preview, forecast};
use crate::template::Template;

use super::{Job, saved};

/// What is to be deployed, and over what.
pub struct Deployment<'d> {
    pub compiled: &'d Compiled,
    /// `None`: there is no stack yet.
    pub stack: Option<&'d StackDescription>,
    pub before: &'d Template,
    pub options: &'d Options,
    /// `None`: all of the edit in one update.
    pub part: Option<Place<'d>>,
}

/// Which of the parts of an edit is deployed.
#[derive(Clone, Copy)]
pub struct Place<'d> {
    /// From 1.
    pub number: usize,
    pub count: usize,
    pub part: &'d Part,
}

/// How.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Tells this run's requests from those of earlier runs.
    pub nonce: String,
    /// S3 bucket for a template that is too long to be sent.
    pub bucket: Option<String>,
    /// The service role that CloudFormation acts with.
    pub role: Option<String>,
    /// SNS topics that hear the stack's events.
    pub topics: Vec<String>,
    /// What to do with created resources if something fails.
    pub on_failure: OnFailure,
    /// What was changed by hand is put back too.
    pub revert_drift: bool,
    /// Settings of aws-node may be taken from whoever made them.
    pub take_over: bool,
    /// The part to stop after; `None`: the last.
    pub until: Option<usize>,
    /// Of a plan that is saved; `None`: the change set is executed or discarded.
    pub valid_until: Option<String>,
    /// Such as `eksnet deploy shop.yaml`.
    pub command: String,
    /// Such as `eksnet status shop.yaml`.
    pub status_command: String,
}

impl Deployment<'_> {
    pub(super) fn stack_name(&self) -> String {
        self.compiled.intent.stack()
    }

    /// The stack as it is to be once this is done.
    pub(super) fn target(&self) -> &Template {
        self.part.map_or(&self.compiled.template, |place| &place.part.template)
    }

    /// What it would do, by the templates.
    pub(super) fn compared(&self) -> Preview {
        let Compiled { template, graph, .. } = self.compiled;
        let preview = match self.part {
            Some(place) => place.part.preview.clone(),
            None => preview::compare(&self.stack_name(), self.before, template, graph)
                .written(&self.compiled.document),
        };
        self.over_sizes(preview)
    }

    pub(super) fn over_sizes(&self, preview: Preview) -> Preview {
        preview.over(self.target(), self.compiled.observed.sizes.read())
    }

    /// What it is expected to take.
    pub(super) fn expected(&self) -> Forecast {
        forecast::of(&self.compared(), self.before, self.target())
    }

    pub(super) fn job(&self) -> Job {
        let Self { compiled, options, .. } = self;
        Job {
            stack: self.stack_name(),
            template: self.target().clone(),
            tags: compiled.intent.tags.clone().into_iter().collect(),
            nonce: options.nonce.clone(),
            bucket: options.bucket.clone(),
            role: options.role.clone(),
            topics: options.topics.clone(),
            revert_drift: options.revert_drift,
            description: options.valid_until.as_deref().map_or(String::new(), saved::described),
        }
    }

    /// Whether the stack is as the blueprint wants it once this is done.
    pub(super) fn settles(&self) -> bool {
        self.part.is_none_or(|place| place.number == place.count)
    }
}
