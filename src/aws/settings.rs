//! What the AWS SDK for Rust does not read by itself, or drops without a word, where every other AWS tool reads it: tries, certificates of
//! a company's network, profiles that ask for MFA or come from `aws login`, keys with a line end.

use std::borrow::Cow;
use std::env::VarError;

use aws_config::profile::{self, Profile, ProfileSet};
use aws_config::retry::RetryConfig;
use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use aws_types::os_shim_internal::{Env, Fs};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::diagnostic::Failure;
use crate::source;

/// Tries of a call that nobody set, and the most: the SDK counts far higher without an end.
const ATTEMPTS: u32 = 5;
const MOST_ATTEMPTS: u32 = 1000;
/// Profiles that get their credentials from each other.
const LONGEST_CHAIN: usize = 10;
const KEYS: &[&str] = &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

pub(super) struct Settings {
    pub retries: RetryConfig,
    /// `None`: the system's certificates alone.
    pub trust: Option<TlsContext>,
}

/// Of the environment first, then of the profile.
pub(super) async fn read(chosen: Option<&str>) -> Result<Settings, Failure> {
    let env = Env::real();
    let name = chosen.map(|name| Cow::from(name.to_string()));
    let files = Default::default();
    // A file that cannot be read is the SDK's to tell.
    let profiles = profile::load(&Fs::real(), &env, &files, name).await.ok();
    let own = Own { env: &env, profiles: profiles.as_ref() };
    own.keys()?;
    if chosen.is_some() || own.variable("AWS_ACCESS_KEY_ID").is_none() {
        own.exists(chosen)?;
        own.profile()?;
    }
    Ok(Settings { retries: own.retries()?, trust: own.trust()? })
}

/// What no header can have, or no key has.
pub(super) fn fault(value: &str) -> Option<&'static str> {
    match () {
        () if value.ends_with(['\n', '\r']) => Some("ends in a line end"),
        () if value.chars().any(char::is_control) => Some("has a control character in it"),
        () if value.trim() != value => Some("begins or ends with a blank"),
        () => None,
    }
}

struct Own<'o> {
    env: &'o Env,
    profiles: Option<&'o ProfileSet>,
}

