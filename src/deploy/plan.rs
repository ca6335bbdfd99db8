//! A saved plan: what was reviewed is what runs, or nothing does.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::aws::{Connected, Stacks};
use crate::diagnostic::Failure;
use crate::ledger::Ledger;
use crate::line::Compiled;
use crate::observed::{Observed, Part, StackDescription};
use crate::preview::{self, Change, Part as Update, Preview};
use crate::template::Template;

use super::addresses;
use super::apply::{self, Run};
use super::aws_node::run as aws_node;
use super::deployment::Deployment;
use super::in_parts::{Agreement, Edit, Standing};
use super::{Clock, Decide, Outcome, Pause, STACK, Stage, follow_other, succeeded, unread};

const SCHEMA_VERSION: u32 = 3;

/// A change set that was shown, and everything it was made from.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plan {
    schema_version: u32,
    /// The blueprint's file.
    pub file: String,
    pub stack: String,
    pub region: String,
    account: String,
    /// In UTC, such as `2026-11-21T16:00:00Z`.
    created: String,
    expires: String,
    /// Its name and its ARN. `None`: nothing was to be changed.
    change_set: Option<(String, String)>,
    /// Tiers whose subnets may be replaced.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub moves: BTreeSet<String>,
    /// What was looked up beside the stack: versions of add-ons, and aws-node as it ran.
    pub observed: Observed,
    /// The stack's last operation when the change set was made.
    stack_operation: String,
    blueprint_digest: String,
    /// The lock's text once the plan is accepted.
    lock: String,
    template_digest: String,
    /// At least one; only the first has a change set.
    parts: Vec<Planned>,
    preview: serde_json::Value,
    /// Over all of the above.
    digest: String,
}

/// One update of a plan.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Planned {
    pub title: String,
    /// Of the part's template.
    pub template_digest: String,
    /// What it is expected to change: logical ids, each with `add`, `modify`, `replace` or `remove`.
    pub preview: BTreeMap<String, String>,
}

impl Planned {
    /// The parts of what was shown; all of it where one is enough.
    pub fn of(preview: &Preview, compiled: &Compiled) -> Vec<Self> {
        let one = |title: String, template: &Template, preview: &Preview| Self {
            title,
            template_digest: digest(&template.to_json()),
            preview: signs(preview),
        };
        let part = |part: &Update| one(part.heading(), &part.template, &part.preview);
        match preview.parts.as_slice() {
            [] => vec![one("everything".to_string(), &compiled.template, preview)],
            parts => parts.iter().map(part).collect(),
        }
    }

    /// Whether a change set does what was expected of the part; else what differs.
    fn holds(&self, now: &Preview) -> Result<(), String> {
        let now = signs(now);
        let differs: BTreeSet<&String> = now
            .keys()
            .chain(self.preview.keys())
            .filter(|id| now.get(*id) != self.preview.get(*id))
            .collect();
        if differs.is_empty() {
            return Ok(());
        }
        let ids: Vec<&str> = differs.into_iter().map(String::as_str).collect();
        Err(format!("its change set is not as reviewed: {}", ids.join(", ")))
    }
}

fn signs(preview: &Preview) -> BTreeMap<String, String> {
    let sign = |change: &Change| (change.id.clone(), change.change_kind().word().to_string());
    preview.changes.iter().map(sign).collect()
}

/// What is known when a plan is made, beside the line.
pub struct Making<'m> {
    pub file: &'m str,
    /// The account that the stack is in.
    pub account: String,
    /// In UTC.
    pub created: String,
    pub expires: String,
    /// Its name and its ARN.
    pub change_set: Option<(String, String)>,
    /// The stack's last one.
    pub stack_operation: String,
    /// Tiers whose subnets may be replaced.
    pub moves: BTreeSet<String>,
    pub parts: Vec<Planned>,
}

/// What a plan may find of the stack's last operation.
#[derive(Clone, Copy, PartialEq)]
pub enum Moment {
    /// The one that was reviewed.
    Reviewed,
    /// The plan's own.
    Ours,
}

fn stale(path: &str, why: impl Into<String>) -> Failure {
    Failure::new(format!("the plan `{path}` cannot be executed"))
        .because(why.into())
        .hint("make a new plan with `eksnet diff --save`, and review it")
}

fn digest(text: &str) -> String {
    format!("{:x}", Sha256::digest(text.as_bytes()))
}

/// How a plan ended.
pub enum Ended {
    /// Nothing was to be changed.
    NoChange,
    /// An earlier run had executed it, wholly or in part.
    TakenUp(Outcome),
    Executed(Outcome),
}

