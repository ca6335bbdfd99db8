//! Fargate profiles with every default filled in.

use std::collections::BTreeMap;

use crate::blueprint::model::{self, Use};

use super::{Choices, Tier};

#[derive(Clone, Debug)]
pub struct FargateProfile {
    pub name: String,
    pub path: String,
    pub tier: String,
    pub selectors: Vec<Selector>,
    /// Planned at once.
    pub pods: u64,
}

#[derive(Clone, Debug)]
pub struct Selector {
    pub namespace: String,
    pub labels: BTreeMap<String, String>,
}

pub fn resolve(
    written: Option<&Vec<model::FargateProfile>>,
    tiers: &[Tier],
    choices: &mut Choices,
) -> Vec<FargateProfile> {
    let profiles = written.into_iter().flatten().enumerate();
    profiles.map(|(at, profile)| one(format!("fargate[{at}]"), profile, tiers, choices)).collect()
}

fn one(
    path: String,
    profile: &model::FargateProfile,
    tiers: &[Tier],
    choices: &mut Choices,
) -> FargateProfile {
    let tier = profile.tier.clone().unwrap_or_else(|| {
        let name = tiers
            .iter()
            .find(|tier| tier.serves(Use::Nodes))
            .map(|tier| tier.name.clone())
            .unwrap_or_default();
        choices.note(
            format!("fargate {}: tier", profile.name),
            &name,
            "the first tier that serves nodes",
        );
        name
    });
    let selector = |selector: &model::FargateSelector| Selector {
        namespace: selector.namespace.clone(),
        labels: selector.labels.clone().unwrap_or_default(),
    };
    FargateProfile {
        name: profile.name.clone(),
        path,
        tier,
        selectors: profile.selectors.iter().map(selector).collect(),
        pods: u64::from(profile.pods.unwrap_or(0)),
    }
}
