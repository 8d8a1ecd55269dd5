//! Everything that is said to people, in five languages. The other rooms know facts, as values;
//! here they become sentences, for the window and for the command line alike. A new label is a row
//! of `assets/words.tsv`, whose first column becomes a variant of [`Label`].

mod sentence;

use crate::{ecg::PageLayout, session::Language};

include!(concat!(env!("OUT_DIR"), "/labels.rs"));

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
        let text = format!("{value:.decimals$}");
        match self.0 {
            Language::German | Language::French | Language::Spanish => text.replace('.', ","),
            Language::English | Language::Chinese => text,
        }
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
