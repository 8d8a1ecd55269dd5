//! Stage I for the lead-field path: exams in, a weight set with its measured gate and its record out.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use burn::tensor::Device;

use super::{
    Case, Exam, MixSettings, Plan, Table, TrainingError, build_cases,
    checkpoint::save_atomically,
    load_exams,
    mix::train_mix,
    validate::{answers, protocol_cases, questions, validate},
};
use crate::{
    ecg::{LeadName, montage},
    geovt::{CorrectorConfig, Gate, MixEnsemble, MixNetworkConfig, to_bytes},
    synth::Target,
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
    /// Steps of each member.
    pub steps: u64,
    /// Seed of the first member.
    pub seed: u64,
    /// Members.
    pub members: u64,
    /// Generated exams at most.
    pub generated: usize,
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
    /// Settings of the first member.
    pub settings: MixSettings,
    /// Members.
    pub members: u64,
    /// Exams for training: real, generated; for validation.
    pub exams: (usize, usize, usize),
    /// Cases for training: real, generated; for validation.
    pub cases: (usize, usize, usize),
    /// Seconds of training.
    pub seconds: f64,
    /// Each member alone: best step and its validation score, dB.
    pub each: Vec<(u64, f64)>,
    /// Views left out of the questions.
    pub left_out: Vec<LeftOut>,
    /// Protocols at 125 Hz on the validation split of PTB-XL.
    pub tables: Vec<Table>,
}

/// What a correction is worth at a view that it was never asked for.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct LeftOut {
    /// The view.
    pub name: String,
    /// Angle to the nearest trained view, degrees.
    pub far_deg: f64,
    /// Weight of the correction that is best there.
    pub weight: f64,
    /// Gain over the prior at that weight, dB.
    pub gain_db: f64,
    /// Gain at full weight, dB.
    pub full_db: f64,
}

/// Trains a weight set. `false` if it paused.
pub fn pretrain(run: &PretrainRun) -> Result<bool, TrainingError> {
    let plan = if run.set == "unseen" { Plan::unseen() } else { Plan::shipped() };
    let exams = load_exams(&run.data, run.generated)?;
    let began = Instant::now();
    let train = |made: bool, plan: &Plan| build_cases(&exams, plan, run.seed, |it| !it.valid && (it.source == "generated") == made);
    let (real, made) = (train(false, &plan), train(true, &plan));
    let valid = valid_cases(&exams, &plan);
    eprintln!(
        "{} exams; cases: {} real, {} generated, {} valid; {:.0} s",
        exams.len(),
        real.len(),
        made.len(),
        valid.len(),
        began.elapsed().as_secs_f64()
    );

    let directions = run.set != "unseen";
    let (mut members, mut each, mut seconds) = (Vec::new(), Vec::new(), 0.0);
    for member in 0..run.members {
        let settings = settings(run.seed + member, run.steps, directions);
        let folder = run.work.join(format!("{}-{}", run.set, settings.seed));
        let Some((network, progress)) = train_mix(&settings, (&real, &made), &valid, &folder, run.pause)? else { return Ok(false) };
        each.push((progress.best_step, progress.best_db));
        seconds += progress.seconds;
        members.push(network);
    }
    let Some(left_out) = leave_views_out(run, &exams, &plan, (&real, &made), directions)? else { return Ok(false) };
    let gate = gate(&plan, &left_out);
    let network = MixEnsemble::new(members);
    let count = |made: bool| exams.iter().filter(|it| !it.valid && (it.source == "generated") == made).count();
    let record = Record {
        set: run.set.clone(),
        settings: settings(run.seed, run.steps, directions),
        members: run.members,
        exams: (count(false), count(true), exams.iter().filter(|it| it.valid).count()),
        cases: (real.len(), made.len(), valid.len()),
        seconds,
        each,
        left_out,
        tables: tables(&exams, &plan, &network, &gate),
    };
    write(run, network, gate, &record)?;
    Ok(true)
}

fn settings(seed: u64, steps: u64, directions: bool) -> MixSettings {
    MixSettings { network: MixNetworkConfig::new().with_directions(directions), ..MixSettings::new(seed, steps) }
}

/// What early stopping looks at: both protocols on every validation exam, of leads in the plan only.
fn valid_cases(exams: &[Exam], plan: &Plan) -> Vec<Case> {
    let (app, few) = questions(&plan.leads);
    protocol_cases(exams, plan, "", &[app, few].concat())
}

