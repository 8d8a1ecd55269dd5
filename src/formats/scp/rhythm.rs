//! Rhythm and reference beat of SCP-ECG: sections 3 to 6.

use std::ops::Range;

use super::huffman::Packing;
use crate::formats::{FormatError, cursor::Cursor};

const STEP: &str = "SCP-ECG";

/// Section 3: the leads, and how they were stored.
#[derive(Debug)]
pub(super) struct Leads {
    /// Number of the lead in the standard's list, and its first and last sample, from 1.
    pub each: Vec<(u16, u32, u32)>,
    /// The rhythm is what is left after the reference beat.
    pub has_beat_subtracted: bool,
}

/// Samples of one lead that we believe.
const LONGEST: u32 = 1 << 28;

impl Leads {
    pub fn read(cursor: &mut Cursor) -> Result<Self, FormatError> {
        let count = cursor.u8("number of leads")?;
        let flags = cursor.u8("flags")?;
        let mut each = Vec::new();
        for _ in 0..count {
            let (first, last) = (cursor.u32("first sample")?, cursor.u32("last sample")?);
            each.push((u16::from(cursor.u8("lead")?), first, last));
        }
        Ok(Self {
            each,
            has_beat_subtracted: flags & 1 != 0,
        })
    }

    /// Samples of a lead as stated; an absurd number counts as none stated.
    fn length(&self, lead: usize) -> usize {
        let stated = self.each.get(lead).and_then(|(_, first, last)| {
            // Some write a first sample of 0 where they mean 1.
            last.checked_sub((*first).max(1))?.checked_add(1)
        });
        stated
            .filter(|it| *it <= LONGEST)
            .map_or(0, |it| it as usize)
    }

    /// First sample of all.
    fn origin(&self) -> u32 {
        self.each
            .iter()
            .map(|lead| lead.1.max(1))
            .min()
            .unwrap_or(1)
    }

    /// Samples by which a lead begins after the first one.
    pub fn delay(&self, lead: usize) -> usize {
        let first = self.each.get(lead).map_or(1, |lead| lead.1.max(1));
        let delay = first.saturating_sub(self.origin());
        if delay <= LONGEST { delay as usize } else { 0 }
    }
}

/// Section 4: where beats lie.
#[derive(Debug, Default)]
pub(super) struct Beats {
    /// Sample of the reference beat's fiducial point, from 1.
    fiducial: i64,
    /// First sample, fiducial point and last sample of each beat of the reference's type, from 1.
    subtracted: Vec<[i64; 3]>,
    /// First and last sample of stretches that keep every sample, from 1.
    protected: Vec<[i64; 2]>,
}

impl Beats {
    pub fn read(cursor: &mut Cursor) -> Result<Self, FormatError> {
        cursor.u16("length of the reference beat")?;
        let fiducial = i64::from(cursor.u16("fiducial point")?);
        let count = cursor.u16("number of beats")?;
        let mut subtracted = Vec::new();
        for _ in 0..count {
            let kind = cursor.u16("type of a beat")?;
            let place = [(); 3].map(|()| cursor.u32("place of a beat").map(i64::from));
            let [first, middle, last] = place;
            let place = [first?, middle?, last?];
            if kind == 0 {
                subtracted.push(place);
            }
        }
        let mut protected = Vec::new();
        // Left out by writers that do not need it.
        while 8 <= cursor.rest().len() && protected.len() < usize::from(count) {
            protected.push([
                i64::from(cursor.u32("protected from")?),
                i64::from(cursor.u32("protected to")?),
            ]);
        }
        Ok(Self {
            fiducial,
            subtracted,
            protected,
        })
    }
}

/// Section 5 or 6: one block of samples per lead.
#[derive(Debug)]
pub(super) struct Block<'a> {
    /// Nanovolts per step.
    pub step_nv: f64,
    pub interval_us: f64,
    /// 0, 1 or 2: values, first or second differences.
    differences: u8,
    is_bimodal: bool,
    leads: Vec<&'a [u8]>,
}

