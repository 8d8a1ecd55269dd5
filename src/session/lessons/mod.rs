//! Lessons: short paths of steps in a text file, each of which sets a state of the program, says a
//! few sentences and may ask one thing. Those in the program are in `assets/lessons`; a teacher opens
//! files of his own.

mod claim;
mod lesson;
mod parse;

pub use claim::Claim;
pub use lesson::{Ask, Lesson, LessonMove, OpenLesson, Pane, Step, Text};
pub use parse::{LessonError, LessonProblem, lessons};
