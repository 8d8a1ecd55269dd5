//! What can be set, in four sections: rhythm and conduction, muscle, place, recording.

use eframe::egui::{CollapsingHeader, Ui};

use super::{super::super::widgets::strong_text, controls::Controls};
use crate::{
    ecg::{PlacementError, Sex},
    session::lab::{
        Branch, Brugada, BrugadaForm, Chamber, HeartRhythm, Hypertrophy, Infarction, InfarctionAge,
        Pathway, VirtualHeart,
    },
    words::Label,
};

/// Beats per minute that the slider starts from.
const USUAL_BPM: f64 = 67.0;
/// Where an accessory pathway and an infarction are until a click says otherwise, mm.
pub const PATHWAY_MM: [f64; 3] = [0.0, -24.0, -6.0];
const ANTERIOR_MM: [f64; 3] = [25.0, -9.0, 42.0];

/// All of them.
pub fn show(ui: &mut Ui, controls: &mut Controls, heart: &mut VirtualHeart) {
    type Section = fn(&mut Ui, &mut Controls, &mut VirtualHeart);
    let sections: [(Label, Section); 4] = [
        (Label::RhythmAndConduction, rhythm),
        (Label::HeartMuscle, muscle),
        (Label::HeartPlace, place),
        (Label::ElectrodesAndNoise, recording),
    ];
    for (idx, (label, section)) in sections.into_iter().enumerate() {
        let title = strong_text(controls.tr(label));
        CollapsingHeader::new(title)
            .id_salt(("lab", idx))
            .default_open(idx < 2)
            .show(ui, |ui| section(ui, controls, heart));
    }
}

fn rhythm(ui: &mut Ui, controls: &mut Controls, heart: &mut VirtualHeart) {
    let rhythms = [
        (HeartRhythm::Sinus, controls.tr(Label::RhythmSinus)),
        (
            HeartRhythm::VentricularEctopics,
            controls.tr(Label::RhythmVentricular),
        ),
        (
            HeartRhythm::AtrialEctopics,
            controls.tr(Label::RhythmAtrial),
        ),
        (
            HeartRhythm::Fibrillation,
            controls.tr(Label::RhythmFibrillation),
        ),
    ];
    controls.choice(ui, Label::HeartRhythmName, &mut heart.rhythm, &rhythms);
    let shown_bpm = heart.rate_bpm.unwrap_or(USUAL_BPM);
    let mut bpm = shown_bpm;
    controls.slider(ui, Label::RatePerMinute, &mut bpm, 40.0..=150.0);
    if bpm != shown_bpm {
        heart.rate_bpm = Some(bpm);
    }
    controls.slider(
        ui,
        Label::AvDelayAdded,
        &mut heart.av_delay_ms,
        -40.0..=200.0,
    );
    for (label, branch) in [
        (Label::CutLeftBundle, &mut heart.left_bundle),
        (Label::CutRightBundle, &mut heart.right_bundle),
        (Label::CutAnteriorFascicle, &mut heart.anterior_fascicle),
        (Label::CutPosteriorFascicle, &mut heart.posterior_fascicle),
    ] {
        if let Some(is_cut) = controls.check(ui, label, !branch.is_whole()) {
            *branch = if is_cut { Branch::CUT } else { Branch::Whole };
        }
    }
    if let Some(is_there) = controls.check(ui, Label::PathwayPresent, heart.pathway.is_some()) {
        heart.pathway = is_there.then_some(pathway_at(PATHWAY_MM));
    }
}

/// An accessory pathway there, as fast as most are.
pub fn pathway_at(at_mm: [f64; 3]) -> Pathway {
    Pathway {
        at_mm,
        early_ms: 47.0,
    }
}

/// A fresh infarction there, of a usual size.
pub fn infarction_at(at_mm: [f64; 3]) -> Infarction {
    Infarction {
        at_mm,
        half_axes_mm: [22.0, 28.0, 36.0],
        chamber: Chamber::Both,
        transmurality: 1.0,
        injury: 0.58,
        age: InfarctionAge::Acute,
    }
}

fn muscle(ui: &mut Ui, controls: &mut Controls, heart: &mut VirtualHeart) {
    let is_infarcted = !heart.infarctions.is_empty();
    if let Some(is_there) = controls.check(ui, Label::InfarctionPresent, is_infarcted) {
        heart.infarctions = Vec::from_iter(is_there.then(|| infarction_at(ANTERIOR_MM)));
    }
    if let Some(first) = heart.infarctions.first_mut() {
        infarction(ui, controls, first);
    }
    brugada(ui, controls, &mut heart.brugada);
    let shown_mm = heart.hypertrophy.map_or(0.0, |it| it.thicker_mm);
    let mut thicker_mm = shown_mm;
    controls.slider(ui, Label::WallThicker, &mut thicker_mm, 0.0..=6.0);
    if thicker_mm != shown_mm {
        heart.hypertrophy = (0.0 < thicker_mm).then_some(Hypertrophy {
            thicker_mm,
            gain: 1.0 + 0.05 * thicker_mm,
            strain_ms: 12.0 * thicker_mm,
        });
    }
    let longer_ms = &mut heart.action_potential_ms;
    controls.slider(ui, Label::ActionPotentialLonger, longer_ms, -100.0..=150.0);
    controls.slider(ui, Label::PotassiumName, &mut heart.potassium, 2.5..=8.5);
}

