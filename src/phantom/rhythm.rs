//! When the atria and the ventricles beat.

use std::f64::consts::TAU;

use rand::{Rng, RngExt};

use super::{
    draw::{between, normal},
    virtual_heart::HeartRhythm,
};

/// Which wave a beat shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Atria from the sinus node.
    Atria,
    /// Atria from an ectopic focus.
    EctopicAtria,
    /// Ventricles over the conduction system (with what the condition does to it).
    Ventricles,
    /// Ventricles from an ectopic focus.
    EctopicVentricles,
}

impl Kind {
    /// Whether it is the ventricles that beat.
    pub(super) fn is_of_ventricles(self) -> bool {
        matches!(self, Self::Ventricles | Self::EctopicVentricles)
    }
}

/// One activation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Event {
    pub kind: Kind,
    pub at_s: f64,
    /// Length of repolarisation against the patient's usual one.
    pub stretch: f64,
    /// Size against the usual beat: filling differs from beat to beat.
    pub size: f64,
    /// How far the heart lies from where breathing alone would have it, in depths of breath.
    pub sway: f64,
}

impl Event {
    fn new(kind: Kind, at_s: f64, stretch: f64) -> Self {
        Self {
            kind,
            at_s,
            stretch,
            size: 1.0,
            sway: 0.0,
        }
    }
}

/// The slow rhythms that act on heart and baseline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Breathing {
    pub hz: f64,
    pub phase: f64,
    /// Depth against the usual one.
    pub depth: f64,
}

impl Breathing {
    /// Depth of inspiration, about −1 to 1: no breath is quite like the last.
    pub(super) fn at(self, t_s: f64) -> f64 {
        let slow = 0.31 * TAU * self.hz * t_s + 2.0 * self.phase;
        self.depth
            * (1.0 + 0.25 * slow.cos())
            * (TAU * self.hz * t_s + self.phase + 0.4 * slow.sin()).sin()
    }
}

/// What the timing of a patient rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pacing {
    pub rhythm: HeartRhythm,
    /// Usual interval between beats, s.
    pub rr_s: f64,
    /// Start of the atria to start of the ventricles, s.
    pub pr_s: f64,
    /// Share of the interval that moves with breathing.
    pub sinus_arrhythmia: f64,
    pub breathing: Breathing,
}

/// Seconds before the recording starts at which the heart already beats.
const BEFORE_S: f64 = 2.5;

impl Pacing {
    /// All events that can show within `seconds`.
    pub(super) fn events(&self, seconds: f64, chance: &mut impl Rng) -> Vec<Event> {
        let mut events = self.beats(seconds, chance);
        events.iter_mut().for_each(|it| self.unsettle(it, chance));
        events
    }

    /// No two beats of a heart are alike: filling, conduction and the length of repolarisation
    /// differ a little.
    fn unsettle(&self, event: &mut Event, chance: &mut impl Rng) {
        let filling = 0.012 * normal(chance) - 0.012 * self.breathing.at(event.at_s);
        event.size = 1.0 + filling + 0.1 * (event.stretch - 1.0);
        event.sway = 0.25 * normal(chance);
        event.at_s += if event.kind == Kind::Ventricles {
            0.0015 * normal(chance)
        } else {
            0.0
        };
        event.stretch *= 1.0 + 0.004 * normal(chance);
    }

    fn beats(&self, seconds: f64, chance: &mut impl Rng) -> Vec<Event> {
        match self.rhythm {
            HeartRhythm::Fibrillation => self.fibrillation(seconds, chance),
            HeartRhythm::VentricularEctopics => self.with_ventricular_ectopics(seconds, chance),
            HeartRhythm::AtrialEctopics => self.with_atrial_ectopics(seconds, chance),
            HeartRhythm::Sinus => {
                let ticks = self.ticks(seconds, chance);
                ticks
                    .windows(2)
                    .flat_map(|it| self.beat(it[1], it[1] - it[0]))
                    .collect()
            }
        }
    }

