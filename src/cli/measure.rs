//! `measure`: how true the measurements and warnings are, on data with a reference.

use std::path::PathBuf;

use super::CliError;
use crate::evaluate::MeasuredTable;

/// Score the measurements and warnings against references.
#[derive(clap::Args)]
pub struct Args {
    /// intervals, beats or motion (LUDB), rhythm, exchanges or displaced (PTB-XL; displaced at 500
    /// Hz), pacing or troubles (any at 500 Hz).
    #[arg(value_parser = table)]
    table: MeasuredTable,
    /// Folder of unpacked .npy arrays [record, 8 or 12 leads, sample] of int16 microvolts, ten
    /// seconds each, with index.csv (LUDB: and bounds.json) beside.
    folder: PathBuf,
    /// Split to score, where the index names splits.
    #[arg(long, default_value = "valid")]
    split: String,
    /// Exchanges and displaced: take every n-th recording only.
    #[arg(long, value_name = "N", default_value_t = 1)]
    stride: usize,
}

fn table(name: &str) -> Result<MeasuredTable, String> {
    let known = MeasuredTable::ALL.into_iter().find(|it| it.name() == name);
    let names = || MeasuredTable::ALL.map(MeasuredTable::name).join(", ");
    known.ok_or_else(|| format!("expected one of {}", names()))
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), CliError> {
    let text = args.table.of(&args.folder, &args.split, args.stride);
    print!("{}", text.map_err(CliError::from_error)?);
    Ok(())
}
