//! Facts for programs: codes with fields, and beside them the sentence for whoever reads along.

use serde::Serialize;
use serde_json::Value;

use super::Translator;
use crate::reliability::Reliability;

/// A fact as its code and fields, with the sentence beside them.
pub fn with_sentence(fact: &impl Serialize, sentence: String) -> Value {
    let mut value = serde_json::to_value(fact).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.insert("sentence".into(), sentence.into());
    }
    value
}

impl Translator {
    /// How far to rely on one lead, with a sentence beside each reason and warning.
    pub fn reliability_json(self, said: &Reliability) -> Value {
        let mut value = serde_json::to_value(said).unwrap_or_default();
        let reasons = said.reasons.iter();
        value["reasons"] = reasons
            .map(|reason| with_sentence(reason, self.reason(reason)))
            .collect();
        let warnings = said.warnings.iter();
        value["warnings"] = warnings
            .map(|warning| with_sentence(warning, self.warning(warning)))
            .collect();
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reliability::Reason;

    #[test]
    fn the_sentence_stands_beside_the_fields() {
        let english = Translator::default();
        for reason in [Reason::OnTheBack, Reason::VeryFewLeads { recorded: 2 }] {
            let sentence = english.reason(&reason);
            let value = with_sentence(&reason, sentence.clone());
            assert_eq!(value["sentence"], sentence);
            let again: Reason = serde_json::from_value(value).unwrap();
            assert_eq!(again, reason);
        }
    }
}
