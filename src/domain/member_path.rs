//! Where a value lies in a JSON record: by a member's name, a JSON Pointer (RFC 6901), or SCIM's notation (RFC 7644, 3.10).

/// Schemas whose attributes stand in the record itself, not in a member named after the schema.
const CORE_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:";

/// The way from a record to one value in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberPath(Vec<Step>);

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The member of this name, or the item of a list with this number, from 0.
    Member(String),
    /// The member of this name, without regard to ASCII case, as SCIM names its attributes.
    Attribute(String),
    /// The only item of a list whose sub-attribute has this value, both without regard to ASCII case: `[type eq "work"]`.
    Where {
        /// The sub-attribute.
        attribute: String,
        /// Its value as text.
        value: String,
    },
}

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// A `~` that escapes nothing.
    #[error("in a JSON Pointer `~` stands only before 0 (for `~`) or 1 (for `/`)")]
    Escape,
    /// A filter that is not understood.
    #[error("a filter is written as in emails[type eq \"work\"].value")]
    Filter,
}

impl MemberPath {
    /// The record itself.
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// The member of exactly this name.
    pub fn member(name: &str) -> Self {
        Self(vec![Step::Member(name.to_owned())])
    }

    /// A JSON Pointer where `text` begins with `/`, else the name of a member.
    ///
    /// # Errors
    /// Fails on a pointer with a `~` that escapes nothing.
    pub fn json(text: &str) -> Result<Self, PathError> {
        let Some(pointer) = text.strip_prefix('/') else { return Ok(Self::member(text)) };
        pointer.split('/').map(|token| unescaped(token).map(Step::Member)).collect::<Result<_, _>>().map(Self)
    }

    /// A JSON Pointer where `text` begins with `/`, else an attribute as SCIM writes it: `userName`, `name.familyName`,
    /// `emails[type eq "work"].value`, each with the URN of its schema and `:` before it where that is not the core schema.
    ///
    /// # Errors
    /// Fails on a bad pointer, and on a filter that is not `[attribute eq "value"]`.
    pub fn scim(text: &str) -> Result<Self, PathError> {
        if text.starts_with('/') {
            return Self::json(text);
        }
        let (attribute, rest) = match text.split_once('[') {
            Some((before, rest)) => (before, Some(rest)),
            None => (text, None),
        };
        let mut steps = Vec::new();
        let is_extended = attribute.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("urn:"));
        let names = match attribute.rsplit_once(':').filter(|_| is_extended) {
            Some((schema, names)) => {
                let is_core =
                    schema.get(..CORE_SCHEMA.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(CORE_SCHEMA));
                if !is_core {
                    steps.push(Step::Attribute(schema.to_owned()));
                }
                names
            }
            None => attribute,
        };
        steps.extend(names.split('.').map(|name| Step::Attribute(name.to_owned())));
        if let Some(rest) = rest {
            let (filter, after) = rest.split_once(']').ok_or(PathError::Filter)?;
            steps.push(filtered(filter).ok_or(PathError::Filter)?);
            match after.strip_prefix('.') {
                Some(name) if !name.is_empty() => steps.push(Step::Attribute(name.to_owned())),
                _ => return Err(PathError::Filter),
            }
        }
        Ok(Self(steps))
    }

    /// The steps in order.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }
}

fn unescaped(token: &str) -> Result<String, PathError> {
    let is_bad =
        token.match_indices('~').any(|(place, _)| !matches!(token.as_bytes().get(place + 1), Some(b'0' | b'1')));
    if is_bad { Err(PathError::Escape) } else { Ok(token.replace("~1", "/").replace("~0", "~")) }
}

fn filtered(filter: &str) -> Option<Step> {
    let (attribute, rest) = filter.trim().split_once(' ')?;
    let (operator, value) = rest.trim_start().split_once(' ')?;
    let value = value.trim();
    let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    let value = bare.or(Some(value).filter(|value| matches!(*value, "true" | "false")))?;
    let is_plain = !attribute.is_empty() && !value.contains(['"', '\\']) && operator.eq_ignore_ascii_case("eq");
    is_plain.then(|| Step::Where { attribute: attribute.to_owned(), value: value.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(name: &str) -> Step {
        Step::Attribute(name.to_owned())
    }

    fn member(name: &str) -> Step {
        Step::Member(name.to_owned())
    }

    #[test]
    fn a_pointer_begins_with_a_slash_and_everything_else_is_a_members_name() {
        let steps = |text: &str| MemberPath::json(text).unwrap().0;
        assert_eq!(steps("Hire Date"), [member("Hire Date")]);
        assert_eq!(steps("a.b~c"), [member("a.b~c")]);
        assert_eq!(steps("/work/0/a~1b~01"), [member("work"), member("0"), member("a/b~1")]);
        assert_eq!(steps("/"), [member("")]);
        assert_eq!(MemberPath::json("/a~2"), Err(PathError::Escape));
        assert_eq!(MemberPath::json("/a~"), Err(PathError::Escape));
    }

    #[test]
    fn scim_names_attributes_of_the_core_of_extensions_and_of_lists() {
        let steps = |text: &str| MemberPath::scim(text).unwrap().0;
        assert_eq!(steps("userName"), [attribute("userName")]);
        assert_eq!(steps("name.familyName"), [attribute("name"), attribute("familyName")]);
        assert_eq!(steps("urn:ietf:params:scim:schemas:core:2.0:User:title"), [attribute("title")]);
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        assert_eq!(
            steps(&format!("{enterprise}:manager.value")),
            [attribute(enterprise), attribute("manager"), attribute("value")]
        );
        let work = Step::Where { attribute: "type".into(), value: "work".into() };
        assert_eq!(steps("emails[type eq \"work\"].value"), [attribute("emails"), work, attribute("value")]);
        assert_eq!(steps(&format!("/{enterprise}/department")), [member(enterprise), member("department")]);
        for bad in ["emails[type eq \"work\"", "emails[type ne \"x\"].value", "emails[].value", "emails[a eq b].value"]
        {
            assert_eq!(MemberPath::scim(bad), Err(PathError::Filter), "{bad}");
        }
        assert_eq!(MemberPath::scim("emails[type eq \"work\"]"), Err(PathError::Filter));
    }
}
