//! The tables of an archive: their columns, and the rows that an exam has in each. `docs/archives.md`
//! prints this schema; a test compares.

use serde::Serialize;

use super::{
    columns::{Cell, Column, Kind},
    rows::{ExamRow, GradeRow, LeadPiece},
};
use crate::{
    ecg::Origin,
    reliability::HeldOut,
    signal::{LeadMeasurements, Measurements},
};

/// One of the tables, each with a row or rows for an exam, in the order of the exams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// The synthesised leads.
    Leads,
    /// Each recorded chest lead withheld in turn.
    Errors,
    /// How far each synthesised lead can be relied on.
    Grades,
    /// The exam measured.
    Measurements,
    /// Each lead measured, recorded and synthesised.
    LeadMeasurements,
    /// The exams: written last, so that its presence says that all else is there.
    Exams,
}

/// Everything made of one exam, or why nothing was.
#[derive(Clone, Debug)]
pub struct ExamRows {
    /// Name of the exam: the first column of every table.
    pub record: String,
    /// The exam.
    pub exam: ExamRow,
    /// Its synthesised leads.
    pub leads: Vec<LeadPiece>,
    /// Its withheld leads.
    pub errors: Vec<HeldOut>,
    /// Its grades.
    pub grades: Vec<GradeRow>,
    /// Its measurements, those of leads among them.
    pub measurements: Option<Measurements>,
}

/// The rows of a part, but for the leads, which are written as they come.
#[derive(Debug, Default)]
pub struct PartTables {
    rows: [Vec<Vec<Cell>>; Table::ALL.len()],
}

/// A column and how its cell follows from a value.
struct Field<T> {
    column: Column,
    cell: fn(&T) -> Cell,
}

const fn field<T>(
    name: &'static str,
    kind: Kind,
    about: &'static str,
    cell: fn(&T) -> Cell,
) -> Field<T> {
    let column = Column { name, kind, about };
    Field { column, cell }
}

const RECORD: Column = Column {
    name: "record",
    kind: Kind::Text,
    about: "name of the exam: its file, or the row's own identifier",
};

#[rustfmt::skip]
const EXAMS: &[Field<ExamRow>] = &[
    field("status", Kind::Text, "ok or failed", |it| { let ok = it.failure.is_none(); (if ok { "ok" } else { "failed" }).to_owned().into() }),
    field("reason", Kind::Text, "why it failed", |it| it.failure.clone().into()),
    field("duration_s", Kind::Number, "length", |it| it.duration_s.into()),
    field("rate_hz", Kind::Number, "samples per second", |it| it.rate_hz.into()),
    field("method", Kind::Text, "how it was calibrated", |it| it.method.clone().into()),
    field("held_out_rmse_uv", Kind::Number, "mean error of its chest leads, each withheld in turn", |it| it.held_out_rmse_uv.into()),
    field("warnings", Kind::Text, "what the reader said and what calls for caution, JSON", |it| it.warnings.clone().into()),
    field("sha256", Kind::Text, "hash of its files, or of a row's values", |it| it.sha256.clone().into()),
];

#[rustfmt::skip]
const LEADS: &[Field<LeadPiece>] = &[
    field("lead", Kind::Text, "the lead; `d` before the name says that it was synthesised", |it| it.lead.label().into()),
    field("origin", Kind::Text, "synthesised (estimated, not recorded, not for diagnosis), derived by exact algebra, or measured", |it| origin(&it.lead.origin).into()),
    field("by", Kind::Text, "what estimated it", |it| by(&it.lead.origin).into()),
    field("start_s", Kind::Number, "seconds from the start; exams over five minutes come in several rows", |it| it.start_s.into()),
    field("rate_hz", Kind::Number, "samples per second", |it| it.rate_hz.into()),
    field("samples_mv", Kind::Samples, "millivolts; a gap is NaN", |it| Cell::Samples(it.lead.samples_mv.to_vec())),
];

#[rustfmt::skip]
const ERRORS: &[Field<HeldOut>] = &[
    field("lead", Kind::Text, "a recorded chest lead, withheld and synthesised from the others", |it| it.lead.to_string().into()),
    field("nearest_deg", Kind::Number, "degrees to the nearest lead that was left", |it| it.nearest_deg.into()),
    field("rmse_uv", Kind::Number, "root mean square error, µV, behind a 0.5 Hz high-pass", |it| it.rmse_uv.into()),
    field("expected_rmse_uv", Kind::Number, "the error that was expected, µV", |it| it.expected_rmse_uv.into()),
    field("correlation", Kind::Number, "correlation with the recorded lead", |it| it.correlation.into()),
    field("j60_error_uv", Kind::Number, "absolute error 60 ms after the J point, µV", |it| it.j60_error_uv.into()),
    field("coverage", Kind::Number, "share of samples inside the 90 % band", |it| it.coverage.into()),
    field("rms_uv", Kind::Number, "root mean square of the recorded lead, µV", |it| it.rms_uv.into()),
    field("slope", Kind::Number, "slope of the synthesised on the recorded samples", |it| it.slope.into()),
    field("population_rmse_uv", Kind::Number, "the same error for a linear map from other patients, µV", |it| it.population_rmse_uv.into()),
    field("time_only_rmse_uv", Kind::Number, "for a map that has seen this very lead (optimistic), µV", |it| it.time_only_rmse_uv.into()),
];

