//! Quiz cards, drawn from a seed: simulated patients, or the recording at hand. Nothing of a score
//! is kept beyond the run.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    exam::Exam,
    lab::{Condition, VirtualHeart, condition_label},
};
use crate::{
    ecg::{LeadName, PlacementError},
    words::{Label, Translator},
};

/// Choices of a card.
pub const N_CHOICES: usize = 4;

/// Where cards come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardSource {
    /// Simulated patients.
    Simulated,
    /// The recording at hand: places of leads and measurements.
    AtHand,
}

/// What a card asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardKind {
    /// Which of four conditions.
    Condition,
    /// Which electrode is wrong, or none.
    Electrodes,
    /// Where the synthesised lead below the page was taken.
    Place,
    /// How fast the heart beats.
    Rate,
}

/// One answer that can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// A condition.
    Condition(Condition),
    /// A misplacement; none where all is right.
    Electrodes(Option<PlacementError>),
    /// A lead.
    Place(LeadName),
    /// Beats per minute.
    Rate(f64),
}

impl CardKind {
    /// What is asked.
    pub fn question(self) -> Label {
        match self {
            Self::Condition => Label::AskCondition,
            Self::Electrodes => Label::AskElectrodes,
            Self::Place => Label::TeachingQuestion,
            Self::Rate => Label::AskRate,
        }
    }
}

impl Choice {
    /// What it is called.
    pub fn words(&self, translator: Translator) -> String {
        match self {
            Self::Condition(condition) => translator.tr(condition_label(*condition)).to_owned(),
            Self::Electrodes(None) => translator.tr(Label::ElectrodesRight).to_owned(),
            Self::Electrodes(Some(error)) => translator.placement_error(error),
            Self::Place(lead) => lead.to_string(),
            Self::Rate(bpm) => translator.plain(*bpm, "/min"),
        }
    }
}

/// One card.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// What it asks.
    pub kind: CardKind,
    /// The patient; none where it is the recording at hand.
    pub heart: Option<Box<VirtualHeart>>,
    /// What can be answered.
    pub choices: [Choice; N_CHOICES],
    /// Which of them is right.
    pub answer: usize,
}

/// A quiz under way.
#[derive(Clone, Debug)]
pub struct Quiz {
    /// Where its cards come from.
    pub source: CardSource,
    /// The number that makes its cards.
    pub seed: u64,
    /// Cards drawn so far.
    pub number: usize,
    /// The card at hand.
    pub card: Card,
    /// The choice that was made.
    pub chosen: Option<usize>,
    /// Answers that were right, and all.
    pub score: [usize; 2],
    /// The card's patient is on his way.
    pub(super) is_pending: bool,
}

impl Quiz {
    /// The lead whose place is asked for.
    pub fn hidden_place(&self) -> Option<&LeadName> {
        match &self.card.choices[self.card.answer] {
            Choice::Place(lead) => Some(lead),
            _ => None,
        }
    }

    /// Whether the answer must not be seen yet.
    pub fn is_open(&self) -> bool {
        self.chosen.is_none()
    }
}

/// What is done in a quiz.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuizMove {
    /// Begin, with cards from there; the seed makes them.
    Begin(CardSource, u64),
    /// Choose an answer, from 0.
    Choose(usize),
    /// Draw the next card.
    Next,
    /// End it.
    End,
}

/// Conditions that twelve leads show.
const CONDITIONS: [Condition; 9] = [
    Condition::Normal,
    Condition::AtrialFibrillation,
    Condition::PvcRvot,
    Condition::FirstDegreeBlock,
    Condition::Lbbb,
    Condition::Rbbb,
    Condition::AnteriorStemi,
    Condition::InferiorStemi,
    Condition::Wpw,
];

/// Places far enough apart to be told.
const PLACES: [&str; 8] = ["V7", "V9", "V4R", "V6R", "V2@2ICS", "V2@5ICS", "V3R", "V8"];

const RATES_BPM: [f64; 8] = [45.0, 55.0, 66.0, 78.0, 92.0, 108.0, 125.0, 145.0];

/// Card `number` of a quiz of simulated patients.
pub fn simulated_card(seed: u64, number: usize) -> Card {
    let mut chance = chance(seed, number);
    let person = 1 + chance.random_range(0..200u64);
    let of = |condition: Condition| Box::new(condition.heart(person));
    match number % 4 {
        1 => {
            let (conditions, answer) = draw(&mut chance, CONDITIONS.to_vec());
            let heart = of(conditions[answer]);
            let choices = conditions.map(Choice::Condition);
            card(CardKind::Condition, Some(heart), choices, answer)
        }
        2 => electrodes(&mut chance, of(Condition::Normal)),
        3 => place(&mut chance, Some(of(Condition::Normal))),
        _ => {
            let (rates, answer) = draw(&mut chance, RATES_BPM.to_vec());
            let heart = VirtualHeart {
                rate_bpm: Some(rates[answer]),
                ..*of(Condition::Normal)
            };
            let choices = rates.map(Choice::Rate);
            card(CardKind::Rate, Some(Box::new(heart)), choices, answer)
        }
    }
}

