//! `cargo bench -p proofmill-benches`: throughput of every stop and of the whole line.
//!
//! Inputs are loaded before the clock starts, and every run counts its own answer, so that a stop that
//! does nothing cannot look fast. One stop runs on one thread. Throughput is in 10^6 bytes a second;
//! which bytes, [`proofmill_benches::Stop`] tells.

mod judge;
mod stops;
mod timed;
mod whole;

use std::process::ExitCode;

fn main() -> ExitCode {
    divan::main();
    if timed::report() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
