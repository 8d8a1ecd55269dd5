//! Recordings made by hand, byte by byte, for tests of the readers.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test stops at what it did not expect.
#![allow(dead_code)] // Each test file uses its own share.

mod carts;

#[allow(unused_imports)] // Likewise.
pub use carts::*;

/// A number generator that needs no crate and gives the same numbers everywhere (xorshift64*).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

pub const LEADS: [&str; 8] = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"];

/// Waves in steps of 5 µV, different in every lead.
pub fn steps(n: usize) -> Vec<Vec<i16>> {
    let wave = |lead: usize, at: usize| {
        ((at as f64 * 0.05).sin() * 300.0 + ((at + 7 * lead) % 50) as f64 * 11.0) as i16
            - 20 * lead as i16
    };
    (0..LEADS.len())
        .map(|lead| (0..n).map(|at| wave(lead, at)).collect())
        .collect()
}

/// One signal of an EDF file.
pub struct Signal {
    pub label: String,
    pub unit: String,
    pub physical: (String, String),
    pub digital: (i32, i32),
    pub per_record: usize,
    pub records: Vec<Vec<u8>>,
}

pub struct Edf {
    pub version: [u8; 8],
    pub patient: String,
    pub recording: String,
    pub start: String,
    pub reserved: String,
    pub n_records: i64,
    pub record_s: String,
    pub signals: Vec<Signal>,
}

impl Edf {
    /// Samples (in digital steps) at one rate, cut into records of `per_record`.
    pub fn of(
        columns: &[Vec<i16>],
        unit: &str,
        physical: (&str, &str),
        per_record: usize,
        record_s: &str,
    ) -> Self {
        let signals = LEADS.iter().zip(columns).map(|(label, column)| Signal {
            label: (*label).to_owned(),
            unit: unit.to_owned(),
            physical: (physical.0.to_owned(), physical.1.to_owned()),
            digital: (-32_768, 32_767),
            per_record,
            records: column
                .chunks(per_record)
                .map(|it| it.iter().flat_map(|it| it.to_le_bytes()).collect())
                .collect(),
        });
        Self {
            version: *b"0       ",
            patient: "X X X X".to_owned(),
            recording: "Startdate 02-MAR-2002 X X X".to_owned(),
            start: "02.03.0213.14.15".to_owned(),
            reserved: String::new(),
            n_records: columns[0].chunks(per_record).len() as i64,
            record_s: record_s.to_owned(),
            signals: signals.collect(),
        }
    }

    /// Adds an annotation signal with these lists, one per record, and the mark of the format
    /// (`EDF+C`, `EDF+D`).
    pub fn with_lists(mut self, reserved: &str, lists: &[&str]) -> Self {
        let width = lists
            .iter()
            .map(|it| it.len())
            .max()
            .unwrap_or(0)
            .next_multiple_of(2);
        let padded = |it: &&str| {
            let mut out = it.as_bytes().to_vec();
            out.resize(width, 0);
            out
        };
        self.reserved = reserved.to_owned();
        self.signals.push(Signal {
            label: "EDF Annotations".to_owned(),
            unit: String::new(),
            physical: ("-1".to_owned(), "1".to_owned()),
            digital: (-32_768, 32_767),
            per_record: width / 2,
            records: lists.iter().map(padded).collect(),
        });
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut out = self.version.to_vec();
        let n = self.signals.len();
        for (text, width) in [
            (self.patient.clone(), 80),
            (self.recording.clone(), 80),
            (self.start.clone(), 16),
            (((n + 1) * 256).to_string(), 8),
            (self.reserved.clone(), 44),
            (self.n_records.to_string(), 8),
            (self.record_s.clone(), 8),
            (n.to_string(), 4),
        ] {
            out.extend(format!("{text:<width$}").bytes());
        }
        let mut column = |width: usize, field: &dyn Fn(&Signal) -> String| {
            for it in &self.signals {
                out.extend(format!("{:<width$}", field(it)).bytes());
            }
        };
        column(16, &|it| it.label.clone());
        column(80, &|_| String::new());
        column(8, &|it| it.unit.clone());
        column(8, &|it| it.physical.0.clone());
        column(8, &|it| it.physical.1.clone());
        column(8, &|it| it.digital.0.to_string());
        column(8, &|it| it.digital.1.to_string());
        column(80, &|_| "HP:0.05Hz LP:150Hz".to_owned());
        column(8, &|it| it.per_record.to_string());
        column(32, &|_| String::new());
        for record in 0..self.signals[0].records.len() {
            for it in &self.signals {
                out.extend(it.records.get(record).into_iter().flatten());
            }
        }
        out
    }
}

/// A header whose signals share one file.
pub fn hea(
    record: &str,
    file: &str,
    format: &str,
    gain: &str,
    rate: &str,
    columns: &[Vec<i16>],
) -> String {
    let mut out = format!("{record} {} {rate} {}\n", columns.len(), columns[0].len());
    for (label, column) in LEADS.iter().zip(columns) {
        let sum = column.iter().fold(0i16, |sum, it| sum.wrapping_add(*it));
        out += &format!(
            "{file} {format} {gain} 16 0 {} {sum} 0 {label}\n",
            column[0]
        );
    }
    out
}

/// Samples side by side.
pub fn frames(columns: &[Vec<i16>]) -> Vec<i16> {
    (0..columns[0].len())
        .flat_map(|at| columns.iter().map(move |it| it[at]))
        .collect()
}

pub fn dat_16(columns: &[Vec<i16>]) -> Vec<u8> {
    frames(columns)
        .iter()
        .flat_map(|it| it.to_le_bytes())
        .collect()
}

pub fn dat_212(columns: &[Vec<i16>]) -> Vec<u8> {
    let samples = frames(columns);
    let pair = |it: &[i16]| {
        let [a, b] = [
            it[0] as u16 & 0xfff,
            it.get(1).copied().unwrap_or(0) as u16 & 0xfff,
        ];
        [a as u8, (a >> 8) as u8 | ((b >> 8) << 4) as u8, b as u8]
    };
    samples.chunks(2).flat_map(pair).collect()
}

/// A MATLAB 4 matrix of 16-bit numbers called `val`.
pub fn mat(columns: &[Vec<i16>]) -> Vec<u8> {
    let head = [30, columns.len() as i32, columns[0].len() as i32, 0, 4];
    head.iter()
        .flat_map(|it| it.to_le_bytes())
        .chain(*b"val\0")
        .chain(dat_16(columns))
        .collect()
}

pub fn csv(columns: &[Vec<i16>], hz: f64) -> String {
    let mut out = format!(
        "time_s,{}\n",
        LEADS.map(|it| format!("{it} (uV)")).join(",")
    );
    for at in 0..columns[0].len() {
        let row: Vec<String> = columns
            .iter()
            .map(|it| (i32::from(it[at]) * 5).to_string())
            .collect();
        out += &format!("{},{}\n", at as f64 / hz, row.join(","));
    }
    out
}
