// Quantized weights unpacked: from bytes as they are stored to f32 or bf16, the same values as on the CPU (`quant/`).
//
// A format is a struct that tells values `from`, which begins a row where the format knows rows, `+ column`. Each block of
// threads has `width` of the `n` values that are asked for: those from `start` on, one block behind the other, or with `ids`
// a row each.
#include "corral.cuh"
// the values are the exact products that the CPU has
#pragma clang fp contract(off)

typedef unsigned char u8;

template <class Format, class T>
SHARED_BODY unpack(const Format &format, const unsigned *ids, u64 start, T *out, unsigned width, u64 n) {
    u64 first = (u64)blockIdx.x * width;
    u64 from = ids ? (u64)ids[blockIdx.x] * width : start + first;
    u64 left = n - first;
    out += first;
    over_block(left < width ? left : width, wide(out),
               [&](auto at) { at.store(out, format.template values<decltype(at)::N>(from, (unsigned)at.i)); });
}

// Formats that tell single values.
template <class Format> struct OneByOne {
    template <unsigned N> METHOD Values<N> values(u64 from, unsigned column) const {
        Values<N> v;
#pragma unroll
        for (unsigned k = 0; k < N; k++) v[k] = ((const Format *)this)->value(from, column + k);
        return v;
    }
};

// ---- bitsandbytes' 4-bit blocks (`quant/bnb4.rs`): one flat run, two values a byte, the first in the upper half ----

// the scales of blocks: as they are, or 8 bits of a map in blocks of their own
struct PlainScales {
    const float *absmax;
    METHOD float operator[](u64 block) const { return absmax[block]; }
};
struct NestedScales {
    const u8 *codes;
    const float *map, *absmax;
    unsigned block;
    float offset;
    METHOD float operator[](u64 at) const { return map[codes[at]] * absmax[(unsigned)at / block] + offset; }
};

template <class Scales> struct Bnb4 {
    const u8 *codes;
    const float *code; // 16 values
    Scales scales;
    unsigned shift; // of a block, as a power of two

    template <unsigned N> METHOD Values<N> values(u64 from, unsigned column) const {
        Values<N> v;
        u64 i = from + column;
        if (N == WIDE && i % WIDE == 0 && shift >= 3) { // one word, one block
            unsigned word = *(const unsigned *)(codes + i / 2);
            float scale = scales[i >> shift];
#pragma unroll
            for (unsigned k = 0; k < N; k++) v[k] = code[word >> (k / 2 * 8 + (k % 2 ? 0 : 4)) & 15] * scale;
            return v;
        }
#pragma unroll
        for (unsigned k = 0; k < N; k++) {
            u64 at = i + k;
            v[k] = code[codes[at / 2] >> (at % 2 ? 0 : 4) & 15] * scales[at >> shift];
        }
        return v;
    }
};

BODY unpack_bnb4(const u8 *codes, const float *code, const float *absmax, unsigned shift, const unsigned *ids, u64 start,
                 T *out, unsigned width, u64 n) {
    unpack(Bnb4<PlainScales>{codes, code, {absmax}, shift}, ids, start, out, width, n);
}
KERNEL(THREADS, unpack_bnb4,
       (const u8 *codes, const float *code, const float *absmax, unsigned shift, const unsigned *ids, u64 start, T *out,
        unsigned width, u64 n),
       (codes, code, absmax, shift, ids, start, out, width, n))

BODY unpack_bnb4_nested(const u8 *codes, const float *code, const u8 *scales, const float *map, const float *absmax,
                        unsigned nested, float offset, unsigned shift, const unsigned *ids, u64 start, T *out,
                        unsigned width, u64 n) {
    unpack(Bnb4<NestedScales>{codes, code, {scales, map, absmax, nested, offset}, shift}, ids, start, out, width, n);
}
KERNEL(THREADS, unpack_bnb4_nested,
       (const u8 *codes, const float *code, const u8 *scales, const float *map, const float *absmax, unsigned nested,
        float offset, unsigned shift, const unsigned *ids, u64 start, T *out, unsigned width, u64 n),
       (codes, code, scales, map, absmax, nested, offset, shift, ids, start, out, width, n))

// ---- bitsandbytes' 8-bit weights (`quant/int8.rs`): one scale a row ----

struct Int8 : OneByOne<Int8> {
    const signed char *codes;
    const float *scales;
    unsigned width;
    METHOD Int8(const signed char *codes, const float *scales, unsigned width)
        : codes(codes), scales(scales), width(width) {}
    METHOD float value(u64 from, unsigned column) const {
        u64 row = from / width;
        return (float)codes[from + column] * scales[row] * 7.8740157e-3f; // 1 / 127
    }
};

