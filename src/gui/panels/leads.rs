//! Virtual leads under the paper, on the same time axis: the one at the point, with the nearest
//! recorded lead in a row of its own below it, and those kept.

use eframe::egui::{ScrollArea, Ui};

use super::{
    super::{
        panel_context::PanelContext,
        torso_model::TorsoModel,
        view::{Dialog, OverlayPage, Teaching},
        widgets::{DrawingCache, muted, one_row, strong_text},
    },
    strip::{self, Strip, StripPlace, StripRow},
};
use crate::{
    ecg::{Lead, LeadName, Place, Target},
    session::{Calibrating, Edit, Query, Synthesis, SynthesisedLead, document::VirtualLead},
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
        strip::show(ui, cx, caches.at(0), &point, place);
        for (idx, lead) in kept.iter().enumerate() {
            let data = kept_strip(cx, lead, session.results.listed.get(&lead.id));
            let place = StripPlace {
                row: idx + 1,
                ..place
            };
            strip::show(ui, cx, caches.at(idx + 1), &data, place);
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
    let mut title = target.name().synthesised_label();
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
    let own = lead.target.name().synthesised_label();
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

/// The lead of that name through the display filters, as recorded.
pub fn recorded<'a>(cx: &PanelContext<'a>, name: &LeadName) -> Option<&'a Lead> {
    cx.session.exam.as_ref()?.shown.get(name)
}
