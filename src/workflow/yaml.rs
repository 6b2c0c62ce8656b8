//! YAML text to a tree in which every key and value knows its place. Two parsers must agree on what a text says.

use std::collections::HashMap;

use granit_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag, options};

use super::problem::{Complaint, Place, Problem, quoted};

mod agreement;
mod scalar;

pub use scalar::{Scalar, ScalarKind};

/// The longest text that is read, in bytes.
pub const LONGEST_TEXT: usize = 1024 * 1024;
/// How many values and collections a text may hold.
pub const MOST_NODES: usize = 50_000;
/// How deep collections may nest.
pub const DEEPEST_NESTING: usize = 32;

/// What a text holds. `problems` is empty only if the whole text was understood; `root` may be there in spite of problems, so that one reading
/// can report all of them.
#[derive(Debug)]
pub struct Parsed {
    /// The document's value.
    pub root: Option<Node>,
    /// What is wrong with the text as YAML.
    pub problems: Vec<Problem>,
}

/// A value in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands; of a collection, its first character.
    pub place: Place,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A single value.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values, in the order of the text, each key once.
    Mapping(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Scalar,
    /// Where the key stands.
    pub place: Place,
    /// The key's value.
    pub value: Node,
}

/// Reads one document. `file` only names the problems.
pub fn parse(file: &str, text: &str) -> Parsed {
    let mut tree = Tree::new(file, text);
    let root = tree.document().unwrap_or_default();
    let mut problems = tree.problems;
    if let (Some(root), true) = (&root, problems.is_empty())
        && let Err((place, complaint)) = agreement::check(text, root)
    {
        problems.push(Problem::new(file, &place, complaint));
    }
    Parsed { root, problems }
}

/// Reading cannot go on; the problem is already noted.
struct Stop;

struct Tree<'t> {
    file: &'t str,
    text: &'t str,
    events: Parser<'t, granit_parser::StrInput<'t>>,
    nodes: usize,
    problems: Vec<Problem>,
}

impl<'t> Tree<'t> {
    fn new(file: &'t str, text: &'t str) -> Self {
        let mut options =
            options! { emit_anchor_events: true, emit_unresolved_aliases: true, disallow_directives: true };
        options.set_emit_comments(false);
        let events = Parser::new_from_str_with_options(text, options);
        Self { file, text, events, nodes: 0, problems: Vec::new() }
    }

    fn document(&mut self) -> Result<Option<Node>, Stop> {
        if self.text.len() > LONGEST_TEXT {
            return Err(self.stop(&Place::start(), Complaint::new("the file is longer than 1 MiB")));
        }
        if let Some(offset) = lone_carriage_return(self.text) {
            let complaint = Complaint::new("a carriage return without a line feed").hint("end lines with LF or CR LF");
            return Err(self.stop(&Place::at(self.text, offset), complaint));
        }
        // What could not be decoded was replaced by this character; a name that holds it means something else.
        if let Some(offset) = self.text.find('\u{FFFD}') {
            let complaint = Complaint::new("the text is not UTF-8 here").hint("save the file as UTF-8");
            return Err(self.stop(&Place::at(self.text, offset), complaint));
        }
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd if root.is_none() => {
                    return Err(self.stop(&Place::start(), Complaint::new("the file holds no document")));
                }
                Event::StreamEnd => return Ok(root),
                Event::DocumentStart(..) if root.is_some() => {
                    let complaint =
                        Complaint::new("a second document in one file").hint("put each document in its own file");
                    self.note(&self.place(&span), complaint);
                    return Ok(root);
                }
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
                event => root = Some(self.node(event, &span, 0)?),
            }
        }
    }

    fn node(&mut self, event: Event<'t>, span: &Span, depth: usize) -> Result<Node, Stop> {
        let place = self.place(span);
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            return Err(self.stop(&place, Complaint::new(format!("the file holds more than {MOST_NODES} values"))));
        }
        if depth > DEEPEST_NESTING {
            return Err(self.stop(&place, Complaint::new(format!("nested deeper than {DEEPEST_NESTING} levels"))));
        }
        let value = match event {
            Event::Scalar(text, style, _, tag) => {
                self.refuse_tag(tag.as_deref(), span);
                let source = self.text.get(place.span.clone()).unwrap_or_default();
                Value::Scalar(Scalar::new(&text, style == ScalarStyle::Plain, source))
            }
            Event::SequenceStart(_, _, tag) => {
                self.refuse_tag(tag.as_deref(), span);
                self.sequence(depth)?
            }
            Event::MappingStart(_, _, tag) => {
                self.refuse_tag(tag.as_deref(), span);
                self.mapping(depth)?
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                let complaint = Complaint::new("aliases are not allowed")
                    .hint("write the value out; put text that begins with `*` in quotes");
                self.note(&place, complaint);
                Value::Scalar(Scalar::new("", true, ""))
            }
            _ => return Err(self.stop(&place, Complaint::new("a value was expected here"))),
        };
        Ok(Node { value, place })
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, Stop> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::Sequence(items)),
                (event, span) => items.push(self.node(event, &span, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, Stop> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut lines_by_key = HashMap::new();
        loop {
            let key = match self.next()? {
                (Event::MappingEnd, _) => return Ok(Value::Mapping(entries)),
                (event, span) => self.node(event, &span, depth + 1)?,
            };
            let (event, span) = self.next()?;
            let value = self.node(event, &span, depth + 1)?;
            let Value::Scalar(scalar) = key.value else {
                self.note(&key.place, Complaint::new("a key must be a single word or text"));
                continue;
            };
            if scalar.plain && scalar.text == "<<" {
                self.note(&key.place, Complaint::new("merge keys are not allowed").hint("write the keys out"));
            } else if let Some(first) = lines_by_key.insert(scalar.text.clone(), key.place.line) {
                let message = format!("the key {} is given twice, first in line {first}", quoted(&scalar.text));
                self.note(&key.place, Complaint::new(message));
                lines_by_key.insert(scalar.text, first);
            } else {
                entries.push(Entry { key: scalar, place: key.place, value });
            }
        }
    }

    fn refuse_tag(&mut self, tag: Option<&Tag>, span: &Span) {
        if tag.is_some() {
            let place = self.place(&span.tag_span().unwrap_or(*span));
            self.note(&place, Complaint::new("tags are not allowed").hint("put text that begins with `!` in quotes"));
        }
    }

    /// The next event that is not an anchor; those are noted as problems.
    fn next(&mut self) -> Result<(Event<'t>, Span), Stop> {
        loop {
            match self.events.next() {
                Some(Ok((Event::Anchor(..), span))) => {
                    let complaint =
                        Complaint::new("anchors are not allowed").hint("put text that begins with `&` in quotes");
                    self.note(&self.place(&span), complaint);
                }
                Some(Ok(found)) => return Ok(found),
                Some(Err(error)) => {
                    let place = self.place(&Span::empty(*error.marker()));
                    return Err(self.stop(&place, Complaint::new(format!("not YAML: {}", error.info()))));
                }
                None => return Err(self.stop(&Place::start(), Complaint::new("the file ends too early"))),
            }
        }
    }

    fn place(&self, span: &Span) -> Place {
        let offset = |mark: &Marker| mark.byte_offset().unwrap_or(self.text.len());
        let range = offset(&span.start)..offset(&span.end);
        if range.start == self.text.len() {
            return Place::at(self.text, range.start);
        }
        Place { line: span.start.line(), column: span.start.col() + 1, span: range }
    }

    fn note(&mut self, place: &Place, complaint: Complaint) {
        self.problems.push(Problem::new(self.file, place, complaint));
    }

    fn stop(&mut self, place: &Place, complaint: Complaint) -> Stop {
        self.note(place, complaint);
        Stop
    }
}

