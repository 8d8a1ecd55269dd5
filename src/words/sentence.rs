use std::{collections::HashMap, sync::LazyLock};

use super::{Language, TEXTS, Translator};

type Row = &'static [&'static str; 5];

static WORDS: LazyLock<HashMap<&'static str, Row>> =
    LazyLock::new(|| TEXTS.iter().map(|texts| (texts[0], texts)).collect());

/// A sentence with holes: the words around them, and its translations.
struct Sentence {
    around: Vec<&'static str>,
    translated: Row,
}

static SENTENCES: LazyLock<Vec<Sentence>> = LazyLock::new(|| {
    let sentence = |translated: Row| Sentence {
        around: pieces(translated[0]),
        translated,
    };
    let with_holes = TEXTS.iter().filter(|it| it[0].contains("{1}"));
    with_holes.map(sentence).collect()
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

impl Translator {
    /// A sentence or a place that was put together elsewhere, in this language: as a whole, or part
    /// by part.
    pub fn say(self, english: &str) -> String {
        let column = self.column();
        if column == 0 {
            return english.to_owned();
        }
        if let Some(word) = WORDS.get(english) {
            return word[column].to_owned();
        }
        if let Some((sentence, holes)) = SENTENCES
            .iter()
            .find_map(|it| Some((it, it.holes(english)?)))
        {
            let holes: Vec<String> = holes.into_iter().map(|it| self.say(it)).collect();
            let text = sentence.translated[column].to_owned();
            return holes.iter().enumerate().fold(text, |text, (at, hole)| {
                text.replace(&format!("{{{}}}", at + 1), hole)
            });
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
