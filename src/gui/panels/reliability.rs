//! How far to believe the lead at the point, in plain words and this patient's figures.

use eframe::egui::{
    Align2, CollapsingHeader, Color32, FontId, Grid, Rect, RichText, ScrollArea, Sense, Stroke,
    StrokeKind, Ui, pos2, vec2,
};

use super::super::{
    panel_context::PanelContext,
    sentences,
    view::{Dialog, OverlayPage},
    widgets::{muted, name_area, strong_text},
};
use crate::{
    reliability::{Grade, HeldOutSummary, Reason, Reliability, Warning},
    session::{Command, Edit, Query},
    words::{Label, Translator},
};

/// The panel.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.label(strong_text(cx.tr(Label::Reliability)))
                .on_hover_text(cx.tr(Label::FiguresOfThisPatient));
            doors(ui, cx);
        });
        if cx.session.results.reliability_as_saved.is_some() {
            as_saved(ui, cx);
            contributions(ui, cx);
            return;
        }
        if cx.session.calibrating.summary().is_none() {
            ui.label(muted(cx.tr(Label::AfterCalibration), &cx.look.colours));
            return;
        }
        if let Some(problem) = &cx.session.results.reliability_problem {
            ui.colored_label(
                cx.look.colours.warning,
                format!("⚠ {}", sentences::query_error(cx.translator, problem)),
            );
        }
        let session = cx.session;
        match &session.results.reliability {
            None if session.results.reliability_problem.is_some() => {}
            None => drop(ui.label(muted(cx.tr(Label::LeavingOutEach), &cx.look.colours))),
            Some((target, reliability)) => {
                let is_current = *target == session.document.point_target();
                ui.scope(|ui| {
                    if !is_current {
                        ui.set_opacity(0.45);
                    }
                    verdict(ui, cx, reliability);
                    warnings(ui, cx, &reliability.warnings);
                    numbers(ui, cx, reliability);
                });
            }
        }
        contributions(ui, cx);
        if let Some((_, reliability)) = &session.results.reliability {
            reasons(ui, cx, reliability);
        }
    });
}

/// What was said when the session was saved.
fn as_saved(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let session = cx.session;
    let Some(saved) = &session.results.reliability_as_saved else {
        return;
    };
    ui.horizontal(|ui| {
        badge(ui, cx, saved.grade);
        ui.vertical(|ui| {
            expected(ui, cx, saved.expected_rmse_uv);
            ui.label(muted(cx.tr(Label::AsSavedWithSession), &cx.look.colours));
        });
    });
    warnings(ui, cx, &saved.warnings);
    saved
        .reasons
        .iter()
        .for_each(|it| drop(ui.label(format!("· {}", cx.translator.reason(it)))));
    if ui
        .button(cx.tr(Label::CalibrateAgain))
        .on_hover_text(cx.tr(Label::ComputesAnew))
        .clicked()
    {
        cx.push(Command::Calibrate);
    }
}

fn expected(ui: &mut Ui, cx: &PanelContext<'_>, rmse_uv: f64) {
    ui.horizontal(|ui| {
        ui.label(
            strong_text(format!("± {} µV", cx.translator.number(rmse_uv, 0)))
                .size(20.0)
                .color(cx.look.colours.synthesised),
        );
        ui.label(cx.tr(Label::TypicalError));
    });
}

/// What to be careful of; of exchanged electrodes with a way to see them changed back.
fn warnings(ui: &mut Ui, cx: &mut PanelContext<'_>, warnings: &[Warning]) {
    let mut offered = Vec::new();
    for warning in warnings {
        let text = format!("⚠ {}", cx.translator.warning(warning));
        ui.label(RichText::new(text).color(cx.look.colours.warning));
        let Warning::Sign(sign) = warning else {
            continue;
        };
        let exchange = sign.exchange().filter(|it| !offered.contains(it));
        offered.extend(exchange);
        if exchange.is_some() && ui.small_button(cx.tr(Label::ShowAsCorrected)).clicked() {
            cx.push(Edit::UndoExchange(exchange));
        }
    }
}

/// Grade, the one number that matters, and the first reason beyond it.
fn verdict(ui: &mut Ui, cx: &mut PanelContext<'_>, reliability: &Reliability) {
    ui.horizontal(|ui| {
        badge(ui, cx, reliability.grade);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            expected(ui, cx, reliability.expected_rmse_uv);
            ui.label(cx.translator.error_by_wave(&reliability.by_wave));
            let beyond = |reason: &&Reason| !matches!(reason, Reason::ExpectedError { .. });
            if let Some(reason) = reliability.reasons.iter().find(beyond) {
                ui.label(muted(cx.translator.reason(reason), &cx.look.colours));
            }
        });
    });
}

/// The grade as a letter in a frame: its meaning is in the words, not in a colour.
fn badge(ui: &mut Ui, cx: &PanelContext<'_>, grade: Grade) {
    let (letter, ink) = match grade {
        Grade::A => ("A", cx.look.colours.text),
        Grade::B => ("B", cx.look.colours.text),
        Grade::C => ("C", cx.look.colours.text),
        Grade::NotSupported => ("–", cx.look.colours.warning),
    };
    let meaning = cx.translator.grade(grade);
    let (rect, response) = ui.allocate_exact_size(vec2(40.0, 40.0), Sense::hover());
    name_area(
        &response,
        format!("{} {letter}: {meaning}", cx.tr(Label::Grade)),
    );
    let stroke = Stroke::new(2.0, ink);
    ui.painter()
        .rect_stroke(rect, 8.0, stroke, StrokeKind::Inside);
    ui.painter().text(
        rect.center(),
        Align2::CENTER_CENTER,
        letter,
        super::super::theme::strong(22.0),
        ink,
    );
    response.on_hover_text(meaning);
}

