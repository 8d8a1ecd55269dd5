//! One line of the outcome, as JSON.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    ecg::Target,
    reliability::{ExamReliability, Grade},
    synth::{Synthesizer, WaveErrors},
    words::{Translator, with_sentence},
};

/// One line of the outcome.
#[derive(Default, Serialize)]
pub(super) struct Line {
    pub file: String,
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub leads: Vec<LeadLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_out_rmse_uv: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_with: Option<MadeWith>,
}

#[derive(Serialize)]
pub(super) struct LeadLine {
    pub lead: String,
    pub expected_rmse_uv: f64,
    pub expected_by_wave: WaveErrors,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub true_rmse_uv: Option<f64>,
}

/// What an outcome depends on: the same recording and settings give the same bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct MadeWith {
    /// Hash of everything asked for, of the program's version and of its weights.
    pub settings: String,
    /// Hash of the recording's files.
    pub recording: String,
    /// Hash of the outcome, where one was asked for.
    pub outcome: Option<String>,
}

impl Line {
    /// Of something that was not worked on, and why.
    pub fn without(file: String, status: &'static str, reason: &str) -> Self {
        Self {
            file,
            status,
            reason: Some(reason.to_owned()),
            ..Self::default()
        }
    }

    /// Of an exam that was worked on.
    pub fn of(
        file: String,
        targets: &[Target],
        synthesizer: &Synthesizer,
        reliability: Option<&ExamReliability>,
        warnings: &[String],
    ) -> Self {
        let leads = targets.iter();
        Self {
            file,
            status: "ok",
            reason: None,
            leads: leads
                .map(|it| lead_line(reliability, synthesizer, it))
                .collect(),
            held_out_rmse_uv: reliability
                .and_then(|it| mean(it.held_out.iter().map(|it| it.rmse_uv))),
            warnings: warnings_json(warnings, reliability),
            made_with: None,
        }
    }
}

fn lead_line(
    exam: Option<&ExamReliability>,
    synthesizer: &Synthesizer,
    target: &Target,
) -> LeadLine {
    let mixing = synthesizer.mixing(target);
    let reliability = exam.map(|it| it.of(synthesizer, target));
    let reasons = reliability.iter().flat_map(|it| &it.reasons);
    LeadLine {
        lead: target.name().to_string(),
        expected_rmse_uv: mixing.expected_rmse_uv(),
        expected_by_wave: mixing.by_wave(),
        grade: reliability.as_ref().map(|it| it.grade),
        reasons: reasons
            .map(|it| with_sentence(it, Translator::default().reason(it)))
            .collect(),
        true_rmse_uv: reliability
            .as_ref()
            .and_then(|it| it.truth.as_ref())
            .map(|it| it.rmse_uv),
    }
}

/// What the reader said, and what speaks against relying on the leads.
fn warnings_json(reader: &[String], exam: Option<&ExamReliability>) -> Vec<Value> {
    let reader = reader
        .iter()
        .map(|it| json!({ "reader": {}, "sentence": it }));
    let warnings = exam.iter().flat_map(|it| &it.warnings);
    let warnings = warnings.map(|it| with_sentence(it, Translator::default().warning(it)));
    reader.chain(warnings).collect()
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let all: Vec<f64> = values.collect();
    (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
}