impl Own<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        self.env.get(name).ok().filter(|value| !value.is_empty())
    }

    fn of_profile(&self, key: &str) -> Option<String> {
        self.profiles.and_then(|all| all.get(key)).map(str::to_string)
    }

    /// Where it is said, and what.
    fn said(&self, variable: &str, key: &str) -> Option<(String, String)> {
        let of_profile = || {
            let name = self.profiles.map_or("default", ProfileSet::selected_profile);
            Some((format!("`{key}` of profile `{name}`"), self.of_profile(key)?))
        };
        self.variable(variable).map(|value| (variable.to_string(), value)).or_else(of_profile)
    }

    /// The SDK panics over a key that cannot be a header.
    fn keys(&self) -> Result<(), Failure> {
        for name in KEYS {
            let value = self.env.get(name);
            let fault = match &value {
                // Its text is not said: it may be the secret.
                Err(VarError::NotUnicode(_)) => Some("has characters that are not UTF-8"),
                other => other.as_deref().ok().and_then(fault),
            };
            let Some(fault) = fault else { continue };
            return Err(Failure::new(format!("{name} {fault}"))
                .hint("set it again without it: secrets of pipelines often end in a line end"));
        }
        Ok(())
    }

    /// A profile that was named and that no file has.
    fn exists(&self, chosen: Option<&str>) -> Result<(), Failure> {
        let of_variable = || self.variable("AWS_PROFILE");
        let named = chosen.map(str::to_string).or_else(of_variable);
        match (named, self.profiles) {
            (Some(name), Some(all)) if all.get_profile(&name).is_none() => {
                Err(Failure::new(format!("there is no profile `{name}`"))
                    .hint("`aws configure list-profiles` lists those that exist"))
            }
            _ => Ok(()),
        }
    }

    /// The profile and those that it has its credentials from.
    fn chain(&self) -> Vec<&Profile> {
        let Some(all) = self.profiles else { return Vec::new() };
        let source =
            |one: &&Profile| one.get("source_profile").and_then(|name| all.get_profile(name));
        std::iter::successors(all.get_profile(all.selected_profile()), source)
            .take(LONGEST_CHAIN)
            .collect()
    }

    /// A profile may take its own keys; where it has none, or others lead back to it, the SDK names no profile, or says that none is there.
    fn circle(&self) -> Result<(), Failure> {
        let mut seen: Vec<&str> = Vec::new();
        for one in self.chain() {
            seen.push(one.name());
            let Some(source) = one.get("source_profile") else { return Ok(()) };
            let is_itself = source == one.name();
            if is_itself && one.get("aws_access_key_id").is_some() {
                return Ok(());
            }
            if is_itself || seen.contains(&source) {
                let names: Vec<String> = seen.iter().map(|name| format!("`{name}`")).collect();
                let words = match is_itself {
                    true => {
                        format!("profile `{source}` refers to itself for credentials, and has none")
                    }
                    false => {
                        format!("profiles {} refer to each other for credentials", names.join(", "))
                    }
                };
                return Err(Failure::new(words).hint(
                    "name a profile with credentials in `source_profile` (`aws configure list-profiles` lists them)",
                ));
            }
        }
        Ok(())
    }

    fn profile(&self) -> Result<(), Failure> {
        self.circle()?;
        let selected = self.profiles.map_or("default", ProfileSet::selected_profile);
        let instead = format!(
            "`eval \"$(aws configure export-credentials --profile {selected} --format env)\"`, or a profile with `credential_process = aws configure export-credentials --profile {selected}`"
        );
        for one in self.chain() {
            let (name, has) = (one.name(), |key: &str| one.get(key).is_some());
            if has("mfa_serial") && has("role_arn") {
                return Err(Failure::new(format!(
                    "profile `{name}` requires MFA, which eksnet does not ask for"
                ))
                .hint(instead));
            }
            if has("login_session") && !has("credential_process") {
                return Err(Failure::new(format!(
                    "profile `{name}` is a session of `aws login`, which eksnet does not read"
                ))
                .hint(instead));
            }
        }
        Ok(())
    }

    /// Read here, because the SDK panics over a number that it cannot read.
    fn retries(&self) -> Result<RetryConfig, Failure> {
        let attempts = match self.said("AWS_MAX_ATTEMPTS", "max_attempts") {
            None => ATTEMPTS,
            Some((place, text)) => {
                let number = text.trim().parse().ok();
                let number = number.filter(|number| (1..=MOST_ATTEMPTS).contains(number));
                number.ok_or_else(|| {
                    Failure::new(format!("cannot use `{text}` as a number of tries ({place})"))
                        .hint(format!("set a number from 1 to {MOST_ATTEMPTS}"))
                })?
            }
        };
        let mode = self.said("AWS_RETRY_MODE", "retry_mode");
        let retries = match mode.as_ref().map(|(_, mode)| mode.trim()) {
            Some("adaptive") => RetryConfig::adaptive(),
            None | Some("standard" | "legacy") => RetryConfig::standard(),
            Some(other) => {
                let place = mode.as_ref().map_or("", |(place, _)| place);
                return Err(Failure::new(format!("unknown retry mode `{other}` ({place})"))
                    .hint("set standard or adaptive"));
            }
        };
        Ok(retries.with_max_attempts(attempts))
    }

    /// The certificates of a bundle, beside the system's.
    fn trust(&self) -> Result<Option<TlsContext>, Failure> {
        let Some((place, path)) = self.said("AWS_CA_BUNDLE", "ca_bundle") else { return Ok(None) };
        let refused = || Failure::new(format!("cannot use the certificates in `{path}` ({place})"));
        let text = source::read_limited(path.as_ref(), source::MOST_PLAN)
            .map_err(|cause| refused().because(cause))?;
        let found = certificates(&text);
        if found.is_empty() {
            return Err(refused().hint("a bundle has certificates in PEM form"));
        }
        let store = found.iter().fold(TrustStore::default(), |store, one| {
            store.with_pem_certificate(one.as_bytes().to_vec())
        });
        let context = TlsContext::builder().with_trust_store(store).build();
        context.map(Some).map_err(|cause| refused().because(cause))
    }
}

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Each certificate of a bundle whose content is base64.
fn certificates(text: &str) -> Vec<String> {
    let one = |rest: &str| {
        let body: String = rest.split_once(END)?.0.split_whitespace().collect();
        BASE64_STANDARD.decode(&body).ok().filter(|content| !content.is_empty())?;
        Some(format!("{BEGIN}\n{body}\n{END}\n"))
    };
    text.split(BEGIN).skip(1).filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own<T>(variables: &[(&str, &str)], read: impl FnOnce(&Own<'_>) -> T) -> T {
        let env = Env::from_slice(variables);
        read(&Own { env: &env, profiles: None })
    }

    #[test]
    fn a_key_with_a_line_end_is_named_and_not_printed() {
        for (value, words) in [
            ("AKIA\r", "AWS_ACCESS_KEY_ID ends in a line end"),
            ("AKIA\n", "AWS_ACCESS_KEY_ID ends in a line end"),
            (" AKIA", "AWS_ACCESS_KEY_ID begins or ends with a blank"),
            ("AK\u{7}IA", "AWS_ACCESS_KEY_ID has a control character in it"),
        ] {
            let failure = own(&[("AWS_ACCESS_KEY_ID", value)], |own| own.keys()).unwrap_err();
            assert_eq!(failure.chain(), words);
        }
        assert!(own(&[("AWS_ACCESS_KEY_ID", "AKIA")], |own| own.keys()).is_ok());
    }

    #[test]
    fn a_profile_behind_another_one_is_looked_at_too() {
        let text = "[profile top]\nrole_arn = arn:aws:iam::111122223333:role/a\nsource_profile = middle\n\
             [profile middle]\nrole_arn = arn:aws:iam::111122223333:role/b\nsource_profile = bottom\nmfa_serial = arn:aws:iam::1:mfa/x\n\
             [profile bottom]\nlogin_session = arn:aws:iam::1:user/x\n\
             [profile beside]\nrole_arn = arn:aws:iam::111122223333:role/b\nsource_profile = bottom\n\
             [profile circle]\nrole_arn = arn:aws:iam::111122223333:role/b\nsource_profile = circle\n\
             [profile keyed]\nrole_arn = arn:aws:iam::111122223333:role/b\nsource_profile = keyed\n\
             aws_access_key_id = AKIA\naws_secret_access_key = s\n\
             [profile one]\nrole_arn = arn:aws:iam::111122223333:role/b\nsource_profile = other\n\
             [profile other]\nrole_arn = arn:aws:iam::111122223333:role/b\nsource_profile = one\n";
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let of = |name: &str| {
            let (env, fs) =
                (Env::from_slice(&[("HOME", "/h")]), Fs::from_slice(&[("/h/.aws/config", text)]));
            let chosen = Some(Cow::from(name.to_string()));
            let files = Default::default();
            let profiles = runtime.block_on(profile::load(&fs, &env, &files, chosen)).ok();
            let own = Own { env: &env, profiles: profiles.as_ref() };
            own.exists(Some(name)).and_then(|()| own.profile()).err().map(|failure| failure.chain())
        };
        assert!(of("top").unwrap().contains("profile `middle` requires MFA"));
        assert!(of("beside").unwrap().contains("profile `bottom` is a session of `aws login`"));
        assert!(of("circle").unwrap().contains("`circle` refers to itself for credentials"));
        assert_eq!(of("keyed"), None);
        assert!(of("one").unwrap().contains("profiles `one`, `other` refer to each other"));
        assert_eq!(of("nowhere").unwrap(), "there is no profile `nowhere`");
    }

    #[test]
    fn tries_are_those_that_were_set_and_nonsense_is_a_failure() {
        let attempts = |variables: &[(&str, &str)]| {
            own(variables, |own| own.retries()).map(|retries| retries.max_attempts()).ok()
        };
        assert_eq!(attempts(&[]), Some(ATTEMPTS));
        assert_eq!(
            attempts(&[("AWS_MAX_ATTEMPTS", "20"), ("AWS_RETRY_MODE", "adaptive")]),
            Some(20)
        );
        for nonsense in ["many", "0", "-1", "4294967295"] {
            assert_eq!(attempts(&[("AWS_MAX_ATTEMPTS", nonsense)]), None, "{nonsense}");
        }
        assert_eq!(attempts(&[("AWS_RETRY_MODE", "eager")]), None);
    }

    #[test]
    fn a_bundle_that_is_not_there_or_has_no_certificate_is_named() {
        let failure = own(&[("AWS_CA_BUNDLE", "/nowhere/ca.pem")], |own| own.trust()).unwrap_err();
        assert!(failure.chain().contains("`/nowhere/ca.pem` (AWS_CA_BUNDLE)"), "{failure}");
        let one = format!("# a\n{BEGIN}\nMIIB\n{END}\n");
        assert_eq!(certificates(&format!("{one}{one}{BEGIN}\n***\n{END}\n")).len(), 2);
    }
}