/// Executes a saved plan's change set if nothing it was made from has moved; one that was begun is followed to its end. `path` is the
/// plan's file.
pub async fn run<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    (plan, path): (&Plan, &str),
) -> Result<Ended, Failure> {
    let (line, now) = (deployment.compiled, (deployment.stack, deployment.before));
    let done = plan.parts_done(deployment.before);
    if 0 < done && !under_way_now(deployment.stack) {
        plan.still_true(path, line, now, Moment::Ours)?;
        return plan
            .run_parts(stage, deployment, Standing { done, ..Standing::of(deployment) })
            .await;
    }
    if plan.begun(stage.world).await? {
        plan.still_true(path, line, now, Moment::Ours)?;
        return take_up(stage, deployment, plan).await.map(Ended::TakenUp);
    }
    plan.still_true(path, line, now, Moment::Reviewed)?;
    still_allocated(stage, deployment, path).await?;
    let beside = aws_node::changes(stage.world, line, deployment.before).await;
    let lines = beside.lines();
    if plan.preview["kubernetes"] != serde_json::json!(lines) {
        let why = format!("aws-node changed after the plan was reviewed: {}", lines.join("; "));
        return Err(stale(path, why));
    }
    if let Some(set) = &plan.change_set {
        plan.change_set_is_as_reviewed(path, (stage.world, line), set).await?;
        if 1 < plan.parts.len() {
            let change_set = Some(set.0.clone());
            let standing = Standing { change_set, ..Standing::of(deployment) };
            return plan.run_parts(stage, deployment, standing).await;
        }
        if let Some(who) = apply::overtaken(stage, deployment).await? {
            return Err(stale(path, who));
        }
        let outcome = apply::execute_plan(stage, deployment, (&set.0, &beside)).await?;
        return Ok(Ended::Executed(outcome));
    }
    // A plan that changes nothing still sees to what comes after a deployment.
    let take_over = aws_node::gate(stage, deployment, &beside).await?;
    if let Some(stack) = deployment.stack {
        apply::complete(stage, deployment, (stack, take_over)).await?;
    }
    Ok(Ended::NoChange)
}

/// Ranges that were allocated before the VPC is made may have been given back since: by then they are nobody's, or another's.
async fn still_allocated<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    path: &str,
) -> Result<(), Failure> {
    let ranges = &deployment.compiled.plan.ledger.kept.ranges;
    let is_new = deployment.before.is_empty();
    if !is_new || ranges.values().all(|range| range.allocation.is_none()) {
        return Ok(());
    }
    let gone = addresses::released(stage, ranges).await?;
    match gone.iter().find_map(|name| ranges.get(name)) {
        Some(range) => {
            Err(stale(path, format!("IPAM has released {} of {}", range.cidr, range.from)))
        }
        None => Ok(()),
    }
}

/// A plan whose change set was executed by an earlier run: followed, and whatever comes after it done.
async fn take_up<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    plan: &Plan,
) -> Result<Outcome, Failure> {
    let outcome = match deployment.stack.filter(|stack| succeeded(&stack.status)) {
        Some(stack) => Outcome::Done {
            stack: stack.clone(),
            elapsed: Duration::ZERO,
            took: BTreeMap::new(),
            left: Vec::new(),
        },
        None => {
            let again = format!(
                "run the same command, or `eksnet deploy {}`, again to follow it",
                plan.file
            );
            follow_other(stage, (&plan.stack, false), &again).await?
        }
    };
    if let ([_, next, ..], Outcome::Done { elapsed, .. }) = (plan.parts.as_slice(), &outcome) {
        return Ok(Outcome::BetweenParts {
            stack: plan.stack.clone(),
            done: 1,
            count: plan.parts.len(),
            next: next.title.clone(),
            pause: Pause::Asked,
            elapsed: *elapsed,
        });
    }
    apply::finish(stage, deployment, (outcome, deployment.options.take_over)).await
}

fn under_way_now(stack: Option<&StackDescription>) -> bool {
    stack.is_some_and(|stack| stack.status.ends_with("_IN_PROGRESS"))
}

impl Plan {
    /// How many of several parts are deployed: the stack has the template of the last of them.
    fn parts_done(&self, before: &Template) -> usize {
        let standing = digest(&before.to_json());
        let [parts @ .., _] = self.parts.as_slice() else { return 0 };
        let last = parts.iter().rposition(|part| part.template_digest == standing);
        last.map_or(0, |at| at + 1)
    }

    /// The parts that are left, as long as each is as it was reviewed.
    async fn run_parts<W: Connected, C: Clock, D: Decide>(
        &self,
        stage: &Stage<'_, W, C, D>,
        deployment: &Deployment<'_>,
        standing: Standing,
    ) -> Result<Ended, Failure> {
        let whole = deployment.compared();
        let single = Update::all(&whole, &deployment.compiled.template);
        let rest = if whole.parts.is_empty() { &single[..] } else { &whole.parts[..] };
        let planned = &self.parts[standing.done..];
        let same = rest.len() == planned.len()
            && rest
                .iter()
                .zip(planned)
                .all(|(part, planned)| digest(&part.template.to_json()) == planned.template_digest);
        // Parts that are deployed stand for themselves, so that numbers stay those of the plan.
        let done = whole.parts.first().or(single.first()).cloned();
        let done = std::iter::repeat_n(done, standing.done).flatten();
        let parts: Vec<Update> = done.chain(rest.iter().cloned()).collect();
        let holds = |number: usize, preview: &Preview| match self.parts.get(number - 1) {
            Some(planned) if same => planned.holds(preview),
            _ => Err("the rest of the edit is not what was reviewed".to_string()),
        };
        let agreement = Agreement::Planned(&holds);
        match (Edit { stage, deployment, parts: &parts, agreement }).run(standing).await? {
            Run::Ended(outcome) => Ok(Ended::Executed(outcome)),
            Run::NoChange | Run::Declined => Ok(Ended::NoChange),
            Run::Overtaken(who) => Err(stale(&self.file, who)),
        }
    }

