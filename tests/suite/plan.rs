//! Tests of the plan: from fixtures (a folder is a case), and properties of all plans.

mod cases;
mod growth;
mod properties;
mod scene;
mod text;
