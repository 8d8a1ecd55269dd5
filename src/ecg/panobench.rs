//! The electrodes of the published panorama (Panobench).

use std::sync::LazyLock;

use super::{LeadName, Montage, Terminal, site};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_lie_where_their_electrodes_do() {
        assert_eq!(panobench_views().len(), 42);
        for (number, view) in (1..).zip(panobench_views()) {
            assert_eq!(view.name.to_string(), format!("view-{number}"));
            let electrode = site(view.exploring_site().unwrap()).unwrap();
            assert_eq!(view.view(), electrode.view);
        }
    }
}
