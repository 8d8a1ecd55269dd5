//! Where every lead lies on the paper: the geometry that the printed page and the window share.

use super::{
    Medium,
    layout::{Slot, rows},
    rows::{Extent, Row, needed_mm, place, split},
};
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

/// What a chart shows, and on what.
#[derive(Clone, Copy, Debug)]
pub struct ChartPlan<'a> {
    /// The leads, recorded and synthesised.
    pub leads: &'a LeadSet,
    /// Speed, gain, arrangement.
    pub settings: &'a PaperSettings,
    /// Colours and sizes of words.
    pub medium: Medium,
    /// The ground that the grid covers.
    pub frame: Frame,
    /// Time at the left edge, seconds after the first sample.
    pub start_s: f64,
    /// Seconds to show at most.
    pub seconds: f64,
}

/// The leads of a window of time, placed in a frame. Cells of a row follow one another in time.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The ground that the grid covers.
    pub frame: Frame,
    /// Cells, row by row.
    pub cells: Vec<Cell>,
    /// Rows from the top, mm on the page.
    pub rows: Vec<Row>,
    /// Time at the left edge of every row.
    pub start_s: f64,
    /// Seconds that a row spans. (A single lead may go on in further rows.)
    pub seconds: f64,
    /// Em of the leads' names, mm.
    pub name_mm: f64,
}

impl Chart {
    /// Width left of the traces for the calibration pulse, mm.
    pub const PULSE_ZONE_MM: f64 = 10.0;

    /// As many charts of the frame's size as the leads need.
    pub fn pages(plan: &ChartPlan) -> Vec<Self> {
        let (lines, extents) = lines(plan, plan.frame.height_mm);
        let mut parts = split(&extents, plan.frame.height_mm);
        if parts.is_empty() {
            parts.push(0..0);
        }
        let chart = |part: std::ops::Range<usize>| {
            Self::placed(plan, &lines[part.clone()], &extents[part], plan.frame)
        };
        parts.into_iter().map(chart).collect()
    }

    /// All leads in one chart, whose frame reaches as far down as they need.
    pub fn whole(plan: &ChartPlan) -> Self {
        // Two frames of height are enough for a trace; a loose electrode's jumps get no more.
        let (lines, extents) = lines(plan, 2.0 * plan.frame.height_mm);
        let frame = Frame {
            height_mm: plan.frame.height_mm.max(needed_mm(&extents)),
            ..plan.frame
        };
        Self::placed(plan, &lines, &extents, frame)
    }

    fn placed(plan: &ChartPlan, lines: &[Vec<Cell>], extents: &[Extent], frame: Frame) -> Self {
        let lower = |row: Row| Row {
            top_mm: frame.top_mm + row.top_mm,
            bottom_mm: frame.top_mm + row.bottom_mm,
            baseline_mm: frame.top_mm + row.baseline_mm,
        };
        let rows: Vec<Row> = place(extents, frame.height_mm)
            .into_iter()
            .map(lower)
            .collect();
        let in_row = |(row, line): (usize, &Vec<Cell>)| {
            let baseline_mm = rows[row].baseline_mm;
            let cell = move |cell: &Cell| Cell {
                row,
                baseline_mm,
                ..cell.clone()
            };
            line.iter().map(cell).collect::<Vec<_>>()
        };
        let pitch_mm = frame.height_mm / rows.len().max(1) as f64;
        let (start_s, seconds) = plan.row_span();
        let heights = rows.iter().map(|row| row.bottom_mm - row.top_mm);
        let least_mm = heights.fold(f64::INFINITY, f64::min);
        let name_mm = plan.medium.name_mm * (pitch_mm / 16.0).clamp(0.6, 1.0);
        Self {
            frame,
            cells: lines.iter().enumerate().flat_map(in_row).collect(),
            name_mm: name_mm.min(0.9 * least_mm),
            rows,
            start_s,
            seconds,
        }
    }

    /// The cell under a point: of those at this time the one whose baseline is nearest.
    pub fn cell_at(&self, x_mm: f64, y_mm: f64) -> Option<&Cell> {
        let inside = self
            .cells
            .iter()
            .filter(|cell| cell.left_mm <= x_mm && x_mm < cell.right_mm());
        inside.min_by(|a, b| {
            let away = |cell: &Cell| (cell.baseline_mm - y_mm).abs();
            away(a).total_cmp(&away(b))
        })
    }

