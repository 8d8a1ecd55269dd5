//! The conditions that a heart in the lab can start from.

use eframe::egui::Ui;

use super::super::super::panel_context::PanelContext;
use crate::{
    session::lab::{Condition, VirtualHeart, condition_label},
    words::Label,
};

/// A menu of them: a choice keeps the person. Whether one was made.
pub fn menu(ui: &mut Ui, cx: &PanelContext<'_>, heart: &mut VirtualHeart) -> bool {
    let mut is_chosen = false;
    ui.menu_button(cx.tr(Label::StartFrom), |ui| {
        for condition in Condition::ALL {
            if ui.button(cx.tr(condition_label(condition))).clicked() {
                *heart = started(condition, heart.person);
                is_chosen = true;
                ui.close();
            }
        }
    });
    is_chosen
}

/// The heart with that condition; of the person at hand, or of the population's middle.
fn started(condition: Condition, person: Option<u64>) -> VirtualHeart {
    VirtualHeart {
        person,
        ..condition.heart(person.unwrap_or(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_condition_has_a_name_of_its_own_and_keeps_the_person() {
        for (idx, condition) in Condition::ALL.into_iter().enumerate() {
            let others = Condition::ALL[..idx].iter();
            let own = condition_label(condition);
            assert!(others.map(|it| condition_label(*it)).all(|it| it != own));
            assert_eq!(started(condition, Some(9)).person, Some(9));
            assert_eq!(started(condition, None).person, None);
        }
    }
}
