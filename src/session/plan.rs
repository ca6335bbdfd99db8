//! A saved plan executed.

use crate::aws::Connected;
use crate::aws::survey::Surveys;
use crate::deploy::plan::{self, Ended, Plan};
use crate::deploy::{Clock, Decide, Deployment, Options};
use crate::line::Stopped;
use crate::opened::Opened;

use super::{End, Next, Note, Session, description};

impl<W: Connected + Surveys, C: Clock, D: Decide> Session<'_, W, C, D> {
    /// Executes exactly what was reviewed; `path` is the plan's file. `opened` is the blueprint that the plan names.
    pub async fn execute(
        &self,
        (plan, path): (&Plan, &str),
        opened: Opened,
        options: &Options,
    ) -> Result<End, Stopped> {
        plan.of_this_account(path, self.world).await?;
        let observed = self.deployed(&plan.stack).await?.and(plan.observed.clone());
        let health = self.health(&opened, &observed);
        let (before, stack) = (observed.deployed_template(), description(&observed));
        let line = opened.compile(observed)?;
        let deployment = Deployment {
            compiled: &line.compiled,
            stack: stack.as_ref(),
            before: &before,
            options,
            part: None,
        };
        let next = Next::Plan(&options.command);
        match self
            .settling(&line, async |stage| plan::run(stage, &deployment, (plan, path)).await)
            .await??
        {
            Ended::NoChange => Ok(self.no_change()),
            Ended::TakenUp(outcome) => {
                self.note(Note::AlreadyExecuted { stack: plan.stack.clone() });
                Ok(self.deployed_so(&line, &outcome, next))
            }
            Ended::Executed(outcome) => {
                let end = self.deployed_so(&line, &outcome, next);
                Ok(self.examined(health, end).await)
            }
        }
    }
}
