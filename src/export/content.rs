//! What the printed page says of an exam, whoever prints it.

use crate::{draw::PageContent, session::Handout};

/// The page of what is handed on.
pub fn page_content(handout: &Handout) -> PageContent<'_> {
    PageContent {
        filters: handout.filters.clone(),
        offset_s: handout.offset_s,
        whole_s: handout.whole_s,
        bands: handout.bands.clone(),
        measurements: handout.measurements.clone(),
        measured_on: "measured on the median beat".into(),
        facts: handout.facts.clone(),
        warnings: handout.warnings.clone(),
        ..PageContent::of(&handout.recording)
    }
}
