//! What each part gives: the field prior alone, the corrected mix, the residual path with parts
//! taken out, and GeoVT in the paper's and Nef-Net's form, trained on the same cases: ours for the
//! same number of steps, the published ones for the time that ours in full takes for them.

use std::{ops::Range, path::Path, time::Duration};

use burn::module::Module;

use super::{
    TrainingError,
    examples::{Plan, TrainingExample, build_examples},
    exams::{Split, load_exams},
    published_baselines::{BaselineSettings, GeoVtConfig, score_baseline, train_baseline},
    residual::{Mixed, ResidualSettings, Signals, train_residual},
    validate::{AskedFor, Table, mixed, protocol_cases, questions, validate_whole},
    virtual_exams::{dense_views, virtual_exams},
    weights::mix_of,
};
use crate::geovt::{MixEnsemble, ResidualEnsemble, ResidualNetworkConfig};

/// Seeds of the virtual patients that every form learns from, and of those that it is asked about.
const LEARNED_FROM: Range<u64> = 1..101;
const ASKED: Range<u64> = 10_001..10_021;

/// What one form reached.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct FormResult {
    /// The form.
    pub form: String,
    /// Parameters that were trained here.
    pub parameters: usize,
    /// Steps that the time was enough for.
    pub steps: u64,
    /// Seconds of training.
    pub seconds: f64,
    /// Protocols; the last column is the form's.
    pub tables: Vec<Table>,
}

/// Recorded and made cases to train on, and what is scored.
type Asked<'a> = (
    &'a [TrainingExample],
    &'a [TrainingExample],
    &'a [(&'static str, Vec<TrainingExample>)],
);

