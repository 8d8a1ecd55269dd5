//! Where every lead lies on the paper: the geometry that the printed page and the window share.

use super::layout::{Slot, rows};
use crate::ecg::{LeadName, LeadSet, PaperSettings};

/// A rectangle on the paper, mm, y downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Left edge.
    pub left_mm: f64,
    /// Upper edge.
    pub top_mm: f64,
    /// Width.
    pub width_mm: f64,
    /// Height.
    pub height_mm: f64,
}

impl Frame {
    /// Right edge.
    pub fn right_mm(&self) -> f64 {
        self.left_mm + self.width_mm
    }

    /// Lower edge.
    pub fn bottom_mm(&self) -> f64 {
        self.top_mm + self.height_mm
    }

    /// Corners in order.
    pub fn outline_mm(&self) -> Vec<[f64; 2]> {
        let (right, bottom) = (self.right_mm(), self.bottom_mm());
        vec![
            [self.left_mm, self.top_mm],
            [right, self.top_mm],
            [right, bottom],
            [self.left_mm, bottom],
        ]
    }
}

/// One lead's stretch of one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Which lead.
    pub name: LeadName,
    /// What is written at it.
    pub label: String,
    /// −1 where the lead is shown inverted (Cabrera's −aVR).
    pub sign: f32,
    /// Whether the recording has the lead.
    pub present: bool,
    /// Whether it was estimated.
    pub synthesised: bool,
    /// Row, from the top.
    pub row: usize,
    /// Left edge, mm.
    pub left_mm: f64,
    /// Width, mm.
    pub width_mm: f64,
    /// Height on the page of [`Cell::level_mv`], mm.
    pub baseline_mm: f64,
    /// Value (after the sign) that lies on the baseline: the trace's median here.
    pub level_mv: f64,
    /// Time of the left edge, seconds after the first sample.
    pub start_s: f64,
    /// Length, seconds.
    pub seconds: f64,
    /// Paper speed.
    pub speed_mm_s: f64,
    /// Gain of this lead.
    pub gain_mm_mv: f64,
}

impl Cell {
    /// Place of a time.
    pub fn x_mm(&self, time_s: f64) -> f64 {
        self.left_mm + (time_s - self.start_s) * self.speed_mm_s
    }

    /// Height on the page of a recorded value (before the sign).
    pub fn y_mm(&self, mv: f64) -> f64 {
        self.baseline_mm - (f64::from(self.sign) * mv - self.level_mv) * self.gain_mm_mv
    }

    /// Time at a place.
    pub fn time_s(&self, x_mm: f64) -> f64 {
        self.start_s + (x_mm - self.left_mm) / self.speed_mm_s
    }

    /// Recorded value (before the sign) at a height.
    pub fn mv(&self, y_mm: f64) -> f64 {
        f64::from(self.sign) * (self.level_mv + (self.baseline_mm - y_mm) / self.gain_mm_mv)
    }

    /// Right edge.
    pub fn right_mm(&self) -> f64 {
        self.left_mm + self.width_mm
    }

    /// Indices of the samples drawn in this cell, from edge to edge.
    pub fn samples(&self, leads: &LeadSet) -> std::ops::Range<usize> {
        let rate = leads.rate().hz();
        let first = (self.start_s * rate - 1e-6).ceil().max(0.0) as usize;
        let last = ((self.start_s + self.seconds) * rate + 1e-6)
            .floor()
            .max(0.0) as usize;
        first..(last + 1).min(leads.n_samples()).max(first)
    }
}

/// The leads of a window of time, placed in a frame. Cells of a row follow one another in time.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The ground that the grid covers.
    pub frame: Frame,
    /// Cells, row by row.
    pub cells: Vec<Cell>,
    /// Baseline of each row, mm.
    pub baselines_mm: Vec<f64>,
    /// Time at the left edge of every row.
    pub start_s: f64,
    /// Seconds that a row spans. (A single lead may go on in further rows.)
    pub seconds: f64,
    /// Height that a row has, on average, mm.
    pub pitch_mm: f64,
}

impl Chart {
    /// Width left of the traces for the calibration pulse, mm.
    pub const PULSE_ZONE_MM: f64 = 10.0;

