//! A question sheet on paper: a page for each card, the answers on the last one.

use super::{
    quiz::{Card, CardKind, simulated_card},
    simulation::simulate,
};
use crate::{
    draw::{Page, PageContent, Section, ecg_pages, findings_pages},
    ecg::{LeadName, LeadSet, PaperSettings, Recording},
    words::{Label, Language, Translator},
};

/// Cards of a sheet.
const N_CARDS: usize = 12;
/// Before each choice.
const LETTERS: [&str; 4] = ["a", "b", "c", "d"];

/// The pages of the sheet that this seed makes. Pages have no Chinese letters: they are English then.
pub(super) fn pages(seed: u64, paper: &PaperSettings, language: Language) -> Vec<Page> {
    let language = match language {
        Language::Chinese => Language::English,
        other => other,
    };
    let translator = Translator(language);
    let drawn = (1..).map(|number| simulated_card(seed, number));
    // A lead whose place is asked for would be synthesised: that needs the window.
    let on_paper = drawn.filter(|card| card.kind != CardKind::Place);
    let cards: Vec<Card> = on_paper.take(N_CARDS).collect();
    let mut pages = Vec::new();
    let mut answers = Vec::new();
    let mut last = None;
    for (idx, card) in cards.iter().enumerate() {
        let Some(recording) = card.heart.as_ref().and_then(|heart| page_of(heart)) else {
            continue;
        };
        let facts = facts(idx + 1, card, translator);
        answers.push(answer(idx + 1, card, translator));
        let content = PageContent {
            facts,
            ..PageContent::of(&recording)
        };
        pages.extend(ecg_pages(&content, paper));
        last = Some(recording);
    }
    if let Some(recording) = last {
        let sections = vec![Section {
            title: translator.tr(Label::QuizAnswers).to_owned(),
            lines: answers,
        }];
        let content = PageContent {
            sections,
            ..PageContent::of(&recording)
        };
        pages.extend(findings_pages(&content, paper));
    }
    pages
}

/// The twelve leads and nothing that tells how they were made, but that they were.
fn page_of(heart: &super::lab::VirtualHeart) -> Option<Recording> {
    let exam = simulate(heart)?;
    let twelve = exam.leads.leads().iter();
    let twelve = twelve.filter(|lead| LeadName::TWELVE.contains(&lead.name));
    let leads = LeadSet::new(exam.leads.rate(), twelve.cloned().collect()).ok()?;
    Some(Recording {
        device: exam.recording.device.clone(),
        filters: exam.recording.filters.clone(),
        ..Recording::from_leads(leads)
    })
}

/// The question and its choices, as they stand at the head of a page.
fn facts(number: usize, card: &Card, translator: Translator) -> Vec<String> {
    let question = translator.tr(card.kind.question());
    let mut facts = vec![format!("{number}. {question}")];
    let choices = LETTERS.iter().zip(&card.choices);
    facts.extend(choices.map(|(letter, it)| format!("{letter})  {}", it.words(translator))));
    facts
}

fn answer(number: usize, card: &Card, translator: Translator) -> String {
    let right = card.choices[card.answer].words(translator);
    format!("{number}. {})  {right}", LETTERS[card.answer])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{Mark, Role};

    fn words(page: &Page) -> Vec<&str> {
        let texts = page.items.iter().filter_map(|item| match &item.mark {
            Mark::Text(text) if item.role == Role::Words => Some(text.text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    #[test]
    fn each_page_asks_and_only_the_last_one_answers() {
        let pages = pages(5, &PaperSettings::default(), Language::German);
        assert_eq!(pages.len(), N_CARDS + 1);
        for (idx, page) in pages[..N_CARDS].iter().enumerate() {
            let words = words(page);
            assert!(
                words
                    .iter()
                    .any(|it| it.starts_with(&format!("{}. ", idx + 1))),
                "{words:?}"
            );
            for letter in LETTERS {
                let choice = format!("{letter})  ");
                assert_eq!(
                    words.iter().filter(|it| it.starts_with(&choice)).count(),
                    1,
                    "{words:?}"
                );
            }
            assert!(words.iter().any(|it| it.contains("SIMULATED")), "{words:?}");
        }
        let last = words(&pages[N_CARDS]);
        assert!(last.iter().any(|it| it.starts_with("12. ")), "{last:?}");
    }
}
