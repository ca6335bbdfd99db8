//! `eksnet destroy`

use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::Duration;

use crate::aws::port::{Orphan, Orphans, StackResource};
use crate::aws::{Account, Clusters, Networks, Refusal, Stacks};
use crate::deploy::{self, Clock, Condition, Event, Outcome};
use crate::diagnostic::Failure;
use crate::facts::{eks, regions};
use crate::intent::Intent;
use crate::observed::{Observed, StackDescription};
use crate::preview::forecast;
use crate::template::Template;

use super::super::args::{Destroy, Format};
use super::super::output::{self, Stop};
use super::super::{Common, DONE, line};
use super::watch::Viewer;
use super::{after, clock, connect, deployed, nonce, unprotect_cluster, unread, watch};

/// How often a deletion is tried again after what was in its way is gone.
const ROUNDS: usize = 3;

pub fn run(common: &Common, args: &Destroy) -> Result<u8, Stop> {
    super::block_on(destroy(common, args))?
}

/// Everything that is known before anything goes.
struct Scene<'s> {
    common: &'s Common,
    args: &'s Destroy,
    account: &'s Account,
    intent: &'s Intent,
    stack: StackDescription,
    before: Template,
    /// Logical ids of what is still there.
    standing: BTreeSet<String>,
    vpc: String,
    /// The cluster stands, with or without EKS's own protection against deletion.
    cluster: Option<bool>,
}

async fn destroy(common: &Common, args: &Destroy) -> Result<u8, Stop> {
    let intent = line::open(&args.file, common)?.draft(common, &Observed::default())?;
    let account = connect(common, &intent).await?;
    let name = intent.stack();
    let Some(stack) = at_rest(common, args, &account, &name).await? else {
        gone(common, &name);
        return Ok(DONE);
    };
    let before = deployed(&account, &name).await?.deployed_template();
    let resources = account
        .resources(&name)
        .await
        .map_err(|refusal| unread("the stack's resources", refusal))?;
    let vpc = resources
        .iter()
        .find(|resource| resource.kind == "AWS::EC2::VPC")
        .map_or(String::new(), |vpc| vpc.physical_id.clone());
    let own = resources.iter().any(|resource| {
        resource.kind == "AWS::EKS::Cluster" && resource.status != "DELETE_COMPLETE"
    });
    let cluster = account
        .cluster(&intent.name)
        .await
        .map_err(|refusal| unread("the cluster", refusal))?
        .filter(|_| own);
    let standing = resources
        .iter()
        .filter(|resource| resource.status != "DELETE_COMPLETE")
        .map(|resource| resource.id.clone())
        .collect();
    let scene = Scene {
        common,
        args,
        account: &account,
        intent: &intent,
        stack,
        before,
        standing,
        vpc,
        cluster: cluster.map(|cluster| cluster.deletion_protection),
    };
    scene.show(&resources);
    let orphans = scene.orphans(scene.cluster.is_some()).await;
    scene.stand_aside()?;
    let consent = scene.consent(&orphans).await?;
    confirm(args, &intent).await?;
    scene.unprotect().await?;
    if !scene.vpc.is_empty() && !regions::WITH_RESERVATIONS.contains(&intent.region.name) {
        after::release(&account, &scene.vpc).await.map_err(|refusal| {
            Failure::new("cannot give back the subnets' reservations").because(refusal)
        })?;
    }
    scene.take_down(consent, orphans).await
}

fn gone(common: &Common, name: &str) {
    match common.output {
        Format::Json => output::data(&format!(
            "{}\n",
            serde_json::json!({ "event": "outcome", "outcome": "done", "status": "ABSENT", "stack": name })
        )),
        _ => output::data(&format!("stack {name} does not exist\n")),
    }
}

/// The stack once nothing else is done to it: CloudFormation deletes none that is being worked on. A deletion under way is this one.
async fn at_rest(
    common: &Common,
    args: &Destroy,
    account: &Account,
    name: &str,
) -> Result<Option<StackDescription>, Stop> {
    loop {
        let stack = account
            .describe(name)
            .await
            .map_err(|refusal| unread(&format!("stack `{name}`"), refusal))?;
        let busy = deploy::condition(stack.as_ref()) == Condition::Busy
            && stack.as_ref().is_some_and(|stack| !stack.status.starts_with("DELETE"));
        if !busy {
            return Ok(stack);
        }
        output::note(common, &format!("stack {name}: an operation is under way, following it"));
        super::deploy::follow(
            common,
            account,
            (name, false),
            &format!("nothing was deleted; run `eksnet destroy {}` again", args.file),
        )
        .await?;
    }
}

