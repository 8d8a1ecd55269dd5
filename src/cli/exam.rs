//! What the synthesis commands share: reading an exam, calibrating on it, and naming what is asked
//! for.

use std::{ops::ControlFlow, path::Path};

use crate::{
    ecg::{LeadName, LimbElectrodes, Recording, Target, ViewAngle},
    formats::{LimbLeads, ReadOptions},
    synth::{Calibration, CalibrationOptions, DeviceChoice, calibrate, choose},
    words::Translator,
};

use super::{
    CliError, driver_output,
    read_args::{ReadArgs, open_file},
};

/// Recordings longer than this are streamed: read, mixed and written a piece at a time.
pub(super) const STREAM_S: f64 = 300.0;
/// Seconds of a long recording that are looked at to calibrate and to judge.
const LOOK_S: f64 = 10.0;

/// Which leads may be used, and how.
#[derive(clap::Args, Clone, Debug)]
pub struct ExamArgs {
    /// Leads to mix from, such as I,II,V3. The other recorded leads then only calibrate. Default:
    /// all.
    #[arg(long, value_delimiter = ',')]
    pub inputs: Vec<String>,
    /// Leads that must not be looked at, even if recorded.
    #[arg(long, value_delimiter = ',')]
    pub withhold: Vec<String>,
    /// An electrode that sat elsewhere than its lead's name says, with the direction in degrees:
    /// V1=48,-38. May be given again.
    #[arg(long, allow_hyphen_values = true, value_parser = electrode)]
    pub electrode_at: Vec<(LeadName, ViewAngle)>,
    /// Where the limb electrodes sat: standard, mason-likar (exercise tests, Holters, telemetry) or
    /// lund.
    #[arg(long, default_value = "standard")]
    pub limbs: LimbElectrodes,
    /// Take an electrode that the other leads loudly place elsewhere to be where they place it.
    #[arg(long)]
    pub relocate_electrodes: bool,
    /// Seconds from the start to learn from.
    #[arg(long, default_value_t = 5.0)]
    pub seconds: f64,
    /// The population's closed form alone: fastest, no refinement.
    #[arg(long)]
    pub closed_form: bool,
    /// Where the network runs: auto, cpu, gpu, or the number of an adapter.
    #[arg(long, default_value = "auto")]
    pub device: DeviceChoice,
    #[command(flatten)]
    #[allow(missing_docs)] // Its own docs are the help text.
    pub read: ReadArgs,
}

/// `LEAD=θ,φ`.
fn electrode(text: &str) -> Result<(LeadName, ViewAngle), String> {
    let wrong = || format!("{text}: expected a lead and a direction in degrees, such as V1=48,-38");
    let (name, angles) = text.split_once('=').ok_or_else(wrong)?;
    let (theta, phi) = angles.split_once(',').ok_or_else(wrong)?;
    let view = ViewAngle::from_degrees(
        theta.trim().parse().map_err(|_| wrong())?,
        phi.trim().parse().map_err(|_| wrong())?,
    );
    let name = LeadName::parse(name);
    if name.is_limb() {
        return Err(format!(
            "{name} has no electrode of its own; --limbs says where those of the limbs sit"
        ));
    }
    Ok((name, view.ok_or_else(wrong)?))
}

/// What to synthesise.
#[derive(clap::Args, Clone, Debug)]
pub struct TargetArgs {
    /// Leads of the catalogue or views of the panorama: V1@2ICS,V7,V4R,X,view-12 …
    #[arg(long, value_delimiter = ',')]
    pub lead: Vec<String>,
    /// A direction from the heart in degrees, θ,φ: 48,-38. May be given again.
    #[arg(long, allow_hyphen_values = true)]
    pub view: Vec<String>,
}

impl TargetArgs {
    /// The targets, at least one, none twice.
    pub(super) fn targets(&self) -> Result<Vec<Target>, CliError> {
        let mut targets: Vec<Target> = Vec::new();
        for text in self.lead.iter().chain(&self.view) {
            let target = text.parse().map_err(CliError::from_error)?;
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        match targets.is_empty() {
            true => Err(CliError(
                "name what to synthesise: --lead V7,V8 or --view 48,-38".into(),
            )),
            false => Ok(targets),
        }
    }
}

impl ExamArgs {
    /// As the synthesis room takes it. To be asked for before anything is printed.
    pub fn options(&self) -> CalibrationOptions {
        if matches!(self.device, DeviceChoice::Gpu | DeviceChoice::Adapter(_)) && !self.closed_form
        {
            driver_output::suppress_driver_output();
            let found = choose(self.device);
            if found.is_cpu() {
                let why = Translator::default().device_reason(&found.reason);
                eprintln!("warning: --device {}: {why}; the CPU is used", self.device);
            }
        }
        let names = |it: &[String]| it.iter().map(|it| LeadName::parse(it)).collect::<Vec<_>>();
        CalibrationOptions {
            inputs: (!self.inputs.is_empty()).then(|| names(&self.inputs)),
            withhold: names(&self.withhold),
            electrode_override: self.electrode_at.clone(),
            limbs: self.limbs,
            relocate_electrodes: self.relocate_electrodes,
            seconds: self.seconds,
            refine: !self.closed_form,
            device: self.device,
            ..CalibrationOptions::default()
        }
    }

