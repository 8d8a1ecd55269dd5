//! Where on the chest.

use super::{Label, Language, PLACES, Translator};
use crate::ecg::{LeadName, Level, Line, Montage, Place, Recording};

impl Translator {
    /// Where a lead of the catalogue looks from.
    pub fn lead_place(self, lead: &Montage) -> &'static str {
        let name = lead.name.to_string();
        let row = PLACES.iter().find(|place| place.0 == name);
        match (self.0, row) {
            (Language::English, _) => lead.place,
            (_, Some((_, texts))) => texts[self.column() - 1],
            (_, None) => self.tr(Label::PanoramaView),
        }
    }

    /// What must stand beside the leads that a simulated patient has beside the twelve: no real exam has
    /// them. Empty for a real recording.
    pub fn truth_notes(self, recording: &Recording) -> Vec<(LeadName, String)> {
        let word = self.tr(Label::SimulatedTruth);
        let truth = recording.leads.truth_leads().into_iter();
        truth
            .filter(|_| recording.is_simulated())
            .map(|name| (name, word.to_owned()))
            .collect()
    }

    /// Any place on the skin.
    pub fn place(self, place: Place) -> String {
        let level = self.level(place.level);
        let line = self.tr(line(place.line, place.is_left));
        format!("{level}{}{line}", self.tr(Label::PlaceComma))
    }

    fn level(self, level: Level) -> String {
        let numbered = |n: u8, [first, second, third, other]: [Label; 4]| {
            let label = match n {
                1 => first,
                2 => second,
                3 => third,
                _ => other,
            };
            self.fill(label, &[&n.to_string()])
        };
        match level {
            Level::Neck => self.tr(Label::Neck).to_owned(),
            Level::Clavicle => self.tr(Label::CollarBone).to_owned(),
            Level::Abdomen => self.tr(Label::UpperAbdomen).to_owned(),
            Level::Space(n) => numbered(
                n,
                [Label::Space1, Label::Space2, Label::Space3, Label::SpaceN],
            ),
            Level::Rib(n) => numbered(n, [Label::Rib1, Label::Rib2, Label::Rib3, Label::RibN]),
        }
    }
}

fn line(line: Line, is_left: bool) -> Label {
    let side = |left, right| if is_left { left } else { right };
    match line {
        Line::MidSternal => Label::Midsternal,
        Line::Spine => Label::OverSpine,
        Line::SternalBorder => side(Label::LeftSternal, Label::RightSternal),
        Line::Parasternal => side(Label::LeftParasternal, Label::RightParasternal),
        Line::Midclavicular => side(Label::LeftMidclavicular, Label::RightMidclavicular),
        Line::AnteriorAxillary => side(Label::LeftAnteriorAxillary, Label::RightAnteriorAxillary),
        Line::MidAxillary => side(Label::LeftMidaxillary, Label::RightMidaxillary),
        Line::PosteriorAxillary => {
            side(Label::LeftPosteriorAxillary, Label::RightPosteriorAxillary)
        }
        Line::MidScapular => side(Label::LeftMidscapular, Label::RightMidscapular),
        Line::Paraspinal => side(Label::LeftParaspinal, Label::RightParaspinal),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::check, *};
    use crate::ecg::{catalogue, panobench_views};

    #[test]
    fn every_lead_of_the_catalogue_has_its_place() {
        for lead in catalogue() {
            let name = lead.name.to_string();
            assert!(PLACES.iter().any(|place| place.0 == name), "{name}");
        }
        assert_eq!(PLACES.len(), catalogue().len());
        let german = Translator(Language::German);
        assert_eq!(
            german.lead_place(&panobench_views()[0]),
            "Ansicht des Panoramas"
        );
    }

    #[test]
    fn any_place_in_five_languages_as_the_room_of_leads_says_it() {
        let place = |level, line, is_left| Place {
            level,
            line,
            is_left,
        };
        let check = |place: Place, german: &str| {
            let english = place.to_string();
            check(|translator| translator.place(place), &english, german);
        };
        check(
            place(Level::Space(2), Line::SternalBorder, false),
            "2. Interkostalraum, rechter Sternalrand",
        );
        check(
            place(Level::Rib(1), Line::MidSternal, true),
            "1. Rippe, Mittellinie des Brustbeins",
        );
        check(
            place(Level::Abdomen, Line::Spine, false),
            "Oberbauch, über der Wirbelsäule",
        );
        let chinese = Translator(Language::Chinese);
        assert_eq!(
            chinese.place(place(Level::Space(2), Line::SternalBorder, false)),
            "第2肋间，胸骨右缘"
        );
        let levels = [Level::Neck, Level::Clavicle].into_iter();
        let levels = levels.chain((1..=8).map(Level::Space));
        for level in levels.chain((1..=9).map(Level::Rib)) {
            let place = place(level, Line::MidAxillary, true);
            assert_eq!(Translator::default().place(place), place.to_string());
        }
    }
}