impl<'a> Block<'a> {
    pub fn read(
        cursor: &mut Cursor<'a>,
        leads: &Leads,
        packing: &Packing,
        warnings: &mut Vec<String>,
    ) -> Result<Self, FormatError> {
        let step_nv = f64::from(cursor.u16("amplitude of a step")?);
        let interval_us = f64::from(cursor.u16("time between samples")?);
        if step_nv == 0.0 || interval_us == 0.0 {
            let found = format!("{step_nv} nV, {interval_us} µs");
            return Err(cursor.fault("the steps", found, "numbers above 0"));
        }
        let differences = cursor.u8("differences")?;
        if 2 < differences {
            return Err(cursor.fault("differences", differences, "0, 1 or 2"));
        }
        let is_bimodal = cursor.u8("compression")? == 1;
        let mut stated = Vec::new();
        for _ in &leads.each {
            stated.push(usize::from(cursor.u16("bytes of a lead")?));
        }
        let there = cursor.rest().len();
        let lengths = lengths(&stated, there, leads, packing, warnings);
        let mut out = Vec::new();
        for (length, stated) in lengths.into_iter().zip(stated) {
            let rest = cursor.rest().len();
            if rest < length {
                warnings.push(format!(
                    "cut short: {rest} of {stated} bytes of a lead are there"
                ));
            }
            out.push(cursor.take(length.min(rest), "samples of a lead")?);
        }
        Ok(Self {
            step_nv,
            interval_us,
            differences,
            is_bimodal,
            leads: out,
        })
    }

    /// Numbers of one lead, differences added up.
    pub fn lead(&self, lead: usize, packing: &Packing, limit: usize) -> Vec<i16> {
        let bytes = self.leads.get(lead).copied().unwrap_or_default();
        let mut out = packing.unpack(bytes, limit);
        for idx in usize::from(self.differences)..out.len() {
            let before = match self.differences {
                0 => 0,
                1 => out[idx - 1],
                _ => out[idx - 1].wrapping_mul(2).wrapping_sub(out[idx - 2]),
            };
            out[idx] = out[idx].wrapping_add(before);
        }
        out
    }
}

/// Lengths are stated in sixteen bits. Where a lead is longer they wrap, which shows in what is left
/// over: plain samples tell the true length, and so do bytes that are 65,536 too many for each lead.
fn lengths(
    stated: &[usize],
    there: usize,
    leads: &Leads,
    packing: &Packing,
    warnings: &mut Vec<String>,
) -> Vec<usize> {
    let sum: usize = stated.iter().sum();
    let wrap = 1 << 16;
    if there < sum + wrap {
        return stated.to_vec();
    }
    let plain: Vec<usize> = (0..stated.len())
        .map(|lead| 2 * leads.length(lead))
        .collect();
    let is_plain = matches!(packing, Packing::Plain)
        && plain
            .iter()
            .zip(stated)
            .all(|(plain, stated)| plain % wrap == *stated)
        && plain.iter().sum::<usize>() <= there;
    let missing = (there - sum) / wrap;
    let out = if is_plain {
        plain
    } else if missing.is_multiple_of(stated.len().max(1)) && (there - sum) % wrap < 2 {
        let each = missing / stated.len().max(1) * wrap;
        stated.iter().map(|stated| stated + each).collect()
    } else {
        warnings.push(format!(
            "lengths of leads do not fit into 16 bits: {} bytes belong to no lead",
            there - sum
        ));
        return stated.to_vec();
    };
    warnings.push("lengths of leads do not fit into 16 bits and were restored".to_owned());
    out
}

/// The rhythm of all leads in one step and at one rate.
pub(super) struct Rhythm {
    pub step_nv: f64,
    pub rate_hz: f64,
    pub leads: Vec<Vec<i32>>,
}

