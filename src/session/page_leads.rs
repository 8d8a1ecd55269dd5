//! The leads of the page or sheet at hand, with what must be said of each synthesised one. Screen and
//! files show the same.

use super::{
    document::{Document, VirtualLead},
    exam::Exam,
    results::Results,
    synthesised_lead::SynthesisedLead,
};
use crate::{
    ecg::{Lead, LeadName, LeadSet, Origin, Sheet, Target},
    reliability::Reliability,
    words::{Label, Translator},
};

/// A synthesised lead, the name it has beside the recorded ones, and what is known of it.
pub struct PlacedLead<'a> {
    /// Its name, or one beside it where the file has a recorded lead of that name.
    pub name: LeadName,
    /// The lead.
    pub made: &'a SynthesisedLead,
    /// How far it can be relied on.
    pub reliability: Option<&'a Reliability>,
}

impl PlacedLead<'_> {
    /// Where it is, its error and grade, and what it does not exclude.
    pub fn note(&self, translator: Translator) -> String {
        let grade = self.reliability.map(|said| said.grade);
        let error_uv = self.made.synthesis.expected_rmse_uv;
        let by_wave = self.reliability.map(|said| &said.by_wave);
        translator.lead_note(&self.made.target, (error_uv, by_wave), grade)
    }
}

/// A lead of a simulated patient at a place that is synthesised here. No real exam has it: it is there
/// to compare with, under a name that leaves the place's own to the synthesised lead.
pub(super) struct Truth {
    /// What it is called in the simulated recording.
    pub place: LeadName,
    /// What it is called among the leads at hand.
    pub name: LeadName,
}

/// The leads at hand: recorded ones through the display filters, then synthesised ones.
pub struct PageLeads<'a> {
    pub(super) exam: &'a Exam,
    /// All of them.
    pub leads: LeadSet,
    /// The synthesised ones.
    pub placed: Vec<PlacedLead<'a>>,
    pub(super) truth: Vec<Truth>,
}

impl<'a> PageLeads<'a> {
    /// Of a sheet its leads, else the one at the point and those that are kept; `None` where leads
    /// are of different lengths.
    pub fn new(document: &Document, exam: &'a Exam, results: &'a Results) -> Option<Self> {
        let wanted = wanted(document, results);
        let made = wanted.iter().map(|(made, _)| made.target.name());
        let on_sheet = document.sheet.into_iter().flat_map(Sheet::targets);
        let places: Vec<LeadName> = on_sheet.map(|it| it.name()).chain(made).collect();
        let truth = truth(exam, &places);
        let renamed = |lead: &Lead| {
            let mut truth = truth.iter();
            let name = truth.find(|it| it.place == lead.name).map(|it| &it.name);
            Lead {
                name: name.unwrap_or(&lead.name).clone(),
                ..lead.clone()
            }
        };
        let mut leads: Vec<Lead> = exam.shown.leads().iter().map(renamed).collect();
        let mut placed = Vec::new();
        for (made, reliability) in wanted {
            let lead = &made.synthesis.lead;
            let is_twin =
                |other: &Lead| other.origin.is_synthesised() && other.samples_mv == lead.samples_mv;
            if leads.iter().any(is_twin) {
                continue;
            }
            let name = free_name(&leads, lead);
            leads.push(Lead {
                name: name.clone(),
                origin: if results.are_as_saved() {
                    as_saved(lead.origin.clone())
                } else {
                    lead.origin.clone()
                },
                samples_mv: lead.samples_mv.clone(),
            });
            placed.push(PlacedLead {
                name,
                made,
                reliability,
            });
        }
        Some(Self {
            exam,
            leads: LeadSet::new(exam.shown.rate(), leads).ok()?,
            placed,
            truth,
        })
    }

    /// The synthesised lead at this place, if it is on the page.
    pub fn at(&self, target: &Target) -> Option<&PlacedLead<'a>> {
        self.placed.iter().find(|lead| lead.made.target == *target)
    }

    /// Half-widths of the bands, mV.
    pub fn bands(&self) -> Vec<(LeadName, Vec<f32>)> {
        let band = |lead: &PlacedLead| (lead.name.clone(), lead.made.synthesis.band_mv.clone());
        self.placed.iter().map(band).collect()
    }

    /// What stands beside the name of each synthesised lead, and of what a simulated patient has beside
    /// the twelve.
    pub fn notes(&self, translator: Translator) -> Vec<(LeadName, String)> {
        let note = |lead: &PlacedLead| (lead.name.clone(), lead.note(translator));
        let own = self.placed.iter().map(note);
        let truth = translator.truth_notes(&self.exam.recording);
        own.chain(truth).collect()
    }
}

/// Leads that the document asks for, as far as they are there, each with what is known of it.
fn wanted<'a>(
    document: &Document,
    results: &'a Results,
) -> Vec<(&'a SynthesisedLead, Option<&'a Reliability>)> {
    let listed = |lead: &VirtualLead| {
        let made = results.listed.get(&lead.id)?;
        Some((made, results.grades.get(&lead.id)))
    };
    let on_sheet = |sheet: Sheet| {
        let leads = sheet.targets().filter_map(|target| {
            let mut all = document.virtual_leads.iter();
            all.find(|lead| lead.target == target)
        });
        leads.collect::<Vec<_>>()
    };
    match document.sheet {
        Some(sheet) if sheet != Sheet::Kept => {
            on_sheet(sheet).into_iter().filter_map(listed).collect()
        }
        Some(_) => document.kept_leads().filter_map(listed).collect(),
        None => {
            let kept = document.kept_leads().filter_map(listed);
            at_point(document, results)
                .into_iter()
                .chain(kept)
                .collect()
        }
    }
}

