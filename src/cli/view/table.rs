//! Tables without lines: columns two blanks apart, as kubectl prints them.

use comfy_table::{ContentArrangement, Table, presets};

/// A table of rows under headings, wrapped to `width` if there is one.
pub(super) fn table(headings: &[&str], rows: Vec<Vec<String>>, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    table.set_header(headings.to_vec());
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    // Blanks at line ends would make every copy of it untidy.
    table.to_string().lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}
