//! The median beats that go with a sheet, and the table of what was measured on them.

use super::{
    lab::Before,
    page_leads::{PageLeads, PlacedLead},
};
use crate::{
    draw::{BeatCurve, BeatPanel, BeatRow, BeatsContent},
    ecg::{Lead, LeadName, Sheet, montage},
    signal::{LeadMeasurements, RPrime},
    words::{Label, Translator},
};

impl PageLeads<'_> {
    /// Median beats and measurements of the leads of a sheet; `None` without a whole beat.
    pub fn beats(&self, sheet: Sheet, translator: Translator) -> Option<BeatsContent> {
        let shown = sheet.select(&self.leads)?;
        let (beat, waves) = (self.exam.median.as_ref()?, self.exam.waves.as_ref()?);
        let beats: Vec<SheetBeat> = shown
            .leads()
            .iter()
            .filter(|lead| sheet.has_beat_of(lead))
            .flat_map(|lead| [self.beat_of(lead), self.truth_of(lead)])
            .flatten()
            .collect();
        let label = |text: Label| translator.tr(text);
        let has_angles = !sheet.overlaid().is_empty();
        Some(BeatsContent {
            rate: beat.leads.rate(),
            bounds: vec![(beat.leads.rate().seconds_at(waves.qrs.end), "J")],
            panels: panels(sheet, &beats, translator),
            heads: heads(has_angles, translator),
            rows: beats
                .iter()
                .map(|beat| beat.row(has_angles, translator))
                .collect(),
            note: match has_angles {
                true => [Label::AnglesNote, Label::AnglesCutoffs]
                    .map(label)
                    .join("\n"),
                false => label(Label::BeatsNote).to_owned(),
            },
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
        let mut truth = self.truth.iter();
        let truth = truth.find(|it| it.name == lead.name);
        let name = truth.map_or(&lead.name, |it| &it.place);
        let (median, measured, shows) = match placed {
            Some(placed) => (
                placed.made.median(self.exam)?,
                placed.made.measurements(self.exam),
                Shows::Synthesised(placed),
            ),
            None => (
                beat.leads.get(name)?.clone(),
                self.exam.measurements.lead(name).cloned(),
                self.recorded_or_truth(name),
            ),
        };
        let level = beat.level_before(&median.samples_mv, waves.qrs.onset)?;
        let above = |mv: &f32| mv - level as f32;
        Some(SheetBeat {
            name: name.clone(),
            label: match shows {
                Shows::Synthesised(_) => lead.label(),
                Shows::Recorded | Shows::Truth => name.to_string(),
            },
            samples_mv: median.samples_mv.iter().map(above).collect(),
            r_prime: RPrime::of(beat, waves, &median),
            measured,
            shows,
        })
    }

    /// What a lead of the file is.
    fn recorded_or_truth(&self, name: &LeadName) -> Shows<'_> {
        let is_simulated = self.exam.recording.is_simulated();
        match is_simulated && self.exam.truth_leads().contains(name) {
            true => Shows::Truth,
            false => Shows::Recorded,
        }
    }

    /// What a simulated patient has at the place of a synthesised lead.
    fn truth_of(&self, lead: &Lead) -> Option<SheetBeat<'_>> {
        let truth = self.truth.iter().find(|it| it.place == lead.name)?;
        self.beat_of(self.leads.get(&truth.name)?)
    }
}

/// The median beat of one lead of a sheet.
struct SheetBeat<'a> {
    name: LeadName,
    label: String,
    samples_mv: Vec<f32>,
    r_prime: Option<RPrime>,
    measured: Option<LeadMeasurements>,
    shows: Shows<'a>,
}

/// Where a beat comes from.
#[derive(Clone, Copy)]
enum Shows<'a> {
    Recorded,
    Synthesised(&'a PlacedLead<'a>),
    /// What a simulated patient has at a place that is synthesised beside it.
    Truth,
}

impl Shows<'_> {
    /// What must be said of it.
    fn word(self, translator: Translator) -> Option<&'static str> {
        match self {
            Self::Recorded => None,
            Self::Synthesised(_) => Some(translator.tr(Label::Synthesised)),
            Self::Truth => Some(translator.tr(Label::SimulatedTruth)),
        }
    }
}

