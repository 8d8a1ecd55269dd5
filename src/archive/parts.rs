//! Parts of an archive: so many exams in a row, and the tables made of them. A part is made anew or
//! not at all, and depends on nothing but its exams and the settings; so parts can be made in any
//! order, anywhere, twice, and be the same bytes.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use parquet::file::reader::{FileReader, SerializedFileReader};
use sha2::{Digest, Sha256};

use super::{
    ArchiveError, ExamItem,
    columns::Cell,
    items::share,
    table::TableWriter,
    tables::{ExamRows, PartTables, Table},
};
use crate::{ecg::hex, formats::Output};

/// Exams that share their tables.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Which part, from 0.
    pub number: usize,
    /// Its exams.
    pub items: &'a [ExamItem],
}

/// What a part's tables were made of: the same stamp, the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartStamp {
    settings: String,
    exams: String,
}

impl PartStamp {
    /// `settings` is a hash of everything asked for, of the program's version and of its weights;
    /// `exams` are names and hashes, in their order.
    pub fn new<'a>(
        settings: &str,
        exams: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
    ) -> Self {
        let mut hasher = Sha256::new();
        for (name, sha256) in exams {
            hasher.update(format!("{name}\0{}\0", sha256.unwrap_or_default()));
        }
        Self {
            settings: settings.to_owned(),
            exams: hex(&hasher.finalize()),
        }
    }
}

const SETTINGS: &str = "ecg-panorama.settings";
const EXAMS: &str = "ecg-panorama.exams";
const TABLES: &str = "ecg-panorama.tables";
/// Rows of other tables than the leads that are written at once.
const GROUP: usize = 100_000;

impl<'a> Part<'a> {
    /// The parts of `items`, `size` exams each, of which `shard` (such as `1/4`) is ours.
    pub fn all(
        items: &'a [ExamItem],
        size: usize,
        shard: Option<&str>,
    ) -> Result<Vec<Self>, ArchiveError> {
        let parts = items.chunks(size.max(1)).enumerate();
        let parts = parts.map(|(number, items)| Self { number, items });
        share(parts.collect(), shard)
    }

    /// Where a table of it lies.
    pub fn path(&self, folder: &Path, table: Table) -> PathBuf {
        let name = format!("part-{:06}.parquet", self.number);
        folder.join(table.name()).join(name)
    }

    /// The stamp of the tables that are there, if all are, and whole.
    pub fn stamp(&self, folder: &Path) -> Option<PartStamp> {
        let file = File::open(self.path(folder, Table::Exams)).ok()?;
        let reader = SerializedFileReader::new(file).ok()?;
        let facts = reader.metadata().file_metadata().key_value_metadata()?;
        let fact = |key: &str| facts.iter().find(|it| it.key == key)?.value.clone();
        let is_whole = self.tables_sha256(folder).ok()? == fact(TABLES)?;
        is_whole.then_some(PartStamp {
            settings: fact(SETTINGS)?,
            exams: fact(EXAMS)?,
        })
    }

    /// Hash of all tables but that of the exams.
    fn tables_sha256(&self, folder: &Path) -> Result<String, ArchiveError> {
        let mut hasher = Sha256::new();
        for table in Table::ALL.into_iter().filter(|it| *it != Table::Exams) {
            let path = self.path(folder, table);
            let failed = |it| ArchiveError::io(&path, it);
            hasher.update(fs::read(&path).map_err(failed)?);
        }
        Ok(hex(&hasher.finalize()))
    }

    /// Writes its tables, that of the exams last. `work` gives the rows of some more of its exams,
    /// in their order, until there are no more.
    pub fn write(
        &self,
        folder: &Path,
        output: &Output,
        settings: &str,
        mut work: impl FnMut() -> Option<Vec<ExamRows>>,
    ) -> Result<(), ArchiveError> {
        let mut tables = PartTables::default();
        let mut exams: Vec<(String, Option<String>)> = Vec::new();
        let path = self.path(folder, Table::Leads);
        output.write_pieces(&path, |out| {
            let failed = |it| ArchiveError::parquet(&path, it);
            let mut leads = TableWriter::new(out, Table::Leads.columns()).map_err(failed)?;
            while let Some(made) = work() {
                let rows: Vec<_> = made.iter().flat_map(ExamRows::lead_cells).collect();
                leads.write(&rows).map_err(failed)?;
                made.iter().for_each(|it| tables.add(it));
                exams.extend(made.into_iter().map(|it| (it.record, it.exam.sha256)));
            }
            leads.close(&[]).map_err(failed)
        })?;
        let exams = exams.iter().map(|it| (&*it.0, it.1.as_deref()));
        let stamp = PartStamp::new(settings, exams);
        let others = Table::ALL.into_iter();
        for table in others.filter(|it| !matches!(it, Table::Leads | Table::Exams)) {
            self.write_table(folder, output, table, tables.rows(table), &[])?;
        }
        let whole = self.tables_sha256(folder)?;
        let facts = [
            (SETTINGS, &*stamp.settings),
            (EXAMS, &*stamp.exams),
            (TABLES, &*whole),
        ];
        let table = Table::Exams;
        self.write_table(folder, output, table, tables.rows(table), &facts)
    }

    fn write_table(
        &self,
        folder: &Path,
        output: &Output,
        table: Table,
        rows: &[Vec<Cell>],
        facts: &[(&str, &str)],
    ) -> Result<(), ArchiveError> {
        let path = self.path(folder, table);
        output.write_pieces(&path, |out: &mut (dyn Write + Send)| {
            let failed = |it| ArchiveError::parquet(&path, it);
            let mut writer = TableWriter::new(out, table.columns()).map_err(failed)?;
            for rows in rows.chunks(GROUP) {
                writer.write(rows).map_err(failed)?;
            }
            writer.close(facts).map_err(failed)
        })
    }
}
