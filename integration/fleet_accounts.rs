//! A fleet over several emulated accounts: the emulator takes an access key of twelve digits as the account.

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
