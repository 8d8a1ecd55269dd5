//! Two recordings held against each other: below one another, beside one another, their median beats
//! over each other, and a table of what differs. Where the other was recorded at places that this one
//! has not, its leads are held against the synthesised ones.

use eframe::egui::{Align2, Grid, ScrollArea, Sense, Ui, vec2};

use super::{
    super::{
        panel_context::{PanelContext, key},
        theme::{colour32, strong},
        view::SerialPage,
        widgets::{DrawingCache, Part, Scale, fill_row, muted, name_area, screen, strong_text},
    },
    misplaced, paper,
    serial_medians::medians,
};
use crate::{
    draw::Frame,
    ecg::LeadName,
    session::{self, Command, Doubt, Exam, Figure, Figures, Other, OtherExam, PathPurpose, ReadAs},
    words::Label,
};

/// Drawings of both.
#[derive(Default)]
pub struct SerialCaches([DrawingCache; 2]);

/// Whether two are looked at.
pub fn is_shown(cx: &PanelContext<'_>) -> bool {
    cx.session.other.is_some() && cx.session.exam.is_some()
}

/// Both.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>, caches: &mut SerialCaches) {
    let session = cx.session;
    let (Some(exam), Some(other)) = (&session.exam, &session.other) else {
        return;
    };
    ui.horizontal(|ui| {
        let room = ui.available_width();
        fill_row(ui, cx, ("serial", room), &HEAD);
    });
    names(ui, cx, exam, other);
    match cx.view.serial {
        SerialPage::Stacked => papers(ui, cx, caches, [exam, &other.exam], false),
        SerialPage::Beside => papers(ui, cx, caches, [exam, &other.exam], true),
        SerialPage::Medians => medians(ui, cx, exam, other),
        SerialPage::Table => table(ui, cx, exam, other),
    }
}

const HEAD: [Part; 7] = [
    |ui, cx| page(ui, cx, SerialPage::Stacked, Label::Stacked),
    |ui, cx| page(ui, cx, SerialPage::Beside, Label::SideBySide),
    |ui, cx| page(ui, cx, SerialPage::Medians, Label::MedianBeats),
    |ui, cx| page(ui, cx, SerialPage::Table, Label::Differences),
    spaces,
    |ui, cx| {
        let is_file = cx
            .session
            .other
            .as_ref()
            .is_some_and(|it| it.misplacement().is_none());
        if is_file && ui.button(cx.tr(Label::AnotherExam)).clicked() {
            cx.push(Command::AskPath(PathPurpose::Compare));
        }
    },
    |ui, cx| {
        if ui.button(cx.tr(Label::CloseComparison)).clicked() {
            cx.push(Command::CloseComparison);
        }
    },
];

fn page(ui: &mut Ui, cx: &mut PanelContext<'_>, page: SerialPage, name: Label) {
    let name = cx.tr(name);
    ui.selectable_value(&mut cx.view.serial, page, name);
}

/// Where the other's V1 and V2 sat: a declaration, for the file does not know.
fn spaces(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let Some(Other::File { path, read_as }) = cx.session.other.as_ref().map(|it| &it.from) else {
        return misplaced::menu(ui, cx);
    };
    let menu = ui.menu_button(cx.tr(Label::OtherV1V2At), |ui| {
        for (space, label) in [(4, Label::SpaceN), (3, Label::Space3), (2, Label::Space2)] {
            let declared = declaration(read_as, space);
            let name = cx.translator.fill(label, &[&space.to_string()]);
            let is_so = declared.leads == read_as.leads;
            if ui.selectable_label(is_so, name).clicked() {
                cx.push(Command::CompareWith(path.clone(), declared));
                ui.close();
            }
        }
    });
    menu.response.on_hover_text(cx.tr(Label::OtherV1V2Hint));
}

/// What is said of a file whose V1 and V2 were recorded at that space.
fn declaration(read_as: &ReadAs, space: u8) -> ReadAs {
    let mut leads = read_as.leads.clone();
    leads.retain(|(found, _)| ![LeadName::V1, LeadName::V2].contains(found));
    if space != 4 {
        let at = |name: &LeadName| LeadName::parse(&format!("{name}@{space}ICS"));
        let both = [LeadName::V1, LeadName::V2];
        leads.extend(both.map(|name| (name.clone(), at(&name))));
    }
    ReadAs {
        leads,
        ..read_as.clone()
    }
}

