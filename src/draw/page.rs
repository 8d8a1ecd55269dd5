//! A page as a list of marks in millimetres. Writers turn it into SVG, PDF, PNG; the window paints
//! the same list.

/// A colour with opacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// Red, green, blue (sRGB).
    pub rgb: [u8; 3],
    /// 255 is opaque.
    pub alpha: u8,
}

impl Colour {
    /// Opaque colour from `0xRRGGBB`.
    pub const fn hex(value: u32) -> Self {
        Self {
            rgb: [(value >> 16) as u8, (value >> 8) as u8, value as u8],
            alpha: 255,
        }
    }

    /// The same colour at `share` of full opacity.
    pub fn faded(self, share: f64) -> Self {
        Self {
            alpha: (255.0 * share).round() as u8,
            ..self
        }
    }

    /// `#RRGGBB`, without the opacity.
    pub fn css(self) -> String {
        let [r, g, b] = self.rgb;
        format!("#{r:02X}{g:02X}{b:02X}")
    }
}

/// How a line is drawn. Ends and joins are round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Colour.
    pub colour: Colour,
    /// Width, mm.
    pub width_mm: f64,
    /// Lengths of dash and gap, mm; `None` is solid.
    pub dash_mm: Option<[f64; 2]>,
}

impl Stroke {
    /// A solid line.
    pub fn solid(colour: Colour, width_mm: f64) -> Self {
        Self {
            colour,
            width_mm,
            dash_mm: None,
        }
    }
}

/// Which point of a text lies at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

impl Anchor {
    /// Share of the text's width that lies left of its place.
    pub fn share(self) -> f64 {
        match self {
            Self::Start => 0.0,
            Self::Middle => 0.5,
            Self::End => 1.0,
        }
    }
}

/// Weight of the typeface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// 400.
    Regular,
    /// 600.
    SemiBold,
}

/// One line of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// Place of the anchor on the baseline, mm.
    pub at_mm: [f64; 2],
    /// What it says.
    pub text: String,
    /// Size of the em, mm.
    pub size_mm: f64,
    /// Which end is at the place.
    pub anchor: Anchor,
    /// Weight.
    pub weight: Weight,
    /// Colour.
    pub colour: Colour,
}

/// One thing to draw.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// Connected points.
    Polyline {
        /// Points, mm.
        points_mm: Vec<[f64; 2]>,
        /// Line style.
        stroke: Stroke,
    },
    /// Many separate lines of one style.
    Lines {
        /// Both ends of each, mm.
        lines_mm: Vec<[[f64; 2]; 2]>,
        /// Line style.
        stroke: Stroke,
    },
    /// A filled outline.
    Fill {
        /// Corners, mm; closed by itself.
        outline_mm: Vec<[f64; 2]>,
        /// Colour.
        colour: Colour,
    },
    /// The ground between an upper and a lower edge.
    Band {
        /// Place, upper edge, lower edge, mm; places ascend.
        edges_mm: Vec<[f64; 3]>,
        /// Colour.
        colour: Colour,
    },
    /// A line of text.
    Text(Text),
}

impl Mark {
    /// A line of text with its anchor on the baseline at `at_mm`.
    pub(super) fn text(
        at_mm: [f64; 2],
        text: impl Into<String>,
        size_mm: f64,
        (anchor, weight, colour): (Anchor, Weight, Colour),
    ) -> Self {
        Self::Text(Text {
            at_mm,
            text: text.into(),
            size_mm,
            anchor,
            weight,
            colour,
        })
    }

    /// Puts it `down_mm` lower.
    fn lower(&mut self, down_mm: f64) {
        let points: &mut dyn Iterator<Item = &mut [f64; 2]> = match self {
            Self::Polyline { points_mm, .. } => &mut points_mm.iter_mut(),
            Self::Lines { lines_mm, .. } => &mut lines_mm.iter_mut().flatten(),
            Self::Fill { outline_mm, .. } => &mut outline_mm.iter_mut(),
            Self::Text(text) => &mut std::iter::once(&mut text.at_mm),
            Self::Band { edges_mm, .. } => {
                for [_, top, bottom] in edges_mm {
                    (*top, *bottom) = (*top + down_mm, *bottom + down_mm);
                }
                return;
            }
        };
        points.for_each(|[_, y]| *y += down_mm);
    }
}

