//! Saved sessions, long recordings and files that go away, without a screen.
#![allow(clippy::unwrap_used)]

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use ecg_panorama::{
    draw::{Page, Role, ecg_pages},
    ecg::{
        Lead, LeadName, LeadSet, PageLayout, PaperSettings, Recording, SampleRate, Sheet, Target,
        ViewAngle,
    },
    export::page_to_picture,
    formats::{self, Format},
    session::{
        Autosave, Calibrating, Command, Edit, ExportForm, PathPurpose, Session, engine::network,
        notice::Severity, query::QueryError, settings::Settings, weights_sha256,
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
    let leads = LeadName::EIGHT.into_iter().enumerate().map(lead).collect();
    let recording =
        Recording::from_leads(LeadSet::new(SampleRate::from_hz(250.0).unwrap(), leads).unwrap());
    formats::write(&recording, path, Format::EdfPlus).unwrap();
}

/// A session with three leads, saved in `folder` beside its recording.
fn saved(folder: &Path) -> (PathBuf, Vec<f32>) {
    let file = folder.join("exam.edf");
    std::fs::write(&file, ecg_panorama::session::demos()[0].file()).unwrap();
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

/// A session on the demo with one edit that is not saved.
fn edited(folder: &Path) -> Session {
    let mut session = session(folder);
    session.apply(Command::OpenDemo("normal".into()));
    until(&mut session, "opening", |it| it.loading().is_none());
    assert!(!session.is_edited());
    session.apply(Edit::AddVirtual("V8".parse().unwrap()));
    assert!(session.is_edited());
    session
}

/// Leads kept by the work on screen, and whether there is work at all.
fn kept(session: &Session) -> Option<usize> {
    let is_open = session.exam.is_some();
    is_open.then_some(session.document.virtual_leads.len())
}

#[test]
fn leaving_edits_asks_and_the_answer_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.edf");
    recording(&file, 10);
    let leave = |session: &mut Session, command: Command| {
        session.apply(command);
        until(session, "opening", |it| it.loading().is_none());
        assert!(session.prompts.unsaved.is_some() && kept(session) == Some(1));
    };
    let open = || Command::Open(file.clone());
    let mut session = edited(folder.path());
    leave(&mut session, open());
    session.apply(Command::Stay);
    assert!(session.prompts.unsaved.is_none() && kept(&session) == Some(1));
    leave(&mut session, Command::Quit);
    session.apply(Command::Stay);
    assert!(!session.may_quit());
    leave(&mut session, Command::Close);
    session.apply(Command::SaveAndLeave);
    assert_eq!(session.prompts.path_for, Some(PathPurpose::Save));
    let work = folder.path().join("work.panorama");
    session.apply(Command::UsePath(PathPurpose::Save, work.clone()));
    assert!(
        work.exists() && kept(&session).is_none(),
        "saved, then closed"
    );
    session = edited(folder.path());
    leave(&mut session, open());
    session.apply(Command::DiscardAndLeave);
    assert_eq!((kept(&session), session.is_edited()), (Some(0), false));
    session.apply(Command::Quit);
    assert!(session.may_quit(), "without edits nothing is asked");
}

#[test]
fn a_save_that_is_not_done_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = edited(folder.path());
    session.apply(Command::Quit);
    session.apply(Command::SaveAndLeave);
    let nowhere = folder.path().join("none/work.panorama");
    session.apply(Command::UsePath(PathPurpose::Save, nowhere));
    assert!(!session.may_quit() && kept(&session) == Some(1));
    // The user thinks better of it; a save much later does not end the program.
    session.apply(Command::Quit);
    session.apply(Command::SaveAndLeave);
    session.apply(Edit::AddVirtual("V9".parse().unwrap()));
    session.apply(Command::SaveSession(folder.path().join("a.panorama")));
    assert!(!session.may_quit() && kept(&session) == Some(2));
}

