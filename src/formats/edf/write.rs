//! Writes EDF+C. The crate `edfplus` lays out signals and records; version 0.1.0 has no start time,
//! no equipment and no annotation over 40 bytes, pads the main header with NULs and ends no
//! annotation list properly, so these parts are ours: the main header, and an annotation signal of
//! our own before the crate's.

use std::{
    fs::OpenOptions,
    io::{Seek, SeekFrom, Write},
    path::Path,
};

use edfplus::{EdfWriter, SignalParam};
use jiff::civil::DateTime;

use super::header::date_text;
use crate::{
    ecg::{Lead, LeadName, Patient, Recording, Sex, plain_line},
    formats::{
        FormatError,
        pieces::{LeadOutline, Outline, Pieces},
        provenance,
    },
};

const STEP: &str = "EDF+ writing";
/// Largest digital number used; one below the type's own limit on either side.
pub(in crate::formats) const DIGITAL: f64 = 32_767.0;

/// Writes an EDF+C file.
pub(in crate::formats) fn write(
    path: &Path,
    outline: &Outline,
    pieces: &dyn Pieces,
) -> Result<(), FormatError> {
    let about = &outline.about;
    let records = Records::plan(outline)?;
    let labels = labels(about.leads.leads());
    let lists = annotations(outline, &labels, &records)?;
    let list_bytes = lists
        .iter()
        .map(Vec::len)
        .max()
        .unwrap_or(0)
        .next_multiple_of(2);
    let leads = about.leads.leads().iter().zip(&outline.leads).zip(&labels);
    let signals: Vec<SignalParam> = leads
        .map(|((lead, of), label)| signal((lead, label), of, about, &records))
        .collect::<Result<_, _>>()?;
    let list_signal = list_signal(list_bytes);
    let mut writer = EdfWriter::create(path).map_err(fault)?;
    writer
        .set_datarecord_duration(records.seconds)
        .map_err(fault)?;
    for it in signals.iter().chain([&list_signal]) {
        writer.add_signal(it.clone()).map_err(fault)?;
    }
    let mut lists = lists.iter();
    let mut waiting: Vec<Vec<f32>> = vec![Vec::new(); signals.len()];
    let mut write_waiting = |waiting: &mut Vec<Vec<f32>>| {
        let whole = waiting.first().map_or(0, Vec::len) / records.per_record;
        for index in 0..whole {
            let range = index * records.per_record..(index + 1) * records.per_record;
            let mut columns: Vec<Vec<f64>> = waiting
                .iter()
                .map(|it| physical_uv(&it[range.clone()]))
                .collect();
            columns.push(list_samples(
                lists.next().map_or(&[], Vec::as_slice),
                list_bytes,
                &list_signal,
            ));
            writer.write_samples(&columns).map_err(fault)?;
        }
        waiting
            .iter_mut()
            .for_each(|it| drop(it.drain(..whole * records.per_record)));
        Ok::<(), FormatError>(())
    };
    pieces.each(&mut |piece| {
        waiting
            .iter_mut()
            .zip(piece.leads.leads())
            .for_each(|(out, it)| out.extend_from_slice(&it.samples_mv));
        write_waiting(&mut waiting)
    })?;
    // The last record is padded with the last value.
    if waiting.iter().any(|it| !it.is_empty()) {
        for it in &mut waiting {
            let last = it.last().copied().unwrap_or(0.0);
            it.resize(records.per_record, last);
        }
        write_waiting(&mut waiting)?;
    }
    writer.finalize().map_err(fault)?;
    complete(
        path,
        &main_header(outline, &records, signals.len() + 2),
        records.count,
    )
}

