//! Views that a shorter run of the lead-field path is never asked for on a recording, and what its
//! correction is worth there: this sets the reach of the gate.

use burn::tensor::Device;

use super::{
    TrainingError,
    dense_views::dense_views,
    examples::{Plan, TrainingExample},
    exams::{Exam, Split},
    mix::train_mix,
    run::PretrainRun,
    sets::Sets,
    validate::{answers, mean_db, protocol_examples},
};
use crate::{
    ecg::{LeadName, montage, vec3::dot},
    geovt::{Ensemble, Gate},
};

/// What a correction is worth at a view that it was never asked for.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct LeftOutView {
    /// The view.
    pub name: String,
    /// Whether virtual patients were asked for it.
    #[serde(default, rename = "met")]
    pub virtually: bool,
    /// Angle to the nearest trained view, degrees.
    pub far_deg: f64,
    /// Weight of the correction that is best there.
    pub weight: f64,
    /// Gain over the prior at that weight, dB.
    pub gain_db: f64,
    /// Gain at full weight, dB.
    pub full_db: f64,
}

/// For some chest leads of the plan: a run that is never asked for it, then asked for it, on the
/// exams set apart. `None` if it paused.
pub(super) fn leave_views_out(
    run: &PretrainRun,
    exams: &[Exam],
    plan: &Plan,
    sets: &Sets,
) -> Result<Option<(Vec<LeftOutView>, f64)>, TrainingError> {
    let (mut out, mut seconds) = (Vec::new(), 0.0);
    let leads: &[usize] = if plan.leads.len() == 8 {
        &[3, 5, 7]
    } else {
        &[2, 5, 6]
    };
    let virtually: &[bool] = if run.virtuals == 0 {
        &[false]
    } else {
        &[false, true]
    };
    let each = leads
        .iter()
        .flat_map(|lead| virtually.iter().map(move |it| (*lead, *it)));
    for (lead, virtually) in each {
        let keeps = |it: &&TrainingExample| {
            it.target != lead || virtually && exams[it.exam].source == "virtual"
        };
        let others = |all: &[TrainingExample]| -> Vec<TrainingExample> {
            all.iter().filter(keeps).cloned().collect()
        };
        let name = LeadName::EIGHT[lead].to_string();
        let met = if virtually { "-met" } else { "" };
        let folder = run.work.join(format!("{}-without-{name}{met}", run.set));
        let found = train_mix(
            &run.mix_settings(run.seed, run.steps / 4),
            None,
            (&others(&sets.real), &others(&sets.made)),
            &others(&sets.dev),
            &folder,
            run.pause,
        )?;
        let Some((network, progress)) = found else {
            return Ok(None);
        };
        seconds += progress.seconds;
        let known = plan.leads.iter().copied().filter(|it| *it != lead);
        let asked = [(known.collect(), lead)];
        let asked = protocol_examples(exams, plan, (Split::Dev, ""), &asked);
        let found = answers(&Ensemble::new(vec![network]), &asked, &Device::flex());
        let (weight, gain_db, full_db) = worth(&asked, &found);
        let it = LeftOutView {
            name,
            virtually,
            far_deg: nearest_deg(lead, &plan.leads),
            weight,
            gain_db,
            full_db,
        };
        eprintln!("never asked for: {it:?}");
        out.push(it);
    }
    Ok(Some((out, seconds)))
}

/// The weight at which answers are best, the gain over the prior there and at full weight, dB.
fn worth(asked: &[TrainingExample], found: &[Vec<f64>]) -> (f64, f64, f64) {
    let scored = |weight: f64| {
        let scaled = |answer: &Vec<f64>| answer.iter().map(|z| weight * z).collect();
        mean_db(asked, &found.iter().map(scaled).collect::<Vec<_>>())
    };
    let prior = scored(0.0);
    let gain = |weight: f64| scored(weight) - prior;
    let weight = (0..=20)
        .map(|it| 0.05 * f64::from(it))
        .max_by(|a, b| gain(*a).total_cmp(&gain(*b)))
        .unwrap_or(0.0);
    (weight, gain(weight), gain(1.0))
}

/// Unit vector of a lead by number.
pub(super) fn direction(lead: usize) -> [f64; 3] {
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
pub(super) fn gate(plan: &Plan, left_out: &[LeftOutView]) -> Gate {
    /// A gain below this is none, dB: then the correction stays at the views that real patients
    /// were asked for.
    const LEAST_DB: f64 = 0.1;
    let mean = |virtually: bool, of: fn(&LeftOutView) -> f64| {
        let picked: Vec<f64> = left_out
            .iter()
            .filter(|it| it.virtually == virtually)
            .map(of)
            .collect();
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
    let virtual_top = if mean(true, |it| it.gain_db) < LEAST_DB {
        0.0
    } else {
        mean(true, |it| it.weight)
    };
    let virtual_views = if virtual_top == 0.0 {
        Vec::new()
    } else {
        dense_views().iter().map(|it| it.view().unit()).collect()
    };
    Gate {
        trained,
        reach_deg: reach.clamp(8.0, 60.0),
        top: 1.0,
        virtual_views,
        virtual_top,
        recorded_deg: 5.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(virtually: bool, far_deg: f64, weight: f64, gain_db: f64) -> LeftOutView {
        LeftOutView {
            name: "V2".into(),
            virtually,
            far_deg,
            weight,
            gain_db,
            full_db: gain_db,
        }
    }

    #[test]
    fn the_gate_reaches_as_far_as_left_out_views_gained() {
        let plan = Plan::shipped();
        let without = gate(
            &plan,
            &[view(false, 20.0, 0.9, 0.02), view(true, 20.0, 0.9, 0.05)],
        );
        assert_eq!((without.trained.len(), without.reach_deg), (6, 8.0));
        assert!(without.virtual_views.is_empty() && without.virtual_top == 0.0);
        let with = gate(
            &plan,
            &[view(false, 20.0, 0.5, 1.0), view(true, 20.0, 0.7, 0.5)],
        );
        // exp(−(20/reach)²) = 0.5.
        assert!((with.reach_deg - 24.02).abs() < 0.01, "{}", with.reach_deg);
        assert!(with.virtual_views.len() == dense_views().len() && with.virtual_top == 0.7);
    }

    #[test]
    fn neighbours_on_the_chest_are_some_twenty_degrees_apart() {
        let all: Vec<usize> = (0..8).collect();
        let found = nearest_deg(3, &all);
        assert!((10.0..40.0).contains(&found), "{found}");
        assert_eq!(nearest_deg(3, &[0, 1, 3]), 180.0, "limb leads do not count");
    }
}
