//! Electrodes elsewhere, and what is said of the leads that they give.

use super::{Label, Translator};
use crate::{
    ecg::{LeadName, PlacementError},
    signal::Sign,
};

impl Translator {
    /// What went wrong.
    pub fn placement_error(self, error: &PlacementError) -> String {
        let label = match error {
            PlacementError::SecondSpace => Label::PlacementSecondSpace,
            PlacementError::ThirdSpace => Label::PlacementThirdSpace,
            PlacementError::Arms => Label::ArmsExchanged,
            PlacementError::RightArmLeftLeg => Label::RightArmLeftLegExchanged,
            PlacementError::MasonLikar => Label::PlacementMasonLikar,
            PlacementError::Off(lead) => {
                return self.fill(Label::PlacementOff, &[&lead.to_string()]);
            }
            PlacementError::Moved { electrode, worn_at } => {
                let [electrode, worn_at] = [electrode, worn_at].map(ToString::to_string);
                return self.fill(Label::PlacementMoved, &[&electrode, &worn_at]);
            }
        };
        self.tr(label).to_owned()
    }

    /// The errors to expect, µV, of leads synthesised where electrodes sit wrongly.
    pub fn expected_errors(self, expected_uv: &[(LeadName, f64)]) -> String {
        if expected_uv.is_empty() {
            return self.tr(Label::MisplacedExactly).to_owned();
        }
        let one = |(lead, uv): &(LeadName, f64)| format!("d{lead} ± {} µV", self.number(*uv, 0));
        let all: Vec<String> = expected_uv.iter().map(one).collect();
        self.fill(Label::MisplacedExpected, &[&all.join(", ")])
    }

    /// What the checks say of the leads.
    pub fn checks(self, signs: &[Sign]) -> String {
        if signs.is_empty() {
            return self.tr(Label::ChecksSayNothing).to_owned();
        }
        let all: Vec<String> = signs.iter().map(|it| self.sign(it)).collect();
        self.fill(Label::ChecksSay, &[&all.join("; ")])
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::check, *};

    #[test]
    fn errors_and_checks_are_said_in_every_language() {
        check(
            |it| it.placement_error(&PlacementError::Off(LeadName::V3)),
            "V3 fell off",
            "V3 abgefallen",
        );
        let moved = PlacementError::Moved {
            electrode: LeadName::V1,
            worn_at: LeadName::parse("V2@2ICS"),
        };
        check(
            |it| it.placement_error(&moved),
            "V1 at the place of V2@2ICS",
            "V1 am Ort von V2@2ICS",
        );
        check(
            |it| it.placement_error(&PlacementError::SecondSpace),
            "V1 and V2 in the 2nd space",
            "V1 und V2 im 2. Raum",
        );
        check(
            |it| it.expected_errors(&[(LeadName::V1, 41.6)]),
            "synthesised, error to expect: dV1 ± 42 µV",
            "synthetisiert, zu erwartender Fehler: dV1 ± 42 µV",
        );
        check(
            |it| it.checks(&[]),
            "Of these leads alone this program would say nothing",
            "Zu diesen Ableitungen allein würde dieses Programm nichts sagen",
        );
    }
}
