//! FHIR Observations (JSON) whose values are sampled data: one lead a component.

use serde_json::Value;

use super::{
    FormatError, ReadOptions,
    bytes::Bytes,
    contents::{Container, Contents, Scale, Signal, sample_mv, voltage},
    dates,
    error::quoted,
    exam::ExamKind,
    lead_codes,
    memory::{self, Draft, Trace},
};
use crate::ecg::{LeadName, Origin};

const STEP: &str = "FHIR";

/// Whether a file begins as a JSON object.
pub(super) fn is_json(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    head.trim_ascii_start().starts_with(b"{")
}

pub(super) fn open(
    bytes: &Bytes,
    options: &ReadOptions,
) -> Result<Box<dyn Container>, FormatError> {
    let root = parsed(bytes, options)?;
    let observations: Vec<&Value> = match root["resourceType"].as_str() {
        Some("Observation") => vec![&root],
        Some("Bundle") => list(&root["entry"])
            .iter()
            .map(|entry| &entry["resource"])
            .filter(|resource| resource["resourceType"] == "Observation")
            .collect(),
        other => {
            let found = other.map_or_else(|| "no resourceType".to_owned(), quoted);
            return Err(FormatError::new(
                STEP,
                "resourceType",
                found,
                "an Observation or a Bundle",
            ));
        }
    };
    let mut about = about(observations.first().copied().unwrap_or(&root));
    let mut drafts = Vec::new();
    for observation in observations {
        let mut traces = Vec::new();
        let whole = std::iter::once(observation);
        for part in whole.chain(list(&observation["component"])) {
            if part["valueSampledData"].is_object() {
                traces.extend(leads(part, options, &mut about.warnings)?);
            }
        }
        drafts.push(Draft {
            name: text(&observation["id"]).unwrap_or_else(|| "observation".to_owned()),
            kind: ExamKind::Rhythm,
            traces,
        });
    }
    memory::open(STEP, about, drafts, options)
}

fn parsed(bytes: &Bytes, options: &ReadOptions) -> Result<Value, FormatError> {
    let raw = bytes.whole(options.limits.document_bytes)?;
    let raw = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&raw);
    check_parts(raw)?;
    serde_json::from_slice(raw).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        // The library says the place once more.
        let found = error.to_string();
        let found = found.split(" at line ").next().unwrap_or(&found);
        FormatError::new(STEP, place, found, "JSON")
    })
}

