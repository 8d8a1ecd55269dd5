//! The window: `logic()` gathers what has come and what was wished, `ui()` draws from the session.

use std::{path::PathBuf, sync::Arc};

use eframe::egui::{
    self, CentralPanel, ColorImage, Context, Frame as PaneFrame, Margin, Panel, Ui, ViewportCommand,
};

use super::{
    dialogs, file_dialog,
    gpu::EguiFormat,
    notices,
    panel_context::PanelContext,
    panels, panes, screen_size,
    theme::{self, Look},
    view::{Dialog, View},
};
use crate::{
    session::{
        Action, Autosave, Command, Edit, Query, Session, engine::Engine, settings::Settings,
    },
    words::Translator,
};

/// Under which name the window keeps its settings.
pub const APP_ID: &str = "ecg-panorama";
/// How long the first frame may wait for the file that it is to show.
const LONGEST_WAIT: std::time::Duration = std::time::Duration::from_millis(150);

/// The window.
pub struct App {
    session: Session,
    view: View,
    actions: Vec<Action>,
    look: Option<(Look, Settings)>,
    caches: panes::Caches,
    monitor: String,
    /// Frames drawn so far, where there is a window to be seen: its first ones are kept light.
    first_frames: Option<u8>,
    /// Whether the window has been held against its screen.
    is_fitted: bool,
    /// Frames begin in the colour of the window: filling it again is work for nothing.
    is_cleared: bool,
}

impl App {
    /// A window, which opens `file` if there is one. `engine` is the network, or a stand-in of a
    /// test.
    pub fn new(
        cc: &eframe::CreationContext<'_>,
        file: Option<PathBuf>,
        autosave: Autosave,
        engine: impl Fn() -> Box<dyn Engine> + Send + 'static,
    ) -> Self {
        let ctx = cc.egui_ctx.clone();
        let wake = Arc::new(move || ctx.request_repaint());
        let mut session = Session::new(Settings::default(), autosave, wake, engine);
        if let Some(file) = file {
            session.apply(Command::Open(file));
        }
        Self::over(cc, session)
    }

    /// A window over a session that may already be opening its file.
    pub(super) fn over(cc: &eframe::CreationContext<'_>, mut session: Session) -> Self {
        session.file_dialog = Some(Arc::new(file_dialog::show));
        theme::install_fonts(&cc.egui_ctx);
        if let Some(state) = &cc.wgpu_render_state {
            state
                .renderer
                .write()
                .callback_resources
                .insert(EguiFormat(state.target_format));
        }
        Self {
            session,
            view: View::default(),
            actions: Vec::new(),
            look: None,
            caches: panes::Caches::default(),
            monitor: String::new(),
            first_frames: None,
            is_fitted: false,
            is_cleared: false,
        }
    }

    /// There is a window that is waited for: see [`Self::is_before_the_window`].
    pub(super) fn with_light_start(mut self) -> Self {
        (self.first_frames, self.is_cleared) = (Some(0), true);
        self
    }

    /// Paths are typed, no file dialog opens; for tests.
    pub fn with_typed_paths(mut self) -> Self {
        self.session.file_dialog = None;
        self
    }

    /// Everything known; for tests.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Does something as a panel would; for tests.
    pub fn act(&mut self, action: impl Into<Action>) {
        self.session.apply(action);
    }

    /// Whether this frame is the one that a window draws before it is shown: only what makes egui
    /// ready. The next shows the paper, and the one after that the torso, whose shaders a software
    /// adapter compiles for longer than all the rest takes.
    fn is_before_the_window(&mut self, ui: &Ui) -> bool {
        let Some(frames) = self.first_frames else {
            return false;
        };
        self.view.torso_waits = frames < 2;
        self.first_frames = Some(frames.saturating_add(1)).filter(|it| *it < 3);
        if self.first_frames.is_some() {
            ui.ctx().request_repaint();
        }
        if frames == 0 {
            // Enough for the adapter to compile egui's shaders while the file is being read.
            let ink = self
                .look
                .as_ref()
                .map_or(egui::Color32::GRAY, |it| it.0.colours.chrome);
            ui.painter().text(
                ui.max_rect().min,
                egui::Align2::LEFT_TOP,
                ".",
                theme::strong(13.0),
                ink,
            );
        }
        frames == 0
    }