    /// Reads a recording, in which every lead named must be; what reading had to say goes to
    /// standard error.
    pub(super) fn look(&self, file: &Path) -> Result<Exam, CliError> {
        let exam = Exam::read(file, &self.read.options(), &self.options())?;
        let leads = exam.recording.leads.clone().with_derived_limb_leads();
        self.check_names(|name| leads.get(name).is_some(), "a lead of the file")?;
        for it in &exam.warnings {
            eprintln!("warning: {it}");
        }
        Ok(exam)
    }

    /// A misspelt name would shut out nothing, or move nothing.
    pub(super) fn check_names(
        &self,
        is_right: impl Fn(&LeadName) -> bool,
        expected: &str,
    ) -> Result<(), CliError> {
        let parsed = |it: &String| LeadName::parse(it);
        let inputs = self.inputs.iter().map(parsed).map(|it| ("--inputs", it));
        let withheld = self
            .withhold
            .iter()
            .map(parsed)
            .map(|it| ("--withhold", it));
        let placed = self
            .electrode_at
            .iter()
            .map(|it| ("--electrode-at", it.0.clone()));
        match inputs
            .chain(withheld)
            .chain(placed)
            .find(|it| !is_right(&it.1))
        {
            Some((flag, name)) => Err(CliError(format!("{flag} {name}: expected {expected}"))),
            None => Ok(()),
        }
    }
}

/// A recording that was looked at.
pub(super) struct Exam {
    /// All of it, or the first seconds of a long one.
    pub recording: Recording,
    /// The options, with its leads beside the standard twelve kept out unless they are inputs, as
    /// the window does.
    pub options: CalibrationOptions,
    /// Seconds of the file.
    pub seconds: f64,
    /// What reading had to say.
    pub warnings: Vec<String>,
}

impl Exam {
    /// Reads. Nothing is derived from a lead that must not be looked at.
    pub(super) fn read(
        file: &Path,
        read: &ReadOptions,
        options: &CalibrationOptions,
    ) -> Result<Self, CliError> {
        let as_recorded = ReadOptions {
            limb_leads: LimbLeads::AsRecorded,
            ..read.clone()
        };
        let source = open_file(file, &as_recorded).map_err(CliError::from_error)?;
        let seconds = source.duration_s();
        let looked_at = if STREAM_S < seconds { LOOK_S } else { seconds };
        let opened = source.window(0.0, looked_at);
        let opened = opened.map_err(CliError::from_error)?;
        Ok(Self {
            seconds,
            warnings: opened.report.warnings,
            ..Self::of(opened.recording, options)
        })
    }

    /// A recording at hand, as recorded: all of its leads as they are.
    pub(super) fn of(mut recording: Recording, options: &CalibrationOptions) -> Self {
        let mut options = options.clone();
        let truth = recording.leads.truth_leads().into_iter();
        let inputs = options.inputs.as_deref().unwrap_or_default();
        let kept_out: Vec<LeadName> = truth.filter(|name| !inputs.contains(name)).collect();
        options.withhold.extend(kept_out);
        let is_shut = |it: &LeadName| options.withhold.contains(it);
        if ![LeadName::I, LeadName::II].iter().any(is_shut) {
            recording.leads = recording.leads.with_derived_limb_leads();
        }
        Self {
            seconds: recording.leads.duration_s(),
            recording,
            options,
            warnings: Vec::new(),
        }
    }
}

/// Calibrates without showing progress.
pub(super) fn calibrated(
    recording: &Recording,
    options: &CalibrationOptions,
    file: &Path,
) -> Result<Calibration, CliError> {
    calibrate(
        &recording.leads,
        options,
        &mut |_| ControlFlow::Continue(()),
    )
    .map_err(|it| CliError(format!("{it}: {}", file.display())))
}