/// Each value of a JSON text takes up to a hundred times its letters; samples are one string.
fn check_parts(raw: &[u8]) -> Result<(), FormatError> {
    const MOST: usize = 500_000;
    let parts = raw.iter().filter(|it| matches!(it, b',' | b'{' | b'['));
    let count = parts.count();
    if count <= MOST {
        return Ok(());
    }
    let expected = format!("at most {MOST}");
    Err(FormatError::new(
        STEP,
        "the whole text",
        format!("{count} values"),
        expected,
    ))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn about(observation: &Value) -> Contents {
    let start = [
        &observation["effectiveDateTime"],
        &observation["effectivePeriod"]["start"],
        &observation["effectiveInstant"],
    ];
    let subject = &observation["subject"];
    let mut out = Contents {
        format: "FHIR Observation".to_owned(),
        start: start.iter().find_map(|time| dates::iso(time.as_str()?)),
        device: text(&observation["device"]["display"]),
        ..Contents::default()
    };
    out.patient.name = text(&subject["display"]);
    out.patient.id = text(&subject["reference"]);
    let notes = list(&observation["note"]).iter();
    out.notes
        .extend(notes.filter_map(|note| text(&note["text"])));
    out.notes
        .extend(text(&observation["interpretation"][0]["text"]));
    out
}

/// One lead, or several that take turns where the data have more than one dimension.
fn leads(
    part: &Value,
    options: &ReadOptions,
    warnings: &mut Vec<String>,
) -> Result<Vec<Trace>, FormatError> {
    let data = &part["valueSampledData"];
    let name = name(&part["code"]);
    let fault = |place: &str, found: String, expected: &str| {
        FormatError::new(
            STEP,
            format!("{place} of {}", quoted(&name)),
            found,
            expected,
        )
    };
    let rate_hz = rate(data)
        .ok_or_else(|| fault("period", "no sound period".into(), "milliseconds above 0"))?;
    let dimensions = data["dimensions"].as_u64().unwrap_or(1).max(1) as usize;
    if options.limits.signals < dimensions {
        let expected = format!("at most {}", options.limits.signals);
        return Err(fault("dimensions", dimensions.to_string(), &expected));
    }
    let unit = text(&data["origin"]["code"]).or_else(|| text(&data["origin"]["unit"]));
    let scale = voltage(unit.as_deref().unwrap_or(""), options);
    let values = values(data, |word| {
        fault("data", quoted(word), "numbers, E, L or U")
    })?;
    let values = calibrated(data, values, &name, warnings);
    let factor = data["factor"].as_f64().unwrap_or(1.0);
    let lead = |idx: usize| {
        let name = if dimensions == 1 {
            name.clone()
        } else {
            format!("{name} {}", idx + 1)
        };
        let mv = scale.as_ref().map_or(1.0, |scale| scale.0);
        let samples: Vec<f32> = values
            .iter()
            .skip(idx)
            .step_by(dimensions)
            .map(|value| sample_mv(value * mv))
            .collect();
        let signal = Signal {
            name,
            rate_hz,
            n_samples: samples.len() as u64,
            scale: scale.clone().map(|(mv, unit)| Scale {
                mv,
                unit,
                step: Some(factor.abs()),
                rails: None,
            }),
            prefilter: String::new(),
            origin: Origin::Measured,
        };
        (signal, samples)
    };
    Ok((0..dimensions).map(lead).collect())
}

/// Samples a second: from the period in ms, or from R5's interval.
fn rate(data: &Value) -> Option<f64> {
    let seconds = match (data["period"].as_f64(), data["interval"].as_f64()) {
        (Some(ms), _) => ms / 1e3,
        (None, Some(interval)) => match data["intervalUnit"].as_str()? {
            "s" => interval,
            "ms" => interval / 1e3,
            "us" => interval / 1e6,
            "Hz" | "/s" => 1.0 / interval,
            _ => return None,
        },
        _ => return None,
    };
    let hz = 1.0 / seconds;
    let hz = if (hz - hz.round()).abs() < 1e-4 * hz {
        hz.round()
    } else {
        hz
    };
    (hz.is_finite() && 0.0 < hz).then_some(hz)
}

/// Numbers as written; `NaN` for an error, and for what lies below or above the detection limits.
fn values(data: &Value, fault: impl Fn(&str) -> FormatError) -> Result<Vec<f64>, FormatError> {
    let words = data["data"].as_str().unwrap_or("");
    words
        .split_ascii_whitespace()
        .map(|word| match word {
            "E" | "L" | "U" => Ok(f64::NAN),
            _ => word.parse().map_err(|_| fault(word)),
        })
        .collect()
}

/// Origin + factor × number, as the standard has it. Where every value would then lie outside of the
/// limits that the file states, but (number − origin) × factor would not, that is what was meant:
/// the standard's own example is written so.
fn calibrated(data: &Value, raw: Vec<f64>, name: &str, warnings: &mut Vec<String>) -> Vec<f64> {
    let origin = data["origin"]["value"].as_f64().unwrap_or(0.0);
    let factor = data["factor"].as_f64().unwrap_or(1.0);
    let low = data["lowerLimit"].as_f64().unwrap_or(f64::NEG_INFINITY);
    let high = data["upperLimit"].as_f64().unwrap_or(f64::INFINITY);
    let is_inside = |value: f64| low <= value && value <= high;
    let standard = |number: f64| origin + factor * number;
    let offset = |number: f64| (number - origin) * factor;
    let known = || raw.iter().copied().filter(|number| number.is_finite());
    let is_offset = origin != 0.0
        && known().next().is_some()
        && known().all(|number| !is_inside(standard(number)) && is_inside(offset(number)));
    if is_offset {
        warnings.push(format!(
            "{name}: the origin was taken as the converter's zero, since all values would lie \
             outside of the stated limits otherwise"
        ));
        return raw.into_iter().map(offset).collect();
    }
    raw.into_iter().map(standard).collect()
}

/// The lead by MDC's code, otherwise by what the file calls it.
fn name(code: &Value) -> String {
    let codings = || list(&code["coding"]).iter();
    // MDC_ECG_ELEC_POTL (2:256) and the lead's number; MDC_ECG_LEAD (2:0) and the lead's number.
    let numbered = |coding: &Value| {
        let number: u32 = coding["code"].as_str()?.parse().ok()?;
        let lead = number.checked_sub(0x2_0000)? % 256;
        lead_codes::name(lead.try_into().ok()?)
    };
    let named = |coding: &Value| {
        ["display", "code"]
            .iter()
            .filter_map(|key| text(&coding[*key]))
            .find(|name| LeadName::parse(name).is_known())
    };
    codings()
        .find_map(named)
        .or_else(|| codings().find_map(numbered))
        .or_else(|| text(&code["text"]))
        .or_else(|| codings().find_map(|coding| text(&coding["display"])))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observation(data: &str) -> Vec<u8> {
        let code = r#"{"coding":[{"system":"urn:oid:2.16.840.1.113883.6.24","code":"131329"}]}"#;
        let data = format!(r#"{{"code":{code},"valueSampledData":{data}}}"#);
        format!(
            r#"{{"resourceType":"Observation","effectiveDateTime":"2015-02-19T09:30:35+01:00","component":[{data}]}}"#
        )
        .into_bytes()
    }

    fn check(data: &str, expected_mv: &[f32]) {
        let opened =
            crate::formats::read_bytes("o.json", &observation(data), &ReadOptions::default())
                .unwrap();
        let lead = &opened.recording.leads.leads()[0];
        assert_eq!(lead.name, LeadName::I);
        let close = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-6 || (a.is_nan() && b.is_nan());
        assert_eq!(lead.samples_mv.len(), expected_mv.len());
        assert!(
            lead.samples_mv.iter().zip(expected_mv).all(close),
            "{:?}",
            lead.samples_mv
        );
        assert_eq!(opened.report.rate_hz, 500.0);
    }

    #[test]
    fn the_place_of_a_damage_is_said_once() {
        let text = br#"{"resourceType":"Bundle", oops"#;
        let error = crate::formats::read_bytes("o.json", text, &ReadOptions::default());
        let said = error.unwrap_err().to_string();
        assert_eq!(said.matches("line 1").count(), 1, "{said}");
        assert!(
            said.contains("key must be a string at line 1, column"),
            "{said}"
        );
    }

    #[test]
    fn a_text_of_too_many_values_is_not_taken_apart() {
        let text = format!("{{\"x\":[{}1]}}", "{},".repeat(400_000));
        let error = open(
            &Bytes::Memory(text.into_bytes().into()),
            &ReadOptions::default(),
        )
        .err();
        let error = error.map_or_else(String::new, |error| error.to_string());
        assert!(
            error.contains("values") && error.contains("at most"),
            "{error}"
        );
    }

    #[test]
    fn values_are_origin_and_factor() {
        check(
            r#"{"origin":{"value":10,"unit":"uV"},"period":2,"factor":2.5,"dimensions":1,"data":"0 4 E -4"}"#,
            &[0.01, 0.02, f32::NAN, 0.0],
        );
        check(
            r#"{"origin":{"value":0,"code":"mV"},"interval":2,"intervalUnit":"ms","dimensions":1,"data":"1 2"}"#,
            &[1.0, 2.0],
        );
        check(
            r#"{"origin":{"value":2048,"unit":"uV"},"period":2,"factor":2,"lowerLimit":-3300,"upperLimit":3300,"dimensions":1,"data":"2049 2047"}"#,
            &[0.002, -0.002],
        );
    }

    #[test]
    fn no_unit_is_no_guess() {
        let data = r#"{"origin":{"value":0},"period":2,"dimensions":1,"data":"1 2"}"#;
        let read = |options: &ReadOptions| {
            crate::formats::read_bytes("o.json", &observation(data), options)
        };
        assert!(read(&ReadOptions::default()).is_err());
        let options = ReadOptions {
            missing_unit: crate::formats::MissingUnit::Take(crate::formats::Unit::Microvolt),
            ..ReadOptions::default()
        };
        assert_eq!(
            read(&options).unwrap().recording.leads.leads()[0].samples_mv[1],
            0.002
        );
    }
}