/// What a mark is for: the class in SVG, and what tests and the window ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Ground of the page or of the chart.
    Paper,
    /// Lines 1 mm apart.
    MinorGrid,
    /// Lines 5 mm apart.
    MajorGrid,
    /// Calibration pulse.
    Calibration,
    /// Ground and hatching that mark the lead with this label as synthesised.
    Strip(String),
    /// Trace of the lead with this label.
    Trace(String),
    /// Uncertainty of the lead with this label.
    Band(String),
    /// Name of a lead at its trace.
    LeadLabel,
    /// The printed ruler.
    Ruler,
    /// Everything else that is written or ruled.
    Words,
}

impl Role {
    /// One word.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::MinorGrid => "minor-grid",
            Self::MajorGrid => "major-grid",
            Self::Calibration => "calibration",
            Self::Strip(_) => "strip",
            Self::Trace(_) => "trace",
            Self::Band(_) => "band",
            Self::LeadLabel => "lead-label",
            Self::Ruler => "ruler",
            Self::Words => "words",
        }
    }
}

/// A mark and what it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What it is for.
    pub role: Role,
    /// What to draw.
    pub mark: Mark,
}

/// A sheet of paper with marks, drawn in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Width, mm.
    pub width_mm: f64,
    /// Height, mm.
    pub height_mm: f64,
    /// What the page is, without identity: the title in file metadata.
    pub title: String,
    /// Marks from back to front.
    pub items: Vec<Item>,
}

impl Page {
    /// An empty sheet.
    pub fn new(width_mm: f64, height_mm: f64, title: impl Into<String>) -> Self {
        Self {
            width_mm,
            height_mm,
            title: title.into(),
            items: Vec::new(),
        }
    }

    /// Several sheets as one, below one another: for forms of file that hold one sheet.
    pub fn stacked(pages: Vec<Self>) -> Self {
        let mut pages = pages.into_iter();
        let mut whole = pages.next().unwrap_or_else(|| Self::new(0.0, 0.0, ""));
        for page in pages {
            let down_mm = whole.height_mm;
            whole.width_mm = whole.width_mm.max(page.width_mm);
            whole.height_mm += page.height_mm;
            whole.items.extend(page.items.into_iter().map(|mut item| {
                item.mark.lower(down_mm);
                item
            }));
        }
        whole
    }

    /// Adds a mark on top.
    pub fn push(&mut self, role: Role, mark: Mark) {
        self.items.push(Item { role, mark });
    }

    /// All texts, in order.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.items.iter().filter_map(|it| match &it.mark {
            Mark::Text(text) => Some(text),
            _ => None,
        })
    }

    /// All that is written, joined by line breaks.
    pub fn words(&self) -> String {
        self.texts()
            .map(|it| it.text.as_str())
            .collect::<Vec<_>>()
            .join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacked_sheets_keep_their_marks_in_order() {
        let sheet = |y: f64| {
            let mut page = Page::new(100.0, 50.0, "one");
            let (colour, stroke) = (Colour::hex(0), Stroke::solid(Colour::hex(0), 0.1));
            for mark in [
                Mark::Polyline {
                    points_mm: vec![[1.0, y], [2.0, y]],
                    stroke,
                },
                Mark::Lines {
                    lines_mm: vec![[[1.0, y], [2.0, y]]],
                    stroke,
                },
                Mark::Fill {
                    outline_mm: vec![[1.0, y]],
                    colour,
                },
                Mark::Band {
                    edges_mm: vec![[1.0, y, y + 1.0]],
                    colour,
                },
            ] {
                page.push(Role::Words, mark);
            }
            page
        };
        let whole = Page::stacked(vec![sheet(10.0), sheet(20.0)]);
        assert_eq!((whole.width_mm, whole.height_mm), (100.0, 100.0));
        assert_eq!(whole.items[..4], sheet(10.0).items);
        assert_eq!(whole.items[4..], sheet(70.0).items);
    }
}
