//! `eksnet fleet export`

use serde_json::{Value, json};

use crate::diagnostic::Failure;
use crate::fleet::export::{self, Job, MOST_JOBS};
use crate::fleet::stack_sets::{self, StackSet};
use crate::fleet::whole::Whole;
use crate::report;
use crate::source;

use super::super::args::{Engine, FleetExport, Format};
use super::super::judged::show;
use super::super::output::{self, Stop};
use super::super::{Common, DONE};
use super::check;
use super::open;

pub fn run(common: &Common, args: &FleetExport) -> Result<u8, Stop> {
    if matches!((&args.to, &common.output), (Engine::Gitlab, Format::Json)) {
        return Err(Stop::Usage(
            "`--to gitlab` writes YAML: leave `--output json` out".to_string(),
        ));
    }
    let whole = open(common, &args.fleet, &[])?;
    if whole.is_broken() {
        let (judged, unread) = whole.judged();
        return match common.output {
            Format::Json => show(common, &[], judged, unread),
            _ => check::human(common, judged, unread),
        };
    }
    let wave = whole.wave(args.wave.as_deref()).map_err(Stop::Usage)?;
    match args.to {
        Engine::GithubMatrix => {
            let jobs = jobs(&whole, wave);
            if MOST_JOBS < jobs.len() {
                return Err(Failure::new(format!(
                    "a matrix of {} members is too large",
                    jobs.len()
                ))
                .because(format!("GitHub runs at most {MOST_JOBS} jobs of one matrix"))
                .hint("export wave after wave: `--wave NAME`")
                .into());
            }
            output::data(&format!(
                "{}\n",
                report::escape::json(&export::github(&jobs).to_string())
            ));
        }
        Engine::Gitlab => output::data(&export::gitlab(&jobs(&whole, wave), &whole.roster.ground)),
        Engine::Stacksets => stack_sets(common, args, &whole, wave)?,
    }
    Ok(DONE)
}

fn jobs(whole: &Whole, wave: Option<usize>) -> Vec<Job> {
    let ground = &whole.roster.ground;
    let members = whole.members.iter().flatten().filter_map(|judged| judged.member.as_ref());
    let own = members.filter(|member| wave.is_none() || ground.wave(&member.name) == wave);
    own.map(|member| Job::of(&member.name, &member.region, &member.file, ground)).collect()
}

fn stack_sets(
    common: &Common,
    args: &FleetExport,
    whole: &Whole,
    wave: Option<usize>,
) -> Result<(), Stop> {
    let ground = &whole.roster.ground;
    let lines = whole.each(|_, file, compile| {
        let line = compile()?;
        let (name, region) = (&line.intent.name, line.intent.region.name);
        let job = Job::of(name, region, &file.shown, ground);
        Ok((wave.is_none() || ground.wave(name) == wave).then_some((job, line.compiled.template)))
    });
    let lines: Result<Vec<_>, Stop> = lines.into_iter().collect();
    let lines: Vec<_> = lines?.into_iter().flatten().collect();
    if let Some((job, _)) = lines.iter().find(|(job, _)| job.account.is_none()) {
        return Err(Failure::new(format!("`{}` has no account", job.name))
            .because("a StackSet is deployed to accounts")
            .hint("name it under `accounts` in fleet.yaml")
            .into());
    }
    let members: Vec<_> = lines.iter().map(|(job, template)| (job.clone(), template)).collect();
    let sets = stack_sets::of(&members);
    for set in &sets {
        for limit in &set.limits {
            output::note(common, &format!("warning: StackSet {}: {limit}", set.name));
        }
    }
    if let Some(folder) = &args.out {
        for set in &sets {
            let file = |ending: &str| folder.join(format!("{}.{ending}.json", set.name));
            source::write_whole(&file("template"), &report::json(&set.template))?;
            source::write_whole(&file("instances"), &report::json(&instances(set)))?;
        }
        output::note(common, &format!("{} StackSets written to {}", sets.len(), folder.display()));
    }
    let row = |set: &StackSet| {
        json!({
            "name": set.name,
            "parameters": set.template["Parameters"].as_object().map_or(0, serde_json::Map::len),
            "bytes": set.template.to_string().len(),
            "limits": set.limits,
            "instances": instances(set),
            "template": if args.out.is_some() { Value::Null } else { set.template.clone() },
        })
    };
    let rows: Vec<Value> = sets.iter().map(row).collect();
    output::data(&report::json(&json!({ "schemaVersion": 1, "stackSets": rows })));
    Ok(())
}

/// As `create-stack-instances` is called for each.
fn instances(set: &StackSet) -> Value {
    let row = |instance: &stack_sets::Instance| {
        let overrides = instance.overrides.iter();
        let overrides: Vec<Value> = overrides
            .map(|(name, value)| json!({ "ParameterKey": name, "ParameterValue": value }))
            .collect();
        json!({
            "member": instance.member,
            "Accounts": [instance.account],
            "Regions": [instance.region],
            "ParameterOverrides": overrides,
        })
    };
    set.instances.iter().map(row).collect()
}
