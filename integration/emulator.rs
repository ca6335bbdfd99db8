//! The emulated AWS: started once for all tests, on free ports, stopped when the test process ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock};

use serde_json::Value;

use crate::python;
use crate::support::root;

pub struct Emulator {
    python: PathBuf,
    folder: tempfile::TempDir,
    moto: u16,
    plane: u16,
    /// Its standard input closes when this process ends, which stops the servers.
    _servers: Child,
}

/// The emulator for one test at a time, emptied. `None` where `python::environment` said why.
pub fn start() -> Option<Session> {
    static EMULATOR: OnceLock<Option<Emulator>> = OnceLock::new();
    static TURN: Mutex<()> = Mutex::new(());
    let emulator = EMULATOR
        .get_or_init(|| python::environment().map(|python| launch(python.clone())))
        .as_ref()?;
    let turn = TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    emulator.reset();
    Some(Session { emulator, _turn: turn })
}

/// A test's turn with the emulator.
pub struct Session {
    emulator: &'static Emulator,
    _turn: MutexGuard<'static, ()>,
}

fn launch(python: PathBuf) -> Emulator {
    let folder = tempfile::tempdir().unwrap();
    let script = root().join("integration/emulator/run.py");
    let mut child = Command::new(python.join("bin/python"))
        .arg(script)
        .arg(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ports: Value = serde_json::from_str(&line)
        .unwrap_or_else(|_| panic!("the emulator did not start: {line}"));
    let port = |name: &str| u16::try_from(ports[name].as_u64().unwrap()).unwrap();
    Emulator { python, moto: port("moto"), plane: port("plane"), _servers: child, folder }
}

impl Emulator {
    fn reset(&self) {
        post(self.moto, "/moto-api/reset", "");
        post(self.plane, "/_ministack/reset", "");
        for file in ["faults.json", "kubernetes.json", "eks.json"] {
            let _ = std::fs::remove_file(self.folder.path().join(file));
        }
    }
}

impl Session {
    /// The environment that points eksnet here; both servers, as a user would set them.
    pub fn environment(&self) -> Vec<(String, String)> {
        self.environment_through(self.emulator.plane)
    }

    fn environment_through(&self, plane: u16) -> Vec<(String, String)> {
        let pairs = [
            ("AWS_ACCESS_KEY_ID", "123456789012".to_string()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_string()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_string()),
            ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{plane}")),
            ("AWS_ENDPOINT_URL_EC2", format!("http://127.0.0.1:{}", self.emulator.moto)),
            (
                "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING",
                format!("http://127.0.0.1:{}", self.emulator.moto),
            ),
            (
                "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2",
                format!("http://127.0.0.1:{}", self.emulator.moto),
            ),
            ("AWS_ENDPOINT_URL_AUTO_SCALING", format!("http://127.0.0.1:{}", self.emulator.moto)),
            ("AWS_ENDPOINT_URL_SERVICE_QUOTAS", format!("http://127.0.0.1:{}", self.emulator.moto)),
        ];
        pairs.map(|(key, value)| (key.to_string(), value)).to_vec()
    }

    pub fn plane_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.emulator.plane)
    }

    pub fn python(&self) -> PathBuf {
        self.emulator.python.join("bin/python")
    }

    /// Addresses of both servers, and the folder that they read.
    pub fn places(&self) -> [String; 3] {
        let moto = format!("http://127.0.0.1:{}", self.emulator.moto);
        [moto, self.plane_url(), self.emulator.folder.path().display().to_string()]
    }

    /// Makes operations on resources fail or take time: see `integration/emulator/README.md`.
    pub fn faults(&self, faults: &Value) {
        std::fs::write(self.emulator.folder.path().join("faults.json"), faults.to_string())
            .unwrap();
    }

    /// Something that the emulated services read when they are asked.
    pub fn put(&self, name: &str, value: &Value) {
        std::fs::write(self.emulator.folder.path().join(name), value.to_string()).unwrap();
    }

    pub fn no_faults(&self) {
        self.faults(&serde_json::json!({}));
    }

    /// What exists, read with another SDK.
    pub fn read_back(&self, region: &str, cluster: &str) -> Value {
        let url = |port: u16| format!("http://127.0.0.1:{port}");
        let script = root().join("integration/emulator/read_back.py");
        let arguments = [
            region.to_string(),
            url(self.emulator.moto),
            url(self.emulator.plane),
            cluster.to_string(),
        ];
        let output = Command::new(self.emulator.python.join("bin/python"))
            .arg(script)
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What people and Kubernetes do beside eksnet: (service, operation, arguments) of boto3, in order; their answers.
    pub fn by_hand(&self, region: &str, calls: &Value) -> Value {
        let url = |port: u16| format!("http://127.0.0.1:{port}");
        let script = root().join("integration/emulator/by_hand.py");
        let arguments = [
            region.to_string(),
            url(self.emulator.moto),
            url(self.emulator.plane),
            calls.to_string(),
        ];
        let output = Command::new(self.emulator.python.join("bin/python"))
            .arg(script)
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A proxy in front of the control plane that spoils requests by these rules.
    pub fn proxy(&self, rules: &Value) -> Proxy {
        let (child, port) = self.start_proxy(self.emulator.plane);
        post(port, "/__rules", &rules.to_string());
        Proxy { child, port, environment: self.environment_through(port) }
    }

    /// The same in front of EC2.
    pub fn proxy_of_ec2(&self, rules: &Value) -> Proxy {
        let (child, port) = self.start_proxy(self.emulator.moto);
        post(port, "/__rules", &rules.to_string());
        let mut environment = self.environment();
        for (_, value) in environment.iter_mut().filter(|(key, _)| key == "AWS_ENDPOINT_URL_EC2") {
            *value = format!("http://127.0.0.1:{port}");
        }
        Proxy { child, port, environment }
    }

    fn start_proxy(&self, upstream: u16) -> (Child, u16) {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let script = root().join("integration/emulator/fault_proxy.py");
        let child = Command::new(self.emulator.python.join("bin/python"))
            .arg(script)
            .args([port.to_string(), upstream.to_string()])
            .spawn()
            .unwrap();
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        (child, port)
    }
}

pub struct Proxy {
    child: Child,
    port: u16,
    pub environment: Vec<(String, String)>,
}

impl Proxy {
    /// Other rules from now on.
    pub fn rule(&self, rules: &Value) {
        post(self.port, "/__rules", &rules.to_string());
    }

    /// Waits until a request has come in.
    pub fn until(&self, call: &str) {
        for _ in 0..600 {
            if post(self.port, "/__log", "").contains(call) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("{call} was never asked for");
    }

    /// Waits until a request has met its fault.
    pub fn until_fault(&self, fault: &str) {
        self.until(&format!("\"fault\": \"{fault}\""));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn post(port: u16, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(30))).unwrap();
    write!(stream, "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    answer
}
