//! The parts of the reference that no table says.

/// What comes before the kinds.
pub(super) const INTRODUCTION: &str = "\
# The language of the documents

<!-- Generated from src/workflow/language by `usherd schema --output markdown`. A test holds this file to it. -->

A document is a YAML file in the documents folder (`*.yaml`, `*.yml`; folders in it are not read), one document a file. `usherd validate` reports every
problem of every file, with file, line, column, the line itself and, for a near miss, a suggestion. An editor that speaks `yaml-language-server` completes
keys and explains them when a file begins with this line, `schema.json` being what `usherd schema` prints (a person test in `tests` names `../schema.json`):

```yaml
# yaml-language-server: $schema=schema.json
```

- Unknown keys, keys given twice, values of another type, anchors, aliases, merge keys, tags and a second document in one file are errors. Two YAML parsers
  must read the file alike. A file may have 1 MiB.
- Nothing is guessed from a value's look: `08:00`, `no` and `00123` are text. What YAML takes for a number (`1.0`), a truth value or nothing (`~`) is put in
  quotes where text is meant.
- A file with an error changes nothing: its last good text stays in force, also over a restart. A file without one is in force when it is saved.
- A document that is renamed says its former names in `formerly`, and goes on with what it did under them. One that is deleted takes nothing away: what it
  granted stays until somebody retires it (`usherd document retire`).
- Packages, policies and groups are named by display name or id; a name is pinned to the id it stood for first.
";

/// The grammar of rules, and what follows from it.
pub(super) const RULES: &str = "\
## Rules

The grammar is that of Lifecycle Workflows' `ruleBasedSubjectSet`; a rule pasted from the portal works. Everything is case-sensitive.

| Condition | Holds |
|---|---|
| `department eq 'Sales'` | the attribute is exactly this; `'` in a text is written `''` |
| `department ne 'Sales'` | it is something else, or empty |
| `country in ('NL', 'BE')` | it is one of these |
| `startsWith(jobTitle, 'Senior')` | it begins so |
| `mail eq null`, `mail ne null` | it is empty, it is not |
| `accountEnabled eq true` | truth values are written without quotes |
| `otherMails/any(p:startsWith(p, 'info@'))` | at least one element of the list fulfils what stands after the `:` |
| `assignedPlans/any(a:a/service eq 'exchange' and a/capabilityStatus eq 'Enabled')` | one element fulfils all of it |

Conditions are joined by `and`, `or` and `not (…)` (also `and not …`, `or not …`); `not` binds tighter than `and`, `and` tighter than `or`, and parentheses
say otherwise. A rule may have 8 KiB and 64 levels.

A list is asked with `any(…)` alone: `p` (any name will do) stands for one element after the other, and is all that is known inside. Of a text list the
element itself is compared, of `assignedPlans` its `capabilityStatus`, `service` or `servicePlanId`. An empty list has no element that fulfils anything:
`not otherMails/any(p:p ne null)` holds for those who have none.

An attribute that was read and is empty is a value: `eq null` and `ne 'x'` hold for it. An attribute that was not read makes a condition unknown, and an
unknown rule neither adds nor removes.
";

/// What comes before the table of warnings.
pub(super) const WARNINGS: &str = "\
## Warnings

An **error** is a mistake in a file, or a name that two documents share: the file is not in force, and `usherd validate` exits with 1. A **warning** says that
documents which can be followed to the letter are probably not what was meant: it never keeps a document out of force. `usherd validate` shows warnings
(and exits with 1 for them if `--deny-warnings` says so); the daemon logs each once, as `documents.warning`, as far as it needs no tenant to tell.
What only the tenant can tell is looked for when `usherd validate` is given a configuration (`--config`, `--sandbox`); else it says that it was not checked.
";
