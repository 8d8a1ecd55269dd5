//! A recorded lead and its synthesis beat by beat: median beats over each other, and the difference
//! of each beat against its size.

use eframe::egui::Ui;
use egui_plot::{HLine, Legend, Line, LineStyle, MarkerShape, Plot, PlotPoints, Points};

use super::super::{
    panel_context::PanelContext,
    widgets::{muted, strong_text},
};
use crate::{
    signal::{Agreement, Pair},
    words::Label,
};

/// Median beats over each other.
pub fn medians(ui: &mut Ui, cx: &PanelContext<'_>, pair: &Pair<'_>) {
    let [recorded, synthesised] = pair.median_beats();
    plot(ui, "medians")
        .x_axis_label(cx.tr(Label::MsFromR))
        .y_axis_label("mV")
        .show(ui, |plot| {
            plot.line(
                Line::new(cx.tr(Label::Recorded), PlotPoints::from(recorded))
                    .color(cx.look.colours.text)
                    .width(1.4),
            );
            let synthesised = Line::new(cx.tr(Label::Synthesised), PlotPoints::from(synthesised))
                .color(cx.look.colours.synthesised);
            plot.line(synthesised.width(2.0));
        });
}

/// Difference of each beat against its size (after Bland and Altman).
pub fn beats(ui: &mut Ui, cx: &PanelContext<'_>, pair: &Pair<'_>) {
    let heights = pair.qrs_heights_uv();
    let points: Vec<[f64; 2]> = heights
        .iter()
        .map(|(a, b)| [0.5 * (a + b), b - a])
        .collect();
    let found = Agreement::of(&heights);
    let ink = cx.look.colours.synthesised;
    let plot = plot(ui, "agreement")
        .x_axis_label(cx.tr(Label::MeanOfBoth))
        .y_axis_label(cx.tr(Label::SynthesisedMinusRecorded))
        .include_y(0.0);
    plot.show(ui, |plot| {
        plot.hline(
            HLine::new(cx.tr(Label::NoDifference), 0.0)
                .color(cx.look.colours.edge)
                .width(1.0),
        );
        if let Some(it) = found {
            plot.hline(
                HLine::new(cx.tr(Label::Bias), it.bias_uv)
                    .color(ink)
                    .width(1.6),
            );
            for limit in [it.low_uv, it.high_uv] {
                plot.hline(
                    HLine::new(cx.tr(Label::Limits95), limit)
                        .color(ink)
                        .width(1.0)
                        .style(LineStyle::dashed_dense()),
                );
            }
        }
        let beats = Points::new(cx.tr(Label::OneBeatEach), PlotPoints::from(points))
            .shape(MarkerShape::Diamond);
        plot.points(beats.radius(5.0).color(cx.look.colours.text));
    });
    match found {
        Some(it) => {
            let signed = |value: f64| cx.translator.signed(value, 0);
            ui.horizontal_wrapped(|ui| {
                let bias = format!("{} {} µV", cx.tr(Label::Bias), signed(it.bias_uv));
                ui.label(strong_text(bias).size(20.0).color(ink));
                ui.label(format!(
                    "{} {} … {} µV · {} {}",
                    cx.tr(Label::Limits95),
                    signed(it.low_uv),
                    signed(it.high_uv),
                    heights.len(),
                    cx.tr(Label::Beats)
                ));
            });
        }
        None => drop(ui.label(cx.tr(Label::TooFewForLimits))),
    }
    ui.label(muted(cx.tr(Label::AgreementNote), &cx.look.colours).small());
}

fn plot(ui: &Ui, name: &'static str) -> Plot<'static> {
    let height = 0.36 * ui.ctx().content_rect().height();
    Plot::new(name)
        .height(height)
        .allow_scroll(false)
        .y_axis_min_width(44.0)
        .legend(Legend::default())
}
