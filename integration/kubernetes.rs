//! A real Kubernetes API server: built once from its published modules, started once for all tests, stopped when the test process ends.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock};

use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::emulator;
use crate::python;
use crate::support::root;

/// Where the server is, and the tests' own way in.
pub struct Server {
    endpoint: String,
    /// Its certificates, PEM.
    authority: String,
    /// Of the tests: it may do everything.
    token: String,
    client: kube::Client,
    runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
    /// Its standard input closes when this process ends, which stops everything.
    _servers: Child,
}

#[derive(Deserialize)]
struct Address {
    endpoint: String,
    authority: String,
    token: String,
}

/// The server for one test at a time, without objects of earlier ones. `None` where it was said why.
pub fn start() -> Option<Cluster> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    static TURN: Mutex<()> = Mutex::new(());
    let server = SERVER.get_or_init(launch).as_ref()?;
    let turn = TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let cluster = Cluster { server, _turn: turn };
    cluster.empty();
    Some(cluster)
}

/// Kinds that the tests put into the server: (path of the collection, whether it is in a namespace).
const COLLECTIONS: &[&str] = &[
    "/apis/apps/v1/namespaces/kube-system/daemonsets",
    "/api/v1/namespaces/kube-system/serviceaccounts",
    "/apis/crd.k8s.amazonaws.com/v1alpha1/eniconfigs",
    "/apis/eks.amazonaws.com/v1/nodeclasses",
    "/apis/karpenter.sh/v1/nodepools",
    "/api/v1/nodes",
];

/// A test's turn with the server.
pub struct Cluster {
    server: &'static Server,
    _turn: MutexGuard<'static, ()>,
}

impl Cluster {
    /// Lets the emulated EKS say that its clusters are here.
    pub fn joins(&self, session: &emulator::Session) {
        session.put(
            "kubernetes.json",
            &json!({ "endpoint": self.server.endpoint, "authority": self.server.authority }),
        );
    }

    /// The same, and the emulated EKS rolls values of the add-on vpc-cni out to the DaemonSet.
    pub fn joins_with_aws_node(&self, session: &emulator::Session) {
        let Server { endpoint, authority, token, .. } = self.server;
        session.put(
            "kubernetes.json",
            &json!({ "endpoint": endpoint, "authority": authority, "rollsOut": token }),
        );
    }

    /// Its address, and the token that may do everything.
    pub fn way_in(&self) -> [&str; 2] {
        [&self.server.endpoint, &self.server.token]
    }

    /// One object, or null.
    pub fn read(&self, path: &str) -> Value {
        self.request("GET", path, "", &Value::Null).unwrap_or(Value::Null)
    }

    /// Server-side apply by somebody else.
    pub fn apply(&self, manager: &str, path: &str, object: &Value) -> Value {
        let path = format!("{path}?fieldManager={manager}&force=true&fieldValidation=Strict");
        self.request("PATCH", &path, "application/apply-patch+yaml", object)
            .unwrap_or_else(|refusal| panic!("{path}: {refusal}"))
    }

    pub fn delete(&self, path: &str) {
        let _ = self.request("DELETE", path, "", &Value::Null);
    }

    fn empty(&self) {
        COLLECTIONS.iter().for_each(|path| self.delete(path));
    }

    fn request(
        &self,
        method: &str,
        path: &str,
        content: &str,
        body: &Value,
    ) -> Result<Value, String> {
        self.server.request(method, path, content, body)
    }
}

impl Server {
    fn request(
        &self,
        method: &str,
        path: &str,
        content: &str,
        body: &Value,
    ) -> Result<Value, String> {
        let content = if content.is_empty() { "application/json" } else { content };
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("Content-Type", content)
            .body(bytes)
            .unwrap();
        self.runtime
            .block_on(self.client.request::<Value>(request))
            .map_err(|error| error.to_string())
    }

    /// Puts an object there before any test begins.
    fn provide(&self, path: &str, object: &Value) {
        self.request(
            "PATCH",
            &format!("{path}?fieldManager=tests"),
            "application/apply-patch+yaml",
            object,
        )
        .unwrap();
    }
}

