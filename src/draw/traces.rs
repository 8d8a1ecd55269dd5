//! A cell's samples as connected points on the paper: gaps break the line, the frame cuts it.

use super::{Cell, Frame};
use crate::ecg::LeadSet;

/// Connected points of a cell inside the frame, and whether something had to be cut off.
pub(super) fn polylines(cell: &Cell, leads: &LeadSet, frame: &Frame) -> (Vec<Vec<[f64; 2]>>, bool) {
    let Some(lead) = leads.get(&cell.name) else {
        return (Vec::new(), false);
    };
    let range = cell.samples(leads);
    let point = |idx: usize| {
        [
            cell.x_mm(leads.rate().seconds_at(idx)),
            cell.y_mm(f64::from(lead.samples_mv[idx])),
        ]
    };
    let mut pieces: Vec<Vec<[f64; 2]>> = Vec::new();
    let mut last: Option<[f64; 2]> = None;
    let mut cut = false;
    for idx in range {
        let at = point(idx);
        if !at[1].is_finite() {
            last = None;
            continue;
        }
        match last {
            None if inside(at, frame) => pieces.push(vec![at]),
            Some(from) => cut |= connect(&mut pieces, from, at, frame),
            None => {}
        }
        cut |= !inside(at, frame);
        last = Some(at);
    }
    // A lone sample between gaps still shows, as a dot.
    for piece in pieces.iter_mut().filter(|it| it.len() == 1) {
        let [x, y] = piece[0];
        piece.push([x + 0.01, y]);
    }
    (pieces, cut)
}

/// Adds the visible part of the line from `from` to `to`; says whether a part was cut.
fn connect(pieces: &mut Vec<Vec<[f64; 2]>>, from: [f64; 2], to: [f64; 2], frame: &Frame) -> bool {
    match (inside(from, frame), inside(to, frame)) {
        (true, true) => match pieces.last_mut() {
            Some(piece) => piece.push(to),
            None => pieces.push(vec![from, to]),
        },
        (true, false) => pieces
            .last_mut()
            .map_or((), |it| it.push(at_edge(from, to, frame))),
        (false, true) => pieces.push(vec![at_edge(to, from, frame), to]),
        (false, false) => {
            let (top, bottom) = (frame.top_mm, frame.bottom_mm());
            if (from[1] < top && bottom < to[1]) || (to[1] < top && bottom < from[1]) {
                let middle = [0.5 * (from[0] + to[0]), 0.5 * (top + bottom)];
                pieces.push(vec![
                    at_edge(middle, from, frame),
                    at_edge(middle, to, frame),
                ]);
            }
        }
    }
    !inside(from, frame) || !inside(to, frame)
}

fn inside(at: [f64; 2], frame: &Frame) -> bool {
    frame.top_mm <= at[1] && at[1] <= frame.bottom_mm()
}

/// Where the line from a point inside to one outside meets the upper or lower edge.
fn at_edge(inside: [f64; 2], outside: [f64; 2], frame: &Frame) -> [f64; 2] {
    let edge = if outside[1] < frame.top_mm {
        frame.top_mm
    } else {
        frame.bottom_mm()
    };
    let share = (edge - inside[1]) / (outside[1] - inside[1]);
    [inside[0] + share * (outside[0] - inside[0]), edge]
}

/// Edges of the band of ± `half_width_mv` around a cell's trace (place, upper, lower), one per
/// stretch without gaps, held inside the frame.
pub(super) fn band_edges(
    cell: &Cell,
    leads: &LeadSet,
    half_width_mv: &[f32],
    frame: &Frame,
) -> Vec<Vec<[f64; 3]>> {
    let Some(lead) = leads.get(&cell.name) else {
        return Vec::new();
    };
    let held = |y_mm: f64| y_mm.clamp(frame.top_mm, frame.bottom_mm());
    let mut stretches: Vec<Vec<[f64; 3]>> = vec![Vec::new()];
    for idx in cell.samples(leads) {
        let half = half_width_mv.get(idx).copied().unwrap_or(f32::NAN);
        let (mv, half) = (f64::from(lead.samples_mv[idx]), f64::from(half));
        if !(mv + half).is_finite() {
            stretches.push(Vec::new());
        } else if let Some(stretch) = stretches.last_mut() {
            let x_mm = cell.x_mm(leads.rate().seconds_at(idx));
            stretch.push([x_mm, held(cell.y_mm(mv + half)), held(cell.y_mm(mv - half))]);
        }
    }
    stretches.retain(|stretch| 1 < stretch.len());
    stretches
}

