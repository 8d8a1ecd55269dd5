//! Median beats beside and over one another, and the table of what was measured on them.

use super::{
    Anchor, Colour, Frame, Item, Mark, Medium, Role, Stroke, Weight,
    chart_items::{HATCH_MM, marked_ground},
    font::{fitted, shrunk, text_width_mm, whole_parts},
};
use crate::ecg::SampleRate;

/// One lead's median beat.
#[derive(Clone, Debug, PartialEq)]
pub struct BeatCurve {
    /// What is written at it: the lead's label, and what must be said of it.
    pub label: String,
    /// Above the level before QRS, mV.
    pub samples_mv: Vec<f32>,
    /// Whether the lead was estimated.
    pub synthesised: bool,
}

/// Beats that lie over one another.
#[derive(Clone, Debug, PartialEq)]
pub struct BeatPanel {
    /// The first of them in front.
    pub curves: Vec<BeatCurve>,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct BeatRow {
    /// A text for each column.
    pub cells: Vec<String>,
    /// Whether it is about a lead that was estimated.
    pub synthesised: bool,
}

/// Median beats and their table.
#[derive(Clone, Debug, PartialEq)]
pub struct BeatsContent {
    /// Samples per second of all beats.
    pub rate: SampleRate,
    /// Bounds of waves: seconds after the first sample, and what is written there.
    pub bounds: Vec<(f64, &'static str)>,
    /// Beside one another, row by row.
    pub panels: Vec<BeatPanel>,
    /// Heads of the columns: the first aligned at its left, the others at their right.
    pub heads: Vec<String>,
    /// The table.
    pub rows: Vec<BeatRow>,
    /// What must be known to read it, line by line.
    pub note: String,
}

/// Speeds and gains to draw beats at, the largest that fits: mm/s, mm/mV.
const SPEEDS: [f64; 4] = [100.0, 50.0, 25.0, 12.5];
const GAINS: [f64; 7] = [40.0, 20.0, 10.0, 5.0, 2.5, 1.0, 0.5];
/// Air left of a beat, and above and below it, mm.
const AIR_MM: f64 = 2.0;
/// Length of the piece of line in a legend, and distance of the marks along a synthesised beat, mm.
const SAMPLE_MM: f64 = 8.0;
const MARK_STEP_MM: f64 = 5.0;

/// Scale of the beats in a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BeatScale {
    /// Paper speed, mm/s.
    pub speed_mm_s: f64,
    /// Gain, mm/mV.
    pub gain_mm_mv: f64,
}

impl BeatsContent {
    /// Height for panels of `panel_mm` and the table, mm.
    pub fn height_mm(&self, panel_mm: f64, medium: Medium) -> f64 {
        panel_mm * self.grid()[1] as f64 + self.table_mm(medium)
    }

    /// Columns and rows of panels.
    fn grid(&self) -> [usize; 2] {
        let n = self.panels.len();
        let columns = match n {
            0..=4 => n.max(1),
            5 | 6 => 3,
            _ => 4,
        };
        [columns, n.div_ceil(columns)]
    }

    fn table_mm(&self, medium: Medium) -> f64 {
        let heads = usize::from(!self.heads.is_empty());
        let lines = self.rows.len() + heads + self.note.lines().count();
        line_mm(medium) * lines as f64 + 2.0 * AIR_MM
    }

    /// Frames of the panels, in order.
    fn frames(&self, frame: &Frame, medium: Medium) -> Vec<Frame> {
        let [columns, rows] = self.grid();
        let width_mm = frame.width_mm / columns as f64;
        let height_mm = (frame.height_mm - self.table_mm(medium)) / rows.max(1) as f64;
        let place = |idx: usize| Frame {
            left_mm: frame.left_mm + width_mm * (idx % columns) as f64,
            top_mm: frame.top_mm + height_mm * (idx / columns) as f64,
            width_mm,
            height_mm,
        };
        (0..self.panels.len()).map(place).collect()
    }

