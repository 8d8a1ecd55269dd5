//! Median beats of two recordings over each other. Where the other was recorded at places that this one
//! has not, its leads lie over the synthesised ones.

use eframe::egui::{Align2, FontId, Painter, Rect, Sense, Shape, Stroke, Ui, pos2, vec2};

use super::super::{
    panel_context::PanelContext,
    theme::{colour32, strong},
    widgets::{muted, name_area, trace_points},
};
use crate::{
    draw::Colour,
    ecg::{Lead, LeadName, statistics::extremes},
    session::{self, Calibrating, Exam, Figure, OtherExam, Query},
    signal::MedianBeat,
    words::Label,
};

/// One lead of both: this one's recorded or synthesised, the other's recorded.
struct Beats {
    name: LeadName,
    this: Option<Lead>,
    other: Option<Lead>,
}

impl Beats {
    fn is_synthesised(&self) -> bool {
        let lead = self.this.as_ref();
        lead.is_some_and(|lead| lead.origin.is_synthesised())
    }

    /// Of the lead of this exam.
    fn ink(&self, cx: &PanelContext<'_>) -> Colour {
        if self.is_synthesised() {
            cx.look.paper.synthesised
        } else {
            cx.look.paper.recorded
        }
    }
}

/// Median beats over each other, both from the fiducial point.
pub fn medians(ui: &mut Ui, cx: &mut PanelContext<'_>, exam: &Exam, other: &OtherExam) {
    let (Some(this_beat), Some(other_beat)) = (&exam.median, &other.exam.median) else {
        ui.label(muted(cx.tr(Label::TooFewForMedian), &cx.look.colours));
        return;
    };
    let truth = other.truth_for(exam);
    ask(cx, &truth);
    let synthesised = |name: &LeadName| {
        let lead = &cx.session.results.compared.get(name)?.synthesis.lead;
        this_beat.of_other(lead, exam.leads.rate())
    };
    let pair = |name: LeadName| Beats {
        this: {
            let recorded = this_beat.leads.get(&name).cloned();
            recorded.or_else(|| synthesised(&name))
        },
        other: other_beat.leads.get(&name).cloned(),
        name,
    };
    let pairs = LeadName::TWELVE.into_iter().chain(truth).map(pair);
    let beats: Vec<Beats> = pairs
        .filter(|beats| beats.this.is_some() || beats.other.is_some())
        .collect();
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    let names: Vec<String> = beats.iter().map(|beats| beats.name.to_string()).collect();
    let words = format!("{}: {}", cx.tr(Label::MedianBeats), names.join(", "));
    name_area(&response, words);
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 4.0, colour32(cx.look.paper.paper));
    let n_rows = beats.len().div_ceil(4).max(1);
    let cell = vec2(rect.width() / 4.0, rect.height() / n_rows as f32);
    let later = other.fiducial_later_s(exam) * other_beat.leads.rate().hz();
    let other_r = other_beat.r_index;
    let other_r = other_r.saturating_add_signed(-later.round() as isize);
    let timing = [
        Timing::of(exam, this_beat, this_beat.r_index),
        Timing::of(&other.exam, other_beat, other_r),
    ];
    let per_mv = scale(&beats, cell.y - 26.0);
    for (idx, beats) in beats.iter().enumerate() {
        let (row, column) = (idx % n_rows, idx / n_rows);
        let corner = rect.min + vec2(column as f32 * cell.x, row as f32 * cell.y);
        let at = Rect::from_min_size(corner, cell);
        overlay(&painter, cx, beats, timing, (at, per_mv));
    }
}

/// Asks for this patient's synthesised leads where the other was recorded.
fn ask(cx: &mut PanelContext<'_>, truth: &[LeadName]) {
    if matches!(cx.session.calibrating, Calibrating::Ready(_)) {
        for name in truth {
            cx.push(Query::Compare(name.clone()));
        }
    }
}

/// When a median beat is what.
#[derive(Clone, Copy)]
struct Timing<'a> {
    beat: &'a MedianBeat,
    /// Sample of the fiducial point.
    fiducial: usize,
    /// Sample at which QRS begins.
    qrs_onset: usize,
}

impl<'a> Timing<'a> {
    fn of(exam: &Exam, beat: &'a MedianBeat, fiducial: usize) -> Self {
        let waves = exam.waves.as_ref();
        Self {
            beat,
            fiducial,
            qrs_onset: waves.map_or(fiducial, |waves| waves.qrs.onset),
        }
    }

