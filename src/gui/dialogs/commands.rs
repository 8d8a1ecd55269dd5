//! Everything that can be done by key or by name, and the keys themselves.

use eframe::egui::{Context, Key, KeyboardShortcut, Modifiers, Vec2, ViewportCommand};

use super::super::{
    camera::Camera,
    paging::Paging,
    panel_context::PanelContext,
    view::{Dialog, OverlayPage, Pane, Teaching, Tool},
};
use crate::{
    ecg::{PageLayout, Sheet},
    session::{
        Action, Command, Edit, ExportForm, PathPurpose, Query, Review, Session, Towards,
        settings::{Appearance, Settings},
    },
    signal::FilterSettings,
    words::{Label, Language, own_name},
};

/// One thing that can be done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Entry {
    Open,
    OpenFolder,
    Compare,
    CloseComparison,
    RestoreElectrodes,
    NextExam,
    PreviousExam,
    Reviewed,
    Exams,
    CloseList,
    NextPage,
    PreviousPage,
    Save,
    Export,
    ExportAs(ExportForm),
    Copy,
    Print,
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
    AllLeads,
    ClearCalipers,
    Calibrate,
    Calibrated,
    Deidentified,
    Cabrera,
    HalfGain,
    Layout(PageLayout),
    Speed(f64),
    Gain(f64),
    HighPass(f64),
    LowPass(f64),
    Notch(f64),
    FiltersOff,
    Magnifier,
    OwnWindow,
    Beats,
    RestoreBeats,
    Median,
    TrueSize,
    MeasureScreen,
    DarkPaper,
    Touch,
    Measurements,
    Speak(Language),
    Sheet(Option<Sheet>),
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
const CTRL_SHIFT: Modifiers = COMMAND.plus(Modifiers::SHIFT);

/// Opens the palette.
pub const PALETTE_KEY: KeyboardShortcut = KeyboardShortcut::new(COMMAND, Key::K);
/// Opens a recording.
pub const OPEN_KEY: KeyboardShortcut = KeyboardShortcut::new(COMMAND, Key::O);
/// Saves the session.
pub const SAVE_KEY: KeyboardShortcut = KeyboardShortcut::new(COMMAND, Key::S);
/// Opens the choice of exports.
pub const EXPORT_KEY: KeyboardShortcut = KeyboardShortcut::new(COMMAND, Key::E);

/// A shortcut as this system writes it, by what is printed on the keys of that language.
pub fn key_words(ctx: &Context, language: Language, shortcut: &KeyboardShortcut) -> String {
    let names: &[(&str, &str)] = match language {
        Language::German => &[("Ctrl", "Strg"), ("Shift", "Umschalt")],
        Language::French => &[("Shift", "Maj")],
        Language::Spanish => &[("Shift", "Mayús")],
        Language::English | Language::Chinese => &[],
    };
    let signs = [("Questionmark", "?"), ("Plus", "+"), ("Minus", "−")];
    let all = signs.iter().chain(names);
    all.fold(ctx.format_shortcut(shortcut), |text, (name, sign)| {
        text.replace(name, sign)
    })
}