/// Card `number` about the recording at hand.
pub fn card_of(exam: &Exam, seed: u64, number: usize) -> Card {
    let mut chance = chance(seed, number);
    let measured = exam.measurements.heart_rate_bpm.map(f64::round);
    match measured.filter(|_| number.is_multiple_of(2)) {
        Some(bpm) => {
            // Shares of the measured rate that nobody mistakes for it.
            let others = [0.6, 0.78, 1.28, 1.6].map(|share| Choice::Rate((share * bpm).round()));
            let (choices, answer) = with_right(&mut chance, Choice::Rate(bpm), others.to_vec());
            card(CardKind::Rate, None, choices, answer)
        }
        None => place(&mut chance, None),
    }
}

fn chance(seed: u64, number: usize) -> ChaCha8Rng {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    chance.set_stream(number as u64);
    chance
}

fn card(
    kind: CardKind,
    heart: Option<Box<VirtualHeart>>,
    choices: [Choice; N_CHOICES],
    answer: usize,
) -> Card {
    Card {
        kind,
        heart,
        choices,
        answer,
    }
}

fn electrodes(chance: &mut ChaCha8Rng, mut heart: Box<VirtualHeart>) -> Card {
    let all = [
        None,
        Some(PlacementError::SecondSpace),
        Some(PlacementError::Arms),
        Some(PlacementError::RightArmLeftLeg),
        Some(PlacementError::Off(LeadName::V3)),
    ];
    let (errors, answer) = draw(chance, all.to_vec());
    let wrong = errors[answer].iter();
    heart.misplaced = wrong.flat_map(PlacementError::electrodes).collect();
    let choices = errors.map(Choice::Electrodes);
    card(CardKind::Electrodes, Some(heart), choices, answer)
}

fn place(chance: &mut ChaCha8Rng, heart: Option<Box<VirtualHeart>>) -> Card {
    let (leads, answer) = draw(chance, PLACES.map(LeadName::parse).to_vec());
    card(CardKind::Place, heart, leads.map(Choice::Place), answer)
}

/// Four of them, one of which is right.
fn draw<T: Clone>(chance: &mut ChaCha8Rng, mut all: Vec<T>) -> ([T; N_CHOICES], usize) {
    let right = all.swap_remove(chance.random_range(0..all.len()));
    with_right(chance, right, all)
}

/// The right one among three of the others.
fn with_right<T: Clone>(
    chance: &mut ChaCha8Rng,
    right: T,
    mut others: Vec<T>,
) -> ([T; N_CHOICES], usize) {
    let answer = chance.random_range(0..N_CHOICES);
    let choices = std::array::from_fn(|at| {
        if at == answer {
            right.clone()
        } else {
            others.swap_remove(chance.random_range(0..others.len()))
        }
    });
    (choices, answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_come_from_their_seed_and_ask_in_turn() {
        for number in 1..=40 {
            let card = simulated_card(7, number);
            assert_eq!(card, simulated_card(7, number));
            let heart = card.heart.as_ref().unwrap();
            assert!(heart.is_sound(), "{card:?}");
            for (idx, choice) in card.choices.iter().enumerate() {
                assert!(!card.choices[..idx].contains(choice), "{card:?}");
            }
            match &card.choices[card.answer] {
                Choice::Electrodes(error) => {
                    assert_eq!(PlacementError::of(&heart.misplaced), *error);
                }
                Choice::Rate(bpm) => assert_eq!(heart.rate_bpm, Some(*bpm)),
                Choice::Condition(condition) => {
                    assert_eq!(**heart, condition.heart(heart.person.unwrap()));
                }
                Choice::Place(_) => assert_eq!(card.kind, CardKind::Place),
            }
        }
        let kinds = [1, 2, 3, 4].map(|number| simulated_card(7, number).kind);
        use CardKind::{Condition, Electrodes, Place, Rate};
        assert_eq!(kinds, [Condition, Electrodes, Place, Rate]);
        assert_ne!(simulated_card(7, 1), simulated_card(8, 1));
    }

    #[test]
    fn the_right_answer_stands_at_no_favourite_place() {
        let mut at = [0; N_CHOICES];
        (1..=400).for_each(|number| at[simulated_card(3, number).answer] += 1);
        assert!(at.iter().all(|n| (60..140).contains(n)), "{at:?}");
    }
}
