//! What recordings of healthy people have in common, virtual ones held against real ones.

use faer::{Mat, Side};

use crate::{
    ecg::{
        LeadName, LeadSet,
        statistics::{mean, median, quantile},
    },
    signal::{FilterSettings, Intervals, detect_beats, median_beat},
};

/// Amplitudes and intervals of one recording's median beat.
#[derive(Clone, Debug, PartialEq)]
pub struct Measures {
    /// Value by name: `P II`, `QRS V1`, `T V3`, `R/S V1`, `QRS ms`, `PR ms`, `QT ms`. Missing ones
    /// are `NaN`.
    pub values: Vec<(String, f64)>,
    /// Share of the eight independent leads' power in three dimensions.
    pub rank_3: f64,
}

/// One measure over two groups.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Name of the measure.
    pub name: String,
    /// Quarter, middle and three quarters of the real ones.
    pub real: [f64; 3],
    /// The same of the virtual ones.
    pub virtual_: [f64; 3],
}

impl Comparison {
    /// Whether the virtual median lies between the real quartiles.
    pub fn fits(&self) -> bool {
        self.real[0] <= self.virtual_[1] && self.virtual_[1] <= self.real[2]
    }
}

/// Level of S below which the ratio R/S says nothing more, mV.
const LEAST_S_MV: f64 = 0.025;

impl Measures {
    /// Measures the twelve leads of a recording; `None` without beats.
    pub fn of(leads: &LeadSet) -> Option<Self> {
        let leads = leads.clone().with_derived_limb_leads();
        let leads = FilterSettings::high_pass(0.5).apply(&leads);
        let beat = median_beat(&leads, &detect_beats(&leads))?;
        let found = Intervals::of(&beat);
        let mut values = Vec::new();
        for name in LeadName::TWELVE {
            let samples_mv = &beat.leads.get(&name)?.samples_mv;
            let samples: Vec<f64> = samples_mv.iter().map(|it| f64::from(*it)).collect();
            values.extend(
                amplitudes(&samples, &found, leads.rate().hz())
                    .into_iter()
                    .map(|(what, value)| (format!("{what} {name}"), value)),
            );
        }
        let ms = [
            ("QRS ms", found.qrs_ms),
            ("PR ms", found.pr_ms),
            ("QT ms", found.qt_ms),
        ];
        values.extend(ms.map(|(name, value)| (name.to_owned(), value.unwrap_or(f64::NAN))));
        Some(Self {
            values,
            rank_3: rank_3(&leads)?,
        })
    }

    /// Share of a group in whom R is as high as S in V1, or higher.
    pub fn dominant_r_share(group: &[Self]) -> f64 {
        let is_dominant = |it: &&Self| it.get("R/S V1").is_some_and(|ratio| 1.0 <= ratio);
        group.iter().filter(is_dominant).count() as f64 / group.len().max(1) as f64
    }

    /// Median of [`Measures::rank_3`] over a group.
    pub fn median_rank_3(group: &[Self]) -> f64 {
        let mut all: Vec<f64> = group.iter().map(|it| it.rank_3).collect();
        median(&mut all).unwrap_or(f64::NAN)
    }

    /// A value by name.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.values.iter().find(|it| it.0 == name).map(|it| it.1)
    }
}

