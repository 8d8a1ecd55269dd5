//! Everything that can be done by key or by name, and the keys themselves.

use eframe::egui::{Context, Key, KeyboardShortcut, Modifiers, Vec2, ViewportCommand};

use super::super::{
    camera::Camera,
    panel_context::PanelContext,
    view::{Dialog, OverlayPage, Pane, Teaching, Tool},
};
use crate::{
    ecg::{PageLayout, PaperSettings},
    session::{
        Action, Command, Edit, ExportForm, PathPurpose, Query, Session,
        settings::{Appearance, Settings},
    },
    words::Label,
};

/// One thing that can be done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Entry {
    Open,
    Save,
    Export,
    ExportAs(ExportForm),
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

/// All of them, with their words and keys.
#[rustfmt::skip]
pub(super) const ENTRIES: &[(Entry, Label, Option<KeyboardShortcut>)] = &[
    (Entry::Open, Label::Open, Some(KeyboardShortcut::new(COMMAND, Key::O))),
    (Entry::Save, Label::SaveSession, Some(KeyboardShortcut::new(COMMAND, Key::S))),
    (Entry::Export, Label::ExportMenu, Some(KeyboardShortcut::new(COMMAND, Key::E))),
    (Entry::Copy, Label::CopyPageHint, Some(KeyboardShortcut::new(COMMAND.plus(Modifiers::SHIFT), Key::C))),
    (Entry::Undo, Label::Undo, Some(KeyboardShortcut::new(COMMAND, Key::Z))),
    (Entry::Redo, Label::Redo, Some(KeyboardShortcut::new(COMMAND.plus(Modifiers::SHIFT), Key::Z))),
    (Entry::Palette, Label::AllCommands, Some(KeyboardShortcut::new(COMMAND, Key::K))),
    (Entry::Keys, Label::Keys, Some(KeyboardShortcut::new(Modifiers::NONE, Key::Questionmark))),
    (Entry::Front, Label::TorsoFront, Some(KeyboardShortcut::new(Modifiers::NONE, Key::Num1))),
    (Entry::Left, Label::TorsoLeft, Some(KeyboardShortcut::new(Modifiers::NONE, Key::Num2))),
    (Entry::Back, Label::TorsoBack, Some(KeyboardShortcut::new(Modifiers::NONE, Key::Num3))),
    (Entry::Right, Label::TorsoRight, Some(KeyboardShortcut::new(Modifiers::NONE, Key::Num4))),
    (Entry::Torso, Label::ShowTorso, Some(KeyboardShortcut::new(Modifiers::NONE, Key::T))),
    (Entry::Map, Label::ShowBodyMap, Some(KeyboardShortcut::new(Modifiers::NONE, Key::B))),
    (Entry::Loops, Label::ShowVectorLoops, Some(KeyboardShortcut::new(Modifiers::NONE, Key::L))),
    (Entry::Panorama, Label::ShowViews48, Some(KeyboardShortcut::new(Modifiers::NONE, Key::P))),
    (Entry::Keep, Label::KeepThisLead, Some(KeyboardShortcut::new(Modifiers::NONE, Key::K))),
    (Entry::Play, Label::PlayOrStop, Some(KeyboardShortcut::new(Modifiers::NONE, Key::Space))),
    (Entry::Teach, Label::TeachingMode, Some(KeyboardShortcut::new(Modifiers::NONE, Key::F5))),
    (Entry::Calipers, Label::Calipers, Some(KeyboardShortcut::new(Modifiers::NONE, Key::C))),
    (Entry::March, Label::MarchingCalipers, Some(KeyboardShortcut::new(Modifiers::NONE, Key::M))),
    (Entry::Fit, Label::WholePage, Some(KeyboardShortcut::new(Modifiers::NONE, Key::F))),
    (Entry::Deidentified, Label::Deidentified, Some(KeyboardShortcut::new(COMMAND, Key::D))),
    (Entry::FullScreen, Label::FullScreen, Some(KeyboardShortcut::new(Modifiers::NONE, Key::F11))),
    (Entry::Larger, Label::EverythingLarger, Some(KeyboardShortcut::new(COMMAND, Key::Plus))),
    (Entry::Smaller, Label::EverythingSmaller, Some(KeyboardShortcut::new(COMMAND, Key::Minus))),
    (Entry::Calibrated, Label::CalibratedToPatient, None),
    (Entry::Calibrate, Label::CalibrateAgain, None),
    (Entry::ClearCalipers, Label::ClearCalipers, None),
    (Entry::HeldOut, Label::HeldOutCommand, None),
    (Entry::Import, Label::ImportReport, None),
    (Entry::Cabrera, Label::CabreraOrder, None),
    (Entry::Layout(PageLayout::ThreeByFour), Label::Layout3x4, None),
    (Entry::Layout(PageLayout::ThreeByFourPlus1), Label::Layout3x4Rhythm, None),
    (Entry::Layout(PageLayout::ThreeByFourPlus3), Label::Layout3x4ThreeRhythm, None),
    (Entry::Layout(PageLayout::SixByTwo), Label::Layout6x2, None),
    (Entry::Layout(PageLayout::TwelveByOne), Label::Layout12x1, None),
    (Entry::ExportAs(ExportForm::Pdf), Label::PagePdf, None),
    (Entry::ExportAs(ExportForm::Svg), Label::PageSvg, None),
    (Entry::ExportAs(ExportForm::Png), Label::PagePng, None),
    (Entry::ExportAs(ExportForm::Csv), Label::LeadsCsv, None),
    (Entry::ExportAs(ExportForm::Edf), Label::LeadsEdf, None),
    (Entry::Light, Label::LightWindow, None),
    (Entry::Dark, Label::DarkWindow, None),
    (Entry::Contrast, Label::HighContrastWindow, None),
    (Entry::Settings, Label::SettingsMenu, None),
    (Entry::Guide, Label::ShortGuideMenu, None),
    (Entry::About, Label::AboutMenu, None),
    (Entry::Close, Label::CloseRecording, None),
];