fn lone_carriage_return(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len()).find(|&at| bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) != Some(&b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let parsed = parse("f", text);
        let found: Vec<_> = parsed.problems.iter().map(|p| format!("{}:{}: {}", p.line, p.column, p.message)).collect();
        assert_eq!(found, expected, "{text:.80}");
        assert!(parsed.root.is_some() || !found.is_empty());
    }

    #[test]
    fn what_is_not_allowed_is_refused_in_its_place() {
        check("a: &x 1\n", &["1:4: anchors are not allowed"]);
        check("a: *x\nb: *y\n", &["1:4: aliases are not allowed", "2:4: aliases are not allowed"]);
        check("<<: {a: 1}\n", &["1:1: merge keys are not allowed"]);
        check("a: !!str 1\nb: !x [1]\n", &["1:4: tags are not allowed", "2:4: tags are not allowed"]);
        check("a: 1\n---\nb: 2\n", &["2:1: a second document in one file"]);
        check("%YAML 1.1\n---\na: 1\n", &["1:1: not YAML: YAML directives are disallowed"]);
        check("? [a]\n: b\n", &["1:3: a key must be a single word or text"]);
        check(
            "a: 1\n\"a\": 2\na: 3\n",
            &["2:1: the key `a` is given twice, first in line 1", "3:1: the key `a` is given twice, first in line 1"],
        );
        check("# only\n", &["1:1: the file holds no document"]);
        check("a: x\rb: y\n", &["1:5: a carriage return without a line feed"]);
        check("a: [1\nb: 2\n", &["2:2: not YAML: illegal placement of ':' indicator"]);
    }

    #[test]
    fn sizes_are_bounded() {
        check(&"#".repeat(LONGEST_TEXT + 1), &["1:1: the file is longer than 1 MiB"]);
        check(&format!("{}{}", "[".repeat(33), "]".repeat(33)), &[]);
        check(&format!("{}{}", "[".repeat(34), "]".repeat(34)), &["1:34: nested deeper than 32 levels"]);
        check(&format!("[{}]", "1,".repeat(MOST_NODES)), &["1:100000: the file holds more than 50000 values"]);
        check(&"[".repeat(100_000), &["1:256: not YAML: recursion limit exceeded"]);
        check(&"- ".repeat(5_000), &["1:67: nested deeper than 32 levels"]);
    }

    #[test]
    fn common_styles_are_read() {
        check("a: [\n  x,\n]\nb: {c: 1}\nd: >-\n  one\n  two\ne: |\n  x\nf: plain\n  more\ng: ~\nh:\n", &[]);
        check("\u{feff}a: 'it''s'\r\nb: \"x\\ty\"\r\nc: # why\r\n- 1\r\n", &[]);
    }
}
