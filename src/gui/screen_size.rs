//! A window is never larger than the screen it opens on, frame and title bar included.

use eframe::egui::{Context, Vec2, ViewportCommand};

/// Room that a title bar takes where the desktop does not say how much, points.
const TITLE_BAR: Vec2 = Vec2::new(0.0, 40.0);

/// Makes the window smaller once, as soon as the size of its screen is known; `is_fitted` says
/// whether that has been.
pub fn fit(ctx: &Context, is_fitted: &mut bool) {
    if *is_fitted {
        return;
    }
    let (inner, outer, screen) = ctx.input(|input| {
        let viewport = input.viewport();
        let size = |rect: Option<eframe::egui::Rect>| rect.map(|rect| rect.size());
        (
            size(viewport.inner_rect),
            size(viewport.outer_rect),
            viewport.monitor_size,
        )
    });
    let (Some(inner), Some(screen)) = (inner, screen) else {
        return;
    };
    *is_fitted = true;
    if let Some(smaller) = fitting(inner, outer, screen) {
        ctx.send_viewport_cmd(ViewportCommand::InnerSize(smaller));
    }
}

/// The size within the frame for a window that is too large for its screen.
fn fitting(inner: Vec2, outer: Option<Vec2>, screen: Vec2) -> Option<Vec2> {
    let own_frame = outer.map(|outer| outer - inner).filter(|it| 0.0 < it.y);
    let frame = own_frame.unwrap_or(TITLE_BAR);
    let fits = inner.x + frame.x <= screen.x && inner.y + frame.y <= screen.y;
    let is_known = 0.0 < screen.x && 0.0 < screen.y;
    (is_known && !fits).then(|| inner.min(screen - frame))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_becomes_smaller_and_nothing_else() {
        let check = |inner: [f32; 2], outer: Option<[f32; 2]>, screen: [f32; 2]| {
            let fitted = fitting(inner.into(), outer.map(Vec2::from), screen.into());
            fitted.map(|size| [size.x, size.y])
        };
        let usual = [1440.0, 900.0];
        assert_eq!(check(usual, Some([1442.0, 930.0]), [1920.0, 1080.0]), None);
        let laptop = [1440.0, 900.0];
        assert_eq!(check(usual, None, laptop), Some([1440.0, 860.0]));
        let framed = Some([1442.0, 930.0]);
        assert_eq!(check(usual, framed, laptop), Some([1438.0, 870.0]));
        assert_eq!(check(usual, None, [1024.0, 700.0]), Some([1024.0, 660.0]));
        assert_eq!(check(usual, None, [0.0, 0.0]), None, "an unknown screen");
    }
}
