//! The words of the window in five languages. English is the key; what is not translated stays
//! English. Rows with `{1}`, `{2}` … are sentences with figures in them, put together where they
//! belong and translated as a whole.

use std::{collections::HashMap, sync::LazyLock};

use crate::session::Language;

const TABLE: &str = include_str!("../../assets/words.tsv");

type Row = [&'static str; 4];

fn rows() -> impl Iterator<Item = (&'static str, Row)> {
    let row = |line: &'static str| {
        let mut cells = line.split('\t');
        let english = cells.next()?;
        let mut next = || cells.next().filter(|it| !it.is_empty()).unwrap_or(english);
        Some((english, [next(), next(), next(), next()]))
    };
    TABLE
        .lines()
        .skip(1)
        .filter(|it| !it.is_empty())
        .filter_map(row)
}

static WORDS: LazyLock<HashMap<&'static str, Row>> = LazyLock::new(|| rows().collect());

/// A sentence with holes: the words around them, and its translations.
struct Sentence {
    around: Vec<&'static str>,
    translated: Row,
}

static SENTENCES: LazyLock<Vec<Sentence>> = LazyLock::new(|| {
    let sentence = |(english, translated): (&'static str, Row)| Sentence {
        around: pieces(english),
        translated,
    };
    rows()
        .filter(|it| it.0.contains("{1}"))
        .map(sentence)
        .collect()
});

/// The words around `{1}`, `{2}` …, which stand in this order.
fn pieces(english: &'static str) -> Vec<&'static str> {
    let (mut out, mut rest) = (Vec::new(), english);
    for number in 1.. {
        let Some((before, after)) = rest.split_once(&format!("{{{number}}}")) else {
            break;
        };
        out.push(before);
        rest = after;
    }
    out.push(rest);
    out
}

impl Sentence {
    /// What stands in the holes, if `text` is this sentence.
    fn holes<'a>(&self, text: &'a str) -> Option<Vec<&'a str>> {
        let (first, others) = self.around.split_first()?;
        let (last, between) = others.split_last()?;
        let mut rest = text.strip_prefix(first)?;
        let mut out = Vec::new();
        for piece in between {
            let (hole, after) = rest.split_once(piece)?;
            out.push(hole);
            rest = after;
        }
        out.push(rest.strip_suffix(last)?);
        Some(out)
    }
}

/// Words in one language.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Words(pub Language);

impl Words {
    /// `english` in this language.
    pub fn t(self, english: &'static str) -> &'static str {
        self.word(english).unwrap_or(english)
    }

    fn column(self) -> Option<usize> {
        match self.0 {
            Language::English => None,
            Language::German => Some(0),
            Language::French => Some(1),
            Language::Spanish => Some(2),
            Language::Chinese => Some(3),
        }
    }

    fn word(self, english: &str) -> Option<&'static str> {
        WORDS
            .get(english)
            .zip(self.column())
            .map(|(row, column)| row[column])
    }

    /// A sentence or a place that was put together elsewhere, in this language: as a whole, or part
    /// by part.
    pub fn say(self, english: &str) -> String {
        let Some(column) = self.column() else {
            return english.to_owned();
        };
        if let Some(word) = self.word(english) {
            return word.to_owned();
        }
        if let Some((sentence, holes)) = SENTENCES
            .iter()
            .find_map(|it| Some((it, it.holes(english)?)))
        {
            let filled = |text: String, (number, hole): (usize, &&str)| {
                text.replace(&format!("{{{}}}", number + 1), &self.say(hole))
            };
            return holes
                .iter()
                .enumerate()
                .fold(sentence.translated[column].to_owned(), filled);
        }
        for between in [", ", " − "] {
            if let Some((one, other)) = english.split_once(between) {
                let comma = if self.0 == Language::Chinese && between == ", " {
                    "，"
                } else {
                    between
                };
                return format!("{}{comma}{}", self.say(one), self.say(other));
            }
        }
        english.to_owned()
    }
}
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

