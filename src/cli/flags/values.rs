//! Flags that give values, and the reading of the files that they name.

use clap::Args;

use crate::action::{Giving, Reader};
use crate::diagnostic::Failure;
use crate::values::Inputs;

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Values")]
pub(in crate::cli) struct ValuesFlags {
    /// Values file; give it again for more, later files win; `-` is standard input
    #[arg(short = 'f', long = "values", value_name = "FILE")]
    files: Vec<String>,

    /// Set values: `a.b[0].c=1,d={x,y}`; null deletes
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// Set values that are strings, whatever they look like
    #[arg(long, value_name = "KEY=TEXT")]
    set_string: Vec<String>,

    /// Set a value to the text of a file
    #[arg(long, value_name = "KEY=FILE")]
    set_file: Vec<String>,

    /// Set values to JSON
    #[arg(long, value_name = "KEY=JSON")]
    set_json: Vec<String>,

    /// Set a value to a string in which nothing is special
    #[arg(long, value_name = "KEY=TEXT")]
    set_literal: Vec<String>,

    /// Make it an error when a value is given that nothing reads
    #[arg(long)]
    pub(in crate::cli) strict: bool,
}

impl ValuesFlags {
    /// Reads the files and puts all layers together.
    pub(in crate::cli) fn read(self, reader: &mut Reader) -> Result<Inputs, Failure> {
        let giving = Giving {
            files: self.files,
            set: self.set,
            set_string: self.set_string,
            set_file: self.set_file,
            set_json: self.set_json,
            set_literal: self.set_literal,
        };
        giving.read(reader)
    }
}
