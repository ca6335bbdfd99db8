//! A fleet over several emulated accounts: the emulator takes an access key of twelve digits as the account.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::emulator;
use crate::support::run;

const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];

fn member(name: &str, cidr: &str) -> String {
    format!(
        "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: {name}, region: eu-west-1 }}\nzones: 2\nvpc: {{ cidr: {cidr} }}\ntiers:\n  - {{ name: public, size: /26, egress: internet }}\n"
    )
}

/// Each account is asked with its own credentials, by a profile of its own; one whose profile gives none is a row.
#[test]
fn every_account_is_asked_with_its_own_credentials() {
    let Some(session) = emulator::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("one.yaml", &member("one", "10.80.0.0/20"));
    write("two.yaml", &member("two", "10.81.0.0/20"));
    write("gone.yaml", &member("gone", "10.82.0.0/20"));
    let [first, second] = ACCOUNTS;
    write(
        "fleet.yaml",
        &format!(
            "apiVersion: eksnet/v1\nkind: Fleet\nsupernets: [{{ cidr: 10.64.0.0/11 }}]\naccounts:\n  one: {{ account: \"{first}\", profile: one }}\n  two: {{ account: \"{second}\", profile: two }}\n  gone: {{ account: \"999988887777\", profile: gone }}\n"
        ),
    );
    let keys = |name: &str, id: &str| {
        format!("[{name}]\naws_access_key_id = {id}\naws_secret_access_key = test\n")
    };
    write("credentials", &(keys("one", first) + &keys("two", second)));
    let place = |name: &str| folder.path().join(name).display().to_string();
    let mut environment = session.environment();
    environment
        .retain(|(name, _)| !name.starts_with("AWS_ACCESS") && !name.starts_with("AWS_SECRET"));
    environment.push(("AWS_SHARED_CREDENTIALS_FILE".into(), place("credentials")));
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let ran = run(folder.path(), &["fleet", "check", "--online", "-o", "json"], &environment);
    assert_eq!(ran.code, 4, "{}", ran.err);
    let json = ran.json();
    let rows = json["accounts"].as_array().unwrap();
    let row = |account: &str| rows.iter().find(|row| row["account"] == account).unwrap();
    for account in ACCOUNTS {
        assert_eq!(row(account)["error"], Value::Null, "{json:#}");
    }
    assert!(row("999988887777")["error"].as_str().unwrap().contains("profile"), "{json:#}");
    // And each member is compared with its own stack, several at once.
    let diff = run(folder.path(), &["fleet", "diff", "-o", "json"], &environment);
    assert_eq!(diff.code, 1, "{}", diff.err);
    let json = diff.json();
    assert_eq!(json["summary"]["changed"], 2, "{json:#}");
    assert_eq!(json["failed"].as_array().unwrap().len(), 1, "{json:#}");
}

/// STS on loopback: a role's credentials are its account's number, those of the role `closed` are nobody's.
struct Sts {
    url: String,
    assumed: Arc<Mutex<Vec<String>>>,
}

impl Sts {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let assumed: Arc<Mutex<Vec<String>>> = Arc::default();
        let told = Arc::clone(&assumed);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let told = Arc::clone(&told);
                std::thread::spawn(move || answer(stream, &told));
            }
        });
        Self { url, assumed }
    }

    fn assumed(&self) -> Vec<String> {
        let mut all = self.assumed.lock().unwrap().clone();
        all.sort();
        all.dedup();
        all
    }
}

fn answer(mut stream: TcpStream, assumed: &Mutex<Vec<String>>) {
    let mut request = String::new();
    let mut some = [0; 4096];
    while let Ok(count) = stream.read(&mut some) {
        request.push_str(&String::from_utf8_lossy(&some[..count]));
        let Some((head, body)) = request.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>().ok())?
        });
        if count == 0 || length.unwrap_or_default() <= body.len() {
            break;
        }
    }
    let (head, body) = request.split_once("\r\n\r\n").unwrap_or_default();
    let field = |name: &str| {
        let mut pairs = body.split('&').filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(key, _)| *key == name);
        found.map_or(String::new(), |(_, value)| value.replace("%3A", ":").replace("%2F", "/"))
    };
    let (status, text) = if field("Action") == "GetCallerIdentity" {
        let key = head.split("Credential=").nth(1).and_then(|rest| rest.split('/').next());
        let account = key.unwrap_or_default();
        let own = format!(
            "<Arn>arn:aws:iam::{account}:root</Arn><UserId>x</UserId><Account>{account}</Account>"
        );
        (
            200,
            format!(
                "<GetCallerIdentityResponse><GetCallerIdentityResult>{own}</GetCallerIdentityResult></GetCallerIdentityResponse>"
            ),
        )
    } else {
        let role = field("RoleArn");
        assumed.lock().unwrap().push(format!("{role} as {}", field("RoleSessionName")));
        let account = role.split(':').nth(4).unwrap_or_default();
        if role.ends_with("closed") {
            (403, "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to perform sts:AssumeRole</Message></Error><RequestId>1</RequestId></ErrorResponse>".to_string())
        } else {
            let keys = format!(
                "<AccessKeyId>{account}</AccessKeyId><SecretAccessKey>test</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>"
            );
            (
                200,
                format!(
                    "<AssumeRoleResponse><AssumeRoleResult><Credentials>{keys}</Credentials></AssumeRoleResult></AssumeRoleResponse>"
                ),
            )
        }
    };
    let length = text.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {status} OK\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
    );
}

