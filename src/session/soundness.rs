//! What a number, a list or a text of a saved file may be: checked once, before anything uses it.
//! A session is a file like any other, and may be damaged or meant to harm.

use std::f64::consts::PI;

use super::{
    document::{Caliper, Document, SourceRef},
    read_as::ReadAs,
};
use crate::{
    ecg::{LeadName, Target, ViewAngle},
    signal::Exchange,
};

/// Longest recording that a page may start in, seconds: a year.
const LONGEST_S: f64 = 3.2e7;
/// Leads, calipers, electrodes, notes, reasons: more of one kind nobody has.
const MOST: usize = 500;
/// Letters of a report.
const LONGEST_REPORT: usize = 20_000;
/// Letters of one name or remark.
const LONGEST_TEXT: usize = 1000;

/// What is wrong with a saved file.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{place}: found {found}, expected {expected}")]
pub struct Unsound {
    pub(super) place: &'static str,
    found: String,
    expected: String,
}

impl Unsound {
    pub(super) fn new(place: &'static str, found: impl ToString, expected: impl ToString) -> Self {
        Self {
            place,
            found: found.to_string(),
            expected: expected.to_string(),
        }
    }
}

pub(super) type Check = Result<(), Unsound>;

pub(super) fn within(place: &'static str, value: f64, [least, most]: [f64; 2]) -> Check {
    let is_within = least <= value && value <= most; // NaN is not.
    let range = || format!("{least} to {most}");
    is_within
        .then_some(())
        .ok_or_else(|| Unsound::new(place, format!("{value:?}"), range()))
}

pub(super) fn few(place: &'static str, count: usize) -> Check {
    let expected = || format!("at most {MOST}");
    (count <= MOST)
        .then_some(())
        .ok_or_else(|| Unsound::new(place, count, expected()))
}

pub(super) fn text(place: &'static str, text: &str) -> Check {
    let is_short = text.len() <= LONGEST_TEXT;
    let is_plain = !text.chars().any(char::is_control);
    let expected = || format!("at most {LONGEST_TEXT} bytes without control characters");
    (is_short && is_plain)
        .then_some(())
        .ok_or_else(|| Unsound::new(place, format!("{} bytes", text.len()), expected()))
}

pub(super) fn name(place: &'static str, name: &LeadName) -> Check {
    text(place, &name.to_string())
}

fn view(place: &'static str, view: ViewAngle) -> Check {
    const LAST_BIT: f64 = 1e-9; // What JSON may cost.
    within(place, view.theta_rad(), [-LAST_BIT, PI + LAST_BIT])?;
    within(place, view.phi_rad(), [-PI - LAST_BIT, PI + LAST_BIT])
}

pub(super) fn target(place: &'static str, target: &Target) -> Check {
    match target {
        Target::View(direction) => view(place, *direction),
        Target::Lead(_) => Ok(()),
    }
}

pub(super) fn each<'a, T: 'a>(
    items: impl IntoIterator<Item = &'a T>,
    check: fn(&T) -> Check,
) -> Check {
    items.into_iter().try_for_each(check)
}

impl Document {
    /// Whether every number and list is one that the program could have written.
    pub fn check(&self) -> Check {
        within("paper speed, mm/s", self.page.speed_mm_s, [1.0, 500.0])?;
        within("gain, mm/mV", self.page.gain_mm_mv, [0.5, 200.0])?;
        within("start, s", self.window_start_s, [0.0, LONGEST_S])?;
        let filters = &self.filters;
        let corners = [filters.high_pass_hz, filters.low_pass_hz, filters.notch_hz];
        each(corners.iter().flatten(), |hz| {
            within("filter, Hz", *hz, [1e-3, 1e5])
        })?;
        view("point", self.point)?;
        each(&self.preset, |lead| name("preset", lead))?;
        few("electrodes", self.electrodes.len())?;
        each(&self.electrodes, |(lead, place)| {
            name("electrode", lead)?;
            view("electrode", *place)
        })?;
        each(&self.exchange_undone, |exchange| {
            let is_known = Exchange::all().any(|it| it == *exchange);
            let expected = "electrodes that can be changed back";
            let fault = || Unsound::new("exchange", exchange, expected);
            is_known.then_some(()).ok_or_else(fault)
        })?;
        self.check_leads()?;
        few("calipers", self.calipers.len())?;
        each(&self.calipers, caliper)?;
        few("beats", self.beats.len())?;
        each(&self.beats, |mark| {
            within("beat, s", mark.time_s, [-LONGEST_S, LONGEST_S])
        })?;
        report(&self.report)?;
        each(&self.source, |source| match source {
            SourceRef::File {
                path,
                sha256,
                read_as,
            } => {
                let path = path.to_string_lossy();
                text("hash of the recording", sha256)?;
                declared(read_as)?;
                let expected = "at most 32 KiB";
                (path.len() <= 1 << 15)
                    .then_some(())
                    .ok_or_else(|| Unsound::new("path", path.len(), expected))
            }
            SourceRef::Demo { name } => text("demo", name),
            SourceRef::Simulated { heart } => heart
                .is_sound()
                .then_some(())
                .ok_or_else(|| Unsound::new("simulated heart", "one out of bounds", "a heart")),
        })
    }

    fn check_leads(&self) -> Check {
        few("virtual leads", self.virtual_leads.len())?;
        let mut ids: Vec<u32> = self.virtual_leads.iter().map(|lead| lead.id).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair[0] == pair[1]) || ids.last() == Some(&u32::MAX) {
            return Err(Unsound::new(
                "virtual leads",
                "an id twice",
                "ids of their own",
            ));
        }
        each(&self.virtual_leads, |lead| {
            target("virtual lead", &lead.target)?;
            each(&lead.name, |own| text("name of a virtual lead", own))
        })
    }
}

fn declared(read_as: &ReadAs) -> Check {
    each(&read_as.rate_hz, |hz| within("rate, Hz", *hz, [0.1, 1e5]))?;
    few("names of leads", read_as.leads.len())?;
    each(&read_as.leads, |(found, is)| {
        name("name of a lead", found)?;
        name("name of a lead", is)
    })
}

/// Words of several lines.
fn report(words: &str) -> Check {
    let is_plain = words
        .lines()
        .flat_map(str::chars)
        .all(|letter| !letter.is_control());
    let expected = format!("at most {LONGEST_REPORT} bytes without control characters");
    (is_plain && words.len() <= LONGEST_REPORT)
        .then_some(())
        .ok_or_else(|| Unsound::new("report", format!("{} bytes", words.len()), expected))
}

fn caliper(caliper: &Caliper) -> Check {
    name("caliper", &caliper.lead)?;
    let range = [-LONGEST_S, LONGEST_S];
    for time_s in caliper.times_s {
        within("caliper, s", time_s, range)?;
    }
    for level_mv in caliper.levels_mv {
        within("caliper, mV", level_mv, [-1e6, 1e6])?;
    }
    Ok(())
}
