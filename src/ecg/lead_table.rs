//! The leads of the catalogue, as the literature defines them. Names and places only; `sites` makes
//! montages of them.

/// Sites with their weights, which sum to zero.
pub(super) type Terms = &'static [(&'static str, f64)];

/// Limb leads: name, place, weighted electrodes.
#[rustfmt::skip]
pub(super) const LIMB: [(&str, &str, Terms); 6] = [
    ("I",    "left arm − right arm",                &[("LA", 1.0), ("RA", -1.0)]),
    ("II",   "left leg − right arm",                &[("LL", 1.0), ("RA", -1.0)]),
    ("III",  "left leg − left arm",                 &[("LL", 1.0), ("LA", -1.0)]),
    ("aVR", "right arm − mean of the other limbs", &[("RA", 1.0), ("LA", -0.5), ("LL", -0.5)]),
    ("aVL", "left arm − mean of the other limbs",  &[("LA", 1.0), ("RA", -0.5), ("LL", -0.5)]),
    ("aVF", "left leg − mean of the other limbs",  &[("LL", 1.0), ("RA", -0.5), ("LA", -0.5)]),
];

/// Chest leads: name, which is also that of the exploring site, and place.
#[rustfmt::skip]
pub(super) const CHEST: [(&str, &str); 6] = [
    ("V1", "4th intercostal space, right sternal border"),
    ("V2", "4th intercostal space, left sternal border"),
    ("V3", "midway between V2 and V4"),
    ("V4", "5th intercostal space, left midclavicular line"),
    ("V5", "left anterior axillary line, level of V4"),
    ("V6", "left mid-axillary line, level of V4"),
];

/// One electrode against Wilson's terminal: name, group, exploring site, place.
#[rustfmt::skip]
pub(super) const UNIPOLAR: [(&str, &str, &str, &str); 16] = [
    ("V1@2ICS", "high",      "V1@2ICS", "2nd intercostal space, right sternal border"),
    ("V2@2ICS", "high",      "V2@2ICS", "2nd intercostal space, left sternal border"),
    ("V1@3ICS", "high",      "V1@3ICS", "3rd intercostal space, right sternal border"),
    ("V2@3ICS", "high",      "V2@3ICS", "3rd intercostal space, left sternal border"),
    ("V3@3ICS", "high",      "V3@3ICS", "one intercostal space above V3"),
    ("V1@5ICS", "low",       "V1@5ICS", "5th intercostal space, right sternal border"),
    ("V2@5ICS", "low",       "V2@5ICS", "5th intercostal space, left sternal border"),
    ("V7",      "posterior", "V7",      "left posterior axillary line, level of V6"),
    ("V8",      "posterior", "V8",      "left mid-scapular line, level of V6"),
    ("V9",      "posterior", "V9",      "left of the spine, level of V6"),
    ("V3R",     "right",     "V3R",     "midway between V1 and V4R"),
    ("V4R",     "right",     "V4R",     "5th intercostal space, right midclavicular line"),
    ("V5R",     "right",     "V5R",     "right anterior axillary line, level of V4R"),
    ("V6R",     "right",     "V6R",     "right mid-axillary line, level of V4R"),
    ("V7R",     "right",     "V7R",     "right posterior axillary line, level of V4R"),
    ("ILR",     "device",    "ILR",     "implantable loop recorder site, single electrode"),
];

/// Leads that are not one electrode against Wilson's terminal: name, group, place, weighted
/// electrodes.
#[rustfmt::skip]
pub(super) const BIPOLAR: [(&str, &str, &str, Terms); 25] = [
    ("X", "frank", "Frank X, right to left",            &[("Frank A", 0.610), ("Frank C", 0.171), ("Frank I", -0.781)]),
    ("Y", "frank", "Frank Y, head to foot",             &[("Frank F", 0.655), ("Frank M", 0.345), ("Frank H", -1.0)]),
    ("Z", "frank", "Frank Z, front to back",            &[("Frank A", 0.133), ("Frank M", 0.736), ("Frank I", -0.264), ("Frank E", -0.374), ("Frank C", -0.231)]),
    ("ES", "easi", "lower sternum − manubrium",         &[("EASI E", 1.0), ("EASI S", -1.0)]),
    ("AS", "easi", "left mid-axilla − manubrium",       &[("EASI A", 1.0), ("EASI S", -1.0)]),
    ("AI", "easi", "left − right mid-axilla",           &[("EASI A", 1.0), ("EASI I", -1.0)]),
    ("Lewis (S5)", "bipolar", "4th right space − manubrium, for P waves", &[("R4ICS", 1.0), ("manubrium", -1.0)]),
    ("Fontaine FI", "bipolar", "xiphoid − manubrium",   &[("xiphoid", 1.0), ("manubrium", -1.0)]),
    ("Fontaine FII", "bipolar", "V4 − manubrium",       &[("V4", 1.0), ("manubrium", -1.0)]),
    ("Fontaine FIII", "bipolar", "V4 − xiphoid",        &[("V4", 1.0), ("xiphoid", -1.0)]),
    ("CM5", "bipolar", "V5 − manubrium",                &[("V5", 1.0), ("manubrium", -1.0)]),
    ("CC5", "bipolar", "V5 − right anterior axilla",    &[("V5", 1.0), ("V5R", -1.0)]),
    ("CB5", "bipolar", "V5 − right scapula",            &[("V5", 1.0), ("R-scapula", -1.0)]),
    ("CM2", "bipolar", "V2 − manubrium",                &[("V2", 1.0), ("manubrium", -1.0)]),
    ("MCL1", "bipolar", "V1 − left infraclavicular",    &[("V1", 1.0), ("L-infraclav", -1.0)]),
    ("MCL6", "bipolar", "V6 − left infraclavicular",    &[("V6", 1.0), ("L-infraclav", -1.0)]),
    ("Nehb D", "bipolar", "Nehb dorsal",                &[("Nehb Nax", 1.0), ("Nehb Nst", -1.0)]),
    ("Nehb A", "bipolar", "Nehb anterior",              &[("Nehb Nap", 1.0), ("Nehb Nst", -1.0)]),
    ("Nehb J", "bipolar", "Nehb inferior",              &[("Nehb Nap", 1.0), ("Nehb Nax", -1.0)]),
    ("S-ICD primary", "device", "can − proximal ring B", &[("S-ICD can", 1.0), ("S-ICD prox(B)", -1.0)]),
    ("S-ICD secondary", "device", "can − distal tip A",  &[("S-ICD can", 1.0), ("S-ICD tip(A)", -1.0)]),
    ("S-ICD alternate", "device", "ring B − tip A",      &[("S-ICD prox(B)", 1.0), ("S-ICD tip(A)", -1.0)]),
    ("ILR parasternal", "device", "oblique between V2 and V3", &[("ILR2", 1.0), ("ILR", -1.0)]),
    ("ML-I", "limb", "Mason-Likar I",                   &[("L-infraclav", 1.0), ("R-infraclav", -1.0)]),
    ("ML-II", "limb", "Mason-Likar II",                 &[("R-costal-margin", 1.0), ("R-infraclav", -1.0)]),
];

/// Names of all leads, standard ones first.
pub(super) fn names() -> impl DoubleEndedIterator<Item = &'static str> {
    let limb = LIMB.iter().map(|row| row.0);
    let chest = CHEST.iter().map(|row| row.0);
    let unipolar = UNIPOLAR.iter().map(|row| row.0);
    limb.chain(chest)
        .chain(unipolar)
        .chain(BIPOLAR.iter().map(|row| row.0))
}
