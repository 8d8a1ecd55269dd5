//! What the program tells the user, until it is dismissed or old.

use std::time::{Duration, Instant};

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Good to know; goes away by itself.
    Info,
    /// Look at it.
    Warning,
    /// Something could not be done; stays until dismissed.
    Error,
}

/// One message.
#[derive(Clone, Debug)]
pub struct Notice {
    /// For dismissing.
    pub id: u64,
    /// How much it matters.
    pub severity: Severity,
    /// What happened, where, and what to do.
    pub text: String,
    since: Instant,
}

/// Messages, newest last.
#[derive(Default)]
pub struct Notices {
    list: Vec<Notice>,
    next: u64,
}

impl Notices {
    /// Says something; what is already said is not repeated. Five are kept.
    pub fn say(&mut self, severity: Severity, text: impl Into<String>) {
        let text = text.into();
        self.list.retain(|it| it.text != text);
        self.next += 1;
        self.list.push(Notice {
            id: self.next,
            severity,
            text,
            since: Instant::now(),
        });
        let surplus = self.list.len().saturating_sub(5);
        self.list.drain(..surplus);
    }

    /// Takes one away.
    pub fn dismiss(&mut self, id: u64) {
        self.list.retain(|it| it.id != id);
    }

    /// Takes away what is old and not an error.
    pub fn tidy(&mut self) {
        const SHOWN: Duration = Duration::from_secs(8);
        self.list
            .retain(|it| it.severity == Severity::Error || it.since.elapsed() < SHOWN);
    }

    /// What is to be seen.
    pub fn list(&self) -> &[Notice] {
        &self.list
    }
}
