//! Any bytes as a saved session or an autosave: refused, or sound and the same after a second trip.
#![no_main]

use ecg_panorama::session::SavedSession;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(session) = SavedSession::parse(bytes) else {
        return;
    };
    assert!(session.document.check().is_ok());
    let written = serde_json::to_vec(&session).expect("a session can be written");
    let again = SavedSession::parse(&written).expect("what was written reads");
    assert_eq!(again.document.virtual_leads.len(), session.document.virtual_leads.len());
    assert_eq!(again.document.calipers, session.document.calipers);
    assert_eq!(again.calibration.is_some(), session.calibration.is_some());
});
