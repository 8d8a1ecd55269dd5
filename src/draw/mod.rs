//! What to draw, as numbers, for screen and file alike.
