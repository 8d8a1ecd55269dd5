//! Pages as vector PDF of true size, with embedded type. The metadata holds the title and the
//! maker, nothing about the patient.

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

use super::{PageError, band_outline};
use crate::draw::{Colour, Mark, Page, Stroke, Text, Weight, font, font::FontMap};

/// Points per millimetre.
const PT: f64 = 72.0 / 25.4;

/// Pages as one PDF; the title is that of the first.
pub fn pages_to_pdf(pages: &[Page]) -> Result<Vec<u8>, PageError> {
    write(pages, SerializeSettings::default())
}

fn write(pages: &[Page], settings: SerializeSettings) -> Result<Vec<u8>, PageError> {
    let fonts = Fonts::load()?;
    let mut document = Document::new_with(settings);
    let title = pages.first().map(|it| it.title.clone()).unwrap_or_default();
    document.set_metadata(
        Metadata::new()
            .title(title)
            .creator(format!("ECG Panorama {}", env!("CARGO_PKG_VERSION")))
            .language("en".into()),
    );
    for page in pages {
        let size = PageSettings::from_wh(pt(page.width_mm), pt(page.height_mm));
        let size = size.ok_or_else(|| {
            PageError::Pdf(format!(
                "a page of {} × {} mm",
                page.width_mm, page.height_mm
            ))
        })?;
        let mut sheet = document.start_page_with(size);
        let mut surface = sheet.surface();
        for item in &page.items {
            draw(&mut surface, &item.mark, &fonts);
        }
        surface.finish();
        sheet.finish();
    }
    document
        .finish()
        .map_err(|it| PageError::Pdf(format!("{it:?}")))
}

struct Fonts {
    regular: Font,
    semi_bold: Font,
}

impl Fonts {
    fn load() -> Result<Self, PageError> {
        let font = |bytes: &[u8]| {
            Font::new(bytes.to_vec().into(), 0)
                .ok_or_else(|| PageError::Pdf("the embedded font is damaged".into()))
        };
        Ok(Self {
            regular: font(font::REGULAR)?,
            semi_bold: font(font::SEMI_BOLD)?,
        })
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
        Mark::Polyline { points_mm, stroke } => stroked(
            surface,
            outline(std::iter::once(points_mm.as_slice()), false),
            stroke,
        ),
        Mark::Lines { lines_mm, stroke } => stroked(
            surface,
            outline(lines_mm.iter().map(|it| it.as_slice()), false),
            stroke,
        ),
        Mark::Fill { outline_mm, colour } => filled(
            surface,
            outline(std::iter::once(outline_mm.as_slice()), true),
            *colour,
        ),
        Mark::Band { edges_mm, colour } => filled(
            surface,
            outline(std::iter::once(band_outline(edges_mm).as_slice()), true),
            *colour,
        ),
        Mark::Text(text) => write_text(surface, text, fonts),
    }
}

fn outline<'a>(lines: impl Iterator<Item = &'a [[f64; 2]]>, close: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    for line in lines {
        for (idx, [x, y]) in line.iter().enumerate() {
            if idx == 0 {
                path.move_to(pt(*x), pt(*y))
            } else {
                path.line_to(pt(*x), pt(*y))
            }
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
        line_cap: if stroke.dash_mm.is_some() {
            LineCap::Butt
        } else {
            LineCap::Round
        },
        line_join: LineJoin::Round,
        opacity: opacity(stroke.colour),
        dash: stroke.dash_mm.map(|it| StrokeDash {
            array: it.map(pt).to_vec(),
            offset: 0.0,
        }),
        ..PdfStroke::default()
    }));
    surface.draw_path(&path);
}

fn filled(surface: &mut Surface, path: Option<Path>, fill: Colour) {
    let Some(path) = path else { return };
    surface.set_stroke(None);
    surface.set_fill(Some(Fill {
        paint: colour(fill).into(),
        opacity: opacity(fill),
        ..Fill::default()
    }));
    surface.draw_path(&path);
}

