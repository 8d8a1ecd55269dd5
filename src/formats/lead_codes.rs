//! Numbers that stand for leads: one list shared by SCP-ECG, MDC (ISO/IEEE 11073-10101) and DICOM
//! (PS3.16 CID 3001). A name that begins with `d` was calculated, not recorded.

/// Names by number, from 1. Numbers 31 to 60 are those of 1 to 30 as calculated leads.
const NAMES: [&str; 30] = [
    "I", "II", "V1", "V2", "V3", "V4", "V5", "V6", "V7", "V2R", "V3R", "V4R", "V5R", "V6R", "V7R",
    "X", "Y", "Z", "CC5", "CM5", "LA", "RA", "LL", "fI", "fE", "fC", "fA", "fM", "fF", "fH",
];

/// Names by number, from 61.
const LATER: [&str; 25] = [
    "III",
    "aVR",
    "aVL",
    "aVF",
    "-aVR",
    "V8",
    "V9",
    "V8R",
    "V9R",
    "D (Nehb)",
    "A (Nehb)",
    "J (Nehb)",
    "Defib",
    "Extern",
    "A1",
    "A2",
    "A3",
    "A4",
    "dV8",
    "dV9",
    "dV8R",
    "dV9R",
    "dD (Nehb)",
    "dA (Nehb)",
    "dJ (Nehb)",
];

/// Names by number, from 86.
const LAST: [&str; 29] = [
    "C", "V", "VR", "VL", "VF", "MCL", "MCL1", "MCL2", "MCL3", "MCL4", "MCL5", "MCL6", "CC", "CC1",
    "CC2", "CC3", "CC4", "CC6", "CC7", "CM", "CM1", "CM2", "CM3", "CM4", "CM6", "dIII", "daVR",
    "daVL", "daVF",
];

/// The lead's name.
pub(super) fn name(code: u16) -> Option<String> {
    let at = |list: &[&str], first: u16| {
        let idx = code.checked_sub(first)?;
        list.get(usize::from(idx)).map(|name| (*name).to_owned())
    };
    at(&NAMES, 1)
        .or_else(|| at(&NAMES, 31).map(|name| format!("d{name}")))
        .or_else(|| at(&LATER, 61))
        .or_else(|| at(&LAST, 86))
}

/// The number of a lead by its name; for a calculated one by its name with `d` before it.
pub(super) fn code(name: &str) -> Option<u16> {
    (1..115).find(|code| self::name(*code).is_some_and(|known| known == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_standards() {
        for (number, lead) in [
            (1, "I"),
            (3, "V1"),
            (8, "V6"),
            (9, "V7"),
            (12, "V4R"),
            (31, "dI"),
            (39, "dV7"),
            (42, "dV4R"),
            (61, "III"),
            (64, "aVF"),
            (66, "V8"),
            (79, "dV8"),
            (86, "C"),
            (111, "dIII"),
            (114, "daVF"),
        ] {
            assert_eq!(name(number).as_deref(), Some(lead));
            assert_eq!(code(lead), Some(number));
        }
        assert_eq!((name(0), name(115), code("V1@2ICS")), (None, None, None));
    }
}
