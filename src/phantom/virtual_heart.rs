//! Everything that a teacher, a slider or a condition can set about one heart, as values: what
//! differs from the healthy heart of the same person.

use serde::{Deserialize, Serialize};

use super::brugada::Brugada;
use crate::ecg::{Misplacement, Sex, vec3::Vec3};

/// A heart as set by hand or by a condition. The default one is the middle of the healthy
/// population. Places inside it are in its own axes: towards the right ventricle, towards the
/// inferior wall, base to apex, mm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VirtualHeart {
    /// Whose heart it is: the same number, the same person. `None` for the population's middle.
    pub person: Option<u64>,
    /// Sex, where it is to matter: a woman's heart is smaller and repolarises later.
    pub sex: Option<Sex>,
    /// Build of the body, 0 to 5. `None` for the person's own.
    pub build: Option<u8>,
    /// Moved in the chest: anterior, left, superior, mm.
    pub moved_mm: Vec3,
    /// Turned: azimuth and depression of the long axis, roll about it, degrees.
    pub turned_deg: Vec3,
    /// Factor on its size.
    pub size: f64,
    /// What paces it.
    pub rhythm: HeartRhythm,
    /// Beats per minute of the sinus node. `None` for the person's own.
    pub rate_bpm: Option<f64>,
    /// Added to the delay of the atrioventricular node, ms.
    pub av_delay_ms: f64,
    /// The left bundle.
    pub left_bundle: Branch,
    /// The right bundle.
    pub right_bundle: Branch,
    /// The anterior fascicle of the left bundle.
    pub anterior_fascicle: Branch,
    /// The posterior fascicle of the left bundle.
    pub posterior_fascicle: Branch,
    /// An accessory pathway.
    pub pathway: Option<Pathway>,
    /// Where ventricular ectopics start.
    pub focus_mm: Option<Vec3>,
    /// A thick left ventricle.
    pub hypertrophy: Option<Hypertrophy>,
    /// Ischaemia and infarction.
    pub infarctions: Vec<Infarction>,
    /// The Brugada substrate.
    pub brugada: Option<Brugada>,
    /// Added to all ventricular action potentials, ms: a long QT, or a short one.
    pub action_potential_ms: f64,
    /// Potassium in the blood, mmol/l.
    pub potassium: f64,
    /// Factor on the depth of breathing.
    pub breathing: f64,
    /// Factor on all disturbances of the recording.
    pub noise: f64,
    /// Electrodes that are not where they should be.
    pub misplaced: Vec<Misplacement>,
}

/// What paces a heart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeartRhythm {
    /// The sinus node.
    #[default]
    Sinus,
    /// The sinus node, with early beats of the ventricles from the focus.
    VentricularEctopics,
    /// The sinus node, with early beats of the atria.
    AtrialEctopics,
    /// Fibrillating atria.
    Fibrillation,
}

/// A branch of the conduction system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Branch {
    /// It conducts.
    #[default]
    Whole,
    /// It does not.
    Cut {
        /// Speed of the network that is now reached from the other side, or over muscle, against
        /// the usual one.
        network: f64,
    },
}

impl Branch {
    /// Cut, with the middle of what patients have.
    pub const CUT: Self = Self::Cut { network: 0.63 };

    /// Whether it conducts.
    pub fn is_whole(self) -> bool {
        self == Self::Whole
    }
}

/// An accessory pathway between atria and ventricles.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pathway {
    /// Where it enters the ventricles, mm.
    pub at_mm: Vec3,
    /// How much sooner than the node it conducts, ms.
    pub early_ms: f64,
}

/// A thick left ventricle.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hypertrophy {
    /// How much thicker the wall is, mm.
    pub thicker_mm: f64,
    /// Factor on all sources.
    pub gain: f64,
    /// Shortening of the difference between endocardium and epicardium, ms: strain.
    pub strain_ms: f64,
}

/// A region without enough blood, or one that once was.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Infarction {
    /// Its centre, mm.
    pub at_mm: Vec3,
    /// Its half axes, mm.
    pub half_axes_mm: Vec3,
    /// In which ventricle.
    pub chamber: Chamber,
    /// How far it reaches from the endocardium: 1 through the whole wall.
    pub transmurality: f64,
    /// Share of the action potential lost while it is fresh.
    pub injury: f64,
    /// How old it is.
    pub age: InfarctionAge,
}

/// Where an infarction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chamber {
    /// Wherever its region reaches.
    Both,
    /// The right ventricle's epicardium alone: its wall is thin.
    Right,
}

/// How old an infarction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InfarctionAge {
    /// Minutes to hours: injured, nothing dead yet.
    Acute,
    /// Days: injured and scarred.
    Recent,
    /// Months: a scar.
    Old,
}

impl Default for VirtualHeart {
    fn default() -> Self {
        Self {
            person: None,
            sex: None,
            build: None,
            moved_mm: [0.0; 3],
            turned_deg: [0.0; 3],
            size: 1.0,
            rhythm: HeartRhythm::Sinus,
            rate_bpm: None,
            av_delay_ms: 0.0,
            left_bundle: Branch::Whole,
            right_bundle: Branch::Whole,
            anterior_fascicle: Branch::Whole,
            posterior_fascicle: Branch::Whole,
            pathway: None,
            focus_mm: None,
            hypertrophy: None,
            infarctions: Vec::new(),
            brugada: None,
            action_potential_ms: 0.0,
            potassium: Self::POTASSIUM,
            breathing: 1.0,
            noise: 1.0,
            misplaced: Vec::new(),
        }
    }
}

