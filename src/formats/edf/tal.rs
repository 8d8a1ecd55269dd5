//! Time-stamped annotation lists (TAL) of EDF+.

/// One annotation: when, how long, and what.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tal {
    pub onset_s: f64,
    pub duration_s: Option<f64>,
    /// Empty in a record's time stamp.
    pub texts: Vec<String>,
}

/// Reads the lists of one record's annotation signal: `+onset[␕duration]␔text␔…␀`. At most `limit`;
/// what is not a list is counted.
pub(super) fn parse(bytes: &[u8], limit: usize) -> (Vec<Tal>, usize) {
    let lists = bytes
        .split(|it| *it == 0)
        .filter(|it| !it.is_empty())
        .take(limit);
    let (mut out, mut broken) = (Vec::new(), 0);
    for list in lists {
        match one(list) {
            Some(it) => out.push(it),
            None => broken += 1,
        }
    }
    (out, broken)
}

/// Texts of one list.
const TEXTS: usize = 1000;

fn one(list: &[u8]) -> Option<Tal> {
    let mut parts = list.split(|it| *it == 20);
    let stamp = std::str::from_utf8(parts.next()?).ok()?;
    let (onset, duration) = stamp
        .split_once('\u{15}')
        .map_or((stamp, None), |it| (it.0, Some(it.1)));
    if !onset.starts_with(['+', '-']) {
        return None;
    }
    let onset_s = onset.parse().ok().filter(|it: &f64| it.is_finite())?;
    let duration_s = duration
        .and_then(|it| it.parse().ok())
        .filter(|it: &f64| it.is_finite() && 0.0 <= *it);
    let texts = parts
        .map(text_of)
        .filter(|it| !it.is_empty())
        .take(TEXTS)
        .collect();
    Some(Tal {
        onset_s,
        duration_s,
        texts,
    })
}

/// UTF-8, or Latin-1 as older writers left it.
fn text_of(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).map_or_else(
        |_| bytes.iter().map(|it| char::from(*it)).collect(),
        str::to_owned,
    );
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_the_specification() {
        let (lists, broken) = parse(b"+180\x14Lights off\x14Close door\x14\0+180.5\x151.5\x14Blink\x14\0-0.065\x14\x14\0\0\0junk\0", 100);
        let expected = [
            Tal {
                onset_s: 180.0,
                duration_s: None,
                texts: vec!["Lights off".into(), "Close door".into()],
            },
            Tal {
                onset_s: 180.5,
                duration_s: Some(1.5),
                texts: vec!["Blink".into()],
            },
            Tal {
                onset_s: -0.065,
                duration_s: None,
                texts: vec![],
            },
        ];
        assert_eq!(lists, expected);
        assert_eq!(broken, 1);
    }

    #[test]
    fn latin_1_and_utf_8() {
        let (lists, _) = parse(b"+1\x14caf\xe9\x14\0+2\x14caf\xc3\xa9\x14\0", 100);
        assert!(lists.iter().all(|it| it.texts == ["café"]));
    }
}
