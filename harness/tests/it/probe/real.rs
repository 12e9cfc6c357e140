//! Programs that nobody here wrote, each started by the probe; where one is not installed, its test
//! says so and does nothing.

use std::path::Path;
use std::process::Command;

use super::{PATIENT, plans_of, probe_within, text};

/// Whether there is a program of that name; says so where not.
fn is_installed(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        eprintln!("skipped: {program} is not installed");
    }
    found
}

/// Fails unless every plan passes but those of `skipped`, and nothing is left behind.
fn check(command: &str, more: &[&str], skipped: usize) {
    let output = probe_within(PATIENT, &[&["--exec", command], more].concat());
    let (told, notes) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{told}{notes}");
    assert_eq!(plans_of(&output, "skip").len(), skipped, "{told}{notes}");
    let others = plans_of(&output, "pass").len() + plans_of(&output, "info").len();
    assert_eq!(others + skipped, 21, "{told}{notes}");
}

const REDIS: &str = "redis-server --port {port} --bind 127.0.0.1 --save '' --appendonly no";

#[test]
fn redis_takes_inline_commands() {
    if is_installed("redis-server") {
        let ping = ["--send", "PING\r", "--expect", "+PONG\r", "--framing", "line"];
        check(REDIS, &ping, 1);
    }
}

#[test]
fn redis_takes_its_own_protocol() {
    if is_installed("redis-server") {
        let echo = "*2\\r\\n$4\\r\\nECHO\\r\\n$5\\r\\nhello\\r\\n";
        let ping = "*1\\r\\n$4\\r\\nPING\\r\\n";
        check(REDIS, &["--send", ping, "--send", echo], 3);
    }
}

#[test]
fn memcached_takes_its_text_protocol() {
    if is_installed("memcached") {
        // What it says of its version is learned.
        let set = "set k 0 0 5\\r\\nhello\\r\\n";
        let messages = ["--send", set, "--send", "get k\\r\\n"];
        let run = "memcached -l 127.0.0.1 -U 0 -u nobody -p {port}";
        check(run, &messages, 3);
    }
}

#[test]
fn python_serves_http() {
    if is_installed("python3") {
        let head =
            ["--send", "HEAD / HTTP/1.0\\r\\n\\r\\n", "--expect-prefix", "HTTP/1.0 200 OK\\r\\n"];
        check("python3 -m http.server --bind 127.0.0.1 {port}", &head, 7);
    }
}

#[test]
fn curl_is_a_client_of_http() {
    if !is_installed("curl") {
        return;
    }
    let answer = "HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhello";
    let asks = ["--expect-prefix", "GET / HTTP/1.1\\r\\n", "--send", answer];
    let run = "curl --silent --max-time 2 http://{addr}/";
    let output = probe_within(PATIENT, &[&["--listen", "--exec", run], &asks[..]].concat());
    let (told, notes) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{told}{notes}");
    assert_eq!(plans_of(&output, "skip").len(), 5, "{told}{notes}");
    assert!(plans_of(&output, "pass").len() >= 15, "{told}{notes}");
}

/// A database of the tests', and the command that serves it; `None` where there is no `initdb`.
fn postgres(folder: &Path) -> Option<String> {
    let packaged = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut places = packaged.map(|version| version.path().join("bin"));
    let bin = places.find(|bin| bin.join("initdb").is_file())?;
    // It does not run as root. Whoever it runs as has to own its files.
    let user = if Command::new("id").arg("-u").output().ok()?.stdout == b"0\n" {
        let chown = Command::new("chown").arg("postgres").arg(folder).status().ok()?;
        chown.success().then_some("setpriv --reuid=postgres --regid=postgres --clear-groups ")?
    } else {
        ""
    };
    let (bin, data) = (bin.display(), folder.join("data"));
    let data = data.display();
    let initdb = format!("{user}{bin}/initdb -D {data} --auth=trust --no-sync --no-instructions");
    let mut words = initdb.split(' ');
    let made = Command::new(words.next()?).args(words).current_dir("/").output().ok()?;
    assert!(made.status.success(), "{}", text(&made.stderr));
    Some(format!(
        "{user}{bin}/postgres -D {data} -p {{port}} -c listen_addresses=127.0.0.1 \
         -c unix_socket_directories= -c fsync=off -c log_min_messages=log"
    ))
}

#[test]
fn postgres_takes_a_request_for_tls_and_a_start_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(run) = postgres(folder.path()) else {
        eprintln!("skipped: PostgreSQL is not installed");
        return;
    };
    // It accepts connections before it can answer them.
    let ready = ["--ready", "prints:ready to accept connections"];
    let framing = ["--framing", "length:u32be,inclusive"];
    // An SSLRequest is answered by one byte: no.
    let request = ["--send", "hex:04d2162f", "--expect-prefix", "N"];
    check(&run, &[&ready[..], &framing, &request].concat(), 4);
    // AuthenticationOk; what follows has a secret in it.
    let start = "\\0\\x03\\0\\0user\\0postgres\\0database\\0postgres\\0\\0";
    let start_up = ["--send", start, "--expect-prefix", "hex:520000000800000000"];
    check(&run, &[&ready[..], &framing, &start_up].concat(), 4);
}

#[test]
fn nginx_serves_http() {
    if !is_installed("nginx") || !Path::new("/etc/nginx").is_dir() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().display();
    // The port stands in a file, where no placeholder reaches: a listener finds a free one.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let config = format!(
        "daemon off; pid {at}/pid; error_log stderr; worker_processes 1;\n\
         events {{ worker_connections 256; }}\n\
         http {{ access_log off; client_body_temp_path {at}; proxy_temp_path {at};\n\
         fastcgi_temp_path {at}; uwsgi_temp_path {at}; scgi_temp_path {at};\n\
         server {{ listen 127.0.0.1:{port}; return 204; }} }}\n"
    );
    let file = folder.path().join("nginx.conf");
    std::fs::write(&file, config).expect("a file");
    let address = format!("127.0.0.1:{port}");
    let get = "GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n";
    let more =
        ["--connect", &address, "--send", get, "--expect-prefix", "HTTP/1.1 204 No Content\\r\\n"];
    check(&format!("nginx -e stderr -c {}", file.display()), &more, 4);
}
