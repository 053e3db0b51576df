//! NumPy's random numbers to the bit: PCG64 (`default_rng`), which `datasets` splits and mixes by, and the Mersenne
//! Twister (`np.random`), which LLaMA-Factory samples by.

/// NumPy's default bit generator (O'Neill 2014, XSL-RR), seeded through `SeedSequence`.
#[derive(Debug, Clone)]
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

    pub(super) fn next_u64(&mut self) -> u64 {
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

    /// `0..n` in random order.
    pub(super) fn permutation(&mut self, n: usize) -> Vec<usize> {
        shuffled(n, || self.next_u32())
    }

    /// A number below `n`, as `integers` draws it (Lemire 2019): the upper half of a product, where the lower leaves no
    /// number more likely than another.
    pub(super) fn below(&mut self, n: u32) -> u32 {
        if n < 2 {
            return 0;
        }
        let uneven = n.wrapping_neg() % n;
        loop {
            let product = u64::from(self.next_u32()) * u64::from(n);
            if product as u32 >= uneven {
                return (product >> 32) as u32;
            }
        }
    }

    /// A number from 0 to 1, 1 excluded.
    pub(super) fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
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

/// A number from 0 to `most`, both included: as many bits as `most` has, drawn until they fit.
fn up_to(most: u32, mut draw: impl FnMut() -> u32) -> u32 {
    let mask = u32::MAX.checked_shr(most.leading_zeros()).unwrap_or(0);
    if mask == 0 {
        return 0;
    }
    loop {
        let value = draw() & mask;
        if value <= most {
            return value;
        }
    }
}

/// `0..n`, shuffled after Fisher and Yates.
fn shuffled(n: usize, mut draw: impl FnMut() -> u32) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        let j = up_to(u32::try_from(i).unwrap_or(u32::MAX), &mut draw);
        order.swap(i, j as usize);
    }
    order
}

/// NumPy's older generator (Matsumoto and Nishimura 1998, MT19937), as `np.random.seed` sets it: one for a whole
/// program, so that what is drawn hangs together with what was drawn before.
#[derive(Clone)]
pub(super) struct MersenneTwister {
    state: [u32; Self::WORDS],
    next: usize,
}

impl MersenneTwister {
    const WORDS: usize = 624;
    const SHIFT: usize = 397;

    pub(super) fn new(seed: u64) -> Self {
        let mut word = seed as u32;
        let state = std::array::from_fn(|i| {
            let this = word;
            word = (word ^ (word >> 30))
                .wrapping_mul(1_812_433_253)
                .wrapping_add(i as u32 + 1);
            this
        });
        Self {
            state,
            next: Self::WORDS,
        }
    }

    fn twist(&mut self) {
        for i in 0..Self::WORDS {
            let joined = self.state[i] & 0x8000_0000 | self.state[(i + 1) % Self::WORDS] & 0x7FFF_FFFF;
            let turned = (joined >> 1) ^ if joined & 1 == 1 { 0x9908_B0DF } else { 0 };
            self.state[i] = self.state[(i + Self::SHIFT) % Self::WORDS] ^ turned;
        }
        self.next = 0;
    }

    fn next_u32(&mut self) -> u32 {
        if self.next == Self::WORDS {
            self.twist();
        }
        let mut word = self.state[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9D2C_5680;
        word ^= (word << 15) & 0xEFC6_0000;
        word ^ (word >> 18)
    }

    /// `n` row numbers below `rows`, as LLaMA-Factory samples a data set: all in random order, cut to `n`; where more
    /// are wanted than there are, the rest is drawn with each row as likely as any other.
    pub(super) fn sample(&mut self, rows: usize, n: usize) -> Vec<usize> {
        let mut order = shuffled(rows, || self.next_u32());
        order.truncate(n);
        let most = u32::try_from(rows).unwrap_or(u32::MAX).saturating_sub(1);
        while rows > 0 && order.len() < n {
            order.push(up_to(most, || self.next_u32()) as usize);
        }
        order
    }
}
