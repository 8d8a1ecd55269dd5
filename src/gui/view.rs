//! What is known about the screen alone: cameras, open dialogs, half-typed texts. Never saved,
//! never undone.

use eframe::egui::Vec2;

use super::camera::Camera;
pub use crate::session::lessons::Pane;
use crate::{
    ecg::{LeadName, Target, ViewAngle},
    session::{
        ExamId, PathPurpose, ReadAs,
        settings::{Appearance, Settings},
    },
};

/// What the pointer does on the paper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// Moves the time cursor; drags pan.
    #[default]
    Cursor,
    /// Sets calipers.
    Caliper,
    /// Sets marching calipers.
    March,
    /// Sets two lines through all leads.
    AllLeads,
    /// Says of beats what they are.
    Beats,
}

/// What amplitudes are given in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AmplitudeUnit {
    /// Microvolts.
    #[default]
    Microvolt,
    /// Millivolts.
    Millivolt,
    /// Millimetres of paper at 10 mm/mV.
    Millimetre,
}

impl AmplitudeUnit {
    /// All, in the order of menus.
    pub const ALL: [Self; 3] = [Self::Microvolt, Self::Millivolt, Self::Millimetre];

    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Microvolt => "µV",
            Self::Millivolt => "mV",
            Self::Millimetre => "mm",
        }
    }

    /// That many of it in a microvolt, and the decimals that matter.
    pub fn of_microvolt(self) -> (f64, usize) {
        match self {
            Self::Microvolt => (1.0, 0),
            Self::Millivolt => (1e-3, 2),
            Self::Millimetre => (1e-2, 1),
        }
    }
}

/// What a click on the simulated heart sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeartTool {
    /// Where ectopic beats start.
    #[default]
    Focus,
    /// Where an infarction is.
    Infarction,
    /// Where an accessory pathway enters.
    Pathway,
}

/// What stands below the torso while a heart is simulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LabPage {
    /// What can be set.
    #[default]
    Heart,
    /// How far to rely on the lead at the point, as with any recording.
    Reliability,
}

/// One thing in front of everything else.
#[derive(Clone, Debug, PartialEq)]
pub enum Dialog {
    /// Keys.
    Keys,
    /// Commands by name.
    Palette {
        /// What was typed.
        query: String,
        /// The line that Enter takes.
        at: usize,
    },
    /// About, model card, intended use.
    About,
    /// The short guide.
    Guide,
    /// Likes.
    Settings,
    /// What import found.
    Import,
    /// What to write.
    Export,
    /// Measuring the screen.
    Ruler {
        /// Width of the drawn card, points.
        card_points: f32,
    },
    /// A path to type, where no file dialog is to be had.
    Path {
        /// Typed so far.
        text: String,
        /// What it is for.
        purpose: PathPurpose,
    },
    /// Held-out leads of this patient against their synthesis.
    HeldOut {
        /// The lead looked at.
        lead: Option<LeadName>,
        /// How it is shown.
        page: OverlayPage,
    },
    /// A recorded lead that was kept out, against its synthesis.
    Compare {
        /// The lead.
        lead: LeadName,
        /// How it is shown.
        page: OverlayPage,
    },
    /// The name of a lead.
    Rename {
        /// Which.
        id: u32,
        /// Typed so far.
        text: String,
    },
}

impl Dialog {
    /// The palette, nothing typed yet.
    pub const fn palette() -> Self {
        Self::Palette {
            query: String::new(),
            at: 0,
        }
    }
}

/// How a recorded lead and its synthesis are held against each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OverlayPage {
    /// The synthesised trace below the recorded one.
    #[default]
    Below,
    /// Both traces over one another, and what parts them.
    Over,
    /// Median beats over each other.
    Median,
    /// Difference against mean, a point per beat.
    Agreement,
}

/// Teaching: what is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Teaching {
    /// The name and place of the lead at the point are not shown.
    pub is_hidden: bool,
    /// Questions asked so far.
    pub asked: usize,
    /// All but a circle round the pointer is dark.
    pub spotlight: bool,
    /// What the room is like.
    pub room: Room,
}

/// What the room is like that the window is shown in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Room {
    /// The colours stay as the user set them.
    #[default]
    AsSet,
    /// Light colours and contrast: daylight falls on the screen.
    Bright,
    /// Dark colours and paper: nobody is dazzled.
    Dim,
}

/// Which part of the window of time the paper shows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Page {
    /// Where it begins, seconds after the window's own start.
    pub from_s: f64,
    /// Seconds that fit the paper at its speed; zero before it was drawn.
    pub seconds: f64,
}

/// What a screen too small for all panes shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnlyPane {
    /// The recorded leads, and the virtual ones where they fit below.
    #[default]
    Leads,
    /// The virtual leads.
    Virtual,
    /// The torso, or what stands in its place.
    Torso,
    /// How far to rely on the lead at the point.
    Reliability,
    /// The list of exams.
    Exams,
}

