//! A saved plan, and `eksnet deploy --plan`: what was reviewed is what runs, or nothing does.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::aws::{self, Account, Connected, Stacks};
use crate::deploy::aws_node::run as aws_node;
use crate::deploy::{self, Deployment, Event, Options, Outcome, Stage};
use crate::diagnostic::Failure;
use crate::observed::{Observed, Part, StackDescription};
use crate::preview::{self, KubernetesChanges, Preview};
use crate::report::preview_json;
use crate::template::Template;

use super::super::args::{Diff, Format};
use super::super::line::{self, Line};
use super::super::output::{self, Stop};
use super::super::{Common, DONE};
use super::asking::Asking;
use super::deploy::Audience;
use super::{Watch, connect, deployed, nonce, unread};

const SCHEMA_VERSION: u32 = 3;

/// A change set that was shown, and everything it was made from.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plan {
    schema_version: u32,
    /// The blueprint's file.
    file: String,
    stack: String,
    region: String,
    account: String,
    /// In UTC, such as `2026-11-21T16:00:00Z`.
    created: String,
    expires: String,
    /// Its name and its ARN. `None`: nothing was to be changed.
    change_set: Option<(String, String)>,
    /// What was looked up beside the stack: versions of add-ons, and aws-node as it ran.
    observed: Observed,
    /// The stack's last operation when the change set was made.
    stack_operation: String,
    blueprint_digest: String,
    /// The lock's text once the plan is accepted.
    lock: String,
    template_digest: String,
    preview: serde_json::Value,
    /// Over all of the above.
    digest: String,
}

/// Executes a saved plan's change set if nothing it was made from has moved; one that was begun is followed to its end.
pub async fn execute(common: &Common, path: &str, take_over: bool) -> Result<u8, Stop> {
    let plan = Plan::read(path)?;
    let common = &Common { region: Some(plan.region.clone()), ..common.clone() };
    let opened = line::open(&plan.file, common)?;
    let intent = opened.draft(common, &Observed::default())?;
    let account = connect(common, &intent).await?;
    plan.of_this_account(path, &account).await?;
    let begun = plan.begun(&account).await?;
    let observed = deployed(&account, &plan.stack).await?.and(plan.observed.clone());
    let before = observed.deployed_template();
    let stack = observed.stack.read().and_then(Option::as_ref).map(|one| one.description.clone());
    let line = opened.compile(common, observed)?;
    let options = Options {
        nonce: nonce(),
        take_over,
        command: format!("eksnet deploy --plan {path}"),
        status_command: format!("eksnet status {}", plan.file),
        ..Options::default()
    };
    let deployment = Deployment {
        compiled: &line.compiled,
        stack: stack.as_ref(),
        before: &before,
        options: &options,
    };
    let runner = Runner { common, account: &account, line: &line, deployment: &deployment };
    if begun {
        plan.still_true(path, &line, (stack.as_ref(), &before), Moment::Ours)?;
        return runner.take_up(&plan).await;
    }
    plan.still_true(path, &line, (stack.as_ref(), &before), Moment::Reviewed)?;
    let beside = aws_node::changes(&account, &line, &before).await;
    if plan.preview["kubernetes"] != serde_json::json!(beside.lines) {
        let why = format!(
            "aws-node runs otherwise than when it was reviewed: {}",
            beside.lines.join("; ")
        );
        return Err(stale(path, why).into());
    }
    match &plan.change_set {
        Some(set) => {
            plan.change_set_is_as_reviewed(path, (&account, &line), set).await?;
            runner.execute(&set.0, &beside).await
        }
        None => runner.nothing_to_do(&beside).await,
    }
}

/// Carries a plan out.
struct Runner<'r> {
    common: &'r Common,
    account: &'r Account,
    line: &'r Line,
    deployment: &'r Deployment<'r>,
}

