//! Everything that is said to people, in five languages. The other rooms know facts, as values;
//! here they become sentences, for the window and for the command line alike. A new label is a row
//! of `assets/words.tsv`, whose first column becomes a variant of [`Label`].

mod calibration;
mod json;
mod measurements;
mod misplacement;
mod places;
mod reliability;
mod signs;

pub use json::with_sentence;

use crate::ecg::{PageLayout, Sheet};

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// A language that the program speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // The variants are the languages.
pub enum Language {
    #[default]
    English,
    German,
    French,
    Spanish,
    Chinese,
}

/// All languages, in the order of the columns of the table.
pub const LANGUAGES: [Language; 5] = [
    Language::English,
    Language::German,
    Language::French,
    Language::Spanish,
    Language::Chinese,
];

/// What a language calls itself.
pub fn own_name(language: Language) -> &'static str {
    match language {
        Language::English => "English",
        Language::German => "Deutsch",
        Language::French => "Français",
        Language::Spanish => "Español",
        Language::Chinese => "中文",
    }
}

/// What a page layout is called.
pub fn layout_label(layout: PageLayout) -> Label {
    match layout {
        PageLayout::ThreeByFour => Label::Grid3x4,
        PageLayout::ThreeByFourPlus1 => Label::Grid3x4Rhythm,
        PageLayout::ThreeByFourPlus3 => Label::Grid3x4ThreeRhythm,
        PageLayout::SixByTwo => Label::Grid6x2,
        PageLayout::TwelveByOne => Label::Grid12x1,
    }
}

/// What a sheet is called, and what is on it; without one, the page.
pub fn sheet_labels(sheet: Option<Sheet>) -> [Label; 2] {
    match sheet {
        None => [Label::SheetStandard, Label::SheetStandardHint],
        Some(Sheet::Brugada) => [Label::SheetBrugada, Label::SheetBrugadaHint],
        Some(Sheet::Posterior) => [Label::SheetPosterior, Label::SheetPosteriorHint],
        Some(Sheet::RightSided) => [Label::SheetRight, Label::SheetRightHint],
        Some(Sheet::Fifteen) => [Label::Sheet15, Label::Sheet15Hint],
        Some(Sheet::Eighteen) => [Label::Sheet18, Label::Sheet18Hint],
        Some(Sheet::Kept) => [Label::SheetKept, Label::SheetKeptHint],
    }
}

/// Says things in one language.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Translator(pub Language);

impl Translator {
    /// The text of a label.
    pub fn tr(self, label: Label) -> &'static str {
        TEXTS[label as usize][self.column()]
    }

    /// The text of a label with `{1}`, `{2}` … filled in.
    pub fn fill(self, label: Label, values: &[&str]) -> String {
        let text = self.tr(label).to_owned();
        let fill = |text: String, (at, value): (usize, &&str)| {
            text.replace(&format!("{{{}}}", at + 1), value)
        };
        values.iter().enumerate().fold(text, fill)
    }

    /// A number with the language's decimal sign.
    pub fn number(self, value: f64, decimals: usize) -> String {
        self.localised(format!("{value:.decimals$}"))
    }

    fn localised(self, number: String) -> String {
        match self.0 {
            Language::German | Language::French | Language::Spanish => number.replace('.', ","),
            Language::English | Language::Chinese => number,
        }
    }

    /// A number as short as it goes, with its unit: `12,5 mm/s`.
    pub fn plain(self, value: f64, unit: &str) -> String {
        let text = self.localised(value.to_string());
        format!("{text} {unit}")
    }

    /// The same, with its sign.
    pub fn signed(self, value: f64, decimals: usize) -> String {
        let size = self.number(value.abs(), decimals);
        let is_zero = size.chars().all(|letter| "0.,".contains(letter));
        let sign = if value < 0.0 && !is_zero { "−" } else { "+" };
        format!("{sign}{size}")
    }

    fn column(self) -> usize {
        match self.0 {
            Language::English => 0,
            Language::German => 1,
            Language::French => 2,
            Language::Spanish => 3,
            Language::Chinese => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says the same in all languages: English and German as given, each other one with the same
    /// figures and in words of its own.
    pub(super) fn check(say: impl Fn(Translator) -> String, english: &str, german: &str) {
        let digits = |text: &str| {
            text.chars()
                .filter(char::is_ascii_digit)
                .collect::<String>()
        };
        let sorted = |text: &str| {
            let mut digits: Vec<char> = digits(text).chars().collect();
            digits.sort_unstable();
            digits
        };
        let all = LANGUAGES.map(|language| say(Translator(language)));
        assert_eq!((all[0].as_str(), all[1].as_str()), (english, german));
        for text in &all {
            assert!(!text.contains(['{', '}']), "{text}");
            assert_eq!(sorted(text), sorted(english), "{text}");
        }
        assert!(all[1..].iter().all(|text| text != english), "{all:?}");
    }

    #[test]
    fn labels_numbers_and_figures_in_their_places() {
        let german = Translator(Language::German);
        assert_eq!(german.tr(Label::Undo), "Rückgängig");
        assert_eq!(german.number(-0.45, 1), "-0,5");
        assert_eq!(Translator::default().number(1234.5, 1), "1234.5");
        assert_eq!(german.fill(Label::SpaceN, &["4"]), "4. Interkostalraum");
    }

    #[test]
    fn every_translation_keeps_every_figure_once() {
        for texts in TEXTS {
            for hole in (1..=5).map(|number| format!("{{{number}}}")) {
                let times = texts.map(|text| text.matches(&hole).count());
                assert!(
                    times == [times[0]; 5] && times[0] <= 1,
                    "{hole} in {texts:?}: {times:?} times"
                );
            }
        }
    }
}