/// The credentials that there are belong to a third account, and lead into each member's by its role: one that may not be assumed stops
/// nobody else, and what is deployed stands in the members' own accounts.
#[test]
fn members_are_reached_by_their_roles() {
    let Some(session) = emulator::start() else { return };
    let sts = Sts::start();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let [first, second] = ACCOUNTS;
    let fleet = |more: &str| {
        format!(
            "apiVersion: eksnet/v1\nkind: Fleet\nsupernets: [{{ cidr: 10.64.0.0/11 }}]\naccounts:\n  one: {{ account: \"{first}\", role: eksnet-deploy }}\n  two: {{ account: \"{second}\", role: \"arn:aws:iam::{second}:role/ci/eksnet\" }}\n{more}"
        )
    };
    write("one.yaml", &member("one", "10.80.0.0/20"));
    write("two.yaml", &member("two", "10.81.0.0/20"));
    write("shut.yaml", &member("shut", "10.82.0.0/20"));
    write("fleet.yaml", &fleet("  shut: { account: \"999988887777\", role: closed }\n"));
    let mut environment = session.environment();
    environment.retain(|(name, _)| name != "AWS_ACCESS_KEY_ID");
    environment.push(("AWS_ACCESS_KEY_ID".into(), "222233334444".into()));
    environment.push(("AWS_ENDPOINT_URL_STS".into(), sts.url.clone()));
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let ran = |arguments: &[&str]| run(folder.path(), arguments, &environment);

    let checked = ran(&["fleet", "check", "--online", "-o", "json"]);
    assert_eq!(checked.code, 4, "{}", checked.err);
    let json = checked.json();
    let rows = json["accounts"].as_array().unwrap();
    let row = |account: &str| rows.iter().find(|row| row["account"] == account).unwrap();
    for account in ACCOUNTS {
        assert_eq!(row(account)["error"], Value::Null, "{json:#}");
    }
    assert!(row("999988887777")["error"].as_str().unwrap().contains("AccessDenied"), "{json:#}");
    let roles = [
        format!("arn:aws:iam::{first}:role/eksnet-deploy as eksnet"),
        format!("arn:aws:iam::{second}:role/ci/eksnet as eksnet"),
        "arn:aws:iam::999988887777:role/closed as eksnet".to_string(),
    ];
    assert_eq!(sts.assumed(), roles);

    let diff = ran(&["fleet", "diff", "-o", "json"]);
    assert_eq!(diff.code, 1, "{}", diff.err);
    let json = diff.json();
    assert_eq!(json["summary"]["changed"], 2, "{json:#}");
    assert_eq!(json["failed"].as_array().unwrap().len(), 1, "{json:#}");

    std::fs::remove_file(folder.path().join("shut.yaml")).unwrap();
    write("fleet.yaml", &fleet(""));
    let saved = ran(&["fleet", "diff", "--save", "plans"]);
    assert_eq!(saved.code, 0, "{}", saved.err);
    let deployed = ran(&["fleet", "deploy", "--plans", "plans", "--no-doctor"]);
    assert_eq!(deployed.code, 0, "{}{}", deployed.out, deployed.err);
    let status = ran(&["fleet", "status", "-o", "json"]);
    assert_eq!(status.code, 0, "{}", status.err);
    for member in status.json()["members"].as_array().unwrap() {
        assert_eq!(member["status"]["stack"]["status"], "CREATE_COMPLETE", "{member:#}");
    }
    // Whoever asks without a role is in an account that has neither stack.
    let own = ran(&["status", "one.yaml"]);
    assert!(own.code == 1 && own.err.contains("does not exist"), "{}", own.err);
}
