//! The header of EDF, EDF+, BDF and BDF+ (Kemp 1992, Kemp & Olivan 2003; BioSemi's 24-bit variant).

use jiff::civil::{Date, DateTime, Time};

use crate::{
    ecg::{Patient, SampleRate, Sex},
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

/// dd.mm.yy and hh.mm.ss, the year from EDF+'s own date field where there is one (otherwise 1985 to
/// 2084). No zone anywhere.
fn start_of(
    date: &str,
    time: &str,
    recording: Option<&str>,
    warnings: &mut Vec<String>,
) -> Option<DateTime> {
    let time =
        three(time).and_then(|[hour, minute, second]| Time::new(hour, minute, second, 0).ok());
    let stated = recording.and_then(|it| it.split_whitespace().nth(1));
    let short = three(date).and_then(|[day, month, year]| {
        let year = i16::from(year) + if year < 85 { 2000 } else { 1900 };
        Date::new(year, month, day).ok()
    });
    if let Some(text) = stated.filter(|text| *text != "X" && named_date(text).is_none())
        && recording.is_some_and(|it| it.starts_with("Startdate"))
    {
        warnings.push(format!(
            "the recording's start date {} is no day",
            quoted(text)
        ));
    }
    // From 2085 on EDF+ writes `yy` there.
    if short.is_none() && stated.and_then(named_date).is_none() {
        warnings.push(format!("the start date {} is no day", quoted(date)));
    }
    let date = match stated.and_then(named_date) {
        Some(long) => {
            if short.is_some_and(|it| it != long) {
                warnings.push(format!("two start dates, {long} in the recording field and {date} in the date field; the first was used"));
            }
            Some(long)
        }
        // 1 January 1985 at midnight is what anonymised files carry.
        None => short.filter(|it| {
            !(*it == jiff::civil::date(1985, 1, 1)
                && (stated == Some("X") || time == Some(Time::midnight())))
        }),
    };
    if time.is_none() {
        warnings.push("the start time is not readable".to_owned());
    }
    Some(date?.to_datetime(time?))
}

fn three(text: &str) -> Option<[i8; 3]> {
    let mut parts = text
        .split(['.', ':', '-', '/'])
        .map(|it| it.trim().parse::<i8>().ok().filter(|it| 0 <= *it));
    let all = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(all)
}

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];

/// 02-MAR-2002.
pub(in crate::formats) fn named_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (day, month, year) = (
        parts.next()?.parse().ok()?,
        parts.next()?.to_uppercase(),
        parts.next()?.parse().ok()?,
    );
    let month = MONTHS.iter().position(|it| *it == month)? as i8 + 1;
    Date::new(year, month, day).ok()
}

/// The reverse of [`named_date`].
pub(super) fn date_text(date: Date) -> String {
    format!(
        "{:02}-{}-{:04}",
        date.day(),
        MONTHS[(date.month() - 1) as usize],
        date.year()
    )
}

/// EDF+: code, sex, birth date and name, parted by blanks, `X` for unknown, `_` for a blank inside.
fn patient_fields(field: &str, warnings: &mut Vec<String>) -> Patient {
    let mut parts = field.split_whitespace();
    let id = parts.next().and_then(known);
    let sex = match parts.next() {
        Some("F") => Some(Sex::Female),
        Some("M") => Some(Sex::Male),
        _ => None,
    };
    let birth = parts.next().filter(|text| *text != "X");
    let birth_date = birth.and_then(named_date);
    if let (Some(text), None) = (birth, birth_date) {
        warnings.push(format!("the birth date {} is no day", quoted(text)));
    }
    let name = parts.next().and_then(known);
    let age_years = parts
        .find_map(|it| it.strip_prefix("age="))
        .and_then(|it| it.parse().ok())
        .filter(|it: &f64| it.is_finite());
    Patient {
        name,
        id,
        sex,
        birth_date,
        age_years,
    }
}

/// Plain EDF: eighty characters of anything. Kept as the identifier, for it may name the person.
fn plain_patient(field: &str) -> Patient {
    let unknown = field.is_empty() || field.split_whitespace().all(|it| it == "X");
    Patient {
        id: (!unknown).then(|| field.to_owned()),
        ..Patient::default()
    }
}