/// What all forms share.
struct AblationContext<'a> {
    signals: Signals<'a>,
    real: &'a [TrainingExample],
    made: &'a [TrainingExample],
    dev: &'a [TrainingExample],
    /// Where the network has a say.
    asked: Vec<(&'static str, Vec<TrainingExample>)>,
    /// Where it has none.
    away: (&'static str, Vec<TrainingExample>),
    mix: MixEnsemble,
    steps: u64,
    work: &'a Path,
}

/// Trains and scores every form on top of the weight set in `weights`.
pub fn ablation(
    data: &Path,
    weights: &Path,
    work: &Path,
    steps: u64,
    generated: usize,
) -> Result<Vec<FormResult>, TrainingError> {
    let mut exams = load_exams(data, generated)?;
    exams.extend(virtual_exams(LEARNED_FROM, Split::Train));
    exams.extend(virtual_exams(ASKED, Split::Valid));
    let plan = Plan::shipped();
    let train = |made: bool| {
        build_examples(&exams, &plan, 1, |it| {
            it.split == Split::Train && it.is_made() == made
        })
    };
    let (real, made) = (train(false), train(true));
    let (app, few) = questions(&plan.leads);
    let dev = protocol_cases(
        &exams,
        &plan,
        (Split::Dev, ""),
        &[app.clone(), few.clone()].concat(),
    );
    let asked = [("P-app", app), ("P-reconstruct", few)].map(|(name, it)| {
        (
            name,
            protocol_cases(&exams, &plan, (Split::Valid, "ptbxl"), &it),
        )
    });
    let dense: Vec<AskedFor> = (0..dense_views().len())
        .map(|it| ((0..8).collect(), 8 + it))
        .collect();
    let away = (
        "P-phantom",
        protocol_cases(&exams, &Plan::away(), (Split::Valid, "virtual"), &dense),
    );
    let whole = [asked.to_vec(), vec![away.clone()]].concat();
    let ground = AblationContext {
        signals: Signals::new(&exams),
        real: &real,
        made: &made,
        dev: &dev,
        asked: asked.to_vec(),
        away,
        mix: mix_of(weights, "shipped")?,
        steps,
        work,
    };
    let ours = ResidualNetworkConfig::new;
    let residuals = [
        ("ours", ours(), true),
        (
            "softmax instead of signed attention",
            ours().with_softmax(true),
            true,
        ),
        (
            "no corrected mix: residual on the prior alone",
            ours(),
            false,
        ),
    ];
    let mut out = residuals
        .into_iter()
        .map(|(name, network, on_mix)| ground.residual(name, network, on_mix))
        .collect::<Result<Vec<_>, _>>()?;
    let forms = [
        ("GeoVT, the paper's form", GeoVtConfig::paper()),
        ("Nef-Net's form", GeoVtConfig::nef_net()),
    ];
    let seconds = out[0].seconds;
    for (name, network) in forms.clone() {
        out.push(ground.form(name, network, (&real, &made, &whole), seconds));
    }
    // The same where V2 and V6 do not exist for the training.
    let plan = Plan::unseen();
    let train = |made: bool| {
        build_examples(&exams, &plan, 1, |it| {
            it.split == Split::Train && it.is_made() == made
        })
    };
    let (real, made) = (train(false), train(true));
    let unseen = [3, 7].map(|target| (vec![0, 1, 4], target));
    let asked = [(
        "P-unseen",
        protocol_cases(&exams, &plan, (Split::Valid, "ptbxl"), &unseen),
    )];
    for (name, network) in forms {
        out.push(ground.form(name, network, (&real, &made, &asked), seconds));
    }
    Ok(out)
}

impl AblationContext<'_> {
    fn residual(
        &self,
        name: &str,
        network: ResidualNetworkConfig,
        on_mix: bool,
    ) -> Result<FormResult, TrainingError> {
        let mix = on_mix.then_some(&self.mix);
        let asked = |it| -> Vec<Mixed> { mixed(it, mix) };
        let (real, made, dev) = (asked(self.real), asked(self.made), asked(self.dev));
        let settings = ResidualSettings {
            network,
            ..ResidualSettings::new(1, self.steps)
        };
        let folder = self
            .work
            .join(format!("ablation-{}", name.replace([' ', ':', ','], "-")));
        let trunk = self.mix.clone().into_members().swap_remove(0).trunk();
        let found = train_residual(
            &settings,
            trunk,
            &self.signals,
            (&real, &made),
            &dev,
            &folder,
            None,
        )?;
        let (network, progress) = found.ok_or(TrainingError::Empty("the form was not trained"))?;
        let parameters = network.num_params();
        let network = ResidualEnsemble::new(vec![network]);
        let table = |(name, cases): &(&str, Vec<TrainingExample>)| {
            validate_whole(name, &self.signals, cases, mix, Some(&network))
        };
        Ok(logged(FormResult {
            form: name.into(),
            parameters,
            steps: progress.step,
            seconds: progress.seconds,
            tables: self
                .asked
                .iter()
                .map(table)
                .chain([validate_whole(
                    self.away.0,
                    &self.signals,
                    &self.away.1,
                    None,
                    None,
                )])
                .collect(),
        }))
    }

    fn form(
        &self,
        name: &str,
        network: GeoVtConfig,
        (real, made, asked): Asked,
        seconds: f64,
    ) -> FormResult {
        let (real, made) = (mixed(real, None), mixed(made, None));
        let settings = BaselineSettings::new(network, Duration::from_secs_f64(seconds));
        let (trained, steps, seconds) = train_baseline(&settings, &self.signals, (&real, &made));
        let table = |(name, cases): &(&str, Vec<TrainingExample>)| {
            score_baseline(name, &trained, &self.signals, &mixed(cases, None))
        };
        let tables = asked.iter().map(table).collect();
        logged(FormResult {
            form: name.into(),
            parameters: trained.num_params(),
            steps,
            seconds,
            tables,
        })
    }
}

fn logged(it: FormResult) -> FormResult {
    it.tables
        .iter()
        .for_each(|table| eprintln!("{}: {}", it.form, table.line()));
    it
}
