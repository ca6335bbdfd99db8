//! `eksnet survey`

use std::path::Path;

use crate::aws;
use crate::aws::survey::Scope;
use crate::blueprint::model::Vpc;
use crate::diagnostic::Failure;
use crate::fleet::target;
use crate::observed::Survey;
use crate::survey::{document, redact};
use crate::terminal::{block_on_reading, moment};
use crate::{report, session};

use super::super::args;
use super::super::line::{self, Opened};
use super::super::output::{self, Stop};
use super::super::{Common, DONE};

/// Where to read, and what.
struct Wanted {
    region: String,
    scope: Scope,
}

pub fn run(common: &Common, args: &args::Survey) -> Result<u8, Stop> {
    let wanted = wanted(common, args)?;
    let survey = block_on_reading(read(common, &wanted))?;
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
    let survey = block_on_reading(read(common, &wanted))?;
    told(common, &survey);
    Ok(survey)
}

async fn read(common: &Common, wanted: &Wanted) -> Result<Survey, Failure> {
    let account = aws::connect(&super::target(common, &wanted.region)).await?;
    session::of_account(&account, &wanted.scope, &moment()).await
}

/// What was read in a line, and what was not.
fn told(common: &Common, survey: &Survey) {
    report::session::surveyed(survey).iter().for_each(|line| output::note(common, line));
}
