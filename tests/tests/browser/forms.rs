//! Data, New run, Models and Chat as people use them: left and come back to, offline and back, on a phone.

use fantoccini::Locator;
use serde_json::{Value, json};
use std::time::Duration;
use tests::api::demo_config;
use tests::{Board, Browser, Lang, Theme, View};

const REPLY: Duration = Duration::from_secs(60);

const PHONE: View = View {
    width: 390,
    height: 844,
    theme: Theme::Light,
    lang: Lang::En,
};

/// Presses the control of this role and name, as a screen reader would find it.
async fn press(browser: &Browser, role: &str, name: &str) {
    let found = format!(
        "const name = e => (e.getAttribute('aria-label') || e.innerText || '').trim();
        const roles = {{ button: 'button', link: 'a[href]', option: '[role=option]' }};
        const all = [...document.querySelectorAll(roles[{role}])].filter(e => e.offsetParent && !e.disabled);
        const one = all.find(e => name(e) === {name}) || all.find(e => name(e).startsWith({name}));
        if (one) one.click();
        return !!one",
        role = json!(role),
        name = json!(name)
    );
    browser.until(&found).await;
}

async fn severe(browser: &Browser) -> Vec<String> {
    let lines = browser.console().await.into_iter();
    lines.filter(|line| line.starts_with("SEVERE")).collect()
}

/// Every way out of the chat, without a panic; what stood there is there again.
#[tokio::test]
async fn a_chat_is_left_without_a_panic_and_kept() {
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/chat", board.url)).await;
    browser.see("#chat-input").await;
    browser.fill("#chat-input", "What is the capital of Kenya?").await;
    browser.click("#chat-send").await;
    let done = "const r = document.querySelector('.chat-reply');
        return r?.getAttribute('aria-busy') === 'false' && r.querySelector('.chat-text').innerText.trim()";
    let said = browser.until_within(done, REPLY).await;
    for page in ["Runs", "New run", "Data", "Models"] {
        press(&browser, "link", page).await;
        browser
            .until("return location.pathname !== '/chat' && !document.querySelector('.chat')")
            .await;
        browser.settle().await;
        let query = browser.eval("return location.search").await;
        assert_eq!(query, json!(""), "the chat wrote into the address of {page}");
        press(&browser, "link", "Chat").await;
        browser.see_text(".chat-text", said.as_str().expect("a reply")).await;
    }
    browser.client.back().await.expect("back");
    browser.until("return location.pathname !== '/chat'").await;
    browser.client.forward().await.expect("forward");
    browser.see(".chat-question").await;
    let lost = severe(&browser).await;
    assert!(lost.is_empty(), "{lost:#?}");
}

/// Pages opened and lists left while there was no server go on by themselves when it is back.
#[tokio::test]
async fn pages_opened_offline_recover_by_themselves() {
    let mut board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/runs", board.url)).await;
    browser.see(".connection.live").await;
    for (page, there) in [
        ("Data", "#datasets [data-name=demo_en]"),
        ("New run", ".pick-row"),
        ("Models", "#models [data-name=corral-demo]"),
        ("Chat", "#chat-input"),
    ] {
        press(&browser, "link", "Runs").await;
        board.kill();
        browser.see(".connection.offline").await;
        press(&browser, "link", page).await;
        browser.see(".note.bad").await;
        board.launch();
        browser.see_within(there, Duration::from_secs(20)).await;
        let left = browser
            .eval("return document.querySelectorAll('.note.bad').length")
            .await;
        assert_eq!(left, json!(0), "{page} still says that it is offline");
    }
    // each connection that was refused stands there
    browser.console().await;
}

