//! The files of a submission: which hold TeX, how they are found by name, and which is the main one.

use rustc_hash::FxHashMap;

use crate::File;
use crate::encoding;
use crate::options::Limits;
use crate::paper::{NoPaper, Signals};

/// One readable file, decoded into the arena.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) path: String,
    start: usize,
    end: usize,
    opens: usize,
    /// Order of first use, from 1; 0 if never read.
    pub(crate) used: u32,
    /// Has its own `\begin{document}`.
    whole: bool,
}

/// All readable files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Library {
    pub(crate) entries: Vec<Entry>,
    /// Lower-case normalized path to entry; first file wins.
    by_path: FxHashMap<String, u32>,
    by_name: FxHashMap<String, u32>,
    main: u32,
    uses: u32,
}

/// What a file is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sniff {
    Pdf,
    PostScript,
    Html,
    Binary,
    Text,
}

fn sniff(bytes: &[u8]) -> Sniff {
    let head = &bytes[..bytes.len().min(1024)];
    let text = head.trim_ascii_start();
    if text.starts_with(b"%PDF") {
        return Sniff::Pdf;
    }
    if text.starts_with(b"%!PS")
        || text.starts_with(b"%!\n")
        || head.starts_with(b"\xc5\xd0\xd3\xc6")
    {
        return Sniff::PostScript;
    }
    let lower: Vec<u8> = text.iter().take(64).map(u8::to_ascii_lowercase).collect();
    if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") {
        return Sniff::Html;
    }
    let zeros = memchr::memchr_iter(0, head).count();
    let utf16 =
        head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") || zeros * 3 > head.len();
    let control = head.iter().filter(|byte| **byte < 9).count();
    if head.starts_with(b"\x89PNG")
        || head.starts_with(b"\xff\xd8")
        || head.starts_with(b"GIF8")
        || head.starts_with(b"PK\x03\x04")
        || (control * 20 > head.len() && !utf16)
    {
        return Sniff::Binary;
    }
    Sniff::Text
}

