//! Multi-segment records: segments one after the other, of fixed or variable layout, with gaps
//! (`~`) between.

use std::ops::Range;

use super::{about::contents, header::Header, single::Single};
use crate::formats::{
    FormatError, ReadOptions,
    bytes::Folder,
    contents::{Chunk, Container, Contents},
};

/// A record whose segments are opened when a window touches them.
pub(super) struct Segmented {
    contents: Contents,
    folder: Folder,
    options: ReadOptions,
    rate_hz: f64,
    /// First sample (at the record's rate), samples, name.
    segments: Vec<(u64, u64, String)>,
}

const STEP: &str = "WFDB segments";

impl Segmented {
    pub fn open(
        master: Header,
        folder: &Folder,
        options: &ReadOptions,
    ) -> Result<Self, FormatError> {
        let listed = master.segments.clone().unwrap_or_default();
        let mut segments = Vec::new();
        let mut at = 0u64;
        for (name, samples) in listed.iter().filter(|it| 0 < it.1) {
            segments.push((at, *samples, name.clone()));
            at = at
                .checked_add(*samples)
                .filter(|it| *it < 1 << 50)
                .ok_or_else(|| FormatError::new(STEP, name, samples, "a sane length"))?;
        }
        // A layout header (variable layout) has no samples and names every signal; otherwise the
        // first real segment does.
        let layout = listed.iter().find(|it| it.0 != "~").map(|it| it.0.clone());
        let layout = layout.ok_or_else(|| {
            FormatError::new(
                STEP,
                "the segment list",
                "gaps only",
                "at least one segment",
            )
        })?;
        let first = segment_header(folder, &layout, options)?;
        let mut found = contents(&first, at, options);
        found.format = "WFDB multi-segment".to_owned();
        found.start = master.start.or(found.start);
        let own = contents(&master, at, options);
        found.notes = own.notes;
        found.timed_notes = own.timed_notes;
        found.patient = own.patient;
        found.warnings = master.warnings.clone();
        if master.n_samples.is_some_and(|it| it != at) {
            found.warnings.push(format!(
                "the segments hold {at} samples, the header says {}",
                master.n_samples.unwrap_or(0)
            ));
        }
        for it in &mut found.signals {
            it.rate_hz = it.rate_hz / first.rate_hz * master.rate_hz;
        }
        Ok(Self {
            contents: found,
            folder: folder.clone(),
            options: options.clone(),
            rate_hz: master.rate_hz,
            segments,
        })
    }

    /// Copies what one segment holds of the wanted signals.
    fn copy(
        &self,
        signals: &[usize],
        range: &Range<u64>,
        segment: &(u64, u64, String),
        chunk: &mut Chunk,
    ) -> Result<(), FormatError> {
        let (first, samples, name) = segment;
        let header = segment_header(&self.folder, name, &self.options)?;
        let single = Single::open(header, &self.folder, &self.options)?;
        for (slot, idx) in signals.iter().enumerate() {
            let wanted = &self.contents.signals[*idx];
            let Some(found) = single
                .contents
                .signals
                .iter()
                .position(|it| it.name == wanted.name)
            else {
                continue;
            };
            if single.contents.signals[found].scale.is_err() {
                chunk.warnings.push(format!(
                    "{} is not calibrated in segment {name} and was left out there",
                    wanted.name
                ));
                continue;
            }
            let per_frame = (wanted.rate_hz / self.rate_hz).round().max(1.0) as u64;
            let (start, end) = (first * per_frame, (first + samples) * per_frame);
            let (from, to) = (range.start.max(start), range.end.min(end));
            let held = single.contents.signals[found].n_samples;
            let local = (from - start).min(held)..(to - start).min(held);
            let read = single.read(&[found], local)?;
            let target = &mut chunk.samples_mv[slot][(from - range.start) as usize..];
            for (slot, value) in target
                .iter_mut()
                .zip(read.samples_mv.first().into_iter().flatten())
            {
                *slot = *value;
            }
            chunk.warnings.extend(
                read.warnings
                    .into_iter()
                    .map(|it| format!("segment {name}: {it}")),
            );
        }
        Ok(())
    }
}

fn segment_header(
    folder: &Folder,
    name: &str,
    options: &ReadOptions,
) -> Result<Header, FormatError> {
    let file = format!("{name}.hea");
    let header =
        Header::read(&folder.open(&file)?, &options.limits).map_err(|it| it.in_file(&file))?;
    if header.segments.is_some() {
        return Err(FormatError::new(
            STEP,
            name,
            "a record of segments itself",
            "a record of one segment",
        )
        .in_file(&file));
    }
    Ok(header)
}

impl Container for Segmented {
    fn contents(&self) -> &Contents {
        &self.contents
    }

    fn read(&self, signals: &[usize], range: Range<u64>) -> Result<Chunk, FormatError> {
        let len = (range.end - range.start) as usize;
        let mut chunk = Chunk::unrecorded(signals.len(), len);
        let Some(first) = signals.first() else {
            return Ok(chunk);
        };
        let per_frame = (self.contents.signals[*first].rate_hz / self.rate_hz)
            .round()
            .max(1.0) as u64;
        for segment in self.segments.iter().filter(|it| it.2 != "~") {
            let (start, end) = (segment.0 * per_frame, (segment.0 + segment.1) * per_frame);
            if start < range.end && range.start < end {
                self.copy(signals, &range, segment, &mut chunk)?;
            }
        }
        Ok(chunk)
    }
}