    /// Cells that show this time.
    pub fn cells_at_time(&self, time_s: f64) -> impl Iterator<Item = &Cell> {
        self.cells
            .iter()
            .filter(move |cell| cell.start_s <= time_s && time_s <= cell.start_s + cell.seconds)
    }
}

impl ChartPlan<'_> {
    /// Start and length of what there is to show, seconds.
    fn whole_span(&self) -> (f64, f64) {
        let duration_s = self.leads.duration_s();
        let start_s = self.start_s.clamp(0.0, duration_s);
        (start_s, (duration_s - start_s).min(self.seconds).max(0.0))
    }

    /// Start and length of what a row shows, seconds.
    fn row_span(&self) -> (f64, f64) {
        let (start_s, whole_s) = self.whole_span();
        let room_mm = (self.frame.width_mm - Chart::PULSE_ZONE_MM).max(1.0);
        (start_s, whole_s.min(room_mm / self.settings.speed_mm_s))
    }
}

/// Rows of cells without their heights, and how much room each needs of at most `highest_mm`.
fn lines(plan: &ChartPlan, highest_mm: f64) -> (Vec<Vec<Cell>>, Vec<Extent>) {
    let (start_s, seconds) = plan.row_span();
    let (_, whole_s) = plan.whole_span();
    let rows = continued(
        rows(plan.leads, plan.settings),
        whole_s,
        seconds,
        &plan.frame,
    );
    let line = |(slots, row_start_s): (Vec<Slot>, f64)| {
        let each_s = seconds.min(whole_s - row_start_s) / slots.len().max(1) as f64;
        let cells = slots.iter().enumerate().map(|(column, slot)| {
            let offset_s = column as f64 * each_s;
            cell(
                plan,
                slot,
                offset_s,
                start_s + row_start_s + offset_s,
                each_s,
            )
        });
        let (cells, spreads): (Vec<Cell>, Vec<Spread>) = cells.unzip();
        let extent = extent(plan, highest_mm, &cells, &spreads);
        (cells, extent)
    };
    rows.into_iter().map(line).unzip()
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
            (0..n)
                .map(|row| (only.clone(), row as f64 * row_s))
                .collect()
        }
        _ => rows.into_iter().map(|row| (row, 0.0)).collect(),
    }
}

/// A cell `offset_s` into its row; its height is not known yet.
fn cell(
    plan: &ChartPlan,
    slot: &Slot,
    offset_s: f64,
    start_s: f64,
    seconds: f64,
) -> (Cell, Spread) {
    let speed_mm_s = plan.settings.speed_mm_s;
    let lead = plan.leads.get(&slot.name);
    let mut cell = Cell {
        name: slot.name.clone(),
        label: slot.label.clone(),
        sign: slot.sign,
        present: slot.present,
        synthesised: lead.is_some_and(|lead| lead.origin.is_synthesised()),
        row: 0,
        left_mm: plan.frame.left_mm + Chart::PULSE_ZONE_MM + offset_s * speed_mm_s,
        width_mm: seconds * speed_mm_s,
        baseline_mm: 0.0,
        level_mv: 0.0,
        start_s,
        seconds,
        speed_mm_s,
        gain_mm_mv: plan.settings.gain_of(&slot.name),
    };
    let samples = lead.map_or(&[][..], |lead| &lead.samples_mv[cell.samples(plan.leads)]);
    let spread = Spread::of(samples, cell.sign);
    cell.level_mv = spread.median;
    (cell, spread)
}

/// Where a cell's values lie after the sign, mV; zeros where there is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Spread {
    median: f64,
    /// Of all but one value of a thousand.
    usual: [f64; 2],
    /// Of all.
    most: [f64; 2],
}

impl Spread {
    fn of(samples: &[f32], sign: f32) -> Self {
        let signed = samples.iter().map(|mv| sign * mv);
        let mut values: Vec<f32> = signed.filter(|mv| mv.is_finite()).collect();
        if values.is_empty() {
            return Self::default();
        }
        values.sort_unstable_by(f32::total_cmp);
        let last = values.len() - 1;
        let at = |share: f64| f64::from(values[(share * last as f64).round() as usize]);
        Self {
            median: at(0.5),
            usual: [at(0.0005), at(0.9995)],
            most: [at(0.0), at(1.0)],
        }
    }
}