    fn apply_look(&mut self, ctx: &Context) {
        let settings = self.view.shown_settings(&self.session.settings);
        let look = Look::of(&settings, ctx.system_theme());
        let wanted = (look, settings);
        if self.look.as_ref() != Some(&wanted) {
            theme::apply(ctx, &wanted.0, &wanted.1);
            self.look = Some(wanted);
        }
    }

    fn gather(&mut self, ctx: &Context) {
        if self.first_frames == Some(1) {
            // Most files are read before the first frame could be drawn: then that frame shows
            // them.
            self.session.wait_for_file(LONGEST_WAIT);
        }
        let dropped = ctx.input(|it| {
            it.raw
                .dropped_files
                .iter()
                .map(|file| file.path().to_path_buf())
                .next()
        });
        if let Some(path) = dropped {
            self.session.apply(Command::Open(path));
        }
        self.close(ctx);
        screen_size::fit(ctx, &mut self.is_fitted);
        for action in std::mem::take(&mut self.actions) {
            self.first_steps(&action);
            self.session.apply(action);
        }
        self.session.drain();
        self.look_at_point(ctx);
        self.take_over(ctx);
        self.play(ctx);
        self.monitor = ctx.input(|it| {
            let size = it.viewport().monitor_size.unwrap_or_default();
            format!(
                "{:.0}×{:.0}@{:.2}",
                size.x,
                size.y,
                it.viewport().native_pixels_per_point.unwrap_or(1.0)
            )
        });
        if self.session.awaits_frame() {
            ctx.request_repaint();
        } else if self.session.is_busy() {
            ctx.request_repaint_after(std::time::Duration::from_millis(250));
        } else if !self.session.notices.list().is_empty() {
            ctx.request_repaint_after(std::time::Duration::from_secs(2));
        }
    }

    /// The camera turns to a point that was asked for by name, number or key; a drag sees its own.
    fn look_at_point(&mut self, ctx: &Context) {
        let target = self.session.document.point_target();
        let is_drag = ctx.input(|it| it.pointer.any_down());
        // The camera would tell the place that a quiz asks for.
        let is_secret = self.session.is_asked_for_place();
        if self.view.looked_at.as_ref() == Some(&target) || is_drag || is_secret {
            return;
        }
        let is_first = self.view.looked_at.is_none();
        if let Some(view) = target.exploring_view().filter(|_| !is_first) {
            self.view.camera = self.view.camera.facing(view);
        }
        self.view.looked_at = Some(target);
    }

    /// The window closes once the session has nothing to lose.
    fn close(&mut self, ctx: &Context) {
        let is_requested = ctx.input(|it| it.viewport().close_requested());
        if is_requested {
            self.session.apply(Command::Quit);
        }
        match (is_requested, self.session.may_quit()) {
            (true, false) => ctx.send_viewport_cmd(ViewportCommand::CancelClose),
            (false, true) => ctx.send_viewport_cmd(ViewportCommand::Close),
            (true, true) | (false, false) => {}
        }
    }

    /// What the session has made for the window alone.
    fn take_over(&mut self, ctx: &Context) {
        if let Some(picture) = self.session.take_picture() {
            let size = [picture.width, picture.height];
            ctx.copy_image(ColorImage::from_rgba_unmultiplied(size, &picture.rgba));
        }
        if let Some(purpose) = self.session.prompts.path_for.take() {
            self.view.dialog = Some(Dialog::Path {
                text: self.session.suggested_name(purpose),
                purpose,
            });
        }
    }

