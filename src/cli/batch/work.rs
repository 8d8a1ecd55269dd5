//! What is the same for every exam of a batch, and what is done with each.

use std::{
    fs, io,
    path::PathBuf,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use sha2::{Digest, Sha256};

use super::{
    super::{
        CliError,
        exam::{Exam, calibrated},
        print::print_line,
    },
    line::Line,
};
use crate::{
    archive::ExamItem,
    ecg::{Target, hex, plain_line},
    formats::{Output, ReadOptions},
    reliability::ExamReliability,
    synth::{CalibrationOptions, Synthesizer},
};

/// What was asked for.
pub(super) struct Work {
    pub output: Output,
    pub folder: PathBuf,
    pub read: ReadOptions,
    pub options: CalibrationOptions,
    pub targets: Vec<Target>,
    pub is_judged: bool,
    pub is_resumed: bool,
    pub jobs: usize,
    /// Hash of everything that could change a byte of an outcome.
    pub settings: String,
}

/// An exam that was calibrated on and, if asked for, judged.
pub(super) struct Judged {
    pub exam: Exam,
    pub synthesizer: Synthesizer,
    pub reliability: Option<ExamReliability>,
}

impl Work {
    /// Calibrates and judges.
    pub fn judged(&self, exam: Exam, name: &str) -> Result<Judged, CliError> {
        let leads = &exam.recording.leads;
        let calibration = calibrated(&exam.recording, &exam.options, name.as_ref())?;
        let synthesizer = Synthesizer::new(leads, calibration).map_err(CliError::from_error)?;
        let reliability = || {
            ExamReliability::new(leads, &exam.options, &synthesizer)
                .map(|it| it.knowing(&exam.recording))
                .map_err(CliError::from_error)
        };
        let reliability = self.is_judged.then(reliability).transpose()?;
        Ok(Judged {
            exam,
            synthesizer,
            reliability,
        })
    }

    /// `work` on each item, so many at once; what it gives comes in the order of the items. Each
    /// worker has its share of the processors to itself: none waits for a part of another's exam.
    pub fn each<'a, T: Send>(
        &self,
        items: &'a [ExamItem],
        work: impl Fn(&'a ExamItem) -> T + Sync,
    ) -> Vec<T> {
        let next = AtomicUsize::new(0);
        let made: Vec<Mutex<Option<T>>> = items.iter().map(|_| Mutex::new(None)).collect();
        let work_through = || {
            loop {
                let idx = next.fetch_add(1, Ordering::Relaxed);
                let (Some(item), Some(place)) = (items.get(idx), made.get(idx)) else {
                    return;
                };
                let value = work(item);
                if let Ok(mut place) = place.lock() {
                    *place = Some(value);
                }
            }
        };
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let worker = || {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(processors.div_ceil(self.jobs));
            pool.build()
                .map_or_else(|_| work_through(), |pool| pool.install(work_through));
        };
        std::thread::scope(|scope| (0..self.jobs).for_each(|_| drop(scope.spawn(worker))));
        let made = made.into_iter().map(Mutex::into_inner);
        made.filter_map(|it| it.ok().flatten()).collect()
    }
}

/// The name of an item as it is printed.
pub(super) fn printed(item: &ExamItem) -> String {
    plain_line(&match &item.place {
        crate::archive::ExamPlace::File(file) => file.display().to_string(),
        crate::archive::ExamPlace::Row(file, row) => format!("{}#{row}", file.display()),
    })
}

/// Prints a line as it is done.
pub(super) fn print(line: &Line) {
    let text = serde_json::to_string(line)
        .unwrap_or_else(|it| format!("{{\"status\":\"failed\",\"reason\":\"{it}\"}}"));
    print_line(&text);
}

/// Runs `work`; a crash in one exam is that exam's failure.
pub(super) fn caught<T>(work: impl FnOnce() -> Result<T, CliError>) -> Result<T, CliError> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(CliError("an unforeseen error".into())))
}

/// Hash of files, one after the other.
pub(super) fn sha256_of(files: &[PathBuf]) -> io::Result<String> {
    let mut hasher = Sha256::new();
    for path in files {
        let mut file = fs::File::open(path)?;
        let mut piece = vec![0; 1 << 16];
        hasher.update(file.metadata()?.len().to_le_bytes());
        loop {
            match io::Read::read(&mut file, &mut piece)? {
                0 => break,
                n => hasher.update(&piece[..n]),
            }
        }
    }
    Ok(hex(&hasher.finalize()))
}
