//! The closed form: one patient's posterior over lead fields, what it leaves over at the recorded
//! electrodes, and the error to expect.

use std::sync::{Arc, LazyLock};

use crate::{
    ecg::{HEART_CENTRE_MM, LeadName, Montage, Target, ViewAngle, WILSON, montage, site},
    field::{FieldPrior, Mix, Posterior},
};

use super::{
    FittedConstants, InputProblem, SynthError,
    evidence::Evidence,
    frank, linear,
    placed::exact_sum,
    skin::{Points, Skin, points_against, points_of, wilson_points},
};

/// Angle from the nearest of V1 to V6 over which the fitted ensemble gives way to the one as drawn.
/// What was fitted on V1 to V6 of recordings foretells those leads .8 dB better, and every other
/// group of views of virtual patients worse.
const FITTED_DEG: f64 = 12.0;

/// Weights over the known leads for any place on the skin.
#[derive(Clone)]
pub(crate) struct Model {
    pub known: Vec<&'static Montage>,
    /// Where the exploring electrode of each sat, if not at its nominal place.
    pub seats: Vec<Option<ViewAngle>>,
    /// Row-major, mV², behind the high-pass.
    pub covariance: Vec<f64>,
    fitted: Account,
    /// For places away from V1 to V6; without it the fitted one speaks everywhere.
    drawn: Option<Account>,
    skin: Skin,
    wilson: Points,
}

/// What one ensemble makes of the recorded leads.
#[derive(Clone)]
struct Account {
    posterior: Arc<Posterior<'static>>,
    /// I − M: what the posterior leaves of each known lead, as a mix of the known leads.
    left_over: Vec<f64>,
}

impl Account {
    fn new(posterior: Posterior<'static>, known: &[&Montage], seats: &[Option<ViewAngle>]) -> Self {
        let n = known.len();
        // The left-over is taken at the nominal places, so that the direction of a recorded
        // electrode gives that very lead.
        let at_place = |(it, seat): (&&Montage, &Option<ViewAngle>)| match seat {
            Some(view) => posterior.electrode_weights(*view),
            None => posterior.montage(it).weights,
        };
        let mut left_over: Vec<f64> = known
            .iter()
            .zip(seats)
            .flat_map(at_place)
            .map(|it| -it)
            .collect();
        (0..n).for_each(|it| left_over[it * n + it] += 1.0);
        Self {
            posterior: Arc::new(posterior),
            left_over,
        }
    }

    fn mix(&self, target: &Target, carried: &[f64]) -> Mix {
        let physics = match target {
            Target::View(view) => self.posterior.electrode(*view),
            Target::Lead(montage) => self.posterior.montage(montage),
        };
        Mix {
            weights: self.with_left_over(physics.weights, carried),
            ..physics
        }
    }

    fn with_left_over(&self, physics: Vec<f64>, carried: &[f64]) -> Vec<f64> {
        physics
            .iter()
            .zip(linear::times(carried, &self.left_over))
            .map(|(a, b)| a + b)
            .collect()
    }
}

/// How much the fitted ensemble counts in a direction.
fn fitted_share(view: ViewAngle) -> f64 {
    /// Shares that could not be seen.
    const LEAST: f64 = 1e-2;
    static CHEST: LazyLock<Vec<ViewAngle>> = LazyLock::new(|| {
        LeadName::CHEST
            .iter()
            .filter_map(|it| Some(site(&it.to_string())?.view))
            .collect()
    });
    let nearest = CHEST
        .iter()
        .map(|it| view.angle_to(*it).to_degrees())
        .fold(f64::INFINITY, f64::min);
    match (-(nearest / FITTED_DEG).powi(2)).exp() {
        it if it < LEAST => 0.0,
        it if 1.0 - LEAST < it => 1.0,
        it => it,
    }
}

/// Mean of two accounts, and the spread of both with their disagreement.
fn blend(fitted: &Mix, drawn: &Mix, share: f64) -> Mix {
    let n = fitted.weights.len();
    let mean = |a: &[f64], b: &[f64]| -> Vec<f64> {
        a.iter()
            .zip(b)
            .map(|(a, b)| share * a + (1.0 - share) * b)
            .collect()
    };
    let apart: Vec<f64> = fitted
        .weights
        .iter()
        .zip(&drawn.weights)
        .map(|(a, b)| a - b)
        .collect();
    let mut spread = mean(&fitted.spread, &drawn.spread);
    spread
        .iter_mut()
        .enumerate()
        .for_each(|(it, to)| *to += share * (1.0 - share) * apart[it / n] * apart[it % n]);
    Mix {
        weights: mean(&fitted.weights, &drawn.weights),
        spread,
    }
}

