//! Groups of flags that several verbs share, one group a file.

mod globals;
mod lock;
mod plan;
mod reuse;
mod run;
mod values;

pub(super) use globals::{Color, Format, GlobalFlags, Globals, color_of};
pub(super) use lock::{LockFlags, holder};
pub(super) use plan::PlanFlags;
pub(super) use reuse::ReuseFlags;
pub(super) use run::{DryRun, RunFlags};
pub(super) use values::ValuesFlags;
