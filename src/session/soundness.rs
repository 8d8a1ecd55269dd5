//! What a number, a list or a text of a saved file may be: checked once, before anything uses it.
//! A session is a file like any other, and may be damaged or meant to harm.

use std::f64::consts::PI;

use super::{
    document::{Caliper, Document, SourceRef},
    query::CalibrationSummary,
    saved_session::{SavedCalibration, SavedLead, SavedReliability},
};
use crate::{
    ecg::{LeadName, LeadSet, Target, ViewAngle},
    reliability::{Grade, Reason},
};

/// Longest recording that a page may start in, seconds: a year.
const LONGEST_S: f64 = 3.2e7;
/// Leads, calipers, electrodes, notes, reasons: more of one kind nobody has.
const MOST: usize = 500;
/// Letters of one name or remark.
const LONGEST_TEXT: usize = 1000;
/// What the network may have added to a mix, nV: ten times what it ever does.
const MOST_ADDED_NV: i32 = 1_000_000;

/// What is wrong with a saved file.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{place}: found {found}, expected {expected}")]
pub struct Unsound {
    place: &'static str,
    found: String,
    expected: String,
}

impl Unsound {
    fn new(place: &'static str, found: impl ToString, expected: impl ToString) -> Self {
        Self {
            place,
            found: found.to_string(),
            expected: expected.to_string(),
        }
    }
}

type Check = Result<(), Unsound>;

fn within(place: &'static str, value: f64, [least, most]: [f64; 2]) -> Check {
    let is_within = least <= value && value <= most; // NaN is not.
    let range = || format!("{least} to {most}");
    is_within
        .then_some(())
        .ok_or_else(|| Unsound::new(place, value, range()))
}

fn few(place: &'static str, count: usize) -> Check {
    let expected = || format!("at most {MOST}");
    (count <= MOST)
        .then_some(())
        .ok_or_else(|| Unsound::new(place, count, expected()))
}

fn text(place: &'static str, text: &str) -> Check {
    let is_short = text.len() <= LONGEST_TEXT;
    let is_plain = !text.chars().any(char::is_control);
    let expected = || format!("at most {LONGEST_TEXT} bytes without control characters");
    (is_short && is_plain)
        .then_some(())
        .ok_or_else(|| Unsound::new(place, format!("{} bytes", text.len()), expected()))
}

fn name(place: &'static str, name: &LeadName) -> Check {
    text(place, &name.to_string())
}

fn view(place: &'static str, view: ViewAngle) -> Check {
    const LAST_BIT: f64 = 1e-9; // What JSON may cost.
    within(place, view.theta_rad(), [-LAST_BIT, PI + LAST_BIT])?;
    within(place, view.phi_rad(), [-PI - LAST_BIT, PI + LAST_BIT])
}

fn target(place: &'static str, target: &Target) -> Check {
    match target {
        Target::View(direction) => view(place, *direction),
        Target::Lead(_) => Ok(()),
    }
}

fn each<'a, T: 'a>(items: impl IntoIterator<Item = &'a T>, check: fn(&T) -> Check) -> Check {
    items.into_iter().try_for_each(check)
}

impl Document {
    /// Whether every number and list is one that the program could have written.
    pub fn check(&self) -> Check {
        within("paper speed, mm/s", self.page.speed_mm_s, [1.0, 500.0])?;
        within("gain, mm/mV", self.page.gain_mm_mv, [0.5, 200.0])?;
        within("start, s", self.window_start_s, [0.0, LONGEST_S])?;
        let filters = &self.filters;
        let corners = [filters.high_pass_hz, filters.low_pass_hz, filters.notch_hz];
        each(corners.iter().flatten(), |hz| {
            within("filter, Hz", *hz, [1e-3, 1e5])
        })?;
        view("point", self.point)?;
        each(&self.preset, |lead| name("preset", lead))?;
        self.check_leads()?;
        few("calipers", self.calipers.len())?;
        each(&self.calipers, caliper)?;
        each(&self.source, |source| match source {
            SourceRef::File { path, sha256 } => {
                let path = path.to_string_lossy();
                text("hash of the recording", sha256)?;
                let expected = "at most 32 KiB";
                (path.len() <= 1 << 15)
                    .then_some(())
                    .ok_or_else(|| Unsound::new("path", path.len(), expected))
            }
            SourceRef::Demo { name } => text("demo", name),
        })
    }

    fn check_leads(&self) -> Check {
        few("virtual leads", self.virtual_leads.len())?;
        let mut ids: Vec<u32> = self.virtual_leads.iter().map(|lead| lead.id).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair[0] == pair[1]) || ids.last() == Some(&u32::MAX) {
            return Err(Unsound::new(
                "virtual leads",
                "an id twice",
                "ids of their own",
            ));
        }
        each(&self.virtual_leads, |lead| {
            target("virtual lead", &lead.target)?;
            each(&lead.name, |own| text("name of a virtual lead", own))
        })
    }
}

