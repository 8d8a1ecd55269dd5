//! The closed form: one patient's posterior over lead fields, what it leaves over at the recorded
//! electrodes, and the error to expect.

use std::sync::{Arc, LazyLock};

use faer::{Mat, Scale};

use crate::{
    ecg::{
        HEART_CENTRE_MM, LeadName, LimbElectrodes, Montage, N_PHASES, Target, ViewAngle, WILSON,
        site,
    },
    field::{FieldPrior, Mix, PhasedMix, Population, PopulationPosterior, Posterior},
};

use super::{
    InputProblem, SynthError,
    estimate::Estimate,
    evidence::Evidence,
    frank, linear,
    placed::exact_sum,
    residual_kriging::{Points, ResidualKriging, points_against, points_of, wilson_points},
};

/// Angle from the nearest of V1 to V6 over which the fitted ensemble gives way to the population.
/// What was fitted on V1 to V6 of recordings is what the network corrects there; of every other
/// group of views the population foretells virtual patients' and Frank's leads better.
const FITTED_DEG: f64 = 12.0;

/// Step over which the change of weights is taken, radians: about a centimetre on the chest.
const STEP_RAD: f64 = 0.1;

/// Weights over the known leads for any place on the skin.
#[derive(Clone)]
pub(crate) struct Model {
    pub known: Vec<&'static Montage>,
    /// Where the exploring electrode of each sat, if not at its nominal place.
    pub seats: Vec<Option<ViewAngle>>,
    limbs: LimbElectrodes,
    /// mV², behind the high-pass.
    pub covariance: Mat<f64>,
    pub(super) fitted: EnsembleModel,
    /// For places away from V1 to V6, and everywhere if the limb electrodes sat on the trunk; without
    /// it the fitted ensemble speaks everywhere.
    pub(super) away: Option<PopulationModel>,
    pub(super) kriging: ResidualKriging,
    wilson: Points,
}

/// What one ensemble makes of the recorded leads.
#[derive(Clone)]
pub(super) struct EnsembleModel {
    pub(super) posterior: Arc<Posterior<'static>>,
    /// I − M: what the posterior leaves of each known lead, as a mix of the known leads.
    left_over: Mat<f64>,
}

impl EnsembleModel {
    fn new(posterior: Posterior<'static>, known: &[&Montage], seats: &[Option<ViewAngle>]) -> Self {
        // The left-over is taken at the nominal places, so that the direction of a recorded
        // electrode gives that very lead.
        let at_place = |(it, seat): (&&Montage, &Option<ViewAngle>)| match seat {
            Some(view) => posterior.electrode_weights(*view),
            None => posterior.montage(it).weights,
        };
        let explained: Vec<Vec<f64>> = known.iter().zip(seats).map(at_place).collect();
        let left_over = Mat::from_fn(known.len(), known.len(), |i, j| {
            f64::from(u8::from(i == j)) - explained[i][j]
        });
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

    pub(super) fn with_left_over(&self, physics: Vec<f64>, carried: &[f64]) -> Vec<f64> {
        physics
            .iter()
            .zip(linear::times(carried, self.left_over.as_ref()))
            .map(|(a, b)| a + b)
            .collect()
    }
}

/// What the population makes of the recorded leads.
#[derive(Clone)]
pub(super) struct PopulationModel {
    pub(super) posterior: Arc<PopulationPosterior>,
    /// What it leaves of each known lead, as a mix of the known leads, over the whole beat; and what
    /// is added to that by phase.
    left_over: Mat<f64>,
    left_over_departures: Vec<Mat<f64>>,
}

impl PopulationModel {
    fn new(
        posterior: PopulationPosterior,
        known: &[&Montage],
        seats: &[Option<ViewAngle>],
    ) -> Self {
        let explained = |(it, seat): (&&Montage, &Option<ViewAngle>)| match seat {
            Some(view) => posterior.electrode(*view),
            None => posterior.montage(it),
        };
        let explained: Vec<PhasedMix> = known.iter().zip(seats).map(explained).collect();
        let n = known.len();
        let by_phase = |phase: usize| {
            Mat::from_fn(n, n, |i, j| {
                explained[i].weights[j] - explained[i].phases[phase][j]
            })
        };
        Self {
            left_over: Mat::from_fn(n, n, |i, j| {
                f64::from(u8::from(i == j)) - explained[i].weights[j]
            }),
            left_over_departures: (0..N_PHASES).map(by_phase).collect(),
            posterior: Arc::new(posterior),
        }
    }

