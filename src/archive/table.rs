//! Writes one Parquet table. Equal rows give equal bytes.

use std::{io::Write, sync::Arc};

use parquet::{
    basic::{Compression, Encoding, ZstdLevel},
    errors::Result,
    file::{metadata::KeyValue, properties::WriterProperties, writer::SerializedFileWriter},
    schema::{parser::parse_message_type, types::ColumnPath},
};

use super::columns::{Cell, Column, Kind};

/// A table that is being written: rows as they come, each call a row group.
pub(super) struct TableWriter<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    columns: Vec<Column>,
}

impl<W: Write + Send> TableWriter<W> {
    /// Begins.
    pub fn new(out: W, columns: Vec<Column>) -> Result<Self> {
        let mut message = "message schema {\n".to_owned();
        columns.iter().for_each(|it| it.declare(&mut message));
        let schema = Arc::new(parse_message_type(&(message + "}"))?);
        let writer = SerializedFileWriter::new(out, schema, Arc::new(properties(&columns)?))?;
        Ok(Self { writer, columns })
    }

    /// Writes a row group.
    pub fn write(&mut self, rows: &[Vec<Cell>]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        for (idx, column) in self.columns.iter().enumerate() {
            // The schema was made of these very columns.
            if let Some(mut writer) = group.next_column()? {
                column.write(&mut writer, rows, idx)?;
                writer.close()?;
            }
        }
        group.close().map(drop)
    }

    /// Ends, with facts about the table as a whole.
    pub fn close(mut self, facts: &[(&str, &str)]) -> Result<()> {
        for (key, value) in facts {
            let fact = KeyValue::new((*key).to_owned(), (*value).to_owned());
            self.writer.append_key_value_metadata(fact);
        }
        self.writer.close().map(drop)
    }
}

/// Samples do without a dictionary; their bytes are sorted by place, which compresses best.
fn properties(columns: &[Column]) -> Result<WriterProperties> {
    let created_by = concat!("ecg-panorama ", env!("CARGO_PKG_VERSION"));
    let mut properties = WriterProperties::builder()
        .set_created_by(created_by.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?));
    for column in columns.iter().filter(|it| it.kind == Kind::Samples) {
        let path = [column.name, "list", "element"].map(str::to_owned);
        let path = ColumnPath::new(path.to_vec());
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::BYTE_STREAM_SPLIT);
    }
    Ok(properties.build())
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::*;

    fn columns() -> Vec<Column> {
        let column = |name, kind| Column {
            name,
            kind,
            about: "",
        };
        vec![
            column("text", Kind::Text),
            column("number", Kind::Number),
            column("whole", Kind::Whole),
            column("flag", Kind::Flag),
            column("samples", Kind::Samples),
        ]
    }

    fn written(groups: &[Vec<Vec<Cell>>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut table = TableWriter::new(&mut bytes, columns()).unwrap();
        groups.iter().for_each(|rows| table.write(rows).unwrap());
        table.close(&[("settings", "abc")]).unwrap();
        bytes
    }

    #[test]
    fn what_is_written_is_read_by_the_library() {
        let rows = vec![
            vec![
                Cell::Text("ä".into()),
                Cell::Number(1.5),
                Cell::Whole(-3),
                Cell::Flag(true),
                Cell::Samples(vec![0.25, f32::NAN, -1.0]),
            ],
            vec![
                Cell::Absent,
                Cell::Absent,
                Cell::Absent,
                Cell::Absent,
                Cell::Samples(Vec::new()),
            ],
        ];
        let bytes = written(&[rows.clone(), Vec::new(), rows.clone()]);
        assert_eq!(
            bytes,
            written(&[rows.clone(), rows]),
            "equal rows, equal bytes"
        );
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        assert_eq!(reader.num_row_groups(), 2);
        let found: Vec<String> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|it| it.unwrap().to_string())
            .collect();
        let first = "{text: \"ä\", number: 1.5, whole: -3, flag: true, samples: [0.25, NaN, -1E0]}";
        let second = "{text: null, number: null, whole: null, flag: null, samples: []}";
        assert_eq!(found, [first, second, first, second]);
        let facts = reader.metadata().file_metadata().key_value_metadata();
        assert_eq!(facts.unwrap()[0].key, "settings");
    }
}
