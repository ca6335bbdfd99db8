//! Preflight, said.

use crate::aws::{Account, Accounts};
use crate::check;
use crate::deploy;
use crate::diagnostic::Diagnostic;
use crate::observed::{Observed, StackDescription};
use crate::template::Template;

use super::super::Common;
use super::super::line::{Line, Opened};
use super::super::output::{self, Stop};
use super::{connect, unread, versions};

/// Findings in their places.
pub async fn run(
    common: &Common,
    account: &Account,
    line: &Line,
    deployed: (Option<&StackDescription>, &Template),
) -> Vec<Diagnostic> {
    let found = deploy::preflight(account, line, deployed).await;
    for what in &found.unread {
        output::note(
            common,
            &format!("preflight: not checked, because it could not be read: {what}"),
        );
    }
    check::judged(&line.document, found.findings, &common.profiles(), false)
}

/// The same for a blueprint that stands by itself (`check --online`), with what the stack tells of it.
pub fn of_file(common: &Common, opened: Opened) -> Result<Vec<Diagnostic>, Stop> {
    let intent = opened.draft(&Observed::default())?;
    super::block_on_reading(async {
        let account = connect(common, &intent).await?;
        account.identity().await.map_err(unread("who the credentials belong to"))?;
        let observed = versions::observe(common, &account, &opened).await?;
        let before = observed.deployed_template();
        let stack =
            observed.stack.read().and_then(Option::as_ref).map(|one| one.description.clone());
        let line = opened.compile(observed)?;
        Ok(run(common, &account, &line, (stack.as_ref(), &before)).await)
    })
}
