//! `eksnet survey`

use std::path::Path;
use std::time::SystemTime;

use crate::aws::survey::{self as reads, Scope};
use crate::aws::{self, Account, Target};
use crate::blueprint::model::Vpc;
use crate::diagnostic::Failure;
use crate::observed::{Observed, Survey};
use crate::report::counted;
use crate::survey::{document, redact};

use super::super::args;
use super::super::line::{self, Opened};
use super::super::output::{self, Stop};
use super::super::{Common, DONE, target};
use super::block_on_reading;

/// Where to read, and what.
struct Wanted {
    region: String,
    scope: Scope,
}

pub fn run(common: &Common, args: &args::Survey) -> Result<u8, Stop> {
    let wanted = wanted(common, args)?;
    let survey = block_on_reading(async { Ok(read(common, &wanted).await?) })?;
    let survey = if args.redact { redact::redacted(&survey) } else { survey };
    told(common, &survey);
    let text = document::write(&survey);
    match &args.out {
        None => output::data(&text),
        Some(path) => {
            let inputs: Vec<&Path> = args.file.as_deref().map(Path::new).into_iter().collect();
            target::write(path, &text, &inputs)?;
            output::note(common, &format!("survey written: {}", path.display()));
        }
    }
    Ok(DONE)
}

/// From the command line, or as the blueprint and its stack say.
fn wanted(common: &Common, args: &args::Survey) -> Result<Wanted, Stop> {
    let kubernetes = !args.no_kubernetes;
    let Some(file) = &args.file else {
        let region = common.region.clone().or_else(region_of_environment).ok_or_else(|| {
            Stop::Usage("which Region? Give `--region`, or set AWS_REGION".to_string())
        })?;
        let (vpc, cluster) = (args.vpc.clone(), args.cluster.clone());
        let scope = Scope { vpc, cluster, kubernetes, ..Scope::default() };
        return Ok(Wanted { region, scope });
    };
    let opened = line::open(file, common)?;
    let blueprint = &opened.document.blueprint;
    let region = blueprint.metadata.region.clone();
    let id = blueprint.vpc.as_ref().and_then(|vpc| vpc.id.clone());
    let pools = blueprint.vpc.as_ref().map(Vpc::ipam_pools).unwrap_or_default();
    let cluster = blueprint
        .cluster
        .as_ref()
        .map(|cluster| cluster.existing.clone().unwrap_or_else(|| blueprint.metadata.name.clone()));
    let vpc = match id {
        Some(id) => Some(id),
        None => Some(vpc_of_stack(common, opened)?),
    };
    Ok(Wanted { region, scope: Scope { vpc, cluster, kubernetes, pools } })
}

/// The VPC of a stack that is deployed.
fn vpc_of_stack(common: &Common, opened: Opened) -> Result<String, Stop> {
    let (opened, observed) = super::observe(common, opened)?;
    let stack = observed.stack.read().and_then(Option::as_ref);
    let vpc = stack.and_then(|stack| stack.description.vpc()).map(str::to_string);
    Ok(vpc.ok_or_else(|| {
        Failure::new(format!("the stack `{}` has no VPC yet", opened.stack()))
            .hint("deploy it first, or read another VPC: `eksnet survey --vpc vpc-…`")
    })?)
}

fn region_of_environment() -> Option<String> {
    ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(|name| std::env::var(name).ok())
}

/// A survey that is made now, for a command that wants one.
pub fn fresh(
    common: &Common,
    file: Option<&str>,
    (cluster, vpc): (Option<&str>, Option<&str>),
) -> Result<Survey, Stop> {
    let args = args::Survey {
        file: file.filter(|_| cluster.is_none() && vpc.is_none()).map(str::to_string),
        cluster: cluster.map(str::to_string),
        vpc: vpc.map(str::to_string),
        out: None,
        redact: false,
        no_kubernetes: false,
    };
    let wanted = wanted(common, &args)?;
    let survey = block_on_reading(async { Ok(read(common, &wanted).await?) })?;
    told(common, &survey);
    Ok(survey)
}

async fn read(common: &Common, wanted: &Wanted) -> Result<Survey, Failure> {
    let target = Target {
        region: wanted.region.clone(),
        profile: common.profile.clone(),
        role: common.assume_role.clone(),
        endpoint: common.endpoint_url.clone(),
    };
    let account = aws::connect(&target).await?;
    of_account(&account, &wanted.scope).await
}

/// A survey of an account that is connected.
pub async fn of_account(account: &Account, scope: &Scope) -> Result<Survey, Failure> {
    let moment = aws::moment(SystemTime::now());
    reads::read(account, scope, &moment)
        .await
        .map_err(|refusal| Failure::new("cannot make the survey").because(refusal))
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

/// What a command that is online knows of the VPC and cluster that its blueprint names.
pub async fn of_blueprint(account: &Account, opened: &Opened) -> Result<Observed, Failure> {
    let Some(scope) = scope(opened) else { return Ok(Observed::default()) };
    let survey = of_account(account, &scope).await?;
    Ok(Observed { survey: Some(Box::new(survey)), ..Observed::default() })
}

/// What was read in a line, and what was not.
fn told(common: &Common, survey: &Survey) {
    let many = |part: Option<usize>, thing: &str| counted(part.unwrap_or(0), thing);
    let vpc = &survey.vpc;
    output::note(
        common,
        &format!(
            "{}: {}, {}, {}",
            survey.header.vpc,
            many(vpc.subnets.read().map(Vec::len), "subnet"),
            many(vpc.route_tables.read().map(Vec::len), "route table"),
            many(vpc.interfaces.read().map(Vec::len), "interface"),
        ),
    );
    let unread = survey.unread();
    if !unread.is_empty() {
        output::note(common, "could not read (`eksnet iam survey` prints the rights):");
        unread.iter().for_each(|one| output::note(common, &format!("  {one}")));
    }
}
