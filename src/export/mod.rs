//! Pages, recordings and figures to files, whole or not at all.

mod format;
mod pdf;
mod png;
mod svg;

pub use format::PageFormat;
pub use pdf::pages_to_pdf;
pub use png::{Picture, page_to_picture, picture_to_png};

/// Why a page could not be turned into a file's bytes.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The PDF writer refused.
    #[error("writing the page as PDF: {0}")]
    Pdf(String),
    /// The SVG could not be read back for rendering.
    #[error("rendering the page: {0}")]
    Render(String),
    /// The picture would be too large or empty.
    #[error("a picture of {width} × {height} pixels: expected 1 to {most} each way")]
    Size {
        /// Pixels across.
        width: f64,
        /// Pixels down.
        height: f64,
        /// Most pixels either way.
        most: u32,
    },
}

/// The upper edge of a band there, and its lower edge back.
fn band_outline(edges_mm: &[[f64; 3]]) -> Vec<[f64; 2]> {
    let upper = edges_mm.iter().map(|[x, top, _]| [*x, *top]);
    let lower = edges_mm.iter().rev().map(|[x, _, bottom]| [*x, *bottom]);
    upper.chain(lower).collect()
}
