//! P-map: a measured body-surface map, every electrode asked for from the leads made of it.
//!
//! A folder holds `electrodes.csv` (electrode, theta_deg, phi_deg), `potentials_mv.csv` (time_s, a
//! column for each electrode) and `leads_mv.csv` (time_s, I, II, V1 … V6). Maps hold a beat or two:
//! they are repeated until ten seconds are full, so that what is learned from and what is scored is
//! the same heart, as in a real exam, and no electrode is ever shown.

use std::{collections::BTreeMap, path::Path};

use faer::{ColRef, Mat, Side, linalg::solvers::Solve};
use rayon::prelude::*;

use super::{EvaluateError, report::number, score::Spread};
use crate::{
    ecg::{
        Lead, LeadName, LeadSet, LimbElectrodes, Montage, SampleRate, Target, ViewAngle, montage,
    },
    field::FieldPrior,
    signal::{
        FilterSettings,
        metrics::{ValueRange, correlation, psnr_db, rmse_uv},
    },
    synth::{CalibrationOptions, DeviceChoice, Synthesizer, learn, linear},
};

/// Seconds that a map is repeated to.
const SECONDS: f64 = 10.0;

/// A part of the body's surface.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum MapRegion {
    /// The whole surface.
    All,
    /// Within 60° of straight ahead, but for its upper part.
    Front,
    /// The upper part of the front.
    HighFront,
    /// The left side.
    Left,
    /// The right side.
    Right,
    /// Farther than 110° from straight ahead.
    Back,
}

impl MapRegion {
    fn of(view: ViewAngle) -> Self {
        match view.degrees() {
            (_, phi) if 110.0 <= phi.abs() => Self::Back,
            (_, phi) if 60.0 <= phi => Self::Left,
            (_, phi) if phi < -60.0 => Self::Right,
            (theta, _) if theta < 70.0 => Self::HighFront,
            _ => Self::Front,
        }
    }
}

/// How near a method comes to the electrodes of one region.
#[derive(Clone, Debug, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct MapScore {
    /// dB over the range of the leads.
    pub psnr_db: Spread,
    /// Correlation.
    pub r: Spread,
    /// Error, µV.
    pub rmse_uv: Spread,
    /// The error that was expected, µV, where the method states one.
    pub expected_uv: Spread,
}

/// What became of one map.
#[derive(Clone, Debug, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct MapReport {
    /// Folder.
    pub map: String,
    /// Filter that the leads and the map went through.
    pub filter: String,
    /// Electrodes asked for.
    pub electrodes: usize,
    /// By method, by region.
    pub methods: BTreeMap<&'static str, BTreeMap<MapRegion, MapScore>>,
}

/// An electrode's trace by one method, and the error that it states, µV.
type Made = (Vec<f32>, Option<f64>);

/// One electrode of one method: region, dB, r, µV, stated µV.
type Scored = (MapRegion, [f64; 4]);

/// Reads the map in `folder`, whose limb electrodes sat at `limbs`, and scores every method on it.
/// Only the model is told of `limbs`.
pub fn body_surface_map(folder: &Path, limbs: LimbElectrodes) -> Result<MapReport, EvaluateError> {
    let map = Map::read(folder)?;
    let high_pass = FilterSettings::high_pass(0.5);
    let leads = high_pass.apply(&map.leads);
    let truth = high_pass.apply(&map.potentials);
    let range = ValueRange::of(&leads)
        .ok_or_else(|| EvaluateError::Nothing(format!("{}: no signal", folder.display())))?;
    let scored_from = leads.n_samples() / 2;
    let mut methods = BTreeMap::new();
    for (key, made) in map.made(&leads, &truth, limbs)? {
        let score = |(at, (samples_mv, expected)): (usize, &Made)| -> Scored {
            let truth = &truth.leads()[at].samples_mv[scored_from..];
            let estimate = &samples_mv[scored_from..];
            let figures = [
                psnr_db(truth, estimate, &range),
                correlation(truth, estimate),
                rmse_uv(truth, estimate),
                expected.unwrap_or(f64::NAN),
            ];
            (MapRegion::of(map.views[at]), figures)
        };
        let scores: Vec<Scored> = made.iter().enumerate().map(score).collect();
        methods.insert(key, by_region(&scores));
    }
    Ok(MapReport {
        map: folder.display().to_string(),
        filter: high_pass.label(),
        electrodes: map.views.len(),
        methods,
    })
}

