//! The bar above the paper: arrangement, speed, gain, filters, tools, paging.

use eframe::egui::{Button, ComboBox, DragValue, Response, Role, Ui, Vec2, WidgetInfo};

use super::super::{
    paging::Paging,
    panel_context::PanelContext,
    view::{Dialog, Tool},
    widgets::{Part, one_row},
};
use crate::{
    ecg::{PageLayout, PaperSettings},
    session::{Command, Edit, settings::Settings},
    signal::FilterSettings,
    words::{Label, layout_label},
};

/// The bar.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    one_row(ui, cx, "paper toolbar", &PARTS);
}

/// From what is always wanted to what can wait in the menu.
const PARTS: [Part; 13] = [
    layout,
    speed,
    gain,
    window_bar,
    |ui, cx| {
        tool(
            ui,
            cx,
            Tool::Caliper,
            [Label::Calipers, Label::CalipersHint],
        )
    },
    |ui, cx| tool(ui, cx, Tool::March, [Label::March, Label::MarchHint]),
    |ui, cx| {
        let words = [Label::AllLeadsLine, Label::AllLeadsHint];
        tool(ui, cx, Tool::AllLeads, words)
    },
    magnifier,
    |ui, cx| {
        tool(
            ui,
            cx,
            Tool::Beats,
            [Label::BeatsTool, Label::BeatsToolHint],
        )
    },
    median,
    filters,
    more,
    clear_and_fit,
];

fn layout(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let names = PageLayout::ALL.map(|it| (it, cx.tr(layout_label(it)).to_owned()));
    page(ui, cx, Label::Layout, names, |page| &mut page.layout);
}

fn speed(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let names = PaperSettings::SPEEDS_MM_S.map(|it| (it, cx.translator.plain(it, "mm/s")));
    page(ui, cx, Label::PaperSpeed, names, |page| {
        &mut page.speed_mm_s
    });
}

fn gain(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let names = PaperSettings::GAINS_MM_MV.map(|it| (it, cx.translator.plain(it, "mm/mV")));
    page(ui, cx, Label::Gain, names, |page| &mut page.gain_mm_mv);
}

/// One of the page's settings.
fn page<T: PartialEq + Clone, const N: usize>(
    ui: &mut Ui,
    cx: &mut PanelContext<'_>,
    name: Label,
    choices: [(T, String); N],
    part: fn(&mut PaperSettings) -> &mut T,
) {
    let mut page = cx.session.document.page;
    choose(ui, cx.tr(name), part(&mut page), choices);
    if page != cx.session.document.page {
        cx.push(Edit::SetPage(page));
    }
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

fn more(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let mut page = cx.session.document.page;
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
    if page != cx.session.document.page {
        cx.push(Edit::SetPage(page));
    }
}

fn tool(ui: &mut Ui, cx: &mut PanelContext<'_>, tool: Tool, [name, hint]: [Label; 2]) {
    let is_on = cx.view.tool == tool;
    let button = ui.selectable_label(is_on, cx.tr(name));
    if button.on_hover_text(cx.tr(hint)).clicked() {
        cx.view.tool = if is_on { Tool::Cursor } else { tool };
    }
}

fn magnifier(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let button = ui.selectable_label(cx.view.magnifier, cx.tr(Label::Magnifier));
    if button.on_hover_text(cx.tr(Label::MagnifierHint)).clicked() {
        cx.view.magnifier = !cx.view.magnifier;
    }
}

fn median(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let button = ui.selectable_label(cx.view.median, cx.tr(Label::MedianBeat));
    if button.on_hover_text(cx.tr(Label::MedianHint)).clicked() {
        cx.view.median = !cx.view.median;
    }
}

/// What there is to take away.
fn clear_and_fit(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let has_calipers = !cx.session.document.calipers.is_empty();
    if has_calipers && ui.button(cx.tr(Label::ClearCalipers)).clicked() {
        cx.push(Edit::ClearCalipers);
    }
    let is_zoomed = 1.0 != cx.view.paper_zoom || cx.view.paper_pan != Vec2::ZERO;
    if is_zoomed {
        let fit = ui.button(cx.tr(Label::Fit));
        if fit.on_hover_text(cx.tr(Label::FitHint)).clicked() {
            (cx.view.paper_zoom, cx.view.paper_pan) = (1.0, Vec2::ZERO);
        }
    }
}

/// Pages through recordings longer than what the paper shows.
fn window_bar(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let Some(paging) = Paging::of(cx) else {
        return;
    };
    ui.horizontal(|ui| {
        let (translator, mut start_s) = (cx.translator, paging.start_s);
        let earlier = ui.add_enabled(0.0 < start_s, Button::new("←"));
        name_button(&earlier, cx.tr(Label::PageBack));
        if earlier.on_hover_text(cx.tr(Label::PageBack)).clicked() {
            start_s -= paging.page_s;
        }
        let place = DragValue::new(&mut start_s)
            .range(0.0..=paging.last_s)
            .speed(0.5)
            .suffix(" s")
            .custom_formatter(|value, _| translator.number(value, 1))
            .custom_parser(|text| text.replace(',', ".").parse().ok());
        let typed = ui.add(place).on_hover_text(cx.tr(Label::FirstSecond));
        let later = ui.add_enabled(start_s < paging.last_s, Button::new("→"));
        name_button(&later, cx.tr(Label::PageForward));
        if later.on_hover_text(cx.tr(Label::PageForward)).clicked() {
            start_s += paging.page_s;
        }
        // Who only passes over the field leaves the page where it is.
        let tenths = |seconds: f64| (10.0 * seconds).round();
        if tenths(start_s) != tenths(paging.start_s) && !typed.dragged() {
            paging.go_to(cx, start_s);
        }
    });
}

fn name_button(response: &Response, name: &'static str) {
    let is_enabled = response.enabled();
    response.widget_info(move || WidgetInfo::labeled(Role::Button, is_enabled, name));
}
