//! Numbers of things in words.

use std::fmt::Display;

/// How many there are of something called `thing`, as people say it: `1 document`, `2 documents`, `0 people`.
pub fn counted<N: Display + PartialEq + From<u8>>(count: N, thing: &str) -> String {
    match (agree(&count, true, false), thing) {
        (true, _) => format!("{count} {thing}"),
        (false, "person") => format!("{count} people"),
        (false, _) => format!("{count} {thing}s"),
    }
}

/// The word that goes with that many: `one` with one, else `several`, such as `is` and `are`.
pub fn agree<N: PartialEq + From<u8>, T>(count: &N, one: T, several: T) -> T {
    if *count == N::from(1) { one } else { several }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_is_one() {
        let shown = [0_usize, 1, 2, 21].map(|count| counted(count, "document"));
        assert_eq!(shown, ["0 documents", "1 document", "2 documents", "21 documents"]);
        assert_eq!([1_u32, 2].map(|count| counted(count, "person")), ["1 person", "2 people"]);
        assert_eq!([0_usize, 1].map(|count| agree(&count, "is", "are")), ["are", "is"]);
    }
}
