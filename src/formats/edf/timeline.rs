//! When each data record was recorded: contiguous, or as its time stamps say (EDF+D).

use super::{
    header::{Header, Kind},
    tal,
};
use crate::formats::{FormatError, bytes::Bytes, provenance};

/// The records in time. Stamps of a discontinuous file are read where needed, by bisection.
#[derive(Clone, Debug)]
pub(super) struct Timeline {
    pub n_records: u64,
    /// Onset of the first record against the header's start time, 0 to 1 s in sound files.
    pub first_s: f64,
    /// Seconds from the first sample to the end of the last record.
    pub duration_s: f64,
    pub has_gaps: bool,
    /// Where our own files say that padding begins, from the first sample.
    ends_s: Option<f64>,
    pub warnings: Vec<String>,
    record_s: f64,
}

/// Longest recording that gaps may make: a year. Beyond it a time stamp is taken to be wrong.
const LONGEST_S: f64 = 366.0 * 86_400.0;

impl Timeline {
    pub fn find(bytes: &Bytes, header: &Header, n_records: u64) -> Result<Self, FormatError> {
        let record_s = header.record_s;
        let duration_s = n_records as f64 * record_s;
        let mut out = Self {
            n_records,
            first_s: 0.0,
            duration_s,
            has_gaps: false,
            ends_s: None,
            warnings: Vec::new(),
            record_s,
        };
        if header.kind == Kind::Plain {
            return Ok(out);
        }
        let [first, last] = [
            stamp_at(bytes, header, 0)?,
            stamp_at(bytes, header, n_records - 1)?,
        ];
        out.first_s = first.unwrap_or(0.0);
        out.ends_s = end_mark(bytes, header, n_records - 1)?.map(|it| it - out.first_s);
        let (Some(first), Some(last)) = (first, last) else {
            out.warnings.push(
                "data records carry no readable time stamps; they were taken to follow one another"
                    .to_owned(),
            );
            return Ok(out);
        };
        let spread = last - first;
        let follows =
            (spread - (n_records - 1) as f64 * record_s).abs() <= 1e-3 * record_s.max(1e-3);
        if follows && header.kind == Kind::Contiguous {
            return Ok(out);
        }
        if !(0.0..=LONGEST_S).contains(&spread) {
            out.warnings.push(format!(
                "time stamps run from {first} s to {last} s and were not believed"
            ));
            return Ok(out);
        }
        if !follows {
            if header.kind == Kind::Contiguous {
                out.warnings.push(
                    "called contiguous, but the time stamps show gaps; they were believed"
                        .to_owned(),
                );
            }
            out.duration_s = spread + record_s;
        }
        out.has_gaps = true;
        Ok(out)
    }

    /// Samples from the first to the last, gaps included.
    pub fn samples_in_all(&self, per_record: usize) -> u64 {
        let all = if self.has_gaps {
            (self.duration_s / self.record_s * per_record as f64).round() as u64
        } else {
            self.n_records * per_record as u64
        };
        let ends = self
            .ends_s
            .map(|it| (it / self.record_s * per_record as f64).round() as u64);
        ends.filter(|it| 0 < *it && *it < all && all - *it < per_record as u64)
            .unwrap_or(all)
    }

    /// The first record that may hold sample `start`.
    pub fn first_record_at(
        &self,
        bytes: &Bytes,
        header: &Header,
        start: u64,
        per_record: u64,
    ) -> Result<u64, FormatError> {
        if per_record == 0 {
            return Ok(self.n_records);
        }
        if !self.has_gaps {
            return Ok(start / per_record);
        }
        let wanted_s = start as f64 / per_record as f64 * self.record_s;
        let (mut low, mut high) = (0, self.n_records);
        while low + 1 < high {
            let middle = low.midpoint(high);
            let onset = stamp_at(bytes, header, middle)?.unwrap_or(f64::INFINITY) - self.first_s;
            if onset <= wanted_s {
                low = middle
            } else {
                high = middle
            }
        }
        Ok(low)
    }

