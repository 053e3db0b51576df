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

// ---- GPTQ and AWQ (`quant/grouped.rs`): two values a byte, the first in the lower half ----

struct Grouped : OneByOne<Grouped> {
    const u8 *codes;
    const float *scales; // [rows, groups]
    const u8 *zeros;
    const unsigned *order; // the group of each column, or none: they are in order
    unsigned group, groups, width;
    METHOD Grouped(const u8 *codes, const float *scales, const u8 *zeros, const unsigned *order, unsigned group,
                   unsigned groups, unsigned width)
        : codes(codes), scales(scales), zeros(zeros), order(order), group(group), groups(groups), width(width) {}
    METHOD float value(u64 from, unsigned column) const {
        u64 row = from / width;
        u64 of = row * groups + (order ? order[column] : column / group);
        int code = codes[(from + column) / 2] >> (column % 2 ? 4 : 0) & 15;
        return scales[of] * (float)(code - (int)zeros[of]);
    }
};

BODY unpack_grouped(const u8 *codes, const float *scales, const u8 *zeros, const unsigned *order, unsigned group,
                    unsigned groups, const unsigned *ids, u64 start, T *out, unsigned width, u64 n) {
    unpack(Grouped(codes, scales, zeros, order, group, groups, width), ids, start, out, width, n);
}
KERNEL(THREADS, unpack_grouped,
       (const u8 *codes, const float *scales, const u8 *zeros, const unsigned *order, unsigned group, unsigned groups,
        const unsigned *ids, u64 start, T *out, unsigned width, u64 n),
       (codes, scales, zeros, order, group, groups, ids, start, out, width, n))

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
