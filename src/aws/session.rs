//! One connection for all services: credentials, Region, endpoints and retries as every AWS tool takes them.

use std::any::Any;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::{ConnectorBuilder, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::DateTime;
use aws_types::os_shim_internal::Env;

use super::port::{NO_CREDENTIALS, Refusal};
use super::settings;
use crate::diagnostic::Failure;

/// Where to connect to.
#[derive(Clone, Debug, Default)]
pub struct Target {
    pub region: String,
    pub profile: Option<String>,
    /// ARN of a role that is assumed with the credentials that there are.
    pub role: Option<String>,
    pub endpoint: Option<String>,
}

/// An AWS account in one Region.
pub struct Account {
    pub(super) cloudformation: aws_sdk_cloudformation::Client,
    pub(super) cloudwatch: aws_sdk_cloudwatch::Client,
    pub(super) ec2: aws_sdk_ec2::Client,
    pub(super) eks: aws_sdk_eks::Client,
    pub(super) balancers: aws_sdk_elasticloadbalancingv2::Client,
    pub(super) classic_balancers: aws_sdk_elasticloadbalancing::Client,
    pub(super) s3: aws_sdk_s3::Client,
    pub(super) quotas: aws_sdk_servicequotas::Client,
    pub(super) iam: aws_sdk_iam::Client,
    pub(super) scaling: aws_sdk_autoscaling::Client,
    sts: aws_sdk_sts::Client,
    pub(super) credentials: Option<SharedCredentialsProvider>,
    pub(super) region: String,
}

const CONNECT: Duration = Duration::from_secs(5);
const READ: Duration = Duration::from_secs(60);

/// `2026-11-21`, in UTC.
pub fn day(time: SystemTime) -> String {
    moment(time).chars().take(10).collect()
}

/// `2026-11-21T16:00:00Z`
pub fn moment(time: SystemTime) -> String {
    written(&DateTime::from(time))
}

pub(super) fn written(time: &DateTime) -> String {
    DateTime::from_secs(time.secs())
        .fmt(aws_smithy_types::date_time::Format::DateTime)
        .unwrap_or_default()
}

/// The clients of one Region; credentials are proven by the first call only. An `Err`: bad settings or endpoint, or a role that is not
/// assumed.
pub async fn connect(target: &Target) -> Result<Account, Failure> {
    let config = config(target).await?;
    Ok(Account {
        cloudformation: aws_sdk_cloudformation::Client::new(&config),
        cloudwatch: aws_sdk_cloudwatch::Client::new(&config),
        ec2: aws_sdk_ec2::Client::new(&config),
        eks: aws_sdk_eks::Client::new(&config),
        balancers: aws_sdk_elasticloadbalancingv2::Client::new(&config),
        classic_balancers: aws_sdk_elasticloadbalancing::Client::new(&config),
        // Names with dots have no certificate of their own as hosts.
        s3: aws_sdk_s3::Client::from_conf(
            aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build(),
        ),
        quotas: aws_sdk_servicequotas::Client::new(&config),
        iam: aws_sdk_iam::Client::new(&config),
        scaling: aws_sdk_autoscaling::Client::new(&config),
        sts: aws_sdk_sts::Client::new(&config),
        credentials: config.credentials_provider(),
        region: target.region.clone(),
    })
}

impl Account {
    pub(super) async fn owner(&self) -> Result<String, Refusal> {
        let identity = self.sts.get_caller_identity().send().await.map_err(refusal)?;
        Ok(identity.account().unwrap_or_default().to_string())
    }
}

async fn config(target: &Target) -> Result<SdkConfig, Failure> {
    let settings = settings::read(target.profile.as_deref()).await?;
    let client = http_client(settings.trust);
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(client.clone())
        .region(Region::new(target.region.clone()))
        .retry_config(settings.retries)
        .timeout_config(
            TimeoutConfig::builder().connect_timeout(CONNECT).read_timeout(READ).build(),
        );
    // In CloudTrail's user agent.
    if let Ok(name) = AppName::new("eksnet") {
        loader = loader.app_name(name);
    }
    if let Some(profile) = &target.profile {
        loader = loader
            .profile_name(profile)
            .credentials_provider(of_profile(profile, &target.region, client).await?);
    }
    if let Some(endpoint) = &target.endpoint {
        loader = loader.endpoint_url(checked(endpoint)?);
    }
    let config = sound(loader.load().await);
    match &target.role {
        Some(role) => assumed(&config, role).await,
        None => Ok(config),
    }
}

/// The same with credentials that are looked at before they are used.
fn sound(config: SdkConfig) -> SdkConfig {
    let Some(provider) = config.credentials_provider() else { return config };
    let provider = SharedCredentialsProvider::new(Sound(provider));
    config.into_builder().credentials_provider(provider).build()
}

/// The SDK panics over a key that cannot be a header, wherever it comes from.
#[derive(Debug)]
struct Sound(SharedCredentialsProvider);

impl ProvideCredentials for Sound {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let found = self.0.provide_credentials().await?;
            let values = [
                ("the access key id", found.access_key_id()),
                ("the secret access key", found.secret_access_key()),
                ("the session token", found.session_token().unwrap_or_default()),
            ];
            let bad = values.iter().find_map(|(name, value)| {
                settings::fault(value).map(|fault| format!("{name} {fault}"))
            });
            bad.map_or(Ok(found), |bad| Err(CredentialsError::invalid_configuration(bad)))
        })
    }
}

