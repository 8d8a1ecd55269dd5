//! Everything that can be done by key or by name, and the keys.

use eframe::egui::{Context, Key, KeyboardShortcut, Modifiers};

use super::super::panel_context::PanelContext;
use crate::{
    ecg::{PageLayout, Sheet},
    session::ExportForm,
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

const fn key(modifiers: Modifiers, key: Key) -> Option<KeyboardShortcut> {
    Some(KeyboardShortcut::new(modifiers, key))
}

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
    (Entry::OpenFolder, Label::OpenFolder, key(CTRL_SHIFT, Key::O)),
    (Entry::NextExam, Label::NextExam, key(Modifiers::NONE, Key::N)),
    (Entry::PreviousExam, Label::PreviousExam, key(Modifiers::SHIFT, Key::N)),
    (Entry::Reviewed, Label::Reviewed, key(Modifiers::NONE, Key::R)),
    (Entry::Exams, Label::ShowExams, key(Modifiers::NONE, Key::W)),
    (Entry::NextPage, Label::PageForward, key(Modifiers::NONE, Key::PageDown)),
    (Entry::PreviousPage, Label::PageBack, key(Modifiers::NONE, Key::PageUp)),
    (Entry::Save, Label::SaveSession, Some(SAVE_KEY)),
    (Entry::Export, Label::ExportMenu, Some(EXPORT_KEY)),
    (Entry::Copy, Label::CopyPageHint, key(CTRL_SHIFT, Key::C)),
    (Entry::Print, Label::Print, key(COMMAND, Key::P)),
    (Entry::Undo, Label::Undo, key(COMMAND, Key::Z)),
    (Entry::Redo, Label::Redo, key(CTRL_SHIFT, Key::Z)),
    (Entry::Palette, Label::AllCommands, Some(PALETTE_KEY)),
    (Entry::Keys, Label::Keys, key(Modifiers::NONE, Key::Questionmark)),
    (Entry::Front, Label::TorsoFront, key(Modifiers::NONE, Key::Num1)),
    (Entry::Left, Label::TorsoLeft, key(Modifiers::NONE, Key::Num2)),
    (Entry::Back, Label::TorsoBack, key(Modifiers::NONE, Key::Num3)),
    (Entry::Right, Label::TorsoRight, key(Modifiers::NONE, Key::Num4)),
    (Entry::Torso, Label::ShowTorso, key(Modifiers::NONE, Key::T)),
    (Entry::Map, Label::ShowBodyMap, key(Modifiers::NONE, Key::B)),
    (Entry::Loops, Label::ShowVectorLoops, key(Modifiers::NONE, Key::L)),
    (Entry::Panorama, Label::ShowViews48, key(Modifiers::NONE, Key::P)),
    (Entry::Keep, Label::KeepThisLead, key(Modifiers::NONE, Key::K)),
    (Entry::Play, Label::PlayOrStop, key(Modifiers::NONE, Key::Space)),
    (Entry::Teach, Label::TeachingMode, key(Modifiers::NONE, Key::F5)),
    (Entry::Calipers, Label::Calipers, key(Modifiers::NONE, Key::C)),
    (Entry::March, Label::MarchingCalipers, key(Modifiers::NONE, Key::M)),
    (Entry::AllLeads, Label::AllLeadsHint, key(Modifiers::NONE, Key::A)),
    (Entry::Fit, Label::WholePage, key(Modifiers::NONE, Key::F)),
    (Entry::Deidentified, Label::Deidentified, key(COMMAND, Key::D)),
    (Entry::FullScreen, Label::FullScreen, key(Modifiers::NONE, Key::F11)),
    (Entry::Larger, Label::EverythingLarger, key(COMMAND, Key::Plus)),
    (Entry::Smaller, Label::EverythingSmaller, key(COMMAND, Key::Minus)),
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
    (Entry::Magnifier, Label::Magnifier, key(Modifiers::NONE, Key::Z)),
    (Entry::OwnWindow, Label::OwnWindow, key(Modifiers::NONE, Key::O)),
    (Entry::Beats, Label::BeatsTool, key(Modifiers::NONE, Key::E)),
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
    (Entry::Sheet(None), Label::SheetStandard, key(Modifiers::ALT, Key::Num0)),
    (Entry::Sheet(Some(Sheet::Brugada)), Label::SheetBrugada, key(Modifiers::ALT, Key::Num1)),
    (Entry::Sheet(Some(Sheet::Posterior)), Label::SheetPosterior, key(Modifiers::ALT, Key::Num2)),
    (Entry::Sheet(Some(Sheet::RightSided)), Label::SheetRight, key(Modifiers::ALT, Key::Num3)),
    (Entry::Sheet(Some(Sheet::Fifteen)), Label::Sheet15, key(Modifiers::ALT, Key::Num4)),
    (Entry::Sheet(Some(Sheet::Eighteen)), Label::Sheet18, key(Modifiers::ALT, Key::Num5)),
    (Entry::Sheet(Some(Sheet::Kept)), Label::SheetKept, key(Modifiers::ALT, Key::Num6)),
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
    (Entry::Compare, Label::CompareExam, key(CTRL_SHIFT, Key::E)),
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
