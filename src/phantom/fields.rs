//! What electrodes see of the nodes of a heart's lattice.

/// The fields of electrode sites on a patient's lattice, `[site][3·node + axis]`.
pub(super) struct Fields {
    pub sites: Vec<String>,
    /// At mid-breath.
    pub middle: Vec<Vec<f32>>,
    /// Their change towards inspiration.
    pub breath: Vec<Vec<f32>>,
}

impl Fields {
    /// `at_breath` gives them at a depth of breath from −1 to 1.
    pub(super) fn new(sites: &[&str], at_breath: impl Fn(f64) -> Vec<Vec<f32>> + Sync) -> Self {
        let (out, inn) = rayon::join(|| at_breath(-1.0), || at_breath(1.0));
        let pairs = |mix: fn(f32, f32) -> f32| {
            let row = |(out, inn): (&Vec<f32>, &Vec<f32>)| {
                out.iter().zip(inn).map(|(a, b)| mix(*a, *b)).collect()
            };
            out.iter().zip(&inn).map(row).collect()
        };
        Self {
            sites: sites.iter().map(|it| (*it).to_owned()).collect(),
            middle: pairs(|out, inn| (out + inn) / 2.0),
            breath: pairs(|out, inn| (inn - out) / 2.0),
        }
    }
}