/// The same with the credentials of a role. Whoever is in the role already stays in it: a role need not trust itself.
async fn assumed(config: &SdkConfig, role: &str) -> Result<SdkConfig, Failure> {
    let failed = || Failure::new(format!("cannot assume the role `{role}`"));
    let sts = aws_sdk_sts::Client::new(config);
    let own = sts.get_caller_identity().send().await.map_err(refusal);
    let own = own.map_err(|why| failed().because(why))?;
    if is_in(own.arn().unwrap_or_default(), role) {
        return Ok(config.clone());
    }
    let provider =
        AssumeRoleProvider::builder(role).session_name("eksnet").configure(config).build().await;
    if let Err(error) = provider.provide_credentials().await {
        return Err(failed()
            .because(root(&error))
            .hint("the role's trust policy has to name who asks, and who asks needs `sts:AssumeRole` on it: `eksnet iam fleet`"));
    }
    let provider = SharedCredentialsProvider::new(provider);
    Ok(config.clone().into_builder().credentials_provider(provider).build())
}

/// Whether a session (`arn:aws:sts::111122223333:assumed-role/NAME/SESSION`) is of a role (`arn:aws:iam::111122223333:role/PATH/NAME`).
fn is_in(session: &str, role: &str) -> bool {
    let parts = |arn: &str| -> Option<(String, String)> {
        let mut parts = arn.splitn(6, ':').skip(4);
        Some((parts.next()?.to_string(), parts.next()?.to_string()))
    };
    let (Some((own, session)), Some((account, role))) = (parts(session), parts(role)) else {
        return false;
    };
    let name = role.rsplit('/').next();
    let mut words = session.split('/');
    own == account && words.next() == Some("assumed-role") && words.next() == name
}

/// The credentials of a profile that was named: those of the environment, which come first elsewhere, are another account's.
async fn of_profile(
    name: &str,
    region: &str,
    client: SharedHttpClient,
) -> Result<ProfileFileCredentialsProvider, Failure> {
    let settings = ProviderConfig::default()
        .with_http_client(client)
        .with_region(Some(Region::new(region.to_string())));
    let provider =
        ProfileFileCredentialsProvider::builder().profile_name(name).configure(&settings).build();
    let known = provider.provide_credentials().await;
    known.map(|_| ()).map_err(|error| {
        Failure::new(format!("the profile `{name}` has no credentials"))
            .because(root(&error))
            .hint("`aws configure list-profiles` lists those that exist; `aws sso login --profile NAME` logs in")
    })?;
    Ok(provider)
}