/// Puts our main header over the crate's, and blanks the annotation signal that the crate adds at
/// the end of each record: its time stamps repeat ours, and readers would show them as empty
/// annotations.
fn complete(path: &Path, header: &[u8; 256], n_records: usize) -> Result<(), FormatError> {
    let io = |it: std::io::Error| FormatError::io(STEP, &it);
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .map_err(io)?;
    let len = file.metadata().map_err(io)?.len();
    let n_signals = std::str::from_utf8(&header[252..])
        .ok()
        .and_then(|it| it.trim().parse::<u64>().ok())
        .unwrap_or(0);
    let (data_at, n_records) = ((n_signals + 1) * 256, n_records as u64);
    let data = len
        .checked_sub(data_at)
        .filter(|it| it.is_multiple_of(n_records) && CRATE_LIST_BYTES as u64 * n_records <= *it);
    let Some(data) = data else {
        let expected = format!("a header of {n_signals} signals and {n_records} records");
        return Err(FormatError::new(
            STEP,
            "the file",
            format!("{len} bytes"),
            expected,
        ));
    };
    file.write_all(header).map_err(io)?;
    for index in 1..=n_records {
        file.seek(SeekFrom::Start(
            data_at + index * (data / n_records) - CRATE_LIST_BYTES as u64,
        ))
        .map_err(io)?;
        file.write_all(&[0; CRATE_LIST_BYTES]).map_err(io)?;
    }
    Ok(())
}

/// Bytes per record of the annotation signal that `edfplus` always adds.
const CRATE_LIST_BYTES: usize = 120;

fn fault(error: edfplus::EdfError) -> FormatError {
    FormatError::new(STEP, "the crate edfplus", error, "a written file")
}

/// How the samples divide into data records.
struct Records {
    per_record: usize,
    seconds: f64,
    count: usize,
    n_samples: usize,
}

impl Records {
    /// Whole samples per record and a duration of at most eight characters; without padding where
    /// some duration allows it.
    fn plan(outline: &Outline) -> Result<Self, FormatError> {
        let (rate, n_samples) = (outline.about.leads.rate().hz(), outline.n_samples);
        let n_leads = outline.leads.len();
        let usual = [
            1.0, 0.5, 2.0, 0.2, 5.0, 0.1, 10.0, 0.05, 0.04, 0.025, 0.02, 0.01, 0.005, 0.004, 0.002,
            0.001,
        ];
        let wanted = usual.into_iter().chain((3..100).map(f64::from));
        let fitting: Vec<(usize, f64)> = wanted
            .filter_map(|seconds| whole(rate * seconds).map(|it| (it, seconds)))
            .collect();
        let small = |it: &&(usize, f64)| it.0 * n_leads * 2 <= 1 << 20;
        let even = fitting
            .iter()
            .filter(small)
            .find(|it| n_samples.is_multiple_of(it.0));
        let Some((per_record, seconds)) = even
            .or_else(|| fitting.iter().find(small))
            .or(fitting.first())
            .copied()
        else {
            return Err(FormatError::new(
                STEP,
                "the rate",
                format!("{rate} Hz"),
                "whole samples in up to 99 s",
            )
            .advise("write CSV or WFDB"));
        };
        Ok(Self {
            per_record,
            seconds,
            count: n_samples.div_ceil(per_record),
            n_samples,
        })
    }

    fn onset_s(&self, index: usize) -> f64 {
        index as f64 * self.seconds
    }
}

/// Samples of one record in µV; gaps as 0 (an annotation tells them).
fn physical_uv(samples_mv: &[f32]) -> Vec<f64> {
    samples_mv
        .iter()
        .map(|it| {
            if it.is_finite() {
                f64::from(*it) * 1e3
            } else {
                0.0
            }
        })
        .collect()
}

fn whole(samples: f64) -> Option<usize> {
    (1.0 <= samples.round() && (samples - samples.round()).abs() <= 1e-6 * samples)
        .then(|| samples.round() as usize)
}

