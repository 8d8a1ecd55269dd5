//! One virtual patient, drawn from a seed: the heart, the body and the electrodes on it.

use std::sync::{Arc, OnceLock};

use super::{
    beating::Beating,
    body::{Build, Placement},
    changes,
    condition::Condition,
    fields::Fields,
    person::Person,
    physiology::{Conduction, Physiology, Pose},
    pose::{Axes, keep_below_skin, resting_centre_mm},
    rhythm::{Breathing, Pacing},
    surface::surface,
    virtual_heart::VirtualHeart,
};
use crate::ecg::{
    HEART_CENTRE_MM, Mesh, Montage, Terminal, ViewAngle, site,
    vec3::{Vec3, sub},
};

/// Where a lead looks from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Direction {
    /// As meant, on the reference torso.
    pub nominal: ViewAngle,
    /// As it is in this patient.
    pub actual: ViewAngle,
}

/// How far a deep breath moves the heart: anterior, left, superior, mm.
const BREATH_MM: Vec3 = [1.0, -1.0, -3.0];
/// How far it turns the heart: azimuth and depression of the long axis, roll, degrees.
const BREATH_DEG: Vec3 = [-1.0, 1.5, 1.5];
/// Standard deviation of a technician's placement on each axis, mm.
pub(super) const PLACEMENT_MM: f64 = 5.0;

/// A patient who never lived.
pub struct VirtualPatient {
    pub(super) heart: VirtualHeart,
    pub(super) condition: Option<Condition>,
    physiology: Physiology,
    usual: Conduction,
    pub(super) build: Build,
    pub(super) pacing: Pacing,
    beating: OnceLock<Arc<Beating>>,
    /// Of the sites that were asked for first.
    pub(super) fields: OnceLock<Arc<Fields>>,
}

/// The surface of the ventricles, and when the beat reaches it.
#[derive(Clone, Debug, PartialEq)]
pub struct Activation {
    /// In the body, outward.
    pub surface: Mesh,
    /// Its vertices in the heart's own axes, mm.
    pub heart_mm: Vec<Vec3>,
    /// When each vertex is reached after the first activation, ms; NaN where it never is.
    pub after_ms: Vec<f64>,
}

impl Activation {
    /// When the last place is reached, ms.
    pub fn last_ms(&self) -> f64 {
        self.after_ms.iter().copied().fold(0.0, f64::max)
    }
}

impl VirtualPatient {
    /// The patient of that number with a condition: the same numbers always make the same person.
    pub fn new(condition: Condition, seed: u64) -> Self {
        Self {
            condition: Some(condition),
            ..Self::of(condition.heart(seed))
        }
    }

    /// The patient with that heart.
    pub fn of(heart: VirtualHeart) -> Self {
        let person = heart.person.map_or_else(Person::median, Person::of);
        let mut physiology = person.physiology;
        let usual = physiology.conduction.clone();
        changes::apply(&heart, &mut physiology);
        let build = heart.build.map_or(person.build, |it| Build::new(it.into()));
        keep_below_skin(&mut physiology, build);
        let rr_s = heart.rate_bpm.map_or(person.rr_s, |bpm| 60.0 / bpm);
        physiology.repolarisation.duration_ms *= (rr_s / 0.9).powf(0.3);
        let pacing = Pacing {
            rhythm: heart.rhythm,
            rr_s,
            pr_s: physiology.conduction.pr_ms / 1000.0,
            sinus_arrhythmia: person.sinus_arrhythmia,
            breathing: Breathing {
                depth: heart.breathing * person.breathing.depth,
                ..person.breathing
            },
        };
        Self {
            heart,
            condition: None,
            physiology,
            usual,
            build,
            pacing,
            beating: OnceLock::new(),
            fields: OnceLock::new(),
        }
    }

    /// The same, with what was worked out for `before` as far as it is the same: of two neighbouring
    /// steps of a slider, how the heart beats, or what the electrodes see of it.
    pub fn taking_over(self, before: &Self) -> Self {
        let mut taken = self;
        let beats = |it: &Self| (it.heart.rhythm, it.heart.pathway, it.heart.focus_mm);
        let lying_alike = Physiology {
            pose: before.physiology.pose.clone(),
            ..taken.physiology.clone()
        };
        if lying_alike == before.physiology
            && taken.usual == before.usual
            && beats(&taken) == beats(before)
        {
            taken.beating = before.beating.clone();
        }
        let is_seen_alike = taken.physiology.shape == before.physiology.shape
            && taken.physiology.pose == before.physiology.pose
            && (taken.build, taken.seed()) == (before.build, before.seed())
            && taken.heart.misplaced == before.heart.misplaced;
        if is_seen_alike {
            taken.fields = before.fields.clone();
        }
        taken
    }

    /// The heart's sources, worked out when first needed.
    pub(super) fn beating(&self) -> &Beating {
        self.beating
            .get_or_init(|| Beating::new(&self.heart, &self.physiology, &self.usual).into())
    }

    /// The number that makes the person; the population's middle has none of its own.
    pub(super) fn seed(&self) -> u64 {
        self.heart.person.unwrap_or(0)
    }

