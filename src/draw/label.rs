//! Where a recorded lead's name stands: in its own row, near the start of its trace, and clear of
//! every trace.

use super::{Cell, Chart};
use crate::ecg::LeadSet;

/// Part of an em that letters rise above their line, and fall below it.
pub(super) const ASCENT: f64 = 0.78;
pub(super) const DESCENT: f64 = 0.24;

/// Left, right, and height of a name that has its place.
pub(super) type Placed = [f64; 3];

/// How far right of its usual place a name may stand, mm.
const SHIFTS_MM: [f64; 18] = [
    0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 18.0, 22.0, 26.0, 31.0, 36.0,
    42.0,
];
/// What a millimetre to the right costs, in traces crossed.
const SHIFT_COST: f64 = 0.7;
/// Places are tried this far apart in height, mm.
const STEP_MM: f64 = 0.25;

/// The place nearest to the usual one, above the baseline at the cell's start, at which words of
/// `width` and `size` cross the fewest traces, their own and their neighbours', and none of the
/// names already `placed`; never outside their own row.
pub(super) fn name_place(
    cell: &Cell,
    chart: &Chart,
    leads: &LeadSet,
    [from, width, size]: [f64; 3],
    placed: &[Placed],
) -> [f64; 2] {
    let row = chart.rows[cell.row];
    let (highest, lowest) = (row.top_mm + ASCENT * size, row.bottom_mm - DESCENT * size);
    let usual = cell.baseline_mm - 4.5;
    let per_sample = 500.0 / leads.rate().hz();
    let n_heights = ((lowest - highest) / STEP_MM).floor().max(0.0) as usize;
    let mut best = (f64::INFINITY, [from, highest.max(0.5 * (highest + lowest))]);
    let fits = |shift: &&f64| **shift == 0.0 || from + **shift + width < cell.right_mm();
    for shift in SHIFTS_MM.iter().filter(fits) {
        // A place further right costs its shift at least.
        if best.0 <= SHIFT_COST * shift {
            break;
        }
        let (left, right) = (from + shift, from + shift + width);
        let mut beside: Vec<f64> = chart
            .cells
            .iter()
            .flat_map(|other| heights_between(other, leads, left - 0.5, right + 0.3))
            .collect();
        beside.sort_unstable_by(f64::total_cmp);
        for at in (0..=n_heights).map(|k| highest + STEP_MM * k as f64) {
            let (top, bottom) = (at - (ASCENT + 0.1) * size, at + (DESCENT + 0.1) * size);
            let crossed = beside
                .partition_point(|y| *y < bottom)
                .saturating_sub(beside.partition_point(|y| *y <= top));
            let covered = placed
                .iter()
                .filter(|other| other[0] < right && left < other[1] && (other[2] - at).abs() < size)
                .count();
            let below = if cell.baseline_mm < at { 6.0 } else { 0.0 };
            let cost = crossed as f64 * per_sample
                + 0.5 * (at - usual).abs()
                + SHIFT_COST * shift
                + below
                + 400.0 * covered as f64;
            if cost < best.0 {
                best = (cost, [left, at]);
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
    let finite = lead.samples_mv[part].iter().filter(|mv| mv.is_finite());
    for height in finite.map(|mv| cell.y_mm(f64::from(*mv))) {
        let before = out.last().copied().unwrap_or(height);
        let n = ((height - before).abs() / STROKE_MM).floor().min(200.0) as usize;
        out.extend((1..=n).map(|k| before + (height - before) * k as f64 / (n + 1) as f64));
        out.push(height);
    }
    out
}