    /// The scale that [`beat_items`] draws at in this frame: one for all panels.
    pub fn scale(&self, frame: &Frame, medium: Medium) -> BeatScale {
        let frames = self.frames(frame, medium);
        let panel = frames.first().copied().unwrap_or(*frame);
        let curves = self.panels.iter().flat_map(|panel| &panel.curves);
        let longest = curves.map(|curve| curve.samples_mv.len()).max();
        let seconds = self.rate.seconds_at(longest.unwrap_or(0));
        let [above, below] = self.reach_mv();
        let room_mm = self.room_mm(&panel, medium);
        let is_wide = |speed: &&f64| seconds * **speed + 2.0 * AIR_MM <= panel.width_mm;
        let is_high = |gain: &&f64| (above + below) * **gain <= room_mm;
        BeatScale {
            speed_mm_s: *SPEEDS.iter().find(is_wide).unwrap_or(&SPEEDS[3]),
            gain_mm_mv: *GAINS.iter().find(is_high).unwrap_or(&GAINS[6]),
        }
    }

    /// How far the beats rise above and fall below their level, mV.
    fn reach_mv(&self) -> [f64; 2] {
        let curves = self.panels.iter().flat_map(|panel| &panel.curves);
        let values = curves.flat_map(|curve| curve.samples_mv.iter().copied());
        let finite = values.filter(|mv| mv.is_finite()).map(f64::from);
        finite.fold([0.1, 0.1], |[above, below], mv| {
            [above.max(mv), below.max(-mv)]
        })
    }

    /// Height of the legends above the beats, mm.
    fn legend_mm(&self, medium: Medium) -> f64 {
        let curves = self.panels.iter().map(|panel| panel.curves.len());
        legend_line_mm(medium) * curves.max().unwrap_or(0) as f64 + AIR_MM
    }

    /// Height left for the beats in a panel, above the mark of a synthesised lead, mm.
    fn room_mm(&self, panel: &Frame, medium: Medium) -> f64 {
        panel.height_mm - self.legend_mm(medium) - 2.0 * AIR_MM
    }

