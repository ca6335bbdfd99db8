//! Whether the API answers from where the doctor runs.

use crate::facts::ports::EVERYBODY;
use crate::observed::Unread;
use crate::observed::survey::{EksCluster, Survey};

use super::cast::{CLUSTER, cluster};
use super::verdict::{Judged, Proof, Sick, known};

/// The read that stands for all of them where nobody answers.
const NOBODY: &str = "eks:AccessKubernetesApi";
/// How connections fail that nobody lets in.
const WORDS: [&str; 5] = ["timed out", "timeout", "connect", "unreachable", "deadline"];

/// CP-03
pub fn not_from_here(survey: &Survey) -> Judged {
    let mut parts = survey.unread().into_iter();
    let silent = parts.find(|one| {
        let why = one.why.to_lowercase();
        one.action == NOBODY && WORDS.iter().any(|word| why.contains(word))
    });
    let Some(silent) = silent else {
        known(&survey.kubernetes.nodes, NOBODY)?;
        return Ok(Vec::new());
    };
    let Some(found) = cluster(survey)? else { return Ok(Vec::new()) };
    match gate(found) {
        Some((field, seen, wanted)) => {
            let proof = Proof { read: CLUSTER, resource: found.name.clone(), field, seen, wanted };
            let cause = "the API does not answer from here: its endpoint admits others only";
            let fix = "run it inside the VPC, or add your address to `cluster.endpointAccess.publicCidrs`";
            let command = format!(
                "aws eks update-cluster-config --name {} --resources-vpc-config publicAccessCidrs=…, or use a network that it admits",
                found.name
            );
            let sick = Sick::proven(cause, proof, fix).or(command);
            Ok(vec![sick.and(Proof {
                read: NOBODY,
                resource: found.endpoint.clone(),
                field: "connection",
                seen: silent.why.clone(),
                wanted: "an answer".into(),
            })])
        }
        None => Err(Unread::clone(silent)),
    }
}

/// The setting of the endpoint that keeps callers out: field, value, and what lets them in.
fn gate(found: &EksCluster) -> Option<(&'static str, String, String)> {
    if !found.endpoint_public {
        let wanted = "true, or a route into the VPC";
        let field = "resourcesVpcConfig.endpointPublicAccess";
        return Some((field, "false".into(), wanted.into()));
    }
    let everybody =
        found.public_cidrs.is_empty() || found.public_cidrs.iter().any(|one| one == EVERYBODY);
    let field = "resourcesVpcConfig.publicAccessCidrs";
    (!everybody).then(|| (field, found.public_cidrs.join(", "), "the caller's address".into()))
}
