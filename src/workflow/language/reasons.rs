//! Why nothing is sent for somebody, by the words that plans, counts and logs show.
//!
//! What each means is said once, in the comments of `domain::reason`, whose source is read here.

const SOURCE: &str = include_str!("../../domain/reason.rs");

/// Every reason's code and what it means, in the order of `domain::reason`.
pub fn reasons() -> Vec<(&'static str, String)> {
    let variants = SOURCE.split_once("pub enum Reason {").map_or("", |(_, rest)| rest);
    let (variants, rest) = variants.split_once("\n}\n").unwrap_or_default();
    let codes: Vec<(&str, &str)> = rest.lines().filter_map(variant_and_code).collect();
    let mut found = Vec::new();
    let mut meaning: Vec<&str> = Vec::new();
    // A variant's own lines are indented by four blanks, those of its fields by more.
    for line in variants.lines().filter_map(|line| line.strip_prefix("    ")).filter(|line| !line.starts_with(' ')) {
        match line.strip_prefix("/// ") {
            Some(comment) => meaning.push(comment),
            None => {
                let name = line.trim_end_matches([',', '{', ' ']);
                let code = codes.iter().find(|(variant, _)| *variant == name);
                found.extend(code.map(|(_, code)| (*code, meaning.join(" "))));
                meaning.clear();
            }
        }
    }
    found
}

/// `Self::NoDate => "noDate",` as the name of the variant and its code.
fn variant_and_code(line: &'static str) -> Option<(&'static str, &'static str)> {
    let (pattern, code) = line.trim().split_once(" => \"")?;
    let variant = pattern.strip_prefix("Self::")?.split(' ').next()?;
    Some((variant, code.strip_suffix("\",")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_meaning() {
        let (_, code) = SOURCE.split_once("pub fn code(&self)").unwrap();
        let (code, _) = code.split_once("\n    }\n").unwrap();
        let mut codes: Vec<&str> = code.split('"').skip(1).step_by(2).collect();
        let mut told: Vec<&str> = reasons().iter().map(|(code, _)| *code).collect();
        codes.sort_unstable();
        told.sort_unstable();
        assert_eq!(told, codes);
        assert!(codes.len() > 40);
        for (code, meaning) in reasons() {
            assert!(meaning.ends_with('.') && meaning.starts_with(char::is_uppercase), "{code}: {meaning}");
        }
    }
}
