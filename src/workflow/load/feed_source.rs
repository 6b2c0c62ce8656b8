//! `source` of `kind: Feed`: where the records lie and how they are written.

use std::time::Duration;

use jiff::SignedDuration;
use url::Url;

use crate::domain::address::{has_credentials, is_encrypted};
use crate::domain::member_path::MemberPath;
use crate::workflow::definition::{
    Credentials, CsvFormat, FeedEncoding, FeedFormat, FeedSource, HttpSource, Paging, ScimSource, SecretPlace, Total,
    Visits,
};
use crate::workflow::problem::{Complaint, quoted};
use crate::workflow::reader::convert::{any_text, boolean, checked, duration, integer, mapping, text, word};
use crate::workflow::reader::{Field, Reader};

const ENCODINGS: &[(&str, FeedEncoding)] =
    &[("utf-8", FeedEncoding::Utf8), ("utf-16", FeedEncoding::Utf16), ("windows-1252", FeedEncoding::Windows1252)];
const LAST_LINE_ENDS: &[(&str, bool)] = &[("required", true), ("optional", false)];
const SECRET_IN: &[(&str, bool)] = &[("header", false), ("form", true)];

const DEFAULT_EVERY: SignedDuration = SignedDuration::from_mins(15);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(120);
/// A pass waits for a delivery, so a slow service must not hold it for ever.
const LONGEST_TIMEOUT: SignedDuration = SignedDuration::from_hours(1);

#[derive(Clone, Copy, PartialEq)]
enum FileFormat {
    Csv,
    Json,
    JsonLines,
}

const FORMATS: &[(&str, FileFormat)] =
    &[("csv", FileFormat::Csv), ("json", FileFormat::Json), ("jsonl", FileFormat::JsonLines)];

/// What may stand in a header's value or a query: visible ASCII.
const PLACES: [&str; 4] = ["file", "drop", "http", "scim"];

pub(super) fn source(reader: &mut Reader<'_>) -> Option<(FeedSource, FeedFormat)> {
    if reader.refuse_later(&["directory"]) {
        reader.ignore_the_rest();
        return None;
    }
    let place = reader.exactly_one_of(&PLACES);
    let file = reader.optional("file", text);
    let drop = reader.optional("drop", text);
    let http = reader.optional("http", mapping(http));
    let scim = reader.optional("scim", mapping(scim));
    let source = match place {
        Some("http") => FeedSource::Http(Box::new(http?)),
        Some("scim") => FeedSource::Scim(Box::new(scim?)),
        _ => {
            let format = file_format(reader);
            let source = if place? == "file" { FeedSource::File(file?) } else { FeedSource::Drop(drop?) };
            return Some((source, format?));
        }
    };
    Some((source, FeedFormat::Projected))
}

fn file_format(reader: &mut Reader<'_>) -> Option<FeedFormat> {
    let Some(format) = reader.required_word("format", FORMATS) else {
        reader.ignore_the_rest();
        return None;
    };
    let (delimiter, encoding) = match format {
        FileFormat::Csv => (reader.required("delimiter", delimiter), reader.required_word("encoding", ENCODINGS)),
        FileFormat::Json | FileFormat::JsonLines => {
            reader.refuse(&["delimiter"], "goes only with `format: csv`");
            reader.refuse(&["encoding"], "goes only with `format: csv`; JSON is UTF-8");
            (None, None)
        }
    };
    let last_line_end = match format {
        FileFormat::Csv | FileFormat::JsonLines => reader.optional("lastLineEnd", word(LAST_LINE_ENDS)),
        FileFormat::Json => {
            reader.refuse(&["lastLineEnd"], "goes only with formats of lines");
            None
        }
    };
    let last_line_end_required = last_line_end.unwrap_or(true);
    if format != FileFormat::Json {
        reader.refuse(&["records"], "goes only with `format: json`");
    }
    Some(match format {
        FileFormat::Csv => {
            FeedFormat::Csv(CsvFormat { delimiter: delimiter?, encoding: encoding?, last_line_end_required })
        }
        FileFormat::Json => FeedFormat::Json { records: optional_path(reader, "records")? },
        FileFormat::JsonLines => FeedFormat::JsonLines { last_line_end_required },
    })
}

