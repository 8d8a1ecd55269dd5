//! The exams of a folder, an archive or a file of several, one after another, and what a glance at
//! each shows. They are looked through on a thread of their own; nothing is written beside them.

use std::{
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, Sender, TryRecvError, channel},
    thread,
};

use jiff::civil::DateTime;

use super::{
    exam::Exam,
    file_hash::sha256_of_file,
    job::Wake,
    open::{self, LEADS_TO_SHOW},
    read_as::ReadAs,
    reading::read,
    review_log::ExamId,
};
use crate::{
    ecg::{LeadName, statistics::extremes},
    formats::{self, ExamKind},
};

/// Columns of a thumbnail.
const COLUMNS: usize = 200;
/// Seconds of a thumbnail.
const SECONDS: f64 = 5.0;
/// Exams of one file that are listed.
const MOST_OF_FILE: usize = 500;

/// One exam of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedExam {
    /// The file that holds it.
    pub path: PathBuf,
    /// Which one of the file.
    pub read_as: ReadAs,
    /// The file's own name, with what the file calls the exam where it holds several.
    pub title: String,
    /// Hash of the file, and which one of it.
    pub id: ExamId,
    /// Name or number of the patient.
    pub patient: Option<String>,
    /// Local time of the first sample.
    pub start: Option<DateTime>,
    /// Seconds of it.
    pub duration_s: f64,
    /// Beats per minute.
    pub rate_bpm: Option<f64>,
    /// Length of QRS, ms.
    pub qrs_ms: Option<f64>,
    /// Warnings of its import.
    pub n_warnings: usize,
    /// The lead of the thumbnail.
    pub lead: LeadName,
    /// Its lowest and highest values, mV, in each of equal stretches of five seconds.
    pub thumbnail_mv: Vec<[f32; 2]>,
}

/// How far the looking has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListProgress {
    /// Files looked into.
    pub done: usize,
    /// Files there are.
    pub total: usize,
    /// Files that hold no ECG that can be read.
    pub left_out: usize,
    /// Whether it goes on.
    pub is_running: bool,
}

/// The list.
pub struct Worklist {
    /// What was opened.
    pub place: PathBuf,
    /// The exams found so far.
    pub exams: Vec<ListedExam>,
    /// How far the looking has come.
    pub progress: ListProgress,
    /// Whether the first exam is to be shown as soon as there is one.
    pub(super) shows_first: bool,
    news: Option<Receiver<News>>,
}

enum News {
    Files(usize),
    /// What one file holds; nothing where it is no ECG.
    File(Vec<ListedExam>),
}

impl Worklist {
    /// Looks through `place`: a folder, or a file of several exams. Dropping the list ends it.
    pub(super) fn start(place: PathBuf, shows_first: bool, wake: &Wake) -> Self {
        let (send, news) = channel();
        let (wake, folder) = (wake.clone(), place.clone());
        let work = move || look_through(&folder, &send, &wake);
        let started = thread::Builder::new().name("worklist".into()).spawn(work);
        drop(started); // A thread that could not start drops its end, which reads as the end.
        Self {
            place,
            exams: Vec::new(),
            progress: ListProgress {
                is_running: true,
                ..ListProgress::default()
            },
            shows_first,
            news: Some(news),
        }
    }

    /// Takes in what was found.
    pub(super) fn drain(&mut self) {
        while let Some(news) = &self.news {
            match news.try_recv() {
                Ok(News::Files(total)) => self.progress.total = total,
                Ok(News::File(exams)) => {
                    self.progress.done += 1;
                    self.progress.left_out += usize::from(exams.is_empty());
                    self.exams.extend(exams);
                }
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => self.stop(),
            }
        }
    }

    /// Looks no further.
    pub(super) fn stop(&mut self) {
        self.news = None;
        self.progress.is_running = false;
    }

    /// Where the exam is that `path` and `read_as` name.
    pub fn position(&self, path: &Path, read_as: &ReadAs) -> Option<usize> {
        let which = |read_as: &ReadAs| read_as.exam.unwrap_or(0);
        let is_it = |exam: &ListedExam| exam.path == path && which(&exam.read_as) == which(read_as);
        self.exams.iter().position(is_it)
    }
}

/// Until all is seen, or nobody listens.
fn look_through(place: &Path, send: &Sender<News>, wake: &Wake) {
    let files = if place.is_dir() {
        formats::files_below(place).unwrap_or_default()
    } else {
        vec![place.to_owned()]
    };
    let tell = |news| {
        let is_heard = send.send(news).is_ok();
        wake();
        is_heard
    };
    if !tell(News::Files(files.len())) {
        return;
    }
    for path in &files {
        let title = path.strip_prefix(place).unwrap_or(path);
        let title = if title.as_os_str().is_empty() {
            open::file_title(path)
        } else {
            title.display().to_string()
        };
        // A reader that panics on one file must not hide the others.
        let look = std::panic::AssertUnwindSafe(|| glance(path, &title));
        let exams = std::panic::catch_unwind(look).unwrap_or_default();
        if !tell(News::File(exams)) {
            return;
        }
    }
}

