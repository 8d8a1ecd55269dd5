//! Everything that can be done, by key or by name: the key sheet, the command palette and the keys
//! themselves.

use eframe::egui::{
    Context, Grid, Key, KeyboardShortcut, Modifiers, ScrollArea, TextEdit, Ui, ViewportCommand,
};

use super::{
    super::{
        camera::Camera,
        panel_context::PanelContext,
        view::{Dialog, ExportKind, OverlayPage, Pane, Teaching, Tool},
        widgets::{muted, strong_text},
    },
    ask,
};
use crate::{
    ecg::{PageLayout, PaperSettings},
    session::{Action, Appearance, Settings},
    words::{Label, Translator},
};

/// One command.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Command {
    Open,
    Save,
    Export,
    ExportAs(ExportKind),
    Copy,
    Undo,
    Redo,
    Palette,
    Keys,
    Guide,
    About,
    Settings,
    Front,
    Left,
    Back,
    Right,
    Torso,
    Map,
    Loops,
    Panorama,
    Keep,
    Play,
    Teach,
    Calipers,
    March,
    ClearCalipers,
    Calibrate,
    Calibrated,
    Deidentified,
    Cabrera,
    Layout(PageLayout),
    Fit,
    Light,
    Dark,
    Contrast,
    Larger,
    Smaller,
    FullScreen,
    HeldOut,
    Import,
    Close,
}

const COMMAND: Modifiers = Modifiers::COMMAND;

/// Commands with their words and keys.
#[rustfmt::skip]
const COMMANDS: &[(Command, Label, Option<KeyboardShortcut>)] = &[
    (Command::Open, Label::Open, Some(KeyboardShortcut::new(COMMAND, Key::O))),
    (Command::Save, Label::SaveSession, Some(KeyboardShortcut::new(COMMAND, Key::S))),
    (Command::Export, Label::ExportMenu, Some(KeyboardShortcut::new(COMMAND, Key::E))),
    (Command::Copy, Label::CopyPageHint, Some(KeyboardShortcut::new(COMMAND.plus(Modifiers::SHIFT), Key::C))),
    (Command::Undo, Label::Undo, Some(KeyboardShortcut::new(COMMAND, Key::Z))),
    (Command::Redo, Label::Redo, Some(KeyboardShortcut::new(COMMAND.plus(Modifiers::SHIFT), Key::Z))),
    (Command::Palette, Label::AllCommands, Some(KeyboardShortcut::new(COMMAND, Key::K))),
    (Command::Keys, Label::Keys, Some(KeyboardShortcut::new(Modifiers::NONE, Key::Questionmark))),
    (Command::Front, Label::TorsoFront, Some(KeyboardShortcut::new(Modifiers::NONE, Key::Num1))),
    (Command::Left, Label::TorsoLeft, Some(KeyboardShortcut::new(Modifiers::NONE, Key::Num2))),
    (Command::Back, Label::TorsoBack, Some(KeyboardShortcut::new(Modifiers::NONE, Key::Num3))),
    (Command::Right, Label::TorsoRight, Some(KeyboardShortcut::new(Modifiers::NONE, Key::Num4))),
    (Command::Torso, Label::ShowTorso, Some(KeyboardShortcut::new(Modifiers::NONE, Key::T))),
    (Command::Map, Label::ShowBodyMap, Some(KeyboardShortcut::new(Modifiers::NONE, Key::B))),
    (Command::Loops, Label::ShowVectorLoops, Some(KeyboardShortcut::new(Modifiers::NONE, Key::L))),
    (Command::Panorama, Label::ShowViews48, Some(KeyboardShortcut::new(Modifiers::NONE, Key::P))),
    (Command::Keep, Label::KeepThisLead, Some(KeyboardShortcut::new(Modifiers::NONE, Key::K))),
    (Command::Play, Label::PlayOrStop, Some(KeyboardShortcut::new(Modifiers::NONE, Key::Space))),
    (Command::Teach, Label::TeachingMode, Some(KeyboardShortcut::new(Modifiers::NONE, Key::F5))),
    (Command::Calipers, Label::Calipers, Some(KeyboardShortcut::new(Modifiers::NONE, Key::C))),
    (Command::March, Label::MarchingCalipers, Some(KeyboardShortcut::new(Modifiers::NONE, Key::M))),
    (Command::Fit, Label::WholePage, Some(KeyboardShortcut::new(Modifiers::NONE, Key::F))),
    (Command::Deidentified, Label::Deidentified, Some(KeyboardShortcut::new(COMMAND, Key::D))),
    (Command::FullScreen, Label::FullScreen, Some(KeyboardShortcut::new(Modifiers::NONE, Key::F11))),
    (Command::Larger, Label::EverythingLarger, Some(KeyboardShortcut::new(COMMAND, Key::Plus))),
    (Command::Smaller, Label::EverythingSmaller, Some(KeyboardShortcut::new(COMMAND, Key::Minus))),
    (Command::Calibrated, Label::CalibratedToPatient, None),
    (Command::Calibrate, Label::CalibrateAgain, None),
    (Command::ClearCalipers, Label::ClearCalipers, None),
    (Command::HeldOut, Label::HeldOutCommand, None),
    (Command::Import, Label::ImportReport, None),
    (Command::Cabrera, Label::CabreraOrder, None),
    (Command::Layout(PageLayout::ThreeByFour), Label::Layout3x4, None),
    (Command::Layout(PageLayout::ThreeByFourPlus1), Label::Layout3x4Rhythm, None),
    (Command::Layout(PageLayout::ThreeByFourPlus3), Label::Layout3x4ThreeRhythm, None),
    (Command::Layout(PageLayout::SixByTwo), Label::Layout6x2, None),
    (Command::Layout(PageLayout::TwelveByOne), Label::Layout12x1, None),
    (Command::ExportAs(ExportKind::Pdf), Label::PagePdf, None),
    (Command::ExportAs(ExportKind::Svg), Label::PageSvg, None),
    (Command::ExportAs(ExportKind::Png), Label::PagePng, None),
    (Command::ExportAs(ExportKind::Csv), Label::LeadsCsv, None),
    (Command::ExportAs(ExportKind::Edf), Label::LeadsEdf, None),
    (Command::Light, Label::LightWindow, None),
    (Command::Dark, Label::DarkWindow, None),
    (Command::Contrast, Label::HighContrastWindow, None),
    (Command::Settings, Label::SettingsMenu, None),
    (Command::Guide, Label::ShortGuideMenu, None),
    (Command::About, Label::AboutMenu, None),
    (Command::Close, Label::CloseRecording, None),
];

