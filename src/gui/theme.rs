//! Colours, type and spacing of the window. The paper has colours of its own, in `draw`.

use std::sync::Arc;

use eframe::egui::{
    self, Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Stroke,
    TextStyle, Theme, Visuals, style::WidgetVisuals,
};

use crate::{
    draw::{self, Colour, Palette},
    session::settings::{Appearance, Settings},
};

/// Colours of the window that widgets do not have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colours {
    /// Behind everything.
    pub chrome: Color32,
    /// Behind a card.
    pub card: Color32,
    /// Lines between panes.
    pub edge: Color32,
    /// Words.
    pub text: Color32,
    /// Words of less weight.
    pub muted: Color32,
    /// Synthesised, everywhere.
    pub synthesised: Color32,
    /// Good to know.
    pub notice: Color32,
    /// Look at it.
    pub warning: Color32,
    /// Could not be done.
    pub error: Color32,
    /// Dark chrome.
    pub is_dark: bool,
}

pub(super) const LIGHT: Colours = Colours {
    chrome: Color32::from_rgb(0xF7, 0xF7, 0xF8),
    card: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    edge: Color32::from_rgb(0xDC, 0xDE, 0xE2),
    text: Color32::from_rgb(0x1B, 0x1D, 0x21),
    muted: Color32::from_rgb(0x5A, 0x60, 0x69),
    synthesised: Color32::from_rgb(0x5B, 0x2A, 0x86),
    notice: Color32::from_rgb(0x0B, 0x5C, 0xAD),
    warning: Color32::from_rgb(0x8A, 0x4B, 0x00),
    error: Color32::from_rgb(0xA8, 0x1E, 0x2C),
    is_dark: false,
};

const DARK: Colours = Colours {
    chrome: Color32::from_rgb(0x16, 0x18, 0x1C),
    card: Color32::from_rgb(0x1E, 0x21, 0x26),
    edge: Color32::from_rgb(0x30, 0x34, 0x3B),
    text: Color32::from_rgb(0xE6, 0xE8, 0xEB),
    muted: Color32::from_rgb(0x9D, 0xA4, 0xAE),
    synthesised: Color32::from_rgb(0xC7, 0xA4, 0xF2),
    notice: Color32::from_rgb(0x7D, 0xB7, 0xF5),
    warning: Color32::from_rgb(0xF2, 0xB4, 0x5A),
    error: Color32::from_rgb(0xFF, 0x8A, 0x92),
    is_dark: true,
};

const CONTRAST: Colours = Colours {
    chrome: Color32::BLACK,
    card: Color32::BLACK,
    edge: Color32::from_rgb(0xC8, 0xC8, 0xC8),
    text: Color32::WHITE,
    muted: Color32::from_rgb(0xE0, 0xE0, 0xE0),
    synthesised: Color32::from_rgb(0xDD, 0xC4, 0xFF),
    notice: Color32::from_rgb(0xA9, 0xD3, 0xFF),
    warning: Color32::from_rgb(0xFF, 0xD0, 0x80),
    error: Color32::from_rgb(0xFF, 0xB3, 0xB8),
    is_dark: true,
};

/// How the window looks now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Colours of the window.
    pub colours: Colours,
    /// Colours of the paper.
    pub paper: Palette,
}

impl Look {
    /// What the settings ask for.
    pub fn of(settings: &Settings, system: Option<Theme>) -> Self {
        let colours = match settings.appearance {
            Appearance::Light => LIGHT,
            Appearance::Dark => DARK,
            Appearance::HighContrast => CONTRAST,
            Appearance::System if system == Some(Theme::Dark) => DARK,
            Appearance::System => LIGHT,
        };
        Self {
            colours,
            paper: if settings.dark_paper {
                Palette::DARK
            } else {
                Palette::LIGHT
            },
        }
    }
}

