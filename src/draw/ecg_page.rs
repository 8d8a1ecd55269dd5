//! The printed ECG: paper, pulse, traces, labels, header and footer, on one sheet.

use jiff::SignedDuration;

use super::{
    Anchor, Cell, Chart, Colour, Frame, Mark, Page, Palette, Role, Stroke, Text, Weight,
    font::{fitted, text_width_mm},
    label::label_place,
    layout::others,
    traces::{band_outlines, polylines},
};
use crate::ecg::{LeadName, LeadSet, Origin, PaperSettings, Patient, Recording, Sex, montage};

/// Everything a page says.
#[derive(Clone, Debug)]
pub struct PageContent<'a> {
    /// Patient, start and device.
    pub recording: &'a Recording,
    /// The traces as they are to be drawn: filtered if filters are on, with synthesised leads if
    /// there are any.
    pub leads: &'a LeadSet,
    /// Filters that this program applied: `filters off` or what is on.
    pub filters: String,
    /// Time of the first sample of `leads` in the whole recording, where they are a window of a
    /// longer one.
    pub offset_s: f64,
    /// Length of the whole recording, seconds.
    pub whole_s: f64,
    /// Start of the page, seconds after the first sample of `leads`.
    pub start_s: f64,
    /// Seconds to show at most.
    pub seconds: f64,
    /// Half-widths of the uncertainty band, mV, per synthesised lead.
    pub bands: Vec<(LeadName, Vec<f32>)>,
    /// Measured values with their names: `("PR", "160 ms")`.
    pub measurements: Vec<(String, String)>,
    /// How they were measured, or why they are missing.
    pub measured_on: String,
    /// File name and what the import found, most important first.
    pub facts: Vec<String>,
    /// Warnings, most important first.
    pub warnings: Vec<String>,
}