/// Whether it makes sense now.
pub(super) fn is_possible(cx: &PanelContext<'_>, entry: Entry) -> bool {
    let always = [
        Entry::Open,
        Entry::Palette,
        Entry::Keys,
        Entry::Guide,
        Entry::About,
        Entry::Settings,
        Entry::Light,
        Entry::Dark,
        Entry::Contrast,
        Entry::Larger,
        Entry::Smaller,
        Entry::FullScreen,
        Entry::Deidentified,
    ];
    cx.session.exam.is_some() || always.contains(&entry)
}

/// Does it.
pub(super) fn run(ctx: &Context, cx: &mut PanelContext<'_>, entry: Entry) {
    let tool = |wanted: Tool, now: Tool| if now == wanted { Tool::Cursor } else { wanted };
    let view = &mut *cx.view;
    match entry {
        Entry::Export => view.dialog = Some(Dialog::Export),
        Entry::Palette => {
            view.dialog = Some(Dialog::Palette {
                query: String::new(),
                at: 0,
            })
        }
        Entry::Keys => view.dialog = Some(Dialog::Keys),
        Entry::Guide => view.dialog = Some(Dialog::Guide),
        Entry::About => view.dialog = Some(Dialog::About),
        Entry::Settings => view.dialog = Some(Dialog::Settings),
        Entry::HeldOut => {
            view.dialog = Some(Dialog::HeldOut {
                lead: None,
                page: OverlayPage::default(),
            })
        }
        Entry::Import => view.dialog = Some(Dialog::Import),
        Entry::Front => view.camera = Camera::FRONT,
        Entry::Left => view.camera = Camera::LEFT,
        Entry::Back => view.camera = Camera::BACK,
        Entry::Right => view.camera = Camera::RIGHT,
        Entry::Torso => view.pane = Pane::Torso,
        Entry::Map => view.pane = Pane::Map,
        Entry::Loops => view.pane = Pane::Loops,
        Entry::Panorama => view.pane = Pane::Panorama,
        Entry::Play => view.playing = !view.playing,
        Entry::Teach => {
            view.teaching = match view.teaching {
                Some(_) => None,
                None => Some(Teaching::default()),
            }
        }
        Entry::Calipers => view.tool = tool(Tool::Caliper, view.tool),
        Entry::March => view.tool = tool(Tool::March, view.tool),
        Entry::Fit => (view.paper_zoom, view.paper_pan) = (1.0, Vec2::ZERO),
        Entry::FullScreen => {
            let now = ctx.input(|it| it.viewport().fullscreen.unwrap_or(false));
            ctx.send_viewport_cmd(ViewportCommand::Fullscreen(!now));
        }
        _ => {} // An action of the session's.
    }
    cx.actions.extend(action(cx.session, entry));
}

