//! Samples to samples, pure: filters, resampling, beats, median beat, quality, metrics.
