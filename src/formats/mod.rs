//! Bytes to recordings and back: one format per file, bounds-checked, with limits and an import report.
