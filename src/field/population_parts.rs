//! The numbers that a population is made of, and their bytes.

use faer::Mat;

use super::asset::{AssetError, Reader, put_block};
use crate::ecg::{LeadName, N_PHASES};

const MAGIC: &[u8; 8] = b"ECGPOP02";
/// Leads that people were recorded with: I, II, V1 to V6.
pub(super) const LEADS: usize = LeadName::EIGHT.len();
/// Numbers in a symmetric matrix of them.
pub(super) const PAIRS: usize = LEADS * (LEADS + 1) / 2;
/// Numbers in the roots of a patient's covariances of them in QRS, ST and T.
const ROOTS: usize = (N_PHASES - 1) * LEADS * LEADS;

/// The numbers behind a [`super::Population`], as they are fitted and shipped. Powers are relative: the
/// eight leads of each person have a total of one.
pub struct PopulationParts {
    /// Of virtual patients, by phase: a root of the covariance of the skin, rows of a member × rank.
    pub skin: [Mat<f64>; N_PHASES],
    /// Of recorded people: people × entries, the upper triangle of I, II, V1 to V6 in QRS, then in
    /// ST, T and the rest.
    pub people: Mat<f64>,
    /// Orthonormal directions among the skin's rows, rows × directions.
    pub components: Mat<f64>,
    /// Of virtual patients: patients × numbers, roots of their covariances of the eight leads in QRS,
    /// ST and T.
    pub centres: Mat<f64>,
    /// What being like each of these adds to everybody's map: patients × numbers, phase after phase,
    /// directions × leads.
    pub departures: Mat<f64>,
}

impl PopulationParts {
    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        let (rows, rank) = self.skin[0].shape();
        let (people, centres) = (self.people.nrows(), self.centres.nrows());
        [rows, rank, people, centres, self.components.ncols()]
            .iter()
            .for_each(|it| out.extend((*it as u32).to_le_bytes()));
        let rest = [
            &self.people,
            &self.components,
            &self.centres,
            &self.departures,
        ];
        self.skin
            .iter()
            .chain(rest)
            .for_each(|it| put_block(&mut out, it));
        out
    }

    /// From bytes of [`PopulationParts::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, AssetError> {
        let mut reader = Reader::new(bytes);
        if reader.take(MAGIC.len())? != MAGIC {
            return Err(AssetError::Magic);
        }
        let (rows, rank) = (reader.count()?, reader.count()?);
        let (people, centres, components) = (reader.count()?, reader.count()?, reader.count()?);
        let mut block = || reader.block(rows, rank);
        let skin = [block()?, block()?, block()?, block()?];
        Ok(Self {
            skin,
            people: reader.block(people, N_PHASES * PAIRS)?,
            components: reader.block(rows, components)?,
            centres: reader.block(centres, ROOTS)?,
            departures: reader.block(centres, N_PHASES * components * LEADS)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use faer::Scale;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let numbers = |rows: usize, columns: usize| {
            Mat::from_fn(rows, columns, |i, j| (i as f64 + 0.3) * (j as f64 - 1.7))
        };
        let parts = PopulationParts {
            skin: [1.0, 2.0, 3.0, 4.0].map(|it| numbers(9, 3) * Scale(it)),
            people: numbers(5, N_PHASES * PAIRS),
            components: numbers(9, 2),
            centres: numbers(4, ROOTS),
            departures: numbers(4, N_PHASES * 2 * LEADS),
        };
        let bytes = parts.encode();
        let found = PopulationParts::decode(&bytes).unwrap();
        let near = |a: &Mat<f64>, b: &Mat<f64>| (a - b).norm_max() < 1e-4 * b.norm_max();
        assert!(near(&found.skin[3], &parts.skin[3]) && near(&found.people, &parts.people));
        assert!(near(&found.components, &parts.components));
        assert!(near(&found.centres, &parts.centres));
        assert!(near(&found.departures, &parts.departures));
        for cut in (0..bytes.len()).step_by(97) {
            assert!(
                PopulationParts::decode(&bytes[..cut]).is_err(),
                "cut at {cut}"
            );
        }
    }
}
