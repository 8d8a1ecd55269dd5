//! Lead names of a file, each once.

use std::collections::HashMap;

use super::provenance;
use crate::ecg::LeadName;

/// Parses `raw` names; one that was met before gets a number, and a warning.
pub(super) fn distinct(raw: &[&str], warnings: &mut Vec<String>) -> Vec<LeadName> {
    let mut out: Vec<LeadName> = Vec::with_capacity(raw.len());
    let mut counts: HashMap<LeadName, usize> = HashMap::new();
    for (idx, it) in raw.iter().enumerate() {
        let text = provenance::one_line(it);
        let text = if text.is_empty() {
            format!("signal {}", idx + 1)
        } else {
            text
        };
        let first = LeadName::parse(own_name(&text));
        let mut name = first.clone();
        let count = counts.entry(first.clone()).or_insert(0);
        *count += 1;
        if 1 < *count {
            name = LeadName::Named(format!("{first} ({count})").into());
        }
        while out.contains(&name) {
            *count += 1;
            name = LeadName::Named(format!("{first} ({count})").into());
        }
        if name != first {
            warnings.push(format!(
                "two signals are called {first}; the later one is called {name} here"
            ));
        }
        out.push(name);
    }
    out
}

/// "EEG EKG1-REF" is how EEG systems write the ECG's own channel: EKG1.
fn own_name(text: &str) -> &str {
    let is_heart = |rest: &&str| {
        let upper = rest.to_uppercase();
        upper.starts_with("EKG") || upper.starts_with("ECG")
    };
    let own = text.strip_prefix("EEG ").map(str::trim).filter(is_heart);
    own.map_or(text, |own| own.strip_suffix("-REF").unwrap_or(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_are_numbered() {
        let mut warnings = Vec::new();
        assert_eq!(own_name("EEG EKG1-REF"), "EKG1");
        assert_eq!(own_name("EEG Fpz-Cz"), "EEG Fpz-Cz");
        let names = distinct(&["II", "Lead II", "ii ", ""], &mut warnings);
        let text: Vec<String> = names.iter().map(LeadName::to_string).collect();
        assert_eq!(text, ["II", "II (2)", "II (3)", "signal 4"]);
        assert_eq!(warnings.len(), 2);
    }
}
