//! Recorded against synthesised: below one another, over one another on demand, residual, and figures
//! in microvolts.

use eframe::egui::{Grid, Sense, Ui, vec2};
use egui_plot::{Legend, Line, Plot, PlotPoints};

use super::{
    super::{
        panel_context::PanelContext,
        panels::{
            paper::{RIGHT_MM, terms},
            strip::{StripPlan, StripRow, lay_out},
        },
        theme::colour32,
        view::OverlayPage,
        widgets::{DrawingCache, Scale, muted, name_area, screen, strong_text},
    },
    agreement,
};
use crate::{
    draw::Chart,
    ecg::{Lead, LeadName},
    reliability::{Comparison, HeldOut, HeldOutSummary},
    session::{Edit, Query, Synthesis},
    signal::{
        Pair,
        metrics::{largest_error_uv, rmse_uv},
    },
    words::Label,
};

/// Recorded chest leads that were left out in turn: figures, and the two traces of one.
pub fn held_out(
    ui: &mut Ui,
    cx: &mut PanelContext<'_>,
    lead: &mut Option<LeadName>,
    page: &mut OverlayPage,
) {
    ui.heading(cx.tr(Label::HeldOutTitle));
    let session = cx.session;
    let Some((_, reliability)) = &session.results.reliability else {
        ui.label(cx.tr(Label::AfterCalibration));
        return;
    };
    let seconds = |(from, to)| {
        let number = |at| cx.translator.number(at, 1);
        format!("{}–{} s", number(from), number(to))
    };
    let window = &reliability.window;
    let (learned, tested) = (seconds(window.learned_s), seconds(window.tested_s));
    let note = format!("{} ({learned} → {tested})", cx.tr(Label::HeldOutNote));
    ui.label(muted(note, &cx.look.colours));
    let chosen = lead.get_or_insert_with(|| {
        let summary = HeldOutSummary::of(&reliability.held_out);
        summary.map_or(LeadName::V3, |summary| summary.worst)
    });
    held_out_table(ui, cx, &reliability.held_out, chosen);
    ui.label(muted(cx.tr(Label::SlopeNote), &cx.look.colours).small());
    let chosen = chosen.clone();
    match (
        session.results.held_out.get(&chosen),
        super::super::panels::leads::recorded(cx, &chosen),
    ) {
        (Some(synthesis), Some(recorded)) => {
            against(ui, cx, recorded, synthesis, page);
        }
        _ => {
            cx.push(Query::HeldOut(chosen));
            ui.spinner();
        }
    }
}

/// One row each; a click chooses the lead to look at.
fn held_out_table(ui: &mut Ui, cx: &PanelContext<'_>, held_out: &[HeldOut], chosen: &mut LeadName) {
    const HEADS: [Label; 9] = [
        Label::Lead,
        Label::Error,
        Label::Expected,
        Label::LeadItself,
        Label::CorrelationR,
        Label::Slope,
        Label::StAtJ60,
        Label::AveragePatient,
        Label::SawTheLead,
    ];
    let number = |value: f64, decimals| cx.translator.number(value, decimals);
    let uv = |value: f64| format!("{} µV", number(value, 0));
    let known_uv = |value: Option<f64>| value.map_or("–".to_owned(), uv);
    let grid = Grid::new("held out").num_columns(HEADS.len());
    grid.spacing([18.0, 3.0]).striped(true).show(ui, |ui| {
        for head in HEADS {
            ui.label(strong_text(cx.tr(head)));
        }
        ui.end_row();
        for row in held_out {
            let name = row.lead.to_string();
            if ui.selectable_label(*chosen == row.lead, name).clicked() {
                *chosen = row.lead.clone();
            }
            ui.label(strong_text(uv(row.rmse_uv)));
            for text in [
                uv(row.expected_rmse_uv),
                uv(row.rms_uv),
                number(row.correlation, 3),
                number(row.slope, 2),
                known_uv(row.j60_error_uv),
                known_uv(row.population_rmse_uv),
                known_uv(row.time_only_rmse_uv),
            ] {
                ui.label(text);
            }
            ui.end_row();
        }
    });
}