fn caliper(caliper: &Caliper) -> Check {
    name("caliper", &caliper.lead)?;
    let range = [-LONGEST_S, LONGEST_S];
    for time_s in caliper.times_s {
        within("caliper, s", time_s, range)?;
    }
    for level_mv in caliper.levels_mv {
        within("caliper, mV", level_mv, [-1e6, 1e6])?;
    }
    Ok(())
}

impl SavedCalibration {
    /// Whether it is one that this program could have found in `recorded`, whose leads `withheld`
    /// were kept out. What cannot be told so cheaply is only seen when it is calibrated anew.
    pub(super) fn check(&self, recorded: &LeadSet, withheld: &[LeadName]) -> Check {
        summary(&self.summary)?;
        few("leads", self.leads.len())?;
        for lead in &self.leads {
            check_lead(lead, recorded, withheld)?;
        }
        let Some(said) = &self.reliability else {
            return Ok(());
        };
        let of_lead = self.leads.iter().find(|lead| lead.target == said.target);
        of_lead.map_or(Ok(()), |lead| check_reliability(said, lead))
    }
}

fn summary(summary: &CalibrationSummary) -> Check {
    text("method", &summary.by)?;
    text("device", &summary.device)?;
    within("seconds of calibration", summary.took_s, [0.0, 1e7])?;
    few("electrodes", summary.electrodes.len())?;
    few("notes", summary.notes.len())?;
    each(&summary.electrodes, |electrode| {
        name("electrode", &electrode.lead)?;
        within("electrode, degrees", electrode.d_theta_deg, [-360.0, 360.0])?;
        within("electrode, degrees", electrode.d_phi_deg, [-360.0, 360.0])?;
        within("electrode, error left", electrode.remaining, [-10.0, 10.0])
    })
}

fn check_lead(lead: &SavedLead, recorded: &LeadSet, withheld: &[LeadName]) -> Check {
    let mixing = &lead.mixing;
    target("target", &lead.target)?;
    text("method of a lead", &mixing.by)?;
    if !mixing.is_sound_for(&lead.target) {
        let expected = "weights and an error that fit its target and inputs";
        return Err(Unsound::new("mixing", lead.target.name(), expected));
    }
    for input in mixing.inputs.iter() {
        let is_recorded = recorded
            .get(input)
            .is_some_and(|found| !found.origin.is_synthesised());
        if !is_recorded || withheld.contains(input) {
            let expected = "a recorded lead that was not kept out";
            return Err(Unsound::new("inputs of a lead", input, expected));
        }
    }
    let (found, expected) = (lead.added_nv.len(), recorded.n_samples());
    let is_plain = lead.added_nv.is_empty();
    if !is_plain && (found != expected || mixing.exact) {
        let expected = format!("none, or {expected} of a lead that is not exact");
        return Err(Unsound::new("samples added to a lead", found, expected));
    }
    each(&lead.added_nv, |added| {
        let most = f64::from(MOST_ADDED_NV);
        within("added to a lead, nV", f64::from(*added), [-most, most])
    })
}