/// The exams of one file. What is no rhythm is left out: a median beat stands for many.
fn glance(path: &Path, title: &str) -> Vec<ListedExam> {
    let Ok((_, first)) = read(path, &ReadAs::default()) else {
        return Vec::new();
    };
    let Ok(sha256) = sha256_of_file(path) else {
        return Vec::new();
    };
    let exams = first.report.exams.clone();
    if exams.len() < 2 {
        let id = ExamId { sha256, exam: 0 };
        return listed(path, ReadAs::default(), title.to_owned(), id, first)
            .into_iter()
            .collect();
    }
    let numbered = exams.iter().enumerate().take(MOST_OF_FILE);
    numbered
        .filter(|(_, exam)| exam.kind == ExamKind::Rhythm)
        .filter_map(|(number, exam)| {
            let id = ExamId {
                sha256: sha256.clone(),
                exam: number,
            };
            one_of_several(path, format!("{title} · {}", exam.name), id)
        })
        .collect()
}

/// One exam of a file that holds several.
fn one_of_several(path: &Path, title: String, id: ExamId) -> Option<ListedExam> {
    let read_as = ReadAs {
        exam: Some(id.exam),
        ..ReadAs::default()
    };
    let (_, opened) = read(path, &read_as).ok()?;
    listed(path, read_as, title, id, opened)
}

fn listed(
    path: &Path,
    read_as: ReadAs,
    title: String,
    id: ExamId,
    opened: formats::Opened,
) -> Option<ListedExam> {
    let patient = &opened.recording.patient;
    let patient = patient.name.clone().or_else(|| patient.id.clone());
    let (start, duration_s) = (opened.recording.start, opened.report.duration_s);
    let n_warnings = opened.report.warnings.len() + opened.report.cautions.len();
    let exam = Exam::new(String::new(), opened, None);
    let by_name = LEADS_TO_SHOW.iter().find_map(|name| exam.leads.get(name));
    let lead = by_name.or(exam.leads.leads().first())?;
    let n = exam
        .leads
        .rate()
        .samples_in(SECONDS)
        .min(lead.samples_mv.len());
    let intervals = exam.intervals.as_ref();
    Some(ListedExam {
        path: path.to_owned(),
        read_as,
        title,
        id,
        patient,
        start,
        duration_s,
        rate_bpm: intervals.and_then(|found| found.heart_rate_bpm),
        qrs_ms: intervals.and_then(|found| found.qrs_ms),
        n_warnings,
        lead: lead.name.clone(),
        thumbnail_mv: thumbnail(&lead.samples_mv[..n]),
    })
}

/// Lowest and highest value of each stretch; a gap has none.
fn thumbnail(samples_mv: &[f32]) -> Vec<[f32; 2]> {
    let length = samples_mv.len().div_ceil(COLUMNS).max(1);
    let range = |stretch: &[f32]| extremes(stretch.iter().copied()).unwrap_or([f32::NAN; 2]);
    samples_mv.chunks(length).map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::Arc,
        time::{Duration, Instant},
    };

    fn table(beats_per_s: f64) -> String {
        let mut text = String::from("# unit: mV\ntime_s,I,II,V1\n");
        for k in 0..5000 {
            let t = f64::from(k) / 500.0;
            let r = (-(((t * beats_per_s).fract() - 0.5) / beats_per_s / 0.012).powi(2)).exp();
            text += &format!("{t:.3},{:.4},{:.4},{:.4}\n", 0.6 * r, r, -0.4 * r);
        }
        text
    }

    fn found(place: &Path) -> Worklist {
        let wake: Wake = Arc::new(|| {});
        let mut list = Worklist::start(place.to_owned(), false, &wake);
        let start = Instant::now();
        while list.progress.is_running {
            assert!(start.elapsed() < Duration::from_secs(60));
            thread::sleep(Duration::from_millis(2));
            list.drain();
        }
        list
    }

    #[test]
    fn a_folder_is_looked_through_and_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let named = |name: &str| folder.path().join(name);
        std::fs::create_dir(named("ward")).unwrap();
        std::fs::write(named("ward/slow.csv"), table(1.0)).unwrap();
        std::fs::write(named("fast.csv"), table(2.0)).unwrap();
        std::fs::write(named("letter.pdf"), "%PDF-1.4").unwrap();
        let list = found(folder.path());
        let titles: Vec<&str> = list.exams.iter().map(|exam| &*exam.title).collect();
        assert_eq!(titles, ["fast.csv", "ward/slow.csv"]);
        let rates: Vec<_> = list.exams.iter().map(|exam| exam.rate_bpm).collect();
        let near = |bpm: Option<f64>, wanted: f64| (bpm.unwrap() - wanted).abs() < 2.0;
        assert!(near(rates[0], 120.0) && near(rates[1], 60.0), "{rates:?}");
        let progress = list.progress;
        assert_eq!(
            (progress.done, progress.total, progress.left_out),
            (3, 3, 1)
        );
        let exam = &list.exams[1];
        assert_eq!((exam.lead.clone(), exam.id.exam), (LeadName::II, 0));
        assert_eq!(list.position(&exam.path, &ReadAs::default()), Some(1));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn a_stopped_list_keeps_what_it_has() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.csv"), table(1.0)).unwrap();
        let mut list = found(folder.path());
        list.stop();
        list.drain();
        assert_eq!(list.exams.len(), 1);
    }

    #[test]
    fn a_thumbnail_has_the_extremes_and_a_gap_has_none() {
        let mut samples = vec![0.0; 1000];
        samples[7] = 1.5;
        samples[500..510].fill(f32::NAN);
        let thumbnail = thumbnail(&samples);
        assert_eq!(thumbnail.len(), 200);
        assert_eq!(thumbnail[1], [0.0, 1.5]);
        assert!(thumbnail[100][0].is_nan() && thumbnail[101][0].is_nan());
        assert!(super::thumbnail(&[]).is_empty());
    }
}
