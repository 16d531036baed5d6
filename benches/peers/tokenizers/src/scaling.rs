//! One thread against two, by the clock on the wall.
//!
//! Only of use on an idle machine; the rate per second of processor time is printed beside it and
//! tells how much of a shortfall is other work on the machine. Passes are warm.

use std::sync::Barrier;
use std::time::Instant;

use anyhow::Result;

use crate::documents::Document;
use crate::engines::{ENGINES, Engine, cpu_seconds};
use crate::median;

/// Prints the rates of all engines but the reference.
pub fn print(name: &str, json: &[u8], documents: &[Document], rounds: usize) -> Result<()> {
    println!("| {name} | 1 thread MB/s | 2 threads MB/s | ratio | per processor second: 1 | 2 |");
    println!("|---|---|---|---|---|---|");
    for engine in ENGINES.iter().filter(|engine| !engine.is_reference) {
        let mut rates = [Vec::new(), Vec::new()];
        let mut cpu_rates = [Vec::new(), Vec::new()];
        for _ in 0..rounds {
            for n_threads in [1, 2] {
                let (rate, cpu_rate) = measure(engine, json, documents, n_threads)?;
                rates[n_threads - 1].push(rate);
                cpu_rates[n_threads - 1].push(cpu_rate);
            }
        }
        let [one, two] = rates.map(|rates| median(rates.into_iter()));
        let [cpu_one, cpu_two] = cpu_rates.map(|rates| median(rates.into_iter()));
        println!(
            "| {} | {one:.1} | {two:.1} | {:.2} | {cpu_one:.1} | {cpu_two:.1} |",
            engine.name,
            two / one,
        );
    }
    println!();
    Ok(())
}

/// MB per second on the wall and of processor time; each thread has its own documents and warms
/// itself on them first.
fn measure(
    engine: &Engine,
    json: &[u8],
    documents: &[Document],
    n_threads: usize,
) -> Result<(f64, f64)> {
    let barrier = Barrier::new(n_threads);
    let work = |thread: usize| -> Result<(Instant, Instant, f64)> {
        let encode = (engine.load)(json);
        let mine = || documents.iter().skip(thread).step_by(n_threads);
        let mut ids = Vec::new();
        let mut start = (Instant::now(), cpu_seconds());
        let mut encode = encode?;
        for pass in 0..2 {
            if pass == 1 {
                barrier.wait();
                start = (Instant::now(), cpu_seconds());
            }
            for document in mine() {
                ids.clear();
                encode(&document.text, &mut ids)?;
            }
        }
        Ok((start.0, Instant::now(), cpu_seconds() - start.1))
    };
    let times: Vec<_> = std::thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..n_threads)
            .map(|thread| scope.spawn(move || work(thread)))
            .collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, _>| {
            thread.join().expect("an engine panicked")
        };
        threads.into_iter().map(join).collect::<Result<_>>()
    })?;
    let mb = documents
        .iter()
        .map(|document| document.text.len())
        .sum::<usize>() as f64
        / 1e6;
    let start = times.iter().map(|(start, ..)| *start).min();
    let end = times.iter().map(|(_, end, _)| *end).max();
    let wall = start
        .zip(end)
        .map_or(0.0, |(start, end)| (end - start).as_secs_f64());
    let cpu: f64 = times.iter().map(|(.., cpu)| cpu).sum();
    Ok((mb / wall, mb / cpu))
}
