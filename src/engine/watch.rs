//! Watching folders: a change brings the next pass forward and carries no data; the scan in the pass is the truth.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use notify::event::{EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;
use tracing::warn;

use super::event::{Event, chain};

/// The file that a command touches in the state folder to bring the next pass forward.
pub const WAKE_FILE: &str = "wake";

/// Brings the next pass forward.
pub type Wake = Arc<Notify>;

/// Watches folders and wakes the driver. A folder that cannot be watched is left to the schedule.
pub struct FolderWatcher {
    watcher: Option<RecommendedWatcher>,
    watched: Arc<Mutex<BTreeSet<PathBuf>>>,
    state_folder: PathBuf,
}

impl FolderWatcher {
    /// A watcher that wakes `wake`; of the state folder only the wake file counts.
    pub fn new(wake: Wake, state_folder: PathBuf) -> Self {
        let watched = Arc::new(Mutex::new(BTreeSet::new()));
        let (forget, state) = (Arc::clone(&watched), state_folder.clone());
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| match event {
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
        });
        let watcher = watcher
            .inspect_err(|error| {
                let event = Event::FoldersUnwatched.name();
                warn!(event, reason = chain(error), "folders cannot be watched; passes come by the schedule");
            })
            .ok();
        Self { watcher, watched, state_folder }
    }

    /// Watches these folders, and the state folder, from now on; those already watched stay so. Says whether one is new.
    pub fn watch(&mut self, folders: impl IntoIterator<Item = PathBuf>) -> bool {
        let Some(watcher) = &mut self.watcher else { return false };
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let before = watched.len();
        for folder in folders.into_iter().chain([self.state_folder.clone()]) {
            if !watched.contains(&folder) && watcher.watch(&folder, RecursiveMode::NonRecursive).is_ok() {
                watched.insert(folder);
            }
        }
        watched.len() > before
    }
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
