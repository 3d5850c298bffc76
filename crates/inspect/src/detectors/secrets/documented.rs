//! Keys that documentation shows instead of real ones: published examples by their fingerprint, values typed along the
//! keyboard or repeated, patterns and templates. It never holds a key itself.

/// FNV-1a fingerprints, in 64 bits, of keys that were published as examples and look real. The keys are not written
/// here, so that nobody's scanner takes this file for a leak.
const PUBLISHED: &[u64] = &[
    0x08B5_4596_2ADC_7D8B,
    0x0F60_7437_7452_DCEF,
    0x1211_3C2E_6979_F447,
    0x1354_C1D4_BF36_9AE5,
    0x1A02_5747_909F_C3EB,
    0x1A7B_78BE_56F3_054D,
    0x1EB2_59BF_62BA_4A79,
    0x268C_162F_0C1D_CB48,
    0x294C_63F8_344D_5DF1,
    0x29A3_36C7_244F_48DD,
    0x3030_CED2_0B49_810A,
    0x30AA_8188_BB02_3E35,
    0x3DD3_A4CF_7703_7F06,
    0x3E6E_0BA1_E1BB_8300,
    0x3F9D_1C99_6E62_0B67,
    0x43F6_2E8B_CDD8_4601,
    0x44DB_F007_84A5_9AF8,
    0x4CAE_1E36_8387_AA0A,
    0x515C_B771_A423_8032,
    0x54AC_CEE9_C5A8_B58F,
    0x55E6_407F_D6EE_A643,
    0x67E7_33C2_F903_5757,
    0x6835_E0F2_8883_2A40,
    0x6ACB_D824_BD32_BBD4,
    0x816C_D10F_DB11_EAD0,
    0x8288_18F8_3325_7868,
    0x846B_2A1E_2FAD_7FCB,
    0x8F63_5EE3_A1E6_F45D,
    0x9617_EA56_85AE_57EA,
    0x99B2_7263_46A1_E92A,
    0x9F19_20C6_CD48_4714,
    0xA704_E0C5_1F1B_6B61,
    0xADBD_04E3_FE1B_6D49,
    0xB865_C439_87D5_AB91,
    0xB8FA_D2FD_83A9_0219,
    0xBAC1_05AA_C64C_BE2D,
    0xBB65_956C_4B8B_34BF,
    0xBCC7_A26A_F087_AE93,
    0xBDFE_31CD_B75E_B895,
    0xC358_CB21_C35A_1B3D,
    0xC73F_1E61_952E_6987,
    0xC7B7_C608_6CC5_55C6,
    0xC800_BF21_00A2_1C67,
    0xC84E_0513_0BA0_1136,
    0xD1D4_07FE_9B0D_9C34,
    0xD9AD_86AD_3724_159B,
    0xDA97_4E4B_E9CF_A38B,
    0xDB94_22F1_DD33_2DCC,
    0xDB9D_9A01_5CA5_096C,
    0xDC8D_8CA0_6454_72E9,
    0xDDD1_9C48_6D09_5D84,
    0xE49C_640A_A227_DC2F,
    0xE754_678E_A2B1_4EF1,
    0xE766_6DBB_286C_6C2E,
    0xECC1_A447_4851_BC28,
    0xEE04_25AC_21B0_3B65,
    0xEE5C_5F73_1550_5C3A,
    0xF6CA_D54E_10EB_31AC,
];

/// Whether a value was published as an example.
pub(super) fn is_published(value: &str) -> bool {
    PUBLISHED.binary_search(&fingerprint(value)).is_ok()
}

fn fingerprint(value: &str) -> u64 {
    value.bytes().fold(0xCBF2_9CE4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3))
}

/// Whether most characters follow from the one before, as in `abcdef123456` or `0987654321`.
pub(super) fn is_sequential(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let bytes = lower.as_bytes();
    let follows = |a: u8, b: u8| {
        a.wrapping_add(1) == b
            || b.wrapping_add(1) == a
            || matches!((a, b), (b'9', b'0' | b'a') | (b'z' | b'f', b'0' | b'1' | b'a') | (b'0', b'a'))
    };
    let steps = bytes.windows(2).filter(|pair| matches!(pair, [a, b] if follows(*a, *b))).count();
    bytes.len() >= 8 && steps * 10 >= (bytes.len() - 1) * 6
}

/// Whether a value is the same few characters again and again.
pub(super) fn is_periodic(value: &str) -> bool {
    const PERIOD_MAX: usize = 16;
    let bytes = value.as_bytes();
    (1..=(bytes.len() / 2).min(PERIOD_MAX))
        .any(|period| bytes.iter().zip(bytes.iter().skip(period)).all(|(a, b)| a == b))
}

/// Whether a value is a pattern or a template and no value: `API-[A-Z0-9]{26}`, `{{ token }}`, `$(cat token)`.
pub(super) fn goes_on_as_pattern(text: &str, end: usize) -> bool {
    let rest = text.get(end..).unwrap_or_default();
    ["...", "***", "###", "…", "[", "{", "\\w", "\\d", "$(", "${", "xxxx", "XXXX"]
        .iter()
        .any(|mark| rest.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_and_repeated() {
        for typed in
            ["abcdefghijklmnop", "1234567890abcdef1234567890abcdef", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "9876543210"]
        {
            assert!(is_sequential(typed), "{typed}");
        }
        for drawn in ["kZ8vR2mQ7pL4xT9cB1nD6wF3sG5hJ0yU", "3b18e512dba79e4c8300dd08aeb37f8e728b8dad"] {
            assert!(!is_sequential(drawn) && !is_periodic(drawn), "{drawn}");
        }
        assert!(is_periodic("abcd1234abcd1234abcd1234"));
    }

    #[test]
    fn fingerprints_are_in_order() {
        assert!(PUBLISHED.is_sorted());
        assert_eq!(fingerprint(""), 0xCBF2_9CE4_8422_2325);
        // The published test key of a payment service, in two parts.
        assert!(is_published(&["sk_test_4eC39Hq", "LyjWDarjtT1zdp7dc"].concat()));
        assert!(!is_published("kZ8vR2mQ7pL4xT9cB1nD6wF3sG5hJ0yU"));
    }
}
