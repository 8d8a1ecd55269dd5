//! Changes of what the user decided. Each can be undone; what follows from one is computed anew by
//! the session.

use super::{
    document::{BeatMark, BeatSaid, Caliper, Document, Kept, SourceRef, VirtualLead},
    lab::VirtualHeart,
};
use crate::{
    ecg::{LeadName, Montage, PaperSettings, Sheet, Target, ViewAngle, montage},
    signal::{BeatMarks, Exchange, FilterSettings},
};

/// One change of the document.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Put the point there: part of a drag until the gesture ends.
    MovePoint(ViewAngle),
    /// Put the point on a lead of the catalogue.
    UsePreset(LeadName),
    /// Say where the exploring electrode of a recorded lead sat: part of a drag until the gesture
    /// ends.
    MoveElectrode(LeadName, ViewAngle),
    /// The exam as it would be with these electrodes changed back, or as recorded.
    UndoExchange(Option<Exchange>),
    /// All electrodes sat where their leads' names say.
    RestoreElectrodes,
    /// Keep a lead in the list.
    AddVirtual(Target),
    /// Take a lead off the list.
    RemoveVirtual(u32),
    /// Give a lead of the list a name of one's own; empty takes it away.
    RenameVirtual(u32, String),
    /// Keep a lead at the top.
    PinVirtual(u32, bool),
    /// The sheet with its leads, or the page again.
    ShowSheet(Option<Sheet>),
    /// The user's own words on the exam.
    SetReport(String),
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
    /// Say something else of the beat at this time, seconds of the recording, or nothing.
    MarkBeat(f64, Option<BeatSaid>),
    /// All beats as they are found.
    RestoreBeats,
    /// Patient-specific calibration on or off.
    SetCalibrated(bool),
    /// Hide identity.
    SetDeidentified(bool),
    /// Another heart in the lab: part of a drag until the gesture ends.
    SetHeart(Box<VirtualHeart>),
}

/// Edits of one kind in a row are one step of undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // What moves.
pub(super) enum Gesture {
    Point,
    Electrode,
    Caliper,
    Window,
    Name,
    Heart,
    Report,
}

impl Edit {
    /// The gesture that this is a part of; `None` where each is a step of its own.
    pub(super) fn gesture(&self) -> Option<Gesture> {
        match self {
            Self::MovePoint(_) => Some(Gesture::Point),
            Self::MoveElectrode(..) => Some(Gesture::Electrode),
            Self::AddCaliper(_) | Self::MoveCaliper(..) => Some(Gesture::Caliper),
            Self::SetWindow(_) => Some(Gesture::Window),
            Self::RenameVirtual(..) => Some(Gesture::Name),
            Self::SetHeart(_) => Some(Gesture::Heart),
            Self::SetReport(_) => Some(Gesture::Report),
            Self::UsePreset(_)
            | Self::UndoExchange(_)
            | Self::RestoreElectrodes
            | Self::AddVirtual(_)
            | Self::RemoveVirtual(_)
            | Self::PinVirtual(..)
            | Self::ShowSheet(_)
            | Self::SetPage(_)
            | Self::SetFilters(_)
            | Self::RemoveCaliper(_)
            | Self::ClearCalipers
            | Self::MarkBeat(..)
            | Self::RestoreBeats
            | Self::SetCalibrated(_)
            | Self::SetDeidentified(_) => None,
        }
    }

