//! What a chart is drawn on, paper or screen: its colours, and how large its words must be.

use super::{Palette, Weight, font::text_width_mm};

/// What a chart is drawn on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Medium {
    /// Colours.
    pub palette: Palette,
    /// Em of a lead's name, mm; in crowded charts less.
    pub name_mm: f64,
    /// Em of what stands beside the name, mm.
    pub note_mm: f64,
    /// Height of the line of words above a synthesised trace, mm.
    pub head_mm: f64,
    /// Width of a trace, mm.
    pub trace_mm: f64,
}

impl Medium {
    /// White sheets with pink paper on them.
    pub const PRINT: Self = Self {
        palette: Palette::LIGHT,
        name_mm: 3.6,
        note_mm: 2.6,
        head_mm: 4.6,
        trace_mm: 0.3,
    };

    /// Height of `lines` of words above a synthesised trace, mm.
    pub(super) fn head_of_mm(&self, lines: usize) -> f64 {
        self.head_mm + self.note_line_mm() * lines.saturating_sub(1) as f64
    }

    /// From one line of notes to the next, mm.
    pub(super) fn note_line_mm(&self) -> f64 {
        1.35 * self.note_mm
    }

    /// Width of a lead's name at `size_mm` and of the gap after it, mm.
    pub(super) fn name_width_mm(name: &str, size_mm: f64) -> f64 {
        text_width_mm(name, Weight::SemiBold, size_mm) + 0.45 * size_mm
    }
}
