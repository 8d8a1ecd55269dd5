//! Virtual leads under the paper, on the same time axis: the one at the point, the nearest recorded
//! lead, and those kept.

use eframe::egui::{
    Align2, Color32, FontId, Painter, Rect, ScrollArea, Sense, Shape, Stroke, Ui, UiBuilder,
    epaint::{BandPoint, BandShape},
    pos2, vec2,
};

use super::{
    super::{
        gpu::Paper,
        panel_context::{PanelContext, key},
        theme::{colour32, strong},
        view::{Dialog, OverlayPage, Teaching},
        widgets::{MeshCache, dashes, muted, name_area, strong_text, trace_points},
    },
    paper::Scale,
};
use crate::{
    draw::Chart,
    ecg::{Lead, LeadName, Place, Target},
    session::{
        Calibrating, Command, Edit, Query, Synthesis, SynthesisedLead, document::VirtualLead,
    },
    words::Label,
};

/// Meshes kept between frames, one per strip.
#[derive(Default)]
pub struct StripCaches {
    strips: Vec<MeshCache>,
}

impl StripCaches {
    fn at(&mut self, idx: usize) -> &mut MeshCache {
        if self.strips.len() <= idx {
            self.strips.resize_with(idx + 1, Default::default);
        }
        &mut self.strips[idx]
    }
}

/// What one strip shows.
struct Strip<'a> {
    synthesis: Option<&'a Synthesis>,
    compare: Option<(&'a Lead, String)>,
    title: String,
    place: String,
    figures: String,
    id: Option<u32>,
}

/// The strips. `per_mm` and `seconds` are those of the paper above.
pub fn show(
    ui: &mut Ui,
    cx: &mut PanelContext<'_>,
    ink: &mut StripCaches,
    per_mm: f32,
    seconds: f64,
) {
    header(ui, cx);
    if let Calibrating::Failed(problem) = &cx.session.calibrating {
        ui.colored_label(
            cx.look.colours.warning,
            format!("⚠ {}: {problem}", cx.tr(Label::NoVirtualLeads)),
        );
        return;
    }
    let kept: Vec<VirtualLead> = {
        let mut list = cx.session.document.virtual_leads.clone();
        list.sort_by_key(|it| (!it.pinned, it.id));
        list
    };
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let available = ui.available_height();
        let rows = 1 + kept.len();
        let gaps = ui.spacing().item_spacing.y * rows as f32;
        let height = ((available - gaps) / rows as f32).max(90.0);
        let session = cx.session;
        let point = point_strip(cx);
        strip(ui, cx, ink.at(0), &point, per_mm, seconds, height, 0);
        for (row, lead) in kept.iter().enumerate() {
            let answered = session.results.listed.get(&lead.id);
            let strip_data = kept_strip(cx, lead, answered);
            strip(
                ui,
                cx,
                ink.at(row + 1),
                &strip_data,
                per_mm,
                seconds,
                height,
                row + 1,
            );
        }
    });
}

fn header(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    ui.horizontal_wrapped(|ui| {
        let is_roomy = 640.0 < ui.available_width();
        ui.label(strong_text(cx.tr(Label::VirtualLeads)));
        let note = if is_roomy {
            cx.tr(Label::StripNote)
        } else {
            cx.tr(Label::SynthesisedNotRecorded)
        };
        ui.label(muted(note, &cx.look.colours).small());
        let mut on = cx.session.document.calibrated;
        let hint = cx.tr(Label::CalibratedHint);
        if ui
            .checkbox(&mut on, cx.tr(Label::CalibratedToPatient))
            .on_hover_text(hint)
            .changed()
        {
            cx.push(Edit::SetCalibrated(on));
        }
        let truth = cx.session.truth_leads();
        if !truth.is_empty() {
            let hint = cx.tr(Label::TruthHint);
            let menu = ui.menu_button(cx.tr(Label::CompareWithRecorded), |ui| {
                for name in truth {
                    if ui.button(name.to_string()).clicked() {
                        cx.push(Edit::UsePreset(name.clone()));
                        cx.push(Query::Compare(name.clone()));
                        cx.view.dialog = Some(Dialog::Compare {
                            lead: name,
                            page: OverlayPage::default(),
                        });
                    }
                }
            });
            menu.response.on_hover_text(hint);
        }
    });
}