/// For some chest leads of the plan: a run that is never asked for it, then asked for it.
fn leave_views_out(
    run: &PretrainRun,
    exams: &[Exam],
    plan: &Plan,
    (real, made): (&[Case], &[Case]),
    directions: bool,
) -> Result<Option<Vec<LeftOut>>, TrainingError> {
    let mut out = Vec::new();
    let asked_for: &[usize] = if plan.leads.len() == 8 { &[3, 5, 7] } else { &[2, 5, 6] };
    for lead in asked_for.iter().copied() {
        let others = |cases: &[Case]| cases.iter().filter(|it| it.target != lead).cloned().collect::<Vec<Case>>();
        let settings = settings(run.seed, run.steps / 8, directions);
        let name = LeadName::EIGHT[lead].to_string();
        let folder = run.work.join(format!("{}-without-{name}", run.set));
        let valid = others(&valid_cases(exams, plan));
        let Some((network, _)) = train_mix(&settings, (&others(real), &others(made)), &valid, &folder, run.pause)? else { return Ok(None) };
        let known = plan.leads.iter().copied().filter(|it| *it != lead).collect();
        let asked = protocol_cases(exams, plan, "", &[(known, lead)]);
        let found = answers(&MixEnsemble::new(vec![network]), &asked, &Device::flex());
        let gain = |weight: f64| {
            let table = validate("", &asked, &found, &|_| weight);
            table.mean.1 - table.mean.0
        };
        let weight = (0..=20).map(|it| 0.05 * f64::from(it)).max_by(|a, b| gain(*a).total_cmp(&gain(*b))).unwrap_or(0.0);
        let it = LeftOut { name, far_deg: nearest_deg(lead, &plan.leads), weight, gain_db: gain(weight), full_db: gain(1.0) };
        eprintln!("never asked for: {it:?}");
        out.push(it);
    }
    Ok(Some(out))
}

fn direction(lead: usize) -> [f64; 3] {
    montage(&LeadName::EIGHT[lead]).map_or([1.0, 0.0, 0.0], |it| Target::Lead(it).view().unit())
}

fn nearest_deg(lead: usize, others: &[usize]) -> f64 {
    let own = direction(lead);
    let angle = |other: &usize| direction(*other).iter().zip(own).map(|(a, b)| a * b).sum::<f64>().clamp(-1.0, 1.0).acos().to_degrees();
    others.iter().filter(|it| 2 <= **it && **it != lead).map(angle).fold(180.0, f64::min)
}

/// Full weight at trained views; between and beyond them as far as the left-out views allow.
fn gate(plan: &Plan, left_out: &[LeftOut]) -> Gate {
    let n = left_out.len().max(1) as f64;
    let weight = left_out.iter().map(|it| it.weight).sum::<f64>() / n;
    let far = left_out.iter().map(|it| it.far_deg).sum::<f64>() / n;
    // exp(−(far/reach)²) = weight, held between 8° and 60°.
    // A gain below a tenth of a decibel is none: then the correction stays at the trained views.
    let gain = left_out.iter().map(|it| it.gain_db).sum::<f64>() / n;
    let reach = if gain < 0.1 { 0.0 } else { far / (-weight.clamp(1e-3, 0.95).ln()).sqrt() };
    let trained = plan.leads.iter().filter(|it| 2 <= **it).map(|it| direction(*it)).collect();
    Gate { trained, reach_deg: reach.clamp(8.0, 60.0), top: 1.0, recorded_deg: 5.0 }
}

fn tables(exams: &[Exam], plan: &Plan, network: &MixEnsemble, gate: &Gate) -> Vec<Table> {
    let device = Device::flex();
    let table = |name: &str, questions: &[(Vec<usize>, usize)]| {
        let cases = protocol_cases(exams, plan, "ptbxl", questions);
        let found = answers(network, &cases, &device);
        let table = validate(name, &cases, &found, &|target| gate.weight(direction(target), &[]));
        eprintln!(
            "{name}: prior {:.2} dB, network {:.2} dB  {:?}",
            table.mean.0,
            table.mean.1,
            table.rows.iter().map(|it| format!("{} {:.1}→{:.1}", it.0, it.1, it.2)).collect::<Vec<_>>()
        );
        table
    };
    if plan.leads.len() == 8 {
        let (app, few) = questions(&plan.leads);
        vec![table("P-app", &app), table("P-reconstruct, I II V3 only", &few)]
    } else {
        let six: Vec<(Vec<usize>, usize)> = [3, 7].map(|target| (plan.leads.clone(), target)).to_vec();
        vec![table("P-unseen, all six at synthesis", &six)]
    }
}

fn write(run: &PretrainRun, network: MixEnsemble, gate: Gate, record: &Record) -> Result<(), TrainingError> {
    let config = CorrectorConfig { name: run.set.clone(), mix: record.settings.network.clone(), members: run.members as usize, gate };
    let json =
        |it: Result<Vec<u8>, serde_json::Error>| it.map_err(|it| TrainingError::File { what: it.to_string(), path: run.set.clone() });
    save_atomically(&run.out.join(format!("{}.bpk", run.set)), &to_bytes(&network)?)?;
    save_atomically(&run.out.join(format!("{}.json", run.set)), &json(serde_json::to_vec_pretty(&config))?)?;
    save_atomically(&run.out.join(format!("{}.record.json", run.set)), &json(serde_json::to_vec_pretty(record))?)
}
