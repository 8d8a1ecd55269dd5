//! One piece of work on its own thread.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, TryRecvError, channel},
    },
    thread,
};

/// Called from any thread when there is news to draw.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Work under way. Dropping it leaves the work alone and forgets its result.
pub(super) struct Job<T>(Receiver<T>);

/// The thread ended without a result.
#[derive(Debug, PartialEq)]
pub(super) struct Died;

impl<T: Send + 'static> Job<T> {
    /// Starts `work` on a thread called `name`; `wake` is called at the end.
    pub fn spawn(name: &str, wake: &Wake, work: impl FnOnce() -> T + Send + 'static) -> Self {
        let (outbox, inbox) = channel();
        let at_end = WakeOnDrop(wake.clone());
        let work = move || {
            let _at_end = at_end;
            outbox.send(work()).ok();
        };
        let started = thread::Builder::new().name(name.into()).spawn(work);
        drop(started); // A thread that could not start drops its outbox, which reads as `Died`.
        Self(inbox)
    }

    /// What the job in `slot` brought, once it has ended; the slot is free then.
    pub fn take(slot: &mut Option<Self>) -> Option<Result<T, Died>> {
        let ended = match slot.as_ref()?.0.try_recv() {
            Ok(result) => Ok(result),
            Err(TryRecvError::Disconnected) => Err(Died),
            Err(TryRecvError::Empty) => return None,
        };
        *slot = None;
        Some(ended)
    }
}

struct WakeOnDrop(Wake);

impl Drop for WakeOnDrop {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// What a job brings, and how often it woke anybody.
    fn check(work: impl FnOnce() -> u8 + Send + 'static) -> (Result<u8, Died>, usize) {
        let (woken, wakes) = channel();
        let mut slot = Some(Job::spawn(
            "test",
            &(Arc::new(move || woken.send(()).unwrap_or_default()) as Wake),
            work,
        ));
        wakes.recv_timeout(Duration::from_secs(20)).unwrap();
        let ended = loop {
            match Job::take(&mut slot) {
                Some(ended) => break ended,
                None => thread::yield_now(),
            }
        };
        assert!(slot.is_none() && Job::take(&mut slot).is_none());
        (ended, 1 + wakes.try_iter().count())
    }

    #[test]
    fn a_result_is_handed_over_once() {
        assert_eq!(check(|| 7), (Ok(7), 1));
    }

    #[test]
    fn a_panic_reads_as_died() {
        let panicking = || std::panic::resume_unwind(Box::new("quietly"));
        assert_eq!(check(panicking), (Err(Died), 1));
    }
}
