//! The one way from a virtual heart's settings to the physiology behind it: sites, speeds,
//! membranes. No waveform is drawn.

use super::{
    physiology::{Conduction, Lesion, Physiology, Repolarisation, Site, Wall},
    virtual_heart::{
        Branch, Chamber, Hypertrophy, Infarction, InfarctionAge, Pathway, VirtualHeart,
    },
};
use crate::ecg::{Sex, vec3::Vec3};

/// Gives the healthy heart of a person what `heart` says.
pub(super) fn apply(heart: &VirtualHeart, to: &mut Physiology) {
    place(heart, to);
    of_sex(heart.sex, to);
    cut(heart, to);
    to.conduction.pr_ms += heart.av_delay_ms;
    heart.pathway.iter().for_each(|it| excite_early(*it, to));
    heart.hypertrophy.iter().for_each(|it| thicken(*it, to));
    to.lesions.extend(heart.infarctions.iter().map(lesion));
    heart.brugada.iter().for_each(|it| it.apply(to));
    to.repolarisation.duration_ms += heart.action_potential_ms;
    poison(heart.potassium, to);
}

/// First sites of the ventricles over an accessory pathway, or from an ectopic focus.
pub(super) fn muscle_site(at_mm: Vec3, wall: Wall) -> Site {
    Site {
        at_mm,
        wall,
        time_ms: 0.0,
    }
}

fn place(heart: &VirtualHeart, to: &mut Physiology) {
    let pose = &mut to.pose;
    (0..3).for_each(|it| pose.shift_mm[it] += heart.moved_mm[it]);
    let [azimuth, depression, roll] = heart.turned_deg;
    pose.azimuth_deg += azimuth;
    pose.depression_deg += depression;
    pose.roll_deg += roll;
    pose.scale *= heart.size;
}

/// A woman's heart has about four fifths of a man's mass, and her QT is 10 to 15 ms longer (Surawicz
/// and Parikh 2002).
fn of_sex(sex: Option<Sex>, to: &mut Physiology) {
    let (scale, longer_ms) = match sex {
        Some(Sex::Female) => (0.96, 6.0),
        Some(Sex::Male) => (1.04, -6.0),
        None => return,
    };
    to.pose.scale *= scale;
    to.repolarisation.duration_ms += longer_ms;
}

fn cut(heart: &VirtualHeart, to: &mut Physiology) {
    let conduction = &mut to.conduction;
    if let Branch::Cut { network } = heart.left_bundle {
        conduction.left_sites.clear();
        conduction.left_network *= network;
        conduction.base *= 0.8;
    }
    if let Branch::Cut { network } = heart.right_bundle {
        conduction.right_sites.clear();
        conduction.right_network *= network;
    }
    // The wall that a fascicle no longer reaches is reached late, over a sparse network.
    if let Branch::Cut { network } = heart.anterior_fascicle {
        let kept = |site: &Site| 0.0 <= site.at_mm[1] && 0.0 <= site.at_mm[0];
        conduction.left_sites.retain(kept);
        let wall = Lesion::at([-12.0, -22.0, 30.0], [34.0, 22.0, 52.0]);
        to.lesions.push(sparse_network(wall, network));
    }
    if let Branch::Cut { network } = heart.posterior_fascicle {
        let conduction = &mut to.conduction;
        conduction.left_sites.retain(|site| site.at_mm[1] <= 0.0);
        let wall = Lesion::at([-4.0, 24.0, 30.0], [34.0, 22.0, 52.0]);
        to.lesions.push(sparse_network(wall, network));
    }
}

/// The inner layer of a wall, whose network conducts at that share of its speed.
fn sparse_network(wall: Lesion, speed: f64) -> Lesion {
    Lesion {
        speed,
        layer: [0.0, 0.4],
        ..wall
    }
}

/// The pathway conducts faster than the node: the ventricles begin early, the bundles join later.
fn excite_early(pathway: Pathway, to: &mut Physiology) {
    let Conduction {
        pr_ms,
        left_sites,
        right_sites,
        ..
    } = &mut to.conduction;
    *pr_ms -= pathway.early_ms;
    let sites = left_sites.iter_mut().chain(right_sites);
    sites.for_each(|site| site.time_ms += pathway.early_ms);
    // From muscle the network is entered late and slowly: the slur of the delta wave.
    to.lesions.push(Lesion {
        speed: 0.6,
        ..Lesion::at(pathway.at_mm, [36.0; 3])
    });
}

fn thicken(it: Hypertrophy, to: &mut Physiology) {
    to.shape.left_outer_mm += 0.7 * it.thicker_mm;
    to.shape.left_inner_mm -= 0.3 * it.thicker_mm;
    to.strength.gain *= it.gain;
    to.repolarisation.transmural_ms -= it.strain_ms;
    to.conduction.left_network *= 0.85;
}