impl VirtualHeart {
    /// Potassium of the healthy, mmol/l.
    pub const POTASSIUM: f64 = 4.2;
    /// Most regions and electrodes that one heart may list.
    pub const MOST: usize = 16;

    /// Whether every number is one that a heart can have, or nearly: what a file says is asked this
    /// before it is used.
    pub fn is_sound(&self) -> bool {
        let near = |vector: Vec3, most: f64| vector.iter().all(|it| it.abs() <= most);
        let within = |value: f64, low: f64, high: f64| low <= value && value <= high;
        let of_branch = |it: Branch| match it {
            Branch::Whole => true,
            Branch::Cut { network } => within(network, 0.2, 2.0),
        };
        let branches = [
            self.left_bundle,
            self.right_bundle,
            self.anterior_fascicle,
            self.posterior_fascicle,
        ];
        let of_infarction = |it: &Infarction| {
            near(it.at_mm, 100.0)
                && it.half_axes_mm.iter().all(|half| within(*half, 1.0, 100.0))
                && within(it.transmurality, 0.0, 1.0)
                && within(it.injury, 0.0, 0.95)
        };
        let of_pathway = |it: Pathway| near(it.at_mm, 100.0) && within(it.early_ms, 0.0, 120.0);
        let of_hypertrophy = |it: Hypertrophy| {
            within(it.thicker_mm, 0.0, 8.0)
                && within(it.gain, 0.5, 2.0)
                && within(it.strain_ms, -100.0, 100.0)
        };
        near(self.moved_mm, 60.0)
            && near(self.turned_deg, 90.0)
            && within(self.size, 0.5, 1.5)
            && self.build.is_none_or(|it| it < 6)
            && self.rate_bpm.is_none_or(|it| within(it, 25.0, 220.0))
            && within(self.av_delay_ms, -120.0, 400.0)
            && branches.into_iter().all(of_branch)
            && self.pathway.is_none_or(of_pathway)
            && self.focus_mm.is_none_or(|it| near(it, 100.0))
            && self.hypertrophy.is_none_or(of_hypertrophy)
            && self.infarctions.len() <= Self::MOST
            && self.infarctions.iter().all(of_infarction)
            && self.brugada.is_none_or(|it| within(it.severity, 0.0, 1.0))
            && within(self.action_potential_ms, -150.0, 250.0)
            && within(self.potassium, 2.0, 9.0)
            && within(self.breathing, 0.0, 4.0)
            && within(self.noise, 0.0, 20.0)
            && self.misplaced.len() <= Self::MOST
            && self.misplaced.iter().all(Misplacement::is_possible)
    }

    /// The site where an electrode really is; one that fell off counts as where it was.
    pub(super) fn worn_at<'a>(&'a self, electrode: &'a str) -> &'a str {
        let found = self.misplaced_electrode(electrode);
        found
            .and_then(|it| it.worn_at.as_deref())
            .unwrap_or(electrode)
    }

    /// Whether an electrode fell off.
    pub(super) fn is_off(&self, electrode: &str) -> bool {
        let found = self.misplaced_electrode(electrode);
        found.is_some_and(|it| it.worn_at.is_none())
    }

    fn misplaced_electrode(&self, electrode: &str) -> Option<&Misplacement> {
        let mut all = self.misplaced.iter();
        all.find(|it| it.electrode == electrode && it.is_possible())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heart_survives_json_and_leaves_out_nothing() {
        let heart = VirtualHeart {
            person: Some(7),
            left_bundle: Branch::CUT,
            potassium: 6.5,
            misplaced: Misplacement::exchange("RA", "LA").into(),
            ..VirtualHeart::default()
        };
        let text = serde_json::to_string(&heart).unwrap();
        assert_eq!(serde_json::from_str::<VirtualHeart>(&text).unwrap(), heart);
        assert_eq!(
            serde_json::from_str::<VirtualHeart>("{}").unwrap(),
            VirtualHeart::default()
        );
        assert!(serde_json::from_str::<VirtualHeart>(r#"{"colour":1}"#).is_err());
    }

    #[test]
    fn what_no_heart_can_have_is_unsound() {
        assert!(VirtualHeart::default().is_sound());
        let with = |change: fn(&mut VirtualHeart)| {
            let mut heart = VirtualHeart::default();
            change(&mut heart);
            heart.is_sound()
        };
        assert!(!with(|it| it.size = f64::NAN));
        assert!(!with(|it| it.rate_bpm = Some(0.0)));
        assert!(!with(|it| it.moved_mm[1] = f64::INFINITY));
        assert!(!with(|it| it.build = Some(6)));
        let many = |it: &mut VirtualHeart| {
            it.misplaced = vec![Misplacement::at("V1", "V2"); VirtualHeart::MOST + 1];
        };
        assert!(!with(many));
    }

    #[test]
    fn an_exchange_is_worn_both_ways() {
        let heart = VirtualHeart {
            misplaced: Misplacement::exchange("RA", "LA").into(),
            ..VirtualHeart::default()
        };
        let worn = ["RA", "LA", "LL"].map(|it| heart.worn_at(it));
        assert_eq!(worn, ["LA", "RA", "LL"]);
    }
}
