//! The doctor before and after a deployment into a cluster that exists.

use crate::aws::Account;
use crate::aws::survey::Scope;
use crate::diagnostic::Failure;
use crate::doctor::{self, Diagnosis};
use crate::observed::Observed;
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
    let diagnosis = doctor::judge(&survey, &[]);
    let fresh = doctor::fresh(&health.before, &diagnosis);
    if fresh.is_empty() {
        return Ok(code);
    }
    output::note(common, "deployed, and sick since then:\n");
    output::note(common, &written::fresh(&fresh));
    Ok(FAILED)
}
