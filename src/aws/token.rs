//! The bearer token that an EKS cluster takes: a request to STS, signed here and sent by EKS.
//! Source: aws-iam-authenticator; the form is held to botocore's signature by the tests.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::port::Refusal;
use crate::facts::regions::Region;

/// How long the signed request lasts; EKS takes the token for a quarter of an hour from its making.
const LASTS: Duration = Duration::from_secs(60);

/// A token for `cluster`, made at `now`. It is as good as the credentials: never printed, never stored.
pub fn token(
    credentials: Credentials,
    region: &Region,
    cluster: &str,
    now: SystemTime,
) -> Result<String, Refusal> {
    let unsigned = |cause: &dyn std::fmt::Display| {
        Refusal::new("", format!("no token for the cluster could be signed: {cause}"))
    };
    let host = format!("sts.{}.{}", region.name, region.domain());
    let url = format!("https://{host}/?Action=GetCallerIdentity&Version=2011-06-15");
    let identity = credentials.into();
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(LASTS);
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region.name)
        .name("sts")
        .time(now)
        .settings(settings)
        .build();
    let parameters = parameters.map_err(|cause| unsigned(&cause))?.into();
    let headers = [("host", host.as_str()), ("x-k8s-aws-id", cluster)].into_iter();
    let request = SignableRequest::new("GET", &url, headers, SignableBody::Bytes(&[]))
        .map_err(|cause| unsigned(&cause))?;
    let (signed, _) = sign(request, &parameters).map_err(|cause| unsigned(&cause))?.into_parts();
    let more: String =
        signed.params().iter().map(|(name, value)| format!("&{name}={}", encoded(value))).collect();
    Ok(format!("k8s-aws-v1.{}", URL_SAFE_NO_PAD.encode(url + &more)))
}

/// As RFC 3986 leaves it: letters, digits and `-._~` stand for themselves.
fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(one).collect()
}
