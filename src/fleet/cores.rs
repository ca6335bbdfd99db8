//! The same work for many things on all cores.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of the stack of a thread that runs a command: for one file, or here for each. Deploying takes about four in an unoptimized build.
pub const STACK: usize = 16 << 20;

/// What `work` makes of each item, in the order of the items, however many cores there are.
pub fn on_all<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from).min(items.len());
    if cores < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(items.len()));
    let take = || {
        let mut own = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { break };
            own.push((at, work(item)));
        }
        done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).append(&mut own);
    };
    std::thread::scope(|scope| {
        let beside = || std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, take);
        // Without room for another thread there are fewer of them.
        let began = (0..cores).map(|_| beside()).take_while(Result::is_ok).count();
        if began == 0 {
            take();
        }
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    /// What fits on the first thread's stack fits here, too: reading an account takes more than the two megabytes of other threads.
    #[test]
    fn each_thread_has_the_stack_of_the_first() {
        fn deep(left: usize) -> usize {
            let own = std::hint::black_box([left as u8; 1024]);
            if left == 0 { 0 } else { deep(left - 1) + usize::from(own[left % 1024] == left as u8) }
        }
        if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
            return;
        }
        let depths = [2_000; 8];
        assert_eq!(super::on_all(&depths, |depth| deep(*depth)), depths);
    }

    #[test]
    fn results_are_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..1_000).collect();
        let doubled = super::on_all(&items, |item| item * 2);
        assert!(doubled.iter().enumerate().all(|(at, two)| *two == at * 2));
        assert!(super::on_all(&[] as &[u8], |item| *item).is_empty());
    }
}
