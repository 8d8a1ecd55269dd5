//! The one thread that owns the engine: takes the most urgent question, sends back the reply. A
//! panic costs the engine, which is built anew, and the question.

use std::{
    any::Any,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Instant,
};

use super::{
    engine::{Engine, Work, WorkBeside},
    job::Wake,
    query::{Found, Query, QueryError, Queue, Reply},
};

/// Handle of the thread. Questions return at once; dropping it ends the thread and what runs
/// beside it.
pub(super) struct Worker {
    shared: Arc<Shared>,
    replies: Receiver<Reply>,
}

impl Worker {
    /// Starts the thread; `engine` is called on it, since graphics streams belong to one thread.
    pub fn start(wake: &Wake, engine: impl Fn() -> Box<dyn Engine> + Send + 'static) -> Self {
        let shared = Arc::<Shared>::default();
        let (outbox, replies) = channel();
        let post = Post {
            shared: shared.clone(),
            outbox,
            wake: wake.clone(),
        };
        let started = thread::Builder::new()
            .name("network".into())
            .spawn(move || live(&post, &engine));
        drop(started); // Without the thread nothing is answered; the paper still works.
        Self { shared, replies }
    }

    /// Stops and forgets whatever was asked: another patient comes, or none.
    pub fn leave(&self) {
        self.shared.change(|inbox| {
            inbox.epoch += 1;
            inbox.forget();
        });
    }

    /// Asks; of one key only the newest question waits.
    pub fn ask(&self, query: Query) {
        self.shared.change(|inbox| inbox.queue.push(query));
    }

    /// The next reply about the patient at hand, if there is one.
    pub fn reply(&self) -> Option<Reply> {
        let epoch = self.shared.lock().epoch;
        self.replies.try_iter().find(|reply| reply.epoch == epoch)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.shared.change(|inbox| inbox.has_ended = true);
    }
}

#[derive(Default)]
struct Inbox {
    queue: Queue,
    /// Counts patients and calibrations.
    epoch: u64,
    is_calibrated: bool,
    has_ended: bool,
}

impl Inbox {
    fn forget(&mut self) {
        self.queue.clear();
        self.is_calibrated = false;
    }

    fn is_wanted(&self, epoch: u64) -> bool {
        self.epoch == epoch && !self.has_ended
    }
}

#[derive(Default)]
struct Shared {
    inbox: Mutex<Inbox>,
    news: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Inbox)) {
        change(&mut self.lock());
        self.news.notify_one();
    }

    /// Waits for a question; `None` when nobody will ask any more.
    fn next(&self) -> Option<(u64, Query)> {
        let mut inbox = self.lock();
        loop {
            if inbox.has_ended {
                return None;
            }
            let is_calibrated = inbox.is_calibrated;
            if let Some(query) = inbox.queue.pop(is_calibrated) {
                return Some((inbox.epoch, query));
            }
            inbox = self
                .news
                .wait(inbox)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Where replies go.
#[derive(Clone)]
struct Post {
    shared: Arc<Shared>,
    outbox: Sender<Reply>,
    wake: Wake,
}

fn live(post: &Post, new_engine: &dyn Fn() -> Box<dyn Engine>) {
    let mut engine = new_engine();
    while let Some((epoch, query)) = post.shared.next() {
        let question = Question {
            post: post.clone(),
            epoch,
            query,
            start: Instant::now(),
        };
        let mut watch = |progress| {
            question.reply(Ok(Found::Progress(progress)));
            question.go_on()
        };
        match catch(|| engine.answer(&question.query, &mut watch)) {
            Ok(Ok(Work::Done(found))) => question.done(found),
            Ok(Ok(Work::Beside(thread, work))) => question.beside(thread, work),
            Ok(Err(problem)) => question.reply(Err(problem)),
            Err(panic) => {
                engine = new_engine();
                question.change(Inbox::forget);
                question.reply(Err(QueryError::EngineLost(panic)));
            }
        }
    }
}

/// One question under way.
struct Question {
    post: Post,
    epoch: u64,
    query: Query,
    start: Instant,
}

impl Question {
    fn reply(&self, result: Result<Found, QueryError>) {
        let reply = Reply {
            epoch: self.epoch,
            query: self.query.clone(),
            result,
            took_s: self.start.elapsed().as_secs_f64(),
        };
        self.post.outbox.send(reply).ok();
        (self.post.wake)();
    }

    fn done(&self, found: Found) {
        if matches!(found, Found::Calibrated(_)) {
            self.change(|inbox| inbox.is_calibrated = true);
        }
        self.reply(Ok(found));
    }

    fn beside(self, thread: &str, work: WorkBeside) {
        let work = move || {
            let mut watch = |_| self.go_on();
            let found = catch(|| work(&mut watch));
            self.reply(found.unwrap_or_else(|panic| Err(QueryError::Unforeseen(panic))));
        };
        drop(thread::Builder::new().name(thread.into()).spawn(work));
    }

    /// Whether anyone still wants to know.
    fn go_on(&self) -> ControlFlow<()> {
        if self.post.shared.lock().is_wanted(self.epoch) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }

    /// Changes what belongs to this question's patient, unless another one has come.
    fn change(&self, change: impl FnOnce(&mut Inbox)) {
        self.post.shared.change(|inbox| {
            if inbox.epoch == self.epoch {
                change(inbox);
            }
        });
    }
}

/// The result, or what a panic said.
fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic: Box<dyn Any + Send>| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        text.or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no reason given".into())
    })
}

#[cfg(test)]
mod tests {
    use std::{sync::Barrier, time::Duration};

