//! Query options under `/beta` as `/v1.0` takes them, and what they ask the answer to look like.

use url::form_urlencoded;

use super::super::envelope::ApiError;
use super::super::query::{Expand, expands_of, invalid_filter, names_of};
use super::kinds::Kind;
use super::property_path;

/// The query options of a call.
#[derive(Debug, Default)]
pub(super) struct Options {
    /// The query for the v1.0 handler. `$select` is not in it: the answer is cut down once it has beta's names.
    pub(super) v1: String,
    /// The query as the caller wrote it, but for `$skiptoken`; a link to the next page begins with it.
    pub(super) kept: Vec<(String, String)>,
    pub(super) select: Option<Vec<String>>,
    pub(super) expand: Vec<Expand>,
}

impl Options {
    /// Reads the query of a call on something of this kind.
    ///
    /// # Errors
    /// 400 for a property that only v1.0 has. What cannot be read is left for the handler to refuse.
    pub(super) fn read(kind: Kind, query: &str) -> Result<Self, ApiError> {
        let mut options = Self::default();
        let mut v1: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let (name, value) = (name.into_owned(), value.into_owned());
            if name != "$skiptoken" {
                options.kept.push((name.clone(), value.clone()));
            }
            let value = match name.as_str() {
                // A repeated one goes on to the handler, which refuses it.
                "$select" if options.select.is_none() => {
                    options.select = Some(names_of(&value));
                    continue;
                }
                "$filter" => property_path::in_text(kind, &value).ok_or_else(|| invalid_filter(&value))?,
                "$orderby" => property_path::in_text(kind, &value).ok_or_else(|| unknown_property(&value))?,
                "$expand" => match expands_of(&value) {
                    Some(expand) => {
                        let text = expansion(kind, &expand)?;
                        options.expand = expand;
                        text
                    }
                    None => value,
                },
                _ => value,
            };
            v1.push((name, value));
        }
        options.v1 = form_urlencoded::Serializer::new(String::new()).extend_pairs(v1).finish();
        Ok(options)
    }
}

/// The expansion in v1.0's names, without what it selects of objects that have names of their own in beta.
fn expansion(kind: Kind, expand: &[Expand]) -> Result<String, ApiError> {
    let parts = expand.iter().map(|expand| {
        let property = &expand.property;
        if kind.is_foreign(property) {
            return Err(unknown_property(property));
        }
        let known = kind.by_beta(property);
        let inner_kind = known.map_or(Kind::Other, |name| name.form.kind());
        let mut inside = Vec::new();
        if let Some(select) = expand.select.as_ref().filter(|_| inner_kind == Kind::Other) {
            inside.push(format!("$select={}", select.join(",")));
        }
        if !expand.expand.is_empty() {
            inside.push(format!("$expand={}", expansion(inner_kind, &expand.expand)?));
        }
        let name = known.map_or(property.as_str(), |name| name.v1);
        Ok(if inside.is_empty() { name.to_owned() } else { format!("{name}({})", inside.join(";")) })
    });
    Ok(parts.collect::<Result<Vec<_>, _>>()?.join(","))
}

fn unknown_property(name: &str) -> ApiError {
    ApiError::bad_request(format!("Parsing OData Select and Expand failed: Could not find a property named '{name}'."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v1(kind: Kind, query: &str) -> Vec<(String, String)> {
        let options = Options::read(kind, query).unwrap();
        form_urlencoded::parse(options.v1.as_bytes()).into_owned().collect()
    }

    #[test]
    fn options_are_renamed_and_selections_set_aside() {
        let query = "$filter=assignmentState eq 'Delivered'&$expand=target,accessPackage($expand=accessPackageCatalog;$select=id)&$select=targetId&$top=2&$skiptoken=aa";
        let options = Options::read(Kind::Assignment, query).unwrap();
        assert_eq!(options.select, Some(vec!["targetId".to_owned()]));
        assert_eq!(
            options.kept.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["$filter", "$expand", "$select", "$top"]
        );
        let read = v1(Kind::Assignment, query);
        let expected = [
            ("$filter", "state eq 'Delivered'"),
            ("$expand", "target,accessPackage($expand=catalog)"),
            ("$top", "2"),
            ("$skiptoken", "aa"),
        ];
        assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(v1(Kind::Package, "$expand=incompatibleGroups($select=id)")[0].1, "incompatibleGroups($select=id)");
        assert_eq!(v1(Kind::Package, "$expand=a(")[0].1, "a(");
    }

    #[test]
    fn names_of_the_other_version_are_refused() {
        for (kind, query) in [
            (Kind::Package, "$expand=assignmentPolicies"),
            (Kind::Assignment, "$expand=accessPackage($expand=catalog)"),
            (Kind::Assignment, "$filter=state eq 'Delivered'"),
            (Kind::Assignment, "$orderby=state"),
        ] {
            assert!(Options::read(kind, query).is_err(), "{query}");
        }
    }
}
