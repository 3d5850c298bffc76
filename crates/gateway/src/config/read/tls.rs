//! Reads the section `tls`: the certificate that clients see, and those that they must show.

use gatehold_decide::document::Node;

use super::Reader;
use crate::listen::tls::TlsConfig;

/// The keys of the section.
pub(super) const TLS: [&str; 5] = ["cert", "key", "client_ca", "client", "min"];

impl Reader<'_> {
    pub(super) fn tls(&mut self, node: &Node) -> Option<TlsConfig> {
        let (mut cert, mut key, mut client_ca) = (None, None, None);
        let (mut client, mut allows_1_2) = (None, false);
        for entry in self.table(node, &TLS) {
            let node = &entry.node;
            match entry.key.as_str() {
                "cert" => cert = self.path(node),
                "key" => key = self.path(node),
                "client_ca" => client_ca = self.path(node),
                "client" => client = Some((self.is_optional(node), node)),
                "min" => allows_1_2 = self.allows_1_2(node),
                _ => {}
            }
        }
        if let (Some((_, node)), None) = (client, &client_ca) {
            let help = "write `client_ca`: the authorities whose certificates count";
            self.error("without `client_ca` no client is asked for a certificate", &node.span, help);
        }
        let (Some(cert), Some(key)) = (cert, key) else {
            self.error("`tls` needs `cert` and `key`: two PEM files", &node.span, "");
            return None;
        };
        let client_optional = client.is_some_and(|(is_optional, _)| is_optional);
        Some(TlsConfig { cert, key, client_ca, client_optional, allows_1_2 })
    }

    fn is_optional(&mut self, node: &Node) -> bool {
        match self.text(node).as_deref() {
            Some("require") | None => false,
            Some("optional") => true,
            Some(_) => {
                self.error("unknown word for `client`", &node.span, "write `require` or `optional`");
                false
            }
        }
    }

    fn allows_1_2(&mut self, node: &Node) -> bool {
        match self.text(node).as_deref() {
            Some("1.3") | None => false,
            Some("1.2") => true,
            Some(_) => {
                self.error("unknown version of TLS", &node.span, "write \"1.3\" or \"1.2\", in quotes");
                false
            }
        }
    }
}
