//! `eksnet instances`

use std::collections::BTreeSet;

use crate::facts::instances;
use crate::report::instances as report;

use super::args::{Format, Instances};
use super::output::{self, Stop};
use super::{Common, DONE};

pub fn run(common: &Common, args: &Instances) -> Result<u8, Stop> {
    let all = instances::all();
    let families: BTreeSet<&str> = all.iter().map(|instance| family(instance.name)).collect();
    let named = |word: &str, name: &str| {
        let own = family(name);
        let begins = !families.contains(word) && !word.contains('.') && own.starts_with(word);
        name == word || own == word || begins
    };
    let asked =
        |name: &str| args.types.is_empty() || args.types.iter().any(|word| named(word, name));
    let found: Vec<_> = all.iter().copied().filter(|instance| asked(instance.name)).collect();
    let strange =
        args.types.iter().find(|word| !all.iter().any(|instance| named(word, instance.name)));
    if let Some(word) = strange {
        let near = Some(word)
            .and_then(|word| crate::blueprint::nearest(word, instances::names().into_iter()));
        let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
        return Err(Stop::Usage(format!(
            "no instance type of {} is called `{word}`{near}",
            instances::as_of()
        )));
    }
    output::data(&match common.output {
        Format::Json => report::json(&found),
        _ => report::human(&found, output::view(false)),
    });
    Ok(DONE)
}

/// `m6i` of `m6i.xlarge`. A word names a type, a family, or the beginning of families (`m6`).
fn family(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}