/// Labels of sixteen letters of ASCII, each once. One that had to be cut or changed is no lead's
/// code that it was not before.
fn labels(leads: &[Lead]) -> Vec<String> {
    let whole: Vec<String> = leads.iter().map(|it| plain_line(&it.label())).collect();
    let mut out: Vec<String> = Vec::new();
    for own in &whole {
        let cut = ascii(own, LABEL);
        let numbered = (1..).map(|n| {
            let end = format!("~{n}");
            format!(
                "{}{end}",
                cut[..cut.len().min(LABEL - end.len())].trim_end()
            )
        });
        let is_free = |label: &String| {
            let is_changed = label != own;
            let is_other = whole.contains(label) || LeadName::parse(label).is_known();
            !out.contains(label) && !(is_changed && is_other)
        };
        let label = std::iter::once(cut.clone()).chain(numbered).find(is_free);
        out.push(label.unwrap_or(cut));
    }
    out
}

/// Letters of a label.
const LABEL: usize = 16;

fn signal(
    (lead, label): (&Lead, &str),
    of: &LeadOutline,
    recording: &Recording,
    records: &Records,
) -> Result<SignalParam, FormatError> {
    let peak_uv = of.peak_uv;
    let (physical, digital) = range(of.step_uv, peak_uv).ok_or_else(|| {
        FormatError::new(
            STEP,
            format!("lead {}", lead.label()),
            format!("{peak_uv} µV"),
            "at most 9999999 µV",
        )
        .advise("write CSV")
    })?;
    Ok(SignalParam {
        label: label.to_owned(),
        samples_in_file: 0,
        physical_max: physical,
        physical_min: -physical,
        digital_max: digital,
        digital_min: -digital,
        samples_per_record: records.per_record as i32,
        physical_dimension: "uV".to_owned(),
        prefilter: prefilter(recording),
        transducer: ascii(&provenance::origin_text(lead), 80),
    })
}

/// A physical and a digital limit that make just this step; the physical one takes at most eight
/// characters with its sign.
fn range(step_uv: f64, peak_uv: f64) -> Option<(f64, i32)> {
    let least = (peak_uv / step_uv).round().clamp(1.0, DIGITAL) as i32;
    let physical = |digital: i32| (f64::from(digital) * step_uv * 1e6).round() / 1e6;
    let exact = |digital: i32| {
        (physical(digital) - f64::from(digital) * step_uv).abs() <= 1e-9 * physical(digital)
    };
    let found = (least..=DIGITAL as i32)
        .rev()
        .find(|it| exact(*it) && (-physical(*it)).to_string().len() <= 8);
    if let Some(digital) = found {
        return Some((physical(digital), digital));
    }
    // No such pair: the finest range that fits, so each step is a 65,534th of it.
    let scaled = |decimals: i32| (peak_uv * 10f64.powi(decimals)).ceil() / 10f64.powi(decimals);
    let limit = (0..6)
        .rev()
        .map(scaled)
        .find(|it| 0.0 < *it && (-it).to_string().len() <= 8)?;
    Some((limit, DIGITAL as i32))
}

/// Filters in EDF+'s words.
fn prefilter(recording: &Recording) -> String {
    let filters = &recording.filters;
    let words = [
        ("HP", filters.high_pass_hz),
        ("LP", filters.low_pass_hz),
        ("N", filters.notch_hz),
    ];
    let words: Vec<String> = words
        .iter()
        .filter_map(|(key, hz)| hz.map(|hz| format!("{key}:{hz}Hz")))
        .collect();
    ascii(&words.join(" "), 80)
}