/// All of them, with their words and keys.
#[rustfmt::skip]
pub(super) const ENTRIES: &[(Entry, Label, Option<KeyboardShortcut>)] = &[
    (Entry::Open, Label::Open, Some(OPEN_KEY)),
    (Entry::OpenFolder, Label::OpenFolder, Some(KeyboardShortcut::new(CTRL_SHIFT, Key::O))),
    (Entry::NextExam, Label::NextExam, Some(KeyboardShortcut::new(Modifiers::NONE, Key::N))),
    (Entry::PreviousExam, Label::PreviousExam, Some(KeyboardShortcut::new(Modifiers::SHIFT, Key::N))),
    (Entry::Reviewed, Label::Reviewed, Some(KeyboardShortcut::new(Modifiers::NONE, Key::R))),
    (Entry::Exams, Label::ShowExams, Some(KeyboardShortcut::new(Modifiers::NONE, Key::W))),
    (Entry::NextPage, Label::PageForward, Some(KeyboardShortcut::new(Modifiers::NONE, Key::PageDown))),
    (Entry::PreviousPage, Label::PageBack, Some(KeyboardShortcut::new(Modifiers::NONE, Key::PageUp))),
    (Entry::Save, Label::SaveSession, Some(SAVE_KEY)),
    (Entry::Export, Label::ExportMenu, Some(EXPORT_KEY)),
    (Entry::Copy, Label::CopyPageHint, Some(KeyboardShortcut::new(CTRL_SHIFT, Key::C))),
    (Entry::Print, Label::Print, Some(KeyboardShortcut::new(COMMAND, Key::P))),
    (Entry::Undo, Label::Undo, Some(KeyboardShortcut::new(COMMAND, Key::Z))),
    (Entry::Redo, Label::Redo, Some(KeyboardShortcut::new(CTRL_SHIFT, Key::Z))),
    (Entry::Palette, Label::AllCommands, Some(PALETTE_KEY)),
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
    (Entry::AllLeads, Label::AllLeadsHint, Some(KeyboardShortcut::new(Modifiers::NONE, Key::A))),
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
    (Entry::HalfGain, Label::ChestHalfGain, None),
    (Entry::Speed(12.5), Label::PaperSpeed, None),
    (Entry::Speed(25.0), Label::PaperSpeed, None),
    (Entry::Speed(50.0), Label::PaperSpeed, None),
    (Entry::Speed(100.0), Label::PaperSpeed, None),
    (Entry::Gain(5.0), Label::Gain, None),
    (Entry::Gain(10.0), Label::Gain, None),
    (Entry::Gain(20.0), Label::Gain, None),
    (Entry::HighPass(0.05), Label::HighPass, None),
    (Entry::HighPass(0.5), Label::HighPass, None),
    (Entry::LowPass(40.0), Label::LowPass, None),
    (Entry::LowPass(100.0), Label::LowPass, None),
    (Entry::LowPass(150.0), Label::LowPass, None),
    (Entry::Notch(50.0), Label::Mains, None),
    (Entry::Notch(60.0), Label::Mains, None),
    (Entry::FiltersOff, Label::FiltersOff, None),
    (Entry::Magnifier, Label::Magnifier, Some(KeyboardShortcut::new(Modifiers::NONE, Key::Z))),
    (Entry::OwnWindow, Label::OwnWindow, Some(KeyboardShortcut::new(Modifiers::NONE, Key::O))),
    (Entry::Beats, Label::BeatsTool, Some(KeyboardShortcut::new(Modifiers::NONE, Key::E))),
    (Entry::RestoreBeats, Label::RestoreBeats, None),
    (Entry::Median, Label::MedianBeat, None),
    (Entry::Measurements, Label::Measurements, None),
    (Entry::TrueSize, Label::TrueMillimetres, None),
    (Entry::MeasureScreen, Label::MeasureScreenMenu, None),
    (Entry::DarkPaper, Label::DarkPaper, None),
    (Entry::Touch, Label::LargeTargets, None),
    (Entry::Speak(Language::English), Label::Language, None),
    (Entry::Speak(Language::German), Label::Language, None),
    (Entry::Speak(Language::French), Label::Language, None),
    (Entry::Speak(Language::Spanish), Label::Language, None),
    (Entry::Speak(Language::Chinese), Label::Language, None),
    (Entry::Sheet(None), Label::SheetStandard, Some(KeyboardShortcut::new(Modifiers::ALT, Key::Num0))),
    (Entry::Sheet(Some(Sheet::Brugada)), Label::SheetBrugada, Some(KeyboardShortcut::new(Modifiers::ALT, Key::Num1))),
    (Entry::Sheet(Some(Sheet::Posterior)), Label::SheetPosterior, Some(KeyboardShortcut::new(Modifiers::ALT, Key::Num2))),
    (Entry::Sheet(Some(Sheet::RightSided)), Label::SheetRight, Some(KeyboardShortcut::new(Modifiers::ALT, Key::Num3))),
    (Entry::Sheet(Some(Sheet::Fifteen)), Label::Sheet15, Some(KeyboardShortcut::new(Modifiers::ALT, Key::Num4))),
    (Entry::Sheet(Some(Sheet::Eighteen)), Label::Sheet18, Some(KeyboardShortcut::new(Modifiers::ALT, Key::Num5))),
    (Entry::Sheet(Some(Sheet::Kept)), Label::SheetKept, Some(KeyboardShortcut::new(Modifiers::ALT, Key::Num6))),
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
    (Entry::CloseList, Label::CloseList, None),
    (Entry::Compare, Label::CompareExam, Some(KeyboardShortcut::new(CTRL_SHIFT, Key::E))),
    (Entry::CloseComparison, Label::CloseComparison, None),
    (Entry::RestoreElectrodes, Label::RestoreElectrodes, None),
];

