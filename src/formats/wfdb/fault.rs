//! What is wrong in a line of a `.hea` file.

use crate::formats::{FormatError, error::quoted};

pub(super) const STEP: &str = "WFDB header";

/// `what` of line `number` holds something else than it should.
pub(super) fn fault(number: usize, what: &str, found: &str, expected: &str) -> FormatError {
    FormatError::new(
        STEP,
        format!("line {number}, {what}"),
        quoted(found),
        expected,
    )
}