/// Whether the command makes sense now.
fn is_possible(cx: &PanelContext<'_>, command: Command) -> bool {
    let always = [
        Command::Open,
        Command::Palette,
        Command::Keys,
        Command::Guide,
        Command::About,
        Command::Settings,
        Command::Light,
        Command::Dark,
        Command::Contrast,
        Command::Larger,
        Command::Smaller,
        Command::FullScreen,
        Command::Deidentified,
    ];
    cx.session.exam.is_some() || always.contains(&command)
}

fn run(ctx: &Context, cx: &mut PanelContext<'_>, command: Command) {
    let settings = |appearance| {
        Action::SetSettings(Box::new(Settings {
            appearance,
            ..cx.session.settings.clone()
        }))
    };
    let scaled = |factor: f32| {
        let ui_scale = (cx.session.settings.ui_scale * factor).clamp(0.5, 3.0);
        Action::SetSettings(Box::new(Settings {
            ui_scale,
            ..cx.session.settings.clone()
        }))
    };
    let page = &cx.session.document.page;
    let tool = |wanted: Tool, now: Tool| if now == wanted { Tool::Cursor } else { wanted };
    match command {
        Command::Open => ask::ask_open(cx),
        Command::Save => ask::ask_save(cx),
        Command::Export => cx.view.dialog = Some(Dialog::Export),
        Command::ExportAs(kind) => ask::ask_export(cx, kind),
        Command::Copy => super::export::copy(cx),
        Command::Undo => cx.push(Action::Undo),
        Command::Redo => cx.push(Action::Redo),
        Command::Palette => {
            cx.view.dialog = Some(Dialog::Palette {
                query: String::new(),
                at: 0,
            })
        }
        Command::Keys => cx.view.dialog = Some(Dialog::Keys),
        Command::Guide => cx.view.dialog = Some(Dialog::Guide),
        Command::About => cx.view.dialog = Some(Dialog::About),
        Command::Settings => cx.view.dialog = Some(Dialog::Settings),
        Command::HeldOut => {
            cx.view.dialog = Some(Dialog::HeldOut {
                lead: None,
                page: OverlayPage::default(),
            })
        }
        Command::Import => cx.view.dialog = Some(Dialog::Import),
        Command::Front => cx.view.camera = Camera::FRONT,
        Command::Left => cx.view.camera = Camera::LEFT,
        Command::Back => cx.view.camera = Camera::BACK,
        Command::Right => cx.view.camera = Camera::RIGHT,
        Command::Torso => cx.view.pane = Pane::Torso,
        Command::Map => {
            cx.view.pane = Pane::Map;
        }
        Command::Loops => cx.view.pane = Pane::Loops,
        Command::Panorama => {
            cx.view.pane = Pane::Panorama;
            cx.push(Action::AskPanorama);
        }
        Command::Keep => cx.push(Action::AddVirtual(cx.session.document.point_target())),
        Command::Play => cx.view.playing = !cx.view.playing,
        Command::Teach => {
            cx.view.teaching = if cx.view.teaching.is_some() {
                None
            } else {
                Some(Teaching::default())
            }
        }
        Command::Calipers => cx.view.tool = tool(Tool::Caliper, cx.view.tool),
        Command::March => cx.view.tool = tool(Tool::March, cx.view.tool),
        Command::ClearCalipers => cx.push(Action::ClearCalipers),
        Command::Calibrate => cx.push(Action::Calibrate),
        Command::Calibrated => cx.push(Action::SetCalibrated(!cx.session.document.calibrated)),
        Command::Deidentified => {
            cx.push(Action::SetDeidentified(!cx.session.document.deidentified))
        }
        Command::Cabrera => cx.push(Action::SetPage(PaperSettings {
            cabrera: !page.cabrera,
            ..*page
        })),
        Command::Layout(layout) => cx.push(Action::SetPage(PaperSettings { layout, ..*page })),
        Command::Fit => (cx.view.paper_zoom, cx.view.paper_pan) = (1.0, eframe::egui::Vec2::ZERO),
        Command::Light => cx.push(settings(Appearance::Light)),
        Command::Dark => cx.push(settings(Appearance::Dark)),
        Command::Contrast => cx.push(settings(Appearance::HighContrast)),
        Command::Larger => cx.push(scaled(1.1)),
        Command::Smaller => cx.push(scaled(1.0 / 1.1)),
        Command::FullScreen => {
            let now = ctx.input(|it| it.viewport().fullscreen.unwrap_or(false));
            ctx.send_viewport_cmd(ViewportCommand::Fullscreen(!now));
        }
        Command::Close => cx.push(Action::Close),
    }
}