fn delimiter(field: Field<'_>) -> Option<u8> {
    let text = any_text(field)?;
    match text.as_bytes() {
        [byte] if *byte == b'\t' || (byte.is_ascii_punctuation() && *byte != b'"') => Some(*byte),
        _ => {
            let complaint = Complaint::new(format!("{} is no delimiter", quoted(&text)));
            field.report(complaint.hint("use one sign such as \",\", \";\", \"|\" or \"\\t\""));
            None
        }
    }
}

fn http(reader: &mut Reader<'_>) -> Option<HttpSource> {
    let url = reader.required("url", checked(address));
    let credentials = credentials_in(reader);
    let records = optional_path(reader, "records");
    let paging = if reader.has("paging") { reader.optional("paging", mapping(paging)).map(Some) } else { Some(None) };
    let total = if reader.has("total") { reader.optional("total", mapping(total)).map(Some) } else { Some(None) };
    let visits = visits(reader);
    Some(HttpSource {
        url: url?,
        credentials: credentials?,
        records: records?,
        paging: paging?,
        total: total?,
        visits: visits?,
    })
}

fn scim(reader: &mut Reader<'_>) -> Option<ScimSource> {
    let url = reader.required("url", checked(address));
    let credentials = credentials_in(reader);
    let filter = reader.optional("filter", text);
    let page_size = reader.optional("pageSize", integer(1u32..=1000));
    let visits = visits(reader);
    let url = url?;
    if url.query().is_some() {
        reader.report(Complaint::new("a SCIM service's `url` has no query").hint("say which users with `filter`"));
        return None;
    }
    Some(ScimSource { url, credentials: credentials?, filter, page_size: page_size.unwrap_or(100), visits: visits? })
}

/// The inner `None` is a source without credentials.
fn credentials_in(reader: &mut Reader<'_>) -> Option<Option<Credentials>> {
    if reader.has("auth") { reader.optional("auth", mapping(credentials)).map(Some) } else { Some(None) }
}

fn credentials(reader: &mut Reader<'_>) -> Option<Credentials> {
    let secret = checked(secret_place);
    match reader.exactly_one_of(&["tokenFile", "passwordFile", "keyFile", "clientSecretFile"]) {
        Some("tokenFile") => Some(Credentials::Bearer { token: reader.required("tokenFile", secret)? }),
        Some("passwordFile") => {
            let password = reader.required("passwordFile", secret);
            let user = reader.required("user", checked(basic_user));
            Some(Credentials::Basic { user: user?, password: password? })
        }
        Some("keyFile") => {
            let key = reader.required("keyFile", secret);
            let header = reader.required("header", checked(header_name));
            Some(Credentials::ApiKey { header: header?, key: key? })
        }
        Some(_) => {
            let client_secret = reader.required("clientSecretFile", secret);
            let token_url = reader.required("tokenUrl", checked(address));
            let client_id = reader.required("clientId", text);
            let scope = reader.optional("scope", text);
            let in_form = reader.optional("clientSecretIn", word(SECRET_IN)).unwrap_or(false);
            let (token_url, client_id, client_secret) = (token_url?, client_id?, client_secret?);
            Some(Credentials::ClientCredentials { token_url, client_id, client_secret, scope, in_form })
        }
        None => {
            reader.ignore_the_rest();
            None
        }
    }
}

