//! The network on a graphics adapter against the network on the CPU, over all demo cases; Mesa's
//! software adapter counts.
#![allow(clippy::unwrap_used)] // A test stops at what it did not expect.

use std::ops::ControlFlow;

use ecg_panorama::{
    ecg::{LeadName, LeadSet, Target},
    formats::{self, ReadOptions},
    session,
    synth::{CalibrationOptions, DeviceChoice, Synthesis, Synthesizer, adapters, calibrate},
};

/// The most that a lead may differ between the two, µV.
const TOLERANCE_UV: f32 = 5.0;

/// V2 and V5 withheld, so that the network has something to say at places that it was trained on,
/// and places around.
fn targets() -> Vec<Target> {
    [
        "V2", "V5", "V1@3ICS", "V1@2ICS", "V7", "V8", "V4R", "view-12", "48,-38", "95,20",
    ]
    .iter()
    .map(|it| it.parse().unwrap())
    .collect()
}

fn made(leads: &LeadSet, device: DeviceChoice) -> (String, Vec<Synthesis>) {
    let withhold = vec![LeadName::V2, LeadName::V5];
    let options = CalibrationOptions {
        withhold,
        device,
        ..CalibrationOptions::default()
    };
    let calibration = calibrate(leads, &options, &mut |_| ControlFlow::Continue(())).unwrap();
    let device = calibration.device().unwrap().clone();
    let synthesizer = Synthesizer::new(leads, calibration).unwrap();
    (
        format!("{} ({:?})", device.name, device.reason),
        synthesizer.targets(&targets()),
    )
}

#[test]
fn graphics_and_cpu_agree_on_every_demo() {
    let all = adapters();
    let Some(adapter) = all.iter().find(|it| !it.is_software).or(all.first()) else {
        println!(
            "skipped: no graphics adapter on this machine (Debian: mesa-vulkan-drivers gives a software one)"
        );
        return;
    };
    let mut most = 0f32;
    for demo in session::demos() {
        let name = format!("{}.edf", demo.name);
        let leads = formats::read_bytes(&name, &demo.file(), &ReadOptions::default())
            .unwrap()
            .recording
            .leads;
        let leads = leads.slice(0..leads.n_samples().min(5000)).unwrap();
        let (_, cpu) = made(&leads, DeviceChoice::Cpu);
        let (device, gpu) = made(&leads, DeviceChoice::Adapter(adapter.number));
        assert!(
            device.contains(&adapter.name),
            "{} was asked for and {device} taken",
            adapter.name
        );
        for (a, b) in cpu.iter().zip(&gpu) {
            let off = |(x, y): (&f32, &f32)| 1000.0 * (x - y).abs();
            let off = a
                .lead
                .samples_mv
                .iter()
                .zip(b.lead.samples_mv.iter())
                .map(off)
                .fold(0.0, f32::max);
            assert!(
                off <= TOLERANCE_UV,
                "{}, {}: {off} µV apart",
                demo.name,
                a.lead.name
            );
            most = most.max(off);
        }
    }
    println!(
        "{} and the CPU differ by {most:.4} µV at most over {} demo cases",
        adapter.name,
        session::demos().len()
    );
}

#[test]
fn the_same_input_gives_the_same_bits_on_the_cpu() {
    let demo = &session::demos()[3];
    let leads = formats::read_bytes("demo.edf", &demo.file(), &ReadOptions::default())
        .unwrap()
        .recording
        .leads;
    let (first, again) = (
        made(&leads, DeviceChoice::Cpu),
        made(&leads, DeviceChoice::Cpu),
    );
    let bits = |it: &(String, Vec<Synthesis>)| -> Vec<u32> {
        it.1.iter()
            .flat_map(|it| it.lead.samples_mv.iter().chain(&it.band_mv))
            .map(|it| it.to_bits())
            .collect()
    };
    assert!(!bits(&first).is_empty() && bits(&first) == bits(&again));
}
