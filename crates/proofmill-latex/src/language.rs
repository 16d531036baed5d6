//! The language of prose.

use whatlang::Lang;

/// Characters below which no guess is made.
const MIN_CHARS: usize = 60;

/// ISO 639-1 code of the language of `prose`, in which there are no formulas.
pub(crate) fn guess(prose: &str) -> Option<&'static str> {
    if prose
        .chars()
        .filter(|c| c.is_alphabetic())
        .take(MIN_CHARS)
        .count()
        < MIN_CHARS
    {
        return None;
    }
    if is_plainly_english(prose) {
        return Some("en");
    }
    let info = whatlang::detect(prose)?;
    Some(match info.lang() {
        Lang::Eng => "en",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Spa => "es",
        Lang::Ita => "it",
        Lang::Por => "pt",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Cmn => "zh",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Nld => "nl",
        Lang::Pol => "pl",
        Lang::Ces => "cs",
        Lang::Tur => "tr",
        Lang::Lat => "la",
        Lang::Cat => "ca",
        Lang::Ron => "ro",
        Lang::Hun => "hu",
        Lang::Swe => "sv",
        Lang::Dan => "da",
        Lang::Ell => "el",
        _ => return None,
    })
}

/// Words of which an English text is full, and of which no other language has many.
fn is_english_word(word: &[u8]) -> bool {
    matches!(
        word,
        b"the"
            | b"The"
            | b"of"
            | b"and"
            | b"that"
            | b"with"
            | b"which"
            | b"this"
            | b"This"
            | b"are"
            | b"for"
            | b"from"
            | b"by"
    )
}

/// Whether so many words are English ones that no other language need be tried: every sixth, among
/// at least fifty. Prose in two languages has fewer.
fn is_plainly_english(prose: &str) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
    let (mut all, mut english) = (0_usize, 0_usize);
    for word in prose.as_bytes().split(|byte| !is_letter(byte)) {
        all += usize::from(word.len() > 1);
        english += usize::from(is_english_word(word));
    }
    all >= 50 && english * 6 >= all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_way_agrees_with_the_long_one() {
        let english = "We prove that the sum of the first primes is bounded by a constant which \
            depends on the field, and that this bound is sharp for all of the groups that are \
            given by the action of a torus on the plane. ";
        let french = "Nous montrons que la somme des premiers nombres est une fonction de la \
            classe, ce qui donne une preuve du résultat pour les groupes de type fini. ";
        let dutch = "We bewijzen dat de som van de eerste priemgetallen begrensd is door een \
            constante die van het lichaam afhangt, en dat deze grens scherp is voor groepen. ";
        assert!(is_plainly_english(&english.repeat(3)));
        assert_eq!(guess(&english.repeat(3)), Some("en"));
        for (prose, language) in [(french, "fr"), (dutch, "nl")] {
            let prose = prose.repeat(3);
            assert!(!is_plainly_english(&prose));
            assert_eq!(guess(&prose), Some(language));
            // An abstract in English does not decide.
            assert!(!is_plainly_english(&format!("{}{prose}", &english[..150])));
        }
    }
}