fn point_strip<'a>(cx: &PanelContext<'a>) -> Strip<'a> {
    let session = cx.session;
    let document = &session.document;
    let wanted = document.point_target();
    let point = session.results.point.as_ref();
    let is_current = point.is_some_and(|it| it.target == wanted);
    let title = document
        .preset
        .as_ref()
        .map_or_else(|| format!("d {}", document.point), |it| format!("d{it}"));
    let figures = point.map_or_else(String::new, |it| {
        let trailing = if is_current { "" } else { " …" };
        let draft = if matches!(session.calibrating, Calibrating::Running(_)) {
            format!(" · {}", cx.tr(Label::FirstEstimate))
        } else {
            String::new()
        };
        format!("± {:.0} µV{trailing}{draft}", it.synthesis.expected_rmse_uv)
    });
    let place = format!("{}\n{}", super::torso::place_words(cx), document.point);
    if cx.view.is_hidden() {
        let title = Teaching::HIDDEN.to_owned();
        return Strip {
            synthesis: point.map(|it| &it.synthesis),
            compare: None,
            title,
            place: String::new(),
            figures,
            id: None,
        };
    }
    Strip {
        synthesis: point.map(|it| &it.synthesis),
        compare: nearest(cx),
        title,
        place,
        figures,
        id: None,
    }
}

/// The recorded lead to draw beside: the truth where there is one, else the nearest electrode's.
fn nearest<'a>(cx: &PanelContext<'a>) -> Option<(&'a Lead, String)> {
    let session = cx.session;
    let exam = session.exam.as_ref()?;
    let truth = session.truth_leads();
    if let Some(name) = session
        .document
        .preset
        .as_ref()
        .filter(|it| truth.contains(it))
    {
        return Some((
            exam.shown.get(name)?,
            format!("{name} {}", cx.tr(Label::RecordedTruth)),
        ));
    }
    let (name, degrees) = exam.nearest_recorded(session.document.point, &truth)?;
    Some((
        exam.shown.get(&name)?,
        format!("{name} {} · {degrees:.0}°", cx.tr(Label::Recorded)),
    ))
}

fn kept_strip<'a>(
    cx: &PanelContext<'_>,
    lead: &VirtualLead,
    answered: Option<&'a SynthesisedLead>,
) -> Strip<'a> {
    let (own, place) = match &lead.target {
        Target::View(view) => {
            let place = Place::of(super::super::torso_model::TorsoModel::shipped().skin_at(*view));
            (format!("d {view}"), cx.translator.place(place))
        }
        Target::Lead(montage) => (
            format!("d{}", montage.name),
            cx.translator.lead_place(montage).to_owned(),
        ),
    };
    let title = lead
        .name
        .as_ref()
        .map_or_else(|| own.clone(), |it| format!("{own} · {it}"));
    let figures = answered.map_or_else(String::new, |it| {
        format!("± {:.0} µV", it.synthesis.expected_rmse_uv)
    });
    Strip {
        synthesis: answered.map(|it| &it.synthesis),
        compare: None,
        title,
        place,
        figures,
        id: Some(lead.id),
    }
}

/// Height of the words above a strip.
const HEAD: f32 = 22.0;