/// The SDK ignores an endpoint that it cannot read; the user's stack would then be another one.
fn checked(endpoint: &str) -> Result<&str, Failure> {
    let host = endpoint.strip_prefix("http://").or_else(|| endpoint.strip_prefix("https://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(char::is_whitespace) => Ok(endpoint),
        _ => Err(Failure::new(format!("cannot use `{endpoint}` as an endpoint"))
            .hint("write a URL such as `http://127.0.0.1:4566`")),
    }
}

/// A client on ring that honours proxies and keeps one pool of connections.
fn http_client(trust: Option<tls::TlsContext>) -> SharedHttpClient {
    let pool = OnceLock::<SharedHttpConnector>::new();
    http_client_fn(move |settings, components| {
        let connector = pool.get_or_init(|| {
            let mut builder = ConnectorBuilder::default()
                .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
                .connector_settings(settings.clone())
                .proxy_config(ProxyConfig::from_env());
            builder.set_sleep_impl(components.sleep_impl());
            _ = trust.clone().map(|trust| builder.set_tls_context(trust).clone());
            SharedHttpConnector::new(Addressed(SharedHttpConnector::new(builder.build())))
        });
        connector.clone()
    })
}

/// An SDK error in our words: AWS's own code and message where it answered; the service and the reason where it did not.
pub(super) fn refusal<E, R>(error: SdkError<E, R>) -> Refusal
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let name = std::any::type_name::<E>();
    let refusal = match (error.code(), error.message()) {
        (Some(code), message) => Refusal::new(code, message.unwrap_or("no reason given")),
        (None, _) => {
            let answer = error.raw_response().map(|raw| raw as &dyn Any);
            let answer = answer.and_then(|raw| raw.downcast_ref::<HttpResponse>());
            Refusal::new(
                "",
                match answer {
                    Some(answer) => foreign(service(name), answer.status().as_u16()),
                    None => unanswered(service(name), &error),
                },
            )
        }
    };
    Refusal { action: action(name), ..refusal }
}

/// `eks:ListAddons`, of the SDK's name of an error; a part may be read with several calls, and one of them is refused.
fn action(name: &str) -> String {
    let call = name.rsplit("::").next().and_then(|error| error.strip_suffix("Error"));
    call.map_or(String::new(), |call| format!("{}:{call}", service(name)))
}

/// A page of a proxy, or of a network that asks for a login.
fn foreign(service: &str, status: u16) -> String {
    format!("{service} was answered with HTTP {status}, and with no message from AWS")
}

/// `cloudformation`, of the SDK's name of an error.
fn service(name: &str) -> &str {
    let rest = name.split("aws_sdk_").nth(1).unwrap_or("AWS");
    rest.split("::").next().unwrap_or(rest)
}

/// Whoever was asked, at which address, and why there is no answer.
fn unanswered(service: &str, error: &(dyn std::error::Error + 'static)) -> String {
    let at = chain(error).find_map(|one| one.downcast_ref::<Unreached>());
    let at = at.map(|unreached| unreached.at.as_str());
    let why = root(error);
    match chain(error).find_map(|one| one.downcast_ref::<CredentialsError>()) {
        Some(CredentialsError::CredentialsNotLoaded(_)) => NO_CREDENTIALS.to_string(),
        Some(_) => match at {
            Some(at) => format!("no credentials: {at} did not answer: {why}"),
            None => format!("no credentials: {why}"),
        },
        None if why.contains("identity resolver") => NO_CREDENTIALS.to_string(),
        None => {
            let at = at.map_or(String::new(), |at| format!(" at {at}"));
            format!("{service} did not answer{at}: {why}")
        }
    }
}

/// A connector whose failures say what they were about.
#[derive(Debug)]
struct Addressed(SharedHttpConnector);

impl HttpConnector for Addressed {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (at, call) =
            (address(request.uri(), |name| Env::real().get(name).ok()), self.0.call(request));
        HttpConnectorFuture::new(async move { call.await.map_err(|error| addressed(at, error)) })
    }
}