/// An exam's title, when it was recorded and of whom.
fn caption(exam: &Exam) -> String {
    let patient = &exam.recording.patient;
    let start = exam.recording.start;
    let start = start.map(|at| at.strftime("%Y-%m-%d %H:%M").to_string());
    let born = patient.birth_date.map(|it| it.to_string());
    let known = [start, patient.name.clone(), born].into_iter().flatten();
    let title = exam.title.clone();
    std::iter::once(title)
        .chain(known)
        .collect::<Vec<_>>()
        .join(" · ")
}

/// Which is which.
fn names(ui: &mut Ui, cx: &PanelContext<'_>, exam: &Exam, other: &OtherExam) {
    if let Some(misplaced) = other.misplacement() {
        return misplaced::names(ui, cx, misplaced);
    }
    let is_hidden = cx.session.document.deidentified || cx.view.teaching.is_some();
    ui.horizontal(|ui| {
        for (sign, exam, ink) in [
            ("1", exam, colour32(cx.look.paper.recorded)),
            ("2", &other.exam, colour32(cx.look.paper.notice)),
        ] {
            let words = if is_hidden {
                String::new()
            } else {
                caption(exam)
            };
            ui.label(strong_text(format!("{sign}  {words}")).color(ink));
            ui.add_space(16.0);
        }
        if let Some(doubt) = other.doubt(exam) {
            let label = match doubt {
                Doubt::SameRecording => Label::SameRecordingTwice,
                Doubt::OtherPatient => Label::PatientsDiffer,
            };
            ui.label(strong_text(format!("⚠ {}", cx.tr(label))).color(cx.look.colours.warning));
        }
    });
}

/// Both as paper, on one scale of time.
fn papers(
    ui: &mut Ui,
    cx: &PanelContext<'_>,
    caches: &mut SerialCaches,
    exams: [&Exam; 2],
    is_beside: bool,
) {
    let size = ui.available_size();
    let each = if is_beside {
        vec2(0.5 * (size.x - 8.0), size.y)
    } else {
        vec2(size.x, 0.5 * (size.y - 8.0))
    };
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let mut draw = |ui: &mut Ui| {
            for (idx, exam) in exams.into_iter().enumerate() {
                sheet(ui, cx, &mut caches.0[idx], (idx, exam), each);
            }
        };
        if is_beside {
            ui.horizontal_top(draw);
        } else {
            draw(ui);
        }
    });
}

fn sheet(
    ui: &mut Ui,
    cx: &PanelContext<'_>,
    cache: &mut DrawingCache,
    (number, exam): (usize, &Exam),
    size: eframe::egui::Vec2,
) {
    let settings = cx.session.document.page;
    let per_mm = paper::points_per_mm(cx, size.x) / cx.view.paper_zoom;
    let [width_mm, height_mm] = [size.x, size.y].map(|points| f64::from(points / per_mm));
    let words = (screen(cx.look.paper, per_mm), paper::terms(cx));
    let wanted = key((
        [width_mm, height_mm, f64::from(per_mm)].map(f64::to_bits),
        paper::settings_key(&settings),
        (exam.revision, std::sync::Arc::as_ptr(&exam.shown) as usize),
        (cx.look.paper.paper.rgb, words.1.not_recorded),
    ));
    let frame = Frame {
        left_mm: 0.0,
        top_mm: 0.0,
        width_mm,
        height_mm,
    };
    let drawing = cache.drawing(wanted, || {
        let notes = cx.translator.truth_notes(&exam.recording);
        paper::lay_out_all(&exam.shown, &settings, &notes, frame, words)
    });
    let height = size.y.max(per_mm * drawing.bottom_mm() as f32);
    let (rect, response) = ui.allocate_exact_size(vec2(size.x, height), Sense::hover());
    let sign = number + 1;
    name_area(&response, format!("{} {sign}", cx.tr(Label::Recording)));
    let painter = ui.painter_at(rect);
    let scale = Scale {
        origin: rect.min,
        per_mm,
    };
    painter.add(paper::grid(cx, paper::PANE + 100 + number, scale, rect));
    cache.paint(&painter, scale);
    let ink = colour32(if number == 0 {
        cx.look.paper.recorded
    } else {
        cx.look.paper.notice
    });
    let at = rect.right_top() + vec2(-8.0, 6.0);
    painter.text(at, Align2::RIGHT_TOP, sign.to_string(), strong(18.0), ink);
}

