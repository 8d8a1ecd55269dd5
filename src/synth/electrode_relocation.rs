//! Moves an electrode to where the other leads place it, where they do so loudly: one electrode at
//! a time, the loudest first, and only if all leads then foretell one another better.

use super::{ElectrodeOffset, LeftOut, SynthError, evidence::Evidence, held_out, skin::Base};

/// Evidence from which an electrode is moved: of 474 leads of train patients it moves nine.
const LOUD: f64 = 1.2;
/// Factor by which the mean left-out error power of all leads must fall.
const BETTER: f64 = 0.8;
/// Electrodes that may be moved.
const MOST: usize = 3;
/// Candidates tried for each move: the misplaced electrode makes its neighbours look misplaced too.
const CANDIDATES: usize = 2;

/// Leaves each lead out in turn and, if `may_move`, changes the seats in `evidence`. `go_on` hears
/// the share done.
pub(super) fn relocate(
    evidence: &mut Evidence,
    base: Base,
    noise: f64,
    may_move: bool,
    go_on: &mut dyn FnMut(f64) -> bool,
) -> Result<Vec<LeftOut>, SynthError> {
    let mut look = |evidence: &Evidence, round: usize| {
        let from = 1.0 - 0.5f64.powi(round as i32);
        held_out::left_out(evidence, base, noise, |done, of| {
            go_on(from + (1.0 - from) / 2.0 * done as f64 / of as f64)
        })
        .ok_or(SynthError::Cancelled)
    };
    let mut left_out = look(evidence, 0)?;
    let mut moved: Vec<ElectrodeOffset> = Vec::new();
    let mut round = 1;
    while may_move && moved.len() < MOST {
        let is_moved = |it: &LeftOut| moved.iter().any(|other| other.lead == it.lead);
        let mut loud: Vec<&LeftOut> = left_out
            .iter()
            .filter(|it| LOUD < it.offset.evidence && !is_moved(it))
            .collect();
        loud.sort_by(|a, b| b.offset.evidence.total_cmp(&a.offset.evidence));
        let mut best: Option<(f64, Evidence, Vec<LeftOut>, ElectrodeOffset)> = None;
        for candidate in loud.into_iter().take(CANDIDATES) {
            let tried = evidence.seated(&candidate.lead, candidate.offset.seat);
            let found = look(&tried, round)?;
            round += 1;
            let error = mean_error(&found);
            if best.as_ref().is_none_or(|it| error < it.0) {
                best = Some((error, tried, found, candidate.offset.clone()));
            }
        }
        let Some((_, tried, found, offset)) =
            best.filter(|it| it.0 < BETTER * mean_error(&left_out))
        else {
            break;
        };
        (*evidence, left_out) = (tried, found);
        moved.push(ElectrodeOffset {
            applied: true,
            ..offset
        });
    }
    for it in &mut left_out {
        moved
            .iter()
            .filter(|other| other.lead == it.lead)
            .for_each(|other| it.offset = other.clone());
    }
    Ok(left_out)
}

/// Geometric mean of each lead's error as a share of itself: no lead outweighs another.
fn mean_error(all: &[LeftOut]) -> f64 {
    let log = |it: &LeftOut| (0.03 + (it.rmse_uv / it.rms_uv.max(1e-3)).powi(2)).ln();
    (all.iter().map(log).sum::<f64>() / all.len().max(1) as f64).exp()
}