BODY unpack_int8(const signed char *codes, const float *scales, const unsigned *ids, u64 start, T *out, unsigned width, u64 n) {
    unpack(Int8(codes, scales, width), ids, start, out, width, n);
}
KERNEL(THREADS, unpack_int8,
       (const signed char *codes, const float *scales, const unsigned *ids, u64 start, T *out, unsigned width, u64 n),
       (codes, scales, ids, start, out, width, n))

// ---- codes with scales (`quant/grouped.rs`): GPTQ, AWQ, HQQ, FP8 and others ----

struct Grouped {
    const u8 *codes;       // `bits` each, one behind the other, the lowest first
    const float *scales;
    const u8 *whole;       // zero points, one for each scale, whole numbers or real ones,
    const float *real;
    const float *table;    // or what codes are worth
    const unsigned *order; // the group of each column, or none: they are in order
    unsigned bits;
    unsigned rows, group; // of a tile whose values share a scale
    unsigned groups;      // tiles beside each other
    unsigned run;         // not 0: runs of so many values share a scale instead, the scales counted round and round
    u64 count;            // scales
    unsigned width;

    METHOD float scaled(unsigned code, u64 of) const {
        float scale = scales[of];
        if (table) return scale * table[code];
        return scale * ((float)code - (real ? real[of] : (float)whole[of]));
    }
    METHOD unsigned code(u64 at) const {
        u64 bit = at * bits;
        unsigned shift = (unsigned)(bit % 8), word = codes[bit / 8];
        if (shift + bits > 8) word |= (unsigned)codes[bit / 8 + 1] << 8;
        return word >> shift & (1u << bits) - 1;
    }
    // eight codes from a place that eight divides
    METHOD u64 eight(u64 at) const {
        const u8 *bytes = codes + at / 8 * bits;
        if (bits == 4) return *(const unsigned *)bytes;
        if (bits == 8) return *(const u64 *)bytes;
        u64 word = 0;
        for (unsigned i = 0; i < bits; i++) word |= (u64)bytes[i] << 8 * i;
        return word;
    }

    template <unsigned N> METHOD Values<N> values(u64 from, unsigned column) const {
        Values<N> v;
        u64 at = from + column;
        bool together = N == WIDE && at % WIDE == 0;
        u64 word = together ? eight(at) : 0;
        u64 of = run ? at / run % count : from / width / rows * groups;
        unsigned left = run ? run - (unsigned)(at % run) : 0;
#pragma unroll
        for (unsigned k = 0; k < N; k++) {
            unsigned q = together ? (unsigned)(word >> k * bits) & (1u << bits) - 1 : code(at + k);
            if (!run) {
                v[k] = scaled(q, of + (order ? order[column + k] : (column + k) / group));
                continue;
            }
            if (left == 0) {
                left = run;
                of = of + 1 == count ? 0 : of + 1;
            }
            left--;
            v[k] = scaled(q, of);
        }
        return v;
    }
};

BODY unpack_grouped(const u8 *codes, const float *scales, const u8 *whole, const float *real, const float *table,
                    const unsigned *order, unsigned bits, unsigned rows, unsigned group, unsigned groups, unsigned run,
                    u64 count, const unsigned *ids, u64 start, T *out, unsigned width, u64 n) {
    unpack(Grouped{codes, scales, whole, real, table, order, bits, rows, group, groups, run, count, width}, ids, start, out,
           width, n);
}
KERNEL(THREADS, unpack_grouped,
       (const u8 *codes, const float *scales, const u8 *whole, const float *real, const float *table, const unsigned *order,
        unsigned bits, unsigned rows, unsigned group, unsigned groups, unsigned run, u64 count, const unsigned *ids, u64 start,
        T *out, unsigned width, u64 n),
       (codes, scales, whole, real, table, order, bits, rows, group, groups, run, count, ids, start, out, width, n))

// ---- AQLM's vectors (`quant/aqlm.rs`): the sum of one of each codebook, times a scale ----