    /// Lays the leads out from `start_s` on, for at most `most_s`: as long as the frame is wide and
    /// the recording lasts.
    pub fn new(
        leads: &LeadSet,
        settings: &PaperSettings,
        frame: Frame,
        start_s: f64,
        most_s: f64,
    ) -> Self {
        let start_s = start_s.clamp(0.0, leads.duration_s());
        let room_s = (frame.width_mm - Self::PULSE_ZONE_MM).max(1.0) / settings.speed_mm_s;
        let seconds = room_s
            .min(leads.duration_s() - start_s)
            .min(most_s)
            .max(0.0);
        let whole_s = (leads.duration_s() - start_s).min(most_s).max(0.0);
        let rows = continued(rows(leads, settings), whole_s, seconds, &frame);
        let mut cells: Vec<Cell> = Vec::new();
        for (row, (slots, row_start_s)) in rows.iter().enumerate() {
            let row_seconds = seconds.min(whole_s - row_start_s);
            let each = row_seconds / slots.len().max(1) as f64;
            cells.extend(slots.iter().enumerate().map(|(column, slot)| {
                let offset = column as f64 * each;
                let left = frame.left_mm + Self::PULSE_ZONE_MM + offset * settings.speed_mm_s;
                cell(
                    leads,
                    settings,
                    slot,
                    row,
                    (left, each * settings.speed_mm_s),
                    (start_s + row_start_s + offset, each),
                )
            }));
        }
        let goes_on = rows.iter().any(|it| 0.0 < it.1);
        let extent = |row: usize| {
            if goes_on {
                [4.0, 2.0]
            } else {
                row_extent(leads, &cells, row, &frame)
            }
        };
        let extents: Vec<[f64; 2]> = (0..rows.len()).map(extent).collect();
        let baselines_mm = place(&extents, &frame);
        for it in &mut cells {
            it.baseline_mm = baselines_mm[it.row];
        }
        let pitch_mm = frame.height_mm / rows.len().max(1) as f64;
        Self {
            frame,
            cells,
            baselines_mm,
            start_s,
            seconds,
            pitch_mm,
        }
    }

    /// The cell under a point: of those at this time the one whose baseline is nearest.
    pub fn cell_at(&self, x_mm: f64, y_mm: f64) -> Option<&Cell> {
        let inside = self
            .cells
            .iter()
            .filter(|it| it.left_mm <= x_mm && x_mm < it.right_mm());
        inside.min_by(|a, b| {
            (a.baseline_mm - y_mm)
                .abs()
                .total_cmp(&(b.baseline_mm - y_mm).abs())
        })
    }

    /// Cells that show this time.
    pub fn cells_at_time(&self, time_s: f64) -> impl Iterator<Item = &Cell> {
        self.cells
            .iter()
            .filter(move |it| it.start_s <= time_s && time_s <= it.start_s + it.seconds)
    }
}

/// Least height of a row that continues the one above it, mm.
const CONTINUED_MM: f64 = 30.0;

/// Rows with the time at which each starts: all at 0, but a single lead goes on in further rows
/// while there is time and room.
fn continued(
    rows: Vec<Vec<Slot>>,
    whole_s: f64,
    row_s: f64,
    frame: &Frame,
) -> Vec<(Vec<Slot>, f64)> {
    match rows.as_slice() {
        [only] if only.len() == 1 && row_s + 0.5 < whole_s => {
            let most = (frame.height_mm / CONTINUED_MM).floor().max(1.0);
            let n = (whole_s / row_s - 1e-6).ceil().min(most) as usize;
            (0..n).map(|it| (only.clone(), it as f64 * row_s)).collect()
        }
        _ => rows.into_iter().map(|it| (it, 0.0)).collect(),
    }
}

fn cell(
    leads: &LeadSet,
    settings: &PaperSettings,
    slot: &Slot,
    row: usize,
    (left_mm, width_mm): (f64, f64),
    (start_s, seconds): (f64, f64),
) -> Cell {
    let synthesised = leads
        .get(&slot.name)
        .is_some_and(|it| it.origin.is_synthesised());
    let mut cell = Cell {
        name: slot.name.clone(),
        label: slot.label.clone(),
        sign: slot.sign,
        present: slot.present,
        synthesised,
        row,
        left_mm,
        width_mm,
        baseline_mm: 0.0,
        level_mv: 0.0,
        start_s,
        seconds,
        speed_mm_s: settings.speed_mm_s,
        gain_mm_mv: settings.gain_mm_mv,
    };
    cell.gain_mm_mv = settings.gain_of(&slot.name);
    cell.level_mv = quantiles(leads, &cell, [0.5])[0];
    cell
}

/// Quantiles of a cell's values after the sign; zeros where there is nothing.
fn quantiles<const N: usize>(leads: &LeadSet, cell: &Cell, shares: [f64; N]) -> [f64; N] {
    let Some(lead) = leads.get(&cell.name) else {
        return [0.0; N];
    };
    let samples = &lead.samples_mv[cell.samples(leads)];
    let mut values: Vec<f32> = samples
        .iter()
        .map(|it| cell.sign * it)
        .filter(|it| it.is_finite())
        .collect();
    values.sort_unstable_by(f32::total_cmp);
    shares.map(|share| {
        values
            .get((share * values.len().saturating_sub(1) as f64).round() as usize)
            .map_or(0.0, |it| f64::from(*it))
    })
}