    use super::{
        super::query::{CalibrationRequest, Effort},
        *,
    };
    use crate::{
        ecg::{Lead, LeadName, LeadSet, SampleRate, Target, ViewAngle},
        session::query::{CalibrationSummary, Key},
        synth::DeviceChoice,
    };

    /// An engine from a function. What it is asked for arrives as well.
    struct Stub<F>(F, Sender<Key>);

    impl<F: FnMut(&Query) -> Result<Work, QueryError>> Engine for Stub<F> {
        fn answer(
            &mut self,
            query: &Query,
            _: super::super::engine::Watch<'_>,
        ) -> Result<Work, QueryError> {
            self.1.send(query.key()).ok();
            match query {
                Query::Calibrate(_) => {
                    Ok(Work::Done(Found::Calibrated(CalibrationSummary::default())))
                }
                other => self.0(other),
            }
        }
    }

    /// A worker over `answer`, calibrated, and what its engine has been asked.
    fn worker<F>(answer: F) -> (Worker, Receiver<Key>)
    where
        F: FnMut(&Query) -> Result<Work, QueryError> + Clone + Send + 'static,
    {
        let (asked, seen) = channel();
        let wake: Wake = Arc::new(|| {});
        let worker = Worker::start(&wake, move || Box::new(Stub(answer.clone(), asked.clone())));
        calibrate(&worker);
        (worker, seen)
    }

    fn calibrate(worker: &Worker) {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let lead = Lead::measured(LeadName::I, vec![0.0; 10]);
        worker.leave();
        worker.ask(Query::Calibrate(Arc::new(CalibrationRequest {
            leads: Arc::new(LeadSet::new(rate, vec![lead]).unwrap()),
            withhold: Vec::new(),
            electrodes: Vec::new(),
            calibrated: true,
            device: DeviceChoice::Cpu,
            effort: Effort::Whole,
        })));
        assert!(matches!(next(worker).result, Ok(Found::Calibrated(_))));
    }

    fn next(worker: &Worker) -> Reply {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(20) {
            if let Some(reply) = worker.reply() {
                return reply;
            }
            thread::sleep(Duration::from_millis(1));
        }
        panic!("no reply");
    }

    fn at(phi_deg: f64) -> Query {
        Query::Point(Target::View(
            ViewAngle::from_degrees(70.0, phi_deg).unwrap(),
        ))
    }

    #[test]
    fn a_drag_never_queues_more_than_one_question() {
        let gate = Arc::new(Barrier::new(2));
        let theirs = gate.clone();
        let (worker, seen) = worker(move |_| {
            theirs.wait();
            Err(QueryError::NotCalibrated)
        });
        worker.ask(at(0.0));
        while seen.recv().unwrap() != Key::Point {} // It is under way, and the drag goes on.
        (1..=200).for_each(|step| worker.ask(at(0.4 * f64::from(step))));
        let targets = [0, 1].map(|_| {
            gate.wait();
            match next(&worker).query {
                Query::Point(target) => target.name().to_string(),
                other => panic!("{other:?}"),
            }
        });
        let Query::Point(last) = at(80.0) else { return };
        assert_eq!(
            targets[1],
            last.name().to_string(),
            "the last of two hundred"
        );
        assert_eq!(seen.try_iter().count(), 1);
    }

    #[test]
    fn replies_about_a_patient_who_left_are_not_seen() {
        let gate = Arc::new(Barrier::new(2));
        let theirs = gate.clone();
        let (worker, _) = worker(move |_| {
            theirs.wait();
            Err(QueryError::NotCalibrated)
        });
        worker.ask(at(0.0));
        worker.ask(Query::Panorama);
        thread::sleep(Duration::from_millis(20));
        worker.leave();
        gate.wait();
        calibrate(&worker); // Its reply is the next that is seen.
        worker.ask(at(1.0));
        gate.wait();
        assert_eq!(
            next(&worker).query.key(),
            Key::Point,
            "the panorama is forgotten"
        );
    }

    #[test]
    fn a_panic_costs_the_engine_and_the_question() {
        let (worker, _) = worker(|query| match query {
            Query::Panorama => Err(QueryError::NotCalibrated),
            _ => std::panic::resume_unwind(Box::new("out of tune")),
        });
        worker.ask(at(0.0));
        match next(&worker).result {
            Err(QueryError::EngineLost(reason)) => assert_eq!(reason, "out of tune"),
            other => panic!("{other:?}"),
        }
        calibrate(&worker);
        worker.ask(Query::Panorama);
        assert_eq!(next(&worker).query.key(), Key::Panorama);
    }

    #[test]
    fn work_beside_is_told_when_nobody_waits_any_more() {
        let (told, heard) = channel();
        let (worker, _) = worker(move |query| {
            let told = told.clone();
            let work: WorkBeside = Box::new(move |watch| {
                while watch(progress()).is_continue() {
                    thread::sleep(Duration::from_millis(1));
                }
                told.send(()).ok();
                Err(QueryError::NotCalibrated)
            });
            match query {
                Query::Examine => Ok(Work::Beside("beside", work)),
                _ => Err(QueryError::CalibrationOff),
            }
        });
        worker.ask(Query::Examine);
        worker.ask(at(0.0));
        assert_eq!(
            next(&worker).query.key(),
            Key::Point,
            "nothing waits for it"
        );
        worker.leave();
        heard.recv_timeout(Duration::from_secs(20)).unwrap();
        assert!(worker.reply().is_none());
    }

    fn progress() -> crate::synth::Progress {
        crate::synth::Progress {
            fraction: 0.5,
            step: crate::synth::Step::Reading,
        }
    }
}