#[allow(clippy::too_many_arguments)] // One strip: what, where and how large.
fn strip(
    ui: &mut Ui,
    cx: &mut PanelContext<'_>,
    ink: &mut MeshCache,
    data: &Strip<'_>,
    per_mm: f32,
    seconds: f64,
    height: f32,
    row: usize,
) {
    let (whole, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    name_area(
        &response,
        format!(
            "{} {}, {} {}",
            cx.tr(Label::VirtualLead),
            data.title,
            cx.tr(Label::Synthesised),
            data.figures
        ),
    );
    if !ui.is_rect_visible(whole) {
        return;
    }
    let (head, rect) = (
        whole.with_max_y(whole.top() + HEAD),
        whole.with_min_y(whole.top() + HEAD),
    );
    let painter = ui.painter_at(rect);
    let palette = cx.look.paper;
    let pixels = ui.ctx().pixels_per_point();
    let scale = Scale {
        origin: rect.min,
        per_mm,
    };
    let pane = super::paper::PANE + 1 + row;
    painter.add(
        Paper {
            pane,
            origin: rect.min,
            per_mm,
            colours: super::paper::ground(&palette),
        }
        .into_shape(rect),
    );
    let place = [
        rect.min.x, rect.min.y, rect.max.x, rect.max.y, per_mm, pixels,
    ]
    .map(f32::to_bits);
    let stale = data
        .synthesis
        .map_or(0, |it| it.lead.samples_mv.as_ptr() as usize);
    let other = data
        .compare
        .as_ref()
        .map_or(0, |it| it.0.samples_mv.as_ptr() as usize);
    let gain = cx.session.document.page.gain_mm_mv.to_bits();
    let speed = cx.session.document.page.speed_mm_s.to_bits();
    let violet = colour32(palette.synthesised);
    let trace_key = key((
        place,
        stale,
        other,
        gain,
        speed,
        violet,
        data.synthesis.map(|it| it.band_mv.len()),
        seconds.to_bits(),
    ));
    painter.add(ink.mesh(trace_key, pixels, || {
        Axis::new(cx, data, rect, scale, seconds).shapes(data, &palette, pixels)
    }));
    cursor(&painter, cx, scale, seconds, rect);
    if data.synthesis.is_none() {
        super::paper::grounded(
            &painter,
            rect.center(),
            Align2::CENTER_CENTER,
            waiting(cx),
            FontId::proportional(13.0),
            violet,
            cx,
        );
    }
    let right = match data.id {
        Some(id) => tools(ui, cx, data, id, head),
        None => {
            let ink = cx.look.colours.synthesised;
            ui.painter()
                .text(
                    head.right_center(),
                    Align2::RIGHT_CENTER,
                    &data.figures,
                    strong(13.0),
                    ink,
                )
                .left()
        }
    };
    words(&ui.painter_at(head.with_max_x(right - 8.0)), cx, data, head);
}

fn waiting(cx: &PanelContext<'_>) -> String {
    match &cx.session.calibrating {
        Calibrating::Running(stage) => {
            format!(
                "{} {:.0} %",
                cx.tr(Label::Calibrating),
                100.0 * stage.fraction
            )
        }
        Calibrating::Cancelled => cx.tr(Label::CalibrationStopped).to_owned(),
        _ => cx.tr(Label::Computing).to_owned(),
    }
}

fn cursor(painter: &Painter, cx: &PanelContext<'_>, scale: Scale, seconds: f64, rect: Rect) {
    let Some(time_s) = cx.session.cursor_s else {
        return;
    };
    let inside = time_s - cx.session.document.window_start_s;
    if 0.0 <= inside && inside <= seconds {
        let x = scale
            .at(
                Chart::PULSE_ZONE_MM + inside * cx.session.document.page.speed_mm_s,
                0.0,
            )
            .x;
        painter.vline(
            x,
            rect.y_range(),
            Stroke::new(1.0, colour32(cx.look.paper.notice).gamma_multiply(0.75)),
        );
    }
}

/// How a strip maps time and millivolts.
struct Axis {
    scale: Scale,
    speed: f64,
    gain: f64,
    seconds: f64,
    rate_hz: f64,
    baseline_mm: f64,
    level_mv: f64,
    compare_level_mv: f64,
}

impl Axis {
    fn new(
        cx: &PanelContext<'_>,
        data: &Strip<'_>,
        rect: Rect,
        scale: Scale,
        seconds: f64,
    ) -> Self {
        let page = &cx.session.document.page;
        let rate_hz = cx
            .session
            .exam
            .as_ref()
            .map_or(500.0, |it| it.leads.rate().hz());
        let level = |lead: &Lead| f64::from(median(&lead.samples_mv));
        let level_mv = data.synthesis.map_or(0.0, |it| level(&it.lead));
        let compare_level_mv = data.compare.as_ref().map_or(0.0, |it| level(it.0));
        let height_mm = f64::from(rect.height() / scale.per_mm);
        let mut lows_highs = (0.0f64, 0.0f64);
        let mut widen = |lead: &Lead, level: f64| {
            let finite = lead
                .samples_mv
                .iter()
                .copied()
                .filter(|it| it.is_finite())
                .map(|it| f64::from(it) - level);
            lows_highs = finite.fold(lows_highs, |(low, high), it| (low.min(it), high.max(it)));
        };
        data.synthesis
            .iter()
            .for_each(|it| widen(&it.lead, level_mv));
        data.compare
            .iter()
            .for_each(|it| widen(it.0, compare_level_mv));
        let (below, above) = (
            -lows_highs.0 * page.gain_mm_mv,
            lows_highs.1 * page.gain_mm_mv,
        );
        let baseline_mm = (0.5 * (height_mm + above - below))
            .clamp(0.3 * height_mm, 0.85 * height_mm)
            .round();
        Self {
            scale,
            speed: page.speed_mm_s,
            gain: page.gain_mm_mv,
            seconds,
            rate_hz,
            baseline_mm,
            level_mv,
            compare_level_mv,
        }
    }

    fn x(&self, time_s: f64) -> f32 {
        self.scale
            .at(Chart::PULSE_ZONE_MM + time_s * self.speed, 0.0)
            .x
    }

    fn y(&self, mv: f64, level_mv: f64) -> f32 {
        self.scale
            .at(0.0, self.baseline_mm - (mv - level_mv) * self.gain)
            .y
    }

    fn shapes(&self, data: &Strip<'_>, palette: &crate::draw::Palette, pixels: f32) -> Vec<Shape> {
        let mut shapes = Vec::new();
        let n = (self.seconds * self.rate_hz).round() as usize;
        let violet = colour32(palette.synthesised);
        let width = (0.28 * self.scale.per_mm).clamp(1.0, 2.0);
        if let Some(synthesis) = data.synthesis {
            shapes.push(self.band(synthesis, n, violet.gamma_multiply(0.22)));
        }
        if let Some((lead, _)) = &data.compare {
            let samples = &lead.samples_mv[..n.min(lead.samples_mv.len())];
            let ink = colour32(palette.recorded).gamma_multiply(0.72);
            for run in trace_points(
                samples,
                |it| self.x(it / self.rate_hz),
                |mv| self.y(mv, self.compare_level_mv),
                pixels,
            ) {
                shapes.push(Shape::line(run, Stroke::new(0.9, ink)));
            }
        }
        if let Some(synthesis) = data.synthesis {
            let samples = &synthesis.lead.samples_mv[..n.min(synthesis.lead.samples_mv.len())];
            for run in trace_points(
                samples,
                |it| self.x(it / self.rate_hz),
                |mv| self.y(mv, self.level_mv),
                pixels,
            ) {
                shapes.extend(dashes(&run, 11.0, 4.5, Stroke::new(width + 0.4, violet)));
            }
        }
        shapes
    }

    /// Ninety per cent band, a point per screen column.
    fn band(&self, synthesis: &Synthesis, n: usize, fill: Color32) -> Shape {
        let n = n
            .min(synthesis.band_mv.len())
            .min(synthesis.lead.samples_mv.len());
        let columns =
            ((self.x(n as f64 / self.rate_hz) - self.x(0.0)).max(1.0) as usize).min(n.max(1));
        let mut points = Vec::with_capacity(columns);
        for column in 0..columns {
            let (first, last) = (column * n / columns, ((column + 1) * n / columns).min(n));
            let each = || {
                (first..last).map(|it| {
                    (
                        f64::from(synthesis.lead.samples_mv[it]),
                        f64::from(synthesis.band_mv[it]),
                    )
                })
            };
            let finite = || each().filter(|it| it.0.is_finite() && it.1.is_finite());
            let low = finite()
                .map(|(mv, half)| mv - half)
                .fold(f64::INFINITY, f64::min);
            let high = finite()
                .map(|(mv, half)| mv + half)
                .fold(f64::NEG_INFINITY, f64::max);
            if low <= high {
                let x = self.x(first as f64 / self.rate_hz);
                let (top, bottom) = (self.y(high, self.level_mv), self.y(low, self.level_mv));
                points.push(BandPoint {
                    x,
                    y: eframe::egui::Rangef::new(top, bottom),
                });
            }
        }
        Shape::Band(BandShape::new(points, fill, Stroke::NONE))
    }
}

fn median(samples: &[f32]) -> f32 {
    let mut values: Vec<f32> = samples
        .iter()
        .step_by(7)
        .copied()
        .filter(|it| it.is_finite())
        .collect();
    values.sort_unstable_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// What the strip shows, on the line above it.
fn words(painter: &Painter, cx: &PanelContext<'_>, data: &Strip<'_>, head: Rect) {
    let colours = &cx.look.colours;
    let small = FontId::proportional(11.0);
    let mut parts = vec![(
        format!("{}  {}", data.title, cx.tr(Label::Synthesised)),
        strong(13.0),
        colours.synthesised,
    )];
    parts.extend(
        data.compare
            .iter()
            .map(|it| (format!("— {}", it.1), small.clone(), colours.text)),
    );
    parts.extend(
        data.place
            .lines()
            .map(|it| (it.to_owned(), small.clone(), colours.muted)),
    );
    let mut x = head.left();
    for (text, font, ink) in parts {
        let galley = painter.layout_no_wrap(text, font, ink);
        let size = galley.size();
        painter.galley(pos2(x, head.center().y - 0.5 * size.y), galley, ink);
        x += size.x + 12.0;
    }
}

/// What can be done with a kept lead, and its error. Gives where they begin.
fn tools(ui: &mut Ui, cx: &mut PanelContext<'_>, data: &Strip<'_>, id: u32, head: Rect) -> f32 {
    let Some(lead) = cx
        .session
        .document
        .virtual_leads
        .iter()
        .find(|it| it.id == id)
        .cloned()
    else {
        return head.right();
    };
    let layout = eframe::egui::Layout::right_to_left(eframe::egui::Align::Center);
    let mut inner = ui.new_child(UiBuilder::new().max_rect(head).layout(layout));
    inner.spacing_mut().item_spacing.x = 4.0;
    let title = &data.title;
    if inner
        .small_button("×")
        .on_hover_text(format!("{} {title}", cx.tr(Label::TakeOffList)))
        .clicked()
    {
        cx.push(Edit::RemoveVirtual(id));
    }
    if inner
        .small_button(cx.tr(Label::Rename))
        .on_hover_text(format!("{} {title}", cx.tr(Label::Rename)))
        .clicked()
    {
        cx.view.dialog = Some(Dialog::Rename {
            id,
            text: lead.name.clone().unwrap_or_default(),
        });
    }
    let pin = eframe::egui::Button::new(cx.tr(Label::Pin))
        .small()
        .selected(lead.pinned);
    if inner
        .add(pin)
        .on_hover_text(cx.tr(Label::PinHint))
        .clicked()
    {
        cx.push(Edit::PinVirtual(id, !lead.pinned));
    }
    if inner
        .small_button(cx.tr(Label::GoTo))
        .on_hover_text(cx.tr(Label::GoToHint))
        .clicked()
    {
        match lead.target {
            Target::View(view) => cx.push(Edit::MovePoint(view)),
            Target::Lead(montage) => cx.push(Edit::UsePreset(montage.name.clone())),
        }
        cx.push(Command::EndGesture);
    }
    inner.label(strong_text(&data.figures).color(cx.look.colours.synthesised));
    inner.min_rect().left()
}

/// The lead of that name through the display filters, as recorded.
pub fn recorded<'a>(cx: &PanelContext<'a>, name: &LeadName) -> Option<&'a Lead> {
    cx.session.exam.as_ref()?.shown.get(name)
}
