//! Many people, as covariances by phase of the beat: who among them is like a patient, and the mean of
//! those.

use faer::Mat;

use super::{
    member::softmax,
    population_parts::{LEADS, PAIRS},
};
use crate::ecg::N_PHASES;

/// Share of everybody beside those who are alike.
const EVERYBODY: f64 = 0.1;
/// People of equal say that must count at least.
const FEWEST: f64 = 20.0;
/// So many people's sums are worked out at a time: they stay in registers.
const ABREAST: usize = 32;

/// Many people, each with an upper triangle of a covariance by phase; an entry's column holds it of all.
pub(super) struct Group {
    people: usize,
    /// Covariance over the whole beat, an entry of the upper triangle after another; filled up with
    /// zeros to a multiple of [`ABREAST`].
    whole: Vec<Vec<f32>>,
    /// All entries, those of a phase after one another, and their means.
    phases: Vec<Vec<f32>>,
    everybody: Vec<f64>,
}

/// Shares in proportion to exponentials of `log`, made as much more even as it takes for [`FEWEST`]
/// to count: a patient unlike all others would follow the nearest one alone.
fn shares_of_enough(log: &[f64]) -> Vec<f64> {
    /// So even that only those count less who can be compared with nobody.
    const EVEN: f64 = 1e-12;
    let fewest = FEWEST.min(0.5 * log.len() as f64);
    let counting = |shares: &[f64]| 1.0 / shares.iter().map(|it| it * it).sum::<f64>();
    let (mut sharpness, mut shares) = (1.0, softmax(log));
    while counting(&shares) < fewest && EVEN < sharpness {
        sharpness *= 0.8;
        let log: Vec<f64> = log.iter().map(|it| it * sharpness).collect();
        shares = softmax(&log);
    }
    shares
}

/// One number of everybody: a sum of shares of columns, and what is the same for all.
struct Entry<'a> {
    own: f32,
    parts: Vec<(f32, &'a [f32])>,
}

impl Entry<'_> {
    /// Adds it of the people from `first` on.
    fn add_to(&self, first: usize, to: &mut [f32; ABREAST]) {
        let mut sums = to.map(|it| it + self.own);
        for (share, column) in &self.parts {
            let people = column.get(first..).and_then(|it| it.first_chunk());
            let people: &[f32; ABREAST] = people.unwrap_or(&[0.0; ABREAST]);
            sums.iter_mut()
                .zip(people)
                .for_each(|(to, it)| *to += share * it);
        }
        *to = sums;
    }
}

impl Group {
    /// Of upper triangles of the covariances of the eight leads, people × those of each phase.
    pub(super) fn new(entries: &Mat<f64>) -> Self {
        let n = entries.nrows();
        let column = |of: usize| -> Vec<f32> {
            let mut column: Vec<f32> = (0..n).map(|it| entries[(it, of)] as f32).collect();
            column.resize(n.next_multiple_of(ABREAST), 0.0);
            column
        };
        let phases: Vec<Vec<f32>> = (0..entries.ncols()).map(column).collect();
        let entry = |pair: usize| -> Vec<f32> {
            let of_phase = |phase: usize| &phases[phase * PAIRS + pair];
            let whole = |it: usize| (0..N_PHASES).map(|phase| of_phase(phase)[it]).sum();
            (0..n.next_multiple_of(ABREAST)).map(whole).collect()
        };
        let mean = |it: &Vec<f32>| it.iter().map(|it| f64::from(*it)).sum::<f64>() / n as f64;
        Self {
            people: n,
            whole: (0..PAIRS).map(entry).collect(),
            everybody: phases.iter().map(mean).collect(),
            phases,
        }
    }

    /// How much each counts: those whose leads, reading `told` of the eight and `apart` of their own,
    /// covary over the whole beat as `own` does, of a total power of one; without it all alike.
    pub(super) fn shares(
        &self,
        told: &Mat<f64>,
        apart: &Mat<f64>,
        own: Option<&Mat<f64>>,
        alike: f64,
    ) -> Vec<f64> {
        let n = self.people;
        let Some(own) = own else {
            return vec![1.0 / n as f64; n];
        };
        let scale = alike * own.squared_norm_l2();
        let distances = self.distances(told, apart, own);
        let log: Vec<f64> = distances.map(|it| -f64::from(it) / scale).collect();
        shares_of_enough(&log[..n])
    }

    /// Squared distances of everyone's covariances from a patient's.
    fn distances(
        &self,
        told: &Mat<f64>,
        apart: &Mat<f64>,
        own: &Mat<f64>,
    ) -> impl Iterator<Item = f32> {
        let k = told.nrows();
        let entry = |pair: (usize, usize)| self.entry(told, apart, pair);
        let powers: Vec<Entry> = (0..k).map(|it| entry((it, it))).collect();
        let pairs = (0..k).flat_map(|i| (i..k).map(move |j| (i, j)));
        let held = pairs.map(|(i, j)| {
            let count = if i == j { 1.0 } else { 2.0 };
            (entry((i, j)), own[(i, j)] as f32, count)
        });
        let held: Vec<(Entry, f32, f32)> = held.collect();
        (0..self.people).step_by(ABREAST).flat_map(move |first| {
            let (mut power, mut distance) = ([0.0; ABREAST], [0.0; ABREAST]);
            powers.iter().for_each(|it| it.add_to(first, &mut power));
            for (entry, expected, count) in &held {
                let mut value = [0.0; ABREAST];
                entry.add_to(first, &mut value);
                for ((to, it), power) in distance.iter_mut().zip(value).zip(power) {
                    *to += count * (it / power - expected).powi(2);
                }
            }
            distance
        })
    }

