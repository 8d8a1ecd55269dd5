//! One exam of the list: a thumbnail, whose it is and when, figures, what was said of it.

use eframe::egui::{
    Align2, Button, FontId, Rect, Role, Sense, Stroke, TextStyle, TextWrapMode, Ui, WidgetInfo,
    WidgetText, pos2, vec2,
};

use super::super::{
    panel_context::PanelContext,
    theme::{colour32, strong},
};
use crate::{
    ecg::statistics::extremes,
    session::{Command, ListedExam},
    words::Label,
};

/// Height.
pub(super) const HEIGHT: f32 = 66.0;
/// Width of the thumbnail.
const THUMBNAIL: f32 = 104.0;
/// Millivolts from the lower edge of a thumbnail to the upper one, unless the trace needs more.
const SPAN_MV: f32 = 2.4;

/// Shows the exam of this number; `is_open` where it is the one at hand.
pub(super) fn show(
    ui: &mut Ui,
    cx: &mut PanelContext<'_>,
    (number, exam): (usize, &ListedExam),
    is_open: bool,
) {
    let size = vec2(ui.available_width(), HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let review = cx.session.reviews.of(&exam.id);
    let lines = lines(cx, number, exam);
    let mut name = lines.join(", ");
    if review.reviewed {
        name = format!("{name}, {}", cx.tr(Label::Reviewed));
    }
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_open, name.clone()));
    if response.clicked() {
        cx.push(Command::OpenListed(number));
    }
    let visuals = ui.style().interact_selectable(&response, is_open);
    let is_marked = is_open || response.hovered() || response.has_focus();
    let painter = ui.painter_at(rect);
    let fill = if is_marked {
        visuals.weak_bg_fill
    } else {
        cx.look.colours.card
    };
    painter.rect_filled(rect, 6.0, fill);
    let picture = Rect::from_min_size(rect.min + vec2(6.0, 6.0), vec2(THUMBNAIL, HEIGHT - 12.0));
    thumbnail(ui, cx, picture, exam);
    let left = picture.right() + 8.0;
    let right = rect.right() - if review.reviewed { 24.0 } else { 6.0 };
    for (idx, text) in lines.iter().enumerate() {
        let (font, ink) = if idx == 0 {
            (strong(13.0), cx.look.colours.text)
        } else {
            (FontId::proportional(11.0), cx.look.colours.muted)
        };
        let text = WidgetText::from(text.as_str());
        let width = Some(TextWrapMode::Truncate);
        let galley = text.into_galley(ui, width, right - left, font);
        let y = rect.top() + [6.0, 26.0, 44.0][idx.min(2)];
        painter.galley_with_override_text_color(pos2(left, y), galley, ink);
    }
    if review.reviewed {
        let at = rect.right_center() - vec2(8.0, 0.0);
        painter.text(
            at,
            Align2::RIGHT_CENTER,
            "✓",
            strong(15.0),
            cx.look.colours.notice,
        );
    }
    if !is_open && cx.session.exam.is_some() {
        compare(ui, cx, exam, rect);
    }
    if !review.note.is_empty() {
        response.on_hover_text(review.note);
    }
}

/// Holds it against the recording at hand.
fn compare(ui: &mut Ui, cx: &mut PanelContext<'_>, exam: &ListedExam, row: Rect) {
    let size = vec2(24.0, 22.0);
    let place = Rect::from_min_size(row.right_bottom() - size - vec2(4.0, 4.0), size);
    let button = ui.put(place, Button::new("Δ").small());
    let name = cx.tr(Label::CompareWithThis);
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    if button.on_hover_text(name).clicked() {
        cx.push(Command::CompareWith(
            exam.path.clone(),
            exam.read_as.clone(),
        ));
    }
}

/// Name, date, and figures. Names stay hidden with the identity.
fn lines(cx: &PanelContext<'_>, number: usize, exam: &ListedExam) -> Vec<String> {
    let is_hidden = cx.session.document.deidentified || cx.view.teaching.is_some();
    let number = (number + 1).to_string();
    let title = if is_hidden {
        format!("{} {number}", cx.tr(Label::Recording))
    } else {
        exam.title.clone()
    };
    let start = exam
        .start
        .map(|at| at.strftime("%Y-%m-%d %H:%M").to_string());
    let whose = [exam.patient.clone(), start];
    let whose = whose.into_iter().flatten().filter(|_| !is_hidden);
    let length = format!("{} s", cx.translator.number(exam.duration_s, 0));
    let whose: Vec<String> = whose.chain([length]).collect();
    let rate = exam.rate_bpm.map(|bpm| format!("{bpm:.0}/min"));
    let qrs = exam.qrs_ms.map(|ms| format!("QRS {ms:.0} ms"));
    let warnings = (0 < exam.n_warnings).then(|| format!("⚠ {}", exam.n_warnings));
    let figures: Vec<String> = [rate, qrs, warnings].into_iter().flatten().collect();
    vec![title, whose.join(" · "), figures.join(" · ")]
        .into_iter()
        .filter(|line| !line.is_empty())
        .collect()
}

/// Five seconds of a lead: strokes from the lowest to the highest value of each column.
fn thumbnail(ui: &Ui, cx: &PanelContext<'_>, rect: Rect, exam: &ListedExam) {
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 3.0, colour32(cx.look.paper.paper));
    let Some([low, high]) = extremes(exam.thumbnail_mv.iter().flatten().copied()) else {
        return;
    };
    let span = (high - low).max(SPAN_MV);
    let middle = 0.5 * (low + high);
    let y = |mv: f32| rect.center().y - (mv - middle) / span * 0.9 * rect.height();
    let step = rect.width() / exam.thumbnail_mv.len().max(1) as f32;
    let stroke = Stroke::new(1.0, colour32(cx.look.paper.recorded));
    let mut before: Option<[f32; 2]> = None;
    for (column, &[low, high]) in exam.thumbnail_mv.iter().enumerate() {
        let x = rect.left() + (column as f32 + 0.5) * step;
        // Neighbouring strokes touch, or a steep flank would be a row of dots.
        let [low, high] = match before {
            Some([was_low, was_high]) => [low.min(was_high), high.max(was_low)],
            None => [low, high],
        };
        painter.vline(x, y(high)..=y(low) + 0.8, stroke);
        before = exam.thumbnail_mv[column][0]
            .is_finite()
            .then_some([low, high]);
    }
    let name = exam.lead.to_string();
    let ink = colour32(cx.look.paper.muted);
    let at = rect.left_top() + vec2(3.0, 1.0);
    painter.text(
        at,
        Align2::LEFT_TOP,
        name,
        TextStyle::Small.resolve(ui.style()),
        ink,
    );
}
