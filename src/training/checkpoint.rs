//! What a run needs to go on after an interruption, on disk whole or not at all.

use std::path::{Path, PathBuf};

use burn::{module::Module, optim::ModuleOptimizer};
use serde::{Deserialize, Serialize};

use super::TrainingError;
use crate::{
    formats::{Output, Overwrite},
    geovt::weights::{from_bytes, to_bytes},
};

/// Progress of a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Steps done.
    pub step: u64,
    /// Best validation score so far, dB.
    pub best_db: f64,
    /// Step of the best score.
    pub best_step: u64,
    /// Seconds spent, over all pieces.
    pub seconds: f64,
    /// Loss and validation so far: step, training loss (dB), validation (dB).
    pub history: Vec<(u64, f64, f64)>,
}

impl Checkpoint {
    /// A run that has not begun.
    fn fresh() -> Self {
        Self {
            best_db: f64::MIN,
            ..Self::default()
        }
    }

    /// Notes a look at the exams set apart, training loss and score in dB; whether it is the best so
    /// far.
    pub(super) fn note(&mut self, loss_db: f64, score_db: f64) -> bool {
        self.history.push((self.step, loss_db, score_db));
        eprintln!(
            "step {:5}  loss {loss_db:6.2} dB  set apart {score_db:6.2} dB  {:5.0} s",
            self.step, self.seconds
        );
        let is_best = self.best_db < score_db;
        if is_best {
            (self.best_db, self.best_step) = (score_db, self.step);
        }
        is_best
    }
}

/// Where a run keeps its pieces.
pub(super) struct CheckpointDir(pub(super) PathBuf);

impl CheckpointDir {
    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Saves network, optimiser and progress; the progress file last, so that it never runs ahead
    /// of the weights.
    pub(super) fn save<M: Module>(
        &self,
        network: &M,
        optimiser: &ModuleOptimizer,
        progress: &Checkpoint,
    ) -> Result<(), TrainingError> {
        save_atomically(&self.at("network.bpk"), &to_bytes(network)?)?;
        let state = optimiser.into_bytes().map_err(|it| failure(&self.0, it))?;
        save_atomically(&self.at("optimiser.bin"), &state)?;
        let progress = serde_json::to_vec_pretty(progress).map_err(|it| failure(&self.0, it))?;
        save_atomically(&self.at("progress.json"), &progress)
    }

    /// Saves the best network so far.
    pub(super) fn save_best<M: Module>(&self, network: &M) -> Result<(), TrainingError> {
        save_atomically(&self.at("best.bpk"), &to_bytes(network)?)
    }

    /// The best network so far.
    pub(super) fn best<M: Module>(&self, network: M) -> Result<M, TrainingError> {
        let path = self.at("best.bpk");
        let bytes = std::fs::read(&path).map_err(|it| failure(&path, it))?;
        Ok(from_bytes(network, &bytes)?)
    }

    /// Picks up where the run stopped, or starts.
    pub(super) fn resume<M: Module>(
        &self,
        network: M,
        optimiser: ModuleOptimizer,
    ) -> Result<(M, ModuleOptimizer, Checkpoint), TrainingError> {
        let Ok(progress) = std::fs::read(self.at("progress.json")) else {
            return Ok((network, optimiser, Checkpoint::fresh()));
        };
        let progress = serde_json::from_slice(&progress).map_err(|it| failure(&self.0, it))?;
        let bytes = std::fs::read(self.at("network.bpk")).map_err(|it| failure(&self.0, it))?;
        let state = std::fs::read(self.at("optimiser.bin")).map_err(|it| failure(&self.0, it))?;
        let optimiser = optimiser
            .from_bytes(burn::tensor::Bytes::from_bytes_vec(state))
            .map_err(|it| failure(&self.0, it))?;
        Ok((from_bytes(network, &bytes)?, optimiser, progress))
    }
}

/// Writes a file whole, and the folder that it lies in.
pub fn save_atomically(path: &Path, bytes: &[u8]) -> Result<(), TrainingError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|it| failure(folder, it))?;
    let output = Output::new(Overwrite::Allowed);
    output.write(path, bytes).map_err(|it| failure(path, it))
}

fn failure(path: &Path, what: impl std::fmt::Display) -> TrainingError {
    TrainingError::File {
        what: what.to_string(),
        path: path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_look_is_kept() {
        let mut progress = Checkpoint::fresh();
        let looks = [(500, 20.0), (1000, 21.0), (1500, 20.5)];
        let best = looks.map(|(step, score)| {
            progress.step = step;
            progress.note(-10.0, score)
        });
        assert_eq!(best, [true, true, false]);
        assert_eq!((progress.best_step, progress.best_db), (1000, 21.0));
        assert_eq!(progress.history.len(), 3);
    }
}
