//! A certificate for the sandbox's own names, and the authority that clients trust; the authority's key is thrown away.

use std::fs::OpenOptions;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};

use super::{TlsError, authority_file};

/// How long a certificate is valid: less than the 825 days that some platforms allow.
const VALID_DAYS: i32 = 730;
/// How many days before its end a certificate is made anew.
const RENEW_DAYS: i32 = 30;

/// The file with certificate and key, made anew where there is none for these names or its end is near; `now` is real time.
pub(super) fn prepare(folder: &Path, listen: IpAddr, now: Timestamp) -> Result<PathBuf, TlsError> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let names = names(listen);
    let (file, authority) = (folder.join("sandbox-tls.pem"), authority_file(folder));
    let kept = std::fs::read_to_string(&file).ok().filter(|_| authority.exists());
    if kept.is_some_and(|text| still_good(&text, &names, today)) {
        return Ok(file);
    }
    let made = make(&names, today).map_err(TlsError::Make)?;
    let head = format!("{}{}\n", head(&names), days_after(today, VALID_DAYS));
    std::fs::create_dir_all(folder).map_err(|source| TlsError::Write { path: folder.to_owned(), source })?;
    write(&authority, 0o644, &made.authority)?;
    write(&file, 0o600, &format!("{head}{}{}", made.certificate, made.key))?;
    Ok(file)
}

/// Texts in PEM.
struct Made {
    authority: String,
    certificate: String,
    key: String,
}

fn make(names: &[String], today: Date) -> Result<Made, rcgen::Error> {
    let mut authority = params(&[], "usherd sandbox authority", today)?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority_key = KeyPair::generate()?;
    let authority_pem = authority.self_signed(&authority_key)?.pem();

    let mut server = params(names, "usherd sandbox", today)?;
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = server.signed_by(&key, &Issuer::new(authority, authority_key))?.pem();
    Ok(Made { authority: authority_pem, certificate, key: key.serialize_pem() })
}

fn params(names: &[String], common_name: &str, today: Date) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, common_name);
    let midnight = |day: Date| {
        let part = |number: i8| u8::try_from(number).unwrap_or(1);
        date_time_ymd(day.year().into(), part(day.month()), part(day.day()))
    };
    // Clocks of clients may be behind.
    params.not_before = midnight(days_after(today, -1));
    params.not_after = midnight(days_after(today, VALID_DAYS));
    Ok(params)
}

/// The names that a client on this machine may write, and the address that the sandbox listens on.
fn names(listen: IpAddr) -> Vec<String> {
    let mut addresses = vec![IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()];
    if !listen.is_unspecified() && !addresses.contains(&listen) {
        addresses.push(listen);
    }
    std::iter::once("localhost".to_owned()).chain(addresses.iter().map(IpAddr::to_string)).collect()
}

/// What a kept file begins with; its last day follows. Readers of PEM skip what stands before the first block.
fn head(names: &[String]) -> String {
    format!("names: {}; until: ", names.join(", "))
}

fn still_good(text: &str, names: &[String], today: Date) -> bool {
    let until = text.lines().next().and_then(|line| line.strip_prefix(&head(names))?.parse::<Date>().ok());
    until.is_some_and(|until| days_after(today, RENEW_DAYS) < until)
}

fn days_after(day: Date, days: i32) -> Date {
    day.saturating_add(Span::new().days(days))
}

fn write(path: &Path, mode: u32, text: &str) -> Result<(), TlsError> {
    // An old file may have another mode.
    let write = || {
        if path.exists() {
            std::fs::remove_file(path)?;
        }
        let mut options = OpenOptions::new();
        options.create_new(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        options.open(path)?.write_all(text.as_bytes())
    };
    write().map_err(|source| TlsError::Write { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_kept_until_its_end_is_near_or_its_names_change() {
        let folder = tempfile::tempdir().unwrap();
        let prepared = |listen: [u8; 4], now: &str| {
            let file = prepare(folder.path(), listen.into(), now.parse().unwrap()).unwrap();
            let authority = std::fs::read_to_string(authority_file(folder.path())).unwrap();
            (std::fs::read_to_string(file).unwrap(), authority)
        };
        let first = prepared([127, 0, 0, 1], "2026-11-22T12:00:00Z");
        assert_eq!(prepared([0, 0, 0, 0], "2028-10-20T12:00:00Z"), first);
        let second = prepared([10, 0, 0, 7], "2026-11-22T12:00:00Z");
        assert!(second.0 != first.0 && second.1 != first.1);
        assert_ne!(prepared([10, 0, 0, 7], "2028-11-01T12:00:00Z"), second);
        std::fs::remove_file(authority_file(folder.path())).unwrap();
        prepared([10, 0, 0, 7], "2028-11-01T12:00:00Z");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = prepare(folder.path(), Ipv4Addr::LOCALHOST.into(), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
