//! What an earlier plan knows already: digests and cuts of files that have not changed.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use proofmill_manifest::Source;
use proofmill_read::{InputFile, Slice, is_archive_name};
use proofmill_types::Digest;

use crate::licenses::FolderLicense;
use crate::plan::{Input, Plan};

/// Slices and digests of files that have not changed are taken from an earlier plan.
#[derive(Default)]
pub(crate) struct Known<'a> {
    plan: Option<&'a Plan>,
    inputs: HashMap<&'a Path, &'a Input>,
    /// Slices by index of the source and name of the file, in their order.
    slices: HashMap<(usize, &'a str), Vec<&'a Slice>>,
    /// Digests of archives of source code and the licences in them, likewise.
    archives: HashMap<(usize, &'a str), (Digest, Vec<&'a FolderLicense>)>,
}

impl<'a> Known<'a> {
    /// What `plan` knows; nothing without one.
    pub(crate) fn of(plan: Option<&'a Plan>) -> Self {
        let Some(plan) = plan else {
            return Self::default();
        };
        let of_sources = plan.sources.iter().flat_map(|source| {
            source
                .inputs
                .iter()
                .chain(&source.metadata)
                .chain(&source.scores)
        });
        let inputs = of_sources
            .chain(&plan.benchmarks)
            .chain(&plan.tokenizer)
            .chain(&plan.language_model)
            .chain(&plan.math_model);
        let mut slices: HashMap<_, Vec<_>> = HashMap::new();
        for (index, source) in plan.sources.iter().enumerate() {
            for slice in source.groups.iter().flatten() {
                slices
                    .entry((index, &*slice.file.name))
                    .or_default()
                    .push(slice);
            }
        }
        let mut archives: HashMap<_, (Digest, Vec<_>)> = HashMap::new();
        for (index, source) in plan.sources.iter().enumerate() {
            if source.licenses_version != proofmill_extract::VERSION {
                continue;
            }
            let tars = source
                .inputs
                .iter()
                .filter(|input| is_archive_name(&input.file.name));
            for tar in tars {
                archives.insert((index, &*tar.file.name), (tar.digest, Vec::new()));
            }
            for found in &source.licenses {
                if let Some((_, all)) = archives.get_mut(&(index, &*found.folder.archive)) {
                    all.push(found);
                }
            }
        }
        Self {
            plan: Some(plan),
            inputs: inputs.map(|input| (&*input.file.path, input)).collect(),
            slices,
            archives,
        }
    }

    /// `file` with its digest, which is taken over when path, size and time are the same.
    pub(crate) fn input(&self, file: InputFile) -> Result<Input> {
        let is_same = |old: &InputFile| {
            old.n_bytes == file.n_bytes
                && old.modified_ns == file.modified_ns
                && old.is_folder == file.is_folder
        };
        let digest = match self.inputs.get(&*file.path) {
            Some(earlier) if is_same(&earlier.file) => earlier.digest,
            _ => proofmill_read::digest(&file)?,
        };
        Ok(Input { file, digest })
    }

    /// Licences inside the archive `input`, if the earlier plan read them from the same bytes.
    ///
    /// LICENSE files on disk are small and are read again.
    pub(crate) fn licenses(&self, source: &Source, input: &Input) -> Option<Vec<FolderLicense>> {
        let index = self.index_of(source)?;
        let (digest, found) = self.archives.get(&(index, &*input.file.name))?;
        (*digest == input.digest).then(|| found.iter().copied().cloned().collect())
    }

    /// Index of `source` in the earlier plan.
    fn index_of(&self, source: &Source) -> Option<usize> {
        let sources = &self.plan?.manifest.source;
        sources
            .iter()
            .position(|old| old.name == source.name && old.kind == source.kind)
    }

    /// Slices of `input`: from the earlier plan when neither its bytes nor the settings changed.
    pub(crate) fn slices(
        &self,
        source: &Source,
        input: &Input,
        target_bytes: u64,
    ) -> Result<Vec<Slice>> {
        let earlier = self
            .plan
            .filter(|plan| plan.manifest.limits.slice_bytes == target_bytes)
            .and_then(|_| {
                let index = self.index_of(source)?;
                let slices = self.slices.get(&(index, &*input.file.name))?;
                let old = self.inputs.get(&*slices.first()?.file.path)?;
                (old.digest == input.digest).then_some(slices)
            });
        match earlier {
            // The file may have moved, or be found by another pattern: only the cuts are taken.
            Some(slices) => Ok(slices
                .iter()
                .map(|&slice| Slice {
                    file: input.file.clone(),
                    ..slice.clone()
                })
                .collect()),
            None => Ok(proofmill_read::slices(
                &input.file,
                source.kind,
                target_bytes,
            )?),
        }
    }
}
