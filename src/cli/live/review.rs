//! `eksnet diff --save` and `--change-set`: the change set's own answer, kept in a plan or thrown away.

use std::time::{Duration, SystemTime};

use crate::aws::{self, Account, Accounts, Stacks};
use crate::deploy::aws_node::run as aws_node;
use crate::deploy::plan::{Making, Plan, Planned};
use crate::deploy::{self, Condition, Deployment, Event, Options, Proposed, Saved, Stage};
use crate::diagnostic::Failure;
use crate::observed::{Observed, StackDescription};
use crate::preview::Preview;
use crate::report::{json, preview_json};
use crate::source;
use crate::template::Template;

use super::super::Common;
use super::super::args::{Diff, Format};
use super::super::line::{self, Line};
use super::super::lock;
use super::super::output::{self, Stop};
use super::asking::Asking;
use super::{addresses, clock, connect, deployed, drift, nonce, place, unread, versions, viewer};

/// The line over the stack that stands.
struct Reviewed {
    account: Account,
    stack: Option<StackDescription>,
    before: Template,
    line: Line,
}

/// Makes the change set, writes the plan beside it, and leaves both for `deploy --plan`.
pub fn save(common: &Common, args: &Diff, path: &str) -> Result<(Line, Preview), Stop> {
    super::block_on(async {
        let reviewed = begin(common, args).await?;
        let now = SystemTime::now();
        let expires = aws::moment(now + Duration::from_secs(u64::from(args.valid_for) * 3_600));
        swept(common, &reviewed, &aws::moment(now)).await;
        let proposed = propose(common, args, &reviewed, Some(expires.clone())).await?;
        let change_set =
            proposed.as_ref().map(|proposed| (proposed.name.clone(), proposed.id.clone()));
        let Reviewed { account, line, .. } = &reviewed;
        let preview = shown(common, args, &reviewed, proposed).await?;
        let stack = account.describe(&line.intent.stack()).await;
        let stack = stack.map_err(unread("the stack"))?;
        let moment = stack.map_or(String::new(), |stack| stack.last_operation);
        let owner = account.identity().await.map_err(unread("who the credentials belong to"))?;
        let making = Making {
            file: &args.file,
            account: owner,
            created: aws::moment(now),
            expires,
            change_set,
            stack_operation: moment,
            moves: common.profiles().moves,
            parts: Planned::of(&preview, line),
        };
        let plan = Plan::new(making, line, preview_json::value(&preview));
        source::write_whole(std::path::Path::new(path), &json(&plan))?;
        output::note(
            common,
            &format!(
                "plan {path} written, valid until {}: `eksnet deploy --plan {path}` executes exactly this",
                plan.expires()
            ),
        );
        Ok((reviewed.line, preview))
    })?
}

/// Change sets of plans that have expired go; what stays is named. Nothing depends on it.
async fn swept(common: &Common, reviewed: &Reviewed, now: &str) {
    if reviewed.stack.is_none() {
        return;
    }
    let stack = reviewed.line.intent.stack();
    match deploy::expired(&reviewed.account, &stack, now).await {
        Ok(Saved { deleted, left }) => {
            if !deleted.is_empty() {
                let names = deleted.join(", ");
                output::note(common, &format!("deleted change sets of expired plans: {names}"));
            }
            if !left.is_empty() {
                let command = format!(
                    "aws cloudformation delete-change-set --stack-name {stack} --change-set-name NAME"
                );
                let names = left.join(", ");
                output::note(
                    common,
                    &format!(
                        "other change sets of eksnet's stay: {names}; `{command}` deletes one"
                    ),
                );
            }
        }
        Err(refusal) => {
            output::note(common, &format!("expired change sets were not looked for: {refusal}"));
        }
    }
}

/// The change set's own answer, shown and thrown away.
pub fn ask(common: &Common, args: &Diff) -> Result<(Line, Preview), Stop> {
    super::block_on(async {
        let reviewed = begin(common, args).await?;
        let proposed = propose(common, args, &reviewed, None).await?;
        if let Some(Proposed { name, .. }) = &proposed {
            deploy::discard(
                &reviewed.account,
                &reviewed.line.intent.stack(),
                name,
                reviewed.stack.is_none(),
            )
            .await;
        }
        let preview = shown(common, args, &reviewed, proposed).await?;
        Ok((reviewed.line, preview))
    })?
}

async fn begin(common: &Common, args: &Diff) -> Result<Reviewed, Stop> {
    let opened = line::open(&args.file, common)?;
    let intent = opened.draft(&Observed::default())?;
    let account = connect(common, &intent).await?;
    place(common, &account, &intent).await?;
    let standing = deployed(&account, &intent.stack()).await?;
    let stack = standing.stack.read().cloned().flatten().map(|one| one.description);
    ready(stack.as_ref(), &args.file)?;
    let opened = addresses::learned(common, &account, opened).await?;
    let observed = versions::observe(common, &account, &opened).await?;
    let before = observed.deployed_template();
    let line = opened.compile(observed)?;
    line::said(common, &line);
    line.lock.decided(&line.plan)?;
    if args.locked {
        line.lock.hold(&line.plan)?;
    }
    if args.write_lock {
        lock::write(line.lock.due(&line.plan), common)?;
    }
    Ok(Reviewed { account, stack, before, line })
}

async fn propose(
    common: &Common,
    args: &Diff,
    reviewed: &Reviewed,
    valid_until: Option<String>,
) -> Result<Option<Proposed>, Stop> {
    let options = Options {
        valid_until,
        nonce: nonce(),
        bucket: args.sending.bucket(),
        role: args.sending.role_arn.clone(),
        topics: args.sending.notification_arn.clone(),
        revert_drift: args.sending.revert_drift,
        ..Options::default()
    };
    let deployment = Deployment {
        compiled: &reviewed.line.compiled,
        stack: reviewed.stack.as_ref().filter(|_| !reviewed.before.is_empty()),
        before: &reviewed.before,
        options: &options,
        part: None,
    };
    // Standard output belongs to the preview.
    let aside = Common { output: Format::Human, ..common.clone() };
    let (clock, asking) = (clock(), Asking::default());
    let tell = |event: Event| viewer::say(&aside, &event);
    let stage = Stage { world: &reviewed.account, clock: &clock, decide: &asking, tell: &tell };
    Ok(deploy::propose(&stage, &deployment).await?)
}

async fn shown(
    common: &Common,
    args: &Diff,
    reviewed: &Reviewed,
    proposed: Option<Proposed>,
) -> Result<Preview, Stop> {
    let Reviewed { account, line, before, .. } = reviewed;
    let mut preview = match proposed {
        Some(proposed) => proposed.preview,
        None => Preview {
            beside: aws_node::changes(account, line, before).await,
            ..deploy::no_change(line, before)
        },
    };
    drift::add(common, args, account, &mut preview).await?;
    Ok(preview)
}

/// CloudFormation makes no change set on a stack that is busy or broken; `deploy` follows the one and cleans up the other.
fn ready(stack: Option<&StackDescription>, file: &str) -> Result<(), Failure> {
    match (deploy::condition(stack), stack) {
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
            Err(failure.hint(format!("`eksnet deploy {file}` puts it in order, after a question")))
        }
    }
}
