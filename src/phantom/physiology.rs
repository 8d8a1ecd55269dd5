//! Every number that makes one heart differ from another: shape, place, conduction, repolarisation.
//! The defaults are the population's middle, fitted once to the medians of healthy recordings.

/// Shape of the ventricles and atria in the heart's own axes, mm.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// Outer radius of the left ventricle at its base.
    pub left_outer_mm: f64,
    /// Radius of its cavity.
    pub left_inner_mm: f64,
    /// Base to apex, outside.
    pub left_length_mm: f64,
    /// Base to apex, cavity.
    pub left_cavity_length_mm: f64,
    /// Centre of the right ventricle's ellipsoid towards the right ventricle.
    pub right_centre_mm: f64,
    /// Half axes of that ellipsoid.
    pub right_half_axes_mm: [f64; 3],
    /// Thickness of its wall.
    pub right_wall_mm: f64,
    /// Centre of the right atrium.
    pub right_atrium_mm: [f64; 3],
    /// Centre of the left atrium.
    pub left_atrium_mm: [f64; 3],
    /// Outer radii of the right and left atrium.
    pub atrial_radii_mm: [f64; 2],
}

impl Shape {
    /// Points on the outside of the ventricles.
    pub(super) fn outline_mm(&self) -> Vec<[f64; 3]> {
        let mut out = vec![[0.0, 0.0, self.left_length_mm]];
        let [rx, ry, rz] = self.right_half_axes_mm;
        for ring in 0..8 {
            let z = -5.0 + 12.0 * f64::from(ring);
            let narrowed = |half: f64, z: f64| (1.0 - (z / half).powi(2)).max(0.0).sqrt();
            let (left, right) = (
                self.left_outer_mm * narrowed(self.left_length_mm, z),
                narrowed(rz, z + 4.0),
            );
            for step in 0..12 {
                let (sin, cos) = (f64::from(step) * std::f64::consts::TAU / 12.0).sin_cos();
                out.push([left * cos, left * sin, z]);
                if -0.1 < cos {
                    out.push([self.right_centre_mm + rx * right * cos, ry * right * sin, z]);
                }
            }
        }
        out
    }
}

/// Where the heart sits in the torso.
#[derive(Clone, Debug, PartialEq)]
pub struct Pose {
    /// Azimuth of the long axis from anterior towards left, degrees.
    pub azimuth_deg: f64,
    /// Long axis below the transverse plane, degrees.
    pub depression_deg: f64,
    /// Turn about the long axis, degrees.
    pub roll_deg: f64,
    /// Shift from the reference place: anterior, left, superior, mm.
    pub shift_mm: [f64; 3],
    /// Size against the reference heart.
    pub scale: f64,
}

/// Speeds in mm/ms, and the first places to be activated with their times in ms.
#[derive(Clone, Debug, PartialEq)]
pub struct Conduction {
    /// Working muscle of the left ventricle.
    pub left_muscle: f64,
    /// Working muscle of the right ventricle.
    pub right_muscle: f64,
    /// Subendocardial network of the left ventricle.
    pub left_network: f64,
    /// Subendocardial network of the right ventricle.
    pub right_network: f64,
    /// Endocardium at the base, where the network ends.
    pub base: f64,
    /// Height below the base from which the network is complete, mm.
    pub network_from_mm: f64,
    /// Atrial muscle.
    pub atrial: f64,
    /// First sites of the left bundle.
    pub left_sites: Vec<Site>,
    /// First sites of the right bundle.
    pub right_sites: Vec<Site>,
    /// Start of the atria to start of the ventricles, ms.
    pub pr_ms: f64,
}

/// A first site on the endocardium: where, on which side, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// In the heart's axes, mm; the nearest endocardial voxel is taken.
    pub at_mm: [f64; 3],
    /// Which wall it must lie on.
    pub wall: Wall,
    /// Delay after the bundle of His, ms.
    pub time_ms: f64,
}

/// Walls that a site may be sought on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wall {
    /// Left ventricular endocardium, septum included.
    LeftEndocardium,
    /// Endocardium of the right ventricle's free wall.
    FreeRight,
    /// Right side of the septum.
    RightSeptum,
    /// Any ventricular voxel.
    Muscle,
}

