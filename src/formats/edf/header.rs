//! The header of EDF, EDF+, BDF and BDF+ (Kemp 1992, Kemp & Olivan 2003; BioSemi's 24-bit variant).

use jiff::civil::DateTime;

use super::{
    dates::start_of,
    persons::{free_text, patient_fields, plain_patient, recording_fields},
};
use crate::{
    ecg::{Patient, SampleRate},
    formats::{FormatError, Limits, bytes::Bytes, cursor::Cursor, error::quoted},
};

/// Which of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The 1992 format: no annotations, no gaps.
    Plain,
    /// "+C": contiguous records.
    Contiguous,
    /// "+D": records with gaps between them.
    Discontinuous,
}

/// The header as written, with numbers checked.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub kind: Kind,
    /// 2 for EDF, 3 for BDF.
    pub sample_bytes: usize,
    pub patient: Patient,
    pub device: Option<String>,
    pub notes: Vec<String>,
    pub start: Option<DateTime>,
    pub header_bytes: u64,
    /// As stated; −1 when the recorder did not know.
    pub n_records: i64,
    pub record_s: f64,
    pub signals: Vec<SignalHeader>,
    pub record_bytes: usize,
    pub warnings: Vec<String>,
}

/// Lowest and highest value, or why there are none.
pub(super) type Extremes = Result<(f64, f64), String>;

/// One signal's fields.
#[derive(Clone, Debug)]
pub(super) struct SignalHeader {
    pub label: String,
    pub transducer: String,
    pub unit: String,
    pub physical: Extremes,
    pub digital: Extremes,
    pub prefilter: String,
    pub per_record: usize,
    /// Bytes from the start of a record.
    pub offset: usize,
}

/// Bytes of one data record that we are ready to hold.
const RECORD_LIMIT: usize = 64 << 20;
const STEP: &str = "EDF header";

/// The first 256 bytes.
struct Fixed {
    sample_bytes: usize,
    patient: String,
    recording: String,
    date: String,
    time: String,
    stated_bytes: String,
    kind: Kind,
    n_records: i64,
    record_s: f64,
    n_signals: usize,
}

impl Fixed {
    fn read(bytes: &Bytes, limits: &Limits) -> Result<Self, FormatError> {
        let fixed = bytes.head(256)?;
        let mut at = Cursor::new(STEP, &fixed);
        let version = at.take(8, "version")?;
        let sample_bytes = if version[0] == 0xff { 3 } else { 2 };
        let [patient, recording] = [at.text(80, "patient")?, at.text(80, "recording")?];
        let [date, time] = [at.text(8, "start date")?, at.text(8, "start time")?];
        let stated_bytes = at.text(8, "header size")?;
        let reserved = at.text(44, "reserved")?;
        let n_records: i64 = at.number(8, "number of records", "a number, −1 if unknown")?;
        let record_text = at.text(8, "record duration")?;
        let record_s = decimal(&record_text)
            .filter(|seconds| 0.0 <= *seconds)
            .ok_or_else(|| {
                let place = "byte 244, record duration";
                FormatError::new(STEP, place, quoted(&record_text), "seconds, 0 or more")
            })?;
        let n_signals: usize = at.number(4, "number of signals", "a number")?;
        if n_signals == 0 || limits.signals < n_signals {
            return Err(FormatError::new(
                STEP,
                "byte 252, number of signals",
                n_signals,
                format!("1 to {}", limits.signals),
            ));
        }
        let kind = match reserved.strip_prefix(family(sample_bytes)) {
            Some(suffix) if suffix.starts_with("+D") => Kind::Discontinuous,
            Some(suffix) if suffix.starts_with('+') => Kind::Contiguous,
            _ => Kind::Plain,
        };
        Ok(Self {
            sample_bytes,
            patient,
            recording,
            date,
            time,
            stated_bytes,
            kind,
            n_records,
            record_s,
            n_signals,
        })
    }
}