/// A colour of `draw` on the screen.
pub fn colour32(colour: Colour) -> Color32 {
    let [r, g, b] = colour.rgb;
    Color32::from_rgba_unmultiplied(r, g, b, colour.alpha)
}

/// The family of emphasised words.
pub fn strong_family() -> FontFamily {
    FontFamily::Name("strong".into())
}

/// Emphasised words of a size.
pub fn strong(size: f32) -> FontId {
    FontId::new(size, strong_family())
}

/// Installs the typefaces. Once.
pub fn install_fonts(ctx: &Context) {
    let mut fonts = FontDefinitions::default();
    let mut add = |name: &str, bytes: &'static [u8]| {
        fonts
            .font_data
            .insert(name.into(), Arc::new(FontData::from_static(bytes)))
    };
    add("Inter", draw::font::REGULAR);
    add("Inter SemiBold", draw::font::SEMI_BOLD);
    add(
        "Noto Sans SC",
        include_bytes!("../../assets/fonts/NotoSansSC-subset.ttf"),
    );
    let regular = fonts.families.entry(FontFamily::Proportional).or_default();
    regular.insert(0, "Inter".into());
    regular.insert(1, "Noto Sans SC".into());
    let mut strong = regular.clone();
    strong.insert(0, "Inter SemiBold".into());
    fonts.families.insert(strong_family(), strong);
    ctx.set_fonts(fonts);
}

/// Makes the window look so.
pub fn apply(ctx: &Context, look: &Look, settings: &Settings) {
    let theme = if look.colours.is_dark {
        Theme::Dark
    } else {
        Theme::Light
    };
    ctx.set_theme(theme);
    let contrast = settings.appearance == Appearance::HighContrast;
    ctx.style_mut_of(theme, |style| {
        style.visuals = visuals(&look.colours, contrast);
        let size = |points: f32| FontId::new(points, FontFamily::Proportional);
        style.text_styles = [
            (TextStyle::Small, size(11.0)),
            (TextStyle::Body, size(13.0)),
            (TextStyle::Button, size(13.0)),
            (TextStyle::Heading, strong(17.0)),
            (
                TextStyle::Monospace,
                FontId::new(12.0, FontFamily::Monospace),
            ),
        ]
        .into();
        let target = if settings.touch { 44.0 } else { 26.0 };
        style.spacing.item_spacing = egui::vec2(8.0, 6.0);
        style.spacing.button_padding = egui::vec2(if settings.touch { 14.0 } else { 9.0 }, 3.0);
        style.spacing.interact_size = egui::vec2(target, target);
        style.spacing.icon_width = if settings.touch { 24.0 } else { 16.0 };
        style.spacing.menu_margin = egui::Margin::same(8);
        style.spacing.window_margin = egui::Margin::same(16);
        style.spacing.tooltip_width = 340.0;
        // That a pane holds more than it shows must be seen without going there.
        style.spacing.scroll.dormant_handle_opacity = 0.7;
        style.spacing.scroll.floating_width = 4.0;
        style.animation_time = 0.08;
        style.interaction.tooltip_delay = 0.45;
    });
    if (ctx.zoom_factor() - settings.ui_scale).abs() > 1e-3 {
        ctx.set_zoom_factor(settings.ui_scale);
    }
}

