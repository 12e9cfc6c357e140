//! What sockets really do: a conformance suite and test harness.
//!
//! A scenario file makes a claim about socket behaviour; this crate runs it on real sockets, judges
//! what the system answered, and records it. Most users want the program `sockdrill`; the library is
//! the same stages as functions from value to value:
//!
//! | stage | from | to |
//! |---|---|---|
//! | [`scenario::parse`] | text | [`scenario::Scenario`], as typed, or every mistake with its place |
//! | [`plan::lower`] | a scenario | [`plan::Plan`], with the claims of one platform |
//! | [`run::conduct`] | a plan and a [`run::Backend`] | [`trace::Trace`], the outcome of each step |
//! | [`check::check`] | a plan and a trace | [`verdict::Verdict`] |
//! | [`normalise::record`] | a plan and traces | the text of a record |
//!
//! [`suite`] strings them together over the files of a project; [`net::Net`] is the backend over
//! real sockets, [`run::scripted::Scripted`] one without any. The operations that a scenario may
//! name are in [`op`].
//!
//! ```
//! use sockdrill::net::{Alone, Net, Workshop};
//! use sockdrill::run::{Cancel, Settings, conduct};
//! use sockdrill::verdict::Verdict;
//! use sockdrill::{check, normalise, plan, scenario, sys};
//!
//! let text = r#"
//! title = "A datagram arrives whole, and from its sender"
//! sockets.rx = { kind = "udp4", bind = "loopback:0" }
//! sockets.tx = { kind = "udp4" }
//! step = [
//!   { tx.send_to = { to = "rx", data = "hello" } },
//!   { rx.recv_from = 64, expect = { data = "hello", from = "tx" } },
//! ]
//! "#;
//! let scenario = scenario::parse("udp/whole", text).expect("a good file").remove(0);
//! let plan = plan::lower(scenario, text, &sys::identify());
//!
//! let settings = Settings { timeout_scale: 1.0, cancel: Cancel::default() };
//! let mut workshop = Workshop::default();
//! let trace = conduct(&plan, &mut Net::new(&plan, &mut workshop, &Alone), &settings);
//!
//! assert_eq!(check::check(&plan, &trace), Verdict::Pass);
//! assert!(normalise::record(&plan, &[trace]).ends_with("= \"hello\", from tx\n"));
//! ```

pub mod address;
pub mod capability;
pub mod check;
pub mod errno;
pub mod expect;
pub mod finding;
pub mod flags;
pub mod frame;
pub mod kind;
pub mod net;
pub mod normalise;
pub mod op;
pub mod option;
pub mod outcome;
pub mod payload;
pub mod peer;
pub mod plan;
pub mod platform;
pub mod probe;
pub mod program;
pub mod record;
pub mod reference;
pub mod report;
pub mod run;
pub mod scenario;
pub mod schema;
pub mod source;
pub mod suite;
pub mod survey;
pub mod sys;
pub mod tcp_state;
pub mod trace;
pub mod verdict;
pub mod via;
