//! Pages, recordings and figures to files, whole or not at all.
