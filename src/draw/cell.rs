//! A stretch of a lead on the paper: where its times and values lie.

use crate::ecg::{LeadName, LeadSet};

/// A rectangle on the paper, mm, y downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Left edge.
    pub left_mm: f64,
    /// Upper edge.
    pub top_mm: f64,
    /// Width.
    pub width_mm: f64,
    /// Height.
    pub height_mm: f64,
}

impl Frame {
    /// Right edge.
    pub fn right_mm(&self) -> f64 {
        self.left_mm + self.width_mm
    }

    /// Lower edge.
    pub fn bottom_mm(&self) -> f64 {
        self.top_mm + self.height_mm
    }

    /// Corners in order.
    pub fn outline_mm(&self) -> Vec<[f64; 2]> {
        let (right, bottom) = (self.right_mm(), self.bottom_mm());
        vec![
            [self.left_mm, self.top_mm],
            [right, self.top_mm],
            [right, bottom],
            [self.left_mm, bottom],
        ]
    }
}

/// One lead's stretch of one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Which lead.
    pub name: LeadName,
    /// What is written at it.
    pub label: String,
    /// −1 where the lead is shown inverted (Cabrera's −aVR).
    pub sign: f32,
    /// Whether the recording has the lead.
    pub present: bool,
    /// Whether it was estimated.
    pub synthesised: bool,
    /// Of an estimated lead what is written above the trace, line by line: the first follows the label.
    pub head: Vec<String>,
    /// Row, from the top.
    pub row: usize,
    /// Left edge, mm.
    pub left_mm: f64,
    /// Width, mm.
    pub width_mm: f64,
    /// Height on the page of [`Cell::level_mv`], mm.
    pub baseline_mm: f64,
    /// Value (after the sign) that lies on the baseline: the trace's median here.
    pub level_mv: f64,
    /// Time of the left edge, seconds after the first sample.
    pub start_s: f64,
    /// Length, seconds.
    pub seconds: f64,
    /// Paper speed.
    pub speed_mm_s: f64,
    /// Gain of this lead.
    pub gain_mm_mv: f64,
}

impl Cell {
    /// Place of a time.
    pub fn x_mm(&self, time_s: f64) -> f64 {
        self.left_mm + (time_s - self.start_s) * self.speed_mm_s
    }

    /// Height on the page of a recorded value (before the sign).
    pub fn y_mm(&self, mv: f64) -> f64 {
        self.baseline_mm - (f64::from(self.sign) * mv - self.level_mv) * self.gain_mm_mv
    }

    /// Time at a place.
    pub fn time_s(&self, x_mm: f64) -> f64 {
        self.start_s + (x_mm - self.left_mm) / self.speed_mm_s
    }

    /// Recorded value (before the sign) at a height.
    pub fn mv(&self, y_mm: f64) -> f64 {
        f64::from(self.sign) * (self.level_mv + (self.baseline_mm - y_mm) / self.gain_mm_mv)
    }

    /// Right edge.
    pub fn right_mm(&self) -> f64 {
        self.left_mm + self.width_mm
    }

    /// Indices of the samples drawn in this cell, from edge to edge.
    pub fn samples(&self, leads: &LeadSet) -> std::ops::Range<usize> {
        let rate = leads.rate().hz();
        let first = (self.start_s * rate - 1e-6).ceil().max(0.0) as usize;
        let last = ((self.start_s + self.seconds) * rate + 1e-6)
            .floor()
            .max(0.0) as usize;
        first..(last + 1).min(leads.n_samples()).max(first)
    }
}