/// A recorded lead that calibration never saw, against its synthesis.
pub fn compare(ui: &mut Ui, cx: &mut PanelContext<'_>, lead: &LeadName, page: &mut OverlayPage) {
    ui.heading(format!("{lead}: {}", cx.tr(Label::RecordedAndSynthesised)));
    ui.label(muted(cx.tr(Label::KeptOutNote), &cx.look.colours));
    let session = cx.session;
    let Some(recorded) = super::super::panels::leads::recorded(cx, lead) else {
        return;
    };
    let Some(answered) = session.results.compared.get(lead) else {
        ui.spinner();
        return;
    };
    against(ui, cx, recorded, &answered.synthesis, page);
    let truth = session
        .results
        .reliability
        .as_ref()
        .and_then(|it| it.1.truth.as_ref())
        .filter(|it| it.lead == *lead);
    match truth {
        Some(truth) => table(ui, cx, truth),
        // What went wrong is said in the reliability panel.
        None if session.results.reliability_problem.is_some() => {}
        None => measure_truth(ui, cx, lead),
    }
}

/// Offers to measure a lead against what was recorded there, or says that it is under way.
fn measure_truth(ui: &mut Ui, cx: &mut PanelContext<'_>, lead: &LeadName) {
    if cx.session.document.preset.as_ref() == Some(lead) {
        ui.horizontal(|ui| {
            ui.spinner();
            ui.label(muted(cx.tr(Label::MeasuringTruth), &cx.look.colours));
        });
    } else if ui.button(cx.tr(Label::MeasureTruth)).clicked() {
        cx.push(Edit::UsePreset(lead.clone()));
    }
}

fn table(ui: &mut Ui, cx: &PanelContext<'_>, truth: &Comparison) {
    Grid::new("truth")
        .num_columns(4)
        .spacing([24.0, 3.0])
        .striped(true)
        .show(ui, |ui| {
            for head in [
                Label::MedianBeat,
                Label::RecordedHead,
                Label::SynthesisedHead,
                Label::Difference,
            ] {
                ui.label(strong_text(cx.tr(head)));
            }
            ui.end_row();
            for pair in &truth.table {
                let (name, unit) = cx.translator.feature(pair.feature);
                ui.label(name);
                let difference = pair.synthesised - pair.recorded;
                for value in [pair.recorded, pair.synthesised, difference] {
                    ui.label(format!("{} {unit}", cx.translator.signed(value, 0)));
                }
                ui.end_row();
            }
        });
    ui.label(muted(
        format!(
            "{} {:.0} %",
            cx.tr(Label::InsideBand),
            100.0 * truth.coverage
        ),
        &cx.look.colours,
    ));
}

/// One lead held against the other, in the way that is chosen.
fn against(
    ui: &mut Ui,
    cx: &PanelContext<'_>,
    lead: &Lead,
    synthesis: &Synthesis,
    page: &mut OverlayPage,
) {
    let Some(exam) = &cx.session.exam else { return };
    let (recorded, synthesised) = (&lead.samples_mv, &synthesis.lead.samples_mv);
    let rate_hz = exam.leads.rate().hz();
    ui.horizontal(|ui| {
        for (choice, name) in [
            (OverlayPage::Below, Label::Traces),
            (OverlayPage::Over, Label::OverOneAnother),
            (OverlayPage::Median, Label::MedianBeats),
            (OverlayPage::Agreement, Label::BlandAltman),
        ] {
            ui.selectable_value(page, choice, cx.tr(name));
        }
    });
    let n = recorded.len().min(synthesised.len());
    let pair = Pair {
        recorded_mv: &recorded[..n],
        synthesised_mv: &synthesised[..n],
        peaks: exam.beats.peaks(),
        rate_hz,
    };
    match page {
        OverlayPage::Below => {
            strips(ui, cx, lead, synthesis);
            figures(ui, cx, pair.recorded_mv, &pair.levelled_mv());
        }
        OverlayPage::Over => curves(ui, cx, &pair),
        OverlayPage::Median => agreement::medians(ui, cx, &pair),
        OverlayPage::Agreement => agreement::beats(ui, cx, &pair),
    }
}