    /// The mix and what is added to its weights by phase.
    pub(super) fn mix(&self, target: &Target, carried: &[f64]) -> (Mix, [Vec<f64>; N_PHASES]) {
        let found = match target {
            Target::View(view) => self.posterior.electrode(*view),
            Target::Lead(montage) => self.posterior.montage(montage),
        };
        let departure = |phase: usize| {
            let carried = linear::times(carried, self.left_over_departures[phase].as_ref());
            let pairs = found.phases[phase].iter().zip(&found.weights).zip(carried);
            pairs
                .map(|((phase, whole), carried)| phase - whole + carried)
                .collect()
        };
        let departures = std::array::from_fn(departure);
        let weights = self.with_left_over(found.weights, carried);
        let spread = found.spread;
        (Mix { weights, spread }, departures)
    }

    pub(super) fn with_left_over(&self, skin: Vec<f64>, carried: &[f64]) -> Vec<f64> {
        let left_over = linear::times(carried, self.left_over.as_ref());
        skin.iter().zip(left_over).map(|(a, b)| a + b).collect()
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

/// Mean of what two ensembles make of a lead, and the spread of both with their disagreement.
fn blend(a: &Mix, b: &Mix, share: f64) -> Mix {
    let pairs = || a.weights.iter().zip(&b.weights);
    let apart: Vec<f64> = pairs().map(|(a, b)| a - b).collect();
    Mix {
        weights: pairs()
            .map(|(a, b)| share * a + (1.0 - share) * b)
            .collect(),
        spread: &a.spread * Scale(share)
            + &b.spread * Scale(1.0 - share)
            + linear::outer(&apart) * Scale(share * (1.0 - share)),
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

impl Model {
    /// What `prior` makes of the evidence; where the limb electrodes sat on the trunk, the population.
    pub(crate) fn new(evidence: &Evidence, prior: &'static FieldPrior) -> Result<Self, SynthError> {
        let posterior = posterior(prior, evidence);
        let seats = (evidence.seats.clone(), evidence.limbs);
        let known = evidence.known.clone();
        let model = Self::seated(posterior, known, seats, evidence.covariance.clone())?;
        match evidence.limbs {
            LimbElectrodes::Standard => Ok(model),
            _ => model.with_population(Population::embedded()),
        }
    }

    /// The same with the population for places away from V1 to V6.
    pub(crate) fn with_population(self, population: &Population) -> Result<Self, SynthError> {
        let covariance = self.covariance.as_ref();
        let found = population.posterior(&self.known, (&self.seats, self.limbs), covariance);
        let found = found.ok_or_else(|| shared_place(&self.known))?;
        Ok(Self {
            away: Some(PopulationModel::new(found, &self.known, &self.seats)),
            ..self
        })
    }

    /// From a posterior at hand.
    #[cfg(feature = "train")]
    pub(crate) fn of(
        posterior: Posterior<'static>,
        known: Vec<&'static Montage>,
        covariance: Mat<f64>,
    ) -> Result<Self, SynthError> {
        let seats = (vec![None; known.len()], LimbElectrodes::Standard);
        Self::seated(posterior, known, seats, covariance)
    }

    fn seated(
        posterior: Posterior<'static>,
        known: Vec<&'static Montage>,
        (seats, limbs): (Vec<Option<ViewAngle>>, LimbElectrodes),
        covariance: Mat<f64>,
    ) -> Result<Self, SynthError> {
        let skin_point = |view| posterior.skin_point(view);
        let wilson = wilson_points(limbs, &skin_point);
        let points = |(it, seat): (&&'static Montage, &Option<ViewAngle>)| {
            seat.map_or_else(
                || points_of(it, limbs, &skin_point),
                |view| points_against(skin_point(view), &wilson),
            )
        };
        let kriging = ResidualKriging::new(known.iter().zip(&seats).map(points).collect());
        let kriging = kriging.ok_or_else(|| shared_place(&known))?;
        let fitted = EnsembleModel::new(posterior, &known, &seats);
        Ok(Self {
            known,
            seats,
            limbs,
            covariance,
            fitted,
            away: None,
            kriging,
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
            return self.by_place(target);
        };
        if let Some(weights) = exact_sum(&self.known, montage) {
            let none = Mat::zeros(weights.len(), weights.len());
            return Estimate {
                departures: none_of(weights.len()),
                weights,
                spread: none.clone(),
                slope: none,
                open: 0.0,
                near: 0.0,
                exact: true,
            };
        }
        let skin = self.by_place(target);
        // The regression is of people whose limb electrodes sat on the limbs.
        let standard = self.limbs == LimbElectrodes::Standard;
        match frank::axis(montage).filter(|_| standard) {
            Some(axis) => frank::with_regression(skin, axis, |lead| self.bare(&Target::Lead(lead))),
            None => skin,
        }
    }

    /// By the fitted ensemble near V1 to V6, by the population away from them.
    fn by_place(&self, target: &Target) -> Estimate {
        let points = match target {
            Target::View(view) => self.points(*view),
            Target::Lead(montage) => points_of(montage, self.limbs, &|view| self.skin_point(view)),
        };
        let (carried, open) = self.kriging.carry(&points);
        let (mix, departures) = match (self.fitted_share(target), &self.away) {
            (0.0, Some(away)) => away.mix(target, &carried),
            (share, Some(away)) if share < 1.0 => {
                let (other, departures) = away.mix(target, &carried);
                let part = |it: Vec<f64>| it.iter().map(|it| (1.0 - share) * it).collect();
                let fitted = self.fitted.mix(target, &carried);
                (blend(&fitted, &other, share), departures.map(part))
            }
            _ => (self.fitted.mix(target, &carried), none_of(self.known.len())),
        };
        Estimate {
            weights: mix.weights,
            departures,
            spread: mix.spread,
            slope: Mat::new(),
            open,
            near: nearness(&points),
            exact: false,
        }
    }

    /// A lead that is no single electrode against Wilson's terminal has none of its electrodes'
    /// fits: they were fitted one by one.
    pub(super) fn fitted_share(&self, target: &Target) -> f64 {
        match target {
            _ if self.limbs != LimbElectrodes::Standard => 0.0,
            Target::View(view) => fitted_share(*view),
            Target::Lead(montage) => montage
                .exploring_site()
                .and_then(site)
                .map_or(0.0, |it| fitted_share(it.view)),
        }
    }

    /// One electrode against Wilson's terminal.
    pub(super) fn points(&self, view: ViewAngle) -> Points {
        points_against(self.skin_point(view), &self.wilson)
    }

    fn slope_of(&self, montage: &Montage) -> Mat<f64> {
        let n = self.known.len();
        let chest = montage
            .sites()
            .into_iter()
            .filter(|it| !WILSON.contains(&it.0));
        chest
            .filter_map(|(name, weight)| Some((site(name)?.view, weight)))
            .fold(Mat::zeros(n, n), |sum, (view, weight)| {
                sum + self.slope(view) * Scale(weight * weight)
            })
    }

    /// Outer products of the change of weights over [`STEP_RAD`] down and to the left.
    fn slope(&self, view: ViewAngle) -> Mat<f64> {
        let aside = STEP_RAD / view.theta_rad().sin().max(0.2);
        let change = |down: f64, left: f64| {
            let at = |sign: f64| {
                let moved = view.moved(sign * down, sign * left);
                self.by_share(
                    moved,
                    |it| it.posterior.electrode_weights(moved),
                    |it| it.posterior.electrode_weights(moved),
                )
            };
            let pairs = at(1.0).into_iter().zip(at(-1.0));
            linear::outer(&pairs.map(|(a, b)| (a - b) / 2.0).collect::<Vec<f64>>())
        };
        change(STEP_RAD, 0.0) + change(0.0, aside)
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
        (0..n).map(|it| self.covariance[(it, it)]).sum::<f64>() / n as f64
    }

    /// Names of the known leads.
    pub(crate) fn names(&self) -> Vec<LeadName> {
        self.known.iter().map(|it| it.name.clone()).collect()
    }
}

fn posterior(prior: &'static FieldPrior, evidence: &Evidence) -> Posterior<'static> {
    prior
        .inverted_relocated(&evidence.known, &evidence.seats)
        .posterior(evidence.covariance.as_ref())
}

pub(super) fn none_of(n: usize) -> [Vec<f64>; N_PHASES] {
    std::array::from_fn(|_| vec![0.0; n])
}

fn shared_place(known: &[&'static Montage]) -> SynthError {
    SynthError::Input {
        name: known[0].name.clone(),
        why: InputProblem::SharedPlace,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        ecg::{DOWER, Lead, LeadSet, SampleRate},
        synth::CalibrationOptions,
    };

    /// Ten seconds of a turning dipole in the eight leads, as Dower's lead vectors see it.
    pub(crate) fn dipole_leads() -> LeadSet {
        let bump = |t: f64, centre: f64, width: f64| (-((t % 0.8 - centre) / width).powi(2)).exp();
        let dipole = |t: f64| {
            [
                bump(t, 0.28, 0.015),
                bump(t, 0.29, 0.02),
                bump(t, 0.26, 0.012) - bump(t, 0.31, 0.018),
            ]
        };
        let lead = |(name, vector): (LeadName, [f64; 3])| {
            let at = |it: usize| {
                let pairs = dipole(it as f64 / 250.0).into_iter().zip(vector);
                pairs.map(|(a, b)| a * b).sum::<f64>() as f32
            };
            Lead::measured(name, (0..2500).map(at).collect::<Vec<f32>>())
        };
        let leads = LeadName::EIGHT.into_iter().zip(DOWER).map(lead).collect();
        LeadSet::new(SampleRate::from_hz(250.0).unwrap(), leads).unwrap()
    }

    pub(crate) fn evidence() -> Evidence {
        Evidence::gather(&dipole_leads(), &CalibrationOptions::default()).unwrap()
    }

    fn model() -> Model {
        Model::new(&evidence(), FieldPrior::embedded())
            .and_then(|it| it.with_population(Population::embedded()))
            .unwrap()
    }

    /// The fitted ensemble near V1 to V6, the population elsewhere.
    #[test]
    fn each_speaks_where_it_was_found_better() {
        let fitted = Model::new(&evidence(), FieldPrior::embedded()).unwrap();
        let other = |name: &str| {
            let target = Target::lead(&LeadName::parse(name)).unwrap();
            let pairs = |a: Estimate, b: Estimate| a.weights.into_iter().zip(b.weights);
            pairs(fitted.bare(&target), model().bare(&target)).any(|(a, b)| 1e-3 < (a - b).abs())
        };
        assert!(["V9", "V1@2ICS", "V6R", "CM5"].into_iter().all(other));
        assert!(!["V1", "V6"].into_iter().any(other));
    }

    #[test]
    fn weights_depart_by_phase_and_doubt_grows_away_from_the_electrodes() {
        let model = model();
        let of = |name: &str| model.bare(&Target::lead(&LeadName::parse(name)).unwrap());
        let (far, near) = (of("V9"), of("V1@3ICS"));
        assert!(far.departures.iter().flatten().any(|it| 0.02 < it.abs()));
        assert!(near.spread[(0, 0)] < far.spread[(0, 0)]);
        let exact = of("aVF");
        assert!(exact.exact && exact.departures.iter().flatten().all(|it| *it == 0.0));
        let view = site("V9").unwrap().view;
        let (quick, whole) = (model.weights(view), model.bare(&Target::View(view)).weights);
        assert!(quick.iter().zip(&whole).all(|(a, b)| (a - b).abs() < 1e-9));
    }

    #[test]
    fn a_recorded_electrode_gives_its_own_lead_from_any_side() {
        let model = model();
        for (idx, name) in LeadName::EIGHT.iter().enumerate().skip(2) {
            let weights = model.weights(site(&name.to_string()).unwrap().view);
            assert!(
                (0..8).all(|it| (weights[it] - f64::from(u8::from(it == idx))).abs() < 1e-6),
                "{name}: {weights:.3?}"
            );
        }
    }
}
