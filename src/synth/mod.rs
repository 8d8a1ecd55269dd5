//! Calibration and synthesis: the room where values become tensors.