    /// Height of the beats' level in a panel, the same in panels beside one another.
    fn level_mm(&self, panel: &Frame, scale: BeatScale, medium: Medium) -> f64 {
        let [above, below] = self.reach_mv().map(|mv| mv * scale.gain_mm_mv);
        let spare = (self.room_mm(panel, medium) - above - below).max(0.0);
        panel.top_mm + self.legend_mm(medium) + above + 0.5 * spare
    }
}

/// Height of a line of words, mm.
fn line_mm(medium: Medium) -> f64 {
    1.55 * medium.note_mm
}

/// Height of a line of a legend: below its words a hatched edge has room, mm.
fn legend_line_mm(medium: Medium) -> f64 {
    line_mm(medium) + HATCH_MM
}

/// All marks, from back to front: panels in the upper part of the frame, the table below them.
pub fn beat_items(content: &BeatsContent, frame: &Frame, medium: Medium) -> Vec<Item> {
    let scale = content.scale(frame, medium);
    let frames = content.frames(frame, medium);
    let mut items = Vec::new();
    for (panel, frame) in content.panels.iter().zip(&frames) {
        items.extend(panel_items(panel, content, frame, (scale, medium)));
    }
    let top_mm = frames.last().map_or(frame.top_mm, Frame::bottom_mm) + AIR_MM;
    items.extend(table(content, &Frame { top_mm, ..*frame }, medium));
    items
}

fn panel_items(
    panel: &BeatPanel,
    content: &BeatsContent,
    frame: &Frame,
    (scale, medium): (BeatScale, Medium),
) -> Vec<Item> {
    let mut items = Vec::new();
    let inner = Frame {
        left_mm: frame.left_mm + 0.4,
        top_mm: frame.top_mm + 0.4,
        width_mm: frame.width_mm - 0.8,
        height_mm: frame.height_mm - 0.8,
    };
    // Beside a recorded beat only the words of each synthesised one are marked.
    let is_whole = panel.curves.iter().all(|curve| curve.synthesised);
    let of_words = |idx: usize| Frame {
        top_mm: frame.top_mm + AIR_MM + legend_line_mm(medium) * idx as f64 - 0.2,
        height_mm: legend_line_mm(medium) - 0.3,
        ..inner
    };
    let curves = panel.curves.iter().enumerate();
    for (idx, curve) in curves.filter(|(_, curve)| curve.synthesised) {
        match (is_whole, idx) {
            (true, 0) => items.extend(marked_ground(&curve.label, &inner, medium)),
            (true, _) => {}
            (false, _) => items.extend(marked_ground(&curve.label, &of_words(idx), medium)),
        }
    }
    let [above, below] = content.reach_mv().map(|mv| mv * scale.gain_mm_mv);
    let level_mm = content.level_mm(frame, scale, medium);
    let left_mm = frame.left_mm + AIR_MM;
    for (time_s, name) in &content.bounds {
        let x = left_mm + time_s * scale.speed_mm_s;
        let ends = [level_mm - above, level_mm + below].map(|y| [x, y]);
        let muted = medium.palette.muted;
        items.push(lines(Role::Words, vec![ends], muted.faded(0.6), 0.15));
        let style = (Anchor::Start, Weight::Regular);
        let at = [x + 0.5, level_mm + below];
        items.push(words(at, *name, 0.85 * medium.note_mm, style, muted));
    }
    // The recorded beat lies in front.
    for (idx, curve) in panel.curves.iter().enumerate().rev() {
        let point = |(at, mv): (usize, &f32)| {
            let x = left_mm + content.rate.seconds_at(at) * scale.speed_mm_s;
            [x, level_mm - f64::from(*mv) * scale.gain_mm_mv]
        };
        let points = curve.samples_mv.iter().enumerate().map(point);
        let points_mm: Vec<[f64; 2]> = points.filter(|point| point[1].is_finite()).collect();
        items.extend(curve_items(curve, idx, points_mm, medium));
        let top = frame.top_mm + AIR_MM + legend_line_mm(medium) * idx as f64;
        let y = top + 0.62 * line_mm(medium);
        items.extend(legend(curve, idx, [left_mm, y], frame.width_mm, medium));
    }
    items
}

/// A beat as a solid line, with marks that tell it from the others without colour.
fn curve_items(
    curve: &BeatCurve,
    idx: usize,
    points_mm: Vec<[f64; 2]>,
    medium: Medium,
) -> Vec<Item> {
    let colour = ink(curve, medium);
    let mut marks = Vec::new();
    let mut next = f64::NEG_INFINITY;
    let is_marked = curve.synthesised || 0 < idx;
    for point in points_mm.iter().filter(|_| is_marked) {
        if next <= point[0] {
            marks.extend(mark(idx, *point));
            next = point[0] + MARK_STEP_MM;
        }
    }
    let stroke = Stroke::solid(colour, medium.trace_mm * if is_marked { 1.0 } else { 1.5 });
    vec![
        Item {
            role: Role::Trace(curve.label.clone()),
            mark: Mark::Polyline { points_mm, stroke },
        },
        lines(Role::Strip(curve.label.clone()), marks, colour, 0.18),
    ]
}

/// The mark of the first, second … beat: a stroke, a cross, a stroke lying down.
fn mark(idx: usize, [x, y]: [f64; 2]) -> Vec<[[f64; 2]; 2]> {
    const HALF_MM: f64 = 0.7;
    let stroke = |dx: f64, dy: f64| {
        let (dx, dy) = (HALF_MM * dx, HALF_MM * dy);
        [[x - dx, y - dy], [x + dx, y + dy]]
    };
    match idx {
        0 | 1 => vec![stroke(0.0, 1.0)],
        2 => vec![stroke(0.7, 0.7), stroke(0.7, -0.7)],
        _ => vec![stroke(0.0, 1.0), stroke(1.0, 0.0)],
    }
}

/// A piece of the line with its marks, and the label.
fn legend(
    curve: &BeatCurve,
    idx: usize,
    [left, y]: [f64; 2],
    width_mm: f64,
    medium: Medium,
) -> Vec<Item> {
    let middle = y - 0.32 * medium.note_mm;
    let piece = [0.0, 0.5, 1.0].map(|share| [left + share * SAMPLE_MM, middle]);
    let mut items = curve_items(curve, idx, piece.to_vec(), medium);
    let room = width_mm - SAMPLE_MM - 3.0 * AIR_MM;
    // A little smaller rather than less; what still does not fit goes whole.
    let least_mm = 0.85 * medium.note_mm;
    let label = whole_parts(&curve.label, Weight::SemiBold, least_mm, room);
    let size_mm = shrunk(&label, Weight::SemiBold, medium.note_mm, room);
    let at = [left + SAMPLE_MM + 1.5, y];
    let style = (Anchor::Start, Weight::SemiBold);
    items.push(words(at, label, size_mm, style, ink(curve, medium)));
    items
}

/// Heads, a line for each lead, and the note.
fn table(content: &BeatsContent, frame: &Frame, medium: Medium) -> Vec<Item> {
    let lefts = columns(content, frame, medium);
    let mut items = Vec::new();
    let mut line = |row: usize, cells: &[String], weight: Weight, colour: Colour| {
        let y = frame.top_mm + line_mm(medium) * (row as f64 + 0.8);
        for (idx, cell) in cells.iter().enumerate() {
            let anchor = if idx == 0 { Anchor::Start } else { Anchor::End };
            let at = [lefts.get(idx).copied().unwrap_or(frame.right_mm()), y];
            items.push(words(
                at,
                cell.clone(),
                medium.note_mm,
                (anchor, weight),
                colour,
            ));
        }
    };
    let palette = medium.palette;
    line(0, &content.heads, Weight::SemiBold, palette.muted);
    for (idx, row) in content.rows.iter().enumerate() {
        let colour = if row.synthesised {
            palette.synthesised
        } else {
            palette.text
        };
        line(idx + 1, &row.cells, Weight::Regular, colour);
    }
    let above = content.rows.len() + usize::from(!content.heads.is_empty());
    let room = frame.width_mm - 2.0 * AIR_MM;
    let style = (Anchor::Start, Weight::Regular);
    for (idx, note) in content.note.lines().enumerate() {
        let y = frame.top_mm + line_mm(medium) * ((above + idx) as f64 + 0.8);
        let size_mm = shrunk(note, Weight::Regular, 0.9 * medium.note_mm, room);
        let note = fitted(note, Weight::Regular, size_mm, room);
        let at = [frame.left_mm + AIR_MM, y];
        items.push(words(at, note, size_mm, style, palette.muted));
    }
    items
}

/// Where each column stands: the first at its left edge, the others at their right.
fn columns(content: &BeatsContent, frame: &Frame, medium: Medium) -> Vec<f64> {
    let width = |idx: usize| {
        let rows = content.rows.iter().map(|row| &row.cells);
        let cells = rows
            .chain([&content.heads])
            .filter_map(|cells| cells.get(idx));
        let widths = cells.map(|cell| text_width_mm(cell, Weight::SemiBold, medium.note_mm));
        widths.fold(0.0, f64::max)
    };
    let widths: Vec<f64> = (0..content.heads.len()).map(width).collect();
    let total: f64 = widths.iter().sum();
    let spare = frame.width_mm - 2.0 * AIR_MM - total;
    let gap = (spare / widths.len().max(1) as f64).clamp(1.0, 9.0);
    let mut at = frame.left_mm + AIR_MM;
    let place = |(idx, width): (usize, &f64)| {
        let left = at;
        at += width + gap;
        if idx == 0 { left } else { left + width }
    };
    widths.iter().enumerate().map(place).collect()
}

fn ink(curve: &BeatCurve, medium: Medium) -> Colour {
    if curve.synthesised {
        medium.palette.synthesised
    } else {
        medium.palette.recorded
    }
}

fn lines(role: Role, lines_mm: Vec<[[f64; 2]; 2]>, colour: Colour, width_mm: f64) -> Item {
    let stroke = Stroke::solid(colour, width_mm);
    Item {
        role,
        mark: Mark::Lines { lines_mm, stroke },
    }
}

fn words(
    at_mm: [f64; 2],
    text: impl Into<String>,
    size_mm: f64,
    (anchor, weight): (Anchor, Weight),
    colour: Colour,
) -> Item {
    Item {
        role: Role::Words,
        mark: Mark::text(at_mm, text, size_mm, (anchor, weight, colour)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(panels: usize, curves: usize, height_mv: f32) -> BeatsContent {
        let curve = |idx: usize| BeatCurve {
            label: format!("lead {idx}"),
            samples_mv: (0..500)
                .map(|at| height_mv * (at as f32 / 40.0).sin())
                .collect(),
            synthesised: 0 < idx,
        };
        let row = |idx: usize| BeatRow {
            cells: vec![
                format!("lead {idx}"),
                "+153 ± 61 µV".into(),
                "62° (48 – 75°)".into(),
            ],
            synthesised: 0 < idx,
        };
        BeatsContent {
            rate: SampleRate::from_hz(500.0).unwrap(),
            bounds: vec![(0.45, "J")],
            panels: vec![
                BeatPanel {
                    curves: (0..curves).map(curve).collect()
                };
                panels
            ],
            heads: ["Lead", "J", "β"].map(str::to_owned).to_vec(),
            rows: (0..6).map(row).collect(),
            note: "for teaching".into(),
        }
    }

    #[test]
    fn beats_of_any_height_and_number_stay_in_their_panels_above_the_table() {
        let frame = Frame {
            left_mm: 16.0,
            top_mm: 27.0,
            width_mm: 265.0,
            height_mm: 155.0,
        };
        for (panels, curves, height_mv) in [(2, 3, 1.0), (4, 1, 0.05), (6, 1, 3.0), (1, 1, 5.0)] {
            let content = content(panels, curves, height_mv);
            let frames = content.frames(&frame, Medium::PRINT);
            let items = beat_items(&content, &frame, Medium::PRINT);
            let inside = |[x, y]: [f64; 2]| {
                frames.iter().any(|it| {
                    it.left_mm <= x && x <= it.right_mm() && it.top_mm <= y && y <= it.bottom_mm()
                })
            };
            let mut traces = 0;
            for item in &items {
                match &item.mark {
                    Mark::Polyline { points_mm, stroke } => {
                        assert!(
                            points_mm.iter().all(|point| inside(*point)),
                            "{panels} {height_mv}"
                        );
                        assert_eq!(stroke.dash_mm, None);
                        traces += 1;
                    }
                    Mark::Text(text) => {
                        let bottom = frame.bottom_mm() + 1e-9;
                        assert!(text.at_mm[1] <= bottom, "{text:?}");
                    }
                    _ => {}
                }
            }
            // Each beat, and its piece in the legend.
            assert_eq!(traces, 2 * panels * curves);
        }
    }

    #[test]
    fn a_panel_with_a_synthesised_beat_is_marked() {
        let strips = |content: &BeatsContent| {
            let frame = Frame {
                left_mm: 0.0,
                top_mm: 0.0,
                width_mm: 200.0,
                height_mm: 150.0,
            };
            let items = beat_items(content, &frame, Medium::PRINT);
            let is_ground = |item: &&Item| {
                matches!(
                    (&item.role, &item.mark),
                    (Role::Strip(_), Mark::Fill { .. })
                )
            };
            items.iter().filter(is_ground).count()
        };
        // Beside a recorded beat the words of each synthesised one, else the whole panel.
        assert_eq!(strips(&content(2, 3, 1.0)), 4);
        assert_eq!(strips(&content(2, 1, 1.0)), 0);
        let mut alone = content(2, 3, 1.0);
        for curve in alone.panels.iter_mut().flat_map(|panel| &mut panel.curves) {
            curve.synthesised = true;
        }
        assert_eq!(strips(&alone), 2);
    }
}
