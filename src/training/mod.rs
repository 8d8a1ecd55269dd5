//! Pretraining and device calibration of the network.
