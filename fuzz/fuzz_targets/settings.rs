//! Any text as stored settings: always usable, and the same after a second trip.
#![no_main]

use ecg_panorama::session::settings::Settings;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let settings = Settings::from_json(text);
    assert!((0.5..=3.0).contains(&settings.ui_scale));
    assert_eq!(Settings::from_json(&settings.to_json()), settings);
});
