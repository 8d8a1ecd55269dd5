//! The views beyond the eight leads that virtual patients show, and leads by number.

use std::sync::LazyLock;

use crate::{
    ecg::{LeadName, Montage, montage},
    phantom::dense_montages,
};

/// Groups of the catalogue that are asked for beyond the chest.
const GROUPS: [&str; 4] = ["high", "low", "posterior", "right"];
/// Of the Panobench positions, every so manyth is asked for.
const EVERY: usize = 3;

/// Views beyond the eight leads that virtual patients show: high, low, posterior and right leads,
/// and some Panobench positions.
pub(super) fn dense_views() -> &'static [&'static Montage] {
    static VIEWS: LazyLock<Vec<&'static Montage>> = LazyLock::new(|| {
        let named = dense_montages()
            .iter()
            .filter(|it| GROUPS.contains(&it.group));
        // Views 4, 34 and 39 are the electrodes of I and II themselves.
        let limb = |it: &&Montage| {
            ["view-4", "view-34", "view-39"]
                .iter()
                .any(|name| it.name.to_string() == *name)
        };
        let positions = dense_montages()
            .iter()
            .filter(|it| it.group == "panobench")
            .filter(|it| !limb(it))
            .step_by(EVERY);
        named.chain(positions).collect()
    });
    &VIEWS
}

/// A lead by number: those of [`LeadName::EIGHT`], then the dense views.
pub(super) fn numbered(lead: usize) -> Option<&'static Montage> {
    match LeadName::EIGHT.get(lead) {
        Some(name) => montage(name),
        None => dense_views().get(lead - LeadName::EIGHT.len()).copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_after_the_eight() {
        let dense = dense_views();
        assert!(25 <= dense.len());
        assert_eq!(numbered(3).unwrap().name, LeadName::V2);
        assert_eq!(numbered(8).unwrap().name, dense[0].name);
        assert!(numbered(8 + dense.len()).is_none());
        let limbs = ["view-4", "view-34", "view-39"];
        let is_limb = |name: &LeadName| limbs.contains(&name.to_string().as_str());
        assert!(dense.iter().all(|it| !is_limb(&it.name)));
    }
}
