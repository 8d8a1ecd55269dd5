//! Does what was asked for by key or by name.

use eframe::egui::{Context, Key, Vec2, ViewportCommand};

use super::{
    super::{
        camera::Camera,
        paging::Paging,
        panel_context::PanelContext,
        view::{Dialog, OverlayPage, Pane, Teaching, Tool},
    },
    entries::{ENTRIES, Entry},
};
use crate::{
    session::{
        Action, Command, Edit, PathPurpose, Query, Review, Session, Towards,
        settings::{Appearance, Settings},
    },
    signal::FilterSettings,
};

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

/// The keys that move the point, and how far: down, and to the patient's left.
const ARROWS: [(Key, [f64; 2]); 4] = [
    (Key::ArrowUp, [-1.0, 0.0]),
    (Key::ArrowDown, [1.0, 0.0]),
    (Key::ArrowLeft, [0.0, -1.0]),
    (Key::ArrowRight, [0.0, 1.0]),
];

/// Arrows move the point by one degree, with shift by ten.
fn arrows(ctx: &Context, cx: &mut PanelContext<'_>) {
    let (down, left, is_released) = ctx.input(|input| {
        let step_deg: f64 = if input.modifiers.shift { 10.0 } else { 1.0 };
        let step = step_deg.to_radians();
        let along = |axis: usize| {
            let moves = ARROWS.map(|(key, way)| input.num_presses(key) as f64 * way[axis] * step);
            moves.iter().sum::<f64>()
        };
        let is_released = ARROWS.iter().any(|it| input.key_released(it.0));
        (along(0), along(1), is_released)
    });
    let focused = ctx.memory(|memory| memory.focused());
    let is_of_torso = focused.is_none_or(|id| Some(id) == cx.view.torso_id);
    if (down, left) != (0.0, 0.0) && is_of_torso {
        cx.push(Edit::MovePoint(cx.session.document.point.moved(down, left)));
    }
    if is_released {
        cx.push(Command::EndGesture);
    }
}