/// Waits until the edits are in the autosave, and crashes.
fn crash(mut session: Session, folder: &Path) {
    let is_written = || {
        let files = std::fs::read_dir(folder.join("keep"));
        let mut names = files.into_iter().flatten().flatten().map(|it| it.path());
        names.any(|it| it.extension().is_some_and(|ending| ending == "panorama"))
    };
    until(&mut session, "the autosave", |_| is_written());
    drop(session);
}

#[test]
fn work_of_a_crash_is_offered_until_the_user_decides() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first = edited(folder);
    let second = session(folder);
    assert!(second.prompts.recovery.is_empty(), "the first one runs");
    crash(first, folder);
    // Started with a file, and ended without a decision.
    let mut with_file = session(folder);
    with_file.apply(Command::OpenDemo("lbbb".into()));
    until(&mut with_file, "opening", |it| it.loading().is_none());
    assert_eq!(with_file.prompts.recovery.len(), 1);
    with_file.finish();
    drop(with_file);
    // Taken up it is an edit still, and survives another crash.
    let mut again = session(folder);
    again.apply(Command::Recover);
    until(&mut again, "recovery", |it| it.loading().is_none());
    assert_eq!((kept(&again), again.is_edited()), (Some(1), true));
    assert!(again.prompts.recovery.is_empty());
    drop(again);
    let mut last = session(folder);
    assert_eq!(last.prompts.recovery.len(), 1);
    last.apply(Command::ForgetRecovery);
    drop(last);
    assert!(session(folder).prompts.recovery.is_empty());
}

#[test]
fn a_second_program_leaves_the_work_of_the_first_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first = edited(folder);
    let mut second = session(folder);
    second.apply(Command::OpenDemo("rbbb".into()));
    until(&mut second, "opening", |it| it.loading().is_none());
    second.finish();
    drop(second);
    crash(first, folder);
    assert_eq!(session(folder).prompts.recovery.len(), 1);
}

/// The session at `path`, changed by `change` and opened.
fn forged(folder: &Path, path: &Path, change: impl FnOnce(&mut serde_json::Value)) -> Session {
    let mut value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    change(&mut value);
    // Known by its content, not by its ending.
    let forged = folder.join("s0010.session");
    std::fs::write(&forged, value.to_string()).unwrap();
    let mut session = session(folder);
    open(&mut session, &forged);
    session
}

#[test]
fn a_forged_session_is_refused_calibrated_anew_or_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = saved(folder.path());
    let forged = |change: fn(&mut serde_json::Value)| forged(folder.path(), &path, change);
    let refused = forged(|value| value["document"]["page"]["gain_mm_mv"] = 1e300.into());
    assert!(says(&refused, "gain, mm/mV") && refused.exam.is_none());
    let anew: [fn(&mut serde_json::Value); 4] = [
        |value| value["calibration"]["leads"][0]["mixing"]["exact"] = true.into(),
        |value| {
            value["calibration"]["leads"][0]["mixing"]["error"]["quadratic"] =
                [0.1].as_slice().into()
        },
        |value| value["calibration"]["leads"][0]["added_nv"] = vec![1_500_000; 5000].into(),
        |value| value["calibration"]["reliability"]["grade"] = "not supported".into(),
    ];
    for change in anew {
        let session = forged(change);
        assert!(
            says(&session, "does not fit the recording"),
            "{:?}",
            said(&session)
        );
        assert!(!matches!(session.calibrating, Calibrating::Saved(_)));
    }
    // What passes is marked in every file, and found out when it is made anew.
    let samples = |session: &Session| {
        let exam = session.exam.as_ref().unwrap();
        exam.leads.n_samples()
    };
    let mut honest = forged(|_| {});
    assert!(honest.results.are_as_saved() && samples(&honest) == 5000);
    let data = honest.export_data().unwrap();
    let unchecked = data
        .recording
        .leads
        .leads()
        .iter()
        .filter(|lead| match &lead.origin {
            ecg_panorama::ecg::Origin::Synthesised { by, .. } => {
                by.contains("as saved, not checked")
            }
            _ => false,
        });
    assert_eq!(unchecked.count(), 3);
    assert!(
        data.page()
            .warnings
            .iter()
            .any(|it| it.text.contains("not checked"))
    );
    honest.apply(Command::Calibrate);
    ready(&mut honest);
    until(&mut honest, "the check", |it| {
        says(it, "Checked: the saved leads are what")
    });
    assert!(!honest.results.are_as_saved());
    let mut invented =
        forged(|value| value["calibration"]["leads"][0]["added_nv"] = vec![500_000; 5000].into());
    assert!(invented.results.are_as_saved());
    invented.apply(Command::Calibrate);
    until(&mut invented, "the check", |it| {
        says(it, "were not what the recording gives now")
    });
}