impl Library {
    /// Decodes the TeX files of a submission into `arena`.
    pub(crate) fn load(
        files: &[File<'_>],
        limits: &Limits,
        arena: &mut String,
        signals: &mut Signals,
    ) -> Result<Self, NoPaper> {
        let mut library = Self::default();
        let mut found = [0_u32; 3]; // PDF, PostScript, HTML
        let mut any = false;
        let mut total = 0_usize;
        let mut order: Vec<&File<'_>> = files.iter().take(limits.files).collect();
        order.sort_by(|a, b| a.path.cmp(b.path));
        let declared = order
            .iter()
            .filter(|file| kind_of(file.path).is_some())
            .find_map(|file| encoding::declared(&file.bytes[..file.bytes.len().min(20_000)]));
        let only_one = order.len() == 1;
        for file in order {
            if file.bytes.is_empty() || base_name(file.path).starts_with("._") {
                continue;
            }
            any |= !file.bytes.trim_ascii().is_empty();
            let readable = kind_of(file.path);
            match sniff(file.bytes) {
                Sniff::Pdf => found[0] += 1,
                Sniff::PostScript => found[1] += 1,
                Sniff::Html if readable != Some(true) || only_one => found[2] += 1,
                Sniff::Binary => {}
                Sniff::Html | Sniff::Text => {
                    let is_tex = readable
                        .unwrap_or_else(|| only_one || is_unnamed_tex(file.path, file.bytes))
                        || readable.is_some();
                    if !is_tex || total >= limits.total_bytes {
                        continue;
                    }
                    let room = limits.file_bytes.min(limits.total_bytes - total);
                    let bytes = cut_at_line(file.bytes, room, signals);
                    total += bytes.len();
                    let decoded = encoding::decode(bytes, declared);
                    signals.files_read += 1;
                    signals.recoded_files += u32::from(decoded.recoded);
                    signals.replaced_chars += decoded.replaced;
                    let start = arena.len();
                    arena.push_str(&decoded.text);
                    library.insert(file.path, start, arena.len(), arena);
                }
            }
        }
        signals.bytes_in = total as u64;
        if library
            .entries
            .iter()
            .all(|entry| arena[entry.start..entry.end].trim().is_empty())
        {
            return Err(if found[0] > 0 {
                NoPaper::PdfOnly
            } else if found[1] > 0 {
                NoPaper::PostScriptOnly
            } else if found[2] > 0 {
                NoPaper::HtmlOnly
            } else if any {
                NoPaper::NoTex
            } else {
                NoPaper::Empty
            });
        }
        Ok(library)
    }

    fn insert(&mut self, path: &str, start: usize, end: usize, arena: &str) {
        let slot = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let path = normalized(path);
        let lower = path.to_lowercase();
        self.by_name
            .entry(base_name(&lower).to_owned())
            .or_insert(slot);
        self.by_path.entry(lower).or_insert(slot);
        let text = arena.get(start..end).unwrap_or_default();
        let whole = text.contains("\\begin{document}") && kind_of(&path) != Some(false);
        self.entries.push(Entry {
            path,
            start,
            end,
            opens: 0,
            used: 0,
            whole,
        });
    }

    /// Adds a file that another one holds; an existing file wins.
    pub(crate) fn add_range(&mut self, path: &str, start: usize, end: usize) {
        let path = normalized(path);
        if self.entries.len() > 10_000 || self.by_path.contains_key(&path.to_lowercase()) {
            return;
        }
        self.insert(&path, start, end, "");
    }

    /// The main file and whether it has a preamble.
    pub(crate) fn choose_main(&mut self, arena: &str) -> Option<(usize, usize, bool)> {
        let slot = crate::roots::choose(self, arena)?;
        self.main = u32::try_from(slot).unwrap_or(0);
        self.mark_used(slot);
        let entry = self.entries.get(slot)?;
        let text = arena.get(entry.start..entry.end)?;
        Some((entry.start, entry.end, crate::roots::has_preamble(text)))
    }

    pub(crate) fn main(&self) -> u32 {
        self.main
    }

    pub(crate) fn text<'a>(&self, slot: usize, arena: &'a str) -> &'a str {
        self.entries
            .get(slot)
            .and_then(|entry| arena.get(entry.start..entry.end))
            .unwrap_or_default()
    }

    fn mark_used(&mut self, slot: usize) {
        if let Some(entry) = self.entries.get_mut(slot)
            && entry.used == 0
        {
            self.uses += 1;
            entry.used = self.uses;
        }
    }

    /// The file that `name` means when it is read from the file `here`.
    pub(crate) fn resolve(&self, name: &str, dir: Option<&str>, here: u32) -> Option<u32> {
        let name = name.replace('\\', "/");
        let name = name.trim_start_matches("./");
        let mut candidates = vec![
            name.to_owned(),
            format!("{name}.tex"),
            format!("{name}.ltx"),
        ];
        if let Some(stem) = name.strip_suffix(".tex") {
            candidates.push(stem.to_owned());
        }
        let places = [self.folder(here), self.folder(self.main), String::new()];
        for place in &places {
            for candidate in &candidates {
                let path = join(place, dir, candidate);
                if let Some(slot) = self.by_path.get(&path.to_lowercase()) {
                    return Some(*slot);
                }
            }
        }
        candidates
            .iter()
            .find_map(|candidate| self.by_name.get(&base_name(candidate).to_lowercase()))
            .copied()
    }

    /// As [`Library::resolve`], with the extension given.
    pub(crate) fn resolve_exact(&self, path: &str, here: u32) -> Option<u32> {
        [self.folder(here), self.folder(self.main), String::new()]
            .iter()
            .find_map(|place| self.by_path.get(&join(place, None, path).to_lowercase()))
            .or_else(|| self.by_name.get(&base_name(path).to_lowercase()))
            .copied()
    }

    fn folder(&self, slot: u32) -> String {
        let path = self
            .entries
            .get(slot as usize)
            .map_or("", |entry| entry.path.as_str());
        path.rsplit_once('/')
            .map_or_else(String::new, |(folder, _)| folder.to_owned())
    }

    /// Range of a file that is about to be read; `None` once it was read too often.
    pub(crate) fn open(&mut self, slot: u32, limit: usize) -> Option<(usize, usize)> {
        self.mark_used(slot as usize);
        let entry = self.entries.get_mut(slot as usize)?;
        entry.opens += 1;
        (entry.opens <= limit).then_some((entry.start, entry.end))
    }

    pub(crate) fn is_whole_document(&self, slot: u32) -> bool {
        self.entries
            .get(slot as usize)
            .is_some_and(|entry| entry.whole)
    }

    /// A file in which `@` is a letter.
    pub(crate) fn is_package_file(&self, slot: u32) -> bool {
        self.entries.get(slot as usize).is_some_and(|entry| {
            [".sty", ".cls", ".def", ".clo"]
                .iter()
                .any(|end| entry.path.to_lowercase().ends_with(end))
        })
    }

    /// The `.bbl` of the main file, or the only one.
    pub(crate) fn bibliography(&self) -> Option<u32> {
        let main = &self.entries.get(self.main as usize)?.path;
        let stem = main
            .rsplit_once('.')
            .map_or(main.as_str(), |(stem, _)| stem);
        if let Some(slot) = self.by_path.get(&format!("{stem}.bbl").to_lowercase()) {
            return Some(*slot);
        }
        let is_bbl = |entry: &&Entry| entry.path.to_lowercase().ends_with(".bbl");
        let mut all = self
            .entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| is_bbl(entry));
        let (slot, _) = all.next()?;
        all.next()
            .is_none()
            .then(|| u32::try_from(slot).unwrap_or(0))
    }

    /// Paths that were read, in order of first use.
    pub(crate) fn used_paths(&self) -> Vec<String> {
        let mut used: Vec<&Entry> = self.entries.iter().filter(|entry| entry.used > 0).collect();
        used.sort_by_key(|entry| entry.used);
        used.into_iter().map(|entry| entry.path.clone()).collect()
    }
}

