//! Wakes whoever waits when something in a folder of the state changes. Where the system cannot watch, whoever waits
//! has to look by itself, and is told so.

use std::path::Path;
use std::sync::mpsc::Sender;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

/// Watches as long as it lives.
#[derive(Debug)]
pub(crate) struct Watching {
    _watcher: RecommendedWatcher,
}

/// Sends a message for each change in one of the folders. `None` when they cannot all be watched.
pub(crate) fn watch(folders: &[&Path], changed: Sender<()>) -> Option<Watching> {
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading is no change: it must not wake the one who reads.
        if event.is_ok_and(|event| !matches!(event.kind, EventKind::Access(_))) {
            // Whoever waited has gone.
            let _gone = changed.send(());
        }
    });
    let mut watcher = watcher.ok()?;
    for folder in folders {
        watcher.watch(folder, RecursiveMode::NonRecursive).ok()?;
    }
    Some(Watching { _watcher: watcher })
}
