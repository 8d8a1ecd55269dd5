//! What a chart shows, as marks: strips, bands, traces, pulses, names. The printed page and the
//! window take the same list.

use super::{
    Anchor, Cell, Chart, ChartPlan, Colour, Frame, Item, Mark, Medium, Role, Stroke, Weight,
    chart_rows::{FOOT_MM, HEAD_LEFT_MM},
    font::{fitted, shrunk, text_width_mm},
    label::{Placed, name_place},
    rows::Row,
    traces::{band_edges, polylines},
};
use crate::ecg::{LeadName, LeadSet, Origin};

/// The mark of a lead that was computed from others rather than recorded.
pub(super) const DERIVED: &str = "*";
/// A note beside the name of a recorded lead may take this much, however narrow its cell, mm.
const LEAST_NOTE_MM: f64 = 8.0;

/// What fills the cells of a chart.
#[derive(Clone, Debug)]
pub struct ChartContent<'a> {
    /// What the chart was laid out from.
    pub plan: &'a ChartPlan<'a>,
    /// Half-widths of the uncertainty band, mV, per synthesised lead.
    pub bands: Vec<(&'a LeadName, &'a [f32])>,
    /// Time of the first sample of the leads in the whole recording, seconds.
    pub offset_s: f64,
}

/// All marks of the chart, from back to front.
pub fn chart_items(chart: &Chart, content: &ChartContent) -> Vec<Item> {
    let mut items = Vec::new();
    chart.rows.iter().enumerate().for_each(|(row, place)| {
        let synthesised = chart
            .cells
            .iter()
            .find(|cell| cell.row == row && cell.synthesised);
        if let Some(cell) = synthesised {
            items.extend(strip(cell, place, &chart.frame, content.plan.medium));
        }
    });
    for cell in &chart.cells {
        items.extend(band(cell, chart, content));
    }
    for cell in &chart.cells {
        items.extend(trace(cell, chart, content));
    }
    items.extend(pulses(chart, content.plan.medium));
    items.extend(names(chart, content));
    items.extend(cuts(chart, content));
    items
}

/// Says at the right end of each row which of its traces leave the chart.
fn cuts(chart: &Chart, content: &ChartContent) -> Vec<Item> {
    let (plan, medium) = (content.plan, content.plan.medium);
    let Some(said) = plan.terms.cut else {
        return Vec::new();
    };
    let is_cut = |cell: &&Cell| polylines(cell, plan.leads, &chart.frame).1;
    let of_row = |(row, place): (usize, &Row)| {
        let cells = chart.cells.iter().filter(|cell| cell.row == row);
        let labels: Vec<&str> = cells
            .filter(is_cut)
            .map(|cell| cell.label.as_str())
            .collect();
        (!labels.is_empty()).then(|| Item {
            role: Role::Words,
            mark: Mark::text(
                [chart.frame.right_mm() - 1.0, place.bottom_mm - FOOT_MM],
                format!("{} {said}", labels.join(", ")),
                medium.note_mm,
                (Anchor::End, Weight::SemiBold, medium.palette.notice),
            ),
        })
    };
    chart.rows.iter().enumerate().filter_map(of_row).collect()
}

/// Labels of the cells whose traces leave the chart.
pub(super) fn leaving(chart: &Chart, leads: &LeadSet) -> Vec<String> {
    let is_cut = |cell: &&Cell| polylines(cell, leads, &chart.frame).1;
    let mut found: Vec<String> = chart
        .cells
        .iter()
        .filter(is_cut)
        .map(|cell| cell.label.clone())
        .collect();
    found.dedup();
    found
}

/// Opacity of the ground that marks a synthesised lead.
const TINT: f64 = 0.05;
/// Height of the hatching below it, and distance of its strokes, mm.
pub(super) const HATCH_MM: f64 = 1.2;
const HATCH_STEP_MM: f64 = 1.5;

/// A tinted ground for the screen, and a hatched edge that survives greyscale and photocopies along
/// the whole lead, so that no part cut out of it looks recorded.
fn strip(cell: &Cell, row: &Row, frame: &Frame, medium: Medium) -> [Item; 2] {
    let ground = Frame {
        left_mm: frame.left_mm,
        top_mm: row.top_mm + 0.3,
        width_mm: frame.width_mm,
        height_mm: row.bottom_mm - row.top_mm - 0.6,
    };
    marked_ground(&cell.label, &ground, medium)
}

