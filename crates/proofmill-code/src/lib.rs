//! Source code: language recognition, import evidence, notebooks, proof steps.
