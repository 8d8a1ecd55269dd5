//! The closed form: what one patient's recorded leads say of the skin, what they leave over at the
//! recorded electrodes, and the error to expect.

use faer::{Mat, Scale};

use crate::{
    ecg::{
        HEART_CENTRE_MM, LeadName, LimbElectrodes, Montage, N_PHASES, Target, ViewAngle, WILSON,
        site,
    },
    field::Population,
};

use super::{
    InputProblem, SynthError,
    estimate::Estimate,
    evidence::Evidence,
    frank, linear,
    placed::exact_sum,
    residual_kriging::{Points, ResidualKriging, points_against, points_of, wilson_points},
    skin::{Base, Skin},
};

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
    skin: Skin,
    kriging: ResidualKriging,
    wilson: Points,
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
    /// What `base` makes of the evidence.
    pub(super) fn new(evidence: &Evidence, base: Base) -> Result<Self, SynthError> {
        let seats = (evidence.seats.clone(), evidence.limbs);
        let known = evidence.known.clone();
        let seen = (evidence.covariance.clone(), &evidence.waves.parts());
        Self::seated(base, known, seats, seen)
    }

    /// Of electrodes at their nominal places.
    #[cfg(feature = "train")]
    pub(crate) fn of(
        weights: super::WeightSet,
        known: Vec<&'static Montage>,
        waves: &[Mat<f64>; N_PHASES],
    ) -> Result<Self, SynthError> {
        let seats = (vec![None; known.len()], LimbElectrodes::Standard);
        let n = known.len();
        let whole = waves.iter().fold(Mat::zeros(n, n), |sum, it| sum + it);
        Self::seated(Base::of(weights), known, seats, (whole, waves))
    }

    fn seated(
        base: Base,
        known: Vec<&'static Montage>,
        (seats, limbs): (Vec<Option<ViewAngle>>, LimbElectrodes),
        (covariance, waves): (Mat<f64>, &[Mat<f64>; N_PHASES]),
    ) -> Result<Self, SynthError> {
        let shared = || SynthError::Input {
            name: known[0].name.clone(),
            why: InputProblem::SharedPlace,
        };
        let skin = Skin::new(base, &known, (&seats, limbs), (covariance.as_ref(), waves));
        let skin = skin.ok_or_else(shared)?;
        let wilson = wilson_points(limbs, &skin_point);
        let points = |(it, seat): (&&'static Montage, &Option<ViewAngle>)| {
            seat.map_or_else(
                || points_of(it, limbs, &skin_point),
                |view| points_against(skin_point(view), &wilson),
            )
        };
        let kriging = ResidualKriging::new(known.iter().zip(&seats).map(points).collect());
        let kriging = kriging.ok_or_else(shared)?;
        Ok(Self {
            known,
            seats,
            limbs,
            covariance,
            skin,
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
                departures: std::array::from_fn(|_| vec![0.0; weights.len()]),
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

    fn by_place(&self, target: &Target) -> Estimate {
        let points = match target {
            Target::View(view) => self.points(*view),
            Target::Lead(montage) => points_of(montage, self.limbs, &skin_point),
        };
        let (carried, open) = self.kriging.carry(&points);
        let (mix, departures) = self.skin.mix(target, &carried);
        Estimate {
            departures,
            weights: mix.weights,
            spread: mix.spread,
            slope: Mat::new(),
            open,
            near: nearness(&points),
            exact: false,
        }
    }

    /// The weights alone, over the whole beat.
    pub(crate) fn weights(&self, view: ViewAngle) -> Vec<f64> {
        let (carried, _) = self.kriging.carry(&self.points(view));
        self.skin.weights(view, &carried)
    }

    /// One electrode against Wilson's terminal.
    fn points(&self, view: ViewAngle) -> Points {
        points_against(skin_point(view), &self.wilson)
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
                self.skin
                    .without_left_over(view.moved(sign * down, sign * left))
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
        skin_point(view)
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

/// Place of a direction on the skin of the reference torso, mm.
fn skin_point(view: ViewAngle) -> [f64; 3] {
    Population::skin_point(view)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        ecg::{DOWER, Lead, LeadSet, SampleRate},
        synth::{CalibrationOptions, WeightSet},
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

    /// The lead of a patient whose recorded leads are known, and what it becomes in QRS.
    #[test]
    fn weights_depart_by_phase_and_doubt_grows_away_from_the_electrodes() {
        let model = Model::new(&evidence(), Base::of(WeightSet::Shipped)).unwrap();
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
        let evidence = evidence();
        let model = Model::new(&evidence, Base::of(WeightSet::Shipped)).unwrap();
        for (idx, name) in LeadName::EIGHT.iter().enumerate().skip(2) {
            let weights = model.weights(site(&name.to_string()).unwrap().view);
            assert!(
                (0..8).all(|it| (weights[it] - f64::from(u8::from(it == idx))).abs() < 1e-6),
                "{name}: {weights:.3?}"
            );
        }
    }
}