/// A figure and its unit.
fn figure_words(cx: &PanelContext<'_>, figure: Figure) -> String {
    let axis = |wave| format!("{} °", cx.translator.fill(Label::AxisOf, &[wave]));
    match figure {
        Figure::HeartRate => format!("{} /min", cx.tr(Label::HeartRate)),
        Figure::Pr => "PR ms".to_owned(),
        Figure::Qrs => "QRS ms".to_owned(),
        Figure::Qt => "QT ms".to_owned(),
        Figure::QtcFridericia => "QTcF ms".to_owned(),
        Figure::QrsAxis => axis("QRS"),
        Figure::TAxis => axis("T"),
        Figure::Q => "Q µV".to_owned(),
        Figure::R => "R µV".to_owned(),
        Figure::S => "S µV".to_owned(),
        Figure::J => "J µV".to_owned(),
        Figure::J60 => "J+60 µV".to_owned(),
        Figure::T => "T µV".to_owned(),
    }
}

/// What differs, in figures.
fn table(ui: &mut Ui, cx: &PanelContext<'_>, exam: &Exam, other: &OtherExam) {
    let (this, other) = (&exam.measurements, &other.exam.measurements);
    let cell = |figures: &Figures| {
        let number = |value: Option<f64>| {
            value.map_or_else(|| "–".to_owned(), |value| cx.translator.number(value, 0))
        };
        let difference = figures.difference();
        let difference = difference.map(|value| cx.translator.signed(value, 0));
        let (this, other) = (number(figures.this), number(figures.other));
        (format!("{this} → {other}"), difference.unwrap_or_default())
    };
    let write = |ui: &mut Ui, figures: &Figures| {
        let (both, difference) = cell(figures);
        ui.horizontal(|ui| {
            ui.label(muted(both, &cx.look.colours));
            ui.label(strong_text(difference));
        });
    };
    ScrollArea::both().auto_shrink(false).show(ui, |ui| {
        ui.label(muted(cx.tr(Label::DifferencesNote), &cx.look.colours));
        let grid = Grid::new("intervals of both")
            .striped(true)
            .spacing([24.0, 3.0]);
        grid.show(ui, |ui| {
            for figures in session::intervals(this, other) {
                ui.label(figure_words(cx, figures.figure));
                write(ui, &figures);
                ui.end_row();
            }
        });
        ui.separator();
        let grid = Grid::new("leads of both")
            .striped(true)
            .spacing([24.0, 3.0]);
        grid.show(ui, |ui| {
            for (idx, (name, row)) in session::amplitudes(this, other).iter().enumerate() {
                if idx == 0 {
                    ui.label("");
                    for figures in row {
                        ui.label(strong_text(figure_words(cx, figures.figure)));
                    }
                    ui.end_row();
                }
                ui.label(strong_text(name.to_string()));
                row.iter().for_each(|figures| write(ui, figures));
                ui.end_row();
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_names_the_space_and_can_be_taken_back() {
        let plain = ReadAs::default();
        let names = |read_as: &ReadAs| -> Vec<String> {
            [LeadName::V1, LeadName::V2, LeadName::V3]
                .map(|name| read_as.name_of(&name).to_string())
                .to_vec()
        };
        let high = declaration(&plain, 2);
        assert_eq!(names(&high), ["V1@2ICS", "V2@2ICS", "V3"]);
        assert_eq!(names(&declaration(&high, 3)), ["V1@3ICS", "V2@3ICS", "V3"]);
        assert!(declaration(&high, 4).is_plain());
    }
}
