//! Merkle trees as RFC 6962 section 2.1 has them: a leaf is hashed after 0x00, a node after 0x01.
//!
//! Pure: a proof is told as the subtrees whose hashes it consists of, and whoever keeps the hashes looks them up.

use std::ops::Range;

use sha2::Digest;

use crate::db::types::Sha256;

/// The hash of a leaf.
pub fn leaf(entry: &[u8]) -> Sha256 {
    let mut hash = sha2::Sha256::new();
    hash.update([0]);
    hash.update(entry);
    Sha256(hash.finalize().into())
}

/// The hash of a node over two subtrees.
pub fn node(left: Sha256, right: Sha256) -> Sha256 {
    let mut hash = sha2::Sha256::new();
    hash.update([1]);
    hash.update(left.0);
    hash.update(right.0);
    Sha256(hash.finalize().into())
}

/// The hash over subtrees that stand side by side, each complete and as large as its neighbours, but the last which may be
/// smaller. Of nothing: the hash of nothing.
pub fn over(hashes: &[Sha256]) -> Sha256 {
    match hashes {
        [] => Sha256::of(""),
        [one] => *one,
        _ => {
            let (left, right) = hashes.split_at(split(hashes.len()));
            node(over(left), over(right))
        }
    }
}

/// The largest power of two below `size`, which is 2 at least.
fn split(size: usize) -> usize {
    1 << (size - 1).ilog2()
}

/// `split` for a range of leaves.
pub fn parts(leaves: &Range<u64>) -> (Range<u64>, Range<u64>) {
    let middle = leaves.start + (1 << (leaves.end - leaves.start - 1).ilog2());
    (leaves.start..middle, middle..leaves.end)
}

/// The subtrees whose hashes prove that a leaf is in a tree (RFC 6962 2.1.1), from the leaf to the top.
pub fn inclusion(leaf: u64, size: u64) -> Vec<Range<u64>> {
    let (mut path, mut within) = (Vec::new(), 0..size);
    while within.end - within.start > 1 {
        let (left, right) = parts(&within);
        let (into, beside) = if leaf < right.start { (left, right) } else { (right, left) };
        path.push(beside);
        within = into;
    }
    path.reverse();
    path
}

/// The subtrees whose hashes prove that a tree of `old` leaves grew into one of `new` (RFC 6962 2.1.2).
pub fn consistency(old: u64, new: u64) -> Vec<Range<u64>> {
    let (mut path, mut within, mut left_edge) = (Vec::new(), 0..new, true);
    // At its end the old tree's hash is known to whoever asks, unless it lies within.
    while old > 0 && within.end != old {
        let (left, right) = parts(&within);
        if old <= right.start {
            path.push(right);
            within = left;
        } else {
            path.push(left);
            within = right;
            left_edge = false;
        }
    }
    if !left_edge {
        path.push(within);
    }
    path.reverse();
    path
}

/// A tree that grows leaf by leaf and remembers only its complete subtrees.
#[derive(Debug, Clone, Default)]
pub struct Growing {
    /// From the largest to the smallest, with how many leaves each has.
    peaks: Vec<(u64, Sha256)>,
    size: u64,
}

impl Growing {
    /// One leaf more.
    pub fn push(&mut self, leaf: Sha256) {
        let (mut leaves, mut hash) = (1, leaf);
        while let Some((_, left)) = self.peaks.pop_if(|(before, _)| *before == leaves) {
            (leaves, hash) = (leaves * 2, node(left, hash));
        }
        self.peaks.push((leaves, hash));
        self.size += 1;
    }

    /// How many leaves it has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Its hash.
    pub fn root(&self) -> Sha256 {
        let hashes = self.peaks.iter().rev().map(|(_, hash)| *hash);
        hashes.reduce(|right, left| node(left, right)).unwrap_or_else(|| Sha256::of(""))
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::{Growing, consistency, inclusion, leaf, node, over};
    use crate::db::types::Sha256;

    /// The leaves that implementations of RFC 6962 test themselves with.
    const LEAVES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    /// And the roots of the first one, two, … of them, as Certificate Transparency's own code has them.
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn leaves() -> Vec<Sha256> {
        LEAVES.iter().map(|text| leaf(&hex::decode(text).unwrap())).collect()
    }

    fn hash(range: &Range<u64>, leaves: &[Sha256]) -> Sha256 {
        over(&leaves[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()])
    }

    #[test]
    fn roots_are_those_of_certificate_transparency() {
        let (leaves, mut growing) = (leaves(), Growing::default());
        assert_eq!(growing.root().to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        for (index, root) in ROOTS.iter().enumerate() {
            growing.push(leaves[index]);
            assert_eq!((&growing.root().to_string(), growing.root()), (&(*root).to_owned(), over(&leaves[..=index])));
        }
    }

    /// As RFC 9162 2.1.3.2 verifies.
    fn climbs(index: u64, size: u64, leaf: Sha256, path: &[Sha256]) -> Sha256 {
        let (mut place, mut last, mut hash) = (index, size - 1, leaf);
        for beside in path {
            if place % 2 == 1 || place == last {
                hash = node(*beside, hash);
                while place.is_multiple_of(2) && place != 0 {
                    (place, last) = (place / 2, last / 2);
                }
            } else {
                hash = node(hash, *beside);
            }
            (place, last) = (place / 2, last / 2);
        }
        assert_eq!(last, 0);
        hash
    }

    #[test]
    fn every_leaf_of_every_tree_is_proved() {
        let leaves: Vec<_> = (0_u8..70).map(|byte| leaf(&[byte])).collect();
        for size in 1..=70_u64 {
            for index in 0..size {
                let path: Vec<_> = inclusion(index, size).iter().map(|range| hash(range, &leaves)).collect();
                let own = leaves[usize::try_from(index).unwrap()];
                assert_eq!(climbs(index, size, own, &path), hash(&(0..size), &leaves), "{index} of {size}");
            }
        }
    }

    /// As RFC 9162 2.1.4.2 verifies.
    fn grew(old: u64, new: u64, old_root: Sha256, path: &[Sha256]) -> (Sha256, Sha256) {
        let mut path = path.to_vec();
        if old.is_power_of_two() {
            path.insert(0, old_root);
        }
        let (mut place, mut last) = (old - 1, new - 1);
        while place % 2 == 1 {
            (place, last) = (place / 2, last / 2);
        }
        let (mut before, mut after) = (path[0], path[0]);
        for beside in &path[1..] {
            if place % 2 == 1 || place == last {
                (before, after) = (node(*beside, before), node(*beside, after));
                while place.is_multiple_of(2) && place != 0 {
                    (place, last) = (place / 2, last / 2);
                }
            } else {
                after = node(after, *beside);
            }
            (place, last) = (place / 2, last / 2);
        }
        assert_eq!(last, 0);
        (before, after)
    }

    #[test]
    fn every_growth_is_proved() {
        let leaves: Vec<_> = (0_u8..40).map(|byte| leaf(&[byte])).collect();
        for new in 2..=40_u64 {
            for old in 1..new {
                let path: Vec<_> = consistency(old, new).iter().map(|range| hash(range, &leaves)).collect();
                let (before, after) = (hash(&(0..old), &leaves), hash(&(0..new), &leaves));
                assert_eq!(grew(old, new, before, &path), (before, after), "{old} to {new}");
            }
        }
        assert_eq!(consistency(7, 7), Vec::<Range<u64>>::new());
    }
}