/// The ground that marks what the lead of this label has on it as synthesised.
pub(super) fn marked_ground(label: &str, ground: &Frame, medium: Medium) -> [Item; 2] {
    let colour = medium.palette.synthesised;
    let (bottom, left, right) = (ground.bottom_mm(), ground.left_mm, ground.right_mm());
    let hatching = (0..(ground.width_mm / HATCH_STEP_MM) as usize).map(|k| {
        let x = left + HATCH_STEP_MM * k as f64;
        [[x, bottom], [x + HATCH_MM, bottom - HATCH_MM]]
    });
    let edges = [bottom, bottom - HATCH_MM].map(|y| [[left, y], [right, y]]);
    [
        Mark::Fill {
            outline_mm: ground.outline_mm(),
            colour: colour.faded(TINT),
        },
        Mark::Lines {
            lines_mm: edges.into_iter().chain(hatching).collect(),
            stroke: Stroke::solid(colour, 0.14),
        },
    ]
    .map(|mark| Item {
        role: Role::Strip(label.to_owned()),
        mark,
    })
}

fn band(cell: &Cell, chart: &Chart, content: &ChartContent) -> Vec<Item> {
    let mut bands = content
        .bands
        .iter()
        .filter(|band| cell.synthesised && *band.0 == cell.name);
    let edges = bands
        .next()
        .map(|band| band_edges(cell, content.plan.leads, band.1, &chart.frame));
    let item = |edges_mm| Item {
        role: Role::Band(cell.label.clone()),
        mark: Mark::Band {
            edges_mm,
            colour: content.plan.medium.palette.band(),
        },
    };
    edges.unwrap_or_default().into_iter().map(item).collect()
}

/// One solid line, synthesised or not: dashes would eat small waves. What tells them apart is the
/// strip.
fn trace(cell: &Cell, chart: &Chart, content: &ChartContent) -> Vec<Item> {
    let palette = content.plan.medium.palette;
    let colour = if cell.synthesised {
        palette.synthesised
    } else {
        palette.recorded
    };
    let stroke = Stroke::solid(colour, content.plan.medium.trace_mm);
    let (pieces, _) = polylines(cell, content.plan.leads, &chart.frame);
    let item = |points_mm| Item {
        role: Role::Trace(cell.label.clone()),
        mark: Mark::Polyline { points_mm, stroke },
    };
    pieces.into_iter().map(item).collect()
}

/// A pulse on every row that has room for it: 0.2 s of 1 mV at the gain of its leads; where the
/// gain changes along the row, a step shows both.
fn pulses(chart: &Chart, medium: Medium) -> Vec<Item> {
    let Some(first) = chart.cells.first() else {
        return Vec::new();
    };
    let width = (0.2 * first.speed_mm_s).min(Chart::PULSE_ZONE_MM - 3.0);
    let x = chart.frame.left_mm + 0.5 * (Chart::PULSE_ZONE_MM - width) - 0.5;
    let mut free_from = chart.frame.top_mm;
    let mut items = Vec::new();
    for (row, place) in chart.rows.iter().enumerate() {
        let mut gains = chart
            .cells
            .iter()
            .filter(|cell| cell.row == row)
            .map(|cell| cell.gain_mm_mv);
        let first = gains.next().unwrap_or_default();
        let last = gains.next_back().unwrap_or(first);
        let baseline = place.baseline_mm;
        if baseline - first.max(last) < free_from {
            continue;
        }
        free_from = baseline + 1.0;
        let (high, low, middle) = (baseline - first, baseline - last, x + 0.5 * width);
        let mut points_mm = vec![[x - 1.0, baseline], [x, baseline], [x, high]];
        if (first - last).abs() > 1e-9 {
            points_mm.extend([[middle, high], [middle, low]]);
        }
        points_mm.extend([
            [x + width, low],
            [x + width, baseline],
            [x + width + 1.0, baseline],
        ]);
        items.push(Item {
            role: Role::Calibration,
            mark: Mark::Polyline {
                points_mm,
                stroke: Stroke::solid(medium.palette.recorded, medium.trace_mm),
            },
        });
    }
    items
}

/// Names with what stands beside them, and strokes where one lead follows another.
fn names(chart: &Chart, content: &ChartContent) -> Vec<Item> {
    let mut items = Vec::new();
    let mut placed: Vec<Placed> = Vec::new();
    for (idx, cell) in chart.cells.iter().enumerate() {
        let follows = 0 < idx && chart.cells[idx - 1].row == cell.row;
        if cell.synthesised {
            items.extend(head(cell, chart, content.plan.medium));
        } else {
            items.extend(name(cell, chart, (content, follows), &mut placed));
        }
        if follows {
            items.push(separator(cell, content.plan.medium));
        }
    }
    items
}

