//! Tests of the plan: from fixtures (a folder is a case), and properties of all plans.

mod by_name;
mod cases;
mod growth;
mod properties;
mod scene;
mod text;
