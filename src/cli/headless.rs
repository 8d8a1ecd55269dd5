//! A session without a window: opens, computes what the page shows, and waits for it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::session::{
    Autosave, Calibrating, Command, Session,
    engine::network,
    notice::{OpenError, Severity},
    settings::Settings,
};

/// Longest that calibration and its tests may take here.
const PATIENCE: Duration = Duration::from_secs(120);

/// An empty session; its autosave is nobody's.
pub(super) fn session() -> Session {
    let autosave = Autosave::new(std::env::temp_dir().join("ecg-panorama-pages"));
    Session::new(Settings::default(), autosave, Arc::new(|| {}), network)
}

/// Opens, and waits until there is a recording.
pub(super) fn open(session: &mut Session, command: Command) -> Result<(), String> {
    session.apply(command);
    wait(session, |session| session.exam.is_some())
}

/// Waits until every virtual lead and its reliability report are there, or cannot be.
pub(super) fn finish(session: &mut Session) -> Result<(), String> {
    wait(session, |session| match &session.calibrating {
        // As it was saved, or the recording alone.
        Calibrating::Saved(_) | Calibrating::Failed(_) => true,
        Calibrating::Ready(_) => {
            let results = &session.results;
            let ids = || session.document.virtual_leads.iter().map(|lead| lead.id);
            let is_judged = results.reliability_problem.is_some()
                || (results.reliability.is_some()
                    && ids().all(|id| results.grades.contains_key(&id)));
            let is_made = ids().all(|id| results.listed.contains_key(&id));
            results.point.is_some() && is_made && is_judged
        }
        _ => false,
    })
}

fn wait(session: &mut Session, is_done: impl Fn(&Session) -> bool) -> Result<(), String> {
    let start = Instant::now();
    loop {
        session.drain();
        let notices = session.notices.list().iter();
        let mut failed = notices.filter(|notice| notice.message.severity() == Severity::Error);
        if let Some(notice) = failed.next() {
            return Err(notice.message.to_string());
        }
        if let Some(unsure) = &session.prompts.unsure {
            return Err(OpenError::Unsure(unsure.clone()).to_string());
        }
        if is_done(session) {
            return Ok(());
        }
        if PATIENCE < start.elapsed() {
            return Err("calibration took too long".into());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
