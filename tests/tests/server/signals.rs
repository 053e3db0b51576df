//! How the server ends: one signal gives what goes on its time, a second one none.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use tests::programs::{Ended, program};

/// A server that answers, with what it prints.
struct Server {
    child: Ended,
    printed: BufReader<ChildStdout>,
    /// `127.0.0.1:PORT`.
    host: String,
}

impl Server {
    fn start(data_dir: &std::path::Path) -> Self {
        let child: Child = Command::new(program("corral"))
            .args(["serve", "--port", &tests::board::free_port().to_string(), "--data-dir"])
            .arg(data_dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("corral starts");
        let mut child = Ended(child);
        let printed = BufReader::new(child.0.stdout.take().expect("what it prints"));
        let mut server = Self {
            child,
            printed,
            host: String::new(),
        };
        let line = server.line_with("http://");
        let (_, address) = line.split_once("http://").expect("an address");
        address.trim().trim_end_matches('/').clone_into(&mut server.host);
        server
    }

    /// Waits for a line with these words.
    fn line_with(&mut self, words: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.printed.read_line(&mut line).expect("a line");
            assert!(read > 0, "corral ended before it said `{words}`");
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Sends a request, and gives the connection on which its answer comes.
    fn ask(&self, method: &str, path: &str, body: &Value) -> TcpStream {
        let mut stream = TcpStream::connect(&self.host).expect("a connection");
        let (host, body) = (&self.host, body.to_string());
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        )
        .expect("sent");
        stream
    }

    fn interrupt(&self) {
        let pid = i32::try_from(self.child.0.id()).expect("a process id");
        // SAFETY: a signal to a process of this test
        unsafe { libc::kill(pid, libc::SIGINT) };
    }

    /// Waits for its end; what it logged.
    fn end(mut self) -> String {
        let mut log = String::new();
        let mut logged = self.child.0.stderr.take().expect("a log");
        logged.read_to_string(&mut log).expect("text");
        assert!(self.child.0.wait().expect("it ends").success(), "{log}");
        log
    }
}

/// What the server says where it has waited for as long as it gives.
const CUT_OFF: &str = "were not done in";

#[test]
fn a_second_signal_ends_the_server_at_once() {
    for hurried in [true, false] {
        let data = tempfile::tempdir().expect("a folder");
        let mut server = Server::start(data.path());
        // a webhook that hears and says nothing: its test goes on though nobody waits for it any more
        let webhook = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/", webhook.local_addr().expect("an address"));
        let mut answer = String::new();
        let mut set = server.ask("PUT", "/api/notify", &json!({ "webhook": url }));
        set.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let _asking = server.ask("POST", "/api/notify/test", &Value::Null);
        let (_silent, _) = webhook.accept().expect("the test comes");

        server.interrupt();
        server.line_with("Corral ends");
        if hurried {
            server.interrupt();
        }
        let log = server.end();
        assert_eq!(log.contains(CUT_OFF), !hurried, "hurried: {hurried}\n{log}");
    }
}
