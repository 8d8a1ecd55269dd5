//! The sheet of words that goes with an ECG: the reader's report, what was measured, what must be
//! known of each synthesised lead, and every warning.

use super::{
    Anchor, Frame, Page, PageContent, Role, Section, Weight,
    font::wrapped,
    header::header,
    sheet::{Drawing, MARGIN_MM, PALETTE, number},
};
use crate::ecg::PaperSettings;

const HEADER_MM: f64 = 21.0;
const FOOTER_MM: f64 = 8.0;
const GAP_MM: f64 = 10.0;
const SIZE_MM: f64 = 3.0;
const LINE_MM: f64 = 4.6;

/// One line of a column.
struct Line {
    text: String,
    weight: Weight,
}

impl Line {
    fn is_title(&self) -> bool {
        self.weight == Weight::SemiBold
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// As many landscape sheets of two columns as the sections need; none for no section.
pub fn findings_pages(content: &PageContent, settings: &PaperSettings) -> Vec<Page> {
    sheets(content, settings, |_, _| String::new())
}

/// The same behind `before` other pages, numbered on.
pub(super) fn findings_behind(
    content: &PageContent,
    settings: &PaperSettings,
    before: usize,
) -> Vec<Page> {
    sheets(content, settings, |idx, own| {
        number(before + idx, before + own)
    })
}

/// The sheets; `number` is given which of how many, and what it says stands at the foot.
fn sheets(
    content: &PageContent,
    settings: &PaperSettings,
    number: impl Fn(usize, usize) -> String,
) -> Vec<Page> {
    let [width, height] = settings.size.size_mm();
    let column_mm = 0.5 * (width - 2.0 * MARGIN_MM - GAP_MM);
    let lines = lines(&content.sections, column_mm);
    let per_column = ((height - 2.0 * MARGIN_MM - HEADER_MM - FOOTER_MM) / LINE_MM) as usize;
    let columns = columns(&lines, per_column);
    let sheets = columns.chunks(2);
    let own = sheets.len();
    let sheet = |(idx, columns): (usize, &[&[Line]])| {
        let frame = Frame {
            left_mm: MARGIN_MM,
            top_mm: MARGIN_MM + HEADER_MM,
            width_mm: width - 2.0 * MARGIN_MM,
            height_mm: 0.0,
        };
        let mut drawing = Drawing::blank([width, height], "Findings".into(), frame);
        header(&mut drawing, content);
        for (idx, column) in columns.iter().enumerate() {
            let left = MARGIN_MM + idx as f64 * (column_mm + GAP_MM);
            write(&mut drawing, column, [left, frame.top_mm]);
        }
        let at = [MARGIN_MM, height - MARGIN_MM];
        let style = (Anchor::Start, Weight::Regular, PALETTE.muted);
        let foot = format!("{}{}", content.purpose(), number(idx, own));
        drawing.text(Role::Words, at, foot, 2.7, style);
        drawing.page
    };
    sheets.enumerate().map(sheet).collect()
}

/// Lines by column. A title stands with two of its lines at least, and an empty line never on top.
fn columns(lines: &[Line], per_column: usize) -> Vec<&[Line]> {
    let mut columns = Vec::new();
    let mut rest = lines;
    while !rest.is_empty() {
        let full = per_column.clamp(1, rest.len());
        let is_parted = |title: &usize| {
            rest[*title].is_title()
                && rest[*title + 1..]
                    .iter()
                    .take(2)
                    .take_while(|it| !it.is_empty())
                    .count()
                    > full - 1 - title
        };
        let at = (full.saturating_sub(2).max(1)..full).find(is_parted);
        let (column, after) = rest.split_at(at.unwrap_or(full));
        columns.push(column);
        let empty = after.iter().take_while(|it| it.is_empty()).count();
        rest = &after[empty..];
    }
    columns
}

fn write(drawing: &mut Drawing, lines: &[Line], [left, top]: [f64; 2]) {
    for (idx, line) in lines.iter().enumerate() {
        let at = [left, top + LINE_MM * (idx as f64 + 0.8)];
        let style = (Anchor::Start, line.weight, PALETTE.text);
        drawing.text(Role::Words, at, line.text.clone(), SIZE_MM, style);
    }
}

/// Titles and wrapped lines, with an empty line between sections.
fn lines(sections: &[Section], width_mm: f64) -> Vec<Line> {
    let mut lines = Vec::new();
    for section in sections.iter().filter(|section| !section.lines.is_empty()) {
        if !lines.is_empty() {
            lines.push(Line {
                text: String::new(),
                weight: Weight::Regular,
            });
        }
        lines.push(Line {
            text: section.title.clone(),
            weight: Weight::SemiBold,
        });
        let wrapped = section
            .lines
            .iter()
            .flat_map(|line| wrapped(line, Weight::Regular, SIZE_MM, [width_mm; 2]));
        lines.extend(wrapped.map(|text| Line {
            text,
            weight: Weight::Regular,
        }));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        draw::{font::text_width_mm, page_content::PURPOSE},
        ecg::{Lead, LeadName, LeadSet, Recording, SampleRate},
    };

    #[test]
    fn a_title_stands_with_two_of_its_lines() {
        let section = |n_lines: usize| Section {
            title: "Title".into(),
            lines: vec!["word".into(); n_lines],
        };
        for n in 1..12 {
            let sections: Vec<Section> = [n, 1, 4, 2, 3, 5, 1, 1, 7].map(section).into();
            let all = lines(&sections, 100.0);
            let columns = columns(&all, 9);
            let kept: usize = columns
                .iter()
                .flat_map(|it| *it)
                .filter(|it| !it.is_empty())
                .count();
            assert_eq!(kept, all.iter().filter(|it| !it.is_empty()).count());
            for column in columns {
                assert!(column.len() <= 9 && !column[0].is_empty());
                let last = column.iter().rposition(Line::is_title);
                if let Some(title) = last.filter(|it| *it + 2 == column.len()) {
                    let words = column[title + 1].text.as_ptr();
                    let at = all.iter().position(|it| it.text.as_ptr() == words).unwrap();
                    assert!(
                        all.get(at + 1).is_none_or(Line::is_empty),
                        "one line of more"
                    );
                }
                assert!(column.last().is_some_and(|it| !it.is_title()));
            }
        }
    }

    #[test]
    fn no_word_is_lost_and_none_leaves_its_column() {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let lead = Lead::measured(LeadName::II, vec![0.0; 100]);
        let recording = Recording::from_leads(LeadSet::new(rate, vec![lead]).unwrap());
        let section = |idx: usize| Section {
            title: format!("Title {idx}"),
            lines: vec![format!("word{idx} ").repeat(200), "x".repeat(300)],
        };
        let content = PageContent {
            sections: (0..9).map(section).collect(),
            ..PageContent::of(&recording)
        };
        let pages = findings_pages(&content, &PaperSettings::default());
        assert!(1 < pages.len());
        let written: String = pages.iter().map(|page| page.words() + "\n").collect();
        for idx in 0..9 {
            assert_eq!(written.matches(&format!("word{idx}")).count(), 200);
        }
        assert_eq!(written.matches('x').count(), 9 * 300);
        for text in pages.iter().flat_map(|page| page.texts()) {
            let right = text.at_mm[0] + text_width_mm(&text.text, text.weight, text.size_mm);
            assert!(
                right <= 297.0 - MARGIN_MM + 0.1 || text.anchor != Anchor::Start,
                "{text:?}"
            );
            assert!(text.at_mm[1] < 210.0);
        }
        assert!(written.contains(PURPOSE));
        assert!(findings_pages(&PageContent::of(&recording), &PaperSettings::default()).is_empty());
    }
}
