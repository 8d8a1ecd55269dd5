//! The program's rooms for Python. Facts cross as JSON, signals as bytes that NumPy takes for arrays;
//! everything long runs without the interpreter's lock.

use std::{ops::ControlFlow, path::Path, sync::OnceLock};

use ecg_panorama::{
    ecg::{Lead, LeadName, LeadSet, Recording, SampleRate, Target},
    formats::{self, LimbLeads, ReadOptions},
    reliability::ExamReliability,
    signal::{LeadMeasurements, Measurements, analyse},
    synth::{CalibrationOptions, Synthesis, Synthesizer, calibrate},
    words::Translator,
};
use pyo3::{
    exceptions::PyValueError,
    prelude::*,
    types::{PyBytes, PyDict},
};
use serde_json::Value;

fn refused(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// A recording.
#[pyclass(name = "Exam", frozen)]
struct PyExam {
    recording: Recording,
    warnings: Vec<String>,
}

#[pymethods]
impl PyExam {
    /// Opens a file.
    #[staticmethod]
    fn open(py: Python<'_>, path: &str) -> PyResult<Self> {
        let options = ReadOptions {
            limb_leads: LimbLeads::AsRecorded,
            ..ReadOptions::default()
        };
        let opened = py.detach(|| formats::read(Path::new(path), &options));
        let opened = opened.map_err(refused)?;
        Ok(Self {
            recording: opened.recording,
            warnings: opened
                .report
                .warnings
                .iter()
                .map(ToString::to_string)
                .collect(),
        })
    }

    /// Takes 32-bit floats in the machine's order, lead after lead.
    #[staticmethod]
    fn from_bytes(samples_mv: &[u8], leads: Vec<String>, rate_hz: f64) -> PyResult<Self> {
        let rate = SampleRate::from_hz(rate_hz)
            .ok_or_else(|| refused(format!("rate_hz {rate_hz}: expected samples per second")))?;
        let n_bytes = samples_mv.len() / leads.len().max(1);
        let rows = leads.iter().zip(samples_mv.chunks(n_bytes.max(1)));
        let leads = rows.map(|(name, row)| {
            let (samples, _) = row.as_chunks::<4>();
            let samples = samples.iter().map(|it| f32::from_ne_bytes(*it));
            Lead::measured(LeadName::parse(name), samples.collect::<Vec<f32>>())
        });
        let leads = LeadSet::new(rate, leads.collect()).map_err(refused)?;
        Ok(Self {
            recording: Recording::from_leads(leads),
            warnings: Vec::new(),
        })
    }

    #[getter]
    fn leads(&self) -> Vec<String> {
        let leads = self.recording.leads.leads().iter();
        leads.map(|lead| lead.name.to_string()).collect()
    }

    #[getter]
    fn rate_hz(&self) -> f64 {
        self.recording.leads.rate().hz()
    }

    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }

    /// Lead after lead.
    #[getter]
    fn samples_mv<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let leads = self.recording.leads.leads().iter();
        bytes(py, leads.flat_map(|lead| lead.samples_mv.iter()))
    }

    /// Learns from the first seconds. Nothing is derived from a lead that is withheld.
    fn calibrate(
        &self,
        py: Python<'_>,
        inputs: Option<Vec<String>>,
        withhold: Vec<String>,
        seconds: f64,
        closed_form: bool,
    ) -> PyResult<PyPatient> {
        let names = |it: Vec<String>| -> Vec<LeadName> {
            it.iter().map(|it| LeadName::parse(it)).collect()
        };
        let mut options = CalibrationOptions {
            inputs: inputs.map(names),
            withhold: names(withhold),
            seconds,
            refine: !closed_form,
            ..CalibrationOptions::default()
        };
        let leads = self.looked_at(&mut options)?;
        py.detach(|| {
            let calibration = calibrate(&leads, &options, &mut |_| ControlFlow::Continue(()));
            let synthesizer = Synthesizer::new(&leads, calibration.map_err(refused)?);
            Ok(PyPatient {
                recording: Recording {
                    leads,
                    ..self.recording.clone()
                },
                options,
                synthesizer: synthesizer.map_err(refused)?,
                reliability: OnceLock::new(),
            })
        })
    }

    /// The table of measurements as JSON.
    fn measure(&self, py: Python<'_>) -> PyResult<String> {
        let table = py.detach(|| {
            let leads = self.recording.leads.clone().with_derived_limb_leads();
            Measurements::of(&analyse(&leads))
        });
        serde_json::to_string(&table).map_err(refused)
    }
}

