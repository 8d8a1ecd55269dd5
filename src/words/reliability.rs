//! How far a synthesised lead can be relied on: grades, reasons, warnings.

use super::{Label, Translator};
use crate::{
    ecg::Target,
    reliability::{Feature, Grade, Half, MissedSign, Nearest, Reason, Warning},
    synth::WaveErrors,
};

/// What a synthesised lead of this place does not exclude, however it looks.
fn not_excluded(target: &Target) -> Option<Label> {
    match target {
        Target::Lead(lead) => match lead.group {
            "high" => Some(Label::NotExcludeBrugada),
            "posterior" => Some(Label::NotExcludePosterior),
            "right" => Some(Label::NotExcludeRight),
            _ => None,
        },
        Target::View(_) => None,
    }
}

impl Translator {
    /// What a grade means.
    pub fn grade(self, grade: Grade) -> &'static str {
        self.tr(match grade {
            Grade::A => Label::GradeA,
            Grade::B => Label::GradeB,
            Grade::C => Label::GradeC,
            Grade::NotSupported => Label::NotSupported,
        })
    }

    /// What stands beside the name of a synthesised lead: where it is, how far it may err, its grade
    /// where that is known, and what it does not exclude.
    pub fn lead_note(
        self,
        target: &Target,
        (expected_rmse_uv, by_wave): (f64, Option<&WaveErrors>),
        grade: Option<Grade>,
    ) -> String {
        let (place, view) = match target {
            Target::Lead(lead) => (
                Some(self.lead_place(lead).to_owned()),
                target.exploring_view(),
            ),
            Target::View(_) => (None, None),
        };
        let error = by_wave.map_or_else(
            || format!("± {} µV", self.number(expected_rmse_uv, 0)),
            |errors| format!("± {}", self.error_by_wave(errors)),
        );
        let grade = grade.map(|grade| match grade {
            Grade::NotSupported => self.tr(Label::NotSupported).to_owned(),
            Grade::A | Grade::B | Grade::C => format!("{} {grade}", self.tr(Label::Grade)),
        });
        let open = not_excluded(target).map(|label| self.tr(label).to_owned());
        let view = view.map(|view| view.to_string());
        let parts = [place, view, Some(error), grade, open];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// The error to expect wave by wave, short.
    pub fn error_by_wave(self, errors: &WaveErrors) -> String {
        let [qrs, st, t, _] = errors.each().map(|uv| self.number(uv, 0));
        format!("QRS {qrs} · ST {st} · T {t} µV")
    }

    /// Why a lead has its grade, as a sentence.
    pub fn reason(self, reason: &Reason) -> String {
        let uv = |value: f64| self.number(value, 0);
        match reason {
            Reason::Exact => self.tr(Label::ReasonExact).to_owned(),
            Reason::ExpectedError { rmse_uv, by_wave } => {
                let [qrs, st, t, _] = by_wave.each().map(uv);
                self.fill(Label::ReasonExpectedError, &[&uv(*rmse_uv), &qrs, &st, &t])
            }
            Reason::NeighbourFails { lead, rmse_uv } => {
                let lead = lead.to_string();
                self.fill(Label::ReasonNeighbourFails, &[&lead, &uv(*rmse_uv)])
            }
            Reason::AsMuchAsItself { rms_uv } => {
                self.fill(Label::ReasonAsMuchAsItself, &[&uv(*rms_uv)])
            }
            Reason::ShareOfItself { share, rms_uv } => {
                let percent = self.number(100.0 * share, 0);
                self.fill(Label::ReasonShareOfItself, &[&percent, &uv(*rms_uv)])
            }
            Reason::Near(nearest) => self.distance(Label::ReasonNear, nearest),
            Reason::Far(nearest) => self.distance(Label::ReasonFar, nearest),
            Reason::NoChestElectrode => self.tr(Label::ReasonNoChestElectrode).to_owned(),
            Reason::OnTheBack => self.tr(Label::ReasonPosterior).to_owned(),
            Reason::OutsideMeasurements => self.tr(Label::ReasonOutside).to_owned(),
            Reason::VeryFewLeads { recorded } => {
                self.fill(Label::ReasonFewLeads, &[&recorded.to_string()])
            }
            Reason::OwnErrors { median_uv } => {
                self.fill(Label::ReasonOwnErrors, &[&uv(*median_uv)])
            }
            Reason::Warning(warning) => self.warning(warning),
        }
    }

    fn distance(self, label: Label, nearest: &Nearest) -> String {
        let (degrees, cm) = (self.number(nearest.degrees, 0), self.number(nearest.cm, 0));
        self.fill(label, &[&degrees, &cm, &nearest.lead.to_string()])
    }

    /// What calls for caution, as a sentence.
    pub fn warning(self, warning: &Warning) -> String {
        let fill = |label, values: &[&str]| self.fill(label, values);
        let whole = |value: f64| self.number(value, 0);
        match warning {
            Warning::FewLeads { recorded } => fill(Label::WarnFewLeads, &[&recorded.to_string()]),
            Warning::Flat { lead } => fill(Label::WarnFlat, &[&lead.to_string()]),
            Warning::Gaps { lead } => fill(Label::WarnGaps, &[&lead.to_string()]),
            Warning::TestedOnLearned { seconds } => {
                fill(Label::WarnTestedOnLearned, &[&self.number(*seconds, 1)])
            }
            Warning::Short { seconds } => fill(Label::WarnShort, &[&self.number(*seconds, 1)]),
            Warning::LowRate { hz } => fill(Label::WarnLowRate, &[&whole(*hz)]),
            Warning::ElectrodeMoved {
                lead,
                down_deg,
                left_deg,
                is_applied,
            } => {
                let label = match is_applied {
                    true => Label::WarnMovedAndTaken,
                    false => Label::WarnMoved,
                };
                let down = self.along(*down_deg, [Label::DegreesDown, Label::DegreesUp]);
                let left = self.along(*left_deg, [Label::DegreesLeft, Label::DegreesRight]);
                fill(label, &[&lead.to_string(), &down, &left])
            }
            Warning::FewBeats { beats } => fill(Label::WarnFewBeats, &[&beats.to_string()]),
            Warning::Noise {
                noise_uv,
                signal_uv,
            } => fill(Label::WarnNoise, &[&whole(*noise_uv), &whole(*signal_uv)]),
            Warning::NoiseInOneHalf {
                half,
                most_uv,
                leads,
            } => {
                let label = match half {
                    Half::Learned => Label::WarnNoiseWhileLearning,
                    Half::Tested => Label::WarnNoiseWhileTesting,
                };
                fill(label, &[&whole(*most_uv), &self.lead_list(leads)])
            }
            Warning::WideComplexes { qrs_ms } => fill(Label::WarnWideQrs, &[&whole(*qrs_ms)]),
            Warning::LowPass { hz } => fill(Label::WarnLowPass, &[&whole(*hz)]),
            Warning::HighPass { hz } => {
                let decimals = if *hz < 0.1 { 2 } else { 1 };
                fill(Label::WarnHighPass, &[&self.number(*hz, decimals)])
            }
            Warning::Age { years } => fill(Label::WarnAge, &[&whole(*years)]),
            Warning::Posterior { phi_deg } => fill(Label::WarnPosterior, &[&whole(*phi_deg)]),
            Warning::Outside => self.tr(Label::WarnOutside).to_owned(),
            Warning::NotExcluded { sign } => {
                let label = match sign {
                    MissedSign::Brugada => Label::WarnBrugadaNotExcluded,
                    MissedSign::Posterior => Label::WarnPosteriorNotExcluded,
                };
                self.tr(label).to_owned()
            }
            Warning::SmallComplexes { qrs_uv } => fill(Label::WarnLowAmplitude, &[&whole(*qrs_uv)]),
            Warning::Sign(sign) => self.sign(sign),
        }
    }

    /// Degrees along an axis: its positive and its negative direction in words.
    fn along(self, degrees: f64, [positive, negative]: [Label; 2]) -> String {
        let label = if degrees < 0.0 { negative } else { positive };
        self.fill(label, &[&self.number(degrees.abs(), 0)])
    }

    /// What a reader measures, and its unit.
    pub fn feature(self, feature: Feature) -> (&'static str, &'static str) {
        match feature {
            Feature::J => ("J", "µV"),
            Feature::J60 => ("J+60", "µV"),
            Feature::J80 => ("J+80", "µV"),
            Feature::R => ("R", "µV"),
            Feature::QOrS => (self.tr(Label::QOrS), "µV"),
            Feature::QrsArea => (self.tr(Label::QrsArea), "µV·ms"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::check, *};
    use crate::{ecg::LeadName, signal::Sign};

    #[test]
    fn reasons_in_five_languages() {
        let check = |reason: Reason, english: &str, german: &str| {
            check(|translator| translator.reason(&reason), english, german);
        };
        check(
            Reason::ExpectedError {
                rmse_uv: 41.0,
                by_wave: WaveErrors::of([83.0, 20.0, 36.0, 10.0]),
            },
            "an error of 41 µV is to be expected: in QRS 83, in ST 20, in T 36",
            "ein Fehler von 41 µV ist zu erwarten: in QRS 83, in ST 20, in T 36",
        );
        check(
            Reason::Far(Nearest {
                lead: LeadName::V6,
                degrees: 58.4,
                cm: 14.6,
            }),
            "58° (15 cm) from the nearest recorded electrode, V6",
            "58° (15 cm) von der nächsten aufgezeichneten Elektrode, V6",
        );
        check(
            Reason::Warning(Warning::Sign(Sign::Paced { beats: 9, of: 10 })),
            "pacing spikes before 9 of 10 beats",
            "Schrittmacherspikes vor 9 von 10 Schlägen",
        );
    }

    #[test]
    fn warnings_in_five_languages() {
        let check = |warning: Warning, english: &str, german: &str| {
            check(|translator| translator.warning(&warning), english, german);
        };
        check(
            Warning::ElectrodeMoved {
                lead: LeadName::V1,
                down_deg: -22.0,
                left_deg: 3.0,
                is_applied: true,
            },
            "V1 looks as if recorded 22° up and 3° to the left of its place, and is taken to sit there",
            "V1 sieht aus wie 22° höher und 3° weiter links von seinem Ort aufgezeichnet, und wird als dort sitzend behandelt",
        );
        check(
            Warning::HighPass { hz: 0.5 },
            "high-pass of 0.5 Hz in the recording: ST segments may be displaced",
            "Hochpass von 0,5 Hz in der Aufzeichnung: ST-Strecken können verschoben sein",
        );
        check(
            Warning::NoiseInOneHalf {
                half: Half::Tested,
                most_uv: 48.0,
                leads: vec![LeadName::V2],
            },
            "noise of up to 48 µV only in the seconds tested, in V2",
            "Rauschen bis 48 µV nur in den Sekunden der Prüfung, in V2",
        );
    }
}
