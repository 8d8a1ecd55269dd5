//! Where every lead lies on the paper: the geometry that the printed page and the window share.

use super::{
    Cell, ChartPlan, Frame,
    chart_plan::PULSE_ZONE_MM,
    chart_rows::lines,
    rows::{Extent, Row, needed_mm, place, split},
};

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

/// From the lowest to the highest of a trace that is shown whole wherever there can be room, mV.
const TALLEST_MV: f64 = 12.0;

impl Chart {
    /// Width left of the traces for the calibration pulse, mm.
    pub const PULSE_ZONE_MM: f64 = PULSE_ZONE_MM;

    /// As many charts of the frame's size as the leads and the seconds need: all leads of a stretch
    /// of time, then those of the next.
    pub fn pages(plan: &ChartPlan) -> Vec<Self> {
        let stretches = plan.stretches();
        stretches.iter().flat_map(Self::of_stretch).collect()
    }

    fn of_stretch(plan: &ChartPlan) -> Vec<Self> {
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
        Self::with_room(plan, false)
    }

    /// The same; where rows keep clear of one another the frame reaches further down for it.
    fn with_room(plan: &ChartPlan, keeps_clear: bool) -> Self {
        // No heart gives more; a loose electrode's jumps get no more room.
        let tallest_mm = TALLEST_MV * plan.settings.gain_mm_mv;
        let (lines, mut extents) = lines(plan, tallest_mm.max(2.0 * plan.frame.height_mm));
        for extent in &mut extents {
            extent.keeps_clear = keeps_clear;
        }
        let frame = Frame {
            height_mm: plan.frame.height_mm.max(needed_mm(&extents)),
            ..plan.frame
        };
        Self::placed(plan, &lines, &extents, frame)
    }

    /// The same for all seconds of the plan: a chart for each stretch of time that a row holds, below one
    /// another, which share the frame's height if they can. No trace runs through another row's.
    pub fn stacked(plan: &ChartPlan) -> Vec<Self> {
        let stretches = plan.stretches();
        let height_mm = plan.frame.height_mm / stretches.len().max(1) as f64;
        let mut top_mm = plan.frame.top_mm;
        let below = |stretch: ChartPlan| {
            let frame = Frame {
                top_mm,
                height_mm,
                ..plan.frame
            };
            let chart = Self::with_room(&ChartPlan { frame, ..stretch }, true);
            top_mm = chart.frame.bottom_mm();
            chart
        };
        stretches.into_iter().map(below).collect()
    }

    /// Ground without leads, for what is not drawn along the time axis.
    pub fn empty(frame: Frame) -> Self {
        Self {
            frame,
            cells: Vec::new(),
            rows: Vec::new(),
            start_s: 0.0,
            seconds: 0.0,
            name_mm: 0.0,
        }
    }

    fn placed(plan: &ChartPlan, lines: &[Vec<Cell>], extents: &[Extent], frame: Frame) -> Self {
        let rows = place(extents, frame.height_mm).into_iter();
        let rows: Vec<Row> = rows.map(|row| row.lower(frame.top_mm)).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        draw::{Medium, Others, Terms},
        ecg::{Lead, LeadName, LeadSet, PageLayout, PaperSettings, SampleRate},
    };

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

    fn plan<'a>(
        leads: &'a LeadSet,
        settings: &'a PaperSettings,
        (start_s, seconds): (f64, f64),
    ) -> ChartPlan<'a> {
        ChartPlan {
            leads,
            settings,
            others: Others::Named,
            notes: &[],
            terms: Terms::ENGLISH,
            medium: Medium::PRINT,
            aside_mm: 0.0,
            frame: FRAME,
            start_s,
            seconds,
        }
    }

    fn drawn(leads: &LeadSet, settings: PaperSettings, span_s: (f64, f64)) -> Chart {
        Chart::whole(&plan(leads, &settings, span_s))
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
    fn what_a_row_cannot_hold_goes_on_on_the_next_sheet() {
        let all = leads(10.0);
        let settings = PaperSettings {
            speed_mm_s: 50.0,
            ..Default::default()
        };
        let charts = Chart::pages(&plan(&all, &settings, (1.0, 9.0)));
        let spans: Vec<(f64, f64)> = charts.iter().map(|it| (it.start_s, it.seconds)).collect();
        assert_eq!(spans, [(1.0, 4.5), (5.5, 4.5)]);
        for chart in charts {
            assert!(
                chart
                    .cells
                    .iter()
                    .all(|it| it.right_mm() <= FRAME.right_mm() + 1e-9)
            );
        }
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
