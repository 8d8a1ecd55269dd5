//! The rows of a chart before they have their heights: which cells each holds, and how much room it
//! needs.

use super::{
    Cell, ChartPlan, Frame, Medium, Weight,
    chart_plan::PULSE_ZONE_MM,
    font::wrapped,
    layout::{Slot, SlotRow, rows},
    rows::Extent,
};
use crate::ecg::{Lead, LeadName, Montage, Origin, montage};

/// Rows of cells without their heights, and how much room each needs of at most `highest_mm`.
pub(super) fn lines(plan: &ChartPlan, highest_mm: f64) -> (Vec<Vec<Cell>>, Vec<Extent>) {
    let (start_s, seconds) = plan.row_span();
    let (_, whole_s) = plan.whole_span();
    let rows = continued(
        rows(plan.leads, plan.settings, plan.others),
        whole_s,
        seconds,
        &plan.frame,
    );
    let line = |(row, row_start_s): (SlotRow, f64)| {
        let each_s = seconds.min(whole_s - row_start_s) / row.slots.len().max(1) as f64;
        let cells = row.slots.iter().enumerate().map(|(column, slot)| {
            let offset_s = column as f64 * each_s;
            cell(
                plan,
                slot,
                offset_s,
                start_s + row_start_s + offset_s,
                each_s,
            )
        });
        let (cells, spreads): (Vec<Cell>, Vec<Spread>) = cells.unzip();
        let extent = Extent {
            goes_with_above: row.goes_with_above,
            ..extent(plan, highest_mm, &cells, &spreads)
        };
        (cells, extent)
    };
    rows.into_iter().map(line).unzip()
}

/// From the start of a cell to its words, mm.
pub(super) const HEAD_LEFT_MM: f64 = 1.0;

/// Least height of a row that continues the one above it, mm.
const CONTINUED_MM: f64 = 30.0;

/// Rows with the time at which each starts: all at 0, but a single lead goes on in further rows
/// while there is time and room.
fn continued(rows: Vec<SlotRow>, whole_s: f64, row_s: f64, frame: &Frame) -> Vec<(SlotRow, f64)> {
    match rows.as_slice() {
        [only] if only.slots.len() == 1 && row_s + 0.5 < whole_s => {
            let most = (frame.height_mm / CONTINUED_MM).floor().max(1.0);
            let n = (whole_s / row_s - 1e-6).ceil().min(most) as usize;
            (0..n)
                .map(|row| (only.clone(), row as f64 * row_s))
                .collect()
        }
        _ => rows.into_iter().map(|row| (row, 0.0)).collect(),
    }
}

/// A cell `offset_s` into its row; its height is not known yet.
fn cell(
    plan: &ChartPlan,
    slot: &Slot,
    offset_s: f64,
    start_s: f64,
    seconds: f64,
) -> (Cell, Spread) {
    let speed_mm_s = plan.settings.speed_mm_s;
    let lead = plan.leads.get(&slot.name);
    let mut cell = Cell {
        name: slot.name.clone(),
        label: slot.label.clone(),
        sign: slot.sign,
        present: slot.present,
        synthesised: lead.is_some_and(|lead| lead.origin.is_synthesised()),
        head: lead.map_or_else(Vec::new, |lead| head(plan, lead)),
        row: 0,
        left_mm: plan.frame.left_mm + PULSE_ZONE_MM + offset_s * speed_mm_s,
        width_mm: seconds * speed_mm_s,
        baseline_mm: 0.0,
        level_mv: 0.0,
        start_s,
        seconds,
        speed_mm_s,
        gain_mm_mv: plan.settings.gain_of(&slot.name),
    };
    let samples = lead.map_or(&[][..], |lead| &lead.samples_mv[cell.samples(plan.leads)]);
    let spread = Spread::of(samples, cell.sign);
    cell.level_mv = spread.median;
    (cell, spread)
}

/// Where a cell's values lie after the sign, mV; zeros where there is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Spread {
    median: f64,
    /// Of all but one value of a thousand.
    usual: [f64; 2],
    /// Of all.
    most: [f64; 2],
}

