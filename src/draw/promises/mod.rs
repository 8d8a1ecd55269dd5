//! What holds of every page, whatever is on it: random exams laid out, and their marks looked at.

mod random;

use super::{
    Cell, Chart, ChartContent, ChartPlan, Frame, Item, Mark, Medium, Others, PageContent, Role,
    Terms, Text, chart_items, ecg_pages,
    font::text_width_mm,
    label::{ASCENT, DESCENT},
    rows::Row,
    traces::polylines,
};
use crate::ecg::{LeadName, LeadSet, Origin, PageLayout, PaperSettings, Recording};
use random::{Dice, exam, settings};

/// Left, top, right, bottom of a line of text, mm.
fn ink(text: &Text) -> [f64; 4] {
    let width = text_width_mm(&text.text, text.weight, text.size_mm);
    let left = text.at_mm[0] - text.anchor.share() * width;
    let (top, bottom) = (ASCENT * text.size_mm, DESCENT * text.size_mm);
    [
        left,
        text.at_mm[1] - top,
        left + width,
        text.at_mm[1] + bottom,
    ]
}

fn texts(items: &[Item]) -> impl Iterator<Item = (&Role, &Text)> {
    items.iter().filter_map(|item| match &item.mark {
        Mark::Text(text) => Some((&item.role, text)),
        _ => None,
    })
}

fn overlap(a: [f64; 4], b: [f64; 4]) -> bool {
    // Letters may touch by a hair: heights are those of the tallest letters.
    const HAIR_MM: f64 = 0.25;
    (0..2).all(|axis| a[axis] + HAIR_MM < b[axis + 2] && b[axis] + HAIR_MM < a[axis + 2])
}

fn no_two_texts_overlap(items: &[Item], what: &str) {
    let boxes: Vec<_> = texts(items).map(|(_, text)| (text, ink(text))).collect();
    for (idx, (text, one)) in boxes.iter().enumerate() {
        for (other_text, other) in &boxes[..idx] {
            assert!(
                !overlap(*one, *other),
                "{what}: {:?} on {:?}",
                text.text,
                other_text.text
            );
        }
    }
}

/// Names in the order of the cells, with what stands beside each.
fn names<'a>(chart: &'a Chart, items: &'a [Item]) -> Vec<(&'a Cell, Row, Vec<&'a Text>)> {
    let mut found: Vec<(&Cell, Row, Vec<&Text>)> = Vec::new();
    for (_, text) in texts(items).filter(|(role, _)| **role == Role::LeadLabel) {
        if text.weight == super::Weight::SemiBold {
            let cell = &chart.cells[found.len()];
            found.push((cell, chart.rows[cell.row], vec![text]));
        } else if let Some(last) = found.last_mut() {
            last.2.push(text);
        }
    }
    found
}

fn every_name_stands_in_its_own_row(chart: &Chart, items: &[Item], what: &str) {
    let names = names(chart, items);
    assert_eq!(names.len(), chart.cells.len(), "{what}");
    for (cell, row, texts) in names {
        // Words above a synthesised trace have the whole strip.
        let edge = if cell.synthesised {
            chart.frame.right_mm()
        } else {
            0.0
        };
        for text in texts {
            let [left, top, right, bottom] = ink(text);
            assert!(
                row.top_mm <= top + 0.01 && bottom <= row.bottom_mm + 0.01,
                "{what}: {} at {top} to {bottom} is not in {row:?}",
                text.text
            );
            assert!(
                cell.left_mm <= left && right <= cell.right_mm().max(edge) + 8.0,
                "{what}: {}",
                text.text
            );
        }
    }
}

/// A trace is cut only where the row alone is higher than the paper.
fn nothing_is_cut(chart: &Chart, leads: &LeadSet, medium: Medium, what: &str) {
    let is_cut = |cell: &&Cell| polylines(cell, leads, &chart.frame).1;
    for cell in chart.cells.iter().filter(is_cut) {
        let of_row = chart.cells.iter().filter(|other| other.row == cell.row);
        let reach = of_row.fold([4.0f64, 2.0], |most, cell| {
            let samples = &leads.get(&cell.name).unwrap().samples_mv[cell.samples(leads)];
            let heights = samples
                .iter()
                .map(|mv| cell.y_mm(f64::from(*mv)) - cell.baseline_mm);
            heights.fold(most, |[above, below], y| [above.max(-y), below.max(y)])
        });
        let head_mm = medium.head_of_mm(cell.head.len());
        let needed = reach[0] + reach[1] + 3.0 + head_mm + 2.4;
        assert!(
            chart.frame.height_mm < needed,
            "{what}: {} is cut: {reach:?} in {:?}",
            cell.label,
            chart.rows
        );
    }
}

