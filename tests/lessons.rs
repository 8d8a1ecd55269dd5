//! Every lesson and a quiz walked by accessible names in two languages, and what the lessons say held
//! against their own patients.
#![allow(clippy::unwrap_used)] // A test stops at what it did not expect.
#![cfg(feature = "gui")]

mod drive;

use std::path::Path;

use drive::{Window, until};
use ecg_panorama::{
    ecg::{Lead, LeadName, LeadSet, Origin},
    gui::App,
    session::{
        Autosave, Calibrating, Command, Session,
        engine::network,
        lessons::{Claim, LessonMove, lessons},
        quiz::{CardKind, CardSource, Choice, QuizMove},
        settings::Settings,
    },
    signal::{Measurements, analyse},
    words::{Label, Language, Translator},
};
use eframe::egui::{self, accesskit::Role};
use egui_kittest::{Harness, kittest::Queryable};

fn window(folder: &Path, language: Language) -> Window {
    let autosave = Autosave::new(folder.join("autosave"));
    let mut window: Window = Harness::builder()
        .with_size(egui::vec2(1280.0, 720.0))
        .with_max_steps(40)
        .build_eframe(move |cc| App::new(cc, None, autosave, network).with_typed_paths());
    let settings = Settings {
        language,
        ..Settings::default()
    };
    let settings = Command::SetSettings(Box::new(settings));
    window.state_mut().act(settings);
    window.run_steps(3);
    window
}

fn press(window: &mut Window, name: &str) {
    window.get_by_role_and_label(Role::Button, name).click();
    window.run_steps(3);
}

/// The step's patient, its lead and its misplacement are there.
fn is_set(session: &Session) -> bool {
    let step = session.lesson.as_ref().unwrap().step();
    let document = &session.document;
    let is_ready = matches!(session.calibrating, Calibrating::Ready(_));
    let point = session.results.point.as_ref();
    let other = session.other.as_ref().and_then(|it| it.misplacement());
    is_ready
        && session.loading().is_none()
        && !session.results.are_trailing()
        && point.is_some_and(|it| it.target == document.point_target())
        && document.sheet == step.sheet
        && (step.place.is_none() || document.preset == step.place)
        && other.map(|it| &it.error) == step.misplaced.as_ref()
}

/// What the claim is about, measured.
fn measured(session: &Session, claim: &Claim) -> Measurements {
    let exam = session.exam.as_ref().unwrap();
    if claim.misplaced {
        return session.other.as_ref().unwrap().exam.measurements.clone();
    }
    if !claim.synthesised {
        return exam.measurements.clone();
    }
    let made = &session.results.point.as_ref().unwrap().synthesis.lead;
    assert!(made.origin.is_synthesised());
    let taken = Lead {
        name: claim.lead.clone().unwrap(),
        origin: Origin::Measured,
        samples_mv: made.samples_mv.clone(),
    };
    let others = exam.leads.leads().iter().filter(|it| it.name.is_standard());
    let leads = others.cloned().chain([taken]).collect();
    Measurements::of(&analyse(&LeadSet::new(exam.leads.rate(), leads).unwrap()))
}

#[test]
fn every_lesson_is_walked_in_two_languages_and_what_it_says_is_true() {
    let folder = tempfile::tempdir().unwrap();
    for language in [Language::English, Language::German] {
        let translator = Translator(language);
        let mut window = window(&folder.path().join(format!("{language:?}")), language);
        for lesson in lessons() {
            let begin = Command::Lesson(LessonMove::Begin(lesson.clone()));
            window.state_mut().act(begin);
            for (at, step) in lesson.steps.iter().enumerate() {
                let what = format!("step {} of {}", at + 1, lesson.title.en);
                until(&mut window, &what, |it| {
                    it.lesson.as_ref().is_some_and(|open| open.at == at) && is_set(it)
                });
                window.get_by_label(step.text.in_language(language));
                assert!(!window.state().session().is_edited(), "{what}");
                for claim in &step.claims {
                    let measured = measured(window.state().session(), claim);
                    let (value, holds) = claim.held_against(&measured).unwrap();
                    println!("{what}: {claim:?}: {value:.0}");
                    assert!(holds, "{what}: {claim:?}: {value}");
                }
                if let Some(ask) = &step.ask {
                    let right = ask.choices[ask.answer - 1].in_language(language);
                    press(&mut window, right);
                    let said = translator.fill(Label::AnswerRight, &[right]);
                    window.get_by_label(&said);
                }
                if at + 1 < lesson.steps.len() {
                    press(&mut window, translator.tr(Label::LessonNext));
                }
            }
            press(&mut window, translator.tr(Label::EndLesson));
            assert!(window.state().session().lesson.is_none());
        }
    }
}

/// Lesson 5: at every instant II = I + III, and the augmented leads follow.
#[test]
fn einthovens_lesson_is_algebra_on_its_own_patient() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(folder.path(), Language::English);
    let begin = Command::Lesson(LessonMove::Begin(lessons()[4].clone()));
    window.state_mut().act(begin);
    until(&mut window, "the patient", |it| it.exam.is_some());
    let exam = window.state().session().exam.as_ref().unwrap();
    let at = |name: LeadName| exam.leads.get(&name).unwrap().samples_mv.to_vec();
    let [i, ii, iii] = [LeadName::I, LeadName::II, LeadName::III].map(at);
    let avr = at(LeadName::AVR);
    for k in 0..i.len() {
        // Each lead is rounded to a microvolt.
        assert!((i[k] + iii[k] - ii[k]).abs() < 0.003, "sample {k}");
        assert!((avr[k] + 0.5 * (i[k] + ii[k])).abs() < 0.003, "sample {k}");
    }
}

