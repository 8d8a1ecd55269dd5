//! What the session promises, with a stand-in for the network.

use std::{path::Path, sync::mpsc::channel};

use super::*;
use crate::session::{
    Command, ExportForm, PathPurpose, ReadAs,
    engine::{Watch, Work},
    query::{CalibrationSummary, Found, Key, QueryError},
};

/// Calibrates at once and knows nothing else.
struct Idle;

impl Engine for Idle {
    fn answer(&mut self, query: &Query, _: Watch<'_>) -> Result<Work, QueryError> {
        match query.key() {
            Key::Calibrate => Ok(Work::Done(Found::Calibrated(CalibrationSummary::default()))),
            _ => Err(QueryError::CalibrationOff),
        }
    }
}

/// A session with its autosave in `folder`.
fn session(folder: &Path) -> Session {
    let wake: Wake = Arc::new(|| {});
    let autosave = Autosave::new(folder.join("autosave"));
    Session::new(Settings::default(), autosave, wake, || Box::new(Idle))
}

/// The same, with the healthy demo on its page and calibrated.
fn with_demo(folder: &Path) -> Session {
    let mut session = session(folder);
    session.apply(Command::OpenDemo("normal".into()));
    until(&mut session, is_ready);
    session
}

fn is_ready(session: &Session) -> bool {
    matches!(session.calibrating, Calibrating::Ready(_))
}

fn until(session: &mut Session, done: impl Fn(&Session) -> bool) {
    let start = Instant::now();
    while !done(session) {
        assert!(start.elapsed() < Duration::from_secs(60), "waited too long");
        std::thread::sleep(Duration::from_millis(1));
        session.drain();
    }
}

fn said(session: &Session, is_it: fn(&Message) -> bool) -> bool {
    let mut notices = session.notices.list().iter();
    notices.any(|notice| is_it(&notice.message))
}

fn at(phi_deg: f64) -> Edit {
    Edit::MovePoint(crate::ecg::ViewAngle::from_degrees(70.0, phi_deg).unwrap())
}

#[test]
fn a_drag_is_one_step_of_undo() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = with_demo(folder.path());
    let start = session.document.clone();
    (1..=9).for_each(|step| session.apply(at(f64::from(step))));
    session.apply(Command::EndGesture);
    let first = session.document.clone();
    session.apply(at(30.0));
    session.apply(Command::Undo);
    assert_eq!(session.document, first);
    session.apply(Command::Undo);
    assert_eq!(session.document, start);
    assert_eq!(session.can_undo_redo(), (false, true));
    session.apply(Command::Redo);
    assert!(session.document == first && session.is_edited());
}

#[test]
fn a_moved_electrode_calibrates_anew_once_it_is_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = with_demo(folder.path());
    let start = session.document.clone();
    for phi_deg in [-20.0, -10.0, 0.0] {
        let view = crate::ecg::ViewAngle::from_degrees(60.0, phi_deg).unwrap();
        session.apply(Edit::MoveElectrode(LeadName::V1, view));
        assert!(is_ready(&session), "the drag goes on");
    }
    session.apply(Command::EndGesture);
    assert!(!is_ready(&session));
    until(&mut session, is_ready);
    session.apply(Command::Undo);
    assert!(session.document == start && !is_ready(&session));
}

#[test]
fn another_window_or_calibration_forgets_what_was_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = with_demo(folder.path());
    for edit in [Edit::SetCalibrated(false), Edit::SetCalibrated(true)] {
        session.results.answer_s = 1.0;
        session.apply(edit);
        assert!(matches!(session.calibrating, Calibrating::Running(_)));
        assert_eq!(session.results.answer_s, 0.0);
        until(&mut session, is_ready);
    }
    session.apply(Command::Calibrate);
    session.apply(Command::CancelCalibration);
    std::thread::sleep(Duration::from_millis(30));
    session.drain();
    assert!(matches!(session.calibrating, Calibrating::Cancelled));
}

