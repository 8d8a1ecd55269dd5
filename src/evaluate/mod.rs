//! The protocols and their baselines: recordings in, tables out.

mod disease;
mod each;
mod error;
mod exam;
mod healthy;
mod map;
mod measured;
mod method;
mod moments;
mod noise;
mod offset;
mod protocol;
mod report;
mod run;
mod score;
mod signs;
mod stated;
mod stated_leads;
mod views;
mod virtual_exams;

pub use error::EvaluateError;
pub use exam::{LabelledExam, read_exams};
pub use healthy::healthy_recordings;
pub use map::{MapRegion, MapReport, MapScore, body_surface_map};
pub use measured::MeasuredTable;
pub use method::Method;
pub use moments::moments;
pub use noise::Noise;
pub use protocol::{Protocol, Task};
pub use report::Report;
pub use run::Evaluation;
pub use score::{AllLeads, MeasureSpreads, Results, Score, Spread};
pub use signs::{Amplitude, AmplitudeRow, LeadSign, SignReport, SignRow, signs};
pub use stated::{ErrorsOf, StatedReport, TruthOfErrors, stated_errors, truth_of_errors};
pub use stated_leads::StatedError;
pub use views::{ViewsRow, views_table};