/// At most `room` bytes, cut after a line end.
fn cut_at_line<'a>(bytes: &'a [u8], room: usize, signals: &mut Signals) -> &'a [u8] {
    if bytes.len() <= room {
        return bytes;
    }
    signals.limit_breaches += 1;
    signals.lossy_recoveries += 1;
    let head = &bytes[..room];
    memchr::memrchr(b'\n', head).map_or(head, |end| &head[..=end])
}

/// `true` for documents, `false` for definitions and bibliographies, `None` for other files.
pub(crate) fn kind_of(path: &str) -> Option<bool> {
    let name = base_name(path).to_lowercase();
    match name.rsplit_once('.')?.1 {
        "tex" | "ltx" | "latex" | "tikz" | "pgf" | "ptex" => Some(true),
        "sty" | "cls" | "def" | "clo" | "bbl" | "cfg" | "mac" | "inc" | "macros" => Some(false),
        _ if name.starts_with("00readme") => Some(false),
        _ => None,
    }
}

/// A file without a TeX name that is TeX all the same.
fn is_unnamed_tex(path: &str, bytes: &[u8]) -> bool {
    let name = base_name(path).to_lowercase();
    let plain_name = !name.contains('.')
        || name.rsplit_once('.').is_some_and(|(_, tail)| tail == "txt")
        || name
            .rsplit('.')
            .next()
            .is_some_and(|tail| tail.bytes().all(|b| b.is_ascii_digit()));
    let head = &bytes[..bytes.len().min(100_000)];
    plain_name
        && [
            &b"\\documentclass"[..],
            b"\\documentstyle",
            b"\\begin{",
            b"\\magnification",
            b"\\section",
        ]
        .iter()
        .any(|mark| memchr::memmem::find(head, mark).is_some())
        || (name.starts_with("00readme"))
}

pub(crate) fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn join(folder: &str, dir: Option<&str>, name: &str) -> String {
    let dir = dir.unwrap_or("");
    normalized(&format!("{folder}/{dir}/{name}"))
}