fn brugada(ui: &mut Ui, controls: &mut Controls, substrate: &mut Option<Brugada>) {
    let shown = substrate.unwrap_or(Brugada {
        form: BrugadaForm::Hidden,
        severity: 0.0,
    });
    let mut set = shown;
    controls.slider(ui, Label::BrugadaSeverity, &mut set.severity, 0.0..=1.0);
    if 0.0 < set.severity {
        let is_open = set.form == BrugadaForm::Open;
        if let Some(is_open) = controls.check(ui, Label::BrugadaLow, is_open) {
            set.form = if is_open {
                BrugadaForm::Open
            } else {
                BrugadaForm::Hidden
            };
        }
    }
    if set != shown {
        *substrate = (0.0 < set.severity).then_some(set);
    }
}

fn infarction(ui: &mut Ui, controls: &mut Controls, it: &mut Infarction) {
    ui.indent("infarction", |ui| {
        let ages = [
            (InfarctionAge::Acute, controls.tr(Label::InfarctionAcute)),
            (InfarctionAge::Recent, controls.tr(Label::InfarctionRecent)),
            (InfarctionAge::Old, controls.tr(Label::InfarctionOld)),
        ];
        controls.choice(ui, Label::InfarctionAgeName, &mut it.age, &ages);
        controls.slider(
            ui,
            Label::InfarctionExtent,
            &mut it.transmurality,
            0.1..=1.0,
        );
        controls.slider(ui, Label::InfarctionInjury, &mut it.injury, 0.0..=0.8);
    });
}

fn place(ui: &mut Ui, controls: &mut Controls, heart: &mut VirtualHeart) {
    person(ui, controls, heart);
    let moves = [Label::MovedForward, Label::MovedLeft, Label::MovedUp];
    for (label, value) in moves.into_iter().zip(&mut heart.moved_mm) {
        controls.slider(ui, label, value, -30.0..=30.0);
    }
    let turns = [Label::TurnedLeft, Label::TurnedDown, Label::TurnedRoll];
    for (label, value) in turns.into_iter().zip(&mut heart.turned_deg) {
        controls.slider(ui, label, value, -45.0..=45.0);
    }
    controls.slider(ui, Label::HeartSize, &mut heart.size, 0.8..=1.25);
}

/// Whose heart it is, and in which body.
fn person(ui: &mut Ui, controls: &mut Controls, heart: &mut VirtualHeart) {
    let shown = heart.person.unwrap_or(0) as f64;
    let mut number = shown;
    let slider = controls.slider(ui, Label::HeartPerson, &mut number, 0.0..=200.0);
    if number != shown {
        let number = number.round() as u64;
        heart.person = (number != 0).then_some(number);
    }
    slider.on_hover_text(controls.tr(Label::HeartPersonHint));
    let sexes = [
        (None, controls.tr(Label::SexNotSet)),
        (Some(Sex::Female), controls.tr(Label::SexFemale)),
        (Some(Sex::Male), controls.tr(Label::SexMale)),
    ];
    controls.choice(ui, Label::HeartSex, &mut heart.sex, &sexes);
    let builds = [
        (None, controls.tr(Label::BuildOwn)),
        (Some(0), "1"),
        (Some(1), "2"),
        (Some(2), "3"),
        (Some(3), "4"),
        (Some(4), "5"),
        (Some(5), "6"),
    ];
    controls.choice(ui, Label::BodyBuild, &mut heart.build, &builds);
}

fn recording(ui: &mut Ui, controls: &mut Controls, heart: &mut VirtualHeart) {
    let mut error = PlacementError::of(&heart.misplaced);
    let named = |it: PlacementError| {
        let name = controls.translator.placement_error(&it);
        (Some(it), name)
    };
    let names: Vec<(Option<PlacementError>, String)> =
        PlacementError::ALL.into_iter().map(named).collect();
    let none = (None, controls.tr(Label::ElectrodesRight));
    let all = names.iter().map(|(it, name)| (it.clone(), name.as_str()));
    let all: Vec<(Option<PlacementError>, &str)> = [none].into_iter().chain(all).collect();
    let before = error.clone();
    controls.choice(ui, Label::Misplaced, &mut error, &all);
    if error != before {
        heart.misplaced = error.iter().flat_map(PlacementError::electrodes).collect();
    }
    controls.slider(ui, Label::BreathingDepth, &mut heart.breathing, 0.0..=3.0);
    controls.slider(ui, Label::NoiseLevel, &mut heart.noise, 0.0..=5.0);
}
