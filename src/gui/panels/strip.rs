//! One strip: leads below one another on the time axis of the paper above, with what can be done with
//! them.

use eframe::egui::{
    Align, Align2, Button, Color32, FontId, Id, Layout, Painter, Rect, Response, Sense, Stroke, Ui,
    UiBuilder, vec2,
};

use super::{
    super::{
        panel_context::{PanelContext, key, samples_key},
        theme::{colour32, strong},
        view::{Dialog, Tool},
        widgets::{Drawing, DrawingCache, Scale, grounded, name_area, screen, strong_text},
    },
    calipers,
    paper::{PANE, grid, settings_key, terms},
    surface::Surface,
};
use crate::{
    draw::{Cell, Chart, ChartContent, ChartPlan, Frame, Medium, Others, Terms, chart_items},
    ecg::{Lead, LeadSet, PaperSettings, SampleRate, Target},
    session::{Calibrating, Command, Edit},
    words::Label,
};

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
pub(super) struct Strip<'a> {
    /// From the top.
    pub rows: Vec<StripRow<'a>>,
    /// For the screen reader and hints.
    pub title: String,
    /// The error to expect, in figures.
    pub figures: String,
    /// Of a lead of the list its id.
    pub id: Option<u32>,
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

/// Where a strip goes.
#[derive(Clone, Copy)]
pub(super) struct StripPlace {
    /// Points per millimetre of the paper above.
    pub per_mm: f32,
    /// Seconds to show.
    pub seconds: f64,
    /// Least height, points.
    pub height: f32,
    /// Which of the list.
    pub row: usize,
}

/// One strip with its tools, cursor and calipers.
pub(super) fn show(
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
        Tool::Caliper | Tool::March | Tool::AllLeads | Tool::Beats => Sense::click_and_drag(),
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
    painter.add(grid(cx, PANE + 1 + place.row, scale, rect));
    cache.paint(&painter, scale);
    cursor(&painter, cx, scale, place.seconds, rect);
    measure(ui, cx, &response, data, (cache.shown(), scale));
    if data.rows.is_empty() {
        say_waiting(&painter, cx, rect);
    }
    let top = rect.top() + per_mm * head_mm as f32;
    let head = rect.with_min_y(top).with_max_y(top + HEAD);
    let head = head.shrink2(vec2(4.0, 0.0));
    match data.id {
        Some(id) => tools(ui, cx, data, id, head),
        None => say_figures(&painter, cx, data, head),
    }
}

/// The error of the lead at the point, at the right of its words.
fn say_figures(painter: &Painter, cx: &PanelContext<'_>, data: &Strip<'_>, head: Rect) {
    let place = (head.right_center(), Align2::RIGHT_CENTER);
    let ink = colour32(cx.look.paper.synthesised);
    let paper = colour32(cx.look.paper.paper);
    grounded(
        painter,
        place,
        data.figures.clone(),
        (strong(13.0), ink),
        paper,
    );
}

fn say_waiting(painter: &Painter, cx: &PanelContext<'_>, rect: Rect) {
    let middle = (rect.center(), Align2::CENTER_CENTER);
    let ink = colour32(cx.look.paper.synthesised);
    let paper = colour32(cx.look.paper.paper);
    let font = FontId::proportional(13.0);
    grounded(painter, middle, waiting(cx), (font, ink), paper);
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

/// Why there is no lead yet.
pub fn waiting(cx: &PanelContext<'_>) -> String {
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
