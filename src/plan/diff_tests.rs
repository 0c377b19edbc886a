//! What counts as a difference.
