//! The one thread that owns the network. Every kind of request has one slot: the newest replaces the one that waits.

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

use super::{BodyMap, Stage, Target, Wake};
use crate::{
    ecg::{LeadName, LeadSet, ViewAngle},
    synth::{ExamTrust, Synthesis, Trust},
};

/// What to learn a patient from.
#[derive(Clone)]
pub struct Begin {
    /// The leads as recorded.
    pub leads: Arc<LeadSet>,
    /// Recorded leads kept out, to compare with.
    pub withhold: Vec<LeadName>,
    /// Off: the average torso and network, nothing learnt.
    pub calibrated: bool,
}

/// The part of trust that is the same for every lead of a patient.
pub type Examined = Result<ExamTrust, String>;
/// The making of it; it asks now and then whether to go on.
pub type Examination = Box<dyn FnOnce(&dyn Fn() -> bool) -> Examined + Send>;

/// The making of a body map.
pub type Mapping = Box<dyn FnOnce() -> BodyMap + Send>;

/// What the thread can do. The product has one; tests have another.
pub trait Engine {
    /// Learns the patient. `progress` is called often; a break stops the work.
    fn begin(&mut self, begin: &Begin, progress: &mut dyn FnMut(Stage) -> ControlFlow<()>) -> Result<Learned, String>;
    /// One lead.
    fn synthesise(&mut self, target: &Target) -> Result<Synthesis, String>;
    /// Work that trust needs once per patient and that takes long: done beside the thread, so that a drag never waits for it.
    fn examination(&mut self) -> Option<Examination>;
    /// What the examination found.
    fn examined(&mut self, found: Examined);
    /// How far to believe one lead.
    fn trust(&mut self, target: &Target) -> Result<Trust, String>;
    /// A recorded lead, hidden from calibration and synthesised from the others.
    fn held_out(&mut self, name: &LeadName) -> Result<Synthesis, String>;
    /// Small leads all around the chest.
    fn panorama(&mut self, targets: &[Target]) -> Result<Vec<Synthesis>, String>;
    /// The potential over the skin, for every moment of the page.
    fn body_map(&mut self) -> Result<Mapping, String>;
}

/// Where one recorded electrode seems to sit.
#[derive(Clone, Debug, PartialEq)]
pub struct Seat {
    /// The lead.
    pub lead: LeadName,
    /// Where it belongs.
    pub nominal: ViewAngle,
    /// Where calibration puts it.
    pub view: ViewAngle,
    /// Farther off than electrodes scatter: misplaced, or another lead.
    pub alarm: bool,
}

/// What calibration found, for the torso and the status line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Learned {
    /// Method and identity of the weights.
    pub by: String,
    /// CPU, or the name of the graphics card.
    pub device: String,
    /// Seconds that it took.
    pub took_s: f64,
    /// Where the recorded electrodes seem to sit.
    pub electrodes: Vec<Seat>,
    /// Plain words worth knowing.
    pub notes: Vec<String>,
}

/// What comes back. `epoch` tells which patient it belongs to.
pub enum Answer {
    /// Calibration moved.
    Progress(u64, Stage),
    /// The patient is learnt.
    Ready(u64, Result<Learned, String>),
    /// Calibration was cancelled.
    Cancelled(u64),
    /// The lead at the point, and the seconds from taking the request to the answer.
    Point(u64, Target, Result<Synthesis, String>, f64),
    /// A lead of the list.
    Listed(u64, u32, Result<Synthesis, String>),
    /// Another lead, by target: truth leads, neighbours.
    Extra(u64, Target, Result<Synthesis, String>),
    /// A recorded lead foretold from the others.
    HeldOut(u64, LeadName, Result<Synthesis, String>),
    /// How far to believe the point.
    Trust(u64, Target, Result<Box<Trust>, String>),
    /// The 48 small views.
    Panorama(u64, Result<Vec<Synthesis>, String>),
    /// The potential over the skin.
    Map(u64, Result<BodyMap, String>),
    /// The thread came to grief; it has been started again.
    Lost(String),
}

#[derive(Default)]
struct Inbox {
    epoch: u64,
    begin: Option<Begin>,
    point: Option<Target>,
    listed: BTreeMap<u32, Target>,
    extra: Vec<Target>,
    held_out: Vec<LeadName>,
    trust: Option<Target>,
    panorama: Option<Vec<Target>>,
    map: bool,
    examined: Option<Examined>,
    is_examined: bool,
    quit: bool,
    ready: bool,
}

