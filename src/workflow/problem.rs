//! A problem in a document: where it is, what is wrong and what to do about it.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::warning::Warning;

const BYTE_ORDER_MARK: char = '\u{feff}';
const LONGEST_QUOTE: usize = 60;

/// Where something stands in a text. A byte order mark counts in `span`, not in `column`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// From 1, in characters; a tab is one.
    pub column: usize,
    /// The byte range in the text.
    pub span: Range<usize>,
}

impl Place {
    /// The first character of a text.
    pub fn start() -> Self {
        Self { line: 1, column: 1, span: 0..0 }
    }

    /// The place of one byte of `text`; past its end, the end of its last line.
    pub fn at(text: &str, offset: usize) -> Self {
        let offset = if offset < text.len() {
            text.floor_char_boundary(offset)
        } else {
            text.strip_suffix("\r\n").or_else(|| text.strip_suffix('\n')).unwrap_or(text).len()
        };
        let before = text.get(..offset).unwrap_or_default();
        let bare = before.strip_prefix(BYTE_ORDER_MARK).unwrap_or(before);
        let in_line = bare.rsplit('\n').next().unwrap_or_default();
        Self { line: before.matches('\n').count() + 1, column: in_line.chars().count() + 1, span: offset..offset }
    }
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The document cannot be used: its last good version stays in force.
    Error,
    /// The document is in force; a person should look at it.
    Warning(Warning),
}

impl Severity {
    /// `error` or `warning`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning(_) => "warning",
        }
    }
}

/// What is wrong with a document, and where. The order is that of file and place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The file's name, as the source of the text gives it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters; a tab is one.
    pub column: usize,
    /// The byte range in the text.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Problem {
    /// Puts a complaint in its place: an error.
    pub fn new(file: &str, place: &Place, complaint: Complaint) -> Self {
        Self::with(Severity::Error, file, place, complaint)
    }

    /// Puts a warning in its place.
    pub fn warning(file: &str, place: &Place, warning: Warning, complaint: Complaint) -> Self {
        Self::with(Severity::Warning(warning), file, place, complaint)
    }

    fn with(severity: Severity, file: &str, place: &Place, complaint: Complaint) -> Self {
        Self {
            severity,
            file: file.to_owned(),
            line: place.line,
            column: place.column,
            span: place.span.clone(),
            message: complaint.message,
            hint: complaint.hint,
        }
    }

    fn rank(&self) -> impl Ord + '_ {
        (&self.file, self.line, self.column, self.span.start, self.span.end, self.severity, &self.message, &self.hint)
    }
}

impl Ord for Problem {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for Problem {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// One line for a log: `file:line:column: message (hint)`; a warning says so before its message.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if let Severity::Warning(warning) = self.severity {
            write!(f, "warning[{warning}]: ")?;
        }
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// What is wrong, before it is known where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Complaint {
    /// A complaint without advice.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    /// Adds what to do about it.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Adds "did you mean …?" where one of `candidates` is close to `word`.
    pub fn suggest<'c>(self, word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Self {
        match nearest(word, candidates) {
            Some(candidate) => self.hint(format!("did you mean `{candidate}`?")),
            None => self,
        }
    }
}

/// Renders a problem for people: `file:line:column`, the source line underlined, and the hint. `text` is the text the problem was found in.
pub fn render(problem: &Problem, text: &str, colour: bool) -> String {
    let shown = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let cut = text.len() - shown.len();
    let start = shown.floor_char_boundary(problem.span.start.saturating_sub(cut));
    let end = shown.floor_char_boundary(problem.span.end.saturating_sub(cut)).max(start);
    let snippet =
        Snippet::source(shown).path(problem.file.as_str()).annotation(AnnotationKind::Primary.span(start..end));
    let title = match problem.severity {
        Severity::Error => Level::ERROR.primary_title(problem.message.as_str()),
        Severity::Warning(warning) => Level::WARNING.primary_title(problem.message.as_str()).id(warning.code()),
    };
    let mut group = Group::with_title(title).element(snippet);
    if let Some(hint) = &problem.hint {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// Text from outside as it may stand in a message: in backticks, shortened, without control characters.
pub fn quoted(text: &str) -> String {
    let mut shown: String =
        text.chars().take(LONGEST_QUOTE).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(LONGEST_QUOTE).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// The candidate a word was probably meant to be.
fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if word.len() > LONGEST_QUOTE {
        return None;
    }
    let folded = word.to_lowercase();
    let length = word.chars().count();
    let limit = (length / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= limit)
        .map(|candidate| (strsim::osa_distance(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.chars().count())
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str, word: &str) -> String {
        let start = text.find(word).unwrap();
        let mut place = Place::at(text, start);
        place.span.end = start + word.len();
        let problem = Problem::new("a.yaml", &place, Complaint::new("unknown key").hint("did you mean `mode`?"));
        let rendered = render(&problem, text, false);
        let header = format!("--> a.yaml:{}:{}\n", problem.line, problem.column);
        assert!(rendered.contains(&header), "{header}{rendered}");
        rendered
    }

    #[test]
    fn a_problem_is_shown_with_its_line_and_its_hint() {
        let expected = "\
error: unknown key
 --> a.yaml:2:3
  |
2 |   mod: x
  |   ^^^
  |
  = help: did you mean `mode`?";
        assert_eq!(rendered("é:\n  mod: x\n", "mod"), expected);
    }

    #[test]
    fn a_warning_says_that_it_is_one_and_of_which_kind() {
        let problem = Problem::warning("a.yaml", &Place::start(), Warning::Fight, Complaint::new("they fight"));
        assert_eq!(problem.to_string(), "a.yaml:1:1: warning[fight]: they fight");
        assert!(render(&problem, "x", false).starts_with("warning[fight]: they fight\n --> a.yaml:1:1\n"));
    }

    #[test]
    fn the_place_is_the_same_in_every_rendering() {
        for text in ["\u{feff}mod: x", "a: é\r\n\"é\": {mod: x}\r\n", "a:\n\t\tmod: x", "mod: x", "ü: 日本 mod"] {
            assert!(rendered(text, "mod").contains("mod"));
        }
    }

    #[test]
    fn a_place_outside_the_text_is_no_panic() {
        let mut problem = Problem::new("a.yaml", &Place::at("é", 1), Complaint::new("x"));
        assert_eq!((problem.line, problem.column), (1, 1));
        problem.span = 1..900;
        assert!(render(&problem, "é", true).contains("a.yaml"));
        assert!(render(&problem, "", false).contains("a.yaml"));
    }

    #[test]
    fn one_line_says_it_all() {
        let problem = Problem::new("a.yaml", &Place::start(), Complaint::new("bad").suggest("mdoe", ["mode", "name"]));
        assert_eq!(problem.to_string(), "a.yaml:1:1: bad (did you mean `mode`?)");
    }

    #[test]
    fn a_suggestion_is_near_or_absent() {
        assert_eq!(nearest("timezone", ["timeZone", "trigger"]), Some("timeZone"));
        assert_eq!(nearest("enforced", ["observe", "enforce"]), Some("enforce"));
        assert_eq!(nearest("x", ["y", "at"]), None);
        assert_eq!(nearest("colour", ["mode", "name"]), None);
    }

    #[test]
    fn quoted_text_is_short_and_printable() {
        assert_eq!(quoted("a\u{1b}b"), "`a\u{fffd}b`");
        assert_eq!(quoted(&"x".repeat(80)).chars().count(), 63);
    }
}
