//! Everything a reader needs beside the traces, once as sections of words for the page and once as
//! the JSON that goes with every export.

use serde_json::{Value, json};

use super::{
    document::{Caliper, CaliperKind, Document, SourceRef},
    exam::Exam,
    page_leads::{PageLeads, PlacedLead},
    results::Results,
};
use crate::{
    draw::Section,
    ecg::{LeadName, Origin, ViewAngle},
    reliability::Warning,
    signal::Intervals,
    synth::weights_sha256,
    words::{Label, Translator, with_sentence},
};

/// Version of the JSON: grows when a field changes its meaning or goes.
const SCHEMA: u32 = 1;

/// What is known of the page or sheet at hand.
pub(super) struct Findings<'a> {
    /// What the user decided.
    pub document: &'a Document,
    /// The recording.
    pub exam: &'a Exam,
    /// What the network found.
    pub results: &'a Results,
    /// The leads at hand.
    pub page: &'a PageLeads<'a>,
}

impl Findings<'_> {
    /// The report, measurements, calipers, synthesised leads and all warnings, in English as the
    /// page.
    pub fn sections(&self) -> Vec<Section> {
        let english = Translator::default();
        let section = |title: Label, lines: Vec<String>| Section {
            title: english.tr(title).to_owned(),
            lines,
        };
        let report = self.document.report.lines().map(str::to_owned).collect();
        let measured = english.measurements(&self.exam.measurements);
        let measured: Vec<String> = measured
            .into_iter()
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        let by_hand = self.document.beats_by_hand();
        let by_hand = by_hand.map(|counts| english.beats_by_hand(counts));
        let cart = english.cart_differs(&self.exam.measurements, &self.exam.cart());
        let calipers = self.document.calipers.iter();
        let placed = self.page.placed.iter();
        let moved = moved_electrodes(self.document).into_iter();
        let warnings = self.warnings().into_iter().map(|it| english.warning(it));
        let warnings = moved.chain(warnings).collect();
        vec![
            section(Label::Report, report),
            section(
                Label::Measurements,
                std::iter::once(measured.join(" · "))
                    .chain(cart)
                    .chain(by_hand)
                    .collect(),
            ),
            section(
                Label::Calipers,
                calipers.map(|it| self.caliper_words(it)).collect(),
            ),
            section(Label::VirtualLeads, placed.flat_map(lead_words).collect()),
            section(Label::Warnings, warnings),
            section(Label::Model, vec![self.model_words()]),
        ]
    }

    /// About the recording as a whole and about each lead, each once.
    fn warnings(&self) -> Vec<&Warning> {
        let point = self.results.reliability.iter().map(|said| &*said.1);
        let placed = self.page.placed.iter().filter_map(|lead| lead.reliability);
        let mut found: Vec<&Warning> = Vec::new();
        for warning in point.chain(placed).flat_map(|said| &said.warnings) {
            if !found.contains(&warning) {
                found.push(warning);
            }
        }
        found
    }

    fn caliper_words(&self, caliper: &Caliper) -> String {
        let lead = match (caliper.kind, caliper.synthesised) {
            (CaliperKind::AllLeads, _) => "all leads".to_owned(),
            (_, true) => format!("{} (synthesised)", caliper.lead.synthesised_label()),
            (_, false) => caliper.lead.to_string(),
        };
        let rate = caliper
            .rate_bpm()
            .map_or_else(String::new, |bpm| format!(", {bpm:.0}/min"));
        let amplitude = match caliper.kind {
            CaliperKind::AllLeads => String::new(),
            CaliperKind::Pair | CaliperKind::Marching => {
                let uv = caliper.amplitude_uv();
                let error = self.error_uv(caliper);
                let error = error.map_or_else(String::new, |uv| format!(" ± {:.2}", uv / 1000.0));
                format!(", {:+.2}{error} mV ({:+.1} mm)", uv / 1000.0, uv / 100.0)
            }
        };
        let [from, to] = caliper.times_s;
        let interval = format!("{:.0} ms", caliper.interval_ms());
        format!("{lead}, {from:.3} to {to:.3} s: {interval}{rate}{amplitude}")
    }

    /// The error to expect of the synthesised lead that a caliper is on.
    fn error_uv(&self, caliper: &Caliper) -> Option<f64> {
        let mut placed = self.page.placed.iter();
        let lead = placed.find(|lead| lead.made.synthesis.lead.name == caliper.lead)?;
        caliper
            .synthesised
            .then_some(lead.made.synthesis.expected_rmse_uv)
    }

    fn model_words(&self) -> String {
        let source = self.source_sha256();
        let source = source.map_or_else(String::new, |hash| {
            format!(" · SHA-256 of the recording {hash}")
        });
        format!(
            "ECG Panorama {} · SHA-256 of the weights {}{source}",
            env!("CARGO_PKG_VERSION"),
            self.weights()
        )
    }

    /// Of the program, or those that a saved session was made with.
    fn weights(&self) -> &str {
        let saved = self.results.weights_as_saved.as_deref();
        saved.unwrap_or_else(|| weights_sha256())
    }

    fn source_sha256(&self) -> Option<&str> {
        match self.document.source.as_ref()? {
            SourceRef::File { sha256, .. } => Some(sha256),
            SourceRef::Demo { .. } | SourceRef::Simulated { .. } => None,
        }
    }

    /// The same for programs: codes with fields, each number with its unit in its name. Nothing in it
    /// says who the patient is but the file's name, which is left out where identity is hidden.
    pub fn json(&self) -> Value {
        let english = Translator::default();
        let sentence = |warning: &&Warning| with_sentence(warning, english.warning(warning));
        json!({
            "schema": SCHEMA,
            "program": format!("ECG Panorama {}", env!("CARGO_PKG_VERSION")),
            "purpose": "For research and teaching, not for diagnosis",
            "weights_sha256": self.weights(),
            "leads_as_saved_unchecked": self.results.are_as_saved(),
            "source": self.source_json(),
            "page": {
                "start_s": self.document.window_start_s,
                "filters": self.document.filters,
                "paper": self.document.page,
                "sheet": self.document.sheet,
            },
            "report": self.document.report,
            "electrodes_elsewhere": moved_electrodes(self.document),
            "measurements": self.exam.measurements,
            "measured_by_the_device": cart_json(&self.exam.cart()),
            "beats_by_hand": self.document.beats,
            "warnings": self.warnings().iter().map(sentence).collect::<Vec<_>>(),
            "calipers": self.document.calipers.iter().map(|it| self.caliper_json(it)).collect::<Vec<_>>(),
            "recorded_leads": self.recorded_json(),
            "synthesised_leads": self.page.placed.iter().map(|lead| self.lead_json(lead)).collect::<Vec<_>>(),
        })
    }

    fn source_json(&self) -> Value {
        json!({
            "file": (!self.document.deidentified).then_some(&self.exam.title),
            "sha256": self.source_sha256(),
            "seconds": self.exam.duration_s,
            "simulated": self.exam.recording.is_simulated(),
        })
    }

    /// As the files name them.
    fn recorded_json(&self) -> Vec<Value> {
        let leads = self.page.leads.leads().iter();
        let recorded = leads.filter(|lead| !lead.origin.is_synthesised());
        recorded
            .map(|lead| {
                json!({
                    "name": lead.name,
                    "derived": matches!(lead.origin, Origin::Derived { .. }),
                })
            })
            .collect()
    }

    fn caliper_json(&self, caliper: &Caliper) -> Value {
        let is_level = caliper.kind != CaliperKind::AllLeads;
        json!({
            "kind": caliper.kind,
            "lead": caliper.lead,
            "synthesised": caliper.synthesised,
            "times_s": caliper.times_s,
            "interval_ms": caliper.interval_ms(),
            "rate_bpm": caliper.rate_bpm(),
            "amplitude_uv": is_level.then(|| caliper.amplitude_uv()),
            "expected_rmse_uv": self.error_uv(caliper).filter(|_| is_level),
        })
    }

    fn lead_json(&self, lead: &PlacedLead) -> Value {
        let target = &lead.made.target;
        json!({
            "label": lead.name.synthesised_label(),
            "place": target.name(),
            "view_deg": target.exploring_view().map(|view| view.degrees()),
            "note": lead.note(Translator::default()),
            "expected_rmse_uv": lead.made.synthesis.expected_rmse_uv,
            "made_of": lead.made.synthesis.contributions,
            "made_by": match &lead.made.synthesis.lead.origin {
                Origin::Synthesised { by, .. } => Some(by.to_string()),
                Origin::Derived { .. } | Origin::Measured => None,
            },
            "reliability": lead.reliability.map(|said| Translator::default().reliability_json(said)),
            "measurements": lead.made.measurements(self.exam),
        })
    }
}