    /// The hints of the first run go away by doing.
    fn first_steps(&mut self, action: &Action) {
        let done = match action {
            Action::Edit(Edit::MovePoint(_)) => 1,
            Action::Edit(Edit::UsePreset(_)) => 2,
            Action::Ask(Query::Compare(_) | Query::HeldOut(_))
            | Action::Edit(Edit::SetCalibrated(_)) => 3,
            Action::Edit(_) | Action::Ask(_) | Action::Do(_) => 0,
        };
        let settings = &mut self.session.settings;
        settings.hints_done = settings.hints_done.max(done);
    }

    /// The cursor runs through the page and starts again.
    fn play(&mut self, ctx: &Context) {
        if !self.view.playing {
            return;
        }
        let Some(exam) = &self.session.exam else {
            return;
        };
        let start_s = self.session.document.window_start_s;
        let step_s = f64::from(ctx.input(|it| it.stable_dt)).min(0.1) * self.view.speed;
        let now_s = self.session.cursor_s.unwrap_or(start_s) + step_s;
        let end_s = start_s + exam.leads.duration_s();
        self.session
            .apply(Command::SetCursor(Some(if now_s < end_s {
                now_s
            } else {
                start_s
            })));
        ctx.request_repaint();
    }

    fn draw(&mut self, ui: &mut Ui) {
        let Some((look, _)) = self.look else { return };
        if !self.is_cleared {
            ui.painter()
                .rect_filled(ui.max_rect(), 0.0, look.colours.chrome);
        }
        let translator = Translator(self.session.settings.language);
        let Self {
            session,
            view,
            actions,
            caches,
            monitor,
            ..
        } = self;
        let mut cx = PanelContext {
            session,
            view,
            actions,
            look,
            translator,
            monitor,
        };
        dialogs::run_keys(ui.ctx(), &mut cx);
        let bar = PaneFrame::new().inner_margin(Margin::symmetric(12, 6));
        Panel::top("top")
            .frame(bar)
            .exact_size(if session.settings.touch { 60.0 } else { 44.0 })
            .show(ui, |ui| panels::top::show(ui, &mut cx));
        if cx.session.exam.is_some() {
            Panel::bottom("status")
                .frame(bar.inner_margin(Margin::symmetric(12, 3)))
                .exact_size(32.0)
                .show(ui, |ui| panels::status::show(ui, &mut cx));
            panels::quiz::bar(ui, &mut cx);
            if panels::worklist::LEAST_WIDTH <= ui.available_width() {
                panels::worklist::beside(ui, &mut cx);
            }
            panes::show(ui, &mut cx, caches);
        } else {
            panels::worklist::beside(ui, &mut cx);
            let frame = PaneFrame::new().inner_margin(Margin::same(16));
            CentralPanel::default()
                .frame(frame)
                .show(ui, |ui| panels::welcome::show(ui, &mut cx));
        }
        panels::teach::spotlight(ui.ctx(), &cx);
        notices::notices(ui, &mut cx);
        dialogs::show(ui, &mut cx);
        dialogs::unsure(ui, &mut cx);
        dialogs::unsaved(ui, &mut cx);
        dialogs::replace(ui, &mut cx);
        notices::recovery(ui, &mut cx);
        notices::drop_hint(ui, &cx);
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _: &mut eframe::Frame) {
        self.gather(ctx);
        self.apply_look(ctx);
        if self.view.dialog.is_none() && self.view.playing {
            ctx.request_repaint();
        }
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        if self.is_before_the_window(ui) {
            return;
        }
        self.draw(ui);
        if !self.actions.is_empty() {
            ui.ctx().request_repaint();
        }
    }

    fn save(&mut self, _: &mut dyn eframe::Storage) {
        self.session.keep_settings();
    }

    fn on_exit(&mut self) {
        self.session.finish();
    }

    fn clear_color(&self, _: &egui::Visuals) -> [f32; 4] {
        self.look
            .as_ref()
            .map_or([1.0; 4], |it| it.0.colours.chrome.to_normalized_gamma_f32())
    }
}
