//! Words that mean something to a signal: English stop words and words of mathematical exposition.

use std::sync::LazyLock;

use super::words::word_hash;

/// What a word counts towards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    /// One of [`STOP_WORDS`], as a bit.
    Stop(u8),
    /// A word of mathematical exposition.
    Math,
}

/// The stop words of Rae et al. 2021, appendix A.
const STOP_WORDS: [&str; 8] = ["the", "be", "to", "of", "and", "that", "have", "with"];

/// Words that are frequent in mathematical exposition and rare elsewhere, in lower case. Words with
/// an everyday meaning (`set`, `field`, `ring`, `group`, `function`, `sum`, `space`) are left out:
/// pages about shops and sport have them too.
const MATH_WORDS: &[&str] = &[
    // English
    "theorem",
    "theorems",
    "lemma",
    "lemmas",
    "corollary",
    "proposition",
    "propositions",
    "conjecture",
    "proof",
    "proofs",
    "provable",
    "axiom",
    "axioms",
    "hypothesis",
    "converse",
    "contrapositive",
    "induction",
    "inductive",
    "equation",
    "equations",
    "inequality",
    "inequalities",
    "integer",
    "integers",
    "rational",
    "irrational",
    "polynomial",
    "polynomials",
    "monomial",
    "quadratic",
    "cubic",
    "coefficient",
    "coefficients",
    "exponent",
    "exponential",
    "logarithm",
    "logarithmic",
    "derivative",
    "derivatives",
    "differentiable",
    "differentiation",
    "integral",
    "integrals",
    "integrable",
    "integrand",
    "antiderivative",
    "convergence",
    "convergent",
    "converges",
    "diverges",
    "divergent",
    "continuity",
    "bounded",
    "unbounded",
    "supremum",
    "infimum",
    "epsilon",
    "theta",
    "finite",
    "countable",
    "uncountable",
    "cardinality",
    "subset",
    "subsets",
    "superset",
    "intersection",
    "disjoint",
    "bijection",
    "bijective",
    "injective",
    "surjective",
    "surjection",
    "isomorphism",
    "isomorphic",
    "homomorphism",
    "homeomorphism",
    "diffeomorphism",
    "automorphism",
    "morphism",
    "morphisms",
    "functor",
    "functors",
    "abelian",
    "commutative",
    "associative",
    "distributive",
    "subgroup",
    "subgroups",
    "quotient",
    "coset",
    "cosets",
    "permutation",
    "permutations",
    "combinatorial",
    "combinatorics",
    "binomial",
    "factorial",
    "primes",
    "divisor",
    "divisors",
    "divisible",
    "congruence",
    "congruent",
    "modulo",
    "gcd",
    "arithmetic",
    "algebra",
    "algebraic",
    "geometry",
    "geometric",
    "topology",
    "topological",
    "calculus",
    "trigonometric",
    "sine",
    "cosine",
    "tangent",
    "hypotenuse",
    "triangle",
    "triangles",
    "polygon",
    "parabola",
    "hyperbola",
    "ellipse",
    "vertices",
    "eigenvalue",
    "eigenvalues",
    "eigenvector",
    "eigenvectors",
    "matrix",
    "matrices",
    "determinant",
    "vector",
    "vectors",
    "scalar",
    "scalars",
    "tensor",
    "orthogonal",
    "orthonormal",
    "nonlinear",
    "linearly",
    "manifold",
    "manifolds",
    "submanifold",
    "cohomology",
    "homology",
    "homotopy",
    "sheaf",
    "sheaves",
    "compactness",
    "hausdorff",
    "banach",
    "hilbert",
    "euclidean",
    "riemann",
    "riemannian",
    "lebesgue",
    "measurable",
    "probability",
    "probabilities",
    "variance",
    "stochastic",
    "martingale",
    "gaussian",
    "poisson",
    "bernoulli",
    "asymptotic",
    "asymptotically",
    "numerator",
    "denominator",
    "fraction",
    "fractions",
    "hessian",
    "jacobian",
    "laplacian",
    "fourier",
    "laplace",
    "taylor",
    "recurrence",
    "recursion",
    "iff",
    "wlog",
    "qed",
    "mathematics",
    "mathematical",
    "mathematician",
    "mathematicians",
    "math",
    "maths",
    "denote",
    "denotes",
    "denoted",
    "digit",
    "digits",
    "decimal",
    "composite",
    "coprime",
    "squarefree",
    "totient",
    "quotients",
    "remainder",
    "factorization",
    "factorizations",
    "exponents",
    "converge",
    "diverge",
    "nonnegative",
    "nonzero",
    "semigroup",
    "monoid",
    "lattice",
    "codimension",
    "eigenspace",
    "subspace",
    "subspaces",
    "kernel",
    "endomorphism",
    "bilinear",
    "symplectic",
    "holomorphic",
    "meromorphic",
    "harmonic",
    "ergodic",
    "planar",
    "bipartite",
    "adjacency",
    "injectivity",
    "surjectivity",
    "transitive",
    "reflexive",
    "equivalence",
    "ordinal",
    "ordinals",
    "cardinals",
    // French
    "théorème",
    "théorèmes",
    "lemme",
    "corollaire",
    "démonstration",
    "démontrer",
    "équation",
    "équations",
    "inégalité",
    "polynôme",
    "polynômes",
    "dérivée",
    "intégrale",
    "matrice",
    "matrices",
    "vecteur",
    "vecteurs",
    "mathématiques",
    "algèbre",
    "géométrie",
    // German
    "beweis",
    "gleichung",
    "gleichungen",
    "ungleichung",
    "polynom",
    "polynome",
    "ableitung",
    "integral",
    "matrizen",
    "vektor",
    "vektoren",
    "mathematik",
    "stetig",
    "konvergiert",
    "beweisen",
    "ganzzahlig",
    "primzahl",
    "primzahlen",
    // Spanish and Portuguese
    "teorema",
    "teoremas",
    "corolario",
    "demostración",
    "demonstração",
    "ecuación",
    "ecuaciones",
    "equação",
    "equações",
    "desigualdad",
    "polinomio",
    "polinomios",
    "polinômio",
    "derivada",
    "matriz",
    "matemáticas",
    "matemática",
    "álgebra",
    // Italian
    "dimostrazione",
    "equazione",
    "equazioni",
    "polinomi",
    "matematica",
    "vettore",
    // Russian
    "теорема",
    "теоремы",
    "лемма",
    "доказательство",
    "уравнение",
    "уравнения",
    "матрица",
    "интеграл",
    "многочлен",
    "вектор",
];

