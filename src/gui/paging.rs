//! Pages of what fits the paper. Within the window of time that calibration has seen, turning a page
//! moves the paper alone; beyond it the window moves along.

use super::panel_context::PanelContext;
use crate::session::{Command, Edit, document::WINDOW_S};

/// Where the paper is in its recording, seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paging {
    /// First second of the page.
    pub start_s: f64,
    /// Seconds on the page.
    pub page_s: f64,
    /// First second of the last page.
    pub last_s: f64,
    window_s: f64,
    latest_window_s: f64,
}

impl Paging {
    /// How it stands; `None` where the page shows all there is.
    pub fn of(cx: &PanelContext<'_>) -> Option<Self> {
        let exam = cx.session.exam.as_ref()?;
        let page = cx.view.page;
        let window_s = cx.session.document.window_start_s;
        let last_s = exam.duration_s - page.seconds;
        let is_long = 0.05 < last_s && 0.0 < page.seconds;
        is_long.then_some(Self {
            start_s: window_s + page.from_s,
            page_s: page.seconds,
            last_s,
            window_s,
            latest_window_s: (exam.duration_s - WINDOW_S).max(0.0),
        })
    }

    /// Turns to the page that begins at `start_s`, or to the nearest there is.
    pub fn go_to(self, cx: &mut PanelContext<'_>, start_s: f64) {
        let (window_s, from_s) = self.place(start_s);
        cx.view.page.from_s = from_s;
        if window_s != self.window_s {
            cx.push(Edit::SetWindow(window_s));
            cx.push(Command::EndGesture);
        }
    }

    /// Start of the window of time, and of the page in it, for a page that begins at `start_s`.
    fn place(self, start_s: f64) -> (f64, f64) {
        let start_s = start_s.clamp(0.0, self.last_s);
        let end_s = start_s + self.page_s;
        let is_inside = self.window_s <= start_s && end_s <= self.window_s + WINDOW_S + 1e-6;
        let window_s = if is_inside {
            self.window_s
        } else if start_s < self.window_s {
            end_s - WINDOW_S // What comes before it is looked at next.
        } else {
            start_s
        };
        let window_s = window_s.min(start_s).clamp(0.0, self.latest_window_s);
        (window_s, start_s - window_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The windows and pages that turning `n` pages on, and back again, comes by.
    fn check(duration_s: f64, page_s: f64, n: usize) -> Vec<(f64, f64)> {
        let mut paging = Paging {
            start_s: 0.0,
            page_s,
            last_s: duration_s - page_s,
            window_s: 0.0,
            latest_window_s: (duration_s - WINDOW_S).max(0.0),
        };
        let steps = std::iter::repeat_n(page_s, n).chain(std::iter::repeat_n(-page_s, n));
        let turn = |step_s: f64| {
            let (window_s, from_s) = paging.place(paging.start_s + step_s);
            (paging.window_s, paging.start_s) = (window_s, window_s + from_s);
            assert!(0.0 <= from_s && from_s + page_s <= WINDOW_S.min(duration_s) + 1e-6);
            (window_s, from_s)
        };
        steps.map(turn).collect()
    }

    #[test]
    fn ten_seconds_at_double_speed_are_two_pages_of_one_window() {
        assert_eq!(check(10.0, 5.0, 1), [(0.0, 5.0), (0.0, 0.0)]);
    }

    #[test]
    fn a_long_recording_moves_its_window_when_it_must() {
        let there = [(0.0, 5.0), (10.0, 0.0), (10.0, 5.0)];
        let back = [(10.0, 0.0), (0.0, 5.0), (0.0, 0.0)];
        assert_eq!(check(25.0, 5.0, 3), [there, back].concat());
        assert_eq!(check(30.0, 10.0, 2)[..2], [(10.0, 0.0), (20.0, 0.0)]);
    }

    #[test]
    fn the_last_page_ends_with_the_recording() {
        assert_eq!(check(12.0, 10.0, 3)[2], (2.0, 0.0));
        assert_eq!(check(8.0, 5.0, 2)[1], (0.0, 3.0));
    }
}
