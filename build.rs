//! Tells cargo that the bundled charts are a part of the binary: `include_dir!` does not see new and removed files.

fn main() {
    println!("cargo:rerun-if-changed=charts");
}
