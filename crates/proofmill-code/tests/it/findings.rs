//! Secrets, addresses, licences and proof steps: small tables of what is found and what is not.

use proofmill_code::{is_permissive, licenses, mask, secrets};

#[test]
fn secrets_by_kind() {
    for (text, kinds) in [
        ("key = AKIAQ3EGVDW7ZK2LMNTP", &["aws-access-key"][..]),
        ("AKIAIOSFODNN7EXAMPLE", &[]),
        (
            "token: ghp_a8Kd02LmQx71ZpRt5Yw3Vn6Bc4Hs9Jf0Ge2U",
            &["github-token"],
        ),
        ("xghp_a8Kd02LmQx71ZpRt5Yw3Vn6Bc4Hs9Jf0Ge2U", &[]),
        ("password = \"k9Zx7Lq2Wm4Rt8Yp\"", &["assigned-secret"]),
        ("'api_key': 'k9Zx7Lq2Wm4Rt8Yp'", &["assigned-secret"]),
        ("password = \"your_password_here\"", &[]),
        ("password = get_password(\"k9Zx7Lq2Wm4Rt8Yp\")", &[]),
        ("n_tokens = \"12345678901234567\"", &[]),
    ] {
        let found: Vec<&str> = secrets(text).iter().map(|secret| secret.kind).collect();
        assert_eq!(found, kinds, "{text}");
    }
    let key = format!(
        "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\nx",
        "MIIE".repeat(80)
    );
    assert_eq!(mask(&key, &secrets(&key)), "<private-key>\nx");
}

#[test]
fn addresses() {
    let text = "mail a.person+x@example.org. or b@c; servers 8.8.8.8, 127.0.0.1, v1.2.3.4, 192.168.1.1, section 3.1.2.1";
    let masked = mask(text, &secrets::emails(text));
    assert_eq!(masked, text.replace("a.person+x@example.org", "<email>"));
    let masked = mask(text, &secrets::ip_addresses(text));
    assert_eq!(masked, text.replace("8.8.8.8", "<ip-address>"));
}

#[test]
fn licences() {
    let tagged =
        "// SPDX-License-Identifier: MIT OR Apache-2.0\n/* SPDX-License-Identifier: GPL-2.0+ */";
    assert_eq!(licenses(tagged), ["MIT OR Apache-2.0", "GPL-2.0+"]);
    for (license, expected) in [
        ("mit", true),
        ("MIT OR GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("GPL-3.0 AND (MIT OR Apache-2.0)", false),
        ("(GPL-3.0 AND MIT) OR Apache-2.0", true),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("unknown", false),
        ("", false),
        ("(MIT", false),
        ("MIT GPL-3.0", false),
    ] {
        assert_eq!(is_permissive(license), expected, "{license}");
    }
    let text = "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a\ncopy of this software, to deal in the Software without restriction";
    assert_eq!(
        proofmill_code::licenses::license_of_file(text).as_deref(),
        Some("MIT")
    );
    assert_eq!(
        proofmill_code::licenses::license_of_file("all rights reserved"),
        None
    );
}
