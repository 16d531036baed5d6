//! The estimate is unbiased, and candidates are found as theory says: the gate beside any speed claim.

#![expect(clippy::cast_precision_loss, reason = "small counts")]

use std::collections::BTreeSet;

use proofmill_dedup::{Scratch, Settings, Signer, dedup_texts, jaccard, shingles};

/// A plain generator for test texts: multiply and take the upper bits.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// A text of `n` words of a small language.
fn words(random: &mut Random, n: u64) -> Vec<String> {
    (0..n).map(|_| format!("w{}", random.below(5000))).collect()
}

/// `words` with every word replaced by chance `per_mille` in a thousand.
fn edited(random: &mut Random, words: &[String], per_mille: u64) -> String {
    let replaced = words.iter().map(|word| {
        let is_edited = random.below(1000) < per_mille;
        if is_edited {
            format!("edit{}", random.below(1_000_000))
        } else {
            word.clone()
        }
    });
    replaced.collect::<Vec<String>>().join(" ")
}

#[test]
fn the_estimate_is_unbiased_at_every_length() {
    let settings = Settings {
        bands: 16,
        rows: 16,
        ..Settings::default()
    };
    // Lengths from two shingles (rounds end by force) to thousands (one round).
    for n_words in [6, 12, 40, 150, 600, 5000] {
        let mut random = Random(n_words);
        let (mut sum, mut sum_of_squares, mut n_pairs) = (0.0, 0.0, 0.0_f64);
        for seed in 0..250 {
            let signer = Signer::new(&settings, seed).unwrap();
            let original = words(&mut random, n_words);
            let per_mille = [20, 60, 150][usize::try_from(seed % 3).unwrap()];
            let left = shingles(&edited(&mut random, &original, 0), 5);
            let right = shingles(&edited(&mut random, &original, per_mille), 5);
            let (a, b) = (signer.signature(&left), signer.signature(&right));
            let n_equal = a.iter().zip(&b).filter(|(a, b)| a == b).count();
            let error = n_equal as f64 / a.len() as f64 - jaccard(&left, &right);
            sum += error;
            sum_of_squares += error * error;
            n_pairs += 1.0;
        }
        let (bias, deviation) = (sum / n_pairs, (sum_of_squares / n_pairs).sqrt());
        println!("{n_words:5} words: bias {bias:+.4}, standard error {deviation:.4}");
        assert!(bias.abs() < 0.01, "{n_words} words: bias {bias}");
        // Classic MinHash over 256 functions has at most 0.5 / 16.
        assert!(deviation < 0.5 / 16.0 * 1.1, "{n_words} words: {deviation}");
    }
}

#[test]
fn candidates_follow_the_theory() {
    let settings = Settings::default();
    let mut random = Random(11);
    let mut bins = [(0_u32, 0_u32, 0.0_f64); 10]; // pairs, found, expected, by tenth of similarity
    for n_words in [60, 250, 1500] {
        for round in 0..700 {
            let signer = Signer::new(&settings, round).unwrap();
            let original = words(&mut random, n_words);
            let per_mille = random.below(130);
            let (left, right) = (
                original.join(" "),
                edited(&mut random, &original, per_mille),
            );
            let similarity = jaccard(&shingles(&left, 5), &shingles(&right, 5));
            let bands = |text: &str| {
                let (mut scratch, mut bands) = (Scratch::default(), Vec::new());
                signer.band_hashes(text, &mut scratch, &mut bands);
                bands.into_iter().collect::<BTreeSet<u64>>()
            };
            let is_candidate = !bands(&left).is_disjoint(&bands(&right));
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0 to 10"
            )]
            let bin = &mut bins[((similarity * 10.0) as usize).min(9)];
            bin.0 += 1;
            bin.1 += u32::from(is_candidate);
            bin.2 += settings.recall(similarity);
        }
    }
    println!("Jaccard    pairs   found  theory");
    for (tenth, (n_pairs, n_found, expected)) in bins.into_iter().enumerate() {
        if n_pairs < 30 {
            continue;
        }
        let n_pairs = f64::from(n_pairs);
        let (found, expected) = (f64::from(n_found) / n_pairs, expected / n_pairs);
        println!(
            "0.{tenth}-{:.1} {n_pairs:8} {found:7.3} {expected:7.3}",
            (tenth + 1) as f64 / 10.0
        );
        // Four standard errors of the share, and a little for few pairs.
        let tolerance = 4.0 * (expected * (1.0 - expected) / n_pairs).sqrt() + 0.02;
        assert!(
            (found - expected).abs() < tolerance,
            "bin {tenth}: {found} for {expected}"
        );
    }
}

#[test]
fn edited_copies_in_one_file() {
    let mut random = Random(5);
    let mut texts = Vec::new();
    let mut truth = Vec::new();
    for _ in 0..120 {
        let original = words(&mut random, 400);
        let first = texts.len();
        texts.push(original.join(" "));
        truth.push(None);
        // Nothing, and half a percent of words: similarity about 1 and 0.95.
        for per_mille in [0, 5] {
            texts.push(edited(&mut random, &original, per_mille));
            truth.push(Some(first));
        }
        // A fifth of the words: similarity about 0.2, no duplicate.
        texts.push(edited(&mut random, &original, 200));
        truth.push(None);
    }
    let fates = dedup_texts(&texts, &Settings::default(), 42).unwrap();
    for (index, (fate, truth)) in fates.iter().zip(&truth).enumerate() {
        assert_eq!(fate.keep, truth.is_none(), "text {index}");
        if truth.is_some() {
            assert_eq!(fate.cluster, *truth, "text {index}");
        }
    }
    assert_eq!(fates[3].cluster, None);
}

#[test]
fn templates_are_not_merged() {
    // Encyclopaedia entries that share a frame of words and differ in what they say.
    let mut random = Random(9);
    let frame = words(&mut random, 150).join(" ");
    let entry = |random: &mut Random| format!("{frame} {}", words(random, 25).join(" "));
    let texts: Vec<String> = (0..400).map(|_| entry(&mut random)).collect();
    let n_kept = |min_jaccard| {
        let settings = Settings {
            min_jaccard,
            ..Settings::default()
        };
        dedup_texts(&texts, &settings, 1)
            .unwrap()
            .iter()
            .filter(|fate| fate.keep)
            .count()
    };
    assert_eq!(n_kept(0.8), 400);
    println!("kept with trusted bands: {} of 400", n_kept(0.0));
    assert!(n_kept(0.0) < 100);
}

#[test]
fn edge_cases_of_a_file() {
    let settings = Settings::default();
    assert_eq!(dedup_texts::<&str>(&[], &settings, 1).unwrap(), []);
    let texts = [
        "",
        "",
        "...",
        "Calculate 3*4+2.",
        "Calculate 3+4*2.",
        "calculate  3*4+2",
    ];
    let fates = dedup_texts(&texts, &settings, 1).unwrap();
    let kept: Vec<bool> = fates.iter().map(|fate| fate.keep).collect();
    assert_eq!(kept, [true, true, true, true, true, false]);
    assert_eq!(fates[5].cluster, Some(3));
}
