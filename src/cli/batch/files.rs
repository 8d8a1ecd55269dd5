//! A batch whose outcome is a file for each exam.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{
    super::{
        CliError,
        exam::{Exam, STREAM_S},
        made_leads::recording_beside,
        output_args::format_of,
        stream,
    },
    line::{Line, MadeWith},
    work::{Judged, Work, caught, print, printed, sha256_of},
};
use crate::{
    archive::{ExamItem, ExamPlace},
    synth::Mixing,
};

/// Works on all. Returns how many failed.
pub(super) fn run(work: &Work, items: &[ExamItem], extension: Option<&str>) -> usize {
    let files = Files { work, extension };
    let outcomes = work.each(items, |item| {
        let line = files.line(item);
        print(&line);
        line.status == "failed"
    });
    outcomes.into_iter().filter(|it| *it).count()
}

struct Files<'a> {
    work: &'a Work,
    /// Of the leads; none where only numbers are wanted.
    extension: Option<&'a str>,
}

impl Files<'_> {
    fn line(&self, item: &ExamItem) -> Line {
        if self.work.is_resumed && self.is_done(item) {
            let reason = "already done with these settings";
            return Line::without(printed(item), "skipped", reason);
        }
        caught(|| self.one(item)).unwrap_or_else(|it| Line::without(printed(item), "failed", &it.0))
    }

    fn leads_path(&self, item: &ExamItem) -> Option<PathBuf> {
        let extension = self.extension?;
        Some(item.outcome_path(&self.work.folder, extension))
    }

    /// Whether the outcome is there, whole, and was made of these bytes with these settings.
    fn is_done(&self, item: &ExamItem) -> bool {
        #[derive(Deserialize)]
        struct Earlier {
            made_with: MadeWith,
        }
        let earlier = fs::read(item.outcome_path(&self.work.folder, "json"))
            .ok()
            .and_then(|it| serde_json::from_slice::<Earlier>(&it).ok());
        let now = || self.made_with(item, sha256_of(&item.files()).ok()?);
        earlier.is_some_and(|it| Some(it.made_with) == now())
    }

    fn made_with(&self, item: &ExamItem, recording: String) -> Option<MadeWith> {
        let outcome = self.leads_path(item).map(|it| sha256_of(&[it]));
        Some(MadeWith {
            settings: self.work.settings.clone(),
            recording,
            outcome: outcome.transpose().ok()?,
        })
    }

    fn one(&self, item: &ExamItem) -> Result<Line, CliError> {
        let ExamPlace::File(file) = &item.place else {
            return Err(CliError("rows of Parquet need --format parquet".into()));
        };
        let leads_path = self.leads_path(item);
        let numbers_path = item.outcome_path(&self.work.folder, "json");
        if let Some(folder) = numbers_path.parent() {
            fs::create_dir_all(folder).map_err(CliError::from_error)?;
        }
        for path in leads_path.iter().chain([&numbers_path]) {
            self.work.output.check(path)?;
        }
        let exam = Exam::read(file, &self.work.read, &self.work.options)?;
        let hash = sha256_of(&item.files()).map_err(CliError::from_error)?;
        let judged = self.work.judged(exam, &file.display().to_string())?;
        let mut warnings = judged.exam.warnings.clone();
        if let Some(path) = &leads_path {
            warnings.extend(self.write_leads(&judged, file, path)?);
            warnings.sort();
            warnings.dedup();
        }
        let line = Line {
            made_with: self.made_with(item, hash),
            ..Line::of(
                printed(item),
                &self.work.targets,
                &judged.synthesizer,
                judged.reliability.as_ref(),
                &warnings,
            )
        };
        // Last, so that its presence says that all else is there.
        let text = serde_json::to_string(&line).map_err(CliError::from_error)? + "\n";
        self.work.output.write(&numbers_path, text.as_bytes())?;
        Ok(line)
    }

    /// The leads over the whole recording. Returns what reading more of it had to say.
    fn write_leads(
        &self,
        judged: &Judged,
        file: &Path,
        path: &Path,
    ) -> Result<Vec<String>, CliError> {
        let format = format_of(path)?;
        let targets = self.work.targets.iter();
        if STREAM_S < judged.exam.seconds {
            let mixings = targets.map(|it| judged.synthesizer.mixing(it));
            let mixings: Vec<Mixing> = mixings.collect();
            let to = (path, format, &self.work.output);
            return stream::run(file, &self.work.read, &mixings, false, to);
        }
        let made = targets.map(|it| judged.synthesizer.target(it)).collect();
        let leads = recording_beside(&judged.exam.recording, made, false)?;
        self.work.output.write_recording(&leads, path, format)?;
        Ok(Vec::new())
    }
}
