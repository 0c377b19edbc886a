//! All integration tests, one binary. A module is a feature.

#[path = "suite/mod.rs"]
mod suite;
