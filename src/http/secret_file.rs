//! A secret in a file: one text, read again whenever it is needed, so that a new secret needs no restart.

use std::io;
use std::path::Path;

use secrecy::SecretString;
use tokio::io::AsyncReadExt;

/// Most bytes a secret file may hold.
pub const LONGEST_SECRET: u64 = 4096;

/// Why a secret could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// The file cannot be read.
    #[error("it could not be read; check that it exists and that usherd's account may read it")]
    Unreadable(#[source] io::Error),
    /// It holds no secret.
    #[error("it must hold the secret alone, as text of 1 to {LONGEST_SECRET} bytes")]
    Unusable,
}

/// The secret in a file. A line end after it is dropped.
///
/// # Errors
/// [`SecretFileError`] when the file cannot be read, or holds something else than one text.
pub async fn read_secret(path: &Path) -> Result<SecretString, SecretFileError> {
    let file = tokio::fs::File::open(path).await.map_err(SecretFileError::Unreadable)?;
    let mut text = Vec::new();
    file.take(LONGEST_SECRET + 1).read_to_end(&mut text).await.map_err(SecretFileError::Unreadable)?;
    let is_too_long = text.len() as u64 > LONGEST_SECRET;
    let text = String::from_utf8(text).map_err(|_| SecretFileError::Unusable)?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if is_too_long || secret.is_empty() { Err(SecretFileError::Unusable) } else { Ok(secret.into()) }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[tokio::test]
    async fn a_secret_file_is_one_text_with_an_optional_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let read = async |content: &[u8]| {
            std::fs::write(&path, content).unwrap();
            read_secret(&path).await
        };
        assert_eq!(read(b" s3cret\r\n").await.unwrap().expose_secret(), " s3cret");
        for content in [&b"\n"[..], &[0xff, 0xfe], &[b'a'; 5000]] {
            assert!(matches!(read(content).await, Err(SecretFileError::Unusable)));
        }
        assert!(matches!(read_secret(&folder.path().join("none")).await, Err(SecretFileError::Unreadable(_))));
    }
}