fn by_region(scores: &[Scored]) -> BTreeMap<MapRegion, MapScore> {
    let mut parts: BTreeMap<MapRegion, Vec<[f64; 4]>> = BTreeMap::new();
    for (region, figures) in scores {
        for part in [MapRegion::All, *region] {
            parts.entry(part).or_default().push(*figures);
        }
    }
    let score = |figures: Vec<[f64; 4]>| {
        let [psnr_db, r, rmse_uv, expected_uv] =
            std::array::from_fn(|which| Spread::of(figures.iter().map(|it| it[which])));
        MapScore {
            psnr_db,
            r,
            rmse_uv,
            expected_uv,
        }
    };
    let parts = parts.into_iter();
    parts.map(|(region, it)| (region, score(it))).collect()
}

/// A map repeated to ten seconds.
struct Map {
    views: Vec<ViewAngle>,
    leads: LeadSet,
    potentials: LeadSet,
}

impl Map {
    fn read(folder: &Path) -> Result<Self, EvaluateError> {
        let places = columns(&folder.join("electrodes.csv"))?;
        let by_name: BTreeMap<String, ViewAngle> = (0..places.len())
            .filter_map(|row| {
                let (theta, phi) = (places.value(1, row)?, places.value(2, row)?);
                let view = ViewAngle::from_degrees(theta, phi)?;
                Some((format!("e{}", places.cell(0, row)?), view))
            })
            .collect();
        let potentials = columns(&folder.join("potentials_mv.csv"))?.leads()?;
        let placed = potentials.leads().iter().filter_map(|lead| {
            let view = by_name.get(&lead.name.to_string())?;
            Some((*view, lead.clone()))
        });
        let (views, traces): (Vec<_>, Vec<_>) = placed.unzip();
        let potentials = set(potentials.rate(), traces, folder)?;
        Ok(Self {
            views,
            leads: columns(&folder.join("leads_mv.csv"))?.leads()?,
            potentials,
        })
    }

    /// The electrodes' traces by each method.
    fn made(
        &self,
        leads: &LeadSet,
        truth: &LeadSet,
        limbs: LimbElectrodes,
    ) -> Result<Vec<(&'static str, Vec<Made>)>, EvaluateError> {
        let known: Vec<&Montage> = LeadName::EIGHT.iter().filter_map(montage).collect();
        let first = leads.slice(0..leads.n_samples() / 2);
        let covariance = first
            .as_ref()
            .and_then(|it| super::moments(it, &LeadName::EIGHT, true))
            .ok_or_else(|| EvaluateError::Nothing("P-map: lacks one of I, II, V1 to V6".into()))?;
        let posterior = FieldPrior::embedded().posterior(&known, covariance.as_ref());
        let by_weights = |weights: &[f64]| -> Made { (mixed(leads, weights), None) };
        let views = &self.views;
        let all = |weights: &(dyn Fn(usize) -> Vec<f64> + Sync)| -> Vec<Made> {
            let each = (0..views.len()).into_par_iter();
            each.map(|at| by_weights(&weights(at))).collect()
        };
        let dipole = cosine_dipole(&known);
        Ok(vec![
            ("model", self.by_model(leads, limbs)?),
            (
                "field_prior",
                all(&|at| posterior.electrode_weights(views[at])),
            ),
            ("zero", all(&|_| vec![0.0; known.len()])),
            ("cosine_dipole", all(&|at| dipole(views[at]))),
            ("own_linear", all(&|at| own_weights(leads, truth, at))),
        ])
    }

    fn by_model(&self, leads: &LeadSet, limbs: LimbElectrodes) -> Result<Vec<Made>, EvaluateError> {
        let options = CalibrationOptions {
            limbs,
            device: DeviceChoice::Cpu,
            ..CalibrationOptions::default()
        };
        let failed = |it: crate::synth::SynthError| EvaluateError::Nothing(it.to_string());
        let go_on = &mut |_| std::ops::ControlFlow::Continue(());
        let calibration = learn(leads, &options, false, go_on).map_err(failed)?;
        let synthesizer = Synthesizer::new(leads, calibration).map_err(failed)?;
        let targets: Vec<Target> = self.views.iter().copied().map(Target::View).collect();
        let made = synthesizer.targets(&targets).into_iter();
        let made = made.map(|it| (it.lead.samples_mv.to_vec(), Some(it.expected_rmse_uv)));
        Ok(made.collect())
    }
}

