//! The body map on the torso: when it opens, its scale, its extremes, and that it is estimated.

use std::sync::Arc;

use eframe::egui::{Align2, Color32, FontId, Painter, Rect, pos2, vec2};

use super::{
    super::super::{
        panel_context::PanelContext,
        theme::{colour32, strong},
        torso_colouring::TorsoColouring,
        torso_model::TorsoModel,
        view::Pane,
        widgets::grounded,
    },
    dots::faces,
};
use crate::{
    draw::vik,
    session::{BodyMap, Command, Exam, Query},
    words::Label,
};

/// Around an R peak, seconds: where the instant is sought at which the map opens.
const BEAT_S: [f64; 2] = [0.12, 0.4];
/// Samples between the instants that are tried.
const STEP_S: f64 = 0.004;

/// The map, where it is what the pane shows. The first time it opens at the instant of the beat at which
/// potentials differ most: at most other instants there is little to see.
pub(super) fn shown<'a>(cx: &mut PanelContext<'a>) -> Option<&'a Arc<BodyMap>> {
    if cx.view.pane != Pane::Map {
        cx.view.map_is_open = false;
        return None;
    }
    let session = cx.session;
    let (map, exam) = (session.results.map.as_ref()?, session.exam.as_ref()?);
    if !cx.view.map_is_open {
        cx.view.map_is_open = true;
        let rate = exam.leads.rate();
        let time_s = rate.seconds_at(widest(map, exam));
        let start_s = session.document.window_start_s;
        cx.push(Command::SetCursor(Some(start_s + time_s)));
    }
    Some(map)
}

/// The sample of a beat at which potentials differ most.
fn widest(map: &BodyMap, exam: &Exam) -> usize {
    let rate = exam.leads.rate();
    let [before, after] = BEAT_S.map(|seconds| rate.samples_in(seconds));
    let peak = peak(exam);
    let samples = peak.saturating_sub(before)..peak + after;
    let span = |sample: usize| {
        let [low, high] = extremes(&map.at(sample)).map(|(_, mv)| mv);
        high - low
    };
    let tried = samples.step_by(rate.samples_in(STEP_S).max(1));
    let spans = tried.map(|sample| (sample, span(sample)));
    let known = spans.filter(|(_, span)| span.is_finite());
    known
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(peak, |it| it.0)
}

/// The R peak of the second beat: the first may be cut.
fn peak(exam: &Exam) -> usize {
    let peaks = exam.beats.peaks();
    peaks.get(1).or(peaks.first()).copied().unwrap_or(0)
}

/// Where the lowest and the highest potential are, and how high; infinite where there is none.
fn extremes(values_mv: &[f32]) -> [(usize, f32); 2] {
    let known = values_mv.iter().copied().enumerate();
    let known = known.filter(|(_, mv)| mv.is_finite());
    known.fold(
        [(0, f32::INFINITY), (0, f32::NEG_INFINITY)],
        |[low, high], it| {
            [
                if it.1 < low.1 { it } else { low },
                if high.1 < it.1 { it } else { high },
            ]
        },
    )
}

/// The sample under the time cursor.
pub(super) fn sample(cx: &PanelContext<'_>) -> usize {
    let Some(exam) = &cx.session.exam else {
        return 0;
    };
    let rate = exam.leads.rate();
    let time_s = cx
        .session
        .cursor_s
        .map(|it| it - cx.session.document.window_start_s);
    time_s
        .map_or(peak(exam), |it| rate.samples_in(it.max(0.0)))
        .min(exam.leads.n_samples().saturating_sub(1))
}

/// The map is asked for, and that is said.
pub(super) fn ask(painter: &Painter, cx: &mut PanelContext<'_>, rect: Rect) {
    if cx.session.calibrating.summary().is_some() {
        cx.push(Query::BodyMap(TorsoModel::shipped().skin_views.clone()));
    }
    let (words, ink) = (cx.tr(Label::ComputingBodyMap), cx.look.colours.muted);
    let font = FontId::proportional(13.0);
    painter.text(rect.center(), Align2::CENTER_CENTER, words, font, ink);
}