    /// Firings of the sinus node.
    fn ticks(&self, seconds: f64, chance: &mut impl Rng) -> Vec<f64> {
        let mut at = -BEFORE_S - self.rr_s * chance.random::<f64>();
        let slow = (between(chance, 0.07, 0.12), TAU * chance.random::<f64>());
        let mut ticks = vec![at];
        while at < seconds {
            at += self.interval(at, slow, chance);
            ticks.push(at);
        }
        ticks
    }

    fn interval(&self, at: f64, slow: (f64, f64), chance: &mut impl Rng) -> f64 {
        let breath = self.sinus_arrhythmia * self.breathing.at(at - 0.4);
        let mayer = 0.5 * self.sinus_arrhythmia * (TAU * slow.0 * at + slow.1).sin();
        self.rr_s * (1.0 - breath + mayer + 0.004 * normal(chance))
    }

    fn stretch(&self, rr_s: f64) -> f64 {
        (rr_s / self.rr_s).powf(0.18).clamp(0.8, 1.15)
    }

    fn beat(&self, at_s: f64, rr_s: f64) -> [Event; 2] {
        let stretch = self.stretch(rr_s);
        [
            Event::new(Kind::Atria, at_s, 1.0),
            Event::new(Kind::Ventricles, at_s + self.pr_s, stretch),
        ]
    }

    /// No P wave; intervals without a pattern.
    fn fibrillation(&self, seconds: f64, chance: &mut impl Rng) -> Vec<Event> {
        let mut at = -BEFORE_S;
        let mut out = Vec::new();
        while at < seconds {
            let rr = (self.rr_s * 0.82 * (0.22 * normal(chance)).exp()).max(0.36);
            at += rr;
            out.push(Event::new(Kind::Ventricles, at, self.stretch(rr)));
        }
        out
    }

    /// Every third to fifth beat comes early from the ventricles; the sinus node goes on, its next
    /// P is not conducted.
    fn with_ventricular_ectopics(&self, seconds: f64, chance: &mut impl Rng) -> Vec<Event> {
        let (coupling, period) = (
            between(chance, 0.42, 0.5) * self.rr_s.max(0.8),
            chance.random_range(3..=5),
        );
        let mut count = chance.random_range(0..period);
        let mut out = Vec::new();
        for pair in self.ticks(seconds, chance).windows(2) {
            count += 1;
            if count % period != 0 {
                out.extend(self.beat(pair[1], pair[1] - pair[0]));
                continue;
            }
            let early = pair[0] + self.pr_s + coupling + 0.01 * normal(chance);
            out.push(Event::new(Kind::EctopicVentricles, early, 1.02));
            out.push(Event::new(Kind::Atria, pair[1], 1.0));
        }
        out
    }

