//! A window without weights and demos: a stand-in for the network, and a recording made here.
#![allow(clippy::unwrap_used, dead_code)] // Each test file uses its part.

use std::{path::Path, sync::Arc};

use ecg_panorama::{
    ecg::{Lead, LeadName, LeadSet, Recording, SampleRate, Target, ViewAngle},
    formats::{self, Format},
    session::{
        BodyMap, Query, SynthesisedLead,
        engine::{Engine, Watch, Work},
        query::{CalibrationSummary, Found, QueryError},
    },
    synth::Mixing,
};

/// Mixes leads by how near their electrodes are: no physics, but the same on every machine.
#[derive(Default)]
pub struct StandIn {
    leads: Option<Arc<LeadSet>>,
}

impl StandIn {
    fn mixing(target: &Target) -> Mixing {
        let view = target.exploring_view().unwrap_or(ViewAngle::ANTERIOR);
        let near =
            |name: &LeadName| (4.0 * Target::lead(name).unwrap().view().angle_to(view).cos()).exp();
        let sum: f64 = LeadName::CHEST.iter().map(near).sum();
        let weights: Vec<f64> = LeadName::CHEST.iter().map(|it| near(it) / sum).collect();
        let quadratic: Vec<f64> = (0..36)
            .map(|it| if it % 7 == 0 { 0.004 } else { 0.0 })
            .collect();
        serde_json::from_value(serde_json::json!({
            "name": target.name(), "view": view, "inputs": LeadName::CHEST, "weights": weights, "exact": false, "by": "stand-in",
            "error": {"quadratic": quadratic, "constant": 0.0004, "baseline_mv": [0.0, 0.0, 0.0, 0.0, 0.0, 0.0], "mean": 0.0016, "half_width": [1.64, 1.64, 1.64, 1.64],
                "by_wave": {"qrs_uv": 60.0, "st_uv": 30.0, "t_uv": 40.0, "rest_uv": 20.0}},
        }))
        .unwrap()
    }

    fn lead(&self, target: &Target) -> Result<SynthesisedLead, QueryError> {
        let mixing = Self::mixing(target);
        let leads = self.leads.as_ref().ok_or(QueryError::NotCalibrated)?;
        let synthesis = mixing.apply(leads)?;
        Ok(SynthesisedLead::new(target.clone(), synthesis, mixing))
    }

    fn named(&self, name: &LeadName) -> Result<SynthesisedLead, QueryError> {
        self.lead(&Target::lead(name)?)
    }

    fn body_map(&self, places: &Arc<[ViewAngle]>) -> BodyMap {
        let n = self.leads.as_ref().map_or(0, |leads| leads.n_samples());
        let rate = SampleRate::from_hz(500.0).unwrap();
        let potential = |place: &ViewAngle| {
            let unit = place.unit();
            (unit[1] * 0.8 - unit[2] * 0.5) as f32
        };
        let one: Vec<f32> = places.iter().map(potential).collect();
        BodyMap::still(places.clone(), one, rate, n)
    }
}

impl Engine for StandIn {
    fn answer(&mut self, query: &Query, _: Watch<'_>) -> Result<Work, QueryError> {
        let found = match query {
            Query::Calibrate(request) | Query::Refine(request) => {
                self.leads = Some(request.leads.clone());
                Found::Calibrated(CalibrationSummary {
                    by: "stand-in".into(),
                    device: "CPU".into(),
                    ..CalibrationSummary::default()
                })
            }
            Query::Draft(..)
            | Query::Misplaced(_)
            | Query::Examine
            | Query::Reliability(..)
            | Query::Grade(..) => {
                return Err(QueryError::Unsupported("a stand-in has no figures"));
            }
            Query::Point(target) => Found::Point(self.lead(target)?),
            Query::Listed(id, target) => Found::Listed(*id, self.lead(target)?),
            Query::Compare(name) => Found::Compared(name.clone(), self.named(name)?),
            Query::HeldOut(name) => Found::HeldOut(name.clone(), self.named(name)?.synthesis),
            Query::BodyMap(places) => Found::BodyMap(self.body_map(places)),
            Query::Panorama => {
                let targets = Target::panorama().into_iter().map(|view| view.1);
                let leads = targets.map(|target| Ok(self.lead(&target)?.synthesis));
                Found::Panorama(leads.collect::<Result<_, QueryError>>()?)
            }
        };
        Ok(Work::Done(found))
    }
}

/// Ten seconds of a made-up heart at 75 a minute, with a lead at V7 to compare with.
pub fn recording(path: &Path) {
    let rate = SampleRate::from_hz(500.0).unwrap();
    let bump = |t: f64, at: f64, width: f64| (-((t - at) / width).powi(2)).exp();
    let shape = |r: f64, s: f64, t_wave: f64| -> Vec<f32> {
        let sample = |k: usize| {
            let t = (k as f64 / 500.0) % 0.8;
            0.12 * r.signum() * bump(t, 0.12, 0.03) + r * bump(t, 0.30, 0.012)
                - s * bump(t, 0.335, 0.014)
                + t_wave * bump(t, 0.58, 0.055)
        };
        (0..5000).map(|k| sample(k) as f32).collect()
    };
    let shapes = [
        (LeadName::I, 0.7, 0.1, 0.20),
        (LeadName::II, 1.1, 0.2, 0.30),
        (LeadName::V1, 0.2, 0.9, -0.05),
        (LeadName::V2, 0.4, 1.6, 0.40),
        (LeadName::V3, 0.8, 1.1, 0.50),
        (LeadName::V4, 1.4, 0.6, 0.45),
        (LeadName::V5, 1.3, 0.3, 0.35),
        (LeadName::V6, 1.0, 0.1, 0.28),
        (LeadName::parse("V7"), 0.7, 0.1, 0.20),
    ];
    let leads = shapes
        .into_iter()
        .map(|(name, r, s, t)| Lead::measured(name, shape(r, s, t)))
        .collect();
    let recording = Recording::from_leads(LeadSet::new(rate, leads).unwrap());
    formats::write(&recording, path, Format::EdfPlus).unwrap();
}
