//! Bytes to recordings and back: one format per file, bounds-checked, with limits and an import
//! report.
//!
//! Content decides the format, not the extension. [`read`] takes a whole file, [`open`] a window of
//! a long one, [`read_bytes`] a file held in memory. [`Output`] is the one door through which the
//! program writes files of any kind. What
//! is not in here: signal processing (resampling, filters, quality), which is `signal`'s.

mod assemble;
mod atc;
mod bytes;
mod cart;
mod checksum;
mod collection;
mod comments;
mod contec;
mod contents;
mod cursor;
mod dates;
mod deidentify;
mod dicom;
mod edf;
mod error;
mod exam;
mod fhir;
mod files;
mod ishne;
mod lead_codes;
mod memory;
mod names;
mod npy;
mod options;
mod output;
mod paths;
mod pieces;
mod plan;
mod provenance;
mod quantisation;
mod report;
mod save;
mod scp;
mod signal_stats;
mod sniff;
mod source;
mod stretch;
mod table;
mod text;
mod unfinished;
mod unit;
mod wfdb;
mod xml;
mod zip;

pub use assemble::Opened;
pub use cart::{Caution, Measurement, Quantity};
pub use collection::files_below;
pub use deidentify::{Deidentification, deidentify};
pub use dicom::pdf_as_dicom;
pub use error::FormatError;
pub use exam::{Exam, ExamKind};
pub use files::files_of_recording;
pub use npy::NpyExams;
pub use options::{Converter, LimbLeads, Limits, MissingUnit, OtherRates, ReadOptions, Truncated};
pub use output::{Output, OutputError};
pub use report::{Gap, ImportReport, LeadReport, LeftOut};
pub use save::{Conversion, Format, SaveError, to_bytes, write};
pub use source::{Source, open, open_bytes, read, read_bytes, read_files};
pub use stretch::MadeLeads;
pub use unfinished::{Overwrite, remove_unfinished};
pub use unit::Unit;
