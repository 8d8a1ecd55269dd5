//! What the printed page says of an exam, whoever prints it.

use crate::{draw::PageContent, session::ExportData};

/// The page of what is handed on.
pub fn page_content(export_data: &ExportData) -> PageContent<'_> {
    PageContent {
        filters: export_data.filters.clone(),
        offset_s: export_data.offset_s,
        whole_s: export_data.whole_s,
        bands: export_data.bands.clone(),
        measurements: export_data.measurements.clone(),
        measured_on: "measured on the median beat".into(),
        facts: export_data.facts.clone(),
        warnings: export_data.warnings.clone(),
        ..PageContent::of(&export_data.recording)
    }
}
