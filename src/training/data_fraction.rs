//! How much recorded data it takes (paper, Table 9): the lead-field path from a share of the
//! recorded training exams, from nothing, and after pretraining on generated exams and virtual
//! patients.

use std::path::Path;

use burn::tensor::Device;

use super::{
    TrainingError,
    examples::{Plan, TrainingExample, build_examples},
    exams::{Exam, Split, load_exams},
    mix::{MixSettings, train_from, train_mix},
    validate::{Table, answers, protocol_cases, questions, validate},
    virtual_exams::virtual_exams,
};
use crate::geovt::{MixEnsemble, MixNetwork};

/// Shares, per cent.
const PERCENT: [usize; 5] = [1, 5, 10, 50, 100];

/// What one share reached.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct FractionRow {
    /// Per cent of the recorded training exams.
    pub percent: usize,
    /// How many those are.
    pub exams: usize,
    /// Whether the network had met generated exams and virtual patients before.
    pub pretrained: bool,
    /// P-app and P-reconstruct on the validation split of PTB-XL: prior alone, corrected mix.
    pub tables: Vec<Table>,
}

struct FractionContext<'a> {
    work: &'a Path,
    steps: u64,
    real: Vec<TrainingExample>,
    /// Recorded training exams, in order.
    order: Vec<usize>,
    dev: Vec<TrainingExample>,
    asked: Vec<(&'static str, Vec<TrainingExample>)>,
}

/// Trains and scores every share.
pub fn data_fraction(
    data: &Path,
    work: &Path,
    steps: u64,
    (generated, virtuals): (usize, usize),
) -> Result<Vec<FractionRow>, TrainingError> {
    let mut exams = load_exams(data, generated)?;
    exams.extend(virtual_exams(1..virtuals as u64 + 1, Split::Train));
    let plan = Plan::shipped();
    let train = |made: bool| {
        build_examples(&exams, &plan, 1, |it| {
            it.split == Split::Train && it.is_made() == made
        })
    };
    let (app, few) = questions(&plan.leads);
    let of = |split, source, it: &[_]| protocol_cases(&exams, &plan, (split, source), it);
    let recorded = |it: &Exam| it.split == Split::Train && !it.is_made();
    let ground = FractionContext {
        work,
        steps,
        real: train(false),
        order: (0..exams.len())
            .filter(|it| recorded(&exams[*it]))
            .collect(),
        dev: of(Split::Dev, "", &[app.clone(), few.clone()].concat()),
        asked: vec![
            ("P-app", of(Split::Valid, "ptbxl", &app)),
            ("P-reconstruct", of(Split::Valid, "ptbxl", &few)),
        ],
    };
    let made = train(true);
    let settings = MixSettings {
        every: 100,
        ..MixSettings::new(1, 2 * steps)
    };
    let pretrained = train_mix(
        &settings,
        (&made, &[]),
        &ground.dev,
        &work.join("fraction-made"),
        None,
    )?;
    let (pretrained, _) = pretrained.ok_or(TrainingError::Empty("no pretraining"))?;
    let mut rows = vec![ground.row((0, 0), true, pretrained.clone())];
    for percent in PERCENT {
        rows.push(ground.of_fraction(percent, None)?);
        rows.push(ground.of_fraction(percent, Some(&pretrained))?);
    }
    Ok(rows)
}

impl FractionContext<'_> {
    fn of_fraction(
        &self,
        percent: usize,
        start: Option<&MixNetwork>,
    ) -> Result<FractionRow, TrainingError> {
        let exams = (self.order.len() * percent).div_ceil(100);
        let picked = &self.order[..exams];
        let real: Vec<TrainingExample> = self
            .real
            .iter()
            .filter(|it| picked.contains(&it.exam))
            .cloned()
            .collect();
        let rate = if start.is_some() { 5e-4 } else { 2e-3 };
        let settings = MixSettings {
            every: 50,
            rate,
            ..MixSettings::new(1, self.steps)
        };
        let folder = self.work.join(format!(
            "fraction-{percent}-{}",
            if start.is_some() {
                "pretrained"
            } else {
                "fresh"
            }
        ));
        let found = train_from(
            &settings,
            start.cloned(),
            (&real, &[]),
            &self.dev,
            &folder,
            None,
        )?;
        let (network, _) = found.ok_or(TrainingError::Empty("a fraction was not trained"))?;
        Ok(self.row((percent, exams), start.is_some(), network))
    }

    fn row(
        &self,
        (percent, exams): (usize, usize),
        pretrained: bool,
        network: MixNetwork,
    ) -> FractionRow {
        let network = MixEnsemble::new(vec![network]);
        let table = |(name, cases): &(&str, Vec<TrainingExample>)| {
            validate(name, cases, &answers(&network, cases, &Device::flex()))
        };
        let tables: Vec<Table> = self.asked.iter().map(table).collect();
        tables
            .iter()
            .for_each(|it| eprintln!("{percent} %, pretrained {pretrained}: {}", it.line()));
        FractionRow {
            percent,
            exams,
            pretrained,
            tables,
        }
    }
}
