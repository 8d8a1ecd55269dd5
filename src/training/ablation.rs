//! What each part gives: the field prior alone, the corrected mix, the residual path with parts
//! taken out, and GeoVT in the paper's and Nef-Net's form, trained on the same examples: ours for the
//! same number of steps, the published ones for the time that ours in full takes for them.

use std::{ops::Range, path::Path, time::Duration};

use burn::module::Module;

use super::{
    TrainingError,
    dense_views::dense_views,
    examples::{Plan, TrainingExample},
    exams::{Split, load_exams},
    published_baselines::{BaselineSettings, GeoVtConfig, score_baseline, train_baseline},
    residual::{ResidualSettings, train_residual},
    sets::{Sets, protocols, scored},
    signals::{MixedExample, Signals},
    validate::{AskedFor, Table, mixed, protocol_examples, validate_whole},
    virtual_exams::virtual_exams,
    weights::mix_of,
};
use crate::geovt::{Ensemble, MixNetwork, ResidualNetworkConfig};

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

/// Questions of one protocol.
type Scored = (&'static str, Vec<TrainingExample>);

/// What all forms share.
struct AblationContext<'a> {
    signals: Signals<'a>,
    sets: Sets,
    /// Where the network has a say.
    asked: Vec<Scored>,
    /// Where it has none.
    away: Scored,
    mix: Ensemble<MixNetwork>,
    steps: u64,
    work: &'a Path,
}

/// Trains and scores every form on top of the weight set in `weights`.
pub fn ablation(
    data: &Path,
    weights: &Path,
    work: &Path,
    steps: u64,
    recordings: usize,
) -> Result<Vec<FormResult>, TrainingError> {
    let mut exams = load_exams(data, recordings)?;
    exams.extend(virtual_exams(LEARNED_FROM, Split::Train));
    exams.extend(virtual_exams(ASKED, Split::Valid));
    let plan = Plan::shipped();
    let dense: Vec<AskedFor> = (0..dense_views().len())
        .map(|it| ((0..8).collect(), 8 + it))
        .collect();
    let away = protocol_examples(&exams, &plan, (Split::Valid, "virtual"), &dense);
    let context = AblationContext {
        signals: Signals::new(&exams, &plan.leads),
        sets: Sets::new(&exams, &plan, 1),
        asked: scored(&exams, &plan, protocols(&plan)),
        away: ("P-phantom", away),
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
        .map(|(name, network, on_mix)| context.residual(name, network, on_mix))
        .collect::<Result<Vec<_>, _>>()?;
    let seconds = out[0].seconds;
    let whole = [&context.asked[..], std::slice::from_ref(&context.away)].concat();
    out.extend(context.published(&context.sets, &whole, seconds));
    // The same where V2 and V6 do not exist for the training.
    let plan = Plan::unseen();
    let unseen = vec![(
        "P-unseen",
        [3, 7].map(|target| (vec![0, 1, 4], target)).to_vec(),
    )];
    let (sets, asked) = (Sets::new(&exams, &plan, 1), scored(&exams, &plan, unseen));
    out.extend(context.published(&sets, &asked, seconds));
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
        let asked = |it| -> Vec<MixedExample> { mixed(it, mix) };
        let Sets { real, made, dev } = &self.sets;
        let settings = ResidualSettings {
            network,
            ..ResidualSettings::new(1, self.steps)
        };
        let folder = format!("ablation-{}", name.replace([' ', ':', ','], "-"));
        let found = train_residual(
            &settings,
            &self.mix.members()[0],
            &self.signals,
            (&asked(real), &asked(made)),
            &asked(dev),
            &self.work.join(folder),
            None,
        )?;
        let (network, progress) = found.ok_or(TrainingError::Empty("the form was not trained"))?;
        let parameters = network.num_params();
        let network = Ensemble::new(vec![network]);
        let (signals, (away, examples)) = (&self.signals, &self.away);
        let near = self
            .asked
            .iter()
            .map(|(name, examples)| validate_whole(name, signals, examples, mix, Some(&network)));
        let far = validate_whole(away, signals, examples, None, None);
        Ok(logged(FormResult {
            form: name.into(),
            parameters,
            steps: progress.step,
            seconds: progress.seconds,
            tables: near.chain([far]).collect(),
        }))
    }

    /// The published networks, for so many seconds each.
    fn published(&self, sets: &Sets, asked: &[Scored], seconds: f64) -> Vec<FormResult> {
        let forms = [
            ("GeoVT, the paper's form", GeoVtConfig::paper()),
            ("Nef-Net's form", GeoVtConfig::nef_net()),
        ];
        let (real, made) = (mixed(&sets.real, None), mixed(&sets.made, None));
        let one = |(name, network): (&str, GeoVtConfig)| {
            let settings = BaselineSettings::new(network, Duration::from_secs_f64(seconds));
            let (trained, steps, seconds) =
                train_baseline(&settings, &self.signals, (&real, &made));
            let table = |(name, examples): &Scored| {
                score_baseline(name, &trained, &self.signals, &mixed(examples, None))
            };
            logged(FormResult {
                form: name.into(),
                parameters: trained.num_params(),
                steps,
                seconds,
                tables: asked.iter().map(table).collect(),
            })
        };
        forms.into_iter().map(one).collect()
    }
}

fn logged(it: FormResult) -> FormResult {
    it.tables
        .iter()
        .for_each(|table| eprintln!("{}: {}", it.form, table.line()));
    it
}
