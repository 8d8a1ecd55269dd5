//! The kinds of controls of the lab. Each has its words as its accessible name.

use std::ops::RangeInclusive;

use eframe::egui::{ComboBox, Response, Role, Slider, SliderClamping, Ui, WidgetInfo};

use crate::words::{Label, Translator};

/// What controls need to know, and whether a gesture on one of them ended.
pub struct Controls {
    /// The language.
    pub translator: Translator,
    /// A slider was let go, or a choice was made.
    pub is_over: bool,
}

impl Controls {
    pub fn new(translator: Translator) -> Self {
        Self {
            translator,
            is_over: false,
        }
    }

    pub fn tr(&self, label: Label) -> &'static str {
        self.translator.tr(label)
    }

    fn note(&mut self, response: &Response) {
        let is_typed = response.changed() && !response.dragged();
        self.is_over |= response.drag_stopped() || response.lost_focus() || is_typed;
    }

    /// A number within a range. One that lies between the steps, or beyond, stays until it is moved.
    pub fn slider(
        &mut self,
        ui: &mut Ui,
        label: Label,
        value: &mut f64,
        range: RangeInclusive<f64>,
    ) -> Response {
        let decimals = if *range.end() - *range.start() <= 10.0 {
            2
        } else {
            0
        };
        let before = *value;
        let printed = before.clamp(*range.start(), *range.end());
        let slider = Slider::new(value, range)
            .clamping(SliderClamping::Edits)
            .fixed_decimals(decimals)
            .text(self.tr(label));
        let response = ui.add(slider);
        // Who only passes over a field with the keyboard leaves what is printed in it.
        let is_passed = format!("{value:.decimals$}") == format!("{printed:.decimals$}");
        if is_passed && !response.dragged() {
            *value = before;
        }
        self.note(&response);
        response
    }

    /// On or off.
    pub fn check(&mut self, ui: &mut Ui, label: Label, mut is_on: bool) -> Option<bool> {
        let response = ui.checkbox(&mut is_on, self.tr(label));
        self.is_over |= response.changed();
        response.changed().then_some(is_on)
    }

    /// One of several.
    pub fn choice<T: PartialEq + Clone>(
        &mut self,
        ui: &mut Ui,
        label: Label,
        value: &mut T,
        choices: &[(T, &str)],
    ) {
        let name = self.tr(label);
        let shown = choices.iter().find(|it| it.0 == *value);
        let before = value.clone();
        ui.horizontal(|ui| {
            let combo = ComboBox::from_id_salt(name)
                .selected_text(shown.map_or("…", |it| it.1))
                .show_ui(ui, |ui| {
                    for (choice, text) in choices {
                        ui.selectable_value(value, choice.clone(), *text);
                    }
                });
            let info = || WidgetInfo::labeled(Role::ComboBox, true, name);
            combo.response.widget_info(info);
            ui.label(name);
        });
        self.is_over |= *value != before;
    }
}