impl PyExam {
    /// The leads with those that follow from I and II, unless one of them is withheld; names that
    /// are not there are refused, and leads beside the twelve are kept out to compare with, unless
    /// they are inputs: as the program does.
    fn looked_at(&self, options: &mut CalibrationOptions) -> PyResult<LeadSet> {
        let leads = self.recording.leads.clone();
        let whole = leads.clone().with_derived_limb_leads();
        let inputs = options.inputs.clone().unwrap_or_default();
        let mut named = inputs.iter().chain(&options.withhold);
        if let Some(name) = named.find(|name| whole.get(name).is_none()) {
            return Err(refused(format!("{name}: expected a lead of the exam")));
        }
        let truth = leads.truth_leads().into_iter();
        let kept_out: Vec<LeadName> = truth.filter(|name| !inputs.contains(name)).collect();
        options.withhold.extend(kept_out);
        let is_shut = |name: &LeadName| options.withhold.contains(name);
        let is_whole = ![LeadName::I, LeadName::II].iter().any(is_shut);
        Ok(if is_whole { whole } else { leads })
    }
}

/// A recording that was calibrated on.
#[pyclass(name = "Patient", frozen)]
struct PyPatient {
    recording: Recording,
    options: CalibrationOptions,
    synthesizer: Synthesizer,
    reliability: OnceLock<ExamReliability>,
}

#[pymethods]
impl PyPatient {
    #[getter]
    fn method(&self) -> &str {
        self.synthesizer.calibration().by()
    }

    fn synthesise(&self, py: Python<'_>, lead: &str) -> PyResult<PyLead> {
        let target: Target = lead.parse().map_err(refused)?;
        Ok(PyLead(py.detach(|| self.synthesizer.target(&target))))
    }

    /// How far a lead can be relied on, as JSON with a sentence beside each fact.
    fn reliability(&self, py: Python<'_>, lead: &str) -> PyResult<String> {
        let target: Target = lead.parse().map_err(refused)?;
        let found = py.detach(|| {
            let exam = self.exam_reliability()?;
            Ok::<_, PyErr>(exam.of(&self.synthesizer, &target))
        })?;
        let english = Translator::default();
        let mut value = serde_json::to_value(&found).map_err(refused)?;
        let reasons = found.reasons.iter().map(|it| english.reason(it));
        say(&mut value["reasons"], reasons);
        let warnings = found.warnings.iter().map(|it| english.warning(it));
        say(&mut value["warnings"], warnings);
        let row = py.detach(|| self.measured(&target, found.expected_rmse_uv));
        value["measurements"] = serde_json::to_value(row).map_err(refused)?;
        Ok(value.to_string())
    }
}

impl PyPatient {
    /// What is measured in a lead, on the beats and between the bounds of those that may be looked
    /// at, with the error to expect. `None` without beats.
    fn measured(&self, target: &Target, expected_rmse_uv: f64) -> Option<LeadMeasurements> {
        let found = analyse(&self.recording.leads.without(&self.options.withhold)?);
        let (median, waves) = (found.median?, found.waves?);
        let lead = self.synthesizer.target(target).lead;
        let row = LeadMeasurements::beside(&median, &waves, &lead, median.leads.rate())?;
        let error_uv = row.synthesised.then_some(expected_rmse_uv);
        Some(LeadMeasurements { error_uv, ..row })
    }

    fn exam_reliability(&self) -> PyResult<&ExamReliability> {
        if let Some(known) = self.reliability.get() {
            return Ok(known);
        }
        let leads = &self.recording.leads;
        let exam = ExamReliability::new(leads, &self.options, &self.synthesizer);
        let exam = exam.map_err(refused)?.knowing(&self.recording);
        Ok(self.reliability.get_or_init(|| exam))
    }
}

/// Puts a sentence beside each fact of a list.
fn say(facts: &mut Value, sentences: impl Iterator<Item = String>) {
    let facts = facts.as_array_mut().into_iter().flatten();
    for (fact, sentence) in facts.zip(sentences) {
        fact["sentence"] = sentence.into();
    }
}

/// 32-bit floats in the machine's order.
fn bytes<'a, 'py>(py: Python<'py>, samples: impl Iterator<Item = &'a f32>) -> Bound<'py, PyBytes> {
    let bytes: Vec<u8> = samples.flat_map(|it| it.to_ne_bytes()).collect();
    PyBytes::new(py, &bytes)
}

/// A lead that was made.
#[pyclass(name = "Lead", frozen)]
struct PyLead(Synthesis);

#[pymethods]
impl PyLead {
    #[getter]
    fn name(&self) -> String {
        self.0.lead.name.to_string()
    }

    /// `d` before the name says that it was synthesised.
    #[getter]
    fn label(&self) -> String {
        self.0.lead.label()
    }

    #[getter]
    fn is_synthesised(&self) -> bool {
        self.0.lead.origin.is_synthesised()
    }

    #[getter]
    fn samples_mv<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, self.0.lead.samples_mv.iter())
    }

    #[getter]
    fn band_mv<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, self.0.band_mv.iter())
    }

    #[getter]
    fn expected_rmse_uv(&self) -> f64 {
        self.0.expected_rmse_uv
    }

    #[getter]
    fn contributions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let weights = PyDict::new(py);
        for (name, weight) in &self.0.contributions {
            weights.set_item(name.to_string(), weight)?;
        }
        Ok(weights)
    }
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<PyExam>()?;
    module.add_class::<PyPatient>()?;
    module.add_class::<PyLead>()
}