/// Fourth power of how much nearer than 75 mm the nearest electrode is: potentials of quadrupoles
/// fall so in variance against dipoles'.
fn nearness(points: &Points) -> f64 {
    const USUAL_MM: f64 = 75.0;
    let squared = |it: &([f64; 3], f64)| {
        (0..3)
            .map(|axis| (it.0[axis] - HEART_CENTRE_MM[axis]).powi(2))
            .sum::<f64>()
    };
    let nearest = points
        .iter()
        .map(squared)
        .fold(f64::INFINITY, f64::min)
        .max(100.0);
    (USUAL_MM * USUAL_MM / nearest).powi(2)
}

/// A lead over the known leads, with where its error comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Estimate {
    pub weights: Vec<f64>,
    /// Covariance of the weights over the members of the prior, row-major.
    pub spread: Vec<f64>,
    /// What a centimetre of displacement would do to the weights, as a covariance, row-major.
    pub slope: Vec<f64>,
    /// Variance that the recorded electrodes leave open on the skin: 0 at an electrode, 1 far from
    /// all.
    pub open: f64,
    /// How near to the heart the place is: where it is near, small parts of the heart are seen
    /// singly.
    pub near: f64,
    pub exact: bool,
}

impl Model {
    /// What `prior` makes of the evidence.
    pub(crate) fn new(evidence: &Evidence, prior: &'static FieldPrior) -> Result<Self, SynthError> {
        let posterior = posterior(prior, evidence);
        Self::seated(
            posterior,
            evidence.known.clone(),
            evidence.seats.clone(),
            evidence.covariance.clone(),
        )
    }

    /// The same with another ensemble for places away from V1 to V6.
    pub(crate) fn with_drawn(self, evidence: &Evidence, prior: &'static FieldPrior) -> Self {
        let drawn = Account::new(posterior(prior, evidence), &self.known, &self.seats);
        Self {
            drawn: Some(drawn),
            ..self
        }
    }

    /// From a posterior at hand.
    #[cfg(feature = "train")]
    pub(crate) fn of(
        posterior: Posterior<'static>,
        known: Vec<&'static Montage>,
        covariance: Vec<f64>,
    ) -> Result<Self, SynthError> {
        let seats = vec![None; known.len()];
        Self::seated(posterior, known, seats, covariance)
    }

    fn seated(
        posterior: Posterior<'static>,
        known: Vec<&'static Montage>,
        seats: Vec<Option<ViewAngle>>,
        covariance: Vec<f64>,
    ) -> Result<Self, SynthError> {
        let skin_point = |view| posterior.skin_point(view);
        let wilson = wilson_points(&skin_point);
        let points = |(it, seat): (&&'static Montage, &Option<ViewAngle>)| {
            seat.map_or_else(
                || points_of(it, &skin_point),
                |view| points_against(skin_point(view), &wilson),
            )
        };
        let skin = Skin::new(known.iter().zip(&seats).map(points).collect());
        let skin = skin.ok_or_else(|| SynthError::Input {
            name: known[0].name.clone(),
            why: InputProblem::SharedPlace,
        })?;
        let fitted = Account::new(posterior, &known, &seats);
        Ok(Self {
            known,
            seats,
            covariance,
            fitted,
            drawn: None,
            skin,
            wilson,
        })
    }

    /// How to mix `target` from the known leads.
    pub(crate) fn estimate(&self, target: &Target) -> Estimate {
        let estimate = self.bare(target);
        let slope = match target {
            _ if estimate.exact => estimate.spread.clone(),
            Target::Lead(montage) => self.slope_of(montage),
            Target::View(view) => self.slope(*view),
        };
        Estimate { slope, ..estimate }
    }

    /// The same without its slope, where nothing is asked about its error.
    pub(crate) fn bare(&self, target: &Target) -> Estimate {
        let Target::Lead(montage) = target else {
            return self.by_field(target);
        };
        if let Some(weights) = exact_sum(&self.known, montage) {
            let none = vec![0.0; weights.len() * weights.len()];
            return Estimate {
                weights,
                spread: none,
                slope: Vec::new(),
                open: 0.0,
                near: 0.0,
                exact: true,
            };
        }
        let field = self.by_field(target);
        match frank::axis(montage) {
            Some(axis) => self.held_to_regression(field, axis),
            None => field,
        }
    }

