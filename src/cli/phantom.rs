//! `ecg-panorama phantom`: makes virtual patients, the demos, and the table that holds them against
//! real people.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::{
    CliError,
    output_args::{OverwriteArgs, format_of},
};
use crate::{
    ecg::{LeadName, Montage, Recording, SampleRate, montage},
    evaluate::healthy_recordings,
    formats::{Format, Output},
    phantom::{Comparison, Condition, Device, Measures, VirtualPatient, compare},
    session::{Demo, demos},
};

/// Make a simulated recording of a virtual patient, with leads that no routine exam has.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    task: Option<Task>,
    /// Condition of the patient; --list names all.
    #[arg(long, default_value = "normal")]
    condition: String,
    /// Number that makes the patient: the same number, the same person.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Leads, separated by commas: 12 for the standard twelve, V1@2ICS, V7, V4R, X …
    #[arg(long, default_value = "12")]
    leads: String,
    /// Samples per second.
    #[arg(long, default_value_t = 500.0)]
    rate: f64,
    /// Length in seconds.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Recorder: clinical, drawn (noisier or calmer, by the seed) or ideal (no noise, no filter).
    #[arg(long, default_value = "clinical")]
    recorder: String,
    /// File to write; its ending chooses the format (.edf, .hea, .csv, .dcm).
    #[arg(short, long)]
    output: Option<PathBuf>,
    #[command(flatten)]
    overwrite: OverwriteArgs,
    /// List the conditions and stop.
    #[arg(long)]
    list: bool,
}

#[derive(clap::Subcommand)]
enum Task {
    /// Hold virtual normals against real ones and print the table.
    Compare {
        /// Folder with index.csv and leads8_500hz_uv.npy.
        data: PathBuf,
        /// How many virtual patients.
        #[arg(long, default_value_t = 200)]
        patients: u64,
    },
    /// Make the demos that the program carries.
    Demos {
        /// Folder to write them to.
        folder: PathBuf,
        #[command(flatten)]
        overwrite: OverwriteArgs,
    },
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), CliError> {
    match &args.task {
        Some(Task::Compare { data, patients }) => print_comparison(data, *patients),
        Some(Task::Demos { folder, overwrite }) => write_demos(folder, &overwrite.output(None)),
        None if args.list => {
            Condition::ALL
                .iter()
                .for_each(|it| println!("{:<16} {}", it.name(), it.title()));
            Ok(())
        }
        None => write_one(args),
    }
}

/// Samples of a simulated recording over all leads: three quarters of an hour of the usual twelve.
const MOST_SAMPLES: f64 = 16e6;

fn write_one(args: &Args) -> Result<(), CliError> {
    let condition = Condition::parse(&args.condition).ok_or_else(|| {
        CliError(format!(
            "condition {:?} is not known; --list names all",
            args.condition
        ))
    })?;
    let output = args
        .output
        .as_deref()
        .ok_or_else(|| CliError("no file to write: add -o FILE.edf".into()))?;
    let format = format_of(output)?;
    let door = args.overwrite.output(None);
    door.check_recording(output, format)?;
    let device = match args.recorder.as_str() {
        "clinical" => Device::clinical(),
        "drawn" => Device::drawn(args.seed),
        "ideal" => Device::ideal(),
        other => {
            return Err(CliError(format!(
                "recorder {other:?} is not known, expected clinical, drawn or ideal"
            )));
        }
    };
    let rate = SampleRate::from_hz(args.rate).ok_or_else(|| {
        let (least, most) = SampleRate::LIMITS_HZ;
        CliError(format!(
            "--rate {}: expected {least} to {most} Hz",
            args.rate
        ))
    })?;
    let leads = montages(&args.leads)?;
    let samples = args.seconds * args.rate * leads.len() as f64;
    if !(1.0..=MOST_SAMPLES).contains(&samples) {
        let words = "expected a length of at most sixteen million samples in all leads";
        return Err(CliError(format!("--seconds {}: {words}", args.seconds)));
    }
    let recording = simulate(
        &VirtualPatient::new(condition, args.seed),
        &leads,
        rate,
        args.seconds,
        &device,
    )?;
    door.write_recording(&recording, output, format)?;
    println!(
        "{}: {}, seed {}, {} leads, {} s. Simulated, not a patient.",
        output.display(),
        condition.title(),
        args.seed,
        recording.leads.leads().len(),
        args.seconds
    );
    Ok(())
}

