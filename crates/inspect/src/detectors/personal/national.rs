//! National ids of digits alone, with their check digits and the words that name them.

use super::checks::{at, digits, luhn, varied, weighted};

/// A national id: how it is called, how its digits are written, and its check.
pub(in crate::detectors) struct National {
    /// The rule.
    pub(in crate::detectors) name: &'static str,
    /// The number of digits (a last letter counts as one where `letter` holds).
    pub(in crate::detectors) length: usize,
    /// Whether its form alone is rare enough; otherwise a word that names it must stand near.
    pub(in crate::detectors) alone: bool,
    /// Words that name it, in lower case.
    pub(in crate::detectors) words: &'static [&'static str],
    /// The check.
    pub(in crate::detectors) holds: fn(&str) -> bool,
}

/// The national ids that are known.
pub(in crate::detectors) const NATIONAL: &[National] = &[
    National {
        name: "us-social-security",
        length: 9,
        alone: false,
        words: &["ssn", "social security", "soc sec", "social-security"],
        holds: us_ssn,
    },
    National { name: "us-taxpayer", length: 9, alone: false, words: &["itin", "taxpayer"], holds: us_itin },
    National { name: "us-bank-routing", length: 9, alone: false, words: &["routing", "aba", "rtn"], holds: us_routing },
    National { name: "us-health-provider", length: 10, alone: false, words: &["npi", "provider"], holds: us_npi },
    National { name: "gb-national-health", length: 10, alone: false, words: &["nhs", "health service"], holds: gb_nhs },
    National {
        name: "ca-social-insurance",
        length: 9,
        alone: false,
        words: &["sin", "social insurance", "nas"],
        holds: |v| luhn(v) && !v.starts_with('0'),
    },
    National {
        name: "au-tax-file",
        length: 9,
        alone: false,
        words: &["tfn", "tax file"],
        holds: |v| {
            let d = digits(v);
            varied(&d) && weighted(&d, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11)
        },
    },
    National {
        name: "au-medicare",
        length: 10,
        alone: false,
        words: &["medicare"],
        holds: |v| {
            let d = digits(v);
            (2..=6).contains(&at(&d, 0)) && weighted(&d, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == at(&d, 8)
        },
    },
    National {
        name: "de-tax-id",
        length: 11,
        alone: false,
        words: &["steuer", "idnr", "tax id", "tin", "steuer-id"],
        holds: |v| !v.starts_with('0') && iso7064_11_10(&digits(v)),
    },
    National {
        name: "fr-social-security",
        length: 15,
        alone: true,
        words: &["nir", "securite sociale", "sécurité sociale", "insee"],
        holds: fr_nir,
    },
    National { name: "it-fiscal-code", length: 16, alone: true, words: &["codice fiscale"], holds: |_| false },
    National { name: "es-dni", length: 8, alone: false, words: &["dni", "nif", "nie"], holds: |_| false },
    National {
        name: "pt-tax-id",
        length: 9,
        alone: false,
        words: &["nif", "contribuinte"],
        holds: |v| {
            let d = digits(v);
            eleven_down(&d, &[9, 8, 7, 6, 5, 4, 3, 2]) == at(&d, 8) && varied(&d)
        },
    },
    National {
        name: "nl-citizen-service",
        length: 9,
        alone: false,
        words: &["bsn", "burgerservice", "sofi"],
        holds: |v| {
            let d = digits(v);
            varied(&d) && (weighted(&d, &[9, 8, 7, 6, 5, 4, 3, 2]) + 10 * at(&d, 8)).is_multiple_of(11)
        },
    },
    National {
        name: "be-national-register",
        length: 11,
        alone: false,
        words: &["rijksregister", "national number", "niss", "insz", "numero national", "nrn"],
        holds: be_register,
    },
    National {
        name: "pl-pesel",
        length: 11,
        alone: false,
        words: &["pesel"],
        holds: |v| {
            let d = digits(v);
            varied(&d) && (10 - weighted(&d, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10) % 10 == at(&d, 10)
        },
    },
    National {
        name: "pl-tax-id",
        length: 10,
        alone: false,
        words: &["nip"],
        holds: |v| {
            let d = digits(v);
            varied(&d) && weighted(&d, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == at(&d, 9)
        },
    },
    National {
        name: "se-personal-number",
        length: 10,
        alone: false,
        words: &["personnummer", "personal number", "pnr"],
        holds: |v| luhn(v) && date_yymmdd(v),
    },
    National {
        name: "fi-personal-code",
        length: 9,
        alone: false,
        words: &["henkilotunnus", "henkilötunnus", "hetu"],
        holds: |_| false,
    },
    National {
        name: "no-birth-number",
        length: 11,
        alone: false,
        words: &["fodselsnummer", "fødselsnummer", "fnr"],
        holds: no_birth,
    },
    National {
        name: "dk-cpr",
        length: 10,
        alone: false,
        words: &["cpr"],
        holds: |v| {
            let d = digits(v);
            date_ddmmyy(v) && varied(&d)
        },
    },
    National {
        name: "ch-social-security",
        length: 13,
        alone: true,
        words: &["ahv", "avs"],
        holds: |v| v.starts_with("756") && ean13(&digits(v)),
    },
    National { name: "tr-identity", length: 11, alone: false, words: &["tckn", "t.c.", "kimlik"], holds: tr_identity },
    National { name: "br-cpf", length: 11, alone: false, words: &["cpf"], holds: br_cpf },
    National { name: "br-cnpj", length: 14, alone: false, words: &["cnpj"], holds: br_cnpj },
    National { name: "cl-rut", length: 9, alone: false, words: &["rut", "r.u.t"], holds: cl_rut },
    National { name: "imei", length: 15, alone: false, words: &["imei"], holds: luhn },
    National { name: "ar-tax-id", length: 11, alone: false, words: &["cuit", "cuil"], holds: ar_tax },
    National {
        name: "ir-national-code", length: 10, alone: false, words: &["کد ملی", "code melli"], holds: ir_code
    },
    National { name: "nz-tax-id", length: 9, alone: false, words: &["ird"], holds: nz_tax },
    National {
        name: "kz-individual-number",
        length: 12,
        alone: false,
        words: &["иин", "iin", "жсн"],
        holds: kz_number,
    },
    National { name: "is-identity", length: 10, alone: false, words: &["kennitala"], holds: is_identity },
    National {
        name: "balkan-citizen-number",
        length: 13,
        alone: false,
        words: &["emšo", "emso", "jmbg", "јмбг", "матичен"],
        holds: |v| {
            let d = digits(v);
            eleven_down(&d, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) == at(&d, 12) && date_ddmmyy(v)
        },
    },
    National {
        name: "at-social-insurance",
        length: 10,
        alone: false,
        words: &["sozialversicherung", "svnr", "sv-nummer", "sv-nr"],
        holds: |v| {
            let d = digits(v);
            weighted(&d, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 == at(&d, 3) && at(&d, 0) > 0
        },
    },
    National {
        name: "hu-social-security",
        length: 9,
        alone: false,
        words: &["taj"],
        holds: |v| {
            let d = digits(v);
            varied(&d) && weighted(&d, &[3, 7, 3, 7, 3, 7, 3, 7]) % 10 == at(&d, 8)
        },
    },
    National {
        name: "gr-social-security",
        length: 11,
        alone: false,
        words: &["αμκα", "amka"],
        holds: |v| luhn(v) && date_ddmmyy(v),
    },
    National {
        name: "in-aadhaar",
        length: 12,
        alone: false,
        words: &["aadhaar", "aadhar", "uidai", "uid"],
        holds: |v| !v.starts_with(['0', '1']) && verhoeff(&digits(v)),
    },
    National {
        name: "cn-resident-identity",
        length: 18,
        alone: true,
        words: &["身份证", "resident identity", "id card"],
        holds: cn_identity,
    },
    National {
        name: "kr-resident-registration",
        length: 13,
        alone: false,
        words: &["주민등록", "rrn", "resident registration"],
        holds: |v| {
            let d = digits(v);
            date_yymmdd(v) && (11 - weighted(&d, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11) % 10 == at(&d, 12)
        },
    },
    National {
        name: "jp-my-number",
        length: 12,
        alone: false,
        words: &["マイナンバー", "個人番号", "my number"],
        holds: jp_number,
    },
    National {
        name: "za-identity",
        length: 13,
        alone: false,
        words: &["id number", "identity", "said"],
        holds: |v| luhn(v) && date_yymmdd(v),
    },
    National {
        name: "il-identity", length: 9, alone: false, words: &["teudat", "תעודת", "israeli id"], holds: luhn
    },
    National { name: "ru-insurance", length: 11, alone: false, words: &["снилс", "snils"], holds: ru_snils },
    National { name: "ru-tax-id", length: 12, alone: false, words: &["инн", "inn"], holds: ru_inn },
    National { name: "mx-social-security", length: 11, alone: false, words: &["nss", "imss"], holds: luhn },
    National {
        name: "ro-personal-code",
        length: 13,
        alone: false,
        words: &["cnp"],
        holds: |v| {
            let d = digits(v);
            let r = weighted(&d, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
            (if r == 10 { 1 } else { r }) == at(&d, 12) && at(&d, 0) > 0
        },
    },
    National {
        name: "bg-civil-number",
        length: 10,
        alone: false,
        words: &["егн", "egn"],
        holds: |v| {
            let d = digits(v);
            varied(&d) && weighted(&d, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == at(&d, 9)
        },
    },
    National {
        name: "hr-personal-id",
        length: 11,
        alone: false,
        words: &["oib"],
        holds: |v| iso7064_11_10(&digits(v)),
    },
    National {
        name: "ee-personal-code",
        length: 11,
        alone: false,
        words: &["isikukood", "asmens kodas"],
        holds: ee_code,
    },
    National {
        name: "lv-personal-code",
        length: 11,
        alone: false,
        words: &["personas kods"],
        holds: |v| {
            let d = digits(v);
            date_ddmmyy(v) && (1101 - weighted(&d, &[1, 6, 3, 7, 9, 10, 5, 8, 4, 2])) % 11 == at(&d, 10)
        },
    },
    National {
        name: "cz-birth-number",
        length: 10,
        alone: false,
        words: &["rodne cislo", "rodné číslo", "rodne cislo"],
        holds: |v| v.parse::<u64>().is_ok_and(|n| n.is_multiple_of(11)),
    },
    National {
        name: "ua-tax-id", length: 10, alone: false, words: &["рнокпп", "іпн", "rnokpp"], holds: ua_tax
    },
    National {
        name: "gr-tax-id",
        length: 9,
        alone: false,
        words: &["αφμ", "afm"],
        holds: |v| {
            let d = digits(v);
            varied(&d) && weighted(&d, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == at(&d, 8)
        },
    },
    National {
        name: "th-citizen-id",
        length: 13,
        alone: false,
        words: &["บัตรประชาชน", "thai id", "citizen id"],
        holds: |v| {
            let d = digits(v);
            (11 - weighted(&d, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 10 == at(&d, 12)
        },
    },
];

fn eleven_down(digits: &[u32], weights: &[u32]) -> u32 {
    match 11 - weighted(digits, weights) % 11 {
        10 | 11 => 0,
        rest => rest,
    }
}

fn cl_rut(value: &str) -> bool {
    let Some((body, check)) = value.split_at_checked(8) else { return false };
    let sum: u32 = digits(body)
        .iter()
        .rev()
        .zip([2, 3, 4, 5, 6, 7].into_iter().cycle())
        .map(|(digit, weight)| digit * weight)
        .sum();
    let expected = match 11 - sum % 11 {
        11 => Some('0'),
        10 => Some('K'),
        rest => char::from_digit(rest, 10),
    };
    varied(&digits(body)) && expected == check.to_ascii_uppercase().chars().next()
}

fn ar_tax(value: &str) -> bool {
    let digits = digits(value);
    let check = match 11 - weighted(&digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11 {
        11 => 0,
        10 => 9,
        rest => rest,
    };
    value.starts_with(['2', '3']) && check == at(&digits, 10)
}

fn ir_code(value: &str) -> bool {
    let digits = digits(value);
    let rest = weighted(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    varied(&digits) && at(&digits, 9) == if rest < 2 { rest } else { 11 - rest }
}

fn nz_tax(value: &str) -> bool {
    let digits = digits(value);
    let check = |weights: &[u32]| (11 - weighted(&digits, weights) % 11) % 11;
    let first = check(&[3, 2, 7, 6, 5, 4, 3, 2]);
    let found = if first == 10 { check(&[7, 4, 3, 2, 5, 2, 7, 6]) } else { first };
    varied(&digits) && found == at(&digits, 8)
}

fn kz_number(value: &str) -> bool {
    let digits = digits(value);
    let first = weighted(&digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11;
    let check = if first == 10 { weighted(&digits, &[3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11 } else { first };
    check == at(&digits, 11) && date_yymmdd(value)
}

fn is_identity(value: &str) -> bool {
    let digits = digits(value);
    date_ddmmyy(value) && (11 - weighted(&digits, &[3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 == at(&digits, 8)
}

fn us_ssn(value: &str) -> bool {
    let number =
        |range: std::ops::Range<usize>| value.get(range).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    let (area, group, serial) = (number(0..3), number(3..5), number(5..9));
    area != 0
        && area != 666
        && area < 900
        && group != 0
        && serial != 0
        && !matches!(value, "078051120" | "219099999" | "123456789" | "111111111")
}

fn us_itin(value: &str) -> bool {
    let group = value.get(3..5).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    value.starts_with('9') && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

fn us_routing(value: &str) -> bool {
    let digits = digits(value);
    let first = at(&digits, 0) * 10 + at(&digits, 1);
    varied(&digits)
        && matches!(first, 0..=12 | 21..=32 | 61..=72 | 80)
        && weighted(&digits, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
}

fn us_npi(value: &str) -> bool {
    value.starts_with(['1', '2']) && luhn(&format!("80840{value}"))
}

fn gb_nhs(value: &str) -> bool {
    let digits = digits(value);
    let check = 11 - weighted(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    varied(&digits) && check % 11 == at(&digits, 9)
}

pub(super) fn iso7064_11_10(digits: &[u32]) -> bool {
    let Some((check, body)) = digits.split_last() else { return false };
    let product = body.iter().fold(10, |product, digit| {
        let sum = (product + digit) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    varied(digits) && (11 - product) % 10 == *check
}

fn fr_nir(value: &str) -> bool {
    let (Some(body), Some(key)) = (value.get(..13), value.get(13..15)) else { return false };
    let month = value.get(3..5).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    let (Ok(body), Ok(key)) = (body.parse::<u64>(), key.parse::<u64>()) else { return false };
    value.starts_with(['1', '2']) && (matches!(month, 1..=12) || month >= 20) && 97 - body % 97 == key
}

fn be_register(value: &str) -> bool {
    let (Some(body), Some(check)) = (value.get(..9), value.get(9..11)) else { return false };
    let (Ok(number), Ok(check)) = (body.parse::<u64>(), check.parse::<u64>()) else { return false };
    97 - number % 97 == check || 97 - (2_000_000_000 + number) % 97 == check
}

fn date_yymmdd(value: &str) -> bool {
    let number =
        |range: std::ops::Range<usize>| value.get(range).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    matches!(number(2..4), 1..=12) && matches!(number(4..6), 1..=31 | 61..=91)
}

pub(super) fn date_ddmmyy(value: &str) -> bool {
    let number =
        |range: std::ops::Range<usize>| value.get(range).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    matches!(number(0..2), 1..=31) && matches!(number(2..4), 1..=12)
}

fn no_birth(value: &str) -> bool {
    let digits = digits(value);
    let first = (11 - weighted(&digits, &[3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11) % 11;
    let second = (11 - weighted(&digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    varied(&digits) && first == at(&digits, 9) && second == at(&digits, 10)
}

fn ean13(digits: &[u32]) -> bool {
    (10 - weighted(digits, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]) % 10) % 10 == at(digits, 12)
}

fn tr_identity(value: &str) -> bool {
    let digits = digits(value);
    let odd: u32 = digits.iter().take(9).step_by(2).sum();
    let even: u32 = digits.iter().skip(1).take(8).step_by(2).sum();
    let tenth = (odd * 7 + 100 - even) % 10;
    let all: u32 = digits.iter().take(10).sum();
    at(&digits, 0) != 0 && tenth == at(&digits, 9) && all % 10 == at(&digits, 10)
}

fn br_check(digits: &[u32], weights: &[u32]) -> u32 {
    match weighted(digits, weights) % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    }
}

fn br_cpf(value: &str) -> bool {
    let digits = digits(value);
    varied(&digits)
        && br_check(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) == at(&digits, 9)
        && br_check(&digits, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) == at(&digits, 10)
}

fn br_cnpj(value: &str) -> bool {
    let digits = digits(value);
    varied(&digits)
        && br_check(&digits, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) == at(&digits, 12)
        && br_check(&digits, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) == at(&digits, 13)
}

/// The sum of Verhoeff: the multiplication of the dihedral group of order ten.
fn verhoeff(digits: &[u32]) -> bool {
    const PERMUTATION: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let multiply = |a: u32, b: u32| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a + 5 - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let permute =
        |digit: u32, times: usize| (0..times).fold(digit, |d, _| PERMUTATION.get(d as usize).copied().unwrap_or(0));
    let sum = digits.iter().rev().enumerate().fold(0, |sum, (place, digit)| multiply(sum, permute(*digit, place % 8)));
    sum == 0 && varied(digits)
}

fn cn_identity(value: &str) -> bool {
    let digits = digits(value.get(..17).unwrap_or_default());
    let last = value.chars().nth(17).unwrap_or(' ');
    let expected = "10X98765432"
        .chars()
        .nth((weighted(&digits, &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11) as usize);
    let year = value.get(6..10).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    let month = value.get(10..12).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    (1900..2100).contains(&year) && matches!(month, 1..=12) && expected == Some(last.to_ascii_uppercase())
}

fn jp_number(value: &str) -> bool {
    let digits = digits(value);
    let sum: u32 = digits
        .iter()
        .take(11)
        .rev()
        .enumerate()
        .map(|(place, digit)| digit * if place < 6 { 2 + place as u32 } else { place as u32 - 4 })
        .sum();
    let check = if sum % 11 <= 1 { 0 } else { 11 - sum % 11 };
    varied(&digits) && check == at(&digits, 11)
}

fn ru_snils(value: &str) -> bool {
    let digits = digits(value);
    let sum = weighted(&digits, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101;
    varied(&digits) && (if sum == 100 { 0 } else { sum }) == at(&digits, 9) * 10 + at(&digits, 10)
}

fn ru_inn(value: &str) -> bool {
    let digits = digits(value);
    let first = weighted(&digits, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10;
    let second = weighted(&digits, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10;
    varied(&digits) && first == at(&digits, 10) && second == at(&digits, 11)
}

fn ee_code(value: &str) -> bool {
    let digits = digits(value);
    let first = weighted(&digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let check = if first < 10 { first } else { weighted(&digits, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10 };
    (1..=8).contains(&at(&digits, 0)) && check == at(&digits, 10)
}

fn ua_tax(value: &str) -> bool {
    let digits = digits(value);
    let minus = at(&digits, 0) * 10; // -1 ≡ 10 (mod 11)
    varied(&digits)
        && (minus + weighted(digits.get(1..).unwrap_or_default(), &[5, 7, 9, 4, 6, 10, 5, 7])) % 11 % 10
            == at(&digits, 9)
}