/// EDF+: `Startdate`, date, hospital code, technician, equipment, then anything.
fn recording_fields(field: &str) -> (Option<String>, Vec<String>) {
    let parts: Vec<&str> = field.split_whitespace().collect();
    if parts.first() != Some(&"Startdate") {
        return (None, free_text("recording", field));
    }
    let part = |idx: usize| parts.get(idx).and_then(|it| known(it));
    let mut notes = Vec::new();
    notes.extend(part(2).map(|it| format!("hospital code: {it}")));
    notes.extend(part(3).map(|it| format!("technician: {it}")));
    let rest: Vec<String> = parts.iter().skip(5).filter_map(|it| known(it)).collect();
    notes.extend((!rest.is_empty()).then(|| format!("recording: {}", rest.join(" "))));
    (part(4), notes)
}

fn free_text(what: &str, field: &str) -> Vec<String> {
    let field = field
        .strip_prefix("Startdate not recorded")
        .unwrap_or(field)
        .trim();
    let unknown = field.is_empty()
        || field
            .strip_prefix("Startdate")
            .unwrap_or(field)
            .split_whitespace()
            .all(|it| it == "X");
    if unknown {
        Vec::new()
    } else {
        vec![format!("{what}: {field}")]
    }
}

fn known(part: &str) -> Option<String> {
    (part != "X" && !part.is_empty()).then(|| part.replace('_', " "))
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
    fn persons_are_read_from_subfields_and_kept_whole_without() {
        let person = |patient, reserved| {
            let made = Made {
                patient,
                reserved,
                ..Made::default()
            };
            made.header().patient
        };
        assert!(person("X X X X", "EDF+C").is_anonymous());
        let found = person("MCH-0234567 F 02-MAY-1951 Haagse_Harry age=51", "EDF+C");
        let expected = Patient {
            name: Some("Haagse Harry".into()),
            id: Some("MCH-0234567".into()),
            sex: Some(Sex::Female),
            birth_date: Some(jiff::civil::date(1951, 5, 2)),
            age_years: Some(51.0),
        };
        assert_eq!(found, expected);
        assert_eq!(
            person("Haagse Harry", "").id.as_deref(),
            Some("Haagse Harry")
        );
        assert!(person("X X", "").is_anonymous());
    }

    #[test]
    fn years_are_of_two_digits_unless_edf_plus_has_four() {
        let start = |date, recording, reserved| {
            let made = Made {
                date,
                recording,
                reserved,
                ..Made::default()
            };
            let header = made.header();
            (header.start.map(|it| it.date()), header.warnings.len())
        };
        let day = |year, month, day| Some(jiff::civil::date(year, month, day));
        assert_eq!(start("02.03.84", "", ""), (day(2084, 3, 2), 0));
        assert_eq!(start("02.03.85", "", ""), (day(1985, 3, 2), 0));
        let plus = "Startdate 02-MAR-2102 X X X";
        assert_eq!(start("02.03.yy", plus, "EDF+C"), (day(2102, 3, 2), 0));
        assert_eq!(
            start("05.03.02", plus, "EDF+C"),
            (day(2102, 3, 2), 1),
            "they differ"
        );
        let hidden = "Startdate X X X X";
        assert_eq!(
            start("01.01.85", hidden, "EDF+C"),
            (None, 0),
            "an anonymised file"
        );
        assert_eq!(start("99.99.99", hidden, "EDF+C").0, None);
    }

    #[test]
    fn the_recording_field_gives_device_and_notes() {
        let read = |recording| {
            let made = Made {
                recording,
                ..Made::default()
            };
            let header = made.header();
            (header.device, header.notes)
        };
        let (device, notes) = read("Startdate 02-MAR-2002 EMG561 BK/JOP Sony_telemeter night 2");
        assert_eq!(device.as_deref(), Some("Sony telemeter"));
        let expected = [
            "hospital code: EMG561",
            "technician: BK/JOP",
            "recording: night 2",
        ];
        assert_eq!(notes, expected);
        assert_eq!(read("Startdate X X X X"), (None, vec![]));
        assert_eq!(read("a ward"), (None, vec!["recording: a ward".into()]));
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

    #[test]
    fn dates_are_written_as_they_are_read() {
        let mut date = jiff::civil::date(1899, 12, 20);
        while date.year() < 2102 {
            assert_eq!(named_date(&date_text(date)), Some(date));
            date = date.checked_add(jiff::Span::new().days(37)).unwrap();
        }
        assert_eq!(named_date("2-mar-2002"), named_date("02-MAR-2002"));
        for bad in ["", "02-MAR", "31-FEB-2002", "02-MRZ-2002", "X"] {
            assert_eq!(named_date(bad), None, "{bad:?}");
        }
    }
}
