//! Client assertions: signed JWTs in the place of a client secret, from a certificate's key or another issuer's (graph-contract 5).

use jiff::{SignedDuration, Timestamp};
use ring::digest;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::base64::base64;
use super::certificate::{certificate_der, public_key};
use super::signing_key::JsonWebKey;

/// The longest assertion that is read, in bytes.
const LENGTH_LIMIT: usize = 16 * 1024;
/// How far the clocks of the two sides may be apart.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// The audience of a federated assertion where the credential names none.
const EXCHANGE_AUDIENCE: &str = "api://AzureADTokenExchange";

/// What the application may prove itself with, beside its secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Credentials {
    /// Certificates with RSA or P-256 keys, in PEM.
    #[serde(default)]
    pub(super) certificates: Vec<String>,
    #[serde(default)]
    pub(super) federated: Vec<FederatedCredential>,
}

/// Another issuer whose assertions are accepted for the application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FederatedCredential {
    /// The assertion's `iss`.
    pub issuer: String,
    /// The assertion's `sub`.
    pub subject: String,
    /// The assertion's `aud`.
    #[serde(default = "exchange_audience")]
    pub audience: String,
    /// The issuer's keys: the real service would fetch them, the sandbox is given them.
    pub keys: Vec<JsonWebKey>,
}

/// Why a text is no certificate that can be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is no certificate in PEM with an RSA key of 2048 to 8192 bits, or a key on P-256")]
pub struct CertificateError;

/// Why an assertion proves nothing: the AADSTS number and the message.
pub(super) type Refused = (u32, String);

impl Credentials {
    /// Adds a certificate.
    ///
    /// # Errors
    /// Fails for what is not one with such a key.
    pub(super) fn add_certificate(&mut self, pem: &str) -> Result<(), CertificateError> {
        let der = certificate_der(pem).ok_or(CertificateError)?;
        public_key(&der).ok_or(CertificateError)?;
        self.certificates.push(pem.to_owned());
        Ok(())
    }

    /// Checks an assertion for `client_id`; `endpoints` are the token endpoint's addresses, `now` is real time.
    pub(super) fn check(
        &self,
        assertion: &str,
        client_id: &str,
        endpoints: &[String],
        now: Timestamp,
    ) -> Result<(), Refused> {
        let malformed = || (50027, "JWT token is invalid or malformed.".to_owned());
        let jwt = Jwt::read(assertion).ok_or_else(malformed)?;
        if jwt.header.thumbprint.is_some() {
            self.check_certificate(&jwt, client_id, endpoints)?;
        } else {
            self.check_federated(&jwt)?;
        }
        let outside = || (700_024, "Client assertion is not within its valid time range.".to_owned());
        let instant = |seconds: i64| Timestamp::from_second(seconds).map_err(|_| outside());
        let (begins, ends) = (instant(jwt.claims.nbf.or(jwt.claims.iat).unwrap_or(0))?, instant(jwt.claims.exp)?);
        let not_yet = begins.duration_since(now) > SKEW;
        let no_more = now.duration_since(ends) > SKEW;
        if not_yet || no_more { Err(outside()) } else { Ok(()) }
    }

    fn check_certificate(&self, jwt: &Jwt<'_>, client_id: &str, endpoints: &[String]) -> Result<(), Refused> {
        let unproven = |why: &str| (700_027, format!("Client assertion failed signature validation: {why}."));
        let is_named = |der: &Vec<u8>| {
            let thumbprint = digest::digest(&digest::SHA256, der);
            jwt.header.thumbprint.as_deref().and_then(base64).as_deref() == Some(thumbprint.as_ref())
        };
        let certificate = self.certificates.iter().filter_map(|pem| certificate_der(pem)).find(is_named);
        let certificate = certificate.ok_or_else(|| unproven("the key was not found by its thumbprint"))?;
        let key = public_key(&certificate).ok_or_else(|| unproven("the certificate's key cannot be used"))?;
        if !key.verifies(&jwt.header.alg, jwt.signed.as_bytes(), &jwt.signature) {
            return Err(unproven("the signature is not the key's by one of PS256, RS256 and ES256"));
        }
        let claims = &jwt.claims;
        if ![&claims.iss, &claims.sub].iter().all(|claim| claim.eq_ignore_ascii_case(client_id)) {
            return Err((700_021, "The client assertion's 'iss' and 'sub' are not the application's id.".to_owned()));
        }
        if !endpoints.contains(&claims.aud) {
            let message =
                format!("Client assertion audience claim '{}' does not match the token endpoint.", claims.aud);
            return Err((700_023, message));
        }
        Ok(())
    }

    fn check_federated(&self, jwt: &Jwt<'_>) -> Result<(), Refused> {
        let Claims { iss, sub, aud, .. } = &jwt.claims;
        let fits =
            |known: &&FederatedCredential| known.issuer == *iss && known.subject == *sub && known.audience == *aud;
        let credential = self.federated.iter().find(fits).ok_or_else(|| {
            let message = "No matching federated identity record found for presented assertion.";
            (
                70021,
                format!(
                    "{message} Assertion Issuer: '{iss}'. Assertion Subject: '{sub}'. Assertion Audience: '{aud}'."
                ),
            )
        })?;
        let unproven = || (500_081, "The signature of the federated assertion is not one of its issuer's.".to_owned());
        let key = credential.keys.iter().find(|key| Some(&key.kid) == jwt.header.kid.as_ref()).ok_or_else(unproven)?;
        let key = key.material.public_key().ok_or_else(unproven)?;
        let verified = key.verifies(&jwt.header.alg, jwt.signed.as_bytes(), &jwt.signature);
        if verified { Ok(()) } else { Err(unproven()) }
    }
}

/// A JWT in the compact form (RFC 7515, section 3.1).
struct Jwt<'a> {
    header: Header,
    claims: Claims,
    /// What the signature is about.
    signed: &'a str,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    #[serde(rename = "x5t#S256")]
    thumbprint: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
}

impl<'a> Jwt<'a> {
    fn read(assertion: &'a str) -> Option<Self> {
        if assertion.len() > LENGTH_LIMIT {
            return None;
        }
        let (signed, signature) = assertion.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        Some(Self { header: json(header)?, claims: json(claims)?, signed, signature: base64(signature)? })
    }
}

fn exchange_audience() -> String {
    EXCHANGE_AUDIENCE.to_owned()
}

fn json<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&base64(part)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_certificate_is_not_registered() {
        let mut credentials = Credentials::default();
        for text in ["", "-----BEGIN CERTIFICATE-----MAA=-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\n"] {
            assert_eq!(credentials.add_certificate(text), Err(CertificateError), "{text}");
        }
        assert_eq!(credentials, Credentials::default());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,60}\\.\\PC{0,20}") {
            assert!(Credentials::default().check(&text, "app", &[], Timestamp::UNIX_EPOCH).is_err());
        }
    }
}
