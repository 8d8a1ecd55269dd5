//! A recorded lead and its synthesis beat by beat: median beats over each other, and the difference
//! of each beat against its size.

use std::ops::Range;

use eframe::egui::Ui;
use egui_plot::{HLine, Legend, Line, LineStyle, MarkerShape, Plot, PlotPoints, Points};

use super::super::{
    panel_context::PanelContext,
    widgets::{muted, strong_text},
};
use crate::words::Label;

/// Both leads over the same beats, in millivolts, without the offset between them.
pub struct Pair<'a> {
    /// As recorded.
    pub recorded: &'a [f32],
    /// As synthesised.
    pub synthesised: &'a [f32],
    /// What is added to the synthesised lead: the electrode's offset, which no synthesis can know.
    pub offset_mv: f32,
    /// R peaks, in samples.
    pub peaks: &'a [usize],
    /// Samples per second.
    pub rate_hz: f64,
}

/// Seconds before and after the R peak that a beat is shown over.
const BEAT_S: [f64; 2] = [0.30, 0.50];
/// Seconds around the R peak that hold the QRS complex.
const QRS_S: f64 = 0.08;

impl Pair<'_> {
    fn around(&self, peak: usize, before_s: f64, after_s: f64) -> Option<Range<usize>> {
        let samples = |it: f64| (it * self.rate_hz).round() as usize;
        let range = peak.checked_sub(samples(before_s))?..peak + samples(after_s);
        (range.end <= self.recorded.len().min(self.synthesised.len())).then_some(range)
    }

    /// The middle of all beats at each moment; `which` picks the lead.
    fn median_beat(&self, which: &[f32]) -> Vec<[f64; 2]> {
        let ranges: Vec<Range<usize>> = self
            .peaks
            .iter()
            .filter_map(|it| self.around(*it, BEAT_S[0], BEAT_S[1]))
            .collect();
        let length = ranges.first().map_or(0, Range::len);
        let moment = |at: usize| {
            let mut values: Vec<f32> = ranges
                .iter()
                .map(|it| which[it.start + at])
                .filter(|it| it.is_finite())
                .collect();
            values.sort_unstable_by(f32::total_cmp);
            Some([
                1000.0 * (at as f64 / self.rate_hz - BEAT_S[0]),
                f64::from(*values.get(values.len() / 2)?),
            ])
        };
        (0..length).filter_map(moment).collect()
    }

    /// Height of the QRS complex of each beat, recorded and synthesised, µV.
    fn heights(&self) -> Vec<(f64, f64)> {
        let height = |samples: &[f32]| {
            let finite = || samples.iter().copied().filter(|it| it.is_finite());
            let (low, high) = (
                finite().fold(f32::INFINITY, f32::min),
                finite().fold(f32::NEG_INFINITY, f32::max),
            );
            (low <= high).then(|| 1000.0 * f64::from(high - low))
        };
        let beat = |peak: &usize| {
            let range = self.around(*peak, QRS_S, QRS_S)?;
            Some((
                height(&self.recorded[range.clone()])?,
                height(&self.synthesised[range])?,
            ))
        };
        self.peaks.iter().filter_map(beat).collect()
    }
}

/// Bias and 95 % limits of agreement.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Agreement {
    bias: f64,
    low: f64,
    high: f64,
}

/// `None` for fewer than three beats.
fn agreement(pairs: &[(f64, f64)]) -> Option<Agreement> {
    if pairs.len() < 3 {
        return None;
    }
    let n = pairs.len() as f64;
    let differences = || pairs.iter().map(|(a, b)| b - a);
    let bias = differences().sum::<f64>() / n;
    let spread = (differences().map(|it| (it - bias).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    Some(Agreement {
        bias,
        low: bias - 1.96 * spread,
        high: bias + 1.96 * spread,
    })
}

/// Median beats over each other.
pub fn medians(ui: &mut Ui, cx: &PanelContext<'_>, pair: &Pair<'_>) {
    let (recorded, mut synthesised) = (
        pair.median_beat(pair.recorded),
        pair.median_beat(pair.synthesised),
    );
    synthesised
        .iter_mut()
        .for_each(|it| it[1] += f64::from(pair.offset_mv));
    plot(ui, "medians")
        .x_axis_label(cx.tr(Label::MsFromR))
        .y_axis_label("mV")
        .show(ui, |plot| {
            plot.line(
                Line::new(cx.tr(Label::Recorded), PlotPoints::from(recorded))
                    .color(cx.look.colours.text)
                    .width(1.4),
            );
            let dashed = Line::new(cx.tr(Label::Synthesised), PlotPoints::from(synthesised))
                .color(cx.look.colours.synthesised);
            plot.line(dashed.width(2.0).style(LineStyle::dashed_loose()));
        });
}

/// Difference of each beat against its size (after Bland and Altman).
pub fn beats(ui: &mut Ui, cx: &PanelContext<'_>, pair: &Pair<'_>) {
    let heights = pair.heights();
    let points: Vec<[f64; 2]> = heights
        .iter()
        .map(|(a, b)| [0.5 * (a + b), b - a])
        .collect();
    let found = agreement(&heights);
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
                HLine::new(cx.tr(Label::Bias), it.bias)
                    .color(ink)
                    .width(1.6),
            );
            for limit in [it.low, it.high] {
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
            ui.horizontal_wrapped(|ui| {
                ui.label(
                    strong_text(format!("{} {:+.0} µV", cx.tr(Label::Bias), it.bias))
                        .size(20.0)
                        .color(ink),
                );
                ui.label(format!(
                    "{} {:+.0} … {:+.0} µV · {} {}",
                    cx.tr(Label::Limits95),
                    it.low,
                    it.high,
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Three beats, each synthesised at 0.9 of its height.
    #[test]
    fn heights_and_limits_of_agreement() {
        let mut recorded = vec![0.0f32; 1500];
        for (peak, mv) in [(300, 1.0), (700, 1.2), (1100, 1.4)] {
            recorded[peak] = mv;
        }
        let synthesised: Vec<f32> = recorded.iter().map(|it| 0.9 * it + 0.05).collect();
        let pair = Pair {
            recorded: &recorded,
            synthesised: &synthesised,
            offset_mv: -0.05,
            peaks: &[10, 300, 700, 1100, 1490],
            rate_hz: 500.0,
        };
        let heights = pair.heights();
        assert_eq!(
            heights.len(),
            3,
            "beats that the recording cuts off are left out"
        );
        assert!(heights.iter().all(|(a, b)| (0.9 * a - b).abs() < 0.1));
        let found = agreement(&heights).unwrap();
        assert!(
            (found.bias + 120.0).abs() < 0.5
                && found.low < found.bias
                && (found.high - found.bias - 39.2).abs() < 0.5,
            "{found:?}"
        );
        assert_eq!(agreement(&heights[..2]), None);
        let median = pair.median_beat(&recorded);
        let top = median.iter().fold(
            [0.0, 0.0],
            |best, it| if best[1] < it[1] { *it } else { best },
        );
        assert!(top[0].abs() < 1.0 && (top[1] - 1.2).abs() < 1e-6, "{top:?}");
    }
}
