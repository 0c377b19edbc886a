//! What one run of the program is given.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::{Streams, bug};

/// Arguments, environment, folder and streams of a run.
#[derive(Debug)]
pub struct Call {
    /// The command line, the program's name first.
    pub args: Vec<OsString>,
    /// Environment variables.
    pub environment: Environment,
    /// The working directory.
    pub directory: PathBuf,
    /// Where data, messages and answers go and come from.
    pub streams: Streams,
}

impl Call {
    /// The call that this process was started with. From here on a panic prints nothing by itself, so that no value
    /// can leak through its message.
    ///
    /// # Errors
    /// When the working directory is gone.
    pub fn of_this_process() -> std::io::Result<Self> {
        bug::silence_panics();
        Ok(Self {
            args: std::env::args_os().collect(),
            environment: Environment::of_this_process(),
            directory: std::env::current_dir()?,
            streams: Streams::of_this_process(),
        })
    }
}

/// Environment variables. Those that are no UTF-8 are as good as unset: kchart reads none that could be.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    fn of_this_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// A variable; an empty one counts as unset.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The first of these variables that is set, with its name.
    pub fn first<'a>(&self, names: &[&'a str]) -> Option<(&'a str, &str)> {
        names.iter().find_map(|name| Some((*name, self.get(name)?)))
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self { variables: variables.into_iter().collect() }
    }
}
