// Who may look at whom in attention, as a plan's segments say it (`ops/attention/segments.rs`).
//
// A segment's queries see its context ranges and, causally, its own keys. Counted through both, in this order, a key has a
// column: row `r` of a segment is the query at column `context + r`, and sees itself and what lies less than a window before.
#pragma once
#include "corral.cuh"

struct Segment {
    unsigned query, key, len;
    unsigned first_range, end_of_ranges;
    // keys in all of its ranges
    unsigned context;
};

struct Range {
    unsigned first, end;
};

// some queries of a segment, from row `start` on
struct QueryTile {
    unsigned segment, start;
};

// `count` keys which the same segments see
struct KeyTile {
    unsigned key, count, first_visit, end_of_visits;
};

// a segment that sees a tile's keys, and the column that the first of them has there
struct Visit {
    unsigned segment, column;
};

// rows of a tile in the lists of a plan; a block may take a part of one
constexpr unsigned LISTED = 64;

// how far a query is from the next, and an output; or a key, and a value
struct Widths {
    size_t key, value;
    METHOD Widths(unsigned heads, unsigned dim, unsigned value_dim)
        : key((size_t)heads * dim), value((size_t)heads * value_dim) {}
};

INLINE unsigned smaller(unsigned a, unsigned b) { return a < b ? a : b; }
// a - b, or 0
INLINE unsigned less(unsigned a, unsigned b) { return a > b ? a - b : 0; }

// Keys from a column of a segment on: how many of them lie one behind the other, and where the first does. What a block reads
// at once is mostly such a run.
struct Keys {
    const Segment &segment;
    const Range *ranges;
    unsigned column, key, run;

    METHOD Keys(const Segment &segment, const Range *ranges, unsigned column)
        : segment(segment), ranges(ranges), column(column) {
        key = find(column, run);
    }
    METHOD unsigned operator()(unsigned i) const {
        unsigned rest;
        return i < run ? key + i : find(column + i, rest);
    }

  private:
    METHOD unsigned find(unsigned column, unsigned &run) const {
        run = FULL;
        if (column >= segment.context) return segment.key + (column - segment.context);
        for (unsigned i = segment.first_range;; i++) {
            Range range = ranges[i];
            run = range.end - range.first - column;
            if (column < range.end - range.first) return range.first + column;
            column -= range.end - range.first;
        }
    }
};

// a block's queries, and the columns that some of them see
struct QueryBlock {
    Segment segment;
    unsigned start, rows;

    METHOD QueryBlock(const Segment *segments, const QueryTile *tiles, unsigned side) {
        unsigned parts = LISTED / side;
        QueryTile tile = tiles[blockIdx.x / parts];
        segment = segments[tile.segment];
        start = tile.start + blockIdx.x % parts * side;
        rows = smaller(side, less(segment.len, start));
    }
    METHOD unsigned query(unsigned row) const { return segment.query + start + row; }
    // the column of a row's own key
    METHOD unsigned own(unsigned row) const { return segment.context + start + row; }
    template <class Form> METHOD unsigned first_column(const Form &form) const { return form.first_column(own(0)); }
    METHOD unsigned end_of_columns() const { return own(rows); }
};

// a block's keys, and the rows of a segment that see some of them
struct KeyBlock {
    KeyTile tile;
    unsigned start, rows;

    METHOD KeyBlock(const KeyTile *tiles, unsigned side) {
        unsigned parts = LISTED / side;
        tile = tiles[blockIdx.x / parts];
        start = blockIdx.x % parts * side;
        rows = smaller(side, less(tile.count, start));
    }
    METHOD unsigned key(unsigned row) const { return tile.key + start + row; }
    METHOD unsigned column(const Visit &visit) const { return visit.column + start; }
    METHOD unsigned first_row(const Segment &segment, const Visit &visit) const {
        return less(column(visit), segment.context);
    }
    template <class Form>
    METHOD unsigned end_of_rows(const Segment &segment, const Visit &visit, const Form &form) const {
        return smaller(segment.len, less(form.end_of_owns(column(visit) + rows - 1), segment.context));
    }
};