    /// One of Frank's leads, brought to what regressions on real hearts say of the mean patient.
    fn held_to_regression(&self, field: Estimate, axis: usize) -> Estimate {
        let fit = &FittedConstants::shipped().frank;
        let gain = fit.gain[axis];
        let mut weights: Vec<f64> = field.weights.iter().map(|it| gain * it).collect();
        let mut spread: Vec<f64> = field.spread.iter().map(|it| gain * gain * it).collect();
        for (montage, share) in LeadName::EIGHT
            .iter()
            .filter_map(montage)
            .zip(fit.offset[axis])
        {
            let lead = self.bare(&Target::Lead(montage));
            weights
                .iter_mut()
                .zip(&lead.weights)
                .for_each(|(to, it)| *to += share * it);
            spread
                .iter_mut()
                .zip(&lead.spread)
                .for_each(|(to, it)| *to += share * share * it);
        }
        Estimate {
            weights,
            spread,
            ..field
        }
    }

    /// What the lead fields alone say of X, Y, Z.
    pub(crate) fn frank_by_field(&self) -> [Vec<f64>; 3] {
        LeadName::frank().map(|it| {
            montage(&it).map_or_else(Vec::new, |it| self.by_field(&Target::Lead(it)).weights)
        })
    }

    fn by_field(&self, target: &Target) -> Estimate {
        let points = match target {
            Target::View(view) => self.points(*view),
            Target::Lead(montage) => points_of(montage, &|view| self.skin_point(view)),
        };
        let (carried, open) = self.skin.carry(&points);
        let mix = match (self.fitted_share(target), &self.drawn) {
            (0.0, Some(drawn)) => drawn.mix(target, &carried),
            (share, Some(drawn)) if share < 1.0 => blend(
                &self.fitted.mix(target, &carried),
                &drawn.mix(target, &carried),
                share,
            ),
            _ => self.fitted.mix(target, &carried),
        };
        Estimate {
            weights: mix.weights,
            spread: mix.spread,
            slope: Vec::new(),
            open,
            near: nearness(&points),
            exact: false,
        }
    }

    /// The weights alone.
    pub(crate) fn weights(&self, view: ViewAngle) -> Vec<f64> {
        let (carried, _) = self.skin.carry(&self.points(view));
        self.by_share(view, |it| {
            it.with_left_over(it.posterior.electrode_weights(view), &carried)
        })
    }

    /// A lead that is no single electrode against Wilson's terminal has none of its electrodes'
    /// fits: they were fitted one by one.
    fn fitted_share(&self, target: &Target) -> f64 {
        match target {
            Target::View(view) => fitted_share(*view),
            Target::Lead(montage) => montage
                .exploring_site()
                .and_then(site)
                .map_or(0.0, |it| fitted_share(it.view)),
        }
    }

    /// Weights that the ensembles give for a direction, each as much as it counts there.
    fn by_share(&self, view: ViewAngle, weights: impl Fn(&Account) -> Vec<f64>) -> Vec<f64> {
        match (fitted_share(view), &self.drawn) {
            (0.0, Some(drawn)) => weights(drawn),
            (share, Some(drawn)) if share < 1.0 => weights(&self.fitted)
                .iter()
                .zip(weights(drawn))
                .map(|(a, b)| share * a + (1.0 - share) * b)
                .collect(),
            _ => weights(&self.fitted),
        }
    }

    /// One electrode against Wilson's terminal.
    fn points(&self, view: ViewAngle) -> Points {
        points_against(self.skin_point(view), &self.wilson)
    }

    fn slope_of(&self, montage: &Montage) -> Vec<f64> {
        let n = self.known.len();
        let chest = montage
            .sites()
            .into_iter()
            .filter(|it| !WILSON.contains(&it.0));
        let mut sum = vec![0.0; n * n];
        for (view, weight) in chest.filter_map(|(name, weight)| Some((site(name)?.view, weight))) {
            sum.iter_mut()
                .zip(self.slope(view))
                .for_each(|(to, it)| *to += weight * weight * it);
        }
        sum
    }

    /// Outer products of the change of weights over `STEP_DEG` up and sideways.
    fn slope(&self, view: ViewAngle) -> Vec<f64> {
        /// About a centimetre on the chest.
        const STEP_RAD: f64 = 0.1;
        let n = self.known.len();
        let aside = STEP_RAD / view.theta_rad().sin().max(0.2);
        let mut sum = vec![0.0; n * n];
        for (down, left) in [(STEP_RAD, 0.0), (0.0, aside)] {
            let at = |sign: f64| {
                let moved = view.moved(sign * down, sign * left);
                self.by_share(moved, |it| it.posterior.electrode_weights(moved))
            };
            let change: Vec<f64> = at(1.0)
                .iter()
                .zip(at(-1.0))
                .map(|(a, b)| (a - b) / 2.0)
                .collect();
            sum.iter_mut()
                .enumerate()
                .for_each(|(it, to)| *to += change[it / n] * change[it % n]);
        }
        sum
    }

