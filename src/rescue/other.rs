//! A blueprint and a survey of different networks: what is said of the one is nothing that the other asks for.

use crate::blueprint::Blueprint;
use crate::diagnostic::Diagnostic;
use crate::observed::Survey;
use crate::rules::EXI_09;

/// Where the blueprint names another VPC, cluster or Region than the survey is of.
pub fn of_another(blueprint: &Blueprint, survey: &Survey) -> Vec<Diagnostic> {
    let header = &survey.header;
    // A redacted survey has other names for everything.
    if header.redacted {
        return Vec::new();
    }
    let vpc = blueprint.vpc.as_ref().and_then(|vpc| vpc.id.as_deref());
    let existing = blueprint.cluster.as_ref().and_then(|cluster| cluster.existing.as_deref());
    let made = blueprint.cluster.as_ref().map(|_| blueprint.metadata.name.as_str());
    let (place, cluster) = match existing {
        Some(name) => ("cluster.existing", Some(name)),
        None => ("metadata.name", made),
    };
    let read = |name: &str| Some(name.to_string()).filter(|name| !name.is_empty());
    let pairs = [
        ("metadata.region", Some(blueprint.metadata.region.as_str()), read(&header.region)),
        ("vpc.id", vpc, read(&header.vpc)),
        (place, cluster, header.cluster.clone()),
    ];
    let of_another = pairs.into_iter().filter_map(|(place, own, read)| {
        let (own, read) = own.zip(read).filter(|(own, read)| own != read)?;
        let finding = EXI_09.at(place, format!("the survey is of `{read}`, not of `{own}`"));
        Some(finding.hint("make a survey of what the blueprint names, or name its blueprint"))
    });
    of_another.collect()
}
