//! The population: how the potentials of people's skin go together, by phase of the beat.
//!
//! Between I, II and V1 to V6 recordings say it, person by person: a patient's answer is the
//! conditional mean of a normal distribution, that of the people whose recorded leads covary alike.
//! From these to anywhere else on the skin virtual patients say it: everybody's map, and how it
//! departs in patients of a kind.

use std::sync::LazyLock;

use faer::{
    ColRef, Mat, Scale, Side,
    linalg::solvers::{DenseSolveCore, Solve},
};

use super::{
    departures::Departures, population_group::Group, population_parts::PopulationParts,
    skin_basis::SkinBasis,
};
use crate::ecg::{LeadName, LimbElectrodes, Montage, N_PHASES, ViewAngle, montage};

/// Squared distance of two covariances over the whole beat, as a share of the patient's own, at which
/// somebody counts e times less; chosen on PTB-XL's fold 8.
const ALIKE: f64 = 0.03;
/// Ridge of the map from the eight leads to the skin, and of a patient's own, as a share of the mean
/// power of the leads.
const LIFT_RIDGE: f64 = 3e-4;
const RIDGE: f64 = 1e-3;
/// Share of the mean power below which directions among the recorded leads are noise, where they
/// say how large an error is.
const NOISE: f64 = 1e-2;

/// What people's skins have in common, and the people themselves.
pub struct Population {
    skin: &'static SkinBasis,
    people: Group,
    /// Directions among the skin's rows in which virtual patients differ, rows × directions.
    components: Mat<f64>,
    departures: Departures,
    /// What the eight leads read of the skin, leads × rows.
    eight: Mat<f64>,
    /// The skin from the eight leads in the mean virtual patient, by phase and, last, over the whole beat.
    lifts: Vec<Lift>,
}

/// The skin from some leads: a map, and the covariance of what it leaves open.
struct Lift {
    /// Rows of a member × leads.
    map: Mat<f64>,
    /// Rows × rows.
    open: Mat<f64>,
}

#[allow(clippy::expect_used)] // The asset is part of the binary and a test reads it.
static SHIPPED: LazyLock<Population> = LazyLock::new(|| {
    let parts = PopulationParts::decode(population_bytes()).expect("embedded population");
    Population::new(&parts).expect("embedded population")
});

/// A `static`, so that the program holds it once.
static SHIPPED_BYTES: &[u8] = include_bytes!("../../assets/population.bin");

/// The asset as shipped, for its hash.
pub fn population_bytes() -> &'static [u8] {
    SHIPPED_BYTES
}