/// The keys of this frame. Letters count only while nothing is being typed.
pub fn run_keys(ctx: &Context, cx: &mut PanelContext<'_>) {
    let typing = ctx.text_edit_focused();
    if cx.view.dialog.is_some() {
        return;
    }
    // Longer shortcuts first, so that Ctrl+Shift+Z is not taken for Ctrl+Z.
    let mut with_keys: Vec<_> = COMMANDS
        .iter()
        .filter_map(|it| Some((it.0, it.2?)))
        .collect();
    with_keys.sort_by_key(|it| !it.1.modifiers.shift);
    for (command, shortcut) in with_keys {
        let is_letter = shortcut.modifiers.is_none();
        if (is_letter && typing) || !is_possible(cx, command) {
            continue;
        }
        if ctx.input_mut(|it| it.consume_shortcut(&shortcut)) {
            run(ctx, cx, command);
        }
    }
    if !typing && cx.session.exam.is_some() {
        arrows(ctx, cx);
    }
}

/// Arrows move the point by one degree, with shift by ten.
fn arrows(ctx: &Context, cx: &mut PanelContext<'_>) {
    let step = if ctx.input(|it| it.modifiers.shift) {
        10f64
    } else {
        1.0
    }
    .to_radians();
    let (mut down, mut left) = (0.0, 0.0);
    ctx.input(|it| {
        for (key, (d, l)) in [
            (Key::ArrowUp, (-1.0, 0.0)),
            (Key::ArrowDown, (1.0, 0.0)),
            (Key::ArrowLeft, (0.0, -1.0)),
            (Key::ArrowRight, (0.0, 1.0)),
        ] {
            let n = it.num_presses(key) as f64;
            (down, left) = (down + n * d * step, left + n * l * step);
        }
    });
    if (down, left) != (0.0, 0.0)
        && ctx
            .memory(|it| it.focused())
            .is_none_or(|id| Some(id) == cx.view.torso_id)
    {
        cx.push(Action::MovePoint(
            cx.session.document.point.moved(down, left),
        ));
    }
    let released = ctx.input(|it| {
        [
            Key::ArrowUp,
            Key::ArrowDown,
            Key::ArrowLeft,
            Key::ArrowRight,
        ]
        .iter()
        .any(|key| it.key_released(*key))
    });
    if released {
        cx.push(Action::EndGesture);
    }
}

/// Keys by what is printed on them.
fn readable(shortcut: String) -> String {
    [("Questionmark", "?"), ("Plus", "+"), ("Minus", "−")]
        .into_iter()
        .fold(shortcut, |text, (name, sign)| text.replace(name, sign))
}

