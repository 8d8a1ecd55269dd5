//! The embedded typeface (Inter, figures of equal width) and the widths of its letters.
//! Reads just enough TrueType to place text: character map and advances.

use std::sync::LazyLock;

use super::Weight;

/// Family name inside both files.
pub const FAMILY: &str = "Inter";
/// Inter Regular, a subset: Latin, Greek, Cyrillic, symbols.
pub const REGULAR: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.ttf");
/// Inter SemiBold, the same subset.
pub const SEMI_BOLD: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold.ttf");

/// Which glyph stands for each character, and how wide it is.
#[derive(Debug)]
pub struct FontMap {
    units_per_em: f64,
    /// Ranges of characters: first, last, offset to the glyph (modulo 65536), or 0 with a table.
    segments: Vec<Segment>,
    advances: Vec<u16>,
}

#[derive(Debug)]
struct Segment {
    first: u32,
    glyphs: Vec<u16>,
}

/// Character shown where the typeface has no glyph.
const REPLACEMENT: char = '□';

impl FontMap {
    /// Of the embedded font of that weight.
    pub fn of(weight: Weight) -> &'static Self {
        static MAPS: LazyLock<[FontMap; 2]> = LazyLock::new(|| {
            [REGULAR, SEMI_BOLD].map(|it| FontMap::read(it).unwrap_or(FontMap::blank()))
        });
        &MAPS[usize::from(weight == Weight::SemiBold)]
    }

    /// Glyph number; characters the typeface lacks become a box.
    pub fn glyph(&self, letter: char) -> u16 {
        self.find(letter)
            .or_else(|| self.find(REPLACEMENT))
            .unwrap_or(0)
    }

    /// Whether the typeface has the character.
    pub fn has(&self, letter: char) -> bool {
        self.find(letter).is_some()
    }

    /// Width of a glyph in units of the em.
    pub fn advance(&self, glyph: u16) -> f64 {
        let width = self
            .advances
            .get(usize::from(glyph))
            .or(self.advances.last());
        f64::from(width.copied().unwrap_or(0)) / self.units_per_em
    }

    /// Width of a text in units of the em.
    pub fn width(&self, text: &str) -> f64 {
        text.chars().map(|it| self.advance(self.glyph(it))).sum()
    }

    fn find(&self, letter: char) -> Option<u16> {
        let code = letter as u32;
        let idx = self
            .segments
            .partition_point(|it| it.first <= code)
            .checked_sub(1)?;
        let segment = &self.segments[idx];
        segment
            .glyphs
            .get((code - segment.first) as usize)
            .copied()
            .filter(|it| *it != 0)
    }

    fn blank() -> Self {
        Self {
            units_per_em: 1000.0,
            segments: Vec::new(),
            advances: vec![500],
        }
    }

    fn read(font: &[u8]) -> Option<Self> {
        let units_per_em = f64::from(u16_at(table(font, b"head")?, 18)?);
        let n_advances = usize::from(u16_at(table(font, b"hhea")?, 34)?);
        let metrics = table(font, b"hmtx")?;
        let advances = (0..n_advances)
            .map(|it| u16_at(metrics, 4 * it))
            .collect::<Option<_>>()?;
        Some(Self {
            units_per_em,
            segments: segments(table(font, b"cmap")?)?,
            advances,
        })
    }
}

/// Width of `text` at `size_mm`, mm.
pub fn text_width_mm(text: &str, weight: Weight, size_mm: f64) -> f64 {
    FontMap::of(weight).width(text) * size_mm
}

/// `text`, shortened with an ellipsis if it is wider than `most_mm`.
pub fn fitted(text: &str, weight: Weight, size_mm: f64, most_mm: f64) -> String {
    if text_width_mm(text, weight, size_mm) <= most_mm {
        return text.to_owned();
    }
    let mut kept: String = text.to_owned();
    while kept.pop().is_some() {
        let shortened = format!("{}…", kept.trim_end());
        if text_width_mm(&shortened, weight, size_mm) <= most_mm {
            return shortened;
        }
    }
    String::new()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize)
}

fn table<'a>(font: &'a [u8], tag: &[u8; 4]) -> Option<&'a [u8]> {
    let n = usize::from(u16_at(font, 4)?);
    let record = (0..n)
        .map(|it| 12 + 16 * it)
        .find(|it| font.get(*it..it + 4) == Some(tag))?;
    let (start, length) = (u32_at(font, record + 8)?, u32_at(font, record + 12)?);
    font.get(start..start + length)
}

/// The first character map of format 4 (OpenType, "Segment mapping to delta values").
fn segments(cmap: &[u8]) -> Option<Vec<Segment>> {
    let n = usize::from(u16_at(cmap, 2)?);
    let at = (0..n)
        .filter_map(|it| u32_at(cmap, 4 + 8 * it + 4))
        .find(|it| u16_at(cmap, *it) == Some(4))?;
    let map = cmap.get(at..)?;
    let doubled = usize::from(u16_at(map, 6)?);
    let (ends, starts, deltas, offsets) = (14, 16 + doubled, 16 + 2 * doubled, 16 + 3 * doubled);
    let mut found = Vec::new();
    for k in (0..doubled).step_by(2) {
        let (first, last) = (u16_at(map, starts + k)?, u16_at(map, ends + k)?);
        let (delta, offset) = (
            u16_at(map, deltas + k)?,
            usize::from(u16_at(map, offsets + k)?),
        );
        let glyph = |code: u16| match offset {
            0 => code.wrapping_add(delta),
            _ => match u16_at(map, offsets + k + offset + 2 * usize::from(code - first)) {
                Some(glyph) if glyph != 0 => glyph.wrapping_add(delta),
                _ => 0,
            },
        };
        if first < u16::MAX && first <= last {
            found.push(Segment {
                first: u32::from(first),
                glyphs: (first..=last).map(glyph).collect(),
            });
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_have_their_widths_and_figures_are_tabular() {
        for weight in [Weight::Regular, Weight::SemiBold] {
            let map = FontMap::of(weight);
            let widths: Vec<f64> = ('0'..='9').map(|it| map.width(&it.to_string())).collect();
            assert!(
                widths.iter().all(|it| (it - widths[0]).abs() < 1e-9),
                "{widths:?}"
            );
            assert!(map.width("W") > map.width("i") && (0.2..0.35).contains(&map.width(" ")));
            for letter in "aVR V6 θφ µV ° − ½ ≥ ● ◆ Łódź Ñandú Ελένη Иванов Nguyễn".chars()
            {
                assert!(map.has(letter), "{letter:?} is missing");
            }
        }
    }

    #[test]
    fn what_is_missing_becomes_a_box_of_known_width() {
        let map = FontMap::of(Weight::Regular);
        assert_eq!(map.glyph('山'), map.glyph('□'));
        assert!(map.width("山田太郎") > 1.0);
    }

    #[test]
    fn long_texts_are_shortened() {
        let short = fitted(
            "A very long name of a hospital device",
            Weight::Regular,
            3.0,
            30.0,
        );
        assert!(short.ends_with('…') && text_width_mm(&short, Weight::Regular, 3.0) <= 30.0);
        assert_eq!(fitted("short", Weight::Regular, 3.0, 30.0), "short");
        assert_eq!(fitted("anything", Weight::Regular, 3.0, 0.1), "");
    }
}
