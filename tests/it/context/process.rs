//! usherd as a process: the real binary, its standard output and error in files.

#![cfg(test)]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use super::wait::until_or;

/// A running usherd; dropping it kills it.
pub(crate) struct Process {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

/// What a process that ended came to.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code; `None` after a signal.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Process {
    /// Starts usherd in `folder`; what it writes is appended to files there.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        let (out, err) = (folder.join("stdout"), folder.join("stderr"));
        let append = |path| File::options().create(true).append(true).open(path).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_usherd"))
            .args(arguments)
            .current_dir(folder)
            .env_remove("USHERD_CONFIG")
            .stdin(Stdio::null())
            .stdout(append(&out))
            .stderr(append(&err))
            .spawn()
            .unwrap();
        Self { child, out, err }
    }

    /// Runs usherd in `folder` to its end.
    pub(crate) async fn run(folder: &Path, arguments: &[&str]) -> Ended {
        for file in ["stdout", "stderr"] {
            File::create(folder.join(file)).unwrap();
        }
        let mut process = Self::start(folder, arguments);
        let status = process.ended(&format!("usherd {} ends", arguments.join(" "))).await;
        Ended { code: status.code(), out: read(&process.out), err: read(&process.err) }
    }

    /// Its log so far, that of earlier processes in the same folder included.
    pub(crate) fn log(&self) -> String {
        read(&self.err)
    }

    /// Returns once the log has all these words in one line.
    pub(crate) async fn logs(&self, words: &[&str]) {
        let has_line = || self.log().lines().any(|line| words.iter().all(|word| line.contains(word)));
        until_or(&format!("the log says {words:?}"), async || has_line(), || self.log()).await;
    }

    /// SIGKILL: it has no chance to finish anything.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends SIGTERM.
    pub(crate) fn ask_to_stop(&self) {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// SIGTERM; returns the exit code.
    pub(crate) async fn terminate(mut self) -> Option<i32> {
        self.ask_to_stop();
        self.ended("the daemon stops").await.code()
    }

    async fn ended(&mut self, what: &str) -> ExitStatus {
        let mut status = None;
        let (child, err) = (&mut self.child, &self.err);
        let has_ended = async || {
            status = child.try_wait().unwrap();
            status.is_some()
        };
        until_or(what, has_ended, || read(err)).await;
        status.unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}
