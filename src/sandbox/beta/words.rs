//! Single values that both versions write in their own way: words, durations, texts with translations.

use jiff::{Span, SpanRelativeTo, Unit};
use serde_json::{Value, json};

/// The word as beta writes it: `serviceDefault` becomes `ServiceDefault`.
pub(super) fn capital(value: Value) -> Value {
    with_first_letter(value, |letter| letter.to_ascii_uppercase())
}

/// The word as v1.0 writes it.
pub(super) fn small(value: Value) -> Value {
    with_first_letter(value, |letter| letter.to_ascii_lowercase())
}

/// `P30D` for 30; null and numbers that are none stay as they are, for the handler to refuse.
pub(super) fn duration_of_days(value: Value) -> Value {
    value.as_u64().map_or(value, |days| json!(format!("P{days}D")))
}

/// The whole days of a duration such as `P30D`, begun ones counted; null where it is no duration, or longer than any calendar.
pub(super) fn days_of_duration(value: &Value) -> Value {
    units_of_duration(value, Unit::Day)
}

/// The whole minutes of a duration, begun ones counted; null where it is no duration.
pub(super) fn minutes_of_duration(value: &Value) -> Value {
    units_of_duration(value, Unit::Minute)
}

fn units_of_duration(value: &Value, unit: Unit) -> Value {
    let span = value.as_str().and_then(|text| text.parse::<Span>().ok());
    let total = span.and_then(|span| span.total((unit, SpanRelativeTo::days_are_24_hours())).ok());
    let whole = total.map(f64::ceil).filter(|total| (0.0..=f64::from(i32::MAX)).contains(total));
    #[expect(clippy::cast_possible_truncation, reason = "a whole number within the range of i32")]
    whole.map_or(Value::Null, |total| json!(total as i32))
}

/// Beta's `accessPackageLocalizedContent` as v1.0's text and its translations; text alone counts as one without any.
pub(super) fn text_and_localizations(content: Value) -> (Value, Value) {
    match content {
        Value::Object(mut content) => {
            let mut take = |name: &str| content.remove(name).unwrap_or_default();
            let (text, localizations) = (take("defaultText"), take("localizedTexts"));
            (text, if localizations.is_null() { json!([]) } else { localizations })
        }
        text => (text, json!([])),
    }
}

/// v1.0's text and its translations as beta's `accessPackageLocalizedContent`.
pub(super) fn localized_content(text: Value, translations: Option<Value>) -> Value {
    json!({ "defaultText": text, "localizedTexts": translations.unwrap_or_else(|| json!([])) })
}

fn with_first_letter(value: Value, change: fn(&char) -> char) -> Value {
    let Value::String(text) = value else { return value };
    let mut letters = text.chars();
    let first = letters.next().as_ref().map(change);
    Value::String(first.into_iter().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_change_their_first_letter_only() {
        assert_eq!(capital(json!("serviceDefault")), "ServiceDefault");
        assert_eq!(small(json!("AdminAdd")), "adminAdd");
        assert_eq!((capital(json!("")), small(Value::Null), capital(json!(5))), (json!(""), Value::Null, json!(5)));
    }

    #[test]
    fn durations_are_whole_days_or_minutes() {
        assert_eq!(duration_of_days(json!(30)), "P30D");
        assert_eq!((duration_of_days(json!("x")), duration_of_days(json!(-1))), (json!("x"), json!(-1)));
        for (text, days, minutes) in [("P14D", 14, 20160), ("PT36H", 2, 2160), ("PT0S", 0, 0), ("PT90S", 1, 2)] {
            assert_eq!(
                (days_of_duration(&json!(text)), minutes_of_duration(&json!(text))),
                (json!(days), json!(minutes))
            );
        }
        for odd in [json!("P1M"), json!("soon"), json!(null), json!("-P1D"), json!("P7000000D")] {
            assert_eq!(minutes_of_duration(&odd), Value::Null, "{odd}");
        }
    }

    #[test]
    fn texts_keep_their_translations() {
        let translations = json!([{ "languageCode": "de", "text": "Warum?" }]);
        let content = json!({ "defaultText": "Why?", "localizedTexts": translations });
        let (text, localizations) = text_and_localizations(content.clone());
        assert_eq!((&text, &localizations), (&json!("Why?"), &translations));
        assert_eq!(localized_content(text, Some(localizations)), content);
        assert_eq!(text_and_localizations(json!("Why?")), (json!("Why?"), json!([])));
    }
}
