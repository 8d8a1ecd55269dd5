//! Bytes to recordings and back: one format per file, bounds-checked, with limits and an import
//! report.
//!
//! Content decides the format, not the extension. [`read`] takes a whole file, [`open`] a window of
//! a long one, [`read_bytes`] a file held in memory and [`write()`] saves whole or not at all. What
//! is not in here: signal processing (resampling, filters, quality), which is `signal`'s.

mod assemble;
mod bytes;
mod contents;
mod cursor;
mod deidentify;
mod edf;
mod error;
mod facts;
mod grid;
mod marks;
mod names;
mod options;
mod pieces;
mod report;
mod save;
mod sniff;
mod source;
mod table;
mod unit;
mod wfdb;

pub use deidentify::{Deidentification, deidentify};
pub use error::FormatError;
pub use options::{LimbLeads, Limits, MissingUnit, OtherRates, ReadOptions, Truncated};
pub use report::{Gap, ImportReport, LeadReport, LeftOut};
pub use save::{Format, convert, targets, to_bytes, write};
pub use source::{Opened, Source, open, open_bytes, read, read_bytes, read_files};
pub use unit::Unit;
