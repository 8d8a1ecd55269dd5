//! What the torso's shader is given: camera, light and colours of a frame, vertices of skin, heart
//! and markers.

use bytemuck::{Pod, Zeroable};
use eframe::egui::Rgba;

use super::super::{camera::Camera, theme::Colours, torso_model::TorsoModel};
use crate::ecg::vec3::{self, Vec3};

/// As in torso.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub struct Scene {
    /// Column by column.
    pub clip_from_body: [[f32; 4]; 4],
    /// mm.
    pub eye: [f32; 4],
    /// Unit vector towards the key light.
    pub light: [f32; 4],
    /// Colour and opacity.
    pub skin: [f32; 4],
    /// Skin that no measurement covers.
    pub bare: [f32; 4],
    /// Landmark lines.
    pub line: [f32; 4],
    /// Virtual electrode, mm; radius of its halo.
    pub point: [f32; 4],
    /// Its colour.
    pub point_colour: [f32; 4],
    /// TorsoModel map on; mV between isolines; opacity of the map.
    pub options: [f32; 4],
}

/// As `SurfaceIn` in torso.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub struct SkinVertex {
    /// mm.
    pub position: [f32; 3],
    /// Outward.
    pub normal: [f32; 3],
    /// 0…1 covered by measurements, 2 = heart; potential, mV.
    pub state: [f32; 2],
    /// Of the map, or of the heart.
    pub colour: [f32; 4],
}

/// One ball on the skin.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Marker {
    /// mm; radius.
    pub centre: [f32; 4],
    /// Opaque.
    pub colour: [f32; 4],
}

/// Camera, light and colours of a frame.
pub fn scene(
    camera: Camera,
    rect: eframe::egui::Rect,
    colours: &Colours,
    point_mm: Vec3,
    is_map: bool,
) -> Scene {
    let [right, up, towards] = camera.axes();
    let eye = camera.eye_mm();
    // Over the viewer's left shoulder.
    let light: Vec3 =
        std::array::from_fn(|it| -0.45 * right[it] + 0.55 * up[it] + 0.70 * towards[it]);
    let length = vec3::norm(light);
    let four = |it: [f64; 3], w: f32| [it[0] as f32, it[1] as f32, it[2] as f32, w];
    let [red, green, blue, _] = colours.synthesised.to_normalized_gamma_f32();
    Scene {
        clip_from_body: camera.clip_from_body(f64::from(rect.aspect_ratio())),
        eye: four(eye, 1.0),
        light: four(light.map(|x| x / length), 0.0),
        skin: if colours.is_dark {
            [0.78, 0.66, 0.60, 0.66]
        } else {
            [0.90, 0.78, 0.72, 0.66]
        },
        bare: if colours.is_dark {
            [0.42, 0.43, 0.46, 0.72]
        } else {
            [0.70, 0.71, 0.74, 0.72]
        },
        line: if colours.is_dark {
            [0.10, 0.08, 0.08, 0.35]
        } else {
            [0.42, 0.30, 0.26, 0.45]
        },
        point: four(point_mm, 11.0),
        point_colour: [red, green, blue, 0.85],
        options: [f32::from(u8::from(is_map)), 0.1, 0.97, 0.0],
    }
}

/// The finer skin's vertices before they are coloured: `covered` says which directions measurements
/// reach.
pub fn skin_vertices(
    body: &TorsoModel,
    covered: impl Fn(crate::ecg::ViewAngle) -> f32,
) -> Vec<SkinVertex> {
    let single = |it: [f64; 3]| it.map(|x| x as f32);
    let places = body.finer.spread(|it| single(body.skin.vertices_mm[it]));
    let normals = body.finer.spread(|it| single(body.skin_normals[it]));
    let reached: Vec<f32> = body.skin_views.iter().map(|it| covered(*it)).collect();
    let reached = body.finer.spread(|it| [reached[it]]);
    let corners = places.into_iter().zip(normals).zip(reached);
    corners
        .map(|((position, normal), [reached])| SkinVertex {
            position,
            normal,
            state: [reached.clamp(0.0, 1.0), 0.0],
            colour: [1.0; 4],
        })
        .collect()
}

/// The heart in one colour.
pub fn heart_vertices(colour: Rgba) -> Vec<SkinVertex> {
    let body = TorsoModel::shipped();
    let single = |it: [f64; 3]| it.map(|x| x as f32);
    let colour = [colour.r(), colour.g(), colour.b(), 1.0];
    let corners = body.heart.vertices_mm.iter().zip(&body.heart_normals);
    corners
        .map(|(position, normal)| SkinVertex {
            position: single(*position),
            normal: single(*normal),
            state: [2.0, 0.0],
            colour,
        })
        .collect()
}

/// Triangles of a unit ball.
pub fn ball() -> Vec<[f32; 3]> {
    const ROWS: usize = 8;
    const COLS: usize = 14;
    let at = |row: usize, col: usize| {
        let (st, ct) = (std::f32::consts::PI * row as f32 / ROWS as f32).sin_cos();
        let (sp, cp) = (std::f32::consts::TAU * col as f32 / COLS as f32).sin_cos();
        [st * cp, st * sp, ct]
    };
    let quad = |(row, col)| {
        let (a, b, c, d) = (
            at(row, col),
            at(row + 1, col),
            at(row + 1, col + 1),
            at(row, col + 1),
        );
        [a, b, c, a, c, d]
    };
    (0..ROWS)
        .flat_map(|row| (0..COLS).map(move |col| (row, col)))
        .flat_map(quad)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ball_is_round() {
        assert!(
            ball()
                .iter()
                .all(|it| (it.iter().map(|x| x * x).sum::<f32>() - 1.0).abs() < 1e-5)
        );
    }

    #[test]
    fn the_balls_triangles_face_outward() {
        for corners in ball().chunks_exact(3) {
            let [a, b, c] = [0, 1, 2].map(|k| corners[k].map(f64::from));
            let normal = vec3::cross(vec3::sub(b, a), vec3::sub(c, a));
            // At the poles two corners are one.
            assert!(-1e-6 < vec3::dot(normal, a), "{corners:?}");
        }
    }

    #[test]
    fn light_and_eye_follow_the_camera() {
        let rect = eframe::egui::Rect::from_min_size(Default::default(), [200.0, 300.0].into());
        let seen = |camera| {
            scene(
                camera,
                rect,
                &super::super::super::theme::LIGHT,
                [0.0; 3],
                true,
            )
        };
        let (front, back) = (seen(Camera::FRONT), seen(Camera::BACK));
        assert!(0.0 < front.eye[0] && back.eye[0] < 0.0);
        for scene in [front, back] {
            let length = scene.light.iter().map(|x| x * x).sum::<f32>().sqrt();
            assert!((length - 1.0).abs() < 1e-6);
            // The lit side is the one that is seen.
            assert!(0.0 < scene.light[0] * scene.eye[0]);
            assert_eq!(scene.options[0], 1.0, "the map is on");
        }
    }
}
