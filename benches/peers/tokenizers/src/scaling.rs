//! One thread against two, by the clock on the wall.
//!
//! Only of use on an idle machine; the rate per second of processor time is printed beside it and
//! tells how much of a shortfall is other work on the machine. Passes are warm. Two processors of
//! one machine need not be twice as fast as one: [`ARITHMETIC`] shows what there is to gain.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Result;

use crate::documents::Document;
use crate::engines::{ENGINES, Engine, cpu_seconds};
use crate::{Arguments, median};

/// No engine: reads each text once, and needs nothing but a processor.
const ARITHMETIC: Engine = Engine {
    name: "arithmetic",
    is_reference: false,
    load: |_| {
        Ok(Box::new(|text, ids| {
            let step = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
            ids.push(text.bytes().fold(0x811c_9dc5, step));
            Ok(())
        }))
    },
};

/// Prints the rates of all engines but the reference.
pub fn print(name: &str, json: &[u8], documents: &[Document], arguments: &Arguments) -> Result<()> {
    println!("| {name} | 1 thread MB/s | 2 threads MB/s | ratio | per processor second: 1 | 2 |");
    println!("|---|---|---|---|---|---|");
    let is_wanted = |engine: &&Engine| !engine.is_reference && !arguments.skips(engine);
    let engines = ENGINES.iter().filter(is_wanted);
    for engine in engines.chain([&ARITHMETIC]) {
        let mut rates = [Vec::new(), Vec::new()];
        let mut cpu_rates = [Vec::new(), Vec::new()];
        for _ in 0..arguments.rounds {
            for n_threads in [1, 2] {
                let (rate, cpu_rate) = measure(engine, json, documents, n_threads)?;
                rates[n_threads - 1].push(rate);
                cpu_rates[n_threads - 1].push(cpu_rate);
            }
        }
        // Of turns beside each other, since a machine can be slower for minutes.
        let ratios = rates[0].iter().zip(&rates[1]).map(|(one, two)| two / one);
        let ratio = median(ratios);
        let [one, two] = rates.map(|rates| median(rates.into_iter()));
        let [cpu_one, cpu_two] = cpu_rates.map(|rates| median(rates.into_iter()));
        println!(
            "| {} | {one:.1} | {two:.1} | {ratio:.2} | {cpu_one:.1} | {cpu_two:.1} |",
            engine.name,
        );
    }
    println!();
    Ok(())
}

/// MB per second on the wall and of processor time: threads share the tokenizer and take document
/// after document, each having warmed itself on all of them.
fn measure(
    engine: &Engine,
    json: &[u8],
    documents: &[Document],
    n_threads: usize,
) -> Result<(f64, f64)> {
    let encode = (engine.load)(json)?;
    let (barrier, next) = (Barrier::new(n_threads), AtomicUsize::new(0));
    let work = || -> Result<(Instant, Instant, f64)> {
        let mut ids = Vec::new();
        let mut encode = |document: &Document| {
            ids.clear();
            encode(&document.text, &mut ids)
        };
        let warmed: Result<()> = documents.iter().try_for_each(&mut encode);
        barrier.wait();
        warmed?;
        let start = (Instant::now(), cpu_seconds());
        while let Some(document) = documents.get(next.fetch_add(1, Ordering::Relaxed)) {
            encode(document)?;
        }
        Ok((start.0, Instant::now(), cpu_seconds() - start.1))
    };
    let times: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..n_threads).map(|_| scope.spawn(work)).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, _>| {
            thread.join().expect("an engine panicked")
        };
        threads.into_iter().map(join).collect::<Result<_>>()
    })?;
    let n_bytes: usize = documents.iter().map(|document| document.text.len()).sum();
    let mb = n_bytes as f64 / 1e6;
    let start = times.iter().map(|(start, ..)| *start).min();
    let end = times.iter().map(|(_, end, _)| *end).max();
    let wall = start
        .zip(end)
        .map_or(0.0, |(start, end)| (end - start).as_secs_f64());
    let cpu: f64 = times.iter().map(|(.., cpu)| cpu).sum();
    Ok((mb / wall, mb / cpu))
}
