//! `eksnet diff --save` and `--change-set`: the change set's own answer, kept in a plan or thrown away.

use crate::aws::Account;
use crate::aws::port::Stack;
use crate::deploy::{self, Standing};
use crate::diagnostic::Failure;
use crate::preview::Preview;
use crate::render::Template;
use crate::report::json;

use super::super::Common;
use super::super::args::{Diff, Format};
use super::super::line::{self, Line};
use super::super::lock::Deployed;
use super::super::output::{self, Stop};
use super::change_set::{self, Proposed, Wanted};
use super::plan::{self, Plan};
use super::{aws_node, connect, drift, unread, versions};

/// The line over the stack that stands.
struct Ground {
    account: Account,
    stack: Option<Stack>,
    before: Template,
    line: Line,
}

/// Makes the change set, writes the plan beside it, and leaves both for `deploy --plan`.
pub fn save(common: &Common, args: &Diff, path: &str) -> Result<(Line, Preview), Stop> {
    super::block_on(async {
        let ground = begin(common, args).await?;
        let proposed = propose(common, args, &ground).await?;
        let change_set =
            proposed.as_ref().map(|proposed| (proposed.name.clone(), proposed.id.clone()));
        let Ground { account, line, .. } = &ground;
        let preview = shown(common, args, &ground, proposed).await?;
        let moment = plan::describe(account, &line.spec.stack())
            .await?
            .map_or(String::new(), |stack| stack.last_operation);
        let owner = account
            .identity()
            .await
            .map_err(|refusal| unread("who the credentials belong to", refusal))?;
        let plan = Plan::new(args, line, (change_set, &preview), (owner, moment));
        output::write_file(std::path::Path::new(path), &json(&plan))?;
        output::note(
            common,
            &format!(
                "plan {path} written, valid until {}: `eksnet deploy --plan {path}` executes exactly this",
                plan.expires()
            ),
        );
        Ok((ground.line, preview))
    })?
}

/// The change set's own answer, shown and thrown away.
pub fn ask(common: &Common, args: &Diff) -> Result<(Line, Preview), Stop> {
    super::block_on(async {
        let ground = begin(common, args).await?;
        let proposed = propose(common, args, &ground).await?;
        if let Some(Proposed { name, .. }) = &proposed {
            deploy::discard(
                &ground.account,
                &ground.line.spec.stack(),
                name,
                ground.stack.is_none(),
            )
            .await;
        }
        let preview = shown(common, args, &ground, proposed).await?;
        Ok((ground.line, preview))
    })?
}

async fn begin(common: &Common, args: &Diff) -> Result<Ground, Stop> {
    let mut wanted = line::wanted(&args.file, common)?;
    let account = connect(common, &wanted.spec).await?;
    let (stack, before) = plan::standing(&account, &wanted.spec.stack()).await?;
    ready(stack.as_ref(), &args.file)?;
    versions::pin(common, &account, &mut wanted, &before).await?;
    let line = wanted.compile(Deployed::by(&before))?;
    output::warnings(common, &line.document.source, &line.warnings);
    if args.locked {
        line.lock.hold(&line.plan)?;
    }
    line.lock.write(&line.plan, common)?;
    Ok(Ground { account, stack, before, line })
}

async fn propose(common: &Common, args: &Diff, ground: &Ground) -> Result<Option<Proposed>, Stop> {
    // Standard output belongs to the preview.
    let aside = &Common { output: Format::Human, ..common.clone() };
    let wanted = Wanted {
        common: aside,
        account: &ground.account,
        line: &ground.line,
        sending: &args.sending,
        take_over: false,
    };
    change_set::proposed(&wanted, (ground.stack.as_ref(), &ground.before)).await
}

async fn shown(
    common: &Common,
    args: &Diff,
    ground: &Ground,
    proposed: Option<Proposed>,
) -> Result<Preview, Stop> {
    let mut preview = match proposed {
        Some(proposed) => proposed.preview,
        None => {
            let beside = aws_node::beside(&ground.account, &ground.line, &ground.before).await;
            Preview { beside, ..change_set::no_change(&ground.line, &ground.before) }
        }
    };
    drift::add(common, args, &ground.account, &mut preview).await?;
    Ok(preview)
}

/// CloudFormation makes no change set on a stack that is busy or broken; `deploy` follows the one and cleans up the other.
fn ready(stack: Option<&Stack>, file: &str) -> Result<(), Failure> {
    match (deploy::standing(stack), stack) {
        (Standing::Absent | Standing::Stands, _) | (_, None) => Ok(()),
        (Standing::Busy, Some(stack)) => {
            Err(Failure::new(format!("stack `{}` is in {}", stack.name, stack.status))
                .hint(format!("wait for it, or follow it with `eksnet deploy {file}`")))
        }
        (_, Some(stack)) => {
            let failure = Failure::new(format!(
                "stack `{}` is in {}, and CloudFormation takes no change set",
                stack.name, stack.status
            ));
            Err(failure.hint(format!("`eksnet deploy {file}` puts it in order, after a question")))
        }
    }
}
