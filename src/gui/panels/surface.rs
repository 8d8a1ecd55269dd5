//! Traces that can be measured on: which cell lies under the pointer, at which time and level.

use eframe::egui::{Event, Modifiers, Painter, Pos2, Response, Stroke, Ui};

use super::super::{panel_context::PanelContext, theme::colour32, widgets::Scale};
use crate::{
    draw::{Cell, Chart},
    ecg::{Lead, SampleRate},
    session::document::Caliper,
};

/// With snapping an edge goes to the peak within this, seconds.
const SNAP_S: f64 = 0.03;

/// Traces that can be measured on: where they lie, and their samples.
pub struct Surface<'a> {
    /// Charts of one time axis.
    pub charts: &'a [Chart],
    /// The lead that a cell shows.
    pub lead: &'a dyn Fn(&Cell) -> Option<&'a Lead>,
    /// Of all leads.
    pub rate: SampleRate,
    /// How they lie on the screen.
    pub scale: Scale,
}

impl Surface<'_> {
    /// All cells, chart by chart.
    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.charts.iter().flat_map(|chart| &chart.cells)
    }

    /// The cell under a place: in the chart that is nearest to it.
    pub fn cell_at(&self, pointer: Pos2) -> Option<&Cell> {
        let (x_mm, y_mm) = self.scale.mm(pointer);
        let away = |chart: &&Chart| {
            let frame = chart.frame;
            (frame.top_mm - y_mm).max(y_mm - frame.bottom_mm()).max(0.0)
        };
        let nearest = self
            .charts
            .iter()
            .min_by(|a, b| away(a).total_cmp(&away(b)));
        nearest?.cell_at(x_mm, y_mm)
    }

    /// The cell of a caliper's lead at this time, or one of its lead.
    pub fn cell_of(&self, caliper: &Caliper, time_s: f64) -> Option<&Cell> {
        let is_of_lead =
            |cell: &&Cell| cell.name == caliper.lead && cell.synthesised == caliper.synthesised;
        let away = |cell: &&Cell| {
            let end_s = cell.start_s + cell.seconds;
            (cell.start_s - time_s).max(time_s - end_s).max(0.0)
        };
        let of_lead = self.cells().filter(is_of_lead);
        of_lead.min_by(|a, b| away(a).total_cmp(&away(b)))
    }

    /// Time in the window and level at a place. With shift the time of the peak near by; the level
    /// is that of the trace, with alt that of the pointer.
    pub fn point(&self, cell: &Cell, pointer: Pos2, modifiers: Modifiers) -> (f64, f64) {
        let (x_mm, y_mm) = self.scale.mm(pointer);
        let mut time_s = cell.time_s(x_mm);
        let samples = (self.lead)(cell).map_or(&[][..], |lead| &lead.samples_mv);
        let mut at = self.rate.samples_in(time_s.max(0.0));
        if modifiers.shift {
            at = peak_near(samples, at, self.rate.samples_in(SNAP_S));
            time_s = self.rate.seconds_at(at);
        }
        let level = samples.get(at).filter(|_| !modifiers.alt);
        let level = level.map(|mv| f64::from(*mv)).filter(|mv| mv.is_finite());
        (time_s, level.unwrap_or_else(|| cell.mv(y_mm)))
    }
}

/// Of the samples within `reach` of `at` the one furthest from their mean.
pub fn peak_near(samples: &[f32], at: usize, reach: usize) -> usize {
    let from = at.saturating_sub(reach).min(samples.len());
    let part = &samples[from..(at + reach + 1).min(samples.len())];
    let finite = || part.iter().filter(|mv| mv.is_finite());
    let mean = finite().sum::<f32>() / finite().count().max(1) as f32;
    let away = |mv: f32| {
        if mv.is_finite() {
            (mv - mean).abs()
        } else {
            -1.0
        }
    };
    let furthest = part.iter().enumerate();
    let furthest = furthest.max_by(|a, b| away(*a.1).total_cmp(&away(*b.1)));
    furthest.map_or(at, |(idx, _)| from + idx)
}

/// Where the pointer is, if it has just moved: one that rests takes the time cursor nowhere.
pub fn moved_to(ui: &Ui, response: &Response) -> Option<Pos2> {
    let is_move = |event: &Event| matches!(event, Event::PointerMoved(_));
    let has_moved = ui.input(|input| input.raw.events.iter().any(is_move));
    response.hover_pos().filter(|_| has_moved)
}

/// A stroke through every row at the cursor's time.
pub fn cursor(painter: &Painter, chart: &Chart, scale: Scale, cx: &PanelContext<'_>) {
    let Some(time_s) = cx.session.cursor_s else {
        return;
    };
    let time_s = time_s - cx.session.document.window_start_s;
    let stroke = Stroke::new(1.0, colour32(cx.look.paper.notice).gamma_multiply(0.75));
    for cell in chart.cells_at_time(time_s) {
        let row = &chart.rows[cell.row];
        let y = |mm: f64| scale.at(0.0, mm).y;
        let x = scale.at(cell.x_mm(time_s), 0.0).x;
        painter.vline(
            x,
            y(row.top_mm.max(cell.baseline_mm - 13.0))
                ..=y(row.bottom_mm.min(cell.baseline_mm + 8.0)),
            stroke,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapping_takes_the_peak_and_no_gap() {
        let mut mv = vec![0.0f32; 100];
        (mv[50], mv[52]) = (1.0, f32::NAN);
        assert_eq!(peak_near(&mv, 46, 10), 50);
        assert_eq!(peak_near(&mv, 400, 10), 400);
    }
}
