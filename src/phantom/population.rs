//! How hearts differ between healthy people: the middle of the population and the spread around it.

use rand::Rng;

use super::{
    draw::{factor, spread},
    physiology::{Conduction, Physiology, Pose, Repolarisation, Shape, Site, Strength, Wall},
};

impl Physiology {
    /// The middle of the healthy population.
    pub fn median() -> Self {
        let shape = median_shape();
        let conduction = median_conduction(&shape);
        Self {
            shape,
            pose: median_pose(),
            conduction,
            repolarisation: median_repolarisation(),
            strength: median_strength(),
            lesions: Vec::new(),
        }
    }

    /// A healthy person.
    pub(super) fn healthy(chance: &mut impl Rng) -> Self {
        let mut it = Self::median();
        for (shift, sd) in it.pose.shift_mm.iter_mut().zip([8.0, 10.0, 13.8]) {
            *shift = spread(chance, *shift, sd);
        }
        it.pose.azimuth_deg = spread(chance, it.pose.azimuth_deg, 7.0);
        it.pose.depression_deg = spread(chance, it.pose.depression_deg, 7.0);
        it.pose.roll_deg = spread(chance, it.pose.roll_deg, 10.0);
        it.pose.scale *= factor(chance, 0.06);
        it.shape.left_inner_mm += spread(chance, 0.0, 0.6);
        for axis in 1..3 {
            it.shape.left_atrium_mm[axis] = spread(chance, it.shape.left_atrium_mm[axis], 2.0);
        }
        vary_conduction(&mut it.conduction, chance);
        vary_repolarisation(&mut it.repolarisation, chance);
        it.strength.gain *= factor(chance, 0.16);
        it.strength.right *= factor(chance, 0.1);
        it.strength.atria *= factor(chance, 0.2);
        it
    }
}

fn vary_conduction(it: &mut Conduction, chance: &mut impl Rng) {
    let all = factor(chance, 0.05);
    for speed in [&mut it.left_muscle, &mut it.right_muscle, &mut it.left_network, &mut it.right_network, &mut it.base] {
        *speed *= all * factor(chance, 0.06);
    }
    it.atrial *= factor(chance, 0.08);
    it.pr_ms *= factor(chance, 0.12);
    for site in it.left_sites.iter_mut().chain(it.right_sites.iter_mut()) {
        site.time_ms = spread(chance, site.time_ms, 1.5).max(0.0);
        site.at_mm[2] = spread(chance, site.at_mm[2], 4.0);
    }
}

fn vary_repolarisation(it: &mut Repolarisation, chance: &mut impl Rng) {
    it.duration_ms = spread(chance, it.duration_ms, 12.0);
    it.transmural_ms *= factor(chance, 0.25);
    it.apicobasal_ms = spread(chance, it.apicobasal_ms, 4.0);
    it.right_ms = spread(chance, it.right_ms, 5.0);
    it.superior_ms = spread(chance, it.superior_ms, 3.0);
    it.rightward_ms = spread(chance, it.rightward_ms, 3.0);
    it.plateau_slope = spread(chance, it.plateau_slope, 0.02).max(0.0);
    it.after_potential *= factor(chance, 0.5);
}

fn median_shape() -> Shape {
    Shape {
        left_outer_mm: 32.258,
        left_inner_mm: 22.848,
        left_length_mm: 80.194,
        left_cavity_length_mm: 71.194,
        right_centre_mm: 22.0,
        right_half_axes_mm: [45.7, 39.0, 70.0],
        right_wall_mm: 3.854,
        right_atrium_mm: [21.4, 15.6, -37.5],
        left_atrium_mm: [-15.1, 16.2, -39.1],
        atrial_radii_mm: [24.0, 23.0],
    }
}

fn median_pose() -> Pose {
    Pose { azimuth_deg: 43.788, depression_deg: 45.976, roll_deg: -6.12, shift_mm: [17.1, 33.2, 6.5], scale: 1.1 }
}

fn median_conduction(shape: &Shape) -> Conduction {
    let site = |at_mm, wall, time_ms| Site { at_mm, wall, time_ms };
    let free_wall = [shape.right_centre_mm + 0.85 * shape.right_half_axes_mm[0], -6.0, 33.089];
    Conduction {
        left_muscle: 0.22,
        right_muscle: 0.358,
        left_network: 1.623,
        right_network: 1.36,
        base: 1.066,
        network_from_mm: -0.424,
        atrial: 0.672,
        // After Durrer (1970): the left septum, sites in front of and behind it, the free wall; then the right papillary muscle.
        left_sites: vec![
            site([22.1, 0.0, 18.1], Wall::LeftEndocardium, 0.0),
            site([5.3, -19.7, 32.3], Wall::LeftEndocardium, 3.556),
            site([4.3, 16.0, 48.9], Wall::LeftEndocardium, 5.623),
            site([-17.7, 0.0, 45.0], Wall::LeftEndocardium, 5.945),
        ],
        right_sites: vec![site(free_wall, Wall::RightFreeWall, 15.127), site([shape.left_outer_mm, 4.0, 50.0], Wall::RightSeptum, 23.097)],
        pr_ms: 180.0,
    }
}

fn median_repolarisation() -> Repolarisation {
    Repolarisation {
        duration_ms: 259.192,
        per_activation: 0.181,
        transmural_ms: 32.199,
        apicobasal_ms: 0.282,
        right_ms: 23.92,
        superior_ms: -5.42,
        septal_ms: 20.0,
        rightward_ms: -2.789,
        slow_ms: 56.921,
        fast_ms: 17.775,
        notch: 0.04,
        plateau_slope: 0.078,
        after_potential: 0.015,
        after_delay_ms: 90.0,
        atrial_ms: 155.352,
    }
}

fn median_strength() -> Strength {
    Strength { gain: 28.754, right: 1.11, septum: 0.713, atria: 0.723 }
}
