//! Keys, tokens and addresses in source code: dropped with their file, masked, or kept.
//!
//! Works on the text that would be trained on, so it means the same for a notebook, whose JSON is
//! gone by then, and for TeX, whose comments are. Reasons and places name kind and line, never what
//! was found.

use proofmill_code::secrets::{MAX_FINDINGS, Secret, addresses, mask, places, secrets};
use proofmill_types::{Kind, Reason, Signals};

use crate::{ExtractError, Setting};

/// Places that a refusal names.
const MAX_PLACES: usize = 8;

/// The settings `secrets` and `contacts`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Masking {
    masks_secrets: bool,
    masks_contacts: bool,
}

/// A text, and what was masked in it.
pub(crate) struct Masked {
    pub(crate) text: String,
    /// Kind and line, in the order of the text.
    pub(crate) places: Vec<String>,
}

impl Masking {
    /// Takes `setting` if it is its own.
    pub(crate) fn set(&mut self, setting: &Setting) -> Result<bool, ExtractError> {
        match setting.name.as_str() {
            "secrets" => {
                let choices = [("drop", false), ("mask", true)];
                self.masks_secrets = setting.choice(Kind::Code, &choices)?;
            }
            "contacts" => {
                let choices = [("keep", false), ("mask", true)];
                self.masks_contacts = setting.choice(Kind::Code, &choices)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Masks what the settings say and counts it: `n_masked_secrets` and `n_masked_contacts`.
    ///
    /// `is_measured` says that the counts of findings in `signals` are those of this very text, so that
    /// nothing is looked for twice.
    ///
    /// Refuses by rule `secret` a text with a key where these are not masked, or with more of them
    /// than are looked for; by rule `address-list` one with more addresses than that.
    pub(crate) fn apply(
        self,
        text: String,
        is_measured: bool,
        signals: &mut Signals,
    ) -> Result<Masked, Reason> {
        let is_none = |name| is_measured && signals.get(name) == Some(0.0);
        let has_secrets = !is_none("n_secrets");
        let has_contacts = !(is_none("n_emails") && is_none("n_ip_addresses"));
        let mut found = if has_secrets {
            secrets(&text)
        } else {
            Vec::new()
        };
        if !found.is_empty() && (!self.masks_secrets || found.len() >= MAX_FINDINGS) {
            return Err(Reason::new("secret", summary(&text, &found)));
        }
        signals.set_count("n_masked_secrets", found.len());
        let mut n_contacts = 0;
        if self.masks_contacts && has_contacts {
            let mut contacts = addresses(&text);
            if contacts.len() >= MAX_FINDINGS {
                return Err(Reason::new("address-list", summary(&text, &contacts)));
            }
            // An address inside a key goes with the key.
            contacts.retain(|contact| !found.iter().any(|secret| overlap(secret, contact)));
            n_contacts = contacts.len();
            found.extend(contacts);
            found.sort_by_key(|secret| secret.span.start);
        }
        signals.set_count("n_masked_contacts", n_contacts);
        if found.is_empty() {
            return Ok(Masked {
                text,
                places: Vec::new(),
            });
        }
        Ok(Masked {
            places: places(&text, &found),
            text: mask(&text, &found),
        })
    }
}

fn overlap(left: &Secret, right: &Secret) -> bool {
    left.span.start < right.span.end && right.span.start < left.span.end
}

/// The first places, and how many more there are: `github-token line 3, email line 7 and 2 more`.
fn summary(text: &str, found: &[Secret]) -> String {
    let n_named = found.len().min(MAX_PLACES);
    let named = places(text, &found[..n_named]).join(", ");
    match found.len() - n_named {
        0 => named,
        n_more => format!("{named} and {n_more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masking(masks_secrets: bool, masks_contacts: bool) -> Masking {
        Masking {
            masks_secrets,
            masks_contacts,
        }
    }

    /// A made-up token, in two parts so that no scanner takes it for a real one.
    fn token() -> String {
        ["gh", "p_a8Kd02LmQx71ZpRt5Yw3Vn6Bc4Hs9Jf0Ge2U"].concat()
    }

    #[test]
    fn a_key_ends_its_file_and_is_never_named() {
        let text = format!("x = 1\nkey = '{}'\n", token());
        let refused = masking(false, true).apply(text, false, &mut Signals::new());
        assert_eq!(
            refused.err(),
            Some(Reason::new("secret", "github-token line 2"))
        );
    }

    #[test]
    fn masks_are_counted_and_placed() {
        let text = format!("# a.person@uni.edu\nkey = '{}'\n", token());
        let mut signals = Signals::new();
        let masked = masking(true, true)
            .apply(text.clone(), false, &mut signals)
            .unwrap();
        assert_eq!(masked.text, "# <email>\nkey = '<github-token>'\n");
        assert_eq!(masked.places, ["email line 1", "github-token line 2"]);
        assert_eq!(signals.get("n_masked_secrets"), Some(1.0));
        assert_eq!(signals.get("n_masked_contacts"), Some(1.0));
        let kept = masking(true, false)
            .apply(text, false, &mut signals)
            .unwrap();
        assert!(kept.text.starts_with("# a.person@uni.edu\n"));
        assert_eq!(signals.get("n_masked_contacts"), Some(0.0));
    }

    #[test]
    fn a_list_of_addresses_is_refused_rather_than_half_masked() {
        let text = "a.person@uni.edu\n".repeat(1500);
        let refused = masking(true, true).apply(text.clone(), false, &mut Signals::new());
        let reason = refused.err().unwrap();
        assert_eq!(&*reason.rule, "address-list");
        assert!(
            reason.value.to_string().ends_with("and 992 more"),
            "{reason:?}"
        );
        assert!(
            masking(true, false)
                .apply(text, false, &mut Signals::new())
                .is_ok()
        );
    }
}
