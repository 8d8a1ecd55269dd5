//! The heart's vector in three planes, one beat, with the moment under the cursor and what is read
//! from the loops.

use eframe::egui::{Align2, FontId, Painter, Rect, Sense, Shape, Stroke, Ui, Vec2, pos2, vec2};

use super::super::{
    panel_context::PanelContext,
    theme::strong,
    widgets::{muted, name_area, strong_text},
};
use crate::{
    draw::{Plane, vcg_loop},
    ecg::vec3::{Vec3, dot, norm, sub},
};

/// One beat as a path of vectors (anterior, left, superior), mV.
struct Beat {
    path: Vec<[f64; 3]>,
    /// Which of them is under the cursor.
    now: Option<usize>,
    /// Vectors of the largest QRS and T deflection.
    qrs: [f64; 3],
    t_wave: [f64; 3],
}

/// Seconds of a beat before and after its R peak.
const BEAT_S: [f64; 2] = [0.28, 0.46];

/// The three planes.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let Some(beat) = beat(cx) else {
        ui.label(cx.t("Vector loops need X, Y, Z or I, II and V1 to V6."));
        return;
    };
    let note = cx.t(
        "Kors regression unless the file has X, Y, Z · one beat · from the P wave to the T wave",
    );
    ui.label(muted(note, &cx.look.colours).small());
    let room = ui.available_size();
    // Two by two where that makes them larger than a row of three.
    let gap = 10.0;
    let (row, square) = (
        ((room.x - 2.0 * gap) / 3.0).min(room.y),
        ((room.x - gap) / 2.0).min((room.y - gap) / 2.0),
    );
    let is_square = row < square;
    let side = row.max(square).max(60.0);
    let (rect, response) = ui.allocate_exact_size(room, Sense::hover());
    name_area(
        &response,
        format!("{}: {}", cx.t("Vector loops"), figures(&beat).join(", ")),
    );
    let most = beat
        .path
        .iter()
        .flatten()
        .fold(0.25f64, |most, it| most.max(it.abs()));
    let corner = |idx: usize| {
        let (column, row) = if is_square {
            (idx % 2, idx / 2)
        } else {
            (idx, 0)
        };
        rect.min + vec2(column as f32, row as f32) * (side + gap)
    };
    let painter = ui.painter_at(rect);
    for (idx, plane) in Plane::ALL.into_iter().enumerate() {
        panel(
            &painter,
            cx,
            &beat,
            plane,
            Rect::from_min_size(corner(idx), Vec2::splat(side)),
            most,
        );
    }
    let free = if is_square {
        Rect::from_min_size(corner(3), Vec2::splat(side))
    } else {
        rect.with_min_y(rect.top() + side + gap)
    };
    if 60.0 < free.height() {
        let mut inner = ui.new_child(eframe::egui::UiBuilder::new().max_rect(free.shrink(4.0)));
        for line in figures(&beat) {
            inner.label(strong_text(line));
        }
        inner.label(
            muted(
                cx.t("grid 0.5 mV · drag over the paper or play to move the dot"),
                &cx.look.colours,
            )
            .small(),
        );
    }
}

fn beat(cx: &PanelContext<'_>) -> Option<Beat> {
    let exam = cx.session.exam.as_ref()?;
    let vectors = vcg_loop(&exam.shown)?;
    let rate = exam.shown.rate();
    let start_s = cx.session.document.window_start_s;
    let cursor = cx.session.cursor_s.map(|it| {
        rate.samples_in((it - start_s).max(0.0))
            .min(vectors.len().saturating_sub(1))
    });
    let near = cursor.unwrap_or(vectors.len() / 3);
    let peak = exam
        .beats
        .peaks()
        .iter()
        .min_by_key(|it| it.abs_diff(near))
        .copied()
        .unwrap_or(near);
    let (first, last) = (
        peak.saturating_sub(rate.samples_in(BEAT_S[0])),
        (peak + rate.samples_in(BEAT_S[1])).min(vectors.len()),
    );
    // The loop starts and ends where the heart is silent: before the QRS complex.
    let rest = vectors
        .get(peak.saturating_sub(rate.samples_in(0.06)))
        .copied()
        .filter(|it| it.iter().all(|x| x.is_finite()))
        .unwrap_or_default();
    let centred = |it: &Vec3| sub(*it, rest);
    let size = |it: &Vec3| dot(*it, *it);
    let largest = |from: usize, to: usize| {
        let part = vectors
            .get(from.min(vectors.len())..to.min(vectors.len()))
            .unwrap_or(&[]);
        let finite = part
            .iter()
            .map(centred)
            .filter(|it| it.iter().all(|x| x.is_finite()));
        finite
            .max_by(|a, b| size(a).total_cmp(&size(b)))
            .unwrap_or_default()
    };
    let after = rate.samples_in(0.06);
    let kept: Vec<usize> = (first..last.max(first))
        .filter(|it| vectors[*it].iter().all(|x| x.is_finite()))
        .collect();
    Some(Beat {
        path: kept.iter().map(|it| centred(&vectors[*it])).collect(),
        now: cursor.and_then(|it| kept.iter().position(|at| *at == it)),
        qrs: largest(peak.saturating_sub(after), peak + after),
        t_wave: largest(peak + rate.samples_in(0.14), last),
    })
}

