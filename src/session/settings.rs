//! What the user likes, across recordings: a file of its own beside the autosaves.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    formats::{Output, OutputError, Overwrite},
    synth::DeviceChoice,
    words::Language,
};

/// Name of the file.
const FILE: &str = "settings.json";
/// A larger file is not ours.
const MOST_BYTES: u64 = 1 << 20;

/// Recent files that are kept.
const MOST_RECENT: usize = 12;
/// Monitors that are kept.
const MOST_SCREENS: usize = 32;
/// Steps of the first-run hints.
const ALL_HINTS: u8 = 3;

/// Colours of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Appearance {
    /// As the desktop does.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark; the paper stays paper.
    Dark,
    /// At least 7:1 everywhere.
    HighContrast,
}

/// Millimetres on one monitor, measured by the user.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ScreenScale {
    /// What tells the monitor apart: its size in pixels and its scale.
    pub monitor: String,
    /// Points of the window per millimetre at a zoom of one.
    pub points_per_mm: f32,
}

/// What the user likes.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Colours of the window.
    pub appearance: Appearance,
    /// Dark paper, where the user asks for it.
    pub dark_paper: bool,
    /// Size of everything, 1 = as the desktop says.
    pub ui_scale: f32,
    /// Larger targets for fingers.
    pub touch: bool,
    /// Language of the window.
    pub language: Language,
    /// Where the network runs.
    pub device: DeviceChoice,
    /// Files opened last, newest first.
    pub recent: Vec<PathBuf>,
    /// Calibrated monitors.
    pub screens: Vec<ScreenScale>,
    /// Steps of the first-run hints already done.
    pub hints_done: u8,
    /// Where files were saved last.
    pub last_folder: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            appearance: Appearance::default(),
            dark_paper: false,
            ui_scale: 1.0,
            touch: false,
            language: Language::default(),
            device: DeviceChoice::default(),
            recent: Vec::new(),
            screens: Vec::new(),
            hints_done: 0,
            last_folder: None,
        }
    }
}

impl Settings {
    /// Puts `path` first among the recent files; twelve are kept.
    pub fn remember(&mut self, path: &Path) {
        self.recent.retain(|it| it != path);
        self.recent.insert(0, path.to_owned());
        self.recent.truncate(MOST_RECENT);
    }

    /// Points per millimetre on `monitor`, if the user has measured it.
    pub fn points_per_mm(&self, monitor: &str) -> Option<f32> {
        self.screens
            .iter()
            .find(|it| it.monitor == monitor)
            .map(|it| it.points_per_mm)
    }

    /// Keeps the measured scale of `monitor`.
    pub fn set_points_per_mm(&mut self, monitor: &str, points_per_mm: f32) {
        self.screens.retain(|it| it.monitor != monitor);
        self.screens.push(ScreenScale {
            monitor: monitor.into(),
            points_per_mm,
        });
    }

    /// Reads what `folder` keeps; defaults where there is nothing.
    pub fn in_folder(folder: &Path) -> Self {
        let path = folder.join(FILE);
        let about = fs::metadata(&path);
        let is_ours = about.is_ok_and(|it| it.is_file() && it.len() <= MOST_BYTES);
        let text = is_ours.then(|| fs::read_to_string(path).ok()).flatten();
        text.map_or_else(Self::default, |text| Self::from_json(&text))
    }

    /// Keeps them in `folder`: what was kept before is there until the new ones are, whole.
    pub(super) fn keep(&self, folder: &Path) -> Result<(), OutputError> {
        fs::create_dir_all(folder).map_err(|source| OutputError::Io {
            path: folder.to_owned(),
            source,
        })?;
        Output::new(Overwrite::Allowed).write(&folder.join(FILE), self.to_json().as_bytes())
    }

    /// Reads what was kept; whatever is damaged counts as default.
    pub fn from_json(text: &str) -> Self {
        // As values first: a number that is too large for its field is then infinite, no damage.
        let values: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        let mut settings: Self = serde_json::from_value(values).unwrap_or_default();
        settings.ui_scale = if settings.ui_scale.is_finite() {
            settings.ui_scale.clamp(0.5, 3.0)
        } else {
            1.0
        };
        settings.recent.truncate(MOST_RECENT);
        let is_usable = |screen: &ScreenScale| {
            (0.5..=100.0).contains(&screen.points_per_mm) && screen.monitor.len() <= 200
        };
        settings.screens.retain(is_usable);
        settings.screens.truncate(MOST_SCREENS);
        settings.hints_done = settings.hints_done.min(ALL_HINTS);
        settings
    }

    /// What is kept.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_files_are_few_and_newest_first() {
        let mut settings = Settings::default();
        for idx in 0..20 {
            settings.remember(Path::new(&format!("{idx}.edf")));
        }
        settings.remember(Path::new("15.edf"));
        assert_eq!(
            (settings.recent.len(), settings.recent[0].as_path()),
            (12, Path::new("15.edf"))
        );
        assert_eq!(Settings::from_json(&settings.to_json()), settings);
        assert_eq!(Settings::from_json("{"), Settings::default());
    }

    #[test]
    fn what_is_kept_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("new");
        assert_eq!(Settings::in_folder(&place), Settings::default());
        let liked = Settings {
            appearance: Appearance::Dark,
            ..Settings::default()
        };
        liked.keep(&place).unwrap();
        assert_eq!(Settings::in_folder(&place), liked);
        fs::remove_file(place.join(FILE)).unwrap();
        fs::create_dir(place.join(FILE)).unwrap();
        assert_eq!(Settings::in_folder(&place), Settings::default());
        assert!(liked.keep(&place).is_err());
    }

    #[test]
    fn numbers_out_of_range_are_left_out() {
        let settings = Settings::from_json(
            r#"{"ui_scale": 1e300, "hints_done": 255, "screens": [
                {"monitor": "a", "points_per_mm": 4.0},
                {"monitor": "b", "points_per_mm": -1.0},
                {"monitor": "c", "points_per_mm": 1e30}]}"#,
        );
        assert_eq!((settings.ui_scale, settings.hints_done), (1.0, 3));
        let monitors: Vec<&str> = settings.screens.iter().map(|it| &*it.monitor).collect();
        assert_eq!(monitors, ["a"]);
    }
}
