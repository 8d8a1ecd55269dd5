//! The one thread that owns the network. Every kind of request has one slot: the newest replaces
//! the one that waits.

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Instant,
};

use super::{
    Answer, CalibrationRequest, CalibrationSummary, Engine, Examination, Examined, Mapping, Wake,
};
use crate::ecg::{LeadName, Target, ViewAngle};

#[derive(Default)]
struct Inbox {
    epoch: u64,
    begin: Option<CalibrationRequest>,
    point: Option<Target>,
    listed: BTreeMap<u32, Target>,
    extra: Vec<Target>,
    held_out: Vec<LeadName>,
    trust: Option<Target>,
    panorama: Option<Vec<Target>>,
    map: Option<Arc<[ViewAngle]>>,
    examined: Option<Examined>,
    is_examined: bool,
    quit: bool,
    ready: bool,
}

enum Task {
    Examined(Examined),
    CalibrationRequest(CalibrationRequest),
    Point(Target),
    Listed(u32, Target),
    Extra(Target),
    HeldOut(LeadName),
    Trust(Target),
    Panorama(Vec<Target>),
    Map(Arc<[ViewAngle]>),
}

impl Inbox {
    /// The most urgent request. Before a patient is learnt, only learning one is.
    fn take(&mut self) -> Option<Task> {
        if let Some(begin) = self.begin.take() {
            self.ready = false;
            return Some(Task::CalibrationRequest(begin));
        }
        if !self.ready {
            return None;
        }
        if let Some(found) = self.examined.take() {
            self.is_examined = true;
            return Some(Task::Examined(found));
        }
        let point = self.point.take().map(Task::Point);
        let listed = || {
            self.listed
                .pop_first()
                .map(|(id, target)| Task::Listed(id, target))
        };
        point
            .or_else(listed)
            .or_else(|| self.extra.pop().map(Task::Extra))
            .or_else(|| self.held_out.pop().map(Task::HeldOut))
            .or_else(|| self.map.take().map(Task::Map))
            .or_else(|| {
                if self.is_examined {
                    self.trust.take().map(Task::Trust)
                } else {
                    None
                }
            })
            .or_else(|| self.panorama.take().map(Task::Panorama))
    }

    fn forget_requests(&mut self) {
        *self = Self {
            epoch: self.epoch,
            quit: self.quit,
            ..Self::default()
        };
    }
}

#[derive(Default)]
struct Shared {
    inbox: Mutex<Inbox>,
    news: Condvar,
    cancel: AtomicBool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Inbox)) {
        change(&mut self.lock());
        self.news.notify_one();
    }
}

/// Handle of the thread. Requests return at once.
pub struct Worker {
    shared: Arc<Shared>,
    answers: Receiver<Answer>,
}

impl Worker {
    /// Starts the thread; `engine` is called on it, since graphics streams belong to one thread.
    pub fn start(wake: &Wake, engine: impl Fn() -> Box<dyn Engine> + Send + 'static) -> Self {
        let shared = Arc::<Shared>::default();
        let (outbox, answers) = channel();
        let (theirs, post) = (
            shared.clone(),
            Post {
                outbox,
                wake: wake.clone(),
            },
        );
        let started = thread::Builder::new()
            .name("network".into())
            .spawn(move || live(&theirs, &post, &engine));
        drop(started); // Without the thread nothing is answered; the paper still works.
        Self { shared, answers }
    }

    /// Learns another patient; everything asked before is forgotten. Returns the new epoch.
    pub fn begin(&self, begin: CalibrationRequest) -> u64 {
        self.turn_to(Some(begin))
    }

    /// Stops whatever is under way for a patient who is no longer on screen. Returns the new epoch.
    pub fn leave(&self) -> u64 {
        self.turn_to(None)
    }

    fn turn_to(&self, begin: Option<CalibrationRequest>) -> u64 {
        self.shared.cancel.store(true, Ordering::Relaxed);
        let mut epoch = 0;
        self.shared.change(|it| {
            it.forget_requests();
            it.epoch += 1;
            epoch = it.epoch;
            it.begin = begin;
        });
        epoch
    }

    /// Stops calibration and forgets all requests.
    pub fn cancel(&self) {
        self.shared.cancel.store(true, Ordering::Relaxed);
        self.shared.change(|it| {
            let (ready, examined) = (it.ready, it.is_examined);
            it.forget_requests();
            (it.ready, it.is_examined) = (ready, examined);
        });
    }

    /// The lead at the point: replaces the request that waits, so that a drag never queues more
    /// than one.
    pub fn point(&self, target: Target) {
        self.shared.change(|it| it.point = Some(target));
    }

    /// A lead of the list.
    pub fn listed(&self, id: u32, target: Target) {
        self.shared.change(|it| drop(it.listed.insert(id, target)));
    }

    /// Another lead.
    pub fn extra(&self, target: Target) {
        self.shared.change(|it| {
            if !it.extra.contains(&target) {
                it.extra.push(target);
            }
        });
    }

