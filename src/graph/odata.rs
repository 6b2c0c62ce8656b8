//! Addresses in OData's manner: quoted text, encoded path segments and query options.

use url::form_urlencoded::byte_serialize;

/// A path with query options, each value percent-encoded.
pub fn address(path: &str, options: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    for (index, (name, value)) in options.iter().enumerate() {
        address.push(if index == 0 { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        address.push_str(&encode(value));
    }
    address
}

/// Text as a literal of a filter: in single quotes, with its own quotes doubled.
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Percent-encodes one path segment or one option's value. A space is `%20`, since not every service reads `+` as a space.
pub fn encode(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_filter() {
        let filter = format!("displayName eq {}", quote("R&D + O'Neil #1 é"));
        assert_eq!(
            address("/v1.0/groups", &[("$filter", &filter), ("$select", "id")]),
            "/v1.0/groups?$filter=displayName%20eq%20%27R%26D%20%2B%20O%27%27Neil%20%231%20%C3%A9%27&$select=id"
        );
        assert_eq!(encode("a/../b?c"), "a%2F..%2Fb%3Fc");
    }
}