/// The synthesised lead on its marked strip below the recorded one.
fn strips(ui: &mut Ui, cx: &PanelContext<'_>, recorded: &Lead, synthesis: &Synthesis) {
    let Some(exam) = &cx.session.exam else { return };
    let row = |lead: &Lead, band_mv, note: Label| StripRow {
        lead: lead.clone(),
        band_mv,
        note: cx.tr(note).to_owned(),
    };
    let rows = [
        row(recorded, &[][..], Label::Recorded),
        row(&synthesis.lead, &synthesis.band_mv, Label::FromOtherLeads),
    ];
    let seconds = exam.leads.duration_s();
    let settings = &cx.session.document.page;
    let width_mm = Chart::PULSE_ZONE_MM + seconds * settings.speed_mm_s + RIGHT_MM;
    let per_mm = ui.available_width() / width_mm as f32;
    let plan = StripPlan {
        rate: exam.leads.rate(),
        settings,
        medium: screen(cx.look.paper, per_mm),
        terms: terms(cx),
        aside_mm: 0.0,
        size_mm: [width_mm - RIGHT_MM, 30.0],
        start_s: 0.0,
        seconds,
    };
    // Looked at for a while, and seldom: laid out anew in each frame.
    let mut cache = DrawingCache::default();
    let bottom_mm = cache.drawing(0, || lay_out(&rows, &plan)).bottom_mm();
    let size = vec2(ui.available_width(), per_mm * bottom_mm as f32);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0.0, colour32(cx.look.paper.paper));
    let scale = Scale {
        origin: rect.min,
        per_mm,
    };
    cache.paint(&painter, scale);
    let name = format!(
        "{}: {}",
        recorded.name,
        cx.tr(Label::RecordedAndSynthesised)
    );
    name_area(&response, name);
}

/// Both traces over one another, what parts them, and the figures.
fn curves(ui: &mut Ui, cx: &PanelContext<'_>, pair: &Pair<'_>) {
    let recorded = pair.recorded_mv;
    let levelled = pair.levelled_mv();
    let points = |values: &dyn Fn(usize) -> f32| -> PlotPoints<'static> {
        let step = (recorded.len() / 4000).max(1);
        (0..recorded.len())
            .step_by(step)
            .map(|at| [at as f64 / pair.rate_hz, f64::from(values(at))])
            .filter(|point| point[1].is_finite())
            .collect::<Vec<_>>()
            .into()
    };
    let height = 0.24 * ui.ctx().content_rect().height();
    let link = ui.scope_id().with("compare");
    let plot = |name: &'static str, share: f32| {
        let plot = Plot::new(name)
            .height(share * height)
            .link_axis(link, [true, false])
            .allow_scroll(false)
            .x_axis_formatter(|mark, _| format!("{} s", mark.value))
            .y_axis_min_width(44.0)
            .y_axis_label("mV");
        plot.set_margin_fraction(vec2(0.01, 0.08))
            .legend(Legend::default())
    };
    let line =
        |label: Label, values: &dyn Fn(usize) -> f32| Line::new(cx.tr(label), points(values));
    plot("overlay", 1.0).show(ui, |plot| {
        let recorded = line(Label::Recorded, &|at| recorded[at]);
        plot.line(recorded.color(cx.look.colours.text).width(1.2));
        let synthesised = line(Label::Synthesised, &|at| levelled[at]);
        let violet = synthesised.color(cx.look.colours.synthesised);
        plot.line(violet.width(1.8));
    });
    plot("residual", 0.5).show(ui, |plot| {
        let residual = line(Label::RecordedMinusSynthesised, &|at| {
            recorded[at] - levelled[at]
        });
        plot.line(residual.color(colour32(cx.look.paper.notice)).width(1.0));
    });
    figures(ui, cx, recorded, &levelled);
}

fn figures(ui: &mut Ui, cx: &PanelContext<'_>, recorded_mv: &[f32], levelled_mv: &[f32]) {
    let uv = |value: f64| format!("{} µV", cx.translator.number(value, 0));
    ui.horizontal(|ui| {
        let rmse = strong_text(uv(rmse_uv(recorded_mv, levelled_mv)));
        ui.label(rmse.size(20.0).color(cx.look.colours.synthesised));
        ui.label(cx.tr(Label::RmsOfDifference));
        ui.separator();
        let largest = largest_error_uv(recorded_mv, levelled_mv);
        ui.label(format!("{} {}", cx.tr(Label::Largest), uv(largest)));
    });
}
