//! The closed form: one patient's posterior over lead fields, what it leaves over at the recorded electrodes, and the error to expect.

use std::sync::Arc;

use crate::{
    ecg::{HEART_CENTRE_MM, LeadName, Montage, ViewAngle, site},
    field::{FieldPrior, Mix, Posterior},
};

use super::{
    SynthError, Target,
    evidence::Evidence,
    linear,
    placed::{WILSON, exact_sum, sites},
    skin::{Points, Skin, points_against, points_of, wilson_points},
    target::montage_view,
};

/// Weights over the known leads for any place on the skin.
#[derive(Clone)]
pub(crate) struct Model {
    pub known: Vec<&'static Montage>,
    /// Where the exploring electrode of each sat, if not at its nominal place.
    pub seats: Vec<Option<ViewAngle>>,
    /// Row-major, mV², behind the high-pass.
    pub covariance: Vec<f64>,
    posterior: Arc<Posterior<'static>>,
    /// I − M: what the posterior leaves of each known lead, as a mix of the known leads.
    left_over: Vec<f64>,
    skin: Skin,
    wilson: Points,
}

/// Fourth power of how much nearer than 75 mm the nearest electrode is: potentials of quadrupoles fall so in variance against dipoles'.
fn nearness(points: &Points) -> f64 {
    const USUAL_MM: f64 = 75.0;
    let squared = |it: &([f64; 3], f64)| (0..3).map(|axis| (it.0[axis] - HEART_CENTRE_MM[axis]).powi(2)).sum::<f64>();
    let nearest = points.iter().map(squared).fold(f64::INFINITY, f64::min).max(100.0);
    (USUAL_MM * USUAL_MM / nearest).powi(2)
}

/// A lead at its nominal place: the weighted sum of its electrodes.
fn physics_weights(posterior: &Posterior, montage: &Montage) -> Vec<f64> {
    let placed = sites(montage).into_iter().filter_map(|(name, weight)| Some((posterior.electrode_weights(site(name)?.view), weight)));
    let mut sum: Vec<f64> = Vec::new();
    for (one, weight) in placed {
        sum.resize(one.len(), 0.0);
        sum.iter_mut().zip(one).for_each(|(to, it)| *to += weight * it);
    }
    sum
}

/// The same with the spread over the members.
fn physics(posterior: &Posterior, montage: &Montage) -> Mix {
    match montage.exploring_site().and_then(site) {
        Some(it) => posterior.electrode(it.view),
        None => Mix { weights: physics_weights(posterior, montage), ..posterior.montage(montage) },
    }
}

/// A lead over the known leads, with where its error comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Estimate {
    pub weights: Vec<f64>,
    /// Covariance of the weights over the members of the prior, row-major.
    pub spread: Vec<f64>,
    /// What a centimetre of displacement would do to the weights, as a covariance, row-major.
    pub slope: Vec<f64>,
    /// Variance that the recorded electrodes leave open on the skin: 0 at an electrode, 1 far from all.
    pub open: f64,
    /// How near to the heart the place is: where it is near, small parts of the heart are seen singly.
    pub near: f64,
    pub exact: bool,
}

impl Model {
    pub(crate) fn new(evidence: &Evidence, prior: &'static FieldPrior) -> Result<Self, SynthError> {
        let (known, covariance) = (evidence.known.clone(), evidence.covariance.clone());
        if evidence.seats.iter().all(Option::is_none) {
            return Self::on(prior, known, covariance);
        }
        let posterior = prior.posterior_seated(&known, &evidence.seats, &covariance);
        Self::seated(posterior, known, evidence.seats.clone(), covariance)
    }

    /// On leads that need not be a recording.
    pub(crate) fn on(prior: &'static FieldPrior, known: Vec<&'static Montage>, covariance: Vec<f64>) -> Result<Self, SynthError> {
        let posterior = prior.posterior(&known, &covariance);
        Self::of(posterior, known, covariance)
    }

    /// From a posterior at hand.
    pub(crate) fn of(posterior: Posterior<'static>, known: Vec<&'static Montage>, covariance: Vec<f64>) -> Result<Self, SynthError> {
        let seats = vec![None; known.len()];
        Self::seated(posterior, known, seats, covariance)
    }

