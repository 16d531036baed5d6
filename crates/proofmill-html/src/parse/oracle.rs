//! The tree against html5ever: the same text in the same order.
//!
//! Where they differ on purpose (html5ever moves text out of tables and repeats inline elements) the
//! text must at least be the same but for its order.

use std::io::Read as _;
use std::path::PathBuf;

use html5ever::tendril::TendrilSink as _;
use markup5ever_rcdom::{Handle, NodeData, RcDom};

use super::{ParseLimits, parse};
use crate::tag::Tag;

/// The visible text of our tree, white space removed.
fn our_text(page: &str) -> String {
    let limits = ParseLimits {
        max_depth: 512,
        max_nodes: 4_000_000,
    };
    let tree = parse(page, false, limits);
    let mut out = String::new();
    for node in 1..tree.len() {
        if tree.tag(node) == Tag::TEXT && !tree.is_raw(node) {
            out.extend(
                tree.text(node)
                    .chars()
                    .filter(|c| !c.is_whitespace() && *c != '\0'),
            );
        }
    }
    out
}

/// The same of html5ever's.
fn their_text(page: &str) -> String {
    let mut options = html5ever::ParseOpts::default();
    options.tree_builder.scripting_enabled = false;
    let dom = html5ever::parse_document(RcDom::default(), options)
        .from_utf8()
        .one(page.as_bytes());
    let mut out = String::new();
    let mut open: Vec<Handle> = vec![dom.document.clone()];
    while let Some(node) = open.pop() {
        match &node.data {
            NodeData::Text { contents } => {
                out.extend(
                    contents
                        .borrow()
                        .chars()
                        .filter(|c| !c.is_whitespace() && *c != '\0'),
                );
            }
            NodeData::Element {
                name,
                template_contents,
                ..
            } => {
                if matches!(
                    &*name.local,
                    "script" | "style" | "xmp" | "iframe" | "noembed" | "noframes" | "plaintext"
                ) {
                    continue;
                }
                if let Some(inside) = template_contents.borrow().as_ref() {
                    open.push(inside.clone());
                }
            }
            _ => {}
        }
        open.extend(node.children.borrow().iter().rev().cloned());
    }
    out
}

fn sorted(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = text.chars().collect();
    letters.sort_unstable();
    letters
}

#[test]
fn fragments_read_as_browsers_do() {
    for page in [
        "<p>a<p>b<div>c</div></p>d",
        "<ul><li>a<li>b</ul>c",
        "<b>a<p>b</b>c</p>d",
        "<a href=x>a<a href=y>b</a>c",
        "<table><tr><td>a<td>b<tr><td>c</table>d",
        "<dl><dt>a<dd>b<dt>c</dl>",
        "a<br/>b</br>c",
        "<!-- a -->b<!-->c<!--->d-->e",
        "<title>a<b></title>c",
        "<textarea><p>a</textarea>b",
        "<h1>a<h2>b</h2>c",
        "<select><option>a<option>b</select>c",
        "&lt;a&gt &amp b &notit; &copy;&#x41;&#65 &#150;",
        "a < b <3 <>c",
        "<p title='>'>a</p>",
        "<p a=b/>c",
        "<x-y>a</x-y>b</z>c",
        "<svg><title>a</title></svg>b",
        "<math><mi>x</mi><mspace/><mo>+</mo></math>c",
        "<?pi?>a<!x>b</ >c",
        "<body>a</body>b</html>c",
        "<div>a<span>b</div>c</span>d",
        "<nobr>a<nobr>b",
        "<button>a<button>b",
        "<pre>\na</pre>",
        "<noscript>a</noscript>b",
        "<form>a<form>b</form>c",
        "<p>a</i>b</p>",
        "<center>a<p>b</center>c",
        "a<plaintext>b</plaintext>c",
        "<em>a<em>b</em>c</em>d",
    ] {
        assert_eq!(our_text(page), their_text(page), "for {page:?}");
    }
}

/// Pages of the sample corpus that are stored as they are.
fn corpus() -> Option<Vec<String>> {
    let shared = std::env::var("PROOFMILL_SHARED").map_or_else(
        |_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let mut pages = Vec::new();
    for name in [
        "rendered-styles",
        "mirrors-and-oddities",
        "latexml",
        "general-web",
    ] {
        let file = std::fs::File::open(shared.join(format!("corpus/web/{name}.warc.gz"))).ok()?;
        let mut bytes = Vec::new();
        flate2::read::MultiGzDecoder::new(file)
            .read_to_end(&mut bytes)
            .ok()?;
        let records = memchr::memmem::find_iter(&bytes, b"WARC/1.0\r\n").collect::<Vec<_>>();
        for (index, from) in records.iter().enumerate() {
            let to = records.get(index + 1).copied().unwrap_or(bytes.len());
            let text = String::from_utf8_lossy(&bytes[*from..to]);
            let mut parts = text.splitn(3, "\r\n\r\n");
            let (Some(_), Some(headers), Some(body)) = (parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            let is_plain =
                !headers.contains("hunked") && !headers.to_lowercase().contains("content-encoding");
            if headers.starts_with("HTTP/") && is_plain && body.contains('<') && pages.len() < 400 {
                pages.push(body.trim_start_matches('\u{feff}').to_owned());
            }
        }
    }
    Some(pages)
}

#[test]
fn pages_read_as_browsers_do() {
    let Some(pages) = corpus() else {
        eprintln!("SKIPPED: the sample corpus is not there; set PROOFMILL_SHARED");
        return;
    };
    let mut n_same = 0;
    for page in &pages {
        let (ours, theirs) = (our_text(page), their_text(page));
        if ours == theirs {
            n_same += 1;
        } else if sorted(&ours) != sorted(&theirs) {
            let at = ours
                .bytes()
                .zip(theirs.bytes())
                .position(|(a, b)| a != b)
                .unwrap_or(0);
            let show = |text: &str| {
                String::from_utf8_lossy(&text.as_bytes()[at..text.len().min(at + 80)]).into_owned()
            };
            eprintln!("differs: {:?} / {:?}", show(&ours), show(&theirs));
        }
    }
    eprintln!(
        "{n_same} of {} pages have the same text in the same order",
        pages.len()
    );
    assert!(n_same * 100 >= pages.len() * 97);
}
