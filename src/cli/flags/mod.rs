//! Groups of flags that several verbs share, one group a file.

mod deploy;
mod globals;
mod values;

pub(super) use deploy::{DeployFlags, DryRun};
pub(super) use globals::{Color, Format, GlobalFlags, Globals, color_of};
pub(super) use values::ValuesFlags;