/// What the recording device measured itself.
fn cart_json(cart: &Intervals) -> Value {
    json!({
        "heart_rate_bpm": cart.heart_rate_bpm,
        "pr_ms": cart.pr_ms,
        "qrs_ms": cart.qrs_ms,
        "qt_ms": cart.qt_ms,
    })
}

/// A synthesised lead: what stands beside its name, and why.
fn lead_words(lead: &PlacedLead) -> Vec<String> {
    let english = Translator::default();
    let head = format!(
        "{}, synthesised: {}",
        lead.name.synthesised_label(),
        lead.note(english)
    );
    let reasons = lead.reliability.iter().flat_map(|said| &said.reasons);
    let reasons: Vec<String> = reasons.map(|reason| english.reason(reason)).collect();
    match reasons.is_empty() {
        true => vec![head],
        false => vec![head, format!("   {}", reasons.join("; "))],
    }
}

/// Electrodes that sat elsewhere or were changed back, as far as the user knows: whoever reads the
/// page must know it too.
pub(super) fn moved_electrodes(document: &Document) -> Vec<String> {
    let undone = document.exchange_undone;
    let undone = undone.map(|it| Translator::default().exchange_undone(it));
    let words = |(name, view): &(LeadName, ViewAngle)| {
        let values = [name.to_string(), view.to_string()];
        Translator::default().fill(Label::ElectrodeSatAt, &[&values[0], &values[1]])
    };
    let moved = document.electrodes.iter().map(words);
    undone.into_iter().chain(moved).collect()
}