/// A tab whose network goes and comes back is live again at once, not after the longest pause.
#[tokio::test]
async fn a_tab_that_was_offline_is_live_when_the_network_is_back() {
    let mut board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/data", board.url)).await;
    browser.see(".connection.live").await;
    board.kill();
    browser.see(".connection.offline").await;
    // pauses between tries have grown to their longest
    browser
        .until("window.__since ??= performance.now(); return performance.now() - window.__since > 8000")
        .await;
    board.launch();
    let back = "dispatchEvent(new Event('online')); window.__back = performance.now(); return true";
    browser.eval(back).await;
    browser.see(".connection.live").await;
    let took = browser.eval("return performance.now() - window.__back").await;
    assert!(took.as_f64() < Some(2500.0), "{took} ms");
    // each connection that was refused stands there
    browser.console().await;
}

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
    let model = "return document.querySelector('#field-model_name_or_path')?.value";
    let from = browser
        .until(&format!(
            "const v = (() => {{ {model} }})(); return v?.includes('checkpoint') && v"
        ))
        .await;
    browser.fill("[data-key=pref_beta] input", "3.3").await;
    press(&browser, "link", "Add data").await;
    press(&browser, "button", "Paste").await;
    let row = json!({"prompt": "Hi", "chosen": "Hello.", "rejected": "No."}).to_string();
    browser.see("#data-text").await;
    browser.fill("#data-text", &format!("{row}\n{row}\n{row}")).await;
    browser.fill("#data-name", "mine").await;
    browser.click("#data-add").await;
    press(&browser, "link", "Train on it").await;
    browser.see("#start-run").await;
    browser
        .until(&format!("return (() => {{ {model} }})() === {from}"))
        .await;
    browser
        .until("return document.querySelector('[data-key=pref_beta] input').value === '3.3'")
        .await;
    browser
        .until("return document.querySelector('input[value=mine]')?.checked")
        .await;
    // and going back, too
    browser.goto(&format!("{}/new?parent={run}", board.url)).await;
    browser
        .until("return document.querySelector('[data-key=pref_beta] input').value === '3.3'")
        .await;
    // another tab has a draft of its own
    let other = Browser::open(View::default()).await;
    other.goto(&format!("{}/new", board.url)).await;
    other
        .until(&format!("return (() => {{ {model} }})() === 'corral-demo'"))
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
    assert!(why.as_str().is_some_and(|why| why.contains("CPU only")), "{why}");
    browser.fill("[data-key=pref_beta] input", "2,5").await;
    browser
        .until("return document.querySelector('#yaml').innerText.includes('pref_beta: 2.5')")
        .await;
    browser.fill("#run-name", &"学".repeat(121)).await;
    browser.see_text(".start-box", "At most 120 characters").await;
    browser.fill("#run-name", &"学".repeat(120)).await;
    browser
        .until("return !document.querySelector('.start-box .field.invalid')")
        .await;
    browser.fill("[data-key=lora_rank] input", "-1").await;
    browser.see_text("[data-key=lora_rank]", "1 or more").await;
    browser.fill("[data-key=lora_rank] input", "8").await;
    browser.fill("[data-key=cutoff_len] input", "8").await;
    browser
        .until("return document.querySelector('#yaml').innerText.includes('cutoff_len: 8\\n')")
        .await;
}

