//! The table of measurements beside the paper: intervals and axes, then lead by lead ST and the
//! amplitudes of the waves, those of synthesised leads each with the error to expect in that wave.

use eframe::egui::{Align, Grid, Layout, RichText, ScrollArea, Ui, vec2};

use super::super::{
    panel_context::PanelContext,
    view::AmplitudeUnit,
    widgets::{muted, strong_text},
};
use crate::{
    session::{Edit, Exam, SynthesisedLead},
    signal::LeadMeasurements,
    words::{Label, Translator},
};

/// Pairs of name and value in a row of the intervals.
const PAIRS: usize = 3;

/// A wave whose error is told apart, as `WaveErrors::each` orders them.
#[derive(Clone, Copy)]
enum Wave {
    Qrs,
    St,
    T,
    Rest,
}

/// A column: its head, what it holds, and in which wave that is measured.
type Column = (&'static str, fn(&LeadMeasurements) -> Option<f64>, Wave);

/// ST first: it is what the table is opened for.
const COLUMNS: [Column; 10] = [
    ("J", |lead| lead.st_j_uv, Wave::St),
    ("J+60", |lead| lead.st_j60_uv, Wave::St),
    ("J+80", |lead| lead.st_j80_uv, Wave::St),
    ("Q", |lead| lead.q_uv, Wave::Qrs),
    ("R", |lead| lead.r_uv, Wave::Qrs),
    ("S", |lead| lead.s_uv, Wave::Qrs),
    ("R′", |lead| lead.r_prime_uv, Wave::Qrs),
    ("S′", |lead| lead.s_prime_uv, Wave::Qrs),
    ("T", |lead| lead.t_uv, Wave::T),
    ("P", |lead| lead.p_uv, Wave::Rest),
];

/// How many beats were marked by hand, and the way back.
fn beats_by_hand(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let Some(counts) = cx.session.document.beats_by_hand() else {
        return;
    };
    ui.horizontal(|ui| {
        let words = cx.translator.beats_by_hand(counts);
        ui.colored_label(cx.look.colours.notice, words);
        if ui.small_button(cx.tr(Label::RestoreBeats)).clicked() {
            cx.push(Edit::RestoreBeats);
        }
    });
}

/// The pane.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let session = cx.session;
    let Some(exam) = session.exam.as_ref().filter(|exam| exam.waves.is_some()) else {
        ui.label(muted(cx.tr(Label::TooFewForMedian), &cx.look.colours));
        return;
    };
    ScrollArea::both().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing = vec2(10.0, 3.0);
        ui.spacing_mut().interact_size.y = 18.0;
        intervals(ui, cx, exam);
        let cart = cx.translator.cart_differs(&exam.measurements, &exam.cart());
        cart.map(|said| ui.colored_label(cx.look.colours.warning, said));
        beats_by_hand(ui, cx);
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            ui.label(strong_text(cx.tr(Label::AmplitudesPerLead)));
            for unit in AmplitudeUnit::ALL {
                ui.selectable_value(&mut cx.view.unit, unit, unit.symbol());
            }
        });
        let synthesised = RichText::new(cx.tr(Label::TableNote)).small();
        ui.label(synthesised.color(cx.look.colours.muted));
        leads(ui, cx, exam);
    });
}

/// Names and values, three to a row.
fn intervals(ui: &mut Ui, cx: &PanelContext<'_>, exam: &Exam) {
    let pairs = cx.translator.measurements(&exam.measurements);
    Grid::new("intervals").show(ui, |ui| {
        for row in pairs.chunks(PAIRS) {
            for (name, value) in row {
                ui.label(muted(name, &cx.look.colours));
                ui.label(strong_text(value));
            }
            ui.end_row();
        }
    });
}

/// Recorded leads, then the one at the point and those of the list.
fn leads(ui: &mut Ui, cx: &PanelContext<'_>, exam: &Exam) {
    let results = &cx.session.results;
    let made: Vec<&SynthesisedLead> = results
        .point
        .iter()
        .chain(results.listed.values())
        .collect();
    let is_first = |(idx, lead): &(usize, &&SynthesisedLead)| {
        made[..*idx].iter().all(|other| other.target != lead.target)
    };
    let synthesised = made.iter().enumerate().filter(is_first);
    Grid::new("leads measured").striped(true).show(ui, |ui| {
        ui.label("");
        for (head, ..) in COLUMNS {
            right(ui, muted(head, &cx.look.colours));
        }
        ui.end_row();
        for lead in &exam.measurements.leads {
            row(ui, cx, lead, None);
        }
        for (_, made) in synthesised {
            if let Some(lead) = made.measurements(exam) {
                row(ui, cx, &lead, Some(made));
            }
        }
    });
}

fn row(
    ui: &mut Ui,
    cx: &PanelContext<'_>,
    lead: &LeadMeasurements,
    made: Option<&SynthesisedLead>,
) {
    let ink = match made {
        Some(_) => cx.look.colours.synthesised,
        None => cx.look.colours.text,
    };
    let name = match made {
        Some(_) => lead.lead.synthesised_label(),
        None => lead.lead.to_string(),
    };
    ui.label(strong_text(name).color(ink));
    let errors_uv = made.map(|made| made.synthesis.by_wave.each());
    for (_, value, wave) in COLUMNS {
        let error_uv = errors_uv.map(|errors| errors[wave as usize]);
        let text = amplitude(cx.translator, cx.view.unit, value(lead), error_uv);
        right(ui, RichText::new(text).color(ink));
    }
    ui.end_row();
}

fn right(ui: &mut Ui, text: RichText) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(text));
}

/// A value with the error to expect of it, in the unit chosen.
fn amplitude(
    translator: Translator,
    unit: AmplitudeUnit,
    value_uv: Option<f64>,
    error_uv: Option<f64>,
) -> String {
    let (factor, decimals) = unit.of_microvolt();
    let Some(uv) = value_uv else {
        return "–".to_owned();
    };
    let value = translator.signed(factor * uv, decimals);
    match error_uv {
        Some(error) => format!("{value} ± {}", translator.number(factor * error, decimals)),
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_in_every_unit_with_and_without_error() {
        let check = |unit, error_uv, expected: &str| {
            let text = amplitude(Translator::default(), unit, Some(-153.4), error_uv);
            assert_eq!(text, expected);
        };
        check(AmplitudeUnit::Microvolt, None, "−153");
        check(AmplitudeUnit::Millivolt, None, "−0.15");
        check(AmplitudeUnit::Millimetre, Some(61.0), "−1.5 ± 0.6");
        check(AmplitudeUnit::Microvolt, Some(61.0), "−153 ± 61");
        let none = amplitude(
            Translator::default(),
            AmplitudeUnit::Millivolt,
            None,
            Some(1.0),
        );
        assert_eq!(none, "–");
    }
}