    /// When the beat reaches the ventricles: the ectopic beat where there is one.
    pub fn activation(&self) -> Activation {
        let axes = Axes::new(&self.pose(0.0));
        let centre = self.centre_of_ventricles_mm(0.0);
        let own = surface(&self.beating().reached);
        let in_body = own.vertices_mm.iter();
        Activation {
            surface: Mesh {
                vertices_mm: in_body.map(|it| axes.in_torso(*it, centre)).collect(),
                triangles: own.triangles,
            },
            heart_mm: own.vertices_mm,
            after_ms: own.ms,
        }
    }

    /// Where the electrode of a named site is and where it was meant to be. `None` if there is no
    /// such site.
    pub fn placement(&self, name: &str) -> Option<Placement> {
        let worn_at = self.heart.worn_at(name);
        let position_mm = self.build.place(worn_at, self.seed(), PLACEMENT_MM)?;
        let centre = self.centre_mm();
        let actual = ViewAngle::from_vector(sub(position_mm, centre))?;
        Some(Placement {
            site: name.to_owned(),
            nominal: site(name)?.view,
            actual,
            position_mm,
        })
    }

    /// Direction of a lead as meant and as it is: of its exploring electrode, or of the axis
    /// between its electrodes.
    pub fn direction(&self, montage: &Montage) -> Option<Direction> {
        if let Some(name) = montage.exploring_site() {
            let placed = self.placement(name)?;
            return Some(Direction {
                nominal: placed.nominal,
                actual: placed.actual,
            });
        }
        let (mut nominal, mut actual) = ([0.0; 3], [0.0; 3]);
        for (terminal, weight) in &montage.terms {
            let Terminal::Site(name) = terminal else {
                continue;
            };
            let (meant, is) = (site(name)?.position_mm, self.placement(name)?.position_mm);
            (0..3).for_each(|it| nominal[it] += weight * meant[it]);
            (0..3).for_each(|it| actual[it] += weight * is[it]);
        }
        Some(Direction {
            nominal: ViewAngle::from_vector(nominal)?,
            actual: ViewAngle::from_vector(actual)?,
        })
    }

    /// The point that angles are measured from in this patient: the reference heart's centre, moved
    /// as the heart is.
    fn centre_mm(&self) -> Vec3 {
        let middle = Physiology::median().pose.shift_mm;
        std::array::from_fn(|it| {
            HEART_CENTRE_MM[it] + self.physiology.pose.shift_mm[it] - middle[it]
        })
    }

    /// How the heart lies at a depth of breath from −1 to 1.
    pub(super) fn pose(&self, breath: f64) -> Pose {
        let mut pose = self.physiology.pose.clone();
        let angles = [
            &mut pose.azimuth_deg,
            &mut pose.depression_deg,
            &mut pose.roll_deg,
        ];
        angles
            .into_iter()
            .zip(BREATH_DEG)
            .for_each(|(angle, turn)| *angle += breath * turn);
        pose
    }

    /// Where the ventricles' middle is, at a depth of breath from −1 to 1.
    pub(super) fn centre_of_ventricles_mm(&self, breath: f64) -> Vec3 {
        let centre = resting_centre_mm(&self.physiology, self.build);
        std::array::from_fn(|it| centre[it] + breath * BREATH_MM[it])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::{LeadName, SampleRate, montage},
        phantom::Device,
    };

    /// Whatever changes from one heart to the next, what was taken over makes no difference.
    #[test]
    fn a_heart_after_another_beats_as_it_does_by_itself() {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let leads: Vec<&Montage> = LeadName::TWELVE.iter().filter_map(montage).collect();
        let record = |it: &VirtualPatient| it.record(&leads, rate, 2.0, &Device::clinical());
        let first = VirtualPatient::of(VirtualHeart::default());
        record(&first);
        let changes: [fn(&mut VirtualHeart); 7] = [
            |it| it.turned_deg = [10.0, 0.0, -5.0],
            |it| it.size = 1.1,
            |it| it.build = Some(3),
            |it| it.potassium = 7.0,
            |it| it.left_bundle = crate::phantom::Branch::CUT,
            |it| it.misplaced = crate::ecg::Misplacement::exchange("RA", "LA").into(),
            |it| it.person = Some(4),
        ];
        for (at, change) in changes.into_iter().enumerate() {
            let mut heart = VirtualHeart::default();
            change(&mut heart);
            let alone = VirtualPatient::of(heart.clone());
            let after = VirtualPatient::of(heart).taking_over(&first);
            assert_eq!(record(&alone), record(&after), "change {at}");
            assert_eq!(alone.activation(), after.activation(), "change {at}");
            let kept = [after.beating.get(), first.beating.get()].map(|it| it.map(Arc::as_ptr));
            let is_kept = at < 3 || at == 5;
            assert_eq!(kept[0] == kept[1], is_kept, "change {at}");
        }
    }

    #[test]
    fn electrodes_miss_their_places_by_a_little() {
        let patient = VirtualPatient::new(Condition::Normal, 11);
        let placed = patient.placement("V2").unwrap();
        let off = placed.actual.angle_to(placed.nominal).to_degrees();
        assert!(0.1 < off && off < 40.0, "V2 is {off}° off");
    }
}
