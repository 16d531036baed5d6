//! Slices of inputs, packed into tasks of similar size.

use proofmill_read::{Slice, SliceUnit};
use proofmill_types::Digest;

/// Packs slices into tasks of about `target_bytes`.
///
/// A boundary also falls after a slice whose name hashes to 0 modulo 8 once a quarter of the target
/// is reached, so that an added file moves the boundaries near it only.
pub(crate) fn pack(slices: Vec<Slice>, target_bytes: u64) -> Vec<Vec<Slice>> {
    let mut groups: Vec<Vec<Slice>> = Vec::new();
    let mut n_bytes = u64::MAX; // full, so the first slice opens a group
    for slice in slices {
        let n_slice_bytes = slice_bytes(&slice, target_bytes);
        if n_bytes.saturating_add(n_slice_bytes) > target_bytes {
            groups.push(Vec::new());
            n_bytes = 0;
        }
        n_bytes = n_bytes.saturating_add(n_slice_bytes);
        let is_boundary = Digest::of(slice_name(&slice).as_bytes())
            .0
            .is_multiple_of(8);
        if let Some(last) = groups.last_mut() {
            last.push(slice);
        }
        if is_boundary && n_bytes >= target_bytes / 4 {
            n_bytes = u64::MAX;
        }
    }
    groups
}

/// Stored bytes of a slice; for a run of row groups, which is cut at about `target_bytes`, an estimate
/// that is good enough for packing and bars.
pub(crate) fn slice_bytes(slice: &Slice, target_bytes: u64) -> u64 {
    match slice.unit {
        SliceUnit::Bytes => slice
            .end
            .min(slice.file.n_bytes)
            .saturating_sub(slice.start),
        SliceUnit::RowGroups => slice.file.n_bytes.min(target_bytes),
    }
}

/// File and range, e.g. `crawl.warc 0..4096`.
pub(crate) fn slice_name(slice: &Slice) -> String {
    if slice.start == 0 && slice.end == u64::MAX {
        return slice.file.name.to_string();
    }
    format!("{} {}..{}", slice.file.name, slice.start, slice.end)
}

#[cfg(test)]
mod tests {
    use proofmill_read::InputFile;

    use super::*;

    fn slices(numbers: impl Iterator<Item = u32>, n_bytes: u64) -> Vec<Slice> {
        let file = |number| InputFile {
            path: format!("/in/{number}").into(),
            name: format!("{number:05}").into(),
            under: None,
            n_bytes,
            modified_ns: 0,
            is_folder: false,
        };
        numbers.map(|number| Slice::whole(&file(number))).collect()
    }

    fn names(groups: &[Vec<Slice>]) -> Vec<Vec<String>> {
        groups
            .iter()
            .map(|group| group.iter().map(slice_name).collect())
            .collect()
    }

    #[test]
    fn every_slice_lies_in_one_group_in_order_and_no_group_is_too_large() {
        for n_bytes in [0, 10, 90, 100, 1000] {
            let all = slices(0..50, n_bytes);
            let groups = pack(all.clone(), 100);
            assert_eq!(groups.concat(), all);
            let sum = |group: &Vec<Slice>| {
                group
                    .iter()
                    .map(|slice| slice_bytes(slice, 100))
                    .sum::<u64>()
            };
            assert!(
                groups
                    .iter()
                    .all(|group| group.len() == 1 || sum(group) <= 100),
                "{n_bytes}"
            );
        }
    }

    #[test]
    fn an_added_file_moves_the_boundaries_near_it_only() {
        let before = names(&pack(slices(1..500, 10), 100));
        let after = names(&pack(slices(0..500, 10), 100));
        let n_same = after.iter().filter(|group| before.contains(group)).count();
        assert!(n_same * 10 > after.len() * 8, "{n_same} of {}", after.len());
    }
}
