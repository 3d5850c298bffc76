//! Check digits: cards, bank accounts, and the national ids that define one. All work on the digits alone.

/// The digits of a value as numbers.
pub(super) fn digits(value: &str) -> Vec<u32> {
    value.bytes().filter(u8::is_ascii_digit).map(|b| u32::from(b - b'0')).collect()
}

pub(super) fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

pub(super) fn at(digits: &[u32], index: usize) -> u32 {
    digits.get(index).copied().unwrap_or(0)
}

/// Not the same digit throughout, which holds many sums and names nobody.
pub(super) fn varied(digits: &[u32]) -> bool {
    digits.windows(2).any(|two| matches!(two, [a, b] if a != b))
}

/// The sum of Luhn (ISO/IEC 7812-1).
pub(in crate::detectors) fn luhn(value: &str) -> bool {
    let digits = digits(value);
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    sum.is_multiple_of(10) && varied(&digits)
}

/// A payment card: a range that is issued, its length, and Luhn.
pub(in crate::detectors) fn card(value: &str) -> bool {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let prefix = |length: usize| digits.get(..length).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    let issued = match digits.len() {
        13 => prefix(1) == 4,
        14 => matches!(prefix(3), 300..=305) || matches!(prefix(2), 36 | 38 | 39),
        15 => matches!(prefix(2), 34 | 37) || matches!(prefix(4), 2131 | 1800),
        16 => {
            prefix(1) == 4
                || matches!(prefix(2), 51..=55 | 62 | 65 | 50 | 56..=58 | 60 | 63 | 67)
                || matches!(prefix(4), 2221..=2720 | 6011 | 3528..=3589 | 2200..=2204)
                || matches!(prefix(3), 644..=649)
        }
        17..=19 => matches!(prefix(2), 62 | 50 | 56..=58 | 60 | 63 | 67) || prefix(1) == 4,
        12 => matches!(prefix(2), 50 | 56..=58 | 63 | 67),
        _ => false,
    };
    issued && luhn(&digits)
}

const LENGTHS: &[(&str, usize)] = &[
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NL", 18),
    ("NO", 15),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("SA", 24),
    ("SC", 31),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
];

/// An IBAN: country, its length, and the remainder of ISO 13616.
pub(in crate::detectors) fn iban(value: &str) -> bool {
    let compact: String = value.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    let (Some(country), Some(rest)) = (compact.get(..2), compact.get(4..)) else { return false };
    if !LENGTHS.contains(&(country, compact.len())) {
        return false;
    }
    let moved = rest.chars().chain(compact.chars().take(4));
    let remainder = moved
        .filter_map(|c| c.to_digit(36))
        .fold(0u32, |sum, digit| (sum * if digit > 9 { 100 } else { 10 } + digit) % 97);
    remainder == 1
}

#[cfg(test)]
mod tests {
    use super::super::lettered::lettered;
    use super::super::national::NATIONAL;
    use super::*;

    fn national(name: &str, value: &str) -> bool {
        let national = NATIONAL.iter().find(|national| national.name == name).unwrap();
        assert_eq!(value.len(), national.length, "{name}");
        (national.holds)(value)
    }

    #[test]
    fn cards_and_accounts() {
        assert!(card("4111 1111 1111 1111"));
        assert!(card("378282246310005"));
        assert!(card("6011000990139424"));
        assert!(!card("4111111111111112"));
        assert!(!card("0000000000000000"));
        assert!(iban("DE89 3704 0044 0532 0130 00"));
        assert!(iban("GB29NWBK60161331926819"));
        assert!(!iban("DE89370400440532013001"));
        assert!(!iban("ZZ89370400440532013000"));
    }

    #[test]
    fn national_ids() {
        for (name, value) in [
            ("gb-national-health", "9434765919"),
            ("nl-citizen-service", "111222333"),
            ("pl-pesel", "44051401359"),
            ("br-cpf", "52998224725"),
            ("br-cnpj", "11222333000181"),
            ("tr-identity", "10000000146"),
            ("in-aadhaar", "234123412346"),
            ("au-tax-file", "123456782"),
            ("ch-social-security", "7569217076985"),
            ("se-personal-number", "8112189876"),
            ("ca-social-insurance", "130692544"),
            ("de-tax-id", "86095742719"),
            ("cn-resident-identity", "11010519491231002X"),
            ("us-bank-routing", "021000021"),
            ("us-health-provider", "1234567893"),
            ("be-national-register", "85073003328"),
            ("za-identity", "8001015009087"),
            ("ee-personal-code", "37605030299"),
            ("hr-personal-id", "94577403194"),
            ("bg-civil-number", "7523169263"),
            ("fr-social-security", "255081416802538"),
            ("us-social-security", "536221234"),
            ("ro-personal-code", "1630615123457"),
            ("ru-insurance", "11223344595"),
            ("pt-tax-id", "123456789"),
            ("pl-tax-id", "8567346215"),
        ] {
            assert!(national(name, value), "{name} {value}");
        }
        for (name, value) in [
            ("gb-national-health", "9434765918"),
            ("br-cpf", "52998224726"),
            ("br-cpf", "11111111111"),
            ("in-aadhaar", "234123412347"),
            ("us-social-security", "000221234"),
            ("pl-pesel", "44051401358"),
        ] {
            assert!(!national(name, value), "{name} {value}");
        }
    }

    #[test]
    fn codes_with_letters() {
        for (code, name) in [
            ("RSSMRA85T10A562S", "it-fiscal-code"),
            ("12345678Z", "es-dni"),
            ("X1234567L", "es-nie"),
            ("131052-308T", "fi-personal-code"),
            ("AB123456C", "gb-national-insurance"),
            ("S1234567D", "sg-identity"),
            ("1234567T", "ie-personal-service"),
        ] {
            assert_eq!(lettered(code).map(|(name, _)| name), Some(name), "{code}");
        }
        assert_eq!(lettered("12345678A"), None);
        assert_eq!(lettered("ABCDEF12"), None);
    }
}