/// What a session keeps stays synthesised in whatever it is handed on as.
#[test]
fn a_kept_lead_is_synthesised_in_every_file_and_on_the_clipboard() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = saved(folder.path());
    let mut session = session(folder.path());
    open(&mut session, &path);
    assert!(session.results.are_as_saved());
    let at = |form: ExportForm| folder.path().join("made").with_extension(form.extension());
    for form in ExportForm::ALL {
        session.apply(Command::Export(form, at(form)));
        let beside = format!("{}.json", at(form).display());
        until(&mut session, "the export", |_| Path::new(&beside).exists());
    }
    for form in [ExportForm::Csv, ExportForm::Edf] {
        let read = formats::read(&at(form), &formats::ReadOptions::default()).unwrap();
        let leads = read.recording.leads;
        let made = leads.leads().iter().filter(|it| it.origin.is_synthesised());
        let labels: Vec<String> = made.map(|it| it.label()).collect();
        // The simulated exam has a V8 and a V1@2ICS as well: both are there, as what they are.
        let truth = ["V1@2ICS truth", "V8 truth"].map(LeadName::parse);
        assert!(truth.iter().all(|name| leads.get(name).is_some()));
        let expected = ["dV1@2ICS", "dV8", "d"];
        let mut pairs = labels.iter().zip(expected);
        assert!(
            labels.len() == 3 && pairs.all(|(it, start)| it.starts_with(start)),
            "{labels:?}"
        );
    }
    let drawn = std::fs::read_to_string(at(ExportForm::Svg)).unwrap();
    assert!(drawn.contains("dV8") && drawn.contains("synthesised"));
    session.apply(Command::CopyPage);
    until(&mut session, "the copy", |it| says(it, "on the clipboard"));
    let copied = session.take_picture().unwrap();
    let pages = ecg_pages(
        &session.export_data().unwrap().page(),
        &session.document.page,
    );
    let expected = page_to_picture(&Page::stacked(pages), 150.0).unwrap();
    assert!(copied.rgba == expected.rgba, "the clipboard holds the page");
}

