//! What stands around the torso: tabs, the strip of first steps, angles, presets and the search
//! among all leads.

use eframe::egui::{
    Button, DragValue, FontId, Frame, Margin, Role, Ui, WidgetInfo,
    text::{LayoutJob, TextFormat},
};

use super::super::super::{
    panel_context::PanelContext,
    view::Pane,
    widgets::{Part, muted, one_row, strong_text},
};
use crate::{
    ecg::{Montage, ViewAngle, catalogue},
    session::{Command, Edit, settings::Settings},
    words::Label,
};

/// Groups of the presets offered beside the torso, with what they are for.
const GROUPS: [(&str, Label, Label); 7] = [
    ("high", Label::High, Label::HighHint),
    ("posterior", Label::Posterior, Label::PosteriorHint),
    ("right", Label::Right, Label::RightHint),
    ("low", Label::Low, Label::LowHint),
    ("frank", Label::Frank, Label::FrankHint),
    ("bipolar", Label::Bipolar, Label::BipolarHint),
    ("device", Label::Device, Label::DeviceHint),
];

pub(super) fn tabs(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    one_row(ui, cx, "torso tabs", &TABS);
}

const TABS: [Part; 7] = [
    |ui, cx| {
        if cx.session.heart().is_some() {
            tab(
                ui,
                cx,
                Pane::Heart,
                [Label::HeartPane, Label::HeartPaneHint],
            );
        }
    },
    |ui, cx| tab(ui, cx, Pane::Torso, [Label::Torso, Label::TorsoHint]),
    |ui, cx| tab(ui, cx, Pane::Map, [Label::BodyMap, Label::BodyMapHint]),
    |ui, cx| tab(ui, cx, Pane::Loops, [Label::VectorLoops, Label::LoopsHint]),
    |ui, cx| tab(ui, cx, Pane::Panorama, [Label::Views48, Label::ViewsHint]),
    |ui, cx| {
        let words = [Label::Measurements, Label::MeasurementsHint];
        tab(ui, cx, Pane::Measurements, words);
    },
    play,
];

/// Into a window of its own, and back.
pub(super) fn own_window(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let button = Button::new("↗").small().selected(cx.view.torso_apart);
    let button = ui.add(button).on_hover_text(cx.tr(Label::OwnWindowHint));
    let name = cx.tr(Label::OwnWindow);
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    if button.clicked() {
        cx.view.torso_apart = !cx.view.torso_apart;
    }
}

fn tab(ui: &mut Ui, cx: &mut PanelContext<'_>, pane: Pane, [name, hint]: [Label; 2]) {
    let tab = ui.selectable_label(cx.view.pane == pane, cx.tr(name));
    if tab.on_hover_text(cx.tr(hint)).clicked() {
        cx.view.pane = pane;
    }
}

/// Lets the time cursor run over the map.
fn play(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    if cx.view.pane != Pane::Map {
        return;
    }
    let label = if cx.view.playing {
        Label::Stop
    } else {
        Label::Play
    };
    let button = ui.small_button(cx.tr(label));
    if button.on_hover_text(cx.tr(Label::PlayHint)).clicked() {
        cx.view.playing = !cx.view.playing;
    }
}

/// Height of all that stands above and below the torso, for a pane of this height.
pub(super) fn height(ui: &Ui, cx: &PanelContext<'_>) -> f32 {
    let row = ui.spacing().interact_size.y + ui.spacing().item_spacing.y;
    let hints = if has_hints(ui.available_height(), cx) {
        row
    } else {
        0.0
    };
    3.0 * row + hints
}

/// Whether the first steps are to be seen: the torso comes first where room is short.
fn has_hints(height: f32, cx: &PanelContext<'_>) -> bool {
    cx.session.settings.hints_done < 3 && 560.0 < height
}

pub(super) fn angles(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    ui.horizontal_wrapped(|ui| {
        let (theta, phi) = cx.session.document.point.degrees();
        let mut typed = [theta, phi];
        for (value, name, range, hint) in [
            (0, "θ", 0.0..=180.0, Label::ThetaHint),
            (1, "φ", -180.0..=180.0, Label::PhiHint),
        ] {
            let tag = ui.label(name);
            let field = DragValue::new(&mut typed[value])
                .range(range)
                .speed(0.5)
                .suffix("°")
                .fixed_decimals(0);
            let response = ui.add(field).labelled_by(tag.id).on_hover_text(cx.tr(hint));
            // Who only passes over the field leaves the point where it is.
            let is_another = typed[value].round() != [theta, phi][value].round();
            if (is_another || response.dragged())
                && response.changed()
                && let Some(view) = ViewAngle::from_degrees(typed[0], typed[1])
            {
                cx.push(Edit::MovePoint(view));
            }
            if response.drag_stopped() || response.lost_focus() {
                cx.push(Command::EndGesture);
            }
        }
        if 260.0 < ui.available_size_before_wrap().x {
            ui.label(muted(cx.tr(Label::ArrowKeysHint), &cx.look.colours).small());
        }
        if !cx.session.document.electrodes.is_empty()
            && ui.button(cx.tr(Label::RestoreElectrodes)).clicked()
        {
            cx.push(Edit::RestoreElectrodes);
        }
        let target = cx.session.document.point_target();
        let kept = cx
            .session
            .document
            .kept_leads()
            .any(|it| it.target == target);
        let keep = ui.add_enabled(
            !kept,
            eframe::egui::Button::new(strong_text(cx.tr(Label::KeepLead))),
        );
        if keep.on_hover_text(cx.tr(Label::KeepHint)).clicked() {
            cx.push(Edit::AddVirtual(target));
        }
    });
}

