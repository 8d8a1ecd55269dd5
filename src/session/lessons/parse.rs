//! Lessons from text: TOML, checked before anything of it is shown.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use super::{
    super::demos::demos,
    lesson::{Lesson, Step},
};
use crate::ecg::Target;

/// Longest file of a lesson, bytes.
const LONGEST: u64 = 1 << 20;
/// Most steps and choices: more is no short path.
const MOST_STEPS: usize = 60;
const MOST_CHOICES: usize = 6;

/// Why a file is no lesson.
#[derive(Debug, thiserror::Error)]
pub enum LessonError {
    /// The file cannot be read.
    #[error("cannot read the lesson: {reason} ({})", .path.display())]
    Read {
        /// The system's reason.
        reason: io::Error,
        /// The file.
        path: PathBuf,
    },
    /// Larger than any lesson.
    #[error("a lesson has at most 1 MB of text ({})", .0.display())]
    TooLong(PathBuf),
    /// Not TOML, or a field that no lesson has.
    #[error("the lesson cannot be understood: {0}")]
    Syntax(#[from] Box<toml::de::Error>),
    /// A step asks for what does not exist.
    #[error("step {step} of the lesson: {problem}")]
    Step {
        /// Which, from 1.
        step: usize,
        /// What is wrong with it.
        problem: LessonProblem,
    },
    /// No step, or more than anyone would follow.
    #[error("a lesson has 1 to {MOST_STEPS} steps, this one {0}")]
    Steps(usize),
}

/// What is wrong with a step.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LessonProblem {
    /// Both a demo and a heart.
    #[error("either `demo` or `heart`, not both")]
    TwoPatients,
    /// The first step names neither.
    #[error("the first step needs a `demo` or a `heart`")]
    NoPatient,
    /// No such demo.
    #[error("there is no demo called {0:?}")]
    Demo(String),
    /// A heart that nobody can have.
    #[error("no heart can be like that: one of its numbers is out of bounds")]
    Heart,
    /// No such lead.
    #[error("there is no lead called {0:?}")]
    Lead(String),
    /// Too few or too many choices, or an answer that is none of them.
    #[error("a question has 2 to {MOST_CHOICES} choices, and its `answer` is the number of one")]
    Choices,
}

impl Lesson {
    /// Reads a teacher's file.
    pub fn open(path: &Path) -> Result<Self, LessonError> {
        let read = |reason| LessonError::Read {
            reason,
            path: path.to_owned(),
        };
        let about = std::fs::metadata(path).map_err(read)?;
        if !about.is_file() {
            return Err(read(io::ErrorKind::InvalidInput.into()));
        }
        if LONGEST < about.len() {
            return Err(LessonError::TooLong(path.to_owned()));
        }
        Self::parse(&std::fs::read_to_string(path).map_err(read)?)
    }

    /// Reads the text of a lesson.
    pub fn parse(text: &str) -> Result<Self, LessonError> {
        let lesson: Self = toml::from_str(text).map_err(Box::new)?;
        let n = lesson.steps.len();
        if n == 0 || MOST_STEPS < n {
            return Err(LessonError::Steps(n));
        }
        for (idx, step) in lesson.steps.iter().enumerate() {
            step.check(idx == 0).map_err(|problem| LessonError::Step {
                step: idx + 1,
                problem,
            })?;
        }
        Ok(lesson)
    }
}

impl Step {
    fn check(&self, is_first: bool) -> Result<(), LessonProblem> {
        match (&self.demo, &self.heart) {
            (Some(_), Some(_)) => return Err(LessonProblem::TwoPatients),
            (None, None) if is_first => return Err(LessonProblem::NoPatient),
            (Some(demo), None) if demos().iter().all(|it| it.name != demo) => {
                return Err(LessonProblem::Demo(demo.clone()));
            }
            (None, Some(heart)) if !heart.is_sound() => return Err(LessonProblem::Heart),
            _ => {}
        }
        let claimed = self.claims.iter().filter_map(|it| it.lead.as_ref());
        for name in self.place.iter().chain(claimed) {
            Target::lead(name).map_err(|_| LessonProblem::Lead(name.to_string()))?;
        }
        let is_sound = self.ask.as_ref().is_none_or(|ask| {
            let n = ask.choices.len();
            (2..=MOST_CHOICES).contains(&n) && (1..=n).contains(&ask.answer)
        });
        if is_sound {
            Ok(())
        } else {
            Err(LessonProblem::Choices)
        }
    }
}

