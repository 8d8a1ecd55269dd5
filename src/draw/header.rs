//! The head of a page: whose ECG it is, what was measured on it, and which file it comes from.

use jiff::SignedDuration;

use super::{
    Anchor, PageContent, Role, Weight,
    font::{fitted, shrunk, wrapped},
    page_content::SIMULATED,
    sheet::{Drawing, MARGIN_MM, PALETTE},
};
use crate::ecg::{Patient, Sex};

/// Patient and recording at the left, measurements in the middle, the file at the right.
pub(super) fn header(sheet: &mut Drawing, content: &PageContent) {
    let (left, right, top) = (sheet.frame.left_mm, sheet.frame.right_mm(), MARGIN_MM);
    let third = sheet.frame.width_mm / 3.0;
    let regular = (Anchor::Start, Weight::Regular, PALETTE.text);
    let patient = &content.recording.patient;
    let (name, weight, colour) = match &patient.name {
        Some(name) => (
            fitted(name, Weight::SemiBold, 4.4, 1.15 * third),
            Weight::SemiBold,
            PALETTE.text,
        ),
        None if content.recording.is_simulated() => {
            (SIMULATED.into(), Weight::SemiBold, PALETTE.text)
        }
        None if patient.is_anonymous() => {
            ("No patient data".into(), Weight::Regular, PALETTE.muted)
        }
        None => ("Name not given".into(), Weight::Regular, PALETTE.muted),
    };
    sheet.text(
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
        let size_mm = shrunk(&line, Weight::Regular, 3.0, 1.15 * third);
        let shown = fitted(&line, Weight::Regular, size_mm, 1.15 * third);
        let at = [left, top + 8.6 + 4.0 * idx as f64];
        sheet.text(Role::Words, at, shown, size_mm, regular);
    }
    measurements(sheet, content, left + 1.22 * third, top, 0.75 * third);
    for (idx, fact) in content.facts.iter().take(5).enumerate() {
        let (weight, colour) = if idx == 0 {
            (Weight::SemiBold, PALETTE.text)
        } else {
            (Weight::Regular, PALETTE.muted)
        };
        let size_mm = shrunk(fact, weight, 2.7, 0.98 * third);
        let shown = fitted(fact, weight, size_mm, 0.98 * third);
        let at = [right, top + 3.6 + 4.0 * idx as f64];
        let style = (Anchor::End, weight, colour);
        sheet.text(Role::Words, at, shown, size_mm, style);
    }
}

/// Two columns of name and value, numbers aligned at the right.
fn measurements(sheet: &mut Drawing, content: &PageContent, x: f64, top: f64, room: f64) {
    const COLUMN_MM: f64 = 32.0;
    for (idx, (name, value)) in content.measurements.iter().take(6).enumerate() {
        let (at_x, at_y) = (
            x + COLUMN_MM * (idx / 3) as f64,
            top + 3.6 + 4.0 * (idx % 3) as f64,
        );
        sheet.text(
            Role::Words,
            [at_x, at_y],
            name.clone(),
            2.8,
            (Anchor::Start, Weight::Regular, PALETTE.muted),
        );
        sheet.text(
            Role::Words,
            [at_x + COLUMN_MM - 4.0, at_y],
            value.clone(),
            2.8,
            (Anchor::End, Weight::SemiBold, PALETTE.text),
        );
    }
    measured_on(sheet, &content.measured_on, [x, top], room);
}

/// How they were measured, in one line or two.
fn measured_on(sheet: &mut Drawing, said: &str, [x, top]: [f64; 2], room: f64) {
    const SIZE_MM: f64 = 2.4;
    const MOST: usize = 2;
    if said.is_empty() {
        return;
    }
    let lines = wrapped(said, Weight::Regular, SIZE_MM, [room; 2]);
    let (from_mm, step_mm) = match lines.len() {
        1 => (15.9, 0.0),
        _ => (14.9, 2.9),
    };
    for (idx, line) in lines.iter().take(MOST).enumerate() {
        let is_cut = idx + 1 == MOST && MOST < lines.len();
        let line = match is_cut {
            true => fitted(&lines[idx..].join(" "), Weight::Regular, SIZE_MM, room),
            false => line.clone(),
        };
        let style = (Anchor::Start, Weight::Regular, PALETTE.muted);
        let at = [x, top + from_mm + step_mm * idx as f64];
        sheet.text(Role::Words, at, line, SIZE_MM, style);
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
