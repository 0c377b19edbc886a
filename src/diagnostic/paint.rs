//! A message as a person reads it: what, the lines it is about with carets, notes, hints.
//!
//! Colour only decorates. Lines of values and manifests may hold secrets: what stands behind the name of a credential
//! is not shown, and every painted text goes through the caller's mask.
//!
//! A second place is painted as a second excerpt; one whose span has the width 0 ("included from …") as one line.

use anstyle::{AnsiColor, Style};
use std::fmt::Write as _;

use super::excerpt::{Excerpt, excerpt, harmless};
use super::{Diagnostic, Severity, SourceMap, Span};

/// Paints a message, its last line ended.
pub fn paint(diagnostic: &Diagnostic, sources: &SourceMap, mask: &dyn Fn(&str) -> String, color: bool) -> String {
    let styles = if color { Styles::coloured(diagnostic.severity) } else { Styles::default() };
    let spans = diagnostic.span.iter().chain(diagnostic.notes.iter().filter_map(|note| note.span.as_ref()));
    let widest = spans.map(|span| span.place.line).max().unwrap_or(0).to_string().len();
    let mut painter = Painter { sources, mask, styles, gutter: widest + 1, out: String::new() };
    painter.message(diagnostic);
    painter.out
}

struct Painter<'a> {
    sources: &'a SourceMap,
    mask: &'a dyn Fn(&str) -> String,
    styles: Styles,
    /// Cells of the column of line numbers.
    gutter: usize,
    out: String,
}

#[derive(Clone, Copy, Default)]
struct Styles {
    severity: Style,
    title: Style,
    frame: Style,
    hint: Style,
}

impl Styles {
    fn coloured(severity: Severity) -> Self {
        let bold = |color: AnsiColor| color.on_default().bold();
        Self {
            severity: bold(match severity {
                Severity::Error => AnsiColor::Red,
                Severity::Warning => AnsiColor::Yellow,
            }),
            title: Style::new().bold(),
            frame: bold(AnsiColor::Blue),
            hint: bold(AnsiColor::Cyan),
        }
    }
}