#[test]
fn a_missing_unit_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.csv");
    let row = |k: usize| format!("{},{},{}\n", k as f64 / 500.0, k % 7, k % 5);
    let rows: String = (0..3000).map(row).collect();
    std::fs::write(&file, format!("time_s,I,II\n{rows}")).unwrap();
    let mut session = session(folder.path());
    session.apply(Command::Open(file.clone()));
    until(&mut session, |session| session.loading().is_none());
    let asked = session.prompts.unsure.as_deref().unwrap();
    assert!(asked.path == file && asked.lacks_unit && !asked.lacks_rate);
    let read_as = ReadAs {
        unit: Some(crate::formats::Unit::Microvolt),
        ..ReadAs::default()
    };
    session.apply(Command::OpenAs(file, read_as));
    until(&mut session, |session| session.exam.is_some());
    assert_eq!(session.prompts.unsure, None);
    // What was said is saved with the session, which opens by itself.
    let saved = folder.path().join("a.panorama");
    session.apply(Command::SaveSession(saved.clone()));
    session.apply(Command::Close);
    session.apply(Command::Open(saved));
    until(&mut session, |session| session.exam.is_some());
}

#[test]
fn paths_are_typed_where_no_dialog_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = with_demo(folder.path());
    let purpose = PathPurpose::Export(ExportForm::Csv);
    session.apply(Command::AskPath(purpose));
    assert_eq!(session.prompts.path_for.take(), Some(purpose));
    session.file_dialog = Some(Arc::new(|_| None));
    session.apply(Command::AskPath(purpose));
    until(&mut session, |session| session.prompts.path_for.is_some());
    let (asked, requests) = channel();
    let target = folder.path().join("a.csv");
    let chosen = target.clone();
    session.file_dialog = Some(Arc::new(move |request| {
        asked.send(request.name.clone()).unwrap();
        Some(chosen.clone())
    }));
    session.apply(Edit::SetDeidentified(true));
    session.apply(Command::AskPath(purpose));
    until(&mut session, |session| {
        said(session, |message| {
            matches!(message, Message::Written { .. })
        })
    });
    assert_eq!(requests.recv().unwrap(), "recording-panorama.csv");
    assert!(target.exists() && session.prompts.path_for.is_none());
    assert_eq!(session.settings.last_folder.as_deref(), Some(folder.path()));
}

#[test]
fn a_typed_path_replaces_nothing_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = with_demo(folder.path());
    let victim = folder.path().join("another.edf");
    for purpose in [
        PathPurpose::Save,
        PathPurpose::Export(ExportForm::Edf),
        PathPurpose::Export(ExportForm::Pdf),
    ] {
        std::fs::write(&victim, "another recording").unwrap();
        let typed = Command::UsePath(purpose, victim.clone());
        session.apply(typed.clone());
        session.apply(Command::LeaveFile);
        assert_eq!(std::fs::read(&victim).unwrap(), b"another recording");
        session.apply(typed);
        assert!(session.prompts.replace.is_some());
        session.apply(Command::ReplaceFile);
        until(&mut session, |_| {
            std::fs::read(&victim).unwrap() != b"another recording"
        });
    }
}

#[test]
fn nothing_is_written_over_the_recording_at_hand() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.edf");
    let bytes = crate::session::demos()[0].file();
    std::fs::write(&file, &bytes).unwrap();
    let mut session = session(folder.path());
    session.apply(Command::Open(file.clone()));
    until(&mut session, is_ready);
    session.apply(Command::Export(ExportForm::Edf, file.clone()));
    until(&mut session, |session| {
        said(session, |message| {
            matches!(message, Message::NotExported(_))
        })
    });
    session.apply(Command::SaveSession(file.clone()));
    assert!(said(&session, |message| {
        matches!(message, Message::NotSaved(_))
    }));
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
}

#[test]
fn paper_and_privacy_outlive_a_recording() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = with_demo(folder.path());
    session.apply(Edit::SetDeidentified(true));
    session.apply(Edit::AddVirtual("V7".parse().unwrap()));
    session.apply(Command::Close);
    session.apply(Command::DiscardAndLeave);
    let document = &session.document;
    assert!(session.exam.is_none() && document.deidentified);
    assert!(document.virtual_leads.is_empty() && document.source.is_none());
    assert_eq!(session.can_undo_redo(), (false, false));
}