    /// The document after it; what it does not fit leaves the document as it was.
    pub(super) fn apply(self, document: &mut Document) {
        match self {
            Self::MovePoint(view) => (document.point, document.preset) = (view, None),
            Self::UsePreset(name) => {
                let view = montage(&name).and_then(Montage::exploring_view);
                document.point = view.unwrap_or(document.point);
                document.preset = Some(name);
            }
            Self::MoveElectrode(name, view) => {
                document.electrodes.retain(|(lead, _)| *lead != name);
                document.electrodes.push((name, view));
            }
            Self::UndoExchange(exchange) => document.exchange_undone = exchange,
            Self::RestoreElectrodes => document.electrodes.clear(),
            Self::AddVirtual(target) => keep(document, target, Kept::ByHand),
            Self::RemoveVirtual(id) => document.virtual_leads.retain(|lead| lead.id != id),
            Self::RenameVirtual(id, name) => {
                let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
                of_id(document, id).for_each(|lead| lead.name.clone_from(&name));
            }
            Self::PinVirtual(id, pinned) => {
                of_id(document, id).for_each(|lead| lead.pinned = pinned)
            }
            Self::ShowSheet(sheet) => show_sheet(document, sheet),
            Self::SetReport(report) => document.report = report,
            Self::SetPage(page) => document.page = page,
            Self::SetFilters(filters) => document.filters = filters,
            Self::SetWindow(start_s) => document.window_start_s = start_s.max(0.0),
            Self::AddCaliper(caliper) => document.calipers.push(caliper),
            Self::MoveCaliper(idx, caliper) => {
                let place = document.calipers.get_mut(idx);
                place.into_iter().for_each(|place| *place = caliper.clone());
            }
            Self::RemoveCaliper(idx) => {
                if idx < document.calipers.len() {
                    document.calipers.remove(idx);
                }
            }
            Self::ClearCalipers => document.calipers.clear(),
            Self::MarkBeat(time_s, said) => {
                let is_other = |mark: &BeatMark| BeatMarks::REACH_S <= (mark.time_s - time_s).abs();
                document.beats.retain(is_other);
                document
                    .beats
                    .extend(said.map(|said| BeatMark { time_s, said }));
            }
            Self::RestoreBeats => document.beats.clear(),
            Self::SetCalibrated(on) => document.calibrated = on,
            Self::SetDeidentified(on) => document.deidentified = on,
            Self::SetHeart(new) => {
                if let Some(SourceRef::Simulated { heart }) = &mut document.source {
                    *heart = new;
                }
            }
        }
    }
}

/// The leads of the former sheet go, those of the new one come.
fn show_sheet(document: &mut Document, sheet: Option<Sheet>) {
    let wanted: Vec<Target> = sheet.into_iter().flat_map(Sheet::targets).collect();
    document
        .virtual_leads
        .retain(|lead| lead.kept == Kept::ByHand || wanted.contains(&lead.target));
    document.sheet = sheet;
    for target in wanted {
        keep(document, target, Kept::WithSheet);
    }
}

/// Keeps a lead once; what a sheet brought along becomes the user's by keeping it.
fn keep(document: &mut Document, target: Target, kept: Kept) {
    let mut leads = document.virtual_leads.iter_mut();
    if let Some(lead) = leads.find(|lead| lead.target == target) {
        if kept == Kept::ByHand {
            lead.kept = kept;
        }
        return;
    }
    let id = document.fresh_id();
    document.virtual_leads.push(VirtualLead {
        id,
        target,
        name: None,
        pinned: false,
        kept,
    });
}

