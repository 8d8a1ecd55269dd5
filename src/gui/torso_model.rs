//! The torso and heart surfaces that the window shows, and what the pointer hits on them.

use std::{
    collections::VecDeque,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use super::subdivision::LoopSubdivision;
use crate::{
    draw::vertex_normals,
    ecg::{HEART_CENTRE_MM, Mesh, MeshError, ViewAngle, vec3::sub},
};

/// Surfaces with normals, read once.
pub struct TorsoModel {
    /// Skin.
    pub skin: Mesh,
    /// Unit normals of the skin's vertices, outward.
    pub skin_normals: Vec<[f64; 3]>,
    /// Direction of each skin vertex from the heart.
    pub skin_views: Arc<[ViewAngle]>,
    /// The skin as it is drawn: smoother than it is measured on.
    pub finer: LoopSubdivision,
    /// Both ventricles.
    pub heart: Mesh,
    /// Unit normals of the heart's vertices.
    pub heart_normals: Vec<[f64; 3]>,
}

static BODY: LazyLock<Result<TorsoModel, MeshError>> = LazyLock::new(|| {
    let skin = Mesh::from_ply(include_bytes!("../../assets/torso_view.ply"))?;
    let heart = Mesh::from_ply(include_bytes!("../../assets/heart_biventricular.ply"))?;
    let from_heart = |it: &[f64; 3]| ViewAngle::from_vector(sub(*it, HEART_CENTRE_MM));
    #[allow(clippy::expect_used)]
    // No vertex of the skin is the heart's centre; a test reads them all.
    let skin_views = skin
        .vertices_mm
        .iter()
        .map(|it| from_heart(it).expect("direction"))
        .collect();
    Ok(TorsoModel {
        skin_normals: vertex_normals(&skin),
        heart_normals: vertex_normals(&heart),
        finer: LoopSubdivision::of(&skin),
        skin_views,
        skin,
        heart,
    })
});

impl TorsoModel {
    /// The shipped surfaces.
    pub fn shipped() -> &'static Self {
        #[allow(clippy::expect_used)] // The assets are part of the binary and a test reads them.
        BODY.as_ref().expect("embedded surfaces")
    }

    /// The skin in direction `view` from the heart, mm. What was asked lately is remembered:
    /// several panes ask for the same point each frame.
    pub fn skin_at(&self, view: ViewAngle) -> [f64; 3] {
        static LATELY: Mutex<VecDeque<(ViewAngle, [f64; 3])>> = Mutex::new(VecDeque::new());
        let lately = || LATELY.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lately().iter().find(|it| it.0 == view) {
            return known.1;
        }
        let hit = self.skin.outermost(HEART_CENTRE_MM, view.unit());
        let place = hit.map_or(HEART_CENTRE_MM, |(triangle, weights)| {
            self.skin.point(triangle, weights)
        });
        let mut lately = lately();
        lately.push_front((view, place));
        lately.truncate(96);
        place
    }

    /// Where a ray from outside first meets the skin, mm.
    pub fn pick(&self, origin_mm: [f64; 3], direction: [f64; 3]) -> Option<[f64; 3]> {
        // The first hit from outside is the outermost one seen from far behind.
        let far: [f64; 3] = std::array::from_fn(|it| origin_mm[it] + 4000.0 * direction[it]);
        let (triangle, weights) = self.skin.outermost(far, direction.map(|it| -it))?;
        Some(self.skin.point(triangle, weights))
    }

    /// Direction from the heart of a point, mm.
    pub fn view_of(body_mm: [f64; 3]) -> Option<ViewAngle> {
        ViewAngle::from_vector(sub(body_mm, HEART_CENTRE_MM))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{site, vec3::norm};

    #[test]
    fn the_skin_is_where_the_electrodes_are() {
        let body = TorsoModel::shipped();
        for name in ["V1", "V2", "V4", "V6", "V8", "V4R"] {
            let electrode = site(name).unwrap();
            let skin = body.skin_at(electrode.view);
            let off = norm(sub(skin, electrode.position_mm));
            assert!(off < 12.0, "{name} is {off:.1} mm off the skin");
        }
    }

    #[test]
    fn a_ray_from_the_front_hits_the_front() {
        let hit = TorsoModel::shipped()
            .pick([1800.0, 0.0, 470.0], [-1.0, 0.0, 0.0])
            .unwrap();
        assert!(100.0 < hit[0], "{hit:?}");
        assert!(
            TorsoModel::shipped()
                .pick([1800.0, 0.0, 2000.0], [-1.0, 0.0, 0.0])
                .is_none()
        );
    }
}
