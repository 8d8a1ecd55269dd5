//! File dialogs, on threads of their own so that the window lives on. Where there is none, a field
//! for the path.

use std::path::PathBuf;

use super::{
    super::{
        panel_context::PanelContext,
        view::{Dialog, ExportKind, Purpose},
    },
    export,
};
use crate::session::{Action, Job, JobState, Wake};

/// A file dialog under way.
pub struct Asking {
    job: Job<Answered>,
    purpose: Purpose,
}

/// What it said, and how long it was on screen.
struct Answered {
    path: Option<PathBuf>,
    seconds: f64,
}

/// A dialog that closes faster than this was never seen: there is no portal here.
const SEEN_S: f64 = 0.25;

/// Asks which file to open.
pub fn ask_open(cx: &mut PanelContext<'_>) {
    ask(cx, Purpose::Open, String::new());
}

/// Asks where to save the session.
pub fn ask_save(cx: &mut PanelContext<'_>) {
    let name = format!("{}.panorama", stem(cx));
    ask(cx, Purpose::Save, name);
}

/// Asks where to write an export.
pub fn ask_export(cx: &mut PanelContext<'_>, kind: ExportKind) {
    let name = format!("{}-panorama.{}", stem(cx), kind.extension());
    ask(cx, Purpose::Export(kind), name);
}

fn stem(cx: &PanelContext<'_>) -> String {
    let title = cx
        .session
        .exam
        .as_ref()
        .map_or("recording", |it| it.title.as_str());
    if cx.session.document.deidentified {
        return "recording".into();
    }
    let stem = title.rsplit_once('.').map_or(title, |it| it.0);
    stem.chars()
        .map(|it| {
            if it.is_alphanumeric() || "-_ .".contains(it) {
                it
            } else {
                '-'
            }
        })
        .collect()
}

fn ask(cx: &mut PanelContext<'_>, purpose: Purpose, name: String) {
    if cx.view.asking.is_some() {
        return;
    }
    if cx.view.type_paths {
        cx.view.dialog = Some(Dialog::Path {
            text: suggestion(cx, purpose),
            purpose,
        });
        return;
    }
    let folder = cx.session.settings.last_folder.clone();
    let wake: Wake = cx.view.wake.clone();
    let job = Job::spawn("file dialog", &wake, move |_| {
        let start = std::time::Instant::now();
        let mut dialog = rfd::FileDialog::new();
        if let Some(folder) = folder {
            dialog = dialog.set_directory(folder);
        }
        let path = match purpose {
            Purpose::Open => dialog.pick_file(),
            Purpose::Save => dialog
                .set_file_name(name)
                .add_filter("panorama", &["panorama"])
                .save_file(),
            Purpose::Export(kind) => dialog
                .set_file_name(name)
                .add_filter(kind.extension(), &[kind.extension()])
                .save_file(),
        };
        Answered {
            path,
            seconds: start.elapsed().as_secs_f64(),
        }
    });
    cx.view.asking = Some(Asking { job, purpose });
}

/// Takes in the answer of a file dialog.
pub fn poll(cx: &mut PanelContext<'_>) {
    let Some(asking) = &cx.view.asking else {
        return;
    };
    let purpose = asking.purpose;
    let state = asking.job.poll();
    if matches!(state, JobState::Running) {
        return;
    }
    cx.view.asking = None;
    match state {
        JobState::Done(Answered {
            path: Some(path), ..
        }) => chosen(cx, purpose, path),
        JobState::Done(Answered {
            path: None,
            seconds,
        }) if SEEN_S < seconds => {}
        _ => {
            let text = suggestion(cx, purpose);
            cx.view.dialog = Some(Dialog::Path { text, purpose });
        }
    }
}

fn suggestion(cx: &PanelContext<'_>, purpose: Purpose) -> String {
    match purpose {
        Purpose::Open => String::new(),
        Purpose::Save => format!("{}.panorama", stem(cx)),
        Purpose::Export(kind) => format!("{}-panorama.{}", stem(cx), kind.extension()),
    }
}

/// Does what the path was asked for.
pub fn chosen(cx: &mut PanelContext<'_>, purpose: Purpose, path: PathBuf) {
    remember_folder(cx, &path);
    match purpose {
        Purpose::Open => cx.push(Action::Open(path)),
        Purpose::Save => cx.push(Action::SaveSession(path)),
        Purpose::Export(kind) => export::write(cx, kind, path),
    }
}

fn remember_folder(cx: &mut PanelContext<'_>, path: &std::path::Path) {
    let folder = path
        .parent()
        .map(std::path::Path::to_path_buf)
        .filter(|it| !it.as_os_str().is_empty());
    if folder != cx.session.settings.last_folder {
        let settings = crate::session::Settings {
            last_folder: folder,
            ..cx.session.settings.clone()
        };
        cx.push(Action::SetSettings(Box::new(settings)));
    }
}

impl std::fmt::Debug for Asking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Asking({:?})", self.purpose)
    }
}