impl Spread {
    fn of(samples: &[f32], sign: f32) -> Self {
        let signed = samples.iter().map(|mv| sign * mv);
        let mut values: Vec<f32> = signed.filter(|mv| mv.is_finite()).collect();
        if values.is_empty() {
            return Self::default();
        }
        values.sort_unstable_by(f32::total_cmp);
        let last = values.len() - 1;
        let at = |share: f64| f64::from(values[(share * last as f64).round() as usize]);
        Self {
            median: at(0.5),
            usual: [at(0.0005), at(0.9995)],
            most: [at(0.0), at(1.0)],
        }
    }
}

/// What stands above a synthesised trace, in as many lines of its strip as it needs: no word of it
/// is cut.
fn head(plan: &ChartPlan, lead: &Lead) -> Vec<String> {
    let Origin::Synthesised { .. } = &lead.origin else {
        return Vec::new();
    };
    let medium = plan.medium;
    let own = plan.notes.iter().find(|note| note.0 == lead.name);
    let said = own.map_or_else(|| details(&lead.name, &lead.origin), |note| note.1.clone());
    let said = match said.is_empty() {
        true => plan.terms.synthesised.to_owned(),
        false => format!("{} · {said}", plan.terms.synthesised),
    };
    let room_mm = plan.frame.width_mm - PULSE_ZONE_MM - 2.0 * HEAD_LEFT_MM;
    let label_mm = Medium::name_width_mm(&lead.label(), medium.name_mm);
    let first_mm = room_mm - label_mm - plan.aside_mm;
    wrapped(&said, Weight::Regular, medium.note_mm, [first_mm, room_mm])
}

/// Place, direction and maker of a synthesised lead. A lead of several electrodes has no direction
/// that could be pointed at.
fn details(name: &LeadName, origin: &Origin) -> String {
    let Origin::Synthesised { view, by } = origin else {
        return String::new();
    };
    let known = montage(name);
    let is_one_electrode = known.is_none_or(|montage| montage.exploring_site().is_some());
    let place = known.map(|montage: &Montage| montage.place.to_owned());
    let direction =
        (is_one_electrode && view.to_string() != name.to_string()).then(|| view.to_string());
    let parts = [place, direction, Some(by.to_string())];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Hatching below a synthesised trace, and the air around it, mm.
pub(super) const FOOT_MM: f64 = 2.4;

/// How far the traces of a row rise above and fall below the baseline, mm, with what a synthesised
/// one needs for its mark; what is higher than `height_mm` is cut.
fn extent(plan: &ChartPlan, height_mm: f64, cells: &[Cell], spreads: &[Spread]) -> Extent {
    let is_apart = cells.iter().any(|cell| cell.synthesised);
    let mut pulse_mm = cells
        .iter()
        .fold(0.0f64, |most, cell| most.max(cell.gain_mm_mv));
    let heads = cells.iter().map(|cell| cell.head.len());
    let mark = if is_apart {
        [plan.medium.head_of_mm(heads.max().unwrap_or(0)), FOOT_MM]
    } else {
        [0.0; 2]
    };
    let reach = |pick: fn(&Spread) -> [f64; 2], most_mm: f64| {
        let mut found = [4.0f64, 2.0];
        for (cell, spread) in cells.iter().zip(spreads) {
            let [low, high] = pick(spread);
            let above = (high - spread.median) * cell.gain_mm_mv;
            let below = (spread.median - low) * cell.gain_mm_mv;
            found = [
                found[0].max(above.min(most_mm)),
                found[1].max(below.min(most_mm)),
            ];
        }
        [found[0] + mark[0], found[1] + mark[1]]
    };
    let mut most = reach(|spread| spread.most, f64::INFINITY);
    // The pulse goes where it is higher than the paper has room for. That of a synthesised row stays
    // in its strip, beside the words at its top.
    if height_mm < pulse_mm + 0.5 + most[1] + 2.0 {
        pulse_mm = 0.0;
    } else if is_apart {
        most[0] = most[0].max(pulse_mm + 0.5);
    }
    let fits = most[0] + most[1] + 2.0 <= height_mm;
    // A loose electrode's jumps do not push the other rows aside, and neither does what is higher
    // than the paper.
    let usual = if is_apart && fits {
        most
    } else {
        reach(|spread| spread.usual, 0.3 * height_mm)
    };
    Extent {
        usual,
        most: if fits { most } else { usual },
        pulse_mm,
        is_apart,
        goes_with_above: false,
        keeps_clear: false,
    }
}
