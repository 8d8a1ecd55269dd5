//! What a file does not say: the unit of its numbers, their rate, which lead each column is. Shown
//! with the file's own lines and its traces; nothing is guessed.

use eframe::egui::{
    ComboBox, DragValue, Frame, Grid, Margin, Modal, RichText, Role, ScrollArea, Sense, Stroke, Ui,
    Vec2, WidgetInfo, pos2, vec2,
};

use super::super::{
    panel_context::PanelContext,
    theme::colour32,
    widgets::{muted, name_area, strong_text},
};
use crate::{
    ecg::{LeadName, catalogue, statistics::extremes},
    session::{Column, Command, ReadAs, Unit, Unsure},
    words::Label,
};

/// Asks, if there is something to ask.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let session = cx.session;
    let Some(unsure) = session.prompts.unsure.as_deref() else {
        cx.view.read_as = None;
        return;
    };
    let mut read_as = cx.view.read_as.take();
    let said = read_as.get_or_insert_with(|| unsure.read_as.clone());
    let frame = Frame::popup(ui.style()).inner_margin(Margin::symmetric(20, 16));
    let room = ui.ctx().content_rect().size() - Vec2::splat(64.0);
    let response = Modal::new(eframe::egui::Id::unique("unsure"))
        .frame(frame)
        .show(ui.ctx(), |ui| {
            ui.set_width(room.x.min(600.0));
            ui.heading(cx.tr(Label::WhatAreTheNumbers));
            ScrollArea::vertical()
                .max_height((room.y - 190.0).max(120.0))
                .show(ui, |ui| {
                    file(ui, cx, unsure);
                    if unsure.lacks_unit {
                        unit(ui, cx, unsure, said);
                    }
                    if unsure.lacks_rate {
                        rate(ui, cx, said);
                    }
                    columns(ui, cx, unsure, said);
                });
            answer(ui, cx, unsure, said);
        });
    cx.view.read_as = read_as;
    if response.should_close() {
        cx.push(Command::ForgetUnsure);
    }
}

/// Its name and first lines.
fn file(ui: &mut Ui, cx: &PanelContext<'_>, unsure: &Unsure) {
    if cx.session.document.deidentified {
        return;
    }
    let name = unsure.path.file_name().unwrap_or_default();
    ui.label(muted(name.to_string_lossy(), &cx.look.colours));
    let lines = Frame::new().fill(cx.look.colours.chrome).inner_margin(6.0);
    if !unsure.lines.is_empty() {
        lines.show(ui, |ui| {
            ui.set_width(ui.available_width());
            for line in &unsure.lines {
                let line = RichText::new(line).monospace().small();
                ui.add(eframe::egui::Label::new(line).truncate());
            }
        });
    }
}

fn unit(ui: &mut Ui, cx: &PanelContext<'_>, unsure: &Unsure, said: &mut ReadAs) {
    ui.label(strong_text(cx.tr(Label::WhichUnit)));
    ui.horizontal_wrapped(|ui| {
        for (unit, name, mv) in [
            (Unit::Millivolt, "mV", 1.0),
            (Unit::Microvolt, "µV", 1e-3),
            (Unit::Volt, "V", 1e3),
        ] {
            let choice = ui.radio_value(&mut said.unit, Some(unit), strong_text(name));
            choice.widget_info(|| {
                WidgetInfo::selected(Role::RadioButton, true, said.unit == Some(unit), name)
            });
            let swing = millivolts(cx, f64::from(unsure.swing()) * mv);
            let words = cx.translator.fill(Label::LargestSwing, &[&swing]);
            ui.label(muted(words, &cx.look.colours).small());
        }
    });
}

fn rate(ui: &mut Ui, cx: &PanelContext<'_>, said: &mut ReadAs) {
    ui.horizontal(|ui| {
        let tag = ui.label(strong_text(cx.tr(Label::SamplesPerSecond)));
        let mut hz = said.rate_hz.unwrap_or(0.0);
        let field = DragValue::new(&mut hz).range(0.0..=10_000.0).suffix(" Hz");
        ui.add(field).labelled_by(tag.id);
        said.rate_hz = (0.1 <= hz).then_some(hz);
        for common in [125.0, 250.0, 500.0, 1000.0] {
            ui.selectable_value(&mut said.rate_hz, Some(common), format!("{common:.0}"));
        }
    });
}

