//! The table of measurements, in words.

use super::{Label, Translator};
use crate::signal::{LeadMeasurements, Measurements, TEnd, TPolarity};

impl Translator {
    /// Intervals, axes and sums: name, and value with its unit. What could not be measured is a
    /// dash.
    pub fn measurements(self, table: &Measurements) -> Vec<(String, String)> {
        let with = |value: Option<f64>, unit: &str| {
            value.map_or_else(
                || "–".to_owned(),
                |value| format!("{} {unit}", self.number(value, 0)),
            )
        };
        let ms = |name: &str, value| (name.to_owned(), with(value, "ms"));
        let mv = |name: &str, uv: Option<f64>| {
            let value = uv.map(|uv| format!("{} mV", self.number(uv / 1000.0, 2)));
            (name.to_owned(), value.unwrap_or_else(|| "–".to_owned()))
        };
        let axis = |wave: &str, degrees: Option<f64>| {
            let value = degrees.map(|degrees| format!("{}°", self.number(degrees, 0)));
            let name = self.fill(Label::AxisOf, &[wave]);
            (name, value.unwrap_or_else(|| "–".to_owned()))
        };
        let transition = table.transition.as_ref();
        vec![
            (
                self.tr(Label::HeartRate).to_owned(),
                with(table.heart_rate_bpm, "/min"),
            ),
            ms("PR", table.pr_ms),
            ms("QRS", table.qrs_ms),
            match table.qtc_of {
                TEnd::Threshold => ms("QT", table.qt_ms),
                TEnd::Tangent => ms("QT tan", table.qt_tangent_ms),
            },
            ms("QTcF", table.qtc_fridericia_ms),
            axis("QRS", table.qrs_axis_deg),
            ms("P", table.p_ms),
            axis("P", table.p_axis_deg),
            axis("T", table.t_axis_deg),
            ms("QTcB", table.qtc_bazett_ms),
            ms("QTcFra", table.qtc_framingham_ms),
            ms("QTcH", table.qtc_hodges_ms),
            ms("RR", table.rr_ms),
            ms("RR SD", table.rr_sd_ms),
            mv("SV1 + RV5/6", table.sokolow_lyon_uv),
            mv("RaVL + SV3", table.cornell_uv),
            (
                self.tr(Label::Transition).to_owned(),
                transition.map_or_else(|| "–".to_owned(), ToString::to_string),
            ),
        ]
    }

    /// Heads of the columns of [`Self::lead_row`]; amplitudes are µV, lengths ms.
    pub const LEAD_COLUMNS: [&'static str; 12] = [
        "", "P", "Q", "Q ms", "R", "R ms", "S", "R′", "J", "J+60", "J+80", "T",
    ];

    /// That beats were set by hand: how many were put in, struck out, left out of the median beat.
    pub fn beats_by_hand(self, counts: [usize; 3]) -> String {
        let [added, removed, excluded] = counts.map(|count| count.to_string());
        self.fill(Label::BeatsByHand, &[&added, &removed, &excluded])
    }

    /// One lead of the table; the error of a synthesised lead stands beside its name.
    pub fn lead_row(self, lead: &LeadMeasurements) -> [String; 12] {
        let whole = |value: Option<f64>| {
            value.map_or_else(|| "–".to_owned(), |value| self.number(value, 0))
        };
        let name = match (lead.synthesised, lead.error_uv) {
            (false, _) => lead.lead.to_string(),
            (true, None) => format!("d{}", lead.lead),
            (true, Some(uv)) => format!("d{} ± {} µV", lead.lead, self.number(uv, 0)),
        };
        let shape = match lead.t_polarity {
            Some(TPolarity::Biphasic) => " ±",
            _ => "",
        };
        [
            name,
            whole(lead.p_uv),
            whole(lead.q_uv),
            whole(lead.q_ms),
            whole(lead.r_uv),
            whole(lead.r_ms),
            whole(lead.s_uv),
            whole(lead.r_prime_uv),
            whole(lead.st_j_uv),
            whole(lead.st_j60_uv),
            whole(lead.st_j80_uv),
            format!("{}{shape}", whole(lead.t_uv)),
        ]
    }
}
