//! One piece of work on its own thread, with progress. Dropping the job cancels it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
        mpsc::{Receiver, TryRecvError, channel},
    },
    thread,
};

/// Called from any thread when there is news to draw.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// What the worker side of a [`Job`] sees.
#[derive(Clone)]
pub struct JobHandle {
    cancelled: Arc<AtomicBool>,
    permille: Arc<AtomicU32>,
    wake: Wake,
}

impl JobHandle {
    /// A handle that nobody watches, for work done in place.
    pub fn detached() -> Self {
        Self {
            cancelled: Arc::default(),
            permille: Arc::default(),
            wake: Arc::new(|| {}),
        }
    }

    /// Whether the owner has dropped the job.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Share done, 0 to 1; asks for a repaint when it has moved by a thousandth.
    pub fn report(&self, share: f32) {
        let permille = (share.clamp(0.0, 1.0) * 1000.0) as u32;
        if self.permille.swap(permille, Ordering::Relaxed) != permille {
            (self.wake)();
        }
    }
}

/// How a job stands.
#[derive(Debug, PartialEq)]
pub enum JobState<T> {
    /// Still at it.
    Running,
    /// The result, handed over once.
    Done(T),
    /// The thread ended without a result.
    Died,
}

/// Work under way.
pub struct Job<T> {
    handle: JobHandle,
    inbox: Receiver<T>,
}

impl<T: Send + 'static> Job<T> {
    /// Starts `work` on a thread called `name`; `wake` is called at progress and at the end.
    pub fn spawn(
        name: &str,
        wake: &Wake,
        work: impl FnOnce(&JobHandle) -> T + Send + 'static,
    ) -> Self {
        let handle = JobHandle {
            cancelled: Arc::default(),
            permille: Arc::default(),
            wake: wake.clone(),
        };
        let (outbox, inbox) = channel();
        let theirs = handle.clone();
        let started = thread::Builder::new().name(name.into()).spawn(move || {
            let _wake_at_end = WakeOnDrop(theirs.wake.clone());
            let result = work(&theirs);
            outbox.send(result).ok();
        });
        drop(started); // A thread that could not start drops its outbox, which reads as Died.
        Self { handle, inbox }
    }

    /// The result, if it is there.
    pub fn poll(&self) -> JobState<T> {
        match self.inbox.try_recv() {
            Ok(result) => JobState::Done(result),
            Err(TryRecvError::Empty) => JobState::Running,
            Err(TryRecvError::Disconnected) => JobState::Died,
        }
    }

    /// Share done, 0 to 1.
    pub fn progress(&self) -> f32 {
        self.handle.permille.load(Ordering::Relaxed) as f32 / 1000.0
    }
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        self.handle.cancelled.store(true, Ordering::Relaxed);
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

    fn wait<T: Send + 'static>(job: &Job<T>) -> JobState<T> {
        for _ in 0..500 {
            match job.poll() {
                JobState::Running => thread::sleep(Duration::from_millis(2)),
                state => return state,
            }
        }
        JobState::Running
    }

    #[test]
    fn a_job_reports_and_ends() {
        let job = Job::spawn("test", &(Arc::new(|| {}) as Wake), |it| {
            it.report(0.5);
            7
        });
        assert_eq!(wait(&job), JobState::Done(7));
        assert_eq!(job.progress(), 0.5);
    }

    #[test]
    fn dropping_cancels_and_a_panic_reads_as_died() {
        let (sender, receiver) = channel();
        let job = Job::spawn("test", &(Arc::new(|| {}) as Wake), move |it| {
            while !it.is_cancelled() {
                thread::sleep(Duration::from_millis(1));
            }
            sender.send(()).ok();
        });
        drop(job);
        assert!(receiver.recv_timeout(Duration::from_secs(2)).is_ok());
        let died = Job::<()>::spawn("test", &(Arc::new(|| {}) as Wake), |_| {
            std::panic::resume_unwind(Box::new(()))
        });
        assert_eq!(wait(&died), JobState::Died);
    }
}
