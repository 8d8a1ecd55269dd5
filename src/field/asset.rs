//! The ensemble as bytes: a shared basis and members, in steps of 1/32767 of each block's largest
//! number.

use faer::Mat;

use super::member::{Inversion, Member};

const MAGIC: &[u8; 8] = b"ECGFLD01";

/// Why bytes are no ensemble.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssetError {
    /// Other bytes than this program writes.
    #[error("field prior: the first eight bytes are not ECGFLD01")]
    Magic,
    /// The bytes end early.
    #[error("field prior: ends at byte {at}, where {wanted} more were expected")]
    Truncated {
        /// Where reading stopped.
        at: usize,
        /// Bytes expected from there.
        wanted: usize,
    },
}

/// A `static`, so that the program holds it once.
static SHIPPED: &[u8] = include_bytes!("../../assets/field_prior.bin");

/// The asset as shipped, for its hash.
pub fn shipped_bytes() -> &'static [u8] {
    SHIPPED
}

/// Members that are inverted alike.
pub(crate) struct Group {
    pub(crate) inversion: Inversion,
    pub(crate) members: Vec<Member>,
}

/// The bytes of an ensemble in `groups`, whose members share `basis`.
#[cfg(any(test, feature = "train"))]
pub(crate) fn encode(basis: &Mat<f64>, groups: &[Group]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    let put_count = |out: &mut Vec<u8>, it: usize| out.extend((it as u32).to_le_bytes());
    [basis.nrows(), basis.ncols(), groups.len()]
        .iter()
        .for_each(|it| put_count(&mut out, *it));
    put_block(&mut out, basis);
    for group in groups {
        let columns = group.members.first().map_or(0, |it| it.rows.ncols());
        [group.members.len(), columns]
            .iter()
            .for_each(|it| put_count(&mut out, *it));
        [group.inversion.ridge, group.inversion.temperature]
            .iter()
            .for_each(|it| out.extend((*it as f32).to_le_bytes()));
        for member in &group.members {
            out.extend((member.log_weight as f32).to_le_bytes());
            put_block(&mut out, &member.rows);
        }
    }
    out
}

/// Column by column: a scale, then the numbers in steps of it.
pub(super) fn put_block(out: &mut Vec<u8>, block: &Mat<f64>) {
    for column in 0..block.ncols() {
        let largest = (0..block.nrows())
            .map(|row| block[(row, column)].abs())
            .fold(f64::MIN_POSITIVE, f64::max);
        let scale = (largest / 32767.0) as f32;
        out.extend(scale.to_le_bytes());
        let step = |row: usize| {
            (block[(row, column)] / f64::from(scale))
                .round()
                .clamp(-32767.0, 32767.0) as i16
        };
        (0..block.nrows()).for_each(|row| out.extend(step(row).to_le_bytes()));
    }
}

/// Basis and groups; `placements` rows of a member come after those of the basis.
pub(super) fn decode(
    bytes: &[u8],
    placements: usize,
) -> Result<(Mat<f64>, Vec<Group>), AssetError> {
    let mut reader = Reader::new(bytes);
    let (basis, groups) = reader.basis()?;
    let rank = basis.ncols();
    let mut out = Vec::new();
    for _ in 0..groups {
        let (members, columns) = (reader.count()?, reader.count()?);
        let inversion = Inversion {
            ridge: reader.float()?,
            temperature: reader.float()?,
        };
        let mut group = Group {
            inversion,
            members: Vec::new(),
        };
        for _ in 0..members {
            let log_weight = reader.float()?;
            group.members.push(Member {
                rows: reader.block(rank + placements, columns)?,
                log_weight,
            });
        }
        out.push(group);
    }
    Ok((basis, out))
}

/// The basis alone.
pub(super) fn decode_basis(bytes: &[u8]) -> Result<Mat<f64>, AssetError> {
    Ok(Reader::new(bytes).basis()?.0)
}

pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The basis, and how many groups come after it.
    fn basis(&mut self) -> Result<(Mat<f64>, usize), AssetError> {
        if self.take(MAGIC.len())? != MAGIC {
            return Err(AssetError::Magic);
        }
        let (vertices, rank, groups) = (self.count()?, self.count()?, self.count()?);
        Ok((self.block(vertices, rank)?, groups))
    }

    pub(super) fn take(&mut self, n: usize) -> Result<&'a [u8], AssetError> {
        let taken =
            self.bytes
                .get(self.at..self.at.saturating_add(n))
                .ok_or(AssetError::Truncated {
                    at: self.at,
                    wanted: n,
                })?;
        self.at += n;
        Ok(taken)
    }

    pub(super) fn count(&mut self) -> Result<usize, AssetError> {
        self.take(4)
            .map(|it| u32::from_le_bytes([it[0], it[1], it[2], it[3]]) as usize)
    }

    fn float(&mut self) -> Result<f64, AssetError> {
        self.take(4)
            .map(|it| f64::from(f32::from_le_bytes([it[0], it[1], it[2], it[3]])))
    }

    pub(super) fn block(&mut self, rows: usize, columns: usize) -> Result<Mat<f64>, AssetError> {
        let needed = rows
            .saturating_mul(2)
            .saturating_add(4)
            .saturating_mul(columns);
        let taken = self.take(needed)?;
        let number = |row: usize, column: usize| {
            let column = &taken[column * (2 * rows + 4)..];
            let scale = f32::from_le_bytes([column[0], column[1], column[2], column[3]]);
            f64::from(scale)
                * f64::from(i16::from_le_bytes([
                    column[4 + 2 * row],
                    column[5 + 2 * row],
                ]))
        };
        Ok(Mat::from_fn(rows, columns, number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let basis = Mat::from_fn(3, 2, |i, j| i as f64 - 1.5 * j as f64);
        let rows = Mat::from_fn(8, 4, |i, j| (i as f64 + 0.1) * (j as f64 - 1.3));
        let inversion = Inversion {
            ridge: 0.25,
            temperature: 0.5,
        };
        let group = Group {
            inversion,
            members: vec![Member {
                rows: rows.clone(),
                log_weight: -2.0,
            }],
        };
        let bytes = encode(&basis, &[group]);
        let (found, groups) = decode(&bytes, 6).unwrap();
        assert!(
            (found - basis).norm_max() < 1e-4
                && (&groups[0].members[0].rows - rows).norm_max() < 1e-3
        );
        assert_eq!(
            (groups[0].inversion, groups[0].members[0].log_weight),
            (inversion, -2.0)
        );
        for cut in 0..bytes.len() {
            assert!(decode(&bytes[..cut], 6).is_err(), "cut at {cut}");
        }
    }
}
