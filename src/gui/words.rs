//! The words of the window in five languages. English is the key; what is not translated stays English.

use std::{collections::HashMap, sync::LazyLock};

use crate::session::Language;

const TABLE: &str = include_str!("../../assets/words.tsv");

static WORDS: LazyLock<HashMap<&'static str, [&'static str; 4]>> = LazyLock::new(|| {
    let row = |line: &'static str| {
        let mut cells = line.split('\t');
        let english = cells.next()?;
        let mut next = || cells.next().map(str::trim).filter(|it| !it.is_empty()).unwrap_or(english);
        Some((english, [next(), next(), next(), next()]))
    };
    TABLE.lines().skip(1).filter(|it| !it.is_empty()).filter_map(row).collect()
});

/// Words in one language.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Words(pub Language);

impl Words {
    /// `english` in this language.
    pub fn t(self, english: &'static str) -> &'static str {
        let column = match self.0 {
            Language::English => return english,
            Language::German => 0,
            Language::French => 1,
            Language::Spanish => 2,
            Language::Chinese => 3,
        };
        WORDS.get(english).map_or(english, |it| it[column])
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
pub const LANGUAGES: [Language; 5] = [Language::English, Language::German, Language::French, Language::Spanish, Language::Chinese];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_five_columns() {
        for (number, line) in TABLE.lines().enumerate().filter(|it| !it.1.is_empty()) {
            assert_eq!(line.split('\t').count(), 5, "row {}: {line}", number + 1);
        }
        assert_eq!(Words(Language::German).t("Undo"), "Rückgängig");
        assert_eq!(Words(Language::French).t("not in the table"), "not in the table");
    }
}
