//! The protocols: what is recorded, what is mixed, what is asked for.

use crate::ecg::LeadName;

/// A protocol of evaluation. All calibrate on the first five seconds and score the last five.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Each of V1 to V6 withheld in turn from input and calibration; all others recorded.
    App,
    /// I, II and V3 are all that is recorded; V1, V2, V4, V5, V6 are asked for.
    Reconstruct,
    /// I, II, V3 recorded, all other chest leads shown in the first seconds. Paper: stage III, (3,9).
    Calibrated,
    /// The same with one chest lead after another never shown, and asked for. Paper: (3,8,1).
    CalibratedButOne,
    /// I, II, V1, V3, V5 recorded, one of the other chest leads after another never shown, and asked
    /// for. Paper: (5,6,1).
    CalibratedFive,
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
    /// Leads asked for. They are in none of the above, but for those that [`Protocol::Calibrated`]
    /// shows in the first seconds.
    pub targets: Vec<LeadName>,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::App,
        Self::Reconstruct,
        Self::Calibrated,
        Self::CalibratedButOne,
        Self::CalibratedFive,
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
            Self::Calibrated => "p-calibrated",
            Self::CalibratedButOne => "p-calibrated-but-one",
            Self::CalibratedFive => "p-calibrated-five",
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
            Self::Calibrated => {
                "I, II, V3 recorded; V1, V2, V4, V5, V6 shown in the first seconds and asked for in the last"
            }
            Self::CalibratedButOne => {
                "I, II, V3 recorded; of the other chest leads one in turn is never shown and asked for, the others are shown in the first seconds"
            }
            Self::CalibratedFive => {
                "I, II, V1, V3, V5 recorded; of V2, V4, V6 one in turn is never shown and asked for, the others are shown in the first seconds"
            }
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
        let five = || {
            vec![
                LeadName::I,
                LeadName::II,
                LeadName::V1,
                LeadName::V3,
                LeadName::V5,
            ]
        };
        match self {
            Self::App => LeadName::CHEST.into_iter().map(withheld).collect(),
            Self::Reconstruct => {
                vec![Task {
                    known: three(),
                    inputs: three(),
                    targets: others(&three()).collect(),
                }]
            }
            Self::Calibrated => vec![Task {
                known: eight(),
                inputs: three(),
                targets: others(&three()).collect(),
            }],
            Self::CalibratedButOne => never_shown(&three()),
            Self::CalibratedFive => never_shown(&five()),
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
            Self::Calibrated => &[
                (
                    "NEF-NET v2, PTB-XL (3,9), calibrated on the patient",
                    35.21,
                    0.974,
                ),
                ("Nef-Net, PTB-XL (3,9)", 30.22, 0.962),
            ],
            Self::CalibratedButOne => &[
                (
                    "NEF-NET v2, PTB-XL (3,8,1), calibrated on the patient",
                    33.41,
                    0.982,
                ),
                ("Nef-Net, PTB-XL (3,8,1)", 24.10, 0.922),
            ],
            Self::CalibratedFive => &[
                (
                    "NEF-NET v2, PTB-XL (5,6,1), calibrated on the patient",
                    32.07,
                    0.986,
                ),
                ("Nef-Net, PTB-XL (5,6,1)", 25.37, 0.942),
            ],
            Self::App | Self::Frank | Self::Phantom => &[],
        }
    }

    /// Leads that the paper asks for too and that follow from I and II without error: III, aVR, aVL
    /// and aVF where nine leads are reconstructed.
    pub fn exact_leads(self) -> usize {
        match self {
            Self::Reconstruct | Self::Calibrated => 4,
            _ => 0,
        }
    }
}

/// Chest leads that are none of `inputs`.
fn others(inputs: &[LeadName]) -> impl Iterator<Item = LeadName> {
    let chest = LeadName::CHEST.into_iter();
    chest.filter(|lead| !inputs.contains(lead))
}

/// Each chest lead that is none of `inputs` asked for in turn, without ever being shown.
fn never_shown(inputs: &[LeadName]) -> Vec<Task> {
    let task = |target: LeadName| Task {
        inputs: inputs.to_vec(),
        ..withheld(target)
    };
    others(inputs).map(task).collect()
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
                let hidden_from = match protocol {
                    Protocol::Calibrated => &task.inputs,
                    _ => &task.known,
                };
                assert!(
                    !task.targets.is_empty()
                        && task.targets.iter().all(|it| !hidden_from.contains(it))
                );
                assert!(task.inputs.iter().all(|it| task.known.contains(it)));
            }
        }
    }
}
