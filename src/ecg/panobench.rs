//! The views of the published panorama (Panobench): 42 torso electrodes and the six limb leads.

use std::sync::LazyLock;

use super::{LeadName, Montage, Target, Terminal, site};

/// The 42 torso electrodes in the order of the published table, `view-1` to `view-42`, each against
/// Wilson's terminal, under their own names.
pub fn panobench_views() -> &'static [Montage] {
    static VIEWS: LazyLock<Vec<Montage>> = LazyLock::new(|| {
        let view = |number: usize| {
            let electrode = site(&format!("view-{number}"))?;
            let terms = vec![
                (Terminal::Site(&electrode.name), 1.0),
                (Terminal::Wilson, -1.0),
            ];
            Some(Montage {
                name: LeadName::Named(electrode.name.as_str().into()),
                group: "panobench",
                terms,
                place: "view of the panorama",
            })
        };
        (1..=42).filter_map(view).collect()
    });
    &VIEWS
}

/// What the panorama shows: the six limb leads, then the direction of each torso electrode, with
/// the names of the leads.
pub fn panorama_targets() -> Vec<(LeadName, Target)> {
    let limb = LeadName::TWELVE
        .into_iter()
        .filter(LeadName::is_limb)
        .filter_map(|name| Some((name.clone(), Target::lead(&name).ok()?)));
    let torso = panobench_views()
        .iter()
        .map(|view| (view.name.clone(), Target::View(view.view())));
    limb.chain(torso).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_eight_views() {
        let targets = panorama_targets();
        assert_eq!(targets.len(), 48);
        let names: Vec<String> = targets.iter().map(|it| it.0.to_string()).collect();
        assert_eq!((&*names[0], &*names[6]), ("I", "view-1"));
        assert_eq!((&*names[5], &*names[47]), ("aVF", "view-42"));
    }

    #[test]
    fn views_lie_where_their_electrodes_do() {
        for (number, view) in (1..).zip(panobench_views()) {
            assert_eq!(view.name.to_string(), format!("view-{number}"));
            let electrode = site(view.exploring_site().unwrap()).unwrap();
            assert_eq!(view.view(), electrode.view);
        }
    }
}
