//! Service accounts of the author's, each with its role.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::intent::iam::{PodIdentity, PodRoleSource};
use crate::intent::{Cluster, Intent, Tags};

use super::role::{Account, PodIdentityAssociation, PodRole, RoleTerms};
use super::value::{GetAtt, tags};
use super::{Graph, id};

pub fn build(intent: &Intent, cluster: &Cluster, graph: &mut Graph) {
    for identity in &cluster.pod_identities {
        let stem = stem(identity, &cluster.pod_identities);
        let role = match &identity.role {
            PodRoleSource::Existing(arn) => json!(arn),
            PodRoleSource::Policies(policies) => {
                let id = format!("PodRole{stem}");
                let role = PodRole {
                    policies: json!(policies),
                    own_policies: None,
                    tags: tags(intent, &identity.service_account, &Tags::new()),
                    terms: RoleTerms::of(intent, &id),
                };
                graph.add(&id, &identity.path, &role);
                json!(GetAtt(id, "Arn"))
            }
            PodRoleSource::Undecided => continue,
        };
        let account = Account {
            namespace: identity.namespace.clone(),
            name: identity.service_account.clone(),
        };
        graph.add(
            format!("PodIdentity{stem}"),
            &identity.path,
            &PodIdentityAssociation::of(intent, account, role),
        );
    }
}

/// Names that differ in `-` and `.` alone are one in letters: all but the first by name have a digest of theirs.
fn stem(identity: &PodIdentity, all: &[PodIdentity]) -> String {
    let own = plain(identity);
    let names = |one: &PodIdentity| (one.namespace.clone(), one.service_account.clone());
    let is_taken = |other: &PodIdentity| plain(other) == own && names(other) < names(identity);
    if !all.iter().any(is_taken) {
        return own;
    }
    let account = format!("{}/{}", identity.namespace, identity.service_account);
    let digest = format!("{:x}", Sha256::digest(account.as_bytes()));
    format!("{own}{}", &digest[..6])
}

fn plain(identity: &PodIdentity) -> String {
    format!("{}In{}", id::pascal(&identity.service_account), id::pascal(&identity.namespace))
}
