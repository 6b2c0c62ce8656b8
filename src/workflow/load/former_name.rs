//! `formerly`: a name that a document had before can be nobody's today, and only one document's past.

use std::collections::BTreeMap;

use crate::workflow::problem::{Complaint, Place, quoted};
use crate::workflow::yaml::Value;

use super::Parsed;

/// Reports former names that another document has, or also had. Both files are told, so that neither takes the other's past.
pub(super) fn report_former_names(files: &[Parsed<'_>]) {
    let mut claimed: BTreeMap<&str, Vec<(&Parsed<'_>, &Place)>> = BTreeMap::new();
    for file in files {
        for (name, place) in former_names(file) {
            claimed.entry(name).or_default().push((file, place));
        }
    }
    for (name, uses) in claimed {
        for (index, (file, place)) in uses.iter().enumerate() {
            let other = if index == 0 { uses.get(1) } else { uses.first() };
            if let Some((other, there)) = other {
                let message = format!("{} is also a former name in {}:{}", quoted(name), other.source.file, there.line);
                file.problems.report(place, Complaint::new(message).hint("only one document can go on with its past"));
            }
        }
        let present = files.iter().filter_map(|file| Some((file, file.text("name")?)));
        for (present, (_, there)) in present.filter(|(_, (present, _))| *present == name) {
            for (file, place) in &uses {
                let message = format!("{} is still the name of {}:{}", quoted(name), present.source.file, there.line);
                let hint = "take it out of `formerly` once usherd has moved that document's past";
                file.problems.report(place, Complaint::new(message).hint(hint));
                let message =
                    format!("the name {} is a former name in {}:{}", quoted(name), file.source.file, place.line);
                present.problems.report(there, Complaint::new(message).hint(hint));
            }
        }
    }
}

fn former_names<'p>(file: &'p Parsed<'_>) -> Vec<(&'p str, &'p Place)> {
    let Some(Value::Mapping(entries)) = file.root.as_ref().map(|root| &root.value) else { return Vec::new() };
    let Some(Value::Sequence(items)) =
        entries.iter().find(|entry| entry.key.text == "formerly").map(|entry| &entry.value.value)
    else {
        return Vec::new();
    };
    let name = |item: &'p crate::workflow::yaml::Node| match &item.value {
        Value::Scalar(scalar) => Some((scalar.text.as_str(), &item.place)),
        Value::Sequence(_) | Value::Mapping(_) => None,
    };
    items.iter().filter_map(name).collect()
}
