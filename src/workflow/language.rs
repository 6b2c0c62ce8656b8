//! The language described: every kind of document with its keys, what each may hold and what it means.
//!
//! The JSON Schema and the reference are made from this description, and tests hold the parser to it.

pub mod forms;
pub mod gates;
mod kinds;
mod prose;
pub mod reasons;
mod reference;
mod schema;

pub use kinds::KINDS;
pub use reference::reference;
pub use schema::{schema, schema_of};

/// One kind of document.
#[derive(Debug)]
pub struct Kind {
    /// The word under `kind`.
    pub word: &'static str,
    /// What a document of this kind says.
    pub about: &'static str,
    /// Its keys.
    pub mapping: &'static Mapping,
    /// A whole document.
    pub example: &'static str,
}

/// A mapping with known keys.
#[derive(Debug)]
pub struct Mapping {
    /// What people call it; unique.
    pub name: &'static str,
    /// What it says.
    pub about: &'static str,
    /// The keys it has in every case, in groups that other mappings may share.
    pub keys: &'static [&'static [Key]],
    /// Which keys go together beyond those.
    pub choice: Choice,
}

/// Which keys of a mapping go together.
#[derive(Debug)]
pub enum Choice {
    /// Nothing beyond what each key says of itself.
    Free,
    /// At least one of these keys, which are among the mapping's own.
    AtLeastOne(&'static [&'static str]),
    /// Exactly one of these keys, each with keys that go only with it.
    OneKey(&'static [Case]),
    /// What the word under a key of the mapping brings with it.
    ByWord {
        /// The key, which is among the mapping's own.
        key: &'static str,
        /// The word that counts where the key is absent.
        absent: Option<&'static str>,
        /// Each word with the keys that go only with it.
        cases: &'static [(&'static str, &'static [&'static [Key]])],
    },
}

/// A key that decides, and what goes only with it.
#[derive(Debug)]
pub struct Case {
    /// The key that decides.
    pub key: Key,
    /// The keys that go only with it.
    pub beside: &'static [Key],
}

/// A key of a mapping.
#[derive(Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// Whether it must be there.
    pub need: Need,
    /// What it may hold.
    pub shape: Shape,
    /// What it means.
    pub about: &'static str,
    /// Texts that fit, where the form of the text does not give them.
    pub examples: &'static [&'static str],
}

/// Whether a key must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It must.
    Required,
    /// It may be absent, which the key's meaning explains.
    Optional,
    /// It may be absent, which means this.
    Default(&'static str),
}

/// What a value may be.
#[derive(Debug)]
pub enum Shape {
    /// Text of a form.
    Text(&'static forms::Form),
    /// One of some words.
    Word(&'static [Word]),
    /// `true` or `false`.
    Boolean,
    /// Only `true`.
    True,
    /// A whole number.
    Integer {
        /// The least.
        least: i64,
        /// The greatest.
        most: i64,
    },
    /// One value of an attribute: text (also a date), `true`, `false`, or `null` where it was read and is empty.
    AttributeValue,
    /// One value of an attribute (text, number, `true` or `false`), or a list of them, which may also hold `null`.
    AttributeValues,
    /// A list.
    List {
        /// What it lists.
        of: &'static Shape,
        /// How many there must be at least.
        least: usize,
    },
    /// A mapping with known keys.
    Mapping(&'static Mapping),
    /// A mapping with free keys.
    Entries {
        /// What each key is.
        key: &'static str,
        /// What each holds.
        of: &'static Shape,
    },
    /// Any of these.
    Either(&'static [Shape]),
}

/// A word and what it means.
#[derive(Debug)]
pub struct Word {
    /// The word.
    pub word: &'static str,
    /// What it means.
    pub about: &'static str,
}

impl Key {
    /// A key that must be there.
    pub const fn required(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self { name, need: Need::Required, shape, about, examples: &[] }
    }

    /// A key that may be absent.
    pub const fn optional(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self { name, need: Need::Optional, shape, about, examples: &[] }
    }

    /// A key that may be absent, which means `default`.
    pub const fn or(name: &'static str, default: &'static str, shape: Shape, about: &'static str) -> Self {
        Self { name, need: Need::Default(default), shape, about, examples: &[] }
    }

    /// The same key with examples.
    pub const fn such_as(self, examples: &'static [&'static str]) -> Self {
        Self { examples, ..self }
    }
}

impl Mapping {
    /// The keys it has in every case.
    pub fn own_keys(&self) -> impl Iterator<Item = &'static Key> {
        self.keys.iter().copied().flatten()
    }

    /// Every way its keys can go together, each with what decides (a key or a word) and the keys that brings.
    pub fn cases(&self) -> Vec<(&'static str, Vec<&'static Key>)> {
        match &self.choice {
            Choice::Free | Choice::AtLeastOne(_) => Vec::new(),
            Choice::OneKey(cases) => cases
                .iter()
                .map(|case| (case.key.name, std::iter::once(&case.key).chain(case.beside).collect()))
                .collect(),
            Choice::ByWord { cases, .. } => {
                cases.iter().map(|(word, keys)| (*word, keys.iter().copied().flatten().collect())).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests;
