//! Why a record could not be read: every rule that this crate can name, once.

/// One reason for a [`BadRecord`](proofmill_types::BadRecord).
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Stable name in ledgers and reports; never renamed.
    pub name: &'static str,
    /// Whether it means damaged or hostile input (counts towards `max_bad_ratio`), as opposed to
    /// something that this source does not hold.
    pub damaged: bool,
    /// When it applies.
    pub meaning: &'static str,
}

macro_rules! rules {
    ($($ident:ident $name:literal $damaged:literal $meaning:literal;)*) => {
        $(pub(crate) const $ident: &Rule =
            &Rule { name: $name, damaged: $damaged, meaning: $meaning };)*
        /// Every rule, in the order of the table in the crate's documentation.
        pub const RULES: &[&Rule] = &[$($ident),*];
    };
}

rules! {
    EMPTY "empty" false "nothing inside: a zero-byte member, an empty gzip, an empty text";
    WITHDRAWN "withdrawn" false "a withdrawal notice in place of a paper";
    PDF_ONLY "pdf-only" false "a submission of PDF files without TeX";
    PS_ONLY "ps-only" false "a submission of PostScript files without TeX";
    HTML_ONLY "html-only" false "a submission of HTML files without TeX";
    NO_TEX "no-tex" false "a submission without any TeX file";
    FILE_TOO_LARGE "file-too-large" false "one file of a submission left out for its size";
    NOT_TEXT "not-text" false "a binary file where text was expected";
    UNKNOWN_FORMAT "unknown-format" false "a file of a format that this kind of source does not read";
    HTTP_STATUS "http-status" false "a response whose status is not 2xx";
    NOT_HTML "not-html" false "a response or resource that is no web page";
    REVISIT "revisit" false "a WARC revisit record: the page is stored elsewhere";
    EMPTY_BODY "empty-body" false "a response without a body";
    RECORD_TOO_LARGE "record-too-large" false "a record above the size limit";
    NOT_SUPPORTED "not-supported" false "an encoding that this build cannot undo";
    GZIP_DAMAGED "gzip-damaged" true "gzip data cut, altered, or with a wrong checksum";
    ZSTD_DAMAGED "zstd-damaged" true "zstd data cut, altered, or asking for too large a window";
    BZIP2_DAMAGED "bzip2-damaged" true "bzip2 data cut or altered";
    XZ_DAMAGED "xz-damaged" true "xz data cut, altered, or asking for too large a dictionary";
    ARCHIVE_BOMB "archive-bomb" true "unpacks to more bytes or files than any real input";
    TAR_DAMAGED "tar-damaged" true "bytes of a tar that are no header; reading went on at the next one";
    TAR_TRUNCATED "tar-truncated" true "a tar that ends inside a header or a member";
    HEADER_LIE "header-lie" true "a stated length that the data contradicts";
    PATH_OUTSIDE "path-outside" true "an archive member whose path leaves the archive";
    LINK "link" true "an archive member that is a link";
    SPECIAL_FILE "special-file" true "an archive member that is a device or a pipe";
    WARC_DAMAGED "warc-damaged" true "bytes of a WARC file that are no record; reading went on at the next one";
    WARC_TRUNCATED "warc-truncated" true "a WARC file that ends inside a record";
    HEADER_TOO_LONG "header-too-long" true "WARC or HTTP header lines without an end";
    CONTENT_ENCODING "content-encoding" true "a body whose content encoding cannot be undone";
    BAD_JSON "bad-json" true "a line or element that is no JSON object";
    INVALID_UTF8 "invalid-utf8" true "a row or a text that is not UTF-8";
    NO_TEXT "no-text" true "a row without its text column";
    NULL_TEXT "null-text" true "a row whose text column is null or no text";
    NO_PROOF "no-proof" true "a row without the steps of a proof";
    LINE_TOO_LONG "line-too-long" true "a line or element above the size limit";
    PARQUET_DAMAGED "parquet-damaged" true "a Parquet file whose footer, pages or schema are wrong";
}