/// Lesson 7: nine of ten samples within the band, and the error about as large as the ± says.
#[test]
fn the_lesson_on_plus_minus_is_true_of_its_own_patient() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(folder.path(), Language::English);
    let begin = Command::Lesson(LessonMove::Begin(lessons()[6].clone()));
    window.state_mut().act(begin);
    until(&mut window, "the lead", |it| {
        it.lesson.is_some() && is_set(it)
    });
    let session = window.state().session();
    let made = &session.results.point.as_ref().unwrap().synthesis;
    let exam = session.exam.as_ref().unwrap();
    let truth = &exam
        .leads
        .get(&LeadName::parse("V2@3ICS"))
        .unwrap()
        .samples_mv;
    let off_mv = made
        .lead
        .samples_mv
        .iter()
        .zip(truth.iter())
        .map(|(a, b)| (a - b).abs());
    let off_mv: Vec<f32> = off_mv.skip(2500).collect();
    let within = off_mv
        .iter()
        .zip(&made.band_mv[2500..])
        .filter(|it| it.0 <= it.1);
    let share = within.count() as f64 / off_mv.len() as f64;
    let squares = off_mv.iter().map(|it| f64::from(it * it)).sum::<f64>();
    let rms_uv = 1000.0 * (squares / off_mv.len() as f64).sqrt();
    println!(
        "{share:.2} within, {rms_uv:.0} of {:.0} µV",
        made.expected_rmse_uv
    );
    assert!(0.8 <= share, "{share}");
    assert!(rms_uv < 1.5 * made.expected_rmse_uv, "{rms_uv}");
}

#[test]
fn a_teachers_file_is_opened_like_a_recording_and_a_broken_one_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(folder.path(), Language::English);
    let file = folder.path().join("own.toml");
    std::fs::write(
        &file,
        "title.en = \"Mine\"\n[[step]]\ndemo = \"lbbb\"\ntext.en = \"Wide.\"\n",
    )
    .unwrap();
    window.state_mut().act(Command::Open(file.clone()));
    until(&mut window, "the lesson", |it| {
        it.lesson.is_some() && is_set(it)
    });
    window.get_by_label("Wide.");
    std::fs::write(&file, "title = 3").unwrap();
    window.state_mut().act(Command::Open(file));
    until(&mut window, "a notice", |it| !it.notices.list().is_empty());
}

/// Names of the panes, dialogs and words that would tell.
fn telling(translator: Translator) -> Vec<String> {
    let labels = [
        Label::HeartMuscle,
        Label::RhythmAndConduction,
        Label::Reliability,
        Label::ImportReport,
        Label::SimulatedTruth,
    ];
    labels.map(|label| translator.tr(label).to_owned()).to_vec()
}

#[test]
fn a_quiz_is_walked_in_two_languages_and_nothing_tells_before_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    for language in [Language::English, Language::Spanish] {
        let translator = Translator(language);
        let mut window = window(&folder.path().join(format!("{language:?}")), language);
        let begin = Command::Quiz(QuizMove::Begin(CardSource::Simulated, 11));
        window.state_mut().act(begin);
        for number in 1..=8usize {
            until(&mut window, "the card", |it| {
                let quiz = it.quiz.as_ref();
                let is_dealt = quiz.is_some_and(|quiz| quiz.number == number);
                is_dealt
                    && it.loading().is_none()
                    && matches!(it.calibrating, Calibrating::Ready(_))
            });
            for words in telling(translator) {
                assert!(
                    window.query_by_label(&words).is_none(),
                    "card {number} tells: {words}"
                );
            }
            let card = window.state().session().quiz.as_ref().unwrap().card.clone();
            let exam = window.state().session().exam.as_ref().unwrap();
            assert!(exam.recording.is_simulated());
            if card.kind == CardKind::Rate {
                let Choice::Rate(bpm) = card.choices[card.answer] else {
                    panic!("{card:?}")
                };
                let measured = exam.measurements.heart_rate_bpm.unwrap();
                assert!((measured - bpm).abs() < 6.0, "{measured} against {bpm}");
            }
            // Every other card is answered wrongly.
            let chosen = if number % 2 == 1 {
                card.answer
            } else {
                (card.answer + 1) % 4
            };
            let [right, chosen] =
                [card.answer, chosen].map(|it| card.choices[it].words(translator));
            press(&mut window, &chosen);
            let label = if chosen == right {
                Label::AnswerRight
            } else {
                Label::AnswerWrong
            };
            window.get_by_label(&translator.fill(label, &[&right]));
            press(&mut window, translator.tr(Label::NextCard));
        }
        let score = window.state().session().quiz.as_ref().unwrap().score;
        assert_eq!(score, [4, 8]);
        press(&mut window, translator.tr(Label::EndQuiz));
        assert!(window.state().session().quiz.is_none());
    }
}

#[test]
fn a_question_sheet_has_a_page_for_each_card_and_the_answers_last() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(folder.path(), Language::English);
    let file = folder.path().join("questions.pdf");
    window.state_mut().act(Command::QuizSheet(file.clone()));
    until(&mut window, "the sheet", |it| !it.notices.list().is_empty());
    let bytes = std::fs::read(&file).unwrap();
    assert!(bytes.starts_with(b"%PDF") && 50_000 < bytes.len());
}