impl Runner<'_> {
    /// Does `work` on the stage, with everybody looking.
    async fn staged<T>(
        &self,
        work: impl AsyncFnOnce(&Stage<'_, Account, Watch, Asking>) -> Result<T, Failure>,
    ) -> Result<(T, Audience<'_>), Stop> {
        let audience = Audience::new(self.common, self.line);
        let asking = Asking { yes: true, unattended: true, ..Asking::default() };
        let viewer = audience.viewer();
        let tell = |event: Event| audience.hear(&viewer, event);
        let stage =
            Stage { world: self.account, clock: audience.clock(), decide: &asking, tell: &tell };
        let done = viewer.redrawing(work(&stage)).await;
        viewer.over();
        drop(viewer);
        audience.written()?;
        Ok((done?, audience))
    }

    async fn execute(&self, change_set: &str, beside: &KubernetesChanges) -> Result<u8, Stop> {
        let (outcome, audience) = self
            .staged(async |stage| {
                deploy::execute_plan(stage, self.deployment, (change_set, beside)).await
            })
            .await?;
        Ok(audience.ended(&outcome, &self.deployment.options.command))
    }

    /// A plan whose change set was executed by an earlier run: followed, and whatever comes after it done.
    async fn take_up(&self, plan: &Plan) -> Result<u8, Stop> {
        let done = self.deployment.stack.filter(|stack| deploy::succeeded(&stack.status)).cloned();
        let state = if done.is_some() {
            "was executed already"
        } else {
            "is being executed already, or was"
        };
        output::note(self.common, &format!("stack {}: this plan {state}", plan.stack));
        let again =
            format!("run the same command, or `eksnet deploy {}`, again to follow it", plan.file);
        let (outcome, audience) = self
            .staged(async |stage| {
                let outcome = match done {
                    Some(stack) => Outcome::Done {
                        stack,
                        elapsed: Duration::ZERO,
                        took: std::collections::BTreeMap::new(),
                    },
                    None => deploy::follow_other(stage, (&plan.stack, false), &again).await?,
                };
                let take_over = self.deployment.options.take_over;
                deploy::finish(stage, self.deployment, (outcome, take_over)).await
            })
            .await?;
        Ok(audience.ended(&outcome, &self.deployment.options.command))
    }

    /// A plan that changes nothing still sees to what comes after a deployment.
    async fn nothing_to_do(&self, beside: &KubernetesChanges) -> Result<u8, Stop> {
        let name = self.line.intent.stack();
        self.staged(async |stage| {
            let take_over = aws_node::gate(stage, self.deployment, beside).await?;
            match self.deployment.stack {
                Some(stack) => deploy::complete(stage, self.deployment, (stack, take_over)).await,
                None => Ok(()),
            }
        })
        .await?;
        match self.common.output {
            Format::Json => output::data(&format!(
                "{}\n",
                serde_json::json!({ "event": "outcome", "outcome": "done", "status": "NO_CHANGE", "stack": name })
            )),
            _ => output::data(&format!("stack {name}: no change\n")),
        }
        Ok(DONE)
    }
}

/// What a plan may find of the stack's last operation.
#[derive(Clone, Copy, PartialEq)]
enum Moment {
    /// The one that was reviewed.
    Reviewed,
    /// The plan's own.
    Ours,
}

pub async fn describe(account: &Account, name: &str) -> Result<Option<StackDescription>, Failure> {
    account.describe(name).await.map_err(|refusal| unread(&format!("stack `{name}`"), refusal))
}

/// The stack as it stands and its template; an empty one that a change set brought along does not count as standing.
pub async fn standing(
    account: &Account,
    name: &str,
) -> Result<(Option<StackDescription>, Template), Failure> {
    let observed = deployed(account, name).await?;
    let before = observed.deployed_template();
    let stack = observed.stack.read().and_then(Option::as_ref);
    Ok((stack.map(|one| one.description.clone()), before))
}

fn stale(path: &str, why: impl Into<String>) -> Failure {
    Failure::new(format!("the plan `{path}` cannot be executed"))
        .because(why.into())
        .hint("make a new one with `eksnet diff --save`, and review it")
}

fn digest(text: &str) -> String {
    format!("{:x}", Sha256::digest(text.as_bytes()))
}

impl Plan {
    /// `change_set` is its name and ARN, `account` the one that the stack is in, `stack_operation` its last one.
    pub fn new(
        args: &Diff,
        line: &Line,
        (change_set, preview): (Option<(String, String)>, &Preview),
        (account, stack_operation): (String, String),
    ) -> Self {
        let now = SystemTime::now();
        let plan = Self {
            schema_version: SCHEMA_VERSION,
            file: args.file.clone(),
            stack: line.intent.stack(),
            region: line.intent.region.name.to_string(),
            account,
            created: aws::moment(now),
            expires: aws::moment(now + Duration::from_secs(u64::from(args.valid_for) * 3_600)),
            change_set,
            observed: Observed { stack: Part::Unasked, ..line.observed.clone() },
            stack_operation,
            blueprint_digest: digest(&line.document.source.text),
            lock: line.plan.ledger.to_text(),
            template_digest: digest(&line.template.to_json()),
            preview: preview_json::value(preview),
            digest: String::new(),
        };
        Self { digest: plan.own_digest(), ..plan }
    }

    pub fn expires(&self) -> &str {
        &self.expires
    }

    /// The change set of the plan is there, and was made from this template.
    async fn change_set_is_as_reviewed(
        &self,
        path: &str,
        (account, line): (&Account, &Line),
        (name, id): &(String, String),
    ) -> Result<(), Failure> {
        let set = account
            .change_set(&self.stack, name)
            .await
            .map_err(|refusal| stale(path, format!("its change set is gone: {refusal}")))?;
        if set.execution != "AVAILABLE" {
            return Err(stale(
                path,
                format!("its change set is {} ({})", set.execution, set.status),
            ));
        }
        if set.id != *id {
            return Err(stale(path, "another change set has its name now"));
        }
        let sent = account.change_set_template(&self.stack, name).await;
        let sent = sent.map_err(|refusal| unread("the template of the change set", refusal))?;
        match Template::parse(&sent)? == line.template {
            true => Ok(()),
            false => Err(stale(path, "its change set was made from another template")),
        }
    }

