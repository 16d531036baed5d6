//! Train, validation and test: a stable hash of the group decides, never a shuffle.
//!
//! One repository, paper family or host stays on one side however the corpus grows, and duplicates
//! are gone before the split, so none can stand on two sides.

use proofmill_manifest::Split as Settings;
use proofmill_shard::tables::Split;
use proofmill_types::{Digester, Document};

/// The side of the split on which `doc` lies.
pub(crate) fn side(doc: &Document, settings: &Settings, seed: u64) -> Split {
    let mut digester = Digester::new();
    digester.update(b"split");
    digester.update(&seed.to_le_bytes());
    if settings.group {
        digester.update(doc.group.as_bytes());
    } else {
        digester.update(&doc.id.to_bytes());
    }
    let position = unit(digester.finish().0);
    if position < settings.test_ratio {
        Split::Test
    } else if position < settings.test_ratio + settings.validation_ratio {
        Split::Validation
    } else {
        Split::Train
    }
}

/// A hash as a number in `0.0..1.0`.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
fn unit(hash: u128) -> f64 {
    (hash >> 75) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doc(group: &str) -> Document {
        Document {
            group: group.to_owned(),
            ..Document::from_text("")
        }
    }

    #[test]
    fn shares_are_met_and_groups_stay_together() {
        let settings = Settings {
            validation_ratio: 0.1,
            test_ratio: 0.2,
            group: true,
        };
        let mut counts = [0_usize; 3];
        for number in 0..10_000 {
            let group = format!("group {number}");
            let split = side(&doc(&group), &settings, 42);
            assert_eq!(split, side(&doc(&group), &settings, 42));
            counts[split as usize] += 1;
        }
        assert!((6_800..7_200).contains(&counts[0]), "{counts:?}");
        assert!((850..1_150).contains(&counts[1]), "{counts:?}");
    }

    #[test]
    fn the_seed_decides() {
        let settings = Settings {
            validation_ratio: 0.3,
            test_ratio: 0.3,
            group: true,
        };
        let sides = |seed| -> Vec<Split> {
            (0..50)
                .map(|number| side(&doc(&number.to_string()), &settings, seed))
                .collect()
        };
        assert_ne!(sides(1), sides(2));
    }
}