const CUT: &str = "goes beyond the paper";

/// Every trace that leaves the chart is named as one, and no other.
fn what_is_cut_is_said(chart: &Chart, leads: &LeadSet, items: &[Item], what: &str) {
    let is_cut = |cell: &&Cell| polylines(cell, leads, &chart.frame).1;
    let cut: Vec<&str> = chart
        .cells
        .iter()
        .filter(is_cut)
        .map(|cell| &*cell.label)
        .collect();
    let said = texts(items).filter_map(|(_, text)| text.text.strip_suffix(CUT));
    let said: Vec<&str> = said.flat_map(|labels| labels.trim().split(", ")).collect();
    assert_eq!(said, cut, "{what}");
}

/// A synthesised lead, which has rows of its own, is on the sheets from its first second to its last.
fn every_second_is_shown(plan: &ChartPlan) {
    let charts = Chart::pages(plan);
    let made = plan.leads.leads().iter();
    for lead in made.filter(|lead| lead.origin.is_synthesised()) {
        let cells = charts.iter().flat_map(|chart| &chart.cells);
        let of_lead = cells.filter(|cell| cell.name == lead.name);
        let shown_s: f64 = of_lead.map(|cell| cell.seconds).sum();
        assert!((shown_s - 10.0).abs() < 1e-6, "{}: {shown_s} s", lead.name);
    }
}

/// A note for each synthesised lead, as short or as long as any language makes it.
fn notes(dice: &mut Dice, leads: &LeadSet) -> Vec<(LeadName, String)> {
    let parts = [
        "linke hintere Axillarlinie in Höhe von V6",
        "θ 97° φ 127°",
        "± QRS 106 · ST 61 · T 48 µV",
        "nicht gestützt",
        "schließt einen rechtsventrikulären Infarkt nicht aus",
    ];
    let made = leads
        .leads()
        .iter()
        .filter(|lead| lead.origin.is_synthesised());
    made.map(|lead| {
        let n = dice.roll(3 * parts.len());
        let said: Vec<&str> = (0..n).map(|_| dice.one_of(&parts)).collect();
        (lead.name.clone(), said.join(" · "))
    })
    .collect()
}

/// Every word of every note is in the row of its lead, and nothing ends in dots.
fn no_note_is_cut(chart: &Chart, items: &[Item], notes: &[(LeadName, String)], what: &str) {
    for (cell, _, texts) in names(chart, items) {
        let beside: Vec<&str> = texts[1..].iter().map(|text| text.text.as_str()).collect();
        let beside = beside.join(" · ");
        assert!(!beside.contains('…'), "{what}: {beside}");
        let Some((_, note)) = notes.iter().find(|note| note.0 == cell.name) else {
            continue;
        };
        let words = |text: &str| -> Vec<String> {
            let words = text.split_whitespace().filter(|word| *word != "·");
            words.map(str::to_owned).collect()
        };
        let expected = words(&format!("synthesised {note}"));
        assert_eq!(words(&beside), expected, "{what}: {}", cell.label);
    }
}

#[test]
fn pages_of_random_exams_keep_every_promise() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for round in 0..60 {
        let (n, settings) = (1 + dice.roll(20), settings(&mut dice));
        let leads = exam(&mut dice, 10.0, n);
        let what = format!("round {round}, {n} virtual leads, {settings:?}");
        let mut recording = Recording::from_leads(leads.clone());
        recording.patient.name = Some("A name longer than any sheet ".repeat(5));
        recording.device = Some("A device ".repeat(30));
        let content = PageContent {
            warnings: vec!["A warning that goes on ".repeat(20).into(); 3],
            notes: notes(&mut dice, &leads),
            facts: vec!["A fact ".repeat(40); 4],
            measurements: vec![("QTcF".into(), "1234 ms".into()); 6],
            measured_on: "measured on the median of 12 beats, 3 of other shape left out ".repeat(2),
            ..PageContent::of(&recording)
        };
        let pages = ecg_pages(&content, &settings);
        let mut named: Vec<&str> = Vec::new();
        for page in &pages {
            no_two_texts_overlap(&page.items, &what);
            for (role, text) in texts(&page.items) {
                let [left, top, right, bottom] = ink(text);
                let is_on =
                    0.0 <= left && 0.0 <= top && right <= page.width_mm && bottom <= page.height_mm;
                assert!(is_on, "{what}: {text:?}");
                if *role == Role::LeadLabel {
                    named.push(&text.text);
                }
            }
        }
        for lead in leads
            .leads()
            .iter()
            .filter(|lead| lead.origin.is_synthesised())
        {
            assert!(
                named.contains(&lead.label().as_str()),
                "{what}: {} is lost",
                lead.label()
            );
        }
    }
}

