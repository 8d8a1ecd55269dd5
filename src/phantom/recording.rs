//! What is recorded of a virtual patient, with any leads at any rate.

use std::sync::Arc;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::{
    beating::turning,
    body::{Wiring, hash},
    condition::Condition,
    device::Device,
    fields::Fields,
    patient::{PLACEMENT_MM, VirtualPatient},
    pose::Axes,
    superposition::{add_beat, sample},
};
use crate::{
    ecg::{Lead, LeadSet, Montage, Recording, SampleRate, Terminal, site, vec3::Vec3},
    field::LeadField,
};

/// Least depth of a source below the skin, mm: the skin's triangles cannot tell a nearer one from a
/// point.
const SOURCE_DEPTH_MM: f64 = 14.0;
impl VirtualPatient {
    /// Records `seconds` of the given leads. Leads whose sites do not exist are left out;
    /// `None` if none is left or `rate` and `seconds` make no sample.
    pub fn record(
        &self,
        montages: &[&Montage],
        rate: SampleRate,
        seconds: f64,
        device: &Device,
    ) -> Option<Recording> {
        let known: Vec<&Montage> = montages
            .iter()
            .copied()
            .filter(|it| is_placeable(it))
            .collect();
        let samples = self.samples_mv(&known, rate, seconds, device);
        if samples.first().is_none_or(|it| it.is_empty()) {
            return None;
        }
        let leads = known
            .iter()
            .zip(samples)
            .map(|(montage, mut samples)| {
                let electrode = montage.exploring_site();
                if electrode.is_some_and(|it| self.heart.is_off(it)) {
                    samples.fill(0.0);
                }
                Lead::measured(montage.name.clone(), samples)
            })
            .collect();
        let mut recording = Recording::from_leads(LeadSet::new(rate, leads).ok()?);
        recording.device = Some(Recording::SIMULATOR.into());
        recording.filters.high_pass_hz = device.high_pass_hz;
        recording.filters.low_pass_hz = device.low_pass_hz;
        recording.notes.push((
            None,
            format!(
                "SIMULATED, not a patient: {}, seed {}",
                self.condition
                    .map_or("a heart set by hand", Condition::title),
                self.seed()
            ),
        ));
        let worn = self.heart.misplaced.iter();
        recording
            .notes
            .extend(worn.map(|it| (None, it.to_string())));
        Some(recording)
    }

    /// The leads as samples, for training: no names, no copies of what is known already.
    pub fn samples_mv(
        &self,
        montages: &[&Montage],
        rate: SampleRate,
        seconds: f64,
        device: &Device,
    ) -> Vec<Vec<f32>> {
        let wiring = Wiring::new(montages);
        let at_sites = self.site_potentials(&wiring.sites, rate, seconds, device);
        let n = rate.samples_in(seconds);
        let lead = |terms: &Vec<(usize, f64)>| {
            let mut mixed = vec![0.0; n];
            for (site, weight) in terms {
                mixed
                    .iter_mut()
                    .zip(&at_sites[*site])
                    .for_each(|(out, it)| *out += weight * it);
            }
            device.convert(rate.hz(), &mixed)
        };
        wiring.weights.par_iter().map(lead).collect()
    }

    /// Potential of every site over time, mV, with what its electrode picks up.
    fn site_potentials(
        &self,
        sites: &[&str],
        rate: SampleRate,
        seconds: f64,
        device: &Device,
    ) -> Vec<Vec<f64>> {
        let device = &device.noisier(self.heart.noise);
        let fields = self.fields(sites);
        let mut chance = ChaCha8Rng::seed_from_u64(self.seed() ^ hash("rhythm"));
        let events = self.pacing.events(seconds, &mut chance);
        let n = rate.samples_in(seconds);
        let mut out = vec![vec![0.0; n]; sites.len()];
        for (kind, wave) in &self.beating().waves {
            let at_rest = wave.at_leads(&fields.middle);
            let by_breath = wave.at_leads(&fields.breath);
            let each_site = out.par_iter_mut().enumerate();
            each_site.for_each(|(site, samples)| {
                for event in events.iter().filter(|it| it.kind == *kind) {
                    let breath = self.pacing.breathing.at(event.at_s) + event.sway;
                    add_beat(samples, rate.hz(), event, wave.activated_ms, |at| {
                        event.size
                            * (sample(&at_rest[site], at) + breath * sample(&by_breath[site], at))
                    });
                }
            });
        }
        self.add_flutter(&fields, rate, &mut out);
        let breaths: Vec<f64> = (0..n)
            .map(|it| self.pacing.breathing.at(it as f64 / rate.hz()))
            .collect();
        let electrodes = sites.par_iter().zip(&mut out);
        electrodes.for_each(|(name, samples)| {
            device.disturb(name, self.seed(), &breaths, rate.hz(), samples);
        });
        out
    }