/// All languages.
pub const LANGUAGES: [Language; 5] = [
    Language::English,
    Language::German,
    Language::French,
    Language::Spanish,
    Language::Chinese,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_five_columns() {
        for (number, line) in TABLE.lines().enumerate().filter(|it| !it.1.is_empty()) {
            assert_eq!(line.split('\t').count(), 5, "row {}: {line}", number + 1);
        }
        assert_eq!(Words(Language::German).t("Undo"), "Rückgängig");
        assert_eq!(
            Words(Language::French).t("not in the table"),
            "not in the table"
        );
    }

    #[test]
    fn a_translation_keeps_every_figure_once() {
        for (english, translations) in rows() {
            for text in translations {
                for number in 1..=5 {
                    let hole = format!("{{{number}}}");
                    assert_eq!(
                        text.matches(&hole).count(),
                        english.matches(&hole).count(),
                        "{hole} in {text:?} for {english:?}"
                    );
                }
            }
        }
        assert_eq!(
            Words(Language::German).say("an error of 41 µV (0.4 mm) is to be expected"),
            "ein Fehler von 41 µV (0.4 mm) ist zu erwarten"
        );
        assert_eq!(
            Words(Language::Chinese).say("2nd intercostal space, right sternal border"),
            "第2肋间，胸骨右缘"
        );
        let moved = "V1 looks as if recorded 22° up and 3° to the left of its place, and is taken to sit there";
        let in_french = "V1 semble enregistrée 22° plus haut et 3° plus à gauche de sa place, et est prise comme telle";
        assert_eq!(Words(Language::French).say(moved), in_french);
        assert_eq!(Words::default().say(moved), moved);
    }

    /// Whether all of it is in the catalogue; names of leads and figures are the same in every
    /// language.
    fn is_known(english: &str) -> bool {
        let is_name = !english
            .split(' ')
            .any(|word| 3 < word.len() && word.chars().all(char::is_lowercase));
        if is_name || WORDS.contains_key(english) {
            return true;
        }
        if let Some(holes) = SENTENCES.iter().find_map(|it| it.holes(english)) {
            return holes.into_iter().all(is_known);
        }
        [", ", " − "].iter().any(|between| {
            english
                .split_once(between)
                .is_some_and(|(a, b)| is_known(a) && is_known(b))
        })
    }

    #[test]
    fn every_place_is_in_the_catalogue() {
        use crate::ecg::{Level, Line, Place, catalogue};
        for lead in catalogue() {
            assert!(is_known(lead.place), "{}: {}", lead.name, lead.place);
        }
        let levels = [Level::Neck, Level::Clavicle, Level::Abdomen].into_iter();
        let levels = levels
            .chain((1..=8).map(Level::Space))
            .chain((1..=9).map(Level::Rib));
        for level in levels {
            for line in [
                Line::MidSternal,
                Line::SternalBorder,
                Line::Parasternal,
                Line::Midclavicular,
                Line::AnteriorAxillary,
            ]
            .into_iter()
            .chain([
                Line::MidAxillary,
                Line::PosteriorAxillary,
                Line::MidScapular,
                Line::Paraspinal,
                Line::Spine,
            ]) {
                for is_left in [false, true] {
                    let place = Place {
                        level,
                        line,
                        is_left,
                    }
                    .to_string();
                    assert!(is_known(&place), "{place}");
                }
            }
        }
    }

    /// The string literals of a source file before its tests; `{…}` in them is a figure.
    fn literals(path: &str) -> Vec<String> {
        let text =
            std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
                .unwrap();
        let code: String = text
            .split("#[cfg(test)]")
            .next()
            .unwrap_or_default()
            .lines()
            .filter(|it| !it.trim_start().starts_with("//"))
            .collect();
        let code = code.replace("\\\"", "”");
        code.split('"')
            .skip(1)
            .step_by(2)
            .map(figures_for_holes)
            .collect()
    }

    fn figures_for_holes(literal: &str) -> String {
        let (mut out, mut depth) = (String::new(), 0);
        for it in literal.chars() {
            match it {
                '{' => {
                    depth += 1;
                    out.push('7');
                }
                '}' => depth -= 1,
                it if depth == 0 => out.push(it),
                _ => {}
            }
        }
        out
    }

    #[test]
    fn every_reason_and_warning_is_in_the_catalogue() {
        let is_sentence = |it: &String| it.contains(' ') && it.chars().any(char::is_alphabetic);
        for path in ["src/reliability/warnings.rs", "src/reliability/grade.rs"] {
            let found: Vec<String> = literals(path).into_iter().filter(is_sentence).collect();
            assert!(10 < found.len(), "{path}: {found:?}");
            for text in found {
                assert!(
                    is_known(&text) || is_known(&format!("7° {text}")),
                    "{path}: {text:?} is in no language but English"
                );
            }
        }
    }

    #[test]
    fn every_word_of_the_panels_is_in_the_catalogue() {
        let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/gui")];
        let mut n = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)
                .unwrap()
                .map(|it| it.unwrap().path())
            {
                if entry.is_dir() {
                    folders.push(entry);
                    continue;
                }
                let text = std::fs::read_to_string(&entry).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                for call in code.split(".t(").skip(1) {
                    let Some(literal) = call.trim_start().strip_prefix('"') else {
                        continue;
                    };
                    let english = literal.split('"').next().unwrap_or_default();
                    n += 1;
                    assert!(
                        WORDS.contains_key(english),
                        "{}: {english:?} is in no language but English",
                        entry.display()
                    );
                }
            }
        }
        assert!(150 < n, "only {n} words found");
    }
}
