//! Watches files for changes, by their folders: editors and configuration maps replace files instead of writing them.
//! Bursts are one change.

use std::path::PathBuf;
use std::time::Duration;

use notify::{RecursiveMode, Watcher};
use tokio::sync::mpsc;

use crate::gateway::log;

/// Changes that follow each other within this time are one.
const QUIET: Duration = Duration::from_millis(200);

/// Sends a message for each change of one of the files. Without files nothing ever comes.
pub(crate) fn watch(files: Vec<PathBuf>) -> mpsc::Receiver<()> {
    let (changed, receiver) = mpsc::channel(1);
    if files.is_empty() {
        return receiver;
    }
    let (raw, mut events) = mpsc::unbounded_channel();
    let names: Vec<_> = files.iter().filter_map(|file| file.file_name().map(ToOwned::to_owned)).collect();
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        // A configuration map is swapped by a link of another name in the same folder.
        let ours = event.paths.iter().any(|path| {
            path.file_name().is_some_and(|name| {
                names.iter().any(|watched| watched == name) || name.to_string_lossy().starts_with("..")
            })
        });
        if ours && !matches!(event.kind, notify::EventKind::Access(_)) {
            // The gateway has ended.
            let _ended = raw.send(());
        }
    });
    let mut watcher = match watcher {
        Ok(watcher) => watcher,
        Err(error) => {
            log(&format!("files cannot be watched ({error}); send SIGHUP after a change"));
            return receiver;
        }
    };
    for file in &files {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| ".".as_ref());
        if let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive) {
            log(&format!("{} cannot be watched ({error}); send SIGHUP after a change", folder.display()));
        }
    }
    tokio::spawn(async move {
        let _watcher = watcher;
        while events.recv().await.is_some() {
            while let Ok(Some(())) = tokio::time::timeout(QUIET, events.recv()).await {}
            if changed.send(()).await.is_err() {
                return;
            }
        }
    });
    receiver
}