/// Length and form of the action potential.
#[derive(Clone, Debug, PartialEq)]
pub struct Repolarisation {
    /// Mean duration of the ventricles', ms.
    pub duration_ms: f64,
    /// Shortening per ms of later activation.
    pub per_activation: f64,
    /// Endocardium minus epicardium, ms.
    pub transmural_ms: f64,
    /// Base minus apex per 40 mm, ms.
    pub apicobasal_ms: f64,
    /// Right ventricle minus left, ms.
    pub right_ms: f64,
    /// Superior minus inferior wall per 30 mm, ms.
    pub superior_ms: f64,
    /// Septum minus the rest, ms.
    pub septal_ms: f64,
    /// Towards the right ventricle, per 30 mm, ms.
    pub rightward_ms: f64,
    /// Slow part of the descent, ms.
    pub slow_ms: f64,
    /// Fast part of the descent, ms.
    pub fast_ms: f64,
    /// How triangular the action potential is: share of the plateau that is lost by its end,
    /// growing with the square of time.
    pub bend: f64,
    /// The same, epicardium minus endocardium.
    pub transmural_bend: f64,
    /// The same, superior minus inferior wall per 30 mm.
    pub superior_bend: f64,
    /// The same, towards the right ventricle per 30 mm.
    pub rightward_bend: f64,
    /// The same, right ventricle minus left.
    pub right_bend: f64,
    /// Early spike (phase 1) over the plateau.
    pub notch: f64,
    /// Descent of the plateau until the end.
    pub plateau_slope: f64,
    /// After-potential of the endocardium, from which the U wave comes.
    pub after_potential: f64,
    /// Its delay after the end of the action potential, ms.
    pub after_delay_ms: f64,
    /// Duration of the atrial action potential, ms.
    pub atrial_ms: f64,
}

/// Strength of the sources of each tissue.
#[derive(Clone, Debug, PartialEq)]
pub struct Strength {
    /// Millivolts at the skin per unit of source.
    pub gain: f64,
    /// Right ventricle's free wall against the left.
    pub right: f64,
    /// Septum against the left free wall.
    pub septum: f64,
    /// Atria against the left free wall.
    pub atria: f64,
}

/// A place where the muscle behaves otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesion {
    /// Centre in the heart's axes, mm.
    pub centre_mm: [f64; 3],
    /// Half axes of the region, mm; its edge is soft.
    pub half_axes_mm: [f64; 3],
    /// Which layer of the wall: 0 endocardium to 1 epicardium.
    pub layer: [f64; 2],
    /// Share of the action potential lost to a raised resting potential (injury).
    pub injury: f64,
    /// Share of the sources lost for good (scar).
    pub scar: f64,
    /// Change of the action potential's duration, ms.
    pub duration_ms: f64,
    /// Share of the plateau lost early, regained at the dome.
    pub notch: f64,
    /// How long the early loss lasts, ms.
    pub notch_ms: f64,
    /// Further share of the plateau lost by its end: ischaemic action potentials are triangular.
    pub bend: f64,
    /// Factor on the muscle's speed.
    pub speed: f64,
    /// Whether it spares the left ventricle.
    pub right_only: bool,
}

impl Lesion {
    /// A region that changes nothing yet.
    pub fn at(centre_mm: [f64; 3], half_axes_mm: [f64; 3]) -> Self {
        Self {
            centre_mm,
            half_axes_mm,
            layer: [0.0, 1.0],
            injury: 0.0,
            scar: 0.0,
            duration_ms: 0.0,
            notch: 0.0,
            notch_ms: 60.0,
            bend: 0.0,
            speed: 1.0,
            right_only: false,
        }
    }
}

/// One heart, complete.
#[derive(Clone, Debug, PartialEq)]
pub struct Physiology {
    /// Shape.
    pub shape: Shape,
    /// Place in the torso.
    pub pose: Pose,
    /// How activation spreads.
    pub conduction: Conduction,
    /// How it ends.
    pub repolarisation: Repolarisation,
    /// Source strengths.
    pub strength: Strength,
    /// Regions that differ.
    pub lesions: Vec<Lesion>,
}
