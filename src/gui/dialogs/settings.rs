//! Settings, and measuring the screen.

use eframe::egui::{
    Align2, ComboBox, FontId, Rect, Sense, Slider, SliderClamping, Stroke, StrokeKind, Ui, pos2,
    vec2,
};

use super::super::{
    panel_context::PanelContext,
    widgets::{muted, name_area, strong_text},
};
use crate::{
    session::{
        Command, DeviceChoice,
        settings::{Appearance, Settings},
    },
    words::{LANGUAGES, Label, own_name},
};

/// A bank card (ISO/IEC 7810 ID-1), mm.
const CARD_MM: [f32; 2] = [85.60, 53.98];

/// Settings.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    ui.heading(cx.tr(Label::Settings));
    let mut settings = cx.session.settings.clone();
    ui.horizontal_wrapped(|ui| {
        ui.label(cx.tr(Label::Window));
        for (appearance, name) in [
            (Appearance::System, Label::AsTheDesktop),
            (Appearance::Light, Label::Light),
            (Appearance::Dark, Label::Dark),
            (Appearance::HighContrast, Label::HighContrast),
        ] {
            ui.selectable_value(&mut settings.appearance, appearance, cx.tr(name));
        }
    });
    ui.checkbox(&mut settings.dark_paper, cx.tr(Label::DarkPaper));
    ui.checkbox(&mut settings.touch, cx.tr(Label::LargeTargets));
    ui.horizontal(|ui| {
        let tag = ui.label(cx.tr(Label::SizeOfEverything));
        // A size that the keys have set stays as it is until the slider is moved.
        let slider = Slider::new(&mut settings.ui_scale, 0.7..=2.0)
            .clamping(SliderClamping::Edits)
            .step_by(0.05)
            .fixed_decimals(2);
        // Applied when let go: a slider that grows under the pointer cannot be held.
        let response = ui.add(slider).labelled_by(tag.id);
        if response.dragged() {
            settings.ui_scale = cx.session.settings.ui_scale;
        }
    });
    ui.horizontal(|ui| {
        let tag = ui.label(cx.tr(Label::Language));
        let combo = ComboBox::from_id_salt("language")
            .selected_text(own_name(settings.language))
            .show_ui(ui, |ui| {
                for language in LANGUAGES {
                    ui.selectable_value(&mut settings.language, language, own_name(language));
                }
            });
        combo.response.labelled_by(tag.id);
    });
    ui.horizontal_wrapped(|ui| {
        ui.label(cx.tr(Label::NetworkRunsOn));
        for (device, name, hint) in [
            (DeviceChoice::Auto, Label::DeviceAuto, Label::DeviceAutoHint),
            (DeviceChoice::Cpu, Label::Cpu, Label::DeviceCpuHint),
            (DeviceChoice::Gpu, Label::DeviceGpu, Label::DeviceGpuHint),
        ] {
            ui.selectable_value(&mut settings.device, device, cx.tr(name))
                .on_hover_text(cx.tr(hint));
        }
    });
    if let Some(learned) = cx.session.calibrating.summary() {
        ui.label(muted(&learned.device, &cx.look.colours).small());
    }
    screen(ui, cx);
    if settings != cx.session.settings {
        cx.push(Command::SetSettings(Box::new(settings)));
    }
}

/// How large this screen is, as far as it was measured.
fn screen(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    ui.horizontal(|ui| {
        ui.label(cx.tr(Label::TrueMillimetresOnScreen));
        let text = cx.session.settings.points_per_mm(cx.monitor).map_or_else(
            || cx.tr(Label::NotMeasuredYet).to_owned(),
            |it| format!("{it:.2} / mm"),
        );
        ui.label(muted(text, &cx.look.colours));
        if ui.button(cx.tr(Label::MeasureScreenMenu)).clicked() {
            let card_points = CARD_MM[0]
                * cx.session
                    .settings
                    .points_per_mm(cx.monitor)
                    .unwrap_or(96.0 / 25.4);
            cx.view.dialog = Some(super::super::view::Dialog::Ruler { card_points });
        }
    });
}

/// A card to lay a real one on.
pub fn ruler(ui: &mut Ui, cx: &mut PanelContext<'_>, card_points: &mut f32) -> bool {
    ui.heading(cx.tr(Label::MeasureScreen));
    ui.label(cx.tr(Label::CardInstruction));
    let per_mm = *card_points / CARD_MM[0];
    let (rect, response) = ui.allocate_exact_size(
        vec2(ui.available_width(), CARD_MM[1] * per_mm + 40.0),
        Sense::hover(),
    );
    name_area(&response, cx.tr(Label::CardAndRuler));
    card(ui, cx, rect, per_mm);
    let tag = ui.label(cx.tr(Label::CardWidth));
    ui.spacing_mut().slider_width = ui.available_width() - 80.0;
    ui.add(Slider::new(card_points, 150.0..=900.0).show_value(false))
        .labelled_by(tag.id);
    let mut open = true;
    ui.horizontal(|ui| {
        if ui.button(strong_text(cx.tr(Label::ItFits))).clicked() {
            let mut settings: Settings = cx.session.settings.clone();
            settings.set_points_per_mm(cx.monitor, per_mm);
            cx.push(Command::SetSettings(Box::new(settings)));
            cx.view.true_size = true;
            open = false;
        }
        if ui.button(cx.tr(Label::Cancel)).clicked() {
            open = false;
        }
    });
    open
}

/// The card, and a ruler below it.
fn card(ui: &Ui, cx: &PanelContext<'_>, rect: Rect, per_mm: f32) {
    let painter = ui.painter_at(rect);
    let card = Rect::from_min_size(
        rect.min + vec2(4.0, 1.0),
        vec2(CARD_MM[0] * per_mm, CARD_MM[1] * per_mm),
    );
    painter.rect_stroke(
        card,
        3.2 * per_mm,
        Stroke::new(1.5, cx.look.colours.text),
        StrokeKind::Inside,
    );
    let base = card.bottom() + 8.0;
    for mm in 0..=80 {
        let x = card.left() + mm as f32 * per_mm;
        let length = if mm % 10 == 0 {
            12.0
        } else if mm % 5 == 0 {
            8.0
        } else {
            5.0
        };
        painter.vline(
            x,
            base..=base + length,
            Stroke::new(1.0, cx.look.colours.text),
        );
        if mm % 20 == 0 {
            let (at, ink) = (pos2(x, base + 13.0), cx.look.colours.muted);
            painter.text(
                at,
                Align2::CENTER_TOP,
                mm.to_string(),
                FontId::proportional(11.0),
                ink,
            );
        }
    }
    let (middle, ink) = (card.center(), cx.look.colours.muted);
    painter.text(
        middle,
        Align2::CENTER_CENTER,
        cx.tr(Label::BankCard),
        FontId::proportional(13.0),
        ink,
    );
}
