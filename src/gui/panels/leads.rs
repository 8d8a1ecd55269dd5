//! Virtual leads under the paper, on the same time axis: the one at the point, with the nearest
//! recorded lead in a row of its own below it, and those kept.

use eframe::egui::{
    Align, Align2, Button, Color32, FontId, Id, Layout, Painter, Rect, Response, ScrollArea, Sense,
    Stroke, Ui, UiBuilder, vec2,
};

use super::{
    super::{
        gpu::Paper,
        panel_context::{PanelContext, key, samples_key},
        theme::{colour32, strong},
        torso_model::TorsoModel,
        view::{Dialog, OverlayPage, Teaching, Tool},
        widgets::{
            Drawing, DrawingCache, Scale, grounded, muted, name_area, one_row, screen, strong_text,
        },
    },
    calipers::{self, Surface},
    paper::{PANE, ground, settings_key, terms},
};
use crate::{
    draw::{Cell, Chart, ChartContent, ChartPlan, Frame, Medium, Others, Terms, chart_items},
    ecg::{Lead, LeadName, LeadSet, PaperSettings, Place, SampleRate, Target},
    session::{
        Calibrating, Command, Edit, Query, Synthesis, SynthesisedLead, document::VirtualLead,
    },
    words::Label,
};

/// Drawings kept between frames, one per strip.
#[derive(Default)]
pub struct StripCaches {
    strips: Vec<DrawingCache>,
}

impl StripCaches {
    fn at(&mut self, idx: usize) -> &mut DrawingCache {
        if self.strips.len() <= idx {
            self.strips.resize_with(idx + 1, Default::default);
        }
        &mut self.strips[idx]
    }
}

/// One lead of a strip, and what stands beside its name.
pub struct StripRow<'a> {
    /// The lead.
    pub lead: Lead,
    /// Half-widths of its band, mV; empty for a recorded lead.
    pub band_mv: &'a [f32],
    /// Where it is, or how far away.
    pub note: String,
}

/// What one strip shows.
struct Strip<'a> {
    rows: Vec<StripRow<'a>>,
    /// For the screen reader and hints.
    title: String,
    figures: String,
    id: Option<u32>,
}

/// How strips are laid out: that of the paper above them.
#[derive(Clone, Copy)]
pub struct StripPlan<'a> {
    /// Rate of all leads.
    pub rate: SampleRate,
    /// Speed and gain.
    pub settings: &'a PaperSettings,
    /// Colours and sizes of words.
    pub medium: Medium,
    /// Words.
    pub terms: Terms<'a>,
    /// What is left free at the right of the line above each synthesised trace, mm.
    pub aside_mm: f64,
    /// Width of the grid, and height to use if the leads need less, mm.
    pub size_mm: [f64; 2],
    /// Where in the window to begin, seconds.
    pub start_s: f64,
    /// Seconds to show.
    pub seconds: f64,
}

/// Each lead in a chart of its own, below one another.
pub fn lay_out(rows: &[StripRow<'_>], plan: &StripPlan<'_>) -> Drawing {
    let mut drawing = Drawing::default();
    for row in rows {
        let Ok(leads) = LeadSet::new(plan.rate, vec![row.lead.clone()]) else {
            continue;
        };
        let chart_plan = ChartPlan {
            leads: &leads,
            settings: plan.settings,
            others: Others::Named,
            notes: &[(row.lead.name.clone(), row.note.clone())],
            terms: plan.terms,
            medium: plan.medium,
            aside_mm: plan.aside_mm,
            frame: Frame {
                left_mm: 0.0,
                top_mm: drawing.bottom_mm(),
                width_mm: plan.size_mm[0],
                height_mm: plan.size_mm[1] / rows.len() as f64,
            },
            start_s: plan.start_s,
            seconds: plan.seconds,
        };
        let chart = Chart::whole(&chart_plan);
        let content = ChartContent {
            plan: &chart_plan,
            bands: vec![(&row.lead.name, row.band_mv)],
            offset_s: 0.0,
        };
        drawing.items.extend(chart_items(&chart, &content));
        drawing.charts.push(chart);
    }
    drawing
}

/// The strips. `per_mm` and `seconds` are those of the paper above.
pub fn show(
    ui: &mut Ui,
    cx: &mut PanelContext<'_>,
    caches: &mut StripCaches,
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
    let mut kept: Vec<VirtualLead> = cx.session.document.kept_leads().cloned().collect();
    kept.sort_by_key(|lead| (!lead.pinned, lead.id));
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let n = 1 + kept.len();
        let gaps = ui.spacing().item_spacing.y * n as f32;
        let height = ((ui.available_height() - gaps) / n as f32).max(90.0);
        let session = cx.session;
        let place = StripPlace {
            per_mm,
            seconds,
            height,
            row: 0,
        };
        let point = point_strip(cx);
        strip(ui, cx, caches.at(0), &point, place);
        for (idx, lead) in kept.iter().enumerate() {
            let data = kept_strip(cx, lead, session.results.listed.get(&lead.id));
            let place = StripPlace {
                row: idx + 1,
                ..place
            };
            strip(ui, cx, caches.at(idx + 1), &data, place);
        }
    });
}

