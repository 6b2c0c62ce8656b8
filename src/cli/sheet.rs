//! A page of tables under headings, for a terminal or, as Markdown, for a pull request.

use super::output::table;

/// How a page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// For a terminal.
    Text,
    /// GitHub's Markdown.
    Markdown,
}

/// A page in the making.
#[derive(Debug)]
pub(super) struct Sheet {
    style: Style,
    text: String,
}

impl Sheet {
    /// An empty page.
    pub(super) fn new(style: Style) -> Self {
        Self { style, text: String::new() }
    }

    /// A line of prose.
    pub(super) fn line(&mut self, line: &str) {
        match self.style {
            Style::Text => self.text.push_str(line),
            Style::Markdown => self.text.push_str(&format!("{}\n", escaped(line))),
        }
        self.text.push('\n');
    }

    /// A table under a heading; nothing where there are no rows.
    pub(super) fn table(&mut self, heading: &str, header: &[&str], rows: Vec<Vec<String>>) {
        if rows.is_empty() {
            return;
        }
        match self.style {
            Style::Text => self.text.push_str(&format!("\n{heading}:\n{}\n", table(header, rows))),
            Style::Markdown => {
                let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
                let header = header.iter().map(|title| (*title).to_owned()).collect::<Vec<_>>();
                let rule = vec!["---".to_owned(); header.len()];
                self.text.push_str(&format!("### {}\n\n{}{}", escaped(heading), row(header), row(rule)));
                for cells in rows {
                    self.text.push_str(&row(cells.iter().map(|cell| escaped(cell)).collect()));
                }
                self.text.push('\n');
            }
        }
    }

    /// The page.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// Names come from outside: none of their signs may mean something in Markdown, nor call somebody or something.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // A zero-width space keeps GitHub from calling a person, or another issue.
            '@' | '#' => escaped.extend([sign, '\u{200b}']),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => escaped.extend(['\\', sign]),
            sign if sign.is_control() => escaped.push(' '),
            sign => escaped.push(sign),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_is_text_in_a_markdown_table() {
        let mut sheet = Sheet::new(Style::Markdown);
        let evil = "a|b\n[x](http://y) <img src=z> `c` @team *d*";
        sheet.table("Gains", &["who"], vec![vec![evil.to_owned()]]);
        let text = sheet.into_text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..4], ["### Gains", "", "| who |", "| --- |"]);
        assert_eq!(lines.len(), 6, "one row stays one row: {text}");
        assert_eq!(lines[4], "| a\\|b \\[x\\](http://y) &lt;img src=z&gt; \\`c\\` @\u{200b}team \\*d\\* |");
    }

    #[test]
    fn a_table_without_rows_is_not_shown() {
        for style in [Style::Text, Style::Markdown] {
            let mut sheet = Sheet::new(style);
            sheet.table("Gains", &["who"], Vec::new());
            assert_eq!(sheet.into_text(), "");
        }
    }
}
