//! Writing documents: YAML that reads back as it was meant, with comments where something needs saying.

use super::load::LONGEST_NAME;

/// How wide a comment grows before it goes on in the next line.
const WIDTH: usize = 140;

/// A document's text in the making.
#[derive(Debug, Default)]
pub struct DocumentText {
    text: String,
}

impl DocumentText {
    /// Adds one line of YAML at `indent` blanks.
    pub fn line(&mut self, indent: usize, line: impl AsRef<str>) {
        self.text.push_str(&" ".repeat(indent));
        self.text.push_str(line.as_ref());
        self.text.push('\n');
    }

    /// Adds a comment at `indent` blanks, in as many lines as it takes; whatever the text holds, it stays a comment.
    pub fn comment(&mut self, indent: usize, text: &str) {
        let mut line = String::new();
        for word in printable(text).split_whitespace() {
            if !line.is_empty() && indent + line.chars().count() + word.chars().count() > WIDTH {
                self.line(indent, format!("# {line}"));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if !line.is_empty() {
            self.line(indent, format!("# {line}"));
        }
    }

    /// The whole text.
    pub fn into_text(self) -> String {
        self.text
    }
}

/// Text as a YAML scalar: in double quotes, on one line, without control characters (JSON's strings are YAML's too).
pub fn scalar(text: &str) -> String {
    serde_json::Value::String(printable(text)).to_string()
}

/// A list of texts on one line.
pub fn flow_list<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    format!("[{}]", texts.into_iter().map(scalar).collect::<Vec<_>>().join(", "))
}

fn printable(text: &str) -> String {
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    text.chars().map(|c| if is_break(c) { ' ' } else { c }).collect::<String>().trim().to_owned()
}

/// A document name made of any text: lower-case letters, digits and `-`; `otherwise` where nothing is left of it.
pub fn name_from(text: &str, otherwise: &str) -> String {
    let mut name = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    name.truncate(LONGEST_NAME - SUFFIX);
    let name = name.trim_end_matches('-');
    if name.is_empty() { otherwise.to_owned() } else { name.to_owned() }
}

/// Room for `-` and a number behind a name that is taken.
const SUFFIX: usize = 6;

/// `name`, or `name-2`, `name-3`, … where `is_taken` says that it is.
pub fn free_name(name: String, is_taken: impl Fn(&str) -> bool) -> String {
    if !is_taken(&name) {
        return name;
    }
    (2..).map(|number: u32| format!("{name}-{number}")).find(|name| !is_taken(name)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_becomes_a_name() {
        assert_eq!(name_from("Onboard new hire (NL & BE)", "x"), "onboard-new-hire-nl-be");
        assert_eq!(name_from("  ---  ", "workflow"), "workflow");
        assert_eq!(name_from("日本", "workflow"), "workflow");
        assert!(name_from(&"long name ".repeat(20), "x").len() <= LONGEST_NAME - SUFFIX);
        assert_eq!(free_name("a".to_owned(), |name| name == "a" || name == "a-2"), "a-3");
    }

    #[test]
    fn a_comment_stays_one_and_a_scalar_stays_on_its_line() {
        let mut text = DocumentText::default();
        text.comment(2, "one\nkind: Workflow\u{2028}two");
        text.line(0, format!("description: {}", scalar("a \"b\"\n# c: {d}")));
        assert_eq!(text.into_text(), "  # one kind: Workflow two\ndescription: \"a \\\"b\\\" # c: {d}\"\n");
    }
}