/// Held-out figures, nearest electrode, seconds calibrated on and tested.
fn numbers(ui: &mut Ui, cx: &PanelContext<'_>, reliability: &Reliability) {
    ui.spacing_mut().interact_size.y = 17.0;
    let grid = Grid::new("numbers").num_columns(2).spacing([10.0, 1.0]);
    grid.show(ui, |ui| {
        for (name, value) in rows(cx.translator, reliability) {
            ui.label(muted(cx.tr(name), &cx.look.colours));
            ui.label(value);
            ui.end_row();
        }
    });
}

/// Name and value of each figure that is known.
fn rows(translator: Translator, reliability: &Reliability) -> Vec<(Label, String)> {
    let number = |value: f64, decimals| translator.number(value, decimals);
    let uv = |value: f64| format!("{} µV", number(value, 0));
    let mut rows = Vec::new();
    if let Some(summary) = HeldOutSummary::of(&reliability.held_out) {
        let own = format!(
            "{} · r {} · {} {} {}",
            uv(summary.median_rmse_uv),
            number(summary.median_correlation, 2),
            translator.tr(Label::Worst),
            summary.worst,
            number(summary.worst_rmse_uv, 0)
        );
        rows.push((Label::OwnChestLeads, own));
        rows.extend(summary.worst_j60_uv.map(|it| (Label::WorstJ60, uv(it))));
        let population = summary.population_rmse_uv;
        rows.extend(population.map(|it| (Label::AveragePatientInstead, uv(it))));
    }
    rows.extend(reliability.nearest.as_ref().map(|nearest| {
        let (degrees, cm) = (number(nearest.degrees, 0), number(nearest.cm, 0));
        let text = format!("{} · {degrees}° · {cm} cm", nearest.lead);
        (Label::NearestElectrode, text)
    }));
    let window = &reliability.window;
    let seconds = |(from, to)| format!("{}–{} s", number(from, 1), number(to, 1));
    let (learned, tested) = (seconds(window.learned_s), seconds(window.tested_s));
    let mark = if window.apart { "" } else { " ⚠" };
    let text = format!("{learned} · {tested}{mark}");
    rows.push((Label::CalibratedOnTestedOn, text));
    rows
}

/// The ways to look closer.
fn doors(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let Some((_, reliability)) = &cx.session.results.reliability else {
        return;
    };
    if ui
        .button(cx.tr(Label::HeldOutButton))
        .on_hover_text(cx.tr(Label::HeldOutTitle))
        .clicked()
    {
        cx.view.dialog = Some(Dialog::HeldOut {
            lead: None,
            page: OverlayPage::default(),
        });
    }
    if let Some(truth) = &reliability.truth
        && ui
            .button(cx.tr(Label::CompareMenu))
            .on_hover_text(format!("{}: {}", truth.lead, cx.tr(Label::LeadWasKeptOut)))
            .clicked()
    {
        cx.push(Query::Compare(truth.lead.clone()));
        cx.view.dialog = Some(Dialog::Compare {
            lead: truth.lead.clone(),
            page: OverlayPage::default(),
        });
    }
}

/// Why, in full.
fn reasons(ui: &mut Ui, cx: &PanelContext<'_>, reliability: &Reliability) {
    // Open where nothing has to give way to it.
    let head =
        CollapsingHeader::new(cx.tr(Label::AllReasons)).default_open(110.0 < ui.available_height());
    head.show(ui, |ui| {
        for reason in &reliability.reasons {
            ui.label(format!("· {}", cx.translator.reason(reason)));
        }
        ui.label(muted(
            format!(
                "{} {:.0} %",
                cx.tr(Label::BandCoverage),
                100.0 * reliability.band_coverage
            ),
            &cx.look.colours,
        ));
    });
}

/// Small bars: which recorded leads the virtual one is made of. The names stand above them, so that a bar
/// is never seen without its lead.
fn contributions(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let Some(point) = &cx.session.results.point else {
        return;
    };
    let list = &point.synthesis.contributions;
    let most = list.iter().map(|it| it.1.abs()).fold(1e-9, f64::max);
    ui.label(muted(cx.tr(Label::MadeOf), &cx.look.colours).small());
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 46.0), Sense::hover());
    let words: Vec<String> = list
        .iter()
        .map(|(name, share)| format!("{name} {}", cx.translator.signed(*share, 2)))
        .collect();
    name_area(
        &response,
        format!("{}: {}", cx.tr(Label::Contributions), words.join(", ")),
    );
    response.on_hover_text(words.join("  "));
    let painter = ui.painter_at(rect);
    let step = (rect.width() / list.len().max(1) as f32).min(64.0);
    let middle = rect.bottom() - 16.0;
    painter.hline(
        rect.left()..=rect.left() + step * list.len() as f32,
        middle,
        Stroke::new(1.0, cx.look.colours.edge),
    );
    for (idx, (name, share)) in list.iter().enumerate() {
        let x = rect.left() + (idx as f32 + 0.5) * step;
        let height = (15.0 * share / most) as f32;
        let bar = Rect::from_two_pos(
            pos2(x - 0.28 * step, middle),
            pos2(x + 0.28 * step, middle - height),
        );
        let ink: Color32 = if 0.0 < *share {
            cx.look.colours.synthesised
        } else {
            cx.look.colours.muted
        };
        painter.rect_filled(bar, 1.0, ink);
        painter.text(
            pos2(x, rect.top()),
            Align2::CENTER_TOP,
            format!("{name}"),
            FontId::proportional(11.0),
            cx.look.colours.text,
        );
    }
}
