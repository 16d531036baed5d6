//! Measures extraction and gate on files: `cargo run --release --example speed -- FILE...`.

use std::io::Write as _;
use std::time::Instant;

use proofmill_html::{Gate, Input, Options, extract, gate};

fn main() -> std::io::Result<()> {
    let files: Vec<Vec<u8>> = std::env::args()
        .skip(1)
        .map(std::fs::read)
        .collect::<Result<_, _>>()?;
    let n_bytes: usize = files.iter().map(Vec::len).sum();
    let mut out = std::io::stdout().lock();
    let options = Options::default();
    for _ in 0..3 {
        let start = Instant::now();
        let n_passed = files
            .iter()
            .filter(|bytes| gate(bytes).gate == Gate::Pass)
            .count();
        let gate_s = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let mut n_text_bytes = 0;
        for bytes in &files {
            n_text_bytes += extract(
                &Input {
                    bytes,
                    content_type: None,
                    url: None,
                },
                &options,
            )
            .text
            .len();
        }
        let extract_s = start.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "sizes of files")]
        let mb = n_bytes as f64 / 1e6;
        writeln!(
            out,
            "{} pages, {mb:.1} MB: gate {:.0} MB/s ({n_passed} pass), whole {:.1} MB/s ({n_text_bytes} bytes of text)",
            files.len(),
            mb / gate_s,
            mb / extract_s,
        )?;
    }
    Ok(())
}
