//! Stage I for the lead-field path: exams in, a weight set with its measured gate and its record
//! out.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use burn::tensor::Device;

use super::{
    TrainingError,
    checkpoint::save_atomically,
    examples::{Plan, TrainingExample, build_examples},
    exams::{Exam, Split, load_exams},
    mix::{MixSettings, train_mix},
    residual::{Mixed, ResidualSettings, Signals, train_residual},
    validate::{
        AskedFor, Table, answers, mean_db, mixed, protocol_cases, questions, validate,
        validate_whole,
    },
    virtual_exams::{dense_views, virtual_exams},
};
use crate::{
    ecg::{LeadName, montage, vec3::dot},
    geovt::{CorrectorConfig, Gate, MixEnsemble, MixNetworkConfig, ResidualEnsemble, to_bytes},
};

/// What to train and where.
#[derive(Clone, Debug)]
pub struct PretrainRun {
    /// Folder with `recorded/` and `generated/`.
    pub data: PathBuf,
    /// Folder for checkpoints.
    pub work: PathBuf,
    /// `shipped` or `unseen`.
    pub set: String,
    /// Steps of each member of the lead-field path.
    pub steps: u64,
    /// Steps of each member of the residual path; none: no residual path.
    pub residual_steps: u64,
    /// Seed of the first member.
    pub seed: u64,
    /// Members of each path.
    pub members: u64,
    /// Members of the residual path that are kept for shipping: each costs time at every view.
    pub residual_kept: u64,
    /// Generated exams at most.
    pub generated: usize,
    /// Virtual patients.
    pub virtuals: usize,
    /// Time after which to pause.
    pub pause: Option<Duration>,
    /// Where weights and configuration go.
    pub out: PathBuf,
}

/// Record of a run, for the model card.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Record {
    /// Weight set.
    pub set: String,
    /// Settings of the first member of the lead-field path.
    pub settings: MixSettings,
    /// The same of the residual path, where there is one.
    pub residual: Option<ResidualSettings>,
    /// Members of each path.
    pub members: u64,
    /// Members of the residual path among the weights; none said: all.
    #[serde(default)]
    pub residual_kept: Option<u64>,
    /// Exams for training: real, generated or virtual; set apart from training; for validation.
    pub exams: [usize; 4],
    /// Virtual patients among them.
    #[serde(default)]
    pub virtuals: usize,
    /// Cases for training: real, generated or virtual; set apart.
    pub cases: [usize; 3],
    /// Seconds: making cases, lead-field path, left-out views, residual path.
    pub seconds: [f64; 4],
    /// Each member.
    pub each: Vec<Member>,
    /// Views left out of the questions.
    pub left_out: Vec<LeftOut>,
    /// Protocols at 125 Hz on the validation split of PTB-XL, all members averaged.
    pub tables: Vec<Table>,
}

/// One member of both paths.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Member {
    /// Its seed.
    pub seed: u64,
    /// Best step of each path, and its score on the exams set apart, dB.
    pub best: Vec<(u64, f64)>,
    /// The member alone on the validation split: protocol and mean PSNR, dB.
    pub alone: Vec<(String, f64)>,
}

/// What a correction is worth at a view that it was never asked for.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct LeftOut {
    /// The view.
    pub name: String,
    /// Whether virtual patients were asked for it.
    #[serde(default)]
    pub met: bool,
    /// Angle to the nearest trained view, degrees.
    pub far_deg: f64,
    /// Weight of the correction that is best there.
    pub weight: f64,
    /// Gain over the prior at that weight, dB.
    pub gain_db: f64,
    /// Gain at full weight, dB.
    pub full_db: f64,
}

/// Cases of one weight set.
struct Cases {
    real: Vec<TrainingExample>,
    made: Vec<TrainingExample>,
    /// Both protocols on the exams set apart.
    dev: Vec<TrainingExample>,
}