fn launch() -> Option<Server> {
    let python = python::environment()?;
    let (binary, etcd, printer) = programs()?;
    let folder = tempfile::tempdir().unwrap();
    let script = root().join("integration/kubernetes/run.py");
    let mut child = Command::new(python.join("bin/python"))
        .arg(script)
        .args([folder.path(), binary.as_path(), etcd.as_path()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address: Address = serde_json::from_str(&line)
        .unwrap_or_else(|_| panic!("the Kubernetes API server did not start: {line}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = runtime.block_on(client(&address));
    let server = Server {
        endpoint: address.endpoint,
        authority: address.authority,
        token: address.token,
        client,
        runtime,
        _folder: folder,
        _servers: child,
    };
    define(&server, &printer);
    Some(server)
}

async fn client(address: &Address) -> kube::Client {
    let kubeconfig = json!({
        "clusters": [{ "name": "own", "cluster": { "server": address.endpoint, "insecure-skip-tls-verify": true } }],
        "users": [{ "name": "own", "user": { "token": address.token } }],
        "contexts": [{ "name": "own", "context": { "cluster": "own", "user": "own" } }],
        "current-context": "own",
    });
    let kubeconfig = serde_json::from_value(kubeconfig).unwrap();
    let config = kube::Config::from_custom_kubeconfig(
        kubeconfig,
        &kube::config::KubeConfigOptions::default(),
    )
    .await
    .unwrap();
    kube::Client::try_from(config).unwrap()
}

/// Makes the kinds known, and waits until they are served.
fn define(server: &Server, printer: &Path) {
    let own = std::fs::read_to_string(root().join("integration/kubernetes/crds/definitions.yaml"))
        .unwrap();
    let mut definitions: Vec<Value> = serde_yaml::Deserializer::from_str(&own)
        .map(|document| Value::deserialize(document).unwrap())
        .collect();
    definitions.extend(karpenter(printer));
    for definition in &definitions {
        let name = definition["metadata"]["name"].as_str().unwrap();
        let path = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}");
        server.provide(&path, definition);
        let established = |_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            let there = server.request("GET", &path, "", &Value::Null).unwrap();
            there["status"]["conditions"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|one| one["type"] == "Established" && one["status"] == "True")
        };
        assert!((0..200).any(established), "{name} is never served");
    }
    // The system's namespace comes with a controller's first round.
    let namespace =
        json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "kube-system" } });
    server.provide("/api/v1/namespaces/kube-system", &namespace);
}

fn karpenter(program: &Path) -> Vec<Value> {
    let output = Command::new(program).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// kube-apiserver, etcd, and what prints Karpenter's definitions: that one wants Go in any case.
fn programs() -> Option<(PathBuf, PathBuf, PathBuf)> {
    let servers = match std::env::var_os("KUBEBUILDER_ASSETS").map(PathBuf::from) {
        Some(assets) => Some((assets.join("kube-apiserver"), assets.join("etcd"))),
        None => build("server").zip(
            ["/usr/bin/etcd", "/usr/local/bin/etcd"]
                .map(PathBuf::from)
                .into_iter()
                .find(|path| path.exists()),
        ),
    };
    if let Some(((server, etcd), printer)) = servers.zip(build("crds")) {
        return Some((server, etcd, printer));
    }
    let skipped = "SKIPPED: no Go or no etcd, so nothing was tried against a real Kubernetes API server (Debian: apt-get install etcd-server; Go: 1.24 or newer)";
    assert!(std::env::var_os("CI").is_none(), "{skipped}");
    eprintln!("{skipped}");
    None
}

/// A program of `integration/kubernetes/`, built once; `None` without Go.
fn build(name: &str) -> Option<PathBuf> {
    let source = root().join("integration/kubernetes").join(name);
    let mut digest = Sha256::new();
    ["go.mod", "go.sum", "main.go"]
        .iter()
        .for_each(|file| digest.update(std::fs::read(source.join(file)).unwrap()));
    let folder = python::cache().join(format!(
        "kubernetes-{}-{}",
        name,
        &format!("{:x}", digest.finalize())[..12]
    ));
    std::fs::create_dir_all(&folder).unwrap();
    let lock = std::fs::File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap(); // another test run may be building the same
    let program = folder.join("program");
    if program.exists() {
        return Some(program);
    }
    let go = ["go", "/usr/local/go/bin/go"].into_iter().find(|go| {
        Command::new(go).arg("version").output().is_ok_and(|output| output.status.success())
    })?;
    eprintln!("building {} into {} (once; minutes)", source.display(), folder.display());
    let unfinished = folder.join("unfinished");
    // The other tests go first.
    let mut command = Command::new("nice");
    command
        .args(["-n", "10", go, "build", "-trimpath", "-ldflags=-s -w", "-o"])
        .arg(&unfinished)
        .arg(".");
    let output = command
        .current_dir(&source)
        .env("CGO_ENABLED", "0")
        .env("GOFLAGS", "-mod=readonly")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::rename(unfinished, &program).unwrap();
    Some(program)
}