/// The same failure, for whoever tries again, with the address.
fn addressed(at: String, error: ConnectorError) -> ConnectorError {
    let (timeout, io, user, other) =
        (error.is_timeout(), error.is_io(), error.is_user(), error.as_other());
    let unreached = Box::new(Unreached { at, cause: error });
    match () {
        () if timeout => ConnectorError::timeout(unreached),
        () if io => ConnectorError::io(unreached),
        () if user => ConnectorError::user(unreached),
        () => ConnectorError::other(unreached, other),
    }
}

/// `https://sts.eu-west-1.amazonaws.com`, with the variable that names a proxy on the way.
fn address(uri: &str, variable: impl Fn(&str) -> Option<String>) -> String {
    let (scheme, rest) = uri.split_once("://").unwrap_or(("", uri));
    let host = rest.split(['/', '?']).next().unwrap_or(rest);
    let names = match scheme {
        "https" => ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
        _ => ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
    };
    let is_set = |name: &&&str| variable(name).is_some_and(|value| !value.is_empty());
    let proxy = names.iter().find(is_set);
    let proxy = proxy.map_or(String::new(), |name| format!(" ({name} is set)"));
    format!("{scheme}://{host}{proxy}")
}

#[derive(Debug)]
struct Unreached {
    at: String,
    cause: ConnectorError,
}

impl std::fmt::Display for Unreached {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} did not answer", self.at)
    }
}

impl std::error::Error for Unreached {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

/// An error and what caused it, from outside to inside.
fn chain<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |one| one.source())
}

/// The innermost cause: what is around it are the SDK's own layers.
fn root(error: &(dyn std::error::Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_that_did_not_answer_is_named() {
        let of = "aws_sdk_cloudformation::operation::describe_stacks::DescribeStacksError";
        assert_eq!((service(of), service("std::io::Error")), ("cloudformation", "AWS"));
        let list = "aws_sdk_eks::operation::list_addons::ListAddonsError";
        assert_eq!(
            (action(list), action("std::io::Failure")),
            ("eks:ListAddons".into(), "".into())
        );
        let refused = std::io::Error::other("connection refused");
        assert_eq!(unanswered("sts", &refused), "sts did not answer: connection refused");
        let refused = addressed("http://127.0.0.1:1".into(), ConnectorError::io(Box::new(refused)));
        assert!(refused.is_io());
        let words = "at http://127.0.0.1:1: connection refused";
        assert_eq!(unanswered("sts", &refused), format!("sts did not answer {words}"));
    }

    #[test]
    fn an_address_has_no_path_and_names_the_variable_of_a_proxy() {
        let none = |_: &str| None;
        assert_eq!(
            address("https://eks.eu-west-1.amazonaws.com/clusters/a?b", none),
            "https://eks.eu-west-1.amazonaws.com"
        );
        let proxy = |name: &str| (name == "https_proxy").then(|| "http://me:secret@proxy:1".into());
        assert_eq!(address("https://a.b/", proxy), "https://a.b (https_proxy is set)");
        assert_eq!(address("http://a.b/", proxy), "http://a.b");
    }

    #[test]
    fn why_there_are_no_credentials_is_told() {
        let told = |error: CredentialsError| unanswered("cloudformation", &error);
        assert_eq!(told(CredentialsError::not_loaded("x")), "no credentials were found");
        let failed = CredentialsError::provider_error("external process exited with code 1");
        assert_eq!(told(failed), "no credentials: external process exited with code 1");
    }

    /// Of a file or of a process, where no variable shows it.
    #[tokio::test]
    async fn keys_that_cannot_be_sent_are_no_credentials() {
        let keys = |id: &str, token: Option<&str>| {
            aws_credential_types::Credentials::new(
                id,
                "secret",
                token.map(str::to_string),
                None,
                "test",
            )
        };
        for (bad, words) in [
            (keys("AKIA\u{1}", None), "the access key id has a control character in it"),
            (keys("AKIA", Some("abc\r\n")), "the session token ends in a line end"),
        ] {
            let provider = Sound(SharedCredentialsProvider::new(bad));
            assert_eq!(root(&provider.provide_credentials().await.unwrap_err()), words);
        }
        assert!(
            Sound(SharedCredentialsProvider::new(keys("AKIA", None)))
                .provide_credentials()
                .await
                .is_ok()
        );
    }
}
