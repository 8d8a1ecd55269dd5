//! A page with the torso from the front, electrodes on it, and words beside it: what the window
//! shows, where there is no window.

use std::sync::LazyLock;

use super::{
    Anchor, Colour, Mark, Page, Palette, Role, Stroke, Weight,
    font::{fitted, text_width_mm},
    vertex_normals,
};
use crate::ecg::{Mesh, MeshError};

/// What the page says.
#[derive(Clone, Debug, Default)]
pub struct TorsoContent {
    /// Heading.
    pub title: String,
    /// Recorded electrodes: name and place on the skin, mm.
    pub recorded: Vec<(String, [f64; 3])>,
    /// Virtual electrodes: label and place on the skin, mm.
    pub virtual_leads: Vec<(String, [f64; 3])>,
    /// Lines of text; a line that starts with `#` is a heading.
    pub lines: Vec<String>,
}

static SKIN: LazyLock<Result<Mesh, MeshError>> =
    LazyLock::new(|| Mesh::from_ply(include_bytes!("../../assets/torso_view.ply")));

const PALETTE: Palette = Palette::LIGHT;
/// Page millimetres per body millimetre.
const SCALE: f64 = 0.245;
/// Place on the page of the midline at the level of the heart.
const CENTRE_MM: [f64; 2] = [80.0, 92.0];
const HEART_LEVEL_MM: f64 = 470.0;

/// Lays it out on A4, landscape.
pub fn torso_page(content: &TorsoContent) -> Page {
    let mut page = Page::new(297.0, 210.0, content.title.clone());
    let white = vec![[0.0, 0.0], [297.0, 0.0], [297.0, 210.0], [0.0, 210.0]];
    page.push(
        Role::Paper,
        Mark::Fill {
            outline_mm: white,
            colour: Colour::hex(0xFFFFFF),
        },
    );
    skin(&mut page);
    let marks = || {
        let recorded = content
            .recorded
            .iter()
            .map(|(name, place)| (name, *place, PALETTE.recorded, 16, 1.3));
        recorded.chain(
            content
                .virtual_leads
                .iter()
                .map(|(name, place)| (name, *place, PALETTE.synthesised, 4, 2.2)),
        )
    };
    marks().for_each(|(_, place, colour, corners, radius_mm)| {
        dot(&mut page, place, colour, corners, radius_mm)
    });
    let mut taken: Vec<Stretch> = marks()
        .map(|(_, place, _, _, radius_mm)| Stretch::around(on_page(place), radius_mm))
        .collect();
    for (name, place, colour, _, _) in marks() {
        label(&mut page, &mut taken, place, name, colour);
    }
    words(&mut page, content);
    page
}

/// From the front: the patient's left is on the right.
fn on_page([_, left, superior]: [f64; 3]) -> [f64; 2] {
    [
        CENTRE_MM[0] + SCALE * left,
        CENTRE_MM[1] - SCALE * (superior - HEART_LEVEL_MM),
    ]
}

/// Triangles that face the reader, farthest first, lit from the upper left.
fn skin(page: &mut Page) {
    let Ok(mesh) = &*SKIN else { return };
    let normals = vertex_normals(mesh);
    let mut facing: Vec<(f64, [usize; 3], f64)> = Vec::new();
    for triangle in &mesh.triangles {
        let mean = |axis: usize| triangle.iter().map(|it| normals[*it][axis]).sum::<f64>() / 3.0;
        let depth = triangle
            .iter()
            .map(|it| mesh.vertices_mm[*it][0])
            .sum::<f64>();
        if 0.0 < mean(0) {
            facing.push((
                depth,
                *triangle,
                0.70 * mean(0) - 0.28 * mean(1) + 0.35 * mean(2),
            ));
        }
    }
    facing.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (_, triangle, light) in facing {
        let shade = (0.66 + 0.34 * light.clamp(0.0, 1.0)).min(1.0);
        let tone = |it: f64| (it * shade) as u8;
        let colour = Colour {
            rgb: [tone(246.0), tone(226.0), tone(214.0)],
            alpha: 255,
        };
        let outline_mm = triangle.map(|it| on_page(mesh.vertices_mm[it])).to_vec();
        // The same colour around each triangle closes the seams between neighbours.
        let mut closed = outline_mm.clone();
        closed.push(outline_mm[0]);
        page.push(
            Role::Words,
            Mark::Polyline {
                points_mm: closed,
                stroke: Stroke::solid(colour, 0.12),
            },
        );
        page.push(Role::Words, Mark::Fill { outline_mm, colour });
    }
}

fn dot(page: &mut Page, place: [f64; 3], colour: Colour, corners: usize, radius_mm: f64) {
    let [x, y] = on_page(place);
    let corner = |k: usize| {
        let (sin, cos) = (std::f64::consts::TAU * k as f64 / corners as f64).sin_cos();
        [x + radius_mm * cos, y + radius_mm * sin]
    };
    page.push(
        Role::Words,
        Mark::Fill {
            outline_mm: (0..corners).map(corner).collect(),
            colour,
        },
    );
}

