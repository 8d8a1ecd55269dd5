//! All that is known at run time, without a screen.