/// Trains a weight set. `false` if it paused.
pub fn pretrain(run: &PretrainRun) -> Result<bool, TrainingError> {
    let plan = if run.set == "unseen" {
        Plan::unseen()
    } else {
        Plan::shipped()
    };
    let began = Instant::now();
    let mut exams = load_exams(&run.data, run.generated)?;
    exams.extend(virtual_exams(1..run.virtuals as u64 + 1, Split::Train));
    let train = |made: bool| {
        build_examples(&exams, &plan, run.seed, |it| {
            it.split == Split::Train && it.is_made() == made
        })
    };
    let cases = Cases {
        real: train(false),
        made: train(true),
        dev: dev_cases(&exams, &plan),
    };
    let made_s = began.elapsed().as_secs_f64();
    let counts = [cases.real.len(), cases.made.len(), cases.dev.len()];
    eprintln!(
        "{} exams; cases: {} real, {} made, {} set apart; {made_s:.0} s",
        exams.len(),
        counts[0],
        counts[1],
        counts[2]
    );

    let directions = run.set != "unseen";
    let Some((network, mut each, mix_s)) = mix_members(run, &cases, directions)? else {
        return Ok(false);
    };
    let Some((left_out, left_s)) = leave_views_out(run, &exams, &plan, &cases, directions)? else {
        return Ok(false);
    };
    let gate = gate(&plan, &left_out);
    let signals = Signals::new(&exams);
    let Some((residual, residual_s)) =
        residual_members(run, &cases, &signals, &network, &mut each)?
    else {
        return Ok(false);
    };
    let kept = residual.clone().map(|it| {
        ResidualEnsemble::new(
            it.into_members()
                .into_iter()
                .take(run.residual_kept as usize)
                .collect(),
        )
    });
    let tables = tables(&signals, &exams, &plan, &gate, (&network, kept.as_ref()));
    alone(
        run,
        &signals,
        &exams,
        &plan,
        (&network, residual.as_ref()),
        &mut each,
    );
    let count = |split: Split, made: bool| {
        exams
            .iter()
            .filter(|it| it.split == split && it.is_made() == made)
            .count()
    };
    let record = Record {
        set: run.set.clone(),
        settings: settings(run.seed, run.steps, directions),
        residual: residual
            .as_ref()
            .map(|_| ResidualSettings::new(run.seed, run.residual_steps)),
        members: run.members,
        residual_kept: kept.as_ref().map(|_| run.residual_kept),
        exams: [
            count(Split::Train, false),
            count(Split::Train, true),
            count(Split::Dev, false),
            count(Split::Valid, false),
        ],
        virtuals: run.virtuals,
        cases: counts,
        seconds: [made_s, mix_s, left_s, residual_s],
        each,
        left_out,
        tables,
    };
    write(run, network, kept, gate, &record)?;
    Ok(true)
}

fn settings(seed: u64, steps: u64, directions: bool) -> MixSettings {
    MixSettings {
        network: MixNetworkConfig::new().with_directions(directions),
        ..MixSettings::new(seed, steps)
    }
}

/// What early stopping looks at: both protocols on every exam set apart, of leads in the plan only.
fn dev_cases(exams: &[Exam], plan: &Plan) -> Vec<TrainingExample> {
    let (app, few) = questions(&plan.leads);
    protocol_cases(exams, plan, (Split::Dev, ""), &[app, few].concat())
}

/// The lead-field path: its members, what became of each, and the seconds.
fn mix_members(
    run: &PretrainRun,
    cases: &Cases,
    directions: bool,
) -> Result<Option<(MixEnsemble, Vec<Member>, f64)>, TrainingError> {
    let (mut members, mut each, mut seconds) = (Vec::new(), Vec::new(), 0.0);
    for seed in run.seed..run.seed + run.members {
        let folder = run.work.join(format!("{}-{seed}", run.set));
        let settings = settings(seed, run.steps, directions);
        let found = train_mix(
            &settings,
            (&cases.real, &cases.made),
            &cases.dev,
            &folder,
            run.pause,
        )?;
        let Some((network, progress)) = found else {
            return Ok(None);
        };
        each.push(Member {
            seed,
            best: vec![(progress.best_step, progress.best_db)],
            alone: Vec::new(),
        });
        seconds += progress.seconds;
        members.push(network);
    }
    Ok(Some((MixEnsemble::new(members), each, seconds)))
}

/// The residual path on top of all members of the lead-field path, and its seconds.
fn residual_members(
    run: &PretrainRun,
    cases: &Cases,
    signals: &Signals,
    network: &MixEnsemble,
    each: &mut [Member],
) -> Result<Option<(Option<ResidualEnsemble>, f64)>, TrainingError> {
    if run.residual_steps == 0 {
        return Ok(Some((None, 0.0)));
    }
    let asked = |it| -> Vec<Mixed> { mixed(it, Some(network)) };
    let (real, made, dev) = (asked(&cases.real), asked(&cases.made), asked(&cases.dev));
    let (mut members, mut seconds) = (Vec::new(), 0.0);
    let trunks = network
        .clone()
        .into_members()
        .into_iter()
        .map(|it| it.trunk());
    for (member, trunk) in each.iter_mut().zip(trunks) {
        let settings = ResidualSettings::new(member.seed, run.residual_steps);
        let folder = run
            .work
            .join(format!("{}-residual-{}", run.set, member.seed));
        let Some((network, progress)) = train_residual(
            &settings,
            trunk,
            signals,
            (&real, &made),
            &dev,
            &folder,
            run.pause,
        )?
        else {
            return Ok(None);
        };
        member.best.push((progress.best_step, progress.best_db));
        seconds += progress.seconds;
        members.push(network);
    }
    Ok(Some((Some(ResidualEnsemble::new(members)), seconds)))
}

