//! What a panel may want. Panels push actions; only [`super::Session::apply`] changes anything.

use std::{path::PathBuf, sync::Arc};

use super::{Caliper, Settings};
use crate::{
    ecg::{LeadName, PaperSettings, Target, ViewAngle},
    formats::Unit,
    signal::FilterSettings,
};

/// A wish of the user's.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Open a recording or a saved session.
    Open(PathBuf),
    /// Open a file whose numbers have no unit, taking them to be in this one.
    OpenWithUnit(PathBuf, Unit),
    /// Do not open it.
    ForgetUnit,
    /// Open an embedded recording by name.
    OpenDemo(String),
    /// Back to the welcome page.
    Close,
    /// Take up what a crash left behind.
    Recover,
    /// Do not take it up.
    ForgetRecovery,
    /// Write the session.
    SaveSession(PathBuf),
    /// Put the point there: part of a drag until [`Action::EndGesture`].
    MovePoint(ViewAngle),
    /// Put the point on a lead of the catalogue.
    UsePreset(LeadName),
    /// The pointer was let go, the typing ended: the next edit is a new step.
    EndGesture,
    /// Keep a lead in the list.
    AddVirtual(Target),
    /// Take a lead off the list.
    RemoveVirtual(u32),
    /// Give a lead of the list a name of one's own; empty takes it away.
    RenameVirtual(u32, String),
    /// Keep a lead at the top.
    PinVirtual(u32, bool),
    /// Paper settings.
    SetPage(PaperSettings),
    /// Display filters.
    SetFilters(FilterSettings),
    /// First second of the page.
    SetWindow(f64),
    /// A new caliper.
    AddCaliper(Caliper),
    /// Another place for a caliper.
    MoveCaliper(usize, Caliper),
    /// One caliper less.
    RemoveCaliper(usize),
    /// No calipers.
    ClearCalipers,
    /// The time under the cursor, seconds of the recording.
    SetCursor(Option<f64>),
    /// Patient-specific calibration on or off.
    SetCalibrated(bool),
    /// Calibrate anew.
    Calibrate,
    /// Stop calibrating.
    CancelCalibration,
    /// Hide identity.
    SetDeidentified(bool),
    /// Compute the trust report of the point.
    AskTrust,
    /// Foretell a recorded lead from the others.
    AskHeldOut(LeadName),
    /// Compute the panorama.
    AskPanorama,
    /// Compute the body map at these places.
    AskMap(Arc<[ViewAngle]>),
    /// Synthesise a recorded lead that was kept out.
    AskCompare(LeadName),
    /// Take back.
    Undo,
    /// Do again.
    Redo,
    /// Likes.
    SetSettings(Box<Settings>),
    /// Take a notice away.
    DismissNotice(u64),
    /// Say something: a file was written, a dialog failed.
    Say(super::Severity, String),
}

impl Action {
    /// Steps of one gesture are one step of undo.
    pub fn gesture(&self) -> Option<&'static str> {
        match self {
            Self::MovePoint(_) => Some("point"),
            Self::MoveCaliper(..) => Some("caliper"),
            Self::SetWindow(_) => Some("window"),
            Self::RenameVirtual(..) => Some("name"),
            _ => None,
        }
    }
}
