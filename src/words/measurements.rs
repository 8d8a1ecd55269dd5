//! The table of measurements, in words.

use super::{Label, Translator};
use crate::{
    ecg::vec3::{Vec3, norm},
    signal::{
        Intervals, LeadMeasurements, Measurements, TEnd, TPolarity, VectorBeat, frontal_axis_deg,
    },
};

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

    /// What is read from the loops of a beat: QRS, T and the angle between them.
    pub fn vector_figures(self, beat: &VectorBeat) -> [String; 3] {
        let wave = |name: &str, vector: Vec3| {
            let size = self.number(norm(vector), 1);
            let axis = self.signed(frontal_axis_deg(vector), 0);
            self.fill(Label::WaveVector, &[name, &size, &axis])
        };
        let angle = self.number(beat.qrs_t_angle_deg(), 0);
        [
            wave("QRS", beat.qrs),
            wave("T", beat.t_wave),
            self.fill(Label::QrsTAngle, &[&angle]),
        ]
    }

    /// Heads of the columns of [`Self::lead_row`]; amplitudes are µV, lengths ms.
    pub const LEAD_COLUMNS: [&'static str; 13] = [
        "", "P", "Q", "Q ms", "R", "R ms", "S", "R′", "S′", "J", "J+60", "J+80", "T",
    ];

    /// What the recording device itself measured, where that is further from the table than twice the
    /// standard deviation of our own against readers (`docs/measurements.md`): a reader must know both.
    /// `None` where it agrees or says nothing.
    pub fn cart_differs(self, table: &Measurements, cart: &Intervals) -> Option<String> {
        let figures = [
            ("QT", "ms", table.qt_ms, cart.qt_ms, 30.0),
            ("QRS", "ms", table.qrs_ms, cart.qrs_ms, 20.0),
            ("PR", "ms", table.pr_ms, cart.pr_ms, 12.0),
            (
                self.tr(Label::HeartRate),
                "/min",
                table.heart_rate_bpm,
                cart.heart_rate_bpm,
                5.0,
            ),
        ];
        let differs =
            |(name, unit, own, cart, least): (&str, &str, Option<f64>, Option<f64>, f64)| {
                let cart = cart.filter(|cart| own.is_none_or(|own| least <= (own - cart).abs()))?;
                Some(format!("{name} {} {unit}", self.number(cart, 0)))
            };
        let said: Vec<String> = figures.into_iter().filter_map(differs).collect();
        (!said.is_empty()).then(|| self.fill(Label::CartSays, &[&said.join(", ")]))
    }

    /// That beats were set by hand: how many were put in, struck out, left out of the median beat.
    pub fn beats_by_hand(self, counts: [usize; 3]) -> String {
        let [added, removed, excluded] = counts.map(|count| count.to_string());
        self.fill(Label::BeatsByHand, &[&added, &removed, &excluded])
    }

    /// One lead of the table; the error of a synthesised lead stands beside its name.
    pub fn lead_row(self, lead: &LeadMeasurements) -> [String; 13] {
        let whole = |value: Option<f64>| {
            value.map_or_else(|| "–".to_owned(), |value| self.number(value, 0))
        };
        let name = match (lead.synthesised, lead.error_uv) {
            (false, _) => lead.lead.to_string(),
            (true, None) => lead.lead.synthesised_label(),
            (true, Some(uv)) => {
                let (label, uv) = (lead.lead.synthesised_label(), self.number(uv, 0));
                format!("{label} ± {uv} µV")
            }
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
            whole(lead.s_prime_uv),
            whole(lead.st_j_uv),
            whole(lead.st_j60_uv),
            whole(lead.st_j80_uv),
            format!("{}{shape}", whole(lead.t_uv)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::check, *};
    use crate::{
        ecg::{Lead, LeadName, LeadSet, SampleRate},
        signal::analyse,
    };

    #[test]
    fn axes_are_read_as_in_the_clinic() {
        let beat = VectorBeat {
            path: Vec::new(),
            now: None,
            qrs: [0.0, 1.0, -1.0],
            t_wave: [0.0, 0.3, -0.3],
        };
        // Leftward and downward is +45°; T along QRS makes no angle.
        check(
            |translator| translator.vector_figures(&beat).join(", "),
            "QRS 1.4 mV · axis +45°, T 0.4 mV · axis +45°, QRS–T angle 0°",
            "QRS 1,4 mV · Achse +45°, T 0,4 mV · Achse +45°, QRS-T-Winkel 0°",
        );
    }

    #[test]
    fn what_the_cart_measured_is_said_where_it_differs() {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let lead = Lead::measured(LeadName::II, vec![0.0; 500]);
        let found = analyse(&LeadSet::new(rate, vec![lead]).unwrap());
        let table = Measurements {
            qt_ms: Some(440.0),
            qrs_ms: Some(90.0),
            ..Measurements::of(&found)
        };
        let cart = |qt_ms, qrs_ms| Intervals {
            qt_ms,
            qrs_ms,
            ..Intervals::default()
        };
        let say = |cart: Intervals| Translator::default().cart_differs(&table, &cart);
        assert_eq!(say(cart(Some(415.0), Some(98.0))), None);
        assert_eq!(say(Intervals::default()), None);
        check(
            |translator| {
                translator
                    .cart_differs(&table, &cart(Some(404.0), None))
                    .unwrap()
            },
            "the device itself measured QT 404 ms",
            "das Gerät selbst maß QT 404 ms",
        );
    }
}
