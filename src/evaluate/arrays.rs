//! NumPy arrays of int16 microvolts, `[record, lead, sample]`: the leads I, II, V1 to V6 at 500 Hz.

use std::{fs::File, io::Read, path::Path};

use super::EvaluateError;

/// Samples of every record, one lead after another.
pub(super) struct Array {
    pub(super) leads: usize,
    pub(super) samples: usize,
    values: Vec<u8>,
}

impl Array {
    pub(super) fn read(path: &Path) -> Result<Self, EvaluateError> {
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|mut it| it.read_to_end(&mut bytes))
            .map_err(|it| EvaluateError::Io(path.into(), it))?;
        Self::parse(bytes).ok_or_else(|| EvaluateError::Array(path.into()))
    }

    fn parse(mut bytes: Vec<u8>) -> Option<Self> {
        let (length_at, body_at) = match bytes.get(..8)? {
            [0x93, b'N', b'U', b'M', b'P', b'Y', 1, _] => (2, 10),
            [0x93, b'N', b'U', b'M', b'P', b'Y', 2 | 3, _] => (4, 12),
            _ => return None,
        };
        let length = bytes
            .get(8..8 + length_at)?
            .iter()
            .rev()
            .fold(0usize, |sum, it| 256 * sum + usize::from(*it));
        let header = std::str::from_utf8(bytes.get(body_at..body_at + length)?).ok()?;
        if !header.contains("'<i2'") || !header.contains("'fortran_order': False") {
            return None;
        }
        let shape = header.split_once("'shape': (")?.1.split_once(')')?.0;
        let shape: Vec<usize> = shape
            .split(',')
            .filter_map(|it| it.trim().parse().ok())
            .collect();
        let [records, leads, samples] = shape[..] else {
            return None;
        };
        let values = bytes.split_off(body_at + length);
        let needed = records
            .checked_mul(leads)?
            .checked_mul(samples)?
            .checked_mul(2)?;
        (leads == 8 && 0 < samples && needed <= values.len()).then_some(Self {
            leads,
            samples,
            values,
        })
    }

    pub(super) fn records(&self) -> usize {
        self.values.len() / (2 * self.leads * self.samples)
    }

    /// One lead of one record, millivolts.
    pub(super) fn lead_mv(&self, record: usize, lead: usize) -> Vec<f32> {
        let start = 2 * self.samples * (record * self.leads + lead);
        let lead = self
            .values
            .get(start..start + 2 * self.samples)
            .unwrap_or_default();
        lead.chunks_exact(2)
            .map(|it| f32::from(i16::from_le_bytes([it[0], it[1]])) / 1000.0)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn npy(dtype: &str, shape: &str, body: &[u8]) -> Vec<u8> {
        let header =
            format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut out = b"\x93NUMPY\x01\x00".to_vec();
        out.extend((header.len() as u16).to_le_bytes());
        out.extend(header.as_bytes());
        out.extend(body);
        out
    }

    #[test]
    fn arrays_are_read_and_others_refused() {
        let body: Vec<u8> = (0..32i16).flat_map(|it| (it * 100).to_le_bytes()).collect();
        let array = Array::parse(npy("<i2", "(2, 8, 2)", &body)).unwrap();
        assert_eq!((array.records(), array.lead_mv(1, 7)), (2, vec![3.0, 3.1]));
        for refused in [
            npy("<f4", "(2, 8, 2)", &body),
            npy("<i2", "(2, 16)", &body),
            npy("<i2", "(9, 8, 2)", &body),
            b"PK".to_vec(),
        ] {
            assert!(Array::parse(refused).is_none());
        }
    }
}