/// For some chest leads of the plan: a run that is never asked for it, then asked for it, on the
/// exams set apart.
fn leave_views_out(
    run: &PretrainRun,
    exams: &[Exam],
    plan: &Plan,
    cases: &Cases,
    directions: bool,
) -> Result<Option<(Vec<LeftOut>, f64)>, TrainingError> {
    let (mut out, mut seconds) = (Vec::new(), 0.0);
    let asked_for: &[usize] = if plan.leads.len() == 8 {
        &[3, 5, 7]
    } else {
        &[2, 5, 6]
    };
    let met: &[bool] = if run.virtuals == 0 {
        &[false]
    } else {
        &[false, true]
    };
    for (lead, met) in asked_for
        .iter()
        .flat_map(|lead| met.iter().map(move |met| (*lead, *met)))
    {
        let keeps =
            |it: &TrainingExample| it.target != lead || met && exams[it.exam].source == "virtual";
        let others = |cases: &[TrainingExample]| {
            cases
                .iter()
                .filter(|it| keeps(it))
                .cloned()
                .collect::<Vec<TrainingExample>>()
        };
        let settings = settings(run.seed, run.steps / 4, directions);
        let name = LeadName::EIGHT[lead].to_string();
        let folder = run.work.join(format!(
            "{}-without-{name}{}",
            run.set,
            if met { "-met" } else { "" }
        ));
        let (real, made, dev) = (others(&cases.real), others(&cases.made), others(&cases.dev));
        let Some((network, progress)) =
            train_mix(&settings, (&real, &made), &dev, &folder, run.pause)?
        else {
            return Ok(None);
        };
        seconds += progress.seconds;
        let known = plan
            .leads
            .iter()
            .copied()
            .filter(|it| *it != lead)
            .collect();
        let asked = protocol_cases(exams, plan, (Split::Dev, ""), &[(known, lead)]);
        let found = answers(&MixEnsemble::new(vec![network]), &asked, &Device::flex());
        let scaled = |weight: f64| {
            found
                .iter()
                .map(|it| it.iter().map(|z| weight * z).collect())
                .collect::<Vec<Vec<f64>>>()
        };
        let gain = |weight: f64| mean_db(&asked, &scaled(weight)) - mean_db(&asked, &scaled(0.0));
        let weight = (0..=20)
            .map(|it| 0.05 * f64::from(it))
            .max_by(|a, b| gain(*a).total_cmp(&gain(*b)))
            .unwrap_or(0.0);
        let it = LeftOut {
            name,
            met,
            far_deg: nearest_deg(lead, &plan.leads),
            weight,
            gain_db: gain(weight),
            full_db: gain(1.0),
        };
        eprintln!("never asked for: {it:?}");
        out.push(it);
    }
    Ok(Some((out, seconds)))
}

fn direction(lead: usize) -> [f64; 3] {
    montage(&LeadName::EIGHT[lead]).map_or([1.0, 0.0, 0.0], |it| it.view().unit())
}

fn nearest_deg(lead: usize, others: &[usize]) -> f64 {
    let own = direction(lead);
    let angle = |other: &usize| {
        dot(direction(*other), own)
            .clamp(-1.0, 1.0)
            .acos()
            .to_degrees()
    };
    others
        .iter()
        .filter(|it| 2 <= **it && **it != lead)
        .map(angle)
        .fold(180.0, f64::min)
}

/// Full weight at trained views; between and beyond them as far as the left-out views allow.
fn gate(plan: &Plan, left_out: &[LeftOut]) -> Gate {
    /// A gain below this is none, dB: then the correction stays at the views that real patients
    /// were asked for.
    const LEAST_DB: f64 = 0.1;
    let mean = |met: bool, of: fn(&LeftOut) -> f64| {
        let picked: Vec<f64> = left_out.iter().filter(|it| it.met == met).map(of).collect();
        picked.iter().sum::<f64>() / picked.len().max(1) as f64
    };
    // exp(−(far/reach)²) = weight, held between 8° and 60°.
    let far = mean(false, |it| it.far_deg);
    let reach = if mean(false, |it| it.gain_db) < LEAST_DB {
        0.0
    } else {
        far / (-mean(false, |it| it.weight).clamp(1e-3, 0.95).ln()).sqrt()
    };
    let trained = plan
        .leads
        .iter()
        .filter(|it| 2 <= **it)
        .map(|it| direction(*it))
        .collect();
    let met_top = if mean(true, |it| it.gain_db) < LEAST_DB {
        0.0
    } else {
        mean(true, |it| it.weight)
    };
    let met = if met_top == 0.0 {
        Vec::new()
    } else {
        dense_views().iter().map(|it| it.view().unit()).collect()
    };
    Gate {
        trained,
        reach_deg: reach.clamp(8.0, 60.0),
        top: 1.0,
        met,
        met_top,
        recorded_deg: 5.0,
    }
}

