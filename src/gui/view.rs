//! What is known about the screen alone: cameras, open dialogs, half-typed texts. Never saved,
//! never undone.

use eframe::egui::Vec2;

use super::camera::Camera;
use crate::{ecg::LeadName, session::PathPurpose};

/// What the right-hand pane shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The torso with its electrodes.
    #[default]
    Torso,
    /// The torso coloured by potential.
    Map,
    /// Vector loops in three planes.
    Loops,
    /// Forty-eight small views.
    Panorama,
    /// The table of measurements.
    Measurements,
}

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

/// How a recorded lead and its synthesis are held against each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OverlayPage {
    /// Both traces, and what parts them.
    #[default]
    Traces,
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
}

/// State of the screen.
pub struct View {
    /// Where the torso is seen from.
    pub camera: Camera,
    /// What the right-hand pane shows.
    pub pane: Pane,
    /// What the pointer does on the paper.
    pub tool: Tool,
    /// Magnification of the paper; 1 = fits.
    pub paper_zoom: f32,
    /// Part of the paper that is seen, points.
    pub paper_pan: Vec2,
    /// Paper in true millimetres rather than fitted.
    pub true_size: bool,
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
    /// For the lecture hall.
    pub teaching: Option<Teaching>,
    /// A caliper being drawn or moved: index, and which end.
    pub caliper: Option<(usize, usize)>,
    /// The torso's widget, which keeps the arrow keys.
    pub torso_id: Option<eframe::egui::Id>,
    /// The torso is left out of this frame, so that the paper is seen at once.
    pub torso_waits: bool,
}

impl View {
    /// Whether the name and place of the lead at the point are a secret.
    pub fn is_hidden(&self) -> bool {
        self.teaching.as_ref().is_some_and(|it| it.is_hidden)
    }
}

impl Default for View {
    fn default() -> Self {
        Self {
            camera: Camera::START,
            pane: Pane::default(),
            tool: Tool::default(),
            paper_zoom: 1.0,
            paper_pan: Vec2::ZERO,
            true_size: false,
            median: false,
            dialog: None,
            preset_query: String::new(),
            playing: false,
            speed: 0.25,
            teaching: None,
            caliper: None,
            torso_id: None,
            torso_waits: false,
        }
    }
}