/// The lead at the point, and how far to rely on it, as far as both are known of where it is now.
fn at_point<'a>(
    document: &Document,
    results: &'a Results,
) -> Option<(&'a SynthesisedLead, Option<&'a Reliability>)> {
    let wanted = document.point_target();
    let lead = results
        .point
        .as_ref()
        .filter(|lead| lead.target == wanted)?;
    let said = results.reliability.as_ref().filter(|said| said.0 == wanted);
    Some((lead, said.map(|said| &*said.1)))
}

/// Of these places those that a simulated exam has a lead of: a free name for each.
fn truth(exam: &Exam, places: &[LeadName]) -> Vec<Truth> {
    let is_compared = |name: &LeadName| exam.recording.is_simulated() && places.contains(name);
    let names = exam.truth_leads().into_iter().filter(is_compared);
    names
        .map(|place| Truth {
            name: LeadName::Named(format!("{place} truth").into()),
            place,
        })
        .collect()
}

/// The lead's name, or one beside it where the file has a recorded lead of that name.
fn free_name(leads: &[Lead], lead: &Lead) -> LeadName {
    let is_taken = |name: &LeadName| leads.iter().any(|it| it.name == *name);
    let plain = lead.name.clone();
    let numbered = |n: usize| {
        LeadName::Named(
            if n == 1 {
                format!("{plain} synthesised")
            } else {
                format!("{plain} synthesised {n}")
            }
            .into(),
        )
    };
    std::iter::once(plain.clone())
        .chain((1..99).map(numbered))
        .find(|it| !is_taken(it))
        .unwrap_or(plain.clone())
}

/// What a file says of a lead that comes from a saved session.
fn as_saved(origin: Origin) -> Origin {
    match origin {
        Origin::Synthesised { view, by } => {
            let words = Translator::default().tr(Label::AsSavedWithSession);
            let by = format!("{by}, {words}").into();
            Origin::Synthesised { view, by }
        }
        Origin::Derived { .. } | Origin::Measured => origin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        draw::{Others, PageContent, ecg_pages},
        ecg::{PaperSettings, PaperSize, Recording, SampleRate},
        reliability::Grade,
        synth::WaveErrors,
        words::LANGUAGES,
    };

    fn lead(name: LeadName) -> Lead {
        Lead::measured(name, vec![0.0; 4])
    }

    /// Twelve recorded leads, and those that the sheet has synthesised.
    fn on_sheet(sheet: Sheet) -> LeadSet {
        let wave: Vec<f32> = (0..5000).map(|k| (k as f32 / 40.0).sin()).collect();
        let recorded = LeadName::TWELVE.map(|name| Lead::measured(name, wave.clone()));
        let made = sheet.targets().map(|target| Lead {
            name: target.name(),
            origin: Origin::Synthesised {
                view: target.view(),
                by: "a test".into(),
            },
            samples_mv: wave.clone().into(),
        });
        let rate = SampleRate::from_hz(500.0).unwrap();
        let all = recorded.into_iter().chain(made).collect();
        sheet.select(&LeadSet::new(rate, all).unwrap()).unwrap()
    }

    fn words_of(text: &str) -> Vec<&str> {
        let words = text.split_whitespace();
        words.filter(|word| *word != "·").collect()
    }

    #[test]
    fn notes_of_every_sheet_are_whole_in_every_language_on_every_paper() {
        let by_wave = WaveErrors::of([283.0, 164.0, 141.0, 90.0]);
        for sheet in Sheet::ALL {
            let recording = Recording::from_leads(on_sheet(sheet));
            for (language, size) in LANGUAGES
                .into_iter()
                .flat_map(|language| [PaperSize::A4, PaperSize::Letter].map(|it| (language, it)))
            {
                let note = |target: Target| {
                    let said = (241.0, Some(&by_wave));
                    let grade = Some(Grade::NotSupported);
                    let note = Translator(language).lead_note(&target, said, grade);
                    (target.name(), note)
                };
                let notes: Vec<(LeadName, String)> = sheet.targets().map(note).collect();
                let content = PageContent {
                    notes: notes.clone(),
                    others: Others::Shown,
                    ..PageContent::of(&recording)
                };
                let settings = PaperSettings {
                    size,
                    ..PaperSettings::default()
                };
                let pages = ecg_pages(&content, &settings);
                let written: String = pages.iter().map(|page| page.words() + "\n").collect();
                assert!(!written.contains('…'), "{sheet:?} {language:?}: {written}");
                let written = words_of(&written).join(" ");
                for (name, note) in notes {
                    let note = words_of(&note).join(" ");
                    assert!(
                        written.contains(&note),
                        "{sheet:?} {language:?} {name}: {note}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_synthesised_lead_never_takes_a_recorded_name() {
        let check = |taken: &[&str], expected: &str| {
            let taken: Vec<Lead> = taken
                .iter()
                .map(|name| lead(LeadName::parse(name)))
                .collect();
            let free = free_name(&taken, &lead(LeadName::parse("V7")));
            assert_eq!(free.to_string(), expected);
        };
        check(&["V8"], "V7");
        check(&["V7"], "V7 synthesised");
        check(&["V7", "V7 synthesised"], "V7 synthesised 2");
    }
}
