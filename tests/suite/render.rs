//! Templates and values to documents.

mod agreement;
mod bench;
mod checks;
mod errors;
mod functions;
mod guards;
mod language;
mod library;
mod origins;
mod safety;
mod subcharts;
