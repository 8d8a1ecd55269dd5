//! Undo and redo of whole documents. A drag is one step, however many moves it had.

use super::{document::Document, edit::Gesture};

const MOST: usize = 200;

/// What can be taken back.
#[derive(Default)]
pub struct Undo {
    past: Vec<Document>,
    future: Vec<Document>,
    gesture: Option<Gesture>,
}

impl Undo {
    /// Notes that `before` was left behind. Steps of one `gesture` in a row count as one, until
    /// [`Self::end_gesture`].
    pub fn note(&mut self, before: Document, gesture: Option<Gesture>) {
        let continued = gesture.is_some() && gesture == self.gesture;
        self.gesture = gesture;
        self.future.clear();
        if continued {
            return;
        }
        self.past.push(before);
        if MOST < self.past.len() {
            self.past.remove(0);
        }
    }

    /// Ends the gesture: the next note is a new step.
    pub fn end_gesture(&mut self) {
        self.gesture = None;
    }

    /// Whether a gesture has begun that has not ended.
    pub fn is_in_gesture(&self) -> bool {
        self.gesture.is_some()
    }

    /// The document before the last step.
    pub fn undo(&mut self, now: &Document) -> Option<Document> {
        let before = self.past.pop()?;
        self.future.push(now.clone());
        self.gesture = None;
        Some(before)
    }

    /// The document that was undone last.
    pub fn redo(&mut self, now: &Document) -> Option<Document> {
        let after = self.future.pop()?;
        self.past.push(now.clone());
        self.gesture = None;
        Some(after)
    }

    /// Whether there is a step to take back.
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether there is a step to do again.
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drag_is_one_step() {
        let document = |start_s: f64| Document {
            window_start_s: start_s,
            ..Document::default()
        };
        let mut undo = Undo::default();
        for step in 0..5 {
            undo.note(document(f64::from(step)), Some(Gesture::Point));
        }
        assert_eq!(undo.undo(&document(5.0)), Some(document(0.0)));
        assert_eq!(undo.redo(&document(0.0)), Some(document(5.0)));
        undo.end_gesture();
        undo.note(document(5.0), Some(Gesture::Point));
        assert_eq!(undo.undo(&document(6.0)), Some(document(5.0)));
        assert!(undo.can_undo() && undo.can_redo());
    }
}
