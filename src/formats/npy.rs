//! NumPy arrays of exams: int16 microvolts `[record, 8, sample]` of I, II, V1 to V6 at 500 Hz.

use std::path::Path;

use super::FormatError;
use crate::ecg::{Lead, LeadName, LeadSet, SampleRate};

const STEP: &str = "NumPy array";
const LEADS: usize = LeadName::EIGHT.len();
/// Samples per second.
const RATE_HZ: f64 = 500.0;

/// Exams of one length, one after another.
pub struct NpyExams {
    n_exams: usize,
    n_samples: usize,
    /// Little-endian int16: exam after exam, lead after lead.
    values: Vec<u8>,
}

impl NpyExams {
    /// Reads a file whole.
    pub fn read(path: &Path) -> Result<Self, FormatError> {
        let bytes = std::fs::read(path).map_err(|it| FormatError::unreadable(STEP, &it));
        bytes
            .and_then(Self::parse)
            .map_err(|it| it.in_file(&path.display().to_string()))
    }

    /// Takes a file's bytes: versions 1 to 3 of the format, C order.
    pub fn parse(mut bytes: Vec<u8>) -> Result<Self, FormatError> {
        let fault = |place: &str, found: &str, expected: &str| {
            FormatError::new(STEP, place, found, expected)
        };
        let (length_at, header_at) = match bytes.get(..8) {
            Some([0x93, b'N', b'U', b'M', b'P', b'Y', 1, _]) => (8..10, 10),
            Some([0x93, b'N', b'U', b'M', b'P', b'Y', 2 | 3, _]) => (8..12, 12),
            _ => return Err(fault("byte 0", "other bytes", "\\x93NUMPY and a version")),
        };
        let length = bytes.get(length_at).into_iter().flatten().rev();
        let length = length.fold(0usize, |sum, byte| 256 * sum + usize::from(*byte));
        let header = bytes
            .get(header_at..header_at + length)
            .and_then(|it| std::str::from_utf8(it).ok())
            .ok_or_else(|| fault("byte 8", "no header", "a dictionary"))?;
        if !header.contains("'<i2'") || !header.contains("'fortran_order': False") {
            let expected = "'descr': '<i2', 'fortran_order': False";
            return Err(fault("the header", header.trim(), expected));
        }
        let shape = header.split_once("'shape': (").map_or("", |it| it.1);
        let shape = shape.split(')').next().unwrap_or_default().split(',');
        let shape: Vec<usize> = shape.filter_map(|it| it.trim().parse().ok()).collect();
        let &[n_exams, LEADS, n_samples] = shape.as_slice() else {
            let found = format!("{shape:?}");
            return Err(fault("the header, shape", &found, "(exams, 8, samples)"));
        };
        if n_samples == 0 {
            return Err(fault("the header, shape", "no samples", "at least one"));
        }
        let values = bytes.split_off(header_at + length);
        let needed = [LEADS, n_samples, 2]
            .iter()
            .try_fold(n_exams, |product, it| product.checked_mul(*it));
        if needed != Some(values.len()) {
            let found = format!("{} bytes after the header", values.len());
            return Err(fault("the values", &found, "as many as the shape says"));
        }
        Ok(Self {
            n_exams,
            n_samples,
            values,
        })
    }

    /// Number of exams.
    pub fn len(&self) -> usize {
        self.n_exams
    }

    /// Whether there is no exam.
    pub fn is_empty(&self) -> bool {
        self.n_exams == 0
    }

    /// Samples of a lead.
    pub fn n_samples(&self) -> usize {
        self.n_samples
    }

    /// One lead (of [`LeadName::EIGHT`]) of one exam, millivolts; empty beyond the last one.
    pub fn lead_mv(&self, exam: usize, lead: usize) -> Vec<f32> {
        let size = 2 * self.n_samples;
        let start = size * (exam * LEADS + lead);
        let values = self.values.get(start..start + size).unwrap_or_default();
        let (values, _) = values.as_chunks();
        values
            .iter()
            .map(|it| f32::from(i16::from_le_bytes(*it)) / 1000.0)
            .collect()
    }

    /// The eight leads of one exam; `None` beyond the last one.
    pub fn exam(&self, exam: usize) -> Option<LeadSet> {
        if self.n_exams <= exam {
            return None;
        }
        let leads = LeadName::EIGHT.into_iter().enumerate();
        let leads = leads.map(|(at, name)| Lead::measured(name, self.lead_mv(exam, at)));
        LeadSet::new(SampleRate::from_hz(RATE_HZ)?, leads.collect()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn npy(version: u8, dtype: &str, shape: &str, body: &[u8]) -> Vec<u8> {
        let header =
            format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut out = b"\x93NUMPY".to_vec();
        out.extend([version, 0]);
        let length = (header.len() as u32).to_le_bytes();
        out.extend(if version == 1 { &length[..2] } else { &length });
        out.extend(header.as_bytes());
        out.extend(body);
        out
    }

    #[test]
    fn arrays_are_read_and_others_refused() {
        let body: Vec<u8> = (0..32i16).flat_map(|it| (it * 100).to_le_bytes()).collect();
        for version in 1..=3 {
            let exams = NpyExams::parse(npy(version, "<i2", "(2, 8, 2)", &body)).unwrap();
            assert_eq!((exams.len(), exams.n_samples()), (2, 2));
            assert_eq!(exams.lead_mv(1, 7), [3.0, 3.1]);
            assert_eq!(&*exams.exam(0).unwrap().leads()[1].samples_mv, [0.2, 0.3]);
            assert!(exams.exam(2).is_none());
        }
        for (refused, place) in [
            (npy(1, "<f4", "(2, 8, 2)", &body), "the header"),
            (npy(1, "<i2", "(2, 16)", &body), "the header, shape"),
            (npy(1, "<i2", "(2, 7, 2)", &body), "the header, shape"),
            (npy(1, "<i2", "(2, 8, 0)", &body), "the header, shape"),
            (npy(1, "<i2", "(9, 8, 2)", &body), "the values"),
            (npy(1, "<i2", "(2, 8, 2)", &body[1..]), "the values"),
            (b"\x93NUMPY\x01\x00\xff\xff".to_vec(), "byte 8"),
            (b"PK".to_vec(), "byte 0"),
        ] {
            assert_eq!(&*NpyExams::parse(refused).err().unwrap().place, place);
        }
    }
}
