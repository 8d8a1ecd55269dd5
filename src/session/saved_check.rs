//! Saved leads, held against what the recording gives: cheaply when a session is opened, and in full
//! when its leads are made anew.

use super::{
    query::CalibrationSummary,
    saved_calibration::{SavedCalibration, SavedLead, SavedReliability},
    soundness::{Check, Unsound, each, few, name, target, text, within},
    synthesised_lead::SynthesisedLead,
};
use crate::{
    ecg::{LeadName, LeadSet},
    reliability::{Grade, Reason},
};

/// What the network may have added to a mix, nV: ten times what it ever does.
const MOST_ADDED_NV: i32 = 1_000_000;

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
    let is_exact = said.reasons.contains(&Reason::Exact);
    let stated = said.reasons.iter().find_map(|reason| match reason {
        Reason::ExpectedError { rmse_uv, by_wave } => Some((*rmse_uv, by_wave.each())),
        _ => None,
    });
    match (lead.mixing.exact, is_exact, stated) {
        (true, true, None) => Ok(()),
        (false, false, Some((rmse_uv, by_wave))) => {
            within("error among the reasons, µV", rmse_uv, range)?;
            let pairs = by_wave.into_iter().zip(lead.mixing.by_wave().each());
            for (said, made) in pairs {
                let slack_uv = 1e-3 + 1e-6 * made;
                let range = [made - slack_uv, made + slack_uv];
                within("error of a wave among the reasons, µV", said, range)?;
            }
            Ok(())
        }
        _ => Err(Unsound::new(
            "reasons",
            "those of another lead",
            "the expected error, or exact",
        )),
    }
}

/// Leads of a saved session against the same made anew.
pub(super) struct SavedCheck {
    waiting: Vec<SynthesisedLead>,
    worst_uv: f64,
}

/// Differences below this are those of rounding and of devices, µV.
const ALIKE_UV: f64 = 1.0;

impl SavedCheck {
    /// `leads` as they were saved, each of which will be made anew.
    pub fn new(leads: Vec<SynthesisedLead>) -> Self {
        Self {
            waiting: leads,
            worst_uv: 0.0,
        }
    }

    /// Compares one lead, samples and band. Once all are there: how far they were apart at most, µV,
    /// or zero where that is nothing to speak of.
    pub fn compare(&mut self, anew: &SynthesisedLead) -> Option<f64> {
        let at = self
            .waiting
            .iter()
            .position(|saved| saved.target == anew.target)?;
        let (saved, anew) = (self.waiting.remove(at).unfiltered, &anew.unfiltered);
        let samples = apart_uv(&saved.lead.samples_mv, &anew.lead.samples_mv);
        let band = apart_uv(&saved.band_mv, &anew.band_mv);
        self.worst_uv = self.worst_uv.max(samples).max(band);
        let apart_uv = if self.worst_uv <= ALIKE_UV {
            0.0
        } else {
            self.worst_uv
        };
        self.waiting.is_empty().then_some(apart_uv)
    }
}

/// Largest difference, µV; infinite where one has what the other lacks.
fn apart_uv(one: &[f32], other: &[f32]) -> f64 {
    if one.len() != other.len() {
        return f64::INFINITY;
    }
    let apart = |(a, b): (&f32, &f32)| match (a.is_finite(), b.is_finite()) {
        (true, true) => 1000.0 * f64::from((a - b).abs()),
        (false, false) => 0.0,
        _ => f64::INFINITY,
    };
    one.iter().zip(other).map(apart).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        draw::{PageContent, ecg_pages},
        ecg::{Lead, Recording, SampleRate, Target},
        session::{
            document::{Caliper, CaliperKind, Document, Kept, SourceRef, VirtualLead},
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
                "baseline_mv": [0.0, 0.1], "mean": 0.0016, "half_width": [1.64, 1.64, 1.64, 1.64],
                "by_wave": {"qrs_uv": 80.0, "st_uv": 20.0, "t_uv": 30.0, "rest_uv": 10.0}},
        }))
        .unwrap();
        let rmse_uv = mixing.expected_rmse_uv();
        let by_wave = mixing.by_wave();
        let reasons = vec![Reason::ExpectedError { rmse_uv, by_wave }];
        let document = Document {
            source: Some(SourceRef::Demo {
                name: "normal".into(),
            }),
            preset: Some(target.name()),
            point: target.view(),
            virtual_leads: vec![VirtualLead {
                kept: Kept::ByHand,
                id: 1,
                target: target.clone(),
                name: Some("back".into()),
                pinned: true,
            }],
            calipers: vec![Caliper {
                synthesised: false,
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
        let reasons = said(|said| {
            if let [Reason::ExpectedError { by_wave, .. }] = &mut said.reasons[..] {
                by_wave.st_uv += 3.0;
            }
            said.grade = Grade::of(&said.reasons);
        });
        assert_eq!(reasons, "error of a wave among the reasons, µV");
        let all = said(|said| {
            said.reasons = vec![Reason::Exact];
            said.grade = Grade::of(&said.reasons);
        });
        assert_eq!(all, "reasons");
    }
}
