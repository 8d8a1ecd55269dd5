//! What an exam's labels say, in the few groups of a table of diseases.

/// Codes of each group: SCP statements of PTB-XL, and SNOMED CT codes of the challenge sets.
const GROUPS: [(&str, &[&str]); 8] = [
    ("normal", &["NORM"]),
    (
        "infarction",
        &[
            "IMI",
            "ASMI",
            "AMI",
            "ALMI",
            "ILMI",
            "IPMI",
            "IPLMI",
            "LMI",
            "PMI",
            "INJAS",
            "INJAL",
            "INJIN",
            "INJLA",
            "INJIL",
            "164865005",
            "54329005",
        ],
    ),
    (
        "ST-T change",
        &[
            "NDT",
            "NST_",
            "STD_",
            "STE_",
            "ISC_",
            "ISCAL",
            "ISCAS",
            "ISCAN",
            "ISCIL",
            "ISCIN",
            "ISCLA",
            "INVT",
            "NT_",
            "LOWT",
            "TAB_",
            "428750005",
            "164934002",
            "59931005",
            "429622005",
            "164930006",
        ],
    ),
    (
        "left bundle branch block",
        &["CLBBB", "ILBBB", "164909002", "733534002", "251120003"],
    ),
    (
        "right bundle branch block",
        &["CRBBB", "IRBBB", "59118001", "713427006", "713426002"],
    ),
    (
        "fascicular block",
        &["LAFB", "LPFB", "445118002", "445211001"],
    ),
    (
        "hypertrophy",
        &[
            "LVH",
            "VCLVH",
            "RVH",
            "SEHYP",
            "LAO/LAE",
            "RAO/RAE",
            "164873001",
            "89792004",
        ],
    ),
    (
        "arrhythmia",
        &[
            "AFIB",
            "AFLT",
            "PVC",
            "BIGU",
            "TRIGU",
            "PAC",
            "SVARR",
            "PSVT",
            "164889003",
            "164890007",
            "164884008",
            "427172004",
            "284470004",
            "63593006",
        ],
    ),
];

/// Groups that the labels name; an exam may belong to several, or to none.
pub(super) fn groups(labels: &str) -> Vec<&'static str> {
    let said: Vec<&str> = labels
        .split(|it: char| !(it.is_ascii_alphanumeric() || it == '_' || it == '/'))
        .collect();
    GROUPS
        .iter()
        .filter(|(_, codes)| codes.iter().any(|it| said.contains(it)))
        .map(|it| it.0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_whole_words() {
        let found = |it: &str| groups(it);
        assert_eq!(
            found("{'NORM': 100.0, 'SR': 0.0};age=56.0;sex=1"),
            ["normal"]
        );
        assert_eq!(
            found("{'IMI': 50.0, 'ISCLA': 100.0, 'LAFB': 100.0}"),
            ["infarction", "ST-T change", "fascicular block"]
        );
        assert_eq!(
            found("SNOMED:428750005,164889003;age=53"),
            ["ST-T change", "arrhythmia"]
        );
        assert_eq!(found("{'AMISC': 1.0};age=164;"), Vec::<&str>::new());
    }
}
