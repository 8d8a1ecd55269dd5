//! Pages as SVG in millimetres: one user unit is one millimetre.

use std::fmt::Write;

use super::band_outline as outline;
use crate::draw::{Anchor, Colour, Item, Mark, Page, Stroke, Text, Weight, font};

/// The page as an SVG document of true size. Each mark carries its role as `class`, traces also
/// `data-lead`.
pub fn page_to_svg(page: &Page) -> String {
    let (width, height) = (number(page.width_mm), number(page.height_mm));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"{}, Helvetica, Arial, sans-serif\" stroke-linecap=\"round\" stroke-linejoin=\"round\">\n<title>{}</title>\n",
        font::FAMILY,
        escaped(&page.title)
    );
    for item in &page.items {
        svg.push_str(&element(item));
    }
    svg.push_str("</svg>\n");
    svg
}

fn element(item: &Item) -> String {
    use crate::draw::Role::{Band, Strip, Trace};
    let class = match &item.role {
        Trace(lead) | Band(lead) | Strip(lead) => format!(
            "class=\"{}\" data-lead=\"{}\"",
            item.role.class(),
            escaped(lead)
        ),
        role => format!("class=\"{}\"", role.class()),
    };
    match &item.mark {
        Mark::Polyline { points_mm, stroke } => {
            format!(
                "<path {class} d=\"{}\" fill=\"none\"{}/>\n",
                path(points_mm),
                stroke_attributes(stroke)
            )
        }
        Mark::Lines { lines_mm, stroke } => {
            let d: String = lines_mm.iter().map(|it| path(it)).collect();
            format!(
                "<path {class} d=\"{d}\" fill=\"none\"{}/>\n",
                stroke_attributes(stroke)
            )
        }
        Mark::Fill { outline_mm, colour } => format!(
            "<path {class} d=\"{}Z\"{}/>\n",
            path(outline_mm),
            colour_attributes("fill", *colour)
        ),
        Mark::Band { edges_mm, colour } => format!(
            "<path {class} d=\"{}Z\"{}/>\n",
            path(&outline(edges_mm)),
            colour_attributes("fill", *colour)
        ),
        Mark::Text(text) => text_element(&class, text),
    }
}

fn text_element(class: &str, text: &Text) -> String {
    let anchor = match text.anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    let weight = if text.weight == Weight::SemiBold {
        " font-weight=\"600\""
    } else {
        ""
    };
    format!(
        "<text {class} x=\"{}\" y=\"{}\" font-size=\"{}\"{anchor}{weight}{}>{}</text>\n",
        number(text.at_mm[0]),
        number(text.at_mm[1]),
        number(text.size_mm),
        colour_attributes("fill", text.colour),
        escaped(&text.text)
    )
}

fn stroke_attributes(stroke: &Stroke) -> String {
    let dash = stroke.dash_mm.map(|it| {
        format!(
            " stroke-dasharray=\"{} {}\" stroke-linecap=\"butt\"",
            number(it[0]),
            number(it[1])
        )
    });
    format!(
        "{} stroke-width=\"{}\"{}",
        colour_attributes("stroke", stroke.colour),
        number(stroke.width_mm),
        dash.unwrap_or_default()
    )
}

fn colour_attributes(what: &str, colour: Colour) -> String {
    let opacity = if colour.alpha == 255 {
        String::new()
    } else {
        format!(" {what}-opacity=\"{:.3}\"", f64::from(colour.alpha) / 255.0)
    };
    format!(" {what}=\"{}\"{opacity}", colour.css())
}

fn path(points_mm: &[[f64; 2]]) -> String {
    let mut d = String::with_capacity(14 * points_mm.len());
    for (idx, [x, y]) in points_mm.iter().enumerate() {
        let _ = write!(
            d,
            "{}{} {}",
            if idx == 0 { 'M' } else { 'L' },
            number(*x),
            number(*y)
        );
    }
    d
}

/// A tenth of a micrometre is enough.
fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Text for XML: markup escaped, characters that XML forbids dropped.
fn escaped(text: &str) -> String {
    let allowed = |it: &char| !it.is_control() && !matches!(it, '\u{FFFE}' | '\u{FFFF}');
    let mut out = String::with_capacity(text.len());
    for letter in text.chars().filter(allowed) {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(letter),
        }
    }
    out
}
