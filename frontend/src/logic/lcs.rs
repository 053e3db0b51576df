//! The longest common subsequence, from which word diffs are made.

/// A longest common subsequence of `a` and `b`, as pairs of an index in `a` and one in `b`, both ascending.
pub fn longest_common_subsequence(a: &[&str], b: &[&str]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    // the length of the longest one of what follows each pair of indices
    let mut lengths = vec![0u16; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            lengths[i * width + j] = match a[i] == b[j] {
                true => lengths[(i + 1) * width + j + 1] + 1,
                false => lengths[(i + 1) * width + j].max(lengths[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, vec![]);
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_subsequence_keeps_the_order_of_both() {
        assert_eq!(
            longest_common_subsequence(&["a", "b", "c", "d"], &["b", "x", "d"]),
            [(1, 0), (3, 2)]
        );
        assert_eq!(longest_common_subsequence(&["a", "a"], &["a"]), [(0, 0)]);
        assert_eq!(longest_common_subsequence(&[], &["a"]), []);
    }
}