    /// An entry of everyone's covariance of leads that read `told` of these and `apart` of their own.
    fn entry(&self, told: &Mat<f64>, apart: &Mat<f64>, (i, j): (usize, usize)) -> Entry<'_> {
        /// Shares of a lead that could not be seen.
        const LEAST: f64 = 1e-4;
        let n = told.ncols();
        let share = |a: usize, b: usize| match a == b {
            true => told[(i, a)] * told[(j, b)],
            false => told[(i, a)] * told[(j, b)] + told[(i, b)] * told[(j, a)],
        };
        let shares = (0..n).flat_map(|a| (a..n).map(move |b| (a, b)));
        let parts = shares.map(|(a, b)| share(a, b)).zip(&self.whole);
        let parts = parts.filter(|(share, _)| LEAST < share.abs());
        Entry {
            own: apart[(i, j)] as f32,
            parts: parts
                .map(|(share, column)| (share as f32, &**column))
                .collect(),
        }
    }

    /// Mean covariances, by phase, of those who count and, a little, of everybody.
    pub(super) fn pooled(&self, shares: &[f64]) -> Vec<Mat<f64>> {
        /// Shares that could not be seen.
        const LEAST: f64 = 1e-5;
        let counts = |it: &(usize, f64)| LEAST < it.1;
        let kept: Vec<(usize, f64)> = shares.iter().copied().enumerate().filter(counts).collect();
        let mean = |(column, all): (&Vec<f32>, &f64)| {
            let of_kept = kept
                .iter()
                .map(|(at, share)| share * f64::from(column[*at]));
            of_kept.sum::<f64>() + EVERYBODY * all
        };
        let entries: Vec<f64> = self.phases.iter().zip(&self.everybody).map(mean).collect();
        entries.chunks_exact(PAIRS).map(symmetric).collect()
    }
}

/// A covariance of the eight leads from its upper triangle, row after row.
fn symmetric(entries: &[f64]) -> Mat<f64> {
    Mat::from_fn(LEADS, LEADS, |i, j| {
        let (i, j) = (i.min(j), i.max(j));
        entries[i * LEADS - i * (i + 1) / 2 + j]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many people whose leads are strong in turn, each in other leads than the one before.
    fn group(n: usize) -> Group {
        let entry = |person: usize, at: usize| match at % PAIRS {
            0 => 1.0,
            pair => (1.0 + (7 * person + 3 * pair) as f64).sin(),
        };
        Group::new(&Mat::from_fn(n, N_PHASES * PAIRS, entry))
    }

    /// The covariance of the eight leads of one of them, of a total power of one.
    fn covariance(group: &Group, person: usize) -> Mat<f64> {
        let place = |i: usize, j: usize| i * LEADS - i * (i + 1) / 2 + j;
        let entry = |i: usize, j: usize| f64::from(group.whole[place(i.min(j), i.max(j))][person]);
        let power: f64 = (0..LEADS).map(|it| entry(it, it)).sum();
        Mat::from_fn(LEADS, LEADS, |i, j| entry(i, j) / power)
    }

    #[test]
    fn where_few_can_be_compared_the_search_for_more_ends() {
        let mut log = vec![f64::NEG_INFINITY; 50];
        log[..2].copy_from_slice(&[-1.0, -9.0]);
        let shares = shares_of_enough(&log);
        assert!((shares[0] - 0.5).abs() < 1e-3 && shares[2] == 0.0);
    }

    #[test]
    fn whoever_is_looked_for_counts_most_and_never_alone() {
        let (itself, none) = (Mat::identity(LEADS, LEADS), Mat::zeros(LEADS, LEADS));
        for n in [1, 5, ABREAST, ABREAST + 1, 3 * ABREAST - 1] {
            let group = group(n);
            for person in [0, n / 2, n - 1] {
                let own = covariance(&group, person);
                let found = group.shares(&itself, &none, Some(&own), 1e-6);
                assert_eq!(found.len(), n);
                assert!(found.iter().all(|it| *it <= found[person]), "{found:?}");
                let counting = 1.0 / found.iter().map(|it| it * it).sum::<f64>();
                assert!(FEWEST.min(0.5 * n as f64) <= counting && counting < 0.8 * n as f64 + 1.0);
            }
            let everybody = group.shares(&itself, &none, None, 1e-6);
            assert!(everybody.iter().all(|it| *it == 1.0 / n as f64));
        }
    }
}
