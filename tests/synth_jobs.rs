//! Work that nobody waits for any more: its thread goes away.
#![allow(clippy::unwrap_used)] // A test stops at what it did not expect.

use std::{
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};

use ecg_panorama::{
    ecg::LeadSet,
    formats::{self, ReadOptions},
    session::{Autosave, Command, Session, demos, engine::network, settings::Settings},
    synth::{CalibrationOptions, SynthError, calibrate},
};

/// How many threads of this process bear that name; `None` where the system does not tell.
fn threads_named(name: &str) -> Option<usize> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    let named = tasks
        .filter_map(Result::ok)
        .filter_map(|it| std::fs::read_to_string(it.path().join("comm")).ok());
    Some(named.filter(|it| it.trim() == name).count())
}

fn is_gone(name: &str) -> bool {
    (0..1000).any(|_| {
        thread::sleep(Duration::from_millis(5));
        threads_named(name) == Some(0)
    })
}

/// One calibration to the end: threads that all work shares are there then, and bear other names.
fn warm() -> LeadSet {
    let leads = formats::read_bytes("demo.edf", &demos()[0].file(), &ReadOptions::default())
        .unwrap()
        .recording
        .leads;
    calibrate(&leads, &CalibrationOptions::default(), &mut |_| {
        ControlFlow::Continue(())
    })
    .unwrap();
    leads
}

#[test]
fn a_cancelled_calibration_ends_and_leaves_no_thread() {
    if threads_named("any").is_none() {
        println!("skipped: this system does not list threads");
        return;
    }
    let leads = warm();
    for after in [0, 1, 3, 6] {
        let (started, heard) = channel();
        let (ended, end) = channel();
        let theirs = leads.clone();
        let is_cancelled = Arc::new(AtomicBool::new(false));
        let watched = is_cancelled.clone();
        let work = move || {
            let mut told = 0;
            let found = calibrate(&theirs, &CalibrationOptions::default(), &mut |_| {
                told += 1;
                started.send(told).ok();
                if watched.load(Ordering::Relaxed) {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            });
            ended.send(found.err()).ok();
        };
        let thread = thread::Builder::new().name("one-calibration".into());
        thread.spawn(work).unwrap();
        while heard.recv().unwrap() <= after {}
        is_cancelled.store(true, Ordering::Relaxed);
        let found = end.recv_timeout(Duration::from_secs(20));
        assert!(
            matches!(found, Ok(Some(SynthError::Cancelled)) | Ok(None)),
            "{found:?}"
        );
        assert!(is_gone("one-calibration"), "cancelled after {after} steps");
        assert!(matches!(
            heard.recv_timeout(Duration::from_millis(1)),
            Ok(_) | Err(RecvTimeoutError::Disconnected)
        ));
    }
}

#[test]
fn a_session_that_is_closed_in_the_middle_leaves_no_thread() {
    if threads_named("any").is_none() {
        println!("skipped: this system does not list threads");
        return;
    }
    warm();
    let folder = tempfile::tempdir().unwrap();
    for wait_ms in [0, 60, 400] {
        let autosave = Autosave::new(folder.path().to_path_buf());
        let mut session = Session::new(Settings::default(), autosave, Arc::new(|| {}), network);
        session.apply(Command::OpenDemo("normal".into()));
        for _ in 0..=wait_ms / 20 {
            session.drain();
            thread::sleep(Duration::from_millis(20));
        }
        drop(session);
        assert!(
            is_gone("network") && is_gone("reliability"),
            "closed after {wait_ms} ms"
        );
    }
}
