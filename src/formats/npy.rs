//! NumPy arrays of exams: int16 microvolts `[record, lead, sample]` of I, II, V1 to V6 or of all
//! twelve leads, packed by gzip or not.

use std::path::Path;

use super::FormatError;
use crate::ecg::{Lead, LeadName, LeadSet, SampleRate};

const STEP: &str = "NumPy array";
/// Samples per second where the file's name does not say.
const USUAL_HZ: f64 = 500.0;
/// Bytes of a gzip member before and after its deflated part, where it holds no optional fields.
const GZIP_ENDS: (usize, usize) = (10, 8);
/// Flag of a gzip member whose file's name stands before the deflated part.
const FILE_NAME: u8 = 8;
/// Most bytes that a packed array may unpack to.
const MOST_UNPACKED: usize = 1 << 31;

/// Exams of one length, one after another.
pub struct NpyExams {
    rate: SampleRate,
    names: &'static [LeadName],
    n_exams: usize,
    n_samples: usize,
    /// Little-endian int16: exam after exam, lead after lead.
    values: Vec<u8>,
}

impl NpyExams {
    /// Reads a file whole. The rate stands in its name, as in `leads8_100hz_uv.npy.gz`; 500 Hz where
    /// none does.
    pub fn read(path: &Path) -> Result<Self, FormatError> {
        // Looked at before it is opened: opening a pipe waits for whoever writes into it.
        let plain = |about: std::fs::Metadata| match about.is_file() {
            true => std::fs::read(path),
            false => Err(std::io::Error::other("no plain file")),
        };
        let bytes = std::fs::metadata(path).and_then(plain);
        let bytes = bytes.map_err(|it| FormatError::unreadable(STEP, &it));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let exams = bytes.and_then(unpacked).and_then(Self::parse);
        let exams = exams.map_err(|it| it.in_file(&path.display().to_string()))?;
        let rate = rate_in(&name).unwrap_or(exams.rate);
        Ok(Self { rate, ..exams })
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
        let (n_exams, names, n_samples) = match *shape.as_slice() {
            [n_exams, 8, n_samples] => (n_exams, &LeadName::EIGHT[..], n_samples),
            [n_exams, 12, n_samples] => (n_exams, &LeadName::TWELVE[..], n_samples),
            _ => {
                let (found, expected) = (format!("{shape:?}"), "(exams, 8 or 12, samples)");
                return Err(fault("the header, shape", &found, expected));
            }
        };
        if n_samples == 0 {
            return Err(fault("the header, shape", "no samples", "at least one"));
        }
        let values = bytes.split_off(header_at + length);
        let needed = [names.len(), n_samples, 2]
            .iter()
            .try_fold(n_exams, |product, it| product.checked_mul(*it));
        if needed != Some(values.len()) {
            let found = format!("{} bytes after the header", values.len());
            return Err(fault("the values", &found, "as many as the shape says"));
        }
        let rate = SampleRate::from_hz(USUAL_HZ);
        Ok(Self {
            rate: rate.ok_or_else(|| fault("the rate", "none", "samples per second"))?,
            names,
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

    /// One lead of one exam by its place in the array, millivolts; empty beyond the last one.
    pub fn lead_mv(&self, exam: usize, lead: usize) -> Vec<f32> {
        let size = 2 * self.n_samples;
        let start = size * (exam * self.names.len() + lead);
        let values = self.values.get(start..start + size).unwrap_or_default();
        let (values, _) = values.as_chunks();
        values
            .iter()
            .map(|it| f32::from(i16::from_le_bytes(*it)) / 1000.0)
            .collect()
    }

    /// The leads of one exam; `None` beyond the last one.
    pub fn exam(&self, exam: usize) -> Option<LeadSet> {
        if self.n_exams <= exam {
            return None;
        }
        let leads = self.names.iter().enumerate();
        let leads = leads.map(|(at, name)| Lead::measured(name.clone(), self.lead_mv(exam, at)));
        LeadSet::new(self.rate, leads.collect()).ok()
    }
}

/// The bytes of the array: those given, or what they unpack to (RFC 1952, without optional fields).
fn unpacked(bytes: Vec<u8>) -> Result<Vec<u8>, FormatError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let fault = |found: &str| FormatError::new(STEP, "byte 0", found, "a gzip member of one file");
    let (before, after) = GZIP_ENDS;
    let end = bytes.len().saturating_sub(after);
    let flags = bytes.get(3).copied().unwrap_or(0);
    let name_ends = || bytes.get(before..)?.iter().position(|byte| *byte == 0);
    let start = match flags {
        0 => before,
        FILE_NAME => before + 1 + name_ends().ok_or_else(|| fault("a name without end"))?,
        _ => return Err(fault("other optional fields")),
    };
    let packed = bytes
        .get(start..end)
        .ok_or_else(|| fault("too few bytes"))?;
    miniz_oxide::inflate::decompress_to_vec_with_limit(packed, MOST_UNPACKED)
        .map_err(|_| fault("what cannot be unpacked"))
}

/// The rate in a file's name: `100` of `leads8_100hz_uv.npy`.
fn rate_in(name: &str) -> Option<SampleRate> {
    let mut parts = name.split(['_', '.']);
    let hz = parts.find_map(|part| part.strip_suffix("hz")?.parse().ok())?;
    SampleRate::from_hz(hz)
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
            assert_eq!((exams.len(), exams.n_samples), (2, 2));
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

    #[test]
    fn a_packed_array_is_read_at_the_rate_in_its_name() {
        let body: Vec<u8> = (0..24i16).flat_map(i16::to_le_bytes).collect();
        let array = npy(1, "<i2", "(1, 12, 2)", &body);
        let packed = |flags: u8, name: &[u8]| {
            let head = [0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255];
            let deflated = miniz_oxide::deflate::compress_to_vec(&array, 6);
            [&head[..], name, &deflated, &[0; 8]].concat()
        };
        let folder = tempfile::tempdir().unwrap();
        let read = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            NpyExams::read(&path)
        };
        let exams = read("leads12_100hz_uv_3.npy.gz", &packed(8, b"x.npy\0")).unwrap();
        assert_eq!((exams.rate.hz(), exams.len()), (100.0, 1));
        let leads = exams.exam(0).unwrap();
        let last = leads.get(&LeadName::V6).unwrap();
        assert_eq!(&*last.samples_mv, [0.022, 0.023]);
        assert_eq!(read("a.npy", &packed(0, b"")).unwrap().rate.hz(), 500.0);
        let place = |bytes: &[u8]| read("a.npy", bytes).err().unwrap().place;
        assert_eq!(&*place(&packed(0, b"")[..30]), "byte 0");
        assert_eq!(&*place(&packed(4, b"")), "byte 0");
    }
}
