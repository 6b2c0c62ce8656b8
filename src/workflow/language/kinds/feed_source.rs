//! `source` of `kind: Feed`.

use crate::workflow::language::forms::{ADDRESS, DELIMITER, DURATION, SECRET_FILE};
use crate::workflow::language::{Case, Choice, Key, Mapping, Shape, Word};

use super::TEXT;

pub(super) const SOURCE: Mapping = Mapping {
    name: "Source",
    about: "Where a feed's records lie, one of `file`, `drop`, `http` and `scim`, and for files how they are written.",
    keys: &[],
    choice: Choice::OneKey(&[
        Case { key: FILE, beside: CSV },
        Case { key: FILE, beside: JSON },
        Case { key: FILE, beside: JSON_LINES },
        Case { key: DROP, beside: CSV },
        Case { key: DROP, beside: JSON },
        Case { key: DROP, beside: JSON_LINES },
        Case {
            key: Key::required("http", Shape::Mapping(&HTTP), "A list that a service answers in JSON, page by page."),
            beside: &[],
        },
        Case { key: Key::required("scim", Shape::Mapping(&SCIM), "The users of a SCIM 2.0 service."), beside: &[] },
    ]),
};

const FILE: Key =
    Key::required("file", TEXT, "A file that is watched in place. Relative paths begin at the folder of usherd.yaml.")
        .such_as(&["feeds/hr.csv"]);
const DROP: Key = Key::required("drop", TEXT, "A folder whose files are consumed, each once it is complete.")
    .such_as(&["/var/lib/usherd/feeds/hr"]);

const CSV: &[Key] = &[
    Key::required(
        "format",
        Shape::Word(&[Word { word: "csv", about: "Separated values with a header." }]),
        "Separated values with a header.",
    ),
    Key::required("delimiter", Shape::Text(&DELIMITER), "What stands between the columns."),
    Key::required(
        "encoding",
        Shape::Word(&[
            Word { word: "utf-8", about: "UTF-8, with or without a byte order mark." },
            Word { word: "utf-16", about: "UTF-16, little-endian unless a byte order mark says otherwise." },
            Word { word: "windows-1252", about: "Windows-1252." },
        ]),
        "The encoding; what it cannot decode is an error.",
    ),
    LAST_LINE_END,
];

const JSON: &[Key] = &[
    Key::required(
        "format",
        Shape::Word(&[Word { word: "json", about: "One JSON document." }]),
        "One JSON document with a list of records.",
    ),
    Key::optional(
        "records",
        TEXT,
        "Where the list of records is, as a member's name or a JSON Pointer; without it the document is the list.",
    )
    .such_as(&["/data/employees"]),
];

const JSON_LINES: &[Key] = &[
    Key::required(
        "format",
        Shape::Word(&[Word { word: "jsonl", about: "A JSON object a line." }]),
        "A record a line, each a JSON object.",
    ),
    LAST_LINE_END,
];

const LAST_LINE_END: Key = Key::or(
    "lastLineEnd",
    "required",
    Shape::Word(&[
        Word { word: "required", about: "A file whose last line does not end is not whole." },
        Word { word: "optional", about: "The last line may end with the file." },
    ]),
    "Whether the last line must end with a line end.",
);

const HTTP: Mapping = Mapping {
    name: "HTTP source",
    about: "A list that a service answers in JSON. It counts only once its last page was read and its count agrees.",
    keys: &[&[
        Key::required("url", Shape::Text(&ADDRESS), "The address of the first page, with what it asks for in its query.")
            .such_as(&["https://hr.example.com/api/employees?limit=500"]),
        AUTH,
        Key::optional(
            "records",
            TEXT,
            "Where in a page the list of records is, as a member's name or a JSON Pointer; without it the page is the list.",
        )
        .such_as(&["/data"]),
        Key::optional(
            "paging",
            Shape::Mapping(&PAGING),
            "How the next page is found; without it one answer holds everybody.",
        ),
        Key::optional("total", Shape::Mapping(&TOTAL), "Where a page says how many records there are in all."),
        EVERY,
        TIMEOUT,
    ]],
    choice: Choice::Free,
};

const SCIM: Mapping = Mapping {
    name: "SCIM source",
    about: "The users of a SCIM 2.0 service. They count only once all that the service says it has were read.",
    keys: &[&[
        Key::required("url", Shape::Text(&ADDRESS), "The service's base address, below which `/Users` is.")
            .such_as(&["https://idp.example.com/scim/v2"]),
        AUTH,
        Key::optional("filter", TEXT, "Which users, as a SCIM filter; without it all.")
            .such_as(&["userType eq \"Employee\""]),
        Key::or("pageSize", "100", Shape::Integer { least: 1, most: 1000 }, "How many users a page is to hold."),
        EVERY,
        TIMEOUT,
    ]],
    choice: Choice::Free,
};

