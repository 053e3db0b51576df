//! Matrices worked out cell by cell, and parts that do not fit.
use super::*;

/// 3 rows of 10 columns in groups of 4 (the last is short), worked out cell by cell.
fn small(order: &[u32]) -> Grouped {
    let scales: Vec<f32> = (0..9).map(|i| 0.5 + i as f32).collect();
    let code = |c: usize, r: usize| ((3 * c + 5 * r) % 16) as u8;
    Grouped::turned(&Transposed {
        name: "gptq",
        rows: 3,
        columns: 10,
        bits: 4,
        group: 4,
        code: &code,
        zero: &|g, r| (g + r) as u8,
        scales: &scales,
        order,
    })
    .unwrap()
}

#[test]
fn each_cell_is_its_scale_times_its_distance_from_zero() {
    let shuffled = [2, 0, 1, 1, 0, 2, 0, 1, 0, 1];
    for order in [&[][..], &[0, 0, 0, 0, 1, 1, 1, 1, 2, 2], &shuffled] {
        let packed = small(order);
        assert_eq!(matches!(packed.sharing, Sharing::Order(_)), order == shuffled);
        let mut whole = vec![0.0; 30];
        packed.unpack(0, &mut whole);
        for r in 0..3 {
            for c in 0..10 {
                let g = order.get(c).map_or(c / 4, |&g| g as usize);
                let want = (0.5 + (g * 3 + r) as f32) * (((3 * c + 5 * r) % 16) as f32 - (g + r) as f32);
                assert_eq!(whole[r * 10 + c], want, "row {r} column {c}");
            }
        }
        for start in 0..30 {
            let mut part = vec![0.0; 30 - start];
            packed.unpack(start, &mut part);
            assert_eq!(part, whole[start..]);
        }
    }
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let make = |columns, order: &[u32], scales: &[f32]| {
        Grouped::turned(&Transposed {
            name: "awq",
            rows: 2,
            columns,
            bits: 4,
            group: 4,
            code: &|_, _| 0,
            zero: &|_, _| 0,
            scales,
            order,
        })
        .map(|_| ())
    };
    assert_eq!(make(8, &[], &[1.0; 4]), Ok(()));
    assert!(make(8, &[], &[1.0; 3]).unwrap_err().contains("3 scales"));
    assert!(make(8, &[2; 8], &[1.0; 4]).unwrap_err().contains("group 2 of 2"));
    assert_eq!(make(7, &[], &[1.0; 4]), Ok(()), "rows may end within a byte");
}

/// Every way of sharing scales with every kind of worth, 6 rows of 10 columns, from any place on.
#[test]
fn each_cell_has_the_scale_that_is_its_own() {
    let code = |r: usize, c: usize| ((3 * c + 5 * r) % 8) as u8;
    let order: Vec<u32> = (0..10).map(|c| c * 7 % 3).collect();
    let ways: [(Sharing, usize, &dyn Fn(usize, usize) -> usize); 6] = [
        (Sharing::Tiles { rows: 4, columns: 3 }, 8, &|r, c| r / 4 * 4 + c / 3),
        (Sharing::Tiles { rows: 6, columns: 10 }, 1, &|_, _| 0),
        (Sharing::Tiles { rows: 1, columns: 10 }, 6, &|r, _| r),
        (Sharing::Order(order.clone()), 18, &|r, c| 3 * r + c * 7 % 3),
        (Sharing::Runs(15), 4, &|r, c| (10 * r + c) / 15),
        (Sharing::Runs(1), 4, &|r, c| (10 * r + c) % 4),
    ];
    for (sharing, count, scale_of) in ways {
        let scales: Vec<f32> = (0..count).map(|i| 0.3 + i as f32).collect();
        let real: Vec<f32> = (0..count).map(|i| 1.7 * i as f32).collect();
        let whole: Vec<u8> = (0..count).map(|i| i as u8).collect();
        let mut table = Box::new([0.0; 256]);
        for (q, value) in table.iter_mut().enumerate() {
            *value = (q * q) as f32 - 20.0;
        }
        for kind in 0..3 {
            let (worth, minus): (_, &dyn Fn(u8, usize) -> f32) = match kind {
                0 => (Worth::Whole(whole.clone()), &|q, i| f32::from(q) - i as f32),
                1 => (Worth::Real(real.clone()), &|q, i| f32::from(q) - real[i]),
                _ => (Worth::Table(table.clone()), &|q, _| table[q as usize]),
            };
            let packed = Grouped::new(Parts {
                name: "test",
                rows: 6,
                columns: 10,
                bits: 3,
                code: &code,
                worth,
                scales: scales.clone(),
                sharing: sharing.clone(),
            })
            .unwrap();
            let want: Vec<f32> = (0..60)
                .map(|i| {
                    let (r, c) = (i / 10, i % 10);
                    scales[scale_of(r, c)] * minus(code(r, c), scale_of(r, c))
                })
                .collect();
            for start in 0..60 {
                let mut got = vec![0.0; 60 - start];
                packed.unpack(start, &mut got);
                assert_eq!(got, want[start..], "{sharing:?} {kind} from {start}");
            }
        }
    }
}

#[test]
fn scales_and_zero_points_that_do_not_fit_are_refused() {
    let make = |scales: usize, zeros: usize, sharing| {
        let parts = Parts {
            name: "test",
            rows: 6,
            columns: 10,
            bits: 4,
            code: &|_, _| 0,
            worth: Worth::Real(vec![0.0; zeros]),
            scales: vec![1.0; scales],
            sharing,
        };
        Grouped::new(parts).map(|_| ())
    };
    let tiles = |rows, columns| Sharing::Tiles { rows, columns };
    assert_eq!(make(8, 8, tiles(4, 3)), Ok(()));
    assert!(make(7, 7, tiles(4, 3)).unwrap_err().contains("7 scales"));
    assert!(make(8, 7, tiles(4, 3)).unwrap_err().contains("7 scales"));
    assert!(make(0, 0, tiles(0, 3)).is_err());
    assert!(make(6, 6, tiles(1, 0)).is_err());
    assert_eq!(make(4, 4, Sharing::Runs(15)), Ok(()));
    assert!(make(5, 5, Sharing::Runs(15)).is_err());
    assert!(make(4, 4, Sharing::Runs(0)).is_err());
    assert!(make(0, 0, Sharing::Runs(1)).is_err());
    assert!(make(6, 6, Sharing::Order(vec![0; 9])).is_err());
}
