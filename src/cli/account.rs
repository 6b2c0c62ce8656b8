//! The account that runs a command; kept with what it decides.

/// The account's name, or its number where nothing names it.
pub(super) fn account() -> String {
    let names = ["SUDO_USER", "USER", "LOGNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
    let id = std::fs::metadata("/proc/self").map(|own| std::os::unix::fs::MetadataExt::uid(&own));
    let by_id = || id.map_or_else(|_| "unknown".to_owned(), |id| format!("uid {id}"));
    names.into_iter().find(|name| !name.is_empty()).unwrap_or_else(by_id)
}
