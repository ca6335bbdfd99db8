//! Everything that decides what a blueprint means: its stack, the VPC and the cluster that it names, and the versions that it leaves open.
//! The line pins them.

use crate::aws::observe::{self, Scope as Reads};
use crate::aws::survey::{Scope, Surveys};
use crate::aws::{Connected, Stacks, World};
use crate::blueprint::model::Vpc;
use crate::deploy::aws_node::run as aws_node;
use crate::deploy::{Clock, Condition, Decide, condition, preflight, unread};
use crate::diagnostic::{Diagnostic, Failure};
use crate::facts::eks;
use crate::intent::Intent;
use crate::intent::aws_node::Version;
use crate::line::Stopped;
use crate::observed::{Observed, Part, Stack, StackDescription, Survey};
use crate::opened::{Line, Opened};
use crate::template::Template;

use super::{Chosen, Note, Session, State, description};

impl<W: Connected + Surveys, C: Clock, D: Decide> Session<'_, W, C, D> {
    /// The blueprint over what IPAM gave, and everything that decides what it means.
    pub async fn observe(&self, opened: Opened) -> Result<(Opened, Observed), Stopped> {
        let opened = self.learned(opened).await?;
        let observed = self.read(&opened).await?;
        self.tell_state(&observed);
        Ok((opened, observed))
    }

    /// Everything that decides what the blueprint means.
    pub(super) async fn read(&self, opened: &Opened) -> Result<Observed, Stopped> {
        let (world, name) = (self.world, opened.stack());
        let observed = self.deployed(&name).await?;
        let observed = with_subnets(world, opened, observed).await;
        let observed = observed.and(self.surveyed(opened).await?);
        let intent = opened.draft(&observed)?;
        let observed = observed.and(offered(world, &intent).await);
        let template = observed.deployed_template();
        let stack = Stack::of(&template);
        let (running, sizes) = tokio::join!(
            aws_node::running(world, &intent, &stack),
            observe::sizes(world, &name, &template)
        );
        let observed = Observed { aws_node: running, sizes, ..observed };
        self.tell_versions(&intent, &observed);
        Ok(observed)
    }

    /// The deployed stack alone.
    pub(super) async fn deployed(&self, name: &str) -> Result<Observed, Failure> {
        deployed(self.world, name).await
    }

    /// What is known of the VPC and the cluster that the blueprint names.
    async fn surveyed(&self, opened: &Opened) -> Result<Observed, Failure> {
        let Some(scope) = scope(opened) else { return Ok(Observed::default()) };
        let survey = of_account(self.world, &scope, &(self.now)()).await?;
        Ok(Observed { survey: Some(Box::new(survey)), ..Observed::default() })
    }

    /// Findings of the preflight in their places.
    pub(super) async fn preflight(
        &self,
        line: &Line,
        deployed: (Option<&StackDescription>, &Template),
    ) -> Vec<Diagnostic> {
        let found = preflight(self.world, line, deployed).await;
        found.unread.into_iter().for_each(|what| self.note(Note::Unchecked(what)));
        crate::check::judged(&line.document, found.findings, &self.asked.profiles, false)
    }

    /// The same for a blueprint that stands by itself (`check --online`), with what the stack tells of it.
    pub async fn checked(&self, opened: Opened) -> Result<Vec<Diagnostic>, Stopped> {
        let observed = self.read(&opened).await?;
        let (before, stack) = (observed.deployed_template(), description(&observed));
        let line = opened.compile(observed)?;
        Ok(self.preflight(&line, (stack.as_ref(), &before)).await)
    }

    /// A stack that is not at rest is told before what it would become.
    fn tell_state(&self, observed: &Observed) {
        let Some(stack) = description(observed) else { return };
        let state = match condition(Some(&stack)) {
            Condition::Deployed => return,
            Condition::Absent => State::Empty,
            Condition::Busy => State::Busy,
            _ => State::Broken,
        };
        self.note(Note::State { stack: stack.name, status: stack.status, state });
    }

    fn tell_versions(&self, intent: &Intent, observed: &Observed) {
        let Some(cluster) = &intent.cluster else { return };
        let kubernetes = || cluster.version.clone();
        match observed.account.addons.get(eks::VPC_CNI) {
            Some(Part::Read(offered)) => {
                let newest = offered.newest_first.first();
                let (version, chosen) = match cluster.aws_node.version {
                    Version::Latest(_) => (newest, Chosen::Newest),
                    _ => (offered.default.as_ref().or(newest), Chosen::Default),
                };
                if let Some(version) = version.cloned() {
                    self.note(Note::CniVersion { version, chosen, kubernetes: kubernetes() });
                }
            }
            Some(Part::Unread(why)) => self.note(Note::CniVersionUnread(why.clone())),
            _ => {}
        }
        if let Part::Unread(why) = &observed.sizes {
            self.note(Note::SizesUnread(why.clone()));
        }
        let settings = cluster.aws_node.settings.names().count();
        match &observed.aws_node {
            Part::Read(Some(running)) if running.version.is_none() => {
                self.note(Note::AwsNodeNameless);
            }
            Part::Unread(why) => {
                self.note(Note::AwsNodeUnread { settings, why: why.why.clone() });
            }
            _ => {}
        }
    }
}

/// The deployed stack alone.
async fn deployed(stacks: &impl Stacks, name: &str) -> Result<Observed, Failure> {
    let read = observe::stack(stacks, name).await;
    read.map_err(|(what, refusal)| unread(&what)(refusal))
}

/// A survey of an account that is connected. `moment` is now.
pub async fn of_account(
    world: &impl Surveys,
    scope: &Scope,
    moment: &str,
) -> Result<Survey, Failure> {
    let read = world.survey(scope, moment).await;
    read.map_err(|refusal| Failure::new("cannot make the survey").because(refusal))
}

/// The VPC and the cluster that a blueprint names; none where it makes its own VPC.
pub fn scope(opened: &Opened) -> Option<Scope> {
    let blueprint = &opened.document.blueprint;
    let vpc = blueprint.vpc.as_ref().and_then(|vpc| vpc.id.clone())?;
    let cluster = blueprint.cluster.as_ref().and_then(|cluster| cluster.existing.clone());
    let kubernetes = cluster.is_some();
    let pools = blueprint.vpc.as_ref().map(Vpc::ipam_pools).unwrap_or_default();
    Some(Scope { vpc: Some(vpc), cluster, kubernetes, pools })
}

/// With the VPC's subnets, where some that the stack gave up may still be there, or where others may be in the place of new ones.
async fn with_subnets(world: &impl World, opened: &Opened, observed: Observed) -> Observed {
    let vpc = description(&observed).and_then(|stack| stack.vpc().map(str::to_string));
    let vpc = vpc.filter(|_| opened.has_tombstones() || opened.adds_subnets(&observed));
    let Some(vpc) = vpc else { return observed };
    let reads = Reads { vpc: Some(vpc), ..Reads::default() };
    observed.and(observe::observe(world, &reads).await)
}

/// What EKS offers of the add-ons whose versions are open.
async fn offered(world: &impl World, intent: &Intent) -> Observed {
    let Some(cluster) = &intent.cluster else { return Observed::default() };
    let node = &cluster.aws_node;
    let open = node.is_addon() && node.version.is_open();
    let own = open.then(|| eks::VPC_CNI.to_string());
    let others = cluster.addons.iter().filter(|addon| addon.version.is_open());
    let addons = own.into_iter().chain(others.map(|addon| addon.name.clone())).collect();
    let reads = Reads { addons, kubernetes: cluster.version.clone(), ..Reads::default() };
    observe::observe(world, &reads).await
}
