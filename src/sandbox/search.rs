//! `$search` of the directory: words at their beginnings (graph-contract 2.2).

use super::directory::DirectoryObject;

/// Properties that `$search` takes.
const SEARCHED: &[&str] = &["description", "displayName", "mail", "mailNickname", "userPrincipalName"];

/// `$search`: quoted clauses `"property:text"` joined by `AND` and `OR`, where `AND` binds closer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Search(Vec<Vec<(String, String)>>);

impl Search {
    /// Reads the option's value; `None` where it is not of this form, or names a property that is not searched.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut alternatives = vec![Vec::new()];
        let mut rest = text.trim();
        loop {
            let (clause, behind) = rest.strip_prefix('"')?.split_once('"')?;
            let (property, sought) = clause.split_once(':')?;
            let property = SEARCHED.iter().find(|known| known.eq_ignore_ascii_case(property))?;
            alternatives.last_mut()?.push(((*property).to_owned(), sought.to_lowercase()));
            rest = behind.trim_start();
            if rest.is_empty() {
                return Some(Self(alternatives));
            }
            rest = match rest.split_once(' ')? {
                ("AND", behind) => behind,
                ("OR", behind) => {
                    alternatives.push(Vec::new());
                    behind
                }
                _ => return None,
            }
            .trim_start();
        }
    }

    /// Whether the object has what is sought.
    pub(super) fn finds(&self, object: DirectoryObject<'_>) -> bool {
        // The index holds words: text is found at the beginning of one.
        let found = |(property, sought): &(String, String)| {
            let value = object.at(property).as_str().unwrap_or_default().to_lowercase();
            let words = value.char_indices().filter(|(at, character)| {
                let before = value.get(..*at).and_then(|before| before.chars().next_back());
                character.is_alphanumeric() && before.is_none_or(|before| !before.is_alphanumeric())
            });
            words.filter_map(|(at, _)| value.get(at..)).any(|word| word.starts_with(sought.as_str()))
        };
        self.0.iter().any(|clauses| clauses.iter().all(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_read_clause_by_clause() {
        let clause = |property: &str, text: &str| (property.to_owned(), text.to_owned());
        assert_eq!(
            Search::parse("\"displayName:Ann L\" AND \"mail:ann\" OR \"displayname:bob\""),
            Some(Search(vec![
                vec![clause("displayName", "ann l"), clause("mail", "ann")],
                vec![clause("displayName", "bob")],
            ]))
        );
        for text in ["", "ann", "\"ann\"", "\"shoeSize:5\"", "\"mail:a\" \"mail:b\"", "\"mail:a\" AND", "\"mail:a"] {
            assert_eq!(Search::parse(text), None, "{text}");
        }
    }
}
