//! What commands ask of feeds beside a daemon: how they stand, whether a file would do, and a person's acceptance.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use jiff::Timestamp;

use crate::config::Config;
use crate::domain::ids::sha256_hex;
use crate::engine::documents::read_folder;
use crate::feed::arrival::Arrival;
use crate::feed::check::inspect;
use crate::feed::judge::judge_arrival;
use crate::feed::manifest::Manifest;
use crate::feed::source::{MAX_BYTES, marker};
use crate::feed::status::Kept;
use crate::feed::{FeedBase, Verdict, acceptance, archive, gate, judge, sample};
use crate::store::{Acceptance, FeedState, Store};
use crate::workflow::definition::{Feed, FeedSource};
use crate::workflow::load::{SourceText, load};

pub use crate::feed::check::Inspection;
pub use crate::feed::status::FeedStatus;

/// So many deliveries are told of each feed.
const TOLD: usize = 10;

/// What a file comes to, before it is sent.
#[derive(Debug)]
pub struct Checked {
    /// The feed it was read by.
    pub feed: String,
    /// Whether there is a delivery in force to compare it with.
    pub is_compared: bool,
    /// What is wrong with it.
    pub inspection: Inspection,
    /// What would become of it.
    pub verdict: Verdict,
}

/// A delivery that a person accepted.
#[derive(Debug)]
pub struct Accepted {
    /// The feed.
    pub feed: String,
    /// The delivery's digest.
    pub digest: String,
    /// The rule that refused it, or `acceptedRemovalsWait`.
    pub verdict: String,
}

/// The feeds in force: as the ledger keeps their documents, else as the folder has them.
async fn feeds(config: &Config, store: &dyn Store) -> anyhow::Result<Vec<Feed>> {
    let good = store.good_texts().await?;
    let texts: Vec<SourceText> = if good.is_empty() {
        read_folder(&config.documents)?
    } else {
        good.into_iter().map(|(file, text)| SourceText { file, text }).collect()
    };
    Ok(load(&texts).definitions.feeds)
}

fn archive_of(config: &Config, feed: &Feed) -> PathBuf {
    config.state.join("archive").join(feed.name.as_str())
}

/// The folder whose quarantine holds what was refused.
fn refused_in(config: &Config, feed: &Feed) -> PathBuf {
    match &feed.source {
        FeedSource::Drop(path) => config.folder.join(path),
        _ => archive_of(config, feed),
    }
}

/// How every feed, or the named one, stands.
///
/// # Errors
/// Fails when the ledger or the documents cannot be read, and when there is no such feed.
pub async fn status(config: &Config, name: Option<&str>, now: Timestamp) -> anyhow::Result<Vec<FeedStatus>> {
    let store = super::open_ledger(config).await?;
    let mut feeds = feeds(config, store.as_ref()).await?;
    if let Some(name) = name {
        feeds.retain(|feed| feed.name.as_str() == name);
        anyhow::ensure!(
            !feeds.is_empty(),
            "there is no feed {name} in force; `usherd feed status` shows those there are"
        );
    }
    let mut all = Vec::new();
    for feed in &feeds {
        let state = store.feed_state(&feed.name).await?;
        let deliveries = store.deliveries(&feed.name, TOLD).await?;
        let (archive, refused_in) = (archive_of(config, feed), refused_in(config, feed));
        let (archived, _) = archive::count(&archive);
        let (_, quarantined) = archive::count(&refused_in);
        let kept = Kept { archive, archived, refused_in, quarantined };
        all.push(FeedStatus::of(feed, &state, &deliveries, kept, now));
    }
    Ok(all)
}

/// Keeps that the account `by` accepts the delivery whose digest begins so; the next pass takes it.
///
/// # Errors
/// Fails when no feed's latest delivery is meant, when it cannot be accepted, or when its bytes are gone.
pub async fn accept(
    config: &Config,
    name: Option<&str>,
    digest: &str,
    by: String,
    now: Timestamp,
) -> anyhow::Result<Accepted> {
    let store = super::open_ledger(config).await?;
    let mut known = Vec::new();
    for feed in feeds(config, store.as_ref())
        .await?
        .into_iter()
        .filter(|feed| name.is_none_or(|name| feed.name.as_str() == name))
    {
        let state = store.feed_state(&feed.name).await?;
        let has_seen =
            store.deliveries(&feed.name, TOLD).await?.iter().any(|delivery| acceptance::is_meant(digest, delivery));
        if has_seen {
            known.push((feed, state));
        }
    }
    let [(feed, state)] = known.as_slice() else {
        if known.is_empty() {
            bail!(
                "no feed has had a delivery whose digest begins with {digest}; `usherd feed status` shows the latest (give six digits or more)"
            );
        }
        bail!("more than one feed has had a delivery whose digest begins with {digest}; name one with --feed");
    };
    let delivery = acceptance::acceptable(feed, state, digest)?;
    let folders = [refused_in(config, feed), archive_of(config, feed)];
    let is_refused = state.last_refused.is_some();
    if is_refused && !folders.iter().any(|folder| archive::find_refused(folder, &delivery.digest).is_some()) {
        bail!(
            "the bytes of {digest} are no longer in the quarantine of {}; deliver the file again",
            folders[0].display()
        );
    }
    let accepted = Acceptance { digest: delivery.digest.clone(), feed_hash: delivery.feed_hash.clone(), by, at: now };
    store.accept_delivery(&feed.name, &accepted).await?;
    Ok(Accepted { feed: feed.name.to_string(), digest: accepted.digest, verdict: delivery.verdict.clone() })
}

