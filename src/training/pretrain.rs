//! Stage I: exams in, a weight set with its measured gate and its record out.

use std::time::Instant;

use burn::tensor::Device;

use super::{
    TrainingError,
    checkpoint::save_atomically,
    examples::{Plan, TrainingExample},
    exams::{Exam, Split, load_exams},
    left_out_views::{direction, gate, leave_views_out},
    mix::train_mix,
    record::{Member, Record},
    residual::{ResidualSettings, train_residual},
    run::PretrainRun,
    sets::{Sets, scored},
    signals::{MixedExample, Signals},
    validate::{Table, answers, mixed, validate, validate_whole},
    virtual_exams::virtual_exams,
};
use crate::geovt::{
    CorrectorConfig, Ensemble, Gate, MixNetwork, ResidualNetwork, weights::to_bytes,
};

/// Trains a weight set. `false` if it paused.
pub fn pretrain(run: &PretrainRun) -> Result<bool, TrainingError> {
    let began = Instant::now();
    let plan = run.plan();
    let mut exams = load_exams(&run.data, run.recordings)?;
    exams.extend(virtual_exams(1..run.virtuals as u64 + 1, Split::Train));
    let sets = Sets::new(&exams, &plan, run.seed);
    let made_s = began.elapsed().as_secs_f64();
    let [real, made, dev] = sets.counts();
    eprintln!(
        "{} exams; examples: {real} real, {made} made, {dev} set apart; {made_s:.0} s",
        exams.len()
    );
    let Some((mix, mut each, mix_s)) = run.mix_members(&sets)? else {
        return Ok(false);
    };
    let Some((left_out, left_s)) = leave_views_out(run, &exams, &plan, &sets)? else {
        return Ok(false);
    };
    let gate = gate(&plan, &left_out);
    let signals = Signals::new(&exams, &plan.leads);
    let Some((residual, residual_s)) = run.residual_members(&sets, &signals, &mix, &mut each)?
    else {
        return Ok(false);
    };
    let kept = residual.as_ref().map(|it| {
        let kept = it.members().iter().take(run.residual_kept as usize);
        Ensemble::new(kept.cloned().collect())
    });
    let asked = scored(&exams, &plan, run.protocols(&plan));
    let tables = tables(&signals, &asked, &plan, &gate, (&mix, kept.as_ref()));
    if run.is_shipped() && 1 < run.members {
        alone(&signals, &asked, (&mix, residual.as_ref()), &mut each);
    }
    let record = Record {
        set: run.set.clone(),
        settings: run.mix_settings(run.seed, run.steps),
        residual: residual
            .as_ref()
            .map(|_| ResidualSettings::new(run.seed, run.residual_steps)),
        members: run.members,
        residual_kept: kept.as_ref().map(|_| run.residual_kept),
        exams: counts(&exams),
        virtuals: run.virtuals,
        examples: sets.counts(),
        seconds: [made_s, mix_s, left_s, residual_s],
        each,
        left_out,
        tables,
    };
    write(run, &mix, kept.as_ref(), gate, &record)?;
    Ok(true)
}

/// Exams for training: real, made; set apart from training; for validation.
fn counts(exams: &[Exam]) -> [usize; 4] {
    [
        (Split::Train, false),
        (Split::Train, true),
        (Split::Dev, false),
        (Split::Valid, false),
    ]
    .map(|(split, made)| {
        let those = exams
            .iter()
            .filter(|it| it.split == split && it.is_made() == made);
        those.count()
    })
}

