//! Pages as PNG, with their physical size written into the file.

use std::sync::{Arc, LazyLock};

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree, fontdb},
};

use super::{PageError, page_to_svg};
use crate::draw::{Page, font};

/// Pixels either way at most: a wall poster at 300 dpi.
const MOST_PIXELS: u32 = 20_000;
const MM_PER_INCH: f64 = 25.4;

/// A picture in memory: rows of red, green, blue and opacity, not premultiplied.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Four bytes a pixel.
    pub rgba: Vec<u8>,
}

/// The page as PNG at `dpi`; a `pHYs` chunk states the resolution, so that programs show and print
/// it at its true size.
pub fn page_to_png(page: &Page, dpi: f64) -> Result<Vec<u8>, PageError> {
    let png = drawn(page, dpi)?
        .encode_png()
        .map_err(|it| PageError::Render(it.to_string()))?;
    Ok(with_resolution(png, dpi))
}

/// The page as a picture in memory at `dpi`, for the clipboard.
pub fn page_to_picture(page: &Page, dpi: f64) -> Result<Picture, PageError> {
    let pixels = drawn(page, dpi)?;
    let plain = pixels.pixels().iter().map(|it| it.demultiply());
    let rgba = plain
        .flat_map(|it| [it.red(), it.green(), it.blue(), it.alpha()])
        .collect();
    Ok(Picture {
        width: pixels.width() as usize,
        height: pixels.height() as usize,
        rgba,
    })
}

fn drawn(page: &Page, dpi: f64) -> Result<Pixmap, PageError> {
    let options = Options {
        fontdb: FONTS.clone(),
        font_family: font::FAMILY.into(),
        ..Options::default()
    };
    let tree = Tree::from_str(&page_to_svg(page), &options)
        .map_err(|it| PageError::Render(it.to_string()))?;
    let [width, height] =
        [page.width_mm, page.height_mm].map(|it| (it / MM_PER_INCH * dpi).round());
    let too_large = PageError::Size {
        width,
        height,
        most: MOST_PIXELS,
    };
    if !(1.0 <= width
        && width <= f64::from(MOST_PIXELS)
        && 1.0 <= height
        && height <= f64::from(MOST_PIXELS))
    {
        return Err(too_large);
    }
    let mut pixels = Pixmap::new(width as u32, height as u32).ok_or(too_large)?;
    let scale = (dpi / MM_PER_INCH * page.width_mm / f64::from(tree.size().width())) as f32;
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut pixels.as_mut(),
    );
    Ok(pixels)
}

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(font::REGULAR.to_vec());
    fonts.load_font_data(font::SEMI_BOLD.to_vec());
    fonts.set_sans_serif_family(font::FAMILY);
    Arc::new(fonts)
});

/// Inserts `pHYs` (pixels per metre) after the header chunk, which has a fixed length.
fn with_resolution(mut png: Vec<u8>, dpi: f64) -> Vec<u8> {
    const AFTER_HEADER: usize = 8 + 25;
    let per_metre = (dpi / MM_PER_INCH * 1000.0).round() as u32;
    let mut body = b"pHYs".to_vec();
    body.extend(per_metre.to_be_bytes());
    body.extend(per_metre.to_be_bytes());
    body.push(1);
    let mut chunk = 9u32.to_be_bytes().to_vec();
    chunk.extend(&body);
    chunk.extend(crc32(&body).to_be_bytes());
    png.splice(AFTER_HEADER..AFTER_HEADER, chunk);
    png
}

/// CRC of PNG (ISO 3309), bit by bit: it is needed for thirteen bytes.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| {
        if crc & 1 == 1 {
            0xEDB8_8320 ^ (crc >> 1)
        } else {
            crc >> 1
        }
    };
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), step)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_and_resolution_are_true() {
        let png = page_to_png(&Page::new(254.0, 127.0, "test"), 100.0).unwrap();
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        let at = |from: usize| u32::from_be_bytes(png[from..from + 4].try_into().unwrap());
        assert_eq!((at(16), at(20)), (1000, 500));
        assert_eq!(
            (&png[37..41], at(41), at(45), png[49]),
            (&b"pHYs"[..], 3937, 3937, 1)
        );
    }

    /// The check value of CRC-32 in the usual catalogues.
    #[test]
    fn checksum() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn absurd_sizes_are_refused() {
        assert!(matches!(
            page_to_png(&Page::new(297.0, 210.0, ""), 1e6),
            Err(PageError::Size { .. })
        ));
        assert!(page_to_png(&Page::new(297.0, 210.0, ""), 0.0).is_err());
    }
}
