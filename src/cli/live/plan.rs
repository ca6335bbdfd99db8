//! `eksnet deploy --plan`

use std::time::SystemTime;

use crate::aws;
use crate::deploy::plan::{self, Ended, Plan};
use crate::deploy::{Deployment, Event, Options, Stage};
use crate::diagnostic::Failure;
use crate::observed::Observed;
use crate::source;

use super::super::Common;
use super::super::args::{Deploy, Format};
use super::super::line;
use super::super::output::{self, Stop};
use super::asking::Asking;
use super::audience::Audience;
use super::last::Last;
use super::{connect, deployed, health, nonce};

pub async fn execute(
    last: &Last<'_>,
    (common, path): (&Common, &str),
    args: &Deploy,
) -> Result<u8, Stop> {
    let plan = read(path)?;
    last.of(&plan.stack);
    let common = &Common {
        region: Some(plan.region.clone()),
        allow_move: plan.moves.iter().cloned().collect(),
        ..common.clone()
    };
    let opened = line::open(&plan.file, common)?;
    let intent = opened.draft(&Observed::default())?;
    let account = connect(common, &intent).await?;
    plan.of_this_account(path, &account).await?;
    let observed = deployed(&account, &plan.stack).await?.and(plan.observed.clone());
    let health = health::before(common, &opened, &observed);
    let before = observed.deployed_template();
    let stack = observed.stack.read().cloned().flatten().map(|one| one.description);
    let line = opened.compile(observed)?;
    let options = options((args, path), &plan);
    let deployment = Deployment {
        compiled: &line.compiled,
        stack: stack.as_ref(),
        before: &before,
        options: &options,
        part: None,
    };
    let audience = Audience::new(last, (common, &line));
    let asking = Asking { yes: true, unattended: true, ..Asking::default() };
    let viewer = audience.viewer();
    let tell = |event: Event| audience.hear(&viewer, event);
    let stage = Stage { world: &account, clock: audience.clock(), decide: &asking, tell: &tell };
    let ended = viewer.redrawing(plan::run(&stage, &deployment, (&plan, path))).await;
    viewer.over();
    audience.written()?;
    match ended? {
        Ended::NoChange => {
            if common.output != Format::Json {
                output::data(&format!("stack {}: no change\n", plan.stack));
            }
            Ok(last.no_change())
        }
        Ended::TakenUp(outcome) => {
            output::note(common, &format!("stack {}: this plan was executed already", plan.stack));
            Ok(audience.ended_by_plan(&outcome, &options.command))
        }
        Ended::Executed(outcome) => {
            let code = audience.ended_by_plan(&outcome, &options.command);
            Ok(health::after(common, &account, (health, code)).await?)
        }
    }
}

fn options((args, path): (&Deploy, &str), plan: &Plan) -> Options {
    Options {
        nonce: nonce(),
        bucket: args.sending.bucket(),
        role: args.sending.role_arn.clone(),
        topics: args.sending.notification_arn.clone(),
        on_failure: args.on_failure.wanted(),
        take_over: args.take_over,
        until: args.part.map(usize::from),
        command: format!("eksnet deploy --plan {path}"),
        status_command: format!("eksnet status {}", plan.file),
        ..Options::default()
    }
}

fn read(path: &str) -> Result<Plan, Failure> {
    let text = source::read_limited(path.as_ref(), source::MOST_PLAN)
        .map_err(|cause| Failure::new(format!("cannot read the plan `{path}`")).because(cause))?;
    Plan::from_text(&text, path, &aws::moment(SystemTime::now()))
}
