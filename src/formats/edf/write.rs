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

use super::{
    dates::date_text,
    lists::lists,
    records::{Records, STEP, short},
};
use crate::{
    ecg::{Lead, LeadName, Patient, Recording, Sex, plain_line},
    formats::{
        FormatError,
        pieces::{LeadOutline, Outline, Pieces},
        provenance,
    },
};

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
    let lists = lists(outline, &labels, &records)?;
    let leads = about.leads.leads().iter().zip(&outline.leads).zip(&labels);
    let signals: Vec<SignalParam> = leads
        .map(|((lead, of), label)| signal((lead, label), of, about, &records))
        .collect::<Result<_, _>>()?;
    let mut data = Data::create(path, &records, &signals, lists)?;
    pieces.each(&mut |piece| data.take(piece))?;
    data.finish()?;
    let header = main_header(outline, &records, signals.len() + 2);
    complete(path, &header, records.count)
}

/// The data records, written as their samples come.
struct Data {
    writer: EdfWriter,
    per_record: usize,
    /// Samples of each signal that wait for their record to fill.
    waiting: Vec<Vec<f32>>,
    list_signal: SignalParam,
    lists: std::vec::IntoIter<Vec<u8>>,
}

impl Data {
    fn create(
        path: &Path,
        records: &Records,
        signals: &[SignalParam],
        lists: Vec<Vec<u8>>,
    ) -> Result<Self, FormatError> {
        let list_bytes = lists.iter().map(Vec::len).max().unwrap_or(0);
        let list_signal = list_signal(list_bytes.next_multiple_of(2));
        let mut writer = EdfWriter::create(path).map_err(fault)?;
        writer
            .set_datarecord_duration(records.seconds)
            .map_err(fault)?;
        for it in signals.iter().chain([&list_signal]) {
            writer.add_signal(it.clone()).map_err(fault)?;
        }
        Ok(Self {
            writer,
            per_record: records.per_record,
            waiting: vec![Vec::new(); signals.len()],
            list_signal,
            lists: lists.into_iter(),
        })
    }

    fn take(&mut self, piece: &Recording) -> Result<(), FormatError> {
        for (waiting, lead) in self.waiting.iter_mut().zip(piece.leads.leads()) {
            waiting.extend_from_slice(&lead.samples_mv);
        }
        self.write_whole_records()
    }

    fn write_whole_records(&mut self) -> Result<(), FormatError> {
        let n = self.per_record;
        let whole = self.waiting.first().map_or(0, Vec::len) / n;
        for record in 0..whole {
            let samples = |it: &Vec<f32>| physical_uv(&it[record * n..(record + 1) * n]);
            let mut columns: Vec<Vec<f64>> = self.waiting.iter().map(samples).collect();
            let list = self.lists.next().unwrap_or_default();
            columns.push(list_samples(list, &self.list_signal));
            self.writer.write_samples(&columns).map_err(fault)?;
        }
        for waiting in &mut self.waiting {
            waiting.drain(..whole * n);
        }
        Ok(())
    }

    /// Pads the last record with the last value.
    fn finish(mut self) -> Result<(), FormatError> {
        if self.waiting.iter().any(|it| !it.is_empty()) {
            for waiting in &mut self.waiting {
                let last = waiting.last().copied().unwrap_or(0.0);
                waiting.resize(self.per_record, last);
            }
            self.write_whole_records()?;
        }
        self.writer.finalize().map_err(fault)
    }
}

/// Puts our main header over the crate's, and blanks the annotation signal that the crate adds at
/// the end of each record: its time stamps repeat ours, and readers would show them as empty
/// annotations.
fn complete(path: &Path, header: &[u8; 256], n_records: usize) -> Result<(), FormatError> {
    let io = |it: std::io::Error| FormatError::unwritable(STEP, &it);
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
            let is_other = whole.contains(label) || LeadName::parse(label).is_known();
            let is_mistaken = label != own && is_other;
            !out.contains(label) && !is_mistaken && !is_annotations(label)
        };
        let label = std::iter::once(cut.clone()).chain(numbered).find(is_free);
        out.push(label.unwrap_or(cut));
    }
    out
}

/// Letters of a label.
const LABEL: usize = 16;

/// What EDF+ and BDF+ call a signal that holds no samples.
fn is_annotations(label: &str) -> bool {
    matches!(label, "EDF Annotations" | "BDF Annotations")
}

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
        transducer: whole_words(&ascii(&provenance::origin_text(lead), usize::MAX), 80),
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
fn list_samples(mut list: Vec<u8>, signal: &SignalParam) -> Vec<f64> {
    list.resize(2 * signal.samples_per_record as usize, 0);
    let (pairs, _) = list.as_chunks();
    pairs
        .iter()
        .map(|it| signal.to_physical(i32::from(i16::from_le_bytes(*it))))
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

/// At most `len` bytes of ASCII, cut between words with three dots where it is longer.
fn whole_words(text: &str, len: usize) -> String {
    if text.len() <= len {
        return text.to_owned();
    }
    let cut = &text[..len - 3];
    format!("{}...", cut.rsplit_once(' ').map_or(cut, |words| words.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_between_words() {
        for (text, expected) in [
            ("calibrated on I II", "calibrated on I II"),
            ("calibrated on I II V1", "calibrated on..."),
            ("without-any-space-at-all", "without-any-spa..."),
        ] {
            assert_eq!(whole_words(text, 18), expected);
        }
    }

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
            (vec!["EDF Annotations"], vec!["EDF Annotation~1"]),
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
}