#[rustfmt::skip]
const GRADES: &[Field<GradeRow>] = &[
    field("lead", Kind::Text, "the lead, as in `leads`", |it| it.lead.clone().into()),
    field("theta_deg", Kind::Number, "direction from the heart: from superior", |it| it.theta_deg.into()),
    field("phi_deg", Kind::Number, "direction from the heart: from anterior to the patient's left", |it| it.phi_deg.into()),
    field("expected_rmse_uv", Kind::Number, "error to expect, µV", |it| it.expected_rmse_uv.into()),
    field("grade", Kind::Text, "A, B, C or not supported; absent with --no-reliability", |it| it.grade.map(|grade| grade.to_string()).into()),
    field("reasons", Kind::Text, "why, JSON", |it| it.reasons.clone().into()),
    field("true_rmse_uv", Kind::Number, "error against the file's own lead of this name, where it was withheld, µV", |it| it.true_rmse_uv.into()),
];

#[rustfmt::skip]
const MEASUREMENTS: &[Field<Measurements>] = &[
    field("beats", Kind::Whole, "QRS complexes", |it| it.beats.into()),
    field("beats_used", Kind::Whole, "those of the dominant shape, on whose median the rest was measured", |it| it.beats_used.into()),
    field("rhythm", Kind::Text, "what the rhythm looks like", |it| code(&it.rhythm)),
    field("heart_rate_bpm", Kind::Number, "beats per minute", |it| it.heart_rate_bpm.into()),
    field("rr_ms", Kind::Number, "median interval between beats", |it| it.rr_ms.into()),
    field("rr_min_ms", Kind::Number, "shortest", |it| it.rr_min_ms.into()),
    field("rr_max_ms", Kind::Number, "longest", |it| it.rr_max_ms.into()),
    field("rr_sd_ms", Kind::Number, "standard deviation", |it| it.rr_sd_ms.into()),
    field("p_ms", Kind::Number, "length of P", |it| it.p_ms.into()),
    field("pr_ms", Kind::Number, "onset of P to onset of QRS", |it| it.pr_ms.into()),
    field("qrs_ms", Kind::Number, "length of QRS", |it| it.qrs_ms.into()),
    field("qt_ms", Kind::Number, "onset of QRS to end of T", |it| it.qt_ms.into()),
    field("qtc_bazett_ms", Kind::Number, "QT corrected", |it| it.qtc_bazett_ms.into()),
    field("qtc_fridericia_ms", Kind::Number, "QT corrected", |it| it.qtc_fridericia_ms.into()),
    field("qtc_framingham_ms", Kind::Number, "QT corrected", |it| it.qtc_framingham_ms.into()),
    field("qtc_hodges_ms", Kind::Number, "QT corrected", |it| it.qtc_hodges_ms.into()),
    field("p_axis_deg", Kind::Number, "frontal axis of P", |it| it.p_axis_deg.into()),
    field("qrs_axis_deg", Kind::Number, "frontal axis of QRS", |it| it.qrs_axis_deg.into()),
    field("t_axis_deg", Kind::Number, "frontal axis of T", |it| it.t_axis_deg.into()),
    field("sokolow_lyon_uv", Kind::Number, "S in V1 and the larger R of V5 and V6", |it| it.sokolow_lyon_uv.into()),
    field("cornell_uv", Kind::Number, "R in aVL and S in V3", |it| it.cornell_uv.into()),
    field("transition", Kind::Text, "first of V1 to V6 whose R is at least its S", |it| it.transition.as_ref().map(ToString::to_string).into()),
];