    /// The level before QRS, however wide that is: by it beats are held against each other.
    fn level(&self, lead: &Lead) -> f32 {
        let level = self.beat.level_before(&lead.samples_mv, self.qrs_onset);
        level.unwrap_or(0.0) as f32
    }

    fn seconds_after(&self, sample: f64) -> f64 {
        (sample - self.fiducial as f64) / self.beat.leads.rate().hz()
    }
}

/// Points of a millivolt, so that the tallest beat fits its cell.
fn scale(beats: &[Beats], room: f32) -> f32 {
    let leads = beats.iter().flat_map(|it| it.this.iter().chain(&it.other));
    let ranges = leads.filter_map(|lead| extremes(lead.samples_mv.iter().copied()));
    let most = ranges.map(|[low, high]| high - low).fold(0.5, f32::max);
    0.5 * room / most
}

fn overlay(
    painter: &Painter,
    cx: &PanelContext<'_>,
    beats: &Beats,
    timing: [Timing<'_>; 2],
    (at, per_mv): (Rect, f32),
) {
    let palette = cx.look.paper;
    let middle = at.top() + 20.0 + 0.55 * (at.height() - 26.0);
    let zero = at.left() + 0.36 * at.width();
    let per_s = 0.6 * at.width() / 0.5;
    let ground = Stroke::new(1.0, colour32(palette.minor_grid));
    painter.hline(at.x_range().shrink(6.0), middle, ground);
    let clipped = painter.with_clip_rect(at.shrink(2.0));
    for (is_other, lead) in [(false, &beats.this), (true, &beats.other)] {
        let Some(lead) = lead else { continue };
        let timing = timing[usize::from(is_other)];
        let base = timing.level(lead);
        let x = |sample: f64| zero + timing.seconds_after(sample) as f32 * per_s;
        let y = |mv: f64| middle - (mv as f32 - base) * per_mv;
        let ink = if is_other {
            palette.notice
        } else {
            beats.ink(cx)
        };
        let stroke = Stroke::new(1.6, colour32(ink));
        for run in trace_points(&lead.samples_mv, x, y, painter.pixels_per_point()) {
            // In greyscale the other one is told by its dashes.
            if is_other {
                clipped.extend(Shape::dashed_line(&run, stroke, 5.0, 2.5));
            } else {
                clipped.add(Shape::line(run, stroke));
            }
        }
    }
    names(painter, cx, beats, at);
    if let Some(words) = st_words(cx, beats) {
        let corner = pos2(at.left() + 6.0, at.bottom() - 4.0);
        let (font, ink) = (FontId::proportional(11.0), colour32(palette.muted));
        painter.text(corner, Align2::LEFT_BOTTOM, words, font, ink);
    }
}

/// Which lead it is; of a synthesised one that it is, and what it is held against.
fn names(painter: &Painter, cx: &PanelContext<'_>, beats: &Beats, at: Rect) {
    let corner = pos2(at.left() + 6.0, at.top() + 3.0);
    let name = if beats.is_synthesised() {
        let other = format!("2  {} {}", beats.name, cx.tr(Label::Recorded));
        let (below, ink) = (corner + vec2(0.0, 16.0), colour32(cx.look.paper.notice));
        painter.text(below, Align2::LEFT_TOP, other, strong(11.0), ink);
        let synthesised = cx.tr(Label::Synthesised);
        format!("{} {synthesised}", beats.name.synthesised_label())
    } else {
        beats.name.to_string()
    };
    let ink = colour32(beats.ink(cx));
    painter.text(corner, Align2::LEFT_TOP, name, strong(13.0), ink);
}

/// How much ST 60 ms after the J point differs, where both were measured.
fn st_words(cx: &PanelContext<'_>, beats: &Beats) -> Option<String> {
    let session = cx.session;
    let (exam, other) = (session.exam.as_ref()?, session.other.as_ref()?);
    let rows = session::amplitudes(&exam.measurements, &other.exam.measurements);
    let (_, figures) = rows.into_iter().find(|(name, _)| *name == beats.name)?;
    let st = figures.iter().find(|it| it.figure == Figure::J60)?;
    let uv = cx.translator.signed(st.difference()?, 0);
    Some(format!("Δ J+60 {uv} µV"))
}