impl Scene<'_> {
    fn show(&self, resources: &[StackResource]) {
        let standing = resources.iter().filter(|resource| resource.status != "DELETE_COMPLETE");
        let mut kinds = std::collections::BTreeMap::<&str, usize>::new();
        standing.for_each(|resource| *kinds.entry(&resource.kind).or_default() += 1);
        self.note(&format!(
            "stack {} ({}) would go, and with it",
            self.stack.name, self.stack.status
        ));
        kinds.iter().for_each(|(kind, count)| self.note(&format!("  {count} × {kind}")));
        let kept = self.retained();
        if !kept.is_empty() {
            self.note("what stays");
            kept.iter().for_each(|one| self.note(&format!("  {one}")));
        }
    }

    fn note(&self, text: &str) {
        output::note(self.common, text);
    }

    /// What CloudFormation leaves alone, and what EKS leaves behind.
    fn retained(&self) -> Vec<String> {
        let keeps = |resource: &serde_json::Value| {
            resource["DeletionPolicy"].as_str().is_some_and(|policy| policy.starts_with("Retain"))
        };
        let kept = self.before.resources().filter(|(_, resource)| keeps(resource));
        let mut all: Vec<String> = kept
            .map(|(id, resource)| {
                format!(
                    "{id} ({}): retained by its deletion policy",
                    resource["Type"].as_str().unwrap_or_default()
                )
            })
            .collect();
        let logs = self
            .before
            .resource("Cluster")
            .is_some_and(|cluster| cluster["Properties"]["Logging"].is_object());
        if logs {
            all.push(format!(
                "log group {}: EKS made it and does not delete it",
                eks::log_group(&self.intent.name)
            ));
        }
        all
    }

    /// What Kubernetes left, said at once.
    async fn orphans(&self, cluster_stands: bool) -> Orphans {
        if self.vpc.is_empty() {
            return Orphans::default();
        }
        let mut orphans = self.account.orphans(&self.vpc, &self.intent.name).await;
        if cluster_stands {
            // The cluster's own group goes with the cluster.
            let (now, later) = deploy::removable(&orphans.found, true);
            orphans.found = [later, now].concat();
        }
        for what in &orphans.unread {
            self.note(&format!("not looked for, because it could not be read: {what}"));
        }
        if !orphans.found.is_empty() {
            self.note("in the way, made by Kubernetes outside the stack");
            orphans.found.iter().for_each(|orphan| self.note(&format!("  {orphan}")));
        }
        if !orphans.others.is_empty() {
            self.note("in the way, and not the cluster's: the subnets cannot go before these do");
            orphans.others.iter().for_each(|other| self.note(&format!("  {other}")));
        }
        orphans
    }

    fn protected(&self) -> bool {
        self.stack.protected || self.cluster == Some(true)
    }

    /// What needs a decision before anything is deleted.
    fn stand_aside(&self) -> Result<(), Failure> {
        if self.protected() && !self.args.unprotect {
            return Err(Failure::new("the stack is protected against deletion")
                .hint("--unprotect switches the protection of stack and cluster off first"));
        }
        Ok(())
    }

    /// Whether what Kubernetes left may be removed: a question of its own.
    async fn consent(&self, orphans: &Orphans) -> Result<bool, Stop> {
        let count = orphans.found.len();
        if self.args.orphans || count == 0 {
            return Ok(self.args.orphans);
        }
        let when = if self.cluster.is_some() { " once the cluster is gone" } else { "" };
        if watch::confirmed(&format!("remove these {count}{when}?"), "--orphans").await? {
            return Ok(true);
        }
        let failure = Failure::new(format!(
            "{count} things that Kubernetes left would keep the VPC alive: nothing was deleted"
        ));
        Err(failure.hint("remove them yourself, or say yes (`--orphans`)").into())
    }

    /// The same for what turned up while the stack went: nodes leave interfaces behind when they stop.
    async fn consent_again(&self, count: usize) -> bool {
        let asked =
            watch::confirmed(&format!("remove these {count}, and go on?"), "--orphans").await;
        if asked.is_err() {
            self.note("`--orphans` removes them");
        }
        asked.unwrap_or(false)
    }

    async fn unprotect(&self) -> Result<(), Stop> {
        watch::uninterrupted()?;
        if self.stack.protected {
            let off = self.account.protect(&self.intent.stack(), false).await;
            off.map_err(|refusal| {
                Failure::new("cannot switch termination protection off").because(refusal)
            })?;
        }
        if self.cluster == Some(true) {
            watch::unless_interrupted(
                unprotect_cluster(self.common, self.account, &self.intent.name),
                "nothing was deleted, and the protection is off",
            )
            .await?;
        }
        Ok(())
    }

    /// Deletes, clears away, and deletes again where something was left in the way.
    async fn take_down(&self, mut consent: bool, orphans: Orphans) -> Result<u8, Stop> {
        let again = format!("run `eksnet destroy {}` again to follow it", self.args.file);
        let viewer = Viewer::new(
            self.common,
            &self.stack.name,
            forecast::of_removal(&self.before, |id| self.standing.contains(id)),
        );
        viewer.announce();
        let (now, mut later) = deploy::removable(&orphans.found, self.cluster.is_some());
        self.left(&viewer.watch(self.clear(consent, &now, &viewer), &again).await?);
        let mut stack = self.stack.clone();
        for round in 1..=ROUNDS {
            let outcome =
                viewer.watch(self.delete(&stack, (consent, &later), &viewer), &again).await?;
            let Outcome::Stuck { .. } = &outcome else {
                return Ok(self.ended(&outcome));
            };
            // The cluster is gone now, if it ever goes.
            later = self.orphans(false).await.found;
            let another = !later.is_empty() && round < ROUNDS;
            consent = consent || another && self.consent_again(later.len()).await;
            if !another || !consent {
                self.note("what could not be deleted is still there and still in the stack");
                return Ok(self.ended(&outcome));
            }
            self.left(&viewer.watch(self.clear(consent, &later, &viewer), &again).await?);
            stack = self
                .account
                .describe(&self.stack.id)
                .await
                .map_err(|refusal| unread("the stack", refusal))?
                .unwrap_or(stack);
        }
        unreachable!("the last round returns")
    }

    fn ended(&self, outcome: &Outcome) -> u8 {
        let path = match outcome {
            Outcome::Done { took, .. } => {
                forecast::critical_path(took, &forecast::reversed(&forecast::needs(&self.before)))
            }
            _ => Vec::new(),
        };
        watch::ended(
            self.common,
            (outcome, &path),
            &|_| None,
            &format!("remove what is in the way, then `eksnet destroy {}` again", self.args.file),
        )
    }

    /// The deletion, and beside it the removal of what only the cluster kept alive, from the moment that it is gone.
    async fn delete(
        &self,
        stack: &StackDescription,
        (consent, later): (bool, &[Orphan]),
        viewer: &Viewer<'_>,
    ) -> Result<Outcome, Failure> {
        let (cluster_gone, over) = (Cell::new(false), Cell::new(false));
        let deletion = async {
            let mut see = |event: Event| {
                if matches!(&event, Event::Resource { kind, status, .. } if kind == "AWS::EKS::Cluster" && status == "DELETE_COMPLETE")
                {
                    cluster_gone.set(true);
                }
                viewer.see(&event);
            };
            let outcome =
                deploy::destroy(self.account, &clock(), (stack, &nonce()), &mut see).await;
            over.set(true);
            outcome
        };
        let clearing = async {
            while !cluster_gone.get() && !over.get() {
                clock().sleep(Duration::from_millis(200)).await;
            }
            if cluster_gone.get() {
                self.clear(consent, later, viewer).await
            } else {
                Ok(Vec::new())
            }
        };
        let (outcome, left) = tokio::join!(deletion, clearing);
        self.left(&left?);
        outcome
    }

    async fn clear(
        &self,
        consent: bool,
        orphans: &[Orphan],
        viewer: &Viewer<'_>,
    ) -> Result<Vec<(Orphan, Refusal)>, Failure> {
        if !consent || orphans.is_empty() {
            return Ok(Vec::new());
        }
        Ok(deploy::clear(self.account, &clock(), orphans, &mut |event: Event| viewer.see(&event))
            .await)
    }

    fn left(&self, left: &[(Orphan, Refusal)]) {
        left.iter().for_each(|(orphan, refusal)| {
            self.note(&format!("warning: {orphan} is still there: {refusal}"))
        });
    }
}

async fn confirm(args: &Destroy, intent: &Intent) -> Result<(), Stop> {
    let typed = match &args.confirm {
        Some(name) => Some(name.clone()),
        None => {
            watch::answer(&format!(
                "type the cluster's name (`{}`) to delete all of it:",
                intent.name
            ))
            .await?
        }
    };
    match typed {
        Some(name) if name == intent.name => Ok(()),
        Some(name) => {
            Err(Failure::new(format!("`{name}` is not `{}`: nothing was deleted", intent.name))
                .into())
        }
        None => Err(Failure::new("nobody is there to confirm: nothing was deleted")
            .hint(format!("--confirm {}", intent.name))
            .into()),
    }
}
