//! Fargate profiles with every default filled in.

use std::collections::BTreeMap;

use crate::blueprint::model::{self, Use};

use super::{Choices, Tier};

/// A profile and how many of its pods are planned for at once.
#[derive(Clone, Debug)]
pub struct FargateProfile {
    pub name: String,
    pub path: String,
    pub tier: String,
    pub selectors: Vec<Selector>,
    /// Planned at once.
    pub pods: u64,
}

/// Which pods run on Fargate; all of its labels have to match.
#[derive(Clone, Debug)]
pub struct Selector {
    pub namespace: String,
    pub labels: BTreeMap<String, String>,
}

impl Selector {
    /// Whether pods of a namespace with these labels run on Fargate: `*` and `?` stand for letters in namespaces, keys and values.
    pub fn takes(&self, namespace: &str, labels: &[(&str, &str)]) -> bool {
        let labelled = |(key, value): (&String, &String)| {
            labels.iter().any(|(own, text)| fits(key, own) && fits(value, text))
        };
        fits(&self.namespace, namespace) && self.labels.iter().all(labelled)
    }
}

fn fits(pattern: &str, text: &str) -> bool {
    let mut letters = pattern.chars();
    match letters.next() {
        None => text.is_empty(),
        Some('*') => {
            let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.any(|at| fits(letters.as_str(), &text[at..]))
        }
        Some(letter) => {
            let mut rest = text.chars();
            rest.next().is_some_and(|first| letter == '?' || letter == first)
                && fits(letters.as_str(), rest.as_str())
        }
    }
}

/// In the blueprint's order; a profile without a tier is in the first that serves nodes.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_takes_what_its_wildcards_say() {
        for (pattern, text, taken) in [
            ("kube-system", "kube-system", true),
            ("*", "kube-system", true),
            ("kube-*", "kube-system", true),
            ("?ube-system", "kube-system", true),
            ("k*m", "kube-system", true),
            ("**", "kube-system", true),
            ("kube-", "kube-system", false),
            ("?", "kube-system", false),
            ("", "kube-system", false),
        ] {
            assert_eq!(fits(pattern, text), taken, "{pattern}");
        }
    }

    #[test]
    fn a_selector_takes_pods_that_have_all_of_its_labels() {
        let selector = |labels: &[(&str, &str)]| Selector {
            namespace: "kube-system".into(),
            labels: labels
                .iter()
                .map(|(key, value)| (key.to_string(), value.to_string()))
                .collect(),
        };
        let own = [("k8s-app", "kube-dns"), ("eks.amazonaws.com/component", "coredns")];
        assert!(selector(&[]).takes("kube-system", &own));
        assert!(selector(&[("k8s-*", "kube-dn?")]).takes("kube-system", &own));
        assert!(!selector(&[("k8s-app", "metrics-server")]).takes("kube-system", &own));
        assert!(!selector(&[("k8s-app", "kube-dns"), ("team", "a")]).takes("kube-system", &own));
    }
}
