//! What policies of endpoints admit.

use serde_json::Value;

use crate::facts::endpoints::NODE_ACTIONS;
use crate::observed::Unread;
use crate::observed::survey::{Survey, VpcEndpoint};
use crate::survey::found::is_like;

use super::nodes::{ENDPOINTS, is_available};
use super::verdict::{Judged, Proof, Sick, known};

/// NJ-29
pub fn calls_refused(survey: &Survey) -> Judged {
    let endpoints = known(&survey.vpc.endpoints, ENDPOINTS)?;
    let answers =
        |one: &&VpcEndpoint| one.kind == "Interface" && one.private_dns && is_available(one);
    let mut sick = Vec::new();
    for endpoint in endpoints.iter().filter(answers) {
        let Some(policy) = &endpoint.policy else { continue };
        let of = |service: &str| endpoint.service.ends_with(&format!(".{service}"));
        let Some((service, actions)) = NODE_ACTIONS.iter().find(|(service, _)| of(service)) else {
            continue;
        };
        let refused: Vec<&str> =
            actions.iter().copied().filter(|action| !admits_some(policy, action)).collect();
        if refused.is_empty() || !is_called(survey, service)? {
            continue;
        }
        let (actions, id) = (refused.join(", "), &endpoint.id);
        let proof = Proof {
            read: ENDPOINTS,
            resource: id.clone(),
            field: "PolicyDocument",
            seen: format!("no {actions}"),
            wanted: "allowed: nodes call it by this endpoint".into(),
        };
        let cause = format!("the policy of {id} ({service}) refuses what nodes call: {actions}");
        sick.push(
            Sick::proven(cause, proof, format!("allow {actions} in the policy of {id}"))
                .or(format!("aws ec2 modify-vpc-endpoint --vpc-endpoint-id {id} --reset-policy")),
        );
    }
    Ok(sick)
}

/// Whether roles of pods come from the service; nodes call the others in any case.
fn is_called(survey: &Survey, service: &str) -> Result<bool, Unread> {
    Ok(match service {
        "sts" => {
            let addons = known(&survey.eks.addons, "eks:ListAddons")?;
            addons.iter().any(|one| one.service_account_role.is_some())
        }
        "eks-auth" => {
            !known(&survey.eks.pod_identities, "eks:ListPodIdentityAssociations")?.is_empty()
        }
        _ => true,
    })
}

/// Whether a policy allows an action on a resource. Conditions may hold: they refuse nothing here.
pub fn admits(policy: &Value, action: &str, resource: &str) -> bool {
    let of = |one: &Value, effect: &str| {
        one["Effect"] == effect
            && is_about(one, ("Action", "NotAction"), action)
            && is_about(one, ("Resource", "NotResource"), resource)
    };
    judged(policy, of)
}

/// The same for an action on whatever it is that is called: a denial counts where it is of everything.
fn admits_some(policy: &Value, action: &str) -> bool {
    let of = |one: &Value, effect: &str| {
        let whole = effect == "Allow" || one["Resource"] == "*" && one["Principal"] == "*";
        one["Effect"] == effect && whole && is_about(one, ("Action", "NotAction"), action)
    };
    judged(policy, of)
}

fn judged(policy: &Value, of: impl Fn(&Value, &str) -> bool) -> bool {
    let statements = match &policy["Statement"] {
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    };
    let denied = statements.iter().any(|one| of(one, "Deny") && one["Condition"].is_null());
    !denied && statements.iter().any(|one| of(one, "Allow"))
}

fn is_about(statement: &Value, (key, not): (&str, &str), text: &str) -> bool {
    let texts = |value: &Value| -> Vec<String> {
        match value {
            Value::Array(all) => {
                all.iter().filter_map(|one| one.as_str()).map(str::to_string).collect()
            }
            one => one.as_str().map(str::to_string).into_iter().collect(),
        }
    };
    let like =
        |all: Vec<String>| all.iter().any(|one| is_like(&one.to_lowercase(), &text.to_lowercase()));
    match &statement[not] {
        Value::Null => like(texts(&statement[key])),
        except => !like(texts(except)),
    }
}
