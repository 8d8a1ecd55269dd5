//! The table of measurements: intervals, axes and sums, then lead by lead, synthesised leads with
//! their error.

use eframe::egui::{Grid, ScrollArea, Ui};

use super::super::{
    panel_context::PanelContext,
    widgets::{muted, strong_text},
};
use crate::words::{Label, Translator};

/// The pane.
pub fn show(ui: &mut Ui, cx: &PanelContext<'_>) {
    let colours = &cx.look.colours;
    let Some(exam) = cx.session.exam.as_ref().filter(|exam| exam.waves.is_some()) else {
        ui.label(muted(cx.tr(Label::TooFewForMedian), colours));
        return;
    };
    let results = &cx.session.results;
    let synthesised = results.point.iter().chain(results.listed.values());
    let rows: Vec<[String; 12]> = exam
        .measurements
        .leads
        .iter()
        .cloned()
        .chain(synthesised.filter_map(|lead| lead.measurements(exam)))
        .map(|lead| cx.translator.lead_row(&lead))
        .collect();
    ScrollArea::both().show(ui, |ui| {
        Grid::new("intervals").striped(true).show(ui, |ui| {
            for (name, value) in cx.translator.measurements(&exam.measurements) {
                ui.label(muted(name, colours));
                ui.label(strong_text(value));
                ui.end_row();
            }
        });
        ui.separator();
        ui.label(muted(cx.tr(Label::MeasuredPerLead), colours));
        Grid::new("leads measured").striped(true).show(ui, |ui| {
            for head in Translator::LEAD_COLUMNS {
                ui.label(muted(head, colours));
            }
            ui.end_row();
            for row in rows {
                for cell in row {
                    ui.label(cell);
                }
                ui.end_row();
            }
        });
    });
}