impl<'a> PageContent<'a> {
    /// A page of the recording as it is, from its start.
    pub fn of(recording: &'a Recording) -> Self {
        Self {
            recording,
            leads: &recording.leads,
            filters: "filters off".into(),
            offset_s: 0.0,
            whole_s: recording.leads.duration_s(),
            start_s: 0.0,
            seconds: f64::INFINITY,
            bands: Vec::new(),
            measurements: Vec::new(),
            measured_on: String::new(),
            facts: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

/// What stands on every page.
pub(super) const PURPOSE: &str = "For research and teaching, not for diagnosis";
const SYNTHESISED: &str = "synthesised, not recorded";

const PALETTE: Palette = Palette::LIGHT;
const MARGIN_MM: f64 = 8.0;
const HEADER_MM: f64 = 19.0;
const FOOTER_MM: f64 = 17.0;
/// Ten seconds at 25 mm/s: the row of a page that cannot hold everything.
const ROW_MM: f64 = 250.0;
/// Such a row, the pulse, and a little air: the width of most pages.
const WIDEST_MM: f64 = 265.0;

/// Lays out one landscape sheet.
pub fn ecg_page(content: &PageContent, settings: &PaperSettings) -> Page {
    let [width, height] = settings.sheet.size_mm();
    let frame = chart_frame(width, height, content, settings);
    let chart = Chart::new(
        content.leads,
        settings,
        frame,
        content.start_s,
        content.seconds,
    );
    let mut sheet = Drawing {
        page: Page::new(width, height, title(content)),
        frame,
    };
    sheet.page.push(
        Role::Paper,
        Mark::Fill {
            outline_mm: whole(width, height),
            colour: Colour::hex(0xFFFFFF),
        },
    );
    sheet.grid();
    let leaving = sheet.traces(&chart, content);
    sheet.pulses(&chart, settings);
    sheet.labels(&chart, content);
    sheet.header(content);
    sheet.footer(&chart, content, settings, &leaving);
    sheet.page
}

/// The chart: as wide as the traces need, in whole major squares, centred.
fn chart_frame(width: f64, height: f64, content: &PageContent, settings: &PaperSettings) -> Frame {
    let room = width - 2.0 * MARGIN_MM;
    let seconds = content
        .seconds
        .min(content.leads.duration_s() - content.start_s)
        .max(0.0);
    let need = Chart::PULSE_ZONE_MM + seconds * settings.speed_mm_s + 5.0;
    let squares = |mm: f64| (mm / 5.0).floor() * 5.0;
    let width_mm = squares(if need <= room {
        room.min(WIDEST_MM.max(need))
    } else {
        room.min(ROW_MM + Chart::PULSE_ZONE_MM)
    });
    let height_mm = squares(height - 2.0 * MARGIN_MM - HEADER_MM - FOOTER_MM);
    Frame {
        left_mm: (0.5 * (width - width_mm)).round(),
        top_mm: MARGIN_MM + HEADER_MM,
        width_mm,
        height_mm,
    }
}

fn title(content: &PageContent) -> String {
    let synthesised = content
        .leads
        .leads()
        .iter()
        .any(|it| it.origin.is_synthesised());
    if synthesised {
        format!("Electrocardiogram with leads that are {SYNTHESISED}")
    } else {
        "Electrocardiogram".into()
    }
}

fn whole(width: f64, height: f64) -> Vec<[f64; 2]> {
    Frame {
        left_mm: 0.0,
        top_mm: 0.0,
        width_mm: width,
        height_mm: height,
    }
    .outline_mm()
}

struct Drawing {
    page: Page,
    frame: Frame,
}

impl Drawing {
    fn text(
        &mut self,
        role: Role,
        at_mm: [f64; 2],
        text: impl Into<String>,
        size_mm: f64,
        style: (Anchor, Weight, Colour),
    ) {
        let (anchor, weight, colour) = style;
        self.page.push(
            role,
            Mark::Text(Text {
                at_mm,
                text: text.into(),
                size_mm,
                anchor,
                weight,
                colour,
            }),
        );
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

    /// Draws every cell; returns the labels of traces that leave the paper.
    fn traces(&mut self, chart: &Chart, content: &PageContent) -> Vec<String> {
        let mut leaving: Vec<String> = Vec::new();
        for cell in &chart.cells {
            let band = content
                .bands
                .iter()
                .find(|it| it.0 == cell.name && cell.synthesised);
            for outline_mm in band
                .map(|it| band_outlines(cell, content.leads, &it.1, &self.frame))
                .unwrap_or_default()
            {
                self.page.push(
                    Role::Band(cell.label.clone()),
                    Mark::Fill {
                        outline_mm,
                        colour: PALETTE.band(),
                    },
                );
            }
            let (pieces, left_paper) = polylines(cell, content.leads, &self.frame);
            for points_mm in pieces {
                for stroke in strokes(cell) {
                    self.page.push(
                        Role::Trace(cell.label.clone()),
                        Mark::Polyline {
                            points_mm: points_mm.clone(),
                            stroke,
                        },
                    );
                }
            }
            if left_paper && !leaving.contains(&cell.label) {
                leaving.push(cell.label.clone());
            }
        }
        leaving
    }

    /// A pulse on every row that has room for it: 0.2 s of 1 mV at the gain of its leads; where the
    /// gain changes along the row, a step shows both.
    fn pulses(&mut self, chart: &Chart, settings: &PaperSettings) {
        let width = (0.2 * settings.speed_mm_s).min(Chart::PULSE_ZONE_MM - 3.0);
        let mut free_from = self.frame.top_mm;
        for (row, baseline) in chart.baselines_mm.iter().enumerate() {
            let mut gains = chart
                .cells
                .iter()
                .filter(|it| it.row == row)
                .map(|it| it.gain_mm_mv);
            let first = gains.next().unwrap_or(settings.gain_mm_mv);
            let last = gains.next_back().unwrap_or(first);
            if *baseline - first.max(last) < free_from {
                continue;
            }
            free_from = baseline + 1.0;
            let x = self.frame.left_mm + 0.5 * (Chart::PULSE_ZONE_MM - width) - 0.5;
            let (high, low, middle) = (baseline - first, baseline - last, x + 0.5 * width);
            let mut points_mm = vec![[x - 1.0, *baseline], [x, *baseline], [x, high]];
            if (first - last).abs() > 1e-9 {
                points_mm.extend([[middle, high], [middle, low]]);
            }
            points_mm.extend([
                [x + width, low],
                [x + width, *baseline],
                [x + width + 1.0, *baseline],
            ]);
            let stroke = Stroke::solid(PALETTE.recorded, TRACE_MM);
            self.page
                .push(Role::Calibration, Mark::Polyline { points_mm, stroke });
        }
    }

    fn labels(&mut self, chart: &Chart, content: &PageContent) {
        let size = if chart.pitch_mm < 16.0 { 3.0 } else { 3.6 };
        let mut placed: Vec<[f64; 3]> = Vec::new();
        for (idx, cell) in chart.cells.iter().enumerate() {
            let colour = if cell.synthesised {
                PALETTE.synthesised
            } else {
                PALETTE.text
            };
            let follows = 0 < idx && chart.cells[idx - 1].row == cell.row;
            let usual = cell.left_mm + if follows { 1.8 } else { 1.0 };
            let width = text_width_mm(&cell.label, Weight::SemiBold, size) + 1.6;
            let note = note(cell, chart, content).map(|it| {
                fitted(
                    &it,
                    Weight::Regular,
                    NOTE_MM,
                    cell.right_mm() - usual - width,
                )
            });
            let whole = width
                + note
                    .as_ref()
                    .map_or(0.0, |it| text_width_mm(it, Weight::Regular, NOTE_MM));
            let [left, height] =
                label_place(cell, chart, content.leads, size, [usual, whole], &placed);
            let after = left + width;
            placed.push([left, left + whole, height]);
            self.text(
                Role::LeadLabel,
                [left, height],
                cell.label.clone(),
                size,
                (Anchor::Start, Weight::SemiBold, colour),
            );
            if let Some(note) = note {
                self.text(
                    Role::LeadLabel,
                    [after, height],
                    note,
                    NOTE_MM,
                    (Anchor::Start, Weight::Regular, colour),
                );
            }
            if follows {
                self.separator(cell.left_mm, cell.baseline_mm);
            }
        }
    }

    /// Two short strokes where one lead follows another.
    fn separator(&mut self, x: f64, baseline: f64) {
        let lines_mm = [-1.0, 1.0]
            .map(|side| [[x, baseline + side * 3.0], [x, baseline + side * 5.5]])
            .to_vec();
        self.page.push(
            Role::LeadLabel,
            Mark::Lines {
                lines_mm,
                stroke: Stroke::solid(PALETTE.recorded, 0.2),
            },
        );
    }

    fn header(&mut self, content: &PageContent) {
        let (left, right, top) = (self.frame.left_mm, self.frame.right_mm(), MARGIN_MM);
        let third = self.frame.width_mm / 3.0;
        let regular = (Anchor::Start, Weight::Regular, PALETTE.text);
        let patient = &content.recording.patient;
        let (name, weight, colour) = match &patient.name {
            Some(name) => (
                fitted(name, Weight::SemiBold, 4.4, 1.15 * third),
                Weight::SemiBold,
                PALETTE.text,
            ),
            None if patient.is_anonymous() => {
                ("No patient data".into(), Weight::Regular, PALETTE.muted)
            }
            None => ("Name not given".into(), Weight::Regular, PALETTE.muted),
        };
        self.text(
            Role::Words,
            [left, top + 4.0],
            name,
            4.4,
            (Anchor::Start, weight, colour),
        );
        let lines = [
            patient_line(patient),
            when_line(content),
            content.recording.device.clone().unwrap_or_default(),
        ];
        for (idx, line) in lines.into_iter().filter(|it| !it.is_empty()).enumerate() {
            let shown = fitted(&line, Weight::Regular, 3.0, 1.15 * third);
            self.text(
                Role::Words,
                [left, top + 8.6 + 4.0 * idx as f64],
                shown,
                3.0,
                regular,
            );
        }
        self.measurements(content, left + 1.22 * third, top);
        for (idx, fact) in content.facts.iter().take(4).enumerate() {
            let (weight, colour) = if idx == 0 {
                (Weight::SemiBold, PALETTE.text)
            } else {
                (Weight::Regular, PALETTE.muted)
            };
            let shown = fitted(fact, weight, 2.7, 0.98 * third);
            self.text(
                Role::Words,
                [right, top + 3.6 + 4.0 * idx as f64],
                shown,
                2.7,
                (Anchor::End, weight, colour),
            );
        }
    }

    /// Two columns of name and value, numbers aligned at the right.
    fn measurements(&mut self, content: &PageContent, x: f64, top: f64) {
        const COLUMN_MM: f64 = 32.0;
        for (idx, (name, value)) in content.measurements.iter().take(6).enumerate() {
            let (at_x, at_y) = (
                x + COLUMN_MM * (idx / 3) as f64,
                top + 3.6 + 4.0 * (idx % 3) as f64,
            );
            self.text(
                Role::Words,
                [at_x, at_y],
                name.clone(),
                2.8,
                (Anchor::Start, Weight::Regular, PALETTE.muted),
            );
            self.text(
                Role::Words,
                [at_x + COLUMN_MM - 4.0, at_y],
                value.clone(),
                2.8,
                (Anchor::End, Weight::SemiBold, PALETTE.text),
            );
        }
        if !content.measured_on.is_empty() {
            self.text(
                Role::Words,
                [x, top + 15.9],
                content.measured_on.clone(),
                2.4,
                (Anchor::Start, Weight::Regular, PALETTE.muted),
            );
        }
    }

    fn footer(
        &mut self,
        chart: &Chart,
        content: &PageContent,
        settings: &PaperSettings,
        leaving: &[String],
    ) {
        let (left, top) = (self.frame.left_mm, self.frame.bottom_mm());
        let room = self.frame.width_mm - 62.0;
        let scale = format!(
            "{} · {} · {}",
            settings.label(),
            content.filters,
            timing(chart, content)
        );
        self.text(
            Role::Words,
            [left, top + 5.0],
            fitted(&scale, Weight::SemiBold, 3.2, room),
            3.2,
            (Anchor::Start, Weight::SemiBold, PALETTE.text),
        );
        let mut notes: Vec<(String, Colour)> = Vec::new();
        let synthesised: Vec<String> = chart
            .cells
            .iter()
            .filter(|it| it.synthesised)
            .map(|it| it.label.clone())
            .collect();
        if !synthesised.is_empty() {
            let band = if content.bands.is_empty() {
                ""
            } else {
                "; the shaded band should hold 9 samples of 10"
            };
            notes.push((
                format!(
                    "{}: {SYNTHESISED} (violet, dashed{band})",
                    synthesised.join(", ")
                ),
                PALETTE.synthesised,
            ));
        }
        if !leaving.is_empty() {
            notes.push((
                format!(
                    "{} leaves the paper: choose a lower gain",
                    leaving.join(", ")
                ),
                PALETTE.warning,
            ));
        }
        notes.extend(
            content
                .warnings
                .iter()
                .map(|it| (it.clone(), PALETTE.warning)),
        );
        notes.extend(
            unshown(chart, content.leads)
                .into_iter()
                .map(|it| (it, PALETTE.muted)),
        );
        for (idx, (note, colour)) in notes.iter().take(2).enumerate() {
            let shown = fitted(note, Weight::Regular, 2.7, room);
            self.text(
                Role::Words,
                [left, top + 8.9 + 3.6 * idx as f64],
                shown,
                2.7,
                (Anchor::Start, Weight::Regular, *colour),
            );
        }
        let maker = format!("{PURPOSE} · ECG Panorama {}", env!("CARGO_PKG_VERSION"));
        self.text(
            Role::Words,
            [left, top + 16.2],
            maker,
            2.7,
            (Anchor::Start, Weight::Regular, PALETTE.muted),
        );
        self.ruler();
    }

    /// 50 mm to hold a ruler against: the proof that the page was printed at its true size.
    fn ruler(&mut self) {
        const LENGTH_MM: f64 = 50.0;
        let (x, y) = (
            self.frame.right_mm() - LENGTH_MM,
            self.frame.bottom_mm() + 4.0,
        );
        let ticks = (0..=50).map(|k| {
            let length = if k % 10 == 0 {
                2.4
            } else if k % 5 == 0 {
                1.7
            } else {
                1.0
            };
            [[x + f64::from(k), y], [x + f64::from(k), y + length]]
        });
        let lines_mm = std::iter::once([[x, y], [x + LENGTH_MM, y]])
            .chain(ticks)
            .collect();
        self.page.push(
            Role::Ruler,
            Mark::Lines {
                lines_mm,
                stroke: Stroke::solid(PALETTE.text, 0.12),
            },
        );
        for (at, text, anchor) in [
            (0.0, "0", Anchor::Middle),
            (10.0, "10", Anchor::Middle),
            (50.0, "50 mm", Anchor::End),
        ] {
            self.text(
                Role::Ruler,
                [x + at, y + 5.0],
                text,
                2.4,
                (anchor, Weight::Regular, PALETTE.text),
            );
        }
        let words = "printed to size if this measures 50.0 mm";
        self.text(
            Role::Ruler,
            [x + LENGTH_MM, y + 8.6],
            words,
            2.4,
            (Anchor::End, Weight::Regular, PALETTE.muted),
        );
    }
}

const TRACE_MM: f64 = 0.3;
const NOTE_MM: f64 = 2.6;

/// Recorded: one solid line. Synthesised: long dashes over a hairline, so that no peak falls into a
/// gap between dashes.
fn strokes(cell: &Cell) -> Vec<Stroke> {
    if !cell.synthesised {
        return vec![Stroke::solid(PALETTE.recorded, TRACE_MM)];
    }
    let dashes = Stroke {
        colour: PALETTE.synthesised,
        width_mm: 0.36,
        dash_mm: Some([2.6, 1.0]),
    };
    vec![Stroke::solid(PALETTE.synthesised.faded(0.55), 0.12), dashes]
}

/// What stands beside the label.
fn note(cell: &Cell, chart: &Chart, content: &PageContent) -> Option<String> {
    if !cell.present {
        return Some("not recorded".into());
    }
    match &content.leads.get(&cell.name)?.origin {
        Origin::Synthesised { view, by } => {
            let place = montage(&cell.name)
                .map(|it| format!(" · {}", it.place))
                .unwrap_or_default();
            // Once is enough: some labels have the word already.
            let words = if cell.label.contains("synthesised") {
                "not recorded"
            } else {
                SYNTHESISED
            };
            Some(format!("{words}{place} · {view} · {by}"))
        }
        _ => (chart.start_s + chart.seconds <= cell.start_s + 1e-6)
            .then(|| format!("from {:.1} s", content.offset_s + cell.start_s)),
    }
}

fn patient_line(patient: &Patient) -> String {
    let sex = patient.sex.map(|it| match it {
        Sex::Female => "female".to_owned(),
        Sex::Male => "male".to_owned(),
    });
    let born = patient.birth_date.map(|it| format!("born {it}"));
    let age = patient.age_years.map(|it| format!("{it:.0} years"));
    let id = patient.id.as_ref().map(|it| format!("ID {it}"));
    [id, sex, age, born]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ")
}

fn when_line(content: &PageContent) -> String {
    let Some(start) = content.recording.start else {
        return String::new();
    };
    let page_start = start
        .checked_add(SignedDuration::from_millis(
            (1000.0 * content.start_s) as i64,
        ))
        .unwrap_or(start);
    format!(
        "Recorded {} (local time)",
        page_start.strftime("%Y-%m-%d %H:%M:%S")
    )
}

/// Rate and stretch of time on the page.
fn timing(chart: &Chart, content: &PageContent) -> String {
    let rate = content.leads.rate().hz();
    let rate = if (rate - rate.round()).abs() < 1e-6 {
        format!("{rate:.0} Hz")
    } else {
        format!("{rate:.2} Hz")
    };
    let end = chart
        .cells
        .iter()
        .map(|it| it.start_s + it.seconds)
        .fold(chart.start_s, f64::max);
    if (end - chart.start_s - content.whole_s).abs() < 0.01 {
        return format!("{rate} · {:.1} s", content.whole_s);
    }
    let (start, end) = (content.offset_s + chart.start_s, content.offset_s + end);
    format!(
        "{rate} · {start:.1} to {end:.1} s of {:.1} s",
        content.whole_s
    )
}

/// Recorded leads that this layout has no place for.
fn unshown(chart: &Chart, leads: &LeadSet) -> Option<String> {
    let missing = others(leads).filter(|it| !chart.cells.iter().any(|cell| cell.name == it.name));
    let names: Vec<String> = missing.map(|it| it.name.to_string()).collect();
    (!names.is_empty()).then(|| format!("Also recorded, not on this page: {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        draw::Item,
        ecg::{Lead, PageLayout, SampleRate},
    };

    fn recording(seconds: f64) -> Recording {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let wave = |k: usize| {
            (0..rate.samples_in(seconds))
                .map(|n| ((n + 90 * k) as f32 / 40.0).sin())
                .collect::<Vec<f32>>()
        };
        let leads = LeadName::TWELVE
            .into_iter()
            .enumerate()
            .map(|(k, it)| Lead::measured(it, wave(k)));
        Recording::from_leads(LeadSet::new(rate, leads.collect()).unwrap())
    }

    fn trace(page: &Page, label: &str) -> Vec<Vec<[f64; 2]>> {
        let of_label = page
            .items
            .iter()
            .filter(|it| it.role == Role::Trace(label.into()));
        of_label
            .map(|it| {
                if let Mark::Polyline { points_mm, .. } = &it.mark {
                    points_mm.clone()
                } else {
                    Vec::new()
                }
            })
            .collect()
    }

    #[test]
    fn the_page_says_what_was_truly_used() {
        let recording = recording(30.0);
        let content = PageContent {
            start_s: 5.0,
            seconds: 10.0,
            filters: "high-pass 0.5 Hz (zero-phase)".into(),
            ..PageContent::of(&recording)
        };
        let settings = PaperSettings {
            gain_mm_mv: 5.0,
            half_gain_chest: true,
            ..Default::default()
        };
        let words = ecg_page(&content, &settings).words();
        for expected in [
            "25 mm/s · 5 mm/mV (chest leads 2.5 mm/mV)",
            "high-pass 0.5 Hz (zero-phase)",
            "500 Hz · 5.0 to 15.0 s of 30.0 s",
            PURPOSE,
        ] {
            assert!(words.contains(expected), "{expected:?} in {words}");
        }
    }

    #[test]
    fn cabrera_turns_avr_over() {
        let recording = recording(10.0);
        let settings = PaperSettings {
            layout: PageLayout::TwelveByOne,
            ..Default::default()
        };
        let upright = trace(&ecg_page(&PageContent::of(&recording), &settings), "aVR");
        let turned = trace(
            &ecg_page(
                &PageContent::of(&recording),
                &PaperSettings {
                    cabrera: true,
                    ..settings
                },
            ),
            "−aVR",
        );
        let deviations = |it: &[[f64; 2]]| {
            it.windows(2)
                .map(|it| it[1][1] - it[0][1])
                .collect::<Vec<_>>()
        };
        let (a, b) = (deviations(&upright[0]), deviations(&turned[0]));
        assert!(a.len() == b.len() && a.iter().zip(&b).all(|(x, y)| (x + y).abs() < 1e-6));
    }

    #[test]
    fn a_lead_that_is_gap_or_absent_is_named_and_not_drawn() {
        let full = recording(10.0);
        let mut leads: Vec<Lead> = full.leads.leads().to_vec();
        leads.retain(|it| it.name != LeadName::V6);
        leads[6].samples_mv = vec![f32::NAN; 5000].into();
        let recording = Recording::from_leads(LeadSet::new(full.leads.rate(), leads).unwrap());
        let page = ecg_page(&PageContent::of(&recording), &PaperSettings::default());
        assert!(
            page.words().contains("V6\nnot recorded")
                && trace(&page, "V6").is_empty()
                && trace(&page, "V1").is_empty()
        );
        let finite = |it: &Item| {
            if let Mark::Polyline { points_mm, .. } = &it.mark {
                points_mm.iter().flatten().all(|it| it.is_finite())
            } else {
                true
            }
        };
        assert!(page.items.iter().all(finite));
    }

    #[test]
    fn labels_stay_with_their_own_rows() {
        let recording = recording(10.0);
        for layout in PageLayout::ALL {
            let settings = PaperSettings {
                layout,
                ..Default::default()
            };
            let page = ecg_page(&PageContent::of(&recording), &settings);
            let frame = chart_frame(
                page.width_mm,
                page.height_mm,
                &PageContent::of(&recording),
                &settings,
            );
            let chart = Chart::new(&recording.leads, &settings, frame, 0.0, f64::INFINITY);
            let labels = page
                .items
                .iter()
                .filter(|it| it.role == Role::LeadLabel)
                .filter_map(|it| match &it.mark {
                    Mark::Text(text) => Some(text),
                    _ => None,
                });
            for (cell, text) in chart.cells.iter().zip(labels) {
                assert_eq!(cell.label, text.text);
                let middle = text.at_mm[1] - 0.35 * text.size_mm;
                let nearest = chart
                    .baselines_mm
                    .iter()
                    .min_by(|a, b| (*a - middle).abs().total_cmp(&(*b - middle).abs()));
                assert_eq!(
                    nearest,
                    Some(&cell.baseline_mm),
                    "{layout:?}: {} strays",
                    cell.label
                );
            }
        }
    }

    #[test]
    fn everything_stays_on_the_sheet() {
        let mut recording = recording(10.0);
        recording.patient.name =
            Some("A name that is far longer than any sheet of paper is wide ".repeat(9));
        let content = PageContent {
            warnings: vec!["a warning that goes on and on ".repeat(30)],
            facts: vec!["a fact ".repeat(60)],
            ..PageContent::of(&recording)
        };
        for layout in PageLayout::ALL {
            let page = ecg_page(
                &content,
                &PaperSettings {
                    layout,
                    ..Default::default()
                },
            );
            for text in page.texts() {
                let width = text_width_mm(&text.text, text.weight, text.size_mm);
                let left = text.at_mm[0]
                    - match text.anchor {
                        Anchor::Start => 0.0,
                        Anchor::Middle => 0.5 * width,
                        Anchor::End => width,
                    };
                assert!(
                    0.0 <= left && left + width <= page.width_mm && text.at_mm[1] <= page.height_mm,
                    "{text:?}"
                );
            }
        }
    }
}