fn header(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    one_row(ui, cx, "strips header", &[title, calibrated, compare]);
}

fn title(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    ui.horizontal(|ui| {
        ui.label(strong_text(cx.tr(Label::VirtualLeads)));
        let note = muted(cx.tr(Label::SynthesisedNotRecorded), &cx.look.colours);
        let hint = cx.tr(Label::StripNote);
        ui.label(note.small()).on_hover_text(hint);
    });
}

fn calibrated(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let mut on = cx.session.document.calibrated;
    let calibrated = ui.checkbox(&mut on, cx.tr(Label::CalibratedToPatient));
    let hint = cx.tr(Label::CalibratedHint);
    if calibrated.on_hover_text(hint).changed() {
        cx.push(Edit::SetCalibrated(on));
    }
}

fn compare(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let truth = cx.session.truth_leads();
    if truth.is_empty() {
        return;
    }
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
    menu.response.on_hover_text(cx.tr(Label::TruthHint));
}

fn point_strip<'a>(cx: &PanelContext<'a>) -> Strip<'a> {
    let session = cx.session;
    let document = &session.document;
    let target = document.point_target();
    let point = session.results.point.as_ref();
    let figures = point.map_or_else(String::new, |point| {
        let trailing = if point.target == target { "" } else { " …" };
        let draft = if matches!(session.calibrating, Calibrating::Running(_)) {
            format!(" · {}", cx.tr(Label::FirstEstimate))
        } else {
            String::new()
        };
        format!("{}{trailing}{draft}", expected(&point.synthesis))
    });
    let mut rows: Vec<StripRow> = point
        .map(|point| synthesised_row(&point.synthesis, details(cx, &target)))
        .into_iter()
        .collect();
    let mut title = format!("d{}", target.name());
    if cx.view.is_hidden() {
        title = Teaching::HIDDEN.to_owned();
        for row in &mut rows {
            row.lead.name = LeadName::Named(Teaching::HIDDEN.into());
            row.note.clear();
        }
    } else {
        rows.extend(nearest(cx));
    }
    Strip {
        rows,
        title,
        figures,
        id: None,
    }
}

fn synthesised_row(synthesis: &Synthesis, note: String) -> StripRow<'_> {
    StripRow {
        lead: synthesis.lead.clone(),
        band_mv: &synthesis.band_mv,
        note,
    }
}

fn expected(synthesis: &Synthesis) -> String {
    let [qrs, st, t, _] = synthesis.by_wave.each();
    let whole = synthesis.expected_rmse_uv;
    format!("± {whole:.0} µV · QRS {qrs:.0} · ST {st:.0} · T {t:.0}")
}

/// Where a target is: in words, and for one electrode as angles.
fn details(cx: &PanelContext<'_>, target: &Target) -> String {
    let place = match target {
        Target::Lead(montage) => cx.translator.lead_place(montage).to_owned(),
        Target::View(view) => {
            let place = Place::of(TorsoModel::shipped().skin_at(*view));
            cx.translator.place(place)
        }
    };
    match target.exploring_view() {
        Some(view) if matches!(target, Target::Lead(_)) => format!("{place} · {view}"),
        _ => place,
    }
}

/// The recorded lead below it: the truth where there is one, else the nearest electrode's.
fn nearest<'a>(cx: &PanelContext<'_>) -> Option<StripRow<'a>> {
    let session = cx.session;
    let exam = session.exam.as_ref()?;
    let truth = session.truth_leads();
    let preset = session.document.preset.as_ref();
    let (name, note) = match preset.filter(|name| truth.contains(name)) {
        Some(name) => {
            let is_simulated = exam.recording.is_simulated();
            let truth = if is_simulated {
                Label::SimulatedTruth
            } else {
                Label::RecordedTruth
            };
            (name.clone(), cx.tr(truth).to_owned())
        }
        None => {
            let (name, degrees) = exam.nearest_recorded(session.document.point, &truth)?;
            (name, format!("{} · {degrees:.0}°", cx.tr(Label::Recorded)))
        }
    };
    Some(StripRow {
        lead: exam.shown.get(&name)?.clone(),
        band_mv: &[],
        note,
    })
}

