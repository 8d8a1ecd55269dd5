//! The session's part of a quiz.

use super::Session;
use crate::session::{
    edit::Edit,
    exam::Exam,
    open::Wanted,
    quiz::{Card, CardSource, Choice, Quiz, QuizMove, card_of, simulated_card},
};

impl Session {
    /// Whether a card waits for its answer: what would tell it stays away.
    pub fn is_quizzing(&self) -> bool {
        self.quiz.as_ref().is_some_and(Quiz::is_open)
    }

    /// Whether that card asks where the lead at the point was taken.
    pub fn is_asked_for_place(&self) -> bool {
        let hidden = self.quiz.as_ref().and_then(Quiz::hidden_place);
        self.is_quizzing() && hidden.is_some()
    }

    pub(super) fn move_quiz(&mut self, wanted: QuizMove) {
        match wanted {
            QuizMove::Begin(source, seed) => {
                self.lesson = None;
                let quiz = self.card(source, seed, 1).map(|card| Quiz {
                    source,
                    seed,
                    number: 1,
                    card,
                    chosen: None,
                    score: [0; 2],
                    is_pending: true,
                });
                self.quiz = quiz;
                self.deal();
            }
            QuizMove::Choose(choice) => {
                if let Some(quiz) = self.quiz.as_mut().filter(|quiz| quiz.is_open()) {
                    quiz.chosen = Some(choice);
                    quiz.score[0] += usize::from(choice == quiz.card.answer);
                    quiz.score[1] += 1;
                }
            }
            QuizMove::Next => self.next_card(),
            QuizMove::End => self.quiz = None,
        }
    }

    fn card(&self, source: CardSource, seed: u64, number: usize) -> Option<Card> {
        match source {
            CardSource::Simulated => Some(simulated_card(seed, number)),
            CardSource::AtHand => {
                let of = |exam: &Exam| card_of(exam, seed, number);
                self.exam.as_ref().map(of)
            }
        }
    }

    fn next_card(&mut self) {
        let Some(quiz) = &self.quiz else { return };
        let (source, seed, number) = (quiz.source, quiz.seed, quiz.number + 1);
        let card = self.card(source, seed, number);
        if let (Some(quiz), Some(card)) = (&mut self.quiz, card) {
            (quiz.card, quiz.number, quiz.chosen) = (card, number, None);
            self.deal();
        }
    }

    /// Opens the card's patient.
    fn deal(&mut self) {
        let Some(quiz) = &mut self.quiz else { return };
        let heart = quiz.card.heart.clone();
        quiz.is_pending = heart.is_some();
        match heart {
            Some(heart) => self.open(Wanted::Simulated(heart)),
            None => self.set_card(),
        }
    }

    /// Sets what the card shows, once its patient is there.
    fn set_card(&mut self) {
        let Some(quiz) = &mut self.quiz else { return };
        quiz.is_pending = false;
        let is_dealt = quiz.card.heart.is_some();
        let answer = quiz.card.choices[quiz.card.answer].clone();
        self.leave_misplacement();
        self.edit(Edit::ShowSheet(None));
        if let Choice::Place(lead) = answer {
            self.edit(Edit::UsePreset(lead));
        }
        // A dealt patient is nobody's work; the recording at hand may be.
        if is_dealt {
            self.history.saved = self.document.clone();
        }
    }

    /// The state of a card whose patient has come.
    pub(super) fn set_pending_card(&mut self) {
        if self.quiz.as_ref().is_some_and(|quiz| quiz.is_pending) {
            self.set_card();
        }
    }
}