/// One annotation list per record: its time stamp, then what begins in it.
fn annotations(
    outline: &Outline,
    labels: &[String],
    records: &Records,
) -> Result<Vec<Vec<u8>>, FormatError> {
    let recording = &outline.about;
    let shift = fraction_s(recording);
    let stamp =
        |index: usize| format!("+{}\x14\x14\0", short(records.onset_s(index) + shift)).into_bytes();
    let mut lists: Vec<Vec<u8>> = (0..records.count).map(stamp).collect();
    let last = lists.len() - 1;
    let mut add = |onset_s: f64, duration_s: Option<f64>, text: &str| {
        let list = &mut lists[((onset_s / records.seconds + 1e-9).max(0.0) as usize).min(last)];
        let span = duration_s.map_or_else(String::new, |it| format!("\x15{}", short(it)));
        let sign = if onset_s + shift < 0.0 { "" } else { "+" };
        list.extend(format!("{sign}{}{span}\x14{text}\x14\0", short(onset_s + shift)).bytes());
    };
    for (onset, text) in &recording.notes {
        let text: String = text
            .chars()
            .map(|it| if it.is_control() { ' ' } else { it })
            .collect();
        let parts = if onset.is_none() {
            split(&format!("{}{text}", provenance::COMMENT))
        } else {
            split(&text)
        };
        parts
            .iter()
            .for_each(|it| add(onset.unwrap_or(0.0), None, it));
    }
    for lead in recording
        .leads
        .leads()
        .iter()
        .filter(|it| it.origin.is_synthesised())
    {
        add(
            0.0,
            None,
            &format!(
                "{}{} is {}",
                provenance::COMMENT,
                lead.label(),
                provenance::SYNTHESISED
            ),
        );
    }
    let rate = recording.leads.rate();
    let mut n_gaps = 0;
    for (label, of) in labels.iter().zip(&outline.leads) {
        for (at, len) in gaps(&of.gaps, records.per_record) {
            add(
                rate.seconds_at(at),
                Some(rate.seconds_at(len)),
                &format!("{}{label}", provenance::GAP),
            );
            n_gaps += 1;
        }
    }
    if GAP_LIMIT < n_gaps {
        return Err(FormatError::new(
            STEP,
            "the samples",
            format!("{n_gaps} gaps"),
            format!("at most {GAP_LIMIT}"),
        )
        .advise("write CSV or WFDB"));
    }
    if records.n_samples < records.count * records.per_record {
        add(rate.seconds_at(records.n_samples), None, provenance::END);
    }
    Ok(lists)
}

/// Gaps that annotations can tell without swelling the file.
const GAP_LIMIT: usize = 20_000;
/// Gaps cut at the borders of records, so that each record tells its own; one more than the limit
/// at most.
fn gaps(whole: &[(usize, usize)], per_record: usize) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    for (first, len) in whole {
        let (mut at, end) = (*first, first + len);
        while at < end && out.len() <= GAP_LIMIT {
            let next = end.min((at / per_record + 1) * per_record);
            out.push((at, next - at));
            at = next;
        }
    }
    out
}

/// Long texts in parts of at most 400 bytes, cut between characters.
fn split(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    for it in text.chars() {
        if out
            .last()
            .is_some_and(|part| 400 < part.len() + it.len_utf8())
        {
            out.push(String::new());
        }
        if let Some(part) = out.last_mut() {
            part.push(it);
        }
    }
    out.retain(|it| !it.is_empty());
    out
}

fn fraction_s(recording: &Recording) -> f64 {
    recording
        .start
        .map_or(0.0, |it| f64::from(it.subsec_nanosecond()) * 1e-9)
}