/// What it is called: its label, and where several share one, its own figure.
pub(super) fn name(cx: &PanelContext<'_>, entry: Entry, label: Label) -> String {
    let own = match entry {
        Entry::Speed(speed) => cx.translator.plain(speed, "mm/s"),
        Entry::Gain(gain) => cx.translator.plain(gain, "mm/mV"),
        Entry::HighPass(hz) | Entry::LowPass(hz) | Entry::Notch(hz) => {
            cx.translator.plain(hz, "Hz")
        }
        Entry::Speak(language) => own_name(language).to_owned(),
        _ => return cx.tr(label).to_owned(),
    };
    format!("{}: {own}", cx.tr(label))
}

/// Whether it makes sense now.
pub(super) fn is_possible(cx: &PanelContext<'_>, entry: Entry) -> bool {
    let always = [
        Entry::Open,
        Entry::OpenFolder,
        Entry::Palette,
        Entry::Keys,
        Entry::Guide,
        Entry::About,
        Entry::Settings,
        Entry::Light,
        Entry::Dark,
        Entry::Contrast,
        Entry::DarkPaper,
        Entry::Touch,
        Entry::MeasureScreen,
        Entry::Larger,
        Entry::Smaller,
        Entry::FullScreen,
        Entry::Deidentified,
    ];
    let tells = [
        Entry::Import,
        Entry::Measurements,
        Entry::HeldOut,
        Entry::Map,
    ];
    match entry {
        _ if cx.session.is_quizzing() && tells.contains(&entry) => false,
        Entry::CloseComparison => cx.session.other.is_some(),
        Entry::RestoreBeats => !cx.session.document.beats.is_empty(),
        Entry::RestoreElectrodes => !cx.session.document.electrodes.is_empty(),
        Entry::NextExam => cx.session.listed_beside(Towards::Next).is_some(),
        Entry::PreviousExam => cx.session.listed_beside(Towards::Previous).is_some(),
        Entry::Exams | Entry::CloseList => cx.session.worklist.is_some(),
        Entry::Reviewed => cx.session.exam_id().is_some(),
        Entry::NextPage | Entry::PreviousPage => Paging::of(cx).is_some(),
        Entry::Speak(_) => true,
        _ => cx.session.exam.is_some() || always.contains(&entry),
    }
}

/// Does it.
pub(super) fn run(ctx: &Context, cx: &mut PanelContext<'_>, entry: Entry) {
    let tool = |wanted: Tool, now: Tool| if now == wanted { Tool::Cursor } else { wanted };
    let view = &mut *cx.view;
    match entry {
        Entry::Export => view.dialog = Some(Dialog::Export),
        Entry::Palette => view.dialog = Some(Dialog::palette()),
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
        Entry::Exams => view.is_list_hidden = !view.is_list_hidden,
        Entry::NextPage => return turn_page(cx, 1.0),
        Entry::PreviousPage => return turn_page(cx, -1.0),
        Entry::Play => view.playing = !view.playing,
        Entry::Teach => {
            view.teaching = match view.teaching {
                Some(_) => None,
                None => Some(Teaching::default()),
            }
        }
        Entry::Calipers => view.tool = tool(Tool::Caliper, view.tool),
        Entry::March => view.tool = tool(Tool::March, view.tool),
        Entry::Beats => view.tool = tool(Tool::Beats, view.tool),
        Entry::OwnWindow => view.torso_apart = !view.torso_apart,
        Entry::Magnifier => view.magnifier = !view.magnifier,
        Entry::Median => view.median = !view.median,
        Entry::TrueSize => view.true_size = !view.true_size,
        Entry::MeasureScreen => view.dialog = Some(Dialog::Ruler { card_points: 323.0 }),
        Entry::Measurements => view.pane = Pane::Measurements,
        Entry::AllLeads => view.tool = tool(Tool::AllLeads, view.tool),
        Entry::Fit => (view.paper_zoom, view.paper_pan) = (1.0, Vec2::ZERO),
        Entry::FullScreen => {
            let now = ctx.input(|it| it.viewport().fullscreen.unwrap_or(false));
            ctx.send_viewport_cmd(ViewportCommand::Fullscreen(!now));
        }
        _ => {} // An action of the session's.
    }
    cx.actions.extend(action(cx.session, entry));
}

