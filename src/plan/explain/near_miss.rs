//! Texts that a person takes for equal and a rule does not: case, blanks, and the Unicode form.

use unicode_normalization::UnicodeNormalization;

/// What one text is compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fold {
    Case,
    Blanks,
    Form,
}

const FOLDS: [(Fold, &str); 3] = [(Fold::Case, "case"), (Fold::Blanks, "blanks"), (Fold::Form, "the Unicode form")];

/// In what `seen` differs from `wanted`, where a person would take them for equal (or, for a prefix, `seen` for one that begins with `wanted`).
pub(super) fn difference(seen: &str, wanted: &str, is_prefix: bool) -> Option<String> {
    let agree = |folds: &[Fold]| {
        let (seen, wanted) = (folded(seen, folds), folded(wanted, folds));
        if is_prefix { seen.starts_with(&wanted) } else { seen == wanted }
    };
    let all: Vec<Fold> = FOLDS.iter().map(|(fold, _)| *fold).collect();
    if wanted.trim().is_empty() || agree(&[]) || !agree(&all) {
        return None;
    }
    let matters = |fold: Fold| !agree(&all.iter().copied().filter(|other| *other != fold).collect::<Vec<_>>());
    let named: Vec<&str> = FOLDS.iter().filter(|(fold, _)| matters(*fold)).map(|(_, name)| *name).collect();
    // Two folds may each do alone.
    Some(if named.is_empty() { "case, blanks or the Unicode form".to_owned() } else { named.join(" and ") })
}

fn folded(text: &str, folds: &[Fold]) -> String {
    let mut text = text.to_owned();
    if folds.contains(&Fold::Form) {
        text = text.nfc().collect();
    }
    if folds.contains(&Fold::Blanks) {
        let is_nothing = |letter: &char| !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
        let visible: String = text.chars().filter(is_nothing).collect();
        text = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    if folds.contains(&Fold::Case) {
        text = text.to_lowercase();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_told_by_their_difference() {
        let whole = |seen, wanted| difference(seen, wanted, false);
        assert_eq!(whole("sales", "Sales").as_deref(), Some("case"));
        assert_eq!(whole("Sales ", "Sales").as_deref(), Some("blanks"));
        assert_eq!(whole("sales\u{a0}", "Sales").as_deref(), Some("case and blanks"));
        assert_eq!(whole("Ku\u{308}che", "K\u{fc}che").as_deref(), Some("the Unicode form"));
        assert_eq!(whole("Sales", "Sales"), None);
        assert_eq!(whole("Finance", "Sales"), None);
        assert_eq!(whole("", " "), None);
        assert_eq!(difference("field sales", "Field", true).as_deref(), Some("case"));
        assert_eq!(difference("Field sales", "Field", true), None);
    }
}
