//! Watching folders: a change brings the next pass forward and carries no data; the scan in the pass is the truth.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use notify::event::{EventKind, ModifyKind};
use notify::{PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;
use tracing::warn;

use super::event::{Event, chain};
use super::network_mount::is_shared;

/// How often a folder is looked at whose changes raise no event.
const POLL_EVERY: Duration = Duration::from_secs(10);
/// What is mounted where.
const MOUNTS: &str = "/proc/self/mountinfo";

/// The file that a command touches in the state folder to bring the next pass forward.
pub const WAKE_FILE: &str = "wake";

/// Brings the next pass forward.
pub type Wake = Arc<Notify>;

/// Watches folders and wakes the driver. Folders on network file systems, and those the kernel has no watch left for, are looked at every
/// ten seconds as well; a folder that neither can watch is left to the schedule.
pub struct FolderWatcher {
    watcher: Option<RecommendedWatcher>,
    poller: Option<PollWatcher>,
    watched: Arc<Mutex<BTreeSet<PathBuf>>>,
    state_folder: PathBuf,
    mounts: String,
}

impl FolderWatcher {
    /// A watcher that wakes `wake`; of the state folder only the wake file counts.
    pub fn new(wake: Wake, state_folder: PathBuf) -> Self {
        // Where there is no such file, nothing is known of mounts.
        let mounts = std::fs::read_to_string(MOUNTS).unwrap_or_default();
        Self::with(wake, state_folder, mounts, POLL_EVERY)
    }

    fn with(wake: Wake, state_folder: PathBuf, mounts: String, poll_every: Duration) -> Self {
        let watched = Arc::new(Mutex::new(BTreeSet::new()));
        let handler = || {
            let (wake, forget, state) = (wake.clone(), Arc::clone(&watched), state_folder.clone());
            move |event: notify::Result<notify::Event>| match event {
                Ok(event) => {
                    if matches!(event.kind, EventKind::Remove(_)) {
                        // A folder that is made anew is not watched any more, and nothing says so.
                        let mut watched = forget.lock().unwrap_or_else(PoisonError::into_inner);
                        event.paths.iter().for_each(|path| {
                            watched.remove(path);
                        });
                    }
                    if is_change(&event, &state) {
                        wake.notify_one();
                    }
                }
                Err(_) => wake.notify_one(),
            }
        };
        let polls = notify::Config::default().with_poll_interval(poll_every);
        let poller = PollWatcher::new(handler(), polls).inspect_err(unwatched).ok();
        let watcher = notify::recommended_watcher(handler()).inspect_err(unwatched).ok();
        Self { watcher, poller, watched, state_folder, mounts }
    }

    /// Watches these folders, and the state folder, from now on; those already watched stay so. Says whether one is new.
    pub fn watch(&mut self, folders: impl IntoIterator<Item = PathBuf>) -> bool {
        let unwatched: Vec<PathBuf> = {
            let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
            let wanted = folders.into_iter().chain([self.state_folder.clone()]);
            wanted.filter(|folder| !watched.contains(folder) && folder.exists()).collect()
        };
        let mut has_news = false;
        for folder in unwatched {
            if self.watch_by_events(&folder) | self.watch_by_polling(&folder) {
                has_news |= self.watched.lock().unwrap_or_else(PoisonError::into_inner).insert(folder);
            }
        }
        has_news
    }

    fn watch_by_events(&mut self, folder: &Path) -> bool {
        let watcher = self.watcher.as_mut();
        watcher.is_some_and(|watcher| watcher.watch(folder, RecursiveMode::NonRecursive).is_ok())
    }

    fn watch_by_polling(&mut self, folder: &Path) -> bool {
        let place = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let is_needed = self.watcher.is_none() || is_shared(&self.mounts, &place);
        let poller = self.poller.as_mut().filter(|_| is_needed);
        poller.is_some_and(|poller| poller.watch(folder, RecursiveMode::NonRecursive).is_ok())
    }
}

fn unwatched(error: &notify::Error) {
    let event = Event::FoldersUnwatched.name();
    warn!(event, reason = chain(error), "folders cannot be watched; passes come by the schedule");
}

/// Reading a file raises events too; only what changes one counts.
fn is_change(event: &notify::Event, state_folder: &Path) -> bool {
    let is_of_state =
        |path: &PathBuf| path.parent() == Some(state_folder) && path.file_name().is_none_or(|name| name != WAKE_FILE);
    let changes = match event.kind {
        EventKind::Access(notify::event::AccessKind::Close(notify::event::AccessMode::Write)) => true,
        EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_)) => false,
        _ => true,
    };
    changes && (event.paths.is_empty() || !event.paths.iter().all(is_of_state))
}

#[cfg(test)]
mod tests {
    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn a_folder_that_raises_no_events_is_polled() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().canonicalize().unwrap().join("hr");
        std::fs::create_dir(&folder).unwrap();
        let mounts = format!("30 1 0:40 / {} rw - nfs4 nas:/hr rw", folder.display());
        let wake: Wake = Arc::new(Notify::new());
        let state = home.path().join("state");
        let mut watcher = FolderWatcher::with(wake.clone(), state, mounts, Duration::from_millis(20));
        // Without events, only polling can tell.
        watcher.watcher = None;
        assert!(watcher.watch([folder.clone()]));
        assert!(!watcher.watch([folder.clone()]), "it is watched already");
        std::fs::write(folder.join("hr.csv"), "Id\n").unwrap();
        wake.notified().await;
    }
}