fn kept_strip<'a>(
    cx: &PanelContext<'_>,
    lead: &VirtualLead,
    made: Option<&'a SynthesisedLead>,
) -> Strip<'a> {
    let own = format!("d{}", lead.target.name());
    let place = details(cx, &lead.target);
    let (title, note) = match &lead.name {
        Some(name) => (format!("{own} · {name}"), format!("{name} · {place}")),
        None => (own, place),
    };
    Strip {
        rows: made
            .map(|made| synthesised_row(&made.synthesis, note))
            .into_iter()
            .collect(),
        title,
        figures: made.map_or_else(String::new, |made| expected(&made.synthesis)),
        id: Some(lead.id),
    }
}

/// Where a strip goes.
#[derive(Clone, Copy)]
struct StripPlace {
    per_mm: f32,
    seconds: f64,
    height: f32,
    row: usize,
}

fn strip(
    ui: &mut Ui,
    cx: &mut PanelContext<'_>,
    cache: &mut DrawingCache,
    data: &Strip<'_>,
    place: StripPlace,
) {
    let per_mm = place.per_mm;
    let aside = aside(ui, data);
    let drawing = drawing(cx, cache, data, place, [ui.available_width(), aside]);
    let height = place.height.max(per_mm * drawing.bottom_mm() as f32);
    let head_mm = drawing
        .charts
        .first()
        .map_or(0.0, |chart| chart.rows[0].top_mm);
    let size = vec2(ui.available_width(), height);
    let sense = match cx.view.tool {
        Tool::Cursor => Sense::hover(),
        Tool::Caliper | Tool::March | Tool::AllLeads => Sense::click_and_drag(),
    };
    let (rect, response) = ui.allocate_exact_size(size, sense);
    let name = [
        cx.tr(Label::VirtualLead),
        &format!("{},", data.title),
        cx.tr(Label::Synthesised),
        &data.figures,
    ];
    name_area(&response, name.join(" "));
    if !ui.is_rect_visible(rect) {
        return;
    }
    let painter = ui.painter_at(rect);
    let scale = Scale {
        origin: rect.min,
        per_mm,
    };
    painter.add(
        Paper {
            pane: PANE + 1 + place.row,
            origin: rect.min,
            per_mm,
            colours: ground(&cx.look.paper),
        }
        .into_shape(rect),
    );
    cache.paint(&painter, scale);
    cursor(&painter, cx, scale, place.seconds, rect);
    measure(ui, cx, &response, data, (cache.shown(), scale));
    if data.rows.is_empty() {
        let middle = (rect.center(), Align2::CENTER_CENTER);
        let ink = colour32(cx.look.paper.synthesised);
        let paper = colour32(cx.look.paper.paper);
        let font = FontId::proportional(13.0);
        grounded(&painter, middle, waiting(cx), (font, ink), paper);
    }
    let top = rect.top() + per_mm * head_mm as f32;
    let head = rect
        .with_min_y(top)
        .with_max_y(top + HEAD)
        .shrink2(vec2(4.0, 0.0));
    match data.id {
        Some(id) => tools(ui, cx, data, id, head),
        None => {
            let place = (head.right_center(), Align2::RIGHT_CENTER);
            let ink = colour32(cx.look.paper.synthesised);
            let paper = colour32(cx.look.paper.paper);
            grounded(
                &painter,
                place,
                data.figures.clone(),
                (strong(13.0), ink),
                paper,
            );
        }
    }
}

/// Under which name the width of a strip's tools is kept.
fn tools_id(id: u32) -> Id {
    Id::unique(("strip tools", id))
}

/// How much of a strip's first line its figures and tools take, points.
fn aside(ui: &Ui, data: &Strip<'_>) -> f32 {
    const BESIDE: f32 = 12.0;
    let of_tools = |id| ui.data(|data| data.get_temp::<f32>(tools_id(id)));
    let width = match data.id {
        Some(id) => of_tools(id).unwrap_or(380.0),
        None => {
            let ink = Color32::PLACEHOLDER;
            let figures = data.figures.clone();
            let galley = ui.painter().layout_no_wrap(figures, strong(13.0), ink);
            galley.size().x
        }
    };
    (width + BESIDE).round()
}

/// Calipers on the leads of a strip.
fn measure(
    ui: &Ui,
    cx: &mut PanelContext<'_>,
    response: &Response,
    data: &Strip<'_>,
    (drawing, scale): (&Drawing, Scale),
) {
    let Some(exam) = &cx.session.exam else { return };
    let of_cell = |cell: &Cell| {
        let mut leads = data.rows.iter().map(|row| &row.lead);
        leads
            .find(|lead| lead.name == cell.name && lead.origin.is_synthesised() == cell.synthesised)
    };
    let surface = Surface {
        charts: &drawing.charts,
        lead: &of_cell,
        rate: exam.leads.rate(),
        scale,
    };
    calipers::show(ui, cx, response, &surface, drawing);
}

