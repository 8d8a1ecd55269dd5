//! Which signals of a file are leads, and at which rate.

use std::ops::Range;

use super::{FormatError, LeftOut, OtherRates, ReadOptions, contents::Signal, provenance};
use crate::ecg::{LeadName, SampleRate, plain_line};

/// The signals that share the main rate, and what is left.
pub(super) struct Plan {
    pub rate: SampleRate,
    pub n_samples: u64,
    /// Signals at the rate, and slower ones to be interpolated.
    pub main: Vec<usize>,
    pub upsampled: Vec<usize>,
    pub left_out: Vec<LeftOut>,
}

/// Chooses the signals that are leads, and their rate.
pub(super) fn plan(signals: &[Signal], options: &ReadOptions) -> Result<Plan, FormatError> {
    let is_sleep_study = signals.iter().any(|it| kind_of(&it.name) == "EEG");
    let mut left_out = Vec::new();
    let mut usable = Vec::new();
    for (idx, it) in signals.iter().enumerate() {
        match unusable(it, is_sleep_study) {
            Some(reason) => left_out.push(LeftOut {
                name: plain_line(&it.name),
                reason,
            }),
            None => usable.push(idx),
        }
    }
    let rate = main_rate(signals, &usable, &left_out, options)?;
    let (main, others): (Vec<usize>, Vec<usize>) = usable
        .into_iter()
        .partition(|it| same_rate(signals[*it].rate_hz, rate.hz()));
    let can_rise = |it: &usize| {
        options.other_rates == OtherRates::UpsampleLinearly && signals[*it].rate_hz < rate.hz()
    };
    let (upsampled, others): (Vec<usize>, Vec<usize>) = others.into_iter().partition(can_rise);
    left_out.extend(others.iter().map(|it| LeftOut {
        name: plain_line(&signals[*it].name),
        reason: format!(
            "{} Hz, while the leads are at {} Hz",
            signals[*it].rate_hz,
            rate.hz()
        ),
    }));
    let n_samples = main
        .iter()
        .map(|it| signals[*it].n_samples)
        .max()
        .unwrap_or(0);
    Ok(Plan {
        rate,
        n_samples,
        main,
        upsampled,
        left_out,
    })
}

/// The rate asked for, otherwise the one that most known leads share, then most signals, then the
/// highest.
fn main_rate(
    signals: &[Signal],
    usable: &[usize],
    left_out: &[LeftOut],
    options: &ReadOptions,
) -> Result<SampleRate, FormatError> {
    // Names are looked up once each, and rates are few: hundreds of signals are no reason to look
    // at every pair of them.
    let rated: Vec<(f64, bool)> = usable
        .iter()
        .map(|it| (signals[*it].rate_hz, is_cardiac(&signals[*it].name)))
        .collect();
    let mut rates: Vec<f64> = rated.iter().map(|it| it.0).collect();
    rates.sort_unstable_by(f64::total_cmp);
    rates.dedup();
    let merit = |rate_hz: &f64| {
        let group = rated.iter().filter(|it| same_rate(it.0, *rate_hz));
        (group.clone().filter(|it| it.1).count(), group.count())
    };
    let merits = rates.iter().map(|it| (merit(it), *it));
    let best = merits
        .max_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)))
        .map(|it| it.1);
    let wanted = options.main_rate_hz.or(best);
    let rate_hz = wanted.filter(|it| {
        usable
            .iter()
            .any(|idx| same_rate(signals[*idx].rate_hz, *it))
    });
    rate_hz.and_then(SampleRate::from_hz).ok_or_else(|| {
        let reasons: Vec<String> = left_out
            .iter()
            .take(4)
            .map(|it| format!("{}: {}", it.name, it.reason))
            .collect();
        let found = match wanted {
            Some(hz) if reasons.is_empty() => format!("no signal at {hz} Hz"),
            None if reasons.is_empty() => "no signal".to_owned(),
            _ => reasons.join("; "),
        };
        let expected = "at least one electrocardiogram in volts";
        FormatError::new("signals", "the header", found, expected)
    })
}

fn unusable(signal: &Signal, is_sleep_study: bool) -> Option<String> {
    if let Err(reason) = &signal.scale {
        return Some(reason.clone());
    }
    if SampleRate::from_hz(signal.rate_hz).is_none() {
        return Some(format!(
            "{} Hz, beyond the rates of recorders",
            signal.rate_hz
        ));
    }
    let kind = kind_of(&signal.name);
    let is_cardiac = is_cardiac(&signal.name);
    if OTHER_KINDS.contains(&kind.as_str()) && !is_cardiac {
        return Some(format!("{kind}, by its label"));
    }
    if is_sleep_study && !is_cardiac {
        return Some("no lead by its label, among signals of an EEG".to_owned());
    }
    (signal.n_samples == 0).then(|| "no samples".to_owned())
}

/// The first word, as the name will read: control characters part words, too.
fn kind_of(name: &str) -> String {
    let line = provenance::one_line(name);
    line.split(' ').next().unwrap_or_default().to_uppercase()
}

/// A known lead, or a name that says so.
fn is_cardiac(name: &str) -> bool {
    let upper = name.to_uppercase();
    upper.contains("ECG") || upper.contains("EKG") || LeadName::parse(name).is_known()
}

/// Kinds of signal that EDF+ names before the site, as in "EEG Fpz-Cz".
const OTHER_KINDS: [&str; 12] = [
    "EEG", "EMG", "EOG", "ERG", "EP", "MEG", "RESP", "EDA", "GSR", "EGG", "PPG", "PLETH",
];

fn same_rate(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.max(b)
}

/// Samples of a stretch, clamped to what there is.
pub(super) fn samples_of(
    plan: &Plan,
    start_s: f64,
    duration_s: f64,
) -> Result<Range<u64>, FormatError> {
    let samples = |seconds: f64| {
        (seconds * plan.rate.hz())
            .round()
            .clamp(0.0, plan.n_samples as f64) as u64
    };
    let first = samples(start_s);
    let range = first..(first + samples(duration_s)).min(plan.n_samples);
    if range.is_empty() {
        let found = format!("{duration_s} s from {start_s} s");
        let all = plan.n_samples as f64 / plan.rate.hz();
        return Err(FormatError::new(
            "window",
            "its place",
            found,
            format!("some part of 0 s to {all} s"),
        ));
    }
    Ok(range)
}
