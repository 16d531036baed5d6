//! One WARC record as a web page, or why it is none.

use proofmill_types::{Body, Page, Record};

use crate::entry::Entry;
use crate::http::{self, Fields, Response};
use crate::rules::{self, Rule};
use crate::warc::{self, WarcRecord};
use crate::{Options, sniff};

/// Makes the entry of `record`; none for what is no content: requests, metadata, warcinfo.
pub(crate) fn entry(record: WarcRecord, options: &Options) -> Option<Entry> {
    let WarcRecord {
        fields,
        block,
        location,
        is_short,
    } = record;
    let url = fields
        .get("warc-target-uri")
        .map(warc::bare)
        .unwrap_or_default()
        .to_owned();
    let origin = warc::origin(&fields).unwrap_or_else(|| location.to_string());
    let n_block = block.len() as u64;
    let warc_type = fields
        .get("warc-type")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let bad = |rule: &'static Rule, n_bytes: u64, detail: String| {
        Some(Entry::bad(
            rule,
            origin.clone(),
            location.clone(),
            n_bytes,
            detail,
        ))
    };
    // Crawlers' own notes and name look-ups are stored as if they were pages.
    let scheme = url.split(':').next().unwrap_or_default();
    if matches!(scheme, "metadata" | "dns" | "whois")
        && matches!(warc_type.as_str(), "resource" | "response")
    {
        return bad(rules::NOT_HTML, n_block, format!("`{scheme}:` is no page"));
    }
    let found = match content(&warc_type, &fields, block, options) {
        Ok(Some(found)) => found,
        Ok(None) => return None,
        Err((rule, detail)) => return bad(rule, n_block, detail),
    };
    let Response {
        status,
        reason,
        content_type,
        body,
        is_truncated,
    } = found;
    let n_bytes = body.len() as u64;
    if status != 0 && !(200..300).contains(&status) {
        return bad(
            rules::HTTP_STATUS,
            n_block,
            format!("{status} {reason}").trim_end().to_owned(),
        );
    }
    if body.trim_ascii().is_empty() {
        return bad(rules::EMPTY_BODY, n_block, format!("{n_bytes} bytes"));
    }
    let stated = content_type.as_deref().map(main_type).unwrap_or_default();
    let is_plain_text = match (warc_type.as_str(), kind_of(&stated, &body)) {
        ("conversion", PageKind::Text) => true,
        (_, PageKind::Html) => false,
        (_, PageKind::Text) => std::str::from_utf8(&body).is_ok(),
        (_, PageKind::Other) => {
            let detail = if stated.is_empty() {
                "no Content-Type".to_owned()
            } else {
                stated
            };
            return bad(rules::NOT_HTML, n_bytes, detail);
        }
    };
    let is_cut = fields.get("warc-truncated").is_some();
    let page = Page {
        url,
        content_type,
        date: fields.get("warc-date").map(str::to_owned),
        record_id: fields
            .get("warc-record-id")
            .map(|value| warc::bare(value).to_owned()),
        is_plain_text,
        is_truncated: is_truncated || is_short || is_cut,
        bytes: body,
    };
    Some(Entry::Record(Record {
        origin,
        location,
        n_bytes,
        body: Body::Page(page),
    }))
}

/// The body of a record with its headers; none for what is no content.
fn content(
    warc_type: &str,
    fields: &Fields,
    block: Vec<u8>,
    options: &Options,
) -> Result<Option<Response>, (&'static Rule, String)> {
    let record_type = fields.get("content-type").map(str::to_owned);
    let is_http = record_type
        .as_deref()
        .is_some_and(|value| main_type(value) == "application/http")
        || block.starts_with(b"HTTP/");
    match warc_type {
        "response" | "resource" if is_http => http::response(&block, &options.limits).map(Some),
        "response" | "resource" | "conversion" => Ok(Some(Response {
            content_type: record_type,
            body: block,
            ..Response::default()
        })),
        "revisit" => Err((rules::REVISIT, "stored elsewhere".to_owned())),
        "continuation" => Err((
            rules::NOT_SUPPORTED,
            "a segment of a larger record".to_owned(),
        )),
        _ => Ok(None),
    }
}

enum PageKind {
    Html,
    Text,
    Other,
}

/// What a body is, by its stated type and its first bytes.
fn kind_of(stated: &str, body: &[u8]) -> PageKind {
    let is_html = sniff::is_html(body);
    match stated {
        "text/html" | "application/xhtml+xml" | "application/vnd.wap.xhtml+xml" => {
            // Servers send images and archives as HTML too.
            if is_html || !sniff::is_binary(body) && !is_pdf(body) {
                PageKind::Html
            } else {
                PageKind::Other
            }
        }
        ""
        | "text/plain"
        | "text/xml"
        | "application/xml"
        | "application/octet-stream"
        | "text/markdown"
        | "text/x-markdown" => {
            if is_html {
                PageKind::Html
            } else if matches!(stated, "text/plain" | "text/markdown" | "text/x-markdown")
                && !sniff::is_binary(body)
                && !is_pdf(body)
            {
                PageKind::Text
            } else {
                PageKind::Other
            }
        }
        _ => PageKind::Other,
    }
}

fn is_pdf(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"%PDF-")
}

/// `text/html` of `Text/HTML; charset=x`.
fn main_type(value: &str) -> String {
    value
        .split([';', ','])
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}