    /// With a digest over everything in it, by which a plan that was edited afterwards is refused.
    pub fn new(making: Making<'_>, compiled: &Compiled, preview: serde_json::Value) -> Self {
        let plan = Self {
            schema_version: SCHEMA_VERSION,
            file: making.file.to_string(),
            stack: compiled.intent.stack(),
            region: compiled.intent.region.name.to_string(),
            account: making.account,
            created: making.created,
            expires: making.expires,
            change_set: making.change_set,
            moves: making.moves,
            observed: Observed { stack: Part::Unasked, ..compiled.observed.clone() },
            stack_operation: making.stack_operation,
            blueprint_digest: digest(&compiled.document.source.text),
            lock: compiled.plan.ledger.to_text(),
            template_digest: digest(&compiled.template.to_json()),
            parts: making.parts,
            preview,
            digest: String::new(),
        };
        Self { digest: plan.own_digest(), ..plan }
    }

    /// In UTC, such as `2026-11-21T16:00:00Z`: from then on the plan is refused.
    pub fn expires(&self) -> &str {
        &self.expires
    }

    /// The change set of the plan is there, and was made from this template.
    pub async fn change_set_is_as_reviewed(
        &self,
        path: &str,
        (account, line): (&impl Stacks, &Compiled),
        (name, id): &(String, String),
    ) -> Result<(), Failure> {
        let set = account.change_set(&self.stack, name).await.map_err(|refusal| {
            stale(path, format!("its change set no longer exists: {refusal}"))
        })?;
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
        let sent = sent.map_err(unread("the template of the change set"))?;
        let made = Template::parse(&sent)?;
        let first = self.parts.first().map(|part| &part.template_digest);
        let whole = self.parts.len() < 2 && made == line.template;
        match whole || first == Some(&digest(&made.to_json())) {
            true => Ok(()),
            false => Err(stale(path, "its change set was made from another template")),
        }
    }

    fn own_digest(&self) -> String {
        let without = Self { digest: String::new(), ..self.clone() };
        digest(&serde_json::to_string(&without).unwrap_or_default())
    }

    /// Reads a plan's text; `now` is written as the plan writes moments.
    pub fn from_text(text: &str, path: &str, now: &str) -> Result<Self, Failure> {
        let version = serde_json::from_str::<serde_json::Value>(text)
            .ok()
            .and_then(|value| value["schemaVersion"].as_u64());
        if version.is_some_and(|version| version != u64::from(SCHEMA_VERSION)) {
            return Err(stale(path, "another version of eksnet wrote it"));
        }
        let plan: Self = serde_json::from_str(text).map_err(|cause| {
            Failure::new(format!("cannot read the plan `{path}`"))
                .because(cause)
                .hint("a plan is what `eksnet diff --save` writes")
        })?;
        if plan.digest != plan.own_digest() {
            return Err(stale(path, "it was edited"));
        }
        if plan.expires.as_str() <= now {
            let why =
                format!("it was made at {} and was valid until {}", plan.created, plan.expires);
            return Err(stale(path, why));
        }
        Ok(plan)
    }

    /// A plan is for the account that it was made in.
    pub async fn of_this_account(
        &self,
        path: &str,
        account: &impl Connected,
    ) -> Result<(), Failure> {
        let here = account.identity().await.map_err(unread("the caller's identity"))?;
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
    pub async fn begun(&self, account: &impl Stacks) -> Result<bool, Failure> {
        let Some((name, _)) = &self.change_set else {
            return Ok(false);
        };
        let stack = account.describe(&self.stack).await;
        let stack = stack.map_err(unread("the stack"))?;
        if stack.is_none_or(|stack| stack.status == "REVIEW_IN_PROGRESS") {
            return Ok(false);
        }
        let events =
            account.events(&self.stack, None).await.map_err(unread("the stack's events"))?;
        Ok(events
            .iter()
            .rev()
            .find(|event| event.kind == STACK)
            .is_some_and(|event| event.token == *name))
    }

    /// Everything the plan was made from, as it is now; a failure names all that has moved, and what a plan made now would say.
    pub fn still_true(
        &self,
        path: &str,
        line: &Compiled,
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
            ("the lock".to_string(), self.gives_out(&line.plan.ledger)),
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

    /// By what the lock says: add-ons that were left to EKS are known to be so only once they are there.
    fn gives_out(&self, ledger: &Ledger) -> bool {
        let own = Ledger::from_text(&self.lock, &self.file);
        own.is_ok_and(|own| own.says_the_same(ledger) && own.generation == ledger.generation)
    }

    /// Resources that a plan made now would touch and this one does not, and the other way round.
    fn otherwise(&self, line: &Compiled, before: &Template) -> String {
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