    /// Fields of the sites' electrodes, in the heart's own axes.
    fn fields(&self, sites: &[&str]) -> Arc<Fields> {
        if let Some(known) = self.fields.get().filter(|it| it.sites == sites) {
            return known.clone();
        }
        let fields = Arc::new(self.new_fields(sites));
        self.fields.get_or_init(|| fields.clone());
        fields
    }

    fn new_fields(&self, sites: &[&str]) -> Fields {
        let conductor = self.build.conductor();
        let electrode = |name: &&str| {
            self.build
                .electrode(self.heart.worn_at(name), self.seed(), PLACEMENT_MM)
                .map(|it| conductor.lead_field(&[(it, 1.0)]))
        };
        let leads: Vec<LeadField> = sites.par_iter().filter_map(electrode).collect();
        let at_breath = |breath: f64| -> Vec<Vec<f32>> {
            let axes = Axes::new(&self.pose(breath));
            let centre = self.centre_of_ventricles_mm(breath);
            let in_body = |node: &Vec3| {
                self.build
                    .at_least(SOURCE_DEPTH_MM, axes.in_torso(*node, centre))
            };
            let nodes: Vec<Vec3> = self
                .beating()
                .lattice
                .nodes_mm
                .iter()
                .map(in_body)
                .collect();
            let vectors = conductor.lead_vectors(&leads, &nodes);
            let in_axes = |lead: &Vec<Vec3>| lead.iter().flat_map(|it| axes.field(*it)).collect();
            vectors.iter().map(in_axes).collect()
        };
        Fields::new(sites, at_breath)
    }

    /// Fibrillating atria: dipoles that turn at 4–9 Hz, none quite regularly.
    fn add_flutter(&self, fields: &Fields, rate: SampleRate, out: &mut [Vec<f64>]) {
        let mut chance = ChaCha8Rng::seed_from_u64(self.seed() ^ hash("fibrillation"));
        let n = out.first().map_or(0, Vec::len);
        for source in &self.beating().fibrillation {
            let path = turning(&mut chance, rate.hz(), n);
            for (field, samples) in fields.middle.iter().zip(out.iter_mut()) {
                let field: Vec3 = std::array::from_fn(|it| {
                    f64::from(field[3 * source.node + it]) * source.moment
                });
                samples
                    .iter_mut()
                    .zip(&path)
                    .for_each(|(out, at)| *out += (0..3).map(|it| field[it] * at[it]).sum::<f64>());
            }
        }
    }
}

/// Whether all sites of a lead exist on the torso.
fn is_placeable(montage: &Montage) -> bool {
    montage.terms.iter().all(|it| match it.0 {
        Terminal::Site(name) => site(name).is_some(),
        Terminal::Wilson => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{LeadName, montage};

    fn recorded(condition: Condition, seed: u64, names: &[LeadName]) -> Recording {
        let montages: Vec<&Montage> = names.iter().filter_map(montage).collect();
        let rate = SampleRate::from_hz(500.0).unwrap();
        VirtualPatient::new(condition, seed)
            .record(&montages, rate, 3.0, &Device::clinical())
            .unwrap()
    }

    #[test]
    fn a_seed_is_a_person() {
        let names = [LeadName::II, LeadName::V1];
        assert_eq!(
            recorded(Condition::Normal, 5, &names),
            recorded(Condition::Normal, 5, &names)
        );
        assert_ne!(
            recorded(Condition::Normal, 5, &names).leads,
            recorded(Condition::Normal, 6, &names).leads
        );
    }

    #[test]
    fn leads_do_not_depend_on_their_company() {
        let alone = recorded(Condition::Normal, 5, &[LeadName::V2]);
        let among = recorded(Condition::Normal, 5, &LeadName::TWELVE);
        assert_eq!(
            alone.leads.get(&LeadName::V2),
            among.leads.get(&LeadName::V2)
        );
    }

    #[test]
    fn limb_leads_obey_einthoven() {
        let leads = recorded(Condition::Normal, 9, &LeadName::TWELVE).leads;
        let at = |name: LeadName| leads.get(&name).unwrap().samples_mv.clone();
        let (i, ii, iii) = (at(LeadName::I), at(LeadName::II), at(LeadName::III));
        assert!(
            (0..i.len()).all(|k| (ii[k] - i[k] - iii[k]).abs() < 0.0016),
            "beyond the converter's rounding"
        );
    }
}