fn visuals(colours: &Colours, contrast: bool) -> Visuals {
    let mut visuals = if colours.is_dark {
        Visuals::dark()
    } else {
        Visuals::light()
    };
    let mix = |share: f32| colours.chrome.lerp_to_gamma(colours.text, share);
    let edge = Stroke::new(1.0, colours.edge);
    let widget = |fill: Color32, edge: Stroke, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: edge,
        corner_radius: CornerRadius::same(5),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    let firm = if contrast {
        Stroke::new(1.5, colours.text)
    } else {
        Stroke::new(1.0, mix(0.35))
    };
    visuals.widgets.noninteractive = widget(colours.chrome, edge, colours.text);
    visuals.widgets.inactive = widget(
        mix(0.06),
        if contrast {
            firm
        } else {
            Stroke::new(1.0, mix(0.13))
        },
        colours.text,
    );
    visuals.widgets.hovered = widget(mix(0.12), firm, colours.text);
    visuals.widgets.active = widget(mix(0.18), Stroke::new(1.5, colours.notice), colours.text);
    visuals.widgets.open = widget(mix(0.12), firm, colours.text);
    visuals.selection.bg_fill = colours
        .chrome
        .lerp_to_gamma(colours.notice, if colours.is_dark { 0.40 } else { 0.22 });
    visuals.selection.stroke = Stroke::new(1.5, colours.text);
    visuals.hyperlink_color = colours.notice;
    visuals.warn_fg_color = colours.warning;
    visuals.error_fg_color = colours.error;
    visuals.panel_fill = colours.chrome;
    visuals.window_fill = colours.card;
    visuals.window_stroke = edge;
    visuals.window_corner_radius = CornerRadius::same(10);
    visuals.menu_corner_radius = CornerRadius::same(8);
    visuals.extreme_bg_color = colours.card;
    visuals.faint_bg_color = mix(0.04);
    visuals.weak_text_color = Some(colours.muted);
    visuals.striped = false;
    visuals
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(colour: Color32) -> f32 {
        let linear = egui::Rgba::from(colour);
        0.2126 * linear.r() + 0.7152 * linear.g() + 0.0722 * linear.b()
    }

    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// A character that no typeface has shows as a box.
    #[test]
    fn every_character_of_the_catalogue_can_be_drawn() {
        let ctx = Context::default();
        install_fonts(&ctx);
        ctx.run_ui(egui::RawInput::default(), |_| {})
            .textures_delta
            .clear();
        let lessons = std::fs::read_dir("assets/lessons").unwrap();
        let lessons = lessons.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        let words = concat!(
            include_str!("../../assets/words.tsv"),
            include_str!("../../assets/places.tsv")
        );
        let words = lessons.fold(words.to_owned(), |all, lesson| all + &lesson);
        let missing: std::collections::BTreeSet<char> = ctx.fonts_mut(|fonts| {
            let font = FontId::proportional(13.0);
            words
                .chars()
                .filter(|it| !it.is_whitespace() && !fonts.has_glyph(&font, *it))
                .collect()
        });
        assert!(
            missing.is_empty(),
            "cut the typeface anew (assets/fonts/README.md): {missing:?}"
        );
    }

    #[test]
    fn words_stand_out_from_what_is_behind_them() {
        for (colours, least) in [(LIGHT, 4.5), (DARK, 4.5), (CONTRAST, 7.0)] {
            for ground in [colours.chrome, colours.card] {
                for ink in [
                    colours.text,
                    colours.muted,
                    colours.synthesised,
                    colours.notice,
                    colours.warning,
                    colours.error,
                ] {
                    assert!(
                        least <= contrast(ink, ground),
                        "{ink:?} on {ground:?}: {}",
                        contrast(ink, ground)
                    );
                }
            }
        }
    }

    #[test]
    fn the_look_follows_the_settings_and_then_the_system() {
        let look = |appearance, system| {
            let settings = Settings {
                appearance,
                ..Settings::default()
            };
            Look::of(&settings, system).colours
        };
        for system in [None, Some(Theme::Light), Some(Theme::Dark)] {
            assert_eq!(look(Appearance::Light, system), LIGHT);
            assert_eq!(look(Appearance::Dark, system), DARK);
            assert_eq!(look(Appearance::HighContrast, system), CONTRAST);
        }
        assert_eq!(look(Appearance::System, Some(Theme::Dark)), DARK);
        assert_eq!(look(Appearance::System, None), LIGHT);
        let dark_paper = Settings {
            dark_paper: true,
            ..Settings::default()
        };
        assert_eq!(Look::of(&dark_paper, None).paper, Palette::DARK);
    }
}