/// Slots of the table: a power of two, several times the number of words.
const N_SLOTS: usize = 2048;

/// Bits of the sieve that turns most other words away at once; small enough to stay close by.
const N_SIEVE_BITS: usize = 1 << 14;

struct Table {
    sieve: [u64; N_SIEVE_BITS / 64],
    slots: Vec<Option<(u64, Meaning)>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table {
        sieve: [0; N_SIEVE_BITS / 64],
        slots: vec![None; N_SLOTS],
    };
    let stop = STOP_WORDS
        .iter()
        .enumerate()
        .map(|(bit, word)| (*word, Meaning::Stop(1 << bit)));
    let math = MATH_WORDS.iter().map(|word| (*word, Meaning::Math));
    for (word, meaning) in stop.chain(math) {
        let hash = word_hash(word);
        let mut at = slot(hash);
        while table.slots[at].is_some_and(|(other, _)| other != hash) {
            at = (at + 1) % N_SLOTS;
        }
        table.slots[at] = Some((hash, meaning));
        let (index, bit) = sieve_bit(hash);
        table.sieve[index] |= bit;
    }
    table
});

fn slot(hash: u64) -> usize {
    usize::try_from(hash >> 40).unwrap_or(0) % N_SLOTS
}

fn sieve_bit(hash: u64) -> (usize, u64) {
    let bit = usize::try_from(hash >> 20).unwrap_or(0) % N_SIEVE_BITS;
    (bit / 64, 1 << (bit % 64))
}

/// What the word with `hash` counts towards.
pub(super) fn meaning(hash: u64) -> Option<Meaning> {
    let table = &*TABLE;
    let (index, bit) = sieve_bit(hash);
    if table.sieve[index] & bit == 0 {
        return None;
    }
    let mut at = slot(hash);
    while let Some((found, meaning)) = table.slots[at] {
        if found == hash {
            return Some(meaning);
        }
        at = (at + 1) % N_SLOTS;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found() {
        assert!(MATH_WORDS.len() < N_SLOTS / 4);
        for word in MATH_WORDS {
            assert_eq!(word.to_lowercase(), *word);
            assert_eq!(meaning(word_hash(word)), Some(Meaning::Math), "{word}");
        }
        for (bit, word) in STOP_WORDS.iter().enumerate() {
            assert_eq!(meaning(word_hash(word)), Some(Meaning::Stop(1 << bit)));
        }
        assert_eq!(meaning(word_hash("sandwich")), None);
    }
}