/// Glyph by glyph with the widths of our own map, so that every script ends as letters or as boxes,
/// never as an error.
fn write_text(surface: &mut Surface, text: &Text, fonts: &Fonts) {
    let map = FontMap::of(text.weight);
    let shown: String = text.text.chars().filter(|it| !it.is_control()).collect();
    if shown.is_empty() {
        return;
    }
    let glyphs: Vec<KrillaGlyph> = shown
        .char_indices()
        .map(|(at, letter)| glyph(map, at, letter))
        .collect();
    let width = map.width(&shown) * text.size_mm;
    let shift = text.anchor.share() * width;
    surface.set_stroke(None);
    surface.set_fill(Some(Fill {
        paint: colour(text.colour).into(),
        opacity: opacity(text.colour),
        ..Fill::default()
    }));
    let start = Point::from_xy(pt(text.at_mm[0] - shift), pt(text.at_mm[1]));
    surface.draw_glyphs(
        start,
        &glyphs,
        fonts.of(text.weight),
        &shown,
        pt(text.size_mm),
        false,
    );
}

fn glyph(map: &FontMap, at: usize, letter: char) -> KrillaGlyph {
    let id = map.glyph(letter);
    KrillaGlyph::new(
        GlyphId::new(id),
        map.advance(id) as f32,
        0.0,
        0.0,
        0.0,
        at..at + letter.len_utf8(),
        None,
    )
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        draw::{PageContent, Role, ecg_pages},
        ecg::{
            Lead, LeadName, LeadSet, PageLayout, PaperSettings, PaperSize, Recording, SampleRate,
        },
    };

    /// Twelve leads of square waves: 1 mV for `half_s`, 0 mV for as long.
    fn square(half_s: f64) -> Recording {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let half = rate.samples_in(half_s);
        let samples: Vec<f32> = (0..5000)
            .map(|it| {
                if (it / half).is_multiple_of(2) {
                    0.0
                } else {
                    1.0
                }
            })
            .collect();
        let leads = LeadName::TWELVE
            .into_iter()
            .map(|it| Lead::measured(it, samples.clone()))
            .collect();
        Recording::from_leads(LeadSet::new(rate, leads).unwrap())
    }

    fn sheet(recording: &Recording) -> Page {
        ecg_pages(&PageContent::of(recording), &PaperSettings::default()).remove(0)
    }

    fn readable(page: &Page) -> String {
        let settings = SerializeSettings {
            compress_content_streams: false,
            ..Default::default()
        };
        String::from_utf8_lossy(&write(std::slice::from_ref(page), settings).unwrap()).into_owned()
    }

    /// Every stroked or filled path of the content stream, in points of PDF space.
    fn paths(pdf: &str) -> Vec<Vec<[f64; 2]>> {
        let (mut scale, mut stack, mut found, mut path) =
            ([1.0, 1.0], Vec::<f64>::new(), Vec::new(), Vec::new());
        let body = pdf
            .split("stream\n")
            .max_by_key(|it| it.len())
            .unwrap()
            .split("endstream")
            .next()
            .unwrap();
        for word in body.split_whitespace() {
            if let Ok(number) = word.parse::<f64>() {
                stack.push(number);
                continue;
            }
            match word {
                "cm" => scale = [stack[stack.len() - 6], stack[stack.len() - 3]],
                "m" | "l" => {
                    if word == "m" && !path.is_empty() {
                        found.push(std::mem::take(&mut path));
                    }
                    path.push([
                        stack[stack.len() - 2] * scale[0],
                        stack[stack.len() - 1] * scale[1],
                    ]);
                }
                _ => {}
            }
            stack.clear();
        }
        found.push(path);
        found
    }

    /// Relative deviations of height and of edge distance from what they should be, over all square
    /// waves of a page.
    fn worst(pdf: &str, half_mm: f64, height_mm: &[f64]) -> (f64, f64, usize) {
        let (mut worst_time, mut worst_height, mut edges) = (0.0f64, 0.0f64, 0);
        for path in paths(pdf).iter().filter(|it| 100 < it.len()) {
            let (low, high) = path.iter().fold((f64::MAX, f64::MIN), |s, it| {
                (s.0.min(it[1]), s.1.max(it[1]))
            });
            let off = height_mm
                .iter()
                .map(|it| ((high - low) / (it * PT) - 1.0).abs())
                .fold(f64::MAX, f64::min);
            worst_height = worst_height.max(off);
            let steps = path
                .windows(2)
                .filter(|it| (it[1][1] - it[0][1]).abs() > 0.5 * (high - low))
                .map(|it| it[1][0]);
            for pair in steps.collect::<Vec<_>>().windows(2) {
                worst_time = worst_time.max(((pair[1] - pair[0]) / (half_mm * PT) - 1.0).abs());
                edges += 1;
            }
        }
        (worst_time, worst_height, edges)
    }

    #[test]
    fn a_millivolt_and_a_second_are_true_in_every_layout_speed_and_gain() {
        for (half_s, speeds) in [(0.2, &PaperSettings::SPEEDS_MM_S[..]), (1.0, &[25.0][..])] {
            let recording = square(half_s);
            for layout in PageLayout::ALL {
                for (speed_mm_s, gain_mm_mv) in speeds
                    .iter()
                    .flat_map(|it| PaperSettings::GAINS_MM_MV.map(|gain| (*it, gain)))
                {
                    for (half_gain_chest, size) in
                        [(false, PaperSize::A4), (true, PaperSize::Letter)]
                    {
                        let settings = PaperSettings {
                            speed_mm_s,
                            gain_mm_mv,
                            layout,
                            half_gain_chest,
                            size,
                            cabrera: half_gain_chest,
                        };
                        let pdf = readable(&ecg_pages(&PageContent::of(&recording), &settings)[0]);
                        let heights = if half_gain_chest {
                            vec![gain_mm_mv, 0.5 * gain_mm_mv]
                        } else {
                            vec![gain_mm_mv]
                        };
                        let (time, height, edges) = worst(&pdf, half_s * speed_mm_s, &heights);
                        assert!(
                            12 <= edges && time < 5e-4 && height < 5e-4,
                            "{settings:?}: time {time}, height {height}, {edges} edges"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn the_sheet_the_pulse_and_the_ruler_have_their_sizes() {
        let page = sheet(&square(1.0));
        let pdf = readable(&page);
        let media = pdf.split("/MediaBox").nth(1).unwrap();
        let numbers: Vec<f64> = media
            .split(|it: char| !(it.is_ascii_digit() || it == '.'))
            .filter_map(|it| it.parse().ok())
            .take(4)
            .collect();
        assert!(
            (numbers[2] - 297.0 * PT).abs() < 0.01 && (numbers[3] - 210.0 * PT).abs() < 0.01,
            "{numbers:?}"
        );
        let pulse = page
            .items
            .iter()
            .find(|it| it.role == Role::Calibration)
            .unwrap();
        let Mark::Polyline { points_mm, .. } = &pulse.mark else {
            panic!("the pulse is a line")
        };
        assert!(
            (points_mm[1][1] - points_mm[2][1] - 10.0).abs() < 1e-9
                && (points_mm[3][0] - points_mm[2][0] - 5.0).abs() < 1e-9
        );
        let ruler = page.items.iter().find(|it| it.role == Role::Ruler).unwrap();
        let Mark::Lines { lines_mm, .. } = &ruler.mark else {
            panic!("the ruler is lines")
        };
        assert!((lines_mm[0][1][0] - lines_mm[0][0][0] - 50.0).abs() < 1e-9);
    }

    #[test]
    fn names_in_any_script_print_and_metadata_stays_without_identity() {
        let mut recording = square(1.0);
        recording.patient.name = Some("Łukasz Иванов 山田太郎 עברית \u{0}\u{7}😀".into());
        recording.patient.id = Some("PLANTED-ID-4711".into());
        let page = sheet(&recording);
        let pdf = pages_to_pdf(std::slice::from_ref(&page)).unwrap();
        assert!(pdf.starts_with(b"%PDF"));
        let plain = String::from_utf8_lossy(&pdf).into_owned();
        for planted in ["PLANTED-ID-4711", "Łukasz", "ukasz"] {
            assert!(!plain.contains(planted), "{planted} outside the page");
        }
        assert!(page.words().contains("PLANTED-ID-4711"));
    }
}