/// Weights of a dipole in the heart's centre, seen by cosines alone.
fn cosine_dipole(known: &[&Montage]) -> impl Fn(ViewAngle) -> Vec<f64> + Sync + use<> {
    let rows: Vec<[f64; 3]> = known.iter().map(|it| it.view().unit()).collect();
    let gram = Mat::from_fn(3, 3, |i, j| {
        rows.iter().map(|it| it[i] * it[j]).sum::<f64>()
    });
    move |view| {
        let solved = gram
            .llt(Side::Lower)
            .map(|it| it.solve(ColRef::from_slice(&view.unit())));
        let axis: Vec<f64> =
            solved.map_or_else(|_| vec![0.0; 3], |it| it.iter().copied().collect());
        rows.iter().map(|row| linear::dot(row, &axis)).collect()
    }
}

/// Least squares on the first half of the electrode itself: a bound, not a method.
fn own_weights(leads: &LeadSet, truth: &LeadSet, at: usize) -> Vec<f64> {
    const RIDGE: f64 = 1e-6;
    let n = LeadName::EIGHT.len();
    let found = || {
        let electrode = Lead {
            name: LeadName::Named("electrode".into()),
            ..truth.leads()[at].clone()
        };
        let names: Vec<LeadName> = LeadName::EIGHT
            .into_iter()
            .chain([electrode.name.clone()])
            .collect();
        let eight = LeadName::EIGHT
            .iter()
            .filter_map(|it| leads.get(it).cloned());
        let both = LeadSet::new(leads.rate(), eight.chain([electrode]).collect()).ok()?;
        let first = both.slice(0..both.n_samples() / 2)?;
        let own = super::moments(&first, &names, true)?;
        let among: Vec<usize> = (0..n).collect();
        linear::regression(own.as_ref(), &among, &[n], RIDGE)
    };
    found().map_or_else(|| vec![0.0; n], |it| it.col(0).iter().copied().collect())
}

/// A mix of I, II, V1 … V6.
fn mixed(leads: &LeadSet, weights: &[f64]) -> Vec<f32> {
    let eight: Vec<&Lead> = LeadName::EIGHT
        .iter()
        .filter_map(|it| leads.get(it))
        .collect();
    let at = |sample: usize| {
        let pairs = eight.iter().zip(weights);
        let sum: f64 = pairs
            .map(|(lead, weight)| weight * f64::from(lead.samples_mv[sample]))
            .sum();
        sum as f32
    };
    (0..leads.n_samples()).map(at).collect()
}

/// A table of numbers with a row of names above it.
struct Columns {
    names: Vec<String>,
    rows: Vec<csv::StringRecord>,
    path: std::path::PathBuf,
}

fn columns(path: &Path) -> Result<Columns, EvaluateError> {
    let failed = |it: csv::Error| EvaluateError::Index(path.into(), it.to_string());
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_path(path)
        .map_err(failed)?;
    let names = reader.headers().map_err(failed)?;
    Ok(Columns {
        names: names.iter().map(str::to_owned).collect(),
        rows: reader.records().collect::<Result<_, _>>().map_err(failed)?,
        path: path.into(),
    })
}

impl Columns {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn cell(&self, column: usize, row: usize) -> Option<&str> {
        self.rows.get(row)?.get(column)
    }

    fn value(&self, column: usize, row: usize) -> Option<f64> {
        self.cell(column, row)?.trim().parse().ok()
    }

    /// The columns after that of the time, repeated to ten seconds.
    fn leads(&self) -> Result<LeadSet, EvaluateError> {
        let n = self.rows.len();
        let span = self.value(0, n.saturating_sub(1)).zip(self.value(0, 0));
        let rate = span.and_then(|(last, first)| {
            let hz = (n.saturating_sub(1)) as f64 / (last - first);
            SampleRate::from_hz(hz.round())
        });
        let rate = rate.ok_or_else(|| self.wrong("no two instants in its first column"))?;
        let lead = |column: usize| {
            let once: Option<Vec<f32>> = (0..n)
                .map(|row| self.value(column, row).map(|it| it as f32))
                .collect();
            let once = once.ok_or_else(|| self.wrong(&format!("no number in column {column}")))?;
            let samples = once.iter().copied().cycle().take(rate.samples_in(SECONDS));
            let name = self.names[column].trim_end_matches("(mV)");
            Ok(Lead::measured(
                LeadName::parse(name),
                samples.collect::<Vec<f32>>(),
            ))
        };
        let leads: Result<Vec<Lead>, EvaluateError> = (1..self.names.len()).map(lead).collect();
        set(rate, leads?, &self.path)
    }

