//! Writes CSV: comments that tell about the recording, a header row, `time_s`, and a column of
//! millivolts per lead.

use std::io::Write;

use super::{comments::TITLE, formulas::disarmed};
use crate::{
    ecg::Recording,
    formats::{
        FormatError,
        comments::{self, START_KEY},
        pieces::{Outline, Pieces},
        provenance,
    },
};

/// Writes a CSV file. Numbers are the shortest that read back to the same value.
pub(in crate::formats) fn write(
    out: &mut dyn Write,
    outline: &Outline,
    pieces: &dyn Pieces,
) -> Result<(), FormatError> {
    for it in head(&outline.about) {
        writeln!(out, "# {}", disarmed(&it))
            .map_err(|it| FormatError::unwritable("CSV writing", &it))?;
    }
    let fault = |it: csv::Error| FormatError::new("CSV writing", "a row", it, "a written row");
    let mut writer = csv::Writer::from_writer(out);
    let leads = outline.about.leads.leads();
    let labels = leads.iter().map(|it| disarmed(&provenance::label(it)));
    writer
        .write_record(std::iter::once("time_s".to_owned()).chain(labels))
        .map_err(fault)?;
    let rate = outline.about.leads.rate();
    // Nanoseconds, or finer where samples follow one another faster than that.
    let per_second = 10f64.powf((1e3 * rate.hz()).log10().ceil().max(9.0));
    let mut first = 0;
    pieces.each(&mut |piece| {
        for at in 0..piece.leads.n_samples() {
            let time = format!(
                "{}",
                (rate.seconds_at(first + at) * per_second).round() / per_second
            );
            let values = piece.leads.leads().iter().map(|it| it.samples_mv[at]);
            let values = values.map(|it| {
                if it.is_finite() {
                    it.to_string()
                } else {
                    String::new()
                }
            });
            writer
                .write_record(std::iter::once(time).chain(values))
                .map_err(fault)?;
        }
        first += piece.leads.n_samples();
        Ok(())
    })?;
    writer
        .flush()
        .map_err(|it| FormatError::unwritable("CSV writing", &it))
}

fn head(recording: &Recording) -> Vec<String> {
    let mut out = vec![
        TITLE.to_owned(),
        "unit: mV".to_owned(),
        format!("rate_hz: {}", recording.leads.rate().hz()),
    ];
    out.extend(recording.start.map(|it| format!("{START_KEY}: {it}")));
    out.extend(comments::of(recording));
    out
}

#[cfg(test)]
mod tests {
    use crate::{
        ecg::{Lead, LeadName, LeadSet, Recording, SampleRate},
        formats::{Format, ReadOptions, read_bytes, to_bytes},
    };

    #[test]
    fn a_lead_is_a_lead_whatever_it_is_called() {
        let names = [
            "T",
            "time",
            "n",
            "index",
            "time_s",
            "I (uV)",
            "ECG_LA-RA",
            "-",
        ];
        let lead = |(at, name): (usize, &str)| {
            let samples: Vec<f32> = (0..9).map(|n| (7 * n % 5) as f32 + at as f32).collect();
            Lead::measured(LeadName::Named(name.into()), samples)
        };
        let leads = names.into_iter().enumerate().map(lead).collect();
        let leads = LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap();
        let wrote = Recording::from_leads(leads);
        let bytes = to_bytes(&wrote, Format::Csv).unwrap();
        let found = read_bytes("a.csv", &bytes, &ReadOptions::default()).unwrap();
        let found = found.recording.leads;
        assert_eq!(found.leads().len(), names.len());
        for (wrote, found) in wrote.leads.leads().iter().zip(found.leads()) {
            assert_eq!(wrote.name.to_string(), found.name.to_string());
            assert_eq!(wrote.samples_mv, found.samples_mv, "{}", wrote.name);
        }
    }
}
