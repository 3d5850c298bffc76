//! Which addresses of the internet may be fetched from: public unicast addresses, and what the operator admits.
//!
//! The table follows the special-purpose registries of IANA (RFC 6890 and what came after it). An IPv6 address that
//! carries an IPv4 address is judged by the one that it carries. It never resolves a name.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A range of addresses, such as `10.1.2.0/24`. A single address is a range of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// What the operator admits although it is not public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admitted {
    /// Every address in a range.
    Network(Network),
    /// Whatever a host of this name resolves to, in lower case; metadata services excepted.
    Host(String),
}

/// Why an address is not fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocked {
    /// It gives credentials to whoever asks from inside a cloud.
    Metadata,
    /// It is of this kind, for instance "private".
    Special(&'static str),
}

/// Addresses of metadata services, which hand out credentials. They are admitted only when they are listed themselves.
const METADATA: [IpAddr; 8] = [
    // Amazon, Google, Microsoft, DigitalOcean, OpenStack and others; then Amazon's containers.
    v4(169, 254, 169, 254),
    v4(169, 254, 170, 2),
    v4(169, 254, 170, 23),
    // Alibaba, Oracle, Microsoft's host agent.
    v4(100, 100, 100, 200),
    v4(192, 0, 0, 192),
    v4(168, 63, 129, 16),
    // Amazon and Google over IPv6.
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254)),
];

/// IPv4 ranges that are not public hosts.
const SPECIAL_V4: [(Network, &str); 16] = [
    (net4(0, 0, 0, 0, 8), "unspecified"),
    (net4(10, 0, 0, 0, 8), "private"),
    (net4(100, 64, 0, 0, 10), "shared by a carrier"),
    (net4(127, 0, 0, 0, 8), "loopback"),
    (net4(169, 254, 0, 0, 16), "link-local"),
    (net4(172, 16, 0, 0, 12), "private"),
    (net4(192, 0, 0, 0, 24), "reserved for protocols"),
    (net4(192, 0, 2, 0, 24), "for documentation"),
    (net4(192, 31, 196, 0, 24), "reserved for protocols"),
    (net4(192, 88, 99, 0, 24), "a 6to4 relay"),
    (net4(192, 168, 0, 0, 16), "private"),
    (net4(198, 18, 0, 0, 15), "for benchmarks"),
    (net4(198, 51, 100, 0, 24), "for documentation"),
    (net4(203, 0, 113, 0, 24), "for documentation"),
    (net4(224, 0, 0, 0, 4), "multicast"),
    (net4(240, 0, 0, 0, 4), "reserved"),
];

/// IPv6 ranges inside global unicast (`2000::/3`) that are not public hosts. What lies outside of it is blocked anyway.
const SPECIAL_V6: [(Network, &str); 6] = [
    // Teredo carries IPv4 addresses in a masked form; ORCHID, benchmarks and the rest are no hosts either.
    (net6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), "reserved for protocols"),
    (net6([0x2001, 0x0db8, 0, 0, 0, 0, 0, 0], 32), "for documentation"),
    (net6([0x2620, 0x004f, 0x8000, 0, 0, 0, 0, 0], 48), "reserved for protocols"),
    (net6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), "for documentation"),
    (net6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), "for segment routing"),
    (net6([0x3ffe, 0, 0, 0, 0, 0, 0, 0], 16), "reserved"),
];

const GLOBAL_UNICAST: Network = net6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);
const NAT64: Network = net6([0x0064, 0xff9b, 0, 0, 0, 0, 0, 0], 96);
const SIX_TO_FOUR: Network = net6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16);

const fn v4(a: u8, b: u8, c: u8, d: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(a, b, c, d))
}

const fn net4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Network {
    Network { address: v4(a, b, c, d), prefix }
}

const fn net6(s: [u16; 8], prefix: u8) -> Network {
    let [a, b, c, d, e, f, g, h] = s;
    Network { address: IpAddr::V6(Ipv6Addr::new(a, b, c, d, e, f, g, h)), prefix }
}

