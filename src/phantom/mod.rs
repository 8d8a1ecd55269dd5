//! Virtual patients: hearts in the torso conductor, with every lead known.
