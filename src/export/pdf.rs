//! Pages as vector PDF of true size, with embedded type. The metadata holds the title and the maker, nothing about the patient.

use krilla::{
    Document, SerializeSettings,
    color::rgb,
    geom::{Path, PathBuilder, Point},
    metadata::Metadata,
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, LineCap, LineJoin, Stroke as PdfStroke, StrokeDash},
    surface::Surface,
    text::{Font, GlyphId, KrillaGlyph},
};

use super::PageError;
use crate::draw::{Anchor, Colour, Mark, Page, Stroke, Text, Weight, font, font::FontMap};

/// Points per millimetre.
const PT: f64 = 72.0 / 25.4;

/// One page as PDF.
pub fn page_to_pdf(page: &Page) -> Result<Vec<u8>, PageError> {
    pages_to_pdf(std::slice::from_ref(page))
}

/// Several pages as one PDF; the title is that of the first.
pub fn pages_to_pdf(pages: &[Page]) -> Result<Vec<u8>, PageError> {
    write(pages, SerializeSettings::default())
}

fn write(pages: &[Page], settings: SerializeSettings) -> Result<Vec<u8>, PageError> {
    let fonts = Fonts::load()?;
    let mut document = Document::new_with(settings);
    let title = pages.first().map(|it| it.title.clone()).unwrap_or_default();
    document
        .set_metadata(Metadata::new().title(title).creator(format!("ECG Panorama {}", env!("CARGO_PKG_VERSION"))).language("en".into()));
    for page in pages {
        let size = PageSettings::from_wh(pt(page.width_mm), pt(page.height_mm));
        let size = size.ok_or_else(|| PageError::Pdf(format!("a page of {} × {} mm", page.width_mm, page.height_mm)))?;
        let mut sheet = document.start_page_with(size);
        let mut surface = sheet.surface();
        for item in &page.items {
            draw(&mut surface, &item.mark, &fonts);
        }
        surface.finish();
        sheet.finish();
    }
    document.finish().map_err(|it| PageError::Pdf(format!("{it:?}")))
}

struct Fonts {
    regular: Font,
    semi_bold: Font,
}

impl Fonts {
    fn load() -> Result<Self, PageError> {
        let font = |bytes: &[u8]| Font::new(bytes.to_vec().into(), 0).ok_or_else(|| PageError::Pdf("the embedded font is damaged".into()));
        Ok(Self { regular: font(font::REGULAR)?, semi_bold: font(font::SEMI_BOLD)? })
    }

    fn of(&self, weight: Weight) -> Font {
        match weight {
            Weight::Regular => self.regular.clone(),
            Weight::SemiBold => self.semi_bold.clone(),
        }
    }
}

fn draw(surface: &mut Surface, mark: &Mark, fonts: &Fonts) {
    match mark {
        Mark::Polyline { points_mm, stroke } => stroked(surface, outline(std::iter::once(points_mm.as_slice()), false), stroke),
        Mark::Lines { lines_mm, stroke } => stroked(surface, outline(lines_mm.iter().map(|it| it.as_slice()), false), stroke),
        Mark::Fill { outline_mm, colour } => filled(surface, outline(std::iter::once(outline_mm.as_slice()), true), *colour),
        Mark::Text(text) => write_text(surface, text, fonts),
    }
}

fn outline<'a>(lines: impl Iterator<Item = &'a [[f64; 2]]>, close: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    for line in lines {
        for (idx, [x, y]) in line.iter().enumerate() {
            if idx == 0 { path.move_to(pt(*x), pt(*y)) } else { path.line_to(pt(*x), pt(*y)) }
        }
        if close {
            path.close();
        }
    }
    path.finish()
}

fn stroked(surface: &mut Surface, path: Option<Path>, stroke: &Stroke) {
    let Some(path) = path else { return };
    surface.set_fill(None);
    surface.set_stroke(Some(PdfStroke {
        paint: colour(stroke.colour).into(),
        width: pt(stroke.width_mm),
        line_cap: if stroke.dash_mm.is_some() { LineCap::Butt } else { LineCap::Round },
        line_join: LineJoin::Round,
        opacity: opacity(stroke.colour),
        dash: stroke.dash_mm.map(|it| StrokeDash { array: it.map(pt).to_vec(), offset: 0.0 }),
        ..PdfStroke::default()
    }));
    surface.draw_path(&path);
}

fn filled(surface: &mut Surface, path: Option<Path>, fill: Colour) {
    let Some(path) = path else { return };
    surface.set_stroke(None);
    surface.set_fill(Some(Fill { paint: colour(fill).into(), opacity: opacity(fill), ..Fill::default() }));
    surface.draw_path(&path);
}

/// Glyph by glyph with the widths of our own map, so that every script ends as letters or as boxes, never as an error.
fn write_text(surface: &mut Surface, text: &Text, fonts: &Fonts) {
    let map = FontMap::of(text.weight);
    let shown: String = text.text.chars().filter(|it| !it.is_control()).collect();
    if shown.is_empty() {
        return;
    }
    let glyphs: Vec<KrillaGlyph> = shown.char_indices().map(|(at, letter)| glyph(map, at, letter)).collect();
    let width = map.width(&shown) * text.size_mm;
    let shift = match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => 0.5 * width,
        Anchor::End => width,
    };
    surface.set_stroke(None);
    surface.set_fill(Some(Fill { paint: colour(text.colour).into(), opacity: opacity(text.colour), ..Fill::default() }));
    let start = Point::from_xy(pt(text.at_mm[0] - shift), pt(text.at_mm[1]));
    surface.draw_glyphs(start, &glyphs, fonts.of(text.weight), &shown, pt(text.size_mm), false);
}

fn glyph(map: &FontMap, at: usize, letter: char) -> KrillaGlyph {
    let id = map.glyph(letter);
    KrillaGlyph::new(GlyphId::new(u32::from(id)), map.advance(id) as f32, 0.0, 0.0, 0.0, at..at + letter.len_utf8(), None)
}

fn pt(mm: f64) -> f32 {
    (mm * PT) as f32
}

fn colour(colour: Colour) -> rgb::Color {
    let [r, g, b] = colour.rgb;
    rgb::Color::new(r, g, b)
}

fn opacity(colour: Colour) -> NormalizedF32 {
    NormalizedF32::new(f32::from(colour.alpha) / 255.0).unwrap_or(NormalizedF32::ONE)
}
