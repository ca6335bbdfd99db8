//! A wave of deployments: so many at once in each account and Region, until more have failed than the wave tolerates. What is running
//! then comes to its end; nothing new begins.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One member's deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Name and Region: of the plan, the log and the record.
    pub label: String,
    /// Account and Region: AWS throttles, and counts quotas, in each.
    pub lane: (Option<String>, String),
}

/// How a deployment ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    Done,
    /// Deployed, and something is left to do, in words.
    Unfinished(String),
    /// Why.
    Failed(String),
    /// Not begun: something before it stopped the waves.
    NotBegun,
}

/// How many run at once in a lane, and how many may fail.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub parallel: usize,
    pub tolerate: usize,
}

/// Whether more failed than is tolerated.
pub fn is_stopped(ended: &[Ended], limits: Limits) -> bool {
    limits.tolerate < ended.iter().filter(|one| matches!(one, Ended::Failed(_))).count()
}

/// Runs a wave, until nothing more is to begin; what became of each task, in their order.
pub fn run(
    tasks: &[Task],
    limits: Limits,
    is_over: &(impl Fn() -> bool + Sync),
    deploy: &(impl Fn(&Task) -> Ended + Sync),
) -> Vec<Ended> {
    let mut lanes: BTreeMap<&(Option<String>, String), Vec<usize>> = BTreeMap::new();
    for (at, task) in tasks.iter().enumerate() {
        lanes.entry(&task.lane).or_default().push(at);
    }
    let failed = AtomicUsize::new(0);
    let ended = Mutex::new(vec![Ended::NotBegun; tasks.len()]);
    let work = |queue: &[usize], next: &AtomicUsize| {
        while failed.load(Ordering::SeqCst) <= limits.tolerate && !is_over() {
            let Some(at) = queue.get(next.fetch_add(1, Ordering::SeqCst)) else { break };
            let result = deploy(&tasks[*at]);
            failed.fetch_add(usize::from(matches!(result, Ended::Failed(_))), Ordering::SeqCst);
            ended.lock().unwrap_or_else(std::sync::PoisonError::into_inner)[*at] = result;
        }
    };
    let lanes: Vec<(Vec<usize>, AtomicUsize)> =
        lanes.into_values().map(|queue| (queue, AtomicUsize::new(0))).collect();
    std::thread::scope(|scope| {
        for (queue, next) in &lanes {
            for _ in 0..limits.parallel.clamp(1, queue.len()) {
                scope.spawn(|| work(queue, next));
            }
        }
    });
    ended.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(at: usize, account: &str) -> Task {
        let lane = (Some(account.to_string()), "eu-west-1".to_string());
        Task { label: format!("m{at}"), lane }
    }

    #[test]
    fn a_lane_runs_no_more_at_once_than_the_wave_says() {
        let tasks: Vec<Task> =
            (0..40).map(|at| task(at, if at % 2 == 0 { "a" } else { "b" })).collect();
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let deploy = |task: &Task| {
            if task.lane.0.as_deref() == Some("a") {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::yield_now();
                now.fetch_sub(1, Ordering::SeqCst);
            }
            Ended::Done
        };
        let ended = run(&tasks, Limits { parallel: 3, tolerate: 0 }, &|| false, &deploy);
        assert!(ended.iter().all(|one| *one == Ended::Done));
        assert!(most.load(Ordering::SeqCst) <= 3);
    }

    #[test]
    fn nothing_begins_once_more_have_failed_than_is_tolerated() {
        let tasks: Vec<Task> = (0..10).map(|at| task(at, "a")).collect();
        let failing = |task: &Task| match task.label.as_str() {
            "m1" | "m3" => Ended::Failed("no".into()),
            _ => Ended::Done,
        };
        let limits = Limits { parallel: 1, tolerate: 1 };
        let ended = run(&tasks, limits, &|| false, &failing);
        assert_eq!(ended.iter().filter(|one| **one == Ended::NotBegun).count(), 6);
        assert!(is_stopped(&ended, limits));
        let limits = Limits { parallel: 1, tolerate: 2 };
        let ended = run(&tasks, limits, &|| false, &failing);
        assert!(!ended.contains(&Ended::NotBegun) && !is_stopped(&ended, limits));
    }
}
