//! Pages as PNG, with their physical size written into the file.

use std::sync::{Arc, LazyLock};

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree, fontdb},
};

use super::{PageError, svg::page_to_svg};
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

/// The page as PNG at `dpi`, which the file states: programs show and print it at its true size.
pub fn page_to_png(page: &Page, dpi: f64) -> Result<Vec<u8>, PageError> {
    picture_to_png(&page_to_picture(page, dpi)?, dpi)
}

/// A picture as PNG, which states that it has this many `dpi`.
pub fn picture_to_png(picture: &Picture, dpi: f64) -> Result<Vec<u8>, PageError> {
    let mut bytes = Vec::new();
    encode(picture, dpi, &mut bytes).map_err(|it| PageError::Render(it.to_string()))?;
    Ok(bytes)
}

fn encode(picture: &Picture, dpi: f64, bytes: &mut Vec<u8>) -> Result<(), png::EncodingError> {
    let mut encoder = png::Encoder::new(bytes, picture.width as u32, picture.height as u32);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let per_metre = (dpi / MM_PER_INCH * 1000.0).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: per_metre,
        yppu: per_metre,
        unit: png::Unit::Meter,
    }));
    encoder.write_header()?.write_image_data(&picture.rgba)
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

/// An empty picture of the page's size.
fn blank(page: &Page, dpi: f64) -> Result<Pixmap, PageError> {
    let [width, height] =
        [page.width_mm, page.height_mm].map(|it| (it / MM_PER_INCH * dpi).round());
    let fits = |pixels: f64| 1.0 <= pixels && pixels <= f64::from(MOST_PIXELS);
    let pixels = (fits(width) && fits(height)).then(|| Pixmap::new(width as u32, height as u32));
    pixels.flatten().ok_or(PageError::Size {
        width,
        height,
        most: MOST_PIXELS,
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
    let mut pixels = blank(page, dpi)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_and_resolution_are_true() {
        let bytes = page_to_png(&Page::new(254.0, 127.0, "test"), 100.0).unwrap();
        let reader = png::Decoder::new(std::io::Cursor::new(bytes))
            .read_info()
            .unwrap();
        let info = reader.info();
        assert_eq!((info.width, info.height), (1000, 500));
        let stated = info.pixel_dims.unwrap();
        assert_eq!(
            (stated.xppu, stated.yppu, stated.unit),
            (3937, 3937, png::Unit::Meter)
        );
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
