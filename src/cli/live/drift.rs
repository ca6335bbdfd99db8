//! `--drift`: what was changed by hand, apart from the blueprint's own changes.

use crate::aws::Account;
use crate::aws::Stacks;
use crate::deploy;
use crate::deploy::aws_node::run as aws_node;
use crate::preview::Preview;
use crate::template::Template;

use super::super::Common;
use super::super::args::{Diff, Format};
use super::super::line::Line;
use super::super::output::{self, Stop};
use super::{clock, unread, viewer, watch};

/// Puts what CloudFormation finds into the preview, if it is wanted. A stack that does not stand has nothing to compare.
pub async fn add(
    common: &Common,
    args: &Diff,
    account: &Account,
    preview: &mut Preview,
) -> Result<(), Stop> {
    if !args.drift || preview.drift.is_some() {
        return Ok(());
    }
    let stack = account
        .describe(&preview.stack)
        .await
        .map_err(unread(&format!("stack `{}`", preview.stack)))?;
    match stack.map(|stack| stack.status) {
        Some(status) if deploy::comparable(&status) => {}
        status => {
            let status = status.unwrap_or("absent".to_string());
            output::note(
                common,
                &format!(
                    "stack {}: {status}, so there is nothing to compare for drift",
                    preview.stack
                ),
            );
            preview.drift = Some(Vec::new());
            return Ok(());
        }
    }
    output::note(common, &format!("stack {}: CloudFormation detects drift", preview.stack));
    // Standard output belongs to the preview.
    let aside = &Common { output: Format::Human, ..common.clone() };
    let found = watch::unless_interrupted(
        deploy::drift(account, &clock(), &preview.stack, &mut |event| viewer::say(aside, &event)),
        "nothing was changed",
    )
    .await?;
    preview.drift = Some(found);
    Ok(())
}

/// What a preview of templates alone does not show: what was changed by hand, and what changes through the Kubernetes API.
pub fn added(
    common: &Common,
    args: &Diff,
    line: &Line,
    before: &Template,
    mut preview: Preview,
) -> Result<Preview, Stop> {
    if !args.drift && (args.against.is_some() || !aws_node::concerned(&line.intent, before)) {
        return Ok(preview);
    }
    super::block_on_reading(async {
        let account = super::connect(common, &line.intent).await?;
        add(common, args, &account, &mut preview).await?;
        let beside = aws_node::changes(&account, line, before).await;
        Ok(preview.with_beside(beside))
    })
}
