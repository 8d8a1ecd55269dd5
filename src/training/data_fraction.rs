//! How much recorded data it takes (paper, Table 9): the lead-field path from a fraction of the
//! recorded training exams, from nothing, and after pretraining on virtual
//! patients.

use std::path::Path;

use burn::tensor::Device;

use super::{
    TrainingError,
    examples::{Plan, TrainingExample},
    exams::{Exam, Split, load_exams},
    mix::{MixSettings, train_mix},
    sets::{Sets, protocols, scored},
    validate::{Table, answers, validate},
    virtual_exams::virtual_exams,
};
use crate::geovt::{Ensemble, MixNetwork};

/// Fractions, per cent.
const PERCENT: [usize; 5] = [1, 5, 10, 50, 100];

/// What one fraction reached.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct FractionRow {
    /// Per cent of the recorded training exams.
    pub percent: usize,
    /// How many those are.
    pub exams: usize,
    /// Whether the network had met virtual patients before.
    pub pretrained: bool,
    /// P-app and P-reconstruct on the validation split of PTB-XL: prior alone, corrected mix.
    pub tables: Vec<Table>,
}

struct FractionContext<'a> {
    work: &'a Path,
    steps: u64,
    sets: Sets,
    /// Recorded training exams, in order.
    order: Vec<usize>,
    asked: Vec<(&'static str, Vec<TrainingExample>)>,
}

/// Trains and scores every fraction.
pub fn data_fraction(
    data: &Path,
    work: &Path,
    steps: u64,
    (recordings, virtuals): (usize, usize),
) -> Result<Vec<FractionRow>, TrainingError> {
    let mut exams = load_exams(data, recordings)?;
    exams.extend(virtual_exams(1..virtuals as u64 + 1, Split::Train));
    let plan = Plan::shipped();
    let recorded = |it: &Exam| it.split == Split::Train && !it.is_made();
    let context = FractionContext {
        work,
        steps,
        sets: Sets::new(&exams, &plan, 1),
        order: (0..exams.len())
            .filter(|it| recorded(&exams[*it]))
            .collect(),
        asked: scored(&exams, &plan, protocols(&plan)),
    };
    let mut settings = MixSettings::new(1, 2 * steps);
    settings.schedule.every = 100;
    let pretrained = context.train(&settings, None, &context.sets.made, "fraction-made")?;
    let mut rows = vec![context.row((0, 0), true, &pretrained)];
    for percent in PERCENT {
        rows.push(context.of_fraction(percent, None)?);
        rows.push(context.of_fraction(percent, Some(&pretrained))?);
    }
    Ok(rows)
}

impl FractionContext<'_> {
    fn train(
        &self,
        settings: &MixSettings,
        start: Option<&MixNetwork>,
        examples: &[TrainingExample],
        folder: &str,
    ) -> Result<MixNetwork, TrainingError> {
        let (dev, folder) = (&self.sets.dev, self.work.join(folder));
        let found = train_mix(
            settings,
            start.cloned(),
            (examples, &[]),
            dev,
            &folder,
            None,
        )?;
        let (network, _) = found.ok_or(TrainingError::Empty("a fraction was not trained"))?;
        Ok(network)
    }

    fn of_fraction(
        &self,
        percent: usize,
        start: Option<&MixNetwork>,
    ) -> Result<FractionRow, TrainingError> {
        let exams = (self.order.len() * percent).div_ceil(100);
        let picked = &self.order[..exams];
        let all = self.sets.real.iter();
        let real: Vec<TrainingExample> = all
            .filter(|it| picked.contains(&it.exam))
            .cloned()
            .collect();
        let mut settings = MixSettings::new(1, self.steps);
        settings.schedule.every = 50;
        let from = match start {
            Some(_) => {
                settings.schedule.rate = 5e-4;
                "pretrained"
            }
            None => "fresh",
        };
        let network = self.train(
            &settings,
            start,
            &real,
            &format!("fraction-{percent}-{from}"),
        )?;
        Ok(self.row((percent, exams), start.is_some(), &network))
    }

    fn row(
        &self,
        (percent, exams): (usize, usize),
        pretrained: bool,
        network: &MixNetwork,
    ) -> FractionRow {
        let network = Ensemble::new(vec![network.clone()]);
        let table = |(name, examples): &(&str, Vec<TrainingExample>)| {
            let found = answers(&network, examples, &Device::flex());
            let table = validate(name, examples, &found);
            eprintln!("{percent} %, pretrained {pretrained}: {}", table.line());
            table
        };
        FractionRow {
            percent,
            exams,
            pretrained,
            tables: self.asked.iter().map(table).collect(),
        }
    }
}