#[test]
fn charts_of_random_frames_and_scales_keep_every_promise() {
    let mut dice = Dice(0x1234_5678_9abc_def1);
    for round in 0..80 {
        let (n, settings) = (1 + dice.roll(20), settings(&mut dice));
        let leads = exam(&mut dice, 10.0, n);
        let scale = dice.between(1.0, 2.2);
        let medium = Medium {
            name_mm: scale * Medium::PRINT.name_mm,
            note_mm: scale * Medium::PRINT.note_mm,
            head_mm: scale * Medium::PRINT.head_mm,
            ..Medium::PRINT
        };
        let notes = notes(&mut dice, &leads);
        let plan = ChartPlan {
            leads: &leads,
            settings: &settings,
            others: Others::Named,
            notes: &notes,
            terms: Terms {
                cut: Some(CUT),
                ..Terms::ENGLISH
            },
            medium,
            aside_mm: 0.0,
            frame: Frame {
                left_mm: 3.0,
                top_mm: 7.0,
                width_mm: dice.between(200.0, 270.0),
                height_mm: dice.between(100.0, 200.0),
            },
            start_s: 0.0,
            seconds: 10.0,
        };
        let mut charts = Chart::pages(&plan);
        charts.push(Chart::whole(&plan));
        for chart in charts {
            let what = format!(
                "round {round}, {n} virtual leads, {:?}, {settings:?}",
                plan.frame
            );
            let content = ChartContent {
                plan: &plan,
                bands: Vec::new(),
                offset_s: 0.0,
            };
            let items = chart_items(&chart, &content);
            no_note_is_cut(&chart, &items, &notes, &what);
            no_two_texts_overlap(&items, &what);
            every_name_stands_in_its_own_row(&chart, &items, &what);
            nothing_is_cut(&chart, &leads, medium, &what);
            what_is_cut_is_said(&chart, &leads, &items, &what);
        }
        every_second_is_shown(&plan);
    }
}

/// On a screen every lead of a sheet is shown from its first second to its last, at any speed.
#[test]
fn stacked_charts_show_every_second_of_every_lead_below_one_another() {
    let mut dice = Dice(0x77aa_1234_5678_0001);
    for _ in 0..20 {
        let (n, settings) = (1 + dice.roll(8), settings(&mut dice));
        let leads = exam(&mut dice, 10.0, n);
        let plan = ChartPlan {
            leads: &leads,
            settings: &settings,
            others: Others::Shown,
            notes: &[],
            terms: Terms::ENGLISH,
            medium: Medium::PRINT,
            aside_mm: 0.0,
            frame: Frame {
                left_mm: 0.0,
                top_mm: 0.0,
                width_mm: 262.0,
                height_mm: 60.0,
            },
            start_s: 0.0,
            seconds: f64::INFINITY,
        };
        let charts = Chart::stacked(&plan);
        for pair in charts.windows(2) {
            assert!(pair[0].frame.bottom_mm() <= pair[1].frame.top_mm + 1e-9);
        }
        let content = ChartContent {
            plan: &plan,
            bands: Vec::new(),
            offset_s: 20.0,
        };
        for (idx, chart) in charts.iter().enumerate() {
            nothing_is_cut(chart, &leads, Medium::PRINT, "stacked");
            let items = chart_items(chart, &content);
            let said = texts(&items).any(|(_, text)| text.text.starts_with("from "));
            let is_measured = matches!(
                leads.get(&chart.cells[0].name).unwrap().origin,
                Origin::Measured
            );
            assert_eq!(said, 0 < idx && is_measured, "where a stretch begins");
        }
        let cells = || charts.iter().flat_map(|chart| &chart.cells);
        for lead in leads
            .leads()
            .iter()
            .filter(|lead| lead.origin.is_synthesised())
        {
            let shown_s: f64 = cells()
                .filter(|cell| cell.name == lead.name)
                .map(|cell| cell.seconds)
                .sum();
            assert!((shown_s - 10.0).abs() < 1e-6, "{}: {shown_s} s", lead.name);
        }
    }
}

