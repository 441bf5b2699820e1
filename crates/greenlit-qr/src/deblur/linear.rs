//! Systems of linear equations.

/// Gauss and Jordan's elimination of the first `count` equations in as many unknowns; the right side stands
/// last in each row. `None` where they do not tell all unknowns.
pub(crate) fn solve<const N: usize, const WIDTH: usize>(
    rows: &mut [[f32; WIDTH]; N],
    count: usize,
) -> Option<[f32; N]> {
    for at in 0..count {
        let pivot = *rows.get(at)?;
        let head = *pivot.get(at)?;
        if head.abs() < 1e-6 {
            return None;
        }
        for (i, row) in rows.iter_mut().enumerate().take(count) {
            let factor = if i == at { continue } else { *row.get(at)? / head };
            for (value, other) in row.iter_mut().zip(&pivot) {
                *value -= factor * other;
            }
        }
    }
    let mut unknowns = [0.0; N];
    for (i, (unknown, row)) in unknowns.iter_mut().zip(rows.iter()).enumerate().take(count) {
        *unknown = row.last()? / row.get(i)?;
    }
    unknowns.iter().all(|unknown| unknown.is_finite()).then_some(unknowns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknowns_are_found_and_want_of_equations_is_noticed() {
        let mut rows = [[2.0, 1.0, 0.0, 5.0], [1.0, -1.0, 0.0, 1.0], [9.0; 4]];
        assert_eq!(solve(&mut rows, 2), Some([2.0, 1.0, 0.0]));
        assert_eq!(solve(&mut [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]], 2), None);
    }
}
