//! Interference put onto what is recorded, never onto what it is scored against: what noise costs
//! (paper, Table 12).

use std::f64::consts::TAU;

use crate::ecg::{Lead, LeadSet};

/// A kind of interference. Every lead picks it up in a phase of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    /// Powerline: 50 Hz, 0.05 mV.
    Powerline,
    /// Baseline wander: 0.3 Hz, 0.2 mV.
    Wander,
}

impl Noise {
    /// As written on the command line.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "powerline" => Some(Self::Powerline),
            "wander" => Some(Self::Wander),
            _ => None,
        }
    }

    /// Frequency in Hz and amplitude in mV.
    pub fn size(self) -> (f64, f64) {
        match self {
            Self::Powerline => (50.0, 0.05),
            Self::Wander => (0.3, 0.2),
        }
    }

    /// In words.
    pub fn words(self) -> String {
        let (hz, mv) = self.size();
        let kind = if self == Self::Powerline {
            "powerline"
        } else {
            "baseline wander"
        };
        format!(
            "{kind}, {hz} Hz, {mv} mV on every recorded lead; scored against the clean recording"
        )
    }

    /// `leads` with it.
    pub(super) fn on(self, leads: &LeadSet) -> LeadSet {
        let (hz, mv) = self.size();
        let disturbed = |(idx, lead): (usize, &Lead)| {
            // Golden angles spread the phases over the leads.
            let phase = idx as f64 * 2.399_963;
            let at = |(t, it): (usize, &f32)| {
                it + (mv * (TAU * hz * leads.rate().seconds_at(t) + phase).sin()) as f32
            };
            Lead {
                samples_mv: lead.samples_mv.iter().enumerate().map(at).collect(),
                ..lead.clone()
            }
        };
        LeadSet::new(
            leads.rate(),
            leads.leads().iter().enumerate().map(disturbed).collect(),
        )
        .unwrap_or_else(|_| leads.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{LeadName, SampleRate};

    #[test]
    fn noise_has_its_amplitude_and_keeps_gaps() {
        let lead = |name| Lead::measured(name, [vec![f32::NAN], vec![0.0; 4999]].concat());
        let clean = LeadSet::new(
            SampleRate::from_hz(500.0).unwrap(),
            vec![lead(LeadName::I), lead(LeadName::V2)],
        )
        .unwrap();
        for noise in [Noise::Powerline, Noise::Wander] {
            let found = noise.on(&clean);
            let top = found.leads()[1]
                .samples_mv
                .iter()
                .fold(0.0f32, |it, x| it.max(x.abs()));
            // Ten samples a period need not meet its crest.
            assert!(
                (0.95..=1.001).contains(&(f64::from(top) / noise.size().1))
                    && found.leads()[0].samples_mv[0].is_nan()
            );
            assert_ne!(
                found.leads()[0].samples_mv[1],
                found.leads()[1].samples_mv[1]
            );
        }
    }
}