pub(super) fn presets(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.spacing_mut().button_padding.x -= 3.0;
        one_row(ui, cx, "presets", &PRESETS);
    });
}

/// The search, and a menu for each of [`GROUPS`].
const PRESETS: [Part; 8] = [
    |ui, cx| {
        let menu = ui.menu_button(cx.tr(Label::Search), |ui| search(ui, cx));
        menu.response.on_hover_text(cx.tr(Label::SearchAllLeads));
    },
    |ui, cx| presets_of(ui, cx, GROUPS[0]),
    |ui, cx| presets_of(ui, cx, GROUPS[1]),
    |ui, cx| presets_of(ui, cx, GROUPS[2]),
    |ui, cx| presets_of(ui, cx, GROUPS[3]),
    |ui, cx| presets_of(ui, cx, GROUPS[4]),
    |ui, cx| presets_of(ui, cx, GROUPS[5]),
    |ui, cx| presets_of(ui, cx, GROUPS[6]),
];

fn presets_of(ui: &mut Ui, cx: &mut PanelContext<'_>, (group, name, hint): (&str, Label, Label)) {
    let menu = ui.menu_button(cx.tr(name), |ui| preset_list(ui, cx, group));
    menu.response.on_hover_text(cx.tr(hint));
}

/// What to try first, until it was done or waved away.
pub(super) fn first_steps(ui: &mut Ui, cx: &mut PanelContext<'_>, pane_height: f32) {
    let done = cx.session.settings.hints_done;
    if !has_hints(pane_height, cx) {
        return;
    }
    let colours = cx.look.colours;
    let frame = Frame::new()
        .fill(colours.notice.gamma_multiply(0.10))
        .corner_radius(6)
        .inner_margin(Margin::symmetric(8, 3));
    frame.show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().interact_size.y = 20.0;
            for (step, text) in [
                (1, Label::DragTheDiamond),
                (2, Label::ChooseAPreset),
                (3, Label::Compare),
            ] {
                let (sign, ink) = if step <= done {
                    ("✓".to_owned(), colours.muted)
                } else {
                    (step.to_string(), colours.notice)
                };
                ui.label(strong_text(sign).color(ink));
                ui.label(
                    eframe::egui::RichText::new(cx.tr(text)).color(if step <= done {
                        colours.muted
                    } else {
                        colours.text
                    }),
                );
            }
            if ui
                .small_button("×")
                .on_hover_text(cx.tr(Label::HideTheseHints))
                .clicked()
            {
                cx.push(Command::SetSettings(Box::new(Settings {
                    hints_done: 3,
                    ..cx.session.settings.clone()
                })));
            }
        });
    });
}

fn preset_list(ui: &mut Ui, cx: &mut PanelContext<'_>, group: &str) {
    for lead in catalogue().iter().filter(|it| it.group == group) {
        preset_row(ui, cx, lead);
    }
}

/// A lead of the catalogue: its name and its place, one target.
fn preset_row(ui: &mut Ui, cx: &mut PanelContext<'_>, lead: &Montage) {
    let is_at = cx.session.document.preset.as_ref() == Some(&lead.name);
    let mut words = LayoutJob::default();
    let part = |font_id, color| TextFormat {
        font_id,
        color,
        ..TextFormat::default()
    };
    let (name, place) = (
        lead.name.synthesised_label(),
        cx.translator.lead_place(lead),
    );
    let colours = cx.look.colours;
    words.append(&name, 0.0, part(FontId::proportional(13.0), colours.text));
    words.append(place, 10.0, part(FontId::proportional(13.0), colours.muted));
    let row = ui.selectable_label(is_at, words);
    row.widget_info(|| WidgetInfo::selected(Role::Button, true, is_at, name.clone()));
    if row.clicked() {
        cx.push(Edit::UsePreset(lead.name.clone()));
        ui.close();
    }
}

/// All leads whose name, group or place holds what was typed.
fn search(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    ui.set_min_width(360.0);
    let hint = cx.tr(Label::SearchLeadsHint);
    let field = ui.add(
        eframe::egui::TextEdit::singleline(&mut cx.view.preset_query)
            .hint_text(hint)
            .desired_width(f32::INFINITY)
            .align(eframe::egui::Align2::LEFT_CENTER),
    );
    field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, hint));
    if !field.has_focus() && cx.view.preset_query.is_empty() {
        field.request_focus();
    }
    let query = cx.view.preset_query.to_lowercase();
    let words = |it: &Montage| {
        [
            it.name.to_string(),
            it.group.to_owned(),
            it.place.to_owned(),
            cx.translator.lead_place(it).to_owned(),
        ]
    };
    let found: Vec<&Montage> = catalogue()
        .iter()
        .filter(|it| {
            !it.name.is_limb()
                && words(it)
                    .iter()
                    .any(|text| text.to_lowercase().contains(&query))
        })
        .collect();
    eframe::egui::ScrollArea::vertical()
        .max_height(320.0)
        .show(ui, |ui| {
            for lead in found {
                preset_row(ui, cx, lead);
            }
        });
}
