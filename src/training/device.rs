//! Stage II: one device's exams. The shipped lead-field path is trained on with a small rate, and
//! kept only if it is better on exams that were left out.

use std::path::Path;

use burn::tensor::Device;

use super::{
    TrainingError,
    checkpoint::save_atomically,
    examples::{Plan, TrainingExample, build_examples},
    exams::{Split, load_folder},
    mix::{MixSettings, train_mix},
    validate::{Table, answers, protocol_examples, questions, validate},
    weights::{mix_of, read},
};
use crate::geovt::{Ensemble, MixNetwork, weights::to_bytes};

/// Calibrates on the recordings in `folder`; writes `device.bpk` and `device.json` to `out`. Before
/// and after, on every fifth exam; another fifth decides when to stop.
pub fn calibrate_device(
    folder: &Path,
    weights: &Path,
    out: &Path,
    work: &Path,
    steps: u64,
) -> Result<(Table, Table), TrainingError> {
    let exams = load_folder(folder)?;
    let plan = Plan::shipped();
    let train = build_examples(&exams, &plan, 1, |it| it.split == Split::Train);
    let (app, few) = questions(&plan.leads);
    let both = [app, few].concat();
    let examples = |split: Split| -> Vec<TrainingExample> {
        protocol_examples(&exams, &plan, (split, ""), &both)
    };
    let (dev, valid) = (examples(Split::Dev), examples(Split::Valid));
    if train.is_empty() || dev.is_empty() || valid.is_empty() {
        return Err(TrainingError::Empty(
            "a device needs at least five exams with I, II and V1 to V6 of ten seconds",
        ));
    }
    let start = mix_of(weights, "shipped")?;
    let score = |name: &str, network: &Ensemble<MixNetwork>| {
        validate(name, &valid, &answers(network, &valid, &Device::flex()))
    };
    let before = score("before", &start);
    let config = read(&weights.join("shipped.json"))?;
    let mut members = Vec::new();
    for (idx, member) in start.members().iter().enumerate() {
        let mut settings = MixSettings::new(idx as u64 + 1, steps);
        settings.schedule.rate = 5e-4;
        (settings.schedule.every, settings.schedule.patience) = (50, 4);
        let folder = work.join(format!("device-{idx}"));
        let start = Some(member.clone());
        let found = train_mix(&settings, start, (&train, &[]), &dev, &folder, None)?;
        members.extend(found.map(|(network, _)| network));
    }
    let trained = Ensemble::new(members);
    let after = score("after", &trained);
    let better = if before.mean(-1) < after.mean(-1) {
        &trained
    } else {
        &start
    };
    save_atomically(&out.join("device.bpk"), &to_bytes(better)?)?;
    save_atomically(&out.join("device.json"), &config)?;
    Ok((before, after))
}
