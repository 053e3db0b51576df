//! Replies side by side as public preference sets hold them, and what is left out of them by name: a line for each.

use serde_json::{Value, json};

use super::layouts::{a, is_read, recognised, told, u};

pub(super) fn sys(text: &str) -> Value {
    json!({"role": "system", "content": text})
}

#[test]
fn replies_side_by_side_become_pairs() {
    let chat = |reply: &str| json!([u("Q"), a(reply)]);
    let four = |good: &str, fair: &str| {
        json!([{"model": "a", "response": "fair", "overall_score": fair}, {"model": "b", "response": "good", "overall_score": good},
               {"model": "c", "response": "bad", "overall_score": 1.0}, {"model": "d", "response": "so", "overall_score": 2}])
    };
    let post = json!({"id": "t3", "post": "P1\n\nP2", "title": "T", "subreddit": "r", "site": null, "article": null});
    let article = json!({"id": "x", "post": null, "title": "T", "article": "A1\n\nA2"});
    let two = json!([{"text": " good", "policy": "sup2", "note": null}, {"text": " bad", "policy": "ref"}]);
    for (row, expected, named) in [
        // SHP: 1 where A is the better
        (
            json!({"post_id": "1", "history": "Q", "human_ref_A": "good", "human_ref_B": "bad", "labels": 1, "score_A": 8, "score_B": 3}),
            "Q > good / bad",
            &["post_id", "score_A", "score_B"][..],
        ),
        (
            json!({"history": "Q", "human_ref_A": "bad", "human_ref_B": "good", "labels": 0}),
            "Q > good / bad",
            &[],
        ),
        // PKU-SafeRLHF
        (
            json!({"prompt": "Q", "response_0": "bad", "response_1": "good", "is_response_0_safe": true,
                "is_response_1_safe": true, "better_response_id": 1, "safer_response_id": 0}),
            "Q > good / bad",
            &["is_response_0_safe", "is_response_1_safe", "safer_response_id"],
        ),
        // HelpSteer2's preferences, HelpSteer3
        (
            json!({"prompt": "Q", "response_1": "good", "response_2": "bad", "preference_strength": -2, "preference_statement": "s"}),
            "Q > good / bad",
            &["preference_statement"],
        ),
        (
            json!({"domain": "general", "context": [u("q"), a("a"), u("Q")], "response1": "good", "response2": "bad",
                "overall_preference": -1, "individual_preference": [{"score": 1}]}),
            "q | a | Q > good / bad",
            &["domain", "individual_preference"],
        ),
        // WebGPT: the question is an object
        (
            json!({"question": {"dataset": "eli5", "id": "1", "full_text": "Q"}, "answer_0": "good", "answer_1": "bad",
                "score_0": 0.5, "score_1": -0.5, "quotes_0": {"title": ["t"]}}),
            "Q > good / bad",
            &["quotes_0"],
        ),
        // Chatbot Arena, MT-bench: whole conversations
        (
            json!({"question_id": "1", "model_a": "x", "model_b": "y", "winner": "model_b", "conversation_a": chat("bad"),
                "conversation_b": chat("good"), "language": "English"}),
            "Q > good / bad",
            &["language", "model_a", "model_b", "question_id"],
        ),
        // the same with lists of turns in JSON, and flags
        (
            json!({"id": 1, "model_a": "x", "model_b": "y", "prompt": "[\"Q\"]", "response_a": "[\"good\"]",
                "response_b": "[\"bad\"]", "winner_model_a": 1, "winner_model_b": 0, "winner_tie": 0}),
            "Q > good / bad",
            &["id", "model_a", "model_b", "winner_tie"],
        ),
        // AlpacaFarm
        (
            json!({"instruction": "I", "input": "X", "output_1": "bad", "output_2": "good", "preference": 2}),
            "I\nX > good / bad",
            &[],
        ),
        // datafast's, and others that name a letter or a model
        (
            json!({"instruction": "Q", "response_a": "bad", "response_b": "good", "chosen": "B"}),
            "Q > good / bad",
            &[],
        ),
        (
            json!({"system": "S", "question": "Q", "answer_a": "good", "answer_b": "bad", "winner": "x", "model_a": "x", "model_b": "y"}),
            "[S] Q > good / bad",
            &["model_a", "model_b"],
        ),
        (
            json!({"question": "Q", "ans1_text": "bad", "ans2_text": "good", "ans_preference": "Answer 2"}),
            "Q > good / bad",
            &[],
        ),
        // an explicit verdict goes before a number that leans
        (
            json!({"prompt": "Q", "response_1": "bad", "response_2": "good", "preferred": 2, "preference_strength": -3}),
            "Q > good / bad",
            &["preference_strength"],
        ),
        (
            json!({"prompt": "Q", "response_a": "bad", "response_b": "good", "preferred": "response_b", "preference_strength": 3}),
            "Q > good / bad",
            &["preference_strength"],
        ),
        // models in columns of other names
        (
            json!({"prompt": "Q", "model_name_a": "x", "model_name_b": "y", "response_a": "bad", "response_b": "good", "winner": "y"}),
            "Q > good / bad",
            &["model_name_a", "model_name_b"],
        ),
        (
            json!({"prompt": "Q", "a_model": "x", "b_model": "y", "answer_a": "bad", "answer_b": "good", "preferred_model": "y"}),
            "Q > good / bad",
            &["a_model", "b_model"],
        ),
        // columns called as replies are that name them
        (
            json!({"prompt": "Q", "response_a": "bad", "response_b": "good", "chosen": "B", "rejected": "A"}),
            "Q > good / bad",
            &["rejected"],
        ),
        (
            json!({"prompt": "Q", "model_a": "x", "model_b": "y", "response_a": "bad", "response_b": "good", "win": "y", "lose": "x"}),
            "Q > good / bad",
            &["lose", "model_a", "model_b"],
        ),
        (
            json!({"prompt": "Q", "response_0": "bad", "response_1": "good", "chosen": 1, "rejected": 0}),
            "Q > good / bad",
            &["rejected"],
        ),
        // a letter is a reply where nothing else is
        (json!({"prompt": "Q", "chosen": "A", "rejected": "B"}), "Q > A / B", &[]),
        (
            json!({"prompt": "Q", "chosen": "good", "rejected": "bad", "response_a": "good", "response_b": "bad"}),
            "Q > good / bad",
            &["response_a", "response_b"],
        ),
        // messages as replies
        (
            json!({"prompt": [sys("S"), u("Q")], "response_a": [a("good")], "response_b": [a("bad")], "preferred": "a"}),
            "[S] Q > good / bad",
            &[],
        ),
        // UltraFeedback as it is: the best and the worst
        (
            json!({"source": "w", "instruction": "Q", "models": ["a"], "completions": four("8.5", "5"), "correct_answers": ["None"]}),
            "Q > good / bad",
            &["correct_answers", "models", "source"],
        ),
        // Nectar: the prompt is a conversation in one text
        (
            json!({"prompt": "\n\nHuman: q\n\nAssistant: a\n\nHuman: Q\n\nAssistant: ", "num_responses": 2,
                "answers": [{"answer": "bad", "model": "x", "rank": 7.0}, {"answer": "good", "model": "y", "rank": 1.0}]}),
            "q | a | Q > good / bad",
            &["num_responses"],
        ),
        // Stack Exchange as it is
        (
            json!({"qid": 1, "question": "Q", "answers": [{"answer_id": 1, "pm_score": 0, "selected": false, "text": "bad"},
                {"answer_id": 2, "pm_score": 4, "selected": true, "text": "good"}], "metadata": ["m"]}),
            "Q > good / bad",
            &["metadata", "qid"],
        ),
        // GPT-4-LLM's comparisons
        (
            json!({"user_input": "Q", "responses_and_scores": [{"response": "bad", "source": "x", "score": 3.0},
                {"response": "good", "source": "y", "score": 9.0}]}),
            "Q > good / bad",
            &[],
        ),
        // a reply that is a list in writing is that text
        (
            json!({"prompt": "Q", "responses": ["[\"bad\"]", "[\"good\", \"x\"]"], "scores": [1, 2]}),
            "Q > [\"good\", \"x\"] / [\"bad\"]",
            &[],
        ),
        // a conversation in one text, and what it is about
        (
            json!({"prompt": "\n\nHuman: q\n\nAssistant: a\n\nHuman: Q\n\nAssistant:", "context": "C",
                "response_a": "good", "response_b": "bad", "winner": "A > B"}),
            "q | a | Q\nC > good / bad",
            &[],
        ),
        // texts with their scores beside them
        (
            json!({"prompt": "Q", "responses": ["bad", "good"], "scores": [1, 2]}),
            "Q > good / bad",
            &[],
        ),
        // summaries: prompts as TRL writes them
        (
            json!({"info": post, "summaries": two, "choice": 0, "worker": "w", "batch": "b"}),
            "SUBREDDIT: r/r\n\nTITLE: T\n\nPOST: P1\nP2\n\nTL;DR: >  good /  bad",
            &["batch", "worker"],
        ),
        (
            json!({"info": article, "summaries": two, "choice": 0}),
            "TITLE: T\n\nA1\nA2\n\nTL;DR: >  good /  bad",
            &[],
        ),
        // Step-DPO: both replies go on from the steps before
        (
            json!({"prompt": "Q", "initial_reason_steps": "First. ", "chosen": "good", "rejected": "bad", "answer": "4",
                "full_chosen": "good …", "full_rejected": "bad …"}),
            "Q > First. good / First. bad",
            &["answer", "full_chosen", "full_rejected"],
        ),
        // several rejected replies: the first stands for them
        (
            json!({"prompt": "Q", "chosen": ["good"], "rejected": ["bad", "worse"]}),
            "Q > good / bad",
            &[],
        ),
        (
            json!({"messages": [u("Q"), a("good")], "rejected_response": ["bad", "worse"]}),
            "Q > good / bad",
            &[],
        ),
        (
            json!({"prompt": [u("Q")], "chosen": [a("good")], "rejected": [[a("bad")], [a("worse")]]}),
            "Q > good / bad",
            &[],
        ),
        (
            json!({"instruction": "Q", "output": ["good", "bad", "worse"]}),
            "Q > good / bad",
            &[],
        ),
        // conversations as lists of texts
        (
            json!({"chosen": ["q", "a", "Q", "good"], "rejected": ["q", "a", "Q", "bad"]}),
            "q | a | Q > good / bad",
            &[],
        ),
        // pairs whose other columns are notes
        (
            json!({"system": "S", "input": "Q", "chosen": "good", "rejected": "bad", "rating": [9, 2], "generations": ["good", "bad"]}),
            "[S] Q > good / bad",
            &["generations", "rating"],
        ),
        (
            json!({"prompt": "Q", "chosen": chat("good"), "chosen-rating": 5.0, "chosen-model": "x", "rejected": chat("bad"), "rejected-rating": 2.0}),
            "Q > good / bad",
            &["chosen-model", "chosen-rating", "rejected-rating"],
        ),
        (
            json!({"trajectory": [{"from": "user", "value": "Q"}], "chosen": "good", "rejected": "bad", "task": "math"}),
            "Q > good / bad",
            &["task"],
        ),
        (
            json!({"messages": chat("good"), "rejected_message": a("bad")}),
            "Q > good / bad",
            &[],
        ),
        // labelled replies
        (
            json!({"prompt": "Q", "completion": [a("A")], "label": true}),
            "Q > true A",
            &[],
        ),
        (
            json!({"prompt": [u("Q")], "completion": ["A"], "label": false}),
            "Q > false A",
            &[],
        ),
        // attributes of one reply are no verdict
        (
            json!({"prompt": "Q", "response": "A", "helpfulness": 3, "correctness": 4}),
            "Q > A",
            &["correctness", "helpfulness"],
        ),
        // prompts alone
        (json!({"prompt": "Q"}), "Q", &[]),
        (json!({"prompt": [u("Q")], "id": "7"}), "Q", &["id"]),
        (json!({"messages": [u("q"), a("a"), u("Q")]}), "q | a | Q", &[]),
        (json!({"context_messages": [u("q"), a("a"), u("Q")]}), "q | a | Q", &[]),
        (json!({"instruction": "I", "input": "X", "output": null}), "I\nX", &[]),
    ] {
        is_read(&row, expected, named);
    }
}

