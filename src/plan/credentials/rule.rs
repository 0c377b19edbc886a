//! Who says that a credential opens a volume: the chart, or the file of known images.

use std::fmt;

use crate::diagnostic::Place;
use crate::object::{ObjectId, marks};

/// Who says that a credential opens a claim.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The workload, by `kchart.dev/credentials`.
    Declared {
        /// The workload.
        by: ObjectId,
        /// Where its template says it; nowhere for objects that are stored or live.
        at: Place,
    },
    /// An image and a variable that are known to kchart.
    Recognised {
        /// The image, as it is written.
        image: String,
        /// The variable.
        variable: String,
        /// Where the image's documentation says so.
        source: &'static str,
    },
}

impl fmt::Display for Rule {
    /// Why a new value does not open an old volume; goes on with what follows from it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declared { by, .. } => {
                write!(f, "the image reads it only when its volume is empty (`{}` of `{by}`)", marks::CREDENTIALS)
            }
            Self::Recognised { image, variable, source } => {
                write!(f, "`{image}` reads `{variable}` only when its volume is empty ({source})")
            }
        }
    }
}
