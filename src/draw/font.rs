//! The embedded typeface (Inter, figures of equal width) and the widths of its letters.

use std::sync::LazyLock;

use skrifa::{
    FontRef, GlyphId, MetadataProvider,
    charmap::Charmap,
    instance::{LocationRef, Size},
    metrics::GlyphMetrics,
};

use super::Weight;

/// Family name inside both files.
pub const FAMILY: &str = "Inter";
/// Inter Regular, a subset: Latin, Greek, Cyrillic, symbols. A `static` stands in the program once.
pub static REGULAR: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.ttf");
/// Inter SemiBold, the same subset.
pub static SEMI_BOLD: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold.ttf");

/// Which glyph stands for each character, and how wide it is.
pub struct FontMap {
    characters: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
    units_per_em: f64,
}

/// Character shown where the typeface has no glyph.
const REPLACEMENT: char = '□';

impl FontMap {
    /// Of the embedded font of that weight.
    pub fn of(weight: Weight) -> &'static Self {
        static MAPS: LazyLock<[FontMap; 2]> =
            LazyLock::new(|| [REGULAR, SEMI_BOLD].map(FontMap::read));
        &MAPS[usize::from(weight == Weight::SemiBold)]
    }

    /// Glyph number; characters the typeface lacks become a box.
    pub fn glyph(&self, letter: char) -> u32 {
        let found = self.characters.map(letter);
        let shown = found.or_else(|| self.characters.map(REPLACEMENT));
        shown.unwrap_or_default().to_u32()
    }

    /// Width of a glyph in units of the em.
    pub fn advance(&self, glyph: u32) -> f64 {
        let width = self.metrics.advance_width(GlyphId::new(glyph));
        f64::from(width.unwrap_or(0.0)) / self.units_per_em
    }

    /// Width of a text in units of the em.
    pub fn width(&self, text: &str) -> f64 {
        let glyphs = text.chars().map(|letter| self.glyph(letter));
        glyphs.map(|glyph| self.advance(glyph)).sum()
    }

    fn read(bytes: &'static [u8]) -> Self {
        #[allow(clippy::expect_used)] // The typeface is part of the binary and a test reads it.
        let font = FontRef::new(bytes).expect("embedded typeface");
        let (size, place) = (Size::unscaled(), LocationRef::default());
        Self {
            characters: font.charmap(),
            metrics: font.glyph_metrics(size, place),
            units_per_em: f64::from(font.metrics(size, place).units_per_em),
        }
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

/// Of the parts of `text` between middle dots as many as fit, whole; the first in any case, shortened
/// where it must be.
pub fn whole_parts(text: &str, weight: Weight, size_mm: f64, most_mm: f64) -> String {
    let mut kept = text;
    while most_mm < text_width_mm(kept, weight, size_mm)
        && let Some((parts, _)) = kept.rsplit_once(" · ")
    {
        kept = parts;
    }
    fitted(kept, weight, size_mm, most_mm)
}

/// The size at which `text` fits into `most_mm`: `size_mm`, or as much less as is still legible.
pub fn shrunk(text: &str, weight: Weight, size_mm: f64, most_mm: f64) -> f64 {
    const LEAST: f64 = 0.72;
    let width = text_width_mm(text, weight, size_mm);
    size_mm * (most_mm / width.max(1e-9)).clamp(LEAST, 1.0)
}

/// `text` in lines of `most_mm` of `size_mm`, the first of which has only `first_mm`: parted at the
/// middle dots between its parts, else between words, and a word too long by itself within it.
pub fn wrapped(
    text: &str,
    weight: Weight,
    size_mm: f64,
    [first_mm, most_mm]: [f64; 2],
) -> Vec<String> {
    const BETWEEN: &str = " · ";
    let width = |text: &str| text_width_mm(text, weight, size_mm);
    let fits = |text: &str| width(text) <= most_mm;
    let parts = text.split(BETWEEN).flat_map(|part| {
        let whole = fits(part).then(|| vec![part.to_owned()]);
        let words = part.split_whitespace().flat_map(|word| pieces(word, &fits));
        let pieces = whole.unwrap_or_else(|| words.collect()).into_iter();
        pieces
            .enumerate()
            .map(|(idx, piece)| (if idx == 0 { BETWEEN } else { " " }, piece))
            .collect::<Vec<_>>()
    });
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for (between, piece) in parts {
        let room = if lines.is_empty() { first_mm } else { most_mm };
        let longer = match line.is_empty() {
            true => piece.clone(),
            false => format!("{line}{between}{piece}"),
        };
        if width(&longer) <= room {
            line = longer;
        } else {
            lines.push(std::mem::replace(&mut line, piece));
        }
    }
    lines.push(line);
    lines
}

/// The word, or pieces of it that fit.
fn pieces(word: &str, fits: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for letter in word.chars() {
        if let Some(last) = pieces.last_mut() {
            last.push(letter);
            if !fits(last) && 1 < last.chars().count() {
                last.pop();
                pieces.push(letter.to_string());
            }
        }
    }
    pieces
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
                assert_ne!(map.glyph(letter), map.glyph('山'), "{letter:?} is missing");
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
    fn texts_are_parted_between_their_parts_and_nothing_is_lost() {
        let check = |text: &str, room: [f64; 2], expected: &[&str]| {
            assert_eq!(wrapped(text, Weight::Regular, 2.0, room), expected);
        };
        let note = "synthesised · left of the spine · ± 61 µV";
        check(note, [99.0, 99.0], &[note]);
        check(
            note,
            [20.0, 99.0],
            &["synthesised", "left of the spine · ± 61 µV"],
        );
        check(
            "synthesised · left of the spine",
            [12.0, 13.0],
            &["synthesised", "left of the", "spine"],
        );
        check("abcdef", [1.0, 4.0], &["", "abc", "def"]);
        check("", [1.0, 4.0], &[""]);
    }

    #[test]
    fn parts_that_do_not_fit_go_whole() {
        let kept = |most_mm| {
            whole_parts(
                "dV4R · synthesised · 5th space",
                Weight::Regular,
                2.0,
                most_mm,
            )
        };
        assert_eq!(kept(99.0), "dV4R · synthesised · 5th space");
        assert_eq!(kept(20.0), "dV4R · synthesised");
        assert_eq!(kept(6.0), "dV4R");
        assert!(kept(3.0).ends_with('…'));
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
