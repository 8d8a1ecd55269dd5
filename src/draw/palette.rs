//! Colours of paper and traces. Contrast was checked; no meaning rests on colour alone.

use super::Colour;

/// Colours of one kind of paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Ground.
    pub paper: Colour,
    /// Lines 1 mm apart.
    pub minor_grid: Colour,
    /// Lines 5 mm apart.
    pub major_grid: Colour,
    /// Recorded and derived traces.
    pub recorded: Colour,
    /// Synthesised traces; their band is this at [`Palette::BAND_SHARE`].
    pub synthesised: Colour,
    /// Words.
    pub text: Colour,
    /// Words that matter less.
    pub muted: Colour,
    /// Notices.
    pub notice: Colour,
    /// Warnings.
    pub warning: Colour,
}

impl Palette {
    /// Opacity of the band around a synthesised trace.
    pub const BAND_SHARE: f64 = 0.18;

    /// Pink paper, for print and for the screen.
    pub const LIGHT: Self = Self {
        paper: Colour::hex(0xFFFCFA),
        minor_grid: Colour::hex(0xF7DEDA),
        major_grid: Colour::hex(0xEDBFB7),
        recorded: Colour::hex(0x15171A),
        synthesised: Colour::hex(0x5B2A86),
        text: Colour::hex(0x1B1D21),
        muted: Colour::hex(0x565B63),
        notice: Colour::hex(0x0B5CAD),
        warning: Colour::hex(0x8A4B00),
    };

    /// Dark paper, for the screen only.
    pub const DARK: Self = Self {
        paper: Colour::hex(0x101215),
        minor_grid: Colour::hex(0x22262C),
        major_grid: Colour::hex(0x343A43),
        recorded: Colour::hex(0xE6E8EB),
        synthesised: Colour::hex(0xC7A4F2),
        text: Colour::hex(0xE6E8EB),
        muted: Colour::hex(0xA2A8B1),
        notice: Colour::hex(0x7DB7F5),
        warning: Colour::hex(0xF2B45A),
    };

    /// Colour of the band around a synthesised trace.
    pub fn band(&self) -> Colour {
        self.synthesised.faded(Self::BAND_SHARE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance and contrast of WCAG 2.
    fn luminance(colour: Colour) -> f64 {
        let linear = colour.rgb.map(|it| f64::from(it) / 255.0).map(|it| {
            if it <= 0.04045 {
                it / 12.92
            } else {
                ((it + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    fn contrast(a: Colour, b: Colour) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn everything_written_or_traced_stands_out_even_from_the_major_grid() {
        for palette in [Palette::LIGHT, Palette::DARK] {
            for ground in [palette.paper, palette.major_grid] {
                for ink in [palette.recorded, palette.synthesised, palette.text] {
                    assert!(
                        5.0 <= contrast(ink, ground),
                        "{ink:?} on {ground:?}: {}",
                        contrast(ink, ground)
                    );
                }
            }
            for ink in [palette.muted, palette.notice, palette.warning] {
                assert!(4.5 <= contrast(ink, palette.paper), "{ink:?}");
            }
        }
    }
}
