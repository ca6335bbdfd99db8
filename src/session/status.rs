//! What is deployed, and what was changed by hand.

use crate::aws::Connected;
use crate::aws::survey::Surveys;
use crate::deploy::aws_node::run as aws_node;
use crate::deploy::status::{self, Status};
use crate::deploy::{self, Clock, Decide, unread};
use crate::diagnostic::Failure;
use crate::line::Stopped;
use crate::opened::{Line, Opened};
use crate::preview::Preview;
use crate::template::Template;

use super::{Note, Session, description};

impl<W: Connected + Surveys, C: Clock, D: Decide> Session<'_, W, C, D> {
    /// The stack of a blueprint, beside what it plans.
    pub async fn status(
        &self,
        opened: Opened,
        drift: status::Wanted,
    ) -> Result<(Line, Status), Stopped> {
        let name = opened.stack();
        let observed = self.deployed(&name).await?;
        let Some(stack) = description(&observed) else {
            let file = &opened.document.source.name;
            return Err(Failure::new(format!("stack `{name}` does not exist"))
                .hint(format!("`eksnet deploy {file}` creates it"))
                .into());
        };
        let before = observed.deployed_template();
        let line = opened.compile(observed)?;
        let (world, clock) = (self.world, self.clock);
        let status = status::read((world, clock), &line, (stack, &before), drift).await?;
        Ok((line, status))
    }

    /// With what CloudFormation finds changed by hand. A stack that does not stand has nothing to compare.
    pub async fn with_drift(&self, preview: Preview) -> Result<Preview, Failure> {
        if preview.drift.is_some() {
            return Ok(preview);
        }
        let name = preview.stack.clone();
        let stack = self.world.describe(&name).await;
        let status = stack.map_err(unread(&format!("stack `{name}`")))?.map(|one| one.status);
        let found = match status {
            Some(status) if deploy::comparable(&status) => {
                self.note(Note::DetectingDrift { stack: name.clone() });
                let (world, clock) = (self.world, self.clock);
                let mut tell = |event| self.tell(super::Told::Event(&event));
                let looking = deploy::drift(world, clock, &name, &mut tell);
                self.staged(async |stage| {
                    stage.unless_interrupted(looking, "nothing was changed").await
                })
                .await?
            }
            status => {
                let status = status.unwrap_or("absent".to_string());
                self.note(Note::NoDrift { stack: name, status });
                Vec::new()
            }
        };
        Ok(Preview { drift: Some(found), ..preview })
    }

    /// With what changes through the Kubernetes API.
    pub async fn beside(&self, line: &Line, before: &Template, preview: Preview) -> Preview {
        preview.with_beside(aws_node::changes(self.world, line, before).await)
    }
}