impl Network {
    /// Whether an address lies in the range. An IPv4 address that is written as IPv6 is the same address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }

    /// Whether the range is one address.
    fn is_single(&self) -> bool {
        self.prefix == if self.address.is_ipv4() { 32 } else { 128 }
    }
}

impl FromStr for Network {
    type Err = String;

    /// Reads `10.1.2.0/24`, `fd12::/16`, or a single address. Bits behind the prefix must be zero: `10.1.2.3/24` could be
    /// meant as either.
    fn from_str(text: &str) -> Result<Self, String> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| format!("`{address}` is not an address"))?;
        let address = address.to_canonical();
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => most,
            Some(written) => written
                .parse::<u8>()
                .ok()
                .filter(|prefix| *prefix <= most)
                .ok_or_else(|| format!("`/{written}` is not the length of a prefix: write 0 to {most}"))?,
        };
        let network = Self { address, prefix };
        if network.first() != address {
            return Err(format!("`{text}` has bits behind its prefix; did you mean `{}/{prefix}`?", network.first()));
        }
        Ok(network)
    }
}

impl Network {
    fn first(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
            }
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_single() { write!(f, "{}", self.address) } else { write!(f, "{}/{}", self.address, self.prefix) }
    }
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metadata => f.write_str("a metadata service, which hands out credentials"),
            Self::Special(kind) => f.write_str(kind),
        }
    }
}

/// Judges an address that `host` resolved to.
///
/// # Errors
/// Why it is not fetched from.
pub fn judge(address: IpAddr, host: &str, admitted: &[Admitted]) -> Result<(), Blocked> {
    let address = address.to_canonical();
    let is_listed = |single: bool| {
        admitted.iter().any(|admitted| match admitted {
            Admitted::Network(network) => network.contains(address) && (!single || network.is_single()),
            Admitted::Host(name) => !single && name == host,
        })
    };
    match blocked(address) {
        None => Ok(()),
        Some(Blocked::Metadata) if is_listed(true) => Ok(()),
        Some(Blocked::Special(_)) if is_listed(false) => Ok(()),
        Some(blocked) => Err(blocked),
    }
}

/// Why an address is not public; `None` for a public one.
fn blocked(address: IpAddr) -> Option<Blocked> {
    if METADATA.contains(&address) {
        return Some(Blocked::Metadata);
    }
    match address {
        IpAddr::V4(_) => special(address, &SPECIAL_V4),
        IpAddr::V6(v6) => match carried(v6) {
            Some(v4) => blocked(IpAddr::V4(v4)),
            None => blocked_v6(v6),
        },
    }
}