    /// A recorded lead foretold from the others.
    pub fn held_out(&self, name: LeadName) {
        self.shared.change(|it| {
            if !it.held_out.contains(&name) {
                it.held_out.push(name);
            }
        });
    }

    /// How far to believe a lead.
    pub fn trust(&self, target: Target) {
        self.shared.change(|it| it.trust = Some(target));
    }

    /// Many small leads.
    pub fn panorama(&self, targets: Vec<Target>) {
        self.shared.change(|it| it.panorama = Some(targets));
    }

    /// The potential over the skin.
    pub fn body_map(&self, places: Arc<[ViewAngle]>) {
        self.shared.change(|it| it.map = Some(places));
    }

    /// The next answer, if there is one.
    pub fn answer(&self) -> Option<Answer> {
        self.answers.try_recv().ok()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.shared.cancel.store(true, Ordering::Relaxed);
        self.shared.change(|it| it.quit = true);
    }
}

/// Where answers go.
#[derive(Clone)]
struct Post {
    outbox: Sender<Answer>,
    wake: Wake,
}

impl Post {
    fn send(&self, answer: Answer) {
        self.outbox.send(answer).ok();
        (self.wake)();
    }

    /// Makes a body map on a thread of its own: a drag does not wait for it.
    fn map(&self, epoch: u64, mapping: Mapping) {
        let post = self.clone();
        let work = move || {
            let map = std::panic::catch_unwind(std::panic::AssertUnwindSafe(mapping));
            post.send(Answer::Map(
                epoch,
                map.map_err(|_| "the body map could not be made: an unforeseen error".into()),
            ));
        };
        drop(thread::Builder::new().name("body map".into()).spawn(work));
    }
}

/// Works until told to quit. A panic costs the engine, which is built anew, and the request.
fn live(shared: &Arc<Shared>, post: &Post, engine: &dyn Fn() -> Box<dyn Engine>) {
    loop {
        let round = || work(shared, post, engine());
        let Err(panic) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(round)) else {
            return;
        };
        let text = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|it| (*it).to_owned()));
        shared.change(|it| it.forget_requests());
        post.send(Answer::Lost(
            text.unwrap_or_else(|| "no reason given".into()),
        ));
    }
}

fn work(shared: &Arc<Shared>, post: &Post, mut engine: Box<dyn Engine>) {
    loop {
        let mut inbox = shared.lock();
        let (task, epoch) = loop {
            if inbox.quit {
                return;
            }
            if let Some(task) = inbox.take() {
                break (task, inbox.epoch);
            }
            inbox = shared
                .news
                .wait(inbox)
                .unwrap_or_else(PoisonError::into_inner);
        };
        if matches!(task, Task::CalibrationRequest(_)) {
            shared.cancel.store(false, Ordering::Relaxed);
        }
        drop(inbox);
        if let Task::Examined(found) = task {
            engine.examined(found);
            continue;
        }
        if let Task::Map(places) = task {
            match engine.body_map(places) {
                Ok(mapping) => post.map(epoch, mapping),
                Err(problem) => post.send(Answer::Map(epoch, Err(problem))),
            }
            continue;
        }
        let answer = answer(shared, post, engine.as_mut(), epoch, task);
        let is_ready = matches!(answer, Answer::Ready(_, Ok(_)));
        post.send(answer);
        if is_ready && let Some(examination) = engine.examination() {
            examine(shared.clone(), epoch, examination);
        }
    }
}

/// On a thread of its own; what it finds for a patient who is gone is dropped.
fn examine(shared: Arc<Shared>, epoch: u64, examination: Examination) {
    let work = move || {
        let go_on = || {
            let inbox = shared.lock();
            inbox.epoch == epoch && !inbox.quit
        };
        let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| examination(&go_on)));
        let found = found.unwrap_or_else(|_| {
            Err("the trust figures could not be made: an unforeseen error".into())
        });
        shared.change(|it| {
            if it.epoch == epoch {
                it.examined = Some(found);
            }
        });
    };
    drop(thread::Builder::new().name("trust".into()).spawn(work));
}

