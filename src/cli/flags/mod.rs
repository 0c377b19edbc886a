//! Groups of flags that several verbs share, one group a file.

mod deploy;
mod globals;
mod lock;
mod values;

pub(super) use deploy::{DeployFlags, DryRun};
pub(super) use globals::{Color, Format, GlobalFlags, Globals, color_of};
pub(super) use lock::{LockFlags, holder};
pub(super) use values::ValuesFlags;
