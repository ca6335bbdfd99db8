//! The doctor before and after a deployment into a cluster that exists.

use crate::aws::Connected;
use crate::aws::survey::{Scope, Surveys};
use crate::deploy::{Clock, Decide};
use crate::doctor::{self, Check, Diagnosis, Sick};
use crate::observed::{Observed, Survey};
use crate::opened::Opened;

use super::{End, Note, Session, observe};

/// How the cluster was before the changes.
pub(super) struct Health {
    scope: Scope,
    before: Diagnosis,
}

impl<W: Connected + Surveys, C: Clock, D: Decide> Session<'_, W, C, D> {
    /// Judges what was read for the plan; none where the blueprint names no cluster.
    pub(super) fn health(&self, opened: &Opened, observed: &Observed) -> Option<Health> {
        let scope = observe::scope(opened).filter(|scope| scope.cluster.is_some())?;
        let before = doctor::judge(observed.survey.as_deref()?, &[]);
        let sick: Vec<&'static str> = before.roots.iter().map(|found| found.check.id).collect();
        if !sick.is_empty() {
            self.note(Note::SickBefore(sick));
        }
        Some(Health { scope, before })
    }

    /// Reads and judges again after changes that succeeded; a new root is a failure, so that a rollout ends here.
    pub(super) async fn examined(&self, health: Option<Health>, end: End) -> End {
        let Some(health) = health.filter(|_| matches!(end, End::Done | End::Unchanged)) else {
            return end;
        };
        let survey = match observe::of_account(self.world, &health.scope, &(self.now)()).await {
            Ok(survey) => survey,
            Err(failure) => {
                self.note(Note::Unexamined(failure.chain()));
                return end;
            }
        };
        let sick = since(&health.before, &survey);
        if sick.is_empty() {
            return end;
        }
        self.note(Note::SickSince(sick));
        End::Failed
    }
}

/// What is sick now and was not before; empty where a rollout may go on.
fn since(before: &Diagnosis, now: &Survey) -> Vec<(&'static Check, Sick)> {
    let diagnosis = doctor::judge(now, &[]);
    let fresh = doctor::fresh(before, &diagnosis);
    fresh.into_iter().map(|(check, sick)| (check, sick.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::since;
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
        let told = since(&of(100), &world(0));
        assert!(told.iter().any(|(check, _)| check.id == "NJ-14"), "{told:?}");
        assert!(since(&of(0), &world(0)).is_empty());
        assert!(since(&of(0), &world(100)).is_empty());
        // What nobody could read before may have been sick then.
        assert!(since(&doctor::judge(&Survey::default(), &[]), &world(0)).is_empty());
    }
}
