//! Waves of a fleet, each member by a process of its own.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::diagnostic::Failure;
use crate::fleet::child::Children;
use crate::fleet::plans::{self, Member};
use crate::fleet::rollout::{Hands, Record, Roots};
use crate::fleet::waves::{Ended, Task};
use crate::report::{fleet_waves, json};
use crate::source;

use super::signals::came;
use super::{Hearing, note};

/// Between two looks at whether somebody interrupts.
const BLINK: Duration = Duration::from_millis(200);

/// Every member by a process of its own.
pub struct Processes<'p, H> {
    pub to: &'p H,
    pub children: &'p Children<'p>,
    pub members: &'p [Member],
    /// Of the plans.
    pub folder: &'p Path,
    /// Whether the doctor looks at clusters between the waves.
    pub examines: bool,
}

impl<H> Processes<'_, H> {
    fn member(&self, task: &Task) -> Option<&Member> {
        self.members.iter().find(|member| member.planned.task == *task)
    }
}

impl<H: Hearing + Sync> Hands for Processes<'_, H> {
    fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
    }

    fn wait(&self, seconds: u64) {
        let mut left = Duration::from_secs(seconds);
        while !left.is_zero() && !came() {
            let step = left.min(BLINK);
            std::thread::sleep(step);
            left -= step;
        }
    }

    fn is_interrupted(&self) -> bool {
        came()
    }

    fn deploy(&self, task: &Task) -> Ended {
        let Some(member) = self.member(task) else { return Ended::NotBegun };
        let ended = self.children.deploy(&member.job, &member.plan, self.folder);
        note(self.to, &fleet_waves::line(&task.label, &ended));
        ended
    }

    fn examine(&self, task: &Task) -> Option<Result<Roots, String>> {
        let member = self.member(task).filter(|_| self.examines)?;
        Some(self.children.examine(&member.job))
    }

    fn keep(&self, record: &Record) -> Result<(), Failure> {
        source::write_whole(&self.folder.join(plans::RECORD), &json(record))
    }

    fn tell(&self, words: &str) {
        note(self.to, words);
    }
}
