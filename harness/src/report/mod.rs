//! What people and programs read: one file a format.
//!
//! Pure: values in, text out. Never opens a file or a socket, never prints. Human text has ANSI
//! colours; who prints it takes them out where they do not belong ([`plain`]).

pub mod diff;
pub mod differences;
pub mod human;
pub mod json;
pub mod junit;
pub mod matrix;
pub mod pages;
pub mod probe;
pub mod problems;
mod style;

pub use style::{heading, label};

use std::time::Duration;

use crate::finding::Finding;
use crate::platform::Platform;
use crate::suite::BadFile;
use crate::verdict::Verdict;

/// A whole run, for the reports that tell of it in one document.
pub struct Run<'r> {
    /// Where it ran.
    pub platform: &'r Platform,
    /// What came of each case, sorted by id.
    pub findings: &'r [Finding],
    /// The files with mistakes, of which nothing was run.
    pub bad_files: &'r [BadFile],
    /// The ids of what was not run because the run was stopped.
    pub not_run: &'r [String],
    /// How long it took.
    pub elapsed: Duration,
}

/// How many cases came to each verdict.
#[derive(Clone, Debug, Default)]
pub struct Tally([usize; Verdict::ALL.len()]);

impl Tally {
    /// Counts one.
    pub fn add(&mut self, verdict: Verdict) {
        let slots = Verdict::ALL.iter().zip(&mut self.0);
        slots.filter(|(known, _)| **known == verdict).for_each(|(_, count)| *count += 1);
    }

    /// Every verdict that there is, with its count, in the order of a summary.
    pub fn counts(&self) -> impl Iterator<Item = (Verdict, usize)> {
        Verdict::ALL.into_iter().zip(self.0).filter(|(_, count)| *count > 0)
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }

    /// How many somebody has to act on.
    pub fn red(&self) -> usize {
        self.counts().filter(|(verdict, _)| verdict.is_red()).map(|(_, count)| count).sum()
    }
}

/// `text` without colours.
pub fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}
