//! Where a lead's name stands: near the start of its trace, and clear of it.

use super::{Cell, Chart};
use crate::ecg::LeadSet;

/// The place nearest to the usual one, above the baseline at the left edge, at which the label
/// crosses the fewest traces, its own and its neighbours', and stays clear of the labels already
/// `placed` (left, right, height).
pub(super) fn label_place(
    cell: &Cell,
    chart: &Chart,
    leads: &LeadSet,
    size: f64,
    [from, width]: [f64; 2],
    placed: &[[f64; 3]],
) -> [f64; 2] {
    let usual = cell.baseline_mm - 4.5;
    let (highest, lowest) = (chart.frame.top_mm + size, chart.frame.bottom_mm() - 1.0);
    // A label belongs to the row it is nearest to, with room to spare: it never strays to a
    // neighbour's trace. That of a synthesised lead is known by its colour as well, and longer: it
    // may use the whole room between two rows.
    let own = |at: f64| {
        let away = |baseline: f64| (at - 0.35 * size - baseline).abs();
        let is_own = |other: f64| match cell.synthesised {
            true => {
                (at - 0.35 * size - cell.baseline_mm) * (other - cell.baseline_mm) <= 0.0
                    || 1.2 * size <= away(other)
            }
            false => away(cell.baseline_mm) + 0.5 * size <= away(other),
        };
        chart
            .baselines_mm
            .iter()
            .all(|it| (*it - cell.baseline_mm).abs() < 1e-9 || is_own(*it))
    };
    let steps = (0..=40)
        .map(|k| 0.25 * f64::from(k))
        .flat_map(|it| [usual - it, usual + it]);
    let heights: Vec<f64> = steps
        .filter(|it| highest <= *it && *it <= lowest && own(*it))
        .collect();
    let per_sample = 500.0 / leads.rate().hz();
    let shifts = (0..=8)
        .map(f64::from)
        .filter(|it| *it == 0.0 || from + it + width < cell.right_mm());
    let mut best = (
        f64::INFINITY,
        [from, cell.baseline_mm.clamp(highest, lowest)],
    );
    for shift in shifts {
        let (left, right) = (from + shift, from + shift + width);
        let beside: Vec<f64> = chart
            .cells
            .iter()
            .flat_map(|it| heights_between(it, leads, left - 0.5, right - 1.1))
            .collect();
        for at in &heights {
            let crossed = beside
                .iter()
                .filter(|y| at - 0.8 * size < **y && **y < at + 0.8)
                .count() as f64
                * per_sample;
            let below = if cell.baseline_mm < *at { 6.0 } else { 0.0 };
            let covers =
                |it: &&[f64; 3]| it[0] < right && left < it[1] && (it[2] - at).abs() < 1.3 * size;
            let cost = crossed
                + 0.5 * (at - usual).abs()
                + 0.7 * shift
                + below
                + 40.0 * placed.iter().filter(covers).count() as f64;
            if cost < best.0 {
                best = (cost, [left, *at]);
            }
        }
    }
    best.1
}

/// A stroke is looked at this often along its height, mm.
const STROKE_MM: f64 = 0.4;

/// Heights of a cell's trace between two places, close enough together that no steep stroke slips
/// through between two samples.
fn heights_between(cell: &Cell, leads: &LeadSet, left: f64, right: f64) -> Vec<f64> {
    let Some(lead) = leads
        .get(&cell.name)
        .filter(|_| cell.left_mm < right && left < cell.right_mm())
    else {
        return Vec::new();
    };
    let (range, rate) = (cell.samples(leads), leads.rate().hz());
    let index = |x: f64| (cell.time_s(x).max(0.0) * rate) as usize;
    let part = index(left).clamp(range.start, range.end)
        ..index(right).saturating_add(1).clamp(range.start, range.end);
    let mut out: Vec<f64> = Vec::new();
    for height in lead.samples_mv[part]
        .iter()
        .filter(|it| it.is_finite())
        .map(|it| cell.y_mm(f64::from(*it)))
    {
        let before = out.last().copied().unwrap_or(height);
        let n = ((height - before).abs() / STROKE_MM).floor().min(200.0) as usize;
        out.extend((1..=n).map(|k| before + (height - before) * k as f64 / (n + 1) as f64));
        out.push(height);
    }
    out
}
