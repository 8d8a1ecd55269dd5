//! One channel of a DICOM waveform: which lead it is and how its numbers become millivolts.

use super::{annotations::SCHEME, dataset::View};
use crate::{
    ecg::Filters,
    formats::{
        ReadOptions, Unit,
        contents::{Scale, sample_mv, voltage},
        error::quoted,
        lead_codes,
    },
};

/// How a sample is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
}

impl Coding {
    pub fn width(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 => 4,
        }
    }

    pub fn range(self) -> (f64, f64) {
        match self {
            Self::I8 => (-128.0, 127.0),
            Self::U8 => (0.0, 255.0),
            Self::I16 => (-32_768.0, 32_767.0),
            Self::U16 => (0.0, 65_535.0),
            Self::I32 => (f64::from(i32::MIN), f64::from(i32::MAX)),
            Self::U32 => (0.0, f64::from(u32::MAX)),
        }
    }

    /// The number in little-endian bytes; 0 where there are too few.
    pub fn number(self, bytes: &[u8]) -> i64 {
        let two = || bytes.first_chunk().copied().unwrap_or_default();
        let four = || bytes.first_chunk().copied().unwrap_or_default();
        let one = bytes.first().copied().unwrap_or_default();
        match self {
            Self::I8 => i64::from(one.cast_signed()),
            Self::U8 => i64::from(one),
            Self::I16 => i64::from(i16::from_le_bytes(two())),
            Self::U16 => i64::from(u16::from_le_bytes(two())),
            Self::I32 => i64::from(i32::from_le_bytes(four())),
            Self::U32 => i64::from(u32::from_le_bytes(four())),
        }
    }
}

/// One channel of a group.
#[derive(Clone, Debug)]
pub(super) struct Channel {
    pub name: String,
    pub scale: Result<Scale, String>,
    /// Value, in the scale's unit, of a sample of 0.
    baseline: f64,
    /// Value of one step, with its sign.
    step: f64,
    /// Samples by which the channel starts after the group.
    pub skew: i64,
    pub filters: Filters,
}

impl Channel {
    /// Reads what a group says of one of its channels, whose numbers are written as `coding`.
    pub fn read(
        channel: &View,
        coding: Coding,
        rate_hz: f64,
        longest_skew: i64,
        options: &ReadOptions,
    ) -> Self {
        let hz = |tag| channel.number(tag).filter(|hz| 0.0 < *hz);
        let baseline = channel.number((0x003a, 0x0213)).unwrap_or(0.0);
        let sensitivity = channel.number((0x003a, 0x0210));
        let step = sensitivity.unwrap_or(1.0) * channel.number((0x003a, 0x0212)).unwrap_or(1.0);
        let seconds = channel.number((0x003a, 0x0214)).map(|skew| skew * rate_hz);
        let skew = channel.number((0x003a, 0x0215)).or(seconds).unwrap_or(0.0);
        let skew = (skew.round() as i64).clamp(-longest_skew, longest_skew);
        Self {
            name: name(channel),
            scale: scale(
                channel,
                coding,
                sensitivity.map(|_| step),
                baseline,
                options,
            ),
            baseline,
            step,
            skew,
            filters: Filters {
                high_pass_hz: hz((0x003a, 0x0220)),
                low_pass_hz: hz((0x003a, 0x0221)),
                notch_hz: hz((0x003a, 0x0222)),
            },
        }
    }

    pub fn mv(&self, number: i64) -> f32 {
        let unit_mv = self.scale.as_ref().map_or(f64::NAN, |scale| scale.mv);
        sample_mv((number as f64 * self.step + self.baseline) * unit_mv)
    }
}

/// The baseline is in units, not in steps: value = number × sensitivity × correction + baseline.
fn scale(
    channel: &View,
    coding: Coding,
    step: Option<f64>,
    baseline: f64,
    options: &ReadOptions,
) -> Result<Scale, String> {
    let unit = channel
        .item((0x003a, 0x0211))
        .and_then(|unit| unit.text((0x0008, 0x0100)));
    let step = match step {
        Some(step) if step != 0.0 => step,
        Some(_) => return Err("a sensitivity of 0".to_owned()),
        None => return Err("no sensitivity: uncalibrated".to_owned()),
    };
    let (mv, unit) = match unit.as_deref() {
        Some(text) if Unit::parse(text).is_none() => {
            return Err(format!("unit {} is no voltage", quoted(text)));
        }
        text => voltage(text.unwrap_or_default(), options)?,
    };
    let (low, high) = coding.range();
    let (a, b) = (low * step + baseline, high * step + baseline);
    Ok(Scale {
        mv,
        unit,
        step: Some(step.abs()),
        rails: Some((a.min(b), a.max(b))),
    })
}

/// The lead by its code where that is known, otherwise by its meaning or label.
fn name(channel: &View) -> String {
    let source = channel.item((0x003a, 0x0208));
    let text = |tag| source.as_ref().and_then(|source| source.text(tag));
    let code = text((0x0008, 0x0100)).unwrap_or_default();
    let known = ["2:", "5.6.3-9-"]
        .iter()
        .find_map(|prefix| lead_codes::name(code.strip_prefix(prefix)?.parse().ok()?))
        // The whole number of a code of MDC's second partition.
        .or_else(|| {
            lead_codes::name(
                code.parse::<u32>()
                    .ok()?
                    .checked_sub(0x2_0000)?
                    .try_into()
                    .ok()?,
            )
        });
    let own = || {
        let is_own = text((0x0008, 0x0102)).as_deref() == Some(SCHEME);
        text((0x0008, 0x0104)).filter(|_| is_own)
    };
    known
        .or_else(own)
        .or_else(|| channel.text((0x003a, 0x0203)))
        .or_else(|| text((0x0008, 0x0104)).map(plain))
        .unwrap_or(code)
}

/// "Lead I (Einthoven)" without what explains it.
fn plain(meaning: String) -> String {
    let end = meaning.find(['(', ',']).unwrap_or(meaning.len());
    meaning[..end].trim().to_owned()
}
