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
        it.strength.gain = (it.strength.gain * factor(chance, 0.16)).min(greatest_gain(&it.pose));
        it.strength.right *= factor(chance, 0.1);
        it.strength.atria *= factor(chance, 0.2);
        it
    }
}

/// The gain at which a heart of that size gives the voltages of the strongest healthy ones: sources
/// grow with its surfaces, and life has few R waves over 3.5 mV.
fn greatest_gain(pose: &Pose) -> f64 {
    const GREATEST: f64 = 1.3;
    GREATEST * median_strength().gain * (median_pose().scale / pose.scale).powi(2)
}

fn vary_conduction(it: &mut Conduction, chance: &mut impl Rng) {
    let all = factor(chance, 0.05);
    for speed in [
        &mut it.left_muscle,
        &mut it.right_muscle,
        &mut it.left_network,
        &mut it.right_network,
        &mut it.base,
    ] {
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
    it.slow_ms *= factor(chance, 0.18);
    it.fast_ms *= factor(chance, 0.15);
    it.bend = spread(chance, it.bend, 0.06).max(0.0);
    it.transmural_bend = spread(chance, it.transmural_bend, 0.04);
    it.superior_bend = spread(chance, it.superior_bend, 0.03);
    it.rightward_bend = spread(chance, it.rightward_bend, 0.02);
    it.after_potential *= factor(chance, 0.5);
}

fn median_shape() -> Shape {
    Shape {
        left_outer_mm: 33.844,
        left_inner_mm: 24.908,
        left_length_mm: 75.139,
        left_cavity_length_mm: 66.139,
        right_centre_mm: 20.664,
        right_half_axes_mm: [47.219, 41.942, 58.531],
        right_wall_mm: 4.304,
        right_atrium_mm: [21.4, 15.6, -37.5],
        left_atrium_mm: [-15.1, 16.2, -39.1],
        atrial_radii_mm: [24.0, 23.0],
    }
}

fn median_pose() -> Pose {
    Pose {
        azimuth_deg: 41.986,
        depression_deg: 49.94,
        roll_deg: -5.278,
        shift_mm: [17.328, 36.314, 1.338],
        scale: 1.119,
    }
}

fn median_conduction(shape: &Shape) -> Conduction {
    let site = |at_mm, wall, time_ms| Site {
        at_mm,
        wall,
        time_ms,
    };
    let free_wall = [
        shape.right_centre_mm + 0.85 * shape.right_half_axes_mm[0],
        -5.389,
        27.624,
    ];
    Conduction {
        left_muscle: 0.2,
        right_muscle: 0.227,
        left_network: 1.384,
        right_network: 1.452,
        base: 0.913,
        network_from_mm: 1.504,
        atrial: 0.684,
        // After Durrer (1970): the left septum, sites in front of and behind it, the free wall;
        // then the right papillary muscle.
        left_sites: vec![
            site([22.1, 0.0, 6.99], Wall::LeftEndocardium, 0.0),
            site([5.3, -19.7, 23.727], Wall::LeftEndocardium, 6.286),
            site([4.3, 16.0, 56.92], Wall::LeftEndocardium, 5.221),
            site([-17.7, 0.0, 40.633], Wall::LeftEndocardium, 5.953),
        ],
        right_sites: vec![
            site(free_wall, Wall::FreeRight, 15.401),
            site([shape.left_outer_mm, 4.0, 50.0], Wall::RightSeptum, 13.27),
        ],
        pr_ms: 172.031,
    }
}

fn median_repolarisation() -> Repolarisation {
    Repolarisation {
        duration_ms: 277.859,
        per_activation: 0.39,
        transmural_ms: 38.455,
        apicobasal_ms: -7.127,
        right_ms: 4.537,
        superior_ms: -3.33,
        septal_ms: 0.936,
        rightward_ms: -0.905,
        slow_ms: 29.622,
        fast_ms: 24.726,
        bend: 0.134,
        transmural_bend: 0.039,
        superior_bend: 0.047,
        rightward_bend: 0.101,
        right_bend: -0.076,
        notch: 0.054,
        plateau_slope: 0.129,
        after_potential: 0.012,
        after_delay_ms: 90.0,
        atrial_ms: 160.434,
    }
}

fn median_strength() -> Strength {
    Strength {
        gain: 28.6,
        right: 0.898,
        septum: 0.811,
        atria: 0.792,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    fn people() -> Vec<Physiology> {
        let mut chance = ChaCha8Rng::seed_from_u64(1);
        (0..400).map(|_| Physiology::healthy(&mut chance)).collect()
    }

    /// Mean of what `of` picks over people, within `tolerance` of the median person's.
    fn check(what: &str, of: fn(&Physiology) -> f64, tolerance: f64) {
        let mean = people().iter().map(of).sum::<f64>() / 400.0;
        let middle = of(&Physiology::median());
        assert!(
            (mean - middle).abs() < tolerance,
            "{what}: mean {mean}, middle {middle}"
        );
    }

    #[test]
    fn people_lie_around_the_middle() {
        check("azimuth", |it| it.pose.azimuth_deg, 1.5);
        check("depression", |it| it.pose.depression_deg, 1.5);
        check("height of the heart", |it| it.pose.shift_mm[2], 2.5);
        check("action potential", |it| it.repolarisation.duration_ms, 2.5);
        check("PR", |it| it.conduction.pr_ms, 5.0);
        check("gain", |it| it.strength.gain, 1.5);
    }

    #[test]
    fn every_drawn_heart_is_one_that_can_beat() {
        for it in people() {
            let c = &it.conduction;
            let speeds = [
                c.left_muscle,
                c.right_muscle,
                c.left_network,
                c.right_network,
                c.base,
                c.atrial,
            ];
            assert!(
                speeds.iter().all(|speed| 0.1 < *speed && *speed < 3.0),
                "{c:?}"
            );
            assert!(
                c.left_muscle < c.left_network,
                "the network is the faster way"
            );
            let sites = c.left_sites.iter().chain(&c.right_sites);
            assert!(sites.clone().all(|site| 0.0 <= site.time_ms) && sites.count() == 6);
            assert!(it.shape.left_inner_mm < it.shape.left_outer_mm);
            assert!((200.0..340.0).contains(&it.repolarisation.duration_ms));
            assert!(it.lesions.is_empty());
        }
    }
}
