//! What the session reports, in the language of the window. Errors of files and of the system keep
//! the words of their own room.

use crate::{
    session::{
        Exam,
        document::Privacy,
        notice::{ExportError, Message},
        query::QueryError,
    },
    words::{Label, Translator},
};

/// What a notice says.
pub fn message(translator: Translator, message: &Message) -> String {
    let fill = |label, values: &[&str]| translator.fill(label, values);
    match message {
        Message::CalibratedAnew => translator.tr(Label::NoticeCalibratedAnew).to_owned(),
        Message::SavedUncalibrated => translator.tr(Label::NoticeUncalibrated).to_owned(),
        Message::SavedIncomplete => translator.tr(Label::NoticeIncomplete).to_owned(),
        Message::SavedUnsound(problem) => fill(Label::NoticeUnsound, &[&problem.to_string()]),
        Message::SavedAgrees => translator.tr(Label::NoticeSavedAgrees).to_owned(),
        Message::SavedDiffers { worst_uv } => fill(
            Label::NoticeSavedDiffers,
            &[&translator.number(*worst_uv, 0)],
        ),
        Message::OtherWeights { then, now } => fill(Label::NoticeOtherWeights, &[then, now]),
        Message::Saved(path) => fill(Label::NoticeSaved, &[&path.display().to_string()]),
        Message::Written { path, removed } if removed.is_empty() => {
            fill(Label::NoticeWritten, &[&path.display().to_string()])
        }
        Message::Written { path, removed } => {
            let path = path.display().to_string();
            fill(Label::NoticeWrittenWithout, &[&path, &removed.join(", ")])
        }
        Message::Printed => translator.tr(Label::NoticePrinted).to_owned(),
        Message::Copied => translator.tr(Label::PageCopied).to_owned(),
        Message::NotOpened { title, problem } => {
            fill(Label::NoticeNotOpened, &[title, &problem.to_string()])
        }
        Message::NotExported(ExportError::CopyDied) => {
            translator.tr(Label::PageNotCopied).to_owned()
        }
        Message::NotExported(ExportError::ExportDied) => {
            translator.tr(Label::ExportDied).to_owned()
        }
        Message::NotExported(problem) => problem.to_string(),
        Message::NotMoved(problem) => problem.to_string(),
        Message::NotSaved(problem) | Message::NotAutosaved(problem) => problem.to_string(),
        Message::SettingsNotKept(problem) => problem.to_string(),
        Message::NoLesson(problem) => fill(Label::LessonNotOpened, &[&problem.to_string()]),
        Message::NotNoted(problem) => fill(Label::NoteNotKept, &[&problem.to_string()]),
        Message::NoAnswer(problem) => query_error(translator, problem),
        Message::EngineLost(problem) => fill(Label::NoticeEngineLost, &[problem]),
    }
}

/// Why a question has no answer.
pub fn query_error(translator: Translator, problem: &QueryError) -> String {
    match problem {
        QueryError::CalibrationOff => translator.tr(Label::CalibrationIsOff).to_owned(),
        QueryError::NotCalibrated => translator.tr(Label::NotCalibrated).to_owned(),
        other => other.to_string(),
    }
}

/// One line about the recording: whose, how long, how often sampled.
pub fn headline(translator: Translator, exam: &Exam, privacy: Privacy) -> String {
    let patient = &exam.recording.patient;
    let name = patient.name.as_deref().or(patient.id.as_deref());
    let name = match (privacy, name) {
        _ if exam.recording.is_simulated() => translator.tr(Label::SimulatedShort),
        (Privacy::Hidden, _) => translator.tr(Label::DeidentifiedShort),
        (Privacy::Shown, Some(name)) => name,
        (Privacy::Shown, None) => translator.tr(Label::NoPatientName),
    };
    let length = if exam.duration_s < 120.0 {
        format!("{} s", translator.number(exam.duration_s, 1))
    } else {
        format!("{} min", translator.number(exam.duration_s / 60.0, 1))
    };
    format!("{name} · {length} · {:.0} Hz", exam.leads.rate().hz())
}

/// What a demo shows, and what to look at in it; `None` for one that is not embedded.
pub fn demo(name: &str) -> Option<[Label; 2]> {
    Some(match name {
        "normal" => [Label::DemoNormal, Label::DemoNormalHint],
        "brugada-1" => [Label::DemoBrugada, Label::DemoBrugadaHint],
        "mi-posterior" => [Label::DemoPosterior, Label::DemoPosteriorHint],
        "lbbb" => [Label::DemoLbbb, Label::DemoLbbbHint],
        "rbbb" => [Label::DemoRbbb, Label::DemoRbbbHint],
        "pvc-rvot" => [Label::DemoPvc, Label::DemoPvcHint],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{session::demos, words::Language};

    #[test]
    fn every_demo_has_its_words() {
        for it in demos() {
            let [title, _] = demo(it.name).unwrap();
            assert_eq!(Translator::default().tr(title), it.title);
        }
        assert_eq!(demo("none"), None);
    }

    #[test]
    fn notices_in_the_language_of_the_window() {
        let saved = Message::Saved("a.panorama".into());
        for said in [Language::English, Language::Chinese] {
            assert!(message(Translator(said), &saved).contains("a.panorama"));
        }
        assert_eq!(
            message(Translator::default(), &saved),
            saved.to_string(),
            "English is what the error says itself"
        );
        let lost = Message::EngineLost("out of memory".into());
        assert_eq!(message(Translator::default(), &lost), lost.to_string());
        let german = Translator(Language::German);
        assert!(message(german, &lost).contains("Neu kalibrieren"));
    }
}
