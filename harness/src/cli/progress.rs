//! The bar on a terminal, and the ear for Ctrl-C.

use indicatif::{ProgressBar, ProgressStyle};
use sockdrill::run::Cancel;

/// A bar on stderr; nothing at all where that is no terminal. Clones are the same bar.
#[derive(Clone)]
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar for so many scenarios.
    pub fn new(total: usize) -> Progress {
        let bar = ProgressBar::new(u64::try_from(total).unwrap_or(u64::MAX));
        if let Ok(style) = ProgressStyle::with_template("{wide_bar:.cyan/dim} {pos}/{len} {msg}") {
            bar.set_style(style.progress_chars("━━─"));
        }
        Progress(bar)
    }

    /// So many are to be done.
    pub fn begin(&self, total: usize) {
        self.0.set_length(u64::try_from(total).unwrap_or(u64::MAX));
    }

    /// One more is done; `red` so far are not as they should be.
    pub fn advance(&self, red: usize) {
        if red > 0 {
            self.0.set_message(format!("{red} not as claimed"));
        }
        self.0.inc(1);
    }

    /// Prints while the bar is out of the way.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// Makes the first Ctrl-C (and SIGTERM) cancel the run, and the second leave at once. Where the
/// system does not let us listen, they end the process as they always do.
pub fn listen(cancel: &Cancel, progress: &Progress, leave: fn()) {
    let (cancel, progress) = (cancel.clone(), progress.clone());
    let heard = ctrlc::set_handler(move || {
        if cancel.is_cancelled() {
            leave();
        }
        cancel.cancel();
        progress.aside(|| eprintln!("\nstopping; once more to leave at once"));
    });
    drop(heard);
}
