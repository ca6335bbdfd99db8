//! The doctor before and after a deployment into a cluster that exists.

use crate::aws::Account;
use crate::aws::survey::Scope;
use crate::diagnostic::Failure;
use crate::doctor::{self, Diagnosis};
use crate::observed::{Observed, Survey};
use crate::report::doctor as written;

use super::super::line::Opened;
use super::super::output;
use super::super::{Common, DONE, FAILED};
use super::survey;

/// How the cluster was before the changes.
pub struct Health {
    scope: Scope,
    before: Diagnosis,
}

/// Judges what was read for the plan; none where the blueprint names no cluster.
pub fn before(common: &Common, opened: &Opened, observed: &Observed) -> Option<Health> {
    let scope = survey::scope(opened).filter(|scope| scope.cluster.is_some())?;
    let before = doctor::judge(observed.survey.as_deref()?, &[]);
    let sick: Vec<&str> = before.roots.iter().map(|found| found.check.id).collect();
    if !sick.is_empty() {
        let text =
            format!("sick before the changes: {} (`eksnet doctor` shows why)", sick.join(", "));
        output::note(common, &text);
    }
    Some(Health { scope, before })
}

/// Reads and judges again after changes that succeeded; a new root is a failure, so that a rollout ends here.
pub async fn after(
    common: &Common,
    account: &Account,
    (health, code): (Option<Health>, u8),
) -> Result<u8, Failure> {
    let Some(health) = health.filter(|_| code == DONE) else { return Ok(code) };
    let survey = match survey::of_account(account, &health.scope).await {
        Ok(survey) => survey,
        Err(failure) => {
            let text =
                format!("the cluster was not examined after the changes: {}", failure.chain());
            output::note(common, &text);
            return Ok(code);
        }
    };
    let Some(told) = stops(&health.before, &survey) else { return Ok(code) };
    output::note(common, "deployed, and sick since then:\n");
    output::note(common, &told);
    Ok(FAILED)
}

/// What is sick now and was not before, in words; none where a rollout may go on.
fn stops(before: &Diagnosis, now: &Survey) -> Option<String> {
    let diagnosis = doctor::judge(now, &[]);
    let fresh = doctor::fresh(before, &diagnosis);
    (!fresh.is_empty()).then(|| written::fresh(&fresh))
}

#[cfg(test)]
mod tests {
    use super::stops;
    use crate::doctor;
    use crate::observed::Survey;
    use crate::survey::document;

    /// One subnet of nodes with so many free addresses.
    fn world(free: u64) -> Survey {
        let text = serde_json::json!({
            "schemaVersion": 1,
            "header": {"vpc": "vpc-1"},
            "vpc": {
                "subnets": {"read": [{"id": "subnet-1", "cidr": "10.0.0.0/24", "available": free}]},
                "reservations": {"read": []},
                "interfaces": {"read": []},
            },
            "eks": {"nodeGroups": {"read": [{"name": "general", "status": "ACTIVE", "subnets": ["subnet-1"]}]}},
        });
        document::parse(&text.to_string()).unwrap()
    }

    #[test]
    fn only_what_is_sick_since_the_changes_stops_a_rollout() {
        let of = |free| doctor::judge(&world(free), &[]);
        let told = stops(&of(100), &world(0)).unwrap();
        assert!(told.contains("NJ-14") && told.contains("subnet-1"), "{told}");
        assert_eq!(stops(&of(0), &world(0)), None);
        assert_eq!(stops(&of(0), &world(100)), None);
        // What nobody could read before may have been sick then.
        assert_eq!(stops(&doctor::judge(&Survey::default(), &[]), &world(0)), None);
    }
}
