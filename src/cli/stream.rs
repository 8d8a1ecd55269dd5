//! Long recordings: read, mix and write a piece at a time, so that memory does not grow with
//! length.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use super::{CliError, exam::save_with};
use crate::{
    formats::{ReadOptions, Source, open},
    synth::Mixing,
};

/// Seconds read at once.
const PIECE_S: f64 = 60.0;
/// Microvolts of one step in EDF; 16 bits then reach ± 32.767 mV.
const STEP_UV: f32 = 1.0;

/// Writes `mixings` over all of `file` to `out` (.csv or .edf).
pub(super) fn run(file: &Path, mixings: &[Mixing], out: &Path) -> Result<(), CliError> {
    let source = open(file, &ReadOptions::default()).map_err(CliError::from_error)?;
    let extension = out
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    let mut clipped = 0;
    save_with(out, |it| match extension.as_str() {
        "csv" => csv(it, &source, mixings),
        "edf" => edf(it, &source, mixings).map(|it| clipped = it),
        _ => Err(io::Error::other(
            "a long recording is written as .csv or .edf",
        )),
    })?;
    if 0 < clipped {
        eprintln!("{clipped} samples beyond ± 32.767 mV were clipped");
    }
    Ok(())
}

/// Calls `write` with the mixed leads of each piece in turn.
fn pieces(
    source: &Source,
    mixings: &[Mixing],
    mut write: impl FnMut(&[Vec<f32>]) -> io::Result<()>,
) -> io::Result<()> {
    let rate = source.rate();
    let total = rate.samples_in(source.duration_s());
    let piece = rate.samples_in(PIECE_S).max(1);
    // Pieces overlap by what a sample depends on; whole seconds keep them on the network's own grid
    // of instants.
    let margin = rate.samples_in(
        mixings
            .iter()
            .map(Mixing::reach_s)
            .fold(0.0, f64::max)
            .ceil(),
    );
    let mut at = 0;
    while at < total {
        let (from, samples) = (at.saturating_sub(margin), piece.min(total - at));
        let length = (at + samples + margin).min(total) - from;
        let opened = source
            .window(rate.seconds_at(from), rate.seconds_at(length))
            .map_err(io::Error::other)?;
        let leads = &opened.recording.leads;
        let inner = |it: Vec<f32>| {
            it.into_iter()
                .skip(at - from)
                .take(samples)
                .collect::<Vec<f32>>()
        };
        let mixed = mixings
            .iter()
            .map(|it| it.samples_mv(leads).map(inner))
            .collect::<Result<Vec<_>, _>>();
        let mixed = mixed.map_err(io::Error::other)?;
        if mixed.iter().any(Vec::is_empty) {
            break;
        }
        write(&mixed)?;
        at += mixed.first().map_or(samples, Vec::len);
    }
    Ok(())
}

fn csv(file: &mut File, source: &Source, mixings: &[Mixing]) -> io::Result<()> {
    let mut out = BufWriter::new(file);
    writeln!(
        out,
        "# synthesised leads: estimated, not recorded, not for diagnosis"
    )?;
    let names: Vec<String> = mixings
        .iter()
        .map(|it| format!("{} (mV)", label(it)))
        .collect();
    writeln!(out, "time_s,{}", names.join(","))?;
    let (rate, mut at) = (source.rate(), 0usize);
    pieces(source, mixings, |mixed| {
        for sample in 0..mixed[0].len() {
            write!(out, "{:.4}", rate.seconds_at(at + sample))?;
            mixed.iter().try_for_each(|it| {
                if it[sample].is_finite() {
                    write!(out, ",{:.4}", it[sample])
                } else {
                    write!(out, ",")
                }
            })?;
            writeln!(out)?;
        }
        at += mixed[0].len();
        Ok(())
    })?;
    out.flush()
}

/// EDF of one-second records (European Data Format, 1992); returns the number of clipped samples.
fn edf(file: &mut File, source: &Source, mixings: &[Mixing]) -> io::Result<usize> {
    let per_record = source.rate().hz().round() as usize;
    if (per_record as f64 - source.rate().hz()).abs() > 1e-6 {
        return Err(io::Error::other(
            "EDF needs a whole number of samples a second; write .csv",
        ));
    }
    let records = source.rate().samples_in(source.duration_s()) / per_record;
    let mut out = BufWriter::new(file);
    out.write_all(edf_header(mixings, records, per_record).as_bytes())?;
    let (mut waiting, mut written, mut clipped) = (vec![Vec::<f32>::new(); mixings.len()], 0, 0);
    pieces(source, mixings, |mixed| {
        waiting
            .iter_mut()
            .zip(mixed)
            .for_each(|(to, from)| to.extend_from_slice(from));
        let whole = (waiting[0].len() / per_record).min(records - written);
        for record in 0..whole {
            for lead in &waiting {
                for value in &lead[record * per_record..(record + 1) * per_record] {
                    let step = value * 1000.0 / STEP_UV;
                    clipped += usize::from(32767.0 < step.abs());
                    out.write_all(&(step.clamp(-32767.0, 32767.0).round() as i16).to_le_bytes())?;
                }
            }
        }
        waiting
            .iter_mut()
            .for_each(|it| drop(it.drain(..whole * per_record)));
        written += whole;
        Ok(())
    })?;
    out.flush()?;
    Ok(clipped)
}

fn edf_header(mixings: &[Mixing], records: usize, per_record: usize) -> String {
    let field = |text: &str, len: usize| {
        format!(
            "{:len$.len$}",
            text.chars().filter(|it| it.is_ascii()).collect::<String>()
        )
    };
    let n = mixings.len();
    let mut out = field("0", 8)
        + &field("X X X X", 80)
        + &field("synthesised leads: estimated not recorded", 80);
    out += &(field("01.01.85", 8)
        + &field("00.00.00", 8)
        + &field(&(256 * (n + 1)).to_string(), 8)
        + &field("", 44));
    out += &(field(&records.to_string(), 8) + &field("1", 8) + &field(&n.to_string(), 4));
    mixings
        .iter()
        .for_each(|it| out += &field(&format!("ECG {}", label(it)), 16));
    let per_signal = [
        ("synthesised", 80),
        ("uV", 8),
        ("-32767", 8),
        ("32767", 8),
        ("-32767", 8),
        ("32767", 8),
        ("", 80),
    ];
    for (text, len) in per_signal {
        (0..n).for_each(|_| out += &field(text, len));
    }
    (0..n).for_each(|_| out += &field(&per_record.to_string(), 8));
    (0..n).for_each(|_| out += &field("", 32));
    out
}

fn label(mixing: &Mixing) -> String {
    if mixing.exact {
        mixing.name.to_string()
    } else {
        format!("d{}", mixing.name)
    }
}
