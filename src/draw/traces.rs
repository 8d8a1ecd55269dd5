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

/// Outlines of the band of ± `half_width_mv` around a cell's trace, one per stretch without gaps,
/// held inside the frame.
pub(super) fn band_outlines(
    cell: &Cell,
    leads: &LeadSet,
    half_width_mv: &[f32],
    frame: &Frame,
) -> Vec<Vec<[f64; 2]>> {
    let Some(lead) = leads.get(&cell.name) else {
        return Vec::new();
    };
    let mut stretches: Vec<Vec<(f64, f64, f64)>> = vec![Vec::new()];
    for idx in cell.samples(leads) {
        let (mv, half) = (
            f64::from(lead.samples_mv[idx]),
            half_width_mv.get(idx).map_or(f64::NAN, |it| f64::from(*it)),
        );
        let held = |it: f64| it.clamp(frame.top_mm, frame.bottom_mm());
        if !(mv + half).is_finite() {
            stretches.push(Vec::new());
        } else if let Some(stretch) = stretches.last_mut() {
            stretch.push((
                cell.x_mm(leads.rate().seconds_at(idx)),
                held(cell.y_mm(mv + half)),
                held(cell.y_mm(mv - half)),
            ));
        }
    }
    let outline = |it: Vec<(f64, f64, f64)>| {
        let upper = it.iter().map(|it| [it.0, it.1]);
        upper
            .chain(it.iter().rev().map(|it| [it.0, it.2]))
            .collect()
    };
    stretches
        .into_iter()
        .filter(|it| 1 < it.len())
        .map(outline)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        draw::Chart,
        ecg::{Lead, LeadName, PaperSettings, SampleRate},
    };

    const FRAME: Frame = Frame {
        left_mm: 0.0,
        top_mm: 0.0,
        width_mm: 265.0,
        height_mm: 100.0,
    };

    fn drawn(samples: Vec<f32>) -> (Vec<Vec<[f64; 2]>>, bool) {
        let set = LeadSet::new(
            SampleRate::from_hz(100.0).unwrap(),
            vec![Lead::measured(LeadName::II, samples)],
        )
        .unwrap();
        let chart = Chart::new(&set, &PaperSettings::default(), FRAME, 0.0, 10.0);
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
        let chart = Chart::new(&set, &PaperSettings::default(), FRAME, 0.0, 10.0);
        let outlines = band_outlines(&chart.cells[0], &set, &[0.05; 1000], &FRAME);
        assert_eq!(outlines.len(), 2);
        let heights = outlines[1].iter().map(|it| it[1]);
        let (low, high) = heights.fold((f64::MAX, f64::MIN), |s, it| (s.0.min(it), s.1.max(it)));
        assert!((high - low - 1.0).abs() < 1e-6, "{}", high - low);
    }
}