enum Task {
    Examined(Examined),
    Begin(Begin),
    Point(Target),
    Listed(u32, Target),
    Extra(Target),
    HeldOut(LeadName),
    Trust(Target),
    Panorama(Vec<Target>),
    Map,
}

impl Inbox {
    /// The most urgent request. Before a patient is learnt, only learning one is.
    fn take(&mut self) -> Option<Task> {
        if let Some(begin) = self.begin.take() {
            self.ready = false;
            return Some(Task::Begin(begin));
        }
        if !self.ready {
            return None;
        }
        if let Some(found) = self.examined.take() {
            self.is_examined = true;
            return Some(Task::Examined(found));
        }
        let point = self.point.take().map(Task::Point);
        let listed = || self.listed.pop_first().map(|(id, target)| Task::Listed(id, target));
        point
            .or_else(listed)
            .or_else(|| self.extra.pop().map(Task::Extra))
            .or_else(|| self.held_out.pop().map(Task::HeldOut))
            .or_else(|| std::mem::take(&mut self.map).then_some(Task::Map))
            .or_else(|| if self.is_examined { self.trust.take().map(Task::Trust) } else { None })
            .or_else(|| self.panorama.take().map(Task::Panorama))
    }

    fn forget_requests(&mut self) {
        *self = Self { epoch: self.epoch, quit: self.quit, ..Self::default() };
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
        let (theirs, post) = (shared.clone(), Post { outbox, wake: wake.clone() });
        let started = thread::Builder::new().name("network".into()).spawn(move || live(&theirs, &post, &engine));
        drop(started); // Without the thread nothing is answered; the paper still works.
        Self { shared, answers }
    }

    /// Learns another patient; everything asked before is forgotten. Returns the new epoch.
    pub fn begin(&self, begin: Begin) -> u64 {
        self.shared.cancel.store(true, Ordering::Relaxed);
        let mut epoch = 0;
        self.shared.change(|it| {
            it.forget_requests();
            it.epoch += 1;
            epoch = it.epoch;
            it.begin = Some(begin);
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

    /// The lead at the point: replaces the request that waits, so that a drag never queues more than one.
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
    pub fn body_map(&self) {
        self.shared.change(|it| it.map = true);
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
            post.send(Answer::Map(epoch, map.map_err(|_| "the body map could not be made: an unforeseen error".into())));
        };
        drop(thread::Builder::new().name("body map".into()).spawn(work));
    }
}

/// Works until told to quit. A panic costs the engine, which is built anew, and the request.
fn live(shared: &Arc<Shared>, post: &Post, engine: &dyn Fn() -> Box<dyn Engine>) {
    loop {
        let round = || work(shared, post, engine());
        let Err(panic) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(round)) else { return };
        let text = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|it| (*it).to_owned()));
        shared.change(|it| it.forget_requests());
        post.send(Answer::Lost(text.unwrap_or_else(|| "no reason given".into())));
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
            inbox = shared.news.wait(inbox).unwrap_or_else(PoisonError::into_inner);
        };
        if matches!(task, Task::Begin(_)) {
            shared.cancel.store(false, Ordering::Relaxed);
        }
        drop(inbox);
        if let Task::Examined(found) = task {
            engine.examined(found);
            continue;
        }
        if let Task::Map = task {
            match engine.body_map() {
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
        let found = found.unwrap_or_else(|_| Err("the trust figures could not be made: an unforeseen error".into()));
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
        Task::Examined(_) | Task::Map => Answer::Cancelled(0), // Taken before this.
        Task::Begin(begin) => {
            let mut progress = |stage| {
                post.send(Answer::Progress(epoch, stage));
                if shared.cancel.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            let learned = engine.begin(&begin, &mut progress);
            if shared.cancel.load(Ordering::Relaxed) {
                return Answer::Cancelled(epoch);
            }
            shared.change(|it| it.ready = learned.is_ok() && it.epoch == epoch);
            Answer::Ready(epoch, learned.map(|it| Learned { took_s: start.elapsed().as_secs_f64(), ..it }))
        }
        Task::Point(target) => {
            let synthesis = engine.synthesise(&target);
            Answer::Point(epoch, target, synthesis, start.elapsed().as_secs_f64())
        }
        Task::Listed(id, target) => Answer::Listed(epoch, id, engine.synthesise(&target)),
        Task::Extra(target) => {
            let synthesis = engine.synthesise(&target);
            Answer::Extra(epoch, target, synthesis)
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