/// A line whose points ascend, thinned to what columns of `column_mm` can show: of each column its
/// highest and its lowest point, in order. No peak is lost, however far one zooms out.
pub fn thinned(points_mm: &[[f64; 2]], column_mm: f64) -> Vec<[f64; 2]> {
    let column = |point: &[f64; 2]| (point[0] / column_mm).floor();
    let mut kept = Vec::new();
    for part in points_mm.chunk_by(|a, b| column(a) == column(b)) {
        let by_height = |a: &&[f64; 2], b: &&[f64; 2]| a[1].total_cmp(&b[1]);
        let ends = part
            .iter()
            .min_by(by_height)
            .zip(part.iter().max_by(by_height));
        let Some((low, high)) = ends else { continue };
        let (earlier, later) = if low[0] <= high[0] {
            (low, high)
        } else {
            (high, low)
        };
        kept.push(*earlier);
        if earlier != later {
            kept.push(*later);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        draw::{Chart, ChartPlan, Medium, Others, Terms},
        ecg::{Lead, LeadName, PaperSettings, SampleRate},
    };

    const FRAME: Frame = Frame {
        left_mm: 0.0,
        top_mm: 0.0,
        width_mm: 265.0,
        height_mm: 100.0,
    };

    fn chart(leads: &LeadSet) -> Chart {
        Chart::whole(&ChartPlan {
            leads,
            settings: &PaperSettings::default(),
            others: Others::Named,
            notes: &[],
            terms: Terms::ENGLISH,
            medium: Medium::PRINT,
            aside_mm: 0.0,
            frame: FRAME,
            start_s: 0.0,
            seconds: 10.0,
        })
    }

    fn drawn(samples: Vec<f32>) -> (Vec<Vec<[f64; 2]>>, bool) {
        let set = LeadSet::new(
            SampleRate::from_hz(100.0).unwrap(),
            vec![Lead::measured(LeadName::II, samples)],
        )
        .unwrap();
        let chart = chart(&set);
        polylines(&chart.cells[0], &set, &FRAME)
    }

    #[test]
    fn gaps_break_the_line_and_are_not_bridged() {
        let mut samples = vec![0.0f32; 1000];
        samples[400..500].fill(f32::NAN);
        let (pieces, cut) = drawn(samples);
        assert!(!cut && pieces.len() == 2);
        let (end, start) = (pieces[0].last().unwrap()[0], pieces[1][0][0]);
        assert!(
            (end - (10.0 + 3.99 * 25.0)).abs() < 1e-9 && (start - (10.0 + 5.0 * 25.0)).abs() < 1e-9
        );
        assert_eq!(drawn(vec![f32::NAN; 100]), (vec![], false));
    }

    #[test]
    fn what_leaves_the_paper_is_cut_at_its_edge_and_reported() {
        let mut samples = vec![0.0f32; 1000];
        samples[500] = 100.0;
        let (pieces, cut) = drawn(samples);
        assert!(
            cut && pieces
                .iter()
                .flatten()
                .all(|it| 0.0 <= it[1] && it[1] <= 100.0)
        );
        let tops = pieces.iter().flatten().filter(|it| it[1] == 0.0).count();
        assert_eq!((pieces.len(), tops), (2, 2));
    }

    #[test]
    fn the_band_is_as_wide_as_said_and_stops_at_gaps() {
        let mut samples = vec![0.0f32; 1000];
        samples[10] = f32::NAN;
        let set = LeadSet::new(
            SampleRate::from_hz(100.0).unwrap(),
            vec![Lead::measured(LeadName::II, samples)],
        )
        .unwrap();
        let chart = chart(&set);
        let bands = band_edges(&chart.cells[0], &set, &[0.05; 1000], &FRAME);
        assert_eq!(bands.len(), 2);
        for [_, top, bottom] in bands.concat() {
            assert!((bottom - top - 1.0).abs() < 1e-6, "{}", bottom - top);
        }
    }

    #[test]
    fn thinning_loses_no_peak_and_no_end() {
        let mut points: Vec<[f64; 2]> = (0..5000).map(|k| [0.05 * f64::from(k), 0.0]).collect();
        points[1234][1] = 2.5;
        points[1236][1] = -1.5;
        for column_mm in [0.01, 0.3, 7.0, 1000.0] {
            let thin = thinned(&points, column_mm);
            let heights = || thin.iter().map(|point| point[1]);
            assert_eq!(heights().fold(0.0, f64::max), 2.5, "{column_mm}");
            assert_eq!(heights().fold(0.0, f64::min), -1.5, "{column_mm}");
            assert!(thin.is_sorted_by(|a, b| a[0] < b[0]), "{column_mm}");
            assert!(thin.len() as f64 <= (2.0 * 250.0 / column_mm + 2.0).min(5000.0));
        }
    }
}