fn family(sample_bytes: usize) -> &'static str {
    if sample_bytes == 3 { "BDF" } else { "EDF" }
}

impl Header {
    pub fn read(bytes: &Bytes, limits: &Limits) -> Result<Self, FormatError> {
        let fixed = Fixed::read(bytes, limits)?;
        let n_signals = fixed.n_signals;
        let mut warnings = Vec::new();
        let header_bytes = (n_signals as u64 + 1) * 256;
        if fixed.stated_bytes.parse() != Ok(header_bytes) {
            warnings.push(format!(
                "the header states its size as {}; {n_signals} signals make it {header_bytes}, which was used",
                quoted(&fixed.stated_bytes)
            ));
        }
        let fields = bytes.slice(256, n_signals * 256).map_err(|_| {
            let found = format!("the end of the file at {}", bytes.len());
            FormatError::new(
                STEP,
                "byte 256, signal headers",
                found,
                format!("{} bytes for {n_signals} signals", n_signals * 256),
            )
        })?;
        let (signals, record_bytes) =
            signals(&fields, n_signals, fixed.sample_bytes, &mut warnings)?;
        check_rates(&signals, fixed.record_s)?;
        let is_plus = fixed.kind != Kind::Plain;
        let stated = is_plus.then_some(fixed.recording.as_str());
        let start = start_of(&fixed.date, &fixed.time, stated, &mut warnings);
        let (device, notes) = if is_plus {
            recording_fields(&fixed.recording)
        } else {
            (None, free_text("recording", &fixed.recording))
        };
        let patient = if is_plus {
            patient_fields(&fixed.patient, &mut warnings)
        } else {
            plain_patient(&fixed.patient)
        };
        Ok(Self {
            kind: fixed.kind,
            sample_bytes: fixed.sample_bytes,
            patient,
            device,
            notes,
            start,
            header_bytes,
            n_records: fixed.n_records,
            record_s: fixed.record_s,
            signals,
            record_bytes,
            warnings,
        })
    }

    /// "EDF", "EDF+C", "BDF+D" …
    pub fn format(&self) -> String {
        let family = family(self.sample_bytes);
        let suffix = match self.kind {
            Kind::Plain => "",
            Kind::Contiguous => "+C",
            Kind::Discontinuous => "+D",
        };
        format!("{family}{suffix}")
    }
}

/// At least one signal has a rate that recorders have; 0 seconds are for annotations alone.
fn check_rates(signals: &[SignalHeader], record_s: f64) -> Result<(), FormatError> {
    let rate = |it: &SignalHeader| SampleRate::from_hz(it.per_record as f64 / record_s);
    let sampled = |it: &&SignalHeader| !it.is_annotations() && 0 < it.per_record;
    let mut sampled = signals.iter().filter(sampled).peekable();
    if record_s == 0.0 || sampled.peek().is_none() || sampled.any(|it| rate(it).is_some()) {
        return Ok(());
    }
    Err(FormatError::new(
        STEP,
        "byte 244, record duration",
        format!("{record_s} s"),
        "a duration that makes 0.1 to 100000 samples per second",
    ))
}

impl SignalHeader {
    pub fn is_annotations(&self) -> bool {
        matches!(self.label.as_str(), "EDF Annotations" | "BDF Annotations")
    }
}

