//! A sheet of paper while it is being filled: its white, the grid, lines of text.

use super::{Anchor, Colour, Frame, Mark, Page, Palette, Role, Stroke, Weight};

/// Colours of print.
pub(super) const PALETTE: Palette = Palette::LIGHT;
/// Distance from the edges of the sheet, mm.
pub(super) const MARGIN_MM: f64 = 8.0;

/// Which sheet of how many, where there are several.
pub(super) fn number(idx: usize, sheets: usize) -> String {
    match sheets {
        1 => String::new(),
        n => format!(" · page {} of {n}", idx + 1),
    }
}

/// A sheet while it is being filled.
pub(super) struct Drawing {
    /// What is on it.
    pub page: Page,
    /// Where the chart is.
    pub frame: Frame,
}

impl Drawing {
    /// A white sheet with the ground of the chart on it.
    pub fn new(size_mm: [f64; 2], title: String, frame: Frame) -> Self {
        let mut drawing = Self::blank(size_mm, title, frame);
        drawing.grid();
        drawing
    }

    /// A white sheet.
    pub fn blank([width, height]: [f64; 2], title: String, frame: Frame) -> Self {
        let sheet = Frame {
            left_mm: 0.0,
            top_mm: 0.0,
            width_mm: width,
            height_mm: height,
        };
        let mut drawing = Self {
            page: Page::new(width, height, title),
            frame,
        };
        drawing.page.push(
            Role::Paper,
            Mark::Fill {
                outline_mm: sheet.outline_mm(),
                colour: Colour::hex(0xFFFFFF),
            },
        );
        drawing
    }

    /// Writes one line.
    pub fn text(
        &mut self,
        role: Role,
        at_mm: [f64; 2],
        text: impl Into<String>,
        size_mm: f64,
        style: (Anchor, Weight, Colour),
    ) {
        self.page
            .push(role, Mark::text(at_mm, text, size_mm, style));
    }

    /// The paper, lines each 1 mm, stronger ones each 5 mm.
    fn grid(&mut self) {
        let frame = self.frame;
        self.page.push(
            Role::Paper,
            Mark::Fill {
                outline_mm: frame.outline_mm(),
                colour: PALETTE.paper,
            },
        );
        let vertical = |k: usize| frame.left_mm + k as f64;
        let horizontal = |k: usize| frame.top_mm + k as f64;
        let lines = |wanted: &dyn Fn(usize) -> bool| {
            let across = (0..=frame.width_mm as usize)
                .filter(|k| wanted(*k))
                .map(|k| {
                    [
                        [vertical(k), frame.top_mm],
                        [vertical(k), frame.bottom_mm()],
                    ]
                });
            let down = (0..=frame.height_mm as usize)
                .filter(|k| wanted(*k))
                .map(|k| {
                    [
                        [frame.left_mm, horizontal(k)],
                        [frame.right_mm(), horizontal(k)],
                    ]
                });
            across.chain(down).collect::<Vec<_>>()
        };
        let minor = Mark::Lines {
            lines_mm: lines(&|k| k % 5 != 0),
            stroke: Stroke::solid(PALETTE.minor_grid, 0.1),
        };
        let major = Mark::Lines {
            lines_mm: lines(&|k| k % 5 == 0),
            stroke: Stroke::solid(PALETTE.major_grid, 0.18),
        };
        self.page.push(Role::MinorGrid, minor);
        self.page.push(Role::MajorGrid, major);
    }
}