/// A prompt in messages takes what it is about into the user's last turn; where there is none, the row is refused.
#[test]
fn what_a_prompt_is_about_goes_into_its_last_turn() {
    let messages = |turns: Value| json!({"prompt": turns, "context": "C", "response_a": "good", "response_b": "bad", "winner": "a"});
    let rows = [
        messages(json!("Q")),
        messages(json!("P")),
        messages(json!("R")),
        messages(json!("S")),
        messages(json!([u("q"), a("a"), u("Q")])),
        messages(json!("[{'role': 'user', 'content': 'Q'}]")),
        messages(json!([u("q"), a("a")])),
    ];
    let (shown, inspection) = recognised(&rows);
    assert_eq!(
        shown,
        ["Q\nC", "P\nC", "R\nC", "S\nC", "q | a | Q\nC", "Q\nC"].map(|asked| format!("{asked} > good / bad"))
    );
    let why: Vec<&str> = inspection.bad_rows.iter().map(|bad| bad.code.as_str()).collect();
    assert_eq!(why, ["not_text"]);
}

#[test]
fn a_table_in_one_object_is_no_row() {
    for table in [
        json!({"instruction": ["Q", "R"], "output": ["x", "y"]}),
        json!({"instruction": {"0": "Q"}, "output": {"0": "x"}}),
    ] {
        let error = told(&[table]);
        assert!(error.contains("holds a table") && error.contains("orient"), "{error}");
    }
}
