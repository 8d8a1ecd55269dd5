//! Where the rows of a chart lie: how much room each needs, how many fit, and where their baselines
//! come to stand.

use std::ops::Range;

/// One row's part of a chart, mm from the top of the chart's frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Upper edge. Names stay between the edges, traces of high gain may not.
    pub top_mm: f64,
    /// Lower edge.
    pub bottom_mm: f64,
    /// Height of the traces' medians.
    pub baseline_mm: f64,
}

impl Row {
    /// The same row so much further down the sheet.
    pub(super) fn lower(self, by_mm: f64) -> Self {
        Self {
            top_mm: self.top_mm + by_mm,
            bottom_mm: self.bottom_mm + by_mm,
            baseline_mm: self.baseline_mm + by_mm,
        }
    }
}

/// How far a row reaches above and below its baseline, mm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Extent {
    /// Nearly always: a loose electrode's jumps are not in it.
    pub usual: [f64; 2],
    /// At most.
    pub most: [f64; 2],
    /// Height of the calibration pulse.
    pub pulse_mm: f64,
    /// No other row's traces may run through it.
    pub is_apart: bool,
    /// It belongs on the sheet of the row above it.
    pub goes_with_above: bool,
    /// No trace may run through another row's: there is room enough.
    pub keeps_clear: bool,
}

/// Between the outermost trace and the edge of the paper.
const EDGE_MM: f64 = 1.0;
/// Least distance of two baselines: a name fits between. Traces may run through one another there,
/// as on every printed page of twelve rows.
const LEAST_PITCH_MM: f64 = 7.0;
/// What a row has to spare at most, so that few rows stand close together.
const MOST_AIR_MM: f64 = 14.0;

/// Least distances of the baselines of each two rows. Beside a synthesised row, and where they are told
/// to, all keep clear of one another; recorded ones alone may come closer.
fn pitches(extents: &[Extent]) -> Vec<f64> {
    let keeps_clear = |extent: &Extent| extent.is_apart || extent.keeps_clear;
    let is_clear = extents.iter().any(keeps_clear);
    let pitch = |pair: &[Extent]| {
        let clear = if is_clear {
            pair[0].usual[1] + reach_mm(pair) + EDGE_MM
        } else {
            0.0
        };
        clear.max(LEAST_PITCH_MM)
    };
    extents.windows(2).map(pitch).collect()
}

/// How far the lower of two rows reaches up: below a synthesised one with its pulse, which must not
/// stand in the mark of the lead above it.
fn reach_mm(pair: &[Extent]) -> f64 {
    let pulse_mm = if pair[0].is_apart {
        pair[1].pulse_mm
    } else {
        0.0
    };
    pair[1].usual[0].max(pulse_mm)
}

/// The highest that every baseline may stand: nothing above the paper, no two rows too close.
fn highest(extents: &[Extent]) -> Vec<f64> {
    let pitches = pitches(extents);
    let mut found: Vec<f64> = Vec::with_capacity(extents.len());
    for (idx, extent) in extents.iter().enumerate() {
        let least = EDGE_MM + extent.most[0];
        found.push(match idx.checked_sub(1) {
            None => least.max(EDGE_MM + extent.pulse_mm),
            Some(before) => least.max(found[before] + pitches[before]),
        });
    }
    found
}

/// The lowest that every baseline may stand in `height_mm`.
fn lowest(extents: &[Extent], height_mm: f64) -> Vec<f64> {
    let pitches = pitches(extents);
    let mut found = vec![0.0; extents.len()];
    for (idx, extent) in extents.iter().enumerate().rev() {
        let most = height_mm - EDGE_MM - extent.most[1];
        found[idx] = match pitches.get(idx) {
            None => most,
            Some(pitch) => most.min(found[idx + 1] - pitch),
        };
    }
    found
}

