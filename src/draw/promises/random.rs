//! Random exams and settings, the same at each run.

use crate::ecg::{
    Lead, LeadName, LeadSet, Origin, PageLayout, PaperSettings, PaperSize, SampleRate, ViewAngle,
};

/// A small generator of our own (xorshift), so that a failure can be repeated.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    pub(super) fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.roll(values.len())]
    }

    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.roll(10_000) as f64 / 1e4
    }
}

/// Beats of 0.8 s: bumps for P, R, S, T with heights in mV.
fn ecg(seconds: f64, rate: SampleRate, [r, s, t_wave]: [f64; 3]) -> Vec<f32> {
    let bump = |t: f64, at: f64, width: f64| (-((t - at) / width).powi(2)).exp();
    let sample = |k: usize| {
        let t = rate.seconds_at(k) % 0.8;
        0.12 * bump(t, 0.12, 0.03) + r * bump(t, 0.30, 0.012) - s * bump(t, 0.335, 0.014)
            + t_wave * bump(t, 0.58, 0.055)
    };
    (0..rate.samples_in(seconds))
        .map(|k| sample(k) as f32)
        .collect()
}

const VIRTUAL: [&str; 20] = [
    "V7", "V8", "V9", "V3R", "V4R", "V5R", "V6R", "V7R", "V1@2ICS", "V2@2ICS", "V1@3ICS",
    "V2@3ICS", "V3@3ICS", "V1@5ICS", "V2@5ICS", "ILR", "X", "Y", "Z", "ES",
];

/// Twelve recorded leads, limb leads derived or not, and `n` synthesised ones.
pub(super) fn exam(dice: &mut Dice, seconds: f64, n: usize) -> LeadSet {
    let rate = SampleRate::from_hz(250.0).unwrap();
    let is_derived = dice.roll(2) == 0;
    let mut waves = || {
        let heights = [(0.1, 2.2), (0.0, 2.0), (-0.6, 0.9)];
        ecg(
            seconds,
            rate,
            heights.map(|(low, high)| dice.between(low, high)),
        )
    };
    let mut leads: Vec<Lead> = LeadName::TWELVE
        .into_iter()
        .map(|name| Lead::measured(name, waves()))
        .collect();
    for lead in leads[2..6].iter_mut().filter(|_| is_derived) {
        lead.origin = Origin::Derived {
            from: vec![LeadName::I, LeadName::II],
        };
    }
    leads.extend(VIRTUAL[..n].iter().map(|name| Lead {
        name: LeadName::parse(name),
        origin: Origin::Synthesised {
            view: ViewAngle::from_degrees(70.0, 20.0).unwrap(),
            by: "field ensemble 0.1 (0123456789ab)".into(),
        },
        samples_mv: waves().into(),
    }));
    LeadSet::new(rate, leads).unwrap()
}

pub(super) fn settings(dice: &mut Dice) -> PaperSettings {
    PaperSettings {
        speed_mm_s: dice.one_of(&[12.5, 25.0, 50.0, 100.0]),
        gain_mm_mv: dice.one_of(&[2.5, 5.0, 10.0, 20.0, 40.0]),
        half_gain_chest: dice.roll(2) == 0,
        layout: dice.one_of(&PageLayout::ALL),
        cabrera: dice.roll(2) == 0,
        size: dice.one_of(&[PaperSize::A4, PaperSize::Letter]),
    }
}