fn answer(shared: &Shared, post: &Post, engine: &mut dyn Engine, epoch: u64, task: Task) -> Answer {
    let start = Instant::now();
    match task {
        Task::Examined(_) | Task::Map(_) => Answer::Cancelled(0), // Taken before this.
        Task::CalibrationRequest(begin) => {
            let mut progress = |stage| {
                post.send(Answer::Progress(epoch, stage));
                if shared.cancel.load(Ordering::Relaxed) {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            };
            if let Some(target) = &begin.first
                && let Some(made) = engine.draft(&begin, target)
            {
                post.send(Answer::Point(
                    epoch,
                    target.clone(),
                    Ok(Box::new(made)),
                    start.elapsed().as_secs_f64(),
                ));
            }
            let learned = engine.begin(&begin, &mut progress);
            if shared.cancel.load(Ordering::Relaxed) {
                return Answer::Cancelled(epoch);
            }
            shared.change(|it| it.ready = learned.is_ok() && it.epoch == epoch);
            Answer::Ready(
                epoch,
                learned.map(|it| CalibrationSummary {
                    took_s: start.elapsed().as_secs_f64(),
                    ..it
                }),
            )
        }
        Task::Point(target) => {
            let made = engine.synthesise(&target).map(Box::new);
            Answer::Point(epoch, target, made, start.elapsed().as_secs_f64())
        }
        Task::Listed(id, target) => {
            Answer::Listed(epoch, id, engine.synthesise(&target).map(Box::new))
        }
        Task::Extra(target) => {
            let made = engine.synthesise(&target).map(Box::new);
            Answer::Extra(epoch, target, made)
        }
        Task::HeldOut(name) => {
            let synthesis = engine.held_out(&name);
            Answer::HeldOut(epoch, name, synthesis)
        }
        Task::Trust(target) => {
            let trust = engine.trust(&target).map(Box::new);
            Answer::Trust(epoch, target, trust)
        }
        Task::Panorama(targets) => Answer::Panorama(epoch, engine.panorama(&targets)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;
    use crate::{
        ecg::{Lead, LeadSet, SampleRate},
        reliability::Reliability,
        session::{Made, Stage},
        synth::{DeviceChoice, Synthesis},
    };

    /// Counts what it is asked for, and holds the first lead until it is let go.
    struct Slow {
        gate: Arc<Barrier>,
        asked: Sender<Target>,
        is_first: bool,
    }

    impl Engine for Slow {
        fn begin(
            &mut self,
            _: &CalibrationRequest,
            _: &mut dyn FnMut(Stage) -> ControlFlow<()>,
        ) -> Result<CalibrationSummary, String> {
            Ok(CalibrationSummary::default())
        }

        fn synthesise(&mut self, target: &Target) -> Result<Made, String> {
            self.asked.send(target.clone()).ok();
            if std::mem::take(&mut self.is_first) {
                self.gate.wait();
                self.gate.wait();
            }
            Err("nothing".into())
        }

        fn examination(&mut self) -> Option<Examination> {
            None
        }

        fn examined(&mut self, _: Examined) {}

        fn trust(&mut self, _: &Target) -> Result<Reliability, String> {
            Err("nothing".into())
        }

        fn held_out(&mut self, _: &LeadName) -> Result<Synthesis, String> {
            Err("nothing".into())
        }

        fn panorama(&mut self, _: &[Target]) -> Result<Vec<Synthesis>, String> {
            Err("nothing".into())
        }

        fn body_map(&mut self, _: Arc<[ViewAngle]>) -> Result<Mapping, String> {
            Err("nothing".into())
        }
    }

    fn nobody() -> CalibrationRequest {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let lead = Lead::measured(LeadName::I, vec![0.0; 10]);
        let leads = Arc::new(LeadSet::new(rate, vec![lead]).unwrap());
        CalibrationRequest {
            leads,
            withhold: Vec::new(),
            calibrated: true,
            device: DeviceChoice::Cpu,
            first: None,
        }
    }

    fn place(phi_deg: f64) -> Target {
        Target::View(ViewAngle::from_degrees(70.0, phi_deg).unwrap())
    }

    #[test]
    fn a_drag_never_queues_more_than_one_request() {
        let (gate, (asked, requests)) = (Arc::new(Barrier::new(2)), channel());
        let theirs = gate.clone();
        let engine = move || {
            Box::new(Slow {
                gate: theirs.clone(),
                asked: asked.clone(),
                is_first: true,
            }) as Box<dyn Engine>
        };
        let worker = Worker::start(&(Arc::new(|| {}) as Wake), engine);
        let epoch = worker.begin(nobody());
        worker.point(place(0.0));
        gate.wait(); // The first request is under way, and the drag goes on.
        (1..=200).for_each(|step| worker.point(place(0.4 * f64::from(step))));
        gate.wait();
        let mut answered = Vec::new();
        while answered.last() != Some(&place(80.0)) {
            if let Answer::Point(of, target, _, _) = worker
                .answers
                .recv_timeout(std::time::Duration::from_secs(20))
                .unwrap()
            {
                assert_eq!(of, epoch);
                answered.push(target);
            }
        }
        assert_eq!(
            answered,
            [place(0.0), place(80.0)],
            "of two hundred moves only the last waited"
        );
        assert_eq!(requests.try_iter().count(), 2);
    }

    #[test]
    fn answers_for_a_patient_who_left_are_of_another_epoch() {
        let engine = || {
            Box::new(Slow {
                gate: Arc::new(Barrier::new(1)),
                asked: channel().0,
                is_first: false,
            }) as Box<dyn Engine>
        };
        let worker = Worker::start(&(Arc::new(|| {}) as Wake), engine);
        let first = worker.begin(nobody());
        assert!(first < worker.leave());
    }
}
