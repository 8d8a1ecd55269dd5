//! The heart's vector in three planes, one beat, with the moment under the cursor.

use eframe::egui::{Ui, vec2};
use egui_plot::{Line, Plot, PlotPoints, Points};

use super::super::{cx::Cx, theme::colour32, widgets::muted};
use crate::draw::{Plane, vcg_loop};

/// The three planes.
pub fn show(ui: &mut Ui, cx: &mut Cx<'_>) {
    let Some(exam) = &cx.session.exam else { return };
    let Some(vectors) = vcg_loop(&exam.shown) else {
        ui.label(cx.t("Vector loops need X, Y, Z or I, II and V1 to V6."));
        return;
    };
    let rate = exam.shown.rate();
    let start_s = cx.session.document.window_start_s;
    let cursor = cx.session.cursor_s.map(|it| rate.samples_in((it - start_s).max(0.0)).min(vectors.len().saturating_sub(1)));
    let peaks = exam.beats.peaks();
    let near = cursor.unwrap_or(vectors.len() / 3);
    let peak = peaks.iter().min_by_key(|it| it.abs_diff(near)).copied().unwrap_or(near);
    let (first, last) = (peak.saturating_sub(rate.samples_in(0.28)), (peak + rate.samples_in(0.46)).min(vectors.len()));
    let beat = &vectors[first..last.max(first)];
    // The loop starts and ends where the heart is silent: before the QRS complex.
    let rest_at = peak.saturating_sub(rate.samples_in(0.06));
    let rest = vectors.get(rest_at).copied().unwrap_or_default();
    let centred = |it: &[f64; 3]| -> [f64; 3] { std::array::from_fn(|axis| it[axis] - rest[axis]) };
    let note = cx.t("Kors regression unless the file has X, Y, Z · one beat · from the P wave to the T wave");
    ui.label(muted(note, &cx.look.colours).small());
    let width = (ui.available_width() - 16.0) / 3.0;
    let side = width.min(ui.available_height() - 24.0).max(80.0);
    let ink = cx.look.colours.text;
    let most = beat.iter().flat_map(centred).fold(0.2f64, |most, it| if it.is_finite() { most.max(it.abs()) } else { most });
    ui.horizontal(|ui| {
        for plane in Plane::ALL {
            ui.vertical(|ui| {
                ui.label(cx.t(plane_name(plane)));
                let points: Vec<[f64; 2]> =
                    beat.iter().map(|it| plane.project(centred(it))).filter(|it| it.iter().all(|x| x.is_finite())).collect();
                let now = cursor.and_then(|it| vectors.get(it)).map(|it| plane.project(centred(it)));
                let plot = Plot::new(plane.name())
                    .data_aspect(1.0)
                    .allow_drag(false)
                    .allow_zoom(false)
                    .allow_scroll(false)
                    .allow_boxed_zoom(false);
                let plot = plot
                    .include_x(-most)
                    .include_x(most)
                    .include_y(-most)
                    .include_y(most)
                    .show_axes(false)
                    .set_margin_fraction(vec2(0.05, 0.05));
                plot.width(side).height(side).show(ui, |plot| {
                    plot.line(Line::new("loop", PlotPoints::from(points)).color(ink).width(1.5));
                    if let Some(now) = now {
                        plot.points(Points::new("now", PlotPoints::from(vec![now])).radius(4.0).color(colour32(cx.look.paper.notice)));
                    }
                });
            });
        }
    });
}

fn plane_name(plane: Plane) -> &'static str {
    match plane {
        Plane::Frontal => "Frontal",
        Plane::Horizontal => "Horizontal",
        Plane::Sagittal => "Right sagittal",
    }
}