/// How far the traces of a row rise above and fall below the baseline, mm.
fn row_extent(leads: &LeadSet, cells: &[Cell], row: usize, frame: &Frame) -> [f64; 2] {
    let each = cells.iter().filter(|it| it.row == row).map(|cell| {
        let [low, high] = quantiles(leads, cell, [0.0005, 0.9995]);
        [
            (high - cell.level_mv) * cell.gain_mm_mv,
            (cell.level_mv - low) * cell.gain_mm_mv,
        ]
    });
    // A loose electrode's jumps do not push the other rows aside.
    let most_mm = 0.3 * frame.height_mm;
    each.fold([4.0, 2.0], |most, it| {
        [
            most[0].max(it[0].min(most_mm)),
            most[1].max(it[1].min(most_mm)),
        ]
    })
}

/// Baselines on whole millimetres of the grid: evenly spaced where the traces fit so, otherwise by
/// need.
fn place(extents: &[[f64; 2]], frame: &Frame) -> Vec<f64> {
    even(extents, frame)
        .unwrap_or_else(|| by_need(extents, frame))
        .into_iter()
        .map(|it| frame.top_mm + (it - frame.top_mm).round())
        .collect()
}

/// Equal distances, shifted so that the outermost traces stay on the paper; `None` if any two rows
/// would touch.
fn even(extents: &[[f64; 2]], frame: &Frame) -> Option<Vec<f64>> {
    let pitch = frame.height_mm / extents.len() as f64;
    let (first, last) = (extents.first()?, extents.last()?);
    let (least, most) = (first[0] + 1.0, pitch - last[1] - 1.0);
    let apart = extents.windows(2).all(|it| it[0][1] + it[1][0] <= pitch);
    let at = (0.56 * pitch).max(least).min(most);
    (apart && least <= most).then(|| {
        (0..extents.len())
            .map(|row| frame.top_mm + at + pitch * row as f64)
            .collect()
    })
}