/// The key sheet.
pub fn keys(ui: &mut Ui, cx: &PanelContext<'_>) {
    ui.heading(cx.tr(Label::Keys));
    ScrollArea::vertical()
        .max_height(0.7 * ui.ctx().content_rect().height())
        .show(ui, |ui| {
            Grid::new("keys")
                .num_columns(4)
                .spacing([16.0, 4.0])
                .show(ui, |ui| {
                    let listed: Vec<_> = COMMANDS
                        .iter()
                        .filter_map(|it| Some((it.1, it.2?)))
                        .collect();
                    let mut rows: Vec<(String, &str)> = listed
                        .iter()
                        .map(|(name, key)| (readable(ui.ctx().format_shortcut(key)), cx.tr(*name)))
                        .collect();
                    rows.push(("← ↑ → ↓".into(), cx.tr(Label::MovePointKeys)));
                    rows.push(("Esc".into(), cx.tr(Label::CloseFront)));
                    let half = rows.len().div_ceil(2);
                    for row in 0..half {
                        for (key, name) in
                            [rows.get(row), rows.get(row + half)].into_iter().flatten()
                        {
                            ui.label(strong_text(key));
                            ui.label(*name);
                        }
                        ui.end_row();
                    }
                });
            ui.add_space(6.0);
            ui.label(muted(cx.tr(Label::TorsoMouse), &cx.look.colours));
            ui.label(muted(cx.tr(Label::PaperMouse), &cx.look.colours));
        });
}

/// The command palette: type, choose with arrows, Enter.
pub fn palette(ui: &mut Ui, cx: &mut PanelContext<'_>, query: &mut String, at: &mut usize) -> bool {
    let hint = cx.tr(Label::TypeCommandOrLead);
    let field = ui.add(
        TextEdit::singleline(query)
            .hint_text(hint)
            .desired_width(f32::INFINITY)
            .align(eframe::egui::Align2::LEFT_CENTER),
    );
    field.widget_info(|| {
        eframe::egui::WidgetInfo::labeled(eframe::egui::Role::TextInput, true, hint)
    });
    field.request_focus();
    let wanted = query.to_lowercase();
    let fits = |text: &str| {
        wanted
            .split_whitespace()
            .all(|word| text.to_lowercase().contains(word))
    };
    let mut choices: Vec<(String, String, Choice)> = COMMANDS
        .iter()
        .filter(|it| {
            is_possible(cx, it.0)
                && it.0 != Command::Palette
                && (fits(Translator::default().tr(it.1)) || fits(cx.tr(it.1)))
        })
        .map(|(command, name, key)| {
            let key = key
                .map(|it| readable(ui.ctx().format_shortcut(&it)))
                .unwrap_or_default();
            (cx.tr(*name).to_owned(), key, Choice::Command(*command))
        })
        .collect();
    if cx.session.exam.is_some() && !wanted.is_empty() {
        let leads = crate::ecg::catalogue().iter().filter(|it| {
            !it.name.is_limb()
                && fits(&format!(
                    "{} {} {} {}",
                    it.name,
                    it.group,
                    it.place,
                    cx.say(it.place)
                ))
        });
        choices.extend(leads.map(|it| {
            (
                format!("d{}", it.name),
                cx.say(it.place),
                Choice::Lead(it.name.clone()),
            )
        }));
    }
    let (up, down, enter) = ui.input(|it| {
        (
            it.key_pressed(Key::ArrowUp),
            it.key_pressed(Key::ArrowDown),
            it.key_pressed(Key::Enter),
        )
    });
    *at = (*at + usize::from(down))
        .saturating_sub(usize::from(up))
        .min(choices.len().saturating_sub(1));
    let mut chosen = enter
        .then(|| choices.get(*at).map(|it| it.2.clone()))
        .flatten();
    ScrollArea::vertical()
        .max_height(360.0)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            for (idx, (name, side, choice)) in choices.iter().enumerate() {
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
            if choices.is_empty() {
                ui.label(muted(cx.tr(Label::NothingOfThatName), &cx.look.colours));
            }
        });
    match chosen {
        Some(Choice::Command(command)) => run(ui.ctx(), cx, command),
        Some(Choice::Lead(name)) => cx.push(Action::UsePreset(name)),
        None => return true,
    }
    false
}

#[derive(Clone)]
enum Choice {
    Command(Command),
    Lead(crate::ecg::LeadName),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_has_two_meanings() {
        let keys: Vec<_> = COMMANDS.iter().filter_map(|it| it.2).collect();
        for (idx, key) in keys.iter().enumerate() {
            assert!(!keys[..idx].contains(key), "{key:?} twice");
        }
    }
}
