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
        let stem = stem(identity);
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

/// From the two names alone, so that no other identity ever changes it: names that others could be read as have a digest of theirs.
fn stem(identity: &PodIdentity) -> String {
    let (account, namespace) = (&identity.service_account, &identity.namespace);
    let own = format!("{}In{}", id::pascal(account), id::pascal(namespace));
    if is_unmistakable(account) && is_unmistakable(namespace) {
        return own;
    }
    let digest = format!("{:x}", Sha256::digest(format!("{namespace}/{account}").as_bytes()));
    format!("{own}{}", &digest[..6])
}

/// Whether a name can be told from its letters in a logical id: each word begins with a letter, and none is the one between the two names.
fn is_unmistakable(name: &str) -> bool {
    name.split('-').all(|word| {
        let is_named = word.starts_with(|letter: char| letter.is_ascii_lowercase());
        is_named && word != "in" && !word.contains('.')
    })
}