/// Up to seven decimals, none where there are none.
fn short(seconds: f64) -> String {
    let text = format!("{seconds:.7}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn list_signal(bytes: usize) -> SignalParam {
    SignalParam {
        label: "EDF Annotations".to_owned(),
        samples_in_file: 0,
        physical_max: 1.0,
        physical_min: -1.0,
        digital_max: 32_767,
        digital_min: -32_768,
        samples_per_record: (bytes / 2) as i32,
        physical_dimension: String::new(),
        prefilter: String::new(),
        transducer: String::new(),
    }
}

/// The crate takes physical values, so the list's bytes are given as such.
fn list_samples(list: &[u8], bytes: usize, signal: &SignalParam) -> Vec<f64> {
    let mut padded = list.to_vec();
    padded.resize(bytes, 0);
    padded
        .chunks_exact(2)
        .map(|it| signal.to_physical(i32::from(i16::from_le_bytes([it[0], it[1]]))))
        .collect()
}

fn main_header(outline: &Outline, records: &Records, n_signals: usize) -> [u8; 256] {
    let recording = &outline.about;
    let start = recording.start.unwrap_or(UNKNOWN_START);
    let device = recording.device.as_deref().map_or("X".to_owned(), subfield);
    let date = recording
        .start
        .map_or("X".to_owned(), |it| date_text(it.date()));
    let fields = [
        ("0".to_owned(), 8),
        (patient(&recording.patient), 80),
        (format!("Startdate {date} X X {device}"), 80),
        (
            format!(
                "{:02}.{:02}.{:02}",
                start.day(),
                start.month(),
                start.year().rem_euclid(100)
            ),
            8,
        ),
        (
            format!(
                "{:02}.{:02}.{:02}",
                start.hour(),
                start.minute(),
                start.second()
            ),
            8,
        ),
        (((n_signals + 1) * 256).to_string(), 8),
        ("EDF+C".to_owned(), 44),
        (records.count.to_string(), 8),
        (short(records.seconds), 8),
        (n_signals.to_string(), 4),
    ];
    let mut out = [b' '; 256];
    let mut at = 0;
    for (text, width) in fields {
        let text = ascii(&text, width);
        out[at..at + text.len()].copy_from_slice(text.as_bytes());
        at += width;
    }
    out
}

/// What EDF+ writes for a start that is not known.
const UNKNOWN_START: DateTime = jiff::civil::datetime(1985, 1, 1, 0, 0, 0, 0);

fn patient(it: &Patient) -> String {
    let or_x = |it: &Option<String>| it.as_deref().map_or("X".to_owned(), subfield);
    let sex = match it.sex {
        Some(Sex::Female) => "F",
        Some(Sex::Male) => "M",
        None => "X",
    };
    let age = it
        .age_years
        .map_or_else(String::new, |it| format!(" age={it}"));
    format!(
        "{} {sex} {} {}{age}",
        or_x(&it.id),
        it.birth_date.map_or("X".to_owned(), date_text),
        or_x(&it.name)
    )
}

fn subfield(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join("_");
    if joined.is_empty() {
        "X".to_owned()
    } else {
        joined
    }
}

/// Printable ASCII of at most `len` bytes.
fn ascii(text: &str, len: usize) -> String {
    text.chars()
        .map(|it| if (' '..='~').contains(&it) { it } else { '_' })
        .take(len)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_keep_the_step() {
        for step in [1.0, 5.0, 4.88, 0.1, 1.0 / 3.0, 4.8828125, 1e3 / 204.8] {
            let (physical, digital) = range(step, 3000.0).unwrap();
            assert!(
                (physical / f64::from(digital) - step).abs() < 1e-9 * step,
                "{step}"
            );
            assert!((-physical).to_string().len() <= 8 && 3000.0 <= physical);
        }
        let (physical, digital) = range(std::f64::consts::PI / 100.0, 1000.1234).unwrap();
        assert!((1000.1234..1001.0).contains(&physical) && digital == 32_767);
        assert!(range(1e6, 1e9).is_none());
    }

    #[test]
    fn labels_are_short_distinct_and_no_other_leads_code() {
        for (names, expected) in [
            (vec!["V7", "Resp"], vec!["V7", "Resp"]),
            (
                vec!["MDC_ECG_LEAD_V7 computed", "MDC_ECG_LEAD_V1 filtered", "V1"],
                vec!["MDC_ECG_LEAD_V~1", "MDC_ECG_LEAD_V~2", "V1"],
            ),
            (vec!["ä", "ö"], vec!["_", "_~1"]),
            (
                vec!["ABCDEFGHIJKLMNOPQ", "ABCDEFGHIJKLMNOP"],
                vec!["ABCDEFGHIJKLMN~1", "ABCDEFGHIJKLMNOP"],
            ),
        ] {
            let lead = |name: &&str| Lead::measured(LeadName::Named((*name).into()), vec![0.0]);
            let leads: Vec<Lead> = names.iter().map(lead).collect();
            assert_eq!(labels(&leads), expected);
        }
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let parts = split(&"é".repeat(300));
        assert_eq!(parts.len(), 2);
        assert_eq!(parts.concat(), "é".repeat(300));
    }
}