/// Height that the rows need for every trace to stay on the paper.
pub(super) fn needed_mm(extents: &[Extent]) -> f64 {
    let places = highest(extents);
    let bottoms = places.iter().zip(extents);
    bottoms
        .map(|(place, extent)| place + extent.most[1] + EDGE_MM)
        .fold(0.0, f64::max)
}

/// What a division of the first rows into charts costs; the last of those charts begins at `start`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Division {
    charts: usize,
    /// Rows parted from the one that they belong with.
    parted: usize,
    /// Sum of the squared heights: the least where charts are filled alike.
    squares: f64,
    start: usize,
}

impl Division {
    fn cost(&self, other: &Self) -> std::cmp::Ordering {
        let whole = (self.charts, self.parted).cmp(&(other.charts, other.parted));
        whole.then(self.squares.total_cmp(&other.squares))
    }
}

/// The rows of each chart of `height_mm`: as few charts as hold them all, what belongs together on
/// one of them, and all filled alike.
pub(super) fn split(extents: &[Extent], height_mm: f64) -> Vec<Range<usize>> {
    let mut best = vec![Division {
        charts: 0,
        parted: 0,
        squares: 0.0,
        start: 0,
    }];
    for end in 1..=extents.len() {
        let divisions = (0..end).rev().map_while(|start| {
            let needed = needed_mm(&extents[start..end]);
            let before = best[start];
            let fits = needed <= height_mm || start + 1 == end;
            let is_parted = 0 < start && extents[start].goes_with_above;
            fits.then_some(Division {
                charts: before.charts + 1,
                parted: before.parted + usize::from(is_parted),
                squares: before.squares + needed * needed,
                start,
            })
        });
        best.extend(divisions.min_by(Division::cost));
    }
    parts(&best)
}

/// The charts of the best division of all rows; `best` holds that of the first rows of each count.
fn parts(best: &[Division]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut end = best.len() - 1;
    while 0 < end {
        let start = best[end].start;
        parts.push(start..end);
        end = start;
    }
    parts.reverse();
    parts
}

/// Rows in `height_mm`, baselines on whole millimetres of the grid: evenly spaced where the traces
/// fit so, otherwise by need.
pub(super) fn place(extents: &[Extent], height_mm: f64) -> Vec<Row> {
    let wanted = even(extents, height_mm).unwrap_or_else(|| by_need(extents, height_mm));
    let (highest, lowest) = (highest(extents), lowest(extents, height_mm));
    let pitches = pitches(extents);
    let mut baselines: Vec<f64> = Vec::with_capacity(extents.len());
    for (idx, wanted) in wanted.into_iter().enumerate() {
        let (mut least, most) = (highest[idx], lowest[idx]);
        if let Some(before) = idx.checked_sub(1) {
            least = least.max(baselines[before] + pitches[before]);
        }
        // A row that is higher than the paper is cut by as much at the top as at the bottom.
        baselines.push(if least <= most {
            wanted.clamp(least, most)
        } else {
            0.5 * (least + most)
        });
    }
    let baselines = baselines.into_iter().map(f64::round).collect();
    with_edges(baselines, extents, height_mm)
}

/// Equal distances, shifted so that the outermost traces stay on the paper; `None` if any two rows
/// would touch.
fn even(extents: &[Extent], height_mm: f64) -> Option<Vec<f64>> {
    let pitch = height_mm / extents.len() as f64;
    let (first, last) = (extents.first()?, extents.last()?);
    let (least, most) = (first.usual[0] + EDGE_MM, pitch - last.usual[1] - EDGE_MM);
    let apart = extents
        .windows(2)
        .all(|pair| !pair[1].is_apart && pair[0].usual[1] + pair[1].usual[0] <= pitch);
    let at = (0.56 * pitch).max(least).min(most);
    let places = (0..extents.len()).map(|row| at + pitch * row as f64);
    (apart && !first.is_apart && least <= most).then(|| places.collect())
}

