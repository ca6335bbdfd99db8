//! Words into addresses and sizes, with the right word where the written one is wrong.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::diagnostic::Diagnostic;
use crate::rules::{NET_01, NET_02, VPC_02};

/// An IPv4 CIDR without host bits (rules NET-01, VPC-02).
pub fn cidr(path: &str, text: &str) -> Result<Ipv4Net, Diagnostic> {
    let leading_zero =
        text.split(['.', '/']).any(|number| number.len() > 1 && number.starts_with('0'));
    let parsed = text
        .parse::<Ipv4Net>()
        .ok()
        .filter(|_| !leading_zero)
        .ok_or_else(|| malformed(path, text))?;
    if parsed == parsed.trunc() {
        return Ok(parsed);
    }
    let net = parsed.trunc();
    Err(VPC_02
        .at(path, format!("`{text}` has host bits set"))
        .label("an address inside the range, not the range")
        .hint(format!("the range is `{net}`; AWS would use that silently")))
}

/// The range that a refused word is an address of.
pub fn meant(text: &str) -> Option<Ipv4Net> {
    text.parse::<Ipv4Net>().ok().map(|net| net.trunc())
}

/// A CIDR of either family.
pub fn range(path: &str, text: &str) -> Result<IpNet, Diagnostic> {
    if text.contains(':') {
        ipv6(path, text).map(IpNet::from)
    } else {
        cidr(path, text).map(IpNet::from)
    }
}

/// An IPv6 CIDR of any length. An `Err` has the text without host bits (rule VPC-02), or says how one is written (rule NET-01).
pub fn ipv6(path: &str, text: &str) -> Result<Ipv6Net, Diagnostic> {
    match text.parse::<Ipv6Net>() {
        Ok(range) if range == range.trunc() => Ok(range),
        Ok(range) => Err(VPC_02
            .at(path, format!("`{text}` has host bits set"))
            .hint(format!("the range is `{}`", range.trunc()))),
        Err(_) => Err(NET_01
            .at(path, format!("`{text}` is not an IPv6 CIDR"))
            .hint("such as `2001:db8:1200::/56`")),
    }
}

fn malformed(path: &str, text: &str) -> Diagnostic {
    let finding = NET_01.at(path, format!("`{text}` is not an IPv4 CIDR"));
    if text.parse::<Ipv6Net>().is_ok() {
        return finding.hint("this is an IPv6 range; an IPv4 range belongs here");
    }
    if text.parse::<std::net::Ipv4Addr>().is_ok() {
        return finding.hint(format!("add the prefix length, as in `{text}/24`"));
    }
    match without_leading_zeros(text) {
        Some(plain) => finding.hint(format!("numbers with leading zeros are octal to some readers and decimal to others; `{plain}` is meant?")),
        None => finding.hint("write four numbers from 0 to 255 and a prefix length, as in `10.40.0.0/16`"),
    }
}

/// `010.0.0.0/8` → `10.0.0.0/8`, if that makes it a CIDR.
fn without_leading_zeros(text: &str) -> Option<String> {
    let (address, len) = text.split_once('/')?;
    let octets =
        address.split('.').map(|octet| octet.parse::<u8>().map(|number| number.to_string()));
    let address = octets.collect::<Result<Vec<_>, _>>().ok()?.join(".");
    let plain = format!("{address}/{len}");
    plain.parse::<Ipv4Net>().ok().map(|net| net.trunc().to_string())
}

/// A prefix length written as `/20` (rule NET-02). Its bounds are the caller's business.
pub fn size(path: &str, text: &str) -> Result<u8, Diagnostic> {
    let written = text
        .strip_prefix('/')
        .filter(|digits| digits.len() == 1 || !digits.starts_with('0'))
        .and_then(|digits| digits.parse::<u8>().ok())
        .filter(|len| *len <= 32);
    written.ok_or_else(|| {
        let finding = NET_02.at(path, format!("`{text}` is not a subnet size"));
        match text.parse::<u8>() {
            Ok(len) if len <= 32 => finding.hint(format!("set `/{len}`")),
            _ => {
                finding.hint("write a prefix length, such as `/20` for 4,091 addresses, or `auto`")
            }
        }
    })
}

/// Keeps what parsed and notes what did not.
pub fn keep<T>(result: Result<T, Diagnostic>, findings: &mut Vec<Diagnostic>) -> Option<T> {
    result.map_err(|finding| findings.push(finding)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_cidr_comes_with_the_right_one() {
        let hint = |text| cidr("vpc.cidr", text).unwrap_err().hint.unwrap();
        assert!(hint("100.68.0.18/18").contains("`100.68.0.0/18`"));
        assert!(hint("010.0.0.0/8").contains("`10.0.0.0/8`"));
        assert!(hint("10.0.0.0").contains("`10.0.0.0/24`"));
        assert!(hint("fd00::/8").contains("IPv6"));
        assert_eq!(cidr("vpc.cidr", "10.40.0.0/16").unwrap().to_string(), "10.40.0.0/16");
    }

    #[test]
    fn a_size_is_a_slash_and_a_number() {
        assert_eq!(size("s", "/20").unwrap(), 20);
        for wrong in ["/020", "20", "/33", "/x", "", "/-1", "auto"] {
            assert_eq!(size("s", wrong).unwrap_err().rule, "NET-02", "{wrong}");
        }
    }
}
