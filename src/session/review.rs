//! A change set's own answer: kept in a plan, or thrown away.

use crate::aws::Connected;
use crate::aws::survey::Surveys;
use crate::deploy::aws_node::run as aws_node;
use crate::deploy::plan::{Making, Planned};
use crate::deploy::{
    self, Clock, Condition, Decide, Deployment, Options, Proposed, Saved, condition, unread,
};
use crate::diagnostic::Failure;
use crate::line::Stopped;
use crate::observed::StackDescription;
use crate::opened::{Line, Opened};
use crate::preview::Preview;
use crate::template::Template;

use super::{Locking, Note, Session, description};

/// How a change set is asked for.
pub struct Reviewing<'r> {
    pub options: &'r Options,
    pub locking: Locking,
    /// What was changed by hand is told too.
    pub drift: bool,
}

/// The line over the stack that stands.
struct Reviewed {
    stack: Option<StackDescription>,
    before: Template,
    line: Line,
}

impl<W: Connected + Surveys, C: Clock, D: Decide> Session<'_, W, C, D> {
    /// The change set's own answer, shown and thrown away.
    pub async fn ask(
        &self,
        opened: Opened,
        how: &Reviewing<'_>,
    ) -> Result<(Line, Preview), Stopped> {
        let reviewed = self.begin(opened, how).await?;
        let proposed = self.propose(&reviewed, how.options).await?;
        if let Some(Proposed { name, .. }) = &proposed {
            let stack = reviewed.line.intent.stack();
            deploy::discard(self.world, &stack, name, reviewed.stack.is_none()).await;
        }
        let preview = self.shown(&reviewed, how, proposed).await?;
        Ok((reviewed.line, preview))
    }

    /// Makes the change set and leaves it for a plan, whose validity is in the options; what the plan of the blueprint's `file` is made of.
    pub async fn save<'f>(
        &self,
        opened: Opened,
        how: &Reviewing<'_>,
        file: &'f str,
    ) -> Result<(Line, Preview, Making<'f>), Stopped> {
        let reviewed = self.begin(opened, how).await?;
        self.sweep(&reviewed).await;
        let proposed = self.propose(&reviewed, how.options).await?;
        let change_set = proposed.as_ref().map(|one| (one.name.clone(), one.id.clone()));
        let preview = self.shown(&reviewed, how, proposed).await?;
        let line = reviewed.line;
        let stack = self.world.describe(&line.intent.stack()).await;
        let stack = stack.map_err(unread("the stack"))?;
        let account = self.world.identity().await;
        let making = Making {
            file,
            account: account.map_err(unread("the caller's identity"))?,
            created: (self.now)(),
            expires: how.options.valid_until.clone().unwrap_or_default(),
            change_set,
            stack_operation: stack.map_or(String::new(), |stack| stack.last_operation),
            moves: self.asked.profiles.moves.clone(),
            parts: Planned::of(&preview, &line),
        };
        Ok((line, preview, making))
    }

    /// Change sets of plans that have expired go; what stays is named. Nothing depends on it.
    async fn sweep(&self, reviewed: &Reviewed) {
        if reviewed.stack.is_none() {
            return;
        }
        let stack = reviewed.line.intent.stack();
        match deploy::expired(self.world, &stack, &(self.now)()).await {
            Ok(Saved { deleted, left }) => {
                if !deleted.is_empty() {
                    self.note(Note::PlansExpired(deleted));
                }
                if !left.is_empty() {
                    self.note(Note::PlansLeft { stack, names: left });
                }
            }
            Err(refusal) => self.note(Note::PlansUnread(refusal.to_string())),
        }
    }

    async fn begin(&self, opened: Opened, how: &Reviewing<'_>) -> Result<Reviewed, Stopped> {
        let standing = self.deployed(&opened.stack()).await?;
        let stack = description(&standing);
        ready(stack.as_ref(), &opened.document.source.name)?;
        let opened = self.learned(opened).await?;
        let observed = self.read(&opened).await?;
        let before = observed.deployed_template();
        let line = self.compiled(opened, observed)?;
        self.locked(&line, how.locking)?;
        Ok(Reviewed { stack, before, line })
    }

    async fn propose(
        &self,
        reviewed: &Reviewed,
        options: &Options,
    ) -> Result<Option<Proposed>, Failure> {
        let Reviewed { stack, before, line } = reviewed;
        let deployment = Deployment {
            compiled: &line.compiled,
            stack: stack.as_ref().filter(|_| !before.is_empty()),
            before,
            options,
            part: None,
        };
        self.staged(async |stage| deploy::propose(stage, &deployment).await).await
    }

    async fn shown(
        &self,
        reviewed: &Reviewed,
        how: &Reviewing<'_>,
        proposed: Option<Proposed>,
    ) -> Result<Preview, Failure> {
        let Reviewed { line, before, .. } = reviewed;
        let preview = match proposed {
            Some(proposed) => proposed.preview,
            None => Preview {
                beside: aws_node::changes(self.world, line, before).await,
                ..deploy::no_change(line, before)
            },
        };
        if how.drift { self.with_drift(preview).await } else { Ok(preview) }
    }
}

/// CloudFormation makes no change set on a stack that is busy or broken; `deploy` follows the one and cleans up the other.
fn ready(stack: Option<&StackDescription>, file: &str) -> Result<(), Failure> {
    match (condition(stack), stack) {
        (Condition::Absent | Condition::Deployed, _) | (_, None) => Ok(()),
        (Condition::Busy, Some(stack)) => {
            Err(Failure::new(format!("stack `{}` is in {}", stack.name, stack.status))
                .hint(format!("wait for it, or follow it with `eksnet deploy {file}`")))
        }
        (_, Some(stack)) => {
            let failure = Failure::new(format!(
                "stack `{}` is in {}, and CloudFormation accepts no change set",
                stack.name, stack.status
            ));
            Err(failure.hint(format!("`eksnet deploy {file}` resolves it, after confirmation")))
        }
    }
}
