//! The panes of the window. Each draws from `&Session` and pushes actions.

mod beat_marks;
mod calipers;
mod choices;
pub mod lab;
pub mod leads;
pub mod lesson;
pub mod loops;
pub mod measurements;
pub mod median;
pub mod misplaced;
pub mod panorama;
pub mod paper;
pub mod paper_toolbar;
pub mod quiz;
pub mod reliability;
#[cfg(test)]
mod same_page;
pub mod serial;
mod serial_medians;
pub mod sheet;
pub mod status;
pub mod strip;
mod surface;
pub mod teach;
pub mod top;
pub mod torso;
pub mod welcome;
pub mod worklist;
mod worklist_row;