fn paging(reader: &mut Reader<'_>) -> Option<Paging> {
    match reader.exactly_one_of(&["linkHeader", "next", "cursor", "page", "offset"]) {
        Some("linkHeader") => reader.required("linkHeader", only_true).map(|()| Paging::LinkHeader),
        Some("next") => Some(Paging::Link { next: reader.required("next", checked(path))? }),
        Some("cursor") => {
            let next = reader.required("cursor", checked(path));
            let parameter = reader.required("parameter", text);
            Some(Paging::Cursor { next: next?, parameter: parameter? })
        }
        Some(by @ ("page" | "offset")) => {
            let parameter = reader.required(by, text);
            let first = if reader.has("first") {
                reader.optional("first", integer(0u32..=1))?
            } else {
                u32::from(by == "page")
            };
            let parameter = parameter?;
            Some(if by == "page" { Paging::Number { parameter, first } } else { Paging::Offset { parameter, first } })
        }
        _ => {
            reader.ignore_the_rest();
            None
        }
    }
}

fn total(reader: &mut Reader<'_>) -> Option<Total> {
    match reader.exactly_one_of(&["member", "header"])? {
        "member" => reader.required("member", checked(path)).map(Total::Member),
        _ => reader.required("header", checked(header_name)).map(Total::Header),
    }
}

fn visits(reader: &mut Reader<'_>) -> Option<Visits> {
    let every = if reader.has("every") { reader.optional("every", duration) } else { Some(DEFAULT_EVERY) };
    let timeout = if reader.has("timeout") { reader.optional("timeout", timeout) } else { Some(DEFAULT_TIMEOUT) };
    Some(Visits { every: every?, timeout: timeout? })
}

fn timeout(field: Field<'_>) -> Option<Duration> {
    let asked = duration(field)?;
    let timeout = Duration::try_from(asked).ok().filter(|timeout| !timeout.is_zero() && asked <= LONGEST_TIMEOUT);
    if timeout.is_none() {
        field.report(Complaint::new(format!("`{}` must be more than nothing and at most PT1H", field.key)));
    }
    timeout
}

fn only_true(field: Field<'_>) -> Option<()> {
    if boolean(field)? {
        return Some(());
    }
    field.report(Complaint::new(format!("`{}` can only be true", field.key)).hint("or remove the key"));
    None
}

/// A path, or the whole answer where the key is absent.
fn optional_path(reader: &mut Reader<'_>, key: &'static str) -> Option<MemberPath> {
    if reader.has(key) { reader.optional(key, checked(path)) } else { Some(MemberPath::root()) }
}

fn path(text: &str) -> Result<MemberPath, Complaint> {
    MemberPath::json(text).map_err(|error| Complaint::new(format!("{}: {error}", quoted(text))))
}

/// An address to which secrets may travel. What is wrong with it is said without repeating it: it may hold a password.
fn address(text: &str) -> Result<Url, Complaint> {
    let url: Url = text.parse().map_err(|_| Complaint::new(format!("{} is no address", quoted(text))))?;
    let complaint = if has_credentials(&url) {
        Complaint::new("an address must not hold a user name or a password").hint("name their files under `auth`")
    } else if !is_encrypted(&url) {
        Complaint::new("the address is not https")
            .hint("plain http is for this machine alone: localhost, 127.0.0.1, [::1]")
    } else if url.fragment().is_some() {
        Complaint::new("an address has no part after `#`").hint("remove it")
    } else {
        return Ok(url);
    };
    Err(complaint)
}

fn secret_place(text: &str) -> Result<SecretPlace, Complaint> {
    SecretPlace::new(text).ok_or_else(|| {
        Complaint::new(format!("{} is not the name of a file alone", quoted(text)))
            .hint("secrets of feeds are in the folder feed-secrets beside usherd.yaml")
    })
}

fn header_name(text: &str) -> Result<String, Complaint> {
    let is_token = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
    if is_token { Ok(text.to_owned()) } else { Err(Complaint::new(format!("{} is no header's name", quoted(text)))) }
}

fn basic_user(text: &str) -> Result<String, Complaint> {
    // RFC 7617: the first colon ends the user's name.
    if text.contains(':') { Err(Complaint::new("a user's name has no colon")) } else { Ok(text.to_owned()) }
}
