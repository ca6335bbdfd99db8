//! `eksnet survey`

use std::path::Path;

use crate::aws;
use crate::aws::survey::Scope;
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

pub fn run(common: &Common, args: &args::Survey) -> Result<u8, Stop> {
    let (vpc, cluster) = (args.vpc.clone(), args.cluster.clone());
    let scope = Scope { vpc, cluster, kubernetes: !args.no_kubernetes, ..Scope::default() };
    let survey = read(common, args.file.as_deref(), scope)?;
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

/// Where to read, and what: from the command line, or as the blueprint and its stack say.
fn wanted(common: &Common, file: Option<&str>, scope: Scope) -> Result<(String, Scope), Stop> {
    let Some(file) = file else {
        let region = common.region.clone().or_else(region_of_environment).ok_or_else(|| {
            Stop::Usage("which Region? Give `--region`, or set AWS_REGION".to_string())
        })?;
        return Ok((region, scope));
    };
    let opened = line::open(file, common)?;
    let blueprint = &opened.document.blueprint;
    let region = blueprint.metadata.region.clone();
    let mut scope = Scope { kubernetes: scope.kubernetes, ..Scope::of(blueprint) };
    if scope.vpc.is_none() {
        scope.vpc = Some(vpc_of_stack(common, opened)?);
    }
    Ok((region, scope))
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
    let (cluster, vpc) = (cluster.map(str::to_string), vpc.map(str::to_string));
    let file = file.filter(|_| cluster.is_none() && vpc.is_none());
    let scope = Scope { vpc, cluster, kubernetes: true, ..Scope::default() };
    let survey = read(common, file, scope)?;
    told(common, &survey);
    Ok(survey)
}

/// Reads what the scope says, or what a blueprint and its stack say.
fn read(common: &Common, file: Option<&str>, scope: Scope) -> Result<Survey, Stop> {
    let (region, scope) = wanted(common, file, scope)?;
    Ok(block_on_reading(async {
        let account = aws::connect(&super::target(common, &region)).await?;
        session::of_account(&account, &scope, &moment()).await
    })?)
}

/// What was read in a line, and what was not.
fn told(common: &Common, survey: &Survey) {
    report::session::surveyed(survey).iter().for_each(|line| output::note(common, line));
}
