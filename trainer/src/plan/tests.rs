//! Plans worked by hand.
use super::*;

#[test]
fn a_pair_shares_its_prompt_and_never_computes_last_tokens() {
    let pair = PairTokens {
        prompt: &[5, 6, 7],
        chosen: &[8, 9],
        rejected: &[1, 2, 3],
    };
    let plan = Plan::pairs(&[pair]).unwrap();
    assert_eq!(plan.tokens, [5, 6, 7, 8, 1, 2]);
    assert_eq!(plan.positions, [0, 1, 2, 3, 3, 4]);
    let rows: Vec<_> = plan.rows.iter().map(|r| (r.hidden, r.target, r.sequence)).collect();
    assert_eq!(rows, [(2, 8, 0), (3, 9, 0), (2, 1, 1), (4, 2, 1), (5, 3, 1)]);
    assert_eq!((plan.sequence_rows(0), plan.sequence_rows(1)), (0..2, 2..5));
    assert_eq!(
        plan.groups[0][2],
        Segment {
            query: 4,
            key: 4,
            len: 2,
            context: vec![0..3]
        }
    );
    assert_eq!(plan.sum_by_sequence(&[1.0, 2.0, 3.0, 4.0, 5.0]), [3.0, 12.0]);
}

#[test]
fn whole_rows_hold_every_token_and_how_often_it_occurs() {
    let pair = PairTokens {
        prompt: &[5, 6, 7],
        chosen: &[8, 9],
        rejected: &[1],
    };
    let plan = Plan::new(Extent::Whole).with_pairs(&[pair]).unwrap();
    assert_eq!(plan.tokens, [5, 6, 7, 8, 9, 1]);
    assert_eq!(plan.occurrences, [2, 2, 2, 1, 1, 1]);
    let rows: Vec<_> = plan.rows.iter().map(|r| (r.hidden, r.target, r.sequence)).collect();
    assert_eq!(rows, [(2, 8, 0), (3, 9, 0), (2, 1, 1)]);
    let sequence = SeqTokens {
        tokens: &[1, 2, 3],
        counts: &[false, true, false],
    };
    let plan = Plan::new(Extent::Whole).with_packed(&[(sequence, &[])]).unwrap();
    assert_eq!((&plan.tokens[..], &plan.occurrences[..]), (&[1, 2, 3][..], &[1; 3][..]));
    assert_eq!(plan.rows.len(), 1);
    let row = LabelledTokens {
        prompt: &[5],
        reply: &[7, 8],
        other_prompt: &[5],
        other_reply: &[1],
    };
    let plan = Plan::new(Extent::Whole).with_labelled(&[row]).unwrap();
    assert_eq!(plan.occurrences, [1, 1, 1, 0]);
}

#[test]
fn a_score_stands_at_the_last_token_of_each_reply() {
    let plan = Plan::scores(&[(&[5, 6], vec![&[7, 8], &[9]])]).unwrap();
    assert_eq!(plan.tokens, [5, 6, 7, 8, 9]);
    assert_eq!(plan.positions, [0, 1, 2, 3, 2]);
    assert_eq!(plan.rows.iter().map(|r| r.hidden).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(plan.groups[0][2].context, [0..2]);
}

#[test]
fn a_mismatched_reply_has_a_prompt_of_its_own_where_the_cut_off_left_it_another() {
    let row = |other_prompt| LabelledTokens {
        prompt: &[5, 6],
        reply: &[7, 8],
        other_prompt,
        other_reply: &[1, 2, 3],
    };
    let shared = Plan::labelled(&[row(&[5, 6])]).unwrap();
    assert_eq!(shared.tokens, [5, 6, 7, 1, 2]);
    let apart = Plan::labelled(&[row(&[5])]).unwrap();
    assert_eq!(apart.tokens, [5, 6, 7, 5, 1, 2]);
    assert_eq!(apart.positions, [0, 1, 2, 0, 1, 2]);
    for plan in [&shared, &apart] {
        assert_eq!((plan.sequence_rows(0), plan.sequence_rows(1)), (0..2, 2..5));
    }
    assert_eq!((apart.groups.len(), apart.rows[2].hidden), (2, 3));
}

#[test]
fn without_a_prompt_the_first_token_is_predicted_by_nothing() {
    let plan = Plan::pairs(&[PairTokens {
        prompt: &[],
        chosen: &[1, 2],
        rejected: &[3, 4],
    }])
    .unwrap();
    let rows: Vec<_> = plan.rows.iter().map(|r| (r.hidden, r.target)).collect();
    assert_eq!(rows, [(0, 2), (1, 4)]);
}

#[test]
fn a_sequence_stops_at_its_last_useful_predictor() {
    let counts = [true, false, true, false];
    let plan = Plan::sequences(&[SeqTokens {
        tokens: &[1, 2, 3, 4],
        counts: &counts,
    }])
    .unwrap();
    assert_eq!(plan.tokens, [1, 2]);
    assert_eq!(
        plan.rows,
        [Row {
            hidden: 1,
            target: 3,
            sequence: 0
        }]
    );
}

#[test]
fn examples_that_are_joined_have_positions_of_their_own() {
    let joined = SeqTokens {
        tokens: &[1, 2, 3, 4, 5],
        counts: &[true; 5],
    };
    let plan = Plan::packed(&[(joined, &[3, 2])]).unwrap();
    assert_eq!(plan.positions, [0, 1, 2, 0]);
    assert_eq!((plan.groups.len(), plan.rows.len()), (1, 4));
}

#[test]
fn nothing_that_counts_is_an_error() {
    let none = SeqTokens {
        tokens: &[1, 2],
        counts: &[true, false],
    };
    assert!(Plan::sequences(&[none]).unwrap_err().to_string().contains("labels"));
    let empty = PairTokens {
        prompt: &[1],
        chosen: &[],
        rejected: &[2],
    };
    assert!(Plan::pairs(&[empty]).unwrap_err().to_string().contains("pair 0"));
}