const SHIPPED: [&str; 7] = [
    include_str!("../../../assets/lessons/1-where-a-lead-looks-from.toml"),
    include_str!("../../../assets/lessons/2-brugada-high-leads.toml"),
    include_str!("../../../assets/lessons/3-posterior-infarction.toml"),
    include_str!("../../../assets/lessons/4-exchanged-arms.toml"),
    include_str!("../../../assets/lessons/5-einthoven-and-wilson.toml"),
    include_str!("../../../assets/lessons/6-axis-and-loops.toml"),
    include_str!("../../../assets/lessons/7-what-plus-minus-means.toml"),
];

/// The lessons in the program, in the order in which they build on each other.
pub fn lessons() -> &'static [Arc<Lesson>] {
    static LESSONS: LazyLock<Vec<Arc<Lesson>>> = LazyLock::new(|| {
        let parsed = SHIPPED.iter().filter_map(|text| Lesson::parse(text).ok());
        parsed.map(Arc::new).collect()
    });
    &LESSONS
}

#[cfg(test)]
mod tests {
    use super::{super::lesson::Text, *};
    use crate::words::{LANGUAGES, Language};

    /// Texts of a lesson that are words rather than names of leads or figures.
    fn texts(lesson: &Lesson) -> impl Iterator<Item = &Text> {
        let steps = lesson.steps.iter();
        let said = steps.flat_map(|step| {
            [&step.text]
                .into_iter()
                .chain(step.ask.iter().map(|it| &it.question))
        });
        [&lesson.title].into_iter().chain(said)
    }

    #[test]
    fn seven_lessons_are_in_the_program_in_five_languages() {
        assert_eq!(lessons().len(), 7);
        for lesson in lessons() {
            for text in texts(lesson) {
                let all = LANGUAGES.map(|language| text.in_language(language));
                for (idx, one) in all.iter().enumerate() {
                    assert!(!one.trim().is_empty() && !all[..idx].contains(one), "{one}");
                }
            }
            assert!(lesson.steps.iter().any(|step| step.ask.is_some()));
        }
    }

    #[test]
    fn a_language_that_a_teacher_left_out_is_english() {
        let text: Text = toml::from_str(r#"en = "Look""#).unwrap();
        assert_eq!(text.in_language(Language::Chinese), "Look");
    }

    #[test]
    fn every_shipped_lesson_is_understood() {
        for text in SHIPPED {
            Lesson::parse(text).unwrap();
        }
    }

    fn refused(step: &str) -> String {
        let text = format!("title.en = \"T\"\n[[step]]\ntext.en = \"S\"\n{step}\n");
        Lesson::parse(&text).unwrap_err().to_string()
    }

    #[test]
    fn what_no_lesson_can_be_is_refused_with_its_place() {
        let ask = "ask = { question.en = \"?\", choices = [{ en = \"a\" }], answer = 1 }";
        for (step, word) in [
            ("", "needs a `demo`"),
            ("demo = \"nobody\"", "nobody"),
            ("demo = \"normal\"\nheart = {}", "not both"),
            ("heart = { size = 9.0 }", "out of bounds"),
            ("demo = \"normal\"\nplace = \"V99\"", "V99"),
            (&format!("demo = \"normal\"\n{ask}"), "2 to 6 choices"),
            ("demo = \"normal\"\ncolour = 3", "colour"),
        ] {
            let said = refused(step);
            assert!(said.contains(word), "{step}: {said}");
        }
        let none = Lesson::parse("title.en = \"T\"").unwrap_err();
        assert!(none.to_string().contains("1 to 60 steps"), "{none}");
        assert!(refused("demo = \"nobody\"").starts_with("step 1"));
    }

    #[test]
    fn a_teachers_file_is_read_and_one_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("own.toml");
        let said = Lesson::open(&file).unwrap_err().to_string();
        assert!(said.contains("own.toml"), "{said}");
        std::fs::write(&file, SHIPPED[0]).unwrap();
        assert_eq!(Lesson::open(&file).unwrap(), *lessons()[0]);
    }
}