/// Hatching below a synthesised trace, and the air around it, mm.
pub(super) const FOOT_MM: f64 = 2.4;

/// How far the traces of a row rise above and fall below the baseline, mm, with what a synthesised
/// one needs for its mark; what is higher than `height_mm` is cut.
fn extent(plan: &ChartPlan, height_mm: f64, cells: &[Cell], spreads: &[Spread]) -> Extent {
    let is_apart = cells.iter().any(|cell| cell.synthesised);
    let mut pulse_mm = cells
        .iter()
        .fold(0.0f64, |most, cell| most.max(cell.gain_mm_mv));
    let mark = if is_apart {
        [plan.medium.head_mm, FOOT_MM]
    } else {
        [0.0; 2]
    };
    let reach = |pick: fn(&Spread) -> [f64; 2], most_mm: f64| {
        let mut found = [4.0f64, 2.0];
        for (cell, spread) in cells.iter().zip(spreads) {
            let [low, high] = pick(spread);
            let above = (high - spread.median) * cell.gain_mm_mv;
            let below = (spread.median - low) * cell.gain_mm_mv;
            found = [
                found[0].max(above.min(most_mm)),
                found[1].max(below.min(most_mm)),
            ];
        }
        [found[0] + mark[0], found[1] + mark[1]]
    };
    let mut most = reach(|spread| spread.most, f64::INFINITY);
    // The pulse goes where it is higher than the paper has room for. That of a synthesised row stays
    // in its strip, beside the words at its top.
    if height_mm < pulse_mm + 0.5 + most[1] + 2.0 {
        pulse_mm = 0.0;
    } else if is_apart {
        most[0] = most[0].max(pulse_mm + 0.5);
    }
    let fits = most[0] + most[1] + 2.0 <= height_mm;
    // A loose electrode's jumps do not push the other rows aside, and neither does what is higher
    // than the paper.
    let usual = if is_apart && fits {
        most
    } else {
        reach(|spread| spread.usual, 0.3 * height_mm)
    };
    Extent {
        usual,
        most: if fits { most } else { usual },
        pulse_mm,
        is_apart,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{Lead, PageLayout, SampleRate};

    const FRAME: Frame = Frame {
        left_mm: 15.0,
        top_mm: 20.0,
        width_mm: 260.0,
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

    fn drawn(leads: &LeadSet, settings: PaperSettings, (start_s, seconds): (f64, f64)) -> Chart {
        Chart::whole(&ChartPlan {
            leads,
            settings: &settings,
            medium: Medium::PRINT,
            frame: FRAME,
            start_s,
            seconds,
        })
    }

    #[test]
    fn cells_are_continuous_in_time_in_every_layout() {
        let leads = leads(10.0);
        for layout in PageLayout::ALL {
            for speed_mm_s in PaperSettings::SPEEDS_MM_S {
                let chart = drawn(
                    &leads,
                    PaperSettings {
                        layout,
                        speed_mm_s,
                        ..Default::default()
                    },
                    (0.0, 10.0),
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
        let chart = drawn(&leads, PaperSettings::default(), (0.0, 10.0));
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
        let chart = drawn(&leads, settings, (0.0, 10.0));
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
        let chart = drawn(&leads, PaperSettings::default(), (0.0, 10.0));
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
        let chart = drawn(
            &leads(3.0),
            PaperSettings {
                layout: PageLayout::TwelveByOne,
                ..Default::default()
            },
            (1.0, 10.0),
        );
        assert!((chart.seconds - 2.0).abs() < 1e-9);
        for row in &chart.rows {
            assert!(FRAME.top_mm <= row.top_mm && row.bottom_mm <= FRAME.bottom_mm());
        }
        assert_eq!(
            drawn(&leads(3.0), PaperSettings::default(), (99.0, 10.0)).seconds,
            0.0
        );
    }

    #[test]
    fn a_single_lead_goes_on_in_further_rows() {
        let all = leads(37.0);
        let one = LeadSet::new(all.rate(), vec![all.leads()[0].clone()]).unwrap();
        let chart = drawn(&one, PaperSettings::default(), (0.0, 60.0));
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
            drawn(&one, PaperSettings::default(), (0.0, 10.0))
                .cells
                .len(),
            1
        );
    }
}
