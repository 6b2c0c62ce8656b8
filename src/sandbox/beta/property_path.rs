//! Property paths in `$filter` and `$orderby`, one after the other, outside of quoted text.

use super::kinds::{Form, Kind};

/// Where beta keeps an id that v1.0 keeps one step further on; the Graph PowerShell cmdlets filter by `accessPackageId`.
const IDS: &[(Kind, &str, &str)] = &[
    (Kind::Assignment, "accessPackageId", "accessPackage/id"),
    (Kind::Assignment, "assignmentPolicyId", "assignmentPolicy/id"),
    (Kind::Assignment, "targetId", "target/objectId"),
];

/// The text with every property path as v1.0 has it; `None` where one names what only v1.0 has.
pub(super) fn in_text(kind: Kind, text: &str) -> Option<String> {
    let mut translated = String::with_capacity(text.len());
    // Quoted text is every second part; a doubled quote within it only makes an empty part more on either side.
    for (position, part) in text.split('\'').enumerate() {
        if position > 0 {
            translated.push('\'');
        }
        if position % 2 == 0 {
            translated.push_str(&outside_quotes(kind, part)?);
        } else {
            translated.push_str(part);
        }
    }
    Some(translated)
}

fn outside_quotes(kind: Kind, text: &str) -> Option<String> {
    let mut translated = String::with_capacity(text.len());
    let ends_word = |character: char| character.is_whitespace() || "(),".contains(character);
    for piece in text.split_inclusive(ends_word) {
        let word = piece.trim_end_matches(ends_word);
        translated.push_str(&path(kind, word)?);
        translated.push_str(piece.get(word.len()..).unwrap_or_default());
    }
    Some(translated)
}

fn path(kind: Kind, word: &str) -> Option<String> {
    let id = IDS.iter().find(|(of, name, _)| *of == kind && name.eq_ignore_ascii_case(word));
    if let Some((_, _, path)) = id {
        return Some((*path).to_owned());
    }
    let mut kind = kind;
    let mut segments = Vec::new();
    for segment in word.split('/') {
        if kind.is_foreign(segment) {
            return None;
        }
        let name = kind.by_beta(segment);
        segments.push(match name {
            Some(name) if name.form == Form::Reference => format!("{}/id", name.v1),
            Some(name) => name.v1.to_owned(),
            None => segment.to_owned(),
        });
        kind = name.map_or(Kind::Other, |name| name.form.kind());
    }
    Some(segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_change_and_the_rest_of_a_filter_stays() {
        for (kind, beta, v1) in [
            (Kind::Catalog, "DisplayName eq 'General'", "DisplayName eq 'General'"),
            (
                Kind::Role,
                "originSystem eq 'AadGroup' and accessPackageResource/id eq '1' and DisplayName eq 'Member'",
                "originSystem eq 'AadGroup' and resource/id eq '1' and DisplayName eq 'Member'",
            ),
            (Kind::Assignment, "(AccessPackageAssignmentPolicy/Id eq '4')", "(assignmentPolicy/Id eq '4')"),
            (
                Kind::Assignment,
                "accessPackageId eq '4' and targetId eq '5'",
                "accessPackage/id eq '4' and target/objectId eq '5'",
            ),
            (Kind::Assignment, "catalogId eq '1afa8ced'", "catalogId eq '1afa8ced'"),
            (Kind::Request, "requestState eq 'it''s requestState'", "state eq 'it''s requestState'"),
            (Kind::Policy, "contains(tolower(displayName),'x')", "contains(tolower(displayName),'x')"),
            (Kind::Policy, "accessPackageId eq '4'", "accessPackage/id eq '4'"),
            (Kind::Package, "accessPackageCatalog/Id eq '1'", "catalog/Id eq '1'"),
            (Kind::Request, "createdDateTime ge 2026-12-01T00:00:00Z", "createdDateTime ge 2026-12-01T00:00:00Z"),
            (Kind::Other, "state eq 'NL'", "state eq 'NL'"),
        ] {
            assert_eq!(in_text(kind, beta).as_deref(), Some(v1));
        }
        for (kind, foreign) in
            [(Kind::Assignment, "assignmentPolicy/id eq '4'"), (Kind::Catalog, "state eq 'published'")]
        {
            assert_eq!(in_text(kind, foreign), None, "{foreign}");
        }
    }
}