/// Turns as many pages.
fn turn_page(cx: &mut PanelContext<'_>, pages: f64) {
    if let Some(paging) = Paging::of(cx) {
        paging.go_to(cx, paging.start_s + pages * paging.page_s);
    }
}

/// What the session is to do, where it is not the screen's own state that changes.
fn action(session: &Session, entry: Entry) -> Option<Action> {
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
        Entry::OpenFolder => Command::AskPath(PathPurpose::OpenFolder).into(),
        Entry::NextExam => Command::StepList(Towards::Next).into(),
        Entry::PreviousExam => Command::StepList(Towards::Previous).into(),
        Entry::RestoreElectrodes => Edit::RestoreElectrodes.into(),
        Entry::CloseList => Command::CloseList.into(),
        Entry::Compare => Command::AskPath(PathPurpose::Compare).into(),
        Entry::CloseComparison => Command::CloseComparison.into(),
        Entry::Reviewed => {
            let Review { reviewed, note } = session.review();
            let reviewed = !reviewed;
            Command::KeepReview(Review { reviewed, note }).into()
        }
        Entry::Save => Command::AskPath(PathPurpose::Save).into(),
        Entry::ExportAs(form) => Command::AskPath(PathPurpose::Export(form)).into(),
        Entry::Copy => Command::CopyPage.into(),
        Entry::Print => Command::Print.into(),
        Entry::Undo => Command::Undo.into(),
        Entry::Redo => Command::Redo.into(),
        Entry::Panorama => Query::Panorama.into(),
        Entry::Keep => Edit::AddVirtual(session.document.point_target()).into(),
        Entry::RestoreBeats => Edit::RestoreBeats.into(),
        Entry::ClearCalipers => Edit::ClearCalipers.into(),
        Entry::Calibrate => Command::Calibrate.into(),
        Entry::Calibrated => Edit::SetCalibrated(!session.document.calibrated).into(),
        Entry::Deidentified => Edit::SetDeidentified(!session.document.deidentified).into(),
        Entry::DarkPaper => settings(&|settings| settings.dark_paper = !settings.dark_paper),
        Entry::Touch => settings(&|settings| settings.touch = !settings.touch),
        Entry::Speak(language) => settings(&|settings| settings.language = language),
        Entry::Sheet(sheet) => Edit::ShowSheet(sheet).into(),
        Entry::Light => appearance(Appearance::Light),
        Entry::Dark => appearance(Appearance::Dark),
        Entry::Contrast => appearance(Appearance::HighContrast),
        Entry::Larger => scaled(1.1),
        Entry::Smaller => scaled(1.0 / 1.1),
        Entry::Close => Command::Close.into(),
        _ => return edit(session, entry).map(Action::from),
    })
}

/// What becomes of the page's settings and of the filters.
fn edit(session: &Session, entry: Entry) -> Option<Edit> {
    let (mut page, mut filters) = (session.document.page, session.document.filters);
    // Asked for again, a filter goes.
    let toggle = |filter: &mut Option<f64>, hz: f64| *filter = (*filter != Some(hz)).then_some(hz);
    match entry {
        Entry::Cabrera => page.cabrera = !page.cabrera,
        Entry::HalfGain => page.half_gain_chest = !page.half_gain_chest,
        Entry::Layout(layout) => page.layout = layout,
        Entry::Speed(speed_mm_s) => page.speed_mm_s = speed_mm_s,
        Entry::Gain(gain_mm_mv) => page.gain_mm_mv = gain_mm_mv,
        Entry::HighPass(hz) => toggle(&mut filters.high_pass_hz, hz),
        Entry::LowPass(hz) => toggle(&mut filters.low_pass_hz, hz),
        Entry::Notch(hz) => toggle(&mut filters.notch_hz, hz),
        Entry::FiltersOff => filters = FilterSettings::default(),
        _ => return None,
    }
    Some(if page == session.document.page {
        Edit::SetFilters(filters)
    } else {
        Edit::SetPage(page)
    })
}

/// The keys of this frame. Letters count only while nothing is being typed.
pub fn run_keys(ctx: &Context, cx: &mut PanelContext<'_>) {
    let typing = ctx.text_edit_focused();
    let prompts = &cx.session.prompts;
    if cx.view.dialog.is_some() || prompts.unsaved.is_some() || prompts.replace.is_some() {
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
