//! Recorded against synthesised: overlay, residual, and figures in microvolts.

use eframe::egui::{Grid, Ui, vec2};
use egui_plot::{Legend, Line, LineStyle, Plot, PlotPoints};

use super::{
    super::{
        panel_context::PanelContext,
        theme::colour32,
        view::OverlayPage,
        widgets::{muted, strong_text},
    },
    agreement::{self, Pair},
};
use crate::{
    ecg::LeadName,
    session::{Action, Comparison},
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
    let Some((_, trust)) = &session.trust else {
        ui.label(cx.tr(Label::AfterCalibration));
        return;
    };
    let (learned, tested) = (trust.window.learned_s, trust.window.tested_s);
    let note = cx.tr(Label::HeldOutNote);
    ui.label(muted(
        format!(
            "{note} ({:.1}–{:.1} s → {:.1}–{:.1} s)",
            learned.0, learned.1, tested.0, tested.1
        ),
        &cx.look.colours,
    ));
    let chosen = lead.get_or_insert_with(|| {
        let worst = trust
            .held_out
            .iter()
            .max_by(|a, b| a.rmse_uv.total_cmp(&b.rmse_uv));
        worst.map_or(LeadName::V3, |it| it.lead.clone())
    });
    Grid::new("held out")
        .num_columns(9)
        .spacing([18.0, 3.0])
        .striped(true)
        .show(ui, |ui| {
            for head in [
                Label::Lead,
                Label::Error,
                Label::Expected,
                Label::LeadItself,
                Label::CorrelationR,
                Label::Slope,
                Label::StAtJ60,
                Label::AveragePatient,
                Label::SawTheLead,
            ] {
                ui.label(strong_text(cx.tr(head)));
            }
            ui.end_row();
            let uv = |it: Option<f64>| it.map_or("–".to_owned(), |it| format!("{it:.0} µV"));
            for it in &trust.held_out {
                if ui
                    .selectable_label(*chosen == it.lead, it.lead.to_string())
                    .clicked()
                {
                    *chosen = it.lead.clone();
                }
                ui.label(strong_text(uv(Some(it.rmse_uv))));
                for text in [
                    uv(Some(it.expected_rmse_uv)),
                    uv(Some(it.rms_uv)),
                    format!("{:.3}", it.correlation),
                    format!("{:.2}", it.slope),
                    uv(it.j60_error_uv),
                    uv(it.population_rmse_uv),
                    uv(it.time_only_rmse_uv),
                ] {
                    ui.label(text);
                }
                ui.end_row();
            }
        });
    ui.label(muted(cx.tr(Label::SlopeNote), &cx.look.colours).small());
    let chosen = chosen.clone();
    match (
        session.held_out.get(&chosen),
        super::super::panels::leads::recorded(cx, &chosen),
    ) {
        (Some(synthesis), Some(recorded)) => {
            against(
                ui,
                cx,
                &recorded.samples_mv,
                &synthesis.lead.samples_mv,
                page,
            );
        }
        _ => {
            cx.push(Action::AskHeldOut(chosen));
            ui.spinner();
        }
    }
}