/// Every row gets what it needs and an equal part of the rest; where there is too little, each gives
/// in proportion, and low rows keep much of an even share.
fn by_need(extents: &[Extent], height_mm: f64) -> Vec<f64> {
    let plain = |extent: &Extent| extent.usual[0] + extent.usual[1];
    let sum: f64 = extents.iter().map(plain).sum();
    let mean = sum / extents.len().max(1) as f64;
    let need = |extent: &Extent| match height_mm < sum {
        true => plain(extent).clamp(0.9 * mean, 1.2 * mean),
        false => plain(extent),
    };
    let total: f64 = extents.iter().map(need).sum();
    let spare = (height_mm - total) / extents.len().max(1) as f64;
    let air = spare.clamp(0.0, MOST_AIR_MM);
    let scale = (height_mm / total.max(1e-9)).min(1.0);
    let mut top = 0.0;
    let baseline = |extent: &Extent| {
        let above = extent.usual[0] / plain(extent).max(1e-9);
        let at = top + 0.5 * air + scale * need(extent) * above;
        top += air + scale * need(extent);
        at
    };
    extents.iter().map(baseline).collect()
}

/// Rows share the room between two baselines: where traces leave some free, at its middle, else in
/// proportion to what they need.
fn with_edges(baselines: Vec<f64>, extents: &[Extent], height_mm: f64) -> Vec<Row> {
    let between = |upper: usize| {
        let (below, above) = (
            extents[upper].usual[1],
            reach_mm(&extents[upper..upper + 2]),
        );
        let (from, to) = (baselines[upper], baselines[upper + 1]);
        let share = if below + above <= to - from {
            (0.5 * (to - from + below - above)) / (to - from).max(1e-9)
        } else {
            (below / (below + above)).clamp(0.45, 0.55)
        };
        from + share * (to - from)
    };
    let last = baselines.len().saturating_sub(1);
    let row = |idx: usize| {
        let [above, below] = extents[idx].usual;
        let baseline_mm = baselines[idx];
        let (mut top_mm, mut bottom_mm) = (
            idx.checked_sub(1).map_or(0.0, between),
            if idx < last { between(idx) } else { height_mm },
        );
        if extents[idx].is_apart {
            let air = 0.25 * MOST_AIR_MM;
            top_mm = top_mm.max(baseline_mm - above - air);
            bottom_mm = bottom_mm.min(baseline_mm + below + air);
        }
        Row {
            top_mm,
            bottom_mm,
            baseline_mm,
        }
    };
    (0..baselines.len()).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEIGHT_MM: f64 = 155.0;

    fn recorded(above: f64, below: f64) -> Extent {
        Extent {
            usual: [above, below],
            most: [above, below],
            pulse_mm: 10.0,
            is_apart: false,
            goes_with_above: false,
            keeps_clear: false,
        }
    }

    fn synthesised(above: f64, below: f64) -> Extent {
        Extent {
            is_apart: true,
            ..recorded(above, below)
        }
    }

    /// Every promise about rows; gives the baselines.
    fn check(extents: &[Extent]) -> Vec<f64> {
        let rows = place(extents, HEIGHT_MM);
        for (row, extent) in rows.iter().zip(extents) {
            let (top, bottom) = (
                row.baseline_mm - extent.most[0],
                row.baseline_mm + extent.most[1],
            );
            assert!(0.0 <= top && bottom <= HEIGHT_MM, "{row:?} {extent:?}");
            assert!(row.top_mm < row.baseline_mm && row.baseline_mm < row.bottom_mm);
            if extent.is_apart {
                assert!(
                    row.top_mm <= top + 1.0 && bottom <= row.bottom_mm + 1.0,
                    "{row:?}"
                );
            }
        }
        for pair in rows.windows(2) {
            assert!(pair[0].bottom_mm <= pair[1].top_mm + 1e-9, "{pair:?}");
        }
        rows.iter().map(|row| row.baseline_mm).collect()
    }

    #[test]
    fn rows_are_even_where_they_fit_and_by_need_where_not() {
        let even = check(&[recorded(12.0, 5.0); 4]);
        for pair in even.windows(2) {
            assert!(
                (pair[1] - pair[0] - HEIGHT_MM / 4.0).abs() <= 1.0,
                "{even:?}"
            );
        }
        let mut crowded = [recorded(5.0, 5.0); 4];
        crowded[1].usual[0] = 60.0;
        crowded[1].most[0] = 60.0;
        let crowded = check(&crowded);
        assert!(crowded[1] - crowded[0] > 50.0, "{crowded:?}");
    }

    #[test]
    fn twelve_tall_rows_stay_on_the_paper_and_the_first_pulse_too() {
        check(&[recorded(20.0, 15.0); 12]);
        let flat = check(&[recorded(1.0, 1.0); 16]);
        assert!(10.0 <= flat[0], "{flat:?}");
    }

    #[test]
    fn rows_that_are_told_to_keep_clear_of_one_another() {
        let tall = recorded(20.0, 15.0);
        let clear = Extent {
            keeps_clear: true,
            ..tall
        };
        assert!(needed_mm(&[clear; 12]) > 12.0 * 35.0 && needed_mm(&[tall; 12]) < 200.0);
    }

    #[test]
    fn synthesised_rows_have_their_room_to_themselves() {
        let mut extents = vec![recorded(10.0, 8.0); 4];
        extents.extend([synthesised(12.0, 9.0); 3]);
        check(&extents);
    }

    #[test]
    fn what_does_not_fit_goes_on_and_nothing_is_lost() {
        let extents = [synthesised(16.0, 9.0); 13];
        let parts = split(&extents, HEIGHT_MM);
        assert_eq!(parts.len(), 3);
        assert!(parts.iter().all(|part| (4..=5).contains(&part.len())));
        for part in parts {
            check(&extents[part]);
        }
        let giant = [recorded(100.0, 100.0), recorded(4.0, 4.0)];
        assert_eq!(split(&giant, HEIGHT_MM), [0..1, 1..2]);
        assert_eq!(split(&[], HEIGHT_MM), Vec::<Range<usize>>::new());
    }

    #[test]
    fn no_sheet_is_left_with_a_lone_row() {
        let mut extents = vec![recorded(10.0, 6.0); 4];
        extents.extend([synthesised(14.0, 8.0); 6]);
        let parts = split(&extents, HEIGHT_MM);
        assert_eq!(parts.len(), 2);
        assert!(parts.iter().all(|part| 4 <= part.len()), "{parts:?}");
    }

    #[test]
    fn what_belongs_together_stays_on_one_sheet_unless_that_takes_another() {
        let with_above = |extent: Extent| Extent {
            goes_with_above: true,
            ..extent
        };
        let group = |height: f64| {
            let below = with_above(synthesised(height, 8.0));
            [recorded(height, 8.0), below, below]
        };
        let low: Vec<Extent> = [group(14.0), group(14.0)].concat();
        let parts = split(&low, HEIGHT_MM);
        assert!(parts.len() == 1 && parts[0] == (0..6), "{parts:?}");
        let uneven: Vec<Extent> = [group(12.0), group(30.0)].concat();
        assert_eq!(split(&uneven, HEIGHT_MM), [0..3, 3..6]);
        let mut long = group(30.0).to_vec();
        long.extend([with_above(synthesised(30.0, 8.0)); 3]);
        assert_eq!(split(&long, HEIGHT_MM), [0..3, 3..6]);
    }

    #[test]
    fn a_row_higher_than_the_paper_is_cut_alike_above_and_below() {
        let rows = place(&[recorded(200.0, 100.0)], HEIGHT_MM);
        let (above, below) = (
            200.0 - rows[0].baseline_mm,
            rows[0].baseline_mm + 100.0 - HEIGHT_MM,
        );
        assert!((above - below).abs() <= 1.0);
    }
}