/// Scale, extremes and what the map is. Gives where they stand.
pub(super) fn describe(
    painter: &Painter,
    cx: &PanelContext<'_>,
    rect: Rect,
    skin: &TorsoColouring,
) -> [Rect; 2] {
    let Some(map) = &cx.session.results.map else {
        return [Rect::NOTHING; 2];
    };
    let found = extremes(&map.at(sample(cx)));
    for ((place, mv), sign) in found.into_iter().zip(["−", "+"]) {
        let view = map.directions.get(place).copied();
        if let Some(view) = view.filter(|view| mv.is_finite() && faces(cx.view.camera, *view)) {
            let body_mm = TorsoModel::shipped().skin_at(view);
            let (at, _) = cx.view.camera.screen_from_body(rect, body_mm);
            painter.circle(at, 8.0, Color32::WHITE, (1.0, Color32::BLACK));
            painter.text(
                at,
                Align2::CENTER_CENTER,
                sign,
                strong(15.0),
                Color32::BLACK,
            );
        }
    }
    let said = caption(painter, cx, rect, found.map(|(_, mv)| mv));
    [scale_bar(painter, cx, rect, skin.range_mv), said]
}

/// That the map is estimated, at what time, and how far it reaches.
fn caption(painter: &Painter, cx: &PanelContext<'_>, rect: Rect, [low, high]: [f32; 2]) -> Rect {
    let colours = &cx.look.colours;
    let time = cx.session.cursor_s.map_or_else(String::new, |time_s| {
        format!("{} s · ", cx.translator.number(time_s, 3))
    });
    let mv = |mv: f32| cx.translator.signed(f64::from(mv), 2);
    let reach = match low.is_finite() && high.is_finite() {
        true => format!("{time}{} … {} mV", mv(low), mv(high)),
        false => time,
    };
    let right = rect.right_top() + vec2(-2.0, 4.0);
    let lines = [
        (
            cx.tr(Label::MapEstimated).to_owned(),
            strong(12.0),
            colours.synthesised,
        ),
        (reach, FontId::proportional(11.0), colours.text),
    ];
    let mut bounds = Rect::from_min_max(right, right);
    for (idx, (text, font, ink)) in lines.into_iter().enumerate() {
        let at = right + vec2(0.0, 17.0 * idx as f32);
        let place = (at, Align2::RIGHT_TOP);
        grounded(
            painter,
            place,
            text.clone(),
            (font.clone(), ink),
            colours.chrome,
        );
        let size = painter.layout_no_wrap(text, font, ink).size();
        bounds = bounds.union(Rect::from_min_size(pos2(at.x - size.x, at.y), size));
    }
    bounds
}

/// The colours of the body map in millivolts. Gives where it stands.
fn scale_bar(painter: &Painter, cx: &PanelContext<'_>, rect: Rect, range_mv: f32) -> Rect {
    let bar = Rect::from_min_size(rect.right_bottom() - vec2(20.0, 150.0), vec2(12.0, 120.0));
    for k in 0..60 {
        let share = k as f32 / 59.0;
        let y = bar.bottom() - share * bar.height();
        painter.rect_filled(
            Rect::from_min_max(pos2(bar.left(), y - 2.1), pos2(bar.right(), y)),
            0.0,
            colour32(vik(f64::from(2.0 * share - 1.0))),
        );
    }
    let colours = &cx.look.colours;
    let font = FontId::proportional(11.0);
    let range = cx.translator.number(f64::from(range_mv), 1);
    for (share, text) in [
        (0.0, format!("−{range}")),
        (0.5, "0".into()),
        (1.0, format!("+{range} mV")),
    ] {
        let at = pos2(bar.left() - 4.0, bar.bottom() - share * bar.height());
        let ink = (font.clone(), colours.text);
        grounded(
            painter,
            (at, Align2::RIGHT_CENTER),
            text,
            ink,
            colours.chrome,
        );
    }
    let at = bar.center_bottom() + vec2(10.0, 6.0);
    let words = cx.tr(Label::IsopotentialLines).to_owned();
    let ink = (font, colours.muted);
    grounded(painter, (at, Align2::RIGHT_TOP), words, ink, colours.chrome);
    bar.expand2(vec2(56.0, 24.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_are_found_beside_gaps() {
        let found = extremes(&[0.1, f32::NAN, -0.7, 0.4]);
        assert_eq!(found, [(2, -0.7), (3, 0.4)]);
        assert!(extremes(&[]).iter().all(|(_, mv)| mv.is_infinite()));
    }
}
