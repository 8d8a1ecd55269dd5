//! What a page must say of the recording and of the places of its leads.

use super::{page_leads::PageLeads, results::Results};
use crate::{
    draw::Remark,
    ecg::{LeadName, Target},
    reliability::{Reason, Warning},
    words::{Label, Translator},
};

/// What must be said of the recording, and of the places of the leads on the page: each once.
pub(super) fn remarks(results: &Results, page: &PageLeads) -> Vec<Remark> {
    let translator = Translator::default();
    let unchecked = results.are_as_saved();
    let unchecked = unchecked.then(|| translator.tr(Label::AsSavedUnchecked).to_owned());
    let mut remarks: Vec<Remark> = unchecked.map(Remark::from).into_iter().collect();
    remarks.extend(grade_as_saved(results, page));
    let (of_place, of_recording): (Vec<_>, Vec<_>) = said(results, page)
        .into_iter()
        .partition(|(_, warning)| warning.is_of_place());
    for (_, warning) in of_recording {
        let remark = Remark::from(translator.warning(warning));
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }
    for (lead, warning) in of_place {
        let (Some(lead), text) = (lead, translator.warning(warning)) else {
            continue;
        };
        match remarks.iter_mut().find(|remark| remark.text == text) {
            Some(remark) if remark.of.contains(lead) => {}
            Some(remark) => remark.of.push(lead.clone()),
            None => remarks.push(Remark {
                text,
                of: vec![lead.clone()],
            }),
        }
    }
    remarks
}

/// Error and grade of a lead as saved, which its note does not say.
fn grade_as_saved(results: &Results, page: &PageLeads) -> Option<Remark> {
    let translator = Translator::default();
    let said = results.reliability_as_saved.as_ref()?;
    let by_wave = said.reasons.iter().find_map(|reason| match reason {
        Reason::ExpectedError { by_wave, .. } => Some(translator.error_by_wave(by_wave)),
        _ => None,
    })?;
    let lead = page.at(&said.target)?;
    Some(Remark {
        text: format!("{by_wave}, {} {}", translator.tr(Label::Grade), said.grade),
        of: vec![lead.name.clone()],
    })
}

/// Every warning with the lead of the page that it was said of, if it is on it.
fn said<'a>(results: &'a Results, page: &'a PageLeads) -> Vec<(Option<&'a LeadName>, &'a Warning)> {
    let placed = |target: &Target| page.at(target).map(|lead| &lead.name);
    let point = results.reliability.iter();
    let point = point.map(|(target, said)| (placed(target), &said.warnings));
    let saved = results.reliability_as_saved.iter();
    let saved = saved.map(|said| (placed(&said.target), &said.warnings));
    let listed = page.placed.iter().filter_map(|lead| {
        let said = lead.reliability?;
        Some((Some(&lead.name), &said.warnings))
    });
    let all = point.chain(saved).chain(listed);
    all.flat_map(|(lead, warnings)| warnings.iter().map(move |warning| (lead, warning)))
        .collect()
}
