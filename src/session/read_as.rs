//! What the user says of a file that does not say it itself: saved with the session, so that it
//! opens again the same way.

use crate::{
    ecg::{Lead, LeadName, LeadSet, LeadSetError, Recording},
    formats::{MissingUnit, Opened, ReadOptions, Unit},
};

/// How a file is to be read, beyond what it says.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct ReadAs {
    /// Which exam of a file that holds several, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exam: Option<usize>,
    /// Unit of numbers without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// Samples per second of a table that has neither times nor a rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_hz: Option<f64>,
    /// Leads by the names that the file gives them, and what they are: `ch1` is II; V1 was recorded
    /// at the second space.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub leads: Vec<(LeadName, LeadName)>,
}

impl ReadAs {
    /// Whether the file is read as it is.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// For the reader.
    pub(super) fn options(&self) -> ReadOptions {
        ReadOptions {
            exam: self.exam,
            missing_unit: self.unit.map_or(MissingUnit::Refuse, MissingUnit::Take),
            missing_rate_hz: self.rate_hz,
            ..ReadOptions::default()
        }
    }

    /// What a lead of the file is.
    pub fn name_of(&self, found: &LeadName) -> LeadName {
        let declared = self.leads.iter().find(|(name, _)| name == found);
        declared.map_or_else(|| found.clone(), |(_, is)| is.clone())
    }

    /// The leads under the names that the user gave them; an error where two would share one.
    pub(super) fn rename(&self, recording: &mut Recording) -> Result<(), LeadSetError> {
        if self.leads.is_empty() {
            return Ok(());
        }
        let leads = recording.leads.leads().iter().map(|lead| Lead {
            name: self.name_of(&lead.name),
            ..lead.clone()
        });
        recording.leads = LeadSet::new(recording.leads.rate(), leads.collect())?;
        Ok(())
    }

    /// The same for what a reader brought, with its report.
    pub(super) fn rename_opened(&self, opened: &mut Opened) -> Result<(), LeadSetError> {
        self.rename(&mut opened.recording)?;
        for lead in &mut opened.report.leads {
            lead.name = self.name_of(&lead.name);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::SampleRate;

    fn names(declared: &[(&str, &str)]) -> Option<Vec<String>> {
        let read_as = ReadAs {
            leads: declared
                .iter()
                .map(|(found, is)| (LeadName::parse(found), LeadName::parse(is)))
                .collect(),
            ..ReadAs::default()
        };
        let lead = |name| Lead::measured(LeadName::parse(name), vec![0.0; 10]);
        let rate = SampleRate::from_hz(500.0).unwrap();
        let leads = LeadSet::new(rate, ["I", "V1", "V2"].map(lead).to_vec()).unwrap();
        let mut recording = Recording::from_leads(leads);
        read_as.rename(&mut recording).ok()?;
        let leads = recording.leads.leads().iter();
        Some(leads.map(|lead| lead.name.to_string()).collect())
    }

    #[test]
    fn electrodes_that_sat_elsewhere_go_by_their_place() {
        let high = [("V1", "V1@2ICS"), ("V2", "V2@2ICS")];
        assert_eq!(names(&high).unwrap(), ["I", "V1@2ICS", "V2@2ICS"]);
        assert_eq!(names(&[]).unwrap(), ["I", "V1", "V2"]);
        let swapped = [("V1", "V2"), ("V2", "V1")];
        assert_eq!(names(&swapped).unwrap(), ["I", "V2", "V1"]);
        assert_eq!(names(&[("V1", "V2")]), None, "two leads of one name");
    }

    #[test]
    fn it_survives_json_and_old_sessions_have_none() {
        let read_as = ReadAs {
            exam: Some(2),
            unit: Some(Unit::Microvolt),
            rate_hz: Some(250.0),
            leads: vec![(LeadName::V1, LeadName::parse("V1@3ICS"))],
        };
        let text = serde_json::to_string(&read_as).unwrap();
        assert_eq!(serde_json::from_str::<ReadAs>(&text).unwrap(), read_as);
        assert!(serde_json::from_str::<ReadAs>("{}").unwrap().is_plain());
        assert_eq!(serde_json::to_string(&ReadAs::default()).unwrap(), "{}");
    }
}
