//! The steps that a lead's values lie on, so that integers can hold them without loss.

/// Microvolts per step for samples within ± `max_steps`: the file's own step where the values show
/// one, otherwise the finest round one.
pub(super) fn step_uv(samples_mv: &[f32], max_steps: f64) -> f64 {
    let values: Vec<f64> = samples_mv
        .iter()
        .filter(|it| it.is_finite())
        .map(|it| f64::from(*it) * 1e3)
        .collect();
    let peak = values.iter().fold(0.0, |peak: f64, it| peak.max(it.abs()));
    let fits = |step: f64| peak <= step * max_steps;
    let holds = |step: f64| {
        fits(step)
            && values
                .iter()
                .all(|it| (it / step - (it / step).round()).abs() < OFF_STEP)
    };
    if let Some(step) = USUAL_UV.into_iter().find(|it| holds(*it)) {
        return step;
    }
    if let Some(step) = smallest_difference(&values).filter(|it| holds(*it)) {
        return step;
    }
    finest_round_uv(peak, max_steps)
}

/// The same for samples that come in pieces: steps are tried as the samples pass, and cannot be
/// guessed from the samples afterwards.
pub(super) struct Quantisation {
    peak_uv: f64,
    /// Steps on which every sample so far lies.
    steps_uv: Vec<f64>,
}

impl Quantisation {
    /// Tries the usual steps, then those that the source states and their halves (leads derived
    /// from two others).
    pub fn new(stated_uv: &[f64]) -> Self {
        let mut steps_uv = USUAL_UV.to_vec();
        for it in stated_uv
            .iter()
            .flat_map(|it| [*it, *it / 2.0])
            .filter(|it| it.is_finite() && 0.0 < *it)
        {
            if !steps_uv.contains(&it) {
                steps_uv.push(it);
            }
        }
        Self {
            peak_uv: 0.0,
            steps_uv,
        }
    }

    pub fn take(&mut self, samples_mv: &[f32]) {
        let values = || {
            samples_mv
                .iter()
                .filter(|it| it.is_finite())
                .map(|it| f64::from(*it) * 1e3)
        };
        self.peak_uv = values().fold(self.peak_uv, |peak, it| peak.max(it.abs()));
        self.steps_uv
            .retain(|step| values().all(|it| (it / step - (it / step).round()).abs() < OFF_STEP));
    }

    pub fn peak_uv(&self) -> f64 {
        self.peak_uv
    }

    /// The first step that holds and fits, otherwise the finest round one that fits.
    pub fn step_uv(&self, max_steps: f64) -> f64 {
        let fits = |step: &f64| self.peak_uv <= step * max_steps;
        self.steps_uv
            .iter()
            .copied()
            .find(fits)
            .unwrap_or_else(|| finest_round_uv(self.peak_uv, max_steps))
    }
}

fn finest_round_uv(peak_uv: f64, max_steps: f64) -> f64 {
    let mut round = (-9..9).flat_map(|power| [1.0, 2.0, 5.0].map(|it| it * 10f64.powi(power)));
    round
        .find(|it| peak_uv <= it * max_steps)
        .unwrap_or(peak_uv / max_steps)
}

/// Steps met in devices and archives, the likeliest first.
const USUAL_UV: [f64; 14] = [
    1.0, 0.5, 5.0, 2.5, 4.88, 4.8828125, 1.25, 0.25, 0.1, 2.0, 10.0, 0.2, 0.05, 100.0,
];
/// Share of a step by which single precision may miss the steps.
const OFF_STEP: f64 = 0.01;

/// The step that the closest two values suggest, refined over the whole range.
fn smallest_difference(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let gaps = sorted.windows(2).map(|it| it[1] - it[0]);
    let smallest = gaps.filter(|it| 1e-3 < *it).min_by(f64::total_cmp)?;
    let range = sorted.last()? - sorted.first()?;
    Some(range / (range / smallest).round())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_step_of_the_source() {
        for (step, expected) in [
            (1.0, 1.0),
            (5.0, 1.0),
            (4.88, 4.88),
            (0.5, 0.5),
            (1.0 / 3.0, 1.0 / 3.0),
        ] {
            let samples: Vec<f32> = [-311, 7, 8, 402, 777]
                .map(|it| (f64::from(it) * step / 1e3) as f32)
                .to_vec();
            assert!(
                (step_uv(&samples, 32_767.0) - expected).abs() < 1e-4,
                "{step}"
            );
        }
    }

    #[test]
    fn pieces_lead_to_the_same_step() {
        let stated = 2.441_406_25;
        let samples: Vec<f32> = [-311, 7, 8, 402, 777]
            .map(|it| (f64::from(it) * stated / 1e3) as f32)
            .to_vec();
        let mut found = Quantisation::new(&[stated]);
        samples.chunks(2).for_each(|it| found.take(it));
        assert_eq!(found.step_uv(32_767.0), stated);
        assert!((found.peak_uv() - 777.0 * stated).abs() < 1e-3);
        found.take(&[0.000_123_4]);
        assert_eq!(
            found.step_uv(32_767.0),
            0.1,
            "nothing holds: the finest round step that fits"
        );
    }

    #[test]
    fn falls_back_to_the_finest_round_step_that_fits() {
        assert_eq!(
            step_uv(&[0.123_456_7, -1.765_432, 2.654_321], 32_767.0),
            0.1
        );
        assert_eq!(step_uv(&[], 32_767.0), 1.0);
        assert_eq!(step_uv(&[f32::NAN, 1000.0], 32_767.0), 100.0);
    }
}