    fn wrong(&self, why: &str) -> EvaluateError {
        EvaluateError::Index(self.path.clone(), why.into())
    }
}

fn set(rate: SampleRate, leads: Vec<Lead>, path: &Path) -> Result<LeadSet, EvaluateError> {
    LeadSet::new(rate, leads).map_err(|it| EvaluateError::Index(path.into(), it.to_string()))
}

impl MapReport {
    /// A table in words.
    pub fn words(&self) -> String {
        let mut out = format!(
            "p-map: {}: {} electrodes, {}; I, II, V1 to V6 in; dB is PSNR over the range of those leads\n\n{:16}{:12}{:>4}{:>9}{:>8}{:>9}{:>13}\n",
            self.map,
            self.electrodes,
            self.filter,
            "method",
            "region",
            "n",
            "dB",
            "r",
            "RMSE µV",
            "expected µV"
        );
        for (method, regions) in &self.methods {
            for (region, it) in regions {
                let region = format!("{region:?}");
                out += &format!(
                    "{method:16}{region:12}{:>4}{:>9}{:>8}{:>9}{:>13}\n",
                    it.psnr_db.n,
                    number(it.psnr_db.mean, 2),
                    number(it.r.median, 3),
                    number(it.rmse_uv.mean, 1),
                    number(it.expected_uv.mean, 1)
                );
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A map of a dipole seen by cosines: the cosine dipole gives it back, silence does not, and a
    /// linear map fitted on each electrode gives it back too.
    #[test]
    fn a_map_of_a_dipole_is_given_back_by_a_dipole() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: String| {
            std::fs::write(folder.path().join(name), text).unwrap();
        };
        let places = [
            (90.0, 0.0),
            (60.0, 20.0),
            (95.0, 80.0),
            (90.0, -80.0),
            (90.0, 170.0),
        ];
        let view = |(theta, phi)| ViewAngle::from_degrees(theta, phi).unwrap();
        let electrodes: String = (1..)
            .zip(places)
            .map(|(number, (theta, phi))| format!("{number},{theta},{phi}\n"))
            .collect();
        write(
            "electrodes.csv",
            format!("# seen from the heart\nelectrode,theta_deg,phi_deg\n{electrodes}"),
        );
        let dipole = |t: f64| [(9.0 * t).sin(), (13.0 * t).cos(), (21.0 * t).sin()];
        let table = |head: &str, units: &[[f64; 3]]| {
            let row = |at: usize| {
                let t = at as f64 / 500.0;
                let cells = units
                    .iter()
                    .map(|it| format!(",{:.5}", linear::dot(it, &dipole(t))));
                format!("{t:.3}{}\n", cells.collect::<String>())
            };
            format!("time_s,{head}\n{}", (0..700).map(row).collect::<String>())
        };
        let electrodes = places.map(|it| view(it).unit());
        write("potentials_mv.csv", table("e1,e2,e3,e4,e5", &electrodes));
        let eight: Vec<[f64; 3]> = LeadName::EIGHT
            .iter()
            .map(|it| montage(it).unwrap().view().unit())
            .collect();
        let head = LeadName::EIGHT.map(|it| format!("{it} (mV)")).join(",");
        write("leads_mv.csv", table(&head, &eight));
        let told = |limbs| body_surface_map(folder.path(), limbs);
        let report = told(LimbElectrodes::Standard).unwrap();
        let db = |method: &str, region| report.methods[method][&region].psnr_db.mean.unwrap();
        assert_eq!(
            report.methods["model"].len(),
            6,
            "each place lies in a region of its own"
        );
        assert!(60.0 < db("cosine_dipole", MapRegion::All));
        assert!(60.0 < db("own_linear", MapRegion::Back));
        assert!(db("zero", MapRegion::All) < 20.0);
        assert!(db("zero", MapRegion::All) < db("model", MapRegion::All));
        assert!(report.words().contains("cosine_dipole   HighFront"));
        let on_the_trunk = told(LimbElectrodes::MasonLikar).unwrap();
        let model = |it: &MapReport| it.methods["model"][&MapRegion::All].psnr_db.mean.unwrap();
        assert!(1e-3 < (model(&report) - model(&on_the_trunk)).abs());
        std::fs::remove_file(folder.path().join("leads_mv.csv")).unwrap();
        assert!(told(LimbElectrodes::Standard).is_err());
    }
}
