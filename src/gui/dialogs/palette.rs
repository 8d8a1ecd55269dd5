//! The key sheet, and the palette that finds commands and leads by name.

use eframe::egui::{Align2, Grid, Key, Role, ScrollArea, TextEdit, Ui, WidgetInfo};

use super::{
    super::{
        panel_context::PanelContext,
        widgets::{muted, strong_text},
    },
    commands,
    entries::{self, ENTRIES, Entry, key_words},
};
use crate::{
    ecg::{LeadName, catalogue},
    session::Edit,
    words::{Label, Translator},
};

/// The key sheet.
pub fn keys(ui: &mut Ui, cx: &PanelContext<'_>) {
    ui.heading(cx.tr(Label::Keys));
    let height = 0.7 * ui.ctx().content_rect().height();
    ScrollArea::vertical().max_height(height).show(ui, |ui| {
        let named = ENTRIES.iter().filter_map(|it| Some((it.1, it.2?)));
        let mut rows: Vec<(String, &str)> = named
            .map(|(name, key)| (key_words(ui.ctx(), cx.translator.0, &key), cx.tr(name)))
            .collect();
        rows.push(("← ↑ → ↓".into(), cx.tr(Label::MovePointKeys)));
        rows.push(("Esc".into(), cx.tr(Label::CloseFront)));
        let grid = Grid::new("keys").num_columns(4).spacing([16.0, 4.0]);
        grid.show(ui, |ui| {
            let (left, right) = rows.split_at(rows.len().div_ceil(2));
            for (row, first) in left.iter().enumerate() {
                for (key, name) in std::iter::once(first).chain(right.get(row)) {
                    ui.label(strong_text(key));
                    ui.label(*name);
                }
                ui.end_row();
            }
        });
        ui.add_space(6.0);
        for hint in [Label::TorsoMouse, Label::PaperMouse] {
            ui.label(muted(cx.tr(hint), &cx.look.colours));
        }
    });
}

#[derive(Clone)]
enum Choice {
    Entry(Entry),
    Lead(LeadName),
}

/// A line of the palette: its name, what stands beside it, and what it does.
type Line = (String, String, Choice);

/// The palette: type, choose with arrows, Enter. Whether it stays open.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>, query: &mut String, at: &mut usize) -> bool {
    let hint = cx.tr(Label::TypeCommandOrLead);
    let field = TextEdit::singleline(query)
        .hint_text(hint)
        .desired_width(f32::INFINITY)
        .align(Align2::LEFT_CENTER);
    let field = ui.add(field);
    field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, hint));
    field.request_focus();
    let lines = lines(ui, cx, query);
    match choose(ui, cx, &lines, at) {
        Some(Choice::Entry(entry)) => commands::run(ui.ctx(), cx, entry),
        Some(Choice::Lead(name)) => cx.push(Edit::UsePreset(name)),
        None => return true,
    }
    false
}

/// Commands and leads of whose words each word of `query` is a part.
fn lines(ui: &Ui, cx: &PanelContext<'_>, query: &str) -> Vec<Line> {
    let query = query.to_lowercase();
    let fits = |text: &str| {
        let text = text.to_lowercase();
        query.split_whitespace().all(|word| text.contains(word))
    };
    let entries = ENTRIES.iter().filter(|(entry, label, _)| {
        let is_other = *entry != Entry::Palette && commands::is_possible(cx, *entry);
        let name = entries::name(cx, *entry, *label);
        // English works in every language.
        is_other && fits(&format!("{name} {}", Translator::default().tr(*label)))
    });
    let mut lines: Vec<Line> = entries
        .map(|(entry, label, key)| {
            let key = key.map(|key| key_words(ui.ctx(), cx.translator.0, &key));
            let name = entries::name(cx, *entry, *label);
            (name, key.unwrap_or_default(), Choice::Entry(*entry))
        })
        .collect();
    if cx.session.exam.is_some() && !query.is_empty() {
        let leads = catalogue().iter().filter(|lead| !lead.name.is_limb());
        lines.extend(leads.filter_map(|lead| {
            let place = cx.translator.lead_place(lead).to_owned();
            let words = format!("{} {} {} {place}", lead.name, lead.group, lead.place);
            let line = || {
                (
                    lead.name.synthesised_label(),
                    place,
                    Choice::Lead(lead.name.clone()),
                )
            };
            fits(&words).then(line)
        }));
    }
    lines.sort_by_key(|line| rank(&line.0, query.trim()));
    lines
}

/// What is called so comes first, then what begins so, then what has it somewhere in its words.
fn rank(name: &str, query: &str) -> u8 {
    let name = name.to_lowercase();
    let plain = name.strip_prefix('d').unwrap_or(&name);
    match [name.as_str(), plain] {
        names if names.contains(&query) => 0,
        names if names.iter().any(|name| name.starts_with(query)) => 1,
        _ => 2,
    }
}

/// Shows `lines`, the one at `at` in front; gives what was chosen.
fn choose(ui: &mut Ui, cx: &PanelContext<'_>, lines: &[Line], at: &mut usize) -> Option<Choice> {
    let pressed = |key| ui.input(|it| it.key_pressed(key));
    let [up, down, enter] = [Key::ArrowUp, Key::ArrowDown, Key::Enter].map(pressed);
    *at = (*at + usize::from(down))
        .saturating_sub(usize::from(up))
        .min(lines.len().saturating_sub(1));
    let mut chosen = lines.get(*at).filter(|_| enter).map(|line| line.2.clone());
    let area = ScrollArea::vertical()
        .max_height(360.0)
        .auto_shrink([false, true]);
    area.show(ui, |ui| {
        for (idx, (name, side, choice)) in lines.iter().enumerate() {
            ui.horizontal(|ui| {
                let row = ui.selectable_label(idx == *at, name);
                if idx == *at && (up || down) {
                    row.scroll_to_me(None);
                }
                if row.clicked() {
                    chosen = Some(choice.clone());
                }
                ui.label(muted(side, &cx.look.colours));
            });
        }
        if lines.is_empty() {
            ui.label(muted(cx.tr(Label::NothingOfThatName), &cx.look.colours));
        }
    });
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_called_so_comes_before_what_has_it_in_its_words() {
        let found = ["dV3", "dV4R", "dV4", "Open…"].map(|name| rank(name, "v4"));
        assert_eq!(found, [2, 1, 0, 2]);
        assert_eq!(rank("Open…", "open"), 1);
    }
}