/// The label of a synthesised lead and the lines that go with it, at the top of its strip.
fn head(cell: &Cell, chart: &Chart, medium: Medium) -> Vec<Item> {
    let ink = medium.palette.synthesised;
    let left = cell.left_mm + HEAD_LEFT_MM;
    let top = chart.rows[cell.row].top_mm + 0.3 + 0.74 * medium.head_mm;
    // Beside a small name the note is smaller still: both stand in the same row.
    let note_mm = medium.note_mm.min(0.8 * chart.name_mm);
    let width = Medium::name_width_mm(&cell.label, chart.name_mm);
    let line = |(idx, text): (usize, &String)| {
        let x = if idx == 0 { left + width } else { left };
        let at = [x, top + medium.note_line_mm() * idx as f64];
        words(at, text.clone(), note_mm, Weight::Regular, ink)
    };
    let label = words(
        [left, top],
        cell.label.clone(),
        chart.name_mm,
        Weight::SemiBold,
        ink,
    );
    let lines = cell.head.iter().enumerate();
    let lines = lines.filter(|(_, text)| !text.is_empty()).map(line);
    std::iter::once(label).chain(lines).collect()
}

/// The name of a recorded lead, clear of the traces, with what stands beside it.
fn name(
    cell: &Cell,
    chart: &Chart,
    (content, follows): (&ChartContent, bool),
    placed: &mut Vec<Placed>,
) -> Vec<Item> {
    let (medium, leads) = (content.plan.medium, content.plan.leads);
    let usual = cell.left_mm + if follows { 1.8 } else { HEAD_LEFT_MM };
    let room = cell.right_mm() - usual;
    let label = fitted(&cell.label, Weight::SemiBold, chart.name_mm, room.max(8.0));
    let width = Medium::name_width_mm(&label, chart.name_mm);
    let note_mm = medium.note_mm.min(0.8 * chart.name_mm);
    let note = note(cell, chart, content).map(|note| {
        let most = (room - width).max(LEAST_NOTE_MM);
        let size_mm = shrunk(&note, Weight::Regular, note_mm, most);
        (note, size_mm)
    });
    let beside = |note: &(String, f64)| text_width_mm(&note.0, Weight::Regular, note.1);
    let whole = width + note.as_ref().map_or(0.0, beside);
    let [left, at] = name_place(cell, chart, leads, [usual, whole, chart.name_mm], placed);
    placed.push([left, left + whole, at]);
    let palette = medium.palette;
    let name = words(
        [left, at],
        label,
        chart.name_mm,
        Weight::SemiBold,
        palette.text,
    );
    let note = note.map(|(note, size_mm)| {
        let at = [left + width, at];
        words(at, note, size_mm, Weight::Regular, palette.muted)
    });
    std::iter::once(name).chain(note).collect()
}

fn words(at_mm: [f64; 2], text: String, size_mm: f64, weight: Weight, colour: Colour) -> Item {
    Item {
        role: Role::LeadLabel,
        mark: Mark::text(at_mm, text, size_mm, (Anchor::Start, weight, colour)),
    }
}

/// Two short strokes where one lead follows another.
fn separator(cell: &Cell, medium: Medium) -> Item {
    let (x, baseline) = (cell.left_mm, cell.baseline_mm);
    let stroke = |side: f64| [[x, baseline + side * 3.0], [x, baseline + side * 5.5]];
    Item {
        role: Role::LeadLabel,
        mark: Mark::Lines {
            lines_mm: [-1.0, 1.0].map(stroke).to_vec(),
            stroke: Stroke::solid(medium.palette.recorded, 0.2),
        },
    }
}

/// What stands beside the name of a recorded lead.
fn note(cell: &Cell, chart: &Chart, content: &ChartContent) -> Option<String> {
    let plan = content.plan;
    let Some(lead) = plan.leads.get(&cell.name) else {
        return Some(plan.terms.not_recorded.into());
    };
    let own = plan.notes.iter().find(|note| note.0 == cell.name);
    // A single lead goes on in further rows; of later charts the first lead says it for all.
    let is_later = plan.start_s + 1e-6 < chart.start_s && chart.cells.first() == Some(cell);
    let goes_on = chart.start_s + chart.seconds <= cell.start_s + 1e-6 || is_later;
    match (&lead.origin, own) {
        (Origin::Derived { .. }, _) => Some(DERIVED.into()),
        (_, Some((_, own))) => Some(own.clone()),
        (_, None) => goes_on.then(|| {
            let from_s = content.offset_s + cell.start_s;
            format!("{} {from_s:.1} s", plan.terms.from)
        }),
    }
}

/// Space that a synthesised lead's mark takes below its trace, mm.
const _: () = assert!(HATCH_MM + 0.3 < FOOT_MM);
