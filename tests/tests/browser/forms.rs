//! New run and Data as people fill them in, and what is said before a run starts.

use super::PHONE;
use serde_json::json;
use tests::api::demo_config;
use tests::{Board, Browser, View};

/// A form that came from a run keeps its draft when data is added on the way.
#[tokio::test]
async fn the_next_stage_survives_its_own_add_data() {
    let board = Board::start();
    let mut config = demo_config();
    config["max_steps"] = 2.into();
    let run = board.start_run(config).await;
    board.wait_over(&run).await;
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/new?parent={run}", board.url)).await;
    let chosen = "e.value.includes('checkpoint') && e.value";
    let from = browser.until_role("combobox", "Start from", chosen).await;
    browser.enter("textbox", "Beta", "3.3").await;
    browser.press("link", "Add data").await;
    browser.press("tab", "Paste").await;
    let row = json!({"prompt": "Hi", "chosen": "Hello.", "rejected": "No."}).to_string();
    browser.enter("textbox", "Rows", &format!("{row}\n{row}\n{row}")).await;
    browser.enter("textbox", "Name", "mine").await;
    // a dialog closed by a slip has lost nothing
    browser.press("button", "Close").await;
    browser.press("button", "Add data").await;
    browser.press("button", "Add").await;
    browser.press("link", "Train on it").await;
    browser
        .until_role("combobox", "Start from", &format!("e.value === {from}"))
        .await;
    browser.until_role("textbox", "Beta", "e.value === '3.3'").await;
    browser.until_role("checkbox", "mine…", "e.checked").await;
    // and going back, too
    browser.goto(&format!("{}/new?parent={run}", board.url)).await;
    browser.until_role("textbox", "Beta", "e.value === '3.3'").await;
    // another tab has a draft of its own
    let other = Browser::open(View::default()).await;
    other.goto(&format!("{}/new", board.url)).await;
    other
        .until_role("combobox", "Start from", "e.value === 'corral-demo'")
        .await;
}

/// What can't be chosen says why, numbers are taken as typed, and a wrong name is named before Start.
#[tokio::test]
async fn the_form_says_what_cannot_be_before_it_is_asked() {
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/new", board.url)).await;
    let cuda =
        "const o = document.querySelector('#field-device option[value=cuda]'); return o?.disabled && o.textContent";
    let why = browser.until(cuda).await;
    let missing = board.get("/api/system").await["cuda"]["missing"]["message"].clone();
    let missing = missing.as_str().expect("no card here can be trained on");
    assert!(why.as_str().is_some_and(|why| why.contains(missing)), "{why}");
    browser.enter("textbox", "Beta", "2,5").await;
    browser.role_says("group", "run.yaml", "pref_beta: 2.5").await;
    browser.enter("textbox", "Name", &"学".repeat(121)).await;
    browser
        .role_says("list", "1 thing to mend", "At most 120 characters")
        .await;
    browser.enter("textbox", "Name", &"学".repeat(120)).await;
    browser.role_gone("list", "1 thing to mend").await;
    browser.enter("textbox", "Rank", "-1").await;
    browser.role_says("list", "1 thing to mend", "1 or more").await;
    browser.enter("textbox", "Rank", "8").await;
    browser.enter("textbox", "Cut-off", "8").await;
    browser.role_says("group", "run.yaml", "cutoff_len: 8\n").await;
}

/// A few lines are laid over the form; a whole file stands instead of it.
#[tokio::test]
async fn a_few_lines_are_laid_over_the_form() {
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/new?import=file", board.url)).await;
    browser
        .enter("textbox", "Import a YAML", "pref_loss: orpo\npref_beta: 0.2\n")
        .await;
    browser.press("button", "Read it").await;
    browser
        .until_role("radio", "Over what is in the form", "e.checked")
        .await;
    browser.press("button", "Use these settings").await;
    let chosen = "e.getAttribute('aria-checked') === 'true'";
    browser.until_role("radio", "ORPO…", chosen).await;
    for line in [
        "model_name_or_path: corral-demo",
        "dataset: demo_en",
        "pref_beta: 0.2",
        "stage: dpo",
    ] {
        browser.role_says("group", "run.yaml", line).await;
    }
}

/// What of an import comes to nothing or does not fit is said before it is used: over the form or instead of it, and whatever
/// else is wrong.
#[tokio::test]
async fn what_an_import_leaves_out_is_said() {
    let whole = "stage: dpo\nmodel_name_or_path: corral-demo\ndataset: demo_en\n";
    let wrong = "lora_rank: x\nnonsense: 1\nfinetuning_type: foo\n";
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/new?import=file", board.url)).await;
    for (lines, said) in [
        ("pref_loss: ipo\nld_alpha: 0.5\n", "ld_alpha "),
        (
            "pref_loss: simpo\nsync_ref_model: true\n",
            "sync_ref_model has no effect: simpo needs no reference",
        ),
        ("pref_loss: simpo\nlearning_rate: 50\n", "1e-7 to 1e-2 is usual"),
    ] {
        for text in [
            lines.to_owned(),
            format!("{whole}{lines}"),
            format!("{whole}{lines}{wrong}"),
        ] {
            browser.enter("textbox", "Import a YAML", &text).await;
            browser.press("button", "Read it").await;
            browser.role_says("dialog", "Import a YAML", said).await;
        }
    }
    browser
        .enter("textbox", "Import a YAML", "pref_loss: simpo\nlora_rank: x\n")
        .await;
    browser.press("button", "Read it").await;
    browser
        .role_says("dialog", "Import a YAML", "A whole number, 1 or more")
        .await;
}