fn special(address: IpAddr, table: &[(Network, &'static str)]) -> Option<Blocked> {
    table.iter().find(|(network, _)| network.contains(address)).map(|(_, kind)| Blocked::Special(kind))
}

fn blocked_v6(address: Ipv6Addr) -> Option<Blocked> {
    if address.is_loopback() {
        return Some(Blocked::Special("loopback"));
    }
    if address.is_unique_local() {
        return Some(Blocked::Special("private"));
    }
    if address.is_unicast_link_local() {
        return Some(Blocked::Special("link-local"));
    }
    if address.is_multicast() {
        return Some(Blocked::Special("multicast"));
    }
    if !GLOBAL_UNICAST.contains(IpAddr::V6(address)) {
        return Some(Blocked::Special("not a public address"));
    }
    // ISATAP puts an IPv4 address behind the interface identifier ::0:5efe or ::200:5efe.
    let [.., fifth, sixth, _, _] = address.segments();
    if fifth & !0x0200 == 0 && sixth == 0x5efe {
        return Some(Blocked::Special("an ISATAP tunnel"));
    }
    special(IpAddr::V6(address), &SPECIAL_V6)
}

/// The IPv4 address that an IPv6 address carries for a translator or a tunnel, other than the mapped form.
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let bits = address.to_bits();
    let low = |shift: u32| Ipv4Addr::from_bits(u32::try_from((bits >> shift) & 0xffff_ffff).unwrap_or(0));
    if NAT64.contains(IpAddr::V6(address)) {
        return Some(low(0));
    }
    SIX_TO_FOUR.contains(IpAddr::V6(address)).then(|| low(80))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(address: &str) -> Option<String> {
        judge(address.parse().unwrap(), "host", &[]).err().map(|blocked| blocked.to_string())
    }

    #[test]
    fn what_is_not_public_is_blocked_in_every_writing() {
        let not_public = "127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 \
             169.254.169.254 169.254.0.1 100.64.0.1 100.127.255.255 192.0.0.1 192.0.2.1 198.18.0.1 \
             198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 \
             168.63.129.16 :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 \
             ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 2002:7f00:1:: \
             2002:a9fe:a9fe::1 2002:c0a8:101::1 2001::1 2001:0:4136:e378::1 2001:db8::1 fc00::1 fd00:ec2::254 \
             fe80::1 fec0::1 ff02::1 100::1 3fff::1 2600:1f00::5efe:a00:1 2600:1f00::200:5efe:7f00:1 5f00::1 \
             4000::1";
        for address in not_public.split_whitespace() {
            assert!(why(address).is_some(), "{address}");
        }
        let public = "1.1.1.1 8.8.8.8 172.15.255.255 172.32.0.0 100.63.255.255 100.128.0.0 192.0.1.1 198.17.255.255 \
             223.255.255.255 2606:4700::1111 2001:4860:4860::8888 64:ff9b::808:808 2002:808:808::1 \
             ::ffff:8.8.8.8";
        for address in public.split_whitespace() {
            assert_eq!(why(address), None, "{address}");
        }
    }

    #[test]
    fn the_operator_admits_ranges_and_hosts_but_metadata_only_by_its_own_address() {
        let admitted = |list: &[&str]| -> Vec<Admitted> {
            list.iter()
                .map(|text| text.parse().map_or_else(|_| Admitted::Host((*text).to_owned()), Admitted::Network))
                .collect()
        };
        let may =
            |address: &str, host: &str, list: &[&str]| judge(address.parse().unwrap(), host, &admitted(list)).is_ok();
        assert!(may("10.1.2.3", "x", &["10.1.2.0/24"]));
        assert!(may("::ffff:10.1.2.3", "x", &["10.1.2.0/24"]));
        assert!(!may("10.1.3.3", "x", &["10.1.2.0/24"]));
        assert!(may("10.9.9.9", "vault.internal", &["vault.internal"]));
        assert!(!may("10.9.9.9", "evil.vault.internal", &["vault.internal"]));
        for list in [&["0.0.0.0/0", "::/0"][..], &["meta"], &["169.254.0.0/16", "168.63.129.0/24", "fd00::/8"]] {
            for address in ["169.254.169.254", "168.63.129.16", "fd00:ec2::254", "::ffff:169.254.169.254"] {
                assert!(!may(address, "meta", list), "{address} {list:?}");
            }
        }
        assert!(may("169.254.169.254", "meta", &["169.254.169.254"]));
        assert!(may("169.254.169.254", "meta", &["169.254.169.254/32"]));
        assert!(!may("64:ff9b::a9fe:a9fe", "meta", &["64:ff9b::/96"]));
    }

    #[test]
    fn ranges_are_read_strictly() {
        for text in ["10.0.0.0/33", "10.0.0.1/24", "10.0.0.0/x", "10.0.0/8", "::/129", "0x7f.1", "", "/8"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
        for text in ["10.0.0.0/8", "0.0.0.0/0", "::/0", "fd12:3456::/32", "192.168.1.1"] {
            assert_eq!(text.parse::<Network>().unwrap().to_string(), text);
        }
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains("255.1.2.3".parse().unwrap()));
    }
}
