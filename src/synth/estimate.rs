//! What the closed form makes of one lead.

use faer::Mat;

use crate::ecg::N_PHASES;

/// A lead over the known leads, with where its error comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Estimate {
    /// Over the whole beat.
    pub weights: Vec<f64>,
    /// What is added to them in QRS, ST, T and the rest.
    pub departures: [Vec<f64>; N_PHASES],
    /// Variance of what is not known of the lead, per product of two known leads.
    pub spread: Mat<f64>,
    /// What a centimetre of displacement would do to the weights, as a covariance.
    pub slope: Mat<f64>,
    /// Variance that the recorded electrodes leave open on the skin: 0 at an electrode, 1 far from
    /// all.
    pub open: f64,
    /// How near to the heart the place is: where it is near, small parts of the heart are seen
    /// singly.
    pub near: f64,
    pub exact: bool,
}