/// Parts joined by single `/`, `.` and `..` resolved inside the submission.
pub(crate) fn normalized(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Well-known packages and classes: their files define what the tables know already.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) fn is_public_package(name: &str) -> bool {
    const PUBLIC: &[&str] = &[
        "aastex",
        "aastex6",
        "aastex61",
        "aastex62",
        "aastex63",
        "achemso",
        "acmart",
        "algorithm",
        "algorithm2e",
        "algorithmic",
        "algorithmicx",
        "algpseudocode",
        "amsart",
        "amsbook",
        "amscd",
        "amsfonts",
        "amsgen",
        "amsmath",
        "amsopn",
        "amsppt",
        "amssymb",
        "amstex",
        "amstext",
        "amsthm",
        "apacite",
        "array",
        "article",
        "authblk",
        "babel",
        "bbm",
        "beamer",
        "biblatex",
        "bm",
        "book",
        "booktabs",
        "braket",
        "calc",
        "cancel",
        "caption",
        "caption2",
        "cite",
        "cleveref",
        "color",
        "comment",
        "csquotes",
        "dcolumn",
        "doublespace",
        "dsfont",
        "elsart",
        "elsarticle",
        "emulateapj",
        "enumerate",
        "enumitem",
        "epsf",
        "epsfig",
        "epstopdf",
        "eucal",
        "eufrak",
        "fancyhdr",
        "fancyvrb",
        "float",
        "fontenc",
        "footmisc",
        "fullpage",
        "geometry",
        "graphics",
        "graphicx",
        "harvard",
        "hyperref",
        "icml",
        "ieeetran",
        "ifpdf",
        "ifthen",
        "ifxetex",
        "iopart",
        "indentfirst",
        "inputenc",
        "jheppub",
        "jcappub",
        "jhep",
        "kvoptions",
        "latexsym",
        "lineno",
        "listings",
        "lipics",
        "lipics-v2016",
        "lipics-v2019",
        "lipics-v2021",
        "llncs",
        "longtable",
        "mathptmx",
        "mathrsfs",
        "mathtools",
        "mdframed",
        "microtype",
        "minted",
        "mnras",
        "moreverb",
        "multicol",
        "multirow",
        "natbib",
        "nicefrac",
        "overpic",
        "palatino",
        "paralist",
        "parskip",
        "pdflscape",
        "pgf",
        "pgfplots",
        "physics",
        "pict2e",
        "psfig",
        "pst-all",
        "pst-plot",
        "pstricks",
        "report",
        "revtex",
        "revtex4",
        "revtex4-1",
        "revtex4-2",
        "rotating",
        "scrartcl",
        "scrbook",
        "setspace",
        "siamart",
        "siamltex",
        "siunitx",
        "soul",
        "stmaryrd",
        "subcaption",
        "subfig",
        "subfigure",
        "subfiles",
        "svjour",
        "svjour3",
        "svmult",
        "tabularx",
        "textcomp",
        "thmtools",
        "tikz",
        "tikz-cd",
        "times",
        "titlesec",
        "titling",
        "tocloft",
        "todonotes",
        "tcolorbox",
        "ulem",
        "url",
        "verbatim",
        "wasysym",
        "wrapfig",
        "xcolor",
        "xparse",
        "xr",
        "xspace",
        "xstring",
        "xy",
        "xypic",
        "epic",
        "eepic",
        "sn-jnl",
        "neurips",
        "iclr",
        "cvpr",
        "aaai",
        "amsplain",
        "amstex.tex",
        "etoolbox",
        "acro",
        "glossaries",
        "nomencl",
        "mhchem",
        "chngcntr",
        "appendix",
        "placeins",
        "showkeys",
        "refcheck",
        "diagrams",
        "pictex",
        "prepictex",
        "postpictex",
        "psfrag",
        "lscape",
        "qtree",
        "bussproofs",
        "proof",
        "prooftree",
        "mathpartir",
        "youngtab",
        "ytableau",
        "phyzzx",
        "harvmac",
        "lamstex",
        "epsf.tex",
        "cjk",
        "pdfpages",
        "import",
        "catchfile",
        "standalone",
    ];
    let name = base_name(name).to_lowercase();
    let stem = name
        .strip_suffix(".sty")
        .or_else(|| name.strip_suffix(".cls"))
        .or_else(|| name.strip_suffix(".tex"))
        .unwrap_or(&name);
    PUBLIC.binary_search(&stem).is_ok() || PUBLIC.contains(&stem)
}