fn lesion(it: &Infarction) -> Lesion {
    let (injury, scar, duration_ms, bend, speed) = match it.age {
        InfarctionAge::Acute => (it.injury, 0.0, -20.0, 0.7, 0.75),
        InfarctionAge::Recent => (it.injury, 0.85, -40.0, 0.1, 0.75),
        InfarctionAge::Old => (0.0, 0.95, 0.0, 0.0, 0.6),
    };
    let layer = match it.chamber {
        Chamber::Both => [0.0, it.transmurality],
        Chamber::Right => [0.5, 1.0],
    };
    Lesion {
        injury,
        scar,
        duration_ms,
        bend,
        speed,
        layer,
        right_only: it.chamber == Chamber::Right,
        ..Lesion::at(it.at_mm, it.half_axes_mm)
    }
}

/// Potassium acts on the membrane: more of it repolarises sooner and faster (a narrow, tall T), then
/// slows conduction and silences the atria; less of it repolarises slowly and leaves a U wave
/// (Surawicz 1967).
fn poison(potassium: f64, to: &mut Physiology) {
    let change = potassium - VirtualHeart::POTASSIUM;
    let (more, much) = (change.max(0.0), (potassium - 6.0).max(0.0));
    let less = (-change).max(0.0);
    let it: &mut Repolarisation = &mut to.repolarisation;
    it.duration_ms += 14.0 * less - 10.0 * more;
    let faster = (-0.28 * more).exp();
    it.fast_ms *= faster * (1.0 + 0.25 * less);
    it.slow_ms *= faster * (1.0 + 0.35 * less);
    it.after_potential *= 1.0 + 2.0 * less;
    let slower = (-0.13 * much).exp();
    let conduction = &mut to.conduction;
    for speed in [
        &mut conduction.left_muscle,
        &mut conduction.right_muscle,
        &mut conduction.left_network,
        &mut conduction.right_network,
        &mut conduction.base,
        &mut conduction.atrial,
    ] {
        *speed *= slower;
    }
    conduction.pr_ms += 14.0 * much;
    to.strength.atria *= (-0.5 * much).exp();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The median heart before and after.
    fn changed(change: impl FnOnce(&mut VirtualHeart)) -> (Physiology, Physiology) {
        let mut heart = VirtualHeart::default();
        change(&mut heart);
        let before = Physiology::median();
        let mut after = before.clone();
        apply(&heart, &mut after);
        (before, after)
    }

    #[test]
    fn a_heart_as_it_is_changes_nothing() {
        let (before, after) = changed(|_| {});
        assert_eq!(before, after);
    }

    #[test]
    fn each_branch_silences_its_own_sites() {
        let (before, left) = changed(|it| it.left_bundle = Branch::CUT);
        assert!(left.conduction.left_sites.is_empty());
        assert_eq!(left.conduction.right_sites, before.conduction.right_sites);
        let all = before.conduction.left_sites;
        let kept = |change: fn(&mut VirtualHeart)| changed(change).1.conduction.left_sites;
        let anterior = kept(|it| it.anterior_fascicle = Branch::CUT);
        let posterior = kept(|it| it.posterior_fascicle = Branch::CUT);
        for kept in [&anterior, &posterior] {
            assert!(!kept.is_empty() && kept.len() < all.len());
            assert!(kept.iter().all(|site| all.contains(site)));
        }
        assert_ne!(anterior, posterior);
    }

    #[test]
    fn a_pathway_brings_the_ventricles_forward_and_the_bundles_back() {
        let pathway = Pathway {
            at_mm: [0.0, -24.0, -6.0],
            early_ms: 45.0,
        };
        let (before, after) = changed(|it| it.pathway = Some(pathway));
        assert_eq!(after.conduction.pr_ms, before.conduction.pr_ms - 45.0);
        let pairs = before
            .conduction
            .left_sites
            .iter()
            .zip(&after.conduction.left_sites);
        for (was, is) in pairs {
            assert!((is.time_ms - was.time_ms - 45.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_heart_is_moved_turned_and_scaled() {
        let (before, after) = changed(|it| {
            (it.moved_mm, it.turned_deg, it.size) = ([0.0, 5.0, -3.0], [10.0, 0.0, -5.0], 1.1);
        });
        assert_eq!(after.pose.shift_mm[1], before.pose.shift_mm[1] + 5.0);
        assert_eq!(after.pose.azimuth_deg, before.pose.azimuth_deg + 10.0);
        assert_eq!(after.pose.scale, before.pose.scale * 1.1);
    }

    #[test]
    fn an_old_infarction_is_a_scar_without_injury() {
        let of = |age| {
            lesion(&Infarction {
                at_mm: [0.0; 3],
                half_axes_mm: [20.0; 3],
                chamber: Chamber::Both,
                transmurality: 0.5,
                injury: 0.6,
                age,
            })
        };
        let (acute, old) = (of(InfarctionAge::Acute), of(InfarctionAge::Old));
        assert!(acute.injury == 0.6 && acute.scar == 0.0 && acute.layer == [0.0, 0.5]);
        assert!(old.injury == 0.0 && 0.9 < old.scar);
    }
}
