//! A question with its choices; once one is made, which was right.

use eframe::egui::{Button, RichText, Ui};

use super::super::{panel_context::PanelContext, widgets::strong_text};
use crate::words::Label;

/// A question.
pub struct Choices<'a> {
    /// What is asked.
    pub question: &'a str,
    /// What can be answered.
    pub names: Vec<String>,
    /// Which is right.
    pub right: usize,
    /// Which was chosen.
    pub chosen: Option<usize>,
}

impl Choices<'_> {
    /// The choice that is made now.
    pub fn show(&self, ui: &mut Ui, cx: &PanelContext<'_>) -> Option<usize> {
        let size = cx.view.text_size();
        let mut made = None;
        ui.horizontal_wrapped(|ui| {
            ui.label(strong_text(self.question).size(size));
            for (idx, name) in self.names.iter().enumerate() {
                let text = match self.chosen {
                    Some(_) if idx == self.right => format!("✓ {name}"),
                    Some(chosen) if idx == chosen => format!("× {name}"),
                    _ => name.clone(),
                };
                let button = Button::new(RichText::new(text).size(size));
                if ui.add_enabled(self.chosen.is_none(), button).clicked() {
                    made = Some(idx);
                }
            }
            if let Some(chosen) = self.chosen {
                let (label, ink) = if chosen == self.right {
                    (Label::AnswerRight, cx.look.colours.notice)
                } else {
                    (Label::AnswerWrong, cx.look.colours.warning)
                };
                let right = &self.names[self.right];
                let said = cx.translator.fill(label, &[right]);
                ui.label(strong_text(said).size(size).color(ink));
            }
        });
        made
    }
}
