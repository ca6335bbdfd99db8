//! The questions of a deployment, put to whoever runs the command.

use crate::deploy::{Decide, Question, Reply};
use crate::diagnostic::Failure;
use crate::report::notes;

use super::watch;

/// What the command line answered beforehand.
#[derive(Clone, Debug, Default)]
pub struct Asking {
    /// `--yes`; a saved plan was agreed to when it was saved.
    pub yes: bool,
    /// `--confirm NAME`
    pub confirm: Option<String>,
    /// There is nobody to ask: a saved plan runs unattended.
    pub unattended: bool,
    /// The account and the Region that it is about.
    pub place: String,
}

impl Decide for Asking {
    async fn decide(&self, question: &Question<'_>) -> Result<Reply, Failure> {
        match question {
            // Other people's settings are never taken over by a general yes.
            Question::TakeOver if self.yes || self.unattended => return Ok(Reply::Nobody),
            Question::RemoveOrphans { .. } | Question::RemoveMore { .. } => {}
            Question::Destroy { name } => return self.typed(question, name).await,
            _ if self.yes => return Ok(Reply::Yes),
            _ => {}
        }
        let answer = watch::answer(&format!("{} [y/N]", self.worded(question))).await?;
        Ok(match answer.as_deref() {
            Some("y" | "Y" | "yes") => Reply::Yes,
            Some(_) => Reply::No,
            None => Reply::Nobody,
        })
    }

    async fn interrupted(&self) {
        watch::interrupted().await;
    }
}

impl Asking {
    fn worded(&self, question: &Question<'_>) -> String {
        let words = notes::question(question);
        if self.place.is_empty() { words } else { format!("{}: {words}", self.place) }
    }

    async fn typed(&self, question: &Question<'_>, name: &str) -> Result<Reply, Failure> {
        let typed = match &self.confirm {
            Some(name) => Some(name.clone()),
            None => watch::answer(&self.worded(question)).await?,
        };
        match typed {
            Some(typed) if typed == name => Ok(Reply::Yes),
            Some(typed) => {
                Err(Failure::new(format!("`{typed}` is not `{name}`: nothing was deleted")))
            }
            None => Err(Failure::new("no interactive terminal to confirm: nothing was deleted")
                .hint(format!("--confirm {name}"))),
        }
    }
}
