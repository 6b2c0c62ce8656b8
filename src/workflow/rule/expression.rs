//! What a rule says: conditions joined by `and`, `or` and `not`.

use std::ops::Range;

/// A part of a rule and where it stands. Equal when the values are, wherever they stand.
#[derive(Debug, Clone)]
pub struct Spanned<T> {
    /// The part.
    pub value: T,
    /// The byte range in the rule's text.
    pub span: Range<usize>,
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// A rule, a part of one, or what `any(…)` asks of one element of a list; `C` is a single condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression<C = Predicate> {
    /// All of them hold; two or more.
    And(Vec<Self>),
    /// At least one of them holds; two or more.
    Or(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// A single condition.
    Condition(Spanned<C>),
}

/// One condition on one attribute of the subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicate {
    /// The attribute's name, such as `employeeOrgData/costCenter`.
    pub attribute: Spanned<String>,
    /// What is asked of it.
    pub test: Test,
}

/// What is asked of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Something of its one value: `department eq 'Sales'`.
    Value(Comparison),
    /// Something that at least one element of a list fulfils: `otherMails/any(p:startsWith(p, 'Av'))`.
    Any(AnyElement),
}

/// `any(variable:condition)`
#[derive(Debug, Clone, PartialEq)]
pub struct AnyElement {
    /// What the condition calls the element.
    pub variable: String,
    /// What is asked of each element.
    pub condition: Box<Expression<ElementPredicate>>,
}

/// One condition on one element of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ElementPredicate {
    /// What is compared, as written: the variable, or a property of it as in `a/service`.
    pub element: Spanned<String>,
    /// What is asked of it.
    pub comparison: Comparison,
}

/// What is asked of one value.
#[derive(Debug, Clone, PartialEq)]
pub enum Comparison {
    /// `eq`
    Equal(Spanned<Literal>),
    /// `ne`
    NotEqual(Spanned<Literal>),
    /// `in (…)`; one or more.
    OneOf(Vec<Spanned<Literal>>),
    /// `startsWith(…)`
    StartsWith(Spanned<String>),
}

/// A value in a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// `'…'` with quotes doubled, or a GUID without quotes.
    Text(String),
    /// `true` or `false`.
    Bool(bool),
    /// `null`
    Null,
}

impl<C> Expression<C> {
    /// The single conditions, in their order.
    pub fn conditions(&self) -> Vec<&Spanned<C>> {
        let mut found = Vec::new();
        self.collect_conditions(&mut found);
        found
    }

    fn collect_conditions<'e>(&'e self, found: &mut Vec<&'e Spanned<C>>) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.collect_conditions(found)),
            Self::Not(part) => part.collect_conditions(found),
            Self::Condition(condition) => found.push(condition),
        }
    }

    /// The same expression over other conditions, taken in their order.
    pub fn map<D>(&self, condition: &mut impl FnMut(&C) -> D) -> Expression<D> {
        let mut all = |parts: &[Self]| parts.iter().map(|part| part.map(condition)).collect();
        match self {
            Self::And(parts) => Expression::And(all(parts)),
            Self::Or(parts) => Expression::Or(all(parts)),
            Self::Not(part) => Expression::Not(Box::new(part.map(condition))),
            Self::Condition(Spanned { value, span }) => {
                Expression::Condition(Spanned { value: condition(value), span: span.clone() })
            }
        }
    }
}

impl ElementPredicate {
    /// The property of the element, as in `a/service`; none where the element itself is compared.
    pub fn property(&self) -> Option<&str> {
        self.element.value.split_once('/').map(|(_, property)| property)
    }
}

impl Comparison {
    /// The values it names, without the text of `startsWith`.
    pub fn literals(&self) -> &[Spanned<Literal>] {
        match self {
            Self::Equal(literal) | Self::NotEqual(literal) => std::slice::from_ref(literal),
            Self::OneOf(literals) => literals,
            Self::StartsWith(_) => &[],
        }
    }
}
