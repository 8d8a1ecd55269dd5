//! Evaluation protocols and their baselines: recordings in, tables out.