/// A row gets height by need, but never less than 0.7 or more than 1.6 of its even share; no trace
/// leaves the paper that has room on it.
fn by_need(extents: &[[f64; 2]], frame: &Frame) -> Vec<f64> {
    let needs: Vec<f64> = extents.iter().map(|it| it[0] + it[1]).collect();
    let mean = needs.iter().sum::<f64>() / needs.len().max(1) as f64;
    let shares: Vec<f64> = needs
        .iter()
        .map(|it| it.clamp(0.7 * mean, 1.6 * mean))
        .collect();
    let total: f64 = shares.iter().sum();
    let mut top = frame.top_mm;
    let baseline = |(extent, share): (&[f64; 2], &f64)| {
        let height = frame.height_mm * share / total;
        let need = extent[0] + extent[1];
        let above = if need <= height {
            extent[0] + 0.5 * (height - need)
        } else {
            height * extent[0] / need
        };
        let (highest, lowest) = (
            frame.top_mm + extent[0] + 1.0,
            frame.bottom_mm() - extent[1] - 1.0,
        );
        let at = if highest <= lowest {
            (top + above).clamp(highest, lowest)
        } else {
            top + above
        };
        top += height;
        at
    };
    extents.iter().zip(&shares).map(baseline).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{Lead, PageLayout, SampleRate};

    const FRAME: Frame = Frame {
        left_mm: 15.0,
        top_mm: 20.0,
        width_mm: 265.0,
        height_mm: 170.0,
    };

    fn leads(seconds: f64) -> LeadSet {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let n = rate.samples_in(seconds);
        let lead = |k: usize| {
            (0..n)
                .map(|it| 0.1 * k as f32 + ((it + 37 * k) as f32 / 50.0).sin())
                .collect::<Vec<f32>>()
        };
        LeadSet::new(
            rate,
            LeadName::TWELVE
                .into_iter()
                .enumerate()
                .map(|(k, it)| Lead::measured(it, lead(k)))
                .collect(),
        )
        .unwrap()
    }

    #[test]
    fn cells_are_continuous_in_time_in_every_layout() {
        let leads = leads(10.0);
        for layout in PageLayout::ALL {
            for speed_mm_s in PaperSettings::SPEEDS_MM_S {
                let chart = Chart::new(
                    &leads,
                    &PaperSettings {
                        layout,
                        speed_mm_s,
                        ..Default::default()
                    },
                    FRAME,
                    0.0,
                    10.0,
                );
                for pair in chart.cells.windows(2).filter(|it| it[0].row == it[1].row) {
                    assert!(
                        (pair[1].start_s - pair[0].start_s - pair[0].seconds).abs() < 1e-9,
                        "{layout:?}"
                    );
                    assert!((pair[1].left_mm - pair[0].right_mm()).abs() < 1e-9);
                }
                for cell in &chart.cells {
                    assert!((cell.width_mm - cell.seconds * speed_mm_s).abs() < 1e-9);
                    assert!(cell.right_mm() <= FRAME.right_mm() + 1e-9);
                }
            }
        }
        let chart = Chart::new(&leads, &PaperSettings::default(), FRAME, 0.0, 10.0);
        let starts: Vec<f64> = chart.cells.iter().take(4).map(|it| it.start_s).collect();
        assert_eq!(starts, [0.0, 2.5, 5.0, 7.5]);
    }

    #[test]
    fn places_and_values_are_inverse_and_true_to_scale() {
        let leads = leads(10.0);
        let settings = PaperSettings {
            cabrera: true,
            half_gain_chest: true,
            ..Default::default()
        };
        let chart = Chart::new(&leads, &settings, FRAME, 0.0, 10.0);
        for cell in &chart.cells {
            let gain = if cell.name.is_chest() { 5.0 } else { 10.0 };
            assert!(
                (cell.y_mm(0.0) - cell.y_mm(1.0) - f64::from(cell.sign) * gain).abs() < 1e-9,
                "{}",
                cell.label
            );
            assert!(
                (cell.mv(cell.y_mm(0.3)) - 0.3).abs() < 1e-9
                    && (cell.time_s(cell.x_mm(3.3)) - 3.3).abs() < 1e-9
            );
        }
        assert!(
            chart
                .cells
                .iter()
                .any(|it| it.label == "−aVR" && it.sign == -1.0)
        );
    }

    #[test]
    fn a_point_finds_its_cell() {
        let leads = leads(10.0);
        let chart = Chart::new(&leads, &PaperSettings::default(), FRAME, 0.0, 10.0);
        let v5 = chart
            .cells
            .iter()
            .find(|it| it.name == LeadName::V5)
            .unwrap();
        assert_eq!(
            chart.cell_at(v5.left_mm + 3.0, v5.baseline_mm + 2.0),
            Some(v5)
        );
        assert_eq!(chart.cell_at(0.0, 50.0), None);
        assert_eq!(chart.cells_at_time(6.0).count(), 4);
    }

    #[test]
    fn rows_stay_on_the_paper_and_short_recordings_fit() {
        let chart = Chart::new(
            &leads(3.0),
            &PaperSettings {
                layout: PageLayout::TwelveByOne,
                ..Default::default()
            },
            FRAME,
            1.0,
            10.0,
        );
        assert!((chart.seconds - 2.0).abs() < 1e-9);
        assert!(
            chart
                .baselines_mm
                .iter()
                .all(|it| FRAME.top_mm < *it && *it < FRAME.bottom_mm())
        );
        assert!(chart.baselines_mm.windows(2).all(|it| it[0] < it[1]));
        assert_eq!(
            Chart::new(&leads(3.0), &PaperSettings::default(), FRAME, 99.0, 10.0).seconds,
            0.0
        );
    }

    #[test]
    fn a_single_lead_goes_on_in_further_rows() {
        let all = leads(37.0);
        let one = LeadSet::new(all.rate(), vec![all.leads()[0].clone()]).unwrap();
        let chart = Chart::new(
            &one,
            &PaperSettings::default(),
            Frame {
                width_mm: 260.0,
                ..FRAME
            },
            0.0,
            60.0,
        );
        let spans: Vec<(f64, f64)> = chart
            .cells
            .iter()
            .map(|it| (it.start_s, it.seconds))
            .collect();
        assert_eq!(
            spans,
            [(0.0, 10.0), (10.0, 10.0), (20.0, 10.0), (30.0, 7.0)]
        );
        assert_eq!(
            Chart::new(&one, &PaperSettings::default(), FRAME, 0.0, 10.0)
                .cells
                .len(),
            1
        );
    }

    #[test]
    fn rows_are_even_where_they_fit_and_by_need_where_not() {
        let even = place(&[[12.0, 5.0]; 4], &FRAME);
        assert!(
            even.windows(2)
                .all(|it| (it[1] - it[0] - 42.5).abs() <= 1.0),
            "{even:?}"
        );
        let crowded = place(&[[5.0, 5.0], [60.0, 5.0], [5.0, 5.0], [5.0, 5.0]], &FRAME);
        assert!(crowded[1] - crowded[0] > 50.0, "{crowded:?}");
    }
}