/// What a simulated patient has where no exam has an electrode is never in the place of the synthesised
/// lead, and wherever it is drawn it is said to be simulated.
#[test]
fn a_demo_shows_its_truth_only_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session(folder.path());
    session.apply(Command::OpenDemo("brugada-1".into()));
    until(&mut session, "opening", |it| it.loading().is_none());
    session.apply(Edit::ShowSheet(Some(Sheet::Brugada)));
    let pages = |session: &Session| -> Vec<Page> {
        let data = session.export_data().unwrap();
        ecg_pages(&data.page(), &session.document.page)
    };
    let traces = |pages: &[Page]| -> Vec<String> {
        let items = pages[0].items.iter();
        let mut labels: Vec<String> = items
            .filter_map(|item| match &item.role {
                Role::Trace(label) => Some(label.clone()),
                _ => None,
            })
            .collect();
        labels.dedup();
        labels
    };
    assert_eq!(
        traces(&pages(&session)),
        ["V1", "V2"],
        "nothing in their place yet"
    );
    ready(&mut session);
    until(&mut session, "the sheet", |it| it.results.listed.len() == 4);
    let made = pages(&session);
    let expected = ["V1", "dV1@3ICS", "dV1@2ICS", "V2", "dV2@3ICS", "dV2@2ICS"];
    assert_eq!(traces(&made), expected);
    let words = made[1].words();
    for name in ["V1@3ICS", "V1@2ICS", "V2@3ICS", "V2@2ICS"] {
        let own = words.lines().filter(|line| line.starts_with(name));
        let own: Vec<&str> = own.collect();
        let is_said = own.iter().all(|line| line.contains("simulated (truth)"));
        assert!(is_said && own.len() == 2, "beat and row: {own:?}");
    }
    // Its type 1 pattern has no angle; a row for each lead on the page of a machine says what it is.
    assert!(words.contains("– (coved)"));
    session.apply(Edit::ShowSheet(None));
    session.apply(Edit::SetPage(PaperSettings {
        layout: PageLayout::TwelveByOne,
        ..session.document.page
    }));
    let words: String = pages(&session)
        .iter()
        .map(|page| page.words() + "\n")
        .collect();
    let marked = words.matches("simulated (truth)").count();
    let extra = session.exam.as_ref().unwrap().truth_leads().len();
    let at_the_point = 1; // Under a name that says it.
    assert!(
        extra - at_the_point <= marked,
        "{marked} of {extra}: {words}"
    );
}

#[test]
fn a_saved_session_without_a_display_gives_its_pages() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = saved(folder.path());
    let ran = std::process::Command::new(env!("CARGO_BIN_EXE_ecg-panorama"))
        .arg(&path)
        .current_dir(folder.path())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success(), "{said}");
    let pages = std::fs::read(folder.path().join("panorama.pdf")).unwrap();
    assert!(pages.starts_with(b"%PDF"));
}

#[test]
fn without_identity_no_name_of_file_or_signal_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("MUELLER.edf");
    recording(&file, 10);
    let mut read = formats::read(&file, &formats::ReadOptions::default())
        .unwrap()
        .recording;
    let mut leads = read.leads.leads().to_vec();
    let noise = (0..leads[0].samples_mv.len()).map(|k| 0.3 * (k as f32 * 2.9).sin());
    leads.push(Lead::measured(
        LeadName::parse("PLANTNAME"),
        noise.collect::<Vec<f32>>(),
    ));
    read.leads = LeadSet::new(read.leads.rate(), leads).unwrap();
    let output = formats::Output::new(formats::Overwrite::Allowed);
    output
        .write_recording(&read, &file, Format::EdfPlus)
        .unwrap();
    let mut session = session(folder.path());
    session.apply(Edit::SetDeidentified(true));
    open(&mut session, &file);
    ready(&mut session);
    assert!(session.settings.recent.is_empty());
    let exam = session.exam.as_ref().unwrap();
    let names = format!(
        "{:?}",
        exam.leads
            .leads()
            .iter()
            .map(|it| &it.name)
            .collect::<Vec<_>>()
    );
    let report = exam.import_words(session.document.privacy()).join("\n");
    session.apply(Edit::AddVirtual("V8".parse().unwrap()));
    let path = folder.path().join("a.panorama");
    session.apply(Command::SaveSession(path.clone()));
    let text = std::fs::read_to_string(&path).unwrap();
    for part in ["PLANT", "MUELLER"] {
        for place in [&names, &report, &text] {
            assert!(!place.contains(part), "{part} in {place}");
        }
    }
    assert!(
        names.contains("signal 13") || names.contains("signal 9"),
        "{names}"
    );
    // It finds its recording by content, beside it.
    let mut again = self::session(folder.path());
    open(&mut again, &path);
    assert_eq!(kept(&again), Some(1), "{:?}", said(&again));
    // Shown again, the name is back.
    session.apply(Edit::SetDeidentified(false));
    let exam = session.exam.as_ref().unwrap();
    assert!(exam.leads.get(&LeadName::parse("PLANTNAME")).is_some());
}
