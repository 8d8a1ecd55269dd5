//! Which format a file is in, by its content.

use super::{
    FormatError, ReadOptions, atc,
    bytes::{Bytes, Folder},
    collection, contec,
    contents::Container,
    dicom, edf, fhir, ishne, scp, table, text, wfdb, xml, zip,
};

type Opened = Result<Box<dyn Container>, FormatError>;

/// Looks at a file's first bytes and its length.
type Knows = fn(&[u8], u64) -> bool;
type Opens = fn(Bytes, &ReadOptions) -> Opened;

/// Formats of a single file that their first bytes tell, in the order of asking.
const BINARY: [(Knows, Opens); 7] = [
    // Our own tables say what they are, whatever the leads in them are called.
    (
        |head, _| table::is_ours(head),
        |it, options| table::open(&it, options),
    ),
    (|head, _| edf::is_edf(head), edf::open),
    (|head, _| dicom::is_dicom(head), dicom::open),
    (|head, _| ishne::is_ishne(head), ishne::open),
    (
        |head, _| atc::is_atc(head),
        |it, options| atc::open(&it, options),
    ),
    (contec::is_contec, |it, options| contec::open(&it, options)),
    (scp::is_scp, |it, options| scp::open(&it, options)),
];

/// Bytes that are looked at.
const HEAD: usize = 4096;
const READ: &str =
    "an ECG as EDF, BDF, WFDB, DICOM, SCP-ECG, ISHNE, ATC, FHIR, XML of a cart or text";

/// Opens a file as what it is, or the exam to read of an archive or of a DICOM medium.
pub(super) fn open(name: &str, bytes: Bytes, folder: &Folder, options: &ReadOptions) -> Opened {
    let head = bytes.head(HEAD)?.into_owned();
    if zip::is_zip(&head) {
        return collection::open(&zip::parts(&bytes, options)?, options, &open_one);
    }
    if let Some(parts) = dicom::parts_of_medium(&head, &bytes, folder, options)? {
        return collection::open(&parts, options, &open_one);
    }
    open_one(name, bytes, folder, options)
}

/// The exam to read of all files below a folder.
pub(super) fn open_folder(folder: &std::path::Path, options: &ReadOptions) -> Opened {
    collection::open(&collection::below(folder)?, options, &open_one)
}

/// Looks at the first bytes and opens a file that is no collection.
fn open_one(name: &str, bytes: Bytes, folder: &Folder, options: &ReadOptions) -> Opened {
    let head = bytes.head(HEAD)?.into_owned();
    if head.is_empty() {
        return Err(FormatError::new(
            "open",
            "the file",
            "0 bytes",
            "a recording",
        ));
    }
    let known = BINARY.iter().find(|(knows, _)| knows(&head, bytes.len()));
    if let Some((_, opens)) = known {
        return opens(bytes, options);
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
    if let Some((known, advice)) = other_format(&head, &header_name) {
        return Err(FormatError::new("open", "byte 0", known, READ).advise(advice));
    }
    if fhir::is_json(&head) {
        return fhir::open(&bytes, options);
    }
    if xml::is_xml(&head) {
        return xml::open(&bytes, options);
    }
    if is_text(&text::decode(&head).0) {
        return table::open(&bytes, options).map_err(|error| of_its_name(name, error));
    }
    let found: Vec<String> = head
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let found = format!("bytes {}", found.join(" "));
    let error = FormatError::new("open", "byte 0", found, READ)
        .advise(format!("a WFDB signal file needs {header_name} beside it"));
    Err(of_its_name(name, error))
}

/// The error for a file whose name promises a format that its content is not: text that is no table
/// is told of as that, not as a faulty table.
fn of_its_name(name: &str, error: FormatError) -> FormatError {
    const PROMISES: [(&str, &str); 5] = [
        ("dcm", "DICOM"),
        ("edf", "EDF"),
        ("bdf", "BDF"),
        ("scp", "SCP-ECG"),
        ("xml", "XML"),
    ];
    let ending = name.rsplit_once('.').map_or("", |it| it.1);
    let promised = PROMISES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(ending));
    let Some((_, format)) = promised else {
        return error;
    };
    let found = format!("no {format}, although its name ends so: {}", error.found);
    FormatError {
        step: "open",
        found: found.into(),
        ..error
    }
}

/// Formats that we know by sight and do not read, with what to do.
fn other_format(head: &[u8], header_name: &str) -> Option<(&'static str, String)> {
    let known: [(&[u8], &str); 3] = [
        (b"%PDF", "a PDF: a picture of an ECG"),
        (b"\x89HDF", "an HDF5 or MATLAB 7.3 file"),
        (b"\x89PNG", "a picture"),
    ];
    let found = known.iter().find(|(mark, _)| head.starts_with(mark));
    if let Some((_, name)) = found {
        return Some((
            name,
            "export the exam from the system that wrote it".to_owned(),
        ));
    }
    let is_matlab = head.starts_with(b"MATLAB 5.0 MAT-file") || wfdb::is_matlab4(head);
    is_matlab.then(|| {
        let advice = format!("put {header_name} beside it");
        ("a MATLAB file without a WFDB header", advice)
    })
}

/// Text has no control characters but the usual ones.
fn is_text(head: &str) -> bool {
    let is_usual = |it: char| matches!(it, '\t' | '\n' | '\r' | '\u{c}');
    !head.chars().any(|it| it.is_control() && !is_usual(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_read_is_named() {
        let check = |bytes: &[u8], words: &str| {
            let folder = Folder::Memory(Vec::new().into());
            let bytes = Bytes::Memory(bytes.into());
            let error = open("a.bin", bytes, &folder, &ReadOptions::default()).err();
            let found = error.map_or_else(String::new, |error| error.to_string());
            assert!(found.contains(words), "{found}");
        };
        check(b"", "0 bytes");
        check(b"%PDF-1.4 ", "a PDF");
        check(b"\x89HDF\r\n", "HDF5");
        check(b"MATLAB 5.0 MAT-file, Platform", "put a.hea beside it");
        check(b"\x01\x02\x03\x04", "bytes 01 02 03 04");
        let refused = |name: &str, bytes: &[u8]| {
            let folder = Folder::Memory(Vec::new().into());
            let bytes = Bytes::Memory(bytes.into());
            open(name, bytes, &folder, &ReadOptions::default())
                .err()
                .map_or_else(String::new, |error| error.to_string())
        };
        for rubbish in [
            &b"nothing of the kind\n"[..],
            b"\x01\x02\x03\x04",
            &[0; 200],
        ] {
            let found = refused("exam.dcm", rubbish);
            assert!(found.contains("no DICOM"), "{found}");
        }
        assert!(!refused("exam.txt", b"nothing\n").contains("no DICOM"));
    }
}