impl Painter<'_> {
    fn message(&mut self, diagnostic: &Diagnostic) {
        let label = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let Styles { severity, title, .. } = self.styles;
        let message = self.text(&diagnostic.message, "");
        self.push(format_args!("{severity}{label}{severity:#}{title}: {message}{title:#}\n"));
        let mut framed = false;
        if let Some(span) = diagnostic.span {
            framed |= self.place(span, "-->", None);
        }
        for note in &diagnostic.notes {
            match note.span {
                Some(span) if span.width > 0 => {
                    let arrow = if framed { ":::" } else { "-->" };
                    framed |= self.place(span, arrow, Some(&note.text));
                }
                span => self.sentence(&note.text, span),
            }
        }
        for hint in &diagnostic.hints {
            let style = self.styles.hint;
            let hint = self.text(hint, "      ");
            self.push(format_args!("{style}hint{style:#}: {hint}\n"));
        }
    }

    /// A place with its line. Whether anything was painted.
    fn place(&mut self, span: Span, arrow: &str, label: Option<&str>) -> bool {
        let sources = self.sources;
        let Some(source) = sources.get(span.place.source) else { return false };
        let (frame, severity, gutter) = (self.styles.frame, self.styles.severity, self.gutter);
        let name =
            if source.is_flag() { "the command line".to_owned() } else { self.text(&sources.name(span.place), "") };
        self.push(format_args!("{:gutter$}{frame}{arrow}{frame:#} {name}\n", ""));
        let Some(Excerpt { text, before, width }) = excerpt(source, span, self.mask) else {
            if let Some(label) = label {
                self.sentence(label, None);
            }
            return true;
        };
        let number = if source.is_flag() { String::new() } else { span.place.line.to_string() };
        self.push(format_args!("{:gutter$} {frame}|{frame:#}\n", ""));
        self.push(format_args!("{frame}{number:>gutter$} |{frame:#} {text}\n"));
        let (mark, style, label) = match label {
            None => ("^", severity, String::new()),
            Some(label) => ("-", frame, format!(" {}", self.text(label, ""))),
        };
        let marks = mark.repeat(width);
        self.push(format_args!("{:gutter$} {frame}|{frame:#} {:before$}{style}{marks}{label}{style:#}\n", "", ""));
        true
    }

    fn sentence(&mut self, text: &str, span: Option<Span>) {
        let (frame, gutter) = (self.styles.frame, self.gutter);
        let indent = " ".repeat(gutter + 3);
        let text = self.text(text, &indent);
        let place = span.map(|span| self.text(&self.sources.name(span.place), "")).unwrap_or_default();
        let space = if place.is_empty() { "" } else { " " };
        self.push(format_args!("{:gutter$} {frame}={frame:#} {text}{space}{place}\n", ""));
    }

    /// Masked, its further lines indented.
    fn text(&self, text: &str, indent: &str) -> String {
        let masked = (self.mask)(text);
        let lines = masked.trim_end().split('\n').map(|line| line.chars().map(harmless).collect::<String>());
        lines.collect::<Vec<_>>().join(&format!("\n{indent}"))
    }

    fn push(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a string can't fail.
        let _ = self.out.write_fmt(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Place, SourceId, SourceKind};

    fn sources() -> (SourceMap, SourceId, SourceId, SourceId) {
        let mut sources = SourceMap::new();
        let template = "a: 1\n  image: {{values.image.repo}}:{{values.image.tagg}}\n";
        let template = sources.add("web/templates/x.yaml.hbs", SourceKind::Template, template);
        let values = sources.add("prod.yaml", SourceKind::Values, "\u{4f60}: \"x\"\n\tb: 2\npassword: hunter2\n");
        let flag = sources.add("--set replicas=x", SourceKind::Values, "--set replicas=x");
        (sources, template, values, flag)
    }

    fn plain(diagnostic: &Diagnostic) -> String {
        paint(diagnostic, &sources().0, &str::to_owned, false)
    }

    #[test]
    fn a_message_has_its_line_its_notes_and_its_hints() {
        let (_, template, values, _) = sources();
        let diagnostic = Diagnostic::error("`values.image.tagg` is not set")
            .at(Place::new(template, 2, 32).span(21))
            .note_at("included from", Place::new(template, 1, 1).span(0))
            .note_at("set here", Place::new(values, 1, 4).span(3))
            .note("a sentence\nof two lines")
            .hint("did you mean `values.image.tag`?");
        let expected = "\
error: `values.image.tagg` is not set
  --> web/templates/x.yaml.hbs:2:32
   |
 2 |   image: {{values.image.repo}}:{{values.image.tagg}}
   |                                ^^^^^^^^^^^^^^^^^^^^^
   = included from web/templates/x.yaml.hbs:1:1
  ::: prod.yaml:1:4
   |
 1 | \u{4f60}: \"x\"
   |     --- set here
   = a sentence
     of two lines
hint: did you mean `values.image.tag`?
";
        assert_eq!(plain(&diagnostic), expected);
    }

    #[test]
    fn a_flag_is_its_own_line() {
        let (.., flag) = sources();
        let diagnostic = Diagnostic::warning("expected an integer").at(Place::new(flag, 1, 16));
        let expected = "\
warning: expected an integer
  --> the command line
   |
   | --set replicas=x
   |                ^
";
        assert_eq!(plain(&diagnostic), expected);
    }

    #[test]
    fn credentials_are_not_painted_and_the_mask_is_applied_everywhere() {
        let (sources, _, values, _) = sources();
        let diagnostic = Diagnostic::error("TOP is here").at(Place::new(values, 3, 13).span(2)).note("TOP").hint("TOP");
        let text = paint(&diagnostic, &sources, &|text| text.replace("TOP", "*").replace("pass", "p"), false);
        let expected = "\
error: * is here
  --> prod.yaml:3:13
   |
 3 | pword: •••
   |        ^^^
   = *
hint: *
";
        assert_eq!(text, expected);
    }

    #[test]
    fn tabs_control_characters_and_long_lines_are_tamed() {
        let (_, _, values, _) = sources();
        let tab = plain(&Diagnostic::error("tab \u{1b}[31m").at(Place::new(values, 2, 2)));
        assert!(tab.contains("tab \u{fffd}[31m"), "{tab}");
        assert!(tab.contains(" 2 |     b: 2\n   |     ^\n"), "{tab}");

        let mut sources = SourceMap::new();
        let long = format!("{}HERE{}", "a".repeat(1000), "b".repeat(1000));
        let id = sources.add("x", SourceKind::Template, long);
        let text = paint(&Diagnostic::error("e").at(Place::new(id, 1, 1001).span(4)), &sources, &str::to_owned, false);
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[3].starts_with(" 1 | …aaa") && lines[3].ends_with("bbb…"), "{text}");
        assert!(lines.iter().all(|line| line.chars().count() < 180), "{text}");
        assert_eq!(lines[4].find('^').map(|at| lines[3].chars().nth(at)), Some(Some('H')), "{text}");
    }

    #[test]
    fn colour_only_decorates() {
        let (sources, template, ..) = sources();
        let diagnostic = Diagnostic::error("x").at(Place::new(template, 1, 1)).hint("y");
        let coloured = paint(&diagnostic, &sources, &str::to_owned, true);
        assert_ne!(coloured, plain(&diagnostic));
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain(&diagnostic));
    }
}