impl Population {
    /// The shipped one.
    pub fn embedded() -> &'static Self {
        &SHIPPED
    }

    /// Where the skin of the reference torso lies in direction `view`, mm.
    pub fn skin_point(view: ViewAngle) -> [f64; 3] {
        SkinBasis::embedded().skin_point(view)
    }

    /// `None` if the eight leads cannot be told apart on the virtual patients' skin.
    pub fn new(parts: &PopulationParts) -> Option<Self> {
        let skin = SkinBasis::embedded();
        let eight: Vec<&Montage> = LeadName::EIGHT.iter().filter_map(montage).collect();
        let readings = skin.readings_of(&eight);
        let mut skins: Vec<Mat<f64>> = parts
            .skin
            .iter()
            .map(|root| root * root.transpose())
            .collect();
        skins.push(sum(&skins));
        let lifts = skins
            .iter()
            .map(|it| Lift::new(it, &readings))
            .collect::<Option<_>>()?;
        Some(Self {
            skin,
            people: Group::new(&parts.people),
            components: parts.components.clone(),
            departures: Departures::new(&parts.centres, &parts.departures),
            lifts,
            eight: readings,
        })
    }

    /// What the recorded leads `known` say of the skin in a patient of this covariance (leads ×
    /// leads, mV², in QRS, ST, T and the rest, which add up to the whole), where some electrodes sit
    /// elsewhere than their names say. A covariance that is silent or has gaps is everybody's. `None`
    /// if the leads cannot be told apart.
    pub fn posterior(
        &self,
        known: &[&Montage],
        (seats, limbs): (&[Option<ViewAngle>], LimbElectrodes),
        waves: &[Mat<f64>; N_PHASES],
    ) -> Option<PopulationPosterior> {
        let row = |(montage, seat): (&&Montage, &Option<ViewAngle>)| {
            seat.map_or_else(
                || self.skin.montage_row_on(montage, limbs),
                |it| self.skin.view_row_on(it, limbs),
            )
        };
        let rows: Vec<Vec<f64>> = known.iter().zip(seats).map(row).collect();
        let readings = self.skin.readings(&rows);
        let usual = &self.lifts[N_PHASES];
        let told = &readings * &usual.map;
        let apart = &readings * &usual.open * readings.transpose();
        let own = unit_power(&sum(waves), known.len());
        let people = self.people.shares(&told, &apart, own.as_ref(), ALIKE);
        let alike = self.people.pooled(&people);
        let seen = |(alike, wave): (&Mat<f64>, &Mat<f64>)| match unit_power(wave, known.len()) {
            Some(own) => updated(alike, &told, &apart, &own),
            None => Some(alike.clone()),
        };
        let eight: Vec<_> = alike.iter().zip(waves).map(seen).collect::<Option<_>>()?;
        let maps = self.lifted(&eight);
        let (mut open, mut across) = (zeros(readings.ncols()), Vec::new());
        for ((map, lift), people) in maps.iter().zip(&self.lifts).zip(&alike) {
            let from_people = map * people;
            across.push(
                &from_people * (&readings * map).transpose() + &lift.open * readings.transpose(),
            );
            let all = from_people * map.transpose() + &lift.open;
            let found = regression(&readings, &across[across.len() - 1], RIDGE)?;
            open += all - found * across[across.len() - 1].transpose();
        }
        across.push(sum(&across));
        let mut maps: Vec<Mat<f64>> = across
            .iter()
            .map(|it| regression(&readings, it, RIDGE))
            .collect::<Option<_>>()?;
        let among = ridged(&(&readings * &across[N_PHASES]), NOISE);
        let unit = among.llt(Side::Lower).ok()?.inverse() * Scale(1.0 / known.len() as f64);
        Some(PopulationPosterior {
            skin: self.skin,
            limbs,
            whole: maps.pop()?,
            phases: maps,
            open,
            unit,
        })
    }

    /// The skin from the eight leads by phase, in a patient in whom they covary like that by phase.
    fn lifted(&self, waves: &[Mat<f64>]) -> Vec<Mat<f64>> {
        let map = |(departs, lift): (Mat<f64>, &Lift)| {
            let departs = &self.components * departs;
            // The eight leads stay themselves.
            let of_eight = &self.eight * &departs;
            &lift.map - &lift.map * of_eight + departs
        };
        let departures = self.departures.of(waves);
        departures.into_iter().zip(&self.lifts).map(map).collect()
    }
}

/// What a fit of the departures needs.
#[cfg(feature = "train")]
impl Population {
    /// Everybody's map from the eight leads to each direction that virtual patients differ in, by phase.
    pub(crate) fn usual(&self) -> Vec<Mat<f64>> {
        let of_phase = |it: &Lift| self.components.transpose() * &it.map;
        self.lifts[..N_PHASES].iter().map(of_phase).collect()
    }

    /// Where a patient is among others, of covariances of the eight leads by phase.
    pub(crate) fn roots(waves: &[Mat<f64>]) -> Vec<f64> {
        super::departures::roots(waves)
    }

    /// How much like each of `centres`, a column each, somebody with these roots is, 0 to 1.
    pub(crate) fn likeness(centres: &Mat<f64>, roots: &[f64]) -> Vec<f64> {
        super::departures::likeness(centres, roots)
    }
}

/// A covariance of `n` leads scaled to a total power of one. `None` if it is silent, has gaps or is
/// of other leads.
fn unit_power(covariance: &Mat<f64>, n: usize) -> Option<Mat<f64>> {
    let power: f64 = (0..n.min(covariance.nrows()))
        .map(|it| covariance[(it, it)])
        .sum();
    let usable = covariance.shape() == (n, n) && power.is_finite() && 0.0 < power;
    (usable && !covariance.has_nan()).then(|| covariance * Scale(1.0 / power))
}