    /// Index of a record's first sample; `None`, with a warning, for a record out of time.
    pub fn first_sample(
        &self,
        header: &Header,
        record: &[u8],
        index: u64,
        per_record: u64,
        warnings: &mut Vec<String>,
    ) -> Option<u64> {
        if !self.has_gaps {
            return Some(index * per_record);
        }
        let onset = stamp_of(header, record).map(|it| it - self.first_s);
        let sound = onset.filter(|it| -0.5 * self.record_s <= *it && *it <= self.duration_s);
        if sound.is_none() {
            warnings.push(format!(
                "data record {index} carries no believable time stamp and was left out"
            ));
        }
        sound.map(|it| (it / self.record_s * per_record as f64).round().max(0.0) as u64)
    }
}

fn stamp_at(bytes: &Bytes, header: &Header, index: u64) -> Result<Option<f64>, FormatError> {
    let Some(signal) = header.signals.iter().find(|it| it.is_annotations()) else {
        return Ok(None);
    };
    let start = header.header_bytes + index * header.record_bytes as u64 + signal.offset as u64;
    let field = bytes.slice(
        start,
        (signal.per_record * header.sample_bytes).min(STAMP_BYTES),
    )?;
    Ok(onset(&field))
}

fn end_mark(bytes: &Bytes, header: &Header, index: u64) -> Result<Option<f64>, FormatError> {
    let Some(signal) = header.signals.iter().find(|it| it.is_annotations()) else {
        return Ok(None);
    };
    let start = header.header_bytes + index * header.record_bytes as u64 + signal.offset as u64;
    let field = bytes.slice(start, signal.per_record * header.sample_bytes)?;
    let lists = tal::parse(&field, 1000).0;
    Ok(lists
        .iter()
        .find(|it| it.texts.iter().any(|it| it == provenance::END))
        .map(|it| it.onset_s))
}

fn stamp_of(header: &Header, record: &[u8]) -> Option<f64> {
    let signal = header.signals.iter().find(|it| it.is_annotations())?;
    let len = (signal.per_record * header.sample_bytes).min(STAMP_BYTES);
    onset(&record[signal.offset..signal.offset + len])
}

/// A time stamp stands first in its record.
const STAMP_BYTES: usize = 64;

