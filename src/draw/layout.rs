//! How leads are laid out on paper: rows of slots.

use super::Others;
use crate::ecg::{Lead, LeadName, LeadSet, PageLayout, PaperSettings};

/// Place for one lead.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Slot {
    /// Which lead.
    pub name: LeadName,
    /// What to write at the trace.
    pub label: String,
    /// 1, or −1 for Cabrera's −aVR.
    pub sign: f32,
    /// Whether the recording has the lead.
    pub present: bool,
}

impl Slot {
    fn of(lead: &Lead) -> Self {
        Self {
            name: lead.name.clone(),
            label: lead.label(),
            sign: 1.0,
            present: true,
        }
    }

    fn named(leads: &LeadSet, name: &LeadName) -> Self {
        leads.get(name).map_or_else(
            || Self {
                name: name.clone(),
                label: name.to_string(),
                sign: 1.0,
                present: false,
            },
            Self::of,
        )
    }

    fn inverted(self) -> Self {
        Self {
            label: format!("−{}", self.label),
            sign: -self.sign,
            ..self
        }
    }
}

/// Fewer standard leads than this, and each recorded lead gets a row instead of the grid of twelve.
const LEAST_FOR_GRID: usize = 7;
/// Rows that such a listing has at most.
const MOST_LISTED: usize = 24;

/// Slots that share the width.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SlotRow {
    /// From left to right.
    pub slots: Vec<Slot>,
    /// Whether it belongs on the sheet of the row above it.
    pub goes_with_above: bool,
}

/// The grid of the twelve, rhythm rows, then a row for each synthesised lead and, where they are
/// shown, for each other recorded one. A few leads are listed
/// in their own order: what is synthesised there belongs with what is recorded above it.
pub(super) fn rows(leads: &LeadSet, settings: &PaperSettings, others: Others) -> Vec<SlotRow> {
    let is_synthesised = |lead: &Lead| lead.origin.is_synthesised();
    let standard = leads.leads().iter().filter(|lead| lead.name.is_standard());
    let n_recorded = standard
        .clone()
        .filter(|lead| !is_synthesised(lead))
        .count();
    // An exam whose electrodes all sit elsewhere than they were: the page of the machine.
    let is_all_elsewhere = n_recorded == 0 && LEAST_FOR_GRID <= standard.count();
    let row = |lead: &Lead, goes_with_above| SlotRow {
        slots: vec![Slot::of(lead)],
        goes_with_above,
    };
    if n_recorded < LEAST_FOR_GRID && !is_all_elsewhere {
        let mut recorded = 0;
        let is_listed = |lead: &&Lead| {
            recorded += usize::from(!is_synthesised(lead));
            is_synthesised(lead) || recorded <= MOST_LISTED
        };
        let listed = leads.leads().iter().filter(is_listed);
        return listed.map(|lead| row(lead, is_synthesised(lead))).collect();
    }
    let grid = grid(leads, settings).into_iter().enumerate();
    let has_others = others == Others::Shown || settings.layout == PageLayout::TwelveByOne;
    let is_beyond = |lead: &&Lead| is_synthesised(lead) || has_others && !lead.name.is_standard();
    let is_in_grid = |lead: &&Lead| is_all_elsewhere && lead.name.is_standard();
    let beyond = leads.leads().iter().filter(is_beyond);
    let beyond = beyond.filter(|lead| !is_in_grid(lead));
    grid.map(|(idx, slots)| SlotRow {
        slots,
        goes_with_above: 0 < idx,
    })
    .chain(beyond.map(|lead| row(lead, false)))
    .collect()
}

/// The twelve in their order on paper; Cabrera's has −aVR between I and II.
fn twelve(leads: &LeadSet, is_cabrera: bool) -> Vec<Slot> {
    use LeadName::{AVF, AVL, AVR, I, II, III};
    let order = if is_cabrera {
        [AVL, I, AVR, II, AVF, III]
    } else {
        [I, II, III, AVR, AVL, AVF]
    };
    let slot = |name: &LeadName| {
        let slot = Slot::named(leads, name);
        if is_cabrera && *name == AVR {
            slot.inverted()
        } else {
            slot
        }
    };
    order.iter().chain(&LeadName::CHEST).map(slot).collect()
}