const AUTH: Key = Key::optional("auth", Shape::Mapping(&CREDENTIALS), "What the service is shown; nothing without it.");
const EVERY: Key =
    Key::or("every", "PT15M", Shape::Text(&DURATION), "The least time between two deliveries; a pass asks.")
        .such_as(&["PT15M", "PT4H"]);
const TIMEOUT: Key = Key::or(
    "timeout",
    "PT2M",
    Shape::Text(&DURATION),
    "The longest that a whole delivery may take, up to PT1H; the pass waits for it.",
)
.such_as(&["PT2M", "PT10M"]);

const CREDENTIALS: Mapping = Mapping {
    name: "Credentials",
    about: "What a service is shown: one secret, from a file.",
    keys: &[],
    choice: Choice::OneKey(&[
        Case {
            key: Key::required("tokenFile", Shape::Text(&SECRET_FILE), "A token, shown as `Authorization: Bearer`."),
            beside: &[],
        },
        Case {
            key: Key::required(
                "passwordFile",
                Shape::Text(&SECRET_FILE),
                "A password, shown with `user` as `Authorization: Basic`.",
            ),
            beside: &[Key::required("user", TEXT, "The user's name.").such_as(&["usherd"])],
        },
        Case {
            key: Key::required("keyFile", Shape::Text(&SECRET_FILE), "A key, shown in `header`."),
            beside: &[Key::required("header", TEXT, "The header's name.").such_as(&["X-Api-Key"])],
        },
        Case {
            key: Key::required(
                "clientSecretFile",
                Shape::Text(&SECRET_FILE),
                "A client secret, for which `tokenUrl` gives a token (OAuth 2.0 client credentials).",
            ),
            beside: &[
                Key::required("tokenUrl", Shape::Text(&ADDRESS), "Where tokens are given.")
                    .such_as(&["https://login.example.com/oauth2/token"]),
                Key::required("clientId", TEXT, "The client's id.").such_as(&["usherd"]),
                Key::optional("scope", TEXT, "What the token is for.").such_as(&["employees.read"]),
                Key::or(
                    "clientSecretIn",
                    "header",
                    Shape::Word(&[
                        Word { word: "header", about: "In `Authorization: Basic`, as RFC 6749 prefers it." },
                        Word { word: "form", about: "In the form, as `client_id` and `client_secret`." },
                    ]),
                    "Where id and secret go.",
                ),
            ],
        },
    ]),
};

const PAGING: Mapping = Mapping {
    name: "Paging",
    about: "How the next page of a list is found.",
    keys: &[],
    choice: Choice::OneKey(&[
        Case {
            key: Key::required("linkHeader", Shape::True, "By the answer's `Link` header with `rel=\"next\"`."),
            beside: &[],
        },
        Case {
            key: Key::required(
                "next",
                TEXT,
                "Where in a page the next one's address is; absent, null or empty on the last. It must be on the same host.",
            )
            .such_as(&["/links/next"]),
            beside: &[],
        },
        Case {
            key: Key::required("cursor", TEXT, "Where in a page the cursor is; absent, null or empty on the last.")
                .such_as(&["/meta/nextCursor"]),
            beside: &[Key::required("parameter", TEXT, "The query parameter that repeats it.").such_as(&["cursor"])],
        },
        Case {
            key: Key::required("page", TEXT, "The query parameter for the page's number; a page without records ends it.")
                .such_as(&["page"]),
            beside: &[Key::or("first", "1", Shape::Integer { least: 0, most: 1 }, "The first page's number.")],
        },
        Case {
            key: Key::required(
                "offset",
                TEXT,
                "The query parameter for how many records came before; a page without records ends it.",
            )
            .such_as(&["offset"]),
            beside: &[Key::or("first", "0", Shape::Integer { least: 0, most: 1 }, "The first record's number.")],
        },
    ]),
};

const TOTAL: Mapping = Mapping {
    name: "Total",
    about: "Where a page says how many records there are in all.",
    keys: &[],
    choice: Choice::OneKey(&[
        Case {
            key: Key::required("member", TEXT, "A member's name or a JSON Pointer.").such_as(&["/meta/total"]),
            beside: &[],
        },
        Case { key: Key::required("header", TEXT, "A header of the answer.").such_as(&["X-Total-Count"]), beside: &[] },
    ]),
};
