//! Nothing: a package has to have a target besides its tests. The scenarios are files, and
//! `tests/scenarios.rs` makes a test of each.
