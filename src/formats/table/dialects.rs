//! Heads of programs that write more than a header row: Apple Health, OpenSignals, BioSPPy.

use super::{
    cells::{Cells, value},
    lab_chart,
    layout::{Column, Layout, lines},
    open_signals,
};
use crate::formats::{FormatError, contents::Contents, dates};

/// The layout that the head of a known program gives; `None` for any other text.
pub(super) fn known(text: &str) -> Result<Option<Layout<'_>>, FormatError> {
    let first = text.lines().next().unwrap_or_default().trim();
    match first {
        "# OpenSignals Text File Format" => open_signals::layout(text).map(Some),
        "# Simple Text Format" => Ok(Some(biosppy(text))),
        _ if first.starts_with("Interval=") => lab_chart::layout(text).map(Some),
        _ => apple_health(text),
    }
}

/// Keys of Apple Health's export in English, German, French, Spanish and Chinese.
#[derive(Clone, Copy, PartialEq)]
enum Key {
    Name,
    Birth,
    Recorded,
    Classification,
    Symptoms,
    Software,
    Device,
    Rate,
    Lead,
    Unit,
}

#[rustfmt::skip]
const KEYS: [(Key, &[&str]); 10] = [
    (Key::Name, &["Name", "Nom", "Nombre", "姓名", "名称"]),
    (Key::Birth, &["Date of Birth", "Geburtsdatum", "Date de naissance", "Fecha de nacimiento", "出生日期"]),
    (Key::Recorded, &["Recorded Date", "Aufzeichnungsdatum", "Aufgezeichnet am", "Date d’enregistrement", "Date d'enregistrement", "Fecha de registro", "Fecha de grabación", "记录日期", "录制日期"]),
    (Key::Classification, &["Classification", "Klassifizierung", "Clasificación", "分类", "类别"]),
    (Key::Symptoms, &["Symptoms", "Symptome", "Symptômes", "Síntomas", "症状"]),
    (Key::Software, &["Software Version", "Softwareversion", "Software-Version", "Version du logiciel", "Version logicielle", "Versión de software", "Versión del software", "软件版本"]),
    (Key::Device, &["Device", "Gerät", "Appareil", "Dispositivo", "设备"]),
    (Key::Rate, &["Sample Rate", "Abtastrate", "Messrate", "Fréquence d’échantillonnage", "Fréquence d'échantillonnage", "Frecuencia de muestreo", "采样率"]),
    (Key::Lead, &["Lead", "Ableitung", "Dérivation", "Derivación", "导联"]),
    (Key::Unit, &["Unit", "Einheit", "Unité", "Unidad", "单位"]),
];

/// Keys and values, then a number a line. Known by a rate, a unit and a first number alone.
fn apple_health(text: &str) -> Result<Option<Layout<'_>>, FormatError> {
    let mut found: Vec<(Key, String)> = Vec::new();
    let cells = Cells {
        takes_comma: true,
        ..Cells::of(b',')
    };
    for line in lines(text).take(60) {
        let whole = line.text.trim().trim_matches('"');
        if value(whole, cells).is_some_and(f64::is_finite) {
            let end = line.text.as_ptr().addr() - text.as_ptr().addr();
            return Ok(apple_layout(&found, &text[end..], line.number));
        }
        let Some((key, rest)) = line.text.split_once([',', ';']) else {
            return Ok(None);
        };
        let known = KEYS.iter().find(|known| {
            known
                .1
                .iter()
                .any(|word| word.eq_ignore_ascii_case(key.trim()))
        });
        let Some((key, _)) = known else {
            return Ok(None);
        };
        found.push((*key, rest.trim().trim_matches(['"', ',', ';']).to_owned()));
    }
    Ok(None)
}

fn apple_layout<'a>(found: &[(Key, String)], body: &'a str, first_line: u64) -> Option<Layout<'a>> {
    let get = |key: Key| {
        let value = found.iter().find(|it| it.0 == key)?.1.trim();
        (!value.is_empty()).then(|| value.to_owned())
    };
    let rate_text = get(Key::Rate)?;
    let number = rate_text.split_whitespace().next()?.replace(',', ".");
    let rate_hz = number
        .parse()
        .ok()
        .filter(|hz: &f64| hz.is_finite() && 0.0 < *hz)?;
    let unit = get(Key::Unit)?;
    let mut about = Contents {
        start: get(Key::Recorded).and_then(|text| dates::iso(&text)),
        ..Contents::default()
    };
    about.patient.name = get(Key::Name);
    let device = [get(Key::Device), get(Key::Software)];
    let device: Vec<String> = device.into_iter().flatten().collect();
    about.device = (!device.is_empty()).then(|| device.join(" "));
    about.notes.extend(get(Key::Classification));
    about.notes.extend(get(Key::Symptoms));
    about.patient.birth_date = get(Key::Birth).and_then(|text| birth(&text));
    let lead = get(Key::Lead).unwrap_or_else(|| "I".to_owned());
    // "Ableitung I", "Dérivation I": the lead is the last word.
    let lead = lead.split_whitespace().last().unwrap_or("I").to_owned();
    Some(Layout {
        format: "Apple Health",
        // One number a line: whatever stands there is part of it.
        cells: Cells {
            delimiter: 0,
            takes_comma: true,
            ..Cells::of(b',')
        },
        columns: vec![Column::signal(&lead, Some(&unit))],
        rate_hz: Some(rate_hz),
        body,
        first_line,
        about,
    })
}

