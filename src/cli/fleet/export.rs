//! `eksnet fleet export`

use crate::fleet::export;
use crate::fleet::whole::Whole;
use crate::report::{escape, fleet_json, json};
use crate::source;

use super::super::args::{Engine, FleetExport, Format};
use super::super::output::{self, Stop};
use super::super::{Common, DONE};
use super::{broken, open};

pub fn run(common: &Common, args: &FleetExport) -> Result<u8, Stop> {
    if matches!((&args.to, &common.output), (Engine::Gitlab, Format::Json)) {
        return Err(Stop::Usage(
            "`--to gitlab` writes YAML: leave `--output json` out".to_string(),
        ));
    }
    let whole = open(common, &args.fleet, &[])?;
    if whole.is_broken() {
        return broken(common, whole);
    }
    let wave = whole.wave(args.wave.as_deref()).map_err(Stop::Usage)?;
    match args.to {
        Engine::GithubMatrix => {
            let matrix = export::github(&whole.jobs(wave))?.to_string();
            output::data(&format!("{}\n", escape::json(&matrix)));
        }
        Engine::Gitlab => {
            output::data(&export::gitlab(&whole.jobs(wave), &whole.roster.ground));
        }
        Engine::Stacksets => stack_sets(common, args, &whole, wave)?,
    }
    Ok(DONE)
}

fn stack_sets(
    common: &Common,
    args: &FleetExport,
    whole: &Whole,
    wave: Option<usize>,
) -> Result<(), Stop> {
    let sets = whole.stack_sets(wave)?;
    for set in &sets {
        for limit in &set.limits {
            output::note(common, &format!("warning: StackSet {}: {limit}", set.name));
        }
    }
    if let Some(folder) = &args.out {
        for set in &sets {
            let file = |ending: &str| folder.join(format!("{}.{ending}.json", set.name));
            source::write_whole(&file("template"), &json(&set.template))?;
            source::write_whole(&file("instances"), &json(&fleet_json::instances(set)))?;
        }
        output::note(common, &format!("{} StackSets written to {}", sets.len(), folder.display()));
    }
    output::data(&fleet_json::stack_sets(&sets, args.out.is_none()));
    Ok(())
}