/// The protocols and their questions for a plan.
fn protocols(plan: &Plan) -> Vec<(&'static str, Vec<AskedFor>)> {
    if plan.leads.len() == 8 {
        let (app, few) = questions(&plan.leads);
        vec![("P-app", app), ("P-reconstruct", few)]
    } else {
        vec![(
            "P-unseen, all six at synthesis",
            [3, 7].map(|target| (plan.leads.clone(), target)).to_vec(),
        )]
    }
}

/// Protocols on the validation split of PTB-XL, as the gate lets the network in.
fn tables(
    signals: &Signals,
    exams: &[Exam],
    plan: &Plan,
    gate: &Gate,
    (mix, residual): (&MixEnsemble, Option<&ResidualEnsemble>),
) -> Vec<Table> {
    let table = |(name, questions): (&str, Vec<AskedFor>)| {
        let cases = protocol_cases(exams, plan, (Split::Valid, "ptbxl"), &questions);
        let table = if plan.leads.len() == 8 {
            validate_whole(name, signals, &cases, Some(mix), residual)
        } else {
            let weight = |it: &TrainingExample| gate.weight(direction(it.target), &[]);
            let scaled = |(case, answer): (&TrainingExample, Vec<f64>)| {
                answer.into_iter().map(|z| weight(case) * z).collect()
            };
            let found: Vec<Vec<f64>> = cases
                .iter()
                .zip(answers(mix, &cases, &Device::flex()))
                .map(scaled)
                .collect();
            validate(name, &cases, &found)
        };
        eprintln!("{}", table.line());
        table
    };
    protocols(plan).into_iter().map(table).collect()
}

/// Scores every member alone, for the spread over seeds.
fn alone(
    run: &PretrainRun,
    signals: &Signals,
    exams: &[Exam],
    plan: &Plan,
    (mix, residual): (&MixEnsemble, Option<&ResidualEnsemble>),
    each: &mut [Member],
) {
    if run.members < 2 || plan.leads.len() < 8 {
        return;
    }
    let mixes = mix.clone().into_members();
    let residuals = residual
        .map(|it| it.clone().into_members())
        .unwrap_or_default();
    for (name, questions) in protocols(plan) {
        let cases = protocol_cases(exams, plan, (Split::Valid, "ptbxl"), &questions);
        for (at, member) in each.iter_mut().enumerate() {
            let one = MixEnsemble::new(vec![mixes[at].clone()]);
            let rest = residuals
                .get(at)
                .map(|it| ResidualEnsemble::new(vec![it.clone()]));
            let table = validate_whole(name, signals, &cases, Some(&one), None);
            member.alone.push((format!("{name}, mix"), table.mean(1)));
            let table = validate_whole(name, signals, &cases, Some(mix), rest.as_ref());
            member.alone.push((
                format!("{name}, its residual on the shared mix"),
                table.mean(-1),
            ));
        }
    }
}

fn write(
    run: &PretrainRun,
    network: MixEnsemble,
    residual: Option<ResidualEnsemble>,
    gate: Gate,
    record: &Record,
) -> Result<(), TrainingError> {
    let config = CorrectorConfig {
        name: run.set.clone(),
        mix: record.settings.network.clone(),
        members: run.members as usize,
        gate,
        residual: record.residual.as_ref().map(|it| it.network.clone()),
        residual_members: residual.as_ref().map_or(0, |_| run.residual_kept as usize),
    };
    let json = |it: Result<Vec<u8>, serde_json::Error>| {
        it.map_err(|it| TrainingError::File {
            what: it.to_string(),
            path: run.set.clone(),
        })
    };
    save_atomically(
        &run.out.join(format!("{}.bpk", run.set)),
        &to_bytes(&network)?,
    )?;
    if let Some(residual) = &residual {
        save_atomically(
            &run.out.join(format!("{}.residual.bpk", run.set)),
            &to_bytes(residual)?,
        )?;
    }
    save_atomically(
        &run.out.join(format!("{}.json", run.set)),
        &json(serde_json::to_vec_pretty(&config))?,
    )?;
    save_atomically(
        &run.out.join(format!("{}.record.json", run.set)),
        &json(serde_json::to_vec_pretty(record))?,
    )
}