/// The covariance `whole` of some leads, once leads that read `told` of them and `apart` of their
/// own are found to covary as `own` does, up to scale. `None` if these cannot be told apart.
fn updated(
    whole: &Mat<f64>,
    told: &Mat<f64>,
    apart: &Mat<f64>,
    own: &Mat<f64>,
) -> Option<Mat<f64>> {
    let across = told * whole;
    let among = &across * told.transpose() + apart;
    let power: f64 = (0..among.nrows()).map(|it| among[(it, it)]).sum();
    let gain = ridged(&among, RIDGE).llt(Side::Lower).ok()?.solve(&across);
    let found = own * Scale(power) - among;
    Some(whole + gain.transpose() * found * &gain)
}

fn sum(all: &[Mat<f64>]) -> Mat<f64> {
    let zero = all
        .first()
        .map_or_else(Mat::new, |it| Mat::zeros(it.nrows(), it.ncols()));
    all.iter().fold(zero, |sum, it| sum + it)
}

fn zeros(n: usize) -> Mat<f64> {
    Mat::zeros(n, n)
}

impl Lift {
    /// Of the skin's covariance, rows × rows, for leads that read `readings` of it.
    fn new(skin: &Mat<f64>, readings: &Mat<f64>) -> Option<Self> {
        let across = skin * readings.transpose();
        let map = regression(readings, &across, LIFT_RIDGE)?;
        Some(Self {
            open: skin - &map * across.transpose(),
            map,
        })
    }
}

/// The skin from leads that read `readings` of it, where `across` is their covariance with it.
fn regression(readings: &Mat<f64>, across: &Mat<f64>, ridge: f64) -> Option<Mat<f64>> {
    let among = ridged(&(readings * across), ridge);
    let solved = among.llt(Side::Lower).ok()?.solve(across.transpose());
    Some(solved.transpose().to_owned())
}

/// With a share of the mean power on its diagonal.
fn ridged(among: &Mat<f64>, share: f64) -> Mat<f64> {
    let n = among.nrows();
    let power = (0..n).map(|it| among[(it, it)]).sum::<f64>() / n.max(1) as f64;
    Mat::from_fn(n, n, |i, j| {
        0.5 * (among[(i, j)] + among[(j, i)]) + if i == j { share * power } else { 0.0 }
    })
}

/// A lead from the recorded ones.
#[derive(Clone, Debug, PartialEq)]
pub struct PhasedMix {
    /// Weight of each recorded lead, over the whole beat.
    pub weights: Vec<f64>,
    /// The same in QRS, ST, T and the rest.
    pub phases: [Vec<f64>; N_PHASES],
    /// Variance of the error per product of two recorded leads, leads × leads.
    pub spread: Mat<f64>,
}

/// How this patient's recorded leads make any other.
pub struct PopulationPosterior {
    skin: &'static SkinBasis,
    limbs: LimbElectrodes,
    /// Rows of a member × leads.
    whole: Mat<f64>,
    phases: Vec<Mat<f64>>,
    /// What the recorded leads leave open, rows × rows, in the unit of the people.
    open: Mat<f64>,
    /// Turns that into variance per product of two leads: the inverse of their covariance, in the
    /// same unit, over their number.
    unit: Mat<f64>,
}

impl PopulationPosterior {
    /// An electrode in direction `view` against Wilson's terminal.
    pub fn electrode(&self, view: ViewAngle) -> PhasedMix {
        self.mix(&self.skin.view_row_on(view, self.limbs))
    }

    /// The weights alone of [`PopulationPosterior::electrode`], over the whole beat.
    pub fn electrode_weights(&self, view: ViewAngle) -> Vec<f64> {
        times(&self.whole, &self.skin.view_row_on(view, self.limbs))
    }

    /// A lead of the catalogue.
    pub fn montage(&self, montage: &Montage) -> PhasedMix {
        self.mix(&self.skin.montage_row_on(montage, self.limbs))
    }

    fn mix(&self, row: &[f64]) -> PhasedMix {
        let column = ColRef::from_slice(row);
        let open: f64 = column.transpose() * &self.open * column;
        PhasedMix {
            weights: times(&self.whole, row),
            phases: std::array::from_fn(|it| times(&self.phases[it], row)),
            spread: &self.unit * Scale(open.max(0.0)),
        }
    }
}

