//! The protocols: what is recorded, what is mixed, what is asked for.

use crate::ecg::LeadName;

/// A protocol of evaluation. All calibrate on the first five seconds and score the last five.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Each of V1 to V6 withheld in turn from input and calibration; all others recorded.
    App,
    /// I, II and V3 are all that is recorded; V1, V2, V4, V5, V6 are asked for.
    Reconstruct,
    /// V2 and V6 never seen: I, II, V3 in; V1, V4, V5 may calibrate too. Paper: (3,8,1).
    Unseen,
    /// The same with all six other leads in.
    UnseenSix,
    /// Frank's X, Y, Z from the twelve leads, up to one gain per lead.
    Frank,
    /// Virtual patients: Panobench positions, high, right and posterior leads from the twelve.
    Phantom,
    /// Chest inputs said to be 10°, 20°, 30° beside where they are, in both angles.
    Offset,
}

/// One question of a protocol to one exam.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Leads that may be looked at in the first seconds.
    pub known: Vec<LeadName>,
    /// Those of them that are mixed.
    pub inputs: Vec<LeadName>,
    /// Leads asked for. They are in none of the above.
    pub targets: Vec<LeadName>,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::App,
        Self::Reconstruct,
        Self::Unseen,
        Self::UnseenSix,
        Self::Frank,
        Self::Phantom,
        Self::Offset,
    ];

    /// As written on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::App => "p-app",
            Self::Reconstruct => "p-reconstruct",
            Self::Unseen => "p-unseen",
            Self::UnseenSix => "p-unseen-6",
            Self::Frank => "p-frank",
            Self::Phantom => "p-phantom",
            Self::Offset => "p-offset",
        }
    }

    /// By name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|it| it.name().eq_ignore_ascii_case(name))
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::App => "each chest lead withheld in turn, all others recorded",
            Self::Reconstruct => "I, II, V3 recorded; V1, V2, V4, V5, V6 asked for",
            Self::Unseen => "V2 and V6 never seen; I, II, V3 in; V1, V4, V5 calibrate too",
            Self::UnseenSix => "V2 and V6 never seen; I, II, V1, V3, V4, V5 in",
            Self::Frank => "twelve leads in, Frank X, Y, Z asked for, up to one gain per lead",
            Self::Phantom => "virtual patients, twelve leads in, views all around asked for",
            Self::Offset => {
                "chest electrodes told 10, 20, 30 degrees off in both angles; I, II, V1, V3, V4, V5 in; V2 and V6 asked for"
            }
        }
    }

    /// Its questions; `extra` are the leads beyond the twelve that the exams have.
    pub fn tasks(self, extra: &[LeadName]) -> Vec<Task> {
        let eight = || LeadName::EIGHT.to_vec();
        let three = || vec![LeadName::I, LeadName::II, LeadName::V3];
        let six = || {
            vec![
                LeadName::I,
                LeadName::II,
                LeadName::V1,
                LeadName::V3,
                LeadName::V4,
                LeadName::V5,
            ]
        };
        let unseen = || vec![LeadName::V2, LeadName::V6];
        match self {
            Self::App => LeadName::CHEST.into_iter().map(withheld).collect(),
            Self::Reconstruct => {
                let targets = LeadName::CHEST
                    .into_iter()
                    .filter(|it| *it != LeadName::V3)
                    .collect();
                vec![Task {
                    known: three(),
                    inputs: three(),
                    targets,
                }]
            }
            Self::Unseen => vec![Task {
                known: six(),
                inputs: three(),
                targets: unseen(),
            }],
            Self::UnseenSix | Self::Offset => vec![Task {
                known: six(),
                inputs: six(),
                targets: unseen(),
            }],
            Self::Frank | Self::Phantom => vec![Task {
                known: eight(),
                inputs: eight(),
                targets: extra.to_vec(),
            }],
        }
    }

    /// What the paper reports for the nearest thing it measured: PSNR in dB, SSIM, where. Another
    /// split, and no filter is stated.
    pub fn paper(self) -> &'static [(&'static str, f64, f64)] {
        match self {
            Self::Reconstruct => &[
                ("NEF-NET v2, PTB-XL (3,9)", 35.21, 0.974),
                ("Nef-Net, PTB-XL (3,9)", 30.22, 0.962),
            ],
            Self::Unseen => &[
                ("NEF-NET v2, PTB-XL (3,8,1)", 33.41, 0.982),
                ("Nef-Net, PTB-XL (3,8,1)", 24.10, 0.922),
            ],
            Self::UnseenSix => &[
                ("NEF-NET v2, PTB-XL (5,6,1)", 32.07, 0.986),
                ("Nef-Net, PTB-XL (5,6,1)", 25.37, 0.942),
            ],
            Self::Offset => &[
                ("NEF-NET v2, CPSC2018, 30 degrees, before", 26.53, 0.960),
                ("the same after calibration", 33.09, 0.982),
            ],
            Self::App | Self::Frank | Self::Phantom => &[],
        }
    }
}

fn withheld(target: LeadName) -> Task {
    let known: Vec<LeadName> = LeadName::EIGHT
        .into_iter()
        .filter(|it| *it != target)
        .collect();
    Task {
        inputs: known.clone(),
        known,
        targets: vec![target],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_task_shows_what_it_asks_for() {
        for protocol in Protocol::ALL {
            assert_eq!(
                Protocol::parse(&protocol.name().to_uppercase()),
                Some(protocol)
            );
            for task in protocol.tasks(&[LeadName::parse("X")]) {
                assert!(
                    !task.targets.is_empty()
                        && task.targets.iter().all(|it| !task.known.contains(it))
                );
                assert!(task.inputs.iter().all(|it| task.known.contains(it)));
            }
        }
    }
}
