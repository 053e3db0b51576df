//! Attention over the segments of a plan against its naive composition.

use super::*;
use protocol::decoder::Span;

/// A group that shares a prefix, beside a sequence of its own, against each sequence by itself.
#[test]
fn attention_over_segments_forward_and_backward() {
    let (heads, kv_heads, head_dim) = (4, 2, 12);
    let usual = 1.0 / (head_dim as f32).sqrt();
    let segment = |query, len, context| Segment {
        query,
        key: query,
        len,
        context,
    };
    for (window, value_dim, scale) in [
        (None, head_dim, usual),
        (Some(50), head_dim, usual),
        (None, 20, 0.11),
        (Some(50), 8, 0.4),
    ] {
        let (prefix, first, second, alone) = (70, 90, 3, 66);
        let tokens = prefix + first + second + alone;
        let shared = vec![
            segment(0, prefix, vec![]),
            segment(prefix, first, vec![0..prefix]),
            segment(prefix + first, second, vec![0..prefix]),
        ];
        let groups = [shared, vec![segment(tokens - alone, alone, vec![])]];
        let mut arrays = IndexArrays::default();
        let segments = attention::SegmentRanges::lay_out(&groups, &mut arrays);
        let sent = arrays.send(&engine()).unwrap();
        let segments = segments.of(&sent);
        let (qw, kw) = (heads * head_dim, kv_heads * head_dim);
        let (ow, vw) = (heads * value_dim, kv_heads * value_dim);
        let (q, k, v) = (
            noise(tokens * qw, 1, 1.5),
            noise(tokens * kw, 2, 1.5),
            noise(tokens * vw, 3, 1.0),
        );
        let d_o = noise(tokens * ow, 4, 1.0);
        let (vq, vk, vv) = (
            var(q.clone(), (tokens, heads, head_dim)),
            var(k.clone(), (tokens, kv_heads, head_dim)),
            var(v.clone(), (tokens, kv_heads, value_dim)),
        );
        let rows = |x: &Tensor, ranges: &[(usize, usize)]| {
            let parts: Vec<_> = ranges.iter().map(|&(at, len)| x.narrow(0, at, len).unwrap()).collect();
            Tensor::cat(&parts, 0).unwrap()
        };
        let naive = |ranges: &[(usize, usize)]| {
            let [q, k, v] = [&vq, &vk, &vv].map(|x| rows(x, ranges));
            Scores::plain(f64::from(scale), window).attention(&q, &k, &v).unwrap()
        };
        let with_first = naive(&[(0, prefix), (prefix, first)]);
        let with_second = naive(&[(0, prefix), (prefix + first, second)])
            .narrow(0, prefix, second)
            .unwrap();
        let o = Tensor::cat(&[with_first, with_second, naive(&[(tokens - alone, alone)])], 0).unwrap();
        let grads = along(&o, &d_o).backward().unwrap();

        let shape = attention::Shape {
            heads,
            kv_heads,
            head_dim,
            value_dim,
            scale,
            tokens,
            span: Span::windowed(window),
            soft_cap: None,
        };
        let (q, k, v) = (buf(&q), buf(&k), buf(&v));
        let (mut out, mut lse) = (zeros(tokens * ow), zeros(tokens * heads));
        engine()
            .run(attention::Attention {
                shape,
                alibi: None,
                segments,
                q: q.view(),
                k: k.view(),
                v: v.view(),
                o: out.view_mut(),
                lse: lse.view_mut(),
            })
            .unwrap();
        close("attention", &out, &o);
        let (mut dq, mut dk, mut dv) = (zeros(tokens * qw), zeros(tokens * kw), zeros(tokens * vw));
        engine()
            .run(attention::AttentionBackward {
                shape,
                alibi: None,
                segments,
                q: q.view(),
                k: k.view(),
                v: v.view(),
                o: out.view(),
                lse: lse.view(),
                d_o: buf(&d_o).view(),
                dq: dq.view_mut(),
                dk: dk.view_mut(),
                dv: dv.view_mut(),
            })
            .unwrap();
        close("attention dq", &dq, grads.get(&vq).unwrap());
        close("attention dk", &dk, grads.get(&vk).unwrap());
        close("attention dv", &dv, grads.get(&vv).unwrap());
    }
}
