//! Reads a host as every URL parser might: dotted, decimal, octal, hexadecimal, short and mapped addresses, names that
//! resolve to an address by construction, and the names and addresses of cloud metadata services.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where a host leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The metadata service of a cloud.
    Metadata,
    /// This machine.
    Loopback,
    /// A private network.
    Private,
    /// The local link, unspecified or otherwise not for routing.
    Special,
}

impl Reach {
    /// The rule.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Metadata => "cloud-metadata",
            Self::Loopback => "loopback",
            Self::Private => "private-network",
            Self::Special => "special-address",
        }
    }
}

/// Where a host leads, if not to the open network, and whether it was written in a form that hides it.
#[must_use]
pub fn reach(host: &str) -> Option<(Reach, bool)> {
    let host = host.trim_end_matches('.');
    if let Some(inner) = host.strip_prefix('[') {
        let inner = inner.split([']', '%']).next().unwrap_or_default();
        return inner.parse::<Ipv6Addr>().ok().and_then(reach_v6);
    }
    let lower = host.to_ascii_lowercase();
    if let Some(address) = ipv4(&lower) {
        let hidden = lower.parse::<Ipv4Addr>().is_err();
        return reach_v4(address).map(|reach| (reach, hidden));
    }
    if let Ok(IpAddr::V6(address)) = lower.parse() {
        return reach_v6(address);
    }
    reach_name(&lower)
}

fn reach_name(name: &str) -> Option<(Reach, bool)> {
    const METADATA: &[&str] = &[
        "metadata.google.internal",
        "metadata.goog",
        "metadata",
        "instance-data",
        "metadata.tencentyun.com",
        "metadata.azure.internal",
        "metadata.azure.com",
        "instance-data.ec2.internal",
        "metadata.packet.net",
        "metadata.platformequinix.com",
        "metadata.oraclecloud.com",
        "metadata.aliyun.com",
        "metadata.internal",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
        "kubernetes.default",
        "rancher-metadata",
    ];
    if METADATA.contains(&name) {
        return Some((Reach::Metadata, false));
    }
    if matches!(
        name,
        "localhost" | "localhost.localdomain" | "ip6-localhost" | "ip6-loopback" | "localhost6" | "loopback"
    ) || name.ends_with(".localhost")
    {
        return Some((Reach::Loopback, false));
    }
    if matches!(name, "host.docker.internal" | "gateway.docker.internal" | "host.containers.internal") {
        return Some((Reach::Loopback, false));
    }
    const WILDCARD: &[&str] = &[
        "nip.io",
        "sslip.io",
        "xip.io",
        "localtest.me",
        "lvh.me",
        "vcap.me",
        "lacolhost.com",
        "yoogle.com",
        "bugbounty.dod.network",
        "1u.ms",
        "rbndr.us",
        "ip.addr.tools",
        "xip.name",
        "fuf.me",
        "127-0-0-1.org.uk",
        "readme.localtest.me",
        "spoofed.burpcollaborator.net",
        "traefik.me",
        "local.gd",
        "domaincontrol.com",
        "fbi.com",
        "nip.io.",
        "backname.io",
    ];
    let zone = WILDCARD
        .iter()
        .find(|zone| name == **zone || name.strip_suffix(**zone).is_some_and(|rest| rest.ends_with('.')))?;
    let labels = name.strip_suffix(zone).unwrap_or_default().trim_end_matches('.');
    if matches!(*zone, "domaincontrol.com" | "fbi.com" | "yoogle.com") {
        return name.starts_with("localhost").then_some((Reach::Loopback, true)).or(None);
    }
    Some(embedded(labels).map_or((Reach::Loopback, true), |reach| (reach, true)))
}

/// The address that stands in the labels of a wildcard name: `10.0.0.1.nip.io`, `app-10-0-0-1.sslip.io`, `a9fea9fe.nip.io`.
fn embedded(labels: &str) -> Option<Reach> {
    let numbers: Vec<&str> = labels.split(['.', '-']).collect();
    let dotted = numbers.windows(4).rev().find_map(|four| ipv4(&four.join(".")));
    let hex =
        || labels.rsplit(['.', '-']).find(|part| part.len() == 8).and_then(|part| u32::from_str_radix(part, 16).ok());
    reach_v4(dotted.or_else(|| hex().map(Ipv4Addr::from))?)
}

/// An IPv4 address as the C library reads it: one to four parts, each decimal, octal or hexadecimal.
fn ipv4(host: &str) -> Option<Ipv4Addr> {
    if !host.bytes().next()?.is_ascii_digit() {
        return None;
    }
    let parts: Vec<u64> = host.split('.').map(number).collect::<Option<_>>()?;
    let (last, leading) = parts.split_last()?;
    if leading.len() > 3 {
        return None;
    }
    let room = 8 * (4 - u32::try_from(leading.len()).ok()?);
    // Some parsers drop what does not fit, so that 425.510.425.510 is 169.254.169.254.
    let overflowing = parts.len() == 4 && parts.iter().any(|part| *part > 255);
    let mut value = if overflowing { last & 0xFF } else { *last };
    // A number that is too large wraps around in some parsers.
    if leading.is_empty() && (1 << 32..1 << 36).contains(&value) {
        value &= 0xFFFF_FFFF;
    }
    if !overflowing && value >= 1u64 << room {
        return None;
    }
    for (at, part) in leading.iter().enumerate() {
        let byte = if overflowing { part & 0xFF } else { *part };
        if byte > 255 {
            return None;
        }
        value |= byte << (24 - 8 * u32::try_from(at).ok()?);
    }
    u32::try_from(value).ok().map(Ipv4Addr::from)
}