/// The fields lie transposed: all labels, then all transducers, and so on.
fn signals(
    fields: &[u8],
    n: usize,
    sample_bytes: usize,
    warnings: &mut Vec<String>,
) -> Result<(Vec<SignalHeader>, usize), FormatError> {
    let mut at = Cursor::new(STEP, fields);
    let unread = || Err(String::new());
    let blank = SignalHeader {
        label: String::new(),
        transducer: String::new(),
        unit: String::new(),
        physical: unread(),
        digital: unread(),
        prefilter: String::new(),
        per_record: 0,
        offset: 0,
    };
    let mut out = vec![blank; n];
    for it in &mut out {
        it.label = at.text(16, "label")?;
    }
    for it in &mut out {
        it.transducer = at.text(80, "transducer")?;
    }
    for it in &mut out {
        it.unit = at.text(8, "unit")?;
        if !it.unit.is_ascii() {
            let unit = quoted(&it.unit);
            warnings.push(format!(
                "the unit {unit} of {} is not ASCII as EDF asks",
                it.label
            ));
        }
    }
    let [physical, digital] =
        ["physical range", "digital range"].map(|what| ranges(&mut at, n, what, warnings));
    for ((it, physical), digital) in out.iter_mut().zip(physical?).zip(digital?) {
        (it.physical, it.digital) = (physical, digital);
    }
    for it in &mut out {
        it.prefilter = at.text(80, "prefilter")?;
    }
    let record_bytes = lay_out(&mut at, &mut out, sample_bytes)?;
    Ok((out, record_bytes))
}

/// Lowest and highest values of all signals: first all of the lowest.
fn ranges(
    at: &mut Cursor,
    n: usize,
    what: &str,
    warnings: &mut Vec<String>,
) -> Result<Vec<Extremes>, FormatError> {
    let mut texts = || {
        (0..n)
            .map(|_| at.text(8, what))
            .collect::<Result<Vec<_>, _>>()
    };
    let (low, high) = (texts()?, texts()?);
    if low.iter().chain(&high).any(|text| text.contains(',')) {
        warnings.push(format!("{what}: decimal commas were read as points"));
    }
    let pairs = low.iter().zip(&high);
    Ok(pairs.map(|(low, high)| extremes(what, low, high)).collect())
}

/// Samples of each signal in a record, and where they begin; bytes of the whole record.
fn lay_out(
    at: &mut Cursor,
    signals: &mut [SignalHeader],
    sample_bytes: usize,
) -> Result<usize, FormatError> {
    let mut record_bytes = 0;
    for (idx, signal) in signals.iter_mut().enumerate() {
        let what = format!("samples per record of signal {}", idx + 1);
        signal.per_record = at.number(8, &what, "a number of 0 or more")?;
        signal.offset = record_bytes;
        let end = signal
            .per_record
            .checked_mul(sample_bytes)
            .and_then(|size| size.checked_add(record_bytes));
        record_bytes = end.filter(|it| *it <= RECORD_LIMIT).ok_or_else(|| {
            let expected = format!("a data record of at most {RECORD_LIMIT} bytes");
            FormatError::new(STEP, &what, signal.per_record, expected)
        })?;
    }
    if record_bytes == 0 {
        let found = "0 for every signal";
        return Err(FormatError::new(
            STEP,
            "samples per record",
            found,
            "at least one sample",
        ));
    }
    Ok(record_bytes)
}

fn extremes(what: &str, low: &str, high: &str) -> Extremes {
    match (decimal(low), decimal(high)) {
        (Some(low), Some(high)) if low != high => Ok((low, high)),
        _ => Err(format!(
            "{what} from {} to {}: two different numbers are needed",
            quoted(low),
            quoted(high)
        )),
    }
}