/// A swing in figures that can be told from a heart's at a glance.
fn millivolts(cx: &PanelContext<'_>, mv: f64) -> String {
    let decimals = if mv < 0.1 { 4 } else { usize::from(mv < 100.0) };
    format!("{} mV", cx.translator.number(mv, decimals))
}

/// Each column: its trace, and the lead that it is.
fn columns(ui: &mut Ui, cx: &PanelContext<'_>, unsure: &Unsure, said: &mut ReadAs) {
    ui.add_space(6.0);
    ui.label(strong_text(cx.tr(Label::WhichLeads)));
    let grid = Grid::new("columns").num_columns(3).spacing([12.0, 4.0]);
    grid.show(ui, |ui| {
        for column in &unsure.columns {
            ui.label(column.name.to_string());
            lead(ui, cx, column, said);
            trace(ui, cx, column);
            ui.end_row();
        }
    });
}

fn lead(ui: &mut Ui, cx: &PanelContext<'_>, column: &Column, said: &mut ReadAs) {
    let now = said.name_of(&column.name);
    let mut wanted = now.clone();
    let combo = ComboBox::from_id_salt(("lead of", &column.name))
        .selected_text(now.to_string())
        .height(360.0)
        .show_ui(ui, |ui| {
            let as_found = format!("{} ({})", column.name, cx.tr(Label::AsInFile));
            ui.selectable_value(&mut wanted, column.name.clone(), as_found);
            for name in catalogue().iter().map(|lead| &lead.name) {
                if *name != column.name {
                    ui.selectable_value(&mut wanted, name.clone(), name.to_string());
                }
            }
        });
    let name = column.name.to_string();
    combo
        .response
        .widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, name.clone()));
    if wanted != now {
        said.leads.retain(|(found, _)| *found != column.name);
        if wanted != column.name {
            said.leads.push((column.name.clone(), wanted));
        }
    }
}

/// Its first samples, as tall as there is room.
fn trace(ui: &mut Ui, cx: &PanelContext<'_>, column: &Column) {
    let (rect, response) = ui.allocate_exact_size(vec2(300.0, 34.0), Sense::hover());
    name_area(
        &response,
        format!("{}: {}", cx.tr(Label::Traces), column.name),
    );
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 3.0, colour32(cx.look.paper.paper));
    let [low, high] = extremes(column.values.iter().copied()).unwrap_or_default();
    let span = (high - low).max(f32::MIN_POSITIVE);
    let step = rect.width() / column.values.len().max(1) as f32;
    let at = |(idx, value): (usize, &f32)| {
        let share = (value - low) / span;
        pos2(
            rect.left() + idx as f32 * step,
            rect.bottom() - 2.0 - share * (rect.height() - 4.0),
        )
    };
    let points: Vec<_> = column.values.iter().enumerate().map(at).collect();
    let whole = points.split(|point| !point.y.is_finite());
    let stroke = Stroke::new(1.0, colour32(cx.look.paper.recorded));
    for part in whole.filter(|part| 1 < part.len()) {
        painter.line(part.to_vec(), stroke);
    }
}

fn answer(ui: &mut Ui, cx: &mut PanelContext<'_>, unsure: &Unsure, said: &ReadAs) {
    let names: Vec<LeadName> = unsure
        .columns
        .iter()
        .map(|column| said.name_of(&column.name))
        .collect();
    let is_twice = |name: &LeadName| 1 < names.iter().filter(|it| *it == name).count();
    let twice = names.iter().find(|name| is_twice(name));
    if let Some(name) = twice {
        let words = cx.translator.fill(Label::LeadTwice, &[&name.to_string()]);
        ui.colored_label(cx.look.colours.warning, format!("⚠ {words}"));
    }
    let has_unit = !unsure.lacks_unit || said.unit.is_some();
    let has_rate = !unsure.lacks_rate || said.rate_hz.is_some();
    ui.add_space(6.0);
    ui.horizontal(|ui| {
        let is_ready = has_unit && has_rate && twice.is_none();
        let open = eframe::egui::Button::new(strong_text(cx.tr(Label::OpenIt)));
        if ui.add_enabled(is_ready, open).clicked() {
            cx.push(Command::OpenAs(unsure.path.clone(), said.clone()));
        }
        if ui.button(cx.tr(Label::Cancel)).clicked() {
            cx.push(Command::ForgetUnsure);
        }
    });
}