/// A recorded lead that calibration never saw, against its synthesis.
pub fn compare(ui: &mut Ui, cx: &mut PanelContext<'_>, lead: &LeadName, page: &mut OverlayPage) {
    ui.heading(format!("{lead}: {}", cx.tr(Label::RecordedAndSynthesised)));
    ui.label(muted(cx.tr(Label::KeptOutNote), &cx.look.colours));
    let session = cx.session;
    let Some(recorded) = super::super::panels::leads::recorded(cx, lead) else {
        return;
    };
    let Some(answered) = session.compared.get(lead) else {
        ui.spinner();
        return;
    };
    against(
        ui,
        cx,
        &recorded.samples_mv,
        &answered.synthesis.lead.samples_mv,
        page,
    );
    let truth = session
        .trust
        .as_ref()
        .and_then(|it| it.1.truth.as_ref())
        .filter(|it| it.lead == *lead);
    match truth {
        Some(truth) => table(ui, cx, truth),
        None => {
            if session.trust_problem.is_some() {
                // Said in the trust panel.
            } else if session.document.preset.as_ref() == Some(lead) {
                ui.horizontal(|ui| {
                    ui.spinner();
                    ui.label(muted(cx.tr(Label::MeasuringTruth), &cx.look.colours));
                });
            } else if ui.button(cx.tr(Label::MeasureTruth)).clicked() {
                cx.push(Action::UsePreset(lead.clone()));
            }
        }
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
            for (name, recorded, synthesised) in &truth.table {
                let unit = if name.contains("area") {
                    "µV·ms"
                } else {
                    "µV"
                };
                ui.label(*name);
                ui.label(format!("{recorded:+.0} {unit}"));
                ui.label(format!("{synthesised:+.0} {unit}"));
                ui.label(format!("{:+.0} {unit}", synthesised - recorded));
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
    recorded: &[f32],
    synthesised: &[f32],
    page: &mut OverlayPage,
) {
    let Some(exam) = &cx.session.exam else { return };
    let rate_hz = exam.leads.rate().hz();
    ui.horizontal(|ui| {
        for (choice, name) in [
            (OverlayPage::Traces, Label::Traces),
            (OverlayPage::Median, Label::MedianBeats),
            (OverlayPage::Agreement, Label::BlandAltman),
        ] {
            ui.selectable_value(page, choice, cx.tr(name));
        }
    });
    let n = recorded.len().min(synthesised.len());
    let (recorded, synthesised) = (&recorded[..n], &synthesised[..n]);
    let pair = || Pair {
        recorded,
        synthesised,
        offset_mv: median_difference(recorded, synthesised),
        peaks: exam.beats.peaks(),
        rate_hz,
    };
    match page {
        OverlayPage::Traces => curves(ui, cx, recorded, synthesised, rate_hz),
        OverlayPage::Median => agreement::medians(ui, cx, &pair()),
        OverlayPage::Agreement => agreement::beats(ui, cx, &pair()),
    }
}

/// Both traces, what parts them, and the figures.
fn curves(ui: &mut Ui, cx: &PanelContext<'_>, recorded: &[f32], synthesised: &[f32], rate_hz: f64) {
    let n = recorded.len().min(synthesised.len());
    let points = |values: &dyn Fn(usize) -> f32| -> PlotPoints<'static> {
        let step = (n / 4000).max(1);
        (0..n)
            .step_by(step)
            .map(|it| [it as f64 / rate_hz, f64::from(values(it))])
            .filter(|it| it[1].is_finite())
            .collect::<Vec<_>>()
            .into()
    };
    let offset = median_difference(&recorded[..n], &synthesised[..n]);
    let violet = cx.look.colours.synthesised;
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
    plot("overlay", 1.0).show(ui, |plot| {
        plot.line(
            Line::new(cx.tr(Label::Recorded), points(&|it| recorded[it]))
                .color(cx.look.colours.text)
                .width(1.2),
        );
        plot.line(
            Line::new(
                cx.tr(Label::Synthesised),
                points(&|it| synthesised[it] + offset),
            )
            .color(violet)
            .width(1.8)
            .style(LineStyle::dashed_loose()),
        );
    });
    plot("residual", 0.5).show(ui, |plot| {
        let residual = points(&|it| recorded[it] - synthesised[it] - offset);
        plot.line(
            Line::new(cx.tr(Label::RecordedMinusSynthesised), residual)
                .color(colour32(cx.look.paper.notice))
                .width(1.0),
        );
    });
    figures(ui, cx, &recorded[..n], &synthesised[..n], offset);
}

fn figures(ui: &mut Ui, cx: &PanelContext<'_>, recorded: &[f32], synthesised: &[f32], offset: f32) {
    let pairs = || {
        let both = recorded
            .iter()
            .zip(synthesised)
            .filter(|it| it.0.is_finite() && it.1.is_finite());
        both.map(|(a, b)| (f64::from(*a), f64::from(*b + offset)))
    };
    let n = pairs().count().max(1) as f64;
    let rmse_uv = 1000.0 * (pairs().map(|(a, b)| (a - b).powi(2)).sum::<f64>() / n).sqrt();
    let worst_uv = 1000.0 * pairs().map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    ui.horizontal(|ui| {
        ui.label(
            strong_text(format!("{rmse_uv:.0} µV"))
                .size(20.0)
                .color(cx.look.colours.synthesised),
        );
        ui.label(cx.tr(Label::RmsOfDifference));
        ui.separator();
        ui.label(format!("{} {worst_uv:.0} µV", cx.tr(Label::Largest)));
    });
}

/// Electrodes have offsets that no synthesis can know: the comparison is made without them.
fn median_difference(recorded: &[f32], synthesised: &[f32]) -> f32 {
    let mut all: Vec<f32> = recorded
        .iter()
        .zip(synthesised)
        .map(|(a, b)| a - b)
        .filter(|it| it.is_finite())
        .collect();
    all.sort_unstable_by(f32::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(0.0)
}