/// What the session is to do, where it is not the screen's own state that changes.
fn action(session: &Session, entry: Entry) -> Option<Action> {
    let page = &session.document.page;
    let settings = |change: &dyn Fn(&mut Settings)| {
        let mut settings = session.settings.clone();
        change(&mut settings);
        Command::SetSettings(Box::new(settings)).into()
    };
    let appearance = |wanted| settings(&|settings| settings.appearance = wanted);
    let scaled = |factor: f32| {
        settings(&|settings| settings.ui_scale = (settings.ui_scale * factor).clamp(0.5, 3.0))
    };
    Some(match entry {
        Entry::Open => Command::AskPath(PathPurpose::Open).into(),
        Entry::Save => Command::AskPath(PathPurpose::Save).into(),
        Entry::ExportAs(form) => Command::AskPath(PathPurpose::Export(form)).into(),
        Entry::Copy => Command::CopyPage.into(),
        Entry::Undo => Command::Undo.into(),
        Entry::Redo => Command::Redo.into(),
        Entry::Panorama => Query::Panorama.into(),
        Entry::Keep => Edit::AddVirtual(session.document.point_target()).into(),
        Entry::ClearCalipers => Edit::ClearCalipers.into(),
        Entry::Calibrate => Command::Calibrate.into(),
        Entry::Calibrated => Edit::SetCalibrated(!session.document.calibrated).into(),
        Entry::Deidentified => Edit::SetDeidentified(!session.document.deidentified).into(),
        Entry::Cabrera => {
            let cabrera = !page.cabrera;
            Edit::SetPage(PaperSettings { cabrera, ..*page }).into()
        }
        Entry::Layout(layout) => Edit::SetPage(PaperSettings { layout, ..*page }).into(),
        Entry::Light => appearance(Appearance::Light),
        Entry::Dark => appearance(Appearance::Dark),
        Entry::Contrast => appearance(Appearance::HighContrast),
        Entry::Larger => scaled(1.1),
        Entry::Smaller => scaled(1.0 / 1.1),
        Entry::Close => Command::Close.into(),
        _ => return None,
    })
}

/// The keys of this frame. Letters count only while nothing is being typed.
pub fn run_keys(ctx: &Context, cx: &mut PanelContext<'_>) {
    let typing = ctx.text_edit_focused();
    if cx.view.dialog.is_some() || cx.session.prompts.unsaved.is_some() {
        return;
    }
    // Longer shortcuts first, so that Ctrl+Shift+Z is not taken for Ctrl+Z.
    let mut with_keys: Vec<_> = ENTRIES
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
        cx.push(Edit::MovePoint(cx.session.document.point.moved(down, left)));
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
        cx.push(Command::EndGesture);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_has_two_meanings() {
        let keys: Vec<_> = ENTRIES.iter().filter_map(|it| it.2).collect();
        for (idx, key) in keys.iter().enumerate() {
            assert!(!keys[..idx].contains(key), "{key:?} twice");
        }
    }
}
