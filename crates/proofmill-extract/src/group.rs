//! What stays on one side of the split.

/// Host of a URL in lower case, without user, port and a leading `www.`.
#[must_use]
pub fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => host,
    };
    let host = host.trim_end_matches('.').to_lowercase();
    host.strip_prefix("www.").unwrap_or(&host).to_owned()
}

/// URL without fragment, scheme and a leading `www.`: names one page over crawls.
#[must_use]
pub fn page_family(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split('#').next().unwrap_or_default();
    let path = rest.find(['/', '?']).map_or("", |at| &rest[at..]);
    format!("{}{}", host(url), if path == "/" { "" } else { path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        let cases = [
            ("https://www.Example.org/a?b#c", "example.org"),
            ("http://user@sub.example.org:8080/", "sub.example.org"),
            ("example.org", "example.org"),
            ("http://[::1]/x", "[::1]"),
            ("", ""),
        ];
        for (url, expected) in cases {
            assert_eq!(host(url), expected, "for {url}");
        }
    }

    #[test]
    fn one_page_has_one_family() {
        let family = page_family("https://www.example.org/a?b=1#top");
        assert_eq!(family, "example.org/a?b=1");
        assert_eq!(page_family("http://example.org/a?b=1"), family);
        assert_eq!(
            page_family("http://example.org/"),
            page_family("http://example.org")
        );
    }
}
