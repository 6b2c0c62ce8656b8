//! ISO 8601 durations of a fixed length.

use jiff::SignedDuration;

use super::{Complaint, quoted};

/// The longest duration, in seconds: 3650 days.
const LONGEST: i64 = 3650 * 86_400;

/// Reads a duration such as `P7D`, `P2W` or `PT12H30M`; a day is 24 hours.
///
/// # Errors
/// Anything else: months and years (they have no fixed length), fractions, signs, nothing, more than 3650 days.
pub fn iso_duration(text: &str) -> Result<SignedDuration, Complaint> {
    let wrong = || {
        let complaint = Complaint::new(format!("{} is not a duration", quoted(text)));
        complaint.hint("write it as in P7D, P2W or PT12H: weeks, days, hours, minutes, seconds")
    };
    let body = text.strip_prefix('P').ok_or_else(wrong)?;
    let (date, time) = match body.split_once('T') {
        Some((_, "")) => return Err(wrong()),
        Some(parts) => parts,
        None => (body, ""),
    };
    if date.contains(['Y', 'M']) {
        let complaint = Complaint::new(format!("{} has years or months, which have no fixed length", quoted(text)));
        return Err(complaint.hint("say it in days"));
    }
    let days = seconds(date, &[('W', 7 * 86_400), ('D', 86_400)]).ok_or_else(wrong)?;
    let rest = seconds(time, &[('H', 3600), ('M', 60), ('S', 1)]).ok_or_else(wrong)?;
    match days.checked_add(rest) {
        Some(0) => Err(Complaint::new(format!("{} is no time at all", quoted(text)))),
        Some(total) if total <= LONGEST => Ok(SignedDuration::from_secs(total)),
        _ => Err(Complaint::new(format!("{} is longer than 3650 days", quoted(text)))),
    }
}

/// The sum of numbers with the given units, each at most once and in order.
fn seconds(text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut rest = text;
    let mut total = 0i64;
    for (unit, length) in units {
        if let Some((number, after)) = rest.split_once(*unit) {
            let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            let number: i64 = digits.then(|| number.parse().unwrap_or(i64::MAX))?;
            total = total.saturating_add(number.saturating_mul(*length));
            rest = after;
        }
    }
    rest.is_empty().then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_a_fixed_length_are_read() {
        for (text, hours) in
            [("P7D", 168), ("P1W", 168), ("PT12H", 12), ("P1DT1H", 25), ("PT90M30S", 1), ("PT3600S", 1)]
        {
            assert_eq!(iso_duration(text).unwrap().as_hours(), hours, "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "P",
            "PT",
            "7D",
            "P7",
            "P-7D",
            "P1.5D",
            "p7d",
            "P1M",
            "P1Y",
            "P1D1W",
            "PT1S1H",
            "P1DT",
            "PT0S",
            "P7 D",
            "P3651D",
            "P99999999999999999999W",
            "P+1D",
            "PT5D",
            "7 days",
        ] {
            assert!(iso_duration(text).is_err(), "{text}");
        }
        assert_eq!(iso_duration("P1M").unwrap_err().hint.as_deref(), Some("say it in days"));
    }
}