struct Aqlm : OneByOne<Aqlm> {
    const unsigned short *codes; // [rows / high, columns / group, books]
    const float *codebooks;      // [books, 2^bits, high, group]
    const float *scales;
    unsigned group, high, books, bits, width;
    METHOD Aqlm(const unsigned short *codes, const float *codebooks, const float *scales, unsigned group, unsigned high,
                unsigned books, unsigned bits, unsigned width)
        : codes(codes), codebooks(codebooks), scales(scales), group(group), high(high), books(books), bits(bits), width(width) {}
    METHOD float value(u64 from, unsigned column) const {
        u64 row = from / width;
        const unsigned short *here = codes + (row / high * (width / group) + column / group) * books;
        float sum = 0;
        for (unsigned book = 0; book < books; book++) {
            u64 vector = (((u64)book << bits) + here[book]) * high + row % high;
            sum += codebooks[vector * group + column % group];
        }
        return sum * scales[row / high];
    }
};

BODY unpack_aqlm(const unsigned short *codes, const float *codebooks, const float *scales, unsigned group, unsigned high,
                 unsigned books, unsigned bits, const unsigned *ids, u64 start, T *out, unsigned width, u64 n) {
    unpack(Aqlm(codes, codebooks, scales, group, high, books, bits, width), ids, start, out, width, n);
}
KERNEL(THREADS, unpack_aqlm,
       (const unsigned short *codes, const float *codebooks, const float *scales, unsigned group, unsigned high, unsigned books,
        unsigned bits, const unsigned *ids, u64 start, T *out, unsigned width, u64 n),
       (codes, codebooks, scales, group, high, books, bits, ids, start, out, width, n))

// ---- GGUF's blocks (`quant/k_quants.rs`): value `i` of a block ----

INLINE float half(const u8 *at) { return widen(f16{*(const unsigned short *)at}); }
// the half of a byte that holds value `i` of `2 apart`
INLINE int nibble(const u8 *bytes, unsigned i, unsigned apart) { return bytes[i % apart] >> (i / apart * 4) & 15; }
INLINE int bit(const u8 *bytes, unsigned i) { return bytes[i / 8] >> (i % 8) & 1; }

struct Q4_0 {
    static constexpr unsigned VALUES = 32, BYTES = 18;
    METHOD static float value(const u8 *block, unsigned i) { return half(block) * (float)(nibble(block + 2, i, 16) - 8); }
};
struct Q4_1 {
    static constexpr unsigned VALUES = 32, BYTES = 20;
    METHOD static float value(const u8 *block, unsigned i) {
        return half(block) * (float)nibble(block + 4, i, 16) + half(block + 2);
    }
};
struct Q5_0 {
    static constexpr unsigned VALUES = 32, BYTES = 22;
    METHOD static float value(const u8 *block, unsigned i) {
        return half(block) * (float)((nibble(block + 6, i, 16) | bit(block + 2, i) << 4) - 16);
    }
};
struct Q5_1 {
    static constexpr unsigned VALUES = 32, BYTES = 24;
    METHOD static float value(const u8 *block, unsigned i) {
        return half(block) * (float)(nibble(block + 8, i, 16) | bit(block + 4, i) << 4) + half(block + 2);
    }
};
struct Q8_0 {
    static constexpr unsigned VALUES = 32, BYTES = 34;
    METHOD static float value(const u8 *block, unsigned i) { return half(block) * (float)(signed char)block[2 + i]; }
};

// Of two bits: byte and place of value `i` among the 64 bytes that Q2_K and Q3_K have in 16 sub-blocks of 16.
INLINE int two_bits(const u8 *bytes, unsigned i) {
    unsigned sub = i / 16;
    return bytes[sub / 8 * 32 + sub % 2 * 16 + i % 16] >> (sub % 8 / 2 * 2) & 3;
}

struct Q2_K {
    static constexpr unsigned VALUES = 256, BYTES = 84;
    METHOD static float value(const u8 *block, unsigned i) {
        u8 scale = block[i / 16];
        float d = half(block + 80) * (float)(scale & 15), m = half(block + 82) * (float)(scale >> 4);
        return d * (float)two_bits(block + 16, i) - m;
    }
};
struct Q3_K {
    static constexpr unsigned VALUES = 256, BYTES = 110;
    METHOD static float value(const u8 *block, unsigned i) {
        const u8 *packed = block + 96;
        unsigned sub = i / 16;
        int low = packed[sub % 8] >> (sub / 8 * 4) & 15, high = packed[8 + sub % 4] >> (sub / 4 * 2) & 3;
        float d = half(block + 108) * (float)((low | high << 4) - 32);
        int third = block[sub % 2 * 16 + i % 16] >> (sub / 2) & 1;
        return d * (float)(two_bits(block + 32, i) - 4 * (1 - third));
    }
};