/// What is read from the loops, each with its unit.
fn figures(beat: &Beat) -> Vec<String> {
    let size = |it: &Vec3| norm(*it);
    // Frontal axis: 0° to the patient's left, positive downward.
    let axis = |it: &[f64; 3]| (-it[2]).atan2(it[1]).to_degrees();
    let (qrs, t_wave) = (&beat.qrs, &beat.t_wave);
    let cosine = dot(*qrs, *t_wave) / (size(qrs) * size(t_wave)).max(1e-9);
    vec![
        format!("QRS {:.1} mV · axis {:+.0}°", size(qrs), axis(qrs)),
        format!("T {:.1} mV · axis {:+.0}°", size(t_wave), axis(t_wave)),
        format!(
            "QRS–T angle {:.0}°",
            cosine.clamp(-1.0, 1.0).acos().to_degrees()
        ),
    ]
}

fn panel(
    painter: &Painter,
    cx: &PanelContext<'_>,
    beat: &Beat,
    plane: Plane,
    rect: Rect,
    most: f64,
) {
    let colours = &cx.look.colours;
    painter.rect(
        rect,
        4.0,
        colours.card,
        Stroke::new(1.0, colours.edge),
        eframe::egui::StrokeKind::Inside,
    );
    let per_mv = 0.42 * f64::from(rect.width()) / most;
    let centre = rect.center();
    let place = |[x, y]: [f64; 2]| {
        pos2(
            centre.x + (x * per_mv) as f32,
            centre.y - (y * per_mv) as f32,
        )
    };
    let grid = Stroke::new(1.0, colours.edge.gamma_multiply(0.55));
    let lines = (0.5 * f64::from(rect.width()) / (0.5 * per_mv)) as i32;
    for line in -lines..=lines {
        let stroke = if line == 0 {
            Stroke::new(1.0, colours.muted)
        } else {
            grid
        };
        let at = place([0.5 * f64::from(line), 0.5 * f64::from(line)]);
        painter.vline(at.x, rect.y_range(), stroke);
        painter.hline(rect.x_range(), at.y, stroke);
    }
    let points: Vec<_> = beat
        .path
        .iter()
        .map(|it| place(plane.project(*it)))
        .collect();
    arrows(painter, &points, colours.text);
    painter.add(Shape::line(points.clone(), Stroke::new(1.6, colours.text)));
    if let Some(now) = beat.now.and_then(|it| points.get(it)) {
        painter.line_segment([centre, *now], Stroke::new(1.0, colours.notice));
        painter.circle_filled(*now, 4.5, colours.notice);
    }
    let (name, [left, right, top, bottom]) = match plane {
        Plane::Frontal => ("Frontal", ["R", "L", "sup", "inf"]),
        Plane::Horizontal => ("Horizontal", ["R", "L", "post", "ant"]),
        Plane::Sagittal => ("Sagittal", ["post", "ant", "sup", "inf"]),
    };
    painter.text(
        rect.left_top() + vec2(6.0, 4.0),
        Align2::LEFT_TOP,
        cx.t(name),
        strong(12.0),
        colours.text,
    );
    let small = || FontId::proportional(11.0);
    for (at, anchor, text) in [
        (rect.left_center() + vec2(4.0, 1.0), Align2::LEFT_TOP, left),
        (
            rect.right_center() + vec2(-4.0, 1.0),
            Align2::RIGHT_TOP,
            right,
        ),
        (rect.center_top() + vec2(4.0, 4.0), Align2::LEFT_TOP, top),
        (
            rect.center_bottom() + vec2(4.0, -3.0),
            Align2::LEFT_BOTTOM,
            bottom,
        ),
    ] {
        painter.text(at, anchor, text, small(), colours.muted);
    }
}

/// Which way round the loop goes: heads where it has run a while.
fn arrows(painter: &Painter, points: &[eframe::egui::Pos2], ink: eframe::egui::Color32) {
    let mut run = 0.0;
    for pair in points.windows(2) {
        let step = pair[1] - pair[0];
        run += step.length();
        if 46.0 < run && 0.5 < step.length() {
            run = 0.0;
            let along = step.normalized();
            let aside = along.rot90();
            let head = vec![
                pair[1] + 5.0 * along,
                pair[1] - 2.0 * along + 3.5 * aside,
                pair[1] - 2.0 * along - 3.5 * aside,
            ];
            painter.add(Shape::convex_polygon(head, ink, Stroke::NONE));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_read_as_in_the_clinic() {
        let beat = Beat {
            path: Vec::new(),
            now: None,
            qrs: [0.0, 1.0, -1.0],
            t_wave: [0.0, 0.3, -0.3],
        };
        // Leftward and downward is +45°; T along QRS makes no angle.
        assert_eq!(
            figures(&beat),
            [
                "QRS 1.4 mV · axis +45°",
                "T 0.4 mV · axis +45°",
                "QRS–T angle 0°"
            ]
        );
    }
}