/// A few lines are laid over the form; a whole file stands instead of it.
#[tokio::test]
async fn a_few_lines_are_laid_over_the_form() {
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/new?import=file", board.url)).await;
    browser.fill("#import-text", "pref_loss: orpo\npref_beta: 0.2\n").await;
    browser.click("#import-read").await;
    browser
        .until("return document.querySelector('#import-over')?.checked")
        .await;
    browser.click("#import-use").await;
    browser
        .until("return document.querySelector('#method-orpo').getAttribute('aria-checked') === 'true'")
        .await;
    let yaml = browser.text("#yaml").await;
    for line in [
        "model_name_or_path: corral-demo",
        "dataset: demo_en",
        "pref_beta: 0.2",
        "stage: dpo",
    ] {
        assert!(yaml.contains(line), "{line} is not in\n{yaml}");
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

/// On a phone Start is in reach wherever one is in the form, languages are in a menu, and messages leave.
#[tokio::test]
async fn a_phone_has_start_in_reach() {
    let board = Board::start();
    let browser = Browser::open(PHONE).await;
    browser.goto(&format!("{}/new", board.url)).await;
    browser.see("#start-run").await;
    for at in ["0", "document.documentElement.scrollHeight / 2"] {
        browser.eval(&format!("scrollTo(0, {at}); return true")).await;
        let reach = "const b = document.querySelector('#start-run').getBoundingClientRect();
            const hit = document.elementFromPoint(b.left + b.width / 2, b.top + b.height / 2);
            return b.top > 0 && b.bottom < innerHeight && !!hit?.closest('#start-run')";
        browser.until(reach).await;
    }
    press(&browser, "button", "More").await;
    press(&browser, "button", "日 日本語").await;
    browser.until("return document.documentElement.lang === 'ja'").await;
}

/// `j` and `k` move through the lists of data and models, Enter opens.
#[tokio::test]
async fn keys_move_through_data_and_models() {
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/data", board.url)).await;
    browser.see("#datasets tbody tr").await;
    let key = |key: &str| {
        format!(
            "(document.activeElement || document.body).dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true }}));
            return document.activeElement.innerText"
        )
    };
    let first = browser.eval(&key("j")).await;
    let second = browser.eval(&key("j")).await;
    assert!(first != second && first != json!(""), "{first} {second}");
    assert_eq!(browser.eval(&key("k")).await, first);
    browser
        .client
        .active_element()
        .await
        .expect("a row")
        .send_keys("\u{e007}")
        .await
        .expect("Enter");
    browser.until("return location.pathname.startsWith('/data/')").await;
    browser.goto(&format!("{}/models", board.url)).await;
    browser.see("#models tbody tr").await;
    let model = browser.eval(&key("j")).await;
    assert_eq!(model, json!("corral-demo"));
}

/// Deleting asks with the focus on the way out: Enter right away deletes nothing.
#[tokio::test]
async fn a_dialog_that_deletes_has_its_focus_elsewhere() {
    let board = Board::start();
    let source =
        json!({"text": {"file_name": "x.jsonl", "text": "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}"}});
    board
        .post("/api/datasets", json!({"name": "mine", "source": source}))
        .await;
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/data/mine", board.url)).await;
    press(&browser, "button", "Delete…").await;
    browser.see("dialog[open] .danger").await;
    browser
        .until("return document.activeElement?.innerText === 'Cancel'")
        .await;
    let field = browser
        .client
        .find(Locator::Css("dialog[open] .btn:not(.danger)"))
        .await;
    field.expect("a button").send_keys("\u{e007}").await.expect("Enter");
    browser.until("return !document.querySelector('dialog[open]')").await;
    let sets: Value = board.get("/api/datasets").await;
    assert!(
        sets.as_array()
            .is_some_and(|sets| sets.iter().any(|set| set["name"] == "mine"))
    );
}

/// Messages leave by themselves and never lie over what one presses next.
#[tokio::test]
async fn messages_leave_and_cover_no_button() {
    let board = Board::start();
    let browser = Browser::open(PHONE).await;
    let source =
        json!({"text": {"file_name": "x.jsonl", "text": "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}"}});
    board
        .post("/api/datasets", json!({"name": "mine", "source": source}))
        .await;
    browser.goto(&format!("{}/data/mine", board.url)).await;
    press(&browser, "button", "Delete…").await;
    browser.click("dialog[open] .danger").await;
    browser.see(".toast").await;
    press(&browser, "link", "Chat").await;
    browser.see("#chat-send").await;
    let apart = "const send = document.querySelector('#chat-send').getBoundingClientRect();
        return [...document.querySelectorAll('.toast')].every(t => t.getBoundingClientRect().bottom < send.top)";
    browser.until(apart).await;
    browser.until("return !document.querySelector('.toast')").await;
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
    browser.fill("#data-path", &register.display().to_string()).await;
    browser.click("#data-add").await;
    browser.see("[data-entry=mine] input:checked").await;
    browser.see("[data-entry=gone] input:disabled").await;
    browser.see_text("[data-entry=gone]", "nowhere.json").await;
    browser.screenshot("register").await;
    browser.click("#bring-add").await;
    browser.see("#datasets [data-name=mine]").await;
    let after = board.get("/api/datasets").await.as_array().map_or(0, Vec::len);
    assert_eq!(after, before + 1, "what was there stays");
}

/// How many rows the cut-off cuts is said beside it, with the length that keeps most of them.
#[tokio::test]
async fn rows_that_will_be_cut_are_said_before_start() {
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/new", board.url)).await;
    browser.fill("[data-key=cutoff_len] input", "16").await;
    browser.see_text(".longer", "rows are longer").await;
    browser.click(".longer button").await;
    let longer = "return +document.querySelector('[data-key=cutoff_len] input').value > 16";
    browser.until(longer).await;
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
    press(&browser, "button", "Resume").await;
    browser
        .see_text("dialog[open] .dialog-text", &format!("checkpoint-{before} is whole"))
        .await;
    press(&browser, "button", &format!("Resume from checkpoint-{before}")).await;
    board.wait_for(&run, |row| row["step"].as_u64() > Some(newest)).await;
    board.post(&format!("/api/runs/{run}/stop"), json!("now")).await;
    board.wait_over(&run).await;
}
