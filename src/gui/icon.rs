//! The icon of the window: a recorded beat on paper and a synthesised one above it, drawn here so
//! that no picture has to be kept.

use eframe::egui::IconData;

use crate::{
    draw::{Colour, Palette},
    export::Picture,
};

const SIDE: usize = 128;

/// One beat from left to right: shares of the width, and of the height upward from its baseline.
const BEAT: [[f32; 2]; 10] = [
    [0.08, 0.0],
    [0.22, 0.0],
    [0.28, 0.06],
    [0.34, 0.0],
    [0.42, 0.0],
    [0.48, 0.30],
    [0.55, -0.10],
    [0.60, 0.0],
    [0.76, 0.09],
    [0.92, 0.0],
];

/// The icon.
pub fn icon_picture() -> Picture {
    let pixels = (0..SIDE * SIDE).flat_map(|it| pixel(it % SIDE, it / SIDE));
    Picture {
        width: SIDE,
        height: SIDE,
        rgba: pixels.collect(),
    }
}

/// The same for the window.
pub(super) fn icon() -> IconData {
    IconData {
        rgba: icon_picture().rgba,
        width: SIDE as u32,
        height: SIDE as u32,
    }
}

fn pixel(x: usize, y: usize) -> [u8; 4] {
    let at = [x, y].map(|it| (it as f32 + 0.5) / SIDE as f32);
    let palette = Palette::LIGHT;
    let is_line = (x + 8).is_multiple_of(16) || (y + 8).is_multiple_of(16);
    let ground = if is_line {
        palette.major_grid
    } else {
        palette.paper
    };
    let is_gap = 0.6 < (at[0] * 9.0).fract();
    let below = mixed(ground, palette.recorded, ink(at, 0.82));
    let both = mixed(
        below,
        palette.synthesised,
        if is_gap { 0.0 } else { ink(at, 0.42) },
    );
    [
        both.rgb[0],
        both.rgb[1],
        both.rgb[2],
        (255.0 * inside(at)) as u8,
    ]
}

/// 1 on a beat with that baseline, 0 away from it.
fn ink(at: [f32; 2], baseline: f32) -> f32 {
    let place = |it: [f32; 2]| [it[0], baseline - it[1]];
    let away = BEAT
        .windows(2)
        .map(|pair| distance(at, place(pair[0]), place(pair[1])))
        .fold(1.0, f32::min);
    (3.0 - SIDE as f32 * away).clamp(0.0, 1.0)
}

fn distance(at: [f32; 2], from: [f32; 2], to: [f32; 2]) -> f32 {
    let [along, off] = [
        [to[0] - from[0], to[1] - from[1]],
        [at[0] - from[0], at[1] - from[1]],
    ];
    let share = ((along[0] * off[0] + along[1] * off[1])
        / (along[0].powi(2) + along[1].powi(2)).max(1e-9))
    .clamp(0.0, 1.0);
    (off[0] - share * along[0]).hypot(off[1] - share * along[1])
}

/// 1 inside a square with round corners, soft at its edge.
fn inside(at: [f32; 2]) -> f32 {
    const ROUND: f32 = 0.2;
    let beyond = at.map(|it| ((it - 0.5).abs() - (0.5 - ROUND)).max(0.0));
    (SIDE as f32 * (ROUND - beyond[0].hypot(beyond[1])) + 0.5).clamp(0.0, 1.0)
}

fn mixed(ground: Colour, ink: Colour, share: f32) -> Colour {
    let channel = |it: usize| {
        (f32::from(ground.rgb[it]) * (1.0 - share) + f32::from(ink.rgb[it]) * share).round() as u8
    };
    Colour {
        rgb: std::array::from_fn(channel),
        ..ground
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_shows_both_traces_on_paper() {
        let icon = icon();
        assert_eq!(icon.rgba.len(), 4 * SIDE * SIDE);
        let count = |wanted: Colour| {
            icon.rgba
                .chunks(4)
                .filter(|it| it[..3] == wanted.rgb && it[3] == 255)
                .count()
        };
        let palette = Palette::LIGHT;
        let [paper, recorded, synthesised] =
            [palette.paper, palette.recorded, palette.synthesised].map(count);
        assert!(
            recorded < paper && synthesised < recorded && 100 < synthesised,
            "{paper} {recorded} {synthesised}"
        );
        assert_eq!(icon.rgba[3], 0, "the corner is round");
    }
}
