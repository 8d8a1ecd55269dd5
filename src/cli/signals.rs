//! A program that is told to end leaves no unfinished file.

/// From now on SIGTERM, SIGHUP and SIGINT end the program only after what it has not finished is
/// removed.
#[cfg(unix)]
pub(super) fn clean_up_when_told_to_end() {
    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGTERM},
        iterator::Signals,
        low_level::emulate_default_handler,
    };
    let ignored = ignored();
    let heeded = [SIGTERM, SIGHUP, SIGINT].into_iter();
    let heeded = heeded.filter(|signal| ignored >> (signal - 1) & 1 == 0);
    let Ok(mut signals) = Signals::new(heeded) else {
        return;
    };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            crate::formats::remove_unfinished();
            let _ = emulate_default_handler(signal);
        }
    });
}

/// Signals that the parent had ignored (`nohup`), as bits; they stay so. Known on Linux only.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|it| it.strip_prefix("SigIgn:"));
    mask.and_then(|it| u64::from_str_radix(it.trim(), 16).ok())
        .unwrap_or(0)
}

/// Other systems end a program without asking; what it leaves is removed later.
#[cfg(not(unix))]
pub(super) fn clean_up_when_told_to_end() {}
