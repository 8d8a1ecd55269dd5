//! Exams by the thousand: which they are (folders, lists, Parquet), how they fall into parts, and
//! the Parquet tables that hold what was made of them. How an exam is worked on is not in here.

#[cfg(feature = "archive")]
mod columns;
mod error;
mod items;
mod manifest;
#[cfg(feature = "archive")]
mod parts;
#[cfg(feature = "archive")]
mod rows;
#[cfg(feature = "archive")]
mod signals;
#[cfg(feature = "archive")]
mod table;
#[cfg(feature = "archive")]
mod tables;

pub use error::ArchiveError;
pub use items::{ExamItem, ExamPlace, Listing};
#[cfg(feature = "archive")]
pub use parts::{Part, PartStamp};
#[cfg(feature = "archive")]
pub use rows::{ExamRow, GradeRow, LeadPiece};
#[cfg(feature = "archive")]
pub use signals::{SignalRow, SignalRows};
#[cfg(feature = "archive")]
pub use tables::{ExamRows, Table};