/// Whether the line between two points comes into a box.
fn crosses(line: &[[f64; 2]], [left, top, right, bottom]: [f64; 4]) -> bool {
    let steps = ((line[1][1] - line[0][1]).abs() / 0.2).ceil().max(1.0) as usize;
    (0..=steps).any(|k| {
        let share = k as f64 / steps as f64;
        let [x, y] = [0, 1].map(|axis| line[0][axis] + share * (line[1][axis] - line[0][axis]));
        left < x && x < right && top < y && y < bottom
    })
}

#[test]
fn on_usual_pages_no_text_lies_across_a_trace() {
    let mut dice = Dice(0x0f0f_1234_5678_9abc);
    for layout in PageLayout::ALL {
        for n in [0, 5] {
            let leads = exam(&mut dice, 10.0, n);
            let recording = Recording::from_leads(leads);
            let settings = PaperSettings {
                layout,
                ..PaperSettings::default()
            };
            for page in ecg_pages(&PageContent::of(&recording), &settings) {
                let lines = page
                    .items
                    .iter()
                    .filter_map(|item| match (&item.role, &item.mark) {
                        (Role::Trace(_), Mark::Polyline { points_mm, .. }) => Some(points_mm),
                        _ => None,
                    });
                let segments: Vec<&[[f64; 2]]> = lines.flat_map(|line| line.windows(2)).collect();
                for (_, text) in texts(&page.items).filter(|it| *it.0 == Role::LeadLabel) {
                    let crossed = segments.iter().any(|line| crosses(line, ink(text)));
                    assert!(!crossed, "{layout:?}, {n} virtual leads: {:?}", text.text);
                }
            }
        }
    }
}

#[test]
fn a_synthesised_lead_is_marked_in_every_way() {
    let mut dice = Dice(0x5555_aaaa_1234_0001);
    let leads = exam(&mut dice, 10.0, 20);
    let recording = Recording::from_leads(leads);
    let v7 = LeadName::parse("V7");
    let content = PageContent {
        bands: vec![(v7, vec![0.05; 2500])],
        ..PageContent::of(&recording)
    };
    let pages = ecg_pages(&content, &PaperSettings::default());
    assert!(1 < pages.len(), "twenty leads do not fit on one sheet");
    let items = || pages.iter().flat_map(|page| &page.items);
    for lead in recording
        .leads
        .leads()
        .iter()
        .filter(|lead| lead.origin.is_synthesised())
    {
        let label = lead.label();
        assert!(label.starts_with('d'));
        let strips = items().filter(|item| item.role == Role::Strip(label.clone()));
        let is_hatched = |item: &Item| matches!(&item.mark, Mark::Lines { lines_mm, .. } if 100 < lines_mm.len());
        assert!(
            strips.clone().any(is_hatched) && strips.count() == 2,
            "{label}"
        );
        let traces: Vec<_> = items()
            .filter(|item| item.role == Role::Trace(label.clone()))
            .collect();
        assert!(!traces.is_empty(), "{label}");
        for item in traces {
            let Mark::Polyline { stroke, .. } = &item.mark else {
                panic!("{label}: a trace is a line")
            };
            assert_eq!(
                (stroke.colour.css().as_str(), stroke.dash_mm),
                ("#5B2A86", None),
                "{label}"
            );
        }
    }
    assert!(items().any(|item| item.role == Role::Band("dV7".into())));
    for page in &pages {
        let words = page.words();
        assert!(words.contains("not for diagnosis") && words.contains("synthesised, not recorded"));
        assert!(
            !words.lines().any(|line| line == "V7"),
            "the plain label is on the page"
        );
    }
    // A lead between several electrodes has no direction that could be pointed at.
    let all: Vec<&Text> = pages.iter().flat_map(|page| page.texts()).collect();
    let beside = |label: &str| {
        let at = all.iter().position(|text| text.text == label).unwrap();
        all[at + 1].text.clone()
    };
    assert!(beside("dZ").starts_with("synthesised · Frank Z") && !beside("dZ").contains('θ'));
    assert!(beside("dV8").starts_with("synthesised · ") && beside("dV8").contains('θ'));
}

#[test]
fn derived_leads_bear_a_mark() {
    let mut dice = Dice(1);
    let is_derived = |leads: &LeadSet| matches!(leads.leads()[2].origin, Origin::Derived { .. });
    let leads = std::iter::repeat_with(|| exam(&mut dice, 10.0, 0))
        .find(is_derived)
        .unwrap();
    let recording = Recording::from_leads(leads);
    let pages = ecg_pages(&PageContent::of(&recording), &PaperSettings::default());
    let marks = pages[0].texts().filter(|text| text.text == "*");
    assert_eq!(marks.count(), 4);
    assert!(pages[0].words().contains("* computed from other leads"));
}
