//! The held-out split: the same rows, in the same order, as Hugging Face's `train_test_split(seed=…)`.
//!
//! It shuffles with NumPy's `default_rng(seed).permutation`: Fisher–Yates over PCG64 (O'Neill 2014, XSL-RR) seeded
//! through `SeedSequence`.

/// NumPy's default bit generator.
pub(super) struct Pcg64 {
    state: u128,
    increment: u128,
    /// The unused half of the last 64 bits.
    half: Option<u32>,
}

const MULTIPLIER: u128 = 0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645;

impl Pcg64 {
    pub(super) fn new(seed: u64) -> Self {
        let words = seed_words(seed);
        let wide = |i: usize| {
            let word = |j: usize| u128::from(words[j]);
            (word(i + 1) << 96) | (word(i) << 64) | (word(i + 3) << 32) | word(i + 2)
        };
        let increment = (wide(4) << 1) | 1;
        let mut this = Self {
            state: increment.wrapping_add(wide(0)),
            increment,
            half: None,
        };
        this.step();
        this
    }

    fn step(&mut self) {
        self.state = self.state.wrapping_mul(MULTIPLIER).wrapping_add(self.increment);
    }

    fn next_u64(&mut self) -> u64 {
        self.step();
        let folded = (self.state >> 64) as u64 ^ self.state as u64;
        folded.rotate_right((self.state >> 122) as u32)
    }

    fn next_u32(&mut self) -> u32 {
        if let Some(half) = self.half.take() {
            return half;
        }
        let bits = self.next_u64();
        self.half = Some((bits >> 32) as u32);
        bits as u32
    }

    /// A number from 0 to `most`, both included: as many bits as `most` has, drawn until they fit.
    fn up_to(&mut self, most: u32) -> u32 {
        let mask = u32::MAX.checked_shr(most.leading_zeros()).unwrap_or(0);
        if mask == 0 {
            return 0;
        }
        loop {
            let value = self.next_u32() & mask;
            if value <= most {
                return value;
            }
        }
    }

    /// `0..n` in random order.
    pub(super) fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            let j = self.up_to(u32::try_from(i).unwrap_or(u32::MAX));
            order.swap(i, j as usize);
        }
        order
    }
}

/// `SeedSequence(seed).generate_state(8)`.
fn seed_words(seed: u64) -> [u32; 8] {
    const POOL: usize = 4;
    let entropy = [seed as u32, (seed >> 32) as u32, 0, 0];
    let mut constant = 0x43B0_D7E5_u32;
    let mut hash = |mut value: u32| {
        value ^= constant;
        constant = constant.wrapping_mul(0x931E_8875);
        value = value.wrapping_mul(constant);
        value ^ (value >> 16)
    };
    let mut pool = entropy.map(&mut hash);
    for source in 0..POOL {
        for target in 0..POOL {
            if source != target {
                let hashed = hash(pool[source]);
                let mixed = pool[target]
                    .wrapping_mul(0xCA01_F9DD)
                    .wrapping_sub(hashed.wrapping_mul(0x4973_F715));
                pool[target] = mixed ^ (mixed >> 16);
            }
        }
    }
    let mut constant = 0x8B51_F9DD_u32;
    std::array::from_fn(|i| {
        let mut value = pool[i % POOL] ^ constant;
        constant = constant.wrapping_mul(0x58F3_8DED);
        value = value.wrapping_mul(constant);
        value ^ (value >> 16)
    })
}

/// Indices of the training and the held-out rows, each in the order they are used; `held_out` of `n` are held out.
pub fn split(n: usize, held_out: usize, seed: u64) -> (Vec<usize>, Vec<usize>) {
    if held_out == 0 {
        return ((0..n).collect(), Vec::new());
    }
    let mut order = Pcg64::new(seed).permutation(n);
    let train = order.split_off(held_out.min(n));
    (train, order)
}

/// `n` row numbers below `rows`: all rows once in random order before any comes again.
pub(super) fn sample(rows: usize, n: usize, seed: u64) -> Vec<usize> {
    let mut random = Pcg64::new(seed);
    let mut out = Vec::with_capacity(n);
    while out.len() < n && rows > 0 {
        let order = random.permutation(rows);
        out.extend(order.into_iter().take(n - out.len()));
    }
    out
}