/// A number, with a point or, as some write against the standard, a comma.
fn decimal(text: &str) -> Option<f64> {
    text.replace(',', ".")
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header of one signal with fields that can be replaced.
    struct Made<'a> {
        version: &'a [u8],
        patient: &'a str,
        recording: &'a str,
        date: &'a str,
        reserved: &'a str,
        record_s: &'a str,
        n_signals: &'a str,
        physical: [&'a str; 2],
        per_record: &'a str,
    }

    impl Default for Made<'_> {
        fn default() -> Self {
            Self {
                version: b"0       ",
                patient: "X X X X",
                recording: "Startdate X X X X",
                date: "02.03.02",
                reserved: "EDF+C",
                record_s: "1",
                n_signals: "1",
                physical: ["-3.2768", "3.2767"],
                per_record: "500",
            }
        }
    }

    impl Made<'_> {
        fn bytes(&self) -> Bytes {
            let mut out = self.version.to_vec();
            let mut put = |text: &str, width: usize| {
                out.extend(text.bytes().chain(std::iter::repeat(b' ')).take(width));
            };
            put(self.patient, 80);
            put(self.recording, 80);
            put(self.date, 8);
            put("10.20.30", 8);
            put("512", 8);
            put(self.reserved, 44);
            put("7", 8);
            put(self.record_s, 8);
            put(self.n_signals, 4);
            put("ECG II", 16);
            put("AgAgCl", 80);
            put("mV", 8);
            put(self.physical[0], 8);
            put(self.physical[1], 8);
            put("-32768", 8);
            put("32767", 8);
            put("HP:0.05Hz", 80);
            put(self.per_record, 8);
            put("", 32);
            Bytes::Memory(out.into())
        }

        fn header(&self) -> Header {
            Header::read(&self.bytes(), &Limits::default()).unwrap()
        }

        fn refused(&self) -> FormatError {
            Header::read(&self.bytes(), &Limits::default()).unwrap_err()
        }
    }

    #[test]
    fn every_field_is_where_the_format_has_it() {
        let it = Made::default().header();
        assert_eq!((it.header_bytes, it.n_records, it.record_s), (512, 7, 1.0));
        assert_eq!(it.record_bytes, 1000);
        assert!(it.warnings.is_empty(), "{:?}", it.warnings);
        let signal = &it.signals[0];
        assert_eq!(
            (signal.label.as_str(), signal.unit.as_str()),
            ("ECG II", "mV")
        );
        assert_eq!(signal.transducer, "AgAgCl");
        assert_eq!(signal.prefilter, "HP:0.05Hz");
        assert_eq!(signal.physical, Ok((-3.2768, 3.2767)));
        assert_eq!(signal.digital, Ok((-32768.0, 32767.0)));
        assert_eq!((signal.per_record, signal.offset), (500, 0));
    }

    #[test]
    fn the_family_shows_in_version_and_reserved_field() {
        let format = |version, reserved| {
            let made = Made {
                version,
                reserved,
                ..Made::default()
            };
            made.header().format()
        };
        let (edf, bdf) = (b"0       ", b"\xffBIOSEMI");
        assert_eq!(format(edf, ""), "EDF");
        assert_eq!(format(edf, "EDF+C"), "EDF+C");
        assert_eq!(format(edf, "EDF+D"), "EDF+D");
        assert_eq!(format(bdf, "24BIT"), "BDF");
        assert_eq!(format(bdf, "BDF+D"), "BDF+D");
        assert_eq!(
            format(edf, "BDF+D"),
            "EDF",
            "a plus of the other family is none"
        );
    }

    #[test]
    fn a_range_needs_two_different_numbers() {
        let physical = |physical| {
            let made = Made {
                physical,
                ..Made::default()
            };
            made.header().signals[0].physical.clone()
        };
        assert_eq!(physical(["-5,5", "5,5"]), Ok((-5.5, 5.5)), "decimal comma");
        assert_eq!(physical(["5", "-5"]), Ok((5.0, -5.0)), "upside down");
        for bad in [["1", "1"], ["", "5"], ["-inf", "5"], ["low", "high"]] {
            assert!(physical(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn headers_that_cannot_be_are_refused_with_their_place() {
        let place = |made: Made<'_>| made.refused().place.to_string();
        let with = |record_s, n_signals, per_record| Made {
            record_s,
            n_signals,
            per_record,
            ..Made::default()
        };
        assert!(place(with("-1", "1", "500")).contains("byte 244"));
        assert!(place(with("inf", "1", "500")).contains("byte 244"));
        assert!(place(with("1", "0", "500")).contains("byte 252"));
        assert!(place(with("1", "9999", "500")).contains("byte 252"));
        assert!(
            place(with("1", "2", "500")).contains("byte 256"),
            "cut short"
        );
        assert!(place(with("1", "1", "0")).contains("samples per record"));
        assert!(place(with("1", "1", "99999999")).contains("samples per record"));
    }
}