fn number(part: &str) -> Option<u64> {
    if part.is_empty() || part.len() > 24 {
        return None;
    }
    if let Some(hex) = part.strip_prefix("0x") {
        return u64::from_str_radix(if hex.is_empty() { "0" } else { hex }, 16).ok();
    }
    if part.len() > 1 && part.starts_with('0') && part.bytes().all(|b| (b'0'..=b'7').contains(&b)) {
        return u64::from_str_radix(part, 8).ok();
    }
    part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten()
}

fn reach_v4(address: Ipv4Addr) -> Option<Reach> {
    const METADATA: &[[u8; 4]] = &[
        [169, 254, 169, 254],
        [169, 254, 170, 2],
        [169, 254, 170, 23],
        [100, 100, 100, 200],
        [168, 63, 129, 16],
        [192, 0, 0, 192],
        [169, 254, 0, 23],
        [169, 254, 10, 10],
        [169, 254, 169, 253],
        [169, 254, 42, 42],
    ];
    if METADATA.contains(&address.octets()) {
        return Some(Reach::Metadata);
    }
    let [first, second, ..] = address.octets();
    if address.is_loopback() || first == 0 {
        Some(Reach::Loopback)
    } else if address.is_private() || (first == 100 && (64..128).contains(&second)) {
        Some(Reach::Private)
    } else if address.is_link_local()
        || address.is_broadcast()
        || first >= 224
        || (first == 198 && (18..20).contains(&second))
    {
        Some(Reach::Special)
    } else {
        None
    }
}

fn reach_v6(address: Ipv6Addr) -> Option<(Reach, bool)> {
    if address.is_loopback() || address.is_unspecified() {
        return Some((Reach::Loopback, false));
    }
    let segments = address.segments();
    let [first, second, ..] = segments;
    let [.., high, low] = segments;
    let tail = Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    // Mapped, compatible and translated (RFC 6052) addresses carry IPv4 in their last bytes; 6to4 in the second.
    let mapped = address.to_ipv4_mapped().is_some()
        || matches!(segments, [0, 0, 0, 0, 0, 0, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] | [0, 0, 0, 0, 0xffff, 0, ..]);
    if mapped {
        return reach_v4(tail).map(|reach| (reach, true));
    }
    if first == 0x2002 {
        let [_, _, third, ..] = segments;
        return reach_v4(Ipv4Addr::from((u32::from(second) << 16) | u32::from(third))).map(|reach| (reach, true));
    }
    if first == 0xfd00 && second == 0x0ec2 || (first == 0xfd20 && second == 0x00ce) {
        return Some((Reach::Metadata, false));
    }
    if first & 0xfe00 == 0xfc00 {
        return Some((Reach::Private, false));
    }
    (first & 0xffc0 == 0xfe80 || first & 0xff00 == 0xff00).then_some((Reach::Special, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_an_address() {
        for host in [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "0177.0.0.1",
            "0x7f.0.0.1",
            "0x7f000001",
            "2130706433",
            "017700000001",
            "0",
            "0.0.0.0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[0:0:0:0:0:ffff:127.0.0.1]",
            "localhost",
            "localhost.",
            "LOCALHOST",
            "app.localhost",
            "127.0.0.1.nip.io",
            "localtest.me",
            "foo.localtest.me",
            "7f000001.nip.io",
            "app-127-0-0-1.sslip.io",
            "127.127.127.127",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
        ] {
            assert_eq!(reach(host).map(|(reach, _)| reach), Some(Reach::Loopback), "{host}");
        }
        for host in [
            "169.254.169.254",
            "0xa9fea9fe",
            "2852039166",
            "0251.0376.0251.0376",
            "[::ffff:169.254.169.254]",
            "425.510.425.510",
            "metadata.google.internal",
            "100.100.100.200",
            "[fd00:ec2::254]",
            "169.254.169.254.nip.io",
            "192.0.0.192",
            "168.63.129.16",
            "169.254.170.2",
            "a9fea9fe.nip.io",
        ] {
            assert_eq!(reach(host).map(|(reach, _)| reach), Some(Reach::Metadata), "{host}");
        }
        for host in ["10.0.0.5", "192.168.1.1", "172.16.9.9", "[fc00::1]", "100.64.0.1", "10.1"] {
            assert_eq!(reach(host).map(|(reach, _)| reach), Some(Reach::Private), "{host}");
        }
    }

    #[test]
    fn the_open_network() {
        for host in [
            "example.com",
            "8.8.8.8",
            "1.1.1.1",
            "172.32.0.1",
            "[2606:4700::1111]",
            "metadata.example.com",
            "localhost.example.com",
            "nip.io.example",
            "3com.com",
            "",
            "1.2.3.4.5",
        ] {
            assert_eq!(reach(host), None, "{host}");
        }
    }
}