/// The grade is the worst that its reasons leave, and the error that of the lead.
fn check_reliability(said: &SavedReliability, lead: &SavedLead) -> Check {
    few("reasons", said.reasons.len())?;
    few("warnings", said.warnings.len())?;
    let expected = Grade::of(&said.reasons);
    if said.grade != expected {
        return Err(Unsound::new("grade", said.grade, expected));
    }
    let error_uv = lead.mixing.expected_rmse_uv();
    let slack_uv = 1e-3 + 1e-6 * error_uv;
    let range = [error_uv - slack_uv, error_uv + slack_uv];
    within("expected error, µV", said.expected_rmse_uv, range)?;
    let is_exact = said.reasons.iter().any(|reason| *reason == Reason::Exact);
    let stated = said.reasons.iter().find_map(|reason| match reason {
        Reason::ExpectedError { rmse_uv } => Some(*rmse_uv),
        _ => None,
    });
    match (lead.mixing.exact, is_exact, stated) {
        (true, true, None) => Ok(()),
        (false, false, Some(rmse_uv)) => within("error among the reasons, µV", rmse_uv, range),
        _ => Err(Unsound::new(
            "reasons",
            "those of another lead",
            "the expected error, or exact",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        draw::{PageContent, ecg_pages},
        ecg::{Lead, Recording, SampleRate},
        session::{
            document::{CaliperKind, VirtualLead},
            saved_session::SavedSession,
            settings::Settings,
        },
        synth::{ElectrodeOffset, Mixing},
    };

    /// Two seconds of eight leads.
    fn recorded() -> LeadSet {
        let lead = |(k, name): (usize, LeadName)| {
            let sample = |at: usize| (0.1 * (at % 97) as f32).sin() * (k + 1) as f32 / 8.0;
            Lead::measured(name, (0..500).map(sample).collect::<Vec<f32>>())
        };
        let names = LeadName::TWELVE.into_iter();
        let leads = names.filter(|name| !name.is_limb() || *name == LeadName::II);
        let rate = SampleRate::from_hz(250.0).unwrap();
        LeadSet::new(rate, leads.enumerate().map(lead).collect()).unwrap()
    }

    /// A session with everything that one can hold.
    fn whole() -> SavedSession {
        let target: Target = "V7".parse().unwrap();
        let mixing: Mixing = serde_json::from_value(serde_json::json!({
            "name": "V7", "view": target.view(), "inputs": ["V5", "V6"], "weights": [-0.5, 1.1],
            "exact": false, "by": "test",
            "error": {"quadratic": [0.004, 0.0, 0.0, 0.004], "constant": 0.0004,
                "baseline_mv": [0.0, 0.1], "mean": 0.0016, "half_width": 1.64, "rmse": 1.0},
        }))
        .unwrap();
        let rmse_uv = mixing.expected_rmse_uv();
        let reasons = vec![Reason::ExpectedError { rmse_uv }];
        let document = Document {
            source: Some(SourceRef::Demo {
                name: "normal".into(),
            }),
            preset: Some(target.name()),
            point: target.view(),
            virtual_leads: vec![VirtualLead {
                id: 1,
                target: target.clone(),
                name: Some("back".into()),
                pinned: true,
            }],
            calipers: vec![Caliper {
                kind: CaliperKind::Marching,
                lead: LeadName::II,
                times_s: [0.4, 1.2],
                levels_mv: [0.0, 0.5],
            }],
            ..Document::default()
        };
        let electrode = serde_json::json!({"lead": "V2", "d_theta_deg": 4.0, "d_phi_deg": 1.0,
            "remaining": 0.8, "alarm": false, "applied": false});
        let calibration = SavedCalibration {
            summary: CalibrationSummary {
                electrodes: vec![serde_json::from_value::<ElectrodeOffset>(electrode).unwrap()],
                ..CalibrationSummary::default()
            },
            leads: vec![SavedLead {
                target: target.clone(),
                mixing,
                added_nv: vec![20; 500],
            }],
            reliability: Some(SavedReliability {
                target,
                grade: Grade::of(&reasons),
                expected_rmse_uv: rmse_uv,
                reasons,
                warnings: Vec::new(),
            }),
        };
        SavedSession::new(document, "ab".repeat(32), Some(calibration))
    }

    /// Numbers of one run, each of which looks like chance.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, n: usize) -> usize {
            self.0 = self
                .0
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (self.0 >> 33) as usize % n.max(1)
        }
    }

    /// Spoils one place of a value.
    fn spoil(value: &mut serde_json::Value, chance: &mut Chance) {
        use serde_json::{Value, json};
        let deeper = chance.below(8) != 0;
        match value {
            Value::Array(items) if deeper && !items.is_empty() => {
                let at = chance.below(items.len());
                match chance.below(6) {
                    0 => drop(items.remove(at)),
                    1 => items.push(items[at].clone()),
                    _ => spoil(&mut items[at], chance),
                }
            }
            Value::Object(fields) if deeper && !fields.is_empty() => {
                let keys: Vec<String> = fields.keys().cloned().collect();
                let key = &keys[chance.below(keys.len())];
                match chance.below(12) {
                    0 => drop(fields.remove(key)),
                    _ => spoil(&mut fields[key], chance),
                }
            }
            _ => {
                let hostile = [
                    json!(0),
                    json!(-1),
                    json!(1e9),
                    json!(1e300),
                    json!(-1e300),
                    json!(1e-300),
                    json!(u64::MAX),
                    json!(u32::MAX),
                    json!(i32::MIN),
                    json!(null),
                    json!(true),
                    json!(""),
                    json!("V7"),
                    json!("II"),
                    json!("\u{1b}[2J"),
                    json!("x".repeat(5000)),
                    json!([]),
                    json!({}),
                    json!([1e300, -1e300]),
                    json!(vec![0; 600]),
                    json!(0.5),
                ];
                *value = hostile[chance.below(hostile.len())].clone();
            }
        }
    }

    /// Opens `count` spoilt sessions and settings as the window does. What passes the checks is
    /// shown and drawn: none may crash, hang, or call a synthesised lead exact.
    fn open_spoilt(count: usize) -> usize {
        let (recorded, mut chance) = (recorded(), Chance(7));
        let sound = serde_json::to_value(whole()).unwrap();
        let settings = serde_json::to_value(Settings::default()).unwrap();
        let mut shown = 0;
        for number in 0..count {
            let mut value = sound.clone();
            (0..=chance.below(3)).for_each(|_| spoil(&mut value, &mut chance));
            let mut bytes = serde_json::to_vec(&value).unwrap();
            if chance.below(10) == 0 {
                bytes.truncate(chance.below(bytes.len()));
            }
            if let Ok(session) = SavedSession::parse(&bytes) {
                shown += usize::from(show(&session, &recorded, number % 500 == 0));
            }
            let mut value = settings.clone();
            spoil(&mut value, &mut chance);
            let read = Settings::from_json(&value.to_string());
            assert!((0.5..=3.0).contains(&read.ui_scale) && read.recent.len() <= 12);
        }
        shown
    }

    /// Whether the leads of the session pass the checks; they are made, and `draws` the page.
    fn show(session: &SavedSession, recorded: &LeadSet, draws: bool) -> bool {
        let document = session.document.clone().fitted_to(recorded.duration_s());
        assert!(document.check().is_ok() && document.fresh_id() != 0);
        if draws {
            let recording = Recording::from_leads(recorded.clone());
            assert!(!ecg_pages(&PageContent::of(&recording), &document.page).is_empty());
        }
        let Some(saved) = &session.calibration else {
            return false;
        };
        if saved.check(recorded, &[LeadName::V4]).is_err() {
            return false;
        }
        for lead in &saved.leads {
            let made = lead.synthesised(recorded).unwrap();
            assert_eq!(made.synthesis.band_mv.len(), recorded.n_samples());
            assert!(made.synthesis.lead.origin.is_synthesised(), "{lead:?}");
        }
        true
    }

    #[test]
    fn a_sound_session_passes() {
        let session = whole();
        let bytes = serde_json::to_vec(&session).unwrap();
        assert!(show(
            &SavedSession::parse(&bytes).unwrap(),
            &recorded(),
            true
        ));
    }

    #[test]
    fn ten_thousand_spoilt_sessions_and_settings() {
        let shown = open_spoilt(10_000);
        assert!(
            (100..9_900).contains(&shown),
            "{shown}: the spoiling spoils too much or too little"
        );
    }

    #[test]
    #[ignore = "minutes"]
    fn a_million_spoilt_sessions_and_settings() {
        println!("{} of 1,000,000 shown", open_spoilt(1_000_000));
    }

    /// What a calibration changed so is refused for.
    fn refused(change: impl FnOnce(&mut SavedCalibration)) -> &'static str {
        let mut saved = whole().calibration.unwrap();
        change(&mut saved);
        let problem = saved.check(&recorded(), &[LeadName::V4]).err();
        problem.map_or("", |problem| problem.place)
    }

    #[test]
    fn what_the_recording_cannot_give_is_refused() {
        assert_eq!(refused(|_| {}), "");
        let exact = |saved: &mut SavedCalibration| saved.leads[0].mixing.exact = true;
        assert_eq!(refused(exact), "mixing");
        let inputs =
            |names: [LeadName; 2]| refused(|saved| saved.leads[0].mixing.inputs = names.into());
        assert_eq!(
            inputs([LeadName::V4, LeadName::V6]),
            "inputs of a lead",
            "kept out"
        );
        assert_eq!(
            inputs([LeadName::AVL, LeadName::V6]),
            "inputs of a lead",
            "not there"
        );
        let few = |saved: &mut SavedCalibration| saved.leads[0].added_nv.truncate(3);
        assert_eq!(refused(few), "samples added to a lead");
        let plateau =
            |saved: &mut SavedCalibration| saved.leads[0].added_nv[100..200].fill(1_500_000);
        assert_eq!(refused(plateau), "added to a lead, nV");
        let said = |change: fn(&mut SavedReliability)| {
            refused(|saved| saved.reliability.iter_mut().for_each(change))
        };
        assert_eq!(said(|said| said.grade = Grade::NotSupported), "grade");
        assert_eq!(
            said(|said| said.expected_rmse_uv = 3.0),
            "expected error, µV"
        );
        let reasons = said(|said| said.reasons = vec![Reason::ExpectedError { rmse_uv: 3.0 }]);
        assert_eq!(reasons, "error among the reasons, µV");
        assert_eq!(said(|said| said.reasons = vec![Reason::Exact]), "reasons");
    }
}
