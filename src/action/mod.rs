//! One workflow per file: what a verb does, without its words and colours.
