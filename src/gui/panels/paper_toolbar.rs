//! The bar above the paper: arrangement, speed, gain, filters, tools, paging.

use eframe::egui::{ComboBox, DragValue, Role, Ui, Vec2, WidgetInfo};

use super::super::{
    panel_context::PanelContext,
    view::{Dialog, Tool},
};
use crate::{
    ecg::{PageLayout, PaperSettings},
    session::{Command, Edit, Exam, document::WINDOW_S, settings::Settings},
    signal::FilterSettings,
    words::{Label, layout_label},
};

/// The bar.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    ui.horizontal_wrapped(|ui| {
        let mut page = cx.session.document.page;
        choose(
            ui,
            cx.tr(Label::Layout),
            &mut page.layout,
            PageLayout::ALL.map(|it| (it, cx.tr(layout_label(it)).to_owned())),
        );
        choose(
            ui,
            cx.tr(Label::PaperSpeed),
            &mut page.speed_mm_s,
            PaperSettings::SPEEDS_MM_S.map(|it| (it, format!("{it} mm/s"))),
        );
        choose(
            ui,
            cx.tr(Label::Gain),
            &mut page.gain_mm_mv,
            PaperSettings::GAINS_MM_MV.map(|it| (it, format!("{it} mm/mV"))),
        );
        filters(ui, cx);
        more(ui, cx, &mut page);
        if page != cx.session.document.page {
            cx.push(Edit::SetPage(page));
        }
        ui.separator();
        tools(ui, cx);
    });
}

fn choose<T: PartialEq + Clone, const N: usize>(
    ui: &mut Ui,
    name: &str,
    value: &mut T,
    choices: [(T, String); N],
) {
    let shown = choices
        .iter()
        .find(|it| it.0 == *value)
        .map_or_else(|| "…".to_owned(), |it| it.1.clone());
    let combo = ComboBox::from_id_salt(name)
        .selected_text(shown)
        .width(20.0)
        .show_ui(ui, |ui| {
            for (choice, label) in choices {
                ui.selectable_value(value, choice, label);
            }
        });
    let name = name.to_owned();
    combo
        .response
        .widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, name.clone()));
    combo.response.on_hover_text(name);
}

/// The filters in short.
pub fn filters_text(cx: &PanelContext<'_>) -> String {
    let filters = cx.session.document.filters;
    if filters.is_off() {
        cx.tr(Label::FiltersOff).to_owned()
    } else {
        filters.label()
    }
}

fn filters(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let now = cx.session.document.filters;
    let mut wanted = now;
    ui.menu_button(filters_text(cx), |ui| {
        ui.set_min_width(280.0);
        let mut row = |name: Label, value: &mut Option<f64>, choices: &[f64]| {
            ui.horizontal(|ui| {
                ui.label(cx.tr(name));
                ui.selectable_value(value, None, cx.tr(Label::Off));
                for hz in choices {
                    ui.selectable_value(value, Some(*hz), format!("{hz} Hz"));
                }
            });
        };
        row(Label::HighPass, &mut wanted.high_pass_hz, &[0.05, 0.5]);
        row(
            Label::LowPass,
            &mut wanted.low_pass_hz,
            &[40.0, 100.0, 150.0],
        );
        row(Label::Mains, &mut wanted.notch_hz, &[50.0, 60.0]);
        if wanted.low_pass_hz.is_some_and(|it| it < 150.0) {
            ui.colored_label(
                cx.look.colours.warning,
                format!("⚠ {}", cx.tr(Label::LowPassCaution)),
            );
        }
        if wanted != FilterSettings::default() && ui.button(cx.tr(Label::AllOff)).clicked() {
            wanted = FilterSettings::default();
        }
    })
    .response
    .on_hover_text(cx.tr(Label::FiltersHint));
    if wanted != now {
        cx.push(Edit::SetFilters(wanted));
    }
}

fn more(ui: &mut Ui, cx: &mut PanelContext<'_>, page: &mut PaperSettings) {
    ui.menu_button(cx.tr(Label::Paper), |ui| {
        ui.checkbox(&mut page.cabrera, cx.tr(Label::CabreraOrder));
        ui.checkbox(&mut page.half_gain_chest, cx.tr(Label::ChestHalfGain));
        let mut dark = cx.session.settings.dark_paper;
        if ui.checkbox(&mut dark, cx.tr(Label::DarkPaper)).changed() {
            let settings = Settings {
                dark_paper: dark,
                ..cx.session.settings.clone()
            };
            cx.push(Command::SetSettings(Box::new(settings)));
        }
        let name = cx.tr(Label::TrueMillimetres);
        ui.checkbox(&mut cx.view.true_size, name);
        if ui.button(cx.tr(Label::MeasureScreenMenu)).clicked() {
            cx.view.dialog = Some(Dialog::Ruler { card_points: 323.0 });
        }
    })
    .response
    .on_hover_text(cx.tr(Label::PaperHint));
}

fn tools(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    for (tool, name, hint) in [
        (Tool::Caliper, Label::Calipers, Label::CalipersHint),
        (Tool::March, Label::March, Label::MarchHint),
    ] {
        let is_on = cx.view.tool == tool;
        if ui
            .selectable_label(is_on, cx.tr(name))
            .on_hover_text(cx.tr(hint))
            .clicked()
        {
            cx.view.tool = if is_on { Tool::Cursor } else { tool };
        }
    }
    if ui
        .selectable_label(cx.view.median, cx.tr(Label::MedianBeat))
        .on_hover_text(cx.tr(Label::MedianHint))
        .clicked()
    {
        cx.view.median = !cx.view.median;
    }
    if !cx.session.document.calipers.is_empty() && ui.button(cx.tr(Label::ClearCalipers)).clicked()
    {
        cx.push(Edit::ClearCalipers);
    }
    if 1.0 != cx.view.paper_zoom || cx.view.paper_pan != Vec2::ZERO {
        if ui
            .button(cx.tr(Label::Fit))
            .on_hover_text(cx.tr(Label::FitHint))
            .clicked()
        {
            (cx.view.paper_zoom, cx.view.paper_pan) = (1.0, Vec2::ZERO);
        }
    }
    if let Some(exam) = &cx.session.exam {
        window_bar(ui, exam, cx);
    }
}

/// Pages through recordings longer than one window.
fn window_bar(ui: &mut Ui, exam: &Exam, cx: &mut PanelContext<'_>) {
    let last_s = exam.duration_s - WINDOW_S;
    if last_s <= 0.05 {
        return;
    }
    let mut start_s = cx.session.document.window_start_s;
    let earlier = ui
        .button(cx.tr(Label::BackTenSeconds))
        .on_hover_text(cx.tr(Label::EarlierHint));
    let place = DragValue::new(&mut start_s)
        .range(0.0..=last_s)
        .speed(0.5)
        .suffix(" s")
        .fixed_decimals(1);
    let typed = ui.add(place).on_hover_text(cx.tr(Label::FirstSecond));
    let later = ui.button("10 s →").on_hover_text(cx.tr(Label::LaterHint));
    if earlier.clicked() {
        start_s -= WINDOW_S;
    }
    if later.clicked() {
        start_s += WINDOW_S;
    }
    let start_s = start_s.clamp(0.0, last_s);
    if start_s != cx.session.document.window_start_s && !typed.dragged() {
        cx.push(Edit::SetWindow(start_s));
        cx.push(Command::EndGesture);
    }
}