impl Rhythm {
    /// Decodes section 6, and puts the reference beat of section 5 back where it was taken away.
    pub fn read(
        leads: &Leads,
        packing: &Packing,
        rhythm: &Block,
        reference: Option<&Block>,
        beats: Option<&Beats>,
        limit: u64,
    ) -> Result<Self, FormatError> {
        let factor = thinning(leads, rhythm, reference)?;
        let total: u64 = (0..leads.each.len())
            .map(|lead| leads.length(lead) as u64)
            .sum();
        if limit < total {
            let found = format!("{total} samples");
            return Err(FormatError::new(
                STEP,
                "section 3",
                found,
                format!("at most {limit}"),
            ));
        }
        let zones: &[[i64; 2]] = match beats {
            Some(beats) if rhythm.is_bimodal => &beats.protected,
            _ => &[],
        };
        let mut decoded: Vec<Vec<i32>> = (0..leads.each.len())
            .map(|lead| {
                let length = leads.length(lead);
                let stored = rhythm.lead(lead, packing, length);
                spread(&stored, factor, leads.each[lead].1.max(1), length, zones)
            })
            .collect();
        let mut step_nv = rhythm.step_nv;
        if let (true, Some(reference), Some(beats)) = (leads.has_beat_subtracted, reference, beats)
        {
            step_nv = step_nv.min(reference.step_nv);
            for (lead, samples) in decoded.iter_mut().enumerate() {
                let beat = reference.lead(lead, packing, LONGEST as usize);
                let scales = [rhythm.step_nv / step_nv, reference.step_nv / step_nv];
                restore(samples, &beat, scales, leads.each[lead].1.max(1), beats);
            }
        }
        Ok(Self {
            step_nv,
            rate_hz: 1e6 / rhythm.interval_us * factor as f64,
            leads: decoded,
        })
    }
}

/// Of how many samples one was kept outside of the protected zones.
fn thinning(
    leads: &Leads,
    rhythm: &Block,
    reference: Option<&Block>,
) -> Result<usize, FormatError> {
    let factor = reference.map_or(1.0, |it| rhythm.interval_us / it.interval_us);
    let whole = factor.round();
    let is_whole = (factor - whole).abs() < 1e-6 && (1.0..=16.0).contains(&whole);
    if is_whole && (rhythm.is_bimodal || leads.has_beat_subtracted) {
        return Ok(whole as usize);
    }
    if rhythm.is_bimodal {
        let found = format!("{factor} samples for one");
        return Err(FormatError::new(STEP, "section 6", found, "a whole number"));
    }
    Ok(1)
}

/// Gives back the samples between those that were kept: one of `factor` outside of the protected
/// zones, every one inside. Straight lines between the middles of what one sample stands for.
fn spread(
    stored: &[i16],
    factor: usize,
    first: u32,
    length: usize,
    zones: &[[i64; 2]],
) -> Vec<i32> {
    if factor == 1 {
        return stored.iter().copied().map(i32::from).collect();
    }
    let mut out = Vec::with_capacity(length);
    let mut from = 0;
    for run in runs(first, length, zones) {
        let (is_protected, span) = run;
        let stride = if is_protected { 1 } else { factor };
        let count = span.len().div_ceil(stride).min(stored.len() - from);
        let kept = &stored[from..from + count];
        from += count;
        if kept.is_empty() {
            break;
        }
        out.extend((0..span.len()).map(|place| between(kept, stride, place)));
    }
    out
}

/// The sample at `place` where each of `kept`, of which there is one, stands for `stride` of them.
fn between(kept: &[i16], stride: usize, place: usize) -> i32 {
    let last = kept.len() - 1;
    let middle = (place as f64 - (stride / 2) as f64) / stride as f64;
    let middle = middle.clamp(0.0, last as f64);
    let (left, share) = (middle.floor() as usize, middle.fract());
    let [a, b] = [left, (left + 1).min(last)].map(|idx| f64::from(kept[idx]));
    (a + share * (b - a)).round() as i32
}

/// Stretches of a lead, in order: whether protected, and its samples from 0.
fn runs(first: u32, length: usize, zones: &[[i64; 2]]) -> Vec<(bool, Range<usize>)> {
    let mut out = Vec::new();
    let mut at = 0;
    for [from, to] in zones {
        let place =
            |sample: i64| (sample - i64::from(first)).clamp(at as i64, length as i64) as usize;
        let (start, end) = (place(*from), place(to.saturating_add(1)));
        if start < end {
            out.push((false, at..start));
            out.push((true, start..end));
            at = end;
        }
    }
    out.push((false, at..length));
    out.retain(|run| !run.1.is_empty());
    out
}