    /// Some beats come early from another place in the atria and reset the sinus node.
    fn with_atrial_ectopics(&self, seconds: f64, chance: &mut impl Rng) -> Vec<Event> {
        let mut at = -BEFORE_S;
        let slow = (0.1, TAU * chance.random::<f64>());
        let mut count: u32 = chance.random_range(0..4);
        let mut out = Vec::new();
        while at < seconds {
            count += 1;
            let rr = self.interval(at, slow, chance);
            if count.is_multiple_of(4) {
                at += 0.66 * rr;
                out.push(Event::new(Kind::EctopicAtria, at, 1.0));
                out.push(Event::new(
                    Kind::Ventricles,
                    at + self.pr_s + 0.015,
                    self.stretch(0.66 * rr),
                ));
                at += 0.12 * rr;
            } else {
                at += rr;
                out.extend(self.beat(at, rr));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    const SECONDS: f64 = 120.0;

    fn pacing(rhythm: HeartRhythm) -> Pacing {
        Pacing {
            rhythm,
            rr_s: 0.9,
            pr_s: 0.16,
            sinus_arrhythmia: 0.05,
            breathing: Breathing {
                hz: 0.25,
                phase: 1.0,
                depth: 1.0,
            },
        }
    }

    fn events(rhythm: HeartRhythm) -> Vec<Event> {
        pacing(rhythm).events(SECONDS, &mut ChaCha8Rng::seed_from_u64(8))
    }

    fn times(events: &[Event], kind: Kind) -> Vec<f64> {
        let of_kind = events.iter().filter(|event| event.kind == kind);
        of_kind.map(|event| event.at_s).collect()
    }

    fn intervals(times: &[f64]) -> Vec<f64> {
        times.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    /// Mean, and deviation as a share of it.
    fn spread(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let square = values.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / n;
        (mean, square.sqrt() / mean)
    }

    #[test]
    fn in_sinus_rhythm_each_p_leads_its_qrs() {
        let events = events(HeartRhythm::Sinus);
        let (p, qrs) = (
            times(&events, Kind::Atria),
            times(&events, Kind::Ventricles),
        );
        assert_eq!(p.len(), qrs.len());
        for (p, qrs) in p.iter().zip(&qrs) {
            assert!((qrs - p - 0.16).abs() < 0.01, "PR {}", qrs - p);
        }
        let (mean, share) = spread(&intervals(&qrs));
        assert!(
            (mean - 0.9).abs() < 0.02 && (0.02..0.08).contains(&share),
            "{mean} {share}"
        );
        assert!(
            qrs[0] < 0.0 && SECONDS - 1.0 < *qrs.last().unwrap(),
            "the whole time is filled"
        );
    }

    #[test]
    fn fibrillation_has_no_p_and_no_pattern() {
        let events = events(HeartRhythm::Fibrillation);
        assert!(events.iter().all(|event| event.kind == Kind::Ventricles));
        let rr = intervals(&times(&events, Kind::Ventricles));
        assert!(0.15 < spread(&rr).1, "{rr:?}");
        // One interval says nothing of the next.
        let (mean, _) = spread(&rr);
        let lagged: f64 = rr
            .windows(2)
            .map(|it| (it[0] - mean) * (it[1] - mean))
            .sum();
        let power: f64 = rr.iter().map(|it| (it - mean).powi(2)).sum();
        assert!((lagged / power).abs() < 0.25, "{}", lagged / power);
    }

    #[test]
    fn a_ventricular_ectopic_comes_early_and_the_node_goes_on() {
        let events = events(HeartRhythm::VentricularEctopics);
        let early = times(&events, Kind::EctopicVentricles);
        let (p, qrs) = (
            times(&events, Kind::Atria),
            times(&events, Kind::Ventricles),
        );
        assert!(p.len() / 5 - 2 <= early.len() && early.len() <= p.len() / 3 + 2);
        assert_eq!(
            p.len(),
            qrs.len() + early.len(),
            "a P wave for each, conducted or not"
        );
        for at in early {
            let before = qrs.iter().rfind(|it| **it < at);
            let after = qrs.iter().find(|it| at < **it);
            if let (Some(before), Some(after)) = (before, after) {
                assert!(at - before < 0.75 * 0.9, "coupling {}", at - before);
                let pause = (after - before) / 0.9;
                assert!((1.7..2.3).contains(&pause), "full compensation: {pause}");
            }
        }
    }

    #[test]
    fn an_atrial_ectopic_is_conducted_and_resets_the_node() {
        let events = events(HeartRhythm::AtrialEctopics);
        let (p, early) = (
            times(&events, Kind::Atria),
            times(&events, Kind::EctopicAtria),
        );
        assert_eq!(
            times(&events, Kind::Ventricles).len(),
            p.len() + early.len()
        );
        for at in early {
            let (before, after) = (
                p.iter().rfind(|it| **it < at),
                p.iter().find(|it| at < **it),
            );
            if let (Some(before), Some(after)) = (before, after) {
                let pause = (after - before) / 0.9;
                assert!(
                    (1.5..1.95).contains(&pause),
                    "no full compensation: {pause}"
                );
            }
        }
    }

    #[test]
    fn breaths_differ_and_stay_within_bounds() {
        let breathing = pacing(HeartRhythm::Sinus).breathing;
        let depths: Vec<f64> = (0..6000)
            .map(|it| breathing.at(f64::from(it) / 50.0))
            .collect();
        assert!(depths.iter().all(|it| it.abs() <= 1.25));
        let crossings = depths
            .windows(2)
            .filter(|it| it[0] < 0.0 && 0.0 <= it[1])
            .count();
        assert!(
            (28..=32).contains(&crossings),
            "{crossings} breaths in 120 s at 0.25 Hz"
        );
    }
}