impl SheetBeat<'_> {
    fn placed(&self) -> Option<&PlacedLead<'_>> {
        match self.shows {
            Shows::Synthesised(placed) => Some(placed),
            Shows::Recorded | Shows::Truth => None,
        }
    }

    fn is_truth(&self) -> bool {
        matches!(self.shows, Shows::Truth)
    }

    /// Whether it belongs beside the simulated truth, or beside what is synthesised; what was
    /// recorded belongs beside both.
    fn is_beside(&self, is_truth: bool) -> bool {
        match self.shows {
            Shows::Recorded => true,
            Shows::Synthesised(_) => !is_truth,
            Shows::Truth => is_truth,
        }
    }

    fn curve(&self, translator: Translator) -> BeatCurve {
        let word = self.shows.word(translator);
        let place = montage(&self.name).map(|lead| translator.lead_place(lead));
        let parts = [Some(self.label.as_str()), word, place];
        BeatCurve {
            label: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            samples_mv: self.samples_mv.clone(),
            synthesised: self.placed().is_some(),
        }
    }

    /// Error to expect of ST in a synthesised lead.
    fn st_error_uv(&self) -> Option<f64> {
        Some(self.placed()?.made.synthesis.by_wave.st_uv)
    }

    /// The label, and what must be said of it.
    fn head(&self, translator: Translator) -> String {
        match self.shows.word(translator) {
            Some(word) => format!("{} · {word}", self.label),
            None => self.label.clone(),
        }
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
        BeatCurve {
            label: format!("{}{j}", self.head(translator)),
            ..curve
        }
    }

    /// ST with its error, the triangle under r′, and the grade.
    fn row(&self, has_angles: bool, translator: Translator) -> BeatRow {
        let st_error = self.st_error_uv();
        let spread =
            st_error.map_or_else(String::new, |uv| format!(" ± {}", translator.number(uv, 0)));
        let st = |pick: fn(&LeadMeasurements) -> Option<f64>| {
            let uv = self.measured.as_ref().and_then(pick);
            let words = |uv| {
                let mm = translator.signed(uv / 100.0, 1);
                format!("{}{spread} µV ({mm} mm)", translator.signed(uv, 0))
            };
            uv.map_or_else(dash, words)
        };
        let levels = [
            st(|row| row.st_j_uv),
            st(|row| row.st_j60_uv),
            st(|row| row.st_j80_uv),
        ];
        let angles = self.angles(translator).into_iter();
        let grade = self.placed().and_then(|placed| placed.reliability);
        let grade = grade.map_or_else(dash, |said| said.grade.to_string());
        let cells = std::iter::once(self.head(translator)).chain(levels);
        let cells = cells.chain(angles.filter(|_| has_angles));
        BeatRow {
            cells: cells.chain([grade]).collect(),
            synthesised: self.placed().is_some(),
        }
    }

    /// β with what the expected error leaves open, and the base in ms and mm; of a coved ST segment
    /// neither.
    fn angles(&self, translator: Translator) -> [String; 2] {
        let number = |value: f64| translator.number(value, 0);
        let triangle = match self.r_prime {
            None => return [dash(), dash()],
            Some(RPrime::Coved) => return [translator.tr(Label::Coved).to_owned(), dash()],
            Some(RPrime::Triangle(triangle)) => triangle,
        };
        let error_uv = self
            .placed()
            .map(|placed| placed.made.synthesis.expected_rmse_uv);
        let range = error_uv.map_or_else(String::new, |uv| {
            let [low, high] = triangle.beta_range_deg(uv).map(number);
            format!(" ({low}–{high}°)")
        });
        let mm = translator.number(triangle.base_mm(), 1);
        [
            format!("{}°{range}", number(triangle.beta_deg())),
            format!("{} ms ({mm} mm)", number(triangle.base_ms())),
        ]
    }
}

fn dash() -> String {
    "–".to_owned()
}

/// What stands above the columns of [`SheetBeat::row`].
fn heads(has_angles: bool, translator: Translator) -> Vec<String> {
    let label = |text: Label| translator.tr(text);
    let angles = [label(Label::BetaAngle), label(Label::TriangleBase)];
    let angles = angles.into_iter().filter(|_| has_angles);
    [label(Label::Lead), "J", "J+60", "J+80"]
        .into_iter()
        .chain(angles)
        .chain([label(Label::Grade)])
        .map(str::to_owned)
        .collect()
}

/// Beats that belong over one another in one panel, each other one in a panel of its own; what a
/// simulated patient has lies behind the synthesised lead of its place, or beside several.
fn panels(sheet: Sheet, beats: &[SheetBeat], translator: Translator) -> Vec<BeatPanel> {
    let overlaid = sheet.overlaid();
    let panel = |beats: Vec<&SheetBeat>| BeatPanel {
        curves: beats
            .into_iter()
            .map(|beat| beat.curve(translator))
            .collect(),
    };
    if overlaid.is_empty() {
        let with_truth = |pair: &[SheetBeat]| panel(pair.iter().rev().collect());
        return beats
            .chunk_by(|_, next| next.is_truth())
            .map(with_truth)
            .collect();
    }
    let of_column = |(names, is_truth): (&[LeadName; 3], bool)| {
        let of_name = names
            .iter()
            .flat_map(|name| beats.iter().filter(move |beat| beat.name == *name));
        panel(of_name.filter(|beat| beat.is_beside(is_truth)).collect())
    };
    let has_truth = beats.iter().any(SheetBeat::is_truth);
    let kinds = [false, true]
        .into_iter()
        .filter(|truth| !truth || has_truth);
    let columns = kinds.flat_map(|truth| overlaid.iter().map(move |names| (names, truth)));
    let panels = columns.map(of_column);
    panels.filter(|panel| !panel.curves.is_empty()).collect()
}