fn times(map: &Mat<f64>, row: &[f64]) -> Vec<f64> {
    (map.transpose() * ColRef::from_slice(row))
        .iter()
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::population_parts::LEADS;

    const STANDARD: LimbElectrodes = LimbElectrodes::Standard;

    fn eight() -> Vec<&'static Montage> {
        LeadName::EIGHT.iter().filter_map(montage).collect()
    }

    /// Covariance of leads that follow one source each in a pattern of their own.
    fn covariance(slope: f64) -> Mat<f64> {
        let lead = |i: usize, source: usize| {
            ((i as f64 + 1.0) * (0.4 + slope * source as f64)).sin()
                + f64::from(u8::from(i == source))
        };
        let leads = Mat::from_fn(LEADS, LEADS, lead);
        &leads * leads.transpose() * Scale(0.01)
    }

    fn posterior(covariance: &Mat<f64>, limbs: LimbElectrodes) -> PopulationPosterior {
        of_waves(
            &[0.6, 0.1, 0.2, 0.1].map(|share| covariance * Scale(share)),
            limbs,
        )
    }

    fn of_waves(waves: &[Mat<f64>; N_PHASES], limbs: LimbElectrodes) -> PopulationPosterior {
        let none = [None; LEADS];
        let found = Population::embedded().posterior(&eight(), (&none, limbs), waves);
        found.unwrap()
    }

    fn apart(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum()
    }

    #[test]
    fn recorded_leads_are_given_back_and_all_else_departs_by_phase() {
        let posterior = posterior(&covariance(0.3), STANDARD);
        for (at, lead) in eight().into_iter().enumerate() {
            let own: Vec<f64> = (0..LEADS).map(|it| f64::from(u8::from(it == at))).collect();
            let off = apart(&posterior.montage(lead).weights, &own);
            assert!(off < 0.3, "{}: {off}", lead.name);
        }
        let back = posterior.montage(montage(&LeadName::parse("V9")).unwrap());
        let departs = back.phases.iter().map(|it| apart(it, &back.weights));
        assert!(departs.into_iter().all(|it| 1e-3 < it));
        assert!((0..LEADS).all(|it| 0.0 < back.spread[(it, it)]));
    }

    #[test]
    fn patients_are_told_apart_and_silence_is_everybodys() {
        let v9 = montage(&LeadName::parse("V9")).unwrap();
        let of = |it: &Mat<f64>| posterior(it, STANDARD).montage(v9).weights;
        let (one, other) = (of(&covariance(0.3)), of(&covariance(0.9)));
        assert!(1e-2 < apart(&one, &other));
        // Scale says nothing, and neither do silence and gaps.
        assert!(apart(&one, &of(&(covariance(0.3) * Scale(9.0)))) < 1e-6);
        let silent = of(&Mat::zeros(LEADS, LEADS));
        assert!(apart(&silent, &of(&Mat::full(LEADS, LEADS, f64::NAN))) < 1e-12);
        assert!(silent.iter().all(|it| it.is_finite()));
    }

    /// The same over the whole beat, but one has in QRS what the other has in ST.
    #[test]
    fn waves_tell_patients_apart_off_the_chest_alone() {
        let (a, b) = (covariance(0.3), covariance(0.9));
        let none = Mat::zeros(LEADS, LEADS);
        let [one, other] = [[&a, &b], [&b, &a]].map(|[qrs, st]| {
            of_waves(
                &[qrs.clone(), st.clone(), none.clone(), none.clone()],
                STANDARD,
            )
        });
        let off = |name: &str| {
            let lead = montage(&LeadName::parse(name)).unwrap();
            apart(&one.montage(lead).weights, &other.montage(lead).weights)
        };
        assert!(0.05 < off("V2@2ICS"), "{}", off("V2@2ICS"));
        assert!(off("V3") < 1e-3, "{}", off("V3"));
    }

    #[test]
    fn limb_electrodes_on_the_trunk_are_another_lead_system() {
        let v9 = montage(&LeadName::parse("V9")).unwrap();
        let of = |limbs| posterior(&covariance(0.3), limbs).montage(v9).weights;
        assert!(0.05 < apart(&of(STANDARD), &of(LimbElectrodes::MasonLikar)));
    }
}