/// Height of the line of words at the top of a strip.
const HEAD: f32 = 22.0;

/// The strip laid out, as long as nothing in it has changed.
fn drawing<'a>(
    cx: &PanelContext<'_>,
    cache: &'a mut DrawingCache,
    data: &Strip<'_>,
    place: StripPlace,
    [width, aside]: [f32; 2],
) -> &'a Drawing {
    let exam = cx.session.exam.as_ref();
    let rate = exam.map(|exam| exam.leads.rate());
    let settings = &cx.session.document.page;
    let terms = terms(cx);
    let size_mm = [width, place.height].map(|points| f64::from(points / place.per_mm));
    let rows: Vec<_> = data
        .rows
        .iter()
        .map(|row| {
            let samples = samples_key(&row.lead);
            (samples, row.band_mv.len(), &row.lead.name, &row.note)
        })
        .collect();
    let wanted = key((
        rows,
        (size_mm.map(f64::to_bits), aside.to_bits()),
        [f64::from(place.per_mm), place.seconds, cx.view.page.from_s].map(f64::to_bits),
        settings_key(settings),
        (cx.look.paper.paper.rgb, terms.synthesised),
    ));
    cache.drawing(wanted, || match rate {
        Some(rate) => lay_out(
            &data.rows,
            &StripPlan {
                rate,
                settings,
                medium: screen(cx.look.paper, place.per_mm),
                terms,
                aside_mm: f64::from(aside / place.per_mm),
                size_mm,
                start_s: cx.view.page.from_s,
                seconds: place.seconds,
            },
        ),
        None => Drawing::default(),
    })
}

pub(super) fn waiting(cx: &PanelContext<'_>) -> String {
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
    let inside = time_s - cx.session.document.window_start_s - cx.view.page.from_s;
    if 0.0 <= inside && inside <= seconds {
        let x_mm = Chart::PULSE_ZONE_MM + inside * cx.session.document.page.speed_mm_s;
        let ink = colour32(cx.look.paper.notice).gamma_multiply(0.75);
        painter.vline(scale.at(x_mm, 0.0).x, rect.y_range(), Stroke::new(1.0, ink));
    }
}

/// What can be done with a kept lead, and its error.
fn tools(ui: &mut Ui, cx: &mut PanelContext<'_>, data: &Strip<'_>, id: u32, head: Rect) {
    let leads = &cx.session.document.virtual_leads;
    let Some(lead) = leads.iter().find(|lead| lead.id == id).cloned() else {
        return;
    };
    let layout = Layout::right_to_left(Align::Center);
    let mut inner = ui.new_child(UiBuilder::new().max_rect(head).layout(layout));
    inner.spacing_mut().item_spacing.x = 4.0;
    let title = &data.title;
    let take_off = format!("{} {title}", cx.tr(Label::TakeOffList));
    if inner.small_button("×").on_hover_text(take_off).clicked() {
        cx.push(Edit::RemoveVirtual(id));
    }
    let rename = cx.tr(Label::Rename);
    let hint = format!("{rename} {title}");
    if inner.small_button(rename).on_hover_text(hint).clicked() {
        let text = lead.name.clone().unwrap_or_default();
        cx.view.dialog = Some(Dialog::Rename { id, text });
    }
    let pin = Button::new(cx.tr(Label::Pin)).small().selected(lead.pinned);
    let pin = inner.add(pin).on_hover_text(cx.tr(Label::PinHint));
    if pin.clicked() {
        cx.push(Edit::PinVirtual(id, !lead.pinned));
    }
    let go_to = inner.small_button(cx.tr(Label::GoTo));
    if go_to.on_hover_text(cx.tr(Label::GoToHint)).clicked() {
        match lead.target {
            Target::View(view) => cx.push(Edit::MovePoint(view)),
            Target::Lead(montage) => cx.push(Edit::UsePreset(montage.name.clone())),
        }
        cx.push(Command::EndGesture);
    }
    let ink = colour32(cx.look.paper.synthesised);
    inner.label(strong_text(&data.figures).color(ink));
    let width = inner.min_rect().width();
    ui.data_mut(|data| data.insert_temp(tools_id(id), width));
}

/// The lead of that name through the display filters, as recorded.
pub fn recorded<'a>(cx: &PanelContext<'a>, name: &LeadName) -> Option<&'a Lead> {
    cx.session.exam.as_ref()?.shown.get(name)
}