/// A rate and a length far beyond what is sensible are taken, and not in silence.
#[tokio::test]
async fn what_is_most_likely_a_slip_is_said() {
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/new", board.url)).await;
    for (field, value, said) in [
        ("Learning rate", "1e6", "far above what trains a language model"),
        ("Cut-off", "100000", "more than the 1024 tokens the model was made for"),
    ] {
        browser.enter("textbox", field, value).await;
        browser.role_says("list", "Notices", said).await;
    }
}

/// With sets of one's own before it in the list, the chosen one is in sight.
#[tokio::test]
async fn the_chosen_data_set_is_in_sight() {
    let board = Board::start();
    for n in 0..9 {
        let source =
            json!({"text": {"file_name": "x.jsonl", "text": "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}"}});
        let answer = board
            .post("/api/datasets", json!({"name": format!("own_{n}"), "source": source}))
            .await;
        assert!(answer.is_object(), "{answer}");
    }
    for view in [View::default(), PHONE] {
        let browser = Browser::open(view).await;
        browser.goto(&format!("{}/new", board.url)).await;
        browser
            .until(
                "const list = document.querySelector('.pick-list')?.getBoundingClientRect();
                const row = document.querySelector('.pick-row:has(input:checked)')?.getBoundingClientRect();
                return list && row && row.top >= list.top - 1 && row.bottom <= list.bottom + 1",
            )
            .await;
    }
}

/// A `dataset_info.json` is no data set: its entries are offered, those that can't be added say why, and what was in
/// the register stays.
#[tokio::test]
async fn a_register_is_offered_entry_by_entry() {
    let board = Board::start();
    let theirs = tempfile::tempdir().expect("a folder");
    let row = json!({"instruction": "Hi", "input": "", "chosen": "Hello.", "rejected": "No."}).to_string();
    std::fs::write(theirs.path().join("pairs.jsonl"), format!("{row}\n{row}\n")).expect("rows");
    let columns = json!({"prompt": "instruction", "query": "input", "chosen": "chosen", "rejected": "rejected"});
    let info = json!({
        "mine": {"file_name": "pairs.jsonl", "ranking": true, "columns": columns},
        "gone": {"file_name": "nowhere.json"},
    });
    let register = theirs.path().join("dataset_info.json");
    std::fs::write(&register, info.to_string()).expect("a register");
    let before = board.get("/api/datasets").await.as_array().map_or(0, Vec::len);
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/data?add=path", board.url)).await;
    browser
        .enter(
            "textbox",
            "File or folder on this machine",
            &register.display().to_string(),
        )
        .await;
    browser.press("button", "Add").await;
    browser.until_role("checkbox", "mine", "e.checked").await;
    browser.until_role("checkbox", "gone", "e.disabled").await;
    browser.role_says("list", "Data sets in the file", "nowhere.json").await;
    browser.screenshot("register").await;
    browser.press("button", "Add 1 data set").await;
    browser.role("link", "mine").await;
    let after = board.get("/api/datasets").await.as_array().map_or(0, Vec::len);
    assert_eq!(after, before + 1, "what was there stays");
}

/// How many rows the cut-off cuts is said beside it, with the length that keeps most of them.
#[tokio::test]
async fn rows_that_will_be_cut_are_said_before_start() {
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/new", board.url)).await;
    browser.enter("textbox", "Cut-off", "16").await;
    browser.see_text("[role=status]", "rows are longer").await;
    let keeps = "[...e.querySelectorAll('button')].find(b => b.innerText.endsWith('keeps 95 %'))?.innerText";
    let offered = browser.until_role("main", "", keeps).await;
    browser.press("button", offered.as_str().expect("an offer")).await;
    browser.until_role("textbox", "Cut-off", "+e.value > 16").await;
}

/// A newest checkpoint that is damaged is said to be, and the one before it is a press away.
#[tokio::test]
async fn a_run_goes_on_from_before_a_damaged_checkpoint() {
    let board = Board::start();
    let run = board
        .start_run(json!({ "max_steps": 4000, "save_steps": 2, "eval_strategy": "no", "val_size": 0.0 }))
        .await;
    board.wait_for(&run, |row| row["step"].as_u64() >= Some(6)).await;
    board.post(&format!("/api/runs/{run}/stop"), json!("save")).await;
    board.wait_over(&run).await;
    let detail = board.get(&format!("/api/runs/{run}")).await;
    let checkpoints = detail["checkpoints"].as_array().expect("checkpoints").iter();
    let mut steps: Vec<u64> = checkpoints.filter_map(|one| one["step"].as_u64()).collect();
    steps.sort_unstable();
    let (newest, before) = (steps[steps.len() - 1], steps[steps.len() - 2]);
    let folder = std::path::PathBuf::from(detail["directory"].as_str().expect("a directory"));
    let weights = folder.join(format!("checkpoint-{newest}/adapter_model.safetensors"));
    let bytes = std::fs::read(&weights).expect("weights");
    std::fs::write(&weights, &bytes[..bytes.len() / 2]).expect("cut");
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/runs/{run}", board.url)).await;
    browser.press("button", "Resume…").await;
    let whole = format!("checkpoint-{before} is whole");
    browser
        .role_says("dialog", "The newest checkpoint is damaged", &whole)
        .await;
    browser
        .press("button", &format!("Resume from checkpoint-{before}"))
        .await;
    board.wait_for(&run, |row| row["step"].as_u64() > Some(newest)).await;
    board.post(&format!("/api/runs/{run}/stop"), json!("now")).await;
    board.wait_over(&run).await;
}
