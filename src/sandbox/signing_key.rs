//! Public keys that sign assertions, and the JSON Web Keys they come as (RFC 7517, 7518): RSA, and P-256.

use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::{Deserialize, Serialize};

use super::base64::base64;

/// The length of a coordinate on P-256, in bytes.
const COORDINATE: usize = 32;
/// What an uncompressed point begins with (SEC 1, section 2.3.3).
const UNCOMPRESSED: u8 = 4;

/// A key of a JSON Web Key Set; members that are not needed are set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JsonWebKey {
    /// The key's id, as the assertion's header names it.
    pub kid: String,
    /// The key itself.
    #[serde(flatten)]
    pub material: KeyMaterial,
}

/// What makes a JSON Web Key; numbers are base64url.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KeyMaterial {
    /// An RSA key, for PS256 and RS256.
    Rsa {
        /// The modulus.
        n: String,
        /// The exponent.
        e: String,
    },
    /// A point on a curve, for ES256.
    Elliptic {
        /// The curve: `P-256` is the one there is.
        crv: String,
        /// The first coordinate.
        x: String,
        /// The second coordinate.
        y: String,
    },
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PublicKey {
    /// A DER `RSAPublicKey`, as a certificate has it.
    Rsa(Vec<u8>),
    /// Modulus and exponent, as a JSON Web Key has them.
    RsaParts { n: Vec<u8>, e: Vec<u8> },
    /// An uncompressed point on P-256.
    P256(Vec<u8>),
}

impl KeyMaterial {
    /// The key; `None` for numbers that are none, and for other curves.
    pub(super) fn public_key(&self) -> Option<PublicKey> {
        match self {
            Self::Rsa { n, e } => Some(PublicKey::RsaParts { n: base64(n)?, e: base64(e)? }),
            Self::Elliptic { crv, x, y } => {
                let point = [vec![UNCOMPRESSED], base64(x)?, base64(y)?].concat();
                PublicKey::p256(point).filter(|_| crv == "P-256")
            }
        }
    }
}

impl PublicKey {
    /// The key that is this point on P-256; `None` where the length is not an uncompressed point's.
    pub(super) fn p256(point: Vec<u8>) -> Option<Self> {
        let is_point = point.len() == 1 + 2 * COORDINATE && point.first() == Some(&UNCOMPRESSED);
        is_point.then_some(Self::P256(point))
    }

    /// Whether the signature is the key's by this JWS algorithm (RFC 7518, section 3.1), which has to be one of the key's kind.
    pub(super) fn verifies(&self, algorithm: &str, signed: &[u8], signature: &[u8]) -> bool {
        let rsa: Option<&RsaParameters> = match algorithm {
            "PS256" => Some(&RSA_PSS_2048_8192_SHA256),
            "RS256" => Some(&RSA_PKCS1_2048_8192_SHA256),
            _ => None,
        };
        match (self, rsa) {
            (Self::Rsa(key), Some(rsa)) => UnparsedPublicKey::new(rsa, key).verify(signed, signature).is_ok(),
            (Self::RsaParts { n, e }, Some(rsa)) => {
                RsaPublicKeyComponents { n, e }.verify(rsa, signed, signature).is_ok()
            }
            (Self::P256(point), None) if algorithm == "ES256" => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed, signature).is_ok()
            }
            _ => false,
        }
    }
}
