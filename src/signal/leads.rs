//! Which leads of a recording are looked at: electrocardiograms, and recorded ones first.

use crate::ecg::{Lead, LeadName, LeadSet};

/// The leads that are electrocardiograms: known ones, and those whose name says so. A marker, a
/// pressure or breathing has no say in beats, intervals and quality. Where no name tells, all.
pub(super) fn ecg_leads(leads: &LeadSet) -> Vec<&Lead> {
    let named: Vec<&Lead> = leads
        .leads()
        .iter()
        .filter(|lead| is_ecg(&lead.name))
        .collect();
    if named.is_empty() {
        leads.leads().iter().collect()
    } else {
        named
    }
}

/// Spellings of single-channel and ambulatory leads that have no place in the catalogue.
fn is_ecg(name: &LeadName) -> bool {
    const STEMS: [&str; 7] = ["ECG", "EKG", "MLI", "ML", "MCL", "MV", "CM"];
    let text = name.to_string().to_uppercase();
    name.is_known() || STEMS.iter().any(|stem| text.starts_with(stem))
}

/// Without synthesised leads, unless there are no others.
pub(super) fn not_synthesised(leads: Vec<&Lead>) -> Vec<&Lead> {
    let recorded: Vec<&Lead> = leads
        .iter()
        .copied()
        .filter(|lead| !lead.origin.is_synthesised())
        .collect();
    if recorded.is_empty() { leads } else { recorded }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::SampleRate;

    fn check(names: &[&str], expected: &[&str]) {
        let lead = |name: &&str| Lead::measured(LeadName::parse(name), vec![0.0; 4]);
        let rate = SampleRate::from_hz(500.0).unwrap();
        let set = LeadSet::new(rate, names.iter().map(lead).collect()).unwrap();
        let found: Vec<String> = ecg_leads(&set)
            .iter()
            .map(|lead| lead.name.to_string())
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn markers_and_pressures_are_no_electrocardiograms() {
        check(&["II", "ABP", "Marker"], &["II"]);
        check(&["MLII", "RESP"], &["MLII"]);
        check(&["ECG 1", "Pleth"], &["ECG 1"]);
        check(&["channel 0", "channel 1"], &["channel 0", "channel 1"]);
    }
}
