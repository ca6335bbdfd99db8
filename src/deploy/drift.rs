//! What was changed by hand: CloudFormation compares its stack with what stands.

use std::time::Duration;

use crate::aws::port::Stacks;
use crate::diagnostic::Failure;
use crate::observed::Drift;

use super::{Clock, Event, Silence, stopped};

const FIRST_POLL: Duration = Duration::from_secs(1);
const SLOWEST_POLL: Duration = Duration::from_secs(5);
/// A stack of 500 resources takes some minutes.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// Detects, waits, and reads what was found: resources that are not as the deployed template says.
pub async fn detect(
    stacks: &impl Stacks,
    clock: &impl Clock,
    stack: &str,
    events: &mut impl FnMut(Event),
) -> Result<Vec<Drift>, Failure> {
    let attempt = || format!("cannot detect drift of stack `{stack}`");
    let id = stacks.detect_drift(stack).await.map_err(|refusal| stopped(attempt(), refusal))?;
    let started = clock.now();
    let mut silence = Silence::begins(clock);
    let mut pause = FIRST_POLL;
    loop {
        let detection =
            stacks.detection(&id).await.map_err(|refusal| stopped(attempt(), refusal))?;
        match detection.status.as_str() {
            "DETECTION_IN_PROGRESS" if clock.now().saturating_sub(started) < LONGEST => {}
            "DETECTION_IN_PROGRESS" => {
                return Err(Failure::new(attempt()).because("the detection does not end"));
            }
            // What could be read is there; one type that could not is no reason to hide it.
            _ => {
                let drifts =
                    stacks.drifts(stack).await.map_err(|refusal| stopped(attempt(), refusal))?;
                let nothing = detection.status == "DETECTION_FAILED" && drifts.is_empty();
                return if nothing {
                    Err(Failure::new(attempt()).because(detection.reason))
                } else {
                    Ok(drifts)
                };
            }
        }
        silence.breaks(clock, "CloudFormation detects drift", events);
        clock.sleep(pause).await;
        pause = (pause * 2).min(SLOWEST_POLL);
    }
}
