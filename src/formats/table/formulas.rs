//! Cells that a spreadsheet would take for formulas.

/// Text of which a spreadsheet, that takes a line for cells, would execute nothing.
pub(super) fn disarmed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_cell_start = true;
    for letter in text.chars() {
        if is_cell_start && (FORMULA.contains(&letter) || letter == '\'') {
            out.push('\'');
        }
        is_cell_start = letter == ',' || letter == ';' || (is_cell_start && letter == ' ');
        out.push(letter);
    }
    out
}

/// The reverse.
pub(super) fn armed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_cell_start = true;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_armour = is_cell_start
            && letter == '\''
            && letters
                .peek()
                .is_some_and(|it| FORMULA.contains(it) || *it == '\'');
        is_cell_start = letter == ',' || letter == ';' || (is_cell_start && letter == ' ');
        out.push(letter);
        if is_armour {
            out.pop();
            out.extend(letters.next());
        }
    }
    out
}

/// Signs by which spreadsheets know a formula.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_nothing_is_lost() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("aVR-", "aVR-"),
            ("x,=cmd|' /C calc'!A0", "x,'=cmd|' /C calc'!A0"),
            ("a; +b,  @c, -d", "a; '+b,  '@c, '-d"),
            ("'=already", "''=already"),
            ("O'Neill, 'x", "O'Neill, ''x"),
            ("", ""),
        ] {
            assert_eq!(disarmed(text), expected);
            assert_eq!(armed(expected), text);
        }
    }
}
