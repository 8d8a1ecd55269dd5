//! `MODEL_CARD.md`, written from the records of the runs and from nothing else.

use std::{fmt::Write, path::Path};

use sha2::{Digest, Sha256};

use super::{FormResult, Table, TrainingError, checkpoint::save_atomically, pretrain::Record};

/// Writes the card beside the weights.
pub fn write_card(weights: &Path, commit: &str) -> Result<(), TrainingError> {
    let mut card = String::from(HEAD);
    for set in ["shipped", "unseen"] {
        let record: Record = json(&weights.join(format!("{set}.record.json")))?;
        let bytes = read(&weights.join(format!("{set}.bpk")))?;
        set_words(&mut card, &record, &bytes);
    }
    if let Ok(forms) = json::<Vec<FormResult>>(&weights.join("ablation.json")) {
        forms_words(&mut card, &forms);
    }
    let _ = write!(card, "{TAIL}\nTrained at commit `{commit}`.\n");
    save_atomically(&weights.join("MODEL_CARD.md"), card.as_bytes())
}

fn set_words(card: &mut String, record: &Record, bytes: &[u8]) {
    let sum: String = Sha256::digest(bytes).iter().map(|it| format!("{it:02x}")).collect();
    let _ = writeln!(card, "\n## Weight set `{}`\n\n{} bytes, sha256 `{sum}`.\n", record.set, bytes.len());
    let (real, made, valid) = record.exams;
    let _ = writeln!(
        card,
        "{real} recorded and {made} generated exams for training ({} and {} questions), {valid} exams for validation. {} member(s), seed {} on, width {}, {} rounds, {} steps at most, {} questions a step; {:.1} minutes of training on a shared two-core machine.",
        record.cases.0,
        record.cases.1,
        record.members,
        record.settings.seed,
        record.settings.network.width,
        record.settings.network.rounds,
        record.settings.steps,
        record.settings.batch,
        record.seconds / 60.0
    );
    let each: Vec<String> = record.each.iter().map(|(step, db)| format!("{db:.2} dB at step {step}")).collect();
    let _ = writeln!(card, "Validation score of each member alone (all sources, both protocols): {}.\n", each.join("; "));
    record.tables.iter().for_each(|it| table(card, it, "prior alone", "corrected"));
    card.push_str(
        "\nViews that a shorter run was never asked for, and what its correction is worth there (this sets the reach of the gate):\n\n",
    );
    card.push_str(
        "| view | degrees to the nearest trained view | best weight | gain, dB | gain at full weight, dB |\n|---|---|---|---|---|\n",
    );
    for it in &record.left_out {
        let _ = writeln!(card, "| {} | {:.0} | {:.2} | {:+.2} | {:+.2} |", it.name, it.far_deg, it.weight, it.gain_db, it.full_db);
    }
}

fn forms_words(card: &mut String, forms: &[FormResult]) {
    card.push_str("\n## Forms of GeoVT, trained on samples\n\nSame questions, same number of steps and batch (8 × 2 s at 125 Hz); far from converged on the time there was.\n\n");
    for form in forms {
        let _ = writeln!(card, "### {} ({} parameters, {} steps, {:.0} s)\n", form.form, form.parameters, form.steps, form.seconds);
        form.tables.iter().for_each(|it| table(card, it, "mix alone, or 0 mV", "with the network"));
    }
}

fn table(card: &mut String, table: &Table, before: &str, after: &str) {
    let _ = writeln!(card, "{} (PSNR in dB, mean over records):\n\n| | {before} | {after} |\n|---|---|---|", table.protocol);
    for row in &table.rows {
        let _ = writeln!(card, "| {} | {:.2} | {:.2} |", row.0, row.1, row.2);
    }
    let _ = writeln!(card, "| **mean** | {:.2} | **{:.2}** |\n", table.mean.0, table.mean.1);
}

fn read(path: &Path) -> Result<Vec<u8>, TrainingError> {
    std::fs::read(path).map_err(|it| TrainingError::File { what: it.to_string(), path: path.display().to_string() })
}

fn json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, TrainingError> {
    serde_json::from_slice(&read(path)?).map_err(|it| TrainingError::File { what: it.to_string(), path: path.display().to_string() })
}

const HEAD: &str = "# Model card\n
A correction of the field prior's mixing weights (the lead-field path of GeoVT). Input: covariances of the recorded leads over the first five seconds, their directions, the prior's weights and their spread. Output: a change of each weight, let in by a gate that falls with the angle to trained views. For research and teaching, not for diagnosis.\n
Figures below: 125 Hz, 0.5 Hz zero-phase high-pass, calibrated on the first five seconds, scored on the last five, PTB-XL rows of the validation split; early stopping looked at the same split (all sources), so they are a little kind. `evaluate` gives the figures at the recordings' own rate.\n
## Data\n
| source | licence |\n|---|---|\n| PTB-XL, Ningbo, Chapman, CPSC2018 and Extra, SPH: ten-second 12-lead recordings | CC BY 4.0 |\n| PTB (`s0010_re`) | ODC-BY 1.0 |\n| generated normal exams (deepfake-ecg 1.1.2) | MIT (generator) |\n
Splits are by patient; no validation patient is ever trained on. The set `unseen` never meets V2 or V6: not as input, not as target, not in a statistic, and it stands on the prior whose members were chosen without V2 and V6.\n";
const TAIL: &str = "\n## Known limits\n
- Some 470 recorded exams of adults: few of most diseases, no children, no paced rhythms chosen on purpose.\n- High, posterior and right views of real patients were never trained on; there the gate shuts and the field prior speaks alone.\n- Not trained on virtual patients yet, and no Stage III step changes the network: the calibration is the covariance that it is told.\n- A correction gains nothing at views it was never asked for, so `unseen` in P-unseen is the field prior that never saw V2 and V6, to the bit.
- One seed per set unless stated above, so the spread over seeds is not known yet.\n";
