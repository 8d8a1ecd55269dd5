//! The kinds of file that pages become.

use super::{PageError, pages_to_pdf, png::page_to_png, svg::page_to_svg};
use crate::draw::Page;

/// A kind of file that holds pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageFormat {
    /// Pages true to scale.
    Pdf,
    /// A drawing.
    Svg,
    /// A picture.
    Png,
}

impl PageFormat {
    /// What a file's extension says, in any case.
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension.to_lowercase().as_str() {
            "pdf" => Some(Self::Pdf),
            "svg" => Some(Self::Svg),
            "png" => Some(Self::Png),
            _ => None,
        }
    }

    /// The file's bytes. A drawing and a picture, which has that many `dpi`, hold all pages below one
    /// another.
    pub fn bytes(self, pages: Vec<Page>, dpi: f64) -> Result<Vec<u8>, PageError> {
        match self {
            Self::Pdf => pages_to_pdf(&pages),
            Self::Svg => Ok(page_to_svg(&Page::stacked(pages)).into_bytes()),
            Self::Png => page_to_png(&Page::stacked(pages), dpi),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_extension_gives_a_file_that_begins_as_its_kind_does() {
        let page = || vec![Page::new(20.0, 10.0, "one")];
        for (extension, start) in [("pdf", "%PDF"), ("SVG", "<svg"), ("Png", "\u{fffd}PNG")] {
            let format = PageFormat::of_extension(extension).unwrap();
            let bytes = format.bytes(page(), 50.0).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            assert!(text.starts_with(start), "{extension}");
        }
        assert_eq!(PageFormat::of_extension("edf"), None);
    }
}