    fn own_digest(&self) -> String {
        let without = Self { digest: String::new(), ..self.clone() };
        digest(&serde_json::to_string(&without).unwrap_or_default())
    }

    fn read(path: &str) -> Result<Self, Failure> {
        let attempt = || Failure::new(format!("cannot read the plan `{path}`"));
        let text = crate::source::read_limited(path.as_ref(), crate::source::MOST_PLAN)
            .map_err(|cause| attempt().because(cause))?;
        let version = serde_json::from_str::<serde_json::Value>(&text)
            .ok()
            .and_then(|value| value["schemaVersion"].as_u64());
        if version.is_some_and(|version| version != u64::from(SCHEMA_VERSION)) {
            return Err(stale(path, "another version of eksnet wrote it"));
        }
        let plan: Self = serde_json::from_str(&text).map_err(|cause| {
            attempt().because(cause).hint("a plan is what `eksnet diff --save` writes")
        })?;
        if plan.digest != plan.own_digest() {
            return Err(stale(path, "it was edited"));
        }
        // Both are written alike, in UTC.
        let now = aws::moment(SystemTime::now());
        if plan.expires <= now {
            return Err(stale(
                path,
                format!("it was made at {} and was valid until {}", plan.created, plan.expires),
            ));
        }
        Ok(plan)
    }

    /// A plan is for the account that it was made in.
    async fn of_this_account(&self, path: &str, account: &Account) -> Result<(), Failure> {
        let here = account
            .identity()
            .await
            .map_err(|refusal| unread("who the credentials belong to", refusal))?;
        if here == self.account {
            Ok(())
        } else {
            Err(stale(
                path,
                format!("it is for account {}, the credentials are of {here}", self.account),
            ))
        }
    }

    /// Whether an earlier run executed the change set, and nobody did anything to the stack since.
    async fn begun(&self, account: &Account) -> Result<bool, Failure> {
        let Some((name, _)) = &self.change_set else {
            return Ok(false);
        };
        if describe(account, &self.stack)
            .await?
            .is_none_or(|stack| stack.status == "REVIEW_IN_PROGRESS")
        {
            return Ok(false);
        }
        let events = account
            .events(&self.stack, None)
            .await
            .map_err(|refusal| unread("the stack's events", refusal))?;
        Ok(events
            .iter()
            .rev()
            .find(|event| event.kind == deploy::STACK)
            .is_some_and(|event| event.token == *name))
    }

    /// Everything the plan was made from, as it is now; a failure names all that has moved, and what a plan made now would say.
    fn still_true(
        &self,
        path: &str,
        line: &Line,
        (stack, before): (Option<&StackDescription>, &Template),
        moment: Moment,
    ) -> Result<(), Failure> {
        let operation = stack.map_or("", |stack| stack.last_operation.as_str());
        let state = stack.map_or("it does not exist".to_string(), |stack| {
            format!("{} since {}", stack.status, stack.changed)
        });
        let moved: Vec<String> = [
            (
                "the blueprint".to_string(),
                self.blueprint_digest == digest(&line.document.source.text),
            ),
            ("the lock".to_string(), self.lock == line.plan.ledger.to_text()),
            ("the template".to_string(), self.template_digest == digest(&line.template.to_json())),
            (
                format!("the stack ({state})"),
                moment == Moment::Ours || self.stack_operation == operation,
            ),
        ]
        .into_iter()
        .filter_map(|(what, same)| (!same).then_some(what))
        .collect();
        if moved.is_empty() {
            return Ok(());
        }
        Err(stale(
            path,
            format!(
                "changed since the preview: {}{}",
                moved.join(", "),
                self.otherwise(line, before)
            ),
        ))
    }

    /// Resources that a plan made now would touch and this one does not, and the other way round.
    fn otherwise(&self, line: &Line, before: &Template) -> String {
        let now = preview::compare(&self.stack, before, &line.template, &line.graph);
        let now: BTreeSet<&str> = now.changes.iter().map(|change| change.id.as_str()).collect();
        let planned = self.preview["changes"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|change| change["logicalId"].as_str());
        let planned: BTreeSet<&str> = planned.collect();
        let list = |words: &str, ids: Vec<&&str>| match ids.as_slice() {
            [] => String::new(),
            ids if ids.len() <= 5 => {
                format!("; {words} {}", ids.iter().map(|id| **id).collect::<Vec<_>>().join(", "))
            }
            [first, rest @ ..] => format!("; {words} {first} and {} more", rest.len()),
        };
        let (more, less) = (now.difference(&planned).collect(), planned.difference(&now).collect());
        format!(
            "{}{}",
            list("a new plan would also change", more),
            list("and would not change", less)
        )
    }
}
