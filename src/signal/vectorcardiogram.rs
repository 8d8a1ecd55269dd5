//! The heart's vector in the body frame (anterior, left, superior), in millivolts: from recorded
//! Frank leads or by regression, and one beat of it with what is read from its loops.

use crate::ecg::{
    BeatGrid, KORS, LeadName, LeadSet,
    vec3::{Vec3, dot, norm, sub},
};

/// The heart's vector at each sample (anterior, left, superior), mV: from recorded Frank leads
/// where there are some, else by Kors' regression. `None` if neither is possible. Gaps are `NaN`.
pub fn heart_vectors(leads: &LeadSet) -> Option<Vec<Vec3>> {
    let samples = 0..leads.n_samples();
    let frank = LeadName::frank().map(|name| {
        leads
            .get(&name)
            .filter(|lead| !lead.origin.is_synthesised())
    });
    if let [Some(x), Some(y), Some(z)] = frank {
        let at = |idx: usize| [x, y, z].map(|lead| f64::from(lead.samples_mv[idx]));
        return Some(samples.map(at).map(body_from_frank).collect());
    }
    let inputs = LeadName::EIGHT
        .iter()
        .map(|name| leads.get(name))
        .collect::<Option<Vec<_>>>()?;
    let mixed = |idx: usize| {
        KORS.map(|row| {
            let terms = row.iter().zip(&inputs);
            terms
                .map(|(weight, lead)| weight * f64::from(lead.samples_mv[idx]))
                .sum()
        })
    };
    Some(samples.map(mixed).map(body_from_frank).collect())
}

fn body_from_frank([x, y, z]: Vec3) -> Vec3 {
    [-z, x, -y]
}

/// One beat as a path of vectors (anterior, left, superior), mV, from where the heart is silent.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorBeat {
    /// The vector at each sample of the beat that is no gap.
    pub path: Vec<Vec3>,
    /// Which of them is at the sample asked for.
    pub now: Option<usize>,
    /// The largest vector of the QRS complex.
    pub qrs: Vec3,
    /// The largest vector of the T wave.
    pub t_wave: Vec3,
}

/// Seconds of a beat before and after its R peak.
const BEAT_S: [f64; 2] = [0.28, 0.46];
/// Half of the QRS complex, and where it is silent before it, seconds from the R peak.
const QRS_S: f64 = 0.06;
/// Where the T wave begins, seconds after the R peak.
const T_WAVE_S: f64 = 0.14;

impl VectorBeat {
    /// The beat nearest to sample `at`, or to the end of the first third; `None` without vectors.
    pub fn near(vectors: &[Vec3], beats: &BeatGrid, at: Option<usize>) -> Option<Self> {
        let rate = beats.rate();
        let at = at.map(|idx| idx.min(vectors.len().saturating_sub(1)));
        let wanted = at.unwrap_or(vectors.len() / 3);
        let peaks = beats.peaks().iter().copied();
        let peak = peaks
            .min_by_key(|peak| peak.abs_diff(wanted))
            .unwrap_or(wanted)
            .min(vectors.len().checked_sub(1)?);
        let before = |seconds: f64| peak.saturating_sub(rate.samples_in(seconds));
        let after = |seconds: f64| (peak + rate.samples_in(seconds)).min(vectors.len());
        // The loop starts and ends where the heart is silent: before the QRS complex.
        let rest = Some(vectors[before(QRS_S)])
            .filter(is_finite)
            .unwrap_or_default();
        let centred = |idx: usize| sub(vectors[idx], rest);
        let largest = |from: usize, to: usize| {
            (from..to)
                .map(centred)
                .filter(is_finite)
                .max_by(|a, b| norm(*a).total_cmp(&norm(*b)))
                .unwrap_or_default()
        };
        let kept: Vec<usize> = (before(BEAT_S[0])..after(BEAT_S[1]))
            .filter(|idx| is_finite(&vectors[*idx]))
            .collect();
        Some(Self {
            path: kept.iter().map(|idx| centred(*idx)).collect(),
            now: at.and_then(|at| kept.iter().position(|idx| *idx == at)),
            qrs: largest(before(QRS_S), after(QRS_S)),
            t_wave: largest(after(T_WAVE_S), after(BEAT_S[1])),
        })
    }

    /// Angle between the largest vectors of QRS and T in space, degrees.
    pub fn qrs_t_angle_deg(&self) -> f64 {
        let product = dot(self.qrs, self.t_wave);
        let sizes = norm(self.qrs) * norm(self.t_wave);
        (product / sizes.max(1e-9))
            .clamp(-1.0, 1.0)
            .acos()
            .to_degrees()
    }
}

/// Direction of a vector (anterior, left, superior) in the frontal plane, degrees: 0° to the
/// patient's left, positive downward.
pub fn frontal_axis_deg([_, left, superior]: Vec3) -> f64 {
    (-superior).atan2(left).to_degrees()
}

fn is_finite(vector: &Vec3) -> bool {
    vector.iter().all(|x| x.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{Lead, SampleRate};

    fn set(leads: &[(LeadName, f32)]) -> LeadSet {
        let leads = leads
            .iter()
            .map(|(name, mv)| Lead::measured(name.clone(), vec![*mv; 2]))
            .collect();
        LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap()
    }

    #[test]
    fn recorded_frank_leads_come_first() {
        let values = [1.0, 2.0, 3.0];
        let frank: Vec<_> = LeadName::frank().into_iter().zip(values).collect();
        assert_eq!(heart_vectors(&set(&frank)).unwrap()[0], [-3.0, 1.0, -2.0]);
    }

    #[test]
    fn kors_from_eight_leads() {
        let mut leads = LeadName::EIGHT.map(|name| (name, 0.0));
        leads[0].1 = 1.0; // I
        let found = heart_vectors(&set(&leads)).unwrap()[1];
        let off = norm(sub(found, [-0.11, 0.38, 0.07]));
        assert!(off < 1e-6, "{found:?}");
        assert!(heart_vectors(&set(&leads[..5])).is_none());
    }

    /// A beat of half a second at 100 Hz: silence at (0.1, 0, 0), one sample of QRS, one of T.
    fn beat(at: Option<usize>) -> VectorBeat {
        let mut vectors = vec![[0.1, 0.0, 0.0]; 200];
        vectors[100] = [0.1, 1.0, -1.0];
        vectors[130] = [0.1, 0.3, -0.3];
        vectors[110] = [f64::NAN; 3];
        let rate = SampleRate::from_hz(100.0).unwrap();
        VectorBeat::near(&vectors, &BeatGrid::new(rate, vec![100]), at).unwrap()
    }

    #[test]
    fn the_largest_vectors_are_measured_from_silence() {
        let found = beat(None);
        assert_eq!(
            (found.qrs, found.t_wave),
            ([0.0, 1.0, -1.0], [0.0, 0.3, -0.3])
        );
        assert_eq!(found.path.len(), 28 + 46 - 1, "the gap is left out");
        assert_eq!(found.path[0], [0.0; 3]);
        assert!(found.qrs_t_angle_deg() < 1e-4);
        assert_eq!((found.now, beat(Some(100)).now), (None, Some(28)));
    }

    #[test]
    fn axes_are_read_as_in_the_clinic() {
        for (vector, expected) in [
            ([0.0, 1.0, 0.0], 0.0),
            ([0.0, 1.0, -1.0], 45.0),
            ([9.0, 0.0, -1.0], 90.0),
            ([0.0, 1.0, 1.0], -45.0),
        ] {
            assert!((frontal_axis_deg(vector) - expected).abs() < 1e-9);
        }
    }
}