impl PretrainRun {
    /// The lead-field path: its members, what became of each, and the seconds.
    fn mix_members(&self, sets: &Sets) -> Result<Option<MixMembers>, TrainingError> {
        let (mut members, mut each, mut seconds) = (Vec::new(), Vec::new(), 0.0);
        for seed in self.seed..self.seed + self.members {
            let folder = self.work.join(format!("{}-{seed}", self.set));
            let settings = self.mix_settings(seed, self.steps);
            let examples = (&sets.real[..], &sets.made[..]);
            let found = train_mix(&settings, None, examples, &sets.dev, &folder, self.pause)?;
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
        Ok(Some((Ensemble::new(members), each, seconds)))
    }

    /// The residual path on top of all members of the lead-field path, and its seconds.
    fn residual_members(
        &self,
        sets: &Sets,
        signals: &Signals,
        mix: &Ensemble<MixNetwork>,
        each: &mut [Member],
    ) -> Result<Option<ResidualMembers>, TrainingError> {
        if self.residual_steps == 0 {
            return Ok(Some((None, 0.0)));
        }
        let asked = |it| -> Vec<MixedExample> { mixed(it, Some(mix)) };
        let (real, made, dev) = (asked(&sets.real), asked(&sets.made), asked(&sets.dev));
        let (mut members, mut seconds) = (Vec::new(), 0.0);
        for (member, trunk) in each.iter_mut().zip(mix.members()) {
            let settings = ResidualSettings::new(member.seed, self.residual_steps);
            let name = format!("{}-residual-{}", self.set, member.seed);
            let found = train_residual(
                &settings,
                trunk,
                signals,
                (&real, &made),
                &dev,
                &self.work.join(name),
                self.pause,
            )?;
            let Some((network, progress)) = found else {
                return Ok(None);
            };
            member.best.push((progress.best_step, progress.best_db));
            seconds += progress.seconds;
            members.push(network);
        }
        Ok(Some((Some(Ensemble::new(members)), seconds)))
    }
}

/// The lead-field path, its members' fates, and the seconds.
type MixMembers = (Ensemble<MixNetwork>, Vec<Member>, f64);
/// The residual path, where one was asked for, and the seconds.
type ResidualMembers = (Option<Ensemble<ResidualNetwork>>, f64);
/// Both paths, as far as there are any.
type Networks<'a> = (
    &'a Ensemble<MixNetwork>,
    Option<&'a Ensemble<ResidualNetwork>>,
);
/// Questions by protocol.
type Asked = [(&'static str, Vec<TrainingExample>)];

/// Protocols on the validation split of PTB-XL, as the gate lets the network in.
fn tables(
    signals: &Signals,
    asked: &Asked,
    plan: &Plan,
    gate: &Gate,
    (mix, residual): Networks,
) -> Vec<Table> {
    let gated = |examples: &[TrainingExample]| -> Vec<Vec<f64>> {
        let found = answers(mix, examples, &Device::flex());
        let pairs = examples.iter().zip(found);
        let scaled = pairs.map(|(example, answer)| {
            let weight = gate.weight(direction(example.target), &[]);
            answer.into_iter().map(|z| weight * z).collect()
        });
        scaled.collect()
    };
    let table = |(name, examples): &(&str, Vec<TrainingExample>)| {
        let table = if plan.leads.len() == 8 {
            validate_whole(name, signals, examples, Some(mix), residual)
        } else {
            validate(name, examples, &gated(examples))
        };
        eprintln!("{}", table.line());
        table
    };
    asked.iter().map(table).collect()
}

/// Scores every member alone, for the spread over seeds.
fn alone(signals: &Signals, asked: &Asked, (mix, residual): Networks, each: &mut [Member]) {
    let residuals = residual.map(Ensemble::members).unwrap_or_default();
    for (name, examples) in asked {
        for (at, member) in each.iter_mut().enumerate() {
            let one = Ensemble::new(vec![mix.members()[at].clone()]);
            let rest = residuals.get(at).map(|it| Ensemble::new(vec![it.clone()]));
            let table = validate_whole(name, signals, examples, Some(&one), None);
            member.alone.push((format!("{name}, mix"), table.mean(1)));
            let table = validate_whole(name, signals, examples, Some(mix), rest.as_ref());
            let what = format!("{name}, its residual on the shared mix");
            member.alone.push((what, table.mean(-1)));
        }
    }
}

fn write(
    run: &PretrainRun,
    network: &Ensemble<MixNetwork>,
    residual: Option<&Ensemble<ResidualNetwork>>,
    gate: Gate,
    record: &Record,
) -> Result<(), TrainingError> {
    let config = CorrectorConfig {
        name: run.set.clone(),
        mix: record.settings.network.clone(),
        members: run.members as usize,
        gate,
        residual: record.residual.as_ref().map(|it| it.network.clone()),
        residual_members: residual.map_or(0, |_| run.residual_kept as usize),
    };
    let json = |it: Result<Vec<u8>, serde_json::Error>| {
        it.map_err(|it| TrainingError::File {
            what: it.to_string(),
            path: run.set.clone(),
        })
    };
    let save = |end: &str, bytes: &[u8]| {
        save_atomically(&run.out.join(format!("{}.{end}", run.set)), bytes)
    };
    save("bpk", &to_bytes(network)?)?;
    if let Some(residual) = residual {
        save("residual.bpk", &to_bytes(residual)?)?;
    }
    save("json", &json(serde_json::to_vec_pretty(&config))?)?;
    save("record.json", &json(serde_json::to_vec_pretty(record))?)
}