fn of_id(document: &mut Document, id: u32) -> impl Iterator<Item = &mut VirtualLead> {
    let leads = document.virtual_leads.iter_mut();
    leads.filter(move |lead| lead.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::document::CaliperKind;

    /// The document that `edits` make of a fresh one.
    fn after(edits: impl IntoIterator<Item = Edit>) -> Document {
        let mut document = Document::default();
        edits.into_iter().for_each(|edit| edit.apply(&mut document));
        document
    }

    fn add(name: &str) -> Edit {
        Edit::AddVirtual(name.parse().unwrap())
    }

    fn caliper(from_s: f64) -> Caliper {
        Caliper {
            kind: CaliperKind::Pair,
            lead: LeadName::II,
            synthesised: false,
            times_s: [from_s, from_s + 0.8],
            levels_mv: [0.0, 0.1],
        }
    }

    #[test]
    fn a_moved_point_leaves_its_preset_and_a_preset_takes_the_point_along() {
        let view = ViewAngle::from_degrees(80.0, 10.0).unwrap();
        let moved = after([Edit::MovePoint(view)]);
        assert_eq!((moved.point, moved.preset), (view, None));
        let preset = after([
            Edit::MovePoint(view),
            Edit::UsePreset(LeadName::parse("V8")),
        ]);
        let place = montage(&LeadName::parse("V8")).and_then(Montage::exploring_view);
        assert_eq!(Some(preset.point), place);
        assert_eq!(preset.preset, Some(LeadName::parse("V8")));
    }

    #[test]
    fn a_lead_is_kept_once_and_its_id_is_its_own() {
        let document = after([add("V7"), add("V8"), add("V7")]);
        let ids: Vec<u32> = document.virtual_leads.iter().map(|lead| lead.id).collect();
        assert_eq!(ids, [1, 2]);
        let document = after([
            add("V7"),
            add("V8"),
            Edit::RenameVirtual(1, "  back ".into()),
            Edit::PinVirtual(2, true),
            Edit::RemoveVirtual(9),
        ]);
        let [first, second] = &document.virtual_leads[..] else {
            panic!("two leads");
        };
        assert_eq!((first.name.as_deref(), first.pinned), (Some("back"), false));
        assert_eq!((second.name.as_deref(), second.pinned), (None, true));
        let unnamed = after([
            add("V7"),
            Edit::RenameVirtual(1, "a".into()),
            Edit::RenameVirtual(1, " ".into()),
        ]);
        assert_eq!(unnamed.virtual_leads[0].name, None);
    }

    #[test]
    fn the_leads_of_a_sheet_go_with_it_unless_they_are_kept() {
        let names = |document: &Document| -> Vec<String> {
            let leads = document.virtual_leads.iter();
            leads.map(|lead| lead.target.name().to_string()).collect()
        };
        let shown = after([add("X"), Edit::ShowSheet(Some(Sheet::Posterior))]);
        assert_eq!(names(&shown), ["X", "V7", "V8", "V9"]);
        assert_eq!(shown.kept_leads().count(), 1);
        let other = after([
            add("X"),
            Edit::ShowSheet(Some(Sheet::Posterior)),
            add("V8"),
            Edit::ShowSheet(Some(Sheet::Fifteen)),
        ]);
        assert_eq!(names(&other), ["X", "V8", "V9", "V4R"]);
        let back = after([
            Edit::ShowSheet(Some(Sheet::Posterior)),
            add("V8"),
            Edit::ShowSheet(None),
        ]);
        assert_eq!((names(&back), back.sheet), (vec!["V8".to_owned()], None));
    }

    #[test]
    fn a_caliper_that_is_not_there_is_neither_moved_nor_removed() {
        let one = after([Edit::AddCaliper(caliper(1.0))]);
        let same = after([
            Edit::AddCaliper(caliper(1.0)),
            Edit::MoveCaliper(1, caliper(3.0)),
            Edit::RemoveCaliper(1),
        ]);
        assert_eq!(same, one);
        let moved = after([
            Edit::AddCaliper(caliper(1.0)),
            Edit::MoveCaliper(0, caliper(3.0)),
        ]);
        assert_eq!(moved.calipers, [caliper(3.0)]);
        let none = after([Edit::AddCaliper(caliper(1.0)), Edit::RemoveCaliper(0)]);
        assert_eq!(none, Document::default());
    }

    #[test]
    fn of_one_beat_one_thing_is_said() {
        let marks = |edits: &[(f64, Option<BeatSaid>)]| {
            let edits = edits.iter().map(|(at, said)| Edit::MarkBeat(*at, *said));
            after(edits).beats
        };
        let excluded = marks(&[
            (1.0, Some(BeatSaid::Removed)),
            (1.05, Some(BeatSaid::Excluded)),
        ]);
        let mark = |time_s, said| BeatMark { time_s, said };
        assert_eq!(excluded, [mark(1.05, BeatSaid::Excluded)]);
        assert_eq!(marks(&[(1.0, Some(BeatSaid::Added)), (1.0, None)]), []);
        let all = after([
            Edit::MarkBeat(2.0, Some(BeatSaid::Added)),
            Edit::RestoreBeats,
        ]);
        assert_eq!(all, Document::default());
    }

    #[test]
    fn the_page_never_starts_before_the_recording() {
        assert_eq!(after([Edit::SetWindow(-3.0)]).window_start_s, 0.0);
        assert_eq!(after([Edit::SetWindow(7.5)]).window_start_s, 7.5);
    }

    #[test]
    fn a_heart_is_set_in_the_lab_alone() {
        let heart = || {
            Box::new(VirtualHeart {
                size: 1.2,
                ..VirtualHeart::default()
            })
        };
        assert_eq!(after([Edit::SetHeart(heart())]), Document::default());
        let mut document = Document {
            source: Some(SourceRef::Simulated {
                heart: Box::default(),
            }),
            ..Document::default()
        };
        Edit::SetHeart(heart()).apply(&mut document);
        assert_eq!(document.source.unwrap().heart(), Some(&*heart()));
    }

    #[test]
    fn only_what_is_dragged_or_typed_is_a_gesture() {
        let view = ViewAngle::from_degrees(80.0, 10.0).unwrap();
        assert_eq!(Edit::MovePoint(view).gesture(), Some(Gesture::Point));
        assert_eq!(Edit::SetWindow(1.0).gesture(), Some(Gesture::Window));
        for edit in [add("V7"), Edit::ClearCalipers, Edit::SetCalibrated(false)] {
            assert_eq!(edit.gesture(), None, "{edit:?}");
        }
    }
}
