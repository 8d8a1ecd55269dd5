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
    /// A line of text.
    Text(Text),
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