fn grid(leads: &LeadSet, settings: &PaperSettings) -> Vec<Vec<Slot>> {
    let twelve = twelve(leads, settings.cabrera);
    let columns = settings.layout.columns();
    let n_rows = twelve.len() / columns;
    let row = |r: usize| {
        (0..columns)
            .map(|c| twelve[c * n_rows + r].clone())
            .collect()
    };
    let rhythm = settings
        .layout
        .rhythm()
        .iter()
        .filter(|it| leads.get(it).is_some());
    (0..n_rows)
        .map(row)
        .chain(rhythm.map(|it| vec![Slot::named(leads, it)]))
        .collect()
}

/// Recorded leads beyond the twelve.
pub(super) fn others(leads: &LeadSet) -> impl Iterator<Item = &Lead> {
    leads
        .leads()
        .iter()
        .filter(|it| !it.name.is_standard() && !it.origin.is_synthesised())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::SampleRate;

    fn twelve(extra: &[&str]) -> LeadSet {
        let names = LeadName::TWELVE
            .into_iter()
            .chain(extra.iter().map(|it| LeadName::parse(it)));
        let leads = names.map(|it| Lead::measured(it, vec![0.0; 10])).collect();
        LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap()
    }

    fn labels(leads: &LeadSet, layout: PageLayout, cabrera: bool) -> String {
        let settings = PaperSettings {
            layout,
            cabrera,
            ..Default::default()
        };
        rows(leads, &settings, Others::Named)
            .iter()
            .map(|row| {
                row.slots
                    .iter()
                    .map(|it| it.label.as_str())
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect::<Vec<_>>()
            .join(" / ")
    }

    #[test]
    fn arrangements() {
        let leads = twelve(&["X"]);
        assert_eq!(
            labels(&leads, PageLayout::ThreeByFourPlus1, false),
            "I aVR V1 V4 / II aVL V2 V5 / III aVF V3 V6 / II"
        );
        assert_eq!(
            labels(&leads, PageLayout::ThreeByFourPlus3, true),
            "aVL II V1 V4 / I aVF V2 V5 / −aVR III V3 V6 / V1 / II / V5"
        );
        assert_eq!(
            labels(&leads, PageLayout::SixByTwo, false),
            "I V1 / II V2 / III V3 / aVR V4 / aVL V5 / aVF V6"
        );
        assert!(labels(&leads, PageLayout::TwelveByOne, false).ends_with("/ V6 / X"));
    }

    #[test]
    fn leads_that_were_chosen_all_have_a_row() {
        let leads = twelve(&["V7", "V8"]);
        let rows = rows(&leads, &PaperSettings::default(), Others::Shown);
        let last: Vec<&str> = rows[4..]
            .iter()
            .map(|row| row.slots[0].label.as_str())
            .collect();
        assert_eq!(last, ["V7", "V8"]);
    }

    #[test]
    fn twelve_leads_of_electrodes_elsewhere_are_a_page_of_their_own() {
        let elsewhere = |lead: &Lead| Lead {
            origin: crate::ecg::Origin::Synthesised {
                view: crate::ecg::ViewAngle::ANTERIOR,
                by: "a test".into(),
            },
            ..lead.clone()
        };
        let right = twelve(&[]);
        let leads = right.leads().iter().map(elsewhere).collect();
        let leads = LeadSet::new(right.rate(), leads).unwrap();
        assert_eq!(
            labels(&leads, PageLayout::ThreeByFour, false),
            "dI daVR dV1 dV4 / dII daVL dV2 dV5 / dIII daVF dV3 dV6"
        );
    }

    #[test]
    fn few_leads_are_listed() {
        let leads = LeadSet::new(
            SampleRate::from_hz(250.0).unwrap(),
            vec![Lead::measured(LeadName::V5, vec![0.0; 9])],
        )
        .unwrap();
        assert_eq!(labels(&leads, PageLayout::ThreeByFourPlus1, true), "V5");
    }
}