/// "Jan 15, 1990", "15.01.1990" or ISO.
fn birth(text: &str) -> Option<jiff::civil::Date> {
    let english = || {
        let (month_day, year) = text.split_once(", ")?;
        let (month, day) = month_day.split_once(' ')?;
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let month = months.iter().position(|known| month.starts_with(known))? as i8 + 1;
        jiff::civil::Date::new(year.trim().parse().ok()?, month, day.parse().ok()?).ok()
    };
    text.parse()
        .ok()
        .or_else(english)
        .or_else(|| dates::parted(text, [0, 1, 2]).filter(|_| text.contains('.')))
}

/// BioSPPy's plain text: comments with `:=`, then numbers without units.
fn biosppy(text: &str) -> Layout<'_> {
    let mut rate_hz = None;
    let mut labels: Vec<String> = Vec::new();
    let (mut length, mut first_line) = (0, 1);
    for line in text.split_inclusive('\n') {
        let Some(comment) = line.trim_start().strip_prefix('#') else {
            break;
        };
        length += line.len();
        first_line += 1;
        let Some((key, rest)) = comment.split_once(":=") else {
            continue;
        };
        match key.trim() {
            "Sampling Rate (Hz)" => {
                rate_hz = rest
                    .trim()
                    .parse()
                    .ok()
                    .filter(|hz: &f64| hz.is_finite() && 0.0 < *hz);
            }
            "Labels" => labels = rest.split_whitespace().map(str::to_owned).collect(),
            _ => {}
        }
    }
    let body = &text[length..];
    let n_columns = body.lines().next().map_or(1, |row| row.split('\t').count());
    let name = |idx: usize| {
        labels
            .get(idx)
            .cloned()
            .unwrap_or_else(|| format!("signal {}", idx + 1))
    };
    Layout {
        format: "BioSPPy",
        cells: Cells::of(b'\t'),
        columns: (0..n_columns)
            .map(|idx| Column::signal(&name(idx), None))
            .collect(),
        rate_hz,
        body,
        first_line,
        about: Contents::default(),
    }
}

/// Shimmer's names: electrodes from which Einthoven's leads follow.
pub(super) fn lead_of_electrodes(name: &str) -> Option<&'static str> {
    let upper = name.to_uppercase();
    let names = |pair: &str| upper.split('_').any(|part| part == pair);
    [("LA-RA", "I"), ("LL-RA", "II"), ("LL-LA", "III")]
        .iter()
        .find(|(pair, _)| names(pair))
        .map(|(_, lead)| *lead)
}

/// A unit that is none, as some programs write it.
pub(super) fn is_no_unit(unit: &str) -> bool {
    matches!(unit, "no_units" | "n/a" | "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apple_health_in_five_languages() {
        for (head, lead) in [
            (
                "Name,A\nRecorded Date,2026-03-14 09:15:00 -0400\nSample Rate,512 hertz\nLead,Lead I\nUnit,µV",
                "I",
            ),
            (
                "Name,A\nAbtastrate,512 Hertz\nAbleitung,Ableitung I\nEinheit,µV",
                "I",
            ),
            (
                "Nom,A\nFréquence d’échantillonnage,512 hertz\nDérivation,Dérivation I\nUnité,µV",
                "I",
            ),
            (
                "Nombre,A\nFrecuencia de muestreo,512 hercios\nDerivación,Derivación I\nUnidad,µV",
                "I",
            ),
            ("姓名,A\n采样率,512赫兹\n导联,I\n单位,µV", "I"),
        ] {
            let head = head.replace("512赫兹", "512 赫兹");
            let text = format!("{head}\n\n\"-1,5\"\n2,5\n");
            let layout = known(&text).unwrap().unwrap();
            assert_eq!(layout.rate_hz, Some(512.0), "{head}");
            assert_eq!(layout.columns[0].name, lead);
            assert_eq!(layout.columns[0].unit.as_deref(), Some("µV"));
            let rows = super::super::rows::read(&layout, None, &Default::default()).unwrap();
            assert_eq!(rows.columns[0], [-1.5, 2.5]);
        }
        assert!(known("time,I\n0,1\n").unwrap().is_none());
        assert!(known("Name,Rate\n1,2\n").unwrap().is_none());
    }

    #[test]
    fn electrodes_name_leads() {
        assert_eq!(
            lead_of_electrodes("Shimmer_AD66_ECG_LL-RA_24BIT_CAL"),
            Some("II")
        );
        assert_eq!(lead_of_electrodes("LA-RA"), Some("I"));
        assert_eq!(lead_of_electrodes("Vx-RL"), None);
    }
}
