//! The comparison of forms: field prior alone, corrected mix, and GeoVT in our form, the paper's and Nef-Net's,
//! trained on the same cases for the same number of steps.

use std::path::Path;

use burn::tensor::Device;

use super::{
    Case, Exam, Plan, Table, TrainingError, build_cases, load_exams,
    residual::{Mixed, ResidualSettings, score_residual, train_residual},
    validate::{answers, protocol_cases, questions},
};
use crate::geovt::{CorrectorConfig, GeoVtConfig, MixEnsemble, from_bytes};

/// What one form reached.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct FormResult {
    /// The form.
    pub form: String,
    /// Parameters.
    pub parameters: usize,
    /// Steps of training.
    pub steps: u64,
    /// Seconds they took.
    pub seconds: f64,
    /// Protocols; the first figure of a row is the mix alone (0 mV where the form has none).
    pub tables: Vec<Table>,
}

/// Trains and scores every form with the weight set in `weights`.
pub fn ablation(data: &Path, weights: &Path, steps: u64, generated: usize) -> Result<Vec<FormResult>, TrainingError> {
    let exams = load_exams(data, generated)?;
    let mut plan = Plan::shipped();
    plan.displacement = 0.0;
    let network = ensemble(weights, "shipped")?;
    let train = build_cases(&exams, &plan, 1, |it| !it.valid);
    let train = mixed(&train, &network);
    let (app, few) = questions(&plan.leads);
    let asked: Vec<(&str, Vec<Case>)> =
        [("P-app", app), ("P-reconstruct", few)].map(|(name, it)| (name, protocol_cases(&exams, &plan, "ptbxl", &it))).to_vec();
    let forms = [("ours", GeoVtConfig::ours()), ("paper", GeoVtConfig::paper()), ("Nef-Net", GeoVtConfig::nef_net())];
    Ok(forms.into_iter().map(|(name, config)| one(name, config, steps, &exams, &train, &asked, &network)).collect())
}

fn one(
    name: &str,
    config: GeoVtConfig,
    steps: u64,
    exams: &[Exam],
    train: &[Mixed],
    asked: &[(&str, Vec<Case>)],
    network: &MixEnsemble,
) -> FormResult {
    use burn::module::Module;
    let settings = ResidualSettings { name: name.into(), network: config.clone(), seed: 1, steps, batch: 8, window: 250, rate: 2e-3 };
    let (trained, seconds) = train_residual(&settings, exams, train);
    let table = |(name, cases): &(&str, Vec<Case>)| score_residual(name, &trained, config.lead_field, exams, &mixed(cases, network));
    let tables: Vec<Table> = asked.iter().map(table).collect();
    for table in &tables {
        eprintln!("{name}: {} {:.2} dB → {:.2} dB", table.protocol, table.mean.0, table.mean.1);
    }
    FormResult { form: name.into(), parameters: trained.num_params(), steps, seconds, tables }
}

fn mixed<'a>(cases: &'a [Case], network: &MixEnsemble) -> Vec<Mixed<'a>> {
    let found = answers(network, cases, &Device::flex());
    let mix = |(case, answer): (&'a Case, Vec<f64>)| {
        let correction = case.evidence.weights(&answer);
        Mixed { case, weights: case.prior.iter().zip(correction).map(|(a, b)| a + b).collect() }
    };
    cases.iter().zip(found).map(mix).collect()
}

/// A weight set from its files.
pub(super) fn ensemble(weights: &Path, set: &str) -> Result<MixEnsemble, TrainingError> {
    let path = weights.join(format!("{set}.json"));
    let read =
        |path: &Path| std::fs::read(path).map_err(|it| TrainingError::File { what: it.to_string(), path: path.display().to_string() });
    let config: CorrectorConfig = serde_json::from_slice(&read(&path)?)
        .map_err(|it| TrainingError::File { what: it.to_string(), path: path.display().to_string() })?;
    let fresh = (0..config.members).map(|_| config.mix.init(&Device::flex())).collect();
    Ok(from_bytes(MixEnsemble::new(fresh), &read(&weights.join(format!("{set}.bpk")))?)?)
}
