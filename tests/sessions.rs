//! Saved sessions, long recordings and files that go away, without a screen.
#![allow(clippy::unwrap_used)]

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use ecg_panorama::{
    ecg::{Lead, LeadName, LeadSet, Recording, SampleRate, Target, ViewAngle},
    formats::{self, Format},
    session::{
        Autosave, Calibrating, Command, Edit, Session, engine::network, notice::Severity,
        query::QueryError, settings::Settings, weights_sha256,
    },
    synth::SynthError,
};

fn session(folder: &Path) -> Session {
    Session::new(
        Settings::default(),
        Autosave::new(folder.join("keep")),
        Arc::new(|| {}),
        network,
    )
}

fn until(session: &mut Session, what: &str, done: impl Fn(&Session) -> bool) {
    let start = Instant::now();
    loop {
        session.drain();
        if done(session) {
            return;
        }
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "waited too long for {what}: {:?} {:?}",
            session.calibrating,
            said(session)
        );
        std::thread::sleep(Duration::from_millis(3));
    }
}

fn said(session: &Session) -> Vec<String> {
    session
        .notices
        .list()
        .iter()
        .map(|notice| notice.message.to_string())
        .collect()
}

fn says(session: &Session, part: &str) -> bool {
    said(session).iter().any(|it| it.contains(part))
}

fn open(session: &mut Session, path: &Path) {
    session.apply(Command::Open(path.to_owned()));
    until(session, "opening", |it| it.loading().is_none());
}

fn ready(session: &mut Session) {
    until(session, "calibration", |it| {
        matches!(it.calibrating, Calibrating::Ready(_))
    });
    until(session, "the lead", |it| {
        it.results
            .point
            .as_ref()
            .is_some_and(|point| point.target == it.document.point_target())
    });
}

/// A beat a second, eight leads, `seconds` long.
fn recording(path: &Path, seconds: usize) {
    let names = [
        LeadName::I,
        LeadName::II,
        LeadName::V1,
        LeadName::V2,
        LeadName::V3,
        LeadName::V4,
        LeadName::V5,
        LeadName::V6,
    ];
    let beat = |k: usize, r: f64| {
        let t = (k % 250) as f64 / 250.0;
        let bump = |at: f64, width: f64| (-((t - at) / width).powi(2)).exp();
        (r * bump(0.3, 0.012) - 0.4 * bump(0.34, 0.015) + 0.25 * bump(0.6, 0.05)) as f32
    };
    let lead = |(idx, name): (usize, LeadName)| {
        Lead::measured(
            name,
            (0..250 * seconds)
                .map(|k| beat(k, 0.4 + 0.13 * idx as f64 + 0.0001 * (k / 250) as f64))
                .collect::<Vec<f32>>(),
        )
    };
    let leads = names.into_iter().enumerate().map(lead).collect();
    let recording =
        Recording::from_leads(LeadSet::new(SampleRate::from_hz(250.0).unwrap(), leads).unwrap());
    formats::write(&recording, path, Format::EdfPlus).unwrap();
}

/// A session with three leads, saved in `folder` beside its recording.
fn saved(folder: &Path) -> (PathBuf, Vec<f32>) {
    let file = folder.join("exam.edf");
    std::fs::write(&file, ecg_panorama::session::demos()[0].bytes).unwrap();
    let mut session = session(folder);
    open(&mut session, &file);
    session.apply(Edit::UsePreset(LeadName::parse("V1@2ICS")));
    session.apply(Edit::AddVirtual("V8".parse().unwrap()));
    session.apply(Edit::AddVirtual(Target::View(
        ViewAngle::from_degrees(70.0, 55.0).unwrap(),
    )));
    ready(&mut session);
    until(&mut session, "the list", |it| it.results.listed.len() == 2);
    until(&mut session, "reliability", |it| {
        it.results
            .reliability
            .as_ref()
            .is_some_and(|trust| trust.0 == it.document.point_target())
    });
    let path = folder.join("exam.panorama");
    session.apply(Command::SaveSession(path.clone()));
    assert!(!session.is_edited() && path.exists());
    (
        path,
        session
            .results
            .point
            .unwrap()
            .synthesis
            .lead
            .samples_mv
            .to_vec(),
    )
}