fn amplitudes(samples: &[f64], found: &Intervals, rate_hz: f64) -> [(&'static str, f64); 4] {
    let nothing = [
        ("P", f64::NAN),
        ("QRS", f64::NAN),
        ("T", f64::NAN),
        ("R/S", f64::NAN),
    ];
    let (Some(onset), Some(end)) = (found.qrs_onset, found.j_point) else {
        return nothing;
    };
    let level = mean(&samples[onset.saturating_sub((0.012 * rate_hz) as usize)..onset]);
    let within = |from: usize, to: usize| {
        samples
            .get(from..to.min(samples.len()))
            .unwrap_or(&[])
            .iter()
            .map(move |it| it - level)
    };
    let furthest = |from: usize, to: usize| {
        within(from, to)
            .max_by(|a, b| a.abs().total_cmp(&b.abs()))
            .unwrap_or(f64::NAN)
    };
    let (r, s) = within(onset, end + 1).fold((0.0, 0.0), |acc: (f64, f64), it| {
        (acc.0.max(it), acc.1.max(-it))
    });
    let p = found
        .p_onset
        .zip(found.p_end)
        .map_or(f64::NAN, |(from, to)| furthest(from, to));
    let t = found
        .t_end
        .map_or(f64::NAN, |to| furthest(end + (0.06 * rate_hz) as usize, to));
    [
        ("P", p),
        ("QRS", r + s),
        ("T", t),
        ("R/S", r / s.max(LEAST_S_MV)),
    ]
}

/// Share of the three largest eigenvalues of the eight leads' covariance.
fn rank_3(leads: &LeadSet) -> Option<f64> {
    let rows: Vec<&[f32]> = LeadName::EIGHT
        .iter()
        .filter_map(|it| leads.get(it))
        .map(|it| &*it.samples_mv)
        .collect();
    let product = |a: usize, b: usize| {
        rows[a]
            .iter()
            .zip(rows[b])
            .map(|(a, b)| f64::from(a * b))
            .filter(|it| it.is_finite())
            .sum::<f64>()
    };
    let power = Mat::from_fn(rows.len(), rows.len(), product)
        .self_adjoint_eigenvalues(Side::Lower)
        .ok()?;
    let total: f64 = power.iter().sum();
    Some(power.iter().rev().take(3).sum::<f64>() / total)
}

/// Holds the virtual recordings against the real ones, measure by measure.
pub fn compare(real: &[Measures], simulated: &[Measures]) -> Vec<Comparison> {
    let Some(first) = real.first() else {
        return Vec::new();
    };
    let of = |group: &[Measures], name: &str| {
        quartiles(group.iter().filter_map(|it| it.get(name)).collect())
    };
    first
        .values
        .iter()
        .map(|(name, _)| Comparison {
            name: name.clone(),
            real: of(real, name),
            virtual_: of(simulated, name),
        })
        .collect()
}

fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.retain(|it| it.is_finite());
    [0.25, 0.5, 0.75].map(|share| quantile(&mut values, share).unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{Lead, SampleRate};

    #[test]
    fn shares_and_medians_of_a_group() {
        let one = |ratio: f64, rank_3: f64| Measures {
            values: vec![("R/S V1".into(), ratio)],
            rank_3,
        };
        let group = [
            one(0.3, 0.99),
            one(1.0, 0.97),
            one(f64::NAN, 0.98),
            one(2.0, 0.9),
        ];
        assert_eq!(Measures::dominant_r_share(&group), 0.5);
        assert_eq!(Measures::median_rank_3(&group), 0.98);
        assert!(Measures::median_rank_3(&[]).is_nan());
    }

    #[test]
    fn quartiles_of_a_known_row() {
        assert_eq!(
            quartiles(vec![5.0, 1.0, f64::NAN, 3.0, 2.0, 4.0]),
            [2.0, 3.0, 4.0]
        );
    }

    fn measures(t_v2_mv: f64) -> Measures {
        Measures {
            values: vec![("T V2".into(), t_v2_mv)],
            rank_3: 0.98,
        }
    }

    #[test]
    fn a_virtual_median_fits_between_real_quartiles() {
        let real = [0.1, 0.2, 0.3, 0.4, 0.5].map(measures);
        let row = |simulated: [f64; 3]| compare(&real, &simulated.map(measures)).remove(0);
        let inside = row([0.0, 0.25, 9.0]);
        assert_eq!(
            (inside.name.as_str(), inside.real),
            ("T V2", [0.2, 0.3, 0.4])
        );
        assert_eq!(inside.virtual_[1], 0.25);
        assert!(inside.fits() && row([0.0, 0.4, 9.0]).fits());
        assert!(
            !row([0.0, 0.41, 9.0]).fits() && !row([0.3, f64::NAN, f64::NAN]).virtual_[1].is_nan()
        );
        assert!(compare(&[], &real).is_empty());
        assert_eq!(measures(0.3).get("T V2"), Some(0.3));
        assert_eq!(measures(0.3).get("T V3"), None);
    }

    /// Eight leads that see a dipole moving along as many axes as `sources` has.
    fn leads(sources: &[fn(f64) -> f64]) -> LeadSet {
        let lead = |(k, name): (usize, LeadName)| {
            let sample = |idx: usize| {
                let t = idx as f64 / 500.0;
                let seen = sources.iter().enumerate();
                seen.map(|(axis, source)| ((k * (axis + 2)) as f64).cos() * source(t))
                    .sum::<f64>() as f32
            };
            Lead::measured(name, (0..1000).map(sample).collect::<Vec<_>>())
        };
        let leads = LeadName::EIGHT.into_iter().enumerate().map(lead).collect();
        LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap()
    }

    #[test]
    fn three_sources_are_of_rank_three_and_a_fourth_is_not() {
        let sources: [fn(f64) -> f64; 4] = [
            |t| (7.0 * t).sin(),
            |t| (19.0 * t).cos(),
            |t| (31.0 * t).sin(),
            |t| (43.0 * t).cos(),
        ];
        assert!((rank_3(&leads(&sources[..3])).unwrap() - 1.0).abs() < 1e-5);
        let four = rank_3(&leads(&sources)).unwrap();
        assert!((0.7..0.99).contains(&four), "{four}");
    }
}
