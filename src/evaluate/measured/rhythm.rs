//! In which recordings a PR and a QRS are given, by the labels of PTB-XL.

use std::path::Path;

use super::{super::EvaluateError, data::records};
use crate::signal::analyse;

/// The table: share of recordings of the split with a PR, and with a QRS.
pub(super) fn table(folder: &Path, split: &str) -> Result<String, EvaluateError> {
    const CODES: [&str; 5] = ["AFIB", "AFLT", "CLBBB", "WPW", "PACE"];
    let mut counts = [[0usize; 3]; CODES.len() + 1];
    for record in records(folder)?
        .iter()
        .filter(|it| it.column("split") == split)
    {
        let found = analyse(&record.leads).intervals;
        let groups = std::iter::once(record.is_sinus())
            .chain(CODES.iter().map(|code| record.has_label(code)));
        for (count, _) in counts.iter_mut().zip(groups).filter(|it| it.1) {
            count[0] += 1;
            count[1] += usize::from(found.pr_ms.is_some());
            count[2] += usize::from(found.qrs_ms.is_some());
        }
    }
    let mut text = String::from("label | n | PR given, % | QRS given, %\n");
    for (name, [n, pr, qrs]) in ["sinus"].iter().chain(&CODES).zip(counts) {
        let share = |part: usize| 100.0 * part as f64 / n.max(1) as f64;
        text += &format!("{name} | {n} | {:.1} | {:.1}\n", share(pr), share(qrs));
    }
    Ok(text)
}
