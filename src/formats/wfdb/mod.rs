//! WFDB records: a `.hea` header and the signal files it names, single or in segments.

mod about;
mod codec;
mod fault;
mod flac;
mod frames;
mod header;
mod matlab;
mod record;
mod record_line;
mod segments;
mod signal_line;
mod single;
mod write;

pub(super) use header::is_header;
pub(super) use matlab::is_matlab4;
pub(super) use record::files_of_record;
pub(super) use record::{files_of, header_that_names};
pub(super) use write::{DIGITAL, header, record_name, write_data};

use self::{header::Header, segments::Segmented, single::Single};
use super::{
    FormatError, ReadOptions,
    bytes::{Bytes, Folder},
    contents::Container,
};

/// Opens the record that `header` describes; its other files lie in `folder`.
pub(super) fn open(
    header: &Bytes,
    folder: &Folder,
    options: &ReadOptions,
) -> Result<Box<dyn Container>, FormatError> {
    let header = Header::read(header, &options.limits)?;
    if header.segments.is_some() {
        return Ok(Box::new(Segmented::open(header, folder, options)?));
    }
    Ok(Box::new(Single::open(header, folder, options)?))
}