fn onset(field: &[u8]) -> Option<f64> {
    let end = field.iter().position(|it| matches!(it, 20 | 21))?;
    let mut stamp = field[..end].to_vec();
    stamp.extend_from_slice(&[20, 20]);
    tal::parse(&stamp, 1).0.first().map(|it| it.onset_s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Limits;

    /// Samples of one record, a second each, and bytes of its annotations.
    const PER_RECORD: u64 = 10;
    const ANNOTATION_BYTES: usize = 120;

    /// A file of one lead and annotations, with a record for each list of annotations.
    fn file(reserved: &str, records: &[String]) -> (Bytes, Header) {
        let mut out = b"0       ".to_vec();
        let mut put = |text: &str, width: usize| {
            out.extend(text.bytes().chain(std::iter::repeat(b' ')).take(width));
        };
        for (text, width) in [
            ("X X X X", 80),
            ("Startdate X X X X", 80),
            ("01.01.85", 8),
            ("00.00.00", 8),
            ("768", 8),
            (reserved, 44),
            ("-1", 8),
            ("1", 8),
            ("2", 4),
        ] {
            put(text, width);
        }
        for (texts, width) in [
            (["ECG II", "EDF Annotations"], 16),
            (["", ""], 80),
            (["mV", ""], 8),
            (["-1", "-1"], 8),
            (["1", "1"], 8),
            (["-32768", "-32768"], 8),
            (["32767", "32767"], 8),
            (["", ""], 80),
            (["10", "60"], 8),
            (["", ""], 32),
        ] {
            texts.iter().for_each(|text| put(text, width));
        }
        for annotations in records {
            out.extend([0; 2 * PER_RECORD as usize]);
            let mut field = annotations.clone().into_bytes();
            field.resize(ANNOTATION_BYTES, 0);
            out.extend(field);
        }
        let bytes = Bytes::Memory(out.into());
        let header = Header::read(&bytes, &Limits::default()).unwrap();
        (bytes, header)
    }

    fn stamp(onset_s: f64) -> String {
        format!("+{onset_s}\x14\x14\0")
    }

    fn timeline(reserved: &str, onsets_s: &[f64]) -> (Bytes, Header, Timeline) {
        let records: Vec<String> = onsets_s.iter().map(|it| stamp(*it)).collect();
        let (bytes, header) = file(reserved, &records);
        let found = Timeline::find(&bytes, &header, records.len() as u64).unwrap();
        (bytes, header, found)
    }

    #[test]
    fn contiguous_records_follow_one_another() {
        let (bytes, header, found) = timeline("EDF+C", &[0.25, 1.25, 2.25]);
        assert_eq!(
            (found.first_s, found.duration_s, found.has_gaps),
            (0.25, 3.0, false)
        );
        assert_eq!(found.samples_in_all(10), 30);
        assert_eq!(
            found
                .first_record_at(&bytes, &header, 25, PER_RECORD)
                .unwrap(),
            2
        );
        assert!(found.warnings.is_empty());
    }

    #[test]
    fn gaps_are_found_by_bisection() {
        let onsets_s = [0.0, 1.0, 5.0, 6.0, 7.0, 20.0];
        let (bytes, header, found) = timeline("EDF+D", &onsets_s);
        assert!(found.has_gaps);
        assert_eq!((found.duration_s, found.samples_in_all(10)), (21.0, 210));
        for (sample, record) in [
            (0, 0),
            (9, 0),
            (10, 1),
            (49, 1),
            (50, 2),
            (79, 4),
            (199, 4),
            (200, 5),
        ] {
            let first = found
                .first_record_at(&bytes, &header, sample, PER_RECORD)
                .unwrap();
            assert_eq!(first, record, "sample {sample}");
        }
    }

    #[test]
    fn a_record_is_placed_by_its_own_stamp() {
        let (_, header, found) = timeline("EDF+D", &[0.0, 1.0, 5.0]);
        let placed = |annotations: &str| {
            let mut record = vec![0; 2 * PER_RECORD as usize];
            let mut field = annotations.as_bytes().to_vec();
            field.resize(ANNOTATION_BYTES, 0);
            record.extend(field);
            let mut warnings = Vec::new();
            let first = found.first_sample(&header, &record, 2, PER_RECORD, &mut warnings);
            (first, warnings.len())
        };
        assert_eq!(placed(&stamp(5.0)), (Some(50), 0));
        assert_eq!(placed(&stamp(99.0)), (None, 1), "after the end");
        assert_eq!(placed("no stamp"), (None, 1));
    }

    #[test]
    fn time_stamps_are_believed_against_the_header_but_not_against_reason() {
        let (.., gaps) = timeline("EDF+C", &[0.0, 1.0, 9.0]);
        assert!(
            gaps.has_gaps && gaps.warnings.len() == 1,
            "{:?}",
            gaps.warnings
        );
        let (.., backwards) = timeline("EDF+D", &[5.0, 6.0, 0.0]);
        assert!(!backwards.has_gaps && backwards.warnings.len() == 1);
        let (.., years) = timeline("EDF+D", &[0.0, 1.0, 1e9]);
        assert!(!years.has_gaps && years.duration_s == 3.0);
        let (bytes, header) = file("EDF+D", &["?".into(), "?".into()]);
        let none = Timeline::find(&bytes, &header, 2).unwrap();
        assert!(!none.has_gaps && none.warnings.len() == 1);
    }

    #[test]
    fn padding_at_the_end_is_not_recording() {
        let end = format!("{}+2.4\x14{}\x14\0", stamp(2.0), provenance::END);
        let (bytes, header) = file("EDF+C", &[stamp(0.0), stamp(1.0), end]);
        let found = Timeline::find(&bytes, &header, 3).unwrap();
        assert_eq!(found.samples_in_all(10), 24);
    }
}
