//! Which format a file is in, by its content.

use super::{
    FormatError, ReadOptions, atc,
    bytes::{Bytes, Folder},
    contec,
    contents::Container,
    dicom,
    edf::EdfFile,
    error::quoted,
    fhir, ishne, scp,
    table::{self, Table},
    wfdb, xml,
};

/// Looks at the first bytes and opens the file as what it is.
pub(super) fn open(
    name: &str,
    bytes: Bytes,
    folder: &Folder,
    options: &ReadOptions,
) -> Result<Box<dyn Container>, FormatError> {
    let head = bytes.head(4096)?.into_owned();
    if head.is_empty() {
        return Err(FormatError::new(
            "open",
            "the file",
            "0 bytes",
            "a recording",
        ));
    }
    // Our own tables say what they are, whatever the leads in them are called.
    if head
        .strip_prefix(b"# ")
        .is_some_and(|it| it.starts_with(table::TITLE.as_bytes()))
    {
        return Ok(Box::new(Table::open(&bytes, options)?));
    }
    if head.starts_with(b"0       ") || head.starts_with(b"\xffBIOSEMI") {
        return Ok(Box::new(EdfFile::open(bytes, options)?));
    }
    if dicom::is_dicom(&head) {
        return dicom::open(bytes, options);
    }
    if ishne::is_ishne(&head) {
        return ishne::open(bytes, options);
    }
    if atc::is_atc(&head) {
        return atc::open(&bytes, options);
    }
    if contec::is_contec(&head, bytes.len()) {
        return contec::open(&bytes, options);
    }
    if scp::is_scp(&head, bytes.len()) {
        return scp::open(&bytes, options);
    }
    if wfdb::is_header(&head) {
        return wfdb::open(&bytes, folder, options);
    }
    let stem = name.rsplit_once('.').map_or(name, |it| it.0);
    let header_name = format!("{stem}.hea");
    if header_name != name
        && let Ok(header) = folder.open(&header_name)
    {
        return wfdb::open(&header, folder, options);
    }
    if fhir::is_json(&head) {
        return fhir::open(&bytes, options);
    }
    if xml::is_xml(&head) {
        return xml::open(&bytes, options);
    }
    if let Some(known) = other_format(&head) {
        let expected = "EDF, BDF, WFDB, DICOM, XML of a cart or a table (CSV, TSV)";
        let advice = if known.contains("MATLAB") {
            format!("put {header_name} beside it")
        } else {
            "convert it first".to_owned()
        };
        return Err(FormatError::new("open", "byte 0", known, expected).advise(advice));
    }
    if is_text(&head) {
        return Ok(Box::new(Table::open(&bytes, options)?));
    }
    let found = head
        .iter()
        .take(8)
        .map(|it| format!("{it:02x}"))
        .collect::<Vec<_>>()
        .join(" ");
    Err(FormatError::new(
        "open",
        "byte 0",
        format!("bytes {found}"),
        "EDF, BDF, a WFDB header or text",
    )
    .advise(format!("a WFDB signal file needs {header_name} beside it")))
}

/// Formats that we know by sight and do not read.
fn other_format(head: &[u8]) -> Option<&'static str> {
    let at = |place: usize, mark: &[u8]| head.get(place..).is_some_and(|it| it.starts_with(mark));
    let known: [(usize, &[u8], &'static str); 4] = [
        (
            0,
            b"\xff\xfe",
            "text in UTF-16, which is to be saved as UTF-8",
        ),
        (0, b"%PDF", "a PDF"),
        (
            0,
            b"MATLAB 5.0 MAT-file",
            "a MATLAB 5 file without a WFDB header",
        ),
        (0, b"\x89HDF", "an HDF5 or MATLAB 7.3 file"),
    ];
    let found = known
        .iter()
        .find(|(place, mark, _)| at(*place, mark))
        .map(|it| it.2);
    found.or_else(|| wfdb::is_matlab4(head).then_some("a MATLAB 4 file without a WFDB header"))
}

/// Text has no control characters but the usual ones.
fn is_text(head: &[u8]) -> bool {
    !head
        .iter()
        .any(|it| *it < 32 && !matches!(it, b'\t' | b'\n' | b'\r' | 12))
}

/// Names what a text file began with.
pub(super) fn first_words(text: &str) -> String {
    quoted(text.lines().next().unwrap_or_default())
}