    /// The same with exploring electrodes that sat elsewhere.
    fn seated(
        posterior: Posterior<'static>,
        known: Vec<&'static Montage>,
        seats: Vec<Option<ViewAngle>>,
        covariance: Vec<f64>,
    ) -> Result<Self, SynthError> {
        let n = known.len();
        // The left-over is taken at the nominal places, so that the direction of a recorded electrode gives that very lead.
        let at_places = |(it, seat): (&&'static Montage, &Option<ViewAngle>)| {
            seat.map_or_else(|| physics_weights(&posterior, it), |view| posterior.electrode_weights(view))
        };
        let mut left_over: Vec<f64> = known.iter().zip(&seats).flat_map(at_places).map(|it| -it).collect();
        (0..n).for_each(|it| left_over[it * n + it] += 1.0);
        let skin_point = |view| posterior.skin_point(view);
        let wilson = wilson_points(&skin_point);
        let points = |(it, seat): (&&'static Montage, &Option<ViewAngle>)| {
            seat.map_or_else(|| points_of(it, &skin_point), |view| points_against(skin_point(view), &wilson))
        };
        let skin = Skin::new(known.iter().zip(&seats).map(points).collect());
        let skin = skin.ok_or_else(|| SynthError::Input { name: known[0].name.clone(), why: "two leads share one place".into() })?;
        Ok(Self { known, seats, covariance, posterior: Arc::new(posterior), left_over, skin, wilson })
    }

    /// How to mix `target` from the known leads.
    pub(crate) fn estimate(&self, target: &Target) -> Estimate {
        let n = self.known.len();
        let skin_point = |view| self.posterior.skin_point(view);
        match target {
            Target::Lead(montage) => match exact_sum(&self.known, montage) {
                Some(weights) => Estimate { weights, spread: vec![0.0; n * n], slope: vec![0.0; n * n], open: 0.0, near: 0.0, exact: true },
                None => self.with_left_over(self.lead(montage), self.slope_of(montage), &points_of(montage, &skin_point)),
            },
            Target::View(view) => self.with_left_over(self.posterior.electrode(*view), self.slope(*view), &self.points(*view)),
        }
    }

    /// A lead without its slope: what training asks for, many times.
    #[cfg(feature = "train")]
    pub(crate) fn bare(&self, montage: &Montage) -> Estimate {
        let points = points_of(montage, &|view| self.posterior.skin_point(view));
        self.with_left_over(self.lead(montage), Vec::new(), &points)
    }

    /// The same without its slope, where nothing is asked about its error.
    pub(crate) fn plain(&self, view: ViewAngle) -> Estimate {
        self.with_left_over(self.posterior.electrode(view), Vec::new(), &self.points(view))
    }

    /// The weights alone.
    pub(crate) fn weights(&self, view: ViewAngle) -> Vec<f64> {
        let physics = Mix { weights: self.posterior.electrode_weights(view), spread: Vec::new() };
        self.with_left_over(physics, Vec::new(), &self.points(view)).weights
    }

    /// One electrode against Wilson's terminal.
    fn points(&self, view: ViewAngle) -> Points {
        points_against(self.posterior.skin_point(view), &self.wilson)
    }

    /// A chest lead that was not recorded lies where such electrodes are really put, every other lead at its nominal place.
    fn lead(&self, montage: &Montage) -> Mix {
        let nominal = physics(&self.posterior, montage);
        match montage.name.is_chest() {
            true => Mix { weights: self.posterior.montage(montage).weights, ..nominal },
            false => nominal,
        }
    }

    fn with_left_over(&self, physics: Mix, slope: Vec<f64>, points: &Points) -> Estimate {
        let (shares, open) = self.skin.carry(points);
        let carried = linear::times(&shares, &self.left_over);
        let weights = physics.weights.iter().zip(carried).map(|(a, b)| a + b).collect();
        Estimate { weights, spread: physics.spread, slope, open, near: nearness(points), exact: false }
    }

    fn slope_of(&self, montage: &Montage) -> Vec<f64> {
        let n = self.known.len();
        let chest = sites(montage).into_iter().filter(|it| !WILSON.contains(&it.0));
        let mut sum = vec![0.0; n * n];
        for (view, weight) in chest.filter_map(|(name, weight)| Some((site(name)?.view, weight))) {
            sum.iter_mut().zip(self.slope(view)).for_each(|(to, it)| *to += weight * weight * it);
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
            let at = |sign: f64| self.posterior.electrode_weights(view.moved(sign * down, sign * left));
            let change: Vec<f64> = at(1.0).iter().zip(at(-1.0)).map(|(a, b)| (a - b) / 2.0).collect();
            sum.iter_mut().enumerate().for_each(|(it, to)| *to += change[it / n] * change[it % n]);
        }
        sum
    }

    /// Directions that the known leads looked from.
    pub(crate) fn directions(&self) -> Vec<ViewAngle> {
        self.known.iter().zip(&self.seats).map(|(it, seat)| seat.unwrap_or_else(|| montage_view(it))).collect()
    }

    /// Place of a direction on the skin of the reference torso, mm.
    pub(crate) fn skin_point(&self, view: ViewAngle) -> [f64; 3] {
        self.posterior.skin_point(view)
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