/// Adds the reference beat at every beat it was taken from, both in the finer of their steps.
fn restore(samples: &mut [i32], beat: &[i16], scales: [f64; 2], first: u32, beats: &Beats) {
    let scaled = |value: f64, scale: f64| (value * scale).round() as i32;
    for sample in samples.iter_mut() {
        *sample = scaled(f64::from(*sample), scales[0]);
    }
    for [start, fiducial, end] in &beats.subtracted {
        let shift = beats.fiducial - fiducial - 1;
        let last = samples.len() as i64 - 1 + i64::from(first);
        for at in (*start).max(i64::from(first))..=(*end).min(last) {
            let sample = usize::try_from(at - i64::from(first)).ok();
            let value = usize::try_from(at + shift).ok().and_then(|it| beat.get(it));
            if let (Some(value), Some(sample)) = (value, sample.and_then(|it| samples.get_mut(it)))
            {
                *sample = sample.wrapping_add(scaled(f64::from(*value), scales[1]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(samples: u32, n_leads: usize) -> Leads {
        Leads {
            each: vec![(1, 1, samples); n_leads],
            has_beat_subtracted: false,
        }
    }

    #[test]
    fn differences_add_up() {
        let check = |differences: u8, numbers: &[i16], expected: &[i16]| {
            let bytes: Vec<u8> = numbers.iter().flat_map(|it| it.to_le_bytes()).collect();
            let block = Block {
                step_nv: 1000.0,
                interval_us: 2000.0,
                differences,
                is_bimodal: false,
                leads: vec![&bytes],
            };
            assert_eq!(block.lead(0, &Packing::Plain, 100), expected);
        };
        check(0, &[1, 2, 3], &[1, 2, 3]);
        check(1, &[1, 2, 3], &[1, 3, 6]);
        check(2, &[1, 2, 3, -1], &[1, 2, 6, 9]);
        check(2, &[i16::MAX], &[i16::MAX]);
    }

    #[test]
    fn a_subtracted_beat_comes_back() {
        let beats = Beats {
            fiducial: 2,
            subtracted: vec![[3, 4, 5], [9, 10, 99]],
            protected: vec![],
        };
        let mut samples = vec![1; 10];
        restore(&mut samples, &[10, 20, 30], [4.0, 1.0], 1, &beats);
        assert_eq!(samples, [4, 4, 14, 24, 34, 4, 4, 4, 14, 24]);
    }

    #[test]
    fn thinned_stretches_are_filled() {
        assert_eq!(
            runs(1, 10, &[[4, 6]]),
            [(false, 0..3), (true, 3..6), (false, 6..10)]
        );
        let out = spread(&[0, 10, 5, 6, 20, 20], 2, 1, 10, &[[5, 6]]);
        assert_eq!(out, [0, 0, 5, 10, 5, 6, 20, 20, 20, 20]);
        assert_eq!(spread(&[7], 4, 1, 6, &[]), [7; 6]);
        assert_eq!(spread(&[], 4, 1, 6, &[]), [0i32; 0]);
    }

    #[test]
    fn lengths_that_overflow_are_restored() {
        let mut warnings = Vec::new();
        let long = leads(40_000, 2);
        let stated = vec![80_000 % 65_536; 2];
        let found = lengths(&stated, 160_000, &long, &Packing::Plain, &mut warnings);
        assert_eq!((found, warnings.len()), (vec![80_000; 2], 1));
        let found = lengths(
            &[10, 20],
            200_000,
            &leads(5, 2),
            &Packing::Plain,
            &mut warnings,
        );
        assert_eq!((found, warnings.len()), (vec![10, 20], 2));
        let found = lengths(&[10, 20], 30, &leads(5, 2), &Packing::Plain, &mut warnings);
        assert_eq!((found, warnings.len()), (vec![10, 20], 2));
    }
}
