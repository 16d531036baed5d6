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
