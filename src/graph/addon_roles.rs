//! What add-ons may do in AWS: a role for each of their service accounts, unless the author names one.

use serde::Serialize;
use serde_json::{Value, json};

use crate::facts::addons::{self, Identity};
use crate::intent::addons::{Addon, AddonRole};
use crate::intent::{Intent, Tags};

use super::role::{self, PodRole, RoleTerms, WebIdentityRole};
use super::value::{GetAtt, managed_policies, tags};
use super::{Graph, id};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PodIdentity {
    pub service_account: &'static str,
    pub role_arn: Value,
}

/// As the add-on names them.
#[derive(Default)]
pub struct Rights {
    pub web_identity: Option<Value>,
    /// None is not the same as nothing said: EKS would keep associations that are there.
    pub pod_identities: Option<Vec<PodIdentity>>,
}

pub fn build(intent: &Intent, addon: &Addon, graph: &mut Graph) -> Rights {
    match &addon.role {
        AddonRole::PodIdentity(identities) => pod_identities(intent, addon, identities, graph),
        AddonRole::WebIdentity(identities) => {
            let role = web_identity(intent, addon, identities, graph);
            Rights { web_identity: Some(role), pod_identities: Some(Vec::new()) }
        }
        AddonRole::Existing(arn, []) => {
            Rights { web_identity: Some(json!(arn)), pod_identities: None }
        }
        AddonRole::Existing(arn, identities) => {
            let bound = |one: &Identity| PodIdentity {
                service_account: one.service_account,
                role_arn: json!(arn),
            };
            Rights {
                web_identity: None,
                pod_identities: Some(identities.iter().map(bound).collect()),
            }
        }
        // What is known of it is taken away again.
        AddonRole::None => Rights {
            web_identity: None,
            pod_identities: addons::find(&addon.name)
                .filter(|row| !row.identities.is_empty())
                .map(|_| Vec::new()),
        },
        AddonRole::Unknown | AddonRole::Undecided => Rights::default(),
    }
}

/// The first role goes by the add-on, further ones by their service accounts too.
fn role_id(addon: &Addon, identities: &[Identity], one: &Identity) -> String {
    let account =
        if identities.len() == 1 { String::new() } else { id::pascal(one.service_account) };
    format!("AddonRole{}{account}", id::pascal(&addon.name))
}

fn pod_identities(
    intent: &Intent,
    addon: &Addon,
    identities: &[Identity],
    graph: &mut Graph,
) -> Rights {
    let mut bound = Vec::new();
    for one in identities.iter().filter(|one| !one.policies.is_empty()) {
        let id = role_id(addon, identities, one);
        let role = PodRole {
            policies: json!(managed_policies(one.policies)),
            own_policies: None,
            tags: tags(intent, one.service_account, &Tags::new()),
            terms: RoleTerms::of(intent, &id),
        };
        graph.add(&id, &addon.path, &role);
        bound.push(PodIdentity {
            service_account: one.service_account,
            role_arn: json!(GetAtt(id, "Arn")),
        });
    }
    Rights { web_identity: None, pod_identities: Some(bound) }
}

fn web_identity(
    intent: &Intent,
    addon: &Addon,
    identities: &[Identity],
    graph: &mut Graph,
) -> Value {
    role::oidc_provider(intent, &addon.path, graph);
    let accounts: Vec<(&str, &str)> =
        identities.iter().map(|one| (one.namespace, one.service_account)).collect();
    let mut policies: Vec<&str> = identities.iter().flat_map(|one| one.policies).copied().collect();
    policies.sort();
    policies.dedup();
    let id = format!("AddonRole{}", id::pascal(&addon.name));
    let role = WebIdentityRole {
        trust: role::trust(&accounts),
        policies: managed_policies(&policies),
        own_policies: None,
        tags: tags(intent, &addon.name, &Tags::new()),
        terms: RoleTerms::of(intent, &id),
    };
    graph.add(&id, &addon.path, &role);
    json!(GetAtt(id, "Arn"))
}
