//! The leads of the page or sheet at hand, with what must be said of each synthesised one, and the
//! median beats that go with a sheet. Screen and files show the same.

use super::{
    document::{Document, VirtualLead},
    exam::Exam,
    lab::Before,
    results::Results,
    synthesised_lead::SynthesisedLead,
};
use crate::{
    draw::{BeatCurve, BeatPanel, BeatRow, BeatsContent},
    ecg::{Lead, LeadName, LeadSet, Origin, Sheet, Target, montage},
    reliability::Reliability,
    signal::{LeadMeasurements, RPrimeTriangle},
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

/// The leads at hand: recorded ones through the display filters, then synthesised ones.
pub struct PageLeads<'a> {
    exam: &'a Exam,
    /// All of them.
    pub leads: LeadSet,
    /// The synthesised ones.
    pub placed: Vec<PlacedLead<'a>>,
}

impl<'a> PageLeads<'a> {
    /// Of a sheet its leads, else the one at the point and those that are kept; `None` where leads
    /// are of different lengths.
    pub fn new(document: &Document, exam: &'a Exam, results: &'a Results) -> Option<Self> {
        let mut leads: Vec<Lead> = exam.shown.leads().to_vec();
        let mut placed = Vec::new();
        for (made, reliability) in wanted(document, results) {
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

    /// What stands beside the name of each synthesised lead.
    pub fn notes(&self, translator: Translator) -> Vec<(LeadName, String)> {
        let note = |lead: &PlacedLead| (lead.name.clone(), lead.note(translator));
        self.placed.iter().map(note).collect()
    }

    /// Median beats and measurements of the leads of a sheet; `None` without a whole beat.
    pub fn beats(&self, sheet: Sheet, translator: Translator) -> Option<BeatsContent> {
        let shown = sheet.select(&self.leads)?;
        let (beat, waves) = (self.exam.median.as_ref()?, self.exam.waves.as_ref()?);
        let beats: Vec<SheetBeat> = shown
            .leads()
            .iter()
            .filter(|lead| sheet.has_beat_of(lead))
            .filter_map(|lead| self.beat_of(lead))
            .collect();
        let label = |text: Label| translator.tr(text).to_owned();
        let angles = [label(Label::BetaAngle), label(Label::TriangleBase)];
        let has_angles = !sheet.overlaid().is_empty();
        let heads = [label(Label::Lead), "J".into(), "J+60".into(), "J+80".into()]
            .into_iter()
            .chain(angles.into_iter().filter(|_| has_angles))
            .chain([label(Label::Grade)]);
        Some(BeatsContent {
            rate: beat.leads.rate(),
            bounds: vec![(beat.leads.rate().seconds_at(waves.qrs.end), "J")],
            panels: panels(sheet, &beats, translator),
            heads: heads.collect(),
            rows: beats
                .iter()
                .map(|beat| beat.row(has_angles, translator))
                .collect(),
            note: label(if has_angles {
                Label::AnglesNote
            } else {
                Label::BeatsNote
            }),
        })
    }

    /// The median beat of every lead, each in a panel of its own, over the one `before` where there is
    /// one, with `note` below; `None` without a whole beat.
    pub fn median_beats(
        &self,
        before: Option<&Before>,
        note: String,
        translator: Translator,
    ) -> Option<BeatsContent> {
        let (beat, waves) = (self.exam.median.as_ref()?, self.exam.waves.as_ref()?);
        let rate = beat.leads.rate();
        let grid = [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11].map(|at| &LeadName::TWELVE[at]);
        let of_grid = grid.into_iter().filter_map(|name| self.leads.get(name));
        let others = self.leads.leads().iter();
        let others = others.filter(|lead| !lead.name.is_standard());
        let held = |beat: &SheetBeat| {
            Some(BeatCurve {
                label: translator.tr(Label::BeforeThin).to_owned(),
                samples_mv: before?.beside(self.exam.median.as_ref()?, &beat.name)?,
                synthesised: false,
            })
        };
        let panel = |beat: SheetBeat| {
            let curves = [Some(beat.with_st(translator)), held(&beat)];
            BeatPanel {
                curves: curves.into_iter().flatten().collect(),
            }
        };
        let p = waves.p.map(|p| (p.onset, "P"));
        let t = waves.t.map(|t| (t.end, "T"));
        let qrs = [(waves.qrs.onset, "Q"), (waves.qrs.end, "J")];
        let bounds = p.into_iter().chain(qrs).chain(t);
        Some(BeatsContent {
            rate,
            bounds: bounds
                .map(|(at, name)| (rate.seconds_at(at), name))
                .collect(),
            panels: of_grid
                .chain(others)
                .filter_map(|lead| self.beat_of(lead))
                .map(panel)
                .collect(),
            heads: Vec::new(),
            rows: Vec::new(),
            note,
        })
    }

    fn beat_of(&self, lead: &Lead) -> Option<SheetBeat<'_>> {
        let (beat, waves) = (self.exam.median.as_ref()?, self.exam.waves.as_ref()?);
        let placed = self.placed.iter().find(|placed| placed.name == lead.name);
        let (median, measured) = match placed {
            Some(placed) => (
                placed.made.median(self.exam)?,
                placed.made.measurements(self.exam),
            ),
            None => {
                let measured = self.exam.measurements.lead(&lead.name).cloned();
                (beat.leads.get(&lead.name)?.clone(), measured)
            }
        };
        let level = beat.level_before(&median.samples_mv, waves.qrs.onset)?;
        let above = |mv: &f32| mv - level as f32;
        Some(SheetBeat {
            name: lead.name.clone(),
            label: lead.label(),
            samples_mv: median.samples_mv.iter().map(above).collect(),
            triangle: RPrimeTriangle::of(beat, waves, &median),
            measured,
            placed,
        })
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
            let wanted = document.point_target();
            let point = results.point.iter().filter(|lead| lead.target == wanted);
            let known = results.reliability.iter().find(|said| said.0 == wanted);
            let known = known.map(|said| &*said.1);
            let point = point.map(|lead| (lead, known));
            point
                .chain(document.kept_leads().filter_map(listed))
                .collect()
        }
    }
}