/// By which document a file is checked.
#[derive(Debug)]
pub enum CheckBy<'c> {
    /// One in the documents folder, against what the ledger knows.
    Config {
        /// The configuration.
        config: &'c Config,
        /// The feed; not needed where there is one only.
        feed: Option<&'c str>,
    },
    /// A document alone: there is nothing to compare with.
    Document(&'c Path),
}

/// Says what is wrong with a file and what would become of it; writes nothing.
///
/// # Errors
/// Fails when the file, the documents or the ledger cannot be read, and when it is not clear which feed is meant.
pub async fn check(file: &Path, by: CheckBy<'_>, real_now: Timestamp, now: Timestamp) -> anyhow::Result<Checked> {
    let (feed, state) = match by {
        CheckBy::Document(path) => (document(path)?, FeedState::default()),
        CheckBy::Config { config, feed } => {
            let feed = feed_in_folder(config, feed)?;
            let store = super::open_ledger(config).await?;
            let state = store.feed_state(&feed.name).await?;
            (feed, state)
        }
    };
    let (bytes, modified) = read(file)?;
    let manifest = match std::fs::read_to_string(marker(file)) {
        Ok(text) => Some(Manifest::parse(&text)),
        Err(_) => None,
    };
    let digest = sha256_hex(&bytes);
    let arrival = Arrival::new(manifest, modified, real_now, now);
    // How many users the directory has is not known here.
    let base = FeedBase { joined_users: 0 };
    let verdict = if gate::is_in_force(&digest, &feed.hash, &state) {
        Verdict::Unchanged
    } else {
        judge_arrival((&bytes, &digest, &arrival), &feed, &state, base, now).verdict
    };
    Ok(Checked {
        feed: feed.name.to_string(),
        is_compared: !state.accepted.is_empty(),
        inspection: inspect(&bytes, &feed),
        verdict,
    })
}

/// A proposed document for files like this one.
///
/// # Errors
/// Fails when the file cannot be read or is no CSV.
pub fn propose(file: &Path) -> anyhow::Result<String> {
    let (bytes, _) = read(file)?;
    sample::sample(&bytes, &file.display().to_string()).map_err(|error| anyhow::anyhow!(judge::sentence(&error)))
}

fn read(file: &Path) -> anyhow::Result<(Vec<u8>, Timestamp)> {
    let failed = || format!("reading {} failed", file.display());
    let metadata = std::fs::metadata(file).with_context(failed)?;
    anyhow::ensure!(metadata.is_file(), "{} is no file", file.display());
    anyhow::ensure!(metadata.len() <= MAX_BYTES, "{} has more than {MAX_BYTES} bytes", file.display());
    let modified = metadata.modified().ok().and_then(|modified| Timestamp::try_from(modified).ok());
    Ok((std::fs::read(file).with_context(failed)?, modified.unwrap_or(Timestamp::UNIX_EPOCH)))
}

fn document(path: &Path) -> anyhow::Result<Feed> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {} failed", path.display()))?;
    let loaded = load(&[SourceText { file: path.display().to_string(), text }]);
    if let Some(problem) = loaded.problems.first() {
        bail!("{problem}; `usherd validate {}` shows every mistake", path.display());
    }
    let Some(feed) = loaded.definitions.feeds.into_iter().next() else {
        bail!("{} is no `kind: Feed`", path.display())
    };
    Ok(feed)
}

fn feed_in_folder(config: &Config, name: Option<&str>) -> anyhow::Result<Feed> {
    let loaded = load(&read_folder(&config.documents)?);
    let mut feeds = loaded.definitions.feeds;
    let names: Vec<String> = feeds.iter().map(|feed| feed.name.to_string()).collect();
    if let Some(name) = name {
        feeds.retain(|feed| feed.name.as_str() == name);
    }
    match (feeds.pop(), feeds.is_empty(), name) {
        (Some(feed), true, _) => Ok(feed),
        (Some(_), false, _) => bail!("there is more than one feed ({}); name one with --feed", names.join(", ")),
        (None, _, Some(name)) => {
            bail!("there is no good feed {name} in {}; `usherd validate` shows mistakes", config.documents.display())
        }
        (None, _, None) => {
            bail!("there is no good feed in {}; `usherd validate` shows mistakes", config.documents.display())
        }
    }
}