// scale (of `offset` 0) or minimum (4) of sub-block `sub` of 8, 6 bits each in 12 bytes
INLINE int six_bits(const u8 *packed, unsigned sub, unsigned offset) {
    if (sub < 4) return packed[sub + offset] & 63;
    int low = offset ? packed[sub + 4] >> 4 : packed[sub + 4] & 15;
    return low | packed[sub - 4 + offset] >> 6 << 4;
}

struct Q4_K {
    static constexpr unsigned VALUES = 256, BYTES = 144;
    METHOD static float value(const u8 *block, unsigned i) {
        unsigned sub = i / 32;
        float d = half(block) * (float)six_bits(block + 4, sub, 0), m = half(block + 2) * (float)six_bits(block + 4, sub, 4);
        return d * (float)nibble(block + 16 + i / 64 * 32, i % 64, 32) - m;
    }
};
struct Q5_K {
    static constexpr unsigned VALUES = 256, BYTES = 176;
    METHOD static float value(const u8 *block, unsigned i) {
        unsigned sub = i / 32;
        float d = half(block) * (float)six_bits(block + 4, sub, 0), m = half(block + 2) * (float)six_bits(block + 4, sub, 4);
        int fifth = block[16 + i % 32] >> sub & 1;
        return d * (float)(nibble(block + 48 + i / 64 * 32, i % 64, 32) | fifth << 4) - m;
    }
};
struct Q6_K {
    static constexpr unsigned VALUES = 256, BYTES = 210;
    METHOD static float value(const u8 *block, unsigned i) {
        unsigned quarter = i % 128 / 32;
        int low = block[i / 128 * 64 + quarter % 2 * 32 + i % 32] >> (quarter / 2 * 4) & 15;
        int high = block[128 + i / 128 * 32 + i % 32] >> (quarter * 2) & 3;
        float scale = half(block + 208) * (float)(signed char)block[192 + i / 16];
        return scale * (float)((low | high << 4) - 32);
    }
};

INLINE float iq4(unsigned q) {
    const signed char values[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
    return (float)values[q];
}
struct IQ4_NL {
    static constexpr unsigned VALUES = 32, BYTES = 18;
    METHOD static float value(const u8 *block, unsigned i) { return half(block) * iq4(nibble(block + 2, i, 16)); }
};
struct IQ4_XS {
    static constexpr unsigned VALUES = 256, BYTES = 136;
    METHOD static float value(const u8 *block, unsigned i) {
        unsigned sub = i / 32, high = block[2] | block[3] << 8;
        int scale = (block[4 + sub / 2] >> (sub % 2 * 4) & 15) | (high >> (2 * sub) & 3) << 4;
        return half(block) * (float)(scale - 32) * iq4(nibble(block + 8 + 16 * sub, i % 32, 16));
    }
};
struct MXFP4 {
    static constexpr unsigned VALUES = 32, BYTES = 17;
    METHOD static float value(const u8 *block, unsigned i) {
        unsigned e = block[0], q = nibble(block + 1, i, 16);
        // E2M1 twice
        int digits = q & 1, power = q >> 1 & 3, size = power ? (2 + digits) << (power - 1) : digits;
        return bits_as<float>(e < 2 ? 0x00200000u << e : (e - 1) << 23) * (float)(q & 8 ? -size : size);
    }
};

template <class Coding> struct Gguf : OneByOne<Gguf<Coding>> {
    const u8 *bytes;
    METHOD Gguf(const u8 *bytes) : bytes(bytes) {}
    METHOD float value(u64 from, unsigned column) const {
        u64 i = from + column;
        return Coding::value(bytes + i / Coding::VALUES * Coding::BYTES, (unsigned)(i % Coding::VALUES));
    }
};

#define GGUF(name, Coding) \
    BODY unpack_##name(const u8 *bytes, const unsigned *ids, u64 start, T *out, unsigned width, u64 n) { \
        unpack(Gguf<Coding>(bytes), ids, start, out, width, n); \
    } \
    KERNEL(THREADS, unpack_##name, (const u8 *bytes, const unsigned *ids, u64 start, T *out, unsigned width, u64 n), \
           (bytes, ids, start, out, width, n))
GGUF(q4_0, Q4_0)
GGUF(q4_1, Q4_1)
GGUF(q5_0, Q5_0)
GGUF(q5_1, Q5_1)
GGUF(q8_0, Q8_0)
GGUF(q2_k, Q2_K)
GGUF(q3_k, Q3_K)
GGUF(q4_k, Q4_K)
GGUF(q5_k, Q5_K)
GGUF(q6_k, Q6_K)
GGUF(iq4_nl, IQ4_NL)
GGUF(iq4_xs, IQ4_XS)
GGUF(mxfp4, MXFP4)