/// The median beat of one lead of a sheet.
struct SheetBeat<'a> {
    name: LeadName,
    label: String,
    samples_mv: Vec<f32>,
    triangle: Option<RPrimeTriangle>,
    measured: Option<LeadMeasurements>,
    placed: Option<&'a PlacedLead<'a>>,
}

impl SheetBeat<'_> {
    fn curve(&self, translator: Translator) -> BeatCurve {
        let made = self.placed.map(|_| translator.tr(Label::Synthesised));
        let place = montage(&self.name).map(|lead| translator.lead_place(lead));
        let parts = [Some(self.label.as_str()), made, place];
        BeatCurve {
            label: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            samples_mv: self.samples_mv.clone(),
            synthesised: self.placed.is_some(),
        }
    }

    /// Error to expect of ST in a synthesised lead.
    fn st_error_uv(&self) -> Option<f64> {
        Some(self.placed?.made.synthesis.by_wave.st_uv)
    }

    /// The curve, with J beside its label.
    fn with_st(&self, translator: Translator) -> BeatCurve {
        let curve = self.curve(translator);
        let j = self.measured.as_ref().and_then(|row| row.st_j_uv);
        let error = self.st_error_uv();
        let error = error.map_or_else(String::new, |uv| format!(" ± {}", translator.number(uv, 0)));
        let j = j.map_or_else(String::new, |uv| {
            format!(" · J {}{error} µV", translator.signed(uv, 0))
        });
        let made = self
            .placed
            .map(|_| format!(" · {}", translator.tr(Label::Synthesised)));
        BeatCurve {
            label: format!("{}{}{j}", self.label, made.unwrap_or_default()),
            ..curve
        }
    }

    /// ST with its error, the triangle under r′, and the grade.
    fn row(&self, has_angles: bool, translator: Translator) -> BeatRow {
        let number = |value: f64| translator.number(value, 0);
        let error_uv = self
            .placed
            .map(|placed| placed.made.synthesis.expected_rmse_uv);
        let st_error = self.st_error_uv();
        let spread = st_error.map_or_else(String::new, |uv| format!(" ± {}", number(uv)));
        let st = |pick: fn(&LeadMeasurements) -> Option<f64>| {
            let uv = self.measured.as_ref().and_then(pick);
            let words = |uv| {
                let mm = translator.signed(uv / 100.0, 1);
                format!("{}{spread} µV ({mm} mm)", translator.signed(uv, 0))
            };
            uv.map_or_else(|| "–".to_owned(), words)
        };
        let angle = |triangle: RPrimeTriangle| {
            let range = error_uv.map_or_else(String::new, |uv| {
                let [low, high] = triangle.beta_range_deg(uv).map(number);
                format!(" ({low}–{high}°)")
            });
            format!("{}°{range}", number(triangle.beta_deg()))
        };
        let dash = || "–".to_owned();
        let base = |triangle: RPrimeTriangle| format!("{} ms", number(triangle.base_ms()));
        let grade = self.placed.and_then(|placed| placed.reliability);
        let label = match self.placed {
            Some(_) => format!("{} · {}", self.label, translator.tr(Label::Synthesised)),
            None => self.label.clone(),
        };
        let levels = [
            st(|row| row.st_j_uv),
            st(|row| row.st_j60_uv),
            st(|row| row.st_j80_uv),
        ];
        let angles = [
            self.triangle.map_or_else(dash, angle),
            self.triangle.map_or_else(dash, base),
        ];
        let grade = grade.map_or_else(dash, |said| said.grade.to_string());
        let cells = std::iter::once(label).chain(levels);
        let cells = cells.chain(angles.into_iter().filter(|_| has_angles));
        BeatRow {
            cells: cells.chain([grade]).collect(),
            synthesised: self.placed.is_some(),
        }
    }
}

/// Beats that belong over one another in one panel, each other one in a panel of its own.
fn panels(sheet: Sheet, beats: &[SheetBeat], translator: Translator) -> Vec<BeatPanel> {
    let overlaid = sheet.overlaid();
    let panel = |beats: Vec<&SheetBeat>| BeatPanel {
        curves: beats
            .into_iter()
            .map(|beat| beat.curve(translator))
            .collect(),
    };
    if overlaid.is_empty() {
        return beats.iter().map(|beat| panel(vec![beat])).collect();
    }
    let of_column = |names: &[LeadName; 3]| {
        let named = |name: &LeadName| beats.iter().find(|beat| beat.name == *name);
        panel(names.iter().filter_map(named).collect())
    };
    let panels = overlaid.iter().map(of_column);
    panels.filter(|panel| !panel.curves.is_empty()).collect()
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
