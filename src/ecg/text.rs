//! Text of files, made fit to be shown, and how hashes are written.

/// Text on one line, without what could do more than be read: control characters (terminals obey
/// them), marks that turn the direction of writing (they make one word look like another), and line
/// breaks of any kind become blanks; blanks are joined.
pub fn plain_line(text: &str) -> String {
    text.split(|letter: char| letter.is_whitespace() || is_active(letter))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Text of several lines without what could do more than be read, as [`plain_line`]; its blanks,
/// tabs and line ends stay.
pub fn plain_text(text: &str) -> String {
    let plain = |letter: char| match letter {
        '\n' | '\t' => letter,
        _ if is_active(letter) => ' ',
        _ => letter,
    };
    text.chars().map(plain).collect()
}

/// Bytes as digits of base sixteen, two each: how hashes are written.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Control characters; direction marks, embeddings, overrides and isolates; invisible operators,
/// tags and the byte order mark.
fn is_active(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_form() {
        let text = "a\u{1b}[31m\r\n\tb \u{202e} c\n";
        assert_eq!(plain_text(text), "a [31m \n\tb   c\n");
    }

    #[test]
    fn nothing_but_words_is_left() {
        for (text, expected) in [
            ("  Müller,\tZoë \0", "Müller, Zoë"),
            ("\u{1b}[2J\u{1b}]0;title\u{7}x", "[2J ]0;title x"),
            ("a\u{9b}31mb", "a 31mb"),
            ("V1\u{202e}7V", "V1 7V"),
            ("a\r\nb\u{2028}c\u{85}d", "a b c d"),
            ("نام\u{200c}خانوادگی 山田", "نام\u{200c}خانوادگی 山田"),
            ("\u{feff}\u{2066}\u{2069}", ""),
        ] {
            assert_eq!(plain_line(text), expected, "{text:?}");
        }
    }
}
