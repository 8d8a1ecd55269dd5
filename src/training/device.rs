//! Stage II: one device's exams. The shipped lead-field path is trained on with a small rate, and
//! kept only if it is better on exams that were left out.

use std::path::Path;

use burn::tensor::Device;

use super::{
    TrainingError,
    checkpoint::save_atomically,
    examples::{Plan, TrainingExample, build_examples},
    exams::{Split, load_folder},
    mix::{MixSettings, train_from},
    validate::{Table, answers, protocol_cases, questions, validate},
    weights::{mix_of, read},
};
use crate::geovt::{MixEnsemble, to_bytes};

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
    let cases = |split: Split| -> Vec<TrainingExample> {
        protocol_cases(&exams, &plan, (split, ""), &both)
    };
    let (dev, valid) = (cases(Split::Dev), cases(Split::Valid));
    if train.is_empty() || dev.is_empty() || valid.is_empty() {
        return Err(TrainingError::Empty(
            "a device needs at least five exams with I, II and V1 to V6 of ten seconds",
        ));
    }
    let start = mix_of(weights, "shipped")?;
    let score = |name: &str, network: &MixEnsemble| {
        validate(name, &valid, &answers(network, &valid, &Device::flex()))
    };
    let before = score("before", &start);
    let config = read(&weights.join("shipped.json"))?;
    let mut members = Vec::new();
    for (idx, member) in start.clone().into_members().into_iter().enumerate() {
        let settings = MixSettings {
            rate: 5e-4,
            every: 50,
            patience: 4,
            ..MixSettings::new(idx as u64 + 1, steps)
        };
        let folder = work.join(format!("device-{idx}"));
        if let Some((network, _)) =
            train_from(&settings, Some(member), (&train, &[]), &dev, &folder, None)?
        {
            members.push(network);
        }
    }
    let trained = MixEnsemble::new(members);
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