#[test]
fn a_saved_session_comes_back_without_computing() {
    let folder = tempfile::tempdir().unwrap();
    let (path, samples) = saved(folder.path());
    let mut again = session(folder.path());
    open(&mut again, &path);
    assert!(
        matches!(again.calibrating, Calibrating::Saved(_)),
        "{:?} {:?}",
        again.calibrating,
        said(&again)
    );
    assert_eq!(again.results.listed.len(), 2);
    let point = again.results.point.as_ref().unwrap();
    let worst = point
        .synthesis
        .lead
        .samples_mv
        .iter()
        .zip(&samples)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    assert!(
        worst < 1e-6 && point.synthesis.lead.origin.is_synthesised(),
        "{worst} mV apart"
    );
    assert!(
        point.synthesis.band_mv.len() == samples.len()
            && again
                .results
                .reliability_as_saved
                .as_ref()
                .is_some_and(|it| 0.0 < it.expected_rmse_uv)
    );
    std::thread::sleep(Duration::from_millis(300));
    again.drain();
    assert!(
        matches!(again.calibrating, Calibrating::Saved(_)) && again.results.reliability.is_none(),
        "nothing is computed behind one's back"
    );
    // Saved once more it is the same.
    let twice = folder.path().join("twice.panorama");
    again.apply(Command::SaveSession(twice.clone()));
    let parse = |path: &Path| {
        serde_json::from_slice::<serde_json::Value>(&std::fs::read(path).unwrap()).unwrap()
    };
    assert_eq!(
        parse(&path)["weights_sha256"],
        parse(&twice)["weights_sha256"]
    );
    assert_eq!(
        parse(&twice)["calibration"]["leads"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    // What goes beyond it is computed, and said.
    again.apply(Edit::UsePreset(LeadName::parse("V9")));
    ready(&mut again);
    assert!(says(&again, "Calibrated anew"));
}

#[test]
fn other_weights_are_said_and_the_leads_stay_as_saved() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = saved(folder.path());
    let text = std::fs::read_to_string(&path).unwrap();
    let hash = weights_sha256();
    assert!(text.contains(hash) && hash.len() == 64);
    std::fs::write(&path, text.replace(hash, &"0123456789abcdef".repeat(4))).unwrap();
    let mut again = session(folder.path());
    open(&mut again, &path);
    assert!(
        says(&again, "saved with other weights (01234567")
            && matches!(again.calibrating, Calibrating::Saved(_)),
        "{:?}",
        said(&again)
    );
    again.apply(Command::Calibrate);
    ready(&mut again);
    assert_eq!(again.to_save().weights_sha256, hash);
}

#[test]
fn a_recording_that_changed_or_went_away_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = saved(folder.path());
    let file = folder.path().join("exam.edf");
    let bytes = std::fs::read(&file).unwrap();
    let mut other = bytes.clone();
    *other.last_mut().unwrap() ^= 1;
    let mut again = session(folder.path());
    std::fs::write(&file, &other).unwrap();
    open(&mut again, &path);
    assert!(
        says(&again, "has changed since the session was saved") && again.exam.is_none(),
        "{:?}",
        said(&again)
    );
    std::fs::remove_file(&file).unwrap();
    open(&mut again, &path);
    assert!(says(&again, "no longer there"), "{:?}", said(&again));
    // Moved together with its session it is found.
    let elsewhere = folder.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::write(elsewhere.join("exam.edf"), &bytes).unwrap();
    std::fs::rename(&path, elsewhere.join("exam.panorama")).unwrap();
    open(&mut again, &elsewhere.join("exam.panorama"));
    assert!(again.exam.is_some(), "{:?}", said(&again));
}

#[test]
fn of_a_long_recording_only_the_window_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("holter.edf");
    recording(&file, 400);
    let mut session = session(folder.path());
    open(&mut session, &file);
    let exam = session.exam.as_ref().unwrap();
    assert!(
        (exam.duration_s - 400.0).abs() < 0.1 && exam.recording.leads.duration_s() < 11.0,
        "{}",
        exam.duration_s
    );
    assert_eq!(exam.leads.leads().len(), 12);
    ready(&mut session);
    let first = session.exam.as_ref().unwrap().leads.clone();
    session.apply(Edit::SetWindow(350.0));
    ready(&mut session);
    let later = session.exam.as_ref().unwrap().leads.clone();
    assert!(first.get(&LeadName::V2) != later.get(&LeadName::V2) && later.duration_s() > 9.9);
    // The file goes away while it is open.
    std::fs::remove_file(&file).unwrap();
    session.apply(Edit::SetWindow(100.0));
    assert!(
        says(&session, "no longer there: the page stays where it was"),
        "{:?}",
        said(&session)
    );
    assert_eq!(session.document.window_start_s, 350.0);
    assert!(
        session.exam.is_some()
            && session
                .notices
                .list()
                .iter()
                .all(|notice| notice.message.severity() != Severity::Warning)
    );
}

#[test]
fn too_few_leads_are_refused_in_words_and_the_paper_stays() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("one.edf");
    let leads = vec![Lead::measured(
        LeadName::II,
        (0..5000)
            .map(|k| ((k % 400) as f32 / 400.0).sin())
            .collect::<Vec<f32>>(),
    )];
    let one =
        Recording::from_leads(LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap());
    formats::write(&one, &file, Format::EdfPlus).unwrap();
    let mut session = session(folder.path());
    open(&mut session, &file);
    until(&mut session, "the refusal", |it| {
        matches!(it.calibrating, Calibrating::Failed(_))
    });
    let Calibrating::Failed(why) = &session.calibrating else {
        return;
    };
    assert!(
        matches!(why, QueryError::Synth(SynthError::TooFewLeads { .. })) && session.exam.is_some(),
        "{why}"
    );
}