/// A stretch of the page: left, top, right, bottom, mm.
#[derive(Clone, Copy)]
struct Stretch([f64; 4]);

impl Stretch {
    fn around([x, y]: [f64; 2], half: f64) -> Self {
        Self([x - half, y - half, x + half, y + half])
    }

    /// Area shared with another, mm².
    fn shared(&self, other: &Self) -> f64 {
        let side = |low: usize| {
            (self.0[low + 2].min(other.0[low + 2]) - self.0[low].max(other.0[low])).max(0.0)
        };
        side(0) * side(1)
    }
}

/// Writes a name beside its place, where it covers no other name and no electrode.
fn label(page: &mut Page, taken: &mut Vec<Stretch>, place: [f64; 3], text: &str, colour: Colour) {
    const SIZE_MM: f64 = 3.0;
    let [x, y] = on_page(place);
    let width = text_width_mm(text, Weight::SemiBold, SIZE_MM);
    let across = [2.2, -2.2 - width, -0.5 * width];
    let down = [-1.2, 3.4, 1.0, -3.2, 5.6, -5.6, 8.0];
    let corners = across
        .iter()
        .flat_map(|dx| down.iter().map(move |dy| [x + dx, y + dy]));
    let boxed = |[left, base]: [f64; 2]| {
        Stretch([
            left - 0.3,
            base - 0.75 * SIZE_MM,
            left + width + 0.3,
            base + 0.2 * SIZE_MM,
        ])
    };
    let cost = |at: &[f64; 2]| {
        let covered: f64 = taken.iter().map(|it| it.shared(&boxed(*at))).sum();
        covered + 0.05 * (at[0] + 0.5 * width - x).hypot(at[1] - y)
    };
    let Some(at_mm) = corners.min_by(|a, b| cost(a).total_cmp(&cost(b))) else {
        return;
    };
    taken.push(boxed(at_mm));
    page.push(
        Role::LeadLabel,
        Mark::text(
            at_mm,
            text,
            SIZE_MM,
            (Anchor::Start, Weight::SemiBold, colour),
        ),
    );
}

fn words(page: &mut Page, content: &TorsoContent) {
    let mut y = 20.0;
    let mut line = |text: &str, size_mm: f64, weight: Weight, colour: Colour| {
        y += if weight == Weight::SemiBold { 2.0 } else { 0.0 };
        let text = fitted(text, weight, size_mm, 125.0);
        page.push(
            Role::Words,
            Mark::text([162.0, y], text, size_mm, (Anchor::Start, weight, colour)),
        );
        y += 1.5 * size_mm;
    };
    line(&content.title, 5.5, Weight::SemiBold, PALETTE.text);
    for text in &content.lines {
        match text.strip_prefix('#') {
            Some(heading) => line(heading.trim(), 4.0, Weight::SemiBold, PALETTE.text),
            None => line(text, 3.3, Weight::Regular, PALETTE.text),
        }
    }
    let purpose = "Virtual leads are synthesised, not recorded. For research and teaching, not for diagnosis.";
    let style = (Anchor::Middle, Weight::SemiBold, PALETTE.synthesised);
    page.push(Role::Words, Mark::text([148.5, 202.0], purpose, 3.3, style));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_names_do_not_cover_one_another() {
        let near = |name: &str, left: f64| (name.to_owned(), [60.0, left, 440.0]);
        let content = TorsoContent {
            recorded: vec![near("V5", 140.0), near("V6", 143.0), near("V4", 136.0)],
            ..TorsoContent::default()
        };
        let page = torso_page(&content);
        let names: Vec<Stretch> = page
            .items
            .iter()
            .filter_map(|it| match &it.mark {
                Mark::Text(text) if text.text.starts_with('V') && text.text.len() == 2 => {
                    let [x, y] = text.at_mm;
                    Some(Stretch([
                        x,
                        y - 2.2,
                        x + text_width_mm(&text.text, text.weight, text.size_mm),
                        y,
                    ]))
                }
                _ => None,
            })
            .collect();
        assert_eq!(names.len(), 3);
        for (idx, one) in names.iter().enumerate() {
            assert!(
                names[..idx].iter().all(|other| other.shared(one) == 0.0),
                "{:?}",
                names.iter().map(|it| it.0).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn the_page_holds_the_torso_its_electrodes_and_the_words() {
        let content = TorsoContent {
            title: "Title".into(),
            recorded: vec![("V2".into(), [138.7, 25.0, 478.0])],
            virtual_leads: vec![("dV1".into(), [138.6, -25.0, 478.0])],
            lines: vec!["# Trust".into(), "± 40 µV".into()],
        };
        let page = torso_page(&content);
        for part in [
            "Title",
            "V2",
            "dV1",
            "Trust",
            "± 40 µV",
            "synthesised, not recorded",
        ] {
            assert!(page.words().contains(part), "{part}");
        }
        assert!(
            1500 < page.items.len()
                && on_page([0.0, -25.0, 478.0])[0] < on_page([0.0, 25.0, 478.0])[0]
        );
    }
}