    /// Directions that the known leads looked from.
    pub(crate) fn directions(&self) -> Vec<ViewAngle> {
        self.known
            .iter()
            .zip(&self.seats)
            .map(|(it, seat)| seat.unwrap_or_else(|| it.view()))
            .collect()
    }

    /// Place of a direction on the skin of the reference torso, mm.
    pub(crate) fn skin_point(&self, view: ViewAngle) -> [f64; 3] {
        self.fitted.posterior.skin_point(view)
    }

    /// Mean square of the known leads, mV².
    pub(crate) fn power(&self) -> f64 {
        let n = self.known.len();
        (0..n).map(|it| self.covariance[it * n + it]).sum::<f64>() / n as f64
    }

    /// Names of the known leads.
    pub(crate) fn names(&self) -> Vec<LeadName> {
        self.known.iter().map(|it| it.name.clone()).collect()
    }
}

fn posterior(prior: &'static FieldPrior, evidence: &Evidence) -> Posterior<'static> {
    if evidence.seats.iter().all(Option::is_none) {
        return prior.posterior(&evidence.known, &evidence.covariance);
    }
    prior.posterior_seated(&evidence.known, &evidence.seats, &evidence.covariance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::{DOWER, Lead, LeadSet, SampleRate, vec3::dot},
        synth::CalibrationOptions,
    };

    /// Five seconds of a turning dipole, as Dower's lead vectors see it.
    fn evidence() -> Evidence {
        let bump = |t: f64, centre: f64, width: f64| (-((t % 0.8 - centre) / width).powi(2)).exp();
        let dipole = |t: f64| {
            [
                bump(t, 0.28, 0.015),
                bump(t, 0.29, 0.02),
                bump(t, 0.26, 0.012) - bump(t, 0.31, 0.018),
            ]
        };
        let lead = |(name, vector): (LeadName, [f64; 3])| {
            let at = |it: usize| dot(dipole(it as f64 / 250.0), vector) as f32;
            Lead::measured(name, (0..1250).map(at).collect::<Vec<f32>>())
        };
        let leads = LeadName::EIGHT.into_iter().zip(DOWER).map(lead).collect();
        Evidence::gather(
            &LeadSet::new(SampleRate::from_hz(250.0).unwrap(), leads).unwrap(),
            &CalibrationOptions::default(),
        )
        .unwrap()
    }

    fn apart(a: &Estimate, b: &Estimate) -> f64 {
        a.weights
            .iter()
            .zip(&b.weights)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f64::max)
    }

    #[test]
    fn each_ensemble_speaks_where_it_was_found_better() {
        let evidence = evidence();
        let alone = |prior| Model::new(&evidence, prior).unwrap();
        let (fitted, drawn) = (
            alone(FieldPrior::embedded()),
            alone(FieldPrior::unweighted()),
        );
        let both = alone(FieldPrior::embedded()).with_drawn(&evidence, FieldPrior::unweighted());
        for name in ["V9", "V1@2ICS", "V6R", "CM5"] {
            let target = Target::lead(&LeadName::parse(name)).unwrap();
            assert!(
                apart(&both.bare(&target), &drawn.bare(&target)) < 1e-12,
                "{name}"
            );
            assert!(
                1e-3 < apart(&both.bare(&target), &fitted.bare(&target)),
                "{name}"
            );
        }
        // Between: neither, and the spread knows of their disagreement.
        let between = Target::View(site("V2").unwrap().view.moved(0.2, 0.0));
        let (mixed, a, b) = (
            both.bare(&between),
            fitted.bare(&between),
            drawn.bare(&between),
        );
        assert!(1e-4 < apart(&mixed, &a) && 1e-4 < apart(&mixed, &b));
        assert!((0..8).all(|it| a.spread[9 * it].min(b.spread[9 * it]) <= mixed.spread[9 * it]));
        let view = between.view();
        let quick = both.weights(view);
        assert!(
            quick
                .iter()
                .zip(&mixed.weights)
                .all(|(a, b)| (a - b).abs() < 1e-9)
        );
    }

    #[test]
    fn a_recorded_electrode_gives_its_own_lead_from_any_side() {
        let evidence = evidence();
        let both = Model::new(&evidence, FieldPrior::embedded())
            .unwrap()
            .with_drawn(&evidence, FieldPrior::unweighted());
        for (idx, name) in LeadName::EIGHT.iter().enumerate().skip(2) {
            let weights = both.weights(site(&name.to_string()).unwrap().view);
            assert!(
                (0..8).all(|it| (weights[it] - f64::from(u8::from(it == idx))).abs() < 1e-6),
                "{name}: {weights:.3?}"
            );
        }
    }
}