/// Records and notes where the electrodes really were.
fn simulate(
    patient: &VirtualPatient,
    leads: &[&Montage],
    rate: SampleRate,
    seconds: f64,
    device: &Device,
) -> Result<Recording, CliError> {
    let mut recording = patient
        .record(leads, rate, seconds, device)
        .ok_or_else(|| CliError("no sample: check --rate and --seconds".into()))?;
    for lead in leads.iter().filter(|it| !it.name.is_standard()) {
        if let Some(direction) = patient.direction(lead) {
            recording.notes.push((
                Some(0.0),
                format!(
                    "truth lead {} (simulated): seen from the heart at {}, meant {}",
                    lead.name, direction.actual, direction.nominal
                ),
            ));
        }
    }
    Ok(recording)
}

fn montages(list: &str) -> Result<Vec<&'static Montage>, CliError> {
    let names = list.split(',').flat_map(|it| {
        if it.trim() == "12" {
            LeadName::TWELVE.to_vec()
        } else {
            vec![LeadName::parse(it)]
        }
    });
    let mut out: Vec<&Montage> = Vec::new();
    for name in names {
        let lead = montage(&name).ok_or_else(|| CliError(format!("lead {name} is not known")))?;
        if out.iter().all(|it| it.name != lead.name) {
            out.push(lead);
        }
    }
    Ok(out)
}

fn write_demos(folder: &Path, output: &Output) -> Result<(), CliError> {
    std::fs::create_dir_all(folder).map_err(|it| {
        CliError(format!(
            "cannot make the folder: {it}: {}",
            folder.display()
        ))
    })?;
    let leads = montages(&Demo::LEADS.join(","))?;
    let rate = SampleRate::from_hz(500.0).ok_or_else(|| CliError("no rate".into()))?;
    for demo in demos() {
        let recording = simulate(
            &VirtualPatient::new(demo.condition, demo.seed),
            &leads,
            rate,
            10.0,
            &Device::clinical(),
        )?;
        let path = folder.join(format!("{}.edf", demo.name));
        output.write_recording(&recording, &path, Format::EdfPlus)?;
        println!("{}", path.display());
    }
    Ok(())
}

fn print_comparison(data: &Path, patients: u64) -> Result<(), CliError> {
    let real = healthy_recordings(data).map_err(CliError::from_error)?;
    let real: Vec<Measures> = real.par_iter().filter_map(Measures::of).collect();
    let leads = montages("I,II,V1,V2,V3,V4,V5,V6")?;
    let rate = SampleRate::from_hz(500.0).ok_or_else(|| CliError("no rate".into()))?;
    let measured = |seed: u64| {
        Measures::of(
            &VirtualPatient::new(Condition::Normal, seed)
                .record(&leads, rate, 10.0, &Device::drawn(seed))?
                .leads,
        )
    };
    let simulated: Vec<Measures> = (1..=patients)
        .into_par_iter()
        .filter_map(measured)
        .collect();
    let table = compare(&real, &simulated);
    println!(
        "{} real normals (PTB-XL, train split, label NORM), {} virtual (seeds 1–{patients}); 0.5 Hz high-pass, median beats",
        real.len(),
        simulated.len()
    );
    println!(
        "{:<10} {:>8} {:>8} {:>8}   {:>8} {:>8} {:>8}",
        "measure", "real 25%", "50%", "75%", "virt 25%", "50%", "75%"
    );
    table.iter().for_each(|it| println!("{}", row(it)));
    let fitting = table.iter().filter(|it| it.fits()).count();
    println!(
        "virtual median within the real quartiles: {fitting} of {} ({:.0} %)",
        table.len(),
        100.0 * fitting as f64 / table.len() as f64
    );
    println!(
        "R ≥ S in V1: real {:.1} %, virtual {:.1} %",
        100.0 * Measures::dominant_r_share(&real),
        100.0 * Measures::dominant_r_share(&simulated)
    );
    println!(
        "rank-3 content, median: real {:.4}, virtual {:.4}",
        Measures::median_rank_3(&real),
        Measures::median_rank_3(&simulated)
    );
    Ok(())
}

fn row(it: &Comparison) -> String {
    let [a, b, c] = it.real;
    let [d, e, f] = it.virtual_;
    let digits = if it.name.ends_with("ms") { 0 } else { 3 };
    format!(
        "{:<10} {a:>8.digits$} {b:>8.digits$} {c:>8.digits$}   {d:>8.digits$} {e:>8.digits$} {f:>8.digits$}  {}",
        it.name,
        if it.fits() { "" } else { "OUTSIDE" }
    )
}
