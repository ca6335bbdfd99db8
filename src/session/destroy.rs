//! A stack taken down, and what IPAM gave for it returned.

use std::cell::Cell;

use crate::aws::Connected;
use crate::aws::survey::Surveys;
use crate::deploy::{self, Agreed, Clock, Decide, Deletion, Event, Outcome};
use crate::line::Stopped;
use crate::observed::Observed;
use crate::opened::Opened;
use crate::preview::{Step, forecast};
use crate::template::Template;

use super::{End, Next, Note, Session, Told};

impl<W: Connected + Surveys, C: Clock, D: Decide> Session<'_, W, C, D> {
    /// Deletes the stack of a blueprint that need not be one that could be deployed.
    pub async fn destroy(&self, opened: &Opened, agreed: &Agreed) -> Result<End, Stopped> {
        let (intent, is_sound) = opened.outline()?;
        if !is_sound {
            self.note(Note::Unsound);
        }
        let name = intent.stack();
        let again = format!("nothing was deleted; run `{}` again", agreed.command);
        let Some(stack) = self.not_busy(&name, &again).await? else {
            let end = self.no_change();
            let returned = self.give_back(opened, &Observed::default()).await;
            return Ok(if returned == End::Failed { returned } else { end });
        };
        let observed = self.deployed(&name).await?;
        let before = observed.deployed_template();
        let deletion =
            Deletion { intent: &intent, stack: &stack, before: &before, agreed: agreed.clone() };
        let unfinished = Cell::new(false);
        let ears = |event: Event| {
            unfinished.set(unfinished.get() || event.is_unfinished());
            self.tell(Told::Event(&event));
        };
        let outcome =
            self.heard(&ears, async |stage| deploy::destroy(stage, &deletion).await).await?;
        let next = Next::Delete(&agreed.command);
        let end = self.ended(&outcome, (None, path(&outcome, &before)), next);
        let end = if end == End::Done && unfinished.get() { End::Unfinished } else { end };
        match (&outcome, self.returned_after(&outcome, (opened, &observed)).await) {
            (Outcome::Done { .. }, End::Failed) => Ok(End::Failed),
            _ => Ok(end),
        }
    }

    /// Ranges that were allocated for the VPC go back once it is gone.
    async fn returned_after(
        &self,
        outcome: &Outcome,
        (opened, observed): (&Opened, &Observed),
    ) -> End {
        match outcome {
            Outcome::Done { .. } => self.give_back(opened, observed).await,
            _ => End::Done,
        }
    }
}

/// The chain that decided how long it took.
fn path(outcome: &Outcome, before: &Template) -> Vec<Step> {
    match outcome {
        Outcome::Done { took, .. } => {
            forecast::critical_path(took, &forecast::reversed(&forecast::needs(before)))
        }
        _ => Vec::new(),
    }
}
