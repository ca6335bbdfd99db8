//! An edit that is more than one update: part by part, each with a change set of its own. Nothing is remembered: a run that stops goes on
//! by comparing what stands with the target anew.

use std::time::Duration;

use crate::aws::Connected;
use crate::diagnostic::Failure;
use crate::observed::StackDescription;
use crate::preview::{Part, Preview, Title};
use crate::template::Template;

use super::apply::{self, Proposed, Run};
use super::deployment::{Deployment, Place};
use super::{Clock, Decide, Event, Left, Note, Outcome, Pause, Stage, discard, downgrade};

/// Proposes, shows, asks and executes, in as many updates as it takes.
pub async fn run<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
) -> Result<Run, Failure> {
    let whole = deployment.compared();
    apply::refused(deployment.compiled, &whole)?;
    downgrade::refused(stage.world, deployment, &whole).await?;
    if whole.parts.is_empty() {
        return apply::run_one(stage, deployment, &whole).await;
    }
    let agreement = Agreement::Asked(&whole);
    Edit { stage, deployment, parts: &whole.parts, agreement }.run(Standing::of(deployment)).await
}

/// Who agrees to a part.
pub enum Agreement<'a> {
    /// People, part by part; the first time they see the whole edit.
    Asked(&'a Preview),
    /// A saved plan: each part has to be as it was reviewed.
    Planned(&'a dyn Fn(usize, &Preview) -> Result<(), String>),
}

/// What a part begins with.
pub struct Standing {
    pub stack: Option<StackDescription>,
    pub template: Template,
    /// How many parts are deployed.
    pub done: usize,
    /// A change set of the next part that was made already.
    pub change_set: Option<String>,
}

impl Standing {
    /// Before the first part, with the stack as the deployment found it.
    pub fn of(deployment: &Deployment<'_>) -> Self {
        Self {
            stack: deployment.stack.cloned(),
            template: deployment.before.clone(),
            done: 0,
            change_set: None,
        }
    }
}

/// An edit on its way.
pub struct Edit<'e, 's, W, C, D> {
    pub stage: &'e Stage<'s, W, C, D>,
    pub deployment: &'e Deployment<'e>,
    pub parts: &'e [Part],
    pub agreement: Agreement<'e>,
}

/// How a part ended.
enum Step {
    Done(Option<StackDescription>, Vec<Left>),
    /// Nothing of it was begun, and why.
    Stopped(String),
    /// Others took addresses of it meanwhile.
    Overtaken(String),
    Ended(Outcome),
}

impl<W: Connected, C: Clock, D: Decide> Edit<'_, '_, W, C, D> {
    /// Part after part from `standing` on. It ends early where `--part` says so, before nodes whose CNI others install, at a no, and at a
    /// failure.
    pub async fn run(&self, mut standing: Standing) -> Result<Run, Failure> {
        let began = self.stage.clock.now();
        let (first, count) = (standing.done, self.parts.len());
        let mut last = None;
        let mut left = Vec::new();
        while standing.done < count {
            if self.deployment.options.until.is_some_and(|until| until <= standing.done) {
                return Ok(self.between(&standing, began, Pause::Asked));
            }
            let part = &self.parts[standing.done];
            if first < standing.done && matches!(part.title, Title::NodesOfCni(_)) {
                return Ok(self.between(&standing, began, Pause::Cni));
            }
            self.tell(&standing, part);
            match self.one(&standing, part).await? {
                Step::Done(stack, more) => {
                    left.extend(more);
                    standing = Standing {
                        stack: stack.clone().or(standing.stack),
                        template: part.template.clone(),
                        done: standing.done + 1,
                        change_set: None,
                    };
                    last = stack;
                }
                Step::Stopped(_) if standing.done == first && first == 0 => {
                    return Ok(Run::Declined);
                }
                Step::Overtaken(who) if standing.done == first => return Ok(Run::Overtaken(who)),
                Step::Stopped(why) | Step::Overtaken(why) => {
                    return Ok(self.between(&standing, began, Pause::Because(why)));
                }
                Step::Ended(outcome) => {
                    let (number, title) = (standing.done + 1, part.title.clone());
                    let note = Note::PartFailed { number, count, title, from: first };
                    self.stage.tell(Event::Note(note));
                    return Ok(Run::Ended(outcome));
                }
            }
        }
        let elapsed = self.stage.clock.now().saturating_sub(began);
        Ok(match last.or(standing.stack) {
            Some(stack) => {
                Run::Ended(Outcome::Done { stack, elapsed, took: Default::default(), left })
            }
            None => Run::NoChange,
        })
    }

    fn tell(&self, standing: &Standing, part: &Part) {
        self.stage.tell(Event::Part {
            number: standing.done + 1,
            count: self.parts.len(),
            title: part.title.called(&part.preview),
        });
    }

    fn between(&self, standing: &Standing, began: Duration, pause: Pause) -> Run {
        Run::Ended(Outcome::BetweenParts {
            stack: self.deployment.compiled.intent.stack(),
            done: standing.done,
            count: self.parts.len(),
            next: self.parts[standing.done].heading(),
            pause,
            elapsed: self.stage.clock.now().saturating_sub(began),
        })
    }

    async fn one(&self, standing: &Standing, part: &Part) -> Result<Step, Failure> {
        let place = Place { number: standing.done + 1, count: self.parts.len(), part };
        let one = Deployment {
            stack: standing.stack.as_ref(),
            before: &standing.template,
            part: Some(place),
            ..*self.deployment
        };
        let proposed = match &standing.change_set {
            Some(name) => Some((name.clone(), None)),
            None => apply::propose_one(self.stage, &one, &part.preview)
                .await?
                .map(|Proposed { name, preview, .. }| (name, Some(preview))),
        };
        let Some((name, preview)) = proposed else {
            return self.nothing(&one, standing).await;
        };
        let take_over = match &preview {
            Some(preview) => self.agreed(&one, preview).await,
            None => Ok(Ok(self.deployment.options.take_over)),
        };
        let Ok(Ok(take_over)) = take_over else {
            let stack = one.stack_name();
            discard(self.stage.world, &stack, &name, one.stack.is_none()).await;
            return take_over.map(|why| Step::Stopped(why.err().unwrap_or_default()));
        };
        if let Some(who) = apply::overtaken(self.stage, &one).await? {
            discard(self.stage.world, &one.stack_name(), &name, one.stack.is_none()).await;
            return Ok(Step::Overtaken(who));
        }
        if let Some(preview) = &preview {
            apply::settings_first(self.stage, &one, (preview, take_over)).await?;
        }
        let outcome = apply::carry_out(self.stage, &one, (&name, take_over)).await?;
        let Outcome::Done { stack, left, .. } = outcome else { return Ok(Step::Ended(outcome)) };
        if self.is_set_up_now(place.number) {
            apply::complete(self.stage, &one, (&stack, take_over)).await?;
        }
        Ok(Step::Done(Some(stack), left))
    }

    /// CloudFormation finds nothing to do in a part; what comes after the last one is done all the same.
    async fn nothing(&self, one: &Deployment<'_>, standing: &Standing) -> Result<Step, Failure> {
        if let (Some(stack), true) = (one.stack, standing.done + 1 == self.parts.len()) {
            let take_over = self.deployment.options.take_over;
            apply::complete(self.stage, one, (stack, take_over)).await?;
        }
        Ok(Step::Done(one.stack.cloned(), Vec::new()))
    }

    /// Whether settings may be taken over; why the part is not begun.
    async fn agreed(
        &self,
        one: &Deployment<'_>,
        preview: &Preview,
    ) -> Result<Result<bool, String>, Failure> {
        let number = one.part.map_or(1, |place| place.number);
        match &self.agreement {
            Agreement::Planned(same) => {
                if let Err(why) = same(number, preview) {
                    return Ok(Err(why));
                }
                super::aws_node::run::gate(self.stage, one, &preview.beside).await.map(Ok)
            }
            Agreement::Asked(whole) => {
                let shown =
                    if number == 1 { apply::with_first(whole, preview) } else { preview.clone() };
                self.stage.tell(Event::Preview(Box::new(shown)));
                let agreed = apply::agreed(self.stage, one, preview).await?;
                Ok(agreed.ok_or_else(|| "it was not confirmed".to_string()))
            }
        }
    }

    /// Whether only nodes and rights are left: aws-node is set up before they go.
    fn is_set_up_now(&self, done: usize) -> bool {
        let is_late = |part: &Part| {
            matches!(part.title, Title::Rights(_) | Title::Nodes { .. } | Title::NewNodes(_))
        };
        let rest = &self.parts[done..];
        !rest.is_empty() && rest.iter().all(is_late) && !is_late(&self.parts[done - 1])
    }
}
