//! Arguments that every command which reads a recording shares.

use std::{io::Read, path::Path};

use super::CliError;
use crate::{
    formats::{
        self, Converter, FormatError, MissingUnit, Opened, OtherRates, ReadOptions, Source,
        Truncated, Unit,
    },
    session::{Demo, demos},
    signal::FilterSettings,
};

/// How to read files that leave something unsaid.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct ReadArgs {
    /// Take numbers without a unit to be in this one (nV, uV, mV, V); without it such signals are
    /// left out
    #[arg(long, value_name = "UNIT", value_parser = unit)]
    pub assume_unit: Option<Unit>,
    /// Steps of one millivolt, for numbers of a converter that come without gain and unit
    #[arg(long, value_name = "STEPS", value_parser = hz)]
    pub assume_steps_per_mv: Option<f64>,
    /// The number that stands for 0 mV, with --assume-steps-per-mv
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0.0,
        allow_negative_numbers = true
    )]
    pub assume_zero: f64,
    /// Which exam of a file that holds several; `info` lists them
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub exam: Option<u32>,
    /// Samples per second of a table that has no time column and states no rate
    #[arg(long, value_name = "HZ", value_parser = hz)]
    pub assume_rate: Option<f64>,
    /// Read the signals of this rate instead of the rate that most leads share
    #[arg(long, value_name = "HZ", value_parser = hz)]
    pub main_rate: Option<f64>,
    /// Draw straight lines between the samples of slower signals instead of leaving them out
    #[arg(long)]
    pub upsample: bool,
    /// Refuse files that are shorter than their header says
    #[arg(long)]
    pub refuse_truncated: bool,
}

impl ReadArgs {
    /// The same as options of the reader.
    pub fn options(&self) -> ReadOptions {
        ReadOptions {
            missing_unit: self
                .assume_unit
                .map_or(MissingUnit::Refuse, MissingUnit::Take),
            missing_rate_hz: self.assume_rate,
            converter: self.assume_steps_per_mv.map(|steps_per_mv| Converter {
                steps_per_mv,
                zero: self.assume_zero,
            }),
            exam: self.exam.map(|number| number as usize - 1),
            main_rate_hz: self.main_rate,
            other_rates: if self.upsample {
                OtherRates::UpsampleLinearly
            } else {
                OtherRates::LeaveOut
            },
            truncated: if self.refuse_truncated {
                Truncated::Refuse
            } else {
                Truncated::Keep
            },
            ..ReadOptions::default()
        }
    }
}

/// Reads `seconds` from `from_s` on (`None`: all); `-` is standard input, for formats of a single
/// file.
pub(super) fn read(
    path: &Path,
    options: &ReadOptions,
    from_s: f64,
    seconds: Option<f64>,
) -> Result<Opened, CliError> {
    let source = open(path, options)?;
    source
        .window(from_s, seconds.unwrap_or(source.duration_s() - from_s))
        .map_err(CliError::from_error)
}

/// Looks into a file, or into standard input (`-`).
pub(super) fn open(path: &Path, options: &ReadOptions) -> Result<Source, CliError> {
    let source = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        // One byte beyond the limit tells a longer input from one that just fits.
        let mut input = std::io::stdin().lock().take(options.limits.text_bytes + 1);
        input
            .read_to_end(&mut bytes)
            .map_err(|it| CliError(format!("standard input: {it}")))?;
        formats::open_bytes("standard input", bytes, options)
    } else {
        open_file(path, options)
    };
    source.map_err(CliError::from_error)
}

/// Looks into a file, or into the demo of that name where there is no such file.
pub(super) fn open_file(path: &Path, options: &ReadOptions) -> Result<Source, FormatError> {
    match demo(path) {
        Some(demo) => formats::open_bytes(&format!("{}.edf", demo.name), demo.file(), options),
        None => formats::open(path, options),
    }
}

/// The demo of that name, where there is no such file.
pub(super) fn demo(path: &Path) -> Option<&'static Demo> {
    let named = |demo: &&Demo| Path::new(demo.name) == path;
    demos().iter().find(named).filter(|_| !path.exists())
}

/// A filter at half the rate or above would do nothing, and the page would name it.
pub(super) fn filters_fit(filters: &FilterSettings, rate_hz: f64) -> Result<(), CliError> {
    let asked = [
        ("--high-pass", filters.high_pass_hz),
        ("--low-pass", filters.low_pass_hz),
        ("--notch", filters.notch_hz),
    ];
    let beyond = asked
        .iter()
        .find(|it| it.1.is_some_and(|hz| rate_hz / 2.0 <= hz));
    match beyond {
        Some((flag, _)) => {
            let half = rate_hz / 2.0;
            Err(CliError(format!(
                "{flag}: expected below {half} Hz, half the rate of the recording"
            )))
        }
        None => Ok(()),
    }
}

fn unit(text: &str) -> Result<Unit, String> {
    Unit::parse(text).ok_or_else(|| "expected nV, uV, mV or V".to_owned())
}

pub(super) fn hz(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|it: &f64| it.is_finite() && 0.0 < *it)
        .ok_or_else(|| "expected a number above 0".to_owned())
}

pub(super) fn seconds(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|it: &f64| it.is_finite() && 0.0 <= *it)
        .ok_or_else(|| "expected seconds, 0 or more".to_owned())
}
