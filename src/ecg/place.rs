//! Where a point of the reference torso's skin is, as a clinician would say it.

use std::fmt;

/// Height of a skin point on the chest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Above the collar bones.
    Neck,
    /// Collar bone and manubrium.
    Clavicle,
    /// In the n-th intercostal space (1 to 8).
    Space(u8),
    /// On the n-th rib.
    Rib(u8),
    /// Below the ribs.
    Abdomen,
}

/// Vertical line of the chest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Middle of the breastbone.
    MidSternal,
    /// Edge of the breastbone.
    SternalBorder,
    /// Between sternal border and midclavicular line.
    Parasternal,
    /// Below the middle of the collar bone.
    Midclavicular,
    /// Front fold of the armpit.
    AnteriorAxillary,
    /// Middle of the armpit.
    MidAxillary,
    /// Rear fold of the armpit.
    PosteriorAxillary,
    /// Through the tip of the shoulder blade.
    MidScapular,
    /// Beside the spine.
    Paraspinal,
    /// On the spine.
    Spine,
}

/// Level, line and side of a skin point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// How high.
    pub level: Level,
    /// How far around.
    pub line: Line,
    /// On the patient's left; of no meaning on the midlines.
    pub is_left: bool,
}

/// Height of the 4th intercostal space on the reference torso and distance of one space to the
/// next, mm (25–35 mm in adults).
const FOURTH_SPACE_MM: f64 = 478.0;
const SPACE_STEP_MM: f64 = 30.0;

impl Place {
    /// Place of a point on the reference torso's skin (anterior, left, superior, mm).
    pub fn of([x, y, z]: [f64; 3]) -> Self {
        Self {
            level: level(z),
            line: line(x, y.abs()),
            is_left: 0.0 < y,
        }
    }
}

fn level(z_mm: f64) -> Level {
    // 4.0 in the middle of the 4th space, 4.5 on the 5th rib.
    let spaces = 4.0 + (FOURTH_SPACE_MM - z_mm) / SPACE_STEP_MM;
    let nearest = spaces.round();
    match spaces {
        it if it < -0.5 => Level::Neck,
        it if it < 0.7 => Level::Clavicle,
        it if 8.5 < it => Level::Abdomen,
        it if (it - nearest).abs() < 0.3 => Level::Space(nearest as u8),
        it => Level::Rib(it.floor() as u8 + 1),
    }
}

/// By distance from the midline in front, by angle around the body's axis at the side and behind.
fn line(x_mm: f64, across_mm: f64) -> Line {
    let around_deg = across_mm.atan2(x_mm).to_degrees();
    match (around_deg, across_mm) {
        (it, mm) if it < 45.0 => match mm {
            mm if mm < 12.0 => Line::MidSternal,
            mm if mm < 38.0 => Line::SternalBorder,
            mm if mm < 75.0 => Line::Parasternal,
            _ => Line::Midclavicular,
        },
        (it, _) if it < 68.0 => Line::AnteriorAxillary,
        (it, _) if it < 90.0 => Line::MidAxillary,
        (it, _) if it < 114.0 => Line::PosteriorAxillary,
        (it, _) if it < 140.0 => Line::MidScapular,
        (it, _) if it < 172.0 => Line::Paraspinal,
        _ => Line::Spine,
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.level, side(self.line, self.is_left))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Neck => write!(f, "neck"),
            Self::Clavicle => write!(f, "level of the collar bone"),
            Self::Space(n) => write!(f, "{} intercostal space", ordinal(*n)),
            Self::Rib(n) => write!(f, "{} rib", ordinal(*n)),
            Self::Abdomen => write!(f, "upper abdomen"),
        }
    }
}

fn side(line: Line, is_left: bool) -> String {
    let name = match line {
        Line::MidSternal => return "midsternal line".into(),
        Line::Spine => return "over the spine".into(),
        Line::SternalBorder => "sternal border",
        Line::Parasternal => "parasternal line",
        Line::Midclavicular => "midclavicular line",
        Line::AnteriorAxillary => "anterior axillary line",
        Line::MidAxillary => "mid-axillary line",
        Line::PosteriorAxillary => "posterior axillary line",
        Line::MidScapular => "mid-scapular line",
        Line::Paraspinal => "paraspinal line",
    };
    format!("{} {name}", if is_left { "left" } else { "right" })
}

fn ordinal(n: u8) -> String {
    let ending = match n {
        1 => "st",
        2 => "nd",
        3 => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(site: &str, words: &str) {
        let place = Place::of(crate::ecg::site(site).unwrap().position_mm);
        assert_eq!(place.to_string(), words, "at {site}");
    }

    #[test]
    fn sites_are_where_textbooks_say() {
        check("V1", "4th intercostal space, right sternal border");
        check("V2@2ICS", "2nd intercostal space, left sternal border");
        check("V1@3ICS", "3rd intercostal space, right sternal border");
        check("V4", "5th intercostal space, left midclavicular line");
        check("V5", "5th intercostal space, left anterior axillary line");
        check("V6", "5th intercostal space, left mid-axillary line");
        check("V7", "5th intercostal space, left posterior axillary line");
        check("V8", "5th intercostal space, left mid-scapular line");
        check("V9", "5th intercostal space, left paraspinal line");
        check("V4R", "5th intercostal space, right midclavicular line");
        check("manubrium", "level of the collar bone, midsternal line");
        check("Frank M", "5th intercostal space, over the spine");
        assert_eq!(
            Place::of([122.0, 90.0, 230.0]).to_string(),
            "upper abdomen, left midclavicular line"
        );
    }

    #[test]
    fn going_down_the_chest_spaces_and_ribs_alternate() {
        let levels: Vec<String> = (0..40)
            .map(|step| {
                Place::of([100.0, 40.0, 640.0 - 10.0 * f64::from(step)])
                    .level
                    .to_string()
            })
            .collect();
        let mut passed = levels.clone();
        passed.dedup();
        assert_eq!(
            passed[..3],
            ["neck", "level of the collar bone", "1st intercostal space"]
        );
        assert_eq!(
            passed[3..6],
            ["2nd rib", "2nd intercostal space", "3rd rib"]
        );
        assert_eq!(passed.last().unwrap(), "upper abdomen");
        let mut once = passed.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), passed.len(), "no level comes twice: {passed:?}");
    }

    #[test]
    fn around_the_chest_the_lines_come_in_order() {
        let around = |deg: f64| {
            let (sin, cos) = deg.to_radians().sin_cos();
            Place::of([120.0 * cos, 120.0 * sin, 450.0])
        };
        let mut lines: Vec<Line> = (0..=180).map(|deg| around(f64::from(deg)).line).collect();
        lines.dedup();
        assert_eq!(
            lines,
            [
                Line::MidSternal,
                Line::SternalBorder,
                Line::Parasternal,
                Line::Midclavicular,
                Line::AnteriorAxillary,
                Line::MidAxillary,
                Line::PosteriorAxillary,
                Line::MidScapular,
                Line::Paraspinal,
                Line::Spine
            ]
        );
    }

    #[test]
    fn the_other_side_is_the_mirror() {
        for x in [-90.0, 10.0, 60.0, 140.0] {
            for y in [20.0, 60.0, 140.0] {
                let [left, right] = [y, -y].map(|y| Place::of([x, y, 430.0]));
                assert_eq!((left.level, left.line), (right.level, right.line));
                assert!(left.is_left && !right.is_left);
                let words = left.to_string().replace("left", "right");
                assert_eq!(right.to_string(), words);
            }
        }
    }
}
