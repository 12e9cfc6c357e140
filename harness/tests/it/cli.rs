//! The command line as a user meets it: each test makes a small project, runs the program in it,
//! and looks at all that it printed.

mod commands;
mod comparison;
mod exit_codes;
mod output;
mod peer;
mod stop;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

/// Scenarios by what comes of them on loopback, on every platform.
pub const PASS: &str = r#"title = "A datagram arrives whole"
see = ["POSIX recvfrom()"]
sockets.rx = { kind = "udp4", bind = "loopback:0" }
sockets.tx = { kind = "udp4" }
step = [
  { tx.send_to = { to = "rx", data = "hello" } },
  { rx.recv_from = 64, expect = { data = "hello", from = "tx" } },
]
"#;

/// Its claim is wrong.
pub const FAIL: &str = r#"title = "Two datagrams are received as one"
sockets.rx = { kind = "udp4", bind = "loopback:0" }
sockets.tx = { kind = "udp4" }

[[step]]
tx.send_to = { to = "rx", data = "one" }

[[step]]
tx.send_to = { to = "rx", data = "two" }

[[step]]
rx.recv_from = 64
expect = { data = "onetwo", from = "tx" }
why = "A stream has no boundaries, so why should a datagram socket have any? Because each send is a message of its own."

[[step]]
rx.recv_from = 64
"#;

/// The same, with the deviation listed for every platform there is.
pub const KNOWN: &str = r#"title = "Two datagrams are received as one"
sockets.rx = { kind = "udp4", bind = "loopback:0" }
sockets.tx = { kind = "udp4" }

[[step]]
tx.send_to = { to = "rx", data = "one" }

[[step]]
rx.recv_from = 64
expect = { data = "onetwo" }
known.default = { reason = "datagrams are never joined", link = "https://example.org/1" }
"#;

/// A deviation is listed, and the claim holds.
pub const FIXED: &str = r#"title = "A datagram arrives"
sockets.rx = { kind = "udp4", bind = "loopback:0" }
sockets.tx = { kind = "udp4" }

[[step]]
tx.send_to = { to = "rx", data = "one" }

[[step]]
rx.recv_from = 64
expect = { data = "one" }
known.default = { reason = "it was lost", link = "https://example.org/2" }
"#;

/// Nothing is claimed.
pub const INFO: &str = r#"title = "What a datagram says"
level = "info"
sockets.rx = { kind = "udp4", bind = "loopback:0" }
sockets.tx = { kind = "udp4" }
step = [
  { tx.send_to = { to = "rx", data = "one" } },
  { rx.recv_from = 64, expect = { data = "one" } },
]
"#;

/// No machine has what it needs.
pub const SKIP: &str = r#"title = "Nobody can run this"
needs = ["sysctl no.such.setting=1"]
sockets.rx = { kind = "udp4" }
step = [ { rx.close = {} } ]
"#;

/// Its own limit runs out before the wait does.
pub const BROKEN: &str = r#"title = "Nothing comes"
limit = "20ms"
sockets.rx = { kind = "udp4", bind = "loopback:0" }
step = [ { rx.recv_from = { max = 64, within = "20s" } } ]
"#;

/// Waits until it is stopped.
pub const WAITS: &str = r#"title = "Nothing comes for long"
limit = "60s"
sockets.rx = { kind = "udp4", bind = "loopback:0" }
step = [ { rx.recv_from = { max = 64, within = "50s" } } ]
"#;

/// Two mistakes.
pub const BAD: &str = r#"title = "A claim"
sockets.rx = { kind = "udp4" }
step = [ { ry.recv = 64 }, { rz.recv = 64 } ]
"#;

/// A matrix of two cells.
pub const MATRIX: &str = r#"title = "A datagram arrives whole, whatever its size"
matrix.size = [1, 512]
sockets.rx = { kind = "udp4", bind = "loopback:0" }
sockets.tx = { kind = "udp4" }
step = [
  { tx.send_to = { to = "rx", fill = "$size" } },
  { rx.recv_from = 1024, expect = { len = "$size", from = "tx" } },
]
"#;

/// A project in a folder of its own.
pub struct Project {
    folder: TempDir,
}

impl Project {
    /// A project with these scenarios, by id.
    pub fn new(scenarios: &[(&str, &str)]) -> Project {
        let project = Project { folder: tempfile::tempdir().expect("a temporary folder") };
        fs::create_dir(project.path("scenarios")).expect("a folder");
        for (id, text) in scenarios {
            project.write(&format!("scenarios/{id}.toml"), text);
        }
        project
    }

    /// Where a file of the project is.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Writes a file of the project.
    pub fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// What stands in a file of the project.
    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// The program, about to be run in the project, as from a shell.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.current_dir(self.folder.path()).args(arguments);
        for variable in SET_ELSEWHERE {
            command.env_remove(variable);
        }
        command
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.ran(&self.command(arguments).output().expect("the program runs"))
    }

    /// What it printed, without what differs from machine to machine.
    pub fn ran(&self, output: &Output) -> Ran {
        let text = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
            let folder = self.folder.path().to_string_lossy().into_owned();
            text.replace(&*program().to_string_lossy(), "sockdrill").replace(&folder, "[project]")
        };
        let code = output.status.code();
        Ran { code, stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}

/// Variables that change what is printed or written, and that cargo, CI or a developer may have set.
const SET_ELSEWHERE: [&str; 9] = [
    "CARGO",
    "CI",
    "TF_BUILD",
    "INSTA_UPDATE",
    "INSTA_PENDING_DIR",
    "NO_COLOR",
    "CLICOLOR_FORCE",
    "SOCKDRILL_TIMEOUT_SCALE",
    "COLUMNS",
];

/// The program under test.
pub fn program() -> PathBuf {
    Path::new(&cargo_bin!("sockdrill")).to_owned()
}

/// The folder of this platform's records in a project.
pub fn records() -> String {
    format!("snapshots/{}", sockdrill::sys::identify().name())
}

/// What came of a run.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let code = self.code.map_or("none".to_owned(), |code| code.to_string());
        write!(f, "{}----- stderr\n{}----- exit code {code}", self.stdout, self.stderr)
    }
}

/// Compares all that was printed. How long a run took is the one thing that always differs.
macro_rules! check {
    ($ran:expr $(, @$expected:literal)?) => {
        insta::with_settings!({ filters => vec![(r"in \d+\.\d\d s", "in [TIME]")] }, {
            insta::assert_snapshot!($ran.to_string() $(, @$expected)?);
        });
    };
}
pub(crate) use check;