/// How two recordings are held against each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SerialPage {
    /// Paper below paper.
    #[default]
    Stacked,
    /// Paper beside paper.
    Beside,
    /// Median beats over each other.
    Medians,
    /// What differs, in figures.
    Table,
}

/// State of the screen.
pub struct View {
    /// Where the torso is seen from.
    pub camera: Camera,
    /// What the right-hand pane shows.
    pub pane: Pane,
    /// The body map has been given its first instant since it was opened.
    pub map_is_open: bool,
    /// What the pointer does on the paper.
    pub tool: Tool,
    /// What a click on the simulated heart sets.
    pub heart_tool: HeartTool,
    /// What stands below the torso while a heart is simulated.
    pub lab_page: LabPage,
    /// Magnification of the paper; 1 = fits.
    pub paper_zoom: f32,
    /// Part of the paper that is seen, points.
    pub paper_pan: Vec2,
    /// The point that the camera has turned to.
    pub looked_at: Option<Target>,
    /// How two recordings are held against each other.
    pub serial: SerialPage,
    /// The list of exams is put aside.
    pub is_list_hidden: bool,
    /// The note being written, and of which exam.
    pub note: Option<(ExamId, String)>,
    /// What is being said of a file that does not say it.
    pub read_as: Option<ReadAs>,
    /// Seconds on the paper.
    pub page: Page,
    /// Where not all panes fit.
    pub only_pane: OnlyPane,
    /// Torso, map, loops or table in a window of their own.
    pub torso_apart: bool,
    /// Paper in true millimetres rather than fitted.
    pub true_size: bool,
    /// What amplitudes in the table are given in.
    pub unit: AmplitudeUnit,
    /// A lens follows the pointer over the traces.
    pub magnifier: bool,
    /// The median beat instead of the rhythm.
    pub median: bool,
    /// What is in front.
    pub dialog: Option<Dialog>,
    /// Search among presets.
    pub preset_query: String,
    /// The cursor runs by itself.
    pub playing: bool,
    /// How fast, against the heart's own time.
    pub speed: f64,
    /// A quiz asks where the lead at the point was taken.
    pub hides_place: bool,
    /// Where the torso was clicked as an answer.
    pub guess: Option<ViewAngle>,
    /// The step of a lesson that the panes have followed.
    pub lesson_seen: Option<(usize, usize)>,
    /// For the lecture hall.
    pub teaching: Option<Teaching>,
    /// A caliper being drawn or moved: index, and which end.
    pub caliper: Option<(usize, usize)>,
    /// The recorded electrode that is being moved.
    pub electrode: Option<LeadName>,
    /// The torso's widget, which keeps the arrow keys.
    pub torso_id: Option<eframe::egui::Id>,
    /// The torso is left out of this frame, so that the paper is seen at once.
    pub torso_waits: bool,
}

impl View {
    /// The settings as they are shown: in the lecture hall larger, in the colours of the room.
    pub fn shown_settings(&self, settings: &Settings) -> Settings {
        const LARGER: f32 = 1.25;
        let mut shown = settings.clone();
        let Some(teaching) = &self.teaching else {
            return shown;
        };
        shown.ui_scale *= LARGER;
        let (appearance, dark_paper) = match teaching.room {
            Room::AsSet => return shown,
            Room::Bright => (Appearance::HighContrast, false),
            Room::Dim => (Appearance::Dark, true),
        };
        (shown.appearance, shown.dark_paper) = (appearance, dark_paper);
        shown
    }

    /// Size of what is read aloud, points.
    pub fn text_size(&self) -> f32 {
        if self.teaching.is_some() { 20.0 } else { 15.0 }
    }

    /// Whether the name and place of the lead at the point are a secret.
    pub fn is_hidden(&self) -> bool {
        self.hides_place || self.teaching.as_ref().is_some_and(|it| it.is_hidden)
    }
}

impl Default for View {
    fn default() -> Self {
        Self {
            camera: Camera::START,
            pane: Pane::default(),
            map_is_open: false,
            tool: Tool::default(),
            heart_tool: HeartTool::default(),
            lab_page: LabPage::default(),
            paper_zoom: 1.0,
            paper_pan: Vec2::ZERO,
            looked_at: None,
            serial: SerialPage::default(),
            is_list_hidden: false,
            note: None,
            read_as: None,
            page: Page::default(),
            only_pane: OnlyPane::default(),
            torso_apart: false,
            true_size: false,
            unit: AmplitudeUnit::default(),
            magnifier: false,
            median: false,
            dialog: None,
            preset_query: String::new(),
            playing: false,
            speed: 0.25,
            hides_place: false,
            guess: None,
            lesson_seen: None,
            teaching: None,
            caliper: None,
            electrode: None,
            torso_id: None,
            torso_waits: false,
        }
    }
}