#[rustfmt::skip]
const LEAD_MEASUREMENTS: &[Field<LeadMeasurements>] = &[
    field("lead", Kind::Text, "the lead; `d` before the name says that it was synthesised", |it| { let d = if it.synthesised { "d" } else { "" }; format!("{d}{}", it.lead).into() }),
    field("synthesised", Kind::Flag, "whether it was estimated rather than recorded", |it| it.synthesised.into()),
    field("error_uv", Kind::Number, "error expected of a synthesised lead", |it| it.error_uv.into()),
    field("p_uv", Kind::Number, "P", |it| it.p_uv.into()),
    field("p_ms", Kind::Number, "its length", |it| it.p_ms.into()),
    field("q_uv", Kind::Number, "Q", |it| it.q_uv.into()),
    field("q_ms", Kind::Number, "its length", |it| it.q_ms.into()),
    field("r_uv", Kind::Number, "R", |it| it.r_uv.into()),
    field("r_ms", Kind::Number, "its length", |it| it.r_ms.into()),
    field("s_uv", Kind::Number, "S", |it| it.s_uv.into()),
    field("s_ms", Kind::Number, "its length", |it| it.s_ms.into()),
    field("r_prime_uv", Kind::Number, "R'", |it| it.r_prime_uv.into()),
    field("r_prime_ms", Kind::Number, "its length", |it| it.r_prime_ms.into()),
    field("s_prime_uv", Kind::Number, "S'", |it| it.s_prime_uv.into()),
    field("s_prime_ms", Kind::Number, "its length", |it| it.s_prime_ms.into()),
    field("st_j_uv", Kind::Number, "ST at the J point", |it| it.st_j_uv.into()),
    field("st_j60_uv", Kind::Number, "60 ms later", |it| it.st_j60_uv.into()),
    field("st_j80_uv", Kind::Number, "80 ms after the J point", |it| it.st_j80_uv.into()),
    field("t_uv", Kind::Number, "T", |it| it.t_uv.into()),
    field("t_polarity", Kind::Text, "which way it points", |it| code(&it.t_polarity)),
];

fn origin(origin: &Origin) -> String {
    let word = match origin {
        Origin::Measured => "measured",
        Origin::Derived { .. } => "derived",
        Origin::Synthesised { .. } => "synthesised",
    };
    word.to_owned()
}

fn by(origin: &Origin) -> Option<String> {
    match origin {
        Origin::Synthesised { by, .. } => Some(by.to_string()),
        Origin::Measured | Origin::Derived { .. } => None,
    }
}

/// A fact as its code: the same word as in the JSON of the other commands.
fn code(fact: &impl Serialize) -> Cell {
    match serde_json::to_value(fact) {
        Ok(serde_json::Value::String(code)) => Cell::Text(code),
        Ok(serde_json::Value::Null) | Err(_) => Cell::Absent,
        Ok(other) => Cell::Text(other.to_string()),
    }
}

impl Table {
    /// Every table, in the order in which they are written.
    pub const ALL: [Self; 6] = [
        Self::Leads,
        Self::Errors,
        Self::Grades,
        Self::Measurements,
        Self::LeadMeasurements,
        Self::Exams,
    ];

    /// Name of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Leads => "leads",
            Self::Errors => "errors",
            Self::Grades => "grades",
            Self::Measurements => "measurements",
            Self::LeadMeasurements => "lead_measurements",
            Self::Exams => "exams",
        }
    }

    /// Its columns.
    pub(super) fn columns(self) -> Vec<Column> {
        fn of<T>(fields: &[Field<T>]) -> Vec<Column> {
            let own = fields.iter().map(|field| field.column);
            [RECORD].into_iter().chain(own).collect()
        }
        match self {
            Self::Leads => of(LEADS),
            Self::Errors => of(ERRORS),
            Self::Grades => of(GRADES),
            Self::Measurements => of(MEASUREMENTS),
            Self::LeadMeasurements => of(LEAD_MEASUREMENTS),
            Self::Exams => of(EXAMS),
        }
    }

    /// Its schema as the rows of a Markdown table: column, type, meaning.
    pub fn schema(self) -> String {
        let kind = |kind| match kind {
            Kind::Text => "string",
            Kind::Number => "double",
            Kind::Whole => "int64",
            Kind::Flag => "bool",
            Kind::Samples => "list of float",
        };
        let columns = self.columns().into_iter();
        columns
            .map(|it| format!("| `{}` | {} | {} |\n", it.name, kind(it.kind), it.about))
            .collect()
    }
}

fn row<T>(record: &str, value: &T, fields: &[Field<T>]) -> Vec<Cell> {
    let own = fields.iter().map(|field| (field.cell)(value));
    let record = Cell::Text(record.to_owned());
    [record].into_iter().chain(own).collect()
}

fn all<T>(record: &str, values: &[T], fields: &[Field<T>]) -> Vec<Vec<Cell>> {
    values
        .iter()
        .map(|value| row(record, value, fields))
        .collect()
}

impl ExamRows {
    pub(super) fn lead_cells(&self) -> Vec<Vec<Cell>> {
        all(&self.record, &self.leads, LEADS)
    }
}

impl PartTables {
    /// Adds an exam's rows.
    pub fn add(&mut self, it: &ExamRows) {
        let record = &it.record;
        let [_, errors, grades, measurements, lead_measurements, exams] = &mut self.rows;
        errors.extend(all(record, &it.errors, ERRORS));
        grades.extend(all(record, &it.grades, GRADES));
        if let Some(table) = &it.measurements {
            measurements.push(row(record, table, MEASUREMENTS));
            lead_measurements.extend(all(record, &table.leads, LEAD_MEASUREMENTS));
        }
        exams.push(row(record, &it.exam, EXAMS));
    }

    pub(super) fn rows(&self, table: Table) -> &[Vec<Cell>] {
        let place = Table::ALL.iter().position(|it| *it == table);
        place.map_or(&[], |idx| &self.rows[idx])
    }
}
